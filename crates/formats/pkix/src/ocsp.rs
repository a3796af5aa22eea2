//! OCSP responses as read: original bytes with a parsed view beside them (RFC 6960, 4.2).

use crate::irregularity::{Irregularity, Weight};
use crate::oid::{self, Oid};
use crate::reason::Reason;
use crate::revoked::{Revocation, same_serial, shortest_serial};
use crate::signed::{Kind, Signed};
use crate::tlv::{self, Element, Reader};
use crate::{Certificate, Name, build, extension};
use const_oid::ObjectIdentifier;
use crypto::{Digest, DigestAlgorithm, Provider};
use std::fmt;
use std::sync::Arc;
use types::{Budget, Malformed, Resource, Time};

/// `OCSPResponseStatus` (RFC 6960, 4.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseStatus {
    /// There is a response.
    Successful,
    /// The request could not be read.
    MalformedRequest,
    /// The responder failed.
    InternalError,
    /// The responder asks to come back later.
    TryLater,
    /// The request must be signed.
    SigRequired,
    /// The requester may not ask, or the responder may not answer about this certificate.
    Unauthorized,
}

/// What an OCSP responder sends.
///
/// ```text
/// OCSPResponse ::= SEQUENCE {
///     responseStatus OCSPResponseStatus,
///     responseBytes  [0] EXPLICIT SEQUENCE {
///         responseType OBJECT IDENTIFIER,
///         response     OCTET STRING } OPTIONAL }
/// ```
#[derive(Clone, Debug)]
pub struct OcspResponse {
    /// Whether the responder answers at all.
    pub status: ResponseStatus,
    /// The answer.
    pub basic: Option<BasicOcspResponse>,
}

/// A signed answer about certificates. Cloning is cheap; equality is that of the original bytes.
///
/// ```text
/// BasicOCSPResponse ::= SEQUENCE {
///     tbsResponseData    ResponseData,
///     signatureAlgorithm AlgorithmIdentifier,
///     signature          BIT STRING,
///     certs              [0] EXPLICIT SEQUENCE OF Certificate OPTIONAL }
/// ResponseData ::= SEQUENCE {
///     version            [0] EXPLICIT Version DEFAULT v1,
///     responderID            ResponderID,
///     producedAt             GeneralizedTime,
///     responses              SEQUENCE OF SingleResponse,
///     responseExtensions [1] EXPLICIT Extensions OPTIONAL }
/// ```
#[derive(Clone)]
pub struct BasicOcspResponse(Arc<Inner>);

struct Inner {
    signed: Signed,
    body: Body,
    certificates: Vec<Certificate>,
    irregularities: Vec<Irregularity>,
}

struct Body {
    responder_id: ResponderId,
    produced_at: Time,
    responses: Vec<SingleResponse>,
    nonce: Option<Box<[u8]>>,
    extended_revoke: bool,
    unknown_critical: Vec<Oid>,
}

/// Who answers: `ResponderID ::= CHOICE { byName [1] Name, byKey [2] KeyHash }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResponderId {
    /// The subject of the responder's certificate.
    Name(Name),
    /// SHA-1 of the responder's public key.
    KeyHash(Box<[u8]>),
}

/// Which certificate is meant (RFC 6960, 4.1.1).
///
/// ```text
/// CertID ::= SEQUENCE {
///     hashAlgorithm  AlgorithmIdentifier,
///     issuerNameHash OCTET STRING,
///     issuerKeyHash  OCTET STRING,
///     serialNumber   CertificateSerialNumber }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertId {
    /// How the hashes were made; none if the algorithm is unknown.
    pub hash_algorithm: Option<DigestAlgorithm>,
    /// Hash of the issuer's name as it stands in the certificate.
    pub issuer_name_hash: Box<[u8]>,
    /// Hash of the issuer's public key.
    pub issuer_key_hash: Box<[u8]>,
    /// Serial number, content octets of its shortest form.
    pub serial: Box<[u8]>,
}

/// `CertStatus ::= CHOICE { good [0] NULL, revoked [1] RevokedInfo, unknown [2] UnknownInfo }`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertStatus {
    /// Not revoked as far as the responder knows.
    Good,
    /// Revoked.
    Revoked(Revocation),
    /// The responder does not know the certificate.
    Unknown,
}

/// The answer about one certificate.
///
/// ```text
/// SingleResponse ::= SEQUENCE {
///     certID               CertID,
///     certStatus           CertStatus,
///     thisUpdate           GeneralizedTime,
///     nextUpdate       [0] EXPLICIT GeneralizedTime OPTIONAL,
///     singleExtensions [1] EXPLICIT Extensions OPTIONAL }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SingleResponse {
    /// Which certificate.
    pub cert_id: CertId,
    /// Its status.
    pub status: CertStatus,
    /// When the status was known to be so.
    pub this_update: Time,
    /// By when newer information will be there.
    pub next_update: Option<Time>,
    /// Revocations of certificates that expired at this time or later are still known (RFC 6960, 4.4.4).
    pub archive_cutoff: Option<Time>,
    /// Hash of the certificate itself: the responder knows it (Common PKI, part 4, 3.1.2).
    pub cert_hash: Option<Digest>,
    /// Critical extensions that nobody here processes.
    pub unknown_critical: Vec<Oid>,
}

impl ResponseStatus {
    fn read(element: &Element<'_>) -> Result<ResponseStatus, Malformed> {
        Ok(match element.content {
            [0] => ResponseStatus::Successful,
            [1] => ResponseStatus::MalformedRequest,
            [2] => ResponseStatus::InternalError,
            [3] => ResponseStatus::TryLater,
            [5] => ResponseStatus::SigRequired,
            [6] => ResponseStatus::Unauthorized,
            _ => return Err(element.malformed("an unassigned status of a response", "RFC 6960, 4.2.1")),
        })
    }
}

impl OcspResponse {
    /// Reads an `OCSPResponse`, or a bare `BasicOCSPResponse` as CMS and PDF may carry it (then taken as successful);
    /// nothing may follow. Draws a step for every single response and on [`Resource::Certificates`].
    pub fn from_der(der: &[u8], budget: &mut Budget) -> Result<OcspResponse, Malformed> {
        let mut fields = tlv::only(der, tlv::SEQUENCE, "an OCSP response")?.reader();
        if fields.peek() == Some(tlv::SEQUENCE) {
            let basic = BasicOcspResponse::from_der(der, budget)?;
            return Ok(OcspResponse { status: ResponseStatus::Successful, basic: Some(basic) });
        }
        let status = ResponseStatus::read(&fields.expect(tlv::ENUMERATED, "the status of a response")?)?;
        let explicit = fields.optional(tlv::constructed(0))?;
        fields.finish("the response")?;
        let Some(explicit) = explicit else {
            if status == ResponseStatus::Successful {
                return Err(fields.malformed("a successful response without a response", "RFC 6960, 4.2.1"));
            }
            return Ok(OcspResponse { status, basic: None });
        };
        let mut bytes = extension::sequence(explicit.reader())?;
        let kind = bytes.expect(tlv::OID, "the type of a response")?;
        let response = bytes.expect(tlv::OCTET_STRING, "a response")?;
        bytes.finish("the response")?;
        if Oid::read(&kind)? != oid::OCSP_BASIC {
            return Err(Malformed::unsupported(
                kind.at as u64,
                "a response that is not a basic one",
                "RFC 6960, 4.2.1",
            ));
        }
        // What comes with an error status is not an answer.
        let answers = status == ResponseStatus::Successful;
        let basic = answers.then(|| BasicOcspResponse::from_der(response.content, budget)).transpose()?;
        Ok(OcspResponse { status, basic })
    }
}

impl BasicOcspResponse {
    /// Reads one `BasicOCSPResponse`; nothing may follow it. The bytes are copied once and kept.
    pub fn from_der(der: &[u8], budget: &mut Budget) -> Result<BasicOcspResponse, Malformed> {
        const KIND: Kind = Kind {
            whole: "a basic OCSP response",
            tbs: "response data",
            unused_bits: ("ocsp.signature.unused-bits", "RFC 6960, 4.2.1"),
        };
        let der: Arc<[u8]> = der.into();
        let mut irregularities = Vec::new();
        let (signed, tbs, mut rest) = Signed::read(&der, &KIND, &mut irregularities)?;
        let certificates = rest.optional(tlv::constructed(0))?;
        rest.finish("the certificates")?;
        let body = read_body(&tbs, budget)?;
        let certificates = read_certificates(certificates, &mut irregularities, budget)?;
        Ok(BasicOcspResponse(Arc::new(Inner { signed, body, certificates, irregularities })))
    }

    /// The original bytes of the `BasicOCSPResponse`.
    pub fn der(&self) -> &[u8] {
        self.0.signed.der()
    }

    /// The responder's signature and what it is over.
    pub fn signed(&self) -> &Signed {
        &self.0.signed
    }

    /// Who answers.
    pub fn responder_id(&self) -> &ResponderId {
        &self.0.body.responder_id
    }

    /// When the answer was signed.
    pub fn produced_at(&self) -> Time {
        self.0.body.produced_at
    }

    /// The answers.
    pub fn responses(&self) -> &[SingleResponse] {
        &self.0.body.responses
    }

    /// The nonce of the request that is answered (RFC 6960, 4.4.1), the DER inside the extension.
    pub fn nonce(&self) -> Option<&[u8]> {
        self.0.body.nonce.as_deref()
    }

    /// Whether certificates that were never issued are called revoked (RFC 6960, 4.4.8).
    pub fn is_extended_revoke(&self) -> bool {
        self.0.body.extended_revoke
    }

    /// Critical extensions of the whole answer that nobody here processes.
    pub fn unknown_critical(&self) -> &[Oid] {
        &self.0.body.unknown_critical
    }

    /// The certificates that came with it.
    pub fn certificates(&self) -> &[Certificate] {
        &self.0.certificates
    }

    /// What it does against the standard.
    pub fn irregularities(&self) -> &[Irregularity] {
        &self.0.irregularities
    }

    /// Whether some irregularity makes it unusable.
    pub fn is_faulty(&self) -> bool {
        self.irregularities().iter().any(|one| one.weight == Weight::Fault)
    }

    /// Digest of the `BasicOCSPResponse`.
    pub fn digest(&self, algorithm: DigestAlgorithm, provider: &dyn Provider) -> Digest {
        provider.digest(algorithm, self.der())
    }
}

impl CertId {
    /// Whether it means the certificate with this issuer name, key (DER `SubjectPublicKeyInfo`) and serial number.
    pub fn is(&self, issuer: &Name, issuer_key: &[u8], serial: &[u8], provider: &dyn Provider) -> bool {
        let Some(algorithm) = self.hash_algorithm else { return false };
        let Some(key) = build::subject_public_key(issuer_key) else { return false };
        same_serial(serial, &self.serial)
            && provider.digest(algorithm, issuer.der()).value == *self.issuer_name_hash
            && provider.digest(algorithm, key).value == *self.issuer_key_hash
    }
}

fn read_certificates(
    explicit: Option<Element<'_>>,
    irregularities: &mut Vec<Irregularity>,
    budget: &mut Budget,
) -> Result<Vec<Certificate>, Malformed> {
    let mut certificates = Vec::new();
    let Some(explicit) = explicit else { return Ok(certificates) };
    let mut list = extension::sequence(explicit.reader())?;
    while !list.is_empty() {
        budget.spend(Resource::Certificates, 1)?;
        match Certificate::from_der(list.any()?.whole) {
            Ok(certificate) => certificates.push(certificate),
            // It is not part of what is signed, so that the answer stands without it.
            Err(_) => irregularities.push(Irregularity::deviation(
                "ocsp.certificate.malformed",
                "RFC 6960, 4.2.1",
                "a certificate that came with the answer cannot be read",
            )),
        }
    }
    Ok(certificates)
}

/// The version, which requests and responses have alike and may leave out.
pub(crate) fn expect_version_1(
    fields: &mut tlv::Reader<'_>,
    other: &'static str,
    clause: &'static str,
) -> Result<(), Malformed> {
    let Some(explicit) = fields.optional(tlv::constructed(0))? else { return Ok(()) };
    let version = extension::single(explicit.reader(), tlv::INTEGER)?;
    if version.content == [0] {
        Ok(())
    } else {
        Err(Malformed::unsupported(version.at as u64, other, clause))
    }
}

fn read_body(tbs: &Element<'_>, budget: &mut Budget) -> Result<Body, Malformed> {
    let mut fields = tbs.reader();
    expect_version_1(&mut fields, "a response of a version other than 1", "RFC 6960, 4.2.1")?;
    let responder_id = read_responder_id(&fields.any()?)?;
    let produced_at = tlv::time(&fields.expect(tlv::GENERALIZED_TIME, "a time of production")?)?;
    let mut list = fields.expect(tlv::SEQUENCE, "responses")?.reader();
    let explicit = fields.optional(tlv::constructed(1))?;
    fields.finish("the response data")?;
    let mut responses = Vec::new();
    while !list.is_empty() {
        budget.spend(Resource::Steps, 1)?;
        responses.push(read_single(&list.expect(tlv::SEQUENCE, "a single response")?)?);
    }
    let mut body = Body {
        responder_id,
        produced_at,
        responses,
        nonce: None,
        extended_revoke: false,
        unknown_critical: Vec::new(),
    };
    each_extension(explicit, |oid, critical, value| {
        match oid {
            oid::OCSP_NONCE => body.nonce = Some(value.rest().into()),
            oid::OCSP_EXTENDED_REVOKE => body.extended_revoke = true,
            unknown if critical => body.unknown_critical.push(unknown),
            _ => {}
        }
        Ok(())
    })?;
    Ok(body)
}

fn read_responder_id(choice: &Element<'_>) -> Result<ResponderId, Malformed> {
    let by_name = choice.tag == tlv::constructed(1);
    match choice.tag {
        _ if by_name => {
            Ok(ResponderId::Name(Name::read(&extension::single(choice.reader(), tlv::SEQUENCE)?)?))
        }
        tag if tag == tlv::constructed(2) => {
            Ok(ResponderId::KeyHash(extension::single(choice.reader(), tlv::OCTET_STRING)?.content.into()))
        }
        _ => Err(choice.malformed("not a responder", "RFC 6960, 4.2.1")),
    }
}

fn read_single(element: &Element<'_>) -> Result<SingleResponse, Malformed> {
    let mut fields = element.reader();
    let cert_id = read_cert_id(&fields.expect(tlv::SEQUENCE, "a certificate identifier")?)?;
    let status = read_status(&fields.any()?)?;
    let this_update = tlv::time(&fields.expect(tlv::GENERALIZED_TIME, "a time")?)?;
    let next_update = fields.optional(tlv::constructed(0))?;
    let explicit = fields.optional(tlv::constructed(1))?;
    fields.finish("a single response")?;
    let next_update = next_update
        .map(|explicit| tlv::time(&extension::single(explicit.reader(), tlv::GENERALIZED_TIME)?))
        .transpose()?;
    let mut single = SingleResponse {
        cert_id,
        status,
        this_update,
        next_update,
        archive_cutoff: None,
        cert_hash: None,
        unknown_critical: Vec::new(),
    };
    each_extension(explicit, |oid, critical, value| single.interpret(oid, critical, value))?;
    Ok(single)
}

impl SingleResponse {
    fn interpret(&mut self, oid: Oid, critical: bool, value: Reader<'_>) -> Result<(), Malformed> {
        match oid {
            oid::OCSP_ARCHIVE_CUTOFF => {
                self.archive_cutoff = Some(tlv::time(&extension::single(value, tlv::GENERALIZED_TIME)?)?);
            }
            oid::CERT_HASH => self.cert_hash = read_cert_hash(value)?,
            oid::CRL_REASON | oid::INVALIDITY_DATE => {
                if let CertStatus::Revoked(revocation) = &mut self.status {
                    revocation.interpret(oid, value)?;
                }
            }
            oid::OCSP_CRL_REFERENCE | oid::HOLD_INSTRUCTION | oid::SIGNED_CERTIFICATE_TIMESTAMPS => {}
            unknown if critical => self.unknown_critical.push(unknown),
            _ => {}
        }
        Ok(())
    }
}

/// `CertHash ::= SEQUENCE { hashAlgorithm AlgorithmIdentifier, certificateHash OCTET STRING }`
fn read_cert_hash(value: Reader<'_>) -> Result<Option<Digest>, Malformed> {
    let mut fields = extension::sequence(value)?;
    let algorithm = read_hash_algorithm(&fields.expect(tlv::SEQUENCE, "a hash algorithm")?)?;
    let value = fields.expect(tlv::OCTET_STRING, "a hash")?;
    fields.finish("a hash of a certificate")?;
    Ok(algorithm.map(|algorithm| Digest { algorithm, value: value.content.to_vec() }))
}

pub(crate) fn read_cert_id(element: &Element<'_>) -> Result<CertId, Malformed> {
    let mut fields = element.reader();
    let hash_algorithm = read_hash_algorithm(&fields.expect(tlv::SEQUENCE, "a hash algorithm")?)?;
    let name = fields.expect(tlv::OCTET_STRING, "a hash of a name")?;
    let key = fields.expect(tlv::OCTET_STRING, "a hash of a key")?;
    let serial = fields.expect(tlv::INTEGER, "a serial number")?;
    fields.finish("a certificate identifier")?;
    if serial.content.is_empty() {
        return Err(serial.malformed("a serial number without contents", "RFC 6960, 4.1.1"));
    }
    Ok(CertId {
        hash_algorithm,
        issuer_name_hash: name.content.into(),
        issuer_key_hash: key.content.into(),
        serial: shortest_serial(serial.content).into(),
    })
}

fn read_hash_algorithm(identifier: &Element<'_>) -> Result<Option<DigestAlgorithm>, Malformed> {
    let algorithm = identifier.reader().expect(tlv::OID, "a hash algorithm")?;
    let oid = ObjectIdentifier::from_bytes(algorithm.content).ok();
    Ok(oid.and_then(DigestAlgorithm::from_oid))
}

fn read_status(choice: &Element<'_>) -> Result<CertStatus, Malformed> {
    const REVOKED: u8 = tlv::constructed(1);
    match (choice.tag, choice.content) {
        (0x80, []) => Ok(CertStatus::Good),
        (0x82, []) => Ok(CertStatus::Unknown),
        (REVOKED, _) => {
            let mut fields = choice.reader();
            let at = tlv::time(&fields.expect(tlv::GENERALIZED_TIME, "a time of revocation")?)?;
            let reason = fields.optional(tlv::constructed(0))?;
            fields.finish("what is said about a revocation")?;
            let reason = reason
                .map(|explicit| Reason::read(&extension::single(explicit.reader(), tlv::ENUMERATED)?))
                .transpose()?;
            Ok(CertStatus::Revoked(Revocation { at, reason, invalidity_date: None }))
        }
        _ => Err(choice.malformed("not the status of a certificate", "RFC 6960, 4.2.1")),
    }
}

/// Visits the extensions inside an explicit tag.
pub(crate) fn each_extension<'a>(
    explicit: Option<Element<'a>>,
    mut see: impl FnMut(Oid, bool, Reader<'a>) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    let Some(explicit) = explicit else { return Ok(()) };
    for read in extension::each(extension::sequence(explicit.reader())?) {
        let (extension, value) = read?;
        see(extension.oid, extension.critical, value)?;
    }
    Ok(())
}

impl PartialEq for BasicOcspResponse {
    fn eq(&self, other: &BasicOcspResponse) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.der() == other.der()
    }
}

impl Eq for BasicOcspResponse {}

impl fmt::Debug for BasicOcspResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BasicOcspResponse({:?}, {})", self.responder_id(), self.produced_at())
    }
}
