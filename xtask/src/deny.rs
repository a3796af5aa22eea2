//! `cargo deny`: licences, sources and bans always; advisories only when their database can be had.

use std::fs;

use anyhow::Result;

use crate::command::{cargo, first_line, program, root};

/// The release that CI installs; any later one on the path will do.
const VERSION: &str = "0.20.2";

/// Installs `cargo-deny` when it is missing and runs its checks.
pub fn run() -> Result<()> {
    if first_line("cargo-deny", &["--version"]).is_none() {
        eprintln!("cargo-deny is not installed: building it once (some minutes)");
        let target = root().join("target/cargo-deny");
        cargo(&[
            "install",
            "cargo-deny",
            "--version",
            VERSION,
            "--locked",
            "--target-dir",
            &target.to_string_lossy(),
        ])?;
        let _ = fs::remove_dir_all(target);
    }
    cargo(&["deny", "--all-features", "check", "bans", "licenses", "sources"])?;
    advisories()
}

/// An advisory fails the run; a database that cannot be fetched is said plainly and passed over.
fn advisories() -> Result<()> {
    let fetched =
        program("cargo").args(["deny", "fetch", "db"]).output().is_ok_and(|output| output.status.success());
    if !fetched {
        eprintln!(
            "NOT CHECKED: security advisories (their database, github.com/rustsec/advisory-db, is out of reach)"
        );
        return Ok(());
    }
    cargo(&["deny", "--all-features", "check", "--disable-fetch", "advisories"])
}
