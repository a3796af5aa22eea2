//! pyHanko as installed by `cargo xtask peers`: its API in one long-lived process, and its command line.

use crate::measure::Contestant;
use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A Python process with pyHanko loaded.
pub struct PyHanko {
    child: Child,
    jobs: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// The repository.
fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// pyHanko's command line, if installed.
pub fn program() -> Option<PathBuf> {
    Some(root().join("target/peers/venv/bin/pyhanko")).filter(|program| program.is_file())
}

impl PyHanko {
    /// Starts it and has it make a key with a certificate in `folder`; `None` if it is not installed.
    pub fn start(folder: &Path) -> Result<Option<PyHanko>> {
        let python = root().join("target/peers/venv/bin/python");
        if !python.is_file() {
            return Ok(None);
        }
        let mut child = Command::new(python)
            .arg(root().join("benches/peers/pyhanko_rates.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (Some(jobs), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            bail!("pyHanko has no pipes");
        };
        let mut peer = PyHanko { child, jobs, answers: BufReader::new(answers) };
        peer.ask(&json!({ "op": "key", "folder": folder }))?;
        Ok(Some(peer))
    }

    fn ask(&mut self, job: &Value) -> Result<Value> {
        writeln!(self.jobs, "{job}")?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        serde_json::from_str(&answer).with_context(|| format!("pyHanko failed at {job}"))
    }

    /// Signing `file` as a contestant.
    pub fn signing<'a>(&'a mut self, file: &'a Path) -> Contestant<'a> {
        Box::new(move |count| {
            let answer = self.ask(&json!({ "op": "sign", "file": file, "count": count }))?;
            Ok(answer["seconds"].as_f64())
        })
    }

    /// Makes a B-LTA file with so many signatures; copies as they were after the signatures `save` are
    /// `timestamped-N.pdf` in `folder`, the anchor is `archive-root.pem` there.
    pub fn archive(
        &mut self,
        file: &Path,
        out: &Path,
        folder: &Path,
        signatures: usize,
        save: &[usize],
    ) -> Result<()> {
        let job = json!({
            "op": "archive", "file": file, "out": out, "folder": folder, "signatures": signatures, "save": save,
        });
        self.ask(&job).map(|_| ())
    }

    /// Takes signed files to B-LTA; how long that took on the wall, seconds.
    pub fn mature(&mut self, files: &[PathBuf], tsa: &str, trust: &Path) -> Result<f64> {
        let answer = self.ask(&json!({ "op": "mature", "files": files, "tsa": tsa, "trust": trust }))?;
        answer["seconds"].as_f64().context("pyHanko does not say how long it took")
    }

    /// Verifying `file` as a contestant; it must pass.
    pub fn verifying<'a>(&'a mut self, file: &'a Path, trust: &'a Path) -> Contestant<'a> {
        self.contesting("verify", file, trust)
    }

    /// Judging a B-LTA `file` as a contestant; it must pass.
    pub fn verifying_archive<'a>(&'a mut self, file: &'a Path, trust: &'a Path) -> Contestant<'a> {
        self.contesting("verify-archive", file, trust)
    }

    fn contesting<'a>(&'a mut self, op: &'a str, file: &'a Path, trust: &'a Path) -> Contestant<'a> {
        Box::new(move |count| {
            let job = json!({ "op": op, "file": file, "trust": trust, "count": count });
            let answer = self.ask(&job)?;
            if answer["passed"] != json!(true) {
                bail!("pyHanko does not pass {}", file.display());
            }
            Ok(answer["seconds"].as_f64())
        })
    }
}

impl Drop for PyHanko {
    fn drop(&mut self) {
        // Nothing depends on how it ends.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
