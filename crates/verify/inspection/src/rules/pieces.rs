//! The pieces of a drawing, and where they are.

use crate::ground::Area;

/// Most lines and most areas of one appearance that are looked at one by one.
pub(super) const MOST_PIECES: usize = 100;
/// Lightest colour of a line that hides nothing by being like the page.
pub(super) const DARK: f64 = 0.7;
/// Darkest colour, as luminance, through which text stays readable.
pub(super) const LIGHT: f64 = 0.5;
/// Numbers beyond this one are read in more than one way, and computed with too little precision.
pub(super) const LARGEST: f64 = 1e6;
/// Widest line that hides nothing.
pub(super) const THICK: f64 = 3.0;

/// Red, green and blue from 0 to 1.
pub(crate) type Colour = [f64; 3];

/// What an appearance draws.
#[derive(Debug, Default)]
pub(super) struct Drawing {
    /// Areas, text, pictures, or what cannot be told.
    pub(super) covers: bool,
    /// Lines.
    pub(super) lines: Vec<Line>,
    /// More lines or areas than these.
    pub(super) has_more: bool,
    /// Lines that are thick, or so light that they pass for the page.
    pub(super) hides: bool,
    /// Areas of a light colour that is multiplied with what is under them.
    pub(super) layers: Vec<(Area, Colour)>,
}

/// One piece of a line; for a curve its box.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) area: Area,
    pub(super) width: f64,
    /// Straight, along an axis, not dashed, of a dark colour.
    pub(super) is_plain: bool,
    /// One of the four sides of a rectangle.
    pub(super) is_frame: bool,
}

impl Drawing {
    /// A drawing that is not looked into.
    pub(super) fn covering() -> Drawing {
        Drawing { covers: true, ..Drawing::default() }
    }

    /// The four sides of a rectangle.
    pub(super) fn add_frame(&mut self, [left, bottom, right, top]: Area, width: f64, is_dark: bool) {
        let corners = [(left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)];
        for pair in corners.windows(2) {
            self.line(pair, width, is_dark, true);
        }
        self.hides |= width > THICK;
    }

    pub(super) fn line(&mut self, points: &[(f64, f64)], width: f64, is_dark: bool, is_frame: bool) {
        let around = area_of(points);
        let half = width / 2.0;
        let straight = points.len() == 2 && (around[2] - around[0] < 0.5 || around[3] - around[1] < 0.5);
        let area = [around[0] - half, around[1] - half, around[2] + half, around[3] + half];
        self.covers |= !area.iter().all(|number| number.is_finite());
        self.has_more |= self.lines.len() >= MOST_PIECES;
        if !self.has_more {
            self.lines.push(Line { area, width, is_plain: straight && is_dark, is_frame });
        }
    }
}

/// `[a b c d e f]` of ISO 32000-2, 8.3.4.
#[derive(Clone, Copy, Debug)]
pub(super) struct Matrix(pub(super) [f64; 6]);

impl Matrix {
    pub(super) const IDENTITY: Matrix = Matrix([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    /// First `self`, then `after`.
    pub(super) fn then(self, after: Matrix) -> Matrix {
        let [a, b, c, d, e, f] = self.0;
        let (x, y) = (after.vector(a, b), after.vector(c, d));
        let origin = after.point(e, f);
        Matrix([x.0, x.1, y.0, y.1, origin.0, origin.1])
    }

    /// Whether it is made of numbers that every reader computes alike.
    pub(super) fn is_sound(self) -> bool {
        self.0.iter().all(|number| number.abs() <= LARGEST)
    }

    fn vector(self, x: f64, y: f64) -> (f64, f64) {
        let [a, b, c, d, ..] = self.0;
        (a * x + c * y, b * x + d * y)
    }

    pub(super) fn point(self, x: f64, y: f64) -> (f64, f64) {
        let (across, up) = self.vector(x, y);
        (across + self.0[4], up + self.0[5])
    }

    pub(super) fn scale(self) -> f64 {
        let [a, b, c, d, ..] = self.0;
        a.hypot(b).max(c.hypot(d))
    }
}

/// A device colour: grey, RGB or CMYK.
pub(super) fn device_colour(numbers: &[f64]) -> Option<Colour> {
    let colour = match *numbers {
        [grey] => [grey; 3],
        [red, green, blue] => [red, green, blue],
        [cyan, magenta, yellow, black] => [cyan, magenta, yellow].map(|ink| (1.0 - ink) * (1.0 - black)),
        _ => return None,
    };
    Some(colour.map(|part| part.clamp(0.0, 1.0)))
}

/// How light a colour is.
pub(super) fn luminance([red, green, blue]: Colour) -> f64 {
    0.3 * red + 0.59 * green + 0.11 * blue
}

/// Whether a line of this colour hides nothing by being like the page.
pub(super) fn is_dark(colour: &[f64]) -> bool {
    device_colour(colour).is_some_and(|colour| luminance(colour) < DARK)
}

/// The box around points.
pub(super) fn area_of(points: &[(f64, f64)]) -> Area {
    let least = |part: fn(&(f64, f64)) -> f64| points.iter().map(part).fold(f64::INFINITY, f64::min);
    let most = |part: fn(&(f64, f64)) -> f64| points.iter().map(part).fold(f64::NEG_INFINITY, f64::max);
    [least(|p| p.0), least(|p| p.1), most(|p| p.0), most(|p| p.1)]
}
