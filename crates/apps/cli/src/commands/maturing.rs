//! What the commands share that let signed files mature: services, goals, and the parts of the way over many files.

use super::Context;
use super::options::{PolicyOptions, read_small};
use super::trusting::TrustOptions;
use crate::batch::Batch;
use crate::clock;
use crate::error::Failure;
use crate::exit::Exit;
use crate::maturing::{Desk, Due, Form, Job, Line, Looked, Part, Went, Workshop, is_kept};
use clap::{Args, ValueEnum};
use crypto::DigestAlgorithm;
use net::{Client, Proxy, Settings};
use records::Services;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::time::Duration;
use store::Home;
use undersign::augmentation::Stage;

/// Files in folders that can mature, by the ends of their names.
pub const MATURING: &[&str] = &["pdf", "p7m", "p7s", "asice", "sce", "asics", "scs"];

/// How far files shall get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Goal {
    /// A timestamp proves when it existed (B-T)
    #[value(name = "T", alias = "t", alias = "B-T")]
    Timestamped,
    /// The status of every certificate, told after that, is in the file (B-LT)
    #[value(name = "LT", alias = "lt", alias = "B-LT")]
    LongTerm,
    /// A later timestamp covers all of it (B-LTA)
    #[value(name = "LTA", alias = "lta", alias = "B-LTA")]
    Archived,
}

impl Goal {
    /// The stage that it means.
    pub fn stage(self) -> Stage {
        match self {
            Goal::Timestamped => Stage::Timed,
            Goal::LongTerm => Stage::LongTerm,
            Goal::Archived => Stage::Archived,
        }
    }
}

/// Which services are asked.
#[derive(Debug, Args)]
pub struct ServiceOptions {
    /// Ask this time-stamping authority (RFC 3161) instead of the configured ones; of several each in turn until one answers
    #[arg(long, value_name = "URL")]
    tsa: Vec<String>,
    /// Go through this proxy
    #[arg(long, value_name = "URL")]
    proxy: Option<String>,
    /// How long an answer may take, seconds
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u64>,
    /// How often each service is tried
    #[arg(long, value_name = "NUMBER")]
    attempts: Option<u32>,
}

impl ServiceOptions {
    /// The services of the home, with what the command line says instead.
    pub fn services(&self, home: Option<&Home>) -> Result<Services, Failure> {
        let mut services = home.map_or_else(|| Ok(Services::default()), configured)?;
        if !self.tsa.is_empty() {
            services.timestamp.clone_from(&self.tsa);
        }
        if self.proxy.is_some() {
            services.proxy.clone_from(&self.proxy);
        }
        services.timeout_seconds = self.timeout.unwrap_or(services.timeout_seconds);
        services.attempts = self.attempts.unwrap_or(services.attempts);
        Ok(services)
    }
}

/// The services that a home is configured with.
pub fn configured(home: &Home) -> Result<Services, Failure> {
    let path = home.services();
    if !path.exists() {
        return Ok(Services::default());
    }
    let text = String::from_utf8_lossy(&read_small(&path)?).into_owned();
    Services::from_toml(&text).map_err(|reason| {
        Failure::usage(format!("{}: {reason}", path.display()), "mend the file, or remove it and start anew")
    })
}

/// A client of these services.
pub fn client(services: &Services) -> Result<Client, Failure> {
    client_within(services, Settings::default().largest_answer)
}

/// A client of these services that takes answers of at most so many bytes.
pub fn client_within(services: &Services, largest_answer: u64) -> Result<Client, Failure> {
    let proxy = services.proxy.clone().map_or(Proxy::Environment, Proxy::Url);
    Ok(Client::new(Settings {
        attempt_timeout: Duration::from_secs(services.timeout_seconds),
        attempts: services.attempts.max(1),
        proxy,
        largest_answer,
        ..Settings::default()
    })?)
}

/// By what files are looked at.
#[derive(Debug, Args)]
pub struct WorkshopOptions {
    #[command(flatten)]
    trust: TrustOptions,
    #[command(flatten)]
    policy: PolicyOptions,
    /// Renew archived files whose newest timestamp ends within so many days
    #[arg(long, value_name = "DAYS", default_value_t = 180)]
    renew_within: u32,
}

impl WorkshopOptions {
    /// The workshop, now.
    pub fn open<'c>(&self, context: &'c Context<'c>) -> Result<Workshop<'c>, Failure> {
        let now = clock::now();
        let trust = self.trust.load(context)?;
        Ok(Workshop {
            context,
            policy: self.policy.read(trust.algorithms.as_ref())?,
            trust,
            now,
            renew_before: Some(now.plus(i64::from(self.renew_within) * 86_400)),
            received: Mutex::default(),
        })
    }
}

/// Files at a time if nobody says how many: they wait for services and for the disk more than they compute.
const AT_A_TIME: Option<NonZeroUsize> = NonZeroUsize::new(8);

/// How far a file was taken.
pub struct Ended {
    job: Job,
    result: Result<Went, Failure>,
}

/// Takes every file as far as the desk has answers, all of them one part of the way before the next. `note` is told what
/// came of each file in each part, and gets to keep it.
pub fn take_along(
    workshop: &Workshop<'_>,
    jobs: Vec<Job>,
    desk: &dyn Desk,
    (parallel, proof): (Option<NonZeroUsize>, Proof),
    note: &mut dyn FnMut(&Job, &Went) -> Result<(), Failure>,
) -> Result<Vec<Ended>, Failure> {
    let parallel = parallel.or(AT_A_TIME);
    let mut jobs: Vec<(Job, Option<Result<Went, Failure>>)> =
        jobs.into_iter().map(|job| (job, None)).collect();
    for part in Part::ALL {
        by_records(workshop, &mut jobs, desk, (part, parallel, proof), note)?;
        if part == Part::Timestamp && matches!(proof, Proof::Records(_)) {
            continue;
        }
        let is_on_its_way = |result: &Option<Result<Went, Failure>>| match result {
            None => true,
            Some(Ok(went)) => went.trouble.is_none() && !went.looked.outlook.needs.is_empty(),
            Some(Err(_)) => false,
        };
        let is_left = |so_far: &Option<Result<Went, Failure>>| {
            is_on_its_way(so_far) && !(part == Part::Archive && is_by_record(so_far, proof))
        };
        let mut due: Vec<OnItsWay> = Vec::new();
        for (index, (_, so_far)) in jobs.iter_mut().enumerate().filter(|(_, (_, so_far))| is_left(so_far)) {
            let went = so_far.take().and_then(Result::ok);
            let changed = went.as_ref().is_some_and(|went| went.changed);
            // What is not in the file is not at hand in the next part.
            let looked = went.filter(|went| went.is_saved).map(|went| went.looked);
            due.push(OnItsWay { index, changed, looked: Mutex::new(looked) });
        }
        let mut results: Vec<Result<Went, Failure>> = Vec::with_capacity(due.len());
        let batch = Batch { streams: workshop.context.streams, what: part_in_words(part), jobs: parallel };
        let job_of = |one: &OnItsWay| jobs.get(one.index).map(|(job, _)| job);
        batch.run(
            &due,
            |one| {
                let looked = one.looked.lock().ok().and_then(|mut looked| looked.take());
                job_of(one).map_or(Err(Failure::Internal), |job| workshop.go(job, part, desk, looked))
            },
            |one, result| {
                if let (Some(job), Ok(went)) = (job_of(one), &result) {
                    note(job, went)?;
                }
                results.push(result);
                Ok(())
            },
        )?;
        for (OnItsWay { index, changed, .. }, result) in due.into_iter().zip(results) {
            let Some((job, so_far)) = jobs.get_mut(index) else { continue };
            // What was written is what goes on.
            *so_far = Some(result.map(|went| Went { changed: went.changed || changed, ..went }));
            if let Some(Ok(Went { changed: true, .. })) = so_far {
                job.path.clone_from(&job.output);
                job.asked = None;
            }
        }
    }
    let ended = jobs.into_iter();
    Ok(ended.map(|(job, result)| Ended { job, result: result.unwrap_or(Err(Failure::Internal)) }).collect())
}

/// A file that has some of the way before it.
struct OnItsWay {
    /// Which.
    index: usize,
    /// Whether it was written before.
    changed: bool,
    /// How the part before left it.
    looked: Mutex<Option<Looked>>,
}

/// What proves that files existed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A timestamp in each file.
    Timestamps,
    /// Evidence records beside the files, by this digest algorithm.
    Records(DigestAlgorithm),
}

/// Whether the next timestamp over a file is one of its evidence records: a timestamp in the file would leave the records
/// that are there uncovered.
fn is_by_record(so_far: &Option<Result<Went, Failure>>, proof: Proof) -> bool {
    match (so_far, proof) {
        (_, Proof::Records(_)) => true,
        (Some(Ok(went)), Proof::Timestamps) => is_kept(&went.looked),
        _ => false,
    }
}

/// Gives one timestamp to all files that are proven by evidence records and need one now.
fn by_records(
    workshop: &Workshop<'_>,
    jobs: &mut [(Job, Option<Result<Went, Failure>>)],
    desk: &dyn Desk,
    (part, parallel, proof): (Part, Option<NonZeroUsize>, Proof),
    note: &mut dyn FnMut(&Job, &Went) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let algorithm = match proof {
        Proof::Records(algorithm) => algorithm,
        Proof::Timestamps => DigestAlgorithm::Sha256,
    };
    let mut due: Vec<Due<'_>> = Vec::new();
    let mut places = Vec::new();
    for (job, so_far) in jobs.iter_mut() {
        let is_due = match (part, &so_far) {
            (Part::Timestamp, _) => matches!(proof, Proof::Records(_)),
            (Part::Status, _) => false,
            // Trouble with a status says nothing about the renewal of a record; nobody is asked twice for a timestamp.
            (Part::Archive, Some(Ok(went))) => {
                is_by_record(so_far, proof)
                    && (went.trouble.is_none() || went.looked.outlook.stage >= Stage::Timed)
            }
            (Part::Archive, _) => false,
        };
        if !is_due {
            continue;
        }
        let (looked, earlier) = match so_far.take() {
            Some(Ok(went)) => (Some(went.looked), (went.changed, went.trouble)),
            Some(Err(failure)) => {
                *so_far = Some(Err(failure));
                continue;
            }
            None => (None, (false, None)),
        };
        due.push(Due { job, looked });
        places.push((so_far, earlier));
    }
    if due.is_empty() {
        return Ok(());
    }
    let told: Vec<&Job> = due.iter().map(|due| due.job).collect();
    let results = workshop.stamp_together(due, (part, algorithm), desk, (parallel, part_in_words(part)))?;
    for ((job, result), (so_far, (changed, trouble))) in told.into_iter().zip(results).zip(places) {
        let result = result.map(|went| Went {
            changed: went.changed || changed,
            trouble: went.trouble.or(trouble),
            ..went
        });
        if let Ok(went) = &result {
            note(job, went)?;
        }
        *so_far = Some(result);
    }
    Ok(())
}

fn part_in_words(part: Part) -> &'static str {
    match part {
        Part::Timestamp => "timestamping",
        Part::Status => "asking for status",
        Part::Archive => "archiving",
    }
}

/// Tells how far each file has got; the worst decides how the command ends.
pub fn tell(
    context: &Context<'_>,
    workshop: &Workshop<'_>,
    results: &[Ended],
    form: Form,
) -> Result<Exit, Failure> {
    let mut exit = Exit::Success;
    for Ended { job, result } in results {
        let line = match result {
            Ok(went) => Line::of(&job.output, job.goal, went, workshop.now),
            Err(failure) => Line::failed(&job.path, job.goal, failure),
        };
        line.tell(context.streams, form)?;
        let trouble = match result {
            Ok(went) => went.trouble.as_ref(),
            Err(failure) => Some(failure),
        };
        if let Some(failure) = trouble {
            context.streams.failure(failure);
        }
        exit = exit.and(line.exit());
    }
    Ok(exit)
}
