//! Local headers and data descriptors, which must say what the central directory says (APPNOTE 4.3.7, 4.3.9).

use super::central::{Entry, Method, check_unicode_path};
use super::cursor::{Cursor, ZIP64, extra_fields, read};
use types::{Finding, Malformed, Severity, Source, Span};

const CLAUSE: &str = "APPNOTE 6.3.10, 4.3.7";

/// Reads the local header of `entry`, notes where its data lie, and every disagreement.
pub(crate) fn check_local(
    source: &dyn Source,
    entry: &mut Entry,
    limit: u64,
    findings: &mut Vec<Finding>,
) -> Result<(), Malformed> {
    let start = entry.record.start;
    let fixed = read(source, start, 30)?;
    let mut cursor = Cursor::new(&fixed, start);
    if cursor.take(4)? != b"PK\x03\x04" {
        return Err(Malformed::syntax(start, "there is no local header where one should be", CLAUSE));
    }
    cursor.take(2)?;
    let (flags, method) = (cursor.u16()?, cursor.u16()?);
    cursor.take(4)?;
    let (crc32, compressed, size) = (cursor.u32()?, u64::from(cursor.u32()?), u64::from(cursor.u32()?));
    let (name_length, extra_length) = (u64::from(cursor.u16()?), u64::from(cursor.u16()?));
    let rest = read(source, start + 30, (name_length + extra_length) as usize)?;
    let (name, extra) = rest.split_at(name_length as usize);
    let extra_at = start + 30 + name_length;
    let data = extra_at + extra_length;
    entry.local_extra = Span::new(extra_at, data);
    let data_end = data
        .checked_add(entry.compressed_size)
        .filter(|end| *end <= limit)
        .ok_or_else(|| Malformed::syntax(start, "a member reaches into the central directory", CLAUSE))?;
    entry.data = Span::new(data, data_end);
    entry.record = Span::new(start, data_end);
    let wide = widen(extra, extra_at, size, compressed)?;
    let header = Span::new(start, data);
    check_unicode_path(extra, extra_at, &entry.name, header, findings)?;
    if (flags ^ entry.flags) & 0x0800 != 0 && !entry.name.is_ascii() {
        let message =
            format!("the encoding of the name {:?} differs between local header and directory", entry.name);
        findings.push(Finding::new("zip.name-encoding", Severity::Warning, message).at(header));
    }
    let known = !entry.has_descriptor();
    let zero_or = |local: u64, central: u64| local == central || (!known && local == 0);
    // Bit 11 says only how the name is to be read; the names are compared as bytes.
    let checks = [
        ("name", name == entry.raw_name.as_slice()),
        ("flags", (flags ^ entry.flags) & !0x0800 == 0),
        ("method", method == method_number(entry.method)),
        ("checksum", zero_or(crc32.into(), entry.crc32.into())),
        ("compressed size", zero_or(wide.1, entry.compressed_size)),
        ("size", zero_or(wide.0, entry.size)),
    ];
    for (field, agrees) in checks {
        if !agrees {
            let message =
                format!("the {field} of {:?} differs between local header and directory", entry.name);
            findings.push(Finding::new("zip.local-header-differs", Severity::Error, message).at(header));
        }
    }
    if entry.has_descriptor() {
        let end = descriptor(source, entry, limit, findings)?;
        entry.record = Span::new(start, end);
    }
    Ok(())
}

pub(crate) fn method_number(method: Method) -> u16 {
    match method {
        Method::Stored => 0,
        Method::Deflated => 8,
        Method::Other(number) => number,
    }
}

/// Size and compressed size with the ZIP64 field applied.
fn widen(extra: &[u8], at: u64, size: u64, compressed: u64) -> Result<(u64, u64), Malformed> {
    let (mut size, mut compressed) = (size, compressed);
    for (identifier, mut field) in extra_fields(extra, at)? {
        if identifier == ZIP64 {
            for value in [&mut size, &mut compressed] {
                if *value == 0xffff_ffff && field.left() >= 8 {
                    *value = field.u64()?;
                }
            }
        }
    }
    Ok((size, compressed))
}

/// Finds the data descriptor in one of its four forms; its end, or the end of the data with a finding.
fn descriptor(
    source: &dyn Source,
    entry: &Entry,
    limit: u64,
    findings: &mut Vec<Finding>,
) -> Result<u64, Malformed> {
    let at = entry.data.end;
    let available = limit.saturating_sub(at).min(24) as usize;
    let bytes = read(source, at, available)?;
    let mut forms: Vec<Vec<u8>> = Vec::new();
    for signature in [&b"PK\x07\x08"[..], b""] {
        let crc = entry.crc32.to_le_bytes();
        let narrow = |value: u64| u32::try_from(value).map(u32::to_le_bytes);
        if let (Ok(compressed), Ok(size)) = (narrow(entry.compressed_size), narrow(entry.size)) {
            forms.push([signature, &crc, &compressed, &size].concat());
        }
        let wide = [entry.compressed_size.to_le_bytes(), entry.size.to_le_bytes()].concat();
        forms.push([signature, &crc[..], &wide].concat());
    }
    // The longer form first: the shorter one without its upper halves is a prefix of nothing else.
    let fits = |form: &&Vec<u8>| bytes.starts_with(form);
    let ends_well = |form: &&Vec<u8>| {
        {
            let length = form.as_slice().len();
            bytes.get(length..length + 2)
        }
        .is_none_or(|next| next == b"PK")
    };
    let found = forms.iter().find(|form| fits(form) && ends_well(form)).or(forms.iter().find(fits));
    match found {
        Some(form) => Ok(at + form.as_slice().len() as u64),
        None => {
            let message =
                format!("the sizes after {:?} are missing or differ from the directory", entry.name);
            findings.push(
                Finding::new("zip.data-descriptor-differs", Severity::Error, message)
                    .at(Span::new(at, at + available as u64)),
            );
            Ok(at)
        }
    }
}
