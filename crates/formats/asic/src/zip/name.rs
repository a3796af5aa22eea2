//! Names of members: decoding, duplicates, tricks.

use super::central::Entry;
use std::collections::BTreeMap;
use types::{Finding, Malformed, Severity, Span};
use unicode_normalization::UnicodeNormalization;

/// The upper half of code page 437, in which names without the UTF-8 flag are written (APPNOTE D.1).
const CODE_PAGE_437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// Decodes a name: UTF-8 where flagged or where it is UTF-8 all the same, else code page 437.
pub(super) fn decode_name(
    raw: &[u8],
    flags: u16,
    header: Span,
    findings: &mut Vec<Finding>,
) -> Result<String, Malformed> {
    let flagged = flags & 0x0800 != 0;
    match std::str::from_utf8(raw) {
        Ok(name) if flagged || name.is_ascii() => Ok(name.to_owned()),
        Ok(name) => {
            let message = format!("the name {name:?} is in UTF-8 without saying so");
            findings.push(Finding::new("zip.name-encoding", Severity::Info, message).at(header));
            Ok(name.to_owned())
        }
        Err(_) if flagged => Err(Malformed::syntax(
            header.start,
            "a name is not in UTF-8 though it says so",
            "APPNOTE 6.3.10, D.2",
        )),
        Err(_) => {
            let upper: Vec<char> = CODE_PAGE_437.chars().collect();
            let decode = |byte: &u8| match byte.checked_sub(128) {
                Some(index) => upper.get(usize::from(index)).copied().unwrap_or(char::REPLACEMENT_CHARACTER),
                None => char::from(*byte),
            };
            let name: String = raw.iter().map(decode).collect();
            let message = format!("the name {name:?} was written in an old code page");
            findings.push(Finding::new("zip.name-encoding", Severity::Info, message).at(header));
            Ok(name)
        }
    }
}

/// Notes names that stand twice, that only case or Unicode form tell apart, and that try to leave the folder.
pub(crate) fn check_names(entries: &[Entry], findings: &mut Vec<Finding>) {
    let mut exact: BTreeMap<&str, &Entry> = BTreeMap::new();
    let mut folded: BTreeMap<String, &Entry> = BTreeMap::new();
    for entry in entries {
        let name = entry.name.as_str();
        if let Some(trick) = trick(name) {
            let message = format!("the name {name:?} {trick}");
            findings.push(Finding::new("zip.unsafe-name", Severity::Error, message).at(entry.header));
        }
        if exact.insert(name, entry).is_some() {
            let message = format!("two members have the name {name:?}; readers pick one or the other");
            findings.push(Finding::new("zip.duplicate-name", Severity::Error, message).at(entry.header));
        } else if let Some(other) = folded.insert(fold(name), entry) {
            let message = format!("the names {:?} and {name:?} are one on many systems", other.name);
            findings.push(Finding::new("zip.similar-names", Severity::Error, message).at(entry.header));
        }
        if (entry.is_folder() || entry.is_marked_folder) && entry.size > 0 {
            let message = format!("the folder {name:?} has content");
            findings.push(Finding::new("zip.folder-with-content", Severity::Error, message).at(entry.header));
        }
    }
    for entry in entries {
        if let Some(other) = stream_of(&entry.name).and_then(|file| folded.get(&file)) {
            let message =
                format!("the name {:?} is a stream of the file {:?} on NTFS", entry.name, other.name);
            findings.push(Finding::new("zip.unsafe-name", Severity::Error, message).at(entry.header));
        }
    }
}

/// The folded name of the file whose stream a name with a colon means on NTFS; `name::$DATA` is the file itself.
fn stream_of(name: &str) -> Option<String> {
    let colon = name.find(':')?;
    name.get(..colon).map(fold)
}

/// The form under which file systems that ignore case would store a name.
fn fold(name: &str) -> String {
    let trimmed = name.trim_end_matches('/');
    let parts: Vec<&str> = trimmed.split(['/', '\\']).map(|part| part.trim_end_matches([' ', '.'])).collect();
    parts.join("/").nfkc().flat_map(char::to_lowercase).collect()
}

fn trick(name: &str) -> Option<&'static str> {
    let inner = name.strip_suffix('/').unwrap_or(name);
    let first = name.as_bytes();
    if name.is_empty() {
        Some("is empty")
    } else if name.starts_with('/') || (first.len() > 1 && first[1] == b':' && first[0].is_ascii_alphabetic())
    {
        Some("is absolute")
    } else if name.contains('\\') {
        Some("has a backslash, a separator to some readers")
    } else if inner.split('/').any(|part| part == "..") {
        Some("leaves the folder")
    } else if inner.split('/').any(|part| part.is_empty() || part == ".") {
        Some("has an empty part, so other spellings mean the same")
    } else if name.chars().any(|char| char.is_control() || is_invisible(char)) {
        Some("has control or invisible characters")
    } else {
        None
    }
}

/// Characters that change how text shows without showing: zero width, bidirectional controls, tags.
fn is_invisible(char: char) -> bool {
    matches!(char,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_page_has_128_characters() {
        assert_eq!(CODE_PAGE_437.chars().count(), 128);
    }

    #[test]
    fn tricks_are_told() {
        for name in ["/a", "C:a", "a\\b", "../a", "a/../b", "a//b", "./a", "a\u{202e}b", "a\0", ""] {
            assert!(trick(name).is_some(), "{name:?}");
        }
        for name in ["a", "a/b.txt", "META-INF/", "ä b+%.txt", "a..b"] {
            assert!(trick(name).is_none(), "{name:?}");
        }
    }

    #[test]
    fn a_stream_is_one_of_its_file() {
        assert_eq!(stream_of("A.txt::$DATA").unwrap(), fold("a.txt"));
        assert_eq!(stream_of("b/a.txt:c:d").unwrap(), fold("b/a.txt"));
        assert!(stream_of("a.txt").is_none());
    }

    #[test]
    fn names_that_file_systems_mix_up_fold_to_one() {
        assert_eq!(fold("META-INF/a"), fold("Meta-Inf/A"));
        assert_eq!(fold("mimetype "), fold("mimetype"));
        assert_eq!(fold("a\u{308}"), fold("ä"));
    }
}
