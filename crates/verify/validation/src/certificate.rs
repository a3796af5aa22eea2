//! X.509 certificate validation (EN 319 102-1, 5.2.6), the freshness of revocation data (5.2.5), and validation in the
//! past (5.6.2.1, 5.6.2.2).

use crate::algorithms::{End, Used, end, weakness};
use crate::check::Checks;
use crate::court::{Court, Purpose, explain, path_used};
use crate::poe::ProofsOfExistence;
use crate::policy::{Constraint, Weight};
use crate::status::{Said, Statement, statements};
use crate::text::Text;
use crate::verdict::{PathUsed, StatusUsed, SubIndication};
use evidence::ObjectRef;
use path::{FailureKind, PathOutcome, ValidatedPath};
use pkix::Certificate;
use types::Time;

/// What validating a certificate at the present gave.
#[derive(Debug, Default)]
pub(crate) struct Certified {
    /// The path, also where the certificate is out of its validity by now.
    pub(crate) path: Option<PathUsed>,
    /// A failure that no proof of existence can mend.
    pub(crate) fatal: Option<(SubIndication, Text)>,
    /// What a proof of existence may mend.
    pub(crate) issues: Vec<Issue>,
    /// When the signer's certificate was said to be good, as often as it was.
    pub(crate) told: Vec<Time>,
    /// Until when the algorithms that its path is signed with are reliable.
    pub(crate) reliable_until: End,
}

/// An obstacle that does not matter if the signature is proven to be older.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Issue {
    /// A certificate of the path is not valid now.
    OutOfBounds {
        /// The signer's certificate.
        not_before: Time,
        not_after: Time,
        /// Whether its status is known, and it was not revoked.
        known_good: bool,
        why: Text,
    },
    /// The signer's certificate was revoked.
    Revoked { at: Time },
    /// A certificate above it was revoked.
    RevokedCa,
    /// The status is not known, is suspended, or is known from too long ago; with the statements that would do for an
    /// earlier time, and as of when it is known.
    StatusOpen { stale: Vec<Statement>, as_of: Option<Time> },
    /// Something is no longer reliable.
    Weak { end: Option<Time>, concerned: Concerned },
}

/// The material that a weak algorithm concerns (5.5.4): what must have existed before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Concerned {
    /// The signature value or a signed attribute: the proof for the signature counts.
    Signature,
    /// A certificate of the path, by its own proof; without a number none can be proven.
    Certificate(Option<ObjectRef>),
}

impl Issue {
    /// The sub-indication while the issue is open.
    pub(crate) fn sub_indication(&self) -> SubIndication {
        match self {
            Issue::OutOfBounds { known_good: true, .. } => SubIndication::OutOfBoundsNotRevoked,
            Issue::OutOfBounds { .. } => SubIndication::OutOfBoundsNoPoe,
            Issue::Revoked { .. } => SubIndication::RevokedNoPoe,
            Issue::RevokedCa => SubIndication::RevokedCaNoPoe,
            Issue::StatusOpen { .. } => SubIndication::TryLater,
            Issue::Weak { .. } => SubIndication::CryptoConstraintsFailureNoPoe,
        }
    }
}

const PATH: (&str, &str) = ("certificate-path", "EN 319 102-1, 5.2.6; RFC 5280, 6");
const KNOWN: (&str, &str) = ("revocation-known", "EN 319 102-1, 5.2.6.4");
const NOT_REVOKED: (&str, &str) = ("not-revoked", "EN 319 102-1, 5.2.6.4");
const FRESH: (&str, &str) = ("revocation-fresh", "EN 319 102-1, 5.2.5");
const RELIABLE: (&str, &str) = ("certificate-algorithms", "EN 319 102-1, 5.2.8; ETSI TS 119 312");

impl Court<'_> {
    /// Validates a certificate at the present.
    pub(crate) fn certify(&self, target: &Certificate, purpose: Purpose, checks: &mut Checks) -> Certified {
        let weight = self.policy.weight(Constraint::CertificatePath);
        let outcome = self.path(target, purpose, self.now);
        let failure = match &*outcome {
            PathOutcome::Found(paths) => {
                return match paths.first() {
                    Some(path) => self.certify_best(path, purpose, checks),
                    None => Certified::default(),
                };
            }
            PathOutcome::NotFound(failure) => failure,
        };
        let (kind, why) = explain(target, failure);
        let sub_indication = match kind {
            FailureKind::Expired | FailureKind::NotYetValid => {
                return self.certify_out_of_bounds(target, purpose, why, checks);
            }
            FailureKind::NoChain => SubIndication::NoCertificateChainFound,
            FailureKind::Constraint => SubIndication::ChainConstraintsFailure,
            FailureKind::Algorithm => SubIndication::CryptoConstraintsFailureNoPoe,
            FailureKind::Signature | FailureKind::Budget => SubIndication::CertificateChainGeneralFailure,
        };
        let decides = checks.ask(PATH, weight, Some(why.clone()), || Text::new("yes"));
        Certified { fatal: decides.then_some((sub_indication, why)), ..Certified::default() }
    }

    /// By the first path, or by another one that leaves nothing open where that leaves something.
    fn certify_best(&self, first: &ValidatedPath, purpose: Purpose, checks: &mut Checks) -> Certified {
        let mut of_first = Checks::default();
        let certified = self.certify_path(first, purpose, None, &mut of_first);
        // Who is revoked stays revoked on every path.
        let is_revoked = certified.issues.iter().any(|issue| matches!(issue, Issue::Revoked { .. }));
        if !certified.issues.is_empty() && !is_revoked {
            for other in self.other_paths(first, purpose, self.now) {
                let mut of_other = Checks::default();
                let better = self.certify_path(&other, purpose, None, &mut of_other);
                if better.issues.is_empty() {
                    checks.0.extend(of_other.0);
                    return better;
                }
            }
        }
        checks.0.extend(of_first.0);
        certified
    }

    fn certify_out_of_bounds(
        &self,
        target: &Certificate,
        purpose: Purpose,
        why: Text,
        checks: &mut Checks,
    ) -> Certified {
        checks.ask(PATH, Weight::Fail, Some(why.clone()), || Text::new("yes"));
        let (not_before, not_after) = (target.not_before(), target.not_after());
        let past = self.path_in_validity(target, purpose, self.now);
        let mut certified = match past.as_ref().and_then(|(outcome, _)| outcome.path()) {
            Some(path) => self.certify_path(path, purpose, Some(why.clone()), checks),
            None => Certified::default(),
        };
        let known_good = certified.path.as_ref().is_some_and(|path| {
            let is_good = |status: &StatusUsed| matches!(status, StatusUsed::Good { .. });
            path.statuses.iter().all(|status| is_good(status) || *status == StatusUsed::Exempt)
                && path.statuses.iter().any(is_good)
        });
        certified.issues.insert(0, Issue::OutOfBounds { not_before, not_after, known_good, why });
        certified
    }

    /// The rest of 5.2.6.4 for a path that was found: revocation and algorithms. `expired` says why it is not valid now.
    pub(crate) fn certify_path(
        &self,
        path: &ValidatedPath,
        purpose: Purpose,
        expired: Option<Text>,
        checks: &mut Checks,
    ) -> Certified {
        let mut used = path_used(path);
        let mut reliable = End::Open;
        let mut issues = Vec::new();
        let told = statements(self, path, 0).into_iter();
        let told = told.filter(|one| one.said == Said::Good && one.this_update <= self.now);
        let told = told.map(|one| one.told_at).collect();
        if expired.is_none() {
            let anchor = used.anchor.clone();
            checks.ask(PATH, Weight::Fail, None, || Text::new("path-found").with("name", anchor));
        }
        for (index, certificate) in path.certificates().iter().enumerate() {
            let status = self.status_now(path, index, purpose, &mut issues, checks);
            used.statuses.push(status);
            // The anchor is trusted as such; what signed it does not matter.
            if !used.direct
                && let Ok(algorithm) = certificate.signed().algorithm()
            {
                let key = issuer_key(path, index);
                reliable = reliable.earlier(end(Used::Signature(algorithm, key), self.policy));
                self.ask_reliable(Used::Signature(algorithm, key), certificate, &mut issues, checks);
            }
        }
        Certified { path: Some(used), fatal: None, issues, told, reliable_until: reliable }
    }

    fn ask_reliable(
        &self,
        used: Used<'_>,
        certificate: &Certificate,
        issues: &mut Vec<Issue>,
        checks: &mut Checks,
    ) {
        let weak = weakness(used, self.policy, self.now);
        let since = weak.as_ref().map(|weak| weak.since);
        let fault = weak.map(|weak| weak_text(&weak).with("name", certificate.subject()));
        let fine = || Text::new("certificate-reliable").with("name", certificate.subject());
        if checks.ask(RELIABLE, self.policy.weight(Constraint::Algorithms), fault, fine) {
            let concerned = Concerned::Certificate(self.object(certificate));
            issues.push(Issue::Weak { end: since.flatten(), concerned });
        }
    }

    /// The status of one certificate of a path at the present.
    fn status_now(
        &self,
        path: &ValidatedPath,
        index: usize,
        purpose: Purpose,
        issues: &mut Vec<Issue>,
        checks: &mut Checks,
    ) -> StatusUsed {
        let Some(certificate) = path.certificates().get(index) else { return StatusUsed::Unknown };
        let all = statements(self, path, index);
        let is_exempt = is_never_revoked(certificate) && !all.iter().any(Statement::is_final);
        if path.is_directly_trusted() || is_exempt {
            return StatusUsed::Exempt;
        }
        let name = || certificate.subject().to_string();
        let (known, fresh) = match purpose {
            Purpose::Timestamp => (Constraint::RevocationKnown, Constraint::TimestampRevocationFresh),
            _ => (Constraint::RevocationKnown, Constraint::RevocationFresh),
        };
        // What was said after the time of validation cannot be known then; only that somebody is revoked counts always.
        let past: Vec<Statement> =
            all.into_iter().filter(|one| one.is_final() || one.this_update <= self.now).collect();
        let usable = past.iter().filter(|one| one.is_final() || one.is_reliable(self.now));
        let usable: Vec<Statement> = usable.cloned().collect();
        let stale = || past.iter().filter(|one| one.said == Said::Good).cloned().collect();
        let Some(chosen) = choose(&usable) else {
            let key = if past.is_empty() { "revocation-unknown" } else { "revocation-weak" };
            let fault = Some(Text::new(key).with("name", name()));
            if checks.ask(KNOWN, self.policy.weight(known), fault, || Text::new("yes")) {
                issues.push(Issue::StatusOpen { stale: stale(), as_of: None });
            }
            return StatusUsed::Unknown;
        };
        let said = || Text::new("revocation-said").with("name", name()).with("time", chosen.this_update);
        checks.ask(KNOWN, self.policy.weight(known), None, said);
        match &chosen.said {
            Said::Revoked { at, reason, on_hold } => {
                let key = if *on_hold { "certificate-on-hold" } else { "certificate-revoked" };
                let text = Text::new(key).with("name", name()).with("time", at).with("reason", reason);
                checks.ask(NOT_REVOKED, Weight::Fail, Some(text), || Text::new("yes"));
                issues.push(match (on_hold, index) {
                    (true, _) => Issue::StatusOpen { stale: Vec::new(), as_of: None },
                    (false, 0) => Issue::Revoked { at: *at },
                    (false, _) => Issue::RevokedCa,
                });
                StatusUsed::Revoked { at: *at, reason: reason.clone(), source: chosen.source }
            }
            Said::Good => {
                checks.ask(NOT_REVOKED, Weight::Fail, None, || Text::new("not-revoked").with("name", name()));
                let fault = (!self.is_fresh(chosen, self.now)).then(|| {
                    Text::new("revocation-stale").with("name", name()).with("time", chosen.this_update)
                });
                let fine = || Text::new("revocation-recent").with("name", name());
                if checks.ask(FRESH, self.policy.weight(fresh), fault, fine) {
                    issues.push(Issue::StatusOpen { stale: stale(), as_of: Some(chosen.this_update) });
                }
                StatusUsed::Good { issued_at: chosen.this_update, source: chosen.source }
            }
        }
    }

    /// 5.2.5: not older at `reference` than the policy allows, or than the interval in which the issuer renews it.
    pub(crate) fn is_fresh(&self, statement: &Statement, reference: Time) -> bool {
        let own = statement.next_update.map(|next| next.unix().saturating_sub(statement.this_update.unix()));
        let greatest = self.policy.freshness_seconds.or(own).unwrap_or(0);
        statement.this_update >= reference.plus(-greatest.max(0))
    }

    /// Past certificate validation with control-time sliding: the time up to which the signature must be proven to have
    /// existed, or why there is none.
    pub(crate) fn control_time(
        &self,
        target: &Certificate,
        purpose: Purpose,
        proven: Time,
        poe: &ProofsOfExistence<'_>,
    ) -> Result<Time, Text> {
        let no_path = || Text::new("past-path-missing").with("name", target.subject());
        let (outcome, _) = self.path_in_validity(target, purpose, proven).ok_or_else(no_path)?;
        let path = outcome.path().ok_or_else(no_path)?;
        let first = self.slide_along(path, poe);
        if first.as_ref().is_ok_and(|control| proven <= *control) {
            return first;
        }
        // 5.6.2.1.4: another path may reach further.
        let others = self.other_paths(path, purpose, path.at());
        let others = others.iter().filter_map(|other| self.slide_along(other, poe).ok());
        others.max().map_or(first.clone(), |other| Ok(first.map_or(other, |first| first.max(other))))
    }

    fn slide_along(&self, path: &ValidatedPath, poe: &ProofsOfExistence<'_>) -> Result<Time, Text> {
        // 5.6.2.2.4, 1): from the end of trust in the anchor, if it has one, otherwise from now.
        let sunset = path.anchor().constraints.not_after;
        let mut control = sunset.map_or(self.now, |sunset| sunset.min(self.now));
        if path.is_directly_trusted() {
            return Ok(control);
        }
        for (index, certificate) in path.certificates().iter().enumerate().rev() {
            control = self.slide(path, index, certificate, control, poe)?;
        }
        Ok(control)
    }

    /// One step of 5.6.2.2.4, 2): the certificate at `index`, from the anchor down.
    ///
    /// Deviations, all to the safe side: an authority does not vouch beyond its own validity; a revocation counts also
    /// if it was told later than the control time; what rests on weak algorithms must have existed before their end.
    fn slide(
        &self,
        path: &ValidatedPath,
        index: usize,
        certificate: &Certificate,
        control: Time,
        poe: &ProofsOfExistence<'_>,
    ) -> Result<Time, Text> {
        let missing = || Text::new("past-status-missing").with("name", certificate.subject());
        let mut control = if index > 0 { control.min(certificate.not_after()) } else { control };
        // a): the certificate is proven to have existed by then.
        let existed = self.object(certificate).map_or(self.now, |object| poe.of(object).time);
        let signed_until = reliable_until(path, index, self);
        let is_reliable = match signed_until {
            End::Open => true,
            End::At(end) => self.now < end || existed < end,
            End::Never => false,
        };
        if existed > control || !is_reliable {
            return Err(Text::new("past-certificate-unproven").with("name", certificate.subject()));
        }
        let all = statements(self, path, index);
        let revoked = all.iter().filter(|one| one.is_final()).filter_map(Statement::revoked_at).min();
        if is_never_revoked(certificate) && revoked.is_none() {
            control = control.min(certificate.not_after());
        } else {
            // a): what is selected was issued by then, and is proven to have existed by then.
            let selected = all.into_iter().filter(|one| {
                let existed = one.sources.iter().map(|source| poe.of(*source).time).max();
                one.this_update <= control
                    && existed.is_some_and(|existed| existed <= control && one.is_reliable(existed))
            });
            let selected: Vec<Statement> = selected.collect();
            let chosen = choose(&selected).ok_or_else(missing)?;
            match chosen.revoked_at() {
                // b): before the second of the revocation.
                Some(at) => control = control.min(at.plus(-1)),
                // c)
                None if !self.is_fresh(chosen, control) => control = control.min(chosen.this_update),
                None => {}
            }
            // d), for the revocation status information.
            if let End::At(end) = chosen.reliable_until {
                control = control.min(end);
            }
        }
        // d), for the certificate.
        if let End::At(end) = signed_until {
            control = control.min(end);
        }
        Ok(revoked.map_or(control, |at| control.min(at.plus(-1))))
    }
}

/// Until when the signature on the certificate at `index` is reliable.
fn reliable_until(path: &ValidatedPath, index: usize, court: &Court<'_>) -> End {
    match path.certificates().get(index).map(|one| one.signed().algorithm()) {
        Some(Ok(algorithm)) => end(Used::Signature(algorithm, issuer_key(path, index)), court.policy),
        _ => End::Never,
    }
}

/// What counts among several statements: a final revocation whoever says it, otherwise the newest.
fn choose(statements: &[Statement]) -> Option<&Statement> {
    let revoked = statements.iter().filter(|one| matches!(one.said, Said::Revoked { on_hold: false, .. }));
    let earliest = revoked.min_by_key(|one| match one.said {
        Said::Revoked { at, .. } => at,
        Said::Good => one.this_update,
    });
    earliest.or_else(|| statements.iter().max_by_key(|one| one.this_update))
}

/// RFC 9608: no revocation information will ever exist; ETSI EN 319 412-1, 5.2: too short-lived to be revoked.
pub(crate) fn is_never_revoked(certificate: &Certificate) -> bool {
    use revocation::Exemption;
    matches!(
        revocation::exemption(certificate),
        Some(Exemption::NoRevocationAvailable | Exemption::ValidityAssuredShortTerm)
    )
}

fn issuer_key(path: &ValidatedPath, index: usize) -> Option<crypto::KeyAlgorithm> {
    let key = crypto::PublicKey::from_spki(path.issuer(index).subject_public_key_info).ok()?;
    Some(key.algorithm)
}

pub(crate) fn weak_text(weak: &crate::algorithms::Weakness) -> Text {
    match weak.since {
        Some(since) => {
            Text::new("algorithm-weak-since").with("algorithm", &weak.algorithm).with("time", since)
        }
        None => Text::new("algorithm-weak").with("algorithm", &weak.algorithm),
    }
}
