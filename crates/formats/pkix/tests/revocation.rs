//! CRLs and OCSP responses: what is read, what is refused, and that no input makes reading them fail otherwise.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking")]

extern crate undersign_pkix as pkix;

mod made;

use made::{
    MadeCrl, basic, cert_id, entry, generalized, good, integer, issuer_of_entry, key, name, reason, revoked,
    sequence, single, successful, value,
};
use pkix::{
    BasicOcspResponse, CertStatus, Crl, CrlNumber, Holders, OcspResponse, Reason, ResponderId,
    ResponseStatus, Wanted, oid,
};
use types::{Budget, Cause, Limits, Resource};

fn find(crl: &Crl, issuer: &str, serial: &[u8]) -> Option<pkix::Revocation> {
    let wanted = Wanted { issuer: &name(issuer), serial };
    let listing = crl.find(wanted, &mut Budget::default()).unwrap();
    listing.found.get(&0).map(|entry| entry.revocation)
}

fn full() -> MadeCrl {
    let invalidity = made::extension(oid::INVALIDITY_DATE, false, &generalized("20250501000000Z"));
    MadeCrl::new("Issuing")
        .entry(&[5], &[])
        .entry(&[0x00, 0xff], &[reason(1), invalidity])
        .entry(&[0xff], &[reason(6)])
        .with(oid::CRL_NUMBER, false, &integer(&[1, 0]))
        .with(oid::EXPIRED_CERTS_ON_CRL, false, &generalized("20200101000000Z"))
}

#[test]
fn header_and_entries_are_read() {
    let crl = Crl::from_der(&full().sign(&key(1))).unwrap();
    assert_eq!(crl.issuer(), &name("Issuing"));
    assert_eq!(crl.this_update(), "2026-01-01".parse().unwrap());
    assert_eq!(crl.next_update(), Some("2026-02-01".parse().unwrap()));
    assert_eq!(crl.extensions().number, Some(CrlNumber::from_octets(&[0, 1, 0])));
    assert_eq!(crl.extensions().expired_certs_on_crl, Some("2020-01-01".parse().unwrap()));
    assert!(crl.irregularities().is_empty() && !crl.is_delta() && !crl.is_indirect());
    assert_eq!(crl.entries().count(), 3);
    assert_eq!(find(&crl, "Issuing", &[6]), None);
    assert_eq!(find(&crl, "Other", &[5]), None);
    assert_eq!(find(&crl, "Issuing", &[5]).unwrap().at, "2025-06-01".parse().unwrap());
    let entry = find(&crl, "Issuing", &[0x00, 0xff]).unwrap();
    assert_eq!(entry.reason, Some(Reason::KeyCompromise));
    assert_eq!(entry.invalidity_date, Some("2025-05-01".parse().unwrap()));
}

#[test]
fn serial_numbers_are_compared_as_numbers() {
    let crl = Crl::from_der(&full().sign(&key(1))).unwrap();
    assert!(find(&crl, "Issuing", &[0, 0, 5]).is_some());
    assert_eq!(find(&crl, "Issuing", &[0xff]).unwrap().reason, Some(Reason::CertificateHold));
    assert!(find(&crl, "Issuing", &[0xff, 0xff]).is_some());
    assert_eq!(find(&crl, "Issuing", &[0x00, 0xff]).unwrap().reason, Some(Reason::KeyCompromise));
}

#[test]
fn entries_of_an_indirect_crl_belong_to_the_issuer_named_last() {
    let point = sequence(&[value(0x84, &[0xff])]);
    let crl = MadeCrl::new("List")
        .entry(&[1], &[])
        .entry(&[2], &[issuer_of_entry(&name("Other"))])
        .entry(&[3], &[])
        .entry(&[4], &[reason(1), issuer_of_entry(&name("Third"))])
        .with(oid::ISSUING_DISTRIBUTION_POINT, true, &point);
    let crl = Crl::from_der(&crl.sign(&key(1))).unwrap();
    assert!(crl.is_indirect());
    for (issuer, serial, listed) in [
        ("List", 1, true),
        ("List", 2, false),
        ("Other", 2, true),
        ("Other", 3, true),
        ("List", 3, false),
        ("Other", 4, false),
        ("Third", 4, true),
    ] {
        assert_eq!(find(&crl, issuer, &[serial]).is_some(), listed, "{issuer} {serial}");
    }
}

#[test]
fn another_issuer_in_a_direct_crl_makes_the_list_unreadable() {
    let crl = MadeCrl::new("List").entry(&[2], &[issuer_of_entry(&name("Other"))]).sign(&key(1));
    let wanted = Wanted { issuer: &name("List"), serial: &[9] };
    let error = Crl::from_der(&crl).unwrap().find(wanted, &mut Budget::default()).unwrap_err();
    assert_eq!(error.clause, "RFC 5280, 5.3.3");
}

#[test]
fn a_certificate_listed_twice_stays_revoked_however_the_entries_are_ordered() {
    for codes in [[8, 1], [1, 8]] {
        let crl = MadeCrl::new("L").entry(&[2], &[reason(codes[0])]).entry(&[2], &[reason(codes[1])]);
        let crl = Crl::from_der(&crl.sign(&key(1))).unwrap();
        assert_eq!(find(&crl, "L", &[2]).unwrap().reason, Some(Reason::KeyCompromise));
    }
}

#[test]
fn what_must_not_be_relied_on_is_said() {
    let strange = pkix::Oid::from_dotted("1.2.3.4").unwrap();
    let crl = MadeCrl::new("L")
        .entry(&[2], &[made::extension(strange, true, &[5, 0])])
        .with(strange, true, &[5, 0])
        .with(oid::CRL_NUMBER, false, &integer(&[1]))
        .with(oid::CRL_NUMBER, false, &integer(&[2]));
    let crl = Crl::from_der(&crl.sign(&key(1))).unwrap();
    assert_eq!(crl.extensions().unknown_critical().collect::<Vec<_>>(), [strange]);
    assert_eq!(crl.irregularities()[0].code, "crl.extensions.duplicate");
    let wanted = Wanted { issuer: &name("L"), serial: &[9] };
    assert_eq!(crl.find(wanted, &mut Budget::default()).unwrap().unknown_critical, [strange]);
    for point in [sequence(&[]), sequence(&[value(0x81, &[0xff]), value(0x82, &[0xff])])] {
        let crl = MadeCrl::new("L").with(oid::ISSUING_DISTRIBUTION_POINT, true, &point);
        assert!(Crl::from_der(&crl.sign(&key(1))).unwrap().is_faulty());
    }
    let point = sequence(&[value(0x81, &[0xff])]);
    let crl = MadeCrl::new("L").with(oid::ISSUING_DISTRIBUTION_POINT, true, &point).sign(&key(1));
    let crl = Crl::from_der(&crl).unwrap();
    assert_eq!(crl.extensions().issuing_distribution_point.as_ref().unwrap().holders, Holders::Users);
}

/// `cargo test --release -p undersign-pkix --test revocation -- million --nocapture` measures.
#[test]
fn a_crl_of_a_million_entries_is_walked_within_its_budget() {
    let mut entries: Vec<Vec<u8>> = Vec::with_capacity(1_000_000);
    for number in 0..1_000_000u32 {
        let serial =
            [&[0x10, 0x32, 0x54, 0x76, 0x11, 0x33, 0x55, 0x77, 0x99][..], &number.to_be_bytes()].concat();
        entries.push(if number % 2 == 0 { entry(&serial, &[reason(4)]) } else { entry(&serial, &[]) });
    }
    let crl = MadeCrl { entries, ..MadeCrl::new("Big") }.sign(&key(1));
    let crl = Crl::from_der(&crl).unwrap();
    let last =
        [&[0x10, 0x32, 0x54, 0x76, 0x11, 0x33, 0x55, 0x77, 0x99][..], &999_999u32.to_be_bytes()].concat();
    let (issuer, mut budget) = (name("Big"), Budget::default());
    let wanted = [Wanted { issuer: &issuer, serial: &last }, Wanted { issuer: &issuer, serial: &[1] }];
    // The least of several times, as other work on the machine only adds to them.
    let rounds = if cfg!(debug_assertions) { 1 } else { 40 };
    let walk = |budget: &mut Budget| {
        let before = std::time::Instant::now();
        (crl.find_many(&wanted, budget).unwrap(), before.elapsed())
    };
    let (listing, shortest) =
        (0..rounds).map(|_| walk(&mut budget)).min_by_key(|(_, elapsed)| *elapsed).unwrap();
    println!("{} bytes, {} entries: {shortest:?}", crl.der().len(), listing.entries);
    assert_eq!((listing.entries, listing.found.len()), (1_000_000, 1));
    let mut small = Budget::new(Limits::STANDARD.with(Resource::Steps, 1000));
    let error = crl.find_many(&wanted, &mut small).unwrap_err();
    assert!(matches!(error.cause, Cause::Budget(_)));
}

fn response() -> Vec<u8> {
    let issuer_key = key(1).spki;
    let singles = [
        single(cert_id(&name("Issuing"), &issuer_key, &[5]), good(), &[]),
        single(
            cert_id(&name("Issuing"), &issuer_key, &[6]),
            revoked(1),
            &[made::extension(oid::OCSP_ARCHIVE_CUTOFF, false, &generalized("20100101000000Z"))],
        ),
        single(cert_id(&name("Issuing"), &issuer_key, &[7]), value(0x82, &[]), &[]),
    ];
    successful(&basic(&name("Issuing"), &singles, &key(1), &[]))
}

#[test]
fn an_ocsp_response_is_read_with_and_without_its_envelope() {
    let budget = &mut Budget::default();
    let response = OcspResponse::from_der(&response(), budget).unwrap();
    assert_eq!(response.status, ResponseStatus::Successful);
    let basic = response.basic.unwrap();
    assert_eq!(basic.responder_id(), &ResponderId::Name(name("Issuing")));
    assert_eq!(basic.nonce().unwrap().len(), 18);
    let statuses: Vec<CertStatus> = basic.responses().iter().map(|single| single.status).collect();
    assert_eq!((statuses[0], statuses[2]), (CertStatus::Good, CertStatus::Unknown));
    let CertStatus::Revoked(revocation) = statuses[1] else { panic!("{statuses:?}") };
    assert_eq!(revocation.reason, Some(Reason::KeyCompromise));
    assert_eq!(basic.responses()[1].archive_cutoff, Some("2010-01-01".parse().unwrap()));
    let id = &basic.responses()[0].cert_id;
    assert!(id.is(&name("Issuing"), &key(1).spki, &[0, 5], crypto::PROVIDER));
    assert!(!id.is(&name("Issuing"), &key(2).spki, &[5], crypto::PROVIDER));
    assert!(!id.is(&name("Other"), &key(1).spki, &[5], crypto::PROVIDER));
    assert!(!id.is(&name("Issuing"), &key(1).spki, &[6], crypto::PROVIDER));
    let bare = OcspResponse::from_der(basic.der(), budget).unwrap();
    assert_eq!(bare.basic, Some(basic));
}

#[test]
fn an_error_status_is_no_answer() {
    let budget = &mut Budget::default();
    let refused = OcspResponse::from_der(&sequence(&[value(0x0a, &[6])]), budget).unwrap();
    assert!(refused.status == ResponseStatus::Unauthorized && refused.basic.is_none());
    assert!(OcspResponse::from_der(&sequence(&[value(0x0a, &[0])]), budget).is_err());
    assert!(OcspResponse::from_der(&sequence(&[value(0x0a, &[4])]), budget).is_err());
    let smuggled = response();
    let at = smuggled.windows(3).position(|window| window == [0x0a, 1, 0]).unwrap();
    let mut smuggled = smuggled;
    smuggled[at + 2] = 3;
    assert!(OcspResponse::from_der(&smuggled, budget).unwrap().basic.is_none());
}

/// Reads everything that there is to read.
fn read_all(der: &[u8]) {
    let budget = &mut Budget::new(Limits::STANDARD.with(Resource::Steps, 10_000));
    if let Ok(crl) = Crl::from_der(der) {
        let (issuer, other) = (name("Issuing"), name("Other"));
        let wanted = [Wanted { issuer: &issuer, serial: &[5] }, Wanted { issuer: &other, serial: &[2] }];
        let _ = (
            crl.find_many(&wanted, budget),
            crl.signed().tbs(),
            crl.signed().signature(),
            format!("{:?}", crl.extensions()),
        );
        for entry in crl.entries().flatten() {
            let _ = entry.decode();
        }
    }
    let _ = OcspResponse::from_der(der, budget).map(|response| format!("{response:?}"));
    let _ = BasicOcspResponse::from_der(der, budget);
}

#[test]
fn truncated_and_altered_input_is_refused_or_read_but_never_panics() {
    for der in [full().sign(&key(1)), response()] {
        read_all(&der);
        for end in 0..der.len() {
            assert!(Crl::from_der(&der[..end]).is_err());
            assert!(OcspResponse::from_der(&der[..end], &mut Budget::default()).is_err());
        }
        for at in 0..der.len() {
            for bit in 0..8 {
                let mut altered = der.clone();
                altered[at] ^= 1 << bit;
                read_all(&altered);
            }
            for octet in [0x00, 0x30, 0x80, 0x84, 0xa0, 0xff] {
                let mut altered = der.clone();
                altered[at] = octet;
                read_all(&altered);
            }
        }
    }
}

#[test]
fn huge_lengths_and_deep_nesting_are_refused() {
    for header in
        [&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff][..], &[0x30, 0x88, 1, 1, 1, 1, 1, 1, 1, 1], &[0x30, 0x80]]
    {
        read_all(header);
        assert!(Crl::from_der(header).is_err());
    }
    let deep = (0..20_000).fold(
        Vec::new(),
        |inner: Vec<u8>, _| {
            if inner.len() > 60_000 { inner } else { value(0x30, &inner) }
        },
    );
    read_all(&deep);
    assert!(Crl::from_der(&deep).is_err());
}
