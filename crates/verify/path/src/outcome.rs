//! What path building found: paths that only the validator can make, or the most telling failure.

use crate::check::{CheckOutcome, FailureKind, Fault, Place};
use pkix::{Certificate, Irregularity, Name, Oid, TrustAnchor};
use types::{Finding, Time};

/// The result of building and validating.
#[derive(Clone, Debug)]
pub enum PathOutcome {
    /// At least one path, in the order found.
    Found(Vec<ValidatedPath>),
    /// None; the failure that says most.
    NotFound(Box<FailedPath>),
}

impl PathOutcome {
    /// The first path.
    pub fn path(&self) -> Option<&ValidatedPath> {
        match self {
            PathOutcome::Found(paths) => paths.first(),
            PathOutcome::NotFound(_) => None,
        }
    }

    /// The most telling failure, if there is no path.
    pub fn failure(&self) -> Option<&FailedPath> {
        match self {
            PathOutcome::Found(_) => None,
            PathOutcome::NotFound(failure) => Some(failure),
        }
    }
}

/// A path for which every check of RFC 5280, 6.1 passed at [`ValidatedPath::at`]. Revocation is not part of it. Only
/// the validator makes such values.
#[derive(Clone, Debug)]
pub struct ValidatedPath {
    pub(crate) certificates: Vec<Certificate>,
    pub(crate) anchor: TrustAnchor,
    pub(crate) at: Time,
    pub(crate) checks: Vec<CheckOutcome>,
    pub(crate) policies: ValidPolicies,
}

/// The policies that a path is valid for (RFC 5280, 6.1.6; RFC 9618).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValidPolicies {
    /// user-constrained-policy-set; anyPolicy stands for all.
    pub user_constrained: Vec<Oid>,
    /// authority-constrained-policy-set.
    pub authority_constrained: Vec<Oid>,
    /// Qualifiers stated for these policies and those they are mapped to, from the target up: policy, qualifier, DER
    /// of its value.
    pub qualifiers: Vec<(Oid, Oid, Box<[u8]>)>,
}

/// Who issued a certificate of a path.
#[derive(Clone, Copy, Debug)]
pub struct Issuer<'a> {
    /// The issuer's name.
    pub name: &'a Name,
    /// The issuer's key, DER `SubjectPublicKeyInfo`.
    pub subject_public_key_info: &'a [u8],
    /// The issuer's certificate; an anchor may have none.
    pub certificate: Option<&'a Certificate>,
}

impl ValidatedPath {
    /// The certificates: the target first, each next one the issuer of the one before; without the anchor, unless
    /// the target itself is the anchor.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// Where the path ends.
    pub fn anchor(&self) -> &TrustAnchor {
        &self.anchor
    }

    /// The time for which it was validated.
    pub fn at(&self) -> Time {
        self.at
    }

    /// Every check that was made; all passed.
    pub fn checks(&self) -> &[CheckOutcome] {
        &self.checks
    }

    /// The policies that it is valid for.
    pub fn policies(&self) -> &ValidPolicies {
        &self.policies
    }

    /// Whether the target is itself the anchor.
    pub fn is_directly_trusted(&self) -> bool {
        self.certificates.len() == 1 && self.certificates.first().is_some_and(|target| self.anchor.is(target))
    }

    /// Who issued the certificate at `index`: where revocation checking has to look.
    pub fn issuer(&self, index: usize) -> Issuer<'_> {
        match self.certificates.get(index.saturating_add(1)) {
            Some(certificate) => Issuer {
                name: certificate.subject(),
                subject_public_key_info: certificate.subject_public_key_info(),
                certificate: Some(certificate),
            },
            None => Issuer {
                name: self.anchor.name(),
                subject_public_key_info: self.anchor.subject_public_key_info(),
                certificate: self.anchor.certificate(),
            },
        }
    }

    /// Breaches of the certificate profile that did not fail the path, with the certificate that has them.
    pub fn deviations(&self) -> impl Iterator<Item = (usize, &Irregularity)> {
        let numbered = self.certificates.iter().enumerate();
        numbered.flat_map(|(index, one)| {
            one.irregularities().iter().map(move |irregularity| (index, irregularity))
        })
    }
}

/// A path, or the beginning of one, with the checks that failed.
#[derive(Clone, Debug)]
pub struct FailedPath {
    pub(crate) certificates: Vec<Certificate>,
    pub(crate) anchor: Option<TrustAnchor>,
    pub(crate) checks: Vec<CheckOutcome>,
}

impl FailedPath {
    /// The certificates as far as they go, the target first.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// The anchor, if the path got that far.
    pub fn anchor(&self) -> Option<&TrustAnchor> {
        self.anchor.as_ref()
    }

    /// Every check that was made.
    pub fn checks(&self) -> &[CheckOutcome] {
        &self.checks
    }

    /// The checks that failed, with their faults.
    pub fn faults(&self) -> impl Iterator<Item = (&CheckOutcome, &Fault)> {
        self.checks.iter().filter_map(|outcome| outcome.fault.as_deref().map(|fault| (outcome, fault)))
    }

    /// The fault that says most: the most serious family, and of these the one nearest to the target.
    pub fn main_fault(&self) -> Option<(&CheckOutcome, &Fault)> {
        self.faults().min_by_key(|(outcome, fault)| (seriousness(fault.kind()), outcome.place))
    }

    /// The family of the main fault.
    pub fn kind(&self) -> FailureKind {
        self.main_fault().map_or(FailureKind::NoChain, |(_, fault)| fault.kind())
    }

    /// The certificate that the main fault is about.
    pub fn place(&self) -> Option<Place> {
        self.main_fault().map(|(outcome, _)| outcome.place)
    }

    /// Every failed check as a finding.
    pub fn findings(&self) -> Vec<Finding> {
        self.checks.iter().filter_map(CheckOutcome::finding).collect()
    }
}

/// Small is serious: what no time and no further evidence can mend comes first.
fn seriousness(kind: FailureKind) -> u8 {
    match kind {
        FailureKind::Budget => 0,
        FailureKind::Signature => 1,
        FailureKind::NoChain => 2,
        FailureKind::Constraint => 3,
        FailureKind::Algorithm => 4,
        FailureKind::NotYetValid => 5,
        FailureKind::Expired => 6,
    }
}

/// Order of failures by how much they say: complete paths first, then few faults, then long beginnings.
pub(crate) fn rank(failure: &FailedPath) -> (bool, usize, usize) {
    let faults = failure.faults().count();
    (failure.anchor.is_none(), faults, usize::MAX - failure.certificates.len())
}
