//! Keys and certificates from elsewhere: PKCS#12, PEM and DER files, and the choice of what belongs together.

mod key_file;
pub(crate) mod pbe;
pub(crate) mod pkcs12;
pub(crate) mod tlv;

use crate::identity::MAX_CHAIN;
use crate::key::KeyError;
use crate::{Passphrase, PrivateKey};
use key_file::Shape;
use pkix::Certificate;
use std::fmt;
use types::Budget;

/// Why nothing was imported. Carries nothing secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImportError {
    /// The passphrase of the file is wrong.
    WrongPassphrase,
    /// The file has a passphrase, and none was given.
    PassphraseNeeded,
    /// The file breaks the rules of its format.
    Malformed(&'static str),
    /// The file uses something that is not supported.
    Unsupported(String),
    /// Opening the file would take far more work than honest files ask for.
    TooCostly,
    /// There is no private key.
    NoKey,
    /// There is a key but no certificate at all.
    NoCertificate,
    /// There are certificates, of these subjects, and none is for the key.
    KeyMismatch(Vec<String>),
    /// There are several keys, with these names.
    SeveralKeys(Vec<String>),
    /// No key has the name; these have.
    UnknownName(String, Vec<String>),
    /// The key cannot be used.
    Key(KeyError),
    /// A certificate cannot be read.
    Certificate(String),
}

impl ImportError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            ImportError::WrongPassphrase => "type the passphrase that the file was exported with",
            ImportError::PassphraseNeeded => "give the passphrase that the file was exported with",
            ImportError::Malformed(_) | ImportError::TooCostly => "export the key again",
            ImportError::Unsupported(_) => "convert it: `openssl pkcs8 -topk8` or `openssl pkcs12 -export`",
            ImportError::NoKey => "give a file with the private key",
            ImportError::NoCertificate => {
                "give the certificate too, or ask for one with a certification request"
            }
            ImportError::KeyMismatch(_) => "give the certificate that was issued for this key",
            ImportError::SeveralKeys(_) | ImportError::UnknownName(..) => "name one of them",
            ImportError::Key(error) => error.hint(),
            ImportError::Certificate(_) => "export the certificate again",
        }
    }
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ImportError::WrongPassphrase => f.write_str("the passphrase of the imported file is wrong"),
            ImportError::PassphraseNeeded => f.write_str("the imported file has a passphrase"),
            ImportError::Malformed(reason) => write!(f, "the imported file is malformed: {reason}"),
            ImportError::Unsupported(what) => write!(f, "{what} is not supported"),
            ImportError::TooCostly => f.write_str("opening the imported file would take too much work"),
            ImportError::NoKey => f.write_str("there is no private key in it"),
            ImportError::NoCertificate => f.write_str("there is a private key but no certificate in it"),
            ImportError::KeyMismatch(subjects) => {
                write!(f, "the private key does not belong to the certificate of {}", subjects.join(", "))
            }
            ImportError::SeveralKeys(names) => {
                write!(f, "there are several private keys: {}", names.join(", "))
            }
            ImportError::UnknownName(name, names) => {
                write!(f, "no private key is called {name:?}; there are {}", names.join(", "))
            }
            ImportError::Key(error) => error.fmt(f),
            ImportError::Certificate(reason) => write!(f, "a certificate cannot be read: {reason}"),
        }
    }
}

impl std::error::Error for ImportError {}

struct FoundKey {
    key: PrivateKey,
    name: Option<String>,
}

/// All keys and certificates found in the files given.
#[derive(Default)]
pub struct Material {
    keys: Vec<FoundKey>,
    certificates: Vec<Certificate>,
}

/// A key with its certificates, ready for [`crate::Identity::new`] and [`crate::UnlockedVault::add`].
#[derive(Debug)]
pub struct Imported {
    /// The friendly name in the file, else the common name of the subject.
    pub label: String,
    /// The private key.
    pub key: PrivateKey,
    /// Its certificate, then those that issued it as far as they were in the files.
    pub chain: Vec<Certificate>,
}

impl Material {
    /// Adds what `file` holds: PKCS#12; or PEM with any number of keys and certificates; or one key or certificate (or
    /// PKCS#7 bundle) in DER. `None` for a passphrase also opens PKCS#12 files with an empty one.
    pub fn read(&mut self, file: &[u8], passphrase: Option<&Passphrase>) -> Result<(), ImportError> {
        if key_file::is_pem(file) {
            if key_file::read_pem_keys(file, passphrase, self)? {
                self.read_certificates(file)?;
            }
            return Ok(());
        }
        match key_file::shape(file) {
            Shape::Pkcs12 => pkcs12::read(file, passphrase, self),
            Shape::Other => self.read_certificates(file),
            _ => key_file::read_key(file, passphrase, self),
        }
    }

    fn read_certificates(&mut self, file: &[u8]) -> Result<(), ImportError> {
        let found = pkix::read_certificates(file, &mut Budget::default())
            .map_err(|malformed| ImportError::Certificate(malformed.to_string()))?;
        found.into_iter().for_each(|certificate| self.keep(certificate));
        Ok(())
    }

    fn add_certificate(&mut self, der: &[u8]) -> Result<(), ImportError> {
        let certificate = Certificate::from_der(der)
            .map_err(|malformed| ImportError::Certificate(malformed.to_string()))?;
        self.keep(certificate);
        Ok(())
    }

    fn keep(&mut self, certificate: Certificate) {
        if self.certificates.iter().all(|known| known.der() != certificate.der()) {
            self.certificates.push(certificate);
        }
    }

    /// Whether no private key was found.
    pub fn has_no_key(&self) -> bool {
        self.keys.is_empty()
    }

    /// The certificates found, whether or not one is for a key: a renewed chain for a key already in the vault.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// Takes the key called `name` (friendly name, common name of its certificate, or position from 1), or the only
    /// one, with its certificate and that one's issuers.
    pub fn choose(self, name: Option<&str>) -> Result<Imported, ImportError> {
        let Material { mut keys, certificates } = self;
        keys.dedup_by(|later, earlier| later.key.public() == earlier.key.public());
        let own = |key: &PrivateKey| {
            certificates
                .iter()
                .find(|certificate| certificate.public_key().is_ok_and(|public| public == key.public()))
        };
        let labels: Vec<String> = keys
            .iter()
            .enumerate()
            .map(|(index, found)| {
                let common_name =
                    || own(&found.key).and_then(|certificate| certificate.subject().common_name());
                found.name.clone().or_else(common_name).unwrap_or_else(|| format!("key {}", index + 1))
            })
            .collect();
        let index = match (name, keys.len()) {
            (_, 0) => return Err(ImportError::NoKey),
            (None, 1) => 0,
            (None, _) => return Err(ImportError::SeveralKeys(labels)),
            (Some(name), _) => position(&labels, name)?,
        };
        let certificate = own(&keys.get(index).ok_or(ImportError::NoKey)?.key).cloned();
        let Some(certificate) = certificate else {
            let subjects: Vec<String> =
                certificates.iter().map(|certificate| certificate.subject().to_string()).collect();
            return Err(if subjects.is_empty() {
                ImportError::NoCertificate
            } else {
                ImportError::KeyMismatch(subjects)
            });
        };
        let label = labels.into_iter().nth(index).unwrap_or_default();
        let key = keys.swap_remove(index).key;
        Ok(Imported { label, key, chain: chain_of(certificate, &certificates) })
    }
}

/// The one label that is `name`, else the position that it spells.
fn position(labels: &[String], name: &str) -> Result<usize, ImportError> {
    let mut named = labels.iter().enumerate().filter(|(_, label)| *label == name).map(|(index, _)| index);
    match (named.next(), named.next()) {
        (Some(index), None) => return Ok(index),
        (Some(_), Some(_)) => return Err(ImportError::SeveralKeys(labels.to_vec())),
        _ => {}
    }
    let numbered = name.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    numbered
        .filter(|index| *index < labels.len())
        .ok_or_else(|| ImportError::UnknownName(name.to_owned(), labels.to_vec()))
}

/// The certificate and its issuers as far as they are there: by name, and by key identifier where both have one.
fn chain_of(certificate: Certificate, certificates: &[Certificate]) -> Vec<Certificate> {
    let mut chain = vec![certificate];
    while let Some(last) = chain.last().filter(|last| chain.len() < MAX_CHAIN && !last.is_self_issued()) {
        let issuer = certificates
            .iter()
            .filter(|candidate| candidate.subject() == last.issuer() && !chain.contains(candidate))
            .max_by_key(|candidate| key_identifiers_agree(last, candidate));
        match issuer.cloned() {
            Some(issuer) => chain.push(issuer),
            None => break,
        }
    }
    chain
}

/// RFC 5280, 4.2.1.1: the authority key identifier of a certificate is the subject key identifier of its issuer.
fn key_identifiers_agree(certificate: &Certificate, issuer: &Certificate) -> bool {
    let wanted = certificate
        .extensions()
        .authority_key_identifier
        .as_ref()
        .and_then(|aki| aki.key_identifier.as_ref());
    wanted.is_some_and(|wanted| issuer.extensions().subject_key_identifier.as_ref() == Some(wanted))
}
