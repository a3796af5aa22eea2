//! Fonts that the user gives, and JPEG files.

use crate::build::{File, Style};
use crate::checks::{assert_consistent, request};
use crate::visible::at;
use crate::{peers, refusal, signed};
use pdf::appearance::{Appearance, FontFile, Picture};
use pdf::signature::SignatureRequest;

const CFF: &[u8] = include_bytes!("data/cff.otf");
const COLLECTION: &[u8] = include_bytes!("data/collection.ttc");

fn with(appearance: Appearance) -> SignatureRequest {
    SignatureRequest { appearance: Some(appearance), placement: at(20.0, 20.0, 180.0, 80.0), ..request() }
}

fn with_font(bytes: &[u8], index: u32) -> SignatureRequest {
    with(Appearance { font: FontFile::given(bytes.to_vec(), index), ..Appearance::default() })
}

#[test]
fn fonts_with_cubic_outlines_and_collections_are_embedded() {
    for (name, bytes, index, key) in [("cff", CFF, 0, "/CIDFontType0C"), ("ttc", COLLECTION, 1, "/FontFile2")]
    {
        let original = File::with_pages(1).bytes(Style::Classic);
        let (prepared, whole) = signed(&original, &with_font(bytes, index)).unwrap();
        assert_consistent(&original, &prepared, &whole);
        assert!(String::from_utf8_lossy(&prepared.tail).contains(key), "{name}");
        let file = format!("visible-font-{name}.pdf");
        peers::write(&file, &whole);
        if let Some(text) = peers::text(&file) {
            assert!(text.contains("Ada Example") && text.contains("Zürich"), "{text}");
        }
    }
}

#[test]
fn a_font_that_forbids_embedding_is_refused() {
    let mut bytes = CFF.to_vec();
    let entry = bytes.windows(4).position(|tag| tag == b"OS/2").unwrap();
    let offset = u32::from_be_bytes(bytes[entry + 8..entry + 12].try_into().unwrap()) as usize;
    bytes[offset + 9] = 2;
    assert_eq!(refusal(&File::with_pages(1), &with_font(&bytes, 0)).code, "appearance.font-restricted");
}

#[test]
fn damaged_fonts_are_refused_not_trusted() {
    let file = File::with_pages(1);
    assert_eq!(refusal(&file, &with_font(COLLECTION, 2)).code, "appearance.font");
    for length in (0..CFF.len()).step_by(97) {
        // Whatever comes out, it is an answer.
        let _ = signed(&file.bytes(Style::Classic), &with_font(&CFF[..length], 0));
    }
    for at in (0..CFF.len()).step_by(61) {
        let mut bytes = CFF.to_vec();
        bytes[at] ^= 0xFF;
        let _ = signed(&file.bytes(Style::Classic), &with_font(&bytes, 0));
    }
}

#[test]
fn jpeg_files_go_in_as_they_are() {
    for (name, bytes, space) in [
        ("rgb", &include_bytes!("data/rgb.jpg")[..], "/DeviceRGB"),
        ("grey", include_bytes!("data/grey.jpg"), "/DeviceGray"),
        ("cmyk", include_bytes!("data/cmyk.jpg"), "/DeviceCMYK"),
    ] {
        let picture = Some(Picture::Image(bytes.into()));
        let original = File::with_pages(1).bytes(Style::Classic);
        let (prepared, whole) =
            signed(&original, &with(Appearance { picture, ..Appearance::default() })).unwrap();
        assert_consistent(&original, &prepared, &whole);
        assert!(prepared.tail.windows(bytes.len()).any(|window| window == bytes), "{name}");
        assert!(String::from_utf8_lossy(&prepared.tail).contains(space), "{name}");
        peers::write(&format!("visible-jpeg-{name}.pdf"), &whole);
    }
}

#[test]
fn a_cmyk_image_is_refused_in_pdf_a() {
    let mut file = File::with_pages(1);
    let metadata = file.stream("/Type/Metadata/Subtype/XML", b"<x pdfaid:part='2'/>");
    file.extend(1, &format!("/Metadata {metadata} 0 R"));
    let picture = Some(Picture::Image(include_bytes!("data/cmyk.jpg")[..].into()));
    let request = with(Appearance { picture, ..Appearance::default() });
    assert_eq!(refusal(&file, &request).code, "appearance.image");
}
