//! The JSON form of a report: one object per file, additions only (spec/verify-report.schema.json).

mod judgement;
mod record;
mod token;

use crate::{Catalogue, Report};
use evidence::{Coverage, Kind, PolicyDocument, SignatureEvidence, SignaturePolicy};
use inspection::Judgement;
use serde::Serialize;
use types::{Finding, Malformed, Span};
use validation::{Dimension, Dimensions, SignatureVerdict};

/// Identifier of this form.
pub const SCHEMA: &str = "undersign-verify-report@v1";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FileReport<'a> {
    schema: &'static str,
    file: &'a str,
    document_digest: String,
    revisions: usize,
    signatures: Vec<SignatureReport<'a>>,
    findings: Vec<FindingReport<'a>>,
    validation_time: String,
    policy: PolicyReport<'a>,
    tokens: Vec<token::TokenReport<'a>>,
    acceptance: Vec<judgement::AcceptanceReport>,
}

#[derive(Serialize)]
struct PolicyReport<'a> {
    id: &'a str,
    version: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SignatureReport<'a> {
    field: &'a str,
    kind: &'static str,
    sub_filter: &'a str,
    signer: Option<SignerReport>,
    claimed_time: Option<String>,
    indication: &'static str,
    sub_indication: Option<&'static str>,
    level: &'static str,
    coverage: &'static str,
    revision: usize,
    later_changes: &'static str,
    reason: Option<&'a str>,
    location: Option<&'a str>,
    algorithm: Option<String>,
    dimensions: DimensionsReport,
    findings: Vec<FindingReport<'a>>,
    signing_time: judgement::SigningTimeReport,
    record: Option<record::RecordReport<'a>>,
    path: Vec<judgement::CertificateReport>,
    anchor: Option<&'a str>,
    checks: Vec<judgement::CheckReport>,
    signature_policy: Option<SignaturePolicyReport<'a>>,
}

#[derive(Serialize)]
struct SignaturePolicyReport<'a> {
    id: Option<&'a str>,
    uri: Option<&'a str>,
    document: &'static str,
}

#[derive(Serialize)]
struct SignerReport {
    subject: String,
    serial: String,
    issuer: String,
}

#[derive(Serialize)]
struct DimensionsReport {
    integrity: DimensionReport,
    identity: DimensionReport,
    trust: DimensionReport,
    revocation: DimensionReport,
    time: DimensionReport,
    changes: DimensionReport,
}

#[derive(Serialize)]
struct DimensionReport {
    state: &'static str,
    reason: String,
    hint: String,
}

#[derive(Serialize)]
struct FindingReport<'a> {
    code: &'a str,
    severity: &'static str,
    span: Option<SpanReport>,
    message: &'a str,
    hint: &'a str,
}

#[derive(Serialize)]
struct SpanReport {
    start: u64,
    end: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UnreadableReport<'a> {
    schema: &'static str,
    file: &'a str,
    document_digest: Option<String>,
    revisions: usize,
    signatures: [(); 0],
    findings: [(); 0],
    error: ErrorReport<'a>,
}

#[derive(Serialize)]
struct ErrorReport<'a> {
    message: String,
    at: Option<u64>,
    clause: &'a str,
    hint: &'a str,
}

/// One line of JSON, without the line end.
pub fn json(report: &Report<'_>) -> String {
    let (evidence, verdict, catalogue) = (report.evidence, report.verdict, report.catalogue);
    let signatures = evidence.signatures.iter().zip(&verdict.signatures);
    let tokens = evidence.tokens.iter().zip(&verdict.tokens);
    let (id, version) = &verdict.policy;
    let report = FileReport {
        schema: SCHEMA,
        file: report.file,
        document_digest: evidence.document.digest.to_string(),
        revisions: evidence.document.revisions(),
        signatures: signatures
            .map(|(signature, verdict)| signature_report(signature, verdict, report))
            .collect(),
        findings: evidence.findings.iter().map(finding_report).collect(),
        validation_time: verdict.at.to_string(),
        policy: PolicyReport { id, version },
        tokens: tokens.map(|(token, verdict)| token::report(token, verdict, evidence)).collect(),
        acceptance: validation::acceptance::acceptance(evidence, verdict)
            .iter()
            .map(|one| judgement::acceptance(one, catalogue))
            .collect(),
    };
    to_line(&report)
}

/// One line of JSON for a file that could not be read as a document.
pub fn json_unreadable(file: &str, error: &Malformed, hint: &str) -> String {
    to_line(&UnreadableReport {
        schema: SCHEMA,
        file,
        document_digest: None,
        revisions: 0,
        signatures: [],
        findings: [],
        error: ErrorReport { message: error.reason.clone(), at: error.at, clause: error.clause, hint },
    })
}

fn to_line(report: &impl Serialize) -> String {
    serde_json::to_string(report).expect("reports hold only strings, numbers and lists")
}

fn signature_report<'a>(
    signature: &'a SignatureEvidence,
    verdict: &'a SignatureVerdict,
    report: &Report<'a>,
) -> SignatureReport<'a> {
    let facts = signature.signed_data.as_ref().ok();
    let signer = facts.and_then(|facts| facts.signer.as_ref()).map(|signer| SignerReport {
        subject: signer.certificate.subject().to_string(),
        serial: signer.certificate.serial_hex(),
        issuer: signer.certificate.issuer().to_string(),
    });
    SignatureReport {
        field: &signature.field,
        kind: match signature.kind {
            Kind::Signature => "signature",
            Kind::DocTimestamp => "doc-timestamp",
            Kind::EvidenceRecord => "evidence-record",
            Kind::Countersignature { .. } => "countersignature",
        },
        sub_filter: &signature.sub_filter,
        signer,
        claimed_time: signature.claimed_time.map(|time| time.to_string()),
        indication: verdict.indication.as_str(),
        sub_indication: verdict.sub_indication.map(|sub_indication| sub_indication.as_str()),
        level: verdict.level.as_str(),
        coverage: match signature.coverage {
            Coverage::WholeFile | Coverage::Content => "whole-file",
            Coverage::Members { covered, of } if covered == of => "whole-file",
            Coverage::Members { .. } => "partial",
            Coverage::WholeRevision { .. } => "whole-revision",
            Coverage::Partial(_) => "partial",
        },
        revision: signature.revision,
        later_changes: match signature.later.judgement {
            Judgement::None => "none",
            Judgement::Permitted { .. } => "permitted",
            Judgement::Overlaid { .. } | Judgement::Suspicious { .. } => "suspicious",
            Judgement::NotAnalysed { .. } => "not-analysed",
        },
        reason: signature.claims.reason.as_deref(),
        location: signature.claims.location.as_deref(),
        algorithm: facts.and_then(|facts| facts.signature_algorithm.as_ref().ok()).map(ToString::to_string),
        dimensions: dimensions_report(&verdict.dimensions, report.catalogue),
        findings: signature.findings.iter().map(finding_report).collect(),
        signing_time: judgement::signing_time(&verdict.signing_time),
        record: facts.and_then(|facts| facts.record.as_ref()).map(|record| record::report(record, verdict)),
        path: judgement::path(verdict.path.as_ref(), report.evidence),
        anchor: verdict.path.as_ref().map(|path| path.anchor.as_str()),
        checks: verdict.checks.iter().map(|asked| judgement::check(asked, report.catalogue)).collect(),
        signature_policy: signature.signature_policy.as_ref().map(signature_policy),
    }
}

fn signature_policy(policy: &SignaturePolicy) -> SignaturePolicyReport<'_> {
    match policy {
        SignaturePolicy::Implied => SignaturePolicyReport { id: None, uri: None, document: "not-at-hand" },
        SignaturePolicy::Named { id, uri, document } => SignaturePolicyReport {
            id: Some(id),
            uri: uri.as_deref(),
            document: match document {
                PolicyDocument::AtHand => "at-hand",
                PolicyDocument::NotAtHand => "not-at-hand",
                PolicyDocument::Unusable(_) => "unusable",
            },
        },
    }
}

fn dimensions_report(dimensions: &Dimensions, catalogue: &Catalogue) -> DimensionsReport {
    let report = |dimension: &Dimension| DimensionReport {
        state: dimension.state.as_str(),
        reason: catalogue.say(&dimension.reason),
        hint: dimension.hint.as_ref().map(|hint| catalogue.say(hint)).unwrap_or_default(),
    };
    DimensionsReport {
        integrity: report(&dimensions.integrity),
        identity: report(&dimensions.identity),
        trust: report(&dimensions.trust),
        revocation: report(&dimensions.revocation),
        time: report(&dimensions.time),
        changes: report(&dimensions.changes),
    }
}

fn finding_report(finding: &Finding) -> FindingReport<'_> {
    FindingReport {
        code: &finding.code,
        severity: finding.severity.as_str(),
        span: finding.span.map(|Span { start, end }| SpanReport { start, end }),
        message: &finding.message,
        hint: &finding.hint,
    }
}
