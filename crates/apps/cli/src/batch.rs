//! Many files at once: a pool of threads, results in the order of the files, no file stops another.

use crate::error::Failure;
use crate::progress::{Progress, Unit};
use crate::streams::Streams;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// Most items that a thread takes at once.
const MOST_AT_ONCE: usize = 16;

/// Who works on what.
#[derive(Clone, Copy)]
pub struct Batch<'a> {
    /// Where progress is shown.
    pub streams: &'a Streams,
    /// What is being done, e.g. `verifying`.
    pub what: &'static str,
    /// Most threads at work; as many as the computer has cores if `None`.
    pub jobs: Option<NonZeroUsize>,
}

impl Batch<'_> {
    /// Applies `work` to each of `items` and hands the results to `take`, in the order of `items`, as soon as they are
    /// there. A panic in `work` becomes [`Failure::Internal`] of that item. An error of `take` ends the batch.
    pub fn run<I: Sync, T: Send>(
        &self,
        items: &[I],
        work: impl Fn(&I) -> Result<T, Failure> + Sync,
        mut take: impl FnMut(&I, Result<T, Failure>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let guarded = |item: &I| {
            catch_unwind(AssertUnwindSafe(|| work(item))).unwrap_or_else(|_| Err(Failure::Internal))
        };
        let threads = self.threads(items.len());
        if threads <= 1 {
            return self.alone(items, guarded, take);
        }
        // Handing over several results at once spares waking this thread for each; small batches go one by one.
        let share = (items.len() / (threads * 64)).clamp(1, MOST_AT_ONCE);
        let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
        let progress = self.progress(items.len());
        let (send, receive) = mpsc::channel();
        thread::scope(|scope| {
            for _ in 0..threads {
                let (send, next, stop, guarded) = (send.clone(), &next, &stop, &guarded);
                scope.spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        let start = next.fetch_add(share, Ordering::Relaxed);
                        let Some(rest) = items.get(start..).filter(|rest| !rest.is_empty()) else { break };
                        let results: Vec<_> = rest.iter().take(share).map(guarded).collect();
                        if send.send((start, results)).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(send);
            let (mut waiting, mut due) = (BTreeMap::new(), 0);
            for (start, results) in receive {
                progress.advance(results.len() as u64);
                waiting.insert(start, results);
                while let Some(results) = waiting.remove(&due) {
                    for (item, result) in items.iter().skip(due).zip(results) {
                        due += 1;
                        if let Err(failure) = progress.suspend(|| take(item, result)) {
                            stop.store(true, Ordering::Relaxed);
                            return Err(failure);
                        }
                    }
                }
            }
            Ok(())
        })
    }

    fn alone<I, T>(
        &self,
        items: &[I],
        work: impl Fn(&I) -> Result<T, Failure>,
        mut take: impl FnMut(&I, Result<T, Failure>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let progress = self.progress(items.len());
        for item in items {
            let result = work(item);
            progress.advance(1);
            progress.suspend(|| take(item, result))?;
        }
        Ok(())
    }

    fn progress(&self, files: usize) -> Progress {
        match files {
            // The work on a single file shows its own progress.
            0..=1 => Progress::hidden(),
            files => Progress::new(self.streams, self.what, Unit::Files, files as u64),
        }
    }

    fn threads(&self, items: usize) -> usize {
        let cores = || thread::available_parallelism().map_or(1, NonZeroUsize::get);
        if items <= 1 { 1 } else { self.jobs.map_or_else(cores, NonZeroUsize::get).min(items) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::{ColourChoice, Verbosity};

    fn run(jobs: usize, work: impl Fn(&u64) -> Result<u64, Failure> + Sync) -> Vec<(u64, Option<u64>)> {
        let streams = Streams::new(ColourChoice::Never, Verbosity::Quiet);
        let batch = Batch { streams: &streams, what: "counting", jobs: NonZeroUsize::new(jobs) };
        let items: Vec<u64> = (0..1000).collect();
        let mut seen = Vec::new();
        batch
            .run(&items, work, |item, result| {
                seen.push((*item, result.ok()));
                Ok(())
            })
            .unwrap();
        seen
    }

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let expected: Vec<_> = (0..1000).map(|item| (item, Some(item * 2))).collect();
        for jobs in [1, 2, 7, 500] {
            assert_eq!(run(jobs, |item| Ok(item * 2)), expected);
        }
    }

    #[test]
    fn a_panic_costs_only_its_own_item() {
        let seen = run(3, |item| if item % 50 == 7 { panic!("on purpose") } else { Ok(*item) });
        assert_eq!(seen.iter().filter(|(_, result)| result.is_none()).count(), 20);
        assert_eq!(seen.len(), 1000);
    }
}
