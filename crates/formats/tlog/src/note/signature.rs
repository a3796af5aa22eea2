//! One signature line of a note: read, made, verified.

use super::{KeyName, MAX_NOTE, MAX_SIGNATURES, SignatureType, VerifierKey};
use crate::text::{Part, to_base64};
use crypto::{Message, Provider, SignatureAlgorithm, SignatureError, Signer, SignerError};
use std::fmt;
use types::{Budget, Malformed, Time};

const FORMAT: &str = "C2SP signed-note, Format";
/// Bytes of the key identifier.
const ID_LEN: usize = 4;
/// Bytes of the time of a cosignature.
const TIME_LEN: usize = 8;
/// Bytes of an Ed25519 signature (RFC 8032, 5.1.6).
const ED25519_LEN: usize = 64;

/// A signature, of whatever type, verified or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSignature {
    name: KeyName,
    key_id: u32,
    value: Vec<u8>,
}

impl NoteSignature {
    /// Reads `<name> <base64 of key identifier and value>`.
    pub(super) fn parse(content: Part<'_>, budget: &mut Budget) -> Result<NoteSignature, Malformed> {
        let (name, encoded) = content
            .split(" ")
            .ok_or_else(|| content.malformed("a signature line has no space after the name", FORMAT))?;
        let name = KeyName::parse(name)?;
        let bytes = encoded.base64("a signature", FORMAT, budget)?;
        let (id, value) = match bytes.split_first_chunk::<ID_LEN>() {
            Some((id, value)) if !value.is_empty() => (u32::from_be_bytes(*id), value.to_vec()),
            _ => return Err(encoded.malformed("a signature is longer than its key identifier", FORMAT)),
        };
        Ok(NoteSignature { name, key_id: id, value })
    }

    /// Signs a text with the private key of `key`; with a time if and only if the key makes cosignatures.
    pub(super) fn make(
        text: &str,
        key: &VerifierKey,
        time: Option<Time>,
        signer: &dyn Signer,
        provider: &dyn Provider,
    ) -> Result<NoteSignature, SigningError> {
        if signer.algorithm() != SignatureAlgorithm::Ed25519 || signer.public_key() != key.to_spki().spki {
            return Err(SigningError::OtherKey);
        }
        let stamp = match (key.signature_type(), time) {
            (SignatureType::Ed25519, None) => None,
            (SignatureType::CosignatureV1, Some(time)) => {
                Some(u64::try_from(time.unix()).map_err(|_| SigningError::TimeBeforeEpoch)?)
            }
            _ => return Err(SigningError::OtherType(key.signature_type())),
        };
        let signed = signer.sign(message(text, stamp).as_bytes()).map_err(SigningError::Signer)?;
        let value = [stamp.map(u64::to_be_bytes).as_ref().map_or(&[][..], |stamp| stamp), &signed].concat();
        let signature = NoteSignature { name: key.name().clone(), key_id: key.id(), value };
        signature.verify(text, key, provider).map_err(SigningError::SelfCheck)?;
        Ok(signature)
    }

    /// Verifies over a text; gives the time in a cosignature.
    pub(super) fn verify(
        &self,
        text: &str,
        key: &VerifierKey,
        provider: &dyn Provider,
    ) -> Result<Option<Time>, SignatureError> {
        let (stamp, signature) = match key.signature_type() {
            SignatureType::Ed25519 => (None, &self.value[..]),
            SignatureType::CosignatureV1 => {
                let (stamp, signature) =
                    self.value.split_first_chunk::<TIME_LEN>().ok_or(SignatureError::Mismatch)?;
                (Some(u64::from_be_bytes(*stamp)), signature)
            }
        };
        // A time is at most 2^63 - 1 (C2SP tlog-cosignature, Format).
        let time = stamp.map(i64::try_from).transpose().map_err(|_| SignatureError::Mismatch)?;
        if signature.len() != ED25519_LEN {
            return Err(SignatureError::Mismatch);
        }
        let signed = message(text, stamp);
        let whole = Message::Whole(signed.as_bytes());
        provider.verify(&key.to_spki(), &SignatureAlgorithm::Ed25519, whole, signature)?;
        Ok(time.map(Time::from_unix))
    }

    /// What the key is called that is said to have made it.
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// The identifier of that key.
    pub fn key_id(&self) -> u32 {
        self.key_id
    }

    /// The signature as its type defines it, without the key identifier.
    pub fn value(&self) -> &[u8] {
        &self.value
    }
}

impl fmt::Display for NoteSignature {
    /// Its line after the em dash.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.key_id.to_be_bytes()[..], &self.value].concat();
        write!(f, "{} {}", self.name, to_base64(&bytes))
    }
}

/// What is signed: the text, in a cosignature after its own name and the time (C2SP tlog-cosignature, Ed25519 signed
/// message).
fn message(text: &str, stamp: Option<u64>) -> String {
    match stamp {
        None => text.to_owned(),
        Some(stamp) => format!("cosignature/v1\ntime {stamp}\n{text}"),
    }
}

/// Why a note was not signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SigningError {
    /// The text cannot be that of a note.
    Text(Malformed),
    /// The signer does not hold the private key of the verifier key, or does not sign with Ed25519.
    OtherKey,
    /// The verifier key makes signatures of another type than asked for.
    OtherType(SignatureType),
    /// A cosignature is not made before 1970.
    TimeBeforeEpoch,
    /// The note has as many signatures as it may have.
    TooManySignatures,
    /// The note would be larger than it may be.
    TooLarge,
    /// The signer refused.
    Signer(SignerError),
    /// What the signer made does not verify.
    SelfCheck(SignatureError),
}

impl From<Malformed> for SigningError {
    fn from(malformed: Malformed) -> SigningError {
        SigningError::Text(malformed)
    }
}

impl fmt::Display for SigningError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SigningError::Text(malformed) => malformed.fmt(f),
            SigningError::OtherKey => f.write_str("the signer does not hold the Ed25519 key that is named"),
            SigningError::OtherType(SignatureType::Ed25519) => {
                f.write_str("the key signs notes and makes no cosignatures; give one of type 4")
            }
            SigningError::OtherType(SignatureType::CosignatureV1) => {
                f.write_str("the key makes cosignatures only; give one of type 1")
            }
            SigningError::TimeBeforeEpoch => f.write_str("a cosignature cannot be made before 1970"),
            SigningError::TooManySignatures => {
                write!(f, "the note has {MAX_SIGNATURES} signatures, which is the most")
            }
            SigningError::TooLarge => write!(f, "the note would have more than {MAX_NOTE} bytes"),
            SigningError::Signer(error) => error.fmt(f),
            SigningError::SelfCheck(error) => write!(f, "what the signer made is no signature: {error}"),
        }
    }
}

impl std::error::Error for SigningError {}
