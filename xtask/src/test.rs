//! `cargo xtask test`: everything that must hold, cheap checks first. The workspace's own tests come last, so that
//! the test runner's result lines close the output.

use anyhow::Result;

use crate::command::{cargo, program, run as run_command, succeeds};
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
    cargo(&["test", "--workspace", "--no-run"])?;
    tests()
}

/// Brings up the loopback interface of a new network namespace and runs what follows in it.
const ON_LOOPBACK: &str = "ip link set lo up && exec \"$@\"";

/// All tests, where the machine reaches nothing but itself: what works there works without a network.
fn tests() -> Result<()> {
    let tests = ["cargo", "test", "--offline", "--workspace"];
    // Root keeps its rights; others become root of nothing but the namespace.
    for unshare in [&["--net"][..], &["--net", "--map-root-user"]] {
        let inside = [unshare, &["sh", "-c", ON_LOOPBACK, "sh"]].concat();
        if succeeds("unshare", &[&inside[..], &["true"]].concat()) {
            let words = [&inside[..], &tests].concat();
            return run_command(program("unshare").args(words).env("UNDERSIGN_PEERS", "required"));
        }
    }
    eprintln!(
        "SKIPPED: a network namespace cannot be made here; the tests run with whatever network there is"
    );
    run_command(program("cargo").args(["test", "--workspace"]).env("UNDERSIGN_PEERS", "required"))
}
