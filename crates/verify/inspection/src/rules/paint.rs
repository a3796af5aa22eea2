//! What the appearance of an annotation paints: whether it can hide or redraw what is under it.

use crate::comparison::{Comparison, Side};
use crate::reach::stops;
use pdf::content::{Operation, operations};
use pdf::object::{Dictionary, Object, Stream};
use std::collections::BTreeSet;
use types::{Malformed, Resource};

/// How much of what is under an annotation it can change for the eye, ascending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Paint {
    /// Parallel thin lines, thin frames, light colour that is multiplied with what is under it.
    Marks,
    /// Thin lines of any shape: they can draw a figure over another.
    Lines,
    /// Areas, thick lines or text.
    Covers,
}

/// Widest line that hides nothing, in points.
const THIN: f64 = 3.0;
/// Darkest colour, as luminance, through which text stays readable.
const LIGHT: f64 = 0.3;

impl Comparison<'_, '_, '_> {
    /// What an annotation paints: by its appearance, or where it has none by what readers draw for its kind.
    pub(super) fn paints(&mut self, side: Side, annotation: &Dictionary) -> Result<Paint, Malformed> {
        let kind = annotation.get("Subtype").and_then(Object::as_name).unwrap_or_default().to_vec();
        if kind == b"Popup" {
            return Ok(Paint::Marks);
        }
        let appearance = self.resolve(side, annotation.get("AP").unwrap_or(&Object::Null))?.into_owned();
        if appearance == Object::Null {
            return self.drawn_by_readers(side, annotation, &kind);
        }
        let zoom = match self.zoom(side, annotation, &appearance)? {
            Some(zoom) => zoom,
            None => return Ok(Paint::Covers),
        };
        let mut scan = Scan { paint: Paint::Marks, zoom };
        let mut waiting = vec![(appearance, Inherited::Normal)];
        let mut met = BTreeSet::new();
        while let Some((object, inherited)) = waiting.pop() {
            self.budget.spend(Resource::Steps, 1)?;
            match object {
                Object::Reference(id) if met.insert((id, inherited)) => {
                    waiting.push((self.resolve(side, &Object::Reference(id))?.into_owned(), inherited));
                }
                Object::Dictionary(states) => {
                    waiting.extend(states.0.into_iter().map(|(_, value)| (value, inherited)));
                }
                Object::Stream(stream) => {
                    let nested = self.scan_stream(side, &stream, inherited, &mut scan)?;
                    waiting.extend(nested);
                }
                _ => {}
            }
            if scan.paint == Paint::Covers {
                break;
            }
        }
        Ok(scan.paint)
    }

    /// Scans one appearance stream; gives the form XObjects that it may draw.
    fn scan_stream(
        &mut self,
        side: Side,
        stream: &Stream,
        inherited: Inherited,
        scan: &mut Scan,
    ) -> Result<Vec<(Object, Inherited)>, Malformed> {
        let view = if side == Side::Old { self.old } else { self.new };
        let content = match view.stream_data(stream, self.budget) {
            Ok(content) => operations(&content, self.budget),
            Err(error) => Err(error),
        };
        let content = match content {
            Ok(content) => content,
            Err(error) if stops(&error) => return Err(error),
            // What cannot be read here, a lenient reader draws.
            Err(_) => {
                scan.paint = Paint::Covers;
                return Ok(Vec::new());
            }
        };
        let dictionary = |object: &Object| match object {
            Object::Dictionary(dictionary) => dictionary.clone(),
            _ => Dictionary::new(),
        };
        let resources = stream.dictionary.get("Resources").unwrap_or(&Object::Null);
        let resources = dictionary(&*self.resolve(side, resources)?);
        let states = dictionary(&*self.resolve(side, resources.get("ExtGState").unwrap_or(&Object::Null))?);
        let mut own_states = OwnStates { multiply: !states.0.is_empty(), thick: false };
        for (_, state) in &states.0 {
            let state = dictionary(&*self.resolve(side, state)?);
            own_states.multiply &= state.get("BM").and_then(Object::as_name) == Some(b"Multiply");
            own_states.thick |=
                state.get("LW").is_some_and(|width| width.as_number().is_none_or(|w| w > THIN));
        }
        // Within an isolated group, blending ends at the group's own backdrop (ISO 32000-2, 11.4.5).
        let group =
            dictionary(&*self.resolve(side, stream.dictionary.get("Group").unwrap_or(&Object::Null))?);
        if group.get("I").is_some_and(|isolated| *isolated != Object::Boolean(false)) {
            own_states.multiply = false;
        }
        if let Some(Object::Array(matrix)) = stream.dictionary.get("Matrix") {
            scan.enlarge(&matrix.iter().filter_map(Object::as_number).collect::<Vec<f64>>());
        }
        let nested = scan.run(&content, inherited, own_states);
        let forms = dictionary(&*self.resolve(side, resources.get("XObject").unwrap_or(&Object::Null))?);
        Ok(forms.0.into_iter().map(|(_, form)| (form, nested)).collect())
    }

    /// How much larger than drawn an appearance shows (ISO 32000-2, 12.5.5); `None` if that is not plain.
    fn zoom(
        &mut self,
        side: Side,
        annotation: &Dictionary,
        appearance: &Object,
    ) -> Result<Option<f64>, Malformed> {
        let Object::Dictionary(appearance) = appearance else { return Ok(None) };
        let normal = self.resolve(side, appearance.get("N").unwrap_or(&Object::Null))?.into_owned();
        let rect = self.rectangle(side, annotation.get("Rect"))?;
        let Object::Stream(stream) = &normal else {
            // By state: check boxes and the like, never markup.
            return Ok((normal == Object::Null).then_some(1.0));
        };
        let bounds = self.rectangle(side, stream.dictionary.get("BBox"))?;
        let (Some(rect), Some(bounds)) = (rect, bounds) else { return Ok(None) };
        let zoom = |side: usize| (rect[side + 2] - rect[side]) / (bounds[side + 2] - bounds[side]);
        let zoom = zoom(0).max(zoom(1));
        Ok(zoom.is_finite().then_some(zoom))
    }

    /// A rectangle with its corners in order; `None` if it is none.
    pub(super) fn rectangle(
        &mut self,
        side: Side,
        object: Option<&Object>,
    ) -> Result<Option<[f64; 4]>, Malformed> {
        let object = self.resolve(side, object.unwrap_or(&Object::Null))?.into_owned();
        let numbers: Vec<f64> =
            object.as_array().unwrap_or_default().iter().filter_map(Object::as_number).collect();
        Ok(match numbers[..] {
            [a, b, c, d] => Some([a.min(c), b.min(d), a.max(c), b.max(d)]),
            _ => None,
        })
    }

    fn drawn_by_readers(
        &mut self,
        side: Side,
        annotation: &Dictionary,
        kind: &[u8],
    ) -> Result<Paint, Malformed> {
        let colour = self.resolve(side, annotation.get("C").unwrap_or(&Object::Null))?.into_owned();
        let colour: Vec<f64> =
            colour.as_array().unwrap_or_default().iter().filter_map(Object::as_number).collect();
        let thin = self.border_width(side, annotation)? <= THIN;
        let has = |key: &str| annotation.get(key).is_some();
        Ok(match kind {
            b"Highlight" if colour.is_empty() || is_light(&colour) => Paint::Marks,
            b"Highlight" => Paint::Covers,
            b"Underline" | b"StrikeOut" | b"Squiggly" | b"Text" | b"Caret" | b"FileAttachment" | b"Sound" => {
                Paint::Marks
            }
            b"Square" | b"Circle" | b"Polygon" | b"Link" if thin && !has("IC") => Paint::Marks,
            b"Line" | b"PolyLine" | b"Ink" if thin && !has("IC") && !has("Cap") => Paint::Lines,
            _ => Paint::Covers,
        })
    }

    /// `W` of `BS`, or the third number of `Border`; 1 where there is neither (ISO 32000-2, 12.5.4).
    fn border_width(&mut self, side: Side, annotation: &Dictionary) -> Result<f64, Malformed> {
        let style = self.resolve(side, annotation.get("BS").unwrap_or(&Object::Null))?.into_owned();
        if let Object::Dictionary(style) = style {
            let width = self.resolve(side, style.get("W").unwrap_or(&Object::Null))?.as_number();
            return Ok(width.unwrap_or(1.0));
        }
        let border = self.resolve(side, annotation.get("Border").unwrap_or(&Object::Null))?.into_owned();
        let width = border.as_array().and_then(|border| border.get(2)).and_then(Object::as_number);
        Ok(width.unwrap_or(1.0))
    }
}

/// The blend mode that a form XObject is drawn in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Inherited {
    Normal,
    Multiply,
}

/// What the graphics state dictionaries of a stream do.
#[derive(Clone, Copy)]
struct OwnStates {
    /// All of them multiply colours.
    multiply: bool,
    /// One of them makes lines thick, or it is not known.
    thick: bool,
}

/// The part of the graphics state that matters here.
#[derive(Clone, Copy)]
struct State {
    blend: Inherited,
    light: bool,
    width: f64,
}

/// What was found so far.
struct Scan {
    paint: Paint,
    zoom: f64,
}

impl Scan {
    fn enlarge(&mut self, matrix: &[f64]) {
        let largest = matrix.iter().take(4).fold(1.0, |largest: f64, number| largest.max(number.abs()));
        self.zoom *= largest;
    }

    /// Runs over one stream; gives the blend mode in which its form XObjects are drawn, the worse of several.
    fn run(&mut self, content: &[Operation], inherited: Inherited, own: OwnStates) -> Inherited {
        let mut state = State { blend: inherited, light: false, width: 1.0 };
        let (mut saved, mut nested) = (Vec::new(), Inherited::Multiply);
        let mut path = Path::default();
        for operation in content {
            match operation.operator.as_slice() {
                b"q" => saved.push(state),
                b"Q" => state = saved.pop().unwrap_or(state),
                b"gs" if own.thick => self.paint = Paint::Covers,
                b"gs" if own.multiply => state.blend = Inherited::Multiply,
                b"gs" => state.blend = inherited,
                b"w" => state.width = operation.numbers.first().copied().unwrap_or(f64::MAX),
                b"cm" => self.enlarge(&operation.numbers),
                b"g" | b"rg" | b"k" => state.light = is_light(&operation.numbers),
                b"sc" | b"scn" => {
                    state.light = operation.names.is_empty() && is_light(&operation.numbers);
                }
                b"cs" => state.light = false,
                b"S" | b"s" => self.stroke(state, &mut path),
                b"f" | b"F" | b"f*" | b"B" | b"B*" | b"b" | b"b*" => self.fill(state, &mut path),
                b"n" => path = Path::default(),
                b"Do" => nested = nested.min(state.blend),
                b"sh" | b"ID" | b"Tj" | b"TJ" | b"'" | b"\"" => self.paint = Paint::Covers,
                _ => path.add(operation),
            }
        }
        nested
    }

    fn stroke(&mut self, state: State, path: &mut Path) {
        let drawn = std::mem::take(path);
        let paint = match drawn.shape() {
            _ if state.width * self.zoom > THIN => Paint::Covers,
            Shape::Parallel => Paint::Marks,
            Shape::Any => Paint::Lines,
        };
        self.paint = self.paint.max(paint);
    }

    fn fill(&mut self, state: State, path: &mut Path) {
        *path = Path::default();
        if !state.light || state.blend != Inherited::Multiply {
            self.paint = Paint::Covers;
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Parallel,
    Any,
}

/// Which directions the path under construction goes.
#[derive(Default)]
struct Path {
    at: Option<(f64, f64)>,
    horizontal: bool,
    vertical: bool,
    bent: bool,
}

impl Path {
    fn add(&mut self, operation: &Operation) {
        match (operation.operator.as_slice(), &operation.numbers[..]) {
            (b"m", [x, y]) => self.at = Some((*x, *y)),
            (b"l", [x, y]) => {
                let (from_x, from_y) = self.at.unwrap_or((*x, *y));
                let (across, up) = ((x - from_x).abs() > 0.5, (y - from_y).abs() > 0.5);
                self.horizontal |= across && !up;
                self.vertical |= up && !across;
                self.bent |= across && up;
                self.at = Some((*x, *y));
            }
            (b"re", _) => (self.horizontal, self.vertical) = (true, true),
            (b"c" | b"v" | b"y", _) => self.bent = true,
            _ => {}
        }
    }

    fn shape(&self) -> Shape {
        if self.bent || (self.horizontal && self.vertical) { Shape::Any } else { Shape::Parallel }
    }
}

/// Whether text stays readable under a colour that is multiplied with it: grey, RGB or CMYK.
fn is_light(colour: &[f64]) -> bool {
    let luminance = match *colour {
        [grey] => grey,
        [red, green, blue] => 0.3 * red + 0.59 * green + 0.11 * blue,
        [cyan, magenta, yellow, black] => (1.0 - black) * (1.0 - 0.3 * cyan - 0.59 * magenta - 0.11 * yellow),
        _ => 0.0,
    };
    luminance >= LIGHT
}
