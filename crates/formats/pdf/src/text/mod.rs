//! The text of a page with its places, read from content streams (ISO 32000-2, 9.4), to find anchor texts; and what
//! else marks the page, to see what a reader sees of it.
//!
//! It reads what `ToUnicode` maps, the simple encodings with common glyph names, and Unicode CMaps. What it cannot
//! read is counted, never guessed.

mod encoding;
mod font;
mod interpret;
pub mod marks;
mod matrix;
mod metrics;
mod paint;
mod search;
mod unicode_map;

pub(crate) use interpret::page_text;
pub(crate) use search::{Needle, Place};

/// The text of one page in the order of its content streams.
#[derive(Debug, Default)]
pub(crate) struct PageText {
    /// All text.
    pub(crate) text: String,
    /// What was drawn, in order; each with its part of `text`.
    pub(crate) glyphs: Vec<PlacedGlyph>,
    /// Codes that no mapping gives a text for.
    pub(crate) unreadable: usize,
    /// Why parts of the page could not be read.
    pub(crate) faults: Vec<String>,
}

/// One glyph in user space.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlacedGlyph {
    /// Start and end in the page's text.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Where it starts on the baseline.
    pub(crate) origin: (f64, f64),
    /// Where the next one would start.
    pub(crate) next: (f64, f64),
    /// From the baseline up by one size of the font.
    pub(crate) up: (f64, f64),
}
