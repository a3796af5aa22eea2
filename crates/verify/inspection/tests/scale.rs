//! Work grows with what the revisions hold, not with their square.

mod revisions;

use pdf::Document;
use revisions::{File, NEW_SIGNATURE};
use std::fmt::Write;
use types::{Budget, Resource};
use undersign_inspection::{ChangeLevel, History};

/// A signed document of `pages` pages to which `updates` signatures were added, one after the other.
fn signed_again(pages: u32, updates: u32) -> Vec<u8> {
    let kids: String = (0..pages).map(|page| format!("{} 0 R ", 1000 + page)).collect();
    let tree = format!("<</Type/Pages/Kids[3 0 R {kids}]/Count {}>>", pages + 1);
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources<</Font<</F1 6 0 R>>>>>>";
    let mut objects: Vec<(u32, &str)> = (0..pages).map(|number| (1000 + number, page)).collect();
    objects.push((2, &tree));
    let mut file = File::signed(&objects);
    let mut fields = String::from("7 0 R 8 0 R 11 0 R");
    for update in 0..updates {
        let number = 1000 + pages + 2 * update;
        write!(fields, " {number} 0 R").expect("memory");
        let form = format!("<</Fields[{fields}]/SigFlags 3/DR<</Font<</F1 6 0 R>>>>>>");
        let field = format!("<</FT/Sig/T(S{number})/V {} 0 R>>", number + 1);
        file = file.update(&[(4, &form), (number, &field), (number + 1, NEW_SIGNATURE)]);
    }
    file.bytes
}

/// Parsing steps that the analysis of all revisions takes; every level is form filling.
fn steps(pages: u32, updates: u32) -> u64 {
    let bytes = signed_again(pages, updates);
    let document = Document::open(&bytes, None, &mut Budget::default()).expect("a readable file");
    let mut budget = Budget::default();
    let before = budget.left(Resource::Steps);
    let history = History::analyse(&document, 0, &mut budget);
    let later = history.after(0);
    assert_eq!(later.incomplete, None);
    assert_eq!(later.revisions.len(), updates as usize);
    assert!(later.revisions.iter().all(|revision| revision.level == ChangeLevel::FormFilling));
    before - budget.left(Resource::Steps)
}

#[test]
fn the_document_is_walked_once_however_many_revisions_follow() {
    let (one, hundred) = (steps(20_000, 1), steps(20_000, 100));
    assert!(hundred < one * 2, "{one} steps for one update, {hundred} for a hundred");
}

#[test]
fn a_thousand_revisions_cost_little_more_than_ten_times_a_hundred() {
    let (hundred, thousand) = (steps(0, 100), steps(0, 1000));
    println!("{hundred} steps for 100 revisions, {thousand} for 1,000");
    // The list of fields itself grows with every signature, so its length is read as often: n² / 2 of the steps.
    assert!(thousand < hundred * 10 + 5 * 1000 * 1000, "{hundred} steps, then {thousand}");
}
