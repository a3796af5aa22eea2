//! What cannot be signed safely is refused: the original stays as it was and nothing stands under the new name.

use std::fs;
use std::path::{Path, PathBuf};

use interop::inputs::{self, Input};
use interop::ours::Home;
use interop::pki::Pki;
use interop::{Peer, openssl, peer, places};

fn refused(home: &Home, folder: &Path, case: &str, input: &Input, options: &[&str]) {
    let before = fs::read(&input.file).expect("input");
    let out = folder.join(format!("refused-{case}.pdf"));
    let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
    let fault = match home.sign(input, &out, &options) {
        Ok(()) => panic!("{case}: signed"),
        Err(fault) => format!("{fault:#}"),
    };
    assert!(fault.contains("hint:"), "{case}: says nothing of what to do: {fault}");
    assert!(!out.exists(), "{case}: left a file behind");
    assert_eq!(before, fs::read(&input.file).expect("input"), "{case}: changed the original");
}

fn plain(file: PathBuf) -> Input {
    Input { name: String::new(), file, password: None, has_fields: false }
}

#[test]
fn what_cannot_be_signed_safely_is_refused_and_leaves_nothing() {
    let test = "what_cannot_be_signed_safely_is_refused_and_leaves_nothing";
    if !openssl::Openssl.is_there() {
        peer::skipped(test, "openssl is not here to make keys");
        return;
    }
    let pki = Pki::at_hand().expect("PKI");
    let folder = places::scratch("refusals").expect("scratch folder");
    let inputs = inputs::all(&folder).expect("inputs");
    let home = Home::self_signed(&folder.join("signer"), &pki).expect("home");
    let find = |name: &str| inputs.iter().find(|input| input.name == name);
    let classic = find("classic-1.7").expect("style");
    let octets = fs::read(&classic.file).expect("input");

    let certified = folder.join("certified.pdf");
    home.sign(classic, &certified, &["--certify".to_owned(), "none".to_owned()]).expect("certified");
    refused(&home, &folder, "certified", &plain(certified), &[]);

    let truncated = folder.join("truncated.pdf");
    fs::write(&truncated, &octets[..octets.len() / 2]).expect("copy");
    refused(&home, &folder, "truncated", &plain(truncated), &[]);

    let text = folder.join("text.pdf");
    fs::write(&text, "not a PDF at all\n").expect("copy");
    refused(&home, &folder, "text", &plain(text), &[]);

    let empty = folder.join("empty.pdf");
    fs::write(&empty, "").expect("copy");
    refused(&home, &folder, "empty", &plain(empty), &[]);

    if let Some(locked) = find("aes-256") {
        refused(&home, &folder, "locked", &plain(locked.file.clone()), &["--field", "Own"]);
    }
    refused(&home, &folder, "page", classic, &["--visible", "9:50,50,200,60"]);
    refused(&home, &folder, "text-absent", classic, &["--at-text", "Nobody wrote this"]);
    if let Some(form) = find("form") {
        refused(&home, &folder, "field-of-text", form, &["--field", "Remark"]);
    }
}
