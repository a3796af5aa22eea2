//! The interop harness: our files judged by EU DSS, pyHanko, poppler, OpenSSL and qpdf, and theirs by us.
//!
//! The tests under `tests/` hold the properties; this library holds what they drive: [`Peer`] and its five
//! implementations, a PKI made by OpenSSL, input PDFs of every style, and the `undersign` command line.

pub mod containers;
pub mod dss;
pub mod exceptions;
pub mod fields;
pub mod go_tlog;
pub mod image;
pub mod inputs;
pub mod jobs;
pub mod levels;
pub mod matrix;
pub mod mutation;
pub mod openssl;
pub mod ours;
pub mod pdf;
pub mod pdfsig;
pub mod peer;
pub mod pki;
pub mod places;
pub mod pyhanko;
pub mod qpdf;
pub mod service;
pub mod theirs;
pub mod timeline;
pub mod verapdf;
pub mod verdicts;

pub use peer::{Job, Judged, Outcome, Peer, Row};
