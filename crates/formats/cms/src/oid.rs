//! Object identifiers of CMS, ESS, CAdES and RFC 3161, named as in their standards.

use const_oid::ObjectIdentifier;
use std::fmt;

/// An object identifier as received, with arcs of any size (X.667 makes some of 128 bits). Compares with the constants
/// of this module.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid(Vec<u8>);

impl Oid {
    /// From content octets (ITU-T X.690, 8.19); `None` if they are malformed or more than 255.
    pub fn from_content(bytes: &[u8]) -> Option<Oid> {
        let starts = std::iter::once(0x00).chain(bytes.iter().copied());
        let padded = starts.zip(bytes).any(|(before, byte)| before & 0x80 == 0 && *byte == 0x80);
        let complete = bytes.last().is_some_and(|last| last & 0x80 == 0);
        (complete && !padded && bytes.len() <= 255).then(|| Oid(bytes.to_vec()))
    }

    /// Reads dotted decimal, e.g. `2.25.329800735698586629295641978511506172918`; arcs have up to 128 bits.
    pub fn from_dotted(text: &str) -> Option<Oid> {
        let arcs: Vec<u128> = text.split('.').map(arc).collect::<Option<_>>()?;
        let [first @ 0..=2, second, rest @ ..] = arcs.as_slice() else { return None };
        if *first < 2 && *second >= 40 {
            return None;
        }
        let mut content = Vec::new();
        for arc in std::iter::once(first.checked_mul(40)?.checked_add(*second)?).chain(rest.iter().copied()) {
            let groups = (128 - (arc | 1).leading_zeros()).div_ceil(7);
            let septet = |group: u32| (arc >> (7 * group)) as u8 & 0x7f | if group > 0 { 0x80 } else { 0 };
            content.extend((0..groups).rev().map(septet));
        }
        Oid::from_content(&content)
    }

    /// DER, tag and length included.
    pub(crate) fn der(&self) -> Vec<u8> {
        crate::encode::value(crate::encode::OBJECT_IDENTIFIER, &[&self.0])
    }

    /// The identifier in the form that other crates know it by, unless its arcs are too large for that.
    pub fn known(&self) -> Option<ObjectIdentifier> {
        ObjectIdentifier::from_bytes(&self.0).ok()
    }
}

/// The signing record of Undersign (spec/record.md), a signed attribute: 2.25 and the UUID
/// 6ff8ad8f-e347-4020-8c14-8dc4d0e65137 as a number (ITU-T X.667, 7).
pub const SIGNING_RECORD: &str = "2.25.148835517409870204217464297361252962615";

/// [`SIGNING_RECORD`] as an identifier.
pub fn signing_record() -> Oid {
    Oid::from_dotted(SIGNING_RECORD).expect("the constant is dotted decimal")
}

/// One number of dotted decimal, without sign or leading zeros.
fn arc(text: &str) -> Option<u128> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text.len() == 1 || !text.starts_with('0'));
    Some(text).filter(|_| plain)?.parse().ok()
}

impl PartialEq<ObjectIdentifier> for Oid {
    fn eq(&self, other: &ObjectIdentifier) -> bool {
        self.0 == other.as_bytes()
    }
}

impl From<ObjectIdentifier> for Oid {
    fn from(oid: ObjectIdentifier) -> Oid {
        Oid(oid.as_bytes().to_vec())
    }
}

impl fmt::Display for Oid {
    /// Dotted decimal; an arc of more than 128 bits is shown as `?`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arcs = self.0.split_inclusive(|byte| byte & 0x80 == 0);
        for (index, octets) in arcs.enumerate() {
            let arc = octets
                .iter()
                .try_fold(0_u128, |arc, octet| arc.checked_mul(128)?.checked_add(u128::from(octet & 0x7f)));
            match (index, arc) {
                (0, Some(both)) => {
                    let root = (both / 40).min(2);
                    write!(f, "{root}.{}", both - root * 40)?;
                }
                (0, None) => f.write_str("2.?")?,
                (_, Some(arc)) => write!(f, ".{arc}")?,
                (_, None) => f.write_str(".?")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident = $value:literal;)*) => {
        $($(#[$doc])* pub const $name: ObjectIdentifier = ObjectIdentifier::new_unwrap($value);)*
    };
}

identifiers! {
    /// id-data (RFC 5652, 4).
    DATA = "1.2.840.113549.1.7.1";
    /// id-signedData (RFC 5652, 5.1).
    SIGNED_DATA = "1.2.840.113549.1.7.2";
    /// id-ct-TSTInfo (RFC 3161, 2.4.2).
    TST_INFO = "1.2.840.113549.1.9.16.1.4";

    /// id-ri-ocsp-response (RFC 5940, 2.1).
    RI_OCSP_RESPONSE = "1.3.6.1.5.5.7.16.2";
    /// id-pkix-ocsp-basic (RFC 6960, 4.2.1), met as a revocation info format.
    OCSP_BASIC = "1.3.6.1.5.5.7.48.1.1";

    /// id-contentType (RFC 5652, 11.1).
    CONTENT_TYPE = "1.2.840.113549.1.9.3";
    /// id-messageDigest (RFC 5652, 11.2).
    MESSAGE_DIGEST = "1.2.840.113549.1.9.4";
    /// id-signingTime (RFC 5652, 11.3).
    SIGNING_TIME = "1.2.840.113549.1.9.5";
    /// id-countersignature (RFC 5652, 11.4).
    COUNTERSIGNATURE = "1.2.840.113549.1.9.6";
    /// id-aa-CMSAlgorithmProtection (RFC 6211, 2).
    CMS_ALGORITHM_PROTECTION = "1.2.840.113549.1.9.52";
    /// id-aa-signingCertificate (RFC 2634, 5.4).
    SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12";
    /// id-aa-signingCertificateV2 (RFC 5035, 3).
    SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47";
    /// id-aa-contentHint (RFC 2634, 2.9).
    CONTENT_HINTS = "1.2.840.113549.1.9.16.2.4";
    /// id-aa-contentReference (RFC 2634, 2.11).
    CONTENT_REFERENCE = "1.2.840.113549.1.9.16.2.10";
    /// id-aa-contentIdentifier (RFC 2634, 2.7).
    CONTENT_IDENTIFIER = "1.2.840.113549.1.9.16.2.7";
    /// id-aa-ets-mimeType (EN 319 122-1, 5.2.4.2).
    MIME_TYPE = "0.4.0.1733.2.1";
    /// id-aa-ets-sigPolicyId (EN 319 122-1, 5.2.9.1).
    SIGNATURE_POLICY = "1.2.840.113549.1.9.16.2.15";
    /// id-aa-ets-commitmentType (EN 319 122-1, 5.2.3).
    COMMITMENT_TYPE = "1.2.840.113549.1.9.16.2.16";
    /// id-aa-ets-signerLocation (EN 319 122-1, 5.2.5).
    SIGNER_LOCATION = "1.2.840.113549.1.9.16.2.17";
    /// id-aa-ets-signerAttr (ETSI TS 101 733, 5.11.3), the predecessor of version 2.
    SIGNER_ATTRIBUTES = "1.2.840.113549.1.9.16.2.18";
    /// id-aa-ets-signerAttrV2 (EN 319 122-1, 5.2.6.1).
    SIGNER_ATTRIBUTES_V2 = "0.4.0.19122.1.1";
    /// id-aa-ets-contentTimestamp (EN 319 122-1, 5.2.8).
    CONTENT_TIMESTAMP = "1.2.840.113549.1.9.16.2.20";
    /// id-adbe-revocationInfoArchival (ISO 32000-2, 12.8.3.3.2).
    ADBE_REVOCATION_INFO_ARCHIVAL = "1.2.840.113583.1.1.8";

    /// id-aa-signatureTimeStampToken (EN 319 122-1, 5.3).
    SIGNATURE_TIMESTAMP = "1.2.840.113549.1.9.16.2.14";
    /// id-aa-ets-certificateRefs (EN 319 122-1, A.1.1.1).
    CERTIFICATE_REFS = "1.2.840.113549.1.9.16.2.21";
    /// id-aa-ets-revocationRefs (EN 319 122-1, A.1.2.1).
    REVOCATION_REFS = "1.2.840.113549.1.9.16.2.22";
    /// id-aa-ets-certValues (EN 319 122-1, A.1.1.2).
    CERTIFICATE_VALUES = "1.2.840.113549.1.9.16.2.23";
    /// id-aa-ets-revocationValues (EN 319 122-1, A.1.2.2).
    REVOCATION_VALUES = "1.2.840.113549.1.9.16.2.24";
    /// id-aa-ets-escTimeStamp (EN 319 122-1, A.1.5.2).
    CADES_C_TIMESTAMP = "1.2.840.113549.1.9.16.2.25";
    /// id-aa-ets-certCRLTimestamp (EN 319 122-1, A.1.5.1).
    CERTIFICATE_CRL_TIMESTAMP = "1.2.840.113549.1.9.16.2.26";
    /// id-aa-ets-archiveTimestamp, the first kind (RFC 3126).
    ARCHIVE_TIMESTAMP = "1.2.840.113549.1.9.16.2.27";
    /// id-aa-ets-archiveTimestampV2 (ETSI TS 101 733, 6.4.1).
    ARCHIVE_TIMESTAMP_V2 = "1.2.840.113549.1.9.16.2.48";
    /// id-aa-ets-archiveTimestampV3 (EN 319 122-1, 5.5.3).
    ARCHIVE_TIMESTAMP_V3 = "0.4.0.1733.2.4";
    /// id-aa-ets-longTermValidation (ETSI TS 101 733, 6.5).
    LONG_TERM_VALIDATION = "0.4.0.1733.2.2";
    /// id-aa-ATSHashIndex (ETSI TS 101 733, 6.4.2).
    ATS_HASH_INDEX = "0.4.0.1733.2.5";
    /// id-aa-ATSHashIndex-v2 (EN 319 122-1 V1.0, 5.5.2).
    ATS_HASH_INDEX_V2 = "0.4.0.19122.1.4";
    /// id-aa-ATSHashIndex-v3 (EN 319 122-1, 5.5.2).
    ATS_HASH_INDEX_V3 = "0.4.0.19122.1.5";
    /// id-ets-attrCertificateRefs (EN 319 122-1, A.1.3).
    ATTRIBUTE_CERTIFICATE_REFS = "1.2.840.113549.1.9.16.2.44";
    /// id-ets-attrRevocationRefs (EN 319 122-1, A.1.4).
    ATTRIBUTE_REVOCATION_REFS = "1.2.840.113549.1.9.16.2.45";

    /// id-aa-er-internal (RFC 4998, Appendix A).
    EVIDENCE_RECORD_INTERNAL = "1.2.840.113549.1.9.16.2.49";
    /// id-aa-er-external (RFC 4998, Appendix A).
    EVIDENCE_RECORD_EXTERNAL = "1.2.840.113549.1.9.16.2.50";
    /// id-pe-qcStatements (RFC 3739, 3.2.6), also an extension of time-stamps (EN 319 422, 9).
    QC_STATEMENTS = "1.3.6.1.5.5.7.1.3";

    /// id-spq-ets-uri (EN 319 122-1, 5.2.9.1).
    SPQ_URI = "1.2.840.113549.1.9.16.5.1";
    /// id-spq-ets-unotice (EN 319 122-1, 5.2.9.1).
    SPQ_USER_NOTICE = "1.2.840.113549.1.9.16.5.2";

    /// id-cti-ets-proofOfOrigin (EN 319 122-1, 5.2.3).
    PROOF_OF_ORIGIN = "1.2.840.113549.1.9.16.6.1";
    /// id-cti-ets-proofOfReceipt.
    PROOF_OF_RECEIPT = "1.2.840.113549.1.9.16.6.2";
    /// id-cti-ets-proofOfDelivery.
    PROOF_OF_DELIVERY = "1.2.840.113549.1.9.16.6.3";
    /// id-cti-ets-proofOfSender.
    PROOF_OF_SENDER = "1.2.840.113549.1.9.16.6.4";
    /// id-cti-ets-proofOfApproval.
    PROOF_OF_APPROVAL = "1.2.840.113549.1.9.16.6.5";
    /// id-cti-ets-proofOfCreation.
    PROOF_OF_CREATION = "1.2.840.113549.1.9.16.6.6";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_of_any_size_are_shown_dotted() {
        for (content, dotted) in [
            (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d][..], "1.2.840.113549"),
            (&[0x88, 0x37, 0x01], "2.999.1"),
            (&[0x00], "0.0"),
            (
                &[
                    0x69, 0x83, 0xf0, 0x9d, 0xa7, 0xeb, 0xcf, 0xde, 0xe0, 0xc7, 0xa1, 0xa7, 0xb2, 0xc0, 0x94,
                    0x8c, 0xc8, 0xf9, 0xd7, 0x76,
                ],
                "2.25.329800735698586629295641978511506172918",
            ),
        ] {
            assert_eq!(Oid::from_content(content).map(|oid| oid.to_string()), Some(dotted.to_owned()));
            assert_eq!(Oid::from_dotted(dotted), Oid::from_content(content));
        }
        assert_eq!(Oid::from_content(SIGNED_DATA.as_bytes()), Some(SIGNED_DATA.into()));
    }

    #[test]
    fn the_signing_record_has_the_identifier_of_its_uuid() {
        assert_eq!(signing_record().to_string(), SIGNING_RECORD);
        let uuid = 0x6ff8ad8f_e347_4020_8c14_8dc4d0e65137_u128;
        assert_eq!(SIGNING_RECORD, format!("2.25.{uuid}"));
    }

    #[test]
    fn malformed_identifiers_are_refused() {
        for content in [&[][..], &[0x80], &[0x2a, 0x80, 0x01], &[0x2a, 0x86], &[0x01; 256]] {
            assert_eq!(Oid::from_content(content), None);
        }
        for dotted in
            ["", "1", "3.1", "1.40", "1.2.", "1.+2", "1.02", "2.340282366920938463463374607431768211456"]
        {
            assert_eq!(Oid::from_dotted(dotted), None, "{dotted}");
        }
    }
}
