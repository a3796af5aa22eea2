//! The fonts of a report: which character is drawn with which, and how wide text is.

use rustybuzz::{Direction, Face, UnicodeBuffer};
use std::fmt;
use unicode_bidi::{BidiInfo, Level};

/// A font file that was handed in.
#[derive(Clone, Debug)]
pub struct Font {
    bytes: Vec<u8>,
    index: u32,
}

impl Font {
    /// A TTF, OTF or TTC file; `index` picks one from a collection, otherwise 0.
    pub fn new(bytes: Vec<u8>, index: u32) -> Font {
        Font { bytes, index }
    }
}

/// A font that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FontError;

impl fmt::Display for FontError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the font file cannot be used: it is no TTF, OTF or TTC file, or lacks this font")
    }
}

impl std::error::Error for FontError {}

/// The fonts in the order in which they are asked.
pub(crate) struct Fonts<'a> {
    loaded: Vec<Loaded<'a>>,
}

struct Loaded<'a> {
    face: Face<'a>,
    font: krilla::text::Font,
}

/// A piece of a line that one font draws in one direction.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Run {
    pub(crate) text: String,
    pub(crate) font: usize,
    pub(crate) right_to_left: bool,
    /// Points at a size of 1 point.
    pub(crate) width: f32,
}

impl<'a> Fonts<'a> {
    /// The bundled font, then the one handed in.
    pub(crate) fn new(given: Option<&'a Font>) -> Result<Fonts<'a>, FontError> {
        let bundled = pdf::appearance::bundled_font();
        let mut loaded = vec![load(bundled, 0, bundled.into())?];
        if let Some(font) = given {
            loaded.push(load(&font.bytes, font.index, font.bytes.clone().into())?);
        }
        Ok(Fonts { loaded })
    }

    pub(crate) fn get(&self, index: usize) -> Option<&krilla::text::Font> {
        self.loaded.get(index).map(|loaded| &loaded.font)
    }

    pub(crate) fn has(&self, character: char) -> bool {
        self.font_of(character).is_some()
    }

    fn font_of(&self, character: char) -> Option<usize> {
        self.loaded.iter().position(|loaded| loaded.face.glyph_index(character).is_some())
    }

    /// `text` with what no font has written out.
    pub(crate) fn drawable(&self, text: &str) -> String {
        let mut shown = String::with_capacity(text.len());
        for character in text.chars() {
            match self.has(character) {
                true => shown.push(character),
                false => shown.extend(character.escape_unicode()),
            }
        }
        shown
    }

    /// The runs of one line, from left to right.
    pub(crate) fn runs(&self, line: &str) -> Vec<Run> {
        let info = BidiInfo::new(line, Some(Level::ltr()));
        let mut runs = Vec::new();
        for paragraph in &info.paragraphs {
            let (levels, ranges) = info.visual_runs(paragraph, paragraph.range.clone());
            for range in ranges {
                let right_to_left = levels.get(range.start).is_some_and(|level| level.is_rtl());
                let pieces = self.pieces(line.get(range).unwrap_or_default());
                let mut pieces: Vec<Run> =
                    pieces.into_iter().map(|(text, font)| self.run(text, font, right_to_left)).collect();
                if right_to_left {
                    pieces.reverse();
                }
                runs.extend(pieces);
            }
        }
        runs
    }

    /// Pieces that one font draws.
    fn pieces<'t>(&self, text: &'t str) -> Vec<(&'t str, usize)> {
        let mut pieces = Vec::new();
        let (mut start, mut current) = (0, None);
        for (at, character) in text.char_indices() {
            let font = self.font_of(character).unwrap_or(0);
            if let Some(before) = current
                && before != font
            {
                pieces.extend(text.get(start..at).map(|piece| (piece, before)));
                start = at;
            }
            current = Some(font);
        }
        pieces.extend(current.and_then(|font| text.get(start..).map(|piece| (piece, font))));
        pieces
    }

    fn run(&self, text: &str, font: usize, right_to_left: bool) -> Run {
        let width =
            self.loaded.get(font).map_or(0.0, |loaded| shaped_width(&loaded.face, text, right_to_left));
        Run { text: text.to_owned(), font, right_to_left, width }
    }

    /// Width at a size of 1 point.
    pub(crate) fn width(&self, text: &str) -> f32 {
        self.runs(text).iter().map(|run| run.width).sum()
    }
}

fn load(bytes: &[u8], index: u32, data: krilla::Data) -> Result<Loaded<'_>, FontError> {
    let face = Face::from_slice(bytes, index).ok_or(FontError)?;
    let font = krilla::text::Font::new(data, index).ok_or(FontError)?;
    if face.units_per_em() <= 0 { Err(FontError) } else { Ok(Loaded { face, font }) }
}

fn shaped_width(face: &Face<'_>, text: &str, right_to_left: bool) -> f32 {
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(text);
    buffer.guess_segment_properties();
    buffer.set_direction(if right_to_left { Direction::RightToLeft } else { Direction::LeftToRight });
    let glyphs = rustybuzz::shape(face, &[], buffer);
    let units: i64 = glyphs.glyph_positions().iter().map(|glyph| i64::from(glyph.x_advance)).sum();
    units as f32 / face.units_per_em() as f32
}
