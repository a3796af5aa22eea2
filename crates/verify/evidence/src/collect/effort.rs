//! What work over objects that a hostile file multiplies costs, and how often findings are repeated.

use crypto::{Digest, DigestAlgorithm, Provider};
use std::collections::BTreeMap;
use types::{Budget, Exhausted, Finding, Resource, Severity};

/// Steps that one object under a timestamp costs: with all of the usual budget some four million are remembered.
const COVERED: u64 = 16;

/// Steps that one later revision costs each signature: with all of the usual budget some sixteen million are looked at.
const FOLLOWING: u64 = 4;

/// Octets hashed for one step.
const OCTETS: u64 = 64;

/// As many findings of one code and severity about a whole file are repeated with each of its signatures.
const MOST_REPEATED: usize = 4;

/// Pays for `objects` that are noted as being under a timestamp.
pub(super) fn covering(objects: usize, budget: &mut Budget) -> Result<(), Exhausted> {
    budget.spend(Resource::Steps, (objects as u64).saturating_mul(COVERED))
}

/// Pays for judging the `revisions` after a signature.
pub(super) fn following(revisions: usize, budget: &mut Budget) -> Result<(), Exhausted> {
    budget.spend(Resource::Steps, (revisions as u64).saturating_mul(FOLLOWING))
}

/// Pays for hashing `octets`.
pub(super) fn hashing(octets: usize, budget: &mut Budget) -> Result<(), Exhausted> {
    budget.spend(Resource::Steps, octets as u64 / OCTETS + 1)
}

/// The digest of octets that many may ask for, or why there is none.
pub(super) fn digest(
    algorithm: DigestAlgorithm,
    octets: &[u8],
    provider: &dyn Provider,
    budget: &mut Budget,
) -> Result<Digest, String> {
    hashing(octets.len(), budget).map_err(|exhausted| exhausted.to_string())?;
    Ok(provider.digest(algorithm, octets))
}

/// Findings about a whole file as they are repeated with each of its signatures: the first ones of each kind, and how many
/// were left out.
pub(super) fn repeated(findings: Vec<Finding>) -> Vec<Finding> {
    let mut counts: BTreeMap<(String, Severity), usize> = BTreeMap::new();
    let mut kept = Vec::new();
    let mut left_out = 0_usize;
    for finding in findings {
        let count = counts.entry((finding.code.to_string(), finding.severity)).or_default();
        *count += 1;
        if *count <= MOST_REPEATED {
            kept.push(finding);
        } else {
            left_out += 1;
        }
    }
    if left_out > 0 {
        let message = format!("{left_out} more findings of the same kinds are not shown");
        kept.push(Finding::new("evidence.findings.more", Severity::Info, message));
    }
    kept
}
