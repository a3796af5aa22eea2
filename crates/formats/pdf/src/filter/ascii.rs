//! ASCIIHexDecode and ASCII85Decode (ISO 32000-2, 7.4.2 and 7.4.3).

use super::Output;
use crate::read::lexer;
use types::Malformed;

/// Hexadecimal digits up to `>`.
pub(super) fn decode_hexadecimal(data: &[u8], at: u64, output: &mut Output<'_>) -> Result<(), Malformed> {
    let end = memchr::memchr(b'>', data).unwrap_or(data.len());
    let digits = data.get(..end).unwrap_or_default();
    let bytes = lexer::decode_hexadecimal(digits).map_err(|index| {
        Malformed::syntax(at + index as u64, "not a hexadecimal digit", "ISO 32000-2, 7.4.2")
    })?;
    output.extend(&bytes)
}

/// Groups of five digits in base 85, or `z` for four zero bytes, up to `~>`.
pub(super) fn decode_base85(data: &[u8], at: u64, output: &mut Output<'_>) -> Result<(), Malformed> {
    let mut group = [0u8; 5];
    let mut filled = 0;
    for (index, &byte) in data.iter().enumerate() {
        match byte {
            b'!'..=b'u' => {
                group[filled] = byte - b'!';
                filled += 1;
            }
            b'z' if filled == 0 => output.extend(&[0; 4])?,
            b'~' => break,
            _ if lexer::is_white_space(byte) => continue,
            _ => return Err(base85_fault(at, index)),
        }
        if filled == 5 {
            output.extend(&base85_group(group).ok_or_else(|| base85_fault(at, index))?)?;
            filled = 0;
        }
    }
    match filled {
        0 => Ok(()),
        1 => Err(base85_fault(at, data.len())),
        _ => {
            group[filled..].fill(84);
            let bytes = base85_group(group).ok_or_else(|| base85_fault(at, data.len()))?;
            output.extend(&bytes[..filled - 1])
        }
    }
}

fn base85_fault(at: u64, index: usize) -> Malformed {
    Malformed::syntax(at.saturating_add(index as u64), "malformed ASCII85 data", "ISO 32000-2, 7.4.3")
}

fn base85_group(group: [u8; 5]) -> Option<[u8; 4]> {
    let value = group.iter().fold(0u64, |value, &digit| value * 85 + u64::from(digit));
    Some(u32::try_from(value).ok()?.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use crate::filter::tests::step;
    use crate::filter::{STRUCTURE, decode};
    use types::Budget;

    #[test]
    fn both_encodings_are_undone() {
        for (name, text, expected) in [
            ("ASCIIHexDecode", "48 65\n6C6c 6F7>", "Hellop"),
            ("ASCII85Decode", "87cUR\nD]i,\"Ebo80~>", "Hello World!"),
            ("ASCII85Decode", "z87cUR~>", "\0\0\0\0Hell"),
            ("ASCII85Decode", "87cURDZ~>", "Hello"),
        ] {
            let decoded = decode(&[step(name)], text.into(), 0, STRUCTURE, &mut Budget::default());
            assert_eq!(decoded, Ok(expected.as_bytes().to_vec()), "{text}");
        }
    }

    #[test]
    fn foreign_characters_and_overflow_are_refused() {
        for (name, text) in [
            ("ASCIIHexDecode", "4x>"),
            ("ASCII85Decode", "ab\x7F~>"),
            ("ASCII85Decode", "uuuuu~>"),
            ("ASCII85Decode", "!~>"),
        ] {
            assert!(
                decode(&[step(name)], text.into(), 0, STRUCTURE, &mut Budget::default()).is_err(),
                "{text}"
            );
        }
    }
}
