//! Digests of certificates at hand, as the evidence holds them.

use crypto::Digest;
use evidence::{CertificateId, Evidence};
use pkix::Certificate;

/// The number of a certificate in the evidence.
pub(crate) fn certificate_id(evidence: &Evidence, certificate: &Certificate) -> Option<CertificateId> {
    evidence.material.certificates.items.iter().position(|one| one == certificate)
}

/// SHA-256 of a certificate, if it is in the evidence.
pub(crate) fn certificate_digest<'e>(
    evidence: &'e Evidence,
    certificate: &Certificate,
) -> Option<&'e Digest> {
    let id = certificate_id(evidence, certificate)?;
    evidence.material.certificates.meetings.get(id).map(|meetings| &meetings.digest)
}
