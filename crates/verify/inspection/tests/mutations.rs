//! Damaged files never make the analysis panic.

mod revisions;

use pdf::Document;
use revisions::{File, NEW_SIGNATURE, SIGNED};
use types::{Budget, Limits, Resource};
use undersign_inspection::{History, allowed, judge};

/// A file with several updates, one of them an attack.
fn attacked() -> Vec<u8> {
    let page = SIGNED[2].1.replace("14 0 R]", "14 0 R 20 0 R]");
    File::signed(&[])
        .update(&[
            (3, &page),
            (4, "<</Fields[7 0 R 8 0 R 11 0 R 20 0 R]/SigFlags 3/DR<</Font<</F1 6 0 R>>>>>>"),
            (20, "<</Type/Annot/Subtype/Widget/FT/Sig/T(Third)/V 21 0 R/P 3 0 R/Rect[0 0 0 0]/F 132>>"),
            (21, NEW_SIGNATURE),
        ])
        .update(&[
            (1, "<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R/DSS<</Certs[22 0 R]>>/StructTreeRoot<</K[]>>>>"),
            (22, "<</Length 3>>stream\nder\nendstream"),
        ])
        .bytes
}

#[test]
fn no_damaged_byte_makes_the_analysis_panic() {
    let original = attacked();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..4000 {
        let mut bytes = original.clone();
        for _ in 0..3 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let at = (state >> 16) as usize % bytes.len();
            bytes[at] = b" 0123456789<>[]/R()\n"[(state & 15) as usize + 3];
        }
        let mut budget = Budget::new(Limits::STANDARD.with(Resource::Steps, 200_000));
        if let Ok(document) = Document::open(&bytes, None, &mut budget) {
            let history = History::analyse(&document, 0, &mut budget);
            for revision in 0..document.revisions().len() {
                let _ = judge(&history.after(revision), &allowed(None, &[]));
            }
        }
    }
}
