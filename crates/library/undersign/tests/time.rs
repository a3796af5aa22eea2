//! Signatures with time: what timestamps settle, and what they cannot settle (EN 319 102-1, 5.5 and 5.6).

mod world;

use undersign::pkix::oid;
use undersign::validation::Policy;
use world::*;

/// Fresh until 2026.
fn clean(world: &World) -> Vec<Vec<u8>> {
    world.clean("2023-06-01", "2026-06-01")
}

/// Lists that stay fresh, the first from when Ada's certificate was valid.
fn lasting(world: &World) -> Vec<Vec<u8>> {
    let days = ["2023-12-01", "2025-08-01", "2036-01-01"];
    days.iter().flat_map(|day| world.clean(day, "2045-01-01")).collect()
}

fn with_ca_list(world: &World, ca: &CrlMade) -> Vec<Vec<u8>> {
    vec![clean(world)[0].clone(), ca.sign(&world.ca)]
}

fn ca_list(world: &World) -> CrlMade {
    CrlMade::new(&world.ca, "2023-10-01", "2026-06-01")
}

#[test]
fn a_signature_without_proof_of_time_is_good_only_while_its_certificate_is() {
    let w = world();
    let signed = w.signed();
    assert_eq!(w.says(&signed, &clean(&w), "2023-07-01"), "PASSED");
    assert_eq!(w.says(&signed, &[], "2023-07-01"), "TRY_LATER");
    assert_eq!(w.says(&signed, &clean(&w), "2025-01-01"), "OUT_OF_BOUNDS_NOT_REVOKED");
    assert_eq!(w.says(&signed, &[], "2025-01-01"), "OUT_OF_BOUNDS_NO_POE");
    assert_eq!(w.says(&signed, &clean(&w), "2021-07-01"), "OUT_OF_BOUNDS_NO_POE", "not yet valid");
}

#[test]
fn a_timestamp_before_expiry_settles_that_the_certificate_expired() {
    let w = world();
    let signed = w.signed().stamp(&Stamp::new(&w.tsa, "2023-07-01"));
    assert_eq!(w.says(&signed, &clean(&w), "2025-01-01"), "PASSED");
    let late = w.signed().stamp(&Stamp::new(&w.tsa, "2024-07-01"));
    assert_eq!(w.says(&late, &clean(&w), "2025-01-01"), "OUT_OF_BOUNDS_NOT_REVOKED");
    assert_eq!(
        w.says(&signed, &[], "2025-01-01"),
        "OUT_OF_BOUNDS_NO_POE",
        "nothing is known about its status"
    );
}

#[test]
fn a_signature_older_than_its_certificate_is_failed() {
    let w = world();
    let signed = w.signed().stamp(&Stamp::new(&w.tsa, "2021-07-01"));
    assert_eq!(w.says(&signed, &clean(&w), "2023-07-01"), "NOT_YET_VALID");
    assert_eq!(w.says(&signed, &clean(&w), "2025-01-01"), "NOT_YET_VALID");
}

#[test]
fn a_timestamp_newer_than_the_validation_proves_nothing() {
    let w = world();
    let signed = w.signed().stamp(&Stamp::new(&w.tsa, "2023-07-01"));
    let verified = w.verify(&signed, &w.clean("2021-06-01", "2026-06-01"), &Policy::standard(), "2021-08-01");
    assert_eq!(token_word(&verified, 0), "TIMESTAMP_ORDER_FAILURE");
    assert_eq!(word(&verified, 0), "OUT_OF_BOUNDS_NO_POE");
}

#[test]
fn a_timestamp_before_the_certificate_of_its_authority_proves_nothing() {
    let w = world();
    let verify = |at| {
        let signed = w.signed().stamp(&Stamp::new(&w.new_tsa, at));
        let given = [w.clean("2023-12-01", "2026-06-01"), w.clean("2024-06-01", "2026-06-01")].concat();
        w.verify(&signed, &given, &Policy::standard(), "2025-01-01")
    };
    let early = verify("2023-07-01");
    assert_eq!((token_word(&early, 0), word(&early, 0)), ("NOT_YET_VALID", "OUT_OF_BOUNDS_NOT_REVOKED"));
    assert_eq!(token_word(&verify("2024-01-01"), 0), "PASSED", "the first second counts");
}

#[test]
fn a_revocation_counts_unless_the_signature_is_proven_to_be_older() {
    let w = world();
    let given = with_ca_list(&w, &ca_list(&w).revoked(&w.ada.certificate, "2023-09-01", 4));
    let stamped = |at| w.signed().stamp(&Stamp::new(&w.tsa, at));
    assert_eq!(w.says(&w.signed(), &given, "2023-11-01"), "REVOKED_NO_POE");
    assert_eq!(w.says(&stamped("2023-08-31"), &given, "2023-11-01"), "PASSED");
    assert_eq!(w.says(&stamped("2023-09-01"), &given, "2023-11-01"), "REVOKED_NO_POE", "not before it");
    assert_eq!(w.says(&stamped("2023-10-01"), &given, "2023-11-01"), "REVOKED_NO_POE");
    // Told in 2023 for good, however the present is.
    assert_eq!(w.says(&w.signed(), &given, "2023-08-01"), "REVOKED_NO_POE");
    let both = [given, clean(&w)].concat();
    assert_eq!(
        w.says(&w.signed(), &both, "2023-11-01"),
        "REVOKED_NO_POE",
        "an older list takes nothing back"
    );
}

#[test]
fn what_was_signed_after_revocation_or_expiry_by_its_own_timestamp_is_failed() {
    let w = world();
    let content = |at| Cms::sign_after(&w.ada, CONTENT, &Stamp::new(&w.tsa, at)).with(&w.ca.certificate);
    let given = with_ca_list(&w, &ca_list(&w).revoked(&w.ada.certificate, "2023-09-01", 1));
    assert_eq!(w.says(&content("2023-10-01"), &given, "2023-11-01"), "REVOKED");
    assert_eq!(w.says(&content("2024-02-01"), &clean(&w), "2025-01-01"), "EXPIRED");
    assert_eq!(w.says(&content("2023-10-01"), &clean(&w), "2023-11-01"), "PASSED");
}

#[test]
fn a_suspended_certificate_has_to_wait_unless_the_signature_is_older() {
    let w = world();
    let given = with_ca_list(&w, &ca_list(&w).revoked(&w.ada.certificate, "2023-09-01", 6));
    assert_eq!(w.says(&w.signed(), &given, "2023-11-01"), "TRY_LATER");
    let stamped = |at| w.signed().stamp(&Stamp::new(&w.tsa, at));
    assert_eq!(w.says(&stamped("2023-09-15"), &given, "2023-11-01"), "TRY_LATER");
    assert_eq!(w.says(&stamped("2023-08-15"), &given, "2023-11-01"), "PASSED");
    let released = CrlMade::new(&w.ca, "2023-10-15", "2026-06-01").sign(&w.ca);
    let after = [given, vec![released]].concat();
    assert_eq!(w.says(&w.signed(), &after, "2023-11-01"), "PASSED", "the newest word counts");
    assert_eq!(
        w.says(&w.signed(), &after, "2023-10-10"),
        "TRY_LATER",
        "which cannot be known before it is said"
    );
}

#[test]
fn a_revoked_authority_vouches_only_for_what_is_proven_to_be_older() {
    let w = world();
    let root_list =
        CrlMade::new(&w.root, "2023-10-01", "2026-06-01").revoked(&w.ca.certificate, "2023-09-01", 2);
    let lists = [root_list.sign(&w.root), CrlMade::new(&w.ca, "2023-08-01", "2026-06-01").sign(&w.ca)];
    assert_eq!(w.says(&w.signed(), &lists, "2023-11-01"), "REVOKED_CA_NO_POE");
    // The timestamp itself is by somebody below the same authority.
    let stamped = w.signed().stamp(&Stamp::new(&w.tsa, "2023-08-15"));
    assert_eq!(w.says(&stamped, &lists, "2023-11-01"), "REVOKED_CA_NO_POE");
}

#[test]
fn a_revoked_authority_does_not_matter_to_what_an_independent_archive_timestamp_covers() {
    let mut w = world();
    w.new_tsa = w.root.issue(&Declared::new("Own TSA", Role::Tsa, "2020-01-01", "2040-01-01"));
    let root_list =
        CrlMade::new(&w.root, "2023-10-01", "2026-06-01").revoked(&w.ca.certificate, "2023-09-01", 2);
    let ca_list = CrlMade::new(&w.ca, "2023-08-01", "2026-06-01").sign(&w.ca);
    let held = w.signed().crl(&ca_list);
    let archived = |at| held.clone().archive(&Stamp::new(&w.new_tsa, at));
    let given = [root_list.sign(&w.root)];
    assert_eq!(w.says(&archived("2023-08-15"), &given, "2023-11-01"), "PASSED");
    assert_eq!(w.says(&archived("2023-09-15"), &given, "2023-11-01"), "REVOKED_CA_NO_POE");
}

#[test]
fn an_expired_timestamping_authority_needs_a_newer_timestamp_over_its_own() {
    let w = world();
    let given = lasting(&w);
    let stamped = w.signed().stamp(&Stamp::new(&w.tsa, "2023-07-01"));
    assert_eq!(w.says(&stamped, &given, "2025-06-01"), "PASSED");
    assert_eq!(w.says(&stamped, &given, "2027-01-01"), "OUT_OF_BOUNDS_NOT_REVOKED");
    let renewed = stamped.clone().archive(&Stamp::new(&w.new_tsa, "2025-07-01"));
    assert_eq!(w.says(&renewed, &given, "2027-01-01"), "PASSED");
    let too_late = stamped.archive(&Stamp::new(&w.new_tsa, "2026-07-01"));
    assert_eq!(w.says(&too_late, &given, "2027-01-01"), "OUT_OF_BOUNDS_NOT_REVOKED");
}

#[test]
fn renewals_carry_over_generations() {
    let w = world();
    let third = w.root.issue(&Declared::new("Third TSA", Role::Tsa, "2035-01-01", "2044-01-01"));
    let given = lasting(&w);
    let signed = w.signed().stamp(&Stamp::new(&w.tsa, "2023-07-01"));
    let twice = signed.archive(&Stamp::new(&w.new_tsa, "2025-07-01"));
    assert_eq!(w.says(&twice.clone(), &given, "2041-01-01"), "OUT_OF_BOUNDS_NOT_REVOKED");
    let thrice = twice.archive(&Stamp::new(&third, "2037-07-01"));
    assert_eq!(w.says(&thrice, &given, "2041-01-01"), "PASSED");
}

#[test]
fn a_revoked_timestamping_authority_proves_only_what_a_newer_timestamp_covers() {
    let w = world();
    let list = CrlMade::new(&w.ca, "2023-12-01", "2045-01-01").revoked(&w.tsa.certificate, "2023-11-01", 1);
    let given = [w.clean("2023-12-01", "2045-01-01")[0].clone(), list.sign(&w.ca)];
    let stamped = w.signed().stamp(&Stamp::new(&w.tsa, "2023-07-01"));
    assert_eq!(w.says(&stamped, &given, "2024-06-01"), "OUT_OF_BOUNDS_NOT_REVOKED");
    let early = w.ca.issue(&Declared::new("Early TSA", Role::Tsa, "2023-01-01", "2040-01-01"));
    let covered = |at| stamped.clone().archive(&Stamp::new(&early, at));
    assert_eq!(w.says(&covered("2023-10-01"), &given, "2024-06-01"), "PASSED");
    assert_eq!(w.says(&covered("2023-12-01"), &given, "2024-06-01"), "PASSED", "in time for Ada by itself");
    assert_eq!(w.says(&covered("2024-02-01"), &given, "2024-06-01"), "OUT_OF_BOUNDS_NOT_REVOKED");
}

#[test]
fn weak_algorithms_do_not_matter_to_what_existed_before_their_end() {
    let root = Actor::root("Root", "2005-01-01", "2045-01-01");
    let ca = root.issue(&Declared::new("CA", Role::Authority, "2005-01-01", "2040-01-01"));
    let mut w = world();
    w.tsa = ca.issue(&Declared::new("TSA", Role::Tsa, "2005-01-01", "2039-01-01"));
    w.ada = ca.issue(&Declared::new("Ada", Role::Person, "2010-01-01", "2039-01-01")).with_sha1();
    (w.root, w.ca) = (root, ca);
    let given = w.clean("2020-12-01", "2045-01-01");
    let stamped = |at| w.signed().stamp(&Stamp::new(&w.tsa, at));
    assert_eq!(w.says(&w.signed(), &given, "2025-01-01"), "CRYPTO_CONSTRAINTS_FAILURE_NO_POE");
    assert_eq!(w.says(&stamped("2011-01-01"), &given, "2025-01-01"), "PASSED");
    assert_eq!(w.says(&stamped("2013-01-01"), &given, "2025-01-01"), "CRYPTO_CONSTRAINTS_FAILURE_NO_POE");
    let sha1_tsa = w.tsa.with_sha1();
    let weak_token = w.signed().stamp(&Stamp::new(&sha1_tsa, "2011-01-01"));
    assert_eq!(w.says(&weak_token, &given, "2025-01-01"), "CRYPTO_CONSTRAINTS_FAILURE_NO_POE");
    let content = Cms::sign_after(&w.ada, CONTENT, &Stamp::new(&w.tsa, "2013-01-01"));
    assert_eq!(w.says(&content.with(&w.ca.certificate), &given, "2025-01-01"), "CRYPTO_CONSTRAINTS_FAILURE");
}

#[test]
fn a_weakly_signed_authority_must_itself_have_existed_in_time() {
    let w = weak_world();
    let given = w.clean("2020-12-01", "2045-01-01");
    let stamped = w.signed().stamp(&Stamp::new(&w.tsa, "2011-01-01"));
    assert_eq!(w.says(&stamped, &given, "2025-01-01"), "CRYPTO_CONSTRAINTS_FAILURE_NO_POE");
    let archived = w.signed().archive(&Stamp::new(&w.tsa, "2011-01-01"));
    assert_eq!(w.says(&archived, &given, "2025-01-01"), "PASSED", "the certificates lie under the timestamp");
}

#[test]
fn short_lived_certificates_need_no_status_but_no_word_against_them_either() {
    let mut w = world();
    for oid in [oid::NO_REV_AVAIL, oid::VALIDITY_ASSURED_SHORT_TERM] {
        let declared = Declared::new("Brief", Role::Person, "2023-07-01", "2023-07-08");
        w.ada = w.ca.issue(&declared.with(oid, vec![5, 0]));
        let given = &clean(&w)[..1];
        assert_eq!(w.says(&w.signed(), given, "2023-07-02"), "PASSED");
        assert_eq!(w.says(&w.signed(), given, "2023-07-09"), "OUT_OF_BOUNDS_NOT_REVOKED");
        let stamped = |at| w.signed().stamp(&Stamp::new(&w.tsa, at));
        let list = CrlMade::new(&w.ca, "2023-07-03", "2026-07-01");
        let given = with_ca_list(&w, &list);
        assert_eq!(w.says(&stamped("2023-07-02"), &given, "2023-08-01"), "PASSED");
        assert_eq!(w.says(&stamped("2023-07-09"), &given, "2023-08-01"), "OUT_OF_BOUNDS_NOT_REVOKED");
        let revoked = with_ca_list(&w, &list.revoked(&w.ada.certificate, "2023-07-02", 1));
        assert_eq!(w.says(&w.signed(), &revoked, "2023-07-04"), "REVOKED_NO_POE");
    }
}

#[test]
fn an_authority_is_never_too_short_lived_to_be_revoked() {
    let mut w = world();
    for oid in [oid::NO_REV_AVAIL, oid::VALIDITY_ASSURED_SHORT_TERM] {
        let declared = Declared::new("CA", Role::Authority, "2010-01-01", "2040-01-01");
        w.ca = w.root.issue(&declared.with(oid, vec![5, 0]));
        w.ada = w.ca.issue(&Declared::new("Ada", Role::Person, "2022-01-01", "2024-01-01"));
        assert_eq!(w.says(&w.signed(), &clean(&w)[1..], "2023-07-01"), "TRY_LATER");
        assert_eq!(w.says(&w.signed(), &clean(&w), "2023-07-01"), "PASSED");
    }
}

#[test]
fn status_has_to_be_fresh_at_the_time_that_counts() {
    let w = world();
    let lists = w.clean("2023-06-01", "2023-07-01");
    assert_eq!(w.says(&w.signed(), &lists, "2023-06-20"), "PASSED");
    assert_eq!(w.says(&w.signed(), &lists, "2023-08-01"), "TRY_LATER");
    let stamped = |at| w.signed().stamp(&Stamp::new(&w.tsa, at));
    assert_eq!(w.says(&stamped("2023-06-20"), &lists, "2023-08-01"), "PASSED");
    assert_eq!(w.says(&stamped("2023-07-20"), &lists, "2023-08-01"), "TRY_LATER");
    assert_eq!(
        w.says(&w.signed(), &w.clean("2023-09-01", "2023-10-01"), "2023-08-01"),
        "TRY_LATER",
        "not said yet"
    );
}

#[test]
fn sliding_says_what_no_proof_of_existence_covers() {
    let w = world();
    // Nothing tells of Ada, whose certificate has ended.
    let (about, issuer, updates) = (&w.tsa.certificate, &w.ca.certificate, ("2023-07-01", "2026-06-01"));
    let of_tsa = OcspMade { about, issuer, answer: Answer::Good, updates }.sign(&w.responder);
    let lists = [w.clean("2023-06-01", "2026-06-01")[0].clone(), of_tsa];
    let stamped = w.signed().stamp(&Stamp::new(&w.tsa, "2023-07-01"));
    let verified = w.verify(&stamped, &lists, &Policy::standard(), "2025-01-01");
    assert_ne!(word(&verified, 0), "PASSED");
    let checks = &verified.verdict.signatures[0].checks;
    assert!(checks.iter().any(|one| one.detail.key == "past-status-missing"), "{checks:#?}");
}

#[test]
fn a_countersignature_is_judged_for_itself() {
    let w = world();
    let ben = w.ca.issue(&Declared::new("Ben", Role::Person, "2020-01-01", "2023-07-15"));
    let signed = w.signed().countersigned(&ben, None);
    let verified = w.verify(&signed, &clean(&w), &Policy::standard(), "2023-07-01");
    assert_eq!((word(&verified, 0), word(&verified, 1)), ("PASSED", "PASSED"));
    let verified = w.verify(&signed, &clean(&w), &Policy::standard(), "2023-08-01");
    assert_eq!((word(&verified, 0), word(&verified, 1)), ("PASSED", "OUT_OF_BOUNDS_NOT_REVOKED"));
    let stamped = w.signed().countersigned(&ben, Some(&Stamp::new(&w.tsa, "2023-07-10")));
    let verified = w.verify(&stamped, &clean(&w), &Policy::standard(), "2023-08-01");
    assert_eq!((word(&verified, 0), word(&verified, 1)), ("PASSED", "PASSED"));
}

/// The CA with a second certificate for the same key, from a bridge that the root certified.
fn bridged(w: &World) -> (Actor, Actor) {
    let bridge = w.root.issue(&Declared::new("Bridge", Role::Authority, "2010-01-01", "2045-01-01"));
    let again = bridge.certify(&Declared::new("CA", Role::Authority, "2012-01-01", "2039-01-01"), &w.ca.key);
    (bridge, again)
}

#[test]
fn another_path_is_taken_where_an_authority_of_the_first_was_revoked_but_its_key_is_good() {
    let w = world();
    let (bridge, again) = bridged(&w);
    let signed = w.signed().with(&bridge.certificate).with(&again.certificate);
    let says = |cms: &Cms, reason, at| {
        let root_list = CrlMade::new(&w.root, "2023-10-01", "2026-06-01").revoked(
            &w.ca.certificate,
            "2023-09-01",
            reason,
        );
        let clean = |of: &Actor| CrlMade::new(of, "2023-10-01", "2026-06-01").sign(of);
        let given = [root_list.sign(&w.root), clean(&bridge), clean(&w.ca)];
        w.says(cms, &given, at)
    };
    let (superseded, compromised, unspecified) = (4, 2, 0);
    assert_eq!(says(&signed, superseded, "2023-11-01"), "PASSED");
    assert_eq!(says(&signed, compromised, "2023-11-01"), "REVOKED_CA_NO_POE");
    assert_eq!(says(&signed, unspecified, "2023-11-01"), "REVOKED_CA_NO_POE");
    assert_eq!(says(&w.signed(), superseded, "2023-11-01"), "REVOKED_CA_NO_POE", "no other path");
}
