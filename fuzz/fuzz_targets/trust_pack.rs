//! Any bytes as the manifest of a trust pack, as its content, and as the signed file around it: no panic; a manifest that
//! is read is written with the same bytes, and none of its names leads out of a folder.
#![no_main]

use libfuzzer_sys::fuzz_target;
use types::Time;
use undersign::pack::{Known, PackContent, PackRecord, check_content, judge_lists, open};

fuzz_target!(|data: &[u8]| {
    if let Ok(record) = PackRecord::from_json(data) {
        assert_eq!(record.to_json(), data);
        assert!(record.contents.iter().all(|content| !content.name.contains('/') && content.name != ".."));
        assert_eq!(record.clone().finished(), Ok(record));
    }
    for kind in ["anchor", "crl", "ocsp", "trusted-list", "algorithms"] {
        let content = PackContent {
            issued: "2026-01-01T00:00:00Z".into(),
            kind: kind.into(),
            length: data.len() as u64,
            name: "a".into(),
            next_update: None,
            sha256: crypto::PROVIDER.digest(crypto::DigestAlgorithm::Sha256, data).hex(),
        };
        let _ = check_content(&content, data);
    }
    let _ = judge_lists(&[("a".into(), data.to_vec())], &[], Time::from_unix(1_795_000_000));
    let _ = open(data, Known::Anybody, Time::from_unix(1_795_000_000));
});
