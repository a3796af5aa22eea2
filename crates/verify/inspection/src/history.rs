//! The revisions of a document compared one after the other, and what follows from that for each of them.

use crate::attack::looks_like;
use crate::bytes::{self, LENIENT_STRUCTURE};
use crate::change::{ChangeKind, ChangeLevel, LaterChanges, ObjectChange, RevisionChanges};
use crate::comparison::{Comparison, Memory, Version};
use crate::describe::describe;
use crate::reach::{Reach, stops};
use crate::role::roles_in_words;
use crate::role::{Kind, name_of};
use crate::ruling::{FILE_STRUCTURE, IDENTICAL, Ruling, UNREACHABLE};
use crate::shown::shown_differently;
use pdf::object::{Object, ObjectId};
use pdf::{Document, EntryKind, Located, Snapshot};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use types::{Budget, Finding, Malformed, Resource, Severity, Span};

/// What each revision of a document did, analysed once for all signatures.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    last: usize,
    first: usize,
    revisions: Vec<Arc<RevisionChanges>>,
    appended: Option<bytes::Appended>,
    external: Vec<Finding>,
    stopped: Option<String>,
    /// Why it is not known what all objects lead to.
    unreadable: Option<String>,
}

impl History {
    /// Compares every revision after `first`, counted from 0, with the one before it. Costs one walk over the document
    /// as `first` left it and then what the later revisions hold; a look at its pages if `first` is the newest revision.
    pub fn analyse(document: &Document<'_>, first: usize, budget: &mut Budget) -> History {
        let last = document.revisions().len().saturating_sub(1);
        let mut history = History {
            last,
            first,
            revisions: Vec::new(),
            appended: None,
            external: Vec::new(),
            stopped: None,
            unreadable: None,
        };
        if let Err(error) = history.run(document, budget) {
            history.stopped = Some(error.to_string());
        }
        history
    }

    fn run(&mut self, document: &Document<'_>, budget: &mut Budget) -> Result<(), Malformed> {
        self.appended = bytes::appended(document, budget)?;
        self.external = bytes::external_pages(document.as_of(self.first), budget)?;
        if self.first >= self.last {
            return Ok(());
        }
        let mut watched = BTreeSet::new();
        for revision in self.first + 1..=self.last {
            for (id, _) in document.objects_of_revision(revision) {
                budget.spend(Resource::Steps, 1)?;
                watched.insert(id.number);
            }
        }
        let mut reach = Reach::new(watched);
        if let Some(signed) = document.revisions().get(self.first) {
            reach.walk(document.as_of(self.first), &signed.trailer, budget)?;
            reach.follow_doubts(document.as_of(self.first), budget)?;
        }
        let mut memory = Memory::default();
        for revision in self.first + 1..=self.last {
            let changes = compare(document, revision, &mut reach, &mut memory, budget)?;
            self.revisions.push(Arc::new(changes));
        }
        self.unreadable = reach.unreadable().map(str::to_owned);
        Ok(())
    }

    /// What each revision did, oldest first.
    pub fn revisions(&self) -> &[Arc<RevisionChanges>] {
        &self.revisions
    }

    /// What happened after `revision`; incomplete if that is before the first revision analysed.
    pub fn after(&self, revision: usize) -> LaterChanges {
        let later = self.revisions.iter().filter(|changes| changes.revision > revision);
        let revisions: Vec<Arc<RevisionChanges>> = later.cloned().collect();
        let mut incomplete = None;
        if revision < self.first {
            incomplete =
                Some(format!("only what follows revision {} was analysed", self.first.saturating_add(1)));
        } else if revisions.len() < self.last.saturating_sub(revision) || self.stopped.is_some() {
            incomplete = Some(self.stopped.clone().unwrap_or_else(|| "the analysis stopped early".into()));
        } else if !revisions.is_empty() {
            incomplete.clone_from(&self.unreadable);
        }
        let mut findings: Vec<Finding> =
            self.appended.iter().filter_map(|appended| appended.finding(revision)).collect();
        findings.extend(self.external.iter().cloned());
        let mut level = revisions.iter().map(|changes| changes.level).max().unwrap_or(ChangeLevel::None);
        if incomplete.is_some() || !findings.is_empty() {
            level = ChangeLevel::Other;
        }
        LaterChanges { after: revision, revisions, level, findings, incomplete }
    }
}

/// What happened after `signed_revision`, an index into [`Document::revisions`]. For several signatures of one document,
/// [`History::analyse`] once from the first signed revision is cheaper.
pub fn later_changes(document: &Document<'_>, signed_revision: usize, budget: &mut Budget) -> LaterChanges {
    History::analyse(document, signed_revision, budget).after(signed_revision)
}

/// The code of the finding for an object that cannot be read.
const UNREADABLE: &str = "changes.unreadable";

/// An object that differs between two revisions.
struct Candidate {
    id: ObjectId,
    entry: EntryKind,
    before: Located,
    after: Located,
    ruling: Option<Ruling>,
}

fn compare(
    document: &Document<'_>,
    revision: usize,
    reach: &mut Reach,
    memory: &mut Memory,
    budget: &mut Budget,
) -> Result<RevisionChanges, Malformed> {
    let (old, new) = (document.as_of(revision.saturating_sub(1)), document.as_of(revision));
    let mut findings = Vec::new();
    let mut candidates = candidates(document, revision, reach, &mut findings, budget)?;
    let changed: BTreeSet<u32> = candidates.iter().map(|candidate| candidate.id.number).collect();
    let mut comparison = Comparison::new((old, new), reach, &changed, memory, budget);
    let mut level = trailer(document, revision, &mut comparison)?;
    rule(&mut candidates, reach, &mut comparison)?;
    let admitted = std::mem::take(&mut comparison.admitted);
    let mut fields = std::mem::take(&mut comparison.fields);
    findings.append(&mut comparison.findings);
    let coverings = std::mem::take(&mut comparison.coverings);
    let dropped = std::mem::take(&mut comparison.dropped);
    fields.sort_by(|a, b| (&a.name, a.action as u8).cmp(&(&b.name, b.action as u8)));
    fields.dedup();

    let known: Vec<ObjectId> =
        candidates.iter().map(|candidate| candidate.id).filter(|id| reach.record(*id).is_some()).collect();
    reach.concerns_doubt(&changed);
    reach.walk(new, trailer_of(document, revision), budget)?;
    reach.rewalk(new, &known, budget)?;
    reach.follow_doubts(new, budget)?;
    let objects: Vec<ObjectChange> = candidates
        .into_iter()
        .map(|candidate| {
            let admitted = admitted.get(&candidate.id).copied();
            candidate.into_change(reach, admitted, &changed)
        })
        .collect();
    bytes::inspect_update(document, revision, &objects, &mut findings, budget)?;
    if objects.iter().any(|change| change.cleared_by == Some(UNREACHABLE))
        && let Some(how) = memory.deviation_before(document, revision, budget)?
    {
        let message = format!(
            "what was there before is not written as the standard says, so that for some readers something may lead to \
             the objects that were added: {how}"
        );
        findings.push(Finding::new(LENIENT_STRUCTURE, Severity::Warning, message));
    }
    for change in &objects {
        level = level.max(change.cleared_by.map_or(ChangeLevel::Other, |rule| rule.level));
    }
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        level = ChangeLevel::Other;
    }
    let suspicious = objects.iter().filter(|change| change.cleared_by.is_none());
    let pages: BTreeSet<usize> = suspicious.filter_map(|change| change.page).collect();
    let shown = shown_differently(old, new, &pages, budget)?;
    Ok(RevisionChanges { revision, level, objects, shown, fields, coverings, dropped, findings })
}

fn trailer_of<'d>(document: &'d Document<'_>, revision: usize) -> &'d pdf::object::Dictionary {
    document.revisions().get(revision).map_or_else(|| document.trailer(), |revision| &revision.trailer)
}

fn trailer(
    document: &Document<'_>,
    revision: usize,
    comparison: &mut Comparison<'_, '_, '_>,
) -> Result<ChangeLevel, Malformed> {
    let old = trailer_of(document, revision.saturating_sub(1));
    let new = trailer_of(document, revision);
    Ok(match comparison.trailer(old, new)? {
        Ruling::Same => ChangeLevel::None,
        Ruling::Cleared(rule, _) => rule.level,
        Ruling::Refused(what) => {
            comparison.fault("changes.trailer", format!("the trailer leads elsewhere: {what}"), None);
            ChangeLevel::Other
        }
    })
}

/// What the revision defines or frees and what differs from the state before.
fn candidates(
    document: &Document<'_>,
    revision: usize,
    reach: &Reach,
    findings: &mut Vec<Finding>,
    budget: &mut Budget,
) -> Result<Vec<Candidate>, Malformed> {
    let (old, new) = (document.as_of(revision.saturating_sub(1)), document.as_of(revision));
    let mut entries: BTreeMap<ObjectId, EntryKind> = BTreeMap::new();
    for (id, entry) in document.objects_of_revision(revision) {
        budget.spend(Resource::Steps, 1)?;
        if id.number != 0 {
            entries.insert(id, entry);
            entries.extend(reach.generations(id.number).map(|id| (id, entry)));
        } else if entry != EntryKind::Free {
            let message = "the update defines object 0, which is always free (ISO 32000-2, 7.5.4)";
            findings.push(Finding::new("changes.object-zero", Severity::Error, message));
        }
    }
    let mut candidates = Vec::new();
    for (id, entry) in entries {
        let before = read(old, id, budget)?;
        let after = read(new, id, budget)?;
        let unreadable = before.findings.iter().find(|finding| finding.code == UNREADABLE);
        let neither = after.findings.iter().any(|finding| finding.code == UNREADABLE);
        if before.object == after.object && before.span == after.span && (unreadable.is_none() || neither) {
            continue;
        }
        // What a strict reader cannot read, a lenient one may show.
        findings.extend(unreadable.filter(|_| reach.record(id).is_some()).cloned());
        findings.extend(after.findings.iter().filter(|finding| finding.severity > Severity::Info).cloned());
        findings.extend(after.findings.iter().filter_map(bytes::ambiguous));
        findings.extend(bytes::replaced_container(id, &before.object));
        findings.extend(bytes::external(id, &after.object));
        candidates.push(Candidate { id, entry, before, after, ruling: None });
    }
    for candidate in &candidates {
        findings.extend(other_generation(document, revision, (reach, candidate), budget)?);
    }
    findings.extend(bytes::ambiguous_trailer(document, revision));
    bytes::repointed(document, revision, &candidates_places(&candidates), findings, budget)?;
    Ok(candidates)
}

/// A reference that led to nothing and leads, for readers that look at the number alone, to what an update defines in
/// another generation.
fn other_generation(
    document: &Document<'_>,
    revision: usize,
    (reach, candidate): (&Reach, &Candidate),
    budget: &mut Budget,
) -> Result<Option<Finding>, Malformed> {
    let id = candidate.id;
    if candidate.before.object != Object::Null || reach.record(id).is_some() {
        return Ok(None);
    }
    for known in reach.generations(id.number).collect::<Vec<_>>() {
        let mut was_there = false;
        for earlier in 0..revision {
            was_there |= read(document.as_of(earlier), known, budget)?.object != Object::Null;
        }
        if !was_there {
            let message = format!("the update defines object {id}, and what was signed refers to {known}");
            let finding = Finding::new("changes.other-generation", Severity::Error, message);
            return Ok(Some(finding.at(candidate.after.span)));
        }
    }
    Ok(None)
}

fn candidates_places(candidates: &[Candidate]) -> Vec<(ObjectId, EntryKind)> {
    candidates.iter().map(|candidate| (candidate.id, candidate.entry)).collect()
}

fn read(view: Snapshot<'_, '_>, id: ObjectId, budget: &mut Budget) -> Result<Located, Malformed> {
    match view.get(id, budget) {
        Ok(located) => Ok(located),
        Err(error) if stops(&error) => Err(error),
        Err(error) => {
            let at = error.at.unwrap_or(0);
            let finding = Finding::new(
                UNREADABLE,
                Severity::Error,
                format!("object {id}, which a later revision concerns, cannot be read: {error}"),
            );
            Ok(Located {
                object: Object::Null,
                span: Span::new(at, at),
                compressed: false,
                from: view.revision(),
                findings: vec![finding],
            })
        }
    }
}

/// Lets every role of every object that was reached before judge it: the form before the pages, because widgets belong
/// to fields.
fn rule(
    candidates: &mut [Candidate],
    reach: &Reach,
    comparison: &mut Comparison<'_, '_, '_>,
) -> Result<(), Malformed> {
    let mut order: Vec<(Kind, usize)> = Vec::new();
    for (index, candidate) in candidates.iter().enumerate() {
        let roles = reach.record(candidate.id).map(|record| &record.roles);
        if let Some(first) = roles.and_then(|roles| roles.first()) {
            order.push((first.kind, index));
        }
    }
    order.sort_unstable();
    for (_, index) in order {
        let Some(candidate) = candidates.get_mut(index) else { continue };
        let Some(record) = reach.record(candidate.id) else { continue };
        let mut ruling = Ruling::Same;
        for role in &record.roles {
            let old = Version { id: candidate.id, object: &candidate.before.object };
            let new = Version { id: candidate.id, object: &candidate.after.object };
            ruling = ruling.and(comparison.in_role(*role, old, new)?);
        }
        if let Ruling::Cleared(rule, _) = &ruling {
            comparison.admit(&candidate.after.object, *rule)?;
        }
        candidate.ruling = Some(ruling);
    }
    Ok(())
}

impl Candidate {
    fn into_change(
        self,
        reach: &Reach,
        admitted: Option<crate::Rule>,
        changed: &BTreeSet<u32>,
    ) -> ObjectChange {
        let place = |located: &Located| (!located.span.is_empty()).then_some(located.span);
        let what = describe(if self.after.object == Object::Null {
            &self.before.object
        } else {
            &self.after.object
        });
        let record = reach.record(self.id);
        let judged = self.ruling.is_some();
        let (cleared_by, what) = match (self.ruling, admitted) {
            (Some(Ruling::Cleared(rule, words)), _) => {
                (Some(rule), if words.is_empty() { what } else { words })
            }
            (Some(Ruling::Same), _) => (Some(IDENTICAL), format!("{what} written again unchanged")),
            (Some(Ruling::Refused(words)), _) => (None, words),
            (None, Some(rule)) => (Some(rule), what),
            (None, None) if record.is_some() => {
                (None, format!("{what} that only a change leads to which no rule clears"))
            }
            (None, None) => (Some(unused(&self.after.object)), format!("{what} that nothing leads to")),
        };
        let is_consequence = cleared_by.is_none() && !judged;
        let attack = record
            .filter(|_| cleared_by.is_none() && judged)
            .and_then(|record| looks_like(&record.roles, &self.before.object, &self.after.object, changed));
        let kind = match (&self.before.object, &self.after.object) {
            (_, Object::Null) => ChangeKind::Freed,
            (Object::Null, _) => ChangeKind::Added,
            _ => ChangeKind::Replaced,
        };
        ObjectChange {
            id: self.id,
            before: place(&self.before),
            after: place(&self.after),
            kind,
            cleared_by,
            attack,
            is_consequence,
            page: record.and_then(|record| record.page),
            role: roles_in_words(record.map(|record| &record.roles)),
            what,
        }
    }
}

fn unused(object: &Object) -> crate::Rule {
    match (object, name_of(object, "Type")) {
        (Object::Stream(_), Some(b"XRef" | b"ObjStm")) => FILE_STRUCTURE,
        _ => UNREACHABLE,
    }
}
