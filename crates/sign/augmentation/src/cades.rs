//! CMS: timestamps and validation data as unsigned attributes and in the lists of the `SignedData` (ETSI EN 319 122-1, 5.3, 5.5.3
//! and 6.3). What is there stays octet by octet.

use cms::{AdditionError, Additions, ArchiveImprint, BuildError, Content, ImprintCheck, ImprintError, oid};
use cms::{SignedData, SignerInfo};
use crypto::{Digest, DigestAlgorithm, Provider};
use pdf::dss::ValidationData;
use std::fmt;
use types::{Budget, Malformed};

/// Why nothing is added to a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CadesError {
    /// It cannot be read.
    Malformed(Malformed),
    /// It has no signer of this number.
    NoSuchSigner,
    /// What is to be added is not DER.
    NotDer(String),
    /// What an archive timestamp would be over cannot be computed.
    Imprint(String),
    /// An archive timestamp of an older kind covers the lists as they are: nothing may be added to them any more.
    OlderArchive,
}

impl fmt::Display for CadesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CadesError::Malformed(malformed) => malformed.fmt(f),
            CadesError::NoSuchSigner => f.write_str("the signature has no such signer"),
            CadesError::NotDer(reason) | CadesError::Imprint(reason) => f.write_str(reason),
            CadesError::OlderArchive => f.write_str(
                "an archive timestamp of version 1 or 2 covers the signature; what is added would spoil it",
            ),
        }
    }
}

impl std::error::Error for CadesError {}

impl From<Malformed> for CadesError {
    fn from(malformed: Malformed) -> CadesError {
        CadesError::Malformed(malformed)
    }
}

impl From<AdditionError> for CadesError {
    fn from(error: AdditionError) -> CadesError {
        match error {
            AdditionError::Malformed(malformed) => CadesError::Malformed(malformed),
            AdditionError::NoSuchSigner(_) => CadesError::NoSuchSigner,
        }
    }
}

impl From<BuildError> for CadesError {
    fn from(error: BuildError) -> CadesError {
        CadesError::NotDer(error.to_string())
    }
}

impl From<ImprintError> for CadesError {
    fn from(error: ImprintError) -> CadesError {
        CadesError::Imprint(error.to_string())
    }
}

/// A timestamp of which the token is missing. The same bytes give the same imprint again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreparedTimestamp {
    signer: usize,
    /// For an archive timestamp.
    index: Option<Vec<u8>>,
    /// What the token has to be over.
    pub imprint: Digest,
}

/// Prepares a signature-time-stamp over the value of signer number `signer`, counted from 0 (EN 319 122-1, 5.3).
pub fn signature_timestamp(
    bytes: &[u8],
    signer: usize,
    algorithm: DigestAlgorithm,
    provider: &dyn Provider,
    budget: &mut Budget,
) -> Result<PreparedTimestamp, CadesError> {
    let signed_data = SignedData::parse(bytes, budget)?;
    let info = signer_of(&signed_data, signer)?;
    let imprint = provider.digest(algorithm, &info.signature);
    Ok(PreparedTimestamp { signer, index: None, imprint })
}

/// Prepares an archive-time-stamp-v3 over everything that is there (EN 319 122-1, 5.5.3). `content`: digests of detached
/// content, that by `algorithm` among them.
pub fn archive_timestamp(
    bytes: &[u8],
    signer: usize,
    content: &[Digest],
    algorithm: DigestAlgorithm,
    provider: &dyn Provider,
    budget: &mut Budget,
) -> Result<PreparedTimestamp, CadesError> {
    let signed_data = SignedData::parse(bytes, budget)?;
    let info = signer_of(&signed_data, signer)?;
    let content = if content.is_empty() { Content::None } else { Content::Digests(content) };
    let check = ImprintCheck { signed_data: &signed_data, signer: info, content, provider };
    let ArchiveImprint { digest, index } = check.archive_v3(algorithm, budget)?;
    Ok(PreparedTimestamp { signer, index: Some(index), imprint: digest })
}

impl PreparedTimestamp {
    /// The signature with a token whose imprint was checked ([`crate::answer::timestamp`]).
    pub fn embed(&self, bytes: &[u8], token: &[u8], budget: &mut Budget) -> Result<Vec<u8>, CadesError> {
        let additions = match &self.index {
            None => Additions::default().unsigned_attribute(oid::SIGNATURE_TIMESTAMP, token)?,
            Some(index) => {
                let carried = Additions::default().unsigned_attribute(oid::ATS_HASH_INDEX_V3, index)?;
                let token = carried.add_to(token, 0, budget)?;
                Additions::default().unsigned_attribute(oid::ARCHIVE_TIMESTAMP_V3, &token)?
            }
        };
        Ok(additions.add_to(bytes, self.signer, budget)?)
    }
}

/// Adds validation data to the lists of the `SignedData` (EN 319 122-1, 6.3): they serve all its signers.
pub fn add(bytes: &[u8], data: &ValidationData, budget: &mut Budget) -> Result<Vec<u8>, CadesError> {
    let signed_data = SignedData::parse(bytes, budget)?;
    if signed_data.signers.iter().any(has_older_archive) {
        return Err(CadesError::OlderArchive);
    }
    let mut additions = Additions::default();
    for certificate in &data.certificates {
        additions = additions.certificate(certificate)?;
    }
    for crl in &data.crls {
        additions = additions.crl(crl)?;
    }
    for response in &data.ocsps {
        additions = additions.ocsp_response(response)?;
    }
    Ok(additions.add_to(bytes, 0, budget)?)
}

fn has_older_archive(signer: &SignerInfo<'_>) -> bool {
    use cms::TimestampKind::{ArchiveV1, ArchiveV2};
    signer.unsigned_attributes.timestamps.iter().any(|one| matches!(one.kind, ArchiveV1 | ArchiveV2))
}

fn signer_of<'s, 'a>(
    signed_data: &'s SignedData<'a>,
    signer: usize,
) -> Result<&'s SignerInfo<'a>, CadesError> {
    signed_data.signers.get(signer).ok_or(CadesError::NoSuchSigner)
}
