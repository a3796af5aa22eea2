//! Between which times a signature was made: beacons that are proven, named, wrong or impossible, and records made to
//! do harm (spec/record.md).

mod world;

use crypto::{DigestAlgorithm, PROVIDER};
use records::{
    Basis, BeaconKind, BeaconSection, Boot, ClockSection, MAX_RECORD, RECORD_FORMAT, SigningRecord,
};
use undersign::evidence::frozen::{self, Collected};
use undersign::pkix::TrustAnchor;
use undersign::report::{Catalogue, Detail, Language, Palette, Report};
use undersign::validation::{Answer, BeaconStanding, Policy, SignatureVerdict, State};
use undersign::{Budget, Input, Limits, Trust, Verified};
use world::*;

/// Content octets of the identifier of the attribute.
const RECORD: [u8; 20] = [
    0x69, 0x81, 0xdf, 0xf8, 0xd6, 0xe3, 0xfc, 0xb4, 0xba, 0x80, 0xc1, 0x8c, 0x8a, 0xa3, 0xb8, 0xcd, 0x87,
    0x99, 0xa2, 0x37,
];

fn octet_string(octets: &[u8]) -> Vec<u8> {
    der::value(0x04, octets)
}

/// The attribute with these values, DER each.
fn attribute(values: &[Vec<u8>]) -> Vec<u8> {
    der::sequence(&[der::value(0x06, &RECORD), der::value(0x31, &values.concat())])
}

fn token(w: &World, at: &str) -> Vec<u8> {
    Stamp::new(&w.tsa, at).over(b"anything at all")
}

fn record(beacon: Option<&[u8]>, claimed: &str) -> SigningRecord {
    let digest = beacon.map(|value| PROVIDER.digest(DigestAlgorithm::Sha256, value).to_string());
    SigningRecord {
        beacon: digest.map(|digest| BeaconSection {
            digest,
            kind: BeaconKind::TimestampToken,
            source: "Example".into(),
            time: "2023-03-03T10:00:00Z".into(),
        }),
        clock: Some(ClockSection {
            basis: Basis::Boottime,
            behind_seconds: None,
            boot: Boot::Same,
            offset_minutes: 0,
            set_back_seconds: Some(10_800),
            set_forward_seconds: None,
            since: "2023-03-03T10:00:02Z".into(),
            time: time(claimed).to_string(),
            trusted: None,
        }),
    }
}

fn signed(w: &World, record: &[u8]) -> Cms {
    Cms::sign_with_attributes(&w.ada, CONTENT, vec![attribute(&[octet_string(record)])])
        .with(&w.ca.certificate)
}

fn verify(w: &World, cms: &Cms, beacons: &[Vec<u8>]) -> Verified {
    let trust = Trust {
        anchors: vec![TrustAnchor::from_certificate(w.root.certificate.clone())],
        certificates: vec![w.ca.certificate.clone()],
        crls: w.clean("2023-07-01", "2026-06-01"),
        beacons: beacons.to_vec(),
        ..Trust::default()
    };
    let at = time("2023-08-01");
    let verified =
        undersign::verify(&Input::new(&cms.der()), &trust, &Policy::standard(), at, Limits::STANDARD)
            .expect("the CMS is readable");
    let collected = Collected { by: "test".into(), at, file: "a.p7m".into() };
    let text = frozen::write(&verified.evidence, &collected, PROVIDER);
    let again = frozen::read(text.as_bytes(), PROVIDER, &mut Budget::default()).expect("it was written");
    let verdict = undersign::validation::validate(&again.evidence, &Policy::standard(), at);
    assert_eq!(verdict, verified.verdict, "evidence files give the same verdict");
    verified
}

fn first(verified: &Verified) -> &SignatureVerdict {
    &verified.verdict.signatures[0]
}

fn report(verified: &Verified, language: Language) -> String {
    let catalogue = Catalogue::new(language);
    let (evidence, verdict) = (&verified.evidence, &verified.verdict);
    let report = Report { file: "a.p7m", evidence, verdict, catalogue: &catalogue };
    let text = undersign::report::text(&report, Detail::Explained, Palette::Plain);
    let others = [
        undersign::report::html(&report),
        undersign::report::json(&report),
        undersign::report::etsi_xml(&report),
    ];
    for report in std::iter::once(&text).chain(&others) {
        assert!(!report.chars().any(|c| c.is_control() && c != '\n'), "{report:?}");
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn warnings(verified: &Verified) -> Vec<&str> {
    let no = first(verified).checks.iter().filter(|asked| asked.answer == Answer::No);
    no.map(|asked| &*asked.detail.key).collect()
}

#[test]
fn a_good_beacon_bounds_a_signature_from_below() {
    let w = world();
    let beacon = token(&w, "2023-03-03");
    let cms =
        signed(&w, &record(Some(&beacon), "2023-04-01").to_json()).stamp(&Stamp::new(&w.tsa, "2023-05-01"));
    let verified = verify(&w, &cms, std::slice::from_ref(&beacon));
    assert_eq!(word(&verified, 0), "PASSED");
    let verdict = first(&verified);
    assert_eq!(verdict.signing_time.not_before.map(|(time, _)| time), Some(time("2023-03-03")));
    assert_eq!(verdict.signing_time.not_after.map(|(time, _)| time), Some(time("2023-05-01")));
    assert!(matches!(verdict.beacon.as_ref().map(|one| one.standing), Some(BeaconStanding::Proven(1))));
    assert_eq!(verdict.dimensions.time.state, State::Proven);
    let text = report(&verified, Language::English);
    let words = "made after 2023-03-03T00:00:00Z, proven by a beacon (\"Example\"), and no later than \
                 2023-05-01T00:00:00Z, proven by a timestamp; the clock of the device claimed \
                 2023-04-01T00:00:00Z; by the word of the device it had been set back by 3 h since \
                 2023-03-03T10:00:02Z";
    assert!(text.contains(words), "{text}");
    for language in Language::ALL {
        assert!(report(&verified, language).contains("2023-03-03T00:00:00Z"));
    }
}

#[test]
fn a_beacon_that_is_only_named_is_a_claim_and_judges_nothing() {
    let w = world();
    let beacon = token(&w, "2023-03-03");
    let cms = signed(&w, &record(Some(&beacon), "2023-04-01").to_json());
    for given in [vec![], vec![token(&w, "2023-03-04")], vec![b"anything".to_vec()]] {
        let verified = verify(&w, &cms, &given);
        assert_eq!(word(&verified, 0), "PASSED");
        assert_eq!(first(&verified).signing_time.not_before, None);
        let standing = first(&verified).beacon.as_ref().map(|one| one.standing);
        assert_eq!(standing, Some(BeaconStanding::Named));
        assert_eq!(verified.evidence.tokens.len(), 0, "what nobody names is no part of the evidence");
        assert!(
            report(&verified, Language::English).contains("it claims to be later than 2023-03-03T10:00:00Z")
        );
    }
}

#[test]
fn a_beacon_of_an_authority_that_is_not_trusted_is_a_claim() {
    let w = world();
    let stranger = Actor::root("Stranger", "2020-01-01", "2040-01-01");
    let own = stranger.issue(&Declared::new("Own clock", Role::Tsa, "2020-01-01", "2040-01-01"));
    let person = Stamp::new(&w.ada, "2023-03-03").over(b"a signer is no authority");
    for beacon in [Stamp::new(&own, "2023-03-03").over(b"x"), person] {
        let cms = signed(&w, &record(Some(&beacon), "2023-04-01").to_json());
        let verified = verify(&w, &cms, &[beacon]);
        assert_eq!((word(&verified, 0), first(&verified).signing_time.not_before), ("PASSED", None));
        let standing = first(&verified).beacon.as_ref().map(|one| one.standing);
        assert_eq!(standing, Some(BeaconStanding::NotGood(0)));
        assert!(report(&verified, Language::English).contains("whose timestamp is not good here"));
    }
}

#[test]
fn an_altered_token_is_not_the_one_that_is_named() {
    let w = world();
    let beacon = token(&w, "2023-03-03");
    let cms = signed(&w, &record(Some(&beacon), "2023-04-01").to_json());
    let mut altered = beacon.clone();
    *altered.last_mut().unwrap() ^= 1;
    let standing = |given| first(&verify(&w, &cms, &[given])).beacon.clone().map(|one| one.standing);
    assert_eq!(standing(altered.clone()), Some(BeaconStanding::Named));
    // Named as it is, but no authority signed it.
    let cms = signed(&w, &record(Some(&altered), "2023-04-01").to_json());
    let verified = verify(&w, &cms, &[altered]);
    assert!(matches!(first(&verified).beacon.as_ref().unwrap().standing, BeaconStanding::NotGood(0)));
    assert_eq!((word(&verified, 0), first(&verified).signing_time.not_before), ("PASSED", None));
}

#[test]
fn a_beacon_proven_later_than_the_signature_is_a_contradiction() {
    let w = world();
    let beacon = token(&w, "2023-06-01");
    let cms =
        signed(&w, &record(Some(&beacon), "2023-06-02").to_json()).stamp(&Stamp::new(&w.tsa, "2023-05-01"));
    let verified = verify(&w, &cms, std::slice::from_ref(&beacon));
    assert_eq!(word(&verified, 0), "TIMESTAMP_ORDER_FAILURE");
    assert_eq!(first(&verified).dimensions.time.state, State::Broken);
    assert!(report(&verified, Language::English).contains("impossible: proven to be later than 2023-06-01"));
    // Without the token it is one claim against a proof.
    let verified = verify(&w, &cms, &[]);
    assert_eq!(word(&verified, 0), "PASSED");
    assert!(warnings(&verified).contains(&"claimed-time-impossible"), "{:?}", warnings(&verified));
}

#[test]
fn a_signature_after_its_certificate_ended_by_its_own_beacon_is_failed() {
    let w = world();
    let beacon = token(&w, "2024-03-01");
    let cms = signed(&w, &record(Some(&beacon), "2023-12-01").to_json());
    let trust = |beacons| Trust {
        anchors: vec![TrustAnchor::from_certificate(w.root.certificate.clone())],
        certificates: vec![w.ca.certificate.clone()],
        crls: w.clean("2024-07-01", "2026-06-01"),
        beacons,
        ..Trust::default()
    };
    let says = |beacons| {
        let der = cms.der();
        let at = time("2024-08-01");
        let verified =
            undersign::verify(&Input::new(&der), &trust(beacons), &Policy::standard(), at, Limits::STANDARD);
        word(&verified.expect("it is readable"), 0)
    };
    assert_eq!(says(vec![beacon.clone()]), "EXPIRED");
    assert_eq!(says(vec![]), "OUT_OF_BOUNDS_NO_POE");
}

#[test]
fn the_later_of_content_timestamp_and_beacon_is_the_bound() {
    let w = world();
    let beacon = token(&w, "2023-03-03");
    let record = attribute(&[octet_string(&record(Some(&beacon), "2023-04-01").to_json())]);
    for (content, bound) in [("2023-02-01", "2023-03-03"), ("2023-04-01", "2023-04-01")] {
        let stamp = Stamp::new(&w.tsa, content).over(CONTENT);
        let timestamp = der::sequence(&[der::oid("1.2.840.113549.1.9.16.2.20"), der::value(0x31, &stamp)]);
        let cms = Cms::sign_with_attributes(&w.ada, CONTENT, vec![record.clone(), timestamp])
            .with(&w.ca.certificate);
        let verified = verify(&w, &cms, std::slice::from_ref(&beacon));
        assert_eq!(first(&verified).signing_time.not_before.map(|(time, _)| time), Some(time(bound)));
    }
}

#[test]
fn a_claimed_time_outside_of_what_is_proven_is_a_warning() {
    let w = world();
    let beacon = token(&w, "2023-03-03");
    for (claimed, given, key) in [
        ("2023-03-02", true, Some("claimed-time-too-early")),
        ("2023-03-02", false, Some("claimed-time-before-beacon")),
        ("2023-03-04", true, None),
        ("2023-07-04", true, Some("claimed-time-impossible")),
    ] {
        let cms =
            signed(&w, &record(Some(&beacon), claimed).to_json()).stamp(&Stamp::new(&w.tsa, "2023-05-01"));
        let given = if given { vec![beacon.clone()] } else { vec![] };
        let verified = verify(&w, &cms, &given);
        assert_eq!(word(&verified, 0), "PASSED", "a wrong claim is no wrong signature");
        // The test kit claims the first day of the certificate in signing-time, which is too early as well.
        let found = warnings(&verified);
        let of_record = found.iter().filter(|one| one.starts_with("claimed-time-")).nth(1);
        assert_eq!(of_record, key.as_ref(), "{claimed}: {found:?}");
    }
}

#[test]
fn records_made_to_do_harm_are_named_and_used_for_nothing() {
    let w = world();
    let good = record(None, "2023-04-01").to_json();
    let text = String::from_utf8(good.clone()).unwrap();
    let deep = format!("{{\"a\":{}{},\"format\":\"{RECORD_FORMAT}\"}}", "[".repeat(100), "]".repeat(100));
    let escape = text.replace("\"format\"", "\"evil\":\"\\u001b[2J\u{202e}\",\"format\"");
    let beacon = "\"beacon\":{\"digest\":\"sha-256:00\",\"kind\":\"x\",\"source\":\"\\u001b[2J\"},\"clock\"";
    let broken = text.replacen("\"clock\"", beacon, 1);
    let oct = |octets: &[u8]| octet_string(octets);
    for (values, code) in [
        (vec![oct(b"garbage \x00\xff")], "record.syntax"),
        (vec![oct(b"")], "record.syntax"),
        (vec![oct(&vec![b'['; 60_000])], "record.syntax"),
        (vec![oct(deep.as_bytes())], "record.syntax"),
        (vec![oct(&vec![b' '; MAX_RECORD + 1])], "record.too-large"),
        (vec![oct(&vec![b'x'; 2 << 20])], "record.too-large"),
        (vec![oct(b"{ }")], "record.not-canonical"),
        (vec![oct(text.replace("@v1", "@v9").as_bytes())], "record.format"),
        (vec![oct(escape.as_bytes())], "record.unknown-section"),
        (vec![oct(broken.as_bytes())], "record.section"),
        (vec![oct(&good), oct(&good)], "record.repeated"),
        (vec![der::sequence(&[oct(&good)])], "cms.attribute.malformed"),
        (vec![], "cms.attribute.empty"),
    ] {
        let cms =
            Cms::sign_with_attributes(&w.ada, CONTENT, vec![attribute(&values)]).with(&w.ca.certificate);
        let verified = verify(&w, &cms, &[]);
        assert_eq!(word(&verified, 0), "PASSED", "{code}: a record decides nothing");
        let codes: Vec<&str> =
            verified.evidence.signatures[0].findings.iter().map(|finding| &*finding.code).collect();
        assert!(codes.contains(&code), "{code}: {codes:?}");
        report(&verified, Language::English);
    }
    let twice = vec![attribute(&[oct(&good)]), attribute(&[oct(&good)])];
    let cms = Cms::sign_with_attributes(&w.ada, CONTENT, twice).with(&w.ca.certificate);
    let verified = verify(&w, &cms, &[]);
    assert!(verified.evidence.signatures[0].signed_data.as_ref().unwrap().record.is_none());
}

#[test]
fn an_altered_record_breaks_the_signature() {
    let w = world();
    let mut der = signed(&w, &record(None, "2023-04-01").to_json()).der();
    let at = der.windows(8).position(|window| window == b"10800,\"s").expect("the record is in there");
    der[at] = b'2';
    let trust = Trust::default();
    let verified = undersign::verify(
        &Input::new(&der),
        &trust,
        &Policy::standard(),
        time("2023-08-01"),
        Limits::STANDARD,
    )
    .expect("it is readable");
    assert_eq!(word(&verified, 0), "SIG_CRYPTO_FAILURE");
}
