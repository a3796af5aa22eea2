//! Makes and renews evidence records (RFC 4998): one time-stamp over the root of a hash tree serves any number of data objects.
//!
//! ```text
//! HashTree::over(leaves)         -> the digest to be time-stamped
//! EvidenceRecord::first          -> the record of one data object
//! leaf_of_renewal                -> what the next tree has as its leaf, in time or for another digest algorithm
//! EvidenceRecord::renewed        -> the record with the next time-stamp
//! ```

use super::EvidenceRecord;
use crate::encode::{self, OCTET_STRING, SEQUENCE, context};
use crypto::{Digest, DigestAlgorithm, Provider};
use types::Budget;

/// A binary hash tree (RFC 4998, 4.2): a node is the digest of its two children, concatenated in binary ascending order;
/// a child without a sibling goes up as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HashTree {
    algorithm: DigestAlgorithm,
    /// From the leaves to the root.
    levels: Vec<Vec<Vec<u8>>>,
}

impl HashTree {
    /// The tree over these digests, each of one data object; `None` without any, or if their algorithms differ.
    pub fn over(leaves: &[Digest], provider: &dyn Provider) -> Option<HashTree> {
        let algorithm = leaves.first()?.algorithm;
        if leaves.iter().any(|leaf| leaf.algorithm != algorithm) {
            return None;
        }
        let mut level: Vec<Vec<u8>> = leaves.iter().map(|leaf| leaf.value.clone()).collect();
        let mut levels = vec![level.clone()];
        while level.len() > 1 {
            level = level.chunks(2).map(|children| node(children, algorithm, provider)).collect();
            levels.push(level.clone());
        }
        Some(HashTree { algorithm, levels })
    }

    /// The root, to be time-stamped.
    pub fn root(&self) -> Digest {
        let value = self.levels.last().and_then(|level| level.first()).cloned().unwrap_or_default();
        Digest { algorithm: self.algorithm, value }
    }

    /// The lists that lead from a leaf to the root (RFC 4998, 4.2); none for the only leaf of a tree. The first list holds
    /// the leaf itself; every list is hashed.
    fn reduced(&self, leaf: usize) -> Vec<Vec<&[u8]>> {
        let mut lists = Vec::new();
        let mut own = self.levels.first().and_then(|leaves| leaves.get(leaf)).map(Vec::as_slice);
        let mut index = leaf;
        for level in &self.levels {
            if let Some(sibling) = level.get(index ^ 1) {
                let mut list: Vec<&[u8]> = own.take().into_iter().chain([sibling.as_slice()]).collect();
                list.sort_unstable();
                lists.push(list);
            }
            index /= 2;
        }
        lists
    }
}

fn node(children: &[Vec<u8>], algorithm: DigestAlgorithm, provider: &dyn Provider) -> Vec<u8> {
    match children {
        [one, other] => {
            let (first, second) = if one <= other { (one, other) } else { (other, one) };
            let mut hasher = provider.hasher(algorithm);
            hasher.update(first);
            hasher.update(second);
            hasher.finish().value
        }
        [only] => only.clone(),
        _ => Vec::new(),
    }
}

/// How a record is renewed (RFC 4998, 5.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// Time-stamp renewal: the digest algorithm is still good, the newest time-stamp soon is not.
    Time,
    /// Hash-tree renewal: by this new digest of the data object.
    Hash(Digest),
}

impl EvidenceRecord<'_> {
    /// The record of the data object that is leaf number `leaf` of the tree, whose root `token` (DER `ContentInfo`)
    /// time-stamps.
    pub fn first(tree: &HashTree, leaf: usize, token: &[u8]) -> Vec<u8> {
        let chain = encode::value(SEQUENCE, &[&archive_timestamp(tree, leaf, token)]);
        record(&[tree.algorithm], &[chain])
    }

    /// What the next tree has as the leaf of this record's data object.
    pub fn leaf_of_renewal(&self, renewal: &Renewal, provider: &dyn Provider) -> Option<Digest> {
        match renewal {
            Renewal::Time => {
                let newest = self.chains.last()?.timestamps.last()?;
                let algorithm = self.newest_algorithm()?;
                Some(provider.digest(algorithm, newest.timestamp.bytes))
            }
            Renewal::Hash(data) => {
                let chains: Vec<&[u8]> = self.chains.iter().map(|chain| chain.encoded.bytes).collect();
                let sequence = provider.digest(data.algorithm, &encode::value(SEQUENCE, &chains));
                let mut hasher = provider.hasher(data.algorithm);
                hasher.update(&data.value);
                hasher.update(&sequence.value);
                Some(hasher.finish())
            }
        }
    }

    /// The record with one more time-stamp, `token` over the root of `tree` (whose leaf number `leaf` is
    /// [`EvidenceRecord::leaf_of_renewal`]). What is there stays octet by octet.
    pub fn renewed(&self, renewal: &Renewal, tree: &HashTree, leaf: usize, token: &[u8]) -> Vec<u8> {
        let stamp = archive_timestamp(tree, leaf, token);
        let mut chains: Vec<Vec<u8>> = self.chains.iter().map(|chain| chain.encoded.bytes.to_vec()).collect();
        match (renewal, self.chains.last(), chains.last_mut()) {
            (Renewal::Time, Some(newest), Some(last)) => {
                let stamps: Vec<&[u8]> =
                    newest.timestamps.iter().map(|stamp| stamp.encoded.bytes).chain([&stamp[..]]).collect();
                *last = encode::value(SEQUENCE, &stamps);
            }
            _ => chains.push(encode::value(SEQUENCE, &[&stamp])),
        }
        let mut algorithms: Vec<DigestAlgorithm> =
            self.digest_algorithms.iter().filter_map(|algorithm| algorithm.as_ref().ok().copied()).collect();
        if !algorithms.contains(&tree.algorithm) {
            algorithms.push(tree.algorithm);
        }
        record(&algorithms, &chains)
    }

    /// The digest algorithm of the newest chain, if it says so itself.
    fn newest_algorithm(&self) -> Option<DigestAlgorithm> {
        let newest = self.chains.last()?.timestamps.last()?;
        match &newest.digest_algorithm {
            Some(algorithm) => algorithm.as_ref().ok().copied(),
            None => {
                let token =
                    crate::TimestampToken::parse(newest.timestamp.bytes, &mut Budget::default()).ok()?;
                token.info.imprint.algorithm.ok()
            }
        }
    }
}

fn record(algorithms: &[DigestAlgorithm], chains: &[Vec<u8>]) -> Vec<u8> {
    let algorithms: Vec<Vec<u8>> = algorithms.iter().map(|one| encode::digest_identifier(*one)).collect();
    encode::value(
        SEQUENCE,
        &[
            &encode::version(1),
            &encode::value(SEQUENCE, &algorithms.iter().map(Vec::as_slice).collect::<Vec<_>>()),
            &encode::value(SEQUENCE, &chains.iter().map(Vec::as_slice).collect::<Vec<_>>()),
        ],
    )
}

fn archive_timestamp(tree: &HashTree, leaf: usize, token: &[u8]) -> Vec<u8> {
    let lists: Vec<Vec<u8>> = tree
        .reduced(leaf)
        .iter()
        .map(|list| {
            let values: Vec<Vec<u8>> =
                list.iter().map(|value| encode::value(OCTET_STRING, &[*value])).collect();
            encode::value(SEQUENCE, &values.iter().map(Vec::as_slice).collect::<Vec<_>>())
        })
        .collect();
    let reduced = match lists.as_slice() {
        [] => Vec::new(),
        lists => encode::value(context(2), &lists.iter().map(Vec::as_slice).collect::<Vec<_>>()),
    };
    let mut algorithm = encode::digest_identifier(tree.algorithm);
    if let Some(tag) = algorithm.first_mut() {
        *tag = context(0);
    }
    encode::value(SEQUENCE, &[&algorithm, &reduced, token])
}
