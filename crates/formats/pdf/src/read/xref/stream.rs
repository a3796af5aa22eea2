//! Cross-reference streams (ISO 32000-2, 7.5.8).

use super::table::{Builder, Entry, Packed, Section};
use crate::filter;
use crate::object::{Dictionary, Object};
use crate::read::structure::{indirect, stream_extent};
use crate::read::window::Windows;
use types::{Budget, Finding, Malformed, Resource, Severity, Span};

const CLAUSE: &str = "ISO 32000-2, 7.5.8";
/// Steps of the budget for each entry: deflated, many take little room in a file, and each takes some in memory.
const ROW: u64 = 5;

/// A cross-reference stream, which is its own trailer.
pub(crate) struct XrefStream {
    pub(crate) section: Section,
    pub(crate) trailer: Dictionary,
    /// The object, past `endobj`.
    pub(crate) span: Span,
}

/// Reads the stream object at `at`.
pub(crate) fn read_stream(
    windows: &Windows<'_>,
    at: u64,
    budget: &mut Budget,
    findings: &mut Vec<Finding>,
) -> Result<XrefStream, Malformed> {
    let mut object = indirect(windows, at, budget)?;
    findings.append(&mut object.findings);
    let start = object.span.start;
    let (Object::Dictionary(trailer), Some(data_at)) = (object.object, object.data_at) else {
        return Err(Malformed::syntax(start, "expected a cross-reference table or stream", CLAUSE));
    };
    if trailer.get("Type").and_then(Object::as_name) != Some(b"XRef") {
        return Err(Malformed::syntax(start, "stream is not a cross-reference stream", CLAUSE));
    }
    let length =
        trailer.get("Length").and_then(Object::as_integer).and_then(|value| u64::try_from(value).ok());
    let length = length.ok_or_else(|| {
        Malformed::syntax(start, "Length of a cross-reference stream is not direct", CLAUSE)
    })?;
    let (data, end) = stream_extent(windows, data_at, length, findings)?;
    let steps = filter::steps(&trailer, &mut |object| match object {
        Object::Reference(_) => {
            Err(Malformed::syntax(start, "entry of a cross-reference stream is not direct", CLAUSE))
        }
        other => Ok(other.clone()),
    })?;
    let raw = windows.bytes(data.start, data.len())?;
    let rows = filter::decode(&steps, raw, data.start, filter::STRUCTURE, budget)?;
    let section = read_rows(&rows, &trailer, start, budget, findings)?;
    Ok(XrefStream { section, trailer, span: Span::new(start, end) })
}

/// `W`: the widths of the three fields, at most 8 bytes each (ISO 32000-2, Table 17).
fn widths(trailer: &Dictionary, at: u64) -> Result<[usize; 3], Malformed> {
    let fault = || Malformed::syntax(at, "W is not three widths of 0 to 8 bytes", CLAUSE);
    let array = trailer.get("W").and_then(Object::as_array).ok_or_else(fault)?;
    let width = |index: usize| {
        let value = array.get(index).and_then(Object::as_integer)?;
        usize::try_from(value).ok().filter(|&width| width <= 8)
    };
    match (width(0), width(1), width(2), array.len()) {
        (Some(a), Some(b), Some(c), 3) if b > 0 => Ok([a, b, c]),
        _ => Err(fault()),
    }
}

/// `Index`: pairs of first number and count; `[0 Size]` where absent.
fn subsections(trailer: &Dictionary, at: u64) -> Result<Vec<(u32, u64)>, Malformed> {
    let fault = || Malformed::syntax(at, "Index or Size is not as it must be", CLAUSE);
    let Some(index) = trailer.get("Index") else {
        let size = trailer.get("Size").and_then(Object::as_integer).ok_or_else(fault)?;
        return Ok(vec![(0, u64::try_from(size).map_err(|_| fault())?)]);
    };
    let numbers = index.as_array().filter(|array| array.len() % 2 == 0).ok_or_else(fault)?;
    let pair = |pair: &[Object]| {
        let first = u32::try_from(pair.first()?.as_integer()?).ok()?;
        let count = u64::try_from(pair.get(1)?.as_integer()?).ok()?;
        (u64::from(first).checked_add(count)? <= 1 << 32).then_some((first, count))
    };
    numbers.chunks(2).map(|numbers| pair(numbers).ok_or_else(fault)).collect()
}

fn read_rows(
    rows: &[u8],
    trailer: &Dictionary,
    at: u64,
    budget: &mut Budget,
    findings: &mut Vec<Finding>,
) -> Result<Section, Malformed> {
    let widths = widths(trailer, at)?;
    let width: usize = widths.iter().sum();
    let mut rows = rows.chunks_exact(width);
    let mut builder = Builder::default();
    let mut is_unknown = false;
    for (first, count) in subsections(trailer, at)? {
        if count > rows.len() as u64 {
            return Err(Malformed::syntax(at, format!("{count} entries do not fit into the stream"), CLAUSE));
        }
        budget.spend(Resource::Steps, count.saturating_mul(ROW).saturating_add(1))?;
        builder.reserve(count as usize);
        for (number, row) in (u64::from(first)..u64::from(first) + count).zip(&mut rows) {
            let entry = entry(row, widths).and_then(Packed::new);
            let entry = entry.ok_or_else(|| {
                Malformed::syntax(
                    at,
                    format!("entry of object {number} is out of range"),
                    "ISO 32000-2, 7.5.8.3",
                )
            })?;
            builder.add(number as u32, entry);
            let kind = row.get(..widths[0]).unwrap_or_default();
            is_unknown |=
                kind.iter().rev().skip(1).any(|byte| *byte != 0) || kind.last().is_some_and(|kind| *kind > 2);
        }
    }
    if is_unknown {
        let message = "entries of a cross-reference stream are of a type that is not defined";
        let finding = Finding::new("pdf.xref.unknown-type", Severity::Warning, message);
        findings.push(finding.at(Span::new(at, at)).hint("they stand for null"));
    }
    builder.finish(at, findings)
}

/// One row (ISO 32000-2, Table 18); a type this version does not define stands for null.
fn entry(row: &[u8], [a, b, c]: [usize; 3]) -> Option<Entry> {
    let number = |bytes: &[u8]| bytes.iter().fold(0u64, |value, &byte| value << 8 | u64::from(byte));
    let (kind, rest) = row.split_at_checked(a)?;
    let (second, third) = rest.split_at_checked(b)?;
    let second = number(second);
    let third = number(third.get(..c)?);
    match if a == 0 { 1 } else { number(kind) } {
        0 => Some(Entry::Free { generation: third.min(0xFFFF) as u16 }),
        1 => Some(Entry::InUse { generation: u16::try_from(third).ok()?, offset: second }),
        2 => Some(Entry::Compressed {
            container: u32::try_from(second).ok()?,
            index: u32::try_from(third).ok()?,
        }),
        _ => Some(Entry::Free { generation: 0 }),
    }
}
