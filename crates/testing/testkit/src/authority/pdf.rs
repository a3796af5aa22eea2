//! PDFs with signatures, document timestamps and a DSS, one revision after another, over [`crate::attacks::prepared`].

use super::{Cms, Stamp};
use crate::attacks::{Prepared, prepared, update};
use std::fmt::Write as _;

const DOC_TIMESTAMP: &str = "/Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161";

/// What the signed bytes of a revision are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Everything but the value.
    Whole,
    /// The last bytes are left out, and the byte range says so.
    Part,
    /// The last bytes are left out, and the byte range says otherwise.
    Lie,
}

/// The document before it is signed.
pub fn unsigned() -> Vec<u8> {
    prepared(Prepared::Plain)
}

/// Adds a signature; `number` is the object of its field, larger by two with each.
pub fn sign(file: &[u8], number: u32, make: impl FnOnce(&[u8]) -> Cms) -> Vec<u8> {
    let kind = "/Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M(D:20230101000000Z)";
    add(file, number, kind, Extent::Whole, |covered| make(covered).detached().der())
}

/// Adds a document timestamp.
pub fn timestamp(file: &[u8], number: u32, stamp: &Stamp<'_>, extent: Extent) -> Vec<u8> {
    add(file, number, DOC_TIMESTAMP, extent, |covered| stamp.over(covered))
}

/// Adds a document timestamp with this token, whatever it is over.
pub fn token(file: &[u8], number: u32, token: &[u8]) -> Vec<u8> {
    add(file, number, DOC_TIMESTAMP, Extent::Whole, |_| token.to_vec())
}

/// Adds a DSS with certificates and CRLs (ISO 32000-2, 12.8.4.3), as objects 80 and on.
pub fn store(file: &[u8], certificates: &[Vec<u8>], crls: &[Vec<u8>]) -> Vec<u8> {
    let hex = |der: &Vec<u8>| {
        let text = digits(der);
        format!("<</Filter/ASCIIHexDecode/Length {}>>stream\n{text}>\nendstream", text.len() + 1)
    };
    let references = |from: usize, count: usize| {
        (from..from + count).map(|number| format!("{number} 0 R ")).collect::<String>()
    };
    let (first, second) =
        (references(81, certificates.len()), references(81 + certificates.len(), crls.len()));
    let mut objects = vec![
        (1, "<</Type/Catalog/Pages 2 0 R/AcroForm 9 0 R/DSS 80 0 R>>".to_owned()),
        (80, format!("<</Type/DSS/Certs[{first}]/CRLs[{second}]>>")),
    ];
    objects.extend((81..).zip(certificates.iter().chain(crls).map(hex)));
    let objects: Vec<(u32, &str)> = objects.iter().map(|(number, body)| (*number, body.as_str())).collect();
    update(file, &objects)
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn add(file: &[u8], number: u32, kind: &str, extent: Extent, make: impl FnOnce(&[u8]) -> Vec<u8>) -> Vec<u8> {
    const ROOM: usize = 12_000;
    const RANGE: &str = "[0 0000000000 0000000000 0000000000]";
    let fields: String = (60..=number).step_by(2).map(|field| format!(" {field} 0 R")).collect();
    let form = format!("<</Fields[10 0 R{fields}]/SigFlags 3/DA(/F1 12 Tf)/DR<</Font<</F1 5 0 R>>>>>>");
    let field = format!("<</FT/Sig/T(S{number})/V {} 0 R>>", number + 1);
    let value = format!("<<{kind}/ByteRange{RANGE}/Contents<{}>>>", "0".repeat(ROOM));
    let mut all = update(file, &[(9, &form), (number, &field), (number + 1, &value)]);
    let find = |all: &[u8], what: &str| {
        all.windows(what.len()).rposition(|window| window == what.as_bytes()).expect("it was written")
    };
    let start = find(&all, "/Contents<") + 9;
    let end = start + ROOM + 2;
    let covered = all.len() - end - if extent == Extent::Whole { 0 } else { 20 };
    let said = if extent == Extent::Lie { all.len() - end } else { covered };
    let range = format!("[0 {start:010} {end:010} {said:010}]");
    let at = find(&all, RANGE);
    all[at..at + range.len()].copy_from_slice(range.as_bytes());
    let octets = [&all[..start], &all[end..end + covered]].concat();
    let text = digits(&make(&octets));
    all[start + 1..start + 1 + text.len()].copy_from_slice(text.as_bytes());
    all
}
