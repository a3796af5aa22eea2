//! Finding a text among placed glyphs.

use super::{PageText, PlacedGlyph};
use unicode_normalization::UnicodeNormalization;

/// Where a text was found: its start and end on the baseline and the way up, in user space.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Place {
    pub(crate) start: (f64, f64),
    pub(crate) end: (f64, f64),
    pub(crate) up: (f64, f64),
}

/// What is looked for: compatibility characters decomposed and composed again (NFKC), white space as one space.
pub(crate) struct Needle(String);

impl Needle {
    /// `None` if there is nothing but white space.
    pub(crate) fn new(text: &str) -> Option<Needle> {
        let normal: String = text.nfkc().collect();
        let words: Vec<&str> = normal.split_whitespace().collect();
        if words.is_empty() { None } else { Some(Needle(words.join(" "))) }
    }

    /// Every place of the text on a page: in the order of the content, or line by line if it is not found so.
    pub(crate) fn find(&self, page: &PageText) -> Vec<Place> {
        let places = self.find_in(page, &page.glyphs);
        if !places.is_empty() {
            return places;
        }
        let mut sorted = page.glyphs.clone();
        sorted.sort_by(reading_order);
        self.find_in(page, &sorted)
    }

    fn find_in(&self, page: &PageText, glyphs: &[PlacedGlyph]) -> Vec<Place> {
        let (text, owners) = joined(page, glyphs);
        let mut places: Vec<Place> = Vec::new();
        for start in memchr::memmem::find_iter(text.as_bytes(), self.0.as_bytes()) {
            let end = start + self.0.len();
            let glyph = |index: usize| owners.get(index).and_then(|owner| glyphs.get((*owner)?));
            // White space between words belongs to no glyph, but the needle starts and ends with something else.
            let (Some(first), Some(last)) = (glyph(start), glyph(end - 1)) else {
                continue;
            };
            let place = Place { start: first.origin, end: last.next, up: first.up };
            if !places.iter().any(|other| same(other, &place)) {
                places.push(place);
            }
        }
        places
    }
}

/// Lines from top to bottom, then left to right; glyphs whose baselines differ by less than a point share a line.
fn reading_order(a: &PlacedGlyph, b: &PlacedGlyph) -> std::cmp::Ordering {
    let line = |glyph: &PlacedGlyph| glyph.origin.1.round() as i64;
    line(b).cmp(&line(a)).then(a.origin.0.total_cmp(&b.origin.0))
}

/// A text drawn twice at the same place, as poor man's bold or shadow, counts once.
fn same(a: &Place, b: &Place) -> bool {
    let near = distance(a.start, b.start) + distance(a.end, b.end);
    near < 0.5 * length(a.up).max(1.0)
}

fn length(vector: (f64, f64)) -> f64 {
    vector.0.hypot(vector.1)
}

fn distance(a: (f64, f64), b: (f64, f64)) -> f64 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

/// The text in normal form with single spaces, and for each of its bytes the glyph it comes from.
fn joined(page: &PageText, glyphs: &[PlacedGlyph]) -> (String, Vec<Option<usize>>) {
    let mut text = String::new();
    let mut owners = Vec::new();
    let push_space = |text: &mut String, owners: &mut Vec<Option<usize>>| {
        if !text.is_empty() && !text.ends_with(' ') {
            text.push(' ');
            owners.push(None);
        }
    };
    let mut previous: Option<&PlacedGlyph> = None;
    for (index, glyph) in glyphs.iter().enumerate() {
        if previous.is_some_and(|previous| are_apart(previous, glyph)) {
            push_space(&mut text, &mut owners);
        }
        previous = Some(glyph);
        let own = page.text.get(glyph.start..glyph.end).unwrap_or_default();
        // A combining mark joins the letter before it, also across glyphs.
        let starts_with_mark = own.chars().next().is_some_and(unicode_normalization::char::is_combining_mark);
        if starts_with_mark && let Some(letter) = text.pop() {
            owners.truncate(text.len());
            let composed: String = letter.to_string().chars().chain(own.chars()).nfkc().collect();
            text.push_str(&composed);
            owners.resize(text.len(), Some(index));
            continue;
        }
        for character in own.nfkc() {
            if character.is_whitespace() {
                push_space(&mut text, &mut owners);
            } else {
                text.push(character);
                owners.resize(text.len(), Some(index));
            }
        }
    }
    (text, owners)
}

/// Whether a space belongs between two glyphs: a gap, a step back, or another line.
pub(super) fn are_apart(a: &PlacedGlyph, b: &PlacedGlyph) -> bool {
    let size = length(a.up).max(1e-6);
    let (dx, dy) = (b.origin.0 - a.next.0, b.origin.1 - a.next.1);
    // Along and across the line, in sizes of the font.
    let up = (a.up.0 / size, a.up.1 / size);
    let across = (dx * up.0 + dy * up.1) / size;
    let along = (dx * up.1 - dy * up.0) / size;
    across.abs() > 0.5 || !(-1.0..=0.2).contains(&along)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Glyphs of one letter each, 6 points wide, 10 high.
    fn page(lines: &[(f64, f64, &str)]) -> PageText {
        let mut page = PageText::default();
        for (x, y, text) in lines {
            for (index, character) in text.chars().enumerate() {
                let start = page.text.len();
                page.text.push(character);
                let left = x + 6.0 * index as f64;
                page.glyphs.push(PlacedGlyph {
                    start,
                    end: page.text.len(),
                    origin: (left, *y),
                    next: (left + 6.0, *y),
                    up: (0.0, 10.0),
                });
            }
        }
        page
    }

    fn starts(page: &PageText, text: &str) -> Vec<(f64, f64)> {
        Needle::new(text).unwrap().find(page).iter().map(|place| place.start).collect()
    }

    #[test]
    fn text_is_found_across_strings_gaps_and_lines() {
        let page =
            page(&[(0.0, 100.0, "Sign"), (24.0, 100.0, "ed by"), (70.0, 100.0, "the"), (0.0, 85.0, "buyer")]);
        assert_eq!(starts(&page, "Signed  by the\nbuyer"), [(0.0, 100.0)]);
        assert_eq!(starts(&page, "the buyer"), [(70.0, 100.0)]);
        assert!(starts(&page, "bythe").is_empty());
    }

    #[test]
    fn words_on_two_lines_are_two_words() {
        assert_eq!(
            page(&[(0.0, 100.0, "Sign"), (24.0, 100.0, "ed"), (0.0, 85.0, "by")]).words(),
            "Signed by"
        );
    }

    #[test]
    fn text_drawn_out_of_order_is_found_line_by_line() {
        let page = page(&[(36.0, 100.0, "world"), (0.0, 100.0, "Hello")]);
        assert_eq!(starts(&page, "Hello world"), [(0.0, 100.0)]);
    }

    #[test]
    fn a_text_drawn_twice_at_one_place_counts_once() {
        let page = page(&[(0.0, 100.0, "Here"), (0.3, 100.0, "Here"), (0.0, 50.0, "Here")]);
        assert_eq!(starts(&page, "Here").len(), 2);
    }

    #[test]
    fn ligatures_and_combining_marks_match_plain_text() {
        let page = page(&[(0.0, 10.0, "of\u{FB01}ce e\u{301}t")]);
        assert_eq!(starts(&page, "office ét"), [(0.0, 10.0)]);
    }
}
