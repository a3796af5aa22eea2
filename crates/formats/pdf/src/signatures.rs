//! Signature fields and signature dictionaries (ISO 32000-2, 12.7.5.5 and 12.8.1), with their places in the file.

mod dictionary;

use crate::acroform::{AcroForm, Field, FieldType};
use crate::object::{Dictionary, Name, Object, ObjectId};
use crate::snapshot::{InFile, Placed, Snapshot, without_places};
use crate::strings::text;
use dictionary as signature;
use std::collections::BTreeMap;
use types::{Budget, Cause, Finding, Malformed, Severity, Span, Time};

/// All signature fields of a document, and the permissions of its catalog.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Signatures {
    /// In the order of the field tree.
    pub fields: Vec<SignatureField>,
    /// `Perms` / `DocMDP`: the certification signature (ISO 32000-2, 12.8.6).
    pub doc_mdp: Option<ObjectId>,
    /// `Perms` / `UR3`: the usage rights signature; deprecated in PDF 2.0.
    pub ur3: Option<ObjectId>,
    /// Faults of the form and of the catalog's permissions.
    pub findings: Vec<Finding>,
}

/// A field of type `Sig`.
#[derive(Clone, Debug, PartialEq)]
pub struct SignatureField {
    /// Fully qualified name.
    pub name: String,
    /// The field object.
    pub id: ObjectId,
    /// Its widgets; the field itself when merged.
    pub widgets: Vec<ObjectId>,
    /// The page the first widget says it is on (`P`); see [`Snapshot::page_of_annotation`] where absent.
    pub page: Option<ObjectId>,
    /// `Rect` of the first widget.
    pub rect: Option<[f64; 4]>,
    /// `Lock` (ISO 32000-2, 12.7.5.5).
    pub lock: Option<FieldLock>,
    /// Whether there is a seed value dictionary, `SV`.
    pub seed_value: bool,
    /// The signature, if the field is signed and the dictionary could be read.
    pub value: Option<SignatureDictionary>,
    /// Why there is a value that could not be read as a signature dictionary.
    pub unreadable: Option<Malformed>,
}

/// Which fields are locked, and what else is forbidden from then on (ISO 32000-2, Tables 236 and 259).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldLock {
    /// Which fields.
    pub fields: LockedFields,
    /// `P` of a lock dictionary: 1 no changes, 2 filling and signing, 3 also annotating (PDF 2.0).
    pub permissions: Option<u8>,
}

/// `Action` and `Fields`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LockedFields {
    /// All fields.
    All,
    /// The fields named and their descendants.
    Include(Vec<String>),
    /// All but the fields named.
    Exclude(Vec<String>),
}

/// What the signature dictionary says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureKind {
    /// `Sig`, also when `Type` is absent.
    Signature,
    /// `DocTimeStamp` (ISO 32000-2, 12.8.5).
    DocTimestamp,
}

/// An entry of `Reference` (ISO 32000-2, Table 256).
#[derive(Clone, Debug, PartialEq)]
pub struct SignatureReference {
    /// `TransformMethod`: `DocMDP`, `UR`, `FieldMDP` or `Identity`.
    pub transform_method: Name,
    /// `TransformParams`, resolved.
    pub params: Dictionary,
    /// `DigestMethod`, if given.
    pub digest_method: Option<Name>,
}

/// The byte range as written.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ByteRange {
    /// Offset and length of each part, unchecked.
    pub parts: Vec<(u64, u64)>,
    /// Where the array is, with its brackets; `None` if it has no place in the file of its own.
    pub span: Option<Span>,
}

/// A signature dictionary (ISO 32000-2, Table 255).
#[derive(Clone, Debug, PartialEq)]
pub struct SignatureDictionary {
    /// The dictionary's own object; `None` if it is direct in the field.
    pub id: Option<ObjectId>,
    /// The object `n g obj … endobj`, or the direct dictionary.
    pub span: Span,
    /// `Filter`.
    pub filter: Option<Name>,
    /// `SubFilter`.
    pub sub_filter: Option<Name>,
    /// `Type`.
    pub kind: SignatureKind,
    /// `Contents`: the bytes as they are, with the zero padding, never decrypted.
    pub contents: Vec<u8>,
    /// The `<…>` token of `Contents` including the angle brackets, in the file; `None` if it has no place of its
    /// own (indirect, or in an object stream), which is also a finding.
    pub contents_span: Option<Span>,
    /// `ByteRange`.
    pub byte_range: Option<ByteRange>,
    /// `Name`, as text.
    pub name: Option<String>,
    /// `Reason`, as text.
    pub reason: Option<String>,
    /// `Location`, as text.
    pub location: Option<String>,
    /// `ContactInfo`, as text.
    pub contact_info: Option<String>,
    /// `M` as written.
    pub claimed_time_raw: Option<Vec<u8>>,
    /// `M` as a time, if it is a date (ISO 32000-2, 7.9.4); a claim of the signer's clock.
    pub claimed_time: Option<Time>,
    /// `P` of the DocMDP transform, 1 to 3 (ISO 32000-2, Table 257).
    pub doc_mdp: Option<u8>,
    /// The FieldMDP transform (ISO 32000-2, Table 259).
    pub field_mdp: Option<FieldLock>,
    /// `Reference`.
    pub references: Vec<SignatureReference>,
    /// `Cert` as written, for `adbe.x509.rsa_sha1`: certificates, the signer's first.
    pub certificates: Vec<Vec<u8>>,
    /// Index of the revision that defines it.
    pub revision: usize,
    /// Every entry but `Contents`, of a repeated key the first.
    pub dictionary: Dictionary,
    /// Faults: duplicate keys, a second `Contents`, an indirect `ByteRange`, …
    pub findings: Vec<Finding>,
}

impl Signatures {
    /// One value of several fields: which of them was signed is open (ISO 32000-2, 12.7.5.5).
    fn report_shared(&mut self, fields: &[usize]) {
        let name = |index: Option<&usize>| Some(self.fields.get(*index?)?.name.clone());
        let (Some(first), Some(second)) = (name(fields.first()), name(fields.get(1))) else { return };
        let message = match fields.len() {
            2 => format!("fields {first:?} and {second:?} share one signature"),
            count => format!("fields {first:?}, {second:?} and {} more share one signature", count - 2),
        };
        let finding = Finding::new("pdf.signature.shared", Severity::Error, message);
        for &index in fields {
            if let Some(value) = self.fields.get_mut(index).and_then(|field| field.value.as_mut()) {
                value.findings.push(finding.clone());
            }
        }
        self.findings.push(finding);
    }
}

impl Snapshot<'_, '_> {
    /// All signature fields, signed or not, in the order of the field tree.
    pub fn signatures(&self, budget: &mut Budget) -> Result<Signatures, Malformed> {
        let form = self.acroform(budget)?;
        self.signatures_of(form.as_ref(), budget)
    }

    /// The same for a form that was read already.
    pub(crate) fn signatures_of(
        &self,
        form: Option<&AcroForm>,
        budget: &mut Budget,
    ) -> Result<Signatures, Malformed> {
        let mut signatures = Signatures::default();
        self.catalog_permissions(&mut signatures, budget)?;
        let Some(form) = form else { return Ok(signatures) };
        signatures.findings.extend(form.findings.iter().cloned());
        let mut values = BTreeMap::new();
        let is_signature = |field: &&Field| field.field_type == Some(FieldType::Signature);
        for field in form.fields.iter().filter(is_signature) {
            let field = self.signature_field(field.clone(), budget)?;
            if let Some(id) = field.value.as_ref().and_then(|value| value.id) {
                values.entry(id).or_insert_with(Vec::new).push(signatures.fields.len());
            }
            signatures.fields.push(field);
        }
        for sharing in values.values().filter(|fields| fields.len() > 1) {
            signatures.report_shared(sharing);
        }
        Ok(signatures)
    }

    /// `Perms` of the catalog (ISO 32000-2, Table 263).
    fn catalog_permissions(&self, signatures: &mut Signatures, budget: &mut Budget) -> Result<(), Malformed> {
        let (_, catalog) = self.catalog(budget)?;
        let permissions = self.entry(&catalog, "Perms", budget)?;
        let Some(permissions) = permissions.as_dictionary() else { return Ok(()) };
        for (key, place) in [("DocMDP", &mut signatures.doc_mdp), ("UR3", &mut signatures.ur3)] {
            *place = permissions.get(key).and_then(Object::as_reference);
            if place.is_none() && permissions.get(key).is_some() {
                let message = format!("{key} of the catalog's Perms is not a reference");
                signatures.findings.push(Finding::new("pdf.catalog.perms", Severity::Warning, message));
            }
        }
        Ok(())
    }

    fn signature_field(&self, field: Field, budget: &mut Budget) -> Result<SignatureField, Malformed> {
        let lock = match self.entry(&field.dictionary, "Lock", budget)?.as_dictionary() {
            Some(lock) => self.field_lock(lock, budget)?,
            None => None,
        };
        let seed_value = !matches!(field.dictionary.get("SV"), None | Some(Object::Null));
        let (value, unreadable) = match self.field_value(&field, budget) {
            Ok(value) => (value, None),
            Err(error) if matches!(error.cause, Cause::Budget(_) | Cause::Source(_)) => return Err(error),
            Err(error) => (None, Some(error)),
        };
        let first = field.widgets.first();
        Ok(SignatureField {
            id: field.id,
            page: first.and_then(|widget| widget.page),
            rect: first.and_then(|widget| widget.rect),
            widgets: field.widgets.iter().map(|widget| widget.id).collect(),
            name: field.name,
            lock,
            seed_value,
            value,
            unreadable,
        })
    }

    fn field_value(
        &self,
        field: &Field,
        budget: &mut Budget,
    ) -> Result<Option<SignatureDictionary>, Malformed> {
        match field.value.as_deref() {
            None | Some(Object::Null) => Ok(None),
            Some(Object::Reference(id)) => self.signature_dictionary(*id, budget),
            Some(Object::Dictionary(dictionary)) => {
                let placed = self.direct_value(field, dictionary, budget)?;
                signature::read(self, placed, budget).map(Some)
            }
            Some(_) => {
                let reason = format!("value of signature field {} is not a dictionary", field.id);
                Err(Malformed::syntax(field.span.start, reason, "ISO 32000-2, 12.7.5.5"))
            }
        }
    }

    /// A signature dictionary written inside its field.
    fn direct_value(
        &self,
        field: &Field,
        dictionary: &Dictionary,
        budget: &mut Budget,
    ) -> Result<Placed, Malformed> {
        let own = match field.compressed {
            false => self.placed(field.id, budget)?,
            true => None,
        };
        let value = own.and_then(|own| own.entries.into_iter().find(|entry| entry.key.0 == b"V"));
        match value {
            Some(value) => self.placed_direct(field.id, value.value_span, field.revision, budget),
            None => Ok(Placed {
                id: None,
                owner: field.id,
                entries: without_places(dictionary.clone()),
                span: field.span,
                from: field.revision,
                in_file: InFile::No,
            }),
        }
    }

    /// The signature dictionary `id`, e.g. one that only the catalog's `Perms` refer to; `None` if it is null.
    pub fn signature_dictionary(
        &self,
        id: ObjectId,
        budget: &mut Budget,
    ) -> Result<Option<SignatureDictionary>, Malformed> {
        match self.placed(id, budget)? {
            Some(placed) => signature::read(self, placed, budget).map(Some),
            None => Ok(None),
        }
    }

    /// A lock or FieldMDP dictionary; `None` if it names no known action (ISO 32000-2, Tables 236 and 259).
    pub(crate) fn field_lock(
        &self,
        dictionary: &Dictionary,
        budget: &mut Budget,
    ) -> Result<Option<FieldLock>, Malformed> {
        let mut names = Vec::new();
        for name in self.entry(dictionary, "Fields", budget)?.as_array().unwrap_or_default() {
            names.extend(self.resolve(name, budget)?.as_string().map(text));
        }
        let fields = match self.entry(dictionary, "Action", budget)?.as_name() {
            Some(b"All") => LockedFields::All,
            Some(b"Include") => LockedFields::Include(names),
            Some(b"Exclude") => LockedFields::Exclude(names),
            _ => return Ok(None),
        };
        let permissions = self.entry(dictionary, "P", budget)?.as_integer();
        let permissions =
            permissions.and_then(|value| u8::try_from(value).ok()).filter(|value| (1..=3).contains(value));
        Ok(Some(FieldLock { fields, permissions }))
    }
}
