//! Textual encodings (RFC 7468), read as leniently as they are met: text around, any line length, CRLF.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use types::Malformed;

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// One block: its label and its bytes.
pub(crate) struct Block<'a> {
    pub label: &'a str,
    pub der: Vec<u8>,
}

/// Whether there is a block at all.
pub(crate) fn is_pem(bytes: &[u8]) -> bool {
    find(bytes, b"-----BEGIN ").is_some()
}

/// The first block of `bytes` and what follows it.
pub(crate) fn next<'a>(bytes: &'a [u8]) -> Result<Option<(Block<'a>, &'a [u8])>, Malformed> {
    let broken = |reason| Malformed::syntax(None, reason, "RFC 7468, 3");
    let Some(start) = find(bytes, b"-----BEGIN ") else { return Ok(None) };
    let after = bytes.get(start + 11..).unwrap_or_default();
    let label_end = find(after, b"-----").ok_or_else(|| broken("a BEGIN line is cut off"))?;
    let (label, body) = after.split_at(label_end);
    let label = std::str::from_utf8(label).map_err(|_| broken("a label is not text"))?;
    let body = body.get(5..).unwrap_or_default();
    let end = find(body, b"-----END ").ok_or_else(|| broken("a block has no END line"))?;
    let (content, rest) = body.split_at(end);
    let compact: Vec<u8> = content.iter().copied().filter(|octet| !octet.is_ascii_whitespace()).collect();
    let der = LENIENT.decode(compact).map_err(|_| broken("a block is not base64"))?;
    Ok(Some((Block { label, der }, rest.get(9..).unwrap_or_default())))
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// A block with lines of 64 characters.
pub(crate) fn encode(label: &str, der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in text.as_bytes().chunks(64) {
        out.extend(line.iter().map(|octet| char::from(*octet)));
        out.push('\n');
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}
