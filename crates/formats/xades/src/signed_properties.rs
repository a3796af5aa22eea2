//! Signed properties (EN 319 132-1, 5.2). They are signed only where [`crate::Binding::Bound`] says so.

use crate::certificate_reference::{CertificateReference, digest_and_value, read_list};
use crate::date_time;
use crate::document::{DS, Document};
use crate::timestamp::Timestamp;
use bergshamra_xml::NodeId;
use crypto::DigestAlgorithm;
use types::{Budget, Malformed, Resource, Span, Time};

/// What the signer says under the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedProperties {
    /// Where they stand.
    pub span: Span,
    /// `SigningTime`: a claim; `Err` holds what is no time (5.2.1).
    pub signing_time: Option<Result<Time, String>>,
    /// Which certificate signed (5.2.2).
    pub signing_certificate: Option<SigningCertificate>,
    /// The signature policy (5.2.9).
    pub policy: Option<SignaturePolicy>,
    /// Where it was signed, a claim (5.2.5).
    pub production_place: Option<ProductionPlace>,
    /// In which role (5.2.6).
    pub roles: Vec<Role>,
    /// What the signed data are (5.2.4).
    pub data_object_formats: Vec<DataObjectFormat>,
    /// What the signature commits to (5.2.3).
    pub commitments: Vec<Commitment>,
    /// Time-stamps over the data before signing (5.2.8).
    pub content_timestamps: Vec<Timestamp>,
    /// Names of properties that are not read.
    pub unknown: Vec<String>,
}

/// `SigningCertificate` or `SigningCertificateV2`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningCertificate {
    /// Which of the two.
    pub version: SigningCertificateVersion,
    /// The first names the signing certificate.
    pub certificates: Vec<CertificateReference>,
}

/// Which property names the signing certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningCertificateVersion {
    /// `SigningCertificate` (XAdES 1.3.2).
    V1,
    /// `SigningCertificateV2` (EN 319 132-1, 5.2.2).
    V2,
}

/// `SignaturePolicyIdentifier`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignaturePolicy {
    /// It follows from the data.
    Implied,
    /// It is named.
    Identified {
        /// OID or URI as written.
        identifier: String,
        /// `Qualifier` of the identifier, e.g. `OIDAsURN`.
        qualifier: Option<String>,
        /// The digest algorithm, or the identifier that is not known.
        algorithm: Result<DigestAlgorithm, String>,
        /// The digest of the policy document.
        digest: Vec<u8>,
        /// Where the document is said to be; nothing is fetched.
        uri: Option<String>,
    },
}

/// `SignatureProductionPlace` or `SignatureProductionPlaceV2`; empty where not given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductionPlace {
    /// City.
    pub city: String,
    /// Street (V2).
    pub street: String,
    /// State or province.
    pub state: String,
    /// Postal code.
    pub postal_code: String,
    /// Country.
    pub country: String,
}

/// A role of the signer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// What the signer says, as text.
    Claimed(String),
    /// An attribute certificate or assertion, DER where it is encapsulated; not looked into.
    Certified(Vec<u8>),
    /// A signed assertion in XML; not looked into.
    Asserted(Span),
}

/// `DataObjectFormat`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataObjectFormat {
    /// `#` and the `Id` of a reference.
    pub object_reference: String,
    /// Description.
    pub description: Option<String>,
    /// OID or URI of the format.
    pub object_identifier: Option<String>,
    /// Media type.
    pub mime_type: Option<String>,
    /// Encoding.
    pub encoding: Option<String>,
}

/// `CommitmentTypeIndication`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitment {
    /// OID or URI of the commitment.
    pub identifier: String,
    /// What it is about.
    pub scope: CommitmentScope,
}

/// What a commitment is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommitmentScope {
    /// Everything signed.
    All,
    /// These references, as `#` and their `Id`.
    References(Vec<String>),
}

/// Reads everything but the time-stamps.
pub(crate) fn read(
    document: &Document<'_>,
    node: NodeId,
    budget: &mut Budget,
) -> Result<SignedProperties, Malformed> {
    let mut properties = SignedProperties {
        span: document.span(node),
        signing_time: None,
        signing_certificate: None,
        policy: None,
        production_place: None,
        roles: Vec::new(),
        data_object_formats: Vec::new(),
        commitments: Vec::new(),
        content_timestamps: Vec::new(),
        unknown: Vec::new(),
    };
    for group in document.elements(node) {
        for property in document.elements(group) {
            budget.spend(Resource::Steps, 10)?;
            read_one(document, property, &mut properties, budget)?;
        }
    }
    Ok(properties)
}

fn read_one(
    document: &Document<'_>,
    node: NodeId,
    properties: &mut SignedProperties,
    budget: &mut Budget,
) -> Result<(), Malformed> {
    let (namespace, name) = document.name(node);
    let known = crate::document::is_xades_namespace(namespace);
    match name {
        _ if !known => properties.unknown.push(name.to_owned()),
        "SigningTime" => {
            let text = document.text(node);
            set(document, node, &mut properties.signing_time, date_time::parse(&text).ok_or(text))?;
        }
        "SigningCertificate" | "SigningCertificateV2" => {
            let version = match name {
                "SigningCertificate" => SigningCertificateVersion::V1,
                _ => SigningCertificateVersion::V2,
            };
            let certificates = read_list(document, node, budget)?;
            let value = SigningCertificate { version, certificates };
            set(document, node, &mut properties.signing_certificate, value)?;
        }
        "SignaturePolicyIdentifier" => {
            let value = policy(document, node)?;
            set(document, node, &mut properties.policy, value)?;
        }
        "SignatureProductionPlace" | "SignatureProductionPlaceV2" => {
            let part = |name| document.xades_child(node, name).map(|part| trimmed(document, part));
            let place = ProductionPlace {
                city: part("City").unwrap_or_default(),
                street: part("StreetAddress").unwrap_or_default(),
                state: part("StateOrProvince").unwrap_or_default(),
                postal_code: part("PostalCode").unwrap_or_default(),
                country: part("CountryName").unwrap_or_default(),
            };
            set(document, node, &mut properties.production_place, place)?;
        }
        "SignerRole" | "SignerRoleV2" => properties.roles.extend(roles(document, node)?),
        "DataObjectFormat" => properties.data_object_formats.push(data_object_format(document, node)),
        "CommitmentTypeIndication" => properties.commitments.push(commitment(document, node)),
        // Read with their imprints.
        "AllDataObjectsTimeStamp" | "IndividualDataObjectsTimeStamp" => {}
        _ => properties.unknown.push(name.to_owned()),
    }
    Ok(())
}

/// A property that may stand once; twice, readers would differ in which one counts.
fn set<T>(document: &Document<'_>, node: NodeId, place: &mut Option<T>, value: T) -> Result<(), Malformed> {
    if place.replace(value).is_some() {
        let reason = format!("{} stands more than once", document.name(node).1);
        return Err(Malformed::syntax(document.at(node), reason, "EN 319 132-1, 6.3"));
    }
    Ok(())
}

fn trimmed(document: &Document<'_>, node: NodeId) -> String {
    document.text(node).trim().to_owned()
}

/// The `Identifier` of an `ObjectIdentifierType` (EN 319 132-1, 5.1.2).
fn identifier(document: &Document<'_>, parent: NodeId) -> Option<(String, Option<String>)> {
    let node = document.xades_child(parent, "Identifier")?;
    Some((trimmed(document, node), document.attribute(node, "Qualifier").map(str::to_owned)))
}

fn policy(document: &Document<'_>, node: NodeId) -> Result<SignaturePolicy, Malformed> {
    if document.xades_child(node, "SignaturePolicyImplied").is_some() {
        return Ok(SignaturePolicy::Implied);
    }
    let bad = |reason: &'static str| Malformed::syntax(document.at(node), reason, "EN 319 132-1, 5.2.9");
    let id = document.xades_child(node, "SignaturePolicyId").ok_or_else(|| bad("the policy is not named"))?;
    let named = document.xades_child(id, "SigPolicyId").ok_or_else(|| bad("the policy is not named"))?;
    let (identifier, qualifier) = identifier(document, named).unwrap_or_default();
    let (algorithm, digest) = match document.xades_child(id, "SigPolicyHash") {
        Some(hash) => digest_and_value(document, hash)?,
        None => (Err(String::new()), Vec::new()),
    };
    let uri = document.xades_child(id, "SigPolicyQualifiers").and_then(|qualifiers| {
        let mut list = document.xades_children(qualifiers, "SigPolicyQualifier");
        list.find_map(|qualifier| document.xades_child(qualifier, "SPURI"))
    });
    let uri = uri.map(|uri| trimmed(document, uri));
    Ok(SignaturePolicy::Identified { identifier, qualifier, algorithm, digest, uri })
}

fn roles(document: &Document<'_>, node: NodeId) -> Result<Vec<Role>, Malformed> {
    let mut roles = Vec::new();
    for list in document.elements(node) {
        for role in document.elements(list) {
            roles.push(match document.name(role).1 {
                "ClaimedRole" => Role::Claimed(document.tree.text_content_deep(role).trim().to_owned()),
                "CertifiedRole" => match document.child_by_local(role, "X509AttributeCertificate") {
                    Some(certificate) => Role::Certified(document.octets(certificate)?),
                    None if document.elements(role).next().is_none() => {
                        Role::Certified(document.octets(role)?)
                    }
                    None => Role::Asserted(document.span(role)),
                },
                _ => Role::Asserted(document.span(role)),
            });
        }
    }
    Ok(roles)
}

fn data_object_format(document: &Document<'_>, node: NodeId) -> DataObjectFormat {
    let part = |name| document.xades_child(node, name).map(|part| trimmed(document, part));
    let object = document.xades_child(node, "ObjectIdentifier");
    DataObjectFormat {
        object_reference: document.attribute(node, "ObjectReference").unwrap_or_default().to_owned(),
        description: part("Description"),
        object_identifier: object.and_then(|object| identifier(document, object)).map(|(name, _)| name),
        mime_type: part("MimeType"),
        encoding: part("Encoding"),
    }
}

fn commitment(document: &Document<'_>, node: NodeId) -> Commitment {
    let named = document.xades_child(node, "CommitmentTypeId");
    let identifier = named.and_then(|named| identifier(document, named)).map(|(name, _)| name);
    let references: Vec<String> =
        document.xades_children(node, "ObjectReference").map(|node| trimmed(document, node)).collect();
    let scope = match document.xades_child(node, "AllSignedDataObjects") {
        None => CommitmentScope::References(references),
        Some(_) => CommitmentScope::All,
    };
    Commitment { identifier: identifier.unwrap_or_default(), scope }
}

/// Whether the element is a qualifying property of XML Signature itself.
pub(crate) fn is_signature(document: &Document<'_>, node: NodeId) -> bool {
    document.is(node, DS, "Signature")
}
