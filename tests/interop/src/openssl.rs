//! `openssl cms -verify`: the CMS of each `/Contents` over the octets that its `/ByteRange` covers.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::pdf::{self, Signature};
use crate::peer::{Job, Judged, Outcome, Peer, Row};
use crate::places;

/// The OpenSSL command line.
pub struct Openssl;

impl Peer for Openssl {
    fn name(&self) -> &'static str {
        "openssl"
    }

    fn is_there(&self) -> bool {
        Command::new("openssl").arg("version").output().is_ok()
    }

    fn judge(&self, jobs: &[Job]) -> Result<Vec<Judged>> {
        let folder = places::scratch(&format!("cms-{}", std::process::id()))?;
        jobs.iter().map(|job| judge(job, &folder)).collect()
    }
}

fn judge(job: &Job, folder: &Path) -> Result<Judged> {
    let file = fs::read(&job.file).with_context(|| format!("could not read {}", job.file.display()))?;
    let anchors = folder.join("anchors.pem");
    let mut trusted = Vec::new();
    for certificate in &job.trust {
        trusted.extend(fs::read(certificate)?);
    }
    fs::write(&anchors, trusted)?;
    let mut rows = Vec::new();
    for signature in pdf::signatures(&file) {
        rows.push(verify(&file, &signature, folder, &anchors)?);
    }
    let fault = rows.is_empty().then(|| "no signature found".to_owned());
    Ok(Judged { case: job.case.clone(), rows, fault })
}

fn verify(file: &[u8], signature: &Signature, folder: &Path, anchors: &Path) -> Result<Row> {
    let (cms, covered) = (folder.join("signature.der"), folder.join("covered.bin"));
    fs::write(&cms, signature.contents(file).unwrap_or_default())?;
    fs::write(&covered, signature.covered(file).unwrap_or_default())?;
    let full = openssl_verify(&cms, &covered, &["-purpose", "any", "-CAfile", &anchors.to_string_lossy()])?;
    let (outcome, reason) = match full {
        Ok(()) => (Outcome::Passed, "verified".to_owned()),
        Err(reason) => match openssl_verify(&cms, &covered, &["-noverify"])? {
            Ok(()) => (Outcome::Indeterminate, reason),
            Err(reason) => (Outcome::Failed, reason),
        },
    };
    let is_whole_file = Some(signature.is_whole_file(file.len()));
    Ok(Row { field: String::new(), outcome, reason, is_whole_file })
}

fn openssl_verify(cms: &Path, covered: &Path, options: &[&str]) -> Result<Result<(), String>> {
    let output = Command::new("openssl")
        .args(["cms", "-verify", "-binary", "-inform", "DER", "-out", "/dev/null", "-in"])
        .arg(cms)
        .arg("-content")
        .arg(covered)
        .args(options)
        .output()
        .context("could not start openssl")?;
    if output.status.success() {
        return Ok(Ok(()));
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let last = said.lines().last().unwrap_or("says nothing");
    // `80BB…:error:1700009E:CMS routines:cms_signerinfo_verify_cert:certificate verify error:…` → its own words.
    let words: Vec<&str> = last.split(':').collect();
    Ok(Err(words.get(5..).map_or_else(|| last.to_owned(), |words| words.join(":"))))
}
