//! From references in manifests and signatures to members (EN 319 162-1, 4.4.3.2; RFC 3986).

/// Which member a reference means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// The member with this index.
    Member(usize),
    /// No member has that name.
    Missing,
    /// Several members have that name.
    Ambiguous,
    /// It points out of the container; nothing outside is ever looked at.
    Outside,
}

/// Decodes `%XX`; a percent sign that starts no such triplet stays, and what decodes to no UTF-8 is `None`.
pub fn percent_decoded(uri: &str) -> Option<String> {
    let bytes = uri.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    while let Some(byte) = bytes.get(at) {
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push((high * 16 + low) as u8);
                at += 3;
            }
            _ => {
                decoded.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8(decoded).ok()
}

/// The name of the member that `uri` means, relative to the root of the container; `None` points outside.
pub(crate) fn member_name(uri: &str) -> Option<String> {
    let has_scheme = uri.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|char: char| char.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    });
    if uri.is_empty() || has_scheme || uri.starts_with("//") || uri.contains('#') {
        return None;
    }
    let mut relative = uri;
    while let Some(rest) = relative.strip_prefix("./") {
        relative = rest;
    }
    percent_decoded(relative.strip_prefix('/').unwrap_or(relative))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_decoded_once_and_strictly() {
        assert_eq!(percent_decoded("a%20b").as_deref(), Some("a b"));
        assert_eq!(percent_decoded("a%2520b").as_deref(), Some("a%20b"));
        assert_eq!(percent_decoded("100%.txt").as_deref(), Some("100%.txt"));
        assert_eq!(percent_decoded("a+b").as_deref(), Some("a+b"));
        assert_eq!(percent_decoded("%ff"), None);
    }

    #[test]
    fn nothing_points_outside() {
        for uri in ["http://example.org/a", "file:///etc/passwd", "//host/a", "#id", "a#b", "", "urn:a"] {
            assert_eq!(member_name(uri), None, "{uri}");
        }
        assert_eq!(member_name("./a%20b").as_deref(), Some("a b"));
        assert_eq!(member_name("/a").as_deref(), Some("a"));
    }
}
