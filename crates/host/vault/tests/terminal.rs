//! Passphrases typed on a terminal: not echoed, asked for twice where they are set. The terminal is made by `script`.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test: it stops when it cannot go on, and reports"
)]

use std::io::{Read, Write};
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::Duration;
use undersign_vault::*;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("ask-once") => ask(Typed::Once),
        Some("ask-twice") => ask(Typed::Twice),
        _ => {
            if !Command::new("script")
                .arg("--version")
                .stdout(Stdio::null())
                .status()
                .is_ok_and(|s| s.success())
            {
                println!("SKIPPED: typing passphrases (there is no `script` to make a terminal)");
                return ExitCode::SUCCESS;
            }
            let once = typed("ask-once", &["s3cret"]);
            assert!(once.contains("Passphrase: ") && once.contains("taken"), "{once}");
            assert!(!once.contains("s3cret"), "the passphrase was echoed: {once}");
            let twice = typed("ask-twice", &["s3cret", "s3cret"]);
            assert!(twice.contains("Once more") && twice.contains("taken"), "{twice}");
            assert!(typed("ask-twice", &["s3cret", "s3cred"]).contains("the two passphrases differ"));
            assert!(typed("ask-once", &[""]).contains("the passphrase is empty"));
            println!("test terminal ... ok");
            ExitCode::SUCCESS
        }
    }
}

fn ask(how: Typed) -> ExitCode {
    match PassphraseSource::Terminal.read("Passphrase: ", how) {
        Ok(passphrase) => println!("taken: {passphrase:?}"),
        Err(error) => println!("{error}"),
    }
    ExitCode::SUCCESS
}

/// What stands on the terminal after the lines were typed, each when it is asked for.
fn typed(what: &str, lines: &[&str]) -> String {
    let command = format!("{} {what}", std::env::current_exe().unwrap().display());
    let mut script = Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut keyboard, mut screen) = (script.stdin.take().unwrap(), script.stdout.take().unwrap());
    let mut shown = Vec::new();
    let mut buffer = [0; 1024];
    for (index, line) in lines.iter().enumerate() {
        // Each prompt ends in a colon and a space; the echo is switched off right after it.
        while shown.windows(2).filter(|window| window == b": ").count() <= index {
            let read = screen.read(&mut buffer).unwrap();
            assert!(read > 0, "it ended without asking: {}", String::from_utf8_lossy(&shown));
            shown.extend_from_slice(&buffer[..read]);
        }
        thread::sleep(Duration::from_millis(500));
        writeln!(keyboard, "{line}").unwrap();
    }
    screen.read_to_end(&mut shown).unwrap();
    script.wait().unwrap();
    String::from_utf8_lossy(&shown).into_owned()
}
