//! Names of keys and verifier keys (C2SP signed-note, Verifier keys).

use crate::text::{Part, to_base64, utf8};
use crypto::{DigestAlgorithm, KeyAlgorithm, Provider, PublicKey, Signer};
use std::fmt;
use types::{Budget, Malformed};

const CLAUSE: &str = "C2SP signed-note, Verifier keys";
const NAME: &str = "C2SP signed-note, Format";
/// The longest verifier key read, in bytes.
const MAX_KEY: usize = 4096;

/// `SubjectPublicKeyInfo` of an Ed25519 key before its 32 bytes (RFC 8410, 4).
const ED25519_SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// What a key is called: not empty, no spaces, no plus, no control characters; best a URL without scheme.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyName(String);

impl KeyName {
    /// Takes a name.
    ///
    /// # Errors
    /// It breaks the rules for names.
    pub fn new(name: impl Into<String>) -> Result<KeyName, Malformed> {
        let name = name.into();
        Part::new(&name, 0).check_name()?;
        Ok(KeyName(name))
    }

    pub(super) fn parse(part: Part<'_>) -> Result<KeyName, Malformed> {
        part.check_name()?;
        Ok(KeyName(part.text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Part<'_> {
    fn check_name(&self) -> Result<(), Malformed> {
        if self.text.is_empty() {
            return Err(self.malformed("the name of a key is empty", NAME));
        }
        let is_banned = |letter: char| letter.is_whitespace() || letter == '+' || letter < ' ';
        if self.text.contains(is_banned) {
            return Err(self.malformed("the name of a key has a space, a plus or a control character", NAME));
        }
        Ok(())
    }
}

/// How a signature in a note is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignatureType {
    /// Ed25519 over the text (C2SP signed-note, Ed25519 signatures).
    Ed25519,
    /// Ed25519 over the time and the text of a checkpoint (C2SP tlog-cosignature, Ed25519 signed message).
    CosignatureV1,
}

impl SignatureType {
    /// The byte assigned to it (C2SP signed-note, Signature types).
    pub fn byte(self) -> u8 {
        match self {
            SignatureType::Ed25519 => 0x01,
            SignatureType::CosignatureV1 => 0x04,
        }
    }

    fn from_byte(byte: u8) -> Option<SignatureType> {
        [SignatureType::Ed25519, SignatureType::CosignatureV1].into_iter().find(|one| one.byte() == byte)
    }
}

/// A public key that verifies signatures of notes, with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: KeyName,
    signature_type: SignatureType,
    /// RFC 8032, 5.1.5.
    public_key: [u8; 32],
    id: u32,
}

impl VerifierKey {
    /// An Ed25519 public key (RFC 8032, 5.1.5) under a name.
    pub fn new(
        name: KeyName,
        signature_type: SignatureType,
        public_key: [u8; 32],
        provider: &dyn Provider,
    ) -> VerifierKey {
        let mut hasher = provider.hasher(DigestAlgorithm::Sha256);
        hasher.update(name.as_str().as_bytes());
        hasher.update(&[b'\n', signature_type.byte()]);
        hasher.update(&public_key);
        let digest = hasher.finish().value;
        let id = digest.iter().take(4).fold(0, |id, byte| id << 8 | u32::from(*byte));
        VerifierKey { name, signature_type, public_key, id }
    }

    /// The public key of a signer under a name; `None` if it is not an Ed25519 key.
    pub fn of_signer(
        name: KeyName,
        signature_type: SignatureType,
        signer: &dyn Signer,
        provider: &dyn Provider,
    ) -> Option<VerifierKey> {
        let public_key = signer.public_key().strip_prefix(&ED25519_SPKI)?.try_into().ok()?;
        Some(VerifierKey::new(name, signature_type, public_key, provider))
    }

    /// Reads `<name>+<identifier in hexadecimal>+<base64 of type and public key>`.
    ///
    /// # Errors
    /// It breaks the format, its identifier is not that of the key, or its type is not a [`SignatureType`].
    pub fn parse(text: &str, provider: &dyn Provider, budget: &mut Budget) -> Result<VerifierKey, Malformed> {
        let whole = Part::new(utf8(text.as_bytes(), MAX_KEY, "the verifier key", CLAUSE)?, 0);
        let incomplete =
            || whole.malformed("a verifier key is name, identifier and key, joined by +", CLAUSE);
        let (name, rest) = whole.split("+").ok_or_else(incomplete)?;
        let (id, key) = rest.split("+").ok_or_else(incomplete)?;
        let name = KeyName::parse(name)?;
        let bytes = key.base64("the key of a verifier key", CLAUSE, budget)?;
        let (byte, public_key) = bytes.split_first().ok_or_else(incomplete)?;
        let signature_type = SignatureType::from_byte(*byte).ok_or_else(|| {
            let reason = format!("signatures of type {byte:#04x} are not supported");
            Malformed::unsupported(key.at as u64, reason, "C2SP signed-note, Signature types")
        })?;
        let public_key =
            public_key.try_into().map_err(|_| key.malformed("an Ed25519 public key has 32 bytes", CLAUSE))?;
        let read = VerifierKey::new(name, signature_type, public_key, provider);
        if id.text != format!("{:08x}", read.id) {
            return Err(id.malformed("the identifier is not that of the key", CLAUSE));
        }
        Ok(read)
    }

    /// What the key is called.
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// How it signs.
    pub fn signature_type(&self) -> SignatureType {
        self.signature_type
    }

    /// The Ed25519 public key (RFC 8032, 5.1.5).
    pub fn public_key(&self) -> &[u8; 32] {
        &self.public_key
    }

    /// The key identifier: the first four bytes of `SHA-256(name || 0x0A || type || public key)`.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The same key as X.509 has it.
    pub(super) fn to_spki(&self) -> PublicKey {
        let spki = [&ED25519_SPKI[..], &self.public_key].concat();
        PublicKey { algorithm: KeyAlgorithm::Ed25519, spki }
    }
}

impl fmt::Display for VerifierKey {
    /// The text that [`VerifierKey::parse`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[self.signature_type.byte()][..], &self.public_key].concat();
        write!(f, "{}+{:08x}+{}", self.name, self.id, to_base64(&key))
    }
}
