//! Killed, raced and starved: the original stays as it is, and the final name is absent or holds a complete file.
#![cfg(unix)]

mod bench;

use bench::Bench;
use std::process::Stdio;
use std::time::{Duration, Instant};

const SIGN: [&str; 10] = [
    "sign",
    "big.pdf",
    "-o",
    "signed.pdf",
    "--field",
    "Seller",
    "--accept",
    "--quiet",
    "--passphrase-file",
    "pass.txt",
];

/// The contract with `mebibytes` of unused stream data in front of its end, so that signing takes a while.
fn big_document(mebibytes: usize) -> Vec<u8> {
    let contract = include_bytes!("../assets/contract.pdf");
    let xref = contract.windows(5).rposition(|window| window == b"xref\n").expect("there is a table");
    let start = contract[..xref].windows(5).rposition(|window| window == b"xref\n").unwrap_or(xref);
    let (body, rest) = contract.split_at(start);
    let rest = String::from_utf8(rest.to_vec()).expect("the table is text");
    let length = mebibytes << 20;
    let mut filler = format!("99 0 obj\n<< /Length {length} >>\nstream\n").into_bytes();
    filler.resize(filler.len() + length, b'z');
    filler.extend_from_slice(b"\nendstream\nendobj\n");
    let moved = body.len() + filler.len();
    let rest = rest.replace(&format!("startxref\n{start}\n"), &format!("startxref\n{moved}\n"));
    [body, &filler, rest.as_bytes()].concat()
}

#[test]
fn killed_at_any_moment_it_leaves_the_original_and_no_half_file() {
    let bench = Bench::new();
    bench.init();
    let original = big_document(12);
    bench.write("big.pdf", &original);
    let started = Instant::now();
    let whole = bench.run(&SIGN);
    let duration = started.elapsed();
    assert_eq!(whole.code, 0, "{}", whole.stderr);
    let complete = |bench: &Bench| bench.run(&["verify", "--quiet", "signed.pdf"]).code == 0;
    assert!(complete(&bench));
    let rounds = 50;
    let mut finished = 0;
    for round in 0..rounds {
        std::fs::remove_file(bench.path("signed.pdf")).ok();
        // A try of the passphrase that is killed counts as wrong; this is not what is tested here.
        std::fs::remove_file(bench.path(".local/share/undersign/vault.undersign.attempts")).ok();
        let mut child = bench.command(&SIGN).stdout(Stdio::null()).spawn().expect("the program starts");
        // Evenly over the whole run, and a little beyond its end.
        std::thread::sleep(duration.mul_f64(1.1 * f64::from(round) / f64::from(rounds)));
        child.kill().expect("it can be killed, or has ended");
        child.wait().expect("it has ended");
        assert!(bench.read("big.pdf") == original, "the original is untouched");
        if bench.path("signed.pdf").exists() {
            assert!(complete(&bench), "what has the final name is complete");
            finished += 1;
        }
    }
    assert!(finished < rounds, "some runs were killed before their end");
    let strays: Vec<String> = bench.names().into_iter().filter(|name| name.contains("undersign-")).collect();
    let vault = std::fs::read_dir(bench.path(".local/share/undersign")).expect("it is there").flatten();
    let strays =
        [strays, vault.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()].concat();
    // Only a system without files without names leaves some, for the next run to remove.
    let unfinished = strays.iter().filter(|name| name.starts_with(".undersign-"));
    assert!(!cfg!(target_os = "linux") || unfinished.count() == 0, "{strays:?}");
}

#[test]
fn a_full_disk_leaves_nothing_behind() {
    let bench = Bench::new();
    bench.init();
    bench.write("big.pdf", &big_document(4));
    // The limit on file sizes stands for the disk: it fails a write half way through the copy.
    let script = format!(
        "ulimit -f 4096; trap '' XFSZ; exec \"$0\" {}",
        SIGN.map(|argument| format!("'{argument}'")).join(" ")
    );
    let mut shell = std::process::Command::new("bash");
    shell.args(["-c", &script, env!("CARGO_BIN_EXE_undersign")]).current_dir(bench.path(""));
    shell.env("HOME", bench.path("")).stdin(Stdio::null());
    let output = shell.output().expect("there is a shell");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{stderr}");
    assert!(stderr.contains("hint:"), "{stderr}");
    assert!(!bench.names().iter().any(|name| name == "signed.pdf" || name.ends_with(".tmp")));
}

#[test]
fn what_may_not_be_read_or_written_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new();
    bench.init();
    let allow = |name: &str, mode: u32| {
        std::fs::set_permissions(bench.path(name), std::fs::Permissions::from_mode(mode))
            .expect("it is ours");
    };
    bench.write("secret.pdf", b"%PDF-1.7");
    allow("secret.pdf", 0o000);
    if std::fs::read(bench.path("secret.pdf")).is_ok() {
        eprintln!("skipped: this user may read everything (root)");
        return;
    }
    let output = bench.run(&["verify", "secret.pdf"]);
    assert_eq!(output.code, 4);
    assert!(output.stderr.contains("permission denied"), "{}", output.stderr);
    std::fs::create_dir(bench.path("locked")).expect("it is ours");
    allow("locked", 0o500);
    let target = ["sign", "contract.pdf", "--field", "Seller", "-o", "locked/x.pdf"];
    let output = bench.run(&[&target[..], &["--accept", "--passphrase-file", "pass.txt"]].concat());
    assert_eq!(output.code, 4);
    assert!(output.stderr.contains("permission denied"), "{}", output.stderr);
    allow("locked", 0o700);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let bench = Bench::new();
    let mut child = bench
        .command(&["completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn results_of_a_batch_come_in_the_order_of_the_files() {
    let bench = Bench::new();
    bench.init();
    std::fs::create_dir(bench.path("in")).expect("it is ours");
    for number in 0..40 {
        let name = format!("in/{number:02}.pdf");
        bench
            .write(&name, if number % 7 == 3 { b"no PDF" } else { include_bytes!("../assets/contract.pdf") });
    }
    let arguments =
        ["sign", "--json", "--jobs", "4", "--out-dir", "out", "in", "--field", "Seller", "--accept"];
    let output = bench.run(&[&arguments[..], &["--passphrase-file", "pass.txt"]].concat());
    assert_eq!(output.code, 4);
    let order: Vec<String> = output
        .stdout
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).expect("a line is JSON")["file"].to_string()
        })
        .collect();
    let expected: Vec<String> = (0..40).map(|number| format!("\"in/{number:02}.pdf\"")).collect();
    assert_eq!(order, expected);
    assert!(output.stderr.contains("40 documents: 34 signed, 6 not signed"), "{}", output.stderr);
    let verified = bench.run(&["verify", "out"]);
    assert_eq!(verified.code, 0, "{}", verified.stdout);
    assert!(verified.stderr.contains("34 files: 34 passed"), "{}", verified.stderr);
}

#[test]
fn short_work_shows_no_progress_and_takes_no_time() {
    let bench = Bench::new();
    let started = Instant::now();
    let output = bench.run(&["verify", "contract.pdf"]);
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(output.stderr, "");
}
