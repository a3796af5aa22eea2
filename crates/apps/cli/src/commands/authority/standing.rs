//! `undersign authority suspend`, `resume` and `revoke`.

use super::folder::Place;
use super::show::find;
use crate::clock;
use crate::commands::Context;
use crate::error::Failure;
use crate::exit::Exit;
use authority::{Event, Refusal, Register};
use clap::{Args, ValueEnum};
use pkix::Reason;
use report::printable;
use types::Time;

/// Put a certificate on hold, for the time being
#[derive(Debug, Args)]
#[command(
    long_about = "Put a certificate on hold: from now on it counts as revoked, until it is taken off hold or revoked for good. \
        The passphrase is not needed; the next CRL and every OCSP answer say it.",
    after_long_help = "\
Examples:
  undersign authority suspend 4f21
  undersign authority suspend ada.pem"
)]
pub struct Suspend {
    /// Its serial number, the beginning of it (4 digits or more), or a file with it
    #[arg(value_name = "CERTIFICATE")]
    certificate: String,
}

/// Take a certificate off hold
#[derive(Debug, Args)]
#[command(
    long_about = "Take a certificate off hold: it counts as good again, as if it had never been on hold.",
    after_long_help = "\
Examples:
  undersign authority resume 4f21"
)]
pub struct Resume {
    /// Its serial number, the beginning of it (4 digits or more), or a file with it
    #[arg(value_name = "CERTIFICATE")]
    certificate: String,
}

/// Revoke a certificate for good
#[derive(Debug, Args)]
#[command(
    long_about = "Revoke a certificate, for good. One that was on hold counts as revoked since it was put on hold.\n\n\
        --since says since when the key may have been in other hands, which may be long before now. The \
        passphrase is not needed; the next CRL and every OCSP answer say it.",
    after_long_help = "\
Examples:
  undersign authority revoke 4f21 --reason superseded
  undersign authority revoke ada.pem --reason key-compromise \\
      --since 2026-11-20T08:00:00Z"
)]
pub struct Revoke {
    /// Its serial number, the beginning of it (4 digits or more), or a file with it
    #[arg(value_name = "CERTIFICATE")]
    certificate: String,
    /// Why (RFC 5280, 5.3.1)
    #[arg(long, value_name = "REASON")]
    reason: ReasonChoice,
    /// Since when the key may have been in other hands, like 2026-01-31T12:00:00Z
    #[arg(long, value_name = "TIME")]
    since: Option<Time>,
}

/// Reasons that end a certificate for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ReasonChoice {
    /// None is given
    Unspecified,
    /// The key is or may be in other hands
    KeyCompromise,
    /// The key of the authority below is or may be in other hands
    CaCompromise,
    /// The name or other data changed
    AffiliationChanged,
    /// Another certificate takes its place
    Superseded,
    /// It is not needed any more
    CessationOfOperation,
    /// What it entitled to was withdrawn
    PrivilegeWithdrawn,
}

impl ReasonChoice {
    fn reason(self) -> Reason {
        match self {
            ReasonChoice::Unspecified => Reason::Unspecified,
            ReasonChoice::KeyCompromise => Reason::KeyCompromise,
            ReasonChoice::CaCompromise => Reason::CaCompromise,
            ReasonChoice::AffiliationChanged => Reason::AffiliationChanged,
            ReasonChoice::Superseded => Reason::Superseded,
            ReasonChoice::CessationOfOperation => Reason::CessationOfOperation,
            ReasonChoice::PrivilegeWithdrawn => Reason::PrivilegeWithdrawn,
        }
    }
}

impl Suspend {
    pub fn run(&self, context: &Context<'_>, place: &Place) -> Result<Exit, Failure> {
        change(context, place, &self.certificate, "suspended", |register, serial| {
            register.suspend(serial, clock::now())
        })
    }
}

impl Resume {
    pub fn run(&self, context: &Context<'_>, place: &Place) -> Result<Exit, Failure> {
        change(context, place, &self.certificate, "resumed", |register, serial| {
            register.resume(serial, clock::now())
        })
    }
}

impl Revoke {
    pub fn run(&self, context: &Context<'_>, place: &Place) -> Result<Exit, Failure> {
        change(context, place, &self.certificate, "revoked", |register, serial| {
            register.revoke(serial, self.reason.reason(), self.since, clock::now())
        })
    }
}

/// Writes down what became of a certificate, and says so.
fn change(
    context: &Context<'_>,
    place: &Place,
    wanted: &str,
    what: &str,
    event: impl FnOnce(&Register, &[u8]) -> Result<Event, Refusal>,
) -> Result<Exit, Failure> {
    let folder = place.open(context)?;
    let mut open = folder.open_register(&context.disk)?;
    let certificate = find(&open.register, wanted)?.certificate.clone();
    let event = event(&open.register, certificate.serial())?;
    let at = event.at();
    open.record(&[event])?;
    context.streams.data(&format!("{}\n", certificate.serial_hex()))?;
    let subject = certificate.subject().to_string();
    context.streams.note(&format!("{what} {} at {at}", printable(&subject)));
    context.streams.note("next: undersign authority crl, unless the authority is served");
    Ok(Exit::Success)
}
