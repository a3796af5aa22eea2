//! What a time-stamp in a signature is over (EN 319 132-1, 5.1.4.3).

use crate::detached::DetachedData;
use crate::outcome::NotComputed;
use crypto::{Digest, DigestAlgorithm, Provider};
use types::Budget;

/// The bytes under a token, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imprint {
    /// They are concatenated.
    pub pieces: Vec<Piece>,
}

/// A part of what is under a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Canonicalised or decoded bytes.
    Octets(Vec<u8>),
    /// The data behind this URI as they are.
    Detached(String),
}

impl Imprint {
    /// The digest to be compared with the message imprint of the token.
    pub fn digest(
        &self,
        algorithm: DigestAlgorithm,
        detached: &mut dyn DetachedData,
        provider: &dyn Provider,
        budget: &mut Budget,
    ) -> Result<Digest, NotComputed> {
        let mut hasher = provider.hasher(algorithm);
        for piece in &self.pieces {
            match piece {
                Piece::Octets(octets) => hasher.update(octets),
                Piece::Detached(uri) => detached
                    .stream(uri, &mut |part| hasher.update(part), budget)
                    .map_err(|unresolved| unresolved.explain(uri))?,
            }
        }
        Ok(hasher.finish())
    }
}
