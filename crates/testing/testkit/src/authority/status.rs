//! CRLs (full, delta, indirect, partitioned) and OCSP responses.

use super::der::{extension, generalized, integer, sequence, value};
use super::{Actor, time};
use crypto::{DigestAlgorithm, PROVIDER, Signer};
use pkix::{Certificate, Name, subject_public_key};

/// A CRL to be signed.
pub struct CrlMade {
    issuer: Name,
    /// thisUpdate and nextUpdate.
    pub updates: (String, String),
    entries: Vec<Vec<u8>>,
    extensions: Vec<Vec<u8>>,
}

impl CrlMade {
    /// An empty list of this issuer.
    pub fn new(issuer: &Actor, this_update: &str, next_update: &str) -> CrlMade {
        CrlMade {
            issuer: issuer.certificate.subject().clone(),
            updates: (this_update.to_owned(), next_update.to_owned()),
            entries: Vec::new(),
            extensions: Vec::new(),
        }
    }

    /// Lists a certificate as revoked since then, for a reason by its number (RFC 5280, 5.3.1).
    pub fn revoked(mut self, certificate: &Certificate, since: &str, reason: u8) -> CrlMade {
        let reason = sequence(&[extension("2.5.29.21", false, &value(0x0a, &[reason]))]);
        self.entries.push(sequence(&[value(0x02, certificate.serial()), generalized(time(since)), reason]));
        self
    }

    /// Lists numbers that nobody has.
    pub fn padded(mut self, count: u32) -> CrlMade {
        let since = generalized(time("2024-01-01"));
        self.entries.extend((0..count).map(|number| sequence(&[integer(number), since.clone()])));
        self
    }

    /// With an extension: deltaCRLIndicator makes a delta CRL, issuingDistributionPoint an indirect or partitioned one.
    pub fn with(mut self, dotted: &str, critical: bool, der: &[u8]) -> CrlMade {
        self.extensions.push(extension(dotted, critical, der));
        self
    }

    /// Signs it, with whosever key.
    pub fn sign(&self, signer: &Actor) -> Vec<u8> {
        let optional = |list: &[Vec<u8>]| if list.is_empty() { Vec::new() } else { sequence(list) };
        let extensions = match self.extensions.as_slice() {
            [] => Vec::new(),
            list => value(0xa0, &sequence(list)),
        };
        let tbs = sequence(&[
            integer(1),
            signer.key.algorithm_der(),
            self.issuer.der().to_vec(),
            generalized(time(&self.updates.0)),
            generalized(time(&self.updates.1)),
            optional(&self.entries),
            extensions,
        ]);
        signed(&tbs, signer, &[])
    }
}

fn signed(tbs: &[u8], signer: &Actor, rest: &[u8]) -> Vec<u8> {
    let signature = [&[0], &signer.key.sign(tbs).expect("it signs")[..]].concat();
    sequence(&[tbs.to_vec(), signer.key.algorithm_der(), value(0x03, &signature), rest.to_vec()])
}

/// What a responder says.
#[derive(Clone, Copy, Debug)]
pub enum Answer<'a> {
    /// Not revoked.
    Good,
    /// Revoked since then for a reason.
    Revoked(&'a str, u8),
    /// Not known.
    Unknown,
}

/// An OCSP response to be signed; it holds the responder's certificate.
pub struct OcspMade<'a> {
    /// The certificate asked about.
    pub about: &'a Certificate,
    /// The certificate of its issuer, by which it is identified.
    pub issuer: &'a Certificate,
    /// What is said.
    pub answer: Answer<'a>,
    /// thisUpdate, which is also producedAt, and nextUpdate.
    pub updates: (&'a str, &'a str),
}

impl OcspMade<'_> {
    /// Signs it: a whole `OCSPResponse`.
    pub fn sign(&self, responder: &Actor) -> Vec<u8> {
        let hash = |bytes: &[u8]| value(0x04, &PROVIDER.digest(DigestAlgorithm::Sha1, bytes).value);
        let key = subject_public_key(self.issuer.subject_public_key_info()).expect("a key");
        let id = sequence(&[
            sequence(&[super::der::oid("1.3.14.3.2.26")]),
            hash(self.issuer.subject().der()),
            hash(key),
            value(0x02, self.about.serial()),
        ]);
        let status = match self.answer {
            Answer::Good => value(0x80, &[]),
            Answer::Revoked(since, reason) => {
                let reason = value(0xa0, &value(0x0a, &[reason]));
                value(0xa1, &[generalized(time(since)), reason].concat())
            }
            Answer::Unknown => value(0x82, &[]),
        };
        let (this_update, next_update) = (generalized(time(self.updates.0)), time(self.updates.1));
        let next_update = value(0xa0, &generalized(next_update));
        let single = sequence(&[id, status, this_update.clone(), next_update]);
        let name = value(0xa1, responder.certificate.subject().der());
        let tbs = sequence(&[name, this_update, sequence(&[single])]);
        let certificates = value(0xa0, &sequence(&[responder.certificate.der().to_vec()]));
        let basic = signed(&tbs, responder, &certificates);
        let bytes = sequence(&[super::der::oid("1.3.6.1.5.5.7.48.1.1"), value(0x04, &basic)]);
        sequence(&[value(0x0a, &[0]), value(0xa0, &bytes)])
    }
}
