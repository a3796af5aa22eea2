//! What is built is read back value by value; what a profile forbids cannot be built; what is odd becomes a finding.

#![allow(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

use crypto::{Curve, Digest, DigestAlgorithm, KeyAlgorithm, Provider, PureProvider, SignatureAlgorithm};
use types::{Budget, Time};
use undersign_cms::{
    AttributesToBeSigned, BuildError, Commitment, MessageDigest, PolicyIdentifier, Profile, SignaturePolicy,
    SignedAttributesBuilder, SignedData, SignedDataBuilder, SignerCertificate, SignerIdentifier,
    SigningCertificateVersion, TimestampKind, TstInfo, content_digest_algorithm, max_signature_len, oid,
};

/// Serial number 5, an empty algorithm, an issuer with one empty relative name: the least that identifies a signer.
const CERTIFICATE: &[u8] = &[0x30, 11, 0x30, 9, 2, 1, 5, 0x30, 0, 0x30, 2, 0x31, 0];
const ISSUER: &[u8] = &[0x30, 2, 0x31, 0];
const P256: SignatureAlgorithm = SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256);
/// `SEQUENCE { r 1, s 1 }`.
const VALUE: &[u8] = &[0x30, 6, 2, 1, 1, 2, 1, 1];

fn content() -> Digest {
    PureProvider.digest(DigestAlgorithm::Sha256, b"content")
}

fn signer() -> SignerCertificate {
    SignerCertificate::read(CERTIFICATE, &PureProvider).unwrap()
}

fn builder(profile: Profile) -> SignedAttributesBuilder {
    SignedAttributesBuilder::new(profile, &content(), &P256, &signer()).unwrap()
}

fn assemble(attributes: &AttributesToBeSigned) -> Vec<u8> {
    SignedDataBuilder::new(&signer(), &P256).unwrap().assemble(attributes, VALUE).unwrap()
}

#[test]
fn everything_built_is_read_back() {
    let policy = PolicyIdentifier {
        oid: const_oid::ObjectIdentifier::new_unwrap("1.2.3.4"),
        hash: PureProvider.digest(DigestAlgorithm::Sha512, b"policy"),
        uri: Some("https://policy.example".into()),
    };
    let extra = const_oid::ObjectIdentifier::new_unwrap("1.3.6.1.4.1.99999.7");
    let attributes = builder(Profile::Cades)
        .signing_time("2049-12-31T23:59:59Z".parse().unwrap())
        .and_then(|builder| builder.commitments(&[Commitment::ProofOfReceipt, Commitment::ProofOfApproval]))
        .and_then(|builder| builder.claimed_roles(&["Kapitänin"]))
        .and_then(|builder| builder.signature_policy(&policy))
        .and_then(|builder| builder.content_hints("a text"))
        .and_then(|builder| builder.mime_type("text/plain"))
        .and_then(|builder| builder.algorithm_protection())
        .and_then(|builder| builder.attribute(extra, &[4, 2, 0xca, 0xfe]))
        .unwrap()
        .build();
    let cms = assemble(&attributes);
    let signed_data = SignedData::parse(&cms, &mut Budget::default()).unwrap();
    assert_eq!(signed_data.findings, []);
    assert_eq!((signed_data.version, signed_data.signers.len()), (1, 1));
    assert_eq!(signed_data.certificates().map(|der| der.bytes).collect::<Vec<_>>(), [CERTIFICATE]);
    let info = &signed_data.signers[0];
    assert!(matches!(&info.signer, SignerIdentifier::IssuerAndSerialNumber { issuer, serial }
        if issuer.bytes == ISSUER && *serial == [5]));
    assert_eq!((&*info.signature, info.digest_algorithm.clone()), (VALUE, Ok(DigestAlgorithm::Sha256)));
    assert_eq!(info.check_message_digest(&content()), MessageDigest::Matches);
    let signed = info.signed_attributes.as_ref().unwrap();
    assert_eq!(signed.to_be_verified[0].bytes, attributes.to_be_signed());
    assert!(signed.content_type.as_ref().is_some_and(|content_type| *content_type == oid::DATA));
    assert_eq!(signed.signing_time.map(|time| time.to_string()).as_deref(), Some("2049-12-31T23:59:59Z"));
    let commitments: Vec<String> = signed.commitment_types.iter().map(|kind| kind.oid.to_string()).collect();
    assert_eq!(commitments, ["1.2.840.113549.1.9.16.6.2", "1.2.840.113549.1.9.16.6.5"]);
    assert_eq!(signed.signer_attributes.as_ref().unwrap().claimed_roles, ["Kapitänin"]);
    assert!(
        matches!(signed.signature_policy.as_ref().unwrap(), SignaturePolicy::Explicit { oid, hash: Some(hash), uri, .. }
        if oid.to_string() == "1.2.3.4" && *hash.value == policy.hash.value && *uri == policy.uri)
    );
    assert_eq!(signed.content_hints.as_ref().unwrap().description.as_deref(), Some("a text"));
    assert_eq!(signed.mime_type.as_deref(), Some("text/plain"));
    let protection = signed.algorithm_protection.as_ref().unwrap();
    assert_eq!(protection.signature_algorithm, Some(Ok(P256)));
    assert!(signed.attributes.iter().any(|attribute| attribute.oid == extra));
}

#[test]
fn signing_certificate_v2_leaves_the_default_digest_out_and_names_any_other() {
    for digest in [DigestAlgorithm::Sha256, DigestAlgorithm::Sha512, DigestAlgorithm::Sha3_256] {
        let signer = SignerCertificate::read_with_digest(CERTIFICATE, digest, &PureProvider).unwrap();
        let attributes =
            SignedAttributesBuilder::new(Profile::Pades, &content(), &P256, &signer).unwrap().build();
        let cms = assemble(&attributes);
        let signed_data = SignedData::parse(&cms, &mut Budget::default()).unwrap();
        let signed = signed_data.signers[0].signed_attributes.as_ref().unwrap();
        let certificate = signed.signing_certificate_v2.as_ref().unwrap();
        assert_eq!(certificate.version, SigningCertificateVersion::V2);
        let id = &certificate.certificates[0];
        assert_eq!(id.hash.algorithm, Ok(digest));
        assert_eq!(*id.hash.value, PureProvider.digest(digest, CERTIFICATE).value);
        let issuer_serial = id.issuer_serial.as_ref().unwrap();
        assert_eq!(issuer_serial.directory_name.unwrap().bytes, ISSUER);
        assert_eq!(issuer_serial.serial, [5]);
    }
}

#[test]
fn a_pades_signature_cannot_carry_what_belongs_into_the_pdf() {
    let time = Time::from_unix(0);
    for (attribute, result) in [
        ("signing-time", builder(Profile::Pades).signing_time(time)),
        ("signing-time", builder(Profile::Pades).attribute(oid::SIGNING_TIME, &[0x17, 0])),
        ("content-hints", builder(Profile::Pades).content_hints("a PDF")),
        ("mime-type", builder(Profile::Pades).mime_type("application/pdf")),
    ] {
        assert!(matches!(result, Err(BuildError::Forbidden { attribute: named, .. }) if named == attribute));
    }
    assert!(builder(Profile::Pades).commitments(&[Commitment::ProofOfApproval]).is_ok());
}

#[test]
fn what_would_make_a_broken_signature_is_refused() {
    let twice = builder(Profile::Cades).attribute(oid::MESSAGE_DIGEST, &[4, 0]);
    assert!(matches!(twice, Err(BuildError::Repeated(kind)) if kind == oid::MESSAGE_DIGEST));
    let kind = const_oid::ObjectIdentifier::new_unwrap("1.2.3");
    for value in [&[4, 0x81, 0][..], &[4, 5, 0], &[], &[5, 0, 5, 0], &[0x30, 0x80, 0, 0]] {
        assert!(builder(Profile::Cades).attribute(kind, value).is_err(), "{value:02x?}");
    }
    let wrong = SignedAttributesBuilder::new(
        Profile::Pades,
        &content(),
        &SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha384),
        &signer(),
    );
    assert!(matches!(wrong, Err(BuildError::WrongDigest { needed: DigestAlgorithm::Sha384, .. })));
    let attributes = builder(Profile::Pades).build();
    let raw_concatenation = [7; 64];
    let assembled =
        SignedDataBuilder::new(&signer(), &P256).unwrap().assemble(&attributes, &raw_concatenation);
    assert!(matches!(assembled, Err(BuildError::NotDer(_))));
    for stored in [&[0x30, 0][..], &[0x31, 3, 0x30, 0], &[]] {
        assert!(AttributesToBeSigned::from_der(stored).is_err());
    }
}

#[test]
fn ed25519_goes_with_sha_512() {
    // RFC 8419, 3.1
    assert_eq!(content_digest_algorithm(&SignatureAlgorithm::Ed25519), DigestAlgorithm::Sha512);
}

#[test]
fn room_is_exact_for_the_longest_value_and_what_is_added_later() {
    let attributes = builder(Profile::Pades).build();
    let key = KeyAlgorithm::Ec(Curve::P256);
    let builder = SignedDataBuilder::new(&signer(), &P256).unwrap();
    let mut value = vec![0x30, 70];
    for _ in 0..2 {
        value.extend([2, 33, 0]);
        value.extend([0xff; 32]);
    }
    assert_eq!(value.len(), max_signature_len(key));
    assert_eq!(builder.assemble(&attributes, &value).unwrap().len(), builder.max_len(&attributes, key, 0));
    let token = [&[0x30, 0x82, 0x10, 0x00][..], &[0x05, 0x00].repeat(0x800)].concat();
    let attribute_len = builder.max_len(&attributes, key, 4096 + 4 + 4 + 4 + 13);
    let stamped = builder.clone().unsigned_attribute(oid::SIGNATURE_TIMESTAMP, &token).unwrap();
    assert_eq!(stamped.assemble(&attributes, &value).unwrap().len(), attribute_len);
    let lengths =
        [(KeyAlgorithm::Rsa(2048), 256), (KeyAlgorithm::Ed25519, 64), (KeyAlgorithm::Ec(Curve::P521), 139)];
    for (key, len) in lengths {
        assert_eq!(max_signature_len(key), len);
    }
}

#[test]
fn certificates_revocation_information_and_tokens_are_read_back_in_kind() {
    let attributes = builder(Profile::Cades).build();
    let other = [0x30, 3, 2, 1, 9];
    let cms = SignedDataBuilder::new(&signer(), &P256)
        .and_then(|builder| builder.certificate(&other))
        .and_then(|builder| builder.certificate(CERTIFICATE))
        .and_then(|builder| builder.crl(&[0x30, 0]))
        .and_then(|builder| builder.ocsp_response(&[0x30, 3, 10, 1, 0]))
        .and_then(|builder| builder.unsigned_attribute(oid::SIGNATURE_TIMESTAMP, &[0x30, 0]))
        .and_then(|builder| builder.assemble(&attributes, VALUE))
        .unwrap();
    let signed_data = SignedData::parse(&cms, &mut Budget::default()).unwrap();
    assert_eq!((signed_data.findings.as_slice(), signed_data.version), (&[][..], 5));
    assert_eq!(signed_data.certificates().count(), 2);
    let kinds: Vec<String> =
        signed_data.revocation_infos.iter().map(|info| format!("{:?}", info.kind)).collect();
    assert_eq!(kinds, ["Crl", "OcspResponse"]);
    assert_eq!(signed_data.revocation_infos[1].encoded.bytes, [0x30, 3, 10, 1, 0]);
    let timestamps = &signed_data.signers[0].unsigned_attributes.timestamps;
    assert_eq!(timestamps.len(), 1);
    assert_eq!((timestamps[0].kind, timestamps[0].token.bytes), (TimestampKind::Signature, &[0x30, 0][..]));
}

#[test]
fn tst_info_is_read_with_accuracy_fraction_and_nonce() {
    let parts: &[&[u8]] = &[
        &[2, 1, 1, 6, 3, 0x2a, 3, 4],
        &[0x30, 0x11, 0x30, 0x0b, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 4, 2, 0xaa, 0xbb],
        &[2, 1, 0x7f],
        &[0x18, 18],
        b"20260131120000.25Z",
        &[0x30, 11, 2, 1, 1, 0x80, 2, 1, 0xf4, 0x81, 2, 0, 0x64],
        &[1, 1, 0xff, 2, 1, 42, 0xa0, 2, 0x82, 0],
    ];
    let body = parts.concat();
    let bytes = [&[0x30, body.len() as u8][..], &body].concat();
    let info = TstInfo::parse(&bytes, &mut Budget::default()).unwrap();
    assert_eq!(info.gen_time, "2026-01-31T12:00:00Z".parse().unwrap());
    assert_eq!((info.gen_time_nanoseconds, info.accuracy_microseconds), (250_000_000, Some(1_500_100)));
    assert_eq!((info.serial, info.nonce, info.tsa), (vec![0x7f], Some(vec![42]), Some(vec![0x82, 0])));
    assert_eq!(info.imprint.algorithm, Ok(DigestAlgorithm::Sha256));
    assert_eq!(info.imprint.value, [0xaa, 0xbb]);
    assert_eq!(info.ordering, undersign_cms::Ordering::ByTime);
}
