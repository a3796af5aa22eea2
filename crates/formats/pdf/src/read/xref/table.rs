//! What sections say of each object number, packed into 8 bytes an entry, and an index over many sections.

use crate::document::EntryKind;
use crate::object::ObjectId;
use types::{Finding, Malformed, Severity};

/// One cross-reference entry (ISO 32000-2, Tables 17 and 18).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// Not in use; also entries of a type this version of PDF does not define.
    Free { generation: u16 },
    /// At an offset, as written.
    InUse { generation: u16, offset: u64 },
    /// In an object stream.
    Compressed { container: u32, index: u32 },
}

/// An entry in 8 bytes: 2 bits of kind, then 16 of generation and 46 of offset, or 32 of container and 30 of index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Packed(u64);

const OFFSET_BITS: u32 = 46;
const INDEX_BITS: u32 = 30;
const IN_USE: u64 = 1;
const COMPRESSED: u64 = 2;

impl Packed {
    /// `None` if a value is beyond what is supported: offsets up to 64 TiB, indices up to 2³⁰.
    pub(crate) fn new(entry: Entry) -> Option<Packed> {
        let value = match entry {
            Entry::Free { generation } => u64::from(generation) << OFFSET_BITS,
            Entry::InUse { generation, offset } => {
                (offset >> OFFSET_BITS == 0).then_some(())?;
                IN_USE << 62 | u64::from(generation) << OFFSET_BITS | offset
            }
            Entry::Compressed { container, index } => {
                (index >> INDEX_BITS == 0).then_some(())?;
                COMPRESSED << 62 | u64::from(container) << INDEX_BITS | u64::from(index)
            }
        };
        Some(Packed(value))
    }

    pub(crate) fn entry(self) -> Entry {
        let generation = (self.0 >> OFFSET_BITS & 0xFFFF) as u16;
        match self.0 >> 62 {
            IN_USE => Entry::InUse { generation, offset: self.0 & ((1 << OFFSET_BITS) - 1) },
            COMPRESSED => Entry::Compressed {
                container: (self.0 >> INDEX_BITS & 0xFFFF_FFFF) as u32,
                index: (self.0 & ((1 << INDEX_BITS) - 1)) as u32,
            },
            _ => Entry::Free { generation },
        }
    }

    fn is_free(self) -> bool {
        self.0 >> 62 == 0
    }
}

/// Consecutive object numbers: the first one, and where their entries begin.
#[derive(Clone, Copy, Debug)]
struct Run {
    first: u32,
    start: usize,
}

/// The entries of one revision, ascending by object number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Section {
    runs: Vec<Run>,
    entries: Vec<Packed>,
}

impl Section {
    /// The entry of an object number, if this section has one.
    pub(crate) fn get(&self, number: u32) -> Option<Entry> {
        let after = self.runs.partition_point(|run| run.first <= number);
        let run = self.runs.get(after.checked_sub(1)?)?;
        let end = self.runs.get(after).map_or(self.entries.len(), |next| next.start);
        let index = run.start.checked_add((number - run.first) as usize)?;
        self.entries.get(index).filter(|_| index < end).map(|packed| packed.entry())
    }

    /// Every object number with its entry, ascending.
    fn packed(&self) -> impl Iterator<Item = (u32, Packed)> + '_ {
        self.runs.iter().enumerate().flat_map(|(index, run)| {
            let end = self.runs.get(index + 1).map_or(self.entries.len(), |next| next.start);
            let entries = self.entries.get(run.start..end).unwrap_or_default();
            (run.first..=u32::MAX).zip(entries.iter().copied())
        })
    }

    /// Every object number with its entry, ascending, in the words of the public interface; offsets get `shift`.
    pub(crate) fn iter(&self, shift: u64) -> impl Iterator<Item = (ObjectId, EntryKind)> + '_ {
        self.packed().map(move |(number, packed)| match packed.entry() {
            Entry::Free { generation } => (ObjectId { number, generation }, EntryKind::Free),
            Entry::InUse { generation, offset } => {
                (ObjectId { number, generation }, EntryKind::InUse { offset: offset.saturating_add(shift) })
            }
            Entry::Compressed { container, index } => {
                (ObjectId { number, generation: 0 }, EntryKind::Compressed { container, index })
            }
        })
    }

    /// The highest object number with an entry.
    pub(crate) fn highest(&self) -> Option<u32> {
        let run = self.runs.last()?;
        let count = u32::try_from(self.entries.len().checked_sub(run.start)?).ok()?;
        run.first.checked_add(count.checked_sub(1)?)
    }

    /// The highest object number in use.
    pub(crate) fn highest_in_use(&self) -> Option<u32> {
        self.runs.iter().enumerate().rev().find_map(|(index, run)| {
            let end = self.runs.get(index + 1).map_or(self.entries.len(), |next| next.start);
            let entries = self.entries.get(run.start..end)?;
            let last = entries.iter().rposition(|packed| !packed.is_free())?;
            run.first.checked_add(u32::try_from(last).ok()?)
        })
    }

    /// This section with the entries of `other` where this one has none or a free one (ISO 32000-2, 7.5.8.4 for
    /// hybrid files; the two sections of a linearised file share no number).
    pub(crate) fn completed_by(&self, other: &Section) -> Section {
        let (mut mine, mut theirs) = (self.packed().peekable(), other.packed().peekable());
        let mut merged = Builder::default();
        loop {
            let next = match (mine.peek().copied(), theirs.peek().copied()) {
                (Some((a, _)), Some((b, _))) if a < b => mine.next(),
                (Some((a, _)), Some((b, _))) if a > b => theirs.next(),
                (Some((_, packed)), Some(_)) => {
                    let hidden = theirs.next();
                    let own = mine.next();
                    if packed.is_free() { hidden } else { own }
                }
                (Some(_), None) => mine.next(),
                (None, Some(_)) => theirs.next(),
                (None, None) => return merged.section,
            };
            if let Some((number, packed)) = next {
                merged.add(number, packed);
            }
        }
    }

    /// The numbers that this section calls free and `other` has in use.
    pub(crate) fn freed(&self, other: &Section) -> Vec<u32> {
        let in_use = other.packed().filter(|(_, packed)| !packed.is_free());
        let is_freed = |number: &u32| matches!(self.get(*number), Some(Entry::Free { .. }));
        in_use.map(|(number, _)| number).filter(is_freed).collect()
    }

    /// The first number that this section and `other` both have in use, at different places: readers that know hybrid
    /// files and readers that do not would see different objects.
    pub(crate) fn disagreement(&self, other: &Section) -> Option<u32> {
        let mut theirs = other.packed().peekable();
        self.packed().filter(|(_, packed)| !packed.is_free()).find_map(|(number, packed)| {
            while theirs.next_if(|(hidden, _)| *hidden < number).is_some() {}
            let (hidden, other) = theirs.peek()?;
            (*hidden == number && !other.is_free() && *other != packed).then_some(number)
        })
    }
}

/// Collects the entries of a section in the order of the file.
#[derive(Default)]
pub(crate) struct Builder {
    section: Section,
    next: Option<u64>,
    disordered: bool,
}

impl Builder {
    /// Makes room for `count` more entries, which the caller has seen to be in the file.
    pub(crate) fn reserve(&mut self, count: usize) {
        self.section.entries.reserve(count);
    }

    /// Adds the entry of an object number.
    #[inline]
    pub(crate) fn add(&mut self, number: u32, packed: Packed) {
        if self.next != Some(u64::from(number)) {
            self.disordered |= self.next.is_some_and(|next| u64::from(number) < next);
            self.section.runs.push(Run { first: number, start: self.section.entries.len() });
        }
        self.section.entries.push(packed);
        self.next = Some(u64::from(number) + 1);
    }

    /// Adds entries of consecutive object numbers from `first`; how many there were.
    pub(crate) fn add_all(&mut self, first: u32, mut entries: impl Iterator<Item = Packed>) -> u64 {
        let Some(entry) = entries.next() else { return 0 };
        let before = self.section.entries.len();
        self.add(first, entry);
        self.section.entries.extend(entries);
        let read = (self.section.entries.len() - before) as u64;
        self.next = Some(u64::from(first) + read);
        read
    }

    /// The section, ascending. A number that occurs twice with different entries is malformed, with the same entry
    /// a finding (ISO 32000-2, 7.5.4: one entry an object in each section).
    pub(crate) fn finish(self, at: u64, findings: &mut Vec<Finding>) -> Result<Section, Malformed> {
        if !self.disordered {
            return Ok(self.section);
        }
        let mut all: Vec<(u32, Packed)> = self.section.packed().collect();
        all.sort_by_key(|(number, _)| *number);
        let mut sorted = Builder::default();
        let mut last: Option<(u32, Packed)> = None;
        for (number, packed) in all {
            match last {
                Some((before, same)) if before == number && same == packed => {
                    let message =
                        format!("object {number} has two equal entries in one cross-reference section");
                    if findings.last().is_none_or(|finding| finding.code != "pdf.xref.repeated-entry") {
                        findings.push(Finding::new("pdf.xref.repeated-entry", Severity::Warning, message));
                    }
                }
                Some((before, _)) if before == number => {
                    let reason = format!("object {number} has two different entries in one section");
                    return Err(Malformed::syntax(at, reason, "ISO 32000-2, 7.5.4"));
                }
                _ => sorted.add(number, packed),
            }
            last = Some((number, packed));
        }
        Ok(sorted.section)
    }
}

/// Which revision defines an object number, over all revisions but the oldest: `number << 32 | !revision`, sorted,
/// so that the newest revision not after a given one is found by one binary search.
#[derive(Debug, Default)]
pub(crate) struct Index(Vec<u64>);

impl Index {
    /// `sections` are oldest first; the oldest one is looked at directly and takes no room here.
    pub(crate) fn new(sections: &[Section]) -> Index {
        let updates = sections.iter().enumerate().skip(1);
        let mut keys: Vec<u64> = updates
            .flat_map(|(revision, section)| section.packed().map(move |(number, _)| key(number, revision)))
            .collect();
        keys.sort();
        Index(keys)
    }

    /// The entry of `number` as of `revision`, and the revision that defines it.
    pub(crate) fn find(&self, sections: &[Section], number: u32, revision: usize) -> Option<(usize, Entry)> {
        let wanted = key(number, revision);
        let defining = self
            .0
            .get(self.0.partition_point(|&key| key < wanted))
            .filter(|&&key| key >> 32 == u64::from(number))
            .map_or(0, |&key| !(key as u32) as usize);
        Some((defining, sections.get(defining)?.get(number)?))
    }
}

fn key(number: u32, revision: usize) -> u64 {
    u64::from(number) << 32 | u64::from(!u32::try_from(revision).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(entries: &[(u32, u64)]) -> Section {
        let mut builder = Builder::default();
        for &(number, offset) in entries {
            let entry = match offset {
                0 => Entry::Free { generation: 1 },
                offset => Entry::InUse { generation: 0, offset },
            };
            builder.add(number, Packed::new(entry).unwrap());
        }
        builder.finish(0, &mut Vec::new()).unwrap()
    }

    #[test]
    fn packing_keeps_every_entry() {
        for entry in [
            Entry::Free { generation: 65_535 },
            Entry::InUse { generation: 65_535, offset: (1 << 46) - 1 },
            Entry::InUse { generation: 0, offset: 0 },
            Entry::Compressed { container: u32::MAX, index: (1 << 30) - 1 },
        ] {
            assert_eq!(Packed::new(entry).map(Packed::entry), Some(entry));
        }
        assert!(Packed::new(Entry::InUse { generation: 0, offset: 1 << 46 }).is_none());
    }

    #[test]
    fn subsections_in_any_order_are_looked_up() {
        let table = section(&[(7, 70), (8, 80), (0, 0), (3, 30), (u32::MAX, 99)]);
        assert_eq!(table.get(8), Some(Entry::InUse { generation: 0, offset: 80 }));
        assert_eq!(table.get(0), Some(Entry::Free { generation: 1 }));
        assert_eq!(table.get(u32::MAX), Some(Entry::InUse { generation: 0, offset: 99 }));
        assert_eq!((table.get(4), table.get(9), table.get(2)), (None, None, None));
        assert_eq!(table.highest_in_use(), Some(u32::MAX));
    }

    #[test]
    fn two_different_entries_of_one_object_are_refused() {
        let mut builder = Builder::default();
        for offset in [5, 6] {
            builder.add(1, Packed::new(Entry::InUse { generation: 0, offset }).unwrap());
        }
        assert!(builder.finish(0, &mut Vec::new()).is_err());
    }

    #[test]
    fn the_newest_definition_up_to_a_revision_is_found() {
        let sections =
            [section(&[(1, 10), (2, 20)]), section(&[(1, 11)]), section(&[]), section(&[(1, 13), (5, 50)])];
        let index = Index::new(&sections);
        let offset = |number, revision| match index.find(&sections, number, revision) {
            Some((from, Entry::InUse { offset, .. })) => Some((from, offset)),
            _ => None,
        };
        assert_eq!([offset(1, 0), offset(1, 1), offset(1, 2)], [Some((0, 10)), Some((1, 11)), Some((1, 11))]);
        assert_eq!([offset(1, 3), offset(2, 3), offset(5, 2)], [Some((3, 13)), Some((0, 20)), None]);
    }

    #[test]
    fn a_hybrid_section_uses_the_stream_where_the_table_has_nothing() {
        let merged = section(&[(0, 0), (1, 10), (2, 0)]).completed_by(&section(&[(1, 99), (2, 20), (3, 30)]));
        let offsets: Vec<_> = merged.iter(0).map(|(id, kind)| (id.number, kind)).collect();
        let used = |offset| EntryKind::InUse { offset };
        assert_eq!(offsets, [(0, EntryKind::Free), (1, used(10)), (2, used(20)), (3, used(30))]);
    }

    #[test]
    fn sections_disagree_only_where_both_have_an_object_elsewhere() {
        let table = section(&[(0, 0), (1, 10), (2, 0), (4, 40)]);
        assert_eq!(table.disagreement(&section(&[(1, 10), (2, 20), (3, 30)])), None);
        assert_eq!(table.disagreement(&section(&[(2, 20), (4, 41)])), Some(4));
    }
}
