//! `cargo xtask bench`: runs the benchmark program with the peers at hand.

use anyhow::{Result, bail};

use crate::command::{program, root, run as run_command};
use crate::peers;

/// Sets the peers up and hands the arguments on to the benchmark program in `benches/`.
pub fn run(arguments: &[&str]) -> Result<()> {
    let manifest = root().join("benches/Cargo.toml");
    if !manifest.is_file() {
        bail!("there is no benches/Cargo.toml in this checkout");
    }
    peers::set_up()?;
    run_command(
        program("cargo")
            .args(["run", "--release", "--manifest-path"])
            .arg(manifest)
            .arg("--")
            .args(arguments),
    )
}
