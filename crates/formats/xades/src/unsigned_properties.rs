//! Unsigned properties (EN 319 132-1, 5.2.7, 5.3 to 5.5, annex A): nothing here is under the signature.

use crate::certificate_reference::{CertificateReference, digest_and_value, read_list};
use crate::document::{DS, Document};
use crate::signature::{Context, Parts, XadesSignature};
use crate::timestamp::{self, Timestamp};
use bergshamra_xml::NodeId;
use crypto::DigestAlgorithm;
use types::{Budget, Malformed, Resource, Span};

/// What was added after signing.
#[derive(Clone, Debug, Default)]
pub struct UnsignedProperties {
    /// Time-stamps in the order in which they stand.
    pub timestamps: Vec<Timestamp>,
    /// Certificates and revocation data in the order in which they stand.
    pub validation_data: Vec<ValidationData>,
    /// References to certificates, of the signer's path and of attribute authorities.
    pub certificate_references: Vec<CertificateReference>,
    /// References to revocation data.
    pub revocation_references: Vec<RevocationReference>,
    /// Countersignatures; a broken one is an error here and not of the signature.
    pub countersignatures: Vec<Result<XadesSignature, Malformed>>,
    /// Evidence records over the signature (EN 319 132-3); not looked into.
    pub evidence_records: Vec<EvidenceRecord>,
    /// Names of properties that are not read.
    pub unknown: Vec<String>,
}

/// Validation data of one property. DER as received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValidationData {
    /// From which property.
    pub origin: ValidationDataOrigin,
    /// Certificates.
    pub certificates: Vec<Vec<u8>>,
    /// CRLs.
    pub crls: Vec<Vec<u8>>,
    /// OCSP responses.
    pub ocsp_responses: Vec<Vec<u8>>,
}

/// Which property brought validation data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ValidationDataOrigin {
    /// `CertificateValues` or `RevocationValues` (5.4).
    #[default]
    Signature,
    /// `AttrAuthoritiesCertValues` or `AttributeRevocationValues`.
    Attributes,
    /// `TimeStampValidationData` (5.5.1).
    Timestamp,
    /// `AnyValidationData`.
    Any,
}

/// A CRL or an OCSP response named by its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationReference {
    /// `CRLRef` or `OCSPRef`.
    pub name: String,
    /// The digest algorithm, or the identifier that is not known.
    pub algorithm: Result<DigestAlgorithm, String>,
    /// The digest; empty where there is none.
    pub digest: Vec<u8>,
}

/// An evidence record over the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EvidenceRecord {
    /// DER (RFC 4998).
    Asn1(Vec<u8>),
    /// XML (RFC 6283), where it stands.
    Xml(Span),
}

/// Reads all properties below `UnsignedSignatureProperties`.
pub(crate) fn read(
    context: &mut Context<'_, '_>,
    parts: &Parts,
    groups: &[NodeId],
) -> Result<UnsignedProperties, Malformed> {
    let document = context.document;
    let mut properties = UnsignedProperties::default();
    for group in groups {
        let nodes: Vec<NodeId> = document.elements(*group).collect();
        for (index, node) in nodes.iter().enumerate() {
            context.budget.spend(Resource::Steps, 10)?;
            let before = nodes.get(..index).unwrap_or_default();
            read_one(context, parts, *node, before, &mut properties)?;
        }
    }
    Ok(properties)
}

fn read_one(
    context: &mut Context<'_, '_>,
    parts: &Parts,
    node: NodeId,
    before: &[NodeId],
    properties: &mut UnsignedProperties,
) -> Result<(), Malformed> {
    let document = context.document;
    let (namespace, name) = document.name(node);
    if !crate::document::is_xades_namespace(namespace) {
        properties.unknown.push(name.to_owned());
        return Ok(());
    }
    if let Some(kind) = timestamp::kind(namespace, name) {
        properties.timestamps.push(timestamp::read(context, parts, node, kind, before)?);
        return Ok(());
    }
    let origin = match name {
        "CertificateValues" | "RevocationValues" => Some(ValidationDataOrigin::Signature),
        "AttrAuthoritiesCertValues" | "AttributeRevocationValues" => Some(ValidationDataOrigin::Attributes),
        "TimeStampValidationData" => Some(ValidationDataOrigin::Timestamp),
        "AnyValidationData" => Some(ValidationDataOrigin::Any),
        _ => None,
    };
    match (name, origin) {
        (_, Some(origin)) => {
            properties.validation_data.push(validation_data(document, node, origin, context.budget)?);
        }
        (
            "CompleteCertificateRefs"
            | "CompleteCertificateRefsV2"
            | "AttributeCertificateRefs"
            | "AttributeCertificateRefsV2",
            _,
        ) => {
            for list in document.xades_children(node, "CertRefs") {
                properties.certificate_references.extend(read_list(document, list, context.budget)?);
            }
        }
        ("CompleteRevocationRefs" | "AttributeRevocationRefs", _) => {
            properties.revocation_references.extend(revocation_references(document, node, context.budget)?);
        }
        ("CounterSignature", _) => {
            for inner in document.children(node, DS, "Signature") {
                context.budget.spend(Resource::Signatures, 1)?;
                let countersignature = XadesSignature::read_counter(context, inner, parts.signature_value);
                properties.countersignatures.push(countersignature);
            }
        }
        ("SealingEvidenceRecords", _) => {
            properties.evidence_records.extend(evidence_records(document, node)?)
        }
        _ => properties.unknown.push(name.to_owned()),
    }
    Ok(())
}

/// All encapsulated values below a property, however they are grouped.
fn validation_data(
    document: &Document<'_>,
    node: NodeId,
    origin: ValidationDataOrigin,
    budget: &mut Budget,
) -> Result<ValidationData, Malformed> {
    let mut data = ValidationData { origin, ..ValidationData::default() };
    for inner in document.subtree(node) {
        budget.spend(Resource::Steps, 1)?;
        let (namespace, name) = document.name(inner);
        if !crate::document::is_xades_namespace(namespace) {
            continue;
        }
        match name {
            "EncapsulatedX509Certificate" => {
                budget.spend(Resource::Certificates, 1)?;
                data.certificates.push(document.octets(inner)?);
            }
            "EncapsulatedCRLValue" => data.crls.push(document.octets(inner)?),
            "EncapsulatedOCSPValue" => data.ocsp_responses.push(document.octets(inner)?),
            _ => {}
        }
    }
    Ok(data)
}

fn revocation_references(
    document: &Document<'_>,
    node: NodeId,
    budget: &mut Budget,
) -> Result<Vec<RevocationReference>, Malformed> {
    let mut references = Vec::new();
    for inner in document.subtree(node) {
        budget.spend(Resource::Steps, 1)?;
        let name = document.name(inner).1;
        if !matches!(name, "CRLRef" | "OCSPRef") {
            continue;
        }
        let (algorithm, digest) = match document.xades_child(inner, "DigestAlgAndValue") {
            Some(digest) => digest_and_value(document, digest)?,
            None => (Err(String::new()), Vec::new()),
        };
        references.push(RevocationReference { name: name.to_owned(), algorithm, digest });
    }
    Ok(references)
}

fn evidence_records(document: &Document<'_>, node: NodeId) -> Result<Vec<EvidenceRecord>, Malformed> {
    let read = |record: NodeId| match document.name(record).1 {
        "EncapsulatedEvidenceRecord" => Ok(EvidenceRecord::Asn1(document.octets(record)?)),
        _ => Ok(EvidenceRecord::Xml(document.span(record))),
    };
    // One level of grouping may stand between.
    document.elements(node).map(read).collect()
}
