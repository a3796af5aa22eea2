//! Any bytes as a certification request: no panic, and what is read once is read the same again.
#![no_main]

use crypto::PROVIDER;
use libfuzzer_sys::fuzz_target;
use pkix::CertificationRequest;
use types::{Budget, Limits, Resource};

fn budget() -> Budget {
    Budget::new(Limits::STANDARD.with(Resource::Steps, 100_000))
}

fuzz_target!(|data: &[u8]| {
    let Ok(request) = CertificationRequest::read(data, &mut budget()) else { return };
    let _ = (request.subject().to_string(), format!("{:?}", request.extensions()), request.to_pem());
    assert_eq!(CertificationRequest::from_der(request.der()).as_ref(), Ok(&request));
    if let Ok(proven) = request.prove(PROVIDER) {
        assert_eq!(proven.request(), &request);
    }
});
