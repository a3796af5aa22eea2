//! From a document to its evidence: parse, hash in one pass, check values, seek paths, look at what came later.

use crate::coverage::{Coverage, Covered, coverage};
use crate::facts::{
    Claims, DocumentFacts, Evidence, FormatFault, Kind, Later, SignatureEvidence, StoreFacts,
};
use crate::hashing::{Wanted, hash_ranges};
use crate::pool::Pool;
use crate::signer::{self, Content};
use cms::{SignedData, TimestampToken};
use crypto::{Digest, DigestAlgorithm, Provider};
use inspection::{History, LostSignature, Permissions};
use path::VerifiedLinks;
use pdf::Document;
use pdf::dss::SecurityStore;
use pdf::signatures::{SignatureDictionary, SignatureField, SignatureKind};
use pkix::{Certificate, TrustAnchor};
use types::{Budget, Cause, Finding, Malformed, Resource, Severity, Span, Time};

/// Everything besides the document that evidence depends on.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Who is trusted.
    pub anchors: &'a [TrustAnchor],
    /// Certificates at hand besides those in the document, trusted for nothing.
    pub certificates: &'a [Certificate],
    /// The time for which certification paths are judged.
    pub at: Time,
    /// Who computes.
    pub provider: &'a dyn Provider,
    /// Certificate signatures already verified; shared by the documents of a batch.
    pub links: &'a VerifiedLinks,
}

/// Collects the evidence of a document. Faults of single signatures become facts about them; an error means that the
/// document as a whole could not be read to the end or within the budget.
pub fn collect(
    document: &Document<'_>,
    context: &Context<'_>,
    budget: &mut Budget,
) -> Result<Evidence, Malformed> {
    let signatures = document.signatures(budget)?;
    let store = document.security_store(budget)?;
    let mut pool = Pool::new(context.certificates);
    if let Some(store) = &store {
        pool.add_from_store(document, store, budget)?;
    }
    let mut findings = document.findings().to_vec();
    findings.extend(signatures.findings.iter().cloned());
    findings.extend(store.iter().flat_map(|store| store.findings.iter().cloned()));

    let history = history(document, budget)?;
    let lost = inspection::lost_signatures(document, &history, &signatures, budget)?;
    findings.extend(lost.iter().map(removed));
    let mut drafts = Vec::new();
    for field in &signatures.fields {
        match (&field.value, &field.unreadable) {
            (Some(value), _) => drafts.push(Draft::new(document, &field.name, value, budget)?),
            (None, Some(why)) => findings.push(unreadable(field, why)),
            (None, None) => {}
        }
    }
    for lost in &lost {
        drafts.push(Draft::new(document, &lost.field, &lost.signature, budget)?);
    }
    drafts.sort_by_key(Draft::order);
    let document_digest = hash_all(document, &mut drafts, context.provider)?;
    let carried = Carried::of(store.as_ref(), &drafts);
    let mut evidence = Vec::with_capacity(drafts.len());
    for draft in &drafts {
        let changes = history.after(draft.signed_revision(document));
        let judgement = inspection::judge(&changes, &Permissions::after(&signatures, draft.value));
        let later = Later { changes, judgement };
        evidence.push(draft.evidence(carried.facts(draft), later, &pool, context, budget));
    }
    Ok(Evidence {
        document: DocumentFacts {
            digest: document_digest,
            len: document.len(),
            revision_ends: document.revisions().iter().map(|revision| revision.end).collect(),
        },
        signatures: evidence,
        findings,
    })
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

/// Validation data in the file that concern all signatures before them.
struct Carried {
    revocation_data: bool,
    certificates: bool,
    last_timestamp: Option<(usize, u64)>,
}

impl Carried {
    /// `drafts` in the order of the file.
    fn of(store: Option<&SecurityStore>, drafts: &[Draft<'_>]) -> Carried {
        let timestamps = drafts.iter().filter(|draft| draft.value.kind == SignatureKind::DocTimestamp);
        Carried {
            revocation_data: store.is_some_and(|store| !store.ocsps.is_empty() || !store.crls.is_empty()),
            certificates: store.is_some_and(|store| !store.certificates.is_empty()),
            last_timestamp: timestamps.map(Draft::order).max(),
        }
    }

    fn facts(&self, draft: &Draft<'_>) -> StoreFacts {
        StoreFacts {
            revocation_data: self.revocation_data,
            certificates: self.certificates,
            later_doc_timestamp: self.last_timestamp.is_some_and(|last| last > draft.order()),
        }
    }
}

/// A signed field on its way to evidence.
struct Draft<'d> {
    field: &'d str,
    value: &'d SignatureDictionary,
    coverage: Coverage,
    covered: Option<Covered>,
    parsed: Result<SignedData<'d>, FormatFault>,
    wanted: Option<DigestAlgorithm>,
    digest: Option<Digest>,
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
        let parsed = parse(value, budget)?;
        let wanted = parsed.as_ref().ok().and_then(|parsed| wanted_digest(value, parsed, budget));
        Ok(Draft { field, value, coverage, covered, parsed, wanted, digest: None })
    }

    /// The revision after which changes count; for a signature that covers no whole revision, the one that brought it.
    fn signed_revision(&self, document: &Document<'_>) -> usize {
        match self.coverage {
            Coverage::WholeFile => document.revisions().len().saturating_sub(1),
            Coverage::WholeRevision { revision } => revision,
            Coverage::Partial(_) => self.value.revision,
        }
    }

    fn order(&self) -> (usize, u64) {
        (self.value.revision, self.value.span.start)
    }

    fn evidence(
        &self,
        mut store: StoreFacts,
        later: Later,
        pool: &Pool,
        context: &Context<'_>,
        budget: &mut Budget,
    ) -> SignatureEvidence {
        let value = self.value;
        let mut findings = value.findings.clone();
        let mut claimed_time = value.claimed_time;
        let signed_data = self.parsed.clone().and_then(|signed_data| {
            let mut inside = signed_data.findings.clone();
            let content = Content { sub_filter: sub_filter(value), digest: self.digest.as_ref() };
            let facts = signer::facts(&signed_data, &content, pool, context, &mut inside, budget);
            findings.extend(inside.into_iter().map(|finding| placed_in_file(finding, value)));
            let facts = facts?;
            claimed_time = claimed_time.or(facts.signing_time);
            store.revocation_data |= facts.revocation_data;
            Ok(facts.signed)
        });
        SignatureEvidence {
            field: self.field.to_owned(),
            kind: match value.kind {
                SignatureKind::Signature => Kind::Signature,
                SignatureKind::DocTimestamp => Kind::DocTimestamp,
            },
            sub_filter: String::from_utf8_lossy(sub_filter(value)).into_owned(),
            span: value.span,
            revision: value.revision,
            coverage: self.coverage,
            claimed_time,
            claims: Claims {
                name: value.name.clone(),
                reason: value.reason.clone(),
                location: value.location.clone(),
            },
            doc_mdp: value.doc_mdp,
            signed_data,
            later,
            store,
            findings,
        }
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
fn is_regular(value: &SignatureDictionary, token: Span) -> bool {
    token.len() == (value.contents.len() as u64).saturating_mul(2).saturating_add(2)
}

fn sub_filter(value: &SignatureDictionary) -> &[u8] {
    value.sub_filter.as_ref().map_or(b"", |name| &name.0)
}

/// Reads the CMS of a signature dictionary whose `SubFilter` is one of ISO 32000-2, 12.8.3 and 12.8.5.
fn parse<'d>(
    value: &'d SignatureDictionary,
    budget: &mut Budget,
) -> Result<Result<SignedData<'d>, FormatFault>, Malformed> {
    let fault = |reason: String, recognised| Ok(Err(FormatFault { reason, recognised }));
    match sub_filter(value) {
        b"ETSI.CAdES.detached" | b"adbe.pkcs7.detached" | b"adbe.pkcs7.sha1" | b"ETSI.RFC3161" => {}
        b"adbe.x509.rsa_sha1" => {
            return fault("the format adbe.x509.rsa_sha1 is recognised and not validated".into(), true);
        }
        b"" => return fault("the signature dictionary does not name its format (SubFilter)".into(), false),
        other => {
            let name = String::from_utf8_lossy(other);
            return fault(format!("the signature format {name:?} is not supported"), true);
        }
    }
    let Some(token) = value.contents_span else {
        return fault("the signature value (Contents) has no place of its own in the file".into(), false);
    };
    // ISO 32000-2, 12.8.1: a hexadecimal string; anything but two digits a byte is room for something else.
    if !is_regular(value, token) {
        return fault("the place of the signature value holds more than its digits".into(), false);
    }
    match SignedData::parse(&value.contents, budget) {
        Ok(signed_data) if signed_data.signers.len() == 1 => Ok(Ok(signed_data)),
        // ETSI EN 319 142-1, 5.3 (b): a single SignerInfo.
        Ok(signed_data) => fault(
            format!("there are {} signers in one signature, expected 1", signed_data.signers.len()),
            false,
        ),
        Err(error) if matches!(error.cause, Cause::Budget(_)) => Err(error),
        Err(error) => fault(format!("the signature cannot be read: {error}"), false),
    }
}

/// By which algorithm the covered bytes are to be hashed.
fn wanted_digest(
    value: &SignatureDictionary,
    parsed: &SignedData<'_>,
    budget: &mut Budget,
) -> Option<DigestAlgorithm> {
    match sub_filter(value) {
        b"adbe.pkcs7.sha1" => Some(DigestAlgorithm::Sha1),
        b"ETSI.RFC3161" => {
            let token = TimestampToken::parse(&value.contents, budget).ok()?;
            token.info.imprint.algorithm.ok()
        }
        _ => parsed.signers.first()?.digest_algorithm.clone().ok(),
    }
}

/// Hashes what every draft wants, and the whole file.
fn hash_all(
    document: &Document<'_>,
    drafts: &mut [Draft<'_>],
    provider: &dyn Provider,
) -> Result<Digest, Malformed> {
    let mut wanting: Vec<(&mut Option<Digest>, Wanted)> = drafts
        .iter_mut()
        .filter_map(|draft| {
            let wanted = Wanted { algorithm: draft.wanted?, covered: draft.covered? };
            Some((&mut draft.digest, wanted))
        })
        .collect();
    let wanted: Vec<Wanted> = wanting.iter().map(|(_, wanted)| *wanted).collect();
    let (digests, whole) = hash_ranges(document.source(), &wanted, DigestAlgorithm::Sha256, provider)?;
    for ((place, _), digest) in wanting.iter_mut().zip(digests) {
        **place = digest;
    }
    Ok(whole)
}

fn unreadable(field: &SignatureField, why: &Malformed) -> Finding {
    let message = format!("the signature in field {:?} cannot be read: {why}", field.name);
    let finding = Finding::new("pdf.signature.unreadable", Severity::Error, message);
    match why.at {
        Some(at) => finding.at(Span::new(at, at)),
        None => finding,
    }
}
