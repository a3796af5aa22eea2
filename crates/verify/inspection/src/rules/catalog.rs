//! The trailer, the catalog, its extensions and version.

use crate::comparison::{Comparison, Ruled, Side, Version};
use crate::describe::{done, text};
use crate::role::{Kind, Role, Use, dictionary_of};
use crate::ruling::{ANNOTATION_ADDED, EXTENSIONS, FILE_STRUCTURE, MARKS, Ruling, VERSION};
use pdf::object::{Dictionary, Object, ObjectId};

/// The place of values that are in the trailer.
const TRAILER: ObjectId = ObjectId { number: 0, generation: 0 };

impl Comparison<'_, '_, '_> {
    /// The trailer, or the cross-reference stream's dictionary in its place (ISO 32000-2, Tables 15 and 17).
    pub(crate) fn trailer(&mut self, old: &Dictionary, new: &Dictionary) -> Ruled {
        self.entries(old, new, |this, key, old, new| match key {
            b"Root" => this.part(Use::Contains(Role::of(Kind::Catalog)), (TRAILER, TRAILER), old, new),
            b"Info" if *new != Object::Null => {
                this.part(Use::Contains(Role::of(Kind::Info)), (TRAILER, TRAILER), old, new)
            }
            b"Encrypt" => {
                this.unchanged(old, new, || format!("the encryption dictionary was {}", done(old, new)))
            }
            _ => Ok(Ruling::cleared(FILE_STRUCTURE, "")),
        })
    }

    /// The catalog (ISO 32000-2, Table 29).
    pub(crate) fn catalog(&mut self, old: Version<'_>, new: Version<'_>) -> Ruled {
        let (Object::Dictionary(before), Object::Dictionary(after)) = (old.object, new.object) else {
            return Ok(Ruling::refused("the catalog is not a dictionary any more"));
        };
        self.entries(before, after, |this, key, value, later| match key {
            b"Version" => Ok(version(value, later)),
            b"Type" if later.as_name() == Some(b"Catalog") => Ok(Ruling::cleared(MARKS, "")),
            b"DSS" if *later == Object::Null => this.store_removed(),
            b"Names" if *value == Object::Null => this.names_added(later),
            b"AcroForm" | b"DSS" | b"Metadata" | b"Extensions" | b"StructTreeRoot" => {
                let usage = Role::of(Kind::Catalog).entry(key, new.id);
                this.part(usage, (old.id, new.id), value, later)
            }
            b"Perms" => this.unchanged(value, later, || permissions_words(value, later).into()),
            _ => this.unchanged(value, later, || {
                format!("the catalog's entry {} was {}", text(key), done(value, later))
            }),
        })
    }

    /// A name dictionary that names appearance streams and nothing else (ISO 32000-2, Table 32): nothing shows them by
    /// itself. Editors add it with their first comment.
    fn names_added(&mut self, names: &Object) -> Ruled {
        let resolved = self.resolve(Side::New, names)?.into_owned();
        let appearances_only = match &resolved {
            Object::Dictionary(names) => names.0.iter().all(|(key, _)| key.0 == b"AP"),
            _ => false,
        };
        if !appearances_only {
            return Ok(Ruling::refused(
                "names (attachments, scripts, destinations) were added to the catalog",
            ));
        }
        self.admit(names, ANNOTATION_ADDED)?;
        Ok(Ruling::cleared(ANNOTATION_ADDED, "appearances for annotations were named"))
    }

    /// Extensions may be added and raised (ISO 32000-2, 7.12), not lowered or removed.
    pub(crate) fn extensions(&mut self, old: Version<'_>, new: Version<'_>) -> Ruled {
        let lost = || Ok(Ruling::refused("declared extensions were removed"));
        let Object::Dictionary(after) = new.object else { return lost() };
        let empty = Dictionary::new();
        let before = match old.object {
            Object::Dictionary(before) => before,
            Object::Null => &empty,
            _ => return lost(),
        };
        self.entries(before, after, |this, key, value, later| {
            if key == b"Type" && *later != Object::Null {
                return Ok(Ruling::cleared(MARKS, ""));
            }
            let value = this.resolve(Side::Old, value)?;
            let later = this.resolve(Side::New, later)?;
            Ok(match (value.as_ref(), later.as_ref()) {
                (Object::Null, Object::Dictionary(_) | Object::Array(_)) => {
                    Ruling::cleared(EXTENSIONS, format!("the extension {} was declared", text(key)))
                }
                (Object::Dictionary(value), Object::Dictionary(later)) if raised(value, later) => {
                    Ruling::cleared(EXTENSIONS, format!("the extension {} was raised", text(key)))
                }
                (Object::Array(value), Object::Array(later)) if value.iter().all(|v| later.contains(v)) => {
                    Ruling::cleared(EXTENSIONS, format!("the extension {} was declared", text(key)))
                }
                _ => Ruling::refused(format!("the declared extension {} was lowered or removed", text(key))),
            })
        })
    }
}

/// Whether neither the base version nor the level went down (ISO 32000-2, Table 49).
fn raised(old: &Dictionary, new: &Dictionary) -> bool {
    let level = |extension: &Dictionary| extension.get("ExtensionLevel").and_then(Object::as_integer);
    let base = |extension: &Dictionary| extension.get("BaseVersion").and_then(parse_version);
    level(new) >= level(old) && base(new) >= base(old)
}

/// The version may only go up (ISO 32000-2, Table 29).
fn version(old: &Object, new: &Object) -> Ruling {
    match (parse_version(old), parse_version(new)) {
        (None, Some(_)) if *old == Object::Null => Ruling::cleared(VERSION, "the version was set"),
        (Some(before), Some(after)) if after >= before => Ruling::cleared(VERSION, "the version was raised"),
        _ => Ruling::refused("the version of the document was lowered or removed"),
    }
}

fn parse_version(name: &Object) -> Option<(u8, u8)> {
    let text = std::str::from_utf8(name.as_name()?).ok()?;
    let (major, minor) = text.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// A certification signature has to be the first one (ISO 32000-2, 12.8.2.2.1).
fn permissions_words(old: &Object, new: &Object) -> &'static str {
    match (old, new) {
        (Object::Null, _) => "a certification signature or usage rights were added after the signature",
        (_, Object::Null) => "the certification or the usage rights were removed",
        _ => "the certification or the usage rights were changed",
    }
}

/// The dictionary that a version is.
pub(super) fn dictionary(object: &Object) -> Option<&Dictionary> {
    match object {
        Object::Dictionary(_) => dictionary_of(object),
        _ => None,
    }
}
