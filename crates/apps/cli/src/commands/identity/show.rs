//! `undersign identity show`.

use super::describe::IdentityLine;
use super::{Context, choose, default, open_vault};
use crate::error::Failure;
use crate::exit::Exit;
use crate::streams::json_line;
use clap::Args;

/// Show an identity in full
#[derive(Debug, Args)]
#[command(
    long_about = "Show an identity with its key and its certificates. The passphrase is not needed.",
    after_long_help = "\
Examples:
  undersign identity show
  undersign identity show 3f9a --json"
)]
pub struct Show {
    /// Its id, the beginning of its id, or its label; the default one if absent
    #[arg(value_name = "ID")]
    identity: Option<String>,
    /// As one JSON object
    #[arg(long)]
    json: bool,
}

impl Show {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let (home, vault) = open_vault(context)?;
        let identity = choose::choose(&home, &vault, self.identity.as_deref())?;
        let line = IdentityLine::new(identity, default::get(&home)?.as_deref());
        context.streams.data(&if self.json { json_line(&line) } else { line.text() })?;
        Ok(Exit::Success)
    }
}
