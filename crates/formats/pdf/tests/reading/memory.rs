//! Small files that ask for much memory: what is kept has limits, and who meets one is told.

use crate::build::{File, opened};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use std::io::Write;
use types::{Budget, Cause, Malformed};
use undersign_pdf::{Document, PageText};

const FONT: &str = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>";

/// A page with this content; other objects that it needs come after 20.
fn page(resources: &str, content: &[u8]) -> File {
    page_of("4 0 R", resources, content)
}

fn page_of(contents: &str, resources: &str, content: &[u8]) -> File {
    let resources = if resources.is_empty() { "/Font<</F 5 0 R>>" } else { resources };
    let page = format!("<</Type/Page/Parent 2 0 R/Contents {contents}/Resources<<{resources}>>>>");
    let file = File::new().object(1, "<</Type/Catalog/Pages 2 0 R>>");
    let file = file.object(2, "<</Type/Pages/Count 1/Kids[3 0 R]>>").object(3, &page).object(5, FONT);
    deflated(file, 4, "", content)
}

fn deflated(file: File, number: u32, entries: &str, data: &[u8]) -> File {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(data).unwrap();
    file.stream(number, &format!("{entries}/Filter/FlateDecode"), &encoder.finish().unwrap())
}

fn text(document: &Document<'_>, budget: &mut Budget) -> Result<PageText, Malformed> {
    let page = document.page(0, budget).unwrap().unwrap();
    document.latest().page_text(&page, budget)
}

fn stopped(read: Result<PageText, Malformed>) -> String {
    let error = read.expect_err("a limit");
    assert!(matches!(error.cause, Cause::Budget(_)), "{error}");
    error.reason
}

#[test]
fn glyphs_of_a_page_are_kept_up_to_a_limit() {
    for (shown, is_kept) in [(1000, true), (600_000, false)] {
        let content = [b"BT /F 1 Tf (", &b"x".repeat(shown)[..], b") Tj ET"].concat();
        opened(&page("", &content).finish(), |document, budget| {
            let read = text(document, budget);
            match is_kept {
                true => assert_eq!(read.unwrap().glyphs.len(), shown),
                false => assert!(stopped(read).contains("glyphs")),
            }
        });
    }
}

#[test]
fn strings_longer_than_a_piece_are_read_whole() {
    let shown: Vec<u8> = (0..20_001u32).map(|at| b'a' + (at % 26) as u8).collect();
    let content = [b"BT /F 1 Tf (", &shown[..], b") Tj ET"].concat();
    opened(&page("", &content).finish(), |document, budget| {
        assert_eq!(text(document, budget).unwrap().text.as_bytes(), shown);
    });
}

#[test]
fn content_is_held_up_to_a_limit_however_forms_are_nested() {
    // Each stream is allowed; those that are run within one another are too much together.
    let filler = b" ".repeat(30 << 20);
    let mut file = page("/XObject<</X 20 0 R>>", &[&filler[..], b"/X Do"].concat());
    for number in 20..23 {
        let next = number + 1;
        let entries = format!("/Type/XObject/Subtype/Form/Resources<</XObject<</X {next} 0 R>>>>");
        file = deflated(file, number, &entries, &[&filler[..], b"/X Do"].concat());
    }
    opened(&file.finish(), |document, budget| {
        assert!(stopped(text(document, budget)).contains("decoded bytes"));
    });
}

#[test]
fn contents_in_many_streams_are_held_up_to_a_limit() {
    let parts = "[4 0 R 4 0 R 4 0 R]";
    let bytes = page_of(parts, "", &b" ".repeat(30 << 20)).finish();
    opened(&bytes, |document, budget| {
        assert!(stopped(text(document, budget)).contains("decoded bytes"));
    });
}

#[test]
fn maps_of_too_many_codes_are_not_kept() {
    for (codes, is_kept) in [(1000_u32, true), (200_000, false)] {
        let pairs: String = (0..codes).map(|code| format!("<{code:06x}><0041>")).collect();
        let font = FONT.replace(">>", "/ToUnicode 21 0 R>>");
        let file = page("/Font<</F 20 0 R>>", b"BT /F 1 Tf (x) Tj ET").object(20, &font);
        let file = deflated(file, 21, "", format!("beginbfchar {pairs} endbfchar").as_bytes());
        opened(&file.finish(), |document, budget| {
            let read = text(document, budget).unwrap();
            assert_eq!((read.faults.is_empty(), read.unreadable == 0), (is_kept, is_kept));
        });
    }
}

#[test]
fn object_streams_of_too_many_objects_are_refused() {
    let header = b"9 0 ".repeat((1 << 21) + 1);
    let entries = format!("/Type/ObjStm/N {}/First {}", (1 << 21) + 1, header.len());
    let file = deflated(File::with_catalog(""), 8, &entries, &header).inside(9, 8, 0);
    opened(&file.xref_stream(10, "").close().bytes, |document, budget| {
        let id = undersign_pdf::object::ObjectId { number: 9, generation: 0 };
        let error = document.get(id, budget).expect_err("too many");
        assert_eq!(error.cause, Cause::Unsupported, "{error}");
    });
}
