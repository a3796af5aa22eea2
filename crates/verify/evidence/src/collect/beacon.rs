//! Beacons (spec/record.md): values given beside the file whose digests signing records name. A signature that names the
//! digest of a timestamp token was made after the time in it.

use super::effort;
use super::gather::Gatherer;
use super::token::TokenDraft;
use crate::facts::{Check, Covers, RecordFacts, SignatureEvidence, TokenEvidence, TokenRole};
use crypto::Digest;
use records::{BeaconKind, BeaconSection};
use types::{Budget, Exhausted};

/// Why the imprint of a beacon says nothing here.
const OVER_SOMETHING_ELSE: &str =
    "a beacon is over something else; it is the token itself that the record names";

impl Gatherer<'_> {
    /// Notes which beacons are at hand, and judges those that are timestamp tokens. Their numbers come after all others.
    pub(super) fn beacons(
        &mut self,
        signatures: &mut [SignatureEvidence],
        tokens: &mut Vec<TokenEvidence>,
        budget: &mut Budget,
    ) -> Result<(), Exhausted> {
        let context = self.context;
        for value in context.beacons {
            let mut token = None;
            for record in signatures.iter_mut().filter_map(record) {
                let Some(named) = record.beacon_named().filter(|_| !record.beacon.given) else { continue };
                let Ok(digest) = named.digest.parse::<Digest>() else { continue };
                effort::hashing(value.len(), budget)?;
                if context.provider.digest(digest.algorithm, value) != digest {
                    continue;
                }
                record.beacon.given = true;
                if is_token(record.beacon_named()) {
                    if token.is_none() {
                        let id = tokens.len();
                        let draft = TokenDraft::read(value, (id, TokenRole::Beacon), None, self, budget)?;
                        let imprint = Check::NotComputed(OVER_SOMETHING_ELSE.into());
                        let nothing = Covers::Objects(Vec::new());
                        tokens.push(draft.judged(imprint, nothing, self, context, budget));
                        token = Some(id);
                    }
                    record.beacon.token = token;
                }
            }
        }
        Ok(())
    }
}

fn record(signature: &mut SignatureEvidence) -> Option<&mut RecordFacts> {
    signature.signed_data.as_mut().ok()?.record.as_mut()
}

fn is_token(named: Option<&BeaconSection>) -> bool {
    named.is_some_and(|named| named.kind == BeaconKind::TimestampToken)
}
