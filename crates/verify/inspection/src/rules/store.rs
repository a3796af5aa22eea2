//! The document security store: validation data may be added, and dropped where it became irrelevant.

use crate::comparison::{Comparison, Ruled, Side, Version};
use crate::describe::{refusal, text};
use crate::role::{Kind, Role};
use crate::ruling::{MARKS, Ruling, SECURITY_STORE};
use pdf::Snapshot;
use pdf::object::{Dictionary, Name, Object};
use types::Malformed;

impl Comparison<'_, '_, '_> {
    /// `DSS` (ISO 32000-2, Table 261).
    pub(crate) fn security_store(&mut self, old: Version<'_>, new: Version<'_>) -> Ruled {
        self.grown(old, new, "the document security store", |key| {
            matches!(key, b"Certs" | b"OCSPs" | b"CRLs" | b"VRI")
        })
    }

    /// One entry of `VRI` (ISO 32000-2, Table 262).
    pub(crate) fn vri_entry(&mut self, old: Version<'_>, new: Version<'_>) -> Ruled {
        self.grown(old, new, "validation information of a signature", |key| {
            matches!(key, b"Cert" | b"OCSP" | b"CRL" | b"TS" | b"TU")
        })
    }

    fn grown(
        &mut self,
        old: Version<'_>,
        new: Version<'_>,
        what: &str,
        known: impl Fn(&[u8]) -> bool,
    ) -> Ruled {
        let Object::Dictionary(after) = new.object else {
            return Ok(Ruling::refused(format!("{what} was removed or is not a dictionary")));
        };
        let empty = Dictionary::new();
        let before = super::catalog::dictionary(old.object).unwrap_or(&empty);
        let odd =
            |(key, value): &&(Name, Object)| *value == Object::Null || (key.0 != b"Type" && !known(&key.0));
        if let Some((key, _)) = after.0.iter().find(odd) {
            return Ok(Ruling::refused(format!("{what} got an entry {} that it cannot have", text(&key.0))));
        }
        let kind = if what.starts_with("the document") { Kind::SecurityStore } else { Kind::VriEntry };
        let ruling = self.entries(before, after, |this, key, value, later| match key {
            b"Type" if !matches!(later, Object::Reference(_)) => Ok(Ruling::cleared(MARKS, "")),
            b"VRI" if *later == Object::Null => {
                this.drop_validation_data("the validation information was removed".into(), |this, view| {
                    Ok(this.store_at(view)?.is_some_and(|store| store.get("VRI").is_some()))
                })?;
                Ok(Ruling::cleared(SECURITY_STORE, "the validation information was removed"))
            }
            _ if *later == Object::Null => {
                let what = format!("{} of {what} was removed", text(key));
                this.note("changes.validation-data-dropped", what.clone());
                Ok(Ruling::Cleared(SECURITY_STORE, what))
            }
            _ => this.part(Role::of(kind).entry(key, new.id), (old.id, new.id), value, later),
        })?;
        Ok(match ruling {
            Ruling::Same if *old.object == Object::Null => {
                Ruling::cleared(SECURITY_STORE, format!("{what} was added"))
            }
            ruling => ruling,
        })
    }

    /// `VRI`: entries by the digest of a signature; none may go.
    pub(crate) fn vri(&mut self, old: Version<'_>, new: Version<'_>) -> Ruled {
        let Object::Dictionary(after) = new.object else {
            return Ok(Ruling::refused("the validation information of signatures is not a dictionary"));
        };
        let empty = Dictionary::new();
        let before = super::catalog::dictionary(old.object).unwrap_or(&empty);
        let odd = |(key, value): &&(Name, Object)| {
            key.0 != b"Type" && (*value == Object::Null || !is_digest(&key.0))
        };
        if let Some((key, _)) = after.0.iter().find(odd) {
            let key = text(&key.0);
            return Ok(Ruling::refused(format!(
                "validation information has an entry {key} that it cannot have"
            )));
        }
        self.entries(before, after, |this, key, value, later| {
            if key == b"Type" && !matches!(later, Object::Reference(_)) {
                return Ok(Ruling::cleared(MARKS, ""));
            }
            if *later == Object::Null {
                let what = format!("validation information {} was removed", text(key));
                let key = key.to_vec();
                this.drop_validation_data(what.clone(), |this, view| this.has_information(view, &key))?;
                return Ok(Ruling::cleared(SECURITY_STORE, what));
            }
            let usage = Role::of(Kind::Vri).entry(key, new.id);
            this.part(usage, (old.id, new.id), value, later)
        })
    }

    /// The catalog's `DSS` as a view has it.
    fn store_at(&mut self, view: Snapshot<'_, '_>) -> Result<Option<Dictionary>, Malformed> {
        let (_, catalog) = view.catalog(self.budget)?;
        let Some(store) = catalog.get("DSS") else { return Ok(None) };
        Ok(match view.resolve(store, self.budget)?.into_owned() {
            Object::Dictionary(store) => Some(store),
            _ => None,
        })
    }

    fn has_information(&mut self, view: Snapshot<'_, '_>, key: &[u8]) -> Result<bool, Malformed> {
        let Some(store) = self.store_at(view)? else { return Ok(false) };
        let Some(entries) = store.get("VRI") else { return Ok(false) };
        Ok(match view.resolve(entries, self.budget)?.as_ref() {
            Object::Dictionary(entries) => entries.0.iter().any(|(name, _)| name.0 == key),
            _ => false,
        })
    }

    /// The whole store went away.
    pub(super) fn store_removed(&mut self) -> Ruled {
        let what = "the document security store was removed";
        self.drop_validation_data(what.into(), |this, view| Ok(this.store_at(view)?.is_some()))?;
        Ok(Ruling::cleared(SECURITY_STORE, what))
    }

    /// A list of streams, or one of the streams. The streams themselves never change in place.
    pub(crate) fn security_items(&mut self, old: Version<'_>, new: Version<'_>) -> Ruled {
        match (old.object, new.object) {
            (Object::Array(_) | Object::Null, Object::Array(after)) => {
                for item in after {
                    let is_reference = matches!(item, Object::Reference(_));
                    if !is_reference || !matches!(*self.resolve(Side::New, item)?, Object::Stream(_)) {
                        return Ok(Ruling::refused("validation data holds something that is not a stream"));
                    }
                }
                Ok(Ruling::cleared(SECURITY_STORE, "validation data was added"))
            }
            (Object::Null, Object::Stream(_) | Object::String(_)) => {
                Ok(Ruling::cleared(SECURITY_STORE, "validation data was added"))
            }
            (Object::String(_), Object::String(_)) => {
                Ok(Ruling::cleared(SECURITY_STORE, "the time of validation data was updated"))
            }
            (Object::Stream(_), Object::Null) => {
                self.note("changes.validation-data-dropped", "validation data was removed".into());
                Ok(Ruling::cleared(SECURITY_STORE, "validation data was removed"))
            }
            (before, after) => self.unchanged(before, after, || refusal(Kind::SecurityItem, before, after)),
        }
    }
}

/// SHA-1 of the signature in upper-case hexadecimal (ETSI EN 319 142-1, 5.4.2.3); some writers take a longer digest.
fn is_digest(key: &[u8]) -> bool {
    matches!(key.len(), 40 | 64 | 96 | 128)
        && key.iter().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(byte))
}
