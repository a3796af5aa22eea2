//! Images: PNG decoded and packed anew, JPEG passed through (ISO 32000-2, 8.9.5).

use super::{
    Add, AppearanceError, Area, Canvas, Colour, Transparency, calibrated_grey, calibrated_rgb, compressed,
    number,
};
use crate::object::{Dictionary, Object, Stream, StreamData};
use std::io::Cursor;

/// Most pixels an image may have; a page at 600 dpi has 35 million.
const MOST_PIXELS: u64 = 64_000_000;

/// An image made ready for the file.
struct Prepared {
    width: u32,
    height: u32,
    stream: Stream,
    /// Grey samples of the alpha channel, compressed.
    soft_mask: Option<Object>,
}

/// Draws the image as large as `area` allows, centred, proportions kept.
pub(super) fn place(
    canvas: &mut Canvas,
    bytes: &[u8],
    area: Area,
    add: &mut Add,
) -> Result<(), AppearanceError> {
    let mut prepared = prepare(bytes, canvas)?;
    if let Some(mask) = prepared.soft_mask.take() {
        let mask = add(mask);
        prepared.stream.dictionary.set("SMask", Object::Reference(mask));
    }
    let (image_width, image_height) = (f64::from(prepared.width), f64::from(prepared.height));
    let scale = (area.width / image_width).min(area.height / image_height);
    let (width, height) = (image_width * scale, image_height * scale);
    let (x, y) = (area.x + (area.width - width) / 2.0, area.y + (area.height - height) / 2.0);
    let id = add(Object::Stream(prepared.stream));
    let name = canvas.image(id);
    let [width, height, x, y] = [width, height, x, y].map(number);
    canvas.operators(&format!("q {width} 0 0 {height} {x} {y} cm /{name} Do Q"));
    Ok(())
}

fn prepare(bytes: &[u8], canvas: &Canvas) -> Result<Prepared, AppearanceError> {
    let (colour, transparency) = (canvas.constraints.colour, canvas.constraints.transparency);
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        png(bytes, colour, transparency)
    } else if bytes.starts_with(&[0xFF, 0xD8]) {
        jpeg(bytes, colour)
    } else {
        Err(refused("the image is neither PNG nor JPEG"))
    }
}

fn refused(reason: impl Into<String>) -> AppearanceError {
    AppearanceError::new("appearance.image", reason, "give another PNG or JPEG file")
}

/// Number of colour components.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Components {
    Grey,
    Rgb,
    Cmyk,
}

fn colour_space(components: Components, colour: Colour) -> Result<Object, AppearanceError> {
    match (components, colour) {
        (Components::Grey, Colour::Device) => Ok(Object::name("DeviceGray")),
        (Components::Rgb, Colour::Device) => Ok(Object::name("DeviceRGB")),
        (Components::Cmyk, Colour::Device) => Ok(Object::name("DeviceCMYK")),
        (Components::Grey, Colour::Calibrated) => Ok(calibrated_grey()),
        (Components::Rgb, Colour::Calibrated) => Ok(calibrated_rgb()),
        (Components::Cmyk, Colour::Calibrated) => {
            Err(refused("a CMYK image depends on the device, which PDF/A forbids"))
        }
    }
}

fn image_dictionary(width: u32, height: u32, colour_space: Object) -> Dictionary {
    Dictionary::new()
        .with("Type", Object::name("XObject"))
        .with("Subtype", Object::name("Image"))
        .with("Width", Object::Integer(i64::from(width)))
        .with("Height", Object::Integer(i64::from(height)))
        .with("ColorSpace", colour_space)
        .with("BitsPerComponent", Object::Integer(8))
}

/// Any PNG as 8 bits a component; alpha becomes a soft mask, or is laid on white where those are forbidden.
fn png(bytes: &[u8], colour: Colour, transparency: Transparency) -> Result<Prepared, AppearanceError> {
    let broken = |error: png::DecodingError| refused(format!("the PNG image cannot be read: {error}"));
    let limits = png::Limits { bytes: 512 << 20 };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(broken)?;
    let info = reader.info();
    let (width, height) = (info.width, info.height);
    check_pixels(width, height)?;
    let (kind, depth) = reader.output_color_type();
    if depth != png::BitDepth::Eight {
        return Err(refused("the PNG image has an unexpected bit depth"));
    }
    let length = reader.output_buffer_size().ok_or_else(|| refused("the PNG image is too large"))?;
    let mut samples = vec![0; length];
    reader.next_frame(&mut samples).map_err(broken)?;
    let (components, alpha) = match kind {
        png::ColorType::Grayscale => (Components::Grey, None),
        png::ColorType::Rgb => (Components::Rgb, None),
        png::ColorType::GrayscaleAlpha => (Components::Grey, Some(split_alpha(&mut samples, 1))),
        png::ColorType::Rgba => (Components::Rgb, Some(split_alpha(&mut samples, 3))),
        png::ColorType::Indexed => return Err(refused("the PNG image's palette cannot be read")),
    };
    let mut soft_mask = None;
    if let Some(alpha) = alpha.filter(|alpha| alpha.iter().any(|&a| a != 255)) {
        match transparency {
            Transparency::Allowed => {
                let dictionary = image_dictionary(width, height, Object::name("DeviceGray"));
                soft_mask = Some(compressed(dictionary, &alpha));
            }
            Transparency::Forbidden => lay_on_white(&mut samples, &alpha),
        }
    }
    let dictionary = image_dictionary(width, height, colour_space(components, colour)?);
    let Object::Stream(stream) = compressed(dictionary, &samples) else {
        return Err(refused("the PNG image cannot be packed"));
    };
    Ok(Prepared { width, height, stream, soft_mask })
}

fn check_pixels(width: u32, height: u32) -> Result<(), AppearanceError> {
    if width == 0 || height == 0 || u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(refused(format!("the image has {width} × {height} pixels")));
    }
    Ok(())
}

/// Takes the last of every `colours + 1` samples out.
fn split_alpha(samples: &mut Vec<u8>, colours: usize) -> Vec<u8> {
    let alpha = samples.iter().skip(colours).step_by(colours + 1).copied().collect();
    let mut index = 0;
    samples.retain(|_| {
        index += 1;
        index % (colours + 1) != 0
    });
    alpha
}

fn lay_on_white(samples: &mut [u8], alpha: &[u8]) {
    let colours = samples.len().checked_div(alpha.len()).unwrap_or(1).max(1);
    for (pixel, &alpha) in samples.chunks_exact_mut(colours).zip(alpha) {
        for sample in pixel {
            let mixed = u32::from(*sample) * u32::from(alpha) + 255 * (255 - u32::from(alpha));
            *sample = ((mixed + 127) / 255) as u8;
        }
    }
}

/// What a JPEG file says of itself.
struct JpegFrame {
    width: u16,
    height: u16,
    components: Components,
    /// Whether an Adobe marker is there: its CMYK is inverted.
    adobe: bool,
}

fn jpeg(bytes: &[u8], colour: Colour) -> Result<Prepared, AppearanceError> {
    let frame = jpeg_frame(bytes)
        .ok_or_else(|| refused("the JPEG image has no baseline or progressive frame of 8 bits"))?;
    let (width, height) = (u32::from(frame.width), u32::from(frame.height));
    check_pixels(width, height)?;
    let mut dictionary = image_dictionary(width, height, colour_space(frame.components, colour)?);
    dictionary.set("Filter", Object::name("DCTDecode"));
    if frame.components == Components::Cmyk && frame.adobe {
        let inverted = [1, 0].repeat(4).into_iter().map(Object::Integer).collect();
        dictionary.set("Decode", Object::Array(inverted));
    }
    let stream = Stream { dictionary, data: StreamData::Bytes(bytes.to_vec()) };
    Ok(Prepared { width, height, stream, soft_mask: None })
}

/// Walks the markers up to the frame header (ITU-T T.81, B.1 and B.2).
fn jpeg_frame(bytes: &[u8]) -> Option<JpegFrame> {
    let mut adobe = false;
    let mut at = 2;
    loop {
        // Each turn moves forward by at least one byte, so the walk ends with the file.
        if *bytes.get(at)? != 0xFF {
            return None;
        }
        let marker = *bytes.get(at + 1)?;
        if marker == 0xFF {
            at += 1;
            continue;
        }
        if matches!(marker, 0x01 | 0xD0..=0xD8) {
            at += 2;
            continue;
        }
        let length = usize::from(u16::from_be_bytes([*bytes.get(at + 2)?, *bytes.get(at + 3)?]));
        let segment = bytes.get(at + 4..at + 2 + length.max(2))?;
        match marker {
            0xC0..=0xC2 => return frame_header(segment, adobe),
            0xEE if segment.starts_with(b"Adobe") => adobe = true,
            0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF | 0xD9 | 0xDA => return None,
            _ => {}
        }
        at += 2 + length.max(2);
    }
}

fn frame_header(segment: &[u8], adobe: bool) -> Option<JpegFrame> {
    let &[8, h1, h0, w1, w0, components, ..] = segment else {
        return None;
    };
    let components = match components {
        1 => Components::Grey,
        3 => Components::Rgb,
        4 => Components::Cmyk,
        _ => return None,
    };
    let (width, height) = (u16::from_be_bytes([w1, w0]), u16::from_be_bytes([h1, h0]));
    Some(JpegFrame { width, height, components, adobe })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alpha_is_split_from_colours() {
        let mut samples = vec![1, 2, 3, 40, 5, 6, 7, 80];
        assert_eq!(split_alpha(&mut samples, 3), [40, 80]);
        assert_eq!(samples, [1, 2, 3, 5, 6, 7]);
    }

    #[test]
    fn transparent_pixels_become_white() {
        let mut samples = vec![0, 100, 200, 10, 20, 30];
        lay_on_white(&mut samples, &[0, 255]);
        assert_eq!(samples, [255, 255, 255, 10, 20, 30]);
    }

    #[test]
    fn truncated_images_are_errors() {
        for bytes in
            [&b"\xFF\xD8"[..], b"\xFF\xD8\xFF", b"\xFF\xD8\xFF\xC0\x00\x11\x08", b"\xFF\xD8\xFF\xFF\xFF"]
        {
            assert!(jpeg_frame(bytes).is_none());
        }
        assert!(png(b"\x89PNG\r\n\x1a\nxx", Colour::Device, Transparency::Allowed).is_err());
    }

    #[test]
    fn a_jpeg_frame_is_found_behind_other_segments() {
        let bytes = b"\xFF\xD8\xFF\xEE\x00\x0EAdobe\x00\x64\x00\x00\x00\x00\x02\xFF\xC2\x00\x11\x08\x00\x10\x00\x20\x04zzzzzzzzz";
        let frame = jpeg_frame(bytes).unwrap();
        assert_eq!((frame.width, frame.height, frame.adobe), (32, 16, true));
        assert!(frame.components == Components::Cmyk);
    }
}
