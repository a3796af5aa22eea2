//! What a certificate does against the profile although it can be read: for the path validator to judge.

use std::borrow::Cow;
use std::fmt;
use types::{Finding, Severity};

/// How much an irregularity weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Breaks a MUST for those who issue certificates; relying on the certificate is still possible.
    Deviation,
    /// Makes the certificate ambiguous or unreadable in a part that matters: a path must not pass over it.
    Fault,
}

/// A rule of the profile that a certificate breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Irregularity {
    /// Stable identifier, e.g. `x509.serial.negative`.
    pub code: Cow<'static, str>,
    /// How much it weighs.
    pub weight: Weight,
    /// The clause that is broken.
    pub clause: Cow<'static, str>,
    /// What was found, without a full stop.
    pub message: Cow<'static, str>,
}

impl Irregularity {
    pub(crate) fn deviation(code: &'static str, clause: &'static str, message: &'static str) -> Irregularity {
        Irregularity {
            code: code.into(),
            weight: Weight::Deviation,
            clause: clause.into(),
            message: message.into(),
        }
    }

    pub(crate) fn fault(
        code: &'static str,
        clause: &'static str,
        message: impl Into<Cow<'static, str>>,
    ) -> Irregularity {
        Irregularity {
            code: code.into(),
            weight: Weight::Fault,
            clause: clause.into(),
            message: message.into(),
        }
    }
}

impl fmt::Display for Irregularity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]", self.message, self.clause)
    }
}

impl From<&Irregularity> for Finding {
    fn from(irregularity: &Irregularity) -> Finding {
        let severity = match irregularity.weight {
            Weight::Deviation => Severity::Warning,
            Weight::Fault => Severity::Error,
        };
        Finding::new(irregularity.code.clone(), severity, irregularity.to_string())
            .hint("ask the issuer of the certificate for one that follows the profile")
    }
}
