//! What breaks the standard but is met in files that readers accept: opened, and reported.

use crate::build::{File, codes, object, opened, refusal};
use undersign_pdf::object::Object;

fn plain() -> String {
    String::from_utf8(File::new().raw("").bytes.iter().map(|byte| byte & 0x7F).collect()).unwrap()
}

/// A file of ASCII bytes, so that it can be edited as text.
fn text() -> String {
    let file = File { bytes: plain().into_bytes(), ..File::new() };
    let file = file.object(1, "<</Type/Catalog/Pages 2 0 R>>").object(2, "<</Type/Pages/Kids[]/Count 0>>");
    String::from_utf8(file.finish()).unwrap()
}

fn reported(bytes: &[u8], code: &str) {
    opened(bytes, |document, budget| {
        assert!(codes(document).iter().any(|found| found == code), "{code}: {:?}", codes(document));
        assert!(matches!(object(document.latest(), 2, budget), Ok(Object::Dictionary(_))));
    });
}

#[test]
fn bytes_before_the_header_are_reported_whichever_way_offsets_count() {
    // Offsets that count from the header.
    let shifted = format!("some junk\n{}", text());
    reported(shifted.as_bytes(), "pdf.header.late");
    // Offsets that count from the first byte.
    let file = File { bytes: format!("some junk\n{}", plain()).into_bytes(), ..File::new() };
    let file = file.object(1, "<</Type/Catalog/Pages 2 0 R>>").object(2, "<</Type/Pages/Kids[]/Count 0>>");
    reported(&file.finish(), "pdf.header.late");
    let far = format!("{}{}", "x".repeat(1100), text());
    assert!(refusal(far.as_bytes()).reason.contains("header"));
}

#[test]
fn entries_with_odd_ends_of_line_are_reported() {
    for end in ["\n", " \r\n", "\r", "  \n"] {
        let odd = text().replace(" n \n", &format!(" n{end}")).replace(" f \n", &format!(" f{end}"));
        reported(odd.as_bytes(), "pdf.xref.odd-entry");
    }
    for end in [" \r", "\r\n"] {
        let lawful = text().replace(" n \n", &format!(" n{end}")).replace(" f \n", &format!(" f{end}"));
        opened(lawful.as_bytes(), |document, _| assert!(codes(document).is_empty()));
    }
    let none = text().replace(" n \n", " n");
    assert!(refusal(none.as_bytes()).reason.contains("entry"));
}

#[test]
fn white_space_before_a_section_is_reported_and_nothing_else_is_taken() {
    let at: usize = text().rsplit("startxref\n").next().unwrap().lines().next().unwrap().parse().unwrap();
    let moved = |to: usize| text().replace(&format!("startxref\n{at}"), &format!("startxref\n{to}"));
    reported(moved(at - 1).as_bytes(), "pdf.xref.offset-early");
    for wrong in [at + 1, at - 3, 0, 99_999] {
        refusal(moved(wrong).as_bytes());
    }
}

#[test]
fn what_follows_the_end_and_a_missing_end_are_reported() {
    reported(format!("{}trailing junk", text()).as_bytes(), "pdf.eof.trailing-data");
    reported(text().replace("%%EOF\n", "").as_bytes(), "pdf.eof.missing");
    let file = text();
    let zeros = format!("{file}{}", "\0".repeat(500));
    opened(zeros.as_bytes(), |document, _| {
        assert_eq!(document.revisions()[0].end, file.len() as u64);
    });
    assert!(refusal(format!("{file}{}", " ".repeat(5000)).as_bytes()).reason.contains("startxref"));
}

#[test]
fn a_size_that_is_too_small_is_reported() {
    reported(text().replace("/Size 3", "/Size 1").as_bytes(), "pdf.trailer.size");
    reported(text().replace("/Size 3", "").as_bytes(), "pdf.trailer.size");
}

#[test]
fn a_prev_of_zero_is_reported() {
    reported(text().replace("/Size 3", "/Size 3/Prev 0").as_bytes(), "pdf.xref.prev-zero");
}

#[test]
fn bytes_between_the_newest_section_and_startxref_are_reported() {
    let file = text().replace("startxref", "9 0 obj (stray) endobj\nstartxref");
    reported(file.as_bytes(), "pdf.revision.section-not-last");
}

#[test]
fn a_last_startxref_that_goes_back_to_an_old_section_is_reported() {
    let first = File::with_catalog("").table("").close();
    let old = first.sections[0];
    let file = first.object(3, "(new)").table("").close().raw(format!("startxref\n{old}\n%%EOF\n"));
    reported(&file.bytes, "pdf.revision.section-not-last");
}

#[test]
fn an_old_revision_that_is_not_closed_is_reported() {
    let file = File::with_catalog("").table("").raw("%%EOF\n").object(3, "(new)").table("").close();
    reported(&file.bytes, "pdf.revision.not-closed");
}
