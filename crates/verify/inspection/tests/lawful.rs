//! What may follow a signature is cleared by the right rule at the right level.

mod revisions;

use pdf::signatures::{FieldLock, LockedFields};
use revisions::{File, NEW_SIGNATURE, NEW_TIMESTAMP, SIGNED, reasons};
use undersign_inspection::ChangeLevel::{Annotation, FormFilling, LongTermValidation, None as Nothing};
use undersign_inspection::{ChangeLevel, FieldAction, Judgement, Visibility, allowed};

const PAGE_WITH_20: (u32, &str) = (
    3,
    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 5 0 R/Resources<</Font<</F1 6 0 R>>>>/Annots[7 0 R 8 0 R 11 0 R 14 0 R 20 0 R]>>",
);
const FORM_WITH_20: (u32, &str) =
    (4, "<</Fields[7 0 R 8 0 R 11 0 R 20 0 R]/SigFlags 3/DR<</Font<</F1 6 0 R>>>>>>");
const STORE: (u32, &str) =
    (21, "<</Certs[22 0 R]/VRI<</0123456789ABCDEF0123456789ABCDEF01234567<</Cert[22 0 R]>>>>>>");

fn permitted(level: ChangeLevel) -> Judgement {
    Judgement::Permitted { level }
}

fn with_store(file: File) -> File {
    file.update(&[
        (1, "<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R/DSS 21 0 R/Extensions<</ESIC<</BaseVersion/1.7/ExtensionLevel 5>>>>>>"),
        STORE,
        (22, "<</Length 3>>stream\nder\nendstream"),
    ])
}

#[test]
fn a_file_without_later_revision_has_no_changes() {
    assert_eq!(File::signed(&[]).certified(1), Judgement::None);
}

#[test]
fn an_empty_update_and_identical_copies_change_nothing() {
    let file = File::signed(&[]).update(&[]).update(&[(5, SIGNED[4].1), (6, SIGNED[5].1)]);
    assert_eq!(file.certified(1), permitted(Nothing));
}

#[test]
fn validation_data_is_long_term_validation() {
    let file = with_store(File::signed(&[]));
    assert_eq!(file.certified(1), permitted(LongTermValidation));
    let grown = file.update(&[
        (21, "<</Certs[22 0 R 23 0 R]/VRI<</0123456789ABCDEF0123456789ABCDEF01234567<</Cert[22 0 R]>>>>>>"),
        (23, "<</Length 3>>stream\nder\nendstream"),
    ]);
    assert_eq!(grown.certified(1), permitted(LongTermValidation));
}

#[test]
fn the_same_validation_data_in_a_store_of_another_number_are_no_change() {
    let catalog = "<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R/DSS 24 0 R/Extensions<</ESIC<</BaseVersion/1.7/ExtensionLevel 5>>>>>>";
    let moved = with_store(File::signed(&[])).update(&[(1, catalog), (24, STORE.1)]);
    assert_eq!(moved.certified(1), permitted(LongTermValidation));
}

#[test]
fn an_invisible_document_timestamp_is_long_term_validation_even_where_all_fields_are_locked() {
    let file = File::signed(&[]).update(&[
        PAGE_WITH_20,
        FORM_WITH_20,
        (20, "<</Type/Annot/Subtype/Widget/FT/Sig/T(Time)/V 21 0 R/P 3 0 R/Rect[0 0 0 0]/F 132>>"),
        (21, NEW_TIMESTAMP),
    ]);
    assert_eq!(file.certified(1), permitted(LongTermValidation));
    let lock = FieldLock { fields: LockedFields::All, permissions: None };
    assert_eq!(file.judged(&allowed(None, &[lock])), permitted(LongTermValidation));
}

#[test]
fn a_new_signature_field_is_form_filling_and_reported() {
    let objects = [
        FORM_WITH_20,
        (20, "<</FT/Sig/T(Third)/V 21 0 R/Kids[22 0 R]>>"),
        (21, NEW_SIGNATURE),
        (22, "<</Type/Annot/Subtype/Widget/Parent 20 0 R/Rect[300 9 390 99]/F 132/AP<</N 23 0 R>>>>"),
        (23, "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 1>>stream\nn\nendstream"),
    ];
    let page = PAGE_WITH_20.1.replace("20 0 R", "22 0 R");
    let file = File::signed(&[]).update(&[&[(3, page.as_str())], &objects[..]].concat());
    assert_eq!(file.approved(), permitted(FormFilling));
    let fields = &file.later(0).revisions[0].fields;
    assert_eq!(fields.len(), 1);
    assert_eq!((fields[0].name.as_str(), fields[0].action), ("Third", FieldAction::Signed));
    assert_eq!(fields[0].new_field, Some(Visibility::Visible));

    let lists_the_field = File::signed(&[]).update(&[&[PAGE_WITH_20], &objects[..]].concat());
    assert!(reasons(&lists_the_field.approved()).contains("was put on the page"));
}

#[test]
fn signing_an_empty_field_is_form_filling() {
    let file = File::signed(&[]).update(&[
        (11, "<</Type/Annot/Subtype/Widget/FT/Sig/T(Sig2)/V 20 0 R/P 3 0 R/Rect[100 100 200 150]/F 132/AP<</N 21 0 R>>>>"),
        (20, NEW_SIGNATURE),
        (21, "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 1>>stream\nn\nendstream"),
    ]);
    assert_eq!(file.certified(2), permitted(FormFilling));
    assert!(reasons(&file.certified(1)).contains("nothing beyond long-term validation"));
}

#[test]
fn filling_a_text_field_is_form_filling_unless_the_field_is_locked() {
    let filled = (
        8,
        "<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/V(Eve)/P 3 0 R/Rect[10 10 90 30]/F 4/AP<</N 20 0 R>>>>",
    );
    let file = File::signed(&[]).update(&[filled, (20, SIGNED[9].1)]);
    assert_eq!(file.certified(2), permitted(FormFilling));
    let lock = |names: LockedFields| allowed(None, &[FieldLock { fields: names, permissions: None }]);
    let locked = file.judged(&lock(LockedFields::Include(vec!["name".into()])));
    assert!(reasons(&locked).contains("locked field name"));
    assert_eq!(file.judged(&lock(LockedFields::Include(vec!["other".into()]))), permitted(FormFilling));
    assert_eq!(file.judged(&lock(LockedFields::Exclude(vec!["name".into()]))), permitted(FormFilling));
}

#[test]
fn redrawing_a_text_field_in_place_counts_as_filling_it_and_leaves_open_what_it_says() {
    let file = File::signed(&[]).update(&[(10, &SIGNED[9].1.replace("(Ada)", "(Eve)"))]);
    assert!(matches!(file.approved(), Judgement::Overlaid { .. }));
    let later = file.later(0);
    assert_eq!(later.revisions[0].fields[0].name, "name");
    assert_eq!(later.revisions[0].findings[0].code, "changes.redrawn-field");
}

#[test]
fn a_radio_button_is_chosen_by_the_field_and_its_widgets() {
    let field = "<</FT/Btn/Ff 49152/T(choice)/V/Off/Kids[31 0 R 32 0 R]>>";
    let widget =
        "<</Type/Annot/Subtype/Widget/Parent 30 0 R/Rect[300 300 309 309]/AS/Off/AP<</N<</A 33 0 R>>>>>>";
    let page = SIGNED[2].1.replace("14 0 R]", "14 0 R 31 0 R 32 0 R]");
    let form = SIGNED[3].1.replace("11 0 R]", "11 0 R 30 0 R]");
    let drawn = "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 1>>stream\nn\nendstream";
    let file = File::signed(&[(3, &page), (4, &form), (30, field), (31, widget), (32, widget), (33, drawn)]);
    let file =
        file.update(&[(30, &field.replace("/V/Off", "/V/A")), (31, &widget.replace("/AS/Off", "/AS/A"))]);
    assert_eq!(file.certified(2), permitted(FormFilling));
    let names: Vec<String> =
        file.later(0).revisions[0].fields.iter().map(|field| field.name.clone()).collect();
    assert_eq!(names, ["choice"]);
    let lock = FieldLock { fields: LockedFields::Include(vec!["choice".into()]), permissions: None };
    assert!(reasons(&file.judged(&allowed(None, &[lock]))).contains("locked field choice"));
}

#[test]
fn a_tagged_document_gets_a_structure_element_for_a_new_signature_field() {
    let catalog = "<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R/StructTreeRoot 30 0 R>>";
    let element = "<</S/P/P 30 0 R/Pg 3 0 R/K 0>>";
    let file = |addition: &str| {
        File::signed(&[
            (1, catalog),
            (30, "<</Type/StructTreeRoot/K[31 0 R]/ParentTree<</Nums[0[31 0 R]]>>/ParentTreeNextKey 1>>"),
            (31, element),
        ])
        .update(&[
            PAGE_WITH_20,
            FORM_WITH_20,
            (20, "<</Type/Annot/Subtype/Widget/FT/Sig/T(More)/V 21 0 R/P 3 0 R/Rect[1 1 9 9]/StructParent 1>>"),
            (21, NEW_SIGNATURE),
            (30, "<</Type/StructTreeRoot/K[31 0 R 32 0 R]/ParentTree<</Nums[0[31 0 R]1 32 0 R]>>/ParentTreeNextKey 2>>"),
            (32, addition),
        ])
    };
    let for_the_field = file("<</S/Form/P 30 0 R/Pg 3 0 R/K<</Type/OBJR/Obj 20 0 R>>>>");
    assert_eq!(
        for_the_field.certified(3),
        Judgement::Suspicious {
            reasons: vec![
                "the visible signature field More was added to a certified document (sneaky signature)"
                    .into()
            ]
        }
    );
    assert_eq!(for_the_field.approved(), permitted(FormFilling));
    let for_text = file("<</S/P/P 30 0 R/Pg 3 0 R/K 1>>");
    assert!(reasons(&for_text.approved()).contains("not for form fields"));
}

#[test]
fn document_information_and_well_formed_metadata_are_long_term_validation() {
    let update = |metadata: &str| {
        File::signed(&[]).update(&[
            (13, "<</Producer(another)>>"),
            (1, "<</Type/Catalog/Version/2.0/Pages 2 0 R/AcroForm 4 0 R/Metadata 20 0 R>>"),
            (
                20,
                &format!(
                    "<</Type/Metadata/Subtype/XML/Length {}>>stream\n{metadata}\nendstream",
                    metadata.len()
                ),
            ),
        ])
    };
    assert_eq!(update("<x:xmpmeta></x:xmpmeta>").certified(1), permitted(LongTermValidation));
    assert!(reasons(&update("<x:xmpmeta>").approved()).contains("not a well-formed XMP packet"));
}

#[test]
fn a_comment_is_an_annotation() {
    let file = File::signed(&[])
        .update(&[PAGE_WITH_20, (20, "<</Type/Annot/Subtype/Text/Rect[1 1 9 9]/Contents(Hello)>>")]);
    assert_eq!(file.approved(), permitted(Annotation));
    assert_eq!(file.certified(3), permitted(Annotation));
    assert!(reasons(&file.certified(2)).contains("annotations changed"));
    let removed = File::signed(&[]).update(&[(3, &SIGNED[2].1.replace(" 14 0 R", ""))]);
    assert_eq!(removed.approved(), permitted(Annotation));
}

#[test]
fn what_nothing_leads_to_is_harmless() {
    let file = File::signed(&[]).update(&[(20, "<</S/JavaScript/JS(app.alert(1))>>")]);
    assert_eq!(file.approved(), permitted(LongTermValidation));
    assert_eq!(file.later(0).revisions[0].objects[0].cleared_by.map(|rule| rule.name), Some("unreachable"));
}

#[test]
fn a_resource_written_again_under_another_number_is_the_same() {
    let file =
        File::signed(&[]).update(&[(3, &SIGNED[2].1.replace("/F1 6 0 R", "/F1 20 0 R")), (20, SIGNED[5].1)]);
    assert_eq!(file.certified(1), permitted(Nothing));
}

#[test]
fn signatures_before_the_validation_data_do_not_mind_that_they_go() {
    let file = with_store(File::signed(&[])).update(&[(1, SIGNED[0].1)]);
    // Extensions went too, which nobody may do.
    assert!(reasons(&file.approved()).contains("extensions were removed"));
    let kept = "<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R/Extensions<</ESIC<</BaseVersion/1.7/ExtensionLevel 5>>>>>>";
    let file = with_store(File::signed(&[])).update(&[(1, kept)]);
    assert_eq!(file.approved(), permitted(LongTermValidation));
    let after_store = undersign_inspection::judge(&file.later(1), &allowed(None, &[]));
    assert!(reasons(&after_store).contains("document security store was removed"));
}
