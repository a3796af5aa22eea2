//! The catalog of a signed document: form, permissions, developer extension.

use crate::object::{Dictionary, Object, ObjectId};
use crate::update::{Holder, Update};
use types::{Budget, Malformed};

/// `SigFlags`: signatures exist, and the file is only to be appended to (ISO 32000-2, Table 225).
const SIGNATURES_EXIST_APPEND_ONLY: i64 = 3;

/// The catalog being changed.
pub(crate) struct Catalog {
    pub(super) id: ObjectId,
    dictionary: Dictionary,
    holder: Holder,
}

impl Catalog {
    pub(crate) fn new(id: ObjectId, dictionary: Dictionary) -> Catalog {
        Catalog { id, dictionary, holder: Holder::Unchanged }
    }

    fn note(&mut self, holder: Holder) {
        if holder == Holder::Changed {
            self.holder = Holder::Changed;
        }
    }

    /// `MarkInfo` / `Marked` (ISO 32000-2, 14.7.1).
    pub(super) fn is_tagged(&self, update: &Update<'_, '_>, budget: &mut Budget) -> Result<bool, Malformed> {
        let info = update.resolve(self.dictionary.get("MarkInfo").unwrap_or(&Object::Null), budget)?;
        let marked = info.as_dictionary().and_then(|info| info.get("Marked")).unwrap_or(&Object::Null);
        Ok(update.resolve(marked, budget)? == Object::Boolean(true))
    }

    /// Writes the catalog if it changed.
    pub(crate) fn finish(self, update: &mut Update<'_, '_>) {
        if self.holder == Holder::Changed {
            update.set(self.id, Object::Dictionary(self.dictionary));
        }
    }

    /// `AcroForm` with `SigFlags`, and the new field if there is one (ISO 32000-2, 12.7.3).
    pub(super) fn form(
        &mut self,
        update: &mut Update<'_, '_>,
        new_field: Option<ObjectId>,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        let (_, form) = update.follow(self.dictionary.get("AcroForm").unwrap_or(&Object::Null), budget)?;
        if form == Object::Null {
            let fields = new_field.map(Object::Reference).into_iter().collect();
            let form = Dictionary::new()
                .with("Fields", Object::Array(fields))
                .with("SigFlags", Object::Integer(SIGNATURES_EXIST_APPEND_ONLY));
            let form = update.add(Object::Dictionary(form));
            self.dictionary.set("AcroForm", Object::Reference(form));
            self.note(Holder::Changed);
            return Ok(());
        }
        if !form_changes(&form, new_field) {
            return Ok(());
        }
        let holder =
            update.edit_dictionary(&mut self.dictionary, "AcroForm", budget, |update, form, budget| {
                let flags = update.resolve(form.get("SigFlags").unwrap_or(&Object::Null), budget)?;
                let flags = flags.as_integer().unwrap_or(0) | SIGNATURES_EXIST_APPEND_ONLY;
                form.set("SigFlags", Object::Integer(flags));
                if let Some(field) = new_field {
                    update
                        .edit_array(form, "Fields", budget, |fields| fields.push(Object::Reference(field)))?;
                }
                Ok(())
            })?;
        self.note(holder);
        Ok(())
    }

    /// `Perms` / `DocMDP` of a certification signature (ISO 32000-2, 12.8.6).
    pub(super) fn certification(
        &mut self,
        update: &mut Update<'_, '_>,
        signature: ObjectId,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        let holder = update.edit_dictionary(&mut self.dictionary, "Perms", budget, |_, permissions, _| {
            permissions.set("DocMDP", Object::Reference(signature));
            Ok(())
        })?;
        self.note(holder);
        Ok(())
    }

    /// `DSS` with these objects at the end of its lists (ISO 32000-2, 12.8.4.3).
    pub(crate) fn security_store(
        &mut self,
        update: &mut Update<'_, '_>,
        lists: &[(&str, Vec<ObjectId>)],
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        if update.follow(self.dictionary.get("DSS").unwrap_or(&Object::Null), budget)?.1 == Object::Null {
            let store = update.add(Object::Dictionary(Dictionary::new().with("Type", Object::name("DSS"))));
            self.dictionary.set("DSS", Object::Reference(store));
            self.note(Holder::Changed);
        }
        let holder =
            update.edit_dictionary(&mut self.dictionary, "DSS", budget, |update, store, budget| {
                for (key, ids) in lists.iter().filter(|(_, ids)| !ids.is_empty()) {
                    let new = ids.iter().copied().map(Object::Reference);
                    update.edit_array(store, key, budget, |list| list.extend(new))?;
                }
                Ok(())
            })?;
        self.note(holder);
        Ok(())
    }

    /// The `ESIC` developer extension below PDF 2.0: level 1 for document timestamps and the security store, 2 for
    /// CAdES signatures (ETSI EN 319 142-1, 5.4.1 and 5.6).
    ///
    /// `BaseVersion` must not be above the document's version (ISO 32000-1, 7.12.2), so an older document becomes
    /// 1.7 by the catalog's `Version`. PDF/A-1 is PDF 1.4 and gets neither.
    pub(crate) fn extension(
        &mut self,
        update: &mut Update<'_, '_>,
        level: i64,
        pdf_a: Option<u8>,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        let version = update.document().version();
        if version >= (2, 0) || pdf_a == Some(1) || self.has_extension(update, level, budget)? {
            return Ok(());
        }
        let holder =
            update.edit_dictionary(&mut self.dictionary, "Extensions", budget, |_, extensions, _| {
                let ours = Dictionary::new()
                    .with("BaseVersion", Object::name("1.7"))
                    .with("ExtensionLevel", Object::Integer(level));
                extensions.set("ESIC", Object::Dictionary(ours));
                Ok(())
            })?;
        self.note(holder);
        if version < (1, 7) {
            self.dictionary.set("Version", Object::name("1.7"));
            self.note(Holder::Changed);
        }
        Ok(())
    }

    /// Whether the document declares `ESIC` of at least this level; several levels may stand in an array.
    fn has_extension(
        &self,
        update: &Update<'_, '_>,
        level: i64,
        budget: &mut Budget,
    ) -> Result<bool, Malformed> {
        let get = |dictionary: &Dictionary, key: &str, budget: &mut Budget| {
            update.resolve(dictionary.get(key).unwrap_or(&Object::Null), budget)
        };
        let extensions = get(&self.dictionary, "Extensions", budget)?;
        let Some(extensions) = extensions.as_dictionary() else {
            return Ok(false);
        };
        let declared = match get(extensions, "ESIC", budget)? {
            Object::Array(several) => several,
            one => vec![one],
        };
        for one in &declared {
            let one = update.resolve(one, budget)?;
            if let Some(dictionary) = one.as_dictionary()
                && get(dictionary, "ExtensionLevel", budget)?.as_integer() >= Some(level)
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Whether a form must be written again: not when the field is there and the flags are set.
fn form_changes(form: &Object, new_field: Option<ObjectId>) -> bool {
    let flags = form.as_dictionary().and_then(|form| form.get("SigFlags")).and_then(Object::as_integer);
    new_field.is_some()
        || flags.is_none_or(|flags| flags & SIGNATURES_EXIST_APPEND_ONLY != SIGNATURES_EXIST_APPEND_ONLY)
}
