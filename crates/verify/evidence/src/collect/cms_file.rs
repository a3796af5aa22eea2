//! From a CMS or a timestamp token on its own to its evidence (RFC 5652; ETSI EN 319 122-1; RFC 3161).

use super::Context;
use super::cms_draft::{CmsDraft, Desk, Done, Numbers, nothing_later};
use super::content::{Content, Hashed, plain};
use super::gather::Gatherer;
use super::token::TokenDraft;
use crate::coverage::Coverage;
use crate::facts::{
    Check, Claims, Container, Covers, DocumentFacts, Evidence, Kind, Material, SignatureEvidence,
    SignedFacts, Stamp, StoreFacts, TokenEvidence, TokenRole,
};
use cms::SignedData;
use crypto::DigestAlgorithm;
use std::collections::BTreeSet;
use types::{Budget, Finding, Malformed, Severity, Source, Span};

/// Collects the evidence of a CMS in `bytes`; `detached` is the content, where the CMS does not hold it.
pub fn collect_cms(
    bytes: &[u8],
    detached: Option<&dyn Source>,
    context: &Context<'_>,
    budget: &mut Budget,
) -> Result<Evidence, Malformed> {
    let signed_data = SignedData::parse(bytes, budget)?;
    let mut gatherer = Gatherer::new(context, budget)?;
    let mut numbers = Numbers::default();
    let span = signed_data.encoded.span;
    let mut findings = Vec::new();
    if signed_data.content.content.is_some() && detached.is_some() {
        let message = "the CMS holds its content itself; the file given beside it was not looked at";
        findings.push(Finding::new("cms.content.twice", Severity::Warning, message));
    }
    let draft = CmsDraft::new(String::new(), signed_data, span, &mut numbers, &mut gatherer, budget)?;
    let mut done = Done::default();
    let content: Option<&dyn Content> = match &detached {
        Some(source) => Some(source),
        None => None,
    };
    let desk = Desk { gatherer: &gatherer, context };
    draft.evidence(content, Coverage::Content, &mut done, desk, budget)?;
    let (signatures, tokens) = done.sorted();
    Ok(finish(bytes, (signatures, tokens), gatherer, findings, context, budget))
}

/// Collects the evidence of a timestamp token on its own, over `content`.
pub fn collect_timestamp(
    bytes: &[u8],
    content: Option<&dyn Source>,
    context: &Context<'_>,
    budget: &mut Budget,
) -> Result<Evidence, Malformed> {
    let mut gatherer = Gatherer::new(context, budget)?;
    let draft = TokenDraft::read(bytes, (0, TokenRole::Document), None, &mut gatherer, budget)?;
    let algorithm = draft.imprint_algorithm();
    let hashed = match (&content, algorithm) {
        (Some(source), Some(algorithm)) => {
            let needed = BTreeSet::from([plain(algorithm)]);
            Some(Hashed::of(source, &needed, context.provider, budget)?)
        }
        _ => None,
    };
    let covered = |algorithm| {
        let digest = hashed.as_ref().and_then(|hashed| hashed.digest(algorithm));
        digest.ok_or_else(|| "the timestamped content is not at hand".to_owned())
    };
    let token = draft.evidence(covered, Covers::Objects(Vec::new()), &gatherer, context, budget);
    let span = Span::new(0, bytes.len() as u64);
    let signature = doc_timestamp("#1".into(), span, 0, &token, Coverage::Content);
    Ok(finish(bytes, (vec![signature], vec![token]), gatherer, Vec::new(), context, budget))
}

/// A timestamp over content, as a signature of its own.
pub(super) fn doc_timestamp(
    name: String,
    span: Span,
    id: usize,
    token: &TokenEvidence,
    coverage: Coverage,
) -> SignatureEvidence {
    SignatureEvidence {
        field: name,
        kind: Kind::DocTimestamp,
        sub_filter: "RFC 3161".into(),
        span,
        place: None,
        revision: 0,
        coverage,
        claimed_time: None,
        claims: Claims::default(),
        doc_mdp: None,
        signed_data: token.stamp.as_ref().map(doc_timestamp_facts).map_err(Clone::clone),
        tokens: Vec::new(),
        own_token: Some(id),
        later: nothing_later(),
        store: StoreFacts::default(),
        findings: token.findings.clone(),
    }
}

/// A document timestamp is over the content through its imprint.
pub(super) fn doc_timestamp_facts(stamp: &Stamp) -> SignedFacts {
    let content = match (&stamp.imprint, &stamp.signed.content) {
        (Check::Matches, content) => content.clone(),
        (imprint, _) => imprint.clone(),
    };
    let digest_algorithm = stamp.imprint_algorithm.as_ref().copied().unwrap_or(stamp.signed.digest_algorithm);
    SignedFacts { content, digest_algorithm, ..stamp.signed.clone() }
}

fn finish(
    bytes: &[u8],
    (signatures, tokens): (Vec<SignatureEvidence>, Vec<TokenEvidence>),
    gatherer: Gatherer<'_>,
    findings: Vec<Finding>,
    context: &Context<'_>,
    budget: &mut Budget,
) -> Evidence {
    let mut evidence = Evidence {
        document: DocumentFacts {
            digest: context.provider.digest(DigestAlgorithm::Sha256, bytes),
            len: bytes.len() as u64,
            container: Container::Cms,
        },
        signatures,
        tokens,
        material: Material::default(),
        findings,
    };
    let signers = evidence.signers();
    evidence.material = gatherer.finish(signers, &mut evidence.findings, budget);
    evidence
}
