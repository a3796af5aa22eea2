//! Who vouches for a source: the issuer itself, or somebody whose own trust the caller has to establish.

use crate::signer::{SignatureFacts, SourceSigner};
use crate::statement::Doubt;
use crate::{CrlFacts, OcspFacts};
use path::Issuer;
use pkix::{Certificate, KeyUsage, TrustAnchor, oid};

/// Who signed a source, in relation to the certificate in question.
#[derive(Clone, Debug)]
pub enum Authority<'a> {
    /// The issuer of the certificate, with the very key that issued it: nothing more to ask.
    Issuer,
    /// Somebody else of the right name and role. One of these certificates, all of the signing key, must have a valid
    /// path at the time of interest: for a CRL to the same anchor (RFC 5280, 6.3.3 (f)), for an OCSP responder with
    /// the purpose id-kp-OCSPSigning (RFC 6960, 4.2.2.2).
    Certificates(Vec<&'a Certificate>),
    /// A trust anchor of the CRL issuer's name that is not the key which issued the certificate.
    Anchor(&'a SourceSigner),
    /// An OCSP responder that is trusted by local configuration.
    TrustedResponder(&'a SourceSigner),
}

impl Authority<'_> {
    /// Whether a certificate's own path has to be validated before the source may be believed.
    pub fn needs_path(&self) -> bool {
        matches!(self, Authority::Certificates(_))
    }
}

/// Doubts about the signature, if it was not verified.
pub(crate) fn verified(facts: &SignatureFacts) -> Result<&[SourceSigner], Doubt> {
    match facts {
        SignatureFacts::Verified(signers) => Ok(signers),
        SignatureFacts::NoCandidate => Err(Doubt::NoCandidate),
        SignatureFacts::Wrong(error) => Err(Doubt::Signature(*error)),
        SignatureFacts::UnknownAlgorithm(unknown) => Err(Doubt::UnknownAlgorithm(unknown.clone())),
    }
}

/// Who signed a CRL (RFC 5280, 6.3.3 (f) and (g)): with a key usage, cRLSign is needed.
pub(crate) fn of_crl<'a>(facts: &'a CrlFacts, issuer: &Issuer<'_>) -> Result<Authority<'a>, Doubt> {
    let signers = verified(&facts.signature)?;
    let is_issuer = facts.issuer == *issuer.name
        && signers.iter().any(|signer| *signer.subject_public_key_info == *issuer.subject_public_key_info);
    if is_issuer {
        let may = issuer.certificate.is_none_or(may_sign_crls);
        return if may { Ok(Authority::Issuer) } else { Err(Doubt::KeyUsage) };
    }
    let mut certificates = Vec::new();
    for signer in signers {
        let anchor = signer.origin == crate::Origin::Anchor;
        match &signer.certificate {
            Some(certificate) if !may_sign_crls(certificate) => {}
            Some(certificate) if !anchor => certificates.push(certificate),
            _ if anchor => return Ok(Authority::Anchor(signer)),
            _ => {}
        }
    }
    if certificates.is_empty() { Err(Doubt::KeyUsage) } else { Ok(Authority::Certificates(certificates)) }
}

fn may_sign_crls(certificate: &Certificate) -> bool {
    certificate.extensions().key_usage.is_none_or(|usage| usage.contains(KeyUsage::CRL_SIGN))
}

/// Who signed an OCSP response (RFC 6960, 4.2.2.2): the issuer's key, a delegate whom that key certified for it, or
/// a responder trusted locally.
pub(crate) fn of_ocsp<'a>(
    facts: &'a OcspFacts,
    issuer: &Issuer<'_>,
    trusted: &[TrustAnchor],
) -> Result<Authority<'a>, Doubt> {
    let signers = verified(&facts.signature)?;
    if signers.iter().any(|signer| *signer.subject_public_key_info == *issuer.subject_public_key_info) {
        return Ok(Authority::Issuer);
    }
    let is_trusted = |signer: &&SourceSigner| {
        trusted.iter().any(|anchor| {
            *anchor.name() == signer.name
                && *anchor.subject_public_key_info() == *signer.subject_public_key_info
        })
    };
    if let Some(signer) = signers.iter().find(is_trusted) {
        return Ok(Authority::TrustedResponder(signer));
    }
    let delegates: Vec<&Certificate> = signers
        .iter()
        .filter(|signer| signer.issued_by.iter().any(|key| **key == *issuer.subject_public_key_info))
        .filter_map(|signer| signer.certificate.as_ref())
        .filter(|certificate| certificate.issuer() == issuer.name && is_for_ocsp(certificate))
        .collect();
    if delegates.is_empty() { Err(Doubt::NotAuthorised) } else { Ok(Authority::Certificates(delegates)) }
}

fn is_for_ocsp(certificate: &Certificate) -> bool {
    let purposes = certificate.extensions().extended_key_usage.as_deref().unwrap_or_default();
    purposes.contains(&oid::KP_OCSP_SIGNING)
}
