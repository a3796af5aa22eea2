//! What a validation asks for beyond correct cryptography: constraints and how much each weighs, as data.

mod catalogue;
mod file;

pub use catalogue::AlgorithmCatalogue;
pub(crate) use catalogue::{KeyKind, Reliable};
pub use file::{BUILT_IN, PolicyError};

use crate::verdict::Level;

/// A question that a policy may ask, and how much a no weighs is the policy's to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Constraint {
    /// The signature names its certificate by digest (EN 319 102-1, 5.2.3).
    SigningCertificateAttribute,
    /// There is a valid path to a trust anchor (5.2.6).
    CertificatePath,
    /// The certificate may be used to sign documents (RFC 5280, 4.2.1.3).
    KeyUsage,
    /// The status of each certificate is known (5.2.6.4).
    RevocationKnown,
    /// And recent enough (5.2.5).
    RevocationFresh,
    /// The same for certificates of time-stamping authorities.
    TimestampRevocationFresh,
    /// Algorithms and keys are reliable at the time that counts (5.2.8).
    Algorithms,
    /// Nothing was added that was not allowed (ISO 32000-2, 12.8.2).
    LaterChanges,
    /// Every member of a container is signed (EN 319 162-1, 4.4).
    WholeDocument,
    /// Timestamps are in a possible order (5.5.4).
    TimestampOrder,
    /// There is a timestamp over the signature.
    TimestampRequired,
    /// Revocation data were produced after the timestamp.
    TimestampBeforeRevocation,
    /// And soon after it.
    RevocationDelay,
    /// The level is an accepted one.
    BaselineLevel,
    /// The signer's certificate is itself a trusted one.
    PinnedCertificate,
    /// The certificate claims to be qualified (EN 319 412-5, 4.2.1).
    QualifiedCertificate,
    /// The timestamp was made soon after the claimed time (5.5.4).
    TimestampDelay,
    /// The document of the signature policy that the signature names is at hand (5.2.4).
    SignaturePolicy,
}

impl Constraint {
    /// Every constraint with its name in policy files.
    pub const ALL: [(Constraint, &'static str); 18] = [
        (Constraint::SigningCertificateAttribute, "signing-certificate-attribute"),
        (Constraint::CertificatePath, "certificate-path"),
        (Constraint::KeyUsage, "key-usage"),
        (Constraint::RevocationKnown, "revocation-known"),
        (Constraint::RevocationFresh, "revocation-fresh"),
        (Constraint::TimestampRevocationFresh, "timestamp-revocation-fresh"),
        (Constraint::Algorithms, "algorithms"),
        (Constraint::LaterChanges, "later-changes"),
        (Constraint::WholeDocument, "whole-document"),
        (Constraint::TimestampOrder, "timestamp-order"),
        (Constraint::TimestampRequired, "timestamp-required"),
        (Constraint::TimestampBeforeRevocation, "timestamp-before-revocation"),
        (Constraint::RevocationDelay, "revocation-delay"),
        (Constraint::BaselineLevel, "baseline-level"),
        (Constraint::PinnedCertificate, "pinned-certificate"),
        (Constraint::QualifiedCertificate, "qualified-certificate"),
        (Constraint::TimestampDelay, "timestamp-delay"),
        (Constraint::SignaturePolicy, "signature-policy"),
    ];

    /// Its name in policy files.
    pub fn name(self) -> &'static str {
        Constraint::ALL.iter().find(|(one, _)| *one == self).map_or("", |(_, name)| name)
    }
}

/// What an unmet constraint means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// It is not even asked.
    Ignore,
    /// It is reported.
    Inform,
    /// It is reported as a warning.
    Warn,
    /// It decides.
    Fail,
}

impl Weight {
    /// The word of policy files and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Weight::Ignore => "ignore",
            Weight::Inform => "inform",
            Weight::Warn => "warn",
            Weight::Fail => "fail",
        }
    }
}

/// Constraints of a validation. Made from a file by [`Policy::parse`], or built in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Its name.
    pub id: String,
    /// Its version.
    pub version: String,
    weights: [Weight; Constraint::ALL.len()],
    /// Greatest age of a status at the time that counts, seconds; `None`: as long as it says itself.
    pub freshness_seconds: Option<i64>,
    /// After how many seconds revocation data come late enough for a warning, and too late.
    pub revocation_delay: (Option<i64>, Option<i64>),
    /// Greatest time between the claimed time and the timestamp, seconds; `None`: any.
    pub timestamp_delay: Option<i64>,
    /// Levels that are accepted.
    pub accepted_levels: Vec<Level>,
    /// Until when algorithms are reliable.
    pub(crate) reliable: Reliable,
    /// Whether somebody wrote that into the policy's own file, so that it is not to be replaced.
    pub own_algorithms: bool,
}

impl Policy {
    /// How much a no to this question weighs.
    pub fn weight(&self, constraint: Constraint) -> Weight {
        self.weights.get(constraint as usize).copied().unwrap_or(Weight::Fail)
    }

    /// The policy that is used when none is named.
    pub fn standard() -> Policy {
        Policy::built_in("etsi-default").expect("the built-in policies are tested to be readable")
    }

    /// The same policy with the algorithms of a catalogue; its version names the catalogue, so that reports do.
    #[must_use]
    pub fn with_catalogue(self, catalogue: &AlgorithmCatalogue) -> Policy {
        let version = format!("{}, algorithms {catalogue}", self.version);
        Policy { version, reliable: catalogue.reliable.clone(), ..self }
    }
}
