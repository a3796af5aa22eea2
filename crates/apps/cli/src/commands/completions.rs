//! `undersign completions`: what a shell needs to complete the command line.

use super::Context;
use crate::arguments::Cli;
use crate::error::Failure;
use crate::exit::Exit;
use clap::Args;
use clap_complete::Shell;

/// Print completions for your shell
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  undersign completions bash > ~/.local/share/bash-completion/completions/undersign
  undersign completions zsh > ~/.zfunc/_undersign
  undersign completions fish > ~/.config/fish/completions/undersign.fish")]
pub struct Completions {
    /// Which shell
    shell: Shell,
}

impl Completions {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let mut out = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::definition(), "undersign", &mut out);
        context.streams.bytes(&out)?;
        Ok(Exit::Success)
    }
}
