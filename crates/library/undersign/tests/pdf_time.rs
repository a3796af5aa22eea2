//! Document timestamps and the DSS of a PDF as proofs of existence (EN 319 142-1, 5.5; EN 319 102-1, 5.6.2.3).

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod world;

use testkit::authority::pdf::{self, Extent};
use undersign::validation::{Level, Policy};
use undersign::{Input, Limits, Trust, Verified, pkix::TrustAnchor};
use world::*;

fn verify(w: &World, file: &[u8], given: &[Vec<u8>], at: &str) -> Verified {
    let trust = Trust {
        anchors: vec![TrustAnchor::from_certificate(w.root.certificate.clone())],
        crls: given.to_vec(),
        ..Trust::default()
    };
    undersign::verify(&Input::new(&file.to_vec()), &trust, &Policy::standard(), time(at), Limits::STANDARD)
        .unwrap()
}

fn signed(w: &World) -> Vec<u8> {
    pdf::sign(&pdf::unsigned(), 60, |covered| Cms::pades(&w.ada, covered).with(&w.ca.certificate))
}

#[test]
fn a_document_timestamp_proves_the_signature_under_it() {
    let w = world();
    let given = w.clean("2023-06-01", "2026-06-01");
    let says = |file: &[u8], at| word(&verify(&w, file, &given, at), 0);
    assert_eq!(says(&signed(&w), "2023-07-01"), "PASSED");
    assert_eq!(says(&signed(&w), "2025-01-01"), "OUT_OF_BOUNDS_NOT_REVOKED");
    let stamped = |at| pdf::timestamp(&signed(&w), 62, &Stamp::new(&w.tsa, at), Extent::Whole);
    assert_eq!(says(&stamped("2023-07-01"), "2025-01-01"), "PASSED");
    assert_eq!(says(&stamped("2024-07-01"), "2025-01-01"), "OUT_OF_BOUNDS_NOT_REVOKED");
}

#[test]
fn a_document_timestamp_that_is_not_over_the_whole_revision_proves_nothing() {
    let w = world();
    let given = w.clean("2023-06-01", "2026-06-01");
    for extent in [Extent::Part, Extent::Lie] {
        let file = pdf::timestamp(&signed(&w), 62, &Stamp::new(&w.tsa, "2023-07-01"), extent);
        let verified = verify(&w, &file, &given, "2025-01-01");
        assert_ne!(word(&verified, 0), "PASSED", "{extent:?}");
        assert_ne!(word(&verified, 1), "PASSED", "{extent:?}");
    }
}

#[test]
fn a_document_timestamp_over_something_else_makes_no_level() {
    let w = world();
    let given = w.clean("2023-06-01", "2026-06-01");
    let level = |file: &[u8]| verify(&w, file, &given, "2023-07-01").verdict.signatures[0].level;
    let stamp = Stamp::new(&w.tsa, "2023-06-15");
    assert_eq!(level(&signed(&w)), Level::BaselineB);
    assert_eq!(level(&pdf::timestamp(&signed(&w), 62, &stamp, Extent::Whole)), Level::BaselineT);
    let elsewhere = pdf::token(&signed(&w), 62, &stamp.over(b"something else"));
    assert_eq!(level(&elsewhere), Level::BaselineB);
    let garbage = pdf::token(&signed(&w), 62, &[0x30, 2, 5, 0]);
    assert_eq!(level(&garbage), Level::BaselineB);
}

#[test]
fn what_stands_in_the_dss_exists_since_the_document_timestamp_over_it() {
    let mut w = world();
    w.tsa = w.root.issue(&Declared::new("Own TSA", Role::Tsa, "2020-01-01", "2040-01-01"));
    let root_list =
        CrlMade::new(&w.root, "2023-10-01", "2026-06-01").revoked(&w.ca.certificate, "2023-09-01", 2);
    let ca_list = CrlMade::new(&w.ca, "2023-08-01", "2026-06-01").sign(&w.ca);
    let stored = pdf::store(&signed(&w), &[w.ca.certificate.der().to_vec()], &[ca_list]);
    let stamped = |file: &[u8], at| pdf::timestamp(file, 62, &Stamp::new(&w.tsa, at), Extent::Whole);
    let given = [root_list.sign(&w.root)];
    let in_time = verify(&w, &stamped(&stored, "2023-08-15"), &given, "2023-11-01");
    assert_eq!((word(&in_time, 0), in_time.verdict.signatures[0].level), ("PASSED", Level::BaselineLta));
    let late = verify(&w, &stamped(&stored, "2023-09-15"), &given, "2023-11-01");
    assert_eq!(word(&late, 0), "REVOKED_CA_NO_POE");
    // Stored after the only timestamp, nothing shows that it was there in time.
    let ca_list = CrlMade::new(&w.ca, "2023-08-01", "2026-06-01").sign(&w.ca);
    let first = stamped(&signed(&w), "2023-08-15");
    let after = pdf::store(&first, &[w.ca.certificate.der().to_vec()], &[ca_list]);
    assert_eq!(word(&verify(&w, &after, &given, "2023-11-01"), 0), "REVOKED_CA_NO_POE");
}

#[test]
fn every_later_timestamp_renews_the_earlier() {
    let w = world();
    let days = ["2023-12-01", "2025-08-01"];
    let given: Vec<Vec<u8>> = days.iter().flat_map(|day| w.clean(day, "2045-01-01")).collect();
    let once = pdf::timestamp(&signed(&w), 62, &Stamp::new(&w.tsa, "2023-07-01"), Extent::Whole);
    assert_eq!(word(&verify(&w, &once, &given, "2027-01-01"), 0), "OUT_OF_BOUNDS_NOT_REVOKED");
    let twice = pdf::timestamp(&once, 64, &Stamp::new(&w.new_tsa, "2025-09-01"), Extent::Whole);
    assert_eq!(word(&verify(&w, &twice, &given, "2027-01-01"), 0), "PASSED");
    let backwards = pdf::timestamp(&once, 64, &Stamp::new(&w.tsa, "2023-06-01"), Extent::Whole);
    assert_ne!(word(&verify(&w, &backwards, &given, "2025-08-02"), 1), "PASSED", "older than what it covers");
}
