//! An opened PDF file: revisions, objects by number, lazily read (ISO 32000-2, 7.5).

use crate::acroform::AcroForm;
use crate::dss::SecurityStore;
use crate::encryption::Encryption;
use crate::object::{Dictionary, Object, ObjectId, Stream};
use crate::pages::Page;
use crate::signatures::Signatures;
use std::borrow::Cow;
use types::{Budget, Finding, Malformed, Source, Span};

/// How a cross-reference section is written (ISO 32000-2, 7.5.4 and 7.5.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum XrefStyle {
    /// A table.
    Classic,
    /// A stream.
    Stream,
    /// A table whose trailer names a stream for readers that know them.
    Hybrid,
}

/// One state of the file: its original content or an incremental update (ISO 32000-2, 7.5.6).
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    /// Offset just past this revision's `%%EOF` and its end of line, if any.
    pub end: u64,
    /// Offset of the cross-reference section; for a linearised original that of the first page.
    pub xref_at: u64,
    /// How the section is written.
    pub style: XrefStyle,
    /// The trailer dictionary.
    pub trailer: Dictionary,
}

/// An indirect object and where it was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Located {
    /// The object; null if the number is not in use (ISO 32000-2, 7.3.10).
    pub object: Object,
    /// From the object number to past `endobj`; that of the containing object stream for a compressed object;
    /// empty for an object that is not in use.
    pub span: Span,
    /// Whether `span` is that of a containing object stream.
    pub compressed: bool,
    /// Index of the revision whose definition this is.
    pub from: usize,
    /// Faults of this object, e.g. repeated dictionary keys.
    pub findings: Vec<Finding>,
}

/// What a cross-reference section says of an object (ISO 32000-2, Table 18).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// Free.
    Free,
    /// In the file at this offset.
    InUse {
        /// Offset of the object number in the file.
        offset: u64,
    },
    /// In an object stream.
    Compressed {
        /// Object number of the object stream.
        container: u32,
        /// Place in it, counted from 0.
        index: u32,
    },
}

/// An opened document. Nothing but the cross-reference sections is held in memory.
pub struct Document<'s> {
    source: &'s dyn Source,
    version: (u8, u8),
    revisions: Vec<Revision>,
    size: u32,
    encryption: Option<Encryption>,
    findings: Vec<Finding>,
}

/// The document as one of its revisions left it.
#[derive(Clone, Copy)]
pub struct Snapshot<'d, 's> {
    pub(crate) document: &'d Document<'s>,
    pub(crate) revision: usize,
}

impl<'s> Document<'s> {
    /// Reads the cross-reference sections, the catalog and, if encrypted, the key. The empty password is tried
    /// first, then `password` as the user's and as the owner's.
    pub fn open(
        source: &'s dyn Source,
        password: Option<&[u8]>,
        budget: &mut Budget,
    ) -> Result<Document<'s>, Malformed> {
        let _ = (source, password, budget);
        Err(Malformed::unsupported(None, "the reader is not complete", ""))
    }

    /// The bytes.
    pub fn source(&self) -> &'s dyn Source {
        self.source
    }

    /// Length of the file in bytes.
    pub fn len(&self) -> u64 {
        self.source.len()
    }

    /// Whether the file has no byte; never so for an opened document.
    pub fn is_empty(&self) -> bool {
        self.source.is_empty()
    }

    /// Major and minor version: the later one of the header and the catalog's `Version`.
    pub fn version(&self) -> (u8, u8) {
        self.version
    }

    /// All revisions, oldest first; never empty. The cross-reference pair of a linearised file is one revision.
    pub fn revisions(&self) -> &[Revision] {
        &self.revisions
    }

    fn newest(&self) -> &Revision {
        self.revisions.last().expect("an opened document has a revision")
    }

    /// The newest trailer.
    pub fn trailer(&self) -> &Dictionary {
        &self.newest().trailer
    }

    /// One more than the highest object number that any section mentions as in use.
    pub fn size(&self) -> u32 {
        self.size
    }

    /// How the newest section is written.
    pub fn xref_style(&self) -> XrefStyle {
        self.newest().style
    }

    /// Offset of the newest section, what an update's `Prev` must name.
    pub fn startxref(&self) -> u64 {
        self.newest().xref_at
    }

    /// How the file is encrypted, if it is.
    pub fn encryption(&self) -> Option<&Encryption> {
        self.encryption.as_ref()
    }

    /// What was noteworthy about the structure while opening.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The document as it is now.
    pub fn latest(&self) -> Snapshot<'_, 's> {
        self.as_of(self.revisions.len().saturating_sub(1))
    }

    /// The document as revision `revision` left it; the newest one if there is none of that index.
    pub fn as_of(&self, revision: usize) -> Snapshot<'_, 's> {
        Snapshot { document: self, revision: revision.min(self.revisions.len().saturating_sub(1)) }
    }

    /// An object as the newest revision has it.
    pub fn get(&self, id: ObjectId, budget: &mut Budget) -> Result<Located, Malformed> {
        self.latest().get(id, budget)
    }

    /// An object as revision `revision` had it.
    pub fn get_at(&self, revision: usize, id: ObjectId, budget: &mut Budget) -> Result<Located, Malformed> {
        self.as_of(revision).get(id, budget)
    }

    /// The object itself, or what it refers to.
    pub fn resolve<'o>(&self, object: &'o Object, budget: &mut Budget) -> Result<Cow<'o, Object>, Malformed> {
        self.latest().resolve(object, budget)
    }

    /// The catalog (ISO 32000-2, 7.7.2).
    pub fn catalog(&self, budget: &mut Budget) -> Result<(ObjectId, Dictionary), Malformed> {
        self.latest().catalog(budget)
    }

    /// A stream's data, decrypted and decoded.
    pub fn stream_data(&self, stream: &Stream, budget: &mut Budget) -> Result<Vec<u8>, Malformed> {
        self.latest().stream_data(stream, budget)
    }

    /// See [`Snapshot::page_count`].
    pub fn page_count(&self, budget: &mut Budget) -> Result<usize, Malformed> {
        self.latest().page_count(budget)
    }

    /// See [`Snapshot::page`].
    pub fn page(&self, index: usize, budget: &mut Budget) -> Result<Option<Page>, Malformed> {
        self.latest().page(index, budget)
    }

    /// See [`Snapshot::pages`].
    pub fn pages(&self, budget: &mut Budget) -> Result<Vec<Page>, Malformed> {
        self.latest().pages(budget)
    }

    /// See [`Snapshot::acroform`].
    pub fn acroform(&self, budget: &mut Budget) -> Result<Option<AcroForm>, Malformed> {
        self.latest().acroform(budget)
    }

    /// See [`Snapshot::signatures`].
    pub fn signatures(&self, budget: &mut Budget) -> Result<Signatures, Malformed> {
        self.latest().signatures(budget)
    }

    /// See [`Snapshot::security_store`].
    pub fn security_store(&self, budget: &mut Budget) -> Result<Option<SecurityStore>, Malformed> {
        self.latest().security_store(budget)
    }

    /// What revision `revision` itself defines, ascending by object number.
    pub fn objects_of_revision(&self, revision: usize) -> impl Iterator<Item = (ObjectId, EntryKind)> + '_ {
        let _ = revision;
        std::iter::empty()
    }
}

impl<'d, 's> Snapshot<'d, 's> {
    /// The document.
    pub fn document(&self) -> &'d Document<'s> {
        self.document
    }

    /// Index of the revision.
    pub fn revision(&self) -> usize {
        self.revision
    }

    /// An indirect object.
    pub fn get(&self, id: ObjectId, budget: &mut Budget) -> Result<Located, Malformed> {
        let _ = (id, budget);
        Err(Malformed::unsupported(None, "the reader is not complete", ""))
    }

    /// The object itself, or what it refers to, through any number of references up to the nesting limit.
    pub fn resolve<'o>(&self, object: &'o Object, budget: &mut Budget) -> Result<Cow<'o, Object>, Malformed> {
        let _ = budget;
        Ok(Cow::Borrowed(object))
    }

    /// The catalog and its object id.
    pub fn catalog(&self, budget: &mut Budget) -> Result<(ObjectId, Dictionary), Malformed> {
        let _ = budget;
        Err(Malformed::unsupported(None, "the reader is not complete", ""))
    }

    /// A stream's data, decrypted and decoded (ISO 32000-2, 7.4); draws on decoded bytes.
    pub fn stream_data(&self, stream: &Stream, budget: &mut Budget) -> Result<Vec<u8>, Malformed> {
        let _ = (stream, budget);
        Err(Malformed::unsupported(None, "the reader is not complete", ""))
    }
}
