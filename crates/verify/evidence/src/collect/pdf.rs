//! From a PDF to its evidence (ISO 32000-2, 12.8; ETSI EN 319 142-1).

use super::cms_draft::role;
use super::desk::{Desk, Done, Numbers};
use super::detached::{File, Files, Prefixes, Records};
use super::gather::{Gatherer, Met};
use super::hashing::{Wanted, hash_ranges};
use super::pdf_value::Value;
use super::signer::covered_by_value;
use super::token::{TokenDraft, document_facts};
use super::{Context, effort, store};
use crate::coverage::{Coverage, Covered, coverage};
use crate::facts::{
    Claims, Container, Covers, DocumentFacts, Evidence, FormatFault, Kind, Later, ObjectRef, Origin,
    SignatureEvidence, SignatureId, StoreFacts, TokenEvidence, TokenRole,
};
use cms::Trailing;
use crypto::{Digest, DigestAlgorithm, Provider};
use inspection::{History, LostSignature, Permissions, ValidationData};
use pdf::Document;
use pdf::signatures::{SignatureDictionary, SignatureField, SignatureKind, Signatures};
use pkix::Certificate;
use std::collections::{BTreeMap, BTreeSet};
use types::{Budget, Finding, Malformed, Resource, Severity, Span};

/// Collects the evidence of a PDF. Faults of single signatures become facts about them; an error means that the document
/// as a whole could not be read to the end or within the budget.
pub fn collect_pdf(
    document: &Document<'_>,
    context: &Context<'_>,
    budget: &mut Budget,
) -> Result<Evidence, Malformed> {
    let signatures = document.signatures(budget)?;
    let mut findings = document.findings().to_vec();
    findings.extend(signatures.findings.iter().cloned());
    let history = history(document, budget)?;
    let lost = inspection::lost_signatures(document, &history, &signatures, budget)?;
    findings.extend(lost.iter().map(removed));
    let mut drafts = drafts(document, &signatures, &lost, &mut findings, budget)?;
    for forgery in inspection::forgeries(document, &signatures) {
        let of_field = drafts.iter_mut().filter(|draft| draft.field == forgery.field);
        of_field.for_each(|draft| draft.findings.push(forgery.finding.clone()));
    }
    let mut gatherer = Gatherer::new(context, budget)?;
    let mut numbers = Numbers { signatures: drafts.len(), tokens: 0 };
    for (id, draft) in drafts.iter_mut().enumerate() {
        draft.gather(id, &mut numbers, &mut gatherer, budget)?;
    }
    let store = gather_store(document, &mut gatherer, &mut findings, budget)?;
    let files = Files::read(context, budget)?;
    let records = Records::gather(&files, &mut numbers, &mut gatherer, budget)?;
    let (digest, prefixes) = hash_all(document, &mut drafts, &records, context.provider, budget)?;
    let carried = Carried::of(store, &drafts);
    let revision_ends: Vec<u64> = document.revisions().iter().map(|revision| revision.end).collect();
    let mut done = (Vec::with_capacity(drafts.len()), Vec::with_capacity(numbers.tokens));
    for (id, draft) in drafts.into_iter().enumerate() {
        let signed = draft.signed_revision(document);
        effort::following(document.revisions().len().saturating_sub(signed), budget)?;
        let changes = history.after(signed);
        let judgement = inspection::judge(&changes, &Permissions::after(&signatures, draft.value));
        let later = Later { changes, judgement };
        let (signature, tokens) =
            draft.evidence(id, &carried, later, done.1.len(), &gatherer, context, budget);
        done.0.push(signature);
        done.1.extend(tokens);
    }
    let file = Beside { history: &history, revision_ends: &revision_ends, prefixes: &prefixes };
    file.add(records, &mut done, Desk { gatherer: &gatherer, context }, budget)?;
    let facts = DocumentFacts { digest, len: document.len(), container: Container::Pdf { revision_ends } };
    Ok(gatherer.finish(facts, done, findings, budget))
}

/// What evidence records beside a PDF are looked at with.
struct Beside<'b> {
    history: &'b History,
    revision_ends: &'b [u64],
    prefixes: &'b Prefixes,
}

impl Beside<'_> {
    /// Adds the records to what is done: each covers what stands before the end of a revision.
    fn add(
        &self,
        records: Records<'_>,
        done: &mut (Vec<SignatureEvidence>, Vec<TokenEvidence>),
        desk: Desk<'_>,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        let mut added = Done::default();
        let before = |end: u64, place: Option<Span>| place.is_some_and(|place| place.end <= end);
        let held = |number: usize| -> Vec<ObjectRef> {
            let end = self.revision_ends.get(number).copied().unwrap_or_default();
            let signatures = done.0.iter().enumerate().filter(|(_, one)| before(end, one.place));
            let tokens = done.1.iter().enumerate().filter(|(_, one)| before(end, one.place));
            let numbered = signatures.map(|(id, _)| ObjectRef::Signature(id));
            let numbered = numbered.chain(tokens.map(|(id, _)| ObjectRef::Token(id)));
            numbered.chain(desk.gatherer.objects_before(end)).collect()
        };
        let file = File { ends: self.revision_ends, digests: self.prefixes, xml: None, held: &held };
        records.evidence(&file, &mut added, desk, budget)?;
        let (mut signatures, tokens) = added.sorted();
        let permissions =
            Permissions { validation_data: ValidationData::Renewable, ..inspection::allowed(None, &[]) };
        for signature in &mut signatures {
            let changes = self.history.after(signature.revision);
            let judgement = inspection::judge(&changes, &permissions);
            signature.later = Later { changes, judgement };
        }
        done.0.extend(signatures);
        done.1.extend(tokens);
        Ok(())
    }
}

/// Every signature that is there or was there, in the order of the file.
fn drafts<'d>(
    document: &Document<'_>,
    signatures: &'d Signatures,
    lost: &'d [LostSignature],
    findings: &mut Vec<Finding>,
    budget: &mut Budget,
) -> Result<Vec<Draft<'d>>, Malformed> {
    let mut drafts = Vec::new();
    for field in &signatures.fields {
        match (&field.value, &field.unreadable) {
            (Some(value), _) => drafts.push(Draft::new(document, &field.name, value, budget)?),
            (None, Some(why)) => findings.push(unreadable(field, why)),
            (None, None) => {}
        }
    }
    for lost in lost {
        drafts.push(Draft::new(document, &lost.field, &lost.signature, budget)?);
    }
    drafts.sort_by_key(Draft::order);
    Ok(drafts)
}

/// What happened since the first revision in which something was signed. A document of one revision has no history.
fn history(document: &Document<'_>, budget: &mut Budget) -> Result<History, Malformed> {
    let newest = document.revisions().len().saturating_sub(1);
    let first_signed = match newest {
        0 => None,
        _ => inspection::first_signed_revision(document, budget)?,
    };
    Ok(History::analyse(document, first_signed.unwrap_or(newest), budget))
}

fn removed(lost: &LostSignature) -> Finding {
    let message =
        format!("the signature in field {:?} was removed by revision {}", lost.field, lost.lost_in + 1);
    Finding::new("pdf.signature.removed", Severity::Error, message)
        .at(lost.signature.span)
        .hint("ask who removed it and why; the signed revision is still in the file")
}

fn gather_store(
    document: &Document<'_>,
    gatherer: &mut Gatherer<'_>,
    findings: &mut Vec<Finding>,
    budget: &mut Budget,
) -> Result<StoreFacts, Malformed> {
    let Some(found) = document.security_store(budget)? else { return Ok(StoreFacts::default()) };
    findings.extend(found.findings.iter().cloned());
    store::gather(document, &found, gatherer, findings, budget)?;
    Ok(StoreFacts {
        revocation_data: !found.ocsps.is_empty() || !found.crls.is_empty(),
        certificates: !found.certificates.is_empty(),
        later_doc_timestamp: false,
    })
}

/// Validation data in the file that concern all signatures before them.
struct Carried {
    store: StoreFacts,
    last_timestamp: Option<(usize, u64)>,
}

impl Carried {
    /// `drafts` in the order of the file.
    fn of(store: StoreFacts, drafts: &[Draft<'_>]) -> Carried {
        let timestamps = drafts.iter().filter(|draft| draft.value.kind == SignatureKind::DocTimestamp);
        Carried { store, last_timestamp: timestamps.map(Draft::order).max() }
    }

    fn facts(&self, draft: &Draft<'_>) -> StoreFacts {
        StoreFacts {
            revocation_data: self.store.revocation_data || draft.revocation_data,
            later_doc_timestamp: self.last_timestamp.is_some_and(|last| last > draft.order()),
            ..self.store
        }
    }
}

/// A signed field on its way to evidence.
struct Draft<'d> {
    field: &'d str,
    value: &'d SignatureDictionary,
    coverage: Coverage,
    covered: Option<Covered>,
    parsed: Result<Value<'d>, FormatFault>,
    own: Vec<Certificate>,
    /// The token that the signature consists of, then those about it.
    own_token: Option<TokenDraft<'d>>,
    tokens: Vec<TokenDraft<'d>>,
    revocation_data: bool,
    digests: BTreeMap<DigestAlgorithm, Digest>,
    /// Whether what follows the value in its place may be anything: some writers encrypt the zeros there.
    is_encrypted: bool,
    findings: Vec<Finding>,
}

impl<'d> Draft<'d> {
    fn new(
        document: &Document<'_>,
        field: &'d str,
        value: &'d SignatureDictionary,
        budget: &mut Budget,
    ) -> Result<Draft<'d>, Malformed> {
        budget.spend(Resource::Signatures, 1)?;
        let (coverage, covered) =
            coverage(value.byte_range.as_ref(), value.contents_span, document.revisions(), document.len());
        let parsed = match Value::parse(value, budget)? {
            Ok(parsed) => parsed.check_covered(document.source(), covered)?.map(|()| parsed),
            Err(fault) => Err(fault),
        };
        Ok(Draft {
            field,
            value,
            coverage,
            covered,
            parsed,
            own: Vec::new(),
            own_token: None,
            tokens: Vec::new(),
            revocation_data: false,
            digests: BTreeMap::new(),
            is_encrypted: document.encryption().is_some(),
            findings: value.findings.clone(),
        })
    }

    /// Says that other bytes than zeros follow the value in an encrypted document; elsewhere that is a fault.
    fn excuse_padding(&mut self) {
        let trailing = match (&mut self.parsed, &mut self.own_token) {
            (_, Some(token)) => token.trailing(),
            (Ok(Value::Cms(cms)), None) => Some(&mut cms.signed_data.trailing),
            _ => None,
        };
        let Some(trailing) = trailing.filter(|_| self.is_encrypted) else { return };
        if let Trailing::Other(span) = *trailing {
            *trailing = Trailing::Zeros(span);
            let message = "other bytes than zeros follow the signature value in its place, as some writers leave them in \
                encrypted documents";
            let finding = Finding::new("evidence.signature.padding", Severity::Warning, message);
            let place = self.value.contents_span.unwrap_or(self.value.span);
            self.findings.push(finding.at(place));
        }
    }

    /// The revision after which changes count; for a signature that covers no whole revision, the one that brought it.
    fn signed_revision(&self, document: &Document<'_>) -> usize {
        match self.coverage {
            Coverage::WholeFile => document.revisions().len().saturating_sub(1),
            Coverage::WholeRevision { revision } => revision,
            Coverage::Partial(_) | Coverage::Content | Coverage::Members { .. } => self.value.revision,
        }
    }

    fn order(&self) -> (usize, u64) {
        (self.value.revision, self.value.span.start)
    }

    /// Gathers what the signature carries and reads the timestamps in it.
    fn gather(
        &mut self,
        id: SignatureId,
        numbers: &mut Numbers,
        gatherer: &mut Gatherer<'_>,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        let place = self.value.contents_span;
        let mut next = |role| (numbers.next_token(), role);
        let mut inside = Vec::new();
        let met = Met { origin: Origin::Signature(id), place };
        match &self.parsed {
            Err(_) => {}
            Ok(Value::Bare { certificates, .. }) => {
                for der in *certificates {
                    self.own.extend(gatherer.encoded_certificate(der, met, &mut inside, budget)?);
                }
            }
            Ok(Value::Token) => {
                let contents = &self.value.contents;
                let token = TokenDraft::read(contents, next(TokenRole::Document), place, gatherer, budget)?;
                self.own_token = Some(token);
            }
            Ok(Value::Cms(signed_data)) => {
                inside.extend(signed_data.findings.iter().cloned());
                self.own = gatherer.signed_data(signed_data, met, &mut inside, budget)?;
                for info in &signed_data.signers {
                    gatherer.signer(info, met, &mut inside, budget)?;
                    let signed = info.signed_attributes.as_ref();
                    let unsigned = &info.unsigned_attributes;
                    self.revocation_data |= !signed_data.revocation_infos.is_empty()
                        || signed.is_some_and(|signed| signed.revocation_info_archival.is_some())
                        || unsigned.revocation_info_archival.is_some();
                    let content = signed.map(|signed| signed.content_timestamps.as_slice());
                    for token in content.unwrap_or_default() {
                        let numbered = next(TokenRole::Content);
                        let token = TokenDraft::read(token.bytes, numbered, place, gatherer, budget)?;
                        self.tokens.push(token);
                    }
                    for timestamp in &unsigned.timestamps {
                        let numbered = next(role(timestamp.kind));
                        let bytes = timestamp.token.bytes;
                        self.tokens.push(TokenDraft::read(bytes, numbered, place, gatherer, budget)?);
                    }
                }
            }
        }
        self.excuse_padding();
        let value = self.value;
        self.findings.extend(inside.into_iter().map(|finding| placed_in_file(finding, value)));
        Ok(())
    }

    /// By which algorithms the covered bytes are to be hashed.
    fn wanted(&self) -> BTreeSet<DigestAlgorithm> {
        let mut wanted: BTreeSet<DigestAlgorithm> = match &self.parsed {
            Ok(value) => value.digests().collect(),
            Err(_) => BTreeSet::new(),
        };
        let tokens = self.tokens.iter().filter(|token| token.role == TokenRole::Content);
        wanted.extend(tokens.chain(&self.own_token).filter_map(TokenDraft::imprint_algorithm));
        wanted
    }

    #[allow(clippy::too_many_arguments, reason = "the last step needs the results of all others")]
    fn evidence(
        mut self,
        id: SignatureId,
        carried: &Carried,
        later: Later,
        first_token: usize,
        gatherer: &Gatherer<'_>,
        context: &Context<'_>,
        budget: &mut Budget,
    ) -> (SignatureEvidence, Vec<TokenEvidence>) {
        let value = self.value;
        let store = carried.facts(&self);
        let mut tokens = Vec::new();
        let mut inside = Vec::new();
        let digests = std::mem::take(&mut self.digests);
        let signed_data = match (self.own_token.take(), &self.parsed) {
            (Some(token), _) => {
                let token = token.evidence(digest_of(&digests), self.prefix(), gatherer, context, budget);
                inside.extend(token.findings.iter().cloned());
                let signed = document_facts(&token);
                tokens.push(token);
                signed
            }
            (None, Err(fault)) => Err(fault.clone()),
            (None, Ok(parsed)) => parsed.facts(&digests, &self.own, gatherer, context, &mut inside, budget),
        };
        let claimed_attribute = self.parsed.as_ref().ok().and_then(Value::signing_time);
        let of_signature = covered_by_value(id, signed_data.as_ref().ok(), gatherer);
        tokens.extend(self.timestamps(&digests, of_signature, gatherer, context, budget));
        let own_token = matches!(self.parsed, Ok(Value::Token)).then_some(first_token);
        let others = first_token + usize::from(own_token.is_some());
        let mut findings = self.findings;
        findings.extend(inside.into_iter().map(|finding| placed_in_file(finding, value)));
        let signature = SignatureEvidence {
            field: self.field.to_owned(),
            kind: match value.kind {
                SignatureKind::Signature => Kind::Signature,
                SignatureKind::DocTimestamp => Kind::DocTimestamp,
            },
            sub_filter: String::from_utf8_lossy(sub_filter(value)).into_owned(),
            span: value.span,
            place: value.contents_span,
            revision: value.revision,
            coverage: self.coverage,
            claimed_time: value.claimed_time.or(claimed_attribute),
            claims: Claims {
                name: value.name.clone(),
                reason: value.reason.clone(),
                location: value.location.clone(),
            },
            signature_policy: self.parsed.as_ref().ok().and_then(|parsed| parsed.signature_policy(context)),
            doc_mdp: value.doc_mdp,
            signed_data,
            tokens: (others..first_token + tokens.len()).collect(),
            own_token,
            later,
            store,
            findings,
        };
        (signature, tokens)
    }

    /// The timestamps in the attributes; `of_signature` is what one over the signature value proves.
    fn timestamps(
        &mut self,
        digests: &BTreeMap<DigestAlgorithm, Digest>,
        of_signature: Vec<ObjectRef>,
        gatherer: &Gatherer<'_>,
        context: &Context<'_>,
        budget: &mut Budget,
    ) -> Vec<TokenEvidence> {
        let value = self.parsed.as_ref().ok().and_then(Value::signature_value);
        let mut timestamps = Vec::with_capacity(self.tokens.len());
        for token in std::mem::take(&mut self.tokens) {
            let role = token.role;
            let digest = match (role, value, token.imprint_algorithm()) {
                (_, _, None) => Err("the timestamp cannot be read".into()),
                (TokenRole::Content, _, Some(algorithm)) => digest_of(digests)(algorithm),
                (TokenRole::Signature, Some(octets), Some(algorithm)) => {
                    effort::digest(algorithm, octets, context.provider, budget)
                }
                // ETSI EN 319 142-1, 5.1: PAdES knows no archive attributes inside the CMS.
                _ => Err("this kind of timestamp has no place in a PDF".into()),
            };
            let covers = match role {
                TokenRole::Signature => of_signature.clone(),
                _ => Vec::new(),
            };
            let covers = Covers::Objects(covers);
            timestamps.push(token.evidence(|_| digest, covers, gatherer, context, budget));
        }
        timestamps
    }

    /// What a document timestamp proves to have existed: nothing, unless it covers a whole revision.
    fn prefix(&self) -> Covers {
        match (self.coverage, self.covered) {
            (Coverage::WholeFile | Coverage::WholeRevision { .. }, Some(covered)) => Covers::UpTo {
                end: covered.after.end,
                hole: Span::new(covered.before.end, covered.after.start),
            },
            _ => Covers::Objects(Vec::new()),
        }
    }
}

fn digest_of(
    digests: &BTreeMap<DigestAlgorithm, Digest>,
) -> impl Fn(DigestAlgorithm) -> Result<Digest, String> + '_ {
    |algorithm| {
        let digest = digests.get(&algorithm).cloned();
        digest.ok_or_else(|| "the covered bytes could not be hashed".into())
    }
}

/// A finding about the CMS at its place in the file: two digits a byte; the whole token where digits are spaced.
fn placed_in_file(finding: Finding, value: &SignatureDictionary) -> Finding {
    let (Some(token), Some(inside)) = (value.contents_span, finding.span) else { return finding };
    let digit = |byte: u64| token.start.saturating_add(1).saturating_add(byte.saturating_mul(2));
    finding.at(if is_regular(value, token) {
        Span::new(digit(inside.start), digit(inside.end))
    } else {
        token
    })
}

/// Whether the `Contents` token is two digits a byte between angle brackets.
pub(super) fn is_regular(value: &SignatureDictionary, token: Span) -> bool {
    token.len() == (value.contents.len() as u64).saturating_mul(2).saturating_add(2)
}

pub(super) fn sub_filter(value: &SignatureDictionary) -> &[u8] {
    value.sub_filter.as_ref().map_or(b"", |name| &name.0)
}

/// Hashes what every draft and every record wants, and the whole file, in one pass.
fn hash_all(
    document: &Document<'_>,
    drafts: &mut [Draft<'_>],
    records: &Records<'_>,
    provider: &dyn Provider,
    budget: &mut Budget,
) -> Result<(Digest, Prefixes), Malformed> {
    let mut wanted = Vec::new();
    let mut wanting = Vec::new();
    for (index, draft) in drafts.iter().enumerate() {
        let Some(covered) = draft.covered else { continue };
        for algorithm in draft.wanted() {
            wanting.push((index, algorithm));
            wanted.push(Wanted { algorithm, covered });
        }
    }
    let ends: Vec<u64> = document.revisions().iter().map(|revision| revision.end).collect();
    let (numbers, prefixes): (Vec<_>, Vec<Wanted>) = records.wanted(&ends, budget)?.into_iter().unzip();
    wanted.extend(prefixes);
    let (digests, whole) = hash_ranges(document.source(), &wanted, DigestAlgorithm::Sha256, provider)?;
    let mut digests = digests.into_iter();
    for ((index, algorithm), digest) in wanting.into_iter().zip(digests.by_ref()) {
        if let (Some(draft), Some(digest)) = (drafts.get_mut(index), digest) {
            draft.digests.insert(algorithm, digest);
        }
    }
    let prefixes = numbers.into_iter().zip(digests);
    Ok((whole, prefixes.filter_map(|(number, digest)| Some((number, digest?))).collect()))
}

fn unreadable(field: &SignatureField, why: &Malformed) -> Finding {
    let message = format!("the signature in field {:?} cannot be read: {why}", field.name);
    let finding = Finding::new("pdf.signature.unreadable", Severity::Error, message);
    match why.at {
        Some(at) => finding.at(Span::new(at, at)),
        None => finding,
    }
}
