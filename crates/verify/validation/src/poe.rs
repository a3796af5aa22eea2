//! Proofs of existence: since when at the latest each object existed (EN 319 102-1, 5.6.2.3).

use evidence::{Covers, Evidence, ObjectRef, TokenId};
use std::collections::BTreeMap;
use types::Time;

/// A proof that an object existed at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Proof {
    /// It existed then.
    pub(crate) time: Time,
    /// The token that proves it; `None` if only the validation itself does.
    pub(crate) by: Option<TokenId>,
}

/// What is proven so far. Everything at hand exists at the time of validation.
pub(crate) struct ProofsOfExistence<'e> {
    evidence: &'e Evidence,
    now: Time,
    proven: BTreeMap<ObjectRef, Proof>,
}

impl<'e> ProofsOfExistence<'e> {
    pub(crate) fn new(evidence: &'e Evidence, now: Time) -> ProofsOfExistence<'e> {
        ProofsOfExistence { evidence, now, proven: BTreeMap::new() }
    }

    /// The earliest proof.
    pub(crate) fn of(&self, object: ObjectRef) -> Proof {
        self.proven.get(&object).copied().unwrap_or(Proof { time: self.now, by: None })
    }

    /// Takes what a good token covers as proven at its time.
    pub(crate) fn add(&mut self, token: TokenId, time: Time, covers: &Covers) {
        for object in covers.objects(self.evidence, token) {
            self.note(object, token, time);
        }
    }

    fn note(&mut self, object: ObjectRef, token: TokenId, time: Time) {
        let proof = Proof { time, by: Some(token) };
        let known = self.proven.entry(object).or_insert(proof);
        if time < known.time {
            *known = proof;
        }
    }
}
