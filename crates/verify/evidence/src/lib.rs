//! Bytes to evidence: all cryptography done once, every fact kept.
//!
//! [`collect`] reads a document and computes everything that can be computed: digests, signature values, certification
//! paths, what later revisions changed. The result is frozen; judging it is the next crate's work.

mod collect;
mod coverage;
mod envelope;
mod facts;
mod hashing;
mod pool;
mod signer;
mod trust;

pub use collect::{Context, collect};
pub use coverage::{Coverage, Covered, Uncovered};
pub use facts::*;
pub use hashing::feed;
