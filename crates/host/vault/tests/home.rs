//! A newcomer's home: vault, self-signed identity, certification request, trusted certificates.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use crypto::{Curve, KeyAlgorithm, Message, PROVIDER};
use pkix::Certificate;
use std::fs;
use store::{Added, AnchorKind, Disk, Fault, Home, TrustStore};
use types::Time;
use undersign_vault::*;

const NOW: Time = Time::from_unix(1_800_000_000);

fn newcomer() -> (tempfile::TempDir, Home, UnlockedVault) {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(&Disk::real(), &folder.path().join("home")).unwrap();
    let passphrase = Passphrase::new(b"right").unwrap();
    let vault =
        Vault::create(home.disk(), &home.vault(), &passphrase, Kdf::LEAST, &mut SystemEntropy).unwrap();
    (folder, home, vault)
}

#[test]
fn a_newcomer_gets_a_self_signed_identity_that_verifies_itself() {
    let (_folder, _home, mut vault) = newcomer();
    for (index, key) in [
        KeyAlgorithm::Ec(Curve::P256),
        KeyAlgorithm::Ec(Curve::P384),
        KeyAlgorithm::Ec(Curve::P521),
        KeyAlgorithm::Ed25519,
        KeyAlgorithm::Rsa(2048),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("Zoë Example {index}");
        let personal = Personal {
            email: Some("zoe@example.org"),
            organisation: Some("Example Ltd"),
            country: Some("NL"),
            key,
            ..Personal::new(&name)
        };
        let id = vault.create_personal(&personal, NOW, &mut SystemEntropy).unwrap();
        let identity = vault.identity(&id).unwrap();
        assert_eq!(identity.label(), name);
        let certificate = Certificate::from_der(&identity.chain()[0]).unwrap();
        assert_eq!(certificate.subject().to_string(), certificate.issuer().to_string());
        assert_eq!(certificate.subject().common_name().unwrap(), name);
        assert_eq!(certificate.not_before(), NOW);
        assert!(certificate.irregularities().is_empty(), "{:?}", certificate.irregularities());
        let algorithm = certificate.signed().algorithm().unwrap();
        let message = Message::Whole(certificate.signed().tbs());
        assert_eq!(
            PROVIDER.verify(identity.public(), algorithm, message, certificate.signed().signature()),
            Ok(())
        );
    }
}

#[test]
fn names_that_no_certificate_can_carry_are_refused() {
    let (_folder, _home, mut vault) = newcomer();
    let long = "x".repeat(65);
    for personal in [
        Personal::new(""),
        Personal::new(" \t"),
        Personal::new("a\nb"),
        Personal::new(&long),
        Personal { country: Some("nl"), ..Personal::new("a") },
        Personal { email: Some("nobody"), ..Personal::new("a") },
        Personal { validity_days: 0, ..Personal::new("a") },
        Personal { key: KeyAlgorithm::Rsa(1024), ..Personal::new("a") },
    ] {
        assert!(vault.create_personal(&personal, NOW, &mut SystemEntropy).is_err(), "{personal:?}");
    }
    assert!(vault.identities().is_empty());
}

#[test]
fn a_request_is_sent_and_the_certificate_that_comes_back_replaces_the_first() {
    let (folder, home, mut vault) = newcomer();
    let id = vault.create_personal(&Personal::new("Ada Example"), NOW, &mut SystemEntropy).unwrap();
    let other = vault.create_personal(&Personal::new("Bob Example"), NOW, &mut SystemEntropy).unwrap();
    let request = vault.certification_request(&id, Some("ada@example.org")).unwrap();
    let path = folder.path().join("request.pem");
    fs::write(&path, request.to_pem()).unwrap();
    let openssl = std::process::Command::new("openssl")
        .args(["req", "-verify", "-noout", "-subject", "-in"])
        .arg(&path)
        .output();
    if let Ok(output) = openssl {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stdout).contains("Ada Example"));
    }
    let foreign = vault.identity(&other).unwrap().chain().to_vec();
    let refused = vault.replace_chain(&id, foreign, &mut SystemEntropy).unwrap_err();
    assert!(matches!(&refused, VaultError::KeyMismatch(subject) if subject.contains("Bob Example")));
    let renewed = vault.identity(&id).unwrap().chain().to_vec();
    let longer = [renewed.clone(), renewed.clone()].concat();
    vault.replace_chain(&id, longer, &mut SystemEntropy).unwrap();
    assert_eq!(Vault::open(home.disk(), &home.vault()).unwrap().identity(&id).unwrap().chain().len(), 2);
}

#[test]
fn trusted_certificates_are_added_once_listed_and_removed() {
    let (folder, home, mut vault) = newcomer();
    let trust = TrustStore::of(&home);
    assert!(trust.list().anchors.is_empty());
    assert!(trust.remove("anything").is_err());
    let mut pems = Vec::new();
    for name in ["Ada / Example", "Bob Example"] {
        let id = vault.create_personal(&Personal::new(name), NOW, &mut SystemEntropy).unwrap();
        pems.push(Certificate::from_der(&vault.identity(&id).unwrap().chain()[0]).unwrap().to_pem());
    }
    let file = folder.path().join("both.pem");
    fs::write(&file, pems.concat()).unwrap();
    let added = trust.add(&file).unwrap();
    assert!(matches!(&added[..], [Added::New(ada), Added::New(_)] if ada.kind() == AnchorKind::Pinned));
    assert!(matches!(&trust.add(&file).unwrap()[..], [Added::Known(_), Added::Known(_)]));

    fs::write(home.trust().join("broken.pem"), "nothing").unwrap();
    fs::write(home.trust().join("README"), "not an anchor").unwrap();
    let listed = trust.list();
    assert_eq!((listed.anchors.len(), listed.problems.len()), (2, 1));
    let ada = &listed.anchors[0];
    assert!(ada.path.file_name().unwrap().to_str().unwrap().starts_with("Ada---Example-"));
    assert!(matches!(trust.remove("Carol Example").unwrap_err().fault, Fault::Content(_)));
    assert_eq!(trust.remove(&ada.thumbprint()[..12].to_uppercase()).unwrap().thumbprint(), ada.thumbprint());
    trust.remove("Bob Example").unwrap();
    assert!(trust.list().anchors.is_empty());
    assert_eq!(store::read_anchors(&[file]).anchors.len(), 2);
}
