//! RC4 and AES-CBC as PDF uses them (ISO 32000-2, 7.6.3).

use aes::{Aes128, Aes256};
use cbc::cipher::block_padding::{NoPadding, Pkcs7};
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use cbc::{Decryptor, Encryptor};
use rc4::{KeyInit, Rc4, StreamCipher};

/// RC4, which is its own inverse; keys are 5 to 16 bytes here.
pub(super) fn rc4(key: &[u8], mut data: Vec<u8>) -> Vec<u8> {
    if let Ok(mut cipher) = Rc4::new_from_slice(key) {
        cipher.apply_keystream(&mut data);
    }
    data
}

/// The initialisation vector and the data encrypted, padded by PKCS #5; keys are 16 or 32 bytes here.
pub(super) fn aes_encrypt(key: &[u8], iv: [u8; 16], plain: &[u8]) -> Vec<u8> {
    let encrypted = match key.len() {
        16 => Encryptor::<Aes128>::new_from_slices(key, &iv)
            .map(|cipher| cipher.encrypt_padded_vec::<Pkcs7>(plain)),
        _ => Encryptor::<Aes256>::new_from_slices(key, &iv)
            .map(|cipher| cipher.encrypt_padded_vec::<Pkcs7>(plain)),
    };
    [iv.as_slice(), &encrypted.expect("keys are 16 or 32 bytes long by construction")].concat()
}

/// The inverse of [`aes_encrypt`]; no data at all stand for no data. `None` if the length or padding is wrong.
pub(super) fn aes_decrypt(key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    if data.is_empty() {
        return Some(Vec::new());
    }
    let (iv, encrypted) = data.split_at_checked(16)?;
    if encrypted.is_empty() {
        return Some(Vec::new());
    }
    match key.len() {
        16 => Decryptor::<Aes128>::new_from_slices(key, iv).ok()?.decrypt_padded_vec::<Pkcs7>(encrypted).ok(),
        _ => Decryptor::<Aes256>::new_from_slices(key, iv).ok()?.decrypt_padded_vec::<Pkcs7>(encrypted).ok(),
    }
}

/// AES-256-CBC without padding and with a zero vector, for the file key (ISO 32000-2, 7.6.4.3.3).
pub(super) fn aes256_unwrap(key: &[u8], wrapped: &[u8]) -> Option<Vec<u8>> {
    Decryptor::<Aes256>::new_from_slices(key, &[0; 16]).ok()?.decrypt_padded_vec::<NoPadding>(wrapped).ok()
}

/// AES-128-CBC without padding, for the hash of revision 6 (ISO 32000-2, 7.6.4.3.4); the data fill whole blocks.
pub(super) fn aes128_chain(key: &[u8], iv: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
    Some(Encryptor::<Aes128>::new_from_slices(key, iv).ok()?.encrypt_padded_vec::<NoPadding>(plain))
}
