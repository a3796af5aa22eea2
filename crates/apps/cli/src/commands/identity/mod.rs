//! `undersign identity`: the identities in the vault.

pub mod choose;
mod csr;
pub mod default;
pub mod describe;
mod export;
mod import;
mod list;
pub mod new;
mod passphrase;
mod remove;
mod show;

use super::Context;
use super::options::PassphraseOptions;
use crate::clock;
use crate::error::Failure;
use crate::exit::Exit;
use clap::Subcommand;
use store::Home;
use vault::{LockedVault, UnlockedVault, Vault, VaultError};

/// Shown with `undersign identity --help`.
pub const EXAMPLES: &str = "\
Examples:
  undersign identity list
  undersign identity import key.p12
  undersign identity csr > request.pem
  undersign identity export > my-certificate.pem";

/// List, show, make, import and export your identities
#[derive(Debug, Subcommand)]
pub enum Identity {
    List(list::List),
    Show(show::Show),
    New(new::New),
    Import(import::Import),
    Csr(csr::Csr),
    Export(export::Export),
    Default(default::Default),
    Remove(remove::Remove),
    Passphrase(passphrase::Passphrase),
}

impl Identity {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        match self {
            Identity::List(command) => command.run(context),
            Identity::Show(command) => command.run(context),
            Identity::New(command) => command.run(context),
            Identity::Import(command) => command.run(context),
            Identity::Csr(command) => command.run(context),
            Identity::Export(command) => command.run(context),
            Identity::Default(command) => command.run(context),
            Identity::Remove(command) => command.run(context),
            Identity::Passphrase(command) => command.run(context),
        }
    }
}

/// Unlocks the vault. On a terminal a mistyped passphrase is asked for again as long as no wait is due.
pub fn unlock(
    context: &Context<'_>,
    vault: &LockedVault,
    options: &PassphraseOptions,
) -> Result<UnlockedVault, Failure> {
    loop {
        match vault.unlock(&options.existing()?, clock::now()) {
            Err(error @ VaultError::WrongPassphrase { wait_seconds: 0, tries_left: 1.. })
                if options.asks_a_person() =>
            {
                context.streams.failure(&error.into());
            }
            result => return Ok(result?),
        }
    }
}

/// The home and its vault, which must be there.
pub fn open_vault(context: &Context<'_>) -> Result<(Home, LockedVault), Failure> {
    let missing = || Ok::<_, Failure>(Failure::NoVault(context.home_path()?));
    let Some(home) = context.existing_home()? else { return Err(missing()?) };
    if !home.vault().exists() {
        return Err(missing()?);
    }
    let vault = Vault::open(&context.disk, &home.vault())?;
    Ok((home, vault))
}
