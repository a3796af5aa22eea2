//! What a visible signature shows, drawn as one form XObject (ISO 32000-2, 12.5.5).

mod font;
mod image;
mod ink;
mod layout;
mod shape;

use crate::object::{Dictionary, Object, ObjectId, Stream, StreamData};
use std::fmt;
use std::sync::Arc;

pub use font::{FontFile, bundled_font};

/// Takes an object for writing and says under which number it will be found.
pub(crate) type Add<'a> = dyn FnMut(Object) -> ObjectId + 'a;

/// How a visible signature looks. The words come from the signature request; this says which of them are shown and how.
#[derive(Clone, Debug, Default)]
pub struct Appearance {
    /// What is shown, from top to bottom.
    pub shown: Shown,
    /// The words before each value.
    pub labels: Labels,
    /// The font; the bundled one if none is given.
    pub font: FontFile,
    /// A picture or handwriting beside or above the text.
    pub picture: Option<Picture>,
    /// Whether a thin line goes round the rectangle.
    pub border: Border,
}

/// Which values are shown; those the request lacks are left out anyway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown(pub Vec<Value>);

impl Default for Shown {
    /// All four.
    fn default() -> Shown {
        Shown(vec![Value::Name, Value::Reason, Value::Location, Value::ClaimedTime])
    }
}

/// A value of the signature dictionary that can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// Who signs.
    Name,
    /// Why.
    Reason,
    /// Where.
    Location,
    /// When, as the signer claims.
    ClaimedTime,
}

/// The words before the values, in the reader's language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels {
    /// Before the name.
    pub name: String,
    /// Before the reason.
    pub reason: String,
    /// Before the place.
    pub location: String,
    /// Before the time; must say that it is only claimed.
    pub claimed_time: String,
    /// Language of the labels (BCP 47), for font features that depend on it.
    pub language: Option<String>,
}

impl Default for Labels {
    fn default() -> Labels {
        Labels {
            name: "Signed by".into(),
            reason: "Reason".into(),
            location: "Place".into(),
            claimed_time: "Time as claimed".into(),
            language: None,
        }
    }
}

impl Labels {
    pub(crate) fn of(&self, value: Value) -> &str {
        match value {
            Value::Name => &self.name,
            Value::Reason => &self.reason,
            Value::Location => &self.location,
            Value::ClaimedTime => &self.claimed_time,
        }
    }
}

/// A line round the rectangle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Border {
    /// None.
    #[default]
    None,
    /// Half a point wide, black.
    Thin,
}

/// A picture beside the text.
#[derive(Clone, Debug)]
pub enum Picture {
    /// A PNG or JPEG file.
    Image(Arc<[u8]>),
    /// Handwriting as captured.
    Strokes(Vec<Stroke>),
}

/// One line drawn without lifting the pen.
#[derive(Clone, Debug, Default)]
pub struct Stroke(pub Vec<StrokePoint>);

/// A point of a [`Stroke`]; any unit, the same for all three, x to the right and y **down** as screens count.
#[derive(Clone, Copy, Debug)]
pub struct StrokePoint {
    /// To the right.
    pub x: f64,
    /// Down.
    pub y: f64,
    /// Width of the pen here.
    pub width: f64,
}

/// How a value runs among other text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// As its own first letter says.
    Own,
    /// From left to right, as dates and times do.
    LeftToRight,
}

/// A paragraph of label and value; the value is isolated, so that neither can reorder the other (UAX #9).
pub(crate) fn paragraph(label: &str, value: &str, direction: Direction) -> Result<String, AppearanceError> {
    refuse_controls(label)?;
    refuse_controls(value)?;
    let isolate = match direction {
        Direction::Own => '\u{2068}',
        Direction::LeftToRight => '\u{2066}',
    };
    Ok(if label.is_empty() { value.to_owned() } else { format!("{label}: {isolate}{value}\u{2069}") })
}

/// Control characters and direction overrides would let the appearance say something else than the text.
fn refuse_controls(text: &str) -> Result<(), AppearanceError> {
    let bad = |c: &char| c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    match text.chars().find(bad) {
        None => Ok(()),
        Some(c) => {
            let reason = format!("the text has the control character U+{:04X}", u32::from(c));
            Err(AppearanceError::new("appearance.control-character", reason, "remove it from the text"))
        }
    }
}

/// What the document's conformance asks of an appearance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Constraints {
    /// Colours must not depend on the device (PDF/A).
    pub(crate) colour: Colour,
    /// Whether soft masks may be used (not in PDF/A-1, nor in later parts without an output intent).
    pub(crate) transparency: Transparency,
    /// Whether font subsets need a CIDSet (PDF/A-1: ISO 19005-1, 6.3.5).
    pub(crate) cid_set: CidSet,
}

/// Which colour spaces may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colour {
    /// Device spaces are fine.
    Device,
    /// Only CIE-based spaces (ISO 19005-2, 6.2.4.3).
    Calibrated,
}

/// Whether transparency may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transparency {
    /// It may.
    Allowed,
    /// It may not: images are laid on white.
    Forbidden,
}

/// Whether a CIDSet is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CidSet {
    /// It is.
    Written,
    /// It is not (deprecated since PDF 2.0).
    Omitted,
}

impl Constraints {
    /// An ordinary document.
    pub(crate) const NONE: Constraints =
        Constraints { colour: Colour::Device, transparency: Transparency::Allowed, cid_set: CidSet::Omitted };
}

/// Why an appearance cannot be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppearanceError {
    /// Stable identifier, e.g. `appearance.glyphs-missing`.
    pub code: &'static str,
    /// What is wrong, one sentence without a full stop.
    pub reason: String,
    /// What to do about it.
    pub hint: String,
}

impl AppearanceError {
    pub(crate) fn new(
        code: &'static str,
        reason: impl Into<String>,
        hint: impl Into<String>,
    ) -> AppearanceError {
        AppearanceError { code, reason: reason.into(), hint: hint.into() }
    }
}

impl fmt::Display for AppearanceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for AppearanceError {}

/// Width and height in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Size {
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// A rectangle of the form, origin at the lower left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Area {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// Draws the paragraphs and the picture into a form of `size`; `rotation` is the page's, so that the form stands
/// upright on the page as shown.
pub(crate) fn draw(
    appearance: &Appearance,
    paragraphs: &[String],
    size: Size,
    rotation: Rotation,
    constraints: Constraints,
    add: &mut Add,
) -> Result<Stream, AppearanceError> {
    let mut canvas = Canvas::new(constraints);
    let inner = Area { x: 0.0, y: 0.0, width: size.width, height: size.height };
    if appearance.border == Border::Thin {
        canvas.frame(size);
    }
    let paragraphs: &[String] = if appearance.shown.0.is_empty() { &[] } else { paragraphs };
    let (picture_area, text_area) =
        layout::split(inner, appearance.picture.is_some(), !paragraphs.is_empty());
    if let (Some(picture), Some(area)) = (&appearance.picture, picture_area) {
        match picture {
            Picture::Image(bytes) => image::place(&mut canvas, bytes, area, add)?,
            Picture::Strokes(strokes) => ink::place(&mut canvas, strokes, area)?,
        }
    }
    if let Some(area) = text_area {
        layout::place(&mut canvas, appearance, paragraphs, area, add)?;
    }
    Ok(canvas.into_form(size, rotation))
}

/// Clockwise rotation of a page when shown (ISO 32000-2, table 31, `Rotate`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rotation {
    None,
    Quarter,
    Half,
    ThreeQuarters,
}

impl Rotation {
    /// From degrees; `None` if no multiple of 90.
    pub(crate) fn from_degrees(degrees: i64) -> Option<Rotation> {
        match degrees.rem_euclid(360) {
            0 => Some(Rotation::None),
            90 => Some(Rotation::Quarter),
            180 => Some(Rotation::Half),
            270 => Some(Rotation::ThreeQuarters),
            _ => None,
        }
    }

    /// Degrees, 0 to 270.
    pub(crate) fn degrees(self) -> i64 {
        match self {
            Rotation::None => 0,
            Rotation::Quarter => 90,
            Rotation::Half => 180,
            Rotation::ThreeQuarters => 270,
        }
    }

    /// The form matrix that turns the form against the page's rotation and keeps it in the first quadrant.
    fn matrix(self, size: Size) -> Option<[f64; 6]> {
        let Size { width, height } = size;
        match self {
            Rotation::None => None,
            Rotation::Quarter => Some([0.0, 1.0, -1.0, 0.0, height, 0.0]),
            Rotation::Half => Some([-1.0, 0.0, 0.0, -1.0, width, height]),
            Rotation::ThreeQuarters => Some([0.0, -1.0, 1.0, 0.0, 0.0, width]),
        }
    }
}

/// A content stream and its resources in the making.
pub(crate) struct Canvas {
    pub(crate) content: Vec<u8>,
    pub(crate) constraints: Constraints,
    fonts: Dictionary,
    images: Dictionary,
    colour_spaces: Dictionary,
}

impl Canvas {
    fn new(constraints: Constraints) -> Canvas {
        Canvas {
            content: Vec::new(),
            constraints,
            fonts: Dictionary::new(),
            images: Dictionary::new(),
            colour_spaces: Dictionary::new(),
        }
    }

    /// Appends operators; numbers come formatted by [`number`].
    pub(crate) fn operators(&mut self, text: &str) {
        self.content.extend_from_slice(text.as_bytes());
        self.content.push(b'\n');
    }

    /// Black for what follows, stroke and fill.
    pub(crate) fn black(&mut self) {
        match self.constraints.colour {
            Colour::Device => self.operators("0 g 0 G"),
            Colour::Calibrated => {
                self.colour_spaces.set("Grey", calibrated_grey());
                self.operators("/Grey cs /Grey CS 0 sc 0 SC");
            }
        }
    }

    fn frame(&mut self, size: Size) {
        self.operators("q");
        self.black();
        let (width, height) = (number(size.width - 0.5), number(size.height - 0.5));
        self.operators(&format!("0.5 w 0.25 0.25 {width} {height} re S Q"));
    }

    /// Makes a font usable; its resource name.
    pub(crate) fn font(&mut self, id: ObjectId) -> &'static str {
        self.fonts.set("F", Object::Reference(id));
        "F"
    }

    /// Makes an image usable; its resource name.
    pub(crate) fn image(&mut self, id: ObjectId) -> &'static str {
        self.images.set("I", Object::Reference(id));
        "I"
    }

    fn into_form(self, size: Size, rotation: Rotation) -> Stream {
        let mut resources = Dictionary::new();
        for (key, entries) in
            [("Font", self.fonts), ("XObject", self.images), ("ColorSpace", self.colour_spaces)]
        {
            if !entries.0.is_empty() {
                resources.set(key, Object::Dictionary(entries));
            }
        }
        let numbers = |values: &[f64]| Object::Array(values.iter().copied().map(Object::real).collect());
        let mut dictionary = Dictionary::new()
            .with("Type", Object::name("XObject"))
            .with("Subtype", Object::name("Form"))
            .with("BBox", numbers(&[0.0, 0.0, size.width, size.height]))
            .with("Resources", Object::Dictionary(resources));
        if let Some(matrix) = rotation.matrix(size) {
            dictionary.set("Matrix", numbers(&matrix));
        }
        Stream { dictionary, data: StreamData::Bytes(self.content) }
    }
}

/// A number as content streams want it: at most three decimals, no exponent.
pub(crate) fn number(value: f64) -> String {
    match Object::real(value) {
        Object::Real(real) => real.0,
        _ => String::new(),
    }
}

/// Grey as CalGray, D65 and a gamma near sRGB (ISO 32000-2, 8.6.5.2).
pub(crate) fn calibrated_grey() -> Object {
    let parameters = Dictionary::new().with("WhitePoint", white_point()).with("Gamma", Object::real(2.2));
    Object::Array(vec![Object::name("CalGray"), Object::Dictionary(parameters)])
}

/// RGB as CalRGB with the primaries of sRGB (ISO 32000-2, 8.6.5.3).
pub(crate) fn calibrated_rgb() -> Object {
    let reals = |texts: &[&str]| {
        Object::Array(texts.iter().map(|t| Object::Real(crate::object::Real((*t).into()))).collect())
    };
    let matrix =
        reals(&["0.4124", "0.2126", "0.0193", "0.3576", "0.7152", "0.1192", "0.1805", "0.0722", "0.9505"]);
    let parameters = Dictionary::new()
        .with("WhitePoint", white_point())
        .with("Gamma", reals(&["2.2", "2.2", "2.2"]))
        .with("Matrix", matrix);
    Object::Array(vec![Object::name("CalRGB"), Object::Dictionary(parameters)])
}

fn white_point() -> Object {
    Object::Array(["0.9505", "1.0", "1.089"].map(|t| Object::Real(crate::object::Real(t.into()))).to_vec())
}

/// Streams up to this length are written as they are: setting up the compressor costs more than they do.
const SHORT_STREAM: usize = 2048;

/// A stream of these bytes, Flate-compressed unless it is short.
pub(crate) fn compressed(dictionary: Dictionary, bytes: &[u8]) -> Object {
    use std::io::Write;
    if bytes.len() <= SHORT_STREAM {
        return Object::Stream(Stream { dictionary, data: StreamData::Bytes(bytes.to_vec()) });
    }
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(3));
    let packed = encoder.write_all(bytes).and_then(|()| encoder.finish());
    match packed {
        Ok(packed) => {
            let dictionary = dictionary.with("Filter", Object::name("FlateDecode"));
            Object::Stream(Stream { dictionary, data: StreamData::Bytes(packed) })
        }
        // Writing to memory does not fail; the bytes as they are would be just as right.
        Err(_) => Object::Stream(Stream { dictionary, data: StreamData::Bytes(bytes.to_vec()) }),
    }
}
