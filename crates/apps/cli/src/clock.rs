//! The clock of this computer: a claim, read here and nowhere below.

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
