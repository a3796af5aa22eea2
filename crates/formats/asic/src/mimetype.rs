//! The media type of a container (EN 319 162-1, 4.3.3.1 and annex A.1; OpenDocument 1.3 part 2, 3.3).

use crate::zip::{Entry, Method};
use types::{Finding, Severity};

const CLAUSE_NAME: &str = "mimetype";
/// A longer media type is none.
pub(crate) const LONGEST: u64 = 200;

/// What the container says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mimetype {
    /// The media type without surrounding white space.
    pub value: String,
    /// Where it was found.
    pub place: MimetypePlace,
}

/// Where the media type was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MimetypePlace {
    /// In the member `mimetype`.
    Member,
    /// In the comment of the archive (EN 319 162-1, 4.3.3.1).
    Comment,
}

/// The media type in an archive comment, `mimetype=…`.
pub(crate) fn in_comment(comment: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(comment).ok()?;
    let value = text.strip_prefix("mimetype=")?;
    let end = value.find(|char: char| char.is_whitespace() || char == '\0').unwrap_or(value.len());
    value.get(..end).filter(|value| !value.is_empty() && value.len() as u64 <= LONGEST).map(str::to_owned)
}

/// The media type in the content of the member, with findings about how it is written.
pub(crate) fn in_member(content: &[u8], findings: &mut Vec<Finding>) -> Option<String> {
    let (body, marked) = match content.strip_prefix(b"\xef\xbb\xbf") {
        Some(body) => (body, true),
        None => (content, false),
    };
    let value = std::str::from_utf8(body.trim_ascii()).ok()?;
    if marked || value.len() != body.len() {
        let message = "the member mimetype holds more than the media type";
        findings.push(Finding::new("asic.mimetype.padded", Severity::Warning, message));
    }
    (!value.is_empty()).then(|| value.to_owned())
}

/// How the member must stand: first, stored, without extra fields (EN 319 162-1, A.1).
pub(crate) fn check_member(index: usize, entry: &Entry, first: u64, findings: &mut Vec<Finding>) {
    let mut note = |code, message: &str| {
        findings.push(Finding::new(code, Severity::Warning, message).at(entry.record));
    };
    if index != 0 || entry.record.start != first {
        note("asic.mimetype.not-first", "the member mimetype is not the first");
    }
    if entry.method != Method::Stored {
        note("asic.mimetype.compressed", "the member mimetype is compressed");
    }
    if !entry.local_extra.is_empty() {
        note("asic.mimetype.extra-field", "the member mimetype has an extra field");
    }
    debug_assert_eq!(entry.name, CLAUSE_NAME);
}
