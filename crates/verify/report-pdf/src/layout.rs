//! Items to lines on pages: A4, one column, labels beside values.

use crate::content::{Item, Kind};
use crate::fonts::Fonts;
use report::view::Tone;

/// A4 in points.
pub(crate) const PAGE: (f32, f32) = (595.0, 842.0);
pub(crate) const MARGIN: f32 = 56.0;
const BOTTOM: f32 = PAGE.1 - 64.0;
const WIDTH: f32 = PAGE.0 - 2.0 * MARGIN;

/// What is drawn on one page.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Page {
    pub(crate) lines: Vec<Line>,
    /// Heights of lines across the page.
    pub(crate) rules: Vec<f32>,
}

/// One line of text in its place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    pub(crate) x: f32,
    /// Of the base line, from the top.
    pub(crate) y: f32,
    pub(crate) size: f32,
    pub(crate) text: String,
    pub(crate) tone: Tone,
    pub(crate) soft: bool,
    /// Number and kind of the item that it belongs to.
    pub(crate) item: (usize, Kind),
}

/// Size of letters and the space before an item of a kind, and how much must fit below it on the page.
fn measures(kind: Kind) -> (f32, f32, f32) {
    match kind {
        Kind::Heading(1) => (20.0, 0.0, 60.0),
        Kind::Heading(2) => (14.0, 16.0, 80.0),
        Kind::Heading(_) => (11.5, 8.0, 60.0),
        Kind::Lead => (11.5, 3.0, 0.0),
        Kind::Paragraph => (10.0, 8.0, 24.0),
        Kind::Small => (9.0, 3.0, 0.0),
        Kind::Fact | Kind::Dimension => (9.5, 3.0, 0.0),
        Kind::Rule => (0.0, 8.0, 90.0),
    }
}

/// Where the cells of a kind start, and how wide they are.
fn columns(kind: Kind) -> &'static [(f32, f32)] {
    match kind {
        Kind::Fact => &[(0.0, 122.0), (128.0, WIDTH - 128.0)],
        Kind::Dimension => &[(0.0, 92.0), (96.0, 84.0), (184.0, WIDTH - 184.0)],
        _ => &[(0.0, WIDTH)],
    }
}

/// Breaks everything into lines and pages.
pub(crate) fn lay_out(items: &[Item], fonts: &Fonts<'_>) -> Vec<Page> {
    let mut pages = vec![Page::default()];
    let mut y = MARGIN;
    for (number, item) in items.iter().enumerate() {
        let (size, before, together) = measures(item.kind);
        let height = size * 1.35;
        if y > MARGIN {
            y += before;
        }
        if y + height + together > BOTTOM {
            pages.push(Page::default());
            y = MARGIN;
        }
        if item.kind == Kind::Rule {
            if let Some(page) = pages.last_mut().filter(|_| y > MARGIN) {
                page.rules.push(y);
            }
            continue;
        }
        let cells: Vec<Vec<String>> = item
            .cells
            .iter()
            .zip(columns(item.kind))
            .map(|(cell, (_, width))| wrap(&fonts.drawable(&cell.text), width / size, fonts))
            .collect();
        let rows = cells.iter().map(Vec::len).max().unwrap_or(0);
        for row in 0..rows {
            if y + height > BOTTOM {
                pages.push(Page::default());
                y = MARGIN;
            }
            y += height;
            for ((cell, lines), (x, _)) in item.cells.iter().zip(&cells).zip(columns(item.kind)) {
                let Some(text) = lines.get(row).filter(|text| !text.is_empty()) else { continue };
                let line = Line {
                    x: MARGIN + x,
                    y,
                    size,
                    text: text.clone(),
                    tone: cell.tone,
                    soft: item.kind == Kind::Small || (item.kind == Kind::Fact && *x == 0.0),
                    item: (number, item.kind),
                };
                pages.last_mut().expect("there is always a page").lines.push(line);
            }
        }
    }
    pages
}

/// Lines that are at most `width` wide at a size of 1 point, broken where Unicode allows it (UAX #14), or anywhere.
fn wrap(text: &str, width: f32, fonts: &Fonts<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut line, mut used, mut start) = (String::new(), 0.0, 0);
    for (end, _) in unicode_linebreak::linebreaks(text) {
        let piece = text.get(start..end).unwrap_or_default();
        start = end;
        let visible = fonts.width(piece.trim_end());
        if used > 0.0 && used + visible > width {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
            used = 0.0;
        }
        if visible <= width {
            line.push_str(piece);
            used += fonts.width(piece);
            continue;
        }
        for character in piece.chars() {
            let advance = fonts.width(character.encode_utf8(&mut [0; 4]));
            if used + advance > width && used > 0.0 {
                lines.push(std::mem::take(&mut line));
                used = 0.0;
            }
            line.push(character);
            used += advance;
        }
    }
    lines.push(line.trim_end().to_owned());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Cell;

    fn item(kind: Kind, text: &str) -> Item {
        Item { kind, cells: vec![Cell { text: text.to_owned(), tone: Tone::Plain }] }
    }

    #[test]
    fn no_line_leaves_the_page_and_no_letter_is_lost() {
        let fonts = Fonts::new(None).unwrap();
        let long = "a sentence of some words and averyveryveryveryveryveryverylongword ".repeat(90);
        let items: Vec<Item> = (0..9).map(|_| item(Kind::Paragraph, &long)).collect();
        let pages = lay_out(&items, &fonts);
        assert!(pages.len() > 3);
        let mut letters = String::new();
        for line in pages.iter().flat_map(|page| &page.lines) {
            assert!(
                line.y <= BOTTOM && line.x + fonts.width(&line.text) * line.size <= PAGE.0 - MARGIN + 0.5
            );
            letters.extend(line.text.chars().filter(|one| *one != ' '));
        }
        assert_eq!(letters, long.replace(' ', "").repeat(9));
    }

    #[test]
    fn what_no_font_has_is_written_out() {
        let fonts = Fonts::new(None).unwrap();
        assert_eq!(fonts.drawable("Ada 张"), "Ada \\u{5f20}");
        assert_eq!(fonts.drawable("Ærø Ω ש"), "Ærø Ω ש");
    }

    #[test]
    fn each_direction_is_a_run_of_its_own() {
        let fonts = Fonts::new(None).unwrap();
        let runs = fonts.runs("CN=שלום (x)");
        let directions: Vec<bool> = runs.iter().map(|run| run.right_to_left).collect();
        assert_eq!(directions, [false, true, false]);
    }
}
