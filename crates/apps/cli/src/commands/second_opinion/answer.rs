//! What another verifier says, and how it compares with what we say.

use serde_json::{Value, json};
use types::Time;
use undersign::evidence::{Evidence, Kind};
use undersign::validation::{Indication, Verdict};

/// The answer of a verifier about a file.
#[derive(Debug)]
pub struct Answer {
    /// One row for each signature that it sees.
    pub rows: Vec<Row>,
    /// As of when it judged; now if nothing is said.
    pub at: Option<Time>,
    /// What it could not be told, in a few words.
    pub deviations: Vec<&'static str>,
}

/// What is said about one signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Fully qualified name of the field.
    pub field: String,
    /// The outcome in our three words.
    pub outcome: Outcome,
    /// Why, in its own words.
    pub reason: String,
}

/// The outcome in three words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Good and trusted.
    Passed,
    /// Neither.
    Indeterminate,
    /// Bad.
    Failed,
}

impl Outcome {
    fn as_str(self) -> &'static str {
        match self {
            Outcome::Passed => "passed",
            Outcome::Indeterminate => "indeterminate",
            Outcome::Failed => "failed",
        }
    }
}

impl From<Indication> for Outcome {
    fn from(indication: Indication) -> Outcome {
        match indication {
            Indication::TotalPassed => Outcome::Passed,
            Indication::Indeterminate => Outcome::Indeterminate,
            Indication::TotalFailed => Outcome::Failed,
        }
    }
}

/// Ours and theirs side by side.
pub struct Compared {
    /// A line for each signature.
    pub lines: Vec<String>,
    /// The entry in `secondOpinions`.
    pub member: Value,
    /// How many signatures they judge otherwise.
    pub differences: usize,
}

/// Compares signature by signature. Document timestamps are compared where the other verifier names them.
pub fn compare(
    peer: &str,
    answer: &Result<Answer, String>,
    evidence: &Evidence,
    verdict: &Verdict,
) -> Compared {
    let answer = match answer {
        Ok(answer) => answer,
        Err(why) => {
            let member = json!({"peer": peer, "error": why, "at": null, "deviations": [], "signatures": []});
            return Compared {
                lines: vec![format!("{peer} gives no opinion: {why}")],
                member,
                differences: 0,
            };
        }
    };
    let (mut lines, mut rows, mut differences) = (Vec::new(), Vec::new(), 0);
    for (signature, ours) in evidence.signatures.iter().zip(&verdict.signatures) {
        let field = &signature.field;
        let Some(row) = answer.rows.iter().find(|row| row.field == *field) else {
            if signature.kind == Kind::Signature {
                lines.push(format!("{peer} says nothing about {field:?}"));
            }
            continue;
        };
        let ours = Outcome::from(ours.indication);
        let agrees = row.outcome == ours;
        differences += usize::from(!agrees);
        let theirs = row.outcome.as_str();
        lines.push(match agrees {
            true => format!("{peer} agrees on {field:?}: {theirs}"),
            false => format!("{peer} differs on {field:?}: {theirs}, not {}: {}", ours.as_str(), row.reason),
        });
        rows.push(json!({"field": field, "outcome": theirs, "agrees": agrees, "reason": row.reason}));
    }
    lines.extend(answer.deviations.iter().map(|deviation| format!("{peer}: {deviation}")));
    let member = json!({
        "peer": peer,
        "error": null,
        "at": answer.at.map(|at| at.to_string()),
        "deviations": answer.deviations,
        "signatures": rows,
    });
    Compared { lines, member, differences }
}
