//! The outside corpora as far as they concern the preflight, run whole. Every deviation needs a line with a reason in
//! `corpus-exceptions.txt`; a line that is not needed any more fails too.

use pdf::Document;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use types::{Budget, Severity};
use undersign_preflight::{LIMITS, PageFinding, preflight};

struct Case {
    file: String,
    class: String,
    expected: String,
    path: String,
}

fn corpus() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/corpus");
    root.join("expected.csv").is_file().then_some(root)
}

/// Rows of a comma-separated file with quoted fields that may span lines.
fn rows(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' if quoted && characters.peek() == Some(&'"') => field.extend(characters.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut field)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            '\r' if !quoted => {}
            c => field.push(c),
        }
    }
    rows
}

fn cases(root: &Path, wanted: &str) -> Vec<Case> {
    let text = std::fs::read_to_string(root.join("expected.csv")).expect("the list of cases");
    let mut rows = rows(&text).into_iter();
    let header = rows.next().expect("a header");
    let column = |name: &str| header.iter().position(|title| title == name).expect("a known column");
    let (dir, set, class, expected, path) =
        (column("dir"), column("set"), column("class"), column("expected"), column("path"));
    rows.filter(|row| row[set] == wanted)
        .map(|row| Case {
            file: row[dir].clone(),
            class: row[class].clone(),
            expected: row[expected].clone(),
            path: row[path].clone(),
        })
        .collect()
}

/// What is found, or why the document is refused.
fn look(root: &Path, case: &Case) -> Result<Vec<PageFinding>, String> {
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
fn fault(case: &Case, outcome: &Result<Vec<PageFinding>, String>) -> Option<String> {
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
fn exceptions(set: &str) -> BTreeMap<String, String> {
    include_str!("corpus-exceptions.txt")
        .lines()
        .filter(|line| line.starts_with(set))
        .map(|line| line.split_once('\t').expect("a tab between case and reason"))
        .map(|(case, reason)| (case.to_owned(), reason.to_owned()))
        .collect()
}

fn short(file: &str) -> String {
    file.split('/').take(2).collect::<Vec<_>>().join("/")
}

#[test]
fn active_documents_are_found_out_and_plain_ones_are_not_accused() {
    let Some(root) = corpus() else {
        println!("SKIPPED: ../shared/corpus is not there");
        return;
    };
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
        match (fault(&case, &outcome), exceptions.remove(&short(&case.file))) {
            (Some(fault), None) => wrong.push(format!("{} is {}: {fault}", short(&case.file), case.class)),
            (None, Some(reason)) => wrong.push(format!("{} needs no exception: {reason}", short(&case.file))),
            _ => {}
        }
    }
    tally.iter().for_each(|((class, word), count)| println!("{class:12} {word}: {count}"));
    wrong.extend(exceptions.keys().map(|case| format!("{case} is excepted but not in the corpus")));
    assert!(wrong.is_empty(), "{} deviations:\n  {}", wrong.len(), wrong.join("\n  "));
}

#[test]
fn broken_claims_to_be_pdf_a_are_found_where_they_bear_on_signing() {
    let Some(root) = corpus() else {
        println!("SKIPPED: ../shared/corpus is not there");
        return;
    };
    let mut exceptions = exceptions("verapdf/");
    let mut groups = self::exceptions("PDF_A");
    let (mut tally, mut wrong) = (BTreeMap::<(String, bool), usize>::new(), Vec::new());
    for case in cases(&root, "verapdf") {
        let group = case.path.rsplit_once('/').map(|(folder, _)| folder.to_owned()).unwrap_or_default();
        let outcome = look(&root, &case);
        let broken = match &outcome {
            Err(_) => true,
            Ok(found) => found.iter().any(|found| found.finding.code == "preflight.pdfa.broken"),
        };
        let agrees = broken == (case.class == "FAIL");
        *tally.entry((group.clone(), agrees)).or_default() += 1;
        match (agrees, exceptions.remove(&short(&case.file))) {
            (false, None) if groups.contains_key(&group) => {}
            (false, None) => wrong.push(format!("{} is {}: {group}", short(&case.file), case.class)),
            (true, Some(reason)) => wrong.push(format!("{} needs no exception: {reason}", short(&case.file))),
            _ => {}
        }
    }
    for ((group, agrees), count) in &tally {
        println!("{} {group}: {count}", if *agrees { "agree " } else { "differ" });
    }
    groups.retain(|group, _| !tally.contains_key(&(group.clone(), false)));
    wrong.extend(groups.keys().map(|group| format!("{group} needs no exception")));
    wrong.extend(exceptions.keys().map(|case| format!("{case} is excepted but not in the corpus")));
    assert!(wrong.is_empty(), "{} deviations:\n  {}", wrong.len(), wrong.join("\n  "));
}
