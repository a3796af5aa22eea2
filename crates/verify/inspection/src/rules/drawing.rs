//! What an appearance stream draws, piece by piece, in the user space of its page. Whatever is not understood covers.

use super::pieces::{
    Colour, DARK, Drawing, LARGEST, LIGHT, MOST_PIECES, Matrix, THICK, area_of, device_colour, luminance,
};
use crate::comparison::{Comparison, Side};
use crate::reach::stops;
use pdf::content::{Operation, operations};
use pdf::object::{Dictionary, Object, Stream};
use types::{Malformed, Resource};

/// Lightest colour that is not like paper.
const LIKE_PAPER: f64 = 0.95;
/// Areas that multiply are at least so wide and high: none is a part of a letter.
const LEAST_AREA: f64 = 4.0;
/// The limit of mitres at the start (ISO 32000-2, Table 51).
const MITRE: f64 = 10.0;
/// Deepest nesting of forms.
const DEEPEST: u32 = 8;

/// How colours meet what is under them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Blend {
    Normal,
    Multiply,
}

/// The part of the graphics state that matters.
#[derive(Clone, Copy)]
struct State {
    matrix: Matrix,
    width: f64,
    /// The colours, if they are known.
    fill: Option<Colour>,
    stroke: Option<Colour>,
    /// Whether `sc` and `SC` set colours of a device space.
    device: (bool, bool),
    blend: Blend,
    /// How far a corner may reach, in widths of the line, where its joins are mitred.
    mitre: Option<f64>,
    /// Whether lines reach beyond their ends.
    has_square_ends: bool,
    is_dashed: bool,
    is_clipped: bool,
}

/// The path under construction, by its parts.
#[derive(Default)]
struct Path {
    parts: Vec<Vec<(f64, f64)>>,
    /// The pieces: two points of a line, four of a curve.
    pieces: Vec<Vec<(f64, f64)>>,
    rectangles: usize,
    clips: bool,
}

/// What one stream draws with.
struct Surroundings {
    resources: Dictionary,
    outer: Blend,
    is_isolated: bool,
    /// Device colours are what they say.
    has_device_colours: bool,
    depth: u32,
}

impl Comparison<'_, '_, '_> {
    /// Adds what a form draws, which `matrix` takes to the page.
    pub(super) fn draw(
        &mut self,
        side: Side,
        form: &Stream,
        matrix: Matrix,
        drawing: &mut Drawing,
    ) -> Result<(), Malformed> {
        let outside = Surroundings {
            resources: Dictionary::new(),
            outer: Blend::Normal,
            is_isolated: false,
            has_device_colours: true,
            depth: 0,
        };
        self.draw_form(side, form, (matrix, Blend::Normal, &outside), drawing)
    }

    fn draw_form(
        &mut self,
        side: Side,
        form: &Stream,
        (matrix, outer, around): (Matrix, Blend, &Surroundings),
        drawing: &mut Drawing,
    ) -> Result<(), Malformed> {
        // Not all readers know the filter that leaves a stream of an encrypted file as it is.
        let is_crypt = |filter: &Object| filter.as_name() == Some(b"Crypt");
        let filter = self.resolve(side, form.dictionary.get("Filter").unwrap_or(&Object::Null))?.into_owned();
        let has_crypt = is_crypt(&filter) || filter.as_array().is_some_and(|all| all.iter().any(is_crypt));
        if around.depth >= DEEPEST || !matrix.is_sound() || has_crypt {
            drawing.covers = true;
            return Ok(());
        }
        let view = if side == Side::Old { self.old } else { self.new };
        let content = view.stream_data(form, self.budget).and_then(|data| {
            let is_plain = !data.iter().any(|byte| matches!(byte, 1..9 | 11 | 14..32 | 0x7F | 0x80 | 0xFF));
            Ok((operations(&data, self.budget)?, is_plain))
        });
        let content = match content {
            Ok((content, true)) => content,
            // Some readers take these bytes for white space.
            Ok((_, false)) => {
                drawing.covers = true;
                return Ok(());
            }
            Err(error) if stops(&error) => return Err(error),
            // What cannot be read here, a lenient reader draws.
            Err(_) => {
                drawing.covers = true;
                return Ok(());
            }
        };
        let resources = self.entry_dictionary(side, &form.dictionary, "Resources")?;
        let group = self.entry_dictionary(side, &form.dictionary, "Group")?;
        let spaces = self.entry_dictionary(side, &resources, "ColorSpace")?;
        let surroundings = Surroundings {
            resources,
            outer,
            // Within an isolated group, blending ends at the group's own backdrop (ISO 32000-2, 11.4.5).
            is_isolated: around.is_isolated
                || ["I", "K"]
                    .iter()
                    .any(|key| group.get(key).is_some_and(|value| *value != Object::Boolean(false))),
            // ISO 32000-2, 8.6.5.6.
            has_device_colours: !spaces.0.iter().any(|(key, _)| key.0.starts_with(b"Default")),
            depth: around.depth + 1,
        };
        let black = surroundings.has_device_colours.then_some([0.0; 3]);
        let state = State {
            matrix,
            width: 1.0,
            fill: black,
            stroke: black,
            device: (true, true),
            blend: outer,
            mitre: Some(MITRE),
            has_square_ends: false,
            is_dashed: false,
            is_clipped: false,
        };
        self.draw_content(side, &content, (state, &surroundings), drawing)
    }

    fn draw_content(
        &mut self,
        side: Side,
        content: &[Operation],
        (mut state, around): (State, &Surroundings),
        drawing: &mut Drawing,
    ) -> Result<(), Malformed> {
        let (mut saved, mut path) = (Vec::new(), Path::default());
        for operation in content {
            self.budget.spend(Resource::Steps, 1)?;
            if drawing.covers {
                break;
            }
            let is_plain = |number: &f64| number.abs() <= LARGEST;
            drawing.covers |= !has_its_operands(operation) || !operation.numbers.iter().all(is_plain);
            if matches!(operation.operator.as_slice(), b"s" | b"b" | b"b*") {
                path.close();
            }
            match operation.operator.as_slice() {
                b"q" => saved.push(state),
                b"Q" => state = saved.pop().unwrap_or(state),
                b"cm" => match <[f64; 6]>::try_from(operation.numbers.as_slice()) {
                    Ok(matrix) => {
                        state.matrix = Matrix(matrix).then(state.matrix);
                        drawing.covers |= !state.matrix.is_sound();
                    }
                    Err(_) => drawing.covers = true,
                },
                b"gs" => match self.set_state(side, operation, &mut state, around)? {
                    Some(()) => {}
                    None => drawing.covers = true,
                },
                b"Do" => match self.named(side, &around.resources, "XObject", operation)? {
                    Some(Object::Stream(form))
                        if form.dictionary.get("Subtype").and_then(Object::as_name) == Some(b"Form") =>
                    {
                        let own = self.matrix_of(side, &form)?;
                        let matrix = own.then(state.matrix);
                        self.draw_form(side, &form, (matrix, state.blend, around), drawing)?;
                    }
                    _ => drawing.covers = true,
                },
                b"S" | b"s" => path.stroke(&state, drawing),
                b"f" | b"F" | b"f*" => path.fill(&state, drawing),
                b"B" | b"B*" | b"b" | b"b*" => {
                    path.fill(&state, drawing);
                    path.stroke(&state, drawing);
                }
                b"n" => {}
                b"m" | b"l" | b"c" | b"v" | b"y" | b"h" | b"re" => {
                    path.add(operation, state.matrix);
                    continue;
                }
                b"W" | b"W*" => {
                    path.clips = true;
                    continue;
                }
                _ => {
                    drawing.covers |= !state.set(operation, around.has_device_colours);
                    continue;
                }
            }
            if matches!(operation.operator.as_slice(), b"q" | b"Q" | b"cm" | b"gs" | b"Do") {
                continue;
            }
            state.is_clipped |= path.clips && !(path.rectangles == 1 && path.parts.len() == 1);
            path = Path::default();
        }
        Ok(())
    }

    /// `gs`: `None` if it does what is not understood.
    fn set_state(
        &mut self,
        side: Side,
        operation: &Operation,
        state: &mut State,
        around: &Surroundings,
    ) -> Result<Option<()>, Malformed> {
        let Some(Object::Dictionary(entries)) =
            self.named(side, &around.resources, "ExtGState", operation)?
        else {
            return Ok(None);
        };
        for (key, value) in &entries.0 {
            let value = self.resolve(side, value)?.into_owned();
            match (key.0.as_slice(), &value) {
                (b"Type" | b"AIS" | b"CA" | b"ca" | b"SA" | b"RI" | b"FL", _) => {}
                (b"SMask", Object::Name(none)) if none.0 == b"None" => {}
                (b"LC", cap) => state.has_square_ends = cap.as_number().is_none_or(|cap| cap >= 2.0),
                (b"LJ", join) => state.join(join.as_number()),
                (b"ML", limit) => state.limit(limit.as_number()),
                (b"LW", width) => state.width = width.as_number().unwrap_or(f64::MAX),
                (b"BM", Object::Name(mode)) if mode.0 == b"Multiply" && !around.is_isolated => {
                    state.blend = Blend::Multiply;
                }
                (b"BM", Object::Name(_)) => state.blend = around.outer,
                _ => return Ok(None),
            }
        }
        Ok(Some(()))
    }

    /// What the only name among the operands stands for.
    fn named(
        &mut self,
        side: Side,
        resources: &Dictionary,
        category: &str,
        operation: &Operation,
    ) -> Result<Option<Object>, Malformed> {
        let [name] = operation.names.as_slice() else { return Ok(None) };
        let all = self.entry_dictionary(side, resources, category)?;
        let Some((_, value)) = all.0.iter().find(|(key, _)| key == name) else { return Ok(None) };
        Ok(Some(self.resolve(side, value)?.into_owned()))
    }

    /// `Matrix` of a form; one that is none puts all at one point, which covers.
    pub(super) fn matrix_of(&mut self, side: Side, form: &Stream) -> Result<Matrix, Malformed> {
        let matrix = self.resolve(side, form.dictionary.get("Matrix").unwrap_or(&Object::Null))?.into_owned();
        let Object::Array(elements) = &matrix else { return Ok(Matrix::IDENTITY) };
        let mut numbers = Vec::new();
        for element in elements {
            numbers.push(self.resolve(side, element)?.as_number().unwrap_or(f64::NAN));
        }
        Ok(Matrix(<[f64; 6]>::try_from(numbers.as_slice()).unwrap_or([f64::NAN; 6])))
    }

    pub(super) fn entry_dictionary(
        &mut self,
        side: Side,
        dictionary: &Dictionary,
        key: &str,
    ) -> Result<Dictionary, Malformed> {
        let entry = self.resolve(side, dictionary.get(key).unwrap_or(&Object::Null))?;
        Ok(match entry.into_owned() {
            Object::Dictionary(entry) => entry,
            _ => Dictionary::new(),
        })
    }
}

impl State {
    /// Any join but a round or a flat one counts as a mitre.
    fn join(&mut self, join: Option<f64>) {
        let is_mitred = join != Some(1.0) && join != Some(2.0);
        self.mitre = is_mitred.then_some(self.mitre.unwrap_or(f64::MAX));
    }

    fn limit(&mut self, limit: Option<f64>) {
        self.mitre = self.mitre.map(|_| limit.unwrap_or(f64::MAX));
    }

    /// An operator that draws nothing; whether it is known.
    fn set(&mut self, operation: &Operation, has_device_colours: bool) -> bool {
        let numbers = &operation.numbers[..];
        let device = |count: usize| {
            (has_device_colours && operation.names.is_empty() && numbers.len() == count)
                .then(|| device_colour(numbers))
                .flatten()
        };
        let named_space = matches!(
            operation.names.as_slice(),
            [name] if matches!(name.0.as_slice(), b"DeviceGray" | b"DeviceRGB" | b"DeviceCMYK")
        );
        let space_black = (named_space && has_device_colours).then_some([0.0; 3]);
        match operation.operator.as_slice() {
            b"w" => self.width = numbers.first().copied().unwrap_or(f64::MAX),
            b"g" => (self.fill, self.device.0) = (device(1), true),
            b"rg" => (self.fill, self.device.0) = (device(3), true),
            b"k" => (self.fill, self.device.0) = (device(4), true),
            b"G" => (self.stroke, self.device.1) = (device(1), true),
            b"RG" => (self.stroke, self.device.1) = (device(3), true),
            b"K" => (self.stroke, self.device.1) = (device(4), true),
            b"cs" => (self.fill, self.device.0) = (space_black, named_space),
            b"CS" => (self.stroke, self.device.1) = (space_black, named_space),
            b"sc" | b"scn" => self.fill = device(numbers.len()).filter(|_| self.device.0),
            b"SC" | b"SCN" => self.stroke = device(numbers.len()).filter(|_| self.device.1),
            b"d" => self.is_dashed = numbers.len() > 1,
            b"j" => self.join(numbers.first().copied()),
            b"M" => self.limit(numbers.first().copied()),
            b"J" => self.has_square_ends = numbers.first().is_none_or(|cap| *cap >= 2.0),
            b"i" | b"ri" | b"BMC" | b"BDC" | b"EMC" | b"MP" | b"DP" => {}
            _ => return false,
        }
        true
    }
}

impl Path {
    fn add(&mut self, operation: &Operation, matrix: Matrix) {
        let pairs = operation.numbers.as_chunks::<2>().0;
        let points: Vec<(f64, f64)> = pairs.iter().map(|pair| matrix.point(pair[0], pair[1])).collect();
        let at = self.parts.last().and_then(|part| part.last()).copied();
        match (operation.operator.as_slice(), &operation.numbers[..]) {
            (b"re", [x, y, width, height]) => {
                let corners = [(0.0, 0.0), (*width, 0.0), (*width, *height), (0.0, *height), (0.0, 0.0)];
                let corners = corners.map(|(right, up)| matrix.point(x + right, y + up));
                self.pieces.extend(corners.windows(2).map(<[_]>::to_vec));
                self.parts.push(corners.to_vec());
                self.rectangles += 1;
            }
            (b"m", _) => self.parts.push(points),
            (b"h", _) => self.close(),
            _ => {
                self.pieces.push(at.into_iter().chain(points.iter().copied()).collect());
                match self.parts.last_mut() {
                    Some(part) => part.extend(points),
                    None => self.parts.push(points),
                }
            }
        }
    }

    fn close(&mut self) {
        if let Some(part) = self.parts.last_mut()
            && let (Some(first), Some(last)) = (part.first().copied(), part.last().copied())
        {
            self.pieces.push(vec![last, first]);
            part.push(first);
        }
    }

    fn stroke(&self, state: &State, drawing: &mut Drawing) {
        let width = state.width * state.matrix.scale();
        let is_dark = !state.is_dashed
            && !state.is_clipped
            && state.stroke.is_some_and(|colour| luminance(colour) < DARK);
        let is_frame = self.rectangles == 1 && self.parts.len() == 1;
        drawing.hides |= width > THICK || state.stroke.is_some_and(|colour| luminance(colour) >= LIKE_PAPER);
        for piece in &self.pieces {
            drawing.line(piece, width, is_dark, is_frame);
        }
        if state.has_square_ends {
            for end in self.parts.iter().flat_map(|part| [part.first(), part.last()]).flatten() {
                drawing.line(&[*end], width * std::f64::consts::SQRT_2, false, is_frame);
            }
        }
        let Some(limit) = state.mitre else { return };
        // A curve can have a corner anywhere in it.
        drawing.covers |= limit > MITRE && self.pieces.iter().any(|piece| piece.len() > 2);
        for part in &self.parts {
            let mut points = part.clone();
            points.dedup();
            // Where a part ends as it began, there is a corner, too.
            if points.first() == points.last() {
                points.extend(points.get(1).copied());
            }
            for corner in points.windows(3) {
                if let &[before, at, after] = corner
                    && let Some(reach) = mitre(before, at, after, limit)
                {
                    drawing.line(&[at], reach * width, false, false);
                }
            }
        }
    }

    fn fill(&self, state: &State, drawing: &mut Drawing) {
        let light = state.fill.filter(|colour| luminance(*colour) >= LIGHT);
        drawing.covers |= light.is_none() || state.blend != Blend::Multiply || state.is_clipped;
        for part in &self.parts {
            let area = area_of(part);
            drawing.covers |= !(area[2] - area[0] >= LEAST_AREA && area[3] - area[1] >= LEAST_AREA);
            drawing.has_more |= drawing.layers.len() >= MOST_PIECES;
            if !drawing.has_more {
                drawing.layers.push((area, light.unwrap_or_default()));
            }
        }
    }
}

/// How far the mitre of a corner reaches, in widths of its lines, if it reaches beyond them (ISO 32000-2, 8.4.3.5).
fn mitre(before: (f64, f64), at: (f64, f64), after: (f64, f64), limit: f64) -> Option<f64> {
    const RIGHT_ANGLE: f64 = 1.5;
    let (one, other) = ((before.0 - at.0, before.1 - at.1), (after.0 - at.0, after.1 - at.1));
    let lengths = one.0.hypot(one.1) * other.0.hypot(other.1);
    let cosine = (one.0 * other.0 + one.1 * other.1) / lengths;
    // Where there is no angle, there is no corner either.
    let reach = (2.0 / (1.0 - cosine)).sqrt();
    (lengths > 0.0 && reach.is_finite() && reach > RIGHT_ANGLE && reach <= limit).then_some(reach)
}

/// Whether an operator comes with as many numbers as it takes; with others, readers do as they like.
fn has_its_operands(operation: &Operation) -> bool {
    let count = match operation.operator.as_slice() {
        b"q" | b"Q" | b"S" | b"s" | b"f" | b"F" | b"f*" | b"B" | b"B*" | b"b" | b"b*" | b"n" | b"h"
        | b"W" | b"W*" => 0,
        b"w" | b"g" | b"G" => 1,
        b"m" | b"l" => 2,
        b"rg" | b"RG" => 3,
        b"re" | b"v" | b"y" | b"k" | b"K" => 4,
        b"c" | b"cm" => 6,
        _ => return true,
    };
    operation.numbers.len() == count && operation.names.is_empty()
}
