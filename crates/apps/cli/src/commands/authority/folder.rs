//! The folder of an authority: settings, vault, register, CRLs and profiles of its own.

use crate::commands::Context;
use crate::commands::identity::unlock;
use crate::commands::options::{PassphraseOptions, read_small};
use crate::error::Failure;
use authority::{CertificateProfile, Event, Register, Settings};
use clap::{Args, ValueHint};
use pkix::Certificate;
use std::path::{Path, PathBuf};
use store::{Access, Disk, Existing, Fault, Journal, JournalReader, write_atomically};
use types::Malformed;
use vault::{Identity, LockedVault, UnlockedVault, Vault};

/// Largest register: some millions of certificates.
const MAX_REGISTER: u64 = 4 << 30;

/// Where the authority is.
#[derive(Clone, Debug, Args)]
pub struct Place {
    /// Folder of the authority; HOME/authority if absent
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    dir: Option<PathBuf>,
}

/// A key in the vault of the authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It signs certificates and CRLs.
    Authority,
    /// It signs OCSP answers.
    Ocsp,
    /// It signs time-stamps.
    Timestamp,
}

impl Role {
    /// The label in the vault.
    pub fn label(self) -> &'static str {
        match self {
            Role::Authority => "authority",
            Role::Ocsp => "ocsp",
            Role::Timestamp => "timestamp",
        }
    }
}

impl Place {
    /// The folder, whether it is there or not.
    pub fn path(&self, context: &Context<'_>) -> Result<PathBuf, Failure> {
        match &self.dir {
            Some(path) => Ok(path.clone()),
            None => Ok(context.home_path()?.join("authority")),
        }
    }

    /// The authority in it, which must have been made.
    pub fn open(&self, context: &Context<'_>) -> Result<Folder, Failure> {
        let folder = Folder { path: self.path(context)? };
        if !folder.settings_path().exists() {
            return Err(Failure::objection(
                "authority.none",
                format!("there is no authority in {}", folder.path.display()),
                "make one with: undersign authority init, or name its folder with --dir",
            ));
        }
        Ok(folder)
    }
}

/// The folder of an authority that was made.
#[derive(Clone, Debug)]
pub struct Folder {
    /// The folder.
    pub path: PathBuf,
}

/// A register open for its one writer.
pub struct OpenRegister {
    journal: Journal,
    /// What is written down.
    pub register: Register,
}

impl OpenRegister {
    /// Writes events down; only when they are on the disk do they count.
    pub fn record(&mut self, events: &[Event]) -> Result<(), Failure> {
        let mut after = self.register.clone();
        for event in events {
            after.apply(event.clone())?;
        }
        self.journal.append(&events.iter().map(Event::to_line).collect::<String>())?;
        self.register = after;
        Ok(())
    }
}

impl Folder {
    /// Where the settings are.
    pub fn settings_path(&self) -> PathBuf {
        self.path.join("authority.toml")
    }

    /// Where the vault is.
    pub fn vault_path(&self) -> PathBuf {
        self.path.join("vault.undersign")
    }

    /// Where the register is.
    pub fn register_path(&self) -> PathBuf {
        self.path.join("register.jsonl")
    }

    /// The settings.
    pub fn settings(&self) -> Result<Settings, Failure> {
        let path = self.settings_path();
        let text = text(&path)?;
        Settings::parse(&text).map_err(|error| {
            Failure::usage(format!("{}: {error}", path.display()), "correct the settings in that file")
        })
    }

    /// The vault, locked.
    pub fn vault(&self, context: &Context<'_>) -> Result<LockedVault, Failure> {
        Ok(Vault::open(&context.disk, &self.vault_path())?)
    }

    /// The vault, unlocked.
    pub fn unlocked(
        &self,
        context: &Context<'_>,
        passphrase: &PassphraseOptions,
    ) -> Result<UnlockedVault, Failure> {
        unlock(context, &self.vault(context)?, passphrase)
    }

    /// The register, to look at.
    pub fn register(&self) -> Result<Register, Failure> {
        let text = self.reader()?.news()?;
        self.read(&text)
    }

    /// The register, to follow while others write to it.
    pub fn reader(&self) -> Result<JournalReader, Failure> {
        Ok(JournalReader::open(&self.register_path(), MAX_REGISTER)?)
    }

    /// The register, to write to; other writers wait.
    pub fn open_register(&self, disk: &Disk) -> Result<OpenRegister, Failure> {
        let (journal, text) = Journal::open(disk, &self.register_path(), MAX_REGISTER)?;
        Ok(OpenRegister { register: self.read(&text)?, journal })
    }

    fn read(&self, text: &str) -> Result<Register, Failure> {
        Register::read(text).map_err(|error| self.broken(&error))
    }

    /// A register that cannot be read.
    pub fn broken(&self, error: &authority::RecordError) -> Failure {
        let fault = Malformed::syntax(None, error.to_string(), "spec/register.md");
        Failure::document(&self.register_path(), fault)
    }

    /// A profile by its name: one of the folder `profiles` of this authority, or a built-in one.
    pub fn profile(&self, name: &str) -> Result<CertificateProfile, Failure> {
        profile(Some(self), name)
    }

    /// Keeps a CRL for whoever fetches it.
    pub fn keep(&self, disk: &Disk, name: &str, content: &[u8]) -> Result<(), Failure> {
        let access = Access::Mode(crate::commands::options::NEW_FILE_MODE);
        Ok(write_atomically(disk, &self.path.join(name), Existing::Replace, access, content)?)
    }

    /// A CRL that was kept.
    pub fn kept(&self, name: &str) -> Option<Vec<u8>> {
        read_small(&self.path.join(name)).ok()
    }
}

/// Where a profile of one's own would be.
pub fn own_profile(folder: &Folder, name: &str) -> PathBuf {
    folder.path.join("profiles").join(format!("{name}.toml"))
}

/// A profile by its name, or of a file.
pub fn profile(folder: Option<&Folder>, name: &str) -> Result<CertificateProfile, Failure> {
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let own = folder.filter(|_| is_name).map(|folder| own_profile(folder, name)).filter(|path| path.exists());
    let file = own.or_else(|| Some(PathBuf::from(name)).filter(|path| !is_name && path.exists()));
    if let Some(path) = file {
        return CertificateProfile::parse(&text(&path)?).map_err(|error| {
            Failure::usage(format!("{}: {error}", path.display()), "see: undersign authority profiles signer")
        });
    }
    CertificateProfile::built_in(name).ok_or_else(|| {
        Failure::usage(format!("there is no profile {name:?}"), "see: undersign authority profiles")
    })
}

fn text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(read_small(path)?).map_err(|_| {
        store::StoreError::new(store::Action::Read, path, Fault::Content("it is no text".into())).into()
    })
}

/// The newest identity of a role, if there is one.
pub fn identity(identities: &[Identity], role: Role) -> Option<&Identity> {
    identities.iter().filter(|one| one.label() == role.label()).max_by_key(|one| one.created())
}

/// The certificates of an identity, its own first.
pub fn chain(identity: &Identity) -> Vec<Certificate> {
    crate::commands::identity::describe::certificates(identity)
}

/// The identity that issues, with its certificates; an error while its certificate is awaited.
pub fn authority(identities: &[Identity]) -> Result<(&Identity, Vec<Certificate>), Failure> {
    let own = identity(identities, Role::Authority).ok_or_else(|| {
        Failure::objection(
            "authority.key.missing",
            "the vault of the authority holds no key to issue with",
            "restore the vault from a backup",
        )
    })?;
    match chain(own) {
        chain if chain.is_empty() => Err(Failure::objection(
            "authority.certificate.awaited",
            "the authority has no certificate yet",
            "have its request signed, then: undersign authority install CERTIFICATE",
        )),
        chain => Ok((own, chain)),
    }
}
