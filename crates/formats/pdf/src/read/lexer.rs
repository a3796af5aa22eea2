//! Bytes to tokens (ISO 32000-2, 7.2 and 7.3), with the place of each.

use types::{Malformed, Span};

/// A token; names and strings are already unescaped.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token<'a> {
    Integer(i64),
    Real(&'a [u8]),
    LiteralString(Vec<u8>),
    HexadecimalString(Vec<u8>),
    Name(Vec<u8>),
    ArrayOpen,
    ArrayClose,
    DictionaryOpen,
    DictionaryClose,
    Keyword(&'a [u8]),
    End,
}

const REGULAR: u8 = 0;
const WHITE_SPACE: u8 = 1;
const DELIMITER: u8 = 2;

/// The class of each byte (ISO 32000-2, 7.2.3).
const CLASSES: [u8; 256] = {
    let mut classes = [REGULAR; 256];
    let mut index = 0;
    let white_space = b"\0\t\n\x0C\r ";
    while index < white_space.len() {
        classes[white_space[index] as usize] = WHITE_SPACE;
        index += 1;
    }
    let delimiters = b"()<>[]{}/%";
    index = 0;
    while index < delimiters.len() {
        classes[delimiters[index] as usize] = DELIMITER;
        index += 1;
    }
    classes
};

/// The value of each hexadecimal digit, 0xFF for all other bytes.
const NIBBLES: [u8; 256] = {
    let mut nibbles = [0xFF; 256];
    let mut digit = 0;
    while digit < 16 {
        nibbles[b"0123456789abcdef"[digit] as usize] = digit as u8;
        nibbles[b"0123456789ABCDEF"[digit] as usize] = digit as u8;
        digit += 1;
    }
    nibbles
};

/// Whether a byte is white space.
pub(crate) fn is_white_space(byte: u8) -> bool {
    CLASSES[usize::from(byte)] == WHITE_SPACE
}

fn is_regular(byte: u8) -> bool {
    CLASSES[usize::from(byte)] == REGULAR
}

/// Reads tokens from a slice that is part of a larger source.
pub(crate) struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    base: u64,
    met_end: bool,
    /// Whether a name was read that other readers may read as another one, or as more than a name.
    met_odd_name: bool,
}

impl<'a> Lexer<'a> {
    /// A lexer over `bytes`, the first of which is at offset `base` of the source.
    pub(crate) fn new(bytes: &'a [u8], base: u64) -> Lexer<'a> {
        Lexer { bytes, at: 0, base, met_end: false, met_odd_name: false }
    }

    /// Whether anything read so far could have come out differently had there been more bytes.
    pub(crate) fn met_end(&self) -> bool {
        self.met_end
    }

    /// Whether a name that was read since this was last asked is written so that readers disagree on it: with a `#` that no
    /// two hexadecimal digits follow, or with bytes that some take for white space.
    pub(crate) fn take_odd_name(&mut self) -> bool {
        std::mem::take(&mut self.met_odd_name)
    }

    /// Offset in the source of the next byte.
    pub(crate) fn offset(&self) -> u64 {
        self.base + self.at as u64
    }

    /// The next byte, not consumed.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        let next = self.bytes.get(self.at).copied();
        self.met_end |= next.is_none();
        next
    }

    /// The bytes not yet read; the caller must not conclude anything from where they end.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Consumes `text` if it is next.
    pub(crate) fn accept(&mut self, text: &[u8]) -> bool {
        let rest = self.rest();
        if rest.starts_with(text) {
            self.at += text.len();
            return true;
        }
        self.met_end |= text.starts_with(rest);
        false
    }

    /// Goes back to an offset seen before.
    pub(crate) fn rewind(&mut self, offset: u64) {
        self.at =
            usize::try_from(offset.saturating_sub(self.base)).unwrap_or(usize::MAX).min(self.bytes.len());
    }

    /// Skips white space, not comments.
    pub(crate) fn skip_white_space(&mut self) {
        while self.peek().is_some_and(is_white_space) {
            self.at += 1;
        }
    }

    /// Skips white space and comments (ISO 32000-2, 7.2.4).
    pub(crate) fn skip_gaps(&mut self) {
        loop {
            self.skip_white_space();
            if self.bytes.get(self.at) != Some(&b'%') {
                return;
            }
            match memchr::memchr2(b'\n', b'\r', self.rest()) {
                Some(length) => self.at += length,
                None => {
                    self.at = self.bytes.len();
                    self.met_end = true;
                }
            }
        }
    }

    fn fault(&self, at: usize, reason: impl Into<String>, clause: &'static str) -> Malformed {
        Malformed::syntax(self.base + at as u64, reason, clause)
    }

    /// The next token and where it is.
    pub(crate) fn token(&mut self) -> Result<(Token<'a>, Span), Malformed> {
        self.skip_gaps();
        let start = self.at;
        let token = self.token_here()?;
        Ok((token, Span::new(self.base + start as u64, self.offset())))
    }

    fn token_here(&mut self) -> Result<Token<'a>, Malformed> {
        let start = self.at;
        let Some(first) = self.peek() else { return Ok(Token::End) };
        match first {
            b'/' => self.name().map(Token::Name),
            b'(' => self.literal_string().map(Token::LiteralString),
            b'<' if self.accept(b"<<") => Ok(Token::DictionaryOpen),
            b'<' => self.hexadecimal_string().map(Token::HexadecimalString),
            b'>' if self.accept(b">>") => Ok(Token::DictionaryClose),
            b'[' => self.single(Token::ArrayOpen),
            b']' => self.single(Token::ArrayClose),
            b'0'..=b'9' | b'+' | b'-' | b'.' => self.number(),
            _ if is_regular(first) => Ok(Token::Keyword(self.run())),
            _ => Err(self.fault(start, format!("unexpected {:?}", char::from(first)), "ISO 32000-2, 7.2.3")),
        }
    }

    fn single(&mut self, token: Token<'a>) -> Result<Token<'a>, Malformed> {
        self.at += 1;
        Ok(token)
    }

    /// The regular characters from here on.
    fn run(&mut self) -> &'a [u8] {
        let rest = self.rest();
        let length = rest.iter().position(|&byte| !is_regular(byte)).unwrap_or(rest.len());
        self.met_end |= length == rest.len();
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    /// An integer or a real number (ISO 32000-2, 7.3.3).
    fn number(&mut self) -> Result<Token<'a>, Malformed> {
        let start = self.at;
        let text = self.run();
        let (negative, digits) = match text.split_first() {
            Some((b'-', rest)) => (true, rest),
            Some((b'+', rest)) => (false, rest),
            _ => (false, text),
        };
        if !digits.is_empty() && digits.len() <= 18 && digits.iter().all(u8::is_ascii_digit) {
            let value = digits.iter().fold(0i64, |value, digit| value * 10 + i64::from(digit - b'0'));
            return Ok(Token::Integer(if negative { -value } else { value }));
        }
        let points = digits.iter().filter(|&&byte| byte == b'.').count();
        let numerals = digits.iter().filter(|byte| byte.is_ascii_digit()).count();
        if points == 1 && numerals > 0 && points + numerals == digits.len() {
            return Ok(Token::Real(text));
        }
        let reason = if points == 0 && numerals == digits.len() && numerals > 18 {
            "integer out of range"
        } else {
            "malformed number"
        };
        Err(self.fault(start, reason, "ISO 32000-2, 7.3.3"))
    }

    /// `/Name` with `#xx` resolved; a `#` without two digits stands for itself, as before PDF 1.2 (7.3.5).
    fn name(&mut self) -> Result<Vec<u8>, Malformed> {
        let start = self.at;
        self.at += 1;
        let text = self.run();
        self.met_odd_name |= text.iter().any(|byte| matches!(byte, 0..0x20 | 0x7F | 0x80 | 0xFF));
        if memchr::memchr(b'#', text).is_none() {
            return Ok(text.to_vec());
        }
        let mut name = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some((&byte, tail)) = rest.split_first() {
            rest = tail;
            match (byte, tail) {
                (b'#', [high, low, tail @ ..]) if nibble(*high).is_some() && nibble(*low).is_some() => {
                    name.push(NIBBLES[usize::from(*high)] << 4 | NIBBLES[usize::from(*low)]);
                    rest = tail;
                }
                _ => {
                    self.met_odd_name |= byte == b'#';
                    name.push(byte);
                }
            }
        }
        match name.contains(&0) {
            true => Err(self.fault(start, "name contains #00", "ISO 32000-2, 7.3.5")),
            false => Ok(name),
        }
    }

    /// `<…>` (ISO 32000-2, 7.3.4.3).
    fn hexadecimal_string(&mut self) -> Result<Vec<u8>, Malformed> {
        let start = self.at;
        let rest = self.rest();
        let Some(length) = memchr::memchr(b'>', rest) else {
            self.met_end = true;
            self.at = self.bytes.len();
            return Err(self.fault(start, "hexadecimal string is not closed", "ISO 32000-2, 7.3.4.3"));
        };
        self.at += length + 1;
        decode_hexadecimal(rest.get(1..length).unwrap_or_default())
            .map_err(|at| self.fault(start + 1 + at, "not a hexadecimal digit", "ISO 32000-2, 7.3.4.3"))
    }

    /// `(…)` with balanced parentheses and escapes (ISO 32000-2, 7.3.4.2).
    fn literal_string(&mut self) -> Result<Vec<u8>, Malformed> {
        let start = self.at;
        self.at += 1;
        let mut out = Vec::new();
        let mut open = 1u32;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'(' => open = open.saturating_add(1),
                b')' => {
                    open -= 1;
                    if open == 0 {
                        return Ok(out);
                    }
                }
                b'\\' => {
                    self.escape(&mut out);
                    continue;
                }
                b'\r' => {
                    self.accept(b"\n");
                    out.push(b'\n');
                    continue;
                }
                _ => {}
            }
            out.push(byte);
        }
        Err(self.fault(start, "literal string is not closed", "ISO 32000-2, 7.3.4.2"))
    }

    /// What follows a reverse solidus (ISO 32000-2, Table 3); of an unknown escape only the solidus is dropped.
    fn escape(&mut self, out: &mut Vec<u8>) {
        let Some(byte) = self.peek() else { return };
        self.at += 1;
        match byte {
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'\n' => {}
            b'\r' => {
                self.accept(b"\n");
            }
            b'0'..=b'7' => {
                let mut value = u32::from(byte - b'0');
                for _ in 0..2 {
                    match self.peek() {
                        Some(digit @ b'0'..=b'7') => value = value * 8 + u32::from(digit - b'0'),
                        _ => break,
                    }
                    self.at += 1;
                }
                out.push((value & 0xFF) as u8);
            }
            other => out.push(other),
        }
    }

    /// Consumes `n g R` in its usual spelling, one space between the parts; a shortcut for long arrays. `None` if
    /// that is not what is next, or might not be.
    pub(crate) fn accept_plain_reference(&mut self) -> Option<(u32, u16)> {
        let rest = self.rest();
        let skipped = rest.iter().take_while(|&&byte| is_white_space(byte)).count();
        let (number, rest) = plain_number(rest.get(skipped..)?, 9)?;
        let (generation, rest) = plain_number(rest, 5)?;
        let [b'R', next, ..] = rest else { return None };
        if is_regular(*next) || number == 0 {
            return None;
        }
        let generation = u16::try_from(generation).ok()?;
        self.at = self.bytes.len() - rest.len() + 1;
        Some((number, generation))
    }

    /// After an integer: consumes `g R` if that is what follows, and gives `g`.
    pub(crate) fn accept_reference(&mut self) -> Option<u16> {
        let start = self.at;
        let generation = self.reference_tail();
        if generation.is_none() {
            self.at = start;
        }
        generation
    }

    fn reference_tail(&mut self) -> Option<u16> {
        self.skip_gaps();
        let mut generation: u32 = 0;
        let first = self.at;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            generation = generation.checked_mul(10)?.checked_add(u32::from(digit - b'0'))?;
            self.at += 1;
        }
        if self.at == first || !self.peek().is_some_and(|byte| is_white_space(byte) || byte == b'%') {
            return None;
        }
        self.skip_gaps();
        if self.peek() != Some(b'R') {
            return None;
        }
        self.at += 1;
        match self.peek() {
            Some(byte) if is_regular(byte) => None,
            _ => u16::try_from(generation).ok(),
        }
    }

    /// Consumes the keyword `word`, or says what was expected.
    pub(crate) fn keyword(&mut self, word: &'static str, clause: &'static str) -> Result<Span, Malformed> {
        match self.token() {
            Ok((Token::Keyword(found), span)) if found == word.as_bytes() => Ok(span),
            Ok((_, span)) => Err(Malformed::syntax(span.start, format!("expected {word}"), clause)),
            Err(error) => Err(error),
        }
    }

    /// Consumes a non-negative integer, or says what was expected.
    pub(crate) fn unsigned(&mut self, what: &str, clause: &'static str) -> Result<u64, Malformed> {
        let (token, span) = self.token()?;
        match token {
            Token::Integer(value) if value >= 0 => Ok(value.unsigned_abs()),
            _ => Err(Malformed::syntax(span.start, format!("expected {what}"), clause)),
        }
    }
}

/// Up to `most` digits and one space: the number, and what follows.
fn plain_number(text: &[u8], most: usize) -> Option<(u32, &[u8])> {
    let mut value = 0u32;
    for (index, &byte) in text.iter().enumerate().take(most + 1) {
        match byte {
            b'0'..=b'9' if index < most => value = value * 10 + u32::from(byte - b'0'),
            b' ' if index > 0 => return Some((value, text.get(index + 1..)?)),
            _ => return None,
        }
    }
    None
}

fn nibble(byte: u8) -> Option<u8> {
    Some(NIBBLES[usize::from(byte)]).filter(|&value| value < 16)
}

/// Hexadecimal digits to bytes; white space is skipped, a missing last digit counts as 0. The error is the place
/// of a byte that is neither.
pub(crate) fn decode_hexadecimal(text: &[u8]) -> Result<Vec<u8>, usize> {
    let mut bad = 0u8;
    let mut out = Vec::with_capacity(text.len() / 2 + 1);
    // Most of a signature's `Contents` is padding.
    let mut digits = text;
    while text.len().is_multiple_of(2)
        && let Some(rest) = digits.strip_suffix(&[b'0'; 64])
    {
        digits = rest;
    }
    let pairs = digits.chunks_exact(2);
    let odd = !pairs.remainder().is_empty();
    out.extend(pairs.map(|pair| {
        let (high, low) = (NIBBLES[usize::from(pair[0])], NIBBLES[usize::from(pair[1])]);
        bad |= high | low;
        high << 4 | low & 15
    }));
    if bad < 16 && !odd {
        out.resize(text.len() / 2, 0);
        return Ok(out);
    }
    out.clear();
    let mut pending = None;
    for (index, &byte) in text.iter().enumerate() {
        match (nibble(byte), pending.take()) {
            (Some(low), Some(high)) => out.push(high << 4 | low),
            (Some(high), None) => pending = Some(high),
            (None, kept) if is_white_space(byte) => pending = kept,
            (None, _) => return Err(index),
        }
    }
    out.extend(pending.map(|high: u8| high << 4));
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Result<Vec<Token<'_>>, Malformed> {
        let mut lexer = Lexer::new(text.as_bytes(), 0);
        let mut all = Vec::new();
        loop {
            match lexer.token()?.0 {
                Token::End => return Ok(all),
                token => all.push(token),
            }
        }
    }

    #[test]
    fn every_kind_of_token_is_read() {
        let expected = vec![
            Token::DictionaryOpen,
            Token::Name(b"A B".to_vec()),
            Token::Integer(-17),
            Token::Real(b"+.5"),
            Token::ArrayOpen,
            Token::LiteralString(b"a(b)\nc\x01d".to_vec()),
            Token::HexadecimalString(vec![0x90, 0x1F, 0xA0]),
            Token::ArrayClose,
            Token::Keyword(b"true"),
            Token::DictionaryClose,
        ];
        let text = "<</A#20B -17 % comment >>\n+.5[(a(b)\\\n\\nc\\1d)<90 1f\nA>]true>>";
        assert_eq!(tokens(text), Ok(expected));
    }

    #[test]
    fn zeros_that_pad_a_string_are_digits_like_others() {
        for zeros in [0, 1, 63, 64, 65, 127, 128, 129, 500] {
            let text = format!("<0A{}>", "0".repeat(zeros));
            let mut expected = vec![0x0A];
            expected.resize(1 + zeros.div_ceil(2), 0);
            assert_eq!(tokens(&text), Ok(vec![Token::HexadecimalString(expected)]), "{zeros}");
        }
    }

    #[test]
    fn malformed_tokens_are_refused_at_their_byte() {
        for (text, at) in [
            (" 1.2.3", 1),
            ("--5", 0),
            ("[ 12x", 2),
            ("<1z>", 2),
            ("(a", 0),
            ("<12", 0),
            ("/a#00", 0),
            (" )", 1),
        ] {
            assert_eq!(tokens(text).unwrap_err().at, Some(at), "{text}");
        }
        assert_eq!(tokens("9999999999999999999").unwrap_err().reason, "integer out of range");
    }

    #[test]
    fn a_reference_needs_its_r_to_stand_alone() {
        for (text, generation) in
            [(" 0 R", Some(0)), (" 5 R/", Some(5)), (" 0 Rx", None), (" 0", None), (" 70000 R", None)]
        {
            assert_eq!(Lexer::new(text.as_bytes(), 0).accept_reference(), generation, "{text}");
        }
    }

    #[test]
    fn the_shortcut_for_references_takes_only_plain_ones() {
        for (text, expected) in [
            (" 12 0 R ", Some((12, 0))),
            ("999999999 65535 R]", Some((999_999_999, 65_535))),
            ("12 0 R", None),
            ("12 0 Rx", None),
            ("12  0 R ", None),
            ("0 0 R ", None),
            ("1 65536 R ", None),
            ("1234567890 0 R ", None),
            ("-1 0 R ", None),
            (" 0 R ", None),
        ] {
            assert_eq!(Lexer::new(text.as_bytes(), 0).accept_plain_reference(), expected, "{text}");
        }
    }

    #[test]
    fn a_token_that_touches_the_end_is_known_to_be_unsure() {
        let mut lexer = Lexer::new(b"12 34", 0);
        assert!(lexer.token().is_ok() && !lexer.met_end());
        assert!(lexer.token().is_ok() && lexer.met_end());
    }
}
