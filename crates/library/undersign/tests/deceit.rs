//! Attacks on the verdict: who may vouch for times and statuses, and who may not, whatever names they take.

mod world;

use std::time::Instant;
use undersign::pkix::{Criticality, Oid, TrustAnchor, oid};
use undersign::validation::{Indication, Policy};
use undersign::{Input, Limits, Trust};
use world::*;

/// Somebody with a root of their own, and an authority of the same name as the real one.
fn mallory() -> (Actor, Actor) {
    let root = Actor::root("Mallory", "2010-01-01", "2045-01-01");
    let declared = Declared::new("CA", Role::Authority, "2010-01-01", "2040-01-01");
    let ca = root.certify(&declared, &Key::of("Mallory's CA"));
    (root, ca)
}

/// Everything that is known but for the status of Ada.
fn given(world: &World, more: Vec<u8>) -> Vec<Vec<u8>> {
    vec![world.clean("2023-06-01", "2026-06-01")[0].clone(), more]
}

#[test]
fn only_a_trusted_authority_for_timestamps_proves_a_time() {
    let w = world();
    let stranger = mallory().1.issue(&Declared::new("TSA", Role::Tsa, "2020-01-01", "2030-01-01"));
    let person = w.ca.issue(&Declared::new("Ben", Role::Person, "2020-01-01", "2030-01-01"));
    let anyone = w.ca.issue(&Declared::new("Cleo", Role::Unstated, "2020-01-01", "2030-01-01"));
    let purposes = |list: &[Oid]| der::sequence(&list.iter().map(|one| one.to_der()).collect::<Vec<_>>());
    let with = |name, criticality, list: &[Oid]| {
        let mut declared = Declared::new(name, Role::Unstated, "2020-01-01", "2030-01-01");
        declared.extensions.push((oid::EXTENDED_KEY_USAGE, criticality, purposes(list)));
        w.ca.issue(&declared)
    };
    let casual = with("Casual", Criticality::NonCritical, &[oid::KP_TIME_STAMPING]);
    let broad = with("Broad", Criticality::Critical, &[oid::KP_TIME_STAMPING, oid::KP_EMAIL_PROTECTION]);
    let any = with("Any", Criticality::Critical, &[oid::ANY_EXTENDED_KEY_USAGE]);
    for tsa in [stranger, person, anyone, casual, broad, any] {
        let signed = w.signed().stamp(&Stamp::new(&tsa, "2023-07-01"));
        assert_eq!(
            w.says(&signed, &w.clean("2023-06-01", "2026-06-01"), "2025-01-01"),
            "OUT_OF_BOUNDS_NOT_REVOKED"
        );
    }
}

#[test]
fn a_timestamp_over_another_signature_proves_nothing_about_this_one() {
    let w = world();
    let other = Cms::sign(&w.ada, b"something else").value;
    let signed = w.signed().token(&Stamp::new(&w.tsa, "2023-07-01").over(&other));
    let verified = w.verify(&signed, &w.clean("2023-06-01", "2026-06-01"), &Policy::standard(), "2025-01-01");
    assert_eq!((word(&verified, 0), token_word(&verified, 0)), ("OUT_OF_BOUNDS_NOT_REVOKED", "HASH_FAILURE"));
}

#[test]
fn a_list_by_another_key_of_the_same_name_says_nothing() {
    let w = world();
    let (_, fake) = mallory();
    let list = CrlMade::new(&fake, "2023-06-01", "2026-06-01").sign(&fake);
    assert_eq!(w.says(&w.signed().with(&fake.certificate), &given(&w, list), "2023-07-01"), "TRY_LATER");
    // A key that the authority did certify, but not to sign lists.
    let person =
        w.ca.certify(&Declared::new("CA", Role::Person, "2020-01-01", "2030-01-01"), &Key::of("Ben"));
    let list = CrlMade::new(&w.ca, "2023-06-01", "2026-06-01").sign(&person);
    assert_eq!(w.says(&w.signed().with(&person.certificate), &given(&w, list), "2023-07-01"), "TRY_LATER");
}

#[test]
fn an_authority_does_not_speak_for_those_above_it_by_taking_their_name() {
    let w = world();
    // The CA issues itself a certificate in the name of the root, and lists as the root, of itself too.
    let declared = Declared::new("Root", Role::Authority, "2010-01-01", "2040-01-01");
    let fake = w.ca.certify(&declared, &Key::of("a second root"));
    let list = CrlMade::new(&fake, "2023-06-01", "2026-06-01").sign(&fake);
    let own = CrlMade::new(&w.ca, "2023-06-01", "2026-06-01").sign(&w.ca);
    let signed = w.signed().with(&fake.certificate);
    assert_eq!(w.says(&signed, &[own.clone(), list.clone()], "2023-07-01"), "TRY_LATER");
    assert_eq!(
        w.says(&signed, &[w.clean("2023-06-01", "2026-06-01"), vec![list]].concat(), "2023-07-01"),
        "PASSED"
    );
    // A new key of the root, certified by the root itself, may.
    let rolled = w.root.certify(&declared, &Key::of("a new key of the root"));
    let list = CrlMade::new(&rolled, "2023-06-01", "2026-06-01").sign(&rolled);
    assert_eq!(w.says(&w.signed().with(&rolled.certificate), &[own, list], "2023-07-01"), "PASSED");
}

#[test]
fn nobody_answers_for_the_own_certificate() {
    let w = world();
    let ada = w.ca.issue(&Declared::new("Ada", Role::Responder, "2022-01-01", "2024-01-01"));
    let (about, issuer, updates) = (&ada.certificate, &w.ca.certificate, ("2023-06-01", "2026-06-01"));
    let by = |responder: &Actor| OcspMade { about, issuer, answer: Answer::Good, updates }.sign(responder);
    let purposes = der::sequence(&[oid::KP_OCSP_SIGNING.to_der(), oid::KP_EMAIL_PROTECTION.to_der()]);
    let mut declared = Declared::new("Eve", Role::Person, "2022-01-01", "2024-01-01");
    declared.extensions.push((oid::EXTENDED_KEY_USAGE, Criticality::NonCritical, purposes));
    let eve = w.ca.issue(&declared);
    let about = &eve.certificate;
    let answer =
        |responder: &Actor| OcspMade { about, issuer, answer: Answer::Good, updates }.sign(responder);
    let signed = Cms::sign(&eve, CONTENT).with(&w.ca.certificate);
    assert_eq!(w.says(&signed, &given(&w, answer(&eve)), "2023-07-01"), "TRY_LATER");
    assert_eq!(w.says(&signed, &given(&w, answer(&w.responder)), "2023-07-01"), "PASSED");
    let signed = Cms::sign(&ada, CONTENT).with(&w.ca.certificate);
    assert_ne!(w.says(&signed, &given(&w, by(&ada)), "2023-07-01"), "PASSED");
}

#[test]
fn only_the_issuer_and_its_delegates_answer_for_it() {
    let w = world();
    let answer = |responder: &Actor| {
        let (about, issuer) = (&w.ada.certificate, &w.ca.certificate);
        let updates = ("2023-06-01", "2026-06-01");
        let ocsp = OcspMade { about, issuer, answer: Answer::Good, updates }.sign(responder);
        w.says(&w.signed(), &given(&w, ocsp), "2023-07-01")
    };
    assert_eq!((answer(&w.responder), answer(&w.ca)), ("PASSED", "PASSED"));
    let declared = Declared::new("Responder", Role::Responder, "2020-01-01", "2030-01-01");
    assert_eq!(answer(&mallory().1.issue(&declared)), "TRY_LATER", "certified by a namesake");
    assert_eq!(answer(&w.root.issue(&declared)), "TRY_LATER", "certified by another issuer");
    let person = w.ca.issue(&Declared::new("Ben", Role::Person, "2020-01-01", "2030-01-01"));
    assert_eq!(answer(&person), "TRY_LATER", "certified for something else");
    let expired = w.ca.issue(&Declared::new("Late", Role::Responder, "2020-01-01", "2022-01-01"));
    assert_eq!(answer(&expired), "TRY_LATER", "not valid when it answered");
}

#[test]
fn an_answer_about_another_certificate_or_of_another_time_says_nothing() {
    let w = world();
    let ben = w.ca.issue(&Declared::new("Ben", Role::Person, "2022-01-01", "2024-01-01"));
    let (issuer, updates) = (&w.ca.certificate, ("2023-06-01", "2026-06-01"));
    let about = &ben.certificate;
    let other = OcspMade { about, issuer, answer: Answer::Good, updates }.sign(&w.responder);
    assert_eq!(w.says(&w.signed(), &given(&w, other), "2023-07-01"), "TRY_LATER");
    let unknown = w.ocsp(Answer::Unknown, "2023-06-01", "2026-06-01");
    assert_eq!(w.says(&w.signed(), &given(&w, unknown), "2023-07-01"), "TRY_LATER");
    let future = w.ocsp(Answer::Good, "2023-09-01", "2026-06-01");
    assert_eq!(w.says(&w.signed(), &given(&w, future), "2023-07-01"), "TRY_LATER");
}

#[test]
fn a_list_for_others_says_nothing() {
    let w = world();
    let scope = |bytes: &[u8]| CrlMade::new(&w.ca, "2023-06-01", "2026-06-01").with("2.5.29.28", true, bytes);
    let says = |list: Vec<u8>| w.says(&w.signed(), &given(&w, list), "2023-07-01");
    assert_eq!(says(scope(&der::sequence(&[der::value(0x81, &[0xff])])).sign(&w.ca)), "PASSED", "for users");
    assert_eq!(
        says(scope(&der::sequence(&[der::value(0x82, &[0xff])])).sign(&w.ca)),
        "TRY_LATER",
        "for authorities"
    );
    let point = der::value(0xa0, &der::value(0xa0, &der::value(0x86, b"http://a.example/1.crl")));
    assert_eq!(says(scope(&der::sequence(&[point])).sign(&w.ca)), "TRY_LATER", "another part of the list");
    let some = der::sequence(&[der::value(0x83, &[6, 0x40])]);
    assert_eq!(says(scope(&some).sign(&w.ca)), "TRY_LATER", "for one reason only");
    let other = w.root.issue(&Declared::new("Other", Role::Authority, "2010-01-01", "2040-01-01"));
    let indirect = CrlMade::new(&other, "2023-06-01", "2026-06-01");
    let indirect =
        indirect.with("2.5.29.28", true, &der::sequence(&[der::value(0x84, &[0xff])])).sign(&other);
    let signed = w.signed().with(&other.certificate);
    assert_eq!(w.says(&signed, &given(&w, indirect), "2023-07-01"), "TRY_LATER", "nobody asked it to");
}

#[test]
fn a_delta_list_alone_is_silent_and_loud_only_against() {
    let w = world();
    let delta = CrlMade::new(&w.ca, "2023-06-10", "2026-06-01").with("2.5.29.27", true, &der::integer(5));
    let delta = delta.with("2.5.29.20", false, &der::integer(6));
    let base = CrlMade::new(&w.ca, "2023-06-01", "2026-06-01").with("2.5.29.20", false, &der::integer(5));
    let says =
        |lists: &[Vec<u8>]| w.says(&w.signed(), &[&given(&w, Vec::new())[..1], lists].concat(), "2023-07-01");
    assert_eq!(says(&[delta.sign(&w.ca)]), "TRY_LATER");
    assert_eq!(says(&[delta.sign(&w.ca), base.sign(&w.ca)]), "PASSED");
    let delta = delta.revoked(&w.ada.certificate, "2023-06-05", 1).sign(&w.ca);
    assert_eq!(says(std::slice::from_ref(&delta)), "REVOKED_NO_POE");
    assert_eq!(says(&[delta, base.sign(&w.ca)]), "REVOKED_NO_POE");
}

#[test]
fn a_responder_that_was_revoked_must_have_answered_before() {
    let w = world();
    let (about, issuer) = (&w.responder.certificate, &w.ca.certificate);
    let (answer, updates) = (Answer::Revoked("2023-08-15", 1), ("2023-08-20", "2026-06-01"));
    let lists = given(&w, OcspMade { about, issuer, answer, updates }.sign(&w.ca));
    let held = w.signed().ocsp(&w.ocsp(Answer::Good, "2023-08-01", "2026-06-01"));
    let own_tsa = w.root.issue(&Declared::new("Own TSA", Role::Tsa, "2020-01-01", "2040-01-01"));
    let archived = |at| held.clone().archive(&Stamp::new(&own_tsa, at));
    assert_eq!(w.says(&held, &lists, "2023-09-01"), "TRY_LATER", "it may be backdated");
    assert_eq!(w.says(&archived("2023-08-20"), &lists, "2023-09-01"), "TRY_LATER");
    assert_eq!(w.says(&archived("2023-08-02"), &lists, "2023-09-01"), "PASSED");
}

#[test]
fn what_a_token_itself_carries_is_not_under_it() {
    let w = weak_world();
    let stamp = Stamp { certificates: vec![w.ca.certificate.clone()], ..Stamp::new(&w.tsa, "2011-01-01") };
    let lists = w.clean("2020-12-01", "2045-01-01");
    for signed in [Cms::sign(&w.ada, CONTENT).stamp(&stamp), Cms::sign(&w.ada, CONTENT).archive(&stamp)] {
        assert_eq!(w.says(&signed, &lists, "2025-01-01"), "CRYPTO_CONSTRAINTS_FAILURE_NO_POE");
    }
}

#[test]
fn timestamps_in_an_impossible_order_are_noticed() {
    let w = world();
    let lists = w.clean("2023-06-01", "2026-06-01");
    let content = Cms::sign_after(&w.ada, CONTENT, &Stamp::new(&w.tsa, "2023-07-05")).with(&w.ca.certificate);
    let early = content.stamp(&Stamp::new(&w.tsa, "2023-07-01"));
    assert_eq!(w.says(&early, &lists, "2023-08-01"), "TIMESTAMP_ORDER_FAILURE");
    let stamped = w.signed().stamp(&Stamp::new(&w.tsa, "2023-07-05"));
    let covered = stamped.archive(&Stamp::new(&w.tsa, "2023-07-01"));
    assert_eq!(w.says(&covered, &lists, "2023-08-01"), "TIMESTAMP_ORDER_FAILURE");
}

fn within(seconds: u64, what: &str, body: impl FnOnce()) {
    let start = Instant::now();
    body();
    let took = start.elapsed();
    assert!(took.as_secs() < seconds, "{what} took {took:?}");
}

#[test]
fn loops_crowds_and_long_lists_end_in_time_and_never_in_a_pass() {
    let w = world();
    let lists = w.clean("2023-06-01", "2026-06-01");
    // Everybody certifies everybody, all under the names of the real path.
    let names = ["CA", "Root", "Loop"];
    let mut looped = Cms::sign(
        &mallory().1.issue(&Declared::new("Eve", Role::Person, "2022-01-01", "2024-01-01")),
        CONTENT,
    );
    let keys: Vec<Key> = (0..12).map(|number| Key::of(&format!("loop {number}"))).collect();
    for (at, name) in names.iter().cycle().take(36).enumerate() {
        let by = Actor { key: keys[at % 12].clone(), certificate: w.ca.certificate.clone() };
        let key = &keys[(at * 5 + 1) % 12];
        looped = looped.with(
            &by.certify(&Declared::new(name, Role::Authority, "2010-01-01", "2040-01-01"), key).certificate,
        );
    }
    within(60, "loops", || assert_ne!(w.says(&looped, &lists, "2023-07-01"), "PASSED"));
    let mut crowd = w.signed();
    let stranger = mallory().1;
    for number in 0..200 {
        let name = format!("CA{}", number % 3);
        let declared = Declared::new(&name, Role::Authority, "2010-01-01", "2040-01-01");
        crowd = crowd.with(&stranger.certify(&declared, &Key::of(&format!("{number}"))).certificate);
    }
    within(60, "a crowd", || assert_eq!(w.says(&crowd, &lists, "2023-07-01"), "PASSED"));
    let key = Key::of("one for all");
    for number in 0..9_000 {
        let name = if number % 2 == 0 { "CA".to_owned() } else { format!("CA{number}") };
        let from = format!("{}-{:02}-{:02}", 2010 + number % 10, 1 + number / 10 % 12, 1 + number / 120 % 28);
        let declared = Declared::new(&name, Role::Authority, &from, "2040-01-01");
        crowd = crowd.with(&stranger.certify(&declared, &key).certificate);
    }
    within(120, "a host", || {
        let said = w.says(&crowd, &lists, "2023-07-01");
        assert!(["PASSED", "CERTIFICATE_CHAIN_GENERAL_FAILURE"].contains(&said), "{said}");
    });
    let padded = CrlMade::new(&w.ca, "2023-06-02", "2026-06-01").padded(1_000_000);
    let (clean, revoked) =
        (padded.sign(&w.ca), padded.revoked(&w.ada.certificate, "2023-06-02", 1).sign(&w.ca));
    within(120, "a list of a million", || {
        assert_eq!(w.says(&w.signed(), &given(&w, clean), "2023-07-01"), "PASSED")
    });
    within(120, "a list of a million", || {
        assert_eq!(w.says(&w.signed(), &given(&w, revoked), "2023-07-01"), "REVOKED_NO_POE");
    });
}

#[test]
fn nothing_is_passed_when_a_limit_hid_something() {
    let w = world();
    let revoked =
        CrlMade::new(&w.ca, "2023-06-01", "2026-06-01").revoked(&w.ada.certificate, "2023-06-02", 1);
    let signed = w.signed().crl(&revoked.sign(&w.ca)).ocsp(&w.ocsp(Answer::Good, "2023-05-01", "2026-06-01"));
    let trust = Trust {
        anchors: vec![TrustAnchor::from_certificate(w.root.certificate.clone())],
        crls: w.clean("2023-05-01", "2026-06-01")[..1].to_vec(),
        ..Trust::default()
    };
    let at = time("2023-07-01");
    let mut undecided = 0;
    use undersign::types::Resource::{Certificates, DecodedBytes, PathSteps, SignatureChecks, Steps};
    for resource in [Steps, DecodedBytes, Certificates, SignatureChecks, PathSteps] {
        for limit in [0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610] {
            let limits = Limits::STANDARD.with(resource, limit);
            let verified =
                undersign::verify(&Input::new(&signed.der()), &trust, &Policy::standard(), at, limits);
            if let Ok(verified) = verified {
                let verdict = &verified.verdict.signatures[0];
                assert_ne!(verdict.indication, Indication::TotalPassed, "{resource:?} {limit}");
                undecided += 1;
            }
        }
    }
    assert!(undecided > 20, "{undecided}");
}
