//! The signed content as those who check imprints have it: octets, digests, or running digests of a file too large to hold.

use crate::signed_data::SignedData;
use crypto::{Digest, DigestAlgorithm, Hasher, Provider};

/// The content under a signature, for [`crate::ImprintCheck`]. What is encapsulated in the [`SignedData`] needs not be
/// given again.
#[derive(Clone, Copy)]
pub enum Content<'c> {
    /// Not at hand, or encapsulated.
    None,
    /// The detached content itself.
    Octets(&'c [u8]),
    /// Digests of the detached content. They serve all time-stamps but archive-time-stamps version 1 and 2.
    Digests(&'c [Digest]),
    /// Running digests that have taken what [`crate::ImprintCheck::content_needed`] asked for.
    Hashed(&'c [HashedContent]),
}

/// A running digest that a check needs: over `prefix` and then the content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContentNeeded {
    /// By which algorithm.
    pub algorithm: DigestAlgorithm,
    /// Octets before the content; empty for all time-stamps but archive-time-stamps version 1 and 2.
    pub prefix: Vec<u8>,
}

/// A running digest that has taken the prefix and the content.
pub struct HashedContent {
    /// What was asked for.
    pub needed: ContentNeeded,
    /// Has taken exactly the prefix and the content.
    pub hasher: Box<dyn Hasher>,
}

/// A part of what a time-stamp's imprint is the digest of.
#[derive(Clone)]
pub(super) enum Piece<'p> {
    /// Octets.
    Octets(std::borrow::Cow<'p, [u8]>),
    /// Octets of several candidates, re-encoded once.
    Shared(std::rc::Rc<Vec<u8>>),
    /// The octets of the content.
    Content,
    /// The digest of the content, by the algorithm of the imprint.
    ContentDigest,
}

/// Why a digest cannot be computed: what of the content is needed.
pub(super) type Unavailable = ContentNeeded;

/// The content of one signature and the means to digest it.
#[derive(Clone, Copy)]
pub(super) struct Digester<'c> {
    encapsulated: Option<&'c [u8]>,
    content: Content<'c>,
    provider: &'c dyn Provider,
}

impl<'c> Digester<'c> {
    pub(super) fn new(
        signed_data: &'c SignedData<'_>,
        content: Content<'c>,
        provider: &'c dyn Provider,
    ) -> Digester<'c> {
        Digester { encapsulated: signed_data.content.content.as_deref(), content, provider }
    }

    /// The content's octets, if they are at hand.
    fn octets(&self) -> Option<&'c [u8]> {
        self.encapsulated.or(match self.content {
            Content::Octets(octets) => Some(octets),
            _ => None,
        })
    }

    /// A running digest that has taken the prefix and the content.
    fn hasher(&self, algorithm: DigestAlgorithm, prefix: &[u8]) -> Result<Box<dyn Hasher>, Unavailable> {
        if let Some(octets) = self.octets() {
            let mut hasher = self.provider.hasher(algorithm);
            hasher.update(prefix);
            hasher.update(octets);
            return Ok(hasher);
        }
        let needed = ContentNeeded { algorithm, prefix: prefix.to_vec() };
        let hashed = match self.content {
            Content::Hashed(hashed) => hashed.iter().find(|hashed| hashed.needed == needed),
            _ => None,
        };
        hashed.map(|hashed| hashed.hasher.fork()).ok_or(needed)
    }

    /// The digest of the content alone.
    pub(super) fn content_digest(&self, algorithm: DigestAlgorithm) -> Result<Digest, Unavailable> {
        if let Content::Digests(digests) = self.content
            && self.encapsulated.is_none()
        {
            let found = digests.iter().find(|digest| digest.algorithm == algorithm);
            return found.cloned().ok_or(ContentNeeded { algorithm, prefix: Vec::new() });
        }
        Ok(self.hasher(algorithm, &[])?.finish())
    }

    /// The digest of all pieces one after the other.
    pub(super) fn digest(
        &self,
        algorithm: DigestAlgorithm,
        pieces: &[Piece<'_>],
    ) -> Result<Digest, Unavailable> {
        if let [Piece::Content] = pieces {
            return self.content_digest(algorithm);
        }
        let content = pieces.iter().position(|piece| matches!(piece, Piece::Content));
        let (before, after) = pieces.split_at(content.map_or(0, |at| at + 1));
        let mut hasher = match content {
            None => self.provider.hasher(algorithm),
            Some(_) => {
                let prefix = before.iter().map(|piece| match piece {
                    Piece::Octets(octets) => octets.as_ref(),
                    Piece::Shared(octets) => octets.as_slice(),
                    // No imprint has a digest of the content before the content.
                    Piece::Content | Piece::ContentDigest => &[],
                });
                self.hasher(algorithm, &prefix.collect::<Vec<&[u8]>>().concat())?
            }
        };
        for piece in after {
            match piece {
                Piece::Octets(octets) => hasher.update(octets),
                Piece::Shared(octets) => hasher.update(octets),
                Piece::ContentDigest => hasher.update(&self.content_digest(algorithm)?.value),
                Piece::Content => hasher.update(self.octets().unwrap_or_default()),
            }
        }
        Ok(hasher.finish())
    }
}
