//! `golang.org/x/mod/sumdb`: another implementation of transparency logs, driven by a small program of ours over it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, bail};

use crate::places;

/// The program that `cargo xtask peers` builds.
pub fn program() -> PathBuf {
    places::peers().join("go-tlog/go-tlog")
}

/// Whether it is there.
pub fn is_there() -> bool {
    program().is_file()
}

/// What Go says about the log in a folder: nothing, or why it is not one.
pub fn verify(folder: &Path) -> Result<Result<(), String>> {
    let output = run(Command::new(program()).arg("verify").arg(folder))?;
    if output.status.success() && output.stdout == b"verified\n" {
        return Ok(Ok(()));
    }
    Ok(Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
}

/// Has Go write a log of `size` entries into a folder, with a checkpoint from when it had `older`.
pub fn make(folder: &Path, older: u64, size: u64) -> Result<()> {
    let (older, size) = (older.to_string(), size.to_string());
    let output = run(Command::new(program()).arg("make").arg(folder).args([older, size]))?;
    if !output.status.success() {
        bail!("go-tlog could not make a log: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

fn run(command: &mut Command) -> Result<Output> {
    command.output().with_context(|| format!("could not start {}", program().display()))
}
