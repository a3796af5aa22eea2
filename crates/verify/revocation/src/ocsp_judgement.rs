//! What OCSP responses say about a certificate (RFC 6960, 3.2 and 4.2.2.2).

use crate::Sources;
use crate::authority::{self, Authority};
use crate::ocsp_facts::{Concern, OcspFacts, SingleFacts};
use crate::statement::{Doubt, Part, Source, Statement, Status, good};
use path::Issuer;
use pkix::{CertStatus, Certificate, Weight};
use std::cmp::Reverse;
use types::Time;

pub(crate) fn judge_ocsps<'a>(
    certificate: &Certificate,
    issuer: &Issuer<'_>,
    sources: &Sources<'a>,
) -> Vec<Statement<'a>> {
    let numbered = sources.ocsps.iter().enumerate();
    numbered.filter_map(|(index, facts)| judge_one(certificate, issuer, sources, index, facts)).collect()
}

/// The statement of one response. If several answers in it are about the certificate, the worst one counts, and of
/// equally bad ones the oldest.
fn judge_one<'a>(
    certificate: &Certificate,
    issuer: &Issuer<'_>,
    sources: &Sources<'a>,
    index: usize,
    facts: &'a OcspFacts,
) -> Option<Statement<'a>> {
    let about = |single: &'a SingleFacts| {
        single.concerns.iter().find(|concern| {
            concern.certificate == *certificate && *concern.issuer_key == *issuer.subject_public_key_info
        })
    };
    let answers = facts.responses.iter().enumerate();
    let mut answers = answers.filter_map(|(at, single)| Some((at, single, about(single)?))).peekable();
    answers.peek()?;
    let authority = who_vouches(facts, issuer, sources);
    let judged = answers.map(|(at, single, concern)| {
        let status = match &authority {
            Ok(_) => status(certificate, single, concern, facts.produced_at),
            Err(doubt) => Status::Unknown(doubt.clone()),
        };
        (at, single, status)
    });
    let (at, single, status) =
        judged.max_by_key(|(_, single, status)| (severity(status), Reverse(single.response.this_update)))?;
    Some(Statement {
        status,
        parts: vec![Part { source: Source::Ocsp { response: index, single: at }, authority: authority.ok() }],
        this_update: single.response.this_update,
        next_update: single.response.next_update,
        produced_at: Some(facts.produced_at),
        covers_expired_since: single.response.archive_cutoff,
    })
}

fn who_vouches<'a>(
    facts: &'a OcspFacts,
    issuer: &Issuer<'_>,
    sources: &Sources<'a>,
) -> Result<Authority<'a>, Doubt> {
    if let Some(fault) = facts.irregularities.iter().find(|one| one.weight == Weight::Fault) {
        return Err(Doubt::Faulty(fault.clone()));
    }
    if let Some(oid) = facts.unknown_critical.first() {
        return Err(Doubt::UnknownCriticalExtension(*oid));
    }
    authority::of_ocsp(facts, issuer, sources.trusted_responders)
}

fn status(certificate: &Certificate, single: &SingleFacts, concern: &Concern, produced_at: Time) -> Status {
    let response = &single.response;
    if let Some(oid) = response.unknown_critical.first() {
        return Status::Unknown(Doubt::UnknownCriticalExtension(*oid));
    }
    if concern.cert_hash_agrees == Some(false) {
        return Status::Unknown(Doubt::OtherCertificate);
    }
    match response.status {
        CertStatus::Good if produced_at < certificate.not_before() => Status::Unknown(Doubt::ProducedBefore),
        CertStatus::Good => good(certificate, produced_at.max(response.this_update), response.archive_cutoff),
        CertStatus::Revoked(revocation) => Status::Revoked(revocation),
        CertStatus::Unknown => Status::Unknown(Doubt::ResponderDoesNotKnow),
    }
}

fn severity(status: &Status) -> u8 {
    match status {
        Status::NotApplicable(_) => 0,
        Status::Good => 1,
        Status::Unknown(_) => 2,
        Status::Revoked(_) => 3,
    }
}
