//! archive-time-stamp-v3 and the three kinds of ats-hash-index, which say what it covers (EN 319 122-1, 5.5.2 and 5.5.3).

use super::content::Piece;
use super::{Candidate, Covered, Imprint, ImprintCheck, ImprintError, Reading, UnsignedValue};
use crate::ber::{Encoded, Reader};
use crate::cades::{AtsHashIndex, AtsHashIndexVersion};
use crate::canonical::{self, SetOrder};
use crate::signed_attributes::Derivation;
use crate::timestamp::TimestampToken;
use crypto::{DigestAlgorithm, Provider};
use std::borrow::Cow;
use std::collections::BTreeMap;
use types::{Budget, Finding, Malformed, Resource, Severity};

const CLAUSE: &str = "EN 319 122-1, 5.5.3";

/// How many entries of an ats-hash-index match nothing that is present.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unmatched {
    /// Of certificatesHashIndex.
    pub certificates: usize,
    /// Of crlsHashIndex.
    pub crls: usize,
    /// Of unsignedAttrsHashIndex or unsignedAttrValuesHashIndex.
    pub unsigned_attributes: usize,
}

impl Unmatched {
    fn total(self) -> usize {
        self.certificates + self.crls + self.unsigned_attributes
    }
}

impl<'c> ImprintCheck<'c, '_> {
    /// The imprint is over eContentType, the digest of the content, the fields of the signer up to the signature value,
    /// and the ats-hash-index (EN 319 122-1, 5.5.3).
    pub(super) fn check_v3(
        &self,
        token: &TimestampToken<'_>,
        algorithm: DigestAlgorithm,
        budget: &mut Budget,
    ) -> Result<Imprint, ImprintError> {
        let index = token.signer().and_then(|signer| signer.unsigned_attributes.ats_hash_index.as_ref());
        let index = index.ok_or(ImprintError::HashIndexMissing)?;
        let by = index.algorithm.clone().map_err(ImprintError::UnknownAlgorithm)?;
        let mut tried = Vec::new();
        for candidate in self.v3_candidates(index, budget)? {
            let digest = self.digest(algorithm, &candidate.pieces, budget)?;
            if !token.info.imprint.matches(&digest) {
                tried.push(digest);
                continue;
            }
            let mut covered = candidate.covered;
            self.cover(index, by, &mut covered, budget)?;
            let findings = findings(index, algorithm, by, covered.unmatched);
            return Ok(Imprint { digest, reading: candidate.reading, index: Some(by), covered, findings });
        }
        Err(ImprintError::Differs(tried))
    }

    /// As received, and as DER where that is not the same.
    fn v3_candidates<'p>(
        &self,
        index: &'p AtsHashIndex<'_>,
        budget: &mut Budget,
    ) -> Result<Vec<Candidate<'p>>, Malformed>
    where
        'c: 'p,
    {
        let received = self.fields_up_to_signature(budget)?;
        let der = self.v3_as_der(received, index, budget);
        let der = canonical::unless_malformed(der.map(Some))?;
        let candidate = |reading, fields: Cow<'p, [u8]>, index: Cow<'p, [u8]>| Candidate {
            reading,
            pieces: vec![
                Piece::Octets(Cow::Owned(self.signed_data.content.content_type.der())),
                Piece::ContentDigest,
                Piece::Octets(fields),
                Piece::Octets(index),
            ],
            covered: Covered { content: true, signature: true, signer: true, ..Covered::default() },
        };
        let mut candidates =
            vec![candidate(Reading::Regular, Cow::Borrowed(received), Cow::Borrowed(index.encoded.bytes))];
        if let Some((fields, index_der)) = der
            && (fields != received || index_der != index.encoded.bytes)
        {
            candidates.push(candidate(Reading::Der, Cow::Owned(fields), Cow::Owned(index_der)));
        }
        Ok(candidates)
    }

    fn v3_as_der(
        &self,
        received: &[u8],
        index: &AtsHashIndex<'_>,
        budget: &mut Budget,
    ) -> Result<(Vec<u8>, Vec<u8>), Malformed> {
        Ok((self.fields_as_der(received, budget)?, to_der(index.encoded, budget)?))
    }

    /// "the fields version, sid, digestAlgorithm, signedAttrs, signatureAlgorithm, and signature" in their order, as
    /// received.
    pub(super) fn fields_up_to_signature(&self, budget: &mut Budget) -> Result<&'c [u8], Malformed> {
        let encoded = self.signer.encoded;
        let mut reader = Reader::new(encoded.bytes, encoded.span.start);
        let missing = || Malformed::syntax(encoded.span.start, "signer info is missing", CLAUSE);
        let mut fields = reader.next(budget)?.ok_or_else(missing)?.open(CLAUSE)?;
        let content = fields.rest();
        let len = self.signer.signature_encoded.span.end.saturating_sub(fields.position());
        // The first field is read to be sure that this is the structure that was parsed.
        fields.next(budget)?;
        usize::try_from(len).ok().and_then(|len| content.get(..len)).ok_or_else(missing)
    }

    /// The same fields in DER, signed attributes in DER order although their tag is implicit.
    pub(super) fn fields_as_der(&self, received: &[u8], budget: &mut Budget) -> Result<Vec<u8>, Malformed> {
        const IMPLICIT_0: u8 = 0xa0;
        let base = self.signer.encoded.span.start;
        let signed = self.signer.signed_attributes.as_ref().and_then(|signed| {
            let candidate = signed
                .to_be_verified
                .iter()
                .find(|candidate| matches!(candidate.derivation, Derivation::Der | Derivation::Reencoded))?;
            Some((signed.encoded, &candidate.bytes))
        });
        let Some((place, bytes)) = signed else {
            return canonical::to_der(received, base, SetOrder::Sorted, budget);
        };
        let end_of_fields = self.signer.signature_encoded.span.end;
        let back = |at: u64| {
            usize::try_from(end_of_fields.saturating_sub(at))
                .map_or(0, |back| received.len().saturating_sub(back))
        };
        let part = |from: usize, to: usize| received.get(from..to).unwrap_or_default();
        let (start, end) = (back(place.span.start), back(place.span.end));
        let mut der = canonical::to_der(part(0, start), base, SetOrder::Sorted, budget)?;
        let at = der.len();
        der.extend_from_slice(bytes);
        if let Some(tag) = der.get_mut(at) {
            *tag = IMPLICIT_0;
        }
        der.extend(canonical::to_der(part(end, received.len()), base, SetOrder::Sorted, budget)?);
        Ok(der)
    }

    /// Finds what the entries of the index are the digests of.
    fn cover(
        &self,
        index: &AtsHashIndex<'_>,
        algorithm: DigestAlgorithm,
        covered: &mut Covered,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        let mut certificates = Digests::new(algorithm, self.provider);
        for (at, choice) in self.signed_data.certificate_choices.iter().enumerate() {
            certificates.add(&[], choice.encoded, at, budget)?;
        }
        (covered.certificates, covered.unmatched.certificates) =
            certificates.find(&index.certificates, budget)?;
        let mut crls = Digests::new(algorithm, self.provider);
        for (at, info) in self.signed_data.revocation_infos.iter().enumerate() {
            crls.add(&[], info.choice, at, budget)?;
            if info.encoded != info.choice {
                crls.add(&[], info.encoded, at, budget)?;
            }
        }
        (covered.crls, covered.unmatched.crls) = crls.find(&index.crls, budget)?;
        let mut values = Digests::new(algorithm, self.provider);
        for (at, attribute) in self.signer.unsigned_attributes.attributes.iter().enumerate() {
            let places = (0..attribute.values.len()).map(|value| UnsignedValue { attribute: at, value });
            match index.version {
                AtsHashIndexVersion::V3 => {
                    let kind = attribute.oid.der();
                    for (place, value) in places.zip(&attribute.values) {
                        values.add(&kind, *value, vec![place], budget)?;
                    }
                }
                AtsHashIndexVersion::V1 | AtsHashIndexVersion::V2 => {
                    values.add(&[], attribute.encoded, places.collect(), budget)?;
                }
            }
        }
        let (found, unmatched) = values.find(&index.unsigned_attributes, budget)?;
        covered.unsigned_values = found.into_iter().flatten().collect();
        covered.unmatched.unsigned_attributes = unmatched;
        covered.note_timestamps(&self.signer.unsigned_attributes);
        Ok(())
    }
}

/// What is present, by its digest.
struct Digests<'p, T> {
    algorithm: DigestAlgorithm,
    provider: &'p dyn Provider,
    /// Digest values and the places of what has them.
    known: BTreeMap<Vec<u8>, Vec<T>>,
}

impl<'p, T: Clone + Ord> Digests<'p, T> {
    fn new(algorithm: DigestAlgorithm, provider: &'p dyn Provider) -> Digests<'p, T> {
        Digests { algorithm, provider, known: BTreeMap::new() }
    }

    /// Adds the digest of `prefix` and the value as received, and as DER where that is not the same.
    fn add(
        &mut self,
        prefix: &[u8],
        value: Encoded<'_>,
        place: T,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        budget.spend(Resource::Steps, value.bytes.len() as u64 / 64 + 1)?;
        self.note(prefix, value.bytes, place.clone());
        let der = canonical::other_than_der(value.bytes, value.span.start, SetOrder::Sorted, budget)?;
        if let Some(der) = der {
            self.note(prefix, &der, place);
        }
        Ok(())
    }

    fn note(&mut self, prefix: &[u8], bytes: &[u8], place: T) {
        let mut hasher = self.provider.hasher(self.algorithm);
        hasher.update(prefix);
        hasher.update(bytes);
        self.known.entry(hasher.finish().value).or_default().push(place);
    }

    /// The places of what is named, in order, and how many names match nothing.
    fn find(self, named: &[Cow<'_, [u8]>], budget: &mut Budget) -> Result<(Vec<T>, usize), Malformed> {
        let mut known = self.known;
        let (mut places, mut unmatched) = (Vec::new(), 0);
        let mut seen = std::collections::BTreeSet::new();
        for value in named {
            budget.spend(Resource::Steps, 1)?;
            match known.remove(value.as_ref()) {
                Some(found) => {
                    seen.insert(value.as_ref());
                    places.extend(found);
                }
                None if seen.contains(value.as_ref()) => {}
                None => unmatched += 1,
            }
        }
        places.sort();
        places.dedup();
        Ok((places, unmatched))
    }
}

/// One value in DER.
fn to_der(value: Encoded<'_>, budget: &mut Budget) -> Result<Vec<u8>, Malformed> {
    canonical::to_der(value.bytes, value.span.start, SetOrder::Sorted, budget)
}

fn findings(
    index: &AtsHashIndex<'_>,
    imprint: DigestAlgorithm,
    by: DigestAlgorithm,
    unmatched: Unmatched,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    if unmatched.total() > 0 {
        let message = format!(
            "the archive time-stamp covers {} certificates, {} CRLs or responses and {} unsigned attributes that are \
             not there (any more) (EN 319 122-1, 5.5.2)",
            unmatched.certificates, unmatched.crls, unmatched.unsigned_attributes
        );
        findings.push(Finding::new("cms.ats-hash-index.unmatched", Severity::Warning, message));
    }
    if imprint != by && index.version == AtsHashIndexVersion::V3 {
        let message = format!(
            "the ats-hash-index is made by {by}, the message imprint by {imprint} (EN 319 122-1, 5.5.2)"
        );
        findings.push(Finding::new("cms.ats-hash-index.algorithm", Severity::Info, message));
    }
    findings
}
