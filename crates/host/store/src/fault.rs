//! Faults on purpose: a plan that makes the n-th change of the disk fail, or kills the process there.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

/// A kind of change of the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Creating a file.
    Create,
    /// Setting its mode.
    SetMode,
    /// Writing bytes.
    Write,
    /// Making a file shorter.
    Cut,
    /// Flushing a file to the device.
    SyncFile,
    /// Giving a file without a name one.
    Link,
    /// Renaming into place.
    Rename,
    /// Flushing a folder to the device.
    SyncFolder,
    /// Removing a file.
    Remove,
    /// Creating a folder.
    CreateFolder,
}

/// What happens at the chosen step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The call fails with this error code of the system and changes nothing.
    Fail(i32),
    /// The process dies before the call (as by `kill -9`).
    Die,
    /// A write reaches the disk by half, then the process dies; other steps just die.
    DieHalfway,
}

/// What the disk does with a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Proceed,
    HalfThenDie,
}

/// Counts steps and acts on one of them. With no step chosen it only counts.
#[derive(Debug, Default)]
pub struct FaultPlan {
    chosen: Option<(u64, Outcome)>,
    taken: AtomicU64,
}

impl FaultPlan {
    /// A plan that only counts.
    pub fn counting() -> FaultPlan {
        FaultPlan::default()
    }

    /// A plan that acts on step number `step`, counted from 0; all later steps go through.
    pub fn at(step: u64, outcome: Outcome) -> FaultPlan {
        FaultPlan { chosen: Some((step, outcome)), taken: AtomicU64::new(0) }
    }

    /// How many steps were asked for so far.
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    pub(crate) fn take(&self, step: Step) -> io::Result<Effect> {
        let number = self.taken.fetch_add(1, Ordering::Relaxed);
        match self.chosen {
            Some((chosen, outcome)) if chosen == number => match outcome {
                Outcome::Fail(code) => Err(io::Error::from_raw_os_error(code)),
                Outcome::DieHalfway if step == Step::Write => Ok(Effect::HalfThenDie),
                Outcome::Die | Outcome::DieHalfway => std::process::abort(),
            },
            _ => Ok(Effect::Proceed),
        }
    }
}
