//! BoringSSL's vectors for CRLs and OCSP responses, run whole.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test: reads its vectors, reports, and fails by panicking"
)]

mod suite;

use corpus::Row;
use corpus::suite::{Case, compare};
use crypto::PROVIDER;
use path::Issuer;
use pkix::{Certificate, Crl, OcspResponse};
use std::path::Path;
use suite::{blocks, rows};
use types::{Budget, Time};
use undersign_revocation::{
    AtHand, CrlFacts, Freshness, OcspFacts, Sources, Statement, Status, crl_facts, judge, ocsp_facts,
};

#[test]
fn every_crl_has_the_expected_outcome() {
    run("bssl-crl", include_str!("exceptions/bssl-crl.txt"), 58);
}

#[test]
fn every_ocsp_response_has_the_expected_outcome() {
    run("bssl-ocsp", include_str!("exceptions/bssl-ocsp.txt"), 28);
}

fn run(set: &str, exceptions: &str, count: usize) {
    let Some(corpus) = corpus::folder() else { return };
    let cases: Vec<Case> = rows(&corpus, set).iter().map(|row| case(&corpus, row)).collect();
    assert_eq!(cases.len(), count);
    compare(set, exceptions, &cases);
}

fn case(corpus: &Path, row: &Row) -> Case {
    let text = std::fs::read_to_string(corpus.join(&row.file)).unwrap();
    let stated = Time::from_unix(row.fact("verify_time").unwrap().parse().unwrap());
    let at = if row.file.starts_with("bssl-crl") { CRLS_AT } else { stated };
    let (given, detail) = match judge_file(&text, at) {
        Ok(answer) => answer,
        Err(error) => ("UNKNOWN", error.to_string()),
    };
    let id = Path::new(&row.file).file_stem().unwrap().to_str().unwrap().to_owned();
    Case { id, expected: row.class.clone(), given: given.to_owned(), detail }
}

/// 2017-03-09, the time for which the CRL vectors were made (that of the list of cases is that of the OCSP vectors,
/// at which the outdated ones among the CRLs are not yet outdated).
const CRLS_AT: Time = Time::from_unix(1_489_017_600);
const WEEK: i64 = 7 * 86_400;

fn judge_file(text: &str, at: Time) -> Result<(&'static str, String), types::Malformed> {
    let budget = &mut Budget::default();
    let read = |label: &str| -> Result<Vec<Certificate>, types::Malformed> {
        blocks(text, label).iter().map(|der| Certificate::from_der(der)).collect()
    };
    let (authorities, other, targets) =
        (read("CA CERTIFICATE")?, read("CA CERTIFICATE 2")?, read("CERTIFICATE")?);
    let pool: Vec<Certificate> = [&authorities[..], &other, &targets].concat();
    let at_hand = AtHand::new(&pool, &[], PROVIDER);
    let mut crls: Vec<CrlFacts> = Vec::new();
    for der in blocks(text, "CRL") {
        crls.push(crl_facts(&Crl::from_der(&der)?, &at_hand, PROVIDER, budget)?);
    }
    let mut ocsps: Vec<OcspFacts> = Vec::new();
    for der in blocks(text, "OCSP RESPONSE") {
        if let Some(basic) = OcspResponse::from_der(&der, budget)?.basic {
            ocsps.push(ocsp_facts(&basic, &at_hand, PROVIDER, budget)?);
        }
    }
    let issuer = Issuer {
        name: authorities[0].subject(),
        subject_public_key_info: authorities[0].subject_public_key_info(),
        certificate: Some(&authorities[0]),
    };
    let sources = Sources { crls: &crls, ocsps: &ocsps, trusted_responders: &[] };
    let statements = judge(&targets[0], &issuer, &sources);
    Ok((answer(&statements, at), format!("{statements:#?}")))
}

fn answer(statements: &[Statement<'_>], at: Time) -> &'static str {
    let fresh = |one: &&Statement<'_>| one.freshness(at, Some(WEEK)) == Freshness::Fresh;
    let current: Vec<&Statement<'_>> =
        statements.iter().filter(|one| one.is_current(at)).filter(fresh).collect();
    if current.iter().any(|one| matches!(one.status, Status::Revoked(_))) {
        "REVOKED"
    } else if current.iter().any(|one| one.status == Status::Good) {
        "GOOD"
    } else {
        "UNKNOWN"
    }
}
