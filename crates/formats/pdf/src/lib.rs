//! PDF bytes to structures and back: a strict lazy reader and an append-only writer.

pub mod acroform;
pub mod appearance;
pub mod content;
pub mod document;
pub mod dss;
pub mod encryption;
mod filter;
pub mod object;
pub mod pages;
mod read;
pub mod signature;
pub mod signatures;
mod snapshot;
pub mod strings;
mod text;
pub mod update;

pub use document::{Document, EntryKind, Located, Revision, XrefStyle};
pub use snapshot::Snapshot;
pub use text::{PageText, PlacedGlyph, marks, traces};
