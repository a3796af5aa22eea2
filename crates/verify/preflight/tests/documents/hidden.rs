//! Content that is there and not seen, or not what it seems.

use crate::build::File;
use types::Severity;

#[test]
fn the_guide_lists_every_code() {
    let guide = include_str!("../../../../../docs/guide/preflight.md");
    for code in undersign_preflight::CODES {
        let row =
            format!("| `{}` | {} | {} | {} |", code.name, code.severity.as_str(), code.about, code.hint);
        assert!(guide.contains(&row), "{row}");
    }
    assert_eq!(guide.matches("| `preflight.").count(), undersign_preflight::CODES.len());
}

fn text(before: &str, text: &str, after: &str) -> File {
    File::new(&format!("{before} BT /F1 12 Tf 20 150 Td ({text}) Tj ET {after}"))
}

#[test]
fn text_that_cannot_be_seen_is_found() {
    for (content, code) in [
        ("BT 3 Tr /F1 12 Tf 20 150 Td (secret) Tj ET", "text.invisible"),
        ("BT 7 Tr /F1 12 Tf 20 150 Td (secret) Tj ET", "text.invisible"),
        ("1 g BT /F1 12 Tf 20 150 Td (secret) Tj ET", "text.background"),
        ("0.98 1 0.99 rg BT /F1 12 Tf 20 150 Td (secret) Tj ET", "text.background"),
        ("0 0 0 0 k BT /F1 12 Tf 20 150 Td (secret) Tj ET", "text.background"),
        ("/DeviceRGB cs 1 1 1 sc BT /F1 12 Tf 20 150 Td (secret) Tj ET", "text.background"),
        ("1 0 0 rg 0 100 200 90 re f BT /F1 12 Tf 20 150 Td (secret) Tj ET", "text.background"),
        ("BT /F1 0.5 Tf 20 150 Td (secret) Tj ET", "text.tiny"),
        ("0.01 0 0 0.01 0 0 cm BT /F1 12 Tf 20 150 Td (secret) Tj ET", "text.tiny"),
        ("BT /F1 12 Tf 20 950 Td (secret) Tj ET", "content.outside"),
        ("0 0 9 9 re W n BT /F1 12 Tf 20 150 Td (secret) Tj ET", "text.clipped"),
        ("BT /F1 12 Tf 20 150 Td (secret) Tj ET 1 g 0 100 200 90 re f", "text.covered"),
        ("BT /F1 12 Tf 20 150 Td (secret) Tj ET 0 100 m 200 100 l 200 190 l 0 190 l h f", "text.covered"),
    ] {
        assert_eq!(File::new(content).codes(), [code], "{content}");
    }
}

#[test]
fn text_that_can_be_seen_is_not_found() {
    for (before, after) in [
        ("", ""),
        ("0 g 0 100 200 90 re f 1 g", ""),
        ("0 100 m 200 100 l 100 300 l f 1 g", ""),
        ("1 g 0 100 200 90 re f 0 g", ""),
        ("q 1 g Q", ""),
        ("1 Tr 1 g 0 G", ""),
        ("", "0 0 10 10 re f"),
        ("", "0 100 200 90 re S"),
        ("", "0 0 9 9 re W n 0 100 200 90 re f"),
        ("/Pattern cs /P1 scn", ""),
    ] {
        assert!(text(before, "plain", after).codes().is_empty(), "{before} {after}");
    }
}

#[test]
fn transparency_hides_text_or_lets_it_through() {
    let states = "/ExtGState<</Z<</ca 0>>/H<</ca 0.5>>/M<</BM/Multiply>>>>";
    assert_eq!(text("/Z gs", "secret", "").resources(states).codes(), ["text.transparent", "transparency"]);
    let highlighted = text("", "plain", "/M gs 1 1 0 rg 0 100 200 90 re f").resources(states);
    assert_eq!(highlighted.codes(), ["transparency"]);
    let half = text("", "plain", "/H gs 1 g 0 100 200 90 re f").resources(states);
    assert_eq!(half.codes(), ["transparency"]);
}

#[test]
fn forms_and_images_are_looked_into() {
    let form = "/Type/XObject/Subtype/Form/BBox[0 0 300 200]/Resources<</Font<</F1<</Type/Font/Subtype/Type1\
                /BaseFont/Helvetica>>>>>>";
    let file = File::new("1 g /X Do")
        .resources("/XObject<</X 5 0 R>>")
        .with_stream(form, b"BT /F1 12 Tf 20 150 Td (secret) Tj ET");
    assert_eq!(file.codes(), ["text.background"]);
    let image = "/Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray";
    let scan = "q 300 0 0 200 0 0 cm /X Do Q BT 3 Tr /F1 12 Tf 20 150 Td (words) Tj ET";
    let scan = File::new(scan).resources("/XObject<</X 5 0 R>>").with_stream(image, b"x");
    assert_eq!(scan.codes(), ["text.recognised"]);
    let covered = text("", "secret", "300 0 0 200 0 0 cm /X Do");
    let covered = covered.resources("/XObject<</X 5 0 R>>").with_stream(image, b"x");
    assert_eq!(covered.codes(), ["text.covered"]);
    let inline = "300 0 0 200 0 0 cm BI /W 1 /H 1 /IM true ID \0 EI";
    assert!(text("", "plain", inline).codes().is_empty());
}

#[test]
fn text_outside_the_crop_box_is_found() {
    assert_eq!(text("", "secret", "").page("/CropBox[0 0 300 100]").codes(), ["content.outside"]);
}

#[test]
fn glyphs_that_stand_for_other_text_are_found() {
    let with = |map: &str| {
        let form = "/Type/XObject/Subtype/Form/BBox[0 0 300 200]/Resources<</Font<</F2 5 0 R>>>>";
        File::new("/X Do")
            .resources("/XObject<</X 7 0 R>>")
            .object(
                "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding/ToUnicode 6 0 R>>",
            )
            .with_stream("", format!("1 beginbfchar <31> <{map}> endbfchar").as_bytes())
            .with_stream(form, b"BT /F2 12 Tf 20 150 Td (1) Tj ET")
    };
    assert_eq!(with("0037").severity("font.mapping"), Some(Severity::Error));
    assert!(with("0031").severity("font.mapping").is_none());
    assert!(with("FF11").severity("font.mapping").is_none());
}

fn annotated(entries: &str, appearance: &[u8]) -> File {
    text("", "words", "")
        .page(&format!("/Annots[<</Type/Annot/Rect[10 140 200 180]{entries}/AP<</N 5 0 R>>>>]"))
        .with_stream("/Type/XObject/Subtype/Form/BBox[0 0 190 40]", appearance)
}

#[test]
fn annotations_that_cover_or_hide_are_found() {
    let opaque = b"1 g 0 0 190 40 re f";
    for (entries, appearance, code) in [
        ("/Subtype/Square/F 4", &opaque[..], "annotation.covers"),
        ("/Subtype/Widget/FT/Tx/F 4", &opaque[..], "annotation.covers"),
        ("/Subtype/Square/F 6", &opaque[..], "annotation.hidden"),
        ("/Subtype/Square/F 36", &opaque[..], "annotation.print-only"),
        ("/Subtype/Square/F 32", &opaque[..], "annotation.hidden"),
        ("/Subtype/Square/F 0", b"0 0 m 9 9 l 9 0 l f", "annotation.screen-only"),
    ] {
        assert_eq!(annotated(entries, appearance).codes(), [code], "{entries}");
    }
    assert!(annotated("/Subtype/Square/F 4", b"0 0 m 9 9 l 9 0 l f").codes().is_empty());
    assert_eq!(
        File::new("").page("/Annots[<</Subtype/FreeText/Rect[0 0 9 9]/F 4>>]").codes(),
        ["annotation.no-appearance"]
    );
}

#[test]
fn widgets_over_the_page_and_annotations_over_each_other_are_found() {
    let form = "/Type/XObject/Subtype/Form/BBox[0 0 10 10]";
    let page = "/Annots[<</Subtype/Widget/F 4/Rect[0 0 300 200]/AP<</N 5 0 R>>>>]";
    let file = File::new("").page(page).with_stream(form, b"0 0 m 9 9 l 9 0 l f");
    assert_eq!(file.severity("annotation.page-sized"), Some(Severity::Error));
    let two = "/Annots[<</Subtype/Square/F 4/Rect[10 10 50 50]/AP<</N 5 0 R>>>>\
               <</Subtype/Square/F 4/Rect[0 0 60 60]/AP<</N 5 0 R>>>>]";
    let file = File::new("").page(two).with_stream(form, b"0 0 10 10 re f");
    assert_eq!(file.codes(), ["annotation.overlap"]);
}

#[test]
fn fonts_that_are_not_there_are_told_apart() {
    let missing =
        File::new("").resources("/Pattern 5 0 R").object("<</Type/Font/Subtype/TrueType/BaseFont/Arial>>");
    assert_eq!(missing.codes(), ["font.not-embedded"]);
}
