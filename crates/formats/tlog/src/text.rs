//! Numbers, base64 and lines as the C2SP formats write them: one spelling each.

use crate::merkle::Hash;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use types::{Budget, Malformed, Resource};

/// Standard base64 with padding (RFC 4648, 4).
pub(crate) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// A part of a text and where in the whole it begins.
#[derive(Clone, Copy)]
pub(crate) struct Part<'t> {
    pub(crate) text: &'t str,
    pub(crate) at: usize,
}

impl<'t> Part<'t> {
    pub(crate) fn new(text: &'t str, at: usize) -> Part<'t> {
        Part { text, at }
    }

    /// A fault at the beginning of the part.
    pub(crate) fn malformed(&self, reason: impl Into<String>, clause: &'static str) -> Malformed {
        Malformed::syntax(self.at as u64, reason, clause)
    }

    /// The part without its first characters, if they are these.
    pub(crate) fn after(&self, prefix: &str) -> Option<Part<'t>> {
        self.text.strip_prefix(prefix).map(|text| Part::new(text, self.at + prefix.len()))
    }

    /// Before and after the first `separator`.
    pub(crate) fn split(&self, separator: &str) -> Option<(Part<'t>, Part<'t>)> {
        let (before, after) = self.text.split_once(separator)?;
        Some((Part::new(before, self.at), Part::new(after, self.at + before.len() + separator.len())))
    }

    /// The first line without its newline, and what follows.
    pub(crate) fn line(
        &self,
        what: &str,
        clause: &'static str,
        budget: &mut Budget,
    ) -> Result<(Part<'t>, Part<'t>), Malformed> {
        budget.spend(Resource::Steps, 1)?;
        self.split("\n").ok_or_else(|| self.malformed(format!("{what} does not end in a newline"), clause))
    }

    /// A decimal number without leading zeros, below 2^64.
    pub(crate) fn decimal(&self, what: &str, clause: &'static str) -> Result<u64, Malformed> {
        let bytes = self.text.as_bytes();
        let is_plain = !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit);
        if !is_plain || (bytes.len() > 1 && bytes[0] == b'0') {
            return Err(self.malformed(format!("{what} is not a plain decimal number"), clause));
        }
        self.text.parse().map_err(|_| self.malformed(format!("{what} does not fit into 64 bits"), clause))
    }

    /// Standard base64 with its padding and without stray bits: what it says has no other spelling.
    pub(crate) fn base64(
        &self,
        what: &str,
        clause: &'static str,
        budget: &mut Budget,
    ) -> Result<Vec<u8>, Malformed> {
        budget.spend(Resource::DecodedBytes, self.text.len() as u64)?;
        STANDARD
            .decode(self.text)
            .map_err(|_| self.malformed(format!("{what} is not canonical base64"), clause))
    }

    /// A hash in base64.
    pub(crate) fn hash(
        &self,
        what: &str,
        clause: &'static str,
        budget: &mut Budget,
    ) -> Result<Hash, Malformed> {
        // 44 characters are 32 bytes; a longer line is not even decoded.
        let bytes = if self.text.len() == 44 { self.base64(what, clause, budget)? } else { Vec::new() };
        Hash::from_slice(&bytes)
            .ok_or_else(|| self.malformed(format!("{what} is not a SHA-256 value in base64"), clause))
    }
}

/// Bytes as UTF-8 text without control characters but newlines, at most `limit` bytes.
pub(crate) fn utf8<'b>(
    bytes: &'b [u8],
    limit: usize,
    what: &str,
    clause: &'static str,
) -> Result<&'b str, Malformed> {
    if bytes.len() > limit {
        return Err(Malformed::unsupported(None, format!("{what} has more than {limit} bytes"), ""));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Malformed::syntax(error.valid_up_to() as u64, format!("{what} is not UTF-8"), clause)
    })?;
    match bytes.iter().position(|byte| *byte < b' ' && *byte != b'\n') {
        Some(at) => Err(Malformed::syntax(at as u64, format!("{what} has a control character"), clause)),
        None => Ok(text),
    }
}
