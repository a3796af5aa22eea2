//! `SignedData` as received (RFC 5652, 5.1): BER or DER, every part with its original bytes and place.

use crate::ber::{Element, Encoded, Form, Reader, Tag};
use crate::oid::{self, Oid};
use crate::primitive::Context;
use crate::signer_info::SignerInfo;
use crypto::{DigestAlgorithm, UnknownAlgorithm};
use std::borrow::Cow;
use types::{Budget, Finding, Malformed, Resource, Severity, Span};

const CLAUSE: &str = "RFC 5652, 5.1";

/// ```text
/// SignedData ::= SEQUENCE {
///   version CMSVersion, digestAlgorithms SET OF DigestAlgorithmIdentifier, encapContentInfo EncapsulatedContentInfo,
///   certificates [0] IMPLICIT CertificateSet OPTIONAL, crls [1] IMPLICIT RevocationInfoChoices OPTIONAL,
///   signerInfos SET OF SignerInfo }   -- RFC 5652, 5.1
/// ```
/// All spans count from the first byte given to [`SignedData::parse`].
#[derive(Clone, Debug)]
pub struct SignedData<'a> {
    /// The `ContentInfo` as received, without what follows it.
    pub encoded: Encoded<'a>,
    /// What follows it in the bytes given.
    pub trailing: Trailing,
    /// 1, 3, 4 or 5 in honest data.
    pub version: i64,
    /// The digest algorithms announced.
    pub digest_algorithms: Vec<Result<DigestAlgorithm, UnknownAlgorithm>>,
    /// The content or its absence.
    pub content: EncapsulatedContent<'a>,
    /// The `[0] certificates` set as received.
    pub certificates_encoded: Option<Encoded<'a>>,
    /// Certificates of all kinds as received; see [`SignedData::certificates`].
    pub certificate_choices: Vec<CertificateChoice<'a>>,
    /// The `[1] crls` set as received.
    pub crls_encoded: Option<Encoded<'a>>,
    /// CRLs and other revocation information as received.
    pub revocation_infos: Vec<RevocationInfo<'a>>,
    /// The signers.
    pub signers: Vec<SignerInfo<'a>>,
    /// What is noteworthy about all this.
    pub findings: Vec<Finding>,
}

/// What follows the `ContentInfo`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trailing {
    /// Nothing.
    None,
    /// Only zero bytes, as the reserved room in a PDF leaves.
    Zeros(Span),
    /// Something else.
    Other(Span),
}

/// ```text
/// EncapsulatedContentInfo ::= SEQUENCE { eContentType ContentType,
///                                        eContent [0] EXPLICIT OCTET STRING OPTIONAL }   -- RFC 5652, 5.2
/// ```
#[derive(Clone, Debug)]
pub struct EncapsulatedContent<'a> {
    /// The `EncapsulatedContentInfo` as received.
    pub info: Encoded<'a>,
    /// What the content is.
    pub content_type: Oid,
    /// The octets that are digested, segments joined; `None` if the content is detached. Where the content is not an
    /// OCTET STRING, its content octets (PKCS #7, RFC 2315, 9.3).
    pub content: Option<Cow<'a, [u8]>>,
    /// The value inside `[0]` as received.
    pub encoded: Option<Encoded<'a>>,
}

/// One entry of `CertificateSet` (RFC 5652, 10.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CertificateChoice<'a> {
    /// Which of the choices.
    pub kind: CertificateKind,
    /// The entry as received.
    pub encoded: Encoded<'a>,
}

/// `CertificateChoices` (RFC 5652, 10.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateKind {
    /// An X.509 certificate.
    Certificate,
    /// An attribute certificate, version 1 or 2.
    AttributeCertificate,
    /// A PKCS #6 extended certificate or another format.
    Other,
}

/// One entry of `RevocationInfoChoices` (RFC 5652, 10.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationInfo<'a> {
    /// What it is.
    pub kind: RevocationKind,
    /// The CRL, response or other information itself, as received.
    pub encoded: Encoded<'a>,
    /// The whole entry as received; for a CRL the same as `encoded`. This is what ats-hash-index names.
    pub choice: Encoded<'a>,
}

/// What a [`RevocationInfo`] is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RevocationKind {
    /// `CertificateList` (RFC 5280, 5.1).
    Crl,
    /// `OCSPResponse` (RFC 5940, 2.1).
    OcspResponse,
    /// `BasicOCSPResponse`, which some signers put here.
    BasicOcspResponse,
    /// Something else.
    Other(Oid),
}

impl<'a> SignedData<'a> {
    /// Reads a `ContentInfo` that holds a `SignedData`. Follows BER; what may be overlooked without doubt about what was
    /// signed becomes a finding, everything else is an error.
    pub fn parse(bytes: &'a [u8], budget: &mut Budget) -> Result<SignedData<'a>, Malformed> {
        let mut context = Context::new(budget);
        let mut reader = Reader::new(bytes, 0);
        let outer = reader.expect(Tag::SEQUENCE, "content info", "RFC 5652, 3", context.budget)?;
        let mut content_info = outer.open("RFC 5652, 3")?;
        let content_type = content_info.oid("content type", context.budget)?;
        if content_type != oid::SIGNED_DATA {
            let reason = format!("content type {content_type} is not signed data");
            return Err(outer.malformed(reason, "RFC 5652, 5.1"));
        }
        let wrapper = content_info.expect(Tag::context(0), "content", "RFC 5652, 3", context.budget)?;
        let mut inside = wrapper.open("RFC 5652, 3")?;
        let signed_data = inside.expect(Tag::SEQUENCE, "signed data", CLAUSE, context.budget)?;
        if !inside.is_empty() || !content_info.is_empty() {
            return Err(outer.malformed("the content info goes on after the signed data", "RFC 5652, 3"));
        }
        let trailing = trailing(&reader, &mut context);
        if outer.form == Form::Indefinite {
            let message = "the signature is BER with indefinite lengths";
            let finding = Finding::new("cms.indefinite-length", Severity::Info, message);
            context.findings.push(finding.at(outer.encoded.span));
        }
        read(outer.encoded, trailing, &signed_data, context)
    }

    /// The X.509 certificates, in the order received.
    pub fn certificates(&self) -> impl Iterator<Item = Encoded<'a>> + '_ {
        let x509 =
            self.certificate_choices.iter().filter(|choice| choice.kind == CertificateKind::Certificate);
        x509.map(|choice| choice.encoded)
    }
}

fn read<'a>(
    encoded: Encoded<'a>,
    trailing: Trailing,
    element: &Element<'a>,
    mut context: Context<'_>,
) -> Result<SignedData<'a>, Malformed> {
    let mut reader = element.open(CLAUSE)?;
    let version = reader.small_integer("version of the signed data", context.budget)?;
    let digest_algorithms = digest_algorithms(&mut reader, context.budget)?;
    let content = encapsulated_content(&mut reader, &mut context)?;
    let certificates = reader.optional(Tag::context(0), context.budget)?;
    let certificate_choices = certificate_choices(certificates.as_ref(), context.budget)?;
    let crls = reader.optional(Tag::context(1), context.budget)?;
    let revocation_infos = revocation_infos(crls.as_ref(), context.budget)?;
    let mut list = reader.expect(Tag::SET, "signer infos", CLAUSE, context.budget)?.open(CLAUSE)?;
    if !reader.is_empty() {
        return Err(reader.malformed("signed data goes on after its signers", CLAUSE));
    }
    let mut signers = Vec::with_capacity(1);
    while let Some(element) = list.next_kept(context.budget)? {
        context.budget.spend(Resource::Signatures, 1)?;
        must_be_sequence(&element, "signer info")?;
        let signer = SignerInfo::read(&element, &mut context)?;
        signer.check_content_type(&content.content_type, &mut context.findings);
        if signer.digest_algorithm.is_ok() && !digest_algorithms.contains(&signer.digest_algorithm) {
            let message =
                "the signer's digest algorithm is not announced among digestAlgorithms (RFC 5652, 5.1)";
            let finding = Finding::new("cms.digest-algorithm.unannounced", Severity::Info, message);
            context.findings.push(finding.at(signer.encoded.span));
        }
        signers.push(signer);
    }
    if signers.is_empty() {
        let finding = Finding::new("cms.signers.none", Severity::Warning, "the signed data has no signer");
        context.findings.push(finding.at(element.encoded.span));
    }
    let findings = context.findings;
    Ok(SignedData {
        encoded,
        trailing,
        version,
        digest_algorithms,
        content,
        certificates_encoded: certificates.map(|set| set.encoded),
        certificate_choices,
        crls_encoded: crls.map(|set| set.encoded),
        revocation_infos,
        signers,
        findings,
    })
}

/// A PDF pads the room reserved for the signature with zeros (ISO 32000-2, 12.8.3.3.1).
fn trailing(reader: &Reader<'_>, context: &mut Context<'_>) -> Trailing {
    let rest = reader.rest();
    let span = Span::new(reader.position(), reader.position().saturating_add(rest.len() as u64));
    if rest.is_empty() {
        return Trailing::None;
    }
    // By the block: most of what is handed over is this padding.
    if rest.chunks(64).all(|block| block.iter().fold(0, |all, byte| all | byte) == 0) {
        return Trailing::Zeros(span);
    }
    let message = format!("{} bytes that are not all zero follow the signature", rest.len());
    context.findings.push(Finding::new("cms.trailing-bytes", Severity::Warning, message).at(span));
    Trailing::Other(span)
}

fn digest_algorithms(
    reader: &mut Reader<'_>,
    budget: &mut Budget,
) -> Result<Vec<Result<DigestAlgorithm, UnknownAlgorithm>>, Malformed> {
    let mut list = reader.expect(Tag::SET, "digest algorithms", CLAUSE, budget)?.open(CLAUSE)?;
    let mut algorithms = Vec::with_capacity(1);
    while let Some(element) = list.next_kept(budget)? {
        must_be_sequence(&element, "digest algorithm")?;
        algorithms.push(element.digest_algorithm(budget)?);
    }
    Ok(algorithms)
}

fn must_be_sequence(element: &Element<'_>, what: &str) -> Result<(), Malformed> {
    if element.tag == Tag::SEQUENCE {
        return Ok(());
    }
    Err(element.malformed(format!("{what} is not a SEQUENCE"), CLAUSE))
}

fn encapsulated_content<'a>(
    reader: &mut Reader<'a>,
    context: &mut Context<'_>,
) -> Result<EncapsulatedContent<'a>, Malformed> {
    const CLAUSE: &str = "RFC 5652, 5.2";
    let whole = reader.expect(Tag::SEQUENCE, "content", CLAUSE, context.budget)?;
    let (info, mut fields) = (whole.encoded, whole.open(CLAUSE)?);
    let content_type = fields.oid("content type", context.budget)?;
    let value = match fields.optional(Tag::context(0), context.budget)? {
        Some(wrapper) => {
            let mut inside = wrapper.open(CLAUSE)?;
            let value = inside.next(context.budget)?;
            if !inside.is_empty() {
                return Err(inside.malformed("something follows the content in its place", CLAUSE));
            }
            value
        }
        None => None,
    };
    if !fields.is_empty() {
        return Err(fields.malformed("something follows the content", CLAUSE));
    }
    let Some(value) = value else {
        return Ok(EncapsulatedContent { info, content_type, content: None, encoded: None });
    };
    let content = if value.tag == Tag::OCTET_STRING {
        value.octets(context.budget)?
    } else if content_type == oid::DATA {
        return Err(fields.malformed("the content is data, but not an OCTET STRING", CLAUSE));
    } else {
        let message = "the content is not an OCTET STRING; PKCS #7 rules are followed (RFC 2315, 9.3)";
        let finding = Finding::new("cms.content.not-octet-string", Severity::Info, message);
        context.findings.push(finding.at(value.encoded.span));
        Cow::Borrowed(value.content)
    };
    Ok(EncapsulatedContent { info, content_type, content: Some(content), encoded: Some(value.encoded) })
}

fn certificate_choices<'a>(
    set: Option<&Element<'a>>,
    budget: &mut Budget,
) -> Result<Vec<CertificateChoice<'a>>, Malformed> {
    let Some(set) = set else { return Ok(Vec::new()) };
    let mut list = set.open("RFC 5652, 10.2.3")?;
    let mut choices = Vec::new();
    while let Some(element) = list.next_kept(budget)? {
        budget.spend(Resource::Certificates, 1)?;
        let kind = match element.tag {
            Tag::SEQUENCE => CertificateKind::Certificate,
            tag if tag == Tag::context(1) || tag == Tag::context(2) => CertificateKind::AttributeCertificate,
            _ => CertificateKind::Other,
        };
        choices.push(CertificateChoice { kind, encoded: element.encoded });
    }
    Ok(choices)
}

/// ```text
/// RevocationInfoChoice ::= CHOICE { crl CertificateList, other [1] IMPLICIT OtherRevocationInfoFormat }
/// OtherRevocationInfoFormat ::= SEQUENCE { otherRevInfoFormat OBJECT IDENTIFIER, otherRevInfo ANY }  -- RFC 5652, 10.2.1
/// ```
fn revocation_infos<'a>(
    set: Option<&Element<'a>>,
    budget: &mut Budget,
) -> Result<Vec<RevocationInfo<'a>>, Malformed> {
    const CLAUSE: &str = "RFC 5652, 10.2.1";
    let Some(set) = set else { return Ok(Vec::new()) };
    let mut list = set.open(CLAUSE)?;
    let mut infos = Vec::new();
    while let Some(element) = list.next_kept(budget)? {
        if element.tag == Tag::SEQUENCE {
            let encoded = element.encoded;
            infos.push(RevocationInfo { kind: RevocationKind::Crl, encoded, choice: encoded });
            continue;
        }
        let mut fields = element.open(CLAUSE)?;
        let kind = match fields.oid("revocation information format", budget)? {
            format if format == oid::RI_OCSP_RESPONSE => RevocationKind::OcspResponse,
            format if format == oid::OCSP_BASIC => RevocationKind::BasicOcspResponse,
            other => RevocationKind::Other(other),
        };
        if let Some(info) = fields.next(budget)? {
            infos.push(RevocationInfo { kind, encoded: info.encoded, choice: element.encoded });
        }
    }
    Ok(infos)
}
