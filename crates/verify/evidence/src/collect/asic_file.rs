//! From an ASiC container, another ZIP with signatures, or an XML signature on its own to its evidence (EN 319 162-1).

use super::Context;
use super::asic_members::{Covered, Given, MemberContent, Members, coverage, covered};
use super::cms_draft::{CmsDraft, Over};
use super::content::Content;
use super::desk::{self, Desk, Done, Numbers, doc_timestamp, document};
use super::detached::{Files, Records};
use super::effort;
use super::gather::Gatherer;
use super::record::{self, RecordDraft};
use super::signer::broken;
use super::token::TokenDraft;
use super::xades_draft::XadesDraft;
use super::xml_coverage;
use crate::coverage::Coverage;
use crate::facts::{
    Check, Container as ContainerFacts, Covers, Evidence, Kind, ObjectRef, Origin, SignatureEvidence,
    SignatureId, TokenEvidence, TokenId, TokenRole,
};
use asic::{Container, Digests, EvidenceRecordSyntax, Form, SignatureFile};
use cms::SignedData;
use cms::evidence_record::EvidenceRecord;
use std::collections::{BTreeMap, BTreeSet};
use types::{Budget, Cause, Finding, Malformed, Severity, Source, Span};
use xades::XadesSignature;

/// No signature file comes near this size, bytes.
const MOST_OF_A_SIGNATURE: u64 = 64 << 20;

/// What a signature file holds.
enum Read {
    Cms(Vec<u8>),
    Token(Vec<u8>),
    Record(Vec<u8>),
    XmlRecord(xades::evidence_record::EvidenceRecord),
    Xades(Vec<XadesSignature>),
}

/// A signature file on its way to evidence.
enum Draft<'d> {
    Cms(Box<CmsDraft<'d>>),
    Token(TokenId, SignatureId, Box<TokenDraft<'d>>),
    Record(SignatureId, RecordDraft<'d>),
    Xades(Vec<XadesDraft<'d>>),
}

/// Collects the evidence of a container.
pub fn collect_asic(
    source: &dyn Source,
    extension: Option<&str>,
    context: &Context<'_>,
    budget: &mut Budget,
) -> Result<Evidence, Malformed> {
    let container = Container::open(source, extension, budget)?;
    let mut gatherer = Gatherer::new(context, budget)?;
    let mut numbers = Numbers::default();
    let mut findings = container.findings.clone();
    findings.extend(container.manifests.iter().flat_map(|manifest| manifest.findings.iter().cloned()));
    let mut members = Members(Digests::new(&container, context.provider));
    let mut files = Vec::new();
    for file in &container.signatures {
        let read = read(&container, file, &mut members, context, &mut findings, budget)?;
        files.extend(read.map(|read| (file, read)));
    }
    let mut drafts = Vec::with_capacity(files.len());
    for (file, read) in &files {
        let draft = draft(file, read, &container, &mut numbers, &mut gatherer, &mut findings, budget)?;
        drafts.extend(draft.map(|draft| (*file, draft)));
    }
    let beside = Files::read(context, budget)?;
    let records = Records::gather(&beside, &mut numbers, &mut gatherer, budget)?;
    let inside = inside(&drafts, &gatherer);
    let mut bench = Bench {
        container: &container,
        desk: Desk { gatherer: &gatherer, context },
        inside: &inside,
        objects: container.data_objects().collect(),
        signed: BTreeSet::new(),
        done: Done::default(),
    };
    for (file, draft) in drafts {
        bench.finish(file, draft, &mut members, budget)?;
    }
    let Bench { signed, mut done, desk, .. } = bench;
    let names = container.data_objects().filter_map(|member| container.members.get(member));
    let facts = ContainerFacts::Asic {
        kind: container.kind.as_str().to_owned(),
        members: names.map(|member| member.name().to_owned()).collect(),
    };
    let number = done.signatures.len();
    let document = document(source, facts, records, &mut done, desk, budget)?;
    let (mut signatures, tokens) = done.sorted();
    report_unsigned(&container, &signed, &mut findings);
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
    let errors = effort::repeated(errors.cloned().collect());
    // What is wrong with the container is no fault of the records beside it.
    for signature in signatures.iter_mut().take(number) {
        signature.findings.extend(errors.iter().cloned());
    }
    mark_archived(&mut signatures, &tokens);
    Ok(gatherer.finish(document, (signatures, tokens), findings, budget))
}

/// Collects the evidence of an XML document with signatures; `content` is what they are over, where they do not hold it.
pub fn collect_xml(
    bytes: &[u8],
    content: Option<&dyn Source>,
    context: &Context<'_>,
    budget: &mut Budget,
) -> Result<Evidence, Malformed> {
    if bytes.get(..4096).unwrap_or(bytes).windows(10).any(|window| window == b"<SignedDoc") {
        let reason = "this is a DigiDoc file (DDOC), a format that is recognised and not validated";
        return Err(Malformed::unsupported(None, reason, "DigiDoc 1.3"));
    }
    let mut gatherer = Gatherer::new(context, budget)?;
    let mut detached = Given::new(content, context.provider);
    let mut findings = Vec::new();
    let mut read = Vec::new();
    let parsed = xades::Document::parse(bytes, budget)?;
    for signature in parsed.signatures(&mut detached, context.provider, budget)? {
        match signature {
            Ok(signature) => read.push(signature),
            Err(error) => findings.push(unreadable("the document", &error)),
        }
    }
    let page = xml_coverage::Page::of(&parsed, &read);
    let mut numbers = Numbers::default();
    let mut drafts = Vec::new();
    let mut alone = BTreeSet::new();
    for signature in &read {
        let is_detached = |one: &xades::Reference| matches!(one.target, xades::Target::Detached(_));
        if content.is_some() && !signature.references.iter().any(is_detached) {
            alone.insert(numbers.signatures);
        }
        drafts.push(XadesDraft::new("", Kind::Signature, signature, &mut numbers, &mut gatherer, budget)?);
    }
    let beside = Files::read(context, budget)?;
    let records = Records::gather(&beside, &mut numbers, &mut gatherer, budget)?;
    let desk = Desk { gatherer: &gatherer, context };
    let mut done = Done::default();
    for draft in drafts {
        let coverage = xml_coverage::of(draft.signature, &page, &mut findings);
        draft.evidence(coverage, &mut detached, &mut done, desk, budget)?;
    }
    let document = document(&bytes, ContainerFacts::Xml, records, &mut done, desk, budget)?;
    let mut evidence = gatherer.finish(document, done.sorted(), findings, budget);
    evidence.disregards_content(|id| alone.contains(&id));
    Ok(evidence)
}

/// Reads a signature file; what cannot be read is a finding, short of an exhausted budget.
fn read(
    container: &Container<'_>,
    file: &SignatureFile,
    members: &mut Members<'_>,
    context: &Context<'_>,
    findings: &mut Vec<Finding>,
    budget: &mut Budget,
) -> Result<Option<Read>, Malformed> {
    let read = container.read(file.member, MOST_OF_A_SIGNATURE, budget).and_then(|bytes| {
        Ok(match file.form {
            Form::Cades => Read::Cms(bytes),
            Form::TimestampToken => Read::Token(bytes),
            Form::EvidenceRecord(EvidenceRecordSyntax::Asn1) => Read::Record(bytes),
            Form::EvidenceRecord(EvidenceRecordSyntax::Xml) => Read::XmlRecord(
                xades::evidence_record::EvidenceRecord::parse(&bytes, context.provider, budget)?,
            ),
            Form::Xades => {
                let document = xades::Document::parse(&bytes, budget)?;
                let mut read = Vec::new();
                let signatures = document.signatures(members, context.provider, budget)?;
                if signatures.is_empty() {
                    let message = format!("no signature stands in {:?}, which is named as one", file.name);
                    findings.push(Finding::new("container.signature.none", Severity::Warning, message));
                }
                for signature in signatures {
                    match signature {
                        Ok(signature) => read.push(signature),
                        Err(error) => findings.push(unreadable(&file.name, &error)),
                    }
                }
                Read::Xades(read)
            }
        })
    });
    readable(read, file, findings)
}

/// What was read of a signature file, if it can be read.
fn readable<T>(
    read: Result<T, Malformed>,
    file: &SignatureFile,
    findings: &mut Vec<Finding>,
) -> Result<Option<T>, Malformed> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error) if matches!(error.cause, Cause::Budget(_) | Cause::Source(_)) => Err(error),
        Err(error) => {
            findings.push(unreadable(&file.name, &error));
            Ok(None)
        }
    }
}

/// A signature that cannot be read may be any signature, so nothing beside it passes.
fn unreadable(name: &str, error: &Malformed) -> Finding {
    let message = format!("a signature in {name:?} cannot be read: {error}");
    Finding::new("asic.signature.unreadable", Severity::Error, message)
}

fn draft<'d>(
    file: &SignatureFile,
    read: &'d Read,
    container: &Container<'_>,
    numbers: &mut Numbers,
    gatherer: &mut Gatherer<'_>,
    findings: &mut Vec<Finding>,
    budget: &mut Budget,
) -> Result<Option<Draft<'d>>, Malformed> {
    Ok(Some(match read {
        Read::Cms(bytes) => {
            let read = readable(SignedData::parse(bytes, budget), file, findings)?;
            let Some(signed_data) = read else { return Ok(None) };
            let span = record_of(container, file);
            let draft = CmsDraft::new(file.name.clone(), signed_data, span, numbers, gatherer, budget)?;
            Draft::Cms(Box::new(draft))
        }
        Read::Token(bytes) => {
            let (id, signature) = (numbers.next_token(), numbers.next_signature());
            let token = TokenDraft::read(bytes, (id, TokenRole::Document), None, gatherer, budget)?;
            Draft::Token(id, signature, Box::new(token))
        }
        Read::Record(bytes) => {
            let read = readable(EvidenceRecord::parse(bytes, budget), file, findings)?;
            let Some(record) = read else { return Ok(None) };
            let id = numbers.next_signature();
            Draft::Record(id, RecordDraft::asn1(record, numbers, gatherer, budget)?)
        }
        Read::XmlRecord(record) => {
            let id = numbers.next_signature();
            Draft::Record(id, RecordDraft::xml(record, numbers, gatherer, findings, budget)?)
        }
        Read::Xades(signatures) => {
            let mut drafts = Vec::with_capacity(signatures.len());
            for signature in signatures {
                let name = &file.name;
                drafts.push(XadesDraft::new(name, Kind::Signature, signature, numbers, gatherer, budget)?);
            }
            Draft::Xades(drafts)
        }
    }))
}

fn record_of(container: &Container<'_>, file: &SignatureFile) -> Span {
    container.members.get(file.member).map_or(Span::new(0, 0), |member| member.entry.record)
}

/// What stands in each signature file, by its member: what covers the file covers these.
fn inside(
    drafts: &[(&SignatureFile, Draft<'_>)],
    gatherer: &Gatherer<'_>,
) -> BTreeMap<usize, Vec<ObjectRef>> {
    let mut inside: BTreeMap<usize, Vec<ObjectRef>> = BTreeMap::new();
    for (file, draft) in drafts {
        let (signatures, tokens) = match draft {
            Draft::Cms(draft) => draft.numbers(),
            Draft::Token(token, signature, _) => (vec![*signature], vec![*token]),
            Draft::Record(id, record) => (vec![*id], record.tokens.iter().map(|(id, _)| *id).collect()),
            Draft::Xades(drafts) => {
                let all = drafts.iter().map(XadesDraft::numbers);
                let (signatures, tokens): (Vec<_>, Vec<_>) = all.unzip();
                (signatures.concat(), tokens.concat())
            }
        };
        let objects = inside.entry(file.member).or_default();
        for id in signatures {
            objects.push(ObjectRef::Signature(id));
            objects.extend(gatherer.objects_of(Origin::Signature(id)));
        }
        for id in tokens {
            objects.push(ObjectRef::Token(id));
            objects.extend(gatherer.objects_of(Origin::Token(id)));
        }
    }
    inside
}

/// Where the last step is done, file by file.
struct Bench<'b> {
    container: &'b Container<'b>,
    desk: Desk<'b>,
    inside: &'b BTreeMap<usize, Vec<ObjectRef>>,
    /// The data objects of the container.
    objects: BTreeSet<usize>,
    signed: BTreeSet<usize>,
    done: Done,
}

impl Bench<'_> {
    fn finish(
        &mut self,
        file: &SignatureFile,
        draft: Draft<'_>,
        members: &mut Members<'_>,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        match draft {
            Draft::Xades(drafts) => {
                for draft in drafts {
                    let signed = members.signed_by(draft.signature);
                    let coverage = coverage(&self.objects, &signed);
                    self.signed.extend(signed);
                    draft.evidence(coverage, members, &mut self.done, self.desk, budget)?;
                }
                Ok(())
            }
            Draft::Cms(draft) => {
                let over = covered(self.container, file, members, budget);
                let content = over.content.map(|member| MemberContent { container: self.container, member });
                let content = content.as_ref().map(|content| content as &dyn Content);
                let coverage = coverage(&self.objects, &over.members);
                self.signed.extend(&over.members);
                let over = Over { coverage, references: over.references, named_by: over.named_by };
                draft.evidence(content, over, &mut self.done, self.desk, budget)
            }
            Draft::Token(id, signature, token) => {
                let over = covered(self.container, file, members, budget);
                self.token(file, (id, signature), *token, over, members, budget)
            }
            Draft::Record(id, record) => {
                let over = covered(self.container, file, members, budget);
                self.signed.extend(&over.members);
                self.record((file, id), record, &over, members, budget)
            }
        }
    }

    fn token(
        &mut self,
        file: &SignatureFile,
        (id, signature): (TokenId, SignatureId),
        token: TokenDraft<'_>,
        over: Covered,
        members: &mut Members<'_>,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        let Desk { gatherer, context } = self.desk;
        let algorithm = token.imprint_algorithm();
        let digest = match (over.content, algorithm) {
            (Some(member), Some(algorithm)) => {
                members.0.of(member, algorithm, budget).map_err(|error| error.to_string())
            }
            _ => Err("what it is over is not at hand".into()),
        };
        let imprint = token.imprint_check(|_| digest);
        let imprint = match (imprint, over.references) {
            (Check::Matches, references) => references,
            (imprint, _) => imprint,
        };
        let covers = self.held_by(&over.members);
        effort::covering(covers.len(), budget)?;
        let mut evidence = token.judged(imprint, Covers::Objects(covers), gatherer, context, budget);
        evidence.named_by(over.named_by);
        let coverage = coverage(&self.objects, &over.members);
        self.signed.extend(&over.members);
        let (name, span) = ((file.name.as_str(), signature), record_of(self.container, file));
        self.done.signatures.push((signature, doc_timestamp(name, span, id, &evidence, coverage)));
        self.done.tokens.push((id, evidence));
        Ok(())
    }

    /// What stands in these members, if they are signature files.
    fn held_by(&self, members: &BTreeSet<usize>) -> Vec<ObjectRef> {
        members.iter().filter_map(|member| self.inside.get(member)).flatten().copied().collect()
    }

    /// An evidence record over members, as a timestamp of its own.
    fn record(
        &mut self,
        (file, id): (&SignatureFile, SignatureId),
        draft: RecordDraft<'_>,
        over: &Covered,
        members: &mut Members<'_>,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        let format = draft.format();
        let (name, span) = ((file.name.as_str(), id), record_of(self.container, file));
        // A manifest says what the record is over, and need not be under it itself.
        let order: Vec<usize> =
            over.members.iter().copied().filter(|one| Some(*one) != over.manifest).collect();
        let provider = self.desk.context.provider;
        let mut noted = Vec::new();
        let outcomes = draft.outcomes(&order, members, provider, &mut noted, budget)?;
        let held = |objects: &[usize]| {
            let members = objects.iter().filter_map(|object| order.get(*object)).copied();
            self.held_by(&members.collect())
        };
        let mut tokens = record::judge(draft.tokens, &outcomes, &held, self.desk, budget)?;
        for (_, token) in &mut tokens {
            token.named_by(over.named_by);
        }
        let whole = match tokens.first() {
            // The oldest timestamp is the one over the data; the later ones keep it good.
            Some((first_id, first)) => {
                let coverage = coverage(&self.objects, &over.members);
                let mut whole = doc_timestamp(name, span, *first_id, first, coverage);
                if let Ok(facts) = &mut whole.signed_data
                    && facts.content == Check::Matches
                {
                    facts.content = record::content(&outcomes, order.len(), over);
                }
                whole
            }
            // A record without a timestamp proves nothing (RFC 4998, 3.1).
            None => {
                let fault = Err(broken("the evidence record holds no timestamp"));
                desk::signature(name, (Kind::EvidenceRecord, format), span, Coverage::Content, fault)
            }
        };
        let kind = Kind::EvidenceRecord;
        let mut whole = SignatureEvidence { kind, sub_filter: format.into(), ..whole };
        whole.findings.extend(noted);
        self.done.signatures.push((id, whole));
        self.done.tokens.extend(tokens);
        Ok(())
    }
}

/// Files that nothing signs: a reader may take them for signed.
fn report_unsigned(container: &Container<'_>, signed: &BTreeSet<usize>, findings: &mut Vec<Finding>) {
    if container.signatures.is_empty() {
        return;
    }
    for member in asic::uncovered(container, signed) {
        let Some(member) = container.members.get(member) else { continue };
        let message = format!("no signature covers the file {:?}", member.name());
        findings.push(
            Finding::new("container.member.unsigned", Severity::Warning, message)
                .at(member.entry.record)
                .hint("take nothing in it for signed"),
        );
    }
}

/// Signatures over which a timestamp or an evidence record of the container stands.
fn mark_archived(signatures: &mut [SignatureEvidence], tokens: &[TokenEvidence]) {
    for token in tokens {
        if !matches!(token.role, TokenRole::Document | TokenRole::EvidenceRecord) {
            continue;
        }
        let Ok(stamp) = &token.stamp else { continue };
        let Covers::Objects(objects) = &stamp.covers else { continue };
        for object in objects {
            if let ObjectRef::Signature(id) = object
                && let Some(signature) = signatures.get_mut(*id)
                && !signature.kind.is_timestamp()
            {
                signature.store.later_doc_timestamp = true;
            }
        }
    }
}
