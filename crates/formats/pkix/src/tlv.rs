//! Strict DER reader over borrowed bytes (ITU-T X.690): no copies, positions kept, definite lengths only.

use std::ops::Range;
use types::{Malformed, Time};

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const NULL: u8 = 0x05;
pub(crate) const OID: u8 = 0x06;
pub(crate) const ENUMERATED: u8 = 0x0a;
pub(crate) const UTF8_STRING: u8 = 0x0c;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;
pub(crate) const PRINTABLE_STRING: u8 = 0x13;
pub(crate) const TELETEX_STRING: u8 = 0x14;
pub(crate) const IA5_STRING: u8 = 0x16;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const VISIBLE_STRING: u8 = 0x1a;
pub(crate) const UNIVERSAL_STRING: u8 = 0x1c;
pub(crate) const BMP_STRING: u8 = 0x1e;

/// The identifier octet of a constructed context-specific tag, e.g. `[3] EXPLICIT`.
pub(crate) const fn constructed(number: u8) -> u8 {
    0xa0 | number
}

/// The identifier octet of a primitive context-specific tag, e.g. `[2] IMPLICIT IA5String`.
pub(crate) const fn primitive(number: u8) -> u8 {
    0x80 | number
}

/// One value: identifier octet, contents, and the encoding as a whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'a> {
    pub tag: u8,
    pub content: &'a [u8],
    pub whole: &'a [u8],
    /// Offset of the identifier octet from the start of the outermost structure.
    pub at: usize,
}

impl<'a> Element<'a> {
    /// Offset of the first content octet.
    pub fn content_at(&self) -> usize {
        self.at + (self.whole.len() - self.content.len())
    }

    /// Where it lies in the outermost structure.
    pub fn range(&self) -> Range<usize> {
        self.at..self.at + self.whole.len()
    }

    /// Where its contents lie in the outermost structure.
    pub fn content_range(&self) -> Range<usize> {
        self.content_at()..self.content_at() + self.content.len()
    }

    /// A reader of the contents.
    pub fn reader(&self) -> Reader<'a> {
        Reader { bytes: self.content, at: self.content_at() }
    }

    /// An error at this element.
    pub fn malformed(&self, reason: &'static str, clause: &'static str) -> Malformed {
        Malformed::syntax(self.at as u64, reason, clause)
    }
}

/// Reads values one after the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes, at: 0 }
    }

    /// A reader of bytes that lie `at` so many octets into the outermost structure.
    pub fn at(bytes: &'a [u8], at: usize) -> Reader<'a> {
        Reader { bytes, at }
    }

    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    /// The next four octets and where they lie.
    pub fn head(&self) -> Option<(&'a [u8; 4], usize)> {
        self.bytes.first_chunk().map(|head| (head, self.at))
    }

    /// Passes over so many octets, or over all that are left.
    pub fn skip(&mut self, octets: usize) {
        let octets = octets.min(self.bytes.len());
        self.bytes = self.bytes.get(octets..).unwrap_or(&[]);
        self.at += octets;
    }

    pub fn malformed(&self, reason: &'static str, clause: &'static str) -> Malformed {
        Malformed::syntax(self.at as u64, reason, clause)
    }

    /// The identifier octet of the next value.
    pub fn peek(&self) -> Option<u8> {
        self.bytes.first().copied()
    }

    /// The next value, whatever it is.
    pub fn any(&mut self) -> Result<Element<'a>, Malformed> {
        let (header, length) = self.header()?;
        let end = header.checked_add(length).filter(|end| *end <= self.bytes.len());
        let Some(end) = end else {
            return Err(self.malformed("a value is longer than what contains it", "X.690, 8.1.3"));
        };
        let (whole, rest) = self.bytes.split_at(end);
        let element = Element { tag: whole[0], content: &whole[header..], whole, at: self.at };
        self.bytes = rest;
        self.at += end;
        Ok(element)
    }

    /// Lengths of the header and of the contents of the next value.
    fn header(&self) -> Result<(usize, usize), Malformed> {
        let truncated = || self.malformed("a value is cut off", "X.690, 8.1.3");
        let (tag, first) = match self.bytes {
            [tag, first, ..] => (*tag, *first),
            _ => return Err(truncated()),
        };
        if tag & 0x1f == 0x1f {
            return Err(self.malformed("a tag number above 30 is not expected here", "X.690, 8.1.2.4"));
        }
        if first < 0x80 {
            return Ok((2, usize::from(first)));
        }
        let count = usize::from(first & 0x7f);
        if count == 0 {
            return Err(self.malformed("indefinite length where DER is required", "X.690, 10.1"));
        }
        if count > 4 {
            return Err(self.malformed("a length of more than four octets", "X.690, 8.1.3"));
        }
        let octets = self.bytes.get(2..2 + count).ok_or_else(truncated)?;
        let length = octets.iter().fold(0usize, |length, octet| (length << 8) | usize::from(*octet));
        if length < 0x80 || octets[0] == 0 {
            return Err(self.malformed("a length is not in its shortest form", "X.690, 10.1"));
        }
        Ok((2 + count, length))
    }

    /// The next value, which must have this identifier octet.
    pub fn expect(&mut self, tag: u8, what: &'static str) -> Result<Element<'a>, Malformed> {
        match self.peek() {
            Some(found) if found == tag => self.any(),
            _ => Err(Malformed::syntax(self.at as u64, format!("expected {what}"), "RFC 5280, 4.1")),
        }
    }

    /// The next value if it has this identifier octet.
    pub fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, Malformed> {
        if self.peek() == Some(tag) { self.any().map(Some) } else { Ok(None) }
    }

    /// Nothing may be left.
    pub fn finish(&self, what: &'static str) -> Result<(), Malformed> {
        if self.bytes.is_empty() {
            return Ok(());
        }
        Err(Malformed::syntax(self.at as u64, format!("unexpected data after {what}"), "RFC 5280, 4.1"))
    }
}

/// The one value that `bytes` are, with this identifier octet.
pub(crate) fn only<'a>(bytes: &'a [u8], tag: u8, what: &'static str) -> Result<Element<'a>, Malformed> {
    let mut reader = Reader::new(bytes);
    let element = reader.expect(tag, what)?;
    reader.finish(what)?;
    Ok(element)
}

/// Whether the contents are a BOOLEAN in DER; BER's other encodings of TRUE are refused.
pub(crate) fn boolean(element: &Element<'_>) -> Result<bool, Malformed> {
    match element.content {
        [0xff] => Ok(true),
        [0x00] => Ok(false),
        _ => Err(element.malformed("a BOOLEAN is neither 00 nor FF", "X.690, 11.1")),
    }
}

/// Contents of an INTEGER in its shortest form.
pub(crate) fn integer<'a>(element: &Element<'a>) -> Result<&'a [u8], Malformed> {
    match element.content {
        [] => Err(element.malformed("an INTEGER without contents", "X.690, 8.3.1")),
        [0x00, second, ..] if *second < 0x80 => {
            Err(element.malformed("an INTEGER is not in its shortest form", "X.690, 8.3.2"))
        }
        [0xff, second, ..] if *second >= 0x80 => {
            Err(element.malformed("an INTEGER is not in its shortest form", "X.690, 8.3.2"))
        }
        content => Ok(content),
    }
}

/// A non-negative INTEGER; values above `u32::MAX` saturate, negative ones are refused.
pub(crate) fn unsigned(element: &Element<'_>) -> Result<u32, Malformed> {
    let content = integer(element)?;
    if content.first().is_some_and(|first| *first >= 0x80) {
        return Err(element.malformed("an INTEGER must not be negative here", "RFC 5280, 4.2.1"));
    }
    let value = content.iter().try_fold(0u32, |value, octet| {
        value.checked_mul(256).and_then(|value| value.checked_add(u32::from(*octet)))
    });
    Ok(value.unwrap_or(u32::MAX))
}

/// Octets of a BIT STRING with the number of unused bits in the last one.
pub(crate) fn bit_string<'a>(element: &Element<'a>) -> Result<(&'a [u8], u8), Malformed> {
    match element.content {
        [unused, rest @ ..] if *unused < 8 && !(rest.is_empty() && *unused > 0) => Ok((rest, *unused)),
        _ => Err(element.malformed("a BIT STRING with a wrong count of unused bits", "X.690, 8.6.2")),
    }
}

/// UTCTime (`YYMMDDHHMMSSZ`, 1950 to 2049) or GeneralizedTime (`YYYYMMDDHHMMSSZ`), RFC 5280, 4.1.2.5.
pub(crate) fn time(element: &Element<'_>) -> Result<Time, Malformed> {
    let wrong = || element.malformed("a time is not written as the profile asks", "RFC 5280, 4.1.2.5");
    let (year_digits, length) = match element.tag {
        UTC_TIME => (2, 13),
        GENERALIZED_TIME => (4, 15),
        _ => return Err(wrong()),
    };
    let [digits @ .., b'Z'] = element.content else { return Err(wrong()) };
    if element.content.len() != length || !digits.iter().all(u8::is_ascii_digit) {
        return Err(wrong());
    }
    let number = |octets: &[u8]| octets.iter().fold(0u32, |n, digit| n * 10 + u32::from(digit - b'0'));
    let (year, rest) = digits.split_at(year_digits);
    let year = match (year_digits, number(year)) {
        (2, year @ 0..=49) => 2000 + year,
        (2, year) => 1900 + year,
        (_, year) => year,
    };
    let mut fields = rest.chunks(2).map(number);
    let mut next = || fields.next().unwrap_or(0);
    let (month, day, hour, minute, second) = (next(), next(), next(), next(), next());
    if second > 59 {
        return Err(wrong());
    }
    Time::from_civil(i64::from(year), month, day, hour, minute, second).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_der_lengths_are_read() {
        for bytes in [
            &[0x30][..],
            &[0x30, 0x80, 0, 0],
            &[0x30, 0x81, 0x05, 0, 0, 0, 0, 0],
            &[0x30, 0x82, 0x00, 0x81],
            &[0x30, 0x85, 1, 1, 1, 1, 1],
            &[0x30, 0x02, 0],
            &[0x3f, 0x20, 0x00],
        ] {
            assert!(Reader::new(bytes).any().is_err(), "{bytes:02x?}");
        }
    }

    #[test]
    fn times_must_be_written_as_the_profile_asks() {
        let read = |tag, text: &str| {
            let whole = [&[tag, text.len() as u8], text.as_bytes()].concat();
            time(&Reader::new(&whole).any().unwrap())
        };
        assert_eq!(read(UTC_TIME, "500101000000Z"), Ok("1950-01-01".parse().unwrap()));
        assert_eq!(read(UTC_TIME, "491231235959Z"), Ok("2049-12-31T23:59:59Z".parse().unwrap()));
        assert_eq!(read(GENERALIZED_TIME, "20500101000000Z"), Ok("2050-01-01".parse().unwrap()));
        for text in ["5001010000Z", "500101000000+0000", "501301000000Z", "5001010000 0Z", "500101000060Z"] {
            assert!(read(UTC_TIME, text).is_err(), "{text}");
        }
        assert!(read(GENERALIZED_TIME, "20500101000000.5Z").is_err());
    }
}
