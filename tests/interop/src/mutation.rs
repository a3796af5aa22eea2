//! Tampered copies of a signed file, one class of octets at a time.

use crate::pdf::{self, Signature};

/// A tampered copy.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// The byte class and what was done to it.
    pub name: String,
    /// The tampered file.
    pub octets: Vec<u8>,
}

/// Certificates whose octets are looked for in the CMS, DER.
#[derive(Clone, Debug)]
pub struct Certificates {
    /// The signer's, which the signature binds by its digest.
    pub signer: Vec<u8>,
    /// The issuer's, which no signature binds: anybody can replace it.
    pub issuer: Vec<u8>,
}

/// Whether a mutant's change is one that a signature must expose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// The signature must not pass.
    MustNotPass,
    /// The change is outside what was signed and harmless, but must be visible as a later change.
    MustBeListed,
    /// The change is in a certificate that no signature covers: the signature holds, but nothing may be built on that
    /// certificate.
    MustNotBeTrusted,
}

impl Mutant {
    /// What a validator owes for this mutant.
    pub fn demand(&self) -> Demand {
        match self.name.as_str() {
            "append-benign-object" => Demand::MustBeListed,
            "contents-issuer-certificate" => Demand::MustNotBeTrusted,
            _ => Demand::MustNotPass,
        }
    }
}

/// Every mutant of a file whose last signature covers all of it.
pub fn all(file: &[u8], certificates: &Certificates) -> Vec<Mutant> {
    let Some(signature) = pdf::signatures(file).into_iter().max_by_key(|signature| signature.byte_range[2])
    else {
        return Vec::new();
    };
    let mut mutants = covered(file, &signature);
    mutants.extend(contents(file, &signature, certificates));
    mutants.extend(gap(file, &signature));
    mutants.extend(byte_range(file, &signature));
    mutants.extend(appended(file));
    mutants.extend(truncated(file, &signature));
    mutants
}

fn flipped(file: &[u8], at: usize) -> Vec<u8> {
    let mut octets = file.to_vec();
    if let Some(octet) = octets.get_mut(at) {
        *octet ^= 0x01;
    }
    octets
}

/// One bit of the covered octets: header, early, middle, both edges of the gap, end.
fn covered(file: &[u8], signature: &Signature) -> Vec<Mutant> {
    let [_, first_length, second, second_length] = signature.byte_range;
    let places = [
        ("header", 6),
        ("early", first_length / 10),
        ("middle", first_length / 2),
        ("before-gap", first_length.saturating_sub(1)),
        ("after-gap", second),
        ("late", second + second_length / 2),
        ("end", file.len().saturating_sub(3)),
    ];
    places
        .iter()
        .map(|(name, at)| Mutant { name: format!("covered-{name}"), octets: flipped(file, *at) })
        .collect()
}

/// Attribute types of CAdES (RFC 5652, 11.2; RFC 5035, 3) as they are encoded.
const MESSAGE_DIGEST: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04";
const SIGNING_CERTIFICATE_V2: &[u8] = b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x2f";

/// One digit of each part of the CMS: outer tag, certificates, both attributes, signature value.
fn contents(file: &[u8], signature: &Signature, certificates: &Certificates) -> Vec<Mutant> {
    let (Some(gap), Some(cms)) = (signature.gap(), signature.contents(file)) else { return Vec::new() };
    let middle_of = |needle: &[u8]| Some(pdf::find(&cms, needle)? + needle.len() / 2);
    let behind = |needle: &[u8], distance: usize| Some(pdf::find(&cms, needle)? + needle.len() + distance);
    let places = [
        ("outer-tag", Some(0)),
        ("outer-length", Some(2)),
        ("signer-certificate", middle_of(&certificates.signer)),
        ("issuer-certificate", middle_of(&certificates.issuer)),
        ("message-digest", behind(MESSAGE_DIGEST, 20)),
        ("signing-certificate", behind(SIGNING_CERTIFICATE_V2, 20)),
        ("signature-value-early", cms.len().checked_sub(50)),
        ("signature-value-last", cms.len().checked_sub(1)),
    ];
    let mutant = |(name, at): (&str, Option<usize>)| {
        // The second digit of an octet.
        let octets = other_digit(file, gap.start + 2 + 2 * at?);
        Some(Mutant { name: format!("contents-{name}"), octets })
    };
    places.into_iter().filter_map(mutant).collect()
}

/// The gap beside the CMS: its padding, its delimiters.
fn gap(file: &[u8], signature: &Signature) -> Vec<Mutant> {
    let Some(gap) = signature.gap() else { return Vec::new() };
    let length = signature.contents(file).map_or(0, |contents| contents.len());
    let digits = gap.start + 1;
    let mut mutants = Vec::new();
    let padding = digits + 2 * length;
    if padding + 8 < gap.end {
        let mut hidden = file.to_vec();
        hidden.splice(padding + 2..padding + 6, *b"BEEF");
        mutants.push(Mutant { name: "gap-hidden-in-padding".to_owned(), octets: hidden });
    }
    let mut closed = file.to_vec();
    if let Some(end) = closed.get_mut(gap.end - 1) {
        *end = b'0';
    }
    mutants.push(Mutant { name: "gap-without-delimiter".to_owned(), octets: closed });
    let mut early = file.to_vec();
    if padding + 40 < gap.end {
        // The string ends early and a new entry stands in the octets that nobody covers.
        early.splice(padding..padding + 20, *b">/Reason(I agree)/X<");
        mutants.push(Mutant { name: "gap-entry-injected".to_owned(), octets: early });
    }
    mutants
}

fn other_digit(file: &[u8], at: usize) -> Vec<u8> {
    let mut octets = file.to_vec();
    if let Some(digit) = octets.get_mut(at) {
        *digit = if *digit == b'0' { b'1' } else { b'0' };
    }
    octets
}

/// Numbers of the same width, so that no other octet moves.
fn byte_range(file: &[u8], signature: &Signature) -> Vec<Mutant> {
    let [first, first_length, second, second_length] = signature.byte_range;
    let ranges = [
        ("start-1", [first + 1, first_length.saturating_sub(1), second, second_length]),
        ("shorter", [first, first_length.saturating_sub(16), second, second_length]),
        ("wider-gap", [first, first_length, second + 2, second_length.saturating_sub(2)]),
        ("ends-early", [first, first_length, second, second_length.saturating_sub(10)]),
        ("beyond-end", [first, first_length, second, second_length + 10]),
        ("overlap", [first, second + 10, second, second_length]),
        ("empty-second", [first, first_length, second, 0]),
    ];
    let mut mutants = Vec::new();
    for (name, [a, b, c, d]) in ranges {
        let room = signature.byte_range_at.len();
        let numbers = format!("{a} {b} {c} {d}");
        if numbers.len() > room {
            continue;
        }
        let mut octets = file.to_vec();
        let padded = format!("{numbers:<room$}");
        octets.splice(signature.byte_range_at.clone(), padded.into_bytes());
        mutants.push(Mutant { name: format!("byterange-{name}"), octets });
    }
    mutants
}

/// A revision behind the signature: a comment, a harmless object, page contents replaced, stray octets.
fn appended(file: &[u8]) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    let mut stray = file.to_vec();
    stray.extend(b"stray octets");
    mutants.push(Mutant { name: "append-stray".to_owned(), octets: stray });
    let Some(revision) = Tail::read(file) else { return mutants };
    let info = "<< /Producer (later) >>".to_owned();
    mutants.push(Mutant {
        name: "append-benign-object".to_owned(),
        octets: revision.append(file, revision.size, &info),
    });
    if let Some((number, _)) = find_object(file, b"(The parties agree.)") {
        let text = "BT /F1 18 Tf 72 760 Td (The buyer pays twice.) Tj ET";
        let contents = format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len());
        mutants.push(Mutant {
            name: "append-malicious-contents".to_owned(),
            octets: revision.append(file, number, &contents),
        });
    }
    mutants
}

/// What an incremental update needs to know of a file with a classic last section.
struct Tail {
    previous: usize,
    size: usize,
    root: String,
}

impl Tail {
    fn read(file: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(file);
        let tail = &text[text.rfind("trailer")?..];
        let number = |name: &str| {
            let rest = &tail[tail.find(name)? + name.len()..];
            rest.split_whitespace().next()?.trim_end_matches(['/', '>']).parse().ok()
        };
        let rest = &tail[tail.find("/Root")? + 5..];
        let root: Vec<&str> = rest.split_whitespace().take(2).collect();
        Some(Self { previous: number("startxref")?, size: number("/Size")?, root: root.join(" ") })
    }

    fn append(&self, file: &[u8], number: usize, body: &str) -> Vec<u8> {
        let mut octets = file.to_vec();
        if octets.last() != Some(&b'\n') {
            octets.push(b'\n');
        }
        let at = octets.len();
        octets.extend(format!("{number} 0 obj\n{body}\nendobj\n").as_bytes());
        let start = octets.len();
        let size = self.size.max(number + 1);
        octets.extend(format!("xref\n{number} 1\n{at:010} 00000 n \ntrailer\n").as_bytes());
        let (root, previous) = (&self.root, self.previous);
        octets.extend(
            format!("<< /Size {size} /Root {root} R /Prev {previous} >>\nstartxref\n{start}\n%%EOF\n")
                .as_bytes(),
        );
        octets
    }
}

/// The number and place of the object that holds `needle`.
fn find_object(file: &[u8], needle: &[u8]) -> Option<(usize, usize)> {
    let at = pdf::find(file, needle)?;
    let before = String::from_utf8_lossy(file.get(..at)?).into_owned();
    let head = before.rfind(" 0 obj")?;
    let digits: String = before[..head].chars().rev().take_while(char::is_ascii_digit).collect();
    let number = digits.chars().rev().collect::<String>().parse().ok()?;
    Some((number, head))
}

fn truncated(file: &[u8], signature: &Signature) -> Vec<Mutant> {
    let cut = |name: &str, length: usize| Mutant {
        name: format!("truncated-{name}"),
        octets: file.get(..length).unwrap_or_default().to_vec(),
    };
    vec![
        cut("last-octet", file.len().saturating_sub(1)),
        cut("before-trailer", file.len().saturating_sub(60)),
        cut("in-gap", signature.gap().map_or(0, |gap| gap.start + gap.len() / 2)),
        cut("half", file.len() / 2),
    ]
}
