//! The outside corpora as far as they concern what came after a signature, run whole, in three ways: passed, undecided,
//! suspicious. Every deviation needs a line in `corpus-exceptions.txt` with the outcome and a reason; a line that is not
//! needed any more, or that names another outcome, fails too.

use corpus::Row;
use pdf::Document;
use std::collections::BTreeMap;
use std::path::Path;
use types::Budget;
use undersign_inspection::{
    Certification, ChangeLevel, History, Judgement, Permissions, ValidationData, judge,
};

const SETS: [&str; 6] = ["pyhanko-diff", "pyhanko-static", "itext", "libreoffice", "dss-pdf", "siva-pdf"];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    NoSignature,
    None,
    Permitted,
    Overlaid,
    NotAnalysed,
    Suspicious,
    Refused,
}

fn cases(root: &Path) -> Vec<Row> {
    let mut rows = corpus::rows(root);
    rows.retain(|row| SETS.contains(&row.set.as_str()) && row.kind == "pdf");
    rows
}

fn fact<'c>(case: &'c Row, name: &str) -> Option<&'c str> {
    case.expected.split([';', ' ']).find_map(|fact| fact.strip_prefix(name)?.strip_prefix('='))
}

/// Judges the signature the case is about, or all of them; documents without one by the permissions that the case gives.
fn outcome(root: &Path, case: &Row) -> (Outcome, Vec<String>) {
    let bytes = std::fs::read(root.join(&case.file)).expect("a corpus file");
    let mut budget = Budget::default();
    let document = match Document::open(&bytes, None, &mut budget) {
        Ok(document) => document,
        Err(error) => return (Outcome::Refused, vec![error.to_string()]),
    };
    let signatures = match document.signatures(&mut budget) {
        Ok(signatures) => signatures,
        Err(error) => return (Outcome::Refused, vec![error.to_string()]),
    };
    let given = fact(case, "given_permissions").map(|name| Permissions {
        ceiling: match name {
            "NO_CHANGES_PERMITTED" => ChangeLevel::LongTermValidation,
            "FORM_FIELDS_MODIFICATION" => ChangeLevel::FormFilling,
            _ => ChangeLevel::Annotation,
        },
        locks: Vec::new(),
        certification: Certification::InForce,
        validation_data: ValidationData::Kept,
    });
    let wanted = fact(case, "field");
    let mut worst = (Outcome::NoSignature, Vec::new());
    let signed: Vec<_> =
        signatures.fields.iter().filter_map(|field| Some((field, field.value.as_ref()?))).collect();
    let mut revisions: Vec<(usize, Permissions, String)> = signed
        .iter()
        .filter(|(field, _)| wanted.is_none_or(|wanted| field.name == wanted))
        .map(|(field, value)| (value.revision, Permissions::after(&signatures, value), field.name.clone()))
        .collect();
    if let Some(given) = given {
        if revisions.is_empty() {
            revisions.push((0, given.clone(), "-".into()));
        }
        revisions.iter_mut().for_each(|(_, permissions, _)| *permissions = given.clone());
    }
    let first = revisions.iter().map(|(revision, ..)| *revision).min().unwrap_or(0);
    let history = History::analyse(&document, first, &mut budget);
    for (revision, permissions, name) in revisions {
        let later = history.after(revision);
        let found = match judge(&later, &permissions) {
            Judgement::None => (Outcome::None, Vec::new()),
            Judgement::Permitted { level } => (Outcome::Permitted, vec![level.as_str().to_owned()]),
            Judgement::NotAnalysed { why } => (Outcome::NotAnalysed, vec![why]),
            Judgement::Overlaid { what } => (Outcome::Overlaid, what),
            Judgement::Suspicious { reasons } => (Outcome::Suspicious, reasons),
        };
        if found.0 > worst.0 {
            worst = (found.0, found.1.into_iter().map(|reason| format!("{name}: {reason}")).collect());
        }
    }
    worst
}

/// Whether the class asks for the outcome; `None` if it says nothing about later changes. Undecided is neither passed nor
/// suspicious.
fn agrees(class: &str, outcome: Outcome) -> Option<bool> {
    Some(match class {
        "OK" | "TOTAL-PASSED" => matches!(outcome, Outcome::None | Outcome::Permitted | Outcome::NoSignature),
        "CHANGED" => outcome == Outcome::Permitted,
        "FLAGGED" | "BROKEN" => matches!(outcome, Outcome::Suspicious | Outcome::Refused),
        _ => return None,
    })
}

struct Exception {
    outcome: String,
    reason: String,
}

fn exceptions() -> BTreeMap<String, Exception> {
    let lines = include_str!("corpus-exceptions.txt").lines();
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| match line.split('\t').collect::<Vec<_>>()[..] {
            [case, outcome, reason] => {
                (case.to_owned(), Exception { outcome: outcome.to_owned(), reason: reason.to_owned() })
            }
            _ => panic!("case, outcome and reason with tabs between them: {line}"),
        })
        .collect()
}

#[test]
fn the_corpora_are_judged_as_their_authors_expect_or_for_a_stated_reason() {
    let Some(root) = corpus::folder() else { return };
    let mut exceptions = exceptions();
    let mut tally: BTreeMap<(String, Outcome), usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for case in cases(&root) {
        let (outcome, reasons) = outcome(&root, &case);
        *tally.entry((case.class.clone(), outcome)).or_default() += 1;
        let number = seen.entry(case.file.clone()).and_modify(|number| *number += 1).or_insert(1);
        let short = case.short();
        let key = if *number == 1 { short } else { format!("{short}#{number}") };
        let agreed = agrees(&case.class, outcome);
        match (agreed, exceptions.remove(&key)) {
            (Some(false), None) => wrong.push(format!(
                "{key} is {} but was {outcome:?}: {}\n      expected {}",
                case.class,
                reasons.join(" | "),
                case.expected.chars().take(300).collect::<String>()
            )),
            (Some(true) | None, Some(exception)) => {
                let reason = exception.reason;
                wrong.push(format!("{key} agrees now; the exception is not needed: {reason}"));
            }
            (Some(false), Some(exception)) if exception.outcome != format!("{outcome:?}") => {
                wrong.push(format!("{key} is excepted as {} but was {outcome:?}", exception.outcome));
            }
            _ => {}
        }
    }
    for ((class, outcome), count) in &tally {
        println!("{class:24} {outcome:?}: {count}");
    }
    wrong.extend(exceptions.keys().map(|case| format!("{case} is excepted but not in the corpora")));
    assert!(wrong.is_empty(), "{} deviations:\n  {}", wrong.len(), wrong.join("\n  "));
}
