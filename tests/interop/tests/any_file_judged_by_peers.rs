//! What we sign that is no PDF: judged by EU DSS and by OpenSSL, as it is and with any of its parts changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use interop::inputs::Input;
use interop::ours::Home;
use interop::pki::Pki;
use interop::{peer, places};
use serde_json::{Value, json};

/// A signed file and what it is over, if that is not inside.
struct Made {
    case: String,
    file: PathBuf,
    content: Option<PathBuf>,
}

const FORMATS: [(&str, &str); 4] =
    [("cades", "p7s"), ("cades-enveloping", "p7m"), ("asic-s", "asics"), ("asic-e", "asice")];

fn sign_all(pki: &Pki, folder: &Path) -> Vec<Made> {
    let mut made = Vec::new();
    for algorithm in ["p256", "rsa3072"] {
        let home = Home::with_key(&folder.join(algorithm), pki, algorithm).expect("a home");
        for (name, content) in
            [("letter.txt", &b"Dear all\n"[..]), ("\u{fc} & b.docx", b"PK\x05\x06 no archive")]
        {
            let file = folder.join(algorithm).join(name);
            fs::write(&file, content).expect("a file");
            let input = Input { name: name.into(), file: file.clone(), password: None, has_fields: false };
            for (format, ending) in FORMATS {
                let out = PathBuf::from(format!("{}.{ending}", file.display()));
                home.sign(&input, &out, &["--format".into(), format.into()]).expect("it is signed");
                let content = (format == "cades").then(|| file.clone());
                made.push(Made { case: format!("{algorithm}-{format}-{name}"), file: out, content });
            }
        }
    }
    made
}

fn judged(pki: &Pki, made: &[Made]) -> Vec<Value> {
    let job = |one: &Made| {
        let mut job = json!({
            "id": one.case, "op": "judge", "file": one.file, "trust": [pki.root()], "crl": pki.crls(),
        });
        if let Some(content) = &one.content {
            job["detached"] = json!(content);
        }
        job
    };
    let jobs: Vec<Value> = made.iter().map(job).collect();
    let answers = interop::dss::run(&jobs).expect("DSS judges");
    made.iter().map(|one| answers[&one.case].clone()).collect()
}

fn openssl_accepts(pki: &Pki, one: &Made) -> bool {
    let mut command = Command::new("openssl");
    command.args([
        "cms",
        "-verify",
        "-binary",
        "-cades",
        "-purpose",
        "any",
        "-inform",
        "DER",
        "-out",
        "/dev/null",
    ]);
    command.arg("-in").arg(&one.file).arg("-CAfile").arg(pki.root());
    if let Some(content) = &one.content {
        command.arg("-content").arg(content);
    }
    command.output().expect("openssl starts").status.success()
}

#[test]
fn what_we_sign_that_is_no_pdf_is_accepted_by_peers() {
    let test = "what_we_sign_that_is_no_pdf_is_accepted_by_peers";
    if peer::available(test).expect("peers").len() < peer::all().len() {
        return;
    }
    let pki = Pki::at_hand().expect("PKI");
    let folder = places::scratch("any-file").expect("scratch folder");
    let made = sign_all(&pki, &folder);
    for (one, answer) in made.iter().zip(judged(&pki, &made)) {
        let rows = answer["signatures"].as_array().cloned().unwrap_or_default();
        assert_eq!(rows.len(), 1, "{}: {answer}", one.case);
        assert_eq!(rows[0]["indication"], "TOTAL_PASSED", "{}: {answer}", one.case);
        let level = rows[0]["level"].as_str().unwrap_or_default();
        assert!(level.contains("BASELINE") && level.ends_with('B'), "{}: {level}", one.case);
        if one.case.contains("-cades") {
            assert!(openssl_accepts(&pki, one), "{}", one.case);
        }
    }
    let changed = change_all(&made);
    for (one, answer) in changed.iter().zip(judged(&pki, &changed)) {
        let rows = answer["signatures"].as_array().cloned().unwrap_or_default();
        let passed = rows.iter().any(|row| row["indication"] == "TOTAL_PASSED");
        assert!(!passed, "{} passes at DSS: {answer}", one.case);
    }
    let (files, detached): (Vec<_>, Vec<_>) = changed.iter().partition(|one| one.content.is_none());
    for one in files.iter().chain(&detached) {
        let mut command = Command::new(places::binary().expect("our program"));
        command.args(["verify", "--no-trust-store", "--json"]).arg(&one.file).arg("--trust").arg(pki.root());
        if let Some(content) = &one.content {
            command.arg("--content").arg(content);
        }
        let output = command.output().expect("it starts");
        assert!(
            !String::from_utf8_lossy(&output.stdout).contains("TOTAL-PASSED"),
            "{} passes here",
            one.case
        );
    }
    peer::announce(&format!("{test}: {} files accepted, {} changed ones refused", made.len(), changed.len()));
}

/// Copies with the content changed: beside the signature, or inside.
fn change_all(made: &[Made]) -> Vec<Made> {
    let mut changed = Vec::new();
    for one in made {
        let case = format!("changed-{}", one.case);
        let mut bytes = fs::read(one.content.as_ref().unwrap_or(&one.file)).expect("a file");
        let content: &[u8] = if one.case.ends_with("txt") { b"Dear all" } else { b" no archive" };
        let at = bytes.windows(content.len()).position(|window| window == content).expect("the content");
        bytes[at + 2] ^= 1;
        let place = |path: &Path| {
            path.with_file_name(format!("changed-{}", path.file_name().unwrap_or_default().to_string_lossy()))
        };
        match &one.content {
            Some(content) => {
                fs::write(place(content), bytes).expect("a file");
                changed.push(Made { case, file: one.file.clone(), content: Some(place(content)) });
            }
            None => {
                fs::write(place(&one.file), bytes).expect("a file");
                changed.push(Made { case, file: place(&one.file), content: None });
            }
        }
    }
    changed
}
