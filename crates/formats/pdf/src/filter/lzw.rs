//! LZWDecode (ISO 32000-2, 7.4.4.2): codes of 9 to 12 bits, most significant bit first.

use super::Output;
use types::Malformed;

const CLAUSE: &str = "ISO 32000-2, 7.4.4.2";
const CLEAR: u16 = 256;
const END: u16 = 257;

/// The strings of codes 258 and up, each the string of an earlier code and one more byte.
struct Table {
    /// Code of the prefix, last byte, length, first byte.
    strings: Vec<(u16, u8, u16, u8)>,
}

impl Table {
    fn parts(&self, code: u16) -> Option<(u16, u8)> {
        match code {
            0..=255 => Some((1, code as u8)),
            _ => self
                .strings
                .get(usize::from(code.checked_sub(258)?))
                .map(|&(_, _, length, first)| (length, first)),
        }
    }

    /// Appends the string of `code`, back to front.
    fn append(&self, code: u16, out: &mut Vec<u8>) -> Option<usize> {
        let (length, _) = self.parts(code)?;
        let start = out.len();
        out.resize(start + usize::from(length), 0);
        let mut code = code;
        for slot in out.iter_mut().skip(start).rev() {
            *slot = match code {
                0..=255 => code as u8,
                _ => {
                    let (prefix, last, _, _) = *self.strings.get(usize::from(code.checked_sub(258)?))?;
                    code = prefix;
                    last
                }
            };
        }
        Some(usize::from(length))
    }
}

/// Decodes up to the end code or the end of the data. `early` is `EarlyChange`: how many codes early the width grows.
pub(super) fn decode(data: &[u8], early: i64, at: u64, output: &mut Output<'_>) -> Result<(), Malformed> {
    let early = usize::from(early != 0);
    let mut table = Table { strings: Vec::with_capacity(3840) };
    let (mut buffer, mut held, mut previous) = (0u32, 0u32, None::<u16>);
    for (index, &byte) in data.iter().enumerate() {
        buffer = buffer << 8 | u32::from(byte);
        held += 8;
        let width = code_width(table.strings.len() + 258 + early);
        if held < width {
            continue;
        }
        held -= width;
        let code = (buffer >> held & ((1 << width) - 1)) as u16;
        buffer &= (1 << held) - 1;
        match code {
            CLEAR => {
                table.strings.clear();
                previous = None;
            }
            END => return Ok(()),
            _ => {
                let fault = || Malformed::syntax(at + index as u64, "LZW code is not defined", CLAUSE);
                define(&mut table, previous, code).ok_or_else(fault)?;
                let length = table.append(code, &mut output.bytes).ok_or_else(fault)?;
                output.spend(length)?;
                previous = Some(code);
            }
        }
    }
    Ok(())
}

/// Bits of the next code when `codes` are defined, the early ones counted.
fn code_width(codes: usize) -> u32 {
    match codes {
        ..512 => 9,
        512..1024 => 10,
        1024..2048 => 11,
        _ => 12,
    }
}

/// Adds the string of `previous` and the first byte of `code`, which may be the string added itself.
fn define(table: &mut Table, previous: Option<u16>, code: u16) -> Option<()> {
    let Some(previous) = previous else { return (code < 256).then_some(()) };
    if table.strings.len() >= 4096 - 258 {
        return Some(());
    }
    let (length, first) = table.parts(previous)?;
    let next = 258 + table.strings.len() as u16;
    let last = if code == next { first } else { table.parts(code)?.1 };
    table.strings.push((previous, last, length.checked_add(1)?, first));
    Some(())
}

#[cfg(test)]
mod tests {
    use crate::filter::tests::step;
    use crate::filter::{STRUCTURE, decode};
    use types::Budget;

    /// Codes to bytes, all of 9 bits.
    fn pack(codes: &[u16]) -> Vec<u8> {
        let bits: Vec<u8> =
            codes.iter().flat_map(|code| (0..9).rev().map(move |bit| (code >> bit & 1) as u8)).collect();
        bits.chunks(8)
            .map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | bit) << (8 - bits.len()))
            .collect()
    }

    #[test]
    fn the_example_of_the_standard_is_decoded() {
        let encoded = pack(&[256, 45, 258, 258, 65, 259, 66, 257]);
        assert_eq!(encoded, [0x80, 0x0B, 0x60, 0x50, 0x22, 0x0C, 0x0C, 0x85, 0x01]);
        let decoded = decode(&[step("LZWDecode")], encoded, 0, STRUCTURE, &mut Budget::default());
        assert_eq!(decoded, Ok(vec![45, 45, 45, 45, 45, 65, 45, 45, 45, 66]));
    }

    #[test]
    fn undefined_codes_are_refused() {
        for codes in [[256, 300].as_slice(), &[256, 45, 400], &[258]] {
            assert!(decode(&[step("LZWDecode")], pack(codes), 0, STRUCTURE, &mut Budget::default()).is_err());
        }
    }
}
