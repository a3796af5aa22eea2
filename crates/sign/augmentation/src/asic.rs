//! ASiC containers with CAdES: timestamps and validation data inside the signature files; an archive timestamp over everything
//! in an ASiC-E container, by an archive manifest (ETSI EN 319 162-1, 4.4.4 and A.7). Members that do not change keep every byte.

use crate::cades::{self, CadesError};
use asic::{Container, Content, Digests, Form, Kind, ManifestEntry, Piece};
use crypto::{Digest, DigestAlgorithm, Provider};
use pdf::dss::ValidationData;
use std::fmt;
use types::{Budget, Malformed};

/// Largest signature file or manifest that is changed, bytes.
const MOST: u64 = 64 << 20;
/// The newest archive manifest has this name; older ones get a number (EN 319 162-1, A.7).
const NEWEST: &str = "ASiCArchiveManifest.xml";
/// The folder of everything that is not signed data.
const META_INF: &str = "META-INF/";
/// Media type of a timestamp token.
const TOKEN_TYPE: &str = "application/vnd.etsi.timestamp-token";

/// Why nothing is added to a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AsicError {
    /// It cannot be read.
    Malformed(Malformed),
    /// A signature file cannot be added to.
    Cades(CadesError),
    /// It has no signature file of that name in a format that matures.
    NoSuchFile(String),
}

impl fmt::Display for AsicError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AsicError::Malformed(malformed) => malformed.fmt(f),
            AsicError::Cades(error) => error.fmt(f),
            AsicError::NoSuchFile(name) => {
                write!(f, "{name:?} is no CAdES signature to which something can be added")
            }
        }
    }
}

impl std::error::Error for AsicError {}

impl From<Malformed> for AsicError {
    fn from(malformed: Malformed) -> AsicError {
        AsicError::Malformed(malformed)
    }
}

impl From<CadesError> for AsicError {
    fn from(error: CadesError) -> AsicError {
        AsicError::Cades(error)
    }
}

/// A timestamp of which the token is missing. The same container gives the same imprint again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PreparedTimestamp {
    /// In a signature file.
    Inside {
        /// The member.
        member: usize,
        /// The timestamp in it.
        prepared: cades::PreparedTimestamp,
    },
    /// Over the whole container.
    Over {
        /// The archive manifest.
        manifest: Vec<u8>,
        /// The file of the token, without its folder.
        token: String,
        /// What the token has to be over.
        imprint: Digest,
    },
}

/// Prepares the first timestamp of the signature that evidence calls `field` (`<signature file>#<number>`).
pub fn signature_timestamp(
    container: &Container<'_>,
    field: &str,
    algorithm: DigestAlgorithm,
    provider: &dyn Provider,
    budget: &mut Budget,
) -> Result<PreparedTimestamp, AsicError> {
    let (member, signer) = find(container, field)?;
    let bytes = container.read(member, MOST, budget)?;
    let prepared = cades::signature_timestamp(&bytes, signer, algorithm, provider, budget)?;
    Ok(PreparedTimestamp::Inside { member, prepared })
}

/// Prepares an archive timestamp: over everything in an ASiC-E container, in the signature file of an ASiC-S container.
pub fn archive_timestamp(
    container: &Container<'_>,
    field: &str,
    algorithm: DigestAlgorithm,
    provider: &dyn Provider,
    budget: &mut Budget,
) -> Result<PreparedTimestamp, AsicError> {
    let mut digests = Digests::new(container, provider);
    if container.kind == Kind::AsicE {
        return over_everything(container, algorithm, &mut digests, budget);
    }
    let (member, signer) = find(container, field)?;
    let file = container.signatures.iter().find(|file| file.member == member);
    let content = file.map(|file| container.content_of(file));
    let Some(Content::Member(object)) = content else { return Err(AsicError::NoSuchFile(field.to_owned())) };
    let content = [digests.of(object, algorithm, budget)?];
    let bytes = container.read(member, MOST, budget)?;
    let prepared = cades::archive_timestamp(&bytes, signer, &content, algorithm, provider, budget)?;
    Ok(PreparedTimestamp::Inside { member, prepared })
}

fn over_everything(
    container: &Container<'_>,
    algorithm: DigestAlgorithm,
    digests: &mut Digests<'_>,
    budget: &mut Budget,
) -> Result<PreparedTimestamp, AsicError> {
    let provider = digests.provider();
    let mut entries = Vec::new();
    for (index, member) in container.members.iter().enumerate() {
        let name = member.name();
        if name == "mimetype" || member.entry.is_folder() {
            continue;
        }
        let rootfile = name.strip_prefix(META_INF) == Some(NEWEST);
        let name = if rootfile { format!("{META_INF}{}", numbered(container)) } else { name.to_owned() };
        let digest = digests.of(index, algorithm, budget)?;
        entries.push(ManifestEntry { name, mime_type: None, digest, rootfile });
    }
    let token = free(container, |number| format!("timestamp{number:03}.tst"));
    let manifest = asic::manifest(&format!("{META_INF}{token}"), TOKEN_TYPE, &entries);
    let imprint = provider.digest(algorithm, &manifest);
    Ok(PreparedTimestamp::Over { manifest, token, imprint })
}

/// The name that the archive manifest of now will have when there is a newer one.
fn numbered(container: &Container<'_>) -> String {
    free(container, |number| format!("ASiCArchiveManifest{number:03}.xml"))
}

fn free(container: &Container<'_>, name: impl Fn(usize) -> String) -> String {
    let is_taken =
        |name: &str| container.members.iter().any(|one| one.name().strip_prefix(META_INF) == Some(name));
    // There are not more names taken than members.
    let mut names = (1..=container.members.len() + 1).map(name);
    names.find(|name| !is_taken(name)).unwrap_or_default()
}

impl PreparedTimestamp {
    /// What the token has to be over.
    pub fn imprint(&self) -> &Digest {
        match self {
            PreparedTimestamp::Inside { prepared, .. } => &prepared.imprint,
            PreparedTimestamp::Over { imprint, .. } => imprint,
        }
    }

    /// The container with a token whose imprint was checked ([`crate::answer::timestamp`]), in pieces.
    pub fn embed(
        &self,
        container: &Container<'_>,
        token: &[u8],
        budget: &mut Budget,
    ) -> Result<Vec<Piece>, AsicError> {
        match self {
            PreparedTimestamp::Inside { member, prepared } => {
                let bytes = container.read(*member, MOST, budget)?;
                Ok(replaced(container, *member, prepared.embed(&bytes, token, budget)?))
            }
            PreparedTimestamp::Over { manifest, token: name, .. } => {
                let before = container
                    .members
                    .iter()
                    .position(|one| one.name().strip_prefix(META_INF) == Some(NEWEST));
                let mut new = Vec::new();
                if let Some(before) = before {
                    new.push((numbered(container), container.read(before, MOST, budget)?));
                }
                new.push((NEWEST.to_owned(), manifest.clone()));
                new.push((name.clone(), token.to_vec()));
                Ok(asic::rewritten(container, before.as_slice(), &new))
            }
        }
    }
}

/// Adds validation data to every CAdES signature of a container.
pub fn add(
    container: &Container<'_>,
    data: &ValidationData,
    budget: &mut Budget,
) -> Result<Vec<Piece>, AsicError> {
    let (mut without, mut new) = (Vec::new(), Vec::new());
    for file in container.signatures.iter().filter(|file| file.form == Form::Cades) {
        let bytes = container.read(file.member, MOST, budget)?;
        without.push(file.member);
        new.push((meta_name(&file.name).to_owned(), cades::add(&bytes, data, budget)?));
    }
    Ok(asic::rewritten(container, &without, &new))
}

fn replaced(container: &Container<'_>, member: usize, bytes: Vec<u8>) -> Vec<Piece> {
    let name = container.members.get(member).map_or("", |member| member.name());
    asic::rewritten(container, &[member], &[(meta_name(name).to_owned(), bytes)])
}

fn meta_name(name: &str) -> &str {
    name.strip_prefix(META_INF).unwrap_or(name)
}

/// The member with the signature that evidence calls `field`, and the number of its signer from 0.
fn find(container: &Container<'_>, field: &str) -> Result<(usize, usize), AsicError> {
    let missing = || AsicError::NoSuchFile(field.to_owned());
    let (name, number) = field.rsplit_once('#').ok_or_else(missing)?;
    let number: usize = number.parse().map_err(|_| missing())?;
    let file = container.signatures.iter().find(|file| file.name == name && file.form == Form::Cades);
    Ok((file.ok_or_else(missing)?.member, number.checked_sub(1).ok_or_else(missing)?))
}
