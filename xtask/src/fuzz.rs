//! `cargo xtask fuzz`: every fuzz target for a given time, with `cargo-fuzz` on a nightly compiler.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::command::{cargo, first_line, program, root, run as run_command};

/// Runs each target of `fuzz/fuzz_targets` for `seconds`; stops at the first that finds something.
pub fn run(seconds: u64) -> Result<()> {
    if first_line("cargo-fuzz", &["--version"]).is_none() {
        cargo(&["install", "cargo-fuzz", "--locked"])?;
    }
    for target in targets()? {
        eprintln!("fuzzing {target} for {seconds} s");
        run_command(
            program("cargo")
                .args(["+nightly", "fuzz", "run", &target, "--", "-rss_limit_mb=2048"])
                .arg(format!("-max_total_time={seconds}")),
        )?;
    }
    Ok(())
}

fn targets() -> Result<Vec<String>> {
    let folder: PathBuf = root().join("fuzz/fuzz_targets");
    let entries = fs::read_dir(&folder).context("there is no fuzz/fuzz_targets in this checkout")?;
    let mut targets: Vec<String> = entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_string_lossy().strip_suffix(".rs").map(str::to_owned))
        .collect();
    targets.sort();
    if targets.is_empty() {
        bail!("fuzz/fuzz_targets holds no target");
    }
    Ok(targets)
}
