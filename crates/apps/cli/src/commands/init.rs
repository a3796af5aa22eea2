//! `undersign init`: the vault, a first identity, and trust in oneself.

use super::Context;
use super::identity::new::{CertificateOptions, create};
use super::options::{KdfOptions, PassphraseOptions};
use crate::error::Failure;
use crate::exit::Exit;
use clap::Args;
use vault::{SystemEntropy, Vault};

/// Make your vault with a first identity
#[derive(Debug, Args)]
#[command(
    long_about = "Make your vault with a first identity: a key and a certificate that you signed yourself.\n\n\
        The vault is one encrypted file in the home. Nobody can open it without the passphrase, and nobody \
        can restore it: keep a copy of the file, and remember the passphrase.\n\n\
        A certificate that you signed yourself says who you are on your own word. Others accept it once they \
        have it from you in a way they trust and add it to their trust store. Your own trust store gets it \
        here. For a certificate by an authority see `undersign identity csr`.",
    after_long_help = "\
Examples:
  undersign init --name \"Ada Example\"
  undersign init --name \"Ada Example\" --email ada@example.com --country DE
  undersign --home ./vault init --name \"Ada Example\" --passphrase-file pass.txt"
)]
pub struct Init {
    #[command(flatten)]
    certificate: CertificateOptions,
    #[command(flatten)]
    passphrase: PassphraseOptions,
    #[command(flatten)]
    kdf: KdfOptions,
}

impl Init {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let home = context.home()?;
        if home.vault().exists() {
            return Err(Failure::VaultExists(home.vault()));
        }
        let kdf = self.kdf.costs()?;
        let passphrase = self.passphrase.new_one()?;
        let mut vault = Vault::create(&context.disk, &home.vault(), &passphrase, kdf, &mut SystemEntropy)?;
        let streams = context.streams;
        streams.note(&format!("made the vault {}", home.vault().display()));
        let id = create(context, &home, &mut vault, &self.certificate)?;
        super::identity::default::set(context, &home, &id)?;
        streams.note("keep a copy of the vault: without it and its passphrase the key is lost");
        streams.note("next: undersign sign FILE.pdf; or: undersign identity csr");
        Ok(Exit::Success)
    }
}
