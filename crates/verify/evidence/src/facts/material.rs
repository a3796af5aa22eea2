//! Certificates, revocation data and trust anchors at hand, each once, with the places where they lie.

use super::signature::SignatureId;
use super::token::TokenId;
use crypto::Digest;
use path::RecordedLinks;
use pkix::{Certificate, TrustAnchor};
use std::collections::BTreeSet;
use types::Span;

/// Number of a certificate in [`Material::certificates`].
pub type CertificateId = usize;
/// Number of a CRL in [`Material::crls`].
pub type CrlId = usize;
/// Number of an OCSP response in [`Material::ocsps`].
pub type OcspId = usize;

/// Everything a verdict may rest on besides the signatures themselves.
#[derive(Clone, Debug, Default)]
pub struct Material {
    /// Who is trusted.
    pub anchors: Vec<TrustAnchor>,
    /// Certificates, trusted for nothing.
    pub certificates: Held<Certificate>,
    /// What CRLs say.
    pub crls: Held<revocation::CrlFacts>,
    /// What OCSP responses say.
    pub ocsps: Held<revocation::OcspFacts>,
    /// Whose key signed which certificate, for all paths that can be built.
    pub links: RecordedLinks,
}

/// Objects of one kind at hand, each once.
#[derive(Clone, Debug)]
pub struct Held<T> {
    /// The objects, or what was found out about them.
    pub items: Vec<T>,
    /// Where each was met, in the same order.
    pub meetings: Vec<Meetings>,
}

impl<T> Default for Held<T> {
    fn default() -> Held<T> {
        Held { items: Vec::new(), meetings: Vec::new() }
    }
}

/// Where an object was met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meetings {
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// Where it came from.
    pub origins: BTreeSet<Origin>,
    /// Where it lies in the file, as often as it does.
    pub places: Vec<Span>,
}

/// Where an object came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Inside a signature.
    Signature(SignatureId),
    /// Inside a timestamp token.
    Token(TokenId),
    /// In the document security store of a PDF.
    Store,
    /// In another member of the container.
    Member,
    /// Inside an OCSP response at hand.
    OcspResponse,
    /// Handed in from outside the file, e.g. from a trust pack.
    Given,
}
