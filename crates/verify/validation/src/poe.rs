//! Proofs of existence: since when at the latest each object existed (EN 319 102-1, 5.6.2.3).

use evidence::{Covers, Evidence, ObjectRef, TokenId};
use std::collections::BTreeMap;
use types::{Span, Time};

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
        match covers {
            Covers::Objects(objects) => objects.iter().for_each(|object| self.note(*object, token, time)),
            Covers::UpTo { end, hole } => self.add_prefix(token, time, *end, *hole),
        }
    }

    fn add_prefix(&mut self, token: TokenId, time: Time, end: u64, hole: Span) {
        let covered = |place: &Span| place.end <= end && !hole.contains(*place);
        let evidence = self.evidence;
        for (id, signature) in evidence.signatures.iter().enumerate() {
            if signature.place.as_ref().is_some_and(covered) {
                self.note(ObjectRef::Signature(id), token, time);
            }
        }
        for (id, other) in evidence.tokens.iter().enumerate() {
            if id != token && other.place.as_ref().is_some_and(covered) {
                self.note(ObjectRef::Token(id), token, time);
            }
        }
        let material = &evidence.material;
        let certificates = material.certificates.meetings.iter().enumerate();
        let crls = material.crls.meetings.iter().enumerate();
        let ocsps = material.ocsps.meetings.iter().enumerate();
        let objects = certificates
            .map(|(id, meetings)| (ObjectRef::Certificate(id), meetings))
            .chain(crls.map(|(id, meetings)| (ObjectRef::Crl(id), meetings)))
            .chain(ocsps.map(|(id, meetings)| (ObjectRef::Ocsp(id), meetings)));
        for (object, meetings) in objects {
            if meetings.places.iter().any(covered) {
                self.note(object, token, time);
            }
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
