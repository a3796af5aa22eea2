//! The corpus files that are signed, judged without trust anchors: integrity, levels and counts as their makers say.

#![allow(clippy::disallowed_methods, reason = "the corpus is a folder of files")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use types::Limits;
use undersign::evidence::{Check, Kind, SignatureEvidence, TokenRole};
use undersign::validation::{Indication, Policy};
use undersign::{Input, Trust, Verified};

const EXCEPTIONS: &str = include_str!("corpus.exceptions");

/// The sets whose files are signed documents, containers or signatures.
const SETS: [&str; 8] =
    ["dss-asic", "dss-cades", "dss-pdf", "dss-tst", "digidoc4j", "siva-asic", "siva-cades", "siva-pdf"];

/// One row of the table.
struct Row {
    id: String,
    file: PathBuf,
    class: String,
    expected: BTreeMap<String, String>,
    is_detached: bool,
}

/// Rows of a CSV with quotes, which may hold line ends.
fn table(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    for character in text.chars() {
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut field)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            other => field.push(other),
        }
    }
    rows
}

fn rows(corpus: &Path) -> Vec<Row> {
    let text = std::fs::read_to_string(corpus.join("expected.csv")).unwrap();
    let mut rows = Vec::new();
    for fields in table(&text).into_iter().skip(1) {
        if !SETS.contains(&fields[1].as_str()) {
            continue;
        }
        let facts = fields[4].split(';').filter_map(|fact| fact.split_once('='));
        rows.push(Row {
            id: fields[0].split('/').take(2).collect::<Vec<_>>().join("/"),
            file: corpus.join(&fields[0]),
            class: fields[3].clone(),
            expected: facts.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            is_detached: fields[1].ends_with("cades"),
        });
    }
    rows
}

fn is_intact(signature: &SignatureEvidence) -> bool {
    signature
        .signed_data
        .as_ref()
        .is_ok_and(|facts| facts.content == Check::Matches && facts.value == Check::Matches)
}

/// What is wrong with our answer to a row; nothing if it agrees.
fn judge(row: &Row) -> Vec<String> {
    let bytes = std::fs::read(&row.file).unwrap();
    let input = Input {
        extension: row.file.extension().and_then(|extension| extension.to_str()),
        ..Input::new(&bytes)
    };
    let at = "2026-11-01T00:00:00Z".parse().unwrap();
    let verified = undersign::verify(&input, &Trust::default(), &Policy::standard(), at, Limits::STANDARD);
    let class = row.class.split(':').next().unwrap();
    let Verified { evidence, verdict } = match verified {
        Ok(verified) => verified,
        Err(error) => {
            let refused =
                matches!(class, "REJECT" | "ERROR" | "INVALID" | "TOTAL-FAILED" | "BROKEN" | "NOSIG");
            return if refused { Vec::new() } else { vec![format!("{class}: refused: {error}")] };
        }
    };
    let signatures: Vec<&SignatureEvidence> =
        evidence.signatures.iter().filter(|one| one.kind == Kind::Signature).collect();
    let of_kind = |wanted: fn(&Kind) -> bool| {
        let all = evidence.signatures.iter().zip(&verdict.signatures);
        all.filter(move |(one, _)| wanted(&one.kind)).map(|(one, verdict)| (one, verdict.indication))
    };
    // Where there is no signature, timestamps and evidence records are what counts.
    let judged: Vec<_> = match signatures.is_empty() {
        true => of_kind(|_| true).collect(),
        false => of_kind(|kind| *kind != Kind::DocTimestamp).collect(),
    };
    let failed = judged.iter().any(|(_, indication)| *indication == Indication::TotalFailed);
    let is_missing = |one: &SignatureEvidence| {
        one.signed_data.as_ref().is_ok_and(|facts| {
            let absent = matches!(&facts.content, Check::NotComputed(why) if why.contains("not at hand"));
            absent && facts.value == Check::Matches
        })
    };
    // The content of detached signatures is not in the corpus; nothing is said about it then.
    let sound = |one: &SignatureEvidence| is_intact(one) || (row.is_detached && is_missing(one));
    let intact = judged.iter().all(|(one, _)| sound(one)) && !judged.is_empty();
    let mut wrong = Vec::new();
    match class {
        _ if row.expected.keys().any(|name| name.starts_with("er.")) => {
            let records = evidence.tokens.iter().filter(|token| token.role == TokenRole::EvidenceRecord);
            let broken = records
                .map(|token| token.stamp.as_ref().map(|stamp| &stamp.imprint))
                .any(|imprint| imprint != Ok(&Check::Matches));
            let wanted =
                row.expected.get("subindication").is_some_and(|value| value.contains("HASH_FAILURE"));
            if broken != wanted {
                wrong.push(format!("evidence records broken: {wanted}, given {broken}"));
            }
            return wrong;
        }
        _ if row.expected.contains_key("subindication") => {
            let wanted = &row.expected["subindication"];
            let given = verdict.signatures.iter().filter_map(|one| one.sub_indication);
            let given: Vec<&str> = given.map(|sub| sub.as_str()).collect();
            if wanted.starts_with("HASH") && !given.contains(&wanted.as_str()) {
                wrong.push(format!("{wanted}, given {given:?}"));
            }
        }
        "OK" | "VALID" | "TOTAL-PASSED" | "LEVEL" | "OK_TST_BROKEN" | "OK_STRUCT_WARN" | "CHANGED" => {
            if failed {
                wrong.push(format!("{class}: {}", describe(&evidence, &verdict)));
            } else if !intact {
                wrong.push(format!("{class}: not intact: {}", describe(&evidence, &verdict)));
            }
        }
        "BROKEN" | "MIXED" if !failed && intact => {
            wrong.push(format!("{class} ({:?}): nothing fails", row.expected));
        }
        "TOTAL-FAILED" if row.class.ends_with(":CRYPTO") && !failed && intact => {
            wrong.push(format!("{class} ({:?}): nothing fails", row.expected));
        }
        "FLAGGED" if !failed && evidence.findings.is_empty() => {
            wrong.push(format!("{class} ({:?}): nothing is noted", row.expected));
        }
        "NOSIG" if !signatures.is_empty() => wrong.push("NOSIG: there are signatures".into()),
        _ => {}
    }
    if verdict.signatures.iter().any(|one| one.indication == Indication::TotalPassed) {
        wrong.push("passed although nobody is trusted".into());
    }
    if let Some(level) = row.expected.get("level")
        && !level.contains('|')
        && level.contains("_BASELINE_")
    {
        let wanted = match level.rsplit('_').next().unwrap_or_default() {
            "B" => "B-B",
            "T" => "B-T",
            "LT" => "B-LT",
            "LTA" => "B-LTA",
            _ => "",
        };
        let levels: Vec<&str> = evidence
            .signatures
            .iter()
            .zip(&verdict.signatures)
            .filter(|(one, _)| one.kind == Kind::Signature)
            .map(|(_, verdict)| verdict.level.as_str())
            .collect();
        if !levels.contains(&wanted) {
            wrong.push(format!("level {level}, given {levels:?}"));
        }
    }
    if let Some(count) = row.expected.get("n_signatures").filter(|count| !count.contains(' ')) {
        let given = evidence.signatures.iter().filter(|one| one.kind != Kind::DocTimestamp).count();
        let agrees = match count.strip_prefix(">=") {
            Some(least) => least.parse().is_ok_and(|least: usize| given >= least),
            None => count.parse().is_ok_and(|exactly: usize| given == exactly || signatures.len() == exactly),
        };
        if !agrees {
            wrong.push(format!("{count} signatures, given {given}"));
        }
    }
    if let Some(count) = row.expected.get("n_timestamps").and_then(|count| count.parse::<usize>().ok())
        && evidence.tokens.len() != count
    {
        wrong.push(format!("{count} timestamps, given {}", evidence.tokens.len()));
    }
    if row.expected.get("timestamps").is_some_and(|value| value == "all_intact_valid") {
        let bad = evidence.tokens.iter().filter(|token| match &token.stamp {
            Ok(stamp) => {
                let absent = matches!(&stamp.imprint, Check::NotComputed(_)) && row.is_detached;
                (stamp.imprint != Check::Matches && !absent)
                    || stamp.signed.value != Check::Matches
                    || stamp.signed.content != Check::Matches
            }
            Err(_) => true,
        });
        let bad: Vec<String> = bad
            .map(|token| {
                let stamp = token.stamp.as_ref().map(|stamp| (&stamp.imprint, &stamp.signed.value));
                format!("{:?} {stamp:?}", token.role)
            })
            .collect();
        if !bad.is_empty() {
            wrong.push(format!("timestamps: {bad:?}"));
        }
    }
    wrong
}

fn describe(evidence: &undersign::evidence::Evidence, verdict: &undersign::validation::Verdict) -> String {
    let judged = evidence
        .signatures
        .iter()
        .zip(&verdict.signatures)
        .filter(|(one, verdict)| !is_intact(one) || verdict.indication == Indication::TotalFailed);
    let all: Vec<String> = judged
        .map(|(signature, verdict)| {
            let why = match &signature.signed_data {
                Ok(facts) => format!("{:?}/{:?}", facts.content, facts.value),
                Err(fault) => fault.reason.clone(),
            };
            let findings = signature.findings.iter().filter(|one| one.severity == types::Severity::Error);
            let findings: Vec<&str> = findings.map(|finding| &*finding.code).collect();
            format!(
                "{} {:?} {:?} {why} {findings:?}",
                signature.field, verdict.indication, verdict.sub_indication
            )
        })
        .collect();
    all.join("; ")
}

#[test]
fn signed_files_are_judged_as_their_makers_say() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/corpus");
    if !corpus.is_dir() {
        println!("SKIPPED: no corpus beside the repository (../shared/corpus)");
        return;
    }
    let mut listed: BTreeMap<&str, &str> = EXCEPTIONS
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split_once(" | ").expect("an exception has an id and a reason"))
        .collect();
    let rows = rows(&corpus);
    let mut wrong = Vec::new();
    for row in &rows {
        let answer = judge(row);
        match (listed.remove(row.id.as_str()), answer.is_empty()) {
            (Some(_), true) => wrong.push(format!("{}: listed, but it agrees now", row.id)),
            (None, false) => wrong.push(format!("{}: {}", row.id, answer.join(" | "))),
            _ => {}
        }
    }
    wrong.extend(listed.keys().map(|id| format!("{id}: listed, but not in the sets")));
    println!("{} files, {} against expectation", rows.len(), wrong.len());
    assert!(rows.len() > 400, "the table was not read");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
