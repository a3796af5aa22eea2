//! The vault on disk: made, opened, unlocked, changed.

use crate::attempts::{Attempts, LIMIT, beside, wait_after};
use crate::format::{Header, Keys, MAX_FILE, MAX_IDENTITIES};
use crate::identity::{Identity, belongs_together, id_of};
use crate::key::PrivateKey;
use crate::signer::{SoftwareSigner, seed_signing};
use crate::{Entropy, Kdf, Passphrase, VaultError};
use crypto::SignatureAlgorithm;
use std::fmt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;
use store::{Access, Disk, Existing, FileLock, FileSource, write_atomically};
use types::Time;
use zeroize::Zeroizing;

/// How long to wait for another process that uses the vault.
const PATIENCE: Duration = Duration::from_secs(10);

/// Making and opening vaults.
pub enum Vault {}

impl Vault {
    /// Makes an empty vault at `path`, where nothing may be yet.
    pub fn create(
        disk: &Disk,
        path: &Path,
        passphrase: &Passphrase,
        kdf: Kdf,
        entropy: &mut dyn Entropy,
    ) -> Result<UnlockedVault, VaultError> {
        let mut header = Header { kdf, salt: [0; 32], nonce: [0; 24], identities: Vec::new() };
        entropy.fill(&mut header.salt)?;
        entropy.fill(&mut header.nonce)?;
        let key = header.derive(passphrase)?;
        let bytes = header.seal(&key, &Keys::new())?;
        let _lock = lock(path)?;
        write_atomically(disk, path, Existing::Refuse, Access::Private, &bytes)?;
        Attempts::of(path, disk).reset()?;
        Ok(UnlockedVault { disk: disk.clone(), path: path.to_owned(), header, key, keys: Keys::new(), bytes })
    }

    /// Reads the vault at `path`. What it shows before unlocking is what the file claims; unlocking confirms it.
    pub fn open(disk: &Disk, path: &Path) -> Result<LockedVault, VaultError> {
        let bytes = FileSource::open(path)?.read_all(MAX_FILE)?;
        let (header, header_len) = Header::decode(&bytes, path)?;
        Ok(LockedVault { disk: disk.clone(), path: path.to_owned(), header, header_len, bytes })
    }
}

fn lock(path: &Path) -> Result<FileLock, VaultError> {
    Ok(FileLock::acquire(&beside(path, ".lock"), PATIENCE)?)
}

/// A vault whose keys are still sealed.
pub struct LockedVault {
    disk: Disk,
    path: PathBuf,
    header: Header,
    header_len: usize,
    bytes: Vec<u8>,
}

impl LockedVault {
    /// The identities it claims to hold.
    pub fn identities(&self) -> &[Identity] {
        &self.header.identities
    }

    /// The one identity that `name` means: see [`find`].
    pub fn identity(&self, name: &str) -> Result<&Identity, VaultError> {
        find(&self.header.identities, name).map(|(_, identity)| identity)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The costs of trying a passphrase.
    pub fn kdf(&self) -> Kdf {
        self.header.kdf
    }

    /// Seconds before a passphrase will be tried again, 0 if one would be at `now`; so that nobody types in vain.
    pub fn wait_seconds(&self, now: Time) -> Result<u64, VaultError> {
        Attempts::of(&self.path, &self.disk).remaining(now)
    }

    /// Tries `passphrase` at `now`. The try is recorded as wrong, durably, before it is made; a right one clears the
    /// record. Errors: [`VaultError::Locked`] without trying while a wait lasts, [`VaultError::WrongPassphrase`].
    pub fn unlock(&self, passphrase: &Passphrase, now: Time) -> Result<UnlockedVault, VaultError> {
        let _lock = lock(&self.path)?;
        let attempts = Attempts::of(&self.path, &self.disk);
        let wrong = attempts.begin(now)?;
        let key = thread::scope(|scope| {
            // Whoever unlocks is about to sign. Without a thread the first signature seeds, later.
            let _ = thread::Builder::new().spawn_scoped(scope, seed_signing);
            self.header.derive(passphrase)
        })?;
        let keys = self.header.open(&key, &self.bytes, self.header_len).ok_or_else(|| {
            VaultError::WrongPassphrase {
                tries_left: LIMIT.saturating_sub(wrong),
                wait_seconds: wait_after(wrong),
            }
        })?;
        attempts.reset()?;
        Ok(UnlockedVault {
            disk: self.disk.clone(),
            path: self.path.clone(),
            header: self.header.clone(),
            key,
            keys,
            bytes: self.bytes.clone(),
        })
    }
}

/// A vault whose keys can be used. Keys and passphrase-derived key are wiped when it is dropped.
pub struct UnlockedVault {
    disk: Disk,
    path: PathBuf,
    header: Header,
    key: Zeroizing<[u8; 32]>,
    keys: Keys,
    bytes: Vec<u8>,
}

impl UnlockedVault {
    /// The identities, confirmed by the passphrase.
    pub fn identities(&self) -> &[Identity] {
        &self.header.identities
    }

    /// The one identity that `name` means: see [`find`].
    pub fn identity(&self, name: &str) -> Result<&Identity, VaultError> {
        find(&self.header.identities, name).map(|(_, identity)| identity)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A signer with the key of identity `name`; `algorithm` or, without one, the usual one for the key.
    pub fn signer(
        &self,
        name: &str,
        algorithm: Option<SignatureAlgorithm>,
    ) -> Result<SoftwareSigner, VaultError> {
        let (identity, pkcs8) = self.identity_with_key(name)?;
        let key = PrivateKey::stored(pkcs8.clone(), identity.public.clone());
        let algorithm = algorithm.unwrap_or_else(|| SoftwareSigner::usual_for(&identity.public));
        Ok(SoftwareSigner::new(&key, algorithm)?)
    }

    /// The identity that `name` means, with its PKCS#8.
    pub(crate) fn identity_with_key(
        &self,
        name: &str,
    ) -> Result<(&Identity, &Zeroizing<Vec<u8>>), VaultError> {
        let (index, identity) = find(&self.header.identities, name)?;
        let pkcs8 = self.keys.get(index).ok_or_else(|| VaultError::UnknownIdentity(name.to_owned()))?;
        Ok((identity, pkcs8))
    }

    /// Adds `identity` with its private key and writes the vault; gives the id.
    pub fn add(
        &mut self,
        identity: Identity,
        key: &PrivateKey,
        entropy: &mut dyn Entropy,
    ) -> Result<String, VaultError> {
        if key.public() != &identity.public {
            return Err(VaultError::KeyMismatch(identity.label));
        }
        let id = id_of(&identity.public);
        if self.header.identities.iter().any(|known| known.public == identity.public) {
            return Err(VaultError::DuplicateKey(id));
        }
        if self.header.identities.len() >= MAX_IDENTITIES {
            return Err(VaultError::Limit("a vault holds at most 1000 identities"));
        }
        let (mut header, mut keys) = (self.header.clone(), self.keys.clone());
        header.identities.push(identity);
        keys.push(Zeroizing::new(key.pkcs8().to_vec()));
        self.replace(header, self.key.clone(), keys, entropy)?;
        Ok(id)
    }

    /// Removes identity `name` with its private key, for good, and writes the vault; gives what was removed.
    pub fn remove(&mut self, name: &str, entropy: &mut dyn Entropy) -> Result<Identity, VaultError> {
        let (index, _) = find(&self.header.identities, name)?;
        let (mut header, mut keys) = (self.header.clone(), self.keys.clone());
        let removed = header.identities.remove(index);
        keys.remove(index);
        self.replace(header, self.key.clone(), keys, entropy)?;
        Ok(removed)
    }

    /// Gives identity `name` another certificate chain (issued later, or renewed) for the same key.
    pub fn replace_chain(
        &mut self,
        name: &str,
        chain: Vec<Vec<u8>>,
        entropy: &mut dyn Entropy,
    ) -> Result<(), VaultError> {
        let (index, old) = find(&self.header.identities, name)?;
        if let Some(first) = chain.first() {
            belongs_together(&old.public, first)?;
        }
        let new = Identity::new(&old.label, old.purpose, old.created, old.public.clone(), chain)?;
        let mut header = self.header.clone();
        if let Some(place) = header.identities.get_mut(index) {
            *place = new;
        }
        self.replace(header, self.key.clone(), self.keys.clone(), entropy)
    }

    /// Seals the vault under another passphrase, with a new salt and the costs `kdf`. Copies of the old file still
    /// open with the old passphrase.
    pub fn change_passphrase(
        &mut self,
        passphrase: &Passphrase,
        kdf: Kdf,
        entropy: &mut dyn Entropy,
    ) -> Result<(), VaultError> {
        let mut header = Header { kdf, ..self.header.clone() };
        entropy.fill(&mut header.salt)?;
        let key = header.derive(passphrase)?;
        self.replace(header, key, self.keys.clone(), entropy)
    }

    /// Writes the new state, under a new nonce, and only then takes it on.
    fn replace(
        &mut self,
        mut header: Header,
        key: Zeroizing<[u8; 32]>,
        keys: Keys,
        entropy: &mut dyn Entropy,
    ) -> Result<(), VaultError> {
        entropy.fill(&mut header.nonce)?;
        let bytes = header.seal(&key, &keys)?;
        if bytes.len() as u64 > MAX_FILE {
            return Err(VaultError::Limit("a vault has at most 16 MiB"));
        }
        let _lock = lock(&self.path)?;
        if FileSource::open(&self.path)?.read_all(MAX_FILE)? != self.bytes {
            return Err(VaultError::ChangedMeanwhile(self.path.clone()));
        }
        write_atomically(&self.disk, &self.path, Existing::Replace, Access::Private, &bytes)?;
        (self.header, self.key, self.keys, self.bytes) = (header, key, keys, bytes);
        Ok(())
    }
}

/// The identity whose label is `name`, or whose id begins with it (four digits or more).
fn find<'a>(identities: &'a [Identity], name: &str) -> Result<(usize, &'a Identity), VaultError> {
    let wanted = |identity: &Identity| {
        identity.label == name || (name.len() >= 4 && identity.id().starts_with(&name.to_ascii_lowercase()))
    };
    let found: Vec<_> = identities.iter().enumerate().filter(|(_, identity)| wanted(identity)).collect();
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(VaultError::UnknownIdentity(name.to_owned())),
        several => {
            let ids = several.iter().map(|(_, identity)| identity.id()).collect();
            Err(VaultError::AmbiguousIdentity(name.to_owned(), ids))
        }
    }
}

impl fmt::Debug for LockedVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LockedVault({})", self.path.display())
    }
}

impl fmt::Debug for UnlockedVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnlockedVault({}, …)", self.path.display())
    }
}
