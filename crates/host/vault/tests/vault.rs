//! The vault from making to signing, wrong passphrases across restarts, and every byte altered.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test: it stops when it cannot go on, and reports"
)]

use crypto::{
    Curve, DigestAlgorithm, KeyAlgorithm, Message, PROVIDER, SignatureAlgorithm, SignatureError, Signer,
};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{Disk, Fault, FaultPlan, Outcome};
use types::Time;
use undersign_vault::*;

const NOW: Time = Time::from_unix(1_800_000_000);

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text.as_bytes()).unwrap()
}

struct Place {
    _folder: tempfile::TempDir,
    vault: PathBuf,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    Place { vault: folder.path().join("vault.undersign"), _folder: folder }
}

fn create(path: &Path) -> UnlockedVault {
    Vault::create(&Disk::real(), path, &passphrase("right"), Kdf::LEAST, &mut SystemEntropy).unwrap()
}

fn open(path: &Path) -> LockedVault {
    Vault::open(&Disk::real(), path).unwrap()
}

fn bare(label: &str, key: &PrivateKey) -> Identity {
    Identity::new(label, Purpose::Signing, NOW, key.public().clone(), Vec::new()).unwrap()
}

#[test]
fn what_is_put_in_comes_out_after_unlocking() {
    let place = place();
    let mut vault = create(&place.vault);
    let keys: Vec<PrivateKey> = [KeyAlgorithm::Ec(Curve::P256), KeyAlgorithm::Ed25519]
        .into_iter()
        .map(|kind| PrivateKey::generate(kind).unwrap())
        .collect();
    let mut ids = Vec::new();
    for (label, key) in ["work", "home"].into_iter().zip(&keys) {
        ids.push(vault.add(bare(label, key), key, &mut SystemEntropy).unwrap());
    }
    drop(vault);
    let locked = open(&place.vault);
    assert_eq!(locked.identities().iter().map(Identity::label).collect::<Vec<_>>(), ["work", "home"]);
    assert_eq!(locked.kdf(), Kdf::LEAST);
    let mut vault = locked.unlock(&passphrase("right"), NOW).unwrap();
    assert_eq!(vault.identities(), locked.identities());
    for (id, key) in ids.iter().zip(&keys) {
        assert_eq!(vault.identity(&id[..6]).unwrap().created(), NOW);
        assert_eq!(vault.signer(id, None).unwrap().public_key(), key.public().spki);
    }
    let again = vault.add(bare("twice", &keys[0]), &keys[0], &mut SystemEntropy);
    assert_eq!(again, Err(VaultError::DuplicateKey(ids[0].clone())));
    let other = vault.add(bare("mixed up", &keys[0]), &keys[1], &mut SystemEntropy);
    assert!(matches!(other, Err(VaultError::KeyMismatch(_))));
    assert_eq!(vault.remove("work", &mut SystemEntropy).unwrap().id(), ids[0]);
    assert!(matches!(vault.signer("work", None), Err(VaultError::UnknownIdentity(_))));
    assert_eq!(open(&place.vault).unlock(&passphrase("right"), NOW).unwrap().identities().len(), 1);
}

#[test]
fn every_kind_of_key_signs_what_the_verifier_confirms() {
    let rsa = |digest| SignatureAlgorithm::RsaPkcs1(digest);
    let pss = |digest: DigestAlgorithm| SignatureAlgorithm::RsaPss {
        digest,
        mgf1_digest: digest,
        salt_len: u32::try_from(digest.output_len()).unwrap(),
    };
    use DigestAlgorithm::*;
    let rsa_all = vec![rsa(Sha256), rsa(Sha384), rsa(Sha512), pss(Sha256), pss(Sha384), pss(Sha512)];
    for (kind, algorithms) in [
        (KeyAlgorithm::Ec(Curve::P256), vec![SignatureAlgorithm::Ecdsa(Sha256)]),
        (KeyAlgorithm::Ec(Curve::P384), vec![SignatureAlgorithm::Ecdsa(Sha384)]),
        (KeyAlgorithm::Ec(Curve::P521), vec![SignatureAlgorithm::Ecdsa(Sha512)]),
        (KeyAlgorithm::Ed25519, vec![SignatureAlgorithm::Ed25519]),
        (KeyAlgorithm::Rsa(2048), rsa_all.clone()),
        (KeyAlgorithm::Rsa(3072), rsa_all),
    ] {
        let key = PrivateKey::generate(kind).unwrap();
        assert_eq!(key.public().algorithm, kind);
        for algorithm in algorithms {
            let signer = SoftwareSigner::new(&key, algorithm.clone()).unwrap();
            let value = signer.sign(b"message").unwrap();
            let verify = |message| PROVIDER.verify(key.public(), &algorithm, Message::Whole(message), &value);
            assert_eq!(verify(b"message"), Ok(()), "{kind} {algorithm}");
            assert_eq!(verify(b"massage"), Err(SignatureError::Mismatch), "{kind} {algorithm}");
        }
    }
}

#[test]
fn an_algorithm_that_does_not_fit_the_key_is_refused() {
    let p256 = PrivateKey::generate(KeyAlgorithm::Ec(Curve::P256)).unwrap();
    for algorithm in [
        SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha512),
        SignatureAlgorithm::Ed25519,
        SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha256),
    ] {
        assert!(matches!(SoftwareSigner::new(&p256, algorithm), Err(KeyError::AlgorithmMismatch(_))));
    }
    assert!(matches!(PrivateKey::generate(KeyAlgorithm::Rsa(1024)), Err(KeyError::Unsupported(_))));
}

#[test]
fn nothing_secret_is_shown_by_debug_or_errors() {
    let place = place();
    let mut vault = create(&place.vault);
    let key = PrivateKey::generate(KeyAlgorithm::Ed25519).unwrap();
    vault.add(bare("me", &key), &key, &mut SystemEntropy).unwrap();
    let signer = vault.signer("me", None).unwrap();
    let error = open(&place.vault).unlock(&passphrase("wr0ng-secret"), NOW).unwrap_err();
    let shown = format!("{key:?} {vault:?} {signer:?} {error:?} {error}");
    assert!(!shown.contains("wr0ng-secret") && !shown.contains("right"));
    assert!(shown.starts_with("PrivateKey(Ed25519, …) UnlockedVault("), "{shown}");
}

#[test]
fn wrong_passphrases_are_counted_and_waits_grow_across_restarts() {
    let place = place();
    create(&place.vault);
    // Each try opens the vault anew, as a new process would.
    let try_at = |text: &str, now: Time| open(&place.vault).unlock(&passphrase(text), now).map(drop);
    let mut now = NOW;
    let expected =
        [(9, 0), (8, 0), (7, 0), (6, 30), (5, 60), (4, 120), (3, 240), (2, 480), (1, 960), (0, 3600)];
    for (tries_left, wait_seconds) in expected {
        assert_eq!(try_at("wrong", now), Err(VaultError::WrongPassphrase { tries_left, wait_seconds }));
        if wait_seconds > 0 {
            let wait = i64::try_from(wait_seconds).unwrap();
            let locked = Err(VaultError::Locked { wait_seconds: 1, until: now.plus(wait) });
            assert_eq!(try_at("right", now.plus(wait - 1)), locked, "not even the right one");
            now = now.plus(wait);
        }
    }
    assert_eq!(try_at("wrong", now), Err(VaultError::WrongPassphrase { tries_left: 0, wait_seconds: 7200 }));
    now = now.plus(7200);
    assert_eq!(try_at("right", now), Ok(()));
    assert_eq!(try_at("wrong", now), Err(VaultError::WrongPassphrase { tries_left: 9, wait_seconds: 0 }));
}

#[test]
fn a_clock_set_back_does_not_shorten_the_wait() {
    let place = place();
    create(&place.vault);
    let try_at = |text: &str, now: Time| open(&place.vault).unlock(&passphrase(text), now).map(drop);
    for _ in 0..4 {
        assert!(matches!(try_at("wrong", NOW), Err(VaultError::WrongPassphrase { .. })));
    }
    assert_eq!(open(&place.vault).wait_seconds(NOW.plus(10)), Ok(20));
    assert_eq!(open(&place.vault).wait_seconds(NOW.plus(30)), Ok(0));
    let back = NOW.plus(-1_000_000);
    assert_eq!(open(&place.vault).wait_seconds(back), Ok(30));
    assert_eq!(try_at("right", back), Err(VaultError::Locked { wait_seconds: 30, until: back.plus(30) }));
    assert_eq!(
        try_at("right", back.plus(29)),
        Err(VaultError::Locked { wait_seconds: 1, until: back.plus(30) })
    );
    assert_eq!(try_at("right", back.plus(30)), Ok(()));
}

#[test]
fn a_record_of_tries_that_makes_no_sense_locks() {
    for nonsense in
        ["", "undersign-attempts@v1\nwrong -1\nlast 0\n", "undersign-attempts@v2\nwrong 0\nlast 0\n"]
    {
        let place = place();
        create(&place.vault);
        fs::write(place.vault.with_extension("undersign.attempts"), nonsense).unwrap();
        let try_at = |now: Time| open(&place.vault).unlock(&passphrase("right"), now).map(drop);
        assert_eq!(try_at(NOW), Err(VaultError::Locked { wait_seconds: 3600, until: NOW.plus(3600) }));
        assert_eq!(try_at(NOW.plus(3600)), Ok(()));
    }
}

#[test]
fn no_passphrase_is_tried_where_tries_cannot_be_recorded() {
    let place = place();
    create(&place.vault);
    fs::create_dir(place.vault.with_extension("undersign.attempts")).unwrap();
    let error = open(&place.vault).unlock(&passphrase("right"), NOW).unwrap_err();
    assert!(matches!(&error, VaultError::Store(error) if error.fault == Fault::Directory), "{error}");
}

#[test]
fn the_passphrase_can_be_changed_and_the_old_one_is_then_wrong() {
    let place = place();
    let mut vault = create(&place.vault);
    let key = PrivateKey::generate(KeyAlgorithm::Ed25519).unwrap();
    vault.add(bare("me", &key), &key, &mut SystemEntropy).unwrap();
    let costs = Kdf::new(2048, 2, 1).unwrap();
    vault.change_passphrase(&passphrase("new"), costs, &mut SystemEntropy).unwrap();
    assert!(matches!(
        open(&place.vault).unlock(&passphrase("right"), NOW),
        Err(VaultError::WrongPassphrase { .. })
    ));
    let vault = open(&place.vault).unlock(&passphrase("new"), NOW).unwrap();
    assert_eq!(open(&place.vault).kdf(), costs);
    vault.signer("me", None).unwrap().sign(b"x").unwrap();
}

#[test]
fn a_vault_changed_by_another_process_is_not_overwritten() {
    let place = place();
    let mut first = create(&place.vault);
    let mut second = open(&place.vault).unlock(&passphrase("right"), NOW).unwrap();
    let keys: Vec<PrivateKey> =
        (0..2).map(|_| PrivateKey::generate(KeyAlgorithm::Ed25519).unwrap()).collect();
    first.add(bare("first", &keys[0]), &keys[0], &mut SystemEntropy).unwrap();
    let late = second.add(bare("second", &keys[1]), &keys[1], &mut SystemEntropy);
    assert_eq!(late, Err(VaultError::ChangedMeanwhile(place.vault.clone())));
    assert!(second.identities().is_empty());
    assert_eq!(open(&place.vault).identities().len(), 1);
}

#[test]
fn creating_never_replaces_a_vault() {
    let place = place();
    create(&place.vault);
    let before = fs::read(&place.vault).unwrap();
    let again = Vault::create(&Disk::real(), &place.vault, &passphrase("x"), Kdf::LEAST, &mut SystemEntropy);
    assert!(matches!(again, Err(VaultError::Store(error)) if error.fault == Fault::Exists));
    assert_eq!(fs::read(&place.vault).unwrap(), before);
}

#[test]
fn every_altered_missing_or_added_byte_is_an_error() {
    let place = place();
    let mut vault = create(&place.vault);
    let key = PrivateKey::generate(KeyAlgorithm::Ed25519).unwrap();
    vault.add(bare("me", &key), &key, &mut SystemEntropy).unwrap();
    let sound = fs::read(&place.vault).unwrap();
    let unlock = |bytes: &[u8]| {
        fs::write(&place.vault, bytes).unwrap();
        let _ = fs::remove_file(place.vault.with_extension("undersign.attempts"));
        Vault::open(&Disk::real(), &place.vault)?.unlock(&passphrase("right"), NOW).map(drop)
    };
    assert_eq!(unlock(&sound), Ok(()));
    for at in 0..sound.len() {
        for mask in [0x01, 0x80] {
            let mut altered = sound.clone();
            altered[at] ^= mask;
            assert!(unlock(&altered).is_err(), "byte {at} altered by {mask:#x}");
        }
        assert!(unlock(&sound[..at]).is_err(), "cut at {at}");
    }
    assert!(unlock(&[&sound[..], b"\0"].concat()).is_err());
    assert_eq!(unlock(&sound), Ok(()));
}

#[test]
fn what_is_no_vault_is_named() {
    let place = place();
    let open = |bytes: &[u8]| {
        fs::write(&place.vault, bytes).unwrap();
        Vault::open(&Disk::real(), &place.vault).unwrap_err()
    };
    assert!(matches!(open(b""), VaultError::NotAVault { .. }));
    assert!(matches!(open(b"%PDF-1.7\n"), VaultError::NotAVault { .. }));
    assert!(matches!(open(b"undersign-vault@v2\n..."), VaultError::LaterFormat(_)));
}

#[cfg(unix)]
#[test]
fn the_files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let place = place();
    create(&place.vault);
    let _ = open(&place.vault).unlock(&passphrase("wrong"), NOW);
    for suffix in ["undersign", "undersign.attempts", "undersign.lock"] {
        let path = place.vault.with_extension(suffix);
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600, "{suffix}");
    }
}

#[test]
fn a_failing_disk_at_any_step_leaves_a_vault_that_opens() {
    const EIO: i32 = 5;
    let key = PrivateKey::generate(KeyAlgorithm::Ed25519).unwrap();
    let counting = Arc::new(FaultPlan::counting());
    let use_it = |disk: &Disk, path: &Path| -> Result<(), VaultError> {
        let mut vault = Vault::open(disk, path)?.unlock(&passphrase("right"), NOW)?;
        let added = vault.add(bare("me", &key), &key, &mut SystemEntropy);
        assert_eq!(added.is_ok(), vault.identities().len() == 1, "memory and disk differ");
        added.map(drop)
    };
    let place = place();
    create(&place.vault);
    use_it(&Disk::with_faults(counting.clone()), &place.vault).unwrap();
    for step in 0..counting.taken() {
        fs::remove_file(&place.vault).unwrap();
        create(&place.vault);
        let plan = Arc::new(FaultPlan::at(step, Outcome::Fail(EIO)));
        let error = use_it(&Disk::with_faults(plan), &place.vault).unwrap_err();
        assert!(
            matches!(&error, VaultError::Store(error) if error.fault == Fault::Device),
            "{step}: {error}"
        );
        open(&place.vault)
            .unlock(&passphrase("right"), NOW)
            .unwrap_or_else(|error| panic!("{step}: {error}"));
    }
}

mod any {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bytes_after_the_magic_are_refused_without_a_panic(bytes: Vec<u8>, start in 0..40usize) {
            let place = place();
            drop(create(&place.vault));
            let sound = fs::read(&place.vault).unwrap();
            fs::write(&place.vault, [&sound[..19 + start], &bytes].concat()).unwrap();
            let _ = Vault::open(&Disk::real(), &place.vault).map(|vault| vault.unlock(&passphrase("right"), NOW));
        }

        #[test]
        fn passphrase_opens_what_it_sealed_and_no_other_does(right in "[^\r\n]{1,30}", wrong in "[^\r\n]{1,30}") {
            let place = place();
            Vault::create(&Disk::real(), &place.vault, &passphrase(&right), Kdf::LEAST, &mut SystemEntropy).unwrap();
            prop_assert!(open(&place.vault).unlock(&passphrase(&right), NOW).is_ok());
            prop_assert_eq!(open(&place.vault).unlock(&passphrase(&wrong), NOW).is_ok(), right == wrong);
        }
    }
}
