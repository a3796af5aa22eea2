//! Digests of members, computed once each by streaming.

use crate::container::Container;
use crypto::{Digest, DigestAlgorithm, Provider};
use std::collections::BTreeMap;
use types::{Budget, Malformed};

/// Computes digests of members and remembers them, so that many references to one member cost one pass.
pub struct Digests<'c> {
    container: &'c Container<'c>,
    provider: &'c dyn Provider,
    known: BTreeMap<(usize, DigestAlgorithm), Result<Digest, Malformed>>,
}

impl<'c> Digests<'c> {
    /// Nothing is computed yet.
    pub fn new(container: &'c Container<'c>, provider: &'c dyn Provider) -> Digests<'c> {
        Digests { container, provider, known: BTreeMap::new() }
    }

    /// The container that is read.
    pub fn container(&self) -> &'c Container<'c> {
        self.container
    }

    /// The provider that computes.
    pub fn provider(&self) -> &'c dyn Provider {
        self.provider
    }

    /// The digest of the content of the member with this index.
    pub fn of(
        &mut self,
        member: usize,
        algorithm: DigestAlgorithm,
        budget: &mut Budget,
    ) -> Result<Digest, Malformed> {
        if let Some(known) = self.known.get(&(member, algorithm)) {
            return known.clone();
        }
        let mut hasher = self.provider.hasher(algorithm);
        let result = self.container.stream(member, &mut |piece| hasher.update(piece), budget);
        let result = result.map(|()| hasher.finish());
        self.known.insert((member, algorithm), result.clone());
        result
    }
}
