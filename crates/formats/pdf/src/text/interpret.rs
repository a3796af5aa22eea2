//! Content streams as far as text goes (ISO 32000-2, 8.4, 9.3 and 9.4).

use super::font::TextFont;
use super::matrix::Matrix;
use super::paint::{Paint, Sink};
use super::{PageText, PlacedGlyph};
use crate::object::{Dictionary, Object, ObjectId, Stream};
use crate::pages::Page;
use crate::read::lexer::{Lexer, Token};
use crate::snapshot::Snapshot;
use std::collections::BTreeMap;
use std::rc::Rc;
use types::{Budget, Cause, Malformed, Resource};

/// Deepest nesting of form XObjects.
const DEEPEST_FORM: u32 = 12;
/// Most saved graphics states.
pub(super) const MOST_STATES: usize = 256;
/// Most operands that an operator keeps.
pub(super) const MOST_OPERANDS: usize = 4096;
/// Most bytes of content that are held at a time: that of the page and those of the form XObjects that are being run.
const MOST_CONTENT: u64 = 64 << 20;
/// Most fonts, and most codes of all of them with text, that are kept to be used again.
const MOST_FONTS: usize = 1000;
const MOST_CODES: usize = 1_000_000;
/// So many bytes of a shown string are looked at together; even, as codes may have two.
const PIECE: usize = 4096;

/// Reads the text of a page. What is broken or unsupported is noted in the result; only an exhausted budget or an
/// unreadable source is an error.
pub(crate) fn page_text(
    document: Snapshot<'_, '_>,
    page: &Page,
    budget: &mut Budget,
) -> Result<PageText, Malformed> {
    let mut interpreter = Interpreter::new(document);
    interpreter.page(page, budget)?;
    Ok(interpreter.out)
}

/// Fonts by object.
pub(super) type Fonts = BTreeMap<ObjectId, Option<Rc<TextFont>>>;

/// The part of the graphics state that text and marks need.
#[derive(Clone)]
pub(super) struct State {
    pub(super) ctm: Matrix,
    pub(super) paint: Paint,
    font: Option<Rc<TextFont>>,
    size: f64,
    character_spacing: f64,
    word_spacing: f64,
    scaling: f64,
    leading: f64,
    rise: f64,
    text: Matrix,
    line: Matrix,
}

impl State {
    pub(super) fn new(ctm: Matrix) -> State {
        State {
            ctm,
            paint: Paint::default(),
            font: None,
            size: 0.0,
            character_spacing: 0.0,
            word_spacing: 0.0,
            scaling: 1.0,
            leading: 0.0,
            rise: 0.0,
            text: Matrix::IDENTITY,
            line: Matrix::IDENTITY,
        }
    }
}

/// An operand; dictionaries and the like do not matter here.
pub(super) enum Operand {
    Number(f64),
    Name(Vec<u8>),
    Text(Vec<u8>),
    ArrayStart,
    Other,
}

pub(super) struct Interpreter<'i, 's> {
    pub(super) document: Snapshot<'i, 's>,
    /// Those that are direct are read each time they are set.
    pub(super) fonts: Fonts,
    pub(super) state: State,
    pub(super) saved: Vec<State>,
    pub(super) out: PageText,
    /// Where marks go; only text is read without it.
    pub(super) sink: Option<Sink>,
    /// Bytes of content held now.
    held: u64,
}

impl<'i, 's> Interpreter<'i, 's> {
    pub(super) fn new(document: Snapshot<'i, 's>) -> Interpreter<'i, 's> {
        Interpreter {
            document,
            fonts: BTreeMap::new(),
            state: State::new(Matrix::IDENTITY),
            saved: Vec::new(),
            out: PageText::default(),
            sink: None,
            held: 0,
        }
    }

    /// Runs the content of a page.
    pub(super) fn page(&mut self, page: &Page, budget: &mut Budget) -> Result<(), Malformed> {
        let mut content = Vec::new();
        let contents = page.dictionary.get("Contents").unwrap_or(&Object::Null);
        let result = self.append_contents(contents, &mut content, budget);
        self.note(result)?;
        let resources = match &page.resources {
            Some(resources) => self.dictionary(resources, budget)?,
            None => Dictionary::new(),
        };
        self.run_held(&content, &resources, 0, budget)
    }

    /// Runs content that is held in memory meanwhile.
    fn run_held(
        &mut self,
        content: &[u8],
        resources: &Dictionary,
        depth: u32,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        let outer = self.held;
        self.held = outer.saturating_add(content.len() as u64);
        let result = self.run(content, resources, depth, budget);
        self.held = outer;
        result
    }

    /// The data of a content stream, as long as there is room for it beside `more` bytes.
    fn content(&self, stream: &Stream, more: usize, budget: &mut Budget) -> Result<Vec<u8>, Malformed> {
        let room = MOST_CONTENT.saturating_sub(self.held).saturating_sub(more as u64);
        self.document.stream_data_up_to(room, stream, budget)
    }

    /// Notes a fault of the document; errors that stop all work go on.
    pub(super) fn note(&mut self, result: Result<(), Malformed>) -> Result<(), Malformed> {
        match result {
            Err(error) if matches!(error.cause, Cause::Budget(_) | Cause::Source(_)) => Err(error),
            Err(error) => {
                if self.out.faults.len() < 10 {
                    self.out.faults.push(error.to_string());
                }
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    pub(super) fn dictionary(&self, object: &Object, budget: &mut Budget) -> Result<Dictionary, Malformed> {
        match self.document.resolve(object, budget)?.into_owned() {
            Object::Dictionary(dictionary) => Ok(dictionary),
            _ => Ok(Dictionary::new()),
        }
    }

    /// All content streams of a page as one (ISO 32000-2, 7.8.2).
    fn append_contents(
        &self,
        contents: &Object,
        content: &mut Vec<u8>,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        let contents = self.document.resolve(contents, budget)?.into_owned();
        let parts = contents.as_array().unwrap_or(std::slice::from_ref(&contents));
        for part in parts {
            budget.spend(Resource::Steps, 1)?;
            if let Object::Stream(stream) = self.document.resolve(part, budget)?.into_owned() {
                content.extend(self.content(&stream, content.len(), budget)?);
                content.push(b'\n');
            }
        }
        Ok(())
    }

    /// Runs one content stream, past syntax errors.
    pub(super) fn run(
        &mut self,
        content: &[u8],
        resources: &Dictionary,
        depth: u32,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        let mut lexer = Lexer::new(content, 0);
        let mut operands: Vec<Operand> = Vec::new();
        loop {
            budget.spend(Resource::Steps, 1)?;
            let start = lexer.offset();
            let token = match lexer.token() {
                Ok((token, _)) => token,
                Err(error) => {
                    self.note(Err(error))?;
                    // What follows is still shown by most viewers.
                    if lexer.offset() == start {
                        lexer.rewind(start + 1);
                    }
                    continue;
                }
            };
            // For some readers a byte that is nothing of the kind is white space, and there is more to see.
            let is_odd = |word: &[u8]| word.iter().any(|byte| matches!(byte, 0..0x20 | 0x7F | 0x80 | 0xFF));
            if lexer.take_odd_name() || matches!(token, Token::Keyword(word) if is_odd(word)) {
                self.trace_lost_text();
            }
            let operand = match token {
                Token::End => return Ok(()),
                Token::Keyword(b"ID") => {
                    skip_inline_image(&mut lexer);
                    self.out.pictures += 1;
                    self.trace_image();
                    self.inline_image();
                    operands.clear();
                    continue;
                }
                Token::Keyword(operator) => {
                    self.trace_operands(operator, &operands);
                    let result = self.operator(operator, &operands, resources, depth, budget);
                    self.note(result)?;
                    operands.clear();
                    continue;
                }
                Token::Integer(value) => Operand::Number(value as f64),
                Token::Real(text) => Operand::Number(
                    std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).unwrap_or(0.0),
                ),
                Token::Name(name) => Operand::Name(name),
                Token::LiteralString(bytes) | Token::HexadecimalString(bytes) => Operand::Text(bytes),
                Token::ArrayOpen => Operand::ArrayStart,
                _ => Operand::Other,
            };
            if operands.len() < MOST_OPERANDS {
                operands.push(operand);
            }
        }
    }

    fn operator(
        &mut self,
        operator: &[u8],
        operands: &[Operand],
        resources: &Dictionary,
        depth: u32,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        let numbers = numbers(operands);
        let first = numbers.first().copied().unwrap_or(0.0);
        match operator {
            b"q" if self.saved.len() < MOST_STATES => self.saved.push(self.state.clone()),
            b"Q" => {
                if let Some(state) = self.saved.pop() {
                    self.state = state;
                }
            }
            b"cm" => {
                if let Some(matrix) = matrix(&numbers) {
                    self.state.ctm = matrix.then(self.state.ctm);
                }
            }
            b"BT" => self.move_to(Matrix::IDENTITY),
            b"Tc" => self.state.character_spacing = first,
            b"Tw" => self.state.word_spacing = first,
            b"Tz" => self.state.scaling = first / 100.0,
            b"TL" => self.state.leading = first,
            b"Ts" => self.state.rise = first,
            b"Tf" => {
                self.state.size = numbers.last().copied().unwrap_or(0.0);
                if let Some(Operand::Name(name)) = operands.first() {
                    self.state.font = self.font(name, resources, budget)?;
                }
            }
            b"Td" => self.next_line(&numbers),
            b"TD" => {
                self.state.leading = -numbers.get(1).copied().unwrap_or(0.0);
                self.next_line(&numbers);
            }
            b"Tm" => {
                if let Some(matrix) = matrix(&numbers) {
                    self.move_to(matrix);
                }
            }
            b"T*" => self.next_line(&[0.0, -self.state.leading]),
            b"Tj" | b"TJ" => self.show(operands, budget)?,
            b"'" => {
                self.next_line(&[0.0, -self.state.leading]);
                self.show(operands, budget)?;
            }
            b"\"" => {
                self.state.word_spacing = first;
                self.state.character_spacing = numbers.get(1).copied().unwrap_or(0.0);
                self.next_line(&[0.0, -self.state.leading]);
                self.show(operands.get(2..).unwrap_or_default(), budget)?;
            }
            b"sh" if self.sink.is_none() => self.out.pictures += 1,
            b"Do" => {
                if let Some(Operand::Name(name)) = operands.first() {
                    self.external_object(name, resources, depth, budget)?;
                }
            }
            _ if self.sink.is_some() => {
                self.trace_operator(operator, operands, &numbers);
                self.paint_operator(operator, operands, &numbers, resources, budget)?
            }
            _ => {}
        }
        Ok(())
    }

    fn move_to(&mut self, matrix: Matrix) {
        self.state.text = matrix;
        self.state.line = matrix;
    }

    fn next_line(&mut self, numbers: &[f64]) {
        if let [x, y] = numbers {
            self.move_to(Matrix::translation(*x, *y).then(self.state.line));
        }
    }

    fn font(
        &mut self,
        name: &[u8],
        resources: &Dictionary,
        budget: &mut Budget,
    ) -> Result<Option<Rc<TextFont>>, Malformed> {
        let fonts = self.dictionary(resources.get("Font").unwrap_or(&Object::Null), budget)?;
        let Some((_, object)) = fonts.0.iter().find(|(key, _)| key.0 == name) else {
            return Ok(None);
        };
        let id = object.as_reference();
        if let Some(known) = id.and_then(|id| self.fonts.get(&id)) {
            return Ok(known.clone());
        }
        let dictionary = self.dictionary(object, budget)?;
        let font = match TextFont::load(self.document, &dictionary, budget) {
            Ok(font) => Some(Rc::new(font)),
            Err(error) => {
                self.note(Err(error))?;
                None
            }
        };
        if let Some(id) = id {
            let kept: usize = self.fonts.values().flatten().map(|font| font.codes()).sum();
            if self.fonts.len() >= MOST_FONTS || kept > MOST_CODES {
                self.fonts.clear();
            }
            self.fonts.insert(id, font.clone());
        }
        Ok(font)
    }

    /// An external object (ISO 32000-2, 8.8): a form is run, an image is a mark.
    fn external_object(
        &mut self,
        name: &[u8],
        resources: &Dictionary,
        depth: u32,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        let objects = self.dictionary(resources.get("XObject").unwrap_or(&Object::Null), budget)?;
        let Some((_, object)) = objects.0.iter().find(|(key, _)| key.0 == name) else {
            return Ok(());
        };
        let Object::Stream(stream) = self.document.resolve(object, budget)?.into_owned() else {
            return Ok(());
        };
        let layers = self.open_layer(stream.dictionary.get("OC"));
        let result = match stream.dictionary.get("Subtype").and_then(Object::as_name) {
            Some(b"Form") => self.form(&stream, resources, depth, budget),
            Some(b"Image") => {
                self.out.pictures += 1;
                self.trace_image();
                self.image(&stream.dictionary);
                Ok(())
            }
            _ => {
                self.trace_lost_text();
                Ok(())
            }
        };
        self.close_layers(layers);
        result
    }

    /// A form XObject (ISO 32000-2, 8.10).
    pub(super) fn form(
        &mut self,
        stream: &Stream,
        resources: &Dictionary,
        depth: u32,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        if depth >= DEEPEST_FORM {
            return Err(Malformed::syntax(None, "form XObjects are nested too deeply", "ISO 32000-2, 8.10"));
        }
        let own = self.dictionary(stream.dictionary.get("Resources").unwrap_or(&Object::Null), budget)?;
        let resources = if own.0.is_empty() { resources.clone() } else { own };
        let outer = (self.state.clone(), std::mem::take(&mut self.saved));
        if let Some(matrix) = self.form_matrix(stream, budget)? {
            self.state.ctm = matrix.then(self.state.ctm);
        }
        self.trace_bounds(stream, budget)?;
        let content = self.content(stream, 0, budget);
        let result = content.and_then(|content| self.run_held(&content, &resources, depth + 1, budget));
        (self.state, self.saved) = outer;
        result
    }

    pub(super) fn form_matrix(
        &self,
        stream: &Stream,
        budget: &mut Budget,
    ) -> Result<Option<Matrix>, Malformed> {
        let object =
            self.document.resolve(stream.dictionary.get("Matrix").unwrap_or(&Object::Null), budget)?;
        let numbers: Vec<f64> =
            object.as_array().unwrap_or_default().iter().filter_map(Object::as_number).collect();
        Ok(matrix(&numbers))
    }

    /// `Tj` and `TJ` (ISO 32000-2, 9.4.3).
    fn show(&mut self, operands: &[Operand], budget: &mut Budget) -> Result<(), Malformed> {
        for operand in operands {
            match operand {
                Operand::Number(thousandths) => {
                    let shift = -thousandths / 1000.0 * self.state.size * self.state.scaling;
                    self.advance(shift);
                }
                Operand::Text(bytes) => self.show_string(bytes, budget)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn advance(&mut self, x: f64) {
        self.state.text = Matrix::translation(x, 0.0).then(self.state.text);
    }

    fn show_string(&mut self, bytes: &[u8], budget: &mut Budget) -> Result<(), Malformed> {
        budget.spend(Resource::Steps, bytes.len() as u64)?;
        let Some(font) = self.state.font.clone() else {
            self.out.unreadable += bytes.len();
            self.trace_lost_text();
            return Ok(());
        };
        let first = self.state.text.then(self.state.ctm);
        let mut run = RunOfText::default();
        for code in bytes.chunks(PIECE).flat_map(|piece| font.decode(piece)) {
            let matrix = self.state.text.then(self.state.ctm);
            let origin = matrix.point(0.0, self.state.rise);
            let up = matrix.vector(0.0, self.state.size);
            let word = if code.is_space { self.state.word_spacing } else { 0.0 };
            let advance = code.advance * self.state.size + self.state.character_spacing + word;
            self.advance(advance * self.state.scaling);
            let next = self.state.text.then(self.state.ctm).point(0.0, self.state.rise);
            let numbers = [origin.0, origin.1, next.0, next.1, up.0, up.1];
            run.add(code.text.as_deref());
            let (size, scaling) = (self.state.size, self.state.scaling);
            let glyph = Matrix([size * scaling, 0.0, 0.0, size, 0.0, self.state.rise]).then(matrix);
            self.trace_glyph((&font, &code), [origin, next, up], glyph, budget)?;
            match code.text {
                Some(_) if self.sink.is_some() => {}
                Some(text) if numbers.iter().all(|number| number.is_finite()) => {
                    self.out.check_room(text.len())?;
                    let start = self.out.text.len();
                    self.out.text.push_str(&text);
                    let end = self.out.text.len();
                    self.out.glyphs.push(PlacedGlyph { start, end, origin, next, up });
                }
                _ => self.out.unreadable += 1,
            }
        }
        if self.sink.is_some() {
            let last = self.state.text.then(self.state.ctm);
            let (rise, top) = (self.state.rise, self.state.rise + self.state.size);
            let corners =
                [first.point(0.0, rise), first.point(0.0, top), last.point(0.0, rise), last.point(0.0, top)];
            let up = first.vector(0.0, self.state.size);
            self.text_mark(&font, bytes, run.text, corners, up);
        }
        Ok(())
    }
}

/// The beginning of a string's text.
#[derive(Default)]
struct RunOfText {
    text: String,
}

impl RunOfText {
    fn add(&mut self, text: Option<&str>) {
        if self.text.len() < 40 {
            self.text.push_str(text.unwrap_or("\u{FFFD}"));
        }
    }
}

fn numbers(operands: &[Operand]) -> Vec<f64> {
    let number = |operand: &Operand| match operand {
        Operand::Number(number) => Some(*number),
        _ => None,
    };
    operands.iter().take(8).filter_map(number).collect()
}

pub(super) fn matrix(numbers: &[f64]) -> Option<Matrix> {
    <[f64; 6]>::try_from(numbers).ok().map(Matrix)
}

/// Goes past `EI`: white space, the two letters, and then nothing regular (ISO 32000-2, 8.9.7).
pub(crate) fn skip_inline_image(lexer: &mut Lexer<'_>) {
    let (start, rest) = (lexer.offset(), lexer.rest());
    let is_end = |at: usize| {
        let before = at.checked_sub(1).and_then(|at| rest.get(at));
        let after = rest.get(at + 2);
        before.is_none_or(|byte| byte.is_ascii_whitespace())
            && after.is_none_or(|byte| byte.is_ascii_whitespace())
    };
    let end = memchr::memmem::find_iter(rest, b"EI").find(|&at| is_end(at));
    let length = end.map_or(rest.len(), |at| at + 2);
    lexer.rewind(start + length as u64);
}
