//! What a file is taken for: a file that others show as something else is not judged by what it begins with.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod world;

use base64::Engine as _;
use testkit::authority::xml::{self, Part};
use testkit::{authority::pdf, hostile};
use undersign::validation::Policy;
use undersign::{Input, Limits, Trust, Verified, pkix::TrustAnchor};
use world::*;

const HEADER: &[u8] = b"%PDF-1.7\n";

fn verify(w: &World, file: &[u8], extension: Option<&str>) -> Result<Verified, String> {
    let trust = Trust {
        anchors: vec![TrustAnchor::from_certificate(w.root.certificate.clone())],
        crls: w.clean("2023-06-01", "2026-06-01"),
        ..Trust::default()
    };
    let file = file.to_vec();
    let input = Input { extension, ..Input::new(&file) };
    undersign::verify(&input, &trust, &Policy::standard(), time("2023-07-01"), Limits::STANDARD)
        .map_err(|refused| refused.to_string())
}

fn passes(w: &World, file: &[u8], extension: Option<&str>) -> bool {
    verify(w, file, extension)
        .is_ok_and(|verified| !verified.verdict.signatures.is_empty() && word(&verified, 0) == "PASSED")
}

/// A container with a member between its mimetype and what is signed.
fn container(w: &World, first: &[u8]) -> Vec<u8> {
    let members = [
        ("mimetype", b"application/vnd.etsi.asic-s+zip".to_vec()),
        ("META-INF/first", first.to_vec()),
        ("contract.txt", CONTENT.to_vec()),
        ("META-INF/signature.p7s", w.signed().detached().der()),
    ];
    hostile::zip(&members.map(|(name, content)| (name.to_owned(), content)))
}

fn enveloped(w: &World, prolog: &str) -> Vec<u8> {
    let whole = "<contract><pay>100</pay></contract>";
    let signature = xml::sign(&w.ada, &[Part::enveloped(whole)], &[&w.ca.certificate], "");
    [prolog, &whole.replace("</contract>", &format!("{signature}</contract>"))].concat().into_bytes()
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
}

#[test]
fn a_file_with_the_name_of_a_pdf_is_judged_as_a_pdf_or_not_at_all() {
    let w = world();
    let signed =
        pdf::sign(&pdf::unsigned(), 60, |covered| Cms::pades(&w.ada, covered).with(&w.ca.certificate));
    // What is not signed of each holds the header, within the octets where PDF readers look for it.
    let cms = Cms::sign(&w.ada, &[HEADER, CONTENT].concat()).with(&w.ca.certificate).der();
    let comment = format!("<!--{}-->", String::from_utf8_lossy(HEADER));
    let both = [
        ("CMS", cms),
        ("container", container(&w, HEADER)),
        ("XML", enveloped(&w, &comment)),
        ("CMS alone", w.signed().der()),
        ("container alone", container(&w, b"")),
        ("XML alone", enveloped(&w, "")),
        ("PEM", pem("CMS", &w.signed().der()).into_bytes()),
    ];
    for name in [Some("pdf"), Some("PDF"), None] {
        assert!(passes(&w, &signed, name), "{name:?}");
    }
    for (case, file) in both {
        assert!(passes(&w, &file, None), "{case}");
        assert!(passes(&w, &file, Some("p7m")), "{case}");
        for name in ["pdf", "PDF"] {
            assert!(!passes(&w, &file, Some(name)), "{case} named {name}");
        }
    }
}

#[test]
fn one_file_in_pem_is_one_signature() {
    let w = world();
    let own = pem("CMS", &w.signed().der());
    assert!(passes(&w, own.as_bytes(), None));
    let with_certificate = [pem("CERTIFICATE", w.ca.certificate.der()), own.clone()].concat();
    assert!(passes(&w, with_certificate.as_bytes(), None), "no other CMS");
    let stranger = Actor::root("Stranger", "2010-01-01", "2045-01-01");
    let other = Cms::sign(&stranger, b"another").der();
    for label in ["CMS", "PKCS7"] {
        let refused = verify(&w, [own.clone(), pem(label, &other)].concat().as_bytes(), None);
        assert!(refused.unwrap_err().contains("several CMS"), "{label}");
    }
}

/// A `TimeStampResp` with this status and token, and something after the token and after all.
fn response(status: u32, token: &[u8], inside: &[u8], after: &[u8]) -> Vec<u8> {
    let status = der::sequence(&[der::integer(status)]);
    [der::sequence(&[status, token.to_vec(), inside.to_vec()]), after.to_vec()].concat()
}

#[test]
fn the_answer_of_a_timestamping_authority_is_taken_only_whole_and_granted() {
    let w = world();
    let token = Stamp::new(&w.tsa, "2023-06-15").over(CONTENT);
    let readable = |file: &[u8]| verify(&w, file, None).map(|verified| verified.evidence.tokens.len());
    assert_eq!(readable(&response(0, &token, &[], &[])), Ok(1));
    assert_eq!(readable(&response(1, &token, &[], &[])), Ok(1), "granted with modifications");
    for status in 2..=5 {
        let refused = readable(&response(status, &token, &[], &[])).unwrap_err();
        assert!(refused.contains("grants nothing"), "{refused}");
    }
    assert!(readable(&response(0, &[], &[], &[])).is_err(), "nothing is granted");
    let evil = [5, 0];
    assert!(readable(&response(0, &token, &evil, &[])).is_err());
    assert!(readable(&response(0, &token, &[], &evil)).is_err());
}
