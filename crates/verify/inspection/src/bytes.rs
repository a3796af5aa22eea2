//! Changes that show in the bytes: data after the last revision, entries that point back, objects that no entry lists.

use crate::change::ObjectChange;
use crate::reach::stops;
use crate::role::name_of;
use pdf::object::{Object, ObjectId};
use pdf::{Document, EntryKind, Snapshot, XrefStyle};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use types::{Budget, Finding, Malformed, Resource, Severity, Span};

/// Bytes after the last revision that are more than white space at the end of a line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Appended {
    span: Span,
    /// Where the signatures of each revision end to cover.
    covered: BTreeMap<usize, u64>,
}

impl Appended {
    /// The finding for a signature of `revision`, unless the signatures up to there cover the bytes.
    pub(crate) fn finding(&self, revision: usize) -> Option<Finding> {
        if self.covered.range(..=revision).any(|(_, end)| *end >= self.span.end) {
            return None;
        }
        let message = format!("{} bytes follow the last revision and belong to none", self.span.len());
        Some(
            Finding::new("changes.appended-bytes", Severity::Error, message)
                .at(self.span)
                .hint("compare with a copy of the file that came without them"),
        )
    }
}

/// Looks for bytes after the last revision (ISO 32000-2, 7.5.5: `%%EOF` is the last line).
pub(crate) fn appended(document: &Document<'_>, budget: &mut Budget) -> Result<Option<Appended>, Malformed> {
    let end = document.revisions().last().map_or(0, |revision| revision.end);
    let span = Span::new(end, document.len());
    if span.len() <= MOST_WHITE_SPACE && !has_content(document, span, budget)? {
        return Ok(None);
    }
    let mut covered = BTreeMap::new();
    for field in document.signatures(budget)?.fields {
        let Some(value) = field.value else { continue };
        let parts = value.byte_range.map(|range| range.parts).unwrap_or_default();
        let covers = parts.iter().map(|(offset, length)| offset.saturating_add(*length)).max().unwrap_or(0);
        let known = covered.entry(value.revision).or_insert(0);
        *known = covers.max(*known);
    }
    Ok(Some(Appended { span, covered }))
}

/// So many bytes of white space may follow the end; more is no end of a line but something that was put there.
const MOST_WHITE_SPACE: u64 = 16;

/// Longest stretch of bytes that is read at once.
const CHUNK: u64 = 1 << 16;

fn has_content(document: &Document<'_>, span: Span, budget: &mut Budget) -> Result<bool, Malformed> {
    let mut at = span.start;
    while at < span.end {
        let part = read(document, Span::new(at, span.end.min(at.saturating_add(CHUNK))), budget)?;
        if part.iter().any(|byte| !is_white_space(*byte)) {
            return Ok(true);
        }
        at = at.saturating_add(CHUNK);
    }
    Ok(false)
}

fn read(document: &Document<'_>, span: Span, budget: &mut Budget) -> Result<Vec<u8>, Malformed> {
    budget.spend(Resource::DecodedBytes, span.len())?;
    let mut buffer = vec![0; usize::try_from(span.len()).unwrap_or(0)];
    document.source().read_at(span.start, &mut buffer)?;
    Ok(buffer)
}

/// ISO 32000-2, Table 1.
fn is_white_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

fn start_of(document: &Document<'_>, revision: usize) -> u64 {
    let before = revision.checked_sub(1).and_then(|before| document.revisions().get(before));
    before.map_or(0, |before| before.end)
}

/// Entries of an update that take an object from the bytes of an earlier revision: content that was there and hidden
/// comes into use (ISO 32000-2, 7.5.6 lets an update list only what it adds).
pub(crate) fn repointed(
    document: &Document<'_>,
    revision: usize,
    entries: &[(ObjectId, EntryKind)],
    findings: &mut Vec<Finding>,
    budget: &mut Budget,
) -> Result<(), Malformed> {
    let start = start_of(document, revision);
    let own: BTreeSet<u32> = document.objects_of_revision(revision).map(|(id, _)| id.number).collect();
    for (id, entry) in entries {
        budget.spend(Resource::Steps, 1)?;
        let at = match entry {
            EntryKind::InUse { offset } if *offset < start => Some(Span::new(*offset, *offset)),
            EntryKind::Compressed { container, .. } if !own.contains(container) => None,
            _ => continue,
        };
        let finding = Finding::new(
            "changes.shadow.repointed",
            Severity::Error,
            format!("the update takes object {id} from the bytes of an earlier revision (shadow attack)"),
        );
        findings.push(Finding { span: at, ..finding });
    }
    Ok(())
}

/// A stream whose data are in another file (ISO 32000-2, 7.3.8.2): what it shows was never signed.
pub(crate) fn external(id: ObjectId, object: &Object) -> Option<Finding> {
    let Object::Stream(stream) = object else { return None };
    let file = stream.dictionary.get("F").filter(|file| **file != Object::Null)?;
    // The one-letter names of inline images do not count here, so a name is no file.
    (!matches!(file, Object::Name(_))).then(|| {
        Finding::new(
            "changes.external-file",
            Severity::Error,
            format!("the stream {id} takes its data from another file, which nothing signs"),
        )
    })
}

/// Pages whose content is in another file.
pub(crate) fn external_pages(view: Snapshot<'_, '_>, budget: &mut Budget) -> Result<Vec<Finding>, Malformed> {
    let mut findings = Vec::new();
    let walked = view.visit_pages(budget, &mut |page, budget| {
        let contents = page.dictionary.get("Contents").cloned().unwrap_or(Object::Null);
        let single = [contents.clone()];
        let list = view.resolve(&contents, budget)?.into_owned();
        for part in list.as_array().unwrap_or(&single) {
            let Object::Reference(id) = part else { continue };
            let located = view.get(*id, budget)?;
            if let Some(finding) = external(*id, &located.object) {
                findings.push(finding.at(located.span));
            }
        }
        Ok(ControlFlow::Continue(()))
    });
    match walked {
        Err(error) if stops(&error) => Err(error),
        // A page tree that cannot be read is another's business.
        _ => Ok(findings),
    }
}

/// A key that an update gives two values: readers disagree on which of them counts (ISO 32000-2, 7.3.7).
pub(crate) fn ambiguous(finding: &Finding) -> Option<Finding> {
    is_ambiguity(finding).then(|| Finding {
        code: "changes.repeated-key".into(),
        severity: Severity::Error,
        message: format!("the update leaves open what it says: {}", finding.message),
        ..finding.clone()
    })
}

/// Whether the finding says that a key has two values.
pub(crate) fn is_ambiguity(finding: &Finding) -> bool {
    finding.code == "pdf.dictionary.repeated-key" && finding.severity > Severity::Info
}

/// The same in the trailer of an update.
pub(crate) fn ambiguous_trailer(document: &Document<'_>, revision: usize) -> Vec<Finding> {
    let start = start_of(document, revision);
    let end = document.revisions().get(revision).map_or(0, |revision| revision.end);
    let inside =
        |finding: &&Finding| finding.span.is_some_and(|span| span.start >= start && span.start < end);
    document.findings().iter().filter(inside).filter_map(ambiguous).collect()
}

/// An update that puts another object in the place of an object stream changes, for some readers, everything that was in
/// it without listing it (ISO 32000-2, 7.5.7).
pub(crate) fn replaced_container(id: ObjectId, before: &Object) -> Option<Finding> {
    (name_of(before, "Type") == Some(b"ObjStm")).then(|| {
        Finding::new(
            "changes.object-stream-replaced",
            Severity::Error,
            format!("the object stream {id} was replaced, and with it what it holds"),
        )
    })
}

/// Objects in the bytes of an update that its cross-reference section does not list: a lenient reader may find them.
pub(crate) fn inspect_update(
    document: &Document<'_>,
    revision: usize,
    objects: &[ObjectChange],
    findings: &mut Vec<Finding>,
    budget: &mut Budget,
) -> Result<(), Malformed> {
    let Some(this) = document.revisions().get(revision) else { return Ok(()) };
    let start = start_of(document, revision);
    if this.style == XrefStyle::Hybrid {
        let message =
            "the update is a hybrid: readers older than PDF 1.5 find other objects in it than this one did";
        findings.push(Finding::new("changes.hybrid-update", Severity::Warning, message));
    }
    // The stream of a hybrid need not be listed (ISO 32000-2, 7.5.8.4).
    let hidden =
        this.trailer.get("XRefStm").and_then(Object::as_integer).and_then(|at| u64::try_from(at).ok());
    let sections = [Some(this.xref_at), hidden];
    let mut listed: Vec<Span> = objects.iter().filter_map(|change| change.after).collect();
    listed.sort_unstable();
    let mut at = start;
    for span in listed.into_iter().chain([Span::new(this.end, this.end)]) {
        if span.start > at {
            search_gap(document, Span::new(at, span.start), sections, findings, budget)?;
        }
        at = at.max(span.end);
    }
    Ok(())
}

fn search_gap(
    document: &Document<'_>,
    gap: Span,
    sections: [Option<u64>; 2],
    findings: &mut Vec<Finding>,
    budget: &mut Budget,
) -> Result<(), Malformed> {
    let mut at = gap.start;
    while at < gap.end {
        // Chunks overlap, so that no object header is cut.
        let part =
            read(document, Span::new(at, gap.end.min(at.saturating_add(CHUNK).saturating_add(64))), budget)?;
        for found in headers(&part) {
            let offset = at.saturating_add(found as u64);
            if !sections.contains(&Some(offset)) {
                let finding = Finding::new(
                    "changes.unlisted-object",
                    Severity::Error,
                    "an update holds an object that its cross-reference section does not list",
                );
                findings.push(finding.at(Span::new(offset, offset)));
                return Ok(());
            }
        }
        at = at.saturating_add(CHUNK);
    }
    Ok(())
}

/// Offsets of `n g obj` (ISO 32000-2, 7.3.10), and of an `obj` alone that a lenient reader may take for the end of one.
fn headers(bytes: &[u8]) -> impl Iterator<Item = usize> + '_ {
    bytes.windows(4).enumerate().filter_map(|(at, window)| match window {
        [space, b'o', b'b', b'j'] if is_white_space(*space) => {
            Some(start_of_header(bytes.get(..at)?).unwrap_or(at))
        }
        _ => None,
    })
}

/// Where the two numbers at the end of `before` begin.
fn start_of_header(before: &[u8]) -> Option<usize> {
    let without = |bytes: &[u8], drop: fn(&u8) -> bool| {
        bytes.len().checked_sub(bytes.iter().rev().take_while(|byte| drop(byte)).count())
    };
    let mut end = before.len();
    for drop in [is_space, u8::is_ascii_digit, is_space, u8::is_ascii_digit] {
        end = without(before.get(..end)?, drop)?;
    }
    before.get(end).is_some_and(u8::is_ascii_digit).then_some(end)
}

fn is_space(byte: &u8) -> bool {
    is_white_space(*byte)
}
