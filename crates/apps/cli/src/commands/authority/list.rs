//! `undersign authority list`.

use super::folder::Place;
use super::show::Line;
use crate::clock;
use crate::commands::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::streams::json_line;
use clap::Args;

/// List the certificates that were issued
#[derive(Debug, Args)]
#[command(
    long_about = "List the certificates in the register of the authority, in the order of serial numbers. \
        The passphrase is not needed.",
    after_long_help = "\
Examples:
  undersign authority list
  undersign authority list --json"
)]
pub struct List {
    /// One JSON object per certificate, each on a line
    #[arg(long)]
    json: bool,
}

impl List {
    pub fn run(&self, context: &Context<'_>, place: &Place) -> Result<Exit, Failure> {
        let register = place.open(context)?.register()?;
        let now = clock::now();
        let mut text = String::new();
        for issued in register.certificates() {
            let line = Line::new(issued, now);
            text.push_str(&if self.json { json_line(&line) } else { line.row() });
        }
        context.streams.data(&text)?;
        if register.is_empty() {
            context.streams.note("nothing was issued yet; issue with: undersign authority issue REQUEST");
        }
        Ok(Exit::Success)
    }
}
