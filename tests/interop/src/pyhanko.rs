//! pyHanko: one Python process for all files; see `tests/interop/pyhanko`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;
use serde_json::{Value, json};

use crate::fields::{flag, list, text};
use crate::peer::{Job, Judged, Outcome, Peer, Row};
use crate::places;

/// pyHanko with its default difference policy, without fetching.
pub struct PyHanko;

impl Peer for PyHanko {
    fn name(&self) -> &'static str {
        "pyhanko"
    }

    fn is_there(&self) -> bool {
        python().is_file()
    }

    fn judge(&self, jobs: &[Job]) -> Result<Vec<Judged>> {
        let requests: Vec<Value> = jobs.iter().map(request).collect();
        let answers = run(&requests)?;
        Ok(jobs.iter().map(|job| judged(job, &answers[&job.case])).collect())
    }
}

fn python() -> PathBuf {
    places::peers().join("venv/bin/python")
}

/// Hands jobs of any kind (`judge`, `sign`, `openssl`) to one process.
pub fn run(requests: &[Value]) -> Result<BTreeMap<String, Value>> {
    let mut command = Command::new(python());
    command.arg(places::root().join("tests/interop/pyhanko/peer.py"));
    crate::jobs::run(&mut command, requests)
}

fn request(job: &Job) -> Value {
    let mut request = json!({
        "id": job.case, "op": "judge", "file": job.file, "trust": job.trust, "crlDer": job.crls,
    });
    if let Some(password) = &job.password {
        request["password"] = json!(password);
    }
    request
}

fn judged(job: &Job, answer: &Value) -> Judged {
    let fault = answer.get("error").and_then(Value::as_str).map(str::to_owned);
    let rows = list(answer, "signatures").iter().map(row).collect();
    Judged { case: job.case.clone(), rows, fault }
}

fn row(signature: &Value) -> Row {
    let outcome = match text(signature, "indication") {
        "PASSED" => Outcome::Passed,
        "INDETERMINATE" => Outcome::Indeterminate,
        _ => Outcome::Failed,
    };
    let mut reasons: Vec<String> = Vec::new();
    for member in ["error", "coverage", "modificationLevel", "trustProblem"] {
        if !text(signature, member).is_empty() {
            reasons.push(text(signature, member).to_owned());
        }
    }
    for member in ["intact", "valid", "trusted", "docmdpOk"] {
        if flag(signature, member) == Some(false) {
            reasons.push(format!("not {member}"));
        }
    }
    Row {
        field: text(signature, "field").to_owned(),
        outcome,
        reason: reasons.join(" "),
        is_whole_file: flag(signature, "wholeFile"),
    }
}
