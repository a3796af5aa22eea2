//! The judgement on a clock, with a clock, a counter and a network that are made up.

use super::*;
use records::{TrustedBy, TrustedEntry};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// A device: what its clock shows is not what time it is.
struct Device {
    now: i64,
    clock: i64,
    counter: i64,
    boot: u32,
    basis: Basis,
    journal: Vec<ClockEntry>,
}

impl Device {
    fn new() -> Device {
        let now = "2026-11-25T08:00:00Z".parse::<Time>().unwrap().unix();
        Device { now, clock: now, counter: 100, boot: 1, basis: Basis::Boottime, journal: Vec::new() }
    }

    fn reading(&self) -> ClockEntry {
        let counts = self.basis != Basis::None;
        ClockEntry {
            basis: self.basis,
            boot: counts.then(|| self.boot.to_string()),
            counter: counts.then_some(self.counter as u64),
            time: self.clock,
            trusted: None,
        }
    }

    /// Time passes while the device is awake.
    fn wait(&mut self, seconds: i64) {
        self.now += seconds;
        self.clock += seconds;
        self.counter += seconds;
    }

    fn sleep(&mut self, seconds: i64) {
        self.now += seconds;
        self.clock += seconds;
        self.counter += if self.basis == Basis::Boottime { seconds } else { 0 };
    }

    /// It is off for a while and starts again; its clock goes on or not.
    fn restart(&mut self, seconds: i64) {
        self.now += seconds;
        self.clock += seconds;
        self.counter = 30;
        self.boot += 1;
    }

    fn look(&mut self) -> ClockSection {
        let section = judge(&self.journal, &self.reading(), 60, None);
        self.journal = remember(&self.journal, self.reading());
        section
    }

    /// A timestamp comes in.
    fn sync(&mut self) {
        let trusted = Some(TrustedEntry { from: TrustedBy::Timestamp, time: self.now });
        self.journal = remember(&self.journal, ClockEntry { trusted, ..self.reading() });
    }
}

fn steps(clock: &ClockSection) -> (Option<u64>, Option<u64>, Option<u64>) {
    (clock.set_back_seconds, clock.set_forward_seconds, clock.behind_seconds)
}

#[test]
fn a_first_look_knows_nothing() {
    let clock = Device::new().look();
    assert_eq!((clock.boot, &clock.trusted, steps(&clock)), (Boot::First, &None, (None, None, None)));
    assert_eq!(clock.since, clock.time);
}

#[test]
fn a_clock_that_runs_is_not_contradicted() {
    let mut device = Device::new();
    device.sync();
    for _ in 0..50 {
        device.wait(DAY);
        let clock = device.look();
        assert!(!clock.is_contradicted(), "{clock:?}");
    }
    let clock = device.look();
    let trusted = clock.trusted.unwrap();
    assert_eq!((trusted.age_minutes, trusted.age_by), (50 * 24 * 60, AgeBy::Counter));
    assert!(device.journal.len() <= 3, "{}", device.journal.len());
}

#[test]
fn a_clock_set_back_or_forward_is_told_until_the_next_trusted_time() {
    let mut device = Device::new();
    device.sync();
    device.wait(HOUR);
    device.clock -= 3 * HOUR;
    assert_eq!(steps(&device.look()), (Some(10_800), None, Some(10_800)));
    device.wait(2 * DAY);
    assert_eq!(steps(&device.look()), (Some(10_800), None, Some(10_800)));
    device.clock += 5 * HOUR;
    device.wait(60);
    assert_eq!(steps(&device.look()), (Some(10_800), Some(18_000), None));
    device.sync();
    let clock = device.look();
    assert_eq!(steps(&clock), (None, None, None));
    assert_eq!(clock.trusted.unwrap().clock_ahead_seconds, 2 * HOUR);
}

#[test]
fn setting_back_and_forward_again_between_two_looks_leaves_no_trace_but_a_look_between_does() {
    let mut device = Device::new();
    device.sync();
    device.clock -= HOUR;
    device.clock += HOUR;
    assert!(!device.look().is_contradicted());
    device.clock -= HOUR;
    device.look();
    device.clock += HOUR;
    assert_eq!(steps(&device.look()), (Some(3600), Some(3600), None));
}

#[test]
fn sleep_is_not_a_clock_set_forward() {
    for basis in [Basis::Boottime, Basis::Monotonic] {
        let mut device = Device { basis, ..Device::new() };
        device.sync();
        device.wait(60);
        device.look();
        device.sleep(9 * HOUR);
        let clock = device.look();
        assert!(!clock.is_contradicted(), "{clock:?}");
        let by = if basis == Basis::Boottime { AgeBy::Counter } else { AgeBy::Clock };
        assert_eq!(clock.trusted.unwrap().age_by, by);
    }
}

#[test]
fn a_time_zone_changes_nothing_but_the_offset() {
    let mut device = Device::new();
    device.sync();
    device.wait(HOUR);
    let (here, there) = (
        judge(&device.journal, &device.reading(), 60, None),
        judge(&device.journal, &device.reading(), -480, None),
    );
    assert_eq!((here.offset_minutes, there.offset_minutes), (60, -480));
    assert_eq!(ClockSection { offset_minutes: 60, ..there }, here);
}

#[test]
fn a_leap_second_and_a_drifting_counter_are_within_the_tolerance() {
    let mut device = Device::new();
    device.sync();
    device.wait(60);
    device.look();
    // 23:59:60 is 23:59:59 once more.
    device.clock -= 1;
    assert!(!device.look().is_contradicted());
    device.wait(30 * DAY);
    // 200 millionths too fast.
    device.counter += 30 * DAY / 5000;
    assert!(!device.look().is_contradicted());
}

#[test]
fn a_year_without_a_battery_is_a_clock_set_back() {
    for start in ["1970-01-01T00:00:00Z", "2000-01-01T00:00:00Z"] {
        let mut device = Device::new();
        device.sync();
        device.wait(HOUR);
        device.look();
        device.restart(365 * DAY);
        device.clock = start.parse::<Time>().unwrap().unix() + 30;
        let clock = device.look();
        assert_eq!(clock.boot, Boot::Other);
        assert!(clock.set_back_seconds > Some(20 * 365 * DAY as u64), "{clock:?}");
        assert!(clock.behind_seconds > Some(20 * 365 * DAY as u64), "{clock:?}");
        assert_eq!(clock.trusted.unwrap().age_by, AgeBy::Clock);
    }
}

#[test]
fn of_a_device_that_was_off_only_going_backwards_is_certain() {
    let mut device = Device::new();
    device.look();
    device.restart(DAY);
    device.clock += 100 * DAY;
    assert!(!device.look().is_contradicted());
    device.restart(60);
    device.clock -= 90 * DAY;
    assert_eq!(device.look().set_back_seconds, Some((90 * DAY - 60) as u64));
}

#[test]
fn an_old_journal_put_back_is_caught_by_the_beacon() {
    let mut device = Device::new();
    device.sync();
    let old = device.journal.clone();
    device.wait(30 * DAY);
    device.sync();
    let beacon = Time::from_unix(device.now);
    device.journal = old;
    device.restart(60);
    device.clock -= 20 * DAY;
    let clock = judge(&device.journal, &device.reading(), 0, Some(beacon));
    assert_eq!(clock.behind_seconds, Some((20 * DAY - 60) as u64));
    assert_eq!(clock.set_back_seconds, None);
}

#[test]
fn a_machine_put_back_to_an_earlier_state_does_not_count() {
    let mut device = Device::new();
    device.wait(DAY);
    device.look();
    device.counter -= DAY;
    let clock = device.look();
    assert_eq!((clock.boot, steps(&clock)), (Boot::Same, (None, None, None)));
}

#[test]
fn a_device_that_counts_nothing_notices_only_going_backwards() {
    let mut device = Device { basis: Basis::None, ..Device::new() };
    device.look();
    device.clock += DAY;
    assert_eq!(device.look().boot, Boot::Unknown);
    device.clock -= 2 * DAY;
    assert_eq!(steps(&device.look()), (Some(2 * DAY as u64), None, None));
}

#[test]
fn no_clock_is_too_wrong_to_be_told() {
    let mut device = Device::new();
    device.sync();
    for clock in [i64::MIN, i64::MAX, 0, -1] {
        device.clock = clock;
        let section = device.look();
        assert!(section.time.parse::<Time>().is_ok(), "{section:?}");
        let record = records::SigningRecord { clock: Some(section), beacon: None };
        let read = records::ReadRecord::from_json(&record.to_json()).unwrap();
        assert!(read.faults.is_empty(), "{:?}", read.faults);
    }
}

#[test]
fn a_journal_stays_small_whatever_happens() {
    let mut device = Device::new();
    for round in 0..3000 {
        device.wait(60);
        device.clock += if round % 2 == 0 { HOUR } else { -HOUR };
        device.look();
    }
    assert!(device.journal.len() <= MOST_ENTRIES);
}
