//! `undersign identity passphrase`: another passphrase for the vault.

use super::{Context, open_vault, unlock};
use crate::commands::options::{KdfOptions, PassphraseOptions, source};
use crate::error::Failure;
use crate::exit::Exit;
use clap::{Args, ValueHint};
use std::path::PathBuf;
use vault::{SystemEntropy, Typed};

/// Change the passphrase of the vault
#[derive(Debug, Args)]
#[command(
    long_about = "Change the passphrase of the vault. Copies of the old vault file still open with the old one.",
    after_long_help = "\
Examples:
  undersign identity passphrase
  undersign identity passphrase --passphrase-file old.txt --new-passphrase-file new.txt"
)]
pub struct Passphrase {
    #[command(flatten)]
    present: PassphraseOptions,
    /// Read the new passphrase from this file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    new_passphrase_file: Option<PathBuf>,
    /// Read the new passphrase from this file descriptor
    #[arg(long, value_name = "NUMBER", conflicts_with = "new_passphrase_file")]
    new_passphrase_fd: Option<u32>,
    #[command(flatten)]
    kdf: KdfOptions,
}

impl Passphrase {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let (_, vault) = open_vault(context)?;
        let kdf = self.kdf.costs()?;
        let mut unlocked = unlock(context, &vault, &self.present)?;
        let new = source(self.new_passphrase_file.as_deref(), self.new_passphrase_fd)
            .read("New passphrase for your vault: ", Typed::Twice)?;
        unlocked.change_passphrase(&new, kdf, &mut SystemEntropy)?;
        context
            .streams
            .note("changed the passphrase; copies of the old vault file still open with the old one");
        Ok(Exit::Success)
    }
}
