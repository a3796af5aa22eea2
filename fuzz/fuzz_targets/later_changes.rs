//! Any bytes as an update of a signed PDF: as its objects, each with its number in the first byte and apart by 0xFF, and as they
//! are behind the file. Nothing panics, and the text of the page stays what it was where the changes are permitted.
#![no_main]

use inspection::{Judgement, allowed, judge, later_changes, page_texts};
use libfuzzer_sys::fuzz_target;
use pdf::Document;
use std::fmt::Write;
use types::{Budget, Limits, Resource};

const SIGNED: &[&str] = &[
    "<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R>>",
    "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 5 0 R/Resources<</Font<</F1 6 0 R>>>>\
     /Annots[7 0 R 8 0 R 11 0 R 12 0 R]>>",
    "<</Fields[7 0 R 8 0 R 11 0 R]/SigFlags 3/DR<</Font<</F1 6 0 R>>>>>>",
    "<</Length 32>>stream\nBT /F1 12 Tf (You owe 100) Tj ET\nendstream",
    "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    "<</Type/Annot/Subtype/Widget/FT/Sig/T(Sig1)/V 9 0 R/P 3 0 R/Rect[0 0 0 0]/F 132>>",
    "<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/V(Ada)/P 3 0 R/Rect[10 10 90 30]/F 4/AP<</N 10 0 R>>>>",
    "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 10 20 30]/Contents<00>>>",
    "<</Type/XObject/Subtype/Form/BBox[0 0 80 20]/Resources<</Font<</F1 6 0 R>>>>/Length 9>>stream\n(Ada) Tj \nendstream",
    "<</Type/Annot/Subtype/Widget/FT/Sig/T(Sig2)/P 3 0 R/Rect[100 100 200 150]/F 4>>",
    "<</Type/Annot/Subtype/Highlight/Rect[1 1 2 2]/QuadPoints[1 2 2 2 1 1 2 1]>>",
    "<</Producer(by hand)>>",
];

fn add(file: &mut Vec<u8>, objects: &[(u8, &[u8])], prev: Option<usize>) -> usize {
    let mut table = String::from(if prev.is_none() { "xref\n0 1\n0000000000 65535 f \n" } else { "xref\n" });
    for (number, object) in objects {
        writeln!(table, "{number} 1\n{:010} 00000 n ", file.len()).expect("text");
        file.extend(format!("{number} 0 obj\n").bytes());
        file.extend(*object);
        file.extend(b"\nendobj\n");
    }
    let at = file.len();
    let prev = prev.map_or(String::new(), |prev| format!("/Prev {prev}"));
    write!(table, "trailer\n<</Size 33{prev}/Root 1 0 R/Info 13 0 R>>\nstartxref\n{at}\n%%EOF\n").expect("text");
    file.extend(table.bytes());
    at
}

fn judged(file: &Vec<u8>) {
    let mut budget = Budget::new(Limits::STANDARD.with(Resource::Steps, 200_000).with(Resource::DecodedBytes, 1 << 22));
    let Ok(document) = Document::open(file, None, &mut budget) else { return };
    let later = later_changes(&document, 0, &mut budget);
    for permission in [None, Some(1), Some(2), Some(3)] {
        let judgement = judge(&later, &allowed(permission, &[]));
        if permission == Some(1) && matches!(judgement, Judgement::Permitted { .. } | Judgement::None) {
            let text = |revision, budget: &mut Budget| page_texts(document.as_of(revision), 9, budget).ok();
            let last = document.revisions().len().saturating_sub(1);
            let (before, after) = (text(0, &mut budget), text(last, &mut budget));
            assert!(before.is_none() || after.is_none() || before == after, "{before:?} {after:?}");
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let mut signed = b"%PDF-1.7\n".to_vec();
    let objects: Vec<(u8, &[u8])> = (1..).zip(SIGNED.iter().map(|object| object.as_bytes())).collect();
    let prev = add(&mut signed, &objects, None);
    judged(&[&signed, data].concat());
    let mut update: Vec<(u8, &[u8])> = data
        .split(|byte| *byte == 0xFF)
        .take(20)
        .filter_map(|part| part.split_first().map(|(number, object)| (number % 32 + 1, object)))
        .collect();
    update.sort_by_key(|(number, _)| *number);
    update.dedup_by_key(|(number, _)| *number);
    add(&mut signed, &update, Some(prev));
    judged(&signed);
});
