//! Forgeries in the signed bytes themselves: of the signature dictionary, and of what lies between the signed parts.

use super::{Declared, approval, find, put, replaced, startxref};
use std::ops::Range;

const USF: Option<&str> = Some("universal signature forgery");
const SWA: Option<&str> = Some("signature wrapping attack");
const HOLE: Option<&str> = Some("byte range with a hole");
const SPOOF: Option<&str> = Some("signature dictionary spoofing");

/// Universal signature forgery: what a verifier needs is missing or makes no sense.
pub(super) const UNIVERSAL: &[Declared] = &[
    approval("universal forgery: no ByteRange", USF, |file| replaced(file, "/ByteRange", "/ByteRang_")),
    approval("universal forgery: ByteRange null", USF, |file| put(file, range(file), "null")),
    approval("universal forgery: ByteRange empty", USF, |file| put(file, range(file), "[]")),
    approval("universal forgery: ByteRange of zeros", USF, |file| put(file, range(file), "[0 0 0 0]")),
    approval("universal forgery: ByteRange negative", USF, |file| put(file, range(file), "[0 -1 0 -1]")),
    approval("universal forgery: ByteRange far too large", USF, |file| {
        put(file, range(file), "[0 9 10 999999999]")
    }),
    approval("universal forgery: ByteRange of names", USF, |file| put(file, range(file), "[/A /B /C /D]")),
    approval("universal forgery: ByteRange is a number", USF, |file| put(file, range(file), "7")),
    approval("universal forgery: first part only", HOLE, |file| {
        let length = value(file).start;
        put(file, range(file), &format!("[0 {length}]"))
    }),
    approval("universal forgery: no Contents", USF, |file| replaced(file, "/Contents <", "/Content_ <")),
    approval("universal forgery: Contents null", USF, |file| put(file, value(file), "null")),
    approval("universal forgery: Contents empty", USF, |file| put(file, value(file), "<>")),
    approval("universal forgery: Contents one zero byte", USF, |file| put(file, value(file), "<00>")),
    approval("universal forgery: Contents all zero", USF, |file| {
        let place = value(file);
        let zeros = format!("<{}>", "0".repeat(place.len() - 2));
        put(file, place, &zeros)
    }),
    approval("universal forgery: Contents a number", USF, |file| put(file, value(file), "0")),
    approval("universal forgery: Contents garbage", None, |file| put(file, value(file), "<3003020100>")),
    approval("universal forgery: no SubFilter", USF, |file| replaced(file, "/SubFilter", "/SubFilte_")),
    approval("universal forgery: SubFilter null", USF, |file| {
        let place = sub_filter(file);
        put(file, place, " null")
    }),
    approval("universal forgery: SubFilter unknown", None, |file| {
        let place = sub_filter(file);
        put(file, place, "/None")
    }),
    approval("universal forgery: no Filter, no SubFilter, no ByteRange", USF, |file| {
        let file = replaced(file, "/SubFilter", "/SubFilte_");
        replaced(&file, "/ByteRange", "/ByteRang_")
    }),
];

/// Signature wrapping, and holes and overlaps of the byte range.
pub(super) const WRAPPING: &[Declared] = &[
    approval("wrapping: content in the gap behind the value", SWA, |file| {
        in_gap(file, "/Injected(You owe 900)")
    }),
    approval("wrapping: an object in the gap", None, |file| {
        in_gap(file, ">>endobj 4 0 obj<</Length 1>>stream\nn\nendstream endobj 99 0 obj<</A 1")
    }),
    approval("wrapping: a second ByteRange in the gap", SWA, |file| in_gap(file, "/ByteRange[0 9 9 9]")),
    approval("wrapping: a second Contents in the gap", SWA, |file| in_gap(file, "/Contents<00>")),
    approval("wrapping: the cross-reference table in the gap", SPOOF, |file| {
        let table = format!(
            "%\nxref\n4 1\n{:010} 00000 n \ntrailer\n<</Size 40/Root 1 0 R/Prev {}>>\n",
            find(file, b"6 0 obj"),
            startxref(file)
        );
        let forged = in_gap(file, &table);
        let at = find(&forged, b"%\nxref\n4 1") + 2;
        [forged, format!("startxref\n{at}\n%%EOF\n").into_bytes()].concat()
    }),
    approval("wrapping: the second part moved", None, |file| {
        let hole = value(file);
        let [_, start, second, length] = parts(file);
        let inserted = b"/Injected(You owe 900)";
        let moved = format!("[0 {start} {} {length}]", second + inserted.len());
        let file = put(file, range(file), &moved);
        [&file[..hole.end], inserted, &file[hole.end..]].concat()
    }),
    approval("wrapping: the value moved away from the gap", SWA, |file| {
        let spaces = find(file, " ".repeat(24).as_bytes());
        let file = replaced(file, "/Contents <", "/Contentz <");
        put(&file, spaces..spaces + 24, "/Contents<3003020101>")
    }),
    approval("byte range: ends early", None, |file| {
        let [_, start, second, length] = parts(file);
        put(file, range(file), &format!("[0 {start} {second} {}]", length - 40))
    }),
    approval("byte range: overlapping parts", HOLE, |file| {
        let [_, start, _, length] = parts(file);
        put(file, range(file), &format!("[0 {start} {} {length}]", start - 9))
    }),
    approval("byte range: a hole besides the value", SWA, |file| {
        let [_, start, second, length] = parts(file);
        put(file, range(file), &format!("[0 {} {second} {length}]", start - 99))
    }),
    approval("byte range: does not begin at the start", USF, |file| {
        let [_, start, second, length] = parts(file);
        put(file, range(file), &format!("[9 {} {second} {length}]", start - 9))
    }),
    approval("byte range: three parts", HOLE, |file| put(file, range(file), "[0 9 9 9 99 9]")),
    approval("byte range: parts in the wrong order", HOLE, |file| {
        let [_, start, second, length] = parts(file);
        put(file, range(file), &format!("[{second} {length} 0 {start}]"))
    }),
];

/// What passes for a signature dictionary, or for another one.
pub(super) const SPOOFING: &[Declared] = &[
    approval("spoofing: ByteRange indirect", SPOOF, |file| put(file, range(file), "4 0 R")),
    approval("spoofing: an element of ByteRange indirect", SPOOF, |file| {
        put(file, range(file), "[0 9 99 4 0 R]")
    }),
    approval("spoofing: Contents indirect", SPOOF, |file| put(file, value(file), "6 0 R")),
    approval("spoofing: another Type", SPOOF, |file| {
        let at = place_of_value(file, b"/Type", b"/Sig");
        put(file, at, "/Cat")
    }),
    approval("spoofing: a key twice", SPOOF, |file| replaced(file, &" ".repeat(20), "/SubFilter/None")),
    approval("spoofing: a signature dictionary that no field holds", None, |file| {
        // The field's value is taken away within the signed bytes: what is left is a dictionary of type Sig.
        let at = file.windows(3).rposition(|window| window == b"/V ").expect("the value of the field");
        put(file, at..at + 2, "/W")
    }),
    approval("spoofing: the value is an array", None, |file| {
        let at = place_of_value(file, b"/Type", b"/Sig");
        let start = file[..at.start].windows(2).rposition(|window| window == b"<<").expect("a dictionary");
        put(file, start..start + 2, "[ ")
    }),
];

/// Where the byte range is, with its brackets.
fn range(file: &[u8]) -> Range<usize> {
    let start = find(file, b"/ByteRange");
    let open = start + find(&file[start..], b"[");
    open..open + find(&file[open..], b"]") + 1
}

fn parts(file: &[u8]) -> [usize; 4] {
    let text = String::from_utf8_lossy(&file[range(file)]).into_owned();
    let numbers: Vec<usize> = text
        .trim_matches(['[', ']', ' '])
        .split_whitespace()
        .filter_map(|number| number.parse().ok())
        .collect();
    numbers.try_into().expect("four numbers")
}

/// Where the signature value is, with its brackets.
fn value(file: &[u8]) -> Range<usize> {
    let start = find(file, b"/Contents <") + 10;
    start..start + find(&file[start..], b">") + 1
}

fn sub_filter(file: &[u8]) -> Range<usize> {
    place_of_value(file, b"/SubFilter", b"/ETSI.CAdES.detached")
}

/// Where the value `value` of `key` is.
fn place_of_value(file: &[u8], key: &[u8], value: &[u8]) -> Range<usize> {
    let spaced = [key, b" ", value].concat();
    let at = match file.windows(spaced.len()).position(|window| window == spaced.as_slice()) {
        Some(at) => at + key.len() + 1,
        None => find(file, &[key, value].concat()) + key.len(),
    };
    at..at + value.len()
}

/// The file with the end of the padding of the signature value replaced: the gap stays as wide as it is.
fn in_gap(file: &[u8], injected: &str) -> Vec<u8> {
    let place = value(file);
    let start = place.end - injected.len() - 1;
    assert!(file[start - 1..place.end - 1].iter().all(|byte| *byte == b'0'), "there is padding");
    put(file, start..place.end, &format!(">{injected}"))
}
