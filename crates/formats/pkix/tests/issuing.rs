//! What an authority takes in and gives out: requests, CRLs, OCSP requests and responses, made here and read back.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

extern crate undersign_pkix as pkix;

mod made;

use crypto::{DigestAlgorithm, Message, PROVIDER, Signer};
use made::{key, name, sequence, value};
use pkix::{
    BuildError, CertId, CertStatus, Certificate, CertificateBuilder, CertificationRequest, Criticality, Crl,
    CrlBuilder, CrlNumber, GeneralName, Holders, IssuingDistributionPoint, KeyUsage, OcspRequest,
    OcspResponse, OcspResponseBuilder, Reason, ReasonFlags, ResponderId, ResponseStatus, Revocation,
    SingleAnswer, Wanted, key_identifier, oid,
};
use types::{Budget, Time};

fn time(text: &str) -> Time {
    text.parse().unwrap()
}

fn authority() -> Certificate {
    let validity = (time("2026-01-01"), time("2036-01-01"));
    CertificateBuilder::new(&[1], &name("Issuing"), validity, &name("Issuing"), key(1).public_key())
        .sign(&key(1))
        .unwrap()
}

fn is_signed(signed: &pkix::Signed, by: &made::Key) -> bool {
    let public = crypto::PublicKey::from_spki(by.public_key()).unwrap();
    PROVIDER
        .verify(&public, signed.algorithm().unwrap(), Message::Whole(signed.tbs()), signed.signature())
        .is_ok()
}

#[test]
fn a_request_is_read_from_der_and_pem_and_its_key_is_proven() {
    let made = CertificationRequest::sign(&name("Ada"), Some("ada@example.org"), &key(1)).unwrap();
    let text = format!("Somebody's request\n{}and more text\n", made.to_pem());
    for bytes in [made.der(), text.as_bytes()] {
        let request = CertificationRequest::read(bytes, &mut Budget::default()).unwrap();
        assert_eq!(request.subject(), &name("Ada"));
        assert_eq!(request.subject_public_key_info(), key(1).public_key());
        let wishes = request.extensions();
        assert_eq!(wishes.key_usage, Some(KeyUsage::DIGITAL_SIGNATURE.and(KeyUsage::CONTENT_COMMITMENT)));
        assert_eq!(
            wishes.subject_alt_name.as_deref(),
            Some(&[GeneralName::Email("ada@example.org".into())][..])
        );
        assert_eq!(request.irregularities(), []);
        assert_eq!(request.prove(PROVIDER).unwrap().request(), &request);
    }
}

#[test]
fn a_request_for_the_key_of_another_is_not_proven() {
    let made = CertificationRequest::sign(&name("Ada"), None, &key(1)).unwrap();
    let mut der = made.der().to_vec();
    let at = der.windows(91).position(|window| window == key(1).public_key()).unwrap();
    der[at..at + 91].copy_from_slice(key(2).public_key());
    let stolen = CertificationRequest::from_der(&der).unwrap();
    assert!(stolen.prove(PROVIDER).unwrap_err().to_string().contains("private key"));
}

#[test]
fn a_request_that_asks_twice_or_is_two_is_refused() {
    let usage = (oid::KEY_USAGE, Criticality::Critical, vec![0x03, 0x02, 0x06, 0xc0]);
    let twice = CertificationRequest::with_extensions(&name("Ada"), &[usage.clone(), usage], &key(1));
    assert!(matches!(twice, Err(BuildError::Malformed(_))));
    let plain = CertificationRequest::with_extensions(&name("Ada"), &[], &key(1)).unwrap();
    assert!(plain.extensions().all.is_empty() && plain.prove(PROVIDER).is_ok());
    let two = format!("{0}{0}", plain.to_pem());
    assert!(CertificationRequest::read(two.as_bytes(), &mut Budget::default()).is_err());
    let certificate = authority().to_pem();
    assert!(CertificationRequest::read(certificate.as_bytes(), &mut Budget::default()).is_err());
}

#[test]
fn a_certificate_says_where_its_status_is_told() {
    let validity = (time("2026-01-01"), time("2027-01-01"));
    let certificate =
        CertificateBuilder::new(&[2], &name("Issuing"), validity, &name("TSA"), key(2).public_key())
            .authority_key_identifier(&key_identifier(key(1).public_key(), PROVIDER))
            .extended_key_usage_of(Criticality::Critical, &[oid::KP_TIME_STAMPING])
            .crl_distribution_points(&["http://a.example/crl", "http://b.example/crl"])
            .freshest_crl(&["http://a.example/delta"])
            .authority_info_access(&[
                (oid::ACCESS_OCSP, "http://a.example/ocsp"),
                (oid::ACCESS_CA_ISSUERS, "http://a.example/ca.cer"),
            ])
            .marker(oid::OCSP_NO_CHECK)
            .marker(oid::NO_REV_AVAIL)
            .marker(oid::VALIDITY_ASSURED_SHORT_TERM)
            .sign(&key(1))
            .unwrap();
    let extensions = certificate.extensions();
    assert_eq!(certificate.irregularities(), []);
    assert!(extensions.is_critical(oid::EXTENDED_KEY_USAGE));
    assert_eq!(extensions.crl_uris().collect::<Vec<_>>(), ["http://a.example/crl", "http://b.example/crl"]);
    assert_eq!(extensions.freshest_crl.as_ref().map(Vec::len), Some(1));
    assert_eq!(extensions.access_uris(oid::ACCESS_OCSP).collect::<Vec<_>>(), ["http://a.example/ocsp"]);
    assert_eq!(extensions.access_uris(oid::ACCESS_CA_ISSUERS).count(), 1);
    assert!(extensions.ocsp_no_check && extensions.no_rev_avail && extensions.validity_assured_short_term);
}

fn revocation(reason: Reason) -> Revocation {
    Revocation { at: time("2026-03-01T10:00:00Z"), reason: Some(reason), invalidity_date: None }
}

fn builder() -> CrlBuilder {
    let updates = (time("2026-04-01"), time("2026-05-01"));
    CrlBuilder::new(&name("Issuing"), updates, &CrlNumber::from_octets(&[0x80]))
        .authority_key_identifier(&[7; 20])
}

fn find(crl: &Crl, serial: &[u8]) -> Option<Revocation> {
    let listing = crl.find(Wanted { issuer: &name("Issuing"), serial }, &mut Budget::default()).unwrap();
    listing.found.get(&0).map(|entry| entry.revocation)
}

#[test]
fn a_complete_list_is_read_back() {
    let compromised =
        Revocation { invalidity_date: Some(time("2026-02-01")), ..revocation(Reason::KeyCompromise) };
    let crl = builder()
        .expired_certs_on_crl(time("2020-01-01"))
        .freshest_crl(&["http://a.example/delta"])
        .revoked(&[0x00, 0xff], &compromised)
        .revoked(&[5], &revocation(Reason::CertificateHold))
        .revoked(&[6], &revocation(Reason::Unspecified))
        .sign(&key(1))
        .unwrap();
    assert_eq!(crl.irregularities(), []);
    assert!(is_signed(crl.signed(), &key(1)) && !crl.is_delta());
    assert_eq!(crl.extensions().number, Some(CrlNumber::from_octets(&[0x80])));
    assert_eq!(crl.extensions().expired_certs_on_crl, Some(time("2020-01-01")));
    assert_eq!(
        crl.extensions().authority_key_identifier.as_ref().unwrap().key_identifier.as_deref(),
        Some(&[7; 20][..])
    );
    assert_eq!(find(&crl, &[0x00, 0xff]), Some(compromised));
    assert_eq!(find(&crl, &[5]), Some(revocation(Reason::CertificateHold)));
    assert_eq!(find(&crl, &[6]), Some(Revocation { reason: None, ..revocation(Reason::Unspecified) }));
    assert_eq!(find(&crl, &[7]), None);
    let empty = builder().sign(&key(1)).unwrap();
    assert_eq!((empty.irregularities().len(), empty.entries().count()), (0, 0));
}

#[test]
fn only_a_delta_list_takes_certificates_back() {
    let taken_back = revocation(Reason::RemoveFromCrl);
    let complete = builder().revoked(&[5], &taken_back).sign(&key(1));
    assert!(matches!(complete, Err(BuildError::Forbidden { .. })));
    let base = CrlNumber::from_octets(&[0x7f]);
    let delta = builder().delta_since(&base).revoked(&[5], &taken_back).sign(&key(1)).unwrap();
    assert_eq!(delta.irregularities(), []);
    assert!(delta.is_delta() && delta.extensions().delta_base == Some(base));
    assert_eq!(find(&delta, &[5]), Some(taken_back));
}

#[test]
fn a_scope_is_read_back() {
    let point = IssuingDistributionPoint {
        full_name: vec![GeneralName::Uri("http://a.example/crl".into())],
        holders: Holders::Users,
        only_some_reasons: Some(ReasonFlags(0b10)),
        ..IssuingDistributionPoint::default()
    };
    let crl = builder().issuing_distribution_point(&point).sign(&key(1)).unwrap();
    assert_eq!(crl.irregularities(), []);
    assert_eq!(crl.extensions().issuing_distribution_point, Some(point));
    let none = IssuingDistributionPoint::default();
    let crl = builder().issuing_distribution_point(&none).sign(&key(1)).unwrap();
    assert_eq!(crl.extensions().issuing_distribution_point, None);
}

#[test]
fn an_ocsp_request_is_read_back() {
    let ids = [[5], [0x7f]].map(|serial| CertId::of(DigestAlgorithm::Sha1, &authority(), &serial, PROVIDER));
    let request = OcspRequest::new(&ids, Some(&[9; 32])).unwrap();
    let read = OcspRequest::from_der(request.der(), &mut Budget::default()).unwrap();
    assert_eq!(read, request);
    let asked: Vec<&CertId> = read.requests().iter().map(|one| &one.cert_id).collect();
    assert_eq!(asked, ids.iter().collect::<Vec<_>>());
    assert!(asked[0].is(authority().subject(), key(1).public_key(), &[5], PROVIDER));
    assert_eq!(read.nonce(), Some(&[&[4, 32][..], &[9; 32]].concat()[..]));
    let plain = OcspRequest::new(&ids, None).unwrap();
    assert!(plain.nonce().is_none() && plain.unknown_critical().is_empty());
}

#[test]
fn odd_ocsp_requests_are_refused() {
    let id = CertId::of(DigestAlgorithm::Sha256, &authority(), &[5], PROVIDER);
    assert!(OcspRequest::new(&[], None).is_err());
    for length in [0, 129] {
        assert!(OcspRequest::new(std::slice::from_ref(&id), Some(&vec![1; length])).is_err(), "{length}");
    }
    let list = sequence(&[sequence(&[id.to_der().unwrap()])]);
    let unknown = made::extension(pkix::Oid::from_dotted("1.2.3.4").unwrap(), true, &[5, 0]);
    let critical = sequence(&[sequence(&[list.clone(), value(0xa2, &sequence(&[unknown]))])]);
    let read = OcspRequest::from_der(&critical, &mut Budget::default()).unwrap();
    assert_eq!(read.unknown_critical().len(), 1);
    let version = value(0xa0, &value(0x02, &[1]));
    let later = sequence(&[sequence(&[version, list])]);
    assert!(OcspRequest::from_der(&later, &mut Budget::default()).is_err());
    for length in 0..critical.len() {
        assert!(OcspRequest::from_der(&critical[..length], &mut Budget::default()).is_err());
    }
}

#[test]
fn an_ocsp_response_is_read_back() {
    let ids = [1, 2, 3].map(|serial| CertId::of(DigestAlgorithm::Sha1, &authority(), &[serial], PROVIDER));
    let request = OcspRequest::new(&ids, Some(&[9; 16])).unwrap();
    let compromised =
        Revocation { invalidity_date: Some(time("2026-02-01")), ..revocation(Reason::KeyCompromise) };
    let states = [CertStatus::Good, CertStatus::Revoked(compromised), CertStatus::Unknown];
    let responder = ResponderId::by_key(&authority(), PROVIDER);
    let mut builder = OcspResponseBuilder::new(&responder, time("2026-04-01"))
        .certificate(&authority())
        .nonce(request.nonce().unwrap())
        .extended_revoke();
    for (asked, status) in request.requests().iter().zip(states) {
        builder = builder.answer(&SingleAnswer {
            cert_id_der: &asked.cert_id_der,
            status,
            this_update: time("2026-04-01"),
            next_update: Some(time("2026-04-02")),
            archive_cutoff: Some(time("2020-01-01")),
        });
    }
    let der = builder.at(time("2026-04-01T00:00:01Z")).sign(&key(1)).unwrap();
    let response = OcspResponse::from_der(&der, &mut Budget::default()).unwrap();
    assert_eq!(response.status, ResponseStatus::Successful);
    let basic = response.basic.unwrap();
    assert_eq!(basic.irregularities(), []);
    assert!(is_signed(basic.signed(), &key(1)) && basic.is_extended_revoke());
    assert_eq!(basic.responder_id(), &responder);
    assert_eq!(basic.produced_at(), time("2026-04-01T00:00:01Z"));
    assert_eq!(basic.nonce(), request.nonce());
    assert_eq!(basic.certificates(), [authority()]);
    let read: Vec<CertStatus> = basic.responses().iter().map(|single| single.status).collect();
    assert_eq!(read, states);
    let first = &basic.responses()[0];
    assert_eq!(first.cert_id, ids[0]);
    assert_eq!((first.this_update, first.next_update), (time("2026-04-01"), Some(time("2026-04-02"))));
    assert_eq!(first.archive_cutoff, Some(time("2020-01-01")));
}

#[test]
fn why_there_is_no_answer_is_read_back() {
    for status in [
        ResponseStatus::MalformedRequest,
        ResponseStatus::InternalError,
        ResponseStatus::TryLater,
        ResponseStatus::SigRequired,
        ResponseStatus::Unauthorized,
    ] {
        let response = OcspResponse::from_der(&OcspResponse::error(status), &mut Budget::default()).unwrap();
        assert!(response.status == status && response.basic.is_none());
    }
}
