//! What a page says under a rectangle: whether something put there can hide or imitate it.

use crate::comparison::Comparison;
use crate::reach::stops;
use pdf::PageText;
use pdf::object::ObjectId;
use std::rc::Rc;
use types::{Malformed, Resource};

/// What the content of a page has under a rectangle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ground {
    /// No text, and nothing that cannot be looked through.
    Blank,
    /// No text that can be read, but pictures or text that cannot be read somewhere on the page.
    Unknown,
    /// So many characters, not counting what marks a place to fill in.
    Text(usize),
}

impl Comparison<'_, '_, '_> {
    /// What the page that `near` is or is on has under `rect`, as it was before.
    pub(crate) fn ground(&mut self, near: ObjectId, rect: [f64; 4]) -> Result<Ground, Malformed> {
        let Some(index) = self.reach.record(near).and_then(|record| record.page) else {
            return Ok(Ground::Unknown);
        };
        let text = match self.memory.grounds.get(&index) {
            Some(text) => Rc::clone(text),
            None => {
                let text = Rc::new(self.read_ground(index)?);
                self.memory.grounds.insert(index, Rc::clone(&text));
                text
            }
        };
        self.budget.spend(Resource::Steps, text.glyphs.len() as u64)?;
        let inside = |glyph: &&pdf::PlacedGlyph| {
            let x = (glyph.origin.0 + glyph.next.0) / 2.0 + glyph.up.0 * 0.3;
            let y = (glyph.origin.1 + glyph.next.1) / 2.0 + glyph.up.1 * 0.3;
            x > rect[0] && x < rect[2] && y > rect[1] && y < rect[3]
        };
        let says = |glyph: &&pdf::PlacedGlyph| {
            text.text.get(glyph.start..glyph.end).unwrap_or_default().chars().any(|c| !is_blank(c))
        };
        let covered = text.glyphs.iter().filter(inside).filter(says).count();
        let opaque = text.pictures > 0 || text.unreadable > 0 || !text.faults.is_empty();
        Ok(match covered {
            0 if opaque => Ground::Unknown,
            0 => Ground::Blank,
            count => Ground::Text(count),
        })
    }

    fn read_ground(&mut self, index: usize) -> Result<PageText, Malformed> {
        let page = match self.old.page(index, self.budget) {
            Ok(page) => page,
            Err(error) if stops(&error) => return Err(error),
            Err(_) => None,
        };
        match page {
            Some(page) => self.old.page_text(&page, self.budget),
            None => Ok(PageText { faults: vec!["the page was not found".into()], ..PageText::default() }),
        }
    }
}

/// Whether a character says nothing or marks a place to fill in.
fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '_' | '.' | '·' | '…' | '-' | '–' | '—' | '\u{ad}' | ':' | '\u{2500}'..='\u{25ff}' | '\u{2610}'..='\u{2612}' | '\u{274f}'..='\u{2752}')
}
