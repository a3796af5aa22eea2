//! What is not signed, and why.

use crate::build::{File, Style};
use crate::checks::request;
use crate::fields::{existing, with_field};
use crate::visible::at;
use crate::{refusal, signed};
use pdf::signature::{Certification, FieldChoice, Placement, SignatureRequest, SubFilter};
use pdf::signatures::{FieldLock, LockedFields};

fn certified(level: Certification) -> Vec<u8> {
    let request = SignatureRequest { certification: Some(level), ..request() };
    signed(&File::with_pages(1).bytes(Style::Classic), &request).unwrap().1
}

fn code(bytes: &[u8], request: &SignatureRequest) -> &'static str {
    signed(bytes, request).map_or_else(|refusal| refusal.code, |_| "signed")
}

#[test]
fn a_document_certified_without_changes_takes_only_timestamps() {
    let bytes = certified(Certification::NoChanges);
    let error = signed(&bytes, &request()).unwrap_err();
    assert_eq!(error.code, "pdf.sign.certified-no-changes");
    assert!(error.at.is_some_and(|at| (at as usize) < bytes.len()));
    let timestamp = SignatureRequest { sub_filter: SubFilter::EtsiRfc3161, ..request() };
    assert_eq!(code(&bytes, &timestamp), "signed");
}

#[test]
fn certification_for_forms_allows_invisible_signatures_and_existing_fields() {
    let visible = SignatureRequest { placement: at(20.0, 20.0, 100.0, 50.0), ..request() };
    let bytes = certified(Certification::FormFilling);
    assert_eq!(code(&bytes, &request()), "signed");
    for level in [Certification::FormFilling, Certification::Annotations] {
        assert_eq!(code(&certified(level), &visible), "pdf.sign.certified-new-visible-field");
    }
    let mut two = with_field("");
    two.object("<</Type/Annot/Subtype/Widget/FT/Sig/T(Seller)/Rect[20 80 170 130]/P 3 0 R/F 4>>");
    two.set(1, "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[5 0 R 6 0 R]>>>>");
    let certify = SignatureRequest { certification: Some(Certification::FormFilling), ..existing("Seller") };
    let (_, bytes) = signed(&two.bytes(Style::Classic), &certify).unwrap();
    let fill = SignatureRequest { placement: Placement::FieldRect, ..existing("Buyer") };
    assert_eq!(code(&bytes, &fill), "signed");
}

#[test]
fn only_the_first_signature_certifies() {
    let (_, bytes) = signed(&File::with_pages(1).bytes(Style::Classic), &request()).unwrap();
    let certify = SignatureRequest { certification: Some(Certification::FormFilling), ..request() };
    assert_eq!(code(&bytes, &certify), "pdf.sign.certification");
    let timestamp = SignatureRequest { sub_filter: SubFilter::EtsiRfc3161, ..certify };
    assert_eq!(code(&File::with_pages(1).bytes(Style::Classic), &timestamp), "pdf.sign.certification");
}

#[test]
fn locked_fields_are_not_signed() {
    let mut two = with_field("");
    two.object("<</Type/Annot/Subtype/Widget/FT/Sig/T(Seller)/Rect[20 80 170 130]/P 3 0 R/F 4>>");
    two.set(1, "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[5 0 R 6 0 R]>>>>");
    let locking = |fields| {
        let lock = Some(FieldLock { fields, permissions: None });
        signed(&two.bytes(Style::Classic), &SignatureRequest { lock, ..existing("Seller") }).unwrap().1
    };
    let included = locking(LockedFields::Include(vec!["Buyer".into()]));
    assert_eq!(code(&included, &existing("Buyer")), "pdf.sign.field-locked");
    let new = SignatureRequest { field: FieldChoice::New { name: None }, ..request() };
    assert_eq!(code(&included, &new), "signed");
    let all = locking(LockedFields::All);
    assert_eq!(code(&all, &existing("Buyer")), "pdf.sign.field-locked");
    assert_eq!(code(&all, &new), "pdf.sign.field-locked");
}

#[test]
fn a_lock_that_forbids_all_changes_is_honoured() {
    let lock = Some(FieldLock { fields: LockedFields::Include(vec!["X".into()]), permissions: Some(1) });
    let original = File::with_pages(1).bytes(Style::Classic);
    let (_, bytes) = signed(&original, &SignatureRequest { lock, ..request() }).unwrap();
    assert_eq!(code(&bytes, &request()), "pdf.sign.certified-no-changes");
}

#[test]
fn fields_that_cannot_take_a_signature_are_refused() {
    let file = with_field("");
    assert_eq!(refusal(&file, &existing("Nobody")).code, "pdf.sign.field-missing");
    let text = {
        let mut file = with_field("");
        file.set(5, "<</Type/Annot/Subtype/Widget/FT/Tx/T(Buyer)/Rect[0 0 9 9]/P 3 0 R>>");
        file
    };
    let error = refusal(&text, &existing("Buyer"));
    assert_eq!(error.code, "pdf.sign.field-type");
    assert!(error.at.is_some());
    assert_eq!(refusal(&with_field("/Ff 1"), &existing("Buyer")).code, "pdf.sign.field-read-only");
    let (_, bytes) = signed(&file.bytes(Style::Classic), &existing("Buyer")).unwrap();
    assert_eq!(code(&bytes, &existing("Buyer")), "pdf.sign.field-signed");
    let new =
        |name: &str| SignatureRequest { field: FieldChoice::New { name: Some(name.into()) }, ..request() };
    assert_eq!(refusal(&file, &new("Buyer")).code, "pdf.sign.field-exists");
    assert_eq!(refusal(&file, &new("a.b")).code, "pdf.sign.field-name");
    assert_eq!(refusal(&file, &new("")).code, "pdf.sign.field-name");
}

#[test]
fn several_empty_fields_are_left_alone_and_named() {
    let mut two = with_field("");
    two.object("<</Type/Annot/Subtype/Widget/FT/Sig/T(Seller)/Rect[0 0 9 9]/P 3 0 R/F 4>>");
    two.set(1, "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[5 0 R 6 0 R]>>>>");
    let (prepared, _) = signed(&two.bytes(Style::Classic), &request()).unwrap();
    assert_eq!(prepared.field_name, "Signature1");
    let left = prepared.findings.iter().find(|finding| finding.code == "pdf.sign.fields-left-empty");
    assert!(left.is_some_and(|left| left.message.contains("Buyer") && left.message.contains("Seller")));
}

#[test]
fn places_off_the_document_are_refused() {
    let file = File::with_pages(2);
    let on = |page| Placement::Rect { page, x: 0.0, y: 0.0, width: 50.0, height: 20.0 };
    let placed = |placement| SignatureRequest { placement, ..request() };
    assert_eq!(refusal(&file, &placed(on(2))).code, "pdf.sign.page");
    assert_eq!(refusal(&file, &placed(on(usize::MAX))).code, "pdf.sign.page");
    assert_eq!(refusal(&file, &placed(at(260.0, 0.0, 50.0, 20.0))).code, "pdf.sign.rectangle");
    assert_eq!(refusal(&file, &placed(Placement::FieldRect)).code, "pdf.sign.placement");
    let own = SignatureRequest { placement: on(0), ..existing("Buyer") };
    assert_eq!(refusal(&with_field(""), &own).code, "pdf.sign.placement");
}

#[test]
fn seed_values_that_would_be_broken_refuse() {
    let seeded = |seed: &str| with_field(&format!("/SV<</Type/SV{seed}>>"));
    for seed in [
        "/Ff 2/SubFilter[/adbe.pkcs7.detached]",
        "/Ff 8/Reasons[(Approved)(Reviewed)]",
        "/Ff 8",
        "/Ff 8/Reasons[(.)]",
        "/MDP<</P 2>>",
        "/Ff 1/Filter/Other",
        "/Ff 128/LockDocument/true",
        "/Ff 256/AppearanceFilter(X)",
    ] {
        let error = refusal(&seeded(seed), &existing("Buyer"));
        assert_eq!(error.code, "pdf.sign.seed-value", "{seed}");
        assert!(error.at.is_some());
    }
    let digest = SignatureRequest { digest_method: Some("SHA256".into()), ..existing("Buyer") };
    assert_eq!(refusal(&seeded("/Ff 64/DigestMethod[(SHA512)]"), &digest).code, "pdf.sign.seed-value");
    for seed in [
        "/SubFilter[/adbe.pkcs7.detached]",
        "/Ff 8/Reasons[(I agree \\(fully\\))]",
        "/Ff 2/SubFilter[/ETSI.CAdES.detached]",
        "/MDP<</P 0>>",
    ] {
        assert_eq!(code(&seeded(seed).bytes(Style::Classic), &existing("Buyer")), "signed", "{seed}");
    }
    let (prepared, _) = signed(&seeded("/Cert<</Ff 1>>").bytes(Style::Classic), &existing("Buyer")).unwrap();
    assert_eq!(prepared.findings[0].code, "pdf.sign.seed-value-certificate");
}

#[test]
fn a_dynamic_form_is_refused_and_usage_rights_are_told() {
    let mut file = File::with_pages(1);
    let config = "<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'><config><acrobat><acrobat7>\
                  <dynamicRender>required</dynamicRender></acrobat7></acrobat></config></xdp:xdp>";
    let xfa = file.stream("", config.as_bytes());
    file.extend(1, &format!("/NeedsRendering true/AcroForm<</Fields[]/XFA {xfa} 0 R>>"));
    assert_eq!(refusal(&file, &request()).code, "pdf.sign.xfa-dynamic");
    let mut file = File::with_pages(1);
    file.object("<</Type/Sig/Filter/Adobe.PPKLite/ByteRange[0 1 2 3]/Contents<00>>>");
    file.extend(1, "/Perms<</UR3 5 0 R>>");
    let (prepared, _) = signed(&file.bytes(Style::Classic), &request()).unwrap();
    assert!(prepared.findings.iter().any(|finding| finding.code == "pdf.sign.usage-rights"));
}

#[test]
fn data_after_the_end_is_looked_at() {
    let whole = File::with_pages(1).bytes(Style::Classic);
    let with = |rest: &[u8]| [whole.as_slice(), rest].concat();
    assert_eq!(code(&with(b"\r\n\0\0  "), &request()), "signed");
    let (prepared, _) = signed(&with(b"<!-- mirror 3 -->"), &request()).unwrap();
    assert_eq!(prepared.findings.last().map(|finding| &*finding.code), Some("pdf.sign.data-after-end"));
    assert_eq!(code(&with(b"5 0 obj\n<</Type/Sig>>\nendobj\n"), &request()), "pdf.sign.data-after-end");
}

#[test]
fn room_and_time_must_make_sense() {
    let file = File::with_pages(1);
    let room = |contents_len| SignatureRequest { contents_len, ..request() };
    assert_eq!(refusal(&file, &room(0)).code, "pdf.sign.contents-length");
    assert_eq!(refusal(&file, &room(usize::MAX)).code, "pdf.sign.contents-length");
    let mut request = request();
    request.claimed_time = request.claimed_time.map(|mut claimed| {
        claimed.offset_minutes = 1440;
        claimed
    });
    assert_eq!(refusal(&file, &request).code, "pdf.sign.claimed-time");
}
