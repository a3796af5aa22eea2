//! What is asked for on the command line of the benchmark.

use anyhow::{Result, bail};
use std::path::PathBuf;

const USAGE: &str = "\
usage: cargo xtask bench [--json] [--quick] [--folder DIR] [SECTION…]

  --json        one JSON object a line
  --quick       small sizes and few rounds: shows that everything runs
  --folder DIR  where the large files go (a temporary folder unless told; several GB)
  SECTION       library, archive, command-line, huge, curves, hostile, batch, maturing; all unless told";

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A table.
    Text,
    /// One JSON object a line.
    Json,
}

/// How much is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Everything, at full size.
    Full,
    /// A look whether it all works.
    Quick,
}

/// The options.
#[derive(Debug)]
pub struct Options {
    /// How findings are printed.
    pub form: Form,
    /// How much is measured.
    pub extent: Extent,
    /// Where large files go.
    pub folder: Option<PathBuf>,
    sections: Vec<String>,
}

impl Options {
    /// Reads the arguments; `--bench` comes from cargo.
    pub fn read(words: &[String]) -> Result<Options> {
        let mut options =
            Options { form: Form::Text, extent: Extent::Full, folder: None, sections: Vec::new() };
        let mut words = words.iter().map(String::as_str);
        while let Some(word) = words.next() {
            match word {
                "--bench" => {}
                "--json" => options.form = Form::Json,
                "--quick" => options.extent = Extent::Quick,
                "--folder" => match words.next() {
                    Some(folder) => options.folder = Some(folder.into()),
                    None => bail!("--folder wants a folder\n\n{USAGE}"),
                },
                "library" | "archive" | "command-line" | "huge" | "curves" | "hostile" | "batch"
                | "maturing" => {
                    options.sections.push(word.to_owned());
                }
                other => bail!("{other:?} is not known\n\n{USAGE}"),
            }
        }
        Ok(options)
    }

    /// Whether a section is to run.
    pub fn wants(&self, section: &str) -> bool {
        self.sections.is_empty() || self.sections.iter().any(|wanted| wanted == section)
    }

    /// `full`, or `quick` when only a look is asked for.
    pub fn sized<T>(&self, full: T, quick: T) -> T {
        match self.extent {
            Extent::Full => full,
            Extent::Quick => quick,
        }
    }

    /// A new temporary folder where large files may go.
    pub fn work_folder(&self) -> Result<tempfile::TempDir> {
        Ok(match &self.folder {
            Some(folder) => tempfile::tempdir_in(folder)?,
            None => tempfile::tempdir()?,
        })
    }
}
