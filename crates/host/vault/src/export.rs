//! An identity as a PKCS#12 file (RFC 7292), encrypted, for other programs and as a spare copy.

use crate::import::pbe::{Password, compute_mac};
use crate::import::tlv::{
    self, BMP_STRING, CONTEXT_0, CONTEXT_0_PRIMITIVE, INTEGER, OCTET_STRING, SEQUENCE, SET,
};
use crate::import::{ImportError, pkcs12};
use crate::{Entropy, Identity, Passphrase, UnlockedVault, VaultError};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::ID_SHA_256;
use crypto::{DigestAlgorithm, PROVIDER};
use der::Encode;
use pkcs5::pbes2::{EncryptionScheme, Kdf, Parameters, Pbkdf2Params};
use zeroize::Zeroizing;

/// Iterations for keys and for the MAC alike: the MAC must not be the cheaper way to try passphrases.
const ITERATIONS: u32 = 600_000;
const LOCAL_KEY_ID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.21");

impl UnlockedVault {
    /// Identity `name` with its private key and chain as a PKCS#12 file under a passphrase of its own (UTF-8):
    /// PBES2 with PBKDF2-HMAC-SHA256 and AES-256-CBC, MAC with SHA-256, 600,000 iterations each.
    pub fn export_pkcs12(
        &self,
        name: &str,
        passphrase: &Passphrase,
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<u8>, VaultError> {
        let (identity, pkcs8) = self.identity_with_key(name)?;
        let password = Password::forms(Some(passphrase))
            .map_err(|_| VaultError::Limit("the passphrase is not UTF-8"))?;
        let password = password.first().ok_or(VaultError::EmptyPassphrase)?;
        let attributes = attributes(identity);
        let key_bag = bag(pkcs12::SHROUDED_KEY_BAG, &shroud(pkcs8, password, entropy)?, &attributes);
        let mut certificate_bags = Vec::new();
        for (index, certificate) in identity.chain().iter().enumerate() {
            let own = if index == 0 { &attributes[..] } else { &[] };
            let value = value(CONTEXT_0, &value(OCTET_STRING, certificate));
            let content = sequence(&[&oid(pkcs12::X509_CERTIFICATE), &value]);
            certificate_bags.extend_from_slice(&bag(pkcs12::CERT_BAG, &content, own));
        }
        let keys = content_info(pkcs12::DATA, &value(OCTET_STRING, &sequence(&[&key_bag])));
        let certificates = encrypted_data(&sequence(&[&certificate_bags]), password, entropy)?;
        let safe = sequence(&[&certificates, &keys]);
        let mac = mac_data(&safe, password, entropy)?;
        let version = value(INTEGER, &[3]);
        Ok(sequence(&[&version, &content_info(pkcs12::DATA, &value(OCTET_STRING, &safe)), &mac]))
    }
}

fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 6);
    tlv::write(&mut out, tag, content);
    out
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    value(SEQUENCE, &parts.concat())
}

fn oid(oid: ObjectIdentifier) -> Vec<u8> {
    value(tlv::OID, oid.as_bytes())
}

fn content_info(kind: ObjectIdentifier, content: &[u8]) -> Vec<u8> {
    sequence(&[&oid(kind), &value(CONTEXT_0, content)])
}

fn bag(kind: ObjectIdentifier, content: &[u8], attributes: &[u8]) -> Vec<u8> {
    sequence(&[&oid(kind), &value(CONTEXT_0, content), attributes])
}

/// friendlyName and localKeyId (RFC 2985, 5.5), by which readers match key and certificate.
fn attributes(identity: &Identity) -> Vec<u8> {
    let name: Vec<u8> = identity.label().encode_utf16().flat_map(u16::to_be_bytes).collect();
    let mut id = PROVIDER.digest(DigestAlgorithm::Sha256, &identity.public().spki).value;
    id.truncate(20);
    let attribute = |kind, tag, content: &[u8]| sequence(&[&oid(kind), &value(SET, &value(tag, content))]);
    // DER orders the members of a set by their encoding; the two identifiers decide, after the lengths.
    let mut members =
        [attribute(pkcs12::FRIENDLY_NAME, BMP_STRING, &name), attribute(LOCAL_KEY_ID, OCTET_STRING, &id)];
    members.sort();
    value(SET, &members.concat())
}

/// Encrypts; gives the DER `AlgorithmIdentifier` and the ciphertext.
fn encrypt(
    plain: &[u8],
    password: &Password,
    entropy: &mut dyn Entropy,
) -> Result<(Vec<u8>, Vec<u8>), VaultError> {
    let (mut salt, mut iv) = ([0; 16], [0; 16]);
    entropy.fill(&mut salt)?;
    entropy.fill(&mut iv)?;
    let kdf = Pbkdf2Params::hmac_sha256(ITERATIONS, &salt).map_err(failed)?;
    let scheme = pkcs5::EncryptionScheme::Pbes2(Parameters {
        kdf: Kdf::Pbkdf2(kdf),
        encryption: EncryptionScheme::Aes256Cbc { iv },
    });
    let ciphertext = scheme.encrypt(password.utf8(), plain).map_err(failed)?;
    Ok((scheme.to_der().map_err(failed)?, ciphertext))
}

fn failed<E>(_: E) -> VaultError {
    VaultError::Limit("the identity does not fit into a PKCS#12 file")
}

/// `EncryptedPrivateKeyInfo` (RFC 5958, 3).
fn shroud(pkcs8: &[u8], password: &Password, entropy: &mut dyn Entropy) -> Result<Vec<u8>, VaultError> {
    let (algorithm, ciphertext) = encrypt(pkcs8, password, entropy)?;
    Ok(sequence(&[&algorithm, &value(OCTET_STRING, &ciphertext)]))
}

/// `EncryptedData` (RFC 5652, 8) in its `ContentInfo`.
fn encrypted_data(
    safe: &[u8],
    password: &Password,
    entropy: &mut dyn Entropy,
) -> Result<Vec<u8>, VaultError> {
    let (algorithm, ciphertext) = encrypt(safe, password, entropy)?;
    let info = sequence(&[&oid(pkcs12::DATA), &algorithm, &value(CONTEXT_0_PRIMITIVE, &ciphertext)]);
    Ok(content_info(pkcs12::ENCRYPTED_DATA, &sequence(&[&value(INTEGER, &[0]), &info])))
}

/// `MacData` (RFC 7292, 4).
fn mac_data(safe: &[u8], password: &Password, entropy: &mut dyn Entropy) -> Result<Vec<u8>, VaultError> {
    let mut salt = [0; 16];
    entropy.fill(&mut salt)?;
    let mac: Result<Zeroizing<Vec<u8>>, ImportError> =
        compute_mac(ID_SHA_256, password, &salt, ITERATIONS, safe);
    let algorithm = sequence(&[&oid(ID_SHA_256), &[0x05, 0x00]]);
    let digest_info = sequence(&[&algorithm, &value(OCTET_STRING, &mac.map_err(failed)?)]);
    let iterations = ITERATIONS.to_be_bytes();
    let significant = iterations.strip_prefix(&[0]).unwrap_or(&iterations);
    Ok(sequence(&[&digest_info, &value(OCTET_STRING, &salt), &value(INTEGER, significant)]))
}
