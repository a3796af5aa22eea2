//! Beacons in the home: timestamp tokens whose digests go into signing records, kept so that whoever checks a signature
//! may be given them (spec/record.md).

use crate::commands::Context;
use crate::error::Failure;
use crypto::{Digest, DigestAlgorithm, PROVIDER};
use pkix::Certificate;
use records::{BeaconKind, BeaconSection};
use std::path::{Path, PathBuf};
use store::{
    Access, Action, Existing, Fault, FileSource, Home, StoreError, create_folders, write_atomically,
};
use types::{Budget, Time};
use undersign::cms::{TimestampResponse, TimestampToken};

/// Largest beacon that is read, bytes.
const MOST_BYTES: u64 = 1 << 20;
/// The most beacons that are looked at, newest first.
const MOST_BEACONS: usize = 1000;
/// The end of their names.
const ENDING: &str = "tst";

/// A timestamp token as a beacon.
#[derive(Clone, Debug)]
pub struct Beacon {
    /// The token, DER.
    pub token: Vec<u8>,
    /// The time in it.
    pub time: Time,
    /// Its digest.
    pub digest: Digest,
    /// Who made it, by the word of the token.
    pub source: String,
}

impl Beacon {
    /// Reads a token, or the response that brings one; `None` if the bytes are neither.
    pub fn read(bytes: &[u8]) -> Option<Beacon> {
        let mut budget = Budget::default();
        let response = TimestampResponse::parse(bytes, &mut budget).ok().and_then(|response| response.token);
        let token = response.map_or(bytes, |token| token.bytes);
        let parsed = TimestampToken::parse(token, &mut budget).ok()?;
        let certificates: Vec<Certificate> = parsed
            .signed_data
            .certificates()
            .filter_map(|encoded| Certificate::from_der(encoded.bytes).ok())
            .collect();
        // The authority's own certificate is the one that issued none of the others.
        let own = certificates
            .iter()
            .find(|one| !certificates.iter().any(|other| other.issuer() == one.subject() && other != *one));
        let name = own.map(|own| own.subject().common_name().unwrap_or_else(|| own.subject().to_string()));
        let source = match name.as_deref().map(plain).filter(|name| !name.is_empty()) {
            Some(name) => format!("timestamp by {name}"),
            None => "timestamp".to_owned(),
        };
        Some(Beacon {
            token: token.to_vec(),
            time: parsed.info.gen_time,
            digest: PROVIDER.digest(DigestAlgorithm::Sha256, token),
            source,
        })
    }

    /// The section of a signing record that names it.
    pub fn section(&self) -> BeaconSection {
        BeaconSection {
            digest: self.digest.to_string(),
            kind: BeaconKind::TimestampToken,
            source: self.source.clone(),
            time: self.time.to_string(),
        }
    }

    /// The name of its file: names sort by time.
    fn name(&self) -> String {
        let time: String = self.time.to_string().chars().filter(|c| *c != ':').collect();
        let digest: String = self.digest.hex().chars().take(16).collect();
        format!("{time}-{digest}.{ENDING}")
    }
}

/// A name without what a record may not hold.
fn plain(name: &str) -> String {
    const MOST: usize = 120;
    let fits = |c: &char| report::printable(c.encode_utf8(&mut [0; 4])).chars().eq([*c]) && *c != '\u{200d}';
    name.chars().filter(|c| fits(c) && !('\u{200b}'..='\u{200f}').contains(c)).take(MOST).collect()
}

/// Keeps a token in the home; gives it and where it lies.
///
/// # Errors
/// If the bytes are no token, or it cannot be written.
pub fn keep(context: &Context<'_>, home: &Home, bytes: &[u8]) -> Result<(Beacon, PathBuf), Failure> {
    let beacon = Beacon::read(bytes).ok_or_else(|| {
        Failure::objection(
            "beacon.unreadable",
            "this is no timestamp token",
            "give a .tst or .tsr file (RFC 3161)",
        )
    })?;
    let path = home.beacons().join(beacon.name());
    create_folders(std::slice::from_ref(&path))?;
    if !path.exists() {
        write_atomically(&context.disk, &path, Existing::Replace, Access::Private, &beacon.token)?;
    }
    Ok((beacon, path))
}

/// The beacons of a home with where they lie, newest first. Files that are none are passed over.
///
/// # Errors
/// If the folder cannot be read.
pub fn all(home: &Home) -> Result<Vec<(Beacon, PathBuf)>, Failure> {
    let read = |path: PathBuf| {
        let bytes = FileSource::open(&path).ok()?.read_all(MOST_BYTES).ok()?;
        Some((Beacon::read(&bytes)?, path))
    };
    let mut found: Vec<_> = files(home)?.into_iter().filter_map(read).collect();
    found.sort_by_key(|(beacon, _)| std::cmp::Reverse(beacon.time));
    Ok(found)
}

/// The beacon with the latest time.
///
/// # Errors
/// If the folder cannot be read.
pub fn freshest(home: &Home) -> Result<Option<Beacon>, Failure> {
    // Names sort by time, so those that follow are older.
    let newest = files(home)?.into_iter().find_map(|path| {
        let bytes = FileSource::open(&path).ok()?.read_all(MOST_BYTES).ok()?;
        Beacon::read(&bytes)
    });
    Ok(newest)
}

/// Their files by name, the last first.
fn files(home: &Home) -> Result<Vec<PathBuf>, Failure> {
    let folder = home.beacons();
    let unreadable = |error: std::io::Error| {
        let fault = Fault::Content(format!("the beacons cannot be listed: {error}"));
        Failure::from(StoreError::new(Action::Read, &folder, fault))
    };
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let entries = std::fs::read_dir(&folder).map_err(unreadable)?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|ending| ending == ENDING) {
            files.push(path);
        }
    }
    files.sort();
    files.reverse();
    files.truncate(MOST_BEACONS);
    Ok(files)
}

/// The values that a file may be as a beacon: its bytes, and the token in it if it is a response.
///
/// # Errors
/// If it cannot be read.
pub fn values(path: &Path) -> Result<Vec<Vec<u8>>, Failure> {
    let bytes = FileSource::open(path)?.read_all(MOST_BYTES)?;
    let token = Beacon::read(&bytes).map(|beacon| beacon.token).filter(|token| *token != bytes);
    Ok(std::iter::once(bytes).chain(token).collect())
}
