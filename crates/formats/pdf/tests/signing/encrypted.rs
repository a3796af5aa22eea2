//! Encrypted and linearised files, made by qpdf where it is installed.

use crate::build::{File, Style};
use crate::checks::{assert_consistent, request};
use crate::visible::at;
use crate::{peers, signed, signed_with};
use pdf::Document;
use pdf::signature::SignatureRequest;
use types::Budget;

/// Arguments of qpdf for every algorithm; `user` and `owner` are the passwords.
const ALGORITHMS: [&[&str]; 5] = [
    &["--allow-weak-crypto", "--encrypt", "user", "owner", "40", "--"],
    &["--allow-weak-crypto", "--encrypt", "user", "owner", "128", "--use-aes=n", "--"],
    &["--allow-weak-crypto", "--encrypt", "user", "owner", "128", "--use-aes=y", "--"],
    &["--encrypt", "user", "owner", "256", "--"],
    &["--encrypt", "user", "owner", "256", "--cleartext-metadata", "--"],
];

fn visible() -> SignatureRequest {
    SignatureRequest { placement: at(20.0, 20.0, 180.0, 80.0), ..request() }
}

#[test]
fn encrypted_files_are_signed_with_all_strings_and_streams_encrypted() {
    for arguments in ALGORITHMS {
        let Some(original) = peers::qpdf(&File::with_pages(1).bytes(Style::Classic), arguments) else {
            return;
        };
        for password in ["user", "owner"] {
            let (prepared, whole) = signed_with(&original, Some(password), &visible()).unwrap();
            assert!(whole.starts_with(&original));
            peers::check_with(&whole, password);
            let tail = String::from_utf8_lossy(&prepared.tail).into_owned();
            assert!(!tail.contains("Ada Example") && !tail.contains("BT /F"), "{arguments:?}");
            let mut budget = Budget::default();
            let document = Document::open(&whole, Some(password.as_bytes()), &mut budget).unwrap();
            let signatures = document.signatures(&mut budget).unwrap();
            let value = signatures.fields[0].value.as_ref().unwrap();
            assert_eq!(value.name.as_deref(), Some("Ada Example"));
            assert_eq!(value.contents, vec![0; 4096], "Contents is not encrypted");
            assert_eq!(value.contents_span, Some(prepared.contents));
        }
    }
}

#[test]
fn initialisation_vectors_depend_on_the_entropy_and_never_repeat() {
    let Some(original) = peers::qpdf(&File::with_pages(1).bytes(Style::Classic), ALGORITHMS[3]) else {
        return;
    };
    let mut budget = Budget::default();
    let document = Document::open(&original, Some(b"user"), &mut budget).unwrap();
    let tail =
        |entropy| pdf::signature::plan(&document, &visible(), entropy, &mut Budget::default()).unwrap().tail;
    assert_ne!(tail([1; 32]), tail([2; 32]));
    let text = String::from_utf8_lossy(&tail([1; 32])).into_owned();
    let strings: Vec<&str> = text.split('<').filter(|part| part.len() > 40).collect();
    let vectors: Vec<&str> = strings.iter().filter_map(|part| part.get(..32)).collect();
    let hexadecimal = |v: &&&str| v.bytes().all(|b| b.is_ascii_hexdigit()) && v.bytes().any(|b| b != b'0');
    let vectors: Vec<_> = vectors.iter().filter(hexadecimal).collect();
    let mut unique = vectors.clone();
    unique.sort_unstable();
    unique.dedup();
    assert!(vectors.len() > 4 && unique.len() == vectors.len());
}

#[test]
fn permissions_bind_the_user_not_the_owner() {
    let fill_only = ["--encrypt", "", "owner", "256", "--modify=form", "--"];
    let nothing = ["--encrypt", "", "owner", "256", "--modify=none", "--"];
    let file = crate::fields::with_field("").bytes(Style::Classic);
    let existing = crate::fields::existing("Buyer");
    let new = SignatureRequest { field: pdf::signature::FieldChoice::New { name: None }, ..request() };
    let (Some(fill_only), Some(nothing)) = (peers::qpdf(&file, &fill_only), peers::qpdf(&file, &nothing))
    else {
        return;
    };
    let code = |bytes: &[u8], password, request| {
        signed_with(bytes, password, request).map_or_else(|refusal| refusal.code, |_| "signed")
    };
    assert_eq!(code(&fill_only, None, &existing), "signed");
    assert_eq!(code(&fill_only, None, &new), "pdf.sign.permission");
    assert_eq!(code(&nothing, None, &existing), "pdf.sign.permission");
    assert_eq!(code(&nothing, Some("owner"), &new), "signed");
}

#[test]
fn linearised_files_and_object_streams_are_signed() {
    for arguments in [
        &["--linearize"][..],
        &["--linearize", "--object-streams=generate"],
        &["--object-streams=generate"],
        &["--object-streams=disable"],
    ] {
        let Some(original) = peers::qpdf(&File::with_pages(5).bytes(Style::Classic), arguments) else {
            return;
        };
        let (prepared, whole) = signed(&original, &visible()).unwrap();
        assert_consistent(&original, &prepared, &whole);
        let (prepared, twice) = signed(&whole, &request()).unwrap();
        assert_consistent(&whole, &prepared, &twice);
    }
}
