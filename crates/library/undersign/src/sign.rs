//! From a document and a signer to the bytes that make it a signed one.

use crypto::Signer;
use evidence::Evidence;
use pdf::Document;
use signing::{EmbedError, Plan, Refusal, SelfCheckFailed, Signed, SigningRequest};
use std::fmt;
use types::{Budget, Limits, Source, SourceError};

/// Why nothing was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignError {
    /// The document cannot be signed safely, or not as requested.
    Refused(Refusal),
    /// The document could not be read.
    Source(SourceError),
    /// The key did not sign.
    Signer(crypto::SignerError),
    /// The key is not that of the certificate.
    WrongKey,
    /// The value does not make a signature.
    Embed(EmbedError),
}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SignError::Refused(refusal) => refusal.fmt(f),
            SignError::Source(error) => error.fmt(f),
            SignError::Signer(error) => error.fmt(f),
            SignError::WrongKey => f.write_str("the key does not belong to the certificate"),
            SignError::Embed(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for SignError {}

/// Decides everything about a signature without touching a key.
pub fn plan(
    source: &dyn Source,
    password: Option<&[u8]>,
    request: &SigningRequest,
    limits: Limits,
) -> Result<Plan, Refusal> {
    let mut budget = Budget::new(limits);
    let document = Document::open(source, password, &mut budget)?;
    signing::plan(&document, request, crypto::PROVIDER, &mut budget)
}

/// Signs: the result holds the bytes to append to the untouched original. Run [`self_check`] over the file as written
/// before giving it its name.
pub fn sign(
    source: &dyn Source,
    password: Option<&[u8]>,
    request: &SigningRequest,
    signer: &dyn Signer,
    limits: Limits,
) -> Result<Signed, SignError> {
    let of_certificate = request.certificates.first().map(pkix::Certificate::subject_public_key_info);
    if of_certificate != Some(signer.public_key()) {
        return Err(SignError::WrongKey);
    }
    let plan = plan(source, password, request, limits).map_err(SignError::Refused)?;
    let content = plan.content_digest(source, crypto::PROVIDER).map_err(SignError::Source)?;
    let to_be_signed = plan.to_be_signed(content).map_err(SignError::Refused)?;
    let value = signer.sign(to_be_signed.message()).map_err(SignError::Signer)?;
    to_be_signed.embed(&value).map_err(SignError::Embed)
}

/// Verifies a file that was just written, before it is released.
pub fn self_check(
    written: &dyn Source,
    password: Option<&[u8]>,
    signed: &Signed,
    limits: Limits,
) -> Result<Evidence, SelfCheckFailed> {
    let at_once = crate::verify::at_once(written)?;
    let written = at_once.as_ref().map_or(written, |bytes| bytes as &dyn Source);
    signing::self_check(written, password, signed, crypto::PROVIDER, &mut Budget::new(limits))
}

/// Verifies a file that was just written and signed as a whole (CAdES, ASiC), before it is released.
pub fn self_check_file(input: &crate::Input<'_>, limits: Limits) -> Result<Evidence, SelfCheckFailed> {
    // Trust plays no part here.
    let evidence = crate::collect(input, &crate::Trust::default(), limits)?;
    signing::check_evidence(&evidence)?;
    Ok(evidence)
}
