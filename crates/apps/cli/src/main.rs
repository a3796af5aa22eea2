//! The undersign command line: arguments in, reports out, an exit code that scripts can rely on.

mod arguments;
mod batch;
mod beacons;
mod beside;
mod clock;
mod commands;
mod contents;
mod entropy;
mod error;
mod exit;
mod maturing;
mod panic;
mod progress;
mod streams;
mod watch;
mod write;

use arguments::Cli;
use exit::Exit;
use std::process::ExitCode;

fn main() -> ExitCode {
    panic::install_hook();
    let outcome = std::panic::catch_unwind(|| match Cli::read() {
        Ok(cli) => run(cli),
        Err(exit) => exit,
    });
    outcome.unwrap_or(Exit::Internal).into()
}

fn run(cli: Cli) -> Exit {
    let streams = streams::Streams::new(cli.global.colour, cli.global.verbosity());
    let outcome = commands::run(cli, &streams);
    outcome.unwrap_or_else(|failure| {
        streams.failure(&failure);
        failure.exit()
    })
}
