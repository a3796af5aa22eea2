//! Evidence to verdict: a total function in the words of EN 319 102-1.
//!
//! Nothing is computed here and nothing is asked of the world: the same evidence, policy and time always give the same
//! verdict.

mod algorithms;
mod level;
mod policy;
mod validate;
mod verdict;

pub use policy::{Policy, Revocation};
pub use validate::validate;
pub use verdict::{
    Dimension, Dimensions, Indication, Level, SignatureVerdict, State, SubIndication, Verdict,
};
