//! Any bytes as a container: no panic, spans inside the file, the same members each time, reading stays within the budget.
#![no_main]

use asic::{Container, Digests, Form, uncovered};
use crypto::{DigestAlgorithm, PureProvider};
use libfuzzer_sys::fuzz_target;
use types::{Budget, Limits, Resource, Span};

fn budget() -> Budget {
    Budget::new(Limits::STANDARD.with(Resource::DecodedBytes, 1 << 20).with(Resource::Steps, 1_000_000))
}

fuzz_target!(|bytes: &[u8]| {
    let bytes = bytes.to_vec();
    let Ok(container) = Container::open(&bytes, Some("asice"), &mut budget()) else { return };
    let whole = Span::new(0, bytes.len() as u64);
    let again = Container::open(&bytes, Some("asice"), &mut budget()).expect("it opened before");
    assert_eq!(again.findings, container.findings);
    let mut digests = Digests::new(&container, &PureProvider);
    let mut left = budget();
    for (index, member) in container.members.iter().enumerate() {
        let entry = &member.entry;
        assert!(
            whole.contains(entry.header) && whole.contains(entry.record) && entry.record.contains(entry.data)
        );
        if let Ok(content) = container.read(index, 1 << 20, &mut left) {
            assert_eq!(content.len() as u64, entry.size);
        }
    }
    for file in &container.signatures {
        let _ = container.content_of(file);
        if file.form == Form::TimestampToken {
            let _ = digests.of(file.member, DigestAlgorithm::Sha256, &mut left);
        }
    }
    for manifest in &container.manifests {
        assert_eq!(manifest.check(&mut digests, &mut left).len(), manifest.references.len());
    }
    let _ = uncovered(&container, &[].into());
});
