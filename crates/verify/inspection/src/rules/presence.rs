//! Where fields show, over what, and whether they show something else than their value.

use super::field::is_large;
use super::form::{is_drawn_by_readers, reference};
use super::paint::FIXED_SIZE;
use crate::comparison::{Comparison, Side};
use crate::ground::{Area, Over, grown};
use crate::judgement::{COVERING_FIELD, FIELD_VISIBILITY, REDRAWN_FIELD};
use crate::role::name_of;
use pdf::object::{Dictionary, Object, ObjectId};
use pdf::strings;
use std::collections::BTreeSet;
use types::{Malformed, Resource};

/// What annotation flags say (ISO 32000-2, Table 167).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// The bits that matter: Invisible, Hidden, Print, NoZoom, NoRotate, NoView, ToggleNoView.
    Flags(i64),
    /// They are no integer, or none of so many bits as all readers keep; readers disagree.
    Unclear,
}

const HIDDEN: i64 = 1 << 1;
const PRINT: i64 = 1 << 2;
const NO_VIEW: i64 = 1 << 5;
const TOGGLE_NO_VIEW: i64 = 1 << 8;
const ALL: i64 = 1 | HIDDEN | PRINT | FIXED_SIZE | NO_VIEW | TOGGLE_NO_VIEW;

impl Presence {
    /// What `F` says, which is no reference.
    pub(super) fn of(flags: &Object) -> Presence {
        match flags {
            Object::Null => Presence::Flags(0),
            Object::Integer(flags @ 0..=0xFFFF) => Presence::Flags(flags & ALL),
            _ => Presence::Unclear,
        }
    }

    /// Whether it shows neither on the screen nor on paper.
    pub(crate) fn is_hidden(self) -> bool {
        let Presence::Flags(flags) = self else { return false };
        flags & HIDDEN != 0 || (flags & NO_VIEW != 0 && flags & (PRINT | TOGGLE_NO_VIEW) == 0)
    }

    /// Where it may show: of fixed size, or not turned with the page, it goes beyond its rectangle.
    pub(crate) fn reach_of(self, rect: Area) -> Area {
        let size = (rect[2] - rect[0]).max(rect[3] - rect[1]);
        match self {
            Presence::Flags(flags) if flags & FIXED_SIZE == 0 => rect,
            _ => grown(rect, size),
        }
    }

    /// Whether it is known to show in the same places as another one.
    pub(crate) fn is_like(self, other: Presence) -> bool {
        self == other && self != Presence::Unclear
    }
}

impl Comparison<'_, '_, '_> {
    /// Where an annotation shows by its flags.
    pub(crate) fn presence(&mut self, side: Side, annotation: &Dictionary) -> Result<Presence, Malformed> {
        let flags = annotation.get("F").unwrap_or(&Object::Null);
        Ok(Presence::of(self.resolve(side, flags)?.as_ref()))
    }

    /// Notes a field that shows in other places, on the screen or on paper, than before.
    pub(super) fn note_presence(
        &mut self,
        name: &str,
        old: &Dictionary,
        new: &Dictionary,
    ) -> Result<(), Malformed> {
        let before = self.presence(Side::Old, old)?;
        if !self.presence(Side::New, new)?.is_like(before) {
            let message = format!("the field {name} was hidden or made to show, on the screen or on paper");
            self.note(FIELD_VISIBILITY, message);
        }
        Ok(())
    }

    /// Notes a field that shows something else, if its value is the same.
    pub(super) fn note_same_value(
        &mut self,
        name: &str,
        old: &Dictionary,
        new: &Dictionary,
    ) -> Result<(), Malformed> {
        let before = self.inherited(Side::Old, old, "V")?;
        let after = self.inherited(Side::New, new, "V")?;
        if self.says_the_same(&before, &after)? {
            self.note_redrawn(name);
        }
        Ok(())
    }

    fn note_redrawn(&mut self, name: &str) {
        self.note(REDRAWN_FIELD, format!("the field {name} shows something else for the same value"));
    }

    /// Notes a field whose appearance state was changed, unless it is that of a button whose value was set to it.
    pub(super) fn note_state(
        &mut self,
        name: &str,
        old: &Dictionary,
        new: &Dictionary,
    ) -> Result<(), Malformed> {
        let before = self.inherited(Side::Old, old, "V")?;
        let after = self.inherited(Side::New, new, "V")?;
        let state = self.resolve(Side::New, new.get("AS").unwrap_or(&Object::Null))?.into_owned();
        let is_button = self.inherited(Side::New, new, "FT")?.as_name() == Some(b"Btn");
        let off = |object: &Object| *object == Object::Null || object.as_name() == Some(b"Off");
        let says_so = state == after
            || (off(&state) && off(&after))
            || (off(&state) && !self.has_state(new, &after)?);
        if !is_button || !says_so || self.says_the_same(&before, &after)? {
            self.note_redrawn(name);
        }
        Ok(())
    }

    /// Whether a widget has an appearance for a state.
    fn has_state(&mut self, widget: &Dictionary, state: &Object) -> Result<bool, Malformed> {
        let appearances = self.entry_dictionary(Side::New, widget, "AP")?;
        let states = self.entry_dictionary(Side::New, &appearances, "N")?;
        Ok(states.0.iter().any(|(key, _)| state.as_name() == Some(&key.0[..])))
    }

    /// Notes the widgets of a field that show over what their pages have.
    pub(super) fn note_grounds(&mut self, name: &str, field: ObjectId) -> Result<(), Malformed> {
        for (id, widget) in self.widgets_of(Side::New, field)? {
            self.note_ground(name, id, &widget)?;
        }
        Ok(())
    }

    /// Notes a widget that shows over what its page has, and one so large that it could cover the page.
    pub(super) fn note_ground(
        &mut self,
        name: &str,
        id: ObjectId,
        widget: &Dictionary,
    ) -> Result<(), Malformed> {
        if is_large(widget) {
            self.note(
                "changes.large-field",
                format!("the field {name} is so large that it can cover the page"),
            );
        }
        if let Some(what) = self.widget_over(id, id, widget)? {
            self.note(COVERING_FIELD, format!("the field {name} shows over {what}"));
        }
        Ok(())
    }

    /// What a widget shows over, if it shows; `near` is the widget or its page.
    pub(super) fn widget_over(
        &mut self,
        near: ObjectId,
        id: ObjectId,
        widget: &Dictionary,
    ) -> Result<Option<String>, Malformed> {
        let presence = self.presence(Side::New, widget)?;
        if presence.is_hidden() {
            return Ok(None);
        }
        match self.rectangle(Side::New, widget.get("Rect"))? {
            Some([left, bottom, right, top]) if left == right || bottom == top => Ok(None),
            Some(rect) => {
                let is_signature = self.inherited(Side::New, widget, "FT")?.as_name() == Some(b"Sig");
                let value = self.inherited(Side::New, widget, "V")?;
                let over = match name_of(&value, "Type") {
                    Some(b"DocTimeStamp") if is_signature => Over::Timestamp,
                    _ if is_signature => Over::Signature,
                    _ => Over::Field,
                };
                self.ground((Some(id), near), presence.reach_of(rect), over)
            }
            None => Ok(Some("a place that is not known".into())),
        }
    }

    /// The widgets of a field after the change: the field itself, or what its kids come down to.
    pub(super) fn widgets_of(
        &mut self,
        side: Side,
        field: ObjectId,
    ) -> Result<Vec<(ObjectId, Dictionary)>, Malformed> {
        let (mut waiting, mut widgets) = (vec![(field, self.budget.depth())], Vec::new());
        let mut met = BTreeSet::new();
        while let Some((id, depth)) = waiting.pop() {
            if !met.insert(id) {
                continue;
            }
            self.budget.spend(Resource::Steps, 1)?;
            let Object::Dictionary(node) = self.get(side, id)? else { continue };
            let kids = self.resolve(side, node.get("Kids").unwrap_or(&Object::Null))?.into_owned();
            if let (Some(deeper), Object::Array(kids)) = (depth.checked_sub(1), &kids) {
                waiting.extend(kids.iter().filter_map(reference).map(|kid| (kid, deeper)));
            }
            if node.get("Rect").is_some() {
                widgets.push((id, node));
            }
        }
        Ok(widgets)
    }

    /// Whether two values of a field say the same, whatever the way of writing.
    pub(super) fn says_the_same(&mut self, old: &Object, new: &Object) -> Result<bool, Malformed> {
        Ok(old == new || self.plain_value(Side::Old, old)? == self.plain_value(Side::New, new)?)
    }

    /// What a value says: texts without white space and what has no width, nothing where there is none.
    pub(super) fn plain_value(&mut self, side: Side, value: &Object) -> Result<Vec<String>, Malformed> {
        let value = self.resolve(side, value)?.into_owned();
        let says_something = |c: &char| {
            !c.is_whitespace()
                && !c.is_control()
                && !matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        };
        let plain = |text: &str| text.chars().filter(says_something).collect::<String>();
        Ok(match &value {
            Object::String(text) => {
                let text = plain(&strings::text(&text.bytes));
                if text.is_empty() { Vec::new() } else { vec![text] }
            }
            Object::Name(name) => vec![plain(&String::from_utf8_lossy(&name.0))],
            Object::Array(parts) => {
                let mut all = Vec::new();
                for part in parts {
                    self.budget.spend(Resource::Steps, 1)?;
                    if let Object::String(text) = self.resolve(side, part)?.as_ref() {
                        all.push(plain(&strings::text(&text.bytes)));
                    }
                }
                all
            }
            Object::Stream(stream) => {
                let view = if side == Side::Old { self.old } else { self.new };
                match view.stream_data(stream, self.budget) {
                    Ok(data) => vec![plain(&strings::text(&data))],
                    Err(error) if crate::reach::stops(&error) => return Err(error),
                    Err(_) => Vec::new(),
                }
            }
            _ => Vec::new(),
        })
    }
}

/// Whether readers show something for a widget.
pub(super) fn shows_something(widget: &Dictionary) -> bool {
    widget.get("AP").is_some() || is_drawn_by_readers(widget)
}
