//! Chains of the BoringSSL vectors with random damage, every signature taken as good so that the damage reaches the
//! rules behind: never a panic, never an outcome that depends on the cache. `MUTATIONS` sets how many are tried.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test: reads its vectors and fails by panicking"
)]

use crypto::{Hasher, Message, Provider, PublicKey, SignatureAlgorithm, SignatureError};
use pkix::{Certificate, TrustAnchor, oid, read_certificates};
use std::path::{Path, PathBuf};
use types::{Budget, Limits, Resource, Time};
use undersign_path::{
    PathParameters, Permission, PolicyDemand, Profile, PurposeScope, VerifiedLinks, build_and_validate,
};

/// Accepts every signature.
struct Credulous;

impl Provider for Credulous {
    fn hasher(&self, algorithm: crypto::DigestAlgorithm) -> Box<dyn Hasher> {
        crypto::PROVIDER.hasher(algorithm)
    }

    fn verify(
        &self,
        _: &PublicKey,
        _: &SignatureAlgorithm,
        _: Message<'_>,
        _: &[u8],
    ) -> Result<(), SignatureError> {
        Ok(())
    }
}

/// A small generator of numbers (xorshift), the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

fn chains() -> Vec<Vec<Certificate>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/bssl-chain");
    let entries = |folder: &Path| -> Vec<PathBuf> {
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    };
    let folders = entries(&folder).into_iter().filter(|path| path.is_dir() && !path.ends_with("many-names"));
    let files = folders
        .flat_map(|folder| entries(&folder))
        .filter(|path| path.extension().is_some_and(|e| e == "pem"));
    files
        .filter_map(|file| read_certificates(&std::fs::read(file).unwrap(), &mut Budget::default()).ok())
        .collect()
}

/// Damages a few octets; every other time only within lengths, tags and small values.
fn mutate(der: &mut Vec<u8>, donor: &[u8], random: &mut Random) {
    for _ in 0..=random.below(4) {
        let at = random.below(der.len());
        match random.below(6) {
            0 => der[at] ^= 1 << random.below(8),
            1 => der[at] = random.below(256) as u8,
            2 => der[at] = [0, 1, 0x7f, 0x80, 0xff, 0x30, 0xa0, 0x81, 0x82][random.below(9)],
            3 => der.truncate(at.max(1)),
            4 => {
                let length = random.below(40).min(der.len() - at).min(donor.len());
                let from = random.below(donor.len() - length + 1);
                der[at..at + length].copy_from_slice(&donor[from..from + length]);
            }
            _ => der[at] = der[at].wrapping_add(1),
        }
    }
}

fn budget() -> Budget {
    let limits = Limits::STANDARD
        .with(Resource::PathSteps, 5_000)
        .with(Resource::NameComparisons, 20_000)
        .with(Resource::PolicyNodes, 5_000);
    Budget::new(limits)
}

fn judge(certificates: &[Certificate]) {
    let (Some(target), Some(last)) = (certificates.first(), certificates.last()) else { return };
    let at = Time::from_unix(1_633_435_200);
    let lenient = PathParameters { wanted_paths: 3, ..PathParameters::at(at) };
    let strict = PathParameters {
        purposes: &[oid::KP_SERVER_AUTH],
        purpose_scope: PurposeScope::WholePath,
        explicit_policy: PolicyDemand::Required,
        any_policy: Permission::Inhibited,
        profile: Profile::Conformance,
        ..PathParameters::at(at)
    };
    let anchors = [
        TrustAnchor::from_certificate_with_its_constraints(last.clone()),
        TrustAnchor::from_certificate(last.clone()),
    ];
    for parameters in [lenient, strict] {
        let links = VerifiedLinks::default();
        let run = || {
            build_and_validate(target, certificates, &anchors, &parameters, &Credulous, &links, &mut budget())
        };
        let (cold, warm) = (run(), run());
        assert_eq!(cold.path().is_some(), warm.path().is_some());
        assert!(cold.path().is_none_or(|path| path.checks().iter().all(|check| check.passed())));
        let _ = cold.failure().map(|failure| (failure.findings(), failure.kind(), failure.place()));
    }
}

#[test]
fn damaged_chains_are_judged_without_panic() {
    let count: usize = std::env::var("MUTATIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(1_000);
    let seed = std::env::var("MUTATION_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or(0x9e37_79b9_7f4a_7c15);
    let (chains, mut random) = (chains(), Random(seed));
    for _ in 0..count {
        let chain = &chains[random.below(chains.len())];
        let donor = &chains[random.below(chains.len())][0];
        let damaged = random.below(chain.len());
        let mut certificates = Vec::new();
        for (index, certificate) in chain.iter().enumerate() {
            let mut der = certificate.der().to_vec();
            if index == damaged || random.below(4) == 0 {
                mutate(&mut der, donor.der(), &mut random);
            }
            certificates.extend(Certificate::from_der(&der).ok());
        }
        certificates.iter().for_each(describe);
        judge(&certificates);
    }
}

/// Everything that a report would ask.
fn describe(certificate: &Certificate) {
    let _ = (certificate.subject().to_string(), certificate.issuer().to_string(), certificate.serial_hex());
    let _ = (certificate.to_pem(), format!("{:?}", certificate.extensions()));
    for name in certificate.extensions().subject_alt_name.iter().flatten() {
        let _ = name.to_string();
    }
    assert_eq!(Certificate::from_der(certificate.der()).as_ref(), Ok(certificate));
}
