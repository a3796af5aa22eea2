//! The small part of CBOR that the vault file uses, in its deterministic form only (RFC 8949, 4.2.1).
//!
//! Unsigned integers, byte strings, text strings and arrays of definite length; heads in shortest form.

use zeroize::Zeroizing;

/// Why bytes are not the CBOR expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotCbor(pub &'static str);

const UNSIGNED: u8 = 0;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;

/// Builds a sequence of items. What it holds is wiped when it is dropped, also when it grows.
pub(crate) struct Writer(Zeroizing<Vec<u8>>);

impl Writer {
    pub(crate) fn new() -> Writer {
        Writer(Zeroizing::new(Vec::with_capacity(4096)))
    }

    pub(crate) fn unsigned(&mut self, value: u64) -> &mut Writer {
        self.head(UNSIGNED, value)
    }

    pub(crate) fn bytes(&mut self, value: &[u8]) -> &mut Writer {
        self.head(BYTES, value.len() as u64).raw(value)
    }

    pub(crate) fn text(&mut self, value: &str) -> &mut Writer {
        self.head(TEXT, value.len() as u64).raw(value.as_bytes())
    }

    pub(crate) fn array(&mut self, len: usize) -> &mut Writer {
        self.head(ARRAY, len as u64)
    }

    pub(crate) fn finish(self) -> Zeroizing<Vec<u8>> {
        self.0
    }

    fn head(&mut self, major: u8, value: u64) -> &mut Writer {
        let major = major << 5;
        let bytes = value.to_be_bytes();
        match value {
            0..=23 => self.raw(&[major | value as u8]),
            24..=0xff => self.raw(&[major | 24]).raw(&bytes[7..]),
            0x100..=0xffff => self.raw(&[major | 25]).raw(&bytes[6..]),
            0x1_0000..=0xffff_ffff => self.raw(&[major | 26]).raw(&bytes[4..]),
            _ => self.raw(&[major | 27]).raw(&bytes),
        }
    }

    fn raw(&mut self, bytes: &[u8]) -> &mut Writer {
        let needed = self.0.len() + bytes.len();
        if needed > self.0.capacity() {
            // A growing vector leaves its old content behind in freed memory.
            let mut larger = Zeroizing::new(Vec::with_capacity(needed * 2));
            larger.extend_from_slice(&self.0);
            self.0 = larger;
        }
        self.0.extend_from_slice(bytes);
        self
    }
}

/// Reads a sequence of items. Every length is checked against what is there, so nothing is allocated for a claim.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes }
    }

    /// What was not read yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) fn unsigned(&mut self) -> Result<u64, NotCbor> {
        self.head(UNSIGNED, "an unsigned integer is missing")
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], NotCbor> {
        let len = self.head(BYTES, "a byte string is missing")?;
        self.take(len)
    }

    /// A byte string of exactly `N` bytes.
    pub(crate) fn array_of<const N: usize>(&mut self) -> Result<[u8; N], NotCbor> {
        self.bytes()?.try_into().map_err(|_| NotCbor("a byte string has the wrong length"))
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, NotCbor> {
        let len = self.head(TEXT, "a text string is missing")?;
        std::str::from_utf8(self.take(len)?).map_err(|_| NotCbor("a text string is not UTF-8"))
    }

    /// The head of an array; its length is at most `max`.
    pub(crate) fn array(&mut self, max: usize) -> Result<usize, NotCbor> {
        let len = self.head(ARRAY, "an array is missing")?;
        usize::try_from(len).ok().filter(|len| *len <= max).ok_or(NotCbor("an array is too long"))
    }

    /// The head of an array of exactly `len` items.
    pub(crate) fn array_exactly(&mut self, len: usize) -> Result<(), NotCbor> {
        (self.array(len)? == len).then_some(()).ok_or(NotCbor("an array is too short"))
    }

    fn head(&mut self, major: u8, missing: &'static str) -> Result<u64, NotCbor> {
        let (&first, rest) = self.rest.split_first().ok_or(NotCbor("the data end early"))?;
        if first >> 5 != major {
            return Err(NotCbor(missing));
        }
        self.rest = rest;
        let (width, least) = match first & 31 {
            small @ 0..=23 => return Ok(u64::from(small)),
            24 => (1, 24),
            25 => (2, 0x100),
            26 => (4, 0x1_0000),
            27 => (8, 0x1_0000_0000),
            _ => return Err(NotCbor("a length is indefinite or reserved")),
        };
        let value = self.take(width)?.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
        if value < least { Err(NotCbor("a head is not in its shortest form")) } else { Ok(value) }
    }

    fn take(&mut self, len: u64) -> Result<&'a [u8], NotCbor> {
        let split = usize::try_from(len).ok().and_then(|len| self.rest.split_at_checked(len));
        let (taken, rest) = split.ok_or(NotCbor("the data end early"))?;
        self.rest = rest;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn heads_are_as_in_rfc_8949_appendix_a() {
        for (value, encoded) in [
            (0, "00"),
            (23, "17"),
            (24, "1818"),
            (255, "18ff"),
            (256, "190100"),
            (1_000_000, "1a000f4240"),
            (1_000_000_000_000, "1b000000e8d4a51000"),
            (u64::MAX, "1bffffffffffffffff"),
        ] {
            let mut writer = Writer::new();
            writer.unsigned(value);
            let bytes = writer.finish();
            assert_eq!(hex::encode(&*bytes), encoded);
            assert_eq!(Reader::new(&bytes).unsigned(), Ok(value));
        }
    }

    #[test]
    fn longer_heads_than_needed_are_refused() {
        for encoded in ["1800", "1817", "190001", "1900ff", "1a0000ffff", "1b00000000ffffffff", "1c", "1f"] {
            assert!(Reader::new(&hex::decode(encoded).unwrap()).unsigned().is_err(), "{encoded}");
        }
    }

    #[test]
    fn a_claimed_length_beyond_the_data_is_refused() {
        let bytes = hex::decode("5bffffffffffffffff00").unwrap();
        assert_eq!(Reader::new(&bytes).bytes(), Err(NotCbor("the data end early")));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(number: u64, bytes: Vec<u8>, text: String) {
            let mut writer = Writer::new();
            writer.array(3).unsigned(number).bytes(&bytes).text(&text);
            let encoded = writer.finish();
            let mut reader = Reader::new(&encoded);
            reader.array_exactly(3).unwrap();
            prop_assert_eq!(reader.unsigned(), Ok(number));
            prop_assert_eq!(reader.bytes(), Ok(&bytes[..]));
            prop_assert_eq!(reader.text(), Ok(&text[..]));
            prop_assert!(reader.rest().is_empty());
        }
    }
}
