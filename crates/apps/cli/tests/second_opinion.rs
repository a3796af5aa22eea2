//! Second opinions: what other verifiers say is shown and changes nothing; peers that fail, stall or are absent are told.
#![cfg(unix)]

mod bench;

use bench::{Bench, Output};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;

fn bench() -> Bench {
    let bench = Bench::new();
    bench.init();
    bench.sign("contract.pdf", "signed.pdf", &["--field", "Seller"]);
    bench
}

/// Runs `verify` with a program of our own in the place of a Python that has pyHanko.
fn with_fake(bench: &Bench, script: &str, more: &[&str]) -> Output {
    bench.write("fake.sh", format!("#!/bin/sh\n{script}\n").as_bytes());
    let path = bench.path("fake.sh");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("modes can be set");
    let mut command =
        bench.command(&[&["verify", "signed.pdf", "--second-opinion", "pyhanko"], more].concat());
    let output = command.env("UNDERSIGN_PYHANKO", path).output().expect("the program starts");
    Output {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

fn says(outcome: &str) -> String {
    format!(
        "cat > /dev/null; echo '{{\"signatures\":[{{\"field\":\"Seller\",\"outcome\":\"{outcome}\",\"reason\":\"so\"}}]}}'"
    )
}

#[test]
fn agreement_and_difference_are_shown_and_change_no_exit_code() {
    let bench = bench();
    let alone = bench.run(&["verify", "signed.pdf"]).code;
    let agreeing = with_fake(&bench, &says("passed"), &[]);
    assert!(agreeing.stdout.contains("pyhanko agrees on \"Seller\": passed"), "{}", agreeing.stdout);
    assert_eq!(agreeing.stderr, "");
    let differing = with_fake(&bench, &says("failed"), &[]);
    let line = "pyhanko differs on \"Seller\": failed, not passed: so";
    assert!(differing.stdout.contains(line), "{}", differing.stdout);
    assert!(differing.stderr.contains("note: pyhanko differs on 1 signature"), "{}", differing.stderr);
    assert_eq!((agreeing.code, differing.code), (alone, alone));
}

#[test]
fn the_json_holds_the_opinions() {
    let output = with_fake(&bench(), &says("indeterminate"), &["--json"]);
    let value: Value = serde_json::from_str(&output.stdout).expect("it is JSON");
    let opinion = &value["secondOpinions"][0];
    assert_eq!((opinion["peer"].as_str(), opinion["error"].is_null()), (Some("pyhanko"), true));
    assert_eq!(opinion["signatures"][0]["outcome"], "indeterminate");
    assert_eq!(opinion["signatures"][0]["agrees"], false);
}

#[test]
fn who_fails_or_stalls_gives_no_opinion() {
    let bench = bench();
    for (script, words) in [
        ("cat > /dev/null; echo nonsense", "its answer is unclear"),
        ("exit 3", "it ended with exit status: 3 and said nothing"),
        ("cat > /dev/null; echo '{\"error\":\"no\"}'", "gives no opinion: no"),
        ("cat > /dev/null; echo '{\"signatures\":[]}'", "says nothing about \"Seller\""),
        ("exec sleep 60", "it took longer than 1 seconds"),
        ("sleep 60", "it took longer than 1 seconds"),
    ] {
        let output = with_fake(&bench, script, &["--second-opinion-seconds", "1"]);
        assert!(output.stdout.contains(words), "{script}: {}", output.stdout);
        assert_eq!(output.code, 0, "{script}");
    }
}

#[test]
fn a_child_sees_neither_our_environment_nor_a_network() {
    let bench = bench();
    let script = "cat > /dev/null; echo \"{\\\"error\\\":\\\"home=$HOME proxy=$https_proxy\\\"}\"";
    let output = with_fake(&bench, script, &[]);
    assert!(output.stdout.contains("home= proxy=http://127.0.0.1:9"), "{}", output.stdout);
}

#[test]
fn an_absent_peer_is_told_with_a_way_to_get_it() {
    let bench = bench();
    let mut command = bench.command(&["verify", "signed.pdf", "--second-opinion", "pdfsig"]);
    let output = command.env("PATH", "/nowhere").output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("pdfsig is not installed") && said.contains("poppler-utils"), "{said}");
}

#[test]
fn peers_that_are_installed_say_what_we_say() {
    let bench = bench();
    for peer in ["pyhanko", "dss", "pdfsig"] {
        let output = bench.run(&["verify", "signed.pdf", "--json", "--second-opinion", peer]);
        if output.code == 2 {
            println!("SKIPPED: {peer} is not installed");
            continue;
        }
        let value: Value = serde_json::from_str(&output.stdout).expect("it is JSON");
        let opinion = &value["secondOpinions"][0];
        // NSS takes no end-entity certificate for its own issuer.
        let agrees = peer != "pdfsig";
        assert_eq!(opinion["signatures"][0]["agrees"], agrees, "{opinion}");
        assert_ne!(opinion["signatures"][0]["outcome"], "failed", "{opinion}");
    }
}
