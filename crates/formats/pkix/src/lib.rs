//! X.509 certificates, requests, trust anchors and revocation information: bytes to structures and back.
//!
//! A [`Certificate`] keeps its original bytes and never re-encodes them. What breaks the profile of RFC 5280 without
//! making the certificate unreadable is kept as [`Irregularity`] for the path validator to judge.

mod anchor;
mod build;
mod bundle;
mod certificate;
mod crl;
mod crl_builder;
mod encode;
mod extension;
mod general_name;
mod irregularity;
mod name;
mod ocsp;
mod ocsp_builder;
mod ocsp_request;
pub mod oid;
mod pem;
mod profile;
mod reason;
mod request;
mod revoked;
mod signed;
mod string_prep;
mod tlv;

pub use anchor::{AnchorConstraints, AnchorRole, OwnCertificate, TrustAnchor};
pub use build::{
    BuildError, CertificateBuilder, Criticality, SelfSigned, key_identifier, subject_public_key,
};
pub use bundle::{RevocationBundle, read_certificates, read_cms_pem, read_revocation};
pub use certificate::Certificate;
pub use crl::{Crl, CrlExtensions, CrlNumber, Holders, IssuingDistributionPoint};
pub use crl_builder::CrlBuilder;
pub use extension::{
    AccessDescription, AuthorityKeyIdentifier, BasicConstraints, DistributionPoint, Extension, Extensions,
    KeyUsage, PolicyConstraints, PolicyInformation, QcStatement,
};
pub use general_name::{GeneralName, GeneralSubtree, NameConstraints, NameForm};
pub use irregularity::{Irregularity, Weight};
pub use name::{Attribute, Name};
pub use ocsp::{
    BasicOcspResponse, CertId, CertStatus, OcspResponse, ResponderId, ResponseStatus, SingleResponse,
};
pub use ocsp_builder::{OcspResponseBuilder, SingleAnswer};
pub use ocsp_request::{OcspRequest, SingleRequest};
pub use oid::Oid;
pub use reason::{Reason, ReasonFlags};
pub use request::{CertificationRequest, PossessionError, ProvenRequest};
pub use revoked::{Entries, Entry, Listing, Revocation, RevokedEntry, Wanted, same_serial, shortest_serial};
pub use signed::Signed;
