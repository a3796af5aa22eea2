//! What a page says that a reader does not see: text that is hidden in one way or another (ISO 32000-2, 9.3 and 11).

use crate::code::{
    CLIPPED, Code, FONT_MAPPING, LAYER_HIDDEN, OUTSIDE, PAGE_CROWDED, TEXT_BACKGROUND, TEXT_COVERED,
    TEXT_INVISIBLE, TEXT_RECOGNISED, TEXT_TINY, TEXT_TRANSPARENT, TEXT_UNREADABLE, TRANSPARENCY, UNREADABLE,
};
use crate::layers::Layers;
use crate::report::{Place, quote};
use crate::scene::{Scene, Trait};
use pdf::marks::{Area, Colour, Mark, MarkKind, Marks, TextRun};
use types::{Budget, Malformed, Resource, Severity};

/// Text smaller than this, in points, is not there for reading.
const SMALLEST_TEXT: f64 = 1.0;
/// Alpha below which nothing is seen.
const FAINTEST: f64 = 0.02;
/// Difference of colours, in each of red, green, blue, that is not seen.
const NEAR: f64 = 0.04;
/// Areas lower or narrower than this, in points, are lines.
const LINE: f64 = 3.0;
/// Most areas of one page that text is compared with; the last ones count.
const MOST_AREAS: usize = 4096;
const WHITE: Colour = Colour::Known([1.0; 3]);

/// What is below the first mark.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ground {
    /// White paper.
    Paper,
    /// Something else, of unknown colour.
    Unknown,
}

/// The surface that marks are on.
#[derive(Clone, Copy)]
pub(crate) struct Surface {
    /// What of it is seen.
    pub(crate) visible: Area,
    pub(crate) ground: Ground,
    pub(crate) place: Place,
}

impl Scene<'_, '_> {
    /// Reports what is wrong with the marks of a page or an appearance. Gives back the areas of text that is seen.
    pub(crate) fn look_at_marks(
        &mut self,
        marks: &Marks,
        surface: Surface,
        layers: &mut Layers,
        budget: &mut Budget,
    ) -> Result<Vec<Area>, Malformed> {
        let place = surface.place;
        self.general(marks, place);
        let mut areas: Vec<(usize, &Mark)> = Vec::new();
        let mut seen = Vec::new();
        let mut texts: Vec<(usize, &Mark, &TextRun)> = Vec::new();
        for (index, mark) in marks.marks.iter().enumerate() {
            budget.spend(Resource::Steps, 1)?;
            if let Some(layer) = mark.layer
                && layers.hides(self, layer, budget)?
            {
                self.hidden_by_layer(mark, place);
                continue;
            }
            match &mark.kind {
                MarkKind::Text(run) if run.text.trim().is_empty() => {}
                MarkKind::Text(run) => texts.push((index, mark, run)),
                kind => {
                    if matches!(kind, MarkKind::Image) && !meet(mark.area, surface.visible) {
                        self.add(OUTSIDE, place, "an image outside the visible part of the page");
                    }
                    if mark.area[2] - mark.area[0] >= LINE && mark.area[3] - mark.area[1] >= LINE {
                        areas.push((index, mark));
                    }
                }
            }
        }
        let areas = areas.get(areas.len().saturating_sub(MOST_AREAS)..).unwrap_or_default();
        for (index, mark, run) in texts {
            budget.spend(Resource::Steps, 1 + areas.len() as u64 / 8)?;
            match hidden(index, mark, run, areas, surface) {
                Some(code) => self.add(code, place, format!("{}: {}", code.about, quote(&run.text))),
                None => seen.push(mark.area),
            }
        }
        Ok(seen)
    }

    fn general(&mut self, marks: &Marks, place: Place) {
        for fault in &marks.faults {
            self.add(UNREADABLE, place, fault.clone());
        }
        if marks.dropped > 0 {
            self.add(PAGE_CROWDED, place, PAGE_CROWDED.about);
        }
        if marks.has_transparency {
            self.traits.insert(Trait::Transparency);
            self.add(TRANSPARENCY, place, TRANSPARENCY.about);
        }
        if marks.unreadable > 0 {
            let message = format!("{} characters that programs cannot read as text", marks.unreadable);
            self.add(TEXT_UNREADABLE, place, message);
        }
        for wrong in &marks.contradictions {
            let (font, glyph, text) = (quote(&wrong.font), quote(&wrong.glyph), quote(&wrong.text));
            self.add(FONT_MAPPING, place, format!("in the font {font} the glyph {glyph} stands for {text}"));
        }
    }

    fn hidden_by_layer(&mut self, mark: &Mark, place: Place) {
        let (severity, message) = match &mark.kind {
            MarkKind::Text(run) if run.text.trim().is_empty() => return,
            MarkKind::Text(run) => {
                (Severity::Error, format!("text on a layer that is off: {}", quote(&run.text)))
            }
            MarkKind::Image | MarkKind::MaskedImage => {
                (Severity::Error, "an image on a layer that is off".to_owned())
            }
            _ => (Severity::Warning, LAYER_HIDDEN.about.to_owned()),
        };
        self.findings.weigh(LAYER_HIDDEN, severity, place, message);
    }
}

/// Why a text is not seen, if it is not.
fn hidden(
    index: usize,
    mark: &Mark,
    run: &TextRun,
    areas: &[(usize, &Mark)],
    surface: Surface,
) -> Option<Code> {
    if matches!(run.mode, 3 | 7) {
        let over_image = |(_, other): &(usize, &Mark)| {
            matches!(other.kind, MarkKind::Image | MarkKind::MaskedImage)
                && contains(other.area, centre(mark.area))
        };
        return Some(if areas.iter().any(over_image) { TEXT_RECOGNISED } else { TEXT_INVISIBLE });
    }
    if mark.alpha < FAINTEST {
        return Some(TEXT_TRANSPARENT);
    }
    if run.size < SMALLEST_TEXT && !run.is_type3 {
        return Some(TEXT_TINY);
    }
    if !meet(mark.area, surface.visible) {
        return Some(OUTSIDE);
    }
    if mark.clip.is_some_and(|clip| !meet(mark.area, clip)) {
        return Some(CLIPPED);
    }
    if run.mode % 4 != 2
        && !mark.is_blended
        && !run.is_type3
        && same(mark.colour, below(index, mark, areas, surface))
    {
        return Some(TEXT_BACKGROUND);
    }
    let after = areas.iter().rev().take_while(|(other, _)| *other > index);
    after.map(|(_, other)| other).any(|other| covers(other, mark.area)).then_some(TEXT_COVERED)
}

/// The colour below a text.
fn below(index: usize, mark: &Mark, areas: &[(usize, &Mark)], surface: Surface) -> Colour {
    let point = centre(mark.area);
    let before = areas.iter().rev().skip_while(|(other, _)| *other > index);
    let ground = before
        .map(|(_, other)| other)
        .find(|other| contains(other.area, point) && other.clip.is_none_or(|clip| contains(clip, point)));
    match ground {
        Some(other) if other.kind == MarkKind::Rectangle && other.alpha > 0.99 && !other.is_blended => {
            other.colour
        }
        Some(_) => Colour::Unknown,
        None if surface.ground == Ground::Paper => WHITE,
        None => Colour::Unknown,
    }
}

fn same(a: Colour, b: Colour) -> bool {
    match (a, b) {
        (Colour::Known(a), Colour::Known(b)) => a.iter().zip(b).all(|(a, b)| (a - b).abs() <= NEAR),
        _ => false,
    }
}

/// Whether a mark hides all of an area.
pub(crate) fn covers(mark: &Mark, area: Area) -> bool {
    let opaque = matches!(mark.kind, MarkKind::Image | MarkKind::Rectangle)
        && mark.alpha > 0.99
        && !mark.is_blended
        && !(mark.kind == MarkKind::Rectangle && mark.colour == Colour::Unknown);
    let [left, bottom, right, top] = area;
    // The box of a text goes up to the size of its font, a little above most letters.
    let shrink = (top - bottom) * 0.2;
    let corners = [(left + 0.5, bottom), (right - 0.5, top - shrink)];
    let around = |outer: Area| corners.iter().all(|corner| contains(outer, *corner));
    opaque && around(mark.area) && mark.clip.is_none_or(around)
}

pub(crate) fn centre([left, bottom, right, top]: Area) -> (f64, f64) {
    ((left + right) / 2.0, (bottom + top) / 2.0)
}

pub(crate) fn contains([left, bottom, right, top]: Area, (x, y): (f64, f64)) -> bool {
    left <= x && x <= right && bottom <= y && y <= top
}

/// Whether two boxes have a point in common.
pub(crate) fn meet(a: Area, b: Area) -> bool {
    a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3]
}
