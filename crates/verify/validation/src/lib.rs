//! Evidence to verdict: a total function in the words of EN 319 102-1.
//!
//! Nothing is computed here and nothing is asked of the world: the same evidence, policy and time always give the same
//! verdict. Basic validation ([`basic`]) goes through the building blocks; the processes around it ([`process`]) let
//! timestamps prove what existed when, so that what ended later does not matter.

pub mod acceptance;
mod algorithms;
mod basic;
mod certificate;
mod check;
mod constraints;
mod court;
mod dimensions;
mod level;
mod poe;
mod policy;
mod process;
mod status;
mod text;
mod verdict;

pub use check::{Answer, Asked};
pub use policy::{AlgorithmCatalogue, BUILT_IN, Constraint, Policy, PolicyError, Weight};
pub use process::validate;
pub use text::Text;
pub use verdict::{
    BeaconStanding, BeaconVerdict, Dimension, Dimensions, Indication, Level, PathUsed, SignatureVerdict,
    SigningTime, State, StatusUsed, SubIndication, TokenVerdict, Verdict,
};
