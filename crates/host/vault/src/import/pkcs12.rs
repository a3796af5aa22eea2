//! PKCS#12 files (RFC 7292), modern and legacy: what bags they hold.

use super::pbe::{Password, decrypt, verify_mac};
use super::tlv::{
    self, BMP_STRING, CONTEXT_0, CONTEXT_0_PRIMITIVE, Element, OCTET_STRING, OID, Reader, SEQUENCE, SET,
    joined,
};
use super::{FoundKey, ImportError, Material};
use crate::{Passphrase, PrivateKey};
use const_oid::ObjectIdentifier;
use der::Decode;
use zeroize::Zeroizing;

pub(crate) const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
pub(crate) const ENCRYPTED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.6");
const KEY_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.1");
pub(crate) const SHROUDED_KEY_BAG: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.2");
pub(crate) const CERT_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.3");
const SAFE_CONTENTS_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.6");
pub(crate) const X509_CERTIFICATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.22.1");
pub(crate) const FRIENDLY_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.20");

/// Most bags of one file.
const MAX_BAGS: usize = 4096;
/// Deepest nesting of bags in bags.
const MAX_NESTING: u32 = 8;

/// Reads `file` into `material`.
///
/// ```text
/// PFX ::= SEQUENCE { version INTEGER {v3(3)}, authSafe ContentInfo, macData MacData OPTIONAL }   -- RFC 7292, 4
/// ```
pub(super) fn read(
    file: &[u8],
    passphrase: Option<&Passphrase>,
    material: &mut Material,
) -> Result<(), ImportError> {
    let file = tlv::definite(file)?;
    let mut outer = Reader::new(&file);
    let mut pfx = outer.expect(SEQUENCE)?.inside();
    if pfx.small_integer()? != 3 {
        return Err(ImportError::Unsupported("this version of PKCS#12".into()));
    }
    let (kind, content) = content_info(&mut pfx)?;
    if kind != DATA {
        return Err(ImportError::Unsupported("a PKCS#12 file protected by a public key".into()));
    }
    let auth_safe =
        content.ok_or(ImportError::Malformed("the file is empty"))?.inside().expect(OCTET_STRING)?.content;
    let password = authenticate(&mut pfx, auth_safe, passphrase)?;
    let mut bags = Bags { password: &password, left: MAX_BAGS, material };
    let mut safes = Reader::new(auth_safe).expect(SEQUENCE)?.inside();
    while !safes.is_empty() {
        bags.safe(content_info(&mut safes)?)?;
    }
    Ok(())
}

/// ```text
/// ContentInfo ::= SEQUENCE { contentType OBJECT IDENTIFIER, content [0] EXPLICIT ANY OPTIONAL }
/// ```
fn content_info<'a>(reader: &mut Reader<'a>) -> Result<(ObjectIdentifier, Option<Element<'a>>), ImportError> {
    let mut info = reader.expect(SEQUENCE)?.inside();
    Ok((oid(&mut info)?, info.optional(CONTEXT_0)?))
}

fn oid(reader: &mut Reader<'_>) -> Result<ObjectIdentifier, ImportError> {
    ObjectIdentifier::from_bytes(reader.expect(OID)?.content)
        .map_err(|_| ImportError::Malformed("an object identifier is broken"))
}

/// The form of the passphrase under which the MAC holds; the first form if the file has none.
///
/// ```text
/// MacData ::= SEQUENCE { mac DigestInfo, macSalt OCTET STRING, iterations INTEGER DEFAULT 1 }
/// DigestInfo ::= SEQUENCE { digestAlgorithm AlgorithmIdentifier, digest OCTET STRING }
/// ```
fn authenticate(
    pfx: &mut Reader<'_>,
    auth_safe: &[u8],
    passphrase: Option<&Passphrase>,
) -> Result<Password, ImportError> {
    let mut forms = Password::forms(passphrase)?;
    let Some(mac_data) = pfx.optional(SEQUENCE)? else { return Ok(forms.swap_remove(0)) };
    let mut mac_data = mac_data.inside();
    let mut digest_info = mac_data.expect(SEQUENCE)?.inside();
    let kind = oid(&mut digest_info.expect(SEQUENCE)?.inside())?;
    let expected = digest_info.expect(OCTET_STRING)?.content;
    let salt = mac_data.expect(OCTET_STRING)?.content;
    let iterations = if mac_data.is_empty() { 1 } else { mac_data.small_integer()? };
    for form in forms {
        match verify_mac(kind, &form, salt, iterations, auth_safe, expected) {
            Ok(()) => return Ok(form),
            Err(ImportError::WrongPassphrase) => {}
            Err(error) => return Err(error),
        }
    }
    Err(if passphrase.is_some() { ImportError::WrongPassphrase } else { ImportError::PassphraseNeeded })
}

struct Bags<'a> {
    password: &'a Password,
    left: usize,
    material: &'a mut Material,
}

impl Bags<'_> {
    fn safe(&mut self, (kind, content): (ObjectIdentifier, Option<Element<'_>>)) -> Result<(), ImportError> {
        let mut content = content.ok_or(ImportError::Malformed("a safe is empty"))?.inside();
        match kind {
            DATA => {
                let safe = content.expect(OCTET_STRING)?.content;
                self.contents(Reader::new(safe).expect(SEQUENCE)?.inside(), MAX_NESTING)
            }
            ENCRYPTED_DATA => {
                let plain = self.encrypted_data(content.expect(SEQUENCE)?.inside())?;
                // What decrypts to nonsense was decrypted with the wrong key, when no MAC told so before.
                let contents =
                    Reader::new(&plain).expect(SEQUENCE).map_err(|_| ImportError::WrongPassphrase)?;
                self.contents(contents.inside(), MAX_NESTING)
            }
            other => Err(ImportError::Unsupported(format!("a safe of the kind {other}"))),
        }
    }

    /// ```text
    /// EncryptedData ::= SEQUENCE { version INTEGER, encryptedContentInfo SEQUENCE {
    ///     contentType OBJECT IDENTIFIER, contentEncryptionAlgorithm AlgorithmIdentifier,
    ///     encryptedContent [0] IMPLICIT OCTET STRING OPTIONAL } }      -- RFC 5652, 8
    /// ```
    fn encrypted_data(&self, mut data: Reader<'_>) -> Result<Zeroizing<Vec<u8>>, ImportError> {
        data.small_integer()?;
        let mut info = data.expect(SEQUENCE)?.inside();
        oid(&mut info)?;
        let algorithm = info.expect(SEQUENCE)?.whole;
        let sealed = info.any()?;
        match sealed.tag {
            CONTEXT_0_PRIMITIVE => decrypt(algorithm, self.password, sealed.content),
            CONTEXT_0 => decrypt(algorithm, self.password, &joined(sealed.content)?),
            _ => Err(ImportError::Malformed("a safe has no content")),
        }
    }

    /// ```text
    /// SafeBag ::= SEQUENCE { bagId OBJECT IDENTIFIER, bagValue [0] EXPLICIT ANY, bagAttributes SET OF Attribute OPTIONAL }
    /// ```
    fn contents(&mut self, mut bags: Reader<'_>, nesting: u32) -> Result<(), ImportError> {
        while !bags.is_empty() {
            self.left = self.left.checked_sub(1).ok_or(ImportError::Malformed("there are too many bags"))?;
            let mut bag = bags.expect(SEQUENCE)?.inside();
            let kind = oid(&mut bag)?;
            let mut value = bag.expect(CONTEXT_0)?.inside();
            let name =
                bag.optional(SET)?.map_or(Ok(None), |attributes| friendly_name(attributes.inside()))?;
            match kind {
                KEY_BAG => self.key(value.expect(SEQUENCE)?.whole, name)?,
                SHROUDED_KEY_BAG => {
                    let plain = unshroud(value.expect(SEQUENCE)?.inside(), self.password)?;
                    self.key(&plain, name)?;
                }
                CERT_BAG => self.certificate(value.expect(SEQUENCE)?.inside())?,
                SAFE_CONTENTS_BAG => {
                    let nesting =
                        nesting.checked_sub(1).ok_or(ImportError::Malformed("bags nest too deeply"))?;
                    self.contents(value.expect(SEQUENCE)?.inside(), nesting)?;
                }
                // Revocation lists and other secrets are of no use here.
                _ => {}
            }
        }
        Ok(())
    }

    fn key(&mut self, pkcs8: &[u8], name: Option<String>) -> Result<(), ImportError> {
        let key = PrivateKey::from_pkcs8(Zeroizing::new(pkcs8.to_vec())).map_err(ImportError::Key)?;
        self.material.keys.push(FoundKey { key, name });
        Ok(())
    }

    /// ```text
    /// CertBag ::= SEQUENCE { certId OBJECT IDENTIFIER, certValue [0] EXPLICIT OCTET STRING }
    /// ```
    fn certificate(&mut self, mut bag: Reader<'_>) -> Result<(), ImportError> {
        if oid(&mut bag)? == X509_CERTIFICATE {
            let der = bag.expect(CONTEXT_0)?.inside().expect(OCTET_STRING)?.content;
            self.material.add_certificate(der)?;
        }
        Ok(())
    }
}

/// ```text
/// EncryptedPrivateKeyInfo ::= SEQUENCE { encryptionAlgorithm AlgorithmIdentifier, encryptedData OCTET STRING }
/// ```
pub(super) fn unshroud(mut info: Reader<'_>, password: &Password) -> Result<Zeroizing<Vec<u8>>, ImportError> {
    let algorithm = info.expect(SEQUENCE)?.whole;
    let plain = decrypt(algorithm, password, info.expect(OCTET_STRING)?.content)?;
    // Padding is right by chance once in 256 wrong passphrases; then the content is nonsense.
    pkcs8::PrivateKeyInfoRef::from_der(&plain).map_err(|_| ImportError::WrongPassphrase)?;
    Ok(plain)
}

fn friendly_name(mut attributes: Reader<'_>) -> Result<Option<String>, ImportError> {
    while !attributes.is_empty() {
        let mut attribute = attributes.expect(SEQUENCE)?.inside();
        if oid(&mut attribute)? == FRIENDLY_NAME {
            let name = attribute.expect(SET)?.inside().expect(BMP_STRING)?.content;
            let units = name
                .chunks_exact(2)
                .map(|pair| pair.iter().fold(0, |unit, octet| unit << 8 | u16::from(*octet)));
            return Ok(Some(char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect()));
        }
    }
    Ok(None)
}
