//! Signed notes (C2SP signed-note): a text and who signed it. What a note says counts only once it is verified.

mod key;
mod signature;

pub use key::{KeyName, SignatureType, VerifierKey};
pub use signature::{NoteSignature, SigningError};

use crate::text::{Part, utf8};
use crypto::{Provider, SignatureError, Signer};
use std::fmt;
use types::{Budget, Exhausted, Malformed, Resource, Time};

/// The largest note in bytes.
pub const MAX_NOTE: usize = 1_000_000;
/// The most signatures of a note; the specification asks for at least 16.
pub const MAX_SIGNATURES: usize = 100;

const FORMAT: &str = "C2SP signed-note, Format";
/// Em dash and space, before each signature.
const SIGNATURE_LINE: &str = "\u{2014} ";

/// A text and the signatures under it, at least one; also those of keys that nobody here knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

impl Note {
    /// Reads a note. Nothing of it is verified yet.
    ///
    /// # Errors
    /// It breaks the format, is larger than [`MAX_NOTE`], has more than [`MAX_SIGNATURES`], or the budget ends.
    pub fn parse(bytes: &[u8], budget: &mut Budget) -> Result<Note, Malformed> {
        let whole = utf8(bytes, MAX_NOTE, "the note", FORMAT)?;
        if !whole.ends_with('\n') {
            let at = whole.len() as u64;
            return Err(Malformed::syntax(at, "the note does not end in a newline", FORMAT));
        }
        let blank = whole
            .rfind("\n\n")
            .ok_or_else(|| Malformed::syntax(None, "no empty line before the signatures", FORMAT))?;
        let (text, mut rest) = (&whole[..=blank], Part::new(&whole[blank + 2..], blank + 2));
        let mut signatures = Vec::new();
        while !rest.text.is_empty() {
            let (line, after) = rest.line("a signature line", FORMAT, budget)?;
            if signatures.len() == MAX_SIGNATURES {
                let reason = format!("the note has more than {MAX_SIGNATURES} signatures");
                return Err(Malformed::unsupported(line.at as u64, reason, FORMAT));
            }
            let content = line.after(SIGNATURE_LINE).ok_or_else(|| {
                line.malformed("a signature line does not start with an em dash and a space", FORMAT)
            })?;
            signatures.push(NoteSignature::parse(content, budget)?);
            rest = after;
        }
        if signatures.is_empty() {
            return Err(rest.malformed("the note has no signature", FORMAT));
        }
        Ok(Note { text: text.to_owned(), signatures })
    }

    /// A note of this text with one signature.
    ///
    /// # Errors
    /// The text is not one of a note, or [`Note::add_signature`] fails.
    pub fn sign(
        text: &str,
        key: &VerifierKey,
        signer: &dyn Signer,
        provider: &dyn Provider,
    ) -> Result<Note, SigningError> {
        check_text(text)?;
        let mut note = Note { text: text.to_owned(), signatures: Vec::new() };
        note.add_signature(key, signer, provider)?;
        Ok(note)
    }

    /// Adds a signature over the text by the private key of `key`, of type [`SignatureType::Ed25519`], after those that
    /// are there.
    ///
    /// # Errors
    /// Why it was not made; the note is as before.
    pub fn add_signature(
        &mut self,
        key: &VerifierKey,
        signer: &dyn Signer,
        provider: &dyn Provider,
    ) -> Result<(), SigningError> {
        self.push(NoteSignature::make(&self.text, key, None, signer, provider)?)
    }

    /// Adds the cosignature of a witness (see [`crate::checkpoint::SignedCheckpoint::cosign`]).
    pub(crate) fn add_cosignature(
        &mut self,
        key: &VerifierKey,
        time: Time,
        signer: &dyn Signer,
        provider: &dyn Provider,
    ) -> Result<(), SigningError> {
        self.push(NoteSignature::make(&self.text, key, Some(time), signer, provider)?)
    }

    /// Adds a signature that was made elsewhere over the same text, as it is. If it is there already, nothing changes.
    ///
    /// # Errors
    /// The note has [`MAX_SIGNATURES`] already, or would be larger than [`MAX_NOTE`].
    pub fn add_received(&mut self, signature: NoteSignature) -> Result<(), SigningError> {
        if self.signatures.contains(&signature) { Ok(()) } else { self.push(signature) }
    }

    fn push(&mut self, signature: NoteSignature) -> Result<(), SigningError> {
        if self.signatures.len() >= MAX_SIGNATURES {
            return Err(SigningError::TooManySignatures);
        }
        self.signatures.push(signature);
        if self.to_string().len() > MAX_NOTE {
            self.signatures.pop();
            return Err(SigningError::TooLarge);
        }
        Ok(())
    }

    /// The text with its last newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All signatures in the order of their lines, verified or not.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// The bytes that [`Note::parse`] reads.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_string().into_bytes()
    }

    /// Verifies every signature whose name and identifier are those of a key given; the others say nothing. A cosignature
    /// counts only in a checkpoint, which is what [`crate::checkpoint::SignedCheckpoint`] is for.
    ///
    /// # Errors
    /// One does not verify, none is by a key given, two keys given cannot be told apart, or the budget of
    /// [`Resource::SignatureChecks`] ends.
    pub fn verify(
        &self,
        keys: &[&VerifierKey],
        budget: &mut Budget,
        provider: &dyn Provider,
    ) -> Result<Vec<Verified>, NoteError> {
        let mut verified: Vec<Verified> = Vec::new();
        for signature in &self.signatures {
            let is_named =
                |key: &&&VerifierKey| key.id() == signature.key_id() && key.name() == signature.name();
            let mut known = keys.iter().filter(is_named);
            let Some(key) = known.next() else { continue };
            if known.any(|other| other != key) {
                return Err(NoteError::AmbiguousKey { name: key.name().clone(), id: key.id() });
            }
            budget.spend(Resource::SignatureChecks, 1).map_err(NoteError::Budget)?;
            let time = signature
                .verify(&self.text, key, provider)
                .map_err(|fault| NoteError::BadSignature { name: key.name().clone(), id: key.id(), fault })?;
            verified.push(Verified { key: (*key).clone(), time });
        }
        if verified.is_empty() { Err(NoteError::NoKnownSignature) } else { Ok(verified) }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(f, "{SIGNATURE_LINE}{signature}"))
    }
}

/// Whether a text can be that of a note.
fn check_text(text: &str) -> Result<(), Malformed> {
    utf8(text.as_bytes(), MAX_NOTE, "the text", FORMAT)?;
    if text.ends_with('\n') {
        return Ok(());
    }
    Err(Malformed::syntax(text.len() as u64, "the text does not end in a newline", FORMAT))
}

/// A signature that was verified; only verifying makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    key: VerifierKey,
    time: Option<Time>,
}

impl Verified {
    /// The key that made it.
    pub fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// When it was made, as the maker of a cosignature says; `None` for other signatures.
    pub fn time(&self) -> Option<Time> {
        self.time
    }
}

/// Why a note cannot be relied on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoteError {
    /// A signature that claims to be by a known key does not verify.
    BadSignature {
        /// Name of the key.
        name: KeyName,
        /// Identifier of the key.
        id: u32,
        /// What failed.
        fault: SignatureError,
    },
    /// No signature is by a key that was given.
    NoKnownSignature,
    /// Two different keys were given whose name and identifier are the same.
    AmbiguousKey {
        /// Name of both.
        name: KeyName,
        /// Identifier of both.
        id: u32,
    },
    /// More signatures to check than allowed.
    Budget(Exhausted),
}

impl fmt::Display for NoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoteError::BadSignature { name, id, fault } => {
                write!(f, "the signature by {name} ({id:08x}) fails: {fault} [C2SP signed-note, Signatures]")
            }
            NoteError::NoKnownSignature => {
                f.write_str("no signature of the note is by a known key [C2SP signed-note, Signatures]")
            }
            NoteError::AmbiguousKey { name, id } => {
                write!(f, "two keys are called {name} with the identifier {id:08x}; give only one")
            }
            NoteError::Budget(exhausted) => exhausted.fmt(f),
        }
    }
}

impl std::error::Error for NoteError {}
