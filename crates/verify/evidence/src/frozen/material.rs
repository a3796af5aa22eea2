//! Where certificates and revocation data were met, and who signed whom, as it stands in an evidence file.

use super::error::{FrozenError, Within, each};
use super::scalar::{Place, SignatureErrorWord, sha256};
use super::table::{Counts, Numbers, Tables, below};
use crate::facts::{Meetings, Origin};
use path::RecordedLinks;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// [`Meetings`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct FrozenMeetings {
    digest: String,
    origins: Vec<FrozenOrigin>,
    places: Vec<Place>,
}

/// [`Origin`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum FrozenOrigin {
    Signature(usize),
    Token(usize),
    Store,
    Member,
    OcspResponse,
    Given,
}

/// Whose key signed a certificate: certificate, key, outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FrozenLink(usize, usize, FrozenOutcome);

/// Whether the key made the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum FrozenOutcome {
    Verified,
    Not(SignatureErrorWord),
}

impl From<&Meetings> for FrozenMeetings {
    fn from(meetings: &Meetings) -> FrozenMeetings {
        FrozenMeetings {
            digest: meetings.digest.to_string(),
            origins: meetings.origins.iter().map(|origin| FrozenOrigin::from(*origin)).collect(),
            places: meetings.places.iter().map(|place| Place::from(*place)).collect(),
        }
    }
}

impl FrozenMeetings {
    pub(super) fn thaw(&self, counts: Counts) -> Result<Meetings, FrozenError> {
        let origins = each(&self.origins, |origin| origin.thaw(counts)).within("origins")?;
        let distinct: BTreeSet<Origin> = origins.iter().copied().collect();
        if distinct.len() != origins.len() || !origins.is_sorted() {
            return Err(FrozenError::new("an origin twice or out of order").under("origins"));
        }
        Ok(Meetings {
            digest: sha256(&self.digest).within("digest")?,
            origins: distinct,
            places: each(&self.places, |place| place.thaw()).within("places")?,
        })
    }
}

impl From<Origin> for FrozenOrigin {
    fn from(origin: Origin) -> FrozenOrigin {
        match origin {
            Origin::Signature(id) => FrozenOrigin::Signature(id),
            Origin::Token(id) => FrozenOrigin::Token(id),
            Origin::Store => FrozenOrigin::Store,
            Origin::Member => FrozenOrigin::Member,
            Origin::OcspResponse => FrozenOrigin::OcspResponse,
            Origin::Given => FrozenOrigin::Given,
        }
    }
}

impl FrozenOrigin {
    fn thaw(&self, counts: Counts) -> Result<Origin, FrozenError> {
        Ok(match self {
            FrozenOrigin::Signature(id) => Origin::Signature(below(*id, counts.signatures, "signature")?),
            FrozenOrigin::Token(id) => Origin::Token(below(*id, counts.tokens, "token")?),
            FrozenOrigin::Store => Origin::Store,
            FrozenOrigin::Member => Origin::Member,
            FrozenOrigin::OcspResponse => Origin::OcspResponse,
            FrozenOrigin::Given => Origin::Given,
        })
    }
}

/// Links in the order of [`RecordedLinks::iter`].
pub(super) fn freeze_links(links: &RecordedLinks, numbers: &mut Numbers) -> Vec<FrozenLink> {
    links
        .iter()
        .map(|(certificate, key, outcome)| {
            let outcome = match outcome {
                Ok(()) => FrozenOutcome::Verified,
                Err(error) => FrozenOutcome::Not(error.into()),
            };
            FrozenLink(numbers.certificate(certificate), numbers.key(key), outcome)
        })
        .collect()
}

pub(super) fn thaw_links(links: &[FrozenLink], tables: &Tables) -> Result<RecordedLinks, FrozenError> {
    let mut seen: BTreeMap<(usize, usize), FrozenOutcome> = BTreeMap::new();
    let mut recorded = RecordedLinks::default();
    each(links, |FrozenLink(certificate, key, outcome)| {
        match seen.insert((*certificate, *key), *outcome) {
            Some(before) if before != *outcome => {
                return Err(FrozenError::new("says the opposite of an entry before"));
            }
            Some(_) => return Err(FrozenError::new("the same link twice")),
            None => {}
        }
        let result = match outcome {
            FrozenOutcome::Verified => Ok(()),
            FrozenOutcome::Not(error) => Err((*error).into()),
        };
        let key: Arc<[u8]> = tables.key(*key).within("[1]")?;
        recorded.insert(tables.certificate(*certificate).within("[0]")?, (*key).into(), result);
        Ok(())
    })?;
    Ok(recorded)
}
