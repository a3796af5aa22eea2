//! Existing fields, forms and annotation arrays of every shape.

use crate::build::{File, STYLES, Style};
use crate::checks::{assert_consistent, request};
use crate::{refusal, signed};
use pdf::Document;
use pdf::object::{Dictionary, Object};
use pdf::signature::{FieldChoice, Placement, SignatureRequest};
use pdf::signatures::{FieldLock, LockedFields};
use types::Budget;

/// A form with one empty signature field merged with its widget.
pub fn with_field(entries: &str) -> File {
    let mut file = File::with_pages(1);
    let number = file.objects.len() + 1;
    file.object(&format!(
        "<</Type/Annot/Subtype/Widget/FT/Sig/T(Buyer)/Rect[20 20 170 70]/P 3 0 R/F 4{entries}>>"
    ));
    file.extend(1, &format!("/AcroForm<</Fields[{number} 0 R]>>"));
    file.extend(3, &format!("/Annots[{number} 0 R]"));
    file
}

pub fn existing(name: &str) -> SignatureRequest {
    SignatureRequest { field: FieldChoice::Existing(name.into()), ..request() }
}

fn field_dictionary(whole: &[u8], name: &str) -> Dictionary {
    let mut budget = Budget::default();
    let document = Document::open(&whole, None, &mut budget).unwrap();
    let form = document.acroform(&mut budget).unwrap().unwrap();
    form.fields.iter().find(|field| field.name == name).unwrap().dictionary.clone()
}

#[test]
fn an_empty_field_is_filled_in_place() {
    for style in STYLES {
        for request in [existing("Buyer"), request()] {
            let original = with_field("").bytes(style);
            let (prepared, whole) = signed(&original, &request).unwrap();
            assert_consistent(&original, &prepared, &whole);
            assert_eq!((prepared.field_name.as_str(), prepared.page), ("Buyer", Some(0)));
        }
    }
}

#[test]
fn a_widget_apart_from_its_field_gets_the_appearance() {
    let mut file = File::with_pages(1);
    file.extend(1, "/AcroForm<</Fields[5 0 R]>>");
    file.extend(3, "/Annots[6 0 R]");
    file.object("<</FT/Sig/T(Seller)/Kids[6 0 R]>>");
    file.object("<</Type/Annot/Subtype/Widget/Parent 5 0 R/Rect[20 20 170 70]/P 3 0 R/F 2>>");
    let original = file.bytes(Style::Classic);
    let request = SignatureRequest { placement: Placement::FieldRect, ..existing("Seller") };
    let (prepared, whole) = signed(&original, &request).unwrap();
    assert_consistent(&original, &prepared, &whole);
    let mut budget = Budget::default();
    let document = Document::open(&whole, None, &mut budget).unwrap();
    let form = document.acroform(&mut budget).unwrap().unwrap();
    assert_eq!(form.fields[0].widgets[0].flags, 4, "hidden is cleared, print is set");
    assert!(form.fields[0].dictionary.get("AP").is_none());
}

#[test]
fn a_widget_apart_is_left_alone_in_a_signed_document() {
    let mut file = File::with_pages(1);
    file.extend(1, "/AcroForm<</Fields[5 0 R]>>");
    file.extend(3, "/Annots[6 0 R]");
    file.object("<</FT/Sig/T(Seller)/Kids[6 0 R]>>");
    file.object("<</Type/Annot/Subtype/Widget/Parent 5 0 R/Rect[20 20 170 70]/P 3 0 R/F 4>>");
    let new = SignatureRequest { field: FieldChoice::New { name: None }, ..request() };
    let (_, once) = signed(&file.bytes(Style::Classic), &new).unwrap();
    let (prepared, twice) = signed(&once, &existing("Seller")).unwrap();
    assert_consistent(&once, &prepared, &twice);
    assert!(!String::from_utf8_lossy(&prepared.tail).contains("\n6 0 obj"));
    let visible = SignatureRequest { placement: Placement::FieldRect, ..existing("Seller") };
    let (prepared, _) = signed(&once, &visible).unwrap();
    assert_eq!(prepared.findings[0].code, "pdf.sign.widget-apart");
}

#[test]
fn a_fields_own_lock_takes_effect() {
    let file = with_field("/Lock<</Type/SigFieldLock/Action/Include/Fields[(Amount)]>>");
    let original = file.bytes(Style::Classic);
    let (prepared, whole) = signed(&original, &existing("Buyer")).unwrap();
    assert_consistent(&original, &prepared, &whole);
    let mut budget = Budget::default();
    let document = Document::open(&whole, None, &mut budget).unwrap();
    let signatures = document.signatures(&mut budget).unwrap();
    let lock = signatures.fields[0].value.as_ref().unwrap().field_mdp.as_ref().unwrap();
    assert_eq!(lock.fields, LockedFields::Include(vec!["Amount".into()]));
}

#[test]
fn a_new_field_can_lock_others() {
    let lock = FieldLock { fields: LockedFields::Exclude(vec!["Ünder".into()]), permissions: Some(2) };
    let original = File::with_pages(1).bytes(Style::Classic);
    let (prepared, whole) =
        signed(&original, &SignatureRequest { lock: Some(lock.clone()), ..request() }).unwrap();
    assert_consistent(&original, &prepared, &whole);
    let mut budget = Budget::default();
    let document = Document::open(&whole, None, &mut budget).unwrap();
    let signatures = document.signatures(&mut budget).unwrap();
    assert_eq!(signatures.fields[0].lock, Some(lock.clone()));
    assert_eq!(signatures.fields[0].value.as_ref().unwrap().field_mdp.as_ref().unwrap().fields, lock.fields);
}

#[test]
fn forms_and_annotations_are_changed_where_they_are() {
    for (form, annotations) in [
        ("/AcroForm 5 0 R", "/Annots 6 0 R"),
        ("/AcroForm 7 0 R", "/Annots[]"),
        ("/AcroForm<<>>", "/Annots 99 0 R"),
        ("/AcroForm null", "/Annots null"),
        ("/AcroForm 99 0 R", ""),
    ] {
        let mut file = File::with_pages(1);
        file.extend(1, form);
        file.extend(3, annotations);
        file.object("<</Fields 8 0 R/DA(/Helv 0 Tf)>>");
        file.object("[]");
        file.object("<</Fields[]/SigFlags 1>>");
        file.object("[]");
        for style in STYLES {
            let original = file.bytes(style);
            let (prepared, whole) = signed(&original, &request()).unwrap();
            assert_consistent(&original, &prepared, &whole);
            let mut budget = Budget::default();
            let document = Document::open(&whole, None, &mut budget).unwrap();
            let page = document.page(0, &mut budget).unwrap().unwrap();
            let annotations = document.resolve(page.dictionary.get("Annots").unwrap(), &mut budget).unwrap();
            assert_eq!(annotations.as_array().map(<[Object]>::len), Some(1), "{form} {annotations:?}");
            assert_eq!(document.acroform(&mut budget).unwrap().unwrap().signature_flags, 3);
        }
    }
}

#[test]
fn shapes_that_make_no_sense_are_refused() {
    for (number, entries) in [
        (1, "/AcroForm 5 0 R"),
        (1, "/AcroForm<</Fields 5 0 R>>"),
        (3, "/Annots 5 0 R"),
        (3, "/Annots(no)"),
        (1, "/Extensions 5 0 R"),
    ] {
        let mut file = File::with_pages(1);
        file.extend(number, entries);
        file.object("42");
        assert_eq!(refusal(&file, &request()).code, "pdf.sign.malformed", "{entries}");
    }
}

#[test]
fn a_page_tree_that_loops_is_refused() {
    let mut file = File::with_pages(1);
    file.set(2, "<</Type/Pages/Kids[2 0 R]/Count 1>>");
    let refusal = refusal(&file, &request());
    assert!(
        ["pdf.sign.malformed", "pdf.sign.page", "pdf.sign.budget"].contains(&refusal.code),
        "{refusal:?}"
    );
}

#[test]
fn a_new_field_takes_the_first_free_name() {
    let mut file = with_field("");
    file.object("<</FT/Tx/T(Signature1)>>");
    file.set(1, "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[5 0 R 6 0 R]>>>>");
    let request = SignatureRequest { field: FieldChoice::New { name: None }, ..request() };
    let (prepared, _) = signed(&file.bytes(Style::Classic), &request).unwrap();
    assert_eq!(prepared.field_name, "Signature2");
}

#[test]
fn names_outside_ascii_survive() {
    let request = SignatureRequest { field: FieldChoice::New { name: Some("签名".into()) }, ..request() };
    let original = File::with_pages(1).bytes(Style::Classic);
    let (prepared, whole) = signed(&original, &request).unwrap();
    assert_consistent(&original, &prepared, &whole);
    assert!(field_dictionary(&whole, "签名").get("V").is_some());
}

#[test]
fn a_second_signature_leaves_the_catalog_alone() {
    let original = File::with_pages(1).bytes(Style::Classic);
    let (_, once) = signed(&original, &request()).unwrap();
    let (twice, _) = signed(&once, &request()).unwrap();
    assert!(!String::from_utf8_lossy(&twice.tail).contains("/Catalog"));
}
