//! Runs every command of the transcripts here and of the guide, and compares what they print and how they end.
//!
//! In a block marked `console`, `$ ` starts a command (run by `sh` in a folder of the document's own), `> ` continues it,
//! `? N` says that it ends with code N (0 if nothing is said), and the other lines are what it prints on both streams.
//! `[..]` stands for any text within a line, a line `...` for any lines. With `UPDATE_TRANSCRIPTS=1` the files are
//! rewritten with what was printed; read the difference before committing it. A document that needs programs which are not
//! installed (`<!-- needs: openssl -->`) is skipped, and says so.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A command of a document with what it is to print.
struct Step {
    command: String,
    expected: Vec<String>,
    code: i32,
    /// Lines of the document that hold the expected output and code.
    place: std::ops::Range<usize>,
}

fn steps(text: &str) -> Vec<Step> {
    let lines: Vec<&str> = text.lines().collect();
    let mut steps: Vec<Step> = Vec::new();
    let mut inside = false;
    for (index, line) in lines.iter().enumerate() {
        if line.starts_with("```") {
            inside = *line == "```console";
            continue;
        }
        if !inside {
            continue;
        }
        if let Some(command) = line.strip_prefix("$ ") {
            let place = index + 1..index + 1;
            steps.push(Step { command: command.to_owned(), expected: Vec::new(), code: 0, place });
            continue;
        }
        let step = steps.last_mut().expect("a block starts with a command");
        step.place.end = index + 1;
        if let Some(more) = line.strip_prefix("> ").filter(|_| step.expected.is_empty()) {
            step.command.push('\n');
            step.command.push_str(more);
            step.place = index + 1..index + 1;
        } else if let Some(code) = line.strip_prefix("? ") {
            step.code = code.parse().expect("a code is a number");
        } else {
            step.expected.push((*line).to_owned());
        }
    }
    steps
}

/// Whether `pattern`, in which `[..]` stands for any text, fits `line`.
fn fits(pattern: &str, line: &str) -> bool {
    let mut parts = pattern.split("[..]");
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = line.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

fn all_fit(expected: &[String], printed: &[&str]) -> bool {
    match (expected.split_first(), printed.split_first()) {
        (None, None) => true,
        (Some((first, rest)), _) if first == "..." => {
            (0..=printed.len()).any(|skipped| all_fit(rest, &printed[skipped..]))
        }
        (Some((first, rest)), Some((line, others))) => fits(first, line) && all_fit(rest, others),
        _ => false,
    }
}

/// The line with what differs from run to run replaced by `[..]`: long hexadecimal numbers, times, dates.
fn generalised(line: &str) -> String {
    let is_time = |token: &str| {
        token.chars().filter(char::is_ascii_digit).count() >= 8 && token.matches('-').count() == 2
    };
    let timeless = replaced(line, |c| c.is_ascii_digit() || "-:TZ".contains(c), is_time);
    replaced(&timeless, |c| c.is_ascii_hexdigit(), |token| token.len() >= 12)
}

/// The line with each run of such characters that `differs` replaced.
fn replaced(line: &str, is_part: impl Fn(char) -> bool, differs: impl Fn(&str) -> bool) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(start) = rest.find(&is_part) {
        let len = rest[start..].find(|c| !is_part(c)).unwrap_or(rest.len() - start);
        let token = &rest[start..start + len];
        out.push_str(&rest[..start]);
        out.push_str(if differs(token) { "[..]" } else { token });
        rest = &rest[start + len..];
    }
    out + rest
}

/// The programs that the document says it needs (`<!-- needs: openssl -->`) and that are not installed.
fn missing_programs(text: &str) -> Vec<&str> {
    let needed = text.lines().filter_map(|line| line.strip_prefix("<!-- needs: ")?.strip_suffix(" -->"));
    let is_missing = |program: &&str| {
        let found = Command::new("sh").args(["-c", "command -v \"$0\" > /dev/null", program]).status();
        !found.is_ok_and(|status| status.success())
    };
    needed.flat_map(str::split_whitespace).filter(is_missing).collect()
}

fn run_document(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).expect("documents are readable");
    let missing = missing_programs(&text);
    if !missing.is_empty() {
        #[allow(clippy::print_stderr, reason = "a skipped test says so")]
        {
            eprintln!("SKIPPED: {} needs {}, not installed", path.display(), missing.join(", "));
        }
        return Vec::new();
    }
    let folder = tempfile::tempdir().expect("there is a place for temporary files");
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    fs::copy(assets.join("contract.pdf"), folder.path().join("contract.pdf")).expect("the contract is there");
    fs::write(folder.path().join("pass.txt"), "correct horse battery staple\n").expect("it can be written");
    let (mut failures, mut edits) = (Vec::new(), Vec::new());
    for step in steps(&text) {
        let (printed, code) = run_step(&step.command, folder.path());
        let lines: Vec<&str> = printed.lines().collect();
        if code == step.code && all_fit(&step.expected, &lines) {
            continue;
        }
        failures.push(format!(
            "{}: $ {}\nexpected code {}:\n{}\nprinted, code {code}:\n{printed}",
            path.display(),
            step.command,
            step.code,
            step.expected.join("\n")
        ));
        let mut new: Vec<String> = lines.iter().map(|line| generalised(line)).collect();
        if code != 0 {
            new.push(format!("? {code}"));
        }
        edits.push((step.place, new));
    }
    if std::env::var_os("UPDATE_TRANSCRIPTS").is_some() && !edits.is_empty() {
        update(path, &text, edits);
    }
    failures
}

fn update(path: &Path, text: &str, edits: Vec<(std::ops::Range<usize>, Vec<String>)>) {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for (place, new) in edits.into_iter().rev() {
        lines.splice(place, new);
    }
    fs::write(path, lines.join("\n") + "\n").expect("transcripts can be rewritten");
}

fn run_step(command: &str, folder: &Path) -> (String, i32) {
    let program = Path::new(env!("CARGO_BIN_EXE_undersign"));
    let places = std::env::var_os("PATH").unwrap_or_default();
    let mut path = std::ffi::OsString::from(program.parent().expect("the program is in a folder"));
    path.push(":");
    path.push(places);
    let output = Command::new("sh")
        .args(["-c", &format!("exec 2>&1\n{command}")])
        .current_dir(folder)
        .env_clear()
        .env("PATH", path)
        .env("HOME", folder)
        .env("LC_ALL", "C.UTF-8")
        .env("TZ", "UTC")
        .stdin(Stdio::null())
        .output()
        .expect("there is a shell");
    let printed = String::from_utf8_lossy(&output.stdout).replace(&*folder.to_string_lossy(), "[CWD]");
    (printed, output.status.code().unwrap_or(-1))
}

fn documents(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.expect("entries are readable").path()).collect();
    found.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    found.sort();
    found
}

fn run_each(documents: &[PathBuf]) -> Vec<String> {
    documents.iter().flat_map(|path| run_document(path)).collect()
}

/// Runs all documents of a folder, two at a time.
fn run_all(folder: &Path) {
    let only = std::env::var("TRANSCRIPT").unwrap_or_default();
    let mut documents = documents(folder);
    documents.retain(|path| path.to_string_lossy().contains(&only));
    assert!(!documents.is_empty() || !only.is_empty(), "there is something to run in {}", folder.display());
    let (first, second) = documents.split_at(documents.len() / 2);
    let failures: Vec<String> = std::thread::scope(|scope| {
        let other = scope.spawn(|| run_each(first));
        let mut failures = run_each(second);
        failures.extend(other.join().expect("no transcript panics"));
        failures
    });
    assert!(failures.is_empty(), "{} steps differ:\n\n{}", failures.len(), failures.join("\n\n"));
}

#[cfg(unix)]
#[test]
fn every_command_does_what_its_transcript_shows() {
    run_all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts"));
}

#[cfg(unix)]
#[test]
fn every_example_of_the_guide_works() {
    run_all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/guide"));
}

#[test]
fn wildcards_stand_for_what_differs() {
    assert!(fits("a [..] b", "a xyz b") && fits("[..]", "") && fits("same", "same"));
    assert!(!fits("a [..] b", "a xyz c") && !fits("same", "same but longer") && !fits("ab[..]ba", "aba"));
    let expected: Vec<String> = ["first", "...", "last"].map(str::to_owned).into();
    assert!(all_fit(&expected, &["first", "x", "y", "last"]) && all_fit(&expected, &["first", "last"]));
    assert!(!all_fit(&expected, &["first", "x"]));
}

#[test]
fn times_and_long_numbers_are_generalised() {
    assert_eq!(generalised("until 2031-11-21  3f9a6c0112345678: ok"), "until [..]  [..]: ok");
    assert_eq!(generalised("trust/Ada-e72db22b3613e80e.pem"), "trust/Ada-[..].pem");
    assert_eq!(generalised("12 files: a-b, deadbeef"), "12 files: a-b, deadbeef");
}
