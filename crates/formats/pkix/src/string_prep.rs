//! Strings of names: decoding of the ASN.1 string types and preparation for comparison (RFC 5280, 7.1; RFC 4518).
//!
//! Deviation: strings with control characters are compared octet by octet instead of having them dropped
//! (RFC 4518, 2.2), so that an embedded NUL never makes two names equal. Case is folded with Unicode lower case.

use crate::tlv;
use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;

/// The text of a string value; `None` for other types and for octets that do not fit their type.
pub(crate) fn decode(tag: u8, content: &[u8]) -> Option<Cow<'_, str>> {
    match tag {
        tlv::UTF8_STRING => std::str::from_utf8(content).ok().map(Cow::Borrowed),
        tlv::PRINTABLE_STRING | tlv::IA5_STRING | tlv::VISIBLE_STRING | NUMERIC_STRING => {
            content.is_ascii().then(|| std::str::from_utf8(content).ok().map(Cow::Borrowed))?
        }
        // TeletexString is read as ISO 8859-1, as those who write it mean it.
        tlv::TELETEX_STRING => Some(content.iter().map(|octet| char::from(*octet)).collect()),
        tlv::BMP_STRING => {
            let (pairs, []) = content.as_chunks::<2>() else { return None };
            let units = pairs.iter().map(|pair| u16::from_be_bytes(*pair));
            char::decode_utf16(units).collect::<Result<String, _>>().ok().map(Cow::Owned)
        }
        tlv::UNIVERSAL_STRING => {
            let (quads, []) = content.as_chunks::<4>() else { return None };
            quads
                .iter()
                .map(|quad| char::from_u32(u32::from_be_bytes(*quad)))
                .collect::<Option<String>>()
                .map(Cow::Owned)
        }
        _ => None,
    }
}

const NUMERIC_STRING: u8 = 0x12;

/// Appends the prepared form of a string value; `false` (with `out` in any state) if it must be compared by octets.
pub(crate) fn prepare(tag: u8, content: &[u8], out: &mut Vec<u8>) -> bool {
    let Some(text) = decode(tag, content) else { return false };
    if text.is_ascii() {
        return prepare_ascii(text.as_bytes(), out);
    }
    if text.chars().any(|character| character.is_control() && !character.is_whitespace()) {
        return false;
    }
    let mapped = text.chars().filter(|character| !is_invisible(*character)).flat_map(char::to_lowercase);
    let prepared: String = mapped.nfkc().flat_map(char::to_lowercase).nfkc().collect();
    let mut words = prepared.split_whitespace();
    if let Some(word) = words.next() {
        out.extend_from_slice(word.as_bytes());
    }
    for word in words {
        out.push(b' ');
        out.extend_from_slice(word.as_bytes());
    }
    true
}

/// Whether a value can be compared with another: it is no string, or one without the characters for which comparison is
/// not defined (RFC 4518, 2.4).
pub(crate) fn is_comparable(tag: u8, content: &[u8]) -> bool {
    let is_string = matches!(
        tag,
        tlv::UTF8_STRING
            | tlv::PRINTABLE_STRING
            | tlv::IA5_STRING
            | tlv::VISIBLE_STRING
            | NUMERIC_STRING
            | tlv::TELETEX_STRING
            | tlv::BMP_STRING
            | tlv::UNIVERSAL_STRING
    );
    let is_control = |character: char| character.is_control() && !character.is_whitespace();
    let is_plain = |text: Cow<'_, str>| !text.chars().any(|one| is_control(one) || is_prohibited(one));
    !is_string || decode(tag, content).is_some_and(is_plain)
}

/// Private use, no characters, the replacement character (RFC 3454, C.3 and C.4; RFC 4518, 2.4).
fn is_prohibited(character: char) -> bool {
    let point = u32::from(character);
    matches!(character, '\u{e000}'..='\u{f8ff}' | '\u{fffd}' | '\u{fdd0}'..='\u{fdef}' | '\u{f0000}'..)
        || point & 0xfffe == 0xfffe
}

/// Lower case, inner white space to one space, outer white space dropped.
fn prepare_ascii(text: &[u8], out: &mut Vec<u8>) -> bool {
    let start = out.len();
    let mut gap = false;
    for octet in text {
        match octet {
            b' ' | b'\t'..=b'\r' => gap = out.len() > start,
            0..=0x1f | 0x7f => return false,
            _ => {
                if gap {
                    out.push(b' ');
                    gap = false;
                }
                out.push(octet.to_ascii_lowercase());
            }
        }
    }
    true
}

/// Characters that RFC 4518, 2.2 maps to nothing, and those that change the direction of writing.
pub(crate) fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{1806}' | '\u{180b}'..='\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{206a}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffc}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0001}' | '\u{e0020}'..='\u{e007f}')
}
