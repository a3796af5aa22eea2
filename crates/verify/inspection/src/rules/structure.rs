//! The structure tree: elements for new widgets may be added to it (ISO 32000-2, 14.7).

use crate::comparison::{Comparison, Ruled, Side, Version};
use crate::describe::{done, text};
use crate::role::{Kind, Role};
use crate::ruling::{Ruling, STRUCTURE};
use pdf::object::Object;
use types::{Malformed, Resource};

impl Comparison<'_, '_, '_> {
    /// The root of the structure tree, an element, a list of elements, or a node of the parent tree.
    pub(crate) fn structure(&mut self, old: Version<'_>, new: Version<'_>) -> Ruled {
        match (old.object, new.object) {
            (Object::Dictionary(before), Object::Dictionary(after)) => {
                self.entries(before, after, |this, key, value, later| match key {
                    b"ParentTreeNextKey" if later.as_integer() > value.as_integer() => {
                        Ok(Ruling::cleared(STRUCTURE, ""))
                    }
                    b"Limits" => Ok(Ruling::cleared(STRUCTURE, "")),
                    b"K" | b"Kids" | b"Nums" | b"ParentTree" if *value != Object::Null => {
                        let usage = Role::of(Kind::Structure).entry(key, new.id);
                        this.part(usage, (old.id, new.id), value, later)
                    }
                    _ => this.unchanged(value, later, || {
                        format!("{} of the structure tree was {}", text(key), done(value, later))
                    }),
                })
            }
            (Object::Array(before), Object::Array(after)) => self.structure_grown(before, after),
            (before, Object::Array(after)) if after.contains(before) => {
                self.structure_grown(std::slice::from_ref(before), after)
            }
            (before, after) => self.unchanged(before, after, || {
                format!("a part of the structure tree was {}", done(before, after))
            }),
        }
    }

    /// Whether the list keeps what it had, in order, and gained only elements for form fields.
    fn structure_grown(&mut self, before: &[Object], after: &[Object]) -> Ruled {
        self.budget.spend(Resource::Steps, (before.len() as u64).saturating_add(after.len() as u64))?;
        let mut kept = before.iter().peekable();
        for item in after {
            if kept.peek() == Some(&item) {
                kept.next();
            } else if !self.is_for_a_field(item)? {
                return Ok(Ruling::refused("the structure tree got elements that are not for form fields"));
            }
        }
        Ok(match kept.next() {
            Some(_) => Ruling::refused("elements of the structure tree were removed or moved"),
            None => Ruling::cleared(STRUCTURE, "the structure tree got elements for form fields"),
        })
    }

    /// A number of the parent tree, or a new element that holds nothing but references to annotations.
    fn is_for_a_field(&mut self, item: &Object) -> Result<bool, Malformed> {
        let Object::Reference(id) = item else { return Ok(matches!(item, Object::Integer(_))) };
        if !self.is_fresh(*id) {
            return Ok(false);
        }
        let Object::Dictionary(element) = self.get(Side::New, *id)? else { return Ok(false) };
        let kids = match element.get("K") {
            Some(Object::Array(kids)) => kids.clone(),
            Some(kid) => vec![kid.clone()],
            None => Vec::new(),
        };
        // What a reader says in the place of what is there.
        if ["ActualText", "Alt", "E"].iter().any(|key| element.get(key).is_some()) {
            return Ok(false);
        }
        for kid in &kids {
            let is_reference = match self.resolve(Side::New, kid)?.as_ref() {
                Object::Dictionary(kid) => {
                    let kind = kid.get("Type");
                    kid.get("Obj").is_some()
                        && kid.get("MCID").is_none()
                        && kind.is_none_or(|kind| kind.as_name() == Some(b"OBJR"))
                }
                _ => false,
            };
            if !is_reference {
                return Ok(false);
            }
        }
        Ok(!kids.is_empty())
    }
}
