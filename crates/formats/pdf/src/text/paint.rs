//! Painting operators, as far as they say what can be seen (ISO 32000-2, 8.4 to 8.9, 11.6 and 14.6).

use super::font::TextFont;
use super::interpret::{Interpreter, Operand};
use super::marks::{Area, Colour, Contradiction, Mark, MarkKind, Marks, TextRun};
use super::traces::{Shade, Tracing};
use crate::object::{Dictionary, Object, ObjectId};
use types::{Budget, Malformed, Resource};

/// Most marks that are kept of one page.
const MOST_MARKS: usize = 100_000;
/// Most contradictions that are kept of one page.
const MOST_CONTRADICTIONS: usize = 1000;
/// Most marked-content sequences open at a time.
const MOST_OPEN: usize = 4096;

/// Darkest part of a colour that is not dark.
const DARK: f64 = 0.65;

const BLACK: Colour = Colour::Known([0.0; 3]);
const WHOLE: Area = [0.0, 0.0, 1.0, 1.0];

/// What a colour space makes of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Space {
    Grey,
    Rgb,
    Cmyk,
    Other,
}

impl Space {
    fn colour(self, numbers: &[f64]) -> Colour {
        let part = |value: f64| value.clamp(0.0, 1.0);
        match (self, numbers) {
            (Space::Grey, [grey]) => Colour::Known([part(*grey); 3]),
            (Space::Rgb, [red, green, blue]) => Colour::Known([part(*red), part(*green), part(*blue)]),
            (Space::Cmyk, [cyan, magenta, yellow, black]) => {
                Colour::Known([cyan, magenta, yellow].map(|ink| 1.0 - part(ink + black)))
            }
            _ => Colour::Unknown,
        }
    }

    fn initial(self) -> Colour {
        if self == Space::Other { Colour::Unknown } else { BLACK }
    }
}

/// The part of the graphics state that painting needs.
#[derive(Clone)]
pub(super) struct Paint {
    fill: Colour,
    stroke: Colour,
    fill_space: Space,
    stroke_space: Space,
    fill_alpha: f64,
    stroke_alpha: f64,
    has_blend_mode: bool,
    pub(super) has_soft_mask: bool,
    mode: u8,
    pub(super) clip: Option<Area>,
    pub(super) line_width: f64,
    pub(super) fill_is_pattern: bool,
}

impl Default for Paint {
    fn default() -> Paint {
        Paint {
            fill: BLACK,
            stroke: BLACK,
            fill_space: Space::Grey,
            stroke_space: Space::Grey,
            fill_alpha: 1.0,
            stroke_alpha: 1.0,
            has_blend_mode: false,
            has_soft_mask: false,
            mode: 0,
            clip: None,
            line_width: 1.0,
            fill_is_pattern: false,
        }
    }
}

/// The path under construction, as its box.
#[derive(Default)]
struct Path {
    area: Option<Area>,
    /// The first corners.
    points: Vec<(f64, f64)>,
    subpaths: usize,
    is_curved: bool,
    clips: bool,
}

impl Path {
    fn add(&mut self, point: (f64, f64)) {
        if self.points.len() < 6 {
            self.points.push(point);
        }
        include(&mut self.area, point);
    }

    /// Whether it is one rectangle along the axes.
    fn is_rectangle(&self) -> bool {
        let Some([left, bottom, right, top]) = self.area else { return false };
        let near = |a: f64, b: f64| (a - b).abs() < 0.01;
        let at_corner =
            |&(x, y): &(f64, f64)| (near(x, left) || near(x, right)) && (near(y, bottom) || near(y, top));
        self.subpaths == 1
            && !self.is_curved
            && (4..=5).contains(&self.points.len())
            && self.points.iter().all(at_corner)
    }
}

/// Where marks go.
#[derive(Default)]
pub(super) struct Sink {
    pub(super) marks: Marks,
    path: Path,
    /// For each open marked-content sequence the layer that it names.
    layers: Vec<Option<ObjectId>>,
    /// Where traces go, for those who ask for them.
    pub(super) tracing: Option<Tracing>,
}

impl Sink {
    /// Whether the path under construction becomes a clipping path that is no rectangle along the axes.
    pub(super) fn clips_oddly(&self) -> bool {
        self.path.clips && !self.path.is_rectangle()
    }
}

/// Which of the two colours.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Fill,
    Stroke,
}

impl Interpreter<'_, '_> {
    /// Operators that do not show text.
    pub(super) fn paint_operator(
        &mut self,
        operator: &[u8],
        operands: &[Operand],
        numbers: &[f64],
        resources: &Dictionary,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        let paint = &mut self.state.paint;
        match operator {
            b"g" => paint.set(Use::Fill, Space::Grey, numbers),
            b"rg" => paint.set(Use::Fill, Space::Rgb, numbers),
            b"k" => paint.set(Use::Fill, Space::Cmyk, numbers),
            b"G" => paint.set(Use::Stroke, Space::Grey, numbers),
            b"RG" => paint.set(Use::Stroke, Space::Rgb, numbers),
            b"K" => paint.set(Use::Stroke, Space::Cmyk, numbers),
            b"sc" | b"scn" => paint.fill = paint.fill_space.colour(numbers),
            b"SC" | b"SCN" => paint.stroke = paint.stroke_space.colour(numbers),
            b"cs" | b"CS" => {
                let space = self.colour_space(operands, resources, budget)?;
                let paint = &mut self.state.paint;
                match operator {
                    b"cs" => (paint.fill_space, paint.fill) = (space, space.initial()),
                    _ => (paint.stroke_space, paint.stroke) = (space, space.initial()),
                }
            }
            b"Tr" => paint.mode = numbers.first().map_or(0, |mode| mode.clamp(0.0, 7.0) as u8),
            b"gs" => self.graphics_state(operands, resources, budget)?,
            b"m" | b"l" | b"c" | b"v" | b"y" | b"re" => self.path_operator(operator, numbers),
            b"W" | b"W*" => self.sink_mut(|sink| sink.path.clips = true),
            b"f" | b"F" | b"f*" | b"B" | b"B*" | b"b" | b"b*" => {
                self.fill();
                self.end_path();
            }
            b"S" | b"s" | b"n" => self.end_path(),
            b"sh" => {
                let area = self.state.paint.clip;
                self.mark(area.unwrap_or([-1e6, -1e6, 1e6, 1e6]), MarkKind::Shape, Colour::Unknown);
            }
            b"BMC" => self.open_content(None),
            b"BDC" => {
                let layer = self.layer_of(operands, resources, budget)?;
                self.open_content(layer);
            }
            b"EMC" => self.sink_mut(|sink| {
                sink.layers.pop();
            }),
            _ => {}
        }
        Ok(())
    }

    fn sink_mut(&mut self, change: impl FnOnce(&mut Sink)) {
        if let Some(sink) = &mut self.sink {
            change(sink);
        }
    }

    fn path_operator(&mut self, operator: &[u8], numbers: &[f64]) {
        let ctm = self.state.ctm;
        let Some(sink) = &mut self.sink else { return };
        let path = &mut sink.path;
        match (operator, numbers) {
            (b"re", [x, y, width, height]) => {
                path.subpaths += 1;
                for (right, up) in [(0.0, 0.0), (*width, 0.0), (*width, *height), (0.0, *height)] {
                    path.add(ctm.point(x + right, y + up));
                }
            }
            _ => {
                path.subpaths += usize::from(operator == b"m");
                path.is_curved |= matches!(operator, b"c" | b"v" | b"y");
                for pair in numbers.as_chunks::<2>().0 {
                    path.add(ctm.point(pair[0], pair[1]));
                }
            }
        }
    }

    fn fill(&mut self) {
        let Some(sink) = &self.sink else { return };
        let Some(area) = sink.path.area else { return };
        let kind = if sink.path.is_rectangle() { MarkKind::Rectangle } else { MarkKind::Shape };
        let colour = self.state.paint.fill;
        self.mark(area, kind, colour);
    }

    /// A clipping path takes effect after the path is painted (ISO 32000-2, 8.5.4).
    fn end_path(&mut self) {
        let Some(sink) = &mut self.sink else { return };
        let path = std::mem::take(&mut sink.path);
        if path.clips {
            let clip = path.area.unwrap_or([0.0; 4]);
            let outer = self.state.paint.clip;
            self.state.paint.clip = Some(outer.map_or(clip, |outer| intersection(outer, clip)));
        }
    }

    fn mark(&mut self, area: Area, kind: MarkKind, colour: Colour) {
        let paint = &self.state.paint;
        let is_stroked = matches!(&kind, MarkKind::Text(run) if run.mode % 4 == 1);
        let alpha = if is_stroked { paint.stroke_alpha } else { paint.fill_alpha };
        let (clip, is_blended) = (paint.clip, paint.has_blend_mode || paint.has_soft_mask);
        let Some(sink) = &mut self.sink else { return };
        if !area.iter().all(|number| number.is_finite()) || sink.marks.marks.len() >= MOST_MARKS {
            sink.marks.dropped += 1;
            return;
        }
        let layer = sink.layers.iter().rev().find_map(|layer| *layer);
        sink.marks.marks.push(Mark { area, clip, kind, colour, alpha, is_blended, layer });
    }

    /// A shown string between four corners.
    pub(super) fn text_mark(
        &mut self,
        font: &TextFont,
        bytes: &[u8],
        text: String,
        corners: [(f64, f64); 4],
        up: (f64, f64),
    ) {
        let Some(sink) = &mut self.sink else { return };
        for &code in bytes {
            if sink.marks.contradictions.len() < MOST_CONTRADICTIONS
                && let Some((glyph, text)) = font.contradiction(code)
            {
                let (font, glyph, text) = (font.name.clone(), glyph.to_owned(), text.to_owned());
                sink.marks.contradictions.insert(Contradiction { font, glyph, text });
            }
        }
        let mut area = None;
        corners.into_iter().for_each(|corner| include(&mut area, corner));
        let paint = &self.state.paint;
        let colour = if paint.mode % 4 == 1 { paint.stroke } else { paint.fill };
        let run = TextRun { text, mode: paint.mode, size: up.0.hypot(up.1), is_type3: font.is_type3 };
        self.mark(area.unwrap_or([0.0; 4]), MarkKind::Text(run), colour);
    }

    /// An image fills the unit square (ISO 32000-2, 8.9.4).
    pub(super) fn image(&mut self, dictionary: &Dictionary) {
        if self.sink.is_none() {
            return;
        }
        let area = self.state.ctm.area(WHOLE);
        let is_stencil = dictionary.get("ImageMask") == Some(&Object::Boolean(true));
        let has = |key| dictionary.get(key).is_some_and(|mask| *mask != Object::Null);
        let (kind, colour) = match () {
            () if is_stencil => (MarkKind::MaskedImage, self.state.paint.fill),
            () if has("SMask") || has("Mask") || has("SMaskInData") => {
                (MarkKind::MaskedImage, Colour::Unknown)
            }
            () => (MarkKind::Image, Colour::Unknown),
        };
        self.mark(area, kind, colour);
    }

    /// An inline image; its entries are not read, so it may be a stencil.
    pub(super) fn inline_image(&mut self) {
        let area = self.state.ctm.area(WHOLE);
        self.mark(area, MarkKind::MaskedImage, Colour::Unknown);
    }

    fn colour_space(
        &self,
        operands: &[Operand],
        resources: &Dictionary,
        budget: &mut Budget,
    ) -> Result<Space, Malformed> {
        let Some(Operand::Name(name)) = operands.first() else { return Ok(Space::Other) };
        if let Some(space) = device_space(name) {
            return Ok(space);
        }
        let Some(space) = self.resource("ColorSpace", name, resources, budget)? else {
            return Ok(Space::Other);
        };
        let space = self.document.resolve(&space, budget)?.into_owned();
        if let Some(space) = space.as_name().and_then(device_space) {
            return Ok(space);
        }
        let Some([family, rest @ ..]) = space.as_array() else { return Ok(Space::Other) };
        let profile = match (family.as_name(), rest.first()) {
            (Some(b"CalGray"), _) => return Ok(Space::Grey),
            (Some(b"CalRGB"), _) => return Ok(Space::Rgb),
            (Some(b"ICCBased"), Some(profile)) => self.document.resolve(profile, budget)?.into_owned(),
            _ => return Ok(Space::Other),
        };
        let count = profile.as_dictionary().and_then(|profile| profile.get("N"));
        Ok(match count.and_then(Object::as_integer) {
            Some(1) => Space::Grey,
            Some(3) => Space::Rgb,
            Some(4) => Space::Cmyk,
            _ => Space::Other,
        })
    }

    /// A named resource, not resolved.
    fn resource(
        &self,
        category: &str,
        name: &[u8],
        resources: &Dictionary,
        budget: &mut Budget,
    ) -> Result<Option<Object>, Malformed> {
        let all = self.dictionary(resources.get(category).unwrap_or(&Object::Null), budget)?;
        Ok(all.0.into_iter().find(|(key, _)| key.0 == name).map(|(_, value)| value))
    }

    /// `gs`: alpha, blend mode and soft mask (ISO 32000-2, Table 57).
    fn graphics_state(
        &mut self,
        operands: &[Operand],
        resources: &Dictionary,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        let Some(Operand::Name(name)) = operands.first() else { return Ok(()) };
        let Some(state) = self.resource("ExtGState", name, resources, budget)? else { return Ok(()) };
        for (key, value) in self.dictionary(&state, budget)?.0 {
            budget.spend(Resource::Steps, 1)?;
            let value = self.document.resolve(&value, budget)?;
            let paint = &mut self.state.paint;
            let alpha = value.as_number().unwrap_or(1.0).clamp(0.0, 1.0);
            match key.0.as_slice() {
                b"LW" => paint.line_width = value.as_number().unwrap_or(1.0),
                b"ca" => paint.fill_alpha = alpha,
                b"CA" => paint.stroke_alpha = alpha,
                b"SMask" => paint.has_soft_mask = value.as_dictionary().is_some(),
                b"BM" => {
                    let first = value.as_array().and_then(|modes| modes.first()).unwrap_or(&value);
                    paint.has_blend_mode = !matches!(first.as_name(), Some(b"Normal" | b"Compatible") | None);
                }
                _ => {}
            }
        }
        let paint = &self.state.paint;
        let transparent =
            paint.has_blend_mode || paint.has_soft_mask || paint.fill_alpha < 1.0 || paint.stroke_alpha < 1.0;
        self.sink_mut(|sink| sink.marks.has_transparency |= transparent);
        Ok(())
    }

    /// The layer that `BDC` names: `/OC /Name` with the name in `Properties` (ISO 32000-2, 8.11.3.2).
    fn layer_of(
        &self,
        operands: &[Operand],
        resources: &Dictionary,
        budget: &mut Budget,
    ) -> Result<Option<ObjectId>, Malformed> {
        match operands {
            [Operand::Name(tag), Operand::Name(name)] if tag == b"OC" => {
                let layer = self.resource("Properties", name, resources, budget)?;
                Ok(layer.as_ref().and_then(Object::as_reference))
            }
            _ => Ok(None),
        }
    }

    fn open_content(&mut self, layer: Option<ObjectId>) {
        self.sink_mut(|sink| {
            if sink.layers.len() < MOST_OPEN {
                sink.layers.push(layer);
            }
        });
    }

    /// Enters an object with its `OC` entry; how many sequences were open before.
    pub(super) fn open_layer(&mut self, layer: Option<&Object>) -> usize {
        let open = self.sink.as_ref().map_or(0, |sink| sink.layers.len());
        if let Some(layer) = layer.and_then(Object::as_reference) {
            self.open_content(Some(layer));
        }
        open
    }

    /// Back to that many open sequences, whatever the object left open.
    pub(super) fn close_layers(&mut self, open: usize) {
        self.sink_mut(|sink| sink.layers.truncate(open));
    }
}

impl Paint {
    /// How text in this state is filled.
    pub(super) fn shade(&self) -> Shade {
        match self.fill {
            _ if matches!(self.mode, 3 | 7) => Shade::Unseen,
            Colour::Known(parts) if parts.iter().all(|part| *part <= DARK) && self.fill_alpha > 0.5 => {
                Shade::Dark
            }
            _ => Shade::Other,
        }
    }

    fn set(&mut self, which: Use, space: Space, numbers: &[f64]) {
        let colour = space.colour(numbers);
        match which {
            Use::Fill => (self.fill_space, self.fill) = (space, colour),
            Use::Stroke => (self.stroke_space, self.stroke) = (space, colour),
        }
    }
}

fn device_space(name: &[u8]) -> Option<Space> {
    match name {
        b"DeviceGray" | b"CalGray" | b"G" => Some(Space::Grey),
        b"DeviceRGB" | b"CalRGB" | b"RGB" => Some(Space::Rgb),
        b"DeviceCMYK" | b"CMYK" => Some(Space::Cmyk),
        b"Pattern" => Some(Space::Other),
        _ => None,
    }
}

pub(super) fn include(area: &mut Option<Area>, (x, y): (f64, f64)) {
    let [left, bottom, right, top] = area.unwrap_or([x, y, x, y]);
    *area = Some([left.min(x), bottom.min(y), right.max(x), top.max(y)]);
}

/// What two boxes share; of no size if they are apart.
pub(super) fn intersection(a: Area, b: Area) -> Area {
    let (left, bottom) = (a[0].max(b[0]), a[1].max(b[1]));
    [left, bottom, a[2].min(b[2]).max(left), a[3].min(b[3]).max(bottom)]
}
