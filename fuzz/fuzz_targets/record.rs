//! Any bytes as a signing record and as a journal of the clock: no panic; what is read and written again says the same,
//! and every judgement on a journal makes a record that can be read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use records::{ReadRecord, SigningRecord, clock_entries};
use types::Time;
use signing::clock;

fuzz_target!(|data: &[u8]| {
    if let Ok(read) = ReadRecord::from_json(data) {
        let again = ReadRecord::from_json(&read.record.to_json()).expect("what was written is read");
        assert_eq!(again.record, read.record);
        assert!(again.unknown.is_empty() && again.faults.is_empty());
        if read.unknown.is_empty() && read.faults.is_empty() {
            assert_eq!(read.record.to_json(), data);
        }
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(entries) = clock_entries(text) else { return };
    let Some((now, journal)) = entries.split_last() else { return };
    let section = clock::judge(journal, now, 60, Some(Time::from_unix(1_795_000_000)));
    let record = SigningRecord { beacon: None, clock: Some(section) };
    let read = ReadRecord::from_json(&record.to_json()).expect("what was judged is written");
    assert_eq!((read.record, read.faults.len()), (record, 0));
    assert!(clock::remember(journal, now.clone()).len() <= entries.len());
});
