//! A signature waiting for its value (spec/plan.md): what `prepare` writes and `complete` reads.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Identifier of the form, in every record.
pub const PLAN_FORMAT: &str = "undersign-plan@v1";

/// Bytes written as base64 (RFC 4648, 4).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct ByteText(pub Vec<u8>);

impl Serialize for ByteText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for ByteText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ByteText, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(&text).map(ByteText).map_err(serde::de::Error::custom)
    }
}

/// The document that will be signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlanDocument {
    /// Where it was when the plan was made.
    pub path: String,
    /// Length in bytes.
    pub length: u64,
    /// SHA-256 of every byte, in lower-case hexadecimal.
    pub sha256: String,
}

/// Everything decided about a signature but its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlanRecord {
    /// [`PLAN_FORMAT`].
    pub format: String,
    /// The document.
    pub document: PlanDocument,
    /// Fully qualified name of the signature field.
    pub field: String,
    /// Bytes to append to the document, the place of the signature filled with zeros.
    pub tail: ByteText,
    /// First and one past the last byte of the `Contents` token in the signed file.
    pub contents: [u64; 2],
    /// `ByteRange` as written in the tail.
    pub byte_range: [u64; 4],
    /// Certificates for the CMS, DER, the signer's first.
    pub certificates: Vec<ByteText>,
    /// Object identifier of the digest algorithm of the content.
    pub digest_algorithm: String,
    /// Digest of the covered bytes, in lower-case hexadecimal.
    pub content_digest: String,
    /// The signature algorithm in words, for the person who makes the value.
    pub algorithm: String,
    /// The signature algorithm, DER `AlgorithmIdentifier`.
    pub signature_algorithm: ByteText,
    /// What the value must be made over: the signed attributes, DER.
    pub to_be_signed: ByteText,
    /// Digest of `to_be_signed` by the digest algorithm, in lower-case hexadecimal, for devices that take a digest.
    pub to_be_signed_digest: String,
}

/// Why bytes are not a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanError(pub String);

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a signing plan: {}", self.0)
    }
}

impl std::error::Error for PlanError {}

impl PlanRecord {
    /// Reads the record; refuses other forms and unknown members.
    pub fn from_json(bytes: &[u8]) -> Result<PlanRecord, PlanError> {
        let record: PlanRecord =
            serde_json::from_slice(bytes).map_err(|error| PlanError(error.to_string()))?;
        if record.format != PLAN_FORMAT {
            return Err(PlanError(format!("its format is {:?}, expected {PLAN_FORMAT:?}", record.format)));
        }
        Ok(record)
    }

    /// The record as indented JSON with a final line end.
    pub fn to_json(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec_pretty(self).expect("a plan holds only strings and numbers");
        json.push(b'\n');
        json
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> PlanRecord {
        PlanRecord {
            format: PLAN_FORMAT.into(),
            document: PlanDocument { path: "contract.pdf".into(), length: 9, sha256: "00".into() },
            field: "Signature1".into(),
            tail: ByteText(vec![0, 255, 7]),
            contents: [10, 20],
            byte_range: [0, 10, 20, 5],
            certificates: vec![ByteText(vec![0x30, 0])],
            digest_algorithm: "2.16.840.1.101.3.4.2.1".into(),
            content_digest: "11".into(),
            algorithm: "ECDSA with SHA-256".into(),
            signature_algorithm: ByteText(vec![0x30, 0]),
            to_be_signed: ByteText(vec![0x31, 0]),
            to_be_signed_digest: "22".into(),
        }
    }

    #[test]
    fn a_plan_survives_the_round_trip() {
        assert_eq!(PlanRecord::from_json(&record().to_json()), Ok(record()));
    }

    #[test]
    fn other_forms_and_unknown_members_are_refused() {
        let text = String::from_utf8(record().to_json()).unwrap();
        for broken in [
            text.replace("@v1", "@v2"),
            text.replacen("{", "{\"extra\":1,", 1),
            text.replace("AP8H", "***"),
            String::new(),
        ] {
            assert!(PlanRecord::from_json(broken.as_bytes()).is_err());
        }
    }
}
