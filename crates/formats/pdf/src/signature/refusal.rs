//! Why a document is not signed: the reason, the place, and what to do.

use crate::appearance::AppearanceError;
use std::fmt;
use types::{Cause, Malformed};

/// A document that cannot be signed safely, or not as requested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningRefusal {
    /// Stable identifier, e.g. `pdf.sign.certified-no-changes`.
    pub code: &'static str,
    /// What stands against it, one sentence without a full stop.
    pub reason: String,
    /// Offset in the file of what stands against it, when it has a place.
    pub at: Option<u64>,
    /// What to do about it; empty when nothing can be done.
    pub hint: String,
}

impl SigningRefusal {
    pub(crate) fn new(
        code: &'static str,
        reason: impl Into<String>,
        hint: impl Into<String>,
    ) -> SigningRefusal {
        SigningRefusal { code, reason: reason.into(), at: None, hint: hint.into() }
    }

    /// The same refusal at a place.
    pub(crate) fn at(self, at: impl Into<Option<u64>>) -> SigningRefusal {
        SigningRefusal { at: at.into(), ..self }
    }
}

impl fmt::Display for SigningRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)?;
        match self.at {
            Some(at) => write!(f, " (byte {at})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for SigningRefusal {}

impl From<Malformed> for SigningRefusal {
    fn from(malformed: Malformed) -> SigningRefusal {
        let (code, hint) = match malformed.cause {
            Cause::Syntax => (
                "pdf.sign.malformed",
                "have the document made anew; it is not repaired on the way to a signature",
            ),
            Cause::Unsupported => ("pdf.sign.unsupported", ""),
            Cause::Password => ("pdf.sign.password", "give the password of the document"),
            Cause::Budget(_) => ("pdf.sign.budget", "raise the limit if the document is trusted"),
            Cause::Source(_) => ("pdf.sign.source", "check that the file can be read"),
        };
        let clause =
            if malformed.clause.is_empty() { String::new() } else { format!(" [{}]", malformed.clause) };
        SigningRefusal { code, reason: malformed.reason + &clause, at: malformed.at, hint: hint.into() }
    }
}

impl From<types::Exhausted> for SigningRefusal {
    fn from(exhausted: types::Exhausted) -> SigningRefusal {
        Malformed::from(exhausted).into()
    }
}

impl From<AppearanceError> for SigningRefusal {
    fn from(error: AppearanceError) -> SigningRefusal {
        SigningRefusal { code: error.code, reason: error.reason, at: None, hint: error.hint }
    }
}
