//! Message imprints of time-stamps in attributes: over which bytes each is computed, whether it matches, what it covers.

mod archive;
mod content;
mod hash_index;
mod legacy;
mod reading;

pub use archive::ArchiveImprint;
pub use content::{Content, ContentNeeded, HashedContent};
pub use hash_index::Unmatched;
pub use reading::{AttributeForm, AttributeSelection, Encoding, Reading};

use crate::signed_data::SignedData;
use crate::signer_info::SignerInfo;
use crate::timestamp::TimestampToken;
use crate::unsigned_attributes::{AttributeTimestamp, TimestampKind, UnsignedAttributes};
use content::{Digester, Piece};
use crypto::{Digest, DigestAlgorithm, Provider, UnknownAlgorithm};
use std::borrow::Cow;
use std::fmt;
use types::{Budget, Finding, Malformed, Resource, Span};

/// Which time-stamp of a signer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TimestampPlace {
    /// The token at this index of [`crate::SignedAttributes::content_timestamps`].
    Content(usize),
    /// The token at this index of [`crate::UnsignedAttributes::timestamps`].
    Unsigned(usize),
}

/// What checks the imprints of one signer's time-stamps.
#[derive(Clone, Copy)]
pub struct ImprintCheck<'c, 'a> {
    /// The data signed.
    pub signed_data: &'c SignedData<'a>,
    /// One of its signers.
    pub signer: &'c SignerInfo<'a>,
    /// The content, where it is detached.
    pub content: Content<'c>,
    /// Computes digests.
    pub provider: &'c dyn Provider,
}

/// A message imprint that was recomputed and matches; only [`ImprintCheck::check`] makes one. Says nothing about the
/// token's own signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imprint {
    digest: Digest,
    reading: Reading,
    index: Option<DigestAlgorithm>,
    covered: Covered,
    findings: Vec<Finding>,
}

impl Imprint {
    /// The digest computed.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Which reading of the standard the time-stamp follows.
    pub fn reading(&self) -> Reading {
        self.reading
    }

    /// By which algorithm an ats-hash-index names what is covered: as good as that of the digest, or not.
    pub fn index_algorithm(&self) -> Option<DigestAlgorithm> {
        self.index
    }

    /// What the time-stamp covers.
    pub fn covered(&self) -> &Covered {
        &self.covered
    }

    /// What is noteworthy, e.g. entries of an ats-hash-index that match nothing.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

/// What lies under a time-stamp, by index. What is not listed may have been added or changed later.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Covered {
    /// The octets of the content.
    pub content: bool,
    /// The signature value.
    pub signature: bool,
    /// The signed attributes and the other fields of the signer.
    pub signer: bool,
    /// Indices in [`SignedData::certificate_choices`].
    pub certificates: Vec<usize>,
    /// Indices in [`SignedData::revocation_infos`].
    pub crls: Vec<usize>,
    /// Values of unsigned attributes.
    pub unsigned_values: Vec<UnsignedValue>,
    /// Indices in [`crate::UnsignedAttributes::timestamps`] of the tokens among those values.
    pub timestamps: Vec<usize>,
    /// Entries of the ats-hash-index that match nothing present.
    pub unmatched: Unmatched,
}

impl Covered {
    /// Where the values of unsigned attributes stand that are covered, in order.
    pub fn unsigned_spans(&self, unsigned: &UnsignedAttributes<'_>) -> Vec<Span> {
        let value = |place: &UnsignedValue| unsigned.attributes.get(place.attribute)?.values.get(place.value);
        let mut spans: Vec<Span> =
            self.unsigned_values.iter().filter_map(value).map(|value| value.span).collect();
        spans.sort_unstable_by_key(|span| span.start);
        spans
    }

    /// Fills in which tokens are among the values covered.
    pub(crate) fn note_timestamps(&mut self, unsigned: &UnsignedAttributes<'_>) {
        let spans = self.unsigned_spans(unsigned);
        let timestamps = unsigned.timestamps.iter().enumerate();
        let is_covered = |timestamp: &AttributeTimestamp<'_>| {
            spans.binary_search_by_key(&timestamp.token.span.start, |span| span.start).is_ok()
        };
        self.timestamps =
            timestamps.filter(|(_, timestamp)| is_covered(timestamp)).map(|(index, _)| index).collect();
    }
}

/// One value of one unsigned attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnsignedValue {
    /// Index in [`crate::UnsignedAttributes::attributes`].
    pub attribute: usize,
    /// Index in [`crate::Attribute::values`].
    pub value: usize,
}

/// Why an imprint was not confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImprintError {
    /// Recomputed by every reading known and different from each: what was time-stamped is something else.
    Differs(Vec<Digest>),
    /// The digest algorithm of the imprint is not known.
    UnknownAlgorithm(UnknownAlgorithm),
    /// The content is needed and not at hand in this form.
    ContentNeeded(ContentNeeded),
    /// The archive time-stamp has no usable ats-hash-index (EN 319 122-1, 5.5.3).
    HashIndexMissing,
    /// The signer has no time-stamp there.
    NoSuchTimestamp,
    /// What is to be digested cannot be read, or the budget ran out.
    Malformed(Malformed),
}

impl From<Malformed> for ImprintError {
    fn from(malformed: Malformed) -> ImprintError {
        ImprintError::Malformed(malformed)
    }
}

impl From<types::Exhausted> for ImprintError {
    fn from(exhausted: types::Exhausted) -> ImprintError {
        ImprintError::Malformed(exhausted.into())
    }
}

impl fmt::Display for ImprintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ImprintError::Differs(_) => f.write_str("the message imprint is that of something else"),
            ImprintError::UnknownAlgorithm(unknown) => {
                write!(f, "the message imprint is made by an algorithm that is not known: {}", unknown.oid)
            }
            ImprintError::ContentNeeded(needed) => {
                write!(f, "the {} digest of the content is needed and not at hand", needed.algorithm)
            }
            ImprintError::HashIndexMissing => f.write_str("the archive time-stamp has no ats-hash-index"),
            ImprintError::NoSuchTimestamp => f.write_str("there is no such time-stamp"),
            ImprintError::Malformed(malformed) => malformed.fmt(f),
        }
    }
}

impl std::error::Error for ImprintError {}

/// One byte string that an imprint may be the digest of.
struct Candidate<'p> {
    reading: Reading,
    pieces: Vec<Piece<'p>>,
    covered: Covered,
}

impl<'c, 'a> ImprintCheck<'c, 'a> {
    /// Recomputes the imprint of a token, which was read from the place named, and compares it. Where implementers read
    /// the standard differently, each reading is tried; which one holds is said.
    /// Deviation: EN 319 122-1 and TS 101 733 mean one byte string each. A digest that matches proves that its bytes
    /// were time-stamped, and only those are said to be covered, so trying several gives nothing away.
    pub fn check(
        &self,
        place: TimestampPlace,
        token: &TimestampToken<'_>,
        budget: &mut Budget,
    ) -> Result<Imprint, ImprintError> {
        let algorithm = token.info.imprint.algorithm.clone().map_err(ImprintError::UnknownAlgorithm)?;
        let unsigned = &self.signer.unsigned_attributes;
        budget.spend(Resource::Steps, (unsigned.attributes.len() + unsigned.timestamps.len()) as u64)?;
        if self.kind(place)? == Some(TimestampKind::ArchiveV3) {
            return self.check_v3(token, algorithm, budget);
        }
        let mut tried = Vec::new();
        for candidate in self.candidates(place, token, budget)? {
            let digest = self.digest(algorithm, &candidate.pieces, budget)?;
            if token.info.imprint.matches(&digest) {
                let (reading, covered) = (candidate.reading, candidate.covered);
                return Ok(Imprint { digest, reading, index: None, covered, findings: Vec::new() });
            }
            if !tried.contains(&digest) {
                tried.push(digest);
            }
        }
        Err(ImprintError::Differs(tried))
    }

    /// The running digests of detached content that checking all time-stamps of this signer takes; empty if the content
    /// is encapsulated. Tokens that cannot be read ask for nothing.
    pub fn content_needed(&self, budget: &mut Budget) -> Result<Vec<ContentNeeded>, Malformed> {
        if self.signed_data.content.content.is_some() {
            return Ok(Vec::new());
        }
        let signed = self.signer.signed_attributes.iter().flat_map(|signed| &signed.content_timestamps);
        let mut needed = std::collections::BTreeSet::new();
        let unsigned = self.signer.unsigned_attributes.timestamps.iter();
        let tokens = signed
            .map(|token| (None, *token))
            .chain(unsigned.map(|timestamp| (Some(timestamp.kind), timestamp.token)));
        for (kind, encoded) in tokens {
            use TimestampKind::{ArchiveV1, ArchiveV2, ArchiveV3};
            if !matches!(kind, None | Some(ArchiveV1 | ArchiveV2 | ArchiveV3)) {
                continue;
            }
            let token = match TimestampToken::parse(encoded.bytes, budget) {
                Ok(token) => token,
                Err(malformed) if matches!(malformed.cause, types::Cause::Budget(_)) => {
                    return Err(malformed);
                }
                Err(_) => continue,
            };
            let Ok(algorithm) = token.info.imprint.algorithm else { continue };
            let prefixes = match kind {
                Some(ArchiveV2) => legacy::content_prefixes(self.signed_data, budget)?,
                _ => vec![Vec::new()],
            };
            needed.extend(prefixes.into_iter().map(|prefix| ContentNeeded { algorithm, prefix }));
        }
        Ok(needed.into_iter().collect())
    }

    fn kind(&self, place: TimestampPlace) -> Result<Option<TimestampKind>, ImprintError> {
        match place {
            TimestampPlace::Content(index) => {
                let signed = self.signer.signed_attributes.as_ref();
                let token = signed.and_then(|signed| signed.content_timestamps.get(index));
                token.map(|_| None).ok_or(ImprintError::NoSuchTimestamp)
            }
            TimestampPlace::Unsigned(index) => {
                let timestamp = self.signer.unsigned_attributes.timestamps.get(index);
                timestamp.map(|timestamp| Some(timestamp.kind)).ok_or(ImprintError::NoSuchTimestamp)
            }
        }
    }

    fn candidates(
        &self,
        place: TimestampPlace,
        token: &TimestampToken<'_>,
        budget: &mut Budget,
    ) -> Result<Vec<Candidate<'c>>, ImprintError> {
        let TimestampPlace::Unsigned(index) = place else { return Ok(vec![over_content()]) };
        Ok(match self.kind(place)? {
            None => vec![over_content()],
            Some(TimestampKind::Signature) => vec![self.over_signature()],
            Some(TimestampKind::CadesC) => self.over_references(index, legacy::References::CadesC, budget)?,
            Some(TimestampKind::CertificatesAndCrls) => {
                self.over_references(index, legacy::References::Only, budget)?
            }
            Some(TimestampKind::ArchiveV1) => self.over_archive_v1(index, budget)?,
            Some(TimestampKind::ArchiveV2 | TimestampKind::ArchiveV3) => {
                self.over_archive_v2(index, token, budget)?
            }
        })
    }

    /// "the messageImprint shall be the hash of the value octets of the signature" (EN 319 122-1, 5.3).
    fn over_signature(&self) -> Candidate<'c> {
        Candidate {
            reading: Reading::Regular,
            pieces: vec![Piece::Octets(Cow::Borrowed(&self.signer.signature))],
            covered: Covered { signature: true, ..Covered::default() },
        }
    }

    /// Digests on the budget.
    fn digest(
        &self,
        algorithm: DigestAlgorithm,
        pieces: &[Piece<'_>],
        budget: &mut Budget,
    ) -> Result<Digest, ImprintError> {
        const OCTETS_PER_STEP: u64 = 64;
        let content = self.signed_data.content.content.as_ref().map_or(0, |content| content.len() as u64);
        let octets = pieces.iter().map(|piece| match piece {
            Piece::Octets(octets) => octets.len() as u64,
            Piece::Shared(octets) => octets.len() as u64,
            Piece::Content | Piece::ContentDigest => content,
        });
        let octets = octets.fold(0_u64, u64::saturating_add);
        budget.spend(Resource::Steps, octets / OCTETS_PER_STEP + 1)?;
        let digester = Digester::new(self.signed_data, self.content, self.provider);
        digester.digest(algorithm, pieces).map_err(ImprintError::ContentNeeded)
    }
}

/// "the hash of the message-digest input": the content octets, without tag and length (EN 319 122-1, 5.2.8.1).
fn over_content<'p>() -> Candidate<'p> {
    Candidate {
        reading: Reading::Regular,
        pieces: vec![Piece::Content],
        covered: Covered { content: true, ..Covered::default() },
    }
}
