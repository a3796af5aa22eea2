//! `undersign identity export`: the certificate, for others. Keys are not exported.

use super::{Context, choose, describe, open_vault};
use crate::commands::options::OutputOptions;
use crate::error::Failure;
use crate::exit::Exit;
use clap::Args;
use pkix::Certificate;

/// Print the certificate of an identity, for others
#[derive(Debug, Args)]
#[command(
    long_about = "Print the certificate of an identity in PEM, so that others can check your signatures. \
        The passphrase is not needed; the key stays in the vault.",
    after_long_help = "\
Examples:
  undersign identity export > ada.pem
  undersign identity export 3f9a --chain -o chain.pem"
)]
pub struct Export {
    /// Its id, the beginning of its id, or its label; the default one if absent
    #[arg(value_name = "ID")]
    identity: Option<String>,
    /// The certificates above it as well
    #[arg(long)]
    chain: bool,
    #[command(flatten)]
    output: OutputOptions,
}

impl Export {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let (home, vault) = open_vault(context)?;
        let identity = choose::choose(&home, &vault, self.identity.as_deref())?;
        let certificates = describe::certificates(identity);
        if certificates.is_empty() {
            return Err(Failure::usage(
                format!("identity {} has no certificate yet", identity.id()),
                "ask for one with: undersign identity csr",
            ));
        }
        let wanted = if self.chain { certificates.len() } else { 1 };
        let pem: String = certificates.iter().take(wanted).map(Certificate::to_pem).collect();
        self.output.write(context, pem.as_bytes())?;
        Ok(Exit::Success)
    }
}
