//! The built-in policies, each where it differs from the others.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod world;

use crypto::{DigestAlgorithm, PROVIDER};
use undersign::validation::{Level, Policy};
use undersign::{Input, Limits, Trust, pkix::TrustAnchor};
use world::*;

/// A long-term signature: stamped on a day in July 2023, the status told at another time.
fn long_term(w: &World, stamped: &str, told: &str) -> Cms {
    let root_list = CrlMade::new(&w.root, "2023-07-01", "2026-06-01").sign(&w.root);
    let signed = w.signed().crl(&root_list).ocsp(&w.ocsp(Answer::Good, told, "2026-06-01"));
    signed.stamp(&Stamp::new(&w.tsa, stamped))
}

/// The authority's own list, about the TSA only: it tells of Ada before the timestamp.
fn lists(w: &World) -> Vec<Vec<u8>> {
    let (about, issuer) = (&w.tsa.certificate, &w.ca.certificate);
    let updates = ("2023-07-01T11:59:00Z", "2026-06-01");
    vec![OcspMade { about, issuer, answer: Answer::Good, updates }.sign(&w.responder)]
}

#[test]
fn under_estonia_like_the_status_is_told_after_the_timestamp_and_soon() {
    let w = world();
    let says = |told| {
        let signed = long_term(&w, "2023-07-01T12:00:00Z", told);
        w.says_by(&signed, &lists(&w), "estonia-like", "2023-07-01T23:00:00Z")
    };
    assert_eq!(says("2023-07-01T12:05:00Z"), "PASSED");
    assert_eq!(says("2023-07-01T12:30:00Z"), "PASSED", "a warning");
    assert_eq!(says("2023-07-01T11:59:00Z"), "SIG_CONSTRAINTS_FAILURE");
    let late = long_term(&w, "2023-07-01T12:00:00Z", "2023-07-02T12:30:00Z");
    assert_eq!(w.says_by(&late, &lists(&w), "estonia-like", "2023-07-03"), "SIG_CONSTRAINTS_FAILURE");
}

#[test]
fn a_late_status_is_a_warning_that_can_be_read() {
    let w = world();
    let policy = Policy::built_in("estonia-like").unwrap();
    let asked = |told| {
        let signed = long_term(&w, "2023-07-01T12:00:00Z", told);
        let verified = w.verify(&signed, &lists(&w), &policy, "2023-07-01T23:00:00Z");
        let checks = verified.verdict.signatures[0].checks.clone();
        let delay = checks.into_iter().find(|one| one.question == "revocation-delay").expect("asked");
        (delay.weight.as_str(), delay.answer.as_str())
    };
    assert_eq!(asked("2023-07-01T12:14:00Z").1, "yes");
    assert_eq!(asked("2023-07-01T12:16:00Z"), ("warn", "no"));
}

#[test]
fn under_estonia_like_no_timestamp_or_no_status_inside_is_no_level_that_is_accepted() {
    let w = world();
    let given = w.clean("2023-07-01T12:05:00Z", "2026-06-01");
    assert_eq!(w.says_by(&w.signed(), &given, "estonia-like", "2023-07-02"), "SIG_CONSTRAINTS_FAILURE");
    let stamped = w.signed().stamp(&Stamp::new(&w.tsa, "2023-07-01T12:00:00Z"));
    assert_eq!(w.says_by(&stamped, &given, "estonia-like", "2023-07-02"), "SIG_CONSTRAINTS_FAILURE");
    assert_eq!(w.says(&stamped, &given, "2023-07-02"), "PASSED");
}

#[test]
fn under_eu_2025_1945_a_status_is_fresh_for_a_day() {
    let w = world();
    let lists = w.clean("2023-07-01T00:00:00Z", "2026-06-01");
    let says = |at| w.says_by(&w.signed(), &lists, "eu-2025-1945", at);
    assert_eq!((says("2023-07-01T23:00:00Z"), says("2023-07-02T01:00:00Z")), ("PASSED", "TRY_LATER"));
    assert_eq!(w.says(&w.signed(), &lists, "2023-07-02T01:00:00Z"), "PASSED");
    let stamped = |at| w.signed().stamp(&Stamp::new(&w.tsa, at));
    let later = |cms: &Cms| w.says_by(cms, &lists, "eu-2025-1945", "2023-07-01T20:00:00Z");
    assert_eq!(later(&stamped("2023-07-01T12:00:00Z")), "PASSED");
}

#[test]
fn under_personal_only_pinned_certificates_pass() {
    let w = world();
    let lists = w.clean("2023-06-01", "2026-06-01");
    assert_eq!(w.says_by(&w.signed(), &lists, "personal", "2023-07-01"), "CHAIN_CONSTRAINTS_FAILURE");
    let says = |at| {
        let anchors = vec![TrustAnchor::from_certificate(w.ada.certificate.clone())];
        let trust = Trust { anchors, ..Trust::default() };
        let policy = Policy::built_in("personal").unwrap();
        let der = w.signed().der();
        let verified = undersign::verify(&Input::new(&der), &trust, &policy, time(at), Limits::STANDARD);
        word(&verified.unwrap(), 0)
    };
    assert_eq!(says("2023-07-01"), "PASSED");
    assert_eq!(says("2025-07-01"), "OUT_OF_BOUNDS_NO_POE", "trusted or not, it has expired");
}

#[test]
fn levels_follow_from_what_is_there() {
    let w = world();
    let level = |cms: &Cms| {
        let verified = w.verify(cms, &[], &Policy::standard(), "2023-07-02");
        verified.verdict.signatures[0].level
    };
    let list = CrlMade::new(&w.ca, "2023-06-01", "2026-06-01").sign(&w.ca);
    let stamp = Stamp::new(&w.tsa, "2023-07-01");
    assert_eq!(level(&w.signed()), Level::BaselineB);
    assert_eq!(level(&w.signed().stamp(&stamp)), Level::BaselineT);
    let long_term = w.signed().crl(&list).stamp(&stamp);
    assert_eq!(level(&long_term), Level::BaselineLt);
    assert_eq!(level(&long_term.archive(&stamp)), Level::BaselineLta);
}

fn own(text: &str) -> Policy {
    Policy::parse(&format!("format = 'undersign-policy@v1'\nid = 'own'\nversion = '1'\n{text}")).unwrap()
}

#[test]
fn a_timestamp_may_be_asked_for_soon_after_the_claimed_time() {
    let w = world();
    let policy = own("[constraints]\ntimestamp-delay = 'fail'\n[timestamps]\ndelay-limit-minutes = 60\n");
    let given = w.clean("2023-06-01", "2026-06-01");
    let says = |cms: &Cms| word(&w.verify(cms, &given, &policy, "2023-07-01"), 0);
    let claimed = w.ada.certificate.not_before().to_string();
    let stamped = |at| w.signed().stamp(&Stamp::new(&w.tsa, at));
    assert_eq!(
        (claimed.as_str(), says(&stamped("2022-01-01T01:00:00Z"))),
        ("2022-01-01T00:00:00Z", "PASSED")
    );
    assert_eq!(says(&stamped("2022-01-01T01:00:01Z")), "SIG_CONSTRAINTS_FAILURE");
    assert_eq!(says(&w.signed()), "SIG_CONSTRAINTS_FAILURE", "without a timestamp nothing is soon");
    assert_eq!(w.says(&stamped("2022-01-03"), &given, "2023-07-01"), "PASSED", "etsi-default does not ask");
}

#[test]
fn the_document_of_a_signature_policy_may_be_asked_for() {
    let w = world();
    let given = w.clean("2023-06-01", "2026-06-01");
    let text = b"All parties agree to agree.";
    let digest = PROVIDER.digest(DigestAlgorithm::Sha256, text);
    let named = |algorithm: &str| {
        let hash = der::sequence(&[der::sequence(&[der::oid(algorithm)]), der::value(0x04, &digest.value)]);
        let policy = der::sequence(&[der::oid("1.2.3.4.5"), hash]);
        Cms::sign_with(&w.ada, CONTENT, "1.2.840.113549.1.9.16.2.15", &policy).with(&w.ca.certificate)
    };
    let strict = own("[constraints]\nsignature-policy = 'fail'\n");
    let says = |cms: &Cms, policy: &Policy, documents: &[&[u8]]| {
        let trust = Trust {
            anchors: vec![TrustAnchor::from_certificate(w.root.certificate.clone())],
            crls: given.clone(),
            signature_policies: documents.iter().map(|bytes| bytes.to_vec()).collect(),
            ..Trust::default()
        };
        let verified =
            undersign::verify(&Input::new(&cms.der()), &trust, policy, time("2023-07-01"), Limits::STANDARD);
        word(&verified.unwrap(), 0)
    };
    let (sha256, unheard_of) = ("2.16.840.1.101.3.4.2.1", "1.2.3.4");
    let signed = named(sha256);
    assert_eq!(says(&signed, &strict, &[b"something else", text]), "PASSED");
    assert_eq!(says(&signed, &strict, &[b"something else"]), "SIGNATURE_POLICY_NOT_AVAILABLE");
    assert_eq!(says(&named(unheard_of), &strict, &[text]), "POLICY_PROCESSING_ERROR");
    assert_eq!(says(&w.signed(), &strict, &[]), "PASSED", "none is named");
    assert_eq!(says(&signed, &Policy::standard(), &[]), "PASSED", "etsi-default only tells");
}
