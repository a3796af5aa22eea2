//! Planning a signature: what is allowed, where it goes, and the bytes to append.

use super::catalog::Catalog;
use super::field::{self, Target};
use super::page::{self, Shown, View, normalised};
use super::permission::{self, Change};
use super::{
    FieldChoice, Placement, PreparedSignature, SignatureRequest, SigningRefusal, SubFilter, checks,
    conformance, dictionary, seed,
};
use crate::acroform::{Field, Widget};
use crate::appearance::{self, Appearance, AppearanceError, Constraints, Direction, Rotation, Size, Value};
use crate::document::Document;
use crate::object::{Dictionary, Object, ObjectId, Stream, StreamData};
use crate::pages::Page;
use crate::signatures::{FieldLock, Signatures};
use crate::update::Update;
use types::{Budget, Finding, Malformed, Severity};

/// Annotation flags (ISO 32000-2, Table 167).
const INVISIBLE_HIDDEN_NO_VIEW: i64 = 1 | 2 | 32;
const PRINT: i64 = 4;
const LOCKED: i64 = 128;

/// Decides everything about a signature and lays out the bytes that will follow the file.
///
/// `entropy`: 32 fresh random bytes, for initialisation vectors and the file identifier. Reads what signing touches,
/// not the whole document.
pub fn plan(
    document: &Document<'_>,
    request: &SignatureRequest,
    entropy: [u8; 32],
    budget: &mut Budget,
) -> Result<PreparedSignature, SigningRefusal> {
    checks::check_request(request)?;
    let mut findings = Vec::new();
    checks::check_structure(document, &mut findings)?;
    let (catalog_id, catalog) = document.catalog(budget)?;
    let form = document.acroform(budget)?;
    checks::check_form(form.as_ref(), &mut findings)?;
    let signatures = document.latest().signatures_of(form.as_ref(), budget)?;
    let target = field::choose(form.as_ref(), &signatures, request, &mut findings)?;
    let change = change(&target, request)?;
    permission::check_encryption(document, change)?;
    permission::check_signatures(&signatures, request, target.name(), change, &mut findings)?;
    let lock = target.lock(request)?;
    let update = Update::new(document, entropy);
    let part = conformance::pdf_a_part(document, &catalog, budget)?;
    let mut planner = Planner {
        request,
        update,
        constraints: conformance::constraints(document, &catalog, part, budget)?,
        pdf_a: part,
        catalog: Catalog::new(catalog_id, catalog),
        lock,
        findings,
    };
    let (signature, page) = planner.place(&target, &signatures, budget)?;
    planner.finish(&target, signature, page, budget)
}

/// How the form changes; refuses places that do not fit the kind of field.
fn change(target: &Target<'_>, request: &SignatureRequest) -> Result<Change, SigningRefusal> {
    match (target, &request.placement) {
        (Target::New(_), Placement::Invisible) => Ok(Change::NewInvisible),
        (Target::New(_), Placement::Rect { .. } | Placement::AtText { .. }) => Ok(Change::NewVisible),
        (Target::Existing { .. }, Placement::Invisible | Placement::FieldRect) => Ok(Change::Fill),
        (Target::New(_), Placement::FieldRect) if request.field == FieldChoice::Auto => {
            let reason = "the document has no empty signature field to be visible in";
            Err(SigningRefusal::new("pdf.sign.placement", reason, "give a page and a rectangle"))
        }
        (Target::New(_), Placement::FieldRect) => {
            let reason = "a new field has no rectangle of its own";
            Err(SigningRefusal::new("pdf.sign.placement", reason, "give a page and a rectangle"))
        }
        (Target::Existing { field, .. }, _) => {
            let reason = format!("the field {} has its own rectangle", field.name);
            let refusal =
                SigningRefusal::new("pdf.sign.placement", reason, "sign in its rectangle or in a new field");
            Err(refusal.at(field.span.start))
        }
    }
}

/// Where a new field goes.
struct Place {
    page: Page,
    rect: [f64; 4],
    /// Size and rotation of the form, if something is shown.
    form: Option<(Size, Rotation)>,
}

/// Everything decided so far, and the update in the making.
struct Planner<'r, 'd, 's> {
    request: &'r SignatureRequest,
    update: Update<'d, 's>,
    catalog: Catalog,
    constraints: Constraints,
    pdf_a: Option<u8>,
    lock: Option<FieldLock>,
    findings: Vec<Finding>,
}

impl Planner<'_, '_, '_> {
    /// Puts the signature into its field; its object and the index of the page.
    fn place(
        &mut self,
        target: &Target<'_>,
        signatures: &Signatures,
        budget: &mut Budget,
    ) -> Result<(ObjectId, Option<usize>), SigningRefusal> {
        match target {
            Target::New(name) => self.new_field(name, budget),
            Target::Existing { field, .. } => {
                let untouched = signatures.fields.iter().all(|field| field.value.is_none());
                self.fill(field, if untouched { Earlier::None } else { Earlier::Signatures }, budget)
            }
        }
    }

    fn new_field(
        &mut self,
        name: &str,
        budget: &mut Budget,
    ) -> Result<(ObjectId, Option<usize>), SigningRefusal> {
        let place = self.new_place(budget)?;
        let signature = self.update.reserve();
        let widget = self.update.reserve();
        let mut dictionary = Dictionary::new()
            .with("Type", Object::name("Annot"))
            .with("Subtype", Object::name("Widget"))
            .with("FT", Object::name("Sig"))
            .with("T", Object::text(name))
            .with("V", Object::Reference(signature))
            .with("F", Object::Integer(PRINT | LOCKED))
            .with("P", Object::Reference(place.page.id))
            .with("Rect", Object::Array(place.rect.map(Object::real).to_vec()));
        if let Some((size, rotation)) = place.form {
            self.note_tags(budget)?;
            let form = self.draw(size, rotation)?;
            dictionary.set("AP", normal_appearance(form));
            if rotation != Rotation::None {
                let turned = Dictionary::new().with("R", Object::Integer(rotation.degrees()));
                dictionary.set("MK", Object::Dictionary(turned));
            }
        } else if self.pdf_a.is_some() {
            // ISO 19005-1, 6.9: every field has an appearance, even one of no size.
            let form = self.update.add(Object::Stream(blank_form(Size { width: 0.0, height: 0.0 })));
            dictionary.set("AP", normal_appearance(form));
        }
        if let Some(lock) = &self.lock {
            let lock = self.update.add(Object::Dictionary(dictionary::lock(lock)));
            dictionary.set("Lock", Object::Reference(lock));
        }
        self.update.set(widget, Object::Dictionary(dictionary));
        page::annotate(&mut self.update, &place.page, widget, budget)?;
        self.catalog.form(&mut self.update, Some(widget), budget)?;
        Ok((signature, Some(place.page.index)))
    }

    /// A new widget is not in the structure tree of a tagged document (ISO 14289-1, 7.18.1).
    fn note_tags(&mut self, budget: &mut Budget) -> Result<(), SigningRefusal> {
        if self.catalog.is_tagged(&self.update, budget)? {
            let message = "the document is tagged, the new visible field is not";
            self.findings.push(
                Finding::new("pdf.sign.untagged-field", Severity::Info, message)
                    .hint("for PDF/UA sign in a field that the document has already"),
            );
        }
        Ok(())
    }

    /// The page and rectangle of a new field.
    fn new_place(&mut self, budget: &mut Budget) -> Result<Place, SigningRefusal> {
        match &self.request.placement {
            Placement::Rect { page, x, y, width, height } => {
                let page = self.page(*page, budget)?;
                let shown = Shown { x: *x, y: *y, size: Size { width: *width, height: *height } };
                visible(page, shown)
            }
            Placement::AtText { text, side, width, height } => {
                let size = Size { width: *width, height: *height };
                let (page, shown) = super::anchor::find(self.update.document(), text, *side, size, budget)?;
                visible(page, shown)
            }
            Placement::Invisible | Placement::FieldRect => {
                Ok(Place { page: self.page(0, budget)?, rect: [0.0; 4], form: None })
            }
        }
    }

    fn page(&self, index: usize, budget: &mut Budget) -> Result<Page, SigningRefusal> {
        let document = self.update.document();
        match document.page(index, budget)? {
            Some(page) => Ok(page),
            None => {
                let count = document.page_count(budget)?;
                let reason =
                    format!("there is no page {}, the document has {count}", index.saturating_add(1));
                Err(SigningRefusal::new("pdf.sign.page", reason, "give a page of the document"))
            }
        }
    }

    /// Draws the appearance; the object of its form.
    fn draw(&mut self, size: Size, rotation: Rotation) -> Result<ObjectId, SigningRefusal> {
        let default = Appearance::default();
        let appearance = self.request.appearance.as_ref().unwrap_or(&default);
        let paragraphs = paragraphs(appearance, self.request)?;
        let update = &mut self.update;
        let form =
            appearance::draw(appearance, &paragraphs, size, rotation, self.constraints, &mut |object| {
                update.add(object)
            })?;
        Ok(self.update.add(Object::Stream(form)))
    }

    /// Gives an existing field its value, and its widget an appearance.
    fn fill(
        &mut self,
        field: &Field,
        earlier: Earlier,
        budget: &mut Budget,
    ) -> Result<(ObjectId, Option<usize>), SigningRefusal> {
        if let Some(demands) = field.dictionary.get("SV") {
            seed::check(&self.update, demands, self.request, field.span.start, &mut self.findings, budget)?;
        }
        let signature = self.update.reserve();
        let mut dictionary = field.dictionary.clone();
        dictionary.set("V", Object::Reference(signature));
        self.own_lock(&mut dictionary, field, earlier)?;
        let widget = field.widgets.first();
        if field.widgets.len() > 1 {
            let message = format!("the field {} has several widgets, the first one is used", field.name);
            self.findings
                .push(Finding::new("pdf.sign.several-widgets", Severity::Warning, message).at(field.span));
        }
        let page = match widget {
            Some(widget) if widget.id == field.id => self.show(widget, &mut dictionary, budget)?,
            Some(widget) => self.show_apart(widget, earlier, budget)?,
            None if self.request.placement == Placement::FieldRect => {
                let reason = format!("the field {} has no rectangle to be visible in", field.name);
                let refusal =
                    SigningRefusal::new("pdf.sign.placement", reason, "sign invisibly or in a new field");
                return Err(refusal.at(field.span.start));
            }
            None => None,
        };
        self.update.set(field.id, Object::Dictionary(dictionary));
        self.catalog.form(&mut self.update, None, budget)?;
        Ok((signature, page))
    }

    /// Writes a lock into a field that has none; not when that would change a form signed before.
    fn own_lock(
        &mut self,
        dictionary: &mut Dictionary,
        field: &Field,
        earlier: Earlier,
    ) -> Result<(), SigningRefusal> {
        let Some(lock) = self.lock.as_ref().filter(|_| dictionary.get("Lock").is_none()) else {
            return Ok(());
        };
        if earlier == Earlier::Signatures {
            let reason = format!("a lock cannot be given to the field {} of a signed document", field.name);
            let refusal =
                SigningRefusal::new("pdf.sign.lock", reason, "lock with a new field, or not at all");
            return Err(refusal.at(field.span.start));
        }
        let lock = self.update.add(Object::Dictionary(dictionary::lock(lock)));
        dictionary.set("Lock", Object::Reference(lock));
        Ok(())
    }

    /// The same for a widget that is an object of its own. In a signed document it is left alone unless it must show
    /// something: not all validators connect it with the field.
    fn show_apart(
        &mut self,
        widget: &Widget,
        earlier: Earlier,
        budget: &mut Budget,
    ) -> Result<Option<usize>, SigningRefusal> {
        if earlier == Earlier::Signatures && self.request.placement != Placement::FieldRect {
            return self.index_of_page(widget, budget);
        }
        if earlier == Earlier::Signatures {
            let message =
                "the field's widget is an object of its own, some validators will call its change suspicious";
            self.findings.push(
                Finding::new("pdf.sign.widget-apart", Severity::Warning, message)
                    .hint("sign invisibly to leave the earlier signatures beyond doubt"),
            );
        }
        let Object::Dictionary(mut dictionary) = self.update.get(widget.id, budget)? else {
            return Err(Malformed::syntax(None, "a widget is not a dictionary", "ISO 32000-2, 12.5.2").into());
        };
        let before = dictionary.clone();
        let page = self.show(widget, &mut dictionary, budget)?;
        if dictionary != before {
            self.update.set(widget.id, Object::Dictionary(dictionary));
        }
        Ok(page)
    }

    fn index_of_page(&self, widget: &Widget, budget: &mut Budget) -> Result<Option<usize>, SigningRefusal> {
        Ok(match widget.page {
            Some(page) => self.update.document().latest().page_index(page, budget)?,
            None => None,
        })
    }

    /// The appearance of an existing widget: drawn if asked for, otherwise blank. The index of its page, if known.
    fn show(
        &mut self,
        widget: &Widget,
        dictionary: &mut Dictionary,
        budget: &mut Budget,
    ) -> Result<Option<usize>, SigningRefusal> {
        let [x0, y0, x1, y1] = widget.rect.map_or([0.0; 4], normalised);
        let size = Size { width: x1 - x0, height: y1 - y0 };
        if self.request.placement != Placement::FieldRect {
            if size.width > 0.0 && size.height > 0.0 || self.pdf_a.is_some() {
                let form = self.update.add(Object::Stream(blank_form(size)));
                dictionary.set("AP", normal_appearance(form));
                dictionary.remove("AS");
            }
            return self.index_of_page(widget, budget);
        }
        let page = self.page_of(widget, budget)?;
        let rotation = View::of(&page)?.rotation;
        let upright = match rotation {
            Rotation::None | Rotation::Half => size,
            Rotation::Quarter | Rotation::ThreeQuarters => Size { width: size.height, height: size.width },
        };
        if !(size.width >= 1.0 && size.height >= 1.0 && size.width < 1e7 && size.height < 1e7) {
            let reason = "the field's rectangle is less than a point wide or high";
            return Err(SigningRefusal::new(
                "pdf.sign.rectangle",
                reason,
                "sign invisibly or in a new field",
            ));
        }
        let form = self.draw(upright, rotation)?;
        dictionary.set("AP", normal_appearance(form));
        dictionary.remove("AS");
        let flags = (widget.flags & !INVISIBLE_HIDDEN_NO_VIEW) | PRINT;
        if flags != widget.flags {
            dictionary.set("F", Object::Integer(flags));
        }
        Ok(Some(page.index))
    }

    fn page_of(&self, widget: &Widget, budget: &mut Budget) -> Result<Page, SigningRefusal> {
        let document = self.update.document();
        let latest = document.latest();
        let page = match widget.page {
            Some(page) => Some(page),
            None => latest.page_of_annotation(widget.id, budget)?,
        };
        let index = match page {
            Some(page) => latest.page_index(page, budget)?,
            None => None,
        };
        match index {
            Some(index) => self.page(index, budget),
            None => {
                let reason = "the field's widget is on no page";
                Err(SigningRefusal::new("pdf.sign.page", reason, "sign invisibly or in a new field"))
            }
        }
    }

    /// The catalog, the signature dictionary, the bytes.
    fn finish(
        mut self,
        target: &Target<'_>,
        signature: ObjectId,
        page: Option<usize>,
        budget: &mut Budget,
    ) -> Result<PreparedSignature, SigningRefusal> {
        if self.request.certification.is_some() {
            self.catalog.certification(&mut self.update, signature, budget)?;
        }
        if let Some(level) = self.request.sub_filter.extension_level() {
            self.catalog.extension(&mut self.update, level, self.pdf_a, budget)?;
        }
        self.note_time();
        let entries = dictionary::entries(self.request, self.lock.as_ref(), self.catalog.id);
        self.update.set_signature(signature, entries, self.request.contents_len);
        self.catalog.finish(&mut self.update);
        let tail = self.update.finish(budget)?;
        let (Some(contents), Some(byte_range)) = (tail.contents(), tail.byte_range()) else {
            let reason = "the update has no signature dictionary";
            return Err(SigningRefusal::new("pdf.sign.internal", reason, ""));
        };
        Ok(PreparedSignature {
            base_len: tail.base_len,
            tail: tail.bytes,
            contents,
            byte_range,
            field_name: target.name().to_owned(),
            page,
            findings: self.findings,
        })
    }

    /// A PAdES baseline signature has `M` (ETSI EN 319 142-1, 6.3).
    fn note_time(&mut self) {
        if self.request.sub_filter == SubFilter::EtsiCadesDetached && self.request.claimed_time.is_none() {
            let message = "without a claimed time the signature is not a PAdES baseline signature";
            self.findings.push(Finding::new("pdf.sign.no-claimed-time", Severity::Warning, message));
        }
    }
}

/// Whether the document was signed before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Earlier {
    None,
    Signatures,
}

fn visible(page: Page, shown: Shown) -> Result<Place, SigningRefusal> {
    let view = View::of(&page)?;
    let rect = view.rect(shown, page.index)?;
    Ok(Place { rect, form: Some((shown.size, view.rotation)), page })
}

/// The lines of the appearance: label and value.
fn paragraphs(appearance: &Appearance, request: &SignatureRequest) -> Result<Vec<String>, AppearanceError> {
    let line = |value: &Value| {
        let direction = match value {
            Value::ClaimedTime => Direction::LeftToRight,
            _ => Direction::Own,
        };
        let text = match value {
            Value::Name => request.name.clone(),
            Value::Reason => request.reason.clone(),
            Value::Location => request.location.clone(),
            Value::ClaimedTime => request.claimed_time.map(dictionary::shown_time),
        }?;
        let text = text.split(['\n', '\r', '\t']).collect::<Vec<_>>().join(" ");
        Some(appearance::paragraph(appearance.labels.of(*value), &text, direction))
    };
    appearance.shown.0.iter().filter_map(line).collect()
}

/// An appearance dictionary with a single normal appearance (ISO 32000-2, 12.5.5).
fn normal_appearance(form: ObjectId) -> Object {
    Object::Dictionary(Dictionary::new().with("N", Object::Reference(form)))
}

/// A form XObject that draws nothing.
fn blank_form(size: Size) -> Stream {
    let bounds = [0.0, 0.0, size.width, size.height].map(Object::real).to_vec();
    let dictionary = Dictionary::new()
        .with("Type", Object::name("XObject"))
        .with("Subtype", Object::name("Form"))
        .with("BBox", Object::Array(bounds))
        .with("Resources", Object::Dictionary(Dictionary::new()));
    Stream { dictionary, data: StreamData::Bytes(Vec::new()) }
}
