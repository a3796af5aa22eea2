//! Attributes of a signer (RFC 5652, 5.3): the list as received, and the rule that some may stand only once.

use crate::ber::{Element, Encoded, Reader, Tag};
use crate::oid::{self, Oid};
use crate::primitive::Context;
use const_oid::ObjectIdentifier;
use types::{Finding, Malformed, Severity};

const CLAUSE: &str = "RFC 5652, 5.3";

/// ```text
/// Attribute ::= SEQUENCE { attrType OBJECT IDENTIFIER, attrValues SET OF AttributeValue }   -- RFC 5652, 5.3
/// ```
#[derive(Clone, Debug)]
pub struct Attribute<'a> {
    /// What kind of attribute this is.
    pub oid: Oid,
    /// The whole attribute as received.
    pub encoded: Encoded<'a>,
    /// Its values as received.
    pub values: Vec<Encoded<'a>>,
}

/// Reads the elements of `SET OF Attribute`, whose tag is implicit.
pub(crate) fn read_attributes<'a>(
    set: &Element<'a>,
    context: &mut Context<'_>,
) -> Result<Vec<Attribute<'a>>, Malformed> {
    let mut reader = set.open(CLAUSE)?;
    let mut attributes = Vec::new();
    while let Some(element) = reader.next_kept(context.budget)? {
        if element.tag != Tag::SEQUENCE {
            return Err(element.malformed("attribute is not a SEQUENCE", CLAUSE));
        }
        let mut inner = element.open(CLAUSE)?;
        let oid = inner.oid("attribute type", context.budget)?;
        let mut values_reader =
            inner.expect(Tag::SET, "attribute values", CLAUSE, context.budget)?.open(CLAUSE)?;
        let mut values = Vec::with_capacity(1);
        while let Some(value) = values_reader.next_kept(context.budget)? {
            values.push(value.encoded);
        }
        if values.is_empty() {
            let message = format!("attribute {oid} has no value");
            context.findings.push(fault("cms.attribute.empty", element.encoded, message));
        }
        attributes.push(Attribute { oid, encoded: element.encoded, values });
    }
    Ok(attributes)
}

/// An `Error` finding at a place.
pub(crate) fn fault(code: &'static str, place: Encoded<'_>, message: String) -> Finding {
    Finding::new(code, Severity::Error, message).at(place.span)
}

/// All values of all instances of an attribute.
pub(crate) fn all_values<'l, 'a>(
    attributes: &'l [Attribute<'a>],
    oid: ObjectIdentifier,
) -> impl Iterator<Item = Encoded<'a>> + use<'l, 'a> {
    attributes
        .iter()
        .filter(move |attribute| attribute.oid == oid)
        .flat_map(|attribute| attribute.values.iter().copied())
}

/// The value of an attribute that may stand only once with one value. If it stands more often, a finding says so and
/// none of the values is used, because nothing says which of them counts.
pub(crate) fn only_value<'a>(
    attributes: &[Attribute<'a>],
    oid: ObjectIdentifier,
    name: &'static str,
    findings: &mut Vec<Finding>,
) -> Option<Encoded<'a>> {
    let mut instances = attributes.iter().filter(|attribute| attribute.oid == oid);
    let first = instances.next()?;
    if let Some(second) = instances.next() {
        let message = format!("{name} stands more than once, so none of them is used");
        findings.push(fault("cms.attribute.repeated", second.encoded, message));
        return None;
    }
    match first.values.as_slice() {
        [] => None,
        [value] => Some(*value),
        [_, second, ..] => {
            let message = format!("{name} has more than one value, so none of them is used");
            findings.push(fault("cms.attribute.several-values", *second, message));
            None
        }
    }
}

/// The attributes that may stand only once, by the names of their standards.
const NAMES: [(ObjectIdentifier, &str); 19] = [
    (oid::CONTENT_TYPE, "content-type"),
    (oid::MESSAGE_DIGEST, "message-digest"),
    (oid::SIGNING_TIME, "signing-time"),
    (oid::SIGNING_CERTIFICATE, "signing-certificate"),
    (oid::SIGNING_CERTIFICATE_V2, "signing-certificate-v2"),
    (oid::SIGNER_LOCATION, "signer-location"),
    (oid::SIGNER_ATTRIBUTES, "signer-attributes"),
    (oid::SIGNER_ATTRIBUTES_V2, "signer-attributes-v2"),
    (oid::SIGNATURE_POLICY, "signature-policy-identifier"),
    (oid::CONTENT_HINTS, "content-hints"),
    (oid::CONTENT_REFERENCE, "content-reference"),
    (oid::MIME_TYPE, "mime-type"),
    (oid::CMS_ALGORITHM_PROTECTION, "cms-algorithm-protection"),
    (oid::ADBE_REVOCATION_INFO_ARCHIVAL, "adbe-revocationInfoArchival"),
    (oid::CERTIFICATE_REFS, "complete-certificate-references"),
    (oid::REVOCATION_REFS, "complete-revocation-references"),
    (oid::ATS_HASH_INDEX_V3, "ats-hash-index-v3"),
    (oid::ATS_HASH_INDEX_V2, "ats-hash-index-v2"),
    (oid::ATS_HASH_INDEX, "ats-hash-index"),
];

fn name(oid: ObjectIdentifier) -> &'static str {
    NAMES.iter().find(|(known, _)| *known == oid).map_or("an attribute", |(_, name)| name)
}

/// Reads the only value of an attribute; a malformed value is a finding and reads as absent.
pub(crate) fn read_only<'a, T>(
    attributes: &[Attribute<'a>],
    oid: ObjectIdentifier,
    context: &mut Context<'_>,
    read: impl FnOnce(&Element<'a>, &mut Context<'_>) -> Result<T, Malformed>,
) -> Result<Option<T>, Malformed> {
    match only_value(attributes, oid, name(oid), &mut context.findings) {
        Some(value) => read_value(value, name(oid), context, read),
        None => Ok(None),
    }
}

/// Reads one value of an attribute; a malformed value is a finding and reads as absent. Only an exhausted budget is
/// an error.
pub(crate) fn read_value<'a, T>(
    value: Encoded<'a>,
    name: &'static str,
    context: &mut Context<'_>,
    read: impl FnOnce(&Element<'a>, &mut Context<'_>) -> Result<T, Malformed>,
) -> Result<Option<T>, Malformed> {
    let mut reader = Reader::new(value.bytes, value.span.start);
    let result = match reader.next(context.budget)? {
        Some(element) => read(&element, context),
        None => return Ok(None),
    };
    match result {
        Ok(read) => Ok(Some(read)),
        Err(malformed) if matches!(malformed.cause, types::Cause::Budget(_)) => Err(malformed),
        Err(malformed) => {
            let message = format!("{name} is malformed: {malformed}");
            context.findings.push(fault("cms.attribute.malformed", value, message));
            Ok(None)
        }
    }
}
