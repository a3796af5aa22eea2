//! Pages: everything about them stays, except that annotations may be listed.

use crate::comparison::{Comparison, Ruled, Side, Version};
use crate::describe::{done, text};
use crate::judgement::COVERING_FIELD;
use crate::role::{Kind, Role};
use crate::ruling::{ANNOTATION_CHANGED, ANNOTATION_REMOVED, MARKS, Ruling, TAB_ORDER};
use pdf::object::{Object, ObjectId};
use std::collections::BTreeSet;
use types::{Malformed, Resource};

impl Comparison<'_, '_, '_> {
    /// A page or a node of the page tree (ISO 32000-2, Tables 30 and 31).
    pub(crate) fn page_node(&mut self, old: Version<'_>, new: Version<'_>) -> Ruled {
        let (Object::Dictionary(before), Object::Dictionary(after)) = (old.object, new.object) else {
            return Ok(Ruling::refused(format!("a page was {}", done(old.object, new.object))));
        };
        let is_node = before.get("Kids").is_some() || after.get("Kids").is_some();
        self.entries(before, after, |this, key, value, later| match key {
            b"Annots" if !is_node => {
                let usage = Role::of(Kind::PageNode).entry(key, new.id);
                this.part(usage, (old.id, new.id), value, later)
            }
            b"Tabs" if !is_node && (later.as_name().is_some() || *later == Object::Null) => {
                Ok(Ruling::cleared(TAB_ORDER, "the order of visiting annotations was changed"))
            }
            b"Type" if *value == Object::Null && later.as_name() == Some(b"Page") && !is_node => {
                Ok(Ruling::cleared(MARKS, ""))
            }
            _ if is_node => this.unchanged(value, later, || {
                format!("the list of pages or what pages inherit was changed: {}", text(key))
            }),
            _ => this.unchanged(value, later, || page_words(key, value, later)),
        })
    }

    /// The annotations of a page.
    pub(crate) fn annotations(&mut self, page: ObjectId, old: Version<'_>, new: Version<'_>) -> Ruled {
        let empty = Vec::new();
        let before = list(old.object, &empty);
        let after = list(new.object, &empty);
        let (Some(before), Some(after)) = (before, after) else {
            return Ok(Ruling::refused("the annotations of a page are not a list"));
        };
        self.budget.spend(Resource::Steps, (before.len() as u64).saturating_add(after.len() as u64))?;
        // Writers append; what is appended and new cannot be in the list already.
        let appended = after.get(..before.len()) == Some(before.as_slice());
        let (before, after) = match appended {
            true => (&[][..], &after[before.len()..]),
            false => (before.as_slice(), after.as_slice()),
        };
        let known: BTreeSet<ObjectId> = before.iter().filter_map(super::form::reference).collect();
        let listed: BTreeSet<ObjectId> = after.iter().filter_map(super::form::reference).collect();
        let mut ruling = self.direct_annotations(page, before, after)?;
        for &id in listed.difference(&known) {
            ruling = ruling.and(match self.new_widgets.get(&id) {
                Some(rule) => {
                    let rule = *rule;
                    self.signature_over_text(page, id)?;
                    Ruling::cleared(rule, "a page shows a new signature field")
                }
                None => self.annotation_added(page, id)?,
            });
        }
        for &id in known.difference(&listed) {
            ruling = ruling.and(self.annotation_removed(page, id)?);
        }
        if !is_in_same_order(before, after) {
            // What comes later is drawn over what comes before.
            self.covering(page, "the order in which annotations are drawn was changed".into());
            ruling = ruling.and(Ruling::cleared(ANNOTATION_CHANGED, "the order of annotations was changed"));
        }
        Ok(ruling)
    }

    /// Notes a new signature field that shows over what the page has.
    fn signature_over_text(&mut self, page: ObjectId, id: ObjectId) -> Result<(), Malformed> {
        let Object::Dictionary(widget) = self.get(Side::New, id)? else { return Ok(()) };
        if !super::presence::shows_something(&widget) {
            return Ok(());
        }
        if let Some(what) = self.widget_over(page, id, &widget)? {
            self.note(COVERING_FIELD, format!("a new signature shows over {what}"));
        }
        Ok(())
    }

    /// Annotations written into the list itself: those that were there stay, others are added.
    fn direct_annotations(&mut self, page: ObjectId, before: &[Object], after: &[Object]) -> Ruled {
        let direct = |list: &[Object]| -> Vec<Object> {
            list.iter().filter(|item| !matches!(item, Object::Reference(_) | Object::Null)).cloned().collect()
        };
        let (before, after) = (direct(before), direct(after));
        if before == after {
            return Ok(Ruling::Same);
        }
        self.budget.spend(Resource::Steps, (before.len() as u64).saturating_mul(after.len() as u64))?;
        if before.iter().any(|item| !after.contains(item)) {
            return Ok(Ruling::refused("an annotation was changed or removed"));
        }
        let mut ruling = Ruling::Same;
        for item in after.iter().filter(|item| !before.contains(item)) {
            ruling = ruling.and(self.annotation_fits(None, page, item)?);
        }
        Ok(ruling)
    }

    fn annotation_removed(&mut self, page: ObjectId, id: ObjectId) -> Ruled {
        let object = self.get(Side::Old, id)?;
        Ok(match &object {
            Object::Null => Ruling::Same,
            Object::Dictionary(annotation)
                if annotation.get("Subtype").and_then(Object::as_name) == Some(b"Widget")
                    || annotation.get("FT").is_some() =>
            {
                let name = self.name_of_field(Side::Old, id)?;
                Ruling::refused(format!("the field {name} was removed from its page"))
            }
            Object::Dictionary(annotation) => self.taken_off(id, page, annotation)?,
            _ => Ruling::cleared(ANNOTATION_REMOVED, "an annotation was removed"),
        })
    }
}

fn list<'o>(object: &'o Object, empty: &'o Vec<Object>) -> Option<&'o Vec<Object>> {
    match object {
        Object::Array(list) => Some(list),
        Object::Null => Some(empty),
        _ => None,
    }
}

/// Whether what is listed before and after comes in the same order and as often, which is that of drawing (ISO 32000-2,
/// 12.5.2).
fn is_in_same_order(before: &[Object], after: &[Object]) -> bool {
    let ids =
        |list: &[Object]| -> BTreeSet<ObjectId> { list.iter().filter_map(super::form::reference).collect() };
    let (known, listed) = (ids(before), ids(after));
    let stays = |item: &&Object, in_other: &BTreeSet<ObjectId>, other: &[Object]| match item {
        Object::Reference(id) => in_other.contains(id),
        Object::Null => false,
        direct => other.contains(direct),
    };
    let kept = before.iter().filter(|item| stays(item, &listed, after));
    kept.eq(after.iter().filter(|item| stays(item, &known, before)))
}

fn page_words(key: &[u8], old: &Object, new: &Object) -> String {
    let done = done(old, new);
    match key {
        b"Contents" => format!("the content of the page was {done}"),
        b"Resources" => format!("the fonts, images or other resources of the page were {done}"),
        b"MediaBox" | b"CropBox" | b"Rotate" | b"UserUnit" => {
            format!("the size or the orientation of the page was {done}")
        }
        b"AA" => format!("an action of the page was {done}"),
        _ => format!("the page's entry {} was {done}", text(key)),
    }
}
