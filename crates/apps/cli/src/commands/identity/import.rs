//! `undersign identity import`: a key and certificates from files as people have them.

use super::{Context, default, open_vault, unlock};
use crate::clock;
use crate::commands::options::{PassphraseOptions, read_small, source};
use crate::error::Failure;
use crate::exit::Exit;
use clap::{Args, ValueHint};
use pkix::Certificate;
use std::path::{Path, PathBuf};
use types::Time;
use vault::{ImportError, Imported, LockedVault, Material, Purpose, SystemEntropy, Typed, VaultError};

/// Take in a key from PKCS#12 or PEM, or a new certificate for a key
#[derive(Debug, Args)]
#[command(
    long_about = "Take a key with its certificates into your vault: PKCS#12 (.p12, .pfx), PEM or DER. Key and certificate \
        must belong together.\n\n\
        A file with certificates only renews the certificate of the identity that has the key: use it for what \
        an authority sends back for your request.\n\n\
        Delete the file afterwards, or keep it in a safe place: it holds the key, too.",
    after_long_help = "\
Examples:
  undersign identity import key.p12
  undersign identity import key.pem --certificate chain.pem --default
  undersign identity import issued.pem"
)]
pub struct Import {
    /// PKCS#12, PEM or DER
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// The certificates, if they are in a file of their own
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    certificate: Vec<PathBuf>,
    /// Read the passphrase of the imported file from this file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    import_passphrase_file: Option<PathBuf>,
    /// Read the passphrase of the imported file from this file descriptor
    #[arg(long, value_name = "NUMBER", conflicts_with = "import_passphrase_file")]
    import_passphrase_fd: Option<u32>,
    /// Which key of the file, by name or position, if it holds several
    #[arg(long, value_name = "NAME")]
    key: Option<String>,
    /// What you call the identity; the name in its certificate if absent
    #[arg(long)]
    label: Option<String>,
    /// Let it sign when no identity is named
    #[arg(long)]
    default: bool,
    #[command(flatten)]
    passphrase: PassphraseOptions,
}

impl Import {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let (home, vault) = open_vault(context)?;
        let material = self.material()?;
        if material.has_no_key() {
            return self.renew(context, &vault, material.certificates());
        }
        let Imported { label, key, chain } =
            material.choose(self.key.as_deref()).map_err(|error| self.failed(&self.file, error))?;
        let Some(own) = chain.first().cloned() else { return Err(Failure::Internal) };
        let label = self.label.as_deref().unwrap_or(&label);
        let der = chain.iter().map(|certificate| certificate.der().to_vec()).collect();
        let now = clock::now();
        let identity = vault::Identity::new(label, Purpose::Signing, now, key.public().clone(), der)?;
        if let Some(warning) = validity_warning(&own, now) {
            context
                .streams
                .warning(&warning, "signing with it needs a flag of its own; see undersign sign --help");
        }
        let is_first = vault.identities().is_empty();
        let mut unlocked = unlock(context, &vault, &self.passphrase)?;
        let id = unlocked.add(identity, &key, &mut SystemEntropy)?;
        if self.default || is_first {
            default::set(context, &home, &id)?;
        }
        context.streams.data(&format!("{id}\n"))?;
        let others = match chain.len() {
            0 | 1 => String::new(),
            several => format!(", with {} above it", several - 1),
        };
        let (subject, kind) = (own.subject(), key.public().algorithm);
        context.streams.note(&format!("imported identity {id}: {subject}, {kind}{others}"));
        context.streams.note(
            "next: undersign trust add, with the certificate of its authority, to verify what it signs",
        );
        Ok(Exit::Success)
    }

    /// What all files hold together; the passphrase of the import is asked for only when it is needed.
    fn material(&self) -> Result<Material, Failure> {
        let files: Vec<(&Path, Vec<u8>)> = std::iter::once(&self.file)
            .chain(&self.certificate)
            .map(|path| Ok((path.as_path(), read_small(path)?)))
            .collect::<Result<_, Failure>>()?;
        let is_given = self.import_passphrase_file.is_some() || self.import_passphrase_fd.is_some();
        match self.read(&files, if is_given { self.ask()? } else { None }.as_ref()) {
            Err((_, ImportError::PassphraseNeeded)) if !is_given => self.read(&files, self.ask()?.as_ref()),
            result => result,
        }
        .map_err(|(path, error)| self.failed(path, error))
    }

    fn read<'f>(
        &self,
        files: &'f [(&'f Path, Vec<u8>)],
        passphrase: Option<&vault::Passphrase>,
    ) -> Result<Material, (&'f Path, ImportError)> {
        let mut material = Material::default();
        for (path, content) in files {
            material.read(content, passphrase).map_err(|error| (*path, error))?;
        }
        Ok(material)
    }

    /// The passphrase of the file; an empty one is none.
    fn ask(&self) -> Result<Option<vault::Passphrase>, Failure> {
        let source = source(self.import_passphrase_file.as_deref(), self.import_passphrase_fd);
        match source.read("Passphrase of the imported file: ", Typed::Once) {
            Ok(passphrase) => Ok(Some(passphrase)),
            Err(VaultError::EmptyPassphrase) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn failed(&self, path: &Path, error: ImportError) -> Failure {
        Failure::Import { file: path.to_owned(), error }
    }

    /// Gives the identity that has the key the certificates that came without one.
    fn renew(
        &self,
        context: &Context<'_>,
        vault: &LockedVault,
        certificates: &[Certificate],
    ) -> Result<Exit, Failure> {
        let matching = certificates.iter().find_map(|certificate| {
            let key = certificate.public_key().ok()?;
            let identity = vault.identities().iter().find(|identity| identity.public() == key)?;
            Some((identity.id(), certificate))
        });
        let Some((id, own)) = matching else {
            return Err(self.failed(&self.file, ImportError::NoKey));
        };
        let others = certificates.iter().filter(|certificate| *certificate != own);
        let chain =
            std::iter::once(own).chain(others).map(|certificate| certificate.der().to_vec()).collect();
        let mut unlocked = unlock(context, vault, &self.passphrase)?;
        unlocked.replace_chain(&id, chain, &mut SystemEntropy)?;
        context.streams.data(&format!("{id}\n"))?;
        context.streams.note(&format!("identity {id} has a new certificate: {}", own.subject()));
        Ok(Exit::Success)
    }
}

fn validity_warning(certificate: &Certificate, now: Time) -> Option<String> {
    if now > certificate.not_after() {
        Some(format!("the certificate expired on {}", certificate.not_after()))
    } else if now < certificate.not_before() {
        Some(format!("the certificate is not valid before {}", certificate.not_before()))
    } else {
        None
    }
}
