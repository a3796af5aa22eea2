//! The standard security handler (ISO 32000-2, 7.6): keys from passwords, strings and streams in and out.
//!
//! Read and written: V 1, 2, 4 and 5 with R 2, 3, 4, 5 (read only by its makers' note, same ciphers) and 6. Passwords
//! for R 5 and 6 are taken as UTF-8 without SASLprep; for R 2 to 4 as they are and in PDFDocEncoding.
//! Public-key security handlers are refused by name.

mod ciphers;
mod password;

use crate::document::Document;
use crate::filter::Step;
use crate::object::{Dictionary, Object, ObjectId};
use md5::{Digest, Md5};
use password::{Parameters, Rights};
use types::{Budget, Finding, Malformed, Severity};
use zeroize::Zeroizing;

const CLAUSE: &str = "ISO 32000-2, 7.6.2";

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
    /// How embedded files are encrypted (`EFF`).
    pub embedded_files: CipherMethod,
    /// Whether metadata streams are encrypted (`EncryptMetadata`).
    pub metadata: bool,
    /// The permission bits, `P` (ISO 32000-2, Table 22).
    pub permissions: i32,
    /// Whose password opened the file.
    pub access: Access,
    /// The encryption dictionary's own object, whose strings are not encrypted.
    dictionary: Option<ObjectId>,
    filters: Vec<(Vec<u8>, CipherMethod)>,
    key: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Encryption {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Encryption {{ V {}, R {}, {:?}, key withheld }}",
            self.version, self.revision, self.streams
        )
    }
}

impl Encryption {
    /// Reads the encryption dictionary of the newest trailer and finds the key.
    pub(crate) fn open(
        document: &Document<'_>,
        password: Option<&[u8]>,
        findings: &mut Vec<Finding>,
        budget: &mut Budget,
    ) -> Result<Option<Encryption>, Malformed> {
        let Some(entry) = document.trailer().get("Encrypt") else { return Ok(None) };
        let snapshot = document.latest();
        let at = Some(document.startxref());
        let Object::Dictionary(mut dictionary) = snapshot.resolve(entry, budget)?.into_owned() else {
            return Err(Malformed::syntax(at, "Encrypt is not a dictionary", CLAUSE));
        };
        for (_, value) in &mut dictionary.0 {
            *value = snapshot.resolve(value, budget)?.into_owned();
        }
        refuse_other_handlers(&dictionary, at)?;
        let parameters = parameters(document, &dictionary, at)?;
        let filters = crypt_filters(&dictionary, &parameters, at)?;
        let method = |key: &str, default: CipherMethod| match dictionary.get(key).and_then(Object::as_name) {
            _ if parameters.version < 4 => Ok(CipherMethod::Rc4),
            None => Ok(default),
            Some(name) => find_filter(&filters, name).ok_or_else(|| {
                let reason = format!("{key} names a crypt filter that is not defined");
                Malformed::syntax(at, reason, "ISO 32000-2, 7.6.6")
            }),
        };
        let (strings, streams) =
            (method("StrF", CipherMethod::Identity)?, method("StmF", CipherMethod::Identity)?);
        let embedded_files = method("EFF", streams)?;
        let (key, access) = authenticate(&parameters, password)?;
        if parameters.rights(&key) == Rights::Altered {
            let message = "the permissions or EncryptMetadata differ from their encrypted copy in Perms";
            findings.push(Finding::new("pdf.encryption.perms", Severity::Warning, message));
        }
        if document.trailer().get("AuthCode").is_some() {
            let message = "the file carries an integrity code (ISO/TS 32004), which was not checked";
            findings.push(Finding::new("pdf.encryption.mac", Severity::Info, message));
        }
        Ok(Some(Encryption {
            version: parameters.version,
            revision: parameters.revision,
            strings,
            streams,
            embedded_files,
            metadata: parameters.metadata,
            permissions: parameters.permissions,
            access,
            dictionary: entry.as_reference(),
            filters,
            key,
        }))
    }

    /// A string of object `owner`, encrypted; `iv` is used by AES only and must be fresh and random.
    pub fn encrypt_string(&self, owner: ObjectId, plain: &[u8], iv: [u8; 16]) -> Vec<u8> {
        self.encrypt(self.strings, owner, plain, iv)
    }

    /// The data of stream `owner`, encrypted; `iv` is used by AES only and must be fresh and random.
    pub fn encrypt_stream(&self, owner: ObjectId, plain: &[u8], iv: [u8; 16]) -> Vec<u8> {
        self.encrypt(self.streams, owner, plain, iv)
    }

    fn encrypt(&self, method: CipherMethod, owner: ObjectId, plain: &[u8], iv: [u8; 16]) -> Vec<u8> {
        let key = self.object_key(method, owner);
        match method {
            CipherMethod::Identity => plain.to_vec(),
            CipherMethod::Rc4 => ciphers::rc4(&key, plain.to_vec()),
            CipherMethod::Aes128 | CipherMethod::Aes256 => ciphers::aes_encrypt(&key, iv, plain),
        }
    }

    fn decrypt(&self, method: CipherMethod, owner: ObjectId, data: Vec<u8>) -> Option<Vec<u8>> {
        let key = self.object_key(method, owner);
        match method {
            CipherMethod::Identity => Some(data),
            CipherMethod::Rc4 => Some(ciphers::rc4(&key, data)),
            CipherMethod::Aes128 | CipherMethod::Aes256 => ciphers::aes_decrypt(&key, &data),
        }
    }

    /// The key for one object (ISO 32000-2, 7.6.3.2, algorithm 1, and 7.6.3.3, algorithm 1.A).
    fn object_key(&self, method: CipherMethod, owner: ObjectId) -> Zeroizing<Vec<u8>> {
        let salt: &[u8] = match method {
            CipherMethod::Identity | CipherMethod::Aes256 => return self.key.clone(),
            CipherMethod::Rc4 => b"",
            CipherMethod::Aes128 => b"sAlT",
        };
        let [a, b, c, _] = owner.number.to_le_bytes();
        let [d, e] = owner.generation.to_le_bytes();
        let digest =
            Md5::new().chain_update(&*self.key).chain_update([a, b, c, d, e]).chain_update(salt).finalize();
        let length = (self.key.len() + 5).min(16);
        Zeroizing::new(digest.iter().copied().take(length).collect())
    }

    /// Decrypts every string in an object of the file, but for the `Contents` of signatures and the encryption
    /// dictionary itself (ISO 32000-2, 7.6.2).
    pub(crate) fn decrypt_strings(&self, owner: ObjectId, object: &mut Object) -> Result<(), Malformed> {
        if self.strings == CipherMethod::Identity || self.dictionary == Some(owner) {
            return Ok(());
        }
        self.decrypt_strings_in(owner, object)
    }

    fn decrypt_strings_in(&self, owner: ObjectId, object: &mut Object) -> Result<(), Malformed> {
        match object {
            Object::String(string) => {
                let bytes = self.decrypt(self.strings, owner, std::mem::take(&mut string.bytes));
                string.bytes = bytes.ok_or_else(|| {
                    Malformed::syntax(None, format!("a string of object {owner} cannot be decrypted"), CLAUSE)
                })?;
                Ok(())
            }
            Object::Array(elements) => {
                elements.iter_mut().try_for_each(|one| self.decrypt_strings_in(owner, one))
            }
            Object::Dictionary(dictionary) => {
                let keep = is_signature(dictionary);
                let entries = dictionary.0.iter_mut().filter(|(key, _)| !(keep && key.0 == b"Contents"));
                entries.map(|(_, value)| value).try_for_each(|value| self.decrypt_strings_in(owner, value))
            }
            _ => Ok(()),
        }
    }

    /// Decrypts the raw bytes of a stream whose filters are `steps` and whose data are at offset `at`.
    pub(crate) fn decrypt_stream(
        &self,
        owner: ObjectId,
        dictionary: &Dictionary,
        steps: &[Step],
        raw: Vec<u8>,
        at: u64,
    ) -> Result<Vec<u8>, Malformed> {
        let kind = dictionary.get("Type").and_then(Object::as_name);
        let method = match steps.iter().find(|step| step.name == b"Crypt") {
            Some(step) => {
                let name = step.params.get("Name").and_then(Object::as_name).unwrap_or(b"Identity");
                find_filter(&self.filters, name).ok_or_else(|| {
                    Malformed::syntax(at, "crypt filter is not defined", "ISO 32000-2, 7.4.10")
                })?
            }
            None if kind == Some(b"Metadata") && !self.metadata => CipherMethod::Identity,
            None if kind == Some(b"EmbeddedFile") => self.embedded_files,
            None => self.streams,
        };
        let data = self.decrypt(method, owner, raw);
        data.ok_or_else(|| Malformed::syntax(at, format!("stream {owner} cannot be decrypted"), CLAUSE))
    }
}

/// Whether `Contents` is that of a signature, never encrypted (ISO 32000-2, 7.6.2).
fn is_signature(dictionary: &Dictionary) -> bool {
    match dictionary.get("Type").and_then(Object::as_name) {
        Some(b"Sig" | b"DocTimeStamp") => true,
        _ => dictionary.get("ByteRange").is_some(),
    }
}

fn refuse_other_handlers(dictionary: &Dictionary, at: Option<u64>) -> Result<(), Malformed> {
    match dictionary.get("Filter").and_then(Object::as_name) {
        Some(b"Standard") => Ok(()),
        Some(name) if name.starts_with(b"Adobe.P") || name == b"Entrust.PPKEF" => {
            let reason = "a file encrypted for the holders of certificates (public-key security handler)";
            Err(Malformed::unsupported(at, reason, "ISO 32000-2, 7.6.5"))
        }
        Some(name) => {
            let reason = format!("the security handler {}", String::from_utf8_lossy(name));
            Err(Malformed::unsupported(at, reason, "ISO 32000-2, 7.6.1"))
        }
        None => Err(Malformed::syntax(at, "encryption dictionary has no Filter", "ISO 32000-2, 7.6.1")),
    }
}

/// The entries of the encryption dictionary that lead to the key (ISO 32000-2, Tables 20 and 21).
fn parameters(
    document: &Document<'_>,
    dictionary: &Dictionary,
    at: Option<u64>,
) -> Result<Parameters, Malformed> {
    let fault =
        |what: &str| Malformed::syntax(at, format!("encryption dictionary: {what}"), "ISO 32000-2, 7.6.4.2");
    let integer = |key: &str| dictionary.get(key).and_then(Object::as_integer);
    let string = |key: &str| dictionary.get(key).and_then(Object::as_string).unwrap_or_default().to_vec();
    let small = |key: &str| integer(key).and_then(|value| u8::try_from(value).ok()).unwrap_or(0);
    let (version, revision) = (small("V"), small("R"));
    if !matches!((version, revision), (1 | 2, 2 | 3) | (4, 4) | (5, 5 | 6)) {
        return Err(Malformed::unsupported(
            at,
            format!("encryption V {version}, R {revision}"),
            "ISO 32000-2, 7.6.2",
        ));
    }
    let key_length = match version {
        1 => 5,
        2 => match integer("Length").unwrap_or(40) {
            bits @ 40..=128 if bits % 8 == 0 => (bits / 8) as usize,
            _ => return Err(fault("Length is not a number of bits from 40 to 128")),
        },
        4 => 16,
        _ => 32,
    };
    let (owner, user) = (string("O"), string("U"));
    let verifier = if version == 5 { 48 } else { 32 };
    if owner.len() < verifier || user.len() < verifier {
        return Err(fault("O or U is too short"));
    }
    let permissions = integer("P").ok_or_else(|| fault("P is missing"))?;
    let identifier = document.trailer().get("ID").and_then(Object::as_array).and_then(|id| id.first());
    Ok(Parameters {
        version,
        revision,
        key_length,
        owner,
        user,
        owner_key: string("OE"),
        user_key: string("UE"),
        encrypted_permissions: string("Perms"),
        // Some writers give P unsigned; its 32 bits are what counts.
        permissions: permissions as u32 as i32,
        metadata: dictionary.get("EncryptMetadata") != Some(&Object::Boolean(false)),
        identifier: identifier.and_then(Object::as_string).unwrap_or_default().to_vec(),
    })
}

/// `CF`: the crypt filters by name (ISO 32000-2, 7.6.6).
fn crypt_filters(
    dictionary: &Dictionary,
    parameters: &Parameters,
    at: Option<u64>,
) -> Result<Vec<(Vec<u8>, CipherMethod)>, Malformed> {
    let mut filters = vec![(b"Identity".to_vec(), CipherMethod::Identity)];
    let defined = dictionary.get("CF").and_then(Object::as_dictionary).filter(|_| parameters.version >= 4);
    for (name, filter) in defined.map(|filters| filters.0.as_slice()).unwrap_or_default() {
        let method = filter.as_dictionary().and_then(|filter| filter.get("CFM")).and_then(Object::as_name);
        let method = match (method, parameters.version) {
            (Some(b"V2"), 4) => CipherMethod::Rc4,
            (Some(b"AESV2"), 4) => CipherMethod::Aes128,
            (Some(b"AESV3"), 5) => CipherMethod::Aes256,
            (None | Some(b"None"), _) => continue,
            (Some(other), version) => {
                let reason = format!("crypt filter method {} in V {version}", String::from_utf8_lossy(other));
                return Err(Malformed::unsupported(at, reason, "ISO 32000-2, 7.6.6"));
            }
        };
        if name.0 != b"Identity" {
            filters.push((name.0.clone(), method));
        }
    }
    Ok(filters)
}

fn find_filter(filters: &[(Vec<u8>, CipherMethod)], name: &[u8]) -> Option<CipherMethod> {
    filters.iter().find(|(known, _)| known == name).map(|(_, method)| *method)
}

/// Tries the password given, which may be the owner's and grant more, then the empty one.
fn authenticate(
    parameters: &Parameters,
    password: Option<&[u8]>,
) -> Result<(Zeroizing<Vec<u8>>, Access), Malformed> {
    let given = password.and_then(|given| {
        let document_encoding = || {
            let text = std::str::from_utf8(given).ok().filter(|_| parameters.version < 5)?;
            parameters.authenticate(&crate::strings::document_encoding(text)?)
        };
        parameters.authenticate(given).or_else(document_encoding)
    });
    given.or_else(|| parameters.authenticate(b"")).ok_or_else(|| {
        Malformed::password(match password {
            Some(_) => "the password is wrong",
            None => "the file is encrypted and needs a password",
        })
    })
}
