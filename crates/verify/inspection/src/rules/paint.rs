//! What an annotation draws on its page: by its appearance, or where it has none by what readers draw for its kind; and
//! whether that can hide or redraw what is under it.

use super::pieces::{Colour, Drawing, LIGHT, Line, Matrix, is_dark, luminance};
use crate::comparison::{Comparison, Side};
use crate::ground::{Area, Over, grown, overlap};
use pdf::object::{Dictionary, Object, ObjectId};
use pdf::traces::Shade;
use types::{Malformed, Resource};

/// Widest line that strikes or underlines, in points.
const THIN: f64 = 2.0;
/// A line strikes or underlines at least so many characters.
const LEAST_STRUCK: usize = 3;
/// A frame around text is at least so wide and high.
const LEAST_FRAME: f64 = 6.0;
/// Lines so near to each other are in one place.
const ONE_PLACE: f64 = 12.0;
/// So many lines may lie over one place.
const MOST_IN_ONE_PLACE: usize = 2;
/// Layers for neighbouring lines of text overlap a little.
const BLUR: f64 = 1.5;
/// What readers draw for a note or a file is so large, whatever its rectangle.
const ICON: f64 = 24.0;
/// Annotation flags NoZoom and NoRotate: what is drawn may be elsewhere than the rectangle (ISO 32000-2, Table 167).
pub(super) const FIXED_SIZE: i64 = 0b1_1000;

/// A line or a layer that was cleared, so that the next ones are counted with it.
pub(crate) struct Cleared {
    owner: Option<ObjectId>,
    page: Option<usize>,
    area: Area,
    /// That of a layer.
    colour: Option<Colour>,
}

/// An annotation and where it is.
#[derive(Clone, Copy)]
pub(super) struct Placed<'a> {
    /// Its own object, unless it is direct.
    pub(super) id: Option<ObjectId>,
    /// The annotation or its page.
    pub(super) near: ObjectId,
    pub(super) annotation: &'a Dictionary,
}

impl Comparison<'_, '_, '_> {
    /// Whether the annotation painted over what its page said.
    pub(super) fn covered(&mut self, placed: Placed<'_>) -> Result<bool, Malformed> {
        let drawing = self.drawing(Side::Old, placed.annotation)?;
        let is_hidden = self.presence(Side::Old, placed.annotation)?.is_hidden();
        if is_hidden || (!drawing.covers && !drawing.hides) {
            return Ok(false);
        }
        match self.rectangle(Side::Old, placed.annotation.get("Rect"))? {
            Some(rect) => Ok(self.ground((placed.id, placed.near), rect, Over::Signed)?.is_some()),
            None => Ok(true),
        }
    }

    /// Whether what an annotation paints can hide or redraw what its page says.
    pub(super) fn hides_content(&mut self, placed: Placed<'_>) -> Result<bool, Malformed> {
        let Placed { id, near, annotation } = placed;
        // A reply, say; it is looked at when it is made to show.
        if self.presence(Side::New, annotation)?.is_hidden() {
            return Ok(false);
        }
        self.memory.cleared.retain(|cleared| id.is_none() || cleared.owner != id);
        let mut drawing = self.drawing(Side::New, annotation)?;
        drawing.covers |= !drawing.layers.is_empty() && self.has_default_colours(near)?;
        let page = self.pages_of(near)?.first().copied();
        if let Some(icon) = self.icon(annotation)?
            && self.clear((id, page), grown(icon, ICON), icon)
        {
            return Ok(false);
        }
        if drawing.covers || drawing.has_more {
            let Some(reach) = self.drawn_within(annotation)? else { return Ok(true) };
            return Ok(self.ground((id, near), reach, Over::Mark)?.is_some());
        }
        let pieces = drawing.lines.len().saturating_add(drawing.layers.len());
        let work = pieces.saturating_mul(self.memory.cleared.len());
        self.budget.spend(Resource::Steps, work as u64)?;
        let mut takes_in = false;
        for line in &drawing.lines {
            takes_in |= self.takes_in_a_point(near, line.area)?;
        }
        if let Some(frame) = drawing.frame()
            && !takes_in
            && self.has_text(near, grown(frame, -1.0), Shade::Dark)?
            && self.clear((id, page), grown(frame, ONE_PLACE), frame)
        {
            return Ok(false);
        }
        for line in &drawing.lines {
            let is_mark = is_thin(line) && !takes_in && self.marks_text(near, line)?;
            let cleared = is_mark && self.clear((id, page), grown(line.area, ONE_PLACE), line.area);
            if !cleared && self.ground((id, near), line.area, Over::Mark)?.is_some() {
                return Ok(true);
            }
        }
        for &(layer, colour) in &drawing.layers {
            // A light text can have the colour that its ground gets.
            let cleared =
                !self.has_text(near, layer, Shade::Other)? && self.clear_layer((id, page), layer, colour);
            if !cleared && self.ground((id, near), layer, Over::Mark)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a page gives device colours another meaning (ISO 32000-2, 8.6.5.6), which some readers let hold for what
    /// annotations draw as well.
    fn has_default_colours(&mut self, near: ObjectId) -> Result<bool, Malformed> {
        for index in self.pages_of(near)? {
            let Some(page) = self.page_at(index)? else { return Ok(true) };
            let Some(resources) = page.resources else { continue };
            let Object::Dictionary(resources) = self.resolve(Side::Old, &resources)?.into_owned() else {
                continue;
            };
            let spaces = self.entry_dictionary(Side::Old, &resources, "ColorSpace")?;
            if spaces.0.iter().any(|(key, _)| key.0.starts_with(b"Default")) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a line strikes or underlines text and does no more.
    fn marks_text(&mut self, near: ObjectId, line: &Line) -> Result<bool, Malformed> {
        let is_level = line.area[3] - line.area[1] <= line.width + 0.5;
        Ok(is_level && self.struck(near, line.area)? >= LEAST_STRUCK)
    }

    /// Lets a line lie over a place unless there are as many already.
    fn clear(&mut self, (owner, page): (Option<ObjectId>, Option<usize>), place: Area, area: Area) -> bool {
        let lines =
            self.memory.cleared.iter().filter(|cleared| cleared.page == page && cleared.colour.is_none());
        if lines.filter(|cleared| overlap(cleared.area, place)).count() >= MOST_IN_ONE_PLACE {
            return false;
        }
        self.memory.cleared.push(Cleared { owner, page, area, colour: None });
        true
    }

    /// Lets a layer lie over a place as long as all that lie there, multiplied, are light.
    fn clear_layer(
        &mut self,
        (owner, page): (Option<ObjectId>, Option<usize>),
        area: Area,
        colour: Colour,
    ) -> bool {
        let place = grown(area, -BLUR);
        let there =
            self.memory.cleared.iter().filter(|other| other.page == page && overlap(other.area, place));
        let mixed = there
            .filter_map(|other| other.colour)
            .fold(colour, |mixed, other| [mixed[0] * other[0], mixed[1] * other[1], mixed[2] * other[2]]);
        let is_light = luminance(mixed) >= LIGHT;
        if is_light {
            self.memory.cleared.push(Cleared { owner, page, area, colour: Some(colour) });
        }
        is_light
    }

    /// The place of a note that readers draw as a small coloured sign, which nobody takes for content.
    fn icon(&mut self, annotation: &Dictionary) -> Result<Option<Area>, Malformed> {
        let is_note = annotation.get("Subtype").and_then(Object::as_name) == Some(b"Text");
        let is_known = annotation.get("Name").is_none_or(|name| {
            matches!(
                name.as_name(),
                Some(b"Comment" | b"Key" | b"Note" | b"Help" | b"NewParagraph" | b"Paragraph" | b"Insert")
            )
        });
        if !is_note || !is_known || annotation.get("AP").is_some() {
            return Ok(None);
        }
        let colour = self.colour(Side::New, annotation)?;
        let is_coloured = colour.is_empty() || colour.iter().any(|part| *part < 0.7);
        let rect = self.rectangle(Side::New, annotation.get("Rect"))?;
        Ok(rect.filter(|rect| is_coloured && rect[2] - rect[0] <= ICON && rect[3] - rect[1] <= ICON))
    }

    /// `C` of an annotation.
    fn colour(&mut self, side: Side, annotation: &Dictionary) -> Result<Vec<f64>, Malformed> {
        let colour = self.resolve(side, annotation.get("C").unwrap_or(&Object::Null))?.into_owned();
        let mut parts = Vec::new();
        for part in colour.as_array().unwrap_or_default() {
            parts.push(self.resolve(side, part)?.as_number().unwrap_or(1.0).clamp(0.0, 1.0));
        }
        Ok(parts)
    }

    /// Where an annotation that covers can draw; `None` if that can be anywhere.
    fn drawn_within(&mut self, annotation: &Dictionary) -> Result<Option<Area>, Malformed> {
        let Some(rect) = self.rectangle(Side::New, annotation.get("Rect"))? else { return Ok(None) };
        let reach = self.presence(Side::New, annotation)?.reach_of(rect);
        if self.has_appearance(Side::New, annotation)? {
            return Ok(Some(reach));
        }
        // Readers that draw it themselves go where its points are, and beyond with ends and leader lines.
        const BEYOND: [&str; 7] = ["LL", "LLE", "LLO", "LE", "Cap", "BE", "Measure"];
        if BEYOND.iter().any(|key| annotation.get(key).is_some())
            || !self.is_within(Side::New, annotation, rect)?
        {
            return Ok(None);
        }
        let kind = annotation.get("Subtype").and_then(Object::as_name);
        let is_icon = matches!(kind, Some(b"Text" | b"FileAttachment" | b"Sound" | b"Caret"));
        let margin = rect[0] - reach[0];
        Ok(Some(grown(rect, margin.max(if is_icon { ICON } else { 0.0 }))))
    }

    /// Whether the points of an annotation are in its rectangle, up to the width of a line.
    fn is_within(&mut self, side: Side, annotation: &Dictionary, rect: Area) -> Result<bool, Malformed> {
        const SLACK: f64 = 4.0;
        let room = grown(rect, SLACK);
        let mut waiting: Vec<Object> = ["InkList", "L", "Vertices", "QuadPoints", "CL", "Path"]
            .iter()
            .filter_map(|key| annotation.get(key).cloned())
            .collect();
        for _ in 0..self.budget.depth() {
            let mut deeper = Vec::new();
            for list in waiting {
                self.budget.spend(Resource::Steps, 1)?;
                let list = self.resolve(side, &list)?.into_owned();
                let Object::Array(elements) = list else { return Ok(false) };
                let (numbers, others): (Vec<Object>, Vec<Object>) =
                    elements.into_iter().partition(|element| element.as_number().is_some());
                let numbers: Vec<f64> = numbers.iter().filter_map(Object::as_number).collect();
                let inside = |pair: &[f64; 2]| overlap([pair[0], pair[1], pair[0], pair[1]], room);
                if !numbers.as_chunks::<2>().0.iter().all(inside) {
                    return Ok(false);
                }
                deeper.extend(others);
            }
            if deeper.is_empty() {
                return Ok(true);
            }
            waiting = deeper;
        }
        Ok(false)
    }

    pub(super) fn has_appearance(&mut self, side: Side, annotation: &Dictionary) -> Result<bool, Malformed> {
        let appearances = self.entry_dictionary(side, annotation, "AP")?;
        Ok(*self.resolve(side, appearances.get("N").unwrap_or(&Object::Null))? != Object::Null)
    }

    /// What an annotation draws.
    fn drawing(&mut self, side: Side, annotation: &Dictionary) -> Result<Drawing, Malformed> {
        let appearances = self.entry_dictionary(side, annotation, "AP")?;
        if appearances.0.is_empty() {
            return self.drawn_by_readers(side, annotation);
        }
        let normal = appearances.get("N").unwrap_or(&Object::Null);
        let others = appearances.0.iter().filter(|(key, value)| key.0 != b"N" && value != normal);
        let Object::Stream(form) = self.resolve(side, normal)?.into_owned() else {
            // By state: check boxes and the like, never markup.
            return Ok(Drawing::covering());
        };
        if others.count() > 0 {
            return Ok(Drawing::covering());
        }
        let rect = self.rectangle(side, annotation.get("Rect"))?;
        let bounds = self.rectangle(side, form.dictionary.get("BBox"))?;
        let (Some(rect), Some(bounds)) = (rect, bounds) else { return Ok(Drawing::covering()) };
        let own = self.matrix_of(side, &form)?;
        let flags = self.resolve(side, annotation.get("F").unwrap_or(&Object::Null))?.as_integer();
        // `BM` of the annotation itself mixes all of it with the page (ISO 32000-2, Table 166).
        let is_mixed = annotation.get("BM").is_some();
        let covers = is_mixed || flags.unwrap_or(0) & FIXED_SIZE != 0;
        let mut drawing = Drawing { covers, ..Drawing::default() };
        self.draw(side, &form, own.then(fit(own, bounds, rect)), &mut drawing)?;
        Ok(drawing)
    }

    fn drawn_by_readers(&mut self, side: Side, annotation: &Dictionary) -> Result<Drawing, Malformed> {
        let kind = annotation.get("Subtype").and_then(Object::as_name);
        let parts = self.colour(side, annotation)?;
        let width = self.border_width(side, annotation)?;
        let mut drawing = Drawing::default();
        match kind {
            Some(b"Popup") => {}
            Some(b"Link") if width == 0.0 => {}
            Some(b"Link" | b"Square") if annotation.get("IC").is_none() => {
                let plain = ["BE", "QuadPoints"].iter().all(|key| annotation.get(key).is_none());
                match self.rectangle(side, annotation.get("Rect"))?.filter(|_| plain) {
                    Some(rect) => drawing.add_frame(rect, width, parts.is_empty() || is_dark(&parts)),
                    None => drawing.covers = true,
                }
            }
            // Readers multiply a highlight with the page.
            Some(b"Highlight") if side == Side::New && annotation.get("IC").is_none() => {
                let colour = match parts[..] {
                    [grey] => Some([grey, grey, grey]),
                    [red, green, blue] => Some([red, green, blue]),
                    _ => None,
                };
                let rect = self.rectangle(side, annotation.get("Rect"))?;
                match (rect, colour) {
                    (Some(rect), Some(colour)) if self.is_within(side, annotation, rect)? => {
                        drawing.layers.push((rect, colour));
                    }
                    _ => drawing.covers = true,
                }
            }
            // Files may have these from before; nothing of the kind is put on a page.
            Some(
                b"Highlight" | b"Underline" | b"StrikeOut" | b"Squiggly" | b"Text" | b"Caret"
                | b"FileAttachment" | b"Sound" | b"Circle" | b"Polygon" | b"Line" | b"PolyLine" | b"Ink",
            ) if side == Side::Old && width <= 3.0 && annotation.get("IC").is_none() => {}
            _ => drawing.covers = true,
        }
        Ok(drawing)
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

    /// A rectangle with its corners in order; `None` if it is none.
    pub(crate) fn rectangle(
        &mut self,
        side: Side,
        object: Option<&Object>,
    ) -> Result<Option<Area>, Malformed> {
        let object = self.resolve(side, object.unwrap_or(&Object::Null))?.into_owned();
        let mut numbers = Vec::new();
        for element in object.as_array().unwrap_or_default() {
            let Some(number) = self.resolve(side, element)?.as_number() else { return Ok(None) };
            numbers.push(number);
        }
        Ok(match numbers[..] {
            [a, b, c, d] if numbers.iter().all(|number| number.is_finite()) => {
                Some([a.min(c), b.min(d), a.max(c), b.max(d)])
            }
            _ => None,
        })
    }
}

impl Drawing {
    /// The box of the thin frame that is all that is drawn, if it is one.
    fn frame(&self) -> Option<Area> {
        let [bottom, right, ..] = self.lines.as_slice() else { return None };
        let is_one = self.lines.len() == 4 && self.lines.iter().all(|line| line.is_frame && is_thin(line));
        let frame = [bottom.area[0], right.area[1], bottom.area[2], right.area[3]];
        let is_large = (frame[2] - frame[0]).min(frame[3] - frame[1]) >= LEAST_FRAME;
        (is_one && is_large && self.layers.is_empty()).then_some(frame)
    }
}

fn is_thin(line: &Line) -> bool {
    line.is_plain && line.width <= THIN
}

/// What takes the bounds of an appearance, once its own matrix was applied, to the rectangle (ISO 32000-2, 12.5.5).
fn fit(own: Matrix, bounds: Area, rect: Area) -> Matrix {
    let [left, bottom, right, top] = bounds;
    let corners = [(left, bottom), (right, bottom), (right, top), (left, top)].map(|(x, y)| own.point(x, y));
    let least = |part: fn(&(f64, f64)) -> f64| corners.iter().map(part).fold(f64::INFINITY, f64::min);
    let most = |part: fn(&(f64, f64)) -> f64| corners.iter().map(part).fold(f64::NEG_INFINITY, f64::max);
    let (x, y) = (least(|p| p.0), least(|p| p.1));
    let across = (rect[2] - rect[0]) / (most(|p| p.0) - x);
    let up = (rect[3] - rect[1]) / (most(|p| p.1) - y);
    Matrix([across, 0.0, 0.0, up, rect[0] - x * across, rect[1] - y * up])
}
