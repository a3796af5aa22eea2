//! Bytes to evidence: all cryptography done once, every fact kept.
//!
//! [`collect_pdf`] reads a document and computes everything that can be computed: digests, signature values, timestamps,
//! who signed whom, what certificates and revocation data say, what later revisions changed. The result is frozen;
//! judging it, at whatever time and by whatever policy, is the next crate's work and needs no cryptography.

mod collect;
mod coverage;
mod facts;
pub mod frozen;

pub use collect::{
    Context, RecordFile, collect_asic, collect_cms, collect_pdf, collect_timestamp, collect_xml, feed,
};
pub use coverage::{Coverage, Covered, Uncovered};
pub use facts::*;

/// Code of the finding that not all validation data were examined, as a limit was reached.
pub const INCOMPLETE: &str = "evidence.budget";
