//! The queue of the home: which files mature, and where they stood when they were last looked at.

use super::Looked;
use crate::clock;
use crate::error::Failure;
use records::{Asked, QUEUE_FORMAT, QueueChange, QueueEvent, QueueItem, Standing};
use std::path::{Path, PathBuf};
use std::time::Duration;
use store::{
    Access, Action, Existing, Fault, FileLock, Home, Journal, JournalReader, StoreError, write_atomically,
};
use types::Time;
use undersign::augmentation::{Need, Outlook, Stage};

/// Largest journal that is read, bytes.
const MOST: u64 = 1 << 30;
/// How long a command waits for another one that takes files along.
const PATIENCE: Duration = Duration::from_secs(10);

/// The queue as it was last read.
pub struct Queue {
    home: Home,
    /// The files, by their paths.
    pub items: records::Queue,
}

impl Queue {
    /// Reads the queue of a home; an empty one if there is none yet.
    pub fn open(home: &Home) -> Result<Queue, Failure> {
        let path = home.queue();
        let text = match path.exists() {
            true => JournalReader::open(&path, MOST)?.news()?,
            false => String::new(),
        };
        Ok(Queue { home: home.clone(), items: add_up(&path, &text)?.0 })
    }

    /// Keeps other commands from taking the files of the queue along at the same time.
    pub fn lock(&self) -> Result<FileLock, Failure> {
        Ok(FileLock::acquire(&self.home.path().join("queue.lock"), PATIENCE)?)
    }

    /// Notes events; they are on the disk when this returns, and what others noted meanwhile is known.
    pub fn note(&mut self, events: Vec<(PathBuf, QueueChange)>) -> Result<(), Failure> {
        if events.is_empty() {
            return Ok(());
        }
        let at = clock::now().to_string();
        let mut lines = String::new();
        for (path, what) in events {
            let (format, file) = (QUEUE_FORMAT.to_owned(), absolute(&path));
            lines.push_str(&QueueEvent { format, file, at: at.clone(), what }.to_line());
            lines.push('\n');
        }
        let (mut journal, text) = self.journal()?;
        journal.append(&lines)?;
        self.items = add_up(&self.home.queue(), &(text + &lines))?.0;
        Ok(())
    }

    /// Writes the journal anew when most of it is history.
    pub fn tidy(&mut self) -> Result<(), Failure> {
        let path = self.home.queue();
        // Nobody else writes while the journal is open.
        let (_journal, text) = self.journal()?;
        let (items, lines) = add_up(&path, &text)?;
        if lines > 100 + 4 * items.len() {
            let anew: String = records::compact(&items).into_iter().map(|line| line + "\n").collect();
            let (existing, access) = (Existing::Replace, Access::Private);
            write_atomically(self.home.disk(), &path, existing, access, anew.as_bytes())?;
        }
        self.items = items;
        Ok(())
    }

    fn journal(&self) -> Result<(Journal, String), Failure> {
        let path = self.home.queue();
        if !path.exists() {
            match write_atomically(self.home.disk(), &path, Existing::Refuse, Access::Private, b"") {
                // Another process was faster.
                Err(StoreError { fault: Fault::Exists, .. }) | Ok(()) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Journal::open(self.home.disk(), &path, MOST)?)
    }

    /// The files that are announced or known, with the goal of each.
    pub fn files(&self) -> Vec<(PathBuf, Stage, Option<Asked>)> {
        let goal = |item: &QueueItem| stage(&item.goal).unwrap_or(Stage::Archived);
        self.items.iter().map(|(path, item)| (PathBuf::from(path), goal(item), item.asked.clone())).collect()
    }
}

/// What the text of a journal adds up to, and how many lines it has.
fn add_up(path: &Path, text: &str) -> Result<(records::Queue, usize), Failure> {
    let lines: Vec<&str> = text.lines().collect();
    let items = records::queue(&lines).map_err(|error| {
        StoreError::new(Action::Read, path, Fault::Content(format!("it is not a queue: {error}")))
    })?;
    Ok((items, lines.len()))
}

/// The path by which the queue knows a file.
pub fn absolute(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}

/// How a file stands, for the journal.
pub fn standing(looked: &Looked, goal: Stage, trouble: Option<&Failure>) -> Standing {
    let Outlook { stage, needs, deadline, hindrances, .. } = &looked.outlook;
    let trouble = trouble.map(ToString::to_string);
    Standing {
        goal: goal.as_str().to_owned(),
        stage: stage.as_str().to_owned(),
        sha256: Some(looked.verified.evidence.document.digest.hex()),
        evidence_records: super::names(looked),
        needs: needs.iter().map(in_words).collect(),
        deadline: deadline.map(|deadline| deadline.to_string()),
        trouble: trouble.or_else(|| hindrances.first().map(ToString::to_string)),
    }
}

/// A stage by its word.
pub fn stage(word: &str) -> Option<Stage> {
    let all = [Stage::Failed, Stage::Lapsed, Stage::Signed, Stage::Timed, Stage::LongTerm, Stage::Archived];
    all.into_iter().find(|stage| stage.as_str() == word)
}

/// A need in words for people.
pub fn in_words(need: &Need) -> String {
    match need {
        Need::Timestamp => "a timestamp".to_owned(),
        Need::Status(need) => {
            format!("the status of {}, told after {}", need.certificate.subject(), need.after)
        }
        Need::Issuer { of } => format!("the certificate of {}", of.issuer()),
        Need::Values(_) => "what is at hand has to go into the file".to_owned(),
    }
}

/// Whole days from `now` until a deadline; negative when it is over.
pub fn days_left(deadline: &str, now: Time) -> Option<i64> {
    let deadline: Time = deadline.parse().ok()?;
    Some((deadline.unix() - now.unix()).div_euclid(86_400))
}
