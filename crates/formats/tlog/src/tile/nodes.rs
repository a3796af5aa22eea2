//! The hash of any complete subtree, out of tiles.

use super::{HEIGHT, LEVELS, Tile, WIDTH};
use crate::merkle::{Hash, Node, node_hash};
use crypto::Provider;
use std::collections::BTreeMap;
use std::fmt;
use types::Malformed;

/// How many tiles are kept: more than a proof needs.
const MOST_KEPT: usize = 64;

/// Reads hashes of complete subtrees of a tree from its tiles. What tiles say is not verified: that is shown by the root
/// that a proof, or the whole tree, leads to.
pub struct TiledNodes<'p, F> {
    provider: &'p dyn Provider,
    size: u64,
    read: F,
    kept: BTreeMap<Tile, Vec<Hash>>,
}

/// Why there is no hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TileError<E> {
    /// The tree has no such complete subtree.
    NotInTree {
        /// The subtree.
        node: Node,
        /// Leaves of the tree.
        size: u64,
    },
    /// The tile could not be read.
    Read {
        /// Which.
        tile: Tile,
        /// Why.
        error: E,
    },
    /// The tile has not the bytes that it should have.
    Malformed(Malformed),
}

impl<E: fmt::Display> fmt::Display for TileError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TileError::NotInTree { node, size } => {
                let Node { level, index } = node;
                write!(f, "a tree of {size} leaves has no complete subtree {index} of height {level}")
            }
            TileError::Read { tile, error } => write!(f, "{tile} could not be read: {error}"),
            TileError::Malformed(malformed) => malformed.fmt(f),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for TileError<E> {}

impl<'p, E, F: FnMut(Tile) -> Result<Vec<u8>, E>> TiledNodes<'p, F> {
    /// Of a tree of `size` leaves; `read` gives the bytes of a tile of that tree. Where a partial tile was replaced by a
    /// wider one, it gives the first bytes of that.
    pub fn new(provider: &'p dyn Provider, size: u64, read: F) -> TiledNodes<'p, F> {
        TiledNodes { provider, size, read, kept: BTreeMap::new() }
    }

    /// The hash of a complete subtree, as the functions of [`crate::merkle`] ask for it.
    ///
    /// # Errors
    /// Why there is none.
    pub fn node(&mut self, node: Node) -> Result<Hash, TileError<E>> {
        let not_in_tree = TileError::NotInTree { node, size: self.size };
        let (tile, first) = tile_of(node, self.size).ok_or(not_in_tree)?;
        if !self.kept.contains_key(&tile) {
            let bytes = (self.read)(tile).map_err(|error| TileError::Read { tile, error })?;
            let hashes = tile.parse(&bytes).map_err(TileError::Malformed)?;
            if self.kept.len() >= MOST_KEPT {
                // Tiles of low levels are asked for least often.
                self.kept.pop_first();
            }
            self.kept.insert(tile, hashes);
        }
        let hashes = self.kept.get(&tile).map_or(&[][..], |hashes| hashes);
        let hashes = hashes.get(first..first + (1 << (node.level % HEIGHT))).unwrap_or_default();
        complete_root(self.provider, hashes).ok_or(TileError::NotInTree { node, size: self.size })
    }
}

/// The tile of a tree of `size` leaves that a complete subtree is in, and the place of its first hash in that.
fn tile_of(node: Node, size: u64) -> Option<(Tile, usize)> {
    let level = node.level / HEIGHT;
    if level >= LEVELS {
        return None;
    }
    let end = (u128::from(node.index) + 1) << node.level;
    if end > u128::from(size) {
        return None;
    }
    let first = node.index << (node.level % HEIGHT);
    let index = first / u64::from(WIDTH);
    let hashes = (size >> (HEIGHT * level)) - index * u64::from(WIDTH);
    let width = hashes.min(u64::from(WIDTH)) as u16;
    let tile = Tile::new(level, index, width)?;
    Some((tile, (first % u64::from(WIDTH)) as usize))
}

/// The root over a power of two of hashes, at most 128.
fn complete_root(provider: &dyn Provider, hashes: &[Hash]) -> Option<Hash> {
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        row = row.as_chunks::<2>().0.iter().map(|[left, right]| node_hash(provider, left, right)).collect();
    }
    row.first().copied()
}
