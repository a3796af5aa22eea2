//! Tampered timestamps, validation data, archive timestamps and containers: no tampered file passes as a whole.

use std::fs;
use std::path::{Path, PathBuf};

use interop::exceptions::Exceptions;
use interop::fields::{list, text};
use interop::levels::{Format, Signed, Workshop};
use interop::ours::{self, Verification};
use interop::timeline::{MOMENTS, Moment, Timeline, moved};
use interop::{containers, inputs, peer, places};
use serde_json::Value;

fn verify(files: &[PathBuf], timeline: &Timeline, at: Moment) -> Vec<Value> {
    let how = Verification {
        trust: vec![timeline.root()],
        at: Some(moved(at.at)),
        chain: vec![timeline.chain()],
        revocation: timeline.lists(at.name),
        password: None,
    };
    match ours::verify(files, &how) {
        Ok(reports) => reports,
        Err(fault) => panic!("{fault:#}"),
    }
}

/// Whether everything in the file passes, so that somebody could take it for untouched.
fn passes(report: &Value) -> bool {
    let rows = list(report, "signatures");
    let is_fine =
        |row: &Value| text(row, "indication") == "TOTAL-PASSED" && text(row, "coverage") != "partial";
    let warns =
        |value: &Value| list(value, "findings").iter().any(|finding| text(finding, "severity") != "info");
    !rows.is_empty() && rows.iter().all(|row| is_fine(row) && !warns(row)) && !warns(report)
}

/// One part of a signature file: how it is found, and how far behind that the flipped octet is.
struct Part {
    name: &'static str,
    needle: &'static [u8],
    behind: usize,
}

/// Parts that only one reading is possible of, wherever they stand: in CMS, in XML and in PDF.
const PARTS: [Part; 7] = [
    // id-messageDigest, SET, OCTET STRING.
    Part { name: "message-digest", needle: b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04", behind: 20 },
    // id-ct-TSTInfo; behind it version, policy, algorithm and digest.
    Part { name: "time-stamp", needle: b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x04", behind: 48 },
    Part { name: "ocsp-response", needle: b"\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x01", behind: 40 },
    Part { name: "digest-value", needle: b"<ds:DigestValue>", behind: 9 },
    Part { name: "signature-value", needle: b":SignatureValue Id=", behind: 70 },
    Part { name: "encapsulated-time-stamp", needle: b"EncapsulatedTimeStamp Id=", behind: 240 },
    Part { name: "encapsulated-response", needle: b"<xades:EncapsulatedOCSPValue>", behind: 200 },
];

/// The octets with every place of a part changed in turn. In a PDF, CMS stand as hexadecimal digits.
fn parts(octets: &[u8], format: Format) -> Vec<(String, Vec<u8>)> {
    let mut copies = Vec::new();
    for part in &PARTS {
        let digits: Vec<u8> =
            part.needle.iter().flat_map(|octet| format!("{octet:02x}").into_bytes()).collect();
        let mut found = places_of(octets, part.needle, part.behind);
        if format == Format::Pades {
            found.extend(places_of(octets, &digits, 2 * part.behind));
        }
        for (number, at) in found.into_iter().enumerate() {
            let mut copy = octets.to_vec();
            if let Some(octet) = copy.get_mut(at) {
                *octet = if octet.is_ascii_alphanumeric() { other(*octet) } else { *octet ^ 1 };
                copies.push((format!("{}-{number}", part.name), copy));
            }
        }
    }
    copies
}

/// Another digit, in hexadecimal as in base64.
fn other(digit: u8) -> u8 {
    if digit == b'1' { b'2' } else { b'1' }
}

/// Where something is that stands so far behind a needle.
fn places_of(octets: &[u8], needle: &[u8], behind: usize) -> Vec<usize> {
    let starts = octets.windows(needle.len()).enumerate().filter(|(_, part)| *part == needle);
    starts.map(|(at, _)| at + needle.len() + behind).collect()
}

/// A tampered file.
struct Copy {
    case: String,
    file: PathBuf,
}

fn write(folder: &Path, signed: &Signed, what: &str, octets: &[u8]) -> Copy {
    let end = signed.file.extension().and_then(|end| end.to_str()).unwrap_or_default();
    let name = format!("{}-{}", signed.case, what.replace('/', "-"));
    if let Some(content) = &signed.content {
        fs::copy(content, folder.join(&name)).expect("content");
    }
    let file = folder.join(format!("{name}.{end}"));
    fs::write(&file, octets).expect("copy");
    Copy { case: format!("{}/{what}", signed.case), file }
}

/// Copies of an original, none of which may pass.
fn copies(folder: &Path, signed: &Signed) -> Vec<Copy> {
    let octets = fs::read(&signed.file).expect("signed file");
    let mut tampered: Vec<(String, Vec<u8>)> = Vec::new();
    if signed.format == Format::Asic {
        let members = containers::read(&signed.file).expect("a container");
        for mutant in containers::mutants(&members) {
            tampered.push((mutant.name, containers::write(&mutant.members)));
        }
        for (place, member) in members.iter().enumerate() {
            let short = member.name.rsplit('/').next().unwrap_or_default();
            for (what, octets) in parts(&member.octets, signed.format) {
                let mut members = members.clone();
                members[place].octets = octets;
                tampered.push((format!("{short}/{what}"), containers::write(&members)));
            }
        }
    } else {
        tampered = parts(&octets, signed.format);
    }
    tampered.iter().map(|(what, octets)| write(folder, signed, what, octets)).collect()
}

/// The files that are tampered with.
fn wanted(case: &str) -> bool {
    case.ends_with("-good-lta") || case.ends_with("-good-lt")
}

/// When a file of a level passes only by what it carries: after the signer's end, or after that of the first stamp.
fn moment(case: &str) -> Moment {
    let name = if case.ends_with("-lt") { "signer-expired" } else { "tsa-expired" };
    *MOMENTS.iter().find(|moment| moment.name == name).expect("a moment")
}

#[test]
fn no_tampered_file_of_a_higher_level_passes_as_a_whole() {
    let test = "no_tampered_file_of_a_higher_level_passes_as_a_whole";
    if peer::available(test).expect("peers").len() < peer::all().len() {
        return;
    }
    let folder = places::scratch("tampered-levels").expect("scratch folder");
    let timeline = Timeline::make(&folder.join("pki")).expect("a timeline");
    let inputs = inputs::all(&folder).expect("inputs");
    let pdf = inputs.iter().find(|input| input.name == "classic-1.7").expect("style").file.clone();
    let workshop = Workshop { timeline: &timeline, folder: &folder, pdf, wanted };
    let signed = workshop.sign_all().expect("the peers sign");
    let copied = folder.join("copies");
    fs::create_dir_all(&copied).expect("a folder");
    let mut exceptions = Exceptions::read("tampered-levels").expect("exceptions");
    let (mut originals, mut count) = (0, 0);
    for level in ["-lt", "-lta"] {
        let at = moment(level);
        let files: Vec<&Signed> = signed.iter().filter(|one| one.case.ends_with(level)).collect();
        let untouched: Vec<PathBuf> = files.iter().map(|one| one.file.clone()).collect();
        let mut tampered = Vec::new();
        for (one, report) in files.iter().zip(verify(&untouched, &timeline, at)) {
            // What is undecided even untouched shows nothing.
            if passes(&report) {
                originals += 1;
                tampered.extend(copies(&copied, one));
            } else {
                exceptions.note("undersign", &format!("{}/untouched", one.case), "passed", "undecided", "");
            }
        }
        let paths: Vec<PathBuf> = tampered.iter().map(|copy| copy.file.clone()).collect();
        for (copy, report) in tampered.iter().zip(verify(&paths, &timeline, at)) {
            let says = if passes(&report) { "passed" } else { "not passed" };
            exceptions.note("undersign", &copy.case, "not passed", says, "");
            count += 1;
        }
    }
    match exceptions.settle(&["undersign"]) {
        Ok(summary) => peer::announce(&format!("{test}: {count} copies of {originals} files, {summary}")),
        Err(fault) => panic!("{fault:#}"),
    }
}
