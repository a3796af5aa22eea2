//! Cross-reference tables (ISO 32000-2, 7.5.4).

use super::table::{Builder, Entry, Packed, Section};
use crate::object::Dictionary;
use crate::read::lexer::Lexer;
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
            report_odd(Span::new(at, next), findings);
            done += 1;
            at = next;
        }
    }
    // SP CR LF after the last entry; an empty line before the trailer is nothing odd.
    let is_trailer = |lexer: &mut Lexer<'_>| Ok(lexer.accept(b"\ntrailer") || lexer.accept(b"\r\ntrailer"));
    if count > 0 && !windows.lex(at, is_trailer)? && windows.lex(at, |lexer| Ok(lexer.accept(b"\n")))? {
        report_odd(Span::new(at, at + 1), findings);
        at += 1;
    }
    Ok(at)
}

/// Reports entries that do not end as they must, once for each run of them.
fn report_odd(span: Span, findings: &mut Vec<Finding>) {
    if findings.last().is_none_or(|finding| finding.code != "pdf.xref.odd-entry") {
        let message = "cross-reference entries are not 20 bytes long with an end of line";
        let finding = Finding::new("pdf.xref.odd-entry", Severity::Warning, message);
        findings.push(finding.at(span).hint("the writer of the file breaks 7.5.4"));
    }
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
    let entries = rows.as_chunks::<ENTRY>().0.iter().map_while(regular_entry);
    let read = builder.add_all(first, entries);
    Ok((read, at + read * ENTRY as u64))
}

/// `nnnnnnnnnn ggggg n` and one of the three lawful ends of line; offsets above ten digits do not exist here.
#[inline]
fn regular_entry(row: &[u8; ENTRY]) -> Option<Packed> {
    matches!(row[18..], [b' ', b'\r'] | [b' ', b'\n'] | [b'\r', b'\n']).then_some(())?;
    entry(row[..18].as_array::<18>()?)
}

#[inline]
fn entry(row: &[u8; 18]) -> Option<Packed> {
    let [a, b, eight @ .., b' ', g0, g1, g2, g3, g4, b' ', kind] = row else { return None };
    let high = digits(&[*a, *b])?;
    let offset = high * 100_000_000 + eight_digits(*eight)?;
    let generation = match [g0, g1, g2, g3, g4] {
        [b'0', b'0', b'0', b'0', b'0'] => 0,
        // Some writers count one too many for the head of the free list, which no object ever has.
        [b'6', b'5', b'5', b'3', b'6'] if *kind == b'f' => u16::MAX,
        [a, b, c, d, e] => u16::try_from(digits(&[*a, *b, *c, *d, *e])?).ok()?,
    };
    match kind {
        b'n' => Packed::new(Entry::InUse { generation, offset }),
        b'f' => Packed::new(Entry::Free { generation }),
        _ => None,
    }
}

#[inline]
fn digits(text: &[u8]) -> Option<u64> {
    text.iter().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + u64::from(byte - b'0')))
}

/// Eight digits at once: checked and added up within one machine word.
#[inline]
fn eight_digits(text: [u8; 8]) -> Option<u64> {
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    const HIGH: u64 = 0xF0F0_F0F0_F0F0_F0F0;
    let word = u64::from_le_bytes(text);
    let in_range = word & HIGH == ZEROS && word.wrapping_add(0x0606_0606_0606_0606) & HIGH == ZEROS;
    in_range.then(|| {
        let pairs = word.wrapping_sub(ZEROS).wrapping_mul((10 << 8) + 1) >> 8 & 0x00FF_00FF_00FF_00FF;
        let fours = pairs.wrapping_mul((100 << 16) + 1) >> 16 & 0x0000_FFFF_0000_FFFF;
        fours.wrapping_mul((10_000 << 32) + 1) >> 32
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_digits_are_added_up_and_nothing_else_is_taken() {
        for (text, value) in
            [(b"00000000", Some(0)), (b"12345678", Some(12_345_678)), (b"99999999", Some(99_999_999))]
        {
            assert_eq!(eight_digits(*text), value);
        }
        for text in [b"1234567 ", b"/2345678", b"123:5678", b"\xB12345678".first_chunk().unwrap()] {
            assert_eq!(eight_digits(*text), None);
        }
    }

    #[test]
    fn entries_are_read_as_written_or_not_at_all() {
        let read = |text: &[u8; 18]| entry(text).map(Packed::entry);
        assert_eq!(read(b"1234567890 00012 n"), Some(Entry::InUse { generation: 12, offset: 1_234_567_890 }));
        assert_eq!(read(b"0000000000 65535 f"), Some(Entry::Free { generation: 65_535 }));
        assert_eq!(read(b"0000000000 65536 f"), Some(Entry::Free { generation: 65_535 }));
        assert_eq!(read(b"0000000000 65536 n"), None);
        for text in
            [b"1234567890 65536 n", b"1234567890 00000 x", b"1234567890-00000 n", b"12345678 0 00000 n"]
        {
            assert_eq!(read(text), None);
        }
    }
}
