//! Verifies an evidence record against data objects (RFC 4998, 4.3 and 5.3), as far as no trust is needed.

use super::hash_tree::{self, TreeReading};
use super::{ArchiveTimestamp, EvidenceRecord};
use crate::canonical::{self, SetOrder};
use crate::encode;
use crate::timestamp::TimestampToken;
use crypto::{Digest, DigestAlgorithm, Provider, UnknownAlgorithm};
use std::fmt;
use types::{Budget, Finding, Malformed, Resource, Severity};

/// A data object that an evidence record is said to cover.
#[derive(Clone, Copy, Debug)]
pub enum DataObject<'d> {
    /// The object itself.
    Octets(&'d [u8]),
    /// Its digests by the algorithms of [`EvidenceRecord::digests_needed`].
    Digests(&'d [Digest]),
}

/// What an archive time-stamp is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The data objects: the first of all (RFC 4998, 4.3).
    DataObjects,
    /// The time-stamp before it: time-stamp renewal (RFC 4998, 5.2).
    PreviousTimestamp,
    /// The data objects and all chains before it: hash-tree renewal (RFC 4998, 5.2).
    DataObjectsAndChains,
}

/// The outcome for a whole record; says nothing about signatures, trust and time of the tokens.
#[derive(Clone, Debug)]
pub struct EvidenceRecordCheck<'a> {
    /// One entry for each archive time-stamp, oldest first.
    pub timestamps: Vec<ArchiveTimestampCheck<'a>>,
    /// What is noteworthy, beyond the findings of the record.
    pub findings: Vec<Finding>,
}

impl EvidenceRecordCheck<'_> {
    /// Whether every archive time-stamp holds and covers the data object at this index wherever it must.
    pub fn proves(&self, object: usize) -> bool {
        !self.timestamps.is_empty()
            && self.timestamps.iter().all(|check| {
                check.proof.as_ref().is_ok_and(|proof| match check.subject {
                    Subject::PreviousTimestamp => proof.leaves == [0],
                    Subject::DataObjects | Subject::DataObjectsAndChains => proof.leaves.contains(&object),
                })
            })
    }
}

/// The outcome for one archive time-stamp.
#[derive(Clone, Debug)]
pub struct ArchiveTimestampCheck<'a> {
    /// Index of its chain.
    pub chain: usize,
    /// Index in its chain.
    pub index: usize,
    /// What it is over.
    pub subject: Subject,
    /// Its token, if it can be read.
    pub token: Option<TimestampToken<'a>>,
    /// Whether the token's imprint is the root computed.
    pub proof: Result<ArchiveTimestampProof, ArchiveTimestampError>,
}

/// The root of the hash tree was recomputed and is what the token time-stamps; only verification makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveTimestampProof {
    root: Digest,
    reading: TreeReading,
    leaves: Vec<usize>,
    others: usize,
}

impl ArchiveTimestampProof {
    /// The root.
    pub fn root(&self) -> &Digest {
        &self.root
    }

    /// How the tree was read.
    pub fn reading(&self) -> TreeReading {
        self.reading
    }

    /// Indices of the data objects covered, in the order given; for [`Subject::PreviousTimestamp`] 0, and nothing else,
    /// if the time-stamp before is covered. An object that is not here is not proven.
    pub fn leaves(&self) -> &[usize] {
        &self.leaves
    }

    /// How many hash values in the first list are of none of them. Where the record is to be about exactly this group of
    /// data objects, there must be none (RFC 4998, 4.3).
    pub fn others(&self) -> usize {
        self.others
    }
}

/// Why an archive time-stamp proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArchiveTimestampError {
    /// The token cannot be read.
    Token(Malformed),
    /// A digest algorithm is not known.
    UnknownAlgorithm(UnknownAlgorithm),
    /// The algorithm of the tree is not that of the token's imprint (RFC 4998, 4.3, step 4).
    AlgorithmsDiffer,
    /// A data object is only known by digests, and that by this algorithm is not among them.
    DigestNeeded(DigestAlgorithm),
    /// A hash value in the tree has not the length that the algorithm gives.
    HashLength,
    /// No hash value in the first list is that of a data object given or of what is renewed.
    NotCovered,
    /// The root computed is not what was time-stamped.
    Differs(Digest),
}

impl fmt::Display for ArchiveTimestampError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ArchiveTimestampError::Token(malformed) => {
                write!(f, "the time-stamp cannot be read: {malformed}")
            }
            ArchiveTimestampError::UnknownAlgorithm(unknown) => {
                write!(f, "the digest algorithm {} is not known", unknown.oid)
            }
            ArchiveTimestampError::AlgorithmsDiffer => {
                f.write_str("the time-stamp uses another digest algorithm than the hash tree")
            }
            ArchiveTimestampError::DigestNeeded(algorithm) => {
                write!(f, "the {algorithm} digest of a data object is needed and not at hand")
            }
            ArchiveTimestampError::HashLength => f.write_str("a hash value in the tree has the wrong length"),
            ArchiveTimestampError::NotCovered => {
                f.write_str("what should be covered is not in the hash tree")
            }
            ArchiveTimestampError::Differs(_) => {
                f.write_str("the root of the hash tree is not what was time-stamped")
            }
        }
    }
}

impl std::error::Error for ArchiveTimestampError {}

/// Leaves that the first list must contain: alternatives, each with one value for every data object.
type Alternatives = Vec<Vec<Vec<u8>>>;

impl<'a> EvidenceRecord<'a> {
    /// The algorithms by which digests of the data objects are needed: those of the first archive time-stamp of every
    /// chain. Unknown ones and those of tokens that cannot be read are left out.
    pub fn digests_needed(&self, budget: &mut Budget) -> Result<Vec<DigestAlgorithm>, Malformed> {
        let mut needed = Vec::new();
        for first in self.chains.iter().filter_map(|chain| chain.timestamps.first()) {
            let token = read_token(first, budget)?;
            if let Ok(algorithm) = algorithm_of(first, token.as_ref().ok())
                && !needed.contains(&algorithm)
            {
                needed.push(algorithm);
            }
        }
        Ok(needed)
    }

    /// Checks structure, hash trees and chaining for these data objects. Only an exhausted budget is an error.
    pub fn verify(
        &self,
        objects: &[DataObject<'_>],
        provider: &dyn Provider,
        budget: &mut Budget,
    ) -> Result<EvidenceRecordCheck<'a>, Malformed> {
        let mut timestamps = Vec::new();
        let mut findings = Vec::new();
        for (chain, timestamp_chain) in self.chains.iter().enumerate() {
            for (index, timestamp) in timestamp_chain.timestamps.iter().enumerate() {
                let subject = match (chain, index) {
                    (0, 0) => Subject::DataObjects,
                    (_, 0) => Subject::DataObjectsAndChains,
                    _ => Subject::PreviousTimestamp,
                };
                let token = read_token(timestamp, budget)?;
                let (token, unread) = match token {
                    Ok(token) => (Some(token), None),
                    Err(malformed) => (None, Some(ArchiveTimestampError::Token(malformed))),
                };
                let proof = match (&token, unread) {
                    (Some(token), _) => {
                        self.prove((chain, index), timestamp, token, objects, provider, budget)?
                    }
                    (None, unread) => Err(unread.unwrap_or(ArchiveTimestampError::NotCovered)),
                };
                timestamps.push(ArchiveTimestampCheck { chain, index, subject, token, proof });
            }
        }
        check_order(&timestamps, &mut findings);
        Ok(EvidenceRecordCheck { timestamps, findings })
    }

    fn prove(
        &self,
        (chain, index): (usize, usize),
        timestamp: &ArchiveTimestamp<'a>,
        token: &TimestampToken<'a>,
        objects: &[DataObject<'_>],
        provider: &dyn Provider,
        budget: &mut Budget,
    ) -> Result<Result<ArchiveTimestampProof, ArchiveTimestampError>, Malformed> {
        let algorithm = match algorithm_of(timestamp, Some(token)) {
            Ok(algorithm) => algorithm,
            Err(error) => return Ok(Err(error)),
        };
        // "All reducedHashtrees within a chain use the same algorithm", and so do the hash values of what is renewed.
        let leaves = match index.checked_sub(1) {
            Some(before) => self.renewed_timestamp(chain, before, algorithm, provider, budget)?,
            None => match object_digests(objects, algorithm, provider, budget)? {
                Ok(digests) => self.with_chains(chain, digests, algorithm, provider, budget)?,
                Err(error) => return Ok(Err(error)),
            },
        };
        let mut result = Err(ArchiveTimestampError::NotCovered);
        for alternative in &leaves {
            let found = prove_leaves(timestamp, token, alternative, algorithm, provider, budget)?;
            if found.is_ok() {
                return Ok(found);
            }
            if result == Err(ArchiveTimestampError::NotCovered) {
                result = found;
            }
        }
        Ok(result)
    }

    /// "the content of the timeStamp field of the old Archive Timestamp has to be hashed" (RFC 4998, 5.2), as received
    /// and as DER.
    fn renewed_timestamp(
        &self,
        chain: usize,
        before: usize,
        algorithm: DigestAlgorithm,
        provider: &dyn Provider,
        budget: &mut Budget,
    ) -> Result<Alternatives, Malformed> {
        let before = self.chains.get(chain).and_then(|chain| chain.timestamps.get(before));
        let Some(before) = before else { return Ok(Vec::new()) };
        let forms = as_received_and_der(before.timestamp.bytes, before.timestamp.span.start, budget)?;
        Ok(forms.iter().map(|form| vec![provider.digest(algorithm, form).value]).collect())
    }

    /// "concatenate each h(i) with ha(i) and generate hash values h(i)' = H(h(i) + ha(i))", where ha is the hash value of
    /// the chains before (RFC 4998, 5.2). For the first chain the digests themselves.
    fn with_chains(
        &self,
        chain: usize,
        digests: Vec<Vec<u8>>,
        algorithm: DigestAlgorithm,
        provider: &dyn Provider,
        budget: &mut Budget,
    ) -> Result<Alternatives, Malformed> {
        if chain == 0 {
            return Ok(vec![digests]);
        }
        let before = self.chains.get(..chain).unwrap_or_default();
        let parts: Vec<&[u8]> = before.iter().map(|chain| chain.encoded.bytes).collect();
        let base = before.first().map_or(0, |chain| chain.encoded.span.start);
        let concatenated = parts.concat();
        let sequence = encode::value(encode::SEQUENCE, &parts);
        let mut forms = as_received_and_der(&sequence, base, budget)?;
        // Deviation: some hash the chains without the tag and length of their sequence.
        forms.extend(as_received_and_der(&concatenated, base, budget)?);
        let mut alternatives = Alternatives::new();
        for form in &forms {
            budget.spend(Resource::Steps, digests.len() as u64 + form.len() as u64 / 64)?;
            let chains = provider.digest(algorithm, form).value;
            let joined = digests.iter().map(|digest| {
                let mut hasher = provider.hasher(algorithm);
                hasher.update(digest);
                hasher.update(&chains);
                hasher.finish().value
            });
            alternatives.push(joined.collect());
        }
        Ok(alternatives)
    }
}

fn as_received_and_der(bytes: &[u8], base: u64, budget: &mut Budget) -> Result<Vec<Vec<u8>>, Malformed> {
    budget.spend(Resource::Steps, bytes.len() as u64 / 64 + 1)?;
    let mut forms = vec![bytes.to_vec()];
    forms.extend(canonical::other_than_der(bytes, base, SetOrder::Sorted, budget)?);
    Ok(forms)
}

/// Only an exhausted budget is the outer error.
fn read_token<'a>(
    timestamp: &ArchiveTimestamp<'a>,
    budget: &mut Budget,
) -> Result<Result<TimestampToken<'a>, Malformed>, Malformed> {
    match TimestampToken::parse(timestamp.timestamp.bytes, budget) {
        Err(malformed) if matches!(malformed.cause, types::Cause::Budget(_)) => Err(malformed),
        read => Ok(read),
    }
}

/// "If the optional field digestAlgorithm is not present, the digest algorithm of the timestamp MUST be used" (RFC 4998,
/// 4.1); if both are there, they must agree (4.3, step 4).
fn algorithm_of(
    timestamp: &ArchiveTimestamp<'_>,
    token: Option<&TimestampToken<'_>>,
) -> Result<DigestAlgorithm, ArchiveTimestampError> {
    let known = |algorithm: &Result<DigestAlgorithm, UnknownAlgorithm>| {
        algorithm.clone().map_err(ArchiveTimestampError::UnknownAlgorithm)
    };
    let named = timestamp.digest_algorithm.as_ref().map(known).transpose()?;
    let stamped = token.map(|token| known(&token.info.imprint.algorithm)).transpose()?;
    match (named, stamped) {
        (Some(named), Some(stamped)) if named != stamped => Err(ArchiveTimestampError::AlgorithmsDiffer),
        (Some(algorithm), _) | (None, Some(algorithm)) => Ok(algorithm),
        (None, None) => Err(ArchiveTimestampError::NotCovered),
    }
}

fn object_digests(
    objects: &[DataObject<'_>],
    algorithm: DigestAlgorithm,
    provider: &dyn Provider,
    budget: &mut Budget,
) -> Result<Result<Vec<Vec<u8>>, ArchiveTimestampError>, Malformed> {
    let mut digests = Vec::with_capacity(objects.len());
    for object in objects {
        digests.push(match object {
            DataObject::Octets(octets) => {
                budget.spend(Resource::Steps, octets.len() as u64 / 64 + 1)?;
                provider.digest(algorithm, octets).value
            }
            DataObject::Digests(known) => {
                budget.spend(Resource::Steps, 1)?;
                match known.iter().find(|digest| digest.algorithm == algorithm) {
                    Some(digest) => digest.value.clone(),
                    None => return Ok(Err(ArchiveTimestampError::DigestNeeded(algorithm))),
                }
            }
        });
    }
    Ok(Ok(digests))
}

/// Whether the token time-stamps the root of a tree with these leaves, or the only leaf itself.
fn prove_leaves(
    timestamp: &ArchiveTimestamp<'_>,
    token: &TimestampToken<'_>,
    leaves: &[Vec<u8>],
    algorithm: DigestAlgorithm,
    provider: &dyn Provider,
    budget: &mut Budget,
) -> Result<Result<ArchiveTimestampProof, ArchiveTimestampError>, Malformed> {
    let stamped = &token.info.imprint;
    let Some(lists) = &timestamp.reduced_hash_tree else {
        return no_tree(token, leaves, algorithm, provider, budget);
    };
    // Values of other lengths would let one concatenation be cut in several ways.
    if lists.iter().flatten().any(|value| value.len() != algorithm.output_len()) {
        return Ok(Err(ArchiveTimestampError::HashLength));
    }
    let first = lists.first().map_or(&[][..], Vec::as_slice);
    budget.spend(Resource::Steps, first.len() as u64)?;
    let listed: std::collections::BTreeSet<&[u8]> = first.iter().map(AsRef::as_ref).collect();
    let found: Vec<usize> = (0..leaves.len())
        .filter(|at| leaves.get(*at).is_some_and(|l| listed.contains(l.as_slice())))
        .collect();
    let given: std::collections::BTreeSet<&[u8]> = leaves.iter().map(Vec::as_slice).collect();
    let others = first.iter().filter(|value| !given.contains(value.as_ref())).count();
    let mut result = ArchiveTimestampError::NotCovered;
    for reading in [TreeReading::Regular, TreeReading::SinglePassed] {
        let root = hash_tree::root(lists, reading, algorithm, provider, budget)?;
        if stamped.matches(&root) {
            if found.is_empty() {
                return Ok(Err(ArchiveTimestampError::NotCovered));
            }
            return Ok(Ok(ArchiveTimestampProof { root, reading, leaves: found, others }));
        }
        if reading == TreeReading::Regular {
            result = ArchiveTimestampError::Differs(root);
        }
    }
    Ok(Err(result))
}

fn no_tree(
    token: &TimestampToken<'_>,
    leaves: &[Vec<u8>],
    algorithm: DigestAlgorithm,
    provider: &dyn Provider,
    budget: &mut Budget,
) -> Result<Result<ArchiveTimestampProof, ArchiveTimestampError>, Malformed> {
    let stamped = &token.info.imprint;
    for (at, leaf) in leaves.iter().enumerate() {
        let root = Digest { algorithm, value: leaf.clone() };
        if stamped.matches(&root) {
            let reading = TreeReading::NoTree;
            return Ok(Ok(ArchiveTimestampProof { root, reading, leaves: vec![at], others: 0 }));
        }
    }
    let mut values: Vec<&[u8]> = leaves.iter().map(Vec::as_slice).collect();
    let root = hash_tree::group(&mut values, algorithm, provider, budget)?;
    if leaves.len() > 1 && stamped.matches(&root) {
        let (reading, leaves) = (TreeReading::NoTreeOverGroup, (0..leaves.len()).collect());
        return Ok(Ok(ArchiveTimestampProof { root, reading, leaves, others: 0 }));
    }
    Ok(Err(match leaves {
        [] => ArchiveTimestampError::NotCovered,
        [only] => ArchiveTimestampError::Differs(Digest { algorithm, value: only.clone() }),
        _ => ArchiveTimestampError::Differs(root),
    }))
}

/// "ArchiveTimeStamps are ordered ascending by time of time-stamp" (RFC 4998, 5.1).
fn check_order(timestamps: &[ArchiveTimestampCheck<'_>], findings: &mut Vec<Finding>) {
    let times = timestamps.iter().filter_map(|check| {
        let info = &check.token.as_ref()?.info;
        Some((info.gen_time, info.gen_time_nanoseconds))
    });
    if !times.is_sorted() {
        let message = "the archive time-stamps are not in the order of their times (RFC 4998, 5.1)";
        findings.push(Finding::new("er.order", Severity::Error, message));
    }
}
