//! Every XML signature in the containers of the corpus `../shared/corpus` holds or fails as its row demands, and most
//! time-stamps are over what this crate says they are; differences are in [`EXCEPTIONS`] with reasons.

#![allow(clippy::print_stdout, reason = "what was skipped and what was read is worth seeing")]
#![allow(clippy::disallowed_methods, reason = "the corpus is a folder of files")]

use asic::{Container, Digests, Form, Resolution};
use corpus::Row;
use crypto::{Digest, DigestAlgorithm, PureProvider};
use std::collections::BTreeMap;
use std::path::Path;
use types::{Budget, Malformed, Severity};
use undersign_xades::{Binding, DetachedData, Document, Outcome, Timestamp, Unresolved, XadesSignature};

/// `path: reason` a line.
const EXCEPTIONS: &str = include_str!("corpus-exceptions.txt");
const LIMIT: u64 = 64 << 20;

/// Members of a container as what detached references mean.
struct Members<'c>(Digests<'c>);

impl Members<'_> {
    fn member(&self, uri: &str) -> Result<usize, Unresolved> {
        match self.0.container().resolve(uri) {
            Resolution::Member(member) => Ok(member),
            Resolution::Missing => Err(Unresolved::Missing),
            Resolution::Ambiguous => Err(Unresolved::Ambiguous),
            Resolution::Outside => Err(Unresolved::Outside),
        }
    }
}

impl DetachedData for Members<'_> {
    fn digest(
        &mut self,
        uri: &str,
        algorithm: DigestAlgorithm,
        budget: &mut Budget,
    ) -> Result<Digest, Unresolved> {
        let member = self.member(uri)?;
        self.0.of(member, algorithm, budget).map_err(Unresolved::Unreadable)
    }

    fn stream(
        &mut self,
        uri: &str,
        sink: &mut dyn FnMut(&[u8]),
        budget: &mut Budget,
    ) -> Result<(), Unresolved> {
        let member = self.member(uri)?;
        self.0.container().stream(member, sink, budget).map_err(Unresolved::Unreadable)
    }
}

/// The rows of `expected.csv` about containers.
fn cases(corpus: &Path) -> Vec<Row> {
    let sets = ["dss-asic", "siva-asic", "digidoc4j"];
    let mut rows = corpus::rows(corpus);
    rows.retain(|row| sets.contains(&row.set.as_str()) && !matches!(row.kind.as_str(), "pdf" | "ddoc"));
    rows
}

/// What came out of one container.
#[derive(Default)]
struct Judged {
    signatures: usize,
    bad: Vec<String>,
    /// How time-stamps came out, by kind.
    timestamps: BTreeMap<String, usize>,
    codes: BTreeMap<String, usize>,
}

fn signing_key(signature: &XadesSignature) -> Option<crypto::PublicKey> {
    let read: Vec<pkix::Certificate> =
        signature.certificates.iter().filter_map(|der| pkix::Certificate::from_der(der).ok()).collect();
    let named = signature
        .signed_properties
        .as_ref()
        .and_then(|properties| properties.signing_certificate.as_ref())
        .and_then(|signing| signing.certificates.first());
    let matches = |certificate: &&pkix::Certificate| {
        named.is_none_or(|named| {
            named
                .algorithm
                .as_ref()
                .is_ok_and(|algorithm| certificate.digest(*algorithm, &PureProvider).value == named.digest)
        })
    };
    let found = read.iter().find(matches).or(read.first())?;
    found.public_key().ok().cloned()
}

fn judge_timestamp(timestamp: &Timestamp, members: &mut Members<'_>, judged: &mut Judged) {
    for token in &timestamp.tokens {
        let budget = &mut Budget::default();
        let result = match (cms::TimestampToken::parse(token, budget), &timestamp.imprint) {
            (Err(_), _) => "unreadable token".to_owned(),
            (_, Err(reason)) => format!("not computed: {reason}"),
            (Ok(token), Ok(imprint)) => match token.info.imprint.algorithm {
                Err(_) => "unknown digest".to_owned(),
                Ok(algorithm) => match imprint.digest(algorithm, members, &PureProvider, budget) {
                    Ok(digest) if digest.value == token.info.imprint.value => "matches".to_owned(),
                    Ok(_) => "differs".to_owned(),
                    Err(reason) => format!("not computed: {reason}"),
                },
            },
        };
        *judged.timestamps.entry(format!("{:?} {result}", timestamp.kind)).or_default() += 1;
    }
}

fn judge(signature: &XadesSignature, members: &mut Members<'_>, judged: &mut Judged) {
    let mut bad = |what: String| judged.bad.push(what);
    for reference in signature
        .references
        .iter()
        .flat_map(|reference| std::iter::once(reference).chain(&reference.manifest))
    {
        match &reference.outcome {
            Outcome::Match => {}
            Outcome::Mismatch(_) => bad(format!("reference to {:?} differs", reference.target)),
            Outcome::NotComputed(reason) => bad(format!("reference {:?}: {reason}", reference.uri)),
        }
    }
    // LibreOffice leaves the type out; what is referenced is the same.
    if !matches!(signature.binding, Binding::Bound | Binding::WrongType) {
        bad(format!("signed properties: {:?}", signature.binding));
    }
    match signing_key(signature) {
        None => bad("no key".into()),
        Some(key) => {
            if let Err(error) = signature.check_signature(&key, &PureProvider) {
                bad(format!("signature value: {error} ({:?})", signature.signature_method));
            }
        }
    }
    for finding in &signature.findings {
        *judged.codes.entry(finding.code.to_string()).or_default() += 1;
        if finding.severity == Severity::Error {
            judged.bad.push(finding.code.to_string());
        }
    }
    let content = signature.signed_properties.iter().flat_map(|properties| &properties.content_timestamps);
    for timestamp in content.chain(&signature.unsigned_properties.timestamps) {
        judge_timestamp(timestamp, members, judged);
    }
    for name in &signature.unsigned_properties.unknown {
        *judged.codes.entry(format!("unknown unsigned {name}")).or_default() += 1;
    }
    for countersignature in &signature.unsigned_properties.countersignatures {
        match countersignature {
            Ok(countersignature) => judge(countersignature, members, judged),
            Err(error) => judged.bad.push(format!("countersignature: {error}")),
        }
    }
}

#[allow(clippy::ptr_arg, reason = "a slice is no source by itself")]
fn judge_container(bytes: &Vec<u8>, extension: Option<&str>) -> Result<Option<Judged>, Malformed> {
    let budget = &mut Budget::default();
    let container = Container::open(bytes, extension, budget)?;
    let mut judged = Judged::default();
    let files: Vec<_> = container.signatures.iter().filter(|file| file.form == Form::Xades).collect();
    if files.is_empty() {
        return Ok(None);
    }
    let mut members = Members(Digests::new(&container, &PureProvider));
    for file in files {
        let result = container.read(file.member, LIMIT, budget).and_then(|bytes| {
            let document = Document::parse(&bytes, budget)?;
            document.signatures(&mut members, &PureProvider, budget)
        });
        match result {
            Err(error) => judged.bad.push(error.to_string()),
            Ok(signatures) => {
                for signature in signatures {
                    judged.signatures += 1;
                    match signature {
                        Ok(signature) => judge(&signature, &mut members, &mut judged),
                        Err(error) => judged.bad.push(error.to_string()),
                    }
                }
            }
        }
    }
    if judged.signatures == 0 {
        judged.bad.push("no signature".into());
    }
    Ok(Some(judged))
}

fn contradiction(case: &Row, judged: &Judged) -> Option<String> {
    let demands_good = matches!(case.class.as_str(), "OK" | "VALID" | "TOTAL-PASSED" | "LEVEL");
    let demands_bad = matches!(case.class.as_str(), "BROKEN" | "TOTAL-FAILED:CRYPTO");
    if demands_good && !judged.bad.is_empty() {
        return Some(format!("fails: {:?}", judged.bad));
    }
    if demands_bad && judged.bad.is_empty() {
        return Some("nothing fails".into());
    }
    let number = |fact: &str| {
        let fact = case.expected.split([';', ' ']).find_map(|part| part.strip_prefix(fact))?;
        fact.parse::<usize>().ok()
    };
    let announced = number("n_signatures=").or(number("signaturesCount="));
    if announced.is_some_and(|announced| announced != judged.signatures) {
        return Some(format!("{} signatures instead of {announced:?}", judged.signatures));
    }
    None
}

#[test]
fn every_xml_signature_of_the_corpus_comes_out_as_demanded() {
    let Some(corpus) = corpus::folder() else { return };
    let exceptions = corpus::exceptions(EXCEPTIONS, ": ");
    let (mut containers, mut signatures, mut sound, mut wrong) = (0, 0, 0, Vec::new());
    let (mut timestamps, mut codes) = (BTreeMap::new(), BTreeMap::new());
    let mut listed: Vec<String> = Vec::new();
    for case in cases(&corpus) {
        let Ok(bytes) = std::fs::read(corpus.join(&case.file)) else { continue };
        let extension = Path::new(&case.file).extension().and_then(|extension| extension.to_str());
        let Ok(Some(judged)) = judge_container(&bytes, extension) else { continue };
        containers += 1;
        signatures += judged.signatures;
        sound += usize::from(judged.bad.is_empty());
        for (kind, count) in &judged.timestamps {
            *timestamps.entry(kind.clone()).or_insert(0) += count;
        }
        for (code, count) in &judged.codes {
            *codes.entry(code.clone()).or_insert(0) += count;
        }
        let found = contradiction(&case, &judged);
        match (found, exceptions.get(case.file.as_str())) {
            (Some(what), None) => wrong.push(format!("{} ({}): {what}", case.file, case.class)),
            (Some(_), Some(_)) => listed.push(case.file.clone()),
            (None, _) => {}
        }
    }
    // A file may have several rows, of which one needs the exception.
    for (path, reason) in exceptions.iter().filter(|(path, _)| !listed.iter().any(|one| one == *path)) {
        wrong.push(format!("{path}: agrees although listed: {reason}"));
    }
    println!("{containers} containers with {signatures} XML signatures, {sound} containers sound");
    println!("time-stamps: {timestamps:#?}\nfindings: {codes:#?}");
    assert!(wrong.is_empty(), "{} of {containers}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(containers > 220 && signatures > 240, "{containers} and {signatures}");
    assert!(timestamps.get("Signature matches").copied().unwrap_or_default() > 120, "{timestamps:?}");
}
