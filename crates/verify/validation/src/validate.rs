//! Basic signature validation (EN 319 102-1, 5.3): the building blocks in their order, and the dimensions beside them.

use crate::algorithms::{weak_digest, weak_signature};
use crate::level::baseline_level;
use crate::policy::{Policy, Revocation};
use crate::verdict::{
    Dimension, Dimensions, Indication, Level, SignatureVerdict, State, SubIndication, Verdict,
};
use evidence::{
    Binding, Check, Coverage, Evidence, FormatFault, Kind, PathFault, SignatureEvidence, SignedFacts, Trust,
};
use inspection::Judgement;
use types::{Finding, Severity, Time};

/// Judges every signature of the evidence at `at` under `policy`.
pub fn validate(evidence: &Evidence, policy: &Policy, at: Time) -> Verdict {
    let signatures = evidence.signatures.iter().map(|signature| judge(signature, policy, at)).collect();
    Verdict { signatures }
}

fn judge(signature: &SignatureEvidence, policy: &Policy, at: Time) -> SignatureVerdict {
    match &signature.signed_data {
        Err(fault) => unprocessable(signature, fault),
        Ok(facts) => {
            let failure = first_failure(signature, facts, policy, at);
            SignatureVerdict {
                indication: failure.map_or(Indication::TotalPassed, |(indication, _)| indication),
                sub_indication: failure.map(|(_, sub_indication)| sub_indication),
                level: baseline_level(signature, facts),
                dimensions: dimensions(signature, facts, policy, at),
            }
        }
    }
}

type Failure = (Indication, SubIndication);

/// The first building block that does not succeed decides. Failures that nothing can mend come before those that more
/// information could mend, so that an altered file is never called merely undecided.
fn first_failure(
    signature: &SignatureEvidence,
    facts: &SignedFacts,
    policy: &Policy,
    at: Time,
) -> Option<Failure> {
    None.or_else(|| format_checking(signature))
        .or_else(|| cryptographic_verification(facts))
        .or_else(|| later_changes(signature))
        .or_else(|| signing_certificate(facts))
        .or_else(|| certificate_path(facts))
        .or_else(|| reliable_algorithms(facts, policy, at))
        .or_else(|| revocation_status(facts, policy))
        .or_else(|| timestamp_content(signature))
}

/// EN 319 102-1, 5.2.2. Readers may take another signature than this one where its form breaks the standard.
fn format_checking(signature: &SignatureEvidence) -> Option<Failure> {
    let partial = matches!(signature.coverage, Coverage::Partial(_));
    (partial || malformed(signature).is_some())
        .then_some((Indication::TotalFailed, SubIndication::FormatFailure))
}

/// The first finding about the signature dictionary that is an error. Attributes of the CMS that break their standard
/// are not used, and missed where they are needed.
fn malformed(signature: &SignatureEvidence) -> Option<&Finding> {
    let in_dictionary = |finding: &&Finding| finding.code.starts_with("pdf.");
    signature.findings.iter().filter(in_dictionary).find(|finding| finding.severity == Severity::Error)
}

/// EN 319 102-1, 5.2.7.
fn cryptographic_verification(facts: &SignedFacts) -> Option<Failure> {
    match (&facts.content, &facts.value) {
        (Check::Differs, _) => Some((Indication::TotalFailed, SubIndication::HashFailure)),
        (_, Check::Differs) => Some((Indication::TotalFailed, SubIndication::SigCryptoFailure)),
        (Check::NotComputed(_), _) => Some((Indication::Indeterminate, SubIndication::SignedDataNotFound)),
        (_, Check::NotComputed(_)) if facts.signer.is_none() => {
            Some((Indication::Indeterminate, SubIndication::NoSigningCertificateFound))
        }
        (_, Check::NotComputed(_)) => {
            Some((Indication::Indeterminate, SubIndication::CryptoConstraintsFailureNoPoe))
        }
        (Check::Matches, Check::Matches) => None,
    }
}

/// What a reader is shown must be what was signed, or a lawful addition to it (ISO 32000-2, 12.8.2).
fn later_changes(signature: &SignatureEvidence) -> Option<Failure> {
    match signature.later.judgement {
        Judgement::None | Judgement::Permitted { .. } => None,
        Judgement::Suspicious { .. } => Some((Indication::TotalFailed, SubIndication::FormatFailure)),
        Judgement::Overlaid { .. } | Judgement::NotAnalysed { .. } => {
            Some((Indication::Indeterminate, SubIndication::SigConstraintsFailure))
        }
    }
}

/// EN 319 102-1, 5.2.3.
fn signing_certificate(facts: &SignedFacts) -> Option<Failure> {
    let identified = facts.signer.is_some() && facts.binding != Binding::Contradicted;
    (!identified).then_some((Indication::Indeterminate, SubIndication::NoSigningCertificateFound))
}

/// EN 319 102-1, 5.2.6.
fn certificate_path(facts: &SignedFacts) -> Option<Failure> {
    let sub_indication = match &facts.trust {
        Trust::Anchored { .. } => return None,
        Trust::NoPath { .. } | Trust::NotSought => SubIndication::NoCertificateChainFound,
        Trust::Broken { fault, .. } => match fault {
            PathFault::Expired | PathFault::NotYetValid => SubIndication::OutOfBoundsNoPoe,
            PathFault::Constraint => SubIndication::ChainConstraintsFailure,
            PathFault::Budget => SubIndication::CertificateChainGeneralFailure,
        },
    };
    Some((Indication::Indeterminate, sub_indication))
}

/// EN 319 102-1, 5.2.8.
fn reliable_algorithms(facts: &SignedFacts, policy: &Policy, at: Time) -> Option<Failure> {
    weakness(facts, policy, at)
        .map(|_| (Indication::Indeterminate, SubIndication::CryptoConstraintsFailureNoPoe))
}

/// The first unreliable algorithm of the signature or of its path, in words.
fn weakness(facts: &SignedFacts, policy: &Policy, at: Time) -> Option<String> {
    let key = facts.signer.as_ref().and_then(|signer| signer.key.as_ref().ok().copied());
    let signature = facts.signature_algorithm.as_ref().ok();
    let of_path = || match &facts.trust {
        // The anchor is trusted as such; what signed it does not matter.
        Trust::Anchored { path, direct: false, .. } => path.iter().find_map(|certificate| {
            let algorithm = certificate.signature_algorithm().ok()?;
            weak_signature(algorithm, None, policy, at)
                .map(|why| format!("{why} (certificate of {})", certificate.subject()))
        }),
        _ => None,
    };
    weak_digest(facts.digest_algorithm, policy, at)
        .or_else(|| signature.and_then(|algorithm| weak_signature(algorithm, key, policy, at)))
        .or_else(of_path)
}

/// EN 319 102-1, 5.2.6.4: the status of every certificate that somebody issued must be known.
fn revocation_status(facts: &SignedFacts, policy: &Policy) -> Option<Failure> {
    let undecided = policy.revocation == Revocation::Required && !revocation_settled(facts);
    undecided.then_some((Indication::Indeterminate, SubIndication::TryLater))
}

/// A signer trusted directly has no issuer that could revoke; `noRevAvail` says that nobody will (RFC 9608).
fn revocation_settled(facts: &SignedFacts) -> bool {
    match &facts.trust {
        Trust::Anchored { direct: true, .. } => true,
        Trust::Anchored { path, .. } => path.iter().all(is_never_revoked),
        _ => false,
    }
}

/// RFC 9608: no revocation information will ever exist; ETSI EN 319 412-1, 5.2: too short-lived to be revoked.
fn is_never_revoked(certificate: &pkix::Certificate) -> bool {
    let extensions = certificate.extensions();
    extensions.no_rev_avail || extensions.validity_assured_short_term
}

/// A document timestamp is recognised here and not yet validated as a timestamp (EN 319 102-1, 5.4), so never passed.
fn timestamp_content(signature: &SignatureEvidence) -> Option<Failure> {
    (signature.kind == Kind::DocTimestamp)
        .then_some((Indication::Indeterminate, SubIndication::SigConstraintsFailure))
}

fn unprocessable(signature: &SignatureEvidence, fault: &FormatFault) -> SignatureVerdict {
    let unknown = || Dimension::new(State::Unknown, "the signature could not be read");
    let (indication, sub_indication, state) = if fault.recognised {
        (Indication::Indeterminate, SubIndication::SigConstraintsFailure, State::Unknown)
    } else {
        (Indication::TotalFailed, SubIndication::FormatFailure, State::Broken)
    };
    SignatureVerdict {
        indication,
        sub_indication: Some(sub_indication),
        level: Level::None,
        dimensions: Dimensions {
            integrity: Dimension::new(state, fault.reason.clone())
                .hint("ask the sender for the original file, or for a signature in a supported format"),
            identity: unknown(),
            trust: unknown(),
            revocation: unknown(),
            time: unknown(),
            changes: changes(signature),
        },
    }
}

fn dimensions(signature: &SignatureEvidence, facts: &SignedFacts, policy: &Policy, at: Time) -> Dimensions {
    Dimensions {
        integrity: integrity(signature, facts, policy, at),
        identity: identity(facts),
        trust: trust(facts),
        revocation: revocation(signature, facts),
        time: time(signature, facts),
        changes: changes(signature),
    }
}

fn integrity(signature: &SignatureEvidence, facts: &SignedFacts, policy: &Policy, at: Time) -> Dimension {
    const ORIGINAL: &str = "do not rely on this file; ask the sender for the original";
    if let Coverage::Partial(why) = signature.coverage {
        return Dimension::new(State::Broken, why.describe()).hint(ORIGINAL);
    }
    match (&facts.content, &facts.value) {
        (Check::Differs, _) => {
            Dimension::new(State::Broken, "the signed bytes were changed after signing").hint(ORIGINAL)
        }
        (_, Check::Differs) => Dimension::new(
            State::Broken,
            "the signature value does not fit the signed data and the signer's key",
        )
        .hint(ORIGINAL),
        (Check::NotComputed(why), _) | (_, Check::NotComputed(why)) => {
            Dimension::new(State::Unknown, why.clone())
        }
        (Check::Matches, Check::Matches) => match (malformed(signature), weakness(facts, policy, at)) {
            (Some(finding), _) => Dimension::new(State::Broken, finding.message.clone()).hint(ORIGINAL),
            (None, Some(why)) => Dimension::new(State::Unknown, why).hint(
                "ask for a new signature with a current algorithm, or for proof that this one is older",
            ),
            (None, None) => {
                Dimension::new(State::Proven, "the signed bytes are unchanged and the signature value fits")
            }
        },
    }
}

fn identity(facts: &SignedFacts) -> Dimension {
    let Some(signer) = &facts.signer else {
        return Dimension::new(State::Unknown, "the signer's certificate is not in the file")
            .hint("ask the signer for the certificate");
    };
    let subject = signer.certificate.subject();
    match (facts.binding, &facts.value) {
        (Binding::Contradicted, _) => Dimension::new(
            State::Broken,
            "the signature names another certificate than the one it comes with",
        ),
        (_, Check::Matches) if facts.binding == Binding::Bound => Dimension::new(
            State::Proven,
            format!("signed with the key of {subject}, named inside the signature"),
        ),
        (_, Check::Matches) => Dimension::new(State::Proven, format!("signed with the key of {subject}")),
        _ => Dimension::new(State::Unknown, format!("claims to be signed by {subject}")),
    }
}

fn trust(facts: &SignedFacts) -> Dimension {
    match &facts.trust {
        Trust::Anchored { direct: true, .. } => {
            Dimension::new(State::Proven, "the signer's certificate is one that you trust")
        }
        Trust::Anchored { anchor, .. } => {
            Dimension::new(State::Proven, format!("the certificate leads to {anchor}, which you trust"))
        }
        Trust::NoPath { missing } => Dimension::new(
            State::Unknown,
            format!("nothing that you trust vouches for {missing}"),
        )
        .hint("if you know from elsewhere that this certificate is genuine: undersign trust add CERTIFICATE"),
        Trust::NotSought => Dimension::new(State::Unknown, "there is no certificate to look up"),
        Trust::Broken { fault, certificate, reason } => {
            let state = match fault {
                PathFault::Constraint => State::Broken,
                _ => State::Unknown,
            };
            let hint = match fault {
                PathFault::Expired => {
                    "proof that the signature is older than the end of the certificate (a timestamp) would settle it"
                }
                PathFault::NotYetValid => "check the clock of this computer, or the time given with --at",
                PathFault::Constraint => "ask the issuer of the certificate",
                PathFault::Budget => "the file holds an unreasonable number of certificates",
            };
            Dimension::new(state, format!("{reason} ({certificate})")).hint(hint)
        }
    }
}

fn revocation(signature: &SignatureEvidence, facts: &SignedFacts) -> Dimension {
    match &facts.trust {
        Trust::Anchored { direct: true, .. } => {
            Dimension::new(State::Proven, "you trust this certificate directly, so nobody else can revoke it")
                .hint("remove it from your trust store if its owner tells you that the key is lost")
        }
        Trust::Anchored { .. } if revocation_settled(facts) => Dimension::new(
            State::Proven,
            "the issuer publishes no revocation for these certificates (RFC 9608)",
        ),
        _ if signature.store.revocation_data => Dimension::new(
            State::Unknown,
            "the file carries revocation data, which this version does not evaluate",
        ),
        _ => Dimension::new(State::Unknown, "no revocation data are at hand")
            .hint("the issuer can say whether the certificate was revoked"),
    }
}

fn time(signature: &SignatureEvidence, facts: &SignedFacts) -> Dimension {
    let stamped = facts.attributes.signature_timestamp || signature.store.later_doc_timestamp;
    let hint = if stamped {
        "the file carries a timestamp, which this version does not evaluate"
    } else {
        "only a timestamp by an independent authority proves when it was signed"
    };
    match signature.claimed_time {
        Some(time) => {
            Dimension::new(State::Claimed, format!("the signer's clock said {time}; nothing proves it"))
                .hint(hint)
        }
        None => Dimension::new(State::Unknown, "no time is stated").hint(hint),
    }
}

fn changes(signature: &SignatureEvidence) -> Dimension {
    match &signature.later.judgement {
        Judgement::None => Dimension::new(State::Proven, "nothing was added after this signature"),
        Judgement::Permitted { .. } => Dimension::new(
            State::Proven,
            "what was added later is permitted and does not change what was signed",
        ),
        Judgement::Overlaid { what } => {
            let what = what.first().map_or("something was added", String::as_str);
            Dimension::new(State::Unknown, format!("what shows may not be what was signed: {what}"))
                .hint("extract and read the signed revision, and compare")
        }
        Judgement::Suspicious { reasons } => {
            let first = reasons.first().map_or("the document was changed", String::as_str);
            let more = match reasons.len() {
                0 | 1 => String::new(),
                count => format!(", and {} more", count - 1),
            };
            Dimension::new(State::Broken, format!("changed after signing: {first}{more}"))
                .hint("extract and read the signed revision, and ask the sender why the file was changed")
        }
        Judgement::NotAnalysed { why } => {
            Dimension::new(State::Unknown, format!("later changes could not be judged: {why}"))
        }
    }
}
