//! Any bytes as a CRL, walked and judged; every signature is taken as good, so that the fuzzer reaches the rules
//! behind it.
#![no_main]

mod credulous;

use credulous::Credulous;
use libfuzzer_sys::fuzz_target;
use path::Issuer;
use pkix::{Certificate, Crl, Wanted};
use revocation::{AtHand, Sources, Status, crl_facts, judge};
use types::{Budget, Limits, Resource};

fn budget() -> Budget {
    Budget::new(Limits::STANDARD.with(Resource::Steps, 100_000).with(Resource::SignatureChecks, 100))
}

// One octet says how long the certificate before the CRL is, in units of 16 octets; it is its own issuer.
fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let (der, list) = rest.split_at((usize::from(*first) * 16).min(rest.len()));
    let Ok(crl) = Crl::from_der(list) else { return };
    assert_eq!(Crl::from_der(crl.der()).as_ref(), Ok(&crl));
    let _ = format!("{:?} {:?}", crl.extensions(), crl.irregularities());
    let entries = crl.entries().take(1000).filter_map(Result::ok).collect::<Vec<_>>();
    if let Some(entry) = entries.last() {
        let wanted = Wanted { issuer: crl.issuer(), serial: entry.serial() };
        let listing = crl.find(wanted, &mut budget());
        if let (Ok(listing), false) = (listing, crl.is_indirect()) {
            assert!(listing.found.contains_key(&0), "what is listed is found");
        }
    }
    let Ok(certificate) = Certificate::from_der(der) else { return };
    let certificates = [certificate];
    let at_hand = AtHand::new(&certificates, &[], &Credulous);
    let Ok(facts) = crl_facts(&crl, &at_hand, &Credulous, &mut budget()) else { return };
    let issuer = Issuer {
        name: certificates[0].subject(),
        subject_public_key_info: certificates[0].subject_public_key_info(),
        certificate: certificates.first(),
    };
    let crls = [facts];
    let statements = judge(&certificates[0], &issuer, &Sources { crls: &crls, ..Sources::default() });
    for statement in statements {
        let vouched = statement.parts.iter().all(|part| part.authority.is_some());
        assert!(vouched || !matches!(statement.status, Status::Good | Status::Revoked(_)));
    }
});
