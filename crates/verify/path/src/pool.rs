//! Certificates and trust anchors at hand, indexed once for any number of searches.

use pkix::{AnchorRole, Certificate, TrustAnchor};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use types::{Budget, Exhausted, Resource};

/// Certificates and trust anchors, found by name, and which certificates lead up to an anchor by names alone.
#[derive(Clone, Debug)]
pub struct Pool<'a> {
    certificates: Vec<&'a Certificate>,
    by_subject: BTreeMap<&'a [u8], Vec<usize>>,
    anchors: BTreeMap<&'a [u8], Vec<&'a TrustAnchor>>,
    /// Certificates from which names lead up to an anchor, so that no time is lost on issuers that lead nowhere.
    reaches_anchor: BTreeSet<usize>,
}

impl<'a> Pool<'a> {
    /// Indexes `certificates`, which may hold anything in any order: targets, duplicates, roots, strangers. Draws on
    /// [`Resource::PathSteps`] for every certificate; anchors are the caller's own.
    pub fn new(
        certificates: &'a [Certificate],
        anchors: &'a [TrustAnchor],
        budget: &mut Budget,
    ) -> Result<Pool<'a>, Exhausted> {
        let mut pool = Pool {
            certificates: Vec::new(),
            by_subject: BTreeMap::new(),
            anchors: BTreeMap::new(),
            reaches_anchor: BTreeSet::new(),
        };
        for anchor in anchors {
            pool.anchors.entry(anchor.name().prepared()).or_default().push(anchor);
        }
        let mut seen: BTreeSet<&Certificate> = BTreeSet::new();
        for certificate in certificates {
            budget.spend(Resource::PathSteps, 1)?;
            if seen.insert(certificate) {
                let subject = certificate.subject().prepared();
                pool.by_subject.entry(subject).or_default().push(pool.certificates.len());
                pool.certificates.push(certificate);
            }
        }
        pool.mark_reachable(budget)?;
        Ok(pool)
    }

    /// Walks down from the anchors by names alone.
    fn mark_reachable(&mut self, budget: &mut Budget) -> Result<(), Exhausted> {
        let mut by_issuer: BTreeMap<&[u8], Vec<usize>> = BTreeMap::new();
        let mut queue = VecDeque::new();
        for (index, certificate) in self.certificates.iter().enumerate() {
            budget.spend(Resource::PathSteps, 1)?;
            by_issuer.entry(certificate.issuer().prepared()).or_default().push(index);
            if self.issuing(certificate).next().is_some() {
                queue.push_back(index);
            }
        }
        while let Some(index) = queue.pop_front() {
            budget.spend(Resource::PathSteps, 1)?;
            if self.reaches_anchor.insert(index)
                && let Some(certificate) = self.certificates.get(index)
            {
                // Taking the entry out visits each issuer name once.
                queue.extend(by_issuer.remove(certificate.subject().prepared()).unwrap_or_default());
            }
        }
        Ok(())
    }

    /// Anchors of the issuer's name that may issue.
    pub(crate) fn issuing(&self, certificate: &Certificate) -> impl Iterator<Item = &'a TrustAnchor> + '_ {
        let named = self.anchors.get(certificate.issuer().prepared()).into_iter().flatten().copied();
        named.filter(|anchor| anchor.role != AnchorRole::EndEntity)
    }

    /// Anchors that are the certificate itself, in name and key.
    pub(crate) fn same(&self, certificate: &Certificate) -> Vec<&'a TrustAnchor> {
        let named = self.anchors.get(certificate.subject().prepared()).into_iter().flatten().copied();
        named.filter(|anchor| anchor.is(certificate)).collect()
    }

    /// Certificates of the issuer's name, and whether each leads up to an anchor.
    pub(crate) fn issuers(
        &self,
        certificate: &Certificate,
    ) -> impl Iterator<Item = (&'a Certificate, Lead)> + '_ {
        let indices = self.by_subject.get(certificate.issuer().prepared()).into_iter().flatten();
        indices.filter_map(|index| {
            let lead = if self.reaches_anchor.contains(index) { Lead::ToAnchor } else { Lead::Nowhere };
            Some((*self.certificates.get(*index)?, lead))
        })
    }
}

/// Where the names above a certificate lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lead {
    ToAnchor,
    Nowhere,
}
