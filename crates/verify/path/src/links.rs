//! Signatures already verified, so that a batch of files with the same chain verifies each link once.

use pkix::Certificate;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// A cache of links of chains whose signature was verified. It holds facts only ("this key made this certificate's
/// signature"), so it never changes an outcome; it may be shared between threads.
#[derive(Debug)]
pub struct VerifiedLinks {
    /// Certificate and the issuer keys (DER `SubjectPublicKeyInfo`) that verified it.
    links: Mutex<BTreeMap<Certificate, Vec<Box<[u8]>>>>,
    capacity: usize,
}

impl VerifiedLinks {
    /// A cache of at most `capacity` certificates; a full one takes no more.
    pub fn with_capacity(capacity: usize) -> VerifiedLinks {
        VerifiedLinks { links: Mutex::new(BTreeMap::new()), capacity }
    }

    pub(crate) fn contains(&self, certificate: &Certificate, issuer_key: &[u8]) -> bool {
        let Ok(links) = self.links.lock() else { return false };
        links.get(certificate).is_some_and(|keys| keys.iter().any(|key| **key == *issuer_key))
    }

    pub(crate) fn insert(&self, certificate: &Certificate, issuer_key: &[u8]) {
        let Ok(mut links) = self.links.lock() else { return };
        if let Some(keys) = links.get_mut(certificate) {
            if keys.len() < 8 && !keys.iter().any(|key| **key == *issuer_key) {
                keys.push(issuer_key.into());
            }
        } else if links.len() < self.capacity {
            links.insert(certificate.clone(), vec![issuer_key.into()]);
        }
    }

    /// Number of certificates held.
    pub fn len(&self) -> usize {
        self.links.lock().map_or(0, |links| links.len())
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Default for VerifiedLinks {
    /// Room for 4,096 certificates.
    fn default() -> VerifiedLinks {
        VerifiedLinks::with_capacity(4096)
    }
}
