//! Signing records as they stand in an evidence file: what they say is read from their octets again.

use super::error::FrozenError;
use super::scalar::Octets;
use super::table::{Counts, below};
use crate::facts::{BeaconFacts, Evidence, RecordFacts, TokenRole};
use serde::{Deserialize, Serialize};

/// [`RecordFacts`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct FrozenRecord {
    beacon: FrozenBeacon,
    octets: Octets,
}

/// [`BeaconFacts`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FrozenBeacon {
    given: bool,
    token: Option<usize>,
}

impl From<&RecordFacts> for FrozenRecord {
    fn from(facts: &RecordFacts) -> FrozenRecord {
        FrozenRecord {
            beacon: FrozenBeacon { given: facts.beacon.given, token: facts.beacon.token },
            octets: Octets(facts.octets.clone()),
        }
    }
}

impl FrozenRecord {
    pub(super) fn thaw(&self, counts: Counts) -> Result<RecordFacts, FrozenError> {
        let mut facts =
            RecordFacts::of(&self.octets.0).ok_or_else(|| FrozenError::new("too large").under("octets"))?;
        let token = self.beacon.token.map(|id| below(id, counts.tokens, "token")).transpose()?;
        if token.is_some() && !self.beacon.given || self.beacon.given && facts.beacon_named().is_none() {
            return Err(FrozenError::new("a value that was not given, or that nothing names").under("beacon"));
        }
        facts.beacon = BeaconFacts { given: self.beacon.given, token };
        Ok(facts)
    }
}

/// A beacon is a token of that role with the digest that the record names; it covers nothing.
pub(super) fn check_beacons(evidence: &Evidence) -> Result<(), FrozenError> {
    let records = evidence.signatures.iter().filter_map(|one| one.signed_data.as_ref().ok()?.record.as_ref());
    for record in records {
        let Some(token) = record.beacon.token.and_then(|id| evidence.tokens.get(id)) else { continue };
        let named = record.beacon_named().map(|named| named.digest.as_str()).unwrap_or_default();
        let same = !named.starts_with("sha-256:") || named == token.digest.to_string();
        if token.role != TokenRole::Beacon || !same {
            return Err(FrozenError::new("a beacon that is another token").under("signatures"));
        }
    }
    let beacons = evidence.tokens.iter().filter(|token| token.role == TokenRole::Beacon);
    let covering = |stamp: &crate::facts::Stamp| stamp.covers != crate::facts::Covers::Objects(Vec::new());
    if beacons.filter_map(|token| token.stamp.as_ref().ok()).any(covering) {
        return Err(FrozenError::new("a beacon that covers something").under("tokens"));
    }
    Ok(())
}
