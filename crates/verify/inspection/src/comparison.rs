//! Two consecutive revisions compared: values in their roles, deep equality, and what newly defined objects belong to.

use crate::change::{Covering, Dropped, FieldAction, FieldChange, Rule, Visibility};
use crate::describe::describe;
use crate::ground::{Neighbour, PageGround};
use crate::reach::{Reach, stops};
use crate::role::{Kind, Role, Use};
use crate::rules::Cleared;
use crate::ruling::{IDENTICAL, Ruling};
use pdf::object::{Dictionary, Object, ObjectId, Stream, StreamData};
use pdf::{Document, Snapshot};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use types::{Budget, Finding, Malformed, Resource, Severity, Span};

/// Which of the two revisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Old,
    New,
}

/// An object that stands for no entry at all.
pub(crate) static ABSENT: Object = Object::Null;

/// One version of an object: what it is, and the indirect object that it is in.
#[derive(Clone, Copy)]
pub(crate) struct Version<'o> {
    pub(crate) id: ObjectId,
    pub(crate) object: &'o Object,
}

/// What is remembered over all revisions.
#[derive(Default)]
pub(crate) struct Memory {
    /// Partial names of the root fields, once they were needed.
    pub(crate) root_names: Option<BTreeSet<String>>,
    /// What pages have on them, by index, once it was needed to tell what something covers.
    pub(crate) grounds: BTreeMap<usize, Rc<PageGround>>,
    /// The pages that list an annotation as of a revision, once it was needed.
    pub(crate) places: Option<(usize, BTreeMap<ObjectId, Vec<usize>>)>,
    /// Lines and layers of light colour that were let lie over something.
    pub(crate) cleared: Vec<Cleared>,
    /// How each revision from the first is written otherwise than the standard says, as far as it was asked.
    deviations: Vec<Option<String>>,
}

impl Memory {
    /// How a revision before this one is written otherwise than the standard says, if one is.
    pub(crate) fn deviation_before(
        &mut self,
        document: &Document<'_>,
        revision: usize,
        budget: &mut Budget,
    ) -> Result<Option<String>, Malformed> {
        for earlier in self.deviations.len()..revision {
            self.deviations.push(document.deviation(earlier, budget)?);
        }
        Ok(self.deviations.iter().take(revision).flatten().next().cloned())
    }
}

/// The comparison of one revision with the one before.
pub(crate) struct Comparison<'c, 'd, 's> {
    pub(crate) old: Snapshot<'d, 's>,
    pub(crate) new: Snapshot<'d, 's>,
    pub(crate) reach: &'c Reach,
    /// Numbers of the objects that differ.
    pub(crate) changed: &'c BTreeSet<u32>,
    pub(crate) memory: &'c mut Memory,
    pub(crate) budget: &'c mut Budget,
    /// New objects that belong to a change that a rule cleared.
    pub(crate) admitted: BTreeMap<ObjectId, Rule>,
    /// Widgets of new fields, for the pages that show them.
    pub(crate) new_widgets: BTreeMap<ObjectId, Rule>,
    /// Signature dictionaries that fields of this revision point to.
    pub(crate) signatures: BTreeSet<ObjectId>,
    pub(crate) fields: Vec<FieldChange>,
    pub(crate) coverings: Vec<Covering>,
    pub(crate) dropped: Vec<Dropped>,
    pub(crate) findings: Vec<Finding>,
    /// The annotations that pages had before, by index, once they were needed.
    pub(crate) neighbours: BTreeMap<usize, Rc<Vec<Neighbour>>>,
    pairs: BTreeSet<(ObjectId, ObjectId)>,
    /// How many parts of parts may still be compared.
    depth: u32,
}

pub(crate) type Ruled = Result<Ruling, Malformed>;

impl<'c, 'd, 's> Comparison<'c, 'd, 's> {
    pub(crate) fn new(
        (old, new): (Snapshot<'d, 's>, Snapshot<'d, 's>),
        reach: &'c Reach,
        changed: &'c BTreeSet<u32>,
        memory: &'c mut Memory,
        budget: &'c mut Budget,
    ) -> Comparison<'c, 'd, 's> {
        let depth = budget.depth();
        Comparison {
            old,
            new,
            reach,
            changed,
            memory,
            budget,
            admitted: BTreeMap::new(),
            new_widgets: BTreeMap::new(),
            signatures: BTreeSet::new(),
            fields: Vec::new(),
            coverings: Vec::new(),
            dropped: Vec::new(),
            findings: Vec::new(),
            neighbours: BTreeMap::new(),
            pairs: BTreeSet::new(),
            depth,
        }
    }

    fn view(&self, side: Side) -> Snapshot<'d, 's> {
        match side {
            Side::Old => self.old,
            Side::New => self.new,
        }
    }

    /// Whether the object is defined by this revision and nothing led to it before.
    pub(crate) fn is_fresh(&self, id: ObjectId) -> bool {
        self.changed.contains(&id.number) && self.reach.generations(id.number).next().is_none()
    }

    /// What `object` is or refers to; null, and a finding, if it cannot be read.
    pub(crate) fn resolve<'o>(
        &mut self,
        side: Side,
        object: &'o Object,
    ) -> Result<Cow<'o, Object>, Malformed> {
        if !matches!(object, Object::Reference(_)) {
            return Ok(Cow::Borrowed(object));
        }
        self.budget.spend(Resource::Steps, 1)?;
        match self.view(side).resolve(object, self.budget) {
            Ok(resolved) => Ok(resolved),
            Err(error) if stops(&error) => Err(error),
            Err(error) => {
                if side == Side::New {
                    self.fault("changes.unreadable", format!("a new object cannot be read: {error}"), None);
                }
                Ok(Cow::Owned(Object::Null))
            }
        }
    }

    /// An indirect object of one side; null if it is not in use or cannot be read.
    pub(crate) fn get(&mut self, side: Side, id: ObjectId) -> Result<Object, Malformed> {
        Ok(self.resolve(side, &Object::Reference(id))?.into_owned())
    }

    /// Something that is suspicious by itself.
    pub(crate) fn fault(&mut self, code: &'static str, message: String, span: Option<Span>) {
        let finding = Finding::new(code, Severity::Error, message);
        let finding = Finding { span, ..finding };
        if !self.findings.contains(&finding) && self.findings.len() < 1000 {
            self.findings.push(finding);
        }
    }

    /// Something that a reader of the report should know.
    pub(crate) fn note(&mut self, code: &'static str, message: String) {
        let finding = Finding::new(code, Severity::Warning, message);
        if !self.findings.contains(&finding) && self.findings.len() < 1000 {
            self.findings.push(finding);
        }
    }

    /// Records what was done with a field.
    pub(crate) fn field_change(&mut self, name: String, action: FieldAction, new_field: Option<Visibility>) {
        self.fields.push(FieldChange { name, action, new_field });
    }

    /// Records validation data that went away; `had` tells whether a revision had it.
    pub(crate) fn drop_validation_data(
        &mut self,
        what: String,
        had: impl Fn(&mut Self, Snapshot<'d, 's>) -> Result<bool, Malformed>,
    ) -> Result<(), Malformed> {
        let document = self.old.document();
        let mut since = self.old.revision();
        while let Some(before) = since.checked_sub(1) {
            self.budget.spend(Resource::Steps, 1)?;
            if !had(self, document.as_of(before))? {
                break;
            }
            since = before;
        }
        self.dropped.push(Dropped { since, what });
        Ok(())
    }

    /// Compares the values of every key that differs.
    pub(crate) fn entries(
        &mut self,
        old: &Dictionary,
        new: &Dictionary,
        mut rule: impl FnMut(&mut Self, &[u8], &Object, &Object) -> Ruled,
    ) -> Ruled {
        let mut ruling = Ruling::Same;
        let (before, after) = (Index::of(old), Index::of(new));
        self.budget.spend(Resource::Steps, (old.0.len() as u64).saturating_add(new.0.len() as u64))?;
        for (key, value) in &new.0 {
            let earlier = before.get(&key.0);
            if earlier != value {
                ruling = ruling.and(rule(self, &key.0, earlier, value)?);
            }
        }
        for (key, value) in &old.0 {
            if *value != Object::Null && !after.has(&key.0) {
                ruling = ruling.and(rule(self, &key.0, value, &ABSENT)?);
            }
        }
        Ok(ruling)
    }

    /// Compares two values in a place of the role `usage`; `ids` are the objects that the values are in.
    pub(crate) fn part(
        &mut self,
        usage: Use,
        ids: (ObjectId, ObjectId),
        old: &Object,
        new: &Object,
    ) -> Ruled {
        if old == new {
            return Ok(Ruling::Same);
        }
        self.budget.spend(Resource::Steps, 1)?;
        let before = self.resolve(Side::Old, old)?;
        let after = self.resolve(Side::New, new)?;
        let role = match usage {
            Use::Contains(role) => role,
            Use::Mentions(_) => Role::of(Kind::Fixed),
        };
        let id_of = |object: &Object, id| if let Object::Reference(target) = object { *target } else { id };
        let old_version = Version { id: id_of(old, ids.0), object: before.as_ref() };
        let new_version = Version { id: id_of(new, ids.1), object: after.as_ref() };
        let Some(deeper) = self.depth.checked_sub(1) else {
            return Ok(Ruling::refused("parts that lead back to themselves, or are nested too deeply"));
        };
        let depth = std::mem::replace(&mut self.depth, deeper);
        let ruling = self.in_role(role, old_version, new_version);
        self.depth = depth;
        let ruling = ruling?;
        match (&ruling, new) {
            (Ruling::Cleared(rule, _), _) => self.admit(new, *rule)?,
            // The same validation data in a dictionary of another number; one that had been in use keeps its meaning.
            (Ruling::Same, Object::Reference(copy))
                if matches!(role.kind, Kind::SecurityStore | Kind::Vri | Kind::VriEntry)
                    && self.is_fresh(*copy)
                    && *self.resolve(Side::Old, new)? == Object::Null =>
            {
                self.admitted.insert(*copy, IDENTICAL);
            }
            _ => {}
        }
        Ok(ruling)
    }

    /// Lets the new objects that `value` leads to share the ruling of the change that brought them.
    pub(crate) fn admit(&mut self, value: &Object, rule: Rule) -> Result<(), Malformed> {
        let mut targets = Vec::new();
        references(value, &mut targets, self.budget)?;
        while let Some(id) = targets.pop() {
            if !self.is_fresh(id) || self.admitted.contains_key(&id) {
                continue;
            }
            self.admitted.insert(id, rule);
            let object = self.get(Side::New, id)?;
            references(&object, &mut targets, self.budget)?;
        }
        Ok(())
    }

    /// The ruling for a place where nothing may change: the same content elsewhere in the file is no change.
    pub(crate) fn unchanged(&mut self, old: &Object, new: &Object, what: impl FnOnce() -> String) -> Ruled {
        self.pairs.clear();
        if self.same(old, new, self.budget.depth())? {
            let copies: Vec<ObjectId> = self.pairs.iter().map(|(_, copy)| *copy).collect();
            for copy in copies {
                self.admit(&Object::Reference(copy), IDENTICAL)?;
            }
            return Ok(Ruling::cleared(IDENTICAL, format!("{} written again unchanged", describe(new))));
        }
        Ok(Ruling::Refused(what()))
    }

    /// Whether two values are equal, following references that differ. The same reference on both sides is equal: what it
    /// refers to is compared in its own roles.
    fn same(&mut self, old: &Object, new: &Object, depth: u32) -> Result<bool, Malformed> {
        let Some(deeper) = depth.checked_sub(1) else { return Ok(false) };
        self.budget.spend(Resource::Steps, 1)?;
        match (old, new) {
            (Object::Reference(before), Object::Reference(after)) if before == after => Ok(true),
            (Object::Reference(before), Object::Reference(after)) => {
                if !self.pairs.insert((*before, *after)) {
                    return Ok(true);
                }
                let (old, new) = (self.get(Side::Old, *before)?, self.get(Side::New, *after)?);
                Ok(old != Object::Null && self.same(&old, &new, deeper)?)
            }
            (Object::Array(old), Object::Array(new)) => {
                if old.len() != new.len() {
                    return Ok(false);
                }
                // Where there are names as well, as in encodings and colour spaces, integers are codes and indices.
                let is_measure = old.iter().all(|one| one.as_number().is_some());
                for (before, after) in old.iter().zip(new) {
                    let is_equal = is_measure && equal_numbers(before, after);
                    if !is_equal && !self.same(before, after, deeper)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (Object::Dictionary(old), Object::Dictionary(new)) => self.same_entries(old, new, deeper),
            (Object::Stream(old), Object::Stream(new)) => {
                Ok(self.same_entries(&old.dictionary, &new.dictionary, deeper)?
                    && self.same_data(old, new)?)
            }
            (Object::String(old), Object::String(new)) => Ok(old.bytes == new.bytes),
            (old, new) => Ok(old == new),
        }
    }

    fn same_entries(&mut self, old: &Dictionary, new: &Dictionary, depth: u32) -> Result<bool, Malformed> {
        let in_use =
            |dictionary: &Dictionary| dictionary.0.iter().filter(|(_, v)| *v != Object::Null).count();
        if in_use(old) != in_use(new) {
            return Ok(false);
        }
        let after = Index::of(new);
        for (key, before) in &old.0 {
            if *before != Object::Null && !self.same(before, after.get(&key.0), depth)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn same_data(&mut self, old: &Stream, new: &Stream) -> Result<bool, Malformed> {
        match (&old.data, &new.data) {
            (StreamData::InSource(before), StreamData::InSource(after)) => self.same_bytes(*before, *after),
            (
                StreamData::Encrypted { span: before, owner: o },
                StreamData::Encrypted { span: after, owner: n },
            ) if o == n && before == after => Ok(true),
            _ => {
                let before = self.old.stream_data(old, self.budget);
                let after = self.new.stream_data(new, self.budget);
                match (before, after) {
                    (Ok(before), Ok(after)) => Ok(before == after),
                    (Err(error), _) | (_, Err(error)) if stops(&error) => Err(error),
                    _ => Ok(false),
                }
            }
        }
    }

    fn same_bytes(&mut self, before: Span, after: Span) -> Result<bool, Malformed> {
        const CHUNK: u64 = 1 << 16;
        if before.len() != after.len() || before == after {
            return Ok(before == after);
        }
        self.budget.spend(Resource::DecodedBytes, before.len())?;
        let source = self.new.document().source();
        let (mut left, mut right) = (vec![0; CHUNK as usize], vec![0; CHUNK as usize]);
        let mut done = 0;
        while done < before.len() {
            let part = CHUNK.min(before.len() - done) as usize;
            source.read_at(before.start + done, &mut left[..part])?;
            source.read_at(after.start + done, &mut right[..part])?;
            if left[..part] != right[..part] {
                return Ok(false);
            }
            done += part as u64;
        }
        Ok(true)
    }
}

/// Whether both are numbers of the same value: in arrays (rectangles, matrices, colours) writers turn `0` into `0.0`.
/// Entries of dictionaries are not compared so, since readers ignore a real number where an integer is due.
fn equal_numbers(old: &Object, new: &Object) -> bool {
    matches!((old.as_number(), new.as_number()), (Some(before), Some(after)) if before == after)
}

/// The entries of a dictionary by key; sorted only where searching through them would be slow.
enum Index<'o> {
    Few(&'o Dictionary),
    Many(BTreeMap<&'o [u8], &'o Object>),
}

impl<'o> Index<'o> {
    fn of(dictionary: &'o Dictionary) -> Index<'o> {
        if dictionary.0.len() <= 32 {
            return Index::Few(dictionary);
        }
        let first_wins = dictionary.0.iter().rev();
        Index::Many(first_wins.map(|(key, value)| (key.0.as_slice(), value)).collect())
    }

    fn find(&self, key: &[u8]) -> Option<&'o Object> {
        match self {
            Index::Few(dictionary) => {
                dictionary.0.iter().find(|(name, _)| name.0 == key).map(|(_, value)| value)
            }
            Index::Many(sorted) => sorted.get(key).copied(),
        }
    }

    fn has(&self, key: &[u8]) -> bool {
        self.find(key).is_some()
    }

    fn get(&self, key: &[u8]) -> &'o Object {
        self.find(key).unwrap_or(&ABSENT)
    }
}

/// Every reference in a value, not following any.
fn references(value: &Object, into: &mut Vec<ObjectId>, budget: &mut Budget) -> Result<(), Malformed> {
    budget.spend(Resource::Steps, 1)?;
    match value {
        Object::Reference(id) => into.push(*id),
        Object::Array(elements) => {
            for element in elements {
                references(element, into, budget)?;
            }
        }
        Object::Dictionary(dictionary) | Object::Stream(Stream { dictionary, .. }) => {
            for (_, value) in &dictionary.0 {
                references(value, into, budget)?;
            }
        }
        _ => {}
    }
    Ok(())
}
