//! Fonts as far as text and widths go (ISO 32000-2, 9.6 and 9.7).

use super::encoding::{Named, glyph_name};
use super::metrics::standard_width;
use super::type3::Type3;
use super::unicode_map::UnicodeMap;
use crate::object::{Dictionary, Object};
use crate::snapshot::Snapshot;
use std::collections::BTreeMap;
use types::{Budget, Malformed, Resource};
use unicode_normalization::UnicodeNormalization;

/// A font that strings can be decoded with.
pub(super) struct TextFont {
    kind: Kind,
    to_unicode: Option<UnicodeMap>,
    /// `BaseFont`, or `Type3`.
    pub(super) name: String,
    pub(super) is_type3: bool,
    /// What draws its glyphs, if content streams do.
    pub(super) type3: Option<Type3>,
    /// The font itself, which may bring a program.
    pub(super) program: Dictionary,
    /// Whether codes lead to glyphs without names: otherwise what the program draws is known of spaces only.
    pub(super) is_symbolic: bool,
    /// Codes whose glyph is named for other text than `ToUnicode` gives: the glyph's text and the other.
    contradictions: BTreeMap<u8, (String, String)>,
    /// Text space units per glyph space unit: a thousandth, or what a Type 3 font says.
    scale: f64,
}

enum Kind {
    Simple(Box<Simple>),
    Composite(Composite),
}

struct Simple {
    texts: BTreeMap<u8, String>,
    named: Option<Named>,
    first: i64,
    widths: Vec<f64>,
    missing_width: Option<f64>,
    base_font: Vec<u8>,
    /// Whether the font says itself which glyphs its codes are.
    explicit: bool,
}

struct Composite {
    /// Whether codes are two bytes each, written from left to right.
    is_plain: bool,
    /// Whether codes are UTF-16 themselves.
    unicode: bool,
    default_width: f64,
    /// By first CID: last CID and the widths, one for all or one for each.
    widths: BTreeMap<u32, (u32, Vec<f64>)>,
}

/// One code of a string.
pub(super) struct Code {
    /// The code itself.
    pub(super) number: u32,
    /// What it stands for, if known.
    pub(super) text: Option<String>,
    /// Whether the encoding gives the same text, not only a mapping.
    pub(super) is_named: bool,
    /// Advance in text space for a font of size 1.
    pub(super) advance: f64,
    /// Whether word spacing applies (ISO 32000-2, 9.3.3).
    pub(super) is_space: bool,
}

fn get(
    document: Snapshot<'_, '_>,
    dictionary: &Dictionary,
    key: &str,
    budget: &mut Budget,
) -> Result<Object, Malformed> {
    Ok(document.resolve(dictionary.get(key).unwrap_or(&Object::Null), budget)?.into_owned())
}

fn number_or(object: &Object, otherwise: f64) -> f64 {
    object.as_number().filter(|number| number.is_finite()).unwrap_or(otherwise)
}

impl TextFont {
    pub(super) fn load(
        document: Snapshot<'_, '_>,
        font: &Dictionary,
        budget: &mut Budget,
    ) -> Result<TextFont, Malformed> {
        let to_unicode = match get(document, font, "ToUnicode", budget)? {
            Object::Stream(stream) => {
                let bytes = document.stream_data(&stream, budget)?;
                Some(UnicodeMap::parse(&bytes, budget)?)
            }
            _ => None,
        };
        let subtype = get(document, font, "Subtype", budget)?;
        let mut scale = 0.001;
        if subtype.as_name() == Some(b"Type3") {
            let matrix = get(document, font, "FontMatrix", budget)?;
            scale = matrix.as_array().and_then(|m| m.first()).map_or(0.001, |a| number_or(a, 0.001));
        }
        let kind = match subtype.as_name() {
            Some(b"Type0") => Kind::Composite(Composite::load(document, font, budget)?),
            _ => Kind::Simple(Box::new(Simple::load(document, font, budget)?)),
        };
        let is_type3 = subtype.as_name() == Some(b"Type3");
        let name = match get(document, font, "BaseFont", budget)?.as_name() {
            Some(name) => String::from_utf8_lossy(name).into_owned(),
            None => "of no name".to_owned(),
        };
        let contradictions = match (&kind, &to_unicode) {
            (Kind::Simple(simple), Some(map)) => simple.contradictions(map),
            _ => BTreeMap::new(),
        };
        let is_symbolic = match &kind {
            Kind::Simple(simple) => simple.named.is_none() && simple.texts.is_empty(),
            Kind::Composite(composite) => composite.is_plain && !composite.unicode,
        };
        let type3 = if is_type3 { Some(Type3::load(document, font, budget)?) } else { None };
        let program = font.clone();
        Ok(TextFont { kind, to_unicode, name, is_type3, type3, program, is_symbolic, contradictions, scale })
    }

    /// How many codes and ranges its `ToUnicode` maps.
    pub(super) fn codes(&self) -> usize {
        self.to_unicode.as_ref().map_or(0, UnicodeMap::len)
    }

    /// The code's glyph text and the text that `ToUnicode` gives in its stead, if they contradict each other.
    pub(super) fn contradiction(&self, code: u8) -> Option<(&str, &str)> {
        self.contradictions.get(&code).map(|(glyph, text)| (glyph.as_str(), text.as_str()))
    }

    /// Whether the codes of strings and their places are known for sure.
    pub(super) fn is_plain(&self) -> bool {
        !matches!(&self.kind, Kind::Composite(composite) if !composite.is_plain)
    }

    /// The codes of a string.
    pub(super) fn decode(&self, bytes: &[u8]) -> Vec<Code> {
        match &self.kind {
            Kind::Simple(simple) => bytes.iter().map(|&code| self.simple_code(simple, code)).collect(),
            Kind::Composite(composite) => {
                let pairs =
                    bytes.chunks_exact(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]])));
                pairs.map(|code| self.composite_code(composite, code)).collect()
            }
        }
    }

    fn simple_code(&self, simple: &Simple, code: u8) -> Code {
        let mapped = self.to_unicode.as_ref().and_then(|map| map.text(u32::from(code)));
        let named = simple.text(code);
        let text = mapped.or_else(|| named.clone());
        let is_named = text.is_some() && text == named;
        let advance = simple.width(code, text.as_deref()) * self.scale;
        Code { number: u32::from(code), text, is_named, advance, is_space: code == b' ' }
    }

    fn composite_code(&self, composite: &Composite, code: u32) -> Code {
        let own = || composite.unicode.then(|| char::from_u32(code).map(String::from)).flatten();
        let text = self.to_unicode.as_ref().and_then(|map| map.text(code)).or_else(own);
        Code {
            number: code,
            text,
            is_named: false,
            advance: composite.width(code) * self.scale,
            is_space: false,
        }
    }
}

impl Simple {
    fn load(document: Snapshot<'_, '_>, font: &Dictionary, budget: &mut Budget) -> Result<Simple, Malformed> {
        let base_font = get(document, font, "BaseFont", budget)?.as_name().unwrap_or_default().to_vec();
        let encoding = get(document, font, "Encoding", budget)?;
        let descriptor = get(document, font, "FontDescriptor", budget)?;
        let symbolic = match descriptor.as_dictionary() {
            Some(descriptor) => {
                get(document, descriptor, "Flags", budget)?.as_integer().unwrap_or(0) & 4 != 0
            }
            None => [&b"Symbol"[..], b"ZapfDingbats"].contains(&base_font.as_slice()),
        };
        let mut texts = BTreeMap::new();
        let base = match &encoding {
            Object::Dictionary(dictionary) => {
                differences(document, dictionary, &mut texts, budget)?;
                get(document, dictionary, "BaseEncoding", budget)?
            }
            other => other.clone(),
        };
        let named = match base.as_name() {
            Some(b"WinAnsiEncoding") => Some(Named::WinAnsi),
            Some(b"MacRomanEncoding") => Some(Named::MacRoman),
            Some(b"StandardEncoding") => Some(Named::Standard),
            _ if symbolic => None,
            _ => Some(Named::Standard),
        };
        let mut widths = Vec::new();
        for width in get(document, font, "Widths", budget)?.as_array().unwrap_or_default().iter().take(256) {
            widths.push(number_or(&*document.resolve(width, budget)?, 0.0));
        }
        let missing_width = match descriptor.as_dictionary() {
            Some(descriptor) if !widths.is_empty() => {
                Some(number_or(&get(document, descriptor, "MissingWidth", budget)?, 0.0))
            }
            _ => None,
        };
        let first = get(document, font, "FirstChar", budget)?.as_integer().unwrap_or(0);
        // The encoding of a symbolic TrueType font is ignored (ISO 32000-2, 9.6.5.4).
        let true_type = get(document, font, "Subtype", budget)?.as_name() == Some(b"TrueType");
        let explicit = base.as_name().is_some() && !(symbolic && true_type);
        Ok(Simple { texts, named, first, widths, missing_width, base_font, explicit })
    }

    /// Codes with a letter or digit by encoding and another one by `ToUnicode`; marks and case do not count.
    fn contradictions(&self, map: &UnicodeMap) -> BTreeMap<u8, (String, String)> {
        let mut found = BTreeMap::new();
        for code in 0..=u8::MAX {
            let named = || self.named.filter(|_| self.explicit)?.character(code).map(String::from);
            let Some(glyph) = self.texts.get(&code).cloned().or_else(named) else { continue };
            let Some(text) = map.text(u32::from(code)) else { continue };
            if let (Some(a), Some(b)) = (base_letter(&glyph), base_letter(&text))
                && a != b
            {
                found.insert(code, (glyph, text));
            }
        }
        found
    }

    fn text(&self, code: u8) -> Option<String> {
        self.texts.get(&code).cloned().or_else(|| self.named?.character(code).map(String::from))
    }

    fn width(&self, code: u8, text: Option<&str>) -> f64 {
        let index = usize::try_from(i64::from(code).saturating_sub(self.first)).ok();
        let listed = index.and_then(|index| self.widths.get(index)).copied();
        listed.or(self.missing_width).unwrap_or_else(|| {
            let character = text.and_then(|text| text.chars().next()).unwrap_or(' ');
            standard_width(&self.base_font, character)
        })
    }
}

/// The letter or digit that a text is, without marks and case; `None` if it is not one alone.
fn base_letter(text: &str) -> Option<char> {
    let mut letters = text.nfkd().filter(|&c| !unicode_normalization::char::is_combining_mark(c));
    match (letters.next()?, letters.next()) {
        ('ı', None) => Some('i'),
        ('Ð' | 'ð' | 'Đ' | 'đ', None) => Some('đ'),
        (letter, None) if letter.is_alphanumeric() => letter.to_lowercase().next(),
        _ => None,
    }
}

/// `Differences` (ISO 32000-2, Table 112).
fn differences(
    document: Snapshot<'_, '_>,
    encoding: &Dictionary,
    texts: &mut BTreeMap<u8, String>,
    budget: &mut Budget,
) -> Result<(), Malformed> {
    let mut code = 0_i64;
    for element in get(document, encoding, "Differences", budget)?.as_array().unwrap_or_default() {
        budget.spend(Resource::Steps, 1)?;
        match &*document.resolve(element, budget)? {
            Object::Integer(value) => code = *value,
            Object::Name(name) => {
                if let (Ok(place), Some(text)) = (u8::try_from(code), glyph_name(&name.0)) {
                    texts.insert(place, text);
                }
                code = code.saturating_add(1);
            }
            _ => {}
        }
    }
    Ok(())
}

impl Composite {
    fn load(
        document: Snapshot<'_, '_>,
        font: &Dictionary,
        budget: &mut Budget,
    ) -> Result<Composite, Malformed> {
        let encoding = get(document, font, "Encoding", budget)?;
        let name = encoding.as_name().unwrap_or_default();
        let has = |word: &[u8]| name.windows(word.len()).any(|part| part == word);
        let unicode = has(b"UCS2") || has(b"UTF16");
        let is_plain = (unicode || name == b"Identity-H") && !name.ends_with(b"V");
        let descendants = get(document, font, "DescendantFonts", budget)?;
        let first = descendants.as_array().and_then(|d| d.first()).unwrap_or(&Object::Null);
        let descendant = document.resolve(first, budget)?.into_owned();
        let mut composite = Composite { is_plain, unicode, default_width: 1000.0, widths: BTreeMap::new() };
        if let Some(descendant) = descendant.as_dictionary() {
            composite.default_width = number_or(&get(document, descendant, "DW", budget)?, 1000.0);
            if !unicode {
                composite.read_widths(document, descendant, budget)?;
            }
        }
        Ok(composite)
    }

    /// `W` (ISO 32000-2, 9.7.4.3).
    fn read_widths(
        &mut self,
        document: Snapshot<'_, '_>,
        font: &Dictionary,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        let array = get(document, font, "W", budget)?;
        let mut numbers: Vec<f64> = Vec::new();
        for element in array.as_array().unwrap_or_default() {
            budget.spend(Resource::Steps, 1)?;
            match &*document.resolve(element, budget)? {
                Object::Array(widths) => {
                    if let Some(first) = numbers.pop() {
                        let first = first as u32;
                        let last = first.saturating_add(widths.len() as u32).saturating_sub(1);
                        let widths = widths.iter().map(|width| number_or(width, 0.0)).collect();
                        self.widths.insert(first, (last, widths));
                    }
                    numbers.clear();
                }
                other => numbers.push(number_or(other, 0.0)),
            }
            if let [first, last, width] = numbers.as_slice() {
                self.widths.insert(*first as u32, (*last as u32, vec![*width]));
                numbers.clear();
            }
        }
        Ok(())
    }

    fn width(&self, cid: u32) -> f64 {
        match self.widths.range(..=cid).next_back() {
            Some((first, (last, widths))) if cid <= *last => {
                let index = if widths.len() == 1 { 0 } else { (cid - first) as usize };
                widths.get(index).copied().unwrap_or(self.default_width)
            }
            _ => self.default_width,
        }
    }
}
