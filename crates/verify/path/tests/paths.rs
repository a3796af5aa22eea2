//! Paths over a small declared public key infrastructure: what is found, what is said when nothing is.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use crypto::{PROVIDER, Signer, SignerError};
use p256::ecdsa::signature::Signer as _;
use pkix::{
    AnchorConstraints, AnchorRole, BasicConstraints, Certificate, CertificateBuilder, Criticality,
    GeneralName, KeyUsage, Name, Oid, TrustAnchor, key_identifier, oid,
};
use types::{Budget, Limits, Resource, Time};
use undersign_path::{
    AlgorithmPolicy, Check, FailureKind, Fault, PathOutcome, PathParameters, Place, VerifiedLinks,
    build_and_validate,
};

/// What comes before the point in the `SubjectPublicKeyInfo` of a P-256 key.
const P256_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

struct Key {
    key: p256::ecdsa::SigningKey,
    spki: Vec<u8>,
}

/// The key of an actor, always the same one.
fn key(actor: u8) -> Key {
    let key = p256::ecdsa::SigningKey::from_slice(&[actor; 32]).unwrap();
    let point = key.verifying_key().to_sec1_point(false);
    Key { spki: [&P256_PREFIX[..], point.as_bytes()].concat(), key }
}

impl Signer for Key {
    fn algorithm(&self) -> crypto::SignatureAlgorithm {
        crypto::SignatureAlgorithm::Ecdsa(crypto::DigestAlgorithm::Sha256)
    }

    fn public_key(&self) -> &[u8] {
        &self.spki
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        let signature: p256::ecdsa::Signature = self.key.sign(message);
        Ok(signature.to_der().as_bytes().to_vec())
    }
}

fn name(text: &str) -> Name {
    Name::from_attributes(&[(oid::COMMON_NAME, text)])
}

fn time(text: &str) -> Time {
    text.parse().unwrap()
}

/// One certificate to be made: names, key numbers, validity.
struct Entry {
    issuer: (&'static str, u8),
    subject: (&'static str, u8),
    validity: (&'static str, &'static str),
}

fn entry(issuer: (&'static str, u8), subject: (&'static str, u8)) -> Entry {
    Entry { issuer, subject, validity: ("2020-01-01", "2030-01-01") }
}

impl Entry {
    fn valid(self, from: &'static str, to: &'static str) -> Entry {
        Entry { validity: (from, to), ..self }
    }

    fn builder(&self) -> CertificateBuilder {
        let validity = (time(self.validity.0), time(self.validity.1));
        let spki = key(self.subject.1).spki;
        let issuer_key = key_identifier(&key(self.issuer.1).spki, PROVIDER);
        CertificateBuilder::new(
            &[self.subject.1, 1],
            &name(self.issuer.0),
            validity,
            &name(self.subject.0),
            &spki,
        )
        .subject_key_identifier(PROVIDER)
        .authority_key_identifier(&issuer_key)
    }

    fn ca(&self) -> Certificate {
        self.signed(
            self.builder()
                .basic_constraints(BasicConstraints { ca: true, path_len: None })
                .key_usage(KeyUsage::KEY_CERT_SIGN),
        )
    }

    fn end_entity(&self) -> Certificate {
        self.signed(self.builder().key_usage(KeyUsage::CONTENT_COMMITMENT))
    }

    fn signed(&self, builder: CertificateBuilder) -> Certificate {
        builder.sign(&key(self.issuer.1)).unwrap()
    }
}

const ROOT: (&str, u8) = ("Root", 1);
const ISSUING: (&str, u8) = ("Issuing", 2);
const ADA: (&str, u8) = ("Ada", 3);

fn root() -> TrustAnchor {
    TrustAnchor::from_certificate(entry(ROOT, ROOT).ca())
}

fn now() -> PathParameters<'static> {
    PathParameters::at(time("2026-01-01"))
}

fn run(target: &Certificate, pool: &[Certificate], anchors: &[TrustAnchor]) -> PathOutcome {
    run_with(target, pool, anchors, &now(), &mut Budget::default())
}

fn run_with(
    target: &Certificate,
    pool: &[Certificate],
    anchors: &[TrustAnchor],
    parameters: &PathParameters<'_>,
    budget: &mut Budget,
) -> PathOutcome {
    build_and_validate(target, pool, anchors, parameters, PROVIDER, &VerifiedLinks::default(), budget)
}

fn main_fault(outcome: &PathOutcome) -> (Place, Fault) {
    let (check, fault) = outcome.failure().unwrap().main_fault().unwrap();
    (check.place, fault.clone())
}

#[test]
fn a_path_is_found_in_any_order_of_the_pool_and_names_its_issuers() {
    let (ada, issuing) = (entry(ISSUING, ADA).end_entity(), entry(ROOT, ISSUING).ca());
    let root_certificate = entry(ROOT, ROOT).ca();
    let stranger = entry(("Other", 9), ("Other", 9)).ca();
    let pool =
        [ada.clone(), stranger.clone(), root_certificate.clone(), issuing.clone(), stranger, issuing.clone()];
    let outcome = run(&ada, &pool, &[root()]);
    let path = outcome.path().unwrap();
    assert_eq!(path.certificates(), [ada, issuing.clone()]);
    assert_eq!(path.issuer(0).certificate, Some(&issuing));
    assert_eq!(path.issuer(1).certificate, Some(&root_certificate));
    assert!(path.checks().iter().all(|check| check.passed()) && !path.is_directly_trusted());
}

#[test]
fn expired_and_not_yet_valid_are_told_apart_and_placed() {
    let (ada, issuing) =
        (entry(ISSUING, ADA).end_entity(), entry(ROOT, ISSUING).valid("2020-01-01", "2025-01-01").ca());
    let outcome = run(&ada, &[issuing], &[root()]);
    let expired = Fault::Expired { not_after: time("2025-01-01"), at: time("2026-01-01") };
    assert_eq!(main_fault(&outcome), (Place::Certificate(1), expired));
    assert_eq!(outcome.failure().unwrap().kind(), FailureKind::Expired);
    let late = entry(ROOT, ADA).valid("2027-01-01", "2028-01-01").end_entity();
    assert_eq!(run(&late, &[], &[root()]).failure().unwrap().kind(), FailureKind::NotYetValid);
}

#[test]
fn validity_includes_its_first_and_last_second() {
    let ada = entry(ROOT, ADA).valid("2025-01-01", "2026-01-01").end_entity();
    for (at, found) in [
        ("2024-12-31T23:59:59Z", false),
        ("2025-01-01T00:00:00Z", true),
        ("2026-01-01T00:00:00Z", true),
        ("2026-01-01T00:00:01Z", false),
    ] {
        let outcome = run_with(&ada, &[], &[root()], &PathParameters::at(time(at)), &mut Budget::default());
        assert_eq!(outcome.path().is_some(), found, "{at}");
    }
}

#[test]
fn an_expired_cross_certificate_is_passed_over_for_a_valid_one() {
    let ada = entry(ISSUING, ADA).end_entity();
    let old = entry(ROOT, ISSUING).valid("2020-01-01", "2021-01-01").ca();
    let cross = entry(("Second", 4), ISSUING).ca();
    let second = TrustAnchor::from_certificate(entry(("Second", 4), ("Second", 4)).ca());
    let outcome = run(&ada, &[old, cross.clone()], &[root(), second]);
    assert_eq!(outcome.path().unwrap().certificates()[1], cross);
}

#[test]
fn several_paths_are_found_when_wanted() {
    let ada = entry(ISSUING, ADA).end_entity();
    let pool = [entry(ROOT, ISSUING).ca(), entry(("Second", 4), ISSUING).ca()];
    let second = TrustAnchor::from_certificate(entry(("Second", 4), ("Second", 4)).ca());
    let parameters = PathParameters { wanted_paths: 5, ..now() };
    let outcome = run_with(&ada, &pool, &[root(), second], &parameters, &mut Budget::default());
    assert!(matches!(outcome, PathOutcome::Found(paths) if paths.len() == 2));
}

#[test]
fn a_missing_issuer_is_named() {
    let ada = entry(ISSUING, ADA).end_entity();
    let (place, fault) = main_fault(&run(&ada, &[], &[root()]));
    assert_eq!((place, fault), (Place::Certificate(0), Fault::NoIssuer(name("Issuing"))));
    let (place, fault) = main_fault(&run(&ada, &[entry(ROOT, ISSUING).ca()], &[]));
    assert_eq!((place, fault), (Place::Certificate(1), Fault::NoIssuer(name("Root"))));
}

#[test]
fn a_wrong_signature_fails_and_a_right_issuer_of_the_same_name_is_found() {
    let ada = entry(ISSUING, ADA).end_entity();
    let impostor = entry(ROOT, ("Issuing", 8)).ca();
    let outcome = run(&ada, std::slice::from_ref(&impostor), &[root()]);
    assert_eq!(outcome.failure().unwrap().kind(), FailureKind::Signature);
    let genuine = entry(ROOT, ISSUING).ca();
    assert!(run(&ada, &[impostor, genuine], &[root()]).path().is_some());
}

#[test]
fn an_altered_certificate_never_passes() {
    let ada = entry(ROOT, ADA).end_entity();
    for at in (0..ada.der().len()).step_by(3) {
        let mut altered = ada.der().to_vec();
        altered[at] ^= 0x10;
        if let Ok(altered) = Certificate::from_der(&altered) {
            assert!(run(&altered, &[], &[root()]).path().is_none(), "byte {at}");
        }
    }
}

/// A tag, a short length, a content.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    [&[tag, content.len() as u8], content].concat()
}

#[test]
fn constraints_for_addresses_hold_for_every_form_of_address() {
    let excluded = der(0x30, &der(0xa1, &der(0x30, &der(0x81, b"bank.example"))));
    let issuing = entry(ROOT, ISSUING);
    let issuing = issuing
        .builder()
        .basic_constraints(BasicConstraints { ca: true, path_len: None })
        .key_usage(KeyUsage::KEY_CERT_SIGN)
        .extension(oid::NAME_CONSTRAINTS, Criticality::Critical, excluded);
    let issuing = entry(ROOT, ISSUING).signed(issuing);
    let mailbox = |value: Vec<u8>| GeneralName::Other(oid::SMTP_UTF8_MAILBOX, value.into());
    let utf8 = |text: &str| mailbox(der(0x0c, text.as_bytes()));
    for (address, passes) in [
        (GeneralName::Email("a@shop.example".into()), true),
        (GeneralName::Email("a@bank.example".into()), false),
        (GeneralName::Email("a@Bank.example.".into()), false),
        (utf8("ä@shop.example"), true),
        (utf8("ä@bank.example"), false),
        (mailbox(der(0x04, b"a@shop.example")), false),
    ] {
        let ada = entry(ISSUING, ADA);
        let names = ada.builder().key_usage(KeyUsage::CONTENT_COMMITMENT);
        let certificate = ada.signed(names.subject_alt_name(std::slice::from_ref(&address)));
        let outcome = run(&certificate, std::slice::from_ref(&issuing), &[root()]);
        assert_eq!(outcome.path().is_some(), passes, "{address:?}");
    }
    // The address in the subject is shown as well as the other.
    let subject = Name::from_attributes(&[(oid::EMAIL_ADDRESS, "a@bank.example")]);
    let validity = (time("2020-01-01"), time("2030-01-01"));
    let both = CertificateBuilder::new(&[3, 2], &name("Issuing"), validity, &subject, &key(3).spki)
        .authority_key_identifier(&key_identifier(&key(2).spki, PROVIDER))
        .subject_alt_name(&[GeneralName::Email("a@shop.example".into())]);
    let both = entry(ISSUING, ADA).signed(both);
    let (_, fault) = main_fault(&run(&both, std::slice::from_ref(&issuing), &[root()]));
    assert!(matches!(fault, Fault::NameExcluded(_)), "{fault:?}");
}

#[test]
fn only_authorities_issue() {
    let ada = entry(ISSUING, ADA).end_entity();
    let person = entry(ROOT, ISSUING).end_entity();
    let outcome = run(&ada, &[person], &[root()]);
    let checks: Vec<Check> = outcome.failure().unwrap().faults().map(|(check, _)| check.check).collect();
    assert_eq!(checks, [Check::BasicConstraints, Check::KeyUsage]);
}

#[test]
fn a_directly_trusted_end_entity_needs_no_issuer_but_must_be_valid() {
    let ada = entry(ADA, ADA).end_entity();
    let anchor = TrustAnchor::from_certificate(ada.clone());
    let outcome = run(&ada, &[], std::slice::from_ref(&anchor));
    assert!(outcome.path().unwrap().is_directly_trusted());
    let late = PathParameters::at(time("2031-01-01"));
    let outcome = run_with(&ada, &[], std::slice::from_ref(&anchor), &late, &mut Budget::default());
    assert_eq!(outcome.failure().unwrap().kind(), FailureKind::Expired);
    let outcome = run(&ada, &[], &[anchor.with_role(AnchorRole::Issuer)]);
    assert!(outcome.path().is_none());
}

#[test]
fn an_anchor_for_end_entities_issues_nothing() {
    let ada = entry(ROOT, ADA).end_entity();
    assert!(run(&ada, &[], &[root().with_role(AnchorRole::EndEntity)]).path().is_none());
}

#[test]
fn the_limits_of_an_anchor_hold() {
    let (ada, issuing) = (entry(ISSUING, ADA).end_entity(), entry(ROOT, ISSUING).ca());
    let limited = |constraints| root().with_constraints(constraints);
    let none = AnchorConstraints::default;
    let until = AnchorConstraints { not_after: Some(time("2025-01-01")), ..none() };
    let direct_only = AnchorConstraints { path_len: Some(0), ..none() };
    let policies = AnchorConstraints { require_explicit_policy: Some(0), ..none() };
    for constraints in [until, direct_only, policies] {
        let outcome = run(&ada, std::slice::from_ref(&issuing), &[limited(constraints.clone())]);
        assert!(outcome.path().is_none(), "{constraints:?}");
    }
    assert!(run(&ada, &[issuing], &[limited(none())]).path().is_some());
}

#[test]
fn unknown_critical_extensions_fail_closed_everywhere_on_the_path() {
    let strange = Oid::from_arcs(&[1, 2, 3]);
    let mark = |builder: CertificateBuilder| builder.extension(strange, Criticality::Critical, vec![5, 0]);
    let plain = entry(ISSUING, ADA).end_entity();
    let issuing_entry = entry(ROOT, ISSUING);
    let builder = issuing_entry.builder().basic_constraints(BasicConstraints { ca: true, path_len: None });
    let marked_issuing = issuing_entry.signed(mark(builder));
    let (place, fault) = main_fault(&run(&plain, &[marked_issuing], &[root()]));
    assert_eq!((place, fault), (Place::Certificate(1), Fault::UnknownCriticalExtension(strange)));
    let ada = entry(ROOT, ADA);
    let marked = ada.signed(mark(ada.builder()));
    assert_eq!(main_fault(&run(&marked, &[], &[root()])).1, Fault::UnknownCriticalExtension(strange));
}

#[test]
fn purposes_and_key_usages_asked_for_must_be_stated() {
    let ada = entry(ROOT, ADA);
    let stated = ada.signed(ada.builder().extended_key_usage(&[oid::KP_EMAIL_PROTECTION]));
    let wants = |purposes| PathParameters { purposes, ..now() };
    let found = |target: &Certificate, parameters: &PathParameters<'_>| {
        run_with(target, &[], &[root()], parameters, &mut Budget::default()).path().is_some()
    };
    assert!(found(&stated, &wants(&[oid::KP_DOCUMENT_SIGNING, oid::KP_EMAIL_PROTECTION])));
    assert!(!found(&stated, &wants(&[oid::KP_TIME_STAMPING])));
    assert!(found(&ada.end_entity(), &wants(&[oid::KP_TIME_STAMPING])));
    let needs = |usage| PathParameters { key_usage: Some(usage), ..now() };
    assert!(found(&ada.end_entity(), &needs(KeyUsage::CONTENT_COMMITMENT.and(KeyUsage::DIGITAL_SIGNATURE))));
    assert!(!found(&ada.end_entity(), &needs(KeyUsage::DIGITAL_SIGNATURE)));
}

struct NoEcdsa;

impl AlgorithmPolicy for NoEcdsa {
    fn signature(
        &self,
        algorithm: &crypto::SignatureAlgorithm,
        _: &crypto::PublicKey,
        _: &Certificate,
    ) -> Result<(), String> {
        Err(format!("{algorithm} is out of fashion"))
    }
}

#[test]
fn the_policy_on_algorithms_has_the_last_word() {
    let ada = entry(ROOT, ADA).end_entity();
    let parameters = PathParameters { algorithms: &NoEcdsa, ..now() };
    let outcome = run_with(&ada, &[], &[root()], &parameters, &mut Budget::default());
    assert_eq!(outcome.failure().unwrap().kind(), FailureKind::Algorithm);
}

#[test]
fn a_warm_cache_gives_the_same_path_without_verifying_again() {
    struct Refuses;
    impl crypto::Provider for Refuses {
        fn hasher(&self, algorithm: crypto::DigestAlgorithm) -> Box<dyn crypto::Hasher> {
            PROVIDER.hasher(algorithm)
        }
        fn verify(
            &self,
            _: &crypto::PublicKey,
            _: &crypto::SignatureAlgorithm,
            _: crypto::Message<'_>,
            _: &[u8],
        ) -> Result<(), crypto::SignatureError> {
            Err(crypto::SignatureError::Mismatch)
        }
    }
    let (ada, issuing) = (entry(ISSUING, ADA).end_entity(), entry(ROOT, ISSUING).ca());
    let (pool, anchors, links) = ([issuing], [root()], VerifiedLinks::default());
    let found = |provider: &dyn crypto::Provider, links: &VerifiedLinks| {
        let budget = &mut Budget::default();
        build_and_validate(&ada, &pool, &anchors, &now(), provider, links, budget).path().is_some()
    };
    assert!(!found(&Refuses, &links) && links.is_empty());
    assert!(found(PROVIDER, &links) && links.len() == 2);
    assert!(found(&Refuses, &links) && !found(&Refuses, &VerifiedLinks::default()));
}

#[test]
fn authorities_that_certify_each_other_are_no_endless_loop() {
    let (a, b) = (("A", 5), ("B", 6));
    let ada = entry(a, ADA).end_entity();
    let pool = [entry(b, a).ca(), entry(a, b).ca(), entry(ROOT, b).ca()];
    assert_eq!(run(&ada, &pool, &[root()]).path().unwrap().certificates().len(), 3);
    assert!(run(&ada, &pool[..2], &[root()]).path().is_none());
}

#[test]
fn a_maze_of_cross_certificates_ends_with_the_budget() {
    // Ten authorities that all certify each other; the root has certified the first one for a purpose that fails.
    let names = ["C0", "C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "C9"];
    let actor = |index: usize| (names[index], 20 + index as u8);
    let mut pool = Vec::new();
    for issuer in 0..names.len() {
        for subject in (0..names.len()).filter(|subject| *subject != issuer) {
            pool.push(entry(actor(issuer), actor(subject)).ca());
        }
    }
    let constraints = AnchorConstraints { require_explicit_policy: Some(0), ..AnchorConstraints::default() };
    let gate = TrustAnchor::from_certificate(entry(actor(0), actor(0)).ca()).with_constraints(constraints);
    let ada = entry(actor(9), ADA).end_entity();
    let limits = Limits::STANDARD.with(Resource::PathSteps, 3_000);
    let outcome = run_with(&ada, &pool, &[gate], &now(), &mut Budget::new(limits));
    assert!(outcome.path().is_none());
    assert_eq!(outcome.failure().unwrap().kind(), FailureKind::Budget);
}

#[test]
fn a_budget_without_signature_checks_is_a_failure_not_a_pass() {
    let ada = entry(ROOT, ADA).end_entity();
    let limits = Limits::STANDARD.with(Resource::SignatureChecks, 0);
    let outcome = run_with(&ada, &[], &[root()], &now(), &mut Budget::new(limits));
    assert_eq!(outcome.failure().unwrap().kind(), FailureKind::Budget);
}

#[test]
fn the_length_of_paths_is_limited() {
    let names = ["L0", "L1", "L2", "L3", "L4", "L5"];
    let actor = |index: usize| (names[index], 30 + index as u8);
    let pool: Vec<Certificate> =
        (1..names.len()).map(|index| entry(actor(index - 1), actor(index)).ca()).collect();
    let anchor = TrustAnchor::from_certificate(entry(actor(0), actor(0)).ca());
    let ada = entry(actor(5), ADA).end_entity();
    for (most, found) in [(4, false), (5, true)] {
        let parameters = PathParameters { max_intermediates: most, ..now() };
        let outcome =
            run_with(&ada, &pool, std::slice::from_ref(&anchor), &parameters, &mut Budget::default());
        assert_eq!(outcome.path().is_some(), found, "{most}");
    }
}
