//! `undersign man`: manual pages in roff, for the program or for one command.

use super::Context;
use crate::arguments::Cli;
use crate::error::Failure;
use crate::exit::Exit;
use clap::Args;

/// Print the manual page
#[derive(Debug, Args)]
#[command(
    long_about = "Print the manual page of the program, or of one command, in roff.",
    after_long_help = "\
Examples:
  undersign man | man -l -
  undersign man sign > undersign-sign.1
  undersign man identity import > undersign-identity-import.1"
)]
pub struct Man {
    /// The command whose page is wanted
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
}

impl Man {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let mut definition = Cli::definition();
        definition.build();
        let mut command = &definition;
        for name in &self.command {
            command = command.find_subcommand(name).ok_or_else(|| {
                Failure::usage(format!("there is no command {name:?}"), "see: undersign --help")
            })?;
        }
        let name =
            ["undersign".to_owned()].into_iter().chain(self.command.iter().cloned()).collect::<Vec<_>>();
        let command = command.clone().name(name.join("-")).bin_name(name.join(" "));
        let mut page = Vec::new();
        clap_mangen::Man::new(command)
            .render(&mut page)
            .map_err(|error| Failure::Output(error.to_string()))?;
        context.streams.bytes(&page)?;
        Ok(Exit::Success)
    }
}
