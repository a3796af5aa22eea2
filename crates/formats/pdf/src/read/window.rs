//! Small windows over a source, so that parsing sees slices and the file is never in memory whole.

use crate::read::lexer::Lexer;
use std::sync::{Arc, Mutex, PoisonError};
use types::{Malformed, Source};

/// First size of a window, in bytes.
const FIRST: u64 = 8 << 10;
/// Up to this size a window that is too small is followed by a much larger one, above it by one of twice the size: what
/// is read anew stays a small part of all, and so does what is read in vain.
const LARGE: u64 = 2 << 20;
/// A single token or object must fit into this many bytes if the source is not in memory.
const LARGEST: u64 = 128 << 20;

/// Reads parts of a source; the last small part read is kept.
pub(crate) struct Windows<'s> {
    source: &'s dyn Source,
    last: Mutex<Arc<Chunk>>,
}

#[derive(Default)]
struct Chunk {
    start: u64,
    bytes: Vec<u8>,
}

impl Chunk {
    /// The bytes from `at` on, if `at` is inside.
    fn from(&self, at: u64) -> Option<&[u8]> {
        let skip = usize::try_from(at.checked_sub(self.start)?).ok()?;
        self.bytes.get(skip..).filter(|rest| !rest.is_empty())
    }

    fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl<'s> Windows<'s> {
    pub(crate) fn new(source: &'s dyn Source) -> Windows<'s> {
        Windows { source, last: Mutex::default() }
    }

    pub(crate) fn source(&self) -> &'s dyn Source {
        self.source
    }

    /// Runs `read` on a lexer at `at`; runs it again with more bytes if it came to the end of the window.
    pub(crate) fn lex<T>(
        &self,
        at: u64,
        mut read: impl FnMut(&mut Lexer<'_>) -> Result<T, Malformed>,
    ) -> Result<T, Malformed> {
        let length = self.source.len();
        if at > length {
            return Err(Malformed::syntax(at, "past the end of the file", "ISO 32000-2, 7.5"));
        }
        if let Some(bytes) = self.source.as_bytes() {
            let skip = usize::try_from(at).unwrap_or(usize::MAX);
            return read(&mut Lexer::new(bytes.get(skip..).unwrap_or_default(), at));
        }
        let kept = Arc::clone(&self.last.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(bytes) = kept.from(at) {
            let mut lexer = Lexer::new(bytes, at);
            let result = read(&mut lexer);
            if !lexer.met_end() || kept.end() == length {
                return result;
            }
        }
        drop(kept);
        let mut wanted = FIRST;
        loop {
            let chunk = Arc::new(self.chunk(at, wanted)?);
            if wanted == FIRST {
                *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&chunk);
            }
            let mut lexer = Lexer::new(&chunk.bytes, at);
            let result = read(&mut lexer);
            if !lexer.met_end() || chunk.end() == length {
                return result;
            }
            if wanted >= LARGEST {
                return Err(Malformed::unsupported(at, "an object of more than 128 MiB", "ISO 32000-2, C.2"));
            }
            wanted *= if wanted < LARGE { 16 } else { 2 };
        }
    }

    fn chunk(&self, at: u64, wanted: u64) -> Result<Chunk, Malformed> {
        Ok(Chunk { start: at, bytes: self.bytes(at, wanted.min(self.source.len() - at))? })
    }

    /// A copy of `length` bytes from `at`, which must be inside the file.
    pub(crate) fn bytes(&self, at: u64, length: u64) -> Result<Vec<u8>, Malformed> {
        let inside = at.checked_add(length).is_some_and(|end| end <= self.source.len());
        let size = usize::try_from(length).ok().filter(|_| inside);
        let size =
            size.ok_or_else(|| Malformed::syntax(at, "past the end of the file", "ISO 32000-2, 7.5"))?;
        let mut bytes = vec![0; size];
        self.source.read_at(at, &mut bytes)?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::lexer::Token;
    use types::SourceError;

    /// A source that does not show its bytes.
    struct Hidden(Vec<u8>);

    impl Source for Hidden {
        fn len(&self) -> u64 {
            Source::len(&self.0)
        }

        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), SourceError> {
            self.0.read_at(offset, buffer)
        }
    }

    #[test]
    fn a_token_longer_than_the_first_window_is_read_whole() {
        let mut bytes = b"0 (".to_vec();
        bytes.extend(vec![b'x'; 100_000]);
        bytes.extend(b") 7");
        let source = Hidden(bytes);
        let windows = Windows::new(&source);
        let string =
            windows.lex(1, |lexer| Ok(lexer.token()?.0 == Token::LiteralString(vec![b'x'; 100_000])));
        assert_eq!(string, Ok(true));
        assert_eq!(windows.lex(100_004, |lexer| Ok(lexer.token()?.0 == Token::Integer(7))), Ok(true));
        assert!(windows.lex(100_007, |lexer| lexer.token().map(drop)).is_err());
    }
}
