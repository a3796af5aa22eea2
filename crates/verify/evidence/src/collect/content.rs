//! Detached content, hashed in one pass however many digests of it are needed.

use super::hashing::feed;
use cms::{ContentNeeded, HashedContent, MOST_OF_ATTRIBUTES};
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

/// Whether content beside a signature is what the signature holds itself. If not, whoever put it there takes something else
/// for signed than what is.
pub(super) fn same_content(
    inside: &[u8],
    beside: &dyn Content,
    budget: &mut Budget,
) -> Result<bool, Malformed> {
    let mut rest = Some(inside);
    beside.feed(&mut |piece| rest = rest.and_then(|rest| rest.strip_prefix(piece)), budget)?;
    Ok(rest == Some(&[]))
}

/// What was hashed of some content, and how it begins.
pub(super) struct Hashed {
    digests: Vec<HashedContent>,
    start: Vec<u8>,
    length: u64,
}

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
        let (mut start, mut length) = (Vec::new(), 0_u64);
        let take = &mut |piece: &[u8]| {
            hashed.iter_mut().for_each(|one| one.hasher.update(piece));
            let room = MOST_OF_ATTRIBUTES.saturating_sub(start.len());
            start.extend_from_slice(piece.get(..room).unwrap_or(piece));
            length = length.saturating_add(piece.len() as u64);
        };
        content.feed(take, budget)?;
        Ok(Hashed { digests: hashed, start, length })
    }

    /// The digest of the content alone.
    pub(super) fn digest(&self, algorithm: DigestAlgorithm) -> Option<Digest> {
        let wanted = plain(algorithm);
        let found = self.digests.iter().find(|one| one.needed == wanted)?;
        Some(found.hasher.fork().finish())
    }

    pub(super) fn all(&self) -> &[HashedContent] {
        &self.digests
    }

    /// Its first bytes and its length.
    pub(super) fn start(&self) -> (&[u8], u64) {
        (&self.start, self.length)
    }
}

/// A digest of the content and nothing before it.
pub(super) fn plain(algorithm: DigestAlgorithm) -> ContentNeeded {
    ContentNeeded { algorithm, prefix: Vec::new() }
}
