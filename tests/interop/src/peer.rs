//! The joint between the tests and the programs of others.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Result, bail};
use serde_json::Value;

use crate::fields::text;

/// One file to judge.
#[derive(Clone, Debug, Default)]
pub struct Job {
    /// The name of the case, unique in a run.
    pub case: String,
    /// The PDF.
    pub file: PathBuf,
    /// Trusted certificates, PEM.
    pub trust: Vec<PathBuf>,
    /// Current revocation lists, DER.
    pub crls: Vec<PathBuf>,
    /// What opens the document.
    pub password: Option<String>,
}

/// What a judge says of one signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Integrity and trust hold.
    Passed,
    /// Integrity holds, something else is not known.
    Indeterminate,
    /// Something is wrong.
    Failed,
}

impl Outcome {
    /// The word that exceptions files use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Indeterminate => "indeterminate",
            Self::Failed => "failed",
        }
    }
}

/// One signature as one judge sees it.
#[derive(Clone, Debug)]
pub struct Row {
    /// The signature field's name, empty when the judge does not tell.
    pub field: String,
    /// The verdict.
    pub outcome: Outcome,
    /// Why, in the judge's own words.
    pub reason: String,
    /// Whether the signature covers all of the file, when the judge tells.
    pub is_whole_file: Option<bool>,
}

/// One file as one judge sees it.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The name of the case.
    pub case: String,
    /// One row a signature, in the judge's order.
    pub rows: Vec<Row>,
    /// Why there is no verdict at all.
    pub fault: Option<String>,
}

impl Judged {
    /// The worst verdict in the file; a file that cannot be judged, or holds no signature, has failed.
    pub fn worst(&self) -> Outcome {
        if self.fault.is_some() {
            return Outcome::Failed;
        }
        self.rows.iter().map(|row| row.outcome).max().unwrap_or(Outcome::Failed)
    }

    /// The verdict and its reasons in one line.
    pub fn line(&self) -> String {
        if let Some(fault) = &self.fault {
            return format!("failed ({fault})");
        }
        let rows: Vec<String> =
            self.rows.iter().map(|row| format!("{} ({})", row.outcome.word(), row.reason)).collect();
        if rows.is_empty() { "failed (no signature seen)".to_owned() } else { rows.join("; ") }
    }
}

/// A program that judges signed PDFs.
pub trait Peer: Sync {
    /// The name that exceptions files use.
    fn name(&self) -> &'static str;

    /// Whether it is installed and set up.
    fn is_there(&self) -> bool;

    /// Judges all files in as few processes as it can, in the order of the jobs.
    fn judge(&self, jobs: &[Job]) -> Result<Vec<Judged>>;
}

/// The five peers.
pub fn all() -> Vec<Box<dyn Peer>> {
    vec![
        Box::new(crate::dss::Dss),
        Box::new(crate::pyhanko::PyHanko),
        Box::new(crate::pdfsig::Pdfsig),
        Box::new(crate::openssl::Openssl),
        Box::new(crate::qpdf::Qpdf),
    ]
}

/// Whether peers that are missing fail the run (`cargo xtask test`) or are skipped loudly (plain `cargo test`).
pub fn are_required() -> bool {
    std::env::var_os("UNDERSIGN_PEERS").is_some_and(|value| value == "required")
}

/// The peers that are there. Missing ones fail the run when peers are required, and are named loudly otherwise.
pub fn available(test: &str) -> Result<Vec<Box<dyn Peer>>> {
    let (there, missing): (Vec<_>, Vec<_>) = all().into_iter().partition(|peer| peer.is_there());
    let names: Vec<&str> = missing.iter().map(|peer| peer.name()).collect();
    if !names.is_empty() {
        if are_required() {
            bail!("peers are required but missing: {}; run `cargo xtask peers`", names.join(", "));
        }
        skipped(test, &format!("{} not set up; run `cargo xtask peers`", names.join(", ")));
    }
    Ok(there)
}

/// Says loudly what a test did not do.
pub fn skipped(test: &str, what: &str) {
    announce(&format!("SKIPPED in {test}: {what}"));
}

/// Prints a line past the test runner's capture, straight to standard error.
pub fn announce(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Judges the jobs with every peer, each in its own thread.
pub fn judge_with_all(peers: &[Box<dyn Peer>], jobs: &[Job]) -> Result<Vec<(&'static str, Vec<Judged>)>> {
    std::thread::scope(|scope| {
        let running: Vec<_> =
            peers.iter().map(|peer| (peer.name(), scope.spawn(move || peer.judge(jobs)))).collect();
        let mut judged = Vec::new();
        for (name, thread) in running {
            match thread.join() {
                Ok(result) => judged.push((name, result?)),
                Err(_) => bail!("the thread that drives {name} panicked"),
            }
        }
        Ok(judged)
    })
}

/// Nothing, unless a peer answered some request with an error.
pub fn answered(answers: &BTreeMap<String, Value>) -> Result<()> {
    let faults: Vec<String> = answers
        .iter()
        .filter(|(_, answer)| answer.get("error").is_some())
        .map(|(case, answer)| format!("{case}: {}", text(answer, "error")))
        .collect();
    if !faults.is_empty() {
        bail!("a peer could not sign:\n{}", faults.join("\n"));
    }
    Ok(())
}
