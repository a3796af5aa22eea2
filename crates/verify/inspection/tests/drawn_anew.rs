//! What was there when it was signed and is drawn otherwise since: annotations that are shown, moved, or in another state;
//! fields by other defaults or flags; fields that are other things as well.

mod revisions;

use pdf::signatures::{FieldLock, LockedFields};
use revisions::{File, NEW_SIGNATURE, SIGNED, reasons};
use std::fmt::Write;
use undersign_inspection::{ChangeLevel, Judgement, allowed};

const FIELD: &str = SIGNED[7].1;
const TEXT: &str = "<</Type/XObject/Subtype/Form/BBox[0 0 80 20]/Resources<</Font<</F1 6 0 R>>>>/Length 17>>stream\nBT (9000) Tj ET  \nendstream";

/// The document signed with these annotations on its page and these objects.
fn signed_with(annotations: &[(u32, &str)], objects: &[(u32, &str)]) -> File {
    let mut list = String::new();
    for (number, _) in annotations {
        write!(list, " {number} 0 R").expect("memory");
    }
    let page = SIGNED[2].1.replace("14 0 R]", &format!("14 0 R{list}]"));
    let mut all = vec![(3, page.as_str())];
    all.extend(annotations);
    all.extend(objects);
    File::signed(&all)
}

fn is_undecided(judged: &Judgement) -> bool {
    matches!(judged, Judgement::Overlaid { .. })
}

#[test]
fn an_annotation_with_text_may_not_come_to_show_elsewhere_or_in_another_state() {
    let ink =
        "<</Type/Annot/Subtype/Ink/F 4/Rect[300 300 390 320]/InkList[[300 300 390 320]]/AP<</N 21 0 R>>>>";
    for (before, after) in [
        ("/F 4", "/F 2"),
        ("[300 300 390 320]/I", "[300 900 390 920]/I"),
        ("/N 21 0 R>>", "/N<</A 22 0 R/B 21 0 R>>>>/AS/A"),
    ] {
        let hidden = ink.replace(before, after);
        let shown = if after.contains("/AS") { hidden.replace("/AS/A", "/AS/B") } else { ink.to_owned() };
        let empty = "<</Type/XObject/Subtype/Form/BBox[0 0 80 20]/Length 1>>stream\nn\nendstream";
        let file = signed_with(&[(20, &hidden)], &[(21, TEXT), (22, empty)]);
        assert!(is_undecided(&file.clone().update(&[(20, &shown)]).approved()), "{hidden}");
        assert!(reasons(&file.update(&[(20, &shown)]).certified(3)).contains("evil annotation"), "{hidden}");
    }
}

#[test]
fn what_an_annotation_brings_or_says_on_the_page_stays() {
    let kinds = [
        ("/FileAttachment/FS<</F(a)>>", "(a)", "(b)"),
        ("/Sound/Sound 21 0 R", "21 0 R", "22 0 R"),
        ("/Link/Dest[3 0 R/Fit]", "/Fit", "/FitH"),
        ("/Line/Cap true/Contents(100)/L[300 300 390 320]", "(100)", "(900)"),
    ];
    for (kind, from, to) in kinds {
        let before = format!("<</Type/Annot/Rect[300 300 390 320]/F 4/Subtype{kind}>>");
        let file = signed_with(&[(20, &before)], &[(21, TEXT), (22, SIGNED[9].1)]);
        reasons(&file.update(&[(20, &before.replace(from, to))]).approved());
    }
}

#[test]
fn an_appearance_draws_text_with_the_fonts_of_its_page_too() {
    for content in
        ["BT /F1 9 Tf (9000) Tj ET", "BT [(9000)] TJ ET", "BI /W 1/H 1/BPC 8/CS/G ID x EI", "/S sh"]
    {
        let form = format!(
            "<</Type/XObject/Subtype/Form/BBox[0 0 80 20]/Length {}>>stream\n{content}\nendstream",
            content.len()
        );
        let ink = "<</Type/Annot/Subtype/Ink/F 4/Rect[300 300 390 320]/AP<</N 21 0 R>>>>";
        let page = SIGNED[2].1.replace("14 0 R]", "14 0 R 20 0 R]");
        let file = File::signed(&[]).update(&[(3, &page), (20, ink), (21, &form)]);
        assert!(is_undecided(&file.approved()), "{content}");
    }
}

#[test]
fn a_field_without_an_appearance_is_drawn_by_defaults_and_flags() {
    let bare = FIELD.replace("/AP<</N 10 0 R>>", "/DA(/F1 9 Tf)");
    let form = SIGNED[3].1.replace("/SigFlags", "/DA(/F1 9 Tf)/SigFlags");
    let changes = [
        (4, form.replace("9 Tf", "9 Tf 1 g")),
        (4, form.replace("/F1 6 0 R>>", "/F1 6 0 R/F2 6 0 R>>")),
        (8, bare.replace("/F 4", "/F 4/Ff 8192")),
        (8, bare.replace("/F 4", "/F 4/TI 1")),
        (8, bare.replace("/F 4", "/F 4/MK<</CA(x)>>")),
        (8, bare.replace("/F 4", "/F 4/AP<<>>/MK<</CA(x)>>")),
    ];
    for (number, changed) in changes {
        let judged = File::signed(&[(4, &form), (8, &bare)]).update(&[(number, &changed)]).certified(2);
        assert!(!matches!(judged, Judgement::Permitted { .. }), "{changed}: {judged:?}");
    }
    // What draws no text of a field, and fields without text.
    let drawings = form.replace("/DR<<", "/DR<</XObject<</FRM0 12 0 R>>");
    let empty = bare.replace("(Ada)", "()");
    for (field, changed) in [(&bare, drawings), (&empty, form.replace("9 Tf", "9 Tf 1 g"))] {
        let judged = File::signed(&[(4, &form), (8, field)]).update(&[(4, &changed)]).certified(2);
        assert!(matches!(judged, Judgement::Permitted { .. }), "{changed}: {judged:?}");
    }
    let locked = FIELD.replace("/F 4", "/F 4/Ff 1").replace("(Ada)", "(Eve)");
    let level = ChangeLevel::FormFilling;
    assert_eq!(File::signed(&[]).update(&[(8, &locked)]).certified(2), Judgement::Permitted { level });
    let told = SIGNED[3].1.replace("/SigFlags", "/NeedAppearances true/SigFlags");
    assert!(is_undecided(&File::signed(&[(4, &told)]).update(&[(4, SIGNED[3].1)]).certified(2)));
}

#[test]
fn only_what_the_form_lists_is_a_field() {
    for kind in ["/Stamp", "/FreeText", "/Ink", "/Widget"] {
        let stamp = format!(
            "<</Type/Annot/FT/Tx/T(x)/V 22 0 R/Rect[300 300 390 320]/F 4/AP<</N 21 0 R>>/Subtype{kind}>>"
        );
        let file = signed_with(&[(20, &stamp)], &[(21, SIGNED[9].1), (22, "(100)")]);
        for permission in [1, 2] {
            let judged = file.clone().update(&[(21, TEXT), (22, "(9000)")]).certified(permission);
            assert!(matches!(judged, Judgement::Suspicious { .. }), "{kind}: {judged:?}");
        }
    }
}

#[test]
fn a_locked_field_that_names_another_parent_is_locked_all_the_same() {
    let field = "<</Type/Annot/Subtype/Widget/FT/Tx/T(amount)/Parent 24 0 R/V 22 0 R/P 3 0 R/Rect[300 300 390 320]/F 4/AP<</N 21 0 R>>>>";
    let form = SIGNED[3].1.replace("11 0 R]", "11 0 R 23 0 R]");
    let objects = [
        (4, form.as_str()),
        (21, SIGNED[9].1),
        (22, "(100)"),
        (23, "<</T(group)/Kids[20 0 R]>>"),
        (24, "<</T(other)>>"),
    ];
    let lock = FieldLock { fields: LockedFields::Include(vec!["group.amount".into()]), permissions: None };
    let file = signed_with(&[(20, field)], &objects).update(&[(21, TEXT), (22, "(9000)")]);
    assert!(reasons(&file.judged(&allowed(None, &[lock]))).contains("a parent that does not list it"));
}

#[test]
fn a_new_signature_field_is_nothing_else_by_its_widget() {
    let update = |widget: &str| {
        File::signed(&[])
            .update(&[
                (3, &SIGNED[2].1.replace("14 0 R]", "14 0 R 31 0 R]")),
                (4, &SIGNED[3].1.replace("11 0 R]", "11 0 R 30 0 R]")),
                (30, "<</FT/Sig/T(Sig3)/V 32 0 R/Kids[31 0 R]>>"),
                (
                    31,
                    &format!(
                        "<</Type/Annot/Subtype/Widget/Parent 30 0 R/P 3 0 R/Rect[0 0 0 0]/F 132{widget}>>"
                    ),
                ),
                (32, NEW_SIGNATURE),
            ])
            .approved()
    };
    for honest in ["", "/FT/Sig"] {
        assert!(matches!(update(honest), Judgement::Permitted { .. }), "{honest}: {:?}", update(honest));
    }
    for other in ["/FT/Tx", "/V(x)", "/Kids[]", "/T(x)"] {
        reasons(&update(other));
    }
}

#[test]
fn a_new_element_of_the_structure_says_nothing_in_the_place_of_what_is_there() {
    let catalog = SIGNED[0].1.replace("/AcroForm", "/StructTreeRoot 20 0 R/AcroForm");
    let file = File::signed(&[
        (1, &catalog),
        (20, "<</Type/StructTreeRoot/K[21 0 R]>>"),
        (21, "<</S/Document/P 20 0 R/K 0>>"),
    ]);
    let update = |element: &str| {
        let root = "<</Type/StructTreeRoot/K[21 0 R 22 0 R]>>";
        file.clone().update(&[(20, root), (22, &format!("<</S/Form/P 20 0 R{element}>>"))]).certified(2)
    };
    assert!(matches!(update("/K<</Type/OBJR/Obj 8 0 R>>"), Judgement::Permitted { .. }));
    for element in [
        "/Alt(9000)/K<</Type/OBJR/Obj 8 0 R>>",
        "/E(9000)/K<</Type/OBJR/Obj 8 0 R>>",
        "/K<</Type/MCR/MCID 0/Obj 8 0 R>>",
    ] {
        reasons(&update(element));
    }
}
