//! The trust store: a folder of certificates that the person trusts, one file each.

use crate::atomic::{Access, Existing, remove_file, write_atomically};
use crate::disk::Disk;
use crate::error::{Action, Fault, StoreError, at};
use crate::home::Home;
use crate::inputs::{Wanted, expand};
use crate::lock::FileLock;
use crate::source::FileSource;
use crypto::{DigestAlgorithm, PROVIDER};
use pkix::Certificate;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use types::Budget;

/// Larger files are no lists of anchors.
const MAX_FILE: u64 = 16 << 20;
const PATIENCE: Duration = Duration::from_secs(10);
const SUFFIXES: [&str; 5] = ["pem", "crt", "cer", "der", "p7b"];

/// The anchors in a folder.
#[derive(Clone, Debug)]
pub struct TrustStore {
    folder: PathBuf,
    disk: Disk,
}

/// What a trusted certificate can vouch for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnchorKind {
    /// A certification authority: it vouches for the certificates it issues.
    Authority,
    /// No authority, so nothing but this one certificate is trusted: a person's or a device's, pinned.
    Pinned,
}

/// One trusted certificate.
#[derive(Clone, Debug)]
pub struct Anchor {
    /// The certificate.
    pub certificate: Certificate,
    /// The file it comes from.
    pub path: PathBuf,
}

impl Anchor {
    /// SHA-256 of the certificate in lower-case hexadecimal.
    pub fn thumbprint(&self) -> String {
        thumbprint(&self.certificate)
    }

    /// What it can vouch for.
    pub fn kind(&self) -> AnchorKind {
        if self.certificate.is_ca() { AnchorKind::Authority } else { AnchorKind::Pinned }
    }
}

/// What became of one certificate that was to be added.
#[derive(Clone, Debug)]
pub enum Added {
    /// It is trusted from now on.
    New(Anchor),
    /// It was trusted before.
    Known(Anchor),
}

/// The anchors that can be read, and the files that cannot. A broken file never hides the other anchors.
#[derive(Clone, Debug, Default)]
pub struct Anchors {
    /// Each certificate once, sorted by file.
    pub anchors: Vec<Anchor>,
    /// Files that hold no certificate.
    pub problems: Vec<StoreError>,
}

impl TrustStore {
    /// The trust store of a home; the folder may not exist yet.
    pub fn of(home: &Home) -> TrustStore {
        TrustStore { folder: home.trust(), disk: home.disk().clone() }
    }

    /// All trusted certificates: files ending in `.pem`, `.crt`, `.cer`, `.der` or `.p7b`.
    pub fn list(&self) -> Anchors {
        if !self.folder.exists() {
            return Anchors::default();
        }
        let found = expand(std::slice::from_ref(&self.folder), &mut io::empty(), Wanted::Every);
        let is_anchor = |path: &Path| {
            let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
            SUFFIXES.iter().any(|suffix| extension.eq_ignore_ascii_case(suffix))
        };
        let files: Vec<PathBuf> =
            found.files.into_iter().map(|input| input.path).filter(|path| is_anchor(path)).collect();
        let mut anchors = read_anchors(&files);
        anchors.problems.extend(found.problems);
        anchors
    }

    /// Trusts every certificate of `file` from now on, each kept in a file named after it. Nothing is added if one of
    /// them cannot be read.
    pub fn add(&self, file: &Path) -> Result<Vec<Added>, StoreError> {
        self.add_certificates(read_file(file)?)
    }

    /// Trusts these certificates from now on, each kept in a file named after it.
    pub fn add_certificates(&self, certificates: Vec<Certificate>) -> Result<Vec<Added>, StoreError> {
        self.disk.create_private_folder(&self.folder).map_err(at(Action::Write, &self.folder))?;
        let _lock = self.lock()?;
        let mut known = self.list().anchors;
        let mut outcome = Vec::new();
        for certificate in certificates {
            if let Some(anchor) = known.iter().find(|anchor| anchor.certificate == certificate) {
                outcome.push(Added::Known(anchor.clone()));
                continue;
            }
            let path = self.folder.join(file_name(&certificate));
            let pem = certificate.to_pem();
            write_atomically(&self.disk, &path, Existing::Refuse, Access::Mode(0o644), pem.as_bytes())?;
            let anchor = Anchor { certificate, path };
            known.push(anchor.clone());
            outcome.push(Added::New(anchor));
        }
        Ok(outcome)
    }

    /// No longer trusts the certificate whose thumbprint begins with `name` (eight digits or more), or whose file or
    /// common name it is. An error if there is none, or more than one, or if its file holds others too.
    pub fn remove(&self, name: &str) -> Result<Anchor, StoreError> {
        let refuse =
            |reason: String| Err(StoreError::new(Action::Remove, &self.folder, Fault::Content(reason)));
        if !self.folder.exists() {
            return refuse(format!("no anchor is called {name:?}"));
        }
        let _lock = self.lock()?;
        let anchors = self.list().anchors;
        let found: Vec<&Anchor> = anchors.iter().filter(|anchor| is_called(anchor, name)).collect();
        match found.as_slice() {
            [anchor] if anchors.iter().filter(|other| other.path == anchor.path).count() > 1 => {
                refuse(format!("{} holds other anchors too; edit it by hand", anchor.path.display()))
            }
            [anchor] => {
                remove_file(&self.disk, &anchor.path)?;
                Ok((*anchor).clone())
            }
            [] => refuse(format!("no anchor is called {name:?}")),
            several => {
                let thumbprints: Vec<String> = several.iter().map(|anchor| anchor.thumbprint()).collect();
                refuse(format!("{name:?} may mean {}", thumbprints.join(" or ")))
            }
        }
    }

    fn lock(&self) -> Result<FileLock, StoreError> {
        FileLock::acquire(&self.folder.join(".lock"), PATIENCE)
    }
}

fn is_called(anchor: &Anchor, name: &str) -> bool {
    let digits: String = name.chars().filter(|c| *c != ':').collect::<String>().to_ascii_lowercase();
    (digits.len() >= 8 && anchor.thumbprint().starts_with(&digits))
        || anchor.path.file_name().is_some_and(|file| file == name)
        || anchor.certificate.subject().common_name().is_some_and(|common_name| common_name == name)
}

/// Reads anchors from files named one by one, for one run only.
pub fn read_anchors(files: &[PathBuf]) -> Anchors {
    let mut found = Anchors::default();
    for path in files {
        match read_file(path) {
            Ok(certificates) => {
                for certificate in certificates {
                    if found.anchors.iter().all(|anchor| anchor.certificate != certificate) {
                        found.anchors.push(Anchor { certificate, path: path.clone() });
                    }
                }
            }
            Err(error) => found.problems.push(error),
        }
    }
    found
}

fn read_file(path: &Path) -> Result<Vec<Certificate>, StoreError> {
    let content = FileSource::open(path)?.read_all(MAX_FILE)?;
    pkix::read_certificates(&content, &mut Budget::default())
        .map_err(|malformed| StoreError::new(Action::Read, path, Fault::Content(malformed.to_string())))
}

fn thumbprint(certificate: &Certificate) -> String {
    certificate.digest(DigestAlgorithm::Sha256, PROVIDER).hex()
}

/// The common name in plain letters and the beginning of the thumbprint, which tells namesakes apart.
fn file_name(certificate: &Certificate) -> String {
    let name = certificate.subject().common_name().unwrap_or_default();
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(40).collect();
    let start = thumbprint(certificate).chars().take(16).collect::<String>();
    match plain.trim_matches('-') {
        "" => format!("{start}.pem"),
        plain => format!("{plain}-{start}.pem"),
    }
}
