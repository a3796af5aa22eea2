//! `undersign identity remove`: an identity and its key, gone for good.

use super::{Context, choose, default, open_vault, unlock};
use crate::commands::options::PassphraseOptions;
use crate::error::Failure;
use crate::exit::Exit;
use clap::Args;
use report::printable;
use vault::SystemEntropy;

/// Remove an identity and its key for good
#[derive(Debug, Args)]
#[command(
    long_about = "Remove an identity and its key from your vault, for good. Signatures made with it stay good; \
        new ones cannot be made. Copies of the vault file still hold the key.",
    after_long_help = "\
Examples:
  undersign identity remove 3f9a"
)]
pub struct Remove {
    /// Its id, the beginning of its id, or its label
    #[arg(value_name = "ID")]
    identity: String,
    #[command(flatten)]
    passphrase: PassphraseOptions,
}

impl Remove {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let (home, vault) = open_vault(context)?;
        let id = choose::choose(&home, &vault, Some(&self.identity))?.id();
        let mut unlocked = unlock(context, &vault, &self.passphrase)?;
        let removed = unlocked.remove(&id, &mut SystemEntropy)?;
        if default::get(&home)?.as_deref() == Some(id.as_str()) {
            default::clear(&home)?;
        }
        context.streams.data(&format!("{id}\n"))?;
        context.streams.note(&format!("removed identity {id} ({}) and its key", printable(removed.label())));
        Ok(Exit::Success)
    }
}
