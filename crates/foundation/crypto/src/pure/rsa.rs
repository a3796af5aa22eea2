//! RSA verification (RFC 8017, 8.1.2 and 8.2.2). Only public values are handled, so timing reveals nothing.

use crate::digest::{Digest, DigestAlgorithm};
use crate::provider::{Provider, SignatureError};
use crate::pure::PureProvider;
use der::asn1::UintRef;
use der::{Decode, Encode, Reader, SliceReader};
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, RsaPublicKey};
use spki::AlgorithmIdentifierRef;

/// Larger moduli are refused: each doubling makes a check four times slower.
const MAX_MODULUS_BITS: usize = 16_384;

/// The RSAVP1 primitive: `signature ^ e mod n`, as long as the modulus, with the modulus length in bits.
fn public_operation(key: &[u8], signature: &[u8]) -> Result<(Vec<u8>, usize), SignatureError> {
    let mut reader = SliceReader::new(key).map_err(|_| SignatureError::BadKey)?;
    let (modulus, exponent) = reader
        .sequence(|inner| -> der::Result<_> { Ok((UintRef::decode(inner)?, UintRef::decode(inner)?)) })
        .map_err(|_| SignatureError::BadKey)?;
    if modulus.as_bytes().len() * 8 > MAX_MODULUS_BITS || exponent.as_bytes().len() > 8 {
        return Err(SignatureError::Unsupported);
    }
    let key = RsaPublicKey::new_with_size_limits(
        BoxedUint::from_be_slice_vartime(modulus.as_bytes()),
        BoxedUint::from_be_slice_vartime(exponent.as_bytes()),
        512..=MAX_MODULUS_BITS,
    )
    .map_err(|_| SignatureError::BadKey)?;
    let len = modulus.as_bytes().len();
    if signature.len() != len || signature >= modulus.as_bytes() {
        return Err(SignatureError::Mismatch);
    }
    let value =
        BoxedUint::from_be_slice(signature, key.n_bits_precision()).map_err(|_| SignatureError::Mismatch)?;
    let result = rsa::hazmat::rsa_encrypt(&key, &value).map_err(|_| SignatureError::Mismatch)?;
    let bytes = result.to_be_bytes();
    let encoded = bytes.get(bytes.len().saturating_sub(len)..).ok_or(SignatureError::Mismatch)?.to_vec();
    let bits = len * 8 - modulus.as_bytes().first().map_or(0, |byte| byte.leading_zeros() as usize);
    Ok((encoded, bits))
}

/// RSASSA-PKCS1-v1_5: the expected encoding is built and compared whole, so nothing is ever parsed out of it.
pub(super) fn verify_pkcs1(key: &[u8], digest: &Digest, signature: &[u8]) -> Result<(), SignatureError> {
    let (encoded, _) = public_operation(key, signature)?;
    // RFC 8017, 9.2, note 1: the parameters are NULL, and some signers leave them out.
    let matches = [Some(der::asn1::AnyRef::NULL), None].into_iter().any(|parameters| {
        expected_pkcs1(digest, parameters, encoded.len()).is_some_and(|expected| expected == encoded)
    });
    if matches { Ok(()) } else { Err(SignatureError::Mismatch) }
}

/// `0x00 01 FF…FF 00 DigestInfo` (RFC 8017, 9.2).
fn expected_pkcs1(digest: &Digest, parameters: Option<der::asn1::AnyRef<'_>>, len: usize) -> Option<Vec<u8>> {
    let mut info = AlgorithmIdentifierRef { oid: digest.algorithm.oid(), parameters }.to_der().ok()?;
    info.extend(der::asn1::OctetStringRef::new(&digest.value).ok()?.to_der().ok()?);
    let info = der::asn1::AnyRef::new(der::Tag::Sequence, &info).ok()?.to_der().ok()?;
    let padding = len.checked_sub(info.len() + 3).filter(|padding| *padding >= 8)?;
    let mut expected = vec![0x00, 0x01];
    expected.resize(2 + padding, 0xFF);
    expected.push(0x00);
    expected.extend(info);
    Some(expected)
}

/// EMSA-PSS verification (RFC 8017, 9.1.2); the steps are numbered as there.
pub(super) fn verify_pss(
    key: &[u8],
    digest: &Digest,
    mgf1_digest: DigestAlgorithm,
    salt_len: u32,
    signature: &[u8],
) -> Result<(), SignatureError> {
    let (encoded, modulus_bits) = public_operation(key, signature)?;
    let em_bits = modulus_bits - 1;
    let em_len = em_bits.div_ceil(8);
    // RFC 8017, 8.1.2, 2c: an encoding one byte shorter than the modulus has a zero in front.
    let encoded = match encoded.len() - em_len {
        0 => &encoded[..],
        _ if encoded.first() == Some(&0) => &encoded[1..],
        _ => return Err(SignatureError::Mismatch),
    };
    let hash_len = digest.value.len();
    let salt_len = usize::try_from(salt_len).map_err(|_| SignatureError::Mismatch)?;
    // 3, 4
    let needed = hash_len.checked_add(salt_len).and_then(|sum| sum.checked_add(2));
    if needed.is_none_or(|needed| em_len < needed) || encoded.last() != Some(&0xBC) {
        return Err(SignatureError::Mismatch);
    }
    // 5, 6
    let (masked, rest) = encoded.split_at(em_len - hash_len - 1);
    let hash = &rest[..hash_len];
    let unused_bits = 8 * em_len - em_bits;
    if masked[0] & !(0xFFu8 >> unused_bits) != 0 {
        return Err(SignatureError::Mismatch);
    }
    // 7 to 9
    let mut block = mgf1(mgf1_digest, hash, masked.len());
    block.iter_mut().zip(masked).for_each(|(mask, byte)| *mask ^= byte);
    block[0] &= 0xFF >> unused_bits;
    // 10, 11
    let (padding, salt) = block.split_at(block.len() - salt_len);
    let Some((1, zeros)) = padding.split_last() else {
        return Err(SignatureError::Mismatch);
    };
    if zeros.iter().any(|byte| *byte != 0) {
        return Err(SignatureError::Mismatch);
    }
    // 12 to 14
    let mut hasher = PureProvider.hasher(digest.algorithm);
    hasher.update(&[0; 8]);
    hasher.update(&digest.value);
    hasher.update(salt);
    if hasher.finish().value == hash { Ok(()) } else { Err(SignatureError::Mismatch) }
}

/// The mask generation function MGF1 (RFC 8017, B.2.1).
fn mgf1(algorithm: DigestAlgorithm, seed: &[u8], len: usize) -> Vec<u8> {
    let mut mask = Vec::with_capacity(len + algorithm.output_len());
    for counter in 0u32.. {
        if mask.len() >= len {
            break;
        }
        let mut hasher = PureProvider.hasher(algorithm);
        hasher.update(seed);
        hasher.update(&counter.to_be_bytes());
        mask.extend(hasher.finish().value);
    }
    mask.truncate(len);
    mask
}
