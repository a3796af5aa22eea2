//! Data outside of the XML document: members of a container, or whatever else the caller holds.

use crate::outcome::NotComputed;
use crypto::{Digest, DigestAlgorithm};
use types::{Budget, Malformed};

/// What references with a URI outside of the document resolve to. Implementations look only at what they hold.
pub trait DetachedData {
    /// The digest of the octets behind `uri`, which is as written, percent-encoded.
    fn digest(
        &mut self,
        uri: &str,
        algorithm: DigestAlgorithm,
        budget: &mut Budget,
    ) -> Result<Digest, Unresolved>;

    /// Gives the octets behind `uri` in pieces; they count only if the result is `Ok`.
    fn stream(
        &mut self,
        uri: &str,
        sink: &mut dyn FnMut(&[u8]),
        budget: &mut Budget,
    ) -> Result<(), Unresolved>;
}

/// Why a URI has no data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unresolved {
    /// Nothing has that name.
    Missing,
    /// Several things have that name.
    Ambiguous,
    /// It points to what is not held here.
    Outside,
    /// It is there and cannot be read.
    Unreadable(Malformed),
}

impl Unresolved {
    pub(crate) fn explain(self, uri: &str) -> NotComputed {
        match self {
            Unresolved::Missing => NotComputed::Missing(uri.to_owned()),
            Unresolved::Ambiguous => NotComputed::Ambiguous(uri.to_owned()),
            Unresolved::Outside => NotComputed::Outside(uri.to_owned()),
            Unresolved::Unreadable(malformed) => NotComputed::Unreadable(malformed),
        }
    }
}
