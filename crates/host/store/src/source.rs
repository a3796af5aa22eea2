//! A regular file as a range source: positioned reads, no memory map, and notice when someone changes it.

use crate::error::{Action, Fault, StoreError, at};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use types::{Source, SourceError};

/// A regular file opened for reading.
#[derive(Debug)]
pub struct FileSource {
    file: File,
    path: PathBuf,
    len: u64,
    modified: Option<SystemTime>,
    mode: u32,
}

impl FileSource {
    /// Opens a regular file; folders, FIFOs, sockets and devices are refused by name, without blocking.
    pub fn open(path: &Path) -> Result<FileSource, StoreError> {
        let file = open_without_blocking(path).map_err(|error| opening_error(path, &error))?;
        let metadata = file.metadata().map_err(at(Action::Read, path))?;
        if let Some(fault) = not_regular(&metadata) {
            return Err(StoreError::new(Action::Read, path, fault));
        }
        Ok(FileSource {
            file,
            path: path.to_owned(),
            len: metadata.len(),
            modified: metadata.modified().ok(),
            mode: mode_of(&metadata),
        })
    }

    /// Where it was opened.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its permission bits (0o600 where the system has none).
    pub fn mode(&self) -> u32 {
        self.mode
    }

    /// Confirms that length and time of modification are still those at opening. To be asked after the last read:
    /// what was read before is only then known to be one state of the file.
    pub fn unchanged(&self) -> Result<(), StoreError> {
        let metadata = self.file.metadata().map_err(at(Action::Read, &self.path))?;
        if metadata.len() == self.len && metadata.modified().ok() == self.modified {
            Ok(())
        } else {
            Err(StoreError::new(Action::Read, &self.path, Fault::Changed))
        }
    }

    /// The whole content; an error if there are more than `limit` bytes.
    pub fn read_all(&self, limit: u64) -> Result<Vec<u8>, StoreError> {
        let too_large = || {
            let reason = format!("it has {} bytes; at most {limit} make sense here", self.len);
            StoreError::new(Action::Read, &self.path, Fault::Content(reason))
        };
        let len = usize::try_from(self.len).ok().filter(|_| self.len <= limit).ok_or_else(too_large)?;
        let mut content = vec![0; len];
        read_exact_at(&self.file, 0, &mut content).map_err(|error| self.read_fault(&error))?;
        self.unchanged()?;
        Ok(content)
    }

    fn read_fault(&self, error: &io::Error) -> StoreError {
        let fault = match error.kind() {
            io::ErrorKind::UnexpectedEof => Fault::Changed,
            _ => Fault::from_io(error),
        };
        StoreError::new(Action::Read, &self.path, fault)
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Fills `buffer` from `offset` on.
    pub(crate) fn fill(&self, offset: u64, buffer: &mut [u8]) -> Result<(), StoreError> {
        read_exact_at(&self.file, offset, buffer).map_err(|error| self.read_fault(&error))
    }
}

impl Source for FileSource {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), SourceError> {
        let end = offset.checked_add(buffer.len() as u64);
        if end.is_none_or(|end| end > self.len) {
            return Err(SourceError { offset, reason: "past the end of the file".into() });
        }
        self.fill(offset, buffer).map_err(|error| SourceError { offset, reason: error.to_string() })
    }
}

/// The fault of something that is not a regular file.
pub(crate) fn not_regular(metadata: &fs::Metadata) -> Option<Fault> {
    if metadata.is_file() {
        return None;
    }
    if metadata.is_dir() {
        return Some(Fault::Directory);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let kind = metadata.file_type();
        if kind.is_fifo() {
            return Some(Fault::Special("FIFO"));
        }
        if kind.is_socket() {
            return Some(Fault::Special("socket"));
        }
    }
    Some(Fault::Special("device"))
}

/// A socket cannot be opened at all, and the system's word for it explains nothing: what it is says more.
fn opening_error(path: &Path, error: &io::Error) -> StoreError {
    let kind = fs::metadata(path).ok().and_then(|metadata| not_regular(&metadata));
    StoreError::new(Action::Read, path, kind.unwrap_or_else(|| Fault::from_io(error)))
}

#[cfg(unix)]
fn open_without_blocking(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    // A FIFO without a writer would block the opening; on regular files the flag means nothing.
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(path)
}

#[cfg(not(unix))]
fn open_without_blocking(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

#[cfg(unix)]
pub(crate) fn mode_of(metadata: &fs::Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o777
}

#[cfg(not(unix))]
pub(crate) fn mode_of(_metadata: &fs::Metadata) -> u32 {
    0o600
}

#[cfg(unix)]
pub(crate) fn read_exact_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(windows)]
pub(crate) fn read_exact_at(file: &File, mut offset: u64, mut buffer: &mut [u8]) -> io::Result<()> {
    while !buffer.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, buffer, offset)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                buffer = buffer.get_mut(read..).unwrap_or_default();
                offset += read as u64;
            }
        }
    }
    Ok(())
}
