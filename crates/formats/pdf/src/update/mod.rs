//! Incremental updates (ISO 32000-2, 7.5.6): changed objects collected, then written as bytes to append.
//!
//! Nothing here can change a byte of the file: the result is a tail that goes after the untouched original.

mod edit;
mod serialise;
mod xref;

pub(crate) use edit::Holder;
pub use serialise::to_bytes;

use crate::document::Document;
use crate::object::{Dictionary, Object, ObjectId, Stream, StreamData};
use serialise::Serialiser;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::ops::Range;
use types::{Budget, Malformed, Span};

/// Highest object number that a file may use: the limit of many readers (ISO 32000-1, Annex C).
const HIGHEST_NUMBER: u32 = 8_388_607;

/// Objects to be added to or replaced in a document.
pub struct Update<'d, 's> {
    document: &'d Document<'s>,
    entropy: [u8; 32],
    pending: BTreeMap<u32, Pending>,
    next: u32,
}

struct Pending {
    generation: u16,
    body: Body,
}

enum Body {
    Reserved,
    Object(Object),
    Signature { entries: Dictionary, contents_len: usize },
}

/// What goes after the untouched bytes of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tail {
    /// Length of the file that the tail belongs to; all of it stays as it is.
    pub base_len: u64,
    /// The bytes to append.
    pub bytes: Vec<u8>,
    /// Placeholders of a signature dictionary, if one was written.
    pub(crate) signature: Option<SignaturePlaces>,
}

/// Where the placeholders of a signature dictionary are, in the bytes of the tail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignaturePlaces {
    /// `[0 … ]`, padded with spaces.
    pub(crate) byte_range: Range<usize>,
    /// `<000…>` with its brackets.
    pub(crate) contents: Range<usize>,
}

/// Width of the ByteRange array: three numbers of up to 19 digits, so any offset fits.
const BYTE_RANGE_WIDTH: usize = "[0 ]".len() + 3 * 20;

impl<'d, 's> Update<'d, 's> {
    /// An empty update. `entropy` is the only source of randomness, for initialisation vectors and the file identifier:
    /// 32 fresh random bytes, never used for another update.
    pub fn new(document: &'d Document<'s>, entropy: [u8; 32]) -> Update<'d, 's> {
        let stated = document.trailer().get("Size").and_then(Object::as_integer);
        let stated = stated.and_then(|size| u32::try_from(size).ok()).filter(|size| *size <= HIGHEST_NUMBER);
        // Numbers between the highest in use and Size are free, maybe with generations of their own.
        let next = document.size().max(stated.unwrap_or(0)).max(1);
        Update { document, entropy, pending: BTreeMap::new(), next }
    }

    /// The document that is updated.
    pub fn document(&self) -> &'d Document<'s> {
        self.document
    }

    /// Whether nothing was set or added.
    pub fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// Replaces an object of the document, or gives a reserved number its object.
    pub fn set(&mut self, id: ObjectId, object: Object) {
        self.next = self.next.max(id.number.saturating_add(1));
        self.pending.insert(id.number, Pending { generation: id.generation, body: Body::Object(object) });
    }

    /// A number for an object that is set later.
    pub fn reserve(&mut self) -> ObjectId {
        let id = ObjectId { number: self.next, generation: 0 };
        self.next = self.next.saturating_add(1);
        self.pending.insert(id.number, Pending { generation: 0, body: Body::Reserved });
        id
    }

    /// Adds a new object.
    pub fn add(&mut self, object: Object) -> ObjectId {
        let id = self.reserve();
        self.set(id, object);
        id
    }

    /// Gives a reserved number a signature dictionary with placeholders for `ByteRange` and `Contents` of
    /// `contents_len` bytes.
    pub(crate) fn set_signature(&mut self, id: ObjectId, entries: Dictionary, contents_len: usize) {
        let body = Body::Signature { entries, contents_len };
        self.pending.insert(id.number, Pending { generation: id.generation, body });
    }

    /// An object as it will be after the update; null for a number that is only reserved.
    pub fn get(&self, id: ObjectId, budget: &mut Budget) -> Result<Object, Malformed> {
        match self.pending.get(&id.number) {
            Some(Pending { generation, body: Body::Object(object) }) if *generation == id.generation => {
                Ok(object.clone())
            }
            Some(_) => Ok(Object::Null),
            None => Ok(self.document.get(id, budget)?.object),
        }
    }

    /// The object, or what it refers to after the update.
    pub fn resolve(&self, object: &Object, budget: &mut Budget) -> Result<Object, Malformed> {
        let mut object = object.clone();
        for _ in 0..budget.depth() {
            match object {
                Object::Reference(id) => object = self.get(id, budget)?,
                other => return Ok(other),
            }
        }
        Err(Malformed::syntax(None, "references lead in a circle", "ISO 32000-2, 7.3.10"))
    }

    /// The bytes to append, in the style of the file's newest cross-reference section.
    pub fn finish(&self, budget: &mut Budget) -> Result<Tail, Malformed> {
        if self.next > HIGHEST_NUMBER {
            let reason = format!(
                "the file uses object numbers up to {}, the format allows {HIGHEST_NUMBER}",
                self.next
            );
            return Err(Malformed::unsupported(None, reason, "ISO 32000-1, Annex C"));
        }
        let base_len = self.document.len();
        let mut writer = Writer {
            update: self,
            base_len,
            bytes: Vec::with_capacity(8192),
            nonce: 0,
            offsets: Vec::with_capacity(self.pending.len() + 1),
            signature: None,
        };
        if !ends_with_line_end(self.document)? {
            writer.bytes.push(b'\n');
        }
        for (&number, pending) in &self.pending {
            let id = ObjectId { number, generation: pending.generation };
            writer.indirect(id, &pending.body, budget)?;
        }
        xref::write(&mut writer)?;
        let Writer { mut bytes, signature, .. } = writer;
        if let Some(places) = &signature {
            fill_byte_range(&mut bytes, base_len, places);
        }
        Ok(Tail { base_len, bytes, signature })
    }

    /// 32 bytes that depend on the entropy and a label, never the same for two labels.
    fn derive(&self, label: &[u8], counter: u64) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(self.entropy);
        hasher.update(counter.to_be_bytes());
        hasher.update(label);
        hasher.finalize().into()
    }
}

impl Tail {
    /// The four numbers of `ByteRange` for a signature in this tail.
    pub(crate) fn byte_range(&self) -> Option<[u64; 4]> {
        self.signature.as_ref().map(|places| byte_range(self.base_len, self.bytes.len(), places))
    }

    /// `Contents` with its brackets, from the start of the file.
    pub(crate) fn contents(&self) -> Option<Span> {
        let contents = &self.signature.as_ref()?.contents;
        Some(Span::new(self.base_len + contents.start as u64, self.base_len + contents.end as u64))
    }
}

/// Everything but `Contents` (ISO 32000-2, 12.8.1).
fn byte_range(base_len: u64, tail_len: usize, places: &SignaturePlaces) -> [u64; 4] {
    let start = base_len + places.contents.start as u64;
    let end = base_len + places.contents.end as u64;
    [0, start, end, (tail_len - places.contents.end) as u64]
}

fn fill_byte_range(bytes: &mut [u8], base_len: u64, places: &SignaturePlaces) {
    let [_, first_len, second, second_len] = byte_range(base_len, bytes.len(), places);
    let text = format!("[0 {first_len} {second} {second_len}]");
    if let Some(place) = bytes.get_mut(places.byte_range.start..places.byte_range.start + text.len()) {
        place.copy_from_slice(text.as_bytes());
    }
}

fn ends_with_line_end(document: &Document<'_>) -> Result<bool, Malformed> {
    let mut last = [0_u8];
    let length = document.len();
    if length == 0 {
        return Ok(true);
    }
    document.source().read_at(length - 1, &mut last)?;
    Ok(matches!(last, [b'\n' | b'\r']))
}

/// The tail in the making.
struct Writer<'u, 'd, 's> {
    update: &'u Update<'d, 's>,
    base_len: u64,
    bytes: Vec<u8>,
    nonce: u64,
    /// Number, generation and offset of what was written, ascending by number.
    offsets: Vec<(ObjectId, u64)>,
    signature: Option<SignaturePlaces>,
}

impl Writer<'_, '_, '_> {
    /// Offset of the next byte as cross-reference sections count: from the header, which may have bytes before it.
    fn position(&self) -> u64 {
        (self.base_len + self.bytes.len() as u64).saturating_sub(self.update.document.shift)
    }

    fn initialisation_vector(&mut self) -> [u8; 16] {
        let bytes = self.update.derive(b"iv", self.nonce);
        self.nonce += 1;
        let mut iv = [0; 16];
        iv.copy_from_slice(&bytes[..16]);
        iv
    }

    /// `n g obj … endobj`
    fn indirect(&mut self, id: ObjectId, body: &Body, budget: &mut Budget) -> Result<(), Malformed> {
        let null = Object::Null;
        let position = self.position();
        self.offsets.push((id, position));
        self.bytes.extend_from_slice(format!("{} {} obj\n", id.number, id.generation).as_bytes());
        match body {
            Body::Reserved => self.value(id, &null),
            Body::Object(Object::Stream(stream)) => self.stream(id, stream, budget)?,
            Body::Object(object) => self.value(id, object),
            Body::Signature { entries, contents_len } => self.signature(id, entries, *contents_len),
        }
        self.bytes.extend_from_slice(b"\nendobj\n");
        Ok(())
    }

    /// Runs `write` with a serialiser that encrypts strings if the file is encrypted.
    fn serialise(&mut self, id: ObjectId, write: impl FnOnce(&mut Serialiser<'_>)) {
        let bytes = std::mem::take(&mut self.bytes);
        self.bytes = match self.update.document.encryption() {
            None => {
                let mut serialiser = Serialiser::new(bytes, None);
                write(&mut serialiser);
                serialiser.out
            }
            Some(encryption) => {
                let mut cipher =
                    |plain: &[u8]| encryption.encrypt_string(id, plain, self.initialisation_vector());
                let mut serialiser = Serialiser::new(bytes, Some(&mut cipher));
                write(&mut serialiser);
                serialiser.out
            }
        };
    }

    fn value(&mut self, id: ObjectId, object: &Object) {
        self.serialise(id, |serialiser| serialiser.object(object));
    }

    fn stream(&mut self, id: ObjectId, stream: &Stream, budget: &mut Budget) -> Result<(), Malformed> {
        let data = self.stream_bytes(id, stream, budget)?;
        let mut dictionary = stream.dictionary.clone();
        dictionary.set("Length", Object::Integer(data.len() as i64));
        self.serialise(id, |serialiser| serialiser.dictionary(&dictionary));
        self.bytes.extend_from_slice(b"\nstream\n");
        self.bytes.extend_from_slice(&data);
        self.bytes.extend_from_slice(b"\nendstream");
        Ok(())
    }

    /// The raw bytes of a stream as they go into the file.
    fn stream_bytes(
        &mut self,
        id: ObjectId,
        stream: &Stream,
        budget: &mut Budget,
    ) -> Result<Vec<u8>, Malformed> {
        let encryption = self.update.document.encryption();
        match (&stream.data, encryption) {
            (StreamData::Bytes(bytes), None) => Ok(bytes.clone()),
            (StreamData::Bytes(bytes), Some(encryption)) => {
                Ok(encryption.encrypt_stream(id, bytes, self.initialisation_vector()))
            }
            (StreamData::InSource(span), None) => {
                budget.spend(types::Resource::DecodedBytes, span.len())?;
                let too_long = |_| Malformed::unsupported(span.start, "the stream is too long to copy", "");
                let mut bytes = vec![0; usize::try_from(span.len()).map_err(too_long)?];
                self.update.document.source().read_at(span.start, &mut bytes)?;
                Ok(bytes)
            }
            (StreamData::InSource(span), Some(_)) | (StreamData::Encrypted { span, .. }, _) => {
                let reason = "a stream of an encrypted file cannot be copied as it is";
                Err(Malformed::unsupported(span.start, reason, "ISO 32000-2, 7.6"))
            }
        }
    }

    /// A signature dictionary with its placeholders; `Contents` is never encrypted (ISO 32000-2, 7.6.2).
    fn signature(&mut self, id: ObjectId, entries: &Dictionary, contents_len: usize) {
        self.bytes.extend_from_slice(b"<<");
        self.serialise(id, |serialiser| serialiser.entries(entries));
        self.bytes.extend_from_slice(b"/ByteRange ");
        let byte_range = self.bytes.len()..self.bytes.len() + BYTE_RANGE_WIDTH;
        self.bytes.resize(byte_range.end, b' ');
        self.bytes.extend_from_slice(b"/Contents ");
        let contents = self.bytes.len()..self.bytes.len() + 2 * contents_len + 2;
        self.bytes.push(b'<');
        self.bytes.resize(contents.end - 1, b'0');
        self.bytes.extend_from_slice(b">>>");
        self.signature = Some(SignaturePlaces { byte_range, contents });
    }
}
