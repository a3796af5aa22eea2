//! Running other programs from the root of the repository, loudly.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The root of the repository: the folder above this package.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().map_or_else(|| here.to_path_buf(), Path::to_path_buf)
}

/// A command that starts in the root, without the variables that the outer `cargo run` set for this program.
pub fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root());
    for (variable, _) in std::env::vars() {
        if variable.starts_with("CARGO_PKG_")
            || variable == "CARGO_MANIFEST_DIR"
            || variable == "CARGO_MANIFEST_PATH"
        {
            command.env_remove(variable);
        }
    }
    command
}

/// Says what is run, runs it, and fails when it fails.
pub fn run(command: &mut Command) -> Result<()> {
    let line = line(command);
    eprintln!("$ {line}");
    let status = command.status().with_context(|| format!("could not start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` ended with {status}");
    }
    Ok(())
}

/// `cargo` with these words.
pub fn cargo(words: &[&str]) -> Result<()> {
    run(program("cargo").args(words))
}

/// The first line that a program prints (on either stream), or `None` when it cannot be started.
pub fn first_line(name: &str, words: &[&str]) -> Option<String> {
    let output = program(name).args(words).output().ok()?;
    let text = if output.stdout.is_empty() { output.stderr } else { output.stdout };
    String::from_utf8_lossy(&text).lines().next().map(str::to_owned)
}

/// Whether a program can be started and ends well.
pub fn succeeds(name: &str, words: &[&str]) -> bool {
    program(name).args(words).output().is_ok_and(|output| output.status.success())
}

fn line(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|word| word.to_string_lossy().into_owned()));
    words.join(" ")
}
