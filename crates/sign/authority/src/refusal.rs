//! Why an authority does not do what it is asked to.

use std::fmt;

/// A refusal: nothing was signed and nothing written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Stable identifier, e.g. `authority.serial.taken`.
    pub code: &'static str,
    /// What stands against it, with the clause if there is one.
    pub reason: String,
    /// What to do.
    pub hint: &'static str,
}

impl Refusal {
    pub(crate) fn new(code: &'static str, reason: impl Into<String>, hint: &'static str) -> Refusal {
        Refusal { code, reason: reason.into(), hint }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Refusal {}

impl From<pkix::BuildError> for Refusal {
    fn from(error: pkix::BuildError) -> Refusal {
        Refusal::new("authority.signing", error.to_string(), "check the key of the authority")
    }
}
