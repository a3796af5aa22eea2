//! `undersign pack`: trust packs, made by a publisher, carried by stick or fetched, installed for `verify`.

mod build;
mod diff;
mod fresh;
mod install;
mod installed;
mod lists;
mod place;
mod show;

pub use installed::{Pin, findings, load, members};

use super::Context;
use crate::error::Failure;
use crate::exit::Exit;
use clap::Subcommand;
use undersign::pack::PackRefusal;

/// Shown with `undersign pack --help`.
pub const EXAMPLES: &str = "\
Examples:
  undersign pack build --name partners -o partners anchor=ca.pem crl=ca.crl
  undersign pack install /media/stick/partners --publisher 3f9a6c01…
  undersign pack show partners
  undersign pack update partners

A pack is a folder: a signed list, and the files that it names. Nothing is
fetched unless you give an address (spec/trust-pack.md).";

/// Make, install and update trust packs: anchors, CRLs, OCSP responses from one publisher
#[derive(Debug, Subcommand)]
pub enum PackCommand {
    Build(Box<build::Build>),
    Show(show::Show),
    Install(install::Install),
    Update(install::Update),
    Diff(diff::Diff),
    Remove(install::Remove),
}

impl PackCommand {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        match self {
            PackCommand::Build(command) => command.run(context),
            PackCommand::Show(command) => command.run(context),
            PackCommand::Install(command) => command.run(context),
            PackCommand::Update(command) => command.run(context),
            PackCommand::Diff(command) => command.run(context),
            PackCommand::Remove(command) => command.run(context),
        }
    }
}

impl From<PackRefusal> for Failure {
    fn from(refusal: PackRefusal) -> Failure {
        Failure::objection(refusal.code, refusal.reason, refusal.hint)
    }
}
