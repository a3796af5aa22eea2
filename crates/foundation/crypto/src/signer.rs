//! The joint where a private key meets the rest: software vault, token, TPM or another machine.

use crate::SignatureAlgorithm;
use std::fmt;

/// Holds a private key and signs with it.
pub trait Signer: Send + Sync {
    /// The algorithm that [`Signer::sign`] uses.
    fn algorithm(&self) -> SignatureAlgorithm;

    /// The public key as DER `SubjectPublicKeyInfo` (RFC 5280, 4.1).
    fn public_key(&self) -> &[u8];

    /// Signs `message` (not its digest). ECDSA values come back as DER (`Ecdsa-Sig-Value`, RFC 3279, 2.2.3).
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError>;
}

/// Why a signer did not sign. Carries no key material.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignerError(pub String);

impl fmt::Display for SignerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SignerError {}
