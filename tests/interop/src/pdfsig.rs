//! poppler's `pdfsig`: one short process a file; trust comes from an NSS database made for the run.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::peer::{Job, Judged, Outcome, Peer, Row};
use crate::places;

/// `pdfsig` with the jobs' trusted certificates in its NSS database.
pub struct Pdfsig;

impl Peer for Pdfsig {
    fn name(&self) -> &'static str {
        "pdfsig"
    }

    fn is_there(&self) -> bool {
        let starts = |name: &str| Command::new(name).arg("--version").output().is_ok();
        starts("pdfsig") && starts("certutil")
    }

    fn judge(&self, jobs: &[Job]) -> Result<Vec<Judged>> {
        let database = database(jobs)?;
        jobs.iter().map(|job| judge(job, &database)).collect()
    }
}

/// An NSS database that trusts what the jobs trust.
fn database(jobs: &[Job]) -> Result<PathBuf> {
    let folder = places::scratch(&format!("nss-{}", std::process::id()))?;
    let place = format!("sql:{}", folder.display());
    certutil(&["-N", "-d", &place, "--empty-password"])?;
    let trusted: BTreeSet<&PathBuf> = jobs.iter().flat_map(|job| &job.trust).collect();
    for (number, certificate) in trusted.into_iter().enumerate() {
        let name = format!("trusted {number}");
        let file = certificate.to_string_lossy();
        // C: a trusted authority; P: a trusted peer, for a self-signed signer that is its own anchor.
        certutil(&["-A", "-d", &place, "-n", &name, "-t", "CP,CP,CP", "-a", "-i", &file])?;
    }
    Ok(folder)
}

fn certutil(arguments: &[&str]) -> Result<()> {
    let output = Command::new("certutil").args(arguments).output().context("could not start certutil")?;
    if !output.status.success() {
        bail!("certutil {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

fn judge(job: &Job, database: &Path) -> Result<Judged> {
    let mut command = Command::new("pdfsig");
    command.arg("-nssdir").arg(format!("sql:{}", database.display())).arg("-no-ocsp");
    if let Some(password) = &job.password {
        command.args(["-upw", password]);
    }
    let output = command.arg(&job.file).output().context("could not start pdfsig")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let rows = rows(&text);
    let fault = rows.is_empty().then(|| {
        let said = format!("{}{}", text, String::from_utf8_lossy(&output.stderr));
        said.lines().last().unwrap_or("says nothing").to_owned()
    });
    Ok(Judged { case: job.case.clone(), rows, fault })
}

/// The blocks `Signature #n:` of pdfsig's text.
fn rows(text: &str) -> Vec<Row> {
    text.split("Signature #")
        .skip(1)
        .filter(|block| block.contains("Signature Validation:"))
        .map(row)
        .collect()
}

fn row(block: &str) -> Row {
    let value = |name: &str| {
        let line = block.lines().find_map(|line| line.trim().strip_prefix("- ")?.strip_prefix(name));
        line.map(|value| value.trim_start_matches(':').trim().to_owned()).unwrap_or_default()
    };
    let signature = value("Signature Validation");
    let certificate = value("Certificate Validation");
    let outcome = match (signature.as_str(), certificate.as_str()) {
        ("Signature is Valid.", "Certificate is Trusted.") => Outcome::Passed,
        ("Signature is Valid.", _) => Outcome::Indeterminate,
        _ => Outcome::Failed,
    };
    Row {
        field: value("Signature Field Name"),
        outcome,
        reason: format!("{signature} {certificate}").trim().to_owned(),
        is_whole_file: Some(block.contains("Total document signed")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_pdfsig_is_understood() {
        let text = "Digital Signature Info of: a.pdf\nSignature #1:\n  - Signature Field Name: S1\n  \
                    - Total document signed\n  - Signature Validation: Signature is Valid.\n  \
                    - Certificate Validation: Certificate issuer isn't Trusted.\nSignature #2:\n  \
                    - Signature Validation: Digest Mismatch.\n";
        let rows = rows(text);
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].outcome, rows[0].field.as_str()), (Outcome::Indeterminate, "S1"));
        assert_eq!((rows[0].is_whole_file, rows[1].outcome), (Some(true), Outcome::Failed));
    }
}
