//! `cargo xtask bench`: builds the command line and runs the benchmark program with the peers at hand.

use anyhow::{Result, bail};

use crate::command::{cargo, program, root, run as run_command};
use crate::peers;

/// Looks which peers are there, builds what is measured, and hands the arguments on to the benchmark in `benches/`.
/// Peers that are missing leave their rows out.
pub fn run(arguments: &[&str]) -> Result<()> {
    if !root().join("benches/Cargo.toml").is_file() {
        bail!("there is no benches/Cargo.toml in this checkout");
    }
    if let Err(missing) = peers::check() {
        eprintln!("  {missing:#}");
    }
    cargo(&["build", "--release", "--package", "undersign-cli"])?;
    run_command(program("cargo").args(["bench", "--package", "undersign-bench", "--"]).args(arguments))
}
