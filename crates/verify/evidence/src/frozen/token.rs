//! Timestamp tokens as they stand in an evidence file.

use super::error::{FrozenError, Within, each};
use super::scalar::{FrozenFinding, Known, Place, Seconds, parsed, sha256, words};
use super::signature::{FrozenCheck, FrozenFault, FrozenSigned};
use super::table::{Counts, Numbers, Tables, below};
use crate::facts::{Covers, ObjectRef, Stamp, TokenEvidence, TokenRole};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

words!(TokenRoleWord is TokenRole {
    Content = "content", Signature = "signature", References = "references", Archive = "archive",
    Document = "document", EvidenceRecord = "evidence-record", Beacon = "beacon",
});

/// [`TokenEvidence`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct FrozenToken {
    digest: String,
    findings: Vec<FrozenFinding>,
    place: Option<Place>,
    role: TokenRoleWord,
    stamp: Known<FrozenStamp, FrozenFault>,
}

/// [`Stamp`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FrozenStamp {
    accuracy_microseconds: Option<u64>,
    covers: FrozenCovers,
    imprint: FrozenCheck,
    imprint_algorithm: Known<String, String>,
    policy: String,
    signed: FrozenSigned,
    time: Seconds,
}

/// [`Covers`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
enum FrozenCovers {
    UpTo { end: u64, hole: Place },
    Objects(Vec<FrozenObjectRef>),
}

/// [`ObjectRef`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum FrozenObjectRef {
    Signature(usize),
    Token(usize),
    Certificate(usize),
    Crl(usize),
    Ocsp(usize),
}

impl FrozenToken {
    pub(super) fn freeze(token: &TokenEvidence, numbers: &mut Numbers) -> FrozenToken {
        FrozenToken {
            digest: token.digest.to_string(),
            findings: token.findings.iter().map(FrozenFinding::from).collect(),
            place: token.place.map(Place::from),
            role: token.role.into(),
            stamp: Known::freeze(
                token.stamp.as_ref(),
                |stamp| FrozenStamp::freeze(stamp, numbers),
                FrozenFault::from,
            ),
        }
    }

    pub(super) fn thaw(&self, tables: &Tables, document_len: u64) -> Result<TokenEvidence, FrozenError> {
        Ok(TokenEvidence {
            role: self.role.into(),
            digest: sha256(&self.digest).within("digest")?,
            place: self.place.map(Place::thaw).transpose().within("place")?,
            stamp: match &self.stamp {
                Known::Is(stamp) => Ok(stamp.thaw(tables, document_len).within("stamp.is")?),
                Known::Not(fault) => Err(fault.thaw()),
            },
            findings: each(&self.findings, FrozenFinding::thaw).within("findings")?,
        })
    }
}

impl FrozenStamp {
    fn freeze(stamp: &Stamp, numbers: &mut Numbers) -> FrozenStamp {
        FrozenStamp {
            accuracy_microseconds: stamp.accuracy_microseconds,
            covers: match &stamp.covers {
                Covers::UpTo { end, hole } => FrozenCovers::UpTo { end: *end, hole: (*hole).into() },
                Covers::Objects(objects) => {
                    let mut seen = BTreeSet::new();
                    let distinct = objects.iter().filter(|object| seen.insert(**object));
                    FrozenCovers::Objects(distinct.map(|object| FrozenObjectRef::from(*object)).collect())
                }
            },
            imprint: FrozenCheck::from(&stamp.imprint),
            imprint_algorithm: Known::freeze(
                stamp.imprint_algorithm.as_ref(),
                |algorithm| algorithm.notation(),
                String::clone,
            ),
            policy: stamp.policy.clone(),
            signed: FrozenSigned::freeze(&stamp.signed, numbers),
            time: stamp.time.into(),
        }
    }

    fn thaw(&self, tables: &Tables, document_len: u64) -> Result<Stamp, FrozenError> {
        Ok(Stamp {
            time: self.time.into(),
            accuracy_microseconds: self.accuracy_microseconds,
            policy: self.policy.clone(),
            imprint_algorithm: match &self.imprint_algorithm {
                Known::Is(notation) => Ok(parsed(notation).within("imprintAlgorithm")?),
                Known::Not(why) => Err(why.clone()),
            },
            imprint: self.imprint.thaw(),
            signed: self.signed.thaw(tables).within("signed")?,
            covers: self.covers.thaw(tables.counts, document_len).within("covers")?,
        })
    }
}

impl FrozenCovers {
    fn thaw(&self, counts: Counts, document_len: u64) -> Result<Covers, FrozenError> {
        Ok(match self {
            FrozenCovers::UpTo { end, hole } => {
                let hole = hole.thaw().within("up-to.hole")?;
                if *end > document_len || hole.end > *end {
                    return Err(FrozenError::new("reaches past the end of the document").under("up-to"));
                }
                Covers::UpTo { end: *end, hole }
            }
            FrozenCovers::Objects(objects) => {
                let mut seen = BTreeSet::new();
                let objects = each(objects, |object| {
                    let object = object.thaw(counts)?;
                    if seen.insert(object) {
                        Ok(object)
                    } else {
                        Err(FrozenError::new("the same object twice"))
                    }
                });
                Covers::Objects(objects.within("objects")?)
            }
        })
    }
}

impl From<ObjectRef> for FrozenObjectRef {
    fn from(object: ObjectRef) -> FrozenObjectRef {
        match object {
            ObjectRef::Signature(id) => FrozenObjectRef::Signature(id),
            ObjectRef::Token(id) => FrozenObjectRef::Token(id),
            ObjectRef::Certificate(id) => FrozenObjectRef::Certificate(id),
            ObjectRef::Crl(id) => FrozenObjectRef::Crl(id),
            ObjectRef::Ocsp(id) => FrozenObjectRef::Ocsp(id),
        }
    }
}

impl FrozenObjectRef {
    fn thaw(self, counts: Counts) -> Result<ObjectRef, FrozenError> {
        Ok(match self {
            FrozenObjectRef::Signature(id) => {
                ObjectRef::Signature(below(id, counts.signatures, "signature")?)
            }
            FrozenObjectRef::Token(id) => ObjectRef::Token(below(id, counts.tokens, "token")?),
            FrozenObjectRef::Certificate(id) => {
                ObjectRef::Certificate(below(id, counts.held, "certificate at hand")?)
            }
            FrozenObjectRef::Crl(id) => ObjectRef::Crl(below(id, counts.crls, "CRL")?),
            FrozenObjectRef::Ocsp(id) => ObjectRef::Ocsp(below(id, counts.ocsps, "OCSP response")?),
        })
    }
}
