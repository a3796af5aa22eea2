//! Enhanced Security Services (RFC 2634, RFC 5035): which certificate signed, hints at the content, references to other content.

use crate::ber::{Element, Encoded, Tag};
use crate::oid::Oid;
use crate::primitive::Context;
use crypto::{DigestAlgorithm, Provider, UnknownAlgorithm};
use std::borrow::Cow;
use types::{Budget, Malformed};

/// Which attribute names the signing certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningCertificateVersion {
    /// `signing-certificate`, SHA-1 only (RFC 2634, 5.4).
    V1,
    /// `signing-certificate-v2` (RFC 5035, 3).
    V2,
}

/// ```text
/// SigningCertificateV2 ::= SEQUENCE { certs SEQUENCE OF ESSCertIDv2,
///                                     policies SEQUENCE OF PolicyInformation OPTIONAL }   -- RFC 5035, 3
/// ```
/// and its predecessor, which has the same shape with SHA-1 understood.
#[derive(Clone, Debug)]
pub struct SigningCertificate<'a> {
    /// Which of the two attributes this is.
    pub version: SigningCertificateVersion,
    /// The first names the signing certificate, any others the certificates to use in its path (RFC 5035, 5.4.1).
    pub certificates: Vec<EssCertId<'a>>,
    /// The certificate policies to be used, as received.
    pub policies: Option<Encoded<'a>>,
}

/// ```text
/// ESSCertIDv2 ::= SEQUENCE { hashAlgorithm AlgorithmIdentifier DEFAULT {algorithm id-sha256},
///                            certHash OCTET STRING, issuerSerial IssuerSerial OPTIONAL }   -- RFC 5035, 4
/// ```
#[derive(Clone, Debug)]
pub struct EssCertId<'a> {
    /// Digest over the whole certificate.
    pub hash: HashValue<'a>,
    /// Its issuer and serial number, where given.
    pub issuer_serial: Option<IssuerSerial<'a>>,
}

/// A digest value and the algorithm that is said to have made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HashValue<'a> {
    /// The algorithm, or the identifier that is not known.
    pub algorithm: Result<DigestAlgorithm, UnknownAlgorithm>,
    /// The value, of any length.
    pub value: Cow<'a, [u8]>,
}

impl HashValue<'_> {
    /// Whether this is the digest of these bytes; never for an algorithm that is not known.
    pub fn is_of(&self, bytes: &[u8], provider: &dyn Provider) -> bool {
        let algorithm = self.algorithm.as_ref().ok();
        algorithm.is_some_and(|algorithm| *provider.digest(*algorithm, bytes).value == *self.value)
    }
}

/// ```text
/// IssuerSerial ::= SEQUENCE { issuer GeneralNames, serialNumber CertificateSerialNumber }   -- RFC 5035, 4
/// ```
#[derive(Clone, Debug)]
pub struct IssuerSerial<'a> {
    /// `GeneralNames` as received.
    pub issuer: Encoded<'a>,
    /// The `Name` in the directoryName, if there is exactly one name and it is one of these.
    pub directory_name: Option<Encoded<'a>>,
    /// Content octets of the serial number, two's complement, as received.
    pub serial: &'a [u8],
}

const CLAUSE: &str = "RFC 5035, 4";

pub(crate) fn signing_certificate<'a>(
    value: &Element<'a>,
    version: SigningCertificateVersion,
    context: &mut Context<'_>,
) -> Result<SigningCertificate<'a>, Malformed> {
    let mut reader = value.open("RFC 5035, 3")?;
    let mut list = reader
        .expect(Tag::SEQUENCE, "certificate identifiers", "RFC 5035, 3", context.budget)?
        .open(CLAUSE)?;
    let mut certificates = Vec::with_capacity(1);
    while let Some(element) = list.next_kept(context.budget)? {
        certificates.push(cert_id(&element, version, context.budget)?);
    }
    if certificates.is_empty() {
        return Err(value.malformed("no certificate is identified", "RFC 5035, 5.4.1"));
    }
    let policies = reader.optional(Tag::SEQUENCE, context.budget)?.map(|element| element.encoded);
    Ok(SigningCertificate { version, certificates, policies })
}

fn cert_id<'a>(
    element: &Element<'a>,
    version: SigningCertificateVersion,
    budget: &mut Budget,
) -> Result<EssCertId<'a>, Malformed> {
    let mut reader = element.open(CLAUSE)?;
    let algorithm = match version {
        SigningCertificateVersion::V1 => Ok(DigestAlgorithm::Sha1),
        SigningCertificateVersion::V2 => match reader.optional(Tag::SEQUENCE, budget)? {
            Some(identifier) => identifier.digest_algorithm(budget)?,
            None => Ok(DigestAlgorithm::Sha256),
        },
    };
    let value = reader.expect(Tag::OCTET_STRING, "certificate hash", CLAUSE, budget)?.octets(budget)?;
    let issuer_serial = match reader.optional(Tag::SEQUENCE, budget)? {
        Some(element) => Some(issuer_serial(&element, budget)?),
        None => None,
    };
    Ok(EssCertId { hash: HashValue { algorithm, value }, issuer_serial })
}

pub(crate) fn issuer_serial<'a>(
    element: &Element<'a>,
    budget: &mut Budget,
) -> Result<IssuerSerial<'a>, Malformed> {
    const DIRECTORY_NAME: Tag = Tag::context(4);
    let mut reader = element.open(CLAUSE)?;
    let issuer = reader.expect(Tag::SEQUENCE, "issuer names", CLAUSE, budget)?;
    let serial = reader.expect(Tag::INTEGER, "serial number", CLAUSE, budget)?.content;
    let mut names = issuer.open(CLAUSE)?;
    let only = names.optional(DIRECTORY_NAME, budget)?.filter(|_| names.is_empty());
    let directory_name = match only {
        Some(name) => name.open(CLAUSE)?.next(budget)?.map(|name| name.encoded),
        None => None,
    };
    Ok(IssuerSerial { issuer: issuer.encoded, directory_name, serial })
}

/// ```text
/// ContentHints ::= SEQUENCE { contentDescription UTF8String OPTIONAL, contentType ContentType }   -- RFC 2634, 2.9
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentHints {
    /// What the content is, in words.
    pub description: Option<String>,
    /// The innermost content type.
    pub content_type: Oid,
}

pub(crate) fn content_hints(
    value: &Element<'_>,
    context: &mut Context<'_>,
) -> Result<ContentHints, Malformed> {
    const UTF8_STRING: Tag = Tag::universal(12);
    let mut reader = value.open("RFC 2634, 2.9")?;
    let description = match reader.optional(UTF8_STRING, context.budget)? {
        Some(text) => Some(text.text(context.budget)?),
        None => None,
    };
    Ok(ContentHints { description, content_type: reader.oid("content type", context.budget)? })
}

/// ```text
/// ContentReference ::= SEQUENCE { contentType ContentType, signedContentIdentifier ContentIdentifier,
///                                 originatorSignatureValue OCTET STRING }   -- RFC 2634, 2.11
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentReference<'a> {
    /// Type of the content referred to.
    pub content_type: Oid,
    /// The content-identifier attribute of that content.
    pub content_identifier: Cow<'a, [u8]>,
    /// The signature value of its originator.
    pub originator_signature: Cow<'a, [u8]>,
}

pub(crate) fn content_reference<'a>(
    value: &Element<'a>,
    context: &mut Context<'_>,
) -> Result<ContentReference<'a>, Malformed> {
    const CLAUSE: &str = "RFC 2634, 2.11";
    let mut reader = value.open(CLAUSE)?;
    let content_type = reader.oid("content type", context.budget)?;
    let mut octets =
        |what| reader.expect(Tag::OCTET_STRING, what, CLAUSE, context.budget)?.octets(context.budget);
    let content_identifier = octets("content identifier")?;
    let originator_signature = octets("originator's signature value")?;
    Ok(ContentReference { content_type, content_identifier, originator_signature })
}
