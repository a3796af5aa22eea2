//! What a reader sees differently: the text of pages before and after.

use crate::change::ShownText;
use crate::reach::stops;
use pdf::Snapshot;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use types::{Budget, Malformed};

/// At most so many pages are compared for the reasons of a judgement.
const MOST_PAGES: usize = 20;
/// Characters of a passage that are shown, and of what surrounds it.
const LONGEST: usize = 160;
const AROUND: usize = 24;

/// The text that each page shows, with that of fields and annotations; the pages at and after `most` are left out.
pub fn page_texts(
    view: Snapshot<'_, '_>,
    most: usize,
    budget: &mut Budget,
) -> Result<Vec<String>, Malformed> {
    let mut texts = Vec::new();
    view.visit_pages(budget, &mut |page, budget| {
        if texts.len() >= most {
            return Ok(ControlFlow::Break(()));
        }
        texts.push(view.shown_text(&page, budget)?.words());
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(texts)
}

/// Where two texts of a page differ: the differing middle with some of what surrounds it, before and after, so that either
/// is empty only if the page says nothing at all; `None` if they are the same but for white space.
pub fn text_difference(before: &str, after: &str) -> Option<(String, String)> {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (before, after): (Vec<char>, Vec<char>) =
        (words(before).chars().collect(), words(after).chars().collect());
    if before == after {
        return None;
    }
    let front = before.iter().zip(&after).take_while(|(a, b)| a == b).count();
    let rest = before.len().min(after.len()).saturating_sub(front);
    let back = before.iter().rev().zip(after.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let passage = |text: &[char]| -> String {
        let end = text.len().saturating_sub(back);
        let (from, to) = (front.saturating_sub(AROUND), text.len().min(end.saturating_add(AROUND)));
        let shown: String = text.iter().take(to).skip(from).take(LONGEST).collect();
        let (dots, more) = (if from > 0 { "…" } else { "" }, to < text.len() || to - from > LONGEST);
        format!("{dots}{}{}", shown.trim(), if more { "…" } else { "" })
    };
    Some((passage(&before), passage(&after)))
}

/// The pages among `pages` that say something else than before. Pages that cannot be read are left out: other findings
/// tell of them.
pub(crate) fn shown_differently(
    old: Snapshot<'_, '_>,
    new: Snapshot<'_, '_>,
    pages: &BTreeSet<usize>,
    budget: &mut Budget,
) -> Result<Vec<ShownText>, Malformed> {
    let mut shown = Vec::new();
    for &page in pages.iter().take(MOST_PAGES) {
        let (before, after) = (text_of(old, page, budget)?, text_of(new, page, budget)?);
        let (Some(before), Some(after)) = (before, after) else { continue };
        if let Some((before, after)) = text_difference(&before, &after) {
            shown.push(ShownText { page, before, after });
        }
    }
    Ok(shown)
}

fn text_of(view: Snapshot<'_, '_>, index: usize, budget: &mut Budget) -> Result<Option<String>, Malformed> {
    let text = match view.page(index, budget) {
        Ok(Some(page)) => view.shown_text(&page, budget),
        Ok(None) => return Ok(None),
        Err(error) => Err(error),
    };
    match text {
        Ok(text) => Ok(Some(text.words())),
        Err(error) if stops(&error) => Err(error),
        Err(_) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::text_difference;

    #[test]
    fn the_passage_that_differs_is_shown_with_its_surroundings() {
        assert_eq!(text_difference("You owe 100", "You  owe\n100"), None);
        let found = text_difference("You owe 100 euro", "You owe 900 euro").expect("a difference");
        assert_eq!(found, ("You owe 100 euro".to_owned(), "You owe 900 euro".to_owned()));
        let (before, after) = text_difference("one", "one two").expect("a difference");
        assert_eq!((before.as_str(), after.as_str()), ("one", "one two"));
        let (before, after) = text_difference("a boat, 42 EUR", "a boat, 4 EUR").expect("a difference");
        assert_eq!((before.as_str(), after.as_str()), ("a boat, 42 EUR", "a boat, 4 EUR"));
        let (before, after) = text_difference("", "one").expect("a difference");
        assert_eq!((before.as_str(), after.as_str()), ("", "one"));
        let long = "x".repeat(500);
        let (before, _) = text_difference(&long, "").expect("a difference");
        assert!(before.ends_with('…') && before.chars().count() < 200);
    }
}
