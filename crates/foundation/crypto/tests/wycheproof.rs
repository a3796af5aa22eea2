//! Project Wycheproof's vectors, whole sets, for every signature algorithm and both providers.
//!
//! A vector must come out as its set says. What the sets leave open (`acceptable`), and every deviation, stands in
//! [`EXCEPTIONS`] with a reason; an exception that is not needed fails the test too.

#![allow(clippy::print_stdout, reason = "how many vectors ran is worth seeing")]

use std::collections::{BTreeMap, BTreeSet};
use undersign_crypto::{
    DigestAlgorithm, Message, Provider, PublicKey, PureProvider, SignatureAlgorithm, SignatureError,
};
use wycheproof::{HashFunction, TestResult};

/// What a provider says about a vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Accepted,
    Refused,
}

/// Vectors of one kind that come out otherwise than by their set's plain word.
struct Exception {
    /// Family of sets, as given to [`Tally::finish`].
    family: &'static str,
    /// Flag of the vectors.
    flag: &'static str,
    /// What their set says.
    expected: TestResult,
    /// What we say.
    outcome: Outcome,
    reason: &'static str,
}

const EXCEPTIONS: &[Exception] = &[Exception {
    family: RSASSA_PKCS1,
    flag: "MissingNull",
    expected: TestResult::Acceptable,
    outcome: Outcome::Accepted,
    reason: "RFC 8017, A.2.4 obliges to accept a DigestInfo whose algorithm has no parameters as well as NULL; \
             the encoding is compared whole, so nothing else can hide in it",
}];

const RSASSA_PKCS1: &str = "RSASSA-PKCS1-v1_5";
const RSASSA_PSS: &str = "RSASSA-PSS";
const ECDSA: &str = "ECDSA";
const ED25519: &str = "Ed25519";

/// Sets left out as a whole, by a part of their name.
const LEFT_OUT: &[(&str, &str)] = &[
    (
        "P1363",
        "signature values of X.509 and CMS are DER (RFC 3279, 2.2.3), never the concatenation of r and s",
    ),
    ("Bitcoin", "a rule of that ledger"),
    ("secp160", "curve not supported"),
    ("secp192", "curve not supported"),
    ("secp224", "curve not supported"),
    ("secp256k1", "curve not supported"),
    ("brainpool224", "curve not supported"),
    ("brainpool320", "curve not supported"),
    ("brainpool512", "curve not supported"),
    ("shake", "SHAKE is not used in signatures of documents (RFC 8702 is not in the ETSI TS 119 312 list)"),
    ("sha512_", "SHA-512/224 and SHA-512/256 have no place in CAdES (ETSI TS 119 312)"),
    ("ed448", "not supported"),
];

/// Why a set is left out, if it is: the entry of [`LEFT_OUT`].
fn left_out(set: &str) -> Option<usize> {
    let name = set.to_ascii_lowercase();
    LEFT_OUT.iter().position(|(part, _)| name.contains(&part.to_ascii_lowercase()))
}

struct Vector<'v> {
    set: String,
    id: usize,
    flags: Vec<String>,
    comment: &'v str,
    expected: TestResult,
    key: &'v [u8],
    algorithm: SignatureAlgorithm,
    message: &'v [u8],
    signature: &'v [u8],
}

/// Counts and complaints of one run.
#[derive(Default)]
struct Tally {
    family: &'static str,
    checked: BTreeMap<String, usize>,
    complaints: Vec<String>,
    used: BTreeSet<usize>,
}

impl Tally {
    fn check(&mut self, provider: &dyn Provider, vector: &Vector<'_>) {
        *self.checked.entry(vector.set.clone()).or_default() += 1;
        let outcome = outcome(provider, vector);
        let plain = match vector.expected {
            TestResult::Valid => Some(Outcome::Accepted),
            TestResult::Invalid => Some(Outcome::Refused),
            TestResult::Acceptable => None,
        };
        if plain == Some(outcome) {
            return;
        }
        let exception = EXCEPTIONS.iter().position(|exception| {
            exception.family == self.family
                && exception.expected == vector.expected
                && exception.outcome == outcome
                && vector.flags.iter().any(|flag| flag == exception.flag)
        });
        match exception {
            Some(index) => {
                self.used.insert(index);
            }
            None => self.complaints.push(format!(
                "{} #{} {:?} {:?}: expected {:?}, {outcome:?}",
                vector.set, vector.id, vector.flags, vector.comment, vector.expected
            )),
        }
    }

    fn finish(self, provider: &str, least: usize) {
        let total: usize = self.checked.values().sum();
        println!("{provider}, {}: {total} vectors in {} sets", self.family, self.checked.len());
        assert!(self.complaints.is_empty(), "{provider}:\n{}", self.complaints.join("\n"));
        assert!(total >= least, "only {total} vectors");
        for (index, exception) in EXCEPTIONS.iter().enumerate() {
            let unused = exception.family == self.family && !self.used.contains(&index);
            assert!(!unused, "{provider}: not needed: {} ({})", exception.flag, exception.reason);
        }
    }
}

/// The verdict; over the message and over its digest it has to be the same.
fn outcome(provider: &dyn Provider, vector: &Vector<'_>) -> Outcome {
    let Ok(key) = PublicKey::from_spki(vector.key) else { return Outcome::Refused };
    let verify = |message| provider.verify(&key, &vector.algorithm, message, vector.signature);
    let whole = verify(Message::Whole(vector.message));
    if let Some(algorithm) = vector.algorithm.digest() {
        let digest = provider.digest(algorithm, vector.message);
        assert_eq!(verify(Message::Digest(&digest)), whole, "{} #{}", vector.set, vector.id);
    }
    assert_ne!(whole, Err(SignatureError::Unsupported), "{} #{}", vector.set, vector.id);
    if whole.is_ok() { Outcome::Accepted } else { Outcome::Refused }
}

fn digest(hash: HashFunction) -> Option<DigestAlgorithm> {
    Some(match hash {
        HashFunction::Sha1 => DigestAlgorithm::Sha1,
        HashFunction::Sha2_224 => DigestAlgorithm::Sha224,
        HashFunction::Sha2_256 => DigestAlgorithm::Sha256,
        HashFunction::Sha2_384 => DigestAlgorithm::Sha384,
        HashFunction::Sha2_512 => DigestAlgorithm::Sha512,
        HashFunction::Sha3_224 => DigestAlgorithm::Sha3_224,
        HashFunction::Sha3_256 => DigestAlgorithm::Sha3_256,
        HashFunction::Sha3_384 => DigestAlgorithm::Sha3_384,
        HashFunction::Sha3_512 => DigestAlgorithm::Sha3_512,
        _ => return None,
    })
}

/// Runs all sets of one module of vectors. `$algorithm` turns a test group into the signature algorithm.
macro_rules! run {
    ($family:expr, $module:ident, $provider:expr, $algorithm:expr) => {{
        let mut tally = Tally { family: $family, ..Tally::default() };
        for name in wycheproof::$module::TestName::all() {
            let set_name = format!("{name:?}");
            if left_out(&set_name).is_some() {
                continue;
            }
            let set = wycheproof::$module::TestSet::load(name).expect("the bundled vectors are readable");
            for group in &set.test_groups {
                let Some(algorithm) = $algorithm(group) else {
                    panic!("{set_name}: no algorithm for a group; leave the set out or support it")
                };
                for test in &group.tests {
                    let vector = Vector {
                        set: set_name.clone(),
                        id: test.tc_id,
                        flags: test.flags.iter().map(|flag| format!("{flag:?}")).collect(),
                        comment: &test.comment,
                        expected: test.result,
                        key: &group.der,
                        algorithm: SignatureAlgorithm::clone(&algorithm),
                        message: &test.msg,
                        signature: &test.sig,
                    };
                    tally.check($provider, &vector);
                }
            }
        }
        tally
    }};
}

fn rsa_pkcs1(name: &str, provider: &dyn Provider) {
    let algorithm = |group: &wycheproof::rsa_pkcs1_verify::TestGroup| {
        digest(group.hash).map(SignatureAlgorithm::RsaPkcs1)
    };
    run!(RSASSA_PKCS1, rsa_pkcs1_verify, provider, algorithm).finish(name, 5_171);
}

fn rsa_pss(name: &str, provider: &dyn Provider) {
    let algorithm = |group: &wycheproof::rsa_pss_verify::TestGroup| {
        Some(SignatureAlgorithm::RsaPss {
            digest: digest(group.hash)?,
            mgf1_digest: digest(group.mgf_hash?)?,
            salt_len: u32::try_from(group.salt_size).ok()?,
        })
    };
    run!(RSASSA_PSS, rsa_pss_verify, provider, algorithm).finish(name, 1_000);
}

fn ecdsa(name: &str, provider: &dyn Provider) {
    let algorithm = |group: &wycheproof::ecdsa::TestGroup| digest(group.hash).map(SignatureAlgorithm::Ecdsa);
    run!(ECDSA, ecdsa, provider, algorithm).finish(name, 5_000);
}

fn ed25519(name: &str, provider: &dyn Provider) {
    let algorithm = |_: &wycheproof::eddsa::TestGroup| Some(SignatureAlgorithm::Ed25519);
    run!(ED25519, eddsa, provider, algorithm).finish(name, 100);
}

macro_rules! each_set {
    ($provider_name:literal, $provider:expr) => {
        #[test]
        fn rsa_pkcs1() {
            super::rsa_pkcs1($provider_name, $provider);
        }

        #[test]
        fn rsa_pss() {
            super::rsa_pss($provider_name, $provider);
        }

        #[test]
        fn ecdsa() {
            super::ecdsa($provider_name, $provider);
        }

        #[test]
        fn ed25519() {
            super::ed25519($provider_name, $provider);
        }
    };
}

#[test]
fn every_reason_to_leave_a_set_out_is_needed() {
    macro_rules! names {
        ($($module:ident),*) => {
            [$(wycheproof::$module::TestName::all().iter().map(|name| format!("{name:?}")).collect::<Vec<_>>()),*]
        };
    }
    let names = names!(rsa_pkcs1_verify, rsa_pss_verify, ecdsa, eddsa).concat();
    let used: BTreeSet<usize> = names.iter().filter_map(|name| left_out(name)).collect();
    for (index, (part, reason)) in LEFT_OUT.iter().enumerate() {
        assert!(used.contains(&index), "no set is left out by {part} ({reason})");
    }
}

mod pure_provider {
    each_set!("pure", &super::PureProvider);
}

#[cfg(feature = "native")]
mod native_provider {
    each_set!("native", &undersign_crypto::NativeProvider);
}
