//! Reports as PDF/A-2b (ISO 19005-2): tagged, with page numbers, and the same for the same verdict.

mod content;
mod fonts;
mod layout;
mod paint;

pub use fonts::{Font, FontError};

use fonts::Fonts;
use report::view::View;
use report::{Catalogue, Detail, Report};
use std::fmt;

/// Why there is no PDF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PdfError {
    /// The font cannot be used.
    Font(FontError),
    /// No font at hand has the characters of the report's language; this is one of them.
    Characters(char),
    /// The document does not keep to PDF/A, in the words of who writes it.
    NotPdfA(String),
}

impl fmt::Display for PdfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PdfError::Font(error) => error.fmt(f),
            PdfError::Characters(one) => {
                write!(f, "no font at hand has the characters of the report's language, e.g. {one}")
            }
            PdfError::NotPdfA(why) => write!(f, "the report cannot be written as PDF/A: {why}"),
        }
    }
}

impl std::error::Error for PdfError {}

/// The report as a PDF file. The bundled font knows most alphabets of Europe and the Near East; `font` is asked for what
/// it lacks, e.g. Chinese. Single characters in names that no font has are shown as `\u{…}`.
///
/// # Errors
///
/// A font that cannot be used, or none for the language of the report.
pub fn pdf(report: &Report<'_>, font: Option<&Font>) -> Result<Vec<u8>, PdfError> {
    let view = View::new(report, Detail::Explained);
    usable(report.catalogue, font)?;
    let fonts = Fonts::new(font).map_err(PdfError::Font)?;
    let items = content::items(&view, report.catalogue);
    let pages = layout::lay_out(&items, &fonts);
    paint::paint(&view, &pages, &fonts, report.verdict.at)
}

/// Whether reports in the language of `catalogue` can be drawn with the bundled font and `font`.
///
/// # Errors
///
/// A font that cannot be used, or none for the language.
pub fn usable(catalogue: &Catalogue, font: Option<&Font>) -> Result<(), PdfError> {
    let fonts = Fonts::new(font).map_err(PdfError::Font)?;
    let sample = catalogue.word("report-title") + &catalogue.word("closing-words");
    match sample.chars().find(|one| !fonts.has(*one)) {
        Some(lacking) => Err(PdfError::Characters(lacking)),
        None => Ok(()),
    }
}
