//! Pages of two revisions drawn and compared pixel by pixel. What is seen here is no verdict.

use super::Range;
use super::table::{Noted, Table};
use pdf::Document;
use render::{Difference, Drawn, Limits, Picture, Undrawn, difference, draw};
use serde::Serialize;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// One page before and after.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PagePictures {
    /// Counted from 1.
    pub page: usize,
    /// How many pixels differ; absent if one of the pictures could not be drawn.
    pub differing_pixels: Option<u64>,
    /// Why there is no picture.
    pub not_drawn: Option<&'static str>,
    /// Whether the difference analysis found a change of the page.
    pub change_found: bool,
    #[serde(skip)]
    pub before: Option<Vec<u8>>,
    #[serde(skip)]
    pub after: Option<Vec<u8>>,
    #[serde(skip)]
    pub difference: Option<Vec<u8>>,
}

impl PagePictures {
    /// The pictures by kind; only of pages that differ or on which something changed.
    pub fn files(&self) -> impl Iterator<Item = (&'static str, &[u8])> {
        let kinds = [("before", &self.before), ("after", &self.after), ("difference", &self.difference)];
        kinds.into_iter().filter_map(|(kind, png)| Some((kind, png.as_deref()?)))
    }

    /// What is seen, in words.
    pub fn words(&self) -> String {
        match (self.differing_pixels, self.not_drawn) {
            (_, Some(why)) => why.to_owned(),
            (Some(0) | None, None) => "looks the same".into(),
            (Some(pixels), None) if self.change_found => format!("{pixels} pixels differ"),
            (Some(pixels), None) => format!("{pixels} pixels differ, and no change of the page was found"),
        }
    }
}

/// Pages drawn at a time: as many pictures are in memory.
const AT_ONCE: usize = 10;

/// Draws and compares pages, those first of which a change was found. A page that looks different without one becomes a
/// finding.
pub fn compare(
    document: &Document<'_>,
    file: &Arc<Vec<u8>>,
    password: &str,
    range: Range,
    table: &mut Table,
) -> Vec<PagePictures> {
    let end = |revision: usize| document.revisions().get(revision).map_or(document.len(), |known| known.end);
    let (before_end, after_end) = (end(range.from), end(range.to));
    let concerned = table.concerned();
    let count = page_count(document, range);
    let mut order: Vec<usize> = concerned.iter().map(|page| page - 1).filter(|page| *page < count).collect();
    order.extend((0..count).filter(|page| !concerned.contains(&(page + 1))));
    let mut pages = Vec::new();
    let deadline = Instant::now() + Limits::STANDARD.time;
    for (index, chunk) in order.chunks(AT_ONCE).enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        if index * AT_ONCE >= Limits::STANDARD.pages || left == Duration::ZERO {
            break;
        }
        let limits = Limits { time: left, ..Limits::STANDARD };
        let mut before = draw(file, before_end, password, chunk, limits);
        let mut after = draw(file, after_end, password, chunk, limits);
        for &page in chunk {
            let compared = one(page, &mut before, &mut after, concerned.contains(&(page + 1)));
            note(&compared, table);
            pages.push(compared);
        }
    }
    if pages.len() < count {
        let message = format!("only {} of {count} pages were drawn", pages.len());
        table.findings.push(Noted { code: "diff.pages-not-drawn".into(), severity: "info", message });
    }
    pages.sort_by_key(|page| page.page);
    pages
}

fn page_count(document: &Document<'_>, range: Range) -> usize {
    let mut budget = types::Budget::default();
    let mut count = |revision: usize| document.as_of(revision).page_count(&mut budget).unwrap_or(0);
    count(range.from).max(count(range.to))
}

fn note(page: &PagePictures, table: &mut Table) {
    if page.differing_pixels.is_some_and(|pixels| pixels > 0) && !page.change_found {
        let message = format!(
            "page {} looks different though no change of it was found: look at the pictures",
            page.page
        );
        let code = "diff.unexplained-difference".into();
        table.findings.push(Noted { code, severity: "warning", message });
    }
}

fn one(page: usize, before: &mut Drawn, after: &mut Drawn, change_found: bool) -> PagePictures {
    let taken = |drawn: &mut Drawn| drawn.remove(&page).unwrap_or(Err(Undrawn::Failed));
    let (before, after) = (taken(before), taken(after));
    let mut pictures = PagePictures {
        page: page + 1,
        differing_pixels: None,
        not_drawn: None,
        change_found,
        before: None,
        after: None,
        difference: None,
    };
    let png = |picture: &Result<Picture, Undrawn>| picture.as_ref().ok().and_then(Picture::png);
    match (&before, &after) {
        (Ok(old), Ok(new)) => {
            let found: Option<Difference> = difference(old, new);
            pictures.differing_pixels = Some(found.as_ref().map_or(0, |found| found.pixels));
            if found.is_some() || change_found {
                (pictures.before, pictures.after) = (png(&before), png(&after));
            }
            pictures.difference = found.and_then(|found| found.picture.png());
        }
        (Err(why), _) | (_, Err(why)) => {
            pictures.not_drawn = Some(why.as_str());
            (pictures.before, pictures.after) = (png(&before), png(&after));
        }
    }
    pictures
}
