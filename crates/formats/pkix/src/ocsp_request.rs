//! OCSP requests, read and made (RFC 6960, 4.1; RFC 9654).

use crate::build;
use crate::general_name::GeneralName;
use crate::ocsp::{CertId, each_extension, expect_version_1, read_cert_id};
use crate::oid::{self, Oid};
use crate::revoked::shortest_serial;
use crate::tlv::{self, Element};
use crate::{Certificate, Name, encode, extension};
use crypto::{DigestAlgorithm, Provider};
use types::{Budget, Malformed, Resource};

/// What a client asks a responder. A signature of the request is not checked: who asks makes no difference to the answer.
///
/// ```text
/// OCSPRequest ::= SEQUENCE {
///     tbsRequest            TBSRequest,
///     optionalSignature [0] EXPLICIT Signature OPTIONAL }
/// TBSRequest ::= SEQUENCE {
///     version           [0] EXPLICIT Version DEFAULT v1,
///     requestorName     [1] EXPLICIT GeneralName OPTIONAL,
///     requestList           SEQUENCE OF Request,
///     requestExtensions [2] EXPLICIT Extensions OPTIONAL }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OcspRequest {
    der: Vec<u8>,
    requests: Vec<SingleRequest>,
    nonce: Option<Box<[u8]>>,
    unknown_critical: Vec<Oid>,
}

/// `Request ::= SEQUENCE { reqCert CertID, singleRequestExtensions [0] EXPLICIT Extensions OPTIONAL }`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SingleRequest {
    /// Which certificate is asked about.
    pub cert_id: CertId,
    /// The same as it stands in the request: clients compare octets with those of the answer.
    pub cert_id_der: Box<[u8]>,
}

/// Longest and shortest nonce of a request in octets (RFC 9654, 2.1).
const NONCE: std::ops::RangeInclusive<usize> = 1..=128;

impl OcspRequest {
    /// A request about these certificates, unsigned; with a nonce of 1 to 128 octets, 32 being usual (RFC 9654, 2.1), or
    /// without one, so that a prepared answer will do.
    ///
    /// # Errors
    /// [`Malformed`] if a hash algorithm of the identifiers is not known, none is given, or the nonce has another length.
    pub fn new(certificates: &[CertId], nonce: Option<&[u8]>) -> Result<OcspRequest, Malformed> {
        let mut list = Vec::new();
        for cert_id in certificates {
            let unknown = || Malformed::unsupported(None, "an unknown hash algorithm", "RFC 6960, 4.1.1");
            list.extend(encode::sequence(&[&cert_id.to_der().ok_or_else(unknown)?]));
        }
        let extensions = nonce.map(|nonce| {
            let value = encode::value(tlv::OCTET_STRING, nonce);
            let list = build::extensions(&[(oid::OCSP_NONCE, build::Criticality::NonCritical, value)]);
            encode::value(tlv::constructed(2), &list)
        });
        let tbs = encode::sequence(&[&encode::sequence(&[&list]), &extensions.unwrap_or_default()]);
        OcspRequest::from_der(&encode::sequence(&[&tbs]), &mut Budget::default())
    }

    /// Reads one request; nothing may follow it. Draws a step for every certificate asked about.
    ///
    /// # Errors
    /// [`Malformed`] if it cannot be read, asks about nothing, or has a nonce of a length that RFC 9654, 2.1 rules out.
    pub fn from_der(der: &[u8], budget: &mut Budget) -> Result<OcspRequest, Malformed> {
        let mut outer = tlv::only(der, tlv::SEQUENCE, "an OCSP request")?.reader();
        let tbs = outer.expect(tlv::SEQUENCE, "what is asked")?;
        outer.optional(tlv::constructed(0))?;
        outer.finish("the request")?;
        let mut fields = tbs.reader();
        expect_version_1(&mut fields, "a request of a version other than 1", "RFC 6960, 4.1.1")?;
        if let Some(requestor) = fields.optional(tlv::constructed(1))? {
            let mut name = requestor.reader();
            GeneralName::read(&name.any()?)?;
            name.finish("the name of the requestor")?;
        }
        let list = fields.expect(tlv::SEQUENCE, "a list of requests")?;
        let extensions = fields.optional(tlv::constructed(2))?;
        fields.finish("what is asked")?;
        let mut request = OcspRequest {
            der: der.to_vec(),
            requests: Vec::new(),
            nonce: None,
            unknown_critical: Vec::new(),
        };
        request.read_list(&list, budget)?;
        each_extension(extensions, |oid, critical, value| {
            match oid {
                oid::OCSP_NONCE => {
                    let nonce = extension::single(value, tlv::OCTET_STRING)?;
                    if !NONCE.contains(&nonce.content.len()) {
                        return Err(nonce.malformed("a nonce of 0 or more than 128 octets", "RFC 9654, 2.1"));
                    }
                    request.nonce = Some(value.rest().into());
                }
                unknown if critical => request.unknown_critical.push(unknown),
                _ => {}
            }
            Ok(())
        })?;
        Ok(request)
    }

    fn read_list(&mut self, list: &Element<'_>, budget: &mut Budget) -> Result<(), Malformed> {
        let mut reader = list.reader();
        if reader.is_empty() {
            return Err(list.malformed("a request about nothing", "RFC 6960, 4.1.1"));
        }
        while !reader.is_empty() {
            budget.spend(Resource::Steps, 1)?;
            let mut fields = reader.expect(tlv::SEQUENCE, "a request")?.reader();
            let id = fields.expect(tlv::SEQUENCE, "a certificate identifier")?;
            let extensions = fields.optional(tlv::constructed(0))?;
            fields.finish("a request")?;
            each_extension(extensions, |oid, critical, _| {
                if critical {
                    self.unknown_critical.push(oid);
                }
                Ok(())
            })?;
            let (cert_id, cert_id_der) = (read_cert_id(&id)?, id.whole.into());
            self.requests.push(SingleRequest { cert_id, cert_id_der });
        }
        Ok(())
    }

    /// The original bytes.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// What is asked about, one or more.
    pub fn requests(&self) -> &[SingleRequest] {
        &self.requests
    }

    /// The nonce, as the DER inside the extension; an answer must have the same ([`crate::BasicOcspResponse::nonce`]).
    pub fn nonce(&self) -> Option<&[u8]> {
        self.nonce.as_deref()
    }

    /// Critical extensions that nobody here processes: such a request must not be answered (RFC 6960, 4.4).
    pub fn unknown_critical(&self) -> &[Oid] {
        &self.unknown_critical
    }
}

impl CertId {
    /// The identifier of a certificate by its issuer and serial number (content octets).
    pub fn of(
        algorithm: DigestAlgorithm,
        issuer: &Certificate,
        serial: &[u8],
        provider: &dyn Provider,
    ) -> CertId {
        let key = issuer.subject_public_key_info();
        CertId::by_key(algorithm, issuer.subject(), key, serial, provider)
    }

    /// The same by the issuer's name and key (DER `SubjectPublicKeyInfo`), for an issuer without a certificate.
    pub fn by_key(
        algorithm: DigestAlgorithm,
        issuer: &Name,
        spki: &[u8],
        serial: &[u8],
        provider: &dyn Provider,
    ) -> CertId {
        let key = build::subject_public_key(spki).unwrap_or(spki);
        CertId {
            hash_algorithm: Some(algorithm),
            issuer_name_hash: provider.digest(algorithm, issuer.der()).value.into(),
            issuer_key_hash: provider.digest(algorithm, key).value.into(),
            serial: shortest_serial(serial).into(),
        }
    }

    /// Its DER; `None` if the hash algorithm is not known. Parameters of the algorithm are NULL, as most clients write them.
    pub fn to_der(&self) -> Option<Vec<u8>> {
        let algorithm = self.hash_algorithm?;
        let identifier = encode::sequence(&[
            &encode::value(tlv::OID, algorithm.oid().as_bytes()),
            &encode::value(tlv::NULL, &[]),
        ]);
        Some(encode::sequence(&[
            &identifier,
            &encode::value(tlv::OCTET_STRING, &self.issuer_name_hash),
            &encode::value(tlv::OCTET_STRING, &self.issuer_key_hash),
            &encode::value(tlv::INTEGER, &self.serial),
        ]))
    }
}
