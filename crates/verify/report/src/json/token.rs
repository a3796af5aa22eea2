//! Timestamp tokens for programs.

use evidence::{Check, Covers, Evidence, ObjectRef, TokenEvidence, TokenRole};
use serde::Serialize;
use validation::TokenVerdict;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenReport<'a> {
    role: &'static str,
    digest: String,
    time: Option<String>,
    accuracy_microseconds: Option<u64>,
    policy: Option<&'a str>,
    signer: Option<String>,
    indication: &'static str,
    sub_indication: Option<&'static str>,
    imprint: &'static str,
    covers: Option<CoversReport>,
}

/// How much a token proves to have existed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CoversReport {
    up_to_byte: Option<u64>,
    signatures: Vec<String>,
    certificates: usize,
    crls: usize,
    ocsp_responses: usize,
    tokens: usize,
}

pub(super) fn report<'a>(
    token: &'a TokenEvidence,
    verdict: &TokenVerdict,
    evidence: &Evidence,
) -> TokenReport<'a> {
    let stamp = token.stamp.as_ref().ok();
    let signer = stamp.and_then(|stamp| stamp.signed.signer.as_ref());
    TokenReport {
        role: role(token.role),
        digest: token.digest.to_string(),
        time: stamp.map(|stamp| stamp.time.to_string()),
        accuracy_microseconds: stamp.and_then(|stamp| stamp.accuracy_microseconds),
        policy: stamp.map(|stamp| stamp.policy.as_str()),
        signer: signer.map(|signer| signer.certificate.subject().to_string()),
        indication: verdict.indication.as_str(),
        sub_indication: verdict.sub_indication.map(|sub_indication| sub_indication.as_str()),
        imprint: match stamp.map(|stamp| &stamp.imprint) {
            Some(Check::Matches) => "matches",
            Some(Check::Differs) => "differs",
            Some(Check::NotComputed(_)) | None => "not-computed",
        },
        covers: stamp.map(|stamp| covers_report(&stamp.covers, evidence)),
    }
}

fn role(role: TokenRole) -> &'static str {
    match role {
        TokenRole::Content => "content",
        TokenRole::Signature => "signature",
        TokenRole::References => "references",
        TokenRole::Archive => "archive",
        TokenRole::Document => "document",
        TokenRole::EvidenceRecord => "evidence-record",
        TokenRole::Beacon => "beacon",
    }
}

fn covers_report(covers: &Covers, evidence: &Evidence) -> CoversReport {
    let objects = crate::covered::objects(covers, evidence);
    let count = |wanted: fn(&ObjectRef) -> bool| objects.iter().filter(|one| wanted(one)).count();
    let fields = objects.iter().filter_map(|one| match one {
        ObjectRef::Signature(id) => evidence.signatures.get(*id).map(|signature| signature.field.clone()),
        _ => None,
    });
    CoversReport {
        up_to_byte: match covers {
            Covers::UpTo { end, .. } => Some(*end),
            Covers::Objects(_) => None,
        },
        signatures: fields.collect(),
        certificates: count(|one| matches!(one, ObjectRef::Certificate(_))),
        crls: count(|one| matches!(one, ObjectRef::Crl(_))),
        ocsp_responses: count(|one| matches!(one, ObjectRef::Ocsp(_))),
        tokens: count(|one| matches!(one, ObjectRef::Token(_))),
    }
}
