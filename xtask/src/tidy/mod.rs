//! `cargo xtask tidy`: what the architecture and the house rules forbid, found by reading manifests and sources.

mod layers;
mod lengths;
mod links;
mod modules;
mod names;
mod purity;
mod sources;
mod words;
mod workspace;

use std::path::Path;

use anyhow::{Result, bail};

use crate::command::{cargo, root};
use sources::SourceFile;
use workspace::Workspace;

/// How much `tidy` does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Reads files only: a second or two.
    Quick,
    /// Also runs the pure layers' bans through Clippy and builds them for WebAssembly.
    Full,
}

/// Prints every fault and fails when there is one.
pub fn run(depth: Depth) -> Result<()> {
    let faults = faults(&root())?;
    for fault in &faults {
        eprintln!("{fault}");
    }
    if !faults.is_empty() {
        bail!("tidy: {} fault(s)", faults.len());
    }
    if depth == Depth::Full {
        cargo(&[
            "build",
            "--quiet",
            "--target",
            "wasm32-unknown-unknown",
            "-p",
            "undersign",
            "--no-default-features",
        ])?;
    }
    eprintln!("tidy: no faults");
    Ok(())
}

/// All faults of the checkout at `root`, each `path:line: what is wrong`, sorted.
pub fn faults(root: &Path) -> Result<Vec<String>> {
    let workspace = Workspace::read(root)?;
    let files = sources::read_all(root)?;
    let mut faults = Vec::new();
    layers::check(&workspace, &mut faults);
    lengths::check(root, &files, &mut faults)?;
    modules::check(&workspace, &files, &mut faults);
    links::check(root, &mut faults)?;
    for file in &files {
        words::check(file, &mut faults);
        names::check(file, &mut faults);
        purity::check(file, &mut faults);
    }
    faults.sort();
    Ok(faults)
}

/// A fault at a line of a file.
fn at(file: &SourceFile, line: usize, what: &str) -> String {
    format!("{}:{line}: {what}", file.path)
}
