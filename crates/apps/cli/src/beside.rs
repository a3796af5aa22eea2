//! Evidence records beside a file: `<file>.ers`, and `<file>.2.ers` and so on for those that cover what was added later.

use crate::error::Failure;
use std::path::{Path, PathBuf};
use store::FileSource;
use undersign::evidence::RecordFile;

/// Largest evidence record that is read, bytes.
const MOST: u64 = 64 << 20;
/// So many records beside a file are looked at.
const MOST_RECORDS: usize = 100;

/// An evidence record that was read.
#[derive(Clone, Debug)]
pub struct Record {
    /// Where it is.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: Vec<u8>,
    name: String,
}

impl Record {
    /// Reads a record.
    pub fn open(path: &Path) -> Result<Record, Failure> {
        let bytes = FileSource::open(path)?.read_all(MOST)?;
        Ok(Record::new(path, bytes))
    }

    /// A record that is to be at `path`.
    pub fn new(path: &Path, bytes: Vec<u8>) -> Record {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Record { path: path.to_owned(), bytes, name }
    }

    /// As evidence is collected with it.
    pub fn file(&self) -> RecordFile<'_> {
        RecordFile { name: &self.name, bytes: &self.bytes }
    }
}

/// The name of the record with this number, from 1, beside a file.
pub fn name(file: &Path, number: usize) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    if number > 1 {
        name.push(format!(".{number}"));
    }
    name.push(".ers");
    PathBuf::from(name)
}

/// The records beside a file: those with the first numbers, up to the first that is not there.
pub fn records(file: &Path) -> Result<Vec<Record>, Failure> {
    let names = (1..=MOST_RECORDS).map(|number| name(file, number));
    names.take_while(|name| name.is_file()).map(|name| Record::open(&name)).collect()
}
