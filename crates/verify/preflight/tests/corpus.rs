//! The outside corpora as far as they concern the preflight, run whole. Every deviation needs a line with a reason in
//! `corpus-exceptions.txt`; a line that is not needed any more fails too.

use corpus::Row;
use pdf::Document;
use std::collections::BTreeMap;
use std::path::Path;
use types::{Budget, Severity};
use undersign_preflight::{LIMITS, PageFinding, preflight};

fn cases(root: &Path, wanted: &str) -> Vec<Row> {
    let mut rows = corpus::rows(root);
    rows.retain(|row| row.set == wanted);
    rows
}

/// What is found, or why the document is refused.
fn look(root: &Path, case: &Row) -> Result<Vec<PageFinding>, String> {
    let bytes = std::fs::read(root.join(&case.file)).expect("a corpus file");
    let mut budget = Budget::default();
    let document = Document::open(&bytes, None, &mut budget).map_err(|error| error.to_string())?;
    preflight(&document, &mut Budget::new(LIMITS)).map_err(|error| error.to_string())
}

/// What each fact of the list of cases must at least lead to.
const FACTS: [(&str, &[&str]); 11] = [
    ("A:JavaScript", &["javascript"]),
    ("DocJavaScript", &["javascript"]),
    ("A:URI", &["action.uri"]),
    ("A:GoToR", &["action.remote"]),
    ("A:GoToE", &["action.remote"]),
    ("A:SetOCGState", &["action.layers"]),
    ("EmbeddedFiles", &["attachment"]),
    ("NeedAppearances", &["form.need-appearances"]),
    ("OCG", &["layers"]),
    ("OpenAction", &["open-action"]),
    ("XFA", &["xfa.static", "xfa.dynamic"]),
];

/// What is wrong with the outcome, if anything.
fn fault(case: &Row, outcome: &Result<Vec<PageFinding>, String>) -> Option<String> {
    let found = match (case.class.as_str(), outcome) {
        ("ACTIVE", Err(error)) => return Some(format!("refused: {error}")),
        // Damaged or locked; what opens all the same may have any finding.
        (_, Err(_)) | ("PASSWORD" | "UNREADABLE", Ok(_)) => return None,
        (_, Ok(found)) => found,
    };
    let has =
        |code: &str| found.iter().any(|found| found.finding.code == format!("preflight.{code}").as_str());
    if case.class == "PLAIN" {
        let error = found.iter().find(|found| found.finding.severity == Severity::Error)?;
        return Some(format!("{}: {}", error.finding.code, error.finding.message));
    }
    let flags = case.expected.split("flags=").nth(1).unwrap_or_default();
    let flags: Vec<&str> = flags.split(' ').collect();
    let missed = FACTS.iter().filter(|(fact, _)| flags.contains(fact));
    missed
        .filter(|(_, codes)| !codes.iter().any(|code| has(code)))
        .map(|(fact, _)| format!("{fact} is missed"))
        .next()
}

/// Exceptions by case or by clause of PDF/A, of those that begin with `set`.
fn exceptions(set: &str) -> BTreeMap<&'static str, &'static str> {
    let mut all = corpus::exceptions(include_str!("corpus-exceptions.txt"), "\t");
    all.retain(|case, _| case.starts_with(set));
    all
}

#[test]
fn active_documents_are_found_out_and_plain_ones_are_not_accused() {
    let Some(root) = corpus::folder() else { return };
    let mut exceptions = exceptions("preflight/");
    let (mut tally, mut wrong) = (BTreeMap::<(String, &str), usize>::new(), Vec::new());
    for case in cases(&root, "preflight") {
        let outcome = look(&root, &case);
        let word = match &outcome {
            Err(_) => "refused",
            Ok(found) if found.iter().any(|found| found.finding.severity == Severity::Error) => "dangerous",
            Ok(_) => "looked through",
        };
        *tally.entry((case.class.clone(), word)).or_default() += 1;
        match (fault(&case, &outcome), exceptions.remove(case.short().as_str())) {
            (Some(fault), None) => wrong.push(format!("{} is {}: {fault}", case.short(), case.class)),
            (None, Some(reason)) => wrong.push(format!("{} needs no exception: {reason}", case.short())),
            _ => {}
        }
    }
    tally.iter().for_each(|((class, word), count)| println!("{class:12} {word}: {count}"));
    wrong.extend(exceptions.keys().map(|case| format!("{case} is excepted but not in the corpus")));
    assert!(wrong.is_empty(), "{} deviations:\n  {}", wrong.len(), wrong.join("\n  "));
}

#[test]
fn broken_claims_to_be_pdf_a_are_found_where_they_bear_on_signing() {
    let Some(root) = corpus::folder() else { return };
    let mut exceptions = exceptions("verapdf/");
    let mut groups = self::exceptions("PDF_A");
    let (mut tally, mut wrong) = (BTreeMap::<(String, bool), usize>::new(), Vec::new());
    for case in cases(&root, "verapdf") {
        let group = case.origin.rsplit_once('/').map(|(folder, _)| folder.to_owned()).unwrap_or_default();
        let outcome = look(&root, &case);
        let broken = match &outcome {
            Err(_) => true,
            Ok(found) => found.iter().any(|found| found.finding.code == "preflight.pdfa.broken"),
        };
        let agrees = broken == (case.class == "FAIL");
        *tally.entry((group.clone(), agrees)).or_default() += 1;
        match (agrees, exceptions.remove(case.short().as_str())) {
            (false, None) if groups.contains_key(group.as_str()) => {}
            (false, None) => wrong.push(format!("{} is {}: {group}", case.short(), case.class)),
            (true, Some(reason)) => wrong.push(format!("{} needs no exception: {reason}", case.short())),
            _ => {}
        }
    }
    for ((group, agrees), count) in &tally {
        println!("{} {group}: {count}", if *agrees { "agree " } else { "differ" });
    }
    groups.retain(|group, _| !tally.contains_key(&((*group).to_owned(), false)));
    wrong.extend(groups.keys().map(|group| format!("{group} needs no exception")));
    wrong.extend(exceptions.keys().map(|case| format!("{case} is excepted but not in the corpus")));
    assert!(wrong.is_empty(), "{} deviations:\n  {}", wrong.len(), wrong.join("\n  "));
}
