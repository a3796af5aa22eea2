//! Changing a dictionary or array where it is: direct in its holder, or in the object that a reference leads to.

use super::Update;
use crate::object::{Dictionary, Object, ObjectId};
use types::{Budget, Malformed};

/// What an edit did to the object that holds the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// The value is direct, so its holder must be written again.
    Changed,
    /// The value is an object of its own, which the update now has.
    Unchanged,
}

impl Update<'_, '_> {
    /// Follows references; the last object number on the way, and the object there.
    pub(crate) fn follow(
        &self,
        object: &Object,
        budget: &mut Budget,
    ) -> Result<(Option<ObjectId>, Object), Malformed> {
        let (mut id, mut object) = (None, object.clone());
        for _ in 0..budget.depth() {
            let Object::Reference(next) = object else {
                return Ok((id, object));
            };
            object = self.get(next, budget)?;
            id = Some(next);
        }
        Err(Malformed::syntax(None, "references lead in a circle", "ISO 32000-2, 7.3.10"))
    }

    /// Edits the dictionary under `key`; an absent one is made, direct.
    pub(crate) fn edit_dictionary(
        &mut self,
        holder: &mut Dictionary,
        key: &str,
        budget: &mut Budget,
        edit: impl FnOnce(&mut Self, &mut Dictionary, &mut Budget) -> Result<(), Malformed>,
    ) -> Result<Holder, Malformed> {
        let (id, object) = self.follow(holder.get(key).unwrap_or(&Object::Null), budget)?;
        let (id, mut dictionary) = match object {
            Object::Dictionary(dictionary) => (id, dictionary),
            Object::Null => (None, Dictionary::new()),
            _ => return Err(wrong_type(key, "a dictionary")),
        };
        edit(self, &mut dictionary, budget)?;
        Ok(self.put_back(holder, key, id, Object::Dictionary(dictionary)))
    }

    /// Edits the array under `key`; an absent one is made, direct.
    pub(crate) fn edit_array(
        &mut self,
        holder: &mut Dictionary,
        key: &str,
        budget: &mut Budget,
        edit: impl FnOnce(&mut Vec<Object>),
    ) -> Result<Holder, Malformed> {
        let (id, object) = self.follow(holder.get(key).unwrap_or(&Object::Null), budget)?;
        let (id, mut array) = match object {
            Object::Array(array) => (id, array),
            Object::Null => (None, Vec::new()),
            _ => return Err(wrong_type(key, "an array")),
        };
        edit(&mut array);
        Ok(self.put_back(holder, key, id, Object::Array(array)))
    }

    /// Into the object it came from. What stood for null, e.g. a reference to a free number, gets a direct value.
    fn put_back(
        &mut self,
        holder: &mut Dictionary,
        key: &str,
        id: Option<ObjectId>,
        object: Object,
    ) -> Holder {
        match id {
            Some(id) => {
                self.set(id, object);
                Holder::Unchanged
            }
            None => {
                holder.set(key, object);
                Holder::Changed
            }
        }
    }
}

fn wrong_type(key: &str, wanted: &str) -> Malformed {
    Malformed::syntax(None, format!("{key} is not {wanted}"), "ISO 32000-2, 7.3.7")
}
