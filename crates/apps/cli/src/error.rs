//! Everything that can stop a command: what happened, what to do, and the exit code, decided in one place.

use crate::exit::Exit;
use std::fmt;
use std::path::{Path, PathBuf};
use store::StoreError;
use types::{Cause, Malformed};
use undersign::evidence::frozen::FrozenError;
use undersign::signing::Refusal;
use vault::{ImportError, VaultError};

/// Why a command, or its work on one file, did not succeed.
#[derive(Debug)]
pub enum Failure {
    /// Options that make no sense together, or a value that cannot be understood.
    Usage {
        /// What is wrong.
        reason: String,
        /// What to do.
        hint: String,
    },
    /// A file could not be read or written.
    Store(StoreError),
    /// Standard output could not be written.
    Output(String),
    /// The vault did not do it.
    Vault(VaultError),
    /// A key or certificate could not be taken in.
    Import {
        /// From which file.
        file: PathBuf,
        /// Why.
        error: ImportError,
    },
    /// A file is not what it should be.
    Document {
        /// Which file.
        file: PathBuf,
        /// What is wrong with it.
        fault: Malformed,
    },
    /// An evidence file cannot be used.
    Evidence {
        /// Which file.
        file: PathBuf,
        /// What is wrong with it.
        error: Box<FrozenError>,
    },
    /// The document is not signed, for a reason.
    Refused(Box<Refused>),
    /// There is no home yet where one is needed.
    NoVault(PathBuf),
    /// There is a vault already where one is to be made.
    VaultExists(PathBuf),
    /// Something stands against it.
    Objection {
        /// Stable identifier, e.g. `sign.value`.
        code: &'static str,
        /// What is wrong.
        reason: String,
        /// What to do.
        hint: String,
    },
    /// Consent was asked for and not given.
    Declined,
    /// Consent has to be asked for and there is no terminal.
    NobodyToAsk,
    /// The system gave no random bytes.
    Entropy(String),
    /// A fault of this program, already described by the panic hook.
    Internal,
}

/// A document that is not signed.
#[derive(Clone, Debug)]
pub struct Refused {
    /// Which document.
    pub file: PathBuf,
    /// Stable identifier, e.g. `pdf.sign.certified-no-changes`.
    pub code: &'static str,
    /// What stands against it.
    pub reason: String,
    /// Byte offset of what stands against it.
    pub at: Option<u64>,
    /// What to do.
    pub hint: String,
}

/// Refusals that mean: the document could not be read.
const UNREADABLE: [&str; 4] =
    ["pdf.sign.malformed", "pdf.sign.source", "pdf.sign.password", "pdf.sign.budget"];

impl Refused {
    /// The advice of the layer that refused, in terms of this command line where that helps.
    fn hint(&self) -> String {
        let option = match self.code {
            "pdf.sign.password" => return document_hint(&Cause::Password).to_owned(),
            "pdf.sign.field-ambiguous" => "--field",
            "appearance.glyphs-missing" => "--font",
            _ => return self.hint.clone(),
        };
        format!("{}, with {option}", self.hint)
    }
}

impl Failure {
    /// A command line that cannot be carried out.
    pub fn usage(reason: impl Into<String>, hint: impl Into<String>) -> Failure {
        Failure::Usage { reason: reason.into(), hint: hint.into() }
    }

    /// Something stands against it.
    pub fn objection(code: &'static str, reason: impl Into<String>, hint: impl Into<String>) -> Failure {
        Failure::Objection { code, reason: reason.into(), hint: hint.into() }
    }

    /// A file that is not what it should be.
    pub fn document(file: &Path, fault: Malformed) -> Failure {
        Failure::Document { file: file.to_owned(), fault }
    }

    /// A document that is not signed.
    pub fn refused(
        file: &Path,
        code: &'static str,
        reason: impl Into<String>,
        hint: impl Into<String>,
    ) -> Failure {
        let (reason, hint) = (reason.into(), hint.into());
        Failure::Refused(Box::new(Refused { file: file.to_owned(), code, reason, at: None, hint }))
    }

    /// A document that is not signed, in the words of the layer that refused it.
    pub fn refusal(file: &Path, refusal: Refusal) -> Failure {
        let Refusal { code, reason, at, hint } = refusal;
        Failure::Refused(Box::new(Refused { file: file.to_owned(), code, reason, at, hint }))
    }

    /// The exit code.
    pub fn exit(&self) -> Exit {
        match self {
            Failure::Usage { .. } => Exit::Usage,
            Failure::Store(_) | Failure::Output(_) | Failure::NoVault(_) | Failure::Document { .. } => {
                Exit::Unreadable
            }
            Failure::Evidence { .. } | Failure::Objection { code: "pack.damaged", .. } => Exit::Unreadable,
            Failure::Vault(error) => vault_exit(error),
            Failure::Import {
                error: ImportError::WrongPassphrase | ImportError::PassphraseNeeded, ..
            } => Exit::Locked,
            Failure::Import { .. } => Exit::Failed,
            Failure::Refused(refused) if UNREADABLE.contains(&refused.code) => Exit::Unreadable,
            Failure::Refused(_)
            | Failure::VaultExists(_)
            | Failure::Objection { .. }
            | Failure::Declined
            | Failure::NobodyToAsk => Exit::Failed,
            Failure::Entropy(_) | Failure::Internal => Exit::Internal,
        }
    }

    /// A stable word for programs, in JSON lines.
    pub fn code(&self) -> &'static str {
        match self {
            Failure::Usage { .. } => "usage",
            Failure::Store(_) | Failure::Output(_) => "file",
            Failure::Import { .. } => "import",
            Failure::Vault(_) | Failure::NoVault(_) | Failure::VaultExists(_) => "vault",
            Failure::Document { fault, .. } => document_code(&fault.cause),
            Failure::Evidence { .. } => "evidence",
            Failure::Refused(refused) => refused.code,
            Failure::Objection { code, .. } => code,
            Failure::Declined | Failure::NobodyToAsk => "consent",
            Failure::Entropy(_) | Failure::Internal => "internal",
        }
    }

    /// Byte offset in the file, when the failure has a place.
    pub fn at(&self) -> Option<u64> {
        match self {
            Failure::Document { fault, .. } => fault.at,
            Failure::Refused(refused) => refused.at,
            _ => None,
        }
    }

    /// What to do about it; empty if there is nothing to say.
    pub fn hint(&self) -> String {
        match self {
            Failure::Usage { hint, .. } | Failure::Objection { hint, .. } => hint.clone(),
            Failure::Store(error) => store_hint(error).to_owned(),
            Failure::Output(_) => "check where standard output leads".to_owned(),
            Failure::Vault(error) => vault_hint(error).to_owned(),
            Failure::Import { error, .. } => import_hint(error).to_owned(),
            Failure::Document { fault, .. } => document_hint(&fault.cause).to_owned(),
            Failure::Evidence { .. } => {
                "save the evidence anew with: undersign verify --save-evidence".to_owned()
            }
            Failure::Refused(refused) => refused.hint(),
            Failure::NoVault(_) => "make one with: undersign init --name \"Your Name\"".to_owned(),
            Failure::VaultExists(_) => {
                "add an identity to it with: undersign identity new, or use another --home".to_owned()
            }
            Failure::Declined => "nothing was signed".to_owned(),
            Failure::NobodyToAsk => {
                "run it in a terminal, or add --accept, which says: I have read this and sign it".to_owned()
            }
            Failure::Internal => String::new(),
            Failure::Entropy(_) => "check the random number generator of the system".to_owned(),
        }
    }
}

fn vault_exit(error: &VaultError) -> Exit {
    match error {
        VaultError::Store(_) | VaultError::NotAVault { .. } | VaultError::LaterFormat(_) => Exit::Unreadable,
        VaultError::WrongPassphrase { .. } | VaultError::Locked { .. } => Exit::Locked,
        VaultError::Entropy(_) => Exit::Internal,
        _ => Exit::Failed,
    }
}

fn vault_hint(error: &VaultError) -> &'static str {
    match error {
        VaultError::Store(error) => store_hint(error),
        error => error.hint(),
    }
}

/// The import's advice in terms of this command line.
fn import_hint(error: &ImportError) -> &'static str {
    match error {
        ImportError::WrongPassphrase | ImportError::PassphraseNeeded => {
            "give the passphrase that the file was exported with, with --import-passphrase-file"
        }
        ImportError::SeveralKeys(_) | ImportError::UnknownName(..) => "name one of them with --key",
        ImportError::NoCertificate => "give it with --certificate",
        error => error.hint(),
    }
}

/// The store's advice in terms of this command line.
fn store_hint(error: &StoreError) -> &'static str {
    match error.fault {
        store::Fault::Exists => "choose another name or folder, or overwrite it with --force",
        _ => error.hint(),
    }
}

fn document_code(cause: &Cause) -> &'static str {
    match cause {
        Cause::Syntax => "malformed",
        Cause::Unsupported => "unsupported",
        Cause::Password => "password",
        Cause::Budget(_) => "budget",
        Cause::Source(_) => "file",
    }
}

/// What to do about a file that cannot be understood.
pub fn document_hint(cause: &Cause) -> &'static str {
    match cause {
        Cause::Syntax => {
            "check that the file is complete and has the right format; damaged files are not repaired"
        }
        Cause::Unsupported => "have the file made in another way, or ask for support of this feature",
        Cause::Password => "give the password of the document with --password-file",
        Cause::Budget(_) => "the file asks for an unreasonable amount of work; do not trust it",
        Cause::Source(_) => "check the disk and its connection, then try again",
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Usage { reason, .. } | Failure::Objection { reason, .. } => f.write_str(reason),
            Failure::Store(error) => error.fmt(f),
            Failure::Output(reason) => write!(f, "cannot write to standard output: {reason}"),
            Failure::Vault(error) => error.fmt(f),
            Failure::Import { file, error } => write!(f, "{}: {error}", file.display()),
            Failure::Document { file, fault } => write!(f, "{}: {fault}", file.display()),
            Failure::Evidence { file, error } => write!(f, "{}: {error}", file.display()),
            Failure::Refused(refused) => {
                write!(f, "{} is not signed: {}", refused.file.display(), refused.reason)?;
                refused.at.map_or(Ok(()), |at| write!(f, " (byte {at})"))
            }
            Failure::NoVault(path) => write!(f, "there is no vault at {}", path.display()),
            Failure::VaultExists(path) => write!(f, "there is a vault already: {}", path.display()),
            Failure::Declined => f.write_str("you did not agree to sign"),
            Failure::NobodyToAsk => f.write_str("there is no terminal to ask whether you agree to sign"),
            Failure::Entropy(reason) => write!(f, "no random bytes: {reason}"),
            Failure::Internal => f.write_str("a fault of this program; see above"),
        }
    }
}

impl std::error::Error for Failure {}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        Failure::Store(error)
    }
}

impl From<net::NetError> for Failure {
    fn from(error: net::NetError) -> Failure {
        Failure::objection("network", error.to_string(), error.hint())
    }
}

impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Failure {
        Failure::Vault(error)
    }
}
