//! Existing fields: filling them, signing them, and how they show.

use super::form::{action_of, is_visible, reference};
use super::presence::shows_something;
use crate::change::{FieldAction, Visibility};
use crate::comparison::{Comparison, Ruled, Side, Version};
use crate::describe::{done, text};
use crate::role::{Kind, Role, name_of};
use crate::ruling::{ANNOTATION_CHANGED, FIELD_FILLED, FIELD_SIGNED, MARKS, Ruling};
use pdf::object::{Dictionary, Name, Object, ObjectId};
use pdf::strings;
use types::Malformed;

/// `Ff` bit 1: the user may not change the value (ISO 32000-2, Table 227).
const READ_ONLY: i64 = 1;

/// An area in square points from which on a field is large: a quarter of an A4 page.
const LARGE: f64 = 125_000.0;

impl Comparison<'_, '_, '_> {
    /// A field, a group of fields, or the widget of a field.
    pub(crate) fn field(&mut self, old: Version<'_>, new: Version<'_>) -> Ruled {
        let name = self.name_of_field(Side::Old, old.id)?;
        let (Object::Dictionary(before), Object::Dictionary(after)) = (old.object, new.object) else {
            return Ok(Ruling::refused(format!("the field {name} was {}", done(old.object, new.object))));
        };
        let field_type = self.inherited(Side::Old, before, "FT")?;
        if self.inherited(Side::New, after, "FT")? != field_type {
            return Ok(Ruling::refused(format!("the type of field {name} was changed")));
        }
        if field_type.as_name() != Some(b"Sig") {
            return self.value_field(&name, (old.id, before), (new.id, after));
        }
        let was_signed = self.inherited(Side::Old, before, "V")? != Object::Null;
        let is_signed = self.inherited(Side::New, after, "V")? != Object::Null;
        match (was_signed, is_signed) {
            (false, true) => self.field_signed(&name, (old.id, before), (new.id, after)),
            _ => self.field_kept(&name, (old.id, before), (new.id, after)),
        }
    }

    fn value_field(
        &mut self,
        name: &str,
        (old_id, old): (ObjectId, &Dictionary),
        (new_id, new): (ObjectId, &Dictionary),
    ) -> Ruled {
        if !self.is_listed_by_parent(old_id, old)? {
            return Ok(Ruling::refused(decoy(name)));
        }
        let flags = self.inherited(Side::Old, old, "Ff")?.as_integer().unwrap_or(0);
        let is_drawn = self.has_appearance(Side::New, new)?;
        let (mut filled, mut restated, mut reshaped) = (false, false, false);
        let ruling = self.entries(old, new, |this, key, value, later| match key {
            b"V" | b"AP" | b"Kids" => {
                filled |= key != b"Kids";
                this.part(Role::of(Kind::Field).entry(key, new_id), (old_id, new_id), value, later)
            }
            b"AS" | b"DA" | b"Q" | b"F" | b"I" | b"TI" | b"RV" | b"DS" => {
                filled = true;
                restated |= key == b"AS";
                reshaped |= matches!(key, b"RV" | b"DS" | b"I" | b"TI" | b"DA" | b"Q");
                if key == b"F" {
                    this.note_presence(name, old, new)?;
                }
                this.admit(later, FIELD_FILLED)?;
                Ok(Ruling::cleared(FIELD_FILLED, format!("the field {name} was filled in")))
            }
            b"Ff" | b"M" if is_mark(key, value, later) => {
                Ok(Ruling::cleared(MARKS, format!("marks of field {name} were changed")))
            }
            b"Type" if later.as_name() == Some(b"Annot") => Ok(Ruling::cleared(MARKS, "")),
            b"BS" | b"Border" if is_drawn => {
                filled = true;
                Ok(Ruling::cleared(FIELD_FILLED, format!("the field {name} was redrawn")))
            }
            b"MK" if is_drawn && is_redecorated(value, later) => {
                filled = true;
                Ok(Ruling::cleared(FIELD_FILLED, format!("the field {name} was redrawn")))
            }
            _ => this.unchanged(value, later, || other_entry(name, key, value, later)),
        })?;
        if filled {
            if flags & READ_ONLY != 0 {
                self.note("changes.read-only-field", format!("the read-only field {name} was changed"));
            }
            if restated {
                self.note_state(name, old, new)?;
            }
            if reshaped {
                self.note_same_value(name, old, new)?;
            }
            self.note_grounds(name, new_id)?;
            self.field_change(name.into(), FieldAction::Filled, None);
        }
        Ok(ruling)
    }

    fn is_listed(&mut self, id: ObjectId) -> Result<bool, Malformed> {
        match self.get(Side::Old, id)? {
            Object::Dictionary(field) => self.is_listed_by_parent(id, &field),
            _ => Ok(true),
        }
    }

    /// Whether the parent that a field names, if any, is the one that it belongs to: its name depends on that.
    fn is_listed_by_parent(&mut self, id: ObjectId, field: &Dictionary) -> Result<bool, Malformed> {
        let Some(parent) = field.get("Parent") else { return Ok(true) };
        let parent = self.resolve(Side::Old, parent)?.into_owned();
        let kids =
            parent.as_dictionary().and_then(|parent| parent.get("Kids")).cloned().unwrap_or(Object::Null);
        let kids = self.resolve(Side::Old, &kids)?.into_owned();
        Ok(kids.as_array().is_some_and(|kids| kids.iter().any(|kid| reference(kid) == Some(id))))
    }

    /// A signature field that stays as it is: signed already, or still empty.
    fn field_kept(
        &mut self,
        name: &str,
        (old_id, old): (ObjectId, &Dictionary),
        (new_id, new): (ObjectId, &Dictionary),
    ) -> Ruled {
        self.entries(old, new, |this, key, value, later| match key {
            b"V" => this.unchanged(value, later, || match later {
                Object::Null => format!("the signature was taken out of field {name}"),
                _ => format!("the signature in field {name} was exchanged"),
            }),
            b"AP" | b"Kids" => {
                this.part(Role::of(Kind::Field).entry(key, new_id), (old_id, new_id), value, later)
            }
            b"Ff" | b"M" if is_mark(key, value, later) => {
                Ok(Ruling::cleared(MARKS, format!("marks of field {name} were changed")))
            }
            b"Type" if later.as_name() == Some(b"Annot") => Ok(Ruling::cleared(MARKS, "")),
            _ => this.unchanged(value, later, || other_entry(name, key, value, later)),
        })
    }

    /// A signature put into a field that was there and empty.
    fn field_signed(
        &mut self,
        name: &str,
        (old_id, old): (ObjectId, &Dictionary),
        (new_id, new): (ObjectId, &Dictionary),
    ) -> Ruled {
        let shows = is_visible(new) || self.draws_without_area(new)?;
        let visibility = if shows { Visibility::Visible } else { Visibility::Invisible };
        let mut signature = None;
        let ruling = self.entries(old, new, |this, key, value, later| match key {
            b"V" => Ok(match this.new_signature(later)? {
                Ok(kind) => {
                    signature = Some(kind);
                    let (_, rule) = action_of(signature, visibility, FIELD_SIGNED);
                    this.admit(later, rule)?;
                    Ruling::cleared(rule, format!("the field {name} was signed"))
                }
                Err(why) => Ruling::refused(format!("the signature field {name} {why}")),
            }),
            b"AP" | b"Kids" => {
                this.part(Role::of(Kind::Field).entry(key, new_id), (old_id, new_id), value, later)
            }
            b"AS" | b"F" | b"DA" | b"Q" | b"MK" | b"Lock"
                if *value == Object::Null || !matches!(key, b"Lock") =>
            {
                this.admit(later, FIELD_SIGNED)?;
                Ok(Ruling::cleared(FIELD_SIGNED, format!("the field {name} was signed")))
            }
            b"Ff" | b"M" if is_mark(key, value, later) => Ok(Ruling::cleared(MARKS, "")),
            b"Type" if later.as_name() == Some(b"Annot") => Ok(Ruling::cleared(MARKS, "")),
            _ => this.unchanged(value, later, || other_entry(name, key, value, later)),
        })?;
        if let Some(kind) = signature {
            let (action, _) = action_of(Some(kind), visibility, FIELD_SIGNED);
            for (id, widget) in self.widgets_of(Side::New, new_id)? {
                // Without these, readers draw nothing.
                if shows_something(&widget) {
                    self.note_ground(name, id, &widget)?;
                }
            }
            self.field_change(name.into(), action, None);
        }
        Ok(ruling)
    }

    /// The value of a field: text, names and lists of them. A signature dictionary never changes.
    pub(crate) fn field_value(&mut self, owner: ObjectId, old: Version<'_>, new: Version<'_>) -> Ruled {
        let name = self.name_of_field(Side::New, owner)?;
        if matches!(old.object, Object::Dictionary(_)) || matches!(new.object, Object::Dictionary(_)) {
            return self.unchanged(old.object, new.object, || {
                format!("the signature dictionary of field {name} was {}", done(old.object, new.object))
            });
        }
        if !self.is_listed(owner)? {
            return Ok(Ruling::refused(decoy(&name)));
        }
        let words = format!("the field {name} was filled in");
        self.note_grounds(&name, owner)?;
        self.field_change(name, FieldAction::Filled, None);
        Ok(Ruling::Cleared(FIELD_FILLED, words))
    }

    /// An appearance dictionary, an appearance stream, or a dictionary of them by state (ISO 32000-2, 12.5.5).
    pub(crate) fn appearance(&mut self, role: Role, old: Version<'_>, new: Version<'_>) -> Ruled {
        let owner = role.owner.unwrap_or(new.id);
        match (old.object, new.object) {
            (_, Object::Dictionary(after))
                if role.kind == Kind::AppearanceDictionary || !is_plain(old.object) =>
            {
                let empty = Dictionary::new();
                let before = super::catalog::dictionary(old.object).unwrap_or(&empty);
                self.entries(before, after, |this, key, value, later| {
                    let usage = role.entry(key, new.id);
                    this.part(usage, (old.id, new.id), value, later)
                })
            }
            (Object::Null | Object::Stream(_) | Object::Dictionary(_), Object::Stream(_))
                if role.kind == Kind::AppearanceState
                    && matches!(name_of(new.object, "Subtype"), None | Some(b"Form")) =>
            {
                self.shown_differently(owner, old.object, new.object)
            }
            (_, Object::Null) => self.shown_differently(owner, old.object, new.object),
            (before, after) => {
                self.unchanged(before, after, || "an appearance is not what an appearance can be".into())
            }
        }
    }

    /// The ruling for an appearance of `owner` that was redrawn.
    fn shown_differently(&mut self, owner: ObjectId, old: &Object, new: &Object) -> Ruled {
        let unchanged = self.unchanged(old, new, String::new)?;
        if matches!(unchanged, Ruling::Cleared(..)) {
            return Ok(unchanged);
        }
        let (before, after) = (self.get(Side::Old, owner)?, self.get(Side::New, owner)?);
        let (Object::Dictionary(before), Object::Dictionary(after)) = (&before, &after) else {
            return Ok(Ruling::refused("the appearance of something that is not an annotation was changed"));
        };
        if !self.reach.plays(owner, Kind::Field) {
            if let Some(kind) = super::annotation::masks(before) {
                return Ok(Ruling::refused(format!(
                    "a {kind} that was there when it was signed was redrawn"
                )));
            }
            if self.imitates(new)? {
                self.covering(owner, "an annotation was redrawn with text or pictures".into());
            }
            let repainted = self.repainted(owner, before, after)?;
            return Ok(Ruling::cleared(ANNOTATION_CHANGED, "an annotation was redrawn").and(repainted));
        }
        let name = self.name_of_field(Side::Old, owner)?;
        if !self.is_listed_by_parent(owner, before)? {
            return Ok(Ruling::refused(decoy(&name)));
        }
        if self.inherited(Side::Old, before, "FT")?.as_name() != Some(b"Sig") {
            self.note_same_value(&name, before, after)?;
            self.field_change(name.clone(), FieldAction::Filled, None);
            self.note_ground(&name, owner, after)?;
            return Ok(Ruling::cleared(FIELD_FILLED, format!("the field {name} was redrawn")));
        }
        let was_signed = self.inherited(Side::Old, before, "V")? != Object::Null;
        let is_signed = self.inherited(Side::New, after, "V")? != Object::Null;
        Ok(match (was_signed, is_signed) {
            (true, _) => Ruling::refused(format!("what the signed field {name} shows was changed")),
            (false, true) => {
                self.note_ground(&name, owner, after)?;
                Ruling::cleared(FIELD_SIGNED, format!("the field {name} was signed"))
            }
            (false, false) => {
                Ruling::refused(format!("what the empty signature field {name} shows was changed"))
            }
        })
    }

    /// An entry of a field, own or inherited (ISO 32000-2, 12.7.4.1).
    pub(crate) fn inherited(
        &mut self,
        side: Side,
        field: &Dictionary,
        key: &str,
    ) -> Result<Object, Malformed> {
        let mut node = Some(field.clone());
        for _ in 0..self.budget.depth() {
            let Some(field) = node else { break };
            if let Some(value) = field.get(key) {
                return Ok(self.resolve(side, value)?.into_owned());
            }
            node = match field.get("Parent") {
                Some(parent) => match self.resolve(side, parent)?.into_owned() {
                    Object::Dictionary(parent) => Some(parent),
                    _ => None,
                },
                None => None,
            };
        }
        Ok(Object::Null)
    }

    /// The fully qualified name of a field or of the field that a widget shows (ISO 32000-2, 12.7.4.2).
    pub(crate) fn name_of_field(&mut self, side: Side, id: ObjectId) -> Result<String, Malformed> {
        let mut parts = Vec::new();
        let mut next = Some(id);
        for _ in 0..self.budget.depth() {
            let Some(id) = next else { break };
            let Object::Dictionary(field) = self.get(side, id)? else { break };
            let partial = self.resolve(side, field.get("T").unwrap_or(&Object::Null))?;
            if let Object::String(name) = partial.as_ref() {
                parts.push(strings::text(&name.bytes));
            }
            next = field.get("Parent").and_then(reference);
        }
        parts.reverse();
        Ok(if parts.is_empty() { format!("of object {id}") } else { parts.join(".") })
    }
}

/// Whether a widget that shows is so large that it could cover the page.
pub(super) fn is_large(widget: &Dictionary) -> bool {
    let Some(Object::Array(rect)) = widget.get("Rect") else { return false };
    let sides: Vec<f64> = rect.iter().filter_map(Object::as_number).collect();
    let [left, bottom, right, top] = sides[..] else { return false };
    is_visible(widget) && ((right - left) * (top - bottom)).abs() > LARGE
}

/// Whether the value can neither be an appearance nor be absent.
fn is_plain(object: &Object) -> bool {
    !matches!(object, Object::Null | Object::Stream(_) | Object::Dictionary(_))
}

/// Whether a flag or a date changed that says nothing of how a field is drawn.
fn is_mark(key: &[u8], old: &Object, new: &Object) -> bool {
    /// ReadOnly, Required and NoExport (ISO 32000-2, Table 227).
    const UNSEEN: i64 = 0b111;
    match key {
        b"Ff" => {
            let before = if *old == Object::Null { Some(0) } else { old.as_integer() };
            let after = if *new == Object::Null { Some(0) } else { new.as_integer() };
            matches!((before, after), (Some(before), Some(after)) if (before ^ after) & !UNSEEN == 0)
        }
        _ => matches!(new, Object::String(_) | Object::Null),
    }
}

/// Whether of what readers need to draw a field by themselves, where it has no appearance, only colours and the caption
/// differ (ISO 32000-2, Table 192: BC, BG, CA).
fn is_redecorated(old: &Object, new: &Object) -> bool {
    let of_shape = |marks: &Object| match marks {
        Object::Dictionary(marks) => {
            let decoration = |key: &Name| matches!(key.0.as_slice(), b"BC" | b"BG" | b"CA");
            Some(marks.0.iter().filter(|(key, _)| !decoration(key)).cloned().collect::<Vec<_>>())
        }
        Object::Null => Some(Vec::new()),
        _ => None,
    };
    of_shape(old).is_some_and(|old| of_shape(new) == Some(old))
}

fn decoy(name: &str) -> String {
    format!("the field {name} names a parent that does not list it")
}

fn other_entry(name: &str, key: &[u8], old: &Object, new: &Object) -> String {
    format!("{} of field {name} was {}", text(key), done(old, new))
}
