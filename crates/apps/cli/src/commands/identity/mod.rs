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
use crate::error::Failure;
use crate::exit::Exit;
use clap::Subcommand;
use store::Home;
use vault::{LockedVault, Vault};

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
    /// List the identities in your vault
    List(list::List),
    /// Show an identity in full
    Show(show::Show),
    /// Make another identity with a new key
    New(new::New),
    /// Take in a key from PKCS#12 or PEM, or a new certificate for a key
    Import(import::Import),
    /// Make a certification request for an authority
    Csr(csr::Csr),
    /// Print the certificate of an identity, for others
    Export(export::Export),
    /// Say which identity signs when none is named
    Default(default::Default),
    /// Remove an identity and its key for good
    Remove(remove::Remove),
    /// Change the passphrase of the vault
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
