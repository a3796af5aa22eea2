//! The interactive form: its dictionary, its list of fields, and signature fields added to it.

use super::field::is_large;
use super::presence::Presence;
use crate::change::{FieldAction, Rule, Visibility};
use crate::comparison::{Comparison, Ruled, Side, Version};
use crate::describe::{describe, done, text};
use crate::judgement::{CHANGED_DEFAULTS, NEED_APPEARANCES};
use crate::reach::stops;
use crate::role::{Kind, Role};
use crate::ruling::{DOCUMENT_TIMESTAMP, FIELD_ADDED, FORM_DEFAULTS, MARKS, Ruling, SIGNATURE_FLAGS};
use pdf::object::{Dictionary, Name, Object, ObjectId};
use pdf::signatures::SignatureKind;
use pdf::strings;
use std::collections::BTreeSet;
use types::{Malformed, Resource};

impl Comparison<'_, '_, '_> {
    /// The interactive form dictionary (ISO 32000-2, Table 224).
    pub(crate) fn form(&mut self, old: Version<'_>, new: Version<'_>) -> Ruled {
        let Object::Dictionary(after) = new.object else {
            return Ok(Ruling::refused("the interactive form was removed"));
        };
        let empty = Dictionary::new();
        let before = match old.object {
            Object::Dictionary(before) => before,
            Object::Null => &empty,
            _ => return Ok(Ruling::refused("the interactive form took the place of another object")),
        };
        self.entries(before, after, |this, key, value, later| match key {
            b"Fields" | b"DR" => {
                this.part(Role::of(Kind::Form).entry(key, new.id), (old.id, new.id), value, later)
            }
            b"SigFlags" => Ok(signature_flags(value, later)),
            b"DA" | b"Q" | b"NeedAppearances" if !is_container(later) => {
                match key {
                    b"NeedAppearances" if *later == Object::Boolean(true) => {
                        let message = "readers are told to draw all fields anew from their values";
                        this.note(NEED_APPEARANCES, message.into());
                    }
                    b"NeedAppearances" if !matches!(value, Object::Null | Object::Boolean(false)) => {
                        let message =
                            "readers were told to draw all fields from their values, and no longer are";
                        this.note(NEED_APPEARANCES, message.into());
                    }
                    b"NeedAppearances" => {}
                    _ => this.note_drawn_by_defaults()?,
                }
                Ok(Ruling::cleared(FORM_DEFAULTS, "defaults of the form were changed"))
            }
            b"Type" if later.as_name().is_some() => Ok(Ruling::cleared(MARKS, "")),
            b"XFA" => this.unchanged(value, later, || format!("the XFA form was {}", done(value, later))),
            _ => this.unchanged(value, later, || {
                format!("the form's entry {} was {}", text(key), done(value, later))
            }),
        })
    }

    /// Default resources for filling fields: entries may be added.
    pub(crate) fn form_resources(&mut self, kind: Kind, old: Version<'_>, new: Version<'_>) -> Ruled {
        let words = "default resources of the form were added";
        match (old.object, new.object) {
            (Object::Null, after) => {
                let brings = |(key, _): &(Name, Object)| kind != Kind::FormResources || draws_fields(&key.0);
                if super::catalog::dictionary(after).is_none_or(|after| after.0.iter().any(brings)) {
                    self.note_drawn_by_defaults()?;
                }
                Ok(Ruling::cleared(FORM_DEFAULTS, words))
            }
            (Object::Dictionary(before), Object::Dictionary(after)) => {
                self.entries(before, after, |this, key, value, later| {
                    // A signature's own form XObject, which nothing but its appearance uses, may take the name of another.
                    if *value == Object::Null || (kind == Kind::FormResources && key == b"XObject") {
                        if kind != Kind::FormResources || draws_fields(key) {
                            this.note_drawn_by_defaults()?;
                        }
                        return Ok(Ruling::cleared(FORM_DEFAULTS, words));
                    }
                    this.part(Role::of(kind).entry(key, new.id), (old.id, new.id), value, later)
                })
            }
            (before, after) => self.unchanged(before, after, || {
                format!("the default resources of the form were {}", done(before, after))
            }),
        }
    }

    /// Notes it if there is a field with a value and without an appearance, which readers draw by the defaults of the form.
    fn note_drawn_by_defaults(&mut self) -> Result<(), Malformed> {
        let catalog = match self.old.catalog(self.budget) {
            Ok((_, catalog)) => catalog,
            Err(error) if stops(&error) => return Err(error),
            Err(_) => return Ok(()),
        };
        let form = self.entry_dictionary(Side::Old, &catalog, "AcroForm")?;
        let fields = self.resolve(Side::Old, form.get("Fields").unwrap_or(&Object::Null))?.into_owned();
        for field in fields.as_array().unwrap_or_default().iter().filter_map(reference) {
            for (_, widget) in self.widgets_of(Side::Old, field)? {
                let appearance = self.entry_dictionary(Side::Old, &widget, "AP")?;
                let value = self.inherited(Side::Old, &widget, "V")?;
                if appearance.get("N").is_none()
                    && !self.plain_value(Side::Old, &value)?.is_empty()
                    && self.inherited(Side::Old, &widget, "FT")?.as_name() != Some(b"Sig")
                {
                    let message =
                        "defaults were changed by which readers draw fields that have no appearance";
                    self.note(CHANGED_DEFAULTS, message.into());
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// The list of root fields.
    pub(crate) fn form_fields(&mut self, old: Version<'_>, new: Version<'_>) -> Ruled {
        let Object::Array(after) = new.object else {
            return Ok(Ruling::refused("the form has no list of fields any more"));
        };
        match old.object {
            Object::Array(before) => self.field_list(before, after),
            Object::Null => self.field_list(&[], after),
            _ => Ok(Ruling::refused("the list of fields took the place of another object")),
        }
    }

    /// The children of a field stay: fields are added at the root of the form only.
    pub(crate) fn field_kids(&mut self, owner: ObjectId, old: Version<'_>, new: Version<'_>) -> Ruled {
        let name = self.name_of_field(Side::New, owner)?;
        self.unchanged(old.object, new.object, || {
            format!("the list of what belongs to field {name} was changed")
        })
    }

    fn field_list(&mut self, before: &[Object], after: &[Object]) -> Ruled {
        self.budget.spend(Resource::Steps, (before.len() as u64).saturating_add(after.len() as u64))?;
        // Writers append; what is appended and new cannot be in the list already.
        let appended = after.get(..before.len()) == Some(before);
        let (kept, after) = if appended { (&[][..], &after[before.len()..]) } else { (before, after) };
        let known: BTreeSet<ObjectId> = kept.iter().filter_map(reference).collect();
        let mut listed = BTreeSet::new();
        let mut ruling = Ruling::Same;
        for field in after {
            let Some(id) = reference(field) else {
                return Ok(Ruling::refused("the list of fields holds something that is not a reference"));
            };
            if !listed.insert(id) && !known.contains(&id) {
                ruling = ruling.and(Ruling::refused("a new field is listed twice"));
            } else if !known.contains(&id) {
                ruling = ruling.and(self.new_field(id, None, before, self.budget.depth())?);
            }
        }
        for &id in known.difference(&listed) {
            if self.get(Side::Old, id)? != Object::Null {
                let name = self.name_of_field(Side::Old, id)?;
                ruling = ruling.and(Ruling::refused(format!("the field {name} was removed from the form")));
            }
        }
        Ok(ruling)
    }

    /// A field added to the form: a signature field, or a group of such.
    fn new_field(
        &mut self,
        id: ObjectId,
        parent: Option<ObjectId>,
        siblings: &[Object],
        depth: u32,
    ) -> Ruled {
        let Some(deeper) = depth.checked_sub(1) else {
            return Ok(Ruling::refused("fields are nested too deeply"));
        };
        if !self.is_fresh(id) {
            return Ok(Ruling::refused(format!(
                "object {id}, which the file held before, was made a form field"
            )));
        }
        let object = self.get(Side::New, id)?;
        let Object::Dictionary(field) = &object else {
            return Ok(Ruling::refused("something that is not a dictionary was added as a form field"));
        };
        let name = self.name_of_field(Side::New, id)?;
        if reference(field.get("Parent").unwrap_or(&Object::Null)) != parent {
            return Ok(Ruling::refused(format!("the new field {name} names a parent that does not list it")));
        }
        if self.is_name_taken(id, field, parent, siblings)? {
            return Ok(Ruling::refused(format!("a second field with the name {name} was added")));
        }
        let field_type = self.inherited(Side::New, field, "FT")?;
        if field_type.as_name() == Some(b"Sig") {
            return self.new_signature_field(id, field, name);
        }
        match field.get("Kids") {
            Some(Object::Array(kids)) if field_type == Object::Null && !kids.is_empty() => {
                let mut ruling = Ruling::Same;
                for kid in kids {
                    let Some(kid) = reference(kid) else {
                        return Ok(Ruling::refused(format!(
                            "the new field {name} has a part that is no reference"
                        )));
                    };
                    ruling = ruling.and(self.new_field(kid, Some(id), &[], deeper)?);
                }
                Ok(ruling)
            }
            _ => Ok(Ruling::refused(format!("{} was added: the field {name}", describe(&object)))),
        }
    }

    /// Whether a sibling has the partial name already; ISO 32000-2, 12.7.4.2 asks for distinct names.
    fn is_name_taken(
        &mut self,
        id: ObjectId,
        field: &Dictionary,
        parent: Option<ObjectId>,
        siblings: &[Object],
    ) -> Result<bool, Malformed> {
        let own = match self.resolve(Side::New, field.get("T").unwrap_or(&Object::Null))?.as_ref() {
            Object::String(name) => strings::text(&name.bytes),
            _ => return Ok(true),
        };
        let known = if parent.is_none() { self.memory.root_names.take() } else { None };
        let mut names = match known {
            Some(names) => names,
            None => {
                let mut names = BTreeSet::new();
                for sibling in siblings.iter().filter_map(reference).filter(|sibling| *sibling != id) {
                    if let Object::Dictionary(sibling) = self.get(Side::Old, sibling)?
                        && let Some(Object::String(name)) = sibling.get("T")
                    {
                        names.insert(strings::text(&name.bytes));
                    }
                }
                names
            }
        };
        let taken = own.is_empty() || !names.insert(own);
        if parent.is_none() {
            self.memory.root_names = Some(names);
        }
        Ok(taken)
    }

    fn new_signature_field(&mut self, id: ObjectId, field: &Dictionary, name: String) -> Ruled {
        let mut widgets = Vec::new();
        match self.resolve(Side::New, field.get("Kids").unwrap_or(&Object::Null))?.into_owned() {
            Object::Null => widgets.push((id, field.clone())),
            Object::Array(kids) => {
                for kid in kids.iter().filter_map(reference) {
                    let Object::Dictionary(widget) = self.get(Side::New, kid)? else {
                        return Ok(Ruling::refused(format!(
                            "the new field {name} has a widget that is no dictionary"
                        )));
                    };
                    let belongs = widget.get("Parent").is_none_or(|parent| reference(parent) == Some(id));
                    let is_field = ["T", "V", "Kids"].iter().any(|key| widget.get(key).is_some())
                        || widget.get("FT").is_some_and(|kind| kind.as_name() != Some(b"Sig"));
                    if !self.is_fresh(kid) || !belongs || is_field {
                        return Ok(Ruling::refused(format!("the new field {name} takes over object {kid}")));
                    }
                    widgets.push((kid, widget));
                }
            }
            _ => return Ok(Ruling::refused(format!("the parts of the new field {name} are not a list"))),
        }
        if widgets.iter().any(|(_, widget)| has_effects(widget)) || has_effects(field) {
            return Ok(Ruling::refused(format!("the new signature field {name} comes with an action")));
        }
        if widgets.iter().any(|(_, widget)| is_other_annotation(widget)) {
            return Ok(Ruling::refused(format!(
                "the new signature field {name} is another kind of annotation, too"
            )));
        }
        let mut visibility = Visibility::Invisible;
        for (_, widget) in &widgets {
            if is_visible(widget) || self.draws_without_area(widget)? {
                visibility = Visibility::Visible;
            }
        }
        let signature = match field.get("V") {
            None | Some(Object::Null) => None,
            Some(value) => match self.new_signature(value)? {
                Ok(kind) => Some(kind),
                Err(why) => return Ok(Ruling::refused(format!("the new signature field {name} {why}"))),
            },
        };
        let (action, rule) = action_of(signature, visibility, FIELD_ADDED);
        self.new_widgets.extend(widgets.iter().map(|(widget, _)| (*widget, rule)));
        let words = match action {
            FieldAction::Timestamped => format!("the document timestamp {name} was added"),
            FieldAction::Created => format!("the empty signature field {name} was added"),
            _ => format!("the signature {name} was added"),
        };
        if signature == Some(SignatureKind::DocTimestamp) && visibility == Visibility::Visible {
            let message = format!("nobody answers for what the document timestamp {name} shows on its page");
            self.note("changes.visible-timestamp", message);
        }
        for (near, widget) in &widgets {
            let shows = is_visible(widget) && (widget.get("AP").is_some() || is_drawn_by_readers(widget));
            let why = match signature {
                None if shows => "shows something though it is empty",
                _ if is_visible(widget) && is_drawn_by_readers(widget) => "is drawn by readers as they like",
                _ if is_large(widget) => "can cover the page",
                _ => continue,
            };
            self.covering(*near, format!("the new signature field {name} {why}"));
        }
        self.field_change(name, action, Some(visibility));
        Ok(Ruling::Cleared(rule, words))
    }

    /// Whether a widget that has no area brings an appearance that draws all the same: some readers show it in place.
    pub(super) fn draws_without_area(&mut self, widget: &Dictionary) -> Result<bool, Malformed> {
        if !has_no_area(widget) {
            return Ok(false);
        }
        let appearances = self.resolve(Side::New, widget.get("AP").unwrap_or(&Object::Null))?.into_owned();
        let normal =
            appearances.as_dictionary().and_then(|all| all.get("N")).cloned().unwrap_or(Object::Null);
        Ok(match self.resolve(Side::New, &normal)?.into_owned() {
            Object::Null => false,
            Object::Stream(stream) => match self.new.stream_data(&stream, self.budget) {
                Ok(data) => draws(&data),
                Err(error) if stops(&error) => return Err(error),
                Err(_) => true,
            },
            _ => true,
        })
    }

    /// The value that a signature field got: a new signature dictionary of its own, or why it is not one.
    pub(super) fn new_signature(
        &mut self,
        value: &Object,
    ) -> Result<Result<SignatureKind, String>, Malformed> {
        if let Some(id) = reference(value) {
            if !self.is_fresh(id) {
                return Ok(Err(format!("points to object {id}, which the file held before")));
            }
            if !self.signatures.insert(id) {
                return Ok(Err("shares its signature with another field".into()));
            }
        }
        let object = self.resolve(Side::New, value)?.into_owned();
        let Object::Dictionary(signature) = &object else {
            return Ok(Err("has a value that is not a signature dictionary".into()));
        };
        if signature.get("Contents").is_none() || signature.get("ByteRange").is_none() {
            return Ok(Err("has a value that is not a signature".into()));
        }
        if self.certifies(signature)? {
            return Ok(Err("certifies a document that was signed before (ISO 32000-2, 12.8.2.2.1)".into()));
        }
        Ok(match signature.get("Type").map(Object::as_name) {
            Some(Some(b"DocTimeStamp")) => Ok(SignatureKind::DocTimestamp),
            None | Some(Some(b"Sig")) => Ok(SignatureKind::Signature),
            _ => Err("has a value of a type that is not a signature".into()),
        })
    }

    fn certifies(&mut self, signature: &Dictionary) -> Result<bool, Malformed> {
        let references = self.resolve(Side::New, signature.get("Reference").unwrap_or(&Object::Null))?;
        let Object::Array(references) = references.into_owned() else { return Ok(false) };
        for entry in &references {
            if let Object::Dictionary(entry) = self.resolve(Side::New, entry)?.as_ref()
                && entry.get("TransformMethod").and_then(Object::as_name) == Some(b"DocMDP")
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// What a signature in a field is, and the rule that clears it; `otherwise` for anything but an unseen timestamp.
pub(super) fn action_of(
    signature: Option<SignatureKind>,
    visibility: Visibility,
    otherwise: Rule,
) -> (FieldAction, Rule) {
    match (signature, visibility) {
        (Some(SignatureKind::DocTimestamp), Visibility::Invisible) => {
            (FieldAction::Timestamped, DOCUMENT_TIMESTAMP)
        }
        (Some(_), _) => (FieldAction::Signed, otherwise),
        (None, _) => (FieldAction::Created, otherwise),
    }
}

/// Whether anybody may see a widget: unless it says itself, not by way of a reference, that it has no area, is hidden, or
/// shows neither on a screen nor in print (ISO 32000-2, Table 167: Hidden; NoView without Print).
pub(super) fn is_visible(widget: &Dictionary) -> bool {
    let is_hidden = widget.get("F").is_some_and(|flags| Presence::of(flags).is_hidden());
    !is_hidden && !has_no_area(widget)
}

/// Whether readers draw values of fields with default resources of this category.
fn draws_fields(category: &[u8]) -> bool {
    !matches!(category, b"XObject" | b"ProcSet")
}

/// Whether content is more than white space and comments.
fn draws(content: &[u8]) -> bool {
    content
        .split(|byte| matches!(byte, b'\r' | b'\n'))
        .any(|line| !line.trim_ascii().is_empty() && !line.trim_ascii().starts_with(b"%"))
}

/// Whether a widget says itself that it has no area.
fn has_no_area(widget: &Dictionary) -> bool {
    const LARGEST: f64 = 1e6;
    match widget.get("Rect") {
        None => true,
        Some(Object::Array(rect)) => {
            let side: Vec<f64> = rect.iter().filter_map(Object::as_number).collect();
            rect.len() == 4
                && side.iter().all(|side| side.abs() < LARGEST)
                && matches!(side[..], [left, bottom, right, top] if left == right || bottom == top)
        }
        Some(_) => false,
    }
}

/// Whether a widget is, by what it says, something else that readers draw by themselves.
fn is_other_annotation(widget: &Dictionary) -> bool {
    widget.get("Subtype").is_some_and(|subtype| subtype.as_name() != Some(b"Widget"))
}

/// Whether a reader that finds no appearance draws something for a widget (ISO 32000-2, Table 192).
pub(super) fn is_drawn_by_readers(widget: &Dictionary) -> bool {
    widget.get("AP").is_none()
        && widget
            .get("MK")
            .is_some_and(|marks| !matches!(marks, Object::Dictionary(marks) if marks.0.is_empty()))
}

/// Whether an annotation does something by itself or depends on optional content.
pub(super) fn has_effects(annotation: &Dictionary) -> bool {
    ["A", "AA", "OC"].iter().any(|key| annotation.get(key).is_some())
}

/// The object that a reference refers to.
pub(super) fn reference(object: &Object) -> Option<ObjectId> {
    match object {
        Object::Reference(id) => Some(*id),
        _ => None,
    }
}

/// `SigFlags` may gain bits (ISO 32000-2, Table 225).
fn signature_flags(old: &Object, new: &Object) -> Ruling {
    match (old.as_integer().unwrap_or(0), new.as_integer()) {
        (before, Some(after)) if before & after == before => Ruling::cleared(SIGNATURE_FLAGS, ""),
        _ => Ruling::refused("the form's signature flags were cleared"),
    }
}

fn is_container(object: &Object) -> bool {
    matches!(object, Object::Reference(_) | Object::Array(_) | Object::Dictionary(_) | Object::Stream(_))
}
