//! Evidence records inside a CMS (RFC 4998, Appendix A): unsigned attributes over the CMS without themselves.

use super::{DataObject, EvidenceRecord, EvidenceRecordCheck};
use crate::ber::{Encoded, Form, Reader, Tag};
use crate::canonical::{self, SetOrder, length_octets};
use crate::imprint::{Covered, UnsignedValue};
use crate::oid;
use crate::signed_data::SignedData;
use crate::signer_info::SignerInfo;
use crypto::Provider;
use std::collections::BTreeSet;
use types::{Budget, Finding, Malformed, Resource, Severity, Span};

/// Which attribute holds an evidence record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmbeddedKind {
    /// id-aa-er-internal: over the CMS with the content inside.
    Internal,
    /// id-aa-er-external: over the CMS and, as a second data object, the detached content.
    External,
}

/// An evidence record in an unsigned attribute.
#[derive(Clone, Copy, Debug)]
pub struct EmbeddedEvidenceRecord<'a> {
    /// Which attribute.
    pub kind: EmbeddedKind,
    /// Where it stands.
    pub place: UnsignedValue,
    /// The record as received.
    pub encoded: Encoded<'a>,
}

/// The octets of the CMS that an embedded record may be over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protected {
    /// What was left out.
    pub omission: Omission,
    /// What of the signer and the CMS is in it.
    pub covered: Covered,
    /// How it relates to the bytes received.
    pub encoding: ProtectedEncoding,
    /// The `ContentInfo` without what was left out.
    pub octets: Vec<u8>,
}

/// Which attributes were left out of the CMS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Omission {
    /// The record's own attribute and evidence records after it in the same signer.
    RecordsFromThisOn,
    /// All evidence records of this signer.
    RecordsOfSigner,
    /// All evidence records of all signers.
    AllRecords,
    /// Only the record's own attribute.
    OwnAttribute,
    /// The record's own attribute and all attributes after it.
    AttributesFromThisOn,
}

impl Omission {
    /// Likeliest first.
    const ALL: [Omission; 5] = [
        Omission::RecordsFromThisOn,
        Omission::RecordsOfSigner,
        Omission::AllRecords,
        Omission::OwnAttribute,
        Omission::AttributesFromThisOn,
    ];
}

/// How [`Protected`] octets relate to those received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProtectedEncoding {
    /// As received, with the lengths of what held the attributes adjusted.
    AsReceived,
    /// Definite, shortest lengths, in the order received.
    DefiniteLengths,
    /// DER.
    Der,
}

impl<'a> SignerInfo<'a> {
    /// The evidence records in the unsigned attributes, in the order received.
    pub fn evidence_records(&self) -> Vec<EmbeddedEvidenceRecord<'a>> {
        let attributes = self.unsigned_attributes.attributes.iter().enumerate();
        let records = attributes.filter_map(|(at, attribute)| {
            let kind = if attribute.oid == oid::EVIDENCE_RECORD_INTERNAL {
                EmbeddedKind::Internal
            } else if attribute.oid == oid::EVIDENCE_RECORD_EXTERNAL {
                EmbeddedKind::External
            } else {
                return None;
            };
            Some(attribute.values.iter().enumerate().map(move |(value, encoded)| EmbeddedEvidenceRecord {
                kind,
                place: UnsignedValue { attribute: at, value },
                encoded: *encoded,
            }))
        });
        records.flatten().collect()
    }
}

impl<'a> EmbeddedEvidenceRecord<'a> {
    /// Reads the record; spans count as in the CMS.
    pub fn parse(&self, budget: &mut Budget) -> Result<EvidenceRecord<'a>, Malformed> {
        EvidenceRecord::read(self.encoded.bytes, self.encoded.span.start, budget)
    }

    /// What of the CMS the record may be over, likeliest first: "the attribute is removed before the hash value is
    /// computed" (RFC 4998, Appendix A) leaves open what becomes of other records and of BER.
    pub fn protected(
        &self,
        signed_data: &SignedData<'_>,
        signer: &SignerInfo<'_>,
        budget: &mut Budget,
    ) -> Result<Vec<Protected>, Malformed> {
        let mut variants: Vec<Protected> = Vec::new();
        let mut seen = Vec::new();
        for omission in Omission::ALL {
            for variant in self.protected_by(omission, &mut seen, signed_data, signer, budget)? {
                if variants.iter().all(|known| known.octets != variant.octets) {
                    variants.push(variant);
                }
            }
        }
        Ok(variants)
    }

    /// The same for one way to leave attributes out; none if the same were left out before.
    fn protected_by(
        &self,
        omission: Omission,
        seen: &mut Vec<BTreeSet<u64>>,
        signed_data: &SignedData<'_>,
        signer: &SignerInfo<'_>,
        budget: &mut Budget,
    ) -> Result<Vec<Protected>, Malformed> {
        let whole = signed_data.encoded;
        let omitted = self.omitted(omission, signed_data, signer, budget)?;
        if seen.contains(&omitted) {
            return Ok(Vec::new());
        }
        budget.spend(Resource::Steps, whole.bytes.len() as u64 / 64 + 1)?;
        let octets = without(whole.bytes, whole.span, &omitted, budget.depth(), budget)?;
        let covered = covered(signed_data, signer, &omitted);
        seen.push(omitted);
        let der = canonical::other_than_der(&octets, 0, SetOrder::Sorted, budget)?;
        let definite = canonical::other_than_der(&octets, 0, SetOrder::Received, budget)?;
        let encodings = [
            (ProtectedEncoding::AsReceived, Some(octets)),
            (ProtectedEncoding::Der, der),
            (ProtectedEncoding::DefiniteLengths, definite),
        ];
        let variants = encodings.into_iter().filter_map(|(encoding, octets)| {
            octets.map(|octets| Protected { omission, covered: covered.clone(), encoding, octets })
        });
        Ok(variants.collect())
    }

    /// Verifies the record against what it protects: the CMS and, for an external record, the detached content. Gives
    /// the outcome for the first reading that the first archive time-stamp covers, with it; else that for the likeliest.
    /// Data object 0 is the CMS, data object 1 the content.
    pub fn verify(
        &self,
        signed_data: &SignedData<'_>,
        signer: &SignerInfo<'_>,
        content: Option<DataObject<'_>>,
        provider: &dyn Provider,
        budget: &mut Budget,
    ) -> Result<(EvidenceRecordCheck<'a>, Option<Protected>), Malformed> {
        let record = self.parse(budget)?;
        let (mut likeliest, mut seen) = (None, Vec::new());
        for omission in Omission::ALL {
            let variants = self.protected_by(omission, &mut seen, signed_data, signer, budget)?;
            for protected in variants {
                let mut objects = vec![DataObject::Octets(&protected.octets)];
                if self.kind == EmbeddedKind::External {
                    objects.extend(content);
                }
                let mut check = record.verify(&objects, provider, budget)?;
                check.findings.extend(self.check_kind(signed_data));
                let covers = check
                    .timestamps
                    .first()
                    .and_then(|first| first.proof.as_ref().ok())
                    .is_some_and(|proof| proof.leaves().contains(&0));
                if covers {
                    return Ok((check, Some(protected)));
                }
                likeliest.get_or_insert(check);
            }
        }
        let none = || Malformed::syntax(self.encoded.span.start, "nothing is protected", "RFC 4998, A");
        Ok((likeliest.ok_or_else(none)?, None))
    }

    /// The kind must fit the content: internal if it is inside, external if it is detached.
    fn check_kind(&self, signed_data: &SignedData<'_>) -> Option<Finding> {
        let message = match (self.kind, &signed_data.content.content) {
            (EmbeddedKind::External, Some(_)) => {
                "an external evidence record, although the content is inside"
            }
            (EmbeddedKind::Internal, None) => "an internal evidence record, although the content is detached",
            _ => return None,
        };
        let message = format!("{message} (RFC 4998, Appendix A)");
        Some(Finding::new("er.embedded.kind", Severity::Error, message).at(self.encoded.span))
    }

    /// Where the attributes left out begin.
    fn omitted(
        &self,
        omission: Omission,
        signed_data: &SignedData<'_>,
        signer: &SignerInfo<'_>,
        budget: &mut Budget,
    ) -> Result<BTreeSet<u64>, Malformed> {
        let is_record =
            |oid: &crate::Oid| *oid == oid::EVIDENCE_RECORD_INTERNAL || *oid == oid::EVIDENCE_RECORD_EXTERNAL;
        let signers = match omission {
            Omission::AllRecords => signed_data.signers.iter().collect(),
            _ => vec![signer],
        };
        let mut omitted = BTreeSet::new();
        for signer in signers {
            let attributes = &signer.unsigned_attributes.attributes;
            budget.spend(Resource::Steps, attributes.len() as u64)?;
            let chosen = attributes.iter().enumerate().filter(|(at, attribute)| match omission {
                Omission::RecordsFromThisOn => *at >= self.place.attribute && is_record(&attribute.oid),
                Omission::RecordsOfSigner | Omission::AllRecords => is_record(&attribute.oid),
                Omission::OwnAttribute => *at == self.place.attribute,
                Omission::AttributesFromThisOn => *at >= self.place.attribute,
            });
            omitted.extend(chosen.map(|(_, attribute)| attribute.encoded.span.start));
        }
        Ok(omitted)
    }
}

/// Everything but the attributes that begin at `omitted`.
fn covered(signed_data: &SignedData<'_>, signer: &SignerInfo<'_>, omitted: &BTreeSet<u64>) -> Covered {
    let attributes = signer.unsigned_attributes.attributes.iter().enumerate();
    let kept = attributes.filter(|(_, attribute)| !omitted.contains(&attribute.encoded.span.start));
    let values = kept.flat_map(|(at, attribute)| {
        (0..attribute.values.len()).map(move |value| UnsignedValue { attribute: at, value })
    });
    let mut covered = Covered {
        content: signed_data.content.content.is_some(),
        signature: true,
        signer: true,
        certificates: (0..signed_data.certificate_choices.len()).collect(),
        crls: (0..signed_data.revocation_infos.len()).collect(),
        unsigned_values: values.collect(),
        ..Covered::default()
    };
    covered.note_timestamps(&signer.unsigned_attributes);
    covered
}

/// The values in `bytes`, which lie at `span`, without the attributes that begin at `omitted`; a set of unsigned
/// attributes that becomes empty goes too (RFC 5652, 5.3: SIZE (1..MAX)).
fn without(
    bytes: &[u8],
    span: Span,
    omitted: &BTreeSet<u64>,
    depth: u32,
    budget: &mut Budget,
) -> Result<Vec<u8>, Malformed> {
    const END_OF_CONTENTS: [u8; 2] = [0, 0];
    const INDEFINITE: u8 = 0x80;
    if depth == 0 {
        return Err(Malformed::syntax(span.start, "values are nested too deep", "ITU-T X.690, 8.1"));
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut reader = Reader::new(bytes, span.start);
    while let Some(element) = reader.next(budget)? {
        let place = element.encoded.span;
        if omitted.contains(&place.start) && element.tag == Tag::SEQUENCE {
            continue;
        }
        if element.form == Form::Primitive || omitted.range(place.start..place.end).next().is_none() {
            out.extend_from_slice(element.encoded.bytes);
            continue;
        }
        let inside = element.open("RFC 4998, A")?;
        let start = inside.position();
        let inner_span = Span::new(start, start.saturating_add(element.content.len() as u64));
        let inner = without(element.content, inner_span, omitted, depth - 1, budget)?;
        if inner.is_empty() && element.tag == Tag::context(1) {
            continue;
        }
        // All tags on the way to an attribute are of one octet.
        out.extend(element.encoded.bytes.first());
        if element.form == Form::Indefinite {
            out.push(INDEFINITE);
            out.extend(inner);
            out.extend(END_OF_CONTENTS);
        } else {
            out.extend(length_octets(inner.len()));
            out.extend(inner);
        }
    }
    Ok(out)
}
