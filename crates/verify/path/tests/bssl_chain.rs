//! The chain verification vectors of BoringSSL (see `vectors/bssl-chain/README.md`).

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test: reads its vectors, reports, and fails by panicking"
)]

mod suite;

use corpus::suite::{Case, compare};
use pkix::{
    AnchorConstraints, AnchorRole, Certificate, Oid, OwnCertificate, TrustAnchor, oid, read_certificates,
};
use std::path::Path;
use suite::answer;
use types::{Budget, Time};
use undersign_path::{
    AlgorithmPolicy, PathParameters, Permission, PurposeScope, VerifiedLinks, build_and_validate,
};

const EXCEPTIONS: &str = include_str!("exceptions/bssl-chain.txt");

#[test]
fn every_bssl_chain_has_the_expected_outcome() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/bssl-chain");
    let mut cases = Vec::new();
    for directory in sorted(&folder).into_iter().filter(|path| path.is_dir()) {
        for file in
            sorted(&directory).into_iter().filter(|path| path.extension().is_some_and(|e| e == "test"))
        {
            let id = file.strip_prefix(&folder).unwrap().with_extension("").to_str().unwrap().to_owned();
            cases.push(run(&file, id));
        }
    }
    assert!(cases.len() >= 190, "the vectors are not there");
    compare("BoringSSL chains", EXCEPTIONS, &cases);
}

fn sorted(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
}

/// A description of a case: fields, then the errors expected.
struct Description {
    text: String,
}

impl Description {
    fn field(&self, name: &str) -> &str {
        let line = self.text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.unwrap_or_default().trim()
    }

    fn expected(&self) -> &'static str {
        if self.text.contains("\nERROR: ") { "reject" } else { "accept" }
    }

    fn at(&self) -> Time {
        match self.field("utc_time") {
            "DEFAULT" => "2021-10-05T12:00:00Z".parse().unwrap(),
            time => {
                let two = |index: usize| &time[index * 2..index * 2 + 2];
                format!("20{}-{}-{}T{}:{}:{}Z", two(0), two(1), two(2), two(3), two(4), two(5))
                    .parse()
                    .unwrap()
            }
        }
    }
}

fn run(file: &Path, id: String) -> Case {
    let description = Description { text: std::fs::read_to_string(file).unwrap() };
    let chain = std::fs::read(file.parent().unwrap().join(description.field("chain"))).unwrap();
    let (given, detail) = match read_certificates(&chain, &mut Budget::default()) {
        Ok(chain) => judge(&description, &chain),
        Err(error) => ("reject", error.to_string()),
    };
    Case { id, expected: description.expected().to_owned(), given: given.to_owned(), detail }
}

fn judge(description: &Description, chain: &[Certificate]) -> (&'static str, String) {
    let anchors: Vec<TrustAnchor> =
        anchor(description.field("last_cert_trust"), chain.last().unwrap()).into_iter().collect();
    let purpose = description.field("key_purpose");
    let purposes: Vec<Oid> = match purpose {
        "ANY_EKU" => vec![],
        "C2PA_MANIFEST" => vec![oid::KP_EMAIL_PROTECTION, oid::KP_DOCUMENT_SIGNING],
        "C2PA_TIMESTAMPING" => vec![oid::KP_TIME_STAMPING],
        "MLS_CLIENT_AUTH" => vec![Oid::from_dotted("1.3.6.1.5.5.7.3.39").unwrap()],
        purpose if purpose.starts_with("CLIENT_AUTH") => vec![oid::KP_CLIENT_AUTH],
        _ => vec![oid::KP_SERVER_AUTH],
    };
    let parameters = PathParameters {
        purposes: &purposes,
        any_purpose: if purpose.contains("STRICT") { Permission::Inhibited } else { Permission::Allowed },
        unstated_purpose: match purpose {
            "CLIENT_AUTH" | "SERVER_AUTH" | "ANY_EKU" => Permission::Allowed,
            _ => Permission::Inhibited,
        },
        purpose_scope: match purpose {
            "C2PA_MANIFEST" | "C2PA_TIMESTAMPING" => PurposeScope::Target,
            _ => PurposeScope::WholePath,
        },
        algorithms: match description.field("digest_policy") {
            "STRONG" => &Strong { sha1: Sha1::Refused },
            _ => &Strong { sha1: Sha1::Accepted },
        },
        ..PathParameters::at(description.at())
    };
    let (links, budget) = (VerifiedLinks::default(), &mut Budget::default());
    let (target, pool) = chain.split_first().unwrap();
    if description.field("last_cert_trust").ends_with("SELF_SIGNED") && !is_self_signed(target) {
        return ("reject", "not self-signed".into());
    }
    let outcome = build_and_validate(target, pool, &anchors, &parameters, crypto::PROVIDER, &links, budget);
    if let Some(path) = outcome.path() {
        let wanted = description.field("expected_user_constrained_policy_set");
        let mut wanted: Vec<&str> = wanted.split(", ").filter(|oid| !oid.is_empty()).collect();
        let mut given: Vec<String> = path.policies().user_constrained.iter().map(Oid::to_string).collect();
        wanted.sort_unstable();
        given.sort_unstable();
        assert!(wanted.is_empty() || wanted == given, "{wanted:?} {given:?}");
    }
    answer(&outcome)
}

/// A demand of the suite that is no part of RFC 5280.
fn is_self_signed(certificate: &Certificate) -> bool {
    let (Ok(key), Ok(algorithm)) = (certificate.public_key(), certificate.signed().algorithm()) else {
        return false;
    };
    let message = crypto::Message::Whole(certificate.signed().tbs());
    certificate.is_self_issued()
        && crypto::PROVIDER.verify(key, algorithm, message, certificate.signed().signature()).is_ok()
}

/// How the suite describes trust in the last certificate.
fn anchor(trust: &str, certificate: &Certificate) -> Option<TrustAnchor> {
    let (kind, modifiers) = trust.split_once("_WITH").unwrap_or((trust, ""));
    let role = match kind {
        "TRUSTED_ANCHOR" => AnchorRole::Issuer,
        "TRUSTED_LEAF" | "TRUSTED_LEAF_REQUIRE_SELF_SIGNED" => AnchorRole::EndEntity,
        "TRUSTED_ANCHOR_OR_LEAF" => AnchorRole::IssuerOrEndEntity,
        "DISTRUSTED" | "UNSPECIFIED" => return None,
        other => panic!("{other}"),
    };
    let stated = TrustAnchor::from_certificate_with_its_constraints(certificate.clone()).constraints;
    let mut constraints = AnchorConstraints::default();
    if modifiers.contains("_CONSTRAINTS") && modifiers != "_REQUIRE_BASIC_CONSTRAINTS" {
        constraints = AnchorConstraints { not_before: None, not_after: None, ..stated.clone() };
        // Basic constraints may be missing, but not deny authority.
        if certificate.extensions().basic_constraints.is_none() && !modifiers.contains("REQUIRE") {
            constraints.own_certificate = OwnCertificate::Container;
        }
    }
    if modifiers.contains("EXPIRATION") {
        (constraints.not_before, constraints.not_after) = (stated.not_before, stated.not_after);
    }
    Some(TrustAnchor::from_certificate(certificate.clone()).with_role(role).with_constraints(constraints))
}

#[derive(PartialEq)]
enum Sha1 {
    Accepted,
    Refused,
}

/// The two digest policies of the suite; both refuse RSA keys below 1024 bits.
struct Strong {
    sha1: Sha1,
}

impl AlgorithmPolicy for Strong {
    fn signature(
        &self,
        algorithm: &crypto::SignatureAlgorithm,
        issuer_key: &crypto::PublicKey,
        _: &Certificate,
    ) -> Result<(), String> {
        let weak_digest =
            algorithm.digest() == Some(crypto::DigestAlgorithm::Sha1) && self.sha1 == Sha1::Refused;
        let weak_key = matches!(issuer_key.algorithm, crypto::KeyAlgorithm::Rsa(bits) if bits < 1024);
        if weak_digest || weak_key {
            Err(format!("{algorithm} with {}", issuer_key.algorithm))
        } else {
            Ok(())
        }
    }

    fn subject_key(&self, key: &crypto::PublicKey, _: &Certificate) -> Result<(), String> {
        match key.algorithm {
            crypto::KeyAlgorithm::Rsa(bits) if bits < 1024 => Err(format!("RSA {bits}")),
            _ => Ok(()),
        }
    }
}
