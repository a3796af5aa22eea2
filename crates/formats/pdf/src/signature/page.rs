//! Pages as shown: rectangles into user space, and the widget among a page's annotations.

use super::SigningRefusal;
use crate::appearance::{Rotation, Size};
use crate::object::{Object, ObjectId};
use crate::pages::Page;
use crate::update::{Holder, Update};
use types::{Budget, Malformed};

/// How far a rectangle may stick out of the page through rounding, in points.
const TOLERANCE: f64 = 0.01;

/// The visible part of a page and how it is turned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct View {
    /// Crop box inside the media box: left, bottom, right, top in user space.
    sides: [f64; 4],
    /// Rotation when shown.
    pub(crate) rotation: Rotation,
}

/// A rectangle counted from the lower left corner of the page as shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shown {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) size: Size,
}

impl View {
    /// The view of a page (ISO 32000-2, 14.11.2).
    pub(crate) fn of(page: &Page) -> Result<View, SigningRefusal> {
        let media = page.media_box.map(normalised);
        let crop = page.crop_box.map(normalised);
        let sides = match (media, crop) {
            (Some(m), Some(c)) => [m[0].max(c[0]), m[1].max(c[1]), m[2].min(c[2]), m[3].min(c[3])],
            (Some(only), None) => only,
            (None, _) => {
                let reason = format!("page {} has no usable MediaBox", page.index + 1);
                return Err(Malformed::syntax(None, reason, "ISO 32000-2, 7.7.3.3").into());
            }
        };
        let rotation = Rotation::from_degrees(page.rotate);
        let finite = sides.iter().all(|side| side.is_finite() && side.abs() < 1e7);
        match rotation {
            Some(rotation) if finite && sides[0] < sides[2] && sides[1] < sides[3] => {
                Ok(View { sides, rotation })
            }
            _ => {
                let reason = format!(
                    "page {} has an empty visible area or is turned by no right angle",
                    page.index + 1
                );
                Err(Malformed::syntax(None, reason, "ISO 32000-2, 7.7.3.3").into())
            }
        }
    }

    /// Width and height as shown.
    pub(crate) fn size(&self) -> Size {
        let [left, bottom, right, top] = self.sides;
        let (width, height) = (right - left, top - bottom);
        match self.rotation {
            Rotation::None | Rotation::Half => Size { width, height },
            Rotation::Quarter | Rotation::ThreeQuarters => Size { width: height, height: width },
        }
    }

    /// A point as shown, in user space.
    fn to_user(self, x: f64, y: f64) -> (f64, f64) {
        let [left, bottom, right, top] = self.sides;
        match self.rotation {
            Rotation::None => (left + x, bottom + y),
            Rotation::Quarter => (right - y, bottom + x),
            Rotation::Half => (right - x, top - y),
            Rotation::ThreeQuarters => (left + y, top - x),
        }
    }

    /// A point of user space, as shown.
    pub(crate) fn to_shown(self, x: f64, y: f64) -> (f64, f64) {
        let [left, bottom, right, top] = self.sides;
        match self.rotation {
            Rotation::None => (x - left, y - bottom),
            Rotation::Quarter => (y - bottom, right - x),
            Rotation::Half => (right - x, top - y),
            Rotation::ThreeQuarters => (top - y, x - left),
        }
    }

    /// A rectangle as shown, in user space; refused if it is no rectangle or not on the page.
    pub(crate) fn rect(self, shown: Shown, page: usize) -> Result<[f64; 4], SigningRefusal> {
        let Shown { x, y, size: Size { width, height } } = shown;
        let numbers = [x, y, width, height];
        if !numbers.iter().all(|n| n.is_finite()) || width < 1.0 || height < 1.0 {
            let reason = "the rectangle is less than a point wide or high";
            return Err(SigningRefusal::new("pdf.sign.rectangle", reason, "give a larger rectangle"));
        }
        let whole = self.size();
        if x < -TOLERANCE
            || y < -TOLERANCE
            || x + width > whole.width + TOLERANCE
            || y + height > whole.height + TOLERANCE
        {
            let reason = format!(
                "the rectangle {x:.1},{y:.1},{width:.1},{height:.1} is not inside page {} of {:.1} × {:.1} points",
                page + 1,
                whole.width,
                whole.height
            );
            let hint =
                "give x, y, width and height in points from the lower left corner of the page as shown";
            return Err(SigningRefusal::new("pdf.sign.rectangle", reason, hint));
        }
        let (x0, y0) = self.to_user(x, y);
        let (x1, y1) = self.to_user(x + width, y + height);
        Ok(normalised([x0, y0, x1, y1]))
    }
}

/// Lower left and upper right corner.
pub(crate) fn normalised([x0, y0, x1, y1]: [f64; 4]) -> [f64; 4] {
    [x0.min(x1), y0.min(y1), x0.max(x1), y0.max(y1)]
}

/// Puts a widget among the annotations of its page.
pub(super) fn annotate(
    update: &mut Update<'_, '_>,
    page: &Page,
    widget: ObjectId,
    budget: &mut Budget,
) -> Result<(), Malformed> {
    let mut dictionary = page.dictionary.clone();
    let holder = update.edit_array(&mut dictionary, "Annots", budget, |annotations| {
        annotations.push(Object::Reference(widget));
    })?;
    if holder == Holder::Changed {
        update.set(page.id, Object::Dictionary(dictionary));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIDES: [f64; 4] = [10.0, 20.0, 110.0, 320.0];

    #[test]
    fn points_survive_the_way_into_user_space_and_back() {
        for degrees in [0, 90, 180, 270] {
            let view = View { sides: SIDES, rotation: Rotation::from_degrees(degrees).unwrap() };
            let (x, y) = view.to_user(7.0, 11.0);
            assert_eq!(view.to_shown(x, y), (7.0, 11.0), "{degrees}");
            let origin = Shown { x: 0.0, y: 0.0, size: view.size() };
            assert_eq!(view.rect(origin, 0), Ok(SIDES), "{degrees}");
        }
    }

    #[test]
    fn the_lower_left_corner_as_shown_turns_with_the_page() {
        let corner = |degrees| {
            let view = View { sides: SIDES, rotation: Rotation::from_degrees(degrees).unwrap() };
            view.rect(Shown { x: 0.0, y: 0.0, size: Size { width: 30.0, height: 10.0 } }, 0).unwrap()
        };
        assert_eq!(corner(0), [10.0, 20.0, 40.0, 30.0]);
        assert_eq!(corner(90), [100.0, 20.0, 110.0, 50.0]);
        assert_eq!(corner(180), [80.0, 310.0, 110.0, 320.0]);
        assert_eq!(corner(270), [10.0, 290.0, 20.0, 320.0]);
    }

    #[test]
    fn rectangles_off_the_page_are_refused() {
        let view = View { sides: SIDES, rotation: Rotation::None };
        let at = |x, width| view.rect(Shown { x, y: 0.0, size: Size { width, height: 10.0 } }, 0);
        assert!(at(0.0, 100.0).is_ok());
        for (x, width) in [(1.0, 100.0), (-1.0, 10.0), (0.0, 0.0), (f64::NAN, 10.0), (0.0, f64::INFINITY)] {
            assert_eq!(at(x, width).unwrap_err().code, "pdf.sign.rectangle");
        }
    }
}
