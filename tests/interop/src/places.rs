//! Where things are: the repository, the peers, scratch space, the binary.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};

/// The root of the repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Where `cargo xtask peers` puts pyHanko and EU DSS.
pub fn peers() -> PathBuf {
    root().join("target/peers")
}

/// A fresh, empty folder `target/interop/<name>`.
pub fn scratch(name: &str) -> Result<PathBuf> {
    let folder = target().join("interop").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("could not clear {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("could not make {}", folder.display()))?;
    Ok(folder)
}

/// The target folder that this test binary was built into (`…/<profile>/deps/<name>`).
pub fn target() -> PathBuf {
    let here = std::env::current_exe().unwrap_or_default();
    here.ancestors().nth(3).map_or_else(|| root().join("target"), Path::to_path_buf)
}

/// The `undersign` program of the profile that this test was built with; built when it is not there or old.
/// `UNDERSIGN_BIN` names another one.
pub fn binary() -> Result<PathBuf> {
    static BINARY: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let result = BINARY.get_or_init(|| build().map_err(|fault| format!("{fault:#}")));
    result.clone().map_err(anyhow::Error::msg)
}

fn build() -> Result<PathBuf> {
    if let Some(binary) = std::env::var_os("UNDERSIGN_BIN") {
        return Ok(PathBuf::from(binary));
    }
    let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .current_dir(root())
        .args(["build", "--quiet", "-p", "undersign-cli", "--target-dir"])
        .arg(target());
    if profile == "release" {
        command.arg("--release");
    }
    if !command.status().context("could not start cargo")?.success() {
        bail!("the undersign program does not build");
    }
    Ok(target().join(profile).join("undersign"))
}
