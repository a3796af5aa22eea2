//! The document security store: validation data may be added, and dropped where it became irrelevant.

use crate::comparison::{Comparison, Ruled, Side, Version};
use crate::describe::{refusal, text};
use crate::role::{Kind, Role};
use crate::ruling::{MARKS, Ruling, SECURITY_STORE};
use pdf::object::{Dictionary, Object};

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
        let kind = if what.starts_with("the document") { Kind::SecurityStore } else { Kind::VriEntry };
        let ruling = self.entries(before, after, |this, key, value, later| match key {
            b"Type" if later.as_name().is_some() => Ok(Ruling::cleared(MARKS, "")),
            _ if *later == Object::Null => {
                Ok(Ruling::refused(format!("{} of {what} was removed", text(key))))
            }
            b"TU" if matches!(later, Object::String(_)) => Ok(Ruling::cleared(SECURITY_STORE, "")),
            _ if known(key) => this.part(Role::of(kind).entry(key, new.id), (old.id, new.id), value, later),
            _ => Ok(Ruling::refused(format!("{what} got an entry {} that it cannot have", text(key)))),
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
        self.entries(before, after, |this, key, value, later| {
            if key == b"Type" && later.as_name().is_some() {
                return Ok(Ruling::cleared(MARKS, ""));
            }
            if *later == Object::Null {
                return Ok(Ruling::refused(format!("validation information {} was removed", text(key))));
            }
            if !is_digest(key) {
                return Ok(Ruling::refused(format!("validation information has the key {}", text(key))));
            }
            let usage = Role::of(Kind::Vri).entry(key, new.id);
            this.part(usage, (old.id, new.id), value, later)
        })
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
            (Object::Null, Object::Stream(_)) => {
                Ok(Ruling::cleared(SECURITY_STORE, "validation data was added"))
            }
            (before, after) => self.unchanged(before, after, || refusal(Kind::SecurityItem, before, after)),
        }
    }
}

/// SHA-1 of the signature in upper-case hexadecimal (ETSI EN 319 142-1, 5.4.2.3).
fn is_digest(key: &[u8]) -> bool {
    key.len() == 40 && key.iter().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(byte))
}
