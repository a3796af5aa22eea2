//! `undersign authority install`: the certificate that another authority issued for this one.

use super::folder::{Place, Role, identity};
use crate::commands::Context;
use crate::commands::options::{PassphraseOptions, read_small};
use crate::error::Failure;
use crate::exit::Exit;
use clap::{Args, ValueHint};
use pkix::{Certificate, read_certificates};
use std::path::PathBuf;
use types::Budget;
use vault::SystemEntropy;

/// Take in the certificate that another authority issued for this one
#[derive(Debug, Args)]
#[command(
    long_about = "Take in the certificate that another authority issued for the request of this one. Certificates above it \
        in the same files are kept as well, for those who ask for them.",
    after_long_help = "\
Examples:
  undersign authority --dir issuing install issuing.pem
  undersign authority --dir issuing install issuing.pem root.pem"
)]
pub struct Install {
    /// Files with the certificate and those above it, PEM or DER
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    passphrase: PassphraseOptions,
}

impl Install {
    pub fn run(&self, context: &Context<'_>, place: &Place) -> Result<Exit, Failure> {
        let folder = place.open(context)?;
        let mut certificates = Vec::new();
        for file in &self.files {
            let read = read_certificates(&read_small(file)?, &mut Budget::default());
            certificates.extend(read.map_err(|fault| Failure::document(file, fault))?);
        }
        let vault = folder.vault(context)?;
        let own = identity(vault.identities(), Role::Authority).ok_or(Failure::Internal)?;
        let is_own = |one: &Certificate| one.subject_public_key_info() == own.public().spki;
        let certificate = certificates.iter().find(|one| is_own(one)).ok_or_else(|| {
            Failure::objection(
                "authority.install.key",
                "none of the certificates is for the key of this authority",
                "give the certificate that was issued for its request",
            )
        })?;
        if !certificate.is_ca() || certificate.is_faulty() {
            return Err(Failure::objection(
                "authority.install.no-ca",
                "with this certificate nothing may be issued (RFC 5280, 4.2.1.9)",
                "have it issued again, for a certification authority",
            ));
        }
        let chain = chain(certificate, &certificates);
        let id = own.id();
        let mut unlocked = folder.unlocked(context, &self.passphrase)?;
        let der = chain.iter().map(|one| one.der().to_vec()).collect();
        unlocked.replace_chain(&id, der, &mut SystemEntropy)?;
        folder.keep(&context.disk, "authority.cer", certificate.der())?;
        context.streams.note(&format!(
            "installed the certificate of {}, issued by {}, valid until {}",
            certificate.subject(),
            certificate.issuer(),
            certificate.not_after()
        ));
        Ok(Exit::Success)
    }
}

/// The certificate and those above it, as far as they are there, by names.
fn chain(certificate: &Certificate, all: &[Certificate]) -> Vec<Certificate> {
    const LONGEST: usize = 15;
    let mut chain = vec![certificate.clone()];
    while let Some(last) = chain.last().filter(|last| !last.is_self_issued() && chain.len() < LONGEST) {
        match all.iter().find(|above| above.subject() == last.issuer() && !chain.contains(above)) {
            Some(above) => chain.push(above.clone()),
            None => break,
        }
    }
    chain
}
