//! Password-based decryption as key files use it: PBES2 (RFC 8018) and the older schemes of PKCS#12 (RFC 7292, C).

use super::ImportError;
use super::tlv::{OCTET_STRING, Reader};
use crate::Passphrase;
use aws_lc_rs::{digest, hmac};
use cbc::Decryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, InnerIvInit, KeyInit};
use const_oid::ObjectIdentifier;
use der::Decode;
use des::{TdesEde2, TdesEde3};
use pkcs5::pbes2::Kdf;
use rc2::Rc2;
use zeroize::Zeroizing;

const PBE_3DES: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.3");
const PBE_2DES: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.4");
const PBE_RC2_128: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.5");
const PBE_RC2_40: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.6");
const PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");

/// Most iterations accepted; honest files have at most some millions.
const MAX_ITERATIONS: u32 = 5_000_000;
/// Most memory for scrypt in bytes.
const MAX_SCRYPT_MEMORY: u64 = 256 << 20;

/// An import passphrase in the two forms that the schemes want.
pub(crate) struct Password {
    utf8: Zeroizing<Vec<u8>>,
    /// Big-endian UTF-16 with a final zero (RFC 7292, B.1); empty stands for no password at all.
    bmp: Zeroizing<Vec<u8>>,
}

impl Password {
    /// The forms to try: one if there is a passphrase, else the empty one and none at all, which differ.
    pub(crate) fn forms(passphrase: Option<&Passphrase>) -> Result<Vec<Password>, ImportError> {
        let form = |text: &str| Password {
            utf8: Zeroizing::new(text.as_bytes().to_vec()),
            bmp: Zeroizing::new(text.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect()),
        };
        match passphrase {
            Some(passphrase) => {
                let text =
                    std::str::from_utf8(passphrase.bytes()).map_err(|_| ImportError::WrongPassphrase)?;
                Ok(vec![form(text)])
            }
            None => Ok(vec![form(""), Password { utf8: Zeroizing::default(), bmp: Zeroizing::default() }]),
        }
    }
}

impl Password {
    /// As PBES2 wants it.
    pub(crate) fn utf8(&self) -> &[u8] {
        &self.utf8
    }
}

/// Decrypts `data` by the DER `AlgorithmIdentifier`. Wrong padding means, nearly always, a wrong password.
pub(crate) fn decrypt(
    algorithm: &[u8],
    password: &Password,
    data: &[u8],
) -> Result<Zeroizing<Vec<u8>>, ImportError> {
    let identifier = spki::AlgorithmIdentifierRef::from_der(algorithm)
        .map_err(|_| ImportError::Malformed("an algorithm identifier is broken"))?;
    match identifier.oid {
        PBES2 => pbes2(identifier, password, data),
        PBE_3DES | PBE_2DES | PBE_RC2_128 | PBE_RC2_40 => pbes1(identifier, password, data),
        other => Err(ImportError::Unsupported(format!("encryption {other}"))),
    }
}

fn pbes2(
    identifier: spki::AlgorithmIdentifierRef<'_>,
    password: &Password,
    data: &[u8],
) -> Result<Zeroizing<Vec<u8>>, ImportError> {
    let scheme = pkcs5::EncryptionScheme::try_from(identifier)
        .map_err(|_| ImportError::Unsupported("this kind of PBES2 encryption".into()))?;
    match scheme.pbes2().map(|parameters| &parameters.kdf) {
        Some(Kdf::Pbkdf2(pbkdf2)) => check_iterations(pbkdf2.iteration_count)?,
        Some(Kdf::Scrypt(scrypt)) => {
            let lanes = u64::from(scrypt.block_size).saturating_mul(u64::from(scrypt.parallelization));
            if scrypt.cost_parameter.saturating_mul(lanes).saturating_mul(128) > MAX_SCRYPT_MEMORY {
                return Err(ImportError::TooCostly);
            }
        }
        _ => return Err(ImportError::Unsupported("this kind of key derivation".into())),
    }
    let mut buffer = Zeroizing::new(data.to_vec());
    let len = scheme
        .decrypt_in_place(&*password.utf8, &mut buffer)
        .map_err(|_| ImportError::WrongPassphrase)?
        .len();
    buffer.truncate(len);
    Ok(buffer)
}

/// ```text
/// pkcs-12PbeParams ::= SEQUENCE { salt OCTET STRING, iterations INTEGER }   -- RFC 7292, C
/// ```
fn pbes1(
    identifier: spki::AlgorithmIdentifierRef<'_>,
    password: &Password,
    data: &[u8],
) -> Result<Zeroizing<Vec<u8>>, ImportError> {
    let parameters =
        identifier.parameters.ok_or(ImportError::Malformed("encryption parameters are absent"))?;
    let mut fields = Reader::new(parameters.value());
    let salt = fields.expect(OCTET_STRING)?.content;
    let iterations = fields.small_integer()?;
    let key_len = match identifier.oid {
        PBE_3DES => 24,
        PBE_RC2_40 => 5,
        _ => 16,
    };
    let derive = |purpose, len| {
        derive_pkcs12(&digest::SHA1_FOR_LEGACY_USE_ONLY, purpose, &password.bmp, salt, iterations, len)
    };
    let (key, iv) = (derive(Purpose::Key, key_len)?, derive(Purpose::Iv, 8)?);
    let bits = key_len * 8;
    match identifier.oid {
        PBE_3DES => cbc(TdesEde3::new_from_slice(&key).map_err(|_| BAD_KEY)?, &iv, data),
        PBE_2DES => cbc(TdesEde2::new_from_slice(&key).map_err(|_| BAD_KEY)?, &iv, data),
        _ => cbc(Rc2::new_with_eff_key_len(&key, bits), &iv, data),
    }
}

const BAD_KEY: ImportError = ImportError::Malformed("a derived key has the wrong length");

fn cbc<C>(cipher: C, iv: &[u8], data: &[u8]) -> Result<Zeroizing<Vec<u8>>, ImportError>
where
    C: cbc::cipher::BlockCipherDecrypt,
    Decryptor<C>: InnerIvInit<Inner = C> + BlockModeDecrypt,
{
    let decryptor = Decryptor::<C>::inner_iv_slice_init(cipher, iv).map_err(|_| BAD_KEY)?;
    let mut buffer = Zeroizing::new(data.to_vec());
    let len = decryptor.decrypt_padded::<Pkcs7>(&mut buffer).map_err(|_| ImportError::WrongPassphrase)?.len();
    buffer.truncate(len);
    Ok(buffer)
}

pub(crate) fn check_iterations(iterations: u32) -> Result<(), ImportError> {
    match iterations {
        0 => Err(ImportError::Malformed("an iteration count is zero")),
        1..=MAX_ITERATIONS => Ok(()),
        _ => Err(ImportError::TooCostly),
    }
}

/// What derived bytes are for (RFC 7292, B.3).
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    Key = 1,
    Iv = 2,
    Mac = 3,
}

/// The key derivation of PKCS#12 (RFC 7292, B.2), with its letters.
pub(crate) fn derive_pkcs12(
    hash: &'static digest::Algorithm,
    purpose: Purpose,
    password: &[u8],
    salt: &[u8],
    iterations: u32,
    len: usize,
) -> Result<Zeroizing<Vec<u8>>, ImportError> {
    check_iterations(iterations)?;
    if salt.len() > 1024 {
        return Err(ImportError::Malformed("a salt is too long"));
    }
    let v = hash.block_len();
    let filled =
        |bytes: &[u8]| bytes.iter().copied().cycle().take(bytes.len().div_ceil(v) * v).collect::<Vec<u8>>();
    let diversifier = vec![purpose as u8; v];
    let mut i = Zeroizing::new([filled(salt), filled(password)].concat());
    let mut derived = Zeroizing::new(Vec::with_capacity(len + hash.output_len()));
    while derived.len() < len {
        let mut context = digest::Context::new(hash);
        context.update(&diversifier);
        context.update(&i);
        let mut a = context.finish();
        for _ in 1..iterations {
            a = digest::digest(hash, a.as_ref());
        }
        derived.extend_from_slice(a.as_ref());
        let b: Zeroizing<Vec<u8>> = Zeroizing::new(a.as_ref().iter().copied().cycle().take(v).collect());
        for block in i.chunks_mut(v) {
            add_one_more(block, &b);
        }
    }
    derived.truncate(len);
    Ok(derived)
}

/// `block = (block + b + 1) mod 2^bits`, both big-endian.
fn add_one_more(block: &mut [u8], b: &[u8]) {
    let mut carry = 1u16;
    for (octet, addend) in block.iter_mut().zip(b).rev() {
        carry += u16::from(*octet) + u16::from(*addend);
        *octet = carry as u8;
        carry >>= 8;
    }
}

/// The digest for `oid` with its HMAC.
fn mac_algorithm(oid: ObjectIdentifier) -> Option<(&'static digest::Algorithm, hmac::Algorithm)> {
    use const_oid::db::rfc5912;
    match oid {
        rfc5912::ID_SHA_1 => Some((&digest::SHA1_FOR_LEGACY_USE_ONLY, hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY)),
        rfc5912::ID_SHA_224 => Some((&digest::SHA224, hmac::HMAC_SHA224)),
        rfc5912::ID_SHA_256 => Some((&digest::SHA256, hmac::HMAC_SHA256)),
        rfc5912::ID_SHA_384 => Some((&digest::SHA384, hmac::HMAC_SHA384)),
        rfc5912::ID_SHA_512 => Some((&digest::SHA512, hmac::HMAC_SHA512)),
        _ => None,
    }
}

/// The HMAC of a PKCS#12 file (RFC 7292, 4 and B.4).
pub(crate) fn compute_mac(
    oid: ObjectIdentifier,
    password: &Password,
    salt: &[u8],
    iterations: u32,
    content: &[u8],
) -> Result<Zeroizing<Vec<u8>>, ImportError> {
    let key = mac_key(oid, password, salt, iterations)?;
    Ok(Zeroizing::new(hmac::sign(&key, content).as_ref().to_vec()))
}

/// Confirms the HMAC of a PKCS#12 file, in constant time.
pub(crate) fn verify_mac(
    oid: ObjectIdentifier,
    password: &Password,
    salt: &[u8],
    iterations: u32,
    content: &[u8],
    expected: &[u8],
) -> Result<(), ImportError> {
    let key = mac_key(oid, password, salt, iterations)?;
    hmac::verify(&key, content, expected).map_err(|_| ImportError::WrongPassphrase)
}

fn mac_key(
    oid: ObjectIdentifier,
    password: &Password,
    salt: &[u8],
    iterations: u32,
) -> Result<hmac::Key, ImportError> {
    let unsupported = || ImportError::Unsupported(format!("message authentication {oid}"));
    let (hash, hmac) = mac_algorithm(oid).ok_or_else(unsupported)?;
    let key = derive_pkcs12(hash, Purpose::Mac, &password.bmp, salt, iterations, hash.output_len())?;
    Ok(hmac::Key::new(hmac, &key))
}
