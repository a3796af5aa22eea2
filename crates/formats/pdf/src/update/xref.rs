//! The cross-reference section of an update, as a table or as a stream (ISO 32000-2, 7.5.4 and 7.5.8).

use super::Writer;
use super::serialise::Serialiser;
use crate::document::XrefStyle;
use crate::object::{Dictionary, Object, ObjectId, PdfString};
use types::Malformed;

/// The largest offset that the ten digits of a table entry hold.
const LARGEST_TABLE_OFFSET: u64 = 9_999_999_999;

/// Writes the section, trailer, `startxref` and `%%EOF`.
///
/// A hybrid file gets a table: its objects are not hidden in streams, so every reader finds them. A file too large
/// for the ten digits of a table gets a stream whatever its style.
pub(super) fn write(writer: &mut Writer<'_, '_, '_>) -> Result<(), Malformed> {
    let at = writer.position();
    let style = writer.update.document.xref_style();
    if style == XrefStyle::Stream || at > LARGEST_TABLE_OFFSET {
        stream(writer, at);
    } else {
        table(writer);
        let trailer = trailer(writer, writer.update.next);
        writer.bytes.extend_from_slice(b"trailer\n");
        plain_dictionary(writer, &trailer);
        writer.bytes.push(b'\n');
    }
    writer.bytes.extend_from_slice(format!("startxref\n{at}\n%%EOF\n").as_bytes());
    Ok(())
}

/// Runs of consecutive object numbers.
fn sections(offsets: &[(ObjectId, u64)]) -> impl Iterator<Item = &[(ObjectId, u64)]> {
    offsets.chunk_by(|(a, _), (b, _)| a.number.checked_add(1) == Some(b.number))
}

fn table(writer: &mut Writer<'_, '_, '_>) {
    let mut text = String::from("xref\n");
    if writer.offsets.is_empty() {
        text.push_str("0 0\n");
    }
    for section in sections(&writer.offsets) {
        let first = section.first().map_or(0, |(id, _)| id.number);
        text.push_str(&format!("{first} {}\n", section.len()));
        for (id, offset) in section {
            text.push_str(&format!("{offset:010} {:05} n\r\n", id.generation));
        }
    }
    writer.bytes.extend_from_slice(text.as_bytes());
}

/// A stream that lists itself too; not compressed, since it is short, and never encrypted (ISO 32000-2, 7.5.8.2).
fn stream(writer: &mut Writer<'_, '_, '_>, at: u64) {
    let id = ObjectId { number: writer.update.next, generation: 0 };
    writer.offsets.push((id, at));
    let width = (8 - at.leading_zeros() as usize / 8).max(1);
    let mut index = Vec::new();
    let mut data = Vec::with_capacity(writer.offsets.len() * (width + 3));
    for section in sections(&writer.offsets) {
        let first = section.first().map_or(0, |(id, _)| id.number);
        index.extend([Object::Integer(i64::from(first)), Object::Integer(section.len() as i64)]);
        for (id, offset) in section {
            data.push(1);
            data.extend_from_slice(&offset.to_be_bytes()[8 - width..]);
            data.extend_from_slice(&id.generation.to_be_bytes());
        }
    }
    let widths = [1, width as i64, 2].map(Object::Integer).to_vec();
    let mut dictionary = Dictionary::new()
        .with("Type", Object::name("XRef"))
        .with("W", Object::Array(widths))
        .with("Index", Object::Array(index))
        .with("Length", Object::Integer(data.len() as i64));
    dictionary.0.extend(trailer(writer, id.number.saturating_add(1)).0);
    writer.bytes.extend_from_slice(format!("{} 0 obj\n", id.number).as_bytes());
    plain_dictionary(writer, &dictionary);
    writer.bytes.extend_from_slice(b"\nstream\n");
    writer.bytes.extend_from_slice(&data);
    writer.bytes.extend_from_slice(b"\nendstream\nendobj\n");
}

/// Strings of a trailer are not encrypted (ISO 32000-2, 7.6.2).
fn plain_dictionary(writer: &mut Writer<'_, '_, '_>, dictionary: &Dictionary) {
    let mut serialiser = Serialiser::new(std::mem::take(&mut writer.bytes), None);
    serialiser.dictionary(dictionary);
    writer.bytes = serialiser.out;
}

/// The entries of the trailer (ISO 32000-2, Table 15): what identifies the document is kept, the rest belongs to
/// the section it was written for.
fn trailer(writer: &Writer<'_, '_, '_>, size: u32) -> Dictionary {
    let document = writer.update.document;
    let old = document.trailer();
    let size = size.max(document.size());
    let mut trailer = Dictionary::new().with("Size", Object::Integer(i64::from(size)));
    for key in ["Root", "Info", "Encrypt"] {
        if let Some(value) = old.get(key) {
            trailer.set(key, value.clone());
        }
    }
    if let Some(id) = identifier(writer, old) {
        trailer.set("ID", id);
    }
    trailer.with("Prev", Object::Integer(i64::try_from(document.startxref()).unwrap_or(i64::MAX)))
}

/// The first part of `ID` stays, the second is new (ISO 32000-2, 14.4). A file without one gets one unless it is
/// encrypted: its key may depend on the absence.
fn identifier(writer: &Writer<'_, '_, '_>, old: &Dictionary) -> Option<Object> {
    let changed = writer.update.derive(b"ID", 0).get(..16)?.to_vec();
    let changed = Object::String(PdfString { bytes: changed, hexadecimal: true });
    match old.get("ID") {
        Some(Object::Array(parts)) => {
            let first = parts.first().filter(|part| part.as_string().is_some())?;
            Some(Object::Array(vec![first.clone(), changed]))
        }
        Some(other) => Some(other.clone()),
        None if writer.update.document.encryption().is_some() => None,
        None => Some(Object::Array(vec![changed.clone(), changed])),
    }
}
