//! Certificates and anchors at hand, indexed by what sources refer to: names, key hashes, serial numbers.

use crypto::{DigestAlgorithm, Provider};
use pkix::{Certificate, Name, TrustAnchor, subject_public_key};
use std::collections::{BTreeMap, BTreeSet};

/// Where a key comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A trust anchor.
    Anchor,
    /// A certificate at hand.
    Pool,
    /// A certificate that came with the OCSP response.
    Carried,
}

/// A key that may have signed something.
#[derive(Clone, Copy)]
pub(crate) struct Candidate<'a> {
    pub name: &'a Name,
    pub key: &'a [u8],
    pub certificate: Option<&'a Certificate>,
    pub origin: Origin,
}

impl<'a> Candidate<'a> {
    pub fn of_certificate(certificate: &'a Certificate, origin: Origin) -> Candidate<'a> {
        Candidate {
            name: certificate.subject(),
            key: certificate.subject_public_key_info(),
            certificate: Some(certificate),
            origin,
        }
    }

    /// SHA-1 of the key, as a responder names itself (RFC 6960, 4.2.1).
    pub fn key_hash(&self, provider: &dyn Provider) -> Vec<u8> {
        provider.digest(DigestAlgorithm::Sha1, subject_public_key(self.key).unwrap_or_default()).value
    }
}

/// Certificates and trust anchors to which sources are related. Made once for all sources.
pub struct AtHand<'a> {
    candidates: Vec<Candidate<'a>>,
    by_name: BTreeMap<&'a [u8], Vec<usize>>,
    by_key_hash: BTreeMap<Vec<u8>, Vec<usize>>,
    by_issuer: BTreeMap<&'a [u8], Vec<&'a Certificate>>,
    by_serial: BTreeMap<&'a [u8], Vec<&'a Certificate>>,
    all: Vec<&'a Certificate>,
}

impl<'a> AtHand<'a> {
    /// Indexes certificates (each counts once) and anchors. Certificates that come with OCSP responses and shall be
    /// judged themselves must be among them.
    pub fn new(
        certificates: &'a [Certificate],
        anchors: &'a [TrustAnchor],
        provider: &dyn Provider,
    ) -> AtHand<'a> {
        let all: BTreeSet<&Certificate> = certificates.iter().collect();
        let anchors = anchors.iter().map(|anchor| Candidate {
            name: anchor.name(),
            key: anchor.subject_public_key_info(),
            certificate: anchor.certificate(),
            origin: Origin::Anchor,
        });
        let pool = all.iter().map(|certificate| Candidate::of_certificate(certificate, Origin::Pool));
        let mut at_hand = AtHand {
            candidates: anchors.chain(pool).collect(),
            by_name: BTreeMap::new(),
            by_key_hash: BTreeMap::new(),
            by_issuer: BTreeMap::new(),
            by_serial: BTreeMap::new(),
            all: all.into_iter().collect(),
        };
        for (index, candidate) in at_hand.candidates.iter().enumerate() {
            at_hand.by_name.entry(candidate.name.prepared()).or_default().push(index);
            at_hand.by_key_hash.entry(candidate.key_hash(provider)).or_default().push(index);
        }
        for certificate in at_hand.all.iter().copied() {
            at_hand.by_issuer.entry(certificate.issuer().prepared()).or_default().push(certificate);
            at_hand
                .by_serial
                .entry(pkix::shortest_serial(certificate.serial()))
                .or_default()
                .push(certificate);
        }
        at_hand
    }

    pub(crate) fn named(&self, name: &Name) -> impl Iterator<Item = Candidate<'a>> + '_ {
        self.pick(self.by_name.get(name.prepared()))
    }

    pub(crate) fn with_key_hash(&self, hash: &[u8]) -> impl Iterator<Item = Candidate<'a>> + '_ {
        self.pick(self.by_key_hash.get(hash))
    }

    fn pick<'s>(&'s self, indices: Option<&'s Vec<usize>>) -> impl Iterator<Item = Candidate<'a>> + 's {
        indices.into_iter().flatten().filter_map(|index| self.candidates.get(*index).copied())
    }

    pub(crate) fn issued_by(&self, name: &Name) -> &[&'a Certificate] {
        self.by_issuer.get(name.prepared()).map(Vec::as_slice).unwrap_or_default()
    }

    pub(crate) fn with_serial(&self, serial: &[u8]) -> &[&'a Certificate] {
        self.by_serial.get(pkix::shortest_serial(serial)).map(Vec::as_slice).unwrap_or_default()
    }

    pub(crate) fn all(&self) -> &[&'a Certificate] {
        &self.all
    }
}
