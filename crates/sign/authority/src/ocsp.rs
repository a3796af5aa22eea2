//! An OCSP responder over the register (RFC 6960; RFC 9654 for nonces).

use crate::register::{Issued, Register};
use crypto::{DigestAlgorithm, Provider, Signer};
use pkix::{
    CertId, CertStatus, Certificate, OcspRequest, OcspResponse, OcspResponseBuilder, ResponderId,
    ResponseStatus, SingleAnswer, SingleRequest,
};
use types::{Budget, Limits, Resource, Time};

/// Most certificates that one request may ask about.
const MOST: usize = 100;
/// How clients may hash the issuer.
const HASHES: [DigestAlgorithm; 4] =
    [DigestAlgorithm::Sha1, DigestAlgorithm::Sha256, DigestAlgorithm::Sha384, DigestAlgorithm::Sha512];

/// Answers for one issuer. What does not change from answer to answer is prepared once.
#[derive(Clone, Debug)]
pub struct OcspResponder {
    /// The identifiers of the issuer, with a serial number that counts for nothing.
    issuer: Vec<CertId>,
    builder: OcspResponseBuilder,
    valid: (Time, Time),
    /// Revocations are known since then.
    archive_cutoff: Time,
    validity_seconds: i64,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OcspAnswer {
    /// The `OCSPResponse` to be sent, DER.
    pub der: Vec<u8>,
    /// Whether it is an answer, and if not, why.
    pub status: ResponseStatus,
    /// Until when others may keep it and give it to those who ask the same; `None` if it holds a nonce or is no answer.
    pub reusable_until: Option<Time>,
}

impl OcspAnswer {
    fn error(status: ResponseStatus) -> OcspAnswer {
        OcspAnswer { der: OcspResponse::error(status), status, reusable_until: None }
    }
}

impl OcspResponder {
    /// A responder for `issuer` that answers with the key of `responder`: a certificate issued for that, or that of the
    /// issuer itself (RFC 6960, 4.2.2.2). An answer is good for `validity_seconds`.
    pub fn new(
        issuer: &Certificate,
        responder: &Certificate,
        validity_seconds: i64,
        provider: &dyn Provider,
    ) -> OcspResponder {
        let identified = ResponderId::by_key(responder, provider);
        let mut builder = OcspResponseBuilder::new(&identified, responder.not_before());
        if responder != issuer {
            builder = builder.certificate(responder);
        }
        OcspResponder {
            issuer: HASHES.iter().map(|hash| CertId::of(*hash, issuer, &[0], provider)).collect(),
            builder,
            valid: (responder.not_before(), responder.not_after()),
            archive_cutoff: issuer.not_before(),
            validity_seconds,
        }
    }

    /// The answer to a request, whatever it is.
    pub fn answer(&self, request: &[u8], register: &Register, now: Time, signer: &dyn Signer) -> OcspAnswer {
        let mut budget = Budget::new(Limits::STANDARD.with(Resource::Steps, 1_000));
        let Ok(request) = OcspRequest::from_der(request, &mut budget) else {
            return OcspAnswer::error(ResponseStatus::MalformedRequest);
        };
        if !request.unknown_critical().is_empty() || request.requests().len() > MOST {
            return OcspAnswer::error(ResponseStatus::MalformedRequest);
        }
        // A responder answers for its issuer alone (RFC 6960, 2.3).
        if !request.requests().iter().any(|asked| self.is_ours(&asked.cert_id)) {
            return OcspAnswer::error(ResponseStatus::Unauthorized);
        }
        if now < self.valid.0 || now > self.valid.1 {
            return OcspAnswer::error(ResponseStatus::InternalError);
        }
        match register.time_of(now) {
            Ok(now) => self.sign(&request, register, now, signer),
            Err(_) => OcspAnswer::error(ResponseStatus::TryLater),
        }
    }

    fn is_ours(&self, asked: &CertId) -> bool {
        self.issuer.iter().any(|own| {
            own.hash_algorithm == asked.hash_algorithm
                && own.issuer_key_hash == asked.issuer_key_hash
                && own.issuer_name_hash == asked.issuer_name_hash
        })
    }

    fn sign(&self, request: &OcspRequest, register: &Register, now: Time, signer: &dyn Signer) -> OcspAnswer {
        let next_update = now.plus(self.validity_seconds);
        let mut builder = self.builder.at(now);
        for SingleRequest { cert_id, cert_id_der } in request.requests() {
            let issued = self.is_ours(cert_id).then(|| register.get(&cert_id.serial)).flatten();
            builder = builder.answer(&SingleAnswer {
                cert_id_der,
                status: status(issued),
                this_update: now,
                next_update: Some(next_update),
                archive_cutoff: Some(self.archive_cutoff),
            });
        }
        if let Some(nonce) = request.nonce() {
            builder = builder.nonce(nonce);
        }
        match builder.sign(signer) {
            Ok(der) => OcspAnswer {
                der,
                status: ResponseStatus::Successful,
                reusable_until: request.nonce().is_none().then_some(next_update),
            },
            Err(_) => OcspAnswer::error(ResponseStatus::InternalError),
        }
    }
}

/// The status of what the register knows; unknown too if its status is never told (RFC 9608).
fn status(issued: Option<&Issued>) -> CertStatus {
    match issued {
        Some(issued) if !issued.certificate.extensions().no_rev_avail => {
            issued.revocation().map_or(CertStatus::Good, CertStatus::Revoked)
        }
        _ => CertStatus::Unknown,
    }
}
