//! From a document to its evidence: parse, hash in one pass, check values, gather what may support them.

mod asic_file;
mod asic_members;
mod beacon;
mod cms_draft;
mod cms_file;
mod content;
mod desk;
mod detached;
mod effort;
mod envelope;
mod gather;
mod hashing;
mod pdf;
mod pdf_value;
mod record;
mod signature_policy;
mod signer;
mod store;
mod token;
mod xades_draft;
mod xml_coverage;

pub use asic_file::{collect_asic, collect_xml};
pub use cms_file::{collect_cms, collect_timestamp};
pub use hashing::feed;
pub use pdf::collect_pdf;

use crypto::Provider;
use path::VerifiedLinks;
use pkix::{Certificate, TrustAnchor};

/// An evidence record beside the document.
#[derive(Clone, Copy, Debug)]
pub struct RecordFile<'a> {
    /// How reports name it, e.g. the name of its file.
    pub name: &'a str,
    /// Its bytes: DER (RFC 4998) or XML (RFC 6283).
    pub bytes: &'a [u8],
}

/// Everything besides the document that evidence depends on.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Who is trusted.
    pub anchors: &'a [TrustAnchor],
    /// Certificates at hand besides those in the document, trusted for nothing.
    pub certificates: &'a [Certificate],
    /// CRLs at hand, DER.
    pub crls: &'a [Vec<u8>],
    /// OCSP responses at hand, DER.
    pub ocsps: &'a [Vec<u8>],
    /// Evidence records at hand, over the document or, for a PDF, over an earlier revision of it.
    pub evidence_records: &'a [RecordFile<'a>],
    /// Documents of signature policies at hand.
    pub signature_policies: &'a [Vec<u8>],
    /// Values that signing records may name as beacons: timestamp tokens (DER), or whatever else was given.
    pub beacons: &'a [Vec<u8>],
    /// Who computes.
    pub provider: &'a dyn Provider,
    /// Certificate signatures already verified; shared by the documents of a batch.
    pub links: &'a VerifiedLinks,
}
