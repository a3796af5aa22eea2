//! An original and the bytes appended to it, as one source.

use crate::to_be_signed::Signed;
use types::{Source, SourceError};

/// What the signed file will be, before anything is written.
pub struct Appended<'a> {
    base: &'a dyn Source,
    base_len: u64,
    tail: &'a [u8],
}

impl<'a> Appended<'a> {
    /// The first bytes of `base`, as many as were signed, and the tail of the signature.
    pub fn new(base: &'a dyn Source, signed: &'a Signed) -> Appended<'a> {
        Appended { base, base_len: signed.base_len, tail: &signed.tail }
    }
}

impl Source for Appended<'_> {
    fn len(&self) -> u64 {
        self.base_len + self.tail.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), SourceError> {
        let in_base =
            usize::try_from(self.base_len.saturating_sub(offset)).unwrap_or(usize::MAX).min(buffer.len());
        let (head, rest) = buffer.split_at_mut(in_base);
        if !head.is_empty() {
            self.base.read_at(offset, head)?;
        }
        if rest.is_empty() {
            return Ok(());
        }
        let tail_offset = (offset + in_base as u64).saturating_sub(self.base_len);
        self.tail.read_at(tail_offset, rest).map_err(|error| SourceError { offset, ..error })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_cross_the_border_and_stop_at_the_end() {
        let base = b"0123456789".to_vec();
        let signed = Signed { base_len: 8, tail: b"abcdef".to_vec(), field: String::new(), page: None };
        let appended = Appended::new(&base, &signed);
        assert_eq!(Source::len(&appended), 14);
        for (offset, len, expected) in [(0, 8, "01234567"), (6, 4, "67ab"), (8, 6, "abcdef"), (14, 0, "")] {
            let mut buffer = vec![0; len];
            appended.read_at(offset, &mut buffer).unwrap();
            assert_eq!(buffer, expected.as_bytes());
        }
        assert!(appended.read_at(10, &mut [0; 5]).is_err());
    }
}
