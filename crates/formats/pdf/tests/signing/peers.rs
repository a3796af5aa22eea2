//! Other programs' opinion of the files, where they are installed.

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

static COUNTER: AtomicUsize = AtomicUsize::new(0);

/// Writes a file below the test's own directory.
pub fn write(name: &str, bytes: &[u8]) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, bytes).expect("the file is written");
    path
}

/// `qpdf --check` must have no complaint; says so where qpdf is missing.
pub fn check(bytes: &[u8]) {
    check_with(bytes, "");
}

/// The same for a file that needs a password.
pub fn check_with(bytes: &[u8], password: &str) {
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    let path = write(&format!("signing-{}-{number}.pdf", std::process::id()), bytes);
    match Command::new("qpdf").arg(format!("--password={password}")).arg("--check").arg(&path).output() {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stdout).into_owned()
                + &String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && !said.contains("WARNING"), "{said}");
        }
        Err(_) => eprintln!("SKIPPED: qpdf is not installed, {} was not checked", path.display()),
    }
    let _ = std::fs::remove_file(path);
}

/// The text of a file written before as poppler reads it; `None` where that is missing.
pub fn text(name: &str) -> Option<String> {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let output = Command::new("pdftotext").arg(path).arg("-").output();
    match output {
        Ok(output) => Some(String::from_utf8_lossy(&output.stdout).into_owned()),
        Err(_) => {
            eprintln!("SKIPPED: pdftotext is not installed, {name} was not read");
            None
        }
    }
}

/// What qpdf makes of a file with these arguments; `None` where it is missing.
pub fn qpdf(bytes: &[u8], arguments: &[&str]) -> Option<Vec<u8>> {
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    let path = write(&format!("qpdf-{}-{number}.pdf", std::process::id()), bytes);
    let made = path.with_extension("made.pdf");
    let status = Command::new("qpdf").args(arguments).arg(&path).arg(&made).status();
    let result = match status {
        Ok(status) => {
            assert!(status.success(), "{arguments:?}");
            Some(std::fs::read(&made).expect("qpdf wrote the file"))
        }
        Err(_) => {
            eprintln!("SKIPPED: qpdf is not installed, nothing was made with {arguments:?}");
            None
        }
    };
    for path in [path, made] {
        let _ = std::fs::remove_file(path);
    }
    result
}
