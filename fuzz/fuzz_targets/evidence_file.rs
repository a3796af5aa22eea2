//! Any bytes as an evidence file; what can be read is judged and written alike again. The digest is made right first, so
//! that the fuzzer reaches what lies behind it.
#![no_main]

use crypto::{DigestAlgorithm, Hasher, Message, Provider, PublicKey, SignatureAlgorithm, SignatureError};
use evidence::frozen;
use libfuzzer_sys::fuzz_target;
use types::{Budget, Limits, Resource, Time};
use validation::Policy;

/// Gives the same digest to everything: a file then needs only this one.
struct Careless;

struct Zeros(DigestAlgorithm);

impl Hasher for Zeros {
    fn update(&mut self, _: &[u8]) {}

    fn finish(self: Box<Self>) -> crypto::Digest {
        crypto::Digest { algorithm: self.0, value: vec![0; self.0.output_len()] }
    }

    fn fork(&self) -> Box<dyn Hasher> {
        Box::new(Zeros(self.0))
    }
}

impl Provider for Careless {
    fn hasher(&self, algorithm: DigestAlgorithm) -> Box<dyn Hasher> {
        Box::new(Zeros(algorithm))
    }

    fn verify(
        &self,
        _: &PublicKey,
        _: &SignatureAlgorithm,
        _: Message<'_>,
        _: &[u8],
    ) -> Result<(), SignatureError> {
        Err(SignatureError::Mismatch)
    }
}

fuzz_target!(|data: &[u8]| {
    let mut budget = Budget::new(Limits::STANDARD.with(Resource::Steps, 100_000));
    let Ok(frozen) = frozen::read(data, &Careless, &mut budget) else { return };
    let _ = validation::validate(&frozen.evidence, &Policy::standard(), Time::from_unix(1_795_000_000));
    let text = frozen::write(&frozen.evidence, &frozen.collected, &Careless);
    let again = frozen::read(text.as_bytes(), &Careless, &mut Budget::default()).expect("it was just written");
    assert_eq!(frozen::write(&again.evidence, &again.collected, &Careless), text);
});
