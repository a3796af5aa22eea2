//! Form fields, signature fields and signature dictionaries.

use crate::build::{File, opened};
use types::{Span, Time};
use undersign_pdf::acroform::{FieldType, Xfa};
use undersign_pdf::object::{Object, ObjectId};
use undersign_pdf::signatures::{FieldLock, LockedFields, SignatureDictionary, SignatureKind, Signatures};

fn id(number: u32) -> ObjectId {
    ObjectId { number, generation: 0 }
}

/// A file with one field tree, whose roots are `roots`.
fn form(roots: &str, more: &str) -> File {
    File::with_catalog(&format!("/AcroForm 3 0 R {more}"))
        .object(3, &format!("<</Fields[{roots}]/SigFlags 3>>"))
}

/// A file with the signature dictionary `<<entries>>`, object 5.
fn signed(entries: &str) -> Vec<u8> {
    form("4 0 R", "").object(4, "<</FT/Sig/T(A)/V 5 0 R>>").object(5, &format!("<<{entries}>>")).finish()
}

/// Looks at the first signature.
fn first(bytes: &[u8], look: impl Fn(&SignatureDictionary)) {
    opened(bytes, |document, budget| {
        let signatures = document.signatures(budget).unwrap();
        look(signatures.fields[0].value.as_ref().expect("the field is signed"));
    });
}

fn codes(signature: &SignatureDictionary) -> Vec<&str> {
    signature.findings.iter().map(|finding| &*finding.code).collect()
}

#[test]
fn fields_have_full_names_and_what_they_inherit() {
    let file = form("4 0 R 8 0 R", "")
        .object(4, "<</T(a)/FT/Tx/Ff 3/V(v)/DA(/F 9 Tf)/Kids[5 0 R 6 0 R]>>")
        .object(5, "<</T(b)/Parent 4 0 R/Kids[7 0 R 9 0 R]>>")
        .object(6, "<</T<FEFF00E9>/Parent 4 0 R/FT/Btn/Ff 1/Subtype/Widget/Rect[5 6 1 2]/P 2 0 R/F 4>>")
        .object(7, "<</Parent 5 0 R/Subtype/Widget/Rect[0 0 1 1]>>")
        .object(8, "<</T(c)/FT/Ch>>")
        .object(9, "<</Parent 5 0 R/Subtype/Widget>>")
        .finish();
    opened(&file, |document, budget| {
        let form = document.acroform(budget).unwrap().unwrap();
        let names: Vec<&str> = form.fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!((names, form.signature_flags, form.xfa), (vec!["a.b", "a.é", "c"], 3, Xfa::Absent));
        let [text, button, choice] = form.fields.as_slice() else { panic!("three fields") };
        assert_eq!((text.field_type, text.flags, text.widgets.len()), (Some(FieldType::Text), 3, 2));
        assert_eq!(text.value.as_deref(), Some(&Object::string("v")));
        assert_eq!((button.field_type, button.flags), (Some(FieldType::Button), 1));
        let widget = &button.widgets[0];
        assert_eq!((widget.id, widget.page, widget.flags), (id(6), Some(id(2)), 4));
        assert_eq!(widget.rect, Some([1.0, 2.0, 5.0, 6.0]));
        assert_eq!((choice.field_type, choice.widgets.len()), (Some(FieldType::Choice), 0));
        assert!(form.findings.is_empty(), "{:?}", form.findings);
    });
}

#[test]
fn faults_of_the_field_tree_are_findings_and_hide_no_other_field() {
    let file = form("4 0 R 5 0 R 5 0 R 6 0 R (x) 7 0 R", "")
        .object(4, "<</T(a)/FT/Tx/Kids[4 0 R]>>")
        .object(5, "<</T(b)/FT/Sig>>")
        .object(6, "[not a field]".replace("not a field", "1").as_str())
        .object(7, "<</T(d)/FT/Sig")
        .finish();
    opened(&file, |document, budget| {
        let signatures = document.signatures(budget).unwrap();
        assert_eq!(signatures.fields.len(), 1);
        let codes: Vec<&str> = signatures.findings.iter().map(|finding| &*finding.code).collect();
        let repeated = "pdf.form.repeated-field";
        let unreadable = "pdf.form.unreadable-field";
        assert_eq!(codes, [repeated, repeated, unreadable, "pdf.form.direct-field", unreadable]);
    });
}

#[test]
fn dynamic_and_static_xfa_are_told_apart() {
    for (more, field, kind) in [
        ("/NeedsRendering true", "<</T(a)/FT/Tx>>", Xfa::Dynamic),
        ("", "<</T(a)/FT/Tx>>", Xfa::Static),
        ("", "null", Xfa::Dynamic),
    ] {
        let file =
            File::with_catalog(&format!("/AcroForm<</Fields[4 0 R]/XFA[]>>{more}")).object(4, field).finish();
        opened(&file, |document, budget| assert_eq!(document.acroform(budget).unwrap().unwrap().xfa, kind));
    }
}

#[test]
fn a_signature_dictionary_is_read_with_the_places_of_its_contents_and_byte_range() {
    let file = signed(
        "/Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange [ 0 10 20 30 ]/Contents <30 03 02\n0107000>\
         /Name(N)/Reason<FEFF004A>/Location(L)/ContactInfo(C)/M(D:20260102030405Z)",
    );
    let text =
        String::from_utf8_lossy(&file.iter().map(|byte| byte & 0x7F).collect::<Vec<u8>>()).into_owned();
    let place = |token: &str| {
        let start = text.find(token).unwrap() as u64;
        Some(Span::new(start, start + token.len() as u64))
    };
    first(&file, |signature| {
        assert!(signature.findings.is_empty(), "{:?}", signature.findings);
        assert_eq!(signature.contents, [0x30, 3, 2, 1, 7, 0, 0]);
        assert_eq!(signature.contents_span, place("<30 03 02\n0107000>"));
        let range = signature.byte_range.as_ref().unwrap();
        assert_eq!(
            (range.parts.as_slice(), range.span),
            ([(0, 10), (20, 30)].as_slice(), place("[ 0 10 20 30 ]"))
        );
        assert_eq!(signature.kind, SignatureKind::Signature);
        assert_eq!((signature.name.as_deref(), signature.reason.as_deref()), (Some("N"), Some("J")));
        assert_eq!(
            (signature.location.as_deref(), signature.contact_info.as_deref()),
            (Some("L"), Some("C"))
        );
        assert_eq!(signature.claimed_time, Time::from_civil(2026, 1, 2, 3, 4, 5));
        assert_eq!((signature.id, signature.revision), (Some(id(5)), 0));
    });
}

#[test]
fn tricks_with_contents_and_byte_range_are_findings() {
    for (entries, code) in [
        ("/Contents<00>/ByteRange[0 1 2 3]/Contents<01>", "pdf.signature.repeated-key"),
        ("/Contents<00>/ByteRange[0 1 2 3]/ByteRange[0 9 9 9]", "pdf.signature.repeated-key"),
        ("/Contents 6 0 R/ByteRange[0 1 2 3]", "pdf.signature.contents-indirect"),
        ("/Contents(00)/ByteRange[0 1 2 3]", "pdf.signature.contents-literal"),
        ("/ByteRange[0 1 2 3]", "pdf.signature.contents"),
        ("/Contents<00>/ByteRange 7 0 R", "pdf.signature.byte-range-indirect"),
        ("/Contents<00>/ByteRange[0 1 2 8 0 R]", "pdf.signature.byte-range-indirect"),
        ("/Contents<00>/ByteRange[0 1 2]", "pdf.signature.byte-range"),
        ("/Contents<00>/ByteRange[0 1 2 -3]", "pdf.signature.byte-range"),
        ("/Contents<00>/Type/Sog", "pdf.signature.type"),
        ("/Contents<00>/Type/Sig/SubFilter/ETSI.RFC3161", "pdf.signature.type"),
        ("/Contents<00>/M(yesterday)", "pdf.signature.date"),
        (
            "/Contents<00>/Reference[<</TransformMethod/DocMDP/TransformParams<</P 9>>>>]",
            "pdf.signature.doc-mdp",
        ),
    ] {
        let file = form("4 0 R", "")
            .object(4, "<</FT/Sig/T(A)/V 5 0 R>>")
            .object(5, &format!("<<{entries}>>"))
            .object(6, "<00>")
            .object(7, "[0 1 2 3]")
            .object(8, "3")
            .finish();
        first(&file, |signature| assert_eq!(codes(signature), [code], "{entries}"));
    }
}

#[test]
fn a_signature_in_an_object_stream_has_no_place_for_its_contents() {
    let file = File::with_catalog("/AcroForm<</Fields[4 0 R]>>")
        .object_stream(9, &[(4, "<</FT/Sig/T(A)/V 5 0 R>>"), (5, "<</Contents<00>/ByteRange[0 1 2 3]>>")])
        .xref_stream(10, "")
        .close();
    first(&file.bytes, |signature| {
        assert_eq!((signature.contents_span, codes(signature)), (None, vec!["pdf.signature.compressed"]));
        assert_eq!(signature.byte_range.as_ref().unwrap().span, None);
    });
}

#[test]
fn a_signature_written_inside_its_field_is_read_at_its_place() {
    let file = form("4 0 R", "").object(4, "<</FT/Sig/T(A)/V<</Contents<0A>/ByteRange[0 1 2 3]>>>>").finish();
    first(&file, |signature| {
        let span = signature.contents_span.unwrap();
        assert_eq!(&file[span.start as usize..span.end as usize], b"<0A>");
        assert_eq!((signature.id, signature.findings.len()), (None, 0));
    });
}

#[test]
fn certification_and_locks_are_read() {
    let file = form("4 0 R", "/Perms<</DocMDP 5 0 R/UR3 6 0 R>>")
        .object(
            4,
            "<</FT/Sig/T(A)/V 5 0 R/Lock<</Type/SigFieldLock/Action/Exclude/Fields[(x)(y)]/P 2>>/SV<<>>>>",
        )
        .object(
            5,
            "<</Contents<00>/Reference[<</TransformMethod/DocMDP/TransformParams<</P 1>>>>\
             <</TransformMethod/FieldMDP/TransformParams<</Action/All>>>>]>>",
        )
        .finish();
    opened(&file, |document, budget| {
        let signatures: Signatures = document.signatures(budget).unwrap();
        assert_eq!((signatures.doc_mdp, signatures.ur3), (Some(id(5)), Some(id(6))));
        let field = &signatures.fields[0];
        let fields = LockedFields::Exclude(vec!["x".into(), "y".into()]);
        assert_eq!(
            (&field.lock, field.seed_value),
            (&Some(FieldLock { fields, permissions: Some(2) }), true)
        );
        let value = field.value.as_ref().unwrap();
        assert_eq!((value.doc_mdp, value.references.len()), (Some(1), 2));
        assert_eq!(value.field_mdp, Some(FieldLock { fields: LockedFields::All, permissions: None }));
    });
}

#[test]
fn the_strictest_reading_of_a_missing_transform_parameter_is_the_default_of_the_standard() {
    let file = signed("/Contents<00>/Reference[<</TransformMethod/DocMDP>>]");
    first(&file, |signature| assert_eq!((signature.doc_mdp, signature.findings.len()), (Some(2), 0)));
}

#[test]
fn unsigned_and_unreadable_fields_are_told_apart() {
    let file = form("4 0 R 5 0 R 6 0 R", "")
        .object(4, "<</FT/Sig/T(A)>>")
        .object(5, "<</FT/Sig/T(B)/V(text)>>")
        .object(6, "<</FT/Sig/T(C)/V 77 0 R>>")
        .finish();
    opened(&file, |document, budget| {
        let signatures = document.signatures(budget).unwrap();
        let unreadable: Vec<bool> =
            signatures.fields.iter().map(|field| field.unreadable.is_some()).collect();
        assert_eq!(unreadable, [false, true, false]);
        assert!(signatures.fields.iter().all(|field| field.value.is_none()));
    });
}

#[test]
fn two_fields_with_one_signature_are_reported() {
    let file = form("4 0 R 6 0 R", "")
        .object(4, "<</FT/Sig/T(A)/V 5 0 R>>")
        .object(5, "<</Contents<00>>>")
        .object(6, "<</FT/Sig/T(B)/V 5 0 R>>")
        .finish();
    opened(&file, |document, budget| {
        let signatures = document.signatures(budget).unwrap();
        assert_eq!(signatures.findings[0].code, "pdf.signature.shared");
    });
}

#[test]
fn the_security_store_lists_its_streams() {
    let file = File::with_catalog("/DSS 3 0 R")
        .object(3, "<</Certs[4 0 R]/OCSPs[5 0 R]/CRLs 6 0 R/VRI<</AB<</Cert[4 0 R]/TU(D:2026)/TS 7 0 R>>>>>>")
        .stream(4, "", b"cert")
        .object(6, "[8 0 R (x)]")
        .finish();
    opened(&file, |document, budget| {
        let store = document.security_store(budget).unwrap().unwrap();
        assert_eq!(
            (&store.certificates, &store.ocsps, &store.crls),
            (&vec![id(4)], &vec![id(5)], &vec![id(8)])
        );
        assert_eq!((store.vri[0].key.as_str(), store.vri[0].timestamp), ("AB", Some(id(7))));
        assert_eq!(store.findings.len(), 1);
        assert_eq!(document.latest().stored(id(4), budget), Ok(b"cert".to_vec()));
    });
}
