//! Importing what OpenSSL makes: PKCS#12 of both ages, PEM and DER keys of every kind, and what does not belong together.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test: it stops when it cannot go on, and reports"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use undersign_vault::*;

/// A folder with keys and certificates: `ca`, and `p256`, `p384`, `p521`, `ed25519`, `rsa` and others issued by it.
fn made() -> Option<&'static Path> {
    static MADE: OnceLock<Option<tempfile::TempDir>> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let openssl = Command::new("openssl").arg("version").stdout(Stdio::null()).status();
        if !openssl.is_ok_and(|status| status.success()) {
            println!("SKIPPED: imports of what OpenSSL makes (there is no openssl)");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        for (name, kind) in [
            ("ca", "EC -pkeyopt ec_paramgen_curve:P-256"),
            ("p256", "EC -pkeyopt ec_paramgen_curve:P-256"),
            ("p384", "EC -pkeyopt ec_paramgen_curve:P-384"),
            ("p521", "EC -pkeyopt ec_paramgen_curve:P-521"),
            ("ed25519", "ED25519"),
            ("rsa", "RSA -pkeyopt rsa_keygen_bits:2048"),
            ("rsapss", "RSA-PSS -pkeyopt rsa_keygen_bits:2048"),
            (
                "rsapss-restricted",
                "RSA-PSS -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_pss_keygen_md:sha384 \
                 -pkeyopt rsa_pss_keygen_mgf1_md:sha384 -pkeyopt rsa_pss_keygen_saltlen:40",
            ),
            ("brainpool", "EC -pkeyopt ec_paramgen_curve:brainpoolP256r1"),
        ] {
            run(at, &format!("genpkey -algorithm {kind} -out {name}.key"));
            let subject = format!("/CN=Tester.{name}");
            if name == "ca" {
                run(at, &format!("req -x509 -new -key ca.key -subj {subject} -days 30 -out ca.pem"));
            } else {
                run(at, &format!("req -new -key {name}.key -subj {subject} -out {name}.csr"));
                let sign = "x509 -req -CA ca.pem -CAkey ca.key -days 30 -CAcreateserial";
                run(at, &format!("{sign} -in {name}.csr -out {name}.pem"));
            }
        }
        Some(folder)
    });
    made.as_ref().map(tempfile::TempDir::path)
}

fn run(folder: &Path, arguments: &str) {
    let output =
        Command::new("openssl").args(arguments.split_whitespace()).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text.as_bytes()).unwrap()
}

fn read(files: &[&Path], phrase: Option<&str>) -> Result<Material, ImportError> {
    let mut material = Material::default();
    for file in files {
        material.read(&fs::read(file).unwrap(), phrase.map(passphrase).as_ref())?;
    }
    Ok(material)
}

/// Exports `name` with `options` to a file of this test's own, and imports it.
fn pkcs12(folder: &Path, name: &str, file: &str, options: &str) -> Result<Imported, ImportError> {
    let export = "pkcs12 -export -passout pass:käse-ß -name Alias -certfile ca.pem";
    run(folder, &format!("{export} -inkey {name}.key -in {name}.pem -out {file} {options}"));
    assert!(
        matches!(read(&[&folder.join(file)], Some("wrong")), Err(ImportError::WrongPassphrase)),
        "{options}"
    );
    assert!(matches!(read(&[&folder.join(file)], None), Err(ImportError::PassphraseNeeded)), "{options}");
    read(&[&folder.join(file)], Some("käse-ß"))?.choose(None)
}

const LEGACY: [&str; 5] = [
    "-legacy",
    "-legacy -certpbe PBE-SHA1-RC2-40 -keypbe PBE-SHA1-3DES -macalg sha1",
    "-legacy -certpbe PBE-SHA1-RC2-128 -keypbe PBE-SHA1-RC2-128 -macalg sha1",
    "-certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-2DES -macalg sha1",
    "-certpbe NONE -keypbe PBE-SHA1-3DES -macalg sha1",
];
const MODERN: [&str; 5] = [
    "",
    "-certpbe AES-128-CBC -keypbe AES-192-CBC -macalg sha384 -iter 10000",
    "-certpbe AES-256-CBC -keypbe AES-256-CBC -macalg sha512",
    "-certpbe DES-EDE3-CBC -keypbe DES-EDE3-CBC -macalg sha224",
    "-nomaciter -noiter",
];

#[test]
fn modern_and_legacy_pkcs12_give_key_chain_and_name() {
    let Some(folder) = made() else { return };
    for (index, options) in MODERN.iter().chain(&LEGACY).enumerate() {
        let imported = pkcs12(folder, "p256", &format!("both{index}.p12"), options).unwrap();
        assert_eq!(imported.label, "Alias", "{options}");
        let subjects: Vec<_> =
            imported.chain.iter().map(|certificate| certificate.subject().common_name().unwrap()).collect();
        assert_eq!(subjects, ["Tester.p256", "Tester.ca"], "{options}");
    }
}

#[test]
fn every_kind_of_key_comes_by_pkcs12_and_signs() {
    let Some(folder) = made() else { return };
    for name in ["p256", "p384", "p521", "ed25519", "rsa", "rsapss", "rsapss-restricted"] {
        let imported = pkcs12(folder, name, &format!("kind-{name}.p12"), "").unwrap();
        let algorithm = SoftwareSigner::usual_for(imported.key.public());
        let signer = SoftwareSigner::new(&imported.key, algorithm.clone()).unwrap();
        let value = crypto::Signer::sign(&signer, b"message").unwrap();
        let key = imported.chain[0].public_key().unwrap();
        let message = crypto::Message::Whole(b"message");
        assert_eq!(crypto::PROVIDER.verify(key, &algorithm, message, &value), Ok(()), "{name}");
    }
}

#[test]
fn a_key_for_pss_signs_by_that_alone_and_as_it_is_restricted() {
    use crypto::DigestAlgorithm::{Sha256, Sha384};
    let Some(folder) = made() else { return };
    let pss = |digest: crypto::DigestAlgorithm| {
        let salt_len = digest.output_len() as u32;
        crypto::SignatureAlgorithm::RsaPss { digest, mgf1_digest: digest, salt_len }
    };
    for (name, digest, other) in [("rsapss", Sha256, Some(Sha384)), ("rsapss-restricted", Sha384, None)] {
        let imported = pkcs12(folder, name, &format!("pss-{name}.p12"), "").unwrap();
        assert_eq!(SoftwareSigner::usual_for(imported.key.public()), pss(digest), "{name}");
        let fits = |algorithm| SoftwareSigner::new(&imported.key, algorithm).is_ok();
        assert!(!fits(crypto::SignatureAlgorithm::RsaPkcs1(digest)), "{name}");
        assert_eq!(fits(pss(other.unwrap_or(Sha256))), other.is_some(), "{name}");
    }
}

#[test]
fn a_key_that_the_vault_does_not_take_is_shown_another_way() {
    let Some(folder) = made() else { return };
    let error = pkcs12(folder, "brainpool", "brainpool.p12", "").unwrap_err();
    let ImportError::Key(error) = error else { panic!("{error}") };
    assert_eq!(error.to_string(), "keys of the kind brainpoolP256r1 are not supported");
    assert!(error.hint().contains("undersign prepare"), "{}", error.hint());
}

#[test]
fn an_empty_passphrase_needs_none() {
    let Some(folder) = made() else { return };
    for (index, options) in ["", "-legacy"].into_iter().enumerate() {
        let file = format!("empty{index}.p12");
        run(
            folder,
            &format!("pkcs12 -export -passout pass: -inkey rsa.key -in rsa.pem -out {file} {options}"),
        );
        let imported = read(&[&folder.join(file)], None).unwrap().choose(None).unwrap();
        assert_eq!(imported.label, "Tester.rsa");
    }
}

#[test]
fn without_a_mac_a_wrong_passphrase_is_still_named() {
    let Some(folder) = made() else { return };
    run(folder, "pkcs12 -export -passout pass:right -nomac -inkey rsa.key -in rsa.pem -out nomac.p12");
    let file = folder.join("nomac.p12");
    for wrong in 0..20 {
        let outcome = read(&[&file], Some(&format!("wrong{wrong}")));
        assert!(matches!(outcome, Err(ImportError::WrongPassphrase)));
    }
    read(&[&file], Some("right")).unwrap().choose(None).unwrap();
}

#[test]
fn pem_and_der_keys_of_every_encoding_meet_their_certificate() {
    let Some(folder) = made() else { return };
    run(folder, "ec -in p256.key -out sec1.pem");
    run(folder, "ec -in p521.key -outform DER -out sec1.der");
    run(folder, "rsa -in rsa.key -traditional -out pkcs1.pem");
    run(folder, "pkcs8 -topk8 -nocrypt -in p384.key -outform DER -out pkcs8.der");
    run(folder, "pkcs8 -topk8 -in rsa.key -passout pass:s3cret -out sealed.pem");
    run(
        folder,
        "pkcs8 -topk8 -in rsa.key -passout pass:s3cret -v1 PBE-SHA1-3DES -outform DER -out sealed.der",
    );
    run(folder, "pkcs8 -topk8 -in rsa.key -passout pass:s3cret -scrypt -out scrypt.pem");
    run(folder, "x509 -in p384.pem -outform DER -out p384.der");
    for (key, certificate) in [
        ("p256.key", "p256.pem"),
        ("ed25519.key", "ed25519.pem"),
        ("sec1.pem", "p256.pem"),
        ("sec1.der", "p521.pem"),
        ("pkcs1.pem", "rsa.pem"),
        ("pkcs8.der", "p384.der"),
        ("sealed.pem", "rsa.pem"),
        ("sealed.der", "rsa.pem"),
        ("scrypt.pem", "rsa.pem"),
    ] {
        let files = [&*folder.join(key), &*folder.join(certificate), &*folder.join("ca.pem")];
        let imported = read(&files, Some("s3cret")).and_then(|material| material.choose(None));
        assert_eq!(imported.unwrap_or_else(|error| panic!("{key}: {error}")).chain.len(), 2, "{key}");
        if key.starts_with("sealed") {
            assert!(matches!(read(&files, None), Err(ImportError::PassphraseNeeded)));
            assert!(matches!(read(&files, Some("wrong")), Err(ImportError::WrongPassphrase)));
        }
    }
    run(folder, "rsa -in rsa.key -traditional -aes128 -passout pass:x -out proc-type.pem");
    let old = read(&[&folder.join("proc-type.pem")], Some("x"));
    assert!(matches!(old, Err(ImportError::Unsupported(what)) if what.contains("traditional")));
}

#[test]
fn a_key_and_another_ones_certificate_are_refused_by_name() {
    let Some(folder) = made() else { return };
    let mixed = read(&[&folder.join("p256.key"), &folder.join("p384.pem")], None).unwrap();
    let error = mixed.choose(None).unwrap_err();
    assert!(error.to_string().contains("Tester.p384"), "{error}");
    let alone = read(&[&folder.join("p256.key")], None).unwrap();
    assert_eq!(alone.choose(None).unwrap_err(), ImportError::NoCertificate);
    let keyless = read(&[&folder.join("p256.pem")], None).unwrap();
    assert_eq!(keyless.choose(None).unwrap_err(), ImportError::NoKey);
}

#[test]
fn of_several_keys_one_is_chosen_by_name_or_they_are_listed() {
    let Some(folder) = made() else { return };
    let files = ["p256.key", "rsa.key", "rsa.pem", "p256.pem"].map(|name| folder.join(name));
    let bundle: Vec<u8> = files.iter().flat_map(|file| fs::read(file).unwrap()).collect();
    let material = || {
        let mut material = Material::default();
        material.read(&bundle, None).unwrap();
        material
    };
    let names = vec!["Tester.p256".to_owned(), "Tester.rsa".to_owned()];
    assert_eq!(material().choose(None).unwrap_err(), ImportError::SeveralKeys(names.clone()));
    assert_eq!(material().choose(Some("Tester.rsa")).unwrap().label, "Tester.rsa");
    assert_eq!(material().choose(Some("1")).unwrap().label, "Tester.p256");
    for wrong in ["0", "3", "nobody"] {
        let error = ImportError::UnknownName(wrong.to_owned(), names.clone());
        assert_eq!(material().choose(Some(wrong)).unwrap_err(), error);
    }
}

#[test]
fn an_altered_or_cut_file_is_an_error_and_never_a_panic() {
    let Some(folder) = made() else { return };
    for (name, options) in [("m.p12", "-iter 1"), ("l.p12", "-legacy -iter 1")] {
        let export = "pkcs12 -export -passout pass:p -inkey p256.key -in p256.pem";
        run(folder, &format!("{export} -out fuzz-{name} {options}"));
        let sound = fs::read(folder.join(format!("fuzz-{name}"))).unwrap();
        let import = |bytes: &[u8]| Material::default().read(bytes, Some(&passphrase("p")));
        assert_eq!(import(&sound), Ok(()));
        for at in 0..sound.len() {
            let mut altered = sound.clone();
            altered[at] ^= 0x11;
            // A few octets carry nothing (NULL parameters, the MAC's own algorithm parameters).
            let _ = import(&altered);
            assert!(import(&sound[..at]).is_err(), "cut at {at}");
        }
    }
}

#[test]
fn costs_that_no_honest_file_asks_for_are_refused() {
    let Some(folder) = made() else { return };
    run(folder, "pkcs8 -topk8 -in p256.key -passout pass:p -iter 100000 -outform DER -out costly.der");
    let mut file = fs::read(folder.join("costly.der")).unwrap();
    let at = file.windows(5).position(|window| window == [2, 3, 1, 0x86, 0xa0]).unwrap();
    file[at + 2..at + 5].copy_from_slice(&[0x7f, 0xff, 0xff]);
    let outcome = Material::default().read(&file, Some(&passphrase("p")));
    assert_eq!(outcome, Err(ImportError::TooCostly));
}

/// The same value with indefinite lengths, and every octet string in pieces of at most 100 octets.
fn in_ber(der: &[u8]) -> Vec<u8> {
    let (mut out, mut rest) = (Vec::new(), der);
    while let [tag, first, ..] = *rest {
        let count = if first < 0x80 { 0 } else { usize::from(first & 0x7f) };
        let length = match count {
            0 => usize::from(first),
            _ => rest[2..2 + count].iter().fold(0, |length, octet| length << 8 | usize::from(*octet)),
        };
        let (whole, after) = rest.split_at(2 + count + length);
        let content = &whole[2 + count..];
        rest = after;
        match tag {
            0x04 if content.len() > 100 => {
                out.extend([0x24, 0x80]);
                for piece in content.chunks(100) {
                    out.extend([0x04, piece.len() as u8]);
                    out.extend(piece);
                }
                out.extend([0, 0]);
            }
            _ if tag & 0x20 != 0 => {
                out.extend([tag, 0x80]);
                out.extend(in_ber(content));
                out.extend([0, 0]);
            }
            _ => out.extend(whole),
        }
    }
    out
}

#[test]
fn indefinite_lengths_and_strings_in_pieces_are_read() {
    let Some(folder) = made() else { return };
    for (file, options) in [("ber-m.p12", ""), ("ber-l.p12", "-legacy")] {
        pkcs12(folder, "p256", file, options).unwrap();
        let ber = in_ber(&fs::read(folder.join(file)).unwrap());
        let mut material = Material::default();
        material.read(&ber, Some(&passphrase("käse-ß"))).unwrap();
        assert_eq!(material.choose(None).unwrap().chain.len(), 2);
    }
}

#[test]
fn an_exported_identity_is_read_by_openssl_and_by_ourselves() {
    let Some(folder) = made() else { return };
    let home = tempfile::tempdir().unwrap();
    let disk = store::Disk::real();
    let path = home.path().join("v");
    let mut vault = Vault::create(&disk, &path, &passphrase("v"), Kdf::LEAST, &mut SystemEntropy).unwrap();
    let imported = pkcs12(folder, "p384", "round.p12", "").unwrap();
    let chain: Vec<Vec<u8>> = imported.chain.iter().map(|certificate| certificate.der().to_vec()).collect();
    let now = types::Time::from_unix(1_800_000_000);
    let public = imported.key.public().clone();
    let identity = Identity::new("Zoë ☃", Purpose::Signing, now, public, chain.clone()).unwrap();
    let id = vault.add(identity, &imported.key, &mut SystemEntropy).unwrap();
    let file = vault.export_pkcs12(&id, &passphrase("käse-ß"), &mut SystemEntropy).unwrap();

    let again = folder.join("exported.p12");
    fs::write(&again, &file).unwrap();
    let material = read(&[&again], Some("käse-ß")).unwrap().choose(None).unwrap();
    assert_eq!((material.label.as_str(), material.key.public()), ("Zoë ☃", imported.key.public()));
    assert!(material.chain == imported.chain);
    assert!(matches!(read(&[&again], Some("wrong")), Err(ImportError::WrongPassphrase)));

    run(folder, "pkcs12 -in exported.p12 -passin pass:käse-ß -nodes -out exported.pem");
    let read_by_openssl = read(&[&folder.join("exported.pem")], None).unwrap().choose(None).unwrap();
    assert_eq!(read_by_openssl.key.public(), imported.key.public());
    assert_eq!(read_by_openssl.chain.len(), 2);
}

mod any_bytes {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn are_imported_or_refused_without_a_panic(bytes: Vec<u8>) {
            let _ = Material::default().read(&bytes, Some(&passphrase("p")));
            let _ = Material::default().read(&[&[0x30, 0x80, 2, 1, 3, 0x30][..], &bytes].concat(), None);
            let _ = Material::default().read(&[&b"-----BEGIN PRIVATE KEY-----\n"[..], &bytes].concat(), None);
        }
    }
}
