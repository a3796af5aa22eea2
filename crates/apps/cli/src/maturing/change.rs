//! What is added to a file, written beside it, judged, and only then given its name.

use super::{Answered, Desk, Job, Looked, Workshop, kept};
use crate::entropy;
use crate::error::Failure;
use asic::Piece;
use crypto::{Digest, PROVIDER};
use pdf::dss::ValidationData;
use store::{Access, AtomicFile, Existing, FileSource};
use types::{Budget, Limits};
use undersign::augmentation::{self, Values, answer, cades};
use undersign::evidence::Container;

/// What becomes of a file.
pub(super) enum Change {
    /// Bytes after what is there.
    Append {
        /// Length of what is there.
        base_len: u64,
        /// The bytes.
        tail: Vec<u8>,
    },
    /// A new whole, which holds what was there.
    Whole(Vec<u8>),
    /// A new whole of parts of the old one and new bytes.
    Pieces(Vec<Piece>),
}

impl Workshop<'_> {
    /// Adds a timestamp.
    pub(super) fn timestamp(
        &self,
        job: &Job,
        from: &FileSource,
        looked: &Looked,
        at_hand: &Answered,
        desk: &dyn Desk,
    ) -> Result<Looked, Failure> {
        let prepared = match job.asked.as_ref().and_then(|asked| kept(asked, looked)) {
            Some(prepared) => prepared,
            None => self.prepare(job, from, looked)?,
        };
        let stamp =
            desk.timestamp(prepared.imprint(), &|answer, asked| self.check_timestamp(answer, asked))?;
        let change = prepared.embed(from, &stamp.token)?;
        self.note_received(&stamp.token, stamp.time, desk.is_live());
        self.write(job, from, looked, &change, at_hand)
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
        let mut budget = Budget::new(Limits::STANDARD);
        let change = match looked.verified.evidence.document.container {
            Container::Pdf { .. } => {
                let entropy = entropy::fresh()?;
                let document = super::prepared::open(from, job, &mut budget)?;
                let added = augmentation::pdf::add(&document, &data, entropy, &mut budget)
                    .map_err(|refusal| super::prepared::not_added(from.path(), &refusal))?;
                let added = added.ok_or_else(|| {
                    let reason = format!("{} holds already all that could be added", from.path().display());
                    Failure::objection("augment.nothing-new", reason, "look at: undersign verify --explain")
                })?;
                Change::Append { base_len: added.base_len, tail: added.tail }
            }
            Container::Cms => {
                let bytes = super::prepared::signature_file(from)?;
                let added = cades::add(&bytes, &data, &mut budget);
                Change::Whole(added.map_err(|error| super::prepared::not_extended(from.path(), &error))?)
            }
            Container::Asic { .. } => {
                let container = super::prepared::container(from, &mut budget)?;
                let added = augmentation::asic::add(&container, &data, &mut budget);
                Change::Pieces(added.map_err(|error| super::prepared::not_extended(from.path(), &error))?)
            }
            Container::Xml => return Err(super::prepared::other_format(from.path())),
        };
        self.write(job, from, looked, &change, at_hand)
    }

    fn find(&self, wanted: &[Digest], places: [&Vec<Vec<u8>>; 2]) -> Vec<Vec<u8>> {
        let all = || places.into_iter().flatten();
        let found = |digest: &Digest| all().find(|one| answer::digest(one, PROVIDER) == *digest).cloned();
        wanted.iter().filter_map(found).collect()
    }

    /// Writes the changed file under its name, after our own verifier found nothing spoilt.
    fn write(
        &self,
        job: &Job,
        from: &FileSource,
        before: &Looked,
        change: &Change,
        at_hand: &Answered,
    ) -> Result<Looked, Failure> {
        let existing = if from.path() == job.output { Existing::Replace } else { Existing::Refuse };
        let access = Access::Mode(from.mode());
        let mut file = AtomicFile::create(&self.context.disk, &job.output, existing, access)?;
        match change {
            Change::Append { base_len, tail } => {
                file.copy_prefix(from, *base_len, |_| ())?;
                file.append(tail)?;
            }
            Change::Whole(bytes) => file.append(bytes)?,
            Change::Pieces(pieces) => {
                for piece in pieces {
                    match piece {
                        Piece::Bytes(bytes) => file.append(bytes)?,
                        Piece::Copy(span) => file.copy_span(from, *span)?,
                    }
                }
            }
        }
        let after = self.look(job, &job.output, &file, at_hand)?;
        let (old, new) = (&before.verified, &after.verified);
        let spoilt = augmentation::spoilt((&old.evidence, &old.verdict), (&new.evidence, &new.verdict));
        if let Some(reason) = spoilt {
            let hint = "the file stays as it was; please report this";
            return Err(Failure::objection("augment.self-check", reason, hint));
        }
        from.unchanged()?;
        file.commit()?;
        Ok(after)
    }
}
