//! `undersign clock`: what this computer knows of its own clock.

use super::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::streams::json_line;
use crate::watch::Watch;
use clap::{Args, Subcommand};
use records::{AgeBy, Basis, Boot, ClockSection};

/// Shown with `undersign clock --help`.
pub const EXAMPLES: &str = "\
Examples:
  undersign clock show
  undersign clock show --json";

/// Show what is known of the clock of this computer
#[derive(Debug, Subcommand)]
pub enum ClockCommand {
    Show(Show),
}

/// Show what the next signing record would say of the clock
#[derive(Debug, Args)]
#[command(
    long_about = "Show what the next signing record would say of the clock: what it shows, whether it was \
    set back or forward, and when a time last came from outside. Nothing is corrected, and nothing of \
    this proves a time (docs/guide/time.md)."
)]
pub struct Show {
    /// As one JSON object, as it stands in a record (spec/record.md)
    #[arg(long)]
    json: bool,
}

impl ClockCommand {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let ClockCommand::Show(show) = self;
        let home = context.existing_home()?;
        let clock = Watch::open(context, home.as_ref()).clock();
        if show.json {
            context.streams.data(&json_line(&clock))?;
        } else {
            let lines = words(&clock);
            context.streams.data(&(lines.join("\n") + "\n"))?;
        }

        Ok(Exit::Success)
    }
}

/// A clock section in plain words, a line each.
pub fn words(clock: &ClockSection) -> Vec<String> {
    let zone = clock.offset_minutes;
    let sign = if zone < 0 { '-' } else { '+' };
    let mut lines = vec![format!(
        "clock      {} (local time is UTC{sign}{:02}:{:02})",
        clock.time,
        zone.abs() / 60,
        zone.abs() % 60
    )];
    let told = [
        (
            "set back",
            clock.set_back_seconds.map(|by| format!("by {} since {}", report::duration(by), clock.since)),
        ),
        (
            "set ahead",
            clock.set_forward_seconds.map(|by| format!("by {} since {}", report::duration(by), clock.since)),
        ),
        (
            "behind",
            clock.behind_seconds.map(|by| format!("{} behind a time from outside", report::duration(by))),
        ),
    ];
    let told: Vec<_> = told.into_iter().filter_map(|(name, told)| Some((name, told?))).collect();
    if told.is_empty() {
        lines.push(format!("checks     nothing contradicts it since {}", clock.since));
    }
    lines.extend(told.into_iter().map(|(name, told)| format!("{name:<10} {told}")));
    lines.push(match &clock.trusted {
        None => "outside    it was never compared with a time from outside".to_owned(),
        Some(trusted) => {
            let age = report::duration(trusted.age_minutes.saturating_mul(60));
            let by = match trusted.age_by {
                AgeBy::Counter => "counted",
                AgeBy::Clock => "by the clock",
            };
            let ahead = match trusted.clock_ahead_seconds {
                0 => "the clock showed the same".to_owned(),
                ahead if ahead > 0 => {
                    format!("the clock was {} ahead", report::duration(ahead.unsigned_abs()))
                }
                behind => format!("the clock was {} behind", report::duration(behind.unsigned_abs())),
            };
            format!("outside    {} by a timestamp, {age} ago ({by}); {ahead}", trusted.time)
        }
    });
    lines.push(format!(
        "counting   {}; {}",
        match clock.basis {
            Basis::Boottime => "the computer counts throughout, also while it sleeps",
            Basis::Monotonic => "the computer counts while it is awake",
            Basis::None => "nothing counts besides the clock",
        },
        match clock.boot {
            Boot::First => "this is the first look at the clock",
            Boot::Same => "it was not started anew since the last look",
            Boot::Other => "it was started anew since the last look",
            Boot::Unknown => "whether it was started anew is not known",
        }
    ));
    lines
}
