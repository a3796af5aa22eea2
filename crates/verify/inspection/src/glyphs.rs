//! The glyphs of a page that say something, and where they are.

use crate::ground::Area;
use pdf::traces::{Shade, TracedGlyph, Traces};
use std::collections::BTreeMap;

/// So many equal characters of a kind in a row mark a place to write.
const LEAST_RUN: usize = 4;
/// Where nothing but a mapping says what the character is, so many.
const LEAST_MAPPED_RUN: usize = 8;

/// A glyph that says something.
pub(crate) struct Glyph {
    pub(crate) area: Area,
    pub(crate) shade: Shade,
    /// Where the point is of one that has a point at its foot, which a line can take in.
    pub(crate) point: Option<Area>,
    /// The size of the font.
    pub(crate) size: f64,
}

/// The glyphs that are neither white space nor mark a place to write.
pub(crate) fn said(traces: &Traces) -> Vec<Glyph> {
    let blank = blanks(traces);
    let said = traces.glyphs.iter().zip(&blank).filter(|(_, blank)| !**blank);
    said.map(|(glyph, _)| Glyph::of(traces, glyph)).collect()
}

impl Glyph {
    /// The box of a glyph: from its feet to its top, as far as its kind is known.
    fn of(traces: &Traces, glyph: &TracedGlyph) -> Glyph {
        let placed = &glyph.placed;
        let text = traces.text.get(placed.start..placed.end).unwrap_or_default();
        let size = placed.up.0.hypot(placed.up.1);
        let point_in = |area: Area| {
            let foot = placed.origin.1;
            matches!(text, "." | "," | ";" | ":" | "…" | "!" | "?").then_some([
                area[0],
                foot + 0.03 * size,
                area[2],
                foot + 0.1 * size,
            ])
        };
        if let Some(area) = glyph.drawn {
            return Glyph { area, shade: glyph.shade, point: point_in(area), size };
        }
        let (mut low, mut high): (f64, f64) = if text.is_empty() { (-0.25, 0.95) } else { (0.0, 0.0) };
        for character in text.chars() {
            let (feet, top) = extent(character);
            (low, high) = (low.min(feet), high.max(top));
        }
        let (across, advance) = direction(placed.origin, placed.next, placed.up, size);
        // The width is what the font says, which may be too little to be true.
        let (from, to) = if advance.abs() < 0.2 * size {
            (-0.2 * size, 0.6 * size)
        } else {
            (0.06 * advance, 0.94 * advance)
        };
        let corner = |along: f64, up: f64| {
            (
                placed.origin.0 + along * across.0 + up * placed.up.0,
                placed.origin.1 + along * across.1 + up * placed.up.1,
            )
        };
        let corners = [corner(from, low), corner(from, high), corner(to, low), corner(to, high)];
        let least = |part: fn(&(f64, f64)) -> f64| corners.iter().map(part).fold(f64::INFINITY, f64::min);
        let most = |part: fn(&(f64, f64)) -> f64| corners.iter().map(part).fold(f64::NEG_INFINITY, f64::max);
        let area = [least(|p| p.0), least(|p| p.1), most(|p| p.0), most(|p| p.1)];
        Glyph { area, shade: glyph.shade, point: point_in(area), size }
    }
}

/// The way that text runs, as a vector of length 1, and how far it goes.
fn direction(from: (f64, f64), to: (f64, f64), up: (f64, f64), size: f64) -> ((f64, f64), f64) {
    let (x, y) = (to.0 - from.0, to.1 - from.1);
    let length = x.hypot(y);
    if length > 0.01 * size {
        return ((x / length, y / length), length);
    }
    if size > 0.0 { ((up.1 / size, -up.0 / size), 0.0) } else { ((1.0, 0.0), 0.0) }
}

/// How far a character goes down and up, in sizes of the font, where it is a common one.
fn extent(character: char) -> (f64, f64) {
    match character {
        'g' | 'j' | 'p' | 'q' | 'y' => (-0.22, 0.7),
        'a' | 'c' | 'e' | 'm' | 'n' | 'o' | 'r' | 's' | 'u' | 'v' | 'w' | 'x' | 'z' => (-0.02, 0.56),
        '.' | ':' => (-0.02, 0.56),
        '0'..='9' | 'A'..='P' | 'R'..='Z' | 'b' | 'd' | 'f' | 'h' | 'i' | 'k' | 'l' | 't' => (-0.02, 0.73),
        '-' | '+' | '=' | '*' | '\'' | '"' | '%' | '&' | '#' | '!' | '?' => (-0.02, 0.73),
        _ => (-0.25, 0.95),
    }
}

/// For each glyph whether it says nothing: white space, and runs of one character that marks a place to write.
fn blanks(traces: &Traces) -> Vec<bool> {
    let text =
        |glyph: &TracedGlyph| traces.text.get(glyph.placed.start..glyph.placed.end).unwrap_or_default();
    // A font has one code for each kind of space; what else it calls a space need not be one.
    let mut spaces: BTreeMap<(usize, &str), u32> = BTreeMap::new();
    let mut blank: Vec<bool> = traces
        .glyphs
        .iter()
        .map(|glyph| {
            let text = text(glyph);
            glyph.drawn.is_none()
                && (glyph.is_named || is_narrow(glyph))
                && matches!(text, " " | "\u{a0}" | "\t" | "\r" | "\n")
                && *spaces.entry((glyph.font, text)).or_insert(glyph.code) == glyph.code
        })
        .collect();
    let mut run: Vec<usize> = Vec::new();
    for (index, glyph) in traces.glyphs.iter().enumerate() {
        if blank.get(index) == Some(&true) {
            continue;
        }
        let same = |first: &TracedGlyph| {
            (first.font, first.code, text(first)) == (glyph.font, glyph.code, text(glyph))
        };
        if !run.first().and_then(|first| traces.glyphs.get(*first)).is_some_and(same) {
            finish(&mut run, &traces.glyphs, &mut blank);
        }
        if marks_a_place(text(glyph)) && (glyph.drawn.is_none() || is_flat(glyph)) {
            run.push(index);
        }
    }
    finish(&mut run, &traces.glyphs, &mut blank);
    blank
}

/// Whether the outline of a glyph is known and flat, as that of a dot or a dash.
fn is_flat(glyph: &TracedGlyph) -> bool {
    let placed = &glyph.placed;
    let size = placed.up.0.hypot(placed.up.1);
    glyph.drawn.is_some_and(|area| area[3] - area[1] <= 0.16 * size && placed.up.0.abs() < 0.01 * size)
}

/// Whether a glyph is no wider than spaces are in most fonts.
fn is_narrow(glyph: &TracedGlyph) -> bool {
    let placed = &glyph.placed;
    let size = placed.up.0.hypot(placed.up.1);
    (placed.next.0 - placed.origin.0).hypot(placed.next.1 - placed.origin.1) <= 0.45 * size
}

fn finish(run: &mut Vec<usize>, glyphs: &[TracedGlyph], blank: &mut [bool]) {
    let first = run.first().and_then(|first| glyphs.get(*first));
    let is_sure = first.is_some_and(|glyph| glyph.is_named || is_flat(glyph));
    let least = if is_sure { LEAST_RUN } else { LEAST_MAPPED_RUN };
    if run.len() >= least {
        for index in &*run {
            if let Some(blank) = blank.get_mut(*index) {
                *blank = true;
            }
        }
    }
    run.clear();
}

/// Whether text is one character of those that are set in rows where something is to be written.
fn marks_a_place(text: &str) -> bool {
    let mut characters = text.chars();
    let only = characters.next().filter(|_| characters.next().is_none());
    only.is_some_and(|c| matches!(c, '_' | '.' | '·' | '…' | '-' | '–' | '—' | '\u{2500}'..='\u{2501}'))
}
