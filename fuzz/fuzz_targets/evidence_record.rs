//! Any bytes as evidence record: no panic, errors of verification only from the budget, and no proof of what is not there.
#![no_main]

use cms::evidence_record::{DataObject, EvidenceRecord};
use crypto::PureProvider;
use libfuzzer_sys::fuzz_target;
use types::{Budget, Cause};

/// No input of the fuzzer is this object or has its digest.
const OBJECT: &[u8] = b"an object that no evidence record was ever made over";

fuzz_target!(|bytes: &[u8]| {
    let mut budget = Budget::default();
    let Ok(record) = EvidenceRecord::parse(bytes, &mut budget) else { return };
    for timestamp in record.timestamps() {
        let place = timestamp.encoded.span.start as usize..timestamp.encoded.span.end as usize;
        assert_eq!(bytes.get(place), Some(timestamp.encoded.bytes));
    }
    match record.verify(&[DataObject::Octets(OBJECT)], &PureProvider, &mut budget) {
        Ok(check) => {
            assert_eq!(check.timestamps.len(), record.timestamps().count());
            assert!(!check.proves(0));
        }
        Err(malformed) => assert!(matches!(malformed.cause, Cause::Budget(_))),
    }
});
