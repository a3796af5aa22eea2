//! Makes time-stamp tokens and responses (RFC 3161, 2.4.2; EN 319 422): time, serial number and key are arguments.

use crate::attributes_builder::{
    BuildError, Profile, SignedAttributesBuilder, content_digest_algorithm, one_der_value,
};
use crate::encode::{self, SEQUENCE, context};
use crate::oid::Oid;
use crate::signed_data_builder::SignedDataBuilder;
use crate::signer_certificate::SignerCertificate;
use crate::timestamp::TimestampResponse;
use crate::timestamp_request::{CertificatesWanted, TimestampRequest};
use crypto::{Provider, SignatureAlgorithm, Signer};
use types::Time;

/// What a token is to say in answer to a request.
#[derive(Clone, Copy, Debug)]
pub struct TstStatement<'a> {
    /// The request; its imprint and nonce are repeated.
    pub request: &'a TimestampRequest,
    /// The policy of the authority.
    pub policy: &'a Oid,
    /// Big-endian, taken as non-negative; never used before by this authority (RFC 3161, 2.4.2).
    pub serial: &'a [u8],
    /// The time of the authority, whole seconds, in UTC.
    pub gen_time: Time,
    /// How far that may be off, in microseconds; EN 319 422, 5.2.2 wants it said, and one second or less.
    pub accuracy_microseconds: u64,
}

/// A time-stamping authority that signs with one certificate. What does not change from token to token is prepared once.
#[derive(Clone, Debug)]
pub struct TimestampTokenBuilder {
    certificate: SignerCertificate,
    algorithm: SignatureAlgorithm,
    /// With its certificates inside.
    full: SignedDataBuilder,
    /// Without.
    bare: SignedDataBuilder,
    /// DER `[0] GeneralName`, or nothing.
    tsa: Vec<u8>,
}

impl TimestampTokenBuilder {
    /// For the holder of this certificate.
    ///
    /// # Errors
    /// If the algorithm has no identifier in CMS.
    pub fn new(
        certificate: SignerCertificate,
        algorithm: &SignatureAlgorithm,
    ) -> Result<TimestampTokenBuilder, BuildError> {
        let full = SignedDataBuilder::new(&certificate, algorithm)?;
        Ok(TimestampTokenBuilder {
            bare: full.clone().without_certificates(),
            full,
            certificate,
            algorithm: algorithm.clone(),
            tsa: Vec::new(),
        })
    }

    /// Adds a DER certificate of the path for those who ask for certificates.
    ///
    /// # Errors
    /// If it is not DER.
    pub fn certificate(mut self, der: &[u8]) -> Result<TimestampTokenBuilder, BuildError> {
        self.full = self.full.certificate(der)?;
        Ok(self)
    }

    /// Names the authority in the field `tsa` by a DER `Name`, which must be the subject of its certificate (RFC 3161,
    /// 2.4.2).
    ///
    /// # Errors
    /// If it is not DER.
    pub fn named(mut self, name: &[u8]) -> Result<TimestampTokenBuilder, BuildError> {
        one_der_value(name, "the name of the authority")?;
        self.tsa = encode::value(context(0), &[&encode::value(context(4), &[name])]);
        Ok(self)
    }

    /// The DER of the token.
    ///
    /// # Errors
    /// If the signer does not sign, or signs by another algorithm.
    pub fn sign(
        &self,
        statement: &TstStatement<'_>,
        signer: &dyn Signer,
        provider: &dyn Provider,
    ) -> Result<Vec<u8>, BuildError> {
        let content = self.tst_info(statement);
        let digest = provider.digest(content_digest_algorithm(&self.algorithm), &content);
        let attributes = SignedAttributesBuilder::new(
            Profile::TimestampToken,
            &digest,
            &self.algorithm,
            &self.certificate,
        )?
        .build();
        let value = signer.sign(attributes.to_be_signed()).map_err(BuildError::Signer)?;
        let builder = match statement.request.certificates {
            CertificatesWanted::Yes => &self.full,
            CertificatesWanted::No => &self.bare,
        };
        builder.clone().encapsulate_tst_info(&content).assemble(&attributes, &value)
    }

    fn tst_info(&self, statement: &TstStatement<'_>) -> Vec<u8> {
        let request = statement.request;
        let nonce = request.nonce.as_ref().map(|nonce| encode::value(encode::INTEGER, &[nonce]));
        encode::value(
            SEQUENCE,
            &[
                &encode::version(1),
                &statement.policy.der(),
                request.imprint_der(),
                &encode::value(encode::INTEGER, &[&encode::unsigned_content(statement.serial)]),
                &encode::generalized_time(statement.gen_time),
                &accuracy(statement.accuracy_microseconds),
                &nonce.unwrap_or_default(),
                &self.tsa,
            ],
        )
    }
}

/// `Accuracy ::= SEQUENCE { seconds INTEGER OPTIONAL, millis [0] INTEGER (1..999) OPTIONAL, micros [1] .. }`
fn accuracy(microseconds: u64) -> Vec<u8> {
    let part = |tag: u8, number: u64| match number {
        0 => Vec::new(),
        number => encode::value(tag, &[&encode::unsigned_content(&number.to_be_bytes())]),
    };
    encode::value(
        SEQUENCE,
        &[
            &part(encode::INTEGER, microseconds / 1_000_000),
            &part(0x80, microseconds / 1_000 % 1_000),
            &part(0x81, microseconds % 1_000),
        ],
    )
}

/// Why no token is given (`PKIFailureInfo`, RFC 3161, 2.4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampFailure {
    /// badAlg (0): the digest algorithm is not known or not accepted.
    BadAlgorithm,
    /// badRequest (2): the transaction is not permitted or supported.
    BadRequest,
    /// badDataFormat (5): the data submitted has the wrong format.
    BadDataFormat,
    /// timeNotAvailable (14): the authority has no reliable time.
    TimeNotAvailable,
    /// unacceptedPolicy (15): the policy asked for is not one of the authority's.
    UnacceptedPolicy,
    /// unacceptedExtension (16): an extension asked for is not supported.
    UnacceptedExtension,
    /// addInfoNotAvailable (17): what else was asked for is not understood or not there.
    AddInfoNotAvailable,
    /// systemFailure (25): the authority failed.
    SystemFailure,
}

impl TimestampFailure {
    const ALL: [TimestampFailure; 8] = [
        TimestampFailure::BadAlgorithm,
        TimestampFailure::BadRequest,
        TimestampFailure::BadDataFormat,
        TimestampFailure::TimeNotAvailable,
        TimestampFailure::UnacceptedPolicy,
        TimestampFailure::UnacceptedExtension,
        TimestampFailure::AddInfoNotAvailable,
        TimestampFailure::SystemFailure,
    ];

    /// The number of its bit.
    const fn bit(self) -> usize {
        match self {
            TimestampFailure::BadAlgorithm => 0,
            TimestampFailure::BadRequest => 2,
            TimestampFailure::BadDataFormat => 5,
            TimestampFailure::TimeNotAvailable => 14,
            TimestampFailure::UnacceptedPolicy => 15,
            TimestampFailure::UnacceptedExtension => 16,
            TimestampFailure::AddInfoNotAvailable => 17,
            TimestampFailure::SystemFailure => 25,
        }
    }

    /// The standard's name of it.
    pub const fn name(self) -> &'static str {
        match self {
            TimestampFailure::BadAlgorithm => "badAlg",
            TimestampFailure::BadRequest => "badRequest",
            TimestampFailure::BadDataFormat => "badDataFormat",
            TimestampFailure::TimeNotAvailable => "timeNotAvailable",
            TimestampFailure::UnacceptedPolicy => "unacceptedPolicy",
            TimestampFailure::UnacceptedExtension => "unacceptedExtension",
            TimestampFailure::AddInfoNotAvailable => "addInfoNotAvailable",
            TimestampFailure::SystemFailure => "systemFailure",
        }
    }
}

impl TimestampResponse<'_> {
    /// The response that grants a token, DER. `status` is 0: nothing was changed.
    pub fn granted(token: &[u8]) -> Vec<u8> {
        let status = encode::value(SEQUENCE, &[&encode::version(0)]);
        encode::value(SEQUENCE, &[&status, token])
    }

    /// The response that refuses, with `status` 2, a reason in words and one for programs, DER.
    pub fn rejected(failure: TimestampFailure, reason: &str) -> Vec<u8> {
        let mut bits = vec![0_u8; failure.bit() / 8 + 1];
        if let Some(last) = bits.last_mut() {
            *last = 0x80 >> (failure.bit() % 8);
        }
        let unused = 7 - failure.bit() % 8;
        let info = encode::value(encode::BIT_STRING, &[&[unused as u8], &bits]);
        let text = encode::value(SEQUENCE, &[&encode::value(encode::UTF8_STRING, &[reason.as_bytes()])]);
        let status = encode::value(SEQUENCE, &[&encode::version(2), &text, &info]);
        encode::value(SEQUENCE, &[&status])
    }

    /// What [`TimestampResponse::failure`] says, as far as it is known.
    pub fn failures(&self) -> Vec<TimestampFailure> {
        let bits = self.failure.and_then(|content| content.get(1..)).unwrap_or_default();
        let is_set = |failure: &TimestampFailure| {
            bits.get(failure.bit() / 8).is_some_and(|octet| octet & (0x80 >> (failure.bit() % 8)) != 0)
        };
        TimestampFailure::ALL.into_iter().filter(is_set).collect()
    }
}
