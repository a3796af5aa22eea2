//! One signature in words.

use super::{Block, Fact, Row, Say};
use crate::printable;
use evidence::{Coverage, Kind, SignatureEvidence, SignaturePolicy};
use pkix::Certificate;
use validation::{Indication, SignatureVerdict, State, SubIndication, Text};

impl Say<'_> {
    pub(super) fn signature(self, signature: &SignatureEvidence, verdict: &SignatureVerdict) -> Block {
        let facts = signature.signed_data.as_ref().ok();
        let signer = facts.and_then(|facts| facts.signer.as_ref()).map(|signer| &signer.certificate);
        let name = signer.map(|certificate| certificate.subject().to_string()).unwrap_or_default();
        let issuer = signer
            .filter(|certificate| certificate.subject() != certificate.issuer())
            .map(|certificate| certificate.issuer().to_string());
        let algorithm = facts.and_then(|facts| facts.signature_algorithm.as_ref().ok());
        let claims = [
            ("label-reason", signature.claims.reason.clone()),
            ("label-place", signature.claims.location.clone()),
            ("label-signature-policy", policy_named(signature)),
        ];
        let further = [
            ("label-format", Some(signature.sub_filter.clone())),
            ("label-claimed-time", signature.claimed_time.map(|time| time.to_string())),
            ("label-clock", self.clock_said(signature)),
            ("label-algorithm", algorithm.map(ToString::to_string)),
        ];
        let stated = |rows: Vec<(&'static str, Option<String>)>| -> Vec<Fact> {
            let said = rows.into_iter().filter_map(|(label, value)| Some((label, value?)));
            said.filter(|(_, value)| !value.is_empty())
                .map(|(label, value)| self.fact(label, &value))
                .collect()
        };
        Block {
            heading: self.heading(signature),
            indication: self.indication(verdict.indication),
            sub_indication: verdict.sub_indication.map_or_else(String::new, |sub| sub.as_str().to_owned()),
            level: verdict.level.as_str().to_owned(),
            amounts: self.amounts(signature, verdict, &signer.map(called).unwrap_or_default()),
            place: self.place(signature),
            signer: printable(&name).into_owned(),
            issuer: printable(&issuer.unwrap_or_default()).into_owned(),
            claims: stated(claims.into()),
            bracket: self.bracket(signature, verdict),
            facts: stated(further.into()),
            dimensions: self.dimensions(verdict),
            path: self.path(verdict.path.as_ref()),
            groups: self.groups(&verdict.checks),
            notes: self.notes(&signature.findings),
        }
    }

    fn kind(self, signature: &SignatureEvidence) -> String {
        self.word(match signature.kind {
            Kind::Signature => "kind-signature",
            Kind::DocTimestamp => "kind-doc-timestamp",
            Kind::EvidenceRecord => "kind-evidence-record",
            Kind::Countersignature { .. } => "kind-countersignature",
        })
    }

    fn heading(self, signature: &SignatureEvidence) -> String {
        let kind = self.kind(signature);
        let key = match signature.kind {
            Kind::EvidenceRecord => "record-named",
            _ => "signature-named",
        };
        let named = Text::new(key).with("kind", &kind).with("field", &signature.field);
        if signature.field.is_empty() { kind } else { self.text(&named) }
    }

    /// What it is, where it stands, and how much it covers.
    fn place(self, signature: &SignatureEvidence) -> String {
        let coverage = match signature.coverage {
            Coverage::WholeFile => Text::new("covers-file"),
            Coverage::WholeRevision { revision } => {
                Text::new("covers-revision").with("revision", revision + 1)
            }
            Coverage::Content => Text::new("covers-content"),
            Coverage::Members { covered, of } => {
                Text::new("covers-members").with("covered", covered).with("of", of)
            }
            Coverage::Partial(_) => Text::new("covers-parts"),
        };
        let place = Text::new("signature-place")
            .with("what", self.heading(signature))
            .with("coverage", self.text(&coverage));
        self.text(&place)
    }

    /// What the signature amounts to, for somebody who knows nothing of signatures.
    fn amounts(self, signature: &SignatureEvidence, verdict: &SignatureVerdict, name: &str) -> String {
        let why = |key| {
            let sub_indication = verdict.sub_indication.unwrap_or(SubIndication::NoPoe);
            self.text(&Text::new(key).with("why", self.text(&because(sub_indication))))
        };
        match verdict.indication {
            Indication::Indeterminate => why("amounts-undecided"),
            Indication::TotalFailed => why("amounts-failed"),
            // A lenient policy may pass what is not proven; then nothing is promised here.
            Indication::TotalPassed if !is_all_proven(verdict) => self.word("amounts-passed-reserved"),
            Indication::TotalPassed => {
                let (key, time) = match (signature.kind, verdict.signing_time.not_after) {
                    (Kind::DocTimestamp, _) => ("amounts-timestamp", None),
                    (Kind::EvidenceRecord, _) => ("amounts-evidence-record", None),
                    (_, Some((time, _))) => ("amounts-passed-at", Some(time)),
                    (_, None) => ("amounts-passed", None),
                };
                let time = time.map(|time| time.to_string()).unwrap_or_default();
                self.text(&Text::new(key).with("name", name).with("time", time))
            }
        }
    }

    fn dimensions(self, verdict: &SignatureVerdict) -> Vec<Row> {
        let rows = verdict.dimensions.rows().into_iter();
        rows.map(|(name, dimension)| {
            let hint = dimension.hint.as_ref().filter(|_| dimension.state != State::Proven);
            Row {
                name: self.word(dimension_key(name)),
                state: self.state(dimension.state),
                reason: self.text(&dimension.reason),
                hint: hint.map(|hint| self.text(hint)).unwrap_or_default(),
            }
        })
        .collect()
    }
}

/// What a certificate's owner is called in a sentence: the common name, or all of the name where there is none.
pub(super) fn called(certificate: &Certificate) -> String {
    let name = certificate.subject();
    name.common_name().filter(|name| !name.is_empty()).unwrap_or_else(|| name.to_string())
}

/// The signature policy as the signature names it.
fn policy_named(signature: &SignatureEvidence) -> Option<String> {
    match signature.signature_policy.as_ref()? {
        SignaturePolicy::Implied => None,
        SignaturePolicy::Named { id, uri, .. } => {
            Some(uri.as_ref().map_or_else(|| id.clone(), |uri| format!("{id} ({uri})")))
        }
    }
}

/// Whether everything but the time is proven.
fn is_all_proven(verdict: &SignatureVerdict) -> bool {
    verdict.dimensions.rows().iter().all(|(name, one)| one.state == State::Proven || *name == "time")
}

fn dimension_key(name: &str) -> &'static str {
    match name {
        "integrity" => "dimension-integrity",
        "identity" => "dimension-identity",
        "trust" => "dimension-trust",
        "revocation" => "dimension-revocation",
        "time" => "dimension-time",
        _ => "dimension-changes",
    }
}

/// A sub-indication in plain words.
pub(super) fn because(sub_indication: SubIndication) -> Text {
    Text::new(match sub_indication {
        SubIndication::FormatFailure => "because-format-failure",
        SubIndication::HashFailure => "because-hash-failure",
        SubIndication::SigCryptoFailure => "because-sig-crypto-failure",
        SubIndication::Revoked => "because-revoked",
        SubIndication::Expired => "because-expired",
        SubIndication::NotYetValid => "because-not-yet-valid",
        SubIndication::SigConstraintsFailure => "because-sig-constraints-failure",
        SubIndication::ChainConstraintsFailure => "because-chain-constraints-failure",
        SubIndication::CertificateChainGeneralFailure => "because-certificate-chain-general-failure",
        SubIndication::CryptoConstraintsFailure => "because-crypto-constraints-failure",
        SubIndication::CryptoConstraintsFailureNoPoe => "because-crypto-constraints-failure-no-poe",
        SubIndication::TimestampOrderFailure => "because-timestamp-order-failure",
        SubIndication::NoSigningCertificateFound => "because-no-signing-certificate-found",
        SubIndication::NoCertificateChainFound => "because-no-certificate-chain-found",
        SubIndication::RevokedNoPoe => "because-revoked-no-poe",
        SubIndication::RevokedCaNoPoe => "because-revoked-ca-no-poe",
        SubIndication::OutOfBoundsNotRevoked => "because-out-of-bounds-not-revoked",
        SubIndication::OutOfBoundsNoPoe => "because-out-of-bounds-no-poe",
        SubIndication::NoPoe => "because-no-poe",
        SubIndication::TryLater => "because-try-later",
        SubIndication::SignedDataNotFound => "because-signed-data-not-found",
        SubIndication::PolicyProcessingError => "because-policy-processing-error",
        SubIndication::SignaturePolicyNotAvailable => "because-signature-policy-not-available",
    })
}
