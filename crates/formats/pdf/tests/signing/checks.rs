//! What holds for every prepared signature.

use crate::build::{File, STYLES, Style};
use crate::{ENTROPY, signed};
use pdf::Document;
use pdf::signature::{Certification, ClaimedTime, Placement, PreparedSignature, SignatureRequest};
use types::{Budget, Time};

/// A request with all texts.
pub fn request() -> SignatureRequest {
    SignatureRequest {
        name: Some("Ada Example".into()),
        reason: Some("I agree (fully)".into()),
        location: Some("Zürich".into()),
        claimed_time: Some(ClaimedTime { time: Time::from_unix(1_795_354_391), offset_minutes: 60 }),
        contents_len: 4096,
        ..SignatureRequest::default()
    }
}

/// Prefix untouched, byte range and contents exact, and our own reader agrees.
pub fn assert_consistent(original: &[u8], prepared: &PreparedSignature, whole: &[u8]) {
    assert_eq!(&whole[..original.len()], original, "the original is a prefix");
    assert_eq!(prepared.base_len, original.len() as u64);
    let contents = &whole[prepared.contents.start as usize..prepared.contents.end as usize];
    assert_eq!((contents.first(), contents.last()), (Some(&b'<'), Some(&b'>')));
    assert!(contents[1..contents.len() - 1].iter().all(|byte| *byte == b'0'));
    let [start, first, second, length] = prepared.byte_range;
    assert_eq!((start, first, second), (0, prepared.contents.start, prepared.contents.end));
    assert_eq!(second + length, whole.len() as u64);
    let mut budget = Budget::default();
    let document = Document::open(&whole, None, &mut budget).expect("the signed file opens");
    assert!(document.findings().is_empty(), "{:?}", document.findings());
    let signatures = document.signatures(&mut budget).expect("signatures are read");
    let field =
        signatures.fields.iter().find(|field| field.name == prepared.field_name).expect("the field is there");
    let value = field.value.as_ref().unwrap_or_else(|| panic!("it is signed: {:?}", field.unreadable));
    assert_eq!(value.contents_span, Some(prepared.contents));
    assert_eq!(value.byte_range.as_ref().expect("byte range").parts, [(0, first), (second, length)]);
    assert!(value.findings.is_empty(), "{:?}", value.findings);
    crate::peers::check(whole);
}

#[test]
fn invisible_signatures_are_consistent_in_every_style() {
    for style in STYLES {
        let original = File::with_pages(2).bytes(style);
        let (prepared, whole) = signed(&original, &request()).unwrap();
        assert_consistent(&original, &prepared, &whole);
        assert_eq!((prepared.field_name.as_str(), prepared.page), ("Signature1", Some(0)));
        assert!(prepared.findings.is_empty(), "{:?}", prepared.findings);
    }
}

#[test]
fn the_texts_of_the_request_are_in_the_dictionary() {
    let original = File::with_pages(1).bytes(Style::Classic);
    let (_, whole) = signed(&original, &request()).unwrap();
    let mut budget = Budget::default();
    let document = Document::open(&whole, None, &mut budget).unwrap();
    let signatures = document.signatures(&mut budget).unwrap();
    let value = signatures.fields[0].value.as_ref().unwrap();
    assert_eq!(value.name.as_deref(), Some("Ada Example"));
    assert_eq!(value.reason.as_deref(), Some("I agree (fully)"));
    assert_eq!(value.location.as_deref(), Some("Zürich"));
    assert_eq!(value.claimed_time, Some(Time::from_unix(1_795_354_391)));
    assert_eq!(value.claimed_time_raw.as_deref(), Some(&b"D:20261122143311+01'00'"[..]));
}

#[test]
fn serial_signatures_get_their_own_fields_and_revisions() {
    for style in STYLES {
        let mut whole = File::with_pages(1).bytes(style);
        for number in 1..=3 {
            let (prepared, next) = signed(&whole, &request()).unwrap();
            assert_consistent(&whole, &prepared, &next);
            assert_eq!(prepared.field_name, format!("Signature{number}"));
            whole = next;
        }
        let document = Document::open(&whole, None, &mut Budget::default()).unwrap();
        assert_eq!(document.revisions().len(), 4);
    }
}

#[test]
fn a_file_without_final_line_end_gets_one_in_the_tail() {
    let mut original = File::with_pages(1).bytes(Style::Classic);
    original.pop();
    let (prepared, whole) = signed(&original, &request()).unwrap();
    assert_consistent(&original, &prepared, &whole);
    assert_eq!(prepared.tail[0], b'\n');
}

#[test]
fn planning_twice_gives_the_same_bytes() {
    let original = File::with_pages(1).bytes(Style::Stream);
    let plan = || signed(&original, &request()).unwrap().0;
    assert_eq!(plan(), plan());
}

#[test]
fn embedding_fills_contents_and_nothing_else() {
    let original = File::with_pages(1).bytes(Style::Classic);
    let (prepared, whole) = signed(&original, &request()).unwrap();
    let tail = prepared.embed(&[0xAB; 4096]).unwrap();
    assert_eq!(tail.len(), prepared.tail.len());
    let start = (prepared.contents.start - prepared.base_len) as usize;
    assert_eq!(&tail[start..start + 5], b"<abab");
    let [before, after] = prepared.covered_tail();
    assert!(tail.starts_with(before) && tail.ends_with(after));
    let covered: u64 = prepared.covered().iter().map(|span| span.len()).sum();
    assert_eq!(covered + prepared.contents.len(), whole.len() as u64);
    let error = prepared.embed(&[0; 4097]).unwrap_err();
    assert_eq!((error.needed, error.reserved), (4097, 4096));
}

#[test]
fn the_developer_extension_is_declared_below_2_0_only() {
    let extension = |version| {
        let mut file = File::with_pages(1);
        file.version = version;
        let (_, whole) = signed(&file.bytes(Style::Classic), &request()).unwrap();
        let mut budget = Budget::default();
        let document = Document::open(&whole, None, &mut budget).unwrap();
        let (_, catalog) = document.catalog(&mut budget).unwrap();
        (catalog.get("Extensions").is_some(), document.version())
    };
    assert_eq!(extension("1.4"), (true, (1, 7)));
    assert_eq!(extension("1.7"), (true, (1, 7)));
    assert_eq!(extension("2.0"), (false, (2, 0)));
}

#[test]
fn other_extensions_are_kept() {
    let mut file = File::with_pages(1);
    file.extend(1, "/Extensions<</ADBE<</BaseVersion/1.7/ExtensionLevel 8>>>>");
    let (_, whole) = signed(&file.bytes(Style::Classic), &request()).unwrap();
    let mut budget = Budget::default();
    let document = Document::open(&whole, None, &mut budget).unwrap();
    let (_, catalog) = document.catalog(&mut budget).unwrap();
    let extensions = catalog.get("Extensions").and_then(|e| e.as_dictionary()).unwrap();
    assert!(extensions.get("ADBE").is_some() && extensions.get("ESIC").is_some());
}

#[test]
fn certification_is_read_back() {
    for (certification, level) in
        [(Certification::NoChanges, 1), (Certification::FormFilling, 2), (Certification::Annotations, 3)]
    {
        let original = File::with_pages(1).bytes(Style::Classic);
        let request = SignatureRequest { certification: Some(certification), ..request() };
        let (prepared, whole) = signed(&original, &request).unwrap();
        assert_consistent(&original, &prepared, &whole);
        let mut budget = Budget::default();
        let document = Document::open(&whole, None, &mut budget).unwrap();
        let signatures = document.signatures(&mut budget).unwrap();
        let value = signatures.fields[0].value.as_ref().unwrap();
        assert_eq!(value.doc_mdp, Some(level));
        assert_eq!(signatures.doc_mdp, value.id);
    }
}

#[test]
fn an_offset_of_a_hundred_gigabytes_fits_the_byte_range() {
    let original = File::with_pages(1).bytes(Style::Classic);
    let (prepared, _) = signed(&original, &request()).unwrap();
    let text = String::from_utf8_lossy(&prepared.tail).into_owned();
    let at = text.find("/ByteRange ").unwrap();
    let array = &text[at..text[at..].find("/Contents").unwrap() + at];
    assert!(array.len() > "/ByteRange [0 100000000000 100000000000 100000000000]".len());
}

#[test]
fn a_signature_in_a_page_with_placement_off_the_page_changes_nothing() {
    let original = File::with_pages(1).bytes(Style::Classic);
    let placement = Placement::Rect { page: 0, x: 290.0, y: 0.0, width: 50.0, height: 20.0 };
    let document_bytes = original.clone();
    let error = signed(&original, &SignatureRequest { placement, ..request() }).unwrap_err();
    assert_eq!(error.code, "pdf.sign.rectangle");
    assert_eq!(original, document_bytes);
    let _ = ENTROPY;
}
