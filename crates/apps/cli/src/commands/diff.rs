//! `undersign diff`: revisions of a PDF file side by side: objects, texts, and on request pictures of the pages.

mod html;
mod pictures;
mod table;
mod text;

use super::Context;
use super::options::{PasswordOptions, existing};
use crate::error::Failure;
use crate::exit::Exit;
use crate::streams::json_line;
use clap::{Args, ValueHint};
use pdf::Document;
use std::path::{Path, PathBuf};
use store::FileSource;
use table::Table;
use types::{Budget, Limits, Malformed};

/// Show what later revisions of a PDF file changed
#[derive(Debug, Args)]
#[command(
    long_about = "Show what later revisions of a PDF file changed: who signed which revision, every object that was \
        added, replaced or removed with the rule that clears it, and where pages say something else.\n\n\
        With --out, pages before and after are drawn as well, with what differs marked, for a browser. A \
        drawing shows what one reader shows; it decides nothing. For a verdict see `undersign verify`.",
    after_long_help = "\
Examples:
  undersign diff contract.signed.pdf
  undersign diff --from 1 --to 3 contract.signed.pdf
  undersign diff --out changes/ contract.signed.pdf
  undersign diff --json contract.signed.pdf

Exit codes: 0 shown, 2 usage, 4 could not read or write."
)]
pub struct Diff {
    /// The PDF file
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// The earlier revision, counted from 1; the first signed one if absent
    #[arg(long, value_name = "NUMBER")]
    from: Option<usize>,
    /// The later revision; the newest one if absent
    #[arg(long, value_name = "NUMBER")]
    to: Option<usize>,
    /// Write a page for a browser, and pictures of pages, into this folder
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    out: Option<PathBuf>,
    /// Overwrite files in that folder
    #[arg(long, requires = "out")]
    force: bool,
    /// As one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    password: PasswordOptions,
}

/// Largest file that is drawn; the drawing library needs it whole in memory.
const LARGEST_DRAWN: u64 = 512 << 20;

/// Which two revisions, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The earlier one.
    pub from: usize,
    /// The later one.
    pub to: usize,
}

impl Diff {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let source = FileSource::open(&self.file)?;
        let password = self.password.read()?;
        let unreadable = |fault: Malformed| Failure::document(&self.file, fault);
        let mut budget = Budget::new(Limits::STANDARD);
        let document = Document::open(&source, password.as_deref(), &mut budget).map_err(unreadable)?;
        let range = self.range(&document, &mut budget)?;
        let mut table = Table::of(&document, &self.file, range, &mut budget).map_err(unreadable)?;
        if let Some(folder) = &self.out {
            let file = std::sync::Arc::new(source.read_all(LARGEST_DRAWN)?);
            let password = password.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
            table.pages = pictures::compare(&document, &file, &password, range, &mut table);
            self.write(context, folder, &table)?;
        }
        source.unchanged()?;
        let shown = if self.json { json_line(&table) } else { text::text(&table) };
        context.streams.data(&shown)?;
        Ok(Exit::Success)
    }

    fn range(&self, document: &Document<'_>, budget: &mut Budget) -> Result<Range, Failure> {
        let count = document.revisions().len();
        let signed = undersign::inspection::first_signed_revision(document, budget)
            .map_err(|fault| Failure::document(&self.file, fault))?;
        let from = self.from.unwrap_or_else(|| signed.map_or(1, |revision| revision + 1));
        let to = self.to.unwrap_or(count);
        if from == 0 || from > to || to > count {
            return Err(Failure::usage(
                format!("there is no revision from {from} to {to}: the file has {count}"),
                "count from 1, the earlier revision first",
            ));
        }
        Ok(Range { from: from - 1, to: to - 1 })
    }

    fn write(&self, context: &Context<'_>, folder: &Path, table: &Table) -> Result<(), Failure> {
        let mut files = vec![(folder.join("index.html"), html::html(table).into_bytes())];
        for page in &table.pages {
            for (kind, png) in page.files() {
                let name = format!("page-{}-{kind}.png", page.page);
                files.push((folder.join(name), png.to_vec()));
            }
        }
        let names: Vec<PathBuf> = files.iter().map(|(name, _)| name.clone()).collect();
        store::create_folders(&names)?;
        for (name, content) in &files {
            let access = store::Access::Mode(super::options::NEW_FILE_MODE);
            store::write_atomically(&context.disk, name, existing(self.force), access, content)?;
        }
        context.streams.note(&format!("{}", folder.join("index.html").display()));
        Ok(())
    }
}
