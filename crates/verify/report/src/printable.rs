//! Text from untrusted files made safe to show: no escape sequences, no reordering, no invisible characters.

use std::borrow::Cow;

/// `text` with every character that could steer a terminal or mislead a reader replaced by `\u{…}`: controls,
/// bidirectional overrides and isolates, zero-width and other invisible formatting characters.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(misleads) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if misleads(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

fn misleads(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{00AD}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{FFFE}' | '\u{FFFF}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_any_script_stay_as_they_are() {
        for name in ["Ada Example", "张伟", "Ærøskøbing", "שלום", "a\u{200D}b"] {
            assert_eq!(printable(name), name);
        }
    }

    #[test]
    fn escapes_and_overrides_become_visible() {
        assert_eq!(printable("a\u{1b}[2Jb"), "a\\u{1b}[2Jb");
        assert_eq!(printable("fdp\u{202E}exe"), "fdp\\u{202e}exe");
        assert_eq!(printable("line\nbreak"), "line\\u{a}break");
    }
}
