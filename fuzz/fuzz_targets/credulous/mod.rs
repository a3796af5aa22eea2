//! Takes every signature as good, so that the fuzzer reaches the rules behind it.

use crypto::{
    DigestAlgorithm, Hasher, Message, Provider, PublicKey, PureProvider, SignatureAlgorithm, SignatureError,
};

/// Accepts every signature.
pub struct Credulous;

impl Provider for Credulous {
    fn hasher(&self, algorithm: DigestAlgorithm) -> Box<dyn Hasher> {
        PureProvider.hasher(algorithm)
    }

    fn verify(
        &self,
        _: &PublicKey,
        _: &SignatureAlgorithm,
        _: Message<'_>,
        _: &[u8],
    ) -> Result<(), SignatureError> {
        Ok(())
    }
}
