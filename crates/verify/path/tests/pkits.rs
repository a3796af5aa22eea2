//! The NIST Public Key Interoperability Test Suite (PKITS), path tests; revocation is not part of path validation
//! here, so that what fails by revocation alone is in the exceptions file; the crate `revocation` runs the suite whole.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test: reads its vectors, reports, and fails by panicking"
)]

mod suite;

use corpus::suite::{Case, compare};
use pkix::{Certificate, Oid, PolicyInformation, TrustAnchor};
use serde_json::Value;
use std::path::Path;
use suite::answer;
use types::Budget;
use undersign_path::{PathParameters, Permission, PolicyDemand, VerifiedLinks, build_and_validate};

const EXCEPTIONS: &str = include_str!("exceptions/pkits.txt");

#[test]
fn every_pkits_path_has_the_expected_outcome() {
    let Some(folder) = corpus::folder().map(|corpus| corpus.join("pkits")) else { return };
    let text = std::fs::read_to_string(folder.join("pkits.json")).unwrap();
    let tests: Vec<Value> = serde_json::from_str(&text).unwrap();
    let root = TrustAnchor::from_certificate(read(&folder, "TrustAnchorRootCertificate.crt"));
    let links = VerifiedLinks::default();
    let cases: Vec<Case> = tests.iter().map(|test| run(&folder, test, &root, &links)).collect();
    compare("PKITS", EXCEPTIONS, &cases);
}

/// All certificates of the suite in one pool: building must find its way, and the outcome must stay the same.
#[test]
fn the_outcome_does_not_depend_on_what_else_is_in_the_pool() {
    let Some(folder) = corpus::folder().map(|corpus| corpus.join("pkits")) else { return };
    let text = std::fs::read_to_string(folder.join("pkits.json")).unwrap();
    let tests: Vec<Value> = serde_json::from_str(&text).unwrap();
    let root = TrustAnchor::from_certificate(read(&folder, "TrustAnchorRootCertificate.crt"));
    let mut names: Vec<_> =
        std::fs::read_dir(folder.join("certs")).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    let pool: Vec<Certificate> = names.iter().map(|name| read(&folder, name.to_str().unwrap())).collect();
    let links = VerifiedLinks::default();
    for test in tests {
        let target = read(&folder, test["cert"].as_str().unwrap());
        let alone = judge(&test, &target, &others(&folder, &test), &root, &links);
        let among_all = judge(&test, &target, &pool, &root, &links);
        // More certificates may open a path (PKITS gives each test its own), never close one.
        assert!(alone.0 == "reject" || among_all.0 == "accept", "{}", test["name"]);
    }
}

#[test]
fn the_user_notice_of_every_valid_policy_is_handed_out() {
    let Some(folder) = corpus::folder().map(|corpus| corpus.join("pkits")) else { return };
    let text = std::fs::read_to_string(folder.join("pkits-user-notice.json")).unwrap();
    let tests: Vec<Value> = serde_json::from_str(&text).unwrap();
    let root = [TrustAnchor::from_certificate(read(&folder, "TrustAnchorRootCertificate.crt"))];
    for test in &tests {
        let (initial, pool) = (initial_policies(test), others(&folder, test));
        let parameters = parameters(test, &initial);
        let target = read(&folder, test["cert"].as_str().unwrap());
        let (links, budget) = (VerifiedLinks::default(), &mut Budget::default());
        let outcome =
            build_and_validate(&target, &pool, &root, &parameters, crypto::PROVIDER, &links, budget);
        let qualifiers = &outcome.path().unwrap().policies().qualifiers;
        let notices: Vec<String> =
            qualifiers.iter().filter_map(|(_, _, der)| PolicyInformation::user_notice(der)).collect();
        assert!(notices.iter().any(|notice| notice == test["notice"].as_str().unwrap()), "{}", test["name"]);
    }
}

fn read(folder: &Path, name: &str) -> Certificate {
    let der = std::fs::read(folder.join("certs").join(name)).unwrap();
    Certificate::from_der(&der).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn others(folder: &Path, test: &Value) -> Vec<Certificate> {
    let listed = test["other_certs"].as_array().map(Vec::as_slice).unwrap_or_default();
    listed.iter().map(|name| read(folder, name.as_str().unwrap())).collect()
}

fn run(folder: &Path, test: &Value, root: &TrustAnchor, links: &VerifiedLinks) -> Case {
    let target = read(folder, test["cert"].as_str().unwrap());
    let (given, detail) = judge(test, &target, &others(folder, test), root, links);
    let expected = if test.get("error").is_some() { "reject" } else { "accept" };
    let id = format!("{}:{}", test["id"].as_str().unwrap(), test["name"].as_str().unwrap());
    Case { id, expected: expected.to_owned(), given: given.to_owned(), detail }
}

fn judge(
    test: &Value,
    target: &Certificate,
    pool: &[Certificate],
    root: &TrustAnchor,
    links: &VerifiedLinks,
) -> (&'static str, String) {
    let initial = initial_policies(test);
    let parameters = parameters(test, &initial);
    let anchors = std::slice::from_ref(root);
    let budget = &mut Budget::default();
    answer(&build_and_validate(target, pool, anchors, &parameters, crypto::PROVIDER, links, budget))
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
