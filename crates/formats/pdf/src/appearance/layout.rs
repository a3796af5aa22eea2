//! Where picture and text go, and text that is wrapped and scaled to fit.

use super::font::UsedGlyphs;
use super::shape::{Glyph, Paragraph};
use super::{Add, Appearance, AppearanceError, Area, Canvas, number};
use rustybuzz::Face;
use std::fmt::Write;

/// Largest and smallest size of the text in points; what needs less than the smallest is refused, since nobody could read it.
const SIZES: (f64, f64) = (12.0, 2.0);
/// Space round everything, as a share of the shorter side, and at most this many points.
const MARGIN: (f64, f64) = (0.06, 4.0);
/// Longest text in bytes that an appearance takes.
const LONGEST_TEXT: usize = 20_000;

/// Areas for picture and text: side by side in a wide rectangle, otherwise the picture above.
pub(super) fn split(whole: Area, has_picture: bool, has_text: bool) -> (Option<Area>, Option<Area>) {
    let margin = (whole.width.min(whole.height) * MARGIN.0).min(MARGIN.1);
    let inner = Area {
        x: whole.x + margin,
        y: whole.y + margin,
        width: whole.width - 2.0 * margin,
        height: whole.height - 2.0 * margin,
    };
    match (has_picture, has_text) {
        (false, false) => (None, None),
        (true, false) => (Some(inner), None),
        (false, true) => (None, Some(inner)),
        (true, true) if inner.width >= 1.4 * inner.height => {
            let width = (inner.width * 0.4).min(inner.height * 1.5);
            let text = Area { x: inner.x + width + margin, width: inner.width - width - margin, ..inner };
            (Some(Area { width, ..inner }), Some(text))
        }
        (true, true) => {
            let height = (inner.height - margin) / 2.0;
            (Some(Area { y: inner.y + height + margin, height, ..inner }), Some(Area { height, ..inner }))
        }
    }
}

/// Draws the paragraphs at the largest size that fits.
pub(super) fn place(
    canvas: &mut Canvas,
    appearance: &Appearance,
    texts: &[String],
    area: Area,
    add: &mut Add,
) -> Result<(), AppearanceError> {
    if texts.iter().map(String::len).sum::<usize>() > LONGEST_TEXT {
        let reason = format!("the text is longer than {LONGEST_TEXT} bytes");
        return Err(AppearanceError::new("appearance.text-does-not-fit", reason, "shorten it"));
    }
    let face = appearance.font.face()?;
    let language = appearance.labels.language.as_deref();
    let paragraphs: Vec<Paragraph<'_>> =
        texts.iter().map(|text| Paragraph::new(text, language, &face)).collect::<Result<_, _>>()?;
    let size = fitting_size(&paragraphs, area, &face)?;
    let mut used = UsedGlyphs::new();
    let text = lay_out(&paragraphs, area, size, &face, &mut used)?;
    let font = used.embed(&appearance.font, &face, canvas.constraints.cid_set, add)?;
    let font = canvas.font(font);
    canvas.operators("q");
    canvas.black();
    canvas.operators(&format!("BT /{font} {} Tf", number(size)));
    canvas.operators(text.trim_end());
    canvas.operators("ET Q");
    Ok(())
}

/// Height of a line for text of one point.
fn line_height(face: &Face<'_>) -> f64 {
    let natural = f64::from(i32::from(face.ascender()) - i32::from(face.descender()));
    (natural / f64::from(face.units_per_em())).clamp(1.0, 2.0)
}

/// The largest size, in steps of a quarter point, whose lines fit; found by bisection since more size never needs less room.
fn fitting_size(paragraphs: &[Paragraph<'_>], area: Area, face: &Face<'_>) -> Result<f64, AppearanceError> {
    let fits = |size: f64| {
        let width = (area.width / size * f64::from(face.units_per_em())) as i64;
        let lines: usize = paragraphs.iter().map(|p| p.lines(width).len()).sum();
        lines as f64 * line_height(face) * size <= area.height + 0.01
    };
    let at = |step: u32| SIZES.1 + f64::from(step) * 0.25;
    let (mut low, mut high) = (0_u32, ((SIZES.0 - SIZES.1) / 0.25) as u32 + 1);
    if !fits(at(low)) {
        let reason = format!(
            "the text does not fit the rectangle of {} × {} points even at {} points",
            number(area.width),
            number(area.height),
            number(SIZES.1)
        );
        return Err(AppearanceError::new(
            "appearance.text-does-not-fit",
            reason,
            "enlarge the rectangle or shorten the text",
        ));
    }
    while high - low > 1 {
        let middle = (low + high) / 2;
        if fits(at(middle)) { low = middle } else { high = middle }
    }
    Ok(at(low))
}

/// The text operators of all lines, from the top, the block centred vertically.
fn lay_out(
    paragraphs: &[Paragraph<'_>],
    area: Area,
    size: f64,
    face: &Face<'_>,
    used: &mut UsedGlyphs,
) -> Result<String, AppearanceError> {
    let units = f64::from(face.units_per_em());
    let width = (area.width / size * units) as i64;
    let leading = line_height(face) * size;
    let lines: Vec<_> =
        paragraphs.iter().flat_map(|p| p.lines(width).into_iter().map(move |l| (p, l))).collect();
    let block = leading * lines.len() as f64;
    let ascent = f64::from(face.ascender()) / units * size;
    let mut baseline = area.y + area.height - (area.height - block).max(0.0) / 2.0 - ascent;
    let mut out = String::new();
    for (paragraph, line) in lines {
        let glyphs = paragraph.glyphs(line, face)?;
        let advance: i64 = glyphs.iter().map(|g| i64::from(g.advance)).sum();
        let x = match paragraph.is_right_to_left() {
            true => area.x + area.width - advance as f64 / units * size,
            false => area.x,
        };
        let _ = writeln!(out, "1 0 0 1 {} {} Tm", number(x), number(baseline));
        show(&mut out, &glyphs, size, face, used);
        baseline -= leading;
    }
    Ok(out)
}

/// `TJ` with the corrections that kerning and marks ask for; `Ts` where a glyph is raised.
fn show(out: &mut String, glyphs: &[Glyph], size: f64, face: &Face<'_>, used: &mut UsedGlyphs) {
    let units = f64::from(face.units_per_em());
    let thousandths = |value: i64| value as f64 * 1000.0 / units;
    let mut rise = 0;
    // How far the pen must still move before the next glyph, in font units.
    let mut owed = 0_i64;
    out.push('[');
    let mut open = false;
    for glyph in glyphs {
        if glyph.y_offset != rise {
            rise = glyph.y_offset;
            let end = if open { ">" } else { "" };
            let _ = write!(out, "{end}] TJ {} Ts [", number(f64::from(rise) / units * size));
            open = false;
        }
        let move_before = owed + i64::from(glyph.x_offset);
        if move_before != 0 {
            let end = if open { ">" } else { "" };
            let _ = write!(out, "{end}{} ", number(-thousandths(move_before)));
            open = false;
        }
        if !open {
            out.push('<');
            open = true;
        }
        let _ = write!(out, "{:04X}", used.cid(face, glyph.id, &glyph.text));
        let natural = face.glyph_hor_advance(rustybuzz::ttf_parser::GlyphId(glyph.id)).unwrap_or(0);
        owed = i64::from(glyph.advance) - i64::from(natural) - i64::from(glyph.x_offset);
    }
    let end = if open { ">" } else { "" };
    let _ = write!(out, "{end}] TJ");
    out.push_str(if rise == 0 { "\n" } else { " 0 Ts\n" });
}
