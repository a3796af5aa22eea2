//! Documents made to exhaust or to crash: a finding, never a hang.

use crate::build::{File, look};
use pdf::Document;
use types::{Budget, Limits, Resource};
use undersign_preflight::preflight;

const FORM: &str = "/Type/XObject/Subtype/Form/BBox[0 0 300 200]";

/// Limits that keep these tests short.
fn budget() -> Budget {
    Budget::new(Limits::STANDARD.with(Resource::Steps, 300_000).with(Resource::DecodedBytes, 32 << 20))
}

fn codes(file: &File) -> Vec<String> {
    let bytes = file.bytes();
    let document = Document::open(&bytes, None, &mut Budget::default()).expect("it opens");
    let found = preflight(&document, &mut budget()).expect("it has pages");
    found.into_iter().map(|found| found.finding.code.to_string()).collect()
}

#[test]
fn a_form_that_draws_itself_ends_by_depth() {
    let file = File::new("/X Do")
        .resources("/XObject<</X 5 0 R>>")
        .with_stream(&format!("{FORM}/Resources<</XObject<</X 5 0 R>>>>"), b"/X Do");
    assert_eq!(file.codes(), ["unreadable"]);
}

#[test]
fn forms_that_multiply_end_by_budget() {
    let mut file = File::new("/X Do").resources("/XObject<</X 5 0 R>>");
    for level in 0..10 {
        let entries = format!("{FORM}/Resources<</XObject<</X {} 0 R>>>>", 6 + level);
        file = file.with_stream(&entries, "/X Do ".repeat(50).as_bytes());
    }
    let file = file.with_stream(FORM, b"");
    assert!(codes(&file).contains(&"preflight.incomplete".to_owned()));
}

#[test]
fn bombs_of_marks_operators_and_actions_end_by_budget() {
    let many = File::new(&"0 0 9 9 re f ".repeat(150_000));
    assert!(codes(&many).contains(&"preflight.incomplete".to_owned()));
    let text = File::new(&format!("BT /F1 9 Tf {} ET", "(abcdefgh) Tj ".repeat(60_000)));
    assert!(codes(&text).contains(&"preflight.incomplete".to_owned()));
    let crowded = File::new(&"0 0 9 9 re f ".repeat(150_000));
    assert!(crowded.codes().contains(&"content.crowded".to_owned()));
    let unbalanced = File::new(&"q /A BMC ".repeat(50_000));
    assert!(unbalanced.codes().is_empty());
}

#[test]
fn chains_and_circles_of_actions_end() {
    let circle = File::new("")
        .catalog("/OpenAction 5 0 R")
        .object("<</S/Launch/Next 6 0 R>>")
        .object("<</S/Launch/Next[5 0 R 6 0 R 5 0 R]>>");
    assert_eq!(circle.codes(), ["action.launch", "open-action"]);
    let mut chain = File::new("").catalog("/OpenAction 5 0 R");
    for number in 6..5000 {
        chain = chain.object(&format!("<</S/URI/URI(a)/Next {number} 0 R>>"));
    }
    assert_eq!(chain.codes(), ["action.uri", "open-action"]);
}

#[test]
fn expressions_of_layers_that_multiply_end_by_budget() {
    let mut file = File::new("/OC /L BDC BT /F1 9 Tf (a) Tj ET EMC")
        .catalog("/OCProperties<</OCGs[5 0 R]/D<<>>>>")
        .resources("/Properties<</L 6 0 R>>")
        .object("<</Type/OCG/Name(L)>>")
        .object("<</Type/OCMD/VE 7 0 R>>");
    for number in 8..40 {
        file = file.object(&format!("[/And {number} 0 R {number} 0 R {number} 0 R]"));
    }
    assert!(codes(&file).contains(&"preflight.incomplete".to_owned()));
}

#[test]
fn fonts_with_endless_maps_end_by_budget() {
    let map = "1 beginbfrange <0000> <FFFF> <0000> endbfrange ".repeat(40_000);
    let file = File::new("/X Do")
        .resources("/XObject<</X 7 0 R>>")
        .object("<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>")
        .with_stream("", map.as_bytes())
        .with_stream(&format!("{FORM}/Resources<</Font<</F1 5 0 R>>>>"), b"BT /F1 9 Tf (a) Tj ET");
    assert!(!codes(&file).is_empty());
}

#[test]
fn numbers_out_of_all_bounds_are_no_marks() {
    let huge = "9".repeat(300);
    let file = File::new(&format!(
        "{huge} 0 0 {huge} {huge} {huge} cm {huge} {huge} {huge} {huge} re f BT /F1 {huge} Tf (a) Tj ET"
    ));
    file.codes();
}

#[test]
fn cut_off_and_flipped_files_never_crash() {
    let bytes = File::new("q 1 0 0 1 9 9 cm BT /F1 12 Tf 3 Tr [(a) 9 (b)] TJ ET Q BI /W 1 ID x EI /X Do /L gs")
        .catalog("/OpenAction<</S/JavaScript/JS(a)/Next[<</S/Launch>>]>>/OCProperties<</OCGs[5 0 R]/D<</OFF[5 0 R]>>>>")
        .page("/Annots[<</Subtype/Widget/Rect[0 0 9 9]/AP<</N 6 0 R>>/AA<</E<</S/Hide>>>>>>]")
        .resources("/XObject<</X 6 0 R>>/ExtGState<</L<</ca .5/SMask<<>>>>>>")
        .object("<</Type/OCG/Name(L)>>")
        .with_stream(FORM, b"1 g 0 0 9 9 re f")
        .bytes();
    let tries = |bytes: &Vec<u8>| {
        let mut budget = budget();
        if let Ok(document) = Document::open(bytes, None, &mut budget) {
            let _ = preflight(&document, &mut budget);
        }
    };
    for end in 0..bytes.len() {
        tries(&bytes[..end].to_vec());
    }
    let mut changed = bytes.clone();
    for at in 0..bytes.len() {
        for bit in [0, 2, 5] {
            changed[at] ^= 1 << bit;
            tries(&changed);
            changed[at] = bytes[at];
        }
    }
}

#[test]
fn five_hundred_pages_take_little_time() {
    let bytes = testkit::document(testkit::Style::Table, 500, 0);
    let start = std::time::Instant::now();
    let found = look(&bytes);
    println!("500 pages: {:?}, {} findings", start.elapsed(), found.len());
    assert!(found.iter().all(|found| found.finding.code == "preflight.font.standard"));
}
