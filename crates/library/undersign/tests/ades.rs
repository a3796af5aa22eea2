//! EN 319 102-1 verdicts on files with known outcomes, wholly offline: the corpus set `pyhanko-ades`.

#![allow(clippy::disallowed_methods, reason = "the corpus is a folder of files")]

use pkix::TrustAnchor;
use std::path::{Path, PathBuf};
use types::{Budget, Limits, Time};
use undersign::validation::{Indication, Policy};
use undersign::{Trust, Verified};

const EXCEPTIONS: &str = include_str!("ades.exceptions");

/// One row of the set.
struct Case {
    id: String,
    file: PathBuf,
    field: String,
    at: Time,
    expected: Indication,
    roots: Vec<PathBuf>,
}

fn cases(corpus: &Path) -> Vec<Case> {
    let rows = corpus::rows(corpus).into_iter().filter(|row| row.set == "pyhanko-ades");
    rows.map(|row| {
        let (field, time) = (row.fact("field").expect("a field"), row.fact("time").expect("a time"));
        let number = row.file.split('/').nth(1).expect("the corpus is readable");
        Case {
            id: format!("{number}:{field}:{}", &time[..10]),
            file: corpus.join(&row.file),
            at: time.parse().expect("the corpus is readable"),
            field: field.to_owned(),
            expected: match row.class.as_str() {
                "ADES-PASSED" => Indication::TotalPassed,
                "ADES-FAILURE" => Indication::TotalFailed,
                _ => Indication::Indeterminate,
            },
            roots: row.roots(corpus),
        }
    })
    .collect()
}

fn judge(case: &Case) -> Result<(Indication, String), String> {
    let bytes = std::fs::read(&case.file).expect("the corpus is readable");
    let mut trust = Trust::default();
    for root in &case.roots {
        let read = pkix::read_certificates(
            &std::fs::read(root).expect("the corpus is readable"),
            &mut Budget::default(),
        )
        .expect("the corpus is readable");
        trust.anchors.extend(read.into_iter().map(TrustAnchor::from_certificate));
    }
    let policy = Policy::standard();
    let Verified { evidence, verdict } =
        undersign::verify(&undersign::Input::new(&bytes), &trust, &policy, case.at, Limits::STANDARD)
            .map_err(|error| error.to_string())?;
    let found = evidence.signatures.iter().position(|signature| signature.field == case.field);
    let index = found.ok_or("no such field")?;
    let judged = &verdict.signatures[index];
    let sub = judged.sub_indication.map_or("", |sub| sub.as_str());
    Ok((judged.indication, sub.to_owned()))
}

#[test]
fn verdicts_agree_with_the_expected_ones() {
    let Some(corpus) = corpus::folder() else { return };
    let mut listed = corpus::exceptions(EXCEPTIONS, " | ");
    let cases = cases(&corpus);
    let mut wrong = Vec::new();
    for case in &cases {
        let outcome = judge(case);
        let agrees = outcome.as_ref().is_ok_and(|(indication, _)| *indication == case.expected);
        match (listed.remove(case.id.as_str()), agrees) {
            (Some(_), true) => wrong.push(format!("{}: listed, but it agrees now", case.id)),
            (None, false) => {
                wrong.push(format!("{}: expected {:?}, given {outcome:?}", case.id, case.expected))
            }
            _ => {}
        }
    }
    wrong.extend(listed.keys().map(|id| format!("{id}: listed, but not in the set")));
    println!("{} cases, {} against expectation", cases.len(), wrong.len());
    assert!(cases.len() >= 43, "the set was not read");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
