//! What can go wrong with a vault. No variant carries a passphrase, a key or a byte of either.

use crate::key::KeyError;
use std::fmt;
use std::path::PathBuf;
use store::StoreError;
use types::Time;

/// Why a vault operation did not happen.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VaultError {
    /// A file could not be read or written.
    Store(StoreError),
    /// The file is not a vault, or a damaged one.
    NotAVault {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The file is a vault of a later format.
    LaterFormat(PathBuf),
    /// The costs of the key derivation are outside what is accepted.
    KdfOutOfBounds {
        /// Memory in KiB.
        memory_kib: u64,
        /// Passes.
        passes: u64,
        /// Lanes.
        lanes: u64,
    },
    /// The passphrase is wrong (or the file was altered: the two cannot be told apart).
    WrongPassphrase {
        /// Wrong tries left before the long lock; 0 when it has begun.
        tries_left: u32,
        /// Seconds to wait before the next try.
        wait_seconds: u64,
    },
    /// No passphrase is tried yet, after too many wrong ones.
    Locked {
        /// Seconds to wait.
        wait_seconds: u64,
        /// When that is over, by the clock given.
        until: Time,
    },
    /// The file changed since it was opened.
    ChangedMeanwhile(PathBuf),
    /// An empty passphrase.
    EmptyPassphrase,
    /// A passphrase longer than allowed.
    LongPassphrase {
        /// Most bytes.
        max: usize,
    },
    /// The two typings of a new passphrase differ.
    PassphrasesDiffer,
    /// There is no terminal to ask on.
    NoTerminal,
    /// The descriptor is the terminal itself, which would show what is typed.
    DescriptorIsTerminal,
    /// No identity has this id, beginning of an id or label.
    UnknownIdentity(String),
    /// Several identities match; their ids.
    AmbiguousIdentity(String, Vec<String>),
    /// The key is in the vault already, as the identity with this id.
    DuplicateKey(String),
    /// A label, chain or number of identities is outside the limits.
    Limit(&'static str),
    /// Key and certificate do not belong together; the subject of the certificate.
    KeyMismatch(String),
    /// A key cannot be used.
    Key(KeyError),
    /// A certificate cannot be read.
    Certificate(String),
    /// A certificate or request could not be made.
    Building(String),
    /// The system gave no random bytes.
    Entropy(String),
}

impl VaultError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            VaultError::Store(error) => error.hint(),
            VaultError::NotAVault { .. } => "name the right file, or restore it from a backup",
            VaultError::LaterFormat(_) => "update this program",
            VaultError::KdfOutOfBounds { .. } => "use 1 MiB to 1 GiB, 1 to 64 passes, 1 to 4 lanes",
            VaultError::WrongPassphrase { .. } => "type it again, and check caps lock and keyboard layout",
            VaultError::Locked { .. } => "wait; setting the clock back does not help",
            VaultError::ChangedMeanwhile(_) => "unlock it again",
            VaultError::EmptyPassphrase | VaultError::LongPassphrase { .. } => {
                "choose a passphrase of several words"
            }
            VaultError::PassphrasesDiffer => "start again",
            VaultError::NoTerminal => "run it in a terminal, or use --passphrase-file",
            VaultError::DescriptorIsTerminal => "redirect a file or pipe to that descriptor",
            VaultError::UnknownIdentity(_) | VaultError::AmbiguousIdentity(..) => {
                "see `undersign identity list`"
            }
            VaultError::DuplicateKey(_) => "use that identity, or replace its certificate",
            VaultError::Limit(_) => "remove what is not needed",
            VaultError::KeyMismatch(_) => "import the key together with its own certificate",
            VaultError::Key(error) => error.hint(),
            VaultError::Certificate(_) => "check that it is a certificate, in PEM or DER",
            VaultError::Building(_) => "check the name and the kind of key",
            VaultError::Entropy(_) => "check the system's random number generator",
        }
    }
}

impl fmt::Display for VaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VaultError::Store(error) => error.fmt(f),
            VaultError::NotAVault { path, reason } => {
                write!(f, "{} is no sound vault: {reason}", path.display())
            }
            VaultError::LaterFormat(path) => write!(f, "{} is a vault of a later format", path.display()),
            VaultError::KdfOutOfBounds { memory_kib, passes, lanes } => write!(
                f,
                "key derivation with {memory_kib} KiB, {passes} passes and {lanes} lanes is outside the bounds"
            ),
            VaultError::WrongPassphrase { tries_left, wait_seconds } => {
                f.write_str("wrong passphrase, or the vault was altered; ")?;
                match tries_left {
                    0 => f.write_str("it is locked now")?,
                    1 => f.write_str("1 try left before it locks")?,
                    tries => write!(f, "{tries} tries left before it locks")?,
                }
                if *wait_seconds > 0 {
                    write!(f, "; next try in {}", Wait(*wait_seconds))?;
                }
                Ok(())
            }
            VaultError::Locked { wait_seconds, until } => {
                write!(f, "locked after wrong passphrases; next try in {} ({until})", Wait(*wait_seconds))
            }
            VaultError::ChangedMeanwhile(path) => write!(f, "{} changed since it was opened", path.display()),
            VaultError::EmptyPassphrase => f.write_str("the passphrase is empty"),
            VaultError::LongPassphrase { max } => write!(f, "the passphrase is longer than {max} bytes"),
            VaultError::PassphrasesDiffer => f.write_str("the two passphrases differ"),
            VaultError::NoTerminal => f.write_str("there is no terminal to ask for the passphrase"),
            VaultError::DescriptorIsTerminal => {
                f.write_str("that descriptor is a terminal and would show the passphrase")
            }
            VaultError::UnknownIdentity(name) => write!(f, "no identity is called {name:?}"),
            VaultError::AmbiguousIdentity(name, ids) => {
                write!(f, "{name:?} may mean {}", ids.join(" or "))
            }
            VaultError::DuplicateKey(id) => write!(f, "this key is in the vault already, as identity {id}"),
            VaultError::Limit(reason) => f.write_str(reason),
            VaultError::KeyMismatch(subject) => {
                write!(f, "the key does not belong to the certificate of {subject:?}")
            }
            VaultError::Key(error) => error.fmt(f),
            VaultError::Certificate(reason) => write!(f, "the certificate cannot be read: {reason}"),
            VaultError::Building(reason) => write!(f, "the certificate could not be made: {reason}"),
            VaultError::Entropy(reason) => write!(f, "no random bytes: {reason}"),
        }
    }
}

impl std::error::Error for VaultError {}

impl From<StoreError> for VaultError {
    fn from(error: StoreError) -> VaultError {
        VaultError::Store(error)
    }
}

impl From<KeyError> for VaultError {
    fn from(error: KeyError) -> VaultError {
        VaultError::Key(error)
    }
}

/// Seconds in words.
struct Wait(u64);

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.write_str("1 second"),
            seconds @ 0..=119 => write!(f, "{seconds} seconds"),
            seconds @ 120..=7199 => write!(f, "{} minutes", seconds.div_ceil(60)),
            seconds => write!(f, "{} hours", seconds.div_ceil(3600)),
        }
    }
}
