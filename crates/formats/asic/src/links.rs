//! From manifests to what they cover: do the digests match the members?

use crate::digests::Digests;
use crate::manifest::Manifest;
use crate::uri::Resolution;
use crypto::Digest;
use types::{Budget, Malformed};

/// One reference of a manifest, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceCheck {
    /// As written.
    pub uri: String,
    /// The member meant, if there is exactly one.
    pub member: Option<usize>,
    /// What came out.
    pub outcome: Outcome,
}

/// How a reference came out. Only [`Outcome::Match`] says that the member is the one that was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The digest is the one in the manifest.
    Match,
    /// The member has another digest.
    Mismatch(Digest),
    /// There is no such member.
    Missing,
    /// Several members have that name.
    Ambiguous,
    /// The reference points out of the container.
    Outside,
    /// The digest algorithm is not known.
    UnknownAlgorithm(String),
    /// The member cannot be read.
    Unreadable(Malformed),
}

impl Manifest {
    /// Compares every reference with the members.
    pub fn check(&self, digests: &mut Digests<'_>, budget: &mut Budget) -> Vec<ReferenceCheck> {
        let mut checks = Vec::with_capacity(self.references.len());
        for reference in &self.references {
            let resolution = digests.container().resolve(&reference.uri);
            let (member, outcome) = match resolution {
                Resolution::Missing => (None, Outcome::Missing),
                Resolution::Ambiguous => (None, Outcome::Ambiguous),
                Resolution::Outside => (None, Outcome::Outside),
                Resolution::Member(member) => {
                    let outcome = match &reference.algorithm {
                        Err(identifier) => Outcome::UnknownAlgorithm(identifier.clone()),
                        Ok(algorithm) => match digests.of(member, *algorithm, budget) {
                            Ok(digest) if digest.value == reference.digest => Outcome::Match,
                            Ok(digest) => Outcome::Mismatch(digest),
                            Err(malformed) => Outcome::Unreadable(malformed),
                        },
                    };
                    (Some(member), outcome)
                }
            };
            checks.push(ReferenceCheck { uri: reference.uri.clone(), member, outcome });
        }
        checks
    }
}
