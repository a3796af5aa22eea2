//! Evidence records beside a file (RFC 4998, RFC 6283): each is over the whole file or, for a PDF, over its first octets up
//! to the end of a revision, so that what is appended later leaves it as good as it was.

use super::desk::{self, Desk, Done, Numbers, doc_timestamp};
use super::effort;
use super::gather::Gatherer;
use super::hashing::Wanted;
use super::record::{self, DataObjects, MOST_OF_XML, Outcome, RecordDraft};
use super::signer::broken;
use super::{Context, RecordFile};
use crate::coverage::{Coverage, Covered};
use crate::facts::{Check, FormatFault, Kind, ObjectRef, SignatureEvidence, SignatureId};
use cms::evidence_record as asn1;
use crypto::{Digest, DigestAlgorithm};
use std::collections::{BTreeMap, BTreeSet};
use types::{Budget, Cause, Finding, Malformed, Severity, Span};
use xades::evidence_record as xml;

/// A record file that was read, or why it cannot be.
enum Read<'c> {
    Asn1(&'c [u8]),
    Xml(xml::EvidenceRecord),
    Not(FormatFault),
}

/// The record files beside a file, read as far as what they are.
pub(super) struct Files<'c>(Vec<(&'c str, Read<'c>)>);

impl<'c> Files<'c> {
    /// Reads what was handed in.
    pub(super) fn read(context: &Context<'c>, budget: &mut Budget) -> Result<Files<'c>, Malformed> {
        let mut files = Vec::with_capacity(context.evidence_records.len());
        for RecordFile { name, bytes } in context.evidence_records {
            effort::hashing(bytes.len(), budget)?;
            let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            let is_xml = start.first().is_some_and(|first| *first == b'<' || first.is_ascii_whitespace());
            let read = match is_xml {
                false => Read::Asn1(bytes),
                true => match readable(xml::EvidenceRecord::parse(bytes, context.provider, budget))? {
                    Ok(record) => Read::Xml(record),
                    Err(fault) => Read::Not(fault),
                },
            };
            files.push((*name, read));
        }
        Ok(Files(files))
    }
}

/// What was read, or what is wrong with it; an error only if the budget is exhausted.
fn readable<T>(read: Result<T, Malformed>) -> Result<Result<T, FormatFault>, Malformed> {
    match read {
        Ok(read) => Ok(Ok(read)),
        Err(error) if matches!(error.cause, Cause::Budget(_) | Cause::Source(_)) => Err(error),
        Err(error) => Ok(Err(broken(format!("the evidence record cannot be read: {error}")))),
    }
}

/// A record beside a file on its way to evidence.
struct Draft<'d> {
    name: &'d str,
    id: SignatureId,
    record: Result<RecordDraft<'d>, FormatFault>,
    findings: Vec<Finding>,
}

/// The records beside a file, with their tokens read and what they carry gathered.
pub(super) struct Records<'d> {
    drafts: Vec<Draft<'d>>,
    algorithms: BTreeSet<DigestAlgorithm>,
}

/// First octets of a file, by the number of their end, and the algorithm by which they are hashed.
pub(super) type Prefix = (usize, DigestAlgorithm);
/// Digests of first octets.
pub(super) type Prefixes = BTreeMap<Prefix, Digest>;

/// The file as records may be over it.
pub(super) struct File<'f> {
    /// Where it may end: the ends of the revisions of a PDF, oldest first; else only its length.
    pub(super) ends: &'f [u64],
    /// Digests of the first octets, by the number of their end.
    pub(super) digests: &'f Prefixes,
    /// Its octets, if it is XML.
    pub(super) xml: Option<&'f [u8]>,
    /// What stands before each end.
    pub(super) held: &'f dyn Fn(usize) -> Vec<ObjectRef>,
}

impl<'d> Records<'d> {
    /// Gathers what the records carry. Their tokens are numbered after those of the file.
    pub(super) fn gather(
        files: &'d Files<'_>,
        numbers: &mut Numbers,
        gatherer: &mut Gatherer<'_>,
        budget: &mut Budget,
    ) -> Result<Records<'d>, Malformed> {
        let mut drafts = Vec::with_capacity(files.0.len());
        let mut algorithms = BTreeSet::new();
        for (name, read) in &files.0 {
            let id = numbers.next_signature();
            let mut findings = Vec::new();
            let record = match read {
                Read::Not(fault) => Err(fault.clone()),
                Read::Asn1(bytes) => match readable(asn1::EvidenceRecord::parse(bytes, budget))? {
                    Ok(record) => {
                        findings.extend(record.findings.iter().cloned());
                        Ok(RecordDraft::asn1(record, numbers, gatherer, budget)?)
                    }
                    Err(fault) => Err(fault),
                },
                Read::Xml(record) => Ok(RecordDraft::xml(record, numbers, gatherer, &mut findings, budget)?),
            };
            if let Ok(record) = &record {
                algorithms.extend(record.digests_needed(budget)?);
            }
            drafts.push(Draft { name, id, record, findings });
        }
        Ok(Records { drafts, algorithms })
    }

    /// What has to be hashed: by every algorithm up to every end. Takes nothing but a stop in the one pass over the file.
    pub(super) fn wanted(
        &self,
        ends: &[u64],
        budget: &mut Budget,
    ) -> Result<Vec<(Prefix, Wanted)>, Malformed> {
        let mut wanted = Vec::new();
        for algorithm in &self.algorithms {
            effort::following(ends.len(), budget)?;
            wanted.extend(ends.iter().enumerate().map(|(number, end)| {
                let covered = Covered { before: Span::new(0, *end), after: Span::new(*end, *end) };
                ((number, *algorithm), Wanted { algorithm: *algorithm, covered })
            }));
        }
        Ok(wanted)
    }

    /// The facts of every record, each as a signature of its own.
    pub(super) fn evidence(
        self,
        file: &File<'_>,
        done: &mut Done,
        desk: Desk<'_>,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        for draft in self.drafts {
            draft.evidence(file, done, desk, budget)?;
        }
        Ok(())
    }
}

impl Draft<'_> {
    fn evidence(
        mut self,
        file: &File<'_>,
        done: &mut Done,
        desk: Desk<'_>,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        let (name, nowhere) = ((self.name, self.id), Span::new(0, 0));
        let record = match self.record {
            Ok(record) => record,
            Err(fault) => {
                let kind = (Kind::EvidenceRecord, "RFC 4998");
                let row = desk::signature(name, kind, nowhere, Coverage::Content, Err(fault));
                let field = self.name.to_owned();
                done.signatures.push((self.id, SignatureEvidence { field, ..row }));
                return Ok(());
            }
        };
        let format = record.format();
        let mut objects = FirstOctets(file);
        let order: Vec<usize> = (0..file.ends.len()).collect();
        let provider = desk.context.provider;
        let outcomes = record.outcomes(&order, &mut objects, provider, &mut self.findings, budget)?;
        let held = |ends: &[usize]| ends.iter().max().map(|end| (file.held)(*end)).unwrap_or_default();
        let tokens = record::judge(record.tokens, &outcomes, &held, desk, budget)?;
        let (content, covered) = covered(&outcomes);
        if covered.is_none() {
            self.findings.push(covers_nothing(&content));
        }
        let last = file.ends.len().saturating_sub(1);
        let revision = covered.unwrap_or(last);
        let coverage =
            if revision == last { Coverage::WholeFile } else { Coverage::WholeRevision { revision } };
        let row = match tokens.first() {
            Some((id, first)) => doc_timestamp(name, nowhere, *id, first, coverage),
            None => {
                let fault = Err(broken("the evidence record holds no timestamp"));
                desk::signature(name, (Kind::EvidenceRecord, format), nowhere, coverage, fault)
            }
        };
        let mut row = SignatureEvidence {
            field: self.name.to_owned(),
            kind: Kind::EvidenceRecord,
            sub_filter: format.into(),
            revision,
            tokens: tokens.iter().skip(1).map(|(id, _)| *id).collect(),
            ..row
        };
        if let Ok(facts) = &mut row.signed_data
            && facts.content == Check::Matches
        {
            facts.content = content;
        }
        row.findings.extend(self.findings);
        done.signatures.push((self.id, row));
        done.tokens.extend(tokens);
        Ok(())
    }
}

/// Whether a record says of the file what it should, and up to which end: every archive timestamp holds (RFC 4998, 5.3;
/// RFC 6283, 4.3), and all chains are over the same first octets, the longest such.
fn covered(outcomes: &[Outcome]) -> (Check, Option<usize>) {
    let mut common: Option<BTreeSet<usize>> = None;
    let mut content = Check::Matches;
    for outcome in outcomes {
        match (&outcome.imprint, &outcome.objects) {
            (Check::Matches, None) => {}
            (Check::Matches, Some(objects)) => {
                let these: BTreeSet<usize> = objects.iter().copied().collect();
                common = Some(common.map_or_else(|| these.clone(), |so_far| &so_far & &these));
            }
            (Check::Differs, _) => content = Check::Differs,
            (not_computed @ Check::NotComputed(_), _) => {
                if content == Check::Matches {
                    content = not_computed.clone();
                }
            }
        }
    }
    let end = common.and_then(|ends| ends.last().copied());
    match (content, end) {
        (Check::Matches, None) => (Check::Differs, None),
        (Check::Matches, end) => (Check::Matches, end),
        (content, _) => (content, None),
    }
}

fn covers_nothing(content: &Check) -> Finding {
    let message = match content {
        Check::NotComputed(why) => format!("the evidence record proves nothing about this file: {why}"),
        _ => "the evidence record is not over this file, nor over an earlier revision of it".to_owned(),
    };
    Finding::new("er.covers-nothing", Severity::Error, message)
        .hint("look for the record that was made for this file, or for the file as it was then")
}

/// The first octets of a file, up to each end.
struct FirstOctets<'f>(&'f File<'f>);

impl DataObjects for FirstOctets<'_> {
    fn digest(
        &mut self,
        object: usize,
        algorithm: DigestAlgorithm,
        _: &mut Budget,
    ) -> Result<Digest, Malformed> {
        self.0.digests.get(&(object, algorithm)).cloned().ok_or_else(|| {
            Malformed::unsupported(
                None,
                "the file was not hashed as its evidence record asks",
                "RFC 4998, 4.3",
            )
        })
    }

    fn xml(&mut self, _: usize, _: &mut Budget) -> Result<Option<Vec<u8>>, Malformed> {
        let octets = self.0.xml.filter(|octets| octets.len() as u64 <= MOST_OF_XML);
        Ok(octets.map(<[u8]>::to_vec))
    }
}
