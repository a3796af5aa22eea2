//! The home: the folder that holds a person's vault, trust store and settings.

use crate::disk::Disk;
use crate::error::{Action, Fault, StoreError, at};
use crate::lock::FileLock;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A folder that exists and belongs to the person.
#[derive(Clone, Debug)]
pub struct Home {
    path: PathBuf,
    disk: Disk,
}

/// How long a writer waits for another one.
const PATIENCE: Duration = Duration::from_secs(10);

impl Home {
    /// Where the home is, without touching it: what the command line says, else `UNDERSIGN_HOME`, else
    /// `$XDG_DATA_HOME/undersign` or `~/.local/share/undersign` (`%APPDATA%\undersign` on Windows). `variable` looks
    /// up environment variables; empty ones count as absent, and so do relative ones of XDG (XDG Base Directory 0.8).
    pub fn locate(
        given: Option<&Path>,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<PathBuf, StoreError> {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let absolute = |name: &str| set(name).filter(|path| path.is_absolute());
        given
            .map(Path::to_owned)
            .or_else(|| set("UNDERSIGN_HOME"))
            .or_else(|| absolute("XDG_DATA_HOME").map(|data| data.join("undersign")))
            .or_else(|| cfg!(windows).then(|| set("APPDATA"))?.map(|data| data.join("undersign")))
            .or_else(|| set("HOME").map(|home| home.join(".local/share/undersign")))
            .ok_or_else(|| {
                let reason = "neither --home nor UNDERSIGN_HOME nor HOME says where it is".to_owned();
                StoreError::new(Action::Read, "the home folder", Fault::Content(reason))
            })
    }

    /// Opens the home at `path`, creating it for its owner only (0700) if it is not there.
    pub fn open(disk: &Disk, path: &Path) -> Result<Home, StoreError> {
        match fs::metadata(path) {
            Ok(found) if !found.is_dir() => {
                return Err(StoreError::new(Action::Write, path, Fault::NotADirectory));
            }
            _ => disk.create_private_folder(path).map_err(at(Action::Write, path))?,
        }
        Ok(Home { path: path.to_owned(), disk: disk.clone() })
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The disk it lies on.
    pub fn disk(&self) -> &Disk {
        &self.disk
    }

    /// Where the vault is.
    pub fn vault(&self) -> PathBuf {
        self.path.join("vault.undersign")
    }

    /// Where the trust anchors are.
    pub fn trust(&self) -> PathBuf {
        self.path.join("trust")
    }

    /// The journal of what matures (spec/queue.md).
    pub fn queue(&self) -> PathBuf {
        self.path.join("queue.jsonl")
    }

    /// What is remembered of the clock (spec/clock.md).
    pub fn clock(&self) -> PathBuf {
        self.path.join("clock.jsonl")
    }

    /// Where the beacons are (spec/record.md).
    pub fn beacons(&self) -> PathBuf {
        self.path.join("beacons")
    }

    /// Where timestamps are asked for, and how the network is reached (docs/guide/maturing.md).
    pub fn services(&self) -> PathBuf {
        self.path.join("services.toml")
    }

    /// Holds other writers off the home (not its vault, which has a lock of its own).
    pub fn lock(&self) -> Result<FileLock, StoreError> {
        FileLock::acquire(&self.path.join("lock"), PATIENCE)
    }

    /// Whether others than the owner can enter the folder; they should not.
    pub fn is_open_to_others(&self) -> bool {
        #[cfg(unix)]
        {
            fs::metadata(&self.path).is_ok_and(|metadata| crate::source::mode_of(&metadata) & 0o077 != 0)
        }
        #[cfg(not(unix))]
        {
            false
        }
    }
}
