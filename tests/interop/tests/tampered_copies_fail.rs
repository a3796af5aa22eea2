//! No tampered copy passes here; what the peers say of the same copies is compared.

use std::fs;
use std::path::{Path, PathBuf};

use interop::exceptions::Exceptions;
use interop::fields::{list, text};
use interop::mutation::{self, Certificates, Demand};
use interop::ours::{self, Home, Verification};
use interop::pki::Pki;
use interop::{Job, Outcome, Peer, inputs, peer, places, theirs};
use serde_json::Value;

/// A tampered file on disk.
struct Copy {
    case: String,
    file: PathBuf,
    demand: Demand,
}

/// Signed originals: ours on a file of either cross-reference form, and one of each peer that signs.
fn originals(folder: &Path, pki: &Pki, are_peers_there: bool) -> Vec<(String, PathBuf)> {
    let inputs = inputs::all(folder).expect("inputs");
    let home = Home::with_key(&folder.join("signer"), pki, "p256").expect("home");
    let mut originals = Vec::new();
    for style in ["classic-1.7", "stream-2.0"] {
        let input = inputs.iter().find(|input| input.name == style).expect("style");
        let signed = folder.join(format!("ours-{style}.pdf"));
        if let Err(fault) = home.sign(input, &signed, &[]) {
            panic!("{fault:#}");
        }
        originals.push((format!("ours-{style}"), signed));
    }
    if are_peers_there {
        let theirs = theirs::one_of_each(pki, folder, &inputs).expect("peers sign");
        originals.extend(theirs.into_iter().map(|signed| (signed.case, signed.file)));
    }
    originals
}

/// Every mutant of each original.
fn copies(folder: &Path, originals: &[(String, PathBuf)], pki: &Pki) -> Vec<Copy> {
    let certificates = Certificates {
        signer: pki.certificate_der("p256").expect("certificate"),
        issuer: pki.certificate_der("intermediate").expect("certificate"),
    };
    let mut copies = Vec::new();
    for (name, signed) in originals {
        for mutant in mutation::all(&fs::read(signed).expect("signed file"), &certificates) {
            let case = format!("{name}/{}", mutant.name);
            let file = folder.join(format!("{name}-{}.pdf", mutant.name));
            fs::write(&file, &mutant.octets).expect("copy");
            copies.push(Copy { case, file, demand: mutant.demand() });
        }
    }
    copies
}

/// `passed` when any signature of the file is called intact, with nothing suspicious behind it.
fn our_verdict(report: &Value) -> &'static str {
    let is_clean = |signature: &Value| {
        text(&signature["dimensions"]["integrity"], "state") == "proven"
            && matches!(text(signature, "laterChanges"), "none" | "permitted")
    };
    if list(report, "signatures").iter().any(is_clean) { "passed" } else { "failed" }
}

fn our_verdicts(files: &[PathBuf], anchor: PathBuf) -> Vec<Value> {
    let how = Verification { trust: vec![anchor], ..Verification::default() };
    match ours::verify(files, &how) {
        Ok(reports) => reports,
        Err(fault) => panic!("{fault:#}"),
    }
}

/// What we say of each copy against what is demanded: with the signer trusted directly, and with the root trusted.
fn note_ours(exceptions: &mut Exceptions, copies: &[Copy], pki: &Pki) {
    let files: Vec<PathBuf> = copies.iter().map(|copy| copy.file.clone()).collect();
    let direct = our_verdicts(&files, pki.certificate("p256"));
    let by_root = our_verdicts(&files, pki.root());
    for (copy, (direct, by_root)) in copies.iter().zip(direct.iter().zip(&by_root)) {
        let (expected, says) = match copy.demand {
            Demand::MustNotPass if our_verdict(direct) == "failed" => ("failed", our_verdict(by_root)),
            Demand::MustNotPass => ("failed", "passed"),
            Demand::MustBeListed if text(&direct["signatures"][0], "laterChanges") == "none" => {
                ("listed", "not-listed")
            }
            Demand::MustBeListed => ("listed", "listed"),
            Demand::MustNotBeTrusted => ("trust not proven", our_trust(by_root)),
        };
        exceptions.note("undersign", &copy.case, expected, says, &direct.to_string());
    }
}

fn our_trust(report: &Value) -> &'static str {
    let trust = &report["signatures"][0]["dimensions"]["trust"];
    if text(trust, "state") == "proven" { "trust proven" } else { "trust not proven" }
}

/// What the peers say of each copy that must not pass.
fn note_peers(exceptions: &mut Exceptions, copies: &[Copy], peers: &[Box<dyn Peer>], pki: &Pki) {
    let copies: Vec<&Copy> = copies.iter().filter(|copy| copy.demand != Demand::MustBeListed).collect();
    let job = |copy: &&Copy| Job {
        case: copy.case.clone(),
        file: copy.file.clone(),
        trust: vec![pki.root()],
        crls: pki.crls(),
        password: None,
    };
    let jobs: Vec<Job> = copies.iter().map(job).collect();
    for (name, judged) in peer::judge_with_all(peers, &jobs).expect("verdicts") {
        for (copy, file) in copies.iter().zip(judged) {
            let covers_all = file.rows.iter().all(|row| row.is_whole_file != Some(false));
            let passed = match copy.demand {
                Demand::MustNotBeTrusted => file.worst() == Outcome::Passed,
                _ => file.worst() != Outcome::Failed && covers_all,
            };
            exceptions.note(
                name,
                &file.case,
                "failed",
                if passed { "passed" } else { "failed" },
                &file.line(),
            );
        }
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
    let originals = originals(&folder, &pki, peers.len() == peer::all().len());
    let copies = copies(&folder, &originals, &pki);
    let untouched: Vec<PathBuf> = originals.into_iter().map(|(_, file)| file).collect();
    for report in our_verdicts(&untouched, pki.certificate("p256")) {
        assert_eq!(text(&report["signatures"][0], "indication"), "TOTAL-PASSED", "untouched: {report}");
    }
    let mut exceptions = Exceptions::read("tampered").expect("exceptions");
    note_ours(&mut exceptions, &copies, &pki);
    // qpdf knows nothing of signatures.
    let judges: Vec<_> = peers.into_iter().filter(|peer| peer.name() != "qpdf").collect();
    note_peers(&mut exceptions, &copies, &judges, &pki);
    let mut names: Vec<&str> = judges.iter().map(|peer| peer.name()).collect();
    names.push("undersign");
    match exceptions.settle(&names) {
        Ok(summary) => peer::announce(&format!("{test}: {} copies, {summary}", copies.len())),
        Err(fault) => panic!("{fault:#}"),
    }
}
