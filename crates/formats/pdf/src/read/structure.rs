//! Indirect objects and the extent of streams (ISO 32000-2, 7.3.8 and 7.3.10).

use crate::object::{Object, ObjectId};
use crate::read::lexer::Lexer;
use crate::read::parser::Parser;
use crate::read::window::Windows;
use types::{Budget, Finding, Malformed, Resource, Severity, Span};

/// An indirect object as written; of a stream the dictionary.
pub(crate) struct Indirect {
    pub(crate) id: ObjectId,
    pub(crate) object: Object,
    /// Offset of the first byte of stream data, if it is a stream.
    pub(crate) data_at: Option<u64>,
    /// From the object number to past `endobj`, or to the stream data.
    pub(crate) span: Span,
    pub(crate) findings: Vec<Finding>,
}

/// `n g obj`: the id and the offset of its first digit.
pub(crate) fn header(lexer: &mut Lexer<'_>) -> Result<(ObjectId, u64), Malformed> {
    const CLAUSE: &str = "ISO 32000-2, 7.3.10";
    lexer.skip_gaps();
    let start = lexer.offset();
    let id = lexer.unsigned("an object number", CLAUSE)?;
    let generation = lexer.unsigned("a generation number", CLAUSE)?;
    lexer.keyword("obj", CLAUSE)?;
    match (u32::try_from(id), u16::try_from(generation)) {
        (Ok(number), Ok(generation)) if number > 0 => Ok((ObjectId { number, generation }, start)),
        _ => Err(Malformed::syntax(start, "object or generation number out of range", CLAUSE)),
    }
}

/// Bytes that cost as much as one step: objects are few steps but may be long, and may be read many times.
const BYTES_PER_STEP: u64 = 32;

/// Runs `read` and draws on the budget for the bytes that it went over, whether it succeeded or not.
pub(crate) fn charged<'a, T>(
    lexer: &mut Lexer<'a>,
    budget: &mut Budget,
    read: impl FnOnce(&mut Lexer<'a>, &mut Budget) -> Result<T, Malformed>,
) -> Result<T, Malformed> {
    let start = lexer.offset();
    let result = read(lexer, budget);
    budget.spend(Resource::Steps, lexer.offset().saturating_sub(start) / BYTES_PER_STEP)?;
    result
}

/// Reads the indirect object at `at`.
pub(crate) fn indirect(windows: &Windows<'_>, at: u64, budget: &mut Budget) -> Result<Indirect, Malformed> {
    windows.lex(at, |lexer| {
        charged(lexer, budget, |lexer, budget| {
            let (id, start) = header(lexer)?;
            let depth = budget.depth();
            let mut parser = Parser::new(lexer, budget);
            let object = parser.object(depth)?;
            let findings = parser.findings;
            let data_at = end_or_stream(lexer, &object)?;
            Ok(Indirect { id, object, data_at, span: Span::new(start, lexer.offset()), findings })
        })
    })
}

/// Reads `endobj`, or `stream` and its end of line (ISO 32000-2, 7.3.8.1: LF or CR LF, not CR alone).
fn end_or_stream(lexer: &mut Lexer<'_>, object: &Object) -> Result<Option<u64>, Malformed> {
    lexer.skip_gaps();
    if !matches!(object, Object::Dictionary(_)) || !lexer.accept(b"stream") {
        lexer.keyword("endobj", "ISO 32000-2, 7.3.10")?;
        return Ok(None);
    }
    if !lexer.accept(b"\r\n") && !lexer.accept(b"\n") {
        let at = lexer.offset();
        return Err(Malformed::syntax(at, "stream is not followed by LF or CR LF", "ISO 32000-2, 7.3.8.1"));
    }
    Ok(Some(lexer.offset()))
}

/// Checks that `length` bytes of data from `data_at` are followed by `endstream endobj`; gives the span of the data
/// and the offset past `endobj`.
pub(crate) fn stream_extent(
    windows: &Windows<'_>,
    data_at: u64,
    length: u64,
    findings: &mut Vec<Finding>,
) -> Result<(Span, u64), Malformed> {
    const CLAUSE: &str = "ISO 32000-2, 7.3.8.1";
    let end = data_at.checked_add(length).filter(|&end| end <= windows.source().len());
    let end =
        end.ok_or_else(|| Malformed::syntax(data_at, "stream Length goes past the end of the file", CLAUSE))?;
    let (gap, past) = windows.lex(end, |lexer| {
        lexer.skip_white_space();
        let gap = lexer.offset() - end;
        let wrong = || Malformed::syntax(end, "stream Length does not lead to endstream", CLAUSE);
        if !lexer.accept(b"endstream") {
            return Err(wrong());
        }
        lexer.keyword("endobj", "ISO 32000-2, 7.3.10")?;
        Ok((gap, lexer.offset()))
    })?;
    if gap > 2 {
        let message = format!("stream Length leaves {gap} bytes of white space before endstream");
        let finding = Finding::new("pdf.stream.length", Severity::Info, message);
        findings
            .push(finding.at(Span::new(end, end + gap)).hint("readers may disagree on the stream's data"));
    }
    Ok((Span::new(data_at, end), past))
}
