//! Any bytes as evidence record: no panic, errors of verification only from the budget, and every
//! proof is about the one object given.
#![no_main]

use cms::evidence_record::{DataObject, EvidenceRecord};
use crypto::PureProvider;
use libfuzzer_sys::fuzz_target;
use types::{Budget, Cause};

const OBJECT: &[u8] = b"object";

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
            assert!(!check.proves(1));
            let proofs = check.timestamps.iter().filter_map(|timestamp| timestamp.proof.as_ref().ok());
            proofs.for_each(|proof| assert_eq!(proof.leaves(), [0]));
        }
        Err(malformed) => assert!(matches!(malformed.cause, Cause::Budget(_))),
    }
});
