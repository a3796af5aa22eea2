//! One signature: what its bytes say, and what was computed from them.

use super::record::RecordFacts;
use super::token::TokenId;
use crate::coverage::Coverage;
use crypto::{DigestAlgorithm, KeyAlgorithm, SignatureAlgorithm};
use inspection::{Judgement, LaterChanges};
use pkix::Certificate;
use types::{Finding, Span, Time};

/// Number of a signature in [`super::Evidence::signatures`].
pub type SignatureId = usize;

/// What kind of signature it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A person's or organisation's signature.
    Signature,
    /// A timestamp over the document (ISO 32000-2, 12.8.5) or over the members of a container (EN 319 162-1, 4.3.3.2).
    DocTimestamp,
    /// An evidence record over the file or over members of a container (RFC 4998, RFC 6283).
    EvidenceRecord,
    /// A signature over the value of another one (RFC 5652, 11.4).
    Countersignature {
        /// The one that it is over.
        of: SignatureId,
    },
}

impl Kind {
    /// Whether it is an authority's statement of time, and nobody's signature.
    pub fn is_timestamp(self) -> bool {
        matches!(self, Kind::DocTimestamp | Kind::EvidenceRecord)
    }
}

/// One signature and what was computed for it.
#[derive(Clone, Debug)]
pub struct SignatureEvidence {
    /// Fully qualified field name in a PDF; elsewhere the name of the signature file, if it has one, and its number in it.
    pub field: String,
    /// What kind of signature it is.
    pub kind: Kind,
    /// `SubFilter` as written in a PDF; elsewhere the name of the format.
    pub sub_filter: String,
    /// The signature dictionary or the signature file.
    pub span: Span,
    /// Where its value lies in the file, if in a place of its own.
    pub place: Option<Span>,
    /// Index of the revision that brought it.
    pub revision: usize,
    /// What the signed bytes are.
    pub coverage: Coverage,
    /// The time the signer claims (`M`, or the signing-time attribute).
    pub claimed_time: Option<Time>,
    /// `Name`, `Reason` and `Location` as written.
    pub claims: Claims,
    /// The policy that it says it was made under.
    pub signature_policy: Option<SignaturePolicy>,
    /// The certification level, if it certifies (ISO 32000-2, Table 257).
    pub doc_mdp: Option<u8>,
    /// The signature proper, or why it cannot be processed.
    pub signed_data: Result<SignedFacts, FormatFault>,
    /// Timestamps over it or over its content, in the order found.
    pub tokens: Vec<TokenId>,
    /// The token that a document timestamp consists of.
    pub own_token: Option<TokenId>,
    /// What later revisions did, and whether that was allowed.
    pub later: Later,
    /// What the file carries for its long-term validation.
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

/// The policy that a signature says it was made under (EN 319 122-1, 5.2.9; EN 319 132-1, 5.2.9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignaturePolicy {
    /// It follows from the content or from elsewhere.
    Implied,
    /// It is named.
    Named {
        /// Its identifier: an object identifier or URI as written.
        id: String,
        /// Where it is said to be read; nothing is fetched.
        uri: Option<String>,
        /// Whether the document is at hand.
        document: PolicyDocument,
    },
}

/// Whether the document of a signature policy, known by its digest, is at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyDocument {
    /// A document with the signed digest is at hand.
    AtHand,
    /// None of those at hand has it.
    NotAtHand,
    /// It cannot be known which document is meant.
    Unusable(String),
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
    /// Whether revocation data (CRL or OCSP) stand in the DSS or in the signature.
    pub revocation_data: bool,
    /// Whether certificates stand in the DSS or among the values of the signature.
    pub certificates: bool,
    /// Whether a document timestamp stands over this signature; whether it really is one its stamp says.
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
    /// Attributes that matter for the level.
    pub attributes: AttributeFacts,
    /// The signing record, if there is one (spec/record.md).
    pub record: Option<RecordFacts>,
}

/// The signer's certificate and key.
#[derive(Clone, Debug)]
pub struct Signer {
    /// The certificate.
    pub certificate: Certificate,
    /// Kind and size of its key, if supported.
    pub key: Result<KeyAlgorithm, String>,
}

impl Signer {
    /// Whoever a certificate is about.
    pub fn of(certificate: Certificate) -> Signer {
        let key = certificate.public_key().map(|key| key.algorithm).map_err(ToString::to_string);
        Signer { certificate, key }
    }
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

/// Attributes of the CMS that decide the level (EN 319 122-1, EN 319 142-1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AttributeFacts {
    /// signing-certificate-v2 (or the first version) is there.
    pub signing_certificate: bool,
    /// signing-time is there, which PAdES forbids.
    pub signing_time: bool,
    /// content-type is there (EN 319 122-1, 6.3 (b)).
    pub content_type: bool,
}
