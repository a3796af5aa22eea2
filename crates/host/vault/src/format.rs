//! The bytes of a vault file, as `spec/vault.md` describes them: magic, public header, sealed keys.

use crate::cbor::{NotCbor, Reader, Writer};
use crate::identity::{Identity, MAX_CHAIN, Purpose};
use crate::{Kdf, Passphrase, VaultError};
use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use crypto::PublicKey;
use std::path::Path;
use types::Time;
use zeroize::Zeroizing;

/// The first bytes of every vault file of this format.
pub(crate) const MAGIC: &[u8] = b"undersign-vault@v1\n";
/// The first bytes of every vault file of any format.
const FAMILY: &[u8] = b"undersign-vault@v";
/// Larger files are no vaults.
pub(crate) const MAX_FILE: u64 = 16 << 20;
/// Most identities of one vault.
pub(crate) const MAX_IDENTITIES: usize = 1000;
/// Length of the Poly1305 tag.
const TAG_LEN: usize = 16;

/// The part that can be read without the passphrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub kdf: Kdf,
    pub salt: [u8; 32],
    pub nonce: [u8; 24],
    pub identities: Vec<Identity>,
}

/// Private keys as PKCS#8, in the order of the identities.
pub(crate) type Keys = Vec<Zeroizing<Vec<u8>>>;

impl Header {
    /// Magic and header; all of it is associated data of the sealing.
    fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.array(4);
        writer.array(5).text("argon2id").unsigned(0x13);
        writer.unsigned(self.kdf.memory_kib().into());
        writer.unsigned(self.kdf.passes().into()).unsigned(self.kdf.lanes().into());
        writer.bytes(&self.salt).bytes(&self.nonce).array(self.identities.len());
        for identity in &self.identities {
            writer.array(5).text(&identity.label).text(identity.purpose.as_str());
            writer.unsigned(identity.created.unix().unsigned_abs()).bytes(&identity.public.spki);
            writer.array(identity.chain.len());
            for certificate in &identity.chain {
                writer.bytes(certificate);
            }
        }
        [MAGIC, &writer.finish()[..]].concat()
    }

    /// Reads magic and header of `file`; also gives their length. What follows is the sealed part.
    pub(crate) fn decode(file: &[u8], path: &Path) -> Result<(Header, usize), VaultError> {
        let no_vault = |reason| VaultError::NotAVault { path: path.to_owned(), reason };
        let Some(body) = file.strip_prefix(MAGIC) else {
            return Err(if file.starts_with(FAMILY) {
                VaultError::LaterFormat(path.to_owned())
            } else {
                no_vault("it does not begin with undersign-vault@v1")
            });
        };
        let mut reader = Reader::new(body);
        let header = decode_header(&mut reader).map_err(|fault| match fault {
            Fault::Cbor(NotCbor(reason)) => no_vault(reason),
            Fault::Vault(error) => error,
        })?;
        Ok((header, file.len() - reader.rest().len()))
    }

    /// The whole file: this header, and `keys` sealed under `key`.
    pub(crate) fn seal(&self, key: &[u8; 32], keys: &Keys) -> Result<Vec<u8>, VaultError> {
        let mut writer = Writer::new();
        writer.array(keys.len());
        for pkcs8 in keys {
            writer.bytes(pkcs8);
        }
        let mut file = self.encode();
        let mut sealed = writer.finish();
        let tag = cipher(key)
            .encrypt_inout_detached(&XNonce::from(self.nonce), &file, sealed.as_mut_slice().into())
            .map_err(|_| VaultError::Limit("the vault is too large"))?;
        file.extend_from_slice(&sealed);
        file.extend_from_slice(&tag);
        Ok(file)
    }

    /// The keys sealed in `file`, whose first `header_len` bytes are this header; `None` if key or file is wrong.
    pub(crate) fn open(&self, key: &[u8; 32], file: &[u8], header_len: usize) -> Option<Keys> {
        let (header, sealed) = file.split_at_checked(header_len)?;
        let (sealed, tag) = sealed.split_at_checked(sealed.len().checked_sub(TAG_LEN)?)?;
        let mut plain = Zeroizing::new(sealed.to_vec());
        let tag = chacha20poly1305::Tag::try_from(tag).ok()?;
        cipher(key)
            .decrypt_inout_detached(&XNonce::from(self.nonce), header, plain.as_mut_slice().into(), &tag)
            .ok()?;
        let mut reader = Reader::new(&plain);
        reader.array_exactly(self.identities.len()).ok()?;
        let keys: Result<Keys, NotCbor> = self
            .identities
            .iter()
            .map(|_| reader.bytes().map(|pkcs8| Zeroizing::new(pkcs8.to_vec())))
            .collect();
        keys.ok().filter(|_| reader.rest().is_empty())
    }

    /// The key for `passphrase`.
    pub(crate) fn derive(&self, passphrase: &Passphrase) -> Result<Zeroizing<[u8; 32]>, VaultError> {
        self.kdf.derive(passphrase, &self.salt)
    }
}

fn cipher(key: &[u8; 32]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(<&Key>::from(key))
}

enum Fault {
    Cbor(NotCbor),
    Vault(VaultError),
}

impl From<NotCbor> for Fault {
    fn from(fault: NotCbor) -> Fault {
        Fault::Cbor(fault)
    }
}

fn decode_header(reader: &mut Reader<'_>) -> Result<Header, Fault> {
    reader.array_exactly(4)?;
    let kdf = decode_kdf(reader)?;
    let (salt, nonce) = (reader.array_of()?, reader.array_of()?);
    let count = reader.array(MAX_IDENTITIES)?;
    let mut identities: Vec<Identity> = Vec::new();
    for _ in 0..count {
        let identity = decode_identity(reader)?;
        if identities.iter().any(|earlier| earlier.public == identity.public) {
            return Err(NotCbor("two identities have one key").into());
        }
        identities.push(identity);
    }
    Ok(Header { kdf, salt, nonce, identities })
}

fn decode_kdf(reader: &mut Reader<'_>) -> Result<Kdf, Fault> {
    reader.array_exactly(5)?;
    if reader.text()? != "argon2id" || reader.unsigned()? != 0x13 {
        return Err(NotCbor("the key derivation is not Argon2id 1.3").into());
    }
    let (memory, passes, lanes) = (reader.unsigned()?, reader.unsigned()?, reader.unsigned()?);
    Kdf::new(memory, passes, lanes).map_err(Fault::Vault)
}

fn decode_identity(reader: &mut Reader<'_>) -> Result<Identity, Fault> {
    reader.array_exactly(5)?;
    let label = reader.text()?;
    let purpose =
        Purpose::from_word(reader.text()?).ok_or(NotCbor("the purpose of an identity is unknown"))?;
    let created = i64::try_from(reader.unsigned()?).map_err(|_| NotCbor("a time is out of range"))?;
    let public = PublicKey::from_spki(reader.bytes()?).map_err(|_| NotCbor("a public key cannot be read"))?;
    let certificates = reader.array(MAX_CHAIN)?;
    let mut chain = Vec::new();
    for _ in 0..certificates {
        chain.push(reader.bytes()?.to_vec());
    }
    Identity::new(label, purpose, Time::from_unix(created), public, chain).map_err(Fault::Vault)
}
