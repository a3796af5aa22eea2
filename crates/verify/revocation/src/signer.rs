//! Which of the keys at hand verified the signature of a source.

use crate::at_hand::{Candidate, Origin};
use crypto::{Message, Provider, PublicKey, SignatureError, UnknownAlgorithm};
use pkix::{Certificate, Name, Signed};
use std::collections::BTreeMap;
use std::sync::Arc;
use types::{Budget, Exhausted, Resource};

/// A key that verified the signature of a source, under one of the names it goes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceSigner {
    /// Whose key it is.
    pub name: Name,
    /// DER `SubjectPublicKeyInfo`.
    pub subject_public_key_info: Arc<[u8]>,
    /// The certificate of the key; a bare anchor has none.
    pub certificate: Option<Certificate>,
    /// Where it comes from.
    pub origin: Origin,
    /// The keys (DER `SubjectPublicKeyInfo`) that verified the signature of `certificate`; only looked for when it may
    /// be that of a delegated OCSP responder.
    pub issued_by: Vec<Arc<[u8]>>,
}

/// What is known about the signature of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignatureFacts {
    /// Verified with one key, which these certificates and anchors have.
    Verified(Vec<SourceSigner>),
    /// No certificate or anchor at hand has the name or key of who should have signed.
    NoCandidate,
    /// No candidate's key verified it.
    Wrong(SignatureError),
    /// The algorithm cannot be computed.
    UnknownAlgorithm(UnknownAlgorithm),
}

impl SignatureFacts {
    /// Those whose key verified it; empty if none did.
    pub fn signers(&self) -> &[SourceSigner] {
        match self {
            SignatureFacts::Verified(signers) => signers,
            _ => &[],
        }
    }

    /// The key that verified it.
    pub fn key(&self) -> Option<&[u8]> {
        self.signers().first().map(|signer| &*signer.subject_public_key_info)
    }
}

/// Steps that one certificate or anchor of the right name costs.
pub(crate) const CANDIDATE: u64 = 8;

/// Tries the key of each candidate until one verifies.
pub(crate) fn verify(
    signed: &Signed,
    candidates: &[Candidate<'_>],
    provider: &dyn Provider,
    budget: &mut Budget,
) -> Result<SignatureFacts, Exhausted> {
    let algorithm = match signed.algorithm() {
        Ok(algorithm) => algorithm,
        Err(unknown) => return Ok(SignatureFacts::UnknownAlgorithm(unknown.clone())),
    };
    budget.spend(Resource::Steps, CANDIDATE.saturating_mul(candidates.len() as u64))?;
    let mut by_key: BTreeMap<&[u8], Vec<Candidate<'_>>> = BTreeMap::new();
    for candidate in candidates {
        by_key.entry(candidate.key).or_default().push(*candidate);
    }
    if by_key.is_empty() {
        return Ok(SignatureFacts::NoCandidate);
    }
    // A large list is hashed once, however many keys are tried.
    let digest = algorithm.digest().map(|digest| provider.digest(digest, signed.tbs()));
    let message = digest.as_ref().map_or(Message::Whole(signed.tbs()), Message::Digest);
    let mut wrong = None;
    for (key, owners) in by_key {
        budget.spend(Resource::SignatureChecks, 1)?;
        let result = match PublicKey::from_spki(key) {
            Ok(key) => provider.verify(&key, algorithm, message, signed.signature()),
            Err(_) => Err(SignatureError::Unsupported),
        };
        match result {
            Ok(()) => return Ok(SignatureFacts::Verified(owners.iter().map(signer).collect())),
            // That it was computed and is wrong says more than that another key does not fit.
            Err(SignatureError::Mismatch) => wrong = Some(SignatureError::Mismatch),
            Err(error) => wrong = wrong.or(Some(error)),
        }
    }
    Ok(SignatureFacts::Wrong(wrong.unwrap_or(SignatureError::Mismatch)))
}

fn signer(candidate: &Candidate<'_>) -> SourceSigner {
    SourceSigner {
        name: candidate.name.clone(),
        subject_public_key_info: candidate.key.into(),
        certificate: candidate.certificate.cloned(),
        origin: candidate.origin,
        issued_by: Vec::new(),
    }
}
