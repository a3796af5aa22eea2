//! The compact range of a growing tree: the roots of the complete subtrees that its leaves fall into.

use super::{Hash, Node, empty_root, node_hash};
use crypto::Provider;
use std::fmt;

/// The leaves from 0 as the fewest complete subtrees, from the largest to the smallest: all that is needed to append and
/// to know the root (RFC 9162, 2.1.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompactRange {
    size: u64,
    /// One hash for each one bit of `size`.
    nodes: Vec<Hash>,
}

/// A tree of `u64::MAX` leaves takes no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeFull;

impl fmt::Display for TreeFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a tree of 2^64 - 1 leaves takes no more")
    }
}

impl std::error::Error for TreeFull {}

/// The number of hashes given does not fit the size: a tree has one complete subtree for each one bit of its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodesError {
    /// How many hashes there should be.
    pub expected: u32,
    /// How many there are.
    pub found: usize,
}

impl fmt::Display for NodesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} hashes of complete subtrees, where the size demands {}", self.found, self.expected)
    }
}

impl std::error::Error for NodesError {}

impl CompactRange {
    /// Without leaves.
    pub fn new() -> CompactRange {
        CompactRange::default()
    }

    /// What [`CompactRange::size`] and [`CompactRange::nodes`] gave.
    ///
    /// # Errors
    /// The number of hashes does not fit the size.
    pub fn from_nodes(size: u64, nodes: Vec<Hash>) -> Result<CompactRange, NodesError> {
        if nodes.len() != size.count_ones() as usize {
            return Err(NodesError { expected: size.count_ones(), found: nodes.len() });
        }
        Ok(CompactRange { size, nodes })
    }

    /// Of the first `size` leaves of a stored tree; `node` reads the hash of a complete subtree.
    ///
    /// # Errors
    /// What `node` fails with.
    pub fn read<E>(size: u64, mut node: impl FnMut(Node) -> Result<Hash, E>) -> Result<CompactRange, E> {
        let nodes: Result<Vec<Hash>, E> = complete_subtrees(0, size).map(&mut node).collect();
        Ok(CompactRange { size, nodes: nodes? })
    }

    /// Leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The roots of the complete subtrees, from the largest to the smallest.
    pub fn nodes(&self) -> &[Hash] {
        &self.nodes
    }

    /// Appends a leaf by its hash and says which complete subtrees come into being by it, the leaf first; gives the index
    /// of the leaf.
    ///
    /// # Errors
    /// The tree is full; nothing was appended.
    pub fn append(
        &mut self,
        provider: &dyn Provider,
        leaf: Hash,
        mut complete: impl FnMut(Node, Hash),
    ) -> Result<u64, TreeFull> {
        let index = self.size;
        self.size = index.checked_add(1).ok_or(TreeFull)?;
        let (mut node, mut hash) = (Node { level: 0, index }, leaf);
        complete(node, hash);
        while node.index & 1 == 1
            && let Some(left) = self.nodes.pop()
        {
            hash = node_hash(provider, &left, &hash);
            node = Node { level: node.level + 1, index: node.index >> 1 };
            complete(node, hash);
        }
        self.nodes.push(hash);
        Ok(index)
    }

    /// The Merkle tree hash over all leaves (RFC 9162, 2.1.1).
    pub fn root(&self, provider: &dyn Provider) -> Hash {
        joined(provider, &self.nodes).unwrap_or_else(|| empty_root(provider))
    }
}

/// The root over complete subtrees, each smaller than the one before.
fn joined(provider: &dyn Provider, nodes: &[Hash]) -> Option<Hash> {
    nodes.iter().rev().copied().reduce(|right, left| node_hash(provider, &left, &right))
}

/// The complete subtrees that make up the leaves from `start` to `end`, from the largest; `start` is a multiple of each.
fn complete_subtrees(start: u64, end: u64) -> impl Iterator<Item = Node> {
    let mut at = start;
    std::iter::from_fn(move || {
        if at >= end {
            return None;
        }
        let level = 63 - (end - at).leading_zeros();
        let node = Node { level: level as u8, index: at >> level };
        at += 1 << level;
        Some(node)
    })
}

/// The root over the leaves from `start` to `end`, which lies beyond it; `start` is a multiple of a power of two that is
/// no smaller than their number, as in all proofs.
pub(super) fn root<E>(
    provider: &dyn Provider,
    start: u64,
    end: u64,
    node: &mut impl FnMut(Node) -> Result<Hash, E>,
) -> Result<Hash, E> {
    let hashes: Result<Vec<Hash>, E> = complete_subtrees(start, end).map(node).collect();
    Ok(joined(provider, &hashes?).unwrap_or_else(|| empty_root(provider)))
}
