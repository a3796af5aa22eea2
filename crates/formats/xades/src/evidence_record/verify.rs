//! Recomputes an evidence record for data objects (RFC 6283, 3.3 and 4.3).

use super::{ArchiveTimestamp, ArchiveTimestampChain, EvidenceRecord};
use crate::algorithm::Canonicalization;
use crate::canonical::{Selection, canonicalize};
use crate::document::Document;
use crate::outcome::NotComputed;
use crypto::{Digest, DigestAlgorithm, Provider};
use std::collections::BTreeSet;
use std::fmt;
use types::{Budget, Cause, Malformed, Resource};

/// Digests of data objects that a chain needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestNeeded {
    /// By this algorithm, of the octets as they are.
    pub algorithm: DigestAlgorithm,
    /// And, if the object is XML, of its canonical form ([`canonical_digest`]).
    pub canonicalization: Canonicalization,
}

/// A data object that an evidence record is said to cover: its digests for each of [`EvidenceRecord::digests_needed`],
/// of its octets and of its canonical form.
#[derive(Clone, Debug, Default)]
pub struct DataObject {
    /// In the order of what is needed; any of them stands for the object.
    pub digests: Vec<Vec<Digest>>,
}

/// What an archive time-stamp is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The data objects: the first of all (RFC 6283, 3.3).
    DataObjects,
    /// The time-stamp before it: time-stamp renewal (RFC 6283, 4.2.1).
    PreviousTimestamp,
    /// The data objects and all chains before it: hash-tree renewal (RFC 6283, 4.2.2).
    DataObjectsAndChains,
}

/// The outcome for one archive time-stamp; says nothing about signatures, trust and time of the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveTimestampCheck {
    /// What it is over.
    pub subject: Subject,
    /// The data objects covered, by index in ascending order, if the imprint is the root computed; none for a
    /// time-stamp renewal.
    pub covered: Result<Vec<usize>, ArchiveTimestampError>,
}

/// Why an archive time-stamp proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArchiveTimestampError {
    /// The imprint of the token is not known, with the reason.
    Token(String),
    /// Something was not computed.
    NotComputed(NotComputed),
    /// The algorithm of the tree is not that of the token's imprint.
    AlgorithmsDiffer,
    /// A hash value in the tree has not the length that the algorithm gives.
    HashLength,
    /// No hash value in the first list is that of a data object given or of what is renewed.
    NotCovered,
    /// The root computed is not what was time-stamped.
    Differs,
}

impl fmt::Display for ArchiveTimestampError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ArchiveTimestampError::Token(reason) => return f.write_str(reason),
            ArchiveTimestampError::NotComputed(reason) => return reason.fmt(f),
            ArchiveTimestampError::AlgorithmsDiffer => {
                "the time-stamp uses another digest algorithm than the hash tree"
            }
            ArchiveTimestampError::HashLength => "a hash value in the tree has the wrong length",
            ArchiveTimestampError::NotCovered => "what should be covered is not in the hash tree",
            ArchiveTimestampError::Differs => "the root of the hash tree is not what was time-stamped",
        })
    }
}

impl std::error::Error for ArchiveTimestampError {}

/// The digest of the canonical form of a data object, if it is XML that can be read (RFC 6283, 3.2.1). Only an exhausted
/// budget is an error.
pub fn canonical_digest(
    octets: &[u8],
    needed: &DigestNeeded,
    provider: &dyn Provider,
    budget: &mut Budget,
) -> Result<Option<Digest>, Malformed> {
    let canonical = match Document::parse(octets, budget) {
        Ok(document) => {
            let all = Selection::element(document.tree.root());
            canonicalize(&document, &all, &needed.canonicalization, budget)
        }
        Err(malformed) => Err(NotComputed::Unreadable(malformed)),
    };
    match canonical {
        Ok(octets) => Ok(Some(provider.digest(needed.algorithm, &octets))),
        Err(NotComputed::Unreadable(malformed)) if matches!(malformed.cause, Cause::Budget(_)) => {
            Err(malformed)
        }
        Err(_) => Ok(None),
    }
}

impl EvidenceRecord {
    /// What is needed of each data object: one entry a chain; chains of unknown algorithms are left out.
    pub fn digests_needed(&self) -> Vec<DigestNeeded> {
        let mut needed = Vec::new();
        for one in self.chains.iter().filter_map(ArchiveTimestampChain::digest_needed) {
            if !needed.contains(&one) {
                needed.push(one);
            }
        }
        needed
    }

    /// Checks hash trees and renewals for these data objects. `imprints` are those of the tokens, in the order of
    /// [`EvidenceRecord::timestamps`], or why one is not known.
    pub fn verify(
        &self,
        objects: &[DataObject],
        imprints: &[Result<Digest, String>],
        provider: &dyn Provider,
        budget: &mut Budget,
    ) -> Result<Vec<ArchiveTimestampCheck>, Malformed> {
        let needed = self.digests_needed();
        let mut imprints = imprints.iter();
        let mut checks = Vec::new();
        for (chain_number, chain) in self.chains.iter().enumerate() {
            let place = chain.digest_needed().and_then(|one| needed.iter().position(|other| *other == one));
            for (number, timestamp) in chain.timestamps.iter().enumerate() {
                let subject = match (chain_number, number) {
                    (0, 0) => Subject::DataObjects,
                    (_, 0) => Subject::DataObjectsAndChains,
                    _ => Subject::PreviousTimestamp,
                };
                let missing = || Err("the time-stamp is not at hand".to_owned());
                let imprint = imprints.next().cloned().unwrap_or_else(missing);
                let tree = Tree { chain, timestamp, subject, provider };
                let covered = match imprint {
                    Err(reason) => Err(ArchiveTimestampError::Token(reason)),
                    Ok(imprint) => tree.prove(&imprint, objects, place, budget)?,
                };
                checks.push(ArchiveTimestampCheck { subject, covered });
            }
        }
        Ok(checks)
    }
}

impl ArchiveTimestampChain {
    fn digest_needed(&self) -> Option<DigestNeeded> {
        let (algorithm, canonicalization) =
            (*self.algorithm.as_ref().ok()?, self.canonicalization.clone().ok()?);
        Some(DigestNeeded { algorithm, canonicalization })
    }
}

/// One archive time-stamp in its place.
struct Tree<'t> {
    chain: &'t ArchiveTimestampChain,
    timestamp: &'t ArchiveTimestamp,
    subject: Subject,
    provider: &'t dyn Provider,
}

type Proved = Result<Vec<usize>, ArchiveTimestampError>;

impl Tree<'_> {
    /// The outer error is an exhausted budget.
    fn prove(
        &self,
        imprint: &Digest,
        objects: &[DataObject],
        place: Option<usize>,
        budget: &mut Budget,
    ) -> Result<Proved, Malformed> {
        let (Ok(algorithm), Some(place)) = (&self.chain.algorithm, place) else {
            let reason = NotComputed::Structure("an algorithm of the chain is not known");
            return Ok(Err(ArchiveTimestampError::NotComputed(reason)));
        };
        if imprint.algorithm != *algorithm {
            return Ok(Err(ArchiveTimestampError::AlgorithmsDiffer));
        }
        let renewed = match self.subject {
            Subject::DataObjects => None,
            Subject::PreviousTimestamp => self.timestamp.before.as_ref(),
            Subject::DataObjectsAndChains => self.chain.before.as_ref(),
        };
        let renewed = match renewed {
            Some(Err(reason)) => return Ok(Err(ArchiveTimestampError::NotComputed(reason.clone()))),
            Some(Ok(digest)) => Some(digest),
            None => None,
        };
        let alone = [vec![imprint.value.clone()]];
        let lists = self.timestamp.hash_tree.as_deref().unwrap_or(&alone);
        // Values of other lengths would let one concatenation be cut in several ways.
        if lists.iter().flatten().any(|value| value.len() != algorithm.output_len()) {
            return Ok(Err(ArchiveTimestampError::HashLength));
        }
        if self.root(lists, *algorithm, budget)? != imprint.value {
            return Ok(Err(ArchiveTimestampError::Differs));
        }
        let first = lists.first().map_or(&[][..], Vec::as_slice);
        budget.spend(Resource::Steps, first.len() as u64)?;
        let listed: BTreeSet<&[u8]> = first.iter().map(Vec::as_slice).collect();
        if renewed.is_some_and(|digest| !listed.contains(digest.value.as_slice())) {
            return Ok(Err(ArchiveTimestampError::NotCovered));
        }
        if self.subject == Subject::PreviousTimestamp {
            return Ok(Ok(Vec::new()));
        }
        let mut covered = Vec::new();
        for (number, object) in objects.iter().enumerate() {
            budget.spend(Resource::Steps, 1)?;
            let digests = object.digests.get(place).map_or(&[][..], Vec::as_slice);
            if digests.iter().any(|digest| listed.contains(digest.value.as_slice())) {
                covered.push(number);
            }
        }
        Ok(if covered.is_empty() { Err(ArchiveTimestampError::NotCovered) } else { Ok(covered) })
    }

    /// Each list with what came out of the one before, in binary ascending order, concatenated and hashed; a single value
    /// stands for itself (RFC 6283, 3.2.1 and 3.3).
    fn root(
        &self,
        lists: &[Vec<Vec<u8>>],
        algorithm: DigestAlgorithm,
        budget: &mut Budget,
    ) -> Result<Vec<u8>, Malformed> {
        let mut below: Option<Vec<u8>> = None;
        for list in lists {
            let mut values: Vec<&[u8]> = list.iter().map(Vec::as_slice).chain(below.as_deref()).collect();
            budget.spend(Resource::Steps, 2 * values.len() as u64 + 1)?;
            values.sort_unstable();
            below = Some(match values.as_slice() {
                [only] => only.to_vec(),
                _ => self.provider.digest(algorithm, &values.concat()).value,
            });
        }
        Ok(below.unwrap_or_default())
    }
}
