//! The outlines of embedded TrueType, OpenType and CFF fonts, as far as they say where a glyph draws, whatever its code is
//! mapped to.

use super::marks::Area;
use crate::object::{Dictionary, Object};
use crate::snapshot::Snapshot;
use rustybuzz::ttf_parser::{Face, GlyphId, OutlineBuilder, PlatformId, Rect, cff};
use types::{Budget, Cause, Malformed};

/// Largest font program that is read.
const LARGEST: u64 = 32 << 20;

/// An embedded font program.
pub(super) struct Outlines {
    program: Vec<u8>,
    codes: Codes,
}

/// How codes lead to glyphs.
enum Codes {
    /// They are glyph numbers (`CIDToGIDMap` is `Identity`).
    Glyphs,
    /// By the map of two bytes for each.
    Map(Vec<u8>),
    /// By the font program's own tables, as of a symbolic font (ISO 32000-2, 9.6.5.4).
    Symbols,
}

impl Outlines {
    /// The outlines of a font, if it brings a program that can be read and says how codes lead to it.
    pub(super) fn load(
        document: Snapshot<'_, '_>,
        font: &Dictionary,
        budget: &mut Budget,
    ) -> Result<Option<Outlines>, Malformed> {
        let descendants = document.entry(font, "DescendantFonts", budget)?.into_owned();
        let descendant = match descendants.as_array().and_then(|all| all.first()) {
            Some(first) => document.resolve(first, budget)?.into_owned(),
            None => Object::Null,
        };
        let is_composite = descendant.as_dictionary().is_some();
        let owner = descendant.as_dictionary().unwrap_or(font);
        let codes = match document.entry(owner, "CIDToGIDMap", budget)?.into_owned() {
            _ if !is_composite => Codes::Symbols,
            Object::Stream(map) => Codes::Map(document.stream_data_up_to(1 << 17, &map, budget)?),
            _ => Codes::Glyphs,
        };
        let descriptor = document.entry(owner, "FontDescriptor", budget)?.into_owned();
        let Some(descriptor) = descriptor.as_dictionary() else { return Ok(None) };
        let mut program = document.entry(descriptor, "FontFile2", budget)?.into_owned();
        if program == Object::Null {
            program = document.entry(descriptor, "FontFile3", budget)?.into_owned();
        }
        let Object::Stream(program) = program else { return Ok(None) };
        match document.stream_data_up_to(LARGEST, &program, budget) {
            Ok(program) => Ok(Some(Outlines { program, codes })),
            Err(error) if matches!(error.cause, Cause::Budget(_) | Cause::Source(_)) => Err(error),
            Err(_) => Ok(None),
        }
    }

    /// The box of the outline of a code's glyph, for a font of size 1; `None` if it has none that can be read.
    pub(super) fn drawn(&self, code: u32) -> Option<Area> {
        let face = Face::parse(&self.program, 0).ok()?;
        let code = u16::try_from(code).ok()?;
        let glyph = match &self.codes {
            Codes::Glyphs => GlyphId(code),
            Codes::Map(map) => GlyphId(u16::from_be_bytes(*map.as_chunks::<2>().0.get(usize::from(code))?)),
            Codes::Symbols => symbol(&face, code)?,
        };
        box_of(&face, glyph)
    }

    /// The same of the glyph that a font with an encoding has for a space: all encodings have it at the same codes, and it
    /// draws nothing if it is one.
    pub(super) fn drawn_as_space(&self, code: u32) -> Option<Area> {
        if let Some(table) = cff::Table::parse(&self.program) {
            let named =
                ["space", "nbspace", "uni00A0"].iter().filter_map(|name| table.glyph_index_by_name(name));
            let encoded = u8::try_from(code).ok().and_then(|code| table.glyph_index(code));
            let unit = f64::from(table.matrix().sx);
            let mut boxes = named.chain(encoded).filter_map(|glyph| table.outline(glyph, &mut Unused).ok());
            return boxes.next().map(|outline| scaled(outline, unit));
        }
        let face = Face::parse(&self.program, 0).ok()?;
        let is_unicode = |platform: PlatformId, encoding: u16| match platform {
            PlatformId::Unicode => true,
            PlatformId::Windows => matches!(encoding, 1 | 10),
            _ => false,
        };
        let tables = face.tables().cmap.into_iter().flat_map(|tables| tables.subtables);
        let spaces = tables.filter(|table| is_unicode(table.platform_id, table.encoding_id));
        let glyphs = spaces.filter_map(|table| table.glyph_index(code));
        let symbol = u16::try_from(code).ok().and_then(|code| symbol(&face, code));
        glyphs.chain(symbol).find_map(|glyph| box_of(&face, glyph))
    }
}

/// The box of a glyph, for a font of size 1.
fn box_of(face: &Face<'_>, glyph: GlyphId) -> Option<Area> {
    let outline = face.glyph_bounding_box(glyph)?;
    Some(scaled(outline, 1.0 / f64::from(face.units_per_em())))
}

fn scaled(outline: Rect, unit: f64) -> Area {
    [outline.x_min, outline.y_min, outline.x_max, outline.y_max].map(|side| f64::from(side) * unit)
}

/// Takes an outline of which only the box is wanted.
struct Unused;

impl OutlineBuilder for Unused {
    fn move_to(&mut self, _: f32, _: f32) {}
    fn line_to(&mut self, _: f32, _: f32) {}
    fn quad_to(&mut self, _: f32, _: f32, _: f32, _: f32) {}
    fn curve_to(&mut self, _: f32, _: f32, _: f32, _: f32, _: f32, _: f32) {}
    fn close(&mut self) {}
}

/// The glyph of a code of a symbolic font: by the symbol table, else by the Macintosh table.
fn symbol(face: &Face<'_>, code: u16) -> Option<GlyphId> {
    let tables = face.tables().cmap?.subtables;
    let of = |platform: PlatformId, encoding: u16| {
        tables.into_iter().find(move |table| table.platform_id == platform && table.encoding_id == encoding)
    };
    if let Some(symbols) = of(PlatformId::Windows, 0) {
        let places = [0xF000, 0xF100, 0xF200, 0];
        return places.iter().find_map(|high| symbols.glyph_index(u32::from(code) + high));
    }
    of(PlatformId::Macintosh, 0)?.glyph_index(u32::from(code))
}
