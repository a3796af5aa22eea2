//! Declared attacks on signed documents: how to forge, and under which name a verifier has to find it.
//!
//! Each takes a document as it is prepared before signing and changes the signed file. None may ever be passed.

mod bytes;
mod prepared;
mod updates;

pub use prepared::{DRAWING, Prepared, prepared};

/// How the document is signed before it is attacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedAs {
    /// With an approval signature.
    Approval,
    /// With a certification of this level (`P` of DocMDP).
    Certification(u8),
}

/// An attack.
#[derive(Clone, Copy, Debug)]
pub struct Declared {
    /// What is done, as the literature calls it where it does.
    pub name: &'static str,
    /// The words that a finding has to say; `None` where a refusal or another fault of the signature is enough.
    pub found_as: Option<&'static str>,
    /// The document before it is signed.
    pub document: Prepared,
    /// How it is signed.
    pub signed_as: SignedAs,
    /// What is done to the signed file.
    pub forge: fn(&[u8]) -> Vec<u8>,
}

/// Every declared attack.
pub fn declared() -> Vec<Declared> {
    [bytes::UNIVERSAL, bytes::WRAPPING, bytes::SPOOFING, updates::SAVING, updates::SHADOW, updates::OTHERS]
        .concat()
        .into_iter()
        .chain(updates::certification())
        .collect()
}

const fn approval(
    name: &'static str,
    found_as: Option<&'static str>,
    forge: fn(&[u8]) -> Vec<u8>,
) -> Declared {
    Declared { name, found_as, document: Prepared::Plain, signed_as: SignedAs::Approval, forge }
}

fn find(haystack: &[u8], needle: &[u8]) -> usize {
    haystack.windows(needle.len()).position(|window| window == needle).expect("it is in the file")
}

/// The file with `from` replaced by `to`, which is filled up with spaces.
fn replaced(file: &[u8], from: &str, to: &str) -> Vec<u8> {
    let at = find(file, from.as_bytes());
    put(file, at..at + from.len(), to)
}

/// The file with `to` in that place, filled up with spaces.
fn put(file: &[u8], place: std::ops::Range<usize>, to: &str) -> Vec<u8> {
    let to = format!("{to:width$}", width = place.len());
    assert_eq!(to.len(), place.len(), "{to} is not too long");
    [&file[..place.start], to.as_bytes(), &file[place.end..]].concat()
}

/// The newest version of an object, as written.
fn object(file: &[u8], number: u32) -> String {
    let header = format!("\n{number} 0 obj\n");
    let at = file.windows(header.len()).rposition(|window| window == header.as_bytes()).expect("the object");
    let rest = &file[at + header.len()..];
    String::from_utf8_lossy(&rest[..find(rest, b"\nendobj")]).into_owned()
}

fn startxref(file: &[u8]) -> String {
    let text = String::from_utf8_lossy(file);
    let at = text.rfind("startxref\n").expect("an end") + 10;
    text[at..].chars().take_while(char::is_ascii_digit).collect()
}

/// The file with an update of these objects, and entries as written for others.
fn updated(file: &[u8], objects: &[(u32, &str)], entries: &[(u32, String)], trailer: &str) -> Vec<u8> {
    let (mut all, mut table) = (file.to_vec(), entries.to_vec());
    for (number, body) in objects {
        table.push((*number, format!("{:010} 00000 n", all.len())));
        all.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
    }
    table.sort();
    let at = all.len();
    let rows: String = table.iter().map(|(number, entry)| format!("{number} 1\n{entry} \n")).collect();
    all.extend(format!("xref\n{rows}trailer\n<</Size 200{trailer}>>\nstartxref\n{at}\n%%EOF\n").bytes());
    all
}

/// The same on top of what is there.
pub fn update(file: &[u8], objects: &[(u32, &str)]) -> Vec<u8> {
    updated(file, objects, &[], &format!("/Root 1 0 R/Prev {}", startxref(file)))
}
