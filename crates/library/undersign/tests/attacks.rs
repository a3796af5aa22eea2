//! Attacks on signed documents, each by the name that it has in the literature where there is one: none is ever passed.

use crypto::{Curve, KeyAlgorithm};
use pkix::{BasicConstraints, Certificate, CertificateBuilder, KeyUsage, TrustAnchor};
use testkit::{Person, Style, document};
use undersign::signing::SigningRequest;
use undersign::validation::{Indication, Policy, SubIndication};
use undersign::{Input, Limits, Time, Trust, Verified};

const NOW: Time = Time::from_unix(1_795_000_000);

fn ada() -> Person {
    Person::self_signed("Ada Example", KeyAlgorithm::Ec(Curve::P256))
}

fn sign(document: &[u8], person: &Person) -> Vec<u8> {
    let request = SigningRequest::new(person.certificates(), signer_algorithm(person), [7; 32]);
    let source = document.to_vec();
    let signed =
        undersign::sign(&source, None, &request, &person.signer, Limits::STANDARD).expect("it is signed");
    [source, signed.tail].concat()
}

fn signer_algorithm(person: &Person) -> crypto::SignatureAlgorithm {
    crypto::Signer::algorithm(&person.signer)
}

fn verify(document: &[u8], anchor: &Certificate) -> Option<Verified> {
    let trust = Trust { anchors: vec![TrustAnchor::from_certificate(anchor.clone())], ..Trust::default() };
    undersign::verify(&Input::new(&document.to_vec()), &trust, &Policy::standard(), NOW, Limits::STANDARD)
        .ok()
}

/// The verdict on the first signature; `None` if the file is refused or not signed.
fn judged(document: &[u8], anchor: &Certificate) -> Option<(Indication, Option<SubIndication>)> {
    let verified = verify(document, anchor)?;
    let verdict = verified.verdict.signatures.first()?;
    Some((verdict.indication, verdict.sub_indication))
}

const PASSED: Option<(Indication, Option<SubIndication>)> = Some((Indication::TotalPassed, None));
const MALFORMED: Option<(Indication, Option<SubIndication>)> =
    Some((Indication::TotalFailed, Some(SubIndication::FormatFailure)));

fn find(haystack: &[u8], needle: &[u8]) -> usize {
    haystack.windows(needle.len()).position(|window| window == needle).expect("it is there")
}

#[test]
fn a_person_trusted_directly_certifies_nobody() {
    let (ada, mut bob) = (ada(), Person::self_signed("Bob Boss", KeyAlgorithm::Ec(Curve::P256)));
    let key = crypto::Signer::public_key(&bob.signer).to_vec();
    let validity = (ada.certificate.not_before(), ada.certificate.not_after());
    bob.certificate =
        CertificateBuilder::new(&[1], ada.certificate.subject(), validity, bob.certificate.subject(), &key)
            .basic_constraints(BasicConstraints { ca: false, path_len: None })
            .key_usage(KeyUsage::DIGITAL_SIGNATURE)
            .sign(&ada.signer)
            .expect("a certificate can be built");
    let file = sign(&document(Style::Table, 1, 0), &bob);
    let expected = (Indication::Indeterminate, Some(SubIndication::NoCertificateChainFound));
    assert_eq!(judged(&file, &ada.certificate), Some(expected));
}

/// The signed file with another token in the place of the signature value, as long as the one that was there.
fn with_value(file: &[u8], change: impl FnOnce(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let start = find(file, b"/Contents <") + 10;
    let end = start + find(&file[start..], b">") + 1;
    let value = change(&file[start..end]);
    assert_eq!(value.len(), end - start, "the place is kept");
    [&file[..start], &value, &file[end..]].concat()
}

/// The DER in a hexadecimal token, without padding.
fn der(token: &[u8]) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).expect("a digit") as u8;
    let bytes: Vec<u8> =
        token[1..token.len() - 1].chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect();
    let length = 4 + (usize::from(bytes[2]) << 8 | usize::from(bytes[3]));
    bytes[..length].to_vec()
}

fn token(der: &[u8], length: usize) -> Vec<u8> {
    let digits: String = der.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("<{digits:0<width$}>", width = length - 2).into_bytes()
}

#[test]
fn content_put_into_a_detached_signature_is_found() {
    let ada = ada();
    let file = sign(&document(Style::Table, 1, 0), &ada);
    assert_eq!(judged(&file, &ada.certificate), PASSED);
    let forged = with_value(&file, |value| {
        let mut cms = der(value);
        // id-data without content; ContentInfo, [0] and SignedData around it have lengths of two octets.
        let data =
            find(&cms, &[0x30, 0x0B, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01]);
        cms.splice(data + 13..data + 13, [0xA0, 0x04, 0x04, 0x02, b'h', b'i']);
        cms[data + 1] += 6;
        for length in [2, find(&cms, &[0xA0, 0x82]) + 2, find(&cms, &[0xA0, 0x82]) + 6] {
            let longer = u16::from_be_bytes([cms[length], cms[length + 1]]) + 6;
            cms[length..length + 2].copy_from_slice(&longer.to_be_bytes());
        }
        token(&cms, value.len())
    });
    assert_eq!(judged(&forged, &ada.certificate), MALFORMED);
}

/// The file with a value made anew by `person` for what is covered now; with `content` the CMS holds and signs that.
fn signed_again(file: &[u8], person: &Person, content: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Vec<u8> {
    let start = find(file, b"/Contents <") + 10;
    let end = start + find(&file[start..], b">") + 1;
    let covered = [&file[..start], &file[end..]].concat();
    let content = content(&covered);
    let digest =
        crypto::PROVIDER.digest(crypto::DigestAlgorithm::Sha256, content.as_ref().unwrap_or(&covered));
    let certificate =
        cms::SignerCertificate::read(person.certificate.der(), crypto::PROVIDER).expect("a certificate");
    let algorithm = signer_algorithm(person);
    let attributes =
        cms::SignedAttributesBuilder::new(cms::Profile::Pades, &digest, &algorithm, &certificate)
            .expect("the digest fits the algorithm")
            .build();
    let mut builder = cms::SignedDataBuilder::new(&certificate, &algorithm).expect("a known algorithm");
    if let Some(content) = &content {
        builder = builder.encapsulate(content);
    }
    let value = crypto::Signer::sign(&person.signer, attributes.to_be_signed()).expect("it signs");
    let cms = builder.assemble(&attributes, &value).expect("it fits");
    with_value(file, |value| token(&cms, value.len()))
}

/// The file with `from` replaced by `to`, which is filled up with spaces.
fn replaced(file: &[u8], from: &str, to: &str) -> Vec<u8> {
    let at = find(file, from.as_bytes());
    let to = format!("{to:width$}", width = from.len());
    assert_eq!(to.len(), from.len(), "{to} is not too long");
    [&file[..at], to.as_bytes(), &file[at + from.len()..]].concat()
}

#[test]
fn a_sha_1_digest_inside_a_stronger_signature_stays_weak() {
    let ada = ada();
    let file = sign(&document(Style::Table, 1, 0), &ada);
    assert_eq!(judged(&signed_again(&file, &ada, |_| None), &ada.certificate), PASSED);
    let file = replaced(&file, "/ETSI.CAdES.detached", "/adbe.pkcs7.sha1");
    let sha1 = |covered: &[u8]| crypto::PROVIDER.digest(crypto::DigestAlgorithm::Sha1, covered).value;
    let forged = signed_again(&file, &ada, |covered| Some(sha1(covered)));
    let expected = (Indication::Indeterminate, Some(SubIndication::CryptoConstraintsFailureNoPoe));
    assert_eq!(judged(&forged, &ada.certificate), Some(expected));
}

#[test]
fn keys_that_readers_may_take_for_others_fail_the_signature() {
    let ada = ada();
    let file = sign(&document(Style::Table, 1, 0), &ada);
    let spaces = " ".repeat(25);
    for repeated in ["/ByteRange[0 9 9 9]", "/SubFilter/ETSI.RFC3161", "/Contents<00>"] {
        let forged = signed_again(&replaced(&file, &spaces, repeated), &ada, |_| None);
        assert_eq!(judged(&forged, &ada.certificate), MALFORMED, "{repeated}");
    }
}

/// The newest version of an object, as written.
fn object(file: &[u8], number: u32) -> String {
    let header = format!("\n{number} 0 obj\n");
    let at = file.windows(header.len()).rposition(|window| window == header.as_bytes()).expect("the object");
    let rest = &file[at + header.len()..];
    String::from_utf8_lossy(&rest[..find(rest, b"\nendobj")]).into_owned()
}

fn startxref(file: &[u8]) -> String {
    let text = String::from_utf8_lossy(file);
    let at = text.rfind("startxref\n").expect("an end") + 10;
    text[at..].chars().take_while(char::is_ascii_digit).collect()
}

/// The file with an update of these objects.
fn updated(file: &[u8], objects: &[(u32, &str)], trailer: &str) -> Vec<u8> {
    let (mut all, mut table) = (file.to_vec(), String::from("xref\n"));
    for (number, body) in objects {
        table += &format!("{number} 1\n{:010} 00000 n \n", all.len());
        all.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
    }
    let at = all.len();
    all.extend(format!("{table}trailer\n<</Size 90{trailer}>>\nstartxref\n{at}\n%%EOF\n").bytes());
    all
}

const EVIL: &str = "<</Length 37>>\nstream\nBT /F1 12 Tf (You owe 1000000) Tj ET   \nendstream";

type Attack = fn(&[u8]) -> Vec<u8>;

/// Page 5 and its content 6 are those of the test document.
const ATTACKS: &[(&str, Attack)] = &[
    ("universal forgery: no byte range", |file| replaced(file, "/ByteRange", "/ByteRang_")),
    ("universal forgery: no value", |file| replaced(file, "/Contents <30", "/Content_ <30")),
    ("universal forgery: null value", |file| with_value(file, |old| token(b"", old.len()))),
    ("universal forgery: negative byte range", |file| replaced(file, "/ByteRange [0", "/ByteRange[-1")),
    ("incremental saving without a table", |file| {
        [file, b"6 0 obj\n", EVIL.as_bytes(), b"\nendobj\n"].concat()
    }),
    ("incremental saving of the content", |file| {
        updated(file, &[(6, EVIL)], &format!("/Root 1 0 R/Prev {}", startxref(file)))
    }),
    ("incremental saving with a smaller Size", |file| {
        let file = updated(file, &[(6, EVIL)], &format!("/Root 1 0 R/Prev {}", startxref(file)));
        replaced(&file, "/Size 90", "/Size 2")
    }),
    ("another catalog", |file| {
        let catalog = object(file, 1).replace("2 0 R", "81 0 R");
        let pages = [
            (80, catalog.as_str()),
            (81, "<</Type/Pages/Kids[82 0 R]/Count 1>>"),
            (82, "<</Type/Page/Parent 81 0 R/MediaBox[0 0 9 9]/Contents 83 0 R>>"),
            (83, EVIL),
        ];
        updated(file, &pages, &format!("/Root 80 0 R/Prev {}", startxref(file)))
    }),
    ("a chain that leaves the signed revision out", |file| {
        updated(file, &[(6, EVIL)], &format!("/Root 1 0 R/Prev {}", startxref(&file[..file.len() / 20])))
    }),
    ("the signature undone by the last startxref", |file| {
        [file, format!("startxref\n{}\n%%EOF\n", startxref(&file[..file.len() / 20])).as_bytes()].concat()
    }),
    ("a loop of sections", |file| updated(file, &[], &format!("/Root 1 0 R/Prev {}", file.len()))),
    ("content as validation data, then shown", |file| {
        let prev = |file: &[u8]| format!("/Root 1 0 R/Prev {}", startxref(file));
        let catalog = object(file, 1);
        let catalog = catalog.trim_end().trim_end_matches(">>").to_owned();
        // Closed anew: the catalog's own dictionaries end with it.
        let opened = object(file, 1).matches(">>").count()
            - object(file, 1).trim_end_matches('>').matches(">>").count();
        let catalog = format!("{catalog}{}/DSS<</Certs[80 0 R]>>>>", ">>".repeat(opened.saturating_sub(1)));
        let file = updated(file, &[(1, &catalog), (80, EVIL)], &prev(file));
        let page = object(&file, 5).replace("/Contents 6 0 R", "/Contents 80 0 R");
        updated(&file, &[(5, &page)], &prev(&file))
    }),
    ("a turned page", |file| {
        let page = object(file, 5).replace("/MediaBox", "/Rotate 180/MediaBox");
        updated(file, &[(5, &page)], &format!("/Root 1 0 R/Prev {}", startxref(file)))
    }),
    ("a script on opening", |file| {
        let catalog = object(file, 1).replacen("<<", "<</OpenAction<</S/JavaScript/JS(x)>>", 1);
        updated(file, &[(1, &catalog)], &format!("/Root 1 0 R/Prev {}", startxref(file)))
    }),
    ("a hidden table beside the listed one", |file| {
        updated(file, &[(6, EVIL)], &format!("/Root 1 0 R/Prev {}/XRefStm 9", startxref(file)))
    }),
];

#[test]
fn known_attacks_are_never_passed() {
    let ada = ada();
    let file = sign(&document(Style::Table, 1, 0), &ada);
    let harmless = updated(&file, &[(80, "<<>>")], &format!("/Root 1 0 R/Prev {}", startxref(&file)));
    assert_eq!(judged(&harmless, &ada.certificate), PASSED, "an update as such");
    for (name, attack) in ATTACKS {
        let forged = attack(&file);
        assert_ne!(forged, file, "{name}");
        assert_ne!(judged(&forged, &ada.certificate), PASSED, "{name}");
    }
}
