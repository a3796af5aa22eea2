//! Wrong tries, counted in a file beside the vault that is written before a passphrase is tried.
//!
//! Killing the process, or the machine, between the record and the answer leaves the try counted.

use crate::VaultError;
use std::path::{Path, PathBuf};
use store::{Access, Disk, Existing, Fault, FileSource, write_atomically};
use types::Time;

/// Wrong tries after which the vault is locked for an hour and more.
pub(crate) const LIMIT: u32 = 10;
/// Wrong tries that cost no waiting.
const FREE: u32 = 3;
/// Wait after the first wrong try that is not free; each further one doubles it.
const FIRST_WAIT: u64 = 30;
/// Wait from [`LIMIT`] on; each further wrong try doubles it, up to [`LONGEST_WAIT`].
const LOCK_WAIT: u64 = 3600;
const LONGEST_WAIT: u64 = 24 * 3600;

const MAGIC: &str = "undersign-attempts@v1";

/// What the file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Record {
    wrong: u32,
    last: Time,
}

/// The counter of one vault.
pub(crate) struct Attempts<'a> {
    disk: &'a Disk,
    path: PathBuf,
}

impl<'a> Attempts<'a> {
    pub(crate) fn of(vault: &Path, disk: &'a Disk) -> Attempts<'a> {
        Attempts { disk, path: beside(vault, ".attempts") }
    }

    /// Counts a try at `now` as wrong, durably, and gives the number of wrong tries if it is; or refuses it because
    /// the wait after the last one is not over.
    pub(crate) fn begin(&self, now: Time) -> Result<u32, VaultError> {
        let found = self.read(now)?;
        let wait = wait_after(found.wrong);
        // A clock that was set back starts the wait anew: it never gets shorter, and never longer than the whole.
        let record = Record { last: found.last.min(now), ..found };
        let waited = now.unix().saturating_sub(record.last.unix()).unsigned_abs();
        if waited < wait {
            if record != found {
                self.write(record)?;
            }
            let wait_seconds = wait - waited;
            let until = now.plus(i64::try_from(wait_seconds).unwrap_or(i64::MAX));
            return Err(VaultError::Locked { wait_seconds, until });
        }
        let wrong = found.wrong.saturating_add(1);
        self.write(Record { wrong, last: now })?;
        Ok(wrong)
    }

    /// Seconds that [`Attempts::begin`] would still demand at `now`; nothing is written.
    pub(crate) fn remaining(&self, now: Time) -> Result<u64, VaultError> {
        let record = self.look()?.unwrap_or(Record { wrong: LIMIT, last: now });
        let waited = now.unix().saturating_sub(record.last.unix().min(now.unix())).unsigned_abs();
        Ok(wait_after(record.wrong).saturating_sub(waited))
    }

    /// Forgets all wrong tries.
    pub(crate) fn reset(&self) -> Result<(), VaultError> {
        match store::remove_file(self.disk, &self.path) {
            Err(error) if error.fault != Fault::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// The record. One that cannot be understood counts as the limit reached just now, and is replaced so that the
    /// wait ends.
    fn read(&self, now: Time) -> Result<Record, VaultError> {
        match self.look()? {
            Some(record) => Ok(record),
            None => {
                let record = Record { wrong: LIMIT, last: now };
                self.write(record)?;
                Ok(record)
            }
        }
    }

    /// What the file says, none wrong if there is no file, and nothing if it cannot be understood.
    fn look(&self) -> Result<Option<Record>, VaultError> {
        match FileSource::open(&self.path) {
            Ok(source) => Ok(source.read_all(1024).ok().and_then(|bytes| parse(&bytes))),
            Err(error) if error.fault == Fault::NotFound => {
                Ok(Some(Record { wrong: 0, last: Time::from_unix(0) }))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn write(&self, record: Record) -> Result<(), VaultError> {
        let text = format!("{MAGIC}\nwrong {}\nlast {}\n", record.wrong, record.last.unix());
        Ok(write_atomically(self.disk, &self.path, Existing::Replace, Access::Private, text.as_bytes())?)
    }
}

/// Seconds to wait after the `wrong`-th wrong try.
pub(crate) fn wait_after(wrong: u32) -> u64 {
    let doubled = |first: u64, times: u32| first.saturating_mul(1 << times.min(32));
    match wrong {
        0..=FREE => 0,
        LIMIT.. => doubled(LOCK_WAIT, wrong - LIMIT).min(LONGEST_WAIT),
        _ => doubled(FIRST_WAIT, wrong - FREE - 1),
    }
}

fn parse(bytes: &[u8]) -> Option<Record> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (wrong, last) = text.strip_prefix(MAGIC)?.strip_prefix("\nwrong ")?.split_once("\nlast ")?;
    let record =
        Record { wrong: wrong.parse().ok()?, last: Time::from_unix(last.strip_suffix('\n')?.parse().ok()?) };
    Some(record)
}

/// The file of the same name with `suffix` appended.
pub(crate) fn beside(vault: &Path, suffix: &str) -> PathBuf {
    let mut name = vault.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_are_bounded() {
        let waits: Vec<u64> = (0..=16).map(wait_after).collect();
        assert_eq!(
            waits,
            [0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 3600, 7200, 14400, 28800, 57600, 86400, 86400]
        );
        assert_eq!(wait_after(u32::MAX), 86400);
    }
}
