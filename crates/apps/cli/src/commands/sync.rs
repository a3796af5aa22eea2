//! `undersign sync`: everything in the queue, as far as the network at hand allows.

use super::Context;
use super::maturing::{Proof, ServiceOptions, WorkshopOptions, client, take_along, tell};
use crate::error::Failure;
use crate::exit::Exit;
use crate::maturing::{Desk, Form, Job, Network, Queue, Went, Workshop, standing};
use clap::{Args, ValueEnum};
use crypto::DigestAlgorithm;
use records::QueueChange;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use undersign::augmentation::Stage;

/// Let the files in the queue mature as far as the network allows
#[derive(Debug, Args)]
#[command(
    long_about = "Let every file in your queue mature as far as the network at hand allows: a timestamp first, then \
        the status of every certificate as it is told after that, then a timestamp over all of it. Files that you \
        sign come into the queue by themselves (see `undersign pending`).\n\n\
        It can be interrupted at any time and started again; one file that fails does not stop the others. If no \
        authority answers, a file stays as it is: the clock of this computer never takes the place of a \
        timestamp.\n\n\
        With --evidence-record one timestamp serves any number of files: it is over a hash tree of them, and beside each \
        file comes its evidence record (RFC 4998). What is told about certificates is appended to a PDF, whose record is \
        over the revision before; it is kept out of other files. Records that are there are renewed the same way.",
    after_long_help = "\
Examples:
  undersign services add-tsa http://tsa.example/
  undersign sync
  undersign sync --tsa http://tsa.example/ --json
  undersign sync --evidence-record

Exit codes: 0 nothing is left to do, 1 a file has failed or lapsed, 2 usage,
3 something is still missing: sync again later, 4 a file could not be read."
)]
pub struct Sync {
    #[command(flatten)]
    services: ServiceOptions,
    #[command(flatten)]
    workshop: WorkshopOptions,
    /// One timestamp for all files: beside each comes its evidence record (RFC 4998), contract.pdf.ers
    #[arg(long)]
    evidence_record: bool,
    /// By this digest; records by a shorter one are renewed by it (hash-tree renewal)
    #[arg(long, value_enum, value_name = "DIGEST", default_value = "SHA-256", requires = "evidence_record")]
    record_digest: RecordDigest,
    /// One JSON object per file, each on a line
    #[arg(long)]
    json: bool,
    /// Most files at a time; 8 if absent
    #[arg(short, long, value_name = "NUMBER")]
    jobs: Option<NonZeroUsize>,
}

/// Digest algorithms of evidence records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum RecordDigest {
    #[value(name = "SHA-256", alias = "sha-256")]
    Sha256,
    #[value(name = "SHA-384", alias = "sha-384")]
    Sha384,
    #[value(name = "SHA-512", alias = "sha-512")]
    Sha512,
}

impl Sync {
    fn proof(&self) -> Proof {
        match (self.evidence_record, self.record_digest) {
            (false, _) => Proof::Timestamps,
            (true, RecordDigest::Sha256) => Proof::Records(DigestAlgorithm::Sha256),
            (true, RecordDigest::Sha384) => Proof::Records(DigestAlgorithm::Sha384),
            (true, RecordDigest::Sha512) => Proof::Records(DigestAlgorithm::Sha512),
        }
    }

    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let home = context.home()?;
        let workshop = self.workshop.open(context)?;
        let services = self.services.services(Some(&home))?;
        let network = Network::new(client(&services)?, services.timestamp);
        let mut queue = Queue::open(&home)?;
        let how = ((self.jobs, self.proof()), Form::of(self.json));
        let exit = advance(context, &workshop, &mut queue, &network, how);
        workshop.keep_received(&home);
        exit
    }
}

/// Takes the files of the queue as far as the desk has answers, and notes where they stand.
pub fn advance(
    context: &Context<'_>,
    workshop: &Workshop<'_>,
    queue: &mut Queue,
    desk: &dyn Desk,
    (how, form): ((Option<NonZeroUsize>, Proof), Form),
) -> Result<Exit, Failure> {
    let _lock = queue.lock()?;
    let jobs = jobs(queue)?;
    let mut waiting: Vec<(PathBuf, QueueChange)> = Vec::new();
    let results = take_along(workshop, jobs, desk, how, &mut |job, went| {
        waiting.push((job.output.clone(), change(job, went)));
        // A file says itself how it stands: what is not noted yet is found out again.
        if waiting.len() >= TOGETHER { queue.note(std::mem::take(&mut waiting)) } else { Ok(()) }
    })?;
    queue.note(waiting)?;
    queue.tidy()?;
    if results.is_empty() {
        context.streams.note("the queue is empty");
    }
    tell(context, workshop, &results, form)
}

/// Events that are written at a time.
const TOGETHER: usize = 1024;

/// The files of the queue. What was announced and never written is taken out.
fn jobs(queue: &mut Queue) -> Result<Vec<Job>, Failure> {
    let mut gone = Vec::new();
    let mut jobs = Vec::new();
    for (path, goal, asked) in queue.files() {
        let is_known =
            queue.items.get(&crate::maturing::absolute(&path)).is_some_and(|item| item.standing.is_some());
        if !is_known && !path.exists() {
            gone.push((path, QueueChange::Left { why: "it was never written".to_owned() }));
            continue;
        }
        jobs.push(Job { output: path.clone(), path, goal, password: None, asked });
    }
    queue.note(gone)?;
    Ok(jobs)
}

fn change(job: &Job, went: &Went) -> QueueChange {
    QueueChange::Standing(standing(&went.looked, job.goal, went.trouble.as_ref()))
}

/// The goal of files that are signed here.
pub const USUAL_GOAL: Stage = Stage::Archived;
