//! Certificates and requests made here and read back, files of certificates, and what breaks the profile.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use crypto::{Message, PROVIDER, Signer, SignerError};
use der::asn1::BitStringRef;
use der::{Decode, Reader, SliceReader};
use p256::ecdsa::signature::Signer as _;
use types::{Budget, Limits, Resource, Time};
use undersign_pkix::{
    BasicConstraints, Certificate, CertificateBuilder, CertificationRequest, Criticality, GeneralName,
    KeyUsage, Name, Oid, SelfSigned, TrustAnchor, Weight, key_identifier, oid, read_certificates,
};

/// What comes before the point in the `SubjectPublicKeyInfo` of a P-256 key.
const P256_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

struct Key {
    key: p256::ecdsa::SigningKey,
    spki: Vec<u8>,
}

impl Key {
    fn new(seed: u8) -> Key {
        let key = p256::ecdsa::SigningKey::from_slice(&[seed; 32]).unwrap();
        let point = key.verifying_key().to_sec1_point(false);
        Key { spki: [&P256_PREFIX[..], point.as_bytes()].concat(), key }
    }
}

impl Signer for Key {
    fn algorithm(&self) -> crypto::SignatureAlgorithm {
        crypto::SignatureAlgorithm::Ecdsa(crypto::DigestAlgorithm::Sha256)
    }

    fn public_key(&self) -> &[u8] {
        &self.spki
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        let signature: p256::ecdsa::Signature = self.key.sign(message);
        Ok(signature.to_der().as_bytes().to_vec())
    }
}

fn time(text: &str) -> Time {
    text.parse().unwrap()
}

fn ada() -> Name {
    Name::from_attributes(&[(oid::COUNTRY, "IT"), (oid::COMMON_NAME, "Ada Example")])
}

fn personal() -> Certificate {
    let wish = SelfSigned {
        subject: ada(),
        serial: vec![0x91, 2, 3],
        not_before: time("2026-01-01"),
        not_after: time("2051-01-01"),
        email: Some("ada@example.org".into()),
    };
    wish.sign(&Key::new(1), PROVIDER).unwrap()
}

fn builder(serial: &[u8]) -> CertificateBuilder {
    let validity = (time("2026-01-01"), time("2027-01-01"));
    CertificateBuilder::new(serial, &ada(), validity, &ada(), &Key::new(1).spki)
}

fn codes(certificate: &Certificate) -> Vec<&str> {
    certificate.irregularities().iter().map(|one| &*one.code).collect()
}

#[test]
fn a_personal_certificate_is_fit_for_signing_documents() {
    let certificate = personal();
    let extensions = certificate.extensions();
    assert_eq!(certificate.irregularities(), []);
    assert_eq!(extensions.key_usage, Some(KeyUsage::DIGITAL_SIGNATURE.and(KeyUsage::CONTENT_COMMITMENT)));
    assert!(extensions.is_critical(oid::KEY_USAGE));
    assert!(extensions.extended_key_usage.as_ref().unwrap().contains(&oid::KP_DOCUMENT_SIGNING));
    assert_eq!(
        extensions.subject_key_identifier.as_deref().unwrap(),
        key_identifier(&Key::new(1).spki, PROVIDER)
    );
    assert_eq!(
        extensions.subject_alt_name.as_deref(),
        Some(&[GeneralName::Email("ada@example.org".into())][..])
    );
    assert!(!certificate.is_ca() && certificate.is_self_issued());
    assert_eq!(certificate.subject().common_name().as_deref(), Some("Ada Example"));
    assert_eq!(certificate.subject().to_string(), "CN=Ada Example,C=IT");
    assert_eq!(certificate.serial(), [0, 0x91, 2, 3]);
    assert_eq!(certificate.serial_hex(), "910203");
    assert_eq!((certificate.not_before(), certificate.not_after()), (time("2026-01-01"), time("2051-01-01")));
}

#[test]
fn a_certificate_is_signed_over_its_own_bytes() {
    let certificate = personal();
    let (key, algorithm) = (certificate.public_key().unwrap(), certificate.signed().algorithm().unwrap());
    let message = Message::Whole(certificate.signed().tbs());
    assert_eq!(PROVIDER.verify(key, algorithm, message, certificate.signed().signature()), Ok(()));
}

#[test]
fn a_request_is_signed_over_its_information() {
    let key = Key::new(1);
    let request = CertificationRequest::sign(&ada(), Some("ada@example.org"), &key).unwrap();
    let mut outer = SliceReader::new(request.der()).unwrap();
    outer
        .sequence(|fields| -> der::Result<()> {
            let information = fields.tlv_bytes()?;
            fields.tlv_bytes()?;
            let signature = BitStringRef::decode(fields)?;
            let public = crypto::PublicKey::from_spki(&key.spki).unwrap();
            let message = Message::Whole(information);
            assert_eq!(PROVIDER.verify(&public, &key.algorithm(), message, signature.raw_bytes()), Ok(()));
            Ok(())
        })
        .unwrap();
    assert!(request.to_pem().starts_with("-----BEGIN CERTIFICATE REQUEST-----\n"));
}

#[test]
fn irregular_serial_numbers_are_deviations() {
    let too_long = [1; 21];
    for (serial, code) in [(&[][..], "x509.serial.zero"), (&too_long[..], "x509.serial.too-long")] {
        let certificate = builder(serial).sign(&Key::new(1)).unwrap();
        assert_eq!(codes(&certificate), [code]);
        assert!(!certificate.is_faulty());
    }
    let negative = patched(&personal(), &[0x02, 4, 0, 0x91, 2, 3], &[0x02, 4, 0x91, 0x91, 2, 3]).unwrap();
    assert_eq!(codes(&negative), ["x509.serial.negative"]);
    let padded = patched(&personal(), &[0x02, 4, 0, 0x91, 2, 3], &[0x02, 4, 0, 0x11, 2, 3]).unwrap();
    assert_eq!(codes(&padded), ["x509.serial.padded"]);
}

/// The certificate with one sequence of octets replaced by another of the same length.
fn patched(certificate: &Certificate, old: &[u8], new: &[u8]) -> Result<Certificate, types::Malformed> {
    let mut der = certificate.der().to_vec();
    let at = der.windows(old.len()).position(|window| window == old).unwrap();
    der[at..at + old.len()].copy_from_slice(new);
    Certificate::from_der(&der)
}

#[test]
fn a_repeated_extension_is_a_fault_and_does_not_overwrite() {
    let certificate = builder(&[1])
        .key_usage(KeyUsage::DIGITAL_SIGNATURE)
        .key_usage(KeyUsage::KEY_CERT_SIGN)
        .sign(&Key::new(1))
        .unwrap();
    assert!(codes(&certificate).contains(&"x509.extensions.duplicate") && certificate.is_faulty());
    assert_eq!(certificate.extensions().key_usage, Some(KeyUsage::DIGITAL_SIGNATURE));
}

#[test]
fn very_many_extensions_take_linear_time() {
    let many = (0..60_000).fold(builder(&[1]), |builder, number| {
        builder.extension(Oid::from_arcs(&[1, 2, 3, number]), Criticality::NonCritical, vec![])
    });
    let der = many.sign(&Key::new(1)).unwrap().der().to_vec();
    assert_eq!(Certificate::from_der(&der).unwrap().extensions().all.len(), 60_000);
}

#[test]
fn a_malformed_extension_is_a_fault_of_a_readable_certificate() {
    let broken = builder(&[1]).extension(oid::BASIC_CONSTRAINTS, Criticality::Critical, vec![0x30, 0x01]);
    let certificate = broken.sign(&Key::new(1)).unwrap();
    assert_eq!(codes(&certificate), ["x509.extension.malformed"]);
    assert_eq!(certificate.irregularities()[0].weight, Weight::Fault);
    assert!(!certificate.is_ca());
}

#[test]
fn extensions_below_version_3_and_differing_algorithms_are_faults() {
    let old = builder(&[1]).version(1).key_usage(KeyUsage::CRL_SIGN).sign(&Key::new(1)).unwrap();
    assert!(codes(&old).contains(&"x509.version.extensions") && old.is_faulty());
    let der = builder(&[1]).sign(&Key::new(1)).unwrap().der().to_vec();
    let ecdsa_sha256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
    let inner = der.windows(8).position(|window| window == ecdsa_sha256).unwrap();
    let mut mixed = der.clone();
    mixed[inner + 7] = 0x03;
    assert_eq!(codes(&Certificate::from_der(&mixed).unwrap()), ["x509.signature-algorithm.mismatch"]);
}

#[test]
fn unknown_critical_extensions_are_listed() {
    let strange = Oid::from_arcs(&[1, 2, 3]);
    let certificate =
        builder(&[1]).extension(strange, Criticality::Critical, vec![5, 0]).sign(&Key::new(1)).unwrap();
    assert_eq!(certificate.extensions().unknown_critical().collect::<Vec<_>>(), [strange]);
    assert_eq!(certificate.extension_value(strange), Some(&[5, 0][..]));
}

#[test]
fn authorities_keep_their_constraints() {
    let usage = KeyUsage::KEY_CERT_SIGN.and(KeyUsage::CRL_SIGN);
    let certificate = builder(&[1])
        .basic_constraints(BasicConstraints { ca: true, path_len: Some(0) })
        .key_usage(usage)
        .subject_key_identifier(PROVIDER)
        .certificate_policies(&[oid::ANY_POLICY])
        .sign(&Key::new(1))
        .unwrap();
    assert_eq!(certificate.irregularities(), []);
    let anchor = TrustAnchor::from_certificate_with_its_constraints(certificate.clone());
    assert_eq!(anchor.constraints.path_len, Some(0));
    assert_eq!(anchor.constraints.not_after, Some(time("2027-01-01")));
    assert!(
        anchor.is(&certificate) && TrustAnchor::from_name_and_key(ada(), &Key::new(1).spki).is(&certificate)
    );
    assert!(!TrustAnchor::from_name_and_key(ada(), &Key::new(2).spki).is(&certificate));
}

/// A PKCS#7 file with one certificate, every outer length indefinite.
fn indefinite_pkcs7(certificate: &[u8]) -> Vec<u8> {
    let signed_data = [0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
    let data = [0x30, 0x80, 0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1, 0, 0];
    let mut out =
        [&[0x30, 0x80][..], &signed_data, &[0xa0, 0x80, 0x30, 0x80, 2, 1, 1, 0x31, 0], &data].concat();
    out.extend([0xa0, 0x80]);
    out.extend(certificate);
    out.extend([0, 0, 0x31, 0, 0, 0, 0, 0, 0, 0]);
    out
}

#[test]
fn certificates_are_read_from_every_usual_file() {
    let (one, two) = (personal(), builder(&[7]).sign(&Key::new(1)).unwrap());
    let read = |bytes: &[u8]| read_certificates(bytes, &mut Budget::default());
    let both = vec![one.clone(), two.clone()];
    assert_eq!(read(&[one.der(), two.der()].concat()), Ok(both.clone()));
    let text =
        format!("Bag Attributes\r\n{}\ntext between\n{}", one.to_pem().replace('\n', "\r\n"), two.to_pem());
    assert_eq!(read(text.as_bytes()), Ok(both));
    assert_eq!(read(&indefinite_pkcs7(one.der())), Ok(vec![one]));
    assert!(read(b"").is_err() && read(b"hello").is_err());
    assert!(read(b"-----BEGIN CERTIFICATE-----\nAAAA").is_err());
}

#[test]
fn reading_many_certificates_is_limited() {
    let many = personal().der().repeat(5);
    let mut budget = Budget::new(Limits::STANDARD.with(Resource::Certificates, 4));
    let error = read_certificates(&many, &mut budget).unwrap_err();
    assert_eq!(error.to_string(), "the limit of 4 certificates was reached");
}

#[test]
fn nested_indefinite_lengths_end_at_the_depth_limit() {
    let deep = [0x30, 0x80].repeat(100_000);
    let file = indefinite_pkcs7(&deep);
    assert!(read_certificates(&file, &mut Budget::default()).is_err());
}

#[test]
fn no_truncation_and_no_flipped_bit_panics() {
    let der = personal().der().to_vec();
    for end in 0..der.len() {
        assert!(Certificate::from_der(&der[..end]).is_err());
    }
    for bit in 0..der.len() * 8 {
        let mut flipped = der.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        if let Ok(certificate) = Certificate::from_der(&flipped) {
            let _ = (certificate.subject().to_string(), certificate.serial_hex(), certificate.is_faulty());
        }
        let _ = read_certificates(&flipped, &mut Budget::default());
    }
}
