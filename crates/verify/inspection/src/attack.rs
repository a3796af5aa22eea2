//! Names for changes that no rule clears, as the literature calls them.

use crate::role::{Kind, Role, dictionary_of, name_of};
use pdf::object::{Object, ObjectId};
use std::collections::BTreeSet;

/// A known way to forge a signed document that a change follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attack {
    /// Shadow attack, hide: what covered other content of the page was taken away.
    ShadowHide,
    /// Shadow attack, replace: content, a font or an image was exchanged under an unchanged page.
    ShadowReplace,
    /// Shadow attack, hide and replace: what the file held unseen before is shown instead.
    ShadowHideAndReplace,
    /// Incremental saving: the update puts other pages or content on top of the signed ones.
    IncrementalSaving,
    /// The signature was exchanged, taken out, or its dictionary changed.
    SignatureExchanged,
    /// A script or another action was brought in.
    ActionAdded,
    /// An object number was given to an object of another kind.
    ObjectShadowing,
}

impl Attack {
    /// The words used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Attack::ShadowHide => "shadow attack: hide",
            Attack::ShadowReplace => "shadow attack: replace",
            Attack::ShadowHideAndReplace => "shadow attack: hide and replace",
            Attack::IncrementalSaving => "incremental saving attack",
            Attack::SignatureExchanged => "signature exchanged",
            Attack::ActionAdded => "action added",
            Attack::ObjectShadowing => "object shadowing",
        }
    }
}

/// The attack that a change which no rule clears looks like; `changed` are the numbers that the revision defines.
pub(crate) fn looks_like(
    roles: &BTreeSet<Role>,
    before: &Object,
    after: &Object,
    changed: &BTreeSet<u32>,
) -> Option<Attack> {
    let plays = |kind: Kind| roles.iter().any(|role| role.kind == kind);
    let is_content = plays(Kind::PageContent) || plays(Kind::PageResource);
    let is_signature = dictionary_of(before).is_some_and(|old| old.get("ByteRange").is_some())
        || (plays(Kind::Field) && name_of(before, "FT") == Some(b"Sig"));
    Some(match after {
        _ if plays(Kind::Action) => Attack::ActionAdded,
        _ if is_signature => Attack::SignatureExchanged,
        Object::Null if is_content || plays(Kind::AppearancePart) => Attack::ShadowHide,
        _ if is_content || plays(Kind::AppearancePart) => Attack::ShadowReplace,
        _ if plays(Kind::PageNode) => page(before, after, changed)?,
        _ if plays(Kind::Catalog) => catalog(before, after)?,
        _ if name_of(before, "Type") != name_of(after, "Type") && *before != Object::Null => {
            Attack::ObjectShadowing
        }
        _ => return None,
    })
}

fn page(before: &Object, after: &Object, changed: &BTreeSet<u32>) -> Option<Attack> {
    let (old, new) = (dictionary_of(before)?, dictionary_of(after)?);
    for key in ["Contents", "Resources", "Kids"] {
        if old.get(key) == new.get(key) {
            continue;
        }
        let known = targets(old.get(key));
        let brought: Vec<ObjectId> =
            targets(new.get(key)).into_iter().filter(|id| !known.contains(id)).collect();
        return Some(match brought.as_slice() {
            [] => Attack::ShadowHide,
            ids if ids.iter().all(|id| !changed.contains(&id.number)) => Attack::ShadowHideAndReplace,
            _ => Attack::IncrementalSaving,
        });
    }
    None
}

fn catalog(before: &Object, after: &Object) -> Option<Attack> {
    let (old, new) = (dictionary_of(before)?, dictionary_of(after)?);
    let differs = |key: &str| old.get(key) != new.get(key);
    if differs("Pages") {
        return Some(Attack::IncrementalSaving);
    }
    if differs("OCProperties") {
        return Some(Attack::ShadowHide);
    }
    ["OpenAction", "AA", "Names"].into_iter().any(differs).then_some(Attack::ActionAdded)
}

/// The references in a value or in the list that it is.
fn targets(value: Option<&Object>) -> Vec<ObjectId> {
    match value {
        Some(Object::Reference(id)) => vec![*id],
        Some(Object::Array(list)) => list
            .iter()
            .filter_map(|item| match item {
                Object::Reference(id) => Some(*id),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}
