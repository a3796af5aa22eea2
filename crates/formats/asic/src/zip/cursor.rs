//! Little-endian fields of ZIP records.

use types::{Malformed, Source};

pub(crate) const CLAUSE: &str = "APPNOTE 6.3.10, 4.3";

/// Reads `length` bytes from `at` on.
pub(crate) fn read(source: &dyn Source, at: u64, length: usize) -> Result<Vec<u8>, Malformed> {
    let end = at.checked_add(length as u64).filter(|end| *end <= source.len());
    if end.is_none() {
        return Err(Malformed::syntax(at, "a ZIP record reaches past the end of the file", CLAUSE));
    }
    let mut buffer = vec![0; length];
    source.read_at(at, &mut buffer)?;
    Ok(buffer)
}

/// Fields of a record that is in memory.
#[derive(Clone)]
pub(crate) struct Cursor<'b> {
    bytes: &'b [u8],
    at: u64,
}

impl<'b> Cursor<'b> {
    /// `bytes` stand at `at` in the file.
    pub(crate) fn new(bytes: &'b [u8], at: u64) -> Cursor<'b> {
        Cursor { bytes, at }
    }

    /// Offset of the next byte in the file.
    pub(crate) fn at(&self) -> u64 {
        self.at
    }

    pub(crate) fn left(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn take(&mut self, length: usize) -> Result<&'b [u8], Malformed> {
        match self.bytes.split_at_checked(length) {
            Some((taken, rest)) => {
                self.bytes = rest;
                self.at += length as u64;
                Ok(taken)
            }
            None => Err(Malformed::syntax(self.at, "a ZIP record is cut off", CLAUSE)),
        }
    }

    pub(crate) fn u16(&mut self) -> Result<u16, Malformed> {
        Ok(self.take(2)?.iter().rev().fold(0, |value, byte| value << 8 | u16::from(*byte)))
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Malformed> {
        Ok(self.take(4)?.iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte)))
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Malformed> {
        Ok(self.take(8)?.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }
}

/// One field of the extra data: its identifier and value (APPNOTE 4.5.1).
pub(crate) fn extra_fields<'b>(extra: &'b [u8], at: u64) -> Result<Vec<(u16, Cursor<'b>)>, Malformed> {
    let mut cursor = Cursor::new(extra, at);
    let mut fields = Vec::new();
    while cursor.left() > 0 {
        let identifier = cursor.u16()?;
        let length = usize::from(cursor.u16()?);
        let at = cursor.at();
        fields.push((identifier, Cursor::new(cursor.take(length)?, at)));
    }
    Ok(fields)
}

/// The field with the 64-bit sizes.
pub(crate) const ZIP64: u16 = 0x0001;
/// Info-ZIP: a name in UTF-8 beside the name.
pub(crate) const UNICODE_PATH: u16 = 0x7075;
