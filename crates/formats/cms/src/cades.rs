//! Values of the CAdES attributes (EN 319 122-1, 5 and Annex A): commitment, place, roles, policy, references, revocation values.

use crate::attribute::{Attribute, read_attributes};
use crate::ber::{Element, Encoded, Reader, Tag};
use crate::ess::{HashValue, IssuerSerial, issuer_serial};
use crate::oid::{self, Oid};
use crate::primitive::Context;
use crypto::DigestAlgorithm;
use types::{Budget, Malformed, Time};

/// ```text
/// CommitmentTypeIndication ::= SEQUENCE { commitmentTypeId OBJECT IDENTIFIER,
///     commitmentTypeQualifier SEQUENCE OF CommitmentTypeQualifier OPTIONAL }   -- EN 319 122-1, 5.2.3
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitmentType<'a> {
    /// What the signer commits to, e.g. [`oid::PROOF_OF_APPROVAL`].
    pub oid: Oid,
    /// Qualifiers as received.
    pub qualifiers: Option<Encoded<'a>>,
}

pub(crate) fn commitment_type<'a>(
    value: &Element<'a>,
    context: &mut Context<'_>,
) -> Result<CommitmentType<'a>, Malformed> {
    let mut reader = value.open("EN 319 122-1, 5.2.3")?;
    let oid = reader.oid("commitment type", context.budget)?;
    let qualifiers = reader.optional(Tag::SEQUENCE, context.budget)?.map(|element| element.encoded);
    Ok(CommitmentType { oid, qualifiers })
}

/// ```text
/// SignerLocation ::= SEQUENCE { countryName [0] DirectoryString OPTIONAL, localityName [1] DirectoryString OPTIONAL,
///     postalAddress [2] SEQUENCE SIZE (1..6) OF DirectoryString OPTIONAL }   -- EN 319 122-1, 5.2.5
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignerLocation {
    /// Country as claimed.
    pub country: Option<String>,
    /// Place as claimed.
    pub locality: Option<String>,
    /// Lines of the address as claimed.
    pub postal_address: Vec<String>,
}

pub(crate) fn signer_location(
    value: &Element<'_>,
    context: &mut Context<'_>,
) -> Result<SignerLocation, Malformed> {
    const CLAUSE: &str = "EN 319 122-1, 5.2.5";
    let mut reader = value.open(CLAUSE)?;
    let mut location = SignerLocation::default();
    while let Some(field) = reader.next_kept(context.budget)? {
        let Some(inner) = field.open(CLAUSE)?.next(context.budget)? else { continue };
        if field.tag == Tag::context(0) {
            location.country = Some(inner.text(context.budget)?);
        } else if field.tag == Tag::context(1) {
            location.locality = Some(inner.text(context.budget)?);
        } else if field.tag == Tag::context(2) {
            // Signers differ on whether the tag is explicit.
            let mut lines =
                if inner.tag == Tag::SEQUENCE { inner.open(CLAUSE)? } else { field.open(CLAUSE)? };
            while let Some(line) = lines.next_kept(context.budget)? {
                location.postal_address.push(line.text(context.budget)?);
            }
        }
    }
    Ok(location)
}

/// ```text
/// SignerAttributeV2 ::= SEQUENCE { claimedAttributes [0] SEQUENCE OF Attribute OPTIONAL,
///     certifiedAttributesV2 [1] CertifiedAttributesV2 OPTIONAL,
///     signedAssertions [2] SignedAssertions OPTIONAL }   -- EN 319 122-1, 5.2.6.1
/// ```
#[derive(Clone, Debug, Default)]
pub struct SignerAttributes<'a> {
    /// What the signer claims about themselves.
    pub claimed: Vec<Attribute<'a>>,
    /// The claimed attributes whose values are text: roles, titles.
    pub claimed_roles: Vec<String>,
    /// Attribute certificates, as received.
    pub certified: Vec<Encoded<'a>>,
    /// Assertions signed by a third party, as received.
    pub assertions: Option<Encoded<'a>>,
}

pub(crate) fn signer_attributes_v2<'a>(
    value: &Element<'a>,
    context: &mut Context<'_>,
) -> Result<SignerAttributes<'a>, Malformed> {
    const CLAUSE: &str = "EN 319 122-1, 5.2.6.1";
    let mut reader = value.open(CLAUSE)?;
    let mut found = SignerAttributes::default();
    while let Some(field) = reader.next_kept(context.budget)? {
        let inner = field.open(CLAUSE)?.next(context.budget)?;
        match inner {
            Some(list) if field.tag == Tag::context(0) => claimed(&list, &mut found, context)?,
            Some(list) if field.tag == Tag::context(1) => {
                let mut certificates = list.open(CLAUSE)?;
                while let Some(certificate) = certificates.next_kept(context.budget)? {
                    found.certified.push(certificate.encoded);
                }
            }
            Some(list) if field.tag == Tag::context(2) => found.assertions = Some(list.encoded),
            _ => {}
        }
    }
    Ok(found)
}

/// ```text
/// SignerAttribute ::= SEQUENCE OF CHOICE { claimedAttributes [0] ClaimedAttributes,
///                                          certifiedAttributes [1] CertifiedAttributes }   -- TS 101 733, 5.11.3
/// ```
pub(crate) fn signer_attributes_v1<'a>(
    value: &Element<'a>,
    context: &mut Context<'_>,
) -> Result<SignerAttributes<'a>, Malformed> {
    const CLAUSE: &str = "TS 101 733, 5.11.3";
    let mut reader = value.open(CLAUSE)?;
    let mut found = SignerAttributes::default();
    while let Some(field) = reader.next_kept(context.budget)? {
        let Some(inner) = field.open(CLAUSE)?.next(context.budget)? else { continue };
        if field.tag == Tag::context(0) {
            claimed(&inner, &mut found, context)?;
        } else {
            found.certified.push(inner.encoded);
        }
    }
    Ok(found)
}

fn claimed<'a>(
    list: &Element<'a>,
    found: &mut SignerAttributes<'a>,
    context: &mut Context<'_>,
) -> Result<(), Malformed> {
    let attributes = read_attributes(list, context)?;
    for value in attributes.iter().flat_map(|attribute| &attribute.values) {
        let element = Reader::new(value.bytes, value.span.start).next(context.budget)?;
        if let Some(text) =
            element.filter(|element| element.tag.is_string() && element.tag != Tag::OCTET_STRING)
        {
            found.claimed_roles.push(text.text(context.budget)?);
        }
    }
    found.claimed.extend(attributes);
    Ok(())
}

/// ```text
/// SignaturePolicy ::= CHOICE { signaturePolicyId SEQUENCE { sigPolicyId OBJECT IDENTIFIER,
///         sigPolicyHash OtherHashAlgAndValue OPTIONAL, sigPolicyQualifiers SEQUENCE OF .. OPTIONAL },
///     signaturePolicyImplied NULL }   -- EN 319 122-1, 5.2.9.1
/// ```
#[derive(Clone, Debug)]
pub enum SignaturePolicy<'a> {
    /// The policy follows from the content or from elsewhere.
    Implied,
    /// A named policy.
    Explicit {
        /// Its identifier.
        oid: Oid,
        /// The digest of the policy document.
        hash: Option<HashValue<'a>>,
        /// Where the policy can be read.
        uri: Option<String>,
        /// All qualifiers as received.
        qualifiers: Vec<Encoded<'a>>,
    },
}

pub(crate) fn signature_policy<'a>(
    value: &Element<'a>,
    context: &mut Context<'_>,
) -> Result<SignaturePolicy<'a>, Malformed> {
    const CLAUSE: &str = "EN 319 122-1, 5.2.9.1";
    if value.tag != Tag::SEQUENCE {
        return Ok(SignaturePolicy::Implied);
    }
    let mut reader = value.open(CLAUSE)?;
    let oid = reader.oid("signature policy", context.budget)?;
    let hash = match reader.optional(Tag::SEQUENCE, context.budget)? {
        Some(element) => Some(hash_alg_and_value(&element, context.budget)?),
        None => None,
    };
    let (mut uri, mut qualifiers) = (None, Vec::new());
    if let Some(list) = reader.optional(Tag::SEQUENCE, context.budget)? {
        let mut list = list.open(CLAUSE)?;
        while let Some(qualifier) = list.next_kept(context.budget)? {
            qualifiers.push(qualifier.encoded);
            let mut fields = qualifier.open(CLAUSE)?;
            if fields.oid("policy qualifier", context.budget)? == oid::SPQ_URI {
                uri = fields.next(context.budget)?.map(|text| text.text(context.budget)).transpose()?;
            }
        }
    }
    Ok(SignaturePolicy::Explicit { oid, hash, uri, qualifiers })
}

/// `OtherHashAlgAndValue ::= SEQUENCE { hashAlgorithm AlgorithmIdentifier, hashValue OCTET STRING }`
fn hash_alg_and_value<'a>(element: &Element<'a>, budget: &mut Budget) -> Result<HashValue<'a>, Malformed> {
    const CLAUSE: &str = "EN 319 122-1, A.1.1.1";
    let mut reader = element.open(CLAUSE)?;
    let algorithm = reader.digest_algorithm("digest algorithm", budget)?;
    let value = reader.expect(Tag::OCTET_STRING, "digest value", CLAUSE, budget)?.octets(budget)?;
    Ok(HashValue { algorithm, value })
}

/// `OtherHash ::= CHOICE { sha1Hash OCTET STRING, otherHash OtherHashAlgAndValue }`
fn other_hash<'a>(element: &Element<'a>, budget: &mut Budget) -> Result<HashValue<'a>, Malformed> {
    if element.tag == Tag::OCTET_STRING {
        return Ok(HashValue { algorithm: Ok(DigestAlgorithm::Sha1), value: element.octets(budget)? });
    }
    hash_alg_and_value(element, budget)
}

/// ```text
/// OtherCertID ::= SEQUENCE { otherCertHash OtherHash, issuerSerial IssuerSerial OPTIONAL }   -- EN 319 122-1, A.1.1.1
/// ```
#[derive(Clone, Debug)]
pub struct CertificateReference<'a> {
    /// Digest over the whole certificate.
    pub hash: HashValue<'a>,
    /// Its issuer and serial number, where given.
    pub issuer_serial: Option<IssuerSerial<'a>>,
}

/// `CompleteCertificateRefs ::= SEQUENCE OF OtherCertID`
pub(crate) fn certificate_references<'a>(
    value: &Element<'a>,
    context: &mut Context<'_>,
) -> Result<Vec<CertificateReference<'a>>, Malformed> {
    const CLAUSE: &str = "EN 319 122-1, A.1.1.1";
    let budget = &mut *context.budget;
    let mut list = value.open(CLAUSE)?;
    let mut references = Vec::new();
    while let Some(element) = list.next_kept(budget)? {
        let mut reader = element.open(CLAUSE)?;
        let hash =
            reader.next(budget)?.ok_or_else(|| element.malformed("certificate hash is missing", CLAUSE))?;
        let hash = other_hash(&hash, budget)?;
        let issuer_serial = match reader.optional(Tag::SEQUENCE, budget)? {
            Some(element) => Some(issuer_serial(&element, budget)?),
            None => None,
        };
        references.push(CertificateReference { hash, issuer_serial });
    }
    Ok(references)
}

/// One entry of complete-revocation-references (EN 319 122-1, A.1.2.1).
#[derive(Clone, Debug)]
pub enum RevocationReference<'a> {
    /// `CrlValidatedID`.
    Crl {
        /// Digest over the CRL.
        hash: HashValue<'a>,
        /// Its issuer `Name` as received and when it was issued.
        issued: Option<(Encoded<'a>, Time)>,
    },
    /// `OcspResponsesID`.
    Ocsp {
        /// `ResponderID` as received.
        responder: Encoded<'a>,
        /// When the response was produced.
        produced_at: Time,
        /// Digest over the `BasicOCSPResponse`.
        hash: Option<HashValue<'a>>,
    },
    /// Something else, as received.
    Other(Encoded<'a>),
}

const REFERENCES_CLAUSE: &str = "EN 319 122-1, A.1.2.1";

/// `CompleteRevocationRefs ::= SEQUENCE OF CrlOcspRef { crlids [0] CRLListID, ocspids [1] OcspListID, otherRev [2] }`
pub(crate) fn revocation_references<'a>(
    value: &Element<'a>,
    context: &mut Context<'_>,
) -> Result<Vec<RevocationReference<'a>>, Malformed> {
    let budget = &mut *context.budget;
    let mut references = Vec::new();
    let mut list = value.open(REFERENCES_CLAUSE)?;
    while let Some(reference) = list.next_kept(budget)? {
        let mut fields = reference.open(REFERENCES_CLAUSE)?;
        while let Some(field) = fields.next_kept(budget)? {
            let Some(inner) = field.open(REFERENCES_CLAUSE)?.next(budget)? else { continue };
            let crls = field.tag == Tag::context(0);
            if !crls && field.tag != Tag::context(1) {
                references.push(RevocationReference::Other(field.encoded));
                continue;
            }
            let Some(ids) = inner.open(REFERENCES_CLAUSE)?.next(budget)? else { continue };
            let mut ids = ids.open(REFERENCES_CLAUSE)?;
            while let Some(id) = ids.next_kept(budget)? {
                references.push(if crls {
                    crl_reference(&id, budget)?
                } else {
                    ocsp_reference(&id, budget)?
                });
            }
        }
    }
    Ok(references)
}

fn crl_reference<'a>(id: &Element<'a>, budget: &mut Budget) -> Result<RevocationReference<'a>, Malformed> {
    let mut reader = id.open(REFERENCES_CLAUSE)?;
    let hash = reader.next(budget)?.ok_or_else(|| id.malformed("CRL hash is missing", REFERENCES_CLAUSE))?;
    let hash = other_hash(&hash, budget)?;
    let issued = match reader.optional(Tag::SEQUENCE, budget)? {
        Some(identifier) => {
            let mut fields = identifier.open(REFERENCES_CLAUSE)?;
            let issuer = fields.expect(Tag::SEQUENCE, "CRL issuer", REFERENCES_CLAUSE, budget)?.encoded;
            let time =
                fields.next(budget)?.ok_or_else(|| id.malformed("CRL time is missing", REFERENCES_CLAUSE))?;
            Some((issuer, time.time()?.0))
        }
        None => None,
    };
    Ok(RevocationReference::Crl { hash, issued })
}

fn ocsp_reference<'a>(id: &Element<'a>, budget: &mut Budget) -> Result<RevocationReference<'a>, Malformed> {
    let mut reader = id.open(REFERENCES_CLAUSE)?;
    let mut fields = reader
        .expect(Tag::SEQUENCE, "OCSP identifier", REFERENCES_CLAUSE, budget)?
        .open(REFERENCES_CLAUSE)?;
    let missing = || id.malformed("OCSP identifier is incomplete", REFERENCES_CLAUSE);
    let responder = fields.next(budget)?.ok_or_else(missing)?.encoded;
    let produced_at = fields.next(budget)?.ok_or_else(missing)?.time()?.0;
    let hash = match reader.next(budget)? {
        Some(element) => Some(other_hash(&element, budget)?),
        None => None,
    };
    Ok(RevocationReference::Ocsp { responder, produced_at, hash })
}

/// ```text
/// RevocationValues ::= SEQUENCE { crlVals [0] SEQUENCE OF CertificateList OPTIONAL,
///     ocspVals [1] SEQUENCE OF BasicOCSPResponse OPTIONAL, otherRevVals [2] OtherRevVals OPTIONAL }
///                                                                                   -- EN 319 122-1, A.1.2.2
/// ```
#[derive(Clone, Debug, Default)]
pub struct RevocationValues<'a> {
    /// `CertificateList`s as received.
    pub crls: Vec<Encoded<'a>>,
    /// `BasicOCSPResponse`s as received.
    pub basic_ocsp_responses: Vec<Encoded<'a>>,
}

pub(crate) fn revocation_values<'a>(
    value: &Element<'a>,
    context: &mut Context<'_>,
) -> Result<RevocationValues<'a>, Malformed> {
    let (crls, basic_ocsp_responses) = crls_and_ocsp(value, "EN 319 122-1, A.1.2.2", context.budget)?;
    Ok(RevocationValues { crls, basic_ocsp_responses })
}

/// ```text
/// RevocationInfoArchival ::= SEQUENCE { crl [0] EXPLICIT SEQUENCE OF CRL OPTIONAL,
///     ocsp [1] EXPLICIT SEQUENCE OF OCSPResponse OPTIONAL, otherRevInfo [2] .. }   -- ISO 32000-2, 12.8.3.3.2
/// ```
#[derive(Clone, Debug, Default)]
pub struct RevocationInfoArchival<'a> {
    /// `CertificateList`s as received.
    pub crls: Vec<Encoded<'a>>,
    /// `OCSPResponse`s as received.
    pub ocsp_responses: Vec<Encoded<'a>>,
}

pub(crate) fn revocation_info_archival<'a>(
    value: &Element<'a>,
    context: &mut Context<'_>,
) -> Result<RevocationInfoArchival<'a>, Malformed> {
    let (crls, ocsp_responses) = crls_and_ocsp(value, "ISO 32000-2, 12.8.3.3.2", context.budget)?;
    Ok(RevocationInfoArchival { crls, ocsp_responses })
}

type Lists<'a> = (Vec<Encoded<'a>>, Vec<Encoded<'a>>);

fn crls_and_ocsp<'a>(
    value: &Element<'a>,
    clause: &'static str,
    budget: &mut Budget,
) -> Result<Lists<'a>, Malformed> {
    let mut reader = value.open(clause)?;
    let (mut crls, mut responses) = (Vec::new(), Vec::new());
    while let Some(field) = reader.next_kept(budget)? {
        let list = if field.tag == Tag::context(0) {
            &mut crls
        } else if field.tag == Tag::context(1) {
            &mut responses
        } else {
            continue;
        };
        let Some(values) = field.open(clause)?.next(budget)? else { continue };
        let mut values = values.open(clause)?;
        while let Some(value) = values.next_kept(budget)? {
            list.push(value.encoded);
        }
    }
    Ok((crls, responses))
}

/// `ATSHashIndex` in its three versions (EN 319 122-1, 5.5.2): which parts an archive time-stamp covers.
#[derive(Clone, Debug)]
pub struct AtsHashIndex<'a> {
    /// Which attribute this is.
    pub version: AtsHashIndexVersion,
    /// The attribute's value as received, which the archive time-stamp covers.
    pub encoded: Encoded<'a>,
    /// Digest of every value below, and its algorithm.
    pub algorithm: Result<DigestAlgorithm, crypto::UnknownAlgorithm>,
    /// Digests of the entries of `SignedData.certificates`.
    pub certificates: Vec<std::borrow::Cow<'a, [u8]>>,
    /// Digests of the entries of `SignedData.crls`.
    pub crls: Vec<std::borrow::Cow<'a, [u8]>>,
    /// Digests over unsigned attributes, computed differently in version 3.
    pub unsigned_attributes: Vec<std::borrow::Cow<'a, [u8]>>,
}

/// Which of the ats-hash-index attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtsHashIndexVersion {
    /// TS 101 733, 6.4.2.
    V1,
    /// EN 319 122-1 V1.0.
    V2,
    /// EN 319 122-1, 5.5.2.
    V3,
}

pub(crate) fn ats_hash_index<'a>(
    value: &Element<'a>,
    version: AtsHashIndexVersion,
    context: &mut Context<'_>,
) -> Result<AtsHashIndex<'a>, Malformed> {
    const CLAUSE: &str = "EN 319 122-1, 5.5.2";
    let budget = &mut *context.budget;
    let mut reader = value.open(CLAUSE)?;
    let mut next = reader.expect(Tag::SEQUENCE, "digest algorithm or hash index", CLAUSE, budget)?;
    let mut algorithm = Ok(DigestAlgorithm::Sha256);
    if next.open(CLAUSE)?.peek() == Some(Tag::OBJECT_IDENTIFIER) {
        algorithm = next.digest_algorithm(budget)?;
        next = reader.expect(Tag::SEQUENCE, "hash index", CLAUSE, budget)?;
    }
    let mut lists = [Vec::new(), Vec::new(), Vec::new()];
    for (index, list) in lists.iter_mut().enumerate() {
        if index > 0 {
            next = reader.expect(Tag::SEQUENCE, "hash index", CLAUSE, budget)?;
        }
        let mut hashes = next.open(CLAUSE)?;
        while let Some(hash) = hashes.next_kept(budget)? {
            list.push(hash.octets(budget)?);
        }
    }
    let [certificates, crls, unsigned_attributes] = lists;
    Ok(AtsHashIndex { version, encoded: value.encoded, algorithm, certificates, crls, unsigned_attributes })
}
