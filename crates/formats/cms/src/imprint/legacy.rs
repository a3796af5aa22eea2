//! Imprints of the older time-stamps: over references (EN 319 122-1, A.1.5) and the archive-time-stamps before version 3.

use super::content::Piece;
use super::reading::{AttributeForm, AttributeSelection, Encoding, Reading};
use super::{Candidate, Covered, ImprintCheck, UnsignedValue};
use crate::attribute::Attribute;
use crate::ber::{Encoded, Reader};
use crate::canonical::{self, SetOrder};
use crate::encode;
use crate::oid;
use crate::signed_data::SignedData;
use crate::timestamp::TimestampToken;
use crate::unsigned_attributes::TimestampKind;
use const_oid::ObjectIdentifier;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::rc::Rc;
use types::{Budget, Malformed};

const FORMS: [AttributeForm; 3] = [AttributeForm::Contents, AttributeForm::Whole, AttributeForm::Values];

/// Which references time-stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum References {
    /// CAdES-C-timestamp: the signature value and its time-stamps too (EN 319 122-1, A.1.5.2).
    CadesC,
    /// time-stamped-certs-crls-references (EN 319 122-1, A.1.5.1).
    Only,
}

const ARCHIVE: [ObjectIdentifier; 3] =
    [oid::ARCHIVE_TIMESTAMP, oid::ARCHIVE_TIMESTAMP_V2, oid::ARCHIVE_TIMESTAMP_V3];

/// The content of one value, without its tag and length.
fn content<'a>(encoded: Encoded<'a>, budget: &mut Budget) -> Result<&'a [u8], Malformed> {
    let mut reader = Reader::new(encoded.bytes, encoded.span.start);
    Ok(reader.next(budget)?.map_or(&[], |element| element.content))
}

/// What is taken of one attribute.
fn taken<'a>(
    attribute: &Attribute<'a>,
    form: AttributeForm,
    encoding: Encoding,
    budget: &mut Budget,
) -> Result<Vec<Cow<'a, [u8]>>, Malformed> {
    let parts = match form {
        AttributeForm::Whole => vec![attribute.encoded],
        AttributeForm::Contents => vec![attribute.encoded],
        AttributeForm::Values => attribute.values.clone(),
    };
    let mut pieces = Vec::with_capacity(parts.len());
    for part in parts {
        let octets = match encoding {
            Encoding::AsReceived if form == AttributeForm::Whole => Cow::Borrowed(part.bytes),
            Encoding::AsReceived => Cow::Borrowed(content(part, budget)?),
            Encoding::DefiniteLengths | Encoding::Der => {
                let der = reencode(part.bytes, part.span.start, encoding, budget)?;
                match form {
                    AttributeForm::Whole => Cow::Owned(der),
                    _ => {
                        Cow::Owned(Reader::new(&der, 0).next(budget)?.map_or(&[][..], |e| e.content).to_vec())
                    }
                }
            }
        };
        pieces.push(octets);
    }
    Ok(pieces)
}

fn reencode(bytes: &[u8], base: u64, encoding: Encoding, budget: &mut Budget) -> Result<Vec<u8>, Malformed> {
    match encoding {
        Encoding::AsReceived => Ok(bytes.to_vec()),
        Encoding::DefiniteLengths => canonical::to_der(bytes, base, SetOrder::Received, budget),
        Encoding::Der => canonical::to_der(bytes, base, SetOrder::Sorted, budget),
    }
}

/// What may stand before the content under an archive-time-stamp version 2: `encapContentInfo` without its eContent, as
/// received and in DER.
pub(super) fn content_prefixes(
    signed_data: &SignedData<'_>,
    budget: &mut Budget,
) -> Result<Vec<Vec<u8>>, Malformed> {
    let info = signed_data.content.info;
    let mut prefixes = vec![info.bytes.to_vec()];
    prefixes.extend(canonical::other_than_der(info.bytes, info.span.start, SetOrder::Sorted, budget)?);
    Ok(prefixes)
}

impl<'c, 'a> ImprintCheck<'c, 'a> {
    /// Index of the attribute that the token stands in.
    fn attribute_of(&self, timestamp: usize) -> Option<usize> {
        let unsigned = &self.signer.unsigned_attributes;
        let token = unsigned.timestamps.get(timestamp)?.token.span;
        let after =
            unsigned.attributes.partition_point(|attribute| attribute.encoded.span.start <= token.start);
        let at = after.checked_sub(1)?;
        unsigned.attributes.get(at).filter(|attribute| attribute.encoded.span.contains(token)).map(|_| at)
    }

    /// "the concatenated values of": for CAdES-C the signature value octets and signature-time-stamp, then the
    /// complete-certificate-references and complete-revocation-references (EN 319 122-1, A.1.5).
    pub(super) fn over_references(
        &self,
        timestamp: usize,
        references: References,
        budget: &mut Budget,
    ) -> Result<Vec<Candidate<'c>>, Malformed> {
        let kinds: &[ObjectIdentifier] = match references {
            References::CadesC => &[oid::SIGNATURE_TIMESTAMP, oid::CERTIFICATE_REFS, oid::REVOCATION_REFS],
            References::Only => &[oid::CERTIFICATE_REFS, oid::REVOCATION_REFS],
        };
        let attributes = &self.signer.unsigned_attributes.attributes;
        let of_kind = |kind: ObjectIdentifier| {
            (0..attributes.len()).filter(move |at| attributes.get(*at).is_some_and(|found| found.oid == kind))
        };
        let all: Vec<usize> = kinds.iter().flat_map(|kind| of_kind(*kind)).collect();
        // Those that were there before, and the first of each kind only: later ones cannot be under it.
        let own = self.attribute_of(timestamp).unwrap_or(attributes.len());
        let before: Vec<usize> =
            kinds.iter().flat_map(|kind| of_kind(*kind).filter(|at| *at < own)).collect();
        let firsts: Vec<usize> = kinds.iter().filter_map(|kind| of_kind(*kind).next()).collect();
        let mut selections = vec![all];
        for selection in [before, firsts] {
            if !selection.is_empty() && !selections.contains(&selection) {
                selections.push(selection);
            }
        }
        self.by_encoding(&[Encoding::Der], budget, |encoding, budget| {
            self.references_by(encoding, references, &selections, budget)
        })
    }

    fn references_by(
        &self,
        encoding: Encoding,
        references: References,
        selections: &[Vec<usize>],
        budget: &mut Budget,
    ) -> Result<Vec<Candidate<'c>>, Malformed> {
        let attributes = &self.signer.unsigned_attributes.attributes;
        let mut candidates = Vec::new();
        for selection in selections {
            for form in FORMS {
                let mut pieces = Vec::new();
                if references == References::CadesC {
                    pieces.push(Piece::Octets(Cow::Borrowed(self.signer.signature.as_ref())));
                }
                for attribute in selection.iter().filter_map(|at| attributes.get(*at)) {
                    let taken = taken(attribute, form, encoding, budget)?;
                    pieces.extend(taken.into_iter().map(Piece::Octets));
                }
                let mut covered = self.covered_attributes(selection);
                covered.signature = references == References::CadesC;
                let reading = Reading::Attributes { form, encoding };
                candidates.push(Candidate { reading, pieces, covered });
            }
        }
        Ok(candidates)
    }

    /// The candidates as received and, where the whole is not DER, in other encodings; what cannot be re-encoded has no
    /// candidates there.
    fn by_encoding(
        &self,
        others: &[Encoding],
        budget: &mut Budget,
        candidates: impl Fn(Encoding, &mut Budget) -> Result<Vec<Candidate<'c>>, Malformed>,
    ) -> Result<Vec<Candidate<'c>>, Malformed> {
        let mut all = candidates(Encoding::AsReceived, budget)?;
        let whole = self.signed_data.encoded;
        let der = canonical::is_der(whole.bytes, whole.span.start, budget).map(Some);
        if canonical::unless_malformed(der)? == Some(true) {
            return Ok(all);
        }
        for encoding in others {
            let found = candidates(*encoding, budget).map(Some);
            all.extend(canonical::unless_malformed(found)?.unwrap_or_default());
        }
        Ok(all)
    }

    fn covered_attributes(&self, selection: &[usize]) -> Covered {
        let attributes = &self.signer.unsigned_attributes.attributes;
        let values = selection.iter().flat_map(|at| {
            let count = attributes.get(*at).map_or(0, |attribute| attribute.values.len());
            (0..count).map(|value| UnsignedValue { attribute: *at, value })
        });
        let mut covered = Covered { unsigned_values: values.collect(), ..Covered::default() };
        covered.unsigned_values.sort();
        covered.note_timestamps(&self.signer.unsigned_attributes);
        covered
    }

    /// The archive time-stamp of RFC 3126, 3.12.1: "the concatenated values (without the type or length encoding for
    /// that value)" of content, signed attributes, signature value, and the unsigned attributes before it.
    pub(super) fn over_archive_v1(
        &self,
        timestamp: usize,
        budget: &mut Budget,
    ) -> Result<Vec<Candidate<'c>>, Malformed> {
        const ORDER: [ObjectIdentifier; 8] = [
            oid::SIGNATURE_TIMESTAMP,
            oid::CERTIFICATE_REFS,
            oid::REVOCATION_REFS,
            oid::CERTIFICATE_VALUES,
            oid::REVOCATION_VALUES,
            oid::CADES_C_TIMESTAMP,
            oid::CERTIFICATE_CRL_TIMESTAMP,
            oid::ARCHIVE_TIMESTAMP,
        ];
        let attributes = &self.signer.unsigned_attributes.attributes;
        let own = self.attribute_of(timestamp).unwrap_or(attributes.len());
        let before = attributes
            .iter()
            .enumerate()
            .filter(|(at, attribute)| *at != own && (*at < own || attribute.oid != oid::ARCHIVE_TIMESTAMP));
        let before: Vec<usize> = before.map(|(at, _)| at).collect();
        let is = |at: &&usize, kind| attributes.get(**at).is_some_and(|found| found.oid == kind);
        let selection: Vec<usize> =
            ORDER.iter().flat_map(|kind| before.iter().filter(move |at| is(at, *kind))).copied().collect();
        let signed = match &self.signer.signed_attributes {
            Some(signed) => content(signed.encoded, budget)?,
            None => &[],
        };
        let mut candidates = Vec::new();
        for form in FORMS {
            let mut pieces = vec![
                Piece::Content,
                Piece::Octets(Cow::Borrowed(signed)),
                Piece::Octets(Cow::Borrowed(self.signer.signature.as_ref())),
            ];
            for attribute in selection.iter().filter_map(|at| attributes.get(*at)) {
                let taken = taken(attribute, form, Encoding::AsReceived, budget)?;
                pieces.extend(taken.into_iter().map(Piece::Octets));
            }
            let mut covered = self.covered_attributes(&selection);
            // Fields of the signer other than the signed attributes are not under it.
            (covered.content, covered.signature, covered.signer) = (true, true, false);
            let reading = Reading::Attributes { form, encoding: Encoding::AsReceived };
            candidates.push(Candidate { reading, pieces, covered });
        }
        Ok(candidates)
    }

    /// "the concatenation of the encapContentInfo element, any external content, the certificates and crls elements,
    /// and all data elements in the SignerInfo including all signed and unsigned attributes" (TS 101 733, 6.4.1).
    pub(super) fn over_archive_v2(
        &self,
        timestamp: usize,
        token: &TimestampToken<'_>,
        budget: &mut Budget,
    ) -> Result<Vec<Candidate<'c>>, Malformed> {
        let selections = self.v2_selections(timestamp, token, budget)?;
        self.by_encoding(&[Encoding::DefiniteLengths, Encoding::Der], budget, |encoding, budget| {
            self.v2_by(encoding, &selections, budget)
        })
    }

    fn v2_by(
        &self,
        encoding: Encoding,
        selections: &[(AttributeSelection, Vec<usize>)],
        budget: &mut Budget,
    ) -> Result<Vec<Candidate<'c>>, Malformed> {
        let start = self.v2_start(encoding, budget)?;
        let mut candidates = Vec::new();
        for (selection, chosen) in selections {
            let attributes = self.v2_attributes(chosen, encoding, budget)?;
            for form in [AttributeForm::Whole, AttributeForm::Contents] {
                let mut pieces = start.clone();
                let attributes = match form {
                    AttributeForm::Whole if !chosen.is_empty() => {
                        encode::value(encode::context(1), &[&attributes])
                    }
                    _ => attributes.clone(),
                };
                pieces.push(Piece::Octets(Cow::Owned(attributes)));
                let mut covered = self.covered_attributes(chosen);
                (covered.content, covered.signature, covered.signer) = (true, true, true);
                covered.certificates = (0..self.signed_data.certificate_choices.len()).collect();
                covered.crls = (0..self.signed_data.revocation_infos.len()).collect();
                let reading = Reading::ArchiveV2 { selection: *selection, form, encoding };
                candidates.push(Candidate { reading, pieces, covered });
            }
        }
        Ok(candidates)
    }

    /// Everything before the unsigned attributes.
    fn v2_start(&self, encoding: Encoding, budget: &mut Budget) -> Result<Vec<Piece<'c>>, Malformed> {
        let data = self.signed_data;
        let piece = |value: Encoded<'a>, budget: &mut Budget| -> Result<Piece<'c>, Malformed> {
            Ok(match encoding {
                Encoding::AsReceived => Piece::Octets(Cow::Borrowed(value.bytes)),
                _ => Piece::Shared(Rc::new(reencode(value.bytes, value.span.start, encoding, budget)?)),
            })
        };
        let mut pieces = vec![piece(data.content.info, budget)?];
        if data.content.content.is_none() {
            pieces.push(Piece::Content);
        }
        for set in [data.certificates_encoded, data.crls_encoded].into_iter().flatten() {
            pieces.push(piece(set, budget)?);
        }
        let fields = self.fields_up_to_signature(budget)?;
        pieces.push(match encoding {
            Encoding::AsReceived => Piece::Octets(Cow::Borrowed(fields)),
            Encoding::DefiniteLengths => {
                let base = self.signer.encoded.span.start;
                Piece::Shared(Rc::new(reencode(fields, base, encoding, budget)?))
            }
            Encoding::Der => Piece::Shared(Rc::new(self.fields_as_der(fields, budget)?)),
        });
        Ok(pieces)
    }

    fn v2_attributes(
        &self,
        chosen: &[usize],
        encoding: Encoding,
        budget: &mut Budget,
    ) -> Result<Vec<u8>, Malformed> {
        let all = &self.signer.unsigned_attributes.attributes;
        let mut encoded = Vec::with_capacity(chosen.len());
        for attribute in chosen.iter().filter_map(|at| all.get(*at)) {
            let place = attribute.encoded;
            budget.spend(types::Resource::Steps, place.bytes.len() as u64 / 64 + 1)?;
            encoded.push(reencode(place.bytes, place.span.start, encoding, budget)?);
        }
        if encoding == Encoding::Der {
            encoded.sort();
        }
        Ok(encoded.concat())
    }

    /// The sets of unsigned attributes that may have been there, each once.
    fn v2_selections(
        &self,
        timestamp: usize,
        token: &TimestampToken<'_>,
        budget: &mut Budget,
    ) -> Result<Vec<(AttributeSelection, Vec<usize>)>, Malformed> {
        let unsigned = &self.signer.unsigned_attributes;
        let attributes = &unsigned.attributes;
        let own = self.attribute_of(timestamp).unwrap_or(attributes.len());
        let archive = |at: usize| {
            attributes.get(at).is_some_and(|attribute| ARCHIVE.iter().any(|kind| attribute.oid == *kind))
        };
        let newer = self.newer_archive_timestamps(token, budget)?;
        let choose = |keep: &dyn Fn(usize) -> bool| -> Vec<usize> {
            (0..attributes.len()).filter(|at| *at != own && keep(*at)).collect()
        };
        let mut selections: Vec<(AttributeSelection, Vec<usize>)> = Vec::new();
        for (selection, chosen) in [
            (AttributeSelection::WithoutArchiveTimestampsAfter, choose(&|at| at < own || !archive(at))),
            (AttributeSelection::WithoutNewerArchiveTimestamps, choose(&|at| !newer.contains(&at))),
            (AttributeSelection::Before, choose(&|at| at < own)),
            (AttributeSelection::WithoutArchiveTimestamps, choose(&|at| !archive(at))),
            (AttributeSelection::AllOthers, choose(&|_| true)),
        ] {
            if selections.iter().all(|(_, known)| *known != chosen) {
                selections.push((selection, chosen));
            }
        }
        Ok(selections)
    }

    /// Indices of the attributes with archive time-stamps that are not older than this one.
    fn newer_archive_timestamps(
        &self,
        token: &TimestampToken<'_>,
        budget: &mut Budget,
    ) -> Result<BTreeSet<usize>, Malformed> {
        let time = (token.info.gen_time, token.info.gen_time_nanoseconds);
        let mut newer = BTreeSet::new();
        for (index, timestamp) in self.signer.unsigned_attributes.timestamps.iter().enumerate() {
            use TimestampKind::{ArchiveV1, ArchiveV2, ArchiveV3};
            if !matches!(timestamp.kind, ArchiveV1 | ArchiveV2 | ArchiveV3) {
                continue;
            }
            let other = match TimestampToken::parse(timestamp.token.bytes, budget) {
                Ok(other) => other,
                Err(malformed) if matches!(malformed.cause, types::Cause::Budget(_)) => {
                    return Err(malformed);
                }
                Err(_) => continue,
            };
            if (other.info.gen_time, other.info.gen_time_nanoseconds) >= time {
                newer.extend(self.attribute_of(index));
            }
        }
        Ok(newer)
    }
}
