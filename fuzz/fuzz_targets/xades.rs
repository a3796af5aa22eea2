//! Any bytes as XML signatures or an XML evidence record: no panic, bounded work, spans inside, the same result each time.
#![no_main]

use crypto::{Digest, DigestAlgorithm, Provider, PureProvider};
use libfuzzer_sys::fuzz_target;
use types::{Budget, Limits, Resource};
use xades::evidence_record::{DataObject, EvidenceRecord, canonical_digest};
use xades::{DetachedData, Document, Outcome, Unresolved};

/// Every URI has the same content.
struct Anything;

impl DetachedData for Anything {
    fn digest(&mut self, _: &str, algorithm: DigestAlgorithm, _: &mut Budget) -> Result<Digest, Unresolved> {
        Ok(PureProvider.digest(algorithm, b"<a/>"))
    }

    fn stream(&mut self, _: &str, sink: &mut dyn FnMut(&[u8]), _: &mut Budget) -> Result<(), Unresolved> {
        sink(b"<a/>");
        Ok(())
    }
}

fn outcomes(bytes: &[u8]) -> Option<Vec<Outcome>> {
    let limits = Limits::STANDARD.with(Resource::Steps, 2_000_000).with(Resource::DecodedBytes, 16 << 20);
    let mut budget = Budget::new(limits);
    let document = Document::parse(bytes, &mut budget).ok()?;
    let signatures = document.signatures(&mut Anything, &PureProvider, &mut budget).ok()?;
    let mut outcomes = Vec::new();
    for signature in signatures.into_iter().flatten() {
        assert!(signature.span.end <= bytes.len() as u64);
        assert!(!signature.references.is_empty());
        outcomes.extend(signature.references.into_iter().map(|reference| reference.outcome));
    }
    Some(outcomes)
}

/// Over the content `<a/>`, with each imprint the digest of the token.
fn recomputed(bytes: &[u8]) -> Option<String> {
    let limits = Limits::STANDARD.with(Resource::Steps, 2_000_000).with(Resource::DecodedBytes, 16 << 20);
    let mut budget = Budget::new(limits);
    let record = EvidenceRecord::parse(bytes, &PureProvider, &mut budget).ok()?;
    let mut object = DataObject::default();
    for needed in record.digests_needed() {
        let canonical = canonical_digest(b"<a/>", &needed, &PureProvider, &mut budget).ok()?;
        object.digests.push(canonical.into_iter().collect());
    }
    let imprints: Vec<_> = record
        .timestamps()
        .map(|one| Ok(PureProvider.digest(DigestAlgorithm::Sha256, one.token.as_deref().unwrap_or_default())))
        .collect();
    let checks = record.verify(&[object], &imprints, &PureProvider, &mut budget).ok()?;
    assert_eq!(checks.len(), imprints.len());
    Some(format!("{checks:?}"))
}

fuzz_target!(|bytes: &[u8]| {
    assert_eq!(outcomes(bytes), outcomes(bytes));
    assert_eq!(recomputed(bytes), recomputed(bytes));
});
