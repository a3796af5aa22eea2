//! Where random bytes come from; an argument, so that test vectors can fix them.

use crate::VaultError;

/// A source of random bytes fit for salts and nonces.
pub trait Entropy {
    /// Fills `bytes`.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), VaultError>;
}

/// The random number generator of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), VaultError> {
        getrandom::fill(bytes).map_err(|error| VaultError::Entropy(error.to_string()))
    }
}
