//! Every system call that changes the disk, in one place, so that tests can fail or kill at each of them. (Lock
//! files, which hold nothing, are created in `lock.rs`.)

use crate::fault::{Effect, FaultPlan, Step};
use crate::source::{FileSource, read_exact_at};
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// The changing half of the file system. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    plan: Option<Arc<FaultPlan>>,
    unfinished: Unfinished,
    /// Folders in which a file was written.
    used: Arc<Mutex<BTreeSet<PathBuf>>>,
}

/// Whether a file may lack a name while it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unfinished {
    /// Where the system and the file system can.
    #[default]
    Unnamed,
    /// Never; as on systems without files without names.
    Named,
}

impl Disk {
    /// The disk as it is.
    pub fn real() -> Disk {
        Disk::default()
    }

    /// A disk on which `plan` makes one step fail. For tests.
    pub fn with_faults(plan: Arc<FaultPlan>) -> Disk {
        Disk { plan: Some(plan), ..Disk::default() }
    }

    /// The same disk with unfinished files as `unfinished` says. For tests.
    pub fn with_unfinished(self, unfinished: Unfinished) -> Disk {
        Disk { unfinished, ..self }
    }

    /// Whether nothing was written in `folder` so far, through this disk or its clones.
    pub(crate) fn first_use_of(&self, folder: &Path) -> bool {
        self.used.lock().is_ok_and(|mut used| used.insert(folder.to_owned()))
    }

    /// Lets the plan have its say before `step`.
    fn before(&self, step: Step) -> io::Result<Effect> {
        match &self.plan {
            None => Ok(Effect::Proceed),
            Some(plan) => plan.take(step),
        }
    }

    /// Creates a file that did not exist, open for reading and writing.
    pub(crate) fn create_new(&self, path: &Path, mode: u32) -> io::Result<File> {
        self.before(Step::Create)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        self.set_mode(&file, mode)?;
        Ok(file)
    }

    /// Creates a file without a name in `folder`, open for reading and writing; nothing if that cannot be done there,
    /// or a name could not be given to it later.
    #[cfg(target_os = "linux")]
    pub(crate) fn create_unnamed(&self, folder: &Path, mode: u32) -> io::Result<Option<File>> {
        use rustix::fs::{Mode, OFlags};
        use rustix::io::Errno;
        if self.unfinished == Unfinished::Named {
            return Ok(None);
        }
        self.before(Step::Create)?;
        let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
        let file = match rustix::fs::open(folder, flags, Mode::RUSR | Mode::WUSR) {
            Ok(file) => File::from(file),
            // File systems, and kernels, that do not know the flag.
            Err(Errno::NOTSUP | Errno::ISDIR | Errno::INVAL | Errno::NOENT | Errno::NOSYS) => {
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        };
        if fs::symlink_metadata(path_of(&file)).is_err() {
            return Ok(None);
        }
        self.set_mode(&file, mode)?;
        Ok(Some(file))
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn create_unnamed(&self, _folder: &Path, _mode: u32) -> io::Result<Option<File>> {
        Ok(None)
    }

    /// Gives `file`, made by [`Disk::create_unnamed`], the name `to`; an error of kind `AlreadyExists` if it is taken.
    #[cfg(target_os = "linux")]
    pub(crate) fn link(&self, file: &File, to: &Path) -> io::Result<()> {
        use rustix::fs::{AtFlags, CWD, linkat};
        self.before(Step::Link)?;
        Ok(linkat(CWD, path_of(file), CWD, to, AtFlags::SYMLINK_FOLLOW)?)
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn link(&self, _file: &File, _to: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    #[cfg(unix)]
    fn set_mode(&self, file: &File, mode: u32) -> io::Result<()> {
        use std::os::unix::fs::PermissionsExt;
        if mode == 0o600 {
            return Ok(());
        }
        self.before(Step::SetMode)?;
        file.set_permissions(fs::Permissions::from_mode(mode))
    }

    #[cfg(not(unix))]
    fn set_mode(&self, _file: &File, _mode: u32) -> io::Result<()> {
        Ok(())
    }

    /// Appends all of `bytes` at the position of `file`.
    pub(crate) fn write(&self, mut file: &File, bytes: &[u8]) -> io::Result<()> {
        match self.before(Step::Write)? {
            Effect::Proceed => file.write_all(bytes),
            Effect::HalfThenDie => {
                file.write_all(bytes.get(..bytes.len() / 2).unwrap_or_default())?;
                std::process::abort()
            }
        }
    }

    /// Overwrites the bytes at `offset`, leaving the position of `file` alone.
    pub(crate) fn write_at(&self, file: &File, offset: u64, bytes: &[u8]) -> io::Result<()> {
        match self.before(Step::Write)? {
            Effect::Proceed => write_all_at(file, offset, bytes),
            Effect::HalfThenDie => {
                write_all_at(file, offset, bytes.get(..bytes.len() / 2).unwrap_or_default())?;
                std::process::abort()
            }
        }
    }

    /// Opens a file that exists for reading and writing.
    pub(crate) fn open_to_append(&self, path: &Path) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).open(path)
    }

    /// Cuts `file` off after `len` bytes.
    pub(crate) fn cut(&self, file: &File, len: u64) -> io::Result<()> {
        self.before(Step::Cut)?;
        file.set_len(len)
    }

    /// Appends `len` bytes of `source`, from `offset` on, at the position of `file`; inside the system where it can.
    pub(crate) fn copy(&self, source: &FileSource, offset: u64, file: &File, len: u64) -> io::Result<()> {
        match self.before(Step::Write)? {
            Effect::Proceed => copy_range(source.file(), offset, file, len),
            Effect::HalfThenDie => {
                copy_range(source.file(), offset, file, len / 2)?;
                std::process::abort()
            }
        }
    }

    /// Asks for `bytes` to reach the device.
    pub(crate) fn sync_file(&self, file: &File) -> io::Result<()> {
        self.before(Step::SyncFile)?;
        file.sync_all()
    }

    /// Makes names in `folder` durable. Systems without the notion do nothing.
    pub(crate) fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.before(Step::SyncFolder)?;
        #[cfg(unix)]
        File::open(folder)?.sync_all()?;
        #[cfg(not(unix))]
        let _ = folder;
        Ok(())
    }

    /// Gives `from` the name `to`, replacing what had it.
    pub(crate) fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.before(Step::Rename)?;
        fs::rename(from, to)
    }

    /// Gives `from` the name `to`; an error of kind `AlreadyExists` if the name is taken. Never a moment in which
    /// `to` is incomplete.
    pub(crate) fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.before(Step::Rename)?;
        #[cfg(target_os = "linux")]
        {
            use rustix::fs::{CWD, RenameFlags, renameat_with};
            use rustix::io::Errno;
            match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
                Ok(()) => return Ok(()),
                // File systems that do not know the flag.
                Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
                Err(error) => return Err(error.into()),
            }
        }
        match fs::hard_link(from, to) {
            Ok(()) => self.remove(from),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
            // File systems without hard links (FAT): the check and the renaming are two steps there.
            Err(_) if fs::symlink_metadata(to).is_ok() => Err(io::ErrorKind::AlreadyExists.into()),
            Err(_) => fs::rename(from, to),
        }
    }

    /// Removes a file.
    pub(crate) fn remove(&self, path: &Path) -> io::Result<()> {
        self.before(Step::Remove)?;
        fs::remove_file(path)
    }

    /// Creates a folder with its parents, as the umask says; nothing happens if it is there.
    pub(crate) fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.before(Step::CreateFolder)?;
        fs::create_dir_all(path)
    }

    /// Creates a folder that only its owner can enter, with its parents; nothing happens if it is there.
    pub(crate) fn create_private_folder(&self, path: &Path) -> io::Result<()> {
        if path.is_dir() {
            return Ok(());
        }
        self.before(Step::CreateFolder)?;
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path)
    }
}

/// Where the system shows an open file by its number (proc(5)).
#[cfg(target_os = "linux")]
fn path_of(file: &File) -> PathBuf {
    use std::os::fd::AsRawFd;
    PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

/// Copies without the bytes passing through this process (sharing the blocks, on file systems that can), else with.
fn copy_range(source: &File, mut offset: u64, file: &File, len: u64) -> io::Result<()> {
    let end = offset + len;
    #[cfg(target_os = "linux")]
    while offset < end {
        use rustix::io::Errno;
        let wanted = usize::try_from(end - offset).unwrap_or(usize::MAX);
        match rustix::fs::copy_file_range(source, Some(&mut offset), file, None, wanted) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) | Err(Errno::INTR) => {}
            // File systems, and pairs of them, that cannot.
            Err(Errno::XDEV | Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => break,
            Err(error) => return Err(error.into()),
        }
    }
    copy_through(source, offset, file, end)
}

/// Copies what lies between `offset` and `end` in pieces.
fn copy_through(source: &File, mut offset: u64, mut file: &File, end: u64) -> io::Result<()> {
    let mut buffer = vec![0; (end - offset).min(PIECE) as usize];
    while offset < end {
        let piece = buffer.get_mut(..(end - offset).min(PIECE) as usize).unwrap_or_default();
        read_exact_at(source, offset, piece)?;
        file.write_all(piece)?;
        offset += piece.len() as u64;
    }
    Ok(())
}

/// Bytes read and written at a time.
const PIECE: u64 = 256 << 10;

#[cfg(unix)]
fn write_all_at(file: &File, offset: u64, bytes: &[u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(windows)]
fn write_all_at(file: &File, mut offset: u64, mut bytes: &[u8]) -> io::Result<()> {
    use std::io::{Seek, SeekFrom};
    let mut position = file;
    let end = position.stream_position()?;
    while !bytes.is_empty() {
        let written = std::os::windows::fs::FileExt::seek_write(file, bytes, offset)?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        bytes = bytes.get(written..).unwrap_or_default();
        offset += written as u64;
    }
    position.seek(SeekFrom::Start(end)).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copying_inside_the_system_and_through_the_process_give_the_same() {
        let content: Vec<u8> = (0..700_001u32).map(|i| (i % 241) as u8).collect();
        let folder = tempfile::tempdir().unwrap();
        let from = folder.path().join("a");
        std::fs::write(&from, &content).unwrap();
        let source = File::open(&from).unwrap();
        for (offset, end) in [(0, 700_001), (5, 300_000), (262_144, 524_288), (7, 7)] {
            let (one, two) = (folder.path().join("b"), folder.path().join("c"));
            copy_range(&source, offset, &File::create(&one).unwrap(), end - offset).unwrap();
            copy_through(&source, offset, &File::create(&two).unwrap(), end).unwrap();
            let wanted = &content[offset as usize..end as usize];
            assert!(std::fs::read(one).unwrap() == wanted && std::fs::read(two).unwrap() == wanted);
        }
        let past = copy_range(&source, 700_000, &File::create(folder.path().join("d")).unwrap(), 2);
        assert_eq!(past.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
