//! Writing a file so that its name is either absent (or the old content) or complete, whatever happens.

use crate::disk::Disk;
use crate::error::{Action, Fault, StoreError, at};
use crate::source::{FileSource, mode_of, not_regular, read_exact_at};
use crate::temporary;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use types::{Source, SourceError, Span};

/// What to do if the name is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Leave the file alone and fail.
    Refuse,
    /// Replace it, atomically.
    Replace,
}

/// Who may read the new file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The owner only (0600).
    Private,
    /// These permission bits, usually those of the file it derives from ([`FileSource::mode`]).
    Mode(u32),
}

/// Bytes read and shown at a time; they stay in the cache of one core.
const CHUNK: u64 = 256 << 10;
/// Bytes copied ahead of the reading at a time.
const STRETCH: u64 = 4 << 20;

/// A file being written in the folder of its final name. [`AtomicFile::commit`] gives it the name; dropped before that,
/// it disappears. A process killed in between leaves nothing where files can be without a name (Linux), and else at most
/// a file named `.undersign-*.tmp` that the next writer in the folder removes; never half a result.
#[derive(Debug)]
pub struct AtomicFile {
    disk: Disk,
    file: File,
    /// Its name for the time being, if it has one.
    temporary: Option<PathBuf>,
    target: PathBuf,
    existing: Existing,
    len: u64,
    /// The first failure of writing; what was written since is not to be relied on.
    failed: Option<StoreError>,
}

impl AtomicFile {
    /// Starts a file that will be called `target`.
    pub fn create(
        disk: &Disk,
        target: &Path,
        existing: Existing,
        access: Access,
    ) -> Result<AtomicFile, StoreError> {
        let target_access = check_target(target, existing)?;
        let mode = match access {
            Access::Private => 0o600,
            Access::Mode(mode) => target_access.unwrap_or(mode) & 0o777,
        };
        let (file, temporary) =
            temporary::create(disk, folder_of(target), mode).map_err(at(Action::Write, target))?;
        Ok(AtomicFile {
            disk: disk.clone(),
            file,
            temporary,
            target: target.to_owned(),
            existing,
            len: 0,
            failed: None,
        })
    }

    /// The final name.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Appends `bytes`.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let written = self.disk.write(&self.file, bytes).map_err(at(Action::Write, &self.target));
        self.note(written)?;
        self.len += bytes.len() as u64;
        Ok(())
    }

    /// Remembers a failure, so that half a file cannot be committed by mistake.
    fn note(&mut self, outcome: Result<(), StoreError>) -> Result<(), StoreError> {
        if let Err(error) = &outcome {
            self.failed.get_or_insert_with(|| error.clone());
        }
        outcome
    }

    /// Appends the first `len` bytes of `source`, showing each chunk of what was written to `observe` in order (to
    /// digest it, or for progress), so that a large file is gone through once. Large files are copied by a thread of
    /// their own meanwhile, and inside the system where it can. An error, and nothing to commit, if the source changed.
    pub fn copy_prefix(
        &mut self,
        source: &FileSource,
        len: u64,
        observe: impl FnMut(&[u8]),
    ) -> Result<(), StoreError> {
        let copied = if len > STRETCH {
            self.copy_while_observing(source, len, observe)
        } else {
            self.copy_then_observe(source, len, observe)
        };
        let outcome = copied.and_then(|()| source.unchanged());
        self.note(outcome)
    }

    /// Appends a part of `source`, inside the system where it can. An error, and nothing to commit, if the source changed.
    pub fn copy_span(&mut self, source: &FileSource, span: Span) -> Result<(), StoreError> {
        for (offset, wanted) in pieces(span.len(), STRETCH) {
            let copied = self.disk.copy(source, span.start + offset, &self.file, wanted);
            let copied = copied.map_err(|error| copy_error(source, &self.target, &error));
            self.note(copied)?;
            self.len += wanted;
        }
        let outcome = source.unchanged();
        self.note(outcome)
    }

    fn copy_then_observe(
        &mut self,
        source: &FileSource,
        len: u64,
        mut observe: impl FnMut(&[u8]),
    ) -> Result<(), StoreError> {
        let mut buffer = vec![0; len.min(CHUNK) as usize];
        for (offset, wanted) in pieces(len, CHUNK) {
            let chunk = buffer.get_mut(..wanted as usize).unwrap_or_default();
            source.fill(offset, chunk)?;
            observe(chunk);
            self.append(chunk)?;
        }
        Ok(())
    }

    /// Another thread copies stretch after stretch; this one reads back what is copied and shows it.
    fn copy_while_observing(
        &mut self,
        source: &FileSource,
        len: u64,
        observe: impl FnMut(&[u8]),
    ) -> Result<(), StoreError> {
        let (disk, file, target, start) = (&self.disk, &self.file, &self.target, self.len);
        let (copied, ready) = channel();
        thread::scope(|scope| {
            let writer = scope.spawn(move || {
                for (offset, wanted) in pieces(len, STRETCH) {
                    let stretch = disk.copy(source, offset, file, wanted);
                    stretch.map_err(|error| copy_error(source, target, &error))?;
                    if copied.send((start + offset, wanted)).is_err() {
                        break;
                    }
                }
                Ok(())
            });
            let observed = show(file, ready, observe).map_err(at(Action::Read, target));
            writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)).and(observed)
        })?;
        self.len += len;
        Ok(())
    }

    /// Overwrites bytes already written, at `offset`: the place reserved for a signature, known only now. An error
    /// if the range reaches past what was appended.
    pub fn patch(&mut self, offset: u64, bytes: &[u8]) -> Result<(), StoreError> {
        let end = offset.checked_add(bytes.len() as u64);
        if end.is_none_or(|end| end > self.len) {
            let reason = format!("bytes {offset}+{} lie outside what was written", bytes.len());
            return Err(StoreError::new(Action::Write, &self.target, Fault::Content(reason)));
        }
        let written = self.disk.write_at(&self.file, offset, bytes).map_err(at(Action::Write, &self.target));
        self.note(written)
    }

    /// Asks for what was written so far to reach the device, so that [`AtomicFile::commit`] has less to wait for. May run
    /// while others read what was written.
    pub fn flush(&self) -> Result<(), StoreError> {
        self.disk.sync_file(&self.file).map_err(at(Action::Write, &self.target))
    }

    /// Flushes the content, gives it its name, flushes the folder. An error if any writing failed before. After an error the name is as it was before,
    /// except when only the last flush failed: then the complete new file has the name but may not survive a crash.
    pub fn commit(mut self) -> Result<(), StoreError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        self.disk.sync_file(&self.file).map_err(at(Action::Write, &self.target))?;
        self.take_name().map_err(at(Action::Write, &self.target))?;
        self.temporary = None;
        self.disk.sync_folder(folder_of(&self.target)).map_err(at(Action::Write, &self.target))
    }

    /// Gives the complete file its name.
    fn take_name(&mut self) -> io::Result<()> {
        if self.temporary.is_none() {
            match self.disk.link(&self.file, &self.target) {
                Err(error)
                    if error.kind() == io::ErrorKind::AlreadyExists && self.existing == Existing::Replace => {
                }
                linked => return linked,
            }
            // Only a file with a name can replace another.
            let between = temporary::new_name(folder_of(&self.target))?;
            self.disk.link(&self.file, &between)?;
            self.temporary = Some(between);
        }
        let temporary = self.temporary.as_deref().unwrap_or(&self.target);
        match self.existing {
            Existing::Refuse => self.disk.rename_new(temporary, &self.target),
            Existing::Replace => self.disk.rename(temporary, &self.target),
        }
    }
}

/// Reads back what was written so far, so that it can be checked before it gets its name.
impl Source for AtomicFile {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), SourceError> {
        read_exact_at(&self.file, offset, buffer).map_err(|error| SourceError {
            offset,
            reason: at(Action::Read, &self.target)(error).to_string(),
        })
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            // Nothing can be done about a failure here; the name says what the remainder is.
            let _ = self.disk.remove(temporary);
        }
    }
}

/// Writes a whole small file at once, as [`AtomicFile`] does.
pub fn write_atomically(
    disk: &Disk,
    target: &Path,
    existing: Existing,
    access: Access,
    content: &[u8],
) -> Result<(), StoreError> {
    let mut file = AtomicFile::create(disk, target, existing, access)?;
    file.append(content)?;
    file.commit()
}

/// Removes a file.
pub fn remove_file(disk: &Disk, path: &Path) -> Result<(), StoreError> {
    disk.remove(path).map_err(at(Action::Remove, path))
}

/// The mode of a file about to be replaced; an error if the name cannot be used.
fn check_target(target: &Path, existing: Existing) -> Result<Option<u32>, StoreError> {
    let refuse = |fault| Err(StoreError::new(Action::Write, target, fault));
    if target.file_name().is_none() {
        return refuse(Fault::Directory);
    }
    match fs::symlink_metadata(target) {
        Ok(metadata) if metadata.is_symlink() => match existing {
            Existing::Refuse => refuse(Fault::Exists),
            Existing::Replace => refuse(Fault::Special("symbolic link")),
        },
        Ok(metadata) => match (not_regular(&metadata), existing) {
            (Some(fault), _) => refuse(fault),
            (None, Existing::Refuse) => refuse(Fault::Exists),
            (None, Existing::Replace) => Ok(Some(mode_of(&metadata))),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => match fs::metadata(folder_of(target)) {
            Ok(folder) if folder.is_dir() => Ok(None),
            Ok(_) => Err(StoreError::new(Action::Write, folder_of(target), Fault::NotADirectory)),
            Err(error) => Err(at(Action::Write, folder_of(target))(error)),
        },
        Err(error) => Err(at(Action::Write, target)(error)),
    }
}

/// The folder in which `path` lies.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Offset and length of each piece of at most `size` bytes.
fn pieces(len: u64, size: u64) -> impl Iterator<Item = (u64, u64)> {
    (0..len.div_ceil(size)).map(move |index| (index * size, size.min(len - index * size)))
}

/// Reads each stretch of `file` when it is ready, until there are no more, and shows it in chunks.
fn show(file: &File, ready: Receiver<(u64, u64)>, mut observe: impl FnMut(&[u8])) -> io::Result<()> {
    let mut buffer = vec![0; CHUNK as usize];
    for (start, len) in ready {
        for (offset, wanted) in pieces(len, CHUNK) {
            let chunk = buffer.get_mut(..wanted as usize).unwrap_or_default();
            read_exact_at(file, start + offset, chunk)?;
            observe(chunk);
        }
    }
    Ok(())
}

/// A source that ends early was changed; all else is about the file being written.
fn copy_error(source: &FileSource, target: &Path, error: &io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => StoreError::new(Action::Read, source.path(), Fault::Changed),
        _ => StoreError::new(Action::Write, target, Fault::from_io(error)),
    }
}
