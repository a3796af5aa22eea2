//! How a computation came out, and why one was not made.

use crypto::Digest;
use std::fmt;
use types::Malformed;

/// How a reference came out. Only [`Outcome::Match`] says that the data are those that were signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The digest is the one in the reference.
    Match,
    /// The data have another digest.
    Mismatch(Digest),
    /// There is no digest.
    NotComputed(NotComputed),
}

/// Why something was not computed. No such thing ever counts as a match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotComputed {
    /// What is referenced is not there.
    Missing(String),
    /// An identifier, or the name of a member, stands more than once.
    Ambiguous(String),
    /// It points to something outside of what is at hand.
    Outside(String),
    /// An algorithm or transform, by its identifier, that is not supported.
    Unsupported(String),
    /// The data cannot be read, or not within the budget.
    Unreadable(Malformed),
    /// The structure does not allow it, in a few words.
    Structure(&'static str),
}

impl fmt::Display for NotComputed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotComputed::Missing(what) => write!(f, "{what:?} is missing"),
            NotComputed::Ambiguous(what) => write!(f, "{what:?} stands more than once"),
            NotComputed::Outside(what) => write!(f, "{what:?} is not in the container"),
            NotComputed::Unsupported(what) => write!(f, "{what} is not supported"),
            NotComputed::Unreadable(malformed) => malformed.fmt(f),
            NotComputed::Structure(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for NotComputed {}

impl From<Malformed> for NotComputed {
    fn from(malformed: Malformed) -> NotComputed {
        NotComputed::Unreadable(malformed)
    }
}

impl From<types::Exhausted> for NotComputed {
    fn from(exhausted: types::Exhausted) -> NotComputed {
        NotComputed::Unreadable(exhausted.into())
    }
}
