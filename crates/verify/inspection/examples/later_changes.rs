//! Prints what came after each signature of a PDF: `cargo run -p undersign-inspection --example later_changes -- FILE…`.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "an example reads files and prints")]

use pdf::Document;
use types::Budget;
use undersign_inspection::{History, Permissions, judge};

fn main() {
    for file in std::env::args().skip(1) {
        println!("{file}");
        let bytes = std::fs::read(&file).expect("a readable file");
        let mut budget = Budget::default();
        let document = match Document::open(&bytes, None, &mut budget) {
            Ok(document) => document,
            Err(error) => {
                println!("  refused: {error}");
                continue;
            }
        };
        let signatures = document.signatures(&mut budget).expect("a readable form");
        let signed: Vec<_> =
            signatures.fields.iter().filter_map(|field| Some((&field.name, field.value.as_ref()?))).collect();
        let first = signed.iter().map(|(_, value)| value.revision).min().unwrap_or(0);
        let history = History::analyse(&document, first, &mut budget);
        for revision in history.after(first).revisions {
            println!("  revision {}: {}", revision.revision, revision.level.as_str());
            for change in &revision.objects {
                let rule = change.cleared_by.map_or("NOT CLEARED", |rule| rule.name);
                println!(
                    "    {} {:?} page {:?} [{rule}] {}",
                    change.id, change.kind, change.page, change.what
                );
            }
            println!("    fields {:?}", revision.fields);
            for finding in &revision.findings {
                println!("    {} {:?}: {}", finding.code, finding.severity, finding.message);
            }
        }
        for (name, value) in signed {
            let judgement = judge(&history.after(value.revision), &Permissions::after(&signatures, value));
            println!("  {name} (revision {}): {judgement:?}", value.revision);
        }
    }
}
