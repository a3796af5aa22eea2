//! Signature values as devices give them.

use crypto::{Curve, KeyAlgorithm};
use std::borrow::Cow;

/// The value as CMS wants it. Smart cards and PKCS#11 give ECDSA values as `r || s`, two numbers of the length of the
/// group order (FIPS 186-5); these become DER `Ecdsa-Sig-Value` (RFC 3279, 2.2.3). Everything else stays as it is.
pub fn signature_value(key: KeyAlgorithm, value: &[u8]) -> Cow<'_, [u8]> {
    let order_len = match key {
        KeyAlgorithm::Ec(Curve::P256 | Curve::BrainpoolP256r1) => 32,
        KeyAlgorithm::Ec(Curve::P384 | Curve::BrainpoolP384r1) => 48,
        KeyAlgorithm::Ec(Curve::P521) => 66,
        _ => return Cow::Borrowed(value),
    };
    if value.len() != 2 * order_len || is_der_sequence(value) {
        return Cow::Borrowed(value);
    }
    let (r, s) = value.split_at(order_len);
    Cow::Owned(sequence(&[integer(r), integer(s)].concat()))
}

/// Whether the bytes are one definite-length SEQUENCE as a whole; a random `r || s` almost never is.
fn is_der_sequence(value: &[u8]) -> bool {
    match value {
        [0x30, len, rest @ ..] if *len < 0x80 => usize::from(*len) == rest.len(),
        [0x30, 0x81, len, rest @ ..] => usize::from(*len) == rest.len(),
        _ => false,
    }
}

fn integer(magnitude: &[u8]) -> Vec<u8> {
    let significant = magnitude.iter().position(|byte| *byte != 0).map_or(&[0u8][..], |at| &magnitude[at..]);
    let sign = significant.first().is_some_and(|first| first & 0x80 != 0);
    let mut content = vec![0; usize::from(sign)];
    content.extend(significant);
    tagged(0x02, &content)
}

fn sequence(content: &[u8]) -> Vec<u8> {
    tagged(0x30, content)
}

/// Tag, DER length below 256, content: two integers of 66 bytes never need more.
fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut der = vec![tag];
    if content.len() >= 0x80 {
        der.push(0x81);
    }
    der.push(content.len() as u8);
    der.extend(content);
    der
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_numbers_become_der_and_der_stays() {
        let mut raw = vec![0u8; 64];
        raw[31] = 1;
        raw[32] = 0x80;
        let der = signature_value(KeyAlgorithm::Ec(Curve::P256), &raw).into_owned();
        assert_eq!(&der[..7], &[0x30, 3 + 35, 0x02, 1, 1, 0x02, 33]);
        assert_eq!(signature_value(KeyAlgorithm::Ec(Curve::P256), &der), der);
    }

    #[test]
    fn the_longest_value_has_a_two_byte_length() {
        let der = signature_value(KeyAlgorithm::Ec(Curve::P521), &[0xFF; 132]).into_owned();
        assert_eq!(&der[..3], &[0x30, 0x81, 138]);
        assert_eq!(der.len(), 141);
    }

    #[test]
    fn other_keys_are_left_alone() {
        assert_eq!(signature_value(KeyAlgorithm::Ed25519, &[7; 64]), vec![7; 64]);
    }
}
