//! PDF bytes to structures and back: a strict lazy reader and an append-only writer.

pub mod acroform;
pub mod document;
pub mod dss;
pub mod encryption;
pub mod object;
pub mod pages;
pub mod signatures;

pub use document::{Document, EntryKind, Located, Revision, Snapshot, XrefStyle};
