//! Handwriting: polylines with widths, scaled into their area.

use super::{AppearanceError, Area, Canvas, Stroke, StrokePoint, number};
use std::fmt::Write;

/// Most points one appearance may have; a long signature captured at 500 Hz has about 10,000.
const MOST_POINTS: usize = 100_000;

/// Draws the strokes as large as `area` allows, centred, proportions kept.
pub(super) fn place(canvas: &mut Canvas, strokes: &[Stroke], area: Area) -> Result<(), AppearanceError> {
    let Some(bounds) = bounds(strokes)? else {
        return Ok(());
    };
    let scale = (area.width / bounds.width).min(area.height / bounds.height);
    let left = area.x + (area.width - bounds.width * scale) / 2.0 - bounds.x * scale;
    let top = area.y + area.height - (area.height - bounds.height * scale) / 2.0 + bounds.y * scale;
    canvas.operators("q");
    canvas.black();
    canvas.operators("1 J 1 j");
    let mut text = String::new();
    for stroke in strokes {
        let at = |point: &StrokePoint| (number(left + point.x * scale), number(top - point.y * scale));
        draw_stroke(&mut text, stroke, scale, at);
    }
    canvas.operators(text.trim_end());
    canvas.operators("Q");
    Ok(())
}

/// One path while the width stays the same; a dot for a single point.
fn draw_stroke(
    text: &mut String,
    stroke: &Stroke,
    scale: f64,
    at: impl Fn(&StrokePoint) -> (String, String),
) {
    let points = &stroke.0;
    let Some(first) = points.first() else {
        return;
    };
    let mut previous = first;
    let mut width = None;
    let lines = points.get(1..).filter(|rest| !rest.is_empty()).unwrap_or(std::slice::from_ref(first));
    for point in lines {
        let wanted = number(((previous.width + point.width) / 2.0 * scale).max(0.1));
        if width.as_ref() != Some(&wanted) {
            let (x, y) = at(previous);
            let end = if width.is_some() { "S\n" } else { "" };
            let _ = write!(text, "{end}{wanted} w {x} {y} m ");
            width = Some(wanted);
        }
        let (x, y) = at(point);
        let _ = writeln!(text, "{x} {y} l");
        previous = point;
    }
    text.push_str("S\n");
}

/// The rectangle round all strokes including half their widths; `None` without any point.
fn bounds(strokes: &[Stroke]) -> Result<Option<Area>, AppearanceError> {
    let points = || strokes.iter().flat_map(|stroke| &stroke.0);
    let finite = |p: &StrokePoint| {
        [p.x, p.y, p.width].iter().all(|v| v.is_finite() && v.abs() < 1e9) && p.width >= 0.0
    };
    if points().count() > MOST_POINTS || !points().all(finite) {
        let reason =
            format!("the strokes have more than {MOST_POINTS} points or a number that is no coordinate");
        return Err(AppearanceError::new("appearance.strokes", reason, "draw the signature again"));
    }
    let mut sides: Option<[f64; 4]> = None;
    for point in points() {
        let half = point.width / 2.0;
        let own = [point.x - half, point.y - half, point.x + half, point.y + half];
        let [x0, y0, x1, y1] = sides.unwrap_or(own);
        sides = Some([x0.min(own[0]), y0.min(own[1]), x1.max(own[2]), y1.max(own[3])]);
    }
    let area = |[x0, y0, x1, y1]: [f64; 4]| Area {
        x: x0,
        y: y0,
        width: (x1 - x0).max(1e-3),
        height: (y1 - y0).max(1e-3),
    };
    Ok(sides.map(area))
}
