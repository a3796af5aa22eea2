//! The first line of each file says what it is for; nothing is left for later.

use super::at;
use super::sources::SourceFile;

/// Marks of unfinished work, in two halves so that this file does not hold them.
const UNFINISHED: &[(&str, &str)] =
    &[("TO", "DO"), ("FIX", "ME"), ("X", "XX"), ("unimplemented", "!("), ("todo", "!("), ("HA", "CK:")];

/// Appends a fault for a missing first line, a parse error and every mark of unfinished work.
pub fn check(file: &SourceFile, faults: &mut Vec<String>) {
    let first = file.text.lines().next().unwrap_or_default();
    let is_fuzz_target = file.path.starts_with("fuzz/fuzz_targets/");
    if !first.starts_with("//! ") && !is_fuzz_target {
        faults.push(at(file, 1, "the first line does not say what the file is for (`//! …`)"));
    }
    if let Err(error) = &file.syntax {
        faults.push(at(file, error.span().start().line, "does not parse as Rust"));
    }
    for (number, line) in file.text.lines().enumerate() {
        for (head, tail) in UNFINISHED {
            if contains_word(line, &format!("{head}{tail}")) {
                faults.push(at(file, number + 1, &format!("unfinished: `{head}{tail}`")));
            }
        }
    }
}

/// Whether `word` stands in `line` without a letter or digit before or after it.
fn contains_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let after = line[start + word.len()..].chars().next();
        let is_part = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
        !is_part(before) && (!is_part(after) || word.ends_with('('))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<String> {
        let mut faults = Vec::new();
        check(&SourceFile::new("a.rs".to_owned(), text.to_owned()), &mut faults);
        faults
    }

    #[test]
    fn a_file_without_purpose_is_a_fault() {
        assert_eq!(faults("fn a() {}\n").len(), 1);
        assert!(faults("//! Says a.\nfn a() {}\n").is_empty());
    }

    #[test]
    fn unfinished_work_is_a_fault() {
        let mark = format!("TO{}", "DO");
        assert_eq!(faults(&format!("//! x\n// {mark}: later\n")).len(), 1);
        assert!(faults("//! x\nconst MASTODONT: u8 = 0;\n").is_empty());
    }
}
