//! Options that several commands share, and what becomes of them.

use super::Context;
use crate::error::Failure;
use clap::{Args, ValueEnum, ValueHint};
use std::path::{Path, PathBuf};
use store::{Access, Existing, FileSource, write_atomically};
use undersign::validation::{AlgorithmCatalogue, Policy};
use vault::{Kdf, Passphrase, PassphraseSource, Typed};

/// Where the passphrase of the vault comes from.
#[derive(Clone, Debug, Args)]
#[group(multiple = false)]
pub struct PassphraseOptions {
    /// Read the passphrase of the vault from this file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub passphrase_file: Option<PathBuf>,
    /// Read the passphrase of the vault from this file descriptor
    #[arg(long, value_name = "NUMBER")]
    pub passphrase_fd: Option<u32>,
}

impl PassphraseOptions {
    /// The passphrase of an existing vault.
    pub fn existing(&self) -> Result<Passphrase, Failure> {
        Ok(self.source().read("Passphrase of your vault: ", Typed::Once)?)
    }

    /// Whether the passphrase is typed on the terminal.
    pub fn asks_a_person(&self) -> bool {
        self.source() == PassphraseSource::Terminal
    }

    /// The passphrase of a vault to be made.
    pub fn new_one(&self) -> Result<Passphrase, Failure> {
        Ok(self.source().read("New passphrase for your vault: ", Typed::Twice)?)
    }

    fn source(&self) -> PassphraseSource {
        source(self.passphrase_file.as_deref(), self.passphrase_fd)
    }
}

/// A file, a descriptor or, without either, the terminal.
pub fn source(file: Option<&Path>, descriptor: Option<u32>) -> PassphraseSource {
    match (file, descriptor) {
        (Some(file), _) => PassphraseSource::File(file.to_owned()),
        (None, Some(number)) => PassphraseSource::Descriptor(number),
        (None, None) => PassphraseSource::Terminal,
    }
}

/// The password of an encrypted document.
#[derive(Clone, Debug, Args)]
pub struct PasswordOptions {
    /// Read the password of an encrypted document from this file
    ///
    /// The password of the user or that of the owner; without it the empty password is tried.
    #[arg(long, visible_alias = "owner-password-file", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub password_file: Option<PathBuf>,
}

/// The rules of a validation.
#[derive(Clone, Debug, Args)]
pub struct PolicyOptions {
    /// Judge by this policy: etsi-default, eu-2025-1945, estonia-like, personal, or a file of your own
    #[arg(long, value_name = "NAME|FILE", default_value = "etsi-default")]
    policy: String,
    /// Go by this catalogue of algorithms instead of the policy's (see spec/trust-pack.md)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    algorithms: Option<PathBuf>,
}

impl PolicyOptions {
    /// The policy, with the algorithms of the catalogue that is named. The one that a trust pack carried, `carried`, counts
    /// if none is and nobody wrote others into the policy.
    pub fn read(&self, carried: Option<&AlgorithmCatalogue>) -> Result<Policy, Failure> {
        let policy = self.rules()?;
        if let Some(path) = &self.algorithms {
            let catalogue = AlgorithmCatalogue::parse(&text(path)?).map_err(|error| {
                let hint = "see spec/trust-pack.md for the form of a catalogue";
                Failure::usage(format!("{}: {error}", path.display()), hint)
            })?;
            return Ok(policy.with_catalogue(&catalogue));
        }
        Ok(match carried {
            Some(catalogue) if !policy.own_algorithms => policy.with_catalogue(catalogue),
            _ => policy,
        })
    }

    /// A built-in name goes before a file of that name.
    fn rules(&self) -> Result<Policy, Failure> {
        if let Some(policy) = Policy::built_in(&self.policy) {
            return Ok(policy);
        }
        let path = Path::new(&self.policy);
        if !path.exists() {
            let names: Vec<&str> = undersign::validation::BUILT_IN.iter().map(|(name, _)| *name).collect();
            return Err(Failure::usage(
                format!("there is no policy {:?}", self.policy),
                format!("the built-in ones are {}; otherwise name a file", names.join(", ")),
            ));
        }
        Policy::parse(&text(path)?).map_err(|error| {
            Failure::usage(
                format!("{}: {error}", path.display()),
                "see policies/etsi-default.toml for every key",
            )
        })
    }
}

fn text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(read_small(path)?)
        .map_err(|_| Failure::usage(format!("{} is not text", path.display()), "name a TOML file"))
}

/// Longest password of a document in bytes, far above what the format uses (127, ISO 32000-2, 7.6.4.3.3).
const MAX_PASSWORD: u64 = 4096;

impl PasswordOptions {
    /// The password: the content of the file without its last line end.
    pub fn read(&self) -> Result<Option<Vec<u8>>, Failure> {
        let Some(path) = &self.password_file else { return Ok(None) };
        let mut bytes = FileSource::open(path)?.read_all(MAX_PASSWORD)?;
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
            if bytes.last() == Some(&b'\r') {
                bytes.pop();
            }
        }
        Ok(Some(bytes))
    }
}

/// The kind of key to make.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum KeyKind {
    /// ECDSA on the curve P-256
    #[default]
    P256,
    /// ECDSA on the curve P-384
    P384,
    /// ECDSA on the curve P-521
    P521,
    /// RSA with 2048 bits
    Rsa2048,
    /// RSA with 3072 bits
    Rsa3072,
    /// RSA with 4096 bits
    Rsa4096,
    /// Ed25519; some PDF programs do not know it yet
    Ed25519,
}

/// Largest file that is read whole: certificates, pictures, plans, keys.
pub const MAX_SMALL_FILE: u64 = 64 << 20;

/// The content of a small file.
pub fn read_small(path: &Path) -> Result<Vec<u8>, Failure> {
    Ok(FileSource::open(path)?.read_all(MAX_SMALL_FILE)?)
}

/// What a try of a passphrase costs.
#[derive(Clone, Debug, Args)]
pub struct KdfOptions {
    /// Memory that each try of the passphrase costs, in MiB (Argon2id)
    #[arg(long, value_name = "MIB", hide_short_help = true)]
    kdf_memory: Option<u64>,
    /// Passes over that memory
    #[arg(long, value_name = "NUMBER", hide_short_help = true)]
    kdf_passes: Option<u64>,
}

impl KdfOptions {
    /// The costs; the vault's usual ones where nothing is said.
    pub fn costs(&self) -> Result<Kdf, Failure> {
        let usual = Kdf::STANDARD;
        let memory = self.kdf_memory.map_or(u64::from(usual.memory_kib()), |mib| mib.saturating_mul(1024));
        let passes = self.kdf_passes.unwrap_or(u64::from(usual.passes()));
        Ok(Kdf::new(memory, passes, u64::from(usual.lanes()))?)
    }
}

/// Where a result goes that is data.
#[derive(Clone, Debug, Args)]
pub struct OutputOptions {
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: Option<PathBuf>,
    /// Overwrite the file if it exists
    #[arg(long)]
    pub force: bool,
}

impl OutputOptions {
    /// Writes the data there.
    pub fn write(&self, context: &Context<'_>, content: &[u8]) -> Result<(), Failure> {
        match &self.output {
            None => context.streams.bytes(content),
            Some(path) => Ok(write_atomically(
                &context.disk,
                path,
                existing(self.force),
                Access::Mode(NEW_FILE_MODE),
                content,
            )?),
        }
    }
}

/// Permissions of new files that hold nothing secret and derive from no other file.
pub const NEW_FILE_MODE: u32 = 0o644;

/// What `--force` means.
pub fn existing(force: bool) -> Existing {
    if force { Existing::Replace } else { Existing::Refuse }
}
