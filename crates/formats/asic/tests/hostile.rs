//! Archives that readers read differently, lie or explode: each is an error or a finding by name, never a panic.

use crypto::{DigestAlgorithm, Provider, PureProvider};
use types::{Budget, Cause, Limits, Resource, Severity};
use undersign_asic::{Container, Content, Digests, Form, Kind, Outcome, Resolution, uncovered};

/// One member as it is to be written; central and local values differ where a test wants it.
#[derive(Clone)]
struct File {
    name: &'static str,
    local_name: &'static str,
    data: Vec<u8>,
    size: u32,
    crc: Option<u32>,
    flags: u16,
    method: u16,
    descriptor: bool,
    listed: bool,
    /// Extra fields of the local header.
    extra: Vec<u8>,
    /// External attributes.
    attributes: u32,
}

fn file(name: &'static str, data: &[u8]) -> File {
    File {
        name,
        local_name: name,
        data: data.to_vec(),
        size: data.len() as u32,
        crc: None,
        flags: 0,
        method: 0,
        descriptor: false,
        listed: true,
        extra: Vec::new(),
        attributes: 0,
    }
}

/// The Info-ZIP field with another name (APPNOTE 4.6.9).
fn unicode_path(name: &str) -> Vec<u8> {
    let length = (name.len() as u16 + 5).to_le_bytes();
    [&b"up"[..], &length, &[1, 0, 0, 0, 0], name.as_bytes()].concat()
}

fn crc32(data: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(data);
    crc.sum()
}

fn deflated(name: &'static str, content: &[u8]) -> File {
    use std::io::Write;
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content).expect("memory takes it");
    let data = encoder.finish().expect("memory takes it");
    File { size: content.len() as u32, crc: Some(crc32(content)), method: 8, ..file(name, &data) }
}

fn fields(out: &mut Vec<u8>, file: &File, zero: bool) {
    let flags = file.flags | if file.descriptor { 8 } else { 0 };
    let crc = file.crc.unwrap_or_else(|| crc32(&file.data));
    out.extend(20_u16.to_le_bytes());
    out.extend(flags.to_le_bytes());
    out.extend(file.method.to_le_bytes());
    out.extend([0; 4]);
    for value in [crc, file.data.len() as u32, file.size] {
        out.extend(if zero { 0 } else { value }.to_le_bytes());
    }
}

fn zip(files: &[File]) -> Vec<u8> {
    zip_with(files, b"")
}

fn zip_with(files: &[File], comment: &[u8]) -> Vec<u8> {
    let (mut out, mut central, mut count) = (Vec::new(), Vec::new(), 0_u16);
    for file in files {
        let offset = out.len() as u32;
        out.extend(b"PK\x03\x04");
        fields(&mut out, file, file.descriptor);
        out.extend((file.local_name.len() as u16).to_le_bytes());
        out.extend((file.extra.len() as u16).to_le_bytes());
        out.extend(file.local_name.as_bytes());
        out.extend(&file.extra);
        out.extend(&file.data);
        if file.descriptor {
            let crc = file.crc.unwrap_or_else(|| crc32(&file.data));
            out.extend(b"PK\x07\x08");
            for value in [crc, file.data.len() as u32, file.size] {
                out.extend(value.to_le_bytes());
            }
        }
        if !file.listed {
            continue;
        }
        count += 1;
        central.extend(b"PK\x01\x02");
        central.extend(20_u16.to_le_bytes());
        fields(&mut central, file, false);
        central.extend((file.name.len() as u16).to_le_bytes());
        central.extend([0; 8]);
        central.extend(file.attributes.to_le_bytes());
        central.extend(offset.to_le_bytes());
        central.extend(file.name.as_bytes());
    }
    end(out, &central, count, comment)
}

fn end(mut out: Vec<u8>, central: &[u8], count: u16, comment: &[u8]) -> Vec<u8> {
    let offset = out.len() as u32;
    out.extend(central);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend((central.len() as u32).to_le_bytes());
    out.extend(offset.to_le_bytes());
    out.extend((comment.len() as u16).to_le_bytes());
    out.extend(comment);
    out
}

const SIMPLE: &[u8] = b"application/vnd.etsi.asic-s+zip";
const EXTENDED: &[u8] = b"application/vnd.etsi.asic-e+zip";

fn honest() -> Vec<File> {
    vec![file("mimetype", EXTENDED), deflated("a.txt", b"some text"), file("META-INF/signature.p7s", b"0")]
}

#[allow(clippy::ptr_arg, reason = "a slice is no source by itself")]
fn open(bytes: &Vec<u8>) -> Container<'_> {
    Container::open(bytes, None, &mut Budget::default()).expect("the archive opens")
}

fn errors(bytes: &Vec<u8>) -> Vec<String> {
    let container = open(bytes);
    let is_error = |finding: &&types::Finding| finding.severity == Severity::Error;
    container.findings.iter().filter(is_error).map(|finding| finding.code.to_string()).collect()
}

fn with(change: impl Fn(&mut Vec<File>)) -> Vec<u8> {
    let mut files = honest();
    change(&mut files);
    zip(&files)
}

#[test]
fn an_honest_container_has_no_faults() {
    let bytes = zip(&honest());
    let container = open(&bytes);
    assert_eq!(container.kind, Kind::AsicE);
    assert!(container.findings.is_empty(), "{:?}", container.findings);
    assert_eq!(container.signatures[0].form, Form::Cades);
    assert_eq!(container.content_of(&container.signatures[0]), Content::Unknown);
    assert_eq!(container.read(1, 100, &mut Budget::default()).unwrap(), b"some text");
    assert_eq!(uncovered(&container, &[].into()), [1]);
    assert_eq!(container.resolve("a.txt"), Resolution::Member(1));
    assert_eq!(container.resolve("A.txt"), Resolution::Missing);
    assert_eq!(container.resolve("http://example.org/a.txt"), Resolution::Outside);
}

#[test]
fn everything_that_lets_readers_differ_is_named() {
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("zip.duplicate-name", with(|files| files.push(file("a.txt", b"other")))),
        ("zip.similar-names", with(|files| files.push(file("A.TXT", b"other")))),
        ("zip.similar-names", with(|files| files.push(file("a.txt ", b"other")))),
        ("zip.unsafe-name", with(|files| files.push(file("../a", b"other")))),
        ("zip.unsafe-name", with(|files| files.push(file("b\\a", b"other")))),
        ("zip.unsafe-name", with(|files| files.push(file("A.txt::$DATA", b"other")))),
        ("zip.unsafe-name", with(|files| files.push(file("a.txt:b.txt", b"other")))),
        ("zip.second-name", with(|files| files[1].extra = unicode_path("b.txt"))),
        ("zip.folder-with-content", with(|files| files[1].attributes = 0o040_755 << 16)),
        ("zip.folder-with-content", with(|files| files[1].attributes = 0x10)),
        ("zip.local-header-differs", with(|files| files[1].local_name = "b.txt")),
        ("zip.hidden-member", with(|files| files[1].listed = false)),
        ("zip.encrypted", with(|files| files[1].flags = 1)),
        ("zip.prepended-bytes", [b"MZ".to_vec(), zip(&honest())].concat()),
        ("zip.appended-bytes", [zip(&honest()), b"tail".to_vec()].concat()),
        ("zip.folder-with-content", with(|files| files.push(file("b/", b"other")))),
        ("asic.meta-inf.case", with(|files| files.push(file("meta-inf/signatures.xml", b"other")))),
        ("asic.mimetype.name", with(|files| files[0].name = "Mimetype")),
        (
            "asic.s.data-objects",
            with(|files| {
                files[0] = file("mimetype", SIMPLE);
                files.push(file("b", b"other"));
            }),
        ),
        ("asic.manifest.unreadable", with(|files| files.push(file("META-INF/ASiCManifest.xml", b"<a/>")))),
    ];
    for (code, bytes) in cases {
        assert!(errors(&bytes).iter().any(|found| found == code), "{code}: {:?}", errors(&bytes));
    }
}

#[test]
fn names_that_only_look_like_those_tricks_are_no_error() {
    for bytes in [
        with(|files| files.push(file("b.txt:c", b"other"))),
        with(|files| files[1].extra = unicode_path("a.txt")),
        with(|files| files[1].attributes = 0o100_644 << 16 | 0x20),
    ] {
        assert!(errors(&bytes).is_empty(), "{:?}", errors(&bytes));
    }
}

#[test]
fn members_that_share_bytes_are_named() {
    let mut bytes = zip(&honest());
    // The second central header points to the local header of the first.
    let at = bytes.windows(5).rposition(|window| window == b"a.txt").unwrap();
    bytes[at - 4..at].copy_from_slice(&[0; 4]);
    let found = errors(&bytes);
    assert!(
        ["zip.overlap", "zip.local-header-differs"]
            .iter()
            .all(|code| found.iter().any(|found| found == code)),
        "{found:?}"
    );
}

#[test]
fn lies_about_content_are_errors_when_it_is_read() {
    let lies: [fn(&mut File); 5] = [
        |file| file.size += 1,
        |file| file.size -= 1,
        |file| file.crc = Some(1),
        |file| file.data.truncate(3),
        |file| file.data.extend(b"more"),
    ];
    for lie in lies {
        let bytes = with(|files| lie(&mut files[1]));
        let container = open(&bytes);
        let read = container.read(1, 100, &mut Budget::default());
        assert_eq!(read.unwrap_err().cause, Cause::Syntax);
    }
    let bytes = with(|files| files[1].method = 12);
    let read = open(&bytes).read(1, 100, &mut Budget::default());
    assert_eq!(read.unwrap_err().cause, Cause::Unsupported);
}

#[test]
fn data_descriptors_are_read_and_compared() {
    let bytes = with(|files| files[1].descriptor = true);
    assert!(errors(&bytes).is_empty(), "{:?}", errors(&bytes));
    assert_eq!(open(&bytes).read(1, 100, &mut Budget::default()).unwrap(), b"some text");
    let at = bytes.windows(4).position(|window| window == b"PK\x07\x08").unwrap();
    let mut broken = bytes.clone();
    broken[at + 5] ^= 1;
    assert!(errors(&broken).iter().any(|found| found == "zip.data-descriptor-differs"));
}

#[test]
fn zip64_is_read_and_must_agree() {
    let bytes = zip(&honest());
    let at = bytes.len() - 22;
    let (size, offset) = (&bytes[at + 12..at + 16], &bytes[at + 16..at + 20]);
    let wide = |value: &[u8]| [value, &[0; 4]].concat();
    let count = 3_u64.to_le_bytes();
    let record = [
        &b"PK\x06\x06"[..],
        &44_u64.to_le_bytes(),
        &[45, 0, 45, 0],
        &[0; 8],
        &count,
        &count,
        &wide(size),
        &wide(offset),
    ]
    .concat();
    let locator = [&b"PK\x06\x07"[..], &[0; 4], &(at as u64).to_le_bytes(), &[1, 0, 0, 0]].concat();
    let mut end = bytes[at..].to_vec();
    let agreeing = [&bytes[..at], &record, &locator, &end].concat();
    assert!(errors(&agreeing).is_empty(), "{:?}", errors(&agreeing));
    end[8..20].fill(0xff);
    assert!(errors(&[&bytes[..at], &record, &locator, &end].concat()).is_empty());
    end[8..12].copy_from_slice(&[2, 0, 2, 0]);
    let disagreeing = [&bytes[..at], &record, &locator, &end].concat();
    assert!(Container::open(&disagreeing, None, &mut Budget::default()).is_err());
}

#[test]
fn a_second_end_in_the_comment_is_refused_or_named() {
    let inner = zip(&[file("mimetype", SIMPLE), file("evil.txt", b"evil")]);
    // A comment that is an archive of its own: readers that search from the end see the inner one.
    let outer = zip_with(&honest(), &inner);
    match Container::open(&outer, None, &mut Budget::default()) {
        Err(malformed) => assert_eq!(malformed.cause, Cause::Syntax),
        Ok(container) => {
            assert!(container.findings.iter().any(|finding| finding.severity == Severity::Error))
        }
    }
    let comment = zip_with(&honest(), b"mimetype=application/vnd.etsi.asic-s+zip");
    assert!(errors(&comment).iter().any(|found| found == "asic.mimetype.two"));
}

#[test]
fn bombs_stop_at_the_budget() {
    let bytes = zip(&[deflated("a.txt", &vec![0; 20_000_000])]);
    assert!(bytes.len() < 50_000);
    let mut budget = Budget::new(Limits::STANDARD.with(Resource::DecodedBytes, 1_000_000));
    let container = Container::open(&bytes, Some("asice"), &mut budget).unwrap();
    let read = container.read(0, u64::MAX, &mut budget);
    assert!(
        matches!(read.unwrap_err().cause, Cause::Budget(spent) if spent.resource == Resource::DecodedBytes)
    );
    assert!(container.read(0, 1000, &mut Budget::default()).is_err());
    let many: Vec<File> = std::iter::repeat_n(file("a", b""), 60_000).collect();
    let many = zip(&many);
    let mut budget = Budget::new(Limits::STANDARD.with(Resource::Steps, 1_000_000));
    assert!(matches!(Container::open(&many, None, &mut budget).err().unwrap().cause, Cause::Budget(_)));
}

#[test]
fn every_cut_and_every_flipped_bit_is_survived() {
    let manifest = manifest("a.txt", b"some text");
    let mut files = honest();
    files.push(deflated("META-INF/ASiCManifest.xml", manifest.as_bytes()));
    files[1].descriptor = true;
    let bytes = zip(&files);
    let examine = |bytes: &Vec<u8>| {
        if let Ok(container) = Container::open(bytes, Some("asice"), &mut Budget::default()) {
            let mut digests = Digests::new(&container, &PureProvider);
            for manifest in &container.manifests {
                manifest.check(&mut digests, &mut Budget::default());
            }
        }
    };
    for length in 0..bytes.len() {
        assert!(Container::open(&bytes[..length].to_vec(), None, &mut Budget::default()).is_err());
    }
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            examine(&flipped);
        }
    }
}

fn manifest(uri: &str, content: &[u8]) -> String {
    let digest = PureProvider.digest(DigestAlgorithm::Sha256, content);
    let value = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &digest.value);
    format!(
        "<ASiCManifest xmlns='http://uri.etsi.org/02918/v1.2.1#' xmlns:ds='http://www.w3.org/2000/09/xmldsig#'>\
         <SigReference URI='META-INF/signature.p7s'/><DataObjectReference URI='{uri}'>\
         <ds:DigestMethod Algorithm='http://www.w3.org/2001/04/xmlenc#sha256'/>\
         <ds:DigestValue>{value}</ds:DigestValue></DataObjectReference></ASiCManifest>"
    )
}

fn outcome(uri: &str, files: &[File]) -> Outcome {
    let xml = manifest(uri, b"some text");
    let bytes = zip(&[files, &[file("META-INF/ASiCManifest.xml", xml.as_bytes())]].concat());
    let container = open(&bytes);
    assert_eq!(container.content_of(&container.signatures[0]), Content::Manifest(0));
    let mut digests = Digests::new(&container, &PureProvider);
    container.manifests[0].check(&mut digests, &mut Budget::default())[0].outcome.clone()
}

#[test]
fn only_the_very_member_matches_its_reference() {
    assert_eq!(outcome("a.txt", &honest()), Outcome::Match);
    assert_eq!(outcome("a%2etxt", &honest()), Outcome::Match);
    assert_eq!(outcome("b.txt", &honest()), Outcome::Missing);
    assert_eq!(outcome("file:///a.txt", &honest()), Outcome::Outside);
    let twice = [honest(), vec![file("a.txt", b"some text")]].concat();
    assert_eq!(outcome("a.txt", &twice), Outcome::Ambiguous);
    let mut altered = honest();
    altered[1] = file("a.txt", b"other text");
    assert!(matches!(outcome("a.txt", &altered), Outcome::Mismatch(_)));
    let mut damaged = honest();
    damaged[1].crc = Some(0);
    assert!(matches!(outcome("a.txt", &damaged), Outcome::Unreadable(_)));
}

#[test]
fn two_manifests_for_one_signature_are_ambiguous() {
    let xml = manifest("a.txt", b"some text");
    let mut files = honest();
    files.push(file("META-INF/ASiCManifest.xml", xml.as_bytes()));
    files.push(file("META-INF/ASiCManifest2.xml", xml.as_bytes()));
    let bytes = zip(&files);
    let container = open(&bytes);
    assert_eq!(container.content_of(&container.signatures[0]), Content::Ambiguous);
}
