//! OpenSSL's OCSP vectors: direct and delegated responders, each field made wrong in turn.

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
use corpus::Row;
use corpus::suite::{Case, compare};
use crypto::PROVIDER;
use paths::World;
use pkix::{Certificate, OcspResponse, TrustAnchor};
use serde_json::Value;
use std::path::Path;
use suite::{base64, blocks, rows};
use types::{Budget, Time};
use undersign_revocation::{AtHand, OcspFacts, Sources, ocsp_facts};

#[test]
fn every_response_has_the_expected_outcome() {
    let Some(corpus) = corpus::folder() else { return };
    let folder = corpus.join("openssl-ocsp");
    let cases: Vec<Case> = rows(&corpus, "openssl-ocsp").iter().map(|row| run(&folder, row)).collect();
    assert_eq!(cases.len(), 29);
    compare("OpenSSL OCSP", include_str!("exceptions/openssl-ocsp.txt"), &cases);
}

fn certificate(folder: &Path, name: &str) -> Certificate {
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    Certificate::from_der(&blocks(&text, "CERTIFICATE")[0]).unwrap()
}

fn names<'a>(test: &'a Value, key: &str) -> Vec<&'a str> {
    test[key].as_array().into_iter().flatten().map(|name| name.as_str().unwrap()).collect()
}

fn run(folder: &Path, row: &Row) -> Case {
    let test: Value = serde_json::from_str(&row.expected).unwrap();
    let at: Time = test["moment"].as_str().unwrap().parse().unwrap();
    let target = certificate(folder, Path::new(&row.origin).file_name().unwrap().to_str().unwrap());
    let anchor = TrustAnchor::from_certificate(certificate(folder, test["root"].as_str().unwrap()));
    let budget = &mut Budget::default();
    let mut pool: Vec<Certificate> =
        names(&test, "other_certs").iter().map(|name| certificate(folder, name)).collect();
    pool.push(target.clone());
    let responses: Vec<_> = names(&test, "ocsps")
        .iter()
        .filter_map(|name| {
            let der = base64(&std::fs::read_to_string(folder.join(name)).unwrap());
            OcspResponse::from_der(&der, budget).unwrap().basic
        })
        .collect();
    pool.extend(responses.iter().flat_map(|response| response.certificates().to_vec()));
    let at_hand = AtHand::new(&pool, std::slice::from_ref(&anchor), PROVIDER);
    let ocsps: Vec<OcspFacts> =
        responses.iter().map(|one| ocsp_facts(one, &at_hand, PROVIDER, budget).unwrap()).collect();
    let world = World {
        pool: &pool,
        anchor: &anchor,
        sources: Sources { ocsps: &ocsps, ..Sources::default() },
        parameters: PathParameters::at(at),
        links: &VerifiedLinks::default(),
    };
    let (given, detail) = match world.check(&target) {
        Ok(()) => ("PASS", String::new()),
        Err(reason) => ("FAIL", reason),
    };
    let id = test["name"].as_str().unwrap().to_owned();
    Case { id, expected: row.class.clone(), given: given.to_owned(), detail }
}
