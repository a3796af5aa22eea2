//! Entry bundles (C2SP tlog-tiles, Log entries): up to 256 entries, each after its length.

use super::{WIDTH, checked_path, parse_place, places, write_place};
use std::fmt;
use types::{Budget, Malformed, Resource};

const CLAUSE: &str = "C2SP tlog-tiles, Log entries";

/// The longest entry in bytes: its length is written in two.
pub const MAX_ENTRY: usize = u16::MAX as usize;

/// A bundle by its place: the entries from `256 * index` on, `width` of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryBundle {
    index: u64,
    width: u16,
}

impl EntryBundle {
    /// A bundle of 1 to [`WIDTH`] entries; `None` if no tree of less than 2^64 leaves has it.
    pub fn new(index: u64, width: u16) -> Option<EntryBundle> {
        super::Tile::new(0, index, width).map(|tile| EntryBundle { index: tile.index, width: tile.width })
    }

    /// Reads `tile/entries/<index>[.p/<width>]`, the path in the log.
    ///
    /// # Errors
    /// It breaks the format, is not the shortest spelling, or no tree of less than 2^64 leaves has the bundle.
    pub fn parse_path(path: &str) -> Result<EntryBundle, Malformed> {
        let whole = checked_path(path)?;
        let place = whole.after("tile/entries/");
        let place = place.ok_or_else(|| whole.malformed("not a path like tile/entries/x001/234", CLAUSE))?;
        let (index, width) = parse_place(place)?;
        EntryBundle::new(index, width)
            .ok_or_else(|| whole.malformed("no tree of less than 2^64 leaves has the bundle", CLAUSE))
    }

    /// How many bundles stand before it.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// Entries in it, 1 to [`WIDTH`].
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Whether it never changes any more.
    pub fn is_full(&self) -> bool {
        self.width == WIDTH
    }

    /// The index of its first entry.
    pub fn first(&self) -> u64 {
        self.index * u64::from(WIDTH)
    }

    /// Reads the bytes of the bundle: exactly its entries.
    ///
    /// # Errors
    /// Bytes are missing or too many, or the budget ends.
    pub fn parse<'b>(&self, bytes: &'b [u8], budget: &mut Budget) -> Result<Vec<&'b [u8]>, Malformed> {
        let (mut entries, mut rest) = (Vec::new(), bytes);
        for _ in 0..self.width {
            budget.spend(Resource::Steps, 1)?;
            let at = (bytes.len() - rest.len()) as u64;
            let short = || Malformed::syntax(at, format!("{self} ends within an entry"), CLAUSE);
            let (length, after) = rest.split_first_chunk::<2>().ok_or_else(short)?;
            let length = usize::from(u16::from_be_bytes(*length));
            let (entry, after) = after.split_at_checked(length).ok_or_else(short)?;
            entries.push(entry);
            rest = after;
        }
        if rest.is_empty() {
            return Ok(entries);
        }
        let at = (bytes.len() - rest.len()) as u64;
        Err(Malformed::syntax(at, format!("{self} goes on after its last entry"), CLAUSE))
    }
}

impl fmt::Display for EntryBundle {
    /// The path that [`EntryBundle::parse_path`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tile/entries/")?;
        write_place(f, self.index, self.width)
    }
}

/// The bundles that come into being, or grow, when a log of `old` entries grows to `new`. From 0, these are all.
pub fn new_bundles(old: u64, new: u64) -> impl Iterator<Item = EntryBundle> {
    places(old, new).map(|(index, width)| EntryBundle { index, width })
}

/// An entry is longer than [`MAX_ENTRY`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryTooLong {
    /// Its length in bytes.
    pub length: usize,
}

impl fmt::Display for EntryTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an entry of {} bytes; the most is {MAX_ENTRY} [{CLAUSE}]", self.length)
    }
}

impl std::error::Error for EntryTooLong {}

/// Appends an entry to the bytes of a bundle.
///
/// # Errors
/// It is too long; nothing was appended.
pub fn write_entry(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<(), EntryTooLong> {
    let length = u16::try_from(entry.len()).map_err(|_| EntryTooLong { length: entry.len() })?;
    bundle.extend(length.to_be_bytes());
    bundle.extend(entry);
    Ok(())
}
