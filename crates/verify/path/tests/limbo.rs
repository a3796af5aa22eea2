//! The x509-limbo suite (C2SP). Its cases are written for TLS: the name of the server is compared by an adapter here.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test: reads its vectors, reports, and fails by panicking"
)]

mod suite;

use corpus::suite::{Case, compare};
use pkix::{Certificate, GeneralName, Oid, TrustAnchor, oid, read_certificates};
use serde_json::Value;
use suite::answer;
use types::Budget;
use undersign_path::{
    AlgorithmPolicy, PathOutcome, PathParameters, Profile, PurposeScope, VerifiedLinks, build_and_validate,
};

const EXCEPTIONS: &str = include_str!("exceptions/limbo.txt");

#[test]
fn every_limbo_case_has_the_expected_outcome() {
    let Some(folder) = corpus::folder().map(|corpus| corpus.join("limbo")) else { return };
    let text = std::fs::read_to_string(folder.join("limbo-subset.json")).unwrap();
    let suite: Value = serde_json::from_str(&text).unwrap();
    let cases: Vec<Case> = suite["testcases"].as_array().unwrap().iter().map(run).collect();
    compare("x509-limbo", EXCEPTIONS, &cases);
}

fn run(test: &Value) -> Case {
    let expected = if test["expected_result"] == "SUCCESS" { "accept" } else { "reject" };
    let (given, detail) = judge(test);
    Case {
        id: test["id"].as_str().unwrap().to_owned(),
        expected: expected.to_owned(),
        given: given.to_owned(),
        detail,
    }
}

fn judge(test: &Value) -> (&'static str, String) {
    let rejected = |reason: String| ("reject", reason);
    let list = |name: &str| -> Result<Vec<Certificate>, String> {
        test[name].as_array().unwrap().iter().map(read).collect()
    };
    let target = match read(&test["peer_certificate"]) {
        Ok(target) => target,
        Err(error) => return rejected(error),
    };
    // TLS needs the key of the peer.
    if let Err(unknown) = target.public_key() {
        return rejected(unknown.to_string());
    }
    // What cannot be read cannot be used; the rest may still do.
    let pool: Vec<Certificate> =
        test["untrusted_intermediates"].as_array().unwrap().iter().filter_map(|pem| read(pem).ok()).collect();
    let roots = match list("trusted_certs") {
        Ok(roots) => roots,
        Err(error) => return rejected(error),
    };
    let anchors: Vec<TrustAnchor> =
        roots.into_iter().map(TrustAnchor::from_certificate_with_its_constraints).collect();
    let at = test["validation_time"].as_str().unwrap_or("2024-06-01T00:00:00Z");
    let purpose = match test["validation_kind"].as_str() {
        Some("CLIENT") => oid::KP_CLIENT_AUTH,
        _ => oid::KP_SERVER_AUTH,
    };
    let purposes: &[Oid] = &[purpose];
    let default = PathParameters::at(at.parse().unwrap());
    let depth = test["max_chain_depth"].as_u64().and_then(|depth| u32::try_from(depth).ok());
    let parameters = PathParameters {
        purposes,
        purpose_scope: PurposeScope::WholePath,
        profile: match test["id"].as_str() {
            Some(id) if id.starts_with("rfc5280::") => Profile::Conformance,
            _ => Profile::Reliance,
        },
        max_intermediates: depth.unwrap_or(default.max_intermediates),
        algorithms: &NoWeakKeys,
        ..default
    };
    let links = VerifiedLinks::default();
    let budget = &mut Budget::default();
    let outcome = build_and_validate(&target, &pool, &anchors, &parameters, crypto::PROVIDER, &links, budget);
    if matches!(outcome, PathOutcome::Found(_)) && !names_peer(&target, &test["expected_peer_name"]) {
        return rejected("the name of the peer does not match".into());
    }
    answer(&outcome)
}

/// RSA below 2048 bits is refused, as the web does.
struct NoWeakKeys;

impl AlgorithmPolicy for NoWeakKeys {
    fn signature(
        &self,
        _: &crypto::SignatureAlgorithm,
        issuer_key: &crypto::PublicKey,
        _: &Certificate,
    ) -> Result<(), String> {
        match issuer_key.algorithm {
            crypto::KeyAlgorithm::Rsa(bits) if bits < 2048 => Err(format!("RSA {bits}")),
            _ => Ok(()),
        }
    }

    fn subject_key(&self, key: &crypto::PublicKey, _: &Certificate) -> Result<(), String> {
        match key.algorithm {
            crypto::KeyAlgorithm::Rsa(bits) if bits < 2048 || bits % 8 != 0 => Err(format!("RSA {bits}")),
            _ => Ok(()),
        }
    }
}

fn read(pem: &Value) -> Result<Certificate, String> {
    let pem = pem.as_str().unwrap();
    let certificates =
        read_certificates(pem.as_bytes(), &mut Budget::default()).map_err(|error| error.to_string())?;
    Ok(certificates[0].clone())
}

/// The name check of TLS (RFC 9525, 6), which is not the business of path validation.
fn names_peer(certificate: &Certificate, expected: &Value) -> bool {
    let Some(wanted) = expected["value"].as_str() else { return true };
    let names = certificate.extensions().subject_alt_name.as_deref().unwrap_or_default();
    names.iter().any(|name| match (name, expected["kind"].as_str()) {
        (GeneralName::Dns(name), Some("DNS")) => matches_host(name, wanted),
        (GeneralName::Ip(octets), Some("IP")) => match wanted.parse::<std::net::IpAddr>() {
            Ok(std::net::IpAddr::V4(address)) => **octets == address.octets(),
            Ok(std::net::IpAddr::V6(address)) => **octets == address.octets(),
            Err(_) => false,
        },
        (GeneralName::Email(name), Some("RFC822")) => **name == *wanted,
        _ => false,
    })
}

/// A wildcard stands for one leftmost label.
fn matches_host(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(parent) => host.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent)),
        None => pattern.eq_ignore_ascii_case(host),
    }
}
