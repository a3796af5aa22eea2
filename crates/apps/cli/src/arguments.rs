//! The command line as a whole: global options and the list of commands.

use crate::commands::Command;
use crate::exit::Exit;
use crate::streams::{ColourChoice, Verbosity};
use clap::{Args, CommandFactory, FromArgMatches, Parser};
use std::path::PathBuf;

/// Signs PDF documents and checks signatures, without a network.
#[derive(Debug, Parser)]
#[command(
    name = "undersign",
    version,
    max_term_width = 80,
    arg_required_else_help = true,
    long_about = "Signs PDF documents with your own key and checks signatures, without a network.\n\n\
        A signature follows PAdES (ETSI EN 319 142-1): other programs can check it. A check says for \
        each signature what is proven, what is only claimed and what cannot be known from what is at \
        hand.",
    after_long_help = "\
Examples:
  See it work, with a throw-away key:
    undersign demo

  Make a key of your own, sign, check:
    undersign init --name \"Ada Example\"
    undersign sign contract.pdf
    undersign verify contract.signed.pdf

Data go to standard output, everything else to standard error.

Exit codes: 0 done, 1 refused or failed, 2 usage, 3 undecided (verify),
4 could not read or write, 5 wrong passphrase or locked, 70 internal error."
)]
pub struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub global: GlobalOptions,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct GlobalOptions {
    /// Folder with your vault and trust store
    ///
    /// Without it UNDERSIGN_HOME counts, then $XDG_DATA_HOME/undersign, then ~/.local/share/undersign.
    #[arg(long, global = true, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub home: Option<PathBuf>,
    /// When to use colour; NO_COLOR is honoured
    #[arg(
        long,
        visible_alias = "color",
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = true,
        help = "When to use colour: auto, always, never (NO_COLOR is honoured)"
    )]
    pub colour: ColourChoice,
    /// Say nothing but data, warnings and errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

impl GlobalOptions {
    /// How much is said.
    pub fn verbosity(&self) -> Verbosity {
        if self.quiet { Verbosity::Quiet } else { Verbosity::Normal }
    }
}

impl Cli {
    /// Reads the arguments of the process; help, version and errors are printed here.
    pub fn read() -> Result<Cli, Exit> {
        Cli::definition().try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches)).map_err(
            |error| {
                // A reader that has gone away is not an error.
                let _ = error.print();
                if error.exit_code() == 0 { Exit::Success } else { Exit::Usage }
            },
        )
    }

    /// The definition, from which help, completions and manual pages are made too.
    pub fn definition() -> clap::Command {
        Cli::command()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::definition().debug_assert();
    }

    #[test]
    fn every_command_explains_itself_with_an_example() {
        for command in Cli::definition().get_subcommands().filter(|command| !command.is_hide_set()) {
            let help = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Example"), "{} has no example", command.get_name());
            let about = command.get_long_about().or(command.get_about()).map(ToString::to_string);
            assert!(about.is_some(), "{} has no description", command.get_name());
        }
    }

    #[test]
    fn no_line_of_help_is_wider_than_a_small_terminal() {
        let mut definition = Cli::definition();
        definition.build();
        let mut commands = vec![definition];
        while let Some(mut command) = commands.pop() {
            commands.extend(command.get_subcommands().cloned());
            for line in command.render_long_help().to_string().lines() {
                assert!(line.chars().count() <= 80, "{}: {line}", command.get_name());
            }
        }
    }
}
