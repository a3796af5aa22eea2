//! Text in columns of a terminal: how wide it is, and where lines break.

/// How many columns `text` takes: two for the wide characters of East Asia, none for combining marks.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(character_width).sum()
}

fn character_width(character: char) -> usize {
    match character {
        '\u{0300}'..='\u{036F}' | '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}' => 0,
        '\u{1100}'..='\u{115F}'
        | '\u{2E80}'..='\u{A4CF}'
        | '\u{AC00}'..='\u{D7A3}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{FE30}'..='\u{FE6F}'
        | '\u{FF00}'..='\u{FF60}'
        | '\u{FFE0}'..='\u{FFE6}'
        | '\u{1F300}'..='\u{1FAFF}'
        | '\u{20000}'..='\u{3FFFD}' => 2,
        _ => 1,
    }
}

/// `text` with spaces up to `columns`.
pub(crate) fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// Lines of at most `columns`. Breaks at spaces and around wide characters; a longer word is cut.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut line, mut used) = (String::new(), 0);
    for piece in pieces(text) {
        let visible = width(piece.trim_end());
        if used > 0 && used + visible > columns {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
            used = 0;
        }
        if visible <= columns {
            line.push_str(piece);
            used += width(piece);
            continue;
        }
        for character in piece.chars() {
            if used + character_width(character) > columns.max(2) {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(character);
            used += character_width(character);
        }
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// Pieces between which a line may break, each with the space after it. No line starts with a closing mark.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut before) = (0, None);
    for (at, character) in text.char_indices() {
        let after_space = before == Some(' ') && character != ' ';
        let wide = character_width(character) == 2 || before.is_some_and(|one| character_width(one) == 2);
        if at > start
            && (after_space || (wide && !closes(character) && character != ' ' && !before.is_some_and(opens)))
        {
            pieces.extend(text.get(start..at));
            start = at;
        }
        before = Some(character);
    }
    pieces.extend(text.get(start..));
    pieces
}

fn closes(character: char) -> bool {
    matches!(character, '，' | '。' | '；' | '：' | '？' | '！' | '）' | '”' | '、' | '》' | ',' | '.' | ')')
}

fn opens(character: char) -> bool {
    matches!(character, '（' | '“' | '《' | '(')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_to_their_columns_and_lose_nothing_but_spaces() {
        for text in [
            "one two three four five six seven eight nine ten",
            "签名有效：被签名的字节没有改变，并且签名值与签名人的密钥相符。",
            "a-word-that-is-much-longer-than-a-line and a short one",
            "",
        ] {
            let lines = wrap(text, 12);
            assert!(lines.iter().all(|line| width(line) <= 12), "{lines:?}");
            let squeezed = |text: &str| text.replace(' ', "");
            assert_eq!(squeezed(&lines.concat()), squeezed(text));
        }
    }

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(width("签名"), 4);
        assert_eq!(padded("签名", 6), "签名  ");
        assert_eq!(wrap("签名，签名", 6), ["签名，", "签名"]);
    }
}
