//! Text strings and dates (ISO 32000-2, 7.9.2 and 7.9.4).

use types::Time;

/// PDFDocEncoding of the bytes 0x18 to 0x1F (ISO 32000-2, Annex D.3).
const ACCENTS: [char; 8] = ['˘', 'ˇ', 'ˆ', '˙', '˝', '˛', '˚', '˜'];
/// PDFDocEncoding of the bytes 0x80 to 0xA0.
const HIGH: [char; 33] = [
    '•', '†', '‡', '…', '—', '–', 'ƒ', '⁄', '‹', '›', '−', '‰', '„', '“', '”', '‘', '’', '‚', '™', 'ﬁ', 'ﬂ',
    'Ł', 'Œ', 'Š', 'Ÿ', 'Ž', 'ı', 'ł', 'œ', 'š', 'ž', '\u{FFFD}', '€',
];

/// A text string: UTF-16BE or UTF-8 with byte order mark, else PDFDocEncoding; what cannot be decoded becomes
/// U+FFFD. Byte order marks of UTF-16LE, which the standard does not know but writers use, are heeded.
pub fn text(bytes: &[u8]) -> String {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.as_chunks::<2>().0.iter().map(|&pair| unit(pair));
        char::decode_utf16(units).map(|char| char.unwrap_or('\u{FFFD}')).collect()
    };
    match bytes {
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => bytes.iter().map(|&byte| document_character(byte)).collect(),
    }
}

fn document_character(byte: u8) -> char {
    match byte {
        0x18..=0x1F => ACCENTS[usize::from(byte - 0x18)],
        0x80..=0xA0 => HIGH[usize::from(byte - 0x80)],
        0x7F | 0xAD => '\u{FFFD}',
        _ => char::from(byte),
    }
}

/// The inverse of [`text`] for PDFDocEncoding; `None` if a character is not in it.
pub(crate) fn document_encoding(text: &str) -> Option<Vec<u8>> {
    text.chars()
        .map(|char| (0..=255u8).find(|&byte| document_character(byte) == char && char != '\u{FFFD}'))
        .collect()
}

/// A date `D:YYYYMMDDHHmmSSOHH'mm'`, the year required and each later part optional (ISO 32000-2, 7.9.4). A date
/// without an offset is taken as UTC; the prefix `D:` and the last apostrophe may be missing.
pub fn date(bytes: &[u8]) -> Option<Time> {
    let decoded = text(bytes);
    let mut rest = decoded.trim().as_bytes();
    rest = rest.strip_prefix(b"D:").unwrap_or(rest);
    let year = digits(&mut rest, 4)?;
    let mut part = |default| match rest.first() {
        Some(byte) if byte.is_ascii_digit() => digits(&mut rest, 2),
        _ => Some(default),
    };
    let (month, day, hour, minute, second) = (part(1)?, part(1)?, part(0)?, part(0)?, part(0)?);
    let local = Time::from_civil(i64::from(year), month, day, hour, minute, second)?;
    Some(local.plus(-offset(rest)?))
}

fn digits(rest: &mut &[u8], count: usize) -> Option<u32> {
    let (number, tail) = rest.split_at_checked(count)?;
    number.iter().all(u8::is_ascii_digit).then_some(())?;
    *rest = tail;
    Some(number.iter().fold(0, |value, digit| value * 10 + u32::from(digit - b'0')))
}

/// `Z`, `+HH'mm'`, `-HH'mm'` or nothing, as seconds east of UTC.
fn offset(rest: &[u8]) -> Option<i64> {
    let (sign, mut rest) = match rest {
        [] => return Some(0),
        [b'Z' | b'z', b'0' | b'\'', ..] => (1, &rest[1..]),
        [b'Z' | b'z'] => return Some(0),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let hours = digits(&mut rest, 2)?;
    rest = rest.strip_prefix(b"'").unwrap_or(rest);
    let minutes = if rest.is_empty() { 0 } else { digits(&mut rest, 2)? };
    (hours < 24 && minutes < 60 && matches!(rest, b"" | b"'"))
        .then_some(sign * i64::from(hours * 3600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_of_text_is_decoded() {
        for (bytes, expected) in [
            (b"Ren\xE9 \xA0\x80\x18".as_slice(), "René €•˘"),
            (b"\xFE\xFF\0A\xD8\x3D\xDE\0", "A😀"),
            (b"\xFF\xFEA\0", "A"),
            (b"\xEF\xBB\xBF\xE6\xBC\xA2", "漢"),
            (b"\xFE\xFF\xD8\x3D", "\u{FFFD}"),
        ] {
            assert_eq!(text(bytes), expected);
        }
    }

    #[test]
    fn dates_with_and_without_their_optional_parts_are_read() {
        for (bytes, expected) in [
            ("D:20260131120000Z", "2026-01-31T12:00:00Z"),
            ("D:20260131120000+01'00'", "2026-01-31T11:00:00Z"),
            ("D:20260131120000-05'30", "2026-01-31T17:30:00Z"),
            ("D:20260131120000Z00'00'", "2026-01-31T12:00:00Z"),
            ("D:2026", "2026-01-01T00:00:00Z"),
            ("20260131", "2026-01-31T00:00:00Z"),
        ] {
            assert_eq!(
                date(bytes.as_bytes()).map(|time| time.to_string()).as_deref(),
                Some(expected),
                "{bytes}"
            );
        }
        for bytes in ["", "D:", "D:20261301", "D:2026013112000", "D:20260131120000+25'00'", "yesterday"] {
            assert_eq!(date(bytes.as_bytes()), None, "{bytes}");
        }
    }
}
