//! Where a pack is: in a folder, or at an address.

use super::super::maturing::{client_within, configured};
use super::super::{Context, options};
use crate::error::Failure;
use net::Client;
use std::path::{Path, PathBuf};
use store::FileSource;
use undersign::pack::{self, PackContent};

/// The signed manifest in every pack.
pub const SIGNED: &str = "pack.p7m";
/// The folder with the contents.
pub const CONTENT: &str = "content";

/// A place to read a pack from.
pub enum Place {
    /// A folder.
    Folder(PathBuf),
    /// An address, ending with `/`; read only when the person named it.
    Address(String, Client),
}

impl Place {
    /// What the person named: an address if it begins with http:// or https://, else a folder.
    pub fn named(context: &Context<'_>, name: &str) -> Result<Place, Failure> {
        if !name.starts_with("http://") && !name.starts_with("https://") {
            return Ok(Place::Folder(PathBuf::from(name)));
        }
        let services =
            context.existing_home()?.map_or_else(|| Ok(Default::default()), |home| configured(&home));
        let client = client_within(&services?, pack::MAX_CONTENT)?;
        Ok(Place::Address(format!("{}/", name.trim_end_matches('/')), client))
    }

    /// What to write down to find it again.
    pub fn text(&self) -> String {
        match self {
            Place::Folder(path) => path.canonicalize().unwrap_or_else(|_| path.clone()).display().to_string(),
            Place::Address(base, _) => base.clone(),
        }
    }

    /// The signed manifest, not judged yet.
    pub fn signed(&self) -> Result<Vec<u8>, Failure> {
        self.read(SIGNED, pack::MAX_SIGNED)
    }

    /// The bytes that should be this content, not looked at yet.
    pub fn content(&self, content: &PackContent) -> Result<Vec<u8>, Failure> {
        self.read(&format!("{CONTENT}/{}", content.sha256), content.length)
    }

    fn read(&self, name: &str, most: u64) -> Result<Vec<u8>, Failure> {
        match self {
            Place::Folder(folder) => Ok(FileSource::open(&folder.join(name))?.read_all(most)?),
            Place::Address(base, client) => Ok(client.get(&format!("{base}{name}"))?.body),
        }
    }
}

/// The files that `path` names: itself, or those in it.
pub fn files(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let found = store::expand(&[path.to_owned()], &mut std::io::empty(), store::Wanted::Every);
    match found.problems.into_iter().next() {
        Some(problem) => Err(problem.into()),
        None => Ok(found.files.into_iter().map(|input| input.path).collect()),
    }
}

/// A file of a pack to be.
pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    Ok(FileSource::open(path)?.read_all(pack::MAX_CONTENT.max(options::MAX_SMALL_FILE))?)
}
