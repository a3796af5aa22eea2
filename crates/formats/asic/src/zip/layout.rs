//! Whether the records fill the file: overlaps and hidden bytes.

use super::central::Entry;
use super::cursor::read;
use super::end::End;
use types::{Finding, Malformed, Severity, Source, Span};

/// Notes records that overlap and bytes before the central directory that belong to no entry.
pub(crate) fn check_layout(
    source: &dyn Source,
    entries: &[Entry],
    end: &End,
    findings: &mut Vec<Finding>,
) -> Result<(), Malformed> {
    let mut records: Vec<&Entry> = entries.iter().collect();
    records.sort_by_key(|entry| entry.record.start);
    let mut covered = end.shift;
    for entry in records {
        if entry.record.start < covered {
            let message = format!("the member {:?} shares bytes with another", entry.name);
            findings.push(Finding::new("zip.overlap", Severity::Error, message).at(entry.record));
        } else if entry.record.start > covered {
            findings.push(gap(source, Span::new(covered, entry.record.start))?);
        }
        covered = covered.max(entry.record.end);
    }
    if end.directory.start > covered {
        findings.push(gap(source, Span::new(covered, end.directory.start))?);
    }
    Ok(())
}

/// A member that only readers of local headers see is worse than padding.
fn gap(source: &dyn Source, place: Span) -> Result<Finding, Malformed> {
    let starts_like_member = place.len() >= 4 && read(source, place.start, 4)? == *b"PK\x03\x04";
    let finding = if starts_like_member {
        let message = "there is a member that the central directory does not list";
        Finding::new("zip.hidden-member", Severity::Error, message)
    } else if place.start == 0 {
        Finding::new("zip.prepended-bytes", Severity::Error, "there are bytes before the archive")
    } else {
        Finding::new("zip.gap", Severity::Warning, "there are bytes that belong to no member")
    };
    Ok(finding.at(place))
}
