//! Just enough BER to walk PKCS#12 and key files: definite and indefinite lengths, octet strings in pieces.

use super::ImportError;
use zeroize::Zeroizing;

pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OID: u8 = 0x06;
pub(crate) const BMP_STRING: u8 = 0x1e;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;
/// `[0]`, constructed: explicit tagging, or an octet string in pieces under an implicit tag.
pub(crate) const CONTEXT_0: u8 = 0xa0;
/// `[0]`, primitive.
pub(crate) const CONTEXT_0_PRIMITIVE: u8 = 0x80;
pub(crate) const CONTEXT_1: u8 = 0xa1;

/// Deepest nesting; PKCS#12 needs about ten.
const MAX_DEPTH: u32 = 32;

const BROKEN: ImportError = ImportError::Malformed("the encoding is broken");

/// One value: tag octet, content octets, and the whole.
#[derive(Clone, Copy)]
pub(crate) struct Element<'a> {
    pub tag: u8,
    pub content: &'a [u8],
    pub whole: &'a [u8],
}

impl<'a> Element<'a> {
    /// What is inside.
    pub(crate) fn inside(&self) -> Reader<'a> {
        Reader(self.content)
    }
}

/// The values of a DER sequence, one by one.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(der: &'a [u8]) -> Reader<'a> {
        Reader(der)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next value, whatever it is.
    pub(crate) fn any(&mut self) -> Result<Element<'a>, ImportError> {
        let (tag, length, header_len) = header(self.0)?;
        let end = length.and_then(|length| header_len.checked_add(length)).ok_or(BROKEN)?;
        let (whole, rest) = self.0.split_at_checked(end).ok_or(BROKEN)?;
        self.0 = rest;
        Ok(Element { tag, content: whole.get(header_len..).unwrap_or_default(), whole })
    }

    /// The next value, which must have this tag.
    pub(crate) fn expect(&mut self, tag: u8) -> Result<Element<'a>, ImportError> {
        self.optional(tag)?.ok_or(ImportError::Malformed("a value is missing or of another kind"))
    }

    /// The next value if it has this tag.
    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, ImportError> {
        if self.0.first() == Some(&tag) { self.any().map(Some) } else { Ok(None) }
    }

    /// A non-negative INTEGER below 2³².
    pub(crate) fn small_integer(&mut self) -> Result<u32, ImportError> {
        let content = self.expect(INTEGER)?.content;
        let digits = content.strip_prefix(&[0]).unwrap_or(content);
        if digits.len() > 4 || content.first().is_none_or(|first| *first >= 0x80) {
            return Err(ImportError::Malformed("a number is out of range"));
        }
        Ok(digits.iter().fold(0, |value, octet| value << 8 | u32::from(*octet)))
    }
}

/// Tag, length (`None` if indefinite) and length of both.
fn header(bytes: &[u8]) -> Result<(u8, Option<usize>, usize), ImportError> {
    let (&tag, rest) = bytes.split_first().ok_or(BROKEN)?;
    // Tags beyond 30 do not occur in these files.
    let (&first, rest) = rest.split_first().filter(|_| tag & 0x1f != 0x1f).ok_or(BROKEN)?;
    let count = usize::from(first & 0x7f);
    match (first, count) {
        (0x80, _) => Ok((tag, None, 2)),
        (0..=0x7f, _) => Ok((tag, Some(count), 2)),
        (_, 1..=4) => {
            let octets = rest.get(..count).ok_or(BROKEN)?;
            let length = octets.iter().fold(0usize, |value, octet| value << 8 | usize::from(*octet));
            Ok((tag, Some(length), 2 + count))
        }
        _ => Err(BROKEN),
    }
}

/// The same value with definite lengths and octet strings in one piece, so that the rest reads DER only. The input
/// must be one value with nothing after it.
pub(crate) fn definite(ber: &[u8]) -> Result<Zeroizing<Vec<u8>>, ImportError> {
    let mut out = Zeroizing::new(Vec::with_capacity(ber.len() + 64));
    let used = convert(ber, MAX_DEPTH, &mut out)?;
    if used == ber.len() { Ok(out) } else { Err(ImportError::Malformed("there is more data after the end")) }
}

/// Converts the value at the start of `ber`, appends it to `out`, and gives its length in the input.
fn convert(ber: &[u8], depth: u32, out: &mut Vec<u8>) -> Result<usize, ImportError> {
    let (tag, length, header_len) = header(ber)?;
    let constructed = tag & 0x20 != 0;
    if let (Some(length), false) = (length, constructed) {
        let end = header_len.checked_add(length).ok_or(BROKEN)?;
        let content = ber.get(header_len..end).ok_or(BROKEN)?;
        write(out, tag, content);
        return Ok(end);
    }
    let depth = depth.checked_sub(1).filter(|_| constructed).ok_or(BROKEN)?;
    let mut inner = Zeroizing::new(Vec::with_capacity(length.unwrap_or(ber.len()).min(ber.len())));
    let (mut at, end) = (header_len, length.and_then(|length| header_len.checked_add(length)));
    let end = loop {
        match end {
            Some(end) if at == end => break end,
            Some(end) if at > end => return Err(BROKEN),
            None if ber.get(at..at + 2) == Some(&[0, 0]) => break at + 2,
            _ => {}
        }
        let rest = ber.get(at..end.unwrap_or(ber.len())).ok_or(BROKEN)?;
        at += convert(rest, depth, &mut inner)?;
    };
    if tag == OCTET_STRING | 0x20 {
        write(out, OCTET_STRING, &joined(&inner)?);
    } else {
        write(out, tag, &inner);
    }
    Ok(end)
}

/// The content of octet strings in a row, put together.
pub(crate) fn joined(pieces: &[u8]) -> Result<Zeroizing<Vec<u8>>, ImportError> {
    let mut reader = Reader::new(pieces);
    let mut whole = Zeroizing::new(Vec::with_capacity(pieces.len()));
    while !reader.is_empty() {
        whole.extend_from_slice(reader.expect(OCTET_STRING)?.content);
    }
    Ok(whole)
}

/// Appends a value in DER.
pub(crate) fn write(out: &mut Vec<u8>, tag: u8, content: &[u8]) {
    out.push(tag);
    match content.len() {
        short @ 0..=0x7f => out.push(short as u8),
        long => {
            let octets = long.to_be_bytes();
            let zeros = octets.iter().take_while(|octet| **octet == 0).count();
            out.push(0x80 | (octets.len() - zeros) as u8);
            out.extend_from_slice(octets.get(zeros..).unwrap_or_default());
        }
    }
    out.extend_from_slice(content);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn indefinite_lengths_and_pieces_become_der() {
        let ber = hex::decode("308002010324800402aabb0401cc00000000").unwrap();
        assert_eq!(hex::encode(&*definite(&ber).unwrap()), "30080201030403aabbcc");
    }

    #[test]
    fn endless_nesting_and_missing_ends_are_refused() {
        assert!(definite(&[0x30, 0x80].repeat(10_000)).is_err());
        for broken in ["", "30", "3080", "30800000ff", "3003020100ff", "3084ffffffff", "0480", "1f8001"] {
            assert!(definite(&hex::decode(broken).unwrap()).is_err(), "{broken}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            if let Ok(der) = definite(&bytes) {
                prop_assert_eq!(&*definite(&der).unwrap(), &*der);
            }
        }
    }
}
