//! Changes that show in the bytes: data after the last revision, entries that point back, objects that no entry lists.

use crate::change::ObjectChange;
use crate::reach::stops;
use crate::role::name_of;
use pdf::object::{Object, ObjectId};
use pdf::{Document, EntryKind, Snapshot, XrefStyle};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use types::{Budget, Finding, Malformed, Resource, Severity, Span};

/// The code of the finding that an update is not written as the standard says.
pub(crate) const LENIENT_STRUCTURE: &str = "changes.lenient-structure";

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

/// A key that an update gives two values, or a name that is written oddly: readers disagree on what counts (ISO 32000-2,
/// 7.3.7 and 7.3.5).
pub(crate) fn ambiguous(finding: &Finding) -> Option<Finding> {
    is_ambiguity(finding).then(|| Finding {
        code: "changes.ambiguous".into(),
        severity: Severity::Error,
        message: format!("the update leaves open what it says: {}", finding.message),
        ..finding.clone()
    })
}

/// Whether the finding says that readers may read something in two ways.
pub(crate) fn is_ambiguity(finding: &Finding) -> bool {
    matches!(&*finding.code, "pdf.dictionary.repeated-key" | "pdf.name.odd")
        && finding.severity > Severity::Info
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
    if let Some(how) = document.deviation(revision, budget)? {
        let message = format!("{how}: other readers may search the file for objects and find other ones");
        findings.push(Finding::new(LENIENT_STRUCTURE, Severity::Warning, message));
    }
    // The stream of a hybrid need not be listed (ISO 32000-2, 7.5.8.4).
    let hidden =
        this.trailer.get("XRefStm").and_then(Object::as_integer).and_then(|at| u64::try_from(at).ok());
    let sections = [Some(this.xref_at), hidden];
    let mut spans: Vec<Span> = objects.iter().filter_map(|change| change.after).collect();
    spans.sort_unstable();
    let mut update = Update {
        span: Span::new(start, this.end),
        own: BTreeSet::new(),
        end: spans.iter().map(|span| span.end).collect(),
        section: this.xref_at,
        between: Vec::new(),
    };
    for change in objects.iter().filter(|change| change.after.is_some_and(|span| span.start >= start)) {
        let header = format!("{} {} ", change.id.number, change.id.generation).len() as u64;
        update.own.extend(change.after.map(|span| span.start.saturating_add(header)));
    }
    for section in sections.into_iter().flatten() {
        let header = read(document, Span::new(section, this.end.min(section.saturating_add(32))), budget)?;
        let place = memchr::memmem::find(&header, b"obj");
        update.own.extend(place.map(|place| section.saturating_add(place as u64)));
    }
    let mut at = start;
    for span in spans.into_iter().chain([Span::new(this.end, this.end)]) {
        if span.start > at {
            update.between.push(Span::new(at, span.start));
        }
        at = at.max(span.end);
    }
    if let Some(offset) = update.hidden(document, budget)? {
        let finding = Finding::new(
            "changes.unlisted-object",
            Severity::Error,
            "an update holds an object that its cross-reference section does not list",
        );
        findings.push(finding.at(Span::new(offset, offset)));
    }
    unlisted_members(document, revision, findings, budget)
}

/// Objects in the object streams of an update that it does not list there, or lists twice (ISO 32000-2, 7.5.7).
fn unlisted_members(
    document: &Document<'_>,
    revision: usize,
    findings: &mut Vec<Finding>,
    budget: &mut Budget,
) -> Result<(), Malformed> {
    let view = document.as_of(revision);
    let entries: BTreeMap<u32, EntryKind> =
        document.objects_of_revision(revision).map(|(id, entry)| (id.number, entry)).collect();
    for (container, _) in entries.iter().filter(|(_, entry)| matches!(entry, EntryKind::InUse { .. })) {
        budget.spend(Resource::Steps, 1)?;
        let Some(located) = view.get(ObjectId { number: *container, generation: 0 }, budget).ok() else {
            continue;
        };
        if name_of(&located.object, "Type") != Some(b"ObjStm") {
            continue;
        }
        let members = match view.members(*container, budget) {
            Ok(members) => members.unwrap_or_default(),
            Err(error) if stops(&error) => return Err(error),
            Err(_) => Vec::new(),
        };
        let is_listed = |(place, number): (usize, &u32)| {
            let place = u32::try_from(place).unwrap_or(u32::MAX);
            entries.get(number) == Some(&EntryKind::Compressed { container: *container, index: place })
        };
        if members.is_empty() || !members.iter().enumerate().all(is_listed) {
            let message =
                format!("the object stream {container} holds objects otherwise than the update lists them");
            findings.push(Finding::new("changes.unlisted-object", Severity::Error, message).at(located.span));
        }
    }
    Ok(())
}

/// Where an update and its objects lie.
struct Update {
    span: Span,
    /// Where the `obj` of each listed object and section stands.
    own: BTreeSet<u64>,
    /// Past the `endobj` of each listed object.
    end: BTreeSet<u64>,
    /// Where the cross-reference section begins.
    section: u64,
    /// What lies between listed objects.
    between: Vec<Span>,
}

impl Update {
    /// Where an object begins, or ends, that is none of those listed: a reader that searches the file finds it, also inside
    /// of streams and strings.
    fn hidden(&self, document: &Document<'_>, budget: &mut Budget) -> Result<Option<u64>, Malformed> {
        let mut at = self.span.start;
        while at < self.span.end {
            // What stands before a chunk is read with it, and some bytes after it, so that nothing is cut.
            let from = self.span.start.max(at.saturating_sub(BEFORE));
            let end = self.span.end.min(at.saturating_add(CHUNK).saturating_add(16));
            let part = read(document, Span::new(from, end), budget)?;
            let is_cut = from > self.span.start;
            for found in memchr::memmem::find_iter(&part, b"obj") {
                let offset = from.saturating_add(found as u64);
                if offset < at || offset >= at.saturating_add(CHUNK) || self.own.contains(&offset) {
                    continue;
                }
                let before = part.get(..found).unwrap_or_default();
                let is_word = before.last().is_some_and(u8::is_ascii_alphabetic);
                let is_between = || self.between.iter().any(|span| span.start <= offset && offset < span.end);
                if !is_word && (ends_with_numbers(before, is_cut) || is_between()) {
                    return Ok(Some(offset));
                }
            }
            // `endobj` ends a listed object, and `endstream` comes just before.
            for (word, most) in [(&b"endobj"[..], 0), (&b"endstream"[..], 16)] {
                for found in memchr::memmem::find_iter(&part, word) {
                    let past = from.saturating_add((found + word.len()) as u64);
                    let is_own = self.end.range(past..=past.saturating_add(most)).next().is_some();
                    if !is_own && past < self.section {
                        return Ok(Some(from.saturating_add(found as u64)));
                    }
                }
            }
            at = at.saturating_add(CHUNK);
        }
        Ok(None)
    }
}

/// So many bytes before an `obj` are looked at; who needs more has something to hide.
const BEFORE: u64 = 1024;

/// Whether two numbers end `before`, with anything between and after them that some reader takes for white space; also if
/// that cannot be told because `before` is cut.
fn ends_with_numbers(before: &[u8], is_cut: bool) -> bool {
    let mut rest = before;
    for is_second in [false, true] {
        let (Some(number), has_gap) = without_gap(rest) else { return is_cut };
        if is_second && !has_gap {
            return false;
        }
        let digits = number.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return false;
        }
        rest = number.get(..number.len().saturating_sub(digits)).unwrap_or_default();
    }
    true
}

/// Without the white space and comments at the end, and whether there were any; nothing if nothing else is there.
fn without_gap(bytes: &[u8]) -> (Option<&[u8]>, bool) {
    let mut rest = bytes;
    loop {
        let white =
            rest.iter().rev().take_while(|byte| matches!(byte, 0..=0x20 | 0x85 | 0xA0 | 0xC2)).count();
        let (left, gap) = rest.split_at_checked(rest.len().saturating_sub(white)).unwrap_or_default();
        // A comment ends with its line.
        let line =
            left.iter().rposition(|byte| matches!(byte, b'\r' | b'\n')).map_or(0, |at| at.saturating_add(1));
        let comment = left.get(line..).and_then(|line| memchr::memchr(b'%', line));
        match comment.filter(|_| gap.iter().any(|byte| matches!(byte, b'\r' | b'\n'))) {
            Some(at) => rest = left.get(..line.saturating_add(at)).unwrap_or_default(),
            None => {
                return ((!left.is_empty()).then_some(left), left.len() < bytes.len());
            }
        }
    }
}
