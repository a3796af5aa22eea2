//! Every CMS of the corpus `../shared/corpus` (signatures, tokens, the /Contents of PDFs) is read without a panic, and
//! without an error unless [`EXCEPTIONS`] says why; an exception that is not needed fails too.

#![allow(clippy::print_stdout, reason = "what was skipped and what was read is worth seeing")]
#![allow(clippy::disallowed_methods, reason = "the corpus is a folder of files")]

mod corpus_files;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use corpus::files;
use corpus_files::{pdf_contents, unarmoured};
use crypto::{Message, PublicKey, PureProvider};
use std::collections::BTreeMap;
use std::path::Path;
use types::{Budget, Malformed, Resource};
use undersign_cms::{SignedData, SignerIdentifier, SignerInfo, TimestampResponse, TimestampToken, oid};
use x509_cert::der::{Decode, Encode};

/// File (as folder/name) and why its CMS, or one of them, cannot be read.
const EXCEPTIONS: &[(&str, &str)] = &[(
    "itext/016/spacesBeforeContentsTest01.pdf",
    "a zero byte was cut out of the value, as the name of the file suggests; the identifier of signed data is broken",
)];

/// Counts over all files.
#[derive(Default)]
struct Tally {
    read: usize,
    tokens: usize,
    countersignatures: usize,
    findings: BTreeMap<String, usize>,
    /// How signature values came out against the certificates inside.
    values: BTreeMap<String, usize>,
}

fn read_signed_data(bytes: &[u8], tally: &mut Tally) -> Result<(), Malformed> {
    let mut budget = Budget::default();
    let before = budget.left(Resource::Steps);
    let signed_data = SignedData::parse(bytes, &mut budget)?;
    let spent = before - budget.left(Resource::Steps);
    assert!(spent <= 12 * bytes.len() as u64 + 100, "{spent} steps for {} bytes", bytes.len());
    tally.read += 1;
    for finding in &signed_data.findings {
        *tally.findings.entry(finding.code.clone().into_owned()).or_default() += 1;
    }
    for signer in &signed_data.signers {
        check_value(&signed_data, signer, tally);
        let unsigned = &signer.unsigned_attributes;
        for timestamp in &unsigned.timestamps {
            read_token(timestamp.token.bytes, tally)?;
        }
        for token in signer.signed_attributes.iter().flat_map(|signed| &signed.content_timestamps) {
            read_token(token.bytes, tally)?;
        }
        for countersignature in &unsigned.countersignatures {
            SignerInfo::parse(countersignature.bytes, &mut budget)?;
            tally.countersignatures += 1;
        }
    }
    if signed_data.content.content_type == oid::TST_INFO {
        TimestampToken::parse(bytes, &mut budget)?;
        tally.tokens += 1;
    }
    Ok(())
}

fn read_token(bytes: &[u8], tally: &mut Tally) -> Result<(), Malformed> {
    read_signed_data(bytes, tally)?;
    TimestampToken::parse(bytes, &mut Budget::default()).map(|_| ())
}

/// Checks the signature value with the certificate inside that the signer names, and counts how that came out.
fn check_value(signed_data: &SignedData<'_>, signer: &SignerInfo<'_>, tally: &mut Tally) {
    let content = signed_data.content.content.as_deref().unwrap_or_default();
    let result = match (signer_key(signed_data, signer), &signer.signature_algorithm) {
        (None, _) => "no certificate".into(),
        (_, Err(_)) => "unknown algorithm".into(),
        (Some(_), Ok(_)) if signer.signed_attributes.is_none() && content.is_empty() => "detached".into(),
        (Some(key), Ok(_)) => match signer.check_signature(&key, Message::Whole(content), &PureProvider) {
            Ok(confirmation) => confirmation
                .findings()
                .first()
                .map_or("confirmed".into(), |finding| finding.code.clone().into_owned()),
            Err(error) => format!("{error:?}"),
        },
    };
    *tally.values.entry(result).or_default() += 1;
}

fn signer_key(signed_data: &SignedData<'_>, signer: &SignerInfo<'_>) -> Option<PublicKey> {
    let certificates = signed_data.certificates();
    let mut certificates = certificates.filter_map(|der| x509_cert::Certificate::from_der(der.bytes).ok());
    let certificate = certificates.find(|certificate| {
        let tbs = certificate.tbs_certificate();
        match &signer.signer {
            SignerIdentifier::IssuerAndSerialNumber { issuer, serial } => {
                tbs.serial_number().as_bytes() == *serial
                    && tbs.issuer().to_der().is_ok_and(|der| der == issuer.bytes)
            }
            SignerIdentifier::SubjectKeyIdentifier(_) => signed_data.certificate_choices.len() == 1,
        }
    })?;
    PublicKey::from_spki(&certificate.tbs_certificate().subject_public_key_info().to_der().ok()?).ok()
}

/// All CMS of one file.
fn read_file(path: &Path, tally: &mut Tally) -> Result<(), Malformed> {
    let bytes = std::fs::read(path).expect("the corpus is readable");
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match extension.to_ascii_lowercase().as_str() {
        "pdf" => pdf_contents(&bytes).iter().try_for_each(|contents| read_signed_data(contents, tally)),
        "tsr" => match TimestampResponse::parse(&bytes, &mut Budget::default()) {
            Ok(response) => response.token.map_or(Ok(()), |token| read_token(token.bytes, tally)),
            // Some call a bare token by this name.
            Err(_) => read_token(&bytes, tally),
        },
        "json" => {
            let text = String::from_utf8_lossy(&bytes).replace("\\n", "").replace("\\u003d", "=");
            for part in text.split("\"signedTimestamp\"").skip(1) {
                let value = part.split('"').nth(1).unwrap_or_default();
                let response = BASE64.decode(value).unwrap_or_default();
                let response = TimestampResponse::parse(&response, &mut Budget::default())?;
                response.token.map_or(Ok(()), |token| read_token(token.bytes, tally))?;
            }
            Ok(())
        }
        _ => read_signed_data(&unarmoured(bytes), tally),
    }
}

#[test]
fn every_cms_of_the_corpus_is_read() {
    let Some(corpus) = corpus::folder() else { return };
    let mut tally = Tally::default();
    let mut failed: BTreeMap<String, String> = BTreeMap::new();
    for path in files(&corpus, &["pdf", "p7m", "p7s", "pkcs7", "sig", "tst", "tsr", "json"]) {
        let name = path.strip_prefix(&corpus).map(|name| name.to_string_lossy().replace('\\', "/"));
        let name = name.unwrap_or_default();
        if let Err(malformed) = read_file(&path, &mut tally) {
            failed.insert(name, malformed.to_string());
        }
    }
    println!("{} read, {} tokens, {} countersignatures", tally.read, tally.tokens, tally.countersignatures);
    println!("findings: {:#?}\nvalues: {:#?}", tally.findings, tally.values);
    assert!(tally.read > 500, "only {} read", tally.read);
    let values = |result: &str| tally.values.get(result).copied().unwrap_or_default();
    assert!(values("confirmed") > 900);
    // Two files whose time was changed after signing.
    assert_eq!(values("Mismatch"), 2);
    for (name, reason) in EXCEPTIONS {
        assert!(failed.remove(*name).is_some(), "{name} is read although listed: {reason}");
    }
    assert!(failed.is_empty(), "{failed:#?}");
}
