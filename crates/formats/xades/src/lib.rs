//! XML signatures and XAdES (XML Signature 1.1, EN 319 132-1, EN 319 132-2): references computed, properties read.
//!
//! [`Document::parse`] reads XML without document type and entities; [`Document::signatures`] reads every signature in
//! it. One tree is parsed, read and canonicalised, so that what is judged is what was digested. References resolve
//! inside the document by identifiers that must be unique, or through [`DetachedData`] to what the caller holds; nothing
//! is ever fetched. What cannot be computed is said with its reason and never counts as a match.
//!
//! The XML library is quarantined here: its parser and canonicalisation are used, its cryptography is not. Digests and
//! signature values go through [`crypto::Provider`].

mod algorithm;
mod base64;
mod canonical;
mod certificate_reference;
mod date_time;
mod detached;
mod document;
pub mod evidence_record;
mod extent;
mod imprint;
mod normal;
mod outcome;
mod reference;
mod resolve;
mod signature;
mod signed_properties;
mod strangers;
mod timestamp;
mod transform;
mod unsigned_properties;
mod value;
mod xpath;

pub use algorithm::{Canonicalization, digest_algorithm};
pub use certificate_reference::{CertificateReference, IssuerSerial};
pub use detached::{DetachedData, Unresolved};
pub use document::Document;
pub use extent::Extent;
pub use imprint::{Imprint, Piece};
pub use outcome::{NotComputed, Outcome};
pub use reference::{Reference, Target};
pub use signature::{Binding, Place, XadesSignature};
pub use signed_properties::{
    Commitment, CommitmentScope, DataObjectFormat, ProductionPlace, Role, SignaturePolicy, SignedProperties,
    SigningCertificate, SigningCertificateVersion,
};
pub use timestamp::{Timestamp, TimestampKind};
pub use unsigned_properties::{
    EvidenceRecord, RevocationReference, UnsignedProperties, ValidationData, ValidationDataOrigin,
};
