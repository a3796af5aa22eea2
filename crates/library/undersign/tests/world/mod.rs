//! The people of the tests about time and trust, and what is said about a signature in one word.

#![allow(dead_code, unused_imports, reason = "not every test needs everybody")]

#[allow(unused_imports, reason = "each test uses a part of it")]
pub use testkit::authority::{Actor, Answer, Cms, CrlMade, Declared, Key, OcspMade, Role, Stamp, der, time};
use undersign::validation::Policy;
use undersign::{Input, Limits, Trust, Verified, pkix::TrustAnchor};

pub const CONTENT: &[u8] = b"I owe you 100 euro.";

/// Root (2010 to 2045) -> CA (2010 to 2040) -> Ada (2022 to 2023), two time-stamping authorities and a responder.
pub struct World {
    pub root: Actor,
    pub ca: Actor,
    pub ada: Actor,
    /// 2020 to 2025.
    pub tsa: Actor,
    /// 2024 to 2039.
    pub new_tsa: Actor,
    pub responder: Actor,
}

pub fn world() -> World {
    let root = Actor::root("Root", "2010-01-01", "2045-01-01");
    let ca = root.issue(&Declared::new("CA", Role::Authority, "2010-01-01", "2040-01-01"));
    World {
        ada: ca.issue(&Declared::new("Ada", Role::Person, "2022-01-01", "2024-01-01")),
        tsa: ca.issue(&Declared::new("TSA", Role::Tsa, "2020-01-01", "2026-01-01")),
        new_tsa: ca.issue(&Declared::new("New TSA", Role::Tsa, "2024-01-01", "2040-01-01")),
        responder: ca.issue(&Declared::new("Responder", Role::Responder, "2020-01-01", "2039-01-01")),
        root,
        ca,
    }
}

/// A world of long lives, in which the root signed the CA with SHA-1.
pub fn weak_world() -> World {
    let root = Actor::root("Root", "2005-01-01", "2045-01-01");
    let ca = root.with_sha1().issue(&Declared::new("CA", Role::Authority, "2005-01-01", "2040-01-01"));
    World {
        ada: ca.issue(&Declared::new("Ada", Role::Person, "2010-01-01", "2039-01-01")),
        tsa: root.issue(&Declared::new("TSA", Role::Tsa, "2005-01-01", "2039-01-01")),
        root,
        ca,
        ..world()
    }
}

impl World {
    /// Lists in which nobody is revoked: of the root and of the CA, as of a day, renewed on another.
    pub fn clean(&self, this_update: &str, next_update: &str) -> Vec<Vec<u8>> {
        let list = |of: &Actor| CrlMade::new(of, this_update, next_update).sign(of);
        vec![list(&self.root), list(&self.ca)]
    }

    /// What a responder says about Ada on a day.
    pub fn ocsp(&self, answer: Answer<'_>, at: &str, until: &str) -> Vec<u8> {
        let (about, issuer) = (&self.ada.certificate, &self.ca.certificate);
        OcspMade { about, issuer, answer, updates: (at, until) }.sign(&self.responder)
    }

    pub fn signed(&self) -> Cms {
        Cms::sign(&self.ada, CONTENT).with(&self.ca.certificate)
    }

    pub fn verify(&self, cms: &Cms, given: &[Vec<u8>], policy: &Policy, at: &str) -> Verified {
        // What is a CRL and what an OCSP response is known by who can read it.
        let is_crl = |der: &&Vec<u8>| undersign::pkix::Crl::from_der(der).is_ok();
        let trust = Trust {
            anchors: vec![TrustAnchor::from_certificate(self.root.certificate.clone())],
            crls: given.iter().filter(is_crl).cloned().collect(),
            ocsps: given.iter().filter(|der| !is_crl(der)).cloned().collect(),
            ..Trust::default()
        };
        undersign::verify(&Input::new(&cms.der()), &trust, policy, time(at), Limits::STANDARD)
            .expect("the CMS is readable")
    }

    /// The verdict on the first signature in a word.
    pub fn says(&self, cms: &Cms, given: &[Vec<u8>], at: &str) -> &'static str {
        self.says_by(cms, given, "etsi-default", at)
    }

    pub fn says_by(&self, cms: &Cms, given: &[Vec<u8>], policy: &str, at: &str) -> &'static str {
        let verified = self.verify(cms, given, &Policy::built_in(policy).expect("a policy"), at);
        word(&verified, 0)
    }
}

/// PASSED, or the sub-indication.
pub fn word(verified: &Verified, signature: usize) -> &'static str {
    let verdict = &verified.verdict.signatures[signature];
    verdict.sub_indication.map_or("PASSED", |sub_indication| sub_indication.as_str())
}

/// The same of a token.
pub fn token_word(verified: &Verified, token: usize) -> &'static str {
    let verdict = &verified.verdict.tokens[token];
    verdict.sub_indication.map_or("PASSED", |sub_indication| sub_indication.as_str())
}
