//! Makes small PDF files, right or wrong as a test wants them.

use types::{Budget, Source, SourceError};
use undersign_pdf::object::{Object, ObjectId};
use undersign_pdf::{Document, Snapshot};

/// A file in the making: bytes so far and the entries of the section to come.
pub struct File {
    pub bytes: Vec<u8>,
    pub entries: Vec<(u32, Row)>,
    pub sections: Vec<usize>,
}

/// An entry to come.
#[derive(Clone, Copy)]
pub enum Row {
    Free,
    At(usize),
    In(u32, u32),
}

impl File {
    /// A file that has its header only.
    pub fn new() -> File {
        File { bytes: b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec(), entries: Vec::new(), sections: Vec::new() }
    }

    /// A file with a catalog (object 1, with `entries` more) and an empty page tree (object 2).
    pub fn with_catalog(entries: &str) -> File {
        File::new()
            .object(1, &format!("<</Type/Catalog/Pages 2 0 R {entries}>>"))
            .object(2, "<</Type/Pages/Kids[]/Count 0>>")
    }

    /// Bytes as they are.
    pub fn raw(mut self, text: impl AsRef<[u8]>) -> File {
        self.bytes.extend(text.as_ref());
        self
    }

    /// `number 0 obj … endobj`.
    pub fn object(mut self, number: u32, body: &str) -> File {
        self.entries.push((number, Row::At(self.bytes.len())));
        self.raw(format!("{number} 0 obj\n{body}\nendobj\n"))
    }

    /// A stream with its length and further entries of its dictionary.
    pub fn stream(mut self, number: u32, entries: &str, data: &[u8]) -> File {
        self.entries.push((number, Row::At(self.bytes.len())));
        self.raw(format!("{number} 0 obj\n<</Length {} {entries}>>stream\n", data.len()))
            .raw(data)
            .raw("\nendstream\nendobj\n")
    }

    /// An object stream, and the entries of what it holds.
    pub fn object_stream(mut self, number: u32, objects: &[(u32, &str)]) -> File {
        let (mut header, mut bodies) = (String::new(), String::new());
        for (index, (inner, body)) in objects.iter().enumerate() {
            header += &format!("{inner} {} ", bodies.len());
            bodies += &format!("{body} ");
            self.entries.push((*inner, Row::In(number, index as u32)));
        }
        let entries = format!("/Type/ObjStm/N {}/First {}", objects.len(), header.len());
        self.stream(number, &entries, (header + &bodies).as_bytes())
    }

    /// A free entry.
    pub fn free(mut self, number: u32) -> File {
        self.entries.push((number, Row::Free));
        self
    }

    /// An entry that says what is not so.
    pub fn entry(mut self, number: u32, offset: usize) -> File {
        self.entries.push((number, Row::At(offset)));
        self
    }

    /// An entry that puts an object into an object stream.
    pub fn inside(mut self, number: u32, stream: u32, index: u32) -> File {
        self.entries.push((number, Row::In(stream, index)));
        self
    }

    fn size(&self) -> u32 {
        self.entries.iter().map(|(number, _)| number + 1).max().unwrap_or(1)
    }

    /// A table and its trailer; `entries` are added to the trailer.
    pub fn table(mut self, entries: &str) -> File {
        self.sections.push(self.bytes.len());
        let mut text = String::from("xref\n0 1\n0000000000 65535 f \n");
        for (number, row) in &self.entries {
            text += &match row {
                Row::At(offset) => format!("{number} 1\n{offset:010} 00000 n \n"),
                Row::Free => format!("{number} 1\n0000000000 00001 f \n"),
                Row::In(..) => continue,
            };
        }
        text += &format!("trailer\n<</Size {}{}{entries}>>\n", self.size(), self.trailer());
        self.entries.clear();
        self.raw(text)
    }

    /// A cross-reference stream, object `number`.
    pub fn xref_stream(mut self, number: u32, entries: &str) -> File {
        let at = self.bytes.len();
        self.sections.push(at);
        self.entries.push((number, Row::At(at)));
        let (mut index, mut rows) = (String::new(), Vec::new());
        for (number, row) in &self.entries {
            index += &format!("{number} 1 ");
            let (kind, second, third) = match *row {
                Row::Free => (0, 0, 0),
                Row::At(offset) => (1, offset as u32, 0),
                Row::In(stream, place) => (2, stream, place as u16),
            };
            rows.push(kind);
            rows.extend(second.to_be_bytes());
            rows.extend(third.to_be_bytes());
        }
        let entries =
            format!("/Type/XRef/W[1 4 2]/Index[{index}]/Size {}{}{entries}", self.size(), self.trailer());
        let file = self.stream(number, &entries, &rows);
        File { entries: Vec::new(), ..file }
    }

    fn trailer(&self) -> String {
        match self.sections.len().checked_sub(2) {
            Some(before) => format!("/Root 1 0 R/Prev {}", self.sections[before]),
            None => "/Root 1 0 R".into(),
        }
    }

    /// `startxref` of the last section, and `%%EOF`.
    pub fn close(self) -> File {
        let at = *self.sections.last().expect("a section comes first");
        self.raw(format!("startxref\n{at}\n%%EOF\n"))
    }

    /// A table, closed.
    pub fn finish(self) -> Vec<u8> {
        self.table("").close().bytes
    }
}

/// A source that does not show its bytes, like a file on disk.
pub struct Hidden<'b>(pub &'b [u8]);

impl Source for Hidden<'_> {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), SourceError> {
        self.0.read_at(offset, buffer)
    }
}

/// Opens a file and hands it to `look`, from memory and as if from disk.
pub fn opened(bytes: &[u8], look: impl Fn(&Document<'_>, &mut Budget)) {
    let (memory, disk) = (bytes.to_vec(), Hidden(bytes));
    for source in [&memory as &dyn Source, &disk] {
        let mut budget = Budget::default();
        let document = Document::open(source, None, &mut budget).expect("the file opens");
        look(&document, &mut budget);
    }
}

/// Why a file does not open.
pub fn refusal(bytes: &[u8]) -> types::Malformed {
    let memory = bytes.to_vec();
    let error = Document::open(&memory, None, &mut Budget::default()).err().expect("the file does not open");
    let disk = Document::open(&Hidden(bytes), None, &mut Budget::default()).err();
    assert_eq!(disk.as_ref(), Some(&error));
    error
}

/// An object of generation 0, or why it cannot be read.
pub fn object(snapshot: Snapshot<'_, '_>, number: u32, budget: &mut Budget) -> Result<Object, String> {
    let located = snapshot.get(ObjectId { number, generation: 0 }, budget);
    located.map(|located| located.object).map_err(|error| error.reason)
}

/// The codes of a document's findings.
pub fn codes(document: &Document<'_>) -> Vec<String> {
    document.findings().iter().map(|finding| finding.code.clone().into_owned()).collect()
}
