//! `qpdf --check`: the structure of the file; it knows nothing of signatures.

use std::process::Command;

use anyhow::{Context, Result};

use crate::peer::{Job, Judged, Outcome, Peer, Row};

/// qpdf; a warning is a failure.
pub struct Qpdf;

impl Peer for Qpdf {
    fn name(&self) -> &'static str {
        "qpdf"
    }

    fn is_there(&self) -> bool {
        Command::new("qpdf").arg("--version").output().is_ok()
    }

    fn judge(&self, jobs: &[Job]) -> Result<Vec<Judged>> {
        jobs.iter().map(judge).collect()
    }
}

fn judge(job: &Job) -> Result<Judged> {
    let mut command = Command::new("qpdf");
    if let Some(password) = &job.password {
        command.arg(format!("--password={password}"));
    }
    let output = command.arg("--check").arg(&job.file).output().context("could not start qpdf")?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let outcome = if output.status.success() { Outcome::Passed } else { Outcome::Failed };
    let reason = said.lines().next().map_or_else(|| "no errors found".to_owned(), |line| shorten(line, job));
    let row = Row { field: String::new(), outcome, reason, is_whole_file: None };
    Ok(Judged { case: job.case.clone(), rows: vec![row], fault: None })
}

fn shorten(line: &str, job: &Job) -> String {
    line.replace(&format!("{}", job.file.display()), "file")
}
