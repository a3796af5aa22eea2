//! Trust packs by HTTP: only what is new is fetched; what is wrong changes nothing; what is installed serves `verify`.

mod bench;
#[path = "../../../verify/report/tests/schema/mod.rs"]
mod schema;

use bench::{Bench, Output};
use net::{Limits, Request, Response, Server, Stop};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;
use testkit::authority::{Actor, CrlMade};

/// A web server over a folder, which remembers what it was asked for.
struct Web {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
    stop: Stop,
    thread: Option<thread::JoinHandle<()>>,
}

impl Web {
    fn over(folder: PathBuf) -> Web {
        let server = Server::bind("127.0.0.1:0", Limits::default()).expect("loopback works");
        let url = format!("http://{}/packs/", server.address());
        let (asked, stop) = (Arc::new(Mutex::new(Vec::new())), Stop::new());
        let (seen, switch) = (Arc::clone(&asked), stop.clone());
        let answer = move |request: Request| {
            let name = request.path.trim_start_matches("/packs/").to_owned();
            seen.lock().expect("nobody panics").push(name.clone());
            match std::fs::read(folder.join(name)) {
                Ok(bytes) => Response::ok("application/octet-stream", bytes),
                Err(_) => Response::text(404, "nothing here"),
            }
        };
        let thread = thread::spawn(move || server.run(answer, &switch).expect("it serves"));
        Web { url, asked, stop, thread: Some(thread) }
    }

    /// What was asked for since the last time.
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().expect("nobody panics"))
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        self.stop.stop();
        if let Some(thread) = self.thread.take() {
            thread.join().expect("it ends");
        }
    }
}

/// A publisher's home and files, and the folder of its pack.
struct Publisher {
    bench: Bench,
}

impl Publisher {
    fn new() -> Publisher {
        let bench = Bench::new();
        bench.init();
        assert_eq!(bench.run(&["identity", "export", "-o", "own.pem"]).code, 0);
        bench.write("note.txt", b"first");
        Publisher { bench }
    }

    fn build(&self, contents: &[&str]) {
        let fixed = ["pack", "build", "--name", "example", "-o", "pack", "--passphrase-file", "pass.txt"];
        let output = self.bench.run(&[&fixed[..], contents].concat());
        assert_eq!(output.code, 0, "{}", output.stderr);
    }

    fn pack(&self) -> PathBuf {
        self.bench.path("pack")
    }

    /// As a friend, with a home of their own.
    fn friend(&self, arguments: &[&str]) -> Output {
        self.bench.run(&[&["--home", "friend"], arguments].concat())
    }

    fn contents(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.pack().join("content")).expect("there is a pack");
        entries.map(|entry| entry.expect("it can be read").path()).collect()
    }
}

fn sequence(output: &Output) -> u64 {
    let line: Value = serde_json::from_str(&output.stdout).expect("it is JSON");
    line["sequence"].as_u64().expect("a number")
}

fn flip(path: &Path) {
    let mut bytes = std::fs::read(path).expect("it is there");
    if let Some(last) = bytes.last_mut() {
        *last ^= 1;
    }
    std::fs::write(path, bytes).expect("it can be written");
}

#[test]
fn only_what_is_new_is_fetched_and_only_when_asked() {
    let publisher = Publisher::new();
    publisher.build(&["anchor=own.pem", "note=note.txt"]);
    let web = Web::over(publisher.pack());
    let output = publisher.friend(&["pack", "install", &web.url, "--publisher", "own.pem"]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert_eq!(web.asked().len(), 3);
    assert_eq!(publisher.friend(&["pack", "update"]).code, 0);
    assert_eq!(web.asked(), ["pack.p7m"]);
    publisher.bench.write("note.txt", b"second");
    publisher.build(&["anchor=own.pem", "note=note.txt"]);
    assert_eq!(publisher.friend(&["pack", "update", "example"]).code, 0);
    assert_eq!(web.asked().len(), 2);
    assert_eq!(sequence(&publisher.friend(&["pack", "show", "example", "--json"])), 2);
    publisher.friend(&["pack", "show"]);
    publisher.friend(&["verify", "contract.pdf"]);
    assert!(web.asked().is_empty(), "nothing else uses the network");
}

#[test]
fn what_is_wrong_changes_nothing() {
    let publisher = Publisher::new();
    publisher.build(&["anchor=own.pem", "note=note.txt"]);
    let web = Web::over(publisher.pack());
    assert_eq!(publisher.friend(&["pack", "install", &web.url, "--publisher", "own.pem"]).code, 0);
    publisher.bench.write("note.txt", b"second");
    publisher.build(&["anchor=own.pem", "note=note.txt"]);
    let refused = |reason: &str| {
        let output = publisher.friend(&["pack", "update"]);
        assert!(output.code != 0 && output.stderr.contains(reason), "{reason}: {}", output.stderr);
        assert_eq!(sequence(&publisher.friend(&["pack", "show", "example", "--json"])), 1);
        assert_eq!(publisher.friend(&["verify", "contract.pdf"]).code, 1, "it still serves");
    };
    for path in publisher.contents() {
        flip(&path);
    }
    refused("its digest differs");
    for path in publisher.contents() {
        std::fs::write(path, b"").expect("it can be written");
    }
    refused("has 0 bytes");
    for path in publisher.contents() {
        std::fs::remove_file(path).expect("it can be removed");
    }
    refused("status 404");
    flip(&publisher.pack().join("pack.p7m"));
    refused("does not hold");
    let whole = std::fs::read(publisher.pack().join("pack.p7m")).expect("it is there");
    publisher.bench.write("pack/pack.p7m", &whole[..whole.len() / 2]);
    refused("no CMS");
    publisher.bench.write("pack/pack.p7m", b"<html>log in here</html>");
    refused("no CMS");
}

#[test]
fn a_pack_of_somebody_else_is_no_next_version() {
    let (ada, eve) = (Publisher::new(), Publisher::new());
    ada.build(&["note=note.txt"]);
    let pack = ada.pack().display().to_string();
    assert_eq!(ada.friend(&["pack", "install", &pack, "--publisher", "own.pem"]).code, 0);
    eve.build(&["note=note.txt"]);
    eve.build(&["note=note.txt"]);
    let other = eve.pack().display().to_string();
    let output = ada.friend(&["pack", "update", "example", "--from", &other]);
    assert!(output.code == 1 && output.stderr.contains("none of its publishers"), "{}", output.stderr);
    // Ada hands over: the next version is Eve's.
    let next = eve.bench.path("own.pem").display().to_string();
    ada.build(&["note=note.txt", "--next-publisher", &next]);
    assert_eq!(ada.friend(&["pack", "update"]).code, 0);
    eve.build(&["note=note.txt"]);
    let output = ada.friend(&["pack", "update", "example", "--from", &other]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    let output = ada.friend(&["pack", "update", "example", "--from", &pack]);
    assert!(output.code == 1 && output.stderr.contains("none of its publishers"), "{}", output.stderr);
}

#[test]
fn what_a_pack_holds_serves_a_verification_and_the_report_pins_it() {
    let publisher = Publisher::new();
    let root = Actor::root("Root", "2020-01-01", "2060-01-01");
    let crl = CrlMade::new(&root, "2024-01-01", "2024-02-01").sign(&root);
    publisher.bench.write("old.crl", &crl);
    publisher.bench.sign("contract.pdf", "signed.pdf", &["--field", "Seller"]);
    publisher.build(&["anchor=own.pem", "crl=old.crl"]);
    let pack = publisher.pack().display().to_string();
    assert_eq!(publisher.friend(&["verify", "signed.pdf"]).code, 3);
    let installed = publisher.friend(&["pack", "install", &pack, "--publisher", "own.pem"]);
    assert_eq!(installed.code, 0, "{}", installed.stderr);
    let output = publisher.friend(&["verify", "signed.pdf", "--json"]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert!(output.stderr.contains("1 of the kind crl stale"), "{}", output.stderr);
    let line: Value = serde_json::from_str(&output.stdout).expect("it is JSON");
    assert_eq!(line["trustPacks"][0]["snapshot"], installed.stdout.trim());
    assert_eq!(line["trustPacks"][0]["stale"][0]["kind"], "crl");
    let schema = schema::Schema::load();
    let mut faults = Vec::new();
    schema.check(&schema.root, &line, "signed.pdf", &mut faults);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(publisher.friend(&["verify", "signed.pdf", "--no-trust-store"]).code, 3);
    assert_eq!(publisher.friend(&["pack", "remove", "example"]).code, 0);
    assert_eq!(publisher.friend(&["verify", "signed.pdf"]).code, 3);
}

/// A catalogue by which ECDSA with SHA-256 is no longer reliable, whichever key.
const CATALOGUE: &str = "format = 'undersign-algorithms@v1'\nid = 'office'\nissued = '2026-11-01'\n\
    digests = [{ name = 'SHA-256', until = '2020-01-01' }]\nkeys = [{ kind = 'EC', bits = 256 }]\n";

#[test]
fn a_catalogue_of_algorithms_decides_and_the_report_names_it() {
    let publisher = Publisher::new();
    publisher.bench.write("algorithms.toml", CATALOGUE.as_bytes());
    publisher.bench.sign("contract.pdf", "signed.pdf", &["--field", "Seller"]);
    publisher.build(&["anchor=own.pem", "algorithms=algorithms.toml"]);
    let pack = publisher.pack().display().to_string();
    assert_eq!(publisher.friend(&["pack", "install", &pack, "--publisher", "own.pem"]).code, 0);
    let weak = |arguments: &[&str]| {
        let output = publisher.friend(&[&["verify", "signed.pdf", "--json"], arguments].concat());
        let line: Value = serde_json::from_str(&output.stdout).expect("it is JSON");
        let signature = &line["signatures"][0];
        (output.code, signature["subIndication"].as_str().unwrap_or_default().to_owned(), line)
    };
    let (code, why, line) = weak(&[]);
    assert_eq!((code, why.as_str()), (3, "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"), "{line:#}");
    assert_eq!(line["policy"]["version"], "1, algorithms office of 2026-11-01T00:00:00Z", "{line:#}");
    // A policy whose author wrote algorithms into it keeps those; a catalogue that is named goes before everything.
    let head = "format = 'undersign-policy@v1'\nid = 'ours'\nversion = '1'\n[algorithms]\n";
    let rows = "digests = [{ name = 'SHA-256' }]\nkeys = [{ kind = 'EC', bits = 256 }]\n";
    publisher.bench.write("ours.toml", format!("{head}{rows}").as_bytes());
    assert_eq!(weak(&["--policy", "ours.toml"]).0, 0);
    assert_eq!(weak(&["--policy", "ours.toml", "--algorithms", "algorithms.toml"]).0, 3);
    // What is saved is judged by the catalogue that is named then.
    assert_eq!(weak(&["--save-evidence", "evidence.json"]).0, 3);
    assert_eq!(publisher.friend(&["replay", "evidence.json"]).code, 0);
    assert_eq!(publisher.friend(&["replay", "evidence.json", "--algorithms", "algorithms.toml"]).code, 3);
    publisher.bench.write("wrong.toml", CATALOGUE.replace("SHA-256", "SHA-0").as_bytes());
    let refused = publisher.friend(&["verify", "signed.pdf", "--algorithms", "wrong.toml"]);
    assert!(refused.code == 2 && refused.stderr.contains("SHA-0"), "{} {}", refused.code, refused.stderr);
    let build =
        ["pack", "build", "--name", "b", "-o", "b", "--passphrase-file", "pass.txt", "algorithms=wrong.toml"];
    let refused = publisher.bench.run(&build);
    assert!(refused.code != 0 && refused.stderr.contains("SHA-0"), "{}", refused.stderr);
}
