//! `undersign pending`: what is on its way, what it lacks, and until when.

use super::Context;
use super::maturing::{Goal, MATURING};
use super::sync::USUAL_GOAL;
use crate::clock;
use crate::error::Failure;
use crate::exit::Exit;
use crate::maturing::{Form, Line, Queue, absolute};
use clap::{Args, ValueHint};
use records::QueueChange;
use std::path::PathBuf;
use store::Wanted;

/// List the files in the queue: how far they are, what they lack, and until when
#[derive(Debug, Args)]
#[command(
    long_about = "List the files in your queue: how far each has got, what it needs next, until when, and what happens \
        otherwise. No network is used, and no file is read: it is told how the files stood when they were last \
        looked at.\n\n\
        The command ends with 3 while something is missing, and with 1 when a deadline is nearer than --within, so \
        that a scheduler can raise an alarm.",
    after_long_help = "\
Examples:
  undersign pending
  undersign pending --json
  undersign pending --within 14
  undersign pending --add received/ --level LT
  undersign pending --drop old.pdf

Exit codes: 0 nothing is missing, 1 a file has failed or lapsed, or a deadline is
near, 2 usage, 3 something is missing, 4 the queue could not be read."
)]
pub struct Pending {
    /// Put these signed files into the queue
    #[arg(long, value_name = "FILE", value_hint = ValueHint::AnyPath, num_args = 1..)]
    add: Vec<PathBuf>,
    /// The level that they shall reach
    #[arg(long, value_enum, value_name = "LEVEL", requires = "add")]
    level: Option<Goal>,
    /// Take these files out of the queue; the files themselves stay
    #[arg(long, value_name = "FILE", value_hint = ValueHint::AnyPath, num_args = 1.., conflicts_with = "add")]
    drop: Vec<PathBuf>,
    /// Raise an alarm for deadlines within so many days
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    within: i64,
    /// One JSON object per file, each on a line
    #[arg(long)]
    json: bool,
}

impl Pending {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let home = context.home()?;
        let mut queue = Queue::open(&home)?;
        let mut exit = Exit::Success;
        if !self.add.is_empty() {
            exit = self.add(context, &mut queue)?;
        }
        if !self.drop.is_empty() {
            let known = |path: &PathBuf| queue.items.contains_key(&absolute(path));
            if let Some(unknown) = self.drop.iter().find(|path| !known(path)) {
                let reason = format!("{} is not in the queue", unknown.display());
                return Err(Failure::usage(reason, "see what is with: undersign pending"));
            }
            let left = || QueueChange::Left { why: "taken out".to_owned() };
            queue.note(self.drop.iter().map(|path| (path.clone(), left())).collect())?;
        }
        let now = clock::now();
        if queue.items.is_empty() {
            context.streams.note("the queue is empty");
        }
        for (path, item) in &queue.items {
            let path = PathBuf::from(path);
            let mut line = Line::of_item(&path, item, now);
            if item.standing.is_some() && !path.exists() {
                line = line.missing();
            }
            line.tell(context.streams, Form::of(self.json))?;
            let is_near = line.is_due(self.within);
            exit = exit.and(if is_near { Exit::Failed } else { line.exit() });
        }
        Ok(exit)
    }

    fn add(&self, context: &Context<'_>, queue: &mut Queue) -> Result<Exit, Failure> {
        let inputs = store::expand(&self.add, &mut std::io::empty(), Wanted::Extensions(MATURING));
        let mut exit = Exit::Success;
        for problem in inputs.problems {
            let failure = Failure::Store(problem);
            exit = exit.and(failure.exit());
            context.streams.failure(&failure);
        }
        let goal = self.level.map_or(USUAL_GOAL, Goal::stage).as_str().to_owned();
        let announced = || QueueChange::Announced { goal: goal.clone() };
        queue.note(inputs.files.into_iter().map(|input| (input.path, announced())).collect())?;
        Ok(exit)
    }
}
