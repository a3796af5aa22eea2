//! Pictures, their PNG form, and what differs between two of them.

/// A picture without transparency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Red, green, blue for each pixel, row by row from the top.
    pub rgb: Vec<u8>,
}

/// What differs between two pictures of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// How many pixels differ so much that it can be seen.
    pub pixels: u64,
    /// The smallest rectangle that holds them all: left, top, right, bottom, the latter two exclusive.
    pub bounds: [u32; 4],
    /// The later picture, pale, with what differs in red within a frame.
    pub picture: Picture,
}

/// A difference of a colour component up to this is not seen.
const UNSEEN: u8 = 16;
const RED: [u8; 3] = [200, 0, 0];

impl Picture {
    /// The picture as PNG; `None` if it has no pixels or not as many as its size says.
    pub fn png(&self) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().ok()?;
        writer.write_image_data(&self.rgb).ok()?;
        writer.finish().ok()?;
        Some(bytes)
    }

    fn pixel(&self, x: u32, y: u32) -> Option<&[u8]> {
        if x >= self.width || y >= self.height {
            return None;
        }
        let at = (y as usize * self.width as usize + x as usize) * 3;
        self.rgb.get(at..at + 3)
    }

    fn set(&mut self, x: u32, y: u32, colour: [u8; 3]) {
        if x >= self.width || y >= self.height {
            return;
        }
        let at = (y as usize * self.width as usize + x as usize) * 3;
        if let Some(pixel) = self.rgb.get_mut(at..at + 3) {
            pixel.copy_from_slice(&colour);
        }
    }
}

/// What can be seen to differ; `None` if nothing can.
pub fn difference(before: &Picture, after: &Picture) -> Option<Difference> {
    let (width, height) = (before.width.max(after.width), before.height.max(after.height));
    let mut picture = Picture { width, height, rgb: vec![255; width as usize * height as usize * 3] };
    let (mut pixels, mut bounds) = (0, [u32::MAX, u32::MAX, 0, 0]);
    for y in 0..height {
        for x in 0..width {
            let (old, new) = (before.pixel(x, y), after.pixel(x, y));
            let differs = match (old, new) {
                (Some(old), Some(new)) => old.iter().zip(new).any(|(a, b)| a.abs_diff(*b) > UNSEEN),
                _ => true,
            };
            if differs {
                pixels += 1;
                bounds = [bounds[0].min(x), bounds[1].min(y), bounds[2].max(x + 1), bounds[3].max(y + 1)];
                picture.set(x, y, RED);
            } else if let Some([red, green, blue]) = new {
                picture.set(x, y, [pale(*red), pale(*green), pale(*blue)]);
            }
        }
    }
    if pixels == 0 {
        return None;
    }
    frame(&mut picture, bounds);
    Some(Difference { pixels, bounds, picture })
}

fn pale(component: u8) -> u8 {
    255 - (255 - component) / 3
}

/// A frame of two pixels, four pixels outside the bounds.
fn frame(picture: &mut Picture, [left, top, right, bottom]: [u32; 4]) {
    let (left, top, right, bottom) =
        (left.saturating_sub(4), top.saturating_sub(4), right.saturating_add(4), bottom.saturating_add(4));
    for thickness in 0..2 {
        for x in left..right {
            picture.set(x, top + thickness, RED);
            picture.set(x, bottom.saturating_sub(thickness), RED);
        }
        for y in top..bottom {
            picture.set(left + thickness, y, RED);
            picture.set(right.saturating_sub(thickness), y, RED);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn white(width: u32, height: u32) -> Picture {
        Picture { width, height, rgb: vec![255; (width * height * 3) as usize] }
    }

    #[test]
    fn what_differs_is_counted_and_framed() {
        let before = white(40, 30);
        let mut after = before.clone();
        after.set(10, 20, [0, 0, 0]);
        after.set(12, 21, [250, 250, 250]);
        let found = difference(&before, &after).expect("a difference");
        assert_eq!((found.pixels, found.bounds), (1, [10, 20, 11, 21]));
        assert_eq!(found.picture.pixel(10, 20), Some(&RED[..]));
        assert_eq!(difference(&before, &before), None);
    }

    #[test]
    fn another_size_is_a_difference() {
        let found = difference(&white(4, 4), &white(5, 4)).expect("a difference");
        assert_eq!(found.pixels, 4);
    }

    #[test]
    fn a_picture_becomes_a_png() {
        assert!(white(3, 2).png().expect("a picture").starts_with(b"\x89PNG"));
        assert_eq!(white(0, 0).png(), None);
    }
}
