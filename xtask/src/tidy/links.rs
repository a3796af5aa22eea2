//! Links between the documents resolve.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Folders with documents; the root itself is read without its other folders.
const PLACES: &[&str] = &["docs", "spec", "crates", "tests", "xtask", "fuzz", "benches", "policies"];

/// Appends a fault for every relative link to a file that is not there.
pub fn check(root: &Path, faults: &mut Vec<String>) -> Result<()> {
    let mut documents = Vec::new();
    collect(root, &mut documents, Depth::Here)?;
    for place in PLACES {
        let folder = root.join(place);
        if folder.is_dir() {
            collect(&folder, &mut documents, Depth::All)?;
        }
    }
    documents.sort();
    for document in documents {
        let text = fs::read_to_string(&document)
            .with_context(|| format!("could not read {}", document.display()))?;
        let folder = document.parent().unwrap_or(root);
        let name = document.strip_prefix(root).unwrap_or(&document).display().to_string();
        for (line, target) in targets(&text) {
            if !folder.join(&target).exists() {
                faults.push(format!("{name}:{line}: links to `{target}`, which is not there"));
            }
        }
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    Here,
    All,
}

fn collect(folder: &Path, documents: &mut Vec<PathBuf>, depth: Depth) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("could not read {}", folder.display()))?;
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() && depth == Depth::All && name != "target" && !name.starts_with('.') {
            collect(&path, documents, depth)?;
        } else if name.ends_with(".md") {
            documents.push(path);
        }
    }
    Ok(())
}

/// Relative targets of `[text](target)` with their lines, outside fenced code, without their anchors.
fn targets(text: &str) -> Vec<(usize, String)> {
    let mut targets = Vec::new();
    let mut is_code = false;
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        }
        if is_code {
            continue;
        }
        for (start, _) in line.match_indices("](") {
            let rest = &line[start + 2..];
            let target = rest.split([')', ' ', '#']).next().unwrap_or_default();
            let is_elsewhere = target.contains("://") || target.starts_with("mailto:");
            if !target.is_empty() && !is_elsewhere {
                targets.push((number + 1, target.to_owned()));
            }
        }
    }
    targets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_relative_links_outside_code_are_followed() {
        let text = "[a](b.md#c) [d](https://e.example) [f](#g)\n```\n[h](i)\n```\n[j](k/l.md)\n";
        assert_eq!(targets(text), vec![(1, "b.md".to_owned()), (5, "k/l.md".to_owned())]);
    }
}
