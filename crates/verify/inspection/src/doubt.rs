//! Objects of which it is open what they lead to: those that cannot be read, and those that give one key two values.
//!
//! A more lenient reader follows them. What it may find there are the references in their bytes; a later change of one of
//! these, or of anything that they lead to, is not known to be harmless. All other changes are.

use pdf::object::{Object, ObjectId, Stream};
use std::collections::{BTreeMap, BTreeSet};

/// An object that leaves open what it leads to.
#[derive(Clone, Debug)]
pub(crate) struct Doubt {
    /// The object.
    pub(crate) id: ObjectId,
    /// Why.
    pub(crate) why: String,
    /// What it may lead to besides what is known; `None` if that can be anything.
    pub(crate) targets: Option<Vec<ObjectId>>,
}

/// The references in the bytes of an object that are not in `known`, its readable form. `None` if a lenient reader may read
/// on behind these bytes, or if they are not the object.
pub(crate) fn hidden_references(id: ObjectId, raw: &[u8], known: &Object) -> Option<Vec<ObjectId>> {
    let end = raw.windows(6).position(|window| window == b"endobj")?;
    let body = strip_header(id, raw.get(..end)?)?;
    if !is_closed(body) {
        return None;
    }
    let mut left: BTreeMap<ObjectId, usize> = BTreeMap::new();
    count(known, &mut left);
    let mut hidden = Vec::new();
    for target in references(body) {
        match left.get_mut(&target) {
            Some(more) if *more > 0 => *more -= 1,
            _ => hidden.push(target),
        }
    }
    Some(hidden)
}

/// What follows `n g obj`, whatever the generation.
fn strip_header(id: ObjectId, raw: &[u8]) -> Option<&[u8]> {
    let mut words = Words(raw);
    let number = words.next()?;
    let _generation = words.next()?;
    let matches = std::str::from_utf8(number).ok()?.parse() == Ok(id.number);
    (matches && words.0.trim_ascii_start().starts_with(b"obj"))
        .then(|| words.0.trim_ascii_start().get(3..))?
}

/// Whether no string, hexadecimal string or dictionary is open at the end, so that every reader ends there, and whether
/// there is nothing in it that hides references: an object stream or a compressed table.
fn is_closed(body: &[u8]) -> bool {
    let has = |word: &[u8]| body.windows(word.len()).any(|window| window == word);
    if has(b"ObjStm") || has(b"XRef") {
        return false;
    }
    let data = body.windows(6).position(|window| window == b"stream").unwrap_or(body.len());
    let (mut strings, mut nested, mut hexadecimal) = (0i64, 0i64, false);
    let mut at = 0;
    while let Some(byte) = body.get(at).filter(|_| at < data) {
        let next = body.get(at + 1);
        match byte {
            b'\\' if strings > 0 => at += 1,
            b'(' => strings += 1,
            b')' => strings = strings.saturating_sub(1).max(0),
            b'<' if next == Some(&b'<') => (nested, at) = (nested + 1, at + 1),
            b'>' if next == Some(&b'>') && !hexadecimal => (nested, at) = (nested - 1, at + 1),
            b'<' => hexadecimal = true,
            b'>' => hexadecimal = false,
            _ => {}
        }
        at += 1;
    }
    strings == 0 && nested <= 0 && !hexadecimal
}

/// Everything that looks like `n g R`, also within strings and comments, and with comments between.
fn references(body: &[u8]) -> Vec<ObjectId> {
    let mut found = in_words(body);
    if body.contains(&b'%') {
        let known: BTreeSet<ObjectId> = found.iter().copied().collect();
        found.extend(in_words(&without_comments(body)).into_iter().filter(|id| !known.contains(id)));
    }
    found
}

fn without_comments(body: &[u8]) -> Vec<u8> {
    let lines = body.split_inclusive(|byte| matches!(byte, b'\r' | b'\n'));
    let code = lines.flat_map(|line| {
        let code = line.split(|byte| *byte == b'%').next().unwrap_or_default();
        code.iter().copied().chain([b'\n'])
    });
    code.collect()
}

fn in_words(body: &[u8]) -> Vec<ObjectId> {
    let mut found = Vec::new();
    let mut last: [Option<u128>; 2] = [None, None];
    for word in Words(body) {
        if word.first() == Some(&b'R')
            && let [Some(object), Some(generation)] = last
        {
            // Numbers that are too large wrap around in some readers and are as large as can be in others.
            let numbers = [(object & u128::from(u32::MAX)) as u32, u32::try_from(object).unwrap_or(u32::MAX)];
            let generation = u16::try_from(generation).unwrap_or(0);
            found.extend(numbers.map(|number| ObjectId { number, generation }));
        }
        last = [last[1], lenient_number(word)];
    }
    found.dedup();
    found
}

/// What some reader takes a word for that is not written as an integer has to be: signs are passed over, and what follows a
/// point is cut.
fn lenient_number(word: &[u8]) -> Option<u128> {
    let start = word.iter().take_while(|byte| matches!(byte, b'+' | b'-')).count();
    let digits = word.get(start..)?;
    let digits = digits.get(..digits.iter().take_while(|byte| byte.is_ascii_digit()).count())?;
    let text = std::str::from_utf8(digits).ok().filter(|text| !text.is_empty())?;
    Some(text.bytes().fold(0_u128, |number, digit| {
        number.wrapping_mul(10).wrapping_add(u128::from(digit.wrapping_sub(b'0')))
    }))
}

/// Runs of what numbers are written with, and runs of other characters, without white space and comment signs.
struct Words<'b>(&'b [u8]);

impl<'b> Iterator for Words<'b> {
    type Item = &'b [u8];

    fn next(&mut self) -> Option<&'b [u8]> {
        let is_gap = |byte: &u8| matches!(byte, 0..=32 | 0x7F | 0x80 | 0xFF | b'%');
        let start = self.0.iter().position(|byte| !is_gap(byte))?;
        let rest = self.0.get(start..)?;
        let is_of_number = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.');
        let number = rest.first().is_some_and(is_of_number);
        let same = |byte: &&u8| !is_gap(byte) && is_of_number(byte) == number;
        let (word, after) = rest.split_at(rest.iter().take_while(same).count().max(1));
        self.0 = after;
        Some(word)
    }
}

fn count(value: &Object, into: &mut BTreeMap<ObjectId, usize>) {
    match value {
        Object::Reference(id) => *into.entry(*id).or_default() += 1,
        Object::Array(elements) => elements.iter().for_each(|element| count(element, into)),
        Object::Dictionary(dictionary) | Object::Stream(Stream { dictionary, .. }) => {
            dictionary.0.iter().for_each(|(_, value)| count(value, into));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pdf::object::Dictionary;

    fn hidden(raw: &str, known: &Object) -> Option<Vec<u32>> {
        let id = ObjectId { number: 7, generation: 0 };
        let found = hidden_references(id, raw.as_bytes(), known)?;
        Some(found.into_iter().map(|id| id.number).collect())
    }

    #[test]
    fn references_are_found_however_they_are_written() {
        let raw = "7 0 obj <</A 8 0 R/B[9 0R 10\n0 %x\nR]/C(11 0 R)>> ) endobj";
        assert_eq!(hidden(raw, &Object::Null), Some(vec![8, 9, 11, 10]));
        let raw = "7 0 obj <</A 8 0 R/A 9 0 R>> endobj";
        let id = ObjectId { number: 8, generation: 0 };
        let known = Object::Dictionary(Dictionary::new().with("A", Object::Reference(id)));
        assert_eq!(hidden(raw, &known), Some(vec![9]));
    }

    #[test]
    fn what_may_go_on_behind_its_end_can_lead_anywhere() {
        for raw in [
            "7 0 obj <</A (endobj) /B 8 0 R>> endobj",
            "7 0 obj <</A <endobj> >> endobj",
            "7 0 obj <</A 1 endobj",
            "7 0 obj <</A 1 stream /B 8 0 R>> endobj",
            "8 0 obj <<>> endobj",
            "7 0 obj <</Type/ObjStm>> stream endobj",
            "7 0 obj <<>>",
            "",
        ] {
            assert_eq!(hidden(raw, &Object::Null), None, "{raw}");
        }
    }
}
