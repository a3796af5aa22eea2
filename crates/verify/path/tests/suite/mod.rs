//! What the external suites share: answers, exceptions files, where shared inputs lie.

use std::collections::BTreeMap;
use std::path::PathBuf;
use undersign_path::PathOutcome;

/// Accepted or rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Accept,
    Reject,
}

/// One case after it was run.
pub struct Case {
    pub id: String,
    pub expected: Answer,
    pub given: Answer,
    /// Why it was rejected.
    pub detail: String,
}

/// The answer of the validator, with the main fault.
pub fn answer(outcome: &PathOutcome) -> (Answer, String) {
    match outcome {
        PathOutcome::Found(_) => (Answer::Accept, String::new()),
        PathOutcome::NotFound(failure) => {
            let fault = failure.main_fault().map(|(check, fault)| format!("{}: {fault}", check.place));
            (Answer::Reject, fault.unwrap_or_default())
        }
    }
}

/// Compares with the expectations but for the exceptions (`id | accept or reject | reason`, one a line), each of
/// which must be needed and must name the answer that is given.
pub fn compare(suite: &str, exceptions: &str, cases: &[Case]) {
    let mut listed = read_exceptions(exceptions);
    let mut wrong = Vec::new();
    for case in cases {
        let exception = listed.remove(&case.id);
        let agrees = case.given == case.expected;
        match exception {
            Some(answer) if agrees => {
                wrong.push(format!("{}: listed as {answer:?}, but it agrees now", case.id))
            }
            Some(answer) if answer != case.given => {
                wrong.push(format!("{}: not {answer:?} as listed", case.id))
            }
            None if !agrees => wrong.push(format!(
                "{}: expected {:?}, given {:?} {}",
                case.id, case.expected, case.given, case.detail
            )),
            _ => {}
        }
    }
    wrong.extend(listed.keys().map(|id| format!("{id}: listed but not in the suite")));
    println!("{suite}: {} cases, {} against expectation", cases.len(), wrong.len());
    assert!(wrong.is_empty(), "{suite}:\n{}", wrong.join("\n"));
}

fn read_exceptions(text: &str) -> BTreeMap<String, Answer> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let mut parts = line.split(" | ");
            let id = parts.next().unwrap().to_owned();
            let answer = match parts.next() {
                Some("accept") => Answer::Accept,
                Some("reject") => Answer::Reject,
                other => panic!("{id}: {other:?} is no answer"),
            };
            assert!(parts.next().is_some_and(|reason| !reason.is_empty()), "{id}: no reason");
            (id, answer)
        })
        .collect()
}

/// A folder of the shared corpus, which is not part of the repository; says loudly when it is absent.
#[allow(dead_code, reason = "not every suite reads the shared corpus")]
pub fn corpus(folder: &str) -> Option<PathBuf> {
    corpus::folder().map(|corpus| corpus.join(folder))
}
