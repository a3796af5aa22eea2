//! Judgement over sources made on the spot: who may speak, about whom, and what silence means.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../../formats/pkix/tests/made/mod.rs"]
mod made;

use crypto::{DigestAlgorithm, PROVIDER};
use made::{
    MadeCrl, basic, cert_id, generalized, good, integer, issuer_of_entry, key, name, reason, revoked,
    sequence, single, value,
};
use path::Issuer;
use pkix::{
    BasicConstraints, BasicOcspResponse, Certificate, CertificateBuilder, Criticality, Crl, KeyUsage, Reason,
    TrustAnchor, oid,
};
use types::{Budget, Time};
use undersign_revocation::{
    AtHand, Authority, CrlFacts, Doubt, Exemption, ListingFacts, Mismatch, OcspFacts, SignatureFacts,
    Sources, Statement, Status, crl_facts, exemption, judge, ocsp_facts,
};

fn time(text: &str) -> Time {
    text.parse().unwrap()
}

fn builder(subject: (&str, u8), issuer: (&str, u8), serial: u8) -> CertificateBuilder {
    let validity = (time("2024-01-01"), time("2027-01-01"));
    CertificateBuilder::new(&[serial], &name(issuer.0), validity, &name(subject.0), &key(subject.1).spki)
}

fn authority(subject: (&str, u8), issuer: (&str, u8), serial: u8) -> Certificate {
    builder(subject, issuer, serial)
        .basic_constraints(BasicConstraints { ca: true, path_len: None })
        .key_usage(KeyUsage::KEY_CERT_SIGN.and(KeyUsage::CRL_SIGN))
        .sign(&key(issuer.1))
        .unwrap()
}

const CA: (&str, u8) = ("Issuing", 1);
const ADA: (&str, u8) = ("Ada", 3);

fn ca() -> Certificate {
    authority(CA, CA, 1)
}

fn ada() -> Certificate {
    builder(ADA, CA, 5).sign(&key(1)).unwrap()
}

/// Facts made with these certificates at hand, judged about the first for the second as its issuer.
struct World {
    certificates: Vec<Certificate>,
    crls: Vec<CrlFacts>,
    ocsps: Vec<OcspFacts>,
    trusted: Vec<TrustAnchor>,
}

impl World {
    fn new(certificates: &[Certificate], crls: &[Vec<u8>], ocsps: &[Vec<u8>]) -> World {
        let at_hand = AtHand::new(certificates, &[], PROVIDER);
        let budget = &mut Budget::default();
        let crls = crls
            .iter()
            .map(|der| crl_facts(&Crl::from_der(der).unwrap(), &at_hand, PROVIDER, budget).unwrap())
            .collect();
        let mut ocsp = |der: &Vec<u8>| {
            let response = BasicOcspResponse::from_der(der, &mut Budget::default()).unwrap();
            ocsp_facts(&response, &at_hand, PROVIDER, budget).unwrap()
        };
        let ocsps = ocsps.iter().map(&mut ocsp).collect();
        World { certificates: certificates.to_vec(), crls, ocsps, trusted: Vec::new() }
    }

    fn statements(&self) -> Vec<Statement<'_>> {
        let issuer = &self.certificates[1];
        let issuer = Issuer {
            name: issuer.subject(),
            subject_public_key_info: issuer.subject_public_key_info(),
            certificate: Some(issuer),
        };
        let sources = Sources { crls: &self.crls, ocsps: &self.ocsps, trusted_responders: &self.trusted };
        judge(&self.certificates[0], &issuer, &sources)
    }

    fn only(&self) -> Status {
        let statements = self.statements();
        assert_eq!(statements.len(), 1, "{statements:#?}");
        statements[0].status.clone()
    }
}

fn by_crls(crls: &[Vec<u8>]) -> World {
    World::new(&[ada(), ca()], crls, &[])
}

fn by_ocsp(certificates: &[Certificate], ocsp: Vec<u8>) -> World {
    World::new(certificates, &[], &[ocsp])
}

fn reason_of(status: &Status) -> Option<Reason> {
    match status {
        Status::Revoked(revocation) => revocation.reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_list_of_the_issuer_speaks_about_its_certificates() {
    assert_eq!(by_crls(&[MadeCrl::new("Issuing").sign(&key(1))]).only(), Status::Good);
    let listed = MadeCrl::new("Issuing").entry(&[5], &[reason(1)]).sign(&key(1));
    assert_eq!(reason_of(&by_crls(&[listed]).only()), Some(Reason::KeyCompromise));
    assert!(by_crls(&[MadeCrl::new("Other").sign(&key(1))]).statements().is_empty());
}

#[test]
fn a_list_signed_with_another_key_says_nothing_and_is_not_even_read() {
    let world = by_crls(&[MadeCrl::new("Issuing").sign(&key(9))]);
    assert!(matches!(world.only(), Status::Unknown(Doubt::Signature(_))));
    assert_eq!(world.crls[0].listing, ListingFacts::NotRead);
    let strangers =
        World::new(&[ada(), authority(("Else", 1), CA, 8)], &[MadeCrl::new("Issuing").sign(&key(1))], &[]);
    assert_eq!(strangers.crls[0].signature, SignatureFacts::NoCandidate);
}

#[test]
fn silence_about_a_certificate_that_was_not_looked_up_is_not_good() {
    let mut world = World::new(&[ca()], &[MadeCrl::new("Issuing").sign(&key(1))], &[]);
    world.certificates = vec![ada(), ca()];
    assert_eq!(world.only(), Status::Unknown(Doubt::NotLookedUp));
}

#[test]
fn another_key_of_the_issuer_needs_a_path_of_its_own() {
    let new_key = authority(("Issuing", 2), CA, 9);
    let world = World::new(&[ada(), ca(), new_key.clone()], &[MadeCrl::new("Issuing").sign(&key(2))], &[]);
    let statements = world.statements();
    let Some(Authority::Certificates(signers)) = &statements[0].parts[0].authority else { panic!() };
    assert_eq!((signers[0], statements[0].status.clone()), (&new_key, Status::Good));
    let unfit = builder(("Issuing", 2), CA, 9).key_usage(KeyUsage::KEY_CERT_SIGN).sign(&key(1)).unwrap();
    let world = World::new(&[ada(), ca(), unfit], &[MadeCrl::new("Issuing").sign(&key(2))], &[]);
    assert_eq!(world.only(), Status::Unknown(Doubt::KeyUsage));
}

#[test]
fn not_being_listed_says_nothing_about_a_certificate_that_had_expired_before() {
    let late = |made: MadeCrl| MadeCrl { this_update: "20280101000000Z", next_update: None, ..made };
    let silent = by_crls(&[late(MadeCrl::new("Issuing")).sign(&key(1))]);
    assert!(matches!(silent.only(), Status::Unknown(Doubt::ExpiredBefore { .. })));
    for (since, covered) in [("20260101000000Z", true), ("20270601000000Z", false)] {
        let made = late(MadeCrl::new("Issuing")).with(oid::EXPIRED_CERTS_ON_CRL, false, &generalized(since));
        assert_eq!(by_crls(&[made.sign(&key(1))]).only() == Status::Good, covered, "{since}");
    }
    let listed = late(MadeCrl::new("Issuing")).entry(&[5], &[]);
    assert!(matches!(by_crls(&[listed.sign(&key(1))]).only(), Status::Revoked(_)));
}

fn partial(bits: &[u8], this_update: &'static str) -> MadeCrl {
    let point = sequence(&[value(0x83, bits)]);
    let made = MadeCrl::new("Issuing").with(oid::ISSUING_DISTRIBUTION_POINT, true, &point);
    MadeCrl { this_update, ..made }
}

#[test]
fn lists_for_some_reasons_count_together_once_they_are_complete() {
    // Bits 1 to 3; bits 4 to 8.
    let (some, others) = ([4, 0b0111_0000], [7, 0b0000_1111, 0b1000_0000]);
    let alone = by_crls(&[partial(&some, "20260101000000Z").sign(&key(1))]);
    assert!(matches!(alone.only(), Status::Unknown(Doubt::ReasonsIncomplete(_))));
    let both = by_crls(&[
        partial(&some, "20260101000000Z").sign(&key(1)),
        partial(&others, "20260103000000Z").sign(&key(1)),
        partial(&some, "20260102000000Z").sign(&key(1)),
    ]);
    let statements = both.statements();
    assert_eq!((statements.len(), statements[0].status.clone()), (1, Status::Good));
    assert_eq!(statements[0].this_update, time("2026-01-02"), "the newest of each reason, the oldest of all");
    let listed = by_crls(&[
        partial(&some, "20260101000000Z").sign(&key(1)),
        partial(&others, "20260101000000Z").entry(&[5], &[reason(4)]).sign(&key(1)),
    ]);
    assert!(listed.statements().iter().any(|one| matches!(one.status, Status::Revoked(_))));
    assert!(!listed.statements().iter().any(|one| one.status == Status::Good));
}

fn numbered(number: u8, this_update: &'static str) -> MadeCrl {
    MadeCrl { this_update, ..MadeCrl::new("Issuing").with(oid::CRL_NUMBER, false, &integer(&[number])) }
}

fn delta(base: u8, number: u8) -> MadeCrl {
    numbered(number, "20260110000000Z").with(oid::DELTA_CRL_INDICATOR, true, &integer(&[base]))
}

#[test]
fn a_delta_updates_the_list_that_it_starts_from() {
    let base = |made: MadeCrl| made.sign(&key(1));
    let plain = || base(numbered(5, "20260101000000Z"));
    let held = || base(numbered(5, "20260101000000Z").entry(&[5], &[reason(6)]));
    let lost = || base(numbered(5, "20260101000000Z").entry(&[5], &[reason(1)]));
    let silent = || delta(5, 7).sign(&key(1));
    let removing = || delta(5, 7).entry(&[5], &[reason(8)]).sign(&key(1));
    let revoking = || delta(5, 7).entry(&[5], &[reason(1)]).sign(&key(1));
    let updated = by_crls(&[plain(), silent()]);
    assert_eq!(updated.only(), Status::Good);
    assert_eq!(updated.statements()[0].this_update, time("2026-01-10"));
    assert_eq!(updated.statements()[0].parts.len(), 2);
    assert_eq!(by_crls(&[held(), removing()]).only(), Status::Good);
    assert_eq!(reason_of(&by_crls(&[held(), silent()]).only()), Some(Reason::CertificateHold));
    assert_eq!(reason_of(&by_crls(&[plain(), revoking()]).only()), Some(Reason::KeyCompromise));
    assert_eq!(reason_of(&by_crls(&[lost(), removing()]).only()), Some(Reason::KeyCompromise));
}

#[test]
fn a_delta_that_does_not_fit_updates_nothing() {
    let base = || numbered(5, "20260101000000Z").entry(&[5], &[reason(6)]).sign(&key(1));
    for (what, unfit) in [
        ("later base", delta(6, 7).entry(&[5], &[reason(8)]).sign(&key(1))),
        ("older number", delta(3, 4).entry(&[5], &[reason(8)]).sign(&key(1))),
        ("other key", delta(5, 7).entry(&[5], &[reason(8)]).sign(&key(9))),
    ] {
        let world = by_crls(&[base(), unfit]);
        let statements = world.statements();
        assert_eq!(reason_of(&statements[0].status), Some(Reason::CertificateHold), "{what}");
        assert!(matches!(statements[1].status, Status::Unknown(_)), "{what}");
    }
    assert_eq!(by_crls(&[delta(5, 7).sign(&key(1))]).only(), Status::Unknown(Doubt::DeltaWithoutBase));
    let alone = by_crls(&[delta(5, 7).entry(&[5], &[reason(1)]).sign(&key(1))]);
    assert_eq!(reason_of(&alone.only()), Some(Reason::KeyCompromise), "a revocation counts even alone");
}

#[test]
fn a_complete_list_that_takes_back_says_nothing() {
    let odd = MadeCrl::new("Issuing").entry(&[5], &[reason(8)]).sign(&key(1));
    assert_eq!(by_crls(&[odd]).only(), Status::Unknown(Doubt::TakenBackInCompleteCrl));
}

/// A certificate whose revocation another issuer lists.
fn outsourced() -> Certificate {
    let crl_issuer = value(0xa2, &value(0xa4, name("List").der()));
    let points = sequence(&[sequence(&[crl_issuer])]);
    builder(ADA, CA, 5)
        .extension(oid::CRL_DISTRIBUTION_POINTS, Criticality::NonCritical, points)
        .sign(&key(1))
        .unwrap()
}

#[test]
fn an_indirect_list_speaks_only_for_those_who_name_its_issuer() {
    let certificates = [outsourced(), ca(), authority(("List", 7), CA, 4)];
    let indirect = sequence(&[value(0x84, &[0xff])]);
    let list = |made: MadeCrl| made.with(oid::ISSUING_DISTRIBUTION_POINT, true, &indirect).sign(&key(7));
    let judged = |certificates: &[Certificate], crl: Vec<u8>| World::new(certificates, &[crl], &[]);
    assert_eq!(judged(&certificates, list(MadeCrl::new("List"))).only(), Status::Good);
    let own = list(MadeCrl::new("List").entry(&[5], &[]));
    assert_eq!(judged(&certificates, own).only(), Status::Good, "serial 5 of the list's own issuer");
    let listed = list(MadeCrl::new("List").entry(&[5], &[issuer_of_entry(&name("Issuing"))]));
    assert!(matches!(judged(&certificates, listed.clone()).only(), Status::Revoked(_)));
    let direct = judged(&certificates, MadeCrl::new("List").sign(&key(7)));
    assert_eq!(direct.only(), Status::NotApplicable(Mismatch::NotIndirect));
    let of_issuer = judged(&certificates, MadeCrl::new("Issuing").sign(&key(1)));
    assert_eq!(of_issuer.only(), Status::NotApplicable(Mismatch::OtherIssuer));
    let unrelated = [ada(), ca(), authority(("List", 7), CA, 4)];
    assert!(judged(&unrelated, listed).statements().is_empty());
}

fn answer(status: Vec<u8>, extensions: &[Vec<u8>]) -> Vec<u8> {
    single(cert_id(&name("Issuing"), &key(1).spki, &[5]), status, extensions)
}

fn delegate(issuer: (&str, u8)) -> Certificate {
    builder(("Responder", 6), issuer, 6)
        .extended_key_usage(&[oid::KP_OCSP_SIGNING])
        .sign(&key(issuer.1))
        .unwrap()
}

#[test]
fn the_issuer_and_its_delegate_may_answer() {
    let certificates = [ada(), ca()];
    let direct = by_ocsp(&certificates, basic(&name("Issuing"), &[answer(good(), &[])], &key(1), &[]));
    assert_eq!(direct.only(), Status::Good);
    assert!(matches!(direct.statements()[0].parts[0].authority, Some(Authority::Issuer)));
    let responder = delegate(CA);
    let answer = basic(&name("Responder"), &[answer(revoked(1), &[])], &key(6), &[responder.der()]);
    let delegated = by_ocsp(&certificates, answer);
    let statements = delegated.statements();
    assert_eq!(reason_of(&statements[0].status), Some(Reason::KeyCompromise));
    let Some(Authority::Certificates(signers)) = &statements[0].parts[0].authority else { panic!() };
    assert_eq!(signers, &[&responder]);
}

#[test]
fn nobody_else_may_answer() {
    let answers = [answer(good(), &[])];
    let without_purpose = builder(("Responder", 6), CA, 6).sign(&key(1)).unwrap();
    let of_namesake = delegate(("Issuing", 9));
    let of_another = delegate(("Else", 1));
    for responder in [without_purpose, of_namesake, of_another] {
        let signed = basic(&name("Responder"), &answers, &key(6), &[responder.der()]);
        let mut world = by_ocsp(&[ada(), ca(), authority(("Issuing", 9), ("Issuing", 9), 1)], signed);
        assert_eq!(world.only(), Status::Unknown(Doubt::NotAuthorised), "{responder:?}");
        world.trusted = vec![TrustAnchor::from_certificate(responder)];
        assert_eq!(world.only(), Status::Good, "trusted locally");
    }
    let forged = by_ocsp(&[ada(), ca()], basic(&name("Issuing"), &answers, &key(9), &[]));
    assert!(matches!(forged.only(), Status::Unknown(Doubt::Signature(_))));
}

#[test]
fn an_answer_about_a_namesake_of_the_issuer_is_not_about_the_certificate() {
    let namesake = authority(("Issuing", 9), ("Issuing", 9), 1);
    let about = single(cert_id(&name("Issuing"), &key(9).spki, &[5]), good(), &[]);
    let world = by_ocsp(&[ada(), ca(), namesake], basic(&name("Issuing"), &[about], &key(9), &[]));
    assert!(world.statements().is_empty());
}

#[test]
fn the_worst_of_several_answers_counts() {
    let answers = [answer(good(), &[]), answer(revoked(4), &[]), answer(value(0x82, &[]), &[])];
    let world = by_ocsp(&[ada(), ca()], basic(&name("Issuing"), &answers, &key(1), &[]));
    assert_eq!(reason_of(&world.only()), Some(Reason::Superseded));
    let world = by_ocsp(
        &[ada(), ca()],
        basic(&name("Issuing"), &[answers[0].clone(), answers[2].clone()], &key(1), &[]),
    );
    assert_eq!(world.only(), Status::Unknown(Doubt::ResponderDoesNotKnow));
}

#[test]
fn a_hash_of_another_certificate_and_strange_critical_extensions_are_doubts() {
    let hash_of = |certificate: &Certificate| {
        let digest = certificate.digest(DigestAlgorithm::Sha256, PROVIDER).value;
        let sha256 = pkix::Oid::from_dotted("2.16.840.1.101.3.4.2.1").unwrap().to_der();
        made::extension(oid::CERT_HASH, false, &sequence(&[sequence(&[sha256]), value(0x04, &digest)]))
    };
    let judged = |extension: Vec<u8>| {
        let answers = [answer(good(), &[extension])];
        by_ocsp(&[ada(), ca()], basic(&name("Issuing"), &answers, &key(1), &[])).only()
    };
    assert_eq!(judged(hash_of(&ada())), Status::Good);
    assert_eq!(judged(hash_of(&ca())), Status::Unknown(Doubt::OtherCertificate));
    let strange = pkix::Oid::from_dotted("1.2.3").unwrap();
    let status = judged(made::extension(strange, true, &[5, 0]));
    assert_eq!(status, Status::Unknown(Doubt::UnknownCriticalExtension(strange)));
}

#[test]
fn exemptions_are_what_certificates_claim() {
    let with =
        |oid| builder(ADA, CA, 5).extension(oid, Criticality::NonCritical, vec![5, 0]).sign(&key(1)).unwrap();
    assert_eq!(exemption(&with(oid::NO_REV_AVAIL)), Some(Exemption::NoRevocationAvailable));
    assert_eq!(exemption(&with(oid::OCSP_NO_CHECK)), Some(Exemption::OcspNoCheck));
    assert_eq!(exemption(&with(oid::VALIDITY_ASSURED_SHORT_TERM)), Some(Exemption::ValidityAssuredShortTerm));
    assert_eq!(exemption(&ada()), None);
}
