//! The end of central directory record, plain and ZIP64 (APPNOTE 4.3.14 to 4.3.16).

use super::cursor::{Cursor, read};
use types::{Finding, Malformed, Severity, Source, Span};

const CLAUSE: &str = "APPNOTE 6.3.10, 4.3.16";
const SIGNATURE: [u8; 4] = *b"PK\x05\x06";
const LOCATOR: [u8; 4] = *b"PK\x06\x07";
const END64: [u8; 4] = *b"PK\x06\x06";
const LENGTH: u64 = 22;
const LOCATOR_LENGTH: u64 = 20;
/// The record and the longest comment.
const REACH: u64 = LENGTH + 0xffff;

/// What the end of the archive says.
#[derive(Clone, Debug)]
pub(crate) struct End {
    /// Number of entries announced.
    pub entries: u64,
    /// The central directory.
    pub directory: Span,
    /// Bytes before the archive that its offsets do not count.
    pub shift: u64,
    /// The archive comment.
    pub comment: Vec<u8>,
}

/// Finds the one end record; more than one that fits is an error.
pub(crate) fn find_end(source: &dyn Source, findings: &mut Vec<Finding>) -> Result<End, Malformed> {
    let length = source.len();
    let start = length.saturating_sub(REACH);
    let tail = read(source, start, (length - start) as usize)?;
    let candidates: Vec<usize> =
        memory_positions(&tail, &SIGNATURE).filter(|at| tail.len() - at >= LENGTH as usize).collect();
    let comment_end =
        |at: usize| at as u64 + LENGTH + u64::from(u16::from_le_bytes([tail[at + 20], tail[at + 21]]));
    let exact: Vec<usize> =
        candidates.iter().copied().filter(|at| comment_end(*at) == tail.len() as u64).collect();
    // A record inside another's comment is seen by readers that search from the end, the outer one by others.
    let plausible: Vec<usize> =
        exact.iter().copied().filter(|at| directory_is_there(source, start + *at as u64)).collect();
    let at = match (plausible.as_slice(), exact.as_slice(), candidates.as_slice()) {
        ([at], _, _) | ([], [at], _) => *at,
        ([], [], []) => return Err(Malformed::syntax(None, "this is not a ZIP archive", CLAUSE)),
        ([], [], [.., at]) => {
            let end = start + comment_end(*at).min(tail.len() as u64);
            let message = "there are bytes after the archive, which some readers skip and others do not";
            findings.push(
                Finding::new("zip.appended-bytes", Severity::Error, message).at(Span::new(end, length)),
            );
            *at
        }
        _ => {
            return Err(Malformed::syntax(
                start + exact[0] as u64,
                "there are several ends of central directory; readers would disagree",
                CLAUSE,
            ));
        }
    };
    let end = parse_end(source, start + at as u64, findings)?;
    // One before the directory is inside a member, e.g. a document that is an archive itself: gaps are reported elsewhere.
    let others = candidates.iter().filter(|other| **other != at).map(|other| start + *other as u64);
    if let Some(other) = others.filter(|other| *other >= end.directory.start).min() {
        let message = "the archive holds another end of central directory record that is not the end";
        findings
            .push(Finding::new("zip.second-end", Severity::Warning, message).at(Span::new(other, other + 4)));
    }
    Ok(end)
}

fn memory_positions<'b>(bytes: &'b [u8], wanted: &'b [u8; 4]) -> impl Iterator<Item = usize> + 'b {
    bytes.windows(4).enumerate().filter(move |(_, window)| window == wanted).map(|(at, _)| at)
}

/// Whether what the record at `at` calls the central directory looks like one.
fn directory_is_there(source: &dyn Source, at: u64) -> bool {
    parse_end(source, at, &mut Vec::new()).is_ok()
}

fn parse_end(source: &dyn Source, at: u64, findings: &mut Vec<Finding>) -> Result<End, Malformed> {
    let record = read(source, at, LENGTH as usize)?;
    let mut cursor = Cursor::new(&record[4..], at + 4);
    let (disk, directory_disk) = (cursor.u16()?, cursor.u16()?);
    let (entries_here, entries) = (cursor.u16()?, cursor.u16()?);
    let (size, offset) = (cursor.u32()?, cursor.u32()?);
    let comment_length = u64::from(cursor.u16()?).min(source.len() - at - LENGTH);
    let comment = read(source, at + LENGTH, comment_length as usize)?;
    let wide = zip64(source, at)?;
    let full = |value: u64, max: u64, wide: Option<u64>| match wide {
        Some(wide) if value == max || value == wide => Ok(wide),
        Some(_) => Err(Malformed::syntax(at, "the end record and its ZIP64 form disagree", CLAUSE)),
        None => Ok(value),
    };
    let entries_total = full(entries.into(), 0xffff, wide.as_ref().map(|wide| wide.entries))?;
    let size = full(size.into(), 0xffff_ffff, wide.as_ref().map(|wide| wide.size))?;
    let offset = full(offset.into(), 0xffff_ffff, wide.as_ref().map(|wide| wide.offset))?;
    let one_disk = |disk: u16| disk == 0 || (wide.is_some() && disk == 0xffff);
    if !one_disk(disk) || !one_disk(directory_disk) || entries_here != entries {
        return Err(Malformed::unsupported(at, "the archive is split over several files", CLAUSE));
    }
    let records = wide.map_or(at, |wide| wide.at);
    let start = records
        .checked_sub(size)
        .ok_or_else(|| Malformed::syntax(at, "the central directory is larger than the file", CLAUSE))?;
    let shift = start
        .checked_sub(offset)
        .ok_or_else(|| Malformed::syntax(at, "the central directory is not where it should be", CLAUSE))?;
    if size > 0 && read(source, start, 4)? != *b"PK\x01\x02" {
        return Err(Malformed::syntax(start, "there is no central directory where it should be", CLAUSE));
    }
    if shift > 0 {
        let message = "there are bytes before the archive that its offsets do not count";
        findings.push(Finding::new("zip.prepended-bytes", Severity::Error, message).at(Span::new(0, shift)));
    }
    Ok(End { entries: entries_total, directory: Span::new(start, records), shift, comment })
}

struct Wide {
    at: u64,
    entries: u64,
    size: u64,
    offset: u64,
}

/// The ZIP64 end record, if a locator stands before the end record at `end` (APPNOTE 4.3.14, 4.3.15).
fn zip64(source: &dyn Source, end: u64) -> Result<Option<Wide>, Malformed> {
    const CLAUSE: &str = "APPNOTE 6.3.10, 4.3.14";
    let Some(locator_at) = end.checked_sub(LOCATOR_LENGTH) else { return Ok(None) };
    let locator = read(source, locator_at, LOCATOR_LENGTH as usize)?;
    if locator[..4] != LOCATOR {
        return Ok(None);
    }
    let mut cursor = Cursor::new(&locator[4..], locator_at + 4);
    let (disk, offset, disks) = (cursor.u32()?, cursor.u64()?, cursor.u32()?);
    if disk != 0 || disks > 1 {
        return Err(Malformed::unsupported(locator_at, "the archive is split over several files", CLAUSE));
    }
    // Prepended bytes shift it; it is then directly before its locator.
    let places = [Some(offset), locator_at.checked_sub(56)];
    for at in places.into_iter().flatten() {
        let Ok(record) = read(source, at, 56) else { continue };
        if record[..4] != END64 {
            continue;
        }
        let mut cursor = Cursor::new(&record[4..], at + 4);
        let length = cursor.u64()?;
        if at.checked_add(length).and_then(|end| end.checked_add(12)) != Some(locator_at) {
            continue;
        }
        cursor.take(4)?;
        let (disk, directory_disk) = (cursor.u32()?, cursor.u32()?);
        let (here, entries) = (cursor.u64()?, cursor.u64()?);
        if disk != 0 || directory_disk != 0 || here != entries {
            return Err(Malformed::unsupported(at, "the archive is split over several files", CLAUSE));
        }
        return Ok(Some(Wide { at, entries, size: cursor.u64()?, offset: cursor.u64()? }));
    }
    Err(Malformed::syntax(locator_at, "the ZIP64 end record is not where its locator says", CLAUSE))
}
