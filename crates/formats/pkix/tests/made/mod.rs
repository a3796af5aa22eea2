//! CRLs and OCSP responses made on the spot, piece by piece, so that each piece can be made wrong.

#![allow(dead_code, reason = "not every test makes everything")]

use crypto::{DigestAlgorithm, PROVIDER, SignatureAlgorithm, Signer, SignerError};
use p256::ecdsa::signature::Signer as _;
use pkix::{Name, Oid, oid, subject_public_key};
pub use testkit::authority::der::{sequence, value};

/// What comes before the point in the `SubjectPublicKeyInfo` of a P-256 key.
const P256_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// The DER of ecdsa-with-SHA256.
pub const ECDSA_SHA256: [u8; 12] = [0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];

/// A key that is always the same for the same actor.
pub struct Key {
    key: p256::ecdsa::SigningKey,
    pub spki: Vec<u8>,
}

pub fn key(actor: u8) -> Key {
    let key = p256::ecdsa::SigningKey::from_slice(&[actor; 32]).unwrap();
    let point = key.verifying_key().to_sec1_point(false);
    Key { spki: [&P256_PREFIX[..], point.as_bytes()].concat(), key }
}

impl Signer for Key {
    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256)
    }

    fn public_key(&self) -> &[u8] {
        &self.spki
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        let signature: p256::ecdsa::Signature = self.key.sign(message);
        Ok(signature.to_der().as_bytes().to_vec())
    }
}

pub fn name(text: &str) -> Name {
    Name::from_attributes(&[(oid::COMMON_NAME, text)])
}

pub fn integer(content: &[u8]) -> Vec<u8> {
    value(0x02, content)
}

/// GeneralizedTime, `20260101000000Z`.
pub fn generalized(text: &str) -> Vec<u8> {
    value(0x18, text.as_bytes())
}

pub fn extension(oid: Oid, critical: bool, der: &[u8]) -> Vec<u8> {
    let flag = if critical { value(0x01, &[0xff]) } else { Vec::new() };
    sequence(&[oid.to_der(), flag, value(0x04, der)])
}

/// Contents of a signed structure, with algorithm and signature.
pub fn signed(tbs: &[u8], signer: &Key, rest: &[u8]) -> Vec<u8> {
    let signature = [&[0], &signer.sign(tbs).unwrap()[..]].concat();
    sequence(&[tbs.to_vec(), ECDSA_SHA256.to_vec(), value(0x03, &signature), rest.to_vec()])
}

/// A CRL; times are GeneralizedTime texts.
pub struct MadeCrl {
    pub issuer: Name,
    pub this_update: &'static str,
    pub next_update: Option<&'static str>,
    /// Entries, each encoded.
    pub entries: Vec<Vec<u8>>,
    pub extensions: Vec<Vec<u8>>,
}

impl MadeCrl {
    pub fn new(issuer: &str) -> MadeCrl {
        MadeCrl {
            issuer: name(issuer),
            this_update: "20260101000000Z",
            next_update: Some("20260201000000Z"),
            entries: Vec::new(),
            extensions: Vec::new(),
        }
    }

    pub fn entry(mut self, serial: &[u8], extensions: &[Vec<u8>]) -> MadeCrl {
        self.entries.push(entry(serial, extensions));
        self
    }

    pub fn with(mut self, oid: Oid, critical: bool, der: &[u8]) -> MadeCrl {
        self.extensions.push(extension(oid, critical, der));
        self
    }

    pub fn sign(&self, signer: &Key) -> Vec<u8> {
        let entries = if self.entries.is_empty() { Vec::new() } else { sequence(&self.entries) };
        let extensions =
            if self.extensions.is_empty() { Vec::new() } else { value(0xa0, &sequence(&self.extensions)) };
        let tbs = sequence(&[
            integer(&[1]),
            ECDSA_SHA256.to_vec(),
            self.issuer.der().to_vec(),
            generalized(self.this_update),
            self.next_update.map(generalized).unwrap_or_default(),
            entries,
            extensions,
        ]);
        signed(&tbs, signer, &[])
    }
}

/// An entry of 2025-06-01.
pub fn entry(serial: &[u8], extensions: &[Vec<u8>]) -> Vec<u8> {
    let list = if extensions.is_empty() { Vec::new() } else { sequence(extensions) };
    sequence(&[integer(serial), value(0x17, b"250601000000Z"), list])
}

pub fn reason(code: u8) -> Vec<u8> {
    extension(oid::CRL_REASON, false, &value(0x0a, &[code]))
}

/// The DER of certificateIssuer with one directory name.
pub fn issuer_of_entry(issuer: &Name) -> Vec<u8> {
    extension(oid::CERTIFICATE_ISSUER, true, &sequence(&[value(0xa4, issuer.der())]))
}

/// A SHA-1 certificate identifier.
pub fn cert_id(issuer: &Name, issuer_key: &[u8], serial: &[u8]) -> Vec<u8> {
    let hash = |bytes: &[u8]| value(0x04, &PROVIDER.digest(DigestAlgorithm::Sha1, bytes).value);
    let sha1 = Oid::from_dotted("1.3.14.3.2.26").unwrap().to_der();
    let key = subject_public_key(issuer_key).unwrap();
    sequence(&[sequence(&[sha1]), hash(issuer.der()), hash(key), integer(serial)])
}

/// The status good, `[0]`.
pub fn good() -> Vec<u8> {
    value(0x80, &[])
}

/// The status revoked, since 2025-06-01 for this reason.
pub fn revoked(reason: u8) -> Vec<u8> {
    value(0xa1, &[generalized("20250601000000Z"), value(0xa0, &value(0x0a, &[reason]))].concat())
}

/// One answer of 2026-01-01, good for a day.
pub fn single(cert_id: Vec<u8>, status: Vec<u8>, extensions: &[Vec<u8>]) -> Vec<u8> {
    let list = if extensions.is_empty() { Vec::new() } else { value(0xa1, &sequence(extensions)) };
    let next = value(0xa0, &generalized("20260102000000Z"));
    sequence(&[cert_id, status, generalized("20260101000000Z"), next, list])
}

/// A `BasicOCSPResponse` of 2026-01-01T00:00:01Z by a responder of this name.
pub fn basic(responder: &Name, singles: &[Vec<u8>], signer: &Key, certificates: &[&[u8]]) -> Vec<u8> {
    let tbs = sequence(&[
        value(0xa1, responder.der()),
        generalized("20260101000001Z"),
        sequence(singles),
        value(0xa1, &sequence(&[extension(oid::OCSP_NONCE, false, &value(0x04, &[7; 16]))])),
    ]);
    let certificates =
        if certificates.is_empty() { Vec::new() } else { value(0xa0, &value(0x30, &certificates.concat())) };
    signed(&tbs, signer, &certificates)
}

/// The `OCSPResponse` around it.
pub fn successful(basic: &[u8]) -> Vec<u8> {
    let bytes = sequence(&[oid::OCSP_BASIC.to_der(), value(0x04, basic)]);
    sequence(&[value(0x0a, &[0]), value(0xa0, &bytes)])
}
