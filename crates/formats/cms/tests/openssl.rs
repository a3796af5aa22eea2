//! OpenSSL as a peer: it accepts what we build, refuses it when altered, and we read and confirm what it makes.

#![allow(clippy::print_stdout, reason = "what was skipped is worth seeing")]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "another program is driven through files"
)]
#![allow(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

use crypto::{Digest, DigestAlgorithm};
use crypto::{KeyAlgorithm, Message, Provider, PublicKey, PureProvider, SignatureAlgorithm};
use std::path::Path;
use std::process::Command;
use types::{Budget, Time};
use undersign_cms::{
    AttributesToBeSigned, Commitment, Content, Derivation, ImprintCheck, PolicyIdentifier, Profile,
    SignedAttributesBuilder, SignedData, SignedDataBuilder, SignerCertificate, TimestampPlace,
    TimestampToken, content_digest_algorithm, oid,
};
use x509_cert::der::{Decode, Encode};

const CONTENT: &[u8] = b"what is signed";

/// A kind of key, how OpenSSL makes one, and the signature algorithm with the options that make OpenSSL use it.
struct Case {
    name: &'static str,
    generate: &'static [&'static str],
    algorithm: SignatureAlgorithm,
    sign: &'static [&'static str],
}

const RSA: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
const P256: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
const P384: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"];
const P521: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"];
const BRAINPOOL: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:brainpoolP256r1"];
const PSS_SHA256: &[&str] =
    &["-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"];
const PSS_SHA384: &[&str] =
    &["-sha384", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"];

fn cases() -> Vec<Case> {
    use DigestAlgorithm::{Sha3_256, Sha256, Sha384, Sha512};
    use SignatureAlgorithm::{Ecdsa, Ed25519, RsaPkcs1, RsaPss};
    let pss = |digest: DigestAlgorithm| RsaPss {
        digest,
        mgf1_digest: digest,
        salt_len: u32::try_from(digest.output_len()).unwrap_or_default(),
    };
    vec![
        Case { name: "rsa-sha256", generate: RSA, algorithm: RsaPkcs1(Sha256), sign: &["-sha256"] },
        Case { name: "rsa-sha512", generate: RSA, algorithm: RsaPkcs1(Sha512), sign: &["-sha512"] },
        Case { name: "rsa-sha3-256", generate: RSA, algorithm: RsaPkcs1(Sha3_256), sign: &["-sha3-256"] },
        Case { name: "pss-sha256", generate: RSA, algorithm: pss(Sha256), sign: PSS_SHA256 },
        Case { name: "pss-sha384", generate: RSA, algorithm: pss(Sha384), sign: PSS_SHA384 },
        Case { name: "p256", generate: P256, algorithm: Ecdsa(Sha256), sign: &["-sha256"] },
        Case { name: "p256-sha3-256", generate: P256, algorithm: Ecdsa(Sha3_256), sign: &["-sha3-256"] },
        Case { name: "p384", generate: P384, algorithm: Ecdsa(Sha384), sign: &["-sha384"] },
        Case { name: "p521", generate: P521, algorithm: Ecdsa(Sha512), sign: &["-sha512"] },
        Case { name: "brainpool", generate: BRAINPOOL, algorithm: Ecdsa(Sha256), sign: &["-sha256"] },
        Case { name: "ed25519", generate: &["-algorithm", "ED25519"], algorithm: Ed25519, sign: &[] },
    ]
}

/// Runs OpenSSL in a folder: what it wrote to standard output, or why it failed.
fn openssl(folder: &Path, arguments: &[&str]) -> Result<Vec<u8>, String> {
    let output =
        Command::new("openssl").args(arguments).current_dir(folder).output().map_err(|e| e.to_string())?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(format!("openssl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr)))
}

fn have_openssl() -> bool {
    let have = Command::new("openssl").arg("version").output().is_ok_and(|output| output.status.success());
    if !have {
        println!("SKIPPED: openssl is not installed, so nothing was compared with it");
    }
    have
}

/// A folder with a key and a self-signed certificate.
struct Identity {
    folder: tempfile::TempDir,
    certificate: Vec<u8>,
}

impl Identity {
    fn generate(case: &Case) -> Identity {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        std::fs::write(path.join("content"), CONTENT).unwrap();
        let generate = [&["genpkey", "-out", "key.pem"], case.generate].concat();
        openssl(path, &generate).unwrap();
        let request =
            ["req", "-x509", "-key", "key.pem", "-subj", "/CN=Test", "-days", "30", "-out", "c.pem"];
        openssl(path, &request).unwrap();
        openssl(path, &["x509", "-in", "c.pem", "-outform", "DER", "-out", "c.der"]).unwrap();
        let certificate = std::fs::read(path.join("c.der")).unwrap();
        Identity { folder, certificate }
    }

    fn key(&self) -> PublicKey {
        let certificate = x509_cert::Certificate::from_der(&self.certificate).unwrap();
        let spki = certificate.tbs_certificate().subject_public_key_info().to_der().unwrap();
        PublicKey::from_spki(&spki).unwrap()
    }

    /// The part of a key holder: signs the message with OpenSSL.
    fn sign(&self, case: &Case, message: &[u8]) -> Vec<u8> {
        let path = self.folder.path();
        std::fs::write(path.join("message"), message).unwrap();
        let arguments = match case.algorithm {
            SignatureAlgorithm::Ed25519 => {
                vec!["pkeyutl", "-sign", "-inkey", "key.pem", "-rawin", "-in", "message"]
            }
            _ => [&["dgst", "-sign", "key.pem"], case.sign, &["message"]].concat(),
        };
        openssl(path, &arguments).unwrap()
    }

    fn cms_verify(&self, cms: &[u8], content: &[u8]) -> Result<Vec<u8>, String> {
        let path = self.folder.path();
        std::fs::write(path.join("ours.p7s"), cms).unwrap();
        std::fs::write(path.join("given"), content).unwrap();
        let common = ["cms", "-verify", "-binary", "-inform", "DER", "-in", "ours.p7s", "-content", "given"];
        openssl(path, &[&common[..], &["-CAfile", "c.pem", "-purpose", "any", "-cades"]].concat())
    }
}

fn full_attributes(case: &Case, signer: &SignerCertificate) -> AttributesToBeSigned {
    let digest = PureProvider.digest(content_digest_algorithm(&case.algorithm), CONTENT);
    let policy = PolicyIdentifier {
        oid: const_oid::ObjectIdentifier::new_unwrap("1.3.6.1.4.1.99999.1"),
        hash: PureProvider.digest(DigestAlgorithm::Sha256, b"policy"),
        uri: Some("https://policy.example/1".into()),
    };
    SignedAttributesBuilder::new(Profile::Cades, &digest, &case.algorithm, signer)
        .and_then(|builder| builder.signing_time(Time::from_unix(1_790_000_000)))
        .and_then(|builder| builder.commitments(&[Commitment::ProofOfOrigin, Commitment::ProofOfApproval]))
        .and_then(|builder| builder.claimed_roles(&["Captain", "Führer"]))
        .and_then(|builder| builder.signature_policy(&policy))
        .and_then(|builder| builder.content_hints("a text"))
        .and_then(|builder| builder.mime_type("text/plain"))
        .and_then(|builder| builder.algorithm_protection())
        .unwrap()
        .build()
}

#[test]
fn openssl_accepts_what_we_build_and_refuses_it_when_altered() {
    if !have_openssl() {
        return;
    }
    for case in cases() {
        let identity = Identity::generate(&case);
        let signer = SignerCertificate::read(&identity.certificate, &PureProvider).unwrap();
        let attributes = full_attributes(&case, &signer);
        let builder = SignedDataBuilder::new(&signer, &case.algorithm).unwrap();
        let value = identity.sign(&case, attributes.to_be_signed());
        let cms = builder.assemble(&attributes, &value).unwrap();
        let room = builder.max_len(&attributes, identity.key().algorithm, 0);
        assert!((cms.len()..cms.len() + 10).contains(&room), "{}: {} of {room}", case.name, cms.len());
        if matches!(identity.key().algorithm, KeyAlgorithm::Rsa(_) | KeyAlgorithm::Ed25519) {
            assert_eq!(cms.len(), room, "{}", case.name);
        }
        confirm(&case, &identity, &cms);
        match identity.cms_verify(&cms, CONTENT) {
            Ok(_) => {}
            // OpenSSL 3.0 has no EdDSA in CMS.
            Err(error) if case.name == "ed25519" => println!("SKIPPED with this OpenSSL: {error}"),
            Err(error) => panic!("{}: {error}", case.name),
        }
        assert!(identity.cms_verify(&cms, b"something else").is_err(), "{}", case.name);
        let print = ["cms", "-cmsout", "-print", "-noout", "-inform", "DER", "-in", "ours.p7s"];
        openssl(identity.folder.path(), &print).unwrap();
    }
}

/// Our own reading of what we built.
fn confirm(case: &Case, identity: &Identity, cms: &[u8]) {
    let signed_data = SignedData::parse(cms, &mut Budget::default()).unwrap();
    assert_eq!(signed_data.findings, [], "{}", case.name);
    let signer = &signed_data.signers[0];
    assert_eq!(signer.signature_algorithm.as_ref(), Ok(&case.algorithm));
    let confirmation = signer.check_signature(&identity.key(), Message::Whole(&[]), &PureProvider).unwrap();
    assert_eq!((confirmation.derivation(), confirmation.findings()), (Some(Derivation::Der), vec![]));
}

#[test]
fn no_changed_bit_of_attributes_or_value_is_confirmed() {
    if !have_openssl() {
        return;
    }
    let case = &cases()[0];
    let identity = Identity::generate(case);
    let signer = SignerCertificate::read(&identity.certificate, &PureProvider).unwrap();
    let attributes = full_attributes(case, &signer);
    let value = identity.sign(case, attributes.to_be_signed());
    let mut cms =
        SignedDataBuilder::new(&signer, &case.algorithm).unwrap().assemble(&attributes, &value).unwrap();
    let key = identity.key();
    let signed_data = SignedData::parse(&cms, &mut Budget::default()).unwrap();
    let place = |span: types::Span| span.start as usize..span.end as usize;
    let attributes = place(signed_data.signers[0].signed_attributes.as_ref().unwrap().encoded.span);
    let value = place(signed_data.signers[0].signature_encoded.span);
    for at in attributes.chain(value) {
        cms[at] ^= 1 << (at % 8);
        if let Ok(changed) = SignedData::parse(&cms, &mut Budget::default()) {
            for signer in &changed.signers {
                assert!(
                    signer.check_signature(&key, Message::Whole(&[]), &PureProvider).is_err(),
                    "byte {at}"
                );
            }
        }
        cms[at] ^= 1 << (at % 8);
    }
}

/// Options of `openssl cms -sign` and what the reading must find.
#[test]
fn what_openssl_makes_is_read_and_confirmed() {
    if !have_openssl() {
        return;
    }
    let case = &cases()[5];
    let identity = Identity::generate(case);
    let path = identity.folder.path();
    for (options, detached, attributes) in [
        (&["-cades"][..], true, true),
        (&["-cades", "-nodetach"], false, true),
        (&["-nodetach", "-stream"], false, true),
        (&["-stream", "-keyid"], false, true),
        (&["-noattr"], true, false),
    ] {
        let sign = ["cms", "-sign", "-binary", "-in", "content", "-signer", "c.pem", "-inkey", "key.pem"];
        let output = ["-outform", "DER", "-out", "theirs.p7s"];
        openssl(path, &[&sign[..], options, &output].concat()).unwrap();
        let mut theirs = std::fs::read(path.join("theirs.p7s")).unwrap();
        theirs.extend([0; 100]);
        let signed_data = SignedData::parse(&theirs, &mut Budget::default()).unwrap();
        let streamed = options.contains(&"-stream");
        let indefinite = signed_data.findings.iter().any(|finding| finding.code == "cms.indefinite-length");
        assert_eq!(indefinite, streamed, "{options:?}");
        assert_eq!(signed_data.content.content.as_deref(), (!detached).then_some(CONTENT), "{options:?}");
        let signer = &signed_data.signers[0];
        assert_eq!(signer.signed_attributes.is_some(), attributes, "{options:?}");
        assert!(
            signer.check_signature(&identity.key(), Message::Whole(CONTENT), &PureProvider).is_ok(),
            "{options:?}"
        );
    }
}

/// What leaves this process between preparing and completing is only bytes.
#[test]
fn signing_can_be_interrupted_between_attributes_and_value() {
    if !have_openssl() {
        return;
    }
    let case = &cases()[5];
    let identity = Identity::generate(case);
    let signer = SignerCertificate::read(&identity.certificate, &PureProvider).unwrap();
    let stored = full_attributes(case, &signer).to_be_signed().to_vec();
    let value = identity.sign(case, &stored);
    let signer = SignerCertificate::read(&identity.certificate, &PureProvider).unwrap();
    let attributes = AttributesToBeSigned::from_der(&stored).unwrap();
    let cms =
        SignedDataBuilder::new(&signer, &case.algorithm).unwrap().assemble(&attributes, &value).unwrap();
    confirm(case, &identity, &cms);
    let signed_data = SignedData::parse(&cms, &mut Budget::default()).unwrap();
    let content = Digest {
        algorithm: DigestAlgorithm::Sha256,
        value: PureProvider.digest(DigestAlgorithm::Sha256, CONTENT).value,
    };
    assert_eq!(signed_data.signers[0].check_message_digest(&content), undersign_cms::MessageDigest::Matches);
    assert_eq!(signed_data.content.content_type, oid::DATA);
}

/// A time-stamping authority in a folder: its configuration, and a token over a file.
fn openssl_token(folder: &Path, message: &[u8], digest: &str) -> Vec<u8> {
    let config = "[tsa]\ndefault_tsa = t\n[t]\nserial = serial\ndefault_policy = 1.2.3\nsigner_digest = sha256\ndigests = sha256, sha512\n\
                  accuracy = secs:1\ness_cert_id_alg = sha256\n\
                  [req]\ndistinguished_name = dn\n[dn]\n[e]\nextendedKeyUsage = critical,timeStamping\n";
    std::fs::write(folder.join("ts.cnf"), config).unwrap();
    std::fs::write(folder.join("message"), message).unwrap();
    let run = |arguments: &[&str]| openssl(folder, arguments).unwrap();
    run(&[&["genpkey", "-out", "tsa.key"], RSA].concat());
    let request =
        ["req", "-x509", "-config", "ts.cnf", "-extensions", "e", "-key", "tsa.key", "-subj", "/CN=TSA"];
    run(&[&request[..], &["-days", "30", "-out", "tsa.pem"]].concat());
    run(&["ts", "-query", "-data", "message", digest, "-cert", "-out", "q.tsq"]);
    let reply = ["ts", "-reply", "-config", "ts.cnf", "-queryfile", "q.tsq", "-signer", "tsa.pem"];
    run(&[&reply[..], &["-inkey", "tsa.key", "-token_out", "-out", "t.der"]].concat());
    std::fs::read(folder.join("t.der")).unwrap()
}

#[test]
fn tokens_of_openssl_match_as_signature_and_archive_evidence() {
    if !have_openssl() {
        return;
    }
    let case = &cases()[5];
    let identity = Identity::generate(case);
    let signer = SignerCertificate::read(&identity.certificate, &PureProvider).unwrap();
    let attributes = full_attributes(case, &signer);
    let value = identity.sign(case, attributes.to_be_signed());
    for digest in ["-sha256", "-sha512"] {
        let token = openssl_token(identity.folder.path(), &value, digest);
        let builder = SignedDataBuilder::new(&signer, &case.algorithm).unwrap();
        let builder = builder.unsigned_attribute(oid::SIGNATURE_TIMESTAMP, &token).unwrap();
        let cms = builder.assemble(&attributes, &value).unwrap();
        let signed_data = SignedData::parse(&cms, &mut Budget::default()).unwrap();
        let signer = &signed_data.signers[0];
        let token = TimestampToken::parse(&token, &mut Budget::default()).unwrap();
        assert_eq!(token.findings, []);
        assert_eq!(token.authority_certificate(&PureProvider), Some(0));
        let check = ImprintCheck {
            signed_data: &signed_data,
            signer,
            content: Content::None,
            provider: &PureProvider,
        };
        let place = TimestampPlace::Unsigned(0);
        assert!(check.check(place, &token, &mut Budget::default()).unwrap().covered().signature);
        let other = openssl_token(identity.folder.path(), b"other", digest);
        let other = TimestampToken::parse(&other, &mut Budget::default()).unwrap();
        assert!(check.check(place, &other, &mut Budget::default()).is_err());
    }
}
