//! A timestamp for a file of which only the token is missing: made now, or kept from when it was asked for.

use super::change::Change;
use super::{Job, Looked, Workshop};
use crate::contents;
use crate::entropy;
use crate::error::Failure;
use crypto::{Digest, DigestAlgorithm, PROVIDER};
use pdf::Document;
use records::{Asked, ByteText};
use std::path::Path;
use store::FileSource;
use types::{Budget, Limits, Malformed, Source, Span};
use undersign::augmentation::{self, Stage, asic, cades};
use undersign::cms::TimestampRequest;
use undersign::evidence::{self, Container, Kind};
use undersign::signing::Refusal;

/// By which algorithm timestamps are asked for.
const ALGORITHM: DigestAlgorithm = DigestAlgorithm::Sha256;

/// A timestamp of which the token is missing.
pub enum Prepared {
    /// A document timestamp.
    Pdf(augmentation::pdf::PreparedTimestamp),
    /// A timestamp among the unsigned attributes of a CMS.
    Cms(cades::PreparedTimestamp),
    /// A timestamp in a container.
    Asic(asic::PreparedTimestamp),
}

impl Prepared {
    /// What the token has to be over.
    pub fn imprint(&self) -> &Digest {
        match self {
            Prepared::Pdf(prepared) => &prepared.imprint,
            Prepared::Cms(prepared) => &prepared.imprint,
            Prepared::Asic(prepared) => prepared.imprint(),
        }
    }

    /// What becomes of the file with a token that was checked.
    pub(super) fn embed(&self, from: &FileSource, token: &[u8]) -> Result<Change, Failure> {
        match self {
            Prepared::Pdf(prepared) => {
                let added = prepared.embed(token).map_err(|too_long| {
                    let hint = "use an authority whose tokens hold fewer certificates";
                    Failure::objection("augment.room", too_long.to_string(), hint)
                })?;
                Ok(Change::Append { base_len: added.base_len, tail: added.tail })
            }
            Prepared::Cms(prepared) => {
                let bytes = signature_file(from)?;
                let embedded = prepared.embed(&bytes, token, &mut Budget::new(Limits::STANDARD));
                Ok(Change::Whole(embedded.map_err(|error| not_extended(from.path(), &error))?))
            }
            Prepared::Asic(prepared) => {
                let mut budget = Budget::new(Limits::STANDARD);
                let container = container(from, &mut budget)?;
                let pieces = prepared.embed(&container, token, &mut budget);
                Ok(Change::Pieces(pieces.map_err(|error| not_extended(from.path(), &error))?))
            }
        }
    }

    /// What has to be remembered until the answer comes, about a file with this digest.
    pub fn asked(&self, sha256: String, nonce: &[u8]) -> Asked {
        let imprint = self.imprint();
        let request = TimestampRequest::new(imprint, Some(nonce));
        let (length, tail, contents) = match self {
            Prepared::Pdf(prepared) => {
                let Span { start, end } = prepared.contents;
                (prepared.base_len, prepared.tail.clone(), [start, end])
            }
            // The same file gives the same imprint again.
            Prepared::Cms(_) | Prepared::Asic(_) => (0, Vec::new(), [0, 0]),
        };
        Asked {
            sha256,
            length,
            tail: ByteText(tail),
            contents,
            imprint_algorithm: imprint.algorithm.oid().to_string(),
            imprint: ByteText(imprint.value.clone()),
            nonce: ByteText(request.nonce.unwrap_or_default()),
        }
    }
}

impl Workshop<'_> {
    /// Prepares the timestamp that a file needs next.
    pub fn prepare(&self, job: &Job, from: &FileSource, looked: &Looked) -> Result<Prepared, Failure> {
        let mut budget = Budget::new(Limits::STANDARD);
        match looked.verified.evidence.document.container {
            Container::Pdf { .. } => {
                let entropy = entropy::fresh()?;
                let document = open(from, job, &mut budget)?;
                augmentation::pdf::timestamp(&document, ALGORITHM, entropy, PROVIDER, &mut budget)
                    .map(Prepared::Pdf)
                    .map_err(|refusal| not_added(from.path(), &refusal))
            }
            Container::Cms => {
                let bytes = signature_file(from)?;
                let (signer, archive) = next_signer(looked).ok_or(Failure::Internal)?;
                let prepared = match archive {
                    false => cades::signature_timestamp(&bytes, signer, ALGORITHM, PROVIDER, &mut budget),
                    true => {
                        let content = content_digest(&job.path)?;
                        cades::archive_timestamp(&bytes, signer, &content, ALGORITHM, PROVIDER, &mut budget)
                    }
                };
                prepared.map(Prepared::Cms).map_err(|error| not_extended(from.path(), &error))
            }
            Container::Asic { .. } => {
                let container = container(from, &mut budget)?;
                let field = next_field(looked).ok_or(Failure::Internal)?;
                let prepared = match looked.outlook.stage >= Stage::Timed {
                    false => asic::signature_timestamp(&container, field, ALGORITHM, PROVIDER, &mut budget),
                    true => asic::archive_timestamp(&container, field, ALGORITHM, PROVIDER, &mut budget),
                };
                prepared.map(Prepared::Asic).map_err(|error| not_extended(from.path(), &error))
            }
            Container::Xml => Err(other_format(from.path())),
        }
    }
}

/// What the evidence calls the signature that needs a timestamp next.
fn next_field(looked: &Looked) -> Option<&str> {
    let id = *looked.outlook.unstamped.first()?;
    Some(&looked.verified.evidence.signatures.get(id)?.field)
}

/// The container that a file is.
pub(super) fn container<'s>(
    from: &'s FileSource,
    budget: &mut Budget,
) -> Result<::asic::Container<'s>, Failure> {
    let extension = from.path().extension().and_then(|extension| extension.to_str());
    ::asic::Container::open(from, extension, budget)
        .map_err(|malformed| Failure::document(from.path(), malformed))
}

/// Which signer of a CMS needs a timestamp next, and whether one over everything.
fn next_signer(looked: &Looked) -> Option<(usize, bool)> {
    let signatures = &looked.verified.evidence.signatures;
    let id = *looked.outlook.unstamped.first()?;
    let before = signatures.iter().take(id).filter(|one| one.kind == Kind::Signature).count();
    Some((before, looked.outlook.stage >= Stage::Timed))
}

/// The digest of detached content; none if the signature holds its content.
fn content_digest(signature: &Path) -> Result<Vec<Digest>, Failure> {
    let Some(content) = contents::beside(signature) else { return Ok(Vec::new()) };
    let source = FileSource::open(&content)?;
    let mut hasher = PROVIDER.hasher(ALGORITHM);
    evidence::feed(&source, Span::new(0, source.len()), &mut |bytes| hasher.update(bytes))
        .map_err(|error| Failure::document(&content, Malformed::from(error)))?;
    Ok(vec![hasher.finish()])
}

/// The timestamp that was prepared for a file earlier, if the file is still the same and it was kept whole.
pub fn kept(asked: &Asked, looked: &Looked) -> Option<Prepared> {
    let document = &looked.verified.evidence.document;
    if document.digest.hex() != asked.sha256 || document.len != asked.length {
        return None;
    }
    let [start, end] = asked.contents;
    let tail_end = asked.length.checked_add(asked.tail.0.len() as u64)?;
    let fits = asked.length <= start && start.saturating_add(2) <= end && end <= tail_end;
    fits.then(|| imprint(asked)).flatten().map(|imprint| {
        let (base_len, tail, contents) = (asked.length, asked.tail.0.clone(), Span::new(start, end));
        Prepared::Pdf(augmentation::pdf::PreparedTimestamp { base_len, tail, contents, imprint })
    })
}

/// What was asked for.
pub fn imprint(asked: &Asked) -> Option<Digest> {
    let algorithm = asked.imprint_algorithm.parse().ok().and_then(DigestAlgorithm::from_oid)?;
    Some(Digest { algorithm, value: asked.imprint.0.clone() })
}

/// Largest signature file that is changed, bytes.
const MOST: u64 = 1 << 30;

/// The bytes of a signature file.
pub(super) fn signature_file(from: &FileSource) -> Result<Vec<u8>, Failure> {
    let bytes = from.read_all(MOST)?;
    if bytes.starts_with(b"-----BEGIN") {
        let reason = format!("{} is PEM", from.path().display());
        let hint = "turn it into DER first: openssl cms -cmsout -inform PEM -outform DER";
        return Err(Failure::objection("augment.pem", reason, hint));
    }
    Ok(bytes)
}

pub(super) fn open<'s>(
    from: &'s dyn Source,
    job: &'s Job,
    budget: &mut Budget,
) -> Result<Document<'s>, Failure> {
    Document::open(from, job.password.as_deref(), budget)
        .map_err(|malformed| Failure::document(&job.path, malformed))
}

pub(super) fn not_added(path: &Path, refusal: &Refusal) -> Failure {
    let reason = format!("nothing is added to {}: {refusal}", path.display());
    Failure::objection(refusal.code, reason, refusal.hint.clone())
}

pub(super) fn not_extended(path: &Path, error: &impl std::fmt::Display) -> Failure {
    let reason = format!("nothing is added to {}: {error}", path.display());
    Failure::objection("augment.signature", reason, "look at: undersign verify --explain")
}

pub(super) fn other_format(path: &Path) -> Failure {
    let reason = format!("{} is in a format to which nothing can be added here", path.display());
    Failure::objection(
        "augment.format",
        reason,
        "PDF and CMS files and containers with CMS signatures mature; keep XML signatures as they are",
    )
}
