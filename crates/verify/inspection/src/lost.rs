//! Signatures that earlier revisions held and the newest one does not.

use crate::change::ChangeLevel;
use crate::history::History;
use pdf::Document;
use pdf::signatures::{SignatureDictionary, Signatures};
use std::collections::BTreeSet;
use types::{Budget, Malformed, Resource, Span};

/// A signature that a later revision made disappear, so that a reader does not even see that the document was signed.
#[derive(Clone, Debug, PartialEq)]
pub struct LostSignature {
    /// Fully qualified name of its field.
    pub field: String,
    /// The signature as the last revision that had it has it.
    pub signature: SignatureDictionary,
    /// The revision that lost it, as an index.
    pub lost_in: usize,
}

/// The oldest revision in which a field is signed; `None` if none ever was.
pub fn first_signed_revision(
    document: &Document<'_>,
    budget: &mut Budget,
) -> Result<Option<usize>, Malformed> {
    for revision in 0..document.revisions().len() {
        budget.spend(Resource::Steps, 1)?;
        let signatures = document.as_of(revision).signatures(budget)?;
        if signatures.fields.iter().any(|field| field.value.is_some()) {
            return Ok(Some(revision));
        }
    }
    Ok(None)
}

/// The signatures that are in an earlier revision but not among `latest`, those of the newest one. `history` has to begin
/// at the first signed revision; only what follows a change that no rule clears is looked at, since no rule clears the
/// loss of a signature.
pub fn lost_signatures(
    document: &Document<'_>,
    history: &History,
    latest: &Signatures,
    budget: &mut Budget,
) -> Result<Vec<LostSignature>, Malformed> {
    let mut known: BTreeSet<Span> =
        latest.fields.iter().filter_map(|field| field.value.as_ref()).map(|value| value.span).collect();
    let mut lost = Vec::new();
    for changes in history.revisions().iter().rev().filter(|changes| changes.level == ChangeLevel::Other) {
        let Some(before) = changes.revision.checked_sub(1) else { continue };
        budget.spend(Resource::Steps, 1)?;
        for field in document.as_of(before).signatures(budget)?.fields {
            let Some(signature) = field.value else { continue };
            if known.insert(signature.span) {
                lost.push(LostSignature { field: field.name, signature, lost_in: changes.revision });
            }
        }
    }
    Ok(lost)
}
