//! Where other verifiers are installed.

use std::path::{Path, PathBuf};

/// The program of this name on the search path.
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    // A relative entry would let whoever fills the current folder choose the program.
    let folders = std::env::split_paths(&path).filter(|folder| folder.is_absolute());
    folders.map(|folder| folder.join(&name)).find(|candidate| candidate.is_file())
}

/// What `cargo xtask peers` installed below the `target` folder that this program was built in.
pub fn peers(relative: &str) -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let found = program.ancestors().skip(1).map(|folder| folder.join("peers").join(relative));
    found.take(4).find(|candidate| candidate.exists())
}

/// The value of an environment variable as a path, if it is set and not empty.
pub fn named(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The interpreter that a script names in its first line.
pub fn interpreter(script: &Path) -> Option<PathBuf> {
    let text = std::fs::read(script).ok()?;
    let first = text.split(|byte| *byte == b'\n').next()?.strip_prefix(b"#!")?;
    let line = std::str::from_utf8(first).ok()?;
    let path = PathBuf::from(line.split_whitespace().next()?);
    (path.is_absolute() && !path.ends_with("env")).then_some(path)
}
