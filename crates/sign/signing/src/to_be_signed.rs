//! The octets for the key, and the signed tail once their signature value is there.

use cms::{AttributesToBeSigned, SignedDataBuilder, SignerCertificate};
use crypto::{Digest, DigestAlgorithm, Message, Provider, SignatureAlgorithm, SignatureError};
use pdf::signature::{PreparedSignature, TooLong};
use pkix::Certificate;
use std::fmt;
use types::{Source, SourceError, Span};

/// A signature of which only the value is missing.
#[derive(Clone, Debug)]
pub struct ToBeSigned {
    pub(crate) prepared: PreparedSignature,
    pub(crate) certificates: Vec<Certificate>,
    pub(crate) algorithm: SignatureAlgorithm,
    pub(crate) content: Digest,
    pub(crate) attributes: AttributesToBeSigned,
    pub(crate) signer: SignerCertificate,
}

/// A finished signature: what to append to the original.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Length of the untouched original.
    pub base_len: u64,
    /// The bytes to write after it.
    pub tail: Vec<u8>,
    /// Fully qualified name of the signed field.
    pub field: String,
    /// Index of the page with the field, counted from 0, if known.
    pub page: Option<usize>,
}

/// Why a signature value does not make a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EmbedError {
    /// The CMS is longer than planned.
    TooLong(TooLong),
    /// The CMS cannot be built.
    Build(cms::BuildError),
}

impl fmt::Display for EmbedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EmbedError::TooLong(error) => error.fmt(f),
            EmbedError::Build(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for EmbedError {}

impl ToBeSigned {
    /// What the key signs: the signed attributes, DER (RFC 5652, 5.4).
    pub fn message(&self) -> &[u8] {
        self.attributes.to_be_signed()
    }

    /// The algorithm that the value must be made with.
    pub fn algorithm(&self) -> &SignatureAlgorithm {
        &self.algorithm
    }

    /// The digest of the covered bytes that is in the message.
    pub fn content(&self) -> &Digest {
        &self.content
    }

    /// The signer's certificate first, then the others that go in.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// Whether `value` is a signature over [`ToBeSigned::message`] by the key of the signer's certificate.
    pub fn check_value(&self, value: &[u8], provider: &dyn Provider) -> Result<(), SignatureError> {
        let signer = self.certificates.first().ok_or(SignatureError::BadKey)?;
        let key = signer.public_key().map_err(|_| SignatureError::Unsupported)?;
        provider.verify(key, &self.algorithm, Message::Whole(self.message()), value)
    }

    /// Hashes again what the signature covers, with `source` as the original.
    pub fn content_digest(
        &self,
        source: &dyn Source,
        provider: &dyn Provider,
    ) -> Result<Digest, SourceError> {
        content_digest(&self.prepared, self.content.algorithm, source, provider)
    }

    /// Builds the CMS around `value` and puts it into its place.
    pub fn embed(&self, value: &[u8]) -> Result<Signed, EmbedError> {
        let builder = signed_data_builder(&self.signer, &self.algorithm, &self.certificates)
            .map_err(EmbedError::Build)?;
        let cms = builder.assemble(&self.attributes, value).map_err(EmbedError::Build)?;
        let tail = self.prepared.embed(&cms).map_err(EmbedError::TooLong)?;
        Ok(Signed {
            base_len: self.prepared.base_len,
            tail,
            field: self.prepared.field_name.clone(),
            page: self.prepared.page,
        })
    }
}

/// Hashes everything a signature covers: the original, read from `source`, and the tail around `Contents`.
pub(crate) fn content_digest(
    prepared: &PreparedSignature,
    algorithm: DigestAlgorithm,
    source: &dyn Source,
    provider: &dyn Provider,
) -> Result<Digest, SourceError> {
    let mut hasher = provider.hasher(algorithm);
    evidence::feed(source, Span::new(0, prepared.base_len), &mut |bytes| hasher.update(bytes))?;
    for part in prepared.covered_tail() {
        hasher.update(part);
    }
    Ok(hasher.finish())
}

/// The CMS without attributes and value; `certificates` begin with the signer's, which is in `signer` already.
pub(crate) fn signed_data_builder(
    signer: &SignerCertificate,
    algorithm: &SignatureAlgorithm,
    certificates: &[Certificate],
) -> Result<SignedDataBuilder, cms::BuildError> {
    let builder = SignedDataBuilder::new(signer, algorithm)?;
    certificates
        .iter()
        .skip(1)
        .try_fold(builder, |builder, certificate| builder.certificate(certificate.der()))
}
