//! `undersign identity default`: which identity signs when none is named.

use super::{Context, choose, open_vault};
use crate::error::Failure;
use crate::exit::Exit;
use clap::Args;
use std::path::PathBuf;
use store::{Access, Existing, Fault, FileSource, Home, write_atomically};

/// Say which identity signs when none is named
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  undersign identity default
  undersign identity default 3f9a")]
pub struct Default {
    /// Its id, the beginning of its id, or its label; without it the present one is shown
    #[arg(value_name = "ID")]
    identity: Option<String>,
}

impl Default {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let (home, vault) = open_vault(context)?;
        let identity = choose::choose(&home, &vault, self.identity.as_deref())?;
        if self.identity.is_some() {
            set(context, &home, &identity.id())?;
        }
        context.streams.data(&format!("{}\n", identity.id()))?;
        Ok(Exit::Success)
    }
}

fn path(home: &Home) -> PathBuf {
    home.path().join("default-identity")
}

/// The id noted as the default, if one is.
pub fn get(home: &Home) -> Result<Option<String>, Failure> {
    match FileSource::open(&path(home)).and_then(|file| file.read_all(64)) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).trim().to_owned())),
        Err(error) if error.fault == Fault::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Forgets the default.
pub fn clear(home: &Home) -> Result<(), Failure> {
    Ok(store::remove_file(home.disk(), &path(home))?)
}

/// Notes an id as the default.
pub fn set(context: &Context<'_>, home: &Home, id: &str) -> Result<(), Failure> {
    let content = format!("{id}\n");
    Ok(write_atomically(&context.disk, &path(home), Existing::Replace, Access::Private, content.as_bytes())?)
}
