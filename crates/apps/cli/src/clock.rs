//! The clock of this computer: a claim, read here and nowhere below.

use records::{Basis, ClockEntry};
use std::time::{SystemTime, UNIX_EPOCH};
use types::Time;

/// What the clock says now.
pub fn now() -> Time {
    let seconds = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_secs()).map_or(i64::MIN, |seconds| -seconds),
    };
    Time::from_unix(seconds)
}

/// Minutes that local time is east of UTC at `time`; 0 where the system does not say. To be asked before the first
/// thread is started: with several threads there is no safe way to know.
pub fn local_offset_minutes(time: Time) -> i32 {
    time::OffsetDateTime::from_unix_timestamp(time.unix())
        .ok()
        .and_then(|moment| time::UtcOffset::local_offset_at(moment).ok())
        .map_or(0, |offset| i32::from(offset.whole_minutes()))
}

/// A look at the clock, and at what counts besides it.
pub fn reading() -> ClockEntry {
    let time = now().unix();
    match counter() {
        Some((counter, boot)) => ClockEntry {
            basis: Basis::Boottime,
            boot: Some(boot),
            counter: Some(counter),
            time,
            trusted: None,
        },
        None => ClockEntry { basis: Basis::None, boot: None, counter: None, time, trusted: None },
    }
}

/// Seconds since the start of this computer, sleep included, and which start it was.
#[cfg(target_os = "linux")]
fn counter() -> Option<(u64, String)> {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let boot = boot.trim().to_owned();
    let counted = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Some((u64::try_from(counted.tv_sec).ok()?, boot)).filter(|(_, boot)| !boot.is_empty())
}

#[cfg(not(target_os = "linux"))]
fn counter() -> Option<(u64, String)> {
    None
}
