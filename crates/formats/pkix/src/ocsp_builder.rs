//! Making OCSP responses (RFC 6960, 4.2): times and keys are arguments.

use crate::build::{self, BuildError, Criticality};
use crate::ocsp::{CertStatus, OcspResponse, ResponderId, ResponseStatus};
use crate::oid::{self, Oid};
use crate::reason::Reason;
use crate::revoked::Revocation;
use crate::{Certificate, encode, tlv};
use crypto::{DigestAlgorithm, Provider, Signer};
use types::Time;

/// What is said about one certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SingleAnswer<'a> {
    /// Which certificate: the DER of the `CertID` in the request, whose octets clients compare.
    pub cert_id_der: &'a [u8],
    /// Its status.
    pub status: CertStatus,
    /// When the status was known to be so.
    pub this_update: Time,
    /// By when newer information will be there; absent if it always is.
    pub next_update: Option<Time>,
    /// Revocations of certificates that expired at this time or later are still known (RFC 6960, 4.4.4).
    pub archive_cutoff: Option<Time>,
}

/// Puts a basic OCSP response together.
#[derive(Clone, Debug)]
pub struct OcspResponseBuilder {
    responder: Vec<u8>,
    certificates: Vec<u8>,
    produced_at: Time,
    answers: Vec<u8>,
    extensions: Vec<(Oid, Criticality, Vec<u8>)>,
}

impl ResponderId {
    /// Who answers with this certificate, by the hash of the key (RFC 6960, 4.2.1: SHA-1, which identifies here and
    /// protects nothing).
    pub fn by_key(certificate: &Certificate, provider: &dyn Provider) -> ResponderId {
        let spki = certificate.subject_public_key_info();
        let key = build::subject_public_key(spki).unwrap_or(spki);
        ResponderId::KeyHash(provider.digest(DigestAlgorithm::Sha1, key).value.into())
    }

    fn to_der(&self) -> Vec<u8> {
        match self {
            ResponderId::Name(name) => encode::value(tlv::constructed(1), name.der()),
            ResponderId::KeyHash(hash) => {
                encode::value(tlv::constructed(2), &encode::value(tlv::OCTET_STRING, hash))
            }
        }
    }
}

impl OcspResponseBuilder {
    /// A response without answers yet, produced at this time.
    pub fn new(responder: &ResponderId, produced_at: Time) -> OcspResponseBuilder {
        OcspResponseBuilder {
            responder: responder.to_der(),
            certificates: Vec::new(),
            produced_at,
            answers: Vec::new(),
            extensions: Vec::new(),
        }
    }

    /// The same responder at another time: what was prepared once serves every answer.
    pub fn at(&self, produced_at: Time) -> OcspResponseBuilder {
        OcspResponseBuilder { produced_at, ..self.clone() }
    }

    /// Adds a certificate, e.g. that of a delegated responder (RFC 6960, 4.2.2.2).
    pub fn certificate(mut self, certificate: &Certificate) -> OcspResponseBuilder {
        self.certificates.extend_from_slice(certificate.der());
        self
    }

    /// Adds an answer.
    pub fn answer(mut self, answer: &SingleAnswer<'_>) -> OcspResponseBuilder {
        let time =
            |number: u8, time: Time| encode::value(tlv::constructed(number), &encode::generalized_time(time));
        let (status, invalidity_date) = status(&answer.status);
        let cutoff = answer.archive_cutoff.map(|cutoff| (oid::OCSP_ARCHIVE_CUTOFF, cutoff));
        let invalidity = invalidity_date.map(|since| (oid::INVALIDITY_DATE, since));
        let extensions: Vec<(Oid, Criticality, Vec<u8>)> = [cutoff, invalidity]
            .into_iter()
            .flatten()
            .map(|(oid, time)| (oid, Criticality::NonCritical, encode::generalized_time(time)))
            .collect();
        let extensions = match extensions.as_slice() {
            [] => Vec::new(),
            list => encode::value(tlv::constructed(1), &build::extensions(list)),
        };
        self.answers.extend(encode::sequence(&[
            answer.cert_id_der,
            &status,
            &encode::generalized_time(answer.this_update),
            &answer.next_update.map(|next| time(0, next)).unwrap_or_default(),
            &extensions,
        ]));
        self
    }

    /// Repeats the nonce of the request, given as the DER inside its extension ([`crate::OcspRequest::nonce`]).
    pub fn nonce(mut self, der: &[u8]) -> OcspResponseBuilder {
        self.extensions.push((oid::OCSP_NONCE, Criticality::NonCritical, der.to_vec()));
        self
    }

    /// Says that certificates never issued are called revoked (RFC 6960, 4.4.8).
    pub fn extended_revoke(mut self) -> OcspResponseBuilder {
        let null = encode::value(tlv::NULL, &[]);
        self.extensions.push((oid::OCSP_EXTENDED_REVOKE, Criticality::NonCritical, null));
        self
    }

    /// Signs it: a whole `OCSPResponse`, DER.
    ///
    /// # Errors
    /// If the signer does not sign or its algorithm cannot be written.
    pub fn sign(&self, responder: &dyn Signer) -> Result<Vec<u8>, BuildError> {
        let extensions = match self.extensions.as_slice() {
            [] => Vec::new(),
            list => encode::value(tlv::constructed(1), &build::extensions(list)),
        };
        let tbs = encode::sequence(&[
            &self.responder,
            &encode::generalized_time(self.produced_at),
            &encode::value(tlv::SEQUENCE, &self.answers),
            &extensions,
        ]);
        let certificates = match self.certificates.as_slice() {
            [] => Vec::new(),
            list => encode::value(tlv::constructed(0), &encode::value(tlv::SEQUENCE, list)),
        };
        let basic = build::signed(&tbs, responder, &certificates)?;
        let bytes = encode::sequence(&[&oid::OCSP_BASIC.to_der(), &encode::value(tlv::OCTET_STRING, &basic)]);
        Ok(encode::sequence(&[
            &encode::value(tlv::ENUMERATED, &[ResponseStatus::Successful.code()]),
            &encode::value(tlv::constructed(0), &bytes),
        ]))
    }
}

impl OcspResponse {
    /// The unsigned response that says why there is no answer (RFC 6960, 4.2.1), DER.
    pub fn error(status: ResponseStatus) -> Vec<u8> {
        encode::sequence(&[&encode::value(tlv::ENUMERATED, &[status.code()])])
    }
}

impl ResponseStatus {
    const fn code(self) -> u8 {
        match self {
            ResponseStatus::Successful => 0,
            ResponseStatus::MalformedRequest => 1,
            ResponseStatus::InternalError => 2,
            ResponseStatus::TryLater => 3,
            ResponseStatus::SigRequired => 5,
            ResponseStatus::Unauthorized => 6,
        }
    }
}

/// `CertStatus`, and what has its place in the extensions.
fn status(status: &CertStatus) -> (Vec<u8>, Option<Time>) {
    match status {
        CertStatus::Good => (encode::value(tlv::primitive(0), &[]), None),
        CertStatus::Unknown => (encode::value(tlv::primitive(2), &[]), None),
        CertStatus::Revoked(Revocation { at, reason, invalidity_date }) => {
            let reason = reason.filter(|reason| *reason != Reason::Unspecified).map(|reason| {
                encode::value(tlv::constructed(0), &encode::value(tlv::ENUMERATED, &[reason.code()]))
            });
            let fields = [encode::generalized_time(*at), reason.unwrap_or_default()].concat();
            (encode::value(tlv::constructed(1), &fields), *invalidity_date)
        }
    }
}
