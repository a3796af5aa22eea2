//! `cargo xtask bench`: runs the benchmark program with the peers and the release build at hand.

use anyhow::Result;

use crate::command::{cargo, program, run as run_command};
use crate::peers;

/// Sets the peers up, builds the command line, and hands the arguments on to `benches/`.
pub fn run(arguments: &[&str]) -> Result<()> {
    peers::set_up()?;
    cargo(&["build", "--release", "--package", "undersign-cli"])?;
    run_command(program("cargo").args(["bench", "--package", "undersign-bench", "--"]).args(arguments))
}
