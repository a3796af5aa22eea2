//! Evidence records in either syntax (RFC 4998, RFC 6283) on their way to evidence.

use super::asic_members::Covered;
use super::desk::{Desk, Numbers};
use super::effort;
use super::gather::{Gatherer, Met};
use super::token::TokenDraft;
use crate::facts::{Check, Covers, ObjectRef, Origin, TokenEvidence, TokenId, TokenRole};
use cms::evidence_record as asn1;
use crypto::{Digest, DigestAlgorithm, Provider};
use types::{Budget, Exhausted, Finding, Malformed};
use xades::evidence_record as xml;

/// Largest XML that is canonicalised to see whether a record is over that form, bytes.
pub(super) const MOST_OF_XML: u64 = 64 << 20;

/// What a record may be over: members of a container, or the first octets of a file.
pub(super) trait DataObjects {
    /// The digest of an object.
    fn digest(
        &mut self,
        object: usize,
        algorithm: DigestAlgorithm,
        budget: &mut Budget,
    ) -> Result<Digest, Malformed>;

    /// The octets of an object that may be XML.
    fn xml(&mut self, object: usize, budget: &mut Budget) -> Result<Option<Vec<u8>>, Malformed>;
}

/// A record that was read.
pub(super) enum Record<'d> {
    Asn1(Box<asn1::EvidenceRecord<'d>>),
    Xml(&'d xml::EvidenceRecord),
}

/// A record with its tokens, oldest first.
pub(super) struct RecordDraft<'d> {
    pub(super) record: Record<'d>,
    pub(super) tokens: Vec<(TokenId, TokenDraft<'d>)>,
}

/// What was computed for one archive timestamp.
pub(super) struct Outcome {
    /// Its imprint against the root of its tree.
    pub(super) imprint: Check,
    /// Whether it is over the data objects (and not over the timestamp before), and which of them it covers.
    pub(super) objects: Option<Vec<usize>>,
}

impl<'d> RecordDraft<'d> {
    /// Reads the tokens of a record and gathers what they and it carry.
    pub(super) fn asn1(
        record: asn1::EvidenceRecord<'d>,
        numbers: &mut Numbers,
        gatherer: &mut Gatherer<'_>,
        budget: &mut Budget,
    ) -> Result<RecordDraft<'d>, Exhausted> {
        let tokens = tokens(record.timestamps().map(|one| one.timestamp.bytes), numbers, gatherer, budget)?;
        Ok(RecordDraft { record: Record::Asn1(Box::new(record)), tokens })
    }

    /// The same of a record in XML. A token of another kind is one that cannot be read.
    pub(super) fn xml(
        record: &'d xml::EvidenceRecord,
        numbers: &mut Numbers,
        gatherer: &mut Gatherer<'_>,
        findings: &mut Vec<Finding>,
        budget: &mut Budget,
    ) -> Result<RecordDraft<'d>, Exhausted> {
        let octets = |one: &'d xml::ArchiveTimestamp| one.token.as_deref().unwrap_or_default();
        let tokens = tokens(record.timestamps().map(octets), numbers, gatherer, budget)?;
        for (stamp, (id, _)) in record.timestamps().zip(&tokens) {
            let met = Met { origin: Origin::Token(*id), place: None };
            for der in &stamp.certificates {
                gatherer.encoded_certificate(der, met, findings, budget)?;
            }
            for der in &stamp.crls {
                gatherer.crl(der, met, findings, budget)?;
            }
            for der in &stamp.ocsp_responses {
                gatherer.ocsp(der, met, findings, budget)?;
            }
        }
        findings.extend(record.findings.iter().cloned());
        Ok(RecordDraft { record: Record::Xml(record), tokens })
    }

    /// How its format is named among those of signatures.
    pub(super) fn format(&self) -> &'static str {
        match self.record {
            Record::Asn1(_) => "RFC 4998",
            Record::Xml(_) => "RFC 6283",
        }
    }

    /// By which algorithms data objects have to be hashed.
    pub(super) fn digests_needed(&self, budget: &mut Budget) -> Result<Vec<DigestAlgorithm>, Malformed> {
        match &self.record {
            Record::Asn1(record) => record.digests_needed(budget),
            Record::Xml(record) => {
                Ok(record.digests_needed().iter().map(|needed| needed.algorithm).collect())
            }
        }
    }

    /// Recomputes the record for the data objects at `order`.
    pub(super) fn outcomes(
        &self,
        order: &[usize],
        members: &mut dyn DataObjects,
        provider: &dyn Provider,
        findings: &mut Vec<Finding>,
        budget: &mut Budget,
    ) -> Result<Vec<Outcome>, Malformed> {
        match &self.record {
            Record::Asn1(record) => {
                let needed = record.digests_needed(budget)?;
                let mut digests: Vec<Vec<Digest>> = Vec::with_capacity(order.len());
                for member in order {
                    let all = needed.iter().map(|algorithm| members.digest(*member, *algorithm, budget));
                    digests.push(all.collect::<Result<_, _>>()?);
                }
                let objects: Vec<asn1::DataObject<'_>> =
                    digests.iter().map(|one| asn1::DataObject::Digests(one)).collect();
                let check = record.verify(&objects, provider, budget)?;
                findings.extend(check.findings);
                Ok(check.timestamps.iter().map(of_asn1).collect())
            }
            Record::Xml(record) => {
                let mut objects = Vec::with_capacity(order.len());
                for member in order {
                    objects.push(xml_object(record, *member, members, provider, budget)?);
                }
                let imprint = |(_, token): &(TokenId, TokenDraft<'_>)| {
                    let imprint =
                        token.info().map(|info| &info.imprint).ok_or("the timestamp cannot be read")?;
                    let algorithm = imprint.algorithm.as_ref().copied();
                    let algorithm = algorithm.map_err(|unknown| format!("digest {unknown}"))?;
                    Ok(Digest { algorithm, value: imprint.value.clone() })
                };
                let imprints: Vec<Result<Digest, String>> = self.tokens.iter().map(imprint).collect();
                let checks = record.verify(&objects, &imprints, provider, budget)?;
                Ok(checks.iter().map(of_xml).collect())
            }
        }
    }
}

fn tokens<'d>(
    octets: impl Iterator<Item = &'d [u8]>,
    numbers: &mut Numbers,
    gatherer: &mut Gatherer<'_>,
    budget: &mut Budget,
) -> Result<Vec<(TokenId, TokenDraft<'d>)>, Exhausted> {
    let mut tokens = Vec::new();
    for bytes in octets {
        let numbered = (numbers.next_token(), TokenRole::EvidenceRecord);
        tokens.push((numbered.0, TokenDraft::read(bytes, numbered, None, gatherer, budget)?));
    }
    Ok(tokens)
}

/// The digests of a data object, of its octets and, if it is XML, of its canonical form (RFC 6283, 3.2.1).
fn xml_object(
    record: &xml::EvidenceRecord,
    member: usize,
    members: &mut dyn DataObjects,
    provider: &dyn Provider,
    budget: &mut Budget,
) -> Result<xml::DataObject, Malformed> {
    let octets = members.xml(member, budget)?;
    let mut object = xml::DataObject::default();
    for needed in record.digests_needed() {
        let mut digests = vec![members.digest(member, needed.algorithm, budget)?];
        if let Some(octets) = &octets {
            digests.extend(xml::canonical_digest(octets, &needed, provider, budget)?);
        }
        object.digests.push(digests);
    }
    Ok(object)
}

/// What was computed for an archive timestamp in ASN.1.
pub(super) fn of_asn1(check: &asn1::ArchiveTimestampCheck<'_>) -> Outcome {
    let imprint = match &check.proof {
        Ok(_) => Check::Matches,
        Err(asn1::ArchiveTimestampError::Differs(_) | asn1::ArchiveTimestampError::NotCovered) => {
            Check::Differs
        }
        Err(error) => Check::NotComputed(error.to_string()),
    };
    let leaves = || check.proof.as_ref().map(|proof| proof.leaves().to_vec()).unwrap_or_default();
    let objects = (check.subject != asn1::Subject::PreviousTimestamp).then(leaves);
    Outcome { imprint, objects }
}

fn of_xml(check: &xml::ArchiveTimestampCheck) -> Outcome {
    use xml::ArchiveTimestampError as Error;
    let imprint = match &check.covered {
        Ok(_) => Check::Matches,
        Err(Error::Differs | Error::NotCovered | Error::HashLength) => Check::Differs,
        Err(error) => Check::NotComputed(error.to_string()),
    };
    let covered = || check.covered.clone().unwrap_or_default();
    Outcome { imprint, objects: (check.subject != xml::Subject::PreviousTimestamp).then(covered) }
}

/// The facts of the tokens of a record: the first timestamp of a chain covers the data objects, as `held` says what
/// stands in them, and each also those before it.
pub(super) fn judge(
    tokens: Vec<(TokenId, TokenDraft<'_>)>,
    outcomes: &[Outcome],
    held: &dyn Fn(&[usize]) -> Vec<ObjectRef>,
    Desk { gatherer, context }: Desk<'_>,
    budget: &mut Budget,
) -> Result<Vec<(TokenId, TokenEvidence)>, Exhausted> {
    let mut earlier: Vec<ObjectRef> = Vec::new();
    let mut judged = Vec::with_capacity(tokens.len());
    for (index, (id, token)) in tokens.into_iter().enumerate() {
        effort::covering(earlier.len(), budget)?;
        let mut covers = earlier.clone();
        let outcome = outcomes.get(index);
        if let Some(Outcome { imprint: Check::Matches, objects: Some(objects) }) = outcome {
            effort::covering(objects.len(), budget)?;
            let held = held(objects);
            effort::covering(held.len(), budget)?;
            covers.extend(held);
        }
        let unverified = || Check::NotComputed("the evidence record cannot be verified".into());
        let imprint = outcome.map_or_else(unverified, |outcome| outcome.imprint.clone());
        judged.push((id, token.judged(imprint, Covers::Objects(covers), gatherer, context, budget)));
        earlier.push(ObjectRef::Token(id));
    }
    Ok(judged)
}

/// Whether a record says of all it should be over what it must: every archive timestamp holds (RFC 4998, 5.3; RFC 6283,
/// 4.3), every chain covers every data object, and the objects are those that the manifest means.
pub(super) fn content(outcomes: &[Outcome], number: usize, over: &Covered) -> Check {
    let mut content = over.references.clone();
    for outcome in outcomes {
        let all = outcome.objects.as_ref().is_none_or(|covered| covered.len() == number);
        match &outcome.imprint {
            Check::Differs => return Check::Differs,
            Check::Matches if !all => return Check::Differs,
            Check::Matches => {}
            Check::NotComputed(_) if content == Check::Differs => {}
            not_computed @ Check::NotComputed(_) => content = not_computed.clone(),
        }
    }
    content
}
