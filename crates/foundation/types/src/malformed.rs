//! The one error of parsers: what is wrong, where, and by which clause.

use crate::{Exhausted, SourceError};
use std::fmt;

/// Why bytes are not the structure they claim to be, or could not be read within the budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Offset of the offending byte in the source, when known.
    pub at: Option<u64>,
    /// What is wrong, in a few words, e.g. `cross-reference section does not start with xref`.
    pub reason: String,
    /// The clause that is broken, e.g. `ISO 32000-2, 7.5.4`; empty when the cause is not a clause.
    pub clause: &'static str,
    /// What caused it.
    pub cause: Cause,
}

/// The kind of obstacle behind a [`Malformed`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The bytes break a rule.
    Syntax,
    /// The format is right but uses something this program does not support.
    Unsupported,
    /// A password is needed or the one given is wrong.
    Password,
    /// A limit on work over untrusted input was reached.
    Budget(Exhausted),
    /// The source could not deliver the bytes.
    Source(SourceError),
}

impl Malformed {
    /// A broken rule at byte `at`.
    pub fn syntax(at: impl Into<Option<u64>>, reason: impl Into<String>, clause: &'static str) -> Malformed {
        Malformed { at: at.into(), reason: reason.into(), clause, cause: Cause::Syntax }
    }

    /// Something lawful that is not supported.
    pub fn unsupported(
        at: impl Into<Option<u64>>,
        reason: impl Into<String>,
        clause: &'static str,
    ) -> Malformed {
        Malformed { at: at.into(), reason: reason.into(), clause, cause: Cause::Unsupported }
    }

    /// A password that is missing or wrong.
    pub fn password(reason: impl Into<String>) -> Malformed {
        Malformed { at: None, reason: reason.into(), clause: "ISO 32000-2, 7.6.4", cause: Cause::Password }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)?;
        if let Some(at) = self.at {
            write!(f, " (byte {at})")?;
        }
        if !self.clause.is_empty() {
            write!(f, " [{}]", self.clause)?;
        }
        Ok(())
    }
}

impl std::error::Error for Malformed {}

impl From<Exhausted> for Malformed {
    fn from(exhausted: Exhausted) -> Malformed {
        Malformed { at: None, reason: exhausted.to_string(), clause: "", cause: Cause::Budget(exhausted) }
    }
}

impl From<SourceError> for Malformed {
    fn from(error: SourceError) -> Malformed {
        Malformed {
            at: Some(error.offset),
            reason: error.reason.clone(),
            clause: "",
            cause: Cause::Source(error),
        }
    }
}
