//! Test material made on the spot: people with keys, authorities, PDF files of given size and style.
//!
//! For tests and benchmarks only; keys are fresh on each run and live in memory.

pub mod attacks;
pub mod authority;
mod document;
pub mod hostile;
mod people;

pub use document::{Style, document, huge_document};
pub use people::{Authority, Person};
