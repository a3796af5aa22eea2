//! The personal vault: encrypted keys and identities behind a passphrase with limited tries.
//!
//! The file format is public: `spec/vault.md`.

mod attempts;
mod cbor;
mod entropy;
mod error;
mod export;
mod format;
mod identity;
mod import;
mod kdf;
mod key;
mod passphrase;
mod personal;
mod signer;
mod vault;

pub use entropy::{Entropy, SystemEntropy};
pub use error::VaultError;
pub use identity::{Identity, Purpose};
pub use import::{ImportError, Imported, Material};
pub use kdf::Kdf;
pub use key::{KeyError, PrivateKey};
pub use passphrase::{Passphrase, PassphraseSource, Typed};
pub use personal::{DEFAULT_VALIDITY_DAYS, Personal};
pub use signer::SoftwareSigner;
pub use vault::{LockedVault, UnlockedVault, Vault};
