//! A trust pack counts only as its publisher signed it, and only forward.

use crypto::{Curve, DigestAlgorithm, KeyAlgorithm, PROVIDER};
use testkit::authority::{Actor, CrlMade};
use testkit::{Authority, Person};
use undersign::pack::{self, Known, PACK_FORMAT, Pack, PackContent, PackRecord, Step, check_content};
use undersign::pkix::Certificate;
use undersign::{Time, Trust};

const NOW: Time = Time::from_unix(1_795_000_000);

fn sha256(bytes: &[u8]) -> String {
    PROVIDER.digest(DigestAlgorithm::Sha256, bytes).hex()
}

fn publisher(name: &str) -> Person {
    Person::self_signed(name, KeyAlgorithm::Ec(Curve::P256))
}

fn content(kind: &str, name: &str, bytes: &[u8]) -> PackContent {
    PackContent {
        issued: "2026-11-01T00:00:00Z".into(),
        kind: kind.into(),
        length: bytes.len() as u64,
        name: name.into(),
        next_update: None,
        sha256: sha256(bytes),
    }
}

fn record(sequence: u64, publishers: &[&Person]) -> PackRecord {
    PackRecord {
        contents: vec![content("note", "hello.txt", b"hello")],
        format: PACK_FORMAT.into(),
        issued: "2026-11-01T00:00:00Z".into(),
        name: "example".into(),
        publishers: publishers.iter().map(|person| sha256(person.certificate.der())).collect(),
        sequence,
    }
}

fn signed(record: PackRecord, by: &Person) -> Vec<u8> {
    pack::sign(record, &by.certificates(), NOW, &by.signer).expect("it can be signed")
}

fn opened(bytes: &[u8], publishers: &[&Person]) -> Result<Pack, &'static str> {
    let known: Vec<String> = publishers.iter().map(|person| sha256(person.certificate.der())).collect();
    pack::open(bytes, Known::Publishers(&known), NOW).map_err(|refusal| refusal.code)
}

#[test]
fn a_pack_opens_for_who_knows_its_publisher() {
    let ada = publisher("Ada");
    let bytes = signed(record(1, &[&ada]), &ada);
    let pack = opened(&bytes, &[&ada]).expect("it opens");
    assert_eq!(pack.record, record(1, &[&ada]));
    assert_eq!(pack.snapshot, sha256(&pack.record.to_json()));
    assert_eq!(pack.publisher, ada.certificate);
    let unknown = pack::open(&bytes, Known::Anybody, NOW).expect("it can be looked at");
    assert_eq!(unknown.publisher_digest(), sha256(ada.certificate.der()));
}

#[test]
fn a_publisher_with_a_path_of_certificates_is_known_by_the_own_one() {
    let root = Authority::root("Root");
    let ada = root.subordinate("Issuer").person("Ada", KeyAlgorithm::Ec(Curve::P384));
    let bytes = signed(record(1, &[&ada]), &ada);
    assert!(opened(&bytes, &[&ada]).is_ok());
    let issuer = &ada.intermediates[0];
    let known = [sha256(issuer.der()), sha256(root.certificate.der())];
    let refusal = pack::open(&bytes, Known::Publishers(&known), NOW).unwrap_err();
    assert_eq!(refusal.code, "pack.signature", "an issuer of the publisher is no publisher");
}

#[test]
fn others_signatures_are_refused_by_name() {
    let (ada, eve) = (publisher("Ada"), publisher("Eve"));
    let bytes = signed(record(1, &[&eve]), &eve);
    assert_eq!(opened(&bytes, &[&ada]).unwrap_err(), "pack.wrong-publisher");
    let refusal = pack::sign(record(1, &[&ada]), &eve.certificates(), NOW, &eve.signer).unwrap_err();
    assert_eq!(refusal.code, "pack.not-a-publisher");
    // Ada's certificate lies beside Eve's, and Eve signs.
    let both = [eve.certificate.clone(), ada.certificate.clone()];
    let bytes = pack::sign(record(1, &[&eve]), &both, NOW, &eve.signer).expect("it can be signed");
    assert_eq!(opened(&bytes, &[&ada]).unwrap_err(), "pack.signature");
}

#[test]
fn no_changed_byte_passes() {
    let ada = publisher("Ada");
    let bytes = signed(record(3, &[&ada]), &ada);
    for index in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[index] ^= 1;
        if let Ok(pack) = opened(&changed, &[&ada]) {
            // A few bytes are covered by nothing, e.g. in the list of digest algorithms; they change nothing.
            assert_eq!(pack.record, record(3, &[&ada]), "byte {index}");
        }
    }
    for length in 0..bytes.len() {
        assert!(opened(&bytes[..length], &[&ada]).is_err(), "cut at {length}");
    }
    let mut longer = bytes.clone();
    longer.push(0);
    assert_eq!(opened(&longer, &[&ada]).unwrap_err(), "pack.empty");
}

#[test]
fn a_certificate_that_is_no_longer_valid_signs_no_pack() {
    let ada = publisher("Ada");
    let bytes = signed(record(1, &[&ada]), &ada);
    let known = [sha256(ada.certificate.der())];
    let later = Time::from_unix(2_300_000_000);
    let refusal = pack::open(&bytes, Known::Publishers(&known), later).unwrap_err();
    assert_eq!(refusal.code, "pack.signature");
    // What was installed in time goes on to serve.
    assert_eq!(pack::open_again(&bytes).expect("it was made in time").record, record(1, &[&ada]));
}

#[test]
fn packs_go_forward_only() {
    let ada = publisher("Ada");
    let pack = |sequence, name: &str, note: &[u8]| {
        let mut record = record(sequence, &[&ada]);
        record.name = name.into();
        record.contents = vec![content("note", "n", note)];
        opened(&signed(record, &ada), &[&ada]).expect("it opens")
    };
    let there = pack(5, "example", b"a");
    let follow = |new: Pack| new.follow(&there).map_err(|refusal| refusal.code);
    assert_eq!(follow(pack(6, "example", b"a")), Ok(Step::Forward));
    assert_eq!(follow(pack(5, "example", b"a")), Ok(Step::Same));
    assert_eq!(follow(pack(5, "example", b"b")), Err("pack.two-with-one-number"));
    assert_eq!(follow(pack(4, "example", b"a")), Err("pack.roll-back"));
    assert_eq!(follow(pack(6, "other", b"a")), Err("pack.other-name"));
}

#[test]
fn a_manifest_that_is_none_is_refused_although_it_is_signed() {
    let ada = publisher("Ada");
    let mut other = record(1, &[&ada]);
    other.contents.push(content("note", "../../etc/passwd", b"x"));
    let refusal = pack::sign(other, &ada.certificates(), NOW, &ada.signer).unwrap_err();
    assert_eq!(refusal.code, "pack.value");
    let root = Actor::root("Root", "2020-01-01T00:00:00Z", "2040-01-01T00:00:00Z");
    let text = testkit::authority::Cms::sign(&root, b"{\"format\":\"undersign-trust-pack@v1\"}").der();
    let refusal = pack::open(&text, Known::Anybody, NOW).unwrap_err();
    assert!(["pack.signature", "pack.syntax"].contains(&refusal.code), "{refusal}");
    let nothing = pack::open(b"", Known::Anybody, NOW).unwrap_err();
    assert_eq!(nothing.code, "pack.not-cms");
}

#[test]
fn contents_are_what_the_manifest_says() {
    let root = Actor::root("Root", "2020-01-01T00:00:00Z", "2040-01-01T00:00:00Z");
    let crl = CrlMade::new(&root, "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z").sign(&root);
    let code = |named: &PackContent, bytes: &[u8]| {
        check_content(named, bytes).map(drop).map_err(|refusal| refusal.code)
    };
    let named = content("crl", "a.crl", &crl);
    assert_eq!(code(&named, &crl), Ok(()));
    assert_eq!(code(&named, &crl[1..]), Err("pack.wrong-length"));
    let mut changed = crl.clone();
    changed[40] ^= 1;
    assert_eq!(code(&named, &changed), Err("pack.wrong-digest"));
    assert_eq!(code(&content("ocsp", "a", &crl), &crl), Err("pack.wrong-kind"));
    assert_eq!(code(&content("anchor", "a", &crl), &crl), Err("pack.wrong-kind"));
    assert_eq!(code(&content("something", "a", &crl), &crl), Ok(()));
    let (issued, next_update) = pack::describe("crl", &crl).expect("it is a CRL");
    assert_eq!(issued.map(|time| time.to_string()).as_deref(), Some("2026-11-01T00:00:00Z"));
    assert_eq!(next_update.map(|time| time.to_string()).as_deref(), Some("2026-12-01T00:00:00Z"));
}

#[test]
fn contents_serve_a_verification_each_in_its_way() {
    let root = Authority::root("Root");
    let der = root.certificate.der();
    let taken = |kind: &str| {
        let mut trust = Trust::default();
        pack::take(check_content(&content(kind, "a", der), der).expect("it is of its kind"), &mut trust);
        trust
    };
    let is_root = |certificate: &Certificate| *certificate == root.certificate;
    let anchor = taken("anchor");
    assert!(anchor.anchors[0].is(&root.certificate) && anchor.anchors[0].constraints.purposes.is_none());
    let tsa = taken("tsa");
    assert_eq!(tsa.anchors[0].constraints.purposes.as_ref().map(Vec::len), Some(1));
    let certificate = taken("certificate");
    assert!(certificate.anchors.is_empty() && certificate.certificates.iter().all(is_root));
    let catalogue = |issued: &str| {
        let head = format!("format = 'undersign-algorithms@v1'\nid = 'a'\nissued = '{issued}'\n");
        format!("{head}next-update = '2027-01-01'\ndigests = []\nkeys = []\n").into_bytes()
    };
    let mut trust = Trust::default();
    for issued in ["2026-11-02", "2026-11-03", "2026-11-01"] {
        let bytes = catalogue(issued);
        let checked = check_content(&content("algorithms", "a", &bytes), &bytes);
        pack::take(checked.expect("it is of its kind"), &mut trust);
    }
    let newest = trust.algorithms.expect("it was taken");
    assert_eq!(newest.issued.to_string(), "2026-11-03T00:00:00Z");
    let (issued, next_update) = pack::describe("algorithms", &catalogue("2026-11-01")).expect("it is one");
    assert!(issued < Some(newest.issued) && next_update == newest.next_update);
    let other = taken("rules");
    assert!(other.anchors.is_empty() && other.certificates.is_empty());
}

/// Where the vectors of spec/trust-pack.md lie.
fn vectors() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../spec/vectors/trust-pack")
}

/// Makes the vectors anew with UPDATE_VECTORS=1: only when the format is still to be published.
fn update_vectors() {
    let (ada, eve) = (publisher("Ada"), publisher("Eve"));
    let good = signed(record(2, &[&ada]), &ada);
    let mut changed = good.clone();
    let at = changed.windows(7).position(|window| window == b"example").expect("it has a name");
    changed[at] = b'E';
    let unsorted = {
        let mut record = record(2, &[&ada]);
        record.contents.push(content("anchor", "a", b"a"));
        signed_bytes(&record.to_json(), &ada)
    };
    let spaced = signed_bytes(&[&record(2, &[&ada]).to_json()[..], b"\n"].concat(), &ada);
    let files = [
        ("good", good, "ok"),
        ("changed", changed, "pack.signature"),
        ("other-publisher", signed(record(2, &[&eve]), &eve), "pack.wrong-publisher"),
        ("unsorted", unsorted, "pack.not-canonical"),
        ("line-end", spaced, "pack.not-canonical"),
        ("no-manifest", b"{}".to_vec(), "pack.not-cms"),
    ];
    std::fs::create_dir_all(vectors()).expect("the folder can be made");
    let mut listed = Vec::new();
    for (name, bytes, expected) in files {
        std::fs::write(vectors().join(format!("{name}.p7m")), bytes).expect("it can be written");
        listed.push(serde_json::json!({"file": format!("{name}.p7m"), "expected": expected}));
    }
    let all = serde_json::json!({
        "at": NOW.to_string(),
        "publishers": [sha256(ada.certificate.der())],
        "snapshot": sha256(&record(2, &[&ada]).to_json()),
        "vectors": listed,
    });
    let text = serde_json::to_string_pretty(&all).expect("it is JSON") + "\n";
    std::fs::write(vectors().join("vectors.json"), text).expect("it can be written");
}

/// Any bytes in the place of the manifest.
fn signed_bytes(manifest: &[u8], by: &Person) -> Vec<u8> {
    use crypto::Signer;
    use undersign::cms::{Profile, SignedAttributesBuilder, SignedDataBuilder, SignerCertificate};
    let certificate = SignerCertificate::read(by.certificate.der(), PROVIDER).expect("it is one");
    let algorithm = by.signer.algorithm();
    let digest = PROVIDER.digest(DigestAlgorithm::Sha256, manifest);
    let attributes = SignedAttributesBuilder::new(Profile::Cades, &digest, &algorithm, &certificate)
        .and_then(|builder| builder.signing_time(NOW))
        .expect("it can be built")
        .build();
    let value = by.signer.sign(attributes.to_be_signed()).expect("it can sign");
    let builder = SignedDataBuilder::new(&certificate, &algorithm).expect("it can be built");
    builder.encapsulate(manifest).assemble(&attributes, &value).expect("it can be built")
}

#[test]
fn the_vectors_of_the_specification_hold() {
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        update_vectors();
    }
    let text = std::fs::read(vectors().join("vectors.json")).expect("the vectors are there");
    let all: serde_json::Value = serde_json::from_slice(&text).expect("it is JSON");
    let known: Vec<String> = serde_json::from_value(all["publishers"].clone()).expect("digests");
    let at: Time = all["at"].as_str().and_then(|text| text.parse().ok()).expect("a time");
    for vector in all["vectors"].as_array().expect("a list") {
        let name = vector["file"].as_str().expect("a name");
        let bytes = std::fs::read(vectors().join(name)).expect("the vector is there");
        let outcome = match pack::open(&bytes, Known::Publishers(&known), at) {
            Ok(pack) => {
                assert_eq!(all["snapshot"], pack.snapshot);
                "ok"
            }
            Err(refusal) => refusal.code,
        };
        assert_eq!(vector["expected"], outcome, "{name}");
    }
}
