//! Interactive forms (ISO 32000-2, 12.7): values that viewers show each in its own way, and values that change.

use crate::action::Role;
use crate::code::{
    COMPUTED, COMPUTED_UNLOCKED, FIELD_LOOK, NEED_APPEARANCES, XFA_DYNAMIC, XFA_SCRIPT, XFA_STATIC,
};
use crate::report::{Place, quote};
use crate::scene::{Scene, Trait, into_dictionary};
use crate::walk::Walk;
use pdf::acroform::{AcroForm, Field, FieldType, Xfa};
use pdf::object::{Dictionary, Object};
use pdf::signatures::LockedFields;
use types::{Budget, Malformed, Resource};

impl Scene<'_, '_> {
    /// Looks at the form, if there is one.
    pub(crate) fn look_at_form(
        &mut self,
        walk: &mut Walk,
        catalog: &Dictionary,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        if let Some(form) = catalog.get("AcroForm") {
            walk.visit(self, form.clone(), Role::Plain, Place::default(), budget)?;
        }
        let form = self.snapshot.acroform(budget);
        let Some(form) = self.read(form, Place::default())? else { return Ok(()) };
        if form.need_appearances {
            self.traits.insert(Trait::NeedAppearances);
            self.add(NEED_APPEARANCES, Place::default(), NEED_APPEARANCES.about);
        }
        self.look_at_xfa(&form, budget)?;
        let computed = self.look_at_fields(&form, budget)?;
        if !computed.is_empty() {
            let message = format!("{} fields whose values are computed", computed.len());
            self.add(COMPUTED, Place::default(), message);
            self.unlocked(&computed, budget)?;
        }
        Ok(())
    }

    fn look_at_xfa(&mut self, form: &AcroForm, budget: &mut Budget) -> Result<(), Malformed> {
        match form.xfa {
            Xfa::Absent => return Ok(()),
            Xfa::Static => self.add(XFA_STATIC, Place::default(), XFA_STATIC.about),
            Xfa::Dynamic => self.add(XFA_DYNAMIC, Place::default(), XFA_DYNAMIC.about),
        }
        self.traits.insert(Trait::Xfa);
        let packets = match self.entry(&form.dictionary, "XFA", budget)? {
            Object::Array(packets) => packets,
            single => vec![single],
        };
        for packet in packets {
            if let Object::Stream(stream) = self.resolve(&packet, budget)? {
                let data = self.data(&stream, Place::default(), budget)?;
                budget.spend(Resource::Steps, data.len() as u64 / 64)?;
                if data.windows(7).any(|part| part == b"<script" || part == b":script") {
                    self.add(XFA_SCRIPT, Place::default(), XFA_SCRIPT.about);
                    break;
                }
            }
        }
        Ok(())
    }

    /// The names of the fields that are computed.
    fn look_at_fields(&mut self, form: &AcroForm, budget: &mut Budget) -> Result<Vec<String>, Malformed> {
        let mut computed = Vec::new();
        for field in &form.fields {
            budget.spend(Resource::Steps, 1)?;
            if field.dictionary.get("AA").is_some() {
                self.traits.insert(Trait::FieldTrigger);
                let triggers = self.dictionary(&field.dictionary, "AA", budget)?;
                if triggers.get("C").is_some() {
                    computed.push(field.name.clone());
                }
            }
            self.look_of_field(field, budget)?;
        }
        Ok(computed)
    }

    fn look_of_field(&mut self, field: &Field, budget: &mut Budget) -> Result<(), Malformed> {
        let value = match &field.value {
            Some(value) => self.resolve(value, budget)?,
            None => Object::Null,
        };
        let has_value = match &value {
            Object::Null => false,
            Object::String(string) => !string.bytes.is_empty(),
            Object::Name(name) => name.0 != b"Off",
            Object::Array(values) => !values.is_empty(),
            _ => true,
        };
        for widget in &field.widgets {
            let hidden = widget.flags & (1 << 1 | 1 << 5) != 0;
            let no_area = widget.rect.is_none_or(|[left, bottom, right, top]| left == right || bottom == top);
            if hidden || no_area {
                continue;
            }
            let dictionary = into_dictionary(self.resolve(&Object::Reference(widget.id), budget)?);
            let appearances = self.dictionary(&dictionary, "AP", budget)?;
            if appearances.get("N").is_some() {
                continue;
            }
            self.traits.insert(Trait::NoAppearance);
            if has_value && matches!(field.field_type, Some(FieldType::Text | FieldType::Choice)) {
                let place = Place { page: None, span: Some(field.span) };
                let message = format!("{}: {}", FIELD_LOOK.about, quote(&field.name));
                self.add(FIELD_LOOK, place, message);
            }
        }
        Ok(())
    }

    /// Computed fields that are not locked by the signatures that there are (ISO 32000-2, 12.8.2.4).
    fn unlocked(&mut self, computed: &[String], budget: &mut Budget) -> Result<(), Malformed> {
        let signatures = self.snapshot.signatures(budget).map(Some);
        let Some(signatures) = self.read(signatures, Place::default())? else { return Ok(()) };
        let values: Vec<_> = signatures.fields.iter().filter_map(|field| field.value.as_ref()).collect();
        if values.is_empty() {
            return Ok(());
        }
        for name in computed {
            budget.spend(Resource::Steps, 1 + values.len() as u64)?;
            let mut locks = values.iter().filter_map(|value| value.field_mdp.as_ref());
            let all = values.iter().any(|value| value.doc_mdp == Some(1));
            if !all && !locks.any(|lock| locked(&lock.fields, name)) {
                let message = format!("{}: {}", COMPUTED_UNLOCKED.about, quote(name));
                self.add(COMPUTED_UNLOCKED, Place::default(), message);
            }
        }
        Ok(())
    }
}

fn locked(fields: &LockedFields, name: &str) -> bool {
    let named = |names: &[String]| {
        names.iter().any(|locked| {
            name.strip_prefix(locked.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    };
    match fields {
        LockedFields::All => true,
        LockedFields::Include(names) => named(names),
        LockedFields::Exclude(names) => !named(names),
    }
}
