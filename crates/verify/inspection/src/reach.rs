//! Which objects a view of the document reaches, and in which roles: one walk from the trailer, then only what changes.

use crate::bytes::{external, is_ambiguity};
use crate::doubt::{Doubt, hidden_references};
use crate::role::{Kind, Role, Use, claimed_identity, dictionary_of};
use pdf::Snapshot;
use pdf::object::{Dictionary, Object, ObjectId};
use std::collections::{BTreeMap, BTreeSet};
use types::{Budget, Cause, Malformed, Resource};

/// What is known of an object that some later revision defines.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    /// Its roles.
    pub(crate) roles: BTreeSet<Role>,
    /// The first page that leads to it.
    pub(crate) page: Option<usize>,
}

/// The sets of kinds in which objects were reached, by object number, in leaves of 1,024 that exist when needed.
#[derive(Clone, Default)]
struct Seen {
    leaves: BTreeMap<u32, Box<[u32; 1024]>>,
    other_generations: BTreeMap<ObjectId, u32>,
}

impl Seen {
    fn slot(&mut self, id: ObjectId) -> &mut u32 {
        if id.generation != 0 {
            return self.other_generations.entry(id).or_default();
        }
        let leaf = self.leaves.entry(id.number >> 10).or_insert_with(|| Box::new([0; 1024]));
        &mut leaf[(id.number & 1023) as usize]
    }

    fn kinds(&self, id: ObjectId) -> u32 {
        if id.generation != 0 {
            return self.other_generations.get(&id).copied().unwrap_or(0);
        }
        self.leaves.get(&(id.number >> 10)).map_or(0, |leaf| leaf[(id.number & 1023) as usize])
    }
}

/// More objects that leave open what they lead to are not followed up.
const MOST_DOUBTS: usize = 100;

#[derive(Clone, Copy)]
struct Item {
    role: Role,
    id: ObjectId,
    page: Option<usize>,
}

/// Everything reached so far, over all revisions walked.
pub(crate) struct Reach {
    watched: BTreeSet<u32>,
    records: BTreeMap<ObjectId, Record>,
    seen: Seen,
    /// What was reached again in a kind of role, for another owner.
    again: BTreeSet<(ObjectId, Role)>,
    stack: Vec<Item>,
    pending: Vec<Item>,
    /// What is only pointed at, each with the kinds (bits) of which it has to be for that.
    mentioned: Vec<(Item, u32)>,
    pages: usize,
    unreadable: Option<String>,
    doubts: Vec<Doubt>,
    doubtful: BTreeSet<u32>,
}

impl Reach {
    /// Nothing reached yet; roles are kept for the `watched` object numbers only.
    pub(crate) fn new(watched: BTreeSet<u32>) -> Reach {
        Reach {
            watched,
            records: BTreeMap::new(),
            seen: Seen::default(),
            again: BTreeSet::new(),
            stack: Vec::new(),
            pending: Vec::new(),
            mentioned: Vec::new(),
            pages: 0,
            unreadable: None,
            doubts: Vec::new(),
            doubtful: BTreeSet::new(),
        }
    }

    /// What is known of `id`, if any view reached it.
    pub(crate) fn record(&self, id: ObjectId) -> Option<&Record> {
        self.records.get(&id)
    }

    /// The generations of an object number that some view referred to.
    pub(crate) fn generations(&self, number: u32) -> impl Iterator<Item = ObjectId> + '_ {
        let first = ObjectId { number, generation: 0 };
        let last = ObjectId { number, generation: u16::MAX };
        self.records.range(first..=last).map(|(id, _)| *id)
    }

    /// Notes that it is open what an object leads to: it cannot be read, and a more lenient reader follows it, or it has two
    /// values for one key.
    fn doubt(
        &mut self,
        view: Snapshot<'_, '_>,
        (id, known): (ObjectId, &Object),
        why: String,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        if self.doubts.len() >= MOST_DOUBTS {
            self.unreadable.get_or_insert(why);
            return Ok(());
        }
        let raw = view.unparsed(id, budget)?;
        let mut targets = raw.and_then(|raw| hidden_references(id, &raw, known));
        if let Some(targets) = &mut targets {
            // Generations do not count for every reader.
            targets.push(ObjectId { number: id.number, generation: 0 });
        }
        self.doubts.push(Doubt { id, why, targets });
        Ok(())
    }

    /// Follows what the objects in doubt may lead to; from then on, [`Reach::concerns_doubt`] knows.
    pub(crate) fn follow_doubts(
        &mut self,
        view: Snapshot<'_, '_>,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        for _ in 0..MOST_DOUBTS {
            let doubts = std::mem::take(&mut self.doubts);
            if doubts.is_empty() {
                return Ok(());
            }
            let mut beyond = Reach { seen: self.seen.clone(), ..Reach::new(self.watched.clone()) };
            for doubt in doubts {
                let Some(targets) = doubt.targets else {
                    self.unreadable.get_or_insert(doubt.why);
                    continue;
                };
                self.doubtful.insert(doubt.id.number);
                for target in targets.into_iter().filter(|target| *target != doubt.id) {
                    let fixed = Use::Contains(Role::of(Kind::Fixed));
                    beyond.refer(fixed, &Object::Reference(target), doubt.id, None, budget.depth());
                }
            }
            beyond.run(view, budget)?;
            self.doubtful.extend(beyond.records.keys().map(|id| id.number));
            self.unreadable = self.unreadable.take().or(beyond.unreadable);
            let is_new = |doubt: &Doubt| !self.doubtful.contains(&doubt.id.number);
            self.doubts = beyond.doubts.into_iter().filter(is_new).collect();
        }
        self.unreadable.get_or_insert_with(|| "too many objects leave open what they lead to".into());
        Ok(())
    }

    /// Notes it if one of the objects that a revision changes is one that an object in doubt may lead to.
    pub(crate) fn concerns_doubt(&mut self, changed: &BTreeSet<u32>) {
        if let Some(number) = changed.intersection(&self.doubtful).next() {
            let why = format!("it is open in which ways object {number}, which an update changes, is used");
            self.unreadable.get_or_insert(why);
        }
    }

    /// Why what some object leads to is not known, if so, and it matters.
    pub(crate) fn unreadable(&self) -> Option<&str> {
        self.unreadable.as_deref()
    }

    /// Whether `id` was reached in the role `kind`.
    pub(crate) fn plays(&self, id: ObjectId, kind: Kind) -> bool {
        self.seen.kinds(id) & kind.bit() != 0
    }

    /// Walks everything that `view` reaches from its trailer.
    pub(crate) fn walk(
        &mut self,
        view: Snapshot<'_, '_>,
        trailer: &Dictionary,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        for (key, value) in &trailer.0 {
            let kind = match key.0.as_slice() {
                b"Root" => Kind::Catalog,
                b"Info" => Kind::Info,
                b"Encrypt" => Kind::Fixed,
                // No reader follows anything else from here.
                _ => continue,
            };
            let nowhere = ObjectId { number: 0, generation: 0 };
            self.refer(Use::Contains(Role::of(kind)), value, nowhere, None, budget.depth());
        }
        self.run(view, budget)
    }

    /// Walks `changed`, objects that were reached before and that `view` has in a new version.
    pub(crate) fn rewalk(
        &mut self,
        view: Snapshot<'_, '_>,
        changed: &[ObjectId],
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        for &id in changed {
            let Some(record) = self.records.get(&id) else { continue };
            *self.seen.slot(id) = 0;
            self.stack.extend(record.roles.iter().map(|&role| Item { role, id, page: record.page }));
        }
        self.run(view, budget)
    }

    fn run(&mut self, view: Snapshot<'_, '_>, budget: &mut Budget) -> Result<(), Malformed> {
        loop {
            self.stack.extend(self.pending.drain(..).rev());
            while let Some(item) = self.stack.pop() {
                self.visit(item, Meaning::ByType, view, budget)?;
                self.stack.extend(self.pending.drain(..).rev());
            }
            let Some((item, kinds)) = self.mentioned.pop() else { return Ok(()) };
            if self.seen.kinds(item.id) & kinds == 0 {
                self.visit(item, Meaning::Content, view, budget)?;
            }
        }
    }

    fn visit(
        &mut self,
        item: Item,
        meaning: Meaning,
        view: Snapshot<'_, '_>,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        budget.spend(Resource::Steps, 1)?;
        let Item { role, id, mut page } = item;
        let seen_before = self.seen.kinds(id) & role.kind.bit() != 0;
        // Once for each owner, or else what leads back to itself would never end.
        if seen_before && (role.owner.is_none() || !self.again.insert((id, role))) {
            return Ok(());
        }
        let object = match view.get(id, budget) {
            Ok(located) => {
                if let Some(finding) = located.findings.iter().find(|finding| is_ambiguity(finding)) {
                    let why = format!("object {id}: {}", finding.message);
                    self.doubt(view, (id, &located.object), why, budget)?;
                }
                located.object
            }
            Err(error) if stops(&error) => return Err(error),
            Err(error) => {
                let why = format!("object {id} cannot be read: {error}");
                self.doubt(view, (id, &Object::Null), why, budget)?;
                Object::Null
            }
        };
        let claimed = claimed_identity(&object);
        let may_be_meant = role.kind.is_fixed() && !role.kind.is_drawn() && meaning == Meaning::ByType;
        if may_be_meant && claimed != 0 {
            self.mentioned.push((item, claimed));
            return Ok(());
        }
        if role.kind.is_fixed()
            && let Some(finding) = external(id, &object)
        {
            self.unreadable.get_or_insert(finding.message);
        }
        *self.seen.slot(id) |= role.kind.bit();
        if role.kind == Kind::PageNode
            && dictionary_of(&object).is_some_and(|node| node.get("Kids").is_none())
        {
            page = Some(self.page_of(id));
        }
        self.record_role(id, role, page);
        let stream_again = seen_before && matches!(object, Object::Stream(_));
        if !stream_again {
            self.refer(Use::Contains(role), &object, id, page, budget.depth());
        }
        Ok(())
    }

    fn page_of(&mut self, id: ObjectId) -> usize {
        if let Some(page) = self.records.get(&id).and_then(|record| record.page) {
            return page;
        }
        self.pages = self.pages.saturating_add(1);
        self.pages.saturating_sub(1)
    }

    fn record_role(&mut self, id: ObjectId, role: Role, page: Option<usize>) {
        if !self.watched.contains(&id.number) {
            return;
        }
        let record = self.records.entry(id).or_default();
        record.roles.insert(role);
        record.page = record.page.or(page);
    }

    /// Collects the references in `object`, which is used as `usage` inside the indirect object `id`.
    fn refer(&mut self, usage: Use, object: &Object, id: ObjectId, page: Option<usize>, depth: u32) {
        let Some(deeper) = depth.checked_sub(1) else { return };
        match (object, usage) {
            (Object::Reference(target), Use::Contains(role)) => {
                self.pending.push(Item { role, id: *target, page });
            }
            (Object::Reference(target), Use::Mentions(kinds)) => {
                if self.seen.kinds(*target) & kinds != 0 {
                    return;
                }
                self.mentioned.push((Item { role: Role::of(Kind::Fixed), id: *target, page }, kinds));
            }
            (Object::Array(elements), usage) => {
                let usage = match usage {
                    Use::Contains(role) => role.element(),
                    mentions @ Use::Mentions(_) => mentions,
                };
                for element in elements {
                    self.refer(usage, element, id, page, deeper);
                }
            }
            (Object::Dictionary(dictionary), usage) => {
                let role = contained(usage);
                for (key, value) in pages_first(role, dictionary) {
                    self.refer(role.entry(key, id), value, id, page, deeper);
                }
            }
            (Object::Stream(stream), usage) => {
                let role = contained(usage);
                for (key, value) in &stream.dictionary.0 {
                    self.refer(role.stream_entry(&key.0, id), value, id, page, deeper);
                }
            }
            _ => {}
        }
    }
}

/// Whether an object that says it is a page is taken as a page that is pointed at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Meaning {
    ByType,
    Content,
}

fn contained(usage: Use) -> Role {
    match usage {
        Use::Contains(role) => role,
        Use::Mentions(_) => Role::of(Kind::Fixed),
    }
}

/// The entries of a dictionary; in the catalog the page tree first, so that pages are counted and named first.
fn pages_first(role: Role, dictionary: &Dictionary) -> impl Iterator<Item = (&[u8], &Object)> {
    let first = move |key: &[u8]| role.kind == Kind::Catalog && key == b"Pages";
    let entries = dictionary.0.iter().map(|(key, value)| (key.0.as_slice(), value));
    entries.clone().filter(move |(key, _)| first(key)).chain(entries.filter(move |(key, _)| !first(key)))
}

/// Whether an error ends the analysis, rather than being a fault of one object.
pub(crate) fn stops(error: &Malformed) -> bool {
    matches!(error.cause, Cause::Budget(_) | Cause::Source(_))
}
