//! Evidence records (RFC 4998): proof by hash trees and renewed time-stamps that data existed, long after the signature.

mod build;
mod embedded;
mod hash_tree;
mod verify;

pub use build::{HashTree, Renewal};
pub use embedded::{EmbeddedEvidenceRecord, EmbeddedKind, Omission, Protected, ProtectedEncoding};
pub use hash_tree::TreeReading;
pub use verify::{
    ArchiveTimestampCheck, ArchiveTimestampError, ArchiveTimestampProof, DataObject, EvidenceRecordCheck,
    Subject,
};

use crate::attribute::{Attribute, read_attributes};
use crate::ber::{Element, Encoded, Reader, Tag};
use crate::primitive::Context;
use crypto::{DigestAlgorithm, UnknownAlgorithm};
use std::borrow::Cow;
use types::{Budget, Finding, Malformed, Resource, Severity};

const CLAUSE: &str = "RFC 4998, 3.1";

/// ```text
/// EvidenceRecord ::= SEQUENCE { version INTEGER { v1(1) }, digestAlgorithms SEQUENCE OF AlgorithmIdentifier,
///     cryptoInfos [0] CryptoInfos OPTIONAL, encryptionInfo [1] EncryptionInfo OPTIONAL,
///     archiveTimeStampSequence ArchiveTimeStampSequence }   -- RFC 4998, 3.1, IMPLICIT TAGS
/// ```
/// All spans count from the first byte given to [`EvidenceRecord::parse`].
#[derive(Clone, Debug)]
pub struct EvidenceRecord<'a> {
    /// The whole structure as received.
    pub encoded: Encoded<'a>,
    /// The digest algorithms announced.
    pub digest_algorithms: Vec<Result<DigestAlgorithm, UnknownAlgorithm>>,
    /// Data for validating the time-stamps, e.g. certificates and CRLs, as received.
    pub crypto_infos: Vec<Attribute<'a>>,
    /// How the data were encrypted before they were archived, as received; such records are not verified.
    pub encryption_info: Option<Encoded<'a>>,
    /// The chains, oldest first; never empty, and none of them is.
    pub chains: Vec<ArchiveTimestampChain<'a>>,
    /// What is noteworthy about all this.
    pub findings: Vec<Finding>,
}

/// `ArchiveTimeStampChain ::= SEQUENCE OF ArchiveTimeStamp` (RFC 4998, 5.1): time-stamps renewed by one digest algorithm.
#[derive(Clone, Debug)]
pub struct ArchiveTimestampChain<'a> {
    /// The whole structure as received.
    pub encoded: Encoded<'a>,
    /// Its archive time-stamps, oldest first; never empty.
    pub timestamps: Vec<ArchiveTimestamp<'a>>,
}

/// ```text
/// ArchiveTimeStamp ::= SEQUENCE { digestAlgorithm [0] AlgorithmIdentifier OPTIONAL, attributes [1] Attributes OPTIONAL,
///     reducedHashtree [2] SEQUENCE OF PartialHashtree OPTIONAL, timeStamp ContentInfo }
/// PartialHashtree ::= SEQUENCE OF OCTET STRING   -- RFC 4998, 4.1
/// ```
#[derive(Clone, Debug)]
pub struct ArchiveTimestamp<'a> {
    /// The whole structure as received.
    pub encoded: Encoded<'a>,
    /// The digest algorithm of the hash tree; `None` means that of the time-stamp.
    pub digest_algorithm: Option<Result<DigestAlgorithm, UnknownAlgorithm>>,
    /// Further information, as received.
    pub attributes: Vec<Attribute<'a>>,
    /// The lists of hash values from the leaves to the root; `None` if the time-stamp is over the data itself.
    pub reduced_hash_tree: Option<Vec<Vec<Cow<'a, [u8]>>>>,
    /// The token as received; see [`crate::TimestampToken::parse`].
    pub timestamp: Encoded<'a>,
}

impl<'a> EvidenceRecord<'a> {
    /// Reads an evidence record.
    pub fn parse(bytes: &'a [u8], budget: &mut Budget) -> Result<EvidenceRecord<'a>, Malformed> {
        EvidenceRecord::read(bytes, 0, budget)
    }

    /// Reads one whose first byte lies at `base`.
    pub(crate) fn read(
        bytes: &'a [u8],
        base: u64,
        budget: &mut Budget,
    ) -> Result<EvidenceRecord<'a>, Malformed> {
        let mut outer = Reader::new(bytes, base);
        let whole = outer.expect(Tag::SEQUENCE, "evidence record", CLAUSE, budget)?;
        let mut reader = whole.open(CLAUSE)?;
        let version = reader.small_integer("version of the evidence record", budget)?;
        if version != 1 {
            return Err(
                whole.malformed(format!("version of the evidence record is {version}, not 1"), CLAUSE)
            );
        }
        let digest_algorithms = digest_algorithms(&mut reader, budget)?;
        let crypto_infos = match reader.optional(Tag::context(0), budget)? {
            Some(list) => attributes(&list, budget)?,
            None => Vec::new(),
        };
        let encryption_info = reader.optional(Tag::context(1), budget)?.map(|element| element.encoded);
        let sequence =
            reader.expect(Tag::SEQUENCE, "sequence of archive time-stamps", "RFC 4998, 5.1", budget)?;
        if !reader.is_empty() {
            return Err(reader.malformed("the evidence record goes on after its time-stamps", CLAUSE));
        }
        let chains = chains(&sequence, budget)?;
        let mut record = EvidenceRecord {
            encoded: whole.encoded,
            digest_algorithms,
            crypto_infos,
            encryption_info,
            chains,
            findings: Vec::new(),
        };
        record.findings = record.check();
        if !outer.is_empty() {
            let message = "bytes follow the evidence record";
            record.findings.push(Finding::new("er.trailing-bytes", Severity::Warning, message));
        }
        Ok(record)
    }

    /// All archive time-stamps, oldest first.
    pub fn timestamps(&self) -> impl Iterator<Item = &ArchiveTimestamp<'a>> {
        self.chains.iter().flat_map(|chain| &chain.timestamps)
    }

    /// Rules that the structure alone can break.
    fn check(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for chain in &self.chains {
            let mut named =
                chain.timestamps.iter().filter_map(|timestamp| timestamp.digest_algorithm.as_ref());
            if let Some(first) = named.next()
                && named.any(|other| other != first)
            {
                let message = "a chain uses more than one digest algorithm (RFC 4998, 5.1)";
                findings.push(
                    Finding::new("er.chain.algorithms", Severity::Error, message).at(chain.encoded.span),
                );
            }
            let unannounced = chain
                .timestamps
                .iter()
                .filter_map(|timestamp| timestamp.digest_algorithm.as_ref())
                .any(|algorithm| algorithm.is_ok() && !self.digest_algorithms.contains(algorithm));
            if unannounced {
                let message = "a digest algorithm is not announced among digestAlgorithms (RFC 4998, 3.1)";
                findings.push(
                    Finding::new("er.algorithm.unannounced", Severity::Info, message).at(chain.encoded.span),
                );
            }
        }
        if let Some(place) = self.encryption_info {
            let message =
                "the data were encrypted before they were archived; that is not followed (RFC 4998, 6)";
            findings.push(Finding::new("er.encryption", Severity::Warning, message).at(place.span));
        }
        findings
    }
}

fn digest_algorithms(
    reader: &mut Reader<'_>,
    budget: &mut Budget,
) -> Result<Vec<Result<DigestAlgorithm, UnknownAlgorithm>>, Malformed> {
    let mut list = reader.expect(Tag::SEQUENCE, "digest algorithms", CLAUSE, budget)?.open(CLAUSE)?;
    let mut algorithms = Vec::with_capacity(1);
    while let Some(element) = list.next_kept(budget)? {
        algorithms.push(element.digest_algorithm(budget)?);
    }
    Ok(algorithms)
}

fn attributes<'a>(list: &Element<'a>, budget: &mut Budget) -> Result<Vec<Attribute<'a>>, Malformed> {
    // What is noteworthy about these attributes says nothing about the proof.
    read_attributes(list, &mut Context::new(budget))
}

fn chains<'a>(
    sequence: &Element<'a>,
    budget: &mut Budget,
) -> Result<Vec<ArchiveTimestampChain<'a>>, Malformed> {
    const CLAUSE: &str = "RFC 4998, 5.1";
    let mut list = sequence.open(CLAUSE)?;
    let mut chains = Vec::with_capacity(1);
    while let Some(element) = list.next_kept(budget)? {
        let mut inner = element.open(CLAUSE)?;
        let mut timestamps = Vec::with_capacity(1);
        while let Some(timestamp) = inner.next_kept(budget)? {
            budget.spend(Resource::Signatures, 1)?;
            timestamps.push(archive_timestamp(&timestamp, budget)?);
        }
        if timestamps.is_empty() {
            return Err(element.malformed("a chain has no archive time-stamp", CLAUSE));
        }
        chains.push(ArchiveTimestampChain { encoded: element.encoded, timestamps });
    }
    if chains.is_empty() {
        return Err(sequence.malformed("there is no archive time-stamp", CLAUSE));
    }
    Ok(chains)
}

fn archive_timestamp<'a>(
    element: &Element<'a>,
    budget: &mut Budget,
) -> Result<ArchiveTimestamp<'a>, Malformed> {
    const CLAUSE: &str = "RFC 4998, 4.1";
    let mut reader = element.open(CLAUSE)?;
    let digest_algorithm = match reader.optional(Tag::context(0), budget)? {
        Some(identifier) => Some(identifier.digest_algorithm(budget)?),
        None => None,
    };
    let attributes = match reader.optional(Tag::context(1), budget)? {
        Some(list) => attributes(&list, budget)?,
        None => Vec::new(),
    };
    let reduced_hash_tree = match reader.optional(Tag::context(2), budget)? {
        Some(tree) => Some(reduced_hash_tree(&tree, budget)?),
        None => None,
    };
    let timestamp = reader.expect(Tag::SEQUENCE, "time-stamp", CLAUSE, budget)?.encoded;
    if !reader.is_empty() {
        return Err(reader.malformed("an archive time-stamp goes on after its time-stamp", CLAUSE));
    }
    Ok(ArchiveTimestamp {
        encoded: element.encoded,
        digest_algorithm,
        attributes,
        reduced_hash_tree,
        timestamp,
    })
}

fn reduced_hash_tree<'a>(
    tree: &Element<'a>,
    budget: &mut Budget,
) -> Result<Vec<Vec<Cow<'a, [u8]>>>, Malformed> {
    const CLAUSE: &str = "RFC 4998, 4.1";
    let mut reader = tree.open(CLAUSE)?;
    let mut lists = Vec::new();
    while let Some(element) = reader.next_kept(budget)? {
        let mut values = element.open(CLAUSE)?;
        let mut list = Vec::new();
        while let Some(value) = values.next_kept(budget)? {
            if value.tag != Tag::OCTET_STRING {
                return Err(value.malformed("a hash value is not an OCTET STRING", CLAUSE));
            }
            list.push(value.octets(budget)?);
        }
        lists.push(list);
    }
    if lists.first().is_none_or(Vec::is_empty) {
        return Err(tree.malformed("a reduced hash tree has no leaves", CLAUSE));
    }
    Ok(lists)
}
