//! Timestamp tokens (RFC 3161): what they say, whether it is about the right bytes, and what they prove to have existed.

use super::material::{CertificateId, CrlId, OcspId};
use super::signature::{Check, FormatFault, SignatureId, SignedFacts};
use super::{Evidence, Meetings};
use crypto::{Digest, DigestAlgorithm};
use types::{Finding, Span, Time};

/// Number of a token in [`super::Evidence::tokens`].
pub type TokenId = usize;

/// A timestamp token and what was computed for it.
#[derive(Clone, Debug)]
pub struct TokenEvidence {
    /// What it was made for.
    pub role: TokenRole,
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// Where it lies in the file, if in a place of its own or of the signature that holds it.
    pub place: Option<Span>,
    /// What it says, or why it cannot be processed.
    pub stamp: Result<Stamp, FormatFault>,
    /// What is noteworthy about it.
    pub findings: Vec<Finding>,
}

/// What a token was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TokenRole {
    /// content-time-stamp: the content existed before it was signed (EN 319 122-1, 5.2.8).
    Content,
    /// signature-time-stamp: the signature value existed (EN 319 122-1, 5.3).
    Signature,
    /// Timestamp over signature and references, or over the references (EN 319 122-1, A.1.5).
    References,
    /// Archive timestamp inside a signature (EN 319 122-1, 5.5).
    Archive,
    /// Document timestamp of a PDF, or timestamp over members of a container.
    Document,
    /// Timestamp of an evidence record (RFC 4998, 3.1).
    EvidenceRecord,
    /// Named as a beacon by a signing record, and given beside the file (spec/record.md): it proves nothing to have
    /// existed, but the signature that names it to be later.
    Beacon,
}

/// What a readable token says.
#[derive(Clone, Debug)]
pub struct Stamp {
    /// The time of the authority's clock, whole seconds, rounded down.
    pub time: Time,
    /// How far it may be off, in microseconds, where stated.
    pub accuracy_microseconds: Option<u64>,
    /// The authority's policy, a dotted object identifier.
    pub policy: String,
    /// How the message imprint was made, if that is known here.
    pub imprint_algorithm: Result<DigestAlgorithm, String>,
    /// The message imprint against the digest of what it should cover.
    pub imprint: Check,
    /// The authority's signature over all this.
    pub signed: SignedFacts,
    /// What existed at that time if the token is good.
    pub covers: Covers,
}

/// What a token proves to have existed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Covers {
    /// Everything in the file before a byte, but for the token itself.
    UpTo {
        /// One past the last byte covered.
        end: u64,
        /// The place of the token, which is not covered.
        hole: Span,
    },
    /// These objects.
    Objects(Vec<ObjectRef>),
}

/// An object of which proof of existence matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObjectRef {
    /// A signature value.
    Signature(SignatureId),
    /// A timestamp token.
    Token(TokenId),
    /// A certificate.
    Certificate(CertificateId),
    /// A CRL.
    Crl(CrlId),
    /// An OCSP response.
    Ocsp(OcspId),
}

impl Covers {
    /// Whether an object of the evidence existed at the time of the token, whose number is `token`, if the token is good.
    pub fn includes(&self, evidence: &Evidence, token: TokenId, object: ObjectRef) -> bool {
        let (end, hole) = match self {
            Covers::Objects(objects) => return objects.contains(&object),
            Covers::UpTo { end, hole } => (*end, *hole),
        };
        let covered = |place: &Span| place.end <= end && !hole.contains(*place);
        let any = |meetings: Option<&Meetings>| meetings.is_some_and(|one| one.places.iter().any(covered));
        let material = &evidence.material;
        match object {
            ObjectRef::Signature(id) => {
                evidence.signatures.get(id).and_then(|one| one.place.as_ref()).is_some_and(covered)
            }
            ObjectRef::Token(id) => {
                id != token && evidence.tokens.get(id).and_then(|one| one.place.as_ref()).is_some_and(covered)
            }
            ObjectRef::Certificate(id) => any(material.certificates.meetings.get(id)),
            ObjectRef::Crl(id) => any(material.crls.meetings.get(id)),
            ObjectRef::Ocsp(id) => any(material.ocsps.meetings.get(id)),
        }
    }

    /// Every object of the evidence that existed at the time of the token, if the token is good.
    pub fn objects(&self, evidence: &Evidence, token: TokenId) -> Vec<ObjectRef> {
        match self {
            Covers::Objects(objects) => objects.clone(),
            Covers::UpTo { .. } => {
                evidence.objects().filter(|object| self.includes(evidence, token, *object)).collect()
            }
        }
    }
}
