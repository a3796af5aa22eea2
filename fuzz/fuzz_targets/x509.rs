//! Reads files of certificates and validates paths over them; every signature is taken as good, so that the fuzzer
//! reaches the rules behind it.
#![no_main]

mod credulous;

use credulous::Credulous;
use libfuzzer_sys::fuzz_target;
use path::{
    PathParameters, Permission, PolicyDemand, Profile, PurposeScope, VerifiedLinks, build_and_validate,
};
use pkix::{Certificate, TrustAnchor, oid, read_certificates};
use types::{Budget, Limits, Resource, Time};

fn budget() -> Budget {
    let limits = Limits::STANDARD
        .with(Resource::PathSteps, 5_000)
        .with(Resource::NameComparisons, 20_000)
        .with(Resource::PolicyNodes, 5_000);
    Budget::new(limits)
}

/// Everything that a report would ask.
fn describe(certificate: &Certificate) {
    let _ = (certificate.subject().to_string(), certificate.issuer().to_string(), certificate.serial_hex());
    let _ = (
        certificate.subject().common_name(),
        certificate.to_pem(),
        format!("{:?}", certificate.extensions()),
    );
    for name in certificate.extensions().subject_alt_name.iter().flatten() {
        let _ = name.to_string();
    }
    for irregularity in certificate.irregularities() {
        let _ = types::Finding::from(irregularity);
    }
    assert_eq!(Certificate::from_der(certificate.der()).as_ref(), Ok(certificate));
}

fuzz_target!(|data: &[u8]| {
    let Ok(certificates) = read_certificates(data, &mut budget()) else { return };
    certificates.iter().for_each(describe);
    let (Some(target), Some(last)) = (certificates.first(), certificates.last()) else { return };
    let at = Time::from_unix(1_600_000_000);
    let strict = PathParameters {
        purposes: &[oid::KP_EMAIL_PROTECTION],
        purpose_scope: PurposeScope::WholePath,
        explicit_policy: PolicyDemand::Required,
        any_policy: Permission::Inhibited,
        profile: Profile::Conformance,
        ..PathParameters::at(at)
    };
    let anchors = [
        TrustAnchor::from_certificate_with_its_constraints(last.clone()),
        TrustAnchor::from_certificate(last.clone()),
    ];
    for parameters in [PathParameters::at(at), PathParameters { wanted_paths: 3, ..strict }] {
        let links = VerifiedLinks::default();
        let run = || {
            build_and_validate(
                target,
                &certificates,
                &anchors,
                &parameters,
                &Credulous,
                &links,
                &mut budget(),
            )
        };
        let outcome = run();
        if let Some(path) = outcome.path() {
            assert!(path.checks().iter().all(|check| check.passed()));
            assert_eq!(path.certificates().first(), Some(target));
        }
        if let Some(failure) = outcome.failure() {
            let _ = (failure.findings(), failure.kind());
        }
        assert_eq!(
            outcome.path().is_some(),
            run().path().is_some(),
            "the outcome is the same with a warm cache"
        );
    }
});
