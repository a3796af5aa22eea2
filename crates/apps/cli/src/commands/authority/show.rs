//! `undersign authority show`, and certificates of the register in words and as JSON.

use super::folder::Place;
use crate::clock;
use crate::commands::Context;
use crate::commands::identity::describe::CertificateLine;
use crate::commands::options::read_small;
use crate::error::Failure;
use crate::exit::Exit;
use crate::streams::json_line;
use authority::{Issued, Register, Standing};
use clap::Args;
use pkix::read_certificates;
use report::printable;
use serde::Serialize;
use std::path::Path;
use types::{Budget, Time};

/// Show a certificate that was issued, and what became of it
#[derive(Debug, Args)]
#[command(
    long_about = "Show a certificate of the register and what became of it. The passphrase is not needed.",
    after_long_help = "\
Examples:
  undersign authority show 4f21
  undersign authority show ada.pem --json
  undersign authority show 4f21 --pem > ada.pem"
)]
pub struct Show {
    /// Its serial number, the beginning of it (4 digits or more), or a file with it
    #[arg(value_name = "CERTIFICATE")]
    certificate: String,
    /// As one JSON object
    #[arg(long)]
    json: bool,
    /// The certificate itself, in PEM
    #[arg(long, conflicts_with = "json")]
    pem: bool,
}

impl Show {
    pub fn run(&self, context: &Context<'_>, place: &Place) -> Result<Exit, Failure> {
        let register = place.open(context)?.register()?;
        let issued = find(&register, &self.certificate)?;
        let line = Line::new(issued, clock::now());
        let text = match (self.pem, self.json) {
            (true, _) => issued.certificate.to_pem(),
            (_, true) => json_line(&line),
            _ => line.text(),
        };
        context.streams.data(&text)?;
        Ok(Exit::Success)
    }
}

/// The certificate that is meant by a serial number, the beginning of one, or a file.
pub fn find<'a>(register: &'a Register, wanted: &str) -> Result<&'a Issued, Failure> {
    let digits = wanted.replace(':', "").to_ascii_lowercase();
    if digits.len() >= 4 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let fits = |issued: &&Issued| issued.certificate.serial_hex().starts_with(&digits);
        let mut found = register.certificates().filter(fits);
        match (found.next(), found.next()) {
            (Some(only), None) => return Ok(only),
            (Some(_), Some(_)) => {
                return Err(Failure::usage(
                    format!("several serial numbers begin with {digits}"),
                    "give more digits; see: undersign authority list",
                ));
            }
            (None, _) => {}
        }
    }
    let path = Path::new(wanted);
    if path.is_file() {
        let certificates = read_certificates(&read_small(path)?, &mut Budget::default())
            .map_err(|fault| Failure::document(path, fault))?;
        let known = certificates
            .first()
            .and_then(|one| register.get(one.serial()).filter(|issued| issued.certificate == *one));
        return known.ok_or_else(|| unknown(wanted));
    }
    Err(unknown(wanted))
}

fn unknown(wanted: &str) -> Failure {
    Failure::objection(
        "authority.serial.unknown",
        format!("no certificate {wanted:?} was issued here"),
        "see: undersign authority list",
    )
}

/// The JSON form of a certificate of the register.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// `good`, `suspended`, `revoked` or `expired`.
    status: &'static str,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    /// RFC 5280, 5.3.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    invalidity_date: Option<String>,
    profile: String,
    /// RFC 3339.
    issued: String,
    #[serde(flatten)]
    certificate: CertificateLine,
}

impl Line {
    /// What is to be said about a certificate at this time.
    pub fn new(issued: &Issued, now: Time) -> Line {
        let revocation = issued.revocation();
        let status = match issued.standing {
            Standing::Revoked(_) => "revoked",
            Standing::Suspended(_) => "suspended",
            Standing::Good if issued.certificate.not_after() < now => "expired",
            Standing::Good => "good",
        };
        Line {
            status,
            since: revocation.map(|revocation| revocation.at.to_string()),
            reason: revocation.and_then(|revocation| revocation.reason).map(|reason| reason.name()),
            invalidity_date: revocation
                .and_then(|revocation| revocation.invalidity_date)
                .map(|time| time.to_string()),
            profile: issued.profile.clone(),
            issued: issued.at.to_string(),
            certificate: CertificateLine::new(&issued.certificate),
        }
    }

    /// On one line.
    pub fn row(&self) -> String {
        let until = self.certificate.not_after.get(..10).unwrap_or_default();
        let subject = printable(&self.certificate.subject);
        let (serial, status, profile) = (&self.certificate.serial, self.status, &self.profile);
        format!("{serial}  {status:<9}  until {until}  {profile:<14}  {subject}\n")
    }

    /// Several lines of text.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n", self.status);
        let rows = [
            ("since", self.since.as_deref()),
            ("reason", self.reason),
            ("invalid", self.invalidity_date.as_deref()),
            ("profile", Some(self.profile.as_str())),
            ("issued", Some(self.issued.as_str())),
        ];
        for (name, value) in rows {
            if let Some(value) = value {
                text.push_str(&format!("  {name:<12}{}\n", printable(value)));
            }
        }
        text + &self.certificate.text("  ")
    }
}
