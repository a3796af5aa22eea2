//! How verdicts are told, whether on a document or on saved evidence: text or JSON, additions, and the count in the end.

use super::Context;
use crate::error::Failure;
use crate::exit::Exit;
use report::{Detail, Palette, Report, Summary, printable};
use serde_json::Value;
use std::path::Path;
use types::{Cause, Malformed, SourceError};

/// The form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One line of JSON.
    Json,
    /// Text in so much detail.
    Text(Detail),
}

impl Form {
    /// The form that `--json` and `--explain` ask for.
    pub fn of(json: bool, explain: bool) -> Form {
        match (json, explain) {
            (true, _) => Form::Json,
            (false, true) => Form::Text(Detail::Explained),
            (false, false) => Form::Text(Detail::Plain),
        }
    }
}

/// What there is to say about a file beyond its report.
#[derive(Debug, Default)]
pub struct Additions {
    /// Lines below the text.
    pub lines: Vec<String>,
    /// Members of the JSON object.
    pub members: Vec<(&'static str, Value)>,
    /// What is noted on standard error.
    pub notes: Vec<String>,
}

/// A file that was judged.
pub struct Told {
    /// The report, ending with a line end.
    pub text: String,
    /// What is noted on standard error.
    pub notes: Vec<String>,
    /// What it amounts to.
    pub summary: Summary,
}

impl Told {
    /// Puts the report into words.
    pub fn new(report: &Report<'_>, form: Form, palette: Palette, additions: Additions) -> Told {
        let text = match form {
            Form::Json => json(report, additions.members),
            Form::Text(detail) => {
                let mut text = report::text(report, detail, palette);
                for (index, line) in additions.lines.iter().enumerate() {
                    let gap = if index == 0 { "\n" } else { "" };
                    text.push_str(&format!("{gap}  {}\n", printable(line)));
                }
                text
            }
        };
        Told { text, notes: additions.notes, summary: report.summary() }
    }
}

/// The report's line with more members at its end.
fn json(report: &Report<'_>, members: Vec<(&'static str, Value)>) -> String {
    let line = report::json(report);
    if members.is_empty() {
        return line + "\n";
    }
    let mut object: serde_json::Map<String, Value> =
        serde_json::from_str(&line).expect("a report is an object in JSON");
    object.extend(members.into_iter().map(|(name, value)| (name.to_owned(), value)));
    Value::Object(object).to_string() + "\n"
}

/// Says that a file could not be judged.
pub fn unreadable(
    context: &Context<'_>,
    form: Form,
    path: &Path,
    failure: &Failure,
) -> Result<Exit, Failure> {
    context.streams.failure(failure);
    if form == Form::Json {
        let malformed = match failure {
            Failure::Document { fault, .. } => fault.clone(),
            other => Malformed {
                at: None,
                reason: other.to_string(),
                clause: "",
                cause: Cause::Source(SourceError { offset: 0, reason: String::new() }),
            },
        };
        let line = report::json_unreadable(&path.display().to_string(), &malformed, &failure.hint());
        context.streams.data(&(line + "\n"))?;
    }
    Ok(failure.exit())
}

/// How many files ended how.
#[derive(Default)]
pub struct Tally {
    passed: usize,
    failed: usize,
    undecided: usize,
    unsigned: usize,
    /// Those that could not be judged.
    pub unreadable: usize,
}

impl Tally {
    /// Counts a file and says what it means for the exit code.
    pub fn count(&mut self, summary: Summary) -> Exit {
        let (counter, exit) = match summary {
            Summary::AllPassed => (&mut self.passed, Exit::Success),
            Summary::SomeFailed => (&mut self.failed, Exit::Failed),
            Summary::SomeIndeterminate => (&mut self.undecided, Exit::Indeterminate),
            // Not signed is not passed.
            Summary::Unsigned => (&mut self.unsigned, Exit::Failed),
        };
        *counter += 1;
        exit
    }

    /// The counts, where there was more than one file.
    pub fn note(&self, context: &Context<'_>) {
        let counts = [
            (self.passed, "passed"),
            (self.failed, "failed"),
            (self.undecided, "undecided"),
            (self.unsigned, "not signed"),
            (self.unreadable, "could not be read"),
        ];
        let total: usize = counts.iter().map(|(count, _)| count).sum();
        if total > 1 {
            let parts: Vec<String> = counts
                .iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, what)| format!("{count} {what}"))
                .collect();
            context.streams.note(&format!("\n{total} files: {}", parts.join(", ")));
        }
    }
}
