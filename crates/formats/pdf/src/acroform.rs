//! Interactive forms (ISO 32000-2, 12.7): every field with what it inherits, and its widgets.

use crate::document::Located;
use crate::object::{Dictionary, Object, ObjectId};
use crate::snapshot::Snapshot;
use crate::strings::text;
use std::collections::BTreeSet;
use std::sync::Arc;
use types::{Budget, Cause, Finding, Malformed, Resource, Severity, Span};

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
    pub value: Option<Arc<Object>>,
    /// `DA`, own or inherited.
    pub default_appearance: Option<Arc<[u8]>>,
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

/// What a field has from its ancestors (ISO 32000-2, 12.7.4.1).
#[derive(Clone, Default)]
struct Inherited {
    name: String,
    field_type: Option<FieldType>,
    flags: i64,
    value: Option<Arc<Object>>,
    default_appearance: Option<Arc<[u8]>>,
    parent: Option<ObjectId>,
}

struct Walk<'v, 'd, 's, 'b> {
    snapshot: &'v Snapshot<'d, 's>,
    budget: &'b mut Budget,
    visited: BTreeSet<ObjectId>,
    fields: Vec<Field>,
    findings: Vec<Finding>,
}

impl Snapshot<'_, '_> {
    /// The interactive form, if there is one.
    pub fn acroform(&self, budget: &mut Budget) -> Result<Option<AcroForm>, Malformed> {
        let (_, catalog) = self.catalog(budget)?;
        let Some(entry) = catalog.get("AcroForm") else { return Ok(None) };
        let dictionary = match self.resolve(entry, budget)?.into_owned() {
            Object::Dictionary(dictionary) => dictionary,
            Object::Null => return Ok(None),
            _ => return Err(Malformed::syntax(None, "AcroForm is not a dictionary", "ISO 32000-2, 12.7.3")),
        };
        let roots = match self.entry(&dictionary, "Fields", budget)?.into_owned() {
            Object::Array(fields) => fields,
            Object::Null => Vec::new(),
            _ => return Err(Malformed::syntax(None, "Fields is not an array", "ISO 32000-2, 12.7.3")),
        };
        let signature_flags = self.entry(&dictionary, "SigFlags", budget)?.as_integer().unwrap_or(0);
        let need_appearances = *self.entry(&dictionary, "NeedAppearances", budget)? == Object::Boolean(true);
        let rendering = *self.entry(&catalog, "NeedsRendering", budget)? == Object::Boolean(true);
        let depth = budget.depth();
        let mut walk = Walk {
            snapshot: self,
            budget,
            visited: BTreeSet::new(),
            fields: Vec::new(),
            findings: Vec::new(),
        };
        for root in &roots {
            // A root that is a bare widget is a field without a name; it is kept as such.
            if let Some(visited) = walk.visit(root, &Inherited::default(), depth, Level::Root)? {
                walk.orphan(visited);
            }
        }
        let Walk { fields, findings, .. } = walk;
        let xfa = match dictionary.get("XFA") {
            None | Some(Object::Null) => Xfa::Absent,
            Some(_) if rendering || fields.is_empty() => Xfa::Dynamic,
            Some(_) => Xfa::Static,
        };
        let id = entry.as_reference();
        Ok(Some(AcroForm { id, dictionary, signature_flags, need_appearances, xfa, fields, findings }))
    }

    /// A rectangle as lower left x, y, upper right x, y (ISO 32000-2, 7.9.5), if the object is one.
    pub fn rectangle(&self, object: &Object, budget: &mut Budget) -> Result<Option<[f64; 4]>, Malformed> {
        let object = self.resolve(object, budget)?;
        let Some([a, b, c, d]) = object.as_array() else { return Ok(None) };
        let mut corners = [0.0; 4];
        for (corner, number) in corners.iter_mut().zip([a, b, c, d]) {
            match self.resolve(number, budget)?.as_number() {
                Some(number) => *corner = number,
                None => return Ok(None),
            }
        }
        let [a, b, c, d] = corners;
        Ok(Some([a.min(c), b.min(d), a.max(c), b.max(d)]))
    }
}

/// Where in the tree a node is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Root,
    Kid,
}

impl Walk<'_, '_, '_, '_> {
    fn report(&mut self, code: &'static str, severity: Severity, span: Option<Span>, message: String) {
        if self.findings.len() < 1000 {
            self.findings.push(Finding { span, ..Finding::new(code, severity, message) });
        }
    }

    /// The object of a node; `None`, with a finding, if it cannot be used.
    fn load(&mut self, node: &Object) -> Result<Option<(ObjectId, Located)>, Malformed> {
        let Some(id) = node.as_reference() else {
            let message = "the field tree holds something that is not a reference".to_owned();
            self.report("pdf.form.direct-field", Severity::Error, None, message);
            return Ok(None);
        };
        if !self.visited.insert(id) {
            let message = format!("object {id} occurs more than once in the field tree");
            self.report("pdf.form.repeated-field", Severity::Error, None, message);
            return Ok(None);
        }
        match self.snapshot.get(id, self.budget) {
            Ok(located) => Ok(Some((id, located))),
            Err(error) if matches!(error.cause, Cause::Budget(_) | Cause::Source(_)) => Err(error),
            Err(error) => {
                let span = error.at.map(|at| Span::new(at, at));
                let message = format!("field object {id} cannot be read: {error}");
                self.report("pdf.form.unreadable-field", Severity::Error, span, message);
                Ok(None)
            }
        }
    }

    /// Walks a node and what is below it. Gives the node back if it is but a widget of its parent.
    fn visit(
        &mut self,
        node: &Object,
        above: &Inherited,
        depth: u32,
        level: Level,
    ) -> Result<Option<Visited>, Malformed> {
        let Some((id, located)) = self.load(node)? else { return Ok(None) };
        self.findings.extend(located.findings.iter().take(32).cloned());
        let Object::Dictionary(dictionary) = located.object else {
            if located.object != Object::Null {
                let message = format!("field object {id} is not a dictionary");
                self.report("pdf.form.unreadable-field", Severity::Error, Some(located.span), message);
            }
            return Ok(None);
        };
        let visited = Visited {
            id,
            dictionary,
            span: located.span,
            compressed: located.compressed,
            revision: located.from,
        };
        let is_field = ["T", "Kids", "FT"].iter().any(|key| visited.dictionary.get(key).is_some());
        if !is_field && level == Level::Kid {
            return Ok(Some(visited));
        }
        let Some(depth) = depth.checked_sub(1) else {
            return Err(Malformed::syntax(
                visited.span.start,
                "field tree nested too deeply",
                "ISO 32000-2, 12.7.4.1",
            ));
        };
        let own = self.inherit(&visited.dictionary, above)?;
        let kids = self.snapshot.entry(&visited.dictionary, "Kids", self.budget)?.into_owned();
        let below = Inherited { parent: Some(id), ..own.clone() };
        let (mut widgets, fields_before) = (Vec::new(), self.fields.len());
        for kid in kids.as_array().unwrap_or_default() {
            if let Some(widget) = self.visit(kid, &below, depth, Level::Kid)? {
                widgets.push(self.widget(&widget)?);
            }
        }
        if widgets.is_empty() && self.fields.len() > fields_before {
            return Ok(None);
        }
        self.add(visited, own, widgets)?;
        Ok(None)
    }

    fn add(&mut self, node: Visited, own: Inherited, mut widgets: Vec<Widget>) -> Result<(), Malformed> {
        if widgets.is_empty() && node.dictionary.get("Subtype").and_then(Object::as_name) == Some(b"Widget") {
            widgets.push(self.widget(&node)?);
        }
        self.fields.push(Field {
            id: node.id,
            name: own.name,
            field_type: own.field_type,
            flags: own.flags,
            value: own.value,
            default_appearance: own.default_appearance,
            dictionary: node.dictionary,
            span: node.span,
            compressed: node.compressed,
            parent: own.parent,
            revision: node.revision,
            widgets,
        });
        Ok(())
    }

    /// A widget where a field should be.
    fn orphan(&mut self, node: Visited) {
        let message = format!("object {} in Fields has neither name nor type", node.id);
        self.report("pdf.form.nameless-field", Severity::Warning, Some(node.span), message);
    }

    fn inherit(&mut self, dictionary: &Dictionary, above: &Inherited) -> Result<Inherited, Malformed> {
        let mut own = above.clone();
        if let Some(partial) = self.snapshot.entry(dictionary, "T", self.budget)?.as_string() {
            if !own.name.is_empty() {
                own.name.push('.');
            }
            own.name.push_str(&text(partial));
        }
        self.budget.spend(Resource::Steps, own.name.len() as u64 / 2)?;
        match self.snapshot.entry(dictionary, "FT", self.budget)?.as_name() {
            Some(b"Btn") => own.field_type = Some(FieldType::Button),
            Some(b"Tx") => own.field_type = Some(FieldType::Text),
            Some(b"Ch") => own.field_type = Some(FieldType::Choice),
            Some(b"Sig") => own.field_type = Some(FieldType::Signature),
            _ => {}
        }
        if let Some(flags) = self.snapshot.entry(dictionary, "Ff", self.budget)?.as_integer() {
            own.flags = flags;
        }
        if let Some(value) = dictionary.get("V") {
            own.value = Some(Arc::new(value.clone()));
        }
        if let Some(appearance) = self.snapshot.entry(dictionary, "DA", self.budget)?.as_string() {
            own.default_appearance = Some(appearance.into());
        }
        Ok(own)
    }

    fn widget(&mut self, node: &Visited) -> Result<Widget, Malformed> {
        let rect = match node.dictionary.get("Rect") {
            Some(rect) => self.snapshot.rectangle(rect, self.budget)?,
            None => None,
        };
        let page = node.dictionary.get("P").and_then(Object::as_reference);
        let flags = self.snapshot.entry(&node.dictionary, "F", self.budget)?.as_integer().unwrap_or(0);
        Ok(Widget { id: node.id, page, rect, flags })
    }
}

/// A node of the field tree as read.
struct Visited {
    id: ObjectId,
    dictionary: Dictionary,
    span: Span,
    compressed: bool,
    revision: usize,
}
