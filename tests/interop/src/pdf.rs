//! Signatures found by scanning octets: independent of any PDF reader, ours included. Enough for files that keep
//! their signature dictionaries outside object streams, as ours and most others' do.

use std::ops::Range;

/// One signature dictionary.
#[derive(Clone, Debug)]
pub struct Signature {
    /// Where the four numbers of `/ByteRange [` … `]` stand in the file.
    pub byte_range_at: Range<usize>,
    /// The four numbers.
    pub byte_range: [usize; 4],
}

impl Signature {
    /// Whether the signature covers all of a file of `length` octets but its own contents.
    pub fn is_whole_file(&self, length: usize) -> bool {
        self.byte_range[0] == 0 && self.byte_range[2].checked_add(self.byte_range[3]) == Some(length)
    }

    /// The gap: `<`, hexadecimal digits, `>`.
    pub fn gap(&self) -> Option<Range<usize>> {
        let start = self.byte_range[0].checked_add(self.byte_range[1])?;
        (start < self.byte_range[2]).then_some(start..self.byte_range[2])
    }

    /// The covered octets, joined.
    pub fn covered(&self, file: &[u8]) -> Option<Vec<u8>> {
        let [first, first_length, second, second_length] = self.byte_range;
        let mut covered = file.get(first..first.checked_add(first_length)?)?.to_vec();
        covered.extend(file.get(second..second.checked_add(second_length)?)?);
        Some(covered)
    }

    /// The CMS in the gap, without the padding behind it.
    pub fn contents(&self, file: &[u8]) -> Option<Vec<u8>> {
        let digits: Vec<u8> = file.get(self.gap()?)?.iter().copied().filter(u8::is_ascii_hexdigit).collect();
        let mut octets = Vec::with_capacity(digits.len() / 2);
        for pair in digits.chunks_exact(2) {
            octets.push(u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?);
        }
        let length = der_length(&octets)?;
        octets.truncate(length);
        Some(octets)
    }
}

/// The length of the DER value that `octets` start with, header included.
fn der_length(octets: &[u8]) -> Option<usize> {
    let first = usize::from(*octets.get(1)?);
    if first < 0x80 {
        return Some(2 + first);
    }
    let count = first & 0x7f;
    // Indefinite length: keep everything, the reader finds the end.
    if count == 0 {
        return Some(octets.len());
    }
    let mut length = 0usize;
    for octet in octets.get(2..2 + count)? {
        length = length.checked_mul(256)?.checked_add(usize::from(*octet))?;
    }
    length.checked_add(2 + count)
}

/// All signature dictionaries with a direct `/ByteRange`, in file order.
pub fn signatures(file: &[u8]) -> Vec<Signature> {
    const KEY: &[u8] = b"/ByteRange";
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = file.get(at..).and_then(|rest| find(rest, KEY)) {
        at += next + KEY.len();
        let Some(signature) = file.get(at..).and_then(|rest| numbers(rest, at)) else { continue };
        found.push(signature);
    }
    found
}

fn numbers(rest: &[u8], at: usize) -> Option<Signature> {
    let open = rest.iter().position(|octet| *octet == b'[')?;
    let close = rest.iter().position(|octet| *octet == b']')?;
    if open > 4 || close > 200 {
        return None;
    }
    let text = std::str::from_utf8(rest.get(open + 1..close)?).ok()?;
    let numbers: Vec<usize> = text.split_ascii_whitespace().map_while(|word| word.parse().ok()).collect();
    let byte_range = numbers.try_into().ok()?;
    Some(Signature { byte_range_at: at + open + 1..at + close, byte_range })
}

/// Where `needle` first stands in `hay`.
pub fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len()).position(|window| window == needle)
}
