//! Simple encodings (ISO 32000-2, Annex D) and glyph names.

/// The named encodings of simple fonts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    Standard,
    WinAnsi,
    MacRoman,
}

/// 0x80 to 0x9F of Windows code page 1252.
const WIN_ANSI_HIGH: [char; 32] = [
    '€', '•', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '•', 'Ž', '•', '•', '‘', '’', '“', '”',
    '•', '–', '—', '˜', '™', 'š', '›', 'œ', '•', 'ž', 'Ÿ',
];

/// 0x80 to 0xFF of Mac OS Roman; U+F8FF has no other meaning.
const MAC_ROMAN_HIGH: &str = "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»…\u{A0}ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄¤‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\u{F8FF}ÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ";

/// 0xA1 to 0xFB of the standard encoding; a space where there is no character.
const STANDARD_HIGH: &str =
    "¡¢£⁄¥ƒ§¤'“«‹›ﬁﬂ –†‡· ¶•‚„”»…‰ ¿ `´ˆ˜¯˘˙¨ ˚¸ ˝˛ˇ—                Æ ª    ŁØŒº     æ   ı  łøœß";

impl Named {
    /// The character of a code.
    pub(super) fn character(self, code: u8) -> Option<char> {
        match (self, code) {
            (Named::Standard, b'\'') => Some('’'),
            (Named::Standard, b'`') => Some('‘'),
            (_, 0x20..=0x7E) => Some(char::from(code)),
            (Named::WinAnsi, 0x80..=0x9F) => WIN_ANSI_HIGH.get(usize::from(code - 0x80)).copied(),
            (Named::WinAnsi, 0xA0..) => Some(char::from(code)),
            (Named::MacRoman, 0x80..) => MAC_ROMAN_HIGH.chars().nth(usize::from(code - 0x80)),
            (Named::Standard, 0xA1..) => {
                STANDARD_HIGH.chars().nth(usize::from(code - 0xA1)).filter(|&c| c != ' ')
            }
            _ => None,
        }
    }
}

/// Names of marks as they end the names of accented letters, with the combining mark.
const ACCENTS: [(&str, char); 16] = [
    ("hungarumlaut", '\u{30B}'),
    ("commaaccent", '\u{326}'),
    ("circumflex", '\u{302}'),
    ("dotaccent", '\u{307}'),
    ("dieresis", '\u{308}'),
    ("cedilla", '\u{327}'),
    ("ogonek", '\u{328}'),
    ("macron", '\u{304}'),
    ("caron", '\u{30C}'),
    ("breve", '\u{306}'),
    ("tilde", '\u{303}'),
    ("acute", '\u{301}'),
    ("grave", '\u{300}'),
    ("ring", '\u{30A}'),
    ("horn", '\u{31B}'),
    ("dot", '\u{307}'),
];

#[rustfmt::skip]
const NAMES: [(&str, &str); 118] = [
    ("space", " "), ("exclam", "!"), ("quotedbl", "\""), ("numbersign", "#"), ("dollar", "$"), ("percent", "%"),
    ("ampersand", "&"), ("quotesingle", "'"), ("parenleft", "("), ("parenright", ")"), ("asterisk", "*"),
    ("plus", "+"), ("comma", ","), ("hyphen", "-"), ("period", "."), ("slash", "/"), ("zero", "0"), ("one", "1"),
    ("two", "2"), ("three", "3"), ("four", "4"), ("five", "5"), ("six", "6"), ("seven", "7"), ("eight", "8"),
    ("nine", "9"), ("colon", ":"), ("semicolon", ";"), ("less", "<"), ("equal", "="), ("greater", ">"),
    ("question", "?"), ("at", "@"), ("bracketleft", "["), ("backslash", "\\"), ("bracketright", "]"),
    ("asciicircum", "^"), ("underscore", "_"), ("grave", "`"), ("braceleft", "{"), ("bar", "|"),
    ("braceright", "}"), ("asciitilde", "~"), ("exclamdown", "¡"), ("cent", "¢"), ("sterling", "£"),
    ("currency", "¤"), ("yen", "¥"), ("brokenbar", "¦"), ("section", "§"), ("dieresis", "¨"), ("copyright", "©"),
    ("ordfeminine", "ª"), ("guillemotleft", "«"), ("logicalnot", "¬"), ("sfthyphen", "-"), ("registered", "®"),
    ("macron", "¯"), ("degree", "°"), ("plusminus", "±"), ("twosuperior", "²"), ("threesuperior", "³"),
    ("acute", "´"), ("mu", "µ"), ("paragraph", "¶"), ("periodcentered", "·"), ("middot", "·"), ("cedilla", "¸"),
    ("onesuperior", "¹"), ("ordmasculine", "º"), ("guillemotright", "»"), ("onequarter", "¼"), ("onehalf", "½"),
    ("threequarters", "¾"), ("questiondown", "¿"), ("AE", "Æ"), ("ae", "æ"), ("Oslash", "Ø"), ("oslash", "ø"),
    ("Eth", "Ð"), ("eth", "ð"), ("Thorn", "Þ"), ("thorn", "þ"), ("germandbls", "ß"), ("multiply", "×"),
    ("divide", "÷"), ("Lslash", "Ł"), ("lslash", "ł"), ("OE", "Œ"), ("oe", "œ"), ("dotlessi", "ı"),
    ("Dcroat", "Đ"), ("dcroat", "đ"), ("florin", "ƒ"), ("fraction", "⁄"), ("fi", "fi"), ("fl", "fl"), ("ff", "ff"),
    ("ffi", "ffi"), ("ffl", "ffl"), ("quoteleft", "‘"), ("quoteright", "’"), ("quotesinglbase", "‚"),
    ("quotedblleft", "“"), ("quotedblright", "”"), ("quotedblbase", "„"), ("dagger", "†"), ("daggerdbl", "‡"),
    ("bullet", "•"), ("ellipsis", "…"), ("perthousand", "‰"), ("guilsinglleft", "‹"), ("guilsinglright", "›"),
    ("endash", "–"), ("emdash", "—"), ("trademark", "™"), ("Euro", "€"), ("minus", "−"),
];

/// The text of a glyph name: listed, `uniXXXX…`, `uXXXX`, a letter, or a letter with an accent.
pub(super) fn glyph_name(name: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(name).ok()?;
    // A suffix after a period names a variant of the same character.
    let name = name.split_once('.').map_or(name, |(base, _)| base);
    let mut characters = name.chars();
    if let (Some(only), None) = (characters.next(), characters.next()) {
        return only.is_ascii_alphabetic().then(|| only.to_string());
    }
    if let Some((_, text)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Some((*text).to_owned());
    }
    if let Some(digits) = name.strip_prefix("uni").filter(|digits| digits.len() % 4 == 0) {
        let units = digits.as_bytes().chunks(4).map(hexadecimal).collect::<Option<Vec<u32>>>();
        if let Some(units) = units {
            return units.into_iter().map(char::from_u32).collect();
        }
    }
    if let Some(digits) = name.strip_prefix('u').filter(|digits| (4..=6).contains(&digits.len()))
        && let Some(value) = hexadecimal(digits.as_bytes())
    {
        return char::from_u32(value).map(String::from);
    }
    ACCENTS.iter().find_map(|(accent, mark)| {
        let base = name.strip_suffix(accent)?;
        let base = if base == "dotless" { "i" } else { base };
        let mut letters = base.chars();
        match (letters.next(), letters.next()) {
            (Some(letter), None) if letter.is_ascii_alphabetic() => Some(format!("{letter}{mark}")),
            _ => None,
        }
    })
}

fn hexadecimal(digits: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(digits).ok()?;
    text.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u32::from_str_radix(text, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_become_the_characters_of_their_encoding() {
        assert_eq!(Named::WinAnsi.character(0x80), Some('€'));
        assert_eq!(Named::WinAnsi.character(0xFC), Some('ü'));
        assert_eq!(Named::MacRoman.character(0x9F), Some('ü'));
        assert_eq!(Named::MacRoman.character(0xFF), Some('ˇ'));
        assert_eq!(Named::Standard.character(0xFB), Some('ß'));
        assert_eq!(Named::Standard.character(0xE1), Some('Æ'));
        assert_eq!(Named::Standard.character(0xAE), Some('ﬁ'));
        assert_eq!(Named::Standard.character(0xFF), None);
    }

    #[test]
    fn glyph_names_become_text() {
        for (name, text) in [
            ("A", Some("A")),
            ("eacute", Some("e\u{301}")),
            ("Lslash", Some("Ł")),
            ("uni00E9", Some("é")),
            ("uni00410042", Some("AB")),
            ("u1F600", Some("😀")),
            ("a.sc", Some("a")),
            ("g123", None),
            ("uniXYZW", None),
        ] {
            assert_eq!(glyph_name(name.as_bytes()).as_deref(), text, "{name}");
        }
    }
}
