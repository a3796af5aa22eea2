//! `undersign identity list`.

use super::describe::IdentityLine;
use super::{Context, default, open_vault};
use crate::clock;
use crate::error::Failure;
use crate::exit::Exit;
use crate::streams::json_line;
use clap::Args;

/// List the identities in your vault
#[derive(Debug, Args)]
#[command(
    long_about = "List the identities in your vault. The default one is marked with *. \
        The passphrase is not needed.",
    after_long_help = "\
Examples:
  undersign identity list
  undersign identity list --json"
)]
pub struct List {
    /// One JSON object per identity, each on a line
    #[arg(long)]
    json: bool,
}

impl List {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let (home, vault) = open_vault(context)?;
        let default = default::get(&home)?;
        let now = clock::now();
        for identity in vault.identities() {
            let line = IdentityLine::new(identity, default.as_deref());
            context.streams.data(&if self.json { json_line(&line) } else { line.row(now) })?;
        }
        if vault.identities().is_empty() {
            context.streams.note("the vault holds no identity; make one with: undersign identity new");
        }
        Ok(Exit::Success)
    }
}
