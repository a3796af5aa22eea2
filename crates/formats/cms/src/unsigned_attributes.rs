//! Unsigned attributes: what was added after signing, by anyone: time-stamps, references, values, countersignatures.

use crate::attribute::{self, Attribute, read_only, read_value};
use crate::ber::{Element, Encoded};
use crate::cades::{
    self, AtsHashIndex, AtsHashIndexVersion, CertificateReference, RevocationInfoArchival,
    RevocationReference, RevocationValues,
};
use crate::oid;
use crate::primitive::Context;
use const_oid::ObjectIdentifier;
use types::Malformed;

/// `unsignedAttrs` of a signer (RFC 5652, 5.3). Tokens, certificates and responses are kept as received.
#[derive(Clone, Debug, Default)]
pub struct UnsignedAttributes<'a> {
    /// The `[1] IMPLICIT` set as received; `None` if the signer has none.
    pub encoded: Option<Encoded<'a>>,
    /// All attributes in the order received.
    pub attributes: Vec<Attribute<'a>>,
    /// Time-stamp tokens of every kind, in the order received.
    pub timestamps: Vec<AttributeTimestamp<'a>>,
    /// countersignature: `SignerInfo`s over this signature value (RFC 5652, 11.4); see [`crate::SignerInfo::parse`].
    pub countersignatures: Vec<Encoded<'a>>,
    /// complete-certificate-references (EN 319 122-1, A.1.1.1).
    pub certificate_references: Vec<CertificateReference<'a>>,
    /// complete-revocation-references (EN 319 122-1, A.1.2.1).
    pub revocation_references: Vec<RevocationReference<'a>>,
    /// certificate-values (EN 319 122-1, A.1.1.2).
    pub certificate_values: Vec<Encoded<'a>>,
    /// revocation-values (EN 319 122-1, A.1.2.2).
    pub revocation_values: RevocationValues<'a>,
    /// long-term-validation values as received (TS 101 733, 6.5).
    pub long_term_validation: Vec<Encoded<'a>>,
    /// ats-hash-index, found in the signer of an archive time-stamp (EN 319 122-1, 5.5.2).
    pub ats_hash_index: Option<AtsHashIndex<'a>>,
    /// Adobe's revocation information where it was put here instead of among the signed attributes.
    pub revocation_info_archival: Option<RevocationInfoArchival<'a>>,
}

/// A time-stamp token in an attribute.
#[derive(Clone, Copy, Debug)]
pub struct AttributeTimestamp<'a> {
    /// What it covers.
    pub kind: TimestampKind,
    /// The token as received; see [`crate::TimestampToken::parse`].
    pub token: Encoded<'a>,
}

/// What a time-stamp in an unsigned attribute covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampKind {
    /// The signature value (EN 319 122-1, 5.3).
    Signature,
    /// Signature value, signature time-stamp and references (EN 319 122-1, A.1.5.2).
    CadesC,
    /// The references (EN 319 122-1, A.1.5.1).
    CertificatesAndCrls,
    /// Archive time-stamp of RFC 3126.
    ArchiveV1,
    /// Archive time-stamp version 2 (TS 101 733, 6.4.1).
    ArchiveV2,
    /// Archive time-stamp version 3 (EN 319 122-1, 5.5.3).
    ArchiveV3,
}

const TIMESTAMPS: [(ObjectIdentifier, TimestampKind); 6] = [
    (oid::SIGNATURE_TIMESTAMP, TimestampKind::Signature),
    (oid::CADES_C_TIMESTAMP, TimestampKind::CadesC),
    (oid::CERTIFICATE_CRL_TIMESTAMP, TimestampKind::CertificatesAndCrls),
    (oid::ARCHIVE_TIMESTAMP, TimestampKind::ArchiveV1),
    (oid::ARCHIVE_TIMESTAMP_V2, TimestampKind::ArchiveV2),
    (oid::ARCHIVE_TIMESTAMP_V3, TimestampKind::ArchiveV3),
];

impl<'a> UnsignedAttributes<'a> {
    pub(crate) fn read(
        set: &Element<'a>,
        context: &mut Context<'_>,
    ) -> Result<UnsignedAttributes<'a>, Malformed> {
        let attributes = attribute::read_attributes(set, context)?;
        let list = attributes.as_slice();
        let timestamps = list.iter().filter_map(|attribute| {
            let (_, kind) = TIMESTAMPS.iter().find(|(oid, _)| attribute.oid == *oid)?;
            Some(attribute.values.iter().map(|token| AttributeTimestamp { kind: *kind, token: *token }))
        });
        Ok(UnsignedAttributes {
            encoded: Some(set.encoded),
            timestamps: timestamps.flatten().collect(),
            countersignatures: attribute::all_values(list, oid::COUNTERSIGNATURE).collect(),
            certificate_references: read_only(
                list,
                oid::CERTIFICATE_REFS,
                context,
                cades::certificate_references,
            )?
            .unwrap_or_default(),
            revocation_references: read_only(
                list,
                oid::REVOCATION_REFS,
                context,
                cades::revocation_references,
            )?
            .unwrap_or_default(),
            certificate_values: certificate_values(list, context)?,
            revocation_values: revocation_values(list, context)?,
            long_term_validation: attribute::all_values(list, oid::LONG_TERM_VALIDATION).collect(),
            ats_hash_index: ats_hash_index(list, context)?,
            revocation_info_archival: read_only(
                list,
                oid::ADBE_REVOCATION_INFO_ARCHIVAL,
                context,
                cades::revocation_info_archival,
            )?,
            attributes,
        })
    }
}

/// Material only: several instances do no harm, so all are taken.
fn certificate_values<'a>(
    attributes: &[Attribute<'a>],
    context: &mut Context<'_>,
) -> Result<Vec<Encoded<'a>>, Malformed> {
    let mut values = Vec::new();
    for value in attribute::all_values(attributes, oid::CERTIFICATE_VALUES) {
        read_value(value, "certificate-values", context, |value, context| {
            let mut list = value.open("EN 319 122-1, A.1.1.2")?;
            while let Some(certificate) = list.next_kept(context.budget)? {
                context.budget.spend(types::Resource::Certificates, 1)?;
                values.push(certificate.encoded);
            }
            Ok(())
        })?;
    }
    Ok(values)
}

/// Material only: several instances do no harm, so all are taken.
fn revocation_values<'a>(
    attributes: &[Attribute<'a>],
    context: &mut Context<'_>,
) -> Result<RevocationValues<'a>, Malformed> {
    let mut all = RevocationValues::default();
    for value in attribute::all_values(attributes, oid::REVOCATION_VALUES) {
        if let Some(found) = read_value(value, "revocation-values", context, cades::revocation_values)? {
            all.crls.extend(found.crls);
            all.basic_ocsp_responses.extend(found.basic_ocsp_responses);
        }
    }
    Ok(all)
}

fn ats_hash_index<'a>(
    attributes: &[Attribute<'a>],
    context: &mut Context<'_>,
) -> Result<Option<AtsHashIndex<'a>>, Malformed> {
    for (oid, version) in [
        (oid::ATS_HASH_INDEX_V3, AtsHashIndexVersion::V3),
        (oid::ATS_HASH_INDEX_V2, AtsHashIndexVersion::V2),
        (oid::ATS_HASH_INDEX, AtsHashIndexVersion::V1),
    ] {
        let index = read_only(attributes, oid, context, |value, context| {
            cades::ats_hash_index(value, version, context)
        })?;
        if index.is_some() {
            return Ok(index);
        }
    }
    Ok(None)
}
