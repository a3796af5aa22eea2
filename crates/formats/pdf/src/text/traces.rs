//! Where the content of a page leaves traces: glyphs, edges of lines and areas, pictures; to see what something put there
//! would cover. Places are boxes along the axes of default user space, never smaller than what is painted.

use super::PlacedGlyph;
use super::font::{Code, TextFont};
use super::interpret::{Interpreter, MOST_OPERANDS, MOST_STATES, Operand};
use super::marks::Area;
use super::matrix::Matrix;
use super::outlines::Outlines;
use super::paint::Sink;
use crate::object::{Object, ObjectId, Stream};
use crate::pages::Page;
use crate::snapshot::Snapshot;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::rc::Rc;
use types::{Budget, Malformed, Resource};

/// Most traces of each kind that are kept of one page.
const MOST_TRACES: usize = 200_000;
/// Most fonts of one page; those that are direct count each time they are set.
const MOST_FONTS: usize = 5000;
/// Most font programs of one page.
const MOST_PROGRAMS: usize = 200;
/// Where a picture is that nothing bounds.
const EVERYWHERE: Area = [-1e6, -1e6, 1e6, 1e6];

/// One glyph with what its font calls it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TracedGlyph {
    /// Its place, and its part of [`Traces::text`], which is empty if no mapping gives a text for it.
    pub placed: PlacedGlyph,
    /// What it draws within, where that is known from its drawing.
    pub drawn: Option<Area>,
    /// Its code in its font.
    pub code: u32,
    /// Whether the font's encoding gives its text, not only a mapping.
    pub is_named: bool,
    /// Which font, as a number for this page only.
    pub font: usize,
    /// How it is filled.
    pub shade: Shade,
}

/// How text is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shade {
    /// In a dark colour.
    Dark,
    /// In another one, or one that is not known.
    Other,
    /// Not at all, as text that was recognised in a picture.
    Unseen,
}

/// What the content of a page leaves on it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Traces {
    /// The text of all glyphs.
    pub text: String,
    /// In the order of drawing.
    pub glyphs: Vec<TracedGlyph>,
    /// The boxes of lines, and of the pieces of the outlines of areas: within a box that none of them enters, a page has
    /// one colour as far as it is drawn with paths.
    pub edges: Vec<Area>,
    /// The boxes of images, shadings and patterns.
    pub pictures: Vec<Area>,
    /// Whether there is more than these.
    pub is_partial: bool,
}

/// Traces under way.
#[derive(Default)]
pub(super) struct Tracing {
    out: Traces,
    path: Vec<Area>,
    start: Option<(f64, f64)>,
    at: Option<(f64, f64)>,
    fonts: Vec<Rc<TextFont>>,
    drawn: BTreeMap<(usize, u32), Drawn>,
    programs: BTreeMap<usize, Option<Outlines>>,
    outlined: BTreeMap<(usize, u32), Option<Area>>,
    /// Whether these are the traces of one glyph.
    is_glyph: bool,
}

/// Where the glyph of a Type 3 font draws.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Drawn {
    Nothing,
    Within(Area),
    /// Nobody knows.
    Anywhere,
}

impl Snapshot<'_, '_> {
    /// The traces of the content of a page. What is broken or unsupported is noted in the result; only an exhausted budget
    /// or an unreadable source is an error.
    pub fn page_traces(&self, page: &Page, budget: &mut Budget) -> Result<Traces, Malformed> {
        let mut interpreter = Interpreter::tracing_for(*self, Tracing::default());
        interpreter.page(page, budget)?;
        Ok(interpreter.into_traces())
    }

    /// The pages that list an annotation, and the page that an object is, for all pages: object and index.
    pub fn places_of_annotations(&self, budget: &mut Budget) -> Result<Vec<(ObjectId, usize)>, Malformed> {
        let mut places = Vec::new();
        self.visit_pages(budget, &mut |page, budget| {
            places.push((page.id, page.index));
            if let Ok(list) = self.entry(&page.dictionary, "Annots", budget) {
                let ids = list.as_array().unwrap_or_default().iter().filter_map(|item| item.as_reference());
                places.extend(ids.map(|id| (id, page.index)));
            }
            Ok(std::ops::ControlFlow::Continue(()))
        })?;
        Ok(places)
    }
}

impl Tracing {
    fn push(list: &mut Vec<Area>, area: Area, is_partial: &mut bool) {
        if !area.iter().all(|number| number.is_finite()) || list.len() >= MOST_TRACES {
            *is_partial = true;
        } else {
            list.push(area);
        }
    }

    fn edge(&mut self, points: &[(f64, f64)]) {
        let mut area: Option<Area> = None;
        for point in points {
            super::paint::include(&mut area, *point);
        }
        if let Some(area) = area {
            Self::push(&mut self.path, area, &mut self.out.is_partial);
        }
    }

    fn line_to(&mut self, to: (f64, f64)) {
        let from = self.at.unwrap_or(to);
        self.start.get_or_insert(from);
        self.edge(&[from, to]);
        self.at = Some(to);
    }

    fn close(&mut self) {
        if let Some(start) = self.start.take() {
            self.line_to(start);
            self.start = Some(start);
        }
    }

    /// A path construction operator.
    pub(super) fn path_operator(&mut self, operator: &[u8], numbers: &[f64], ctm: Matrix) {
        let points: Vec<(f64, f64)> =
            numbers.as_chunks::<2>().0.iter().map(|pair| ctm.point(pair[0], pair[1])).collect();
        match (operator, numbers) {
            (b"re", [x, y, width, height]) => {
                let corners = [(0.0, 0.0), (*width, 0.0), (*width, *height), (0.0, *height)];
                let corners = corners.map(|(right, up)| ctm.point(x + right, y + up));
                self.close_for_area();
                (self.at, self.start) = (Some(corners[0]), Some(corners[0]));
                for corner in [corners[1], corners[2], corners[3], corners[0]] {
                    self.line_to(corner);
                }
            }
            (b"m", _) => {
                self.close_for_area();
                (self.at, self.start) = (points.first().copied(), points.first().copied());
            }
            (b"l", _) => points.first().into_iter().for_each(|point| self.line_to(*point)),
            (b"c" | b"v" | b"y", _) => {
                let all: Vec<(f64, f64)> = self.at.into_iter().chain(points.iter().copied()).collect();
                self.edge(&all);
                self.at = points.last().copied().or(self.at);
            }
            (b"h", _) => self.close(),
            _ => {}
        }
    }

    /// A filled path is closed; that of a line gets a piece too many at most, which covers more, not less.
    fn close_for_area(&mut self) {
        if self.at != self.start && self.path.len() > 1 {
            self.close();
        }
    }

    /// The path was painted: its pieces, wider by half the line, within the clipping path.
    fn painted(&mut self, half_width: f64, clip: Option<Area>, is_filled: bool) {
        if is_filled {
            self.close_for_area();
        }
        let Tracing { out, path, .. } = self;
        let mut whole: Option<Area> = None;
        for piece in &*path {
            let wide =
                [piece[0] - half_width, piece[1] - half_width, piece[2] + half_width, piece[3] + half_width];
            whole = Some(whole.map_or(wide, |whole| union(whole, wide)));
            if let Some(seen) = clip.map_or(Some(wide), |clip| common(wide, clip)) {
                Self::push(&mut out.edges, seen, &mut out.is_partial);
            }
        }
        // Where an area is cut off, the clipping path is its edge.
        if let (true, Some(clip), Some(seen)) =
            (is_filled, clip, clip.zip(whole).and_then(|(clip, whole)| common(clip, whole)))
        {
            for side in sides(clip) {
                if let Some(side) = common(side, seen) {
                    Self::push(&mut out.edges, side, &mut out.is_partial);
                }
            }
        }
    }

    fn reset(&mut self) {
        self.path.clear();
        (self.at, self.start) = (None, None);
    }

    /// Something that is no path and no text.
    pub(super) fn picture(&mut self, area: Option<Area>, clip: Option<Area>) {
        let area = area.unwrap_or(EVERYWHERE);
        if let Some(seen) = clip.map_or(Some(area), |clip| common(area, clip)) {
            Self::push(&mut self.out.pictures, seen, &mut self.out.is_partial);
        }
    }

    fn number_of(&mut self, font: &Rc<TextFont>) -> usize {
        let known = self.fonts.iter().rposition(|known| Rc::ptr_eq(known, font));
        known.unwrap_or_else(|| {
            self.fonts.push(Rc::clone(font));
            self.fonts.len() - 1
        })
    }

    /// A glyph; `place` is where it starts, where the next one would start, and up by a size of the font.
    fn glyph(
        &mut self,
        (font, code): (usize, &Code),
        place: [(f64, f64); 3],
        drawn: Option<Area>,
        shade: Shade,
    ) {
        let [origin, next, up] = place;
        let finite = place.iter().all(|(x, y)| x.is_finite() && y.is_finite())
            && drawn.is_none_or(|area| area.iter().all(|number| number.is_finite()));
        if !finite || self.out.glyphs.len() >= MOST_TRACES {
            self.out.is_partial = true;
            return;
        }
        let start = self.out.text.len();
        self.out.text.push_str(code.text.as_deref().unwrap_or_default());
        let end = self.out.text.len();
        let placed = PlacedGlyph { start, end, origin, next, up };
        self.out.glyphs.push(TracedGlyph {
            placed,
            drawn,
            code: code.number,
            is_named: code.is_named,
            font,
            shade,
        });
    }

    /// Text that cannot be placed.
    pub(super) fn lost(&mut self) {
        self.out.is_partial = true;
    }
}

impl<'i, 's> Interpreter<'i, 's> {
    fn tracing_for(document: Snapshot<'i, 's>, tracing: Tracing) -> Interpreter<'i, 's> {
        let mut interpreter = Interpreter::new(document);
        let mut sink = Sink::default();
        sink.tracing = Some(tracing);
        interpreter.sink = Some(sink);
        interpreter
    }

    /// For the content stream of one glyph.
    pub(super) fn for_glyph(document: Snapshot<'i, 's>, matrix: Matrix) -> Interpreter<'i, 's> {
        let mut interpreter =
            Interpreter::tracing_for(document, Tracing { is_glyph: true, ..Tracing::default() });
        interpreter.state.ctm = matrix;
        interpreter
    }

    /// What was traced.
    pub(super) fn into_traces(self) -> Traces {
        let faults = self.out.faults;
        let mut traces = self.sink.and_then(|sink| sink.tracing).unwrap_or_default().out;
        traces.is_partial |= !faults.is_empty();
        traces
    }

    /// A form is cut off at its bounds (ISO 32000-2, 8.10.2).
    pub(super) fn trace_bounds(&mut self, form: &Stream, budget: &mut Budget) -> Result<(), Malformed> {
        if self.tracing().is_none() {
            return Ok(());
        }
        let bounds = form.dictionary.get("BBox").unwrap_or(&Object::Null);
        if let Some(bounds) = self.document.rectangle(bounds, budget)? {
            let bounds = self.state.ctm.area(bounds);
            let clip = &mut self.state.paint.clip;
            *clip = Some(clip.map_or(bounds, |clip| super::paint::intersection(clip, bounds)));
        }
        Ok(())
    }

    fn tracing(&mut self) -> Option<&mut Tracing> {
        self.sink.as_mut()?.tracing.as_mut()
    }

    /// Notes an operator whose operands are not those that it takes: readers do with it as they like.
    pub(super) fn trace_operands(&mut self, operator: &[u8], operands: &[Operand]) {
        let count = match operator {
            b"m" | b"l" | b"Td" | b"TD" | b"Tf" => 2,
            b"re" | b"v" | b"y" => 4,
            b"c" | b"cm" | b"Tm" => 6,
            b"w" | b"Tc" | b"Tw" | b"Tz" | b"TL" | b"Ts" | b"Tr" | b"Tj" | b"'" | b"Do" | b"gs" => 1,
            b"\"" => 3,
            b"q" if self.saved.len() >= MOST_STATES => usize::MAX,
            b"TJ" if operands.len() >= MOST_OPERANDS => usize::MAX,
            _ => return,
        };
        if operands.len() != count {
            self.trace_lost_text();
        }
    }

    /// What an operator that does not show text leaves; before the sink sees it.
    pub(super) fn trace_operator(&mut self, operator: &[u8], operands: &[Operand], numbers: &[f64]) {
        let paint = &self.state.paint;
        let (ctm, clip) = (self.state.ctm, paint.clip);
        let is_pattern = paint.fill_is_pattern || paint.has_soft_mask;
        let [a, b, c, d, ..] = ctm.0;
        let half_width = paint.line_width * a.hypot(b).max(c.hypot(d)) / 2.0;
        let names = operands.iter().any(|operand| matches!(operand, Operand::Name(_)));
        match operator {
            b"w" => self.state.paint.line_width = numbers.first().copied().unwrap_or(1.0),
            b"g" | b"rg" | b"k" | b"cs" => self.state.paint.fill_is_pattern = false,
            b"sc" | b"scn" => self.state.paint.fill_is_pattern = names,
            _ => {}
        }
        let Some(sink) = &mut self.sink else { return };
        let clips_oddly = sink.clips_oddly();
        let Some(tracing) = &mut sink.tracing else { return };
        match operator {
            b"m" | b"l" | b"c" | b"v" | b"y" | b"re" | b"h" => tracing.path_operator(operator, numbers, ctm),
            b"S" | b"s" | b"B" | b"B*" | b"b" | b"b*" | b"f" | b"F" | b"f*" => {
                let is_filled = !matches!(operator, b"S" | b"s");
                if operator == b"s" {
                    tracing.close();
                }
                let half_width = if matches!(operator, b"f" | b"F" | b"f*") { 0.0 } else { half_width };
                tracing.painted(half_width, clip, is_filled);
                if is_filled && is_pattern {
                    let area = tracing.path.iter().copied().reduce(union);
                    tracing.picture(area, clip);
                }
                tracing.reset();
            }
            b"n" => {
                // What is painted within this path has its outline.
                if clips_oddly {
                    tracing.painted(0.0, clip, true);
                }
                tracing.reset();
            }
            b"sh" => tracing.picture(None, clip),
            _ => {}
        }
    }

    /// An image, which fills the unit square (ISO 32000-2, 8.9.4).
    pub(super) fn trace_image(&mut self) {
        let (area, clip) = (self.state.ctm.area([0.0, 0.0, 1.0, 1.0]), self.state.paint.clip);
        if let Some(tracing) = self.tracing() {
            tracing.picture(Some(area), clip);
        }
    }

    /// A glyph; `matrix` takes what a font of size 1 draws to the page.
    pub(super) fn trace_glyph(
        &mut self,
        (font, code): (&Rc<TextFont>, &Code),
        place: [(f64, f64); 3],
        matrix: Matrix,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        let (shade, document) = (self.state.paint.shade(), self.document);
        let Some(tracing) = self.tracing() else { return Ok(()) };
        if tracing.fonts.len() >= MOST_FONTS {
            tracing.lost();
            return Ok(());
        }
        budget.spend(Resource::Steps, 1)?;
        let number = tracing.number_of(font);
        if !font.is_plain() {
            tracing.lost();
        }
        let Some(type3) = &font.type3 else {
            let area = self.outline(number, font, code.number, budget)?.map(|area| matrix.area(area));
            if let Some(tracing) = self.tracing() {
                tracing.glyph((number, code), place, area, shade);
            }
            return Ok(());
        };
        let drawn = match tracing.drawn.get(&(number, code.number)) {
            Some(drawn) => *drawn,
            None if tracing.is_glyph => Drawn::Anywhere,
            None => type3.drawn(document, code.number, budget)?,
        };
        tracing.drawn.insert((number, code.number), drawn);
        match drawn {
            Drawn::Nothing => {}
            Drawn::Within(area) => {
                tracing.glyph((number, code), place, Some(matrix.area(area)), Shade::Other)
            }
            Drawn::Anywhere => tracing.lost(),
        }
        Ok(())
    }

    /// The box of the outline of a glyph, for a font of size 1, where it can be read.
    fn outline(
        &mut self,
        number: usize,
        font: &TextFont,
        code: u32,
        budget: &mut Budget,
    ) -> Result<Option<Area>, Malformed> {
        let document = self.document;
        let Some(tracing) = self.tracing() else { return Ok(None) };
        if !font.is_symbolic && !matches!(code, 0x20 | 0xA0) {
            return Ok(None);
        }
        if let Some(known) = tracing.outlined.get(&(number, code)) {
            return Ok(*known);
        }
        if tracing.programs.len() >= MOST_PROGRAMS && !tracing.programs.contains_key(&number) {
            tracing.lost();
            return Ok(None);
        }
        if let Entry::Vacant(vacant) = tracing.programs.entry(number) {
            vacant.insert(Outlines::load(document, &font.program, budget)?);
        }
        let outlines = tracing.programs.get(&number).and_then(Option::as_ref);
        budget.spend(Resource::Steps, 100)?;
        let area = outlines.and_then(|outlines| match font.is_symbolic {
            true => outlines.drawn(code),
            false => outlines.drawn_as_space(code),
        });
        tracing.outlined.insert((number, code), area);
        Ok(area)
    }

    pub(super) fn trace_lost_text(&mut self) {
        if let Some(tracing) = self.tracing() {
            tracing.lost();
        }
    }
}

pub(super) fn union(a: Area, b: Area) -> Area {
    [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]
}

/// What two boxes share, if they meet.
fn common(a: Area, b: Area) -> Option<Area> {
    let both = [a[0].max(b[0]), a[1].max(b[1]), a[2].min(b[2]), a[3].min(b[3])];
    (both[0] <= both[2] && both[1] <= both[3]).then_some(both)
}

fn sides([left, bottom, right, top]: Area) -> [Area; 4] {
    [
        [left, bottom, right, bottom],
        [left, top, right, top],
        [left, bottom, left, top],
        [right, bottom, right, top],
    ]
}
