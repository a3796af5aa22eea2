//! What all judgements on one document share: the evidence, the policy, the time, and paths that were sought before.

use crate::policy::{Constraint, Policy};
use crate::text::Text;
use crate::verdict::PathUsed;
use evidence::{CertificateId, Evidence, ObjectRef};
use path::{FailedPath, FailureKind, PathOutcome, PathParameters, Permission, Pool, ValidatedPath};
use pkix::{Certificate, KeyUsage, Oid, TrustAnchor, oid};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use types::{Budget, Limits, Time};

/// What a certificate has to be good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Purpose {
    /// To sign documents.
    Document,
    /// To sign timestamp tokens (RFC 3161, 2.3).
    Timestamp,
    /// To sign CRLs (RFC 5280, 6.3.3 (f)).
    Crl,
    /// To sign OCSP responses (RFC 6960, 4.2.2.2).
    Ocsp,
}

type Sought = (CertificateId, Purpose, Time, Wanted);

/// How many paths are sought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Wanted {
    /// The first.
    First,
    /// A few, as the first may not do.
    Several,
}

/// Purposes that are not that of a signature by somebody on a document (RFC 5280, 4.2.1.12): servers, tunnels, the tokens
/// of time-stamping authorities and the responses of OCSP responders.
const NOT_FOR_DOCUMENTS: [Oid; 9] = [
    oid::KP_SERVER_AUTH,
    oid::KP_TIME_STAMPING,
    oid::KP_OCSP_SIGNING,
    Oid::from_arcs(&[1, 3, 6, 1, 5, 5, 7, 3, 5]),
    Oid::from_arcs(&[1, 3, 6, 1, 5, 5, 7, 3, 6]),
    Oid::from_arcs(&[1, 3, 6, 1, 5, 5, 7, 3, 7]),
    Oid::from_arcs(&[1, 3, 6, 1, 5, 5, 7, 3, 17]),
    Oid::from_arcs(&[1, 3, 6, 1, 4, 1, 311, 10, 3, 3]),
    Oid::from_arcs(&[2, 16, 840, 1, 113730, 4, 1]),
];

/// Whether a certificate says what it is for, and nothing of it may be documents. Purposes that are not known here may be:
/// many issuers name theirs.
fn is_for_something_else(certificate: &Certificate) -> bool {
    let stated = certificate.extensions().extended_key_usage.as_deref();
    stated.is_some_and(|stated| stated.iter().all(|purpose| NOT_FOR_DOCUMENTS.contains(purpose)))
}

/// Most paths that are judged where the first does not do.
const MOST_PATHS: usize = 8;

/// The shared part of a validation.
pub(crate) struct Court<'e> {
    pub(crate) evidence: &'e Evidence,
    pub(crate) policy: &'e Policy,
    /// The time of validation.
    pub(crate) now: Time,
    ids: BTreeMap<&'e Certificate, CertificateId>,
    /// The certificates and anchors, indexed once for all searches.
    index: Option<Pool<'e>>,
    paths: RefCell<BTreeMap<Sought, Rc<PathOutcome>>>,
    budget: RefCell<Budget>,
    /// Whether a search ended before everything was looked at.
    exhausted: Cell<bool>,
}

impl<'e> Court<'e> {
    pub(crate) fn new(evidence: &'e Evidence, policy: &'e Policy, now: Time) -> Court<'e> {
        let material = &evidence.material;
        let certificates = material.certificates.items.iter();
        Court {
            evidence,
            policy,
            now,
            ids: certificates.enumerate().map(|(id, certificate)| (certificate, id)).collect(),
            index: Pool::new(&material.certificates.items, &material.anchors, &mut Budget::default()).ok(),
            paths: RefCell::new(BTreeMap::new()),
            budget: RefCell::new(Budget::new(Limits::STANDARD)),
            exhausted: Cell::new(false),
        }
    }

    /// Whether something at hand was not looked at, when the evidence was collected or now. Then nothing may be concluded
    /// from silence: what says that a certificate is revoked may be what was left out.
    pub(crate) fn is_incomplete(&self) -> bool {
        let left_out = |finding: &types::Finding| finding.code == evidence::INCOMPLETE;
        self.exhausted.get() || self.evidence.findings.iter().any(left_out)
    }

    pub(crate) fn anchors(&self) -> &'e [TrustAnchor] {
        &self.evidence.material.anchors
    }

    fn pool(&self) -> &'e [Certificate] {
        &self.evidence.material.certificates.items
    }

    /// The certificate as an object of which existence may be proven.
    pub(crate) fn object(&self, certificate: &Certificate) -> Option<ObjectRef> {
        self.ids.get(certificate).copied().map(ObjectRef::Certificate)
    }

    /// Seeks a path for `target` at a time. Each question is answered once.
    pub(crate) fn path(&self, target: &Certificate, purpose: Purpose, at: Time) -> Rc<PathOutcome> {
        self.paths(target, purpose, at, Wanted::First)
    }

    /// Paths besides `first`, which does not do (EN 319 102-1, 5.2.6.4, 1: another path is to be tried). None of them goes
    /// over a key that may be in the wrong hands by what is said about an authority of `first`: another certificate of
    /// that key makes it no better.
    pub(crate) fn other_paths(
        &self,
        first: &ValidatedPath,
        purpose: Purpose,
        at: Time,
    ) -> Vec<ValidatedPath> {
        let Some(target) = first.certificates().first() else { return Vec::new() };
        let distrusted = crate::status::distrusted_keys(self, first);
        let is_other = |path: &&ValidatedPath| {
            let authorities = || path.certificates().iter().skip(1);
            path.certificates() != first.certificates()
                && !authorities().any(|one| distrusted.contains(&one.subject_public_key_info()))
                && !distrusted.contains(&path.anchor().subject_public_key_info())
        };
        match &*self.paths(target, purpose, at, Wanted::Several) {
            PathOutcome::Found(paths) => paths.iter().filter(is_other).cloned().collect(),
            PathOutcome::NotFound(_) => Vec::new(),
        }
    }

    fn paths(&self, target: &Certificate, purpose: Purpose, at: Time, wanted: Wanted) -> Rc<PathOutcome> {
        let key = self.ids.get(target).map(|id| (*id, purpose, at, wanted));
        if let Some(known) = key.and_then(|key| self.paths.borrow().get(&key).cloned()) {
            return known;
        }
        let outcome = Rc::new(self.seek(target, purpose, at, wanted));
        if let Some(key) = key {
            self.paths.borrow_mut().insert(key, outcome.clone());
        }
        outcome
    }

    fn seek(&self, target: &Certificate, purpose: Purpose, at: Time, wanted: Wanted) -> PathOutcome {
        let usage = KeyUsage::DIGITAL_SIGNATURE.and(KeyUsage::CONTENT_COMMITMENT);
        let asked = self.policy.weight(Constraint::KeyUsage) == crate::policy::Weight::Fail;
        let (stamping, responding) = ([oid::KP_TIME_STAMPING], [oid::KP_OCSP_SIGNING]);
        let documents = [oid::KP_DOCUMENT_SIGNING];
        let wanted_paths = if wanted == Wanted::First { 1 } else { MOST_PATHS };
        let general = PathParameters { wanted_paths, ..PathParameters::at(at) };
        let parameters = match purpose {
            Purpose::Document => PathParameters {
                key_usage: asked.then_some(usage),
                purposes: if asked && is_for_something_else(target) { &documents } else { &[] },
                ..general
            },
            // RFC 3161, 2.3: the purpose is stated, and by its own name.
            Purpose::Timestamp => PathParameters {
                key_usage: Some(usage),
                purposes: &stamping,
                any_purpose: Permission::Inhibited,
                unstated_purpose: Permission::Inhibited,
                ..general
            },
            Purpose::Crl => PathParameters { key_usage: Some(KeyUsage::CRL_SIGN), ..general },
            Purpose::Ocsp => PathParameters {
                purposes: &responding,
                any_purpose: Permission::Inhibited,
                unstated_purpose: Permission::Inhibited,
                ..general
            },
        };
        let mut links = &self.evidence.material.links;
        let mut budget = self.budget.borrow_mut();
        let outcome = match &self.index {
            Some(index) => path::build_in(index, target, &parameters, &mut links, &mut budget),
            // More certificates than can be indexed: the search says so.
            None => path::build_and_validate_with(
                target,
                self.pool(),
                self.anchors(),
                &parameters,
                &mut links,
                &mut budget,
            ),
        };
        if outcome.failure().is_some_and(|failure| failure.kind() == FailureKind::Budget) {
            self.exhausted.set(true);
        }
        outcome
    }

    /// A path that is valid at some time at which the target is: the proven one first, then the ends of validity of
    /// whatever may stand above it (EN 319 102-1, 5.6.2.1.4).
    pub(crate) fn path_in_validity(
        &self,
        target: &Certificate,
        purpose: Purpose,
        first: Time,
    ) -> Option<(Rc<PathOutcome>, Time)> {
        const MOST_TIMES: usize = 24;
        let mut times = vec![first.clamp(target.not_before(), target.not_after().max(target.not_before()))];
        times.extend([target.not_after(), target.not_before()]);
        let bounds = self.pool().iter().filter(|one| one.is_ca());
        times.extend(bounds.flat_map(|one| [one.not_after(), one.not_before()]));
        times.retain(|time| target.not_before() <= *time && *time <= target.not_after());
        let mut tried = Vec::new();
        for time in times {
            if tried.contains(&time) {
                continue;
            }
            if tried.len() >= MOST_TIMES {
                break;
            }
            tried.push(time);
            let outcome = self.path(target, purpose, time);
            if outcome.path().is_some() {
                return Some((outcome, time));
            }
        }
        None
    }
}

/// The path as the verdict shows it; statuses are still to come.
pub(crate) fn path_used(path: &ValidatedPath) -> PathUsed {
    PathUsed {
        certificates: path.certificates().to_vec(),
        anchor: path.anchor().name().to_string(),
        direct: path.is_directly_trusted(),
        statuses: Vec::new(),
    }
}

/// What a failed search says, and of which kind it is.
pub(crate) fn explain(target: &Certificate, failure: &FailedPath) -> (FailureKind, Text) {
    let last = failure.certificates().last().unwrap_or(target);
    match (failure.kind(), failure.main_fault()) {
        (FailureKind::NoChain, _) | (_, None) => {
            (FailureKind::NoChain, Text::new("path-missing").with("name", last.issuer()))
        }
        (kind, Some((outcome, fault))) => {
            let name = match outcome.place {
                path::Place::Certificate(index) => {
                    failure.certificates().get(index).unwrap_or(target).subject()
                }
                path::Place::Anchor => failure.anchor().map_or(target.issuer(), TrustAnchor::name),
            };
            (kind, Text::new("path-fault").with("fault", fault).with("name", name))
        }
    }
}
