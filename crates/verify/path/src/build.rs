//! Finding certification paths from a target up to an anchor (RFC 4158), each judged as soon as it is complete.
//!
//! Two passes: the first follows only issuers that can be part of a good path at the time of interest; the second,
//! taken when the first found nothing, follows the others too for a little while, to say what is wrong.

use crate::check::{Check, CheckOutcome, Fault, Place};
use crate::links::VerifiedLinks;
use crate::oracle::{ComputedLinks, LinkOracle};
use crate::outcome::{FailedPath, PathOutcome, ValidatedPath, rank};
use crate::parameters::PathParameters;
use crate::pool::{Lead, Pool};
use crate::validate::{Binding, validate};
use crypto::Provider;
use pkix::{Certificate, KeyUsage, TrustAnchor};
use types::{Budget, Exhausted, Resource};

/// Steps that the explaining pass may take, and complete paths that it may judge.
const EXPLAINING_STEPS: u64 = 256;
const EXPLAINING_PATHS: usize = 8;

/// Which issuers are followed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pass {
    Promising,
    Explaining,
}

/// A search for paths of one target.
struct Search<'p, 'a> {
    pool: &'p Pool<'a>,
    parameters: &'p PathParameters<'p>,
    links: &'p mut dyn LinkOracle,
    found: Vec<ValidatedPath>,
    best_failure: Option<FailedPath>,
    judged: usize,
    steps_left: u64,
}

/// Why the search stops before everything was tried.
enum Stop {
    Enough,
    Exhausted(Exhausted),
}

impl From<Exhausted> for Stop {
    fn from(exhausted: Exhausted) -> Stop {
        Stop::Exhausted(exhausted)
    }
}

/// Builds paths from `target` over `pool` to `anchors` and validates them at `parameters.at`.
///
/// The pool may hold anything in any order: the target itself, duplicates, roots, strangers. `links` remembers
/// signatures that were verified. Draws on [`Resource::PathSteps`], [`Resource::SignatureChecks`],
/// [`Resource::NameComparisons`] and [`Resource::PolicyNodes`]; an exhausted budget is a failure unless enough
/// paths were found before.
pub fn build_and_validate(
    target: &Certificate,
    pool: &[Certificate],
    anchors: &[TrustAnchor],
    parameters: &PathParameters<'_>,
    provider: &dyn Provider,
    links: &VerifiedLinks,
    budget: &mut Budget,
) -> PathOutcome {
    let mut links = ComputedLinks::new(provider, links);
    build_and_validate_with(target, pool, anchors, parameters, &mut links, budget)
}

/// The same with links told by an oracle, e.g. ones that were verified and recorded earlier.
pub fn build_and_validate_with(
    target: &Certificate,
    pool: &[Certificate],
    anchors: &[TrustAnchor],
    parameters: &PathParameters<'_>,
    links: &mut dyn LinkOracle,
    budget: &mut Budget,
) -> PathOutcome {
    match Pool::new(pool, anchors, budget) {
        Ok(pool) => build_in(&pool, target, parameters, links, budget),
        Err(exhausted) => {
            let checks = vec![CheckOutcome {
                check: Check::TrustAnchor,
                place: Place::Certificate(0),
                fault: Some(Box::new(Fault::Budget(exhausted))),
            }];
            let certificates = vec![target.clone()];
            PathOutcome::NotFound(Box::new(FailedPath { certificates, anchor: None, checks }))
        }
    }
}

/// The same over a pool that was indexed before, for many searches over one pool.
pub fn build_in(
    pool: &Pool<'_>,
    target: &Certificate,
    parameters: &PathParameters<'_>,
    links: &mut dyn LinkOracle,
    budget: &mut Budget,
) -> PathOutcome {
    let mut search = Search {
        pool,
        parameters,
        links,
        found: Vec::new(),
        best_failure: None,
        judged: 0,
        steps_left: u64::MAX,
    };
    let stop = search.run(target, budget).err();
    if !search.found.is_empty() {
        return PathOutcome::Found(search.found);
    }
    if let Some(Stop::Exhausted(exhausted)) = stop {
        search.fail(&[target], None, Check::TrustAnchor, 0, Fault::Budget(exhausted), Keep::Always);
    }
    let nothing = FailedPath { certificates: vec![target.clone()], anchor: None, checks: Vec::new() };
    PathOutcome::NotFound(Box::new(search.best_failure.unwrap_or(nothing)))
}

/// Whether a failure replaces a better one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    IfBest,
    Always,
}

impl<'a> Search<'_, 'a> {
    fn run(&mut self, target: &'a Certificate, budget: &mut Budget) -> Result<(), Stop> {
        for anchor in self.pool.same(target) {
            budget.spend(Resource::PathSteps, 1)?;
            self.judge(&[target], anchor, Binding::IsAnchor, budget)?;
        }
        let mut path = vec![target];
        self.extend(&mut path, Pass::Promising, budget)?;
        if self.found.is_empty() {
            self.steps_left = EXPLAINING_STEPS;
            self.judged = 0;
            self.extend(&mut path, Pass::Explaining, budget)?;
        }
        Ok(())
    }

    /// Tries every anchor and then every issuer above the last certificate of `path`. The depth of the recursion is
    /// bounded by the longest path allowed.
    fn extend(
        &mut self,
        path: &mut Vec<&'a Certificate>,
        pass: Pass,
        budget: &mut Budget,
    ) -> Result<(), Stop> {
        let Some(last) = path.last().copied() else { return Ok(()) };
        self.step(pass, budget)?;
        let mut issuers_seen = false;
        let mut named: Vec<&TrustAnchor> = self.pool.issuing(last).collect();
        // That an anchor has signed its own certificate says nothing; whether the target is trusted directly was
        // judged before.
        named.retain(|anchor| path.len() > 1 || !anchor.is(last));
        named
            .sort_by_key(|anchor| anchor.certificate().map_or(1, |certificate| key_match(last, certificate)));
        for anchor in named {
            self.step(pass, budget)?;
            issuers_seen = true;
            self.judge(path, anchor, Binding::Issued, budget)?;
            if pass == Pass::Explaining && self.judged >= EXPLAINING_PATHS {
                return Err(Stop::Enough);
            }
        }
        for issuer in self.issuers(path.first().copied(), last, pass) {
            self.step(pass, budget)?;
            issuers_seen = true;
            if is_repeated(path, issuer) || !self.is_short_enough(path) {
                continue;
            }
            if let Err(fault) = self.links.verify(last, issuer.subject_public_key_info(), budget) {
                if let Fault::Budget(exhausted) = fault {
                    return Err(Stop::Exhausted(exhausted));
                }
                let place = path.len() - 1;
                let shown: Vec<&Certificate> = path.iter().copied().chain([issuer]).collect();
                self.fail(&shown, None, Check::Signature, place, fault, Keep::IfBest);
                continue;
            }
            path.push(issuer);
            let result = self.extend(path, pass, budget);
            path.pop();
            result?;
        }
        let name = last.issuer().clone();
        let fault = if issuers_seen { Fault::DeadEnd(name) } else { Fault::NoIssuer(name) };
        self.fail(path, None, Check::TrustAnchor, path.len().saturating_sub(1), fault, Keep::IfBest);
        Ok(())
    }

    fn step(&mut self, pass: Pass, budget: &mut Budget) -> Result<(), Stop> {
        budget.spend(Resource::PathSteps, 1)?;
        if pass == Pass::Explaining {
            self.steps_left = self.steps_left.checked_sub(1).ok_or(Stop::Enough)?;
        }
        Ok(())
    }

    /// Certificates of the pool, but for the target, that may have issued `last`, best first.
    fn issuers(&self, target: Option<&Certificate>, last: &Certificate, pass: Pass) -> Vec<&'a Certificate> {
        let at = self.parameters.at;
        let valid = |one: &Certificate| one.not_before() <= at && at <= one.not_after();
        let mut issuers: Vec<&'a Certificate> = self
            .pool
            .issuers(last)
            .filter(|(one, lead)| {
                pass == Pass::Explaining || (*lead == Lead::ToAnchor && valid(one) && is_promising(one))
            })
            .map(|(one, _)| one)
            .filter(|one| Some(*one) != target && !self.is_root_of_an_anchor(one))
            .collect();
        issuers.sort_by_key(|one| (key_match(last, one), !valid(one), one.is_self_issued()));
        issuers
    }

    /// Whether the certificate adds nothing to an anchor of the same name and key.
    fn is_root_of_an_anchor(&self, certificate: &Certificate) -> bool {
        certificate.is_self_issued() && self.pool.issuing(certificate).any(|anchor| anchor.is(certificate))
    }

    /// Whether one more issuer keeps the path within its length; self-issued certificates are not counted.
    fn is_short_enough(&self, path: &[&Certificate]) -> bool {
        let counted = path.iter().skip(1).filter(|certificate| !certificate.is_self_issued()).count();
        let most = usize::try_from(self.parameters.max_intermediates).unwrap_or(usize::MAX);
        counted <= most && path.len() < most.saturating_mul(2).saturating_add(4).min(128)
    }

    fn judge(
        &mut self,
        path: &[&'a Certificate],
        anchor: &'a TrustAnchor,
        binding: Binding,
        budget: &mut Budget,
    ) -> Result<(), Stop> {
        self.judged += 1;
        budget.spend(Resource::PathSteps, path.len() as u64)?;
        let (checks, policies) = validate(path, anchor, binding, self.parameters, self.links, budget);
        let certificates: Vec<Certificate> = path.iter().map(|certificate| (*certificate).clone()).collect();
        let exhausted = checks.iter().find_map(|outcome| match outcome.fault.as_deref() {
            Some(Fault::Budget(exhausted)) => Some(*exhausted),
            _ => None,
        });
        if checks.iter().all(CheckOutcome::passed) {
            let (anchor, at) = (anchor.clone(), self.parameters.at);
            self.found.push(ValidatedPath { certificates, anchor, at, checks, policies });
        } else {
            let failure = FailedPath { certificates, anchor: Some(anchor.clone()), checks };
            self.keep(failure, Keep::IfBest);
        }
        match exhausted {
            Some(exhausted) => Err(Stop::Exhausted(exhausted)),
            None if self.found.len() >= self.parameters.wanted_paths.max(1) => Err(Stop::Enough),
            None => Ok(()),
        }
    }

    /// Keeps a failure with one fault.
    fn fail(
        &mut self,
        path: &[&Certificate],
        anchor: Option<&TrustAnchor>,
        check: Check,
        place: usize,
        fault: Fault,
        keep: Keep,
    ) {
        let checks =
            vec![CheckOutcome { check, place: Place::Certificate(place), fault: Some(Box::new(fault)) }];
        let certificates = path.iter().map(|certificate| (*certificate).clone()).collect();
        self.keep(FailedPath { certificates, anchor: anchor.cloned(), checks }, keep);
    }

    fn keep(&mut self, failure: FailedPath, keep: Keep) {
        let better = self.best_failure.as_ref().is_none_or(|best| rank(&failure) < rank(best));
        if better || keep == Keep::Always {
            self.best_failure = Some(failure);
        }
    }
}

/// 0 if the key identifiers agree, 1 if one is missing, 2 if they differ (RFC 4158, 3.5.12).
fn key_match(certificate: &Certificate, issuer: &Certificate) -> u8 {
    let wanted = certificate.extensions().authority_key_identifier.as_ref();
    let wanted = wanted.and_then(|identifier| identifier.key_identifier.as_deref());
    match (wanted, issuer.extensions().subject_key_identifier.as_deref()) {
        (Some(wanted), Some(found)) if wanted == found => 0,
        (Some(_), Some(_)) => 2,
        _ => 1,
    }
}

/// Whether nothing in the certificate itself keeps it from being an issuer.
fn is_promising(certificate: &Certificate) -> bool {
    let usage = certificate.extensions().key_usage;
    certificate.is_ca()
        && usage.is_none_or(|usage| usage.contains(KeyUsage::KEY_CERT_SIGN))
        && !certificate.is_faulty()
        && certificate.extensions().unknown_critical().next().is_none()
}

/// Whether name and key already occur in the path (RFC 4158, 2.4.2: such a path is a loop).
fn is_repeated(path: &[&Certificate], issuer: &Certificate) -> bool {
    path.iter().any(|one| {
        one.subject_public_key_info() == issuer.subject_public_key_info() && one.subject() == issuer.subject()
    })
}
