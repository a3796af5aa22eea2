//! One timestamp for any number of files: a hash tree over them, and beside each file its evidence record (RFC 4998), or the
//! one that is there with one more timestamp in it.

use super::standing_record::{Kept, kept};
use super::{Answered, Desk, Job, Looked, Part, Went, Workshop, stick};
use crate::batch::Batch;
use crate::beside::{self, Record};
use crate::error::Failure;
use crypto::{Digest, DigestAlgorithm, PROVIDER};
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use store::{Access, Existing, FileSource, write_atomically};
use types::{Budget, Source, Span};
use undersign::augmentation::{self, Need, Stage};
use undersign::cms::evidence_record::{EvidenceRecord, HashTree, Renewal};
use undersign::evidence::{self, Container};

/// A file that gets its part of a timestamp.
pub struct Due<'j> {
    /// The file.
    pub job: &'j Job,
    /// How it stands; looked at if nothing is known.
    pub looked: Option<Looked>,
}

/// A file as it was looked at, and what of it is time-stamped; nothing if nothing has to be.
struct Planned<'j> {
    job: &'j Job,
    looked: Looked,
    records: Vec<Record>,
    leaves: Vec<Leaf>,
}

/// One leaf of a hash tree.
struct Leaf {
    /// Where the record will be.
    path: PathBuf,
    /// The record that is renewed, by its number among those beside the file; none for a new one.
    renewed: Option<(usize, Renewal)>,
    digest: Digest,
}

/// Trees over leaves, by their algorithms, each with what time-stamps its root.
struct Stamped(BTreeMap<DigestAlgorithm, Tree>);

struct Tree {
    tree: HashTree,
    places: BTreeMap<Vec<u8>, usize>,
    token: Result<Vec<u8>, Told>,
}

/// Why there is no timestamp, to be told of every file.
struct Told(&'static str, String, String);

impl Workshop<'_> {
    /// Gives these files one timestamp: asks once for each digest algorithm, which is usually once.
    pub fn stamp_together<'j>(
        &self,
        due: Vec<Due<'j>>,
        (part, algorithm): (Part, DigestAlgorithm),
        desk: &dyn Desk,
        (parallel, what): (Option<NonZeroUsize>, &'static str),
    ) -> Result<Vec<Result<Went, Failure>>, Failure> {
        let batch = Batch { streams: self.context.streams, what, jobs: parallel };
        let due: Vec<std::sync::Mutex<Option<Due<'j>>>> =
            due.into_iter().map(|one| std::sync::Mutex::new(Some(one))).collect();
        let mut planned: Vec<Result<Planned<'j>, Failure>> = Vec::with_capacity(due.len());
        batch.run(
            &due,
            |one| {
                let one = one.lock().ok().and_then(|mut one| one.take()).ok_or(Failure::Internal)?;
                self.plan(one, part, algorithm)
            },
            |_, plan| {
                planned.push(plan);
                Ok(())
            },
        )?;
        let stamped = self.ask(&planned, desk);
        let planned: Vec<std::sync::Mutex<Option<Result<Planned<'j>, Failure>>>> =
            planned.into_iter().map(|one| std::sync::Mutex::new(Some(one))).collect();
        let mut results = Vec::with_capacity(planned.len());
        batch.run(
            &planned,
            |one| {
                let one = one.lock().ok().and_then(|mut one| one.take()).ok_or(Failure::Internal)?;
                self.keep(one?, &stamped)
            },
            |_, result| {
                results.push(result);
                Ok(())
            },
        )?;
        Ok(results)
    }

    /// What of a file has to be under the next timestamp.
    fn plan<'j>(&self, due: Due<'j>, part: Part, algorithm: DigestAlgorithm) -> Result<Planned<'j>, Failure> {
        let job = due.job;
        let records = beside::records(&job.path)?;
        let looked = match due.looked {
            Some(looked) => looked,
            None => {
                let source = FileSource::open(&job.path)?;
                self.look_with(job, (&job.path, &source), &records, &Answered::default())?
            }
        };
        let kept = kept(&looked, &records);
        let mut leaves = Vec::new();
        let is_needed = looked.outlook.needs.contains(&Need::Timestamp);
        let is_due = match part {
            Part::Timestamp => is_needed && looked.outlook.stage < Stage::Timed,
            _ => is_needed || self.is_record_due(&looked, &records, algorithm),
        };
        if !is_due {
            return Ok(Planned { job, looked, records, leaves });
        }
        if is_needed && !kept.iter().any(|one| one.is_whole) {
            let digest = self.digest_up_to(job, &looked, looked.verified.evidence.document.len, algorithm)?;
            let path = beside::name(&job.path, records.len() + 1);
            leaves.push(Leaf { path, renewed: None, digest });
        }
        for one in &kept {
            if self.is_to_be_renewed(one, &looked, kept.len(), algorithm) {
                leaves.extend(self.renewal(job, &looked, one, &records, algorithm)?);
            }
        }
        Ok(Planned { job, looked, records, leaves })
    }

    /// Whether a record beside a file has to be renewed although the file needs nothing.
    pub fn is_record_due(&self, looked: &Looked, records: &[Record], algorithm: DigestAlgorithm) -> bool {
        kept(looked, records).iter().any(|one| self.ends_soon(one) || is_outdated(one, algorithm))
    }

    fn ends_soon(&self, one: &Kept) -> bool {
        self.renew_before.is_some_and(|before| one.ends.is_some_and(|ends| ends < before))
    }

    /// Whether the newest timestamp of a record is to be covered by the next one: before it ends, when the algorithm is to be
    /// a stronger one, and when the file is archived, if nothing covers its first timestamp yet.
    fn is_to_be_renewed(
        &self,
        one: &Kept,
        looked: &Looked,
        number: usize,
        algorithm: DigestAlgorithm,
    ) -> bool {
        let is_uncovered =
            looked.outlook.stage == Stage::LongTerm && one.timestamps == 1 && (!one.is_whole || number == 1);
        is_uncovered || self.ends_soon(one) || is_outdated(one, algorithm)
    }

    fn renewal(
        &self,
        job: &Job,
        looked: &Looked,
        one: &Kept,
        records: &[Record],
        algorithm: DigestAlgorithm,
    ) -> Result<Option<Leaf>, Failure> {
        let Some(record) = records.get(one.number) else { return Ok(None) };
        // What is in XML is renewed by whoever made it.
        let Ok(parsed) = EvidenceRecord::parse(&record.bytes, &mut Budget::default()) else {
            return Ok(None);
        };
        let renewal = match is_outdated(one, algorithm) {
            true => Renewal::Hash(self.digest_up_to(job, looked, one.end, algorithm)?),
            false => Renewal::Time,
        };
        let leaf = parsed.leaf_of_renewal(&renewal, PROVIDER);
        Ok(leaf.map(|digest| Leaf {
            path: record.path.clone(),
            renewed: Some((one.number, renewal)),
            digest,
        }))
    }

    /// The digest of the first octets of a file that was looked at.
    fn digest_up_to(
        &self,
        job: &Job,
        looked: &Looked,
        end: u64,
        algorithm: DigestAlgorithm,
    ) -> Result<Digest, Failure> {
        let document = &looked.verified.evidence.document;
        if end == document.len && algorithm == document.digest.algorithm {
            return Ok(document.digest.clone());
        }
        let source = FileSource::open(&job.path)?;
        let mut hasher = PROVIDER.hasher(algorithm);
        evidence::feed(&source, Span::new(0, end.min(source.len())), &mut |bytes| hasher.update(bytes))
            .map_err(|error| Failure::document(&job.path, error.into()))?;
        Ok(hasher.finish())
    }

    /// One tree over all leaves of an algorithm, one question about its root.
    fn ask(&self, planned: &[Result<Planned<'_>, Failure>], desk: &dyn Desk) -> Stamped {
        let mut leaves: BTreeMap<DigestAlgorithm, Vec<Digest>> = BTreeMap::new();
        for leaf in planned.iter().flatten().flat_map(|one| &one.leaves) {
            leaves.entry(leaf.digest.algorithm).or_default().push(leaf.digest.clone());
        }
        let mut trees = BTreeMap::new();
        for (algorithm, mut leaves) in leaves {
            leaves.sort_by(|one, other| one.value.cmp(&other.value));
            leaves.dedup();
            let Some(tree) = HashTree::over(&leaves, PROVIDER) else { continue };
            let asked = desk.timestamp(&tree.root(), &|answer, asked| self.check_timestamp(answer, asked));
            let token = asked
                .map(|stamp| stamp.token)
                .map_err(|failure| Told(failure.code(), failure.to_string(), failure.hint().to_owned()));
            let places = leaves.into_iter().enumerate().map(|(place, leaf)| (leaf.value, place)).collect();
            trees.insert(algorithm, Tree { tree, places, token });
        }
        Stamped(trees)
    }

    /// Writes the records of a file, after our own verifier found them good.
    fn keep(&self, planned: Planned<'_>, stamped: &Stamped) -> Result<Went, Failure> {
        let Planned { job, looked, records, leaves } = planned;
        if leaves.is_empty() {
            return Ok(Went { looked, trouble: None, changed: false, is_saved: true });
        }
        let mut after = records.clone();
        let mut written = Vec::new();
        for leaf in &leaves {
            match stamped.record(leaf, &records) {
                Ok(bytes) => {
                    let record = Record::new(&leaf.path, bytes);
                    written.push((record.clone(), leaf.renewed.is_some()));
                    match leaf.renewed.as_ref().and_then(|(number, _)| after.get_mut(*number)) {
                        Some(place) => *place = record,
                        None => after.push(record),
                    }
                }
                Err(failure) if failure.code() == stick::MISSING => {
                    return Ok(Went { looked, trouble: None, changed: false, is_saved: true });
                }
                Err(failure) => {
                    return Ok(Went { looked, trouble: Some(failure), changed: false, is_saved: true });
                }
            }
        }
        let source = FileSource::open(&job.path)?;
        let now = self.look_with(job, (&job.path, &source), &after, &Answered::default())?;
        self.judge(&looked, &now, &written, &after)?;
        source.unchanged()?;
        for (record, is_renewed) in &written {
            let existing = if *is_renewed { Existing::Replace } else { Existing::Refuse };
            let access = Access::Mode(source.mode());
            write_atomically(&self.context.disk, &record.path, existing, access, &record.bytes)?;
        }
        Ok(Went { looked: now, trouble: None, changed: true, is_saved: true })
    }

    /// Whether every record that is to be written is good, and nothing that was good is worse.
    fn judge(
        &self,
        before: &Looked,
        after: &Looked,
        written: &[(Record, bool)],
        records: &[Record],
    ) -> Result<(), Failure> {
        let kept = kept(after, records);
        let good = |record: &Record| {
            kept.iter().any(|one| records.get(one.number).is_some_and(|one| one.path == record.path))
        };
        let (old, new) = (&before.verified, &after.verified);
        let spoilt = augmentation::spoilt((&old.evidence, &old.verdict), (&new.evidence, &new.verdict));
        let bad = written.iter().find(|(record, _)| !good(record));
        let bad = bad.map(|(record, _)| format!("{} would prove nothing", record.path.display()));
        match spoilt.or(bad) {
            None => Ok(()),
            Some(reason) => {
                let hint = "nothing was written; if no file changed meanwhile, please report this";
                Err(Failure::objection("augment.self-check", reason, hint))
            }
        }
    }
}

fn is_outdated(one: &Kept, algorithm: DigestAlgorithm) -> bool {
    one.algorithm.is_some_and(|now| now.output_len() < algorithm.output_len())
}

impl Stamped {
    /// The record of a leaf.
    fn record(&self, leaf: &Leaf, records: &[Record]) -> Result<Vec<u8>, Failure> {
        let found = self.0.get(&leaf.digest.algorithm).ok_or(Failure::Internal)?;
        let Tree { tree, places, token } = found;
        let place = *places.get(&leaf.digest.value).ok_or(Failure::Internal)?;
        let token = token
            .as_ref()
            .map_err(|Told(code, reason, hint)| Failure::objection(code, reason.clone(), hint.clone()))?;
        let Some((number, renewal)) = &leaf.renewed else {
            return Ok(EvidenceRecord::first(tree, place, token));
        };
        let old = records.get(*number).ok_or(Failure::Internal)?;
        let parsed = EvidenceRecord::parse(&old.bytes, &mut Budget::default());
        Ok(parsed.map_err(|_| Failure::Internal)?.renewed(renewal, tree, place, token))
    }
}

/// Whether nothing can be added to a file without breaking an evidence record that is over the whole of it.
pub fn is_sealed(looked: &Looked) -> bool {
    let evidence = &looked.verified.evidence;
    !matches!(evidence.document.container, Container::Pdf { .. }) && super::standing_record::is_kept(looked)
}

/// What is told is kept out of such a file.
pub fn kept_out(job: &Job) -> Failure {
    let file = job.path.display();
    Failure::objection(
        "augment.sealed",
        format!(
            "what is told about certificates is kept out of {file}: its evidence record is over the whole file"
        ),
        "keep OCSP answers and CRLs beside it, and give them to undersign verify with --revocation",
    )
}
