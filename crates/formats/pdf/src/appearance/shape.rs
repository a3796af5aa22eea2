//! Text to positioned glyphs: direction, script runs, shaping, in visual order.

use super::AppearanceError;
use rustybuzz::ttf_parser::GlyphId;
use rustybuzz::{Direction, Face, Language, UnicodeBuffer};
use std::ops::Range;
use std::str::FromStr;
use unicode_bidi::{BidiInfo, Level};
use unicode_script::{Script, UnicodeScript};

/// One glyph; lengths in font units.
#[derive(Clone, Debug)]
pub(super) struct Glyph {
    pub(super) id: u16,
    /// What it stands for, empty if another glyph of the cluster already says it.
    pub(super) text: String,
    pub(super) advance: i32,
    pub(super) x_offset: i32,
    pub(super) y_offset: i32,
}

/// A paragraph with its directions resolved.
pub(super) struct Paragraph<'t> {
    text: &'t str,
    bidi: BidiInfo<'t>,
    language: Option<Language>,
    /// Distance from the start of the paragraph to each byte, if it were one line, in font units.
    distances: Vec<i64>,
}

impl<'t> Paragraph<'t> {
    /// Resolves directions and measures; glyphs that the font lacks are an error that names the characters.
    pub(super) fn new(
        text: &'t str,
        language: Option<&str>,
        face: &Face<'_>,
    ) -> Result<Paragraph<'t>, AppearanceError> {
        let bidi = BidiInfo::new(text, None);
        let language = language.and_then(|tag| Language::from_str(tag).ok());
        let mut paragraph = Paragraph { text, bidi, language, distances: Vec::new() };
        paragraph.distances = paragraph.measure(face)?;
        Ok(paragraph)
    }

    /// Whether the paragraph as a whole runs from right to left.
    pub(super) fn is_right_to_left(&self) -> bool {
        self.bidi.paragraphs.first().is_some_and(|p| p.level.is_rtl())
    }

    /// Byte ranges of lines no wider than `width` font units; a word that is wider is broken inside.
    pub(super) fn lines(&self, width: i64) -> Vec<Range<usize>> {
        let mut lines = Vec::new();
        let mut start = 0;
        let mut last_break = 0;
        for (end, _) in unicode_linebreak::linebreaks(self.text) {
            if self.width(start..end) > width && last_break > start {
                lines.push(start..last_break);
                start = last_break;
            }
            while self.width(start..end) > width {
                let Some(cut) = self.cut_inside(start..end, width) else {
                    break;
                };
                lines.push(start..cut);
                start = cut;
            }
            last_break = end;
        }
        if start < self.text.len() {
            lines.push(start..self.text.len());
        }
        lines
    }

    /// Glyphs of one line from left to right.
    pub(super) fn glyphs(&self, line: Range<usize>, face: &Face<'_>) -> Result<Vec<Glyph>, AppearanceError> {
        let Some(paragraph) = self.bidi.paragraphs.first() else {
            return Ok(Vec::new());
        };
        let end = line.start + self.text.get(line.clone()).unwrap_or_default().trim_end().len();
        let (levels, runs) = self.bidi.visual_runs(paragraph, line.start..end);
        let mut glyphs = Vec::new();
        for run in runs {
            let level = levels.get(run.start).copied().unwrap_or(Level::ltr());
            let mut pieces = script_runs(self.text, run);
            if level.is_rtl() {
                pieces.reverse();
            }
            for (piece, script) in pieces {
                self.shape(piece, level, script, face, &mut glyphs)?;
            }
        }
        Ok(glyphs)
    }

    /// Width without trailing spaces, in font units.
    fn width(&self, range: Range<usize>) -> i64 {
        let end = range.start + self.text.get(range.clone()).unwrap_or_default().trim_end().len();
        let at = |index: usize| self.distances.get(index).copied().unwrap_or_default();
        at(end) - at(range.start)
    }

    /// The last character boundary inside `range` that keeps within `width`, at least one character in.
    fn cut_inside(&self, range: Range<usize>, width: i64) -> Option<usize> {
        let text = self.text.get(range.clone())?;
        let mut boundaries = text.char_indices().skip(1).map(|(index, _)| range.start + index);
        let first = boundaries.next()?;
        let fitting = boundaries.take_while(|&cut| self.width(range.start..cut) <= width).last();
        Some(fitting.unwrap_or(first))
    }

    /// Distances to each byte in logical order, from shaping every run once.
    fn measure(&self, face: &Face<'_>) -> Result<Vec<i64>, AppearanceError> {
        let mut advances = vec![0_i64; self.text.len() + 1];
        let mut start = 0;
        let levels = &self.bidi.levels;
        while let Some(&level) = levels.get(start) {
            let length = levels.get(start..).unwrap_or_default().iter().take_while(|&&l| l == level).count();
            for (piece, script) in script_runs(self.text, start..start + length) {
                let first = piece.start;
                for (cluster, glyph) in self.shape_raw(piece, level, script, face)? {
                    if let Some(place) = advances.get_mut(first + cluster + 1) {
                        *place += i64::from(glyph.advance);
                    }
                }
            }
            start += length;
        }
        let mut sum = 0;
        for advance in &mut advances {
            sum += *advance;
            *advance = sum;
        }
        Ok(advances)
    }

    fn shape(
        &self,
        piece: Range<usize>,
        level: Level,
        script: Script,
        face: &Face<'_>,
        glyphs: &mut Vec<Glyph>,
    ) -> Result<(), AppearanceError> {
        glyphs.extend(self.shape_raw(piece, level, script, face)?.into_iter().map(|(_, glyph)| glyph));
        Ok(())
    }

    /// Shapes one run; each glyph with the byte offset of its cluster inside the run.
    fn shape_raw(
        &self,
        piece: Range<usize>,
        level: Level,
        script: Script,
        face: &Face<'_>,
    ) -> Result<Vec<(usize, Glyph)>, AppearanceError> {
        let text = self.text.get(piece).unwrap_or_default();
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.set_direction(if level.is_rtl() { Direction::RightToLeft } else { Direction::LeftToRight });
        if let Ok(script) = rustybuzz::Script::from_str(script.short_name()) {
            buffer.set_script(script);
        }
        if let Some(language) = &self.language {
            buffer.set_language(language.clone());
        }
        let shaped = rustybuzz::shape(face, &[], buffer);
        let clusters = cluster_ends(text, shaped.glyph_infos());
        let mut said = std::collections::BTreeSet::new();
        let mut missing = String::new();
        let mut glyphs = Vec::with_capacity(shaped.len());
        for (info, position) in shaped.glyph_infos().iter().zip(shaped.glyph_positions()) {
            let start = info.cluster as usize;
            let end = clusters.get(&start).copied().unwrap_or(text.len());
            let cluster = text.get(start..end).unwrap_or_default();
            if cluster.chars().all(is_direction_mark) {
                continue;
            }
            if info.glyph_id == 0 {
                missing.push_str(cluster);
            }
            let id = u16::try_from(info.glyph_id).unwrap_or(0);
            glyphs.push((
                start,
                Glyph {
                    id,
                    text: glyph_text(face, id, cluster, said.insert(start)),
                    advance: position.x_advance,
                    x_offset: position.x_offset,
                    y_offset: position.y_offset,
                },
            ));
        }
        if missing.is_empty() { Ok(glyphs) } else { Err(missing_glyphs(&missing)) }
    }
}

/// The text of one glyph of a cluster: its own character if the font says so, else the whole cluster once.
fn glyph_text(face: &Face<'_>, id: u16, cluster: &str, first: bool) -> String {
    let mut own = cluster.chars().filter(|&c| face.glyph_index(c) == Some(GlyphId(id)));
    match own.next() {
        Some(c) if cluster.chars().count() > 1 => c.to_string(),
        _ if first => cluster.to_owned(),
        // A zero width space: PDF/A wants a meaning for every glyph, and the cluster is already said.
        _ => "\u{200B}".to_owned(),
    }
}

/// Where each cluster of a run ends: at the start of the next one.
fn cluster_ends(text: &str, infos: &[rustybuzz::GlyphInfo]) -> std::collections::BTreeMap<usize, usize> {
    let mut starts: Vec<usize> = infos.iter().map(|info| info.cluster as usize).collect();
    starts.sort_unstable();
    starts.dedup();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().copied().zip(ends).collect()
}

/// Pieces of one script; common and inherited characters go with what comes before, or after at the start.
fn script_runs(text: &str, range: Range<usize>) -> Vec<(Range<usize>, Script)> {
    let mut runs: Vec<(Range<usize>, Script)> = Vec::new();
    for (index, character) in text.get(range.clone()).unwrap_or_default().char_indices() {
        let start = range.start + index;
        let end = start + character.len_utf8();
        let script = character.script();
        let neutral = matches!(script, Script::Common | Script::Inherited);
        match runs.last_mut() {
            Some((run, known)) if neutral || *known == script || *known == Script::Common => {
                run.end = end;
                if !neutral {
                    *known = script;
                }
            }
            _ => runs.push((start..end, if neutral { Script::Common } else { script })),
        }
    }
    runs
}

/// Characters that steer direction and have no shape.
fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn missing_glyphs(missing: &str) -> AppearanceError {
    let mut characters: Vec<char> = missing.chars().filter(|c| !c.is_whitespace()).collect();
    characters.sort_unstable();
    characters.dedup();
    let list: Vec<String> =
        characters.iter().take(10).map(|&c| format!("{c} (U+{:04X})", u32::from(c))).collect();
    let reason = format!("the font has no glyphs for {}", list.join(", "));
    AppearanceError::new(
        "appearance.glyphs-missing",
        reason,
        "give a font that covers the script of the text",
    )
}
