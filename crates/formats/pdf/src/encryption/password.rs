//! From a password to the file key (ISO 32000-2, 7.6.4.3 and 7.6.4.4).

use super::{Access, ciphers};
use md5::{Digest, Md5};
use sha2::{Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

/// What fills passwords up to 32 bytes (ISO 32000-2, 7.6.4.3.2, step a).
const PADDING: [u8; 32] = [
    0x28, 0xBF, 0x4E, 0x5E, 0x4E, 0x75, 0x8A, 0x41, 0x64, 0x00, 0x4E, 0x56, 0xFF, 0xFA, 0x01, 0x08, 0x2E,
    0x2E, 0x00, 0xB6, 0xD0, 0x68, 0x3E, 0x80, 0x2F, 0x0C, 0xA9, 0xFE, 0x64, 0x53, 0x69, 0x7A,
];

/// The entries of the encryption dictionary that lead to the key.
pub(super) struct Parameters {
    pub(super) version: u8,
    pub(super) revision: u8,
    /// In bytes.
    pub(super) key_length: usize,
    /// `O`, at least 32 or 48 bytes.
    pub(super) owner: Vec<u8>,
    /// `U`, at least 32 or 48 bytes.
    pub(super) user: Vec<u8>,
    /// `OE`.
    pub(super) owner_key: Vec<u8>,
    /// `UE`.
    pub(super) user_key: Vec<u8>,
    /// `Perms`.
    pub(super) encrypted_permissions: Vec<u8>,
    pub(super) permissions: i32,
    pub(super) metadata: bool,
    /// First element of the trailer's `ID`.
    pub(super) identifier: Vec<u8>,
}

/// Whether the permissions are as the encrypted copy says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rights {
    Kept,
    Altered,
}

type Key = Zeroizing<Vec<u8>>;

impl Parameters {
    /// The file key, if `password` is the user's or the owner's.
    pub(super) fn authenticate(&self, password: &[u8]) -> Option<(Key, Access)> {
        if self.revision >= 5 {
            let password = password.get(..127).unwrap_or(password);
            return self.authenticate_256(password);
        }
        if let Some(key) = self.user_key_if_right(password) {
            return Some((key, Access::User));
        }
        let user_password = self.user_password(password);
        self.user_key_if_right(&user_password).map(|key| (key, Access::Owner))
    }

    /// Algorithm 2: the key from the user's password.
    fn key_from(&self, password: &[u8]) -> Key {
        let mut hash = Md5::new()
            .chain_update(padded(password))
            .chain_update(self.owner.get(..32).unwrap_or_default())
            .chain_update(self.permissions.to_le_bytes())
            .chain_update(&self.identifier);
        if self.revision >= 4 && !self.metadata {
            hash.update([0xFF; 4]);
        }
        let mut key = Zeroizing::new(hash.finalize().to_vec());
        if self.revision >= 3 {
            for _ in 0..50 {
                *key = Md5::digest(key.get(..self.key_length).unwrap_or(&key)).to_vec();
            }
        }
        key.truncate(self.key_length);
        key
    }

    /// Algorithms 4, 5 and 6: the key, if `U` shows that it is right.
    fn user_key_if_right(&self, password: &[u8]) -> Option<Key> {
        let key = self.key_from(password);
        let right = if self.revision == 2 {
            ciphers::rc4(&key, PADDING.to_vec()) == self.user.get(..32)?
        } else {
            let hash = Md5::new().chain_update(PADDING).chain_update(&self.identifier).finalize();
            let check = (0..20).fold(hash.to_vec(), |data, round| ciphers::rc4(&turned(&key, round), data));
            check == self.user.get(..16)?
        };
        right.then_some(key)
    }

    /// Algorithm 7: what would be the user's password if `password` were the owner's.
    fn user_password(&self, password: &[u8]) -> Key {
        let mut key = Zeroizing::new(Md5::digest(padded(password)).to_vec());
        let rounds = if self.revision >= 3 { 20 } else { 1 };
        if self.revision >= 3 {
            for _ in 0..50 {
                *key = Md5::digest(&*key).to_vec();
            }
        }
        key.truncate(self.key_length);
        let wrapped = self.owner.get(..32).unwrap_or_default().to_vec();
        Zeroizing::new(
            (0..rounds).rev().fold(wrapped, |data, round| ciphers::rc4(&turned(&key, round), data)),
        )
    }

    /// Algorithm 2.A: the key from either password, R 5 and 6.
    fn authenticate_256(&self, password: &[u8]) -> Option<(Key, Access)> {
        let user = self.user.get(..48)?;
        let attempts = [
            (self.owner.as_slice(), &self.owner_key, user, Access::Owner),
            (user, &self.user_key, b"".as_slice(), Access::User),
        ];
        for (verifier, wrapped, extra, access) in attempts {
            let (hash, validation, key_salt) =
                (verifier.get(..32)?, verifier.get(32..40)?, verifier.get(40..48)?);
            if self.hash(password, validation, extra)? == hash {
                let intermediate = Zeroizing::new(self.hash(password, key_salt, extra)?);
                let key = ciphers::aes256_unwrap(&intermediate, wrapped.get(..32)?)?;
                return Some((Zeroizing::new(key), access));
            }
        }
        None
    }

    fn hash(&self, password: &[u8], salt: &[u8], extra: &[u8]) -> Option<Vec<u8>> {
        let first =
            Sha256::new().chain_update(password).chain_update(salt).chain_update(extra).finalize().to_vec();
        match self.revision {
            5 => Some(first),
            _ => hash_6(password, first, extra),
        }
    }

    /// Algorithm 13: compares `Perms` with the permissions, R 5 and 6.
    pub(super) fn rights(&self, key: &[u8]) -> Rights {
        if self.revision < 5 {
            return Rights::Kept;
        }
        let block = self.encrypted_permissions.get(..16).and_then(|block| ciphers::aes256_unwrap(key, block));
        let metadata = if self.metadata { b'T' } else { b'F' };
        match block.as_deref() {
            Some([a, b, c, d, _, _, _, _, stated, b'a', b'd', b'b', ..])
                if [*a, *b, *c, *d] == self.permissions.to_le_bytes() && *stated == metadata =>
            {
                Rights::Kept
            }
            _ => Rights::Altered,
        }
    }
}

/// Algorithm 2.B: the hardened hash of revision 6.
fn hash_6(password: &[u8], first: Vec<u8>, extra: &[u8]) -> Option<Vec<u8>> {
    let mut hash = Zeroizing::new(first);
    // The last byte of a round is at most 255, so there are at most 288 rounds.
    for round in 1usize..=288 {
        let block = Zeroizing::new([password, &hash, extra].concat().repeat(64));
        let encrypted = ciphers::aes128_chain(hash.get(..16)?, hash.get(16..32)?, &block)?;
        let remainder = encrypted.get(..16)?.iter().map(|&byte| u32::from(byte)).sum::<u32>() % 3;
        *hash = match remainder {
            0 => Sha256::digest(&encrypted).to_vec(),
            1 => Sha384::digest(&encrypted).to_vec(),
            _ => Sha512::digest(&encrypted).to_vec(),
        };
        if round >= 64 && usize::from(*encrypted.last()?) <= round - 32 {
            break;
        }
    }
    hash.get(..32).map(<[u8]>::to_vec)
}

/// A password cut or filled to 32 bytes.
fn padded(password: &[u8]) -> [u8; 32] {
    let mut padded = [0; 32];
    let bytes = password.iter().chain(&PADDING);
    padded.iter_mut().zip(bytes).for_each(|(place, &byte)| *place = byte);
    padded
}

/// The key of a round: each byte combined with the number of the round.
fn turned(key: &[u8], round: u8) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(key.iter().map(|byte| byte ^ round).collect())
}
