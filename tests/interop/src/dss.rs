//! EU DSS: one JVM for all files; see `tests/interop/dss`.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::Result;
use serde_json::{Value, json};

use crate::fields::{flag, list, text};
use crate::peer::{Job, Judged, Outcome, Peer, Row};
use crate::places;

/// EU DSS with its default validation policy, without any network source.
pub struct Dss;

impl Peer for Dss {
    fn name(&self) -> &'static str {
        "dss"
    }

    fn is_there(&self) -> bool {
        places::peers().join("dss/dss-peer.jar").is_file()
    }

    fn judge(&self, jobs: &[Job]) -> Result<Vec<Judged>> {
        let requests: Vec<Value> = jobs.iter().map(request).collect();
        let answers = run(&requests)?;
        Ok(jobs.iter().map(|job| judged(job, &answers[&job.case])).collect())
    }
}

/// Hands jobs of any kind (`judge`, `sign`) to one JVM.
pub fn run(requests: &[Value]) -> Result<BTreeMap<String, Value>> {
    let place = places::peers().join("dss");
    let classes = format!("{}:{}", place.join("dss-peer.jar").display(), place.join("lib/*").display());
    let mut command = Command::new("java");
    // Short runs: the second compiler costs more than it gives.
    command.args(["-Xmx1g", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", &classes, "Peer"]);
    crate::jobs::run(&mut command, requests)
}

fn request(job: &Job) -> Value {
    let mut request = json!({
        "id": job.case, "op": "judge", "file": job.file, "trust": job.trust, "crl": job.crls,
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
    let mut reasons = vec![text(signature, "indication").to_owned()];
    if !text(signature, "subIndication").is_empty() {
        reasons.push(text(signature, "subIndication").to_owned());
    }
    for member in ["errors", "structureNotes"] {
        reasons.extend(list(signature, member).iter().filter_map(Value::as_str).map(str::to_owned));
    }
    reasons.push(text(signature, "level").to_owned());
    let broken: Vec<&str> = ["intact", "valid", "structure", "byteRangeValid", "consistent"]
        .into_iter()
        .filter(|member| flag(signature, member) == Some(false))
        .collect();
    reasons.extend(broken.iter().map(|member| format!("not {member}")));
    let changed = flag(signature, "modified") == Some(true)
        || signature.get("undefinedChanges").and_then(Value::as_u64).unwrap_or(0) > 0;
    if changed {
        reasons.push("modified".to_owned());
    }
    let outcome = match text(signature, "indication") {
        _ if !broken.is_empty() || changed => Outcome::Failed,
        "TOTAL_PASSED" | "PASSED" => Outcome::Passed,
        "INDETERMINATE" => Outcome::Indeterminate,
        _ => Outcome::Failed,
    };
    Row {
        field: text(signature, "field").to_owned(),
        outcome,
        reason: reasons.join(" "),
        is_whole_file: flag(signature, "wholeFile"),
    }
}
