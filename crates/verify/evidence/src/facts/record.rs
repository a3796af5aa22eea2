//! The signing record in a signature (spec/record.md): what the device of the signer said, and whether the value that it
//! names as a beacon is at hand.

use super::token::TokenId;
use records::{BeaconSection, ClockSection, MAX_RECORD, ReadRecord, RecordError};
use types::{Finding, Severity};

/// A signing record. Whatever it says is the word of the signer's device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordFacts {
    /// Its octets as signed, at most [`MAX_RECORD`].
    pub octets: Vec<u8>,
    /// What they say.
    pub read: Result<ReadRecord, RecordError>,
    /// What is known of the beacon that it names.
    pub beacon: BeaconFacts,
}

/// Whether the value of a beacon is at hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BeaconFacts {
    /// A value with the digest that the record names was given.
    pub given: bool,
    /// The token that the value is, if it is said to be one.
    pub token: Option<TokenId>,
}

impl RecordFacts {
    /// Reads a record; `None` if it is too large to be kept.
    pub fn of(octets: &[u8]) -> Option<RecordFacts> {
        let kept = (octets.len() <= MAX_RECORD).then(|| octets.to_vec())?;
        let read = ReadRecord::from_json(&kept);
        Some(RecordFacts { octets: kept, read, beacon: BeaconFacts::default() })
    }

    /// What it says of the clock, if it can be read.
    pub fn clock(&self) -> Option<&ClockSection> {
        self.read.as_ref().ok()?.record.clock.as_ref()
    }

    /// The beacon that it names, if it can be read.
    pub fn beacon_named(&self) -> Option<&BeaconSection> {
        self.read.as_ref().ok()?.record.beacon.as_ref()
    }

    /// What is noteworthy about its form.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let read = match &self.read {
            Err(error) => return vec![Finding::new(error.code(), Severity::Warning, error.to_string())],
            Ok(read) => read,
        };
        let faults = read.faults.iter().map(|(section, why)| {
            let message = format!("the section {section:?} of the signing record cannot be used: {why}");
            Finding::new("record.section", Severity::Warning, message)
        });
        let unknown = read.unknown.iter().map(|section| {
            let message = format!("the section {section:?} of the signing record is not understood");
            Finding::new("record.unknown-section", Severity::Info, message)
        });
        faults.chain(unknown).collect()
    }
}
