//! `undersign augment`: signed files, of whomever, on their way to the archive.

use super::Context;
use super::maturing::{Goal, MATURING, Proof, ServiceOptions, WorkshopOptions, client, take_along, tell};
use super::options::PasswordOptions;
use crate::error::Failure;
use crate::exit::Exit;
use crate::maturing::{Form, Job, Network};
use clap::{Args, ValueHint};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use store::{Wanted, expand};

/// Add proof of time and of revocation status to signed files, over the network
#[derive(Debug, Args)]
#[command(
    long_about = "Add to signed files, your own or others', what lets them be verified years later: a timestamp, \
        then the status of every certificate as it is told after the timestamp, then a timestamp over all of \
        that (PAdES B-T, B-LT, B-LTA; ETSI EN 319 142-1).\n\n\
        This uses the network: time-stamping authorities that you name or have configured, and the responders and \
        lists that the certificates themselves name. Every answer is checked before it is used. Not one byte of \
        what is signed is changed; the file is replaced in one step, or written to another place with -o.",
    after_long_help = "\
Examples:
  undersign augment contract.pdf --level LTA --tsa http://tsa.example/
  undersign augment contract.pdf --level T -o contract.timestamped.pdf
  undersign augment --json archive/

Exit codes: 0 every file has the level asked for, 1 a file never will, 2 usage,
3 something is not told yet: try again later, 4 a file could not be read."
)]
pub struct Augment {
    /// Signed files, folders, patterns; - reads a list from standard input
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::AnyPath)]
    files: Vec<PathBuf>,
    /// The level to reach
    #[arg(long, value_enum, value_name = "LEVEL", default_value = "LTA")]
    level: Goal,
    /// Write the file here instead of replacing it (one file only)
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: Option<PathBuf>,
    #[command(flatten)]
    services: ServiceOptions,
    #[command(flatten)]
    workshop: WorkshopOptions,
    #[command(flatten)]
    password: PasswordOptions,
    /// One JSON object per file, each on a line
    #[arg(long)]
    json: bool,
    /// Most files at a time; 8 if absent
    #[arg(short, long, value_name = "NUMBER")]
    jobs: Option<NonZeroUsize>,
}

impl Augment {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let inputs = expand(&self.files, &mut std::io::stdin().lock(), Wanted::Extensions(MATURING));
        let mut exit = Exit::Success;
        for problem in inputs.problems {
            let failure = Failure::Store(problem);
            exit = exit.and(failure.exit());
            context.streams.failure(&failure);
        }
        if self.output.is_some() && inputs.files.len() > 1 {
            let reason = "-o names one file, and there are several";
            return Err(Failure::usage(reason, "leave it out: each file is replaced"));
        }
        let password = self.password.read()?;
        let job = |path: PathBuf| Job {
            output: self.output.clone().unwrap_or_else(|| path.clone()),
            path,
            goal: self.level.stage(),
            password: password.clone(),
            asked: None,
        };
        let jobs = inputs.files.into_iter().map(|input| job(input.path)).collect();
        let workshop = self.workshop.open(context)?;
        let home = context.existing_home()?;
        let services = self.services.services(home.as_ref())?;
        let network = Network::new(client(&services)?, services.timestamp);
        let results =
            take_along(&workshop, jobs, &network, (self.jobs, Proof::Timestamps), &mut |_, _| Ok(()))?;
        home.iter().for_each(|home| workshop.keep_received(home));
        Ok(exit.and(tell(context, &workshop, &results, Form::of(self.json))?))
    }
}
