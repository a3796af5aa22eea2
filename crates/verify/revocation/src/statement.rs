//! What a source says about a certificate, and why it may say nothing.

use crate::authority::Authority;
use crate::freshness::{self, Freshness};
use crypto::{SignatureError, UnknownAlgorithm};
use pkix::{Certificate, Holders, Irregularity, Oid, ReasonFlags, Revocation};
use std::fmt;
use types::Time;

/// Which source speaks: an index into [`crate::Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A CRL.
    Crl(usize),
    /// An answer in an OCSP response.
    Ocsp {
        /// The response.
        response: usize,
        /// The answer in it.
        single: usize,
    },
}

/// A source with who vouches for it.
#[derive(Clone, Debug)]
pub struct Part<'a> {
    /// The source.
    pub source: Source,
    /// Who vouches for it; none if nobody does or it does not matter.
    pub authority: Option<Authority<'a>>,
}

/// What one source, or CRLs that only together say anything (a delta CRL with its base, CRLs for some reasons each),
/// say about a certificate.
#[derive(Clone, Debug)]
pub struct Statement<'a> {
    /// What is said.
    pub status: Status,
    /// By whom; to be believed, every part must be.
    pub parts: Vec<Part<'a>>,
    /// As of when; of several parts the earliest, with a delta CRL its own. This is the issuance time to use for
    /// freshness: an OCSP response may be produced later than what it says was known.
    pub this_update: Time,
    /// By when there will be news; of several parts the earliest.
    pub next_update: Option<Time>,
    /// When the OCSP response was signed.
    pub produced_at: Option<Time>,
    /// Certificates that expired at this time or later are covered (archive cutoff, expiredCertsOnCRL).
    pub covers_expired_since: Option<Time>,
}

/// What is said about a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Not revoked.
    Good,
    /// Revoked; whether that matters at a given time is the caller's question.
    Revoked(Revocation),
    /// The source should speak about the certificate but says nothing that can be relied on.
    Unknown(Doubt),
    /// The source is not about the certificate.
    NotApplicable(Mismatch),
}

/// Why a source says nothing that can be relied on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Nobody at hand has the name or key of who should have signed it.
    NoCandidate,
    /// The signature was not confirmed.
    Signature(SignatureError),
    /// The algorithm of the signature cannot be computed.
    UnknownAlgorithm(UnknownAlgorithm),
    /// Signed with the key of somebody whose key usage lacks cRLSign (RFC 5280, 6.3.3 (f)).
    KeyUsage,
    /// Signed by somebody who may not answer for this issuer (RFC 6960, 4.2.2.2).
    NotAuthorised,
    /// It breaks its profile in a way that makes it ambiguous.
    Faulty(Irregularity),
    /// A critical extension that nobody here processes (RFC 5280, 5.2 and 5.3; RFC 6960, 4.4).
    UnknownCriticalExtension(Oid),
    /// An entry is malformed.
    Malformed(String),
    /// The certificate was not looked for when the facts were made.
    NotLookedUp,
    /// Not revoked for these reasons, but nothing is said about the others (RFC 5280, 6.3.3 (d) and (e)).
    ReasonsIncomplete(ReasonFlags),
    /// Not in a delta CRL for which the complete CRL is not at hand (RFC 5280, 5.2.4).
    DeltaWithoutBase,
    /// A complete CRL takes back a revocation, which only a delta CRL can (RFC 5280, 5.3.1).
    TakenBackInCompleteCrl,
    /// Not revoked, but the certificate had expired before, and what has expired may have been taken off the list
    /// (ETSI EN 319 102-1, 5.2.6; X.509, 9.5.2.8; RFC 6960, 4.4.4).
    ExpiredBefore {
        /// Last second of the certificate's validity.
        not_after: Time,
    },
    /// Answered before the certificate was valid.
    ProducedBefore,
    /// The responder does not know the certificate.
    ResponderDoesNotKnow,
    /// The hash of the certificate in the answer is that of another.
    OtherCertificate,
}

/// Why a CRL is not about a certificate (RFC 5280, 6.3.3 (b)); later ones are nearer misses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// Its issuer is neither that of the certificate nor named by it.
    OtherIssuer,
    /// It is named by the certificate but is no indirect CRL.
    NotIndirect,
    /// It is for another distribution point.
    OtherDistributionPoint,
    /// It is for other kinds of certificates.
    OtherHolders(Holders),
    /// It covers none of the reasons that the distribution point is for.
    NoReason,
}

impl Mismatch {
    const fn nearness(self) -> u8 {
        match self {
            Mismatch::OtherIssuer => 0,
            Mismatch::NotIndirect => 1,
            Mismatch::OtherDistributionPoint => 2,
            Mismatch::OtherHolders(_) => 3,
            Mismatch::NoReason => 4,
        }
    }

    /// The nearer miss of two.
    pub(crate) fn max(self, other: Mismatch) -> Mismatch {
        if other.nearness() > self.nearness() { other } else { self }
    }
}

impl Statement<'_> {
    /// Whether `at` lies between thisUpdate and nextUpdate, as an online check asks. Not what AdES validation asks.
    pub fn is_current(&self, at: Time) -> bool {
        freshness::is_current(self.this_update, self.next_update, at)
    }

    /// The revocation freshness checker (ETSI EN 319 102-1, 5.2.5) for this statement; the age is in seconds.
    pub fn freshness(&self, validation_time: Time, maximum_age: Option<i64>) -> Freshness {
        freshness::freshness(validation_time, self.this_update, self.next_update, maximum_age)
    }
}

/// Not revoked, unless the certificate had expired before `this_update` and expired ones are not covered.
pub(crate) fn good(certificate: &Certificate, this_update: Time, covers_since: Option<Time>) -> Status {
    let not_after = certificate.not_after();
    let is_covered = this_update <= not_after || covers_since.is_some_and(|since| since <= not_after);
    if is_covered { Status::Good } else { Status::Unknown(Doubt::ExpiredBefore { not_after }) }
}

/// Why the revocation of a certificate need not be checked, by its own word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exemption {
    /// noRevAvail: its issuer says nothing about revocation, ever (RFC 9608).
    NoRevocationAvailable,
    /// validityAssuredShortTerm (ETSI EN 319 412-1, 5.2).
    ValidityAssuredShortTerm,
    /// id-pkix-ocsp-nocheck: for the responder's certificate when it signs OCSP responses (RFC 6960, 4.2.2.2.1).
    OcspNoCheck,
}

/// The exemption that a certificate claims; policy says whether it is granted. Of an authority neither noRevAvail
/// (RFC 9608, 3) nor validityAssuredShortTerm counts for anything.
pub fn exemption(certificate: &Certificate) -> Option<Exemption> {
    let extensions = certificate.extensions();
    if extensions.validity_assured_short_term && !certificate.is_ca() {
        Some(Exemption::ValidityAssuredShortTerm)
    } else if extensions.no_rev_avail && !certificate.is_ca() {
        Some(Exemption::NoRevocationAvailable)
    } else if extensions.ocsp_no_check {
        Some(Exemption::OcspNoCheck)
    } else {
        None
    }
}

impl Doubt {
    /// Stable identifier of the finding.
    pub fn code(&self) -> &str {
        match self {
            Doubt::NoCandidate => "revocation.signer.missing",
            Doubt::Signature(_) => "revocation.signature.wrong",
            Doubt::UnknownAlgorithm(_) => "revocation.signature.unknown-algorithm",
            Doubt::KeyUsage => "revocation.signer.key-usage",
            Doubt::NotAuthorised => "revocation.responder.not-authorised",
            Doubt::Faulty(irregularity) => &irregularity.code,
            Doubt::UnknownCriticalExtension(_) => "revocation.critical-extensions.unknown",
            Doubt::Malformed(_) => "revocation.entries.malformed",
            Doubt::NotLookedUp => "revocation.entries.not-looked-up",
            Doubt::ReasonsIncomplete(_) => "revocation.reasons.incomplete",
            Doubt::DeltaWithoutBase => "revocation.delta.without-base",
            Doubt::TakenBackInCompleteCrl => "revocation.entries.taken-back",
            Doubt::ExpiredBefore { .. } => "revocation.certificate.expired-before",
            Doubt::ProducedBefore => "revocation.responder.produced-before",
            Doubt::ResponderDoesNotKnow => "revocation.responder.does-not-know",
            Doubt::OtherCertificate => "revocation.responder.other-certificate",
        }
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Doubt::NoCandidate => f.write_str("no certificate of its signer is known"),
            Doubt::Signature(error) => write!(f, "its signature fails: {error}"),
            Doubt::UnknownAlgorithm(error) => write!(f, "its signature cannot be checked: {error}"),
            Doubt::KeyUsage => f.write_str("the key usage of its signer does not include cRLSign"),
            Doubt::NotAuthorised => f.write_str("its signer may not answer for the certificate's issuer"),
            Doubt::Faulty(irregularity) => write!(f, "{irregularity}"),
            Doubt::UnknownCriticalExtension(oid) => write!(f, "its critical extension {oid} is unknown"),
            Doubt::Malformed(reason) => write!(f, "it cannot be read to the end: {reason}"),
            Doubt::NotLookedUp => f.write_str("the certificate was not looked up in it"),
            Doubt::ReasonsIncomplete(_) => f.write_str("it covers only some reasons of revocation"),
            Doubt::DeltaWithoutBase => f.write_str("the complete list that it updates is not at hand"),
            Doubt::TakenBackInCompleteCrl => {
                f.write_str("it takes back a revocation although it is complete")
            }
            Doubt::ExpiredBefore { not_after } => {
                write!(f, "the certificate had expired on {not_after}, before it was issued")
            }
            Doubt::ProducedBefore => f.write_str("it was made before the certificate became valid"),
            Doubt::ResponderDoesNotKnow => f.write_str("the responder does not know the certificate"),
            Doubt::OtherCertificate => f.write_str("the responder means another certificate"),
        }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Mismatch::OtherIssuer => "it is from another issuer",
            Mismatch::NotIndirect => "its issuer is named by the certificate, but it is not an indirect CRL",
            Mismatch::OtherDistributionPoint => "it is for another distribution point",
            Mismatch::OtherHolders(Holders::Users) => "it lists certificates of end entities only",
            Mismatch::OtherHolders(Holders::Authorities) => "it lists certificates of authorities only",
            Mismatch::OtherHolders(_) => "it lists attribute certificates only",
            Mismatch::NoReason => "it covers none of the reasons that the certificate names it for",
        })
    }
}
