//! From a CMS or a timestamp token on its own to its evidence (RFC 5652; ETSI EN 319 122-1; RFC 3161).

use super::Context;
use super::cms_draft::{CmsDraft, Over};
use super::content::{Content, Hashed, plain};
use super::desk::{Desk, Done, Numbers, doc_timestamp, document};
use super::detached::{Files, Records};
use super::gather::Gatherer;
use super::token::TokenDraft;
use crate::coverage::Coverage;
use crate::facts::{Check, Container, Covers, Evidence, TokenRole};
use cms::SignedData;
use std::collections::BTreeSet;
use types::{Budget, Malformed, Source, Span};

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
    let draft = CmsDraft::new(String::new(), signed_data, span, &mut numbers, &mut gatherer, budget)?;
    let files = Files::read(context, budget)?;
    let records = Records::gather(&files, &mut numbers, &mut gatherer, budget)?;
    let mut done = Done::default();
    let content: Option<&dyn Content> = match &detached {
        Some(source) => Some(source),
        None => None,
    };
    let desk = Desk { gatherer: &gatherer, context };
    let over = Over { coverage: Coverage::Content, references: Check::Matches, named_by: None };
    draft.evidence(content, over, &mut done, desk, budget)?;
    let document = document(&bytes, Container::Cms, records, &mut done, desk, budget)?;
    Ok(gatherer.finish(document, done.sorted(), Vec::new(), budget))
}

/// Collects the evidence of a timestamp token on its own, over `content`.
pub fn collect_timestamp(
    bytes: &[u8],
    content: Option<&dyn Source>,
    context: &Context<'_>,
    budget: &mut Budget,
) -> Result<Evidence, Malformed> {
    let mut gatherer = Gatherer::new(context, budget)?;
    let mut numbers = Numbers::default();
    let (signature, id) = (numbers.next_signature(), numbers.next_token());
    let draft = TokenDraft::read(bytes, (id, TokenRole::Document), None, &mut gatherer, budget)?;
    let files = Files::read(context, budget)?;
    let records = Records::gather(&files, &mut numbers, &mut gatherer, budget)?;
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
    let row = doc_timestamp(("", signature), span, id, &token, Coverage::Content);
    let mut done = Done { signatures: vec![(signature, row)], tokens: vec![(id, token)] };
    let desk = Desk { gatherer: &gatherer, context };
    let document = document(&bytes, Container::Cms, records, &mut done, desk, budget)?;
    Ok(gatherer.finish(document, done.sorted(), Vec::new(), budget))
}
