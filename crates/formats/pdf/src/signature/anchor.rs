//! A rectangle beside a text of the document.

use super::page::{Shown, View};
use super::{AnchorSide, SigningRefusal};
use crate::appearance::Size;
use crate::document::Document;
use crate::pages::Page;
use crate::text::{Needle, Place, page_text};
use std::ops::ControlFlow;
use types::Budget;

/// Space between the text and the rectangle, in points.
const GAP: f64 = 4.0;
/// How far letters reach below the baseline, as a share of the font's size.
const DESCENT: f64 = 0.22;
/// Most places that a refusal lists.
const MOST_LISTED: usize = 5;
/// The search ends at so many places: one too many is enough to refuse.
const MOST_FOUND: usize = 20;

/// What could not be read while searching.
#[derive(Default)]
struct Gaps {
    unreadable: usize,
    faults: Vec<String>,
}

/// Finds the one place of the text, and the rectangle beside it. Reads every page, since a second place would make
/// the first one ambiguous.
pub(super) fn find(
    document: &Document<'_>,
    text: &str,
    side: AnchorSide,
    size: Size,
    budget: &mut Budget,
) -> Result<(Page, Shown), SigningRefusal> {
    let Some(needle) = Needle::new(text) else {
        let reason = "the anchor text is empty";
        return Err(SigningRefusal::new("pdf.sign.anchor-missing", reason, "give a text of the document"));
    };
    let mut found: Vec<(Page, Place)> = Vec::new();
    let mut gaps = Gaps::default();
    document.latest().visit_pages(budget, &mut |page, budget| {
        let content = page_text(document.latest(), &page, budget)?;
        gaps.unreadable += content.unreadable;
        let at = page.index + 1;
        gaps.faults.extend(content.faults.iter().take(1).map(|fault| format!("page {at}: {fault}")));
        gaps.faults.truncate(MOST_LISTED);
        found.extend(needle.find(&content).into_iter().map(|place| (page.clone(), place)));
        Ok(if found.len() > MOST_FOUND { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    match found.as_slice() {
        [] => Err(missing(text, &gaps)),
        [(page, place)] => {
            let shown = beside(View::of(page)?, *place, side, size);
            Ok((page.clone(), shown))
        }
        several => Err(ambiguous(text, several)),
    }
}

fn missing(text: &str, gaps: &Gaps) -> SigningRefusal {
    let reason = format!("the text {text:?} was not found");
    let mut hint =
        String::from("give a page and a rectangle; text in annotations and form fields is not searched");
    if gaps.unreadable > 0 {
        hint += &format!("; {} characters have no readable text in their fonts", gaps.unreadable);
    }
    if let Some(fault) = gaps.faults.first() {
        hint += &format!("; not all pages could be read ({fault})");
    }
    SigningRefusal::new("pdf.sign.anchor-missing", reason, hint)
}

fn ambiguous(text: &str, found: &[(Page, Place)]) -> SigningRefusal {
    let pages: Vec<String> =
        found.iter().take(MOST_LISTED).map(|(page, _)| format!("page {}", page.index + 1)).collect();
    let more = if found.len() > MOST_LISTED { ", …" } else { "" };
    let reason = format!("the text {text:?} occurs {} times ({}{more})", found.len(), pages.join(", "));
    SigningRefusal::new("pdf.sign.anchor-ambiguous", reason, "give a longer text, or a page and a rectangle")
}

/// The rectangle seen from the text, on the page as shown.
fn beside(view: View, place: Place, side: AnchorSide, size: Size) -> Shown {
    let down = (-place.up.0 * DESCENT, -place.up.1 * DESCENT);
    let corners = [
        (place.start.0 + down.0, place.start.1 + down.1),
        (place.end.0 + down.0, place.end.1 + down.1),
        (place.start.0 + place.up.0, place.start.1 + place.up.1),
        (place.end.0 + place.up.0, place.end.1 + place.up.1),
    ];
    let shown = corners.map(|(x, y)| view.to_shown(x, y));
    let left = shown.iter().map(|corner| corner.0).fold(f64::INFINITY, f64::min);
    let right = shown.iter().map(|corner| corner.0).fold(f64::NEG_INFINITY, f64::max);
    let bottom = shown.iter().map(|corner| corner.1).fold(f64::INFINITY, f64::min);
    let top = shown.iter().map(|corner| corner.1).fold(f64::NEG_INFINITY, f64::max);
    let (x, y) = match side {
        AnchorSide::Over => (left, bottom),
        AnchorSide::RightOf => (right + GAP, bottom),
        AnchorSide::Below => (left, bottom - GAP - size.height),
        AnchorSide::Above => (left, top + GAP),
    };
    Shown { x, y, size }
}
