//! Evidence saved by `verify` and judged by `replay`: the same report and exit code, other documents and damage noticed.

mod bench;

use bench::Bench;
use serde_json::Value;

const AT: &str = "2026-12-01T00:00:00Z";

fn bench() -> Bench {
    let bench = Bench::new();
    bench.init();
    bench.sign("contract.pdf", "signed.pdf", &["--field", "Seller"]);
    bench.sign("signed.pdf", "both.pdf", &["--field", "Buyer"]);
    bench
}

/// The report without what only one of the two commands adds.
fn report(line: &str) -> Value {
    let mut value: Value = serde_json::from_str(line).expect("it is JSON");
    let object = value.as_object_mut().expect("it is an object");
    object.remove("file");
    object.remove("evidence");
    value
}

#[test]
fn a_replay_reports_what_the_verification_did() {
    let bench = bench();
    for policy in ["etsi-default", "personal"] {
        let rules = ["--json", "--at", AT, "--policy", policy];
        let saving = ["verify", "both.pdf", "--save-evidence", "both.evidence.json", "--force"];
        let live = bench.run(&[&saving[..], &rules].concat());
        let replayed = bench.run(&[&["replay", "both.evidence.json"][..], &rules].concat());
        assert_eq!(report(&live.stdout), report(&replayed.stdout), "{}", replayed.stderr);
        assert_eq!(live.code, replayed.code);
        let value: Value = serde_json::from_str(&replayed.stdout).expect("it is JSON");
        assert_eq!(value["evidence"]["document"], "not-checked");
        assert_eq!(value["evidence"]["file"], "both.pdf");
    }
}

#[test]
fn a_replay_says_whose_word_it_rests_on() {
    let bench = bench();
    bench.run(&["verify", "signed.pdf", "--save-evidence", "e.json"]);
    let output = bench.run(&["replay", "e.json"]);
    assert!(output.stdout.contains("from evidence collected by undersign "), "{}", output.stdout);
    assert!(output.stdout.contains("the document was not looked at again"), "{}", output.stdout);
    let same = bench.run(&["replay", "e.json", "--document", "signed.pdf"]);
    assert!(same.stdout.contains("the document is the one that the evidence is about"), "{}", same.stdout);
    let other = bench.run(&["replay", "e.json", "--document", "both.pdf"]);
    assert_eq!((other.code, other.stdout.as_str()), (1, ""));
    assert!(other.stderr.contains("is not the document"), "{}", other.stderr);
}

#[test]
fn damage_is_an_error_with_its_place() {
    let bench = bench();
    bench.run(&["verify", "signed.pdf", "--save-evidence", "e.json"]);
    let text = String::from_utf8(bench.read("e.json")).expect("it is text");
    bench.write("damaged.json", text.replace("Seller", "Sellar").as_bytes());
    let output = bench.run(&["replay", "damaged.json"]);
    assert_eq!(output.code, 4);
    assert!(output.stderr.contains("sha256: not the digest"), "{}", output.stderr);
    let again = bench.run(&["verify", "signed.pdf", "--save-evidence", "e.json"]);
    assert_eq!(again.code, 4, "an existing file is kept");
    assert_eq!(bench.read("e.json"), text.as_bytes());
}

#[test]
fn the_evidence_of_several_files_goes_to_a_folder() {
    let bench = bench();
    let files = ["verify", "signed.pdf", "both.pdf", "--save-evidence"];
    assert_eq!(bench.run(&[&files[..], &["e.json"]].concat()).code, 2);
    std::fs::create_dir(bench.path("evidence")).expect("a folder can be made");
    bench.run(&[&files[..], &["evidence"]].concat());
    let replayed = bench.run(&["replay", "--json", "evidence"]);
    assert_eq!(replayed.stdout.lines().count(), 2);
    assert!(bench.path("evidence/both.pdf.evidence.json").is_file());
}
