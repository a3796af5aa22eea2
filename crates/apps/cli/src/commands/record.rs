//! `undersign record`: what the signing records of a file say, in plain words.

use super::Context;
use super::clock::words;
use super::options::PasswordOptions;
use crate::contents;
use crate::error::Failure;
use crate::exit::Exit;
use crate::streams::json_line;
use clap::{Args, Subcommand, ValueHint};
use crypto::{DigestAlgorithm, PROVIDER};
use report::printable;
use serde::Serialize;
use serde_json::Value;
use std::path::PathBuf;
use store::FileSource;
use types::{Limits, Source};
use undersign::evidence::{Check, RecordFacts, SignatureEvidence};
use undersign::{Input, Trust};

/// Shown with `undersign record --help`.
pub const EXAMPLES: &str = "\
Examples:
  undersign record show contract.signed.pdf
  undersign record show --json annexes.asice";

/// Show what devices noted when they signed
#[derive(Debug, Subcommand)]
pub enum RecordCommand {
    Show(Show),
}

/// Show the signing records in a file
#[derive(Debug, Args)]
#[command(
    long_about = "Show the signing records in a file (spec/record.md): what the device of each signer noted when it \
    signed. All of it is the word of that device; what of it is proven, says `undersign verify`."
)]
pub struct Show {
    /// The signed file
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// As one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    password: PasswordOptions,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Records<'a> {
    file: String,
    signatures: Vec<RecordLine<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RecordLine<'a> {
    field: &'a str,
    /// Whether the signature value fits, so that nobody changed the record.
    unaltered: bool,
    sha256: Option<String>,
    record: Option<Value>,
    unknown: Vec<&'a str>,
    faults: Vec<String>,
}

impl RecordCommand {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let RecordCommand::Show(show) = self;
        show.run(context)
    }
}

impl Show {
    fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let source = FileSource::open(&self.file)?;
        let content = contents::beside(&self.file).map(|path| FileSource::open(&path)).transpose()?;
        let password = self.password.read()?;
        let input = Input {
            password: password.as_deref(),
            content: content.as_ref().map(|content| content as &dyn Source),
            extension: self.file.extension().and_then(|extension| extension.to_str()),
            ..Input::new(&source)
        };
        let evidence = undersign::collect(&input, &Trust::default(), Limits::STANDARD)
            .map_err(|malformed| Failure::document(&self.file, malformed))?;
        let signatures: Vec<&SignatureEvidence> =
            evidence.signatures.iter().filter(|one| !one.kind.is_timestamp()).collect();
        let lines: Vec<RecordLine<'_>> = signatures.iter().copied().map(line).collect();
        if lines.is_empty() {
            let reason = format!("{} holds no signature", self.file.display());
            return Err(Failure::objection("record.unsigned", reason, "name a signed file"));
        }
        if self.json {
            let file = self.file.display().to_string();
            context.streams.data(&json_line(&Records { file, signatures: lines }))?;
            return Ok(Exit::Success);
        }
        for (signature, line) in signatures.into_iter().zip(&lines) {
            context.streams.data(&text(signature, line))?;
        }
        Ok(Exit::Success)
    }
}

fn record(signature: &SignatureEvidence) -> Option<&RecordFacts> {
    signature.signed_data.as_ref().ok()?.record.as_ref()
}

fn line(signature: &SignatureEvidence) -> RecordLine<'_> {
    let facts = record(signature);
    let value = signature.signed_data.as_ref().map(|facts| &facts.value);
    let read = facts.map(|facts| facts.read.as_ref());
    let mut line = RecordLine {
        field: &signature.field,
        unaltered: matches!(value, Ok(Check::Matches)),
        sha256: facts.map(|facts| PROVIDER.digest(DigestAlgorithm::Sha256, &facts.octets).hex()),
        record: facts.and_then(|facts| serde_json::from_slice(&facts.octets).ok()),
        unknown: Vec::new(),
        faults: Vec::new(),
    };
    match read {
        Some(Ok(read)) => {
            line.unknown = read.unknown.iter().map(String::as_str).collect();
            line.faults = read.faults.iter().map(|(section, why)| format!("{section}: {why}")).collect();
        }
        Some(Err(error)) => {
            line.record = None;
            line.faults.push(error.to_string());
        }
        None => {}
    }
    line
}

fn text(signature: &SignatureEvidence, line: &RecordLine<'_>) -> String {
    let mut lines = vec![printable(line.field).into_owned()];
    let mut add = |text: String| lines.push(format!("  {}", printable(&text)));
    let Some(facts) = record(signature) else {
        add("no signing record".into());
        return lines.join("\n") + "\n";
    };
    if !line.unaltered {
        add("the signature value does not fit or could not be checked: the record may have been altered"
            .into());
    }
    if let Some(clock) = facts.clock() {
        words(clock).into_iter().for_each(&mut add);
    }
    if let Some(beacon) = facts.beacon_named() {
        add(format!("beacon     {} of {}, \"{}\"", beacon.kind.as_str(), beacon.time, beacon.source));
        add(format!("           {}", beacon.digest));
    }
    line.unknown.iter().for_each(|section| add(format!("not understood: section {section}")));
    line.faults.iter().for_each(|fault| add(format!("cannot be used: {fault}")));
    if let Some(sha256) = &line.sha256 {
        add(format!("digest     sha-256:{sha256}"));
    }
    lines.join("\n") + "\n"
}
