//! No tampered copy passes here; what the peers say of the same copies is compared.

use std::fs;
use std::path::{Path, PathBuf};

use interop::exceptions::Exceptions;
use interop::fields::{list, text};
use interop::mutation::{self, Demand};
use interop::ours::{self, Home, Verification};
use interop::pki::Pki;
use interop::{Job, Outcome, inputs, peer, places};
use serde_json::Value;

/// A tampered file on disk.
struct Copy {
    case: String,
    file: PathBuf,
    demand: Demand,
}

/// Signed originals, then every mutant of each.
fn copies(folder: &Path, pki: &Pki) -> (Vec<PathBuf>, Vec<Copy>) {
    let inputs = inputs::all(folder).expect("inputs");
    let home = Home::with_key(&folder.join("signer"), pki, "p256").expect("home");
    let (mut originals, mut copies) = (Vec::new(), Vec::new());
    for style in ["classic-1.7", "stream-2.0"] {
        let input = inputs.iter().find(|input| input.name == style).expect("style");
        let signed = folder.join(format!("signed-{style}.pdf"));
        if let Err(fault) = home.sign(input, &signed, &[]) {
            panic!("{fault:#}");
        }
        for mutant in mutation::all(&fs::read(&signed).expect("signed file")) {
            let case = format!("{style}/{}", mutant.name);
            let file = folder.join(format!("{style}-{}.pdf", mutant.name));
            fs::write(&file, &mutant.octets).expect("copy");
            copies.push(Copy { case, file, demand: mutant.demand() });
        }
        originals.push(signed);
    }
    (originals, copies)
}

/// `passed` when any signature of the file is called intact, with nothing suspicious behind it.
fn our_verdict(report: &Value) -> &'static str {
    let is_clean = |signature: &Value| {
        text(&signature["dimensions"]["integrity"], "state") == "proven"
            && matches!(text(signature, "laterChanges"), "none" | "permitted")
    };
    if list(report, "signatures").iter().any(is_clean) { "passed" } else { "failed" }
}

fn our_verdicts(files: &[PathBuf], pki: &Pki) -> Vec<Value> {
    let how = Verification { trust: vec![pki.certificate("p256")], ..Verification::default() };
    match ours::verify(files, &how) {
        Ok(reports) => reports,
        Err(fault) => panic!("{fault:#}"),
    }
}

#[test]
fn no_tampered_copy_passes_here_and_peers_are_compared() {
    let test = "no_tampered_copy_passes_here_and_peers_are_compared";
    let peers = peer::available(test).expect("peers");
    if !peers.iter().any(|peer| peer.name() == "openssl") {
        return;
    }
    let pki = Pki::at_hand().expect("PKI");
    let folder = places::scratch("tampered").expect("scratch folder");
    let (originals, copies) = copies(&folder, &pki);
    for report in our_verdicts(&originals, &pki) {
        assert_eq!(text(&report["signatures"][0], "indication"), "TOTAL-PASSED", "untouched: {report}");
    }
    let mut exceptions = Exceptions::read("tampered").expect("exceptions");
    let files: Vec<PathBuf> = copies.iter().map(|copy| copy.file.clone()).collect();
    for (copy, report) in copies.iter().zip(our_verdicts(&files, &pki)) {
        match copy.demand {
            Demand::MustNotPass => {
                exceptions.note("undersign", &copy.case, "failed", our_verdict(&report), &report.to_string());
            }
            Demand::MustBeListed => {
                let changes = text(&report["signatures"][0], "laterChanges");
                assert_ne!(changes, "none", "{}: {report}", copy.case);
            }
        }
    }
    let judges: Vec<_> = peers.into_iter().filter(|peer| peer.name() != "qpdf").collect();
    let jobs: Vec<Job> = copies
        .iter()
        .map(|copy| Job {
            case: copy.case.clone(),
            file: copy.file.clone(),
            trust: vec![pki.root()],
            crls: pki.crls(),
            password: None,
        })
        .collect();
    for (name, judged) in peer::judge_with_all(&judges, &jobs).expect("verdicts") {
        for (copy, file) in copies.iter().zip(judged) {
            let covers_all = file.rows.iter().all(|row| row.is_whole_file != Some(false));
            let passed = file.worst() != Outcome::Failed && covers_all;
            let says = if passed { "passed" } else { "failed" };
            if copy.demand == Demand::MustNotPass {
                exceptions.note(name, &copy.case, "failed", says, &file.line());
            }
        }
    }
    let mut names: Vec<&str> = judges.iter().map(|peer| peer.name()).collect();
    names.push("undersign");
    match exceptions.settle(&names) {
        Ok(summary) => peer::announce(&format!("{test}: {} copies, {summary}", copies.len())),
        Err(fault) => panic!("{fault:#}"),
    }
}
