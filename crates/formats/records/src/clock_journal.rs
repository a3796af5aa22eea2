//! What a device remembers of its clock (spec/clock.md): one line for each look at it.

use crate::signing_record::{Basis, TrustedBy};
use serde::{Deserialize, Serialize};
use std::fmt;

/// First line of every journal of the clock.
pub const CLOCK_FORMAT: &str = "undersign-clock@v1";
/// The largest journal in bytes.
pub const MAX_CLOCK_JOURNAL: u64 = 1 << 20;

/// One look at the clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClockEntry {
    /// What counts besides the clock.
    pub basis: Basis,
    /// Which start of the device this is, as the system names it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub boot: Option<String>,
    /// Seconds that the counter showed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub counter: Option<u64>,
    /// Seconds since 1970-01-01T00:00:00Z that the clock showed.
    pub time: i64,
    /// The time that came from outside at this moment.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub trusted: Option<TrustedEntry>,
}

/// A time from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TrustedEntry {
    /// Who gave it.
    pub from: TrustedBy,
    /// Seconds since 1970-01-01T00:00:00Z.
    pub time: i64,
}

/// Why a text is no journal of the clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockError {
    /// Which line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for ClockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a journal of the clock: line {}: {}", self.line, self.reason)
    }
}

impl std::error::Error for ClockError {}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    format: String,
}

/// The text of a journal.
pub fn clock_journal(entries: &[ClockEntry]) -> String {
    let head = Head { format: CLOCK_FORMAT.into() };
    let line = |json: serde_json::Result<String>| json.expect("only strings and whole numbers") + "\n";
    let lines = entries.iter().map(|entry| line(serde_json::to_string(entry)));
    std::iter::once(line(serde_json::to_string(&head))).chain(lines).collect()
}

/// Reads a journal.
///
/// # Errors
/// The first line that is none.
pub fn clock_entries(text: &str) -> Result<Vec<ClockEntry>, ClockError> {
    let mut lines = text.lines().enumerate();
    let wrong = |line: usize, reason: String| ClockError { line: line + 1, reason };
    let head = lines.next().map(|(_, head)| serde_json::from_str::<Head>(head));
    if !matches!(&head, Some(Ok(head)) if head.format == CLOCK_FORMAT) {
        return Err(wrong(0, format!("it does not name the format {CLOCK_FORMAT}")));
    }
    lines
        .map(|(number, line)| serde_json::from_str(line).map_err(|error| wrong(number, error.to_string())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_survives_the_round_trip() {
        let entry = |time, trusted| ClockEntry {
            basis: Basis::Boottime,
            boot: Some("b".into()),
            counter: Some(7),
            time,
            trusted,
        };
        let trusted = TrustedEntry { from: TrustedBy::Timestamp, time: 9 };
        let entries = vec![entry(10, Some(trusted)), entry(11, None)];
        assert_eq!(clock_entries(&clock_journal(&entries)), Ok(entries));
    }

    #[test]
    fn what_is_no_journal_is_refused() {
        let head = "{\"format\":\"undersign-clock@v1\"}\n";
        for (text, line) in [
            (String::new(), 1),
            ("{\"format\":\"undersign-clock@v2\"}\n".into(), 1),
            (format!("{head}{{}}\n"), 2),
            (format!("{head}\n"), 2),
            (
                format!(
                    "{head}{{\"basis\":\"none\",\"time\":1}}\n{{\"basis\":\"none\",\"time\":1,\"x\":1}}\n"
                ),
                3,
            ),
        ] {
            assert_eq!(clock_entries(&text).unwrap_err().line, line, "{text}");
        }
    }
}
