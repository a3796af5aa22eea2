//! Any bytes as an OCSP request: no panic, and an answer to it can be read and is about what was asked.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pkix::OcspRequest;
use types::{Budget, Limits, Resource};

fn budget() -> Budget {
    Budget::new(Limits::STANDARD.with(Resource::Steps, 10_000))
}

fuzz_target!(|data: &[u8]| {
    let Ok(request) = OcspRequest::from_der(data, &mut budget()) else { return };
    let _ = format!("{request:?}");
    assert_eq!(request.der(), data);
    assert!(!request.requests().is_empty());
    let ids: Vec<_> = request.requests().iter().map(|one| one.cert_id.clone()).collect();
    let Ok(again) = OcspRequest::new(&ids, None) else { return };
    let asked: Vec<_> = again.requests().iter().map(|one| one.cert_id.clone()).collect();
    assert_eq!(asked, ids);
});
