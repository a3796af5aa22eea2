//! `cargo xtask test`: everything that must hold, cheap checks first. The workspace's own tests come last, so that
//! the test runner's result lines close the output.

use anyhow::Result;

use crate::command::{cargo, program, run as run_command};
use crate::{deny, peers, tidy};

/// Runs all checks in order and stops at the first that fails.
pub fn run() -> Result<()> {
    cargo(&["fmt", "--all", "--check"])?;
    cargo(&["fmt", "--manifest-path", "xtask/Cargo.toml", "--check"])?;
    tidy::run(tidy::Depth::Full)?;
    cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    cargo(&[
        "clippy",
        "--manifest-path",
        "xtask/Cargo.toml",
        "--target-dir",
        "target/xtask",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ])?;
    cargo(&["test", "--manifest-path", "xtask/Cargo.toml", "--target-dir", "target/xtask"])?;
    deny::run()?;
    peers::set_up()?;
    run_command(program("cargo").args(["test", "--workspace"]).env("UNDERSIGN_PEERS", "required"))
}
