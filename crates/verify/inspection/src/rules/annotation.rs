//! Annotations: which ones may be added or changed, and which ones could hide what the page says.

use super::form::has_effects;
use super::paint::Placed;
use crate::change::Covering;
use crate::comparison::{Comparison, Ruled, Side, Version};
use crate::describe::{done, text};
use crate::reach::stops;
use crate::role::{Kind, Role};
use crate::ruling::{ANNOTATION_ADDED, ANNOTATION_CHANGED, ANNOTATION_REMOVED, Ruling};
use pdf::content::operations;
use pdf::object::{Dictionary, Object, ObjectId, Stream};
use std::collections::BTreeSet;
use types::{Malformed, Resource};

/// What kind of annotation could be mistaken for content of the page or cover it, in words; `None` for those that
/// cannot. Certified documents that allow annotations are forged with these ("evil annotation").
pub(crate) fn masks(annotation: &Dictionary) -> Option<&'static str> {
    Some(match annotation.get("Subtype").and_then(Object::as_name) {
        Some(b"FreeText") => "free text annotation",
        Some(b"Stamp") => "stamp",
        Some(b"Redact") => "redaction",
        Some(b"Watermark") => "watermark",
        Some(b"Widget") => "widget that belongs to no field of the form",
        Some(b"Screen" | b"Movie" | b"3D" | b"RichMedia") => "multimedia annotation",
        Some(b"Square" | b"Circle" | b"Polygon") if annotation.get("IC").is_some() => "filled shape",
        Some(b"Line") if annotation.get("Cap").is_some_and(|cap| *cap != Object::Boolean(false)) => {
            "line with a caption"
        }
        Some(
            b"Text" | b"Link" | b"Line" | b"Square" | b"Circle" | b"Polygon" | b"PolyLine" | b"Highlight"
            | b"Underline" | b"Squiggly" | b"StrikeOut" | b"Caret" | b"Ink" | b"Popup" | b"FileAttachment"
            | b"Sound",
        ) => return None,
        _ => "annotation of unknown kind",
    })
}

/// Entries of an annotation that do not change what it paints, unless it is free text, which does not change at all.
const SAYS_NOTHING_OF_PAINT: [&[u8]; 15] = [
    b"AP",
    b"M",
    b"Contents",
    b"RC",
    b"T",
    b"Subj",
    b"NM",
    b"CreationDate",
    b"Popup",
    b"IRT",
    b"RT",
    b"State",
    b"StateModel",
    b"P",
    b"StructParent",
];

impl Comparison<'_, '_, '_> {
    /// An existing annotation.
    pub(crate) fn annotation(&mut self, old: Version<'_>, new: Version<'_>) -> Ruled {
        if self.reach.plays(old.id, Kind::Field) {
            return Ok(Ruling::Same);
        }
        let (before, after) = match (old.object, new.object) {
            (Object::Null, after) => return self.annotation_fits(Some(old.id), old.id, after),
            (Object::Dictionary(before), Object::Null) => return self.taken_off(old.id, old.id, before),
            (Object::Dictionary(before), Object::Dictionary(after)) => (before, after),
            (before, after) => {
                return Ok(Ruling::refused(format!("an annotation was {}", done(before, after))));
            }
        };
        if let Some(kind) = masks(before).or(masks(after)) {
            return self.unchanged(old.object, new.object, || {
                format!("a {kind} that was there when it was signed was changed")
            });
        }
        let mut paints_otherwise = false;
        let ruling = self.entries(before, after, |this, key, value, later| match key {
            b"AP" => this.part(Role::of(Kind::Annotation).entry(key, new.id), (old.id, new.id), value, later),
            b"A" | b"AA" | b"OC" | b"Subtype" | b"Type" | b"FT" | b"Kids" | b"Dest" | b"FS" | b"Sound" => {
                this.unchanged(value, later, || {
                    format!("{} of an annotation was {}", text(key), done(value, later))
                })
            }
            _ => {
                paints_otherwise |= !SAYS_NOTHING_OF_PAINT.contains(&key);
                this.admit(later, ANNOTATION_CHANGED)?;
                Ok(Ruling::cleared(ANNOTATION_CHANGED, "an annotation was changed"))
            }
        })?;
        // A changed appearance was looked at where it is.
        if !paints_otherwise || !matches!(&ruling, Ruling::Cleared(rule, _) if *rule == ANNOTATION_CHANGED) {
            return Ok(ruling);
        }
        Ok(ruling.and(self.repainted(old.id, before, after)?))
    }

    /// The ruling for an annotation that paints otherwise than before: what it covered when it was signed may not come to
    /// light.
    pub(super) fn repainted(&mut self, id: ObjectId, before: &Dictionary, after: &Dictionary) -> Ruled {
        let was = Placed { id: Some(id), near: id, annotation: before };
        if self.covered(was)? {
            return Ok(Ruling::refused(
                "an annotation that painted over the page was changed (shadow attack: hide)",
            ));
        }
        let now = Placed { annotation: after, ..was };
        let is_hidden = self.presence(Side::New, after)?.is_hidden();
        if !is_hidden && self.imitates(after.get("AP").unwrap_or(&Object::Null))? {
            self.covering(id, "an annotation was changed that draws text or pictures".into());
        } else if self.hides_content(now)? {
            self.covering(id, "an annotation was changed so that it paints over the page".into());
        }
        Ok(Ruling::Same)
    }

    /// The ruling for an annotation that its page does not show any more; `near` is the annotation or its page. What could
    /// have covered content, or been taken for it, may not go: the reader would see something else than the signer.
    pub(super) fn taken_off(&mut self, id: ObjectId, near: ObjectId, annotation: &Dictionary) -> Ruled {
        if let Some(kind) = masks(annotation) {
            return Ok(Ruling::refused(format!("a {kind} was taken off the page (shadow attack: hide)")));
        }
        if self.covered(Placed { id: Some(id), near, annotation })? {
            return Ok(Ruling::refused(
                "an annotation that painted over the page was taken off (shadow attack: hide)",
            ));
        }
        Ok(Ruling::cleared(ANNOTATION_REMOVED, "an annotation was removed"))
    }

    /// An annotation that a page lists and did not list before.
    pub(super) fn annotation_added(&mut self, page: ObjectId, id: ObjectId) -> Ruled {
        let object = self.get(Side::New, id)?;
        if object == Object::Null {
            return Ok(Ruling::Same);
        }
        if !self.is_fresh(id) {
            return Ok(Ruling::refused(format!(
                "object {id}, which the file held before, was put on the page (shadow attack: hidden content shown)"
            )));
        }
        self.annotation_fits(Some(id), page, &object)
    }

    /// Records an annotation that could cover or imitate content; `near` is the annotation or its page.
    pub(super) fn covering(&mut self, near: ObjectId, what: String) {
        let page = self.reach.record(near).and_then(|record| record.page);
        self.note(
            "changes.covering-annotation",
            format!("{what}; it can cover or imitate what the page says"),
        );
        self.coverings.push(Covering { page, what });
    }

    /// Whether an object may be a new annotation; one that can pass for content of the page is recorded as such.
    pub(super) fn annotation_fits(&mut self, id: Option<ObjectId>, near: ObjectId, object: &Object) -> Ruled {
        let Object::Dictionary(annotation) = object else {
            return Ok(Ruling::refused("something that is not an annotation was put on the page"));
        };
        if annotation.get("Subtype").and_then(Object::as_name).is_none() {
            return Ok(Ruling::refused("something that is not an annotation was put on the page"));
        }
        if annotation.get("Subtype").and_then(Object::as_name) == Some(b"Widget") {
            return Ok(Ruling::refused("a widget that belongs to no field of the form was put on the page"));
        }
        if let Some(kind) = masks(annotation) {
            self.covering(near, format!("a {kind} was put on the page"));
        } else if self.imitates(annotation.get("AP").unwrap_or(&Object::Null))? {
            self.covering(near, "an annotation that draws text or pictures was put on the page".into());
        } else if self.hides_content(Placed { id, near, annotation })? {
            self.covering(near, "an annotation that paints over what the page says was put on it".into());
        } else if !matches!(annotation.get("Subtype").and_then(Object::as_name), Some(b"Popup" | b"Link")) {
            let page =
                self.pages_of(near)?.first().map_or(String::new(), |page| format!("page {}: ", page + 1));
            let message = format!("{page}what an annotation draws was not there when it was signed");
            self.note("changes.annotation-added", message);
        }
        if !self.is_plain_link(annotation)? && has_effects(annotation) {
            return Ok(Ruling::refused("an annotation with an action was put on the page"));
        }
        Ok(Ruling::cleared(ANNOTATION_ADDED, "an annotation was put on the page"))
    }

    /// Whether an appearance draws text or pictures, or has fonts or images to do so: whatever its annotation says it is, a
    /// reader sees text.
    pub(super) fn imitates(&mut self, appearance: &Object) -> Result<bool, Malformed> {
        let (mut waiting, mut met) = (vec![appearance.clone()], BTreeSet::new());
        while let Some(object) = waiting.pop() {
            self.budget.spend(Resource::Steps, 1)?;
            match &object {
                Object::Reference(id) if met.insert(*id) => waiting.push(self.get(Side::New, *id)?),
                Object::Array(elements) => waiting.extend(elements.iter().cloned()),
                Object::Dictionary(dictionary) | Object::Stream(Stream { dictionary, .. }) => {
                    let is_image = dictionary.get("Subtype").and_then(Object::as_name) == Some(b"Image");
                    if is_image || dictionary.get("Font").is_some() || self.shows_text(&object)? {
                        return Ok(true);
                    }
                    waiting.extend(dictionary.0.iter().map(|(_, value)| value.clone()));
                }
                _ => {}
            }
        }
        Ok(false)
    }

    /// Whether a stream of drawing operators has some for text, which readers may set in the fonts of the page, for inline
    /// images or for shadings; also if that cannot be told.
    fn shows_text(&mut self, object: &Object) -> Result<bool, Malformed> {
        let Object::Stream(stream) = object else { return Ok(false) };
        // Functions and colour profiles draw nothing.
        if ["FunctionType", "N", "ShadingType"].iter().any(|key| stream.dictionary.get(key).is_some()) {
            return Ok(false);
        }
        let content =
            self.new.stream_data(stream, self.budget).and_then(|data| operations(&data, self.budget));
        match content {
            Ok(content) => Ok(content.iter().any(|operation| {
                matches!(operation.operator.as_slice(), b"Tj" | b"TJ" | b"'" | b"\"" | b"BI" | b"sh")
            })),
            Err(error) if stops(&error) => Err(error),
            Err(_) => Ok(true),
        }
    }

    /// A link to a place in the document or to an address, which a reader follows only when asked (ISO 32000-2, 12.6.4).
    fn is_plain_link(&mut self, annotation: &Dictionary) -> Result<bool, Malformed> {
        if annotation.get("Subtype").and_then(Object::as_name) != Some(b"Link")
            || annotation.get("AA").or(annotation.get("OC")).is_some()
        {
            return Ok(false);
        }
        let action = self.resolve(Side::New, annotation.get("A").unwrap_or(&Object::Null))?;
        Ok(match action.as_ref() {
            Object::Null => true,
            Object::Dictionary(action) => {
                let kind = action.get("S").and_then(Object::as_name);
                matches!(kind, Some(b"URI" | b"GoTo")) && action.get("Next").is_none()
            }
            _ => false,
        })
    }
}
