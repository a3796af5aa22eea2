//! Where a file that is not a PDF becomes evidence: the numbers that its signatures and tokens get, what the last step
//! works with, and what comes of it.

use super::Context;
use super::detached::{File, Records};
use super::gather::Gatherer;
use super::hashing::{Wanted, hash_ranges};
use super::token::document_facts;
use crate::coverage::Coverage;
use crate::facts::{
    Claims, Container, DocumentFacts, FormatFault, Kind, Later, ObjectRef, Origin, SignatureEvidence,
    SignatureId, SignedFacts, StoreFacts, TokenEvidence, TokenId,
};
use crypto::DigestAlgorithm;
use inspection::{ChangeLevel, Judgement, LaterChanges};
use std::collections::BTreeSet;
use types::{Budget, Malformed, Source, Span};

/// Numbers given to signatures and tokens so far.
#[derive(Default)]
pub(super) struct Numbers {
    pub(super) signatures: SignatureId,
    pub(super) tokens: TokenId,
}

impl Numbers {
    pub(super) fn next_signature(&mut self) -> SignatureId {
        self.signatures += 1;
        self.signatures - 1
    }

    pub(super) fn next_token(&mut self) -> TokenId {
        self.tokens += 1;
        self.tokens - 1
    }
}

/// Signatures and tokens with their numbers.
#[derive(Default)]
pub(super) struct Done {
    pub(super) signatures: Vec<(SignatureId, SignatureEvidence)>,
    pub(super) tokens: Vec<(TokenId, TokenEvidence)>,
}

impl Done {
    pub(super) fn sorted(mut self) -> (Vec<SignatureEvidence>, Vec<TokenEvidence>) {
        self.signatures.sort_by_key(|(id, _)| *id);
        self.tokens.sort_by_key(|(id, _)| *id);
        (
            self.signatures.into_iter().map(|(_, signature)| signature).collect(),
            self.tokens.into_iter().map(|(_, token)| token).collect(),
        )
    }
}

/// What the last step works with.
#[derive(Clone, Copy)]
pub(super) struct Desk<'g> {
    pub(super) gatherer: &'g Gatherer<'g>,
    pub(super) context: &'g Context<'g>,
}

/// The file as a whole, and the facts of the evidence records beside it, which are added to what is done.
pub(super) fn document(
    source: &dyn Source,
    container: Container,
    records: Records<'_>,
    done: &mut Done,
    desk: Desk<'_>,
    budget: &mut Budget,
) -> Result<DocumentFacts, Malformed> {
    let ends = [source.len()];
    let (numbers, wanted): (Vec<_>, Vec<Wanted>) = records.wanted(&ends, budget)?.into_iter().unzip();
    let provider = desk.context.provider;
    let (digests, digest) = hash_ranges(source, &wanted, DigestAlgorithm::Sha256, provider)?;
    let pairs = numbers.into_iter().zip(digests);
    let digests = pairs.filter_map(|(number, digest)| Some((number, digest?))).collect();
    let signatures: Vec<SignatureId> = done.signatures.iter().map(|(id, _)| *id).collect();
    let tokens: Vec<TokenId> = done.tokens.iter().map(|(id, _)| *id).collect();
    let held = |_| inside(&signatures, &tokens, desk.gatherer);
    let xml = source.as_bytes().filter(|_| container == Container::Xml);
    records.evidence(&File { ends: &ends, digests: &digests, xml, held: &held }, done, desk, budget)?;
    Ok(DocumentFacts { digest, len: source.len(), container })
}

/// These signatures and tokens, what they carry, and what else stands in the file.
fn inside(signatures: &[SignatureId], tokens: &[TokenId], gatherer: &Gatherer<'_>) -> Vec<ObjectRef> {
    let origins = signatures.iter().map(|id| Origin::Signature(*id));
    let origins = origins.chain(tokens.iter().map(|id| Origin::Token(*id)));
    let carried = origins.chain([Origin::Member, Origin::Store]).flat_map(|one| gatherer.objects_of(one));
    let mut objects: BTreeSet<ObjectRef> = carried.collect();
    objects.extend(signatures.iter().map(|id| ObjectRef::Signature(*id)));
    objects.extend(tokens.iter().map(|id| ObjectRef::Token(*id)));
    objects.into_iter().collect()
}

/// A signature in `file` (empty for one that is a file of its own). What is not a PDF has no fields, places and revisions;
/// what else is known is added to this.
pub(super) fn signature(
    (file, id): (&str, SignatureId),
    (kind, sub_filter): (Kind, &str),
    span: Span,
    coverage: Coverage,
    signed_data: Result<SignedFacts, FormatFault>,
) -> SignatureEvidence {
    SignatureEvidence {
        field: format!("{file}#{}", id + 1),
        kind,
        sub_filter: sub_filter.into(),
        span,
        place: None,
        revision: 0,
        coverage,
        claimed_time: None,
        claims: Claims::default(),
        signature_policy: None,
        doc_mdp: None,
        signed_data,
        tokens: Vec::new(),
        own_token: None,
        later: nothing_later(),
        store: StoreFacts::default(),
        findings: Vec::new(),
    }
}

/// Where something was signed, as a text of these lines.
pub(super) fn signed_at<'l>(lines: impl Iterator<Item = &'l str>) -> Claims {
    let lines: Vec<&str> = lines.collect();
    Claims { location: (!lines.is_empty()).then(|| lines.join(", ")), ..Claims::default() }
}

/// A timestamp over content, or over members of a container, as a signature of its own.
pub(super) fn doc_timestamp(
    name: (&str, SignatureId),
    span: Span,
    id: TokenId,
    token: &TokenEvidence,
    coverage: Coverage,
) -> SignatureEvidence {
    SignatureEvidence {
        own_token: Some(id),
        findings: token.findings.clone(),
        ..signature(name, (Kind::DocTimestamp, "RFC 3161"), span, coverage, document_facts(token))
    }
}

fn nothing_later() -> Later {
    Later {
        changes: LaterChanges {
            after: 0,
            revisions: Vec::new(),
            level: ChangeLevel::None,
            findings: Vec::new(),
            incomplete: None,
        },
        judgement: Judgement::None,
    }
}
