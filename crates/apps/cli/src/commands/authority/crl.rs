//! `undersign authority crl`.

use super::folder::{Folder, OpenRegister, Place, authority};
use crate::clock;
use crate::commands::Context;
use crate::commands::options::{OutputOptions, PassphraseOptions};
use crate::error::Failure;
use crate::exit::Exit;
use authority::{Issuer, Settings, crl};
use clap::Args;
use crypto::{PROVIDER, Signer};
use pkix::Certificate;
use store::Disk;

/// Make a CRL, complete or with changes alone
#[derive(Debug, Args)]
#[command(
    long_about = "Make a CRL (DER) of every certificate that is revoked or on hold, expired ones too. With --delta it lists only \
        what changed since the last complete one.\n\n\
        The folder of the authority keeps the newest of each as complete.crl and delta.crl.",
    after_long_help = "\
Examples:
  undersign authority crl -o complete.crl
  undersign authority crl --delta -o delta.crl --force"
)]
pub struct Crl {
    /// Only what changed since the last complete CRL
    #[arg(long)]
    delta: bool,
    #[command(flatten)]
    output: OutputOptions,
    #[command(flatten)]
    passphrase: PassphraseOptions,
}

/// Which CRL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The complete one.
    Complete,
    /// Changes since the last complete one.
    Delta,
}

impl Kind {
    /// The name of the file that the folder keeps.
    pub fn file(self) -> &'static str {
        match self {
            Kind::Complete => "complete.crl",
            Kind::Delta => "delta.crl",
        }
    }
}

impl Crl {
    pub fn run(&self, context: &Context<'_>, place: &Place) -> Result<Exit, Failure> {
        let folder = place.open(context)?;
        let vault = folder.unlocked(context, &self.passphrase)?;
        let (own, above) = authority(vault.identities())?;
        let signer = vault.signer(&own.id(), None)?;
        let certificate = above.first().ok_or(Failure::Internal)?;
        let kind = if self.delta { Kind::Delta } else { Kind::Complete };
        let mut register = folder.open_register(&context.disk)?;
        let made =
            make(&context.disk, &folder, &folder.settings()?, &mut register, certificate, &signer, kind)?;
        drop(register);
        self.output.write(context, made.der())?;
        let (entries, until) = (made.entries().count(), made.next_update());
        let until = until.map(|time| time.to_string()).unwrap_or_default();
        context.streams.note(&format!("made a CRL with {entries} entries, the next by {until}"));
        Ok(Exit::Success)
    }
}

/// Makes a CRL, writes down that it was made, keeps it in the folder.
pub fn make(
    disk: &Disk,
    folder: &Folder,
    settings: &Settings,
    register: &mut OpenRegister,
    certificate: &Certificate,
    signer: &dyn Signer,
    kind: Kind,
) -> Result<pkix::Crl, Failure> {
    let issuer = Issuer { certificate, signer, locations: &settings.locations };
    let now = clock::now();
    let (made, event) = match kind {
        Kind::Complete => {
            crl::complete(issuer, &register.register, now, settings.complete_crl_seconds, PROVIDER)?
        }
        Kind::Delta => crl::delta(issuer, &register.register, now, settings.delta_crl_seconds, PROVIDER)?,
    };
    register.record(&[event])?;
    folder.keep(disk, kind.file(), made.der())?;
    Ok(made)
}
