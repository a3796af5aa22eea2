//! The text of a page with its places, read from content streams (ISO 32000-2, 9.4), to find anchor texts; and what
//! else marks the page, to see what a reader sees of it, also differently from before.
//!
//! It reads what `ToUnicode` maps, the simple encodings with common glyph names, and Unicode CMaps. What it cannot
//! read is counted, never guessed.

mod encoding;
mod font;
mod interpret;
pub mod marks;
mod matrix;
mod metrics;
mod outlines;
mod paint;
mod search;
mod shown;
pub mod traces;
mod type3;
mod unicode_map;

use crate::pages::Page;
use crate::snapshot::Snapshot;
pub(crate) use interpret::{page_text, skip_inline_image};
use search::are_apart;
pub(crate) use search::{Needle, Place};
use types::{Budget, Exhausted, Malformed, Resource};

impl Snapshot<'_, '_> {
    /// The text that the content of a page draws, in the order of drawing. What is broken or unsupported is noted in the
    /// result; only an exhausted budget or an unreadable source is an error.
    pub fn page_text(&self, page: &Page, budget: &mut Budget) -> Result<PageText, Malformed> {
        interpret::page_text(*self, page, budget)
    }

    /// The same with the text of the appearances of the page's annotations and fields, which come after the content
    /// (ISO 32000-2, 12.5.5); the places of these glyphs are those within their appearance.
    pub fn shown_text(&self, page: &Page, budget: &mut Budget) -> Result<PageText, Malformed> {
        shown::shown_text(*self, page, budget)
    }
}

/// Most glyphs, and most bytes of text, that are kept of one page.
const MOST_GLYPHS: usize = 500_000;
const MOST_TEXT: usize = 16 << 20;

/// The text of one page in the order of its content streams.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PageText {
    /// All text.
    pub text: String,
    /// What was drawn, in order; each with its part of `text`.
    pub glyphs: Vec<PlacedGlyph>,
    /// Codes that no mapping gives a text for.
    pub unreadable: usize,
    /// Images and shadings that were drawn.
    pub pictures: usize,
    /// Why parts of the page could not be read.
    pub faults: Vec<String>,
}

impl PageText {
    /// Whether another glyph with so many bytes of text may be kept.
    fn check_room(&self, bytes: usize) -> Result<(), Malformed> {
        if self.glyphs.len() < MOST_GLYPHS && self.text.len().saturating_add(bytes) <= MOST_TEXT {
            return Ok(());
        }
        let exhausted = Exhausted { resource: Resource::Steps, limit: MOST_GLYPHS as u64 };
        let reason = format!("a page has more text than {MOST_GLYPHS} glyphs or {MOST_TEXT} bytes");
        Err(Malformed { reason, ..exhausted.into() })
    }

    /// The text as it is read: with a space wherever a gap or a step to another line parts two glyphs.
    pub fn words(&self) -> String {
        let mut words = String::with_capacity(self.text.len());
        let mut previous: Option<&PlacedGlyph> = None;
        for glyph in &self.glyphs {
            if previous.is_some_and(|previous| previous.end < glyph.start || are_apart(previous, glyph)) {
                words.push(' ');
            }
            words.push_str(self.text.get(glyph.start..glyph.end).unwrap_or_default());
            previous = Some(glyph);
        }
        words
    }
}

/// One glyph in user space.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlacedGlyph {
    /// Start in the page's text, in bytes.
    pub start: usize,
    /// End in the page's text, in bytes.
    pub end: usize,
    /// Where it starts on the baseline.
    pub origin: (f64, f64),
    /// Where the next one would start.
    pub next: (f64, f64),
    /// From the baseline up by one size of the font.
    pub up: (f64, f64),
}
