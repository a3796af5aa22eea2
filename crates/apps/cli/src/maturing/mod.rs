//! Signed files on their way to the archive: what `augment`, `sync`, `pending` and `needs` share.

mod change;
mod desk;
mod network;
mod prepared;
mod queue;
mod standing_record;
mod stick;
mod telling;
mod together;

pub use desk::{Answered, Desk};
pub use network::{Network, ocsp_request};
pub use prepared::{imprint, kept};
pub use queue::{Queue, absolute, in_words, standing};
pub use standing_record::{is_kept, names};
pub use stick::Stick;
pub use telling::{Form, Line};
pub use together::Due;

use crate::beside::{self, Record};
use crate::clock;
use crate::commands::Context;
use crate::contents;
use crate::error::Failure;
use crate::watch::{self, Received};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use store::{FileSource, Home};
use types::{Limits, Source, Time};
use undersign::augmentation::{self, Need, Outlook, Stage};
use undersign::evidence::RecordFile;
use undersign::validation::Policy;
use undersign::{Input, Trust, Verified};

/// By what every file is looked at.
pub struct Workshop<'a> {
    /// Streams and disk.
    pub context: &'a Context<'a>,
    /// Who is trusted, for signatures, timestamps and answers.
    pub trust: Trust,
    /// The rules.
    pub policy: Policy,
    /// What the clock says.
    pub now: Time,
    /// Archived files whose newest timestamp ends before this are renewed.
    pub renew_before: Option<Time>,
    /// The newest timestamp that came in.
    pub received: Mutex<Option<Received>>,
}

/// A file that shall mature.
#[derive(Clone, Debug)]
pub struct Job {
    /// Where it is.
    pub path: PathBuf,
    /// Where it goes; to its own place if the same.
    pub output: PathBuf,
    /// The stage it shall reach.
    pub goal: Stage,
    /// The password of an encrypted PDF.
    pub password: Option<Vec<u8>>,
    /// A timestamp that was prepared for it.
    pub asked: Option<records::Asked>,
}

/// What a file is, and where it stands.
pub struct Looked {
    /// Evidence and verdict.
    pub verified: Verified,
    /// Where it stands.
    pub outlook: Outlook,
}

/// A part of the way. Over many files each part is gone by all before the next: one answer on a status, told after all
/// timestamps, then serves them all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The first timestamp.
    Timestamp,
    /// What is told after it.
    Status,
    /// A timestamp over that.
    Archive,
}

impl Part {
    /// All parts in their order.
    pub const ALL: [Part; 3] = [Part::Timestamp, Part::Status, Part::Archive];

    fn takes(self, need: &Need, stage: Stage) -> bool {
        match need {
            Need::Timestamp if stage < Stage::Timed => self == Part::Timestamp,
            Need::Timestamp => self == Part::Archive,
            Need::Status(_) | Need::Issuer { .. } | Need::Values(_) => self == Part::Status,
        }
    }
}

/// What came of a part of the way.
pub struct Went {
    /// Where the file stands now.
    pub looked: Looked,
    /// What kept it from getting further, if anything did.
    pub trouble: Option<Failure>,
    /// Whether the file was written.
    pub changed: bool,
    /// Whether the file itself holds all that it was looked at with.
    pub is_saved: bool,
}

impl Workshop<'_> {
    /// Notes a timestamp that came in.
    pub(self) fn note_received(&self, token: &[u8], time: Time, is_live: bool) {
        let mut newest = self.received.lock().unwrap_or_else(PoisonError::into_inner);
        if newest.as_ref().is_none_or(|known| known.time <= time) {
            *newest = Some(Received { token: token.to_vec(), time, look: clock::reading(), is_live });
        }
    }

    /// Keeps the newest timestamp that came in: as a beacon, and as a time from outside.
    pub fn keep_received(&self, home: &Home) {
        let newest = self.received.lock().unwrap_or_else(PoisonError::into_inner).take();
        newest.iter().for_each(|newest| watch::received(self.context, home, newest));
    }

    /// Looks at a file with more at hand than it holds itself.
    pub fn look(
        &self,
        job: &Job,
        path: &Path,
        source: &dyn Source,
        at_hand: &Answered,
    ) -> Result<Looked, Failure> {
        self.look_with(job, (path, source), &beside::records(&job.path)?, at_hand)
    }

    /// The same with these evidence records instead of those beside the file.
    pub fn look_with(
        &self,
        job: &Job,
        (path, source): (&Path, &dyn Source),
        records: &[Record],
        at_hand: &Answered,
    ) -> Result<Looked, Failure> {
        let mut trust = self.trust.clone();
        trust.certificates.extend(at_hand.certificates.iter().cloned());
        trust.crls.extend(at_hand.crls.iter().cloned());
        trust.ocsps.extend(at_hand.ocsps.iter().cloned());
        let content = contents::beside(&job.path).map(|content| FileSource::open(&content)).transpose()?;
        let records: Vec<RecordFile<'_>> = records.iter().map(Record::file).collect();
        let input = Input {
            evidence_records: &records,
            password: job.password.as_deref(),
            content: content.as_ref().map(|content| content as &dyn Source),
            extension: path.extension().and_then(|extension| extension.to_str()),
            ..Input::new(source)
        };
        let evidence = undersign::collect(&input, &trust, Limits::STANDARD)
            .map_err(|malformed| Failure::document(path, malformed))?;
        // A clock that is behind does not move what was told since into the future.
        let told = evidence.last_told().unwrap_or(at_hand.newest);
        let at = clock::now().max(told).max(at_hand.newest);
        let verdict = undersign::validation::validate(&evidence, &self.policy, at);
        let outlook = augmentation::outlook(&evidence, &verdict, job.goal, self.renew_before);
        Ok(Looked { verified: Verified { evidence, verdict }, outlook })
    }

    /// Goes one part of the way as far as the desk has answers; `looked` is how the file was left by the part before, if
    /// that is known. What is written is judged again in any case.
    pub fn go(
        &self,
        job: &Job,
        part: Part,
        desk: &dyn Desk,
        looked: Option<Looked>,
    ) -> Result<Went, Failure> {
        let mut from = FileSource::open(&job.path)?;
        let mut at_hand = Answered::default();
        let known = looked.filter(|looked| looked.verified.evidence.document.len == from.len());
        let looked = known.map_or_else(|| self.look(job, &job.path, &from, &at_hand), Ok)?;
        let mut went = Went { looked, trouble: None, changed: false, is_saved: true };
        // Every turn writes something or has one thing more at hand; a path is not longer than this.
        for _ in 0..MOST_TURNS {
            let stage = went.looked.outlook.stage;
            let needs: Vec<Need> =
                went.looked.outlook.needs.iter().filter(|need| part.takes(need, stage)).cloned().collect();
            if needs.is_empty() {
                break;
            }
            let step = self.step(job, &from, &went.looked, &needs, &mut at_hand, desk);
            match step {
                Ok(Some(looked)) => {
                    went = Went { looked, trouble: None, changed: true, is_saved: true };
                    from = FileSource::open(&job.output)?;
                }
                Ok(None) => {
                    let before = went.looked.outlook.needs.clone();
                    went.looked = self.look(job, from.path(), &from, &at_hand)?;
                    went.is_saved = false;
                    if went.looked.outlook.needs == before {
                        went.trouble = Some(not_believed());
                        break;
                    }
                }
                // What is not among the answers is asked for another time.
                Err(failure) if failure.code() == stick::MISSING => break,
                Err(failure) => {
                    went.trouble = Some(failure);
                    break;
                }
            }
        }
        Ok(went)
    }

    /// Meets the needs of a file; gives how it stands if it was written, nothing if there is only more at hand.
    fn step(
        &self,
        job: &Job,
        from: &FileSource,
        looked: &Looked,
        needs: &[Need],
        at_hand: &mut Answered,
        desk: &dyn Desk,
    ) -> Result<Option<Looked>, Failure> {
        if together::is_sealed(looked) {
            return Err(together::kept_out(job));
        }
        let mut trouble = None;
        for need in needs {
            match need {
                Need::Timestamp => return self.timestamp(job, from, looked, at_hand, desk).map(Some),
                Need::Values(values) => return self.store(job, from, looked, values, at_hand).map(Some),
                Need::Status(need) => {
                    let told = desk.status(need, &|told| self.check_status(told, need, looked));
                    told.map_or_else(|failure| trouble = Some(failure), |told| at_hand.add(told));
                }
                Need::Issuer { of } => {
                    let told = desk.issuer(of, &|answer| self.check_issuer(answer, of));
                    told.map_or_else(|failure| trouble = Some(failure), |told| at_hand.add(told));
                }
            }
        }
        trouble.map_or(Ok(None), Err)
    }
}

/// Turns that a file may take in one part of the way.
const MOST_TURNS: usize = 16;

fn not_believed() -> Failure {
    Failure::objection(
        "answer.not-believed",
        "the answers are right by themselves, but who gave them may not be relied on",
        "look at the report of: undersign verify --explain",
    )
}
