//! What a verdict rests on, for programs: checks, path, times, and who will accept the document.

use crate::Catalogue;
use crate::digests::certificate_digest;
use evidence::Evidence;
use serde::Serialize;
use validation::acceptance::Acceptance;
use validation::{Asked, PathUsed, SigningTime, StatusUsed, Text};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SigningTimeReport {
    not_before: Option<String>,
    not_after: Option<String>,
    best: String,
    proven: bool,
}

pub(super) fn signing_time(time: &SigningTime) -> SigningTimeReport {
    SigningTimeReport {
        not_before: time.not_before.map(|(time, _)| time.to_string()),
        not_after: time.not_after.map(|(time, _)| time.to_string()),
        best: time.best.to_string(),
        proven: time.not_after.is_some(),
    }
}

#[derive(Serialize)]
pub(super) struct CheckReport {
    question: &'static str,
    text: String,
    answer: &'static str,
    weight: &'static str,
    clause: &'static str,
    detail: String,
}

pub(super) fn check(asked: &Asked, catalogue: &Catalogue) -> CheckReport {
    CheckReport {
        question: asked.question,
        text: catalogue.say(&Text::question(asked.question)),
        answer: asked.answer.as_str(),
        weight: asked.weight.as_str(),
        clause: asked.clause,
        detail: catalogue.say(&asked.detail),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CertificateReport {
    subject: String,
    issuer: String,
    serial: String,
    not_before: String,
    not_after: String,
    sha256: Option<String>,
    status: &'static str,
    status_as_of: Option<String>,
}

/// From the signer up, without the anchor unless the signer is it.
pub(super) fn path(path: Option<&PathUsed>, evidence: &Evidence) -> Vec<CertificateReport> {
    let Some(path) = path else { return Vec::new() };
    let certificates = path.certificates.iter().enumerate();
    certificates
        .map(|(index, certificate)| {
            let (status, as_of) = match path.statuses.get(index) {
                Some(StatusUsed::Exempt) => ("exempt", None),
                Some(StatusUsed::Good { issued_at, .. }) => ("good", Some(*issued_at)),
                Some(StatusUsed::Revoked { at, .. }) => ("revoked", Some(*at)),
                Some(StatusUsed::Unknown) | None => ("unknown", None),
            };
            CertificateReport {
                subject: certificate.subject().to_string(),
                issuer: certificate.issuer().to_string(),
                serial: certificate.serial_hex(),
                not_before: certificate.not_before().to_string(),
                not_after: certificate.not_after().to_string(),
                sha256: certificate_digest(evidence, certificate).map(|digest| digest.hex()),
                status,
                status_as_of: as_of.map(|time| time.to_string()),
            }
        })
        .collect()
}

#[derive(Serialize)]
pub(super) struct AcceptanceReport {
    id: String,
    verifier: String,
    answer: &'static str,
    reasons: Vec<ReasonReport>,
}

#[derive(Serialize)]
struct ReasonReport {
    answer: &'static str,
    reason: String,
    source: String,
    date: String,
    confidence: &'static str,
}

pub(super) fn acceptance(one: &Acceptance, catalogue: &Catalogue) -> AcceptanceReport {
    let reasons = one.reasons.iter().map(|reason| ReasonReport {
        answer: reason.answer.as_str(),
        reason: catalogue.say(&reason.text),
        source: reason.source.clone(),
        date: reason.date.clone(),
        confidence: reason.confidence.as_str(),
    });
    AcceptanceReport {
        id: one.id.clone(),
        verifier: one.verifier.clone(),
        answer: one.answer.as_str(),
        reasons: reasons.collect(),
    }
}
