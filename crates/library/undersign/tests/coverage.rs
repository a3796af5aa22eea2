//! What a signature outside of a PDF is over: nothing else may be taken for signed.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod world;

use base64::Engine as _;
use crypto::{DigestAlgorithm, PROVIDER};
use testkit::authority::xml::{self, Part};
use testkit::hostile;
use types::Source;
use undersign::validation::{Indication, Level};
use undersign::{Input, Limits, Trust, Verified, pkix::TrustAnchor, validation::Policy};
use world::*;

const AT: &str = "2023-07-01";
const ASICE: &[u8] = b"application/vnd.etsi.asic-e+zip";
const ASICS: &[u8] = b"application/vnd.etsi.asic-s+zip";

fn verify(w: &World, file: &[u8], content: Option<&[u8]>) -> Verified {
    let trust = Trust {
        anchors: vec![TrustAnchor::from_certificate(w.root.certificate.clone())],
        crls: w.clean("2023-06-01", "2026-06-01"),
        ..Trust::default()
    };
    let (file, content) = (file.to_vec(), content.map(<[u8]>::to_vec));
    let content = content.as_ref().map(|content| content as &dyn Source);
    let input = Input { content, ..Input::new(&file) };
    undersign::verify(&input, &trust, &Policy::standard(), time(AT), Limits::STANDARD).unwrap()
}

fn codes(verified: &Verified) -> Vec<&str> {
    verified.evidence.findings.iter().map(|finding| finding.code.as_ref()).collect()
}

fn told(verified: &Verified, code: &str) -> usize {
    codes(verified).into_iter().filter(|one| *one == code).count()
}

fn failed(verified: &Verified) -> bool {
    verified.verdict.signatures[0].indication == Indication::TotalFailed
}

/// A container with one signature over what a member holds.
fn simple(content: &[u8], signature: &Cms, more: &[(&str, &[u8])]) -> Vec<u8> {
    let mut members = vec![
        ("mimetype".to_owned(), ASICS.to_vec()),
        ("contract.txt".to_owned(), content.to_vec()),
        ("META-INF/signature.p7s".to_owned(), signature.clone().detached().der()),
    ];
    members.extend(more.iter().map(|(name, content)| ((*name).to_owned(), content.to_vec())));
    hostile::zip(&members)
}

/// A container with an XML signature over what it says.
fn extended(signature: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    let mut members = vec![
        ("mimetype".to_owned(), ASICE.to_vec()),
        ("contract.txt".to_owned(), CONTENT.to_vec()),
        ("META-INF/signatures0.xml".to_owned(), xml::container(signature).into_bytes()),
    ];
    members.extend(more.iter().map(|(name, content)| ((*name).to_owned(), content.to_vec())));
    hostile::zip(&members)
}

#[test]
fn signed_attributes_are_not_content() {
    let w = world();
    let stripped = w.signed().stripped();
    let with_content = verify(&w, &stripped.der(), None);
    assert_eq!(word(&with_content, 0), "FORMAT_FAILURE");
    assert!(failed(&with_content));
    let detached = verify(&w, &stripped.clone().detached().der(), Some(stripped.content()));
    assert_eq!(word(&detached, 0), "FORMAT_FAILURE");
    let container = verify(&w, &simple(stripped.content(), &stripped, &[]), None);
    assert_eq!(word(&container, 0), "FORMAT_FAILURE");
}

#[test]
fn a_signature_without_attributes_over_other_content_is_judged_as_before() {
    let w = world();
    let bare = Cms::bare(&w.ada, CONTENT).with(&w.ca.certificate);
    assert_eq!(word(&verify(&w, &bare.der(), None), 0), "PASSED");
    assert_eq!(word(&verify(&w, &bare.clone().detached().der(), Some(CONTENT)), 0), "PASSED");
    assert_eq!(word(&verify(&w, &bare.detached().der(), Some(b"other")), 0), "SIG_CRYPTO_FAILURE");
}

#[test]
fn what_stands_around_a_cms_goes_with_it() {
    let w = world();
    let cases = [
        w.signed().retyped("1.2.840.113549.1.7.5"),
        w.signed().version(0),
        w.signed().version(2),
        w.signed().unannounced(),
    ];
    for (case, cms) in cases.into_iter().enumerate() {
        for verified in [verify(&w, &cms.der(), None), verify(&w, &simple(CONTENT, &cms, &[]), None)] {
            assert_eq!(word(&verified, 0), "FORMAT_FAILURE", "case {case}");
            assert!(failed(&verified), "case {case}");
        }
    }
    assert_eq!(word(&verify(&w, &simple(CONTENT, &w.signed(), &[]), None), 0), "PASSED");
}

#[test]
fn content_is_of_the_type_that_is_signed() {
    let w = world();
    let says = |cms: Cms| word(&verify(&w, &cms.with(&w.ca.certificate).der(), None), 0);
    let (data, other) = ("1.2.840.113549.1.7.1", "1.2.3.4");
    let typed = |types: &[&str]| Cms::typed(&w.ada, CONTENT, types);
    assert_eq!(says(typed(&[data])), "PASSED");
    assert_eq!(says(typed(&[other]).retyped(other)), "PASSED", "any type that is signed");
    assert_eq!(says(Cms::bare(&w.ada, CONTENT)), "PASSED", "data needs no word");
    for (case, cms) in [
        ("nothing is signed of it", Cms::bare(&w.ada, CONTENT).retyped(other)),
        ("no attribute says it", typed(&[]).retyped(other)),
        ("two values", typed(&[data, data])),
        ("two types", typed(&[data, other])),
        ("two types, of the other", typed(&[data, other]).retyped(other)),
        ("another type", typed(&[data]).retyped(other)),
    ] {
        assert_eq!(says(cms), "FORMAT_FAILURE", "{case}");
    }
}

/// A digest algorithm and its name in XML.
type Digest = (DigestAlgorithm, &'static str);

const GOOD: Digest = (DigestAlgorithm::Sha256, "http://www.w3.org/2001/04/xmlenc#sha256");

/// A manifest that names files by this digest, for a signature file.
fn manifest(signature: &str, files: &[(&str, &[u8])], (algorithm, method): Digest) -> Vec<u8> {
    let reference = |(name, content): &(&str, &[u8])| {
        let digest = PROVIDER.digest(algorithm, content).value;
        let digest = base64::engine::general_purpose::STANDARD.encode(digest);
        format!(
            "<asic:DataObjectReference URI=\"{name}\"><ds:DigestMethod Algorithm=\"{method}\"/>\
             <ds:DigestValue>{digest}</ds:DigestValue></asic:DataObjectReference>"
        )
    };
    let references: String = files.iter().map(reference).collect();
    format!(
        "<asic:ASiCManifest xmlns:asic=\"http://uri.etsi.org/02918/v1.2.1#\" xmlns:ds=\"{}\"><asic:SigReference \
         URI=\"{signature}\"/>{references}</asic:ASiCManifest>",
        xml::DS
    )
    .into_bytes()
}

/// A container whose signature, and a timestamp over the signature file, are over manifests that name by these digests.
fn by_manifests(
    w: &World,
    (signed, stamped): (Digest, Digest),
    stamp: impl FnOnce(&[u8]) -> Vec<u8>,
) -> Vec<u8> {
    const SIGNATURE: &str = "META-INF/signature.p7s";
    let own = manifest(SIGNATURE, &[("contract.txt", CONTENT)], signed);
    let signature = Cms::sign(&w.ada, &own).with(&w.ca.certificate).detached().der();
    let archive = manifest("META-INF/timestamp.tst", &[(SIGNATURE, &signature)], stamped);
    let token = stamp(&archive);
    let members = [
        ("mimetype", ASICE.to_vec()),
        ("contract.txt", CONTENT.to_vec()),
        ("META-INF/ASiCManifest.xml", own),
        (SIGNATURE, signature),
        ("META-INF/ASiCArchiveManifest.xml", archive),
        ("META-INF/timestamp.tst", token),
    ];
    hostile::zip(&members.map(|(name, content)| (name.to_owned(), content)))
}

#[test]
fn a_manifest_vouches_for_files_as_well_as_the_digest_that_it_names_them_by() {
    const WEAK: &str = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE";
    let w = world();
    let weak = [
        (DigestAlgorithm::Sha1, "http://www.w3.org/2000/09/xmldsig#sha1"),
        (DigestAlgorithm::Md5, "http://www.w3.org/2001/04/xmldsig-more#md5"),
    ];
    let says = |signed, stamped| {
        let stamp = |manifest: &[u8]| Stamp::new(&w.tsa, "2023-06-15").over(manifest);
        let verified = verify(&w, &by_manifests(&w, (signed, stamped), stamp), None);
        (word(&verified, 0), token_word(&verified, 0))
    };
    assert_eq!(says(GOOD, GOOD), ("PASSED", "PASSED"));
    for weak in weak {
        assert_eq!(says(weak, GOOD), (WEAK, "PASSED"), "{weak:?}");
        assert_eq!(says(GOOD, weak), ("PASSED", WEAK), "{weak:?}");
    }
}

#[test]
fn a_timestamp_over_something_else_makes_no_level_of_a_signature_in_the_container() {
    let w = world();
    let stamp = Stamp::new(&w.tsa, "2023-06-15");
    let level = |token: &dyn Fn(&[u8]) -> Vec<u8>| {
        let file = by_manifests(&w, (GOOD, GOOD), token);
        verify(&w, &file, None).verdict.signatures[0].level
    };
    assert_eq!(level(&|manifest| stamp.over(manifest)), Level::BaselineT);
    assert_eq!(level(&|_| stamp.over(b"something else")), Level::BaselineB);
    assert_eq!(level(&|_| der::sequence(&[vec![5, 0]])), Level::BaselineB);
}

#[test]
fn another_file_beside_content_that_is_inside_does_not_pass_for_it() {
    let w = world();
    let cms = w.signed().der();
    for other in [&b"I owe you 999 euro."[..], b"", b"I owe you 100 euro. And more."] {
        let verified = verify(&w, &cms, Some(other));
        assert_eq!(word(&verified, 0), "SIGNED_DATA_NOT_FOUND");
        assert_eq!(verified.verdict.signatures[0].indication, Indication::Indeterminate);
    }
    let same = verify(&w, &cms, Some(CONTENT));
    assert_eq!(word(&same, 0), "PASSED");
    assert_eq!(same.evidence.signatures[0].findings[0].code, "cms.content.twice");
}

#[test]
fn a_container_is_not_signed_by_content_that_its_signature_holds_itself() {
    let w = world();
    let container = |content: &[u8]| {
        let members = [
            ("mimetype".to_owned(), ASICS.to_vec()),
            ("contract.txt".to_owned(), content.to_vec()),
            ("META-INF/signature.p7s".to_owned(), w.signed().der()),
        ];
        hostile::zip(&members)
    };
    assert_eq!(word(&verify(&w, &container(CONTENT), None), 0), "PASSED");
    assert_eq!(word(&verify(&w, &container(b"I owe you 999 euro."), None), 0), "SIGNED_DATA_NOT_FOUND");
}

#[test]
fn a_file_that_is_over_nothing_beside_it_vouches_for_nothing_beside_it() {
    let w = world();
    let object = format!("<ds:Object xmlns:ds=\"{}\" Id=\"o\">100</ds:Object>", xml::DS);
    let enveloping = xml::sign(&w.ada, &[Part::id("o", &object)], &[&w.ca.certificate], &object).into_bytes();
    let pdf = testkit::authority::pdf::sign(&testkit::authority::pdf::unsigned(), 60, |covered| {
        Cms::pades(&w.ada, covered).with(&w.ca.certificate)
    });
    for file in [simple(CONTENT, &w.signed(), &[]), enveloping, pdf] {
        assert_eq!(word(&verify(&w, &file, None), 0), "PASSED");
        let verified = verify(&w, &file, Some(b"I owe you 999 euro."));
        assert_eq!(word(&verified, 0), "SIGNED_DATA_NOT_FOUND");
    }
    let detached = xml::sign(&w.ada, &[Part::file("contract.txt", CONTENT)], &[&w.ca.certificate], "");
    assert_eq!(word(&verify(&w, detached.as_bytes(), Some(CONTENT)), 0), "PASSED");
}

#[test]
fn a_part_of_an_xml_document_is_not_the_document() {
    let w = world();
    let pay = "<pay Id=\"p1\">100</pay>";
    let part = xml::sign(&w.ada, &[Part::id("p1", pay)], &[&w.ca.certificate], "");
    // The whole content lies where the signer put it, only beside something else; or elsewhere.
    for wrapped in [
        format!("<contract>{pay}<note>n</note>{part}</contract>"),
        format!("<contract><pay>900</pay><old>{pay}</old>{part}</contract>"),
    ] {
        let verified = verify(&w, wrapped.as_bytes(), None);
        assert_eq!(word(&verified, 0), "SIG_CONSTRAINTS_FAILURE", "{wrapped}");
        assert_eq!(verified.verdict.signatures[0].indication, Indication::Indeterminate);
    }
    // Over everything that stands in the root element; what surrounds it is told.
    let packaged = verify(&w, format!("<contract> {pay}{part}</contract>").as_bytes(), None);
    assert_eq!((word(&packaged, 0), told(&packaged, "container.part-unsigned")), ("PASSED", 1));
    let object = format!("<ds:Object xmlns:ds=\"{}\" Id=\"o\">100</ds:Object>", xml::DS);
    let inside = xml::sign(&w.ada, &[Part::id("o", &object)], &[&w.ca.certificate], &object);
    assert_eq!(word(&verify(&w, inside.as_bytes(), None), 0), "PASSED", "it envelops what it is over");
    let wrapped = format!("<contract><pay>900</pay>{inside}</contract>");
    assert_eq!(word(&verify(&w, wrapped.as_bytes(), None), 0), "SIG_CONSTRAINTS_FAILURE");
    let whole = "<contract><pay>100</pay></contract>";
    let enveloped = xml::sign(&w.ada, &[Part::enveloped(whole)], &[&w.ca.certificate], "");
    let document = whole.replace("</contract>", &format!("{enveloped}</contract>"));
    assert_eq!(word(&verify(&w, document.as_bytes(), None), 0), "PASSED");
}

#[test]
fn what_a_reader_is_shown_of_a_signature_is_not_signed() {
    const EVIL: &str = "<h1 xmlns=\"http://www.w3.org/1999/xhtml\">900</h1>";
    let w = world();
    let whole = "<contract><pay>100</pay></contract>";
    let enveloped = xml::sign(&w.ada, &[Part::enveloped(whole)], &[&w.ca.certificate], "");
    let document = whole.replace("</contract>", &format!("{enveloped}</contract>"));
    let with = |end: &str, more: &str| {
        let changed = document.replace(end, &format!("{more}{end}"));
        assert_ne!(changed, document, "{end}");
        verify(&w, changed.as_bytes(), None)
    };
    for (end, more) in [
        ("</ds:KeyInfo>", EVIL),
        ("</ds:X509Data>", EVIL),
        ("</ds:X509Data>", "Pay 900"),
        ("</ds:Signature>", &format!("<ds:Object>{EVIL}</ds:Object>")),
    ] {
        let verified = with(end, more);
        assert_eq!(word(&verified, 0), "SIG_CONSTRAINTS_FAILURE", "{end} {more}");
        assert!(!failed(&verified));
    }
    for (end, more) in [("</ds:Signature>", EVIL), ("</xades:QualifyingProperties>", EVIL)] {
        let verified = with(end, more);
        assert_eq!(word(&verified, 0), "FORMAT_FAILURE", "{end}");
        assert!(failed(&verified));
    }
    assert_eq!(word(&verify(&w, document.as_bytes(), None), 0), "PASSED");
    // Where the signature is all there is, it is shown to nobody.
    let object = format!("<ds:Object xmlns:ds=\"{}\" Id=\"o\">100</ds:Object>", xml::DS);
    let alone = xml::sign(&w.ada, &[Part::id("o", &object)], &[&w.ca.certificate], &object);
    let alone = alone.replace("</ds:KeyInfo>", &format!("{EVIL}</ds:KeyInfo>"));
    let verified = verify(&w, alone.as_bytes(), None);
    assert_eq!(word(&verified, 0), "PASSED");
    let codes: Vec<_> = verified.evidence.signatures[0].findings.iter().map(|one| &*one.code).collect();
    assert!(codes.contains(&"xades.foreign-content"), "{codes:?}");
}

#[test]
fn a_signature_over_a_file_does_not_vouch_for_the_document_around_it() {
    let w = world();
    let detached = xml::sign(&w.ada, &[Part::file("contract.txt", CONTENT)], &[&w.ca.certificate], "");
    let around = format!("<contract><pay>900</pay>{detached}</contract>");
    assert_eq!(word(&verify(&w, around.as_bytes(), Some(CONTENT)), 0), "SIG_CONSTRAINTS_FAILURE");
    let packed = xml::container(&detached);
    assert_eq!(word(&verify(&w, packed.as_bytes(), Some(CONTENT)), 0), "PASSED");
}

#[test]
fn comments_and_instructions_that_are_not_signed_are_told() {
    let w = world();
    let whole = "<contract><pay>100</pay></contract>";
    let enveloped = xml::sign(&w.ada, &[Part::enveloped(whole)], &[&w.ca.certificate], "");
    let document = whole.replace("<pay>", "<!--><h1>900</h1>--><pay>");
    let document = document.replace("</contract>", &format!("{enveloped}</contract>"));
    let verified = verify(&w, document.as_bytes(), None);
    assert_eq!((word(&verified, 0), told(&verified, "container.part-unsigned")), ("PASSED", 1));
    let object = format!("<ds:Object xmlns:ds=\"{}\" Id=\"o\">100</ds:Object>", xml::DS);
    let inside = xml::sign(&w.ada, &[Part::id("o", &object)], &[&w.ca.certificate], &object);
    let styled = format!("<?xml-stylesheet href='evil'?>{inside}");
    let verified = verify(&w, styled.as_bytes(), None);
    assert_eq!((word(&verified, 0), told(&verified, "container.part-unsigned")), ("PASSED", 1));
}

#[test]
fn a_signature_over_no_file_of_a_container_does_not_pass() {
    let w = world();
    let object = format!("<ds:Object xmlns:ds=\"{}\" Id=\"o\">100</ds:Object>", xml::DS);
    let inside = xml::sign(&w.ada, &[Part::id("o", &object)], &[&w.ca.certificate], &object);
    let verified = verify(&w, &extended(&inside, &[]), None);
    assert_eq!(word(&verified, 0), "SIG_CONSTRAINTS_FAILURE");
    let over = xml::sign(&w.ada, &[Part::file("contract.txt", CONTENT)], &[&w.ca.certificate], "");
    assert_eq!(word(&verify(&w, &extended(&over, &[]), None), 0), "PASSED");
    let altered = xml::sign(&w.ada, &[Part::file("contract.txt", b"other")], &[&w.ca.certificate], "");
    assert_eq!(word(&verify(&w, &extended(&altered, &[]), None), 0), "HASH_FAILURE", "more than undecided");
}

#[test]
fn what_lies_in_meta_inf_and_is_not_covered_is_named() {
    let w = world();
    let over = xml::sign(&w.ada, &[Part::file("contract.txt", CONTENT)], &[&w.ca.certificate], "");
    let more: &[(&str, &[u8])] =
        &[("META-INF/evil.txt", b"evil"), ("META-INF/docs/contract.pdf", b"%PDF-1.7"), ("META-INF/a/", b"")];
    for file in [simple(CONTENT, &w.signed(), more), extended(&over, more)] {
        let verified = verify(&w, &file, None);
        assert_eq!((word(&verified, 0), told(&verified, "container.member.unsigned")), ("PASSED", 2));
    }
    let junk = extended(&over, &[("META-INF/signatures1.xml", b"<a/>")]);
    let verified = verify(&w, &junk, None);
    assert_eq!((word(&verified, 0), told(&verified, "container.signature.none")), ("PASSED", 1));
    assert_eq!(told(&verify(&w, &extended(&over, &[]), None), "container.signature.none"), 0);
}

#[test]
fn a_signed_member_that_is_a_link_is_not_what_was_signed() {
    let w = world();
    let mut file = simple(CONTENT, &w.signed(), &[]);
    let entry = file.windows(4).enumerate().filter(|(_, window)| *window == b"PK\x01\x02").nth(1).unwrap().0;
    file[entry + 38..entry + 42].copy_from_slice(&(0o120_777_u32 << 16).to_le_bytes());
    let verified = verify(&w, &file, None);
    assert_eq!((word(&verified, 0), told(&verified, "zip.symbolic-link")), ("SIGNED_DATA_NOT_FOUND", 1));
    assert_eq!(verified.verdict.signatures[0].indication, Indication::Indeterminate);
}

#[test]
fn no_words_say_that_nothing_was_added_to_a_container() {
    let w = world();
    let changes = |file: &[u8]| {
        let verified = verify(&w, file, None);
        verified.verdict.signatures[0].dimensions.changes.reason.key.clone()
    };
    assert_eq!(changes(&w.signed().der()), "changes-content-alone");
    let over = xml::sign(&w.ada, &[Part::file("contract.txt", CONTENT)], &[&w.ca.certificate], "");
    assert_eq!(changes(&extended(&over, &[])), "changes-members-covered");
    assert_eq!(changes(&extended(&over, &[("evil.txt", b"evil")])), "changes-members-left-out");
}
