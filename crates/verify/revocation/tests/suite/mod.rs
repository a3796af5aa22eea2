//! What the external suites share: cases, exceptions files, where the shared inputs lie, how they are read.

#![allow(dead_code, reason = "not every suite uses everything")]

use base64::Engine;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// One case after it was run.
pub struct Case {
    pub id: String,
    pub expected: String,
    pub given: String,
    /// Why.
    pub detail: String,
}

/// Compares with the expectations but for the exceptions (`id | answer | reason`, one a line), each of which must be
/// needed and must name the answer that is given.
pub fn compare(suite: &str, exceptions: &str, cases: &[Case]) {
    let mut listed = read_exceptions(exceptions);
    let mut wrong = Vec::new();
    for case in cases {
        let agrees = case.given == case.expected;
        match listed.remove(&case.id) {
            Some(answer) if agrees => {
                wrong.push(format!("{}: listed as {answer}, but it agrees now", case.id))
            }
            Some(answer) if answer != case.given => {
                wrong.push(format!("{}: not {answer} as listed", case.id))
            }
            None if !agrees => wrong.push(format!(
                "{}: expected {}, given {}: {}",
                case.id, case.expected, case.given, case.detail
            )),
            _ => {}
        }
    }
    wrong.extend(listed.keys().map(|id| format!("{id}: listed but not in the suite")));
    println!("{suite}: {} cases, {} against expectation", cases.len(), wrong.len());
    assert!(wrong.is_empty(), "{suite}:\n{}", wrong.join("\n"));
}

fn read_exceptions(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let parts: Vec<&str> = line.split(" | ").collect();
            let [id, answer, reason] = parts[..] else { panic!("{line}: not id, answer, reason") };
            assert!(!reason.is_empty(), "{id}: no reason");
            (id.to_owned(), answer.to_owned())
        })
        .collect()
}

/// The shared corpus, which is not part of the repository; says loudly when it is absent.
pub fn corpus(suite: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3).unwrap();
    let place = Some(root.join("../shared/corpus")).filter(|place| place.is_dir());
    if place.is_none() {
        println!("SKIPPED: {suite} needs ../shared/corpus beside the repository, which is not there");
    }
    place
}

/// The rows of `expected.csv` about one set: folder or file, class, facts.
pub fn rows(corpus: &Path, set: &str) -> Vec<(String, String, String)> {
    let text = std::fs::read_to_string(corpus.join("expected.csv")).unwrap();
    let records = csv(&text).into_iter();
    records
        .filter(|record| record.get(1).is_some_and(|one| one == set))
        .map(|record| (record[0].clone(), record[3].clone(), record[4].clone()))
        .collect()
}

/// The rows of `expected.csv` about one set: class, facts, path in the repository that they come from.
pub fn rows_with_origin(corpus: &Path, set: &str) -> Vec<(String, String, String)> {
    let text = std::fs::read_to_string(corpus.join("expected.csv")).unwrap();
    let records = csv(&text).into_iter();
    records
        .filter(|record| record.get(1).is_some_and(|one| one == set))
        .map(|record| (record[3].clone(), record[4].clone(), record[11].clone()))
        .collect()
}

fn csv(text: &str) -> Vec<Vec<String>> {
    let (mut records, mut record, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => field.extend(characters.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut field)),
            '\n' if !quoted => {
                record.push(std::mem::take(&mut field));
                records.push(std::mem::take(&mut record));
            }
            '\r' if !quoted => {}
            other => field.push(other),
        }
    }
    records
}

/// The DER of every block with this label.
pub fn blocks(text: &str, label: &str) -> Vec<Vec<u8>> {
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    text.split(&begin).skip(1).map(|rest| base64(rest.split(&end).next().unwrap())).collect()
}

pub fn base64(text: &str) -> Vec<u8> {
    let text: String = text.split_whitespace().collect();
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

/// `key=value` among fields parted by semicolons.
pub fn fact<'a>(facts: &'a str, key: &str) -> Option<&'a str> {
    facts.split(';').find_map(|part| part.strip_prefix(key)?.strip_prefix('='))
}
