//! What is added to a file, written beside it, judged, and only then given its name.

use super::{Answered, Desk, Job, Looked, Workshop};
use crate::entropy;
use crate::error::Failure;
use crypto::{Digest, DigestAlgorithm, PROVIDER};
use pdf::Document;
use pdf::dss::ValidationData;
use std::path::Path;
use store::{Access, AtomicFile, Existing, FileSource};
use types::{Budget, Limits, Source, Span};
use undersign::augmentation::pdf::{Addition, PreparedTimestamp};
use undersign::augmentation::{self, Values, answer};

impl Workshop<'_> {
    /// Adds a document timestamp.
    pub(super) fn timestamp(
        &self,
        job: &Job,
        from: &FileSource,
        looked: &Looked,
        at_hand: &Answered,
        desk: &dyn Desk,
    ) -> Result<Looked, Failure> {
        let prepared = match job.asked.as_ref().and_then(|asked| prepared_before(asked, looked)) {
            Some(prepared) => prepared,
            None => self.prepare(job, from)?,
        };
        let stamp =
            desk.timestamp(&prepared.imprint, &|answer, asked| self.check_timestamp(answer, asked))?;
        let addition = prepared.embed(&stamp.token).map_err(|too_long| {
            let hint = "use an authority whose tokens hold fewer certificates";
            Failure::objection("augment.room", too_long.to_string(), hint)
        })?;
        self.write(job, from, looked, &addition, at_hand)
    }

    /// Prepares a document timestamp for a file.
    pub fn prepare(&self, job: &Job, from: &FileSource) -> Result<PreparedTimestamp, Failure> {
        let entropy = entropy::fresh()?;
        let mut budget = Budget::new(Limits::STANDARD);
        let document = open(from, job, &mut budget)?;
        augmentation::pdf::timestamp(&document, DigestAlgorithm::Sha256, entropy, PROVIDER, &mut budget)
            .map_err(|refusal| not_added(from.path(), &refusal))
    }

    /// Adds what is at hand.
    pub(super) fn store(
        &self,
        job: &Job,
        from: &FileSource,
        looked: &Looked,
        values: &Values,
        at_hand: &Answered,
    ) -> Result<Looked, Failure> {
        let data = ValidationData {
            certificates: values.certificates.iter().map(|one| one.der().to_vec()).collect(),
            crls: self.find(&values.crls, [&at_hand.crls, &self.trust.crls]),
            ocsps: self.find(&values.ocsps, [&at_hand.ocsps, &self.trust.ocsps]),
        };
        let entropy = entropy::fresh()?;
        let mut budget = Budget::new(Limits::STANDARD);
        let document = open(from, job, &mut budget)?;
        let addition = augmentation::pdf::add(&document, &data, entropy, &mut budget)
            .map_err(|refusal| not_added(from.path(), &refusal))?;
        drop(document);
        let addition = addition.ok_or_else(|| {
            let reason = format!("{} holds already all that could be added", from.path().display());
            Failure::objection("augment.nothing-new", reason, "look at: undersign verify --explain")
        })?;
        self.write(job, from, looked, &addition, at_hand)
    }

    fn find(&self, wanted: &[Digest], places: [&Vec<Vec<u8>>; 2]) -> Vec<Vec<u8>> {
        let all = || places.into_iter().flatten();
        let found = |digest: &Digest| all().find(|one| answer::digest(one, PROVIDER) == *digest).cloned();
        wanted.iter().filter_map(found).collect()
    }

    /// Writes the file with the addition under its name, after our own verifier found nothing spoilt.
    fn write(
        &self,
        job: &Job,
        from: &FileSource,
        before: &Looked,
        addition: &Addition,
        at_hand: &Answered,
    ) -> Result<Looked, Failure> {
        let existing = if from.path() == job.output { Existing::Replace } else { Existing::Refuse };
        let access = Access::Mode(from.mode());
        let mut file = AtomicFile::create(&self.context.disk, &job.output, existing, access)?;
        file.copy_prefix(from, addition.base_len, |_| ())?;
        file.append(&addition.tail)?;
        let after = self.look(job, &job.output, &file, at_hand)?;
        let (before, after_both) = (&before.verified, &after.verified);
        let spoilt = augmentation::spoilt(
            (&before.evidence, &before.verdict),
            (&after_both.evidence, &after_both.verdict),
        );
        if let Some(reason) = spoilt {
            let hint = "the file stays as it was; please report this";
            return Err(Failure::objection("augment.self-check", reason, hint));
        }
        from.unchanged()?;
        file.commit()?;
        Ok(after)
    }
}

fn open<'s>(from: &'s dyn Source, job: &'s Job, budget: &mut Budget) -> Result<Document<'s>, Failure> {
    let path: &Path = &job.path;
    Document::open(from, job.password.as_deref(), budget)
        .map_err(|malformed| Failure::document(path, malformed))
}

fn not_added(path: &Path, refusal: &undersign::signing::Refusal) -> Failure {
    let reason = format!("nothing is added to {}: {refusal}", path.display());
    Failure::objection(refusal.code, reason, refusal.hint.clone())
}

/// The timestamp that was prepared for the file earlier, if the file is still the same.
fn prepared_before(asked: &records::Asked, looked: &Looked) -> Option<PreparedTimestamp> {
    let document = &looked.verified.evidence.document;
    let is_same = document.digest.hex() == asked.sha256 && document.len == asked.length;
    if is_same { prepared(asked) } else { None }
}

/// A prepared timestamp as it was kept; nothing if what was kept makes no sense.
pub fn prepared(asked: &records::Asked) -> Option<PreparedTimestamp> {
    let algorithm = asked.imprint_algorithm.parse().ok().and_then(DigestAlgorithm::from_oid)?;
    let [start, end] = asked.contents;
    let tail_end = asked.length.checked_add(asked.tail.0.len() as u64)?;
    let fits = asked.length <= start && start.saturating_add(2) <= end && end <= tail_end;
    fits.then(|| PreparedTimestamp {
        base_len: asked.length,
        tail: asked.tail.0.clone(),
        contents: Span::new(start, end),
        imprint: Digest { algorithm, value: asked.imprint.0.clone() },
    })
}
