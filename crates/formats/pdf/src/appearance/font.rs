//! Fonts: the bundled one or the user's, embedded as a subset (ISO 32000-2, 9.7 and 9.9).

use super::{Add, AppearanceError, CidSet, compressed};
use crate::object::{Dictionary, Object};
use rustybuzz::Face;
use rustybuzz::ttf_parser::{Permissions, Tag, name_id};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::sync::Arc;
use subsetter::GlyphRemapper;

/// DejaVu Sans 2.37: Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew, Arabic, N'Ko, Lao, Tifinagh and more.
static BUNDLED: &[u8] = include_bytes!("../../fonts/DejaVuSans.ttf");

/// The bytes of the font that comes with this crate, a TrueType file, for documents made from scratch.
pub fn bundled_font() -> &'static [u8] {
    BUNDLED
}

/// A TrueType or OpenType font file or collection, parsed only when something is drawn with it.
#[derive(Clone)]
pub struct FontFile {
    bytes: FontBytes,
    index: u32,
}

#[derive(Clone)]
enum FontBytes {
    Bundled,
    Given(Arc<[u8]>),
}

impl FontFile {
    /// The font that comes with this crate.
    pub fn bundled() -> FontFile {
        FontFile { bytes: FontBytes::Bundled, index: 0 }
    }

    /// The user's font, e.g. for Chinese, Japanese or Korean; `index` picks one from a collection (TTC), otherwise 0.
    pub fn given(bytes: impl Into<Arc<[u8]>>, index: u32) -> FontFile {
        FontFile { bytes: FontBytes::Given(bytes.into()), index }
    }

    fn bytes(&self) -> &[u8] {
        match &self.bytes {
            FontBytes::Bundled => BUNDLED,
            FontBytes::Given(bytes) => bytes,
        }
    }

    /// The parsed face; an error if the file is no font or forbids embedding.
    pub(super) fn face(&self) -> Result<Face<'_>, AppearanceError> {
        let face = Face::from_slice(self.bytes(), self.index).ok_or_else(|| {
            let reason = format!("the font file has no usable font number {}", self.index);
            AppearanceError::new(
                "appearance.font",
                reason,
                "give a TTF, OTF or TTC file and an index inside it",
            )
        })?;
        if face.permissions() == Some(Permissions::Restricted) {
            let reason = "the font's licence bits forbid embedding (OpenType OS/2 fsType)";
            return Err(AppearanceError::new("appearance.font-restricted", reason, "give another font"));
        }
        if face.units_per_em() <= 0 {
            let reason = "the font has no units per em";
            return Err(AppearanceError::new("appearance.font", reason, "give another font"));
        }
        Ok(face)
    }
}

impl Default for FontFile {
    fn default() -> FontFile {
        FontFile::bundled()
    }
}

impl fmt::Debug for FontFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FontFile({} bytes, index {})", self.bytes().len(), self.index)
    }
}

/// The glyphs drawn with one font and the text that each stands for.
pub(super) struct UsedGlyphs {
    remapper: GlyphRemapper,
    /// By glyph number in the subset, which is also the CID.
    texts: BTreeMap<u16, String>,
    widths: BTreeMap<u16, f64>,
}

impl UsedGlyphs {
    pub(super) fn new() -> UsedGlyphs {
        UsedGlyphs { remapper: GlyphRemapper::new(), texts: BTreeMap::new(), widths: BTreeMap::new() }
    }

    /// The CID of a glyph; the first text met for it is the one in ToUnicode.
    pub(super) fn cid(&mut self, face: &Face<'_>, glyph: u16, text: &str) -> u16 {
        let cid = self.remapper.remap(glyph);
        self.texts.entry(cid).or_insert_with(|| text.to_owned());
        self.widths.entry(cid).or_insert_with(|| glyph_width(face, glyph));
        cid
    }

    /// Writes the subset as Type0 font; the reference to use in resources.
    pub(super) fn embed(
        &self,
        file: &FontFile,
        face: &Face<'_>,
        cid_set: CidSet,
        add: &mut Add,
    ) -> Result<crate::object::ObjectId, AppearanceError> {
        let subset = subsetter::subset(file.bytes(), file.index, &self.remapper).map_err(|error| {
            AppearanceError::new(
                "appearance.font",
                format!("the font cannot be reduced: {error}"),
                "give another font",
            )
        })?;
        let name = self.base_name(face);
        let is_cff = face.raw_face().table(Tag::from_bytes(b"glyf")).is_none();
        let mut descriptor = descriptor(face, &name);
        if is_cff {
            let program = add(font_program(cff_table(&subset)?, Some("CIDFontType0C")));
            descriptor.set("FontFile3", Object::Reference(program));
        } else {
            descriptor.set("FontFile2", Object::Reference(add(font_program(Cow::Borrowed(&subset), None))));
        }
        if cid_set == CidSet::Written {
            let set = add(compressed(Dictionary::new(), &self.cid_set()));
            descriptor.set("CIDSet", Object::Reference(set));
        }
        let descriptor = add(Object::Dictionary(descriptor));
        let descendant = self.cid_font(&name, is_cff, descriptor);
        let descendant = add(Object::Dictionary(descendant));
        let to_unicode = add(compressed(Dictionary::new(), self.to_unicode().as_bytes()));
        let font = Dictionary::new()
            .with("Type", Object::name("Font"))
            .with("Subtype", Object::name("Type0"))
            .with("BaseFont", Object::name(&name))
            .with("Encoding", Object::name("Identity-H"))
            .with("DescendantFonts", Object::Array(vec![Object::Reference(descendant)]))
            .with("ToUnicode", Object::Reference(to_unicode));
        Ok(add(Object::Dictionary(font)))
    }

    /// PostScript name with a subset tag that depends on the glyphs (ISO 32000-2, 9.9.2).
    fn base_name(&self, face: &Face<'_>) -> String {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in self.remapper.remapped_gids().flat_map(u16::to_be_bytes) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
        let mut name: String = (0..6)
            .map(|_| {
                let letter = b'A' + (hash % 26) as u8;
                hash /= 26;
                char::from(letter)
            })
            .collect();
        name.push('+');
        let full =
            face.names().into_iter().find(|n| n.name_id == name_id::POST_SCRIPT_NAME && n.is_unicode());
        let full = full.and_then(|n| n.to_string()).unwrap_or_default();
        name.extend(full.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(63));
        if name.len() == 7 {
            name.push_str("Font");
        }
        name
    }

    fn cid_font(&self, name: &str, is_cff: bool, descriptor: crate::object::ObjectId) -> Dictionary {
        let system = Dictionary::new()
            .with("Registry", Object::string("Adobe"))
            .with("Ordering", Object::string("Identity"))
            .with("Supplement", Object::Integer(0));
        let mut font = Dictionary::new()
            .with("Type", Object::name("Font"))
            .with("Subtype", Object::name(if is_cff { "CIDFontType0" } else { "CIDFontType2" }))
            .with("BaseFont", Object::name(name))
            .with("CIDSystemInfo", Object::Dictionary(system))
            .with("FontDescriptor", Object::Reference(descriptor))
            .with("DW", Object::Integer(0))
            .with("W", self.widths());
        if !is_cff {
            font.set("CIDToGIDMap", Object::name("Identity"));
        }
        font
    }

    /// CIDs run without gaps from 0, so one range says all (ISO 32000-2, 9.7.4.3).
    fn widths(&self) -> Object {
        let count = self.remapper.num_gids();
        let widths =
            (1..count).map(|cid| Object::real(self.widths.get(&cid).copied().unwrap_or(0.0))).collect();
        Object::Array(vec![Object::Integer(1), Object::Array(widths)])
    }

    fn cid_set(&self) -> Vec<u8> {
        let count = usize::from(self.remapper.num_gids());
        let mut bits = vec![0_u8; count.div_ceil(8)];
        for cid in 0..count {
            bits[cid / 8] |= 0x80 >> (cid % 8);
        }
        bits
    }

    /// The ToUnicode CMap (ISO 32000-2, 9.10.3).
    fn to_unicode(&self) -> String {
        let mut map = String::from(
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo\n<< /Registry (Adobe) \
             /Ordering (UCS) /Supplement 0 >> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n\
             1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n",
        );
        let texts: Vec<_> = self.texts.iter().filter(|(_, text)| !text.is_empty()).collect();
        for chunk in texts.chunks(100) {
            let _ = writeln!(map, "{} beginbfchar", chunk.len());
            for (cid, text) in chunk {
                let _ = write!(map, "<{cid:04X}> <");
                for unit in text.encode_utf16() {
                    let _ = write!(map, "{unit:04X}");
                }
                map.push_str(">\n");
            }
            map.push_str("endbfchar\n");
        }
        map.push_str("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
        map
    }
}

/// Advance in thousandths of the em, as CIDFonts count.
fn glyph_width(face: &Face<'_>, glyph: u16) -> f64 {
    let advance = face.glyph_hor_advance(rustybuzz::ttf_parser::GlyphId(glyph)).unwrap_or(0);
    f64::from(advance) * 1000.0 / f64::from(face.units_per_em())
}

/// The font descriptor without its program (ISO 32000-2, table 120).
fn descriptor(face: &Face<'_>, name: &str) -> Dictionary {
    let scale = 1000.0 / f64::from(face.units_per_em());
    let scaled = |value: i16| Object::Integer((f64::from(value) * scale).round() as i64);
    let bounds = face.global_bounding_box();
    let corners = [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max];
    const SYMBOLIC: i64 = 4;
    const FIXED_PITCH: i64 = 1;
    const ITALIC: i64 = 64;
    let flags = SYMBOLIC
        + if face.is_monospaced() { FIXED_PITCH } else { 0 }
        + if face.is_italic() { ITALIC } else { 0 };
    Dictionary::new()
        .with("Type", Object::name("FontDescriptor"))
        .with("FontName", Object::name(name))
        .with("Flags", Object::Integer(flags))
        .with("FontBBox", Object::Array(corners.map(scaled).to_vec()))
        .with("ItalicAngle", Object::real(f64::from(face.italic_angle())))
        .with("Ascent", scaled(face.ascender()))
        .with("Descent", scaled(face.descender()))
        .with("CapHeight", scaled(face.capital_height().unwrap_or_else(|| face.ascender())))
        .with("StemV", Object::Integer(80))
}

fn font_program(bytes: Cow<'_, [u8]>, subtype: Option<&str>) -> Object {
    let dictionary = match subtype {
        Some(subtype) => Dictionary::new().with("Subtype", Object::name(subtype)),
        None => Dictionary::new().with("Length1", Object::Integer(bytes.len() as i64)),
    };
    compressed(dictionary, &bytes)
}

/// The CFF table alone, as FontFile3 wants it.
fn cff_table(subset: &[u8]) -> Result<Cow<'_, [u8]>, AppearanceError> {
    let table = rustybuzz::ttf_parser::RawFace::parse(subset, 0)
        .ok()
        .and_then(|face| face.table(Tag::from_bytes(b"CFF ")));
    table.map(Cow::Borrowed).ok_or_else(|| {
        let reason = "the reduced font has neither glyf nor CFF outlines";
        AppearanceError::new("appearance.font", reason, "give another font")
    })
}
