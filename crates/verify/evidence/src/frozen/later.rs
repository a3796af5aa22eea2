//! What later revisions changed, as it stands in an evidence file: judgements whole, changes as far as reports need them.

use super::error::{FrozenError, Within, each};
use super::scalar::{FrozenFinding, Place, words};
use crate::facts::Later;
use inspection::{
    Attack, ChangeKind, ChangeLevel, Covering, Dropped, FieldAction, FieldChange, Judgement, LaterChanges,
    ObjectChange, RULES, RevisionChanges, ShownText, Visibility,
};
use pdf::object::ObjectId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use types::{Budget, Finding, Resource, Severity};

/// Most changed objects, fields, coverings, dropped data or texts that are kept of one revision.
const MOST_OF_A_REVISION: usize = 1_000;
/// Most changed objects that are kept of all revisions.
const MOST_OBJECTS: usize = 20_000;

words!(LevelWord is ChangeLevel {
    None = "none", LongTermValidation = "long-term-validation", FormFilling = "form-filling",
    Annotation = "annotation", Other = "other",
});
words!(KindWord is ChangeKind { Added = "added", Replaced = "replaced", Freed = "freed" });
words!(ActionWord is FieldAction {
    Filled = "filled", Signed = "signed", Timestamped = "timestamped", Created = "created",
});
words!(VisibilityWord is Visibility { Invisible = "invisible", Visible = "visible" });

/// [`Later`]; revisions by number, as signatures share them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct FrozenLater {
    after: usize,
    findings: Vec<FrozenFinding>,
    incomplete: Option<String>,
    judgement: FrozenJudgement,
    level: LevelWord,
    /// Runs of numbers: the first, and the one past the last.
    revisions: Vec<(usize, usize)>,
}

/// [`Judgement`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum FrozenJudgement {
    None,
    Permitted(LevelWord),
    Overlaid(Vec<String>),
    Suspicious(Vec<String>),
    NotAnalysed(String),
}

/// [`RevisionChanges`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct FrozenRevision {
    coverings: Vec<FrozenCovering>,
    dropped: Vec<FrozenDropped>,
    fields: Vec<FrozenField>,
    findings: Vec<FrozenFinding>,
    level: LevelWord,
    objects: Vec<FrozenObject>,
    revision: usize,
    shown: Vec<FrozenShown>,
}

/// [`ObjectChange`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FrozenObject {
    after: Option<Place>,
    attack: Option<String>,
    before: Option<Place>,
    id: (u32, u16),
    is_consequence: bool,
    kind: KindWord,
    page: Option<usize>,
    role: String,
    rule: Option<String>,
    what: String,
}

/// [`FieldChange`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FrozenField {
    action: ActionWord,
    name: String,
    new_field: Option<VisibilityWord>,
}

/// [`Covering`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FrozenCovering {
    page: Option<usize>,
    what: String,
}

/// [`ShownText`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FrozenShown {
    after: String,
    before: String,
    page: usize,
}

/// [`Dropped`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FrozenDropped {
    since: usize,
    what: String,
}

/// The revisions that signatures share, while evidence is written.
#[derive(Default)]
pub(super) struct Revisions {
    known: BTreeMap<*const RevisionChanges, usize>,
    pub(super) frozen: Vec<FrozenRevision>,
    objects: usize,
}

impl Revisions {
    fn id(&mut self, changes: &Arc<RevisionChanges>) -> usize {
        // Signatures share what their revisions have in common: the same pointer means the same changes.
        if let Some(id) = self.known.get(&Arc::as_ptr(changes)) {
            return *id;
        }
        let left = MOST_OBJECTS.saturating_sub(self.objects);
        let frozen = FrozenRevision::freeze(changes, left.min(MOST_OF_A_REVISION));
        self.objects += frozen.objects.len();
        let id = self.frozen.len();
        self.known.insert(Arc::as_ptr(changes), id);
        self.frozen.push(frozen);
        id
    }

    /// The numbers of these revisions as runs.
    fn runs(&mut self, revisions: &[Arc<RevisionChanges>]) -> Vec<(usize, usize)> {
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for revision in revisions {
            let id = self.id(revision);
            match runs.last_mut() {
                Some((_, end)) if *end == id => *end = id + 1,
                _ => runs.push((id, id + 1)),
            }
        }
        runs
    }
}

/// The revisions that runs of numbers name.
fn named(
    runs: &[(usize, usize)],
    revisions: &[Arc<RevisionChanges>],
    budget: &mut Budget,
) -> Result<Vec<Arc<RevisionChanges>>, FrozenError> {
    let mut out = Vec::new();
    each(runs, |(start, end)| {
        let run = revisions.get(*start..*end).filter(|run| !run.is_empty());
        let run = run.ok_or_else(|| FrozenError::new("no run of revisions"))?;
        budget
            .spend(Resource::Steps, run.len() as u64)
            .map_err(|limit| FrozenError::new(limit.to_string()))?;
        out.extend_from_slice(run);
        Ok(())
    })?;
    Ok(out)
}

impl FrozenLater {
    pub(super) fn freeze(later: &Later, revisions: &mut Revisions) -> FrozenLater {
        let changes = &later.changes;
        FrozenLater {
            after: changes.after,
            findings: changes.findings.iter().map(FrozenFinding::from).collect(),
            incomplete: changes.incomplete.clone(),
            judgement: match &later.judgement {
                Judgement::None => FrozenJudgement::None,
                Judgement::Permitted { level } => FrozenJudgement::Permitted((*level).into()),
                Judgement::Overlaid { what } => FrozenJudgement::Overlaid(what.clone()),
                Judgement::Suspicious { reasons } => FrozenJudgement::Suspicious(reasons.clone()),
                Judgement::NotAnalysed { why } => FrozenJudgement::NotAnalysed(why.clone()),
            },
            level: changes.level.into(),
            revisions: revisions.runs(&changes.revisions),
        }
    }

    pub(super) fn thaw(
        &self,
        revisions: &[Arc<RevisionChanges>],
        budget: &mut Budget,
    ) -> Result<Later, FrozenError> {
        let judgement = self.judgement.thaw().within("judgement")?;
        let changes = LaterChanges {
            after: self.after,
            revisions: named(&self.revisions, revisions, budget).within("revisions")?,
            level: self.level.into(),
            findings: each(&self.findings, FrozenFinding::thaw).within("findings")?,
            incomplete: self.incomplete.clone(),
        };
        let numbers: Vec<usize> = changes.revisions.iter().map(|one| one.revision).collect();
        if numbers.windows(2).any(|pair| pair.first() >= pair.last()) {
            return Err(FrozenError::new("revisions twice or out of order").under("revisions"));
        }
        // What would be called lawful may neither be incomplete nor hold what no rule clears.
        let lawful = matches!(judgement, Judgement::None | Judgement::Permitted { .. });
        if lawful && (changes.incomplete.is_some() || changes.level == ChangeLevel::Other) {
            return Err(
                FrozenError::new("called allowed, although a change is not cleared").under("judgement")
            );
        }
        if judgement == Judgement::None && !changes.revisions.is_empty() {
            return Err(FrozenError::new("called unchanged, although revisions follow").under("judgement"));
        }
        Ok(Later { changes, judgement })
    }
}

impl FrozenJudgement {
    fn thaw(&self) -> Result<Judgement, FrozenError> {
        Ok(match self {
            FrozenJudgement::None => Judgement::None,
            FrozenJudgement::Permitted(level) => Judgement::Permitted { level: (*level).into() },
            FrozenJudgement::Overlaid(what) | FrozenJudgement::Suspicious(what) if what.is_empty() => {
                return Err(FrozenError::new("a judgement without a reason"));
            }
            FrozenJudgement::Overlaid(what) => Judgement::Overlaid { what: what.clone() },
            FrozenJudgement::Suspicious(reasons) => Judgement::Suspicious { reasons: reasons.clone() },
            FrozenJudgement::NotAnalysed(why) => Judgement::NotAnalysed { why: why.clone() },
        })
    }
}

/// The first `most` of a list, those that `first` picks before others, in their order.
fn kept<T>(list: &[T], most: usize, first: impl Fn(&T) -> bool) -> Vec<&T> {
    if list.len() <= most {
        return list.iter().collect();
    }
    let (mut picked, others): (Vec<usize>, Vec<usize>) =
        (0..list.len()).partition(|index| list.get(*index).is_some_and(&first));
    picked.extend(others);
    picked.truncate(most);
    picked.sort_unstable();
    picked.into_iter().filter_map(|index| list.get(index)).collect()
}

impl FrozenRevision {
    fn freeze(changes: &RevisionChanges, most_objects: usize) -> FrozenRevision {
        let objects = kept(&changes.objects, most_objects, |change| change.cleared_by.is_none());
        let fields = kept(&changes.fields, MOST_OF_A_REVISION, |_| true);
        let coverings = kept(&changes.coverings, MOST_OF_A_REVISION, |_| true);
        let dropped = kept(&changes.dropped, MOST_OF_A_REVISION, |_| true);
        let shown = kept(&changes.shown, MOST_OF_A_REVISION, |_| true);
        let left_out = changes.objects.len() - objects.len() + changes.fields.len() - fields.len()
            + (changes.coverings.len() - coverings.len())
            + (changes.dropped.len() - dropped.len())
            + (changes.shown.len() - shown.len());
        let mut findings: Vec<FrozenFinding> = changes.findings.iter().map(FrozenFinding::from).collect();
        if left_out > 0 {
            let message = format!("{left_out} changes are not told apart in the evidence file");
            findings.push(FrozenFinding::from(&Finding::new(
                "evidence.changes-left-out",
                Severity::Info,
                message,
            )));
        }
        FrozenRevision {
            coverings: coverings
                .into_iter()
                .map(|one| FrozenCovering { page: one.page, what: one.what.clone() })
                .collect(),
            dropped: dropped
                .into_iter()
                .map(|one| FrozenDropped { since: one.since, what: one.what.clone() })
                .collect(),
            fields: fields.into_iter().map(FrozenField::from).collect(),
            findings,
            level: changes.level.into(),
            objects: objects.into_iter().map(FrozenObject::from).collect(),
            revision: changes.revision,
            shown: shown.into_iter().map(FrozenShown::from).collect(),
        }
    }

    pub(super) fn thaw(&self) -> Result<RevisionChanges, FrozenError> {
        let covering = |one: &FrozenCovering| Covering { page: one.page, what: one.what.clone() };
        let dropped = |one: &FrozenDropped| Dropped { since: one.since, what: one.what.clone() };
        Ok(RevisionChanges {
            revision: self.revision,
            level: self.level.into(),
            objects: each(&self.objects, FrozenObject::thaw).within("objects")?,
            shown: self.shown.iter().map(ShownText::from).collect(),
            fields: self.fields.iter().map(FieldChange::from).collect(),
            coverings: self.coverings.iter().map(covering).collect(),
            dropped: self.dropped.iter().map(dropped).collect(),
            findings: each(&self.findings, FrozenFinding::thaw).within("findings")?,
        })
    }
}

impl From<&ObjectChange> for FrozenObject {
    fn from(change: &ObjectChange) -> FrozenObject {
        FrozenObject {
            after: change.after.map(Place::from),
            attack: change.attack.map(|attack| attack.code().to_owned()),
            before: change.before.map(Place::from),
            id: (change.id.number, change.id.generation),
            is_consequence: change.is_consequence,
            kind: change.kind.into(),
            page: change.page,
            role: change.role.clone(),
            rule: change.cleared_by.map(|rule| rule.name.to_owned()),
            what: change.what.clone(),
        }
    }
}

impl FrozenObject {
    fn thaw(&self) -> Result<ObjectChange, FrozenError> {
        let rule = self.rule.as_ref().map(|name| {
            let known = RULES.iter().find(|rule| rule.name == name);
            known.copied().ok_or_else(|| FrozenError::new(format!("no rule is called {name:?}")))
        });
        let attack = self.attack.as_ref().map(|code| {
            let known = Attack::ALL.iter().find(|attack| attack.code() == code);
            known.copied().ok_or_else(|| FrozenError::new(format!("no attack is called {code:?}")))
        });
        Ok(ObjectChange {
            id: ObjectId { number: self.id.0, generation: self.id.1 },
            before: self.before.map(Place::thaw).transpose().within("before")?,
            after: self.after.map(Place::thaw).transpose().within("after")?,
            kind: self.kind.into(),
            cleared_by: rule.transpose().within("rule")?,
            attack: attack.transpose().within("attack")?,
            is_consequence: self.is_consequence,
            page: self.page,
            role: self.role.clone(),
            what: self.what.clone(),
        })
    }
}

impl From<&FieldChange> for FrozenField {
    fn from(change: &FieldChange) -> FrozenField {
        FrozenField {
            action: change.action.into(),
            name: change.name.clone(),
            new_field: change.new_field.map(VisibilityWord::from),
        }
    }
}

impl From<&FrozenField> for FieldChange {
    fn from(frozen: &FrozenField) -> FieldChange {
        FieldChange {
            name: frozen.name.clone(),
            action: frozen.action.into(),
            new_field: frozen.new_field.map(Into::into),
        }
    }
}

impl From<&ShownText> for FrozenShown {
    fn from(shown: &ShownText) -> FrozenShown {
        FrozenShown { after: shown.after.clone(), before: shown.before.clone(), page: shown.page }
    }
}

impl From<&FrozenShown> for ShownText {
    fn from(frozen: &FrozenShown) -> ShownText {
        ShownText { page: frozen.page, before: frozen.before.clone(), after: frozen.after.clone() }
    }
}
