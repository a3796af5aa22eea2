//! An authority from its root to its answers: what it issues is valid, what it says is what its register says.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

extern crate undersign_authority as authority;

use authority::{
    CertificateProfile, Event, Issuer, Locations, OcspResponder, Order, Refusal, Register, Standing,
    TimestampAuthority, crl, issue, issue_root,
};
use cms::{TimestampFailure, TimestampRequest, TimestampResponse, TimestampToken};
use crypto::{DigestAlgorithm, PROVIDER, Provider, PureProvider, Signer};
use path::{PathParameters, VerifiedLinks, build_and_validate};
use pkix::{
    CertId, CertStatus, Certificate, CertificationRequest, Crl, GeneralName, Name, OcspRequest, OcspResponse,
    ProvenRequest, Reason, ResponseStatus, TrustAnchor, Wanted, oid,
};
use testkit::authority::Key;
use types::{Budget, Time};

fn time(text: &str) -> Time {
    text.parse().unwrap()
}

const NOW: &str = "2026-11-25T08:00:00Z";
const SERIAL: [u8; 16] = [0x41; 16];

fn name(text: &str) -> Name {
    Name::from_attributes(&[(oid::COUNTRY, "IT"), (oid::COMMON_NAME, text)])
}

fn request(text: &str) -> ProvenRequest {
    CertificationRequest::sign(&name(text), None, &Key::of(text)).unwrap().prove(PROVIDER).unwrap()
}

fn profile(id: &str) -> CertificateProfile {
    CertificateProfile::built_in(id).unwrap()
}

fn order<'a>(profile: &'a CertificateProfile, request: &'a ProvenRequest) -> Order<'a> {
    Order {
        profile,
        request,
        subject: None,
        alternative_names: &[],
        serial: &SERIAL,
        not_before: time(NOW),
        seconds: None,
    }
}

/// A root and an issuing authority with the name of their keys.
struct World {
    root: Certificate,
    issuing: Certificate,
    locations: Locations,
}

impl World {
    fn new() -> World {
        let (root_profile, issuing_profile) = (profile("root-ca"), profile("issuing-ca"));
        let key = Key::of("Root");
        let root = issue_root(&order(&root_profile, &request("Root")), &key, PROVIDER).unwrap();
        let locations = Locations::below("http://pki.example");
        let issuer = Issuer { certificate: &root, signer: &key, locations: &locations };
        let issuing = issue(issuer, &order(&issuing_profile, &request("Issuing")), PROVIDER).unwrap();
        World { root, issuing, locations }
    }

    fn with<T>(&self, run: impl FnOnce(Issuer<'_>) -> T) -> T {
        let key = Key::of("Issuing");
        run(Issuer { certificate: &self.issuing, signer: &key, locations: &self.locations })
    }

    fn issue(&self, by: &str, whom: &str, serial: u8) -> Result<Certificate, Refusal> {
        let (profile, request, serial) = (profile(by), request(whom), [serial; 16]);
        self.with(|issuer| issue(issuer, &Order { serial: &serial, ..order(&profile, &request) }, PROVIDER))
    }
}

#[test]
fn what_is_issued_leads_back_to_the_root() {
    let world = World::new();
    let anchors = [TrustAnchor::from_certificate_with_its_constraints(world.root.clone())];
    for id in ["signer", "signer-short", "tsa", "ocsp-responder", "device"] {
        let certificate = world.issue(id, "Somebody", 0x42).unwrap();
        let at = time(NOW).plus(3600);
        let all = [certificate.clone(), world.issuing.clone()];
        let outcome = build_and_validate(
            &certificate,
            &all,
            &anchors,
            &PathParameters::at(at),
            PROVIDER,
            &VerifiedLinks::default(),
            &mut Budget::default(),
        );
        assert!(outcome.path().is_some(), "{id}: {:?}", outcome.failure());
    }
}

#[test]
fn each_profile_says_what_it_is_for() {
    let world = World::new();
    let signer = world.issue("signer", "Ada", 1).unwrap();
    assert_eq!(signer.extensions().crl_uris().collect::<Vec<_>>(), ["http://pki.example/complete.crl"]);
    assert_eq!(signer.extensions().access_uris(oid::ACCESS_OCSP).count(), 1);
    assert!(!signer.is_ca() && signer.extensions().freshest_crl.is_some());
    let short = world.issue("signer-short", "Ada", 2).unwrap();
    let extensions = short.extensions();
    assert!(extensions.no_rev_avail && extensions.validity_assured_short_term);
    // RFC 9608, 2: nothing may point at revocation information.
    assert!(extensions.crl_distribution_points.is_none() && extensions.freshest_crl.is_none());
    assert_eq!(extensions.access_uris(oid::ACCESS_OCSP).count(), 0);
    assert_eq!(short.not_after(), time(NOW).plus(86_399));
    let tsa = world.issue("tsa", "TSA", 3).unwrap();
    assert!(tsa.extensions().is_critical(oid::EXTENDED_KEY_USAGE));
    assert_eq!(tsa.extensions().extended_key_usage.as_deref(), Some(&[oid::KP_TIME_STAMPING][..]));
    let responder = world.issue("ocsp-responder", "OCSP", 4).unwrap();
    assert!(responder.extensions().ocsp_no_check && responder.extensions().crl_distribution_points.is_none());
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    let world = World::new();
    let code = |result: Result<Certificate, Refusal>| result.unwrap_err().code;
    assert_eq!(code(world.issue("issuing-ca", "Below", 1)), "authority.issuer.path-length");
    assert_eq!(code(world.issue("signer", "Issuing", 1)), "authority.request.own-key");
    assert_eq!(code(world.issue("signer", "Ada", 0x80)), "authority.serial.form");
    let (signer, ada) = (profile("signer"), request("Ada"));
    let usual = order(&signer, &ada);
    let with = |order: &Order<'_>| code(world.with(|issuer| issue(issuer, order, PROVIDER)));
    assert_eq!(with(&Order { subject: Some(&name("Issuing")), ..usual }), "authority.request.own-name");
    let nobody = Name::from_attributes(&[(oid::COUNTRY, "IT")]);
    assert_eq!(with(&Order { subject: Some(&nobody), ..usual }), "authority.request.subject");
    assert_eq!(with(&Order { seconds: Some(1827 * 86_400), ..usual }), "authority.validity.length");
    assert_eq!(with(&Order { not_before: time("2020-01-01"), ..usual }), "authority.issuer.validity");
    let late = Order { not_before: time("2036-11-01"), seconds: Some(400 * 86_400), ..usual };
    assert_eq!(with(&late), "authority.validity.beyond-issuer");
    let names = [GeneralName::Dns("a.example".into())];
    assert_eq!(with(&Order { alternative_names: &names, ..usual }), "authority.request.alternative-name");
    let strict = CertificateProfile { keys: vec![crypto::KeyAlgorithm::Ed25519], ..signer.clone() };
    assert_eq!(with(&Order { profile: &strict, ..usual }), "authority.request.key");
    let ends_with_its_issuer = Order { not_before: time("2036-11-01"), ..usual };
    let certificate = world.with(|issuer| issue(issuer, &ends_with_its_issuer, PROVIDER)).unwrap();
    assert_eq!(certificate.not_after(), world.issuing.not_after());
}

/// A register with three certificates, of which the first two were touched.
fn register(world: &World) -> (Register, Vec<Certificate>, String) {
    let mut register = Register::default();
    let mut text = Register::header();
    let mut apply = |register: &mut Register, event: Event| {
        text.push_str(&event.to_line());
        register.apply(event).unwrap();
    };
    let certificates: Vec<Certificate> =
        (1..=3).map(|serial| world.issue("signer", &format!("Person {serial}"), serial).unwrap()).collect();
    for certificate in &certificates {
        let event = register.issue(certificate, "signer", time(NOW)).unwrap();
        apply(&mut register, event);
    }
    let event = register.suspend(certificates[0].serial(), time(NOW).plus(10)).unwrap();
    apply(&mut register, event);
    let since = Some(time("2026-11-20"));
    let event =
        register.revoke(certificates[1].serial(), Reason::KeyCompromise, since, time(NOW).plus(20)).unwrap();
    apply(&mut register, event);
    (register, certificates, text)
}

#[test]
fn the_register_survives_the_round_trip_and_nothing_else_is_read() {
    let (register, certificates, text) = register(&World::new());
    let read = Register::read(&text).unwrap();
    assert_eq!((read.len(), read.latest()), (3, register.latest()));
    for certificate in &certificates {
        let (one, other) =
            (read.get(certificate.serial()).unwrap(), register.get(certificate.serial()).unwrap());
        assert_eq!((&one.certificate, one.standing), (&other.certificate, other.standing));
    }
    let lines: Vec<&str> = text.lines().collect();
    let without = |gone: usize| {
        let kept = lines.iter().enumerate().filter(|(at, _)| *at != gone).map(|(_, line)| *line);
        kept.collect::<Vec<_>>().join("\n")
    };
    // Without its header, or without the certificate that an event is about; twice the same; in another order.
    assert_eq!(Register::read(&without(0)).unwrap_err().line, 1);
    assert_eq!(Register::read(&without(1)).unwrap_err().line, 4);
    assert_eq!(Register::read(&[&text, lines[1], "\n"].concat()).unwrap_err().line, 7);
    assert!(Register::read(&text.replace("keyCompromise", "boredom")).is_err());
    let last = text.find("suspended").unwrap();
    let early = format!("{}{}", &text[..last], text[last..].replacen("08:00:20", "07:00:00", 1));
    assert!(Register::read(&early).is_err());
}

#[test]
fn a_serial_number_is_never_used_twice() {
    let world = World::new();
    let (register, certificates, _) = register(&world);
    let again = world.issue("device", "Another", 1).unwrap();
    assert_eq!(again.serial(), certificates[0].serial());
    assert_eq!(
        register.issue(&again, "device", time(NOW).plus(99)).unwrap_err().code,
        "authority.serial.taken"
    );
}

#[test]
fn a_hold_can_end_and_a_revocation_cannot() {
    let (mut register, certificates, _) = register(&World::new());
    let later = time(NOW).plus(100);
    let [held, revoked, good] = [0, 1, 2].map(|index| certificates[index].serial().to_vec());
    assert!(register.suspend(&held, later).is_err() && register.suspend(&revoked, later).is_err());
    assert!(register.resume(&revoked, later).is_err() && register.resume(&good, later).is_err());
    assert!(register.revoke(&revoked, Reason::Superseded, None, later).is_err());
    assert_eq!(register.suspend(&[9; 16], later).unwrap_err().code, "authority.serial.unknown");
    for reason in
        [Reason::CertificateHold, Reason::RemoveFromCrl, Reason::CaCompromise, Reason::Unassigned(7)]
    {
        assert!(register.revoke(&good, reason, None, later).is_err(), "{reason}");
    }
    assert!(register.revoke(&good, Reason::Superseded, Some(later.plus(1)), later).is_err());
    let event = register.revoke(&held, Reason::Superseded, None, later).unwrap();
    register.apply(event).unwrap();
    let Standing::Revoked(revocation) = register.get(&held).unwrap().standing else { panic!() };
    assert_eq!(revocation.at, time(NOW).plus(10), "since it was put on hold");
}

#[test]
fn a_clock_behind_the_register_is_refused() {
    let (register, certificates, _) = register(&World::new());
    let (serial, newest) = (certificates[2].serial(), time(NOW).plus(20));
    assert_eq!(register.suspend(serial, newest.plus(-61)).unwrap_err().code, "authority.clock.behind");
    assert_eq!(register.suspend(serial, newest.plus(-60)).unwrap().at(), newest);
}

#[test]
fn a_status_that_is_never_told_cannot_change() {
    let world = World::new();
    let short = world.issue("signer-short", "Ada", 5).unwrap();
    let mut register = Register::default();
    register.apply(register.issue(&short, "signer-short", time(NOW)).unwrap()).unwrap();
    let refused = register.revoke(short.serial(), Reason::KeyCompromise, None, time(NOW)).unwrap_err();
    assert_eq!(refused.code, "authority.status.never");
}

fn reason_in(crl: &Crl, certificate: &Certificate) -> Option<Reason> {
    let wanted = Wanted { issuer: certificate.issuer(), serial: certificate.serial() };
    let listing = crl.find(wanted, &mut Budget::default()).unwrap();
    listing.found.get(&0).map(|entry| entry.revocation.reason.unwrap_or(Reason::Unspecified))
}

#[test]
fn complete_and_delta_lists_together_say_what_the_register_says() {
    let world = World::new();
    let (mut register, certificates, _) = register(&world);
    let at = time(NOW).plus(30);
    assert!(world.with(|issuer| crl::delta(issuer, &register, at, 60, PROVIDER)).is_err());
    let (complete, event) = world.with(|issuer| crl::complete(issuer, &register, at, 600, PROVIDER)).unwrap();
    register.apply(event).unwrap();
    assert!(!register.has_changed_since_complete_crl());
    assert_eq!(complete.irregularities(), []);
    assert_eq!((complete.this_update(), complete.next_update()), (at, Some(at.plus(600))));
    let said = |crl: &Crl| [0, 1, 2].map(|index| reason_in(crl, &certificates[index]));
    assert_eq!(said(&complete), [Some(Reason::CertificateHold), Some(Reason::KeyCompromise), None]);
    for event in [
        register.resume(certificates[0].serial(), at.plus(1)),
        register.revoke(certificates[2].serial(), Reason::Unspecified, None, at.plus(2)),
    ] {
        register.apply(event.unwrap()).unwrap();
    }
    assert!(register.has_changed_since_complete_crl());
    let (delta, event) =
        world.with(|issuer| crl::delta(issuer, &register, at.plus(3), 60, PROVIDER)).unwrap();
    register.apply(event).unwrap();
    assert!(delta.is_delta() && delta.irregularities().is_empty());
    assert_eq!(delta.extensions().delta_base, complete.extensions().number);
    assert!(delta.extensions().number > complete.extensions().number);
    assert_eq!(said(&delta), [Some(Reason::RemoveFromCrl), None, Some(Reason::Unspecified)]);
    let (next, _) = world.with(|issuer| crl::complete(issuer, &register, at.plus(4), 600, PROVIDER)).unwrap();
    assert_eq!(said(&next), [None, Some(Reason::KeyCompromise), Some(Reason::Unspecified)]);
}

#[test]
fn only_the_newest_list_that_says_all_is_current() {
    let world = World::new();
    let (mut register, certificates, _) = register(&world);
    let at = time(NOW).plus(30);
    let (old, event) = world.with(|issuer| crl::complete(issuer, &register, at, 600, PROVIDER)).unwrap();
    assert!(!register.is_current(&old), "it is not written down yet");
    register.apply(event).unwrap();
    let (delta, event) = world.with(|issuer| crl::delta(issuer, &register, at, 60, PROVIDER)).unwrap();
    register.apply(event).unwrap();
    assert!(register.is_current(&old) && register.is_current(&delta));
    // In the very second of the lists.
    register.apply(register.suspend(certificates[2].serial(), at).unwrap()).unwrap();
    assert!(!register.is_current(&old) && !register.is_current(&delta));
    // Written down, but the machine stopped before the list was kept: the old one is not current.
    let (new, event) = world.with(|issuer| crl::complete(issuer, &register, at, 600, PROVIDER)).unwrap();
    register.apply(event).unwrap();
    assert!(!register.is_current(&old) && !register.is_current(&delta) && register.is_current(&new));
}

#[test]
fn ocsp_answers_say_what_the_register_says() {
    let world = World::new();
    let (register, certificates, _) = register(&world);
    let own = world.issue("ocsp-responder", "OCSP", 7).unwrap();
    let responder = OcspResponder::new(&world.issuing, &own, 3600, PROVIDER);
    let now = time(NOW).plus(60);
    let key = Key::of("OCSP");
    let ask = |ids: &[CertId], nonce: Option<&[u8]>| {
        let request = OcspRequest::new(ids, nonce).unwrap();
        let answer = responder.answer(request.der(), &register, now, &key);
        let read = OcspResponse::from_der(&answer.der, &mut Budget::default()).unwrap();
        assert_eq!(read.status, answer.status);
        (request, answer, read)
    };
    for hash in [DigestAlgorithm::Sha1, DigestAlgorithm::Sha256] {
        let mut ids: Vec<CertId> = certificates
            .iter()
            .map(|certificate| CertId::of(hash, &world.issuing, certificate.serial(), PROVIDER))
            .collect();
        ids.push(CertId::of(hash, &world.issuing, &[9; 16], PROVIDER));
        let (request, answer, read) = ask(&ids, Some(&[3; 32]));
        let basic = read.basic.unwrap();
        assert_eq!(basic.nonce(), request.nonce());
        assert_eq!(answer.reusable_until, None);
        assert_eq!(basic.certificates(), std::slice::from_ref(&own));
        let states: Vec<CertStatus> = basic.responses().iter().map(|single| single.status).collect();
        let [CertStatus::Revoked(held), CertStatus::Revoked(revoked), CertStatus::Good, CertStatus::Unknown] =
            states[..]
        else {
            panic!("{states:?}")
        };
        assert_eq!(held.reason, Some(Reason::CertificateHold));
        assert_eq!(revoked.invalidity_date, Some(time("2026-11-20")));
        assert_eq!(basic.responses()[0].archive_cutoff, Some(world.issuing.not_before()));
        let (_, answer, _) = ask(&ids, None);
        assert_eq!(answer.reusable_until, Some(now.plus(3600)));
    }
    let foreign = CertId::of(DigestAlgorithm::Sha1, &world.root, &SERIAL, PROVIDER);
    assert_eq!(ask(&[foreign], None).1.status, ResponseStatus::Unauthorized);
}

#[test]
fn what_cannot_be_answered_is_answered_with_the_reason() {
    let world = World::new();
    let (register, certificates, _) = register(&world);
    let responder = OcspResponder::new(&world.issuing, &world.issuing, 3600, PROVIDER);
    let id = CertId::of(DigestAlgorithm::Sha1, &world.issuing, certificates[0].serial(), PROVIDER);
    let request = OcspRequest::new(std::slice::from_ref(&id), None).unwrap();
    let status =
        |request: &[u8], now: Time| responder.answer(request, &register, now, &Key::of("Issuing")).status;
    let now = time(NOW).plus(60);
    assert_eq!(status(request.der(), now), ResponseStatus::Successful);
    assert_eq!(status(b"?", now), ResponseStatus::MalformedRequest);
    let many = OcspRequest::new(&vec![id; 101], None).unwrap();
    assert_eq!(status(many.der(), now), ResponseStatus::MalformedRequest);
    assert_eq!(status(request.der(), time("2050-01-01")), ResponseStatus::InternalError);
    assert_eq!(status(request.der(), time(NOW).plus(-60)), ResponseStatus::InternalError);
}

#[test]
fn time_stamps_are_given_for_what_can_be_relied_on() {
    let world = World::new();
    let (certificate, key) = (world.issue("tsa", "TSA", 8).unwrap(), Key::of("TSA"));
    let policy = cms::Oid::from_dotted("2.25.1").unwrap();
    let chain = [world.issuing.clone()];
    let tsa = TimestampAuthority::new(&certificate, &chain, &key, &policy, 1_000_000, PROVIDER).unwrap();
    let digest = PROVIDER.digest(DigestAlgorithm::Sha256, b"document");
    let answer = |request: &[u8], time: Option<Time>| tsa.answer(request, time, &[7; 9], &key, PROVIDER);
    let now = Some(time(NOW).plus(60));
    let request = TimestampRequest::new(&digest, Some(&[1; 8]));
    let given = answer(&request.to_der(), now);
    let response = TimestampResponse::parse(&given.der, &mut Budget::default()).unwrap();
    let token = TimestampToken::parse(response.token.unwrap().bytes, &mut Budget::default()).unwrap();
    assert!(token.findings.is_empty() && token.info.imprint.matches(&digest));
    assert_eq!((token.info.gen_time, &token.info.policy), (time(NOW).plus(60), &policy));
    assert_eq!(token.signed_data.certificates().count(), 2);

    let other = |change: fn(&mut TimestampRequest)| {
        let mut request = request.clone();
        change(&mut request);
        answer(&request.to_der(), now).failure
    };
    assert_eq!(other(|_| {}), None);
    let another = |request: &mut TimestampRequest| request.policy = cms::Oid::from_dotted("2.25.2");
    assert_eq!(other(another), Some(TimestampFailure::UnacceptedPolicy));
    let weak = |algorithm| {
        let digest = PureProvider.digest(algorithm, b"document");
        answer(&TimestampRequest::new(&digest, None).to_der(), now).failure
    };
    assert_eq!(weak(DigestAlgorithm::Sha1), Some(TimestampFailure::BadAlgorithm));
    assert_eq!(weak(DigestAlgorithm::Sha384), None);
    assert_eq!(answer(b"?", now).failure, Some(TimestampFailure::BadDataFormat));
    let der = request.to_der();
    assert_eq!(answer(&der, None).failure, Some(TimestampFailure::TimeNotAvailable));
    assert_eq!(answer(&der, Some(time("2020-01-01"))).failure, Some(TimestampFailure::TimeNotAvailable));
    assert_eq!(answer(&der, Some(time("2050-01-01"))).failure, Some(TimestampFailure::TimeNotAvailable));
}

#[test]
fn only_a_certificate_for_time_stamping_gives_time_stamps() {
    let world = World::new();
    let (certificate, key) = (world.issue("signer", "Ada", 8).unwrap(), Key::of("Ada"));
    let policy = cms::Oid::from_dotted("2.25.1").unwrap();
    assert!(TimestampAuthority::new(&certificate, &[], &key, &policy, 1, PROVIDER).is_err());
    assert_eq!(key.public_key(), certificate.subject_public_key_info());
}
