//! What a page shows, in the order of painting: text, images and filled areas (ISO 32000-2, 8 and 9).
//!
//! Lines, glyphs of Type 3 fonts and what patterns paint are not followed. Places are boxes along the axes of default
//! user space.

use super::interpret::{Fonts, Interpreter};
use super::matrix::Matrix;
use super::paint::Sink;
use crate::document::Document;
use crate::object::{Dictionary, Object, ObjectId, Stream};
use crate::pages::Page;
use std::collections::BTreeSet;
use types::{Budget, Malformed};

/// A box as left, bottom, right, top in default user space.
pub type Area = [f64; 4];

/// A colour, as far as it is a matter of numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Colour {
    /// Red, green, blue from 0 to 1; other spaces converted without profiles.
    Known([f64; 3]),
    /// A pattern, a separation, an image.
    Unknown,
}

/// What kind of mark.
#[derive(Clone, Debug, PartialEq)]
pub enum MarkKind {
    /// One shown string.
    Text(TextRun),
    /// An image that hides what is below it.
    Image,
    /// An image that lets through what is below it, at least in part.
    MaskedImage,
    /// A filled rectangle along the axes.
    Rectangle,
    /// A filled area of any other shape, within its box.
    Shape,
}

/// One shown string (ISO 32000-2, 9.4.3).
#[derive(Clone, Debug, PartialEq)]
pub struct TextRun {
    /// Its beginning, as text; U+FFFD for what is unknown.
    pub text: String,
    /// `Tr`: the text rendering mode (Table 104), 0 to 7.
    pub mode: u8,
    /// Size of the font in default user space.
    pub size: f64,
    /// Whether the glyphs are drawn by content streams (Type 3), so that the size says nothing.
    pub is_type3: bool,
}

/// One mark on a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Where, without regard to the clipping path.
    pub area: Area,
    /// The box of the clipping path, if there is one.
    pub clip: Option<Area>,
    /// What.
    pub kind: MarkKind,
    /// Its colour.
    pub colour: Colour,
    /// Constant alpha: 0 is invisible, 1 opaque.
    pub alpha: f64,
    /// Whether a blend mode or a soft mask is in force.
    pub is_blended: bool,
    /// The optional content group or membership that it belongs to (ISO 32000-2, 8.11).
    pub layer: Option<ObjectId>,
}

/// A glyph that is named for another text than its code stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Contradiction {
    /// The font's name.
    pub font: String,
    /// The text by the glyph's name.
    pub glyph: String,
    /// The text by `ToUnicode`.
    pub text: String,
}

/// The marks of a page or an appearance.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Marks {
    /// In the order of painting.
    pub marks: Vec<Mark>,
    /// Marks beyond the number that is kept.
    pub dropped: usize,
    /// Whether there is transparency: blend modes, soft masks, alpha.
    pub has_transparency: bool,
    /// Shown glyphs whose text contradicts their name.
    pub contradictions: BTreeSet<Contradiction>,
    /// Shown codes that no mapping gives a text for.
    pub unreadable: usize,
    /// Why parts of the content could not be read.
    pub faults: Vec<String>,
}

/// Reads the marks of pages and appearances; keeps fonts in between.
pub struct MarkReader<'d, 's> {
    document: &'d Document<'s>,
    fonts: Fonts,
}

impl<'d, 's> MarkReader<'d, 's> {
    /// A reader for a document.
    pub fn new(document: &'d Document<'s>) -> MarkReader<'d, 's> {
        MarkReader { document, fonts: Fonts::new() }
    }

    /// The marks of a page's content. What is broken is noted in the result; only an exhausted budget or an unreadable
    /// source is an error.
    pub fn page(&mut self, page: &Page, budget: &mut Budget) -> Result<Marks, Malformed> {
        self.with(|interpreter| interpreter.page(page, budget))
    }

    /// The marks of an annotation's appearance stream, in default user space of its page (ISO 32000-2, 12.5.5).
    pub fn appearance(
        &mut self,
        stream: &Stream,
        rect: Area,
        budget: &mut Budget,
    ) -> Result<Marks, Malformed> {
        let snapshot = self.document.latest();
        self.with(|interpreter| {
            let matrix = interpreter.form_matrix(stream, budget)?.unwrap_or(Matrix::IDENTITY);
            let bounds = stream.dictionary.get("BBox").unwrap_or(&Object::Null);
            let bounds = snapshot.rectangle(bounds, budget)?.unwrap_or(rect);
            let fit = fit(matrix.area(bounds), rect);
            interpreter.state.ctm = fit;
            interpreter.state.paint.clip = Some(rect);
            let result = interpreter.form(stream, &Dictionary::new(), 0, budget);
            interpreter.note(result)
        })
    }

    fn with(
        &mut self,
        work: impl FnOnce(&mut Interpreter<'d, 's>) -> Result<(), Malformed>,
    ) -> Result<Marks, Malformed> {
        let mut interpreter = Interpreter::new(self.document.latest());
        interpreter.fonts = std::mem::take(&mut self.fonts);
        interpreter.sink = Some(Sink::default());
        let result = work(&mut interpreter);
        self.fonts = std::mem::take(&mut interpreter.fonts);
        result?;
        let mut marks = interpreter.sink.map(|sink| sink.marks).unwrap_or_default();
        marks.unreadable = interpreter.out.unreadable;
        marks.faults = interpreter.out.faults;
        Ok(marks)
    }
}

/// The transformation of one box onto another; that of an empty box moves only.
fn fit(from: Area, to: Area) -> Matrix {
    let scale = |from: f64, to: f64| if from > 0.0 { to / from } else { 1.0 };
    let x = scale(from[2] - from[0], to[2] - to[0]);
    let y = scale(from[3] - from[1], to[3] - to[1]);
    Matrix([x, 0.0, 0.0, y, to[0] - from[0] * x, to[1] - from[1] * y])
}
