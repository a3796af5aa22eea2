//! A signature waiting for its value, to and from its record (spec/plan.md).

use crate::to_be_signed::ToBeSigned;
use cms::{AttributesToBeSigned, SignerCertificate};
use const_oid::ObjectIdentifier;
use crypto::{Digest, DigestAlgorithm, Provider, SignatureAlgorithm};
use der::{Decode, Encode};
use pdf::signature::PreparedSignature;
use pkix::Certificate;
use records::{ByteText, PLAN_FORMAT, PlanDocument, PlanRecord};
use spki::AlgorithmIdentifierRef;
use std::fmt;
use types::Span;

/// Why a record is not a plan that can be completed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordError(pub String);

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the plan cannot be used: {}", self.0)
    }
}

impl std::error::Error for RecordError {}

impl ToBeSigned {
    /// The record, for a document at a place with a digest.
    pub fn to_record(
        &self,
        document: PlanDocument,
        provider: &dyn Provider,
    ) -> Result<PlanRecord, RecordError> {
        let identifier =
            self.algorithm.to_identifier().map_err(|unknown| RecordError(unknown.to_string()))?;
        let message = self.message();
        Ok(PlanRecord {
            format: PLAN_FORMAT.into(),
            document,
            field: self.prepared.field_name.clone(),
            tail: ByteText(self.prepared.tail.clone()),
            contents: [self.prepared.contents.start, self.prepared.contents.end],
            byte_range: self.prepared.byte_range,
            certificates: self.certificates.iter().map(|c| ByteText(c.der().to_vec())).collect(),
            digest_algorithm: self.content.algorithm.oid().to_string(),
            content_digest: self.content.hex(),
            algorithm: self.algorithm.to_string(),
            signature_algorithm: ByteText(
                identifier.to_der().map_err(|error| RecordError(error.to_string()))?,
            ),
            to_be_signed: ByteText(message.to_vec()),
            to_be_signed_digest: provider.digest(self.content.algorithm, message).hex(),
        })
    }

    /// Takes a record back. What it says of the document is checked when the signature is completed: the digest by
    /// [`ToBeSigned::content_digest`], everything else by the self-check.
    pub fn from_record(record: &PlanRecord, provider: &dyn Provider) -> Result<ToBeSigned, RecordError> {
        let bad = |what: &str| RecordError(format!("{what} is malformed"));
        let digest_algorithm = ObjectIdentifier::new(&record.digest_algorithm)
            .ok()
            .and_then(DigestAlgorithm::from_oid)
            .ok_or_else(|| bad("digestAlgorithm"))?;
        let identifier = AlgorithmIdentifierRef::from_der(&record.signature_algorithm.0)
            .map_err(|_| bad("signatureAlgorithm"))?;
        let algorithm = SignatureAlgorithm::from_identifier(identifier, Some(digest_algorithm))
            .map_err(|unknown| RecordError(unknown.to_string()))?;
        let certificates = record
            .certificates
            .iter()
            .map(|der| Certificate::from_der(&der.0))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| RecordError(format!("a certificate is malformed: {error}")))?;
        let signer = certificates.first().ok_or_else(|| bad("the list of certificates"))?;
        let [start, end] = record.contents;
        let base_len = record.document.length;
        let tail_end =
            base_len.checked_add(record.tail.0.len() as u64).ok_or_else(|| bad("document.length"))?;
        if !(base_len <= start && start.saturating_add(2) <= end && end <= tail_end) {
            return Err(bad("contents"));
        }
        Ok(ToBeSigned {
            signer: SignerCertificate::read(signer.der(), provider)
                .map_err(|error| RecordError(error.to_string()))?,
            prepared: PreparedSignature {
                base_len,
                tail: record.tail.0.clone(),
                contents: Span::new(start, end),
                byte_range: record.byte_range,
                field_name: record.field.clone(),
                page: None,
                findings: Vec::new(),
            },
            algorithm,
            content: Digest {
                algorithm: digest_algorithm,
                value: unhex(&record.content_digest).ok_or_else(|| bad("contentDigest"))?,
            },
            attributes: AttributesToBeSigned::from_der(&record.to_be_signed.0)
                .map_err(|error| RecordError(error.to_string()))?,
            certificates,
        })
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    let pairs = digits.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    pairs.map(|pair| Some(digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?)).collect()
}
