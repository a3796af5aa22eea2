//! The checks of a path: what is asked, of which certificate, and what was answered.

use crypto::{SignatureError, UnknownAlgorithm};
use pkix::{Irregularity, KeyUsage, Name, NameForm, Oid};
use std::fmt;
use types::{Exhausted, Finding, Severity, Time};

/// A question that path validation asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Check {
    /// Does the path end at a trust anchor?
    TrustAnchor,
    /// Did the issuer's key sign the certificate?
    Signature,
    /// Are signature algorithm and key acceptable?
    Algorithm,
    /// Does the validity period include the time of interest?
    Validity,
    /// Is the issuer's name the subject's name of the next certificate?
    NameChaining,
    /// Are the names within the constraints above?
    NameConstraints,
    /// Is there a policy valid for the whole path, where one is required?
    Policies,
    /// Is every critical extension processed?
    CriticalExtensions,
    /// Does the certificate follow the profile?
    Profile,
    /// Is the issuer a certification authority?
    BasicConstraints,
    /// Is the path short enough?
    PathLength,
    /// May the key be used this way?
    KeyUsage,
    /// May the certificate be used for this purpose?
    Purpose,
}

impl Check {
    /// Stable identifier, e.g. `path.signature`.
    pub fn code(self) -> &'static str {
        match self {
            Check::TrustAnchor => "path.trust-anchor",
            Check::Signature => "path.signature",
            Check::Algorithm => "path.algorithm",
            Check::Validity => "path.validity",
            Check::NameChaining => "path.name-chaining",
            Check::NameConstraints => "path.name-constraints",
            Check::Policies => "path.policies",
            Check::CriticalExtensions => "path.critical-extensions",
            Check::Profile => "path.profile",
            Check::BasicConstraints => "path.basic-constraints",
            Check::PathLength => "path.path-length",
            Check::KeyUsage => "path.key-usage",
            Check::Purpose => "path.purpose",
        }
    }

    /// The clause that asks the question.
    pub fn clause(self) -> &'static str {
        match self {
            Check::TrustAnchor => "RFC 5280, 6.1.1 (d)",
            Check::Signature => "RFC 5280, 6.1.3 (a)(1)",
            Check::Algorithm => "RFC 5280, 6.1.3 (a)(1)",
            Check::Validity => "RFC 5280, 6.1.3 (a)(2)",
            Check::NameChaining => "RFC 5280, 6.1.3 (a)(4)",
            Check::NameConstraints => "RFC 5280, 6.1.3 (b), (c)",
            Check::Policies => "RFC 5280, 6.1.3 (d)-(f), 6.1.4 (a), (b), 6.1.5 (g)",
            Check::CriticalExtensions => "RFC 5280, 6.1.4 (o), 6.1.5 (f)",
            Check::Profile => "RFC 5280, 4",
            Check::BasicConstraints => "RFC 5280, 6.1.4 (k)",
            Check::PathLength => "RFC 5280, 6.1.4 (l), (m)",
            Check::KeyUsage => "RFC 5280, 4.2.1.3, 6.1.4 (n)",
            Check::Purpose => "RFC 5280, 4.2.1.12",
        }
    }
}

/// Which certificate of a path a check is about: 0 is the target, then upwards; the anchor comes last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A certificate of the path by its index.
    Certificate(usize),
    /// The trust anchor.
    Anchor,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Certificate(0) => f.write_str("the certificate itself"),
            Place::Certificate(index) => write!(f, "issuing certificate {index}"),
            Place::Anchor => f.write_str("the trust anchor"),
        }
    }
}

/// A check with its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckOutcome {
    /// What was asked.
    pub check: Check,
    /// Of which certificate.
    pub place: Place,
    /// Why the answer is no; `None` means yes.
    pub fault: Option<Box<Fault>>,
}

impl CheckOutcome {
    /// Whether the answer is yes.
    pub fn passed(&self) -> bool {
        self.fault.is_none()
    }

    /// A failed check as a finding.
    pub fn finding(&self) -> Option<Finding> {
        let fault = self.fault.as_deref()?;
        let message = format!("{}: {fault} [{}]", self.place, self.check.clause());
        Some(Finding::new(fault.code().to_owned(), Severity::Error, message).hint(fault.hint()))
    }
}

/// Why a check failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No certificate of this issuer is among those given.
    NoIssuer(Name),
    /// Every issuer in sight was already in the path, or the path would be too long.
    DeadEnd(Name),
    /// The anchor is not trusted for what is asked of it.
    AnchorRole,
    /// The anchor is not trusted for this purpose.
    AnchorPurpose,
    /// The validity had ended.
    Expired {
        /// Last second of validity.
        not_after: Time,
        /// The time of interest.
        at: Time,
    },
    /// The validity had not begun.
    NotYetValid {
        /// First second of validity.
        not_before: Time,
        /// The time of interest.
        at: Time,
    },
    /// The signature value was not confirmed.
    Signature(SignatureError),
    /// The algorithm or the key cannot be computed with.
    UnknownAlgorithm(UnknownAlgorithm),
    /// The algorithm was refused by policy, with its reason.
    AlgorithmRefused(String),
    /// The issuer's name is another.
    NameMismatch,
    /// A name is in no permitted subtree.
    NameNotPermitted(String),
    /// A name is in an excluded subtree.
    NameExcluded(String),
    /// A name form that cannot be compared is constrained and present.
    NameFormUnsupported(NameForm),
    /// A constraint that is not written as its form asks.
    ConstraintMalformed(String),
    /// No policy is valid for the whole path although one is required.
    NoValidPolicy,
    /// anyPolicy is mapped.
    AnyPolicyMapped,
    /// A critical extension that nobody here processes.
    UnknownCriticalExtension(Oid),
    /// A breach of the profile.
    Irregular(Irregularity),
    /// Not a certification authority.
    NotAnAuthority,
    /// More intermediate certificates than allowed.
    PathTooLong,
    /// The key usage lacks what is needed.
    KeyUsage {
        /// One of these is needed.
        needed: KeyUsage,
        /// These are there.
        found: KeyUsage,
    },
    /// None of the purposes asked for is among those stated.
    Purpose(Vec<Oid>),
    /// A limit on work was reached.
    Budget(Exhausted),
}

/// The family of a failure, for those who map it to an indication (ETSI EN 319 102-1, 5.2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FailureKind {
    /// No chain to a trust anchor: NO_CERTIFICATE_CHAIN_FOUND.
    NoChain,
    /// A certificate had expired at the time of interest: OUT_OF_BOUNDS.
    Expired,
    /// A certificate was not yet valid at the time of interest: OUT_OF_BOUNDS.
    NotYetValid,
    /// A signature within the chain is wrong or cannot be computed: CERTIFICATE_CHAIN_GENERAL_FAILURE.
    Signature,
    /// Policy refused an algorithm: CRYPTO_CONSTRAINTS_FAILURE.
    Algorithm,
    /// Another constraint is not met: CHAIN_CONSTRAINTS_FAILURE.
    Constraint,
    /// A limit on work was reached.
    Budget,
}

impl Fault {
    /// Its family.
    pub fn kind(&self) -> FailureKind {
        match self {
            Fault::NoIssuer(_) | Fault::DeadEnd(_) | Fault::AnchorRole => FailureKind::NoChain,
            Fault::Expired { .. } => FailureKind::Expired,
            Fault::NotYetValid { .. } => FailureKind::NotYetValid,
            Fault::Signature(_) | Fault::UnknownAlgorithm(_) => FailureKind::Signature,
            Fault::AlgorithmRefused(_) => FailureKind::Algorithm,
            Fault::Budget(_) => FailureKind::Budget,
            _ => FailureKind::Constraint,
        }
    }

    /// Stable identifier of the finding.
    pub fn code(&self) -> &str {
        match self {
            Fault::NoIssuer(_) => "path.issuer.missing",
            Fault::DeadEnd(_) => "path.issuer.dead-end",
            Fault::AnchorRole => "path.anchor.role",
            Fault::AnchorPurpose => "path.anchor.purpose",
            Fault::Expired { .. } => "path.validity.expired",
            Fault::NotYetValid { .. } => "path.validity.not-yet-valid",
            Fault::Signature(_) => "path.signature.wrong",
            Fault::UnknownAlgorithm(_) => "path.signature.unknown-algorithm",
            Fault::AlgorithmRefused(_) => "path.algorithm.refused",
            Fault::NameMismatch => "path.name-chaining.mismatch",
            Fault::NameNotPermitted(_) => "path.name-constraints.not-permitted",
            Fault::NameExcluded(_) => "path.name-constraints.excluded",
            Fault::NameFormUnsupported(_) => "path.name-constraints.unsupported-form",
            Fault::ConstraintMalformed(_) => "path.name-constraints.malformed",
            Fault::NoValidPolicy => "path.policies.none-valid",
            Fault::AnyPolicyMapped => "path.policies.any-policy-mapped",
            Fault::UnknownCriticalExtension(_) => "path.critical-extensions.unknown",
            Fault::Irregular(irregularity) => &irregularity.code,
            Fault::NotAnAuthority => "path.basic-constraints.not-an-authority",
            Fault::PathTooLong => "path.path-length.exceeded",
            Fault::KeyUsage { .. } => "path.key-usage.missing",
            Fault::Purpose(_) => "path.purpose.missing",
            Fault::Budget(_) => "path.budget",
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Fault::NoIssuer(_) | Fault::DeadEnd(_) => {
                "add the issuer's certificate, or add its root to the trusted ones if you trust it"
            }
            Fault::AnchorRole | Fault::AnchorPurpose => "check what the trust anchor was added for",
            Fault::Expired { .. } => "a proof that the signature existed before the expiry is needed",
            Fault::NotYetValid { .. } => "check the time of interest and the clock of the signing device",
            Fault::Signature(_) => {
                "the certificate was altered or comes from another issuer: get the right one"
            }
            Fault::UnknownAlgorithm(_) => "a program that supports the algorithm is needed",
            Fault::AlgorithmRefused(_) => "see the policy in force for what it accepts and until when",
            Fault::Budget(_) => {
                "the set of certificates is unusually large or made to exhaust: raise the limit or refuse it"
            }
            _ => {
                "ask the issuer of the certificate: it is not meant for this use, or was made against the rules"
            }
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::NoIssuer(name) => write!(f, "no certificate of its issuer {name} is known"),
            Fault::DeadEnd(name) => {
                write!(f, "the certificates of its issuer {name} lead to no trust anchor")
            }
            Fault::AnchorRole => f.write_str("it is not trusted in this role"),
            Fault::AnchorPurpose => f.write_str("it is not trusted for this purpose"),
            Fault::Expired { not_after, at } => write!(f, "it had expired on {not_after}, before {at}"),
            Fault::NotYetValid { not_before, at } => {
                write!(f, "it is valid from {not_before} on, after {at}")
            }
            Fault::Signature(error) => write!(f, "the signature of its issuer fails: {error}"),
            Fault::UnknownAlgorithm(error) => {
                write!(f, "the signature of its issuer cannot be checked: {error}")
            }
            Fault::AlgorithmRefused(reason) => write!(f, "its algorithm is refused: {reason}"),
            Fault::NameMismatch => f.write_str("its issuer is not the subject of the next certificate"),
            Fault::NameNotPermitted(name) => {
                write!(f, "the name {name} is not among those its issuer may certify")
            }
            Fault::NameExcluded(name) => write!(f, "the name {name} is excluded by an issuer"),
            Fault::NameFormUnsupported(form) => {
                write!(f, "a constraint on the form {form} cannot be processed")
            }
            Fault::ConstraintMalformed(base) => write!(f, "the name constraint {base} is malformed"),
            Fault::NoValidPolicy => f.write_str("a valid certificate policy is required and there is none"),
            Fault::AnyPolicyMapped => f.write_str("it maps anyPolicy"),
            Fault::UnknownCriticalExtension(oid) => write!(f, "its critical extension {oid} is unknown"),
            Fault::Irregular(irregularity) => write!(f, "{irregularity}"),
            Fault::NotAnAuthority => f.write_str("it is not a certification authority's certificate"),
            Fault::PathTooLong => f.write_str("there are more certificates below it than it allows"),
            Fault::KeyUsage { needed, found } => write!(f, "its key usage is {found}; {needed} is needed"),
            Fault::Purpose(wanted) => write!(f, "its extended key usage has none of {wanted:?}"),
            Fault::Budget(exhausted) => write!(f, "{exhausted}"),
        }
    }
}
