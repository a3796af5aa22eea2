//! RFC 5280 certification path building and validation at a given time.
//!
//! [`build_and_validate`] is the whole of it: a target, a pool of certificates in any order, trust anchors and
//! [`PathParameters`] in; a [`PathOutcome`] out. It is total and deterministic. A [`ValidatedPath`] can only come from
//! here. Revocation is a separate step over the certificates of a validated path.

mod build;
mod check;
mod links;
mod names;
mod oracle;
mod outcome;
mod parameters;
mod policy;
mod pool;
mod validate;

pub use build::{build_and_validate, build_and_validate_with, build_in};
pub use check::{Check, CheckOutcome, FailureKind, Fault, Place};
pub use links::VerifiedLinks;
pub use oracle::{ComputedLinks, LinkOracle, RecordedLinks};
pub use outcome::{FailedPath, Issuer, PathOutcome, ValidPolicies, ValidatedPath};
pub use parameters::{
    AlgorithmPolicy, AnyAlgorithm, PathParameters, Permission, PolicyDemand, Profile, PurposeScope,
};
pub use pool::Pool;
