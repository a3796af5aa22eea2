//! What others sign, we verify: files of pyHanko, EU DSS and OpenSSL through `undersign verify --json`.

use interop::exceptions::Exceptions;
use interop::fields::{list, text};
use interop::ours::{self, Verification};
use interop::pki::Pki;
use interop::theirs::{self, Signed};
use interop::{inputs, peer, places};
use serde_json::Value;

/// The dimensions that must be proven when the signer's root is trusted and no revocation data are at hand.
const PROVEN: &[&str] = &["integrity", "identity", "trust"];

fn verdict(report: &Value) -> String {
    let signatures = list(report, "signatures");
    if signatures.is_empty() {
        return "no-signature".to_owned();
    }
    let words: Vec<String> = signatures.iter().map(signature_verdict).collect();
    let first = words.iter().find(|word| *word != "proven").cloned();
    first.unwrap_or_else(|| "proven".to_owned())
}

fn signature_verdict(signature: &Value) -> String {
    let dimensions = &signature["dimensions"];
    let unproven = PROVEN.iter().find(|name| text(&dimensions[**name], "state") != "proven");
    match (unproven, text(signature, "subIndication"), text(signature, "laterChanges")) {
        (Some(name), sub_indication, _) => format!("{name}-not-proven {sub_indication}").trim().to_owned(),
        (None, "TRY_LATER", "none" | "permitted") => "proven".to_owned(),
        (None, sub_indication, changes) => format!("{sub_indication} {changes}"),
    }
}

fn by_all(pki: &Pki) -> Vec<Signed> {
    let folder = places::scratch("theirs-for-us").expect("scratch folder");
    let inputs = inputs::all(&folder).expect("inputs");
    let mut signed = theirs::by_pyhanko(pki, &folder, &inputs).expect("pyHanko signs");
    signed.extend(theirs::by_dss(pki, &folder, &inputs).expect("DSS signs"));
    signed.extend(theirs::by_openssl(pki, &folder, &inputs).expect("OpenSSL signs"));
    signed
}

fn verify(signed: &[&Signed], how: &Verification) -> Vec<Value> {
    let files: Vec<_> = signed.iter().map(|signed| signed.file.clone()).collect();
    match ours::verify(&files, how) {
        Ok(reports) => reports,
        Err(fault) => panic!("{fault:#}"),
    }
}

#[test]
fn files_signed_by_peers_are_proven_here() {
    let test = "files_signed_by_peers_are_proven_here";
    if peer::available(test).expect("peers").len() < peer::all().len() {
        return;
    }
    let pki = Pki::at_hand().expect("PKI");
    let signed = by_all(&pki);
    let mut exceptions = Exceptions::read("theirs").expect("exceptions");
    let (locked, open): (Vec<&Signed>, Vec<&Signed>) =
        signed.iter().partition(|signed| signed.password.is_some());
    for (group, password) in [(open, None), (locked, Some(inputs::PASSWORD.to_owned()))] {
        let how = Verification { trust: vec![pki.root()], password, ..Verification::default() };
        for (signed, report) in group.iter().zip(verify(&group, &how)) {
            exceptions.note("undersign", &signed.case, "proven", &verdict(&report), &report.to_string());
        }
    }
    match exceptions.settle(&["undersign"]) {
        Ok(summary) => peer::announce(&format!("{test}: {} files, {summary}", signed.len())),
        Err(fault) => panic!("{fault:#}"),
    }
}

#[test]
fn a_signer_trusted_directly_passes_totally() {
    let test = "a_signer_trusted_directly_passes_totally";
    if peer::available(test).expect("peers").len() < peer::all().len() {
        return;
    }
    let pki = Pki::at_hand().expect("PKI");
    let folder = places::scratch("theirs-direct").expect("scratch folder");
    let inputs = inputs::all(&folder).expect("inputs");
    let signed = theirs::by_dss(&pki, &folder, &inputs).expect("DSS signs");
    let one = signed.iter().find(|signed| signed.case == "dss-p256").expect("a case called dss-p256");
    let direct = Verification { trust: vec![pki.certificate("p256")], ..Verification::default() };
    assert_eq!(text(&verify(&[one], &direct)[0]["signatures"][0], "indication"), "TOTAL-PASSED");
    let nobody = Verification::default();
    let report = &verify(&[one], &nobody)[0]["signatures"][0];
    assert_eq!(text(report, "indication"), "INDETERMINATE");
    assert_eq!(text(report, "subIndication"), "NO_CERTIFICATE_CHAIN_FOUND");
}
