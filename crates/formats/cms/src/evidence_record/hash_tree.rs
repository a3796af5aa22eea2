//! Reduced hash trees (RFC 4998, 4.2 and 4.3): from the leaves given to the root that was time-stamped.

use crypto::{Digest, DigestAlgorithm, Provider};
use std::borrow::Cow;
use types::{Budget, Malformed, Resource};

/// How a list of only one hash value was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TreeReading {
    /// Every list is concatenated and hashed (RFC 4998, 4.3, step 3), or no list has only one value.
    Regular,
    /// A list of one value stands for that value.
    /// Deviation: RFC 4998, 4.3 hashes every list; RFC 6283, 3.2.1 does not hash lists of one, and makers of records for
    /// both follow it.
    SinglePassed,
    /// There is no tree.
    NoTree,
    /// There is no tree, and the values of several data objects are concatenated and hashed as one list.
    NoTreeOverGroup,
}

/// "Concatenate the hash values of the actual list in binary ascending order, generate the hash value h' and add this
/// hash value h' to the next list" until the root (RFC 4998, 4.3).
pub(super) fn root(
    lists: &[Vec<Cow<'_, [u8]>>],
    reading: TreeReading,
    algorithm: DigestAlgorithm,
    provider: &dyn Provider,
    budget: &mut Budget,
) -> Result<Digest, Malformed> {
    let mut below: Option<Vec<u8>> = None;
    for list in lists {
        let mut values: Vec<&[u8]> = list.iter().map(AsRef::as_ref).chain(below.as_deref()).collect();
        let value = match values.as_slice() {
            [only] if reading == TreeReading::SinglePassed => only.to_vec(),
            _ => group(&mut values, algorithm, provider, budget)?.value,
        };
        below = Some(value);
    }
    Ok(Digest { algorithm, value: below.unwrap_or_default() })
}

/// The hash value of a list.
pub(super) fn group(
    values: &mut [&[u8]],
    algorithm: DigestAlgorithm,
    provider: &dyn Provider,
    budget: &mut Budget,
) -> Result<Digest, Malformed> {
    let octets: usize = values.iter().map(|value| value.len()).sum();
    budget.spend(Resource::Steps, values.len() as u64 + octets as u64 / 64 + 1)?;
    values.sort_unstable();
    let mut hasher = provider.hasher(algorithm);
    for value in values {
        hasher.update(value);
    }
    Ok(hasher.finish())
}
