//! Whether what happened after a signature was allowed.

use crate::bytes::LENIENT_STRUCTURE;
use crate::change::{
    ChangeLevel, FieldAction, FieldChange, LaterChanges, RevisionChanges, ShownText, Visibility,
};
use crate::permissions::{Certification, Permissions, ValidationData};
use types::Severity;

/// What a later change means for the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Nothing came after the signature.
    None,
    /// Every change is cleared by a rule and within what was allowed.
    Permitted {
        /// The highest level of the changes.
        level: ChangeLevel,
    },
    /// Every change is cleared and allowed, but something that was added or redrawn can cover or imitate what was signed: a
    /// reader may see something else than the signer did.
    Overlaid {
        /// What it is, each in plain words without a full stop; never empty.
        what: Vec<String>,
    },
    /// At least one change is not cleared, or was not allowed.
    Suspicious {
        /// Why, each in plain words without a full stop; never empty.
        reasons: Vec<String>,
    },
    /// The analysis could not be completed, so nothing is known; never a pass.
    NotAnalysed {
        /// What stopped it.
        why: String,
    },
}

/// The code of the finding that a field shows something else for the same value.
pub(crate) const REDRAWN_FIELD: &str = "changes.redrawn-field";
/// The code of the finding that a field was hidden or made to show.
pub(crate) const FIELD_VISIBILITY: &str = "changes.field-visibility";
/// The code of the finding that readers draw all fields anew; what they showed when it was signed may have been another.
pub(crate) const NEED_APPEARANCES: &str = "changes.need-appearances";

/// The code of the finding that fields without an appearance may be drawn otherwise than when it was signed.
pub(crate) const CHANGED_DEFAULTS: &str = "changes.form-defaults";

/// The code of the finding that a field was filled in over what its page says.
pub(crate) const COVERING_FIELD: &str = "changes.covering-field";

/// Findings of what may show something else than when it was signed: fields without being filled in, or all of the file.
const OTHERWISE_SHOWN: [&str; 6] =
    [REDRAWN_FIELD, FIELD_VISIBILITY, NEED_APPEARANCES, CHANGED_DEFAULTS, COVERING_FIELD, LENIENT_STRUCTURE];

/// At most this many reasons are spelled out; the number of the rest is given.
const REASONS_SPELLED_OUT: usize = 50;

/// Compares what happened with what was allowed.
pub fn judge(changes: &LaterChanges, permissions: &Permissions) -> Judgement {
    let mut reasons: Vec<String> = errors(&changes.findings).collect();
    for revision in &changes.revisions {
        reasons.extend(errors(&revision.findings));
        reasons.extend(uncleared(revision));
        reasons.extend(revision.shown.iter().map(in_words));
        reasons.extend(revision.fields.iter().filter_map(|field| forbidden(field, permissions)));
        if permissions.validation_data == ValidationData::Kept {
            let dropped = revision.dropped.iter().filter(|dropped| dropped.since <= changes.after);
            reasons.extend(dropped.map(|dropped| dropped.what.clone()));
        }
        if permissions.certification == Certification::InForce {
            reasons.extend(revision.coverings.iter().map(|covering| {
                let page =
                    covering.page.map_or(String::new(), |page| format!("page {}: ", page.saturating_add(1)));
                format!("{page}{} (evil annotation: it can pass for content)", covering.what)
            }));
        }
    }
    let level = changes.level;
    if level > permissions.ceiling && level != ChangeLevel::Other {
        reasons.push(format!(
            "{} changed, but nothing beyond {} was allowed",
            level.as_str(),
            permissions.ceiling.as_str()
        ));
    }
    if reasons.is_empty() && level == ChangeLevel::Other && changes.incomplete.is_none() {
        reasons.push("a change that no rule clears".into());
    }
    if !reasons.is_empty() {
        let more = reasons.len().saturating_sub(REASONS_SPELLED_OUT);
        reasons.truncate(REASONS_SPELLED_OUT);
        if more > 0 {
            reasons.push(format!("and {more} more"));
        }
        return Judgement::Suspicious { reasons };
    }
    match &changes.incomplete {
        Some(why) => Judgement::NotAnalysed { why: why.clone() },
        None if changes.revisions.is_empty() => Judgement::None,
        None => match overlays(changes) {
            what if what.is_empty() => Judgement::Permitted { level },
            what => Judgement::Overlaid { what },
        },
    }
}

/// What can cover or imitate what was signed, though it is allowed.
fn overlays(changes: &LaterChanges) -> Vec<String> {
    let mut overlays: Vec<String> = Vec::new();
    for revision in &changes.revisions {
        overlays.extend(revision.coverings.iter().map(|covering| covering.what.clone()));
        let redrawn = revision.findings.iter().filter(|finding| OTHERWISE_SHOWN.contains(&&*finding.code));
        overlays.extend(redrawn.map(|finding| finding.message.clone()));
    }
    overlays.truncate(REASONS_SPELLED_OUT);
    overlays
}

fn errors(findings: &[types::Finding]) -> impl Iterator<Item = String> + '_ {
    findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| finding.message.clone())
}

/// What no rule clears; what only belongs to such a change is left out where there is another reason.
fn uncleared(revision: &RevisionChanges) -> impl Iterator<Item = String> + '_ {
    let alone = revision.objects.iter().all(|change| change.cleared_by.is_some() || change.is_consequence)
        && errors(&revision.findings).next().is_none();
    let uncleared = revision.objects.iter().filter(|change| change.cleared_by.is_none());
    uncleared.filter(move |change| alone || !change.is_consequence).map(|change| {
        let page = change.page.map_or(String::new(), |page| format!(", page {}", page.saturating_add(1)));
        let attack = change.attack.map_or(String::new(), |attack| format!(" ({})", attack.as_str()));
        format!("object {}{page}: {}{attack}", change.id, change.what)
    })
}

fn in_words(shown: &ShownText) -> String {
    let page = shown.page.saturating_add(1);
    match (shown.before.is_empty(), shown.after.is_empty()) {
        (false, true) => format!("page {page} does not say “{}” any more", shown.before),
        (true, _) => format!("page {page} says “{}”, which it did not say before", shown.after),
        _ => format!("page {page} said “{}” before and says “{}” now", shown.before, shown.after),
    }
}

/// Why this change of a field was not allowed, if so. Document timestamps are exempt from locks: they belong to long-term
/// validation (ISO 32000-2, 12.8.2.2.2).
fn forbidden(field: &FieldChange, permissions: &Permissions) -> Option<String> {
    if field.action != FieldAction::Timestamped && permissions.locks_field(&field.name) {
        return Some(format!("the locked field {} was {}", field.name, done(field.action)));
    }
    let certified = permissions.certification == Certification::InForce;
    match field.new_field {
        Some(Visibility::Visible) if certified => {
            let words = "was added to a certified document (sneaky signature)";
            Some(format!("the visible signature field {} {words}", field.name))
        }
        Some(_) if certified && field.action == FieldAction::Created => {
            Some(format!("the empty signature field {} was added to a certified document", field.name))
        }
        _ => None,
    }
}

fn done(action: FieldAction) -> &'static str {
    match action {
        FieldAction::Filled => "changed",
        FieldAction::Signed => "signed",
        FieldAction::Timestamped => "timestamped",
        FieldAction::Created => "added",
    }
}
