//! Names for changes that no rule clears, as the literature calls them.

use crate::role::{Kind, Role, dictionary_of, name_of};
use pdf::object::{Dictionary, Object, ObjectId};
use std::collections::BTreeSet;

/// Where no literature is named, the words are ours.
macro_rules! attacks {
    ($($(#[$doc:meta])* $variant:ident = $slug:literal, $words:literal;)*) => {
        /// A known way to forge a signed document.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Attack { $($(#[$doc])* $variant,)* }

        impl Attack {
            /// Every attack that has a name here.
            pub const ALL: &[Attack] = &[$(Attack::$variant),*];

            /// The words used in reports.
            pub fn as_str(self) -> &'static str {
                match self { $(Attack::$variant => $words,)* }
            }

            /// The code of findings that name the attack.
            pub fn code(self) -> &'static str {
                match self { $(Attack::$variant => concat!("attack.", $slug),)* }
            }
        }
    };
}

attacks! {
    /// The signature dictionary lacks what a verifier needs, so that a careless one checks nothing.
    UniversalSignatureForgery = "universal-signature-forgery", "universal signature forgery";
    /// The update puts other pages or content on top of the signed ones.
    IncrementalSaving = "incremental-saving", "incremental saving attack";
    /// The signed bytes are moved apart and content is put between them.
    SignatureWrapping = "signature-wrapping", "signature wrapping attack";
    /// What covered other content of the page was taken away.
    ShadowHide = "shadow-hide", "shadow attack: hide";
    /// Content, a font or an image was exchanged under an unchanged page.
    ShadowReplace = "shadow-replace", "shadow attack: replace";
    /// What the file held unseen before is shown instead.
    ShadowHideAndReplace = "shadow-hide-and-replace", "shadow attack: hide and replace";
    /// An annotation that is allowed passes for content of the page.
    EvilAnnotation = "evil-annotation", "evil annotation attack";
    /// A signature field that is allowed passes for content of the page.
    SneakySignature = "sneaky-signature", "sneaky signature attack";
    /// The byte range leaves out bytes that are part of the file.
    ByteRangeHole = "byte-range-hole", "byte range with a hole";
    /// Several fields have one signature.
    SharedSignature = "shared-signature", "several fields share one signature";
    /// Two fields have one name.
    DuplicateField = "duplicate-field", "duplicate field";
    /// Something passes for a signature dictionary that is none, or for another one.
    SignatureSpoofing = "signature-spoofing", "signature dictionary spoofing";
    /// The signature was exchanged, taken out, or its dictionary changed.
    SignatureExchanged = "signature-exchanged", "signature exchanged";
    /// A script or another action was brought in.
    ActionAdded = "action-added", "action added";
    /// An object number was given to an object of another kind, or to one that only some readers find.
    ObjectShadowing = "object-shadowing", "object shadowing";
    /// Readers disagree on what the file says.
    ParserDifferential = "parser-differential", "two readings of one file";
    /// Bytes follow the last revision.
    AppendedData = "appended-data", "data appended after the end";
    /// What is shown is not in the file.
    ExternalContent = "external-content", "content taken from another file";
}

/// The attack that a finding of this crate follows, if any.
pub(crate) fn of_code(code: &str) -> Option<Attack> {
    Some(match code {
        "changes.appended-bytes" => Attack::AppendedData,
        "changes.shadow.repointed" => Attack::ShadowHideAndReplace,
        "changes.unlisted-object" | "changes.object-stream-replaced" => Attack::ObjectShadowing,
        "changes.ambiguous"
        | "changes.hybrid-update"
        | "changes.lenient-structure"
        | "changes.unreadable" => Attack::ParserDifferential,
        "changes.trailer" => Attack::IncrementalSaving,
        "changes.external-file" => Attack::ExternalContent,
        "changes.covering-annotation" => Attack::EvilAnnotation,
        "changes.redrawn-field" | "changes.covering-field" => Attack::ShadowReplace,
        "changes.field-visibility" => Attack::ShadowHide,
        _ => return None,
    })
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
        Object::Null if plays(Kind::Annotation) => Attack::ShadowHide,
        _ if plays(Kind::Annotations) => Attack::ShadowHide,
        _ if plays(Kind::AppearanceState) => Attack::ShadowReplace,
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
    if old.get("Contents") == new.get("Contents") && old.get("Resources") != new.get("Resources") {
        return Some(resources(old, new, changed));
    }
    for key in ["Contents", "Resources", "Kids", "Annots"] {
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

/// Other resources under the same content.
fn resources(old: &Dictionary, new: &Dictionary, changed: &BTreeSet<u32>) -> Attack {
    let (mut known, mut brought) = (Vec::new(), Vec::new());
    references(old.get("Resources"), &mut known, 8);
    references(new.get("Resources"), &mut brought, 8);
    brought.retain(|id| !known.contains(id));
    match brought.iter().any(|id| changed.contains(&id.number)) {
        false if !brought.is_empty() => Attack::ShadowHideAndReplace,
        _ => Attack::ShadowReplace,
    }
}

/// Every reference in a value, down to a depth.
fn references(value: Option<&Object>, into: &mut Vec<ObjectId>, depth: u32) {
    let Some(deeper) = depth.checked_sub(1) else { return };
    match value {
        Some(Object::Reference(id)) => into.push(*id),
        Some(Object::Array(list)) => list.iter().for_each(|item| references(Some(item), into, deeper)),
        Some(Object::Dictionary(entries)) => {
            entries.0.iter().for_each(|(_, item)| references(Some(item), into, deeper));
        }
        _ => {}
    }
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
