//! The queue of signed files that mature (spec/queue.md): a journal of events, and what they add up to.

use crate::plan::ByteText;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Identifier of the form, in every event.
pub const QUEUE_FORMAT: &str = "undersign-queue@v1";

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QueueEvent {
    /// [`QUEUE_FORMAT`].
    pub format: String,
    /// The file concerned, as an absolute path.
    pub file: String,
    /// When, as RFC 3339 by the clock of the computer.
    pub at: String,
    /// What happened.
    pub what: QueueChange,
}

/// What happened to a file of the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum QueueChange {
    /// It is about to be written; if it is not there, it never was.
    Announced {
        /// The stage it shall reach.
        goal: String,
    },
    /// It was looked at, or got something added.
    Standing(Standing),
    /// A timestamp was prepared for it, to be asked for elsewhere.
    Asked(Asked),
    /// It needs nothing any more, or was taken out.
    Left {
        /// Why.
        why: String,
    },
}

/// Where a file stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    /// The stage it shall reach.
    pub goal: String,
    /// The stage it has reached.
    pub stage: String,
    /// SHA-256 of the file, in lower-case hexadecimal, as it was then, if it was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The names of the evidence records beside it that prove something.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence_records: Vec<String>,
    /// What it needs next, in words for people.
    pub needs: Vec<String>,
    /// Until when that must be there, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<String>,
    /// Why it did not get further.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}

/// A prepared timestamp, so that the answer fits whenever it comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    /// SHA-256 of the file that it was prepared for, in lower-case hexadecimal.
    pub sha256: String,
    /// Length of that file, bytes.
    pub length: u64,
    /// Bytes to append, the place of the token filled with zeros.
    pub tail: ByteText,
    /// First and one past the last byte of the `Contents` token.
    pub contents: [u64; 2],
    /// Object identifier of the digest algorithm of the message imprint.
    pub imprint_algorithm: String,
    /// The message imprint.
    pub imprint: ByteText,
    /// The nonce of the request, content octets of its INTEGER.
    pub nonce: ByteText,
}

/// A file of the queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueItem {
    /// When it came into the queue.
    pub since: String,
    /// The stage it shall reach.
    pub goal: String,
    /// Where it stands; nothing if it was only announced.
    pub standing: Option<Standing>,
    /// A timestamp that was asked for elsewhere.
    pub asked: Option<Asked>,
}

/// Why a line is not an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueError {
    /// Number of the line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for QueueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

impl std::error::Error for QueueError {}

impl QueueEvent {
    /// The event as a line.
    pub fn to_line(&self) -> String {
        serde_json::to_string(self).expect("an event holds only strings and numbers")
    }

    /// Reads a line.
    pub fn from_line(line: &str) -> Result<QueueEvent, String> {
        let event: QueueEvent = serde_json::from_str(line).map_err(|error| error.to_string())?;
        if event.format != QUEUE_FORMAT {
            return Err(format!("its format is {:?}, expected {QUEUE_FORMAT:?}", event.format));
        }
        Ok(event)
    }
}

/// The files that are in the queue, by their paths.
pub type Queue = BTreeMap<String, QueueItem>;

/// What the lines of a journal add up to.
pub fn queue<T: AsRef<str>>(lines: &[T]) -> Result<Queue, QueueError> {
    let mut items = Queue::new();
    for (index, line) in lines.iter().enumerate() {
        let event =
            QueueEvent::from_line(line.as_ref()).map_err(|reason| QueueError { line: index + 1, reason })?;
        event.happen(&mut items);
    }
    Ok(items)
}

impl QueueEvent {
    /// Changes the queue as the event says.
    pub fn happen(self, items: &mut Queue) {
        let new = || QueueItem { since: self.at.clone(), ..QueueItem::default() };
        match self.what {
            QueueChange::Announced { goal } => {
                items.insert(self.file, QueueItem { goal, ..new() });
            }
            QueueChange::Standing(standing) => {
                let item = items.entry(self.file).or_insert_with(new);
                let is_other = |asked: &Asked| Some(&asked.sha256) != standing.sha256.as_ref();
                if item.asked.as_ref().is_some_and(is_other) {
                    item.asked = None;
                }
                item.goal.clone_from(&standing.goal);
                item.standing = Some(standing);
            }
            QueueChange::Asked(asked) => {
                items.entry(self.file).or_insert_with(new).asked = Some(asked);
            }
            QueueChange::Left { .. } => drop(items.remove(&self.file)),
        }
    }
}

/// The fewest events that add up to these items.
pub fn compact(items: &Queue) -> Vec<String> {
    let mut lines = Vec::new();
    for (file, item) in items {
        let mut write = |what| {
            let (format, at) = (QUEUE_FORMAT.to_owned(), item.since.clone());
            lines.push(QueueEvent { format, file: file.clone(), at, what }.to_line());
        };
        match &item.standing {
            Some(standing) => write(QueueChange::Standing(standing.clone())),
            None => write(QueueChange::Announced { goal: item.goal.clone() }),
        }
        if let Some(asked) = &item.asked {
            write(QueueChange::Asked(asked.clone()));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(file: &str, what: QueueChange) -> String {
        let (format, at) = (QUEUE_FORMAT.to_owned(), "2026-01-01T00:00:00Z".to_owned());
        QueueEvent { format, file: file.into(), at, what }.to_line()
    }

    fn standing(sha256: &str) -> Standing {
        Standing {
            goal: "archived".into(),
            stage: "signed".into(),
            sha256: Some(sha256.into()),
            evidence_records: vec!["a.pdf.ers".into()],
            needs: vec!["a timestamp".into()],
            deadline: Some("2027-01-01T00:00:00Z".into()),
            trouble: None,
        }
    }

    fn asked(sha256: &str) -> Asked {
        Asked {
            sha256: sha256.into(),
            length: 9,
            tail: ByteText(vec![1, 2]),
            contents: [9, 10],
            imprint_algorithm: "2.16.840.1.101.3.4.2.1".into(),
            imprint: ByteText(vec![3]),
            nonce: ByteText(vec![4]),
        }
    }

    #[test]
    fn events_add_up_and_compacting_loses_nothing() {
        let lines = [
            line("/a", QueueChange::Announced { goal: "archived".into() }),
            line("/b", QueueChange::Announced { goal: "timed".into() }),
            line("/a", QueueChange::Standing(standing("00"))),
            line("/a", QueueChange::Asked(asked("00"))),
            line("/c", QueueChange::Standing(standing("11"))),
            line("/c", QueueChange::Left { why: "archived".into() }),
        ];
        let items = queue(&lines).unwrap();
        assert_eq!(items.keys().collect::<Vec<_>>(), ["/a", "/b"]);
        assert_eq!(items["/a"].asked, Some(asked("00")));
        assert_eq!(items["/b"].standing, None);
        assert_eq!(queue(&compact(&items)).unwrap(), items);
    }

    #[test]
    fn what_was_asked_for_an_earlier_state_of_the_file_is_forgotten() {
        let lines = [
            line("/a", QueueChange::Standing(standing("00"))),
            line("/a", QueueChange::Asked(asked("00"))),
            line("/a", QueueChange::Standing(standing("00"))),
        ];
        assert!(queue(&lines).unwrap()["/a"].asked.is_some());
        let moved = [&lines[..], &[line("/a", QueueChange::Standing(standing("22")))]].concat();
        assert!(queue(&moved).unwrap()["/a"].asked.is_none());
    }

    #[test]
    fn a_bad_line_is_named() {
        let good = line("/a", QueueChange::Left { why: "x".into() });
        for bad in ["", "{}", "[1]", &good.replace("@v1", "@v9"), &good.replace("left", "burnt")] {
            let error = queue(&[good.clone(), bad.to_owned()]).unwrap_err();
            assert_eq!(error.line, 2, "{bad}");
        }
    }
}
