//! Time-stamp requests, tokens and responses made here and read back.

#![allow(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

use crypto::{Digest, DigestAlgorithm, Provider, PureProvider, SignatureAlgorithm, Signer, SignerError};
use types::{Budget, Time};
use undersign_cms::{
    BuildError, CertificatesWanted, Oid, Ordering, Profile, SignedAttributesBuilder, SignerCertificate,
    TimestampFailure, TimestampRequest, TimestampResponse, TimestampToken, TimestampTokenBuilder,
    TstStatement, oid,
};

/// Serial number 5, an empty algorithm, an issuer with one empty relative name: the least that identifies a signer.
const CERTIFICATE: &[u8] = &[0x30, 11, 0x30, 9, 2, 1, 5, 0x30, 0, 0x30, 2, 0x31, 0];
const ISSUER: &[u8] = &[0x30, 2, 0x31, 0];
const OTHER: &[u8] = &[0x30, 3, 2, 1, 1];
const P256: SignatureAlgorithm = SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256);
/// `SEQUENCE { r 1, s 1 }`.
const VALUE: &[u8] = &[0x30, 6, 2, 1, 1, 2, 1, 1];

struct Constant(Result<Vec<u8>, SignerError>);

impl Signer for Constant {
    fn algorithm(&self) -> SignatureAlgorithm {
        P256
    }

    fn public_key(&self) -> &[u8] {
        &[]
    }

    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, SignerError> {
        self.0.clone()
    }
}

fn budget() -> Budget {
    Budget::default()
}

fn digest() -> Digest {
    PureProvider.digest(DigestAlgorithm::Sha512, b"what is time-stamped")
}

fn policy() -> Oid {
    const_oid::ObjectIdentifier::new_unwrap("0.4.0.2023.1.1").into()
}

fn statement<'a>(request: &'a TimestampRequest, policy: &'a Oid) -> TstStatement<'a> {
    let gen_time: Time = "2026-11-25T07:30:00Z".parse().unwrap();
    TstStatement { request, policy, serial: &[0, 0xfe, 1], gen_time, accuracy_microseconds: 1_002_003 }
}

fn authority() -> TimestampTokenBuilder {
    let certificate = SignerCertificate::read(CERTIFICATE, &PureProvider).unwrap();
    let builder = TimestampTokenBuilder::new(certificate, &P256).unwrap();
    builder.certificate(OTHER).and_then(|builder| builder.named(ISSUER)).unwrap()
}

fn sign(request: &TimestampRequest) -> Vec<u8> {
    let policy = policy();
    authority().sign(&statement(request, &policy), &Constant(Ok(VALUE.to_vec())), &PureProvider).unwrap()
}

#[test]
fn a_request_is_read_back() {
    let mut request = TimestampRequest::new(&digest(), Some(&[0x80, 1, 2, 3, 4, 5, 6, 7]));
    request.policy = Some(policy());
    assert_eq!(TimestampRequest::parse(&request.to_der(), &mut budget()), Ok(request.clone()));
    assert!(request.imprint.matches(&digest()));
    assert_eq!(request.nonce.as_deref(), Some(&[0, 0x80, 1, 2, 3, 4, 5, 6, 7][..]));
    request.certificates = CertificatesWanted::No;
    (request.policy, request.nonce) = (None, None);
    assert_eq!(TimestampRequest::parse(&request.to_der(), &mut budget()), Ok(request));
}

#[test]
fn cut_off_longer_and_later_requests_are_refused() {
    let der = TimestampRequest::new(&digest(), Some(&[1; 8])).to_der();
    for length in 0..der.len() {
        assert!(TimestampRequest::parse(&der[..length], &mut budget()).is_err(), "{length}");
    }
    assert!(TimestampRequest::parse(&[&der[..], &[0]].concat(), &mut budget()).is_err());
    let mut later = der.clone();
    later[4] = 2;
    assert!(TimestampRequest::parse(&later, &mut budget()).is_err());
}

#[test]
fn a_token_says_what_was_stated() {
    let request = TimestampRequest::new(&digest(), Some(&[9; 8]));
    let der = sign(&request);
    let token = TimestampToken::parse(&der, &mut budget()).unwrap();
    assert_eq!((token.findings.as_slice(), token.signed_data.findings.as_slice()), (&[][..], &[][..]));
    let info = &token.info;
    assert_eq!(info.policy, policy());
    assert!(info.imprint.matches(&digest()));
    assert_eq!(info.serial, [0, 0xfe, 1]);
    assert_eq!(info.gen_time, "2026-11-25T07:30:00Z".parse().unwrap());
    assert_eq!(info.gen_time_nanoseconds, 0);
    assert_eq!(info.accuracy_microseconds, Some(1_002_003));
    assert_eq!(info.ordering, Ordering::ByTimeAndAccuracy);
    assert_eq!(info.nonce, request.nonce);
    assert_eq!(info.tsa.as_deref(), Some(&[0xa4, 4, 0x30, 2, 0x31, 0][..]));
    assert_eq!(token.signed_data.version, 3);
    assert_eq!(token.signed_data.content.content_type, oid::TST_INFO);
    let certificates: Vec<&[u8]> = token.signed_data.certificates().map(|one| one.bytes).collect();
    assert_eq!(certificates, [OTHER, CERTIFICATE]);
    let own = token.authority_certificate(&PureProvider).unwrap();
    assert_eq!(token.signed_data.certificate_choices[own].encoded.bytes, CERTIFICATE);
}

#[test]
fn a_token_holds_certificates_only_if_asked() {
    let mut request = TimestampRequest::new(&digest(), None);
    request.certificates = CertificatesWanted::No;
    let der = sign(&request);
    let token = TimestampToken::parse(&der, &mut budget()).unwrap();
    assert_eq!(token.signed_data.certificates().count(), 0);
    assert!(token.info.nonce.is_none() && token.certificate_identifiers().count() == 1);
}

#[test]
fn the_imprint_is_repeated_octet_by_octet() {
    let plain = TimestampRequest::new(&digest(), None).to_der();
    // The same with NULL parameters in the digest algorithm.
    let null = [&[0x30, 0x51, 0x30, 0x0d][..], &plain[9..20], &[5, 0], &plain[20..86]].concat();
    let outer = [&[0x30, 0x56 + 3, 2, 1, 1][..], &null, &[1, 1, 0xff]].concat();
    let request = TimestampRequest::parse(&outer, &mut budget()).unwrap();
    let token = sign(&request);
    assert!(token.windows(null.len()).any(|window| window == null));
}

#[test]
fn a_granted_token_and_a_refusal_are_read_back() {
    let token = sign(&TimestampRequest::new(&digest(), None));
    let der = TimestampResponse::granted(&token);
    let response = TimestampResponse::parse(&der, &mut budget()).unwrap();
    assert_eq!((response.status, response.token.unwrap().bytes), (0, &token[..]));
    for failure in [
        TimestampFailure::BadAlgorithm,
        TimestampFailure::BadRequest,
        TimestampFailure::BadDataFormat,
        TimestampFailure::TimeNotAvailable,
        TimestampFailure::UnacceptedPolicy,
        TimestampFailure::UnacceptedExtension,
        TimestampFailure::AddInfoNotAvailable,
        TimestampFailure::SystemFailure,
    ] {
        let der = TimestampResponse::rejected(failure, "no");
        let response = TimestampResponse::parse(&der, &mut budget()).unwrap();
        assert_eq!((response.status, response.failures()), (2, vec![failure]));
        assert!(response.status_text == ["no"] && response.token.is_none());
    }
}

#[test]
fn a_signer_that_fails_and_a_second_time_are_errors() {
    let request = TimestampRequest::new(&digest(), None);
    let policy = policy();
    let refusing = Constant(Err(SignerError("no".into())));
    let error = authority().sign(&statement(&request, &policy), &refusing, &PureProvider).unwrap_err();
    assert_eq!(error, BuildError::Signer(SignerError("no".into())));
    let certificate = SignerCertificate::read(CERTIFICATE, &PureProvider).unwrap();
    let digest = PureProvider.digest(DigestAlgorithm::Sha256, b"");
    let builder = SignedAttributesBuilder::new(Profile::TimestampToken, &digest, &P256, &certificate);
    let timed = builder.unwrap().signing_time("2026-01-01".parse().unwrap());
    assert!(matches!(timed, Err(BuildError::Forbidden { .. })));
}
