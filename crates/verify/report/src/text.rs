//! The report as text for a terminal: readable without colour, one screen for one signature.

use crate::columns::{padded, width, wrap};
use crate::view::{AcceptanceView, Block, Group, Mark, Note, PathRow, Row, Tone, View};
use crate::{Catalogue, Report};
use std::fmt::Write;
use validation::Text;

/// Widest line of what is explained.
const COLUMNS: usize = 80;

/// Whether escape sequences for colour are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Palette {
    /// None.
    Plain,
    /// ANSI colours. The words say the same without them.
    Colour,
}

impl Palette {
    fn paint(self, code: &str, text: &str) -> String {
        match self {
            Palette::Plain => text.to_owned(),
            Palette::Colour => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        }
    }

    /// The word in its colour, padded to `columns`.
    fn mark(self, mark: &Mark, columns: usize) -> String {
        let word = padded(&mark.word, columns);
        match mark.tone {
            Tone::Good => self.paint("32", &word),
            Tone::Open => self.paint("33", &word),
            Tone::Bad => self.paint("31", &word),
            Tone::Plain => word,
        }
    }

    fn indication(self, mark: &Mark) -> String {
        let code = match mark.tone {
            Tone::Good => "32;1",
            Tone::Open | Tone::Plain => "33;1",
            Tone::Bad => "31;1",
        };
        self.paint(code, &mark.word)
    }
}

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// What is known and what to do: one screen for one signature.
    Plain,
    /// Also every question of the validation with its answer and clause, the paths, the timestamps, and who will accept
    /// the document.
    Explained,
}

/// The whole report, ending with a line end.
pub fn text(report: &Report<'_>, detail: Detail, palette: Palette) -> String {
    let view = View::new(report, detail);
    let mut writer = Writer { out: String::new(), palette, catalogue: report.catalogue };
    writer.line(format_args!("{}: {}", view.file, view.headline));
    for block in &view.signatures {
        writer.signature(block);
        if detail == Detail::Explained {
            writer.explanation(block, &view);
        }
    }
    if detail == Detail::Explained {
        for block in &view.timestamps {
            writer.headline(block, &view.words.timestamps);
            writer.wrapped("  ", &block.heading);
            writer.wrapped("  ", &block.amounts);
            writer.by(block);
            for fact in &block.facts {
                writer.wrapped("  ", &format!("{}: {}", fact.label, fact.value));
            }
            writer.explanation(block, &view);
            writer.notes(&block.notes);
        }
        writer.acceptance(&view.acceptance, &view.words.acceptance);
        let (policy, version) = &report.verdict.policy;
        let judged = Text::new("judged-by")
            .with("policy", policy)
            .with("version", version)
            .with("time", report.verdict.at);
        writer.blank();
        writer.wrapped("  ", &crate::printable(&report.catalogue.say(&judged)));
    }
    writer.notes(&view.notes);
    writer.out
}

struct Writer<'a> {
    out: String,
    palette: Palette,
    catalogue: &'a Catalogue,
}

impl Writer<'_> {
    fn line(&mut self, content: std::fmt::Arguments<'_>) {
        writeln!(self.out, "{content}").expect("writing to a string cannot fail");
    }

    fn blank(&mut self) {
        self.line(format_args!(""));
    }

    /// Lines of at most [`COLUMNS`], all indented alike.
    fn wrapped(&mut self, indent: &str, text: &str) {
        for line in wrap(text, COLUMNS.saturating_sub(width(indent))) {
            self.line(format_args!("{indent}{line}"));
        }
    }

    /// A first line with a lead, the rest indented by as much.
    fn led(&mut self, lead: &str, columns: usize, text: &str) {
        for (index, line) in wrap(text, COLUMNS.saturating_sub(columns)).iter().enumerate() {
            let lead = if index == 0 { lead.to_owned() } else { " ".repeat(columns) };
            self.line(format_args!("{lead}{line}"));
        }
    }

    /// A message with one inserted text.
    fn with(&self, key: &'static str, name: &'static str, value: &str) -> String {
        crate::printable(&self.catalogue.say(&Text::new(key).with(name, value))).into_owned()
    }

    fn headline(&mut self, block: &Block, what: &str) {
        let sub_indication = match block.sub_indication.as_str() {
            "" => String::new(),
            sub_indication => format!(" / {sub_indication}"),
        };
        let level = match block.level.as_str() {
            "" => String::new(),
            level => format!("  {}", self.with("level-is", "level", level)),
        };
        let what = if what.is_empty() { String::new() } else { format!("  {what}") };
        self.blank();
        let indication = self.palette.indication(&block.indication);
        self.line(format_args!("  {indication}{sub_indication}{level}{what}"));
    }

    fn by(&mut self, block: &Block) {
        if !block.signer.is_empty() {
            let by = self.with("signed-by", "name", &block.signer);
            self.line(format_args!("  {by}"));
        }
        if !block.issuer.is_empty() {
            let by = self.with("certified-by", "name", &block.issuer);
            self.line(format_args!("  {by}"));
        }
    }

    fn signature(&mut self, block: &Block) {
        self.headline(block, "");
        self.wrapped("  ", &block.amounts);
        self.line(format_args!("  {}", block.place));
        self.by(block);
        for claim in &block.claims {
            self.line(format_args!("  {}: {}", claim.label, claim.value));
        }
        if !block.bracket.is_empty() {
            self.wrapped("  ", &block.bracket);
        }
        self.blank();
        self.dimensions(&block.dimensions);
        self.notes(&block.notes);
    }

    fn dimensions(&mut self, rows: &[Row]) {
        let names = rows.iter().map(|row| width(&row.name) + 1).max().unwrap_or(0).max(11);
        let states = rows.iter().map(|row| width(&row.state.word)).max().unwrap_or(0).max(8);
        for row in rows {
            let (name, state) = (padded(&row.name, names), self.palette.mark(&row.state, states));
            let columns = 4 + names + states + 2;
            self.led(&format!("    {name}{state}  "), columns, &row.reason);
            if !row.hint.is_empty() {
                self.led(&format!("{}→ ", " ".repeat(columns)), columns + 2, &row.hint);
            }
        }
    }

    /// Every question with its answer, and the path.
    fn explanation(&mut self, block: &Block, view: &View) {
        for Group { heading, checks } in &block.groups {
            self.blank();
            self.line(format_args!("    {heading}"));
            let columns = checks.iter().map(|check| width(&check.answer.word)).max().unwrap_or(0).max(4);
            for check in checks {
                let lead = format!("      {} ", self.palette.mark(&check.answer, columns));
                self.led(&lead, columns + 7, &check.question);
                let detail = format!("{} [{}]", check.detail, check.clause);
                self.wrapped(&" ".repeat(columns + 7), &detail);
            }
        }
        self.path(&block.path, &view.words.path);
    }

    fn path(&mut self, path: &[PathRow], heading: &str) {
        if path.is_empty() {
            return;
        }
        self.blank();
        self.line(format_args!("    {heading}"));
        for (index, row) in path.iter().enumerate() {
            self.led(&format!("      {}. ", index + 1), 9, &row.subject);
            if !row.validity.is_empty() {
                self.wrapped("         ", &row.validity);
            }
            self.wrapped("         ", &row.status.word);
        }
    }

    fn acceptance(&mut self, all: &[AcceptanceView], heading: &str) {
        if all.is_empty() {
            return;
        }
        self.blank();
        self.line(format_args!("  {heading}"));
        for one in all {
            let answer = self.palette.mark(&one.answer, 0);
            self.line(format_args!("    {}: {answer}", one.verifier));
            for (reason, known) in &one.reasons {
                self.led("      - ", 8, reason);
                self.wrapped("        ", known);
            }
        }
    }

    fn notes(&mut self, notes: &[Note]) {
        for (index, note) in notes.iter().enumerate() {
            if index == 0 {
                self.blank();
            }
            let place = if note.place.is_empty() { String::new() } else { format!(" ({})", note.place) };
            let severity = self.palette.paint("33", &note.severity.word);
            let columns = 4 + width(&note.severity.word) + 2;
            self.led(
                &format!("    {severity}: "),
                columns,
                &format!("{}{place} [{}]", note.message, note.code),
            );
            if !note.hint.is_empty() {
                self.led(&format!("{}→ ", " ".repeat(columns)), columns + 2, &note.hint);
            }
        }
    }
}
