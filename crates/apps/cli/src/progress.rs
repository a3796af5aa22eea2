//! Progress of long work, on terminals only and only after half a second.

use crate::streams::Streams;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use types::{Source, SourceError};

/// Work shorter than this shows nothing.
const PATIENCE: Duration = Duration::from_millis(500);

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Files of a batch.
    Files,
    /// Bytes of one file.
    Bytes,
}

/// A progress bar that appears when the work turns out to be long.
pub struct Progress {
    bar: ProgressBar,
    started: Instant,
    pending: AtomicBool,
}

impl Progress {
    /// A bar for `total` units of work called `what`.
    pub fn new(streams: &Streams, what: &'static str, unit: Unit, total: u64) -> Progress {
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden());
        let template = match unit {
            Unit::Files => "{msg} {wide_bar} {pos}/{len} files {eta}",
            Unit::Bytes => "{msg} {wide_bar} {bytes}/{total_bytes} {eta}",
        };
        bar.set_style(
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        bar.set_message(what);
        Progress { bar, started: Instant::now(), pending: AtomicBool::new(streams.may_show_progress()) }
    }

    /// Progress that is never shown.
    pub fn hidden() -> Progress {
        Progress { bar: ProgressBar::hidden(), started: Instant::now(), pending: AtomicBool::new(false) }
    }

    /// Notes that `amount` more units are done.
    pub fn advance(&self, amount: u64) {
        self.bar.inc(amount);
        if self.started.elapsed() >= PATIENCE && self.pending.swap(false, Ordering::Relaxed) {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }

    /// Runs `print` with the bar out of the way.
    pub fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// A source whose reads are noted as progress.
pub struct Metered<'a, S: Source + ?Sized> {
    /// Where the bytes are.
    pub source: &'a S,
    /// Where reads are noted.
    pub progress: &'a Progress,
}

impl<S: Source + ?Sized> Source for Metered<'_, S> {
    fn len(&self) -> u64 {
        self.source.len()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), SourceError> {
        self.progress.advance(buffer.len() as u64);
        self.source.read_at(offset, buffer)
    }

    fn as_bytes(&self) -> Option<&[u8]> {
        self.source.as_bytes()
    }
}
