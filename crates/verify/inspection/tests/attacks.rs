//! Known attacks on signed PDFs are suspicious, each for its own reason.

mod revisions;

use revisions::{File, NEW_SIGNATURE, SIGNED, reasons};
use types::{Budget, Limits, Resource};
use undersign_inspection::{
    History, Judgement, allowed, first_signed_revision, judge, later_changes, lost_signatures,
};

const PAGE: &str = SIGNED[2].1;

fn attacked(objects: &[(u32, &str)]) -> String {
    reasons(&File::signed(&[]).update(objects).approved())
}

#[test]
fn changed_page_content_is_found_with_its_page() {
    let words = attacked(&[(5, "<</Length 35>>stream\nBT /F1 12 Tf (You owe 100000) Tj ET\nendstream")]);
    assert!(words.contains("page 1") && words.contains("shadow attack: replace"), "{words}");
}

#[test]
fn a_page_that_shows_a_hidden_stream_instead_is_found() {
    let words = attacked(&[(3, &PAGE.replace("/Contents 5 0 R", "/Contents 12 0 R"))]);
    assert!(
        words.contains("the content of the page was changed") && words.contains("hide and replace"),
        "{words}"
    );
}

#[test]
fn an_entry_that_points_back_to_hidden_content_is_found() {
    let file = File::signed(&[]);
    // The number of the page's content, found in an old place: object 12 is written as object 5 a second time.
    let file = file.revise(
        &[],
        &[],
        "%hidden\n5 0 obj\n<</Length 1>>stream\nn\nendstream\nendobj\n",
        "/Root 1 0 R/Info 13 0 R",
    );
    let at = file.bytes.windows(8).rposition(|window| window == b"\n5 0 obj").expect("the hidden object") + 1;
    let file = file.revise(&[], &[(5, format!("{at:010} 00000 n"))], "", "/Root 1 0 R/Info 13 0 R");
    let words = reasons(&file.approved());
    assert!(words.contains("from the bytes of an earlier revision"), "{words}");
    assert!(words.contains("cross-reference section does not list"), "{words}");
}

#[test]
fn a_changed_font_under_an_unchanged_page_is_found() {
    let words =
        attacked(&[(6, "<</Type/Font/Subtype/Type3/FontMatrix[1 0 0 1 0 0]/CharProcs<<>>/Encoding<<>>>>")]);
    assert!(words.contains("a font") && words.contains("page 1"), "{words}");
}

#[test]
fn a_font_listed_as_validation_data_stays_a_font() {
    let words = attacked(&[
        (1, "<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R/DSS<</Certs[6 0 R]>>>>"),
        (6, "<</Type/Font/Length 1>>stream\nn\nendstream"),
    ]);
    assert!(words.contains("object 6 0"), "{words}");
}

#[test]
fn freed_content_is_found() {
    let file =
        File::signed(&[]).revise(&[], &[(5, "0000000000 00001 f".into())], "", "/Root 1 0 R/Info 13 0 R");
    assert!(reasons(&file.approved()).contains("shadow attack: hide"));
}

#[test]
fn freed_content_that_only_a_lenient_reader_can_read_is_found() {
    let file = File::signed(&[(5, "<</Length 3>>stream\nBT (too long for its length) Tj ET\nendstream")]);
    assert_eq!(file.approved(), Judgement::None);
    let file = file.revise(&[], &[(5, "0000000000 00001 f".into())], "", "/Root 1 0 R/Info 13 0 R");
    assert!(reasons(&file.approved()).contains("cannot be read"));
}

#[test]
fn a_dangling_reference_that_a_later_object_fills_is_found() {
    let file = File::signed(&[(3, &PAGE.replace("/Contents 5 0 R", "/Contents[5 0 R 30 0 R]"))]);
    let file = file.update(&[(30, "<</Length 1>>stream\nn\nendstream")]);
    assert!(reasons(&file.approved()).contains("object 30 0"));
}

#[test]
fn another_catalog_or_page_tree_is_found() {
    let file = File::signed(&[]).revise(
        &[
            (20, "<</Type/Catalog/Pages 21 0 R/AcroForm 4 0 R>>"),
            (21, "<</Type/Pages/Kids[22 0 R]/Count 1>>"),
            (22, "<</Type/Page/Parent 21 0 R/MediaBox[0 0 9 9]>>"),
        ],
        &[],
        "",
        "/Root 20 0 R/Info 13 0 R",
    );
    assert!(reasons(&file.approved()).contains("the trailer leads elsewhere"));
    let words = attacked(&[
        (1, "<</Type/Catalog/Pages 21 0 R/AcroForm 4 0 R>>"),
        (21, "<</Type/Pages/Kids[3 0 R 3 0 R]/Count 2>>"),
    ]);
    assert!(words.contains("Pages") || words.contains("page"), "{words}");
}

#[test]
fn actions_and_scripts_are_found() {
    let words =
        attacked(&[(1, "<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R/OpenAction<</S/JavaScript/JS(x)>>>>")]);
    assert!(words.contains("OpenAction"), "{words}");
    let words =
        attacked(&[(1, "<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R/Names<</JavaScript<</Names[]>>>>>>")]);
    assert!(words.contains("names"), "{words}");
}

#[test]
fn a_signature_that_is_exchanged_taken_out_or_changed_is_found() {
    let field = SIGNED[6].1;
    let words = attacked(&[(7, &field.replace("9 0 R", "20 0 R")), (20, NEW_SIGNATURE)]);
    assert!(words.contains("the signature in field Sig1 was exchanged"), "{words}");
    let words = attacked(&[(7, &field.replace("/V 9 0 R", ""))]);
    assert!(words.contains("taken out of field Sig1"), "{words}");
    let words = attacked(&[(9, NEW_SIGNATURE)]);
    assert!(words.contains("signature dictionary of field Sig1"), "{words}");
}

#[test]
fn signatures_that_the_newest_revision_does_not_have_are_found() {
    let file =
        File::signed(&[]).update(&[(13, "<</Producer(x)>>")]).update(&[(1, "<</Type/Catalog/Pages 2 0 R>>")]);
    let mut budget = Budget::default();
    let document = pdf::Document::open(&file.bytes, None, &mut budget).expect("a readable file");
    let latest = document.signatures(&mut budget).expect("a readable form");
    assert_eq!(latest.fields.len(), 0);
    let first = first_signed_revision(&document, &mut budget).expect("readable forms").expect("a signature");
    let history = History::analyse(&document, first, &mut budget);
    let lost = lost_signatures(&document, &history, &latest, &mut budget).expect("readable forms");
    assert_eq!(lost.len(), 1);
    assert_eq!((first, lost[0].field.as_str(), lost[0].lost_in), (0, "Sig1", 2));
}

#[test]
fn a_second_field_for_the_same_signature_is_found() {
    let form = (4, "<</Fields[7 0 R 8 0 R 11 0 R 20 0 R]/SigFlags 3/DR<</Font<</F1 6 0 R>>>>>>");
    let words = attacked(&[form, (20, "<</FT/Sig/T(Spoof)/V 9 0 R>>")]);
    assert!(words.contains("points to object 9 0"), "{words}");
    let words = attacked(&[form, (20, "<</FT/Sig/T(Sig1)/V 21 0 R>>"), (21, NEW_SIGNATURE)]);
    assert!(words.contains("second field with the name Sig1"), "{words}");
    let both = (4, "<</Fields[7 0 R 8 0 R 11 0 R 20 0 R 22 0 R]/SigFlags 3/DR<</Font<</F1 6 0 R>>>>>>");
    let words = attacked(&[
        both,
        (20, "<</FT/Sig/T(A)/V 21 0 R>>"),
        (22, "<</FT/Sig/T(B)/V 21 0 R>>"),
        (21, NEW_SIGNATURE),
    ]);
    assert!(words.contains("shares its signature"), "{words}");
}

#[test]
fn a_certification_after_the_signature_is_found() {
    let certification =
        NEW_SIGNATURE.replace("/Contents", "/Reference[<</TransformMethod/DocMDP>>]/Contents");
    let words = attacked(&[
        (11, "<</Type/Annot/Subtype/Widget/FT/Sig/T(Sig2)/V 20 0 R/P 3 0 R/Rect[100 100 200 150]/F 4>>"),
        (20, &certification),
    ]);
    assert!(words.contains("certifies a document that was signed before"), "{words}");
}

#[test]
fn new_fields_other_than_signatures_are_found() {
    let form = (4, "<</Fields[7 0 R 8 0 R 11 0 R 20 0 R]/SigFlags 3/DR<</Font<</F1 6 0 R>>>>>>");
    let words = attacked(&[form, (20, "<</FT/Tx/T(more)/V(x)>>")]);
    assert!(words.contains("text field") && words.contains("more"), "{words}");
    let words = attacked(&[(4, "<</Fields[7 0 R 11 0 R]/SigFlags 3/DR<</Font<</F1 6 0 R>>>>>>")]);
    assert!(words.contains("the field name was removed"), "{words}");
}

#[test]
fn annotations_that_can_pass_for_content_break_a_certification_and_are_named_otherwise() {
    for kind in ["FreeText", "Stamp", "Redact", "Unheard"] {
        let file = File::signed(&[]).update(&[
            (3, &PAGE.replace("14 0 R]", "14 0 R 20 0 R]")),
            (20, &format!("<</Type/Annot/Subtype/{kind}/Rect[1 1 500 800]/Contents(You owe 1)>>")),
        ]);
        assert!(reasons(&file.certified(3)).contains("evil annotation"), "{kind}");
        assert!(matches!(file.approved(), Judgement::Overlaid { .. }), "{kind}");
        assert_eq!(file.later(0).revisions[0].coverings[0].page, Some(0));
    }
}

#[test]
fn annotations_that_could_pass_for_content_stay_as_they_were_signed() {
    let text = "<</Type/Annot/Subtype/FreeText/Rect[1 1 50 80]/Contents(You owe 100)>>";
    let file = File::signed(&[(14, text)]);
    let words = reasons(&file.clone().update(&[(14, &text.replace("100", "900"))]).approved());
    assert!(words.contains("free text annotation that was there when it was signed"), "{words}");
    let words = reasons(&file.clone().update(&[(3, &PAGE.replace(" 14 0 R", ""))]).approved());
    assert!(words.contains("shadow attack: hide"), "{words}");
    let words =
        reasons(&file.revise(&[], &[(14, "0000000000 00001 f".into())], "", "/Root 1 0 R").approved());
    assert!(words.contains("shadow attack: hide"), "{words}");
}

#[test]
fn only_links_that_wait_for_the_reader_may_be_added() {
    let link = |action: &str| {
        let link = format!("<</Type/Annot/Subtype/Link/Rect[1 1 9 9]/A<</S/{action}>>>>");
        File::signed(&[]).update(&[(3, &PAGE.replace("14 0 R]", "14 0 R 20 0 R]")), (20, &link)]).approved()
    };
    assert!(matches!(link("URI/URI(https://example.org)"), Judgement::Permitted { .. }));
    for action in ["JavaScript/JS(x)", "Launch/F(x)", "URI/URI(x)/Next<</S/Launch>>"] {
        assert!(reasons(&link(action)).contains("with an action"), "{action}");
    }
}

#[test]
fn a_visible_signature_field_added_to_a_certified_document_is_found() {
    let file = File::signed(&[]).update(&[
        (3, &PAGE.replace("14 0 R]", "14 0 R 20 0 R]")),
        (4, "<</Fields[7 0 R 8 0 R 11 0 R 20 0 R]/SigFlags 3/DR<</Font<</F1 6 0 R>>>>>>"),
        (20, "<</Type/Annot/Subtype/Widget/FT/Sig/T(Sneaky)/V 21 0 R/Rect[0 0 595 842]>>"),
        (21, NEW_SIGNATURE),
    ]);
    assert!(reasons(&file.certified(2)).contains("visible signature field Sneaky"));
}

#[test]
fn a_widget_without_a_field_is_found() {
    let words = attacked(&[
        (3, &PAGE.replace("14 0 R]", "14 0 R 20 0 R]")),
        (20, "<</Type/Annot/Subtype/Widget/Rect[0 0 9 9]>>"),
    ]);
    assert!(words.contains("belongs to no field"), "{words}");
}

#[test]
fn what_a_signed_field_shows_cannot_change() {
    let field = SIGNED[6].1.replace("/F 132", "/F 132/AP<</N 15 0 R>>");
    let appearance = "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 1>>stream\nn\nendstream";
    let file = File::signed(&[(7, &field), (15, appearance)]);
    let words = reasons(&file.clone().update(&[(15, &appearance.replace("\nn\n", "\nB\n"))]).approved());
    assert!(words.contains("what the signed field Sig1 shows"), "{words}");
    let words = reasons(&file.update(&[(7, &field.replace("[0 0 0 0]", "[0 0 595 842]"))]).approved());
    assert!(words.contains("Rect of field Sig1"), "{words}");
}

#[test]
fn bytes_after_the_last_revision_are_found() {
    let mut file = File::signed(&[]);
    file.bytes.extend(b"\n\0 \r\n");
    assert_eq!(file.approved(), Judgement::None);
    file.bytes.extend(b"5 0 obj\n<</Length 1>>stream\nn\nendstream\nendobj\n");
    assert!(reasons(&file.approved()).contains("follow the last revision"));
}

#[test]
fn an_exhausted_budget_is_never_a_pass() {
    let file = File::signed(&[]).update(&[(13, "<</Producer(another)>>")]);
    let mut budget = Budget::default();
    let document = pdf::Document::open(&file.bytes, None, &mut budget).expect("a readable file");
    for steps in [0, 1, 5, 20] {
        let mut budget = Budget::new(Limits::STANDARD.with(Resource::Steps, steps));
        let later = later_changes(&document, 0, &mut budget);
        assert!(matches!(judge(&later, &allowed(None, &[])), Judgement::NotAnalysed { .. }), "{steps} steps");
    }
}

#[test]
fn behind_an_object_that_only_lenient_readers_understand_nothing_is_passed() {
    // What the page draws is known to the reader that takes the broken dictionary, or ignores generations.
    let broken = "<</XObject<</X 16 0 R>>/Unbalanced )>>";
    for (resources, broken) in [(" 15 0 R", broken), ("<</XObject<</X 16 1 R>>>>", "null")] {
        let page = PAGE.replace("<</Font<</F1 6 0 R>>>>", resources);
        let drawn = "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 1>>stream\nn\nendstream";
        let file = File::signed(&[(3, &page), (15, broken), (16, drawn)]);
        assert_eq!(file.approved(), Judgement::None);
        let file = file.update(&[(16, &drawn.replace("\nn\n", "\nB\n"))]);
        assert!(matches!(file.approved(), Judgement::NotAnalysed { .. }), "{resources}");
    }
}

#[test]
fn a_key_with_two_values_is_found() {
    let words = attacked(&[(3, &PAGE.replace("/Contents 5 0 R", "/Contents 5 0 R/Contents 12 0 R"))]);
    assert!(words.contains("leaves open what it says") && words.contains("Contents"), "{words}");
    let file = File::signed(&[]).revise(&[], &[], "", "/Root 1 0 R/Root 2 0 R");
    assert!(reasons(&file.approved()).contains("leaves open what it says"));
    // In the signed revision: which of the two streams the page shows, nobody knows.
    let page = PAGE.replace("/Contents 5 0 R", "/Contents 5 0 R/Contents 12 0 R");
    let file = File::signed(&[(3, &page)]).update(&[(12, "<</Length 1>>stream\nn\nendstream")]);
    assert!(matches!(file.approved(), Judgement::NotAnalysed { .. }));
}

#[test]
fn an_object_stream_that_is_replaced_is_found() {
    let stream = |font: &str| {
        let header = "21 0 ";
        let data = format!("{header}<</Type/Font/Subtype/Type1/BaseFont/{font}>>");
        let (first, length) = (header.len(), data.len());
        format!("<</Type/ObjStm/N 1/First {first}/Length {length}>>stream\n{data}\nendstream")
    };
    let file = File::signed(&[(20, &stream("Helvetica"))]).update(&[(20, &stream("Wingdings"))]);
    assert!(reasons(&file.approved()).contains("the object stream 20 0 was replaced"));
}

#[test]
fn an_object_that_no_entry_lists_is_found_however_its_header_is_spaced() {
    for header in ["5 0 obj", "5 0\nobj", "5\n0 obj", "5\t 0 \r\nobj", "5 0 %\nobj"] {
        let loose = format!("{header}\n<</Length 1>>stream\nn\nendstream\nendobj\n");
        let objects = [(13, "<</Producer(another)>>")];
        let file = File::signed(&[]).revise(&objects, &[], &loose, "/Root 1 0 R/Info 13 0 R");
        assert!(reasons(&file.approved()).contains("does not list"), "{header:?}");
    }
}

#[test]
fn a_highlight_that_draws_text_is_taken_for_what_it_shows() {
    let added = |resources: &str| {
        File::signed(&[]).update(&[
            (3, &PAGE.replace("14 0 R]", "14 0 R 20 0 R]")),
            (20, "<</Type/Annot/Subtype/Highlight/Rect[0 0 595 842]/AP<</N 21 0 R>>>>"),
            (
                21,
                &format!(
                    "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]{resources}/Length 1>>stream\nn\nendstream"
                ),
            ),
        ])
    };
    assert!(matches!(added("").certified(3), Judgement::Permitted { .. }));
    let file = added("/Resources<</Font<</F1 6 0 R>>>>");
    assert!(reasons(&file.certified(3)).contains("evil annotation"));
    assert!(matches!(file.approved(), Judgement::Overlaid { .. }));
}

#[test]
fn an_empty_signature_field_that_shows_something_may_hide_the_page() {
    let field = "<</Type/Annot/Subtype/Widget/FT/Sig/T(New)/P 3 0 R/Rect[0 0 99 99]/F 4/AP<</N 10 0 R>>>>";
    let added = |field: &str| {
        File::signed(&[]).update(&[
            (3, &PAGE.replace("14 0 R]", "14 0 R 20 0 R]")),
            (4, &SIGNED[3].1.replace("11 0 R]", "11 0 R 20 0 R]")),
            (20, field),
        ])
    };
    assert!(matches!(added(field).approved(), Judgement::Overlaid { .. }));
    let blank = field.replace("/AP<</N 10 0 R>>", "");
    assert!(matches!(added(&blank).approved(), Judgement::Permitted { .. }));
    assert!(matches!(added(&blank.replace("99 99]", "595 842]")).approved(), Judgement::Overlaid { .. }));
}

#[test]
fn fields_that_are_made_to_show_or_to_be_drawn_anew_may_say_something_else() {
    let hidden = SIGNED[7].1.replace("/F 4", "/F 2");
    let file = File::signed(&[(8, &hidden)]).update(&[(8, SIGNED[7].1)]);
    assert!(matches!(file.approved(), Judgement::Overlaid { .. }));
    let drawn_anew = SIGNED[3].1.replace("/SigFlags 3", "/SigFlags 3/NeedAppearances true");
    let file = File::signed(&[]).update(&[(4, &drawn_anew)]);
    assert!(matches!(file.approved(), Judgement::Overlaid { .. }));
}
