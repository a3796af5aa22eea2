//! Annotations (ISO 32000-2, 12.5): what is hidden, printed only, or laid over the page.

use crate::code::{
    ANNOTATION_COVERS, ANNOTATION_HIDDEN, ANNOTATION_LOOK, ANNOTATION_PRINT, ANNOTATION_SCREEN,
    ANNOTATIONS_OVERLAP, LAYER_HIDDEN, MEDIA, PAGE_WIDGET, RICH_MEDIA,
};
use crate::content::{Ground, Surface, centre, covers};
use crate::layers::Layers;
use crate::report::Place;
use crate::scene::{Scene, Trait, into_dictionary, name};
use pdf::marks::{Area, Mark, MarkReader};
use pdf::object::{Dictionary, Object, Stream};
use pdf::pages::Page;
use types::{Budget, Malformed, Resource, Severity};

const HIDDEN: i64 = 1 << 1;
const PRINT: i64 = 1 << 2;
const NO_VIEW: i64 = 1 << 5;
/// A widget that covers as much of the page is a page of its own.
const PAGE_SIZED: f64 = 0.8;

/// Annotations that a viewer draws by itself if they have no appearance.
const DRAWN: [&[u8]; 13] = [
    b"FreeText",
    b"Line",
    b"Square",
    b"Circle",
    b"Polygon",
    b"PolyLine",
    b"Highlight",
    b"Underline",
    b"Squiggly",
    b"StrikeOut",
    b"Stamp",
    b"Caret",
    b"Ink",
];

/// The page that annotations are on.
#[derive(Clone, Copy)]
pub(crate) struct Sheet<'p> {
    pub(crate) page: &'p Page,
    pub(crate) visible: Area,
    /// Text that is seen as long as nothing is laid over it.
    pub(crate) texts: &'p [Area],
    pub(crate) place: Place,
}

/// What annotations are looked at with.
struct Tools<'t, 'd, 's> {
    reader: &'t mut MarkReader<'d, 's>,
    layers: &'t mut Layers,
}

/// An annotation that can be seen.
struct Shown {
    rect: Area,
    has_marks: bool,
}

impl Scene<'_, '_> {
    /// Looks at all annotations of a page.
    pub(crate) fn look_at_annotations(
        &mut self,
        sheet: &Sheet<'_>,
        reader: &mut MarkReader<'_, '_>,
        layers: &mut Layers,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        let mut shown: Vec<Shown> = Vec::new();
        let tools = &mut Tools { reader, layers };
        for annotation in self.array(&sheet.page.dictionary, "Annots", budget)? {
            budget.spend(Resource::Steps, 1 + shown.len() as u64 / 8)?;
            let mut place = sheet.place;
            let object = match annotation {
                Object::Reference(id) => {
                    let located = self.snapshot.follow(id, budget).map(Some);
                    let Some(located) = self.read(located, place)? else { continue };
                    place.span = Some(located.span);
                    located.object
                }
                direct => direct,
            };
            let annotation = into_dictionary(object);
            let sheet = Sheet { place, ..*sheet };
            self.look_at_annotation(&annotation, &sheet, &mut shown, tools, budget)?;
        }
        Ok(())
    }

    fn look_at_annotation(
        &mut self,
        annotation: &Dictionary,
        sheet: &Sheet<'_>,
        shown: &mut Vec<Shown>,
        tools: &mut Tools<'_, '_, '_>,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        let place = sheet.place;
        let subtype = self.entry(annotation, "Subtype", budget)?;
        let subtype = subtype.as_name().unwrap_or_default();
        self.kind_of_annotation(annotation, subtype, place);
        let rect = annotation.get("Rect").unwrap_or(&Object::Null);
        let rect = self.snapshot.rectangle(rect, budget);
        let Some(rect) = self.read(rect, place)? else { return Ok(()) };
        let flags = self.entry(annotation, "F", budget)?.as_integer().unwrap_or(0);
        let appearance = self.appearance(annotation, budget)?;
        let (has_appearance, area) = (appearance.is_some(), (rect[2] - rect[0]) * (rect[3] - rect[1]));
        let marks = match &appearance {
            Some(stream) if area > 0.0 => {
                let marks = tools.reader.appearance(stream, rect, budget);
                self.read(marks, place)?
            }
            _ => Default::default(),
        };
        let hidden_layer = match annotation.get("OC").and_then(Object::as_reference) {
            Some(layer) => tools.layers.hides(self, layer, budget)?,
            None => false,
        };
        let has_text = ["Contents", "V", "RC"].iter().any(|key| annotation.get(key).is_some());
        let has_content = !marks.marks.is_empty() || has_text;
        if hidden_layer {
            if !marks.marks.is_empty() {
                let message = "an annotation on a layer that is off";
                self.findings.weigh(LAYER_HIDDEN, Severity::Error, place, message);
            }
            return Ok(());
        }
        if !self.visibility(subtype, flags, has_content, !marks.marks.is_empty(), place) {
            return Ok(());
        }
        if !has_appearance && DRAWN.contains(&subtype) {
            let message = format!("{} ({})", ANNOTATION_LOOK.about, String::from_utf8_lossy(subtype));
            self.add(ANNOTATION_LOOK, place, message);
        }
        let surface = Surface { visible: rect, ground: Ground::Unknown, place };
        self.look_at_marks(&marks, surface, tools.layers, budget)?;
        let own = Shown { rect, has_marks: !marks.marks.is_empty() };
        if subtype == b"Widget" && own.has_marks && share(sheet.visible, rect) >= PAGE_SIZED {
            self.add(PAGE_WIDGET, place, PAGE_WIDGET.about);
        }
        let kind = String::from_utf8_lossy(subtype).into_owned();
        self.what_it_covers(&kind, &marks.marks, sheet, shown, budget)?;
        shown.push(own);
        Ok(())
    }

    fn kind_of_annotation(&mut self, annotation: &Dictionary, subtype: &[u8], place: Place) {
        let kind = String::from_utf8_lossy(subtype).into_owned();
        match subtype {
            b"RichMedia" | b"3D" => {
                self.traits.insert(Trait::RichMedia);
                self.add(RICH_MEDIA, place, format!("{} ({kind})", RICH_MEDIA.about));
            }
            b"Movie" | b"Sound" | b"Screen" => {
                self.traits.insert(Trait::RichMedia);
                self.add(MEDIA, place, format!("{} ({kind})", MEDIA.about));
            }
            b"Widget" if annotation.get("A").is_some() => {
                self.traits.insert(Trait::WidgetAction);
            }
            _ => {}
        }
        if subtype == b"Widget" && annotation.get("AA").is_some() {
            self.traits.insert(Trait::FieldTrigger);
        }
    }

    /// Reports flags that hide something; whether the annotation is seen on a screen.
    fn visibility(
        &mut self,
        subtype: &[u8],
        flags: i64,
        has_content: bool,
        has_marks: bool,
        place: Place,
    ) -> bool {
        if subtype == b"Popup" {
            return false;
        }
        let kind = String::from_utf8_lossy(subtype).into_owned();
        if flags & HIDDEN != 0 || (flags & NO_VIEW != 0 && flags & PRINT == 0) {
            if has_content {
                self.add(ANNOTATION_HIDDEN, place, format!("{} ({kind})", ANNOTATION_HIDDEN.about));
            }
            return false;
        }
        if flags & NO_VIEW != 0 {
            if has_marks {
                self.add(ANNOTATION_PRINT, place, format!("{} ({kind})", ANNOTATION_PRINT.about));
            }
            return false;
        }
        if flags & PRINT == 0 && has_marks {
            self.add(ANNOTATION_SCREEN, place, format!("{} ({kind})", ANNOTATION_SCREEN.about));
        }
        true
    }

    /// The normal appearance in the current state (ISO 32000-2, 12.5.5).
    pub(crate) fn appearance(
        &mut self,
        annotation: &Dictionary,
        budget: &mut Budget,
    ) -> Result<Option<Stream>, Malformed> {
        let appearances = self.dictionary(annotation, "AP", budget)?;
        match self.entry(&appearances, "N", budget)? {
            Object::Stream(stream) => Ok(Some(stream)),
            Object::Dictionary(states) => {
                let state = String::from_utf8_lossy(name(annotation, "AS")).into_owned();
                match self.entry(&states, &state, budget)? {
                    Object::Stream(stream) => Ok(Some(stream)),
                    _ => Ok(None),
                }
            }
            _ => Ok(None),
        }
    }

    fn what_it_covers(
        &mut self,
        kind: &str,
        marks: &[Mark],
        sheet: &Sheet<'_>,
        shown: &[Shown],
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        let opaque: Vec<&Mark> = marks.iter().filter(|mark| covers(mark, spot(mark))).collect();
        if opaque.is_empty() {
            return Ok(());
        }
        budget.spend(Resource::Steps, (opaque.len() as u64).saturating_mul(sheet.texts.len() as u64) / 8)?;
        if sheet.texts.iter().any(|text| opaque.iter().any(|mark| covers(mark, *text))) {
            self.add(ANNOTATION_COVERS, sheet.place, format!("{} ({kind})", ANNOTATION_COVERS.about));
        }
        budget.spend(Resource::Steps, (opaque.len() as u64).saturating_mul(shown.len() as u64) / 8)?;
        let below = shown.iter().filter(|other| other.has_marks);
        if below.map(|other| other.rect).any(|other| opaque.iter().any(|mark| covers(mark, other))) {
            self.add(ANNOTATIONS_OVERLAP, sheet.place, format!("{} ({kind})", ANNOTATIONS_OVERLAP.about));
        }
        Ok(())
    }
}

/// A point in the middle of a mark: covered if the mark covers anything.
fn spot(mark: &Mark) -> Area {
    let (x, y) = centre(mark.area);
    [x - 0.5, y, x + 0.5, y]
}

/// How much of `whole` is in `part`.
fn share(whole: Area, part: Area) -> f64 {
    let overlap =
        |low: usize, high: usize| (whole[high].min(part[high]) - whole[low].max(part[low])).max(0.0);
    let size = (whole[2] - whole[0]) * (whole[3] - whole[1]);
    if size > 0.0 { overlap(0, 2) * overlap(1, 3) / size } else { 0.0 }
}
