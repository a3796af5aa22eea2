//! `undersign serve`: what others may ask over HTTP.

use super::Context;
use super::authority::ServeAuthority;
use crate::error::Failure;
use crate::exit::Exit;
use clap::Subcommand;

/// Shown with `undersign serve --help`.
pub const EXAMPLES: &str = "\
Examples:
  undersign serve authority --address 0.0.0.0:8318";

/// Serve others over HTTP until interrupted
#[derive(Debug, Subcommand)]
pub enum Serve {
    Authority(ServeAuthority),
}

impl Serve {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        match self {
            Serve::Authority(command) => command.run(context),
        }
    }
}
