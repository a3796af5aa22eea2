//! The corpus of inputs that nobody here wrote, whole, against the demands of its classes. No name of a signer is
//! printed: some files hold real people's certificates.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use corpus::Row;
use interop::exceptions::Exceptions;
use interop::fields::{list, text};
use interop::ours::{self, Verification};
use interop::peer;
use serde_json::Value;

/// What the row demands, and what we say of it in the same words.
fn compare(case: &Row, report: &Value) -> (&'static str, String) {
    let signatures = concerned(case, report);
    let worst = |words: fn(&Value) -> &'static str, good: &'static str| {
        let said = signatures.iter().map(|signature| words(signature)).find(|word| *word != good);
        said.unwrap_or(if signatures.is_empty() { "no-signature" } else { good }).to_owned()
    };
    match case.verdict() {
        "OK" => ("untampered", worst(untampered, "untampered")),
        "CRYPTO_OK" | "TOTAL-PASSED" | "VALID" => ("intact", worst(intact, "intact")),
        "CHANGED" => {
            ("listed", any(&signatures, |one| text(one, "laterChanges") != "none", "listed", "not-listed"))
        }
        "FLAGGED" => ("flagged", flagged(report, &signatures)),
        "BROKEN" | "MIXED" => ("flagged", flagged(report, &signatures)),
        "REJECT" | "INVALID" | "ERROR" | "ROBUST" => (
            "not-passed",
            any(&signatures, |one| text(one, "indication") == "TOTAL-PASSED", "passed", "not-passed"),
        ),
        "NOSIG" => ("no-signature", worst(|_| "signature", "signature")),
        "COVERED" => ("covered", any(&signatures, covers_file, "covered", "not-covered")),
        "NOT_COVERED" => ("not-covered", any(&signatures, covers_file, "covered", "not-covered")),
        "LEVEL" => level(case, &signatures),
        "ADES-PASSED" => ("TOTAL-PASSED", indication(&signatures)),
        "ADES-INDETERMINATE" => ("INDETERMINATE", indication(&signatures)),
        "ADES-FAILURE" => ("TOTAL-FAILED", indication(&signatures)),
        // Statements for later parts of the product (preflight, PDF/A, trust lists): here it must only answer.
        _ => ("answered", "answered".to_owned()),
    }
}

/// The signature that the row names, or all of them.
fn concerned<'a>(case: &Row, report: &'a Value) -> Vec<&'a Value> {
    let all = list(report, "signatures").iter();
    match case.fact("field") {
        Some(field) => all.filter(|one| text(one, "field") == field).collect(),
        None => all.filter(|one| text(one, "kind") == "signature").collect(),
    }
}

fn any(signatures: &[&Value], is_so: fn(&Value) -> bool, yes: &str, no: &str) -> String {
    if signatures.iter().any(|one| is_so(one)) { yes.to_owned() } else { no.to_owned() }
}

fn integrity(signature: &Value) -> &str {
    text(&signature["dimensions"]["integrity"], "state")
}

fn intact(signature: &Value) -> &'static str {
    match integrity(signature) {
        "proven" => "intact",
        "broken" => "called-broken",
        _ => "integrity-unknown",
    }
}

fn untampered(signature: &Value) -> &'static str {
    match (integrity(signature), text(signature, "laterChanges")) {
        ("broken", _) => "called-broken",
        (_, "suspicious") => "called-changed",
        ("proven", _) => "untampered",
        _ => "integrity-unknown",
    }
}

fn covers_file(signature: &Value) -> bool {
    text(signature, "coverage") == "whole-file"
}

/// A plain pass: every signature intact and fully covering its revision, nothing but permitted changes after it, and
/// no finding that warns.
fn flagged(report: &Value, signatures: &[&Value]) -> String {
    let warns =
        |value: &Value| list(value, "findings").iter().any(|finding| text(finding, "severity") != "info");
    let is_clean = |one: &&Value| {
        integrity(one) == "proven"
            && text(one, "coverage") != "partial"
            && matches!(text(one, "laterChanges"), "none" | "permitted")
            && !warns(one)
    };
    let passes = !signatures.is_empty() && signatures.iter().all(is_clean) && !warns(report);
    if passes { "plain-pass".to_owned() } else { "flagged".to_owned() }
}

fn indication(signatures: &[&Value]) -> String {
    signatures.first().map_or("no-signature", |one| text(one, "indication")).to_owned()
}

fn level(case: &Row, signatures: &[&Value]) -> (&'static str, String) {
    let stated = case.fact("s0.signatureFormat").or_else(|| case.fact("pades_level")).unwrap_or_default();
    let expected = match stated.trim_start_matches("PAdES_BASELINE_").trim_start_matches("B_") {
        "B" => "B-B",
        "T" => "B-T",
        "LT" => "B-LT",
        "LTA" => "B-LTA",
        _ => return ("answered", "answered".to_owned()),
    };
    (expected, signatures.first().map_or("no-signature", |one| text(one, "level")).to_owned())
}

/// The trust and time that a row asks for.
fn how(case: &Row, corpus: &Path) -> (Vec<PathBuf>, Option<String>) {
    let time = case.fact("time").map(|time| {
        let seconds: String = time.chars().take("2020-11-25T00:00:00".len()).collect();
        format!("{seconds}Z")
    });
    let roots = case.roots(corpus).into_iter().filter(|file| file.is_file());
    (roots.collect(), time)
}

/// One process for each trust and time; every file once in each.
fn reports(cases: &[Row], corpus: &Path) -> BTreeMap<(usize, String), Value> {
    let mut groups: BTreeMap<(Vec<PathBuf>, Option<String>), Vec<usize>> = BTreeMap::new();
    for (number, case) in cases.iter().enumerate() {
        groups.entry(how(case, corpus)).or_default().push(number);
    }
    let mut reports = BTreeMap::new();
    for ((trust, at), numbers) in groups {
        let names: BTreeSet<&String> = numbers.iter().map(|number| &cases[*number].file).collect();
        let files: Vec<PathBuf> = names.iter().map(|name| corpus.join(name)).collect();
        let how = Verification { trust, at, ..Verification::default() };
        let answers = match ours::verify(&files, &how) {
            Ok(answers) => answers,
            Err(fault) => panic!("{fault:#}"),
        };
        let answers: BTreeMap<&String, Value> = names.into_iter().zip(answers).collect();
        for number in numbers {
            let dir = &cases[number].file;
            reports.insert((number, dir.clone()), answers[dir].clone());
        }
    }
    reports
}

#[test]
fn the_corpus_meets_the_demands_of_its_classes() {
    let test = "the_corpus_meets_the_demands_of_its_classes";
    let Some(corpus) = corpus::find() else {
        peer::skipped(test, "the corpus ../shared/corpus is not here; nothing of it was checked");
        return;
    };
    // Containers, XML and CMS files are in the corpus test of the library.
    let mut cases = corpus::rows(&corpus);
    cases.retain(|case| matches!(case.kind.as_str(), "pdf" | "pdfa"));
    let mut exceptions = Exceptions::read("corpus").expect("exceptions");
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for ((number, dir), report) in reports(&cases, &corpus) {
        let case = &cases[number];
        let (demanded, said) = compare(case, &report);
        let short = dir.rsplit_once('/').map_or(dir.as_str(), |(folder, _)| folder);
        let detail = format!("{} {}", case.verdict(), summary(&report));
        exceptions.note("undersign", short, demanded, &said, &detail);
        *counts.entry((case.verdict().to_owned(), said)).or_default() += 1;
    }
    for ((class, said), count) in &counts {
        peer::announce(&format!("  corpus {class:<20} {said:<20} {count}"));
    }
    match exceptions.settle(&["undersign"]) {
        Ok(summary) => peer::announce(&format!("{test}: {} rows, {summary}", cases.len())),
        Err(fault) => panic!("{fault:#}"),
    }
}

/// The verdict without any name.
fn summary(report: &Value) -> String {
    let words: Vec<String> = list(report, "signatures")
        .iter()
        .map(|one| {
            let (indication, sub_indication) = (text(one, "indication"), text(one, "subIndication"));
            format!("[{indication} {sub_indication} {} {}]", text(one, "coverage"), text(one, "laterChanges"))
        })
        .collect();
    let codes: Vec<&str> = list(report, "findings").iter().map(|finding| text(finding, "code")).collect();
    let error = report.get("error").map(|error| text(error, "message")).unwrap_or_default();
    format!("{} {} {error}", words.join(" "), codes.join(","))
}
