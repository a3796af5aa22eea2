//! Who made the signature on a certificate: computed now, or recorded earlier and looked up.

use crate::check::Fault;
use crate::links::VerifiedLinks;
use crypto::{Message, Provider, PublicKey, SignatureError};
use pkix::{AnchorRole, Certificate, TrustAnchor};
use std::collections::{BTreeMap, BTreeSet};
use types::{Budget, Exhausted, Resource};

/// Answers whether a key (DER `SubjectPublicKeyInfo`) made the signature on a certificate.
pub trait LinkOracle {
    /// `Ok` means exactly: this key made the signature on `certificate`.
    fn verify(
        &mut self,
        certificate: &Certificate,
        issuer_key: &[u8],
        budget: &mut Budget,
    ) -> Result<(), Fault>;
}

/// Computes signatures, with memory: results of this search, and positive ones shared between searches.
pub struct ComputedLinks<'a> {
    provider: &'a dyn Provider,
    shared: &'a VerifiedLinks,
    /// Links already judged, by where the bytes of certificate and issuer key lie.
    known: BTreeMap<(*const u8, *const u8), Result<(), Fault>>,
}

impl<'a> ComputedLinks<'a> {
    /// Nothing known yet but what is shared.
    pub fn new(provider: &'a dyn Provider, shared: &'a VerifiedLinks) -> ComputedLinks<'a> {
        ComputedLinks { provider, shared, known: BTreeMap::new() }
    }

    fn compute(&self, certificate: &Certificate, issuer_key: &[u8]) -> Result<(), Fault> {
        let unknown = |error: &crypto::UnknownAlgorithm| Fault::UnknownAlgorithm(error.clone());
        let algorithm = certificate.signed().algorithm().map_err(unknown)?;
        let key = PublicKey::from_spki(issuer_key).map_err(Fault::UnknownAlgorithm)?;
        let message = Message::Whole(certificate.signed().tbs());
        self.provider
            .verify(&key, algorithm, message, certificate.signed().signature())
            .map_err(Fault::Signature)
    }
}

impl LinkOracle for ComputedLinks<'_> {
    fn verify(
        &mut self,
        certificate: &Certificate,
        issuer_key: &[u8],
        budget: &mut Budget,
    ) -> Result<(), Fault> {
        let link = (certificate.der().as_ptr(), issuer_key.as_ptr());
        if let Some(result) = self.known.get(&link) {
            return result.clone();
        }
        // Counted even if the cache knows it, so that the outcome does not depend on what the cache holds.
        budget.spend(Resource::SignatureChecks, 1).map_err(Fault::Budget)?;
        let mut result = Ok(());
        if !self.shared.contains(certificate, issuer_key) {
            result = self.compute(certificate, issuer_key);
            if result.is_ok() {
                self.shared.insert(certificate, issuer_key);
            }
        }
        self.known.insert(link, result.clone());
        result
    }
}

/// Keys (DER `SubjectPublicKeyInfo`) with what came of checking a certificate by them.
type Keys = BTreeMap<Box<[u8]>, Result<(), SignatureError>>;

/// Links that were computed once and are only looked up from then on, so that paths can be built for other times
/// without any cryptography.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordedLinks {
    links: BTreeMap<Certificate, Keys>,
}

impl RecordedLinks {
    /// Computes every link that a path from one of `targets` over `pool` to `anchors` can have, at any time. Draws on
    /// [`Resource::SignatureChecks`] and [`Resource::PathSteps`]; when one runs out, the links left over are not recorded,
    /// and a link that is not recorded counts as one that could not be checked.
    pub fn record(
        targets: &[Certificate],
        pool: &[Certificate],
        anchors: &[TrustAnchor],
        provider: &dyn Provider,
        shared: &VerifiedLinks,
        budget: &mut Budget,
    ) -> (RecordedLinks, Result<(), Exhausted>) {
        let mut recorded = RecordedLinks::default();
        let mut computed = ComputedLinks::new(provider, shared);
        let complete = recorded.walk(targets, pool, anchors, &mut computed, budget);
        (recorded, complete)
    }

    fn walk(
        &mut self,
        targets: &[Certificate],
        pool: &[Certificate],
        anchors: &[TrustAnchor],
        computed: &mut ComputedLinks<'_>,
        budget: &mut Budget,
    ) -> Result<(), Exhausted> {
        let mut by_subject: BTreeMap<&[u8], Vec<&Certificate>> = BTreeMap::new();
        for certificate in pool {
            budget.spend(Resource::PathSteps, 1)?;
            by_subject.entry(certificate.subject().prepared()).or_default().push(certificate);
        }
        let issuing = anchors.iter().filter(|anchor| anchor.role != AnchorRole::EndEntity);
        let mut anchors_by_name: BTreeMap<&[u8], Vec<&TrustAnchor>> = BTreeMap::new();
        for anchor in issuing {
            anchors_by_name.entry(anchor.name().prepared()).or_default().push(anchor);
        }
        let mut seen: BTreeSet<&Certificate> = BTreeSet::new();
        let mut waiting: Vec<&Certificate> = targets.iter().collect();
        while let Some(certificate) = waiting.pop() {
            budget.spend(Resource::PathSteps, 1)?;
            if !seen.insert(certificate) {
                continue;
            }
            let name = certificate.issuer().prepared();
            let named = anchors_by_name.get(name).map(Vec::as_slice).unwrap_or_default();
            // That an anchor signed its own certificate is asked by no path.
            for anchor in named.iter().filter(|anchor| !anchor.is(certificate)) {
                self.keep(certificate, anchor.subject_public_key_info(), computed, budget)?;
            }
            for issuer in by_subject.get(name).map(Vec::as_slice).unwrap_or_default() {
                budget.spend(Resource::PathSteps, 1)?;
                // No path holds the same name and key twice.
                let itself = issuer.subject_public_key_info() == certificate.subject_public_key_info()
                    && issuer.subject() == certificate.subject();
                if !itself {
                    self.keep(certificate, issuer.subject_public_key_info(), computed, budget)?;
                    waiting.push(issuer);
                }
            }
        }
        Ok(())
    }

    fn keep(
        &mut self,
        certificate: &Certificate,
        issuer_key: &[u8],
        computed: &mut ComputedLinks<'_>,
        budget: &mut Budget,
    ) -> Result<(), Exhausted> {
        let known = self.links.get(certificate).is_some_and(|keys| keys.contains_key(issuer_key));
        if known {
            return Ok(());
        }
        let outcome = match computed.verify(certificate, issuer_key, budget) {
            Ok(()) => Ok(()),
            Err(Fault::Budget(exhausted)) => return Err(exhausted),
            Err(Fault::Signature(error)) => Err(error),
            Err(_) => Err(SignatureError::Unsupported),
        };
        self.insert(certificate.clone(), issuer_key.into(), outcome);
        Ok(())
    }

    /// Takes over a link that was recorded elsewhere.
    pub fn insert(
        &mut self,
        certificate: Certificate,
        issuer_key: Box<[u8]>,
        outcome: Result<(), SignatureError>,
    ) {
        self.links.entry(certificate).or_default().insert(issuer_key, outcome);
    }

    /// Every link: certificate, issuer key, outcome; in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = (&Certificate, &[u8], Result<(), SignatureError>)> {
        self.links.iter().flat_map(|(certificate, keys)| {
            keys.iter().map(move |(key, outcome)| (certificate, &**key, *outcome))
        })
    }
}

impl LinkOracle for &RecordedLinks {
    fn verify(&mut self, certificate: &Certificate, issuer_key: &[u8], _: &mut Budget) -> Result<(), Fault> {
        let recorded = self.links.get(certificate).and_then(|keys| keys.get(issuer_key));
        recorded.copied().unwrap_or(Err(SignatureError::Unsupported)).map_err(Fault::Signature)
    }
}
