//! What two revisions have in common with nothing: the data that text, JSON and HTML show.

use super::Range;
use super::pictures::PagePictures;
use pdf::Document;
use pdf::signatures::Signatures;
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::Path;
use types::{Budget, Finding, Malformed};
use undersign::inspection::{
    ChangeKind, FieldAction, History, Judgement, LaterChanges, ObjectChange, Permissions, RevisionChanges,
    forgeries, judge, page_texts, text_difference,
};

/// Pages whose texts are compared.
const MOST_PAGES: usize = 2000;

/// Everything that is shown.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Table {
    pub file: String,
    pub from: usize,
    pub to: usize,
    pub revisions: Vec<Revision>,
    pub judgements: Vec<Judged>,
    pub changes: Vec<Changes>,
    pub texts: Vec<Text>,
    pub pages: Vec<PagePictures>,
    pub attacks: Vec<&'static str>,
    pub findings: Vec<Noted>,
}

/// One revision of the file.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Revision {
    pub number: usize,
    pub end: u64,
    pub size: u64,
    pub signed: Vec<Signed>,
}

/// A signature that a revision brought.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Signed {
    pub field: String,
    /// As the signature dictionary says; nothing proves it here.
    pub claimed_name: Option<String>,
    pub claimed_time: Option<String>,
}

/// What the changes mean for a signature at or before the earlier revision.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Judged {
    pub field: String,
    pub judgement: &'static str,
    pub reasons: Vec<String>,
}

/// What one revision did.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Changes {
    pub revision: usize,
    pub level: &'static str,
    pub objects: Vec<Change>,
    pub fields: Vec<FieldLine>,
}

/// One object that changed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    pub object: String,
    pub kind: &'static str,
    pub role: String,
    pub page: Option<usize>,
    pub what: String,
    pub rule: Option<&'static str>,
    pub level: Option<&'static str>,
    pub attack: Option<&'static str>,
}

/// A field that a revision concerned.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldLine {
    pub name: String,
    pub action: &'static str,
}

/// A page that says something else.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Text {
    pub page: usize,
    pub before: String,
    pub after: String,
}

/// Something noteworthy.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Noted {
    pub code: String,
    pub severity: &'static str,
    pub message: String,
}

impl Table {
    pub fn of(
        document: &Document<'_>,
        file: &Path,
        range: Range,
        budget: &mut Budget,
    ) -> Result<Table, Malformed> {
        let signatures = document.signatures(budget)?;
        let history = History::analyse(document, range.from, budget);
        let later = up_to(history.after(range.from), range.to);
        let mut findings: Vec<Noted> = later.findings.iter().map(noted).collect();
        if let Some(why) = &later.incomplete {
            findings.push(Noted {
                code: "changes.incomplete".into(),
                severity: "error",
                message: format!("the changes could not be analysed to the end: {why}"),
            });
        }
        findings.extend(later.revisions.iter().flat_map(|revision| &revision.findings).map(noted));
        let forged = forgeries(document, &signatures);
        findings.extend(forged.iter().map(|forgery| noted(&forgery.finding)));
        let mut attacks: BTreeSet<&'static str> =
            later.attacks().into_iter().map(|attack| attack.as_str()).collect();
        attacks.extend(forged.iter().map(|forgery| forgery.attack.as_str()));
        let texts = texts(document, range, &mut findings, budget);
        Ok(Table {
            file: file.display().to_string(),
            from: range.from + 1,
            to: range.to + 1,
            revisions: revisions(document, &signatures),
            judgements: judgements(&signatures, &history, range),
            changes: later.revisions.iter().map(|revision| changes(revision)).collect(),
            texts,
            pages: Vec::new(),
            attacks: attacks.into_iter().collect(),
            findings,
        })
    }

    /// Pages, counted from 1, of which some change was found.
    pub fn concerned(&self) -> BTreeSet<usize> {
        let objects = self.changes.iter().flat_map(|changes| &changes.objects);
        objects.filter_map(|change| change.page).collect()
    }
}

/// Only what the revisions up to `to` did.
fn up_to(mut later: LaterChanges, to: usize) -> LaterChanges {
    later.revisions.retain(|revision| revision.revision <= to);
    later
}

fn revisions(document: &Document<'_>, signatures: &Signatures) -> Vec<Revision> {
    let mut start = 0;
    let mut revisions: Vec<Revision> = Vec::new();
    for (index, revision) in document.revisions().iter().enumerate() {
        let size = revision.end.saturating_sub(start);
        start = revision.end;
        revisions.push(Revision { number: index + 1, end: revision.end, size, signed: Vec::new() });
    }
    for field in &signatures.fields {
        let Some(value) = &field.value else { continue };
        if let Some(revision) = revisions.get_mut(value.revision) {
            revision.signed.push(Signed {
                field: field.name.clone(),
                claimed_name: value.name.clone(),
                claimed_time: value.claimed_time.map(|time| time.to_string()),
            });
        }
    }
    revisions
}

/// For each signature up to the earlier revision, what the changes in the range mean.
fn judgements(signatures: &Signatures, history: &History, range: Range) -> Vec<Judged> {
    let signed = signatures.fields.iter().filter_map(|field| Some((field, field.value.as_ref()?)));
    let before = signed.filter(|(_, value)| value.revision <= range.from);
    before
        .map(|(field, value)| {
            let later = up_to(history.after(range.from), range.to);
            let (judgement, reasons) = match judge(&later, &Permissions::after(signatures, value)) {
                Judgement::None => ("nothing changed", Vec::new()),
                Judgement::Permitted { level } => ("allowed", vec![format!("{} at most", level.as_str())]),
                Judgement::Overlaid { what } => ("undecided", what),
                Judgement::Suspicious { reasons } => ("suspicious", reasons),
                Judgement::NotAnalysed { why } => ("not analysed", vec![why]),
            };
            Judged { field: field.name.clone(), judgement, reasons }
        })
        .collect()
}

fn changes(revision: &RevisionChanges) -> Changes {
    let action = |action: FieldAction| match action {
        FieldAction::Filled => "filled",
        FieldAction::Signed => "signed",
        FieldAction::Timestamped => "timestamped",
        FieldAction::Created => "added",
    };
    let fields = revision.fields.iter();
    Changes {
        revision: revision.revision + 1,
        level: revision.level.as_str(),
        objects: revision.objects.iter().map(change).collect(),
        fields: fields
            .map(|field| FieldLine { name: field.name.clone(), action: action(field.action) })
            .collect(),
    }
}

fn change(change: &ObjectChange) -> Change {
    Change {
        object: change.id.to_string(),
        kind: match change.kind {
            ChangeKind::Added => "added",
            ChangeKind::Replaced => "replaced",
            ChangeKind::Freed => "removed",
        },
        role: change.role.clone(),
        page: change.page.map(|page| page + 1),
        what: change.what.clone(),
        rule: change.cleared_by.map(|rule| rule.name),
        level: change.cleared_by.map(|rule| rule.level.as_str()),
        attack: change.attack.map(|attack| attack.as_str()),
    }
}

fn noted(finding: &Finding) -> Noted {
    Noted {
        code: finding.code.clone().into_owned(),
        severity: finding.severity.as_str(),
        message: finding.message.clone(),
    }
}

/// Where pages say something else; what cannot be read becomes a finding.
fn texts(document: &Document<'_>, range: Range, findings: &mut Vec<Noted>, budget: &mut Budget) -> Vec<Text> {
    let before = page_texts(document.as_of(range.from), MOST_PAGES, budget);
    let after = page_texts(document.as_of(range.to), MOST_PAGES, budget);
    let (before, after) = match (before, after) {
        (Ok(before), Ok(after)) => (before, after),
        (Err(fault), _) | (_, Err(fault)) => {
            let message = format!("the texts of the pages could not be compared: {fault}");
            findings.push(Noted { code: "diff.texts".into(), severity: "warning", message });
            return Vec::new();
        }
    };
    let empty = String::new();
    (0..before.len().max(after.len()))
        .filter_map(|page| {
            let (old, new) = (before.get(page).unwrap_or(&empty), after.get(page).unwrap_or(&empty));
            let (before, after) = text_difference(old, new)?;
            Some(Text { page: page + 1, before, after })
        })
        .collect()
}
