//! Signed attributes that pose as content: a signature over attributes is as well one without attributes over content that
//! is their encoding (RFC 5652, 5.4: the value is over the SET OF, tagged as such).

/// So many bytes of content are looked at: attributes come in the order of their encodings, the short ones first.
pub const MOST_OF_ATTRIBUTES: usize = 1 << 16;

/// Attributes that every set of signed attributes holds (RFC 5652, 5.3): content-type and message-digest, as DER.
const MANDATORY: [&[u8]; 2] = [
    &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 3],
    &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 4],
];

/// Whether content reads as a SET OF signed attributes. `start` are its first bytes, as many as
/// [`MOST_OF_ATTRIBUTES`] at least if there are so many; `length` is that of all of it.
pub fn reads_as_signed_attributes(start: &[u8], length: u64) -> bool {
    let Some((header, content)) = set_header(start) else { return false };
    let is_whole = content.is_none_or(|content| content.checked_add(header as u64) == Some(length));
    let inside = start.get(header..).unwrap_or_default();
    let is_attribute = |at: usize| {
        let before = at.saturating_sub(8)..at;
        inside.get(before).is_some_and(|before| before.contains(&0x30))
    };
    is_whole
        && inside.first() == Some(&0x30)
        && MANDATORY.iter().any(|oid| {
            let mut places = inside.windows(oid.len()).enumerate();
            places.any(|(at, window)| window == *oid && is_attribute(at))
        })
}

/// The length of the header of a SET, and of its content if it is definite, in BER (X.690, 8.1.3).
fn set_header(start: &[u8]) -> Option<(usize, Option<u64>)> {
    let [0x31, first, rest @ ..] = start else { return None };
    match *first {
        0x80 => Some((2, None)),
        short if short < 0x80 => Some((2, Some(u64::from(short)))),
        long => {
            let count = usize::from(long & 0x7f);
            let length = rest
                .get(..count)?
                .iter()
                .try_fold(0_u64, |length, octet| length.checked_mul(256)?.checked_add(u64::from(*octet)))?;
            Some((2 + count, Some(length)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(content: &[u8]) -> bool {
        reads_as_signed_attributes(content, content.len() as u64)
    }

    /// `SET { SEQUENCE { oid, SET { OCTET STRING } } }`
    fn attributes(oid: &[u8]) -> Vec<u8> {
        let value = [0x31, 3, 4, 1, 7];
        let attribute = [&[0x30, (oid.len() + value.len()) as u8][..], oid, &value].concat();
        [&[0x31, attribute.len() as u8][..], &attribute].concat()
    }

    #[test]
    fn attributes_are_told_from_other_content() {
        for oid in MANDATORY {
            let set = attributes(oid);
            assert!(reads(&set));
            let long = [&[0x31, 0x83, 0, 0, set[1]][..], &set[2..]].concat();
            assert!(reads(&long), "a length longer than needed");
            let open = [&[0x31, 0x80][..], &set[2..], &[0, 0]].concat();
            assert!(reads(&open), "an indefinite length");
            assert!(!reads(&[&set[..], b"more"].concat()));
        }
        assert!(!reads(&attributes(&[6, 3, 0x55, 4, 3])), "a name");
        for text in [&b""[..], b"1", b"1. A text that starts like a set", b"%PDF-1.7", &[0x31, 0x80]] {
            assert!(!reads(text), "{text:?}");
        }
    }
}
