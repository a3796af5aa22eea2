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
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    let path = write(&format!("signing-{}-{number}.pdf", std::process::id()), bytes);
    match Command::new("qpdf").arg("--check").arg(&path).output() {
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
