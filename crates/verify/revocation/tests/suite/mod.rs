//! What the external suites share: cases, exceptions files, where the shared inputs lie, how they are read.

#![allow(dead_code, reason = "not every suite uses everything")]

use base64::Engine;
use corpus::Row;
use std::collections::BTreeMap;
use std::path::Path;

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

/// The rows of `expected.csv` about one set.
pub fn rows(corpus: &Path, set: &str) -> Vec<Row> {
    let mut rows = corpus::rows(corpus);
    rows.retain(|row| row.set == set);
    rows
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
