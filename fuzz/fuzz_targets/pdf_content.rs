//! Content streams operator by operator, on arbitrary bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use types::{Budget, Limits, Resource};

fuzz_target!(|data: &[u8]| {
    let mut budget = Budget::new(Limits::STANDARD.with(Resource::Steps, 1_000_000));
    if let Ok(operations) = pdf::content::operations(data, &mut budget) {
        assert!(operations.len() <= data.len());
    }
});
