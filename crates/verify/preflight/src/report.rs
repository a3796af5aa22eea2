//! Findings as they are collected: one for each code and page, with a count.

use crate::code::Code;
use std::collections::BTreeMap;
use types::{Finding, Severity, Span};

/// A finding and the page that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageFinding {
    /// Counted from 0; none if it concerns the document or cannot be told.
    pub page: Option<usize>,
    /// What was found.
    pub finding: Finding,
}

/// Most pages that are reported one by one for each code.
const MOST_PAGES: usize = 50;
/// Longest quotation of a document.
const LONGEST_QUOTE: usize = 60;

/// Where something was found.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place {
    pub(crate) page: Option<usize>,
    pub(crate) span: Option<Span>,
}

struct Entry {
    severity: Severity,
    message: String,
    span: Option<Span>,
    count: usize,
}

/// What has been found so far.
#[derive(Default)]
pub(crate) struct Findings {
    entries: BTreeMap<(&'static str, Option<usize>), (Code, Entry)>,
    /// By code: pages that were only counted.
    rest: BTreeMap<&'static str, (Code, Severity, usize)>,
    pages: BTreeMap<&'static str, usize>,
}

impl Findings {
    /// Adds one of the weight of its code.
    pub(crate) fn add(&mut self, code: Code, place: Place, message: impl Into<String>) {
        self.weigh(code, code.severity, place, message);
    }

    /// Adds one of another weight.
    pub(crate) fn weigh(&mut self, code: Code, severity: Severity, place: Place, message: impl Into<String>) {
        if let Some((_, entry)) = self.entries.get_mut(&(code.name, place.page)) {
            entry.count += 1;
            if severity > entry.severity {
                (entry.severity, entry.message, entry.span) = (severity, message.into(), place.span);
            }
            return;
        }
        let pages = self.pages.entry(code.name).or_default();
        if *pages >= MOST_PAGES {
            let (_, worst, count) = self.rest.entry(code.name).or_insert((code, severity, 0));
            (*worst, *count) = (severity.max(*worst), *count + 1);
            return;
        }
        *pages += 1;
        let entry = Entry { severity, message: message.into(), span: place.span, count: 1 };
        self.entries.insert((code.name, place.page), (code, entry));
    }

    /// All of them: those of the document first, then page by page, the gravest first.
    pub(crate) fn finish(self) -> Vec<PageFinding> {
        let mut found: Vec<PageFinding> = self
            .entries
            .into_iter()
            .map(|((name, page), (code, entry))| {
                let more = match entry.count {
                    1 => String::new(),
                    count => format!(" (and {} more)", count - 1),
                };
                let finding = Finding::new(name, entry.severity, entry.message + &more).hint(code.hint);
                PageFinding { page, finding: Finding { span: entry.span, ..finding } }
            })
            .collect();
        found.extend(self.rest.into_iter().map(|(name, (code, severity, count))| {
            let message = format!("{} {count} times on further pages", code.about);
            PageFinding { page: None, finding: Finding::new(name, severity, message).hint(code.hint) }
        }));
        found.sort_by(|a, b| {
            let key = |found: &PageFinding| (found.page, std::cmp::Reverse(found.finding.severity));
            key(a).cmp(&key(b)).then_with(|| a.finding.code.as_bytes().cmp(b.finding.code.as_bytes()))
        });
        found
    }
}

/// One finding for each code, the gravest first, with the pages in the message: what a signer is shown.
pub fn summary(found: &[PageFinding]) -> Vec<Finding> {
    let mut by_code: BTreeMap<String, (Finding, Vec<usize>, usize)> = BTreeMap::new();
    for PageFinding { page, finding } in found {
        let (first, pages, count) =
            by_code.entry(finding.code.to_string()).or_insert_with(|| (finding.clone(), Vec::new(), 0));
        if finding.severity > first.severity {
            *first = finding.clone();
        }
        pages.extend(page.map(|index| index + 1));
        *count += 1;
    }
    let mut all: Vec<Finding> = by_code
        .into_values()
        .map(|(finding, pages, count)| {
            let message = match (pages.as_slice(), count) {
                ([], 1) => finding.message.clone(),
                ([], _) => format!("{}; and elsewhere", finding.message),
                ([page], 1) => format!("page {page}: {}", finding.message),
                ([page], _) => format!("page {page} and elsewhere: {}", finding.message),
                _ => format!("pages {}: {}", ranges(&pages), finding.message),
            };
            Finding { message, ..finding }
        })
        .collect();
    all.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.code.as_bytes().cmp(b.code.as_bytes())));
    all
}

/// `1-3, 7`; at most a few, then dots.
fn ranges(pages: &[usize]) -> String {
    let mut sorted = pages.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for page in sorted {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == page => *last = page,
            _ => runs.push((page, page)),
        }
    }
    let text = |(first, last): &(usize, usize)| {
        if first == last { first.to_string() } else { format!("{first}-{last}") }
    };
    let mut parts: Vec<String> = runs.iter().take(8).map(text).collect();
    if runs.len() > 8 {
        parts.push("...".into());
    }
    parts.join(", ")
}

/// Text of the document within a message.
pub(crate) fn quote(text: &str) -> String {
    let short: String = text.chars().take(LONGEST_QUOTE).collect();
    let dots = if text.chars().nth(LONGEST_QUOTE).is_some() { "..." } else { "" };
    format!("{short:?}{dots}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_gathered_into_ranges() {
        assert_eq!(ranges(&[3, 1, 2, 7, 7]), "1-3, 7");
        let odd: Vec<usize> = (0..20).map(|n| 2 * n).collect();
        assert!(ranges(&odd).ends_with("14, ..."));
    }

    #[test]
    fn a_code_on_many_pages_is_counted_in_the_end() {
        let mut findings = Findings::default();
        for page in 0..500 {
            findings.add(crate::code::URI, Place { page: Some(page), span: None }, "a link");
        }
        let found = findings.finish();
        assert_eq!(found.len(), MOST_PAGES + 1);
        assert_eq!(found[0].finding.message, "a link to a web address 450 times on further pages");
        assert_eq!(summary(&found).len(), 1);
    }
}
