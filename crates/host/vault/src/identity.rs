//! What a vault says in the open about each identity: who it is, not how it signs.

use crate::VaultError;
use crypto::{DigestAlgorithm, PROVIDER, PublicKey};
use std::fmt;
use types::Time;

/// What an identity is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Purpose {
    /// Signing documents.
    Signing,
    /// Trying things out; what it signs means nothing.
    Demonstration,
}

impl Purpose {
    /// The word in the vault file.
    pub fn as_str(self) -> &'static str {
        match self {
            Purpose::Signing => "signing",
            Purpose::Demonstration => "demonstration",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Purpose> {
        [Purpose::Signing, Purpose::Demonstration].into_iter().find(|purpose| purpose.as_str() == word)
    }
}

/// One identity without its private key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub(crate) label: String,
    pub(crate) purpose: Purpose,
    pub(crate) created: Time,
    pub(crate) public: PublicKey,
    pub(crate) chain: Vec<Vec<u8>>,
}

/// Most certificates of one identity.
pub(crate) const MAX_CHAIN: usize = 16;
/// Longest label in bytes.
const MAX_LABEL: usize = 128;

impl Identity {
    /// An identity for the key `public`. `chain` holds DER certificates, that of the key first; it may be empty while
    /// the certificate is awaited. Errors: an unfit label, a long chain, a certificate of another key.
    pub fn new(
        label: &str,
        purpose: Purpose,
        created: Time,
        public: PublicKey,
        chain: Vec<Vec<u8>>,
    ) -> Result<Identity, VaultError> {
        let fit = (1..=MAX_LABEL).contains(&label.len()) && !label.chars().any(char::is_control);
        if !fit {
            return Err(VaultError::Limit("a label has 1 to 128 bytes and no control characters"));
        }
        if created.unix() < 0 {
            return Err(VaultError::Limit("an identity cannot be older than 1970"));
        }
        if chain.len() > MAX_CHAIN {
            return Err(VaultError::Limit("a chain has at most 16 certificates"));
        }
        if let Some(first) = chain.first() {
            belongs_together(&public, first)?;
        }
        Ok(Identity { label: label.to_owned(), purpose, created, public, chain })
    }

    /// 16 hexadecimal digits: the beginning of the SHA-256 digest of the `SubjectPublicKeyInfo`.
    pub fn id(&self) -> String {
        id_of(&self.public)
    }

    /// The name its owner gave it.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// What it is for.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// When it was put into the vault, by the clock of the device.
    pub fn created(&self) -> Time {
        self.created
    }

    /// Its public key.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// DER certificates, its own first; empty while the certificate is awaited.
    pub fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.id(), self.label, self.public.algorithm)
    }
}

/// See [`Identity::id`].
pub(crate) fn id_of(public: &PublicKey) -> String {
    let mut id = PROVIDER.digest(DigestAlgorithm::Sha256, &public.spki).hex();
    id.truncate(16);
    id
}

/// Confirms that the certificate is for the key.
pub(crate) fn belongs_together(public: &PublicKey, certificate: &[u8]) -> Result<(), VaultError> {
    let certificate = pkix::Certificate::from_der(certificate)
        .map_err(|malformed| VaultError::Certificate(malformed.to_string()))?;
    if certificate.public_key().is_ok_and(|key| key == public) {
        Ok(())
    } else {
        Err(VaultError::KeyMismatch(certificate.subject().to_string()))
    }
}
