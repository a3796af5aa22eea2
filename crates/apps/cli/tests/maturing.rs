//! From B-B to B-LTA by stick: requests out, answers back; what is wrong is refused by name; a process killed at any moment
//! loses nothing and doubles nothing.

mod bench;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bench::Bench;
use serde_json::{Value, json};
use std::process::Stdio;
use std::time::Duration;
use testkit::authority::{Actor, CrlMade, Declared, Role, Stamp};
use undersign::pkix::Certificate;

/// A root with a time-stamping authority, both trusted.
struct World {
    bench: Bench,
    root: Actor,
    tsa: Actor,
}

fn now() -> String {
    let seconds =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock").as_secs();
    undersign::Time::from_unix(seconds as i64).to_string()
}

fn pem(certificate: &Certificate) -> Vec<u8> {
    let text = STANDARD.encode(certificate.der());
    format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n").into_bytes()
}

impl World {
    fn new() -> World {
        let bench = Bench::new();
        bench.init();
        let root = Actor::root("Root", "2020-01-01", "2060-01-01");
        let tsa = root.issue(&Declared::new("TSA", Role::Tsa, "2021-01-01", "2050-01-01"));
        bench.write("root.pem", &pem(&root.certificate));
        assert_eq!(bench.run(&["trust", "add", "root.pem"]).code, 0);
        World { bench, root, tsa }
    }

    /// Exports, answers everything, and writes `answers.json`; how many requests there were.
    fn round(&self) -> usize {
        let output = self.bench.run(&["needs", "export", "-o", "needs.json", "--force"]);
        assert_eq!(output.code, 0, "{}", output.stderr);
        let needs: Value = serde_json::from_slice(&self.bench.read("needs.json")).expect("it is JSON");
        let needs = needs["needs"].as_array().expect("a list").clone();
        let answers: Vec<Value> = needs.iter().map(|need| self.answer(need)).collect();
        self.write_answers(&answers);
        needs.len()
    }

    fn write_answers(&self, answers: &[Value]) {
        let file = json!({"format": "undersign-answers@v1", "answers": answers});
        self.bench.write("answers.json", file.to_string().as_bytes());
    }

    fn answer(&self, need: &Value) -> Value {
        match need["kind"].as_str() {
            Some("timestamp") => {
                let request = STANDARD.decode(need["request"].as_str().expect("text")).expect("base64");
                let response = Stamp::new(&self.tsa, &now()).response(&request);
                json!({"kind": "timestamp", "answer": STANDARD.encode(response)})
            }
            Some("status") => {
                let crl = CrlMade::new(&self.root, &now(), "2050-01-01").sign(&self.root);
                json!({"kind": "crl", "answer": STANDARD.encode(crl)})
            }
            other => panic!("nobody asked for {other:?}"),
        }
    }

    fn stages(&self) -> Vec<String> {
        let output = self.bench.run(&["pending", "--json"]);
        let lines =
            output.stdout.lines().map(|line| serde_json::from_str::<Value>(line).expect("it is JSON"));
        lines.map(|line| line["stage"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

#[test]
fn three_rounds_by_stick_take_a_signature_to_the_archive() {
    let world = World::new();
    let bench = &world.bench;
    bench.sign("contract.pdf", "signed.pdf", &[]);
    assert_eq!(world.stages(), ["signed"]);
    for (requests, code, stage) in
        [(1, 3, "timed"), (1, 3, "long-term"), (1, 0, "archived"), (0, 0, "archived")]
    {
        assert_eq!(world.round(), requests, "{stage}");
        std::thread::sleep(Duration::from_millis(1100));
        let output = bench.run(&["needs", "import", "answers.json"]);
        assert_eq!(output.code, code, "{stage}: {}", output.stderr);
        assert_eq!(world.stages(), [stage]);
    }
    let report = bench.run(&["verify", "--json", "signed.pdf"]);
    let report: Value = serde_json::from_str(&report.stdout).expect("it is JSON");
    assert_eq!(report["signatures"][0]["level"], "B-LTA");
    assert_eq!(report["signatures"][0]["indication"], "TOTAL-PASSED");
    assert_eq!(report["signatures"].as_array().map(Vec::len), Some(3));
}

#[test]
fn wrong_answers_are_refused_by_name_and_the_file_stays_as_it_is() {
    let world = World::new();
    let bench = &world.bench;
    bench.sign("contract.pdf", "signed.pdf", &[]);
    let before = bench.read("signed.pdf");
    let stranger = Actor::root("Stranger", "2020-01-01", "2060-01-01");
    let theirs = stranger.issue(&Declared::new("TSA", Role::Tsa, "2021-01-01", "2050-01-01"));
    world.round();
    let needs: Value = serde_json::from_slice(&bench.read("needs.json")).expect("it is JSON");
    let request = STANDARD.decode(needs["needs"][0]["request"].as_str().expect("text")).expect("base64");
    let untrusted = Stamp::new(&theirs, &now()).response(&request);
    let mut forged = Stamp::new(&world.tsa, &now()).response(&request);
    *forged.last_mut().expect("it is not empty") ^= 1;
    for (answer, code) in [
        (untrusted, "answer.timestamp.untrusted"),
        (forged, "answer.timestamp.forged"),
        (b"<html>no</html>".to_vec(), "answer.unreadable"),
    ] {
        world.write_answers(&[json!({"kind": "timestamp", "answer": STANDARD.encode(answer)})]);
        let output = bench.run(&["needs", "import", "--json", "answers.json"]);
        let line: Value = serde_json::from_str(&output.stdout).expect("it is JSON");
        assert_eq!((output.code, line["error"]["code"].as_str()), (3, Some(code)), "{}", output.stderr);
        assert!(bench.read("signed.pdf") == before, "{code}");
    }
    // And the right one still fits.
    let good = Stamp::new(&world.tsa, &now()).response(&request);
    world.write_answers(&[json!({"kind": "timestamp", "answer": STANDARD.encode(good)})]);
    assert_eq!(bench.run(&["needs", "import", "answers.json"]).code, 3);
    assert_eq!(world.stages(), ["timed"]);
}

#[test]
fn a_process_killed_at_any_moment_loses_nothing_and_doubles_nothing() {
    let world = World::new();
    let bench = &world.bench;
    let names: Vec<String> = (0..6).map(|number| format!("c{number}.pdf")).collect();
    names.iter().for_each(|name| bench.write(name, &bench.read("contract.pdf")));
    let list: Vec<&str> = names.iter().map(String::as_str).collect();
    let sign = ["sign", "--out-dir", "out", "--accept", "--passphrase-file", "pass.txt"];
    assert_eq!(bench.run(&[&sign[..], &list].concat()).code, 0);
    let mut kills = 0;
    for _ in 0..3 {
        world.round();
        std::thread::sleep(Duration::from_millis(1100));
        // Killed ever later, until it is through before it is killed.
        for delay in (0..).step_by(9) {
            let mut command = bench.command(&["needs", "import", "answers.json"]);
            let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
            std::thread::sleep(Duration::from_millis(delay));
            if child.try_wait().expect("it can be asked").is_some() {
                break;
            }
            child.kill().expect("it can be killed");
            child.wait().expect("it ends");
            kills += 1;
        }
        assert_ne!(bench.run(&["needs", "import", "answers.json"]).code, 70);
    }
    assert!(kills > 10, "killed {kills} times");
    assert_eq!(world.stages(), ["archived"; 6]);
    for name in &names {
        let report = bench.run(&["verify", "--json", &format!("out/{name}")]);
        let report: Value = serde_json::from_str(&report.stdout).expect("it is JSON");
        assert_eq!(report["signatures"][0]["level"], "B-LTA");
        assert_eq!(report["signatures"].as_array().map(Vec::len), Some(3), "{name}");
    }
}
