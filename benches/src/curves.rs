//! How time and memory grow with objects, pages, signatures and revisions: no more than linear.

use crate::command_line::{Derivation, Home};
use crate::material::{self, Party};
use crate::measure::{median, processor_time};
use crate::options::Options;
use crate::row::{Goal, Reference, Row, Table, Unit};
use anyhow::{Context as _, Result};
use std::fmt::Write as _;
use testkit::{Style, document};

/// Measures.
pub fn run(options: &Options, table: &mut Table) -> Result<()> {
    table.section(
        "Growth (processor time, peak memory; 1 × the step before at this size is linear, up to 1.3 × noise)",
    );
    serial_signatures(options, table)?;
    revisions(options, table)?;
    for style in [Style::Table, Style::Stream] {
        objects(options, table, style)?;
    }
    Ok(())
}

/// A value that grew with a size.
pub struct Step {
    /// The size.
    pub size: usize,
    /// The value.
    pub value: f64,
}

/// Shows each step beside what the one before makes expect.
pub fn grown(table: &Table, what: &str, steps: &[Step], unit: Unit) {
    for (index, step) in steps.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|index| steps.get(index));
        table.row(&Row {
            what: format!("{what}, {}", step.size),
            value: step.value,
            unit,
            reference: before.map(|before| Reference {
                what: "the step before, at this size",
                value: before.value * step.size as f64 / before.size as f64,
                ratio: step.value * before.size as f64 / (before.value * step.size as f64),
            }),
            goal: before.map(|_| Goal::RatioAtMost(1.3)),
        });
    }
}

/// Files of so many objects, two for each page, by the command line: processor time and peak memory.
fn objects(options: &Options, table: &Table, style: Style) -> Result<()> {
    let folder = options.work_folder()?;
    let home = Home::make(folder.path(), Derivation::Least)?;
    let (unsigned, signed) = (home.place("a.pdf"), home.place("b.pdf"));
    let mut found: [Vec<Step>; 4] = Default::default();
    for size in options.sized([10_000, 100_000, 200_000, 1_000_000].as_slice(), &[1_000, 10_000]) {
        std::fs::write(&unsigned, document(style, size / 2, 0))?;
        let (mut sign, mut verify) = (Vec::new(), Vec::new());
        for _ in 0..options.sized(5, 1) {
            // Half a million pages are more than the look before signing takes; who signs has to accept that.
            let accepted: &[&str] =
                if *size >= 1_000_000 { &["--accept-finding", "preflight.incomplete"] } else { &[] };
            sign.push(home.sign(&[&[unsigned.as_str(), "-o", &signed], accepted].concat())?);
            verify.push(home.verify(&[&signed])?);
        }
        for (place, runs) in [(0, &sign), (2, &verify)] {
            let processor = median(runs.iter().map(|usage| usage.processor * 1e3).collect());
            let peak = runs.iter().map(|usage| usage.peak as f64 / 1e6).fold(0.0, f64::max);
            found[place].push(Step { size: *size, value: processor });
            found[place + 1].push(Step { size: *size, value: peak });
        }
    }
    let [sign, sign_peak, verify, verify_peak] = &found;
    grown(table, &format!("sign, objects ({style:?})"), sign, Unit::Milliseconds);
    grown(table, &format!("sign, objects ({style:?}), peak"), sign_peak, Unit::Megabytes);
    grown(table, &format!("verify, objects ({style:?})"), verify, Unit::Milliseconds);
    grown(table, &format!("verify, objects ({style:?}), peak"), verify_peak, Unit::Megabytes);
    Ok(())
}

fn verify_time(file: &dyn types::Source, party: &Party, rounds: usize) -> Result<f64> {
    let trust = party.trust(100);
    let mut times = Vec::new();
    for _ in 0..rounds {
        let start = processor_time();
        material::verify(file, &trust)?;
        times.push((processor_time() - start) * 1e3);
    }
    Ok(median(times))
}

/// Signatures one after the other on a one-page document, verified in memory.
fn serial_signatures(options: &Options, table: &Table) -> Result<()> {
    let party = Party::alone();
    let mut file = document(Style::Table, 1, 0);
    let mut steps = Vec::new();
    let sizes = options.sized([1, 10, 50, 100, 250, 500].as_slice(), &[1, 10]);
    let mut done = 0;
    for &size in sizes {
        while done < size {
            done += 1;
            file = party.signed(file, &format!("Signature{done}"))?;
        }
        steps.push(Step { size, value: verify_time(&file, &party, options.sized(5, 1))? });
    }
    grown(table, "verify, serial signatures", &steps, Unit::Milliseconds);
    Ok(())
}

/// Revisions after one signature, each replacing the document information, verified in memory.
fn revisions(options: &Options, table: &Table) -> Result<()> {
    let party = Party::alone();
    let mut steps = Vec::new();
    for &size in options.sized([10, 100, 1_000, 5_000].as_slice(), &[10]) {
        let mut file = party.signed(document(Style::Table, 1, 0), "Signature1")?;
        for revision in 0..size {
            append_revision(&mut file, revision)?;
        }
        steps.push(Step { size, value: verify_time(&file, &party, options.sized(5, 1))? });
    }
    grown(table, "verify, revisions", &steps, Unit::Milliseconds);
    Ok(())
}

fn append_revision(file: &mut Vec<u8>, revision: usize) -> Result<()> {
    let end = file.get(file.len().saturating_sub(40)..).map(String::from_utf8_lossy).unwrap_or_default();
    let previous = end.split("startxref").nth(1).context("there is no startxref")?;
    let previous: usize = previous.trim().trim_end_matches("%%EOF").trim().parse()?;
    let object = file.len();
    file.extend(format!("900 0 obj\n<< /Title (Revision {revision}) >>\nendobj\n").bytes());
    let table = file.len();
    let mut text = format!("xref\n900 1\n{object:010} 00000 n \ntrailer\n");
    write!(text, "<< /Size 901 /Root 1 0 R /Info 900 0 R /Prev {previous} >>\nstartxref\n{table}\n%%EOF\n")?;
    file.extend(text.bytes());
    Ok(())
}
