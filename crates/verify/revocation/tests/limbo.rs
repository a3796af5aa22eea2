//! The cases of x509-limbo that come with CRLs. That suite rejects CRLs which break the profile, so that here a
//! deviation of the issuer makes a CRL unusable.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test: reads its vectors, reports, and fails by panicking"
)]

#[path = "suite/paths.rs"]
mod paths;
mod suite;

use ::path::{PathParameters, VerifiedLinks};
use corpus::suite::{Case, compare};
use crypto::PROVIDER;
use paths::World;
use pkix::{Certificate, Crl, TrustAnchor};
use serde_json::Value;
use suite::blocks;
use types::Budget;
use undersign_revocation::{AtHand, CrlFacts, Sources, crl_facts};

#[test]
fn every_case_with_crls_has_the_expected_outcome() {
    let Some(corpus) = corpus::folder() else { return };
    let text = std::fs::read_to_string(corpus.join("limbo/limbo-subset.json")).unwrap();
    let suite: Value = serde_json::from_str(&text).unwrap();
    let tests = suite["testcases"].as_array().unwrap().iter();
    let with_crls = tests.filter(|test| test["crls"].as_array().is_some_and(|crls| !crls.is_empty()));
    let cases: Vec<Case> = with_crls.map(run).collect();
    assert!(!cases.is_empty());
    compare("x509-limbo with CRLs", "", &cases);
}

fn pems<'a>(test: &'a Value, key: &str) -> impl Iterator<Item = &'a str> {
    test[key].as_array().into_iter().flatten().map(|pem| pem.as_str().unwrap())
}

fn certificate(pem: &str) -> Certificate {
    Certificate::from_der(&blocks(pem, "CERTIFICATE")[0]).unwrap()
}

fn run(test: &Value) -> Case {
    let target = certificate(test["peer_certificate"].as_str().unwrap());
    let anchor = TrustAnchor::from_certificate(certificate(pems(test, "trusted_certs").next().unwrap()));
    let mut pool: Vec<Certificate> = pems(test, "untrusted_intermediates").map(certificate).collect();
    pool.push(target.clone());
    let at_hand = AtHand::new(&pool, std::slice::from_ref(&anchor), PROVIDER);
    let crls: Vec<CrlFacts> = pems(test, "crls")
        .map(|pem| Crl::from_der(&blocks(pem, "X509 CRL")[0]).unwrap())
        .filter(|crl| crl.irregularities().is_empty())
        .map(|crl| crl_facts(&crl, &at_hand, PROVIDER, &mut Budget::default()).unwrap())
        .collect();
    let at = test["validation_time"].as_str().unwrap_or("2024-06-01T00:00:00Z");
    let world = World {
        pool: &pool,
        anchor: &anchor,
        sources: Sources { crls: &crls, ..Sources::default() },
        parameters: PathParameters::at(at.parse().unwrap()),
        links: &VerifiedLinks::default(),
    };
    let (given, detail) = match world.check(&target) {
        Ok(()) => ("SUCCESS", String::new()),
        Err(reason) => ("FAILURE", reason),
    };
    Case {
        id: test["id"].as_str().unwrap().to_owned(),
        expected: test["expected_result"].as_str().unwrap().to_owned(),
        given: given.to_owned(),
        detail,
    }
}
