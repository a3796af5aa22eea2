//! The outlines of embedded TrueType fonts, as far as they say where a glyph draws, whatever its code is mapped to.

use super::marks::Area;
use crate::object::{Dictionary, Object};
use crate::snapshot::Snapshot;
use rustybuzz::ttf_parser::{Face, GlyphId, PlatformId};
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
    /// The outlines of a font, if it brings a TrueType program and says how codes lead to it.
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
        let Object::Stream(program) = document.entry(descriptor, "FontFile2", budget)?.into_owned() else {
            return Ok(None);
        };
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
        let outline = face.glyph_bounding_box(glyph)?;
        let unit = 1.0 / f64::from(face.units_per_em());
        Some([outline.x_min, outline.y_min, outline.x_max, outline.y_max].map(|side| f64::from(side) * unit))
    }
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
