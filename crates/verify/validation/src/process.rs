//! The validation processes over basic validation: with time (EN 319 102-1, 5.5), with long-term and archive evidence
//! (5.6). Timestamps are judged from the newest to the oldest; each good one proves what it covers to the next.

use crate::basic::{Basic, Failure};
use crate::certificate::{Concerned, Issue};
use crate::check::{Answer, Asked, Checks};
use crate::constraints;
use crate::court::{Court, Purpose};
use crate::dimensions::dimensions;
use crate::level::baseline_level;
use crate::poe::{Proof, ProofsOfExistence};
use crate::policy::{Policy, Weight};
use crate::status::Statement;
use crate::text::Text;
use crate::verdict::{
    BeaconStanding, BeaconVerdict, Indication, Level, PathUsed, SignatureVerdict, SigningTime, StatusUsed,
    SubIndication, TokenVerdict, Verdict,
};
use evidence::{Evidence, Kind, ObjectRef, SignatureEvidence, TokenEvidence, TokenId, TokenRole};
use pkix::Certificate;
use std::cmp::Reverse;
use types::Time;

/// Judges every signature of the evidence at `at` under `policy`. Total: asks nothing of the world, and computes no
/// cryptography; the same arguments always give the same verdict.
pub fn validate(evidence: &Evidence, policy: &Policy, at: Time) -> Verdict {
    let court = Court::new(evidence, policy, at);
    let mut poe = ProofsOfExistence::new(evidence, at);
    let tokens = judge_tokens(&court, &mut poe);
    let signatures = (0..evidence.signatures.len()).map(|id| judge(&court, id, &tokens, &poe)).collect();
    Verdict { policy: (policy.id.clone(), policy.version.clone()), at, signatures, tokens }
}

fn judge_tokens(court: &Court<'_>, poe: &mut ProofsOfExistence<'_>) -> Vec<TokenVerdict> {
    let tokens = &court.evidence.tokens;
    let mut order: Vec<TokenId> = (0..tokens.len()).collect();
    // Of equal times the one that lies later in the file comes first: it may cover the others.
    order.sort_by_key(|id| {
        let time = tokens.get(*id).and_then(|token| token.stamp.as_ref().ok()).map(|stamp| stamp.time);
        (Reverse(time), Reverse(*id))
    });
    let mut verdicts: Vec<Option<TokenVerdict>> = vec![None; tokens.len()];
    for id in order {
        let (Some(token), Some(place)) = (tokens.get(id), verdicts.get_mut(id)) else { continue };
        let mut basic = court.basic_token(token);
        ask_past(court, token, &mut basic);
        let proof = poe.of(ObjectRef::Token(id));
        let signer = token.stamp.as_ref().ok().and_then(|stamp| stamp.signed.signer.as_ref());
        let target = signer.map(|signer| &signer.certificate);
        let failure = court.settle(&mut basic, target, Purpose::Timestamp, (proof, None), poe);
        if let (None, Ok(stamp)) = (failure, &token.stamp)
            && token.role != TokenRole::Beacon
        {
            poe.add(id, stamp.time, &stamp.covers);
        }
        *place = Some(TokenVerdict {
            indication: failure.map_or(Indication::TotalPassed, |(indication, _)| indication),
            sub_indication: failure.map(|(_, sub_indication)| sub_indication),
            reliable_until: basic.end_of_algorithms(),
            path: basic.certified.path,
            checks: basic.checks.0,
        });
    }
    verdicts.into_iter().flatten().collect()
}

/// A time after that of the validation proves nothing at that time (EN 319 102-1, 5.4 and Table 6).
fn ask_past(court: &Court<'_>, token: &TokenEvidence, basic: &mut Basic) {
    let Ok(stamp) = &token.stamp else { return };
    let text = |key| Text::new(key).with("time", stamp.time);
    let fault = (stamp.time > court.now).then(|| text("timestamp-from-future"));
    let decides = basic.checks.ask(NOT_LATER, Weight::Fail, fault, || text("timestamp-in-past"));
    basic.fail(decides, (Indication::Indeterminate, SubIndication::TimestampOrderFailure));
}

/// Nothing is passed on silence while something was not looked at (EN 319 102-1, 5.2.6.4: unspecified errors).
fn ask_complete(court: &Court<'_>, basic: &mut Basic) -> Option<Failure> {
    let fault = court.is_incomplete().then(|| Text::new("validation-data-left-out"));
    let fine = || Text::new("validation-data-complete");
    let decides = basic.checks.ask(COMPLETE, Weight::Fail, fault, fine);
    decides.then_some((Indication::Indeterminate, SubIndication::CertificateChainGeneralFailure))
}

fn judge(
    court: &Court<'_>,
    id: usize,
    tokens: &[TokenVerdict],
    poe: &ProofsOfExistence<'_>,
) -> SignatureVerdict {
    let signature = &court.evidence.signatures[id];
    let mut basic = court.basic_signature(signature);
    let facts = signature.signed_data.as_ref().ok();
    let target = facts.and_then(|facts| facts.signer.as_ref()).map(|signer| &signer.certificate);
    let purpose = match signature.kind {
        Kind::DocTimestamp | Kind::EvidenceRecord => Purpose::Timestamp,
        _ => Purpose::Document,
    };
    let object = match signature.own_token {
        Some(token) => ObjectRef::Token(token),
        None => ObjectRef::Signature(id),
    };
    let proof = poe.of(object);
    let beacon = beacon(court, signature, tokens);
    let signing_time = signing_time(court, signature, proof, beacon.as_ref(), tokens);
    let lower = signing_time.not_before.map(|(time, _)| time);
    let mut failure = court.settle(&mut basic, target, purpose, (proof, lower), poe);
    // A document timestamp is what its token is, and the field around it.
    if let Some(token) = signature.own_token.and_then(|token| tokens.get(token)) {
        failure = failure.or(token.sub_indication.map(|sub_indication| (token.indication, sub_indication)));
    }
    let level = facts.map_or(Level::None, |facts| baseline_level(court.evidence, id, signature, facts));
    if failure.is_none() {
        failure = ask_complete(court, &mut basic);
    }
    if failure.is_some() {
        constraints::ask_claims(signature, &signing_time, beacon.as_ref(), &mut basic.checks);
    } else {
        failure = constraints::ask(
            court,
            signature,
            level,
            (&signing_time, beacon.as_ref()),
            &mut basic,
            tokens,
            poe,
        );
    }
    SignatureVerdict {
        indication: failure.map_or(Indication::TotalPassed, |(indication, _)| indication),
        sub_indication: failure.map(|(_, sub_indication)| sub_indication),
        level,
        dimensions: dimensions(court, signature, &basic, &signing_time),
        signing_time,
        beacon,
        reliable_until: basic.end_of_algorithms(),
        path: basic.certified.path,
        checks: basic.checks.0,
    }
}

/// What is known of the beacon that the record of a signature names.
fn beacon(
    court: &Court<'_>,
    signature: &SignatureEvidence,
    tokens: &[TokenVerdict],
) -> Option<BeaconVerdict> {
    let record = signature.signed_data.as_ref().ok()?.record.as_ref()?;
    let named = record.beacon_named()?;
    let stamp = record.beacon.token.and_then(|id| court.evidence.tokens.get(id)?.stamp.as_ref().ok());
    let standing = match record.beacon.token {
        Some(id) => match tokens.get(id).map(|verdict| verdict.indication) {
            Some(Indication::TotalPassed) if stamp.is_some() => BeaconStanding::Proven(id),
            _ => BeaconStanding::NotGood(id),
        },
        None if record.beacon.given => BeaconStanding::Given,
        None => BeaconStanding::Named,
    };
    let time = stamp.map(|stamp| stamp.time).or(named.claimed())?;
    Some(BeaconVerdict { time, source: named.source.clone(), standing })
}

/// Between which times the signature was made, by the timestamps that were found good.
fn signing_time(
    court: &Court<'_>,
    signature: &SignatureEvidence,
    proof: Proof,
    beacon: Option<&BeaconVerdict>,
    tokens: &[TokenVerdict],
) -> SigningTime {
    let content = signature.tokens.iter().filter_map(|id| {
        let (token, verdict) = (court.evidence.tokens.get(*id)?, tokens.get(*id)?);
        let good = token.role == TokenRole::Content && verdict.indication == Indication::TotalPassed;
        let stamp = token.stamp.as_ref().ok()?;
        good.then_some((stamp.time, *id))
    });
    let beacon = beacon.and_then(|beacon| match beacon.standing {
        BeaconStanding::Proven(token) => Some((beacon.time, token)),
        _ => None,
    });
    SigningTime {
        not_before: content.chain(beacon).max(),
        not_after: proof.by.map(|token| (proof.time, token)),
        best: proof.time,
    }
}

const NOT_LATER: (&str, &str) = ("timestamp-not-later", "EN 319 102-1, 5.4");
const COMPLETE: (&str, &str) = ("validation-data", "EN 319 102-1, 5.2.6.4");
const PROVEN: (&str, &str) = ("proof-of-existence", "EN 319 102-1, 5.5.4 and 5.6.2.4");

impl Court<'_> {
    /// Looks whether the proven time settles what basic validation left open; the first thing that stays open decides.
    fn settle(
        &self,
        basic: &mut Basic,
        target: Option<&Certificate>,
        purpose: Purpose,
        (proof, lower): (Proof, Option<Time>),
        poe: &ProofsOfExistence<'_>,
    ) -> Option<Failure> {
        if basic.fatal.is_some() {
            return basic.fatal;
        }
        let target = target?;
        if let Some(failure) = contradicted(&basic.certified.issues, target, proof, lower) {
            return Some(failure);
        }
        if basic.certified.issues.is_empty() {
            return None;
        }
        let issues = basic.certified.issues.clone();
        let used = basic.certified.path.as_ref();
        let asked = Past { target, purpose, proof, used, poe };
        let open: Vec<&Issue> =
            issues.iter().filter(|issue| !self.is_settled_by_time(issue, &asked)).collect();
        let past = match open.is_empty() || proof.by.is_none() {
            true => None,
            false => Some(self.control_time(target, purpose, proof.time, poe)),
        };
        let open: Vec<&Issue> = match &past {
            Some(Ok(control)) if proof.time <= *control => {
                open.into_iter().filter(|issue| !is_settled_in_the_past(issue, proof.time)).collect()
            }
            _ => open,
        };
        record(&mut basic.checks, &issues, &open, proof, past);
        open.first().map(|issue| (Indication::Indeterminate, issue.sub_indication()))
    }

    /// 5.5.4: what does not matter at the proven time.
    fn is_settled_by_time(&self, issue: &Issue, asked: &Past<'_>) -> bool {
        let Past { proof, poe, .. } = *asked;
        match issue {
            Issue::Revoked { at } => proof.by.is_some() && *at > proof.time,
            Issue::RevokedCa => false,
            Issue::OutOfBounds { known_good, .. } => {
                *known_good && proof.by.is_some() && self.was_in_bounds(asked)
            }
            Issue::StatusOpen { stale, .. } => {
                let exists =
                    |one: &Statement| one.sources.iter().all(|source| one.is_reliable(poe.of(*source).time));
                let usable = |one: &Statement| self.is_fresh(one, proof.time) && exists(one);
                proof.by.is_some() && stale.iter().any(usable)
            }
            Issue::Weak { end, concerned } => {
                let existed = match concerned {
                    Concerned::Signature => proof.time,
                    Concerned::Certificate(object) => object.map_or(self.now, |object| poe.of(object).time),
                };
                end.is_some_and(|end| existed < end)
            }
        }
    }

    /// Whether every certificate of a path was valid at the proven time. A path that is not the one judged so far is
    /// judged now: what was said about other certificates says nothing about its own.
    fn was_in_bounds(&self, asked: &Past<'_>) -> bool {
        let outcome = self.path(asked.target, asked.purpose, asked.proof.time);
        let Some(path) = outcome.path() else { return false };
        if asked.used.is_some_and(|used| used.certificates == path.certificates()) {
            return true;
        }
        let unseen = &mut Checks::default();
        let other = self.certify_path(path, asked.purpose, Some(Text::new("yes")), unseen);
        let mut statuses = other.path.iter().flat_map(|path| &path.statuses);
        statuses.all(|status| matches!(status, StatusUsed::Good { .. } | StatusUsed::Exempt))
            && other.issues.iter().all(|issue| self.is_settled_by_time(issue, asked))
    }
}

/// What is asked about the past of a certificate.
struct Past<'a> {
    target: &'a Certificate,
    purpose: Purpose,
    proof: Proof,
    /// The path judged so far.
    used: Option<&'a PathUsed>,
    poe: &'a ProofsOfExistence<'a>,
}

/// 5.5.4 and 5.6.2.4: what a signature contradicts by the times that are proven for it. A signature that existed before
/// its certificate was valid was not made with it, whether the certificate is valid by now or not.
fn contradicted(
    issues: &[Issue],
    target: &Certificate,
    proof: Proof,
    lower: Option<Time>,
) -> Option<Failure> {
    if proof.by.is_some() && proof.time < target.not_before() {
        return Some((Indication::TotalFailed, SubIndication::NotYetValid));
    }
    let lower = lower?;
    issues.iter().find_map(|issue| match issue {
        Issue::OutOfBounds { not_after, .. } if lower > *not_after => {
            Some((Indication::TotalFailed, SubIndication::Expired))
        }
        Issue::Revoked { at } if lower > *at => Some((Indication::TotalFailed, SubIndication::Revoked)),
        // Table 6: and this was known when the signature was made.
        Issue::Weak { end: Some(end), concerned: Concerned::Signature } if lower >= *end => {
            Some((Indication::Indeterminate, SubIndication::CryptoConstraintsFailure))
        }
        _ => None,
    })
}

/// 5.6.2.4, with the signature proven to have existed at or before the control time.
fn is_settled_in_the_past(issue: &Issue, proven: Time) -> bool {
    match issue {
        Issue::Revoked { .. } | Issue::RevokedCa | Issue::StatusOpen { .. } => true,
        Issue::OutOfBounds { not_before, not_after, .. } => *not_before <= proven && proven <= *not_after,
        Issue::Weak { end, concerned: Concerned::Signature } => end.is_some_and(|end| proven < end),
        // The control time is not after the end of anything that a certificate of the path is signed with.
        Issue::Weak { concerned: Concerned::Certificate(_), .. } => true,
    }
}

fn record(
    checks: &mut Checks,
    issues: &[Issue],
    open: &[&Issue],
    proof: Proof,
    past: Option<Result<Time, Text>>,
) {
    let mut ask = |answer, detail| {
        let (question, clause) = PROVEN;
        checks.0.push(Asked { question, clause, weight: Weight::Fail, answer, detail });
    };
    for issue in issues {
        let name = issue.sub_indication().as_str();
        if !open.contains(&issue) {
            ask(Answer::Yes, Text::new("issue-settled").with("issue", name).with("time", proof.time));
        } else if proof.by.is_none() {
            ask(Answer::No, Text::new("issue-without-proof").with("issue", name));
        } else {
            let text = Text::new("issue-open").with("issue", name).with("time", proof.time);
            ask(Answer::No, text);
        }
    }
    match past {
        Some(Err(why)) => ask(Answer::No, why),
        Some(Ok(control)) if proof.time > control => {
            ask(Answer::No, Text::new("control-time-too-early").with("time", control));
        }
        Some(Ok(control)) => ask(Answer::Yes, Text::new("control-time").with("time", control)),
        None => {}
    }
}
