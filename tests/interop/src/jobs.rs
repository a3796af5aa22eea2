//! One process, a JSON job a line in, a JSON answer a line out.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Hands all jobs to one process and gathers the answers by `id`.
pub fn run(command: &mut Command, jobs: &[Value]) -> Result<BTreeMap<String, Value>> {
    let program = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("could not start {program}"))?;
    let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        bail!("{program} has no standard streams");
    };
    let lines: Vec<String> = jobs.iter().map(|job| format!("{job}\n")).collect();
    let writer = std::thread::spawn(move || {
        for line in lines {
            if input.write_all(line.as_bytes()).is_err() {
                return;
            }
        }
    });
    let mut answers = BTreeMap::new();
    for line in BufReader::new(output).lines() {
        let line = line.with_context(|| format!("could not read from {program}"))?;
        let answer: Value =
            serde_json::from_str(&line).with_context(|| format!("{program} wrote {line:?}"))?;
        answers.insert(crate::fields::text(&answer, "id").to_owned(), answer);
    }
    let _ = writer.join();
    let status = child.wait().with_context(|| format!("{program} did not end"))?;
    if answers.len() != jobs.len() {
        bail!("{program} ended with {status} after {} of {} answers", answers.len(), jobs.len());
    }
    Ok(answers)
}
