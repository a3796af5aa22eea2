//! What a provider of cryptography must do: digest and verify. Signing is [`crate::Signer`]'s.

use crate::{Digest, DigestAlgorithm, PublicKey, SignatureAlgorithm};
use std::fmt;

/// A running digest.
pub trait Hasher: Send {
    /// Takes more bytes.
    fn update(&mut self, bytes: &[u8]);
    /// The digest of all bytes taken.
    fn finish(self: Box<Self>) -> Digest;
    /// A second digest that has taken the same bytes so far; lets signatures over a common prefix share the work.
    fn fork(&self) -> Box<dyn Hasher>;
}

/// What was signed.
#[derive(Clone, Copy, Debug)]
pub enum Message<'a> {
    /// The bytes themselves.
    Whole(&'a [u8]),
    /// Only their digest, by the digest algorithm of the signature algorithm.
    Digest(&'a Digest),
}

/// Why a signature value was not confirmed. All cases are failures; they differ in what can be said about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureError {
    /// Computed and wrong: the message, the key or the value is not the one that was used for signing.
    Mismatch,
    /// The key cannot be parsed, or is not of the kind that the algorithm needs.
    BadKey,
    /// The algorithm, or this key size or curve, is not supported.
    Unsupported,
}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SignatureError::Mismatch => "the signature value does not match the signed data and the key",
            SignatureError::BadKey => "the public key is malformed or does not fit the algorithm",
            SignatureError::Unsupported => "the signature algorithm or key is not supported",
        })
    }
}

impl std::error::Error for SignatureError {}

/// Digests and signature verification. Deterministic and free of side effects.
pub trait Provider: Send + Sync {
    /// Starts a digest.
    fn hasher(&self, algorithm: DigestAlgorithm) -> Box<dyn Hasher>;

    /// The digest of one piece.
    fn digest(&self, algorithm: DigestAlgorithm, bytes: &[u8]) -> Digest {
        let mut hasher = self.hasher(algorithm);
        hasher.update(bytes);
        hasher.finish()
    }

    /// Checks a signature value. `Ok` means exactly: this value was made over this message with the private key of
    /// `key` by `algorithm`. ECDSA values are DER (`Ecdsa-Sig-Value`, RFC 3279, 2.2.3).
    fn verify(
        &self,
        key: &PublicKey,
        algorithm: &SignatureAlgorithm,
        message: Message<'_>,
        signature: &[u8],
    ) -> Result<(), SignatureError>;
}
