//! ToUnicode CMaps (ISO 32000-2, 9.10.3): codes to text.

use crate::read::lexer::{Lexer, Token};
use std::collections::BTreeMap;
use types::{Budget, Malformed, Resource};

const CLAUSE: &str = "ISO 32000-2, 9.10.3";

/// Most codes one range may name.
const LONGEST_RANGE: u32 = 0x1_0000;

/// Most codes, ranges and members of an array that are kept.
const MOST_ENTRIES: usize = 0x2_0000;
/// Most bytes of text of a code (ISO 32000-2, 9.10.3: 512 in UTF-16).
const LONGEST_TEXT: usize = 1024;

/// Codes with their text.
#[derive(Debug, Default)]
pub(super) struct UnicodeMap {
    singles: BTreeMap<u32, String>,
    /// By first code: last code and text of the first; the last character counts up.
    ranges: BTreeMap<u32, (u32, String)>,
}

impl UnicodeMap {
    /// How many codes and ranges are kept.
    pub(super) fn len(&self) -> usize {
        self.singles.len() + self.ranges.len()
    }

    pub(super) fn parse(bytes: &[u8], budget: &mut Budget) -> Result<UnicodeMap, Malformed> {
        let mut lexer = Lexer::new(bytes, 0);
        let mut map = UnicodeMap::default();
        let mut strings: Vec<Vec<u8>> = Vec::new();
        let mut array: Option<Vec<Vec<u8>>> = None;
        let mut section = Section::Other;
        loop {
            budget.spend(Resource::Steps, 1)?;
            if map.len() > MOST_ENTRIES || array.as_ref().is_some_and(|texts| texts.len() > MOST_ENTRIES) {
                return Err(Malformed::unsupported(None, "a ToUnicode map of too many codes", CLAUSE));
            }
            match lexer.token()?.0 {
                Token::End => return Ok(map),
                Token::Keyword(b"beginbfchar") => (section, strings) = (Section::Characters, Vec::new()),
                Token::Keyword(b"beginbfrange") => (section, strings) = (Section::Ranges, Vec::new()),
                Token::Keyword(b"endbfchar" | b"endbfrange") => section = Section::Other,
                Token::ArrayOpen => array = Some(Vec::new()),
                Token::ArrayClose => {
                    if let (Section::Ranges, [first, _], Some(texts)) =
                        (section, strings.as_slice(), array.take())
                    {
                        map.listed(number(first), texts);
                        strings.clear();
                    }
                }
                Token::HexadecimalString(bytes) | Token::LiteralString(bytes) => {
                    let mut bytes = bytes;
                    bytes.truncate(LONGEST_TEXT);
                    match (&mut array, section) {
                        (_, Section::Other) => {}
                        (Some(texts), _) => texts.push(bytes),
                        (None, _) => strings.push(bytes),
                    }
                    map.complete(section, &mut strings);
                }
                _ => {}
            }
        }
    }

    /// Enters a pair or a triple once it is whole.
    fn complete(&mut self, section: Section, strings: &mut Vec<Vec<u8>>) {
        match (section, strings.as_slice()) {
            (Section::Characters, [code, text]) => {
                self.singles.insert(number(code), utf16(text));
                strings.clear();
            }
            (Section::Ranges, [first, last, text]) => {
                let (first, last) = (number(first), number(last));
                if first <= last && last - first < LONGEST_RANGE {
                    self.ranges.insert(first, (last, utf16(text)));
                }
                strings.clear();
            }
            _ => {}
        }
    }

    fn listed(&mut self, first: u32, texts: Vec<Vec<u8>>) {
        for (code, text) in (first..).zip(texts) {
            self.singles.insert(code, utf16(&text));
        }
    }

    /// The text of a code.
    pub(super) fn text(&self, code: u32) -> Option<String> {
        if let Some(text) = self.singles.get(&code) {
            return Some(text.clone());
        }
        let (first, (last, text)) = self.ranges.range(..=code).next_back()?;
        if code > *last {
            return None;
        }
        let mut text = text.clone();
        let last = text.pop()?;
        text.push(char::from_u32(u32::from(last).checked_add(code - first)?)?);
        Some(text)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Characters,
    Ranges,
    Other,
}

/// Up to four bytes as a number.
fn number(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |value, byte| value << 8 | u32::from(*byte))
}

fn utf16(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    char::decode_utf16(units).filter_map(Result::ok).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_ranges_and_lists_are_mapped() {
        let cmap = b"2 beginbfchar <01> <0041> <02> <00660069> endbfchar
            2 beginbfrange <10> <12> <0061> <20> <21> [<0058> <0059005A>] endbfrange";
        let map = UnicodeMap::parse(cmap, &mut Budget::default()).unwrap();
        let text = |code| map.text(code);
        assert_eq!(text(1).as_deref(), Some("A"));
        assert_eq!(text(2).as_deref(), Some("fi"));
        assert_eq!(text(0x12).as_deref(), Some("c"));
        assert_eq!(text(0x13), None);
        assert_eq!(text(0x21).as_deref(), Some("YZ"));
    }
}
