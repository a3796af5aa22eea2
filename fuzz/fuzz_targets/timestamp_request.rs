//! Any bytes as a time-stamp request: no panic, and what is read once is read the same from what is written.
#![no_main]

use cms::TimestampRequest;
use libfuzzer_sys::fuzz_target;
use types::{Budget, Limits, Resource};

fn budget() -> Budget {
    Budget::new(Limits::STANDARD.with(Resource::Steps, 10_000))
}

fuzz_target!(|data: &[u8]| {
    let Ok(request) = TimestampRequest::parse(data, &mut budget()) else { return };
    let _ = format!("{request:?}");
    let again = TimestampRequest::parse(&request.to_der(), &mut budget()).map(|mut again| {
        again.extensions = request.extensions.clone();
        again
    });
    assert_eq!(again, Ok(request));
});
