//! `undersign authority ocsp` and `timestamp`: requests by file, answers by file.

use super::folder::Place;
use super::service::Services;
use crate::clock;
use crate::commands::Context;
use crate::commands::options::{OutputOptions, PassphraseOptions, read_small};
use crate::error::Failure;
use crate::exit::Exit;
use clap::{Args, ValueHint};
use pkix::ResponseStatus;
use std::path::PathBuf;

/// Answer an OCSP request from a file
#[derive(Debug, Args)]
#[command(
    long_about = "Answer an OCSP request (RFC 6960, DER) out of the register. An answer is written in any case; if it says only \
        why there is none, the command ends with 1.",
    after_long_help = "\
Examples:
  openssl ocsp -issuer authority.pem -cert ada.pem -reqout request.der
  undersign authority ocsp request.der -o answer.der"
)]
pub struct Ocsp {
    /// The request
    #[arg(value_name = "REQUEST", value_hint = ValueHint::FilePath)]
    request: PathBuf,
    #[command(flatten)]
    output: OutputOptions,
    #[command(flatten)]
    passphrase: PassphraseOptions,
}

/// Answer a time-stamp request from a file
#[derive(Debug, Args)]
#[command(
    long_about = "Answer a time-stamp request (RFC 3161, DER) with a token over the time of this computer. An answer is written \
        in any case; if it says only why there is no token, the command ends with 1.\n\n\
        Keep the clock synchronised: the token says that it is right to a second.",
    after_long_help = "\
Examples:
  openssl ts -query -data contract.pdf -sha256 -cert -out request.tsq
  undersign authority timestamp request.tsq -o answer.tsr"
)]
pub struct Timestamp {
    /// The request
    #[arg(value_name = "REQUEST", value_hint = ValueHint::FilePath)]
    request: PathBuf,
    #[command(flatten)]
    output: OutputOptions,
    #[command(flatten)]
    passphrase: PassphraseOptions,
}

impl Ocsp {
    pub fn run(&self, context: &Context<'_>, place: &Place) -> Result<Exit, Failure> {
        let folder = place.open(context)?;
        let request = read_small(&self.request)?;
        let vault = folder.unlocked(context, &self.passphrase)?;
        let services = Services::new(&vault, &folder.settings()?)?;
        let answer = services.ocsp.answer(&request, &folder.register()?, clock::now());
        self.output.write(context, &answer.der)?;
        let reason = match answer.status {
            ResponseStatus::Successful => return Ok(Exit::Success),
            ResponseStatus::MalformedRequest => "the request cannot be read",
            ResponseStatus::InternalError => "the certificate of the responder is not valid now",
            ResponseStatus::TryLater => "the clock is behind the register",
            ResponseStatus::SigRequired => "the request would have to be signed",
            ResponseStatus::Unauthorized => "the request is about certificates of another authority",
        };
        Err(Failure::objection("authority.ocsp", reason, "the answer that was written says so too"))
    }
}

impl Timestamp {
    pub fn run(&self, context: &Context<'_>, place: &Place) -> Result<Exit, Failure> {
        let folder = place.open(context)?;
        let request = read_small(&self.request)?;
        let vault = folder.unlocked(context, &self.passphrase)?;
        let services = Services::new(&vault, &folder.settings()?)?;
        let unit = services.timestamping.ok_or_else(|| {
            Failure::objection(
                "authority.timestamp.none",
                "nobody is appointed to give time-stamps",
                "appoint a time-stamping unit with: undersign authority appoint timestamp",
            )
        })?;
        let answer = unit.answer(&request, &folder.register()?, clock::now());
        self.output.write(context, &answer.der)?;
        match answer.failure {
            None => Ok(Exit::Success),
            Some(failure) => Err(Failure::objection(
                "authority.timestamp",
                format!("no time-stamp was given: {}", failure.name()),
                "the answer that was written says so too",
            )),
        }
    }
}
