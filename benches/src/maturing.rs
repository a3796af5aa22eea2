//! Signatures made offline that mature against our own authority on loopback: by timestamps, by evidence records, killed at
//! random points, and against pyHanko.

use crate::machine;
use crate::material;
use crate::options::Options;
use crate::pyhanko::PyHanko;
use crate::rates;
use crate::row::{Goal, Reference, Row, Table, Unit};
use crate::service::{Answered, Place};
use anyhow::{Context as _, Result, ensure};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use undersign::cms::evidence_record::EvidenceRecord;
use undersign::types::Budget;

/// Measures.
pub fn run(options: &Options, table: &mut Table) -> Result<()> {
    table.section("Maturing: `sync` against our authority on loopback, both on the same cores (wall)");
    let folder = options.work_folder()?;
    let place = Place::make(folder.path())?;
    table.note(&machine::describe());
    rates::run(options, table, &place)?;
    let files = options.sized(10_000, 100);
    timestamps(table, &place, files)?;
    records(table, &place, files)?;
    for record in [false, true] {
        killed(table, &place, options.sized(400, 100), options.sized(50, 10), record)?;
    }
    peer(table, &place, options.sized(100, 10))
}

/// Signs copies of the document; they are in the queue then.
fn signed(place: &Place, name: &str, files: usize) -> Result<Vec<PathBuf>> {
    let (unsigned, out) = (format!("{name}-unsigned"), format!("{name}-signed"));
    std::fs::create_dir(place.file(&unsigned))?;
    let document = material::document_27_kb();
    for index in 0..files {
        std::fs::write(place.file(&unsigned).join(format!("{index:05}.pdf")), &document)?;
    }
    place.run(&["sign", "--accept", "--out-dir", &out, &unsigned], &[0])?;
    std::fs::remove_dir_all(place.file(&unsigned))?;
    place.files(&out, "pdf")
}

/// Takes the queue to its goals; how long that took, and how many requests.
fn synced(place: &Place, more: &[&str]) -> Result<(f64, Answered)> {
    let server = place.serve()?;
    let start = Instant::now();
    let tsa = place.url("/tsa");
    place.run(&[&["sync", "--quiet", "--tsa", &tsa][..], more].concat(), &[0])?;
    let taken = start.elapsed().as_secs_f64();
    Ok((taken, server.stop()?))
}

/// Takes all files out of the queue again.
fn drop_all(place: &Place) -> Result<()> {
    std::fs::remove_file(place.file("home/queue.jsonl")).context("there is no queue")
}

fn per_signature(table: &Table, what: &str, files: usize, (taken, answered): (f64, Answered)) {
    let row = |what: String, value: f64, unit: Unit| {
        table.row(&Row { what, value, unit, reference: None, goal: None });
    };
    let files = files as f64;
    row(format!("{what}, a signature"), taken * 1e3 / files, Unit::Milliseconds);
    row(format!("{what}, requests a signature"), answered.all() as f64 / files, Unit::Number);
    table.note(&format!(
        "{taken:.1} s in all; {} time-stamps, {} OCSP answers, {} files asked for",
        answered.timestamps, answered.ocsp, answered.others
    ));
}

fn timestamps(table: &Table, place: &Place, files: usize) -> Result<()> {
    let all = signed(place, "stamped", files)?;
    let went = synced(place, &[])?;
    per_signature(table, &format!("{files} files, B-B to B-LTA"), files, went);
    sample(place, &all)?;
    drop_all(place)
}

fn records(table: &Table, place: &Place, files: usize) -> Result<()> {
    let all = signed(place, "recorded", files)?;
    // First to B-LT: that takes one time-stamp; then on to the archive, which takes another.
    drop_all(place)?;
    place.run(&["pending", "--add", "recorded-signed", "--level", "LT"], &[3, 4])?;
    let went = synced(place, &["--evidence-record"])?;
    per_signature(table, &format!("{files} files, evidence records"), files, went);
    ensure!(went.1.timestamps == 1, "{} time-stamps instead of one", went.1.timestamps);
    place.run(&["pending", "--add", "recorded-signed"], &[3, 4])?;
    let went = synced(place, &["--evidence-record"])?;
    per_signature(table, &format!("{files} files, records over all of that"), files, went);
    ensure!(went.1.timestamps == 1, "{} time-stamps instead of one", went.1.timestamps);
    sample(place, &all)?;
    drop_all(place)
}

/// Our verifier passes some of them.
fn sample(place: &Place, files: &[PathBuf]) -> Result<()> {
    let step = (files.len() / 20).max(1);
    for file in files.iter().step_by(step) {
        let name = file.to_string_lossy().into_owned();
        let output = place.run(&["verify", "--json", "--trust", "root.pem", &name], &[0])?;
        let report: serde_json::Value = serde_json::from_slice(&output.stdout)?;
        let reached = report["signatures"][0]["level"] == "B-LTA"
            || report["signatures"].as_array().is_some_and(|rows| {
                rows.iter().any(|row| row["kind"] == "evidence-record" && row["coverage"] == "whole-file")
            });
        ensure!(reached, "{name} has not reached the archive");
    }
    Ok(())
}

/// Kills `sync` at random points and starts it again until nothing is left; every file then has exactly one of each timestamp.
fn killed(table: &Table, place: &Place, files: usize, kills: u32, record: bool) -> Result<()> {
    let name = if record { "killed-records" } else { "killed" };
    let all = signed(place, name, files)?;
    let server = place.serve()?;
    let tsa = place.url("/tsa");
    let mut words = vec!["sync", "--quiet", "--tsa", &tsa];
    if record {
        words.push("--evidence-record");
    }
    // By itself it takes about this long; after each kill it looks at all files again.
    let whole = Duration::from_micros(files as u64 * if record { 1500 } else { 4000 });
    let mut hit = 0;
    for kill in 0..kills {
        let mut child = place.command(&words).stdout(std::process::Stdio::null()).spawn()?;
        std::thread::sleep(whole.mul_f64(random()? * 1.2 / f64::from(kills).sqrt()));
        // What ended before was not killed.
        hit += u32::from(child.try_wait()?.is_none());
        child.kill()?;
        child.wait()?;
        if kill + 1 == kills {
            place.run(&words, &[0])?;
        }
    }
    drop(server);
    for file in &all {
        if record { counted_records(file)? } else { counted(file)? }
    }
    sample(place, &all)?;
    let left: Vec<String> = std::fs::read_dir(all[0].parent().context("a folder")?)?
        .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
        .filter(|name| !name.ends_with(".pdf") && !name.ends_with(".ers"))
        .collect();
    ensure!(left.is_empty(), "left behind: {left:?}");
    table.row(&Row {
        what: format!("{files} files{}, killed while at work", if record { ", records" } else { "" }),
        value: f64::from(hit),
        unit: Unit::Number,
        reference: None,
        goal: None,
    });
    drop_all(place)
}

/// From 0 to 1, by the system's randomness.
fn random() -> Result<f64> {
    use std::hash::{BuildHasher, Hasher};
    let drawn = std::collections::hash_map::RandomState::new().build_hasher().finish();
    Ok((drawn >> 11) as f64 / (1_u64 << 53) as f64)
}

/// A file has the two document timestamps of B-LTA.
fn counted(file: &Path) -> Result<()> {
    let bytes = std::fs::read(file)?;
    let wanted = b"/ETSI.RFC3161";
    let stamps = bytes.windows(wanted.len()).filter(|window| window == wanted).count();
    ensure!(stamps == 2, "{} has {stamps} document timestamps", file.display());
    Ok(())
}

/// A file has the two records of an archive, the first renewed by the timestamp of the second.
fn counted_records(file: &Path) -> Result<()> {
    let mut name = file.as_os_str().to_owned();
    for (end, expected) in [(".ers", 2), (".2.ers", 1)] {
        let mut record = name.clone();
        record.push(end);
        let bytes = std::fs::read(&record)?;
        let read = EvidenceRecord::parse(&bytes, &mut Budget::default())?;
        let stamps = read.timestamps().count();
        ensure!(stamps == expected, "{} has {stamps} timestamps", record.display());
    }
    name.push(".3.ers");
    ensure!(!Path::new(&name).exists(), "{} is one too many", name.display());
    Ok(())
}

/// The same way by pyHanko, one file after the other in a process that is warm; ours in turn.
fn peer(table: &Table, place: &Place, files: usize) -> Result<()> {
    let Some(mut peer) = PyHanko::start(&place.file(""))? else {
        table.note("pyHanko is not installed: its row is absent (`cargo xtask peers`)");
        return Ok(());
    };
    let theirs = signed(place, "theirs", files)?;
    drop_all(place)?;
    let ours = signed(place, "ours", files)?;
    let server = place.serve()?;
    let (tsa, trust) = (place.url("/tsa"), place.file("root.pem"));
    peer.mature(theirs.get(..1).context("a file")?, &tsa, &trust)?;
    let rest = theirs.get(1..).unwrap_or_default();
    let their_time = peer.mature(rest, &tsa, &trust)? / rest.len() as f64;
    let start = Instant::now();
    place.run(&["sync", "--quiet", "--tsa", &tsa], &[0])?;
    let our_time = start.elapsed().as_secs_f64() / files as f64;
    drop(server);
    // Both are where they should be, by our verifier.
    sample(place, &ours)?;
    sample(place, &theirs)?;
    table.row(&Row {
        what: format!("{files} files, B-B to B-LTA, a file"),
        value: our_time * 1e3,
        unit: Unit::Milliseconds,
        reference: Some(Reference {
            what: "pyHanko API, warm",
            value: their_time * 1e3,
            ratio: their_time / our_time,
        }),
        goal: Some(Goal::RatioAtLeast(20.0)),
    });
    drop_all(place)
}
