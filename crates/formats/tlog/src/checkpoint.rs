//! Checkpoints (C2SP tlog-checkpoint): what a log was at a size, signed by it and cosigned by witnesses (C2SP
//! tlog-cosignature).

use crate::merkle::TreeHead;
use crate::note::{Note, NoteError, SigningError, Verified, VerifierKey};
use crate::text::{Part, utf8};
use crypto::{Provider, Signer};
use std::fmt;
use types::{Budget, Malformed, Time};

const CLAUSE: &str = "C2SP tlog-checkpoint, Note text";

/// The text of a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    head: TreeHead,
    extensions: Vec<String>,
}

impl Checkpoint {
    /// Of the log `origin`, without extension lines.
    ///
    /// # Errors
    /// The origin is empty or has a control character.
    pub fn new(origin: &str, head: TreeHead) -> Result<Checkpoint, Malformed> {
        Checkpoint::with_extensions(origin, head, &[])
    }

    /// Of the log `origin`, with extension lines, which nobody who monitors a log can check.
    ///
    /// # Errors
    /// The origin or an extension line is empty or has a control character.
    pub fn with_extensions(
        origin: &str,
        head: TreeHead,
        extensions: &[&str],
    ) -> Result<Checkpoint, Malformed> {
        for line in [origin].iter().chain(extensions) {
            if line.is_empty() || line.contains(|letter: char| letter < ' ') {
                let reason = "a line of a checkpoint is empty or has a control character";
                return Err(Malformed::syntax(None, reason, CLAUSE));
            }
        }
        let extensions = extensions.iter().map(|line| (*line).to_owned()).collect();
        Ok(Checkpoint { origin: origin.to_owned(), head, extensions })
    }

    /// Reads the text of a note as a checkpoint.
    ///
    /// # Errors
    /// It breaks the format, or the budget ends.
    pub fn parse(text: &str, budget: &mut Budget) -> Result<Checkpoint, Malformed> {
        let text = utf8(text.as_bytes(), crate::note::MAX_NOTE, "the checkpoint", CLAUSE)?;
        let (origin, rest) = Part::new(text, 0).line("the origin", CLAUSE, budget)?;
        let (size, rest) = rest.line("the tree size", CLAUSE, budget)?;
        let (root, mut rest) = rest.line("the root hash", CLAUSE, budget)?;
        if origin.text.is_empty() {
            return Err(origin.malformed("the origin is empty", CLAUSE));
        }
        let size = size.decimal("the tree size", CLAUSE)?;
        let root = root.hash("the root hash", CLAUSE, budget)?;
        let mut extensions = Vec::new();
        while !rest.text.is_empty() {
            let (line, after) = rest.line("an extension line", CLAUSE, budget)?;
            if line.text.is_empty() {
                return Err(line.malformed("an extension line is empty", CLAUSE));
            }
            extensions.push(line.text.to_owned());
            rest = after;
        }
        Ok(Checkpoint { origin: origin.text.to_owned(), head: TreeHead { size, root }, extensions })
    }

    /// Which log it is of.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Size and root of the tree.
    pub fn head(&self) -> &TreeHead {
        &self.head
    }

    /// Lines after the root, which mean what the log says that they mean.
    pub fn extensions(&self) -> &[String] {
        &self.extensions
    }
}

impl fmt::Display for Checkpoint {
    /// The text that [`Checkpoint::parse`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.head.size, self.head.root)?;
        self.extensions.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// A note that says a checkpoint. Nothing of it counts before it is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    note: Note,
    checkpoint: Checkpoint,
}

impl SignedCheckpoint {
    /// Reads a checkpoint with its signatures.
    ///
    /// # Errors
    /// It is no note, its text is no checkpoint, or the budget ends.
    pub fn parse(bytes: &[u8], budget: &mut Budget) -> Result<SignedCheckpoint, Malformed> {
        let note = Note::parse(bytes, budget)?;
        let checkpoint = Checkpoint::parse(note.text(), budget)?;
        Ok(SignedCheckpoint { note, checkpoint })
    }

    /// Signs as the log. That the tree goes on from every checkpoint signed before is the log's duty (C2SP
    /// tlog-checkpoint, Signatures).
    ///
    /// # Errors
    /// Why it was not signed.
    pub fn sign(
        checkpoint: Checkpoint,
        key: &VerifierKey,
        signer: &dyn Signer,
        provider: &dyn Provider,
    ) -> Result<SignedCheckpoint, SigningError> {
        let note = Note::sign(&checkpoint.to_string(), key, signer, provider)?;
        Ok(SignedCheckpoint { note, checkpoint })
    }

    /// Adds a cosignature: as of `time`, this is the largest tree of this log that the witness has seen, and it goes on
    /// from all that it saw before (C2SP tlog-cosignature). The witness has to know that.
    ///
    /// # Errors
    /// Why it was not made; the checkpoint is as before.
    pub fn cosign(
        &mut self,
        key: &VerifierKey,
        time: Time,
        signer: &dyn Signer,
        provider: &dyn Provider,
    ) -> Result<(), SigningError> {
        self.note.add_cosignature(key, time, signer, provider)
    }

    /// Adds the signatures of another copy of the same checkpoint; those that are there already stay as they are.
    ///
    /// # Errors
    /// The text of the other is another, or there are too many signatures.
    pub fn merge(&mut self, other: &SignedCheckpoint) -> Result<(), MergeError> {
        if other.note.text() != self.note.text() {
            return Err(MergeError::OtherCheckpoint);
        }
        let mut note = self.note.clone();
        for signature in other.note.signatures() {
            note.add_received(signature.clone()).map_err(|_| MergeError::TooLarge)?;
        }
        self.note = note;
        Ok(())
    }

    /// What it says, verified or not.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Text and signatures.
    pub fn note(&self) -> &Note {
        &self.note
    }

    /// The bytes that [`SignedCheckpoint::parse`] reads.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.note.to_bytes()
    }

    /// Verifies that the log signed it, and enough witnesses cosigned.
    ///
    /// # Errors
    /// What is missing or wrong.
    pub fn verify(
        &self,
        expected: &Expected<'_>,
        budget: &mut Budget,
        provider: &dyn Provider,
    ) -> Result<VerifiedCheckpoint, CheckpointError> {
        if self.checkpoint.origin != expected.origin {
            let (expected, found) = (expected.origin.to_owned(), self.checkpoint.origin.clone());
            return Err(CheckpointError::Origin { expected, found });
        }
        let keys: Vec<&VerifierKey> = expected.log.iter().chain(expected.witnesses).collect();
        let verified = self.note.verify(&keys, budget, provider).map_err(CheckpointError::Note)?;
        if !verified.iter().any(|signature| expected.log.contains(signature.key())) {
            return Err(CheckpointError::NotByLog);
        }
        // A witness is a key: under two names, or with two lines, it is one.
        let mut cosignatures: Vec<Verified> = Vec::new();
        for signature in verified {
            let is_counted = |other: &Verified| other.key().public_key() == signature.key().public_key();
            // A plain signature says nothing of what came before.
            let is_cosignature = signature.time().is_some() && expected.witnesses.contains(signature.key());
            if is_cosignature && !cosignatures.iter().any(is_counted) {
                cosignatures.push(signature);
            }
        }
        if cosignatures.len() < expected.threshold {
            let (required, found) = (expected.threshold, cosignatures.len());
            return Err(CheckpointError::TooFewWitnesses { required, found });
        }
        Ok(VerifiedCheckpoint { checkpoint: self.checkpoint.clone(), cosignatures })
    }
}

/// What a checkpoint is held against.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'k> {
    /// The log that it must be of.
    pub origin: &'k str,
    /// The keys of the log, of which one must have signed.
    pub log: &'k [VerifierKey],
    /// The witnesses known, keys of type [`crate::note::SignatureType::CosignatureV1`]. The log is none of them.
    pub witnesses: &'k [VerifierKey],
    /// How many of them must have cosigned.
    pub threshold: usize,
}

impl<'k> Expected<'k> {
    /// A log that needs no witness.
    pub fn log(origin: &'k str, log: &'k [VerifierKey]) -> Expected<'k> {
        Expected { origin, log, witnesses: &[], threshold: 0 }
    }
}

/// A checkpoint that was verified; only verifying makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedCheckpoint {
    checkpoint: Checkpoint,
    cosignatures: Vec<Verified>,
}

impl VerifiedCheckpoint {
    /// What the log signed.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// One for each known witness that cosigned, in the order of their lines.
    pub fn cosignatures(&self) -> &[Verified] {
        &self.cosignatures
    }
}

/// Why a checkpoint cannot be relied on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckpointError {
    /// It is of another log.
    Origin {
        /// Of which it should be.
        expected: String,
        /// Of which it is.
        found: String,
    },
    /// A signature of a known key fails, or there is none.
    Note(NoteError),
    /// Witnesses signed it, but not the log.
    NotByLog,
    /// Fewer known witnesses cosigned than required.
    TooFewWitnesses {
        /// How many are required.
        required: usize,
        /// How many did.
        found: usize,
    },
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CheckpointError::Origin { expected, found } => {
                write!(f, "the checkpoint is of the log {found:?}, not {expected:?} [{CLAUSE}]")
            }
            CheckpointError::Note(error) => error.fmt(f),
            CheckpointError::NotByLog => {
                f.write_str("the log did not sign the checkpoint [C2SP tlog-checkpoint, Signatures]")
            }
            CheckpointError::TooFewWitnesses { required, found } => {
                write!(f, "{found} known witnesses cosigned; {required} are required [C2SP tlog-cosignature]")
            }
        }
    }
}

impl std::error::Error for CheckpointError {}

/// Why two copies of a checkpoint were not merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeError {
    /// They are not copies of one checkpoint.
    OtherCheckpoint,
    /// Together they have more signatures, or more bytes, than a note may have.
    TooLarge,
}

impl fmt::Display for MergeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            MergeError::OtherCheckpoint => "they are not copies of one checkpoint",
            MergeError::TooLarge => "together they have more signatures than a note may have",
        })
    }
}

impl std::error::Error for MergeError {}
