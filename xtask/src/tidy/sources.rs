//! Every Rust source of the repository, read and parsed once.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Folders that hold our Rust sources.
const PLACES: &[&str] = &["crates", "tests", "xtask", "fuzz", "benches"];

/// One Rust source.
pub struct SourceFile {
    /// Path from the root, with `/`.
    pub path: String,
    /// The text as read.
    pub text: String,
    /// The syntax tree, or why there is none.
    pub syntax: Result<syn::File, syn::Error>,
}

impl SourceFile {
    /// Parses a text.
    pub fn new(path: String, text: String) -> Self {
        let syntax = syn::parse_file(&text);
        Self { path, text, syntax }
    }

    /// The layer of a file under `crates/<layer>/`.
    pub fn layer(&self) -> Option<&str> {
        self.path.strip_prefix("crates/")?.split('/').next()
    }

    /// Whether the file is part of a crate's `src` (not of its tests, examples or benches).
    pub fn is_production(&self) -> bool {
        self.path.starts_with("crates/") && self.path.split('/').nth(3) == Some("src")
    }
}

/// All sources, in the order of their paths.
pub fn read_all(root: &Path) -> Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    for place in PLACES {
        let folder = root.join(place);
        if folder.is_dir() {
            walk(root, &folder, &mut files)?;
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<SourceFile>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("could not read {}", folder.display()))?;
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            walk(root, &path, files)?;
        } else if name.ends_with(".rs") {
            let text =
                fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
            let relative = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            files.push(SourceFile::new(relative, text));
        }
    }
    Ok(())
}
