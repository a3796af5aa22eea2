//! EU DSS as installed by `cargo xtask peers`: one long-lived virtual machine.

use crate::measure::Contestant;
use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Judgements after which its compilers have little left to do.
const WARM_UP: u32 = 400;

/// A virtual machine with EU DSS loaded.
pub struct Dss {
    child: Child,
    jobs: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Dss {
    /// Starts it; `None` if it is not installed.
    pub fn start() -> Result<Option<Dss>> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let place = here.parent().unwrap_or(here).join("target/peers/dss");
        if !place.join("dss-peer.jar").is_file() {
            return Ok(None);
        }
        let classes = format!("{}:{}", place.join("dss-peer.jar").display(), place.join("lib/*").display());
        let mut child = Command::new("java")
            .args(["-Xmx1g", "-XX:+UseSerialGC", "-cp", &classes, "Peer"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let (Some(jobs), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            bail!("EU DSS has no pipes");
        };
        Ok(Some(Dss { child, jobs, answers: BufReader::new(answers) }))
    }

    fn judge(&mut self, file: &Path, trust: &Path) -> Result<()> {
        writeln!(self.jobs, "{}", json!({ "id": "1", "op": "judge", "file": file, "trust": [trust] }))?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        let answer: Value = serde_json::from_str(&answer).context("EU DSS gave no answer")?;
        let rows = answer["signatures"].as_array().cloned().unwrap_or_default();
        let passed = rows.iter().all(|row| row["indication"] == json!("TOTAL_PASSED"));
        anyhow::ensure!(passed && !rows.is_empty(), "EU DSS does not pass {}: {answer}", file.display());
        Ok(())
    }

    /// Judging `file` as a contestant, warmed up: processor time of the whole virtual machine.
    pub fn judging<'a>(&'a mut self, file: &'a Path, trust: &'a Path) -> Result<Contestant<'a>> {
        for _ in 0..WARM_UP {
            self.judge(file, trust)?;
        }
        Ok(Box::new(move |count| {
            let before = self.processor_time()?;
            for _ in 0..count {
                self.judge(file, trust)?;
            }
            Ok(Some(self.processor_time()? - before))
        }))
    }

    /// What all its threads took, seconds (proc(5): fields 14 and 15, in hundredths).
    fn processor_time(&self) -> Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let fields = stat.rsplit(')').next().unwrap_or_default();
        let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
        Ok(ticks.sum::<Result<f64, _>>()? / 100.0)
    }
}

impl Drop for Dss {
    fn drop(&mut self) {
        // Nothing depends on how it ends.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
