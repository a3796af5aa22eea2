//! `undersign identity csr`: a request with which an authority can issue a certificate.

use super::{Context, choose, open_vault, unlock};
use crate::commands::options::{OutputOptions, PassphraseOptions};
use crate::error::Failure;
use crate::exit::Exit;
use clap::Args;

/// Make a certification request for an authority
#[derive(Debug, Args)]
#[command(
    long_about = "Make a certification request (PKCS#10) with which an authority can issue a certificate for your key.\n\n\
        Send the request to the authority. When its certificate comes back, take it in with \
        `undersign identity import CERTIFICATE`; the key stays where it is.",
    after_long_help = "\
Examples:
  undersign identity csr > request.pem
  undersign identity csr 3f9a -o request.pem --email ada@example.com"
)]
pub struct Csr {
    /// Its id, the beginning of its id, or its label; the default one if absent
    #[arg(value_name = "ID")]
    identity: Option<String>,
    /// Ask for this e-mail address in the certificate
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    #[command(flatten)]
    output: OutputOptions,
    #[command(flatten)]
    passphrase: PassphraseOptions,
}

impl Csr {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let (home, vault) = open_vault(context)?;
        let identity = choose::choose(&home, &vault, self.identity.as_deref())?;
        let id = identity.id();
        let unlocked = unlock(context, &vault, &self.passphrase)?;
        let request = unlocked.certification_request(&id, self.email.as_deref())?;
        self.output.write(context, request.to_pem().as_bytes())?;
        context.streams.note(&format!("made a request for the key of identity {id}"));
        Ok(Exit::Success)
    }
}
