//! The paved path for integrators: sign and verify documents without a network.
//!
//! Nothing here touches a clock, a file, a socket or randomness: bytes come through a [`Source`], time, trust and limits are
//! arguments, and keys stay behind a [`crypto::Signer`].

pub mod pack;
#[cfg(feature = "sign")]
mod sign;
mod verify;

#[cfg(feature = "sign")]
pub use augmentation;
#[cfg(feature = "sign")]
pub use authority;
pub use cms;
pub use crypto;
pub use evidence;
pub use inspection;
pub use pdf;
pub use pkix;
pub use report;
#[cfg(feature = "sign")]
pub use sign::{SignError, plan, self_check, self_check_file, sign};
#[cfg(feature = "sign")]
pub use signing;
pub use types;
pub use types::{Budget, Limits, Malformed, Source, Time};
pub use validation;
pub use verify::{Input, Trust, Verified, collect, verify};
