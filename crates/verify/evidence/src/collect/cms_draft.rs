//! A CMS that is not in a PDF, on its way to evidence: its signers, their timestamps, evidence records and
//! countersignatures (RFC 5652; ETSI EN 319 122-1; RFC 4998).

use super::Context;
use super::content::{Content, Hashed, plain, same_content};
use super::desk::{self, Desk, Done, Numbers};
use super::effort;
use super::envelope;
use super::gather::{Gatherer, Met};
use super::record::{self, RecordDraft};
use super::signature_policy;
use super::signer::{self, covered_by_value};
use super::token::TokenDraft;
use crate::coverage::Coverage;
use crate::facts::{
    Check, Covers, FormatFault, Kind, ObjectRef, Origin, SignatureEvidence, SignatureId, SignedFacts,
    StoreFacts, TokenId, TokenRole,
};
use cms::evidence_record::{DataObject, EmbeddedEvidenceRecord};
use cms::{
    ContentNeeded, Countersignature, Encoded, ImprintCheck, ImprintError, SignedData, SignerInfo,
    TimestampKind, TimestampPlace,
};
use crypto::{Digest, DigestAlgorithm};
use pkix::Certificate;
use std::collections::{BTreeMap, BTreeSet};
use types::{Budget, Cause, Exhausted, Finding, Malformed, Severity, Span};

/// A CMS that was read and whose material was gathered.
pub(super) struct CmsDraft<'d> {
    /// How reports name it; empty for a file that is nothing else.
    name: String,
    pub(super) signed_data: SignedData<'d>,
    span: Span,
    own: Vec<Certificate>,
    signers: Vec<SignerDraft<'d>>,
    findings: Vec<Finding>,
    /// Digests of the content, where the CMS holds it.
    inside: BTreeMap<DigestAlgorithm, Digest>,
}

/// What a CMS that is not in a PDF is over.
pub(super) struct Over {
    pub(super) coverage: Coverage,
    /// Whether what the content itself refers to is as it says.
    pub(super) references: Check,
    /// The weakest algorithm by which the content refers to it.
    pub(super) named_by: Option<DigestAlgorithm>,
}

struct SignerDraft<'d> {
    id: SignatureId,
    tokens: Vec<(TokenId, TimestampPlace, TokenDraft<'d>)>,
    records: Vec<EmbeddedDraft<'d>>,
    countersignatures: Vec<CounterDraft<'d>>,
}

/// An embedded evidence record with its tokens, oldest first.
struct EmbeddedDraft<'d> {
    record: EmbeddedEvidenceRecord<'d>,
    tokens: Vec<(TokenId, TokenDraft<'d>)>,
}

/// A countersignature with those on itself.
struct CounterDraft<'d> {
    id: SignatureId,
    countersignature: Countersignature<'d>,
    tokens: Vec<(TokenId, TimestampPlace, TokenDraft<'d>)>,
    countersignatures: Vec<CounterDraft<'d>>,
}

impl<'d> CmsDraft<'d> {
    /// Takes over what was read from `span` of the file, and gathers what it carries.
    pub(super) fn new(
        name: String,
        signed_data: SignedData<'d>,
        span: Span,
        numbers: &mut Numbers,
        gatherer: &mut Gatherer<'_>,
        budget: &mut Budget,
    ) -> Result<CmsDraft<'d>, Malformed> {
        let mut findings = signed_data.findings.clone();
        // What stands beside all signers is known as that of the first; where there is none, nobody vouches for it.
        let met = Met { origin: Origin::Signature(numbers.signatures), place: None };
        let own = match signed_data.signers.is_empty() {
            true => Vec::new(),
            false => gatherer.signed_data(&signed_data, met, &mut findings, budget)?,
        };
        let mut signers = Vec::new();
        for info in &signed_data.signers {
            let id = numbers.next_signature();
            let met = Met { origin: Origin::Signature(id), place: None };
            gatherer.signer(info, met, &mut findings, budget)?;
            signers.push(SignerDraft {
                id,
                tokens: read_tokens(info, numbers, gatherer, budget)?,
                records: read_records(info, numbers, gatherer, &mut findings, budget)?,
                countersignatures: match info.countersignatures(budget) {
                    Ok(read) => number(read, numbers, gatherer, &mut findings, budget)?,
                    Err(error) if matches!(error.cause, Cause::Budget(_)) => return Err(error),
                    Err(error) => {
                        let message = format!("a countersignature cannot be read: {error}");
                        findings
                            .push(Finding::new("cms.countersignature", Severity::Error, message).at(span));
                        Vec::new()
                    }
                },
            });
        }
        let findings = effort::repeated(findings);
        Ok(CmsDraft { name, signed_data, span, own, signers, findings, inside: BTreeMap::new() })
    }

    /// Which digests of detached content the signers, their timestamps and records need.
    fn content_needed(&self, budget: &mut Budget) -> Result<BTreeSet<ContentNeeded>, Malformed> {
        let mut needed = BTreeSet::new();
        if self.signed_data.content.content.is_some() {
            return Ok(needed);
        }
        for info in &self.signed_data.signers {
            needed.extend(info.digest_algorithm.iter().copied().map(plain));
            needed.extend(self.imprints(info, cms::Content::None).content_needed(budget)?);
            for record in info.evidence_records() {
                if let Ok(record) = record.parse(budget) {
                    needed.extend(record.digests_needed(budget)?.into_iter().map(plain));
                }
            }
        }
        Ok(needed)
    }

    fn imprints<'c>(&'c self, signer: &'c SignerInfo<'d>, content: cms::Content<'c>) -> ImprintCheck<'c, 'd> {
        ImprintCheck { signed_data: &self.signed_data, signer, content, provider: crypto::PROVIDER }
    }

    /// The numbers of its signatures and tokens.
    pub(super) fn numbers(&self) -> (Vec<SignatureId>, Vec<TokenId>) {
        let (mut signatures, mut tokens) = (Vec::new(), Vec::new());
        let mut counters: Vec<&CounterDraft<'_>> = Vec::new();
        for signer in &self.signers {
            signatures.push(signer.id);
            tokens.extend(signer.tokens.iter().map(|(id, ..)| *id));
            tokens.extend(signer.records.iter().flat_map(|record| record.tokens.iter().map(|(id, _)| *id)));
            counters.extend(&signer.countersignatures);
        }
        while let Some(counter) = counters.pop() {
            signatures.push(counter.id);
            tokens.extend(counter.tokens.iter().map(|(id, ..)| *id));
            counters.extend(&counter.countersignatures);
        }
        (signatures, tokens)
    }

    /// The facts. `content` is the detached content, if there is any at hand; where the CMS holds its content itself the
    /// two have to be the same.
    pub(super) fn evidence(
        mut self,
        content: Option<&dyn Content>,
        mut over: Over,
        done: &mut Done,
        desk: Desk<'_>,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        if let (Some(inside), Some(beside)) = (&self.signed_data.content.content, content) {
            if same_content(inside, beside, budget)? {
                let message = "the CMS holds its content itself; the file beside it is the same";
                self.findings.push(Finding::new("cms.content.twice", Severity::Info, message));
            } else {
                let why = "the signature holds its content itself, and the file given or lying beside it is another one";
                over.references = Check::NotComputed(why.into());
            }
        }
        let needed = self.content_needed(budget)?;
        let hashed = match content {
            Some(content) if !needed.is_empty() => {
                Some(Hashed::of(content, &needed, desk.context.provider, budget)?)
            }
            _ => None,
        };
        self.hash_inside(desk.context, budget)?;
        let signers = std::mem::take(&mut self.signers);
        for (info, draft) in self.signed_data.signers.iter().zip(signers) {
            self.signer((info, draft), &over, hashed.as_ref(), done, desk, budget)?;
        }
        Ok(())
    }

    fn signer(
        &self,
        (info, draft): (&SignerInfo<'d>, SignerDraft<'d>),
        over: &Over,
        hashed: Option<&Hashed>,
        done: &mut Done,
        desk: Desk<'_>,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        let Desk { gatherer, context } = desk;
        let SignerDraft { id, tokens, records, countersignatures } = draft;
        let digest = self.content_digest(info, hashed);
        let mut findings = self.findings.clone();
        let facts = self.check_form(info, hashed).and_then(|()| {
            signer::facts(info, digest.as_ref(), &self.own, gatherer, context, &mut findings, budget)
        });
        let facts = facts.map(|facts| with_content(facts, digest.is_some(), over));
        let mut ids: Vec<TokenId> = tokens.iter().map(|(id, ..)| *id).collect();
        let content = hashed.map_or(cms::Content::None, |hashed| cms::Content::Hashed(hashed.all()));
        let places: Vec<(TimestampPlace, TokenId)> =
            tokens.iter().map(|(id, place, _)| (*place, *id)).collect();
        let own = covered_by_value(id, facts.as_ref().ok(), gatherer);
        for (token_id, place, token) in tokens {
            let judged = match token.token() {
                Some(parsed) => self.imprints(info, content).check(place, parsed, budget),
                None => Err(ImprintError::NoSuchTimestamp),
            };
            let (covers, named_by) = match &judged {
                Ok(imprint) => {
                    let covers = self.covers(info, imprint.covered(), &own, &places, gatherer, budget)?;
                    (covers, imprint.index_algorithm())
                }
                Err(_) => (Vec::new(), None),
            };
            let mut evidence =
                token.judged(check_of(judged), Covers::Objects(covers), gatherer, context, budget);
            evidence.named_by(named_by);
            done.tokens.push((token_id, evidence));
        }
        for record in records {
            ids.extend(record.tokens.iter().map(|(id, _)| *id));
            self.record(info, record, (&own, &places), hashed, done, desk, &mut findings, budget)?;
        }
        let signature =
            self.signature(info, (id, Kind::Signature), over.coverage, facts, (ids, findings), desk.context);
        done.signatures.push((id, signature));
        for counter in countersignatures {
            self.countersignature(info, id, counter, done, desk, budget);
        }
        Ok(())
    }

    /// Hashes the content inside once for each algorithm, however many signers there are.
    fn hash_inside(&mut self, context: &Context<'_>, budget: &mut Budget) -> Result<(), Exhausted> {
        let Some(content) = &self.signed_data.content.content else { return Ok(()) };
        let named = self.signed_data.signers.iter().filter_map(|info| info.digest_algorithm.clone().ok());
        for algorithm in named.collect::<BTreeSet<DigestAlgorithm>>() {
            effort::hashing(content.len(), budget)?;
            self.inside.insert(algorithm, context.provider.digest(algorithm, content));
        }
        Ok(())
    }

    /// What stands around the signature goes with it, and with the content.
    fn check_form(&self, info: &SignerInfo<'_>, hashed: Option<&Hashed>) -> Result<(), FormatFault> {
        envelope::check(&self.signed_data, info)?;
        match (&self.signed_data.content.content, hashed) {
            (Some(inside), _) => envelope::check_content(info, (inside, inside.len() as u64)),
            (None, Some(hashed)) => envelope::check_content(info, hashed.start()),
            (None, None) => Ok(()),
        }
    }

    /// The digest of the content by the signer's algorithm.
    fn content_digest(&self, info: &SignerInfo<'_>, hashed: Option<&Hashed>) -> Option<Digest> {
        let algorithm = info.digest_algorithm.as_ref().ok().copied()?;
        match &self.signed_data.content.content {
            Some(_) => self.inside.get(&algorithm).cloned(),
            None => hashed?.digest(algorithm),
        }
    }

    /// What lies under a timestamp, as objects.
    fn covers(
        &self,
        info: &SignerInfo<'_>,
        covered: &cms::Covered,
        own: &[ObjectRef],
        places: &[(TimestampPlace, TokenId)],
        gatherer: &Gatherer<'_>,
        budget: &mut Budget,
    ) -> Result<Vec<ObjectRef>, Exhausted> {
        let values = &info.unsigned_attributes.revocation_values;
        let more = info.unsigned_attributes.certificate_values.len()
            + values.crls.len()
            + values.basic_ocsp_responses.len();
        let listed = covered.certificates.len() + covered.crls.len() + covered.unsigned_values.len();
        effort::covering(own.len() + places.len() + listed + more, budget)?;
        let mut objects = if covered.signature { own.to_vec() } else { Vec::new() };
        let choices =
            covered.certificates.iter().filter_map(|at| self.signed_data.certificate_choices.get(*at));
        objects.extend(choices.filter_map(|choice| gatherer.certificate_id(choice.encoded.bytes)));
        let infos = covered.crls.iter().filter_map(|at| self.signed_data.revocation_infos.get(*at));
        objects.extend(infos.filter_map(|info| gatherer.revocation_id(info.encoded.bytes)));
        let timestamps: BTreeSet<&usize> = covered.timestamps.iter().collect();
        let tokens = places.iter().filter(|(place, _)| match place {
            TimestampPlace::Unsigned(at) => timestamps.contains(at),
            TimestampPlace::Content(_) => covered.signer,
        });
        for (_, id) in tokens {
            // The token as a whole, with what it carries.
            objects.push(ObjectRef::Token(*id));
            objects.extend(gatherer.objects_of(Origin::Token(*id)));
        }
        let unsigned = &info.unsigned_attributes;
        let spans = covered.unsigned_spans(unsigned);
        let is_covered = |one: &&Encoded<'_>| holds(&spans, one.span);
        let certificates = unsigned.certificate_values.iter().filter(is_covered);
        objects.extend(certificates.filter_map(|one| gatherer.certificate_id(one.bytes)));
        let statements = values.crls.iter().chain(&values.basic_ocsp_responses).filter(is_covered);
        objects.extend(statements.filter_map(|one| gatherer.revocation_id(one.bytes)));
        Ok(objects)
    }

    /// An embedded evidence record: its first timestamp covers the CMS without some attributes, each later one the one
    /// before.
    #[allow(clippy::too_many_arguments, reason = "the last step needs the results of all others")]
    fn record(
        &self,
        info: &SignerInfo<'_>,
        draft: EmbeddedDraft<'d>,
        (own, places): (&[ObjectRef], &[(TimestampPlace, TokenId)]),
        hashed: Option<&Hashed>,
        done: &mut Done,
        desk: Desk<'_>,
        findings: &mut Vec<Finding>,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        let digests: Vec<Digest> =
            DigestAlgorithm::ALL.into_iter().filter_map(|algorithm| hashed?.digest(algorithm)).collect();
        let content = hashed.is_some().then_some(DataObject::Digests(&digests));
        let provider = desk.context.provider;
        let verified = draft.record.verify(&self.signed_data, info, content, provider, budget);
        let (timestamps, noted, protected) = match verified {
            Ok((check, protected)) => (check.timestamps, check.findings, protected),
            Err(error) if matches!(error.cause, Cause::Budget(_)) => return Err(error),
            Err(error) => {
                let message = format!("an evidence record cannot be verified: {error}");
                (Vec::new(), vec![Finding::new("er.embedded", Severity::Warning, message)], None)
            }
        };
        let under = match protected {
            Some(protected) => self.covers(info, &protected.covered, own, places, desk.gatherer, budget)?,
            None => Vec::new(),
        };
        findings.extend(noted);
        if let Some(error) = timestamps.iter().find_map(|timestamp| timestamp.proof.as_ref().err()) {
            let message = format!("an evidence record does not hold: {error} (RFC 4998, 5.3)");
            findings.push(Finding::new("er.broken", Severity::Warning, message));
        }
        let outcomes: Vec<record::Outcome> = timestamps.iter().map(record::of_asn1).collect();
        // The CMS is the first data object; whatever else the record covers says nothing of it.
        let held = |objects: &[usize]| if objects.contains(&0) { under.clone() } else { Vec::new() };
        done.tokens.extend(record::judge(draft.tokens, &outcomes, &held, desk, budget)?);
        Ok(())
    }

    fn countersignature(
        &self,
        over: &SignerInfo<'_>,
        of: SignatureId,
        draft: CounterDraft<'d>,
        done: &mut Done,
        desk: Desk<'_>,
        budget: &mut Budget,
    ) {
        let Desk { gatherer, context } = desk;
        let CounterDraft { id, countersignature, tokens, countersignatures } = draft;
        let info = &countersignature.signer;
        let mut findings = countersignature.findings.clone();
        let algorithm = info.digest_algorithm.as_ref().ok().copied();
        let digest = algorithm
            .and_then(|algorithm| effort::digest(algorithm, &over.signature, context.provider, budget).ok());
        let facts = signer::facts(info, digest.as_ref(), &self.own, gatherer, context, &mut findings, budget);
        let own = covered_by_value(id, facts.as_ref().ok(), gatherer);
        let ids = tokens.iter().map(|(id, ..)| *id).collect();
        for (token_id, place, token) in tokens {
            let value = match place {
                TimestampPlace::Unsigned(_) if token.role == TokenRole::Signature => Ok(&info.signature),
                _ => Err("this kind of timestamp is not looked at on a countersignature".to_owned()),
            };
            let digest = token.imprint_algorithm().map_or_else(
                || Err("the timestamp cannot be read".into()),
                |algorithm| effort::digest(algorithm, value?, context.provider, budget),
            );
            let digest = |_| digest;
            let evidence = token.evidence(digest, Covers::Objects(own.clone()), gatherer, context, budget);
            done.tokens.push((token_id, evidence));
        }
        let kind = Kind::Countersignature { of };
        let evidence =
            self.signature(info, (id, kind), Coverage::Content, facts, (ids, findings), desk.context);
        done.signatures.push((id, evidence));
        for nested in countersignatures {
            self.countersignature(info, id, nested, done, desk, budget);
        }
    }

    fn signature(
        &self,
        info: &SignerInfo<'_>,
        (id, kind): (SignatureId, Kind),
        coverage: Coverage,
        signed_data: Result<SignedFacts, FormatFault>,
        (tokens, findings): (Vec<TokenId>, Vec<Finding>),
        context: &Context<'_>,
    ) -> SignatureEvidence {
        let signed = info.signed_attributes.as_ref();
        let unsigned = &info.unsigned_attributes;
        let values = &unsigned.revocation_values;
        let place = signed.and_then(|signed| signed.signer_location.as_ref());
        let lines = place.into_iter().flat_map(|place| {
            place.postal_address.iter().chain(&place.locality).chain(&place.country).map(String::as_str)
        });
        let name = (self.name.as_str(), id);
        SignatureEvidence {
            claimed_time: signed.and_then(|signed| signed.signing_time),
            claims: desk::signed_at(lines),
            signature_policy: signature_policy::of_cms(info, context),
            tokens,
            store: StoreFacts {
                revocation_data: !self.signed_data.revocation_infos.is_empty()
                    || !values.crls.is_empty()
                    || !values.basic_ocsp_responses.is_empty(),
                certificates: self.signed_data.certificates().next().is_some()
                    || !unsigned.certificate_values.is_empty(),
                later_doc_timestamp: false,
            },
            findings,
            ..desk::signature(name, (kind, "CAdES"), self.span, coverage, signed_data)
        }
    }
}

/// Without the content nothing is known about it (EN 319 102-1: SIGNED_DATA_NOT_FOUND); and what a manifest refers to is
/// as much under the signature as the manifest, by the weaker of the two digests.
fn with_content(facts: SignedFacts, at_hand: bool, over: &Over) -> SignedFacts {
    let content = match (at_hand, &facts.content) {
        (false, _) => match &over.references {
            Check::NotComputed(why) => Check::NotComputed(why.clone()),
            _ => Check::NotComputed("the signed content is not at hand".into()),
        },
        (true, Check::Matches) => over.references.clone(),
        (true, other) => other.clone(),
    };
    let digest_algorithm = over.named_by.into_iter().fold(facts.digest_algorithm, DigestAlgorithm::min);
    SignedFacts { content, digest_algorithm, ..facts }
}

/// Whether one of the spans, which are in order and apart from each other, holds another.
fn holds(spans: &[Span], inner: Span) -> bool {
    let after = spans.partition_point(|span| span.start <= inner.start);
    spans.get(..after).and_then(<[Span]>::last).is_some_and(|span| inner.end <= span.end)
}

fn check_of(judged: Result<cms::Imprint, ImprintError>) -> Check {
    match judged {
        // What was taken away may be what speaks against the signature.
        Ok(imprint) if imprint.covered().unmatched != cms::Unmatched::default() => Check::NotComputed(
            "it is over certificates, revocation data or attributes that are not there any more \
             (EN 319 122-1, 5.5.2)"
                .into(),
        ),
        Ok(_) => Check::Matches,
        Err(ImprintError::Differs(_)) => Check::Differs,
        Err(error) => Check::NotComputed(error.to_string()),
    }
}

/// What a timestamp attribute is for.
pub(super) fn role(kind: TimestampKind) -> TokenRole {
    match kind {
        TimestampKind::Signature => TokenRole::Signature,
        TimestampKind::CadesC | TimestampKind::CertificatesAndCrls => TokenRole::References,
        TimestampKind::ArchiveV1 | TimestampKind::ArchiveV2 | TimestampKind::ArchiveV3 => TokenRole::Archive,
    }
}

fn read_tokens<'d>(
    info: &SignerInfo<'d>,
    numbers: &mut Numbers,
    gatherer: &mut Gatherer<'_>,
    budget: &mut Budget,
) -> Result<Vec<(TokenId, TimestampPlace, TokenDraft<'d>)>, Exhausted> {
    let content = info.signed_attributes.iter().flat_map(|signed| &signed.content_timestamps).enumerate();
    let content = content.map(|(at, token)| (TokenRole::Content, TimestampPlace::Content(at), *token));
    let unsigned = info.unsigned_attributes.timestamps.iter().enumerate();
    let unsigned = unsigned.map(|(at, stamp)| (role(stamp.kind), TimestampPlace::Unsigned(at), stamp.token));
    let mut tokens = Vec::new();
    for (role, place, encoded) in content.chain(unsigned) {
        let id = numbers.next_token();
        tokens.push((id, place, TokenDraft::read(encoded.bytes, (id, role), None, gatherer, budget)?));
    }
    Ok(tokens)
}

fn read_records<'d>(
    info: &SignerInfo<'d>,
    numbers: &mut Numbers,
    gatherer: &mut Gatherer<'_>,
    findings: &mut Vec<Finding>,
    budget: &mut Budget,
) -> Result<Vec<EmbeddedDraft<'d>>, Malformed> {
    let mut drafts = Vec::new();
    for record in info.evidence_records() {
        match record.parse(budget) {
            Ok(parsed) => {
                let RecordDraft { tokens, .. } = RecordDraft::asn1(parsed, numbers, gatherer, budget)?;
                drafts.push(EmbeddedDraft { record, tokens });
            }
            Err(error) if matches!(error.cause, Cause::Budget(_)) => return Err(error),
            Err(error) => {
                let message = format!("an evidence record cannot be read: {error}");
                findings.push(Finding::new("er.embedded", Severity::Warning, message));
            }
        }
    }
    Ok(drafts)
}

/// Gives countersignatures their numbers and gathers what they carry.
fn number<'d>(
    read: Vec<Countersignature<'d>>,
    numbers: &mut Numbers,
    gatherer: &mut Gatherer<'_>,
    findings: &mut Vec<Finding>,
    budget: &mut Budget,
) -> Result<Vec<CounterDraft<'d>>, Exhausted> {
    let mut drafts = Vec::with_capacity(read.len());
    for mut countersignature in read {
        let id = numbers.next_signature();
        let met = Met { origin: Origin::Signature(id), place: None };
        gatherer.signer(&countersignature.signer, met, findings, budget)?;
        let tokens = read_tokens(&countersignature.signer, numbers, gatherer, budget)?;
        let nested = std::mem::take(&mut countersignature.countersignatures);
        let countersignatures = number(nested, numbers, gatherer, findings, budget)?;
        drafts.push(CounterDraft { id, countersignature, tokens, countersignatures });
    }
    Ok(drafts)
}
