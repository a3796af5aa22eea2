//! The roles that objects play in a document: by which way they are reached from the trailer.

use pdf::object::{Dictionary, Object, ObjectId};
use std::collections::BTreeSet;

/// What an object is, or is part of. The order is that of the bits in [`crate::reach::Reach`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Kind {
    /// The catalog (ISO 32000-2, 7.7.2).
    Catalog,
    /// The document information dictionary or a value in it (14.3.3).
    Info,
    /// The metadata stream of the catalog (14.3.2).
    Metadata,
    /// The extensions dictionary or a part of it (7.12).
    Extensions,
    /// The permissions dictionary (12.8.6).
    Permissions,
    /// The interactive form dictionary (12.7.3).
    Form,
    /// Its list of root fields.
    FormFields,
    /// Its default resources.
    FormResources,
    /// One category of them.
    FormResourceCategory,
    /// A list of fields that is used for their identity only, e.g. the calculation order.
    Mentions,
    /// A form field, or the widget of one (12.7.4).
    Field,
    /// A field's list of child fields and widgets.
    FieldKids,
    /// A field's value.
    FieldValue,
    /// An appearance dictionary (12.5.5).
    AppearanceDictionary,
    /// An appearance stream, or a dictionary of them by state.
    AppearanceState,
    /// A page or a node of the page tree (7.7.3).
    PageNode,
    /// A node's list of pages and nodes.
    PageKids,
    /// A page's list of annotations.
    Annotations,
    /// An annotation (12.5).
    Annotation,
    /// The document security store (12.8.4.3).
    SecurityStore,
    /// Validation information by signature.
    Vri,
    /// Validation information of one signature.
    VriEntry,
    /// A certificate, CRL, OCSP response or timestamp, or a list of them.
    SecurityItem,
    /// The structure tree (14.7).
    Structure,
    /// The content of a page (7.8.2).
    PageContent,
    /// What the content of a page uses.
    PageResource,
    /// What an appearance uses.
    AppearancePart,
    /// An action, or what triggers it (12.6).
    Action,
    /// Anything else; nothing about it may change.
    Fixed,
}

impl Kind {
    /// Whether nothing may change in this role; such roles share one bit.
    pub(crate) fn is_fixed(self) -> bool {
        matches!(
            self,
            Kind::PageContent | Kind::PageResource | Kind::AppearancePart | Kind::Action | Kind::Fixed
        )
    }

    /// The bit of this kind in a set of kinds.
    pub(crate) fn bit(self) -> u32 {
        let kind = if self.is_fixed() { Kind::Fixed } else { self };
        1 << (kind as u32)
    }

    /// The kinds that make an object itself: whoever else refers to it means its identity, not its content.
    pub(crate) fn identities() -> u32 {
        [Kind::Catalog, Kind::PageNode, Kind::Field, Kind::Annotation, Kind::Structure]
            .into_iter()
            .fold(0, |bits, kind| bits | kind.bit())
    }

    /// Whether it is drawn: no key of it points back into the document, whatever it is called.
    pub(crate) fn is_drawn(self) -> bool {
        matches!(self, Kind::PageContent | Kind::PageResource | Kind::AppearancePart)
    }

    /// The words used in reports.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Kind::Catalog => "catalog",
            Kind::Info => "document information",
            Kind::Metadata => "metadata",
            Kind::Extensions => "extensions",
            Kind::Permissions => "permissions",
            Kind::Form => "form",
            Kind::FormFields => "list of fields",
            Kind::FormResources | Kind::FormResourceCategory => "resources of the form",
            Kind::Mentions => "list of names",
            Kind::Field => "form field",
            Kind::FieldKids => "parts of a field",
            Kind::FieldValue => "value of a field",
            Kind::AppearanceDictionary | Kind::AppearanceState => "appearance",
            Kind::PageNode => "page",
            Kind::PageKids => "list of pages",
            Kind::Annotations => "list of annotations",
            Kind::Annotation => "annotation",
            Kind::SecurityStore | Kind::Vri | Kind::VriEntry | Kind::SecurityItem => "validation data",
            Kind::Structure => "structure tree",
            Kind::PageContent => "content of a page",
            Kind::PageResource => "used by the content of a page",
            Kind::AppearancePart => "used by an appearance",
            Kind::Action => "action",
            Kind::Fixed => "part of the document",
        }
    }

    /// Whether the role says whose part the object is.
    fn is_owned(self) -> bool {
        matches!(
            self,
            Kind::FieldKids
                | Kind::FieldValue
                | Kind::AppearanceDictionary
                | Kind::AppearanceState
                | Kind::Annotations
        )
    }
}

/// What an object is for, in words: its roles with commas between them.
pub(crate) fn roles_in_words(roles: Option<&BTreeSet<Role>>) -> String {
    let mut words: Vec<&str> = roles.into_iter().flatten().map(|role| role.kind.as_str()).collect();
    words.dedup();
    words.join(", ")
}

/// A kind, and for a part of a field, an annotation or a page whose part it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Role {
    pub(crate) kind: Kind,
    pub(crate) owner: Option<ObjectId>,
}

/// What a reference in a given place is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// The object is contained there, in this role.
    Contains(Role),
    /// The object is only pointed at, as one of these kinds (bits); if it is none of them, it is contained.
    Mentions(u32),
}

impl Role {
    pub(crate) fn of(kind: Kind) -> Role {
        Role { kind, owner: None }
    }

    /// The role of the elements of an array in this role.
    pub(crate) fn element(self) -> Use {
        Use::Contains(match self.kind {
            Kind::FormFields | Kind::FieldKids => Role::of(Kind::Field),
            Kind::Annotations => Role::of(Kind::Annotation),
            Kind::PageKids => Role::of(Kind::PageNode),
            Kind::Mentions => return FIELDS,
            _ => self,
        })
    }

    /// The role of the value of `key` in a dictionary in this role; `id` is the object that the dictionary is in.
    pub(crate) fn entry(self, key: &[u8], id: ObjectId) -> Use {
        let kind = match self.kind {
            Kind::Catalog => catalog_entry(key),
            Kind::Info | Kind::Extensions => self.kind,
            Kind::Form => form_entry(key),
            Kind::FormResources => Kind::FormResourceCategory,
            Kind::FormResourceCategory => Kind::AppearancePart,
            Kind::Field | Kind::Annotation => match field_entry(key) {
                Ok(kind) => kind,
                Err(mention) => return mention,
            },
            Kind::AppearanceDictionary | Kind::AppearanceState => Kind::AppearanceState,
            Kind::PageNode => match page_entry(key) {
                Ok(kind) => kind,
                Err(mention) => return mention,
            },
            Kind::SecurityStore if key == b"VRI" => Kind::Vri,
            Kind::SecurityStore | Kind::VriEntry => Kind::SecurityItem,
            Kind::Vri => Kind::VriEntry,
            Kind::Structure => match key {
                b"Pg" => return PAGE,
                b"Obj" => return FIELDS,
                b"P" => return STRUCTURE,
                _ => Kind::Structure,
            },
            drawn if drawn.is_drawn() => drawn,
            fixed if fixed.is_fixed() => return fixed_entry(fixed, key),
            _ => Kind::Fixed,
        };
        let owner = if kind.is_owned() { self.owner.or(Some(id)) } else { None };
        Use::Contains(Role { kind, owner })
    }

    /// The role of an entry of a stream's dictionary in this role.
    pub(crate) fn stream_entry(self, key: &[u8], id: ObjectId) -> Use {
        match self.kind {
            Kind::AppearanceState => Use::Contains(Role::of(Kind::AppearancePart)),
            fixed if fixed.is_fixed() => self.entry(key, id),
            _ => Use::Contains(Role::of(Kind::Fixed)),
        }
    }
}

fn catalog_entry(key: &[u8]) -> Kind {
    match key {
        b"Pages" => Kind::PageNode,
        b"AcroForm" => Kind::Form,
        b"DSS" => Kind::SecurityStore,
        b"Metadata" => Kind::Metadata,
        b"Extensions" => Kind::Extensions,
        b"Perms" => Kind::Permissions,
        b"StructTreeRoot" => Kind::Structure,
        b"OpenAction" | b"AA" => Kind::Action,
        _ => Kind::Fixed,
    }
}

fn form_entry(key: &[u8]) -> Kind {
    match key {
        b"Fields" => Kind::FormFields,
        b"DR" => Kind::FormResources,
        b"CO" => Kind::Mentions,
        _ => Kind::Fixed,
    }
}

fn field_entry(key: &[u8]) -> Result<Kind, Use> {
    Ok(match key {
        b"Kids" => Kind::FieldKids,
        b"V" => Kind::FieldValue,
        b"AP" => Kind::AppearanceDictionary,
        b"MK" => Kind::AppearancePart,
        b"A" | b"AA" => Kind::Action,
        b"P" => return Err(PAGE),
        b"Parent" | b"Popup" | b"IRT" => return Err(FIELDS),
        _ => Kind::Fixed,
    })
}

fn page_entry(key: &[u8]) -> Result<Kind, Use> {
    Ok(match key {
        b"Kids" => Kind::PageKids,
        b"Annots" => Kind::Annotations,
        b"Contents" => Kind::PageContent,
        b"Resources" => Kind::PageResource,
        b"AA" => Kind::Action,
        b"Parent" => return Err(PAGE),
        _ => Kind::Fixed,
    })
}

/// References back into the document from places where nothing may change (ISO 32000-2, 12.6.4, 12.3.2, 14.7.5).
fn fixed_entry(kind: Kind, key: &[u8]) -> Use {
    match key {
        b"Pg" => PAGE,
        b"P" | b"Parent" | b"Obj" | b"Popup" | b"IRT" | b"Annotation" | b"Data" | b"SE" => {
            Use::Mentions(Kind::identities())
        }
        b"Fields" | b"T" | b"TA" | b"AN" => Use::Contains(Role::of(Kind::Mentions)),
        b"A" | b"AA" | b"JS" | b"Next" => Use::Contains(Role::of(Kind::Action)),
        _ => Use::Contains(Role::of(kind)),
    }
}

const PAGE: Use = Use::Mentions(1 << Kind::PageNode as u32);
const STRUCTURE: Use = Use::Mentions(1 << Kind::Structure as u32);
/// Fields and annotations, which may be the same.
const FIELDS: Use = Use::Mentions(1 << Kind::Field as u32 | 1 << Kind::Annotation as u32);

/// As what a dictionary declares itself if that is a page, a node of the page tree or the catalog (bits, none otherwise):
/// what refers to it from a place where nothing may change means its identity (a destination, say), if it really is one.
pub(crate) fn claimed_identity(object: &Object) -> u32 {
    match name_of(object, "Type") {
        Some(b"Page" | b"Pages") => Kind::PageNode.bit(),
        Some(b"Catalog") => Kind::Catalog.bit(),
        _ => 0,
    }
}

/// The name that is the value of `key` in a dictionary or stream.
pub(crate) fn name_of<'o>(object: &'o Object, key: &str) -> Option<&'o [u8]> {
    dictionary_of(object)?.get(key)?.as_name()
}

/// The dictionary that the object is, or of the stream that it is.
pub(crate) fn dictionary_of(object: &Object) -> Option<&Dictionary> {
    match object {
        Object::Dictionary(dictionary) => Some(dictionary),
        Object::Stream(stream) => Some(&stream.dictionary),
        _ => None,
    }
}
