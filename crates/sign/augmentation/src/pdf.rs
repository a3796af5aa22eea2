//! PDF: document timestamps and validation data as incremental updates (ETSI EN 319 142-1, 5.4 and 5.5). Not one byte of
//! what is there is changed.

use crypto::{Digest, DigestAlgorithm, Provider};
use pdf::Document;
use pdf::dss::ValidationData;
use pdf::signature::{FieldChoice, PreparedSignature, SignatureRequest, SigningRefusal, SubFilter, TooLong};
use types::{Budget, Source, SourceError, Span};

/// Bytes reserved for a document timestamp: a token with the certificates of its authority rarely takes more than 7,000.
pub const TOKEN_ROOM: usize = 12_000;

/// What is appended to an untouched file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    /// Length of the file that it belongs to, bytes.
    pub base_len: u64,
    /// The bytes to write after it.
    pub tail: Vec<u8>,
}

/// A document timestamp of which the token is missing. It can wait for days: the fields are all that is needed then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreparedTimestamp {
    /// Length of the file that it belongs to, bytes.
    pub base_len: u64,
    /// The bytes to append, the place of the token filled with zeros.
    pub tail: Vec<u8>,
    /// `Contents` with its brackets, from the start of the file.
    pub contents: Span,
    /// What the token has to be over: the digest of everything but `contents`.
    pub imprint: Digest,
}

/// Prepares a document timestamp in a new invisible field (ISO 32000-2, 12.8.5), and hashes what it covers.
///
/// `entropy`: 32 fresh random bytes.
pub fn timestamp(
    document: &Document<'_>,
    algorithm: DigestAlgorithm,
    entropy: [u8; 32],
    provider: &dyn Provider,
    budget: &mut Budget,
) -> Result<PreparedTimestamp, SigningRefusal> {
    let request = SignatureRequest {
        field: FieldChoice::New { name: None },
        sub_filter: SubFilter::EtsiRfc3161,
        contents_len: TOKEN_ROOM,
        ..SignatureRequest::default()
    };
    let prepared = pdf::signature::plan(document, &request, entropy, budget)?;
    let imprint = imprint(&prepared, document.source(), algorithm, provider)
        .map_err(|error| SigningRefusal::from(types::Malformed::from(error)))?;
    let PreparedSignature { base_len, tail, contents, .. } = prepared;
    Ok(PreparedTimestamp { base_len, tail, contents, imprint })
}

fn imprint(
    prepared: &PreparedSignature,
    source: &dyn Source,
    algorithm: DigestAlgorithm,
    provider: &dyn Provider,
) -> Result<Digest, SourceError> {
    let mut hasher = provider.hasher(algorithm);
    evidence::feed(source, Span::new(0, prepared.base_len), &mut |bytes| hasher.update(bytes))?;
    for part in prepared.covered_tail() {
        hasher.update(part);
    }
    Ok(hasher.finish())
}

impl PreparedTimestamp {
    /// The bytes to append, with a token whose imprint was checked ([`crate::answer::timestamp`]).
    pub fn embed(&self, token: &[u8]) -> Result<Addition, TooLong> {
        let prepared = PreparedSignature {
            base_len: self.base_len,
            tail: self.tail.clone(),
            contents: self.contents,
            byte_range: [0; 4],
            field_name: String::new(),
            page: None,
            findings: Vec::new(),
        };
        Ok(Addition { base_len: self.base_len, tail: prepared.embed(token)? })
    }
}

/// Adds validation data to the document security store; `None` if all of it is there.
///
/// `entropy`: 32 fresh random bytes.
pub fn add(
    document: &Document<'_>,
    data: &ValidationData,
    entropy: [u8; 32],
    budget: &mut Budget,
) -> Result<Option<Addition>, SigningRefusal> {
    let tail = pdf::dss::add_validation_data(document, data, entropy, budget)?;
    Ok(tail.map(|tail| Addition { base_len: tail.base_len, tail: tail.bytes }))
}
