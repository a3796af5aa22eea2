//! A time-stamping authority (RFC 3161; ETSI EN 319 422).

use crate::refusal::Refusal;
use cms::{
    Oid, SignerCertificate, TimestampFailure, TimestampRequest, TimestampResponse, TimestampTokenBuilder,
    TstStatement,
};
use crypto::{DigestAlgorithm, Provider, Signer};
use pkix::{Certificate, oid};
use types::{Budget, Limits, Resource, Time};

/// Digests that are time-stamped (ETSI TS 119 312, 5; EN 319 422, 4.2.2).
const DIGESTS: [DigestAlgorithm; 6] = [
    DigestAlgorithm::Sha256,
    DigestAlgorithm::Sha384,
    DigestAlgorithm::Sha512,
    DigestAlgorithm::Sha3_256,
    DigestAlgorithm::Sha3_384,
    DigestAlgorithm::Sha3_512,
];

/// Gives time-stamps with one certificate. What does not change from token to token is prepared once.
#[derive(Clone, Debug)]
pub struct TimestampAuthority {
    builder: TimestampTokenBuilder,
    policy: Oid,
    accuracy_microseconds: u64,
    valid: (Time, Time),
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimestampAnswer {
    /// The `TimeStampResp` to be sent, DER.
    pub der: Vec<u8>,
    /// Why there is no token in it.
    pub failure: Option<TimestampFailure>,
}

impl TimestampAuthority {
    /// An authority with this certificate, which must be for time-stamping and nothing else. `chain` are the certificates
    /// above it, for those who ask for certificates.
    ///
    /// # Errors
    /// If the certificate is for anything else, cannot be read, or the signer's algorithm has no identifier.
    pub fn new(
        certificate: &Certificate,
        chain: &[Certificate],
        signer: &dyn Signer,
        policy: &Oid,
        accuracy_microseconds: u64,
        provider: &dyn Provider,
    ) -> Result<TimestampAuthority, Refusal> {
        let extensions = certificate.extensions();
        let alone = extensions.extended_key_usage.as_deref() == Some(&[oid::KP_TIME_STAMPING])
            && extensions.get(oid::EXTENDED_KEY_USAGE).is_some_and(|extension| extension.critical);
        if !alone {
            return Err(Refusal::new(
                "authority.timestamp.certificate",
                "the certificate is not for time-stamping alone (RFC 3161, 2.3)",
                "issue one by the profile tsa",
            ));
        }
        let broken = |reason: String| {
            Refusal::new("authority.timestamp.certificate", reason, "issue another by the profile tsa")
        };
        let own = SignerCertificate::read(certificate.der(), provider)
            .map_err(|error| broken(error.to_string()))?;
        let mut builder = TimestampTokenBuilder::new(own, &signer.algorithm())
            .and_then(|builder| builder.named(certificate.subject().der()))
            .map_err(|error| broken(error.to_string()))?;
        for above in chain {
            builder = builder.certificate(above.der()).map_err(|error| broken(error.to_string()))?;
        }
        Ok(TimestampAuthority {
            builder,
            policy: policy.clone(),
            accuracy_microseconds,
            valid: (certificate.not_before(), certificate.not_after()),
        })
    }

    /// The answer to a request, whatever it is. `time` is that of a clock that can be relied on, or none if there is none
    /// at the moment; `serial` is big-endian and was never used before.
    pub fn answer(
        &self,
        request: &[u8],
        time: Option<Time>,
        serial: &[u8],
        signer: &dyn Signer,
        provider: &dyn Provider,
    ) -> TimestampAnswer {
        self.token(request, time, serial, signer, provider).map_or_else(
            |(failure, reason)| TimestampAnswer {
                der: TimestampResponse::rejected(failure, reason),
                failure: Some(failure),
            },
            |token| TimestampAnswer { der: TimestampResponse::granted(&token), failure: None },
        )
    }

    fn token(
        &self,
        request: &[u8],
        time: Option<Time>,
        serial: &[u8],
        signer: &dyn Signer,
        provider: &dyn Provider,
    ) -> Result<Vec<u8>, (TimestampFailure, &'static str)> {
        let mut budget = Budget::new(Limits::STANDARD.with(Resource::Steps, 1_000));
        let request = TimestampRequest::parse(request, &mut budget)
            .map_err(|_| (TimestampFailure::BadDataFormat, "the request cannot be read"))?;
        let algorithm = request.imprint.algorithm.as_ref().ok().filter(|known| DIGESTS.contains(known));
        let algorithm = algorithm.ok_or((
            TimestampFailure::BadAlgorithm,
            "the digest algorithm is none of SHA-256, SHA-384, SHA-512, SHA3-256, SHA3-384, SHA3-512",
        ))?;
        if request.imprint.value.len() != algorithm.output_len() {
            let reason = "the hashed message is not as long as the digest algorithm says";
            return Err((TimestampFailure::BadDataFormat, reason));
        }
        if request.policy.as_ref().is_some_and(|wanted| *wanted != self.policy) {
            let reason = "the authority does not work by the policy asked for";
            return Err((TimestampFailure::UnacceptedPolicy, reason));
        }
        if !request.extensions.is_empty() {
            let reason = "no extension of requests is supported";
            return Err((TimestampFailure::UnacceptedExtension, reason));
        }
        let gen_time = time.filter(|time| (self.valid.0..=self.valid.1).contains(time)).ok_or((
            TimestampFailure::TimeNotAvailable,
            "the authority has no time that can be relied on, or its certificate is not valid",
        ))?;
        let statement = TstStatement {
            request: &request,
            policy: &self.policy,
            serial,
            gen_time,
            accuracy_microseconds: self.accuracy_microseconds,
        };
        let failed = (TimestampFailure::SystemFailure, "the authority could not sign");
        self.builder.sign(&statement, signer, provider).map_err(|_| failed)
    }
}
