//! `undersign sync --evidence-record`: one timestamp for many files, a record beside each, renewed by time and by hash; what
//! is wrong with a record is told and proves nothing.

mod bench;
mod services;

use bench::{Bench, Output};
use cms::evidence_record::EvidenceRecord;
use serde_json::Value;
use services::{Services, TIMESTAMPS, now};
use testkit::authority::{CrlMade, der};
use undersign::Budget;

/// Signs copies of the contract, `c0.pdf` and so on in `out`.
fn signed(bench: &Bench, number: usize) -> Vec<String> {
    let names: Vec<String> = (0..number).map(|number| format!("c{number}.pdf")).collect();
    names.iter().for_each(|name| bench.write(name, &bench.read("contract.pdf")));
    let list: Vec<&str> = names.iter().map(String::as_str).collect();
    let sign = ["sign", "--out-dir", "out", "--accept", "--passphrase-file", "pass.txt"];
    let output = bench.run(&[&sign[..], &list].concat());
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    names.into_iter().map(|name| format!("out/{name}")).collect()
}

fn sync(bench: &Bench, services: &Services, more: &[&str]) -> Output {
    let url = services.url("/tsa");
    let fixed = ["sync", "--evidence-record", "--attempts", "1", "--json", "--tsa", &url];
    bench.run(&[&fixed[..], more].concat())
}

fn report(bench: &Bench, more: &[&str]) -> (i32, Value) {
    let output = bench.run(&[&["verify", "--json"], more].concat());
    (output.code, serde_json::from_str(&output.stdout).unwrap_or_else(|_| panic!("{}", output.stderr)))
}

/// Whether everything in a file passes, and what its rows are.
fn kinds(bench: &Bench, file: &str) -> Vec<String> {
    let (code, report) = report(bench, &[file]);
    assert_eq!(code, 0, "{report}");
    let rows = report["signatures"].as_array().expect("a list");
    rows.iter()
        .map(|row| {
            assert_eq!(row["indication"], "TOTAL-PASSED", "{row}");
            format!(
                "{} {}",
                row["kind"].as_str().unwrap_or_default(),
                row["coverage"].as_str().unwrap_or_default()
            )
        })
        .collect()
}

fn timestamps(bench: &Bench, record: &str) -> Vec<usize> {
    let bytes = bench.read(record);
    let record = EvidenceRecord::parse(&bytes, &mut Budget::default()).expect("it is a record");
    record.chains.iter().map(|chain| chain.timestamps.len()).collect()
}

/// A record whose tree has 300,000 hash values, with the timestamp of another.
fn giant(record: &[u8]) -> Vec<u8> {
    let record = EvidenceRecord::parse(record, &mut Budget::default()).expect("it is a record");
    let stamp = &record.chains[0].timestamps[0];
    let algorithm = der::sequence(&[vec![6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1]]);
    let value = |number: u32| der::value(4, &[&number.to_be_bytes()[..], &[7; 28]].concat());
    let lists: Vec<Vec<u8>> = (0..3000)
        .map(|list| der::sequence(&(0..100).map(|one| value(list * 100 + one)).collect::<Vec<_>>()))
        .collect();
    let stamp = der::sequence(&[der::value(0xa2, &lists.concat()), stamp.timestamp.bytes.to_vec()]);
    let chains = der::sequence(&[der::sequence(&[stamp])]);
    der::sequence(&[vec![2, 1, 1], der::sequence(&[algorithm]), chains])
}

#[test]
fn one_timestamp_serves_all_files_of_a_stage() {
    let services = Services::new();
    let bench = services.bench();
    let files = signed(&bench, 5);
    for file in &files {
        bench.run(&["pending", "--add", file, "--level", "LT"]);
    }
    let before: Vec<Vec<u8>> = files.iter().map(|file| bench.read(file)).collect();
    let output = sync(&bench, &services, &[]);
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    assert_eq!(services.asked(TIMESTAMPS), 1, "one for five files");
    for (file, before) in files.iter().zip(&before) {
        // What was told is in the file; the record is over what was there before.
        assert!(bench.read(file).starts_with(before) && bench.read(file).len() > before.len());
        assert_eq!(kinds(&bench, file), ["signature whole-revision", "evidence-record whole-revision"]);
        assert_eq!(timestamps(&bench, &format!("{file}.ers")), [1]);
        bench.run(&["pending", "--add", file]);
    }
    assert_eq!(bench.run(&["sync", "--evidence-record"]).code, 3, "nobody is asked, nothing is lost");
    let pending = bench.run(&["pending"]).stdout;
    assert!(pending.contains("c0.pdf: long-term\n  by c0.pdf.ers\n  needs a timestamp"), "{pending}");
    let output = sync(&bench, &services, &[]);
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    assert_eq!(services.asked(TIMESTAMPS), 2, "and one to archive them");
    for file in &files {
        let rows = kinds(&bench, file);
        assert_eq!(rows[1..], ["evidence-record whole-revision", "evidence-record whole-file"]);
        assert_eq!(timestamps(&bench, &format!("{file}.ers")), [2]);
        assert_eq!(timestamps(&bench, &format!("{file}.2.ers")), [1]);
    }
    // Long after the certificate of the signer has ended, the record says that the signature is older.
    let (code, later) = report(&bench, &[&files[0], "--at", "2047-01-01T00:00:00Z"]);
    assert_eq!((code, &later["signatures"][0]["indication"]), (0, &"TOTAL-PASSED".into()), "{later}");
    bench.write("alone.pdf", &bench.read(&files[0]));
    let (code, later) = report(&bench, &["alone.pdf", "--at", "2047-01-01T00:00:00Z"]);
    assert_eq!((code, &later["signatures"][0]["indication"]), (3, &"INDETERMINATE".into()), "{later}");
    // The evidence without the file and its records gives the same verdict.
    assert_eq!(bench.run(&["verify", &files[0], "--save-evidence", "evidence.json"]).code, 0);
    let replayed = bench.run(&["replay", "evidence.json"]);
    assert_eq!(replayed.code, 0, "{}{}", replayed.stdout, replayed.stderr);
    assert!(replayed.stdout.contains("evidence record in file \"c0.pdf.2.ers\""), "{}", replayed.stdout);
    assert_eq!(sync(&bench, &services, &[]).code, 0);
    assert_eq!(bench.run(&["sync"]).code, 0);
    assert_eq!(services.asked(TIMESTAMPS), 2, "nothing is left to do");
}

#[test]
fn records_are_renewed_by_time_and_by_hash_and_many_by_one_timestamp() {
    let services = Services::new();
    let bench = services.bench();
    let files = signed(&bench, 3);
    assert_eq!(sync(&bench, &services, &[]).code, 0);
    assert_eq!(services.asked(TIMESTAMPS), 2);
    let output = sync(&bench, &services, &["--record-digest", "SHA-512"]);
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    assert_eq!(services.asked(TIMESTAMPS), 3, "one for six records");
    for file in &files {
        assert_eq!(timestamps(&bench, &format!("{file}.ers")), [2, 1]);
        assert_eq!(timestamps(&bench, &format!("{file}.2.ers")), [1, 1]);
        kinds(&bench, file);
    }
    assert_eq!(sync(&bench, &services, &["--record-digest", "SHA-512"]).code, 0);
    assert_eq!(services.asked(TIMESTAMPS), 3, "by that digest already");
    // The certificate of the authority ends within these days, and so does that of its next timestamp. Where its status was
    // told in an earlier second than its last timestamp, the files get it anew, and a record over that by a digest of its own.
    let output = bench.run(&["sync", "--renew-within", "20000", "--tsa", &services.url("/tsa")]);
    let is_told_anew = |file: &String| bench.path(&format!("{file}.3.ers")).exists();
    let asked = if files.iter().any(is_told_anew) { 5 } else { 4 };
    assert_eq!(services.asked(TIMESTAMPS), asked, "{}{}", output.stdout, output.stderr);
    for file in &files {
        assert_eq!(timestamps(&bench, &format!("{file}.ers")), [2, 2]);
        kinds(&bench, file);
    }
}

#[test]
fn without_an_authority_everything_stays_as_it_is() {
    let services = Services::new();
    let bench = services.bench();
    let files = signed(&bench, 2);
    let before: Vec<Vec<u8>> = files.iter().map(|file| bench.read(file)).collect();
    for url in [services.url("/broken"), services.url("/nowhere"), "http://127.0.0.1:1/".to_owned()] {
        let output = bench.run(&["sync", "--evidence-record", "--attempts", "1", "--tsa", &url]);
        assert_eq!(output.code, 3, "{}{}", output.stdout, output.stderr);
    }
    for (file, before) in files.iter().zip(before) {
        assert!(bench.read(file) == before);
        assert!(!bench.path(&format!("{file}.ers")).exists());
    }
    assert_eq!(sync(&bench, &services, &[]).code, 0);
}

#[test]
fn what_is_no_pdf_stays_untouched_under_its_record() {
    let services = Services::new();
    let bench = services.bench();
    bench.write("letter.txt", b"Dear all\n");
    let sign = ["sign", "letter.txt", "--format", "cades", "--accept", "--passphrase-file", "pass.txt"];
    assert_eq!(bench.run(&sign).code, 0);
    let before = bench.read("letter.txt.p7s");
    let output = sync(&bench, &services, &[]);
    assert_eq!(output.code, 3, "{}{}", output.stdout, output.stderr);
    assert!(output.stdout.contains("augment.sealed"), "{}", output.stdout);
    assert!(bench.read("letter.txt.p7s") == before);
    // Whoever kept what was told proves with it that the record is good, and by the record when the signature existed.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let list = CrlMade::new(&services.root, &now(), "2050-01-01").sign(&services.root);
    bench.write("list.crl", &list);
    let (code, report) = report(&bench, &["letter.txt.p7s", "--revocation", "list.crl"]);
    assert_eq!(code, 0, "{report}");
    assert_eq!(report["signatures"][0]["signingTime"]["proven"], true, "{report}");
    assert_eq!(report["signatures"][1]["coverage"], "whole-file");
    // Neither does anything else break it later.
    assert_eq!(bench.run(&["sync", "--tsa", &services.url("/tsa")]).code, 3);
    assert!(bench.read("letter.txt.p7s") == before);
}

#[test]
fn a_record_that_proves_nothing_about_the_file_is_never_passed_over() {
    let services = Services::new();
    let bench = services.bench();
    let files = signed(&bench, 3);
    assert_eq!(sync(&bench, &services, &[]).code, 0);
    let other = bench.read("out/c1.pdf.ers");
    let findings = |record: &[u8]| {
        bench.write("other.ers", record);
        let (code, report) = report(&bench, &["contract.signed.pdf", "--evidence-record", "other.ers"]);
        assert_eq!(code, 1, "{report}");
        let row = report["signatures"].as_array().and_then(|rows| rows.last().cloned()).expect("a row");
        assert_eq!((&row["kind"], &row["field"]), (&"evidence-record".into(), &"other.ers".into()));
        assert_eq!(row["indication"], "TOTAL-FAILED", "{row}");
        assert_eq!(report["signatures"][0]["signingTime"]["notAfter"], Value::Null, "{report}");
        row["subIndication"].as_str().unwrap_or_default().to_owned()
    };
    bench.sign("contract.pdf", "contract.signed.pdf", &["--no-queue"]);
    assert_eq!(findings(&other), "HASH_FAILURE");
    assert_eq!(findings(&other[..other.len() / 2]), "FORMAT_FAILURE");
    assert_eq!(findings(b""), "FORMAT_FAILURE");
    assert_eq!(findings(b"<a/>"), "FORMAT_FAILURE");
    assert_eq!(findings(&bench.read(&files[0])), "FORMAT_FAILURE");
    assert_eq!(findings(&giant(&other)), "HASH_FAILURE");
    // One record for several files is a slip.
    let several = [&files[0][..], &files[1], "--evidence-record", "other.ers"];
    assert_eq!(bench.run(&[&["verify"][..], &several].concat()).code, 2);
    // Beside the file it is found by itself, and so is a change of what it is over.
    let mut changed = bench.read(&files[2]);
    let end = changed.len() - 40;
    changed[end] ^= 1;
    bench.write(&files[2], &changed);
    assert_ne!(bench.run(&["verify", &files[2]]).code, 0);
}
