//! Algorithm identifiers, digest and verification providers, and the [`Signer`] joint.
//!
//! Two providers stand behind one trait: [`PureProvider`] in Rust alone, which also runs in a browser, and
//! `NativeProvider` on aws-lc, which is several times faster and falls back to the pure one for what it lacks.

mod algorithm;
mod digest;
#[cfg(feature = "native")]
mod native;
mod notation;
mod provider;
mod pure;
mod signer;

pub use algorithm::{Curve, KeyAlgorithm, PublicKey, SignatureAlgorithm, UnknownAlgorithm};
pub use digest::{Digest, DigestAlgorithm};
#[cfg(feature = "native")]
pub use native::NativeProvider;
pub use notation::NotationError;
pub use provider::{Hasher, Message, Provider, SignatureError};
pub use pure::PureProvider;
pub use signer::{Signer, SignerError};

/// The best provider of this build.
#[cfg(feature = "native")]
pub static PROVIDER: &dyn Provider = &NativeProvider;
/// The best provider of this build.
#[cfg(not(feature = "native"))]
pub static PROVIDER: &dyn Provider = &PureProvider;
