//! Proofs that stand alone (C2SP tlog-proof): an entry's place, the way from it to the root, and the checkpoint.

use crate::checkpoint::{CheckpointError, Expected, SignedCheckpoint, VerifiedCheckpoint};
use crate::merkle::{Hash, InclusionError, verify_inclusion};
use crate::note::MAX_NOTE;
use crate::text::{Part, to_base64, utf8};
use crypto::Provider;
use std::fmt;
use types::{Budget, Malformed};

/// The first line of every proof.
pub const PROOF_FORMAT: &str = "c2sp.org/tlog-proof@v1";
/// The largest proof in bytes.
pub const MAX_PROOF: usize = 2 * MAX_NOTE;
/// The most hashes of an inclusion proof: one for each level below a root.
pub const MAX_PATH: usize = 64;

const CLAUSE: &str = "C2SP tlog-proof, Format";

/// That an entry is in a log. Nothing of it counts before it is verified, and the extra data not even then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogProof {
    /// What the application that made it says besides, which nobody signed; empty if nothing.
    pub extra: Vec<u8>,
    /// Of the entry, from 0.
    pub index: u64,
    /// The inclusion proof, from the sibling of the leaf up to the child of the root.
    pub path: Vec<Hash>,
    /// The tree that the entry is in.
    pub checkpoint: SignedCheckpoint,
}

impl LogProof {
    /// Reads a proof.
    ///
    /// # Errors
    /// It breaks the format, is larger than [`MAX_PROOF`], or the budget ends.
    pub fn parse(bytes: &[u8], budget: &mut Budget) -> Result<LogProof, Malformed> {
        let whole = Part::new(utf8(bytes, MAX_PROOF, "the proof", CLAUSE)?, 0);
        let (header, rest) = whole.line("the first line", CLAUSE, budget)?;
        if header.text != PROOF_FORMAT {
            return Err(header.malformed(format!("the first line is not {PROOF_FORMAT}"), CLAUSE));
        }
        let (mut line, mut rest) = rest.line("the line of the index", CLAUSE, budget)?;
        let mut extra = Vec::new();
        if let Some(encoded) = line.after("extra ") {
            extra = encoded.base64("the extra data", CLAUSE, budget)?;
            if extra.is_empty() {
                return Err(line.malformed("a line of extra data without any", CLAUSE));
            }
            (line, rest) = rest.line("the line of the index", CLAUSE, budget)?;
        }
        let index = line.after("index ").ok_or_else(|| line.malformed("no line with the index", CLAUSE))?;
        let index = index.decimal("the index", CLAUSE)?;
        let mut path = Vec::new();
        loop {
            (line, rest) = rest.line("the inclusion proof", CLAUSE, budget)?;
            if line.text.is_empty() {
                break;
            }
            if path.len() == MAX_PATH {
                let reason = format!("an inclusion proof of more than {MAX_PATH} hashes");
                return Err(line.malformed(reason, "RFC 9162, 2.1.3"));
            }
            path.push(line.hash("a line of the inclusion proof", CLAUSE, budget)?);
        }
        let checkpoint = SignedCheckpoint::parse(rest.text.as_bytes(), budget).map_err(|mut error| {
            error.at = error.at.map(|at| at + rest.at as u64);
            error
        })?;
        Ok(LogProof { extra, index, path, checkpoint })
    }

    /// The bytes that [`LogProof::parse`] reads.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_string().into_bytes()
    }

    /// Verifies that the entry whose leaf hash is `leaf` is in the log: that the checkpoint is of this log, is signed by
    /// it and cosigned by enough witnesses, and that the inclusion proof holds (C2SP tlog-proof, Verifying a tlog proof).
    ///
    /// # Errors
    /// The first of these that does not hold.
    pub fn verify(
        &self,
        leaf: &Hash,
        expected: &Expected<'_>,
        budget: &mut Budget,
        provider: &dyn Provider,
    ) -> Result<VerifiedCheckpoint, ProofError> {
        let verified = self.checkpoint.verify(expected, budget, provider).map_err(ProofError::Checkpoint)?;
        let head = verified.checkpoint().head();
        verify_inclusion(provider, self.index, head.size, leaf, &self.path, &head.root)
            .map_err(ProofError::Inclusion)?;
        Ok(verified)
    }
}

impl fmt::Display for LogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{PROOF_FORMAT}")?;
        if !self.extra.is_empty() {
            writeln!(f, "extra {}", to_base64(&self.extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint.note())
    }
}

/// Why a proof does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProofError {
    /// The checkpoint cannot be relied on.
    Checkpoint(CheckpointError),
    /// The entry is not shown to be in the tree of the checkpoint.
    Inclusion(InclusionError),
}

impl fmt::Display for ProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProofError::Checkpoint(error) => error.fmt(f),
            ProofError::Inclusion(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ProofError {}
