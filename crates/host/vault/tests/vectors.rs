//! The public vectors of the vault file (`spec/vectors/vault`): read as they say, and made again octet for octet.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test: it stops when it cannot go on, and reports"
)]

use crypto::{Curve, KeyAlgorithm};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use store::Disk;
use types::Time;
use undersign_vault::*;
use zeroize::Zeroizing;

const NOW: Time = Time::from_unix(1_800_000_000);

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../spec/vectors/vault")
}

/// Gives the salt of the vector when a salt is drawn, else its nonce.
struct Scripted {
    salt: Vec<u8>,
    nonce: Vec<u8>,
}

impl Entropy for Scripted {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), VaultError> {
        bytes.copy_from_slice(if bytes.len() == 32 { &self.salt } else { &self.nonce });
        Ok(())
    }
}

fn octets(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

#[test]
fn every_vector_is_read_as_it_says() {
    let mut read = 0;
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let vector: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let place = tempfile::tempdir().unwrap();
        let vault = place.path().join("v");
        fs::write(&vault, octets(&vector["vault"])).unwrap();
        let passphrase = Passphrase::new(vector["passphrase"].as_str().unwrap().as_bytes()).unwrap();
        let outcome = Vault::open(&Disk::real(), &vault).and_then(|locked| locked.unlock(&passphrase, NOW));
        let name = path.display();
        match (outcome, vector["error"].as_str()) {
            (Ok(vault), None) => confirm(&vault, &vector),
            (Err(VaultError::NotAVault { .. }), Some("not-a-vault")) => {}
            (Err(VaultError::LaterFormat(_)), Some("later-format")) => {}
            (Err(VaultError::KdfOutOfBounds { .. }), Some("kdf-out-of-bounds")) => {}
            (Err(VaultError::WrongPassphrase { .. }), Some("wrong-passphrase")) => {}
            (outcome, expected) => panic!("{name}: {outcome:?}, expected {expected:?}"),
        }
        read += 1;
    }
    assert!(read >= 8, "only {read} vectors");
}

/// The identities are those of the vector, and the same file comes out of making it again from its parts.
fn confirm(vault: &UnlockedVault, vector: &Value) {
    let expected = vector["identities"].as_array().unwrap();
    assert_eq!(vault.identities().len(), expected.len());
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("again");
    let rebuild = &vector["rebuild"];
    let mut entropy = Scripted { salt: octets(&rebuild["salt"]), nonce: octets(&rebuild["nonce"]) };
    let kdf =
        Kdf::new(number(&rebuild["memory"]), number(&rebuild["passes"]), number(&rebuild["lanes"])).unwrap();
    let passphrase = Passphrase::new(vector["passphrase"].as_str().unwrap().as_bytes()).unwrap();
    let mut again = Vault::create(&Disk::real(), &path, &passphrase, kdf, &mut entropy).unwrap();
    for ((identity, expected), key) in
        vault.identities().iter().zip(expected).zip(vector["keys"].as_array().unwrap())
    {
        assert_eq!(identity.id(), expected["id"].as_str().unwrap());
        assert_eq!(identity.label(), expected["label"].as_str().unwrap());
        assert_eq!(identity.purpose().as_str(), expected["purpose"].as_str().unwrap());
        assert_eq!(identity.created().unix(), expected["created"].as_i64().unwrap());
        assert_eq!(identity.chain().len() as u64, number(&expected["certificates"]));
        let key = PrivateKey::from_pkcs8(Zeroizing::new(octets(key))).unwrap();
        again.add(identity.clone(), &key, &mut entropy).unwrap();
    }
    assert_eq!(hex::encode(fs::read(&path).unwrap()), vector["vault"].as_str().unwrap());
}

/// Writes the vectors anew, with new keys. To be run by hand when the format gets a new version.
#[test]
#[ignore = "writes files of the repository"]
fn write_the_vectors() {
    fs::create_dir_all(folder()).unwrap();
    let pair = |label: &str, kind, certificate: Option<Vec<u8>>| {
        let (key, pkcs8) = readable_key(kind);
        let chain = certificate.into_iter().collect();
        let identity = Identity::new(label, Purpose::Signing, NOW, key.public().clone(), chain).unwrap();
        (identity, pkcs8)
    };
    let (p256, with_certificate) = self_signed();
    let ed25519 = pair("second, awaiting its certificate", KeyAlgorithm::Ed25519, None);
    let one = pair("one", KeyAlgorithm::Ec(Curve::P384), None);
    let empty = sound("empty", "An empty vault", "correct horse", Kdf::LEAST, &[]);
    let two = [(p256, with_certificate), ed25519];
    let two =
        sound("two-identities", "Two identities, one with a certificate", "correct horse", Kdf::LEAST, &two);
    sound(
        "standard-costs",
        "The standard costs; the passphrase is not ASCII",
        "pässwörd ☃",
        Kdf::STANDARD,
        &[one],
    );
    broken("wrong-passphrase", "Another passphrase", "wrong horse", two.clone(), "wrong-passphrase");
    let altered = |from: &[u8], to: &[u8]| {
        let at = two.windows(from.len()).position(|window| window == from).unwrap();
        [&two[..at], to, &two[at + from.len()..]].concat()
    };
    let relabelled = altered(b"second", b"SECOND");
    broken(
        "altered-label",
        "A label in the open was altered",
        "correct horse",
        relabelled,
        "wrong-passphrase",
    );
    let cut = empty[..empty.len() - 1].to_vec();
    broken("cut", "The last octet of the tag is missing", "correct horse", cut, "wrong-passphrase");
    let later = altered(b"@v1", b"@v2");
    broken("later-format", "A format with another number", "correct horse", later, "later-format");
    let costly = altered(&[0x19, 0x04, 0x00, 0x01, 0x01], &[0x1a, 0x7f, 0xff, 0xff, 0xff, 0x01, 0x01]);
    broken("endless-work", "2 TiB of memory are asked for", "correct horse", costly, "kdf-out-of-bounds");
    let long_head = altered(&[0x19, 0x04, 0x00, 0x01, 0x01], &[0x1a, 0, 0, 0x04, 0x00, 0x01, 0x01]);
    broken("long-head", "A CBOR head is longer than needed", "correct horse", long_head, "not-a-vault");
}

/// A key and its PKCS#8, made outside of the vault, which gives none away.
fn readable_key(kind: KeyAlgorithm) -> (PrivateKey, Vec<u8>) {
    let algorithm = match kind {
        KeyAlgorithm::Ed25519 => vec!["ED25519"],
        KeyAlgorithm::Ec(Curve::P384) => vec!["EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
        _ => vec!["EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    };
    let place = tempfile::tempdir().unwrap();
    let pem = place.path().join("key.pem");
    let openssl = |arguments: &[&str]| {
        let made = std::process::Command::new("openssl").args(arguments).output().unwrap();
        assert!(made.status.success());
        made.stdout
    };
    let pem = pem.to_str().unwrap();
    openssl(&[&["genpkey", "-out", pem, "-algorithm"], &algorithm[..]].concat());
    let pkcs8 = openssl(&["pkcs8", "-topk8", "-nocrypt", "-outform", "DER", "-in", pem]);
    (PrivateKey::from_pkcs8(Zeroizing::new(pkcs8.clone())).unwrap(), pkcs8)
}

fn self_signed() -> (Identity, Vec<u8>) {
    let (key, pkcs8) = readable_key(KeyAlgorithm::Ec(Curve::P256));
    let algorithm = SoftwareSigner::usual_algorithm(key.public().algorithm);
    let signer = SoftwareSigner::new(&key, algorithm).unwrap();
    let certificate = pkix::SelfSigned {
        subject: pkix::Name::from_attributes(&[(pkix::oid::COMMON_NAME, "Ada Example")]),
        serial: vec![1],
        not_before: NOW,
        not_after: NOW.plus(86_400),
        email: None,
    }
    .sign(&signer, crypto::PROVIDER)
    .unwrap();
    let chain = vec![certificate.der().to_vec()];
    let identity =
        Identity::new("Ada Example", Purpose::Demonstration, NOW, key.public().clone(), chain).unwrap();
    (identity, pkcs8)
}

/// Writes a vector that opens; gives its file.
fn sound(
    name: &str,
    description: &str,
    passphrase: &str,
    kdf: Kdf,
    identities: &[(Identity, Vec<u8>)],
) -> Vec<u8> {
    let mut entropy = Scripted { salt: (0..32).collect(), nonce: (0x80..0x80 + 24).collect() };
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("v");
    let phrase = Passphrase::new(passphrase.as_bytes()).unwrap();
    let mut vault = Vault::create(&Disk::real(), &path, &phrase, kdf, &mut entropy).unwrap();
    for (identity, pkcs8) in identities {
        let key = PrivateKey::from_pkcs8(Zeroizing::new(pkcs8.clone())).unwrap();
        vault.add(identity.clone(), &key, &mut entropy).unwrap();
    }
    let file = fs::read(&path).unwrap();
    let described = |identity: &Identity| {
        json!({
            "id": identity.id(), "label": identity.label(), "purpose": identity.purpose().as_str(),
            "created": identity.created().unix(), "certificates": identity.chain().len(),
        })
    };
    let vector = json!({
        "description": description,
        "passphrase": passphrase,
        "rebuild": {
            "salt": hex::encode(&entropy.salt), "nonce": hex::encode(&entropy.nonce),
            "memory": kdf.memory_kib(), "passes": kdf.passes(), "lanes": kdf.lanes(),
        },
        "identities": identities.iter().map(|(identity, _)| described(identity)).collect::<Vec<_>>(),
        "keys": identities.iter().map(|(_, pkcs8)| hex::encode(pkcs8)).collect::<Vec<_>>(),
        "vault": hex::encode(&file),
    });
    save(name, &vector);
    file
}

fn broken(name: &str, description: &str, passphrase: &str, file: Vec<u8>, error: &str) {
    save(
        name,
        &json!({
            "description": description, "passphrase": passphrase, "error": error, "vault": hex::encode(file),
        }),
    );
}

fn save(name: &str, vector: &Value) {
    let text = serde_json::to_string_pretty(vector).unwrap() + "\n";
    fs::write(folder().join(format!("{name}.json")), text).unwrap();
}
