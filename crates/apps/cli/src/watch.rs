//! What this computer remembers of its clock (spec/clock.md) and what goes from that into signing records.

use crate::beacons::{self, Beacon};
use crate::clock;
use crate::commands::Context;
use crate::error::Failure;
use records::{ClockEntry, ClockSection, MAX_CLOCK_JOURNAL, SigningRecord};
use store::{Access, Existing, FileSource, Home, write_atomically};
use types::Time;
use undersign::signing::clock as judging;

/// What a computer knows of time when it starts to sign.
pub struct Watch {
    journal: Vec<ClockEntry>,
    offset_minutes: i32,
    beacon: Option<Beacon>,
}

impl Watch {
    /// Reads what is remembered. A journal or a beacon that cannot be used is a warning: it stops nobody from signing.
    pub fn open(context: &Context<'_>, home: Option<&Home>) -> Watch {
        let tell = |failure: Failure| {
            context.streams.warning(&failure.to_string(), "what is remembered of the clock starts anew")
        };
        let journal = home.map_or(Ok(Vec::new()), journal).unwrap_or_else(|failure| {
            tell(failure);
            Vec::new()
        });
        let beacon = home.map_or(Ok(None), beacons::freshest).unwrap_or_else(|failure| {
            context.streams.warning(&failure.to_string(), "no beacon goes into the signing record");
            None
        });
        Watch { journal, offset_minutes: clock::local_offset_minutes(clock::now()), beacon }
    }

    /// What is known of the clock now.
    pub fn clock(&self) -> ClockSection {
        let beacon = self.beacon.as_ref().map(|beacon| beacon.time);
        judging::judge(&self.journal, &clock::reading(), self.offset_minutes, beacon)
    }

    /// The signing record of a signature that is made now.
    pub fn record(&self) -> Vec<u8> {
        let beacon = self.beacon.as_ref().map(Beacon::section);
        SigningRecord { beacon, clock: Some(self.clock()) }.to_json()
    }

    /// Says what contradicts the clock. The time is not corrected.
    pub fn warn(&self, context: &Context<'_>) {
        let clock = self.clock();
        for what in contradictions(&clock) {
            let hint =
                "set the clock; the record of what is signed meanwhile says so (--no-record leaves it out)";
            context.streams.warning(&what, hint);
        }
    }
}

/// What contradicts a clock, in words.
pub fn contradictions(clock: &ClockSection) -> Vec<String> {
    let by = report::duration;
    let set = |way: &str, seconds: u64| {
        format!("the clock of this computer was set {way} by {} since {}", by(seconds), clock.since)
    };
    let told = [
        clock.set_back_seconds.map(|seconds| set("back", seconds)),
        clock.set_forward_seconds.map(|seconds| set("forward", seconds)),
        clock.behind_seconds.map(|seconds| {
            format!("the clock of this computer is {} behind a time that came from outside", by(seconds))
        }),
    ];
    told.into_iter().flatten().collect()
}

/// The looks that a home remembers, oldest first.
///
/// # Errors
/// If the journal cannot be read or is none.
pub fn journal(home: &Home) -> Result<Vec<ClockEntry>, Failure> {
    let path = home.clock();
    if !path.exists() {
        return Ok(Vec::new());
    }
    let bytes = FileSource::open(&path)?.read_all(MAX_CLOCK_JOURNAL)?;
    records::clock_entries(&String::from_utf8_lossy(&bytes)).map_err(|error| {
        Failure::objection(
            "clock.journal",
            format!("{}: {error}", path.display()),
            "remove the file; what is remembered of the clock starts anew",
        )
    })
}

/// Remembers a look at the clock. That it cannot be written is a warning.
pub fn remember(context: &Context<'_>, home: &Home, look: ClockEntry) {
    let write = || -> Result<(), Failure> {
        let _lock = home.lock()?;
        // One that cannot be read was told of before, and starts anew.
        let entries = judging::remember(&journal(home).unwrap_or_default(), look);
        let text = records::clock_journal(&entries);
        Ok(write_atomically(
            &context.disk,
            &home.clock(),
            Existing::Replace,
            Access::Private,
            text.as_bytes(),
        )?)
    };
    if let Err(failure) = write() {
        context.streams.warning(&failure.to_string(), "this look at the clock is not remembered");
    }
}

/// A timestamp that came in.
#[derive(Clone, Debug)]
pub struct Received {
    /// The token, DER.
    pub token: Vec<u8>,
    /// Its time.
    pub time: Time,
    /// What the clock showed when it came.
    pub look: ClockEntry,
    /// Whether it was made for a request of this very moment; only then it says what time it is.
    pub is_live: bool,
}

/// Keeps a timestamp that came in: as a beacon, and if it was made just now, as a trusted time.
pub fn received(context: &Context<'_>, home: &Home, received: &Received) {
    if let Err(failure) = beacons::keep(context, home, &received.token) {
        context.streams.warning(&failure.to_string(), "the timestamp is not kept as a beacon");
    }
    if received.is_live {
        let trusted =
            records::TrustedEntry { from: records::TrustedBy::Timestamp, time: received.time.unix() };
        remember(context, home, ClockEntry { trusted: Some(trusted), ..received.look.clone() });
    }
}
