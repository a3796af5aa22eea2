//! How far a file has got, in words and as JSON.

use super::queue::{days_left, in_words};
use super::{Went, queue};
use crate::commands::ErrorLine;
use crate::error::Failure;
use crate::exit::Exit;
use crate::streams::{Streams, json_line};
use report::printable;
use serde::Serialize;
use std::path::Path;
use types::Time;
use undersign::augmentation::{Outlook, Stage};

/// One file on its way.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    file: String,
    stage: Option<String>,
    level: Option<&'static str>,
    goal: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    evidence_records: Vec<String>,
    needs: Vec<String>,
    deadline: Option<String>,
    days_left: Option<i64>,
    consequence: Option<String>,
    changed: bool,
    trouble: Option<String>,
    error: Option<ErrorLine>,
}

impl Line {
    /// After a part of the way.
    pub fn of(path: &Path, goal: Stage, went: &Went, now: Time) -> Line {
        let Outlook { stage, needs, deadline, hindrances, .. } = &went.looked.outlook;
        let deadline = deadline.map(|deadline| deadline.to_string());
        Line {
            needs: needs.iter().map(in_words).collect(),
            days_left: deadline.as_deref().and_then(|deadline| days_left(deadline, now)),
            deadline,
            changed: went.changed,
            trouble: hindrances.first().map(ToString::to_string),
            error: went.trouble.as_ref().map(ErrorLine::from),
            ..Line::known(path, goal, Some(*stage)).by_records(super::names(&went.looked))
        }
    }

    /// What the queue knows of a file.
    pub fn of_item(path: &Path, item: &records::QueueItem, now: Time) -> Line {
        let goal = queue::stage(&item.goal).unwrap_or(Stage::Archived);
        let Some(standing) = &item.standing else {
            return Line { needs: vec!["to be looked at".to_owned()], ..Line::known(path, goal, None) };
        };
        Line {
            needs: standing.needs.clone(),
            days_left: standing.deadline.as_deref().and_then(|deadline| days_left(deadline, now)),
            deadline: standing.deadline.clone(),
            trouble: standing.trouble.clone(),
            ..Line::known(path, goal, queue::stage(&standing.stage))
                .by_records(standing.evidence_records.clone())
        }
    }

    /// Baseline levels are of what is in the file; what rests on records beside it has none.
    fn by_records(self, evidence_records: Vec<String>) -> Line {
        let level = self.level.filter(|_| evidence_records.is_empty());
        Line { level, evidence_records, ..self }
    }

    /// A file that could not be looked at.
    pub fn failed(path: &Path, goal: Stage, failure: &Failure) -> Line {
        Line { error: Some(ErrorLine::from(failure)), ..Line::known(path, goal, None) }
    }

    fn known(path: &Path, goal: Stage, stage: Option<Stage>) -> Line {
        Line {
            file: path.display().to_string(),
            stage: stage.map(|stage| stage.as_str().to_owned()),
            level: stage.and_then(level),
            goal: goal.as_str().to_owned(),
            evidence_records: Vec::new(),
            needs: Vec::new(),
            deadline: None,
            days_left: None,
            consequence: stage.and_then(consequence),
            changed: false,
            trouble: None,
            error: None,
        }
    }

    /// The line on standard output.
    pub fn tell(&self, streams: &Streams, form: Form) -> Result<(), Failure> {
        match form {
            Form::Json => streams.data(&json_line(self)),
            Form::Text => streams.data(&self.text()),
        }
    }

    fn text(&self) -> String {
        let file = printable(&self.file);
        let stage = self.stage.as_deref().unwrap_or("not known");
        let level = self.level.map(|level| format!(" ({level})")).unwrap_or_default();
        let mut text = format!("{file}: {stage}{level}\n");
        if !self.evidence_records.is_empty() {
            text.push_str(&format!("  by {}\n", printable(&self.evidence_records.join(", "))));
        }
        for need in &self.needs {
            text.push_str(&format!("  needs {}\n", printable(need)));
        }
        if let (Some(deadline), Some(days)) = (&self.deadline, self.days_left) {
            let what = if self.stage.as_deref() == Some("archived") { "to be renewed by" } else { "by" };
            text.push_str(&format!("  {what} {deadline} ({})\n", in_days(days)));
            if let Some(consequence) = self.consequence.as_ref().filter(|_| !self.needs.is_empty()) {
                text.push_str(&format!("  otherwise {consequence}\n"));
            }
        }
        if let Some(trouble) = &self.trouble {
            text.push_str(&format!("  {}\n", printable(trouble)));
        }
        text
    }

    /// How a command ends for this file.
    pub fn exit(&self) -> Exit {
        match (self.stage.as_deref(), self.stage.as_deref() == Some(self.goal.as_str())) {
            (None, _) => Exit::Unreadable,
            (Some("failed" | "lapsed"), _) => Exit::Failed,
            _ if !self.needs.is_empty() || self.error.is_some() => Exit::Indeterminate,
            _ => Exit::Success,
        }
    }

    /// The same for a file that is not where it was.
    pub fn missing(self) -> Line {
        let trouble =
            Some("the file is not there any more; move it back, or take it out of the queue".to_owned());
        Line { trouble, ..self }
    }

    /// Whether something is missing and the deadline is within so many days.
    pub fn is_due(&self, within: i64) -> bool {
        let is_archived = self.stage.as_deref() == Some("archived");
        (is_archived || !self.needs.is_empty()) && self.days_left.is_some_and(|days| days <= within)
    }
}

/// How a line is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For people.
    Text,
    /// For programs.
    Json,
}

impl Form {
    /// What `--json` means.
    pub fn of(json: bool) -> Form {
        if json { Form::Json } else { Form::Text }
    }
}

fn level(stage: Stage) -> Option<&'static str> {
    match stage {
        Stage::Signed => Some("B-B"),
        Stage::Timed => Some("B-T"),
        Stage::LongTerm => Some("B-LT"),
        Stage::Archived => Some("B-LTA"),
        Stage::Failed | Stage::Lapsed => None,
    }
}

/// What happens if the deadline is missed.
fn consequence(stage: Stage) -> Option<String> {
    let text = match stage {
        Stage::Signed => "nothing will ever prove that it was signed while its certificate was valid",
        Stage::Timed => "the status of its certificates may never be told any more",
        Stage::LongTerm => "the proofs in it cannot be relied on any more",
        Stage::Archived => "the newest timestamp in it cannot be relied on any more",
        Stage::Failed | Stage::Lapsed => return None,
    };
    Some(text.to_owned())
}

fn in_days(days: i64) -> String {
    match days {
        0 => "today".to_owned(),
        1 => "1 day left".to_owned(),
        days if days < 0 => format!("{} days over", -days),
        days => format!("{days} days left"),
    }
}
