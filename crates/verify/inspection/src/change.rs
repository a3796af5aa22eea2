//! What happened after a signature: changes of objects, each with the rule that cleared it, if one did.

use crate::attack::{Attack, of_code};
use pdf::object::ObjectId;
use std::collections::BTreeSet;
use std::sync::Arc;
use types::{Finding, Span};

/// How far a change goes, in the order of ISO 32000-2, Table 257 (`P` of the DocMDP transform).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeLevel {
    /// Nothing that any view of the document shows or uses.
    None,
    /// Validation data, document timestamps and metadata.
    LongTermValidation,
    /// Form fields filled in, signatures added.
    FormFilling,
    /// Annotations added, changed or removed.
    Annotation,
    /// Anything else: no rule clears it.
    Other,
}

impl ChangeLevel {
    /// The words used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            ChangeLevel::None => "nothing",
            ChangeLevel::LongTermValidation => "long-term validation data",
            ChangeLevel::FormFilling => "form filling and signing",
            ChangeLevel::Annotation => "annotations",
            ChangeLevel::Other => "other changes",
        }
    }
}

/// What an update did with an object number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// The number was not in use before.
    Added,
    /// The number had another object before.
    Replaced,
    /// The number is not in use any more.
    Freed,
}

/// A rule that clears changes: a change is harmless only because a rule says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Stable name, e.g. `signature-field-added`.
    pub name: &'static str,
    /// The level of the changes it clears.
    pub level: ChangeLevel,
    /// The clause that describes such a change as lawful.
    pub clause: &'static str,
}

/// An object that a revision added, replaced or freed.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectChange {
    /// The object.
    pub id: ObjectId,
    /// Where the revision before has it; its object stream for a compressed object.
    pub before: Option<Span>,
    /// Where the revision has it; its object stream for a compressed object.
    pub after: Option<Span>,
    /// What was done.
    pub kind: ChangeKind,
    /// The rule that clears it; `None` if none does, and then it is suspicious.
    pub cleared_by: Option<Rule>,
    /// What it looks like, if no rule clears it and it follows a known pattern.
    pub attack: Option<Attack>,
    /// Whether it only belongs to another change that no rule clears.
    pub is_consequence: bool,
    /// The page it is on or under, counted from 0; the first one if it is on several.
    pub page: Option<usize>,
    /// What the object is for, e.g. `content of a page`; several roles with commas between them, empty if nothing leads
    /// to it.
    pub role: String,
    /// What it is and what changed, in plain words without a full stop.
    pub what: String,
}

/// A page that shows another text than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownText {
    /// The page, counted from 0.
    pub page: usize,
    /// What it said before where it differs, with some of what surrounds it.
    pub before: String,
    /// What it says now in that place.
    pub after: String,
}

/// What was done with a form field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldAction {
    /// Its value or how it shows changed.
    Filled,
    /// A signature was put into it.
    Signed,
    /// A document timestamp was put into it, with nothing to see.
    Timestamped,
    /// An empty signature field was added.
    Created,
}

/// Whether the reader sees a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// It has no area, or a flag hides it.
    Invisible,
    /// It covers an area of a page.
    Visible,
}

/// A field that a revision filled, signed or added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// Fully qualified name (ISO 32000-2, 12.7.4.2).
    pub name: String,
    /// What was done.
    pub action: FieldAction,
    /// Whether the field is new in this revision.
    pub new_field: Option<Visibility>,
}

/// An annotation that could be mistaken for content of its page or cover it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covering {
    /// The page, counted from 0, if known.
    pub page: Option<usize>,
    /// What it is, in plain words.
    pub what: String,
}

/// Validation data that went away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// The revision that had added it; signatures before that never had it.
    pub since: usize,
    /// What it was, in plain words.
    pub what: String,
}

/// What one revision did.
#[derive(Clone, Debug, PartialEq)]
pub struct RevisionChanges {
    /// Index of the revision in [`pdf::Document::revisions`].
    pub revision: usize,
    /// The highest level among its changes.
    pub level: ChangeLevel,
    /// Every object it defines or frees, ascending by number; entries that repeat the state before are left out.
    pub objects: Vec<ObjectChange>,
    /// What pages say differently, of those on which something changed that no rule clears.
    pub shown: Vec<ShownText>,
    /// The fields concerned, ascending by name.
    pub fields: Vec<FieldChange>,
    /// Annotations added or changed that could pass for content of their page or cover it.
    pub coverings: Vec<Covering>,
    /// Validation data that went away.
    pub dropped: Vec<Dropped>,
    /// What is noteworthy; those of severity error are suspicious by themselves.
    pub findings: Vec<Finding>,
}

/// What happened after a revision. Says nothing about whether it was allowed; see [`crate::judge`].
#[derive(Clone, Debug, PartialEq)]
pub struct LaterChanges {
    /// The revision that they came after, as an index.
    pub after: usize,
    /// The later revisions, oldest first; shared between the signatures of a document.
    pub revisions: Vec<Arc<RevisionChanges>>,
    /// The highest level of all; [`ChangeLevel::Other`] if the analysis is incomplete.
    pub level: ChangeLevel,
    /// What is noteworthy about the file as a whole, e.g. bytes after the last revision.
    pub findings: Vec<Finding>,
    /// Why the analysis stopped early, e.g. a limit that was reached; such changes never pass.
    pub incomplete: Option<String>,
}

impl LaterChanges {
    /// The attacks that the changes follow, by the patterns of single objects, of findings and of fields; says nothing
    /// about whether a change was allowed.
    pub fn attacks(&self) -> BTreeSet<Attack> {
        let mut attacks: BTreeSet<Attack> = named(&self.findings).collect();
        for revision in &self.revisions {
            attacks.extend(revision.objects.iter().filter_map(|change| change.attack));
            attacks.extend(named(&revision.findings));
            let covers = |field: &&FieldChange| {
                field.new_field == Some(Visibility::Visible) && field.action != FieldAction::Timestamped
            };
            if revision.fields.iter().any(|field| covers(&field)) {
                attacks.insert(Attack::SneakySignature);
            }
            if !revision.coverings.is_empty() {
                attacks.insert(Attack::EvilAnnotation);
            }
        }
        attacks
    }
}

fn named(findings: &[Finding]) -> impl Iterator<Item = Attack> + '_ {
    findings.iter().filter_map(|finding| of_code(&finding.code))
}
