//! What there is under a rectangle of a page: whether something put there can hide or imitate it.
//!
//! Everything is ground that is not known to be nothing: each glyph but white space and runs of characters that mark a
//! place to write, lines and outlines that the page draws, pictures, and the other annotations and fields. A page has one
//! colour where no outline enters the rectangle, which is no ground.

use crate::comparison::{Comparison, Side};
use crate::glyphs::{Glyph, said};
use crate::reach::stops;
use pdf::object::{Object, ObjectId};
use pdf::pages::Page;
use pdf::traces::{Shade, Traces};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::rc::Rc;
use types::{Malformed, Resource};

/// Left, bottom, right, top.
pub(crate) type Area = [f64; 4];

/// What lies over the ground, which says how near is too near.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Over {
    /// A field, which has its place on the page: borders of that place and lines through all of it are no ground.
    Field,
    /// A signature, which may be over another one, since a report lists them all; and over a scanned page, since somebody
    /// answers for it.
    Signature,
    /// A document timestamp, which may be over a signature as well, but is of nobody who answers for what it shows.
    Timestamp,
    /// Something put on the page: what is next to it counts, since two marks side by side make a third.
    Mark,
    /// Something that was there when it was signed.
    Signed,
}

impl Over {
    fn is_field(self) -> bool {
        matches!(self, Over::Field | Over::Signature | Over::Timestamp)
    }
}

/// What is remembered of a page.
pub(crate) struct PageGround {
    glyphs: Vec<Glyph>,
    edges: Vec<Area>,
    pictures: Vec<Area>,
    is_partial: bool,
}

/// An annotation or a field that a page shows.
pub(crate) struct Neighbour {
    id: Option<ObjectId>,
    /// The field that it is one of several widgets of.
    field: Option<ObjectId>,
    area: Option<Area>,
    /// Whether it can pass for content of the page.
    is_content: bool,
    is_signature: bool,
    what: &'static str,
}

/// Borders may come as near to the edge of a field, in points.
const BORDER: f64 = 2.0;
/// A field with a shorter side has no border.
const LEAST_FIELD: f64 = 8.0;
/// Outlines so near to a mark are under it.
const MARGIN: f64 = 3.0;
/// Shortest line to write on.
const LEAST_ROW: f64 = 36.0;
/// Fewest cells that lines part a field into.
const LEAST_CELLS: usize = 4;
impl Comparison<'_, '_, '_> {
    /// What the pages that `near` is or is on have under `rect`, as it was before, in words; `None` if there is nothing.
    /// `own`, what lies there, is no ground.
    pub(crate) fn ground(
        &mut self,
        (own, near): (Option<ObjectId>, ObjectId),
        rect: Area,
        over: Over,
    ) -> Result<Option<String>, Malformed> {
        let pages = self.pages_of(near)?;
        if pages.is_empty() {
            return Ok(Some("a page that is not known".into()));
        }
        let field = self.field_of(Side::New, own)?;
        for page in pages {
            let ground = self.page_ground(page)?;
            let neighbours = self.neighbours(page)?;
            let work = ground.glyphs.len() + ground.edges.len() + ground.pictures.len() + neighbours.len();
            self.budget.spend(Resource::Steps, work as u64)?;
            let found = ground.under(rect, over).or_else(|| {
                let counts = |other: &&Neighbour| {
                    (other.id.is_none() || other.id != own)
                        && (other.field.is_none() || other.field != field)
                        && (other.is_content || over != Over::Signed)
                        && !(other.is_signature && matches!(over, Over::Signature | Over::Timestamp))
                };
                neighbours
                    .iter()
                    .filter(counts)
                    .find(|other| other.is_under(rect, over))
                    .map(|other| other.what.to_owned())
            });
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// How many glyphs of the page of `near` a level line strikes or underlines, if it does so for most of its length.
    pub(crate) fn struck(&mut self, near: ObjectId, line: Area) -> Result<usize, Malformed> {
        let [left, bottom, right, top] = line;
        let (mut count, mut length) = (0, 0.0);
        for page in self.pages_of(near)? {
            let ground = self.page_ground(page)?;
            self.budget.spend(Resource::Steps, ground.glyphs.len() as u64)?;
            for Glyph { area, size, .. } in ground.glyphs.iter().filter(|glyph| glyph.shade == Shade::Dark) {
                let shared = area[2].min(right) - area[0].max(left);
                if shared > 0.0 && bottom > area[1] - 0.4 * size && top < area[3] + 0.1 * size {
                    count += 1;
                    length += shared;
                }
            }
        }
        Ok(if length >= 0.6 * (right - left) { count } else { 0 })
    }

    /// Whether a line takes in a point of the text of a page.
    pub(crate) fn takes_in_a_point(&mut self, near: ObjectId, line: Area) -> Result<bool, Malformed> {
        for page in self.pages_of(near)? {
            let ground = self.page_ground(page)?;
            self.budget.spend(Resource::Steps, ground.glyphs.len() as u64)?;
            if ground.glyphs.iter().filter_map(|glyph| glyph.point).any(|point| overlap(point, line)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether there is text of a shade in an area.
    pub(crate) fn has_text(&mut self, near: ObjectId, area: Area, shade: Shade) -> Result<bool, Malformed> {
        for page in self.pages_of(near)? {
            let ground = self.page_ground(page)?;
            self.budget.spend(Resource::Steps, ground.glyphs.len() as u64)?;
            if ground.glyphs.iter().any(|glyph| glyph.shade == shade && overlap(glyph.area, area)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The pages that `near` is, or that list it.
    pub(crate) fn pages_of(&mut self, near: ObjectId) -> Result<Vec<usize>, Malformed> {
        let known = match &self.memory.places {
            Some((revision, places)) if places.contains_key(&near) || *revision == self.old.revision() => {
                places.get(&near).cloned()
            }
            _ => {
                let mut places: BTreeMap<ObjectId, Vec<usize>> = BTreeMap::new();
                match self.old.places_of_annotations(self.budget) {
                    Ok(all) => {
                        all.into_iter().for_each(|(id, page)| places.entry(id).or_default().push(page))
                    }
                    Err(error) if stops(&error) => return Err(error),
                    Err(_) => {}
                }
                let known = places.get(&near).cloned();
                self.memory.places = Some((self.old.revision(), places));
                known
            }
        };
        let mut pages = known.unwrap_or_default();
        if let Some(page) = self.reach.record(near).and_then(|record| record.page)
            && !pages.contains(&page)
        {
            pages.push(page);
        }
        Ok(pages)
    }

    /// The page of this place in the order of the tree, as places are told everywhere here: what nodes of the tree give as
    /// their numbers of pages may be wrong.
    pub(crate) fn page_at(&mut self, index: usize) -> Result<Option<Page>, Malformed> {
        let mut found = None;
        let walked = self.old.visit_pages(self.budget, &mut |page, _| {
            if page.index < index {
                return Ok(ControlFlow::Continue(()));
            }
            found = Some(page);
            Ok(ControlFlow::Break(()))
        });
        match walked {
            Err(error) if stops(&error) => Err(error),
            _ => Ok(found),
        }
    }

    fn page_ground(&mut self, index: usize) -> Result<Rc<PageGround>, Malformed> {
        if let Some(known) = self.memory.grounds.get(&index) {
            return Ok(Rc::clone(known));
        }
        let page = self.page_at(index)?;
        let traces = match page {
            Some(page) => match self.old.page_traces(&page, self.budget) {
                Ok(traces) => traces,
                Err(error) if stops(&error) => return Err(error),
                Err(_) => Traces { is_partial: true, ..Traces::default() },
            },
            None => Traces { is_partial: true, ..Traces::default() },
        };
        self.budget.spend(Resource::Steps, traces.glyphs.len() as u64)?;
        let ground = Rc::new(PageGround::of(traces));
        self.memory.grounds.insert(index, Rc::clone(&ground));
        Ok(ground)
    }

    /// The annotations and fields that a page had before.
    fn neighbours(&mut self, index: usize) -> Result<Rc<Vec<Neighbour>>, Malformed> {
        if let Some(known) = self.neighbours.get(&index) {
            return Ok(Rc::clone(known));
        }
        let page = self.page_at(index)?;
        let list = page.and_then(|page| page.dictionary.get("Annots").cloned()).unwrap_or(Object::Null);
        let list = self.resolve(Side::Old, &list)?.into_owned();
        let mut neighbours = Vec::new();
        for item in list.as_array().unwrap_or_default() {
            self.budget.spend(Resource::Steps, 1)?;
            neighbours.extend(self.neighbour(item)?);
        }
        let neighbours = Rc::new(neighbours);
        self.neighbours.insert(index, Rc::clone(&neighbours));
        Ok(neighbours)
    }

    /// The field that an object is one of several widgets of.
    fn field_of(&mut self, side: Side, id: Option<ObjectId>) -> Result<Option<ObjectId>, Malformed> {
        let Some(id) = id else { return Ok(None) };
        let Object::Dictionary(widget) = self.get(side, id)? else { return Ok(None) };
        let has_name = widget.get("T").is_some();
        Ok(widget.get("Parent").and_then(Object::as_reference).filter(|_| !has_name))
    }

    /// An annotation as ground; `None` if it shows nothing of its own.
    fn neighbour(&mut self, item: &Object) -> Result<Option<Neighbour>, Malformed> {
        let annotation = self.resolve(Side::Old, item)?.into_owned();
        let Object::Dictionary(annotation) = annotation else { return Ok(None) };
        let kind = annotation.get("Subtype").and_then(Object::as_name);
        let drawn_only_by_appearance = matches!(kind, Some(b"Link" | b"Popup"));
        if drawn_only_by_appearance && annotation.get("AP").is_none() {
            return Ok(None);
        }
        let presence = self.presence(Side::Old, &annotation)?;
        if presence.is_hidden() {
            return Ok(None);
        }
        let area = self.rectangle(Side::Old, annotation.get("Rect"))?;
        let area = area.map(|area| presence.reach_of(area));
        let what = if kind == Some(b"Widget") { "another field" } else { "another annotation" };
        let id = if let Object::Reference(id) = item { Some(*id) } else { None };
        let field = self.field_of(Side::Old, id)?;
        let is_content = crate::rules::masks(&annotation).is_some();
        let is_signature = self.inherited(Side::Old, &annotation, "FT")?.as_name() == Some(b"Sig")
            && (annotation.get("AP").is_none()
                || self.inherited(Side::Old, &annotation, "V")? != Object::Null);
        Ok(Some(Neighbour { id, field, area, is_content, is_signature, what }))
    }
}

impl Neighbour {
    /// Fields side by side may overlap by the width of a border.
    fn is_under(&self, rect: Area, over: Over) -> bool {
        let Some(area) = self.area else { return true };
        let border = if over.is_field() { BORDER } else { 0.0 };
        let slack = |low: usize| border.min((area[low + 2] - area[low]) / 4.0);
        let (x, y) = (slack(0), slack(1));
        has_size(area) && overlap([area[0] + x, area[1] + y, area[2] - x, area[3] - y], rect)
    }
}

impl PageGround {
    fn of(traces: Traces) -> PageGround {
        let glyphs = said(&traces);
        PageGround { glyphs, edges: traces.edges, pictures: traces.pictures, is_partial: traces.is_partial }
    }

    fn under(&self, rect: Area, over: Over) -> Option<String> {
        let reach = |size: f64| if over == Over::Mark { 0.7 * size } else { 0.0 };
        let near = |glyph: &&Glyph| {
            let wide = reach(glyph.size);
            overlap([glyph.area[0] - wide, glyph.area[1], glyph.area[2] + wide, glyph.area[3]], rect)
        };
        let count = self.glyphs.iter().filter(near).count();
        if count > 0 {
            return Some(format!("{count} characters that the page says"));
        }
        let is_place =
            over.is_field() && rect[2] - rect[0] >= LEAST_FIELD && rect[3] - rect[1] >= LEAST_FIELD;
        let inner = match over {
            _ if is_place => grown(rect, -BORDER),
            Over::Mark => grown(rect, MARGIN),
            _ => rect,
        };
        let within: Vec<Area> = self.edges.iter().copied().filter(|edge| meet(*edge, inner)).collect();
        let is_divided = is_place && is_comb(&within, rect);
        let is_of_place =
            |edge: &Area| is_place && (is_row(*edge, inner) || (is_divided && is_divider(*edge, inner)));
        if !within.iter().all(is_of_place) {
            return Some("lines or areas that the page draws".into());
        }
        if over != Over::Signature && self.pictures.iter().any(|picture| meet(*picture, inner)) {
            return Some("a picture that the page has".into());
        }
        self.is_partial.then(|| "a page that cannot be read to its end".into())
    }
}

/// Whether a line to write on goes through a place from left to right; shorter ones can be a minus.
fn is_row(line: Area, place: Area) -> bool {
    line[3] - line[1] <= BORDER
        && line[2] - line[0] >= LEAST_ROW
        && line[0] <= place[0]
        && line[2] >= place[2]
}

/// Whether a line goes through a place from its foot to its top.
fn is_divider(line: Area, place: Area) -> bool {
    line[2] - line[0] <= BORDER && line[1] <= place[1] && line[3] >= place[3]
}

/// Whether upright lines part a field into cells of one width for a character each, four at least; fewer can be figures.
fn is_comb(edges: &[Area], field: Area) -> bool {
    let mut places: Vec<f64> = vec![field[0], field[2]];
    let inner = grown(field, -BORDER);
    places
        .extend(edges.iter().filter(|edge| is_divider(**edge, inner)).map(|edge| (edge[0] + edge[2]) / 2.0));
    places.sort_by(f64::total_cmp);
    places.dedup_by(|next, first| *next - *first <= BORDER);
    let cells = places.len().saturating_sub(1);
    let width = (field[2] - field[0]) / cells.max(1) as f64;
    cells >= LEAST_CELLS && places.windows(2).all(|pair| (pair[1] - pair[0] - width).abs() <= BORDER)
}

fn meet(a: Area, b: Area) -> bool {
    a[0] <= b[2] && a[2] >= b[0] && a[1] <= b[3] && a[3] >= b[1]
}

/// Whether two areas share more than a border.
pub(crate) fn overlap(a: Area, b: Area) -> bool {
    a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1]
}

fn has_size(area: Area) -> bool {
    area[2] > area[0] && area[3] > area[1]
}

/// The area with its sides moved outwards.
pub(crate) fn grown(area: Area, by: f64) -> Area {
    [area[0] - by, area[1] - by, area[2] + by, area[3] + by]
}
