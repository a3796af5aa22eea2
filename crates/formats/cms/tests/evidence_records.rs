//! The evidence records in the CMS files and containers of the corpus `../shared/corpus` hold, unless [`EXCEPTIONS`] says
//! why not; an exception that is not needed fails too.

#![allow(clippy::print_stdout, reason = "what was skipped and what was read is worth seeing")]
#![allow(clippy::disallowed_methods, reason = "the corpus is a folder of files")]

mod corpus_files;

use corpus::files;
use corpus_files::{unarmoured, zip_entries};
use crypto::{Digest, PureProvider};
use std::collections::BTreeMap;
use types::Budget;
use undersign_cms::SignedData;
use undersign_cms::evidence_record::{
    ArchiveTimestampError, DataObject, EvidenceRecord, EvidenceRecordCheck,
};

/// Record, what became of it, and why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        "dss-asic/032/er-asn1-incorrect-hash.asice!META-INF/evidencerecord.ers",
        "AlgorithmsDiffer",
        "the tree of the second archive time-stamp names another digest algorithm than its token",
    ),
    (
        "dss-cades/043/C-E-ERS_renewed_hashtree_invalid.p7m 0.0",
        "NotCovered",
        "the renewed hash tree is broken, as the name of the file says",
    ),
    (
        "siva-asic/021/evidencerecordErsMixedWithTST.asics!META-INF/evidencerecord.ers",
        "ITU-T X.690",
        "it is no ASN.1",
    ),
];

/// Evidence records that are of the kind for detached content although the content is inside.
const EXTERNAL_WITH_CONTENT: [&str; 2] =
    ["dss-cades/038/C-B-B-wrong-er-attribute.p7m 0.0", "dss-cades/041/C-E-ERS-two-er-mixed.p7m 0.1"];

/// What became of each archive time-stamp: which data objects it covers, or why it does not hold.
fn outcome(check: &EvidenceRecordCheck<'_>) -> String {
    let each = check.timestamps.iter().map(|timestamp| match &timestamp.proof {
        Ok(proof) => format!("holds for {:?}+{} {:?}", proof.leaves(), proof.others(), proof.reading()),
        Err(ArchiveTimestampError::Differs(_)) => "differs".into(),
        Err(other) => format!("{other:?}"),
    });
    let codes: Vec<&str> = check.findings.iter().map(|finding| &*finding.code).collect();
    format!("{} {codes:?}", each.collect::<Vec<String>>().join("; "))
}

fn check_cms(name: &str, bytes: &[u8], outcomes: &mut BTreeMap<String, String>) {
    let Ok(signed_data) = SignedData::parse(bytes, &mut Budget::default()) else { return };
    for (at, signer) in signed_data.signers.iter().enumerate() {
        for (index, embedded) in signer.evidence_records().iter().enumerate() {
            let message_digest =
                signer.signed_attributes.as_ref().and_then(|signed| signed.message_digest.as_ref());
            let digests: Vec<Digest> = match (message_digest, &signer.digest_algorithm) {
                (Some(value), Ok(algorithm)) => {
                    vec![Digest { algorithm: *algorithm, value: value.to_vec() }]
                }
                _ => Vec::new(),
            };
            let content = match &signed_data.content.content {
                None => Some(DataObject::Digests(&digests)),
                Some(_) => None,
            };
            let mut budget = Budget::default();
            let found = embedded.verify(&signed_data, signer, content, &PureProvider, &mut budget);
            let found = match found {
                Ok((check, protected)) => {
                    let protected = protected.map(|p| format!("{:?} {:?}", p.omission, p.encoding));
                    format!("{:?} {protected:?}: {}", embedded.kind, outcome(&check))
                }
                Err(malformed) => malformed.to_string(),
            };
            outcomes.insert(format!("{name} {at}.{index}"), found);
        }
    }
}

fn check_container(name: &str, bytes: &[u8], outcomes: &mut BTreeMap<String, String>) {
    let entries = zip_entries(bytes);
    for (entry, bytes) in &entries {
        if entry.ends_with(".p7s") {
            check_cms(&format!("{name}!{entry}"), bytes, outcomes);
        }
        if !entry.ends_with(".ers") {
            continue;
        }
        let mut budget = Budget::default();
        let found = match EvidenceRecord::parse(bytes, &mut budget) {
            Ok(record) => {
                let objects: Vec<DataObject<'_>> =
                    entries.iter().map(|(_, bytes)| DataObject::Octets(bytes)).collect();
                let check = record.verify(&objects, &PureProvider, &mut budget).expect("within the budget");
                format!("of {}: {}", objects.len(), outcome(&check))
            }
            Err(malformed) => malformed.to_string(),
        };
        outcomes.insert(format!("{name}!{entry}"), found);
    }
}

#[test]
fn every_evidence_record_of_the_corpus_holds_as_expected() {
    let Some(corpus) = corpus::folder() else { return };
    let mut outcomes = BTreeMap::new();
    let containers = ["asice", "asics", "sce", "scs"];
    for path in files(&corpus, &["p7m", "p7s", "pkcs7", "sig", "asice", "asics", "sce", "scs"]) {
        let name = path.strip_prefix(&corpus).map(|name| name.to_string_lossy().replace('\\', "/"));
        let name = name.unwrap_or_default();
        let bytes = std::fs::read(&path).expect("the corpus is readable");
        if containers.iter().any(|extension| name.ends_with(extension)) {
            check_container(&name, &bytes, &mut outcomes);
        } else {
            check_cms(&name, &unarmoured(bytes), &mut outcomes);
        }
    }
    println!("{} evidence records", outcomes.len());
    assert!(outcomes.len() >= 29, "only {} evidence records", outcomes.len());
    for (name, expected, reason) in EXCEPTIONS {
        let found = outcomes.remove(*name).unwrap_or_default();
        assert!(found.contains(expected), "{name}: {found} although listed: {reason}");
    }
    for (name, found) in outcomes {
        let parts = found.split(": ").nth(1).unwrap_or_default().split("; ");
        assert!(
            parts.clone().all(|part| part.starts_with("holds for [") && !part.contains("[]+")),
            "{name}: {found}"
        );
        let external = found.contains("er.embedded.kind");
        assert_eq!(external, EXTERNAL_WITH_CONTENT.contains(&name.as_str()), "{name}: {found}");
    }
}
