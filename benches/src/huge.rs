//! A document of 1 GB: time in that of `openssl dgst` and `cp`, peak memory.

use crate::child::{self, Usage};
use crate::command_line::{Derivation, Home};
use crate::measure::median;
use crate::options::Options;
use crate::row::{Goal, Reference, Row, Table, Unit};
use anyhow::Result;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

/// Measures in memory, where no device plays a part, and on the disk, where both sides flush.
pub fn run(options: &Options, table: &mut Table) -> Result<()> {
    table.section("1 GB, command line (wall)");
    let len = options.sized(1_000_000_000, 50_000_000);
    if let Ok(memory) = tempfile::tempdir_in("/dev/shm") {
        table.note("files in memory (tmpfs)");
        measure(options, table, memory.path(), len)?;
    }
    table.note("files on the disk; cp is followed by sync, as signing flushes what it wrote");
    measure(options, table, options.work_folder()?.path(), len)
}

/// Several runs of one command.
#[derive(Default)]
struct Runs(Vec<Usage>);

impl Runs {
    fn wall(&self) -> f64 {
        median(self.0.iter().map(|usage| usage.wall).collect())
    }

    fn peak(&self) -> f64 {
        self.0.iter().map(|usage| usage.peak as f64).fold(0.0, f64::max) / 1e6
    }
}

fn measure(options: &Options, table: &Table, folder: &Path, len: u64) -> Result<()> {
    let home = Home::make(folder, Derivation::Usual)?;
    let [unsigned, small, signed, copy] = ["a.pdf", "s.pdf", "b.pdf", "c.pdf"].map(|name| home.place(name));
    testkit::huge_document(&mut BufWriter::new(File::create(&unsigned)?), len)?;
    testkit::huge_document(&mut BufWriter::new(File::create(&small)?), 1000)?;
    let mut runs: [Runs; 5] = Default::default();
    for _ in 0..options.sized(5, 2) {
        let [sign, verify, digest, copied, little] = &mut runs;
        little.0.push(home.sign(&[&small, "-o", &signed])?);
        sign.0.push(home.sign(&[&unsigned, "-o", &signed])?);
        verify.0.push(home.verify(&[&signed])?);
        digest.0.push(child::measured(&["openssl", "dgst", "-sha256", &unsigned], &[0])?);
        copied.0.push(child::measured(&["sh", "-c", &format!("cp {unsigned} {copy} && sync {copy}")], &[0])?);
        std::fs::remove_file(&copy)?;
    }
    let [sign, verify, digest, copied, little] = &runs;
    compare(table, "verify", verify.wall(), "openssl dgst -sha256", digest.wall());
    let both = digest.wall() + copied.wall();
    compare(table, "sign", sign.wall(), "openssl dgst -sha256, then cp", both);
    let beyond = sign.wall() - little.wall();
    compare(table, "sign, beyond a small file's time", beyond, "openssl dgst -sha256, then cp", both);
    memory(table, "verify, peak memory", verify.peak());
    memory(table, "sign, peak memory", sign.peak());
    Ok(())
}

fn compare(table: &Table, what: &str, value: f64, reference: &'static str, floor: f64) {
    table.row(&Row {
        what: what.to_owned(),
        value,
        unit: Unit::Seconds,
        reference: Some(Reference { what: reference, value: floor, ratio: value / floor }),
        goal: Some(Goal::RatioAtMost(1.5)),
    });
}

fn memory(table: &Table, what: &str, value: f64) {
    table.row(&Row {
        what: what.to_owned(),
        value,
        unit: Unit::Megabytes,
        reference: None,
        goal: Some(Goal::AtMost(64.0)),
    });
}
