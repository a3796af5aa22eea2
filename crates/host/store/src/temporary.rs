//! The file that a result is written to before it has its name, and what killed processes left of such files.
//!
//! On Linux it has no name at all where the file system can, so that nothing is left of it. Elsewhere it has one of a
//! fixed pattern and is locked by its writer; one that nobody locks is removed by the next writer in that folder.

use crate::disk::Disk;
use std::ffi::OsStr;
use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// Entries of a folder that are looked at for remains.
const MAX_ENTRIES: usize = 100_000;

/// A new file in `folder`, open for reading and writing, with its name if it has one yet.
pub(crate) fn create(disk: &Disk, folder: &Path, mode: u32) -> io::Result<(File, Option<PathBuf>)> {
    if disk.first_use_of(folder) {
        sweep(disk, folder);
    }
    if let Some(file) = disk.create_unnamed(folder, mode)? {
        claim(&file);
        return Ok((file, None));
    }
    loop {
        let path = new_name(folder)?;
        match disk.create_new(&path, mode) {
            // Another writer may have taken the file for remains before it was locked.
            Ok(file) if claim(&file) == Claim::Busy || !is_at(&file, &path) => {}
            Ok(file) => return Ok((file, Some(path))),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                let _ = fs::remove_file(&path);
                return Err(error);
            }
        }
    }
}

/// A name in `folder` that nothing has.
pub(crate) fn new_name(folder: &Path) -> io::Result<PathBuf> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(folder.join(format!(".undersign-{:016x}.tmp", u64::from_ne_bytes(random))))
}

/// Whether a file name is one of [`new_name`].
pub(crate) fn is_temporary(name: &str) -> bool {
    let digits = name.strip_prefix(".undersign-").and_then(|rest| rest.strip_suffix(".tmp"));
    digits.is_some_and(|digits| digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// What came of asking for the lock of a temporary file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Claim {
    Held,
    Busy,
    /// The file system knows no locks; then nobody gets one, and remains stay.
    Unknown,
}

/// Takes the lock that says that `file` is in use. It ends with the process.
fn claim(file: &File) -> Claim {
    match file.try_lock() {
        Ok(()) => Claim::Held,
        Err(TryLockError::WouldBlock) => Claim::Busy,
        Err(TryLockError::Error(_)) => Claim::Unknown,
    }
}

/// Removes the temporary files in `folder` whose writers are gone. Whatever goes wrong, they stay.
fn sweep(disk: &Disk, folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.take(MAX_ENTRIES).flatten() {
        let name = entry.file_name();
        let is_ours = name.to_str().is_some_and(is_temporary);
        if is_ours && entry.file_type().is_ok_and(|kind| kind.is_file()) {
            remove_unused(disk, &entry.path());
        }
    }
}

/// Removes `path` while holding its lock, so that no writer can be using it or begin to.
fn remove_unused(disk: &Disk, path: &Path) {
    let Ok(file) = open_existing(path) else { return };
    if claim(&file) == Claim::Held && is_at(&file, path) {
        let _ = disk.remove(path);
    }
}

fn open_existing(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    // Some network file systems lock only what is open for writing. Nothing is written.
    options.read(true).write(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed());
    }
    options.open(path)
}

/// Whether `path` names the file that is open, and that is a regular file.
fn is_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(open), Ok(named)) => open.is_file() && named.is_file() && same(&open, &named),
        _ => false,
    }
}

#[cfg(unix)]
fn same(open: &Metadata, named: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (open.dev(), open.ino()) == (named.dev(), named.ino())
}

/// Without a number of the file: names are random, and one that is taken is never taken again.
#[cfg(not(unix))]
fn same(_open: &Metadata, _named: &Metadata) -> bool {
    true
}

/// Whether a file of that name is what is left of an unfinished one.
pub(crate) fn is_remains(path: &Path) -> bool {
    path.file_name().and_then(OsStr::to_str).is_some_and(is_temporary)
}
