//! Detached content, hashed in one pass however many digests of it are needed.

use super::hashing::feed;
use cms::{ContentNeeded, HashedContent};
use crypto::{Digest, DigestAlgorithm, Provider};
use std::collections::BTreeSet;
use types::{Budget, Malformed, Source, Span};

/// Something that a signature is over and that does not lie inside it.
pub(super) trait Content {
    /// Hands over all of it, in pieces.
    fn feed(&self, take: &mut dyn FnMut(&[u8]), budget: &mut Budget) -> Result<(), Malformed>;
}

impl Content for &dyn Source {
    fn feed(&self, take: &mut dyn FnMut(&[u8]), _: &mut Budget) -> Result<(), Malformed> {
        Ok(feed(*self, Span::new(0, self.len()), take)?)
    }
}

/// What was hashed of some content.
pub(super) struct Hashed(Vec<HashedContent>);

impl Hashed {
    /// Hashes `content` as needed.
    pub(super) fn of(
        content: &dyn Content,
        needed: &BTreeSet<ContentNeeded>,
        provider: &dyn Provider,
        budget: &mut Budget,
    ) -> Result<Hashed, Malformed> {
        let mut hashed: Vec<HashedContent> = needed
            .iter()
            .map(|needed| {
                let mut hasher = provider.hasher(needed.algorithm);
                hasher.update(&needed.prefix);
                HashedContent { needed: needed.clone(), hasher }
            })
            .collect();
        content.feed(&mut |piece| hashed.iter_mut().for_each(|one| one.hasher.update(piece)), budget)?;
        Ok(Hashed(hashed))
    }

    /// The digest of the content alone.
    pub(super) fn digest(&self, algorithm: DigestAlgorithm) -> Option<Digest> {
        let wanted = plain(algorithm);
        let found = self.0.iter().find(|one| one.needed == wanted)?;
        Some(found.hasher.fork().finish())
    }

    pub(super) fn all(&self) -> &[HashedContent] {
        &self.0
    }
}

/// A digest of the content and nothing before it.
pub(super) fn plain(algorithm: DigestAlgorithm) -> ContentNeeded {
    ContentNeeded { algorithm, prefix: Vec::new() }
}
