//! Visible signatures: text of several scripts, pictures, strokes, turned pages, anchor texts, fonts.

use crate::build::{File, STYLES, Style};
use crate::checks::{assert_consistent, request};
use crate::fields::{existing, with_field};
use crate::{peers, refusal, signed};
use pdf::Document;
use pdf::appearance::{Appearance, Border, Labels, Picture, Stroke, StrokePoint};
use pdf::object::{Dictionary, Object, Stream};
use pdf::signature::{AnchorSide, Placement, SignatureRequest};
use types::Budget;

pub fn at(x: f64, y: f64, width: f64, height: f64) -> Placement {
    Placement::Rect { page: 0, x, y, width, height }
}

fn with(appearance: Appearance) -> SignatureRequest {
    SignatureRequest { appearance: Some(appearance), placement: at(20.0, 20.0, 180.0, 80.0), ..request() }
}

fn boxed() -> Appearance {
    Appearance { border: Border::Thin, ..Appearance::default() }
}

/// A wave with changing pressure.
fn strokes() -> Picture {
    let point = |index: i32| {
        let t = f64::from(index) / 10.0;
        StrokePoint { x: 100.0 + t * 10.0, y: 300.0 + 20.0 * t.sin(), width: 2.0 + (t * 0.7).cos() }
    };
    let dot = Stroke(vec![StrokePoint { x: 210.0, y: 290.0, width: 5.0 }]);
    Picture::Strokes(vec![Stroke((0..100).map(point).collect()), dot])
}

/// A red disc on transparent ground.
fn png(colour: png::ColorType) -> Vec<u8> {
    let side = 64_i32;
    let mut samples = Vec::new();
    for y in 0..side {
        for x in 0..side {
            let inside = (x - 32).pow(2) + (y - 32).pow(2) < 900;
            let alpha = if inside { 255 } else { 0 };
            match colour {
                png::ColorType::Rgba => samples.extend([200, 30, 30, alpha]),
                png::ColorType::GrayscaleAlpha => samples.extend([90, alpha]),
                png::ColorType::Rgb => samples.extend([200, alpha, 30]),
                _ => samples.push(alpha),
            }
        }
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, side as u32, side as u32);
    encoder.set_color(colour);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header().unwrap().write_image_data(&samples).unwrap();
    bytes
}

/// The widget of the only signature field and its normal appearance.
fn widget(whole: &[u8]) -> (Dictionary, Stream) {
    let mut budget = Budget::default();
    let document = Document::open(&whole, None, &mut budget).unwrap();
    let form = document.acroform(&mut budget).unwrap().unwrap();
    let widget = form.fields[0].dictionary.clone();
    let normal = widget.get("AP").and_then(Object::as_dictionary).and_then(|ap| ap.get("N")).unwrap().clone();
    match document.resolve(&normal, &mut budget).unwrap().into_owned() {
        Object::Stream(form) => (widget, form),
        other => panic!("the normal appearance is a form, not {other:?}"),
    }
}

#[test]
fn a_visible_signature_is_consistent_in_every_style() {
    for style in STYLES {
        let original = File::with_pages(2).bytes(style);
        let (prepared, whole) = signed(&original, &with(boxed())).unwrap();
        assert_consistent(&original, &prepared, &whole);
        peers::write(&format!("visible-{style:?}.pdf"), &whole);
    }
}

#[test]
fn every_script_of_the_bundled_font_is_shaped() {
    let mut request = with(boxed());
    request.name = Some("Ελένη Ωραία, Жанна Ёлкина, Հայկ".into());
    request.reason = Some("أوافق على العقد 2026 والشروط".into());
    request.location = Some("תל אביב (Tel Aviv)".into());
    let original = File::with_pages(1).bytes(Style::Classic);
    let (prepared, whole) = signed(&original, &request).unwrap();
    assert_consistent(&original, &prepared, &whole);
    peers::write("visible-scripts.pdf", &whole);
    let text = peers::text("visible-scripts.pdf");
    if let Some(text) = text {
        assert!(text.contains("Ελένη") && text.contains("Жанна"), "{text}");
    }
}

#[test]
fn labels_speak_the_language_given() {
    let labels = Labels {
        name: "توقيع".into(),
        reason: "السبب".into(),
        location: String::new(),
        claimed_time: "الوقت حسب الموقِّع".into(),
        language: Some("ar".into()),
    };
    let mut request = with(Appearance { labels, ..boxed() });
    request.name = Some("ليلى".into());
    request.reason = Some("موافقة".into());
    let (_, whole) = signed(&File::with_pages(1).bytes(Style::Classic), &request).unwrap();
    peers::write("visible-labels.pdf", &whole);
}

#[test]
fn pictures_of_every_kind_are_placed() {
    let kinds = [
        ("rgba", png::ColorType::Rgba),
        ("rgb", png::ColorType::Rgb),
        ("grey", png::ColorType::Grayscale),
        ("grey-alpha", png::ColorType::GrayscaleAlpha),
    ];
    for (name, colour) in kinds {
        let picture = Some(Picture::Image(png(colour).into()));
        let original = File::with_pages(1).bytes(Style::Classic);
        let (prepared, whole) = signed(&original, &with(Appearance { picture, ..boxed() })).unwrap();
        assert_consistent(&original, &prepared, &whole);
        peers::write(&format!("visible-{name}.pdf"), &whole);
        let has_mask = String::from_utf8_lossy(&prepared.tail).contains("/SMask");
        assert_eq!(has_mask, name.contains('a') && name != "grey", "{name}");
    }
    let original = File::with_pages(1).bytes(Style::Classic);
    let (prepared, whole) =
        signed(&original, &with(Appearance { picture: Some(strokes()), ..boxed() })).unwrap();
    assert_consistent(&original, &prepared, &whole);
    peers::write("visible-strokes.pdf", &whole);
}

#[test]
fn a_turned_page_shows_the_signature_upright() {
    for degrees in [90, 180, 270] {
        let mut file = File::with_pages(1);
        file.extend(3, &format!("/Rotate {degrees}/CropBox[10 20 290 190]"));
        let original = file.bytes(Style::Classic);
        let request = SignatureRequest { placement: at(5.0, 5.0, 120.0, 60.0), ..with(boxed()) };
        let (prepared, whole) = signed(&original, &request).unwrap();
        assert_consistent(&original, &prepared, &whole);
        peers::write(&format!("visible-rotate-{degrees}.pdf"), &whole);
        let (widget, form) = widget(&whole);
        assert!(form.dictionary.get("Matrix").is_some());
        let turned = widget.get("MK").and_then(Object::as_dictionary).and_then(|mk| mk.get("R"));
        assert_eq!(turned, Some(&Object::Integer(degrees)));
    }
}

#[test]
fn an_existing_fields_rectangle_is_used() {
    let original = with_field("").bytes(Style::Classic);
    let request = SignatureRequest { placement: Placement::FieldRect, ..existing("Buyer") };
    let (prepared, whole) = signed(&original, &request).unwrap();
    assert_consistent(&original, &prepared, &whole);
    peers::write("visible-field.pdf", &whole);
    let (_, form) = widget(&whole);
    let bounds = form.dictionary.get("BBox").and_then(Object::as_array).unwrap();
    let numbers: Vec<f64> = bounds.iter().filter_map(Object::as_number).collect();
    assert_eq!(numbers, [0.0, 0.0, 150.0, 50.0]);
}

#[test]
fn an_anchor_text_gives_the_place() {
    for (side, x) in [(AnchorSide::RightOf, 129.0), (AnchorSide::Over, 20.0), (AnchorSide::Below, 20.0)] {
        let placement =
            Placement::AtText { text: "Page 2 of a  contract".into(), side, width: 100.0, height: 30.0 };
        let original = File::with_pages(3).bytes(Style::Stream);
        let (prepared, whole) = signed(&original, &SignatureRequest { placement, ..request() }).unwrap();
        assert_consistent(&original, &prepared, &whole);
        assert_eq!(prepared.page, Some(1));
        let (widget, _) = widget(&whole);
        let rect = widget.get("Rect").and_then(Object::as_array).unwrap();
        let left = rect[0].as_number().unwrap();
        assert!((left - x).abs() < 12.0, "{side:?} {left}");
        peers::write(&format!("visible-anchor-{side:?}.pdf"), &whole);
    }
}

#[test]
fn an_anchor_text_must_occur_exactly_once() {
    let at_text = |text: &str| {
        let placement =
            Placement::AtText { text: text.into(), side: AnchorSide::Below, width: 90.0, height: 30.0 };
        refusal(&File::with_pages(3), &SignatureRequest { placement, ..request() })
    };
    assert_eq!(at_text("of a contract").code, "pdf.sign.anchor-ambiguous");
    assert_eq!(at_text("Sign here").code, "pdf.sign.anchor-missing");
    assert_eq!(at_text(" \n").code, "pdf.sign.anchor-missing");
}

#[test]
fn text_that_cannot_be_shown_is_refused() {
    let refused = |change: &dyn Fn(&mut SignatureRequest)| {
        let mut request = with(boxed());
        change(&mut request);
        refusal(&File::with_pages(1), &request).code
    };
    assert_eq!(refused(&|r| r.name = Some("山田太郎".into())), "appearance.glyphs-missing");
    assert_eq!(refused(&|r| r.name = Some("a\u{202E}b".into())), "appearance.control-character");
    assert_eq!(refused(&|r| r.placement = at(0.0, 0.0, 8.0, 8.0)), "appearance.text-does-not-fit");
    assert_eq!(refused(&|r| r.reason = Some("x ".repeat(30_000))), "appearance.text-does-not-fit");
    let font = pdf::appearance::FontFile::given(vec![0; 100], 0);
    let appearance = Appearance { font, ..boxed() };
    assert_eq!(refused(&|r| r.appearance = Some(appearance.clone())), "appearance.font");
    let appearance = Appearance { picture: Some(Picture::Image(vec![1, 2, 3].into())), ..boxed() };
    assert_eq!(refused(&|r| r.appearance = Some(appearance.clone())), "appearance.image");
}

#[test]
fn pdf_a_gets_no_transparency_nor_device_colours() {
    for part in [1, 2] {
        let mut file = File::with_pages(1);
        let xmp =
            format!("<x:xmpmeta xmlns:x='adobe:ns:meta/'><pdfaid:part>{part}</pdfaid:part></x:xmpmeta>");
        let metadata = file.stream("/Type/Metadata/Subtype/XML", xmp.as_bytes());
        file.extend(1, &format!("/Metadata {metadata} 0 R"));
        file.version = if part == 1 { "1.4" } else { "1.7" };
        let picture = Some(Picture::Image(png(png::ColorType::Rgba).into()));
        let original = file.bytes(Style::Classic);
        let (prepared, whole) = signed(&original, &with(Appearance { picture, ..boxed() })).unwrap();
        assert_consistent(&original, &prepared, &whole);
        let tail = String::from_utf8_lossy(&prepared.tail).into_owned();
        assert!(!tail.contains("/SMask") && !tail.contains("/Device"), "{part}");
        assert_eq!(tail.contains("/CIDSet"), part == 1);
        assert_eq!(tail.contains("/Extensions"), part == 2);
        peers::write(&format!("visible-pdfa-{part}.pdf"), &whole);
    }
}
