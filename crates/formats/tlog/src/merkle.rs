//! Merkle trees of a log (RFC 6962, 2.1; RFC 9162, 2.1): hashes, tree heads, inclusion and consistency proofs.
//!
//! A proof is made from the hashes of complete subtrees, which never change once they exist; a closure reads them. What
//! is verified here is bounded by the length of a proof, which cannot exceed 64 or 65 hashes, so that it needs no budget.

mod range;

pub use range::{CompactRange, NodesError, TreeFull};

use crypto::{DigestAlgorithm, Provider};
use std::fmt;

/// A SHA-256 value of a Merkle tree.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; Hash::LEN]);

impl Hash {
    /// Bytes of a hash.
    pub const LEN: usize = 32;

    /// From a slice; `None` if it has not exactly [`Hash::LEN`] bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Hash> {
        bytes.try_into().ok().map(Hash)
    }
}

impl fmt::Display for Hash {
    /// In base64, as in checkpoints.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::text::to_base64(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A complete subtree by its place: the leaves from `index * 2^level` up to `(index + 1) * 2^level`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    /// Height above the leaves.
    pub level: u8,
    /// How many complete subtrees of this height stand before it.
    pub index: u64,
}

/// The root of the tree without leaves (RFC 9162, 2.1.1).
pub fn empty_root(provider: &dyn Provider) -> Hash {
    digest(provider, &[])
}

/// The hash of a leaf (RFC 9162, 2.1.1): `SHA-256(0x00 || entry)`.
pub fn leaf_hash(provider: &dyn Provider, entry: &[u8]) -> Hash {
    digest(provider, &[&[0], entry])
}

/// The hash of an inner node (RFC 9162, 2.1.1): `SHA-256(0x01 || left || right)`.
pub fn node_hash(provider: &dyn Provider, left: &Hash, right: &Hash) -> Hash {
    digest(provider, &[&[1], &left.0, &right.0])
}

fn digest(provider: &dyn Provider, parts: &[&[u8]]) -> Hash {
    let mut hasher = provider.hasher(DigestAlgorithm::Sha256);
    parts.iter().for_each(|part| hasher.update(part));
    Hash::from_slice(&hasher.finish().value).expect("SHA-256 has 32 bytes")
}

/// The root of the tree of the first `size` leaves. `node` reads the hash of a complete subtree of that tree.
///
/// # Errors
/// What `node` fails with.
pub fn root<E>(
    provider: &dyn Provider,
    size: u64,
    mut node: impl FnMut(Node) -> Result<Hash, E>,
) -> Result<Hash, E> {
    if size == 0 { Ok(empty_root(provider)) } else { range::root(provider, 0, size, &mut node) }
}

/// `PATH(index, D[size])` (RFC 9162, 2.1.3.1): from the sibling of the leaf up to the child of the root; nothing if the
/// tree has no such leaf. `node` reads the hash of a complete subtree of that tree.
///
/// # Errors
/// What `node` fails with.
pub fn inclusion_proof<E>(
    provider: &dyn Provider,
    index: u64,
    size: u64,
    mut node: impl FnMut(Node) -> Result<Hash, E>,
) -> Result<Option<Vec<Hash>>, E> {
    let Some(ranges) = inclusion_ranges(index, size) else { return Ok(None) };
    let hashes: Result<Vec<Hash>, E> =
        ranges.into_iter().map(|(start, end)| range::root(provider, start, end, &mut node)).collect();
    hashes.map(Some)
}

/// `PROOF(first, D[second])` (RFC 9162, 2.1.4.1); empty if the sizes are the same or `first` is 0, nothing if the second
/// tree is the smaller one. `node` reads the hash of a complete subtree of the second tree.
///
/// # Errors
/// What `node` fails with.
pub fn consistency_proof<E>(
    provider: &dyn Provider,
    first: u64,
    second: u64,
    mut node: impl FnMut(Node) -> Result<Hash, E>,
) -> Result<Option<Vec<Hash>>, E> {
    let Some(ranges) = consistency_ranges(first, second) else { return Ok(None) };
    let hashes: Result<Vec<Hash>, E> =
        ranges.into_iter().map(|(start, end)| range::root(provider, start, end, &mut node)).collect();
    hashes.map(Some)
}

/// Where the left subtree of `len` leaves ends: the largest power of two below `len`, which is at least 2.
fn split(len: u64) -> u64 {
    1 << (63 - (len - 1).leading_zeros())
}

/// The leaves under each hash of an inclusion proof.
fn inclusion_ranges(index: u64, size: u64) -> Option<Vec<(u64, u64)>> {
    if index >= size {
        return None;
    }
    let (mut start, mut end, mut ranges) = (0, size, Vec::new());
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            ranges.push((middle, end));
            end = middle;
        } else {
            ranges.push((start, middle));
            start = middle;
        }
    }
    ranges.reverse();
    Some(ranges)
}

/// The leaves under each hash of a consistency proof: `SUBPROOF(first, D[second], true)`.
fn consistency_ranges(first: u64, second: u64) -> Option<Vec<(u64, u64)>> {
    if first > second {
        return None;
    }
    let (mut start, mut end, mut ranges) = (0, second, Vec::new());
    if first == 0 {
        return Some(ranges);
    }
    while end != first {
        let middle = start + split(end - start);
        if first <= middle {
            ranges.push((middle, end));
            end = middle;
        } else {
            ranges.push((start, middle));
            start = middle;
        }
    }
    // A left edge is the first tree itself, whose root is known.
    if start != 0 {
        ranges.push((start, end));
    }
    ranges.reverse();
    Some(ranges)
}

/// Why a leaf is not shown to be in a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InclusionError {
    /// The tree has no leaf of this index.
    IndexBeyondSize {
        /// Of the leaf, from 0.
        index: u64,
        /// Leaves of the tree.
        size: u64,
    },
    /// The proof has not as many hashes as the place of the leaf demands.
    WrongLength {
        /// How many hashes it should have.
        expected: usize,
        /// How many it has.
        found: usize,
    },
    /// Leaf and proof lead to another root: one of leaf, index, proof and root is not of this log.
    RootMismatch {
        /// The root that they lead to.
        computed: Hash,
        /// The root of the tree.
        root: Hash,
    },
}

impl fmt::Display for InclusionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InclusionError::IndexBeyondSize { index, size } => {
                write!(f, "a tree of {size} leaves has no leaf {index} [RFC 9162, 2.1.3.2]")
            }
            InclusionError::WrongLength { expected, found } => {
                write!(f, "the inclusion proof has {found} hashes, not {expected} [RFC 9162, 2.1.3.2]")
            }
            InclusionError::RootMismatch { computed, root } => {
                write!(f, "leaf and proof lead to the root {computed}, not {root} [RFC 9162, 2.1.3.2]")
            }
        }
    }
}

impl std::error::Error for InclusionError {}

/// Shows that `leaf` is the leaf `index` of the tree of `size` leaves with this root (RFC 9162, 2.1.3.2).
///
/// Size and root must belong together: they come from one checkpoint. A proof may fit several sizes with one root.
///
/// # Errors
/// Why it is not shown.
pub fn verify_inclusion(
    provider: &dyn Provider,
    index: u64,
    size: u64,
    leaf: &Hash,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), InclusionError> {
    let ranges = inclusion_ranges(index, size).ok_or(InclusionError::IndexBeyondSize { index, size })?;
    if proof.len() != ranges.len() {
        return Err(InclusionError::WrongLength { expected: ranges.len(), found: proof.len() });
    }
    let (mut place, mut last, mut computed) = (index, size - 1, *leaf);
    for sibling in proof {
        if place & 1 == 1 || place == last {
            computed = node_hash(provider, sibling, &computed);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            computed = node_hash(provider, &computed, sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    if computed == *root { Ok(()) } else { Err(InclusionError::RootMismatch { computed, root: *root }) }
}

/// Why a tree is not shown to be a beginning of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConsistencyError {
    /// The second tree is the smaller one.
    Shrunk {
        /// Leaves of the first tree.
        first: u64,
        /// Leaves of the second tree.
        second: u64,
    },
    /// A tree without leaves has a root of its own, and this is another.
    EmptyRoot(Hash),
    /// The proof has not as many hashes as the sizes demand.
    WrongLength {
        /// How many hashes it should have.
        expected: usize,
        /// How many it has.
        found: usize,
    },
    /// Two trees of one size have two roots: the log has forked.
    Forked {
        /// Leaves of both.
        size: u64,
        /// Root of the first.
        first: Hash,
        /// Root of the second.
        second: Hash,
    },
    /// The proof leads to another root of the first tree.
    FirstRootMismatch {
        /// The root that it leads to.
        computed: Hash,
        /// The root of the first tree.
        root: Hash,
    },
    /// The proof leads to another root of the second tree.
    SecondRootMismatch {
        /// The root that it leads to.
        computed: Hash,
        /// The root of the second tree.
        root: Hash,
    },
}

impl fmt::Display for ConsistencyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConsistencyError::Shrunk { first, second } => {
                write!(f, "the log went back from {first} leaves to {second}")?;
            }
            ConsistencyError::EmptyRoot(root) => {
                write!(f, "{root} is not the root of a tree without leaves")?;
            }
            ConsistencyError::WrongLength { expected, found } => {
                write!(f, "the consistency proof has {found} hashes, not {expected}")?;
            }
            ConsistencyError::Forked { size, first, second } => {
                write!(f, "trees of {size} leaves with two roots, {first} and {second}")?;
            }
            ConsistencyError::FirstRootMismatch { computed, root } => {
                write!(f, "the proof leads to {computed} as the first root, not {root}")?;
            }
            ConsistencyError::SecondRootMismatch { computed, root } => {
                write!(f, "the proof leads to {computed} as the second root, not {root}")?;
            }
        }
        f.write_str(" [RFC 9162, 2.1.4.2]")
    }
}

impl std::error::Error for ConsistencyError {}

/// How large a tree is, and its root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeHead {
    /// Leaves.
    pub size: u64,
    /// The Merkle tree hash over all of them.
    pub root: Hash,
}

/// Shows that the second tree begins with all leaves of the first (RFC 9162, 2.1.4.2). Every tree begins with the one
/// without leaves, for which the proof is empty.
///
/// # Errors
/// Why it is not shown.
pub fn verify_consistency(
    provider: &dyn Provider,
    first: &TreeHead,
    second: &TreeHead,
    proof: &[Hash],
) -> Result<(), ConsistencyError> {
    let shrunk = ConsistencyError::Shrunk { first: first.size, second: second.size };
    let expected = consistency_ranges(first.size, second.size).ok_or(shrunk)?.len();
    if proof.len() != expected {
        return Err(ConsistencyError::WrongLength { expected, found: proof.len() });
    }
    for head in [first, second] {
        if head.size == 0 && head.root != empty_root(provider) {
            return Err(ConsistencyError::EmptyRoot(head.root));
        }
    }
    if first.size == second.size && first.root != second.root {
        return Err(ConsistencyError::Forked { size: first.size, first: first.root, second: second.root });
    }
    if first.size == 0 || first.size == second.size {
        return Ok(());
    }
    let (from_first, from_second) = consistent_roots(provider, first, second.size, proof);
    if from_first != first.root {
        return Err(ConsistencyError::FirstRootMismatch { computed: from_first, root: first.root });
    }
    if from_second != second.root {
        return Err(ConsistencyError::SecondRootMismatch { computed: from_second, root: second.root });
    }
    Ok(())
}

/// The roots that a proof of the right length leads to.
fn consistent_roots(provider: &dyn Provider, first: &TreeHead, second: u64, proof: &[Hash]) -> (Hash, Hash) {
    let (mut place, mut last) = (first.size - 1, second - 1);
    while place & 1 == 1 {
        place >>= 1;
        last >>= 1;
    }
    // A first tree whose size is a power of two is itself the first hash.
    let (seed, rest) = match proof.split_first() {
        Some((seed, rest)) if !first.size.is_power_of_two() => (*seed, rest),
        _ => (first.root, proof),
    };
    let (mut from_first, mut from_second) = (seed, seed);
    for hash in rest {
        if place & 1 == 1 || place == last {
            from_first = node_hash(provider, hash, &from_first);
            from_second = node_hash(provider, hash, &from_second);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            from_second = node_hash(provider, &from_second, hash);
        }
        place >>= 1;
        last >>= 1;
    }
    (from_first, from_second)
}
