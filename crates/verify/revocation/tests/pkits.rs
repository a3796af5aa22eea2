//! The NIST Public Key Interoperability Test Suite (PKITS) whole: path validation and revocation by CRLs.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test: reads its vectors, reports, and fails by panicking"
)]

#[path = "suite/paths.rs"]
mod paths;

use ::path::{PathParameters, Permission, PolicyDemand, VerifiedLinks};
use corpus::suite::{Case, compare};
use crypto::PROVIDER;
use paths::World;
use pkix::{Certificate, Crl, Oid, TrustAnchor};
use serde_json::Value;
use std::path::Path;
use types::Budget;
use undersign_revocation::{AtHand, CrlFacts, Sources, crl_facts};

#[test]
fn every_pkits_test_has_the_expected_outcome() {
    let Some(folder) = corpus::folder().map(|corpus| corpus.join("pkits")) else { return };
    let text = std::fs::read_to_string(folder.join("pkits.json")).unwrap();
    let tests: Vec<Value> = serde_json::from_str(&text).unwrap();
    let anchor = TrustAnchor::from_certificate(certificate(&folder, "TrustAnchorRootCertificate.crt"));
    let links = VerifiedLinks::default();
    let cases: Vec<Case> = tests.iter().map(|test| run(&folder, test, &anchor, &links)).collect();
    assert!(cases.len() >= 246);
    compare("PKITS with revocation", include_str!("exceptions/pkits.txt"), &cases);
}

fn certificate(folder: &Path, name: &str) -> Certificate {
    let der = std::fs::read(folder.join("certs").join(name)).unwrap();
    Certificate::from_der(&der).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn names<'a>(test: &'a Value, key: &str) -> Vec<&'a str> {
    test[key].as_array().into_iter().flatten().map(|name| name.as_str().unwrap()).collect()
}

fn run(folder: &Path, test: &Value, anchor: &TrustAnchor, links: &VerifiedLinks) -> Case {
    let target = certificate(folder, test["cert"].as_str().unwrap());
    let mut pool: Vec<Certificate> =
        names(test, "other_certs").iter().map(|name| certificate(folder, name)).collect();
    pool.push(target.clone());
    let at_hand = AtHand::new(&pool, std::slice::from_ref(anchor), PROVIDER);
    let crls: Vec<CrlFacts> = names(test, "crls")
        .into_iter()
        .chain(["TrustAnchorRootCRL.crl"])
        .map(|name| {
            let der = std::fs::read(folder.join("crls").join(name)).unwrap();
            let crl = Crl::from_der(&der).unwrap_or_else(|error| panic!("{name}: {error}"));
            crl_facts(&crl, &at_hand, PROVIDER, &mut Budget::default()).unwrap()
        })
        .collect();
    let initial = initial_policies(test);
    let world = World {
        pool: &pool,
        anchor,
        sources: Sources { crls: &crls, ..Sources::default() },
        parameters: parameters(test, &initial),
        links,
    };
    let (given, detail) = match world.check(&target) {
        Ok(()) => ("accept", String::new()),
        Err(reason) => ("reject", reason),
    };
    let expected = if test.get("error").is_some() { "reject" } else { "accept" };
    let id = format!("{}:{}", test["id"].as_str().unwrap(), test["name"].as_str().unwrap());
    Case { id, expected: expected.to_owned(), given: given.to_owned(), detail }
}

fn initial_policies(test: &Value) -> Vec<Oid> {
    let set = test["params"]["user_initial_policy_set"].as_array().map(Vec::as_slice).unwrap_or_default();
    set.iter().map(|oid| Oid::from_dotted(oid.as_str().unwrap()).unwrap()).collect()
}

fn parameters<'a>(test: &Value, initial: &'a [Oid]) -> PathParameters<'a> {
    let flag = |name: &str| test["params"][name].as_bool().unwrap_or(false);
    let inhibited = |name: &str| if flag(name) { Permission::Inhibited } else { Permission::Allowed };
    PathParameters {
        initial_policies: initial,
        explicit_policy: match flag("initial_explicit_policy") {
            true => PolicyDemand::Required,
            false => PolicyDemand::AsCertificatesSay,
        },
        policy_mapping: inhibited("initial_policy_mapping_inhibit"),
        any_policy: inhibited("initial_any_policy_inhibit"),
        ..PathParameters::at("2020-01-01".parse().unwrap())
    }
}
