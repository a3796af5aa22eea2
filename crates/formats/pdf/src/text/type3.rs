//! Where the glyphs of Type 3 fonts draw, which are content streams (ISO 32000-2, 9.6.4).

use super::interpret::Interpreter;
use super::marks::Area;
use super::matrix::Matrix;
use super::traces::{Drawn, union};
use crate::object::{Dictionary, Object};
use crate::snapshot::Snapshot;
use std::collections::BTreeMap;
use types::{Budget, Cause, Malformed, Resource};

/// What draws the glyphs of a font.
pub(super) struct Type3 {
    /// The streams by code, not resolved.
    glyphs: BTreeMap<u8, Object>,
    matrix: Matrix,
    resources: Option<Dictionary>,
}

impl Type3 {
    pub(super) fn load(
        document: Snapshot<'_, '_>,
        font: &Dictionary,
        budget: &mut Budget,
    ) -> Result<Type3, Malformed> {
        let entry = |key: &str, budget: &mut Budget| -> Result<Object, Malformed> {
            Ok(document.entry(font, key, budget)?.into_owned())
        };
        let procedures = entry("CharProcs", budget)?;
        let encoding = entry("Encoding", budget)?;
        let differences = match encoding.as_dictionary() {
            Some(encoding) => document.entry(encoding, "Differences", budget)?.into_owned(),
            None => Object::Null,
        };
        let mut numbers = Vec::new();
        for number in entry("FontMatrix", budget)?.as_array().unwrap_or_default() {
            numbers.push(document.resolve(number, budget)?.as_number().unwrap_or(f64::NAN));
        }
        let (mut glyphs, mut code) = (BTreeMap::new(), 0_i64);
        for element in differences.as_array().unwrap_or_default() {
            budget.spend(Resource::Steps, 1)?;
            match &*document.resolve(element, budget)? {
                Object::Integer(value) => code = *value,
                Object::Name(name) => {
                    let known = procedures.as_dictionary().into_iter().flat_map(|all| &all.0);
                    let glyph = known.filter(|(key, _)| key == name).map(|(_, glyph)| glyph.clone()).next();
                    if let (Ok(place), Some(glyph)) = (u8::try_from(code), glyph) {
                        glyphs.insert(place, glyph);
                    }
                    code = code.saturating_add(1);
                }
                _ => {}
            }
        }
        let resources = entry("Resources", budget)?.as_dictionary().cloned();
        let matrix = super::interpret::matrix(&numbers).unwrap_or(Matrix([f64::NAN; 6]));
        Ok(Type3 { glyphs, matrix, resources })
    }

    /// Where the glyph of a code draws, in text space of a font of size 1. What a glyph takes from the page that shows it is
    /// not known.
    pub(super) fn drawn(
        &self,
        document: Snapshot<'_, '_>,
        code: u32,
        budget: &mut Budget,
    ) -> Result<Drawn, Malformed> {
        let glyph = u8::try_from(code).ok().and_then(|code| self.glyphs.get(&code));
        let Some(glyph) = glyph else { return Ok(Drawn::Nothing) };
        let content = match document.resolve(glyph, budget)?.into_owned() {
            Object::Stream(stream) => document.stream_data_up_to(1 << 24, &stream, budget),
            _ => return Ok(Drawn::Anywhere),
        };
        let content = match content {
            Ok(content) => content,
            Err(error) if matches!(error.cause, Cause::Budget(_) | Cause::Source(_)) => return Err(error),
            Err(_) => return Ok(Drawn::Anywhere),
        };
        let uses_more = content.windows(2).any(|pair| matches!(pair, b"Do" | b"gs" | b"Tj" | b"TJ"));
        if self.resources.is_none() && uses_more {
            return Ok(Drawn::Anywhere);
        }
        let mut interpreter = Interpreter::for_glyph(document, self.matrix);
        let resources = self.resources.clone().unwrap_or_default();
        interpreter.run(&content, &resources, 0, budget)?;
        let traces = interpreter.into_traces();
        if traces.is_partial || !traces.glyphs.is_empty() {
            return Ok(Drawn::Anywhere);
        }
        let all: Option<Area> = traces.edges.into_iter().chain(traces.pictures).reduce(union);
        Ok(all.map_or(Drawn::Nothing, Drawn::Within))
    }
}
