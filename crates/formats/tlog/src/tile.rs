//! Tiles (C2SP tlog-tiles): a tree as files of up to 256 hashes each, and its entries as bundles of as many.

mod entries;
mod nodes;

pub use entries::{EntryBundle, EntryTooLong, MAX_ENTRY, new_bundles, write_entry};
pub use nodes::{TileError, TiledNodes};

use crate::merkle::{Hash, Node};
use crate::text::Part;
use std::fmt;
use types::Malformed;

/// Levels of the tree in a tile.
pub const HEIGHT: u8 = 8;
/// Hashes in a full tile.
pub const WIDTH: u16 = 256;
/// Levels of tiles in a tree of less than 2^64 leaves; the specification counts up to 63.
pub const LEVELS: u8 = 8;

const MERKLE: &str = "C2SP tlog-tiles, Merkle Tree";
const PARTIAL: &str = "C2SP tlog-tiles, Partial Tiles";
/// The longest path of a tile or bundle in a tree of less than 2^64 leaves, and then some.
const MAX_PATH: usize = 64;

/// A tile by its place: the complete subtrees of height `8 * level` from `256 * index` on, `width` of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    level: u8,
    index: u64,
    width: u16,
}

impl Tile {
    /// A tile with 1 to [`WIDTH`] hashes; `None` if no tree of less than 2^64 leaves has it.
    pub fn new(level: u8, index: u64, width: u16) -> Option<Tile> {
        if level >= LEVELS || width == 0 || width > WIDTH {
            return None;
        }
        let hashes = u128::from(index) * u128::from(WIDTH) + u128::from(width);
        let leaves = hashes << (HEIGHT * level);
        (leaves <= u128::from(u64::MAX)).then_some(Tile { level, index, width })
    }

    /// Reads `tile/<level>/<index>[.p/<width>]`, the path in the log.
    ///
    /// # Errors
    /// It breaks the format, is not the shortest spelling, or no tree of less than 2^64 leaves has the tile.
    pub fn parse_path(path: &str) -> Result<Tile, Malformed> {
        let whole = checked_path(path)?;
        let parts = whole.after("tile/").and_then(|rest| rest.split("/"));
        let (level, place) =
            parts.ok_or_else(|| whole.malformed("not a path like tile/0/x001/234", MERKLE))?;
        let (index, width) = parse_place(place)?;
        let tile = u8::try_from(level.decimal("the level of a tile", MERKLE)?);
        let tile = tile.ok().and_then(|level| Tile::new(level, index, width));
        tile.ok_or_else(|| whole.malformed("no tree of less than 2^64 leaves has the tile", MERKLE))
    }

    /// Of tiles, not of hashes: hashes in it cover `256^level` leaves each.
    pub fn level(&self) -> u8 {
        self.level
    }

    /// How many tiles of this level stand before it.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// Hashes in it, 1 to [`WIDTH`].
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Whether it never changes any more.
    pub fn is_full(&self) -> bool {
        self.width == WIDTH
    }

    /// The subtrees whose hashes it holds, in order.
    pub fn nodes(&self) -> impl Iterator<Item = Node> + use<> {
        let (level, first) = (HEIGHT * self.level, self.index * u64::from(WIDTH));
        (first..first + u64::from(self.width)).map(move |index| Node { level, index })
    }

    /// Reads the bytes of the tile: [`Hash::LEN`] for each hash.
    ///
    /// # Errors
    /// There are more or fewer.
    pub fn parse(&self, bytes: &[u8]) -> Result<Vec<Hash>, Malformed> {
        let (chunks, rest) = bytes.as_chunks::<{ Hash::LEN }>();
        if !rest.is_empty() || chunks.len() != usize::from(self.width) {
            let reason =
                format!("{self} has {} bytes, not {}", bytes.len(), usize::from(self.width) * Hash::LEN);
            return Err(Malformed::syntax(None, reason, if self.is_full() { MERKLE } else { PARTIAL }));
        }
        Ok(chunks.iter().copied().map(Hash).collect())
    }
}

impl fmt::Display for Tile {
    /// The path that [`Tile::parse_path`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tile/{}/", self.level)?;
        write_place(f, self.index, self.width)
    }
}

/// The tiles that come into being, or grow, when a tree of `old` leaves grows to `new`: level by level, in order, each
/// as wide as it then is. From 0, these are all tiles of the tree.
pub fn new_tiles(old: u64, new: u64) -> impl Iterator<Item = Tile> {
    (0..LEVELS).flat_map(move |level| {
        let shift = u32::from(HEIGHT * level);
        places(old >> shift, new >> shift).map(move |(index, width)| Tile { level, index, width })
    })
}

/// Index and width of every group of 256 that is new or wider when there are `new` things instead of `old`.
fn places(old: u64, new: u64) -> impl Iterator<Item = (u64, u16)> {
    let group = u64::from(WIDTH);
    let end = if new > old { new.div_ceil(group) } else { 0 };
    (old / group..end).map(move |index| (index, (new - index * group).min(group) as u16))
}

/// A path that is not so long that nothing good can be in it.
fn checked_path(path: &str) -> Result<Part<'_>, Malformed> {
    let whole = Part::new(path, 0);
    if path.len() > MAX_PATH { Err(whole.malformed("the path is too long", MERKLE)) } else { Ok(whole) }
}

/// Reads `<index>[.p/<width>]`, the index in groups of three digits, all but the last after an `x`.
fn parse_place(place: Part<'_>) -> Result<(u64, u16), Malformed> {
    let (index, width) = match place.split(".p/") {
        None => (place, WIDTH),
        Some((index, width)) => {
            let number = width.decimal("the width of a partial tile", PARTIAL)?;
            let number = u16::try_from(number).ok().filter(|number| (1..WIDTH).contains(number));
            (index, number.ok_or_else(|| width.malformed("a partial tile has 1 to 255 hashes", PARTIAL))?)
        }
    };
    let bad = || index.malformed("the index is not written like x001/x234/067", MERKLE);
    let mut digits = String::new();
    let (first, last) = match index.text.rsplit_once('/') {
        Some((first, last)) => (Some(first), last),
        None => (None, index.text),
    };
    let is_group = |group: &str| group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit());
    for group in first.iter().flat_map(|first| first.split('/')) {
        digits.push_str(group.strip_prefix('x').filter(|group| is_group(group)).ok_or_else(bad)?);
    }
    if !is_group(last) || digits.starts_with("000") {
        return Err(bad());
    }
    digits.push_str(last);
    let number =
        digits.parse().map_err(|_| index.malformed("the index does not fit into 64 bits", MERKLE))?;
    Ok((number, width))
}

/// Writes what [`parse_place`] reads.
fn write_place(f: &mut fmt::Formatter<'_>, index: u64, width: u16) -> fmt::Result {
    let mut groups = vec![index % 1000];
    let mut rest = index / 1000;
    while rest > 0 {
        groups.push(rest % 1000);
        rest /= 1000;
    }
    for (place, group) in groups.iter().enumerate().rev() {
        if place > 0 { write!(f, "x{group:03}/")? } else { write!(f, "{group:03}")? }
    }
    if width < WIDTH { write!(f, ".p/{width}") } else { Ok(()) }
}
