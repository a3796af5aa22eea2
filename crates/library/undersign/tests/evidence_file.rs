//! Evidence files: the verdict from the file is the verdict from the document, at any time and by any policy; what is
//! written and read is written alike again; nothing else is read.

#![allow(clippy::disallowed_methods, reason = "the corpus is a folder of files")]

use crypto::{Curve, DigestAlgorithm, KeyAlgorithm, PROVIDER, Signer};
use evidence::Evidence;
use evidence::frozen::{self, Collected, Frozen, FrozenError};
use std::path::{Path, PathBuf};
use testkit::{Authority, Person, Style, document};
use types::{Budget, Limits, Time};
use undersign::signing::SigningRequest;
use undersign::validation::{BUILT_IN, Policy, validate};
use undersign::{Input, Trust, pkix::TrustAnchor};

const NOW: Time = Time::from_unix(1_795_000_000);

fn collected() -> Collected {
    Collected { by: "undersign test".into(), at: NOW, file: "a \"document\".pdf".into() }
}

fn write(evidence: &Evidence) -> String {
    frozen::write(evidence, &collected(), PROVIDER)
}

fn read(text: &str) -> Result<Frozen, FrozenError> {
    frozen::read(text.as_bytes(), PROVIDER, &mut Budget::default())
}

fn verified(document: &[u8], trust: &Trust) -> Option<Evidence> {
    undersign::collect(&Input::new(&document.to_vec()), trust, Limits::STANDARD).ok()
}

/// Ends of the names of files that may be signed.
const EXTENSIONS: [&str; 14] =
    ["pdf", "p7s", "p7m", "tst", "tsr", "asice", "sce", "asics", "scs", "bdoc", "edoc", "adoc", "zip", "xml"];

fn policies() -> Vec<Policy> {
    BUILT_IN.iter().map(|(name, _)| Policy::built_in(name).expect("it is built in")).collect()
}

/// What is wrong with the file of this evidence, and its length.
fn compare(live: &Evidence, policies: &[Policy], times: &[Time]) -> (Option<String>, usize) {
    let text = write(live);
    let replayed = match read(&text) {
        Ok(frozen) => frozen,
        Err(error) => return (Some(format!("cannot be read back: {error}")), text.len()),
    };
    if replayed.collected != collected() {
        return (Some("another collector".into()), text.len());
    }
    if write(&replayed.evidence) != text {
        return (Some("written otherwise again".into()), text.len());
    }
    for policy in policies {
        for at in times {
            if validate(live, policy, *at) != validate(&replayed.evidence, policy, *at) {
                return (Some(format!("another verdict at {at}")), text.len());
            }
        }
    }
    (None, text.len())
}

fn sign(document: &[u8], person: &Person, name: &str) -> Vec<u8> {
    let mut request = SigningRequest::new(person.certificates(), person.signer.algorithm(), [7; 32]);
    request.signature.field = undersign::pdf::signature::FieldChoice::New { name: Some(name.into()) };
    let mut file = document.to_vec();
    let signed =
        undersign::sign(&file, None, &request, &person.signer, Limits::STANDARD).expect("it is signed");
    file.extend(&signed.tail);
    file
}

/// A document with two signatures, one of them by somebody whom an authority certified.
fn sample() -> Evidence {
    let root = Authority::root("Example Root");
    let ada = root.subordinate("Example Issuing CA").person("Ada Example", KeyAlgorithm::Ec(Curve::P256));
    let ben = Person::self_signed("Ben Example", KeyAlgorithm::Ed25519);
    let file = sign(&sign(&document(Style::Table, 1, 10), &ada, "One"), &ben, "Two");
    let anchors = [root.certificate, ben.certificate].map(TrustAnchor::from_certificate).to_vec();
    verified(&file, &Trust { anchors, ..Trust::default() }).expect("it is a PDF")
}

/// The digest made right again after a change, so that what lies behind it is tested.
fn resealed(text: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(text).expect("it is JSON");
    let content = serde_json::to_string(&value["evidence"]).expect("it is JSON");
    let digest = PROVIDER.digest(DigestAlgorithm::Sha256, content.as_bytes()).hex();
    format!("{{\"evidence\":{content},\"format\":{},\"sha256\":\"{digest}\"}}\n", value["format"])
}

#[test]
fn the_corpus_gives_the_same_verdicts_from_evidence_files() {
    let Some(corpus) = corpus::folder() else { return };
    let signed_files = corpus::files(&corpus, &EXTENSIONS);
    let mut trust = Trust::default();
    for root in corpus::files(&corpus.join("anchors"), &["crt"]) {
        let bytes = std::fs::read(root).expect("it can be read");
        let read = undersign::pkix::read_certificates(&bytes, &mut Budget::default());
        trust.anchors.extend(read.into_iter().flatten().map(TrustAnchor::from_certificate));
    }
    let times: Vec<Time> = ["2015-06-01", "2020-11-02", "2026-11-25", "2060-01-01"]
        .map(|day| day.parse().expect("a day"))
        .to_vec();
    let policies = policies();
    let (mut compared, mut signed, mut tokens, mut longest, mut wrong) = (0, 0, 0, 0, Vec::new());
    for path in &signed_files {
        let bytes = std::fs::read(path).expect("it can be read");
        let extension = path.extension().and_then(|extension| extension.to_str());
        let input = Input { extension, ..Input::new(&bytes) };
        let Ok(evidence) = undersign::collect(&input, &trust, Limits::STANDARD) else { continue };
        compared += 1;
        tokens += evidence.tokens.len();
        signed += evidence.signatures.len();
        let (fault, len) = compare(&evidence, &policies, &times);
        longest = longest.max(len);
        wrong.extend(fault.map(|fault| format!("{}: {fault}", path.display())));
    }
    println!(
        "{compared} files with {signed} signatures and {tokens} timestamps, longest evidence file {longest} bytes"
    );
    assert!(compared >= 500, "the corpus was not read");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn documents_signed_here_give_the_same_verdicts_from_evidence_files() {
    let people = ["Ada", "Ben"].map(|name| Person::self_signed(name, KeyAlgorithm::Ec(Curve::P256)));
    let anchors = people.iter().map(|one| TrustAnchor::from_certificate(one.certificate.clone())).collect();
    let trust = Trust { anchors, ..Trust::default() };
    let times = [Time::from_unix(0), NOW, Time::from_unix(4_000_000_000)];
    for style in [Style::Table, Style::Stream] {
        let once = sign(&document(style, 2, 100), &people[0], "One");
        let twice = sign(&once, &people[1], "Two");
        let mut altered = twice.clone();
        altered[200] ^= 1;
        let longer = [&twice[..], b"\n% more\n"].concat();
        for file in [document(style, 1, 0), once, twice, altered, longer] {
            let Some(evidence) = verified(&file, &trust) else { continue };
            assert_eq!(compare(&evidence, &policies(), &times).0, None, "{style:?}");
        }
    }
    assert_eq!(compare(&sample(), &policies(), &times).0, None);
}

#[test]
fn members_stand_in_the_order_of_their_names() {
    fn check(value: &serde_json::Value) {
        match value {
            serde_json::Value::Object(members) => {
                let names: Vec<&String> = members.keys().collect();
                assert!(names.is_sorted(), "{names:?}");
                members.values().for_each(check);
            }
            serde_json::Value::Array(items) => items.iter().for_each(check),
            serde_json::Value::Number(number) => assert!(number.is_i64() || number.is_u64()),
            _ => {}
        }
    }
    let text = write(&sample());
    check(&serde_json::from_str(&text).expect("it is JSON"));
    assert_eq!(resealed(&text), text, "the digest is over the compact JSON of the evidence");
}

#[test]
fn no_part_of_a_file_is_read_as_a_whole() {
    let text = write(&sample());
    for len in 0..text.len() - 1 {
        assert!(read(&text[..len]).is_err(), "{len}");
    }
    assert!(read(&format!("{text}x")).is_err());
}

#[test]
fn every_changed_byte_is_noticed() {
    let text = write(&sample());
    let bytes = text.as_bytes();
    for at in 0..bytes.len() - 1 {
        let mut changed = bytes.to_vec();
        changed[at] ^= 1 << (at % 7);
        let other = frozen::read(&changed, PROVIDER, &mut Budget::default())
            .is_ok_and(|frozen| write(&frozen.evidence) != text || frozen.collected != collected());
        assert!(!other, "byte {at}");
    }
}

/// A file after a replacement, with a right digest.
fn changed(text: &str, from: &str, to: &str) -> Result<Frozen, FrozenError> {
    assert!(text.contains(from), "{from} is not in the file");
    read(&resealed(&text.replacen(from, to, 1)))
}

#[test]
fn contradictions_are_told_with_their_place() {
    let text = write(&sample());
    let value: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    let certificate = value["evidence"]["certificates"][0].as_str().expect("there is one");
    for (from, to, place) in [
        ("\"document\":{", "\"document\":{\"more\":1,", "evidence.document.more"),
        (
            "\"signer\":{\"certificate\":",
            "\"signer\":{\"certificate\":9",
            "evidence.signatures[0].signed.is.signer",
        ),
        ("[{\"constraints\"", "[{\"constraints\":null,\"x\"", "evidence.anchors[0].constraints"),
        ("\"value\":\"matches\"", "\"value\":\"right\"", "evidence.signatures[0].signed.is.value"),
        ("\"signature\":0", "\"signature\":7", "evidence.held[0].origins[0]"),
        (certificate, "MAA=", "evidence.certificates[0]"),
        ("undersign-evidence@v1", "undersign-evidence@v2", "format"),
        (
            "\"judgement\":{\"permitted\":\"form-filling\"}",
            "\"judgement\":\"none\"",
            "evidence.signatures[0].later.judgement",
        ),
        (
            "\"judgement\":\"none\"",
            "\"judgement\":{\"suspicious\":[]}",
            "evidence.signatures[1].later.judgement",
        ),
        ("\"revisions\":[[0,1]]", "\"revisions\":[[0,9]]", "evidence.signatures[0].later.revisions[0]"),
        ("\"revisions\":[[0,1]]", "\"revisions\":[[0,1],[0,1]]", "evidence.signatures[0].later.revisions"),
        ("\"kind\":\"signature\"", "\"kind\":{\"countersignature-of\":2}", "evidence.signatures[0].kind"),
        ("\"verified\"],[", "\"verified\"],[0,9,\"verified\"],[", "evidence.links"),
        ("\"rule\":\"", "\"rule\":\"un", "evidence.revisions[0].objects[0].rule"),
    ] {
        let error = changed(&text, from, to).expect_err(from);
        assert!(error.path().starts_with(place), "{from} → {to}: {error}");
    }
}

#[test]
fn what_is_written_otherwise_is_refused() {
    let text = write(&sample());
    let value: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    // Spaces alone change nothing.
    assert!(read(&serde_json::to_string_pretty(&value).expect("it is JSON")).is_ok());
    let mut twice = value.clone();
    let list = twice["evidence"]["certificates"].as_array_mut().expect("a list");
    list.push(list[0].clone());
    assert!(read(&resealed(&twice.to_string())).is_err_and(|error| error.reason().contains("twice")));
    let mut unused = value.clone();
    let other = Person::self_signed("Cleo", KeyAlgorithm::Ed25519);
    let der = other.certificate.to_pem().lines().filter(|line| !line.starts_with('-')).collect::<String>();
    unused["evidence"]["certificates"].as_array_mut().expect("a list").push(der.into());
    let error = read(&resealed(&unused.to_string())).expect_err("nothing names it");
    assert!(error.path().starts_with("evidence.certificates["), "{error}");
    let doubled = text.replacen("\"format\":", "\"format\":\"undersign-evidence@v1\",\"format\":", 1);
    assert!(read(&doubled).is_err());
}

#[test]
fn limits_hold() {
    let text = write(&sample());
    let tight = |resource| Budget::new(Limits::STANDARD.with(resource, 1));
    for resource in
        [types::Resource::DecodedBytes, types::Resource::Certificates, types::Resource::Signatures]
    {
        assert!(frozen::read(text.as_bytes(), PROVIDER, &mut tight(resource)).is_err(), "{resource:?}");
    }
    let deep = format!("{{\"evidence\":{}", "[".repeat(1_000_000));
    assert!(read(&deep).is_err());
    let long = " ".repeat(usize::try_from(frozen::MOST_BYTES).expect("it fits") + 1);
    assert!(read(&long).is_err());
}

/// Where the vectors of spec/evidence.md lie.
fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../spec/vectors/evidence")
}

/// Files that must be refused, made from a good one: name, what is replaced, by what, where the fault lies.
const REFUSED: [(&str, &str, &str, &str); 7] = [
    ("later-format", "undersign-evidence@v1", "undersign-evidence@v2", "format"),
    ("unknown-member", "\"document\":{", "\"document\":{\"more\":1,", "evidence.document.more"),
    (
        "names-nothing",
        "\"signer\":{\"certificate\":",
        "\"signer\":{\"certificate\":9",
        "evidence.signatures[0].signed.is.signer.certificate",
    ),
    (
        "unchanged-yet-changed",
        "\"judgement\":{\"permitted\":\"form-filling\"}",
        "\"judgement\":\"none\"",
        "evidence.signatures[0].later.judgement",
    ),
    (
        "suspicious-without-reason",
        "\"judgement\":\"none\"",
        "\"judgement\":{\"suspicious\":[]}",
        "evidence.signatures[1].later.judgement",
    ),
    (
        "confirmed-without-algorithm",
        "\"signatureAlgorithm\":{\"is\":\"ecdsa:sha-256\"}",
        "\"signatureAlgorithm\":{\"not\":\"unknown\"}",
        "evidence.signatures[0].signed.is.value",
    ),
    ("named-by-nobody", "\"revisions\":[[0,1]]", "\"revisions\":[]", "evidence.revisions[0]"),
];

/// Makes the vectors anew with UPDATE_VECTORS=1: only when the format is still to be published.
fn update_vectors() {
    let write = |name: &str, content: &str| {
        std::fs::write(vectors().join(name), content).expect("the vectors can be written");
    };
    std::fs::create_dir_all(vectors()).expect("the folder can be made");
    let text = write_pretty(&sample());
    write("two-signatures.evidence.json", &text);
    let mut listed =
        vec![serde_json::json!({"file": "two-signatures.evidence.json", "verdicts": verdicts(&text)})];
    let compact = crate::write(&sample_of(&text));
    for (name, from, to, place) in REFUSED {
        assert!(compact.contains(from), "{name}");
        let file = format!("{name}.evidence.json");
        write(&file, &resealed(&compact.replacen(from, to, 1)));
        listed.push(serde_json::json!({"file": file, "refusedAt": place}));
    }
    write("damaged.evidence.json", &compact.replacen("\"field\":\"One\"", "\"field\":\"Oen\"", 1));
    listed.push(serde_json::json!({"file": "damaged.evidence.json", "refusedAt": "sha256"}));
    write("cut.evidence.json", &compact[..compact.len() / 2]);
    listed.push(serde_json::json!({"file": "cut.evidence.json", "refusedAt": ""}));
    write("vectors.json", &(serde_json::to_string_pretty(&listed).expect("it is JSON") + "\n"));
}

fn write_pretty(evidence: &Evidence) -> String {
    let value: serde_json::Value = serde_json::from_str(&write(evidence)).expect("it is JSON");
    serde_json::to_string_pretty(&value).expect("it is JSON") + "\n"
}

fn sample_of(text: &str) -> Evidence {
    read(text).expect("it was just written").evidence
}

/// Indication and sub-indication of each signature, by policy and time.
fn verdicts(text: &str) -> Vec<serde_json::Value> {
    let evidence = sample_of(text);
    let mut rows = Vec::new();
    for (name, _) in BUILT_IN {
        for at in ["2026-11-25T00:00:00Z", "2100-01-01T00:00:00Z"] {
            let policy = Policy::built_in(name).expect("it is built in");
            let verdict = validate(&evidence, &policy, at.parse().expect("a time"));
            let words: Vec<String> = verdict
                .signatures
                .iter()
                .map(|one| {
                    let sub = one.sub_indication.map(|sub| format!("/{}", sub.as_str())).unwrap_or_default();
                    format!("{}{sub}", one.indication.as_str())
                })
                .collect();
            rows.push(serde_json::json!({"policy": name, "at": at, "indications": words}));
        }
    }
    rows
}

#[test]
fn the_vectors_of_the_specification_hold() {
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        update_vectors();
    }
    let list = std::fs::read_to_string(vectors().join("vectors.json")).expect("there is a list");
    let list: Vec<serde_json::Value> = serde_json::from_str(&list).expect("it is a list");
    assert!(list.len() > REFUSED.len());
    for vector in list {
        let file = vector["file"].as_str().expect("each names a file");
        let text = std::fs::read_to_string(vectors().join(file)).expect("the file is there");
        match vector["refusedAt"].as_str() {
            Some(place) => {
                let error = read(&text).expect_err(file);
                assert_eq!(error.path(), place, "{file}: {error}");
            }
            None => assert_eq!(vector["verdicts"], serde_json::Value::from(verdicts(&text)), "{file}"),
        }
    }
}
