//! The field that takes the signature: found or newly named.

use super::{FieldChoice, Placement, SignatureRequest, SigningRefusal};
use crate::acroform::{AcroForm, Field};
use crate::signatures::{FieldLock, SignatureField, Signatures};
use std::collections::BTreeSet;
use types::{Finding, Severity};

/// `Ff`: read only (ISO 32000-2, Table 227).
const READ_ONLY: i64 = 1;

/// The field decided on.
pub(super) enum Target<'f> {
    /// A new one of this name at the top of the field tree.
    New(String),
    /// An empty one of the document.
    Existing { field: &'f Field, signature: &'f SignatureField },
}

impl Target<'_> {
    pub(super) fn name(&self) -> &str {
        match self {
            Target::New(name) => name,
            Target::Existing { field, .. } => &field.name,
        }
    }

    /// The lock that takes effect with the signature: the field's own, or the request's where it has none.
    pub(super) fn lock(&self, request: &SignatureRequest) -> Result<Option<FieldLock>, SigningRefusal> {
        let Target::Existing { field, signature } = self else {
            return Ok(request.lock.clone());
        };
        match (&signature.lock, &request.lock) {
            (None, wanted) => Ok(wanted.clone()),
            (Some(own), None) => Ok(Some(own.clone())),
            (Some(own), Some(wanted)) if own == wanted => Ok(Some(own.clone())),
            (Some(_), Some(_)) => {
                let reason = format!("the field {} has a lock of its own", field.name);
                let refusal = SigningRefusal::new("pdf.sign.lock", reason, "leave the lock to the field");
                Err(refusal.at(field.span.start))
            }
        }
    }
}

/// Decides on the field.
pub(super) fn choose<'f>(
    form: Option<&'f AcroForm>,
    signatures: &'f Signatures,
    request: &SignatureRequest,
    findings: &mut Vec<Finding>,
) -> Result<Target<'f>, SigningRefusal> {
    match &request.field {
        FieldChoice::New { name: Some(name) } => new_named(form, name),
        FieldChoice::New { name: None } => Ok(Target::New(free_name(form))),
        FieldChoice::Existing(name) => existing(form, signatures, name),
        FieldChoice::Auto => auto(form, signatures, request, findings),
    }
}

fn auto<'f>(
    form: Option<&'f AcroForm>,
    signatures: &'f Signatures,
    request: &SignatureRequest,
    findings: &mut Vec<Finding>,
) -> Result<Target<'f>, SigningRefusal> {
    if matches!(request.placement, Placement::Rect { .. } | Placement::AtText { .. }) {
        return Ok(Target::New(free_name(form)));
    }
    let empty: Vec<&SignatureField> = signatures.fields.iter().filter(|field| is_empty(field)).collect();
    match empty.as_slice() {
        [] => Ok(Target::New(free_name(form))),
        [only] => existing(form, signatures, &only.name),
        several => {
            let names: Vec<&str> = several.iter().take(10).map(|field| field.name.as_str()).collect();
            let message = format!(
                "the document has {} empty signature fields ({}); the signature goes into a new one",
                several.len(),
                names.join(", ")
            );
            let finding = Finding::new("pdf.sign.fields-left-empty", Severity::Warning, message);
            findings.push(finding.hint("name the field to sign one of them"));
            Ok(Target::New(free_name(form)))
        }
    }
}

fn is_empty(field: &SignatureField) -> bool {
    field.value.is_none() && field.unreadable.is_none()
}

fn existing<'f>(
    form: Option<&'f AcroForm>,
    signatures: &'f Signatures,
    name: &str,
) -> Result<Target<'f>, SigningRefusal> {
    let fields = form.map_or(&[][..], |form| &form.fields);
    let fields: Vec<&Field> = fields.iter().filter(|field| field.name == name).collect();
    let field = match fields.as_slice() {
        [field] => *field,
        [] => {
            let reason = format!("there is no field {name}");
            return Err(SigningRefusal::new("pdf.sign.field-missing", reason, hint_of_empty(signatures)));
        }
        [first, ..] => {
            let reason = format!("the name {name} stands for several fields");
            let refusal = SigningRefusal::new("pdf.sign.field-ambiguous", reason, "sign another field");
            return Err(refusal.at(first.span.start));
        }
    };
    let Some(signature) = signatures.fields.iter().find(|signature| signature.id == field.id) else {
        let reason = format!("the field {name} is not a signature field");
        let refusal = SigningRefusal::new("pdf.sign.field-type", reason, hint_of_empty(signatures));
        return Err(refusal.at(field.span.start));
    };
    if !is_empty(signature) {
        let reason = format!("the field {name} is signed already");
        let refusal = SigningRefusal::new("pdf.sign.field-signed", reason, "sign in another or a new field");
        return Err(refusal.at(field.span.start));
    }
    if field.flags & READ_ONLY != 0 {
        let reason = format!("the field {name} is read only");
        let refusal =
            SigningRefusal::new("pdf.sign.field-read-only", reason, "sign in another or a new field");
        return Err(refusal.at(field.span.start));
    }
    Ok(Target::Existing { field, signature })
}

fn hint_of_empty(signatures: &Signatures) -> String {
    let names: Vec<&str> =
        signatures.fields.iter().filter(|f| is_empty(f)).take(10).map(|f| f.name.as_str()).collect();
    match names.is_empty() {
        true => "the document has no empty signature field; sign in a new one".into(),
        false => format!("empty signature fields: {}", names.join(", ")),
    }
}

/// Names at the top of the field tree.
fn top_names(form: Option<&AcroForm>) -> BTreeSet<&str> {
    let fields = form.map(|form| form.fields.iter()).into_iter().flatten();
    fields.filter_map(|field| field.name.split('.').next()).collect()
}

fn new_named<'f>(form: Option<&AcroForm>, name: &str) -> Result<Target<'f>, SigningRefusal> {
    if name.is_empty() || name.contains('.') || name.chars().any(char::is_control) {
        let reason = format!("{name:?} cannot be the name of a new field");
        let hint = "give a name without periods and control characters (ISO 32000-2, 12.7.4.2)";
        return Err(SigningRefusal::new("pdf.sign.field-name", reason, hint));
    }
    if top_names(form).contains(name) {
        let reason = format!("there is a field {name} already");
        return Err(SigningRefusal::new(
            "pdf.sign.field-exists",
            reason,
            "sign the existing field or give another name",
        ));
    }
    Ok(Target::New(name.to_owned()))
}

/// The first of `Signature1`, `Signature2`, … that no field has.
fn free_name(form: Option<&AcroForm>) -> String {
    let names = top_names(form);
    let mut number = 1_u64;
    loop {
        let name = format!("Signature{number}");
        if !names.contains(name.as_str()) {
            return name;
        }
        number += 1;
    }
}
