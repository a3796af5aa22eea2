//! Consent: what will be signed is shown, then a person agrees.

use super::signature::SignatureOptions;
use crate::error::Failure;
use crate::streams::Streams;
use report::printable;
use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal};
use std::path::Path;

/// Whether consent was given in advance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// `--accept`: I have read this and sign it.
    InAdvance,
    /// It must be asked for.
    ToBeAsked,
}

impl Consent {
    /// From the option `--accept`.
    pub fn given(accept: bool) -> Consent {
        if accept { Consent::InAdvance } else { Consent::ToBeAsked }
    }
}

/// Documents listed one by one; of more the rest is counted.
const LISTED: usize = 20;

/// What will be signed, by whom and as what.
pub fn statement(documents: &[(&Path, &Path)], signer: &str, options: &SignatureOptions) -> String {
    let mut text = match documents.len() {
        1 => "to be signed:\n".to_owned(),
        count => format!("{count} documents to be signed:\n"),
    };
    for (input, output) in documents.iter().take(LISTED) {
        let (input, output) = (input.display().to_string(), output.display().to_string());
        text.push_str(&format!("  {} -> {}\n", printable(&input), printable(&output)));
    }
    if documents.len() > LISTED {
        text.push_str(&format!("  and {} more\n", documents.len() - LISTED));
    }
    text.push_str(&format!("as {}", printable(signer)));
    for (label, value) in
        [("reason", &options.reason), ("place", &options.location), ("role", &options.signed_by_role)]
    {
        if let Some(value) = value {
            text.push_str(&format!("\n  {label}: {}", printable(value)));
        }
    }
    text
}

/// Shows the statement and, unless consent was given in advance, asks for it.
pub fn ask(streams: &Streams, statement: &str, consent: Consent) -> Result<(), Failure> {
    if consent == Consent::InAdvance {
        streams.note(statement);
        return Ok(());
    }
    let mut terminal = terminal().ok_or(Failure::NobodyToAsk)?;
    streams.say(statement);
    streams.say("I have read this and sign it (type yes):");
    let mut answer = String::new();
    match terminal.read_line(&mut answer) {
        Ok(_) if answer.trim() == "yes" => Ok(()),
        _ => Err(Failure::Declined),
    }
}

/// Where a person can answer: standard input, or the terminal itself if standard input is a list of files.
fn terminal() -> Option<Box<dyn BufRead>> {
    if io::stdin().is_terminal() {
        return Some(Box::new(BufReader::new(io::stdin())));
    }
    if cfg!(unix) && io::stderr().is_terminal() {
        return Some(Box::new(BufReader::new(File::open("/dev/tty").ok()?)));
    }
    None
}
