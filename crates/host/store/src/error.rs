//! What can go wrong with files: always with the path, and with advice.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// What was being done to the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Opening or reading.
    Read,
    /// Creating, writing, flushing or renaming.
    Write,
    /// Listing a folder.
    List,
    /// Removing.
    Remove,
    /// Taking the lock.
    Lock,
}

impl Action {
    fn verb(self) -> &'static str {
        match self {
            Action::Read => "read",
            Action::Write => "write",
            Action::List => "list",
            Action::Remove => "remove",
            Action::Lock => "lock",
        }
    }
}

/// The kind of obstacle.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Nothing has that name.
    NotFound,
    /// The system does not allow it.
    Denied,
    /// A folder where a file is needed.
    Directory,
    /// A file where a folder is needed.
    NotADirectory,
    /// A FIFO, socket or device where a regular file is needed; the word names which.
    Special(&'static str),
    /// The name is taken and overwriting was not asked for.
    Exists,
    /// No space is left on the device.
    Full,
    /// The quota of the user is used up.
    Quota,
    /// The file system or a limit does not allow a file that large.
    TooLarge,
    /// The file system is mounted for reading only.
    ReadOnly,
    /// The device reported an error.
    Device,
    /// Symbolic links lead in a circle, or folders nest too deeply.
    Loop,
    /// The file was changed by someone else while it was read.
    Changed,
    /// Another process holds the lock.
    Locked,
    /// The pattern matches no file.
    NoMatch,
    /// The content is not what the place needs; the text says why.
    Content(String),
    /// Two inputs would be written to this one name.
    Collision(PathBuf, PathBuf),
    /// Something else; the text is the system's.
    Other(String),
}

/// Why a file operation did not happen. The original file, if there is one, is untouched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreError {
    /// What was being done.
    pub action: Action,
    /// To what.
    pub path: PathBuf,
    /// Why it failed.
    pub fault: Fault,
}

impl StoreError {
    /// An error about `path`.
    pub fn new(action: Action, path: impl Into<PathBuf>, fault: Fault) -> StoreError {
        StoreError { action, path: path.into(), fault }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match &self.fault {
            Fault::NotFound | Fault::NoMatch => "check the spelling of the path",
            Fault::Denied => "check who owns it and its permissions, or choose another place",
            Fault::Directory => "name a file, or give the folder to a command that takes folders",
            Fault::NotADirectory => "name a folder",
            Fault::Special(_) => "copy its content to a regular file first",
            Fault::Exists => "choose another name, remove the file, or ask for overwriting",
            Fault::Full => "free some space or write to another disk",
            Fault::Quota => "free some of your quota or write to another disk",
            Fault::TooLarge => "write to a file system that takes files of this size, or raise the limit",
            Fault::ReadOnly => "choose a place that can be written to",
            Fault::Device => "check the disk and its connection; copy what is on it to another one",
            Fault::Loop => "remove the link that points back",
            Fault::Changed => "wait until nothing writes to it, then try again",
            Fault::Locked => "wait for the other process to finish, then try again",
            Fault::Content(_) => "check that it is the right file",
            Fault::Collision(..) => "rename one of them or use two output folders",
            Fault::Other(_) => "see what the system says",
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {} {}: ", self.action.verb(), self.path.display())?;
        match &self.fault {
            Fault::NotFound => f.write_str("there is no such file or folder"),
            Fault::Denied => f.write_str("permission denied"),
            Fault::Directory => f.write_str("it is a folder"),
            Fault::NotADirectory => f.write_str("it is not a folder"),
            Fault::Special(kind) => write!(f, "it is a {kind}, not a regular file"),
            Fault::Exists => f.write_str("it exists already"),
            Fault::Full => f.write_str("the disk is full"),
            Fault::Quota => f.write_str("the disk quota is used up"),
            Fault::TooLarge => f.write_str("the file would be too large"),
            Fault::ReadOnly => f.write_str("the file system is read-only"),
            Fault::Device => f.write_str("the device reported an error"),
            Fault::Loop => f.write_str("links or folders nest without end"),
            Fault::Changed => f.write_str("it was changed while it was read"),
            Fault::Locked => f.write_str("another process is using it"),
            Fault::NoMatch => f.write_str("no file matches the pattern"),
            Fault::Content(reason) => f.write_str(reason),
            Fault::Collision(first, second) => {
                write!(f, "{} and {} would both be written to it", first.display(), second.display())
            }
            Fault::Other(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for StoreError {}

impl Fault {
    /// The fault behind a system error.
    pub fn from_io(error: &io::Error) -> Fault {
        match error.kind() {
            io::ErrorKind::NotFound => Fault::NotFound,
            io::ErrorKind::PermissionDenied => Fault::Denied,
            io::ErrorKind::IsADirectory => Fault::Directory,
            io::ErrorKind::NotADirectory => Fault::NotADirectory,
            io::ErrorKind::AlreadyExists => Fault::Exists,
            io::ErrorKind::StorageFull | io::ErrorKind::WriteZero => Fault::Full,
            io::ErrorKind::QuotaExceeded => Fault::Quota,
            io::ErrorKind::FileTooLarge => Fault::TooLarge,
            io::ErrorKind::ReadOnlyFilesystem => Fault::ReadOnly,
            _ => by_code(error),
        }
    }
}

#[cfg(unix)]
fn by_code(error: &io::Error) -> Fault {
    match rustix::io::Errno::from_io_error(error) {
        Some(rustix::io::Errno::LOOP) => Fault::Loop,
        Some(rustix::io::Errno::IO) => Fault::Device,
        _ => Fault::Other(error.to_string()),
    }
}

#[cfg(not(unix))]
fn by_code(error: &io::Error) -> Fault {
    Fault::Other(error.to_string())
}

/// Turns a system error about `path` into a [`StoreError`].
pub(crate) fn at(action: Action, path: &Path) -> impl Fn(io::Error) -> StoreError + '_ {
    move |error| StoreError::new(action, path, Fault::from_io(&error))
}
