//! Other programs, with their time and peak memory.
//!
//! The peak that the system reports of a child starts at what its parent held when it was started, so a fresh copy of
//! this program, which holds next to nothing, starts it.

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;
use wait4::Wait4;

/// The first argument by which this program is asked to start another.
pub const WORD: &str = "--measure-child";

/// What a program took.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Usage {
    /// Time on the wall, seconds.
    pub wall: f64,
    /// Processor time in the program and in the system, seconds.
    pub processor: f64,
    /// Peak memory, bytes.
    pub peak: u64,
    /// Exit code; -1 if a signal ended it.
    pub exit: i32,
}

/// Runs a program to its end and measures it; an error if its exit code is not among `expected`.
pub fn measured(command: &[&str], expected: &[i32]) -> Result<Usage> {
    let this = std::env::current_exe()?;
    let output = Command::new(this).arg(WORD).args(command).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let usage: Usage = serde_json::from_str(text.lines().last().unwrap_or_default())
        .with_context(|| format!("`{}` could not be started", command.join(" ")))?;
    if !expected.contains(&usage.exit) {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` ended with {}: {}", command.join(" "), usage.exit, said.trim());
    }
    Ok(usage)
}

/// Starts the program named by `words`, waits for it, prints what it took.
pub fn measure_here(words: &[String]) -> ExitCode {
    let Some((program, arguments)) = words.split_first() else { return ExitCode::from(2) };
    let start = Instant::now();
    let child = Command::new(program).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).spawn();
    let Ok(used) = child.and_then(|mut child| child.wait4()) else { return ExitCode::FAILURE };
    let usage = Usage {
        wall: start.elapsed().as_secs_f64(),
        processor: (used.rusage.utime + used.rusage.stime).as_secs_f64(),
        peak: used.rusage.maxrss,
        exit: used.status.code().unwrap_or(-1),
    };
    println!("{}", serde_json::to_string(&usage).unwrap_or_default());
    ExitCode::SUCCESS
}
