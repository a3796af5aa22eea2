//! The imprints of every time-stamp in the CMS files, containers and PDFs of the corpus `../shared/corpus` match what they are said to
//! be over, unless [`EXCEPTIONS`] says why not; an exception that is not needed fails too.

#![allow(clippy::print_stdout, reason = "what was skipped and what was read is worth seeing")]
#![allow(clippy::disallowed_methods, reason = "the corpus is a folder of files")]

mod corpus_files;

use corpus::files;
use corpus_files::{pdf_contents, unarmoured, zip_entries};
use crypto::{Digest, Provider, PureProvider};
use std::collections::BTreeMap;
use types::Budget;
use undersign_cms::{
    Content, Covered, ImprintCheck, ImprintError, SignedData, SignerInfo, TimestampPlace, TimestampResponse,
    TimestampToken,
};

/// File, the time-stamp in it, and why its imprint does not match.
const EXCEPTIONS: &[(&str, &str)] = &[
    (
        "dss-cades/006/Signature-C-X-1.p7m CadesC 0",
        "no statement that it matches is expected; none of the readings does",
    ),
    (
        "dss-cades/015/cades-dss1956.p7m ArchiveV3 1",
        "its ats-hash-index is malformed; that the archive level is not reached is expected",
    ),
    ("itext/067/docWithBrokenTimestamp.pdf Signature 0", "broken on purpose, as its name says"),
    (
        "pyhanko-diff/140/4418d5c72098db4993bb878efe54aec6.pdf content 0",
        "a content-time-stamp over something else; the signature is expected not to pass",
    ),
];

#[derive(Default)]
struct Tally {
    /// Kind and outcome.
    outcomes: BTreeMap<String, usize>,
    failed: BTreeMap<String, String>,
}

/// Every time-stamp of a signer.
fn places(signer: &SignerInfo<'_>) -> Vec<(String, TimestampPlace, Vec<u8>)> {
    let signed = signer.signed_attributes.iter().flat_map(|signed| &signed.content_timestamps);
    let signed = signed.enumerate().map(|(index, token)| {
        (format!("content {index}"), TimestampPlace::Content(index), token.bytes.to_vec())
    });
    let unsigned = signer.unsigned_attributes.timestamps.iter().enumerate().map(|(index, timestamp)| {
        (
            format!("{:?} {index}", timestamp.kind),
            TimestampPlace::Unsigned(index),
            timestamp.token.bytes.to_vec(),
        )
    });
    signed.chain(unsigned).collect()
}

fn check_signer(name: &str, signed_data: &SignedData<'_>, signer: &SignerInfo<'_>, tally: &mut Tally) {
    // Detached content is not in the corpus; the digest that the signer vouches for stands in for it.
    let message_digest = signer.signed_attributes.as_ref().and_then(|signed| signed.message_digest.as_ref());
    let digests: Vec<Digest> = match (message_digest, &signer.digest_algorithm) {
        (Some(value), Ok(algorithm)) => vec![Digest { algorithm: *algorithm, value: value.to_vec() }],
        _ => Vec::new(),
    };
    let check =
        ImprintCheck { signed_data, signer, content: Content::Digests(&digests), provider: &PureProvider };
    for (what, place, token) in places(signer) {
        let mut budget = Budget::default();
        let token = TimestampToken::parse(&token, &mut budget).expect("the token is readable");
        let kind = what.split(' ').next().unwrap_or_default();
        let outcome = match check.check(place, &token, &mut budget) {
            Ok(imprint) => {
                let unmatched = imprint.covered().unmatched;
                check_cover(kind, signer, imprint.covered());
                format!("{kind} {:?} {unmatched:?}", imprint.reading())
            }
            Err(ImprintError::ContentNeeded(needed)) => {
                let asked = check.content_needed(&mut budget).expect("within the budget");
                assert!(asked.contains(&needed), "{name} {what}: {needed:?} was not asked for");
                format!("{kind} needs the content")
            }
            Err(error) => {
                tally.failed.insert(format!("{name} {what}"), error.to_string());
                format!("{kind} failed")
            }
        };
        *tally.outcomes.entry(outcome).or_default() += 1;
    }
    for countersignature in signer.countersignatures(&mut Budget::default()).expect("readable") {
        check_signer(&format!("{name} countersignature"), signed_data, &countersignature.signer, tally);
    }
}

/// What each kind must cover at least.
fn check_cover(kind: &str, signer: &SignerInfo<'_>, covered: &Covered) {
    assert_eq!(covered.content, kind.starts_with("Archive") || kind == "content");
    assert_eq!(covered.signature, !matches!(kind, "content" | "CertificatesAndCrls"));
    for index in &covered.timestamps {
        assert!(signer.unsigned_attributes.timestamps.get(*index).is_some());
    }
}

#[test]
fn every_imprint_of_the_corpus_matches() {
    let Some(corpus) = corpus::folder() else { return };
    let mut tally = Tally::default();
    let extensions = ["pdf", "p7m", "p7s", "pkcs7", "sig", "asice", "asics", "sce", "scs"];
    for path in files(&corpus, &extensions) {
        let name = path.strip_prefix(&corpus).map(|name| name.to_string_lossy().replace('\\', "/"));
        let name = name.unwrap_or_default();
        let bytes = std::fs::read(&path).expect("the corpus is readable");
        let all = if name.to_ascii_lowercase().ends_with("pdf") {
            pdf_contents(&bytes)
        } else if bytes.starts_with(b"PK") {
            let signatures = zip_entries(&bytes).into_iter().filter(|(name, _)| name.ends_with(".p7s"));
            signatures.map(|(_, bytes)| bytes).collect()
        } else {
            vec![unarmoured(bytes)]
        };
        for bytes in all {
            let Ok(signed_data) = SignedData::parse(&bytes, &mut Budget::default()) else { continue };
            for signer in &signed_data.signers {
                check_signer(&name, &signed_data, signer, &mut tally);
            }
        }
    }
    println!("{:#?}", tally.outcomes);
    let total: usize = tally.outcomes.values().sum();
    assert!(total > 250, "only {total} time-stamps");
    for (name, reason) in EXCEPTIONS {
        assert!(tally.failed.remove(*name).is_some(), "{name} matches although listed: {reason}");
    }
    assert!(tally.failed.is_empty(), "{:#?}", tally.failed);
}

/// The corpus gives the message of these responses.
#[test]
fn responses_are_over_their_message() {
    let Some(corpus) = corpus::folder() else { return };
    let mut matching = 0;
    for path in files(&corpus.join("rfc3161"), &["tsr"]) {
        let bytes = std::fs::read(&path).expect("the corpus is readable");
        let response = TimestampResponse::parse(&bytes, &mut Budget::default()).expect("readable");
        let token = response.token.expect("granted");
        let token = TimestampToken::parse(token.bytes, &mut Budget::default()).expect("readable");
        let algorithm = token.info.imprint.algorithm.clone().expect("known");
        assert!(token.findings.is_empty(), "{}: {:?}", path.display(), token.findings);
        assert!(!token.info.imprint.matches(&PureProvider.digest(algorithm, b"hullo")));
        matching += usize::from(token.info.imprint.matches(&PureProvider.digest(algorithm, b"hello")));
    }
    // The message of the fifth is a file that is not in the corpus.
    assert_eq!(matching, 4);
}
