//! Where a file begins and its revisions end: header, `startxref`, `%%EOF` (ISO 32000-2, 7.5.2 and 7.5.5).

use crate::object::{Dictionary, Object};
use crate::read::lexer::{Lexer, Token, is_white_space};
use crate::read::structure::indirect;
use crate::read::window::Windows;
use types::{Budget, Finding, Malformed, Resource, Severity, Span};

const CLAUSE: &str = "ISO 32000-2, 7.5.5";
/// The header must begin within this many bytes (ISO 32000-1, Annex H.3, note 13).
const HEADER_WITHIN: u64 = 1024;
/// The last `startxref` must be within this many bytes of the end.
const TAIL: u64 = 2048;

/// The header's place and version.
pub(crate) struct Header {
    /// Offset of `%PDF-`.
    pub(crate) at: u64,
    pub(crate) version: (u8, u8),
}

/// Finds `%PDF-m.n`.
pub(crate) fn header(windows: &Windows<'_>, findings: &mut Vec<Finding>) -> Result<Header, Malformed> {
    let fault = |at| Malformed::syntax(at, "no %PDF- header in the first 1024 bytes", "ISO 32000-2, 7.5.2");
    let length = windows.source().len().min(HEADER_WITHIN + 8);
    let start = windows.bytes(0, length)?;
    let at = memchr::memmem::find(&start, b"%PDF-").ok_or_else(|| fault(0))?;
    let digit =
        |offset: usize| start.get(at + offset).filter(|byte| byte.is_ascii_digit()).map(|byte| byte - b'0');
    let version = match (digit(5), start.get(at + 6), digit(7)) {
        (Some(major), Some(b'.'), Some(minor)) => (major, minor),
        _ => return Err(Malformed::syntax(at as u64, "header has no version", "ISO 32000-2, 7.5.2")),
    };
    if at > 0 {
        let finding =
            Finding::new("pdf.header.late", Severity::Warning, format!("{at} bytes precede the header"));
        findings
            .push(finding.at(Span::new(0, at as u64)).hint("readers disagree on where offsets count from"));
    }
    Ok(Header { at: at as u64, version })
}

/// The last `startxref` of the file: the offset it names as written, and the end of the revision it closes.
pub(crate) struct Tail {
    pub(crate) startxref: u64,
    /// Offset of the keyword.
    pub(crate) at: u64,
    pub(crate) end: u64,
}

/// Finds the last `startxref`.
pub(crate) fn tail(windows: &Windows<'_>, findings: &mut Vec<Finding>) -> Result<Tail, Malformed> {
    let length = windows.source().len();
    let start = length.saturating_sub(TAIL);
    let bytes = windows.bytes(start, length - start)?;
    let keyword = memchr::memmem::rfind(&bytes, b"startxref")
        .ok_or_else(|| Malformed::syntax(length, "no startxref in the last 2048 bytes", CLAUSE))?;
    let at = start + keyword as u64;
    let mut lexer = Lexer::new(bytes.get(keyword..).unwrap_or_default(), at);
    let closing = closing(&mut lexer)?;
    if !closing.marked {
        let finding = Finding::new("pdf.eof.missing", Severity::Warning, "the file does not end with %%EOF");
        findings.push(finding.at(Span::new(at, length)).hint("the file may be cut off"));
    }
    if closing.end < length {
        let rest = lexer.rest();
        let (severity, what) = match rest.iter().all(|&byte| crate::read::lexer::is_white_space(byte)) {
            true => (Severity::Info, "white space"),
            false => (Severity::Warning, "bytes"),
        };
        let message = format!("{} {what} after the last %%EOF", length - closing.end);
        let finding =
            Finding::new("pdf.eof.trailing-data", severity, message).at(Span::new(closing.end, length));
        findings.push(finding.hint("what follows belongs to no revision"));
    }
    Ok(Tail { startxref: closing.startxref, at, end: closing.end })
}

struct Closing {
    startxref: u64,
    end: u64,
    marked: bool,
}

/// `startxref n %%EOF` and one end of line.
fn closing(lexer: &mut Lexer<'_>) -> Result<Closing, Malformed> {
    lexer.keyword("startxref", CLAUSE)?;
    let startxref = lexer.unsigned("the offset of a cross-reference section", CLAUSE)?;
    let number_end = lexer.offset();
    lexer.skip_white_space();
    let marked = lexer.accept(b"%%EOF");
    if !marked {
        lexer.rewind(number_end);
    }
    // CR LF, LF or CR; a `%%EOF` may also be the very last thing.
    let _ = lexer.accept(b"\r\n") || lexer.accept(b"\n") || lexer.accept(b"\r");
    Ok(Closing { startxref, end: lexer.offset(), marked })
}

/// Where the revision whose section ends at `section_end` is closed, looking no further than `limit`.
pub(crate) fn revision_end(
    windows: &Windows<'_>,
    section_end: u64,
    limit: u64,
    budget: &mut Budget,
    findings: &mut Vec<Finding>,
) -> Result<Option<u64>, Malformed> {
    let closed = windows.lex(section_end, |lexer| match lexer.token() {
        Ok((Token::Keyword(b"startxref"), span)) => {
            lexer.rewind(span.start);
            Ok(closing(lexer).ok())
        }
        _ => Ok(None),
    })?;
    if let Some(closing) = closed.filter(|closing| closing.marked) {
        return Ok(Some(closing.end));
    }
    let message = "a cross-reference section is not followed by startxref and %%EOF";
    let finding = Finding::new("pdf.revision.not-closed", Severity::Warning, message);
    findings.push(finding.at(Span::new(section_end, section_end)).hint("where the revision ends is unclear"));
    let Some(at) = find(windows, b"%%EOF", section_end, limit, budget)? else { return Ok(None) };
    windows.lex(at + 5, |lexer| {
        let _ = lexer.accept(b"\r\n") || lexer.accept(b"\n") || lexer.accept(b"\r");
        Ok(Some(lexer.offset()))
    })
}

/// The linearisation parameter dictionary, if the first object is one (ISO 32000-2, Annex F).
pub(crate) fn linearisation(
    windows: &Windows<'_>,
    header: &Header,
    budget: &mut Budget,
) -> Option<Dictionary> {
    match indirect(windows, header.at, budget).ok()?.object {
        Object::Dictionary(dictionary) if dictionary.get("Linearized").is_some() => Some(dictionary),
        _ => None,
    }
}

/// Around the end of a revision: from just past `%%EOF` to past the white space after it, at most so much of it.
pub(crate) fn ending(windows: &Windows<'_>, end: u64) -> Result<Span, Malformed> {
    const MOST: u64 = 64;
    let from = end.saturating_sub(2);
    let bytes = windows.bytes(from, MOST.min(windows.source().len().saturating_sub(from)))?;
    let (before, after) = bytes.split_at_checked((end - from) as usize).unwrap_or((&bytes, &[]));
    let line_end = before.iter().rev().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let white = after.iter().take_while(|byte| is_white_space(**byte)).count();
    Ok(Span::new(end.saturating_sub(line_end as u64), end.saturating_add(white as u64)))
}

/// The first occurrence of `text` from `from` up to `limit`.
fn find(
    windows: &Windows<'_>,
    text: &[u8],
    from: u64,
    limit: u64,
    budget: &mut Budget,
) -> Result<Option<u64>, Malformed> {
    const STRIDE: u64 = 64 << 10;
    let limit = limit.min(windows.source().len());
    let mut at = from;
    while at < limit {
        let length = (STRIDE + text.len() as u64 - 1).min(limit - at);
        budget.spend(Resource::Steps, length / 64 + 1)?;
        let bytes = windows.bytes(at, length)?;
        if let Some(found) = memchr::memmem::find(&bytes, text) {
            return Ok(Some(at + found as u64));
        }
        at += STRIDE;
    }
    Ok(None)
}
