//! Basic signature validation (EN 319 102-1, 5.3) and validation of timestamp tokens (5.4): the building blocks in their
//! order, without proofs of existence.

use crate::algorithms::{End, Used, end, weakness};
use crate::certificate::{Certified, Concerned, Issue, weak_text};
use crate::check::Checks;
use crate::court::{Court, Purpose};
use crate::policy::{Constraint, Weight};
use crate::text::Text;
use crate::verdict::{Indication, SubIndication};
use evidence::{
    Binding, Check, Container, Coverage, FormatFault, Kind, SignatureEvidence, SignedFacts, Stamp,
    TokenEvidence, TokenRole,
};
use inspection::Judgement;
use pkix::oid;
use types::{Finding, Severity, Time};

pub(crate) type Failure = (Indication, SubIndication);

/// What basic validation gave.
#[derive(Debug, Default)]
pub(crate) struct Basic {
    /// A failure that no proof of existence can mend; the first one.
    pub(crate) fatal: Option<Failure>,
    /// What is known about the signer's certificate.
    pub(crate) certified: Certified,
    /// What was asked.
    pub(crate) checks: Checks,
    /// Until when the algorithms of the signature itself are reliable.
    pub(crate) reliable_until: End,
}

const FORMAT: (&str, &str) = ("format", "EN 319 102-1, 5.2.2");
const COVERAGE: (&str, &str) = ("coverage", "ISO 32000-2, 12.8.1; ETSI EN 319 142-1, 5.3");
const DICTIONARY: (&str, &str) = ("dictionary", "ISO 32000-2, 12.8.1");
const MEMBERS: (&str, &str) = ("whole-document", "ETSI EN 319 162-1, 4.4");
const SIGNED_BYTES: (&str, &str) = ("signed-bytes", "EN 319 102-1, 5.2.7.4; RFC 5652, 5.4");
const VALUE: (&str, &str) = ("signature-value", "EN 319 102-1, 5.2.7.4; RFC 5652, 5.6");
const CHANGES: (&str, &str) = ("later-changes", "ISO 32000-2, 12.8.2");
const SIGNER: (&str, &str) = ("signing-certificate", "EN 319 102-1, 5.2.3");
const ATTRIBUTE: (&str, &str) = ("signing-certificate-attribute", "EN 319 102-1, 5.2.3; RFC 5035, 3");
const RELIABLE: (&str, &str) = ("algorithms", "EN 319 102-1, 5.2.8; ETSI TS 119 312");
const PURPOSE: (&str, &str) = ("timestamp-purpose", "RFC 3161, 2.3");
const VALID: (&str, &str) = ("timestamp-validity", "EN 319 102-1, 5.4 and 5.5.4");
const NAMED: (&str, &str) = ("beacon-named", "spec/record.md");
const IMPRINT: (&str, &str) = ("timestamp-imprint", "EN 319 102-1, 5.4.4; RFC 3161, 2.4.2");

impl Basic {
    /// Keeps the first failure.
    pub(crate) fn fail(&mut self, decides: bool, failure: Failure) {
        if decides && self.fatal.is_none() {
            self.fatal = Some(failure);
        }
    }

    /// Until when every algorithm that it rests on is reliable, if an end is known.
    pub(crate) fn end_of_algorithms(&self) -> Option<Time> {
        self.reliable_until.earlier(self.certified.reliable_until).time()
    }

    fn unprocessable(&mut self, fault: &FormatFault) {
        let text = Text::new("detail").with("text", &fault.reason);
        self.checks.ask(FORMAT, Weight::Fail, Some(text), || Text::new("yes"));
        self.fail(
            true,
            match fault.recognised {
                true => (Indication::Indeterminate, SubIndication::SigConstraintsFailure),
                false => (Indication::TotalFailed, SubIndication::FormatFailure),
            },
        );
    }
}

impl Court<'_> {
    /// Basic validation of a signature. Failures that nothing can mend come before those that more information could
    /// mend, so that an altered file is never called merely undecided.
    pub(crate) fn basic_signature(&self, signature: &SignatureEvidence) -> Basic {
        let mut basic = Basic::default();
        let facts = match &signature.signed_data {
            Ok(facts) => facts,
            Err(fault) => {
                basic.unprocessable(fault);
                return basic;
            }
        };
        basic.checks.ask(FORMAT, Weight::Fail, None, || {
            Text::new("format-readable").with("format", &signature.sub_filter)
        });
        self.ask_coverage(signature, facts, &mut basic);
        ask_cryptography(facts, &mut basic);
        self.ask_changes(signature, &mut basic);
        let purpose = match signature.kind {
            Kind::DocTimestamp | Kind::EvidenceRecord => Purpose::Timestamp,
            Kind::Signature | Kind::Countersignature { .. } => Purpose::Document,
        };
        self.ask_signer(facts, purpose, &mut basic);
        basic
    }

    /// Validation of a token by itself (5.4): basic validation as a timestamp, and what it is about.
    pub(crate) fn basic_token(&self, token: &TokenEvidence) -> Basic {
        let mut basic = Basic::default();
        match &token.stamp {
            Err(fault) => basic.unprocessable(fault),
            Ok(stamp) => {
                basic.checks.ask(FORMAT, Weight::Fail, None, || {
                    Text::new("format-readable").with("format", "RFC 3161")
                });
                if token.role == TokenRole::Beacon {
                    basic.checks.ask(NAMED, Weight::Fail, None, || Text::new("beacon-named"));
                } else {
                    ask_imprint(stamp, &mut basic);
                }
                ask_cryptography(&stamp.signed, &mut basic);
                if let Ok(digest) = stamp.imprint_algorithm {
                    self.ask_algorithm(Used::Digest(digest), &mut basic);
                }
                ask_purpose(&stamp.signed, &mut basic);
                ask_within_validity(stamp, &mut basic);
                self.ask_signer(&stamp.signed, Purpose::Timestamp, &mut basic);
            }
        }
        basic
    }

    fn ask_coverage(&self, signature: &SignatureEvidence, facts: &SignedFacts, basic: &mut Basic) {
        const FAILED: Failure = (Indication::TotalFailed, SubIndication::FormatFailure);
        match signature.coverage {
            Coverage::Members { covered, of } => {
                let counts = |key| Text::new(key).with("covered", covered).with("of", of);
                // What was altered or is missing is not covered either, and is asked about next.
                let is_none = covered == 0 && facts.content == Check::Matches;
                let fault = match self.evidence.document.container {
                    Container::Xml if is_none => Some(Text::new("document-left-out")),
                    _ if is_none => Some(Text::new("members-none")),
                    _ => (covered < of).then(|| counts("members-left-out")),
                };
                // A signature over none of what a reader is shown says nothing of it, whatever a policy makes of parts.
                let weight = match is_none {
                    true => Weight::Fail,
                    false => self.policy.weight(Constraint::WholeDocument),
                };
                let decides = basic.checks.ask(MEMBERS, weight, fault, || counts("members-covered"));
                basic.fail(decides, (Indication::Indeterminate, SubIndication::SigConstraintsFailure));
            }
            Coverage::Content => {}
            Coverage::WholeFile | Coverage::WholeRevision { .. } | Coverage::Partial(_) => {
                let fault = match signature.coverage {
                    Coverage::Partial(why) => Some(Text::new("detail").with("text", why.describe())),
                    _ => None,
                };
                let decides = basic.checks.ask(COVERAGE, Weight::Fail, fault, || Text::new("coverage-whole"));
                basic.fail(decides, FAILED);
            }
        }
        // Readers may take another signature than this one where its form breaks the standard.
        let fault = malformed(signature).map(|finding| Text::new("detail").with("text", &finding.message));
        let decides = basic.checks.ask(DICTIONARY, Weight::Fail, fault, || Text::new("dictionary-fine"));
        basic.fail(decides, FAILED);
    }

    /// What a reader is shown must be what was signed, or a lawful addition to it.
    fn ask_changes(&self, signature: &SignatureEvidence, basic: &mut Basic) {
        let (fault, failure) = match &signature.later.judgement {
            Judgement::None | Judgement::Permitted { .. } => {
                (None, (Indication::Indeterminate, SubIndication::SigConstraintsFailure))
            }
            Judgement::Suspicious { reasons } => (
                Some(Text::new("detail").with("text", reasons.join("; "))),
                (Indication::TotalFailed, SubIndication::FormatFailure),
            ),
            Judgement::Overlaid { what } => (
                Some(Text::new("detail").with("text", what.join("; "))),
                (Indication::Indeterminate, SubIndication::SigConstraintsFailure),
            ),
            Judgement::NotAnalysed { why } => (
                Some(Text::new("detail").with("text", why)),
                (Indication::Indeterminate, SubIndication::SigConstraintsFailure),
            ),
        };
        let weight = self.policy.weight(Constraint::LaterChanges);
        let decides = basic.checks.ask(CHANGES, weight, fault, || Text::new("changes-allowed"));
        basic.fail(decides, failure);
    }

    /// The signing certificate, its path and status, and the algorithms.
    fn ask_signer(&self, facts: &SignedFacts, purpose: Purpose, basic: &mut Basic) {
        const UNKNOWN: Failure = (Indication::Indeterminate, SubIndication::NoSigningCertificateFound);
        let fault = match (&facts.signer, facts.binding) {
            (None, _) => Some(Text::new("signer-absent")),
            (_, Binding::Contradicted) => Some(Text::new("signer-contradicted")),
            _ => None,
        };
        let subject = facts.signer.as_ref().map(|signer| signer.certificate.subject().to_string());
        let found = || Text::new("signer-found").with("name", subject.unwrap_or_default());
        let decides = basic.checks.ask(SIGNER, Weight::Fail, fault, found);
        basic.fail(decides, UNKNOWN);
        let Some(signer) = &facts.signer else { return };
        let fault = (!facts.attributes.signing_certificate).then(|| Text::new("signer-not-named"));
        let weight = self.policy.weight(Constraint::SigningCertificateAttribute);
        let decides = basic.checks.ask(ATTRIBUTE, weight, fault, || Text::new("signer-named"));
        basic.fail(decides, (Indication::Indeterminate, SubIndication::SigConstraintsFailure));
        let certified = self.certify(&signer.certificate, purpose, &mut basic.checks);
        let before = std::mem::replace(&mut basic.certified, certified);
        basic.certified.issues.extend(before.issues);
        if let Some((sub_indication, _)) = &basic.certified.fatal {
            let failure = (Indication::Indeterminate, *sub_indication);
            basic.fail(true, failure);
        }
        self.ask_algorithm(Used::Digest(facts.digest_algorithm), basic);
        if let Ok(algorithm) = &facts.signature_algorithm {
            let key = signer.key.as_ref().ok().copied();
            self.ask_algorithm(Used::Signature(algorithm, key), basic);
        }
    }

    fn ask_algorithm(&self, used: Used<'_>, basic: &mut Basic) {
        basic.reliable_until = basic.reliable_until.earlier(end(used, self.policy));
        let weak = weakness(used, self.policy, self.now);
        let end = weak.as_ref().map(|weak| weak.since);
        let fault = weak.as_ref().map(weak_text);
        let fine = || match used {
            Used::Digest(digest) => Text::new("algorithm-reliable").with("algorithm", digest),
            Used::Signature(algorithm, _) => Text::new("algorithm-reliable").with("algorithm", algorithm),
        };
        if basic.checks.ask(RELIABLE, self.policy.weight(Constraint::Algorithms), fault, fine) {
            basic.certified.issues.push(Issue::Weak { end: end.flatten(), concerned: Concerned::Signature });
        }
    }
}

/// EN 319 102-1, 5.2.7.
fn ask_cryptography(facts: &SignedFacts, basic: &mut Basic) {
    let fault = match &facts.content {
        Check::Matches => None,
        Check::Differs => Some(Text::new("signed-bytes-changed")),
        Check::NotComputed(why) => Some(Text::new("detail").with("text", why)),
    };
    let decides = basic.checks.ask(SIGNED_BYTES, Weight::Fail, fault, || Text::new("signed-bytes-same"));
    basic.fail(
        decides,
        match facts.content {
            Check::Differs => (Indication::TotalFailed, SubIndication::HashFailure),
            _ => (Indication::Indeterminate, SubIndication::SignedDataNotFound),
        },
    );
    let fault = match &facts.value {
        Check::Matches => None,
        Check::Differs => Some(Text::new("signature-value-wrong")),
        Check::NotComputed(why) => Some(Text::new("detail").with("text", why)),
    };
    let decides = basic.checks.ask(VALUE, Weight::Fail, fault, || Text::new("signature-value-right"));
    let failure = match facts.value {
        Check::Differs => (Indication::TotalFailed, SubIndication::SigCryptoFailure),
        _ if facts.signer.is_none() => (Indication::Indeterminate, SubIndication::NoSigningCertificateFound),
        _ => (Indication::Indeterminate, SubIndication::CryptoConstraintsFailureNoPoe),
    };
    // A wrong value outweighs content that is not at hand.
    if decides && facts.value == Check::Differs && facts.content != Check::Differs {
        basic.fatal = basic.fatal.filter(|(indication, _)| *indication == Indication::TotalFailed);
    }
    basic.fail(decides, failure);
}

/// The certificate is for timestamps, for nothing else, and says so critically.
fn ask_purpose(facts: &SignedFacts, basic: &mut Basic) {
    let Some(signer) = &facts.signer else { return };
    let extensions = signer.certificate.extensions();
    let only = extensions.extended_key_usage.as_deref() == Some(&[oid::KP_TIME_STAMPING]);
    let is_fit = only && extensions.is_critical(oid::EXTENDED_KEY_USAGE);
    let text = |key| Text::new(key).with("name", signer.certificate.subject());
    let fault = (!is_fit).then(|| text("timestamp-purpose-other"));
    let decides = basic.checks.ask(PURPOSE, Weight::Fail, fault, || text("timestamp-purpose-only"));
    basic.fail(decides, (Indication::Indeterminate, SubIndication::ChainConstraintsFailure));
}

/// Nobody signs with a certificate before it is valid: a time before that is not when the token was made.
fn ask_within_validity(stamp: &Stamp, basic: &mut Basic) {
    let Some(signer) = &stamp.signed.signer else { return };
    let from = signer.certificate.not_before();
    let text = |key| Text::new(key).with("time", stamp.time).with("from", from);
    let fault = (stamp.time < from).then(|| text("timestamp-before-certificate"));
    let decides = basic.checks.ask(VALID, Weight::Fail, fault, || text("timestamp-after-certificate"));
    basic.fail(decides, (Indication::TotalFailed, SubIndication::NotYetValid));
}

fn ask_imprint(stamp: &Stamp, basic: &mut Basic) {
    let fault = match &stamp.imprint {
        Check::Matches => None,
        Check::Differs => Some(Text::new("imprint-differs")),
        Check::NotComputed(why) => Some(Text::new("detail").with("text", why)),
    };
    let decides = basic.checks.ask(IMPRINT, Weight::Fail, fault, || Text::new("imprint-matches"));
    basic.fail(
        decides,
        match stamp.imprint {
            Check::Differs => (Indication::TotalFailed, SubIndication::HashFailure),
            _ => (Indication::Indeterminate, SubIndication::SignedDataNotFound),
        },
    );
}

/// The first finding about the form that is an error: of the signature dictionary, the container or the XML. Attributes of
/// a CMS that break their standard are not used, and missed where they are needed; one that stands twice is read in two
/// ways (RFC 5652, 11).
pub(crate) fn malformed(signature: &SignatureEvidence) -> Option<&Finding> {
    let of_form = |finding: &&Finding| {
        ["pdf.", "attack.", "zip.", "asic.", "xades.", "cms.attribute.repeated"]
            .iter()
            .any(|start| finding.code.starts_with(start))
    };
    signature.findings.iter().filter(of_form).find(|finding| finding.severity == Severity::Error)
}
