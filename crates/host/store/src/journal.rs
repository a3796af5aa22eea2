//! A text file that only grows, line by line, each on the disk before anybody hears of it.

use crate::disk::Disk;
use crate::error::{Action, Fault, StoreError, at};
use crate::lock::FileLock;
use crate::source::{FileSource, not_regular, read_exact_at};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a writer waits for another one.
const PATIENCE: Duration = Duration::from_secs(10);

/// A journal open for its one writer; others wait for it. What follows the last line end was being written when a machine
/// stopped: nobody was told of it, and it is cut off on opening.
#[derive(Debug)]
pub struct Journal {
    disk: Disk,
    file: File,
    path: PathBuf,
    len: u64,
    /// A failed line could not be taken back.
    is_torn: bool,
    _lock: FileLock,
}

impl Journal {
    /// Opens the journal at `path`, which exists; gives its lines too.
    ///
    /// # Errors
    /// If it cannot be read or written, has more than `limit` bytes, is no text, or another process keeps it.
    pub fn open(disk: &Disk, path: &Path, limit: u64) -> Result<(Journal, String), StoreError> {
        let lock = FileLock::acquire(&lock_of(path), PATIENCE)?;
        let bytes = FileSource::open(path)?.read_all(limit)?;
        let file = disk.open_to_append(path).map_err(at(Action::Write, path))?;
        let metadata = file.metadata().map_err(at(Action::Write, path))?;
        if let Some(fault) = not_regular(&metadata) {
            return Err(StoreError::new(Action::Write, path, fault));
        }
        let len = complete(&bytes);
        let text = text(path, bytes.get(..len).unwrap_or_default())?;
        if len < bytes.len() {
            disk.cut(&file, len as u64).map_err(at(Action::Write, path))?;
            disk.sync_file(&file).map_err(at(Action::Write, path))?;
        }
        let journal = Journal {
            disk: disk.clone(),
            file,
            path: path.to_owned(),
            len: len as u64,
            is_torn: false,
            _lock: lock,
        };
        Ok((journal, text))
    }

    /// Appends lines, each with its line end, and waits until they are on the disk. After an error they are not in the
    /// journal, unless only the last flush failed: then they may be, and the journal is to be opened again.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn append(&mut self, lines: &str) -> Result<(), StoreError> {
        if self.is_torn {
            let reason = "writing to it failed before; open it again".to_owned();
            return Err(StoreError::new(Action::Write, &self.path, Fault::Content(reason)));
        }
        let written = self.disk.write_at(&self.file, self.len, lines.as_bytes());
        let written = written.and_then(|()| self.disk.sync_file(&self.file));
        if let Err(error) = written {
            self.is_torn = true;
            // If this fails as well, half a line is cut off on the next opening.
            let _ = self.disk.cut(&self.file, self.len);
            return Err(at(Action::Write, &self.path)(error));
        }
        self.len += lines.len() as u64;
        Ok(())
    }
}

/// Follows a journal without writing to it: asked again, it gives what came since.
#[derive(Debug)]
pub struct JournalReader {
    path: PathBuf,
    file: File,
    read: u64,
    limit: u64,
}

impl JournalReader {
    /// Starts at the beginning of the journal at `path`. It may grow up to `limit` bytes.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn open(path: &Path, limit: u64) -> Result<JournalReader, StoreError> {
        FileSource::open(path)?;
        let file = File::open(path).map_err(at(Action::Read, path))?;
        Ok(JournalReader { path: path.to_owned(), file, read: 0, limit })
    }

    /// The complete lines that came since the last time; nothing if there are none.
    ///
    /// # Errors
    /// If it cannot be read, became shorter, or is no text.
    pub fn news(&mut self) -> Result<String, StoreError> {
        let len = self.file.metadata().map_err(at(Action::Read, &self.path))?.len();
        let fresh = len.checked_sub(self.read).filter(|_| len <= self.limit);
        let fresh = fresh.and_then(|fresh| usize::try_from(fresh).ok());
        let fresh = fresh.ok_or_else(|| StoreError::new(Action::Read, &self.path, Fault::Changed))?;
        if fresh == 0 {
            return Ok(String::new());
        }
        let mut bytes = vec![0; fresh];
        read_exact_at(&self.file, self.read, &mut bytes).map_err(at(Action::Read, &self.path))?;
        bytes.truncate(complete(&bytes));
        let text = text(&self.path, &bytes)?;
        self.read += bytes.len() as u64;
        Ok(text)
    }
}

/// Length up to and with the last line end.
fn complete(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)
}

fn text(path: &Path, bytes: &[u8]) -> Result<String, StoreError> {
    let broken = |_| StoreError::new(Action::Read, path, Fault::Content("it is no text".into()));
    String::from_utf8(bytes.to_vec()).map_err(broken)
}

fn lock_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}
