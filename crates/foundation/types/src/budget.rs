//! Limits on work over untrusted input: every loop and recursion draws on a [`Budget`].

use std::fmt;

/// What a budget counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Resource {
    /// Objects, tokens or elements visited by a parser.
    Steps,
    /// Bytes produced by decompression or decryption.
    DecodedBytes,
    /// Revisions (cross-reference sections) of one file.
    Revisions,
    /// Signatures of one file.
    Signatures,
    /// Certificates collected for one file.
    Certificates,
    /// Signature verifications.
    SignatureChecks,
    /// Candidate paths and edges looked at while building certification paths.
    PathSteps,
    /// Comparisons of names with name constraints (RFC 5280, 4.2.1.10).
    NameComparisons,
    /// Nodes of the valid policy tree or graph (RFC 5280, 6.1.2).
    PolicyNodes,
}

impl Resource {
    const ALL: [Resource; 9] = [
        Resource::Steps,
        Resource::DecodedBytes,
        Resource::Revisions,
        Resource::Signatures,
        Resource::Certificates,
        Resource::SignatureChecks,
        Resource::PathSteps,
        Resource::NameComparisons,
        Resource::PolicyNodes,
    ];

    fn describe(self) -> &'static str {
        match self {
            Resource::Steps => "parsing steps",
            Resource::DecodedBytes => "decoded bytes",
            Resource::Revisions => "revisions",
            Resource::Signatures => "signatures",
            Resource::Certificates => "certificates",
            Resource::SignatureChecks => "signature checks",
            Resource::PathSteps => "path building steps",
            Resource::NameComparisons => "name comparisons",
            Resource::PolicyNodes => "policy nodes",
        }
    }
}

/// How much of each [`Resource`] may be spent, and how deep structures may nest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    spendable: [u64; Resource::ALL.len()],
    /// Deepest nesting of arrays, dictionaries or ASN.1 values.
    pub depth: u32,
}

impl Limits {
    /// Limits that every honest document met so far stays far below: 64 million steps, 4 GiB decoded,
    /// 20,000 revisions, 10,000 signatures and 20,000 certificates, nesting of 100.
    pub const STANDARD: Limits = Limits {
        spendable: [64_000_000, 4 << 30, 20_000, 10_000, 20_000, 20_000, 200_000, 1_000_000, 100_000],
        depth: 100,
    };

    /// These limits with one of them replaced.
    pub const fn with(mut self, resource: Resource, limit: u64) -> Limits {
        self.spendable[resource as usize] = limit;
        self
    }

    /// The limit on one resource.
    pub fn get(&self, resource: Resource) -> u64 {
        self.spendable[resource as usize]
    }
}

/// A limit was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhausted {
    /// What ran out.
    pub resource: Resource,
    /// How much there was.
    pub limit: u64,
}

impl fmt::Display for Exhausted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the limit of {} {} was reached", self.limit, self.resource.describe())
    }
}

impl std::error::Error for Exhausted {}

/// What is left to spend on one document.
#[derive(Clone, Debug)]
pub struct Budget {
    limits: Limits,
    left: [u64; Resource::ALL.len()],
}

impl Budget {
    /// A full budget.
    pub fn new(limits: Limits) -> Budget {
        Budget { limits, left: limits.spendable }
    }

    /// Takes `amount` of `resource`, or says that it has run out.
    pub fn spend(&mut self, resource: Resource, amount: u64) -> Result<(), Exhausted> {
        let left = &mut self.left[resource as usize];
        match left.checked_sub(amount) {
            Some(rest) => {
                *left = rest;
                Ok(())
            }
            None => {
                *left = 0;
                Err(Exhausted { resource, limit: self.limits.get(resource) })
            }
        }
    }

    /// What is left of `resource`.
    pub fn left(&self, resource: Resource) -> u64 {
        self.left[resource as usize]
    }

    /// Deepest nesting allowed.
    pub fn depth(&self) -> u32 {
        self.limits.depth
    }
}

impl Default for Budget {
    fn default() -> Budget {
        Budget::new(Limits::STANDARD)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spending_beyond_the_limit_is_an_error_that_names_it() {
        let mut budget = Budget::new(Limits::STANDARD.with(Resource::Signatures, 2));
        assert_eq!(budget.spend(Resource::Signatures, 2), Ok(()));
        let error = budget.spend(Resource::Signatures, 1).unwrap_err();
        assert_eq!(error.to_string(), "the limit of 2 signatures was reached");
    }

    #[test]
    fn resources_are_indexed_in_declaration_order() {
        for (index, resource) in Resource::ALL.into_iter().enumerate() {
            assert_eq!(resource as usize, index);
        }
    }
}
