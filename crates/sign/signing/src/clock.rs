//! What is known against the clock of a device, from what it remembers of it: a pure judgement.
//!
//! Nothing here corrects a time or takes one for proven. Seconds are those of UTC as computers count them, so a time zone
//! changes nothing; a second that is repeated or smeared stays below the tolerance.

use records::{AgeBy, Basis, Boot, ClockEntry, ClockSection, TrustedSection};
use types::Time;

/// How far clock and counter may come apart before it is said, seconds: a leap second, and rounding.
const TOLERANCE_SECONDS: u64 = 5;
/// And by how much of the time between: counters of computers drift.
const TOLERANCE_PER_MILLE: u64 = 1;
/// The most entries that are kept.
const MOST_ENTRIES: usize = 1000;

/// How the clock stood between two looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Step {
    /// By how much it was set, seconds; 0 within the tolerance.
    by: i64,
    /// The time that passed, if it was counted.
    counted: Option<u64>,
}

/// Judges the clock by `now`, of which `offset_minutes` is the time zone, after the looks of the journal, oldest first.
/// `beacon` is the time of the newest value from outside that is at hand.
pub fn judge(
    journal: &[ClockEntry],
    now: &ClockEntry,
    offset_minutes: i32,
    beacon: Option<Time>,
) -> ClockSection {
    let watched = since_trusted(journal);
    let looks: Vec<&ClockEntry> = watched.iter().chain([now]).collect();
    let steps: Vec<Step> =
        looks.iter().zip(looks.iter().skip(1)).map(|(one, next)| step(one, next)).collect();
    let sum = |sign: i64| {
        let those = steps.iter().filter(|step| step.by.signum() == sign);
        let total = those.fold(0_u64, |total, step| total.saturating_add(step.by.unsigned_abs()));
        (total > 0).then_some(total)
    };
    let counted = steps.iter().try_fold(0_u64, |total, step| Some(total.saturating_add(step.counted?)));
    let trusted = watched.first().and_then(|entry| Some((entry, entry.trusted?)));
    let floor = trusted.map(|(_, trusted)| plus(sane(trusted.time), counted.unwrap_or(0)));
    let floor = floor.max(beacon.map(Time::unix));
    let behind = floor.and_then(|floor| u64::try_from(floor.saturating_sub(wall(now))).ok());
    ClockSection {
        basis: now.basis,
        behind_seconds: behind.filter(|behind| *behind > tolerance(counted.unwrap_or(0))),
        boot: boot(journal.last(), now),
        offset_minutes,
        set_back_seconds: sum(-1),
        set_forward_seconds: sum(1),
        since: shown(watched.first().map_or(now.time, |entry| entry.time)),
        time: shown(now.time),
        trusted: trusted.map(|(entry, trusted)| {
            let by_clock = u64::try_from(wall(now) - wall(entry)).unwrap_or(0);
            TrustedSection {
                age_by: if counted.is_some() { AgeBy::Counter } else { AgeBy::Clock },
                age_minutes: counted.unwrap_or(by_clock) / 60,
                clock_ahead_seconds: wall(entry) - sane(trusted.time),
                from: trusted.from,
                time: shown(trusted.time),
            }
        }),
    }
}

/// The journal with `now` added and without what no judgement needs: what came before the last trusted time, and looks
/// between two others where nothing happened.
pub fn remember(journal: &[ClockEntry], now: ClockEntry) -> Vec<ClockEntry> {
    let all: Vec<ClockEntry> = journal.iter().cloned().chain([now]).collect();
    let mut kept: Vec<ClockEntry> = Vec::new();
    for entry in since_trusted(&all) {
        let idle = |one: &ClockEntry, next: &ClockEntry| {
            let step = step(one, next);
            step.by == 0 && step.counted.is_some()
        };
        if let [.., before, last] = kept.as_slice()
            && idle(before, last)
            && idle(last, entry)
        {
            kept.pop();
        }
        kept.push(entry.clone());
    }
    let surplus = kept.len().saturating_sub(MOST_ENTRIES);
    kept.drain(1.min(kept.len())..(1 + surplus).min(kept.len()));
    kept
}

/// From the last look that had a trusted time, or from the first.
fn since_trusted(journal: &[ClockEntry]) -> &[ClockEntry] {
    let start = journal.iter().rposition(|entry| entry.trusted.is_some()).unwrap_or(0);
    journal.get(start..).unwrap_or_default()
}

fn step(one: &ClockEntry, next: &ClockEntry) -> Step {
    let shown = wall(next) - wall(one);
    let Some(elapsed) = elapsed(one, next) else {
        // The device was off, or does not count: only that time went backwards is certain.
        let by = if shown < -seconds(TOLERANCE_SECONDS) { shown } else { 0 };
        return Step { by, counted: None };
    };
    let by = shown.saturating_sub(seconds(elapsed));
    // A counter that stands still while the device sleeps makes every sleep look like a clock set forward.
    let is_sleep = next.basis == Basis::Monotonic && by > 0;
    let beyond = by.unsigned_abs() > tolerance(elapsed) && !is_sleep;
    let throughout = next.basis == Basis::Boottime;
    Step { by: if beyond { by } else { 0 }, counted: throughout.then_some(elapsed) }
}

/// Seconds between two looks by the counter; `None` if it did not count throughout.
fn elapsed(one: &ClockEntry, next: &ClockEntry) -> Option<u64> {
    let same = one.basis == next.basis && one.basis != Basis::None && is_same_boot(one, next) == Some(true);
    // A counter that runs backwards is that of a machine put back to an earlier state.
    if same { next.counter?.checked_sub(one.counter?) } else { None }
}

fn is_same_boot(one: &ClockEntry, next: &ClockEntry) -> Option<bool> {
    Some(one.boot.as_ref()? == next.boot.as_ref()?)
}

fn boot(last: Option<&ClockEntry>, now: &ClockEntry) -> Boot {
    match last.map(|last| is_same_boot(last, now)) {
        None => Boot::First,
        Some(None) => Boot::Unknown,
        Some(Some(true)) => Boot::Same,
        Some(Some(false)) => Boot::Other,
    }
}

fn tolerance(elapsed: u64) -> u64 {
    TOLERANCE_SECONDS.saturating_add(elapsed.saturating_mul(TOLERANCE_PER_MILLE) / 1000)
}

fn seconds(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn plus(time: i64, elapsed: u64) -> i64 {
    time.saturating_add(seconds(elapsed))
}

/// What the clock showed; outside of the years 0 to 9999 the nearest of them, so that all sums stay exact.
fn wall(entry: &ClockEntry) -> i64 {
    sane(entry.time)
}

fn sane(time: i64) -> i64 {
    const FIRST: i64 = -62_167_219_200;
    const LAST: i64 = 253_402_300_799;
    time.clamp(FIRST, LAST)
}

/// RFC 3339.
fn shown(time: i64) -> String {
    Time::from_unix(sane(time)).to_string()
}

#[cfg(test)]
mod tests;
