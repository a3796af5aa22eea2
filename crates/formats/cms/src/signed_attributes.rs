//! Signed attributes: what the signer bound to the signature, and the bytes that the signature value is over.

use crate::attribute::{self, Attribute, read_only};
use crate::ber::{Element, Encoded, Form, Tag};
use crate::cades::{
    self, CommitmentType, RevocationInfoArchival, SignaturePolicy, SignerAttributes, SignerLocation,
};
use crate::canonical::{self, SetOrder};
use crate::ess::{self, ContentHints, ContentReference, SigningCertificate, SigningCertificateVersion};
use crate::oid::{self, Oid};
use crate::primitive::Context;
use crypto::{DigestAlgorithm, SignatureAlgorithm, UnknownAlgorithm};
use std::borrow::Cow;
use types::{Finding, Malformed, Severity, Time};

/// `signedAttrs` of a signer (RFC 5652, 5.3). An attribute that is absent, malformed or ambiguous is `None`; in the
/// latter two cases a finding of the [`crate::SignedData`] says so.
#[derive(Clone, Debug)]
pub struct SignedAttributes<'a> {
    /// The `[0] IMPLICIT` set as received.
    pub encoded: Encoded<'a>,
    /// All attributes in the order received.
    pub attributes: Vec<Attribute<'a>>,
    /// The byte strings that the signature value may be over, likeliest first; never empty. More than one only where
    /// the attributes were not received as DER (RFC 5652, 5.4).
    pub to_be_verified: Vec<ToBeVerified>,
    /// content-type (RFC 5652, 11.1).
    pub content_type: Option<Oid>,
    /// message-digest (RFC 5652, 11.2).
    pub message_digest: Option<Cow<'a, [u8]>>,
    /// signing-time as claimed (RFC 5652, 11.3).
    pub signing_time: Option<Time>,
    /// signing-certificate (RFC 2634, 5.4).
    pub signing_certificate: Option<SigningCertificate<'a>>,
    /// signing-certificate-v2 (RFC 5035, 3).
    pub signing_certificate_v2: Option<SigningCertificate<'a>>,
    /// commitment-type-indication (EN 319 122-1, 5.2.3); several are allowed.
    pub commitment_types: Vec<CommitmentType<'a>>,
    /// signer-location (EN 319 122-1, 5.2.5).
    pub signer_location: Option<SignerLocation>,
    /// signer-attributes-v2 (EN 319 122-1, 5.2.6.1) or its predecessor.
    pub signer_attributes: Option<SignerAttributes<'a>>,
    /// signature-policy-identifier (EN 319 122-1, 5.2.9.1).
    pub signature_policy: Option<SignaturePolicy<'a>>,
    /// content-hints (EN 319 122-1, 5.2.4.1).
    pub content_hints: Option<ContentHints>,
    /// content-reference (EN 319 122-1, 5.2.11).
    pub content_reference: Option<ContentReference<'a>>,
    /// mime-type (EN 319 122-1, 5.2.4.2).
    pub mime_type: Option<String>,
    /// cms-algorithm-protection (RFC 6211).
    pub algorithm_protection: Option<AlgorithmProtection>,
    /// content-time-stamp tokens as received (EN 319 122-1, 5.2.8).
    pub content_timestamps: Vec<Encoded<'a>>,
    /// The signing record (spec/record.md), its octets.
    pub signing_record: Option<Cow<'a, [u8]>>,
    /// Adobe's revocation information (ISO 32000-2, 12.8.3.3.2).
    pub revocation_info_archival: Option<RevocationInfoArchival<'a>>,
}

/// One byte string that the signature value may be over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToBeVerified {
    /// How it was derived from the attributes received.
    pub derivation: Derivation,
    /// An explicit SET OF tag, length and attributes.
    pub bytes: Vec<u8>,
}

/// How a [`ToBeVerified`] was derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Derivation {
    /// The bytes received, with the tag of SET OF; they were DER.
    Der,
    /// The bytes received, with the tag of SET OF, although they were not DER.
    /// Deviation: RFC 5652, 5.4 asks for DER; signers exist that sign what they send.
    AsReceived,
    /// Re-encoded with definite shortest lengths, everything in the order received.
    /// Deviation: RFC 5652, 5.4 asks for DER.
    ReencodedInReceivedOrder,
    /// Re-encoded as DER, sets sorted.
    Reencoded,
}

impl Derivation {
    /// What to report when the signature value was confirmed over bytes derived so; `None` where all is regular.
    pub fn finding(self) -> Option<Finding> {
        let (code, severity, message) = match self {
            Derivation::Der => return None,
            Derivation::AsReceived => (
                "cms.signed-attributes.signed-as-received",
                Severity::Warning,
                "the signature value is over the signed attributes as sent, which are not DER",
            ),
            Derivation::ReencodedInReceivedOrder => (
                "cms.signed-attributes.signed-unsorted",
                Severity::Warning,
                "the signature value is over the signed attributes in the order sent, not in DER order",
            ),
            Derivation::Reencoded => (
                "cms.signed-attributes.signed-as-der",
                Severity::Info,
                "the signed attributes were not sent as DER; the signature value is over their DER encoding",
            ),
        };
        Some(Finding::new(code, severity, format!("{message} (RFC 5652, 5.4)")))
    }
}

/// ```text
/// CMSAlgorithmProtection ::= SEQUENCE { digestAlgorithm DigestAlgorithmIdentifier,
///     signatureAlgorithm [1] SignatureAlgorithmIdentifier OPTIONAL, .. }   -- RFC 6211, 2
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlgorithmProtection {
    /// The digest algorithm that the signer meant.
    pub digest_algorithm: Result<DigestAlgorithm, UnknownAlgorithm>,
    /// The signature algorithm that the signer meant.
    pub signature_algorithm: Option<Result<SignatureAlgorithm, UnknownAlgorithm>>,
}

impl<'a> SignedAttributes<'a> {
    pub(crate) fn read(
        set: &Element<'a>,
        context: &mut Context<'_>,
    ) -> Result<SignedAttributes<'a>, Malformed> {
        let list = attribute::read_attributes(set, context)?;
        let to_be_verified = to_be_verified(set, context)?;
        let given = list.as_slice();
        Ok(SignedAttributes {
            encoded: set.encoded,
            to_be_verified,
            content_type: read_only(given, oid::CONTENT_TYPE, context, |value, _| value.oid())?,
            message_digest: read_only(given, oid::MESSAGE_DIGEST, context, message_digest)?,
            signing_time: read_only(given, oid::SIGNING_TIME, context, |value, _| {
                value.time().map(|(time, _)| time)
            })?,
            signing_certificate: signing_certificate(given, SigningCertificateVersion::V1, context)?,
            signing_certificate_v2: signing_certificate(given, SigningCertificateVersion::V2, context)?,
            commitment_types: commitment_types(given, context)?,
            signer_location: read_only(given, oid::SIGNER_LOCATION, context, cades::signer_location)?,
            signer_attributes: signer_attributes(given, context)?,
            signature_policy: read_only(given, oid::SIGNATURE_POLICY, context, cades::signature_policy)?,
            content_hints: read_only(given, oid::CONTENT_HINTS, context, ess::content_hints)?,
            content_reference: read_only(given, oid::CONTENT_REFERENCE, context, ess::content_reference)?,
            mime_type: read_only(given, oid::MIME_TYPE, context, |value, context| {
                value.text(context.budget)
            })?,
            algorithm_protection: read_only(
                given,
                oid::CMS_ALGORITHM_PROTECTION,
                context,
                algorithm_protection,
            )?,
            content_timestamps: attribute::all_values(given, oid::CONTENT_TIMESTAMP).collect(),
            signing_record: signing_record(given, context)?,
            revocation_info_archival: read_only(
                given,
                oid::ADBE_REVOCATION_INFO_ARCHIVAL,
                context,
                cades::revocation_info_archival,
            )?,
            attributes: list,
        })
    }
}

fn message_digest<'a>(value: &Element<'a>, context: &mut Context<'_>) -> Result<Cow<'a, [u8]>, Malformed> {
    if value.tag != Tag::OCTET_STRING {
        return Err(value.malformed("message digest is not an OCTET STRING", "RFC 5652, 11.2"));
    }
    value.octets(context.budget)
}

/// One that stands twice is not used, because nothing says which of them counts.
fn signing_record<'a>(
    attributes: &[Attribute<'a>],
    context: &mut Context<'_>,
) -> Result<Option<Cow<'a, [u8]>>, Malformed> {
    let oid = oid::signing_record();
    let given = attributes.iter().filter(|attribute| attribute.oid == oid);
    let mut values = given.flat_map(|attribute| attribute.values.iter().copied());
    let Some(first) = values.next() else { return Ok(None) };
    if let Some(second) = values.next() {
        let message = "the signing record stands more than once, so none of them is used";
        context.findings.push(Finding::new("record.repeated", Severity::Warning, message).at(second.span));
        return Ok(None);
    }
    attribute::read_value(first, "signing-record", context, |value, context| {
        if value.tag != Tag::OCTET_STRING {
            return Err(value.malformed("signing record is not an OCTET STRING", "spec/record.md"));
        }
        value.octets(context.budget)
    })
}

fn signing_certificate<'a>(
    attributes: &[Attribute<'a>],
    version: SigningCertificateVersion,
    context: &mut Context<'_>,
) -> Result<Option<SigningCertificate<'a>>, Malformed> {
    let oid = match version {
        SigningCertificateVersion::V1 => oid::SIGNING_CERTIFICATE,
        SigningCertificateVersion::V2 => oid::SIGNING_CERTIFICATE_V2,
    };
    read_only(attributes, oid, context, |value, context| ess::signing_certificate(value, version, context))
}

fn commitment_types<'a>(
    attributes: &[Attribute<'a>],
    context: &mut Context<'_>,
) -> Result<Vec<CommitmentType<'a>>, Malformed> {
    let mut types = Vec::new();
    for value in attribute::all_values(attributes, oid::COMMITMENT_TYPE) {
        types.extend(attribute::read_value(
            value,
            "commitment-type-indication",
            context,
            cades::commitment_type,
        )?);
    }
    Ok(types)
}

fn signer_attributes<'a>(
    attributes: &[Attribute<'a>],
    context: &mut Context<'_>,
) -> Result<Option<SignerAttributes<'a>>, Malformed> {
    let (v2, v1) = (oid::SIGNER_ATTRIBUTES_V2, oid::SIGNER_ATTRIBUTES);
    let new = read_only(attributes, v2, context, cades::signer_attributes_v2)?;
    match new {
        Some(new) => Ok(Some(new)),
        None => read_only(attributes, v1, context, cades::signer_attributes_v1),
    }
}

fn algorithm_protection(
    value: &Element<'_>,
    context: &mut Context<'_>,
) -> Result<AlgorithmProtection, Malformed> {
    let mut reader = value.open("RFC 6211, 2")?;
    let digest_algorithm = reader.digest_algorithm("digest algorithm", context.budget)?;
    let signature_algorithm = match reader.optional(Tag::context(1), context.budget)? {
        Some(element) => {
            Some(element.signature_algorithm(digest_algorithm.as_ref().ok().copied(), context.budget)?)
        }
        None => None,
    };
    Ok(AlgorithmProtection { digest_algorithm, signature_algorithm })
}

/// Attributes that are not DER and larger than this are not re-encoded: that takes many times their size in memory.
const MAX_REENCODED: usize = 1 << 20;

/// The candidates for the bytes under the signature (RFC 5652, 5.4: "a separate encoding of the signedAttrs field is
/// performed; the IMPLICIT [0] tag is not used, an EXPLICIT SET OF tag is used; the DER encoding").
fn to_be_verified(set: &Element<'_>, context: &mut Context<'_>) -> Result<Vec<ToBeVerified>, Malformed> {
    const SET_OF: u8 = 0x31;
    let mut received = set.encoded.bytes.to_vec();
    if let Some(tag) = received.first_mut() {
        *tag = SET_OF;
    }
    let base = set.encoded.span.start;
    if canonical::is_der(&received, base, context.budget)? {
        return Ok(vec![ToBeVerified { derivation: Derivation::Der, bytes: received }]);
    }
    let place = set.encoded.span;
    let message = "signed attributes are not DER (RFC 5652, 5.3)";
    context.findings.push(Finding::new("cms.signed-attributes.not-der", Severity::Info, message).at(place));
    if received.len() > MAX_REENCODED {
        return match set.form {
            Form::Indefinite => {
                Err(set.malformed("signed attributes are too large to re-encode", "RFC 5652, 5.4"))
            }
            _ => Ok(vec![ToBeVerified { derivation: Derivation::AsReceived, bytes: received }]),
        };
    }
    let unsorted = canonical::to_der(&received, base, SetOrder::Received, context.budget)?;
    let sorted = canonical::to_der(&received, base, SetOrder::Sorted, context.budget)?;
    let mut candidates = Vec::with_capacity(3);
    if set.form != Form::Indefinite {
        candidates.push(ToBeVerified { derivation: Derivation::AsReceived, bytes: received });
    }
    for (derivation, bytes) in
        [(Derivation::Reencoded, sorted), (Derivation::ReencodedInReceivedOrder, unsorted)]
    {
        if candidates.iter().all(|known| known.bytes != bytes) {
            candidates.push(ToBeVerified { derivation, bytes });
        }
    }
    Ok(candidates)
}
