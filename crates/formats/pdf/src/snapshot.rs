//! The document as one of its revisions left it: objects by number, references, streams.

use crate::document::{Document, Located};
use crate::filter;
use crate::object::{Dictionary, Object, ObjectId, Stream, StreamData};
use crate::read::object_stream::ObjectStream;
use crate::read::parser::{Entry as DictionaryEntry, Parser};
use crate::read::structure::{charged, header, indirect, stream_extent};
use crate::read::xref::Entry;
use std::borrow::Cow;
use std::sync::Arc;
use types::{Budget, Finding, Malformed, Resource, Severity, Span};

/// The document as one of its revisions left it.
#[derive(Clone, Copy)]
pub struct Snapshot<'d, 's> {
    pub(crate) document: &'d Document<'s>,
    pub(crate) revision: usize,
}

/// What an object may be, depending on what it is read for; bounds how far reading one leads to reading others.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    /// Anything.
    Any,
    /// The `Length` of a stream: no stream itself.
    Length,
    /// An object stream.
    ObjectStream,
    /// The `Length` of an object stream: neither a stream nor in one (ISO 32000-2, 7.5.7).
    LengthOfObjectStream,
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

    /// An indirect object; null if it is free or was never defined (ISO 32000-2, 7.3.10).
    pub fn get(&self, id: ObjectId, budget: &mut Budget) -> Result<Located, Malformed> {
        self.read(id, Expect::Any, budget)
    }

    /// The bytes from where the cross-reference section says that an object begins, up to a limit of 64 KiB, whatever they
    /// are; `None` for objects that are free or in object streams.
    pub fn unparsed(&self, id: ObjectId, budget: &mut Budget) -> Result<Option<Vec<u8>>, Malformed> {
        const LIMIT: u64 = 64 << 10;
        let Some((_, Entry::InUse { offset, .. })) = self.document.entry(id.number, self.revision) else {
            return Ok(None);
        };
        let start = offset.saturating_add(self.document.shift);
        let Some(length) = self.document.len().checked_sub(start) else { return Ok(None) };
        let length = length.min(LIMIT);
        budget.spend(Resource::DecodedBytes, length)?;
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
        self.document.source().read_at(start, &mut bytes)?;
        Ok(Some(bytes))
    }

    fn read(&self, id: ObjectId, expect: Expect, budget: &mut Budget) -> Result<Located, Malformed> {
        budget.spend(Resource::Steps, 1)?;
        let Some((from, entry)) = self.document.entry(id.number, self.revision) else {
            return Ok(absent(0, Vec::new()));
        };
        match entry {
            Entry::Free { .. } => {
                let message = format!("object {id} is referred to but free");
                Ok(absent(from, vec![Finding::new("pdf.object.free", Severity::Info, message)]))
            }
            Entry::InUse { generation, offset } => {
                if generation != id.generation {
                    let reason =
                        format!("object {id} has generation {generation} in the cross-reference section");
                    return Err(Malformed::syntax(None, reason, "ISO 32000-2, 7.3.10"));
                }
                self.read_at(id, offset, from, expect, budget)
            }
            Entry::Compressed { container, index } => {
                let in_place = matches!(expect, Expect::Any | Expect::Length) && id.generation == 0;
                if !in_place {
                    let reason = format!("object {id} must not be in an object stream");
                    return Err(Malformed::syntax(None, reason, "ISO 32000-2, 7.5.7"));
                }
                let stream = self.object_stream(container, from, budget)?;
                let (object, findings) = stream.object(id, index, budget)?;
                Ok(Located { object, span: stream.span, compressed: true, from, findings })
            }
        }
    }

    /// The object whose entry names `offset`.
    fn read_at(
        &self,
        id: ObjectId,
        offset: u64,
        from: usize,
        expect: Expect,
        budget: &mut Budget,
    ) -> Result<Located, Malformed> {
        let at = offset.saturating_add(self.document.shift);
        let raw = indirect(&self.document.windows, at, budget)?;
        if raw.id != id {
            let reason = format!("object {} where the cross-reference section says {id}", raw.id);
            return Err(Malformed::syntax(raw.span.start, reason, "ISO 32000-2, 7.5.4"));
        }
        let mut located =
            Located { object: raw.object, span: raw.span, compressed: false, from, findings: raw.findings };
        self.check_extent(id, raw.span, from)?;
        let kind = located.object.as_dictionary().and_then(|dictionary| dictionary.get("Type"));
        let plain = raw.data_at.is_some() && kind.and_then(Object::as_name) == Some(b"XRef");
        let encryption = self.document.encryption.as_ref().filter(|_| !plain);
        if let Some(encryption) = encryption {
            encryption.decrypt_strings(id, &mut located.object)?;
        }
        let Some(data_at) = raw.data_at else { return Ok(located) };
        if matches!(expect, Expect::Length | Expect::LengthOfObjectStream) {
            return Err(Malformed::syntax(
                raw.span.start,
                "Length of a stream is a stream",
                "ISO 32000-2, 7.3.8.2",
            ));
        }
        let Object::Dictionary(dictionary) = std::mem::replace(&mut located.object, Object::Null) else {
            return Err(Malformed::syntax(
                raw.span.start,
                "stream without a dictionary",
                "ISO 32000-2, 7.3.8",
            ));
        };
        let length = self.stream_length(&dictionary, raw.span.start, expect, budget)?;
        let (span, end) = stream_extent(&self.document.windows, data_at, length, &mut located.findings)?;
        let data = match encryption {
            Some(_) => StreamData::Encrypted { span, owner: id },
            None => StreamData::InSource(span),
        };
        located.object = Object::Stream(Stream { dictionary, data });
        located.span = Span::new(raw.span.start, end);
        self.check_extent(id, located.span, from)?;
        Ok(located)
    }

    /// An object must lie within the revision that defines it, or else what it says could be appended later
    /// without an update (ISO 32000-2, 7.5.6).
    fn check_extent(&self, id: ObjectId, span: Span, from: usize) -> Result<(), Malformed> {
        match self.document.revisions().get(from) {
            Some(revision) if span.end > revision.end => {
                let reason = format!("object {id} lies beyond the end of the revision that defines it");
                Err(Malformed::syntax(span.start, reason, "ISO 32000-2, 7.5.6"))
            }
            _ => Ok(()),
        }
    }

    fn stream_length(
        &self,
        dictionary: &Dictionary,
        at: u64,
        expect: Expect,
        budget: &mut Budget,
    ) -> Result<u64, Malformed> {
        let value = match dictionary.get("Length") {
            Some(Object::Reference(id)) => {
                let expect = match expect {
                    Expect::ObjectStream => Expect::LengthOfObjectStream,
                    _ => Expect::Length,
                };
                self.read(*id, expect, budget)?.object.as_integer()
            }
            Some(direct) => direct.as_integer(),
            None => None,
        };
        let length = value.and_then(|value| u64::try_from(value).ok());
        length.ok_or_else(|| Malformed::syntax(at, "stream has no Length", "ISO 32000-2, 7.3.8.2"))
    }

    /// The object stream that is object `container`, for an object whose entry is of revision `entry_from`.
    fn object_stream(
        &self,
        container: u32,
        entry_from: usize,
        budget: &mut Budget,
    ) -> Result<Arc<ObjectStream>, Malformed> {
        const CLAUSE: &str = "ISO 32000-2, 7.5.7";
        let fault = || Malformed::syntax(None, format!("object {container} is not an object stream"), CLAUSE);
        let Some((from, Entry::InUse { generation, offset })) = self.document.entry(container, self.revision)
        else {
            return Err(fault());
        };
        if from > entry_from {
            // Else an update of the stream would change objects that the update does not mention.
            let reason = format!("object stream {container} was replaced after the entries of what it holds");
            return Err(Malformed::syntax(None, reason, CLAUSE));
        }
        if let Some(stream) = self.document.object_streams.get(offset) {
            return Ok(stream);
        }
        let id = ObjectId { number: container, generation };
        let located = self.read_at(id, offset, from, Expect::ObjectStream, budget)?;
        let Object::Stream(stream) = located.object else { return Err(fault()) };
        if stream.dictionary.get("Type").and_then(Object::as_name) != Some(b"ObjStm") {
            return Err(fault());
        }
        let direct = |key| stream.dictionary.get(key).and_then(Object::as_integer).ok_or_else(fault);
        let (count, first) = (direct("N")?, direct("First")?);
        let steps = filter::steps(&stream.dictionary, &mut |object| match object {
            Object::Reference(_) => Err(fault()),
            other => Ok(other.clone()),
        })?;
        let (raw, at) = self.raw(&stream, &steps, filter::STRUCTURE, budget)?;
        let data = filter::decode(&steps, raw, at, filter::STRUCTURE, budget)?;
        let stream = Arc::new(ObjectStream::new(located.span, data, count, first, budget)?);
        self.document.object_streams.put(offset, Arc::clone(&stream));
        Ok(stream)
    }

    /// The object numbers that the header of an object stream lists, in its order (ISO 32000-2, 7.5.7); `None` if the
    /// objects do not stand one after the other as listed.
    pub fn members(&self, container: u32, budget: &mut Budget) -> Result<Option<Vec<u32>>, Malformed> {
        let stream = self.object_stream(container, self.revision, budget)?;
        budget.spend(Resource::Steps, stream.objects.len() as u64)?;
        let numbers = stream.objects.iter().map(|(number, _)| *number).collect();
        Ok(stream.is_regular(budget)?.then_some(numbers))
    }

    /// The object itself, or what it refers to, through as many references as nesting may be deep.
    pub fn resolve<'o>(&self, object: &'o Object, budget: &mut Budget) -> Result<Cow<'o, Object>, Malformed> {
        let Object::Reference(id) = object else { return Ok(Cow::Borrowed(object)) };
        self.follow(*id, budget).map(|located| Cow::Owned(located.object))
    }

    /// Like [`Snapshot::get`], but if the object is itself a reference, what that refers to, and so on.
    pub fn follow(&self, id: ObjectId, budget: &mut Budget) -> Result<Located, Malformed> {
        let mut id = id;
        for _ in 0..budget.depth() {
            let located = self.get(id, budget)?;
            match located.object {
                Object::Reference(next) => id = next,
                _ => return Ok(located),
            }
        }
        Err(Malformed::syntax(
            None,
            format!("reference {id} leads to references only"),
            "ISO 32000-2, 7.3.10",
        ))
    }

    /// The entry `key` of a dictionary, resolved; null if there is none.
    pub fn entry<'o>(
        &self,
        dictionary: &'o Dictionary,
        key: &str,
        budget: &mut Budget,
    ) -> Result<Cow<'o, Object>, Malformed> {
        dictionary.get(key).map_or(Ok(Cow::Owned(Object::Null)), |object| self.resolve(object, budget))
    }

    /// The catalog and its object id (ISO 32000-2, 7.7.2), by the trailer of this revision.
    pub fn catalog(&self, budget: &mut Budget) -> Result<(ObjectId, Dictionary), Malformed> {
        const CLAUSE: &str = "ISO 32000-2, 7.7.2";
        let revision = self.document.revisions().get(self.revision);
        let at = revision.map(|revision| revision.xref_at);
        let root = revision.and_then(|revision| revision.trailer.get("Root")).and_then(Object::as_reference);
        let id = root.ok_or_else(|| Malformed::syntax(at, "trailer does not refer to a catalog", CLAUSE))?;
        match self.get(id, budget)?.object {
            Object::Dictionary(catalog) => Ok((id, catalog)),
            _ => Err(Malformed::syntax(at, format!("catalog {id} is not a dictionary"), CLAUSE)),
        }
    }

    /// A stream's data, decrypted and decoded (ISO 32000-2, 7.4); draws on decoded bytes.
    pub fn stream_data(&self, stream: &Stream, budget: &mut Budget) -> Result<Vec<u8>, Malformed> {
        self.stream_data_up_to(filter::CONTENT, stream, budget)
    }

    /// The same, with an error where they decode to more than `limit` bytes.
    pub(crate) fn stream_data_up_to(
        &self,
        limit: u64,
        stream: &Stream,
        budget: &mut Budget,
    ) -> Result<Vec<u8>, Malformed> {
        let steps = {
            let budget = &mut *budget;
            filter::steps(&stream.dictionary, &mut |object| Ok(self.resolve(object, budget)?.into_owned()))?
        };
        let limit = limit.min(filter::CONTENT);
        let (raw, at) = self.raw(stream, &steps, limit, budget)?;
        filter::decode(&steps, raw, at, limit, budget)
    }

    /// The decrypted but still encoded bytes of a stream, and their offset; an error where nothing of at most `limit` bytes
    /// can come of them.
    fn raw(
        &self,
        stream: &Stream,
        steps: &[filter::Step],
        limit: u64,
        budget: &mut Budget,
    ) -> Result<(Vec<u8>, u64), Malformed> {
        let span = match &stream.data {
            StreamData::Bytes(bytes) => return Ok((bytes.clone(), 0)),
            StreamData::InSource(span) | StreamData::Encrypted { span, .. } => *span,
        };
        filter::check_encoded(span.len(), steps, limit)?;
        budget.spend(Resource::DecodedBytes, span.len())?;
        let raw = self.document.windows.bytes(span.start, span.len())?;
        match (&stream.data, &self.document.encryption) {
            (StreamData::Encrypted { owner, .. }, Some(encryption)) => Ok((
                encryption.decrypt_stream(*owner, &stream.dictionary, steps, raw, span.start)?,
                span.start,
            )),
            _ => Ok((raw, span.start)),
        }
    }

    /// The indirect dictionary `id` with the place of each of its entries, repeated keys included. `None` if the
    /// object is null.
    pub(crate) fn placed(&self, id: ObjectId, budget: &mut Budget) -> Result<Option<Placed>, Malformed> {
        let Some((from, Entry::InUse { generation, offset })) = self.document.entry(id.number, self.revision)
        else {
            return self.unplaced(id, budget);
        };
        let at = offset.saturating_add(self.document.shift);
        let read = self.document.windows.lex(at, |lexer| {
            charged(lexer, budget, |lexer, budget| {
                let (found, start) = header(lexer)?;
                let depth = budget.depth();
                let entries = Parser::new(lexer, budget).entries(depth)?;
                lexer.keyword("endobj", "ISO 32000-2, 7.3.10")?;
                Ok((found, entries, Span::new(start, lexer.offset())))
            })
        });
        match read {
            Ok((found, entries, span)) if found == id && generation == id.generation => {
                self.check_extent(id, span, from)?;
                Ok(Some(Placed { id: Some(id), owner: id, entries, span, from, in_file: InFile::Yes }))
            }
            // Not a dictionary, or not this object: reading it the plain way says what is wrong.
            _ => self.unplaced(id, budget),
        }
    }

    fn unplaced(&self, id: ObjectId, budget: &mut Budget) -> Result<Option<Placed>, Malformed> {
        let located = self.follow(id, budget)?;
        match located.object {
            Object::Null => Ok(None),
            Object::Dictionary(dictionary) => Ok(Some(Placed {
                id: Some(id),
                owner: id,
                entries: without_places(dictionary),
                span: located.span,
                from: located.from,
                in_file: InFile::No,
            })),
            _ => {
                let reason = format!("object {id} is not a dictionary");
                Err(Malformed::syntax(located.span.start, reason, "ISO 32000-2, 7.3.7"))
            }
        }
    }

    /// The direct dictionary at `span`, likewise.
    pub(crate) fn placed_direct(
        &self,
        owner: ObjectId,
        span: Span,
        from: usize,
        budget: &mut Budget,
    ) -> Result<Placed, Malformed> {
        let entries = self.document.windows.lex(span.start, |lexer| {
            charged(lexer, budget, |lexer, budget| {
                let depth = budget.depth();
                Parser::new(lexer, budget).entries(depth)
            })
        })?;
        Ok(Placed { id: None, owner, entries, span, from, in_file: InFile::Yes })
    }
}

/// A dictionary with the place of each entry.
pub(crate) struct Placed {
    /// Its own object; `None` if it is direct.
    pub(crate) id: Option<ObjectId>,
    /// The indirect object that it is, or is in.
    pub(crate) owner: ObjectId,
    /// In order, repeated keys included; strings not decrypted if `in_file`.
    pub(crate) entries: Vec<DictionaryEntry>,
    pub(crate) span: Span,
    pub(crate) from: usize,
    pub(crate) in_file: InFile,
}

/// Whether the spans of entries are places in the file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum InFile {
    /// They are.
    Yes,
    /// The dictionary is in an object stream.
    No,
}

/// Entries whose places are unknown.
pub(crate) fn without_places(dictionary: Dictionary) -> Vec<DictionaryEntry> {
    let nowhere = Span::new(0, 0);
    let entry = |(key, value)| DictionaryEntry { key, key_span: nowhere, value, value_span: nowhere };
    dictionary.0.into_iter().map(entry).collect()
}

fn absent(from: usize, findings: Vec<Finding>) -> Located {
    Located { object: Object::Null, span: Span::new(0, 0), compressed: false, from, findings }
}
