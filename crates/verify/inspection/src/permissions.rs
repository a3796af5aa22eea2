//! What was allowed to happen after a signature: DocMDP, FieldMDP and field locks (ISO 32000-2, 12.8.2).

use crate::change::ChangeLevel;
use pdf::signatures::{FieldLock, LockedFields, SignatureDictionary, SignatureKind, Signatures};

/// Whether a certification signature is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certification {
    /// None: the defaults for approval signatures apply.
    None,
    /// One whose DocMDP transform binds everything after it.
    InForce,
}

/// Whether validation data that a signature's revision held have to stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValidationData {
    /// They may be extended only.
    Kept,
    /// They may be exchanged for others, as after a document timestamp that is renewed.
    Renewable,
}

/// What may follow a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permissions {
    /// The highest level of changes allowed.
    pub ceiling: ChangeLevel,
    /// Locks on fields, of this and of earlier signatures.
    pub locks: Vec<FieldLock>,
    /// Where the ceiling comes from.
    pub certification: Certification,
    /// Whether the document security store may lose entries.
    pub validation_data: ValidationData,
}

/// What is allowed after a signature: `doc_mdp` is `P` of the certification signature in force (this or an earlier
/// one), `locks` the FieldMDP transforms and field locks of this and earlier signatures.
///
/// Without certification, annotating is the ceiling: ISO 32000-2, 12.8.2.2 restricts only certified documents. A lock
/// dictionary with `P` lowers the ceiling (ISO 32000-2, Table 236). A `P` that the standard does not know allows nothing
/// but validation data.
pub fn allowed(doc_mdp: Option<u8>, locks: &[FieldLock]) -> Permissions {
    let declared = doc_mdp.map_or(ChangeLevel::Annotation, ceiling_of);
    let locked = locks.iter().filter_map(|lock| lock.permissions).map(ceiling_of);
    Permissions {
        ceiling: locked.fold(declared, ChangeLevel::min),
        locks: locks.to_vec(),
        validation_data: ValidationData::Kept,
        certification: if doc_mdp.is_some() { Certification::InForce } else { Certification::None },
    }
}

/// ISO 32000-2, Table 257: even 1 lets validation data and document timestamps be added.
fn ceiling_of(permission: u8) -> ChangeLevel {
    match permission {
        2 => ChangeLevel::FormFilling,
        3 => ChangeLevel::Annotation,
        _ => ChangeLevel::LongTermValidation,
    }
}

impl Permissions {
    /// What the signatures of a document allow after `signature`, which is one of them: its certification if there is one
    /// by then, and the locks of all signatures up to it.
    ///
    /// A DocMDP transform binds also where `Perms` does not name its signature: the stricter reading is taken.
    pub fn after(signatures: &Signatures, signature: &SignatureDictionary) -> Permissions {
        let mut doc_mdp: Option<u8> = None;
        let mut locks = Vec::new();
        for field in &signatures.fields {
            let Some(value) = field.value.as_ref().filter(|value| value.revision <= signature.revision)
            else {
                continue;
            };
            let is_certification = value.id.is_some() && value.id == signatures.doc_mdp;
            let declared = value.doc_mdp.or(is_certification.then_some(2));
            doc_mdp = doc_mdp.into_iter().chain(declared).min();
            locks.extend(value.field_mdp.iter().chain(&field.lock).cloned());
        }
        let validation_data = match signature.kind {
            SignatureKind::Signature => ValidationData::Kept,
            SignatureKind::DocTimestamp => ValidationData::Renewable,
        };
        Permissions { validation_data, ..allowed(doc_mdp, &locks) }
    }

    /// Whether a lock covers the field of this fully qualified name (ISO 32000-2, Table 259). A name with control characters,
    /// e.g. a language escape (7.9.2.2), may be any name to a reader, so every lock covers it.
    pub fn locks_field(&self, name: &str) -> bool {
        let is_unclear = name.chars().any(char::is_control);
        (is_unclear && !self.locks.is_empty())
            || self.locks.iter().any(|lock| match &lock.fields {
                LockedFields::All => true,
                LockedFields::Include(names) => names.iter().any(|locked| is_or_is_under(name, locked)),
                LockedFields::Exclude(names) => !names.iter().any(|free| is_or_is_under(name, free)),
            })
    }
}

fn is_or_is_under(name: &str, ancestor: &str) -> bool {
    name.strip_prefix(ancestor).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(fields: LockedFields, permissions: Option<u8>) -> FieldLock {
        FieldLock { fields, permissions }
    }

    #[test]
    fn a_certification_sets_the_ceiling_and_a_lock_can_only_lower_it() {
        assert_eq!(allowed(Some(1), &[]).ceiling, ChangeLevel::LongTermValidation);
        assert_eq!(allowed(Some(2), &[]).ceiling, ChangeLevel::FormFilling);
        assert_eq!(allowed(Some(3), &[]).ceiling, ChangeLevel::Annotation);
        assert_eq!(allowed(Some(9), &[]).ceiling, ChangeLevel::LongTermValidation);
        let locks = [lock(LockedFields::All, Some(3)), lock(LockedFields::All, Some(1))];
        assert_eq!(allowed(Some(2), &locks).ceiling, ChangeLevel::LongTermValidation);
        assert_eq!(allowed(Some(2), &locks[..1]).ceiling, ChangeLevel::FormFilling);
    }

    #[test]
    fn a_lock_covers_the_named_field_and_its_descendants_only() {
        let permissions = allowed(None, &[lock(LockedFields::Include(vec!["a.b".into()]), None)]);
        assert!(permissions.locks_field("a.b") && permissions.locks_field("a.b.c"));
        assert!(!permissions.locks_field("a.bc") && !permissions.locks_field("a"));
        let permissions = allowed(None, &[lock(LockedFields::Exclude(vec!["a".into()]), None)]);
        assert!(!permissions.locks_field("a") && !permissions.locks_field("a.b"));
        assert!(permissions.locks_field("b"));
    }
}
