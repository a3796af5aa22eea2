//! Reads BER as received (ITU-T X.690, 8): tags, definite and indefinite lengths, constructed strings; keeps every byte's place.

use std::borrow::Cow;
use types::{Budget, Malformed, Resource, Span};

/// Bytes exactly as they were received, with their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoded<'a> {
    /// Tag, length and content (and end-of-contents octets where the length is indefinite).
    pub bytes: &'a [u8],
    /// Where they lie in the CMS bytes that were parsed.
    pub span: Span,
}

/// Class and number of an ASN.1 tag; whether it is constructed is the encoding's business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    class: u8,
    number: u32,
}

impl Tag {
    pub(crate) const BOOLEAN: Tag = Tag::universal(1);
    pub(crate) const INTEGER: Tag = Tag::universal(2);
    pub(crate) const BIT_STRING: Tag = Tag::universal(3);
    pub(crate) const OCTET_STRING: Tag = Tag::universal(4);
    pub(crate) const OBJECT_IDENTIFIER: Tag = Tag::universal(6);
    pub(crate) const SEQUENCE: Tag = Tag::universal(16);
    pub(crate) const SET: Tag = Tag::universal(17);
    pub(crate) const UTC_TIME: Tag = Tag::universal(23);
    pub(crate) const GENERALIZED_TIME: Tag = Tag::universal(24);
    const END_OF_CONTENTS: Tag = Tag::universal(0);

    pub(crate) const fn universal(number: u32) -> Tag {
        Tag { class: 0, number }
    }

    pub(crate) const fn context(number: u32) -> Tag {
        Tag { class: 2, number }
    }

    /// Whether it is a universal string type, which BER may cut into segments (X.690, 8.7 and 8.23) and DER may not
    /// (X.690, 10.2). BIT STRING is left out: nothing in CMS cuts one.
    pub(crate) fn is_string(self) -> bool {
        self.class == 0 && matches!(self.number, 4 | 12 | 18..=22 | 25..=30)
    }
}

/// One value: its tag, its whole encoding and its content.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'a> {
    pub(crate) tag: Tag,
    pub(crate) form: Form,
    pub(crate) encoded: Encoded<'a>,
    pub(crate) content: &'a [u8],
    content_at: u64,
}

/// How the content is delimited and made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Primitive,
    Constructed,
    /// Constructed, ended by end-of-contents octets.
    Indefinite,
}

/// Identifier and length octets (X.690, 8.1.2 and 8.1.3).
#[derive(Clone, Copy, Debug)]
struct Header {
    tag: Tag,
    form: Form,
    /// Number of identifier octets.
    identifier_len: usize,
    /// Offset of the first content byte.
    content: usize,
    /// Offset after the last content byte; for the indefinite form that of the first.
    end: usize,
}

fn broken(base: u64, at: usize, reason: impl Into<String>) -> Malformed {
    Malformed::syntax(base.saturating_add(at as u64), reason, "ITU-T X.690, 8.1")
}

/// The octets of one value that may be read.
struct Octets<'a> {
    bytes: &'a [u8],
    at: usize,
    /// At most the length of `bytes`.
    limit: usize,
    base: u64,
}

impl Octets<'_> {
    fn octet(&self, place: usize) -> Result<u8, Malformed> {
        let octet = self.bytes.get(place).filter(|_| place < self.limit).copied();
        octet.ok_or_else(|| self.broken("value is cut off"))
    }

    fn broken(&self, reason: &'static str) -> Malformed {
        broken(self.base, self.at, reason)
    }

    /// The number of a tag above 30 and the offset after it (X.690, 8.1.2.4).
    fn high_tag_number(&self) -> Result<(u32, usize), Malformed> {
        let mut number = 0_u32;
        for place in self.at + 1.. {
            let part = self.octet(place)?;
            number = number
                .checked_mul(128)
                .and_then(|high| high.checked_add(u32::from(part & 0x7f)))
                .ok_or_else(|| self.broken("tag number is too large"))?;
            if part & 0x80 == 0 {
                return Ok((number, place + 1));
            }
        }
        Err(self.broken("tag number is too large"))
    }

    /// The definite length written in `count` octets from `start` on (X.690, 8.1.3.5).
    fn long_length(&self, start: usize, count: usize) -> Result<usize, Malformed> {
        let mut len = 0_usize;
        for place in start..start + count {
            let next = usize::from(self.octet(place)?);
            len = len
                .checked_mul(256)
                .and_then(|high| high.checked_add(next))
                .ok_or_else(|| self.broken("length is too large"))?;
        }
        Ok(len)
    }
}

/// Reads the header at `at`; the content must end within `limit`, which is at most `bytes.len()`.
fn header(bytes: &[u8], at: usize, limit: usize, base: u64) -> Result<Header, Malformed> {
    let octets = Octets { bytes, at, limit, base };
    let first = octets.octet(at)?;
    let (number, next) = match first & 0x1f {
        0x1f => octets.high_tag_number()?,
        number => (u32::from(number), at + 1),
    };
    let tag = Tag { class: first >> 6, number };
    let identifier_len = next - at;
    let constructed = first & 0x20 != 0;
    let length = octets.octet(next)?;
    let (content, len) = match length {
        0..0x80 => (next + 1, usize::from(length)),
        0x80 if constructed => {
            let content = next + 1;
            return Ok(Header { tag, form: Form::Indefinite, identifier_len, content, end: content });
        }
        0x80 => return Err(octets.broken("primitive value of indefinite length")),
        _ => {
            let count = usize::from(length & 0x7f);
            (next + 1 + count, octets.long_length(next + 1, count)?)
        }
    };
    let end = content.checked_add(len).filter(|end| *end <= limit);
    let end = end.ok_or_else(|| octets.broken("value runs past the end of what holds it"))?;
    let form = if constructed { Form::Constructed } else { Form::Primitive };
    Ok(Header { tag, form, identifier_len, content, end })
}

/// Something met by a [`Walk`].
#[derive(Clone, Copy, Debug)]
pub(crate) enum Event<'a> {
    /// A constructed value begins; its header, and its identifier octets.
    Open { tag: Tag, form: Form, header: &'a [u8], identifier: &'a [u8], at: usize },
    /// A primitive value.
    Value { tag: Tag, header: &'a [u8], identifier: &'a [u8], content: &'a [u8], at: usize },
    /// The innermost open value ends before this offset.
    Close { at: usize },
}

/// Visits all values inside some bytes in order, each header once, so nested indefinite lengths cost no rescans.
pub(crate) struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    base: u64,
    /// Open values: where the content has to end at the latest, and the form.
    open: Vec<(usize, Form)>,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(bytes: &'a [u8], base: u64) -> Walk<'a> {
        Walk { bytes, at: 0, base, open: Vec::new() }
    }

    /// The next event; `None` after the last value.
    pub(crate) fn next(&mut self, budget: &mut Budget) -> Result<Option<Event<'a>>, Malformed> {
        budget.spend(Resource::Steps, 1)?;
        let (limit, form) = match self.open.last() {
            Some((limit, form)) => (*limit, Some(*form)),
            None => (self.bytes.len(), None),
        };
        if self.at == limit && form != Some(Form::Indefinite) {
            return Ok(self.open.pop().map(|_| Event::Close { at: self.at }));
        }
        let at = self.at;
        let header = header(self.bytes, at, limit, self.base)?;
        if header.tag == Tag::END_OF_CONTENTS {
            return self.close_indefinite(&header, form).map(Some);
        }
        let part = |from: usize, to: usize| self.bytes.get(from..to).unwrap_or_default();
        let (octets, identifier) = (part(at, header.content), part(at, at + header.identifier_len));
        if header.form == Form::Primitive {
            self.at = header.end;
            let content = part(header.content, header.end);
            return Ok(Some(Event::Value { tag: header.tag, header: octets, identifier, content, at }));
        }
        if self.open.len() >= budget.depth() as usize {
            return Err(broken(self.base, at, format!("values are nested deeper than {}", budget.depth())));
        }
        let inner_limit = if header.form == Form::Indefinite { limit } else { header.end };
        self.open.push((inner_limit, header.form));
        self.at = header.content;
        Ok(Some(Event::Open { tag: header.tag, form: header.form, header: octets, identifier, at }))
    }

    fn close_indefinite(&mut self, header: &Header, form: Option<Form>) -> Result<Event<'a>, Malformed> {
        let empty = header.form == Form::Primitive && header.content == header.end;
        if !empty || form != Some(Form::Indefinite) {
            return Err(broken(self.base, self.at, "end-of-contents octets where none belong"));
        }
        self.open.pop();
        self.at = header.end;
        Ok(Event::Close { at: self.at })
    }
}

/// Reads a sequence of values one after the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    base: u64,
}

impl<'a> Reader<'a> {
    /// Over `bytes`, whose first byte lies at `base`.
    pub(crate) fn new(bytes: &'a [u8], base: u64) -> Reader<'a> {
        Reader { bytes, at: 0, base }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// Offset of the next value.
    pub(crate) fn position(&self) -> u64 {
        self.base.saturating_add(self.at as u64)
    }

    /// What has not been read yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// An error about the next value.
    pub(crate) fn malformed(&self, reason: impl Into<String>, clause: &'static str) -> Malformed {
        Malformed::syntax(self.position(), reason, clause)
    }

    /// The next value, or `None` at the end.
    pub(crate) fn next(&mut self, budget: &mut Budget) -> Result<Option<Element<'a>>, Malformed> {
        if self.is_empty() {
            return Ok(None);
        }
        budget.spend(Resource::Steps, 1)?;
        let header = header(self.bytes, self.at, self.bytes.len(), self.base)?;
        if header.tag == Tag::END_OF_CONTENTS {
            return Err(self.malformed("end-of-contents octets where none belong", "ITU-T X.690, 8.1.5"));
        }
        let (content_end, end) = match header.form {
            Form::Indefinite => self.end_of_contents(header.content, budget)?,
            Form::Primitive | Form::Constructed => (header.end, header.end),
        };
        let start = self.position();
        let part = |from: usize, to: usize| self.bytes.get(from..to).unwrap_or_default();
        let bytes = part(self.at, end);
        let element = Element {
            tag: header.tag,
            form: header.form,
            encoded: Encoded { bytes, span: Span::new(start, start.saturating_add(bytes.len() as u64)) },
            content: part(header.content, content_end),
            content_at: self.base.saturating_add(header.content as u64),
        };
        self.at = end;
        Ok(Some(element))
    }

    /// The next value, which goes into a list: it costs as many steps as an entry takes memory, so that the limit on
    /// steps limits memory too (an entry of two bytes becomes some hundred in memory).
    pub(crate) fn next_kept(&mut self, budget: &mut Budget) -> Result<Option<Element<'a>>, Malformed> {
        const STEPS_PER_ENTRY: u64 = 100;
        if !self.is_empty() {
            budget.spend(Resource::Steps, STEPS_PER_ENTRY)?;
        }
        self.next(budget)
    }

    /// Finds the end-of-contents octets that close the value whose content starts at `content`: where they begin and
    /// end. Values of definite length are stepped over.
    fn end_of_contents(&self, content: usize, budget: &mut Budget) -> Result<(usize, usize), Malformed> {
        let (mut at, mut depth) = (content, 0_u32);
        loop {
            budget.spend(Resource::Steps, 1)?;
            let header = header(self.bytes, at, self.bytes.len(), self.base)?;
            match (header.tag, header.form) {
                (Tag::END_OF_CONTENTS, Form::Primitive) if header.content == header.end => {
                    if depth == 0 {
                        return Ok((at, header.end));
                    }
                    depth -= 1;
                }
                (Tag::END_OF_CONTENTS, _) => return Err(broken(self.base, at, "bad end-of-contents octets")),
                (_, Form::Indefinite) => depth += 1,
                _ => {}
            }
            if depth >= budget.depth() {
                return Err(broken(self.base, at, format!("values are nested deeper than {depth}")));
            }
            at = header.end;
        }
    }

    /// The tag of the next value, if there is one that can be read.
    pub(crate) fn peek(&self) -> Option<Tag> {
        header(self.bytes, self.at, self.bytes.len(), self.base).ok().map(|header| header.tag)
    }

    /// The next value if it has this tag; a header that cannot be read is an error, not an absent value.
    pub(crate) fn optional(
        &mut self,
        tag: Tag,
        budget: &mut Budget,
    ) -> Result<Option<Element<'a>>, Malformed> {
        if self.is_empty() {
            return Ok(None);
        }
        let found = header(self.bytes, self.at, self.bytes.len(), self.base)?.tag;
        if found == tag { self.next(budget) } else { Ok(None) }
    }

    /// The next value, which must have this tag; `what` names it in the error.
    pub(crate) fn expect(
        &mut self,
        tag: Tag,
        what: &'static str,
        clause: &'static str,
        budget: &mut Budget,
    ) -> Result<Element<'a>, Malformed> {
        match self.peek() {
            Some(found) if found == tag => {}
            Some(_) => return Err(self.malformed(format!("expected {what}, found something else"), clause)),
            None => {
                self.clone().next(budget)?;
                return Err(self.malformed(format!("{what} is missing"), clause));
            }
        }
        self.next(budget)?.ok_or_else(|| self.malformed(format!("{what} is missing"), clause))
    }
}

impl<'a> Element<'a> {
    /// A reader over the content of a constructed value.
    pub(crate) fn open(&self, clause: &'static str) -> Result<Reader<'a>, Malformed> {
        if self.form == Form::Primitive {
            return Err(self.malformed("expected a constructed value", clause));
        }
        Ok(Reader::new(self.content, self.content_at))
    }

    /// An error about this value.
    pub(crate) fn malformed(&self, reason: impl Into<String>, clause: &'static str) -> Malformed {
        Malformed::syntax(self.encoded.span.start, reason, clause)
    }

    /// The octets of a string, its segments joined (X.690, 8.7.3). The tag of the value itself may be implicit.
    pub(crate) fn octets(&self, budget: &mut Budget) -> Result<Cow<'a, [u8]>, Malformed> {
        if self.form == Form::Primitive {
            return Ok(Cow::Borrowed(self.content));
        }
        let mut walk = Walk::new(self.content, self.content_at);
        let mut joined = Vec::with_capacity(self.content.len());
        while let Some(event) = walk.next(budget)? {
            match event {
                Event::Value { tag, content, .. } if tag.is_string() => joined.extend_from_slice(content),
                Event::Open { tag, .. } if tag.is_string() => {}
                Event::Close { .. } => {}
                Event::Open { at, .. } | Event::Value { at, .. } => {
                    return Err(broken(self.content_at, at, "segment of a string is not a string"));
                }
            }
        }
        Ok(Cow::Owned(joined))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(bytes: &[u8]) -> Result<Option<Element<'_>>, Malformed> {
        Reader::new(bytes, 0).next(&mut Budget::default())
    }

    #[test]
    fn indefinite_lengths_end_at_their_own_end_of_contents() {
        let bytes = [0x30, 0x80, 0x30, 0x80, 0x02, 0x01, 0x05, 0, 0, 0x04, 0x00, 0, 0, 0xff];
        let element = first(&bytes).unwrap().unwrap();
        assert_eq!(element.encoded.bytes, &bytes[..13]);
        assert_eq!(element.content, &bytes[2..11]);
    }

    #[test]
    fn segments_of_a_string_are_joined() {
        let bytes = [0x24, 0x80, 0x04, 0x01, 0xaa, 0x24, 0x03, 0x04, 0x01, 0xbb, 0, 0];
        let element = first(&bytes).unwrap().unwrap();
        assert_eq!(&*element.octets(&mut Budget::default()).unwrap(), &[0xaa, 0xbb]);
    }

    #[test]
    fn hostile_headers_are_errors() {
        for bytes in [
            &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff][..],
            &[0x30, 0x89, 1, 0, 0, 0, 0, 0, 0, 0, 0],
            &[0x30, 0xff],
            &[0x04, 0x80, 0, 0],
            &[0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0],
            &[0x1f],
            &[0x30],
            &[0x30, 0x80, 0, 1, 0],
            &[0x00, 0x00],
        ] {
            assert!(first(bytes).is_err(), "{bytes:02x?}");
        }
    }

    #[test]
    fn a_cut_off_optional_value_is_an_error_not_absent() {
        let mut budget = Budget::default();
        assert!(Reader::new(&[0x30, 5, 0], 0).optional(Tag::SEQUENCE, &mut budget).is_err());
        assert!(Reader::new(&[], 0).optional(Tag::SEQUENCE, &mut budget).unwrap().is_none());
        assert!(Reader::new(&[4, 0], 0).optional(Tag::SEQUENCE, &mut budget).unwrap().is_none());
    }

    #[test]
    fn deep_nesting_is_refused_before_the_end_is_searched_in_vain() {
        let bytes = [0x30, 0x80].repeat(100_000);
        let mut budget = Budget::default();
        let before = budget.left(Resource::Steps);
        assert!(Reader::new(&bytes, 0).next(&mut budget).is_err());
        assert!(before - budget.left(Resource::Steps) < 300);
    }

    #[test]
    fn a_walk_visits_every_header_once() {
        let bytes = [[0x30, 0x80].repeat(90), [0, 0].repeat(90)].concat();
        let mut budget = Budget::default();
        let before = budget.left(Resource::Steps);
        let mut walk = Walk::new(&bytes, 0);
        while walk.next(&mut budget).unwrap().is_some() {}
        assert_eq!(before - budget.left(Resource::Steps), 181);
    }
}
