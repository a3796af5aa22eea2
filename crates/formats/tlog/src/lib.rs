//! Transparency logs as C2SP writes them: Merkle trees, tiles, signed notes, checkpoints and proofs, bytes to structures
//! and back.
//!
//! Nothing here knows where a log lies, what it holds, or whom to trust: stored hashes come through closures, keys and
//! witnesses are arguments, private keys stay behind [`crypto::Signer`].

pub mod checkpoint;
pub mod merkle;
pub mod note;
pub mod proof;
mod text;
pub mod tile;
