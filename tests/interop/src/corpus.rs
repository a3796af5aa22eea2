//! The corpus of inputs that nobody on this project wrote: its `expected.csv`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// A row of `expected.csv`.
#[derive(Clone, Debug)]
pub struct Case {
    /// The file, from the corpus folder.
    pub dir: String,
    /// Where the case comes from.
    pub set: String,
    /// `pdf`, `pdfa`, `cades`, …
    pub kind: String,
    /// What a validator must say; the part before a colon.
    pub class: String,
    /// The facts asserted, `name=value` joined with semicolons.
    pub expected: String,
    /// `roots=…;crls=…;ocsps=…;certs=…`, identifiers joined with spaces.
    pub trust: String,
}

impl Case {
    /// A fact of `expected`.
    pub fn fact(&self, name: &str) -> Option<&str> {
        self.expected.split(';').find_map(|fact| fact.strip_prefix(name)?.strip_prefix('='))
    }

    /// The trusted certificates that the row names.
    pub fn roots(&self, corpus: &Path) -> Vec<PathBuf> {
        let roots = self.trust.split(';').find_map(|part| part.strip_prefix("roots="));
        let names = roots.unwrap_or_default().split_whitespace();
        names
            .map(|name| corpus.join("anchors").join(format!("{name}.crt")))
            .filter(|file| file.is_file())
            .collect()
    }
}

/// All rows of `expected.csv` in the corpus folder.
pub fn cases(corpus: &Path) -> Result<Vec<Case>> {
    let text = fs::read_to_string(corpus.join("expected.csv")).context("could not read expected.csv")?;
    let mut rows = records(&text).into_iter();
    let header = rows.next().unwrap_or_default();
    let column = |name: &str| {
        let place = header.iter().position(|column| column == name);
        place.with_context(|| format!("expected.csv has no column `{name}`"))
    };
    let columns = [
        column("dir")?,
        column("set")?,
        column("kind")?,
        column("class")?,
        column("expected")?,
        column("trust")?,
    ];
    let mut cases = Vec::new();
    for row in rows {
        let cell = |column: usize| row.get(column).cloned().unwrap_or_default();
        let [dir, set, kind, class, expected, trust] = columns.map(cell);
        let class = class.split(':').next().unwrap_or_default().to_owned();
        cases.push(Case { dir, set, kind, class, expected, trust });
    }
    if cases.is_empty() {
        bail!("expected.csv holds no rows");
    }
    Ok(cases)
}

/// Comma-separated records with quoted cells (RFC 4180).
fn records(text: &str) -> Vec<Vec<String>> {
    let mut records = Vec::new();
    let (mut record, mut cell, mut is_quoted) = (Vec::new(), String::new(), false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if is_quoted && letters.peek() == Some(&'"') => {
                cell.push('"');
                letters.next();
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => record.push(std::mem::take(&mut cell)),
            '\n' if !is_quoted => {
                record.push(std::mem::take(&mut cell));
                records.push(std::mem::take(&mut record));
            }
            '\r' if !is_quoted => {}
            _ => cell.push(letter),
        }
    }
    if !record.is_empty() || !cell.is_empty() {
        record.push(cell);
        records.push(record);
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_cells_keep_commas_quotes_and_line_ends() {
        let read = records("a,b\n\"x, \"\"y\"\"\n\",z\n");
        assert_eq!(read, vec![vec!["a", "b"], vec!["x, \"y\"\n", "z"]]);
    }
}
