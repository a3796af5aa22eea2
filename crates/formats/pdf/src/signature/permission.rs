//! What the document and its earlier signatures allow (ISO 32000-2, 7.6.4.2, 12.8.2 and 12.8.6).
//!
//! The rules, where the standard leaves room, are those that keep earlier signatures good in every validator tried:
//!
//! | in force | signing an existing field | new invisible field | new visible field |
//! |---|---|---|---|
//! | nothing | yes | yes | yes |
//! | DocMDP 1, or a lock with P 1 | no | no | no |
//! | DocMDP 2 | yes | yes | no: a new annotation on a page is permitted from 3 on |
//! | DocMDP 3 | yes | yes | no: the standard permits annotations, but validators object to new form fields |
//! | FieldMDP that locks the name | no | no | no |
//!
//! Document timestamps are never a change in this sense (ISO 32000-2, Table 257).

use super::{SignatureRequest, SigningRefusal, SubFilter};
use crate::document::Document;
use crate::encryption::Access;
use crate::signatures::{FieldLock, LockedFields, SignatureField, Signatures};
use types::{Finding, Severity};

/// How the signature changes the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// An existing field gets a value.
    Fill,
    /// A new field that shows nothing.
    NewInvisible,
    /// A new field that shows something on a page.
    NewVisible,
}

/// Refuses what an encrypted document's permissions forbid; the owner may do all (ISO 32000-2, Table 22).
pub(super) fn check_encryption(document: &Document<'_>, change: Change) -> Result<(), SigningRefusal> {
    let Some(encryption) = document.encryption() else {
        return Ok(());
    };
    if encryption.access == Access::Owner {
        return Ok(());
    }
    let granted = |bit: u32| encryption.permissions & (1 << (bit - 1)) != 0;
    let allowed = match change {
        Change::Fill => granted(6) || granted(9),
        Change::NewInvisible | Change::NewVisible => granted(4) && granted(6),
    };
    if allowed {
        return Ok(());
    }
    let reason = match change {
        Change::Fill => "the document's permissions forbid filling in form fields",
        _ => "the document's permissions forbid adding form fields",
    };
    Err(SigningRefusal::new("pdf.sign.permission", reason, "open it with the owner's password"))
}

/// Refuses what certification and locks of earlier signatures forbid.
pub(super) fn check_signatures(
    signatures: &Signatures,
    request: &SignatureRequest,
    name: &str,
    change: Change,
    findings: &mut Vec<Finding>,
) -> Result<(), SigningRefusal> {
    usage_rights(signatures, findings);
    check_certification(signatures, request)?;
    check_perms(signatures)?;
    if request.sub_filter == SubFilter::EtsiRfc3161 && change != Change::NewVisible {
        return Ok(());
    }
    if let Some((level, at)) = level_in_force(signatures) {
        check_level(level, at, change)?;
    }
    for (field, lock) in locks_in_force(signatures) {
        if locks(lock, name) {
            let reason = format!("the field {name} is locked by the signature in {}", field.name);
            let hint = match change {
                Change::Fill => "sign another field; a new signature here would break the earlier one",
                _ => {
                    "give the new field a name that the lock excludes, or sign an existing field it leaves open"
                }
            };
            return Err(SigningRefusal::new("pdf.sign.field-locked", reason, hint).at(place(field)));
        }
    }
    Ok(())
}

fn usage_rights(signatures: &Signatures, findings: &mut Vec<Finding>) {
    if signatures.ur3.is_some() {
        let message = "the document has usage rights (UR3), which a signature by another program ends";
        let finding = Finding::new("pdf.sign.usage-rights", Severity::Warning, message);
        findings.push(finding.hint("some viewers will report the change; the text is not affected"));
    }
}

/// The certification that `Perms` names must be the value of a field, or its level cannot be known.
fn check_perms(signatures: &Signatures) -> Result<(), SigningRefusal> {
    let Some(certification) = signatures.doc_mdp else {
        return Ok(());
    };
    let values = signatures.fields.iter().filter_map(|field| field.value.as_ref()?.id);
    if values.into_iter().any(|id| id == certification) {
        return Ok(());
    }
    let reason = format!("the certification signature (object {certification}) is not the value of a field");
    let hint = "what the certification allows cannot be known; have the document made anew";
    Err(SigningRefusal::new("pdf.sign.certification-unknown", reason, hint))
}

/// A document is certified once and first (ISO 32000-2, 12.8.2.2.1).
fn check_certification(signatures: &Signatures, request: &SignatureRequest) -> Result<(), SigningRefusal> {
    if request.certification.is_none() {
        return Ok(());
    }
    if request.sub_filter == SubFilter::EtsiRfc3161 {
        let reason = "a document timestamp cannot certify";
        return Err(SigningRefusal::new("pdf.sign.certification", reason, "certify with a signature"));
    }
    let signed = signatures.fields.iter().find(|field| field.value.is_some() || field.unreadable.is_some());
    match signed {
        None if signatures.doc_mdp.is_none() => Ok(()),
        None => Err(SigningRefusal::new(
            "pdf.sign.certification",
            "the document names a certification signature already",
            "add an approval signature",
        )),
        Some(field) => {
            let reason = format!(
                "the document is signed already (field {}), only the first signature can certify",
                field.name
            );
            let refusal = SigningRefusal::new("pdf.sign.certification", reason, "add an approval signature");
            Err(refusal.at(place(field)))
        }
    }
}

/// The strictest level that a certification or a lock of a signed field sets, and where.
fn level_in_force(signatures: &Signatures) -> Option<(u8, Option<u64>)> {
    let certification = signatures.fields.iter().filter_map(|field| {
        let value = field.value.as_ref()?;
        let level = value.doc_mdp?;
        Some((level, Some(value.span.start)))
    });
    let lock = signatures.fields.iter().filter_map(|field| {
        let value = field.value.as_ref()?;
        let level = field.lock.as_ref()?.permissions?;
        Some((level, Some(value.span.start)))
    });
    certification.chain(lock).min_by_key(|(level, _)| *level)
}

fn check_level(level: u8, at: Option<u64>, change: Change) -> Result<(), SigningRefusal> {
    match (level, change) {
        (0 | 1, _) => {
            let reason = "the document is certified or locked so that no changes are allowed";
            let hint = "sign a copy from before the certification";
            Err(SigningRefusal::new("pdf.sign.certified-no-changes", reason, hint).at(at))
        }
        (_, Change::NewVisible) => {
            let reason = "the document is certified, a new visible field would break that";
            let hint = "sign invisibly or in an existing signature field";
            Err(SigningRefusal::new("pdf.sign.certified-new-visible-field", reason, hint).at(at))
        }
        _ => Ok(()),
    }
}

/// FieldMDP transforms of earlier signatures; a field's own lock counts once it is signed.
fn locks_in_force(signatures: &Signatures) -> impl Iterator<Item = (&SignatureField, &FieldLock)> {
    signatures.fields.iter().filter_map(|field| {
        let value = field.value.as_ref()?;
        Some((field, value.field_mdp.as_ref().or(field.lock.as_ref())?))
    })
}

/// Whether a lock holds for a field of this name or an ancestor of it (ISO 32000-2, Table 259).
pub(super) fn locks(lock: &FieldLock, name: &str) -> bool {
    let names = |list: &[String]| {
        list.iter().any(|other| {
            name.strip_prefix(other.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    };
    match &lock.fields {
        LockedFields::All => true,
        LockedFields::Include(included) => names(included),
        LockedFields::Exclude(excluded) => !names(excluded),
    }
}

/// Where a field's signature is.
fn place(field: &SignatureField) -> Option<u64> {
    match (&field.value, &field.unreadable) {
        (Some(value), _) => Some(value.span.start),
        (None, Some(malformed)) => malformed.at,
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(fields: LockedFields) -> FieldLock {
        FieldLock { fields, permissions: None }
    }

    #[test]
    fn a_lock_holds_for_named_fields_and_their_descendants() {
        let include = lock(LockedFields::Include(vec!["a.b".into()]));
        assert!(locks(&include, "a.b") && locks(&include, "a.b.c"));
        assert!(!locks(&include, "a.bc") && !locks(&include, "a"));
        let exclude = lock(LockedFields::Exclude(vec!["a".into()]));
        assert!(!locks(&exclude, "a.x") && locks(&exclude, "b"));
        assert!(locks(&lock(LockedFields::All), "anything"));
    }
}
