//! The signing record (spec/record.md): what the device knew when it signed, inside the signed attributes.
//!
//! It is read as its bytes stand. Sections that this version does not know are kept and named; a section that it knows
//! and that breaks its form is not used, and said so.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;
use types::Time;

/// Identifier of the form, in every record.
pub const RECORD_FORMAT: &str = "undersign-record@v1";
/// The largest record, bytes.
pub const MAX_RECORD: usize = 64 << 10;
/// The largest number that JSON carries exactly everywhere (RFC 8785, 3.2.2.3).
const MAX_NUMBER: i64 = (1 << 53) - 1;
/// The deepest that lists and objects may stand in one another.
const MAX_DEPTH: usize = 16;
const MAX_MEMBER_NAME: usize = 64;
const MAX_SOURCE: usize = 200;
/// No time zone was ever further from UTC, minutes.
const MAX_OFFSET: i32 = 18 * 60;

/// What a record says, as far as this version knows. Members are in the order of their names, as RFC 8785 wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SigningRecord {
    /// The freshest value from outside that the device held.
    pub beacon: Option<BeaconSection>,
    /// What the clock of the device said, and what is known against it.
    pub clock: Option<ClockSection>,
}

/// A value that nobody could know before its time: whoever names it, does so later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BeaconSection {
    /// Digest of the value: algorithm, colon, lower-case hexadecimal, e.g. `sha-256:…`.
    pub digest: String,
    /// What the value is.
    pub kind: BeaconKind,
    /// Where it comes from, in words of the signer's device; at most 200 characters, no control characters.
    pub source: String,
    /// The time that the value claims for itself (RFC 3339, UTC).
    pub time: String,
}

/// Kinds of beacons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BeaconKind {
    /// A timestamp token (RFC 3161), DER.
    TimestampToken,
    /// The hash of a block of a public chain, as the chain writes it.
    BlockHash,
    /// A signed head of a log.
    Checkpoint,
}

impl BeaconKind {
    /// The word in the record.
    pub fn as_str(self) -> &'static str {
        match self {
            BeaconKind::TimestampToken => "timestamp-token",
            BeaconKind::BlockHash => "block-hash",
            BeaconKind::Checkpoint => "checkpoint",
        }
    }
}

/// What the clock of the device said. Every number is the word of the device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClockSection {
    /// What counted the time between two looks at the clock.
    pub basis: Basis,
    /// By how many seconds the clock is behind what it would have to show by a time that came from outside before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub behind_seconds: Option<u64>,
    /// Whether the device was started anew since the last look.
    pub boot: Boot,
    /// Minutes that its local time is east of UTC.
    pub offset_minutes: i32,
    /// By how many seconds the clock was set back since `since`, in all.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub set_back_seconds: Option<u64>,
    /// By how many seconds the clock was set forward since `since`, in all.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub set_forward_seconds: Option<u64>,
    /// Since when the device watches its clock: the last trusted time, or the first look (RFC 3339, UTC, by the clock
    /// itself).
    pub since: String,
    /// What the clock says (RFC 3339, UTC).
    pub time: String,
    /// The last time that came from outside.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub trusted: Option<TrustedSection>,
}

/// A time that came from outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TrustedSection {
    /// Whether its age was counted throughout, or is only the word of the clock.
    pub age_by: AgeBy,
    /// How long ago that was, whole minutes.
    pub age_minutes: u64,
    /// By how many seconds the clock was ahead of it then; negative if it was behind.
    pub clock_ahead_seconds: i64,
    /// What gave it.
    pub from: TrustedBy,
    /// The time (RFC 3339, UTC).
    pub time: String,
}

macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name { $($(#[$each])* #[serde(rename = $word)] $variant),* }

        impl $name {
            /// The word in the record.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),* }
            }

            /// What the word means.
            pub fn from_word(word: &str) -> Option<$name> {
                match word { $($word => Some($name::$variant),)* _ => None }
            }
        }
    };
}

words!(
    /// What counts time independently of the clock that shows it.
    Basis {
        /// A counter since the start of the device that goes on while it sleeps.
        Boottime = "boottime",
        /// A counter that stands still while the device sleeps.
        Monotonic = "monotonic",
        /// Nothing.
        None = "none",
    }
);
words!(
    /// Whether the device was started anew since the last look at its clock.
    Boot {
        /// There was no look before.
        First = "first",
        /// It was not.
        Same = "same",
        /// It was.
        Other = "other",
        /// The system does not tell.
        Unknown = "unknown",
    }
);
words!(
    /// Who vouches for a time.
    TrustedBy {
        /// A timestamp authority (RFC 3161).
        Timestamp = "timestamp",
    }
);
words!(
    /// What an age rests on.
    AgeBy {
        /// A counter that ran throughout.
        Counter = "counter",
        /// The clock.
        Clock = "clock",
    }
);

/// What was read from a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadRecord {
    /// What this version understands.
    pub record: SigningRecord,
    /// The names of sections that it does not know.
    pub unknown: Vec<String>,
    /// Sections that it knows and that break their form: which, and why.
    pub faults: Vec<(String, String)>,
}

/// Why bytes are no record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordError {
    /// They are too many.
    TooLarge,
    /// They are no JSON, or nested too deeply.
    Syntax(String),
    /// They are JSON, but not in the form that a record has.
    NotCanonical,
    /// Another format, made by a later program or for something else.
    Format(String),
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a signing record: ")?;
        match self {
            RecordError::TooLarge => write!(f, "it has more than {MAX_RECORD} bytes"),
            RecordError::Syntax(what) => f.write_str(what),
            RecordError::NotCanonical => f.write_str("it is not in the canonical form (RFC 8785)"),
            RecordError::Format(format) => write!(f, "its format is {format:?}, not {RECORD_FORMAT:?}"),
        }
    }
}

impl std::error::Error for RecordError {}

impl RecordError {
    /// A stable identifier.
    pub fn code(&self) -> &'static str {
        match self {
            RecordError::TooLarge => "record.too-large",
            RecordError::Syntax(_) => "record.syntax",
            RecordError::NotCanonical => "record.not-canonical",
            RecordError::Format(_) => "record.format",
        }
    }
}

#[derive(Serialize)]
struct Written<'r> {
    #[serde(skip_serializing_if = "Option::is_none")]
    beacon: Option<&'r BeaconSection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    clock: Option<&'r ClockSection>,
    format: &'static str,
}

impl SigningRecord {
    /// The record in its canonical form (RFC 8785), without a line end.
    pub fn to_json(&self) -> Vec<u8> {
        let SigningRecord { beacon, clock } = self;
        let written = Written { beacon: beacon.as_ref(), clock: clock.as_ref(), format: RECORD_FORMAT };
        serde_json::to_vec(&written).expect("a record holds only strings and whole numbers")
    }
}

impl ReadRecord {
    /// Reads a record. Time and memory stay in proportion to the bytes, of which there are at most [`MAX_RECORD`].
    ///
    /// # Errors
    /// If the bytes are none. What is wrong with a single section is in [`ReadRecord::faults`].
    pub fn from_json(bytes: &[u8]) -> Result<ReadRecord, RecordError> {
        if bytes.len() > MAX_RECORD {
            return Err(RecordError::TooLarge);
        }
        let value: Value =
            serde_json::from_slice(bytes).map_err(|error| RecordError::Syntax(error.to_string()))?;
        is_canonical(&value, MAX_DEPTH)?;
        if serde_json::to_vec(&value).ok().as_deref() != Some(bytes) {
            return Err(RecordError::NotCanonical);
        }
        let Value::Object(mut sections) = value else {
            return Err(RecordError::Syntax("it is no object".into()));
        };
        match sections.shift_remove("format") {
            Some(Value::String(format)) if format == RECORD_FORMAT => {}
            Some(Value::String(other)) => return Err(RecordError::Format(other.chars().take(80).collect())),
            _ => return Err(RecordError::Format(String::new())),
        }
        let mut faults = Vec::new();
        let record = SigningRecord {
            beacon: section(&mut sections, "beacon", BeaconSection::check, &mut faults),
            clock: section(&mut sections, "clock", ClockSection::check, &mut faults),
        };
        Ok(ReadRecord { record, unknown: sections.keys().cloned().collect(), faults })
    }
}

/// Takes a section out. One that breaks its form is a fault and counts as absent.
fn section<T: DeserializeOwned>(
    sections: &mut Map<String, Value>,
    name: &str,
    check: impl FnOnce(&T) -> Result<(), String>,
    faults: &mut Vec<(String, String)>,
) -> Option<T> {
    let value = sections.shift_remove(name)?;
    let read = T::deserialize(value).map_err(|error| error.to_string());
    match read.and_then(|section| check(&section).map(|()| section)) {
        Ok(section) => Some(section),
        Err(why) => {
            faults.push((name.to_owned(), why));
            None
        }
    }
}

/// What comparing with the bytes does not show: the order of members, numbers that are not whole, depth.
fn is_canonical(value: &Value, depth: usize) -> Result<(), RecordError> {
    let deeper = || depth.checked_sub(1).ok_or_else(|| RecordError::Syntax("it is nested too deeply".into()));
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
        Value::Number(number) => {
            let whole = number.as_i64().is_some_and(|whole| (-MAX_NUMBER..=MAX_NUMBER).contains(&whole));
            if whole { Ok(()) } else { Err(RecordError::NotCanonical) }
        }
        Value::Array(items) => {
            let depth = deeper()?;
            items.iter().try_for_each(|item| is_canonical(item, depth))
        }
        Value::Object(members) => {
            let depth = deeper()?;
            let names: Vec<&String> = members.keys().collect();
            if !names.is_sorted() || !names.iter().all(|name| is_member_name(name)) {
                return Err(RecordError::NotCanonical);
            }
            members.values().try_for_each(|member| is_canonical(member, depth))
        }
    }
}

/// Names are letters, digits and `-`, so that their order is the same in every encoding.
fn is_member_name(name: &str) -> bool {
    (1..=MAX_MEMBER_NAME).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

impl BeaconSection {
    fn check(&self) -> Result<(), String> {
        if !is_digest(&self.digest) {
            return Err("digest: it is not an algorithm with lower-case hexadecimal of its length".into());
        }
        if !(1..=MAX_SOURCE).contains(&self.source.chars().count()) || self.source.chars().any(is_odd) {
            return Err("source: it is empty, longer than 200 characters, or holds control characters".into());
        }
        is_time(&self.time).then_some(()).ok_or_else(|| format!("time: {TIME}"))
    }

    /// The time that the value claims for itself.
    pub fn claimed(&self) -> Option<Time> {
        self.time.parse().ok()
    }
}

impl ClockSection {
    fn check(&self) -> Result<(), String> {
        let trusted = self.trusted.as_ref().map(|trusted| ("trusted.time", trusted.time.as_str()));
        let times = [("since", self.since.as_str()), ("time", self.time.as_str())];
        if let Some((member, _)) = times.into_iter().chain(trusted).find(|(_, time)| !is_time(time)) {
            return Err(format!("{member}: {TIME}"));
        }
        if !(-MAX_OFFSET..=MAX_OFFSET).contains(&self.offset_minutes) {
            return Err("offsetMinutes: no time zone is that far from UTC".into());
        }
        Ok(())
    }

    /// Whether the device itself knew that its clock could not be right.
    pub fn is_contradicted(&self) -> bool {
        [self.set_back_seconds, self.set_forward_seconds, self.behind_seconds].iter().any(Option::is_some)
    }

    /// What the clock said.
    pub fn claimed(&self) -> Option<Time> {
        self.time.parse().ok()
    }
}

const TIME: &str = "it is not a time in UTC like 2026-11-25T08:00:00Z";

/// Control characters, and those that turn the direction of what follows.
fn is_odd(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}'..='\u{200f}' | '\u{feff}')
}

fn is_time(text: &str) -> bool {
    text.parse::<Time>().is_ok_and(|time| time.to_string() == text)
}

fn is_digest(text: &str) -> bool {
    let Some((algorithm, hex)) = text.split_once(':') else { return false };
    let octets = match algorithm {
        "sha-256" | "sha3-256" => 32,
        "sha-384" | "sha3-384" => 48,
        "sha-512" | "sha3-512" => 64,
        _ => return false,
    };
    hex.len() == 2 * octets && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests;
