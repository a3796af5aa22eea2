//! What a policy may ask beyond the standard's building blocks (EN 319 102-1, 5.2.8 and Annex B).

use crate::basic::{Basic, Failure};
use crate::check::Checks;
use crate::court::Court;
use crate::poe::ProofsOfExistence;
use crate::policy::{Constraint, Policy, Weight};
use crate::text::Text;
use crate::verdict::{BeaconVerdict, Indication, Level, SigningTime, SubIndication, TokenVerdict};
use evidence::{ObjectRef, PolicyDocument, SignatureEvidence, SignaturePolicy, TokenRole};
use types::Time;

const ORDER: (&str, &str) = ("timestamp-order", "EN 319 102-1, 5.5.4");
const REQUIRED: (&str, &str) = ("timestamp-required", "EN 319 102-1, 5.5");
const BEFORE: (&str, &str) = ("timestamp-before-revocation", "EN 319 102-1, 5.2.5");
const DELAY: (&str, &str) = ("revocation-delay", "EN 319 102-1, 5.2.5");
const LEVEL: (&str, &str) = ("baseline-level", "ETSI EN 319 142-1, 6; ETSI EN 319 122-1, 6");
const PINNED: (&str, &str) = ("pinned-certificate", "EN 319 102-1, 5.2.6");
const QUALIFIED: (&str, &str) = ("qualified-certificate", "ETSI EN 319 412-5, 4.2.1");
const STAMPED: (&str, &str) = ("timestamp-delay", "EN 319 102-1, 5.5.4");
const POLICY: (&str, &str) = ("signature-policy", "EN 319 102-1, 5.2.4; ETSI EN 319 122-1, 5.2.9");
const CLAIMED: (&str, &str) = ("claimed-time", "ETSI EN 319 142-1, 6.3");

/// id-etsi-qcs-QcCompliance.
const QC_COMPLIANCE: &str = "0.4.0.1862.1.1";

/// Asks everything that is left; the first answer that decides against the signature is given.
pub(crate) fn ask(
    court: &Court<'_>,
    signature: &SignatureEvidence,
    level: Level,
    (time, beacon): (&SigningTime, Option<&BeaconVerdict>),
    basic: &mut Basic,
    tokens: &[TokenVerdict],
    poe: &ProofsOfExistence<'_>,
) -> Option<Failure> {
    const CONSTRAINT: Failure = (Indication::Indeterminate, SubIndication::SigConstraintsFailure);
    let policy = court.policy;
    let weight = |constraint| policy.weight(constraint);
    let mut checks = Checks::default();
    let mut failure = None;
    let mut note = |decides: bool, this: Failure| {
        if decides && failure.is_none() {
            failure = Some(this);
        }
    };
    let disorder = disorder(court, signature, time, tokens, poe);
    let decides =
        checks.ask(ORDER, weight(Constraint::TimestampOrder), disorder, || Text::new("timestamps-ordered"));
    note(decides, (Indication::Indeterminate, SubIndication::TimestampOrderFailure));
    if !signature.kind.is_timestamp() {
        ask_claims(signature, time, beacon, &mut checks);
        let delayed = delayed(signature, time, policy);
        let fine = || Text::new("timestamp-soon").with("time", time.best);
        note(checks.ask(STAMPED, weight(Constraint::TimestampDelay), delayed, fine), CONSTRAINT);
        if let Some((fault, sub_indication)) = policy_named(signature) {
            let decides = checks.ask(POLICY, weight(Constraint::SignaturePolicy), fault, || {
                Text::new("signature-policy-at-hand")
            });
            note(decides, (Indication::Indeterminate, sub_indication));
        }
        let fault = time.not_after.is_none().then(|| Text::new("timestamp-absent"));
        let fine = || Text::new("timestamp-there").with("time", time.best);
        note(checks.ask(REQUIRED, weight(Constraint::TimestampRequired), fault, fine), CONSTRAINT);
        for decides in ask_revocation_times(court, basic, time, &mut checks) {
            note(decides, CONSTRAINT);
        }
        let fault = (!policy.accepted_levels.contains(&level))
            .then(|| Text::new("level-not-accepted").with("level", level.as_str()));
        let fine = || Text::new("level-accepted").with("level", level.as_str());
        note(checks.ask(LEVEL, weight(Constraint::BaselineLevel), fault, fine), CONSTRAINT);
        let direct = basic.certified.path.as_ref().is_some_and(|path| path.direct);
        let fault = (!direct).then(|| Text::new("certificate-not-pinned"));
        let decides = checks
            .ask(PINNED, weight(Constraint::PinnedCertificate), fault, || Text::new("certificate-pinned"));
        note(decides, (Indication::Indeterminate, SubIndication::ChainConstraintsFailure));
        let fault = (!is_qualified(signature)).then(|| Text::new("certificate-not-qualified"));
        let fine = || Text::new("certificate-qualified");
        let decides = checks.ask(QUALIFIED, weight(Constraint::QualifiedCertificate), fault, fine);
        note(decides, (Indication::Indeterminate, SubIndication::ChainConstraintsFailure));
    }
    basic.checks.0.extend(checks.0);
    failure
}

fn is_qualified(signature: &SignatureEvidence) -> bool {
    let signer = signature.signed_data.as_ref().ok().and_then(|facts| facts.signer.as_ref());
    let statements = signer.and_then(|signer| signer.certificate.extensions().qc_statements.as_ref());
    statements.is_some_and(|statements| statements.iter().any(|one| one.id.to_string() == QC_COMPLIANCE))
}

/// Claimed times are only claims; one outside of the proven times is an impossible one. Nothing more than a warning
/// follows, and from a beacon that is only named neither does more.
pub(crate) fn ask_claims(
    signature: &SignatureEvidence,
    time: &SigningTime,
    beacon: Option<&BeaconVerdict>,
    checks: &mut Checks,
) {
    if signature.kind.is_timestamp() {
        return;
    }
    let record = signature.signed_data.as_ref().ok().and_then(|facts| facts.record.as_ref());
    let of_clock = record.and_then(|record| record.clock()?.claimed());
    let of_clock = of_clock.filter(|of_clock| Some(*of_clock) != signature.claimed_time);
    for claimed in signature.claimed_time.into_iter().chain(of_clock) {
        ask_claimed(claimed, time, beacon, checks);
    }
}

fn ask_claimed(claimed: Time, time: &SigningTime, beacon: Option<&BeaconVerdict>, checks: &mut Checks) {
    // Clocks differ a little.
    const TOLERANCE_SECONDS: i64 = 300;
    let both = |key, proven: Time| Text::new(key).with("claimed", claimed).with("proven", proven);
    let is_early = |lower: Time| claimed < lower.plus(-TOLERANCE_SECONDS);
    let (lower, upper) = (time.not_before.map(|(time, _)| time), time.not_after.map(|(time, _)| time));
    let fault = match (lower, upper, beacon) {
        (_, Some(upper), _) if claimed > upper.plus(TOLERANCE_SECONDS) => {
            Some(both("claimed-time-impossible", upper))
        }
        (Some(lower), _, _) if is_early(lower) => Some(both("claimed-time-too-early", lower)),
        (None, _, Some(beacon)) if is_early(beacon.time) => {
            Some(both("claimed-time-before-beacon", beacon.time).with("source", &beacon.source))
        }
        _ => None,
    };
    let proven = upper.or(lower);
    if let (None, None) = (&fault, proven) {
        return;
    }
    let fine = || both("claimed-time-possible", proven.unwrap_or(claimed));
    checks.ask(CLAIMED, Weight::Warn, fault, fine);
}

/// 5.5.4: the timestamp later after the claimed time than the policy allows. A signer who claims no time, and one without a
/// timestamp, have not met the limit either.
fn delayed(signature: &SignatureEvidence, time: &SigningTime, policy: &Policy) -> Option<Text> {
    let limit = policy.timestamp_delay?;
    let (Some(claimed), Some((proven, _))) = (signature.claimed_time, time.not_after) else {
        return Some(Text::new("timestamp-delay-unknown"));
    };
    let both = |key| Text::new(key).with("claimed", claimed).with("proven", proven);
    (proven > claimed.plus(limit)).then(|| both("timestamp-delayed"))
}

/// 5.2.4: what keeps the named signature policy from being looked at, if one is named, and what that means.
fn policy_named(signature: &SignatureEvidence) -> Option<(Option<Text>, SubIndication)> {
    let SignaturePolicy::Named { document, .. } = signature.signature_policy.as_ref()? else { return None };
    let missing = SubIndication::SignaturePolicyNotAvailable;
    Some(match document {
        PolicyDocument::AtHand => (None, missing),
        PolicyDocument::NotAtHand => (Some(Text::new("signature-policy-not-at-hand")), missing),
        PolicyDocument::Unusable(why) => {
            let text = Text::new("signature-policy-unusable").with("why", why);
            (Some(text), SubIndication::PolicyProcessingError)
        }
    })
}

/// 5.5.4: a timestamp over the content cannot be newer than one over the signature, nor one that is covered newer than
/// the one that covers it.
fn disorder(
    court: &Court<'_>,
    signature: &SignatureEvidence,
    time: &SigningTime,
    tokens: &[TokenVerdict],
    poe: &ProofsOfExistence<'_>,
) -> Option<Text> {
    let text = |earlier: Time, later: Time| {
        Some(Text::new("timestamps-disordered").with("inner", earlier).with("outer", later))
    };
    if let (Some((content, _)), Some((proven, _))) = (time.not_before, time.not_after)
        && content > proven.plus(1)
    {
        return text(content, proven);
    }
    signature.tokens.iter().chain(&signature.own_token).find_map(|id| {
        let stamp = court.evidence.tokens.get(*id)?.stamp.as_ref().ok()?;
        let good = tokens.get(*id)?.indication == Indication::TotalPassed;
        let content = court.evidence.tokens.get(*id)?.role == TokenRole::Content;
        let proof = poe.of(ObjectRef::Token(*id));
        let accuracy = stamp.accuracy_microseconds.unwrap_or(0).div_ceil(1_000_000);
        let tolerance = i64::try_from(accuracy).unwrap_or(i64::MAX).saturating_add(1);
        (good && !content && proof.by.is_some() && stamp.time > proof.time.plus(tolerance))
            .then(|| text(stamp.time, proof.time))?
    })
}

/// When the status of the signer's certificate was told, against the timestamp.
fn ask_revocation_times(
    court: &Court<'_>,
    basic: &Basic,
    time: &SigningTime,
    checks: &mut Checks,
) -> [bool; 2] {
    let policy = court.policy;
    let Some((stamped, _)) = time.not_after else { return [false; 2] };
    if basic.certified.told.is_empty() {
        return [false; 2];
    }
    let after = basic.certified.told.iter().filter(|told| **told >= stamped).min();
    let fault = after.is_none().then(|| Text::new("revocation-before-timestamp").with("time", stamped));
    let fine = || Text::new("revocation-after-timestamp").with("time", stamped);
    let weight = policy.weight(Constraint::TimestampBeforeRevocation);
    let early = checks.ask(BEFORE, weight, fault, fine);
    let Some(after) = after else { return [early, false] };
    let delay = after.unix().saturating_sub(stamped.unix());
    let (warning, limit) = policy.revocation_delay;
    let minutes = |key| Text::new(key).with("minutes", delay / 60);
    let too_late = limit.is_some_and(|limit| delay > limit);
    let rather_late = warning.is_some_and(|warning| delay > warning);
    let full = policy.weight(Constraint::RevocationDelay);
    let weight = if rather_late && !too_late { full.min(Weight::Warn) } else { full };
    let fault = (too_late || rather_late).then(|| minutes("revocation-late"));
    [early, checks.ask(DELAY, weight, fault, || minutes("revocation-soon"))]
}
