//! What is put over the text of a page is seen by what it paints, not by what it says it is.

mod revisions;

use revisions::{File, SIGNED, reasons};
use undersign_inspection::{ChangeLevel, Judgement};

const PAGE: &str = SIGNED[2].1;

/// An annotation over the text of the page, whose appearance has this content and these entries.
fn annotated(annotation: &str, entries: &str, content: &str) -> File {
    let appearance = format!(
        "<</Type/XObject/Subtype/Form/BBox[0 0 90 20]{entries}/Length {}>>stream\n{content}\nendstream",
        content.len()
    );
    File::signed(&[]).update(&[
        (3, &PAGE.replace("14 0 R]", "14 0 R 20 0 R]")),
        (20, &format!("<</Type/Annot/Rect[0 0 90 20]/F 4/AP<</N 21 0 R>>/Subtype{annotation}>>")),
        (21, &appearance),
    ])
}

fn is_permitted(file: &File) -> bool {
    file.approved() == Judgement::Permitted { level: ChangeLevel::Annotation }
}

const MULTIPLY: &str = "/Resources<</ExtGState<</G <</BM/Multiply>>>>>>";

#[test]
fn areas_painted_over_text_are_undecided_whatever_kind_they_claim() {
    for kind in ["/Highlight", "/Ink", "/Square", "/Circle", "/Underline", "/Text", "/Link", "/Line"] {
        for content in ["1 g 0 0 90 20 re f", "0 0 90 20 re B*", "1 0 0 RG 9 w 0 9 m 90 9 l S", "/P Do sh"] {
            let file = annotated(kind, "", content);
            assert!(matches!(file.approved(), Judgement::Overlaid { .. }), "{kind} {content}");
            assert!(reasons(&file.certified(3)).contains("evil annotation"), "{kind} {content}");
        }
    }
}

#[test]
fn a_highlight_that_multiplies_a_light_colour_hides_nothing() {
    assert!(is_permitted(&annotated("/Highlight", MULTIPLY, "/G gs 1 1 0 rg 0 0 90 20 re f")));
    for content in [
        "1 1 0 rg 0 0 90 20 re f",
        "/G gs 0 g 0 0 90 20 re f",
        "q /G gs Q 1 1 0 rg 0 0 90 20 re f",
        "/G gs 0 0 90 20 re f",
    ] {
        let file = annotated("/Highlight", MULTIPLY, content);
        assert!(matches!(file.approved(), Judgement::Overlaid { .. }), "{content}");
    }
    let isolated = format!("{MULTIPLY}/Group<</S/Transparency/I true>>");
    let file = annotated("/Highlight", &isolated, "/G gs 1 1 0 rg 0 0 90 20 re f");
    assert!(matches!(file.approved(), Judgement::Overlaid { .. }));
}

#[test]
fn an_appearance_of_more_operations_than_are_kept_is_undecided() {
    let light = "/G gs 1 1 0 rg 0 0 90 20 re f ";
    assert!(is_permitted(&annotated("/Highlight", MULTIPLY, &light.repeat(100))));
    let file = annotated("/Highlight", MULTIPLY, &light.repeat(40_000));
    assert!(matches!(file.approved(), Judgement::Overlaid { .. }));
}

#[test]
fn thin_lines_are_permitted_where_they_cannot_redraw_text() {
    assert!(is_permitted(&annotated("/Underline", "", "0 1 m 90 1 l S")));
    let drawn = "0 0 m 5 9 l 9 0 l S";
    assert!(matches!(annotated("/Ink", "", drawn).approved(), Judgement::Overlaid { .. }));
    let aside = File::signed(&[]).update(&[
        (3, &PAGE.replace("14 0 R]", "14 0 R 20 0 R]")),
        (20, "<</Type/Annot/Subtype/Ink/Rect[300 300 390 320]/InkList[[300 300 390 320]]>>"),
    ]);
    assert!(is_permitted(&aside));
    let elsewhere = File::signed(&[]).update(&[
        (3, &PAGE.replace("14 0 R]", "14 0 R 20 0 R]")),
        (20, "<</Type/Annot/Subtype/Ink/Rect[300 300 390 320]/InkList[[0 0 30 9]]>>"),
    ]);
    assert!(matches!(elsewhere.approved(), Judgement::Overlaid { .. }));
}

#[test]
fn what_covered_text_when_it_was_signed_may_not_go() {
    let cover = "<</Type/Annot/Subtype/Ink/Rect[0 0 90 20]/AP<</N 15 0 R>>>>";
    let white =
        "<</Type/XObject/Subtype/Form/BBox[0 0 90 20]/Length 18>>stream\n1 g 0 0 90 20 re f\nendstream";
    let file = File::signed(&[(14, cover), (15, white)]).update(&[(3, &PAGE.replace(" 14 0 R", ""))]);
    assert!(reasons(&file.approved()).contains("shadow attack: hide"));
    let signed = File::signed(&[(14, cover), (15, white)]);
    let empty = "<</Type/XObject/Subtype/Form/BBox[0 0 90 20]/Length 1>>stream\nn\nendstream";
    for update in [(15, empty), (14, &cover.replace("[0 0 90 20]", "[300 300 390 320]"))] {
        assert!(reasons(&signed.clone().update(&[update]).approved()).contains("shadow attack: hide"));
    }
    let hidden = cover.replace("/Rect", "/F 2/Rect");
    assert!(reasons(&signed.update(&[(14, &hidden)]).approved()).contains("shadow attack: hide"));
}

#[test]
fn a_field_filled_in_over_text_is_undecided_and_one_beside_it_is_not() {
    for (rect, over) in [("[0 0 595 842]", true), ("[0 0 90 20]", true), ("[10 300 595 842]", false)] {
        let field = SIGNED[7].1.replace("[10 10 90 30]", rect);
        let file = File::signed(&[(8, &field)]).update(&[(8, &field.replace("(Ada)", "(Eve)"))]);
        assert_eq!(matches!(file.approved(), Judgement::Overlaid { .. }), over, "{rect}");
        assert_eq!(matches!(file.certified(2), Judgement::Overlaid { .. }), over, "{rect}");
    }
}

#[test]
fn content_in_another_file_is_suspicious_with_and_without_an_update() {
    let external = "<</F(other.txt)/Length 0>>stream\n\nendstream";
    let file = File::signed(&[(5, external)]);
    assert!(reasons(&file.approved()).contains("another file"));
    assert!(reasons(&File::signed(&[]).update(&[(5, external)]).approved()).contains("another file"));
}

#[test]
fn more_than_a_line_end_after_the_end_is_content() {
    let mut file = File::signed(&[]);
    file.bytes.extend([0; 500]);
    assert!(reasons(&file.approved()).contains("follow the last revision"));
}

#[test]
fn a_suspicious_change_says_what_the_page_said_and_says() {
    let content = "<</Length 32>>stream\nBT /F1 12 Tf (You owe 900) Tj ET\nendstream";
    let file = File::signed(&[]).update(&[(5, content)]);
    let later = file.later(0);
    let shown = &later.revisions[0].shown[0];
    assert_eq!(shown.page, 0);
    assert!(shown.before.contains("You owe 100") && shown.after.contains("You owe 900"), "{shown:?}");
    assert_eq!(later.revisions[0].objects[0].role, "content of a page");
    assert!(reasons(&file.approved()).contains("page 1 said"));
}

#[test]
fn an_object_that_cannot_be_read_does_not_hinder_changes_of_others() {
    let page = PAGE.replace("<</Font<</F1 6 0 R>>>>", " 15 0 R");
    let signed = "<</Type/Annot/Subtype/Widget/FT/Sig/T(Sig2)/V 20 0 R/P 3 0 R/Rect[100 100 200 150]/F 4>>";
    let update = [(11, signed), (20, revisions::NEW_SIGNATURE)];
    for broken in ["<</XObject<</X 16 0 R>>/Unbalanced )>>", "<</Font<</F1 6 0 R>>/Font<</F1 16 0 R>>>>"] {
        let file = File::signed(&[(3, &page), (15, broken), (16, "<</Type/Font>>")]).update(&update);
        assert!(matches!(file.approved(), Judgement::Permitted { .. }), "{broken}: {:?}", file.approved());
        let file = file.update(&[(16, "<</Type/Font/Subtype/Type1>>")]);
        assert!(
            matches!(file.approved(), Judgement::NotAnalysed { .. } | Judgement::Suspicious { .. }),
            "{broken}"
        );
    }
    // Where the broken object may go on behind its end, nothing is known.
    let open = "<</XObject<</X (>>>>";
    let file = File::signed(&[(3, &page), (15, open)]).update(&update);
    assert!(matches!(file.approved(), Judgement::NotAnalysed { .. }));
}
