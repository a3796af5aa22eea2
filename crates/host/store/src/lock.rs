//! An advisory lock on a file of its own, against two writers at a time.

use crate::error::{Action, Fault, StoreError, at};
use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::thread;
use std::time::Duration;

/// A lock held; released when dropped, or by the system when the process ends.
#[derive(Debug)]
pub struct FileLock {
    _file: File,
}

const PAUSE: Duration = Duration::from_millis(10);

impl FileLock {
    /// Takes the lock on `path`, creating that file (it stays, empty) if needed. Waits up to `patience` for another
    /// holder, then fails with [`Fault::Locked`].
    pub fn acquire(path: &Path, patience: Duration) -> Result<FileLock, StoreError> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(at(Action::Lock, path))?;
        let mut waited = Duration::ZERO;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(FileLock { _file: file }),
                Err(TryLockError::WouldBlock) if waited < patience => {
                    thread::sleep(PAUSE);
                    waited += PAUSE;
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(StoreError::new(Action::Lock, path, Fault::Locked));
                }
                Err(TryLockError::Error(error)) => return Err(at(Action::Lock, path)(error)),
            }
        }
    }
}
