//! Files that are damaged, huge, or meant to harm.

use crate::ENTROPY;
use crate::build::{File, STYLES, Style};
use crate::checks::{assert_consistent, request};
use crate::fields::with_field;
use crate::signed;
use crate::visible::at;
use pdf::Document;
use pdf::signature::{AnchorSide, Placement, SignatureRequest, plan};
use types::{Budget, Limits, Resource, Source, SourceError};

/// Plans on whatever opens; the outcome does not matter, only that there is one.
fn try_all(bytes: &[u8]) {
    let at_text =
        Placement::AtText { text: "contract".into(), side: AnchorSide::Over, width: 60.0, height: 30.0 };
    let limits = Limits::STANDARD.with(Resource::Steps, 200_000).with(Resource::DecodedBytes, 1 << 22);
    for placement in [Placement::Invisible, Placement::FieldRect, at(5.0, 5.0, 90.0, 40.0), at_text] {
        let mut budget = Budget::new(limits);
        let Ok(document) = Document::open(&bytes, None, &mut budget) else {
            return;
        };
        let request = SignatureRequest { placement, ..request() };
        if let Ok(prepared) = plan(&document, &request, ENTROPY, &mut budget) {
            assert_eq!(prepared.base_len, bytes.len() as u64);
            assert_eq!(prepared.byte_range[2] + prepared.byte_range[3], prepared.signed_len());
        }
    }
}

#[test]
fn damaged_files_end_in_an_answer() {
    // A xorshift generator: the same damage every time.
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let mut file = with_field("/SV<</Ff 8/Reasons[(a)(b)]>>/Lock<</Action/All>>");
    file.extend(1, "/Extensions<</ADBE<<>>>>/MarkInfo<</Marked true>>");
    for style in STYLES {
        let whole = file.bytes(style);
        for _ in 0..400 {
            let mut bytes = whole.clone();
            for _ in 0..=random(4) {
                let at = random(bytes.len());
                bytes[at] = b"<>[]()/R 019\0\xFFn"[random(15)];
            }
            try_all(&bytes);
        }
        for _ in 0..60 {
            try_all(&whole[..random(whole.len())]);
        }
    }
}

#[test]
fn loops_of_references_and_forms_end() {
    for entries in
        ["/AcroForm 5 0 R", "/Extensions 5 0 R", "/Metadata 5 0 R", "/Perms 5 0 R", "/OutputIntents 5 0 R"]
    {
        let mut file = File::with_pages(1);
        file.extend(1, entries);
        file.object("6 0 R");
        file.object("5 0 R");
        try_all(&file.bytes(Style::Classic));
    }
    let mut file = File::with_pages(1);
    let form = "/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</A 5 0 R/B 5 0 R>>>>";
    file.set(3, "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</XObject<</A 5 0 R>>>>>>");
    file.set(4, "<</Length 5>>\nstream\n/A Do\nendstream");
    file.stream(form, b"/A Do /B Do");
    try_all(&file.bytes(Style::Classic));
    let mut file = File::with_pages(1);
    file.extend(1, "/AcroForm<</Fields[5 0 R]>>");
    file.object("<</T(a)/Kids[5 0 R 6 0 R]>>");
    file.object("<</T(b)/FT/Sig/Kids[5 0 R]/Parent 5 0 R>>");
    try_all(&file.bytes(Style::Classic));
}

/// A small file with an update behind a long stretch of spaces.
struct Sparse {
    head: Vec<u8>,
    tail: Vec<u8>,
    length: u64,
    read: std::sync::atomic::AtomicU64,
}

impl Source for Sparse {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), SourceError> {
        self.read.fetch_add(buffer.len() as u64, std::sync::atomic::Ordering::Relaxed);
        let tail_at = self.length - self.tail.len() as u64;
        for (index, byte) in buffer.iter_mut().enumerate() {
            let at = offset + index as u64;
            let from_tail = at.checked_sub(tail_at).and_then(|at| self.tail.get(at as usize));
            *byte = self.head.get(at as usize).or(from_tail).copied().unwrap_or(b' ');
        }
        Ok(())
    }
}

#[test]
fn files_of_a_hundred_gigabytes_are_planned() {
    for (length, stream) in [(5_000_000_000_u64, false), (100_000_000_000, true)] {
        let head = File::with_pages(1).bytes(Style::Classic);
        let text = String::from_utf8_lossy(&head).into_owned();
        let prev: u64 = text[text.rfind("startxref").unwrap()..].lines().nth(1).unwrap().parse().unwrap();
        // An empty update at the very end.
        let tail =
            |at| format!("xref\n0 0\ntrailer\n<</Size 5/Root 1 0 R/Prev {prev}>>\nstartxref\n{at}\n%%EOF\n");
        let tail = tail(length - tail(length).len() as u64).into_bytes();
        let source = Sparse { head, tail, length, read: Default::default() };
        let mut budget = Budget::default();
        let document = Document::open(&source, None, &mut budget).unwrap();
        let prepared = plan(&document, &request(), ENTROPY, &mut budget).unwrap();
        let read = source.read.load(std::sync::atomic::Ordering::Relaxed);
        assert!(read < 10 << 20, "{read} bytes were read");
        assert_eq!(prepared.byte_range[2], prepared.contents.end);
        assert!(prepared.contents.start > length);
        let text = String::from_utf8_lossy(&prepared.tail).into_owned();
        assert_eq!(text.contains("/Type/XRef"), stream, "ten digits do not hold offsets above 9,999,999,999");
        assert!(
            text.contains(&format!("/ByteRange [0 {} {}", prepared.contents.start, prepared.contents.end))
        );
    }
}

#[test]
fn bytes_before_the_header_do_not_disturb() {
    let mut original = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    original.extend(File::with_pages(1).bytes(Style::Classic));
    if let Ok((prepared, whole)) = signed(&original, &request()) {
        assert!(whole.starts_with(&original));
        let mut budget = Budget::default();
        let document = Document::open(&whole, None, &mut budget).unwrap();
        let signatures = document.signatures(&mut budget).unwrap();
        assert_eq!(signatures.fields[0].value.as_ref().unwrap().contents_span, Some(prepared.contents));
    }
}

#[test]
fn numbers_that_were_freed_are_not_used_again() {
    let original = File::with_pages(1).bytes(Style::Classic);
    let text =
        String::from_utf8(original.iter().map(|b| if b.is_ascii() { *b } else { b'.' }).collect()).unwrap();
    let prev = text.find("xref\n").unwrap();
    let mut bytes = text.into_bytes();
    let at = bytes.len();
    bytes.extend_from_slice(
        format!("xref\n5 2\n0000000000 00001 f\r\n0000000000 00001 f\r\ntrailer\n<</Size 7/Root 1 0 R/Prev {prev}>>\nstartxref\n{at}\n%%EOF\n")
            .as_bytes(),
    );
    let (prepared, whole) = signed(&bytes, &request()).unwrap();
    assert_consistent(&bytes, &prepared, &whole);
    assert!(!String::from_utf8_lossy(&prepared.tail).contains("\n5 0 obj"));
}
