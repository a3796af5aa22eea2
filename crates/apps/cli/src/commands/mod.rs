//! The commands, one per file, and the options that several of them share.

mod any_file;
mod augment;
mod authority;
mod beacon;
mod clock;
mod complete;
mod completions;
mod consent;
mod demo;
mod diff;
mod enrolment;
mod identity;
mod init;
mod inspect;
mod man;
mod maturing;
mod needs;
mod options;
mod pack;
mod pending;
mod preflight;
mod prepare;
mod record;
mod replay;
mod reports;
mod second_opinion;
mod serve;
mod services;
mod sign;
mod signature;
mod sync;
mod telling;
mod trust;
mod trusting;
mod validity;
mod verify;

pub use sign::ErrorLine;

use crate::arguments::{Cli, GlobalOptions};
use crate::error::Failure;
use crate::exit::Exit;
use crate::streams::Streams;
use clap::Subcommand;
use std::path::PathBuf;
use store::{Disk, Home};

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    Demo(demo::Demo),
    Init(init::Init),
    #[command(subcommand, after_long_help = identity::EXAMPLES)]
    Identity(identity::Identity),
    Sign(Box<sign::Sign>),
    Prepare(Box<prepare::Prepare>),
    Complete(complete::Complete),
    Verify(verify::Verify),
    Replay(replay::Replay),
    Inspect(inspect::Inspect),
    Diff(diff::Diff),
    #[command(subcommand, after_long_help = record::EXAMPLES)]
    Record(record::RecordCommand),
    #[command(subcommand, after_long_help = clock::EXAMPLES)]
    Clock(clock::ClockCommand),
    #[command(subcommand, after_long_help = beacon::EXAMPLES)]
    Beacon(Box<beacon::BeaconCommand>),
    Augment(augment::Augment),
    Pending(pending::Pending),
    Sync(sync::Sync),
    #[command(subcommand, after_long_help = needs::EXAMPLES)]
    Needs(needs::NeedsCommand),
    #[command(subcommand, after_long_help = services::EXAMPLES)]
    Services(services::ServicesCommand),
    #[command(subcommand, after_long_help = trust::EXAMPLES)]
    Trust(trust::Trust),
    #[command(subcommand, after_long_help = pack::EXAMPLES)]
    Pack(pack::PackCommand),
    #[command(after_long_help = authority::EXAMPLES)]
    Authority(authority::Authority),
    #[command(subcommand, after_long_help = serve::EXAMPLES)]
    Serve(serve::Serve),
    Completions(completions::Completions),
    Man(man::Man),
}

/// What every command has at hand.
pub struct Context<'a> {
    /// Where to write.
    pub streams: &'a Streams,
    global: GlobalOptions,
    /// The disk.
    pub disk: Disk,
}

impl Context<'_> {
    /// Where the home is or would be.
    pub fn home_path(&self) -> Result<PathBuf, Failure> {
        Ok(Home::locate(self.global.home.as_deref(), |name| std::env::var_os(name))?)
    }

    /// The home, made if it is not there.
    pub fn home(&self) -> Result<Home, Failure> {
        let home = Home::open(&self.disk, &self.home_path()?)?;
        if home.is_open_to_others() {
            let text = format!("others can enter {}", home.path().display());
            self.streams.warning(&text, "close it with: chmod 700 on that folder");
        }
        Ok(home)
    }

    /// The home if it is there already; nothing is made.
    pub fn existing_home(&self) -> Result<Option<Home>, Failure> {
        let Ok(path) = self.home_path() else { return Ok(None) };
        if path.is_dir() { self.home().map(Some) } else { Ok(None) }
    }
}

/// Carries out a command.
pub fn run(cli: Cli, streams: &Streams) -> Result<Exit, Failure> {
    let context = Context { streams, global: cli.global, disk: Disk::real() };
    match cli.command {
        Command::Demo(command) => command.run(&context),
        Command::Init(command) => command.run(&context),
        Command::Identity(command) => command.run(&context),
        Command::Sign(command) => command.run(&context),
        Command::Prepare(command) => command.run(&context),
        Command::Complete(command) => command.run(&context),
        Command::Verify(command) => command.run(&context),
        Command::Replay(command) => command.run(&context),
        Command::Inspect(command) => command.run(&context),
        Command::Diff(command) => command.run(&context),
        Command::Record(command) => command.run(&context),
        Command::Clock(command) => command.run(&context),
        Command::Beacon(command) => command.run(&context),
        Command::Augment(command) => command.run(&context),
        Command::Pending(command) => command.run(&context),
        Command::Sync(command) => command.run(&context),
        Command::Needs(command) => command.run(&context),
        Command::Services(command) => command.run(&context),
        Command::Trust(command) => command.run(&context),
        Command::Pack(command) => command.run(&context),
        Command::Authority(command) => command.run(&context),
        Command::Serve(command) => command.run(&context),
        Command::Completions(command) => command.run(&context),
        Command::Man(command) => command.run(&context),
    }
}
