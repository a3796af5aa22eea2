//! CMS and CAdES: bytes to structures and back (RFC 5652, EN 319 122-1).
//!
//! [`SignedData::parse`] reads what others made: BER, indefinite lengths, cut strings, zero padding. Everything keeps the
//! bytes received and their place; only those are hashed. Faults that leave no doubt about what was signed are findings.

mod attribute;
mod ber;
mod cades;
mod canonical;
mod ess;
pub mod oid;
mod primitive;
mod signed_attributes;
mod signed_data;
mod signer_info;
mod timestamp;
mod unsigned_attributes;

pub use attribute::Attribute;
pub use ber::Encoded;
pub use cades::{
    AtsHashIndex, AtsHashIndexVersion, CertificateReference, CommitmentType, RevocationInfoArchival,
    RevocationReference, RevocationValues, SignaturePolicy, SignerAttributes, SignerLocation,
};
pub use ess::{
    ContentHints, ContentReference, EssCertId, HashValue, IssuerSerial, SigningCertificate,
    SigningCertificateVersion,
};
pub use signed_attributes::{AlgorithmProtection, Derivation, SignedAttributes, ToBeVerified};
pub use signed_data::{
    CertificateChoice, CertificateKind, EncapsulatedContent, RevocationInfo, RevocationKind, SignedData,
    Trailing,
};
pub use signer_info::{MessageDigest, SignerIdentifier, SignerInfo};
pub use timestamp::{MessageImprint, Ordering, TimestampResponse, TimestampToken, TstInfo};
pub use unsigned_attributes::{AttributeTimestamp, TimestampKind, UnsignedAttributes};
