//! Evidence: what the bytes of a document prove, as frozen facts without a verdict.

use crate::coverage::Coverage;
use crypto::{Digest, DigestAlgorithm, KeyAlgorithm, SignatureAlgorithm};
use inspection::{Judgement, LaterChanges};
use pkix::Certificate;
use types::{Finding, Span, Time};

/// Everything found out about one document.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The file as a whole.
    pub document: DocumentFacts,
    /// One entry for each signed signature field, in the order of their revisions.
    pub signatures: Vec<SignatureEvidence>,
    /// What is noteworthy beyond single signatures.
    pub findings: Vec<Finding>,
}

/// The file as a whole.
#[derive(Clone, Debug)]
pub struct DocumentFacts {
    /// SHA-256 of every byte.
    pub digest: Digest,
    /// Length in bytes.
    pub len: u64,
    /// Where each revision ends, oldest first.
    pub revision_ends: Vec<u64>,
}

/// What kind of signature a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A person's or organisation's signature.
    Signature,
    /// A document timestamp (ISO 32000-2, 12.8.5).
    DocTimestamp,
}

/// One signature and what was computed for it.
#[derive(Clone, Debug)]
pub struct SignatureEvidence {
    /// Fully qualified field name.
    pub field: String,
    /// Signature or document timestamp.
    pub kind: Kind,
    /// `SubFilter` as written.
    pub sub_filter: String,
    /// The signature dictionary in the file.
    pub span: Span,
    /// Index of the revision that brought it.
    pub revision: usize,
    /// What the signed bytes are.
    pub coverage: Coverage,
    /// The time the signer claims (`M`, or the signing-time attribute).
    pub claimed_time: Option<Time>,
    /// `Name`, `Reason` and `Location` as written.
    pub claims: Claims,
    /// The certification level, if it certifies (ISO 32000-2, Table 257).
    pub doc_mdp: Option<u8>,
    /// The CMS inside, or why it cannot be processed.
    pub signed_data: Result<SignedFacts, FormatFault>,
    /// What later revisions did, and whether that was allowed.
    pub later: Later,
    /// Certificates of the document security store of the file that concern it, and whether revocation data are there.
    pub store: StoreFacts,
    /// What is noteworthy about it.
    pub findings: Vec<Finding>,
}

/// Texts in the signature dictionary; nothing proves them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// Who, as text.
    pub name: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Where.
    pub location: Option<String>,
}

/// Why a signature cannot be processed (EN 319 102-1, 5.2.2: FORMAT_FAILURE).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatFault {
    /// What is wrong.
    pub reason: String,
    /// Whether the format is lawful and recognised, only not supported.
    pub recognised: bool,
}

/// What followed the signed revision.
#[derive(Clone, Debug)]
pub struct Later {
    /// What happened.
    pub changes: LaterChanges,
    /// Whether it was allowed.
    pub judgement: Judgement,
}

/// Validation data the file carries for a signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreFacts {
    /// Whether revocation data (CRL or OCSP) stand in the DSS or in the CMS.
    pub revocation_data: bool,
    /// Whether certificates stand in the DSS.
    pub certificates: bool,
    /// Whether a document timestamp covers this signature.
    pub later_doc_timestamp: bool,
}

/// What was computed from the CMS (RFC 5652).
#[derive(Clone, Debug)]
pub struct SignedFacts {
    /// Digest algorithm of the content.
    pub digest_algorithm: DigestAlgorithm,
    /// The digest of the signed bytes against the message-digest attribute.
    pub content: Check,
    /// Algorithm of the signature value, if known.
    pub signature_algorithm: Result<SignatureAlgorithm, String>,
    /// The signature value against the signer's key.
    pub value: Check,
    /// The signer's certificate, if the CMS or the store holds it.
    pub signer: Option<Signer>,
    /// How the signature is bound to that certificate.
    pub binding: Binding,
    /// The way from the signer to a trust anchor.
    pub trust: Trust,
    /// Attributes that matter for the level.
    pub attributes: AttributeFacts,
}

/// The signer's certificate and key.
#[derive(Clone, Debug)]
pub struct Signer {
    /// The certificate.
    pub certificate: Certificate,
    /// Kind and size of its key, if supported.
    pub key: Result<KeyAlgorithm, String>,
}

/// Outcome of a computation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// Computed and right.
    Matches,
    /// Computed and wrong.
    Differs,
    /// Could not be computed.
    NotComputed(String),
}

/// How the signature names its certificate (EN 319 102-1, 5.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// A signing-certificate attribute holds the digest of the signer's certificate.
    Bound,
    /// There is no signing-certificate attribute: the certificate is named by issuer and serial or key identifier only.
    Named,
    /// The signing-certificate attribute names another certificate.
    Contradicted,
}

/// The way from the signer's certificate to a trust anchor at the validation time (RFC 5280, 6).
#[derive(Clone, Debug)]
pub enum Trust {
    /// A valid path was found.
    Anchored {
        /// From the signer upward, without the anchor.
        path: Vec<Certificate>,
        /// The anchor's name.
        anchor: String,
        /// Whether the anchor is the signer's certificate itself.
        direct: bool,
    },
    /// There is no path to any anchor.
    NoPath {
        /// The name of the certificate whose issuer is missing or not trusted.
        missing: String,
    },
    /// There is a path, and it breaks a rule.
    Broken {
        /// Which kind of rule.
        fault: PathFault,
        /// The certificate concerned.
        certificate: String,
        /// What is wrong, with the clause.
        reason: String,
    },
    /// Not looked for, because there is no signer's certificate.
    NotSought,
}

/// Which kind of rule a path breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathFault {
    /// The validation time is after the end of a certificate.
    Expired,
    /// The validation time is before the start of a certificate.
    NotYetValid,
    /// A constraint, a critical extension or a signature in the path.
    Constraint,
    /// A limit was reached before an answer was found.
    Budget,
}

/// Attributes of the CMS that decide the level (EN 319 122-1, EN 319 142-1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AttributeFacts {
    /// signing-certificate-v2 (or the first version) is there.
    pub signing_certificate: bool,
    /// signing-time is there, which PAdES forbids.
    pub signing_time: bool,
    /// A signature timestamp is there; it is recognised, not validated.
    pub signature_timestamp: bool,
}
