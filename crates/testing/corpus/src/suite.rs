//! Suites of cases with one expected answer each.

use std::collections::BTreeMap;

/// One case after it was run.
pub struct Case {
    /// How exceptions name it.
    pub id: String,
    /// The answer that its makers expect.
    pub expected: String,
    /// Ours.
    pub given: String,
    /// Why.
    pub detail: String,
}

/// Compares with the expectations but for the exceptions (`id | answer | reason`, one a line), each of which must be
/// needed and must name the answer that is given.
///
/// # Panics
///
/// If anything is against expectation.
#[allow(clippy::print_stdout, reason = "how a suite came out is worth seeing")]
pub fn compare(suite: &str, exceptions: &str, cases: &[Case]) {
    let mut listed = read_exceptions(exceptions);
    let mut wrong = Vec::new();
    for case in cases {
        let agrees = case.given == case.expected;
        match listed.remove(case.id.as_str()) {
            Some(answer) if agrees => {
                wrong.push(format!("{}: listed as {answer}, but it agrees now", case.id));
            }
            Some(answer) if answer != case.given => {
                wrong.push(format!("{}: not {answer} as listed", case.id));
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

fn read_exceptions(text: &str) -> BTreeMap<&str, &str> {
    let with_reasons = crate::exceptions(text, " | ").into_iter();
    with_reasons
        .map(|(id, rest)| match rest.split_once(" | ") {
            Some((answer, reason)) if !reason.is_empty() => (id, answer),
            _ => panic!("{id}: no answer and reason"),
        })
        .collect()
}
