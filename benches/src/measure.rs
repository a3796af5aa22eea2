//! Contestants take turns, each turn is timed, medians count: what the machine does meanwhile hits all alike.

use anyhow::Result;
use rustix::time::{ClockId, clock_gettime};
use std::time::Instant;

/// Whose time is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Processor time of this thread, in the program and in the system.
    Processor,
    /// Time on the wall.
    Wall,
}

/// Something to time: does `count` operations, and says how long they took if it knows better than the clock here.
pub type Contestant<'a> = Box<dyn FnMut(u32) -> Result<Option<f64>> + 'a>;

/// A contestant of this process.
pub fn here<'a>(mut work: impl FnMut() -> Result<()> + 'a) -> Contestant<'a> {
    Box::new(move |count| {
        for _ in 0..count {
            work()?;
        }
        Ok(None)
    })
}

/// How long turns are and how many.
#[derive(Clone, Copy, Debug)]
pub struct Turns {
    /// Rounds in which each contestant has one turn.
    pub rounds: usize,
    /// Seconds that a turn is to take.
    pub turn: f64,
    /// Whose time is taken.
    pub clock: Clock,
}

/// Seconds per operation, one list of rounds per contestant.
pub struct Times(Vec<Vec<f64>>);

impl Turns {
    /// Lets all contestants take turns.
    pub fn take(self, contestants: &mut [Contestant<'_>]) -> Result<Times> {
        let mut counts = Vec::new();
        for contestant in contestants.iter_mut() {
            // The first call warms up; the second says how many make a turn.
            contestant(1)?;
            let once = self.time(contestant, 1)?;
            counts.push((self.turn / once.max(1e-9)).round().clamp(1.0, 1e6) as u32);
        }
        let mut times = vec![Vec::with_capacity(self.rounds); contestants.len()];
        for _ in 0..self.rounds {
            for ((contestant, count), times) in contestants.iter_mut().zip(&counts).zip(&mut times) {
                times.push(self.time(contestant, *count)? / f64::from(*count));
            }
        }
        Ok(Times(times))
    }

    fn time(self, contestant: &mut Contestant<'_>, count: u32) -> Result<f64> {
        let (wall, processor) = (Instant::now(), processor_time());
        let own = contestant(count)?;
        Ok(own.unwrap_or_else(|| match self.clock {
            Clock::Wall => wall.elapsed().as_secs_f64(),
            Clock::Processor => processor_time() - processor,
        }))
    }
}

impl Times {
    /// Median seconds per operation of a contestant.
    pub fn median(&self, contestant: usize) -> f64 {
        median(self.0[contestant].clone())
    }

    /// Median over the rounds of one contestant's time in another's.
    pub fn ratio(&self, one: usize, other: usize) -> f64 {
        median(self.0[one].iter().zip(&self.0[other]).map(|(one, other)| one / other).collect())
    }

    /// Median over the rounds of what one contestant took longer than another, seconds.
    pub fn difference(&self, one: usize, other: usize) -> f64 {
        median(self.0[one].iter().zip(&self.0[other]).map(|(one, other)| one - other).collect())
    }
}

/// The middle value.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        len => (values[(len - 1) / 2] + values[len / 2]) / 2.0,
    }
}

/// Processor time that this thread has taken, seconds.
pub fn processor_time() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}
