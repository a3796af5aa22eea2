//! Certificates and keys once each: everything else names them by number.

use super::error::{FrozenError, Within, each};
use super::scalar::Octets;
use pkix::Certificate;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use types::{Budget, Resource};

/// A key (DER `SubjectPublicKeyInfo`): that of a certificate, or one that no certificate here has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum FrozenKey {
    /// The first certificate with this key.
    OfCertificate(usize),
    Der(Octets),
}

/// Numbers given while evidence is written, in the order of first use.
#[derive(Default)]
pub(super) struct Numbers {
    certificates: Vec<Certificate>,
    certificate_ids: BTreeMap<Certificate, usize>,
    keys: Vec<Box<[u8]>>,
    key_ids: BTreeMap<Box<[u8]>, usize>,
}

impl Numbers {
    pub(super) fn certificate(&mut self, certificate: &Certificate) -> usize {
        let next = self.certificates.len();
        let id = *self.certificate_ids.entry(certificate.clone()).or_insert(next);
        if id == next {
            self.certificates.push(certificate.clone());
        }
        id
    }

    pub(super) fn key(&mut self, key: &[u8]) -> usize {
        let next = self.keys.len();
        let id = *self.key_ids.entry(key.into()).or_insert(next);
        if id == next {
            self.keys.push(key.into());
        }
        id
    }

    /// The tables that give the numbers a meaning.
    pub(super) fn tables(&self) -> (Vec<Octets>, Vec<FrozenKey>) {
        let mut owners: BTreeMap<&[u8], usize> = BTreeMap::new();
        for (id, certificate) in self.certificates.iter().enumerate() {
            owners.entry(certificate.subject_public_key_info()).or_insert(id);
        }
        let keys = self.keys.iter().map(|key| match owners.get(&**key) {
            Some(id) => FrozenKey::OfCertificate(*id),
            None => FrozenKey::Der(Octets(key.to_vec())),
        });
        (self.certificates.iter().map(|one| Octets(one.der().to_vec())).collect(), keys.collect())
    }
}

/// The tables, and how much there is of what else is named by number.
pub(super) struct Tables {
    certificates: Vec<Certificate>,
    keys: Vec<Arc<[u8]>>,
    pub(super) counts: Counts,
}

/// How many there are.
#[derive(Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) held: usize,
    pub(super) crls: usize,
    pub(super) ocsps: usize,
    pub(super) signatures: usize,
    pub(super) tokens: usize,
}

impl Tables {
    pub(super) fn read(
        certificates: &[Octets],
        keys: &[FrozenKey],
        counts: Counts,
        budget: &mut Budget,
    ) -> Result<Tables, FrozenError> {
        let mut seen = BTreeSet::new();
        let certificates = each(certificates, |der| {
            budget.spend(Resource::Certificates, 1).map_err(|limit| FrozenError::new(limit.to_string()))?;
            let certificate = Certificate::from_der(&der.0)
                .map_err(|error| FrozenError::new(format!("not a certificate: {error}")))?;
            match seen.insert(certificate.clone()) {
                true => Ok(certificate),
                false => Err(FrozenError::new("the same certificate twice")),
            }
        })
        .within("certificates")?;
        let mut seen: BTreeSet<Arc<[u8]>> = BTreeSet::new();
        let keys = each(keys, |key| {
            let key: Arc<[u8]> = match key {
                FrozenKey::Der(octets) => octets.0.as_slice().into(),
                FrozenKey::OfCertificate(id) => {
                    pick(&certificates, *id, "certificate")?.subject_public_key_info().into()
                }
            };
            if seen.insert(key.clone()) { Ok(key) } else { Err(FrozenError::new("the same key twice")) }
        })
        .within("keys")?;
        Ok(Tables { certificates, keys, counts })
    }

    pub(super) fn certificate(&self, id: usize) -> Result<Certificate, FrozenError> {
        pick(&self.certificates, id, "certificate").cloned()
    }

    pub(super) fn key(&self, id: usize) -> Result<Arc<[u8]>, FrozenError> {
        pick(&self.keys, id, "key").cloned()
    }

    /// The certificates that are at hand for paths: the first ones.
    pub(super) fn held(&self) -> Result<Vec<Certificate>, FrozenError> {
        self.certificates.get(..self.counts.held).map(<[Certificate]>::to_vec).ok_or_else(|| {
            FrozenError::new(format!(
                "{} certificates at hand, {} known",
                self.counts.held,
                self.certificates.len()
            ))
            .under("held")
        })
    }
}

fn pick<'a, T>(list: &'a [T], id: usize, what: &str) -> Result<&'a T, FrozenError> {
    list.get(id).ok_or_else(|| absent(id, list.len(), what))
}

/// That a number names nothing.
pub(super) fn absent(id: usize, count: usize, what: &str) -> FrozenError {
    FrozenError::new(format!("there is no {what} {id}: {count} are known, counted from 0"))
}

/// A number that must be below the count of what it names.
pub(super) fn below(id: usize, count: usize, what: &str) -> Result<usize, FrozenError> {
    if id < count { Ok(id) } else { Err(absent(id, count, what)) }
}
