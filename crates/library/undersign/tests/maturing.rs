//! From B-B to B-LTA, step by step, with authorities made on the spot; and every kind of answer that must be refused.

use crypto::{DigestAlgorithm, PROVIDER};
use testkit::authority::{Actor, Answer, CrlMade, Declared, OcspMade, Role, Stamp, pdf, time};
use undersign::augmentation::answer::{self, AskedTimestamp, Known};
use undersign::augmentation::{Hindrance, Need, Outlook, Stage, StatusNeed, outlook, pdf as step, spoilt};
use undersign::evidence::Context;
use undersign::pdf::Document;
use undersign::pdf::dss::ValidationData;
use undersign::pkix::TrustAnchor;
use undersign::validation::{Indication, Policy};
use undersign::{Budget, Input, Limits, Time, Trust, Verified};

/// A person and a time-stamping authority under one root.
struct World {
    root: Actor,
    person: Actor,
    tsa: Actor,
}

impl World {
    fn new() -> World {
        let root = Actor::root("Root", "2020-01-01", "2040-01-01");
        let person = root.issue(&Declared::new("Person", Role::Person, "2022-01-01", "2025-01-01"));
        let tsa = root.issue(&Declared::new("TSA", Role::Tsa, "2021-01-01", "2028-01-01"));
        World { root, person, tsa }
    }

    fn signed(&self) -> Vec<u8> {
        pdf::sign(&pdf::unsigned(), 60, |covered| testkit::authority::Cms::pades(&self.person, covered))
    }

    fn trust(&self, crls: &[Vec<u8>], ocsps: &[Vec<u8>]) -> Trust {
        Trust {
            anchors: vec![TrustAnchor::from_certificate(self.root.certificate.clone())],
            crls: crls.to_vec(),
            ocsps: ocsps.to_vec(),
            ..Trust::default()
        }
    }

    fn crl(&self, from: &str, until: &str) -> Vec<u8> {
        CrlMade::new(&self.root, from, until).sign(&self.root)
    }
}

fn verify(file: &[u8], trust: &Trust, at: &str) -> Verified {
    undersign::verify(&Input::new(&file.to_vec()), trust, &Policy::standard(), time(at), Limits::STANDARD)
        .expect("it is a PDF")
}

fn look(verified: &Verified, goal: Stage) -> Outlook {
    outlook(&verified.evidence, &verified.verdict, goal, None)
}

/// Adds a document timestamp, as an honest authority would give it.
fn stamped(file: &[u8], stamp: &Stamp<'_>) -> Vec<u8> {
    let source = file.to_vec();
    let mut budget = Budget::default();
    let document = Document::open(&source, None, &mut budget).expect("it is a PDF");
    let prepared = step::timestamp(&document, DigestAlgorithm::Sha256, [1; 32], PROVIDER, &mut budget)
        .expect("it can be timestamped");
    let addition = prepared.embed(&stamp.over_digest(&prepared.imprint)).expect("it fits");
    assert_eq!(addition.base_len, file.len() as u64);
    [file, &addition.tail].concat()
}

fn stored(file: &[u8], data: &ValidationData) -> Vec<u8> {
    let source = file.to_vec();
    let mut budget = Budget::default();
    let document = Document::open(&source, None, &mut budget).expect("it is a PDF");
    let addition = step::add(&document, data, [2; 32], &mut budget).expect("it can be added to");
    [file, &addition.expect("there is something new").tail].concat()
}

fn statuses(outlook: &Outlook) -> Vec<&StatusNeed> {
    let needs = outlook.needs.iter();
    needs.filter_map(|need| if let Need::Status(status) = need { Some(status) } else { None }).collect()
}

#[test]
fn a_signature_matures_in_the_order_that_validators_demand() {
    let world = World::new();
    let nothing = world.trust(&[], &[]);
    let file = world.signed();
    let first = verify(&file, &nothing, "2023-06-01");
    let at_first = look(&first, Stage::Archived);
    assert_eq!((at_first.stage, &at_first.needs), (Stage::Signed, &vec![Need::Timestamp]));
    assert_eq!(at_first.deadline, Some(world.person.certificate.not_after()));

    let timed = stamped(&file, &Stamp::new(&world.tsa, "2023-06-02"));
    let verified = verify(&timed, &nothing, "2023-06-03");
    assert_eq!(spoilt((&first.evidence, &first.verdict), (&verified.evidence, &verified.verdict)), None);
    let at_second = look(&verified, Stage::Archived);
    assert_eq!(at_second.stage, Stage::Timed);
    let asked: Vec<String> =
        statuses(&at_second).iter().map(|need| need.certificate.subject().to_string()).collect();
    assert_eq!(asked, ["CN=Person", "CN=TSA"]);
    assert!(statuses(&at_second).iter().all(|need| need.after == time("2023-06-02")));

    // What was told before the timestamp does not count, what was told after it goes into the file.
    let early = world.trust(&[world.crl("2023-06-01", "2023-07-01")], &[]);
    assert_eq!(statuses(&look(&verify(&timed, &early, "2023-06-04"), Stage::Archived)).len(), 2);
    let crl = world.crl("2023-06-03", "2023-07-01");
    let fresh = world.trust(std::slice::from_ref(&crl), &[]);
    let at_third = look(&verify(&timed, &fresh, "2023-06-04"), Stage::Archived);
    let [Need::Values(values)] = at_third.needs.as_slice() else { panic!("{:?}", at_third.needs) };
    assert_eq!(values.crls, [answer::digest(&crl, PROVIDER)]);
    assert!(values.certificates.contains(&world.root.certificate));

    let certificates = values.certificates.iter().map(|one| one.der().to_vec()).collect();
    let long_term = stored(&timed, &ValidationData { certificates, crls: vec![crl], ocsps: Vec::new() });
    let verified = verify(&long_term, &nothing, "2023-06-04");
    assert_eq!(verified.verdict.signatures[0].level.as_str(), "B-LT");
    assert_eq!(verified.verdict.signatures[0].indication, Indication::TotalPassed);
    let at_fourth = look(&verified, Stage::Archived);
    assert_eq!((at_fourth.stage, &at_fourth.needs), (Stage::LongTerm, &vec![Need::Timestamp]));
    assert!(look(&verified, Stage::LongTerm).needs.is_empty());

    let archived = stamped(&long_term, &Stamp::new(&world.tsa, "2023-06-05"));
    let verified = verify(&archived, &nothing, "2023-06-06");
    assert_eq!(verified.verdict.signatures[0].level.as_str(), "B-LTA");
    let at_last = look(&verified, Stage::Archived);
    assert_eq!((at_last.stage, at_last.needs.len()), (Stage::Archived, 0));
    assert_eq!(at_last.deadline, Some(world.tsa.certificate.not_after()));
    // Long after the end of every certificate the archive still stands.
    let later = verify(&archived, &nothing, "2027-06-01");
    assert_eq!(later.verdict.signatures[0].indication, Indication::TotalPassed);

    renew(&world, &archived);
}

/// Before the authority's certificate ends, its own status and another timestamp are due.
fn renew(world: &World, archived: &[u8]) {
    let nothing = world.trust(&[], &[]);
    let verified = verify(archived, &nothing, "2027-10-01");
    let due = outlook(&verified.evidence, &verified.verdict, Stage::Archived, Some(time("2028-04-01")));
    assert_eq!(statuses(&due).len(), 1);
    let crl = world.crl("2027-10-01", "2027-11-01");
    let renewed = stored(archived, &ValidationData { crls: vec![crl], ..ValidationData::default() });
    let verified = verify(&renewed, &nothing, "2027-10-02");
    let due = outlook(&verified.evidence, &verified.verdict, Stage::Archived, Some(time("2028-04-01")));
    assert_eq!(due.needs, [Need::Timestamp]);
    let tsa = world.root.issue(&Declared::new("TSA 2", Role::Tsa, "2027-01-01", "2035-01-01"));
    let renewed = stamped(&renewed, &Stamp::new(&tsa, "2027-10-03"));
    let verified = verify(&renewed, &nothing, "2027-10-04");
    let due = outlook(&verified.evidence, &verified.verdict, Stage::Archived, Some(time("2028-04-01")));
    assert_eq!(
        (due.stage, due.needs.len(), due.deadline),
        (Stage::Archived, 0, Some(tsa.certificate.not_after()))
    );
    let later = verify(&renewed, &nothing, "2033-01-01");
    assert_eq!(later.verdict.signatures[0].indication, Indication::TotalPassed);
}

#[test]
fn the_end_of_an_algorithm_is_a_deadline_as_well_as_that_of_a_certificate() {
    let world = World::new();
    let timed = stamped(&world.signed(), &Stamp::new(&world.tsa, "2023-06-02"));
    let ending = |until: &str| {
        let text = format!(
            "format = 'undersign-policy@v1'\nid = 'own'\nversion = '1'\n[algorithms]\n\
             keys = [{{ kind = 'EC', bits = 256 }}]\ndigests = [{{ name = 'SHA-256', until = '{until}' }}]\n"
        );
        let policy = Policy::parse(&text).expect("a policy");
        let trust = world.trust(&[], &[]);
        let input = Input::new(&timed);
        let verified = undersign::verify(&input, &trust, &policy, time("2023-06-03"), Limits::STANDARD);
        look(&verified.expect("it is a PDF"), Stage::Archived).deadline
    };
    assert_eq!(ending("2023-09-01"), Some(time("2023-09-01")), "before any certificate ends");
    assert_eq!(ending("2099-01-01"), Some(world.person.certificate.not_after()));
}

#[test]
fn what_lapsed_or_failed_is_said_to_be_beyond_repair() {
    let world = World::new();
    let nothing = world.trust(&[], &[]);
    let late = look(&verify(&world.signed(), &nothing, "2026-01-01"), Stage::Archived);
    assert_eq!((late.stage, late.needs.len()), (Stage::Lapsed, 0));
    assert!(matches!(late.hindrances.as_slice(), [Hindrance::Lapsed { .. }]));
    let mut broken = world.signed();
    let at = broken.windows(2).position(|window| window == b"Tj").expect("it shows text");
    broken[at - 3] ^= 1;
    let failed = look(&verify(&broken, &nothing, "2023-06-01"), Stage::Archived);
    assert_eq!((failed.stage, failed.needs.len()), (Stage::Failed, 0));
    let unsigned = look(&verify(&pdf::unsigned(), &nothing, "2023-06-01"), Stage::Archived);
    assert_eq!(unsigned.hindrances, [Hindrance::NothingSigned]);
}

/// `TimeStampResp` with a granted status around a token.
fn granted(token: &[u8]) -> Vec<u8> {
    use testkit::authority::der::{integer, sequence};
    sequence(&[sequence(&[integer(0)]), token.to_vec()])
}

#[test]
fn timestamps_that_are_wrong_replayed_or_forged_are_refused_by_name() {
    let world = World::new();
    let trust = world.trust(&[], &[]);
    let context = Context {
        anchors: &trust.anchors,
        certificates: &[],
        crls: &[],
        ocsps: &[],
        evidence_records: &[],
        signature_policies: &[],
        beacons: &[],
        provider: PROVIDER,
        links: &trust.links,
    };
    let imprint = PROVIDER.digest(DigestAlgorithm::Sha256, b"the file");
    let check = |answer: &[u8], nonce: Option<&[u8]>, now: Time| {
        let asked = AskedTimestamp { imprint: imprint.clone(), nonce: nonce.map(<[u8]>::to_vec) };
        answer::timestamp(answer, &asked, &context, &Policy::standard(), now, &mut Budget::default())
            .map(|stamp| stamp.time)
            .map_err(|refused| refused.code)
    };
    let now = time("2023-06-01");
    let good = Stamp::new(&world.tsa, "2023-06-01").over_digest(&imprint);
    assert_eq!(check(&granted(&good), None, now), Ok(now));
    // A clock that is years behind refuses nothing that is good.
    assert_eq!(check(&granted(&good), None, time("2021-06-01")), Ok(now));
    assert_eq!(check(&granted(&good), Some(&[7]), now), Err("answer.timestamp.replayed"));
    let other = Stamp::new(&world.tsa, "2023-06-01").over(b"another file");
    assert_eq!(check(&granted(&other), None, now), Err("answer.timestamp.other-imprint"));
    let stranger = Actor::root("Stranger", "2020-01-01", "2040-01-01");
    let theirs = stranger.issue(&Declared::new("TSA", Role::Tsa, "2021-01-01", "2028-01-01"));
    let untrusted = Stamp::new(&theirs, "2023-06-01").over_digest(&imprint);
    assert_eq!(check(&granted(&untrusted), None, now), Err("answer.timestamp.untrusted"));
    // Whoever may sign documents may not tell the time.
    let person = Stamp::new(&world.person, "2023-06-01").over_digest(&imprint);
    assert_eq!(check(&granted(&person), None, now), Err("answer.timestamp.untrusted"));
    let mut forged = granted(&good);
    let last = forged.len() - 1;
    forged[last] ^= 1;
    assert_eq!(check(&forged, None, now), Err("answer.timestamp.forged"));
    use testkit::authority::der::{integer, sequence};
    assert_eq!(check(&sequence(&[sequence(&[integer(2)])]), None, now), Err("answer.timestamp.not-granted"));
    for len in [0, 1, 40, good.len() / 2] {
        assert_eq!(check(&granted(&good)[..len], None, now), Err("answer.unreadable"), "{len}");
    }
    assert_eq!(check(b"<html>", None, now), Err("answer.unreadable"));
}

#[test]
fn statuses_that_are_old_forged_or_of_others_are_refused_by_name() {
    let world = World::new();
    let timed = stamped(&world.signed(), &Stamp::new(&world.tsa, "2023-06-02"));
    let trust = world.trust(&[], &[]);
    let outlook = look(&verify(&timed, &trust, "2023-06-03"), Stage::LongTerm);
    let need = *statuses(&outlook).first().expect("the status of the person");
    let known = Known { certificates: &[], anchors: &trust.anchors, provider: PROVIDER };
    let now = time("2023-06-05");
    let crl = |der: &[u8]| {
        answer::crl(&[der], need, &known, now, &mut Budget::default()).map_err(|refused| refused.code)
    };
    let ocsp = |der: &[u8]| {
        answer::ocsp(der, need, None, &known, now, &mut Budget::default()).map_err(|refused| refused.code)
    };
    let stranger = Actor::root("Stranger", "2020-01-01", "2040-01-01");
    let made = |from: &str| CrlMade::new(&world.root, from, "2023-09-01");
    assert_eq!(crl(&made("2023-06-03").sign(&world.root)), Ok(time("2023-06-03")));
    assert_eq!(crl(&made("2023-06-01").sign(&world.root)), Err("answer.status.too-old"));
    assert_eq!(crl(&made("2023-06-07").sign(&world.root)), Err("answer.status.from-future"));
    assert_eq!(crl(&made("2023-06-03").sign(&stranger)), Err("answer.status.forged"));
    let theirs = CrlMade::new(&stranger, "2023-06-03", "2023-09-01").sign(&stranger);
    assert_eq!(crl(&theirs), Err("answer.status.other-certificate"));
    assert_eq!(crl(b"<html>"), Err("answer.unreadable"));
    // What an old list says is as new as the newest delta that updates it.
    let numbered = |from: &str, number: u32| {
        made(from).with("2.5.29.20", false, &testkit::authority::der::integer(number))
    };
    let base = numbered("2023-05-01", 1).sign(&world.root);
    let delta = |of: u32, from: &str| {
        let delta = numbered(from, 2).with("2.5.29.27", true, &testkit::authority::der::integer(of));
        delta.sign(&world.root)
    };
    let together = |delta: &[u8]| {
        let answer = [base.as_slice(), delta];
        answer::crl(&answer, need, &known, now, &mut Budget::default()).map_err(|refused| refused.code)
    };
    assert_eq!(together(&delta(1, "2023-06-03")), Ok(time("2023-06-03")));
    assert_eq!(together(&delta(1, "2023-06-01")), Err("answer.status.too-old"));
    assert_eq!(together(&delta(2, "2023-06-03")), Err("answer.status.too-old"));
    // That the certificate was revoked is an answer, too.
    let revoked = made("2023-06-03").revoked(&world.person.certificate, "2023-06-01", 1).sign(&world.root);
    assert_eq!(crl(&revoked), Ok(time("2023-06-03")));

    let said = |about: &Actor, answer, at| {
        OcspMade {
            about: &about.certificate.clone(),
            issuer: &world.root.certificate.clone(),
            answer,
            updates: (at, "2023-09-01"),
        }
        .sign(&world.root)
    };
    assert_eq!(ocsp(&said(&world.person, Answer::Good, "2023-06-03")), Ok(time("2023-06-03")));
    assert_eq!(ocsp(&said(&world.person, Answer::Good, "2023-06-01")), Err("answer.status.too-old"));
    assert_eq!(ocsp(&said(&world.person, Answer::Unknown, "2023-06-03")), Err("answer.status.says-nothing"));
    assert_eq!(ocsp(&said(&world.tsa, Answer::Good, "2023-06-03")), Err("answer.status.other-certificate"));
    let responder =
        world.root.issue(&Declared::new("Responder", Role::Responder, "2021-01-01", "2028-01-01"));
    let (about, issuer) = (&world.person.certificate, &world.root.certificate);
    let made = OcspMade { about, issuer, answer: Answer::Good, updates: ("2023-06-03", "2023-09-01") };
    assert_eq!(ocsp(&made.sign(&responder)), Ok(time("2023-06-03")));
    assert_eq!(ocsp(&made.sign(&world.tsa)), Err("answer.status.not-authorised"));
}

/// A CMS of two people, the second with a place of its own.
fn cms_of(world: &World, detached: bool) -> Vec<u8> {
    let cms = testkit::authority::Cms::sign(&world.person, b"content");
    if detached { cms.detached().der() } else { cms.der() }
}

fn verify_cms(bytes: &[u8], trust: &Trust, at: &str) -> Verified {
    let (source, content) = (bytes.to_vec(), b"content".to_vec());
    let input = Input { content: Some(&content), ..Input::new(&source) };
    undersign::verify(&input, trust, &Policy::standard(), time(at), Limits::STANDARD).expect("it is a CMS")
}

#[test]
fn a_cms_matures_in_the_same_order_and_nothing_that_was_there_changes() {
    use undersign::augmentation::cades;
    for detached in [false, true] {
        let world = World::new();
        let nothing = world.trust(&[], &[]);
        let file = cms_of(&world, detached);
        let first = verify_cms(&file, &nothing, "2023-06-01");
        let outlook = look(&first, Stage::Archived);
        assert_eq!((outlook.stage, outlook.unstamped.as_slice()), (Stage::Signed, &[0][..]));
        let mut budget = Budget::default();
        let algorithm = DigestAlgorithm::Sha256;
        let prepared = cades::signature_timestamp(&file, 0, algorithm, PROVIDER, &mut budget).expect("a CMS");
        let token = Stamp::new(&world.tsa, "2023-06-02").over_digest(&prepared.imprint);
        let timed = prepared.embed(&file, &token, &mut budget).expect("it is added");
        let verified = verify_cms(&timed, &nothing, "2023-06-03");
        assert_eq!(spoilt((&first.evidence, &first.verdict), (&verified.evidence, &verified.verdict)), None);
        assert_eq!(statuses(&look(&verified, Stage::Archived)).len(), 2);

        let crl = world.crl("2023-06-03", "2023-07-01");
        let fresh = world.trust(std::slice::from_ref(&crl), &[]);
        let outlook = look(&verify_cms(&timed, &fresh, "2023-06-04"), Stage::Archived);
        let [Need::Values(values)] = outlook.needs.as_slice() else { panic!("{:?}", outlook.needs) };
        let certificates = values.certificates.iter().map(|one| one.der().to_vec()).collect();
        let data = ValidationData { certificates, crls: vec![crl], ocsps: Vec::new() };
        let long_term = cades::add(&timed, &data, &mut budget).expect("it is added");
        let verified = verify_cms(&long_term, &nothing, "2023-06-04");
        assert_eq!(verified.verdict.signatures[0].level.as_str(), "B-LT");
        assert_eq!(look(&verified, Stage::Archived).needs, [Need::Timestamp]);

        let digests = [PROVIDER.digest(algorithm, b"content")];
        let prepared = cades::archive_timestamp(&long_term, 0, &digests, algorithm, PROVIDER, &mut budget);
        let prepared = prepared.expect("a CMS");
        let token = Stamp::new(&world.tsa, "2023-06-05").over_digest(&prepared.imprint);
        let archived = prepared.embed(&long_term, &token, &mut budget).expect("it is added");
        let verified = verify_cms(&archived, &nothing, "2023-06-06");
        assert_eq!(verified.verdict.signatures[0].level.as_str(), "B-LTA");
        let outlook = look(&verified, Stage::Archived);
        assert_eq!((outlook.stage, outlook.needs.len()), (Stage::Archived, 0));
        let later = verify_cms(&archived, &nothing, "2027-06-01");
        assert_eq!(later.verdict.signatures[0].indication, Indication::TotalPassed);
        // What was signed is in the result as it was.
        let signed = world.person.certificate.der();
        assert!(archived.windows(signed.len()).any(|window| window == signed));
    }
}
