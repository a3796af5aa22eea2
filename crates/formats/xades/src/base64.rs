//! Base64 as XML Schema writes it: with white space anywhere.

use base64ct::{Base64, Encoding};

/// The decoded bytes; `None` if it is not base64.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let compact: String = text.chars().filter(|char| !char.is_ascii_whitespace()).collect();
    Base64::decode_vec(&compact).ok()
}
