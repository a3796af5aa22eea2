//! CMS and CAdES: bytes to structures and back (RFC 5652, EN 319 122-1).
//!
//! [`SignedData::parse`] reads what others made: BER, indefinite lengths, cut strings, zero padding. Everything keeps the
//! bytes received and their place; only those are hashed. Faults that leave no doubt about what was signed are findings.
//!
//! [`ImprintCheck`] says what each time-stamp is over and whether its imprint matches, [`evidence_record`] the same for
//! evidence records; who made the tokens, and when they can be relied on, is judged elsewhere.
//!
//! Building is the other way round, in DER: [`SignedAttributesBuilder`] gives the bytes to sign, [`SignedDataBuilder`]
//! says how much room the signature needs and puts it together once the signature value is there, however much later.
//! [`TimestampRequest`] asks for a time-stamp, [`TimestampTokenBuilder`] gives it.

mod additions;
mod attribute;
mod attributes_builder;
mod ber;
mod cades;
mod canonical;
mod confirmation;
mod countersignature;
mod encode;
mod ess;
pub mod evidence_record;
mod imprint;
pub mod oid;
mod primitive;
mod signed_attributes;
mod signed_data;
mod signed_data_builder;
mod signer_certificate;
mod signer_info;
mod stripped;
mod timestamp;
mod timestamp_builder;
mod timestamp_request;
mod unsigned_attributes;

pub use additions::{AdditionError, Additions};
pub use attribute::Attribute;
pub use attributes_builder::{
    AttributesToBeSigned, BuildError, Commitment, PolicyIdentifier, Profile, SignedAttributesBuilder,
    content_digest_algorithm,
};
pub use ber::Encoded;
pub use cades::{
    AtsHashIndex, AtsHashIndexVersion, CertificateReference, CommitmentType, RevocationInfoArchival,
    RevocationReference, RevocationValues, SignaturePolicy, SignerAttributes, SignerLocation,
};
pub use confirmation::Confirmation;
pub use countersignature::Countersignature;
pub use ess::{
    ContentHints, ContentReference, EssCertId, HashValue, IssuerSerial, SigningCertificate,
    SigningCertificateVersion,
};
pub use imprint::{
    ArchiveImprint, AttributeForm, AttributeSelection, Content, ContentNeeded, Covered, Encoding,
    HashedContent, Imprint, ImprintCheck, ImprintError, Reading, TimestampPlace, Unmatched, UnsignedValue,
};
pub use oid::Oid;
pub use signed_attributes::{AlgorithmProtection, Derivation, SignedAttributes, ToBeVerified};
pub use signed_data::{
    CertificateChoice, CertificateKind, EncapsulatedContent, RevocationInfo, RevocationKind, SignedData,
    Trailing,
};
pub use signed_data_builder::{SignedDataBuilder, max_signature_len};
pub use signer_certificate::SignerCertificate;
pub use signer_info::{MessageDigest, SignerIdentifier, SignerInfo};
pub use stripped::{MOST_OF_ATTRIBUTES, reads_as_signed_attributes};
pub use timestamp::{
    Criticality, MessageImprint, Ordering, TimestampResponse, TimestampToken, TstExtension, TstInfo,
};
pub use timestamp_builder::{TimestampFailure, TimestampTokenBuilder, TstStatement};
pub use timestamp_request::{CertificatesWanted, TimestampRequest};
pub use unsigned_attributes::{AttributeTimestamp, TimestampKind, UnsignedAttributes};
