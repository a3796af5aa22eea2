//! The central directory (APPNOTE 4.3.12).

use super::cursor::{Cursor, UNICODE_PATH, ZIP64, extra_fields, read};
use super::end::End;
use super::name::decode_name;
use types::{Budget, Finding, Malformed, Resource, Severity, Source, Span};

const CLAUSE: &str = "APPNOTE 6.3.10, 4.3.12";
/// Largest central directory that is read, in bytes: it has to be in memory.
const LARGEST: u64 = 64 << 20;
/// Steps of the budget for each entry.
const ENTRY: u64 = 100;

/// One file of the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name, decoded; `/` separates folders.
    pub name: String,
    /// The name as received.
    pub raw_name: Vec<u8>,
    /// How the content is stored.
    pub method: Method,
    /// The general purpose flags (APPNOTE 4.4.4).
    pub flags: u16,
    /// CRC-32 of the content.
    pub crc32: u32,
    /// Length of the content in bytes as announced; reading checks it.
    pub size: u64,
    /// Length of the stored form in bytes.
    pub compressed_size: u64,
    /// The central directory header.
    pub header: Span,
    /// The local record: header, data, data descriptor. Set once the local header was read.
    pub record: Span,
    /// The stored data.
    pub data: Span,
    /// Whether the local header carries extra fields.
    pub local_extra: Span,
    /// Whether it is unpacked as a symbolic link (APPNOTE 4.4.15, with the file modes of Unix): its content is the name of
    /// another file, which a reader is shown instead.
    pub is_link: bool,
    /// Whether its attributes say that it is a folder, whatever its name says: some readers make one of it.
    pub is_marked_folder: bool,
}

/// How a content is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// As it is.
    Stored,
    /// Deflated (RFC 1951).
    Deflated,
    /// Another method, which is not supported.
    Other(u16),
}

impl Entry {
    /// Whether this is a folder and not a file.
    pub fn is_folder(&self) -> bool {
        self.name.ends_with('/')
    }

    /// Whether the content is encrypted, or part of the directory is (APPNOTE 4.4.4, bits 0, 6 and 13).
    pub fn is_encrypted(&self) -> bool {
        self.flags & 0x2041 != 0
    }

    /// Whether sizes follow the data (APPNOTE 4.4.4, bit 3).
    pub(crate) fn has_descriptor(&self) -> bool {
        self.flags & 8 != 0
    }
}

/// Reads the central directory whole; the number of entries must be the one announced.
pub(crate) fn read_entries(
    source: &dyn Source,
    end: &End,
    findings: &mut Vec<Finding>,
    budget: &mut Budget,
) -> Result<Vec<Entry>, Malformed> {
    let place = end.directory;
    if place.len() > LARGEST {
        return Err(Malformed::unsupported(place.start, "the central directory is too large", CLAUSE));
    }
    let bytes = read(source, place.start, place.len() as usize)?;
    let mut cursor = Cursor::new(&bytes, place.start);
    let mut entries = Vec::new();
    while cursor.left() > 0 {
        budget.spend(Resource::Steps, ENTRY)?;
        entries.push(read_entry(&mut cursor, end, findings)?);
    }
    if entries.len() as u64 != end.entries {
        let reason = format!("the archive announces {} entries and has {}", end.entries, entries.len());
        return Err(Malformed::syntax(place.start, reason, CLAUSE));
    }
    Ok(entries)
}

fn read_entry(cursor: &mut Cursor<'_>, end: &End, findings: &mut Vec<Finding>) -> Result<Entry, Malformed> {
    let start = cursor.at();
    if cursor.take(4)? != b"PK\x01\x02" {
        return Err(Malformed::syntax(start, "a central directory header was expected", CLAUSE));
    }
    cursor.take(4)?;
    let (flags, method) = (cursor.u16()?, cursor.u16()?);
    cursor.take(4)?;
    let crc32 = cursor.u32()?;
    let (compressed_size, size) = (u64::from(cursor.u32()?), u64::from(cursor.u32()?));
    let lengths = [cursor.u16()?, cursor.u16()?, cursor.u16()?].map(usize::from);
    let disk = cursor.u16()?;
    cursor.take(2)?;
    let attributes = cursor.u32()?;
    let offset = u64::from(cursor.u32()?);
    let raw_name = cursor.take(lengths[0])?.to_vec();
    let extra_at = cursor.at();
    let extra = cursor.take(lengths[1])?;
    cursor.take(lengths[2])?;
    let header = Span::new(start, cursor.at());
    let mut wide = Wide { size, compressed_size, offset, disk: disk.into() };
    wide.apply(extra, extra_at)?;
    if wide.disk != 0 {
        return Err(Malformed::unsupported(start, "the archive is split over several files", CLAUSE));
    }
    let name = decode_name(&raw_name, flags, header, findings)?;
    check_unicode_path(extra, extra_at, &name, header, findings)?;
    let offset =
        wide.offset.checked_add(end.shift).filter(|offset| *offset < end.directory.start).ok_or_else(
            || Malformed::syntax(start, "a local header lies past the central directory", CLAUSE),
        )?;
    let method = match method {
        0 => Method::Stored,
        8 => Method::Deflated,
        other => Method::Other(other),
    };
    let place = Span::new(offset, offset);
    Ok(Entry {
        name,
        raw_name,
        method,
        flags,
        crc32,
        size: wide.size,
        compressed_size: wide.compressed_size,
        header,
        record: place,
        data: place,
        local_extra: place,
        is_link: kind(attributes) == LINK,
        is_marked_folder: kind(attributes) == FOLDER || attributes & MSDOS_FOLDER != 0,
    })
}

const FORMAT: u32 = 0o170_000;
const LINK: u32 = 0o120_000;
const FOLDER: u32 = 0o040_000;
const MSDOS_FOLDER: u32 = 0x10;

/// The kind of file in the mode of Unix in the upper half of the external attributes, whatever system is said to have
/// written it (APPNOTE 4.4.2, 4.4.15): not every reader asks for that.
fn kind(attributes: u32) -> u32 {
    (attributes >> 16) & FORMAT
}

/// Fields that ZIP64 can widen (APPNOTE 4.5.3).
struct Wide {
    size: u64,
    compressed_size: u64,
    offset: u64,
    disk: u32,
}

impl Wide {
    fn apply(&mut self, extra: &[u8], at: u64) -> Result<(), Malformed> {
        let mut seen = false;
        for (identifier, mut field) in extra_fields(extra, at)? {
            if identifier != ZIP64 {
                continue;
            }
            if std::mem::replace(&mut seen, true) {
                return Err(Malformed::syntax(
                    field.at(),
                    "there are two ZIP64 fields",
                    "APPNOTE 6.3.10, 4.5.3",
                ));
            }
            for value in [&mut self.size, &mut self.compressed_size, &mut self.offset] {
                if *value == 0xffff_ffff {
                    *value = field.u64()?;
                }
            }
            if self.disk == 0xffff {
                self.disk = field.u32()?;
            }
        }
        Ok(())
    }
}

/// Some readers take the Unicode path instead of the name, from the directory or from the local header.
pub(super) fn check_unicode_path(
    extra: &[u8],
    at: u64,
    name: &str,
    header: Span,
    findings: &mut Vec<Finding>,
) -> Result<(), Malformed> {
    for (identifier, mut field) in extra_fields(extra, at)? {
        if identifier != UNICODE_PATH || field.left() < 5 {
            continue;
        }
        field.take(5)?;
        if field.take(field.left())? != name.as_bytes() {
            let message = format!("the member {name:?} has a second, different name");
            findings.push(Finding::new("zip.second-name", Severity::Error, message).at(header));
        }
    }
    Ok(())
}
