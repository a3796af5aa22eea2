//! Reports of constructed verdicts: as written down, safe whatever the names are, and complete in every language.

mod constructed;
mod schema;

use constructed::Case;
use schema::Schema;
use std::path::Path;
use undersign_report::{Catalogue, Detail, Language, Palette, Report, etsi_xml, html, json, text};

fn report<'a>(case: &'a Case, catalogue: &'a Catalogue) -> Report<'a> {
    Report { file: case.file, evidence: &case.evidence, verdict: &case.verdict, catalogue }
}

/// Serial numbers, digests and certificates are new in each run, and so is when the test certificates start.
fn generalised(text: &str) -> String {
    let mut out = String::new();
    let is_part = |one: &char| one.is_ascii_alphanumeric() || "+/=:-".contains(*one);
    let mut characters = text.chars().peekable();
    while let Some(first) = characters.next() {
        let mut run = String::from(first);
        while is_part(&first)
            && let Some(next) = characters.next_if(is_part)
        {
            run.push(next);
        }
        let is_time =
            run.len() == 20 && run.ends_with('Z') && run.contains('T') && !run.starts_with("2026-0");
        let is_hex = run.len() >= 16 && run.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_base64 =
            run.len() >= 40 && !run.contains(':') && run.bytes().any(|byte| byte.is_ascii_digit());
        let fixed = run == "2027-01-01T00:00:00Z";
        out.push_str(if (is_time || is_hex || is_base64) && !fixed { "[..]" } else { &run });
    }
    out
}

#[track_caller]
fn assert_golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let text = generalised(text);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &text).expect("golden files can be written");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == text, "{name} differs (UPDATE_GOLDEN=1 rewrites it):\n{text}");
}

#[test]
fn reports_are_as_written_down() {
    for (name, case) in constructed::all() {
        for language in Language::ALL {
            let catalogue = Catalogue::new(language);
            let report = report(&case, &catalogue);
            let tag = language.tag();
            assert_golden(&format!("{name}.{tag}.txt"), &text(&report, Detail::Explained, Palette::Plain));
        }
        let catalogue = Catalogue::new(Language::English);
        let report = report(&case, &catalogue);
        assert_golden(&format!("{name}.html"), &html(&report));
        assert_golden(&format!("{name}.xml"), &etsi_xml(&report));
    }
}

#[test]
fn explained_text_keeps_to_eighty_columns_where_it_explains() {
    for (name, case) in constructed::all() {
        for language in Language::ALL {
            let catalogue = Catalogue::new(language);
            let report = report(&case, &catalogue);
            let plain = text(&report, Detail::Plain, Palette::Plain);
            let explained = text(&report, Detail::Explained, Palette::Plain);
            let added = explained.lines().filter(|line| !plain.contains(line));
            let too_wide = added.filter(|line| columns(line) > 80).count();
            assert_eq!(too_wide, 0, "{name} {language:?}\n{explained}");
        }
    }
}

fn columns(line: &str) -> usize {
    line.chars().map(|one| if one >= '\u{2E80}' { 2 } else { 1 }).sum()
}

#[test]
fn colour_adds_nothing_but_colour() {
    for (_, case) in constructed::all() {
        let catalogue = Catalogue::new(Language::English);
        let report = report(&case, &catalogue);
        let coloured = text(&report, Detail::Explained, Palette::Colour);
        let mut stripped = String::new();
        for (index, part) in coloured.split("\u{1b}[").enumerate() {
            stripped.push_str(if index == 0 {
                part
            } else {
                part.split_once('m').map_or("", |(_, rest)| rest)
            });
        }
        assert_eq!(stripped, text(&report, Detail::Explained, Palette::Plain));
    }
}

#[test]
fn hostile_names_stay_text() {
    let case = constructed::hostile();
    for language in Language::ALL {
        let catalogue = Catalogue::new(language);
        let report = report(&case, &catalogue);
        let page = html(&report);
        for danger in ["<script", "<img", "<b>", "<y>", "<anchor", "<!--", "<policy"] {
            assert!(!page.contains(danger), "{danger}");
        }
        // The only markup that refers to anything is the policy that forbids it.
        for reference in ["src=", "href=", "url(", "@import", "<link", "<iframe"] {
            let named = page.match_indices(reference).filter(|(at, _)| !page[..*at].ends_with("img "));
            assert_eq!(named.count(), 0, "{reference}");
        }
        let outputs = [page, etsi_xml(&report), text(&report, Detail::Explained, Palette::Plain)];
        for output in &outputs {
            let misleads =
                |one: &char| (one.is_control() && *one != '\n') || ('\u{202A}'..='\u{2069}').contains(one);
            assert_eq!(output.chars().find(misleads), None);
        }
        assert!(outputs.iter().all(|output| output.contains("\\u{202e}")), "hidden characters are shown");
    }
}

#[test]
fn a_page_is_well_formed_and_says_its_language() {
    for (name, case) in constructed::all() {
        for language in Language::ALL {
            let catalogue = Catalogue::new(language);
            let page = html(&report(&case, &catalogue));
            assert!(page.starts_with("<!doctype html>\n<html lang=\""), "{name}");
            assert!(page.contains(&format!("<html lang=\"{}\">", language.tag())));
            assert_eq!(unclosed(&page), Vec::<String>::new(), "{name}");
            assert_eq!(page.matches("<h1>").count(), 1);
            assert_eq!(
                page.matches("<th ").count(),
                page.matches("<th scope=").count(),
                "heads say for what"
            );
        }
    }
}

/// Elements that are not closed in their order.
fn unclosed(page: &str) -> Vec<String> {
    let mut open: Vec<String> = Vec::new();
    for part in page.split('<').skip(1) {
        let tag = part.split('>').next().unwrap_or_default();
        let name = tag.trim_start_matches('/').split(' ').next().unwrap_or_default().to_owned();
        match tag.chars().next() {
            Some('!') => {}
            Some('/') if open.last() == Some(&name) => drop(open.pop()),
            Some('/') => open.push(format!("/{name}")),
            _ if name == "meta" => {}
            _ => open.push(name),
        }
    }
    open
}

#[test]
fn the_plain_sentence_never_promises_more_than_the_table() {
    use validation::State;
    let catalogue = Catalogue::new(Language::English);
    let mut case = constructed::pinned();
    let says = |case: &Case| {
        let text = text(&report(case, &catalogue), Detail::Plain, Palette::Plain);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert!(says(&case).contains("\"Ada Example\" signed, and what was signed is unchanged"));
    case.verdict.signatures[0].dimensions.changes.state = State::Unknown;
    assert!(!says(&case).contains("is unchanged."), "{}", says(&case));
    assert!(says(&case).contains("not everything is proven"));
}

#[test]
fn json_has_the_questions_the_path_and_who_accepts() {
    let catalogue = Catalogue::new(Language::English);
    let case = constructed::archived();
    let line = json(&report(&case, &catalogue));
    let value: serde_json::Value = serde_json::from_str(&line).expect("a report is JSON");
    assert_eq!(value["policy"]["id"], "etsi-default");
    assert_eq!(value["validationTime"], "2027-01-01T00:00:00Z");
    assert_eq!(value["tokens"][0]["role"], "signature");
    assert_eq!(value["tokens"][0]["accuracyMicroseconds"], 1_500_000);
    assert_eq!(value["tokens"][0]["covers"]["signatures"][0], "Buyer");
    let signature = &value["signatures"][0];
    assert_eq!(signature["signingTime"]["notAfter"], "2026-03-01T10:00:00Z");
    assert_eq!(signature["signingTime"]["proven"], true);
    assert_eq!(signature["path"][0]["status"], "good");
    assert_eq!(signature["path"][0]["sha256"].as_str().map(str::len), Some(64));
    assert_eq!(signature["anchor"], "CN=Example Root");
    assert_eq!(signature["checks"][0]["question"], "format");
    let firefox = value["acceptance"].as_array().and_then(|all| all.iter().find(|one| one["id"] == "pdf-js"));
    assert_eq!(firefox.map(|one| &one["answer"]), Some(&"does-not-accept".into()));
}

#[test]
fn json_of_every_case_follows_the_schema() {
    let schema = Schema::load();
    for (name, case) in constructed::all() {
        for language in Language::ALL {
            let catalogue = Catalogue::new(language);
            let value = serde_json::from_str(&json(&report(&case, &catalogue))).expect("a report is JSON");
            let mut faults = Vec::new();
            schema.check(&schema.root, &value, name, &mut faults);
            assert!(faults.is_empty(), "{}", faults.join("\n"));
        }
    }
}

#[test]
fn each_verifier_answers_by_its_own_rules() {
    use validation::acceptance::{Accepted, acceptance};
    let answers = |case: &Case| -> Vec<(String, Accepted)> {
        acceptance(&case.evidence, &case.verdict).into_iter().map(|one| (one.id, one.answer)).collect()
    };
    let expected = |answers: [Accepted; 5]| -> Vec<(String, Accepted)> {
        let ids = ["eu-dss", "siva-polv4", "adobe-acrobat", "pdf-js", "pdfsig"];
        ids.map(str::to_owned).into_iter().zip(answers).collect()
    };
    use Accepted::{Depends, DoesNotAccept};
    let pinned = constructed::pinned();
    assert_eq!(answers(&pinned), expected([Depends, DoesNotAccept, Depends, DoesNotAccept, Depends]));
    let archived = constructed::archived();
    assert_eq!(answers(&archived), expected([Depends, Depends, Depends, DoesNotAccept, Depends]));
    assert_eq!(answers(&constructed::hostile()), expected([DoesNotAccept; 5]));
    let xml = constructed::recognised();
    assert_eq!(answers(&xml), expected([Depends, Depends, DoesNotAccept, DoesNotAccept, DoesNotAccept]));
    assert!(answers(&constructed::unsigned()).is_empty());
}

#[test]
fn revocation_told_before_the_timestamp_or_long_after_it_is_refused_in_estonia() {
    use validation::StatusUsed;
    use validation::acceptance::{Accepted, acceptance};
    let mut case = constructed::archived();
    let mut siva = |told: &str| {
        let path = case.verdict.signatures[0].path.as_mut().expect("the case has a path");
        let source = evidence::ObjectRef::Certificate(0);
        path.statuses = vec![StatusUsed::Good { issued_at: constructed::time(told), source }];
        let all = acceptance(&case.evidence, &case.verdict);
        let siva = all.into_iter().find(|one| one.id == "siva-polv4").expect("it is described");
        (siva.answer, siva.reasons[0].text.key.to_string())
    };
    let (answer, _) = siva("2026-03-01T10:00:30Z");
    assert_eq!(answer, Accepted::Depends);
    let before = (Accepted::DoesNotAccept, "accept-revocation-before".to_owned());
    assert_eq!(siva("2026-03-01T09:59:59Z"), before);
    assert_eq!(siva("2026-03-02T14:00:00Z"), (Accepted::DoesNotAccept, "accept-revocation-late".to_owned()));
}
