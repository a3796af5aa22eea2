//! One signer of a `SignedData`: who, with which algorithms, over which attributes, the value.

use crate::attribute::fault;
use crate::ber::{Element, Encoded, Reader, Tag};
use crate::oid::{self, Oid};
use crate::primitive::Context;
use crate::signed_attributes::SignedAttributes;
use crate::unsigned_attributes::UnsignedAttributes;
use crypto::{Digest, DigestAlgorithm, SignatureAlgorithm, UnknownAlgorithm};
use std::borrow::Cow;
use types::{Budget, Finding, Malformed, Severity};

const CLAUSE: &str = "RFC 5652, 5.3";

/// ```text
/// SignerInfo ::= SEQUENCE {
///   version CMSVersion, sid SignerIdentifier, digestAlgorithm DigestAlgorithmIdentifier,
///   signedAttrs [0] IMPLICIT SignedAttributes OPTIONAL, signatureAlgorithm SignatureAlgorithmIdentifier,
///   signature SignatureValue, unsignedAttrs [1] IMPLICIT UnsignedAttributes OPTIONAL }   -- RFC 5652, 5.3
/// ```
#[derive(Clone, Debug)]
pub struct SignerInfo<'a> {
    /// The whole structure as received.
    pub encoded: Encoded<'a>,
    /// 1 or 3 in honest data.
    pub version: i64,
    /// Which certificate, as claimed outside the signed attributes.
    pub signer: SignerIdentifier<'a>,
    /// The digest applied to the content.
    pub digest_algorithm: Result<DigestAlgorithm, UnknownAlgorithm>,
    /// How the signature value was made.
    pub signature_algorithm: Result<SignatureAlgorithm, UnknownAlgorithm>,
    /// The attributes under the signature; without them the signature is over the content itself.
    pub signed_attributes: Option<SignedAttributes<'a>>,
    /// The signature value.
    pub signature: Cow<'a, [u8]>,
    /// Where the signature value lies, tag and length included.
    pub signature_encoded: Encoded<'a>,
    /// What was added after signing.
    pub unsigned_attributes: UnsignedAttributes<'a>,
}

/// ```text
/// SignerIdentifier ::= CHOICE { issuerAndSerialNumber IssuerAndSerialNumber,
///                               subjectKeyIdentifier [0] SubjectKeyIdentifier }   -- RFC 5652, 5.3
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignerIdentifier<'a> {
    /// Issuer and serial number of the certificate.
    IssuerAndSerialNumber {
        /// The `Name` as received.
        issuer: Encoded<'a>,
        /// Content octets of the serial number, two's complement, as received.
        serial: &'a [u8],
    },
    /// Subject key identifier of the certificate.
    SubjectKeyIdentifier(Cow<'a, [u8]>),
}

/// How the message-digest attribute relates to the digest of the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageDigest {
    /// Equal, and computed with the signer's digest algorithm.
    Matches,
    /// Not equal, or computed with another algorithm.
    Differs,
    /// There are no signed attributes: the signature is over the content itself.
    NoSignedAttributes,
    /// There are signed attributes, but no usable message-digest among them.
    Missing,
}

impl<'a> SignerInfo<'a> {
    /// Reads one `SignerInfo` that stands alone, as a countersignature does, with the findings about it.
    /// Spans count from the first byte of `bytes`.
    pub fn parse(bytes: &'a [u8], budget: &mut Budget) -> Result<(SignerInfo<'a>, Vec<Finding>), Malformed> {
        let mut context = Context::new(budget);
        let mut reader = Reader::new(bytes, 0);
        let element = reader.expect(Tag::SEQUENCE, "signer info", CLAUSE, context.budget)?;
        let signer = SignerInfo::read(&element, &mut context)?;
        Ok((signer, context.findings))
    }

    pub(crate) fn read(
        element: &Element<'a>,
        context: &mut Context<'_>,
    ) -> Result<SignerInfo<'a>, Malformed> {
        let mut reader = element.open(CLAUSE)?;
        let version = reader.small_integer("version of the signer info", context.budget)?;
        let signer = signer_identifier(&mut reader, context.budget)?;
        let digest_algorithm = reader.digest_algorithm("digest algorithm", context.budget)?;
        let signed_attributes = match reader.optional(Tag::context(0), context.budget)? {
            Some(set) => Some(SignedAttributes::read(&set, context)?),
            None => None,
        };
        let signature_algorithm = reader
            .expect(Tag::SEQUENCE, "signature algorithm", CLAUSE, context.budget)?
            .signature_algorithm(digest_algorithm.as_ref().ok().copied(), context.budget)?;
        let signature = reader.expect(Tag::OCTET_STRING, "signature value", CLAUSE, context.budget)?;
        let unsigned_attributes = match reader.optional(Tag::context(1), context.budget)? {
            Some(set) => UnsignedAttributes::read(&set, context)?,
            None => UnsignedAttributes::default(),
        };
        if !reader.is_empty() {
            return Err(reader.malformed("signer info goes on after its last field", CLAUSE));
        }
        let read = SignerInfo {
            encoded: element.encoded,
            version,
            signer,
            digest_algorithm,
            signature_algorithm,
            signed_attributes,
            signature: signature.octets(context.budget)?,
            signature_encoded: signature.encoded,
            unsigned_attributes,
        };
        read.check_algorithms(&mut context.findings);
        Ok(read)
    }

    /// The algorithms must agree with one another and with cms-algorithm-protection.
    fn check_algorithms(&self, findings: &mut Vec<Finding>) {
        let message_digest = self.digest_algorithm.as_ref().ok();
        let signature_digest = self.signature_algorithm.as_ref().ok().and_then(SignatureAlgorithm::digest);
        if let (Some(content), Some(signature)) = (message_digest, signature_digest)
            && *content != signature
        {
            let message =
                format!("the content is digested with {content}, the signature made with {signature}");
            let finding = Finding::new("cms.algorithms.differ", Severity::Warning, message);
            findings.push(finding.at(self.encoded.span));
        }
        let protection =
            self.signed_attributes.as_ref().and_then(|signed| signed.algorithm_protection.as_ref());
        let Some(protection) = protection else { return };
        let signature_differs = protection
            .signature_algorithm
            .as_ref()
            .is_some_and(|signature| *signature != self.signature_algorithm);
        if protection.digest_algorithm != self.digest_algorithm || signature_differs {
            let message = "the algorithms are not those that cms-algorithm-protection names (RFC 6211, 2)";
            findings.push(fault("cms.algorithm-protection.differs", self.encoded, message.into()));
        }
    }

    /// The signed attributes must name the content type and hold the message digest (RFC 5652, 11.1 and 11.2); without
    /// them the content must be plain data (RFC 5652, 5.3).
    pub(crate) fn check_content_type(&self, content_type: &Oid, findings: &mut Vec<Finding>) {
        let Some(signed) = &self.signed_attributes else {
            if *content_type != oid::DATA {
                let message =
                    format!("signed attributes are absent although the content type is {content_type}");
                findings.push(fault("cms.signed-attributes.missing", self.encoded, message));
            }
            return;
        };
        match &signed.content_type {
            Some(named) if named == content_type => {}
            Some(named) => {
                let message = format!("content-type says {named}, but the content is {content_type}");
                findings.push(fault("cms.content-type.differs", signed.encoded, message));
            }
            None => {
                let message = "content-type is not among the signed attributes (RFC 5652, 11.1)";
                findings.push(fault("cms.content-type.missing", signed.encoded, message.into()));
            }
        }
        if signed.message_digest.is_none() {
            let message = "message-digest is not among the signed attributes (RFC 5652, 11.2)";
            findings.push(fault("cms.message-digest.missing", signed.encoded, message.into()));
        }
    }

    /// Compares the message-digest attribute with the digest of the content, which the caller computed.
    pub fn check_message_digest(&self, content: &Digest) -> MessageDigest {
        let Some(signed) = &self.signed_attributes else { return MessageDigest::NoSignedAttributes };
        match &signed.message_digest {
            None => MessageDigest::Missing,
            Some(value) if **value == *content.value && self.digest_algorithm == Ok(content.algorithm) => {
                MessageDigest::Matches
            }
            Some(_) => MessageDigest::Differs,
        }
    }
}

fn signer_identifier<'a>(
    reader: &mut Reader<'a>,
    budget: &mut Budget,
) -> Result<SignerIdentifier<'a>, Malformed> {
    if let Some(identifier) = reader.optional(Tag::context(0), budget)? {
        return Ok(SignerIdentifier::SubjectKeyIdentifier(identifier.octets(budget)?));
    }
    let mut fields = reader.expect(Tag::SEQUENCE, "signer identifier", CLAUSE, budget)?.open(CLAUSE)?;
    let issuer = fields.expect(Tag::SEQUENCE, "issuer name", "RFC 5652, 10.2.4", budget)?.encoded;
    let serial = fields.expect(Tag::INTEGER, "serial number", "RFC 5652, 10.2.4", budget)?.content;
    Ok(SignerIdentifier::IssuerAndSerialNumber { issuer, serial })
}
