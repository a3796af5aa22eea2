//! The corpus of inputs that nobody on this project wrote. It lies beside the repository, in `../shared/corpus`, and is
//! no part of it: a test that needs it says plainly when it is absent.

pub mod suite;

use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A row of `expected.csv`.
#[derive(Clone, Debug, Deserialize)]
pub struct Row {
    /// The file or folder, from the corpus folder.
    #[serde(rename = "dir")]
    pub file: String,
    /// Which collection it belongs to.
    pub set: String,
    /// `pdf`, `pdfa`, `cades`, …
    pub kind: String,
    /// What a validator must say.
    pub class: String,
    /// What its makers assert, `name=value` joined with semicolons.
    pub expected: String,
    /// `roots=…;crls=…;ocsps=…;certs=…`, identifiers joined with spaces.
    pub trust: String,
    /// The path in the repository that it comes from.
    #[serde(rename = "path")]
    pub origin: String,
}

impl Row {
    /// The class as far as a colon, after which details stand.
    pub fn verdict(&self) -> &str {
        self.class.split(':').next().unwrap_or_default()
    }

    /// A fact of `expected`.
    pub fn fact(&self, name: &str) -> Option<&str> {
        fact(&self.expected, name)
    }

    /// The files of the trusted certificates that the row names.
    pub fn roots(&self, corpus: &Path) -> Vec<PathBuf> {
        let names = fact(&self.trust, "roots").unwrap_or_default().split_whitespace();
        names.map(|name| corpus.join("anchors").join(format!("{name}.crt"))).collect()
    }

    /// Set and number, which exceptions name.
    pub fn short(&self) -> String {
        self.file.split('/').take(2).collect::<Vec<_>>().join("/")
    }
}

fn fact<'f>(facts: &'f str, name: &str) -> Option<&'f str> {
    facts.split(';').find_map(|fact| fact.strip_prefix(name)?.strip_prefix('='))
}

/// The corpus folder, if it is there.
pub fn find() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/corpus");
    folder.join("expected.csv").is_file().then_some(folder)
}

/// The corpus folder. When it is absent, that is said on standard error even if the test harness captures output.
pub fn folder() -> Option<PathBuf> {
    let found = find();
    if found.is_none() {
        let test = std::thread::current().name().unwrap_or("a test").to_owned();
        let line = format!("SKIPPED: {test} needs the corpus ../shared/corpus beside the repository");
        let _ = writeln!(std::io::stderr(), "{line}, which is not there");
    }
    found
}

/// All rows of `expected.csv`.
///
/// # Panics
///
/// If it cannot be read.
pub fn rows(corpus: &Path) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(corpus.join("expected.csv")).expect("expected.csv is readable");
    reader.deserialize().collect::<Result<_, _>>().expect("expected.csv has the known columns")
}

/// All files below a folder with these extensions, in order.
pub fn files(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    let (folders, mut found): (Vec<PathBuf>, Vec<PathBuf>) =
        paths.into_iter().partition(|path| path.is_dir());
    found.retain(|path| {
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        extensions.contains(&extension.to_ascii_lowercase().as_str())
    });
    found.extend(folders.iter().flat_map(|folder| files(folder, extensions)));
    found
}

/// The exceptions in a file: a case, `separator` and the reason on a line; `#` starts a remark.
///
/// # Panics
///
/// If a line gives no reason.
pub fn exceptions<'t>(text: &'t str, separator: &str) -> BTreeMap<&'t str, &'t str> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| match line.split_once(separator) {
            Some((case, reason)) if !reason.is_empty() => (case, reason),
            _ => panic!("{line}: no case and reason with {separator:?} between them"),
        })
        .collect()
}
