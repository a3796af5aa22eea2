//! Every sub-indication of EN 319 102-1, Table 6, that is given without time playing a part; the others are in `time.rs`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod world;

use undersign::pkix::{Criticality, oid};
use undersign::{Input, Limits, Trust, pkix::TrustAnchor, validation::Policy};
use world::*;

fn says(w: &World, cms: &Cms) -> &'static str {
    w.says(cms, &w.clean("2023-06-01", "2026-06-01"), "2023-07-01")
}

#[test]
fn form_and_cryptography() {
    let w = world();
    let lists = w.clean("2023-06-01", "2026-06-01");
    let trust = Trust {
        anchors: vec![TrustAnchor::from_certificate(w.root.certificate.clone())],
        crls: lists,
        ..Trust::default()
    };
    let verify = |der: &[u8]| {
        let input = der.to_vec();
        let at = time("2023-07-01");
        word(
            &undersign::verify(&Input::new(&input), &trust, &Policy::standard(), at, Limits::STANDARD)
                .unwrap(),
            0,
        )
    };
    let replaced = |from: &[u8], to: &[u8]| {
        let mut der = w.signed().der();
        let at = der.windows(from.len()).position(|window| window == from).expect("it is there");
        der[at..at + to.len()].copy_from_slice(to);
        verify(&der)
    };
    assert_eq!(replaced(CONTENT, b"I owe you 999 euro."), "HASH_FAILURE");
    // 5.2.7.4: another value, of the same form.
    let (own, other) = (w.signed().value, Cms::sign(&w.ada, b"other").value);
    let tail = |value: &[u8]| value[value.len() - 20..].to_vec();
    assert_eq!(replaced(&tail(&own), &tail(&other)), "SIG_CRYPTO_FAILURE");
    assert_eq!(verify(&w.signed().detached().der()), "SIGNED_DATA_NOT_FOUND");
    let mut nobody = w.signed();
    nobody.certificates.clear();
    assert_eq!(verify(&nobody.with(&w.ca.certificate).der()), "NO_SIGNING_CERTIFICATE_FOUND");
}

#[test]
fn paths() {
    let mut w = world();
    let stranger = Actor::root("Stranger", "2010-01-01", "2045-01-01");
    let declared = Declared::new("Ada", Role::Person, "2022-01-01", "2024-01-01");
    w.ada = stranger.issue(&declared);
    assert_eq!(says(&w, &w.signed()), "NO_CERTIFICATE_CHAIN_FOUND");
    let mut critical = declared.clone();
    critical.extensions.push((oid::ISSUER_ALT_NAME, Criticality::Critical, vec![0x30, 0]));
    let unknown = undersign::pkix::Oid::from_dotted("1.2.3.4.5").unwrap();
    critical.extensions[0].0 = unknown;
    w.ada = w.ca.issue(&critical);
    assert_eq!(says(&w, &w.signed()), "CHAIN_CONSTRAINTS_FAILURE");
    w.ada = w.ca.issue(&Declared { role: Role::Unstated, ..declared.clone() });
    assert_eq!(says(&w, &w.signed()), "PASSED", "nothing is said");
    w.ada = w.ca.issue(&Declared { role: Role::Authority, ..declared.clone() });
    assert_eq!(says(&w, &w.signed()), "CHAIN_CONSTRAINTS_FAILURE", "no key for documents");
    // Certified by somebody who has the name of the authority but not its key.
    let fake = Actor { key: Key::of("somebody"), certificate: w.ca.certificate.clone() };
    w.ada = fake.issue(&declared);
    assert_eq!(says(&w, &w.signed()), "CERTIFICATE_CHAIN_GENERAL_FAILURE");
}

#[test]
fn a_certificate_for_something_else_signs_no_documents() {
    let mut w = world();
    let declared = Declared::new("Ada", Role::Person, "2022-01-01", "2024-01-01");
    for role in [Role::Tsa, Role::Responder] {
        w.ada = w.ca.issue(&Declared { role, ..declared.clone() });
        assert_eq!(says(&w, &w.signed()), "CHAIN_CONSTRAINTS_FAILURE", "{role:?}");
    }
    let purposes =
        |dotted: &[&str]| der::sequence(&dotted.iter().map(|one| der::oid(one)).collect::<Vec<_>>());
    let (server, client, mail) = ("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.4");
    let (ocsp, time, documents) = ("1.3.6.1.5.5.7.3.9", "1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.36");
    let cases: [(&[&str], &str); 11] = [
        (&[server], "CHAIN_CONSTRAINTS_FAILURE"),
        (&[server, ocsp], "CHAIN_CONSTRAINTS_FAILURE"),
        (&[time], "CHAIN_CONSTRAINTS_FAILURE"),
        (&[server, client], "PASSED"),
        (&[client, mail], "PASSED"),
        (&[mail], "PASSED"),
        (&[documents], "PASSED"),
        (&["2.5.29.37.0"], "PASSED"),
        (&["1.3.6.1.4.1.311.10.3.12"], "PASSED"),
        (&["1.2.840.113583.1.1.5"], "PASSED"),
        (&["1.2.398.3.3.4.1.1"], "PASSED"),
    ];
    for (stated, expected) in cases {
        w.ada = w.ca.issue(&declared.clone().with(oid::EXTENDED_KEY_USAGE, purposes(stated)));
        assert_eq!(says(&w, &w.signed()), expected, "{stated:?}");
    }
}
