//! `undersign authority`: a certification authority of one's own, in a folder of its own.

mod answers;
mod appoint;
mod crl;
pub mod folder;
mod init;
mod install;
mod issue;
mod list;
mod profiles;
mod serve;
mod service;
mod show;
mod standing;

pub use serve::ServeAuthority;

use super::Context;
use crate::error::Failure;
use crate::exit::Exit;
use clap::Subcommand;

/// Shown with `undersign authority --help`.
pub const EXAMPLES: &str = "\
Examples:
  One authority that issues to people and gives time-stamps:
    undersign authority init --name \"Example Authority\"
    undersign authority appoint ocsp
    undersign authority appoint timestamp
    undersign authority issue request.pem -o ada.pem

  A root that stays offline, and an authority below it:
    undersign authority --dir root init --name \"Example Root\"
    undersign authority --dir issuing init --name \"Example Issuing\" \\
        --request issuing.csr
    undersign authority --dir root issue issuing.csr --profile issuing-ca \\
        -o issuing.pem
    undersign authority --dir issuing install issuing.pem root.pem

Its keys are in a vault of their own. Nothing is answered before it is in the
register, on the disk.";

/// Issue certificates, revoke them, answer for them, give time-stamps
#[derive(Debug, clap::Args)]
pub struct Authority {
    #[command(flatten)]
    place: folder::Place,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Init),
    Install(install::Install),
    Appoint(appoint::Appoint),
    Issue(issue::Issue),
    List(list::List),
    Show(show::Show),
    Suspend(standing::Suspend),
    Resume(standing::Resume),
    Revoke(standing::Revoke),
    Crl(crl::Crl),
    Ocsp(answers::Ocsp),
    Timestamp(answers::Timestamp),
    Profiles(profiles::Profiles),
}

impl Authority {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let place = &self.place;
        match &self.command {
            Command::Init(command) => command.run(context, place),
            Command::Install(command) => command.run(context, place),
            Command::Appoint(command) => command.run(context, place),
            Command::Issue(command) => command.run(context, place),
            Command::List(command) => command.run(context, place),
            Command::Show(command) => command.run(context, place),
            Command::Suspend(command) => command.run(context, place),
            Command::Resume(command) => command.run(context, place),
            Command::Revoke(command) => command.run(context, place),
            Command::Crl(command) => command.run(context, place),
            Command::Ocsp(command) => command.run(context, place),
            Command::Timestamp(command) => command.run(context, place),
            Command::Profiles(command) => command.run(context, place),
        }
    }
}

impl From<authority::Refusal> for Failure {
    fn from(refusal: authority::Refusal) -> Failure {
        Failure::objection(refusal.code, refusal.reason, refusal.hint)
    }
}
