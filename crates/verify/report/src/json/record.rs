//! Signing records for programs: the words of the signer's device, and what is known of the beacon.

use evidence::RecordFacts;
use records::ReadRecord;
use serde::Serialize;
use validation::{BeaconStanding, SignatureVerdict};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RecordReport<'a> {
    /// The record as signed.
    text: Option<&'a str>,
    /// Sections that are not understood.
    unknown: Vec<&'a str>,
    /// Why the record, or a section of it, cannot be used.
    faults: Vec<String>,
    beacon: Option<BeaconReport<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BeaconReport<'a> {
    standing: &'static str,
    time: String,
    kind: &'static str,
    source: &'a str,
    digest: &'a str,
}

pub(super) fn report<'a>(record: &'a RecordFacts, verdict: &SignatureVerdict) -> RecordReport<'a> {
    let read: Option<&ReadRecord> = record.read.as_ref().ok();
    let sections = read.map(|read| read.faults.as_slice()).unwrap_or_default();
    let faults = sections.iter().map(|(section, why)| format!("{section}: {why}"));
    let error = record.read.as_ref().err().map(ToString::to_string);
    let named = record.beacon_named().zip(verdict.beacon.as_ref());
    RecordReport {
        text: std::str::from_utf8(&record.octets).ok(),
        unknown: read.map(|read| read.unknown.iter().map(String::as_str).collect()).unwrap_or_default(),
        faults: error.into_iter().chain(faults).collect(),
        beacon: named.map(|(named, judged)| BeaconReport {
            standing: match judged.standing {
                BeaconStanding::Proven(_) => "proven",
                BeaconStanding::NotGood(_) => "not-good",
                BeaconStanding::Given => "given",
                BeaconStanding::Named => "named",
            },
            time: judged.time.to_string(),
            kind: named.kind.as_str(),
            source: &named.source,
            digest: &named.digest,
        }),
    }
}
