//! What an annotation may draw over text: one dark stroke or two through or under it, a thin frame around it, a light
//! colour that is multiplied with it. Everything else hides or redraws it.

mod revisions;

use revisions::{File, reasons};
use std::fmt::Write;
use undersign_inspection::{ChangeLevel, Judgement};

const CONTENT: &str = "<</Length 48>>stream\nBT /F1 24 Tf 72 650 Td (Amount: 500.25) Tj ET    \nendstream";
const RECT: &str = "[72 640 260 676]";
const MULTIPLY: &str = "/Resources<</ExtGState<</G<</BM/Multiply>>>>>>";

/// The signed page with these annotations, each with its object number, and other objects put on it.
fn with(annotations: &[(u32, String)], objects: &[(u32, String)]) -> File {
    let mut list = String::new();
    for (number, _) in annotations {
        write!(list, " {number} 0 R").expect("memory");
    }
    let page = revisions::SIGNED[2].1.replace("14 0 R]", &format!("14 0 R{list}]"));
    let mut all = vec![(3, page.as_str())];
    all.extend(annotations.iter().chain(objects).map(|(number, object)| (*number, object.as_str())));
    File::signed(&[(5, CONTENT)]).update(&all)
}

fn form(entries: &str, content: &str) -> String {
    let bounds = "/Type/XObject/Subtype/Form/BBox[0 0 188 36]";
    format!("<<{bounds}{entries}/Length {}>>stream\n{content}\nendstream", content.len())
}

/// An annotation whose appearance has these entries and this content.
fn drawn(kind: &str, entries: &str, content: &str) -> File {
    let annotation = format!("<</Type/Annot/Subtype{kind}/F 4/Rect{RECT}/AP<</N 21 0 R>>>>");
    with(&[(20, annotation)], &[(21, form(entries, content))])
}

/// An annotation without appearance.
fn plain(annotation: &str) -> File {
    with(&[(20, format!("<</Type/Annot/F 4/Subtype{annotation}>>"))], &[])
}

fn is_permitted(file: &File) -> bool {
    let level = ChangeLevel::Annotation;
    file.approved() == Judgement::Permitted { level } && file.certified(3) == Judgement::Permitted { level }
}

fn is_evil(file: &File) -> bool {
    matches!(file.approved(), Judgement::Overlaid { .. })
        && reasons(&file.certified(3)).contains("evil annotation")
}

#[test]
fn a_stroke_through_or_under_text_is_permitted() {
    for content in [
        "1 0 0 RG 1 w 0 19 m 178 19 l S",
        "0 0 1 RG 1.5 w 0 8 m 178 8 l S 0 19 m 178 19 l S",
        "0 1 0 RG q 1 0 0 1 0 8 cm 0 0 m 178 0 l S Q",
    ] {
        assert!(is_permitted(&drawn("/StrikeOut", "", content)), "{content}");
    }
}

#[test]
fn strokes_that_erase_or_write_are_not() {
    let mut raster = String::from("1 G 3 w");
    for height in 0..18 {
        write!(raster, " 0 {0} m 188 {0} l", 2 * height).expect("memory");
    }
    for content in [
        &format!("{raster} S"),
        &format!("{} S", raster.replace("1 G 3 w", "0 G 1 w").replace(" m 188", " m 9")),
        "1 G 2 w 0 19 m 178 19 l S",
        "0.8 G 2 w 0 19 m 178 19 l S",
        "0 G 3 w 0 19 m 178 19 l S",
        "0 G 1 w 0 10 m 178 10 l 0 14 m 178 14 l 0 18 m 178 18 l S",
        "0 G 1 w 100 10 m 100 28 l S",
        "0 G 2 w 0 11 m 178 11 l S",
        "0 G 1 w 100 19 m 107 19 l S",
        "0 G [3 3] 0 d 1 w 0 19 m 178 19 l S",
        "0 G 1 w 60 0 0 1 0 0 cm 0 19 m 3 19 l S",
        "/CS0 CS 1 SC 1 w 0 19 m 178 19 l S",
    ] {
        for kind in ["/Ink", "/Underline", "/StrikeOut"] {
            assert!(is_evil(&drawn(kind, "", content)), "{kind} {content}");
        }
    }
}

#[test]
fn lines_reach_as_far_as_their_corners_and_ends_do() {
    // Above the text, with a corner that points down.
    let corner = |state: &str| format!("0 G 3 w {state} 66 75 m 70 36 l 74 75 l S");
    let near = |content: &str| {
        let form = form("", content).replace("[0 0 188 36]", "[0 0 188 90]");
        let ink = "<</Type/Annot/Subtype/Ink/F 4/Rect[72 640 260 730]/AP<</N 21 0 R>>>>";
        with(&[(20, ink.to_owned())], &[(21, form)])
    };
    for content in ["1 j", "2 j", "1 M"] {
        assert!(is_permitted(&near(&corner(content))), "{content}");
    }
    for content in ["", "0 j", "100 M", "10 M 3 j"] {
        assert!(is_evil(&near(&corner(content))), "{content}");
    }
    // A path that is closed goes back to its start.
    assert!(is_permitted(&near("0 G 1 j 3 w 4 60 m 60 75 l 120 60 l S")));
    assert!(is_evil(&near("0 G 1 j 3 w -30 12 m -30 75 l 220 75 l 220 12 l s")));
    assert!(is_evil(&near("0 G 3 w 70 36 m 74 75 l 66 75 l s")));
    assert!(is_evil(&near("0 G 1 w 100 M 60 75 m 65 36 70 36 75 75 c S")));
}

#[test]
fn numbers_and_bytes_that_readers_read_otherwise_cover() {
    for content in [
        "0 G 1 w 0 4294967315 m 178 4294967315 l S",
        "q 2000000000 0 0 1 0 0 cm 0 19 m 0 19 l S Q",
        "0 G 1 w 0 19 m 178 19 l S\u{7f}",
        "0 G 1 w 0 19 m 178 19 l S /A\u{1}B MP",
    ] {
        assert!(is_evil(&drawn("/StrikeOut", "", content)), "{content:?}");
    }
}

#[test]
fn colours_are_cut_before_they_are_mixed() {
    let highlight = |number: u32, colour: &str| {
        let points = "/QuadPoints[72 676 260 676 72 640 260 640]";
        (number, format!("<</Type/Annot/F 4/Subtype/Highlight/Rect{RECT}/C[{colour}]{points}>>"))
    };
    let both = [highlight(20, "1000 .001 .001"), highlight(21, ".001 .001 5000")];
    assert!(is_evil(&with(&both, &[])));
    assert!(is_permitted(&with(&[highlight(20, "1 1 0")], &[])));
}

#[test]
fn a_page_that_gives_colours_another_meaning_gives_it_to_what_is_on_it() {
    let signed = |spaces: &str| {
        let page = revisions::SIGNED[2].1.replace("/Resources<<", &format!("/Resources<<{spaces}"));
        let annotated = page.replace("14 0 R]", "14 0 R 20 0 R]");
        let annotation = format!("<</Type/Annot/Subtype/Highlight/F 4/Rect{RECT}/AP<</N 21 0 R>>>>");
        let layer = form(MULTIPLY, "/G gs 1 1 .5 rg 0 0 188 36 re f");
        File::signed(&[(3, &page), (5, CONTENT)]).update(&[(3, &annotated), (20, &annotation), (21, &layer)])
    };
    assert!(is_permitted(&signed("")));
    assert!(is_evil(&signed("/ColorSpace<</DefaultRGB[/ICCBased 12 0 R]>>")));
}

#[test]
fn strokes_of_several_annotations_are_counted_together() {
    let strike = |number: u32, height: u32| {
        let annotation =
            format!("<</Type/Annot/Subtype/StrikeOut/F 4/Rect{RECT}/AP<</N {} 0 R>>>>", number + 20);
        let line = form("", &format!("0 G 1 w 0 {height} m 178 {height} l S"));
        ((number, annotation), (number + 20, line))
    };
    let all = |heights: &[u32]| {
        let (annotations, forms): (Vec<_>, Vec<_>) =
            heights.iter().enumerate().map(|(index, height)| strike(20 + index as u32, *height)).unzip();
        with(&annotations, &forms)
    };
    assert!(is_permitted(&all(&[8, 19])));
    assert!(is_evil(&all(&[14, 17, 20])));
}

#[test]
fn markup_without_an_appearance_is_drawn_by_readers_as_they_like() {
    for annotation in [
        "/StrikeOut/Rect[300 300 310 310]/QuadPoints[72 676 260 676 72 640 260 640]",
        "/StrikeOut/Rect[72 640 260 676]/QuadPoints[72 676 260 676 72 640 260 640]",
        "/Highlight/Rect[72 640 260 676]/QuadPoints[72 676 260 676 72 640 260 640]",
        "/Highlight/Rect[72 640 260 676]/C[.2 .2 0]/QuadPoints[72 676 260 676 72 640 260 640]",
        "/Highlight/Rect[72 640 260 676]/C[1 1 0]/QuadPoints[172 676 360 676 172 640 360 640]",
        "/Line/Rect[300 300 400 310]/L[300 305 400 305]/LL 350/LLE 300",
        "/Text/Rect[168 640 208 676]/C[1 1 1]",
        "/Text/Rect[168 640 180 652]/C[1 1 1]",
        "/FileAttachment/Rect[72 640 260 676]/FS<</F(a)>>",
        "/FileAttachment/Rect[72 625 80 632]/FS<</F(a)>>",
        "/Link/Rect[72 640 260 660]/C[1 1 1]/Border[0 0 3]",
        "/Square/Rect[72 647 260 653]/C[1 1 1]/BS<</W 3>>",
        "/Ink/Rect[72 640 260 676]/InkList[[72 640 260 676]]",
    ] {
        assert!(is_evil(&plain(annotation)), "{annotation}");
    }
    for annotation in [
        "/Text/Rect[168 640 188 660]/C[1 1 0]/Contents(Is that right?)",
        "/Link/Rect[70 644 252 672]",
        "/Link/Rect[72 640 260 676]/Border[0 0 0]",
        "/Popup/Rect[72 640 260 676]",
        "/Highlight/Rect[72 640 260 676]/C[1 1 0]/QuadPoints[72 676 260 676 72 640 260 640]",
        "/Highlight/Rect[300 300 400 310]/QuadPoints[300 310 400 310 300 300 400 300]",
        "/Square/Rect[66 640 256 676]/C[1 0 0]",
    ] {
        assert!(is_permitted(&plain(annotation)), "{annotation}");
    }
}

#[test]
fn a_popup_that_brings_an_appearance_draws_it() {
    assert!(is_evil(&drawn("/Popup", "", "1 g 0 0 188 36 re f")));
}

#[test]
fn frames_over_one_place_are_counted() {
    let frames = |count: u32| {
        let frame = |index: u32| {
            let bottom = 642 + 3 * index;
            format!("<</Type/Annot/Subtype/Square/F 4/Rect[66 {bottom} 256 {}]/C[0 0 0]>>", bottom + 12)
        };
        let annotations: Vec<(u32, String)> = (0..count).map(|index| (20 + index, frame(index))).collect();
        with(&annotations, &[])
    };
    assert!(is_permitted(&frames(1)));
    assert!(is_evil(&frames(4)));
}

#[test]
fn light_layers_that_multiply_are_permitted_as_long_as_they_are_light_together() {
    assert!(is_permitted(&drawn("/Highlight", MULTIPLY, "/G gs 1 1 0 rg 0 6 188 24 re f")));
    let curved = "/G gs 0 1 0 rg 0 6 m -3 12 -3 24 0 30 c 188 30 l 191 24 191 12 188 6 c h f";
    assert!(is_permitted(&drawn("/Highlight", MULTIPLY, curved)));
    let spot = "/G gs 0 0 .5 0 k 0 6 188 24 re f 0 6 188 24 re f";
    assert!(is_permitted(&drawn("/Highlight", MULTIPLY, spot)));
    let nested = "/Resources<</ExtGState<</G<</BM/Multiply>>>>/XObject<</X 22 0 R>>>>";
    let annotation = format!("<</Type/Annot/Subtype/Highlight/F 4/Rect{RECT}/AP<</N 21 0 R>>>>");
    let file = with(
        &[(20, annotation)],
        &[(21, form(nested, "/G gs /X Do")), (22, form("", "1 1 0 rg 0 6 188 24 re f"))],
    );
    assert!(is_permitted(&file));
}

#[test]
fn what_multiplies_and_is_dark_or_undefined_or_stacked_or_drawn_fine_is_not() {
    let grey = "0.6 g 0 6 188 24 re f ".repeat(2);
    let glyph = "1 1 0 rg 0 6 3 24 re f 0 6 12 3 re f";
    let spaces = "/ColorSpace<</C[/Separation/X/DeviceGray<</FunctionType 2/Domain[0 1]/N 1/C0[1]/C1[0]>>]>>";
    let spotted = MULTIPLY.replace(">>>>>>", &format!(">>>>{spaces}>>"));
    let remapped = spotted.replace("<</C[", "<</DefaultGray[");
    for (entries, content) in [
        (MULTIPLY, format!("/G gs {grey}")),
        (MULTIPLY, "/G gs 1 0 0 rg 0 6 188 24 re f".into()),
        (MULTIPLY, format!("/G gs {glyph}")),
        (MULTIPLY, "/H gs 1 1 0 rg 0 6 188 24 re f".into()),
        (MULTIPLY, "/G gs /C cs 1 scn 0 6 188 24 re f".into()),
        (&*spotted, "/G gs /C cs 1 scn 0 6 188 24 re f".into()),
        (&*remapped, "/G gs 1 g 0 6 188 24 re f".into()),
        (MULTIPLY, "/G gs 1 1 0 rg 0 6 m 9 9 l 9 30 l h W n 0 6 188 24 re f".into()),
        ("/Resources<</ExtGState<</G<</BM[/Multiply/Normal]>>>>>>", "/G gs 1 1 0 rg 0 6 188 24 re f".into()),
        (
            "/Resources<</ExtGState<</G<</BM/Multiply/TR/Identity>>>>>>",
            "/G gs 1 1 0 rg 0 6 188 24 re f".into(),
        ),
        (
            "/Resources<</ExtGState<</G<</BM/Multiply>>/H<</BM/Normal>>>>>>",
            "/G gs /H gs 1 1 0 rg 0 6 188 24 re f".into(),
        ),
    ] {
        assert!(is_evil(&drawn("/Highlight", entries, &content)), "{entries} {content}");
    }
}

#[test]
fn within_an_isolated_group_nothing_multiplies_with_the_page() {
    let forms = MULTIPLY.replace(">>>>>>", ">>>>/XObject<</X 22 0 R>>>>");
    let annotation = format!("<</Type/Annot/Subtype/Highlight/F 4/Rect{RECT}/AP<</N 21 0 R>>>>");
    for group in ["/Group<</S/Transparency/I true>>", "/Group<</S/Transparency/K true>>"] {
        let outer = form(&format!("{forms}{group}"), "/X Do");
        let inner = form(MULTIPLY, "/G gs 1 1 0 rg 0 6 188 24 re f");
        assert!(is_evil(&with(&[(20, annotation.clone())], &[(21, outer), (22, inner)])), "{group}");
    }
    let mixed = annotation.replace("/F 4", "/F 4/BM/Normal");
    let layer = form(MULTIPLY, "/G gs 1 1 0 rg 0 6 188 24 re f");
    assert!(is_evil(&with(&[(20, mixed)], &[(21, layer)])));
}

#[test]
fn operators_with_other_operands_than_theirs_are_read_as_readers_like() {
    for content in ["9 0 19 m 178 19 l S", "0 G 1 2 w 0 19 m 178 19 l S", "/x 0 19 m 178 19 l S"] {
        assert!(is_evil(&drawn("/StrikeOut", "", content)), "{content}");
    }
}

#[test]
fn a_light_layer_over_text_that_is_not_dark_can_make_it_vanish() {
    let content = "<</Length 54>>stream\nBT /F1 24 Tf 1 1 0 rg 72 650 Td (Amount: 500) Tj ET    \nendstream";
    let page = revisions::SIGNED[2].1.replace("14 0 R]", "14 0 R 20 0 R]");
    let annotation = format!("<</Type/Annot/Subtype/Highlight/F 4/Rect{RECT}/AP<</N 21 0 R>>>>");
    let layer = form(MULTIPLY, "/G gs 1 1 0 rg 0 6 188 24 re f");
    let file = File::signed(&[(5, content)]).update(&[(3, &page), (20, &annotation), (21, &layer)]);
    assert!(is_evil(&file));
}

#[test]
fn a_reply_to_a_highlight_without_appearance_changes_nothing_that_it_paints() {
    let highlight =
        "<</Type/Annot/Subtype/Highlight/Rect[72 640 260 676]/QuadPoints[72 676 260 676 72 640 260 640]";
    let file = File::signed(&[(5, CONTENT), (14, &format!("{highlight}>>"))]);
    assert!(is_permitted(&file.clone().update(&[(14, &format!("{highlight}/Contents(seen)/M(D:2026)>>"))])));
    assert!(is_evil(&file.update(&[(14, &format!("{highlight}/C[0 0 0]>>"))])));
}

#[test]
fn a_hidden_annotation_is_looked_at_when_it_is_made_to_show() {
    let cover = format!("<</Type/Annot/Subtype/Ink/F 2/Rect{RECT}/AP<</N 21 0 R>>>>");
    let file = with(&[(20, cover.clone())], &[(21, form("", "1 g 0 0 188 36 re f"))]);
    assert!(is_permitted(&file));
    for flags in ["/F 4", "/F 2.0", "/F 36", "/F 288"] {
        assert!(is_evil(&file.clone().update(&[(20, &cover.replace("/F 2", flags))])), "{flags}");
    }
}
