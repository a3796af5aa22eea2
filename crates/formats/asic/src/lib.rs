//! ASiC containers (EN 319 162-1, EN 319 162-2): ZIP members, manifests, and what each signature is over.
//!
//! [`Container::open`] reads the ZIP structure lazily over a range source and keeps the place of everything. Two readers
//! that see different members are the root of attacks on containers, so whatever lets them differ is a finding of
//! severity error: a container with such a finding must not pass. Nothing here checks a signature.

mod container;
mod content;
mod digests;
mod forms;
mod links;
mod manifest;
mod mimetype;
mod open_document;
mod structure;
mod uri;
mod write;
mod xml;
mod zip;

pub use container::{Container, Kind, Member};
pub use content::{Content, uncovered};
pub use digests::Digests;
pub use forms::{EvidenceRecordSyntax, Form, SignatureFile};
pub use links::{Outcome, ReferenceCheck};
pub use manifest::{DataObjectReference, Manifest, ManifestKind, SigReference};
pub use mimetype::{Mimetype, MimetypePlace};
pub use open_document::{FileEntry, OpenDocumentManifest};
pub use uri::{Resolution, percent_decoded};
pub use write::{
    ASIC_E, ASIC_S, ContainerWriter, Crc32, ManifestEntry, NameError, Piece, manifest, rewritten,
};
pub use zip::{Entry, Method};
