//! `undersign pack install`, `update` and `remove`.

use super::super::Context;
use super::super::options::read_small;
use super::installed::{Slot, names};
use super::place::Place;
use super::show::{bytes, contents};
use crate::clock;
use crate::error::Failure;
use crate::exit::Exit;
use clap::{Args, ValueHint};
use crypto::{DigestAlgorithm, PROVIDER};
use report::printable;
use std::path::Path;
use store::Home;
use types::{Budget, Time};
use undersign::pack::{self, Known, Pack, Step};

/// Install a trust pack from a folder or an address
#[derive(Debug, Args)]
#[command(
    long_about = "Install a trust pack from a folder (a stick) or an address (http, https). What it holds takes part in every \
        verification from now on; reports name its snapshot.\n\n\
        The first time you have to name its publisher: compare the SHA-256 of the certificate on another way. Later \
        versions are taken from whoever the installed version names. A pack that is older, signed by somebody else, \
        changed or not whole is refused, and everything stays as it was.",
    after_long_help = "\
Examples:
  undersign pack install /media/stick/partners --publisher publisher.pem
  undersign pack install https://packs.example/partners --publisher 3f9a6c01…

Exit codes: 0 installed or there already, 1 refused or not reached, 2 usage,
4 could not read or write."
)]
pub struct Install {
    /// The folder or address of the pack
    #[arg(value_name = "FOLDER|URL", value_hint = ValueHint::AnyPath)]
    from: String,
    /// The certificate of the publisher, or its whole SHA-256; may be given several times
    #[arg(long, value_name = "FILE|SHA256", value_hint = ValueHint::FilePath)]
    publisher: Vec<String>,
}

/// Take the latest version of installed packs from where they came from
#[derive(Debug, Args)]
#[command(
    long_about = "Take the latest version of installed packs from where they came from, or from elsewhere. Only what is new is \
        fetched. A network is used only if the place is an address.",
    after_long_help = "\
Examples:
  undersign pack update
  undersign pack update partners --from /media/stick/partners

Exit codes: 0 up to date, 1 refused or not reached, 2 usage, 4 could not read or
write."
)]
pub struct Update {
    /// The packs; all if absent
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Take it from this folder or address, this time and from now on
    #[arg(long, value_name = "FOLDER|URL", value_hint = ValueHint::AnyPath)]
    from: Option<String>,
}

/// Use an installed pack no longer
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  undersign pack remove partners")]
pub struct Remove {
    /// The pack
    #[arg(value_name = "NAME")]
    name: String,
}

impl Install {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let publishers = self.publisher.iter().map(|text| publisher(text)).collect::<Result<Vec<_>, _>>()?;
        let home = context.home()?;
        let place = Place::named(context, &self.from)?;
        install(context, &home, &place, None, &publishers.concat())?;
        Ok(Exit::Success)
    }
}

impl Update {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let nothing =
            || Failure::usage("no trust pack is installed", "install one with: undersign pack install");
        let home = context.existing_home()?.ok_or_else(nothing)?;
        let names = if self.names.is_empty() { names(&home) } else { self.names.clone() };
        if names.is_empty() {
            return Err(nothing());
        }
        if names.len() > 1 && self.from.is_some() {
            return Err(Failure::usage("--from is for one pack", "name the pack"));
        }
        let mut exit = Exit::Success;
        for name in &names {
            if let Err(failure) = self.update(context, &home, name) {
                context.streams.failure(&failure);
                exit = exit.and(failure.exit());
            }
        }
        Ok(exit)
    }

    fn update(&self, context: &Context<'_>, home: &Home, name: &str) -> Result<(), Failure> {
        let slot = Slot::of(context, home, name)?;
        if slot.pack()?.is_none() {
            let hint = "see the installed ones with: undersign pack show";
            return Err(Failure::usage(format!("the pack {name:?} is not installed"), hint));
        }
        let from = self.from.clone().or_else(|| slot.source());
        let from =
            from.ok_or_else(|| Failure::usage("nobody knows where it came from", "name it with --from"))?;
        install(context, home, &Place::named(context, &from)?, Some(name), &[])
    }
}

impl Remove {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let home = context.home()?;
        let slot = Slot::of(context, &home, &self.name)?;
        let _lock = slot.lock()?;
        if !names(&home).contains(&self.name) {
            let hint = "see the installed ones with: undersign pack show";
            return Err(Failure::usage(format!("the pack {:?} is not installed", self.name), hint));
        }
        slot.clear()?;
        context.streams.note(&format!("removed the trust pack {}", self.name));
        Ok(Exit::Success)
    }
}

/// Installs what is at `place`; as the pack of this name, if one is expected.
fn install(
    context: &Context<'_>,
    home: &Home,
    place: &Place,
    expected: Option<&str>,
    publishers: &[String],
) -> Result<(), Failure> {
    let now = clock::now();
    let signed = place.signed()?;
    // Who signed matters below; first only the name.
    let seen = pack::open(&signed, Known::Anybody, now)?;
    let name = expected.unwrap_or(&seen.record.name);
    let slot = Slot::of(context, home, name)?;
    let _lock = slot.lock()?;
    let there = slot.pack()?;
    let known = known(there.as_ref(), publishers, &seen)?;
    let pack = pack::open(&signed, Known::Publishers(&known), now)?;
    if let Some(there) = &there
        && pack.follow(there)? == Step::Same
    {
        slot.fill(&pack, &signed, place)?;
        context.streams.note(&format!("{name} is up to date"));
        return context.streams.data(&format!("{}\n", pack.snapshot));
    }
    if pack.record.issued.parse::<Time>().is_ok_and(|issued| issued > now.plus(86_400)) {
        let text = format!("{name} says that it was made on {}, which is still to come", pack.record.issued);
        context.streams.warning(&text, "check the clock of this computer");
    }
    // It must still open when the certificate of its publisher has ended.
    pack::open_again(&signed)?;
    let taken = slot.fill(&pack, &signed, place)?;
    let Pack { record, .. } = &pack;
    context.streams.note(&format!(
        "installed {name} number {} of {}: {}, {}; {} taken",
        record.sequence,
        record.issued,
        contents(record.contents.len()),
        bytes(record.total()),
        bytes(taken),
    ));
    context.streams.data(&format!("{}\n", pack.snapshot))
}

/// Whose signature counts: of those that the person named, and of those that the installed version names.
fn known(there: Option<&Pack>, publishers: &[String], seen: &Pack) -> Result<Vec<String>, Failure> {
    let mut known = publishers.to_vec();
    known.extend(there.into_iter().flat_map(|pack| pack.record.publishers.iter().cloned()));
    if known.is_empty() {
        let subject = seen.publisher.subject().to_string();
        let subject = printable(&subject);
        return Err(Failure::objection(
            "pack.unknown-publisher",
            format!("{} is signed by {subject}, SHA-256 {}", seen.record.name, seen.publisher_digest()),
            "compare the SHA-256 with the publisher on another way, then name it with --publisher",
        ));
    }
    Ok(known)
}

/// The digests that a publisher's name on the command line means.
pub fn publisher(text: &str) -> Result<Vec<String>, Failure> {
    let digits: String = text.chars().filter(|c| *c != ':').collect::<String>().to_ascii_lowercase();
    if digits.len() == 64 && digits.chars().all(|c| c.is_ascii_hexdigit()) {
        return Ok(vec![digits]);
    }
    let path = Path::new(text);
    if !path.is_file() {
        let hint = "give the file with the certificate, or all 64 digits of its SHA-256";
        return Err(Failure::usage(format!("{text:?} is neither a file nor a SHA-256"), hint));
    }
    let certificates = pkix::read_certificates(&read_small(path)?, &mut Budget::default())
        .map_err(|malformed| Failure::document(path, malformed))?;
    let digest =
        |certificate: &pkix::Certificate| certificate.digest(DigestAlgorithm::Sha256, PROVIDER).hex();
    Ok(certificates.iter().map(digest).collect())
}
