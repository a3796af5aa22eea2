//! poppler's `pdfsig`: trust comes from an NSS database that `certutil` makes for the question.

use super::Prepared;
use super::answer::{Answer, Outcome, Row};
use super::child::Keeper;
use super::place;
use std::ffi::OsString;
use std::path::PathBuf;

/// The two programs.
pub struct Pdfsig {
    pdfsig: PathBuf,
    certutil: PathBuf,
}

impl Pdfsig {
    /// Both on the search path.
    pub fn find() -> Option<Pdfsig> {
        Some(Pdfsig { pdfsig: place::on_path("pdfsig")?, certutil: place::on_path("certutil")? })
    }

    /// Has a file judged as of now.
    pub fn ask(&self, question: &Prepared<'_>, keeper: &Keeper) -> Result<Answer, String> {
        let mut database = OsString::from("sql:");
        database.push(question.folder);
        let certutil = |arguments: &[&str], file: Option<&PathBuf>| {
            let mut command = keeper.command(&self.certutil);
            command.arg("-d").arg(&database).args(arguments);
            if let Some(file) = file {
                command.arg("-i").arg(file);
            }
            keeper.run(command, String::new())
        };
        certutil(&["-N", "--empty-password"], None)?;
        for (number, anchor) in question.anchors.iter().enumerate() {
            let name = format!("trusted {number}");
            // C: a trusted authority; P: a trusted peer, for a signer who is their own anchor.
            certutil(&["-A", "-n", &name, "-t", "CP,CP,CP", "-a"], Some(anchor))?;
        }
        let mut command = keeper.command(&self.pdfsig);
        command.arg("-nssdir").arg(&database).arg("-no-ocsp").arg(&question.file);
        command.current_dir(question.folder);
        let said = keeper.run(command, String::new())?;
        let text = String::from_utf8_lossy(&said).into_owned();
        let rows = rows(&text);
        if rows.is_empty() {
            return Err(text.lines().last().unwrap_or("it says nothing").to_owned());
        }
        let mut deviations = Vec::new();
        if question.at.is_some() {
            deviations.push("it judges as of now, whatever --at says");
        }
        if question.password.is_some() {
            deviations.push("it was not given the password, which others could see on its command line");
        }
        Ok(Answer { rows, at: None, deviations })
    }
}

/// The blocks `Signature #n:` of its text.
fn rows(text: &str) -> Vec<Row> {
    let blocks = text.split("Signature #").skip(1);
    blocks.filter(|block| block.contains("Signature Validation:")).map(row).collect()
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
        // What it does not support it does not verify.
        ("Signature is Valid.", _) | ("Signature has not yet been verified.", _) => Outcome::Indeterminate,
        _ => Outcome::Failed,
    };
    Row {
        field: value("Signature Field Name"),
        outcome,
        reason: format!("{signature} {certificate}").trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_text_is_understood() {
        let text = "Digital Signature Info of: a.pdf\nSignature #1:\n  - Signature Field Name: S1\n  \
                    - Signature Validation: Signature is Valid.\n  - Certificate Validation: Certificate is \
                    Trusted.\nSignature #2:\n  - Signature Field Name: S2\n  - Signature Validation: Digest \
                    Mismatch.\n";
        let rows = rows(text);
        let outcomes: Vec<(&str, Outcome)> =
            rows.iter().map(|row| (row.field.as_str(), row.outcome)).collect();
        assert_eq!(outcomes, [("S1", Outcome::Passed), ("S2", Outcome::Failed)]);
    }
}
