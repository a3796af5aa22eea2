//! `undersign services`: where timestamps are asked for.

use super::Context;
use super::maturing::configured;
use crate::error::Failure;
use crate::exit::Exit;
use clap::{Args, Subcommand};
use records::Services;
use store::{Access, Existing, Home, write_atomically};

/// Shown with `undersign services --help`.
pub const EXAMPLES: &str = "\
Examples:
  undersign services list
  undersign services add-tsa http://tsa.example/
  undersign services remove-tsa http://tsa.example/
  undersign services proxy http://proxy.example:3128";

/// Say which time-stamping authorities and which proxy to use
#[derive(Debug, Subcommand)]
pub enum ServicesCommand {
    List(List),
    AddTsa(AddTsa),
    RemoveTsa(RemoveTsa),
    Proxy(Proxy),
}

/// Show what is configured, as the file that holds it (TOML)
#[derive(Debug, Args)]
pub struct List {}

/// Ask this time-stamping authority (RFC 3161), after those that are there
#[derive(Debug, Args)]
pub struct AddTsa {
    /// Its address
    #[arg(value_name = "URL")]
    url: String,
}

/// Do not ask this time-stamping authority any more
#[derive(Debug, Args)]
pub struct RemoveTsa {
    /// Its address
    #[arg(value_name = "URL")]
    url: String,
}

/// Go through this proxy from now on, or through none
#[derive(Debug, Args)]
pub struct Proxy {
    /// Its address; none if absent
    #[arg(value_name = "URL")]
    url: Option<String>,
}

impl ServicesCommand {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let home = context.home()?;
        let _lock = home.lock()?;
        let mut services = configured(&home)?;
        match self {
            ServicesCommand::List(List {}) => {
                context.streams.data(&services.to_toml())?;
                return Ok(Exit::Success);
            }
            ServicesCommand::AddTsa(AddTsa { url }) => {
                check_address(url)?;
                if !services.timestamp.contains(url) {
                    services.timestamp.push(url.clone());
                }
            }
            ServicesCommand::RemoveTsa(RemoveTsa { url }) => {
                let before = services.timestamp.len();
                services.timestamp.retain(|known| known != url);
                if services.timestamp.len() == before {
                    let reason = format!("{url} is not among the time-stamping authorities");
                    return Err(Failure::usage(reason, "see them with: undersign services list"));
                }
            }
            ServicesCommand::Proxy(Proxy { url }) => {
                url.as_deref().map_or(Ok(()), check_address)?;
                services.proxy.clone_from(url);
            }
        }
        save(context, &home, &services)?;
        Ok(Exit::Success)
    }
}

fn save(context: &Context<'_>, home: &Home, services: &Services) -> Result<(), Failure> {
    let text = services.to_toml();
    let (path, access) = (home.services(), Access::Private);
    Ok(write_atomically(&context.disk, &path, Existing::Replace, access, text.as_bytes())?)
}

fn check_address(url: &str) -> Result<(), Failure> {
    if url.starts_with("http://") || url.starts_with("https://") {
        return Ok(());
    }
    Err(Failure::usage(format!("{url:?} is no address"), "give one that starts with http:// or https://"))
}
