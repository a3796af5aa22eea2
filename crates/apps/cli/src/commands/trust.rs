//! `undersign trust`: the certificates that signatures are traced back to.

use super::Context;
use super::identity::describe::CertificateLine;
use crate::error::Failure;
use crate::exit::Exit;
use crate::streams::json_line;
use clap::{Args, Subcommand, ValueHint};
use pkix::{AnchorRole, Certificate, TrustAnchor};
use report::printable;
use serde::Serialize;
use std::path::PathBuf;
use store::{Added, Anchor, AnchorKind, Anchors, Home, TrustStore};

/// Shown with `undersign trust --help`.
pub const EXAMPLES: &str = "\
Examples:
  undersign trust add partner.pem authority.crt
  undersign trust list
  undersign trust remove 3f9a6c01

A certificate in the trust store is a decision of yours: whatever leads back to
it is trusted. Compare its SHA-256 with its owner before you add it.";

/// List, add and remove the certificates you trust
#[derive(Debug, Subcommand)]
pub enum Trust {
    Add(Add),
    List(List),
    Remove(Remove),
}

/// Trust the certificates in these files
#[derive(Debug, Args)]
#[command(
    long_about = "Trust the certificates in these files from now on (PEM, DER, PKCS#7).\n\n\
        The certificate of an authority vouches for all certificates it issues. Any other certificate is \
        trusted by itself and vouches for no other.",
    after_long_help = "\
Examples:
  undersign trust add partner.pem
  undersign trust add authorities/*.crt"
)]
pub struct Add {
    /// Files with certificates
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    files: Vec<PathBuf>,
    /// One JSON object per certificate, each on a line
    #[arg(long)]
    json: bool,
}

/// List the certificates you trust
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  undersign trust list
  undersign trust list --json")]
pub struct List {
    /// One JSON object per certificate, each on a line
    #[arg(long)]
    json: bool,
}

/// Trust a certificate no longer
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  undersign trust remove 3f9a6c01
  undersign trust remove \"Example Authority\"")]
pub struct Remove {
    /// The beginning of its SHA-256 (8 digits or more), its file, or its common name
    #[arg(value_name = "NAME")]
    name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AnchorLine {
    #[serde(flatten)]
    certificate: CertificateLine,
    kind: &'static str,
    file: String,
}

impl Trust {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        match self {
            Trust::Add(command) => command.run(context),
            Trust::List(command) => command.run(context),
            Trust::Remove(command) => command.run(context),
        }
    }
}

impl Add {
    fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let store = TrustStore::of(&context.home()?);
        let mut exit = Exit::Success;
        for file in &self.files {
            match store.add(file) {
                Ok(outcome) => outcome.iter().try_for_each(|added| self.tell(context, added))?,
                Err(error) => {
                    let failure = Failure::Store(error);
                    context.streams.failure(&failure);
                    exit = exit.and(failure.exit());
                }
            }
        }
        Ok(exit)
    }

    fn tell(&self, context: &Context<'_>, added: &Added) -> Result<(), Failure> {
        let (anchor, what) = match added {
            Added::New(anchor) => (anchor, "trusted from now on:"),
            Added::Known(anchor) => (anchor, "trusted already:"),
        };
        context.streams.note(what);
        context.streams.data(&show(anchor, self.json))
    }
}

impl List {
    fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let Some(home) = context.existing_home()? else {
            context.streams.note("there is no trust store yet; add to it with: undersign trust add FILE");
            return Ok(Exit::Success);
        };
        let Anchors { anchors, problems } = TrustStore::of(&home).list();
        for anchor in &anchors {
            context.streams.data(&show(anchor, self.json))?;
        }
        if anchors.is_empty() {
            context.streams.note("you trust no certificate yet; add one with: undersign trust add FILE");
        }
        let mut exit = Exit::Success;
        for problem in problems {
            let failure = Failure::Store(problem);
            context.streams.failure(&failure);
            exit = exit.and(failure.exit());
        }
        Ok(exit)
    }
}

impl Remove {
    fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let removed =
            TrustStore::of(&context.home()?).remove(&self.name).map_err(|error| match error.fault {
                store::Fault::Content(reason) => {
                    Failure::objection("trust", reason, "see: undersign trust list")
                }
                _ => error.into(),
            })?;
        context.streams.note("trusted no longer:");
        context.streams.data(&row(&removed))?;
        Ok(Exit::Success)
    }
}

fn show(anchor: &Anchor, json: bool) -> String {
    if !json {
        return row(anchor);
    }
    json_line(&AnchorLine {
        certificate: CertificateLine::new(&anchor.certificate),
        kind: kind(anchor),
        file: anchor.path.display().to_string(),
    })
}

fn kind(anchor: &Anchor) -> &'static str {
    match anchor.kind() {
        AnchorKind::Authority => "authority",
        AnchorKind::Pinned => "certificate",
    }
}

fn row(anchor: &Anchor) -> String {
    let certificate = &anchor.certificate;
    let until = certificate.not_after().to_string();
    let day = until.get(..10).unwrap_or(&until);
    let thumbprint: String = anchor.thumbprint().chars().take(16).collect();
    let subject = certificate.subject().to_string();
    format!("{thumbprint}  {:<11}  until {day}  {}\n", kind(anchor), printable(&subject))
}

/// Trusts a certificate that was just made; gives the file it is kept in.
pub fn add(home: &Home, certificate: &Certificate) -> Result<PathBuf, Failure> {
    let outcome = TrustStore::of(home).add_certificates(vec![certificate.clone()])?;
    let path = |added: &Added| match added {
        Added::New(anchor) | Added::Known(anchor) => anchor.path.clone(),
    };
    outcome.first().map(path).ok_or(Failure::Internal)
}

/// The anchors of the trust store. A file in it that cannot be read is a warning: it cannot make anything trusted.
pub fn load(context: &Context<'_>, home: &Home) -> Vec<TrustAnchor> {
    let Anchors { anchors, problems } = TrustStore::of(home).list();
    for problem in problems {
        context.streams.warning(&problem.to_string(), "it is left out; repair or remove it");
    }
    anchors.into_iter().map(trust_anchor).collect()
}

/// What the trust store's word means for paths: authorities issue, others stand for themselves.
fn trust_anchor(anchor: Anchor) -> TrustAnchor {
    let role = match anchor.kind() {
        AnchorKind::Authority => AnchorRole::IssuerOrEndEntity,
        AnchorKind::Pinned => AnchorRole::EndEntity,
    };
    TrustAnchor::from_certificate(anchor.certificate).with_role(role)
}
