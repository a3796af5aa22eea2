//! PDF reports of constructed verdicts: PDF/A, readable by our own reader, the same each time, whatever the names are.

#[allow(dead_code, reason = "each test file uses some of the cases")]
#[path = "../../report/tests/constructed/mod.rs"]
mod constructed;

use constructed::Case;
use pdf::Document;
use report::{Catalogue, Language, Report};
use types::Budget;
use undersign_report_pdf::{Font, PdfError, pdf};

fn write(case: &Case, language: Language, font: Option<&Font>) -> Result<Vec<u8>, PdfError> {
    let catalogue = Catalogue::new(language);
    let report =
        Report { file: case.file, evidence: &case.evidence, verdict: &case.verdict, catalogue: &catalogue };
    pdf(&report, font)
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn every_report_is_pdf_a_and_the_same_each_time() {
    for (name, case) in constructed::all() {
        for language in [Language::English, Language::German] {
            let bytes = write(&case, language, None).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(contains(&bytes, "<pdfaid:part>2</pdfaid:part>"), "{name}");
            assert!(contains(&bytes, "<pdfaid:conformance>B</pdfaid:conformance>"), "{name}");
            assert_eq!(write(&case, language, None).as_ref(), Ok(&bytes), "{name}");
            let opened = Document::open(&bytes, None, &mut Budget::default());
            assert!(opened.is_ok(), "{name}: {:?}", opened.err());
            if let Some(folder) = std::env::var_os("KEEP_REPORTS") {
                let file = format!("{name}.{}.pdf", language.tag());
                std::fs::write(std::path::Path::new(&folder).join(file), &bytes).expect("it can be written");
            }
        }
    }
}

#[test]
fn a_language_without_a_font_is_said_and_not_drawn_as_boxes() {
    let case = constructed::pinned();
    assert!(matches!(write(&case, Language::Chinese, None), Err(PdfError::Characters(_))));
    let broken = Font::new(b"no font".to_vec(), 0);
    assert!(matches!(write(&case, Language::English, Some(&broken)), Err(PdfError::Font(_))));
    if let Some(path) = std::env::var_os("CHINESE_FONT") {
        let font = Font::new(std::fs::read(path).expect("the font is there"), 0);
        let bytes = write(&case, Language::Chinese, Some(&font)).expect("the font has the characters");
        if let Some(folder) = std::env::var_os("KEEP_REPORTS") {
            let file = std::path::Path::new(&folder).join("pinned.zh.pdf");
            std::fs::write(file, &bytes).expect("it can be written");
        }
    }
}
