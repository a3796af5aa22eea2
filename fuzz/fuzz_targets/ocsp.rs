//! Any bytes as an OCSP response: no panic, and what is read once is read the same again.
#![no_main]

use crypto::PROVIDER;
use libfuzzer_sys::fuzz_target;
use pkix::OcspResponse;
use revocation::{AtHand, ocsp_facts};
use types::{Budget, Limits, Resource};

fn budget() -> Budget {
    Budget::new(Limits::STANDARD.with(Resource::Steps, 100_000).with(Resource::SignatureChecks, 20))
}

fuzz_target!(|data: &[u8]| {
    let Ok(response) = OcspResponse::from_der(data, &mut budget()) else { return };
    let _ = format!("{response:?}");
    let Some(basic) = response.basic else { return };
    let bare = OcspResponse::from_der(basic.der(), &mut budget()).map(|bare| bare.basic);
    assert_eq!(bare, Ok(Some(basic.clone())), "an answer without its envelope is the same answer");
    let certificates = basic.certificates().to_vec();
    let at_hand = AtHand::new(&certificates, &[], PROVIDER);
    if let Ok(facts) = ocsp_facts(&basic, &at_hand, PROVIDER, &mut budget()) {
        assert_eq!(facts.responses.len(), basic.responses().len());
        let _ = format!("{facts:?}");
    }
});
