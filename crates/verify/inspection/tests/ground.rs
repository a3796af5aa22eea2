//! What lies under a field, a signature or an annotation is everything that a page shows there.

mod revisions;

use revisions::{File, NEW_SIGNATURE, NEW_TIMESTAMP, reasons};
use undersign_inspection::{ChangeLevel, Judgement};

/// A signed page with this content, form and these annotations (from 20 on), whose fields are `fields`.
fn page(content: &str, fields: &str, objects: &[(u32, &str)]) -> File {
    let annotations: String = objects
        .iter()
        .filter(|(_, object)| object.contains("/Rect"))
        .map(|(number, _)| format!("{number} 0 R "))
        .collect();
    let page = format!(
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 5 0 R/Resources<</Font<</F1 6 0 R>>/XObject<</I 16 0 R>>>>/Annots[7 0 R {annotations}]>>"
    );
    let form = format!("<</Fields[7 0 R {fields}]/SigFlags 3/DR<</Font<</F1 6 0 R>>>>>>");
    let content = format!("<</Length {}>>stream\n{content}\nendstream", content.len());
    let image = "<</Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray/Length 1>>stream\n0\nendstream";
    let mut all = vec![(3, page.as_str()), (4, &form), (5, &content), (16, image)];
    all.extend(objects);
    File::signed(&all)
}

/// An appearance; only one that shows text has a font.
fn form(content: &str) -> String {
    let fonts = if content.contains("Tj") { "/Resources<</Font<</F1 6 0 R>>>>" } else { "" };
    let entries = format!("/Type/XObject/Subtype/Form/BBox[0 0 100 20]{fonts}");
    format!("<<{entries}/Length {}>>stream\n{content}\nendstream", content.len())
}

const WHITE: &str = "1 g 0 0 100 20 re f";

/// A text field on that content, filled in.
fn filled(content: &str, rect: &str, flags: &str) -> File {
    let field = |value: &str| {
        format!("<</Type/Annot/Subtype/Widget/FT/Tx/T(o)/F {flags}/P 3 0 R/Rect{rect}{value}>>")
    };
    let file = page(content, "20 0 R", &[(20, &field("")), (21, "260")]);
    file.update(&[(20, &field("/V(x)/AP<</N 22 0 R>>")), (22, &form(WHITE))])
}

/// An ink that paints an area of that content.
fn painted(content: &str, rect: &str) -> File {
    let file = page(content, "", &[(20, "<</Type/Annot/Subtype/Link/Rect[1 1 2 2]/Border[0 0 0]>>")]);
    painted_on(file, rect, "7 0 R 20 0 R")
}

fn painted_on(file: File, rect: &str, annotations: &str) -> File {
    let page = format!(
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 5 0 R/Resources<</Font<</F1 6 0 R>>/XObject<</I 16 0 R>>>>/Annots[{annotations} 30 0 R]>>"
    );
    let ink = format!("<</Type/Annot/Subtype/Ink/F 4/Rect{rect}/AP<</N 31 0 R>>>>");
    file.update(&[(3, &page), (30, &ink), (31, &form(WHITE))])
}

fn is_undecided(file: &File) -> bool {
    matches!(file.approved(), Judgement::Overlaid { .. })
}

fn is_filling(file: &File) -> bool {
    file.certified(2) == Judgement::Permitted { level: ChangeLevel::FormFilling }
}

const AMOUNT: &str = "BT /F1 24 Tf 72 650 Td (Amount: -500.25) Tj ET";

#[test]
fn every_glyph_that_is_no_white_space_is_ground_also_in_part() {
    // Amount: -500.25 begins at 72, one figure is 13.3 wide; the minus begins at 172, the point at 220.
    for rect in ["[172 655 180 663]", "[220 649 226 656]", "[185 650 187 660]", "[209 645 212 680]"] {
        assert!(is_undecided(&painted(AMOUNT, rect)), "{rect}");
        assert!(reasons(&painted(AMOUNT, rect).certified(3)).contains("evil annotation"), "{rect}");
        assert!(is_undecided(&filled(AMOUNT, rect, "4")), "{rect}");
    }
    assert!(!is_undecided(&painted(AMOUNT, "[300 300 400 320]")));
    // Right beside a figure, another one could be drawn.
    assert!(is_undecided(&painted(AMOUNT, "[260 650 270 668]")));
}

#[test]
fn what_a_mapping_calls_a_dash_or_a_space_is_ground() {
    let map = |text: &str| {
        let map = format!(
            "/CIDInit/ProcSet findresource begin begincmap 1 begincodespacerange <00><FF> endcodespacerange 3 beginbfchar <31><{text}> <30><{text}> <39><{text}> endbfchar endcmap end"
        );
        format!("<</Length {}>>stream\n{map}\nendstream", map.len())
    };
    for text in ["002D", "0020"] {
        let font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 17 0 R>>";
        let content = "BT /F1 24 Tf 72 650 Td (1009) Tj ET";
        let file = page(content, "", &[(6, font), (17, &map(text))]);
        assert!(is_undecided(&painted_on(file, "[72 650 140 670]", "7 0 R")), "{text}");
    }
}

#[test]
fn rows_of_one_fill_character_are_places_to_write() {
    for row in ["____________", "............", ". . . . . . . .", "------------"] {
        let content = format!("BT /F1 12 Tf 72 650 Td (Name: ) Tj ({row}) Tj ET");
        assert!(is_filling(&filled(&content, "[112 646 250 664]", "4")), "{row}");
    }
    for few in ["___", "_._._._", "1.5", "-5"] {
        let content = format!("BT /F1 12 Tf 112 650 Td ({few}) Tj ET");
        assert!(is_undecided(&filled(&content, "[112 646 250 664]", "4")), "{few}");
    }
}

#[test]
fn borders_and_backgrounds_of_a_field_are_its_place() {
    for content in [
        "0.9 g 70 640 200 30 re f",
        "1 g 0 0 595 842 re f",
        "70 640 200 24 re S",
        "70 640 m 270 640 l 270 664 l 70 664 l h S",
        "72 648 m 268 648 l S",
        "72 647.5 196 0.5 re f",
        "120.5 640 m 120.5 664 l 170 640 m 170 664 l 219.5 640 m 219.5 664 l S",
        "BT /F1 12 Tf 72 690 Td (Name) Tj ET 0 0 40 40 re S",
        "q 90 0 0 20 300 300 cm /I Do Q",
    ] {
        assert!(is_filling(&filled(content, "[71 641 269 663]", "4")), "{content}");
    }
}

#[test]
fn lines_outlines_and_pictures_within_a_field_are_ground() {
    for content in [
        "100 650 m 110 650 l 110 660 l S",
        "100 648 9 12 re f",
        "100 648 m 104 660 l 108 648 l f",
        "100 648 m 100 660 l S",
        "120 640 m 120 664 l 170 640 m 170 664 l S",
        "120 640 m 120 664 l S",
        "4 w 60 650 m 300 650 l S",
        "300 q 100 648 9 9 re f",
        "100 648 9 12 30 re n",
        "q 90 0 0 20 100 645 cm /I Do Q",
        "q 30 0 0 20 100 645 cm BI /W 1 /H 1 /BPC 8 /CS /G ID x EI Q",
        "q 100 645 20 9 re W n 0 0 595 842 re f Q",
        "q 100 645 m 120 645 l 110 660 l h W n 0 0 595 842 re f Q",
        "/I sh",
        "BT 72 645 Td (no font) Tj ET",
    ] {
        assert!(is_undecided(&filled(content, "[71 641 269 663]", "4")), "{content}");
        assert!(is_undecided(&painted(content, "[71 641 269 663]")), "{content}");
    }
}

#[test]
fn a_short_line_under_a_small_field_can_be_a_minus() {
    for rect in ["[100 648 110 658]", "[98 646 112 660]"] {
        assert!(is_undecided(&filled("99 653 m 111 653 l S", rect, "4")), "{rect}");
    }
    assert!(is_filling(&filled("80 653 m 130 653 l S", "[98 646 112 660]", "4")));
}

#[test]
fn what_only_a_mapping_calls_a_row_of_points_has_to_be_long() {
    let map = "begincmap 1 begincodespacerange <00><FF> endcodespacerange 1 beginbfchar <30><002E> endbfchar endcmap";
    let map = format!("<</Length {}>>stream\n{map}\nendstream", map.len());
    let font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 17 0 R>>";
    for (row, undecided) in [("0000", true), ("0000000000", false)] {
        let content = format!("BT /F1 12 Tf 112 650 Td ({row}) Tj ET");
        let field = |value: &str| {
            format!("<</Type/Annot/Subtype/Widget/FT/Tx/T(o)/F 4/P 3 0 R/Rect[110 646 250 664]{value}>>")
        };
        let file = page(&content, "20 0 R", &[(6, font), (17, &map), (20, &field(""))]);
        let file = file.update(&[(20, &field("/V(x)/AP<</N 22 0 R>>")), (22, &form(WHITE))]);
        assert_eq!(is_undecided(&file), undecided, "{row}");
    }
}

#[test]
fn what_is_saved_too_often_or_written_with_other_operands_is_not_read_to_its_end() {
    let fonts = "BT /F1 12 Tf 72 700 Td (x) Tj ET ".repeat(300);
    assert!(is_filling(&filled(&fonts, "[300 641 369 663]", "4")));
    let deep = format!("{} 1 0 0 1 300 0 cm {}", "q ".repeat(300), "Q ".repeat(300));
    for content in [&*deep, "1 2 3 4 5 6 7 cm", "BT /F1 12 Tf 1 2 3 Td (x) Tj ET", "BT /F9 12 Tf (x) Tj ET"] {
        assert!(is_undecided(&filled(content, "[300 641 369 663]", "4")), "{content}");
    }
}

#[test]
fn glyphs_that_are_content_streams_are_ground_where_they_draw() {
    let font = "<</Type/Font/Subtype/Type3/FontBBox[0 0 1 1]/FontMatrix[.001 0 0 .001 0 0]/FirstChar 32/LastChar 32/Widths[500]/CharProcs<</space 17 0 R>>/Encoding<</Differences[32/space]>>>>";
    let nested = font.replace("/CharProcs", "/Resources<</Font<</F1 6 0 R>>>>/CharProcs");
    let content = "BT /F1 12 Tf 72 650 Td ( ) Tj ET";
    let glyph = |drawing: &str| format!("<</Length {}>>stream\n{drawing}\nendstream", drawing.len());
    for (font, drawing, undecided) in [
        (font, "500 0 d0", false),
        (font, "500 0 d0 0 0 500 700 re f", false),
        (font, "500 0 d0 20000 -30000 500 700 re f", true),
        (font, "500 0 d0 q 500 0 0 500 20000 -30000 cm BI /W 1 /H 1 /BPC 1 /IM true ID x EI Q", true),
        (font, "500 0 d0 /X Do", true),
        (&*nested, "500 0 d0 BT /F1 1 Tf ( ) Tj ET", true),
    ] {
        // 20000 to the right and 30000 down, at a size of 12, is at 312 and 290.
        let file = page(content, "", &[(6, font), (17, &glyph(drawing))]);
        assert_eq!(is_undecided(&painted_on(file, "[300 285 400 305]", "7 0 R")), undecided, "{drawing}");
    }
    let file = page(content, "", &[(6, font), (17, &glyph("500 0 d0 0 0 500 700 re f"))]);
    assert!(is_undecided(&painted_on(file, "[70 652 74 656]", "7 0 R")));
}

#[test]
fn the_outlines_of_an_embedded_font_say_what_a_glyph_is() {
    use std::fmt::Write;
    let program = include_bytes!("../../../formats/pdf/fonts/DejaVuSans.ttf");
    let mut hexadecimal = String::with_capacity(2 * program.len());
    program.iter().for_each(|byte| write!(hexadecimal, "{byte:02X}").expect("memory"));
    let length = hexadecimal.len() + 1;
    let program = format!("<</Filter/ASCIIHexDecode/Length {length}>>stream\n{hexadecimal}>\nendstream");
    let font = "<</Type/Font/Subtype/Type0/BaseFont/D/Encoding/Identity-H/ToUnicode 17 0 R/DescendantFonts[18 0 R]>>";
    let descendant = "<</Type/Font/Subtype/CIDFontType2/BaseFont/D/FontDescriptor 19 0 R/DW 300>>";
    let descriptor = "<</Type/FontDescriptor/FontName/D/Flags 4/FontFile2 25 0 R>>";
    // In this font, space is 3, a point 17, the figure one 20, an underscore 66.
    for (code, text, undecided) in [
        ("0003", "0020", false),
        ("0014", "0020", true),
        ("00140014001400140014001400140014", "002E", true),
        ("0014001400140014", "002E", true),
        ("0042004200420042", "005F", false),
        ("0011001100110011", "002E", false),
    ] {
        let first = &code[..4];
        let map = format!(
            "begincmap 1 begincodespacerange <0000><FFFF> endcodespacerange 1 beginbfchar <{first}><{text}> endbfchar endcmap"
        );
        let map = format!("<</Length {}>>stream\n{map}\nendstream", map.len());
        let content = format!("BT /F1 12 Tf 112 650 Td <{code}> Tj ET");
        let field = |value: &str| {
            format!("<</Type/Annot/Subtype/Widget/FT/Tx/T(o)/F 4/P 3 0 R/Rect[110 646 250 664]{value}>>")
        };
        let objects =
            [(6, font), (17, &map), (18, descendant), (19, descriptor), (25, &program), (20, &field(""))];
        let file = page(&content, "20 0 R", &objects);
        let file = file.update(&[(20, &field("/V(x)/AP<</N 22 0 R>>")), (22, &form(WHITE))]);
        assert_eq!(is_undecided(&file), undecided, "{code} {text} {:?}", file.approved());
    }
}

#[test]
fn other_fields_and_annotations_are_ground() {
    let other =
        "<</Type/Annot/Subtype/Widget/FT/Tx/T(price)/V(100)/F 4/Rect[72 640 172 660]/AP<</N 23 0 R>>>>";
    let own = "<</Type/Annot/Subtype/Widget/FT/Tx/T(o)/F 4/Rect[100 645 200 665]>>";
    let filled = own.replace("/Rect", "/V(x)/AP<</N 22 0 R>>/Rect");
    let value = form("BT /F1 12 Tf (100) Tj ET");
    let stamp = "<</Type/Annot/Subtype/Stamp/F 4/Rect[72 640 172 660]/AP<</N 23 0 R>>>>";
    for (other, fields) in [(other, "20 0 R 24 0 R"), (stamp, "20 0 R")] {
        let file = page("", fields, &[(20, own), (23, &value), (24, other)]);
        let update = file.clone().update(&[(20, &filled), (22, &form(WHITE))]);
        assert!(is_undecided(&update), "{other}");
        assert!(is_undecided(&painted_on(file, "[80 645 90 655]", "7 0 R 20 0 R 24 0 R")), "{other}");
    }
    let beside = other.replace("[72 640 172 660]", "[72 640 101 660]");
    let file = page("", "20 0 R 24 0 R", &[(20, own), (23, &value), (24, &beside)]);
    assert!(is_filling(&file.update(&[(20, &filled), (22, &form(WHITE))])));
    let hidden = other.replace("/F 4", "/F 2");
    let file = page("", "20 0 R 24 0 R", &[(20, own), (23, &value), (24, &hidden)]);
    assert!(is_filling(&file.update(&[(20, &filled), (22, &form(WHITE))])));
}

#[test]
fn a_field_of_which_only_the_value_and_the_appearance_are_written_again_is_found_on_its_page() {
    let field = "<</Type/Annot/Subtype/Widget/FT/Tx/T(o)/F 4/Rect[72 640 260 676]/V 21 0 R/AP<</N 22 0 R>>>>";
    let file = page(AMOUNT, "20 0 R", &[(20, field), (21, "(a)"), (22, &form("n"))]);
    let file = file.update(&[(21, "(b)"), (22, &form(WHITE))]);
    assert!(is_undecided(&file));
    assert!(matches!(file.certified(2), Judgement::Overlaid { .. }));
    let file = page("", "20 0 R", &[(20, field), (21, "(a)"), (22, &form("n"))]);
    assert!(is_filling(&file.update(&[(21, "(b)"), (22, &form(WHITE))])));
}

#[test]
fn rectangles_and_flags_are_followed() {
    for (rect, flags) in [("[72 640 21 0 R 676]", "4"), ("[72 640 260]", "4"), ("[72 640 260 676]", "36")] {
        assert!(is_undecided(&filled(AMOUNT, rect, flags)), "{rect} {flags}");
    }
    assert!(is_filling(&filled(AMOUNT, "[72 640 260 676]", "32")));
    // Bits that not every reader keeps hide nothing.
    assert!(is_undecided(&filled(AMOUNT, "[72 640 260 676]", "4294967298")));
    // With a fixed size and without turning, it shows elsewhere.
    assert!(is_undecided(&filled(AMOUNT, "[72 500 260 536]", "28")));
}

#[test]
fn a_signature_in_a_field_that_was_there_is_looked_at_like_a_new_one() {
    let field = "<</Type/Annot/Subtype/Widget/FT/Sig/T(o)/F 4/P 3 0 R/Rect[72 640 260 676]>>";
    for (value, content, undecided) in [
        (NEW_SIGNATURE, AMOUNT, true),
        (NEW_TIMESTAMP, AMOUNT, true),
        (NEW_SIGNATURE, "72 645 m 260 645 l S", false),
        // A scanned page: a signer answers for what a signature shows, nobody does for a timestamp.
        (NEW_SIGNATURE, "q 200 0 0 60 66 630 cm /I Do Q", false),
        (NEW_TIMESTAMP, "q 200 0 0 60 66 630 cm /I Do Q", true),
    ] {
        let signed = field.replace("/Rect", "/V 21 0 R/AP<</N 22 0 R>>/Rect");
        let file = page(content, "20 0 R", &[(20, field)]);
        let file = file.update(&[(20, &signed), (21, value), (22, &form(WHITE))]);
        assert_eq!(is_undecided(&file), undecided, "{content} {:?}", file.approved());
        assert_eq!(matches!(file.certified(2), Judgement::Overlaid { .. }), undecided, "{content}");
    }
}

#[test]
fn annotations_that_are_drawn_in_another_order_are_undecided() {
    let stamp = "<</Type/Annot/Subtype/Stamp/F 4/Rect[72 640 172 660]/AP<</N 23 0 R>>>>";
    let value = form("BT /F1 12 Tf (100) Tj ET");
    let objects = [(20, stamp), (21, stamp), (22, stamp), (23, value.as_str())];
    let listed = |list: &str| {
        format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 5 0 R/Resources<</Font<</F1 6 0 R>>/XObject<</I 16 0 R>>>>/Annots[{list}]>>"
        )
    };
    for list in
        ["7 0 R 21 0 R 20 0 R 22 0 R", "7 0 R 20 0 R 21 0 R 22 0 R 20 0 R", "20 0 R 21 0 R 22 0 R 7 0 R"]
    {
        let file = page("", "", &objects).update(&[(3, &listed(list))]);
        assert!(!matches!(file.approved(), Judgement::Permitted { .. } | Judgement::None), "{list}");
        assert!(!matches!(file.certified(3), Judgement::Permitted { .. } | Judgement::None), "{list}");
    }
    let direct = "<</Type/Annot/Subtype/Link/Border[0 0 0]/Rect[1 1 2 2]>>";
    let file =
        page("", "", &objects).update(&[(3, &listed(&format!("7 0 R 20 0 R 21 0 R 22 0 R {direct}")))]);
    assert!(matches!(file.approved(), Judgement::Permitted { .. }));
    let file = file.update(&[(3, &listed(&format!("7 0 R 20 0 R {direct} 21 0 R 22 0 R")))]);
    assert!(is_undecided(&file));
}

#[test]
fn a_comment_of_which_only_the_drawing_changes_is_found_on_its_page() {
    let ink = "<</Type/Annot/Subtype/Ink/F 4/Rect[300 300 400 320]/AP<</N 21 0 R>>>>";
    let thick = form("9 w 0 0 m 50 9 l S");
    let file = page(AMOUNT, "", &[(20, ink), (21, &thick)]).update(&[(21, &form("9 w 9 0 m 50 9 l S"))]);
    assert_eq!(file.certified(3), Judgement::Permitted { level: ChangeLevel::Annotation });
    let over = ink.replace("[300 300 400 320]", "[80 640 180 660]");
    let file = page(AMOUNT, "", &[(20, &over), (21, &thick)]).update(&[(21, &form("n"))]);
    assert!(reasons(&file.certified(3)).contains("shadow attack: hide"));
}

#[test]
fn what_is_drawn_on_blank_ground_is_told() {
    let file = painted(AMOUNT, "[300 300 400 320]");
    assert_eq!(file.certified(3), Judgement::Permitted { level: ChangeLevel::Annotation });
    let later = file.later(0);
    let told = |code: &str| later.revisions[0].findings.iter().any(|finding| finding.code == code);
    assert!(told("changes.annotation-added"));
}
