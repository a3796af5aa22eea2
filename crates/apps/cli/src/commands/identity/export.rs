//! `undersign identity export`: the certificate, for others; or the key as well, for a copy in PKCS#12.

use super::{Context, choose, describe, open_vault, unlock};
use crate::commands::options::{OutputOptions, PassphraseOptions, existing, source};
use crate::error::Failure;
use crate::exit::Exit;
use clap::{Args, ValueHint};
use pkix::Certificate;
use report::printable;
use std::path::{Path, PathBuf};
use store::{Access, write_atomically};
use vault::{LockedVault, SystemEntropy, Typed};

/// Print the certificate of an identity, for others
#[derive(Debug, Args)]
#[command(
    long_about = "Print the certificate of an identity in PEM, so that others can check your signatures. \
        The passphrase is not needed; the key stays in the vault.\n\n\
        With --pkcs12 the key and the certificates are written to a file, encrypted under a passphrase of its \
        own: a copy to keep in a safe place, or for another program.",
    after_long_help = "\
Examples:
  undersign identity export > ada.pem
  undersign identity export 3f9a --chain -o chain.pem
  undersign identity export --pkcs12 copy.p12"
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
    /// Write key and certificates to this file, encrypted (PKCS#12)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["chain", "output"])]
    pkcs12: Option<PathBuf>,
    /// Read the passphrase for that file from this file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "pkcs12")]
    export_passphrase_file: Option<PathBuf>,
    /// Read the passphrase for that file from this file descriptor
    #[arg(long, value_name = "NUMBER", requires = "pkcs12", conflicts_with = "export_passphrase_file")]
    export_passphrase_fd: Option<u32>,
    #[command(flatten)]
    passphrase: PassphraseOptions,
}

impl Export {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let (home, vault) = open_vault(context)?;
        let identity = choose::choose(&home, &vault, self.identity.as_deref())?;
        if let Some(path) = &self.pkcs12 {
            return self.write_pkcs12(context, &vault, &identity.id(), path);
        }
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

    fn write_pkcs12(
        &self,
        context: &Context<'_>,
        vault: &LockedVault,
        id: &str,
        path: &Path,
    ) -> Result<Exit, Failure> {
        let unlocked = unlock(context, vault, &self.passphrase)?;
        let passphrase = source(self.export_passphrase_file.as_deref(), self.export_passphrase_fd)
            .read("Passphrase for the PKCS#12 file: ", Typed::Twice)?;
        let content = unlocked.export_pkcs12(id, &passphrase, &mut SystemEntropy)?;
        write_atomically(&context.disk, path, existing(self.output.force), Access::Private, &content)?;
        context.streams.data(&format!("{}\n", printable(&path.display().to_string())))?;
        context
            .streams
            .note(&format!("wrote the key and the certificates of identity {id}; keep the file safe"));
        Ok(Exit::Success)
    }
}
