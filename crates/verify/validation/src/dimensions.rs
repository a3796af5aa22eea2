//! The six dimensions of a verdict: what is known, why, and what to do, each as a message of the catalogue.

use crate::algorithms::{Used, weakness};
use crate::basic::{Basic, malformed};
use crate::certificate::{Issue, weak_text};
use crate::court::Court;
use crate::text::Text;
use crate::verdict::{Dimension, Dimensions, PathUsed, SigningTime, State, StatusUsed, SubIndication};
use evidence::{Binding, Check, Container, Coverage, FormatFault, SignatureEvidence, SignedFacts};
use inspection::Judgement;

pub(crate) fn dimensions(
    court: &Court<'_>,
    signature: &SignatureEvidence,
    basic: &Basic,
    time: &SigningTime,
) -> Dimensions {
    match &signature.signed_data {
        Err(fault) => unprocessable(court, signature, fault),
        Ok(facts) => Dimensions {
            integrity: integrity(court, signature, facts, time),
            identity: identity(facts),
            trust: trust(facts, basic, time),
            revocation: revocation(court, basic, time),
            time: signed_when(court, signature, time),
            changes: changes(court, signature),
        },
    }
}

fn unprocessable(court: &Court<'_>, signature: &SignatureEvidence, fault: &FormatFault) -> Dimensions {
    let unknown = || Dimension::new(State::Unknown, Text::new("signature-unreadable"));
    let state = if fault.recognised { State::Unknown } else { State::Broken };
    Dimensions {
        integrity: Dimension::new(state, Text::new("detail").with("text", &fault.reason))
            .hint("hint-supported-format"),
        identity: unknown(),
        trust: unknown(),
        revocation: unknown(),
        time: unknown(),
        changes: changes(court, signature),
    }
}

fn integrity(
    court: &Court<'_>,
    signature: &SignatureEvidence,
    facts: &SignedFacts,
    time: &SigningTime,
) -> Dimension {
    const ORIGINAL: &str = "hint-original";
    let broken = |text| Dimension::new(State::Broken, text).hint(ORIGINAL);
    if let Coverage::Partial(why) = signature.coverage {
        return broken(Text::new("detail").with("text", why.describe()));
    }
    match (&facts.content, &facts.value) {
        (Check::Differs, _) => return broken(Text::new("signed-bytes-changed")),
        (_, Check::Differs) => return broken(Text::new("signature-value-wrong")),
        (Check::NotComputed(why), _) | (_, Check::NotComputed(why)) => {
            return Dimension::new(State::Unknown, Text::new("detail").with("text", why));
        }
        (Check::Matches, Check::Matches) => {}
    }
    if let Some(finding) = malformed(signature) {
        return broken(Text::new("detail").with("text", &finding.message));
    }
    let key = facts.signer.as_ref().and_then(|signer| signer.key.as_ref().ok().copied());
    let of_value = facts.signature_algorithm.as_ref().ok().map(|algorithm| Used::Signature(algorithm, key));
    let weak = [Some(Used::Digest(facts.digest_algorithm)), of_value]
        .into_iter()
        .flatten()
        .find_map(|used| weakness(used, court.policy, time.best));
    match weak {
        Some(weak) => Dimension::new(State::Unknown, weak_text(&weak)).hint("hint-new-signature"),
        None => Dimension::new(State::Proven, Text::new("integrity-proven")),
    }
}

fn identity(facts: &SignedFacts) -> Dimension {
    let Some(signer) = &facts.signer else {
        return Dimension::new(State::Unknown, Text::new("signer-absent")).hint("hint-ask-certificate");
    };
    let named = |key| Text::new(key).with("name", signer.certificate.subject());
    match (facts.binding, &facts.value) {
        (Binding::Contradicted, _) => Dimension::new(State::Broken, Text::new("signer-contradicted")),
        (Binding::Bound, Check::Matches) => Dimension::new(State::Proven, named("identity-bound")),
        (_, Check::Matches) => Dimension::new(State::Proven, named("identity-named")),
        _ => Dimension::new(State::Unknown, named("identity-claimed")),
    }
}

fn trust(facts: &SignedFacts, basic: &Basic, time: &SigningTime) -> Dimension {
    if facts.signer.is_none() {
        return Dimension::new(State::Unknown, Text::new("trust-not-sought"));
    }
    if let Some((sub_indication, why)) = &basic.certified.fatal {
        let (state, hint) = match sub_indication {
            SubIndication::NoCertificateChainFound => (State::Unknown, "hint-trust-add"),
            SubIndication::ChainConstraintsFailure => (State::Broken, "hint-ask-issuer"),
            _ => (State::Unknown, "hint-ask-issuer"),
        };
        return Dimension::new(state, why.clone()).hint(hint);
    }
    let out_of_bounds = basic.certified.issues.iter().find_map(|issue| match issue {
        Issue::OutOfBounds { not_before, not_after, why, .. } => {
            let within = time.not_after.is_some() && *not_before <= time.best && time.best <= *not_after;
            (!within).then_some((why, time.best < *not_before))
        }
        _ => None,
    });
    match (out_of_bounds, &basic.certified.path) {
        (Some((why, true)), _) => Dimension::new(State::Unknown, why.clone()).hint("hint-check-clock"),
        (Some((why, false)), _) => Dimension::new(State::Unknown, why.clone()).hint("hint-proof-of-time"),
        (None, Some(PathUsed { direct: true, .. })) => {
            Dimension::new(State::Proven, Text::new("trust-direct"))
        }
        (None, Some(path)) => {
            Dimension::new(State::Proven, Text::new("trust-anchored").with("name", &path.anchor))
        }
        (None, None) => Dimension::new(State::Unknown, Text::new("trust-not-sought")),
    }
}

fn revocation(court: &Court<'_>, basic: &Basic, time: &SigningTime) -> Dimension {
    let Some(path) = &basic.certified.path else {
        return Dimension::new(State::Unknown, Text::new("revocation-not-sought"));
    };
    if path.direct {
        return Dimension::new(State::Proven, Text::new("revocation-direct")).hint("hint-trust-remove");
    }
    let revoked =
        path.statuses.iter().zip(&path.certificates).find_map(|(status, certificate)| match status {
            StatusUsed::Revoked { at, reason, .. } => Some((*at, reason, certificate)),
            _ => None,
        });
    if let Some((at, reason, certificate)) = revoked {
        let text =
            |key| Text::new(key).with("name", certificate.subject()).with("time", at).with("reason", reason);
        return match time.not_after {
            Some((proven, _)) if proven < at => {
                Dimension::new(State::Proven, text("revoked-later").with("proven", proven))
            }
            _ => Dimension::new(State::Broken, text("certificate-revoked")).hint("hint-ask-signer"),
        };
    }
    let open =
        path.statuses.iter().zip(&path.certificates).find(|(status, _)| **status == StatusUsed::Unknown);
    if let Some((_, certificate)) = open {
        let carried = court.evidence.material.crls.items.len() + court.evidence.material.ocsps.items.len();
        let key = if carried > 0 { "revocation-unknown-despite-data" } else { "revocation-unknown" };
        return Dimension::new(State::Unknown, Text::new(key).with("name", certificate.subject()))
            .hint("hint-revocation-data");
    }
    let oldest = path.statuses.iter().filter_map(|status| match status {
        StatusUsed::Good { issued_at, .. } => Some(*issued_at),
        _ => None,
    });
    match oldest.min() {
        None => Dimension::new(State::Proven, Text::new("revocation-exempt")),
        Some(oldest) => {
            let old = basic.certified.issues.iter().find_map(|issue| match issue {
                Issue::StatusOpen { stale, as_of } => {
                    let is_old =
                        time.not_after.is_none() || !stale.iter().any(|one| court.is_fresh(one, time.best));
                    is_old.then_some(as_of.unwrap_or(oldest))
                }
                _ => None,
            });
            match old {
                Some(time) => Dimension::new(State::Unknown, Text::new("revocation-old").with("time", time))
                    .hint("hint-revocation-data"),
                None => Dimension::new(State::Proven, Text::new("revocation-good").with("time", oldest)),
            }
        }
    }
}

fn signed_when(court: &Court<'_>, signature: &SignatureEvidence, time: &SigningTime) -> Dimension {
    let own = signature.own_token.and_then(|token| court.evidence.tokens.get(token));
    if let Some(stamp) = own.and_then(|token| token.stamp.as_ref().ok()) {
        return Dimension::new(State::Claimed, Text::new("time-stamped").with("time", stamp.time));
    }
    if let (Some((lower, _)), Some((upper, _))) = (time.not_before, time.not_after)
        && lower > upper.plus(1)
    {
        let text = Text::new("time-contradicted").with("lower", lower).with("upper", upper);
        return Dimension::new(State::Broken, text);
    }
    let bounds = |text: Text| match time.not_before {
        Some((lower, _)) => text.with("lower", lower),
        None => text,
    };
    match (time.not_after, signature.claimed_time) {
        (Some((proven, _)), _) => {
            let key = if time.not_before.is_some() { "time-bracketed" } else { "time-proven" };
            Dimension::new(State::Proven, bounds(Text::new(key).with("time", proven)))
        }
        (None, Some(claimed)) => {
            let hint = match signature.tokens.is_empty() && signature.own_token.is_none() {
                true => "hint-timestamp",
                false => "hint-timestamp-not-good",
            };
            let key = if time.not_before.is_some() { "time-claimed-after" } else { "time-claimed" };
            Dimension::new(State::Claimed, bounds(Text::new(key).with("time", claimed))).hint(hint)
        }
        (None, None) => Dimension::new(State::Unknown, Text::new("time-absent")).hint("hint-timestamp"),
    }
}

/// A container or a CMS does not say what was added to it, and when: only what is covered.
fn beside(container: &Container, signature: &SignatureEvidence) -> Dimension {
    match signature.coverage {
        Coverage::Members { covered: 0, .. } => {
            let key = if *container == Container::Xml { "document-left-out" } else { "members-none" };
            Dimension::new(State::Unknown, Text::new(key)).hint("hint-uncovered")
        }
        Coverage::Members { covered, of } if covered < of => {
            let text = Text::new("changes-members-left-out").with("left", of - covered);
            Dimension::new(State::Unknown, text).hint("hint-uncovered")
        }
        Coverage::Members { .. } => Dimension::new(State::Proven, Text::new("changes-members-covered")),
        _ => Dimension::new(State::Proven, Text::new("changes-content-alone")),
    }
}

fn changes(court: &Court<'_>, signature: &SignatureEvidence) -> Dimension {
    let container = &court.evidence.document.container;
    if !matches!(container, Container::Pdf { .. }) {
        return beside(container, signature);
    }
    match &signature.later.judgement {
        Judgement::None => Dimension::new(State::Proven, Text::new("changes-none")),
        Judgement::Permitted { .. } => Dimension::new(State::Proven, Text::new("changes-permitted")),
        Judgement::Overlaid { what } => {
            let what = what.first().map_or("", String::as_str);
            Dimension::new(State::Unknown, Text::new("changes-overlaid").with("what", what))
                .hint("hint-compare-revision")
        }
        Judgement::Suspicious { reasons } => {
            let first = reasons.first().map_or("", String::as_str);
            let more = reasons.len().saturating_sub(1);
            Dimension::new(
                State::Broken,
                Text::new("changes-suspicious").with("what", first).with("more", more),
            )
            .hint("hint-compare-and-ask")
        }
        Judgement::NotAnalysed { why } => {
            Dimension::new(State::Unknown, Text::new("changes-not-analysed").with("why", why))
        }
    }
}
