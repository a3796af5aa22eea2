//! Keys in files of their own: PEM or DER; PKCS#8 plain and encrypted, SEC1, PKCS#1.

use super::pbe::Password;
use super::pkcs12;
use super::tlv::{self, CONTEXT_0, CONTEXT_1, INTEGER, OCTET_STRING, OID, Reader, SEQUENCE};
use super::{FoundKey, ImportError, Material};
use crate::{Passphrase, PrivateKey};
use base64ct::Encoding;
use zeroize::Zeroizing;

const BEGIN: &[u8] = b"-----BEGIN ";
/// DER of `AlgorithmIdentifier { rsaEncryption, NULL }`.
const RSA_IDENTIFIER: [u8; 15] =
    [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
/// DER of `id-ecPublicKey`.
const EC_PUBLIC_KEY: [u8; 9] = [0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];

/// What one DER value is, by its shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Pkcs12,
    Pkcs8,
    EncryptedPkcs8,
    Sec1,
    Pkcs1,
    /// A certificate, or something else.
    Other,
}

/// Tells the shapes apart by the first values inside the outer sequence.
pub(super) fn shape(der: &[u8]) -> Shape {
    // A PKCS#12 file may come with indefinite lengths, so only its first octets are looked at.
    if der.starts_with(&[0x30, 0x80, 0x02, 0x01, 0x03, 0x30]) {
        return Shape::Pkcs12;
    }
    let tags = |der| -> Result<_, ImportError> {
        let mut outer = Reader::new(der).expect(SEQUENCE)?.inside();
        let first = outer.any()?;
        let second = outer.any()?;
        Ok((first, second.tag))
    };
    match tags(der) {
        Ok((first, SEQUENCE)) if first.tag == INTEGER => match first.content {
            [3] => Shape::Pkcs12,
            _ => Shape::Pkcs8,
        },
        Ok((first, OCTET_STRING)) if first.tag == INTEGER => Shape::Sec1,
        Ok((first, INTEGER)) if first.tag == INTEGER => Shape::Pkcs1,
        Ok((first, OCTET_STRING)) if first.tag == SEQUENCE => Shape::EncryptedPkcs8,
        _ => Shape::Other,
    }
}

/// Takes the key in `der`, of a shape other than PKCS#12.
pub(super) fn read_key(
    der: &[u8],
    passphrase: Option<&Passphrase>,
    material: &mut Material,
) -> Result<(), ImportError> {
    let pkcs8 = match shape(der) {
        Shape::Pkcs8 => Zeroizing::new(der.to_vec()),
        Shape::Sec1 => sec1_to_pkcs8(der)?,
        Shape::Pkcs1 => wrap(&RSA_IDENTIFIER, der),
        Shape::EncryptedPkcs8 => {
            let passphrase = passphrase.ok_or(ImportError::PassphraseNeeded)?;
            let password = Password::forms(Some(passphrase))?.swap_remove(0);
            pkcs12::unshroud(Reader::new(der).expect(SEQUENCE)?.inside(), &password)?
        }
        Shape::Pkcs12 | Shape::Other => return Err(ImportError::Malformed("a key block holds no key")),
    };
    let key = PrivateKey::from_pkcs8(pkcs8).map_err(ImportError::Key)?;
    material.keys.push(FoundKey { key, name: None });
    Ok(())
}

/// ```text
/// ECPrivateKey ::= SEQUENCE { version INTEGER, privateKey OCTET STRING,
///     parameters [0] ECParameters OPTIONAL, publicKey [1] BIT STRING OPTIONAL }   -- RFC 5915, 3
/// ```
fn sec1_to_pkcs8(der: &[u8]) -> Result<Zeroizing<Vec<u8>>, ImportError> {
    let mut fields = Reader::new(der).expect(SEQUENCE)?.inside();
    fields.expect(INTEGER)?;
    fields.expect(OCTET_STRING)?;
    let curve = fields
        .optional(CONTEXT_0)?
        .ok_or(ImportError::Malformed("the EC key does not name its curve"))?
        .inside()
        .expect(OID)
        .map_err(|_| ImportError::Unsupported("an EC curve without a name".into()))?;
    fields.optional(CONTEXT_1)?;
    let mut identifier = Vec::new();
    tlv::write(&mut identifier, SEQUENCE, &[&EC_PUBLIC_KEY, curve.whole].concat());
    Ok(wrap(&identifier, der))
}

/// `PrivateKeyInfo { 0, identifier, OCTET STRING key }` (RFC 5208, 5).
fn wrap(identifier: &[u8], key: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut body = Zeroizing::new(Vec::with_capacity(key.len() + 64));
    body.extend_from_slice(&[INTEGER, 1, 0]);
    body.extend_from_slice(identifier);
    tlv::write(&mut body, OCTET_STRING, key);
    let mut whole = Zeroizing::new(Vec::with_capacity(body.len() + 8));
    tlv::write(&mut whole, SEQUENCE, &body);
    whole
}

pub(super) fn is_pem(file: &[u8]) -> bool {
    find(file, BEGIN).is_some()
}

/// Takes the keys of a PEM file (RFC 7468), whatever text stands between the blocks; certificates are read apart.
/// Gives whether there is a certificate block.
pub(super) fn read_pem_keys(
    file: &[u8],
    passphrase: Option<&Passphrase>,
    material: &mut Material,
) -> Result<bool, ImportError> {
    const CUT: ImportError = ImportError::Malformed("a PEM block is cut off");
    let (mut rest, mut certificates) = (file, false);
    while let Some(start) = find(rest, BEGIN) {
        let after = rest.get(start + BEGIN.len()..).ok_or(CUT)?;
        let (label, body) = after.split_at(find(after, b"-----").ok_or(CUT)?);
        let (content, end) = body.split_at(find(body, b"-----END ").ok_or(CUT)?);
        rest = end.get(9..).unwrap_or_default();
        match label {
            b"PRIVATE KEY" | b"ENCRYPTED PRIVATE KEY" | b"EC PRIVATE KEY" | b"RSA PRIVATE KEY" => {
                read_key(&base64(content.get(5..).unwrap_or_default())?, passphrase, material)?;
            }
            label => certificates |= label.ends_with(b"CERTIFICATE") || label == b"PKCS7" || label == b"CMS",
        }
    }
    Ok(certificates)
}

/// Decodes base64 in time that does not depend on the content.
fn base64(content: &[u8]) -> Result<Zeroizing<Vec<u8>>, ImportError> {
    if find(content, b"Proc-Type:").is_some() {
        return Err(ImportError::Unsupported("the traditional OpenSSL encryption of PEM keys".into()));
    }
    let compact: Zeroizing<Vec<u8>> =
        Zeroizing::new(content.iter().copied().filter(|octet| !octet.is_ascii_whitespace()).collect());
    let mut decoded = Zeroizing::new(vec![0; compact.len()]);
    let len = base64ct::Base64::decode(&*compact, &mut decoded)
        .map_err(|_| ImportError::Malformed("a PEM block is not base64"))?
        .len();
    decoded.truncate(len);
    Ok(decoded)
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
