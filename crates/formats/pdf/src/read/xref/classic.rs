//! Cross-reference tables (ISO 32000-2, 7.5.4).

use super::table::{Builder, Entry, Packed, Section};
use crate::object::Dictionary;
use crate::read::lexer::{Token, is_white_space};
use crate::read::parser::Parser;
use crate::read::window::Windows;
use types::{Budget, Finding, Malformed, Resource, Severity, Span};

const CLAUSE: &str = "ISO 32000-2, 7.5.4";
/// Length of an entry in bytes.
const ENTRY: usize = 20;
/// Entries read at once.
const BATCH: u64 = 3200;

/// A table and its trailer.
pub(crate) struct Table {
    pub(crate) section: Section,
    pub(crate) trailer: Dictionary,
    /// Just past the trailer dictionary.
    pub(crate) end: u64,
}

/// Reads the table whose keyword `xref` ends at `at`.
pub(crate) fn read_table(
    windows: &Windows<'_>,
    start: u64,
    at: u64,
    budget: &mut Budget,
    findings: &mut Vec<Finding>,
) -> Result<Table, Malformed> {
    let mut builder = Builder::default();
    let mut at = at;
    while let Some((first, count, entries_at)) = subsection(windows, at)? {
        budget.spend(Resource::Steps, count.saturating_add(1))?;
        at = read_entries(windows, entries_at, first, count, &mut builder, findings)?;
    }
    let (trailer, end) = read_trailer(windows, at, budget, findings)?;
    Ok(Table { section: builder.finish(start, findings)?, trailer, end })
}

/// The header of the next subsection: first number, count, offset of the first entry; `None` at `trailer`.
fn subsection(windows: &Windows<'_>, at: u64) -> Result<Option<(u32, u64, u64)>, Malformed> {
    windows.lex(at, |lexer| {
        let (token, span) = lexer.token()?;
        let first = match token {
            Token::Keyword(b"trailer") => return Ok(None),
            Token::Integer(value) => u32::try_from(value).ok(),
            _ => return Err(Malformed::syntax(span.start, "expected a subsection or trailer", CLAUSE)),
        };
        let first =
            first.ok_or_else(|| Malformed::syntax(span.start, "object number out of range", CLAUSE))?;
        let count = lexer.unsigned("the number of entries", CLAUSE)?;
        let last_number = u64::from(first).checked_add(count);
        if last_number.is_none_or(|end| end > 1 << 32) {
            return Err(Malformed::syntax(span.start, "object number out of range", CLAUSE));
        }
        if count > 0 {
            lexer.skip_white_space();
        }
        Ok(Some((first, count, lexer.offset())))
    })
}

/// Reads `count` entries from `at`; gives the offset past them.
fn read_entries(
    windows: &Windows<'_>,
    at: u64,
    first: u32,
    count: u64,
    builder: &mut Builder,
    findings: &mut Vec<Finding>,
) -> Result<u64, Malformed> {
    let left = windows.source().len().saturating_sub(at);
    if count > left / 18 {
        return Err(Malformed::syntax(at, format!("{count} entries do not fit into the file"), CLAUSE));
    }
    builder.reserve(usize::try_from(count).unwrap_or(0));
    let (mut at, mut done) = (at, 0);
    while done < count {
        let wanted = (count - done).min(BATCH);
        let first = first.saturating_add(done as u32);
        let (read, next) = read_batch(windows, at, first, wanted, builder)?;
        done += read;
        at = next;
        if read < wanted {
            let next = odd_entry(windows, at, first.saturating_add(read as u32), builder)?;
            if findings.last().is_none_or(|finding| finding.code != "pdf.xref.odd-entry") {
                let message = "cross-reference entries are not 20 bytes long with an end of line";
                let finding = Finding::new("pdf.xref.odd-entry", Severity::Warning, message);
                findings.push(finding.at(Span::new(at, next)).hint("the writer of the file breaks 7.5.4"));
            }
            done += 1;
            at = next;
        }
    }
    Ok(at)
}

/// Reads up to `wanted` regular entries; gives how many were regular, and the offset past them.
fn read_batch(
    windows: &Windows<'_>,
    at: u64,
    first: u32,
    wanted: u64,
    builder: &mut Builder,
) -> Result<(u64, u64), Malformed> {
    let length = (wanted * ENTRY as u64).min(windows.source().len().saturating_sub(at));
    let copied;
    let rows = match windows.source().as_bytes() {
        Some(bytes) => {
            let start = usize::try_from(at).unwrap_or(usize::MAX);
            bytes.get(start..start.saturating_add(length as usize)).unwrap_or_default()
        }
        None => {
            copied = windows.bytes(at, length)?;
            &copied
        }
    };
    let mut number = first;
    for (index, row) in rows.as_chunks::<ENTRY>().0.iter().enumerate() {
        let Some(packed) = regular_entry(row) else { return Ok((index as u64, at + (index * ENTRY) as u64)) };
        builder.add(number, packed);
        number = number.wrapping_add(1);
    }
    let read = (rows.len() / ENTRY) as u64;
    Ok((read, at + read * ENTRY as u64))
}

/// `nnnnnnnnnn ggggg n` and one of the three lawful ends of line; offsets above ten digits do not exist here.
#[inline]
fn regular_entry(row: &[u8; ENTRY]) -> Option<Packed> {
    matches!(row[18..], [b' ', b'\r'] | [b' ', b'\n'] | [b'\r', b'\n']).then_some(())?;
    entry(row[..18].as_array::<18>()?)
}

fn entry(row: &[u8; 18]) -> Option<Packed> {
    let mut bad = row[10] != b' ' || row[16] != b' ';
    let mut number = |digits: &[u8]| {
        digits.iter().fold(0u64, |value, &byte| {
            let digit = byte.wrapping_sub(b'0');
            bad |= digit > 9;
            value * 10 + u64::from(digit)
        })
    };
    let (offset, generation) = (number(&row[..10]), number(&row[11..16]));
    let generation = u16::try_from(generation).ok().filter(|_| !bad)?;
    match row[17] {
        b'n' => Packed::new(Entry::InUse { generation, offset }),
        b'f' => Packed::new(Entry::Free { generation }),
        _ => None,
    }
}

/// An entry with an unusual end: one to three bytes of white space, at least one of them an end of line, where the
/// standard asks for exactly two bytes.
fn odd_entry(windows: &Windows<'_>, at: u64, number: u32, builder: &mut Builder) -> Result<u64, Malformed> {
    windows.lex(at, |lexer| {
        let fault = || Malformed::syntax(at, "malformed cross-reference entry", CLAUSE);
        // The LF of an entry that ended SP CR LF: its first 20 bytes looked regular.
        let at = if lexer.accept(b"\n") { at + 1 } else { at };
        let rest = lexer.rest();
        let row = rest.get(..18).and_then(|row| row.as_array::<18>()).ok_or_else(fault)?;
        let packed = entry(row).ok_or_else(fault)?;
        let gap = rest.get(18..22.min(rest.len())).unwrap_or_default();
        let length = gap.iter().take_while(|&&byte| is_white_space(byte)).count();
        if !(1..=3).contains(&length) {
            return Err(fault());
        }
        builder.add(number, packed);
        Ok(at + 18 + length as u64)
    })
}

/// `trailer << … >>`: the dictionary, and the offset past it.
fn read_trailer(
    windows: &Windows<'_>,
    at: u64,
    budget: &mut Budget,
    findings: &mut Vec<Finding>,
) -> Result<(Dictionary, u64), Malformed> {
    let mut found = Vec::new();
    let read = windows.lex(at, |lexer| {
        let span = lexer.keyword("trailer", "ISO 32000-2, 7.5.5")?;
        let depth = budget.depth();
        let mut parser = Parser::new(lexer, budget);
        let object = parser.object(depth)?;
        found = parser.findings;
        match object {
            crate::object::Object::Dictionary(dictionary) => Ok((dictionary, lexer.offset())),
            _ => Err(Malformed::syntax(span.end, "trailer is not a dictionary", "ISO 32000-2, 7.5.5")),
        }
    });
    findings.append(&mut found);
    read
}
