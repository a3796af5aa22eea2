//! An opened PDF file: revisions, objects by number, lazily read (ISO 32000-2, 7.5).
//!
//! Nothing is repaired: where the cross-reference sections are broken no object is searched for. What breaks the
//! standard but is met in files that readers accept is tolerated, each time as a finding:
//!
//! | finding | what |
//! |---|---|
//! | `pdf.header.late` | up to 1024 bytes before `%PDF-`; offsets count from byte 0 or from the header |
//! | `pdf.eof.missing` | the last `startxref` is not followed by `%%EOF` |
//! | `pdf.eof.trailing-data` | bytes after the last `%%EOF`, as long as `startxref` is in the last 2048 bytes |
//! | `pdf.xref.offset-early` | an offset names the white space before a cross-reference section |
//! | `pdf.xref.odd-entry` | entries that end in one or three bytes of white space instead of two |
//! | `pdf.xref.repeated-entry` | an object with two equal entries in one section (different ones are malformed) |
//! | `pdf.xref.prev-zero` | `Prev` or `XRefStm` of 0, taken as absent |
//! | `pdf.xref.unknown-type` | entries of a cross-reference stream of a type that is not defined, taken as free |
//! | `pdf.trailer.size` | `Size` missing or not above every object number in use; no object is dropped for it |
//! | `pdf.revision.not-closed` | an older section not followed by `startxref` and `%%EOF`: its end is the next `%%EOF` |
//! | `pdf.revision.section-not-last` | something between the newest section and the last `startxref` |
//! | `pdf.revision.order` | an older revision that ends after the section of a newer one |
//! | `pdf.catalog.version` | `Version` that is not a version |
//! | `pdf.name.odd` | a name that other readers may read as another one, or as more than a name |
//! | `pdf.dictionary.repeated-key` | a repeated key: the first value counts |
//! | `pdf.stream.length` | more than an end of line between a stream's data and `endstream` |
//! | `pdf.object.free` | a reference to a free object, which stands for null (7.3.10) |
//!
//! Tolerated without a finding: comments and white space wherever 7.2 allows them, subsections in any order, a
//! missing end of line before `endstream`, `#` in names that is not followed by two digits.
//! An object is malformed, and only it, if its generation or its header is not as its entry says, if its stream's
//! `Length` does not lead to `endstream`, if it lies beyond the end of the revision whose entry names it, or if the
//! object stream that holds it was replaced by a later revision than its entry.

use crate::acroform::AcroForm;
use crate::dss::SecurityStore;
use crate::encryption::Encryption;
use crate::object::{Dictionary, Object, ObjectId, Stream};
use crate::pages::Page;
use crate::read::object_stream::Cache;
use crate::read::window::Windows;
use crate::read::xref::{Entry, Index, Section, read_chain};
use crate::signatures::Signatures;
use crate::snapshot::Snapshot;
use std::borrow::Cow;
use types::{Budget, Finding, Malformed, Severity, Source, Span};

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
    /// From just past its `%%EOF` to past the white space after it, which nobody reads: a byte range that covers the
    /// revision ends anywhere in there, depending on who wrote the end of the line.
    pub ending: Span,
    /// Offset of the cross-reference section; for a linearised original that of the first page.
    pub xref_at: u64,
    /// How the section is written.
    pub style: XrefStyle,
    /// The trailer dictionary.
    pub trailer: Dictionary,
    /// Object numbers that the table of a hybrid calls free and its stream has in use (ISO 32000-2, 7.5.8.4).
    pub hidden: Vec<u32>,
}

impl Revision {
    /// Whether what ends at `offset` ends with this revision.
    pub fn ends_at(&self, offset: u64) -> bool {
        offset == self.end || self.ending.start <= offset && offset <= self.ending.end
    }
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
    pub(crate) windows: Windows<'s>,
    pub(crate) object_streams: Cache,
    pub(crate) encryption: Option<Encryption>,
    pub(crate) shift: u64,
    version: (u8, u8),
    revisions: Vec<Revision>,
    sections: Vec<Section>,
    index: Index,
    size: u32,
    findings: Vec<Finding>,
}

impl<'s> Document<'s> {
    /// Reads the cross-reference sections, the catalog and, if encrypted, the key. `password` is tried
    /// as the owner's and as the user's, then the empty one.
    pub fn open(
        source: &'s dyn Source,
        password: Option<&[u8]>,
        budget: &mut Budget,
    ) -> Result<Document<'s>, Malformed> {
        let windows = Windows::new(source);
        let chain = read_chain(&windows, budget)?;
        let size = chain.sections.iter().filter_map(Section::highest).max();
        let mut document = Document {
            windows,
            object_streams: Cache::default(),
            encryption: None,
            shift: chain.shift,
            version: chain.version,
            revisions: chain.revisions,
            sections: chain.sections,
            index: chain.index,
            size: size.map_or(0, |highest| highest.saturating_add(1)),
            findings: chain.findings,
        };
        let mut findings = std::mem::take(&mut document.findings);
        document.encryption = Encryption::open(&document, password, &mut findings, budget)?;
        document.findings = findings;
        document.check_size();
        document.check_catalog(budget)?;
        Ok(document)
    }

    /// `Size` must be above every object number in use (ISO 32000-2, Table 15).
    fn check_size(&mut self) {
        let stated = self.trailer().get("Size").and_then(Object::as_integer);
        let highest = self.sections.iter().filter_map(Section::highest_in_use).max().unwrap_or(0);
        if stated.is_none_or(|stated| stated <= i64::from(highest)) {
            let message = match stated {
                Some(stated) => format!("the trailer's Size is {stated}, but object {highest} is in use"),
                None => "the trailer has no Size".to_owned(),
            };
            let finding = Finding::new("pdf.trailer.size", Severity::Warning, message);
            self.findings.push(finding.hint("readers may ignore objects above Size"));
        }
    }

    /// The catalog must be readable; its `Version` counts if it is later than the header's (ISO 32000-2, 7.5.2).
    fn check_catalog(&mut self, budget: &mut Budget) -> Result<(), Malformed> {
        let (_, catalog) = self.catalog(budget)?;
        let Some(version) = catalog.get("Version") else { return Ok(()) };
        let version = self.resolve(version, budget)?.into_owned();
        match version.as_name() {
            Some([major @ b'0'..=b'9', b'.', minor @ b'0'..=b'9']) => {
                self.version = self.version.max((major - b'0', minor - b'0'));
            }
            _ => {
                let message = "the catalog's Version is not a name like 1.7";
                self.findings.push(Finding::new("pdf.catalog.version", Severity::Warning, message));
            }
        }
        Ok(())
    }

    /// What the sections up to `revision` say of an object number, and the revision that says it.
    pub(crate) fn entry(&self, number: u32, revision: usize) -> Option<(usize, Entry)> {
        self.index.find(&self.sections, number, revision)
    }

    /// The bytes.
    pub fn source(&self) -> &'s dyn Source {
        self.windows.source()
    }

    /// Length of the file in bytes.
    pub fn len(&self) -> u64 {
        self.source().len()
    }

    /// Whether the file has no byte; never so for an opened document.
    pub fn is_empty(&self) -> bool {
        self.source().is_empty()
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

    /// One more than the highest object number that any section mentions, in use or free.
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

    /// See [`Snapshot::page_ids`].
    pub fn page_ids(&self, budget: &mut Budget) -> Result<Vec<ObjectId>, Malformed> {
        self.latest().page_ids(budget)
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
        self.sections.get(revision).into_iter().flat_map(|section| section.iter(self.shift))
    }
}
