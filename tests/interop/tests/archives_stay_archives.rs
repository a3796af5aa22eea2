//! PDF/A stays PDF/A: what conforms before we sign conforms after it, judged by veraPDF.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use interop::inputs::{self, Input};
use interop::ours::Home;
use interop::pki::Pki;
use interop::{Peer, image, openssl, peer, places, verapdf};

/// Ways to sign, and the options of each.
fn ways(image: &str, translucent: &str) -> Vec<(&'static str, Vec<String>)> {
    let options = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    vec![
        ("invisible", options(&[])),
        (
            "visible",
            options(&["--visible", "1:40,40,220,70", "--reason", "Zgoda: Ω, Ж, ẞ", "--location", "Łódź"]),
        ),
        ("image", options(&["--visible", "1:40,40,220,70", "--image", image])),
        ("translucent-image", options(&["--visible", "1:40,40,220,70", "--image", translucent])),
        ("certified", options(&["--certify", "form", "--visible", "1:40,40,220,70"])),
        ("lock", options(&["--field", "Own", "--field-lock", "all"])),
    ]
}

/// A certified file takes no new visible field and no second certification; whatever else is refused is a fault.
fn may_be_refused(fault: &str) -> bool {
    fault.contains("the document is certified") || fault.contains("is signed already")
}

fn sign_all(home: &Home, folder: &Path, archives: &[Input]) -> Vec<(String, PathBuf)> {
    let word = |path: PathBuf| path.to_string_lossy().into_owned();
    let image = word(image::write(folder).expect("image"));
    let translucent = word(image::write_translucent(folder).expect("image"));
    let mut signed = Vec::new();
    for archive in archives {
        for (way, options) in ways(&image, &translucent) {
            let out = folder.join(format!("{}-{way}.pdf", archive.name));
            match home.sign(archive, &out, &options) {
                Ok(()) => signed.push((format!("{}/{way}", archive.name), out)),
                Err(fault) => {
                    assert!(may_be_refused(&format!("{fault:#}")), "{}/{way}: {fault:#}", archive.name)
                }
            }
        }
        // A second person, on top of the first.
        let first = Input { file: folder.join(format!("{}-visible.pdf", archive.name)), ..archive.clone() };
        if first.file.is_file() {
            let out = folder.join(format!("{}-second.pdf", archive.name));
            let options = ["--visible", "1:40,150,220,70"].map(str::to_owned);
            home.sign(&first, &out, &options).expect("a second signature");
            signed.push((format!("{}/second", archive.name), out));
        }
    }
    signed
}

#[test]
fn an_archive_file_conforms_after_signing_if_it_did_before() {
    let test = "an_archive_file_conforms_after_signing_if_it_did_before";
    if !verapdf::is_there() || !openssl::Openssl.is_there() {
        assert!(!peer::are_required(), "veraPDF is required but missing; run `cargo xtask peers`");
        return peer::skipped(test, "veraPDF is not set up; run `cargo xtask peers`");
    }
    let pki = Pki::at_hand().expect("PKI");
    let folder = places::scratch("archives").expect("scratch folder");
    let archives = inputs::archives(&folder).expect("inputs");
    if corpus::find().is_none() {
        peer::skipped(test, "../shared/corpus is absent; only the files written here were signed");
    }
    let unsigned: Vec<_> = archives.iter().map(|input| (input.name.clone(), input.file.clone())).collect();
    let before = verapdf::judge(&unsigned).expect("verdicts");
    for (name, conformance) in &before {
        assert!(conformance.holds(), "{name} does not conform before it is signed: {conformance:?}");
    }
    let home = Home::self_signed(&folder.join("signer"), &pki).expect("home");
    let signed = sign_all(&home, &folder, &archives);
    let mut flavours = BTreeMap::<String, usize>::new();
    let mut faults = Vec::new();
    for (case, conformance) in verapdf::judge(&signed).expect("verdicts") {
        let name = case.split('/').next().unwrap_or_default();
        assert_eq!(conformance.flavour, before[name].flavour, "{case}");
        *flavours.entry(conformance.flavour.clone()).or_default() += 1;
        if !conformance.holds() {
            faults.push(format!("{case}: {}", conformance.broken.join("; ")));
        }
    }
    assert!(faults.is_empty(), "{} files no longer conform:\n{}", faults.len(), faults.join("\n"));
    peer::announce(&format!(
        "{test}: {} signed files of {} conform: {flavours:?}",
        signed.len(),
        archives.len()
    ));
}
