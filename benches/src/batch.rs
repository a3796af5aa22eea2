//! A batch of 10,000 files on one core and on two.

use crate::command_line::{Derivation, Home};
use crate::material;
use crate::measure::median;
use crate::options::Options;
use crate::row::{Goal, Reference, Row, Table, Unit};
use anyhow::Result;
use std::path::Path;

/// Measures in memory, where no device plays a part, and on the disk.
pub fn run(options: &Options, table: &mut Table) -> Result<()> {
    table.section("Batch, 10,000 files of 27 KB, command line (wall)");
    if let Ok(memory) = tempfile::tempdir_in("/dev/shm") {
        table.note("files in memory (tmpfs)");
        measure(options, table, memory.path(), options.sized(3, 1))?;
    }
    table.note("files on the disk; each signed file is flushed");
    measure(options, table, options.work_folder()?.path(), 1)
}

fn measure(options: &Options, table: &Table, folder: &Path, rounds: usize) -> Result<()> {
    let home = Home::make(folder, Derivation::Least)?;
    let files = options.sized(10_000, 200);
    let (unsigned, signed) = (home.place("unsigned"), home.place("signed"));
    std::fs::create_dir(&unsigned)?;
    let document = material::document_27_kb();
    for index in 0..files {
        std::fs::write(Path::new(&unsigned).join(format!("{index:05}.pdf")), &document)?;
    }
    let mut times: [Vec<f64>; 4] = Default::default();
    for _ in 0..rounds {
        for (place, jobs) in [(0, "1"), (1, "2")] {
            if Path::new(&signed).exists() {
                std::fs::remove_dir_all(&signed)?;
            }
            times[place].push(home.sign(&["--jobs", jobs, "--out-dir", &signed, &unsigned])?.wall);
            times[place + 2].push(home.verify(&["--jobs", jobs, &signed])?.wall);
        }
    }
    let [sign_one, sign_two, verify_one, verify_two] = times;
    compare(table, "sign, two cores", sign_one, sign_two);
    compare(table, "verify, two cores", verify_one, verify_two);
    Ok(())
}

fn compare(table: &Table, what: &str, one: Vec<f64>, two: Vec<f64>) {
    let ratio = median(one.iter().zip(&two).map(|(one, two)| one / two).collect());
    table.row(&Row {
        what: what.to_owned(),
        value: median(two),
        unit: Unit::Seconds,
        reference: Some(Reference { what: "one core", value: median(one), ratio }),
        goal: Some(Goal::RatioAtLeast(1.7)),
    });
}
