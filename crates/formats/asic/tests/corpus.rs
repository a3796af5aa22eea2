//! Every ASiC container of the corpus `../shared/corpus` opens or is refused as its row demands, its manifests agree with
//! its members, and its CAdES signatures and tokens hold or fail as told; differences are in [`EXCEPTIONS`] with reasons.

#![allow(clippy::print_stdout, reason = "what was skipped and what was read is worth seeing")]
#![allow(clippy::disallowed_methods, reason = "the corpus is a folder of files")]

use cms::{MessageDigest, SignedData, SignerIdentifier, SignerInfo, TimestampToken};
use corpus::Row;
use crypto::{Message, PublicKey, PureProvider};
use std::collections::BTreeMap;
use std::path::Path;
use types::{Budget, Severity};
use undersign_asic::{Container, Content, Digests, Form, Kind, Outcome};

/// `path: reason` a line.
const EXCEPTIONS: &str = include_str!("corpus-exceptions.txt");
const LIMIT: u64 = 256 << 20;

/// The rows of `expected.csv` about containers.
fn cases(corpus: &Path) -> Vec<Row> {
    let sets = ["dss-asic", "siva-asic", "digidoc4j"];
    let mut rows = corpus::rows(corpus);
    rows.retain(|row| sets.contains(&row.set.as_str()) && !matches!(row.kind.as_str(), "pdf" | "ddoc"));
    rows
}

/// What came out of one container.
#[derive(Default)]
struct Result_ {
    /// Why it is refused: an error, or findings of severity error.
    refused: Vec<String>,
    /// CAdES signatures that hold.
    good: usize,
    /// What fails in signatures and tokens.
    bad: Vec<String>,
    xades: usize,
    cades: usize,
    tokens: usize,
}

fn key_of(signed_data: &SignedData<'_>, signer: &SignerInfo<'_>) -> Option<PublicKey> {
    let certificates: Vec<pkix::Certificate> =
        signed_data.certificates().filter_map(|der| pkix::Certificate::from_der(der.bytes).ok()).collect();
    let found = certificates.iter().find(|certificate| match &signer.signer {
        SignerIdentifier::IssuerAndSerialNumber { issuer, serial } => {
            certificate.serial() == *serial && certificate.issuer().der() == issuer.bytes
        }
        SignerIdentifier::SubjectKeyIdentifier(_) => certificates.len() == 1,
    })?;
    found.public_key().ok().cloned()
}

fn check_cms(
    bytes: &[u8],
    content: &dyn Fn(crypto::DigestAlgorithm) -> Option<crypto::Digest>,
) -> Result<(), String> {
    let budget = &mut Budget::default();
    let signed_data = SignedData::parse(bytes, budget).map_err(|error| error.to_string())?;
    for signer in &signed_data.signers {
        let algorithm = signer.digest_algorithm.clone().map_err(|error| error.to_string())?;
        let digest = content(algorithm).ok_or("no content")?;
        let key = key_of(&signed_data, signer).ok_or("no certificate")?;
        let message = if signer.signed_attributes.is_some() {
            match signer.check_message_digest(&digest) {
                MessageDigest::Matches => {}
                other => return Err(format!("message digest: {other:?}")),
            }
            Message::Whole(b"")
        } else {
            Message::Digest(&digest)
        };
        signer.check_signature(&key, message, &PureProvider).map_err(|error| error.to_string())?;
    }
    if signed_data.signers.is_empty() { Err("no signer".into()) } else { Ok(()) }
}

fn examine(container: &Container<'_>, result: &mut Result_) {
    let budget = &mut Budget::default();
    let mut digests = Digests::new(container, &PureProvider);
    let is_error = |finding: &&types::Finding| finding.severity == Severity::Error;
    result.refused.extend(container.findings.iter().filter(is_error).map(|finding| finding.code.to_string()));
    for file in &container.signatures {
        match file.form {
            Form::Xades => result.xades += 1,
            Form::Cades => result.cades += 1,
            Form::TimestampToken => result.tokens += 1,
            Form::EvidenceRecord(_) => {}
        }
        if !matches!(file.form, Form::Cades | Form::TimestampToken) {
            continue;
        }
        let member = match container.content_of(file) {
            Content::Member(member) => member,
            Content::Manifest(index) => {
                let manifest = &container.manifests[index];
                for check in manifest.check(&mut digests, budget) {
                    if check.outcome != Outcome::Match {
                        result.bad.push(format!("{}: reference {:?}", file.name, check.outcome));
                    }
                }
                manifest.member
            }
            other => {
                result.bad.push(format!("{}: {other:?}", file.name));
                continue;
            }
        };
        let bytes = match container.read(file.member, LIMIT, budget) {
            Ok(bytes) => bytes,
            Err(error) => {
                result.bad.push(format!("{}: {error}", file.name));
                continue;
            }
        };
        let digests = std::cell::RefCell::new(&mut digests);
        let digest_of = |algorithm| digests.borrow_mut().of(member, algorithm, &mut Budget::default()).ok();
        let outcome = if file.form == Form::Cades {
            check_cms(&bytes, &digest_of)
        } else {
            check_token(&bytes, &digest_of)
        };
        match outcome {
            Ok(()) => result.good += 1,
            Err(reason) => result.bad.push(format!("{}: {reason}", file.name)),
        }
    }
}

fn check_token(
    bytes: &[u8],
    content: &dyn Fn(crypto::DigestAlgorithm) -> Option<crypto::Digest>,
) -> Result<(), String> {
    let budget = &mut Budget::default();
    let token = TimestampToken::parse(bytes, budget).map_err(|error| error.to_string())?;
    let algorithm = token.info.imprint.algorithm.clone().map_err(|error| error.to_string())?;
    if content(algorithm).ok_or("no content")?.value != token.info.imprint.value {
        return Err("imprint".into());
    }
    let info = token.signed_data.content.content.clone().unwrap_or_default().into_owned();
    check_cms(bytes, &|algorithm| Some(crypto::Provider::digest(&PureProvider, algorithm, &info)))
}

/// Whether what came out contradicts what the row demands, and how.
fn contradiction(case: &Row, result: &Result_) -> Option<String> {
    let demands_good = matches!(case.class.as_str(), "OK" | "VALID" | "TOTAL-PASSED");
    let demands_bad = matches!(case.class.as_str(), "BROKEN" | "TOTAL-FAILED:CRYPTO");
    // Nothing in it can pass if something fails or nothing is signed.
    let signed = result.xades + result.cades + result.tokens > 0;
    if case.class == "REJECT" && result.refused.is_empty() && result.bad.is_empty() && signed {
        return Some("must be refused".into());
    }
    if demands_good && !result.refused.is_empty() {
        return Some(format!("refused: {:?}", result.refused));
    }
    if demands_good && !result.bad.is_empty() {
        return Some(format!("fails: {:?}", result.bad));
    }
    if demands_bad && result.xades == 0 && result.bad.is_empty() && result.refused.is_empty() {
        return Some("nothing fails".into());
    }
    if result.xades == 0 && demands_good {
        let announced = case.fact("n_signatures");
        let wanted = announced.and_then(|number| number.parse::<usize>().ok());
        if wanted.is_some_and(|wanted| wanted != result.cades) {
            return Some(format!("{} signature files instead of {announced:?}", result.cades));
        }
    }
    None
}

#[test]
fn every_container_of_the_corpus_comes_out_as_demanded() {
    let Some(corpus) = corpus::folder() else { return };
    let exceptions = corpus::exceptions(EXCEPTIONS, ": ");
    let (mut opened, mut good, mut kinds, mut wrong) = (0, 0, BTreeMap::new(), Vec::new());
    let mut codes: BTreeMap<String, usize> = BTreeMap::new();
    let mut listed: Vec<&str> = Vec::new();
    let cases = cases(&corpus);
    for case in &cases {
        let Ok(bytes) = std::fs::read(corpus.join(&case.file)) else { continue };
        let extension = Path::new(&case.file).extension().and_then(|extension| extension.to_str());
        let mut result = Result_::default();
        match Container::open(&bytes, extension, &mut Budget::default()) {
            Ok(container) => {
                opened += 1;
                *kinds.entry(format!("{:?}", container.kind)).or_insert(0) += 1;
                container
                    .findings
                    .iter()
                    .for_each(|finding| *codes.entry(finding.code.to_string()).or_default() += 1);
                examine(&container, &mut result);
                if matches!(container.kind, Kind::Other | Kind::OpenDocument) && case.class == "REJECT" {
                    result.refused.push("not an ASiC container".into());
                }
            }
            Err(error) => result.refused.push(error.to_string()),
        }
        good += result.good;
        let contradiction = contradiction(case, &result);
        match (contradiction, exceptions.get(case.file.as_str())) {
            (Some(what), None) => wrong.push(format!("{} ({} {}): {what}", case.file, case.kind, case.class)),
            (Some(_), Some(_)) => listed.push(case.file.as_str()),
            (None, _) => {}
        }
    }
    // A file may have several rows, of which one needs the exception.
    for (path, reason) in exceptions.iter().filter(|(path, _)| !listed.contains(path)) {
        wrong.push(format!("{path}: agrees although listed: {reason}"));
    }
    println!("{} rows, {opened} opened as {kinds:?}, {good} CAdES signatures and tokens hold", cases.len());
    println!("{} exceptions; findings: {codes:#?}", listed.len());
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert!(opened > 280 && good > 100, "{opened} opened, {good} good");
}
