//! The rules: for each role, which differences between two versions are lawful, and at which level.

mod annotation;
mod catalog;
mod drawing;
mod field;
mod form;
mod metadata;
mod page;
mod paint;
mod pieces;
mod presence;
mod store;
mod structure;
mod xml;

pub(crate) use annotation::masks;
pub(crate) use paint::Cleared;

use crate::comparison::{Comparison, Ruled, Version};
use crate::describe::refusal;
use crate::role::{Kind, Role};

impl Comparison<'_, '_, '_> {
    /// Compares two versions of an object, or of a value, in one role.
    pub(crate) fn in_role(&mut self, role: Role, old: Version<'_>, new: Version<'_>) -> Ruled {
        match role.kind {
            Kind::Catalog => self.catalog(old, new),
            Kind::Info => self.information(old, new),
            Kind::Metadata => self.metadata(old, new),
            Kind::Extensions => self.extensions(old, new),
            Kind::Form => self.form(old, new),
            Kind::FormFields => self.form_fields(old, new),
            Kind::FormResources | Kind::FormResourceCategory => self.form_resources(role.kind, old, new),
            Kind::Field => self.field(old, new),
            Kind::FieldKids => self.field_kids(role.owner.unwrap_or(new.id), old, new),
            Kind::FieldValue => self.field_value(role.owner.unwrap_or(new.id), old, new),
            Kind::AppearanceDictionary | Kind::AppearanceState => self.appearance(role, old, new),
            Kind::PageNode => self.page_node(old, new),
            Kind::Annotations => self.annotations(role.owner.unwrap_or(new.id), old, new),
            Kind::Annotation => self.annotation(old, new),
            Kind::SecurityStore => self.security_store(old, new),
            Kind::Vri => self.vri(old, new),
            Kind::VriEntry => self.vri_entry(old, new),
            Kind::SecurityItem => self.security_items(old, new),
            Kind::Structure => self.structure(old, new),
            Kind::Permissions
            | Kind::Mentions
            | Kind::PageKids
            | Kind::PageContent
            | Kind::PageResource
            | Kind::AppearancePart
            | Kind::Action
            | Kind::Fixed => {
                self.unchanged(old.object, new.object, || refusal(role.kind, old.object, new.object))
            }
        }
    }
}
