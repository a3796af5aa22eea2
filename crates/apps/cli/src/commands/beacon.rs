//! `undersign beacon`: values from outside that go into signing records, and show that a signature is later.

use super::Context;
use super::options::{PolicyOptions, read_small};
use super::trusting::TrustOptions;
use crate::beacons::{self, Beacon};
use crate::clock;
use crate::error::Failure;
use crate::exit::Exit;
use crate::streams::json_line;
use clap::{Args, Subcommand, ValueHint};
use crypto::PROVIDER;
use report::printable;
use serde::Serialize;
use std::path::{Path, PathBuf};
use types::Budget;
use undersign::evidence::{self, Check, TokenRole};
use undersign::validation::{Indication, validate};

/// Shown with `undersign beacon --help`.
pub const EXAMPLES: &str = "\
Examples:
  undersign beacon take token.tsr
  undersign beacon show
  undersign verify --beacon token.tsr contract.pdf";

/// Take in and show beacons: timestamps that the next signatures name
#[derive(Debug, Subcommand)]
pub enum BeaconCommand {
    Show(Show),
    Take(Take),
}

/// Show the beacons at hand, newest first; the first one goes into signing records
#[derive(Debug, Args)]
pub struct Show {
    /// One JSON object per beacon, each on a line
    #[arg(long)]
    json: bool,
}

/// Take in a timestamp as a beacon
#[derive(Debug, Args)]
#[command(
    long_about = "Take in a timestamp (RFC 3161) as a beacon: whatever is signed from now on names its digest, and \
    so proves to everyone who has the timestamp and trusts its authority that it was signed later. \
    `undersign sync` keeps the newest timestamp that it gets in the same way.\n\n\
    A timestamp whose signature does not fit is refused. One whose authority is not trusted is taken and \
    said to be so."
)]
pub struct Take {
    /// A timestamp token or response (.tst, .tsr)
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    #[command(flatten)]
    trust: TrustOptions,
    #[command(flatten)]
    policy: PolicyOptions,
    /// As one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BeaconLine {
    time: String,
    source: String,
    digest: String,
    file: String,
    /// Only when it is taken in.
    #[serde(skip_serializing_if = "Option::is_none")]
    trusted: Option<bool>,
}

impl BeaconCommand {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        match self {
            BeaconCommand::Show(show) => show.run(context),
            BeaconCommand::Take(take) => take.run(context),
        }
    }
}

impl Show {
    fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let found = context.existing_home()?.map_or(Ok(Vec::new()), |home| beacons::all(&home))?;
        if found.is_empty() {
            context.streams.note("there is no beacon; take one in with: undersign beacon take FILE");
        }
        for (beacon, path) in found {
            tell(context, &beacon, &path, None, self.json)?;
        }
        Ok(Exit::Success)
    }
}

impl Take {
    fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let bytes = read_small(&self.file)?;
        let beacon = Beacon::read(&bytes).ok_or_else(|| {
            let reason = format!("{} is no timestamp", self.file.display());
            Failure::objection("beacon.unreadable", reason, "give a .tst or .tsr file (RFC 3161)")
        })?;
        let standing = self.judge(context, &beacon)?;
        let home = context.home()?;
        let (beacon, path) = beacons::keep(context, &home, &beacon.token)?;
        if let Some(why) = &standing {
            let text = format!("nobody at hand vouches for this timestamp ({why})");
            let hint = "trust its authority with --trust or `undersign trust add`, or take another one";
            context.streams.warning(&text, hint);
        }
        tell(context, &beacon, &path, Some(standing.is_none()), self.json)?;
        Ok(Exit::Success)
    }

    /// Why the token is not good; nothing if it is. One that was altered is refused.
    fn judge(&self, context: &Context<'_>, beacon: &Beacon) -> Result<Option<String>, Failure> {
        let trust = self.trust.load(context)?;
        let at_hand = evidence::Context {
            anchors: &trust.anchors,
            certificates: &trust.certificates,
            crls: &trust.crls,
            ocsps: &trust.ocsps,
            evidence_records: &[],
            signature_policies: &[],
            beacons: &[],
            provider: PROVIDER,
            links: &trust.links,
        };
        let mut evidence = evidence::collect_timestamp(&beacon.token, None, &at_hand, &mut Budget::default())
            .map_err(|malformed| Failure::document(&self.file, malformed))?;
        // What it is over is of no concern: it is the token itself that signatures will name.
        evidence.tokens.iter_mut().for_each(|token| token.role = TokenRole::Beacon);
        let stamp = evidence.tokens.first().and_then(|token| token.stamp.as_ref().ok());
        let whole = |stamp: &evidence::Stamp| {
            stamp.signed.value != Check::Differs && stamp.signed.content != Check::Differs
        };
        if !stamp.is_some_and(whole) {
            let reason = format!("the signature of the timestamp in {} does not fit", self.file.display());
            return Err(Failure::objection("beacon.forged", reason, "get another timestamp"));
        }
        let at = clock::now().max(beacon.time);
        let verdict = validate(&evidence, &self.policy.read(trust.algorithms.as_ref())?, at);
        let token = verdict.tokens.first().ok_or(Failure::Internal)?;
        Ok(match (token.indication, token.sub_indication) {
            (Indication::TotalPassed, _) => None,
            (indication, sub) => Some(sub.map_or(indication.as_str(), |sub| sub.as_str()).to_owned()),
        })
    }
}

fn tell(
    context: &Context<'_>,
    beacon: &Beacon,
    path: &Path,
    trusted: Option<bool>,
    json: bool,
) -> Result<(), Failure> {
    let line = BeaconLine {
        time: beacon.time.to_string(),
        source: beacon.source.clone(),
        digest: beacon.digest.to_string(),
        file: path.display().to_string(),
        trusted,
    };
    if json {
        return context.streams.data(&json_line(&line));
    }
    let BeaconLine { time, source, digest, file, .. } = &line;
    let text = format!("{time}  {}\n  {digest}\n  {}\n", printable(source), printable(file));
    context.streams.data(&text)
}
