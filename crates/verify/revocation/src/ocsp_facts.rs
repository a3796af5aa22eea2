//! Facts about an OCSP response: everything that judgement asks later, without the bytes and without hashing.

use crate::at_hand::{AtHand, Candidate, Origin};
use crate::signer::{CANDIDATE, SignatureFacts, SourceSigner, verify};
use crypto::{Digest, DigestAlgorithm, Provider, SignatureAlgorithm, UnknownAlgorithm};
use pkix::{BasicOcspResponse, Certificate, Irregularity, Oid, ResponderId, SingleResponse, oid};
use std::collections::BTreeSet;
use std::sync::Arc;
use types::{Budget, Exhausted, Resource, Time};

/// Steps that the computation of one certificate identifier counts for.
const HASHING_STEPS: u64 = 100;

/// An OCSP response as far as judgement is concerned.
#[derive(Clone, Debug)]
pub struct OcspFacts {
    /// SHA-256 of the `BasicOCSPResponse`.
    pub sha256: Digest,
    /// Who answers.
    pub responder_id: ResponderId,
    /// When the answer was signed.
    pub produced_at: Time,
    /// The nonce, the DER inside the extension.
    pub nonce: Option<Box<[u8]>>,
    /// Whether certificates that were never issued are called revoked (RFC 6960, 4.4.8).
    pub extended_revoke: bool,
    /// Algorithm of the signature.
    pub signature_algorithm: Result<SignatureAlgorithm, UnknownAlgorithm>,
    /// Whose key verified the signature.
    pub signature: SignatureFacts,
    /// What it does against the standard.
    pub irregularities: Vec<Irregularity>,
    /// Critical extensions of the whole answer that nobody here processes.
    pub unknown_critical: Vec<Oid>,
    /// The certificates that came with it.
    pub certificates: Vec<Certificate>,
    /// The answers.
    pub responses: Vec<SingleFacts>,
}

/// One answer, and which certificates at hand it is about.
#[derive(Clone, Debug)]
pub struct SingleFacts {
    /// What is answered.
    pub response: SingleResponse,
    /// Whom it concerns; nobody at hand if empty.
    pub concerns: Vec<Concern>,
}

/// That an answer is about a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concern {
    /// The certificate.
    pub certificate: Certificate,
    /// The key of its issuer by which it is identified, DER `SubjectPublicKeyInfo`.
    pub issuer_key: Arc<[u8]>,
    /// Whether the hash of the certificate in the answer, if there is one, is that of this certificate.
    pub cert_hash_agrees: Option<bool>,
}

/// Verifies an OCSP response and finds the certificates at hand that its answers are about. Draws on
/// [`Resource::SignatureChecks`] and [`Resource::Steps`].
///
/// # Errors
///
/// An exhausted budget; everything else is a fact.
pub fn ocsp_facts(
    response: &BasicOcspResponse,
    at_hand: &AtHand<'_>,
    provider: &dyn Provider,
    budget: &mut Budget,
) -> Result<OcspFacts, Exhausted> {
    let context = Context { response, at_hand, provider };
    let signature = context.verify(budget)?;
    let related = response.responses().iter().map(|single| context.relate(single, budget));
    let responses = related.collect::<Result<_, _>>()?;
    Ok(OcspFacts {
        sha256: response.digest(DigestAlgorithm::Sha256, provider),
        responder_id: response.responder_id().clone(),
        produced_at: response.produced_at(),
        nonce: response.nonce().map(Into::into),
        extended_revoke: response.is_extended_revoke(),
        signature_algorithm: response.signed().algorithm().cloned().map_err(Clone::clone),
        signature,
        irregularities: response.irregularities().to_vec(),
        unknown_critical: response.unknown_critical().to_vec(),
        certificates: response.certificates().to_vec(),
        responses,
    })
}

struct Context<'a> {
    response: &'a BasicOcspResponse,
    at_hand: &'a AtHand<'a>,
    provider: &'a dyn Provider,
}

impl<'a> Context<'a> {
    fn carried(&self) -> impl Iterator<Item = Candidate<'a>> {
        let carried = self.response.certificates().iter();
        carried.map(|certificate| Candidate::of_certificate(certificate, Origin::Carried))
    }

    fn verify(&self, budget: &mut Budget) -> Result<SignatureFacts, Exhausted> {
        let candidates: Vec<Candidate<'_>> = match self.response.responder_id() {
            ResponderId::Name(name) => {
                self.at_hand.named(name).chain(self.carried().filter(|one| one.name == name)).collect()
            }
            ResponderId::KeyHash(hash) => {
                let carried = self.carried().filter(|one| one.key_hash(self.provider) == **hash);
                self.at_hand.with_key_hash(hash).chain(carried).collect()
            }
        };
        let mut facts = verify(self.response.signed(), &candidates, self.provider, budget)?;
        if let SignatureFacts::Verified(signers) = &mut facts {
            for signer in signers {
                self.find_issuer_keys(signer, budget)?;
            }
        }
        Ok(facts)
    }

    /// Finds the key that issued the certificate of what may be a delegated responder.
    fn find_issuer_keys(&self, signer: &mut SourceSigner, budget: &mut Budget) -> Result<(), Exhausted> {
        let Some(certificate) = &signer.certificate else { return Ok(()) };
        let purposes = certificate.extensions().extended_key_usage.as_deref().unwrap_or_default();
        if !purposes.contains(&oid::KP_OCSP_SIGNING) {
            return Ok(());
        }
        let candidates: Vec<Candidate<'_>> = self.issuers(certificate).collect();
        let facts = verify(certificate.signed(), &candidates, self.provider, budget)?;
        signer.issued_by = facts.key().map(Into::into).into_iter().collect();
        Ok(())
    }

    fn issuers(&self, certificate: &Certificate) -> impl Iterator<Item = Candidate<'a>> {
        let name = certificate.issuer().clone();
        let at_hand: Vec<Candidate<'a>> = self.at_hand.named(&name).collect();
        at_hand.into_iter().chain(self.carried().filter(move |one| *one.name == name))
    }

    /// Finds the certificates at hand that an answer is about: those whose serial number, issuer name and issuer key
    /// make its identifier (RFC 6960, 4.1.1).
    fn relate(&self, single: &SingleResponse, budget: &mut Budget) -> Result<SingleFacts, Exhausted> {
        let mut concerns = Vec::new();
        for certificate in self.at_hand.with_serial(&single.cert_id.serial) {
            let issuers: Vec<Candidate<'_>> = self.issuers(certificate).collect();
            budget.spend(Resource::Steps, CANDIDATE.saturating_mul(issuers.len() as u64 + 1))?;
            let keys: BTreeSet<&[u8]> = issuers.iter().map(|issuer| issuer.key).collect();
            for key in keys {
                budget.spend(Resource::Steps, HASHING_STEPS)?;
                let (issuer, serial) = (certificate.issuer(), certificate.serial());
                if single.cert_id.is(issuer, key, serial, self.provider) {
                    let agrees = |hash: &Digest| certificate.digest(hash.algorithm, self.provider) == *hash;
                    concerns.push(Concern {
                        certificate: (*certificate).clone(),
                        issuer_key: key.into(),
                        cert_hash_agrees: single.cert_hash.as_ref().map(agrees),
                    });
                }
            }
        }
        Ok(SingleFacts { response: single.clone(), concerns })
    }
}
