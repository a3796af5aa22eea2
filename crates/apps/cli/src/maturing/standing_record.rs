//! The evidence records on which a file rests.

use super::Looked;
use crate::beside::Record;
use crypto::DigestAlgorithm;
use types::{Budget, Time};
use undersign::cms::evidence_record::EvidenceRecord;
use undersign::evidence::{Check, Container, Coverage, Kind, SignatureEvidence, TokenId};
use undersign::validation::{Indication, SubIndication};

/// A record that proves something about a file.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its number among the records beside the file, from 0.
    pub number: usize,
    /// Whether it is over the whole file.
    pub is_whole: bool,
    /// The end of what it is over, bytes.
    pub end: u64,
    /// How many timestamps are in it.
    pub timestamps: usize,
    /// When the certificates of its newest timestamp end, the first of them.
    pub ends: Option<Time>,
    /// The algorithm of its newest hash tree, if it can be renewed here.
    pub algorithm: Option<DigestAlgorithm>,
}

/// The records that prove something, of those beside the file.
pub fn kept(looked: &Looked, records: &[Record]) -> Vec<Kept> {
    let document = &looked.verified.evidence.document;
    let mut kept = Vec::new();
    for (number, record) in records.iter().enumerate() {
        let name = record.file().name;
        let Some(row) = good(looked).find(|row| row.field == name) else { continue };
        let end = match (row.coverage, &document.container) {
            (Coverage::WholeRevision { revision }, Container::Pdf { revision_ends }) => {
                revision_ends.get(revision).copied().unwrap_or(document.len)
            }
            _ => document.len,
        };
        kept.push(Kept {
            number,
            is_whole: row.coverage == Coverage::WholeFile,
            end,
            timestamps: row.tokens.len() + 1,
            ends: newest(row).and_then(|token| ends(looked, token)),
            algorithm: algorithm(&record.bytes),
        });
    }
    kept
}

/// Whether a record proves something about the file.
pub fn is_kept(looked: &Looked) -> bool {
    good(looked).next().is_some()
}

/// The names of the records that prove something.
pub fn names(looked: &Looked) -> Vec<String> {
    good(looked).map(|row| row.field.clone()).collect()
}

fn good(looked: &Looked) -> impl Iterator<Item = &SignatureEvidence> {
    let verdicts = &looked.verified.verdict.tokens;
    let counts = move |token: TokenId| {
        verdicts.get(token).is_some_and(|verdict| {
            verdict.indication == Indication::TotalPassed
                || verdict.sub_indication == Some(SubIndication::TryLater)
        })
    };
    looked.verified.evidence.signatures.iter().filter(move |row| {
        row.kind == Kind::EvidenceRecord
            && row.place.is_none()
            && row.signed_data.as_ref().is_ok_and(|facts| facts.content == Check::Matches)
            && row.own_token.iter().chain(&row.tokens).all(|token| counts(*token))
    })
}

fn newest(row: &SignatureEvidence) -> Option<TokenId> {
    row.tokens.last().copied().or(row.own_token)
}

fn ends(looked: &Looked, token: TokenId) -> Option<Time> {
    let path = looked.verified.verdict.tokens.get(token)?.path.as_ref()?;
    path.certificates.iter().map(pkix::Certificate::not_after).min()
}

fn algorithm(bytes: &[u8]) -> Option<DigestAlgorithm> {
    let mut budget = Budget::default();
    let record = EvidenceRecord::parse(bytes, &mut budget).ok()?;
    record.chains.last()?.timestamps.last()?.digest_algorithm.as_ref()?.as_ref().ok().copied()
}
