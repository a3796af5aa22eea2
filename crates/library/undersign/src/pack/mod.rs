//! Trust packs (spec/trust-pack.md): a signed manifest, and the contents that it names by their digests.
//!
//! Nothing of a pack counts before [`open`] has found its manifest signed by a publisher that is known, [`Pack::follow`]
//! that it is no step back, and [`check_content`] that the bytes are the ones that the manifest names.

mod content;
mod lists;
#[cfg(feature = "sign")]
mod make;
mod open;

pub use content::{CheckedContent, Kind, check_content, describe, take};
pub use lists::{JudgedList, Vouched, judge_lists};
#[cfg(feature = "sign")]
pub use make::sign;
pub use open::{Known, Pack, Step, open, open_again};
pub use records::{MAX_CONTENT, MAX_MANIFEST, PACK_FORMAT, PackContent, PackError, PackRecord, is_label};

use std::fmt;

/// The most bytes of a signed manifest: the manifest, and room for signature and certificates.
pub const MAX_SIGNED: u64 = MAX_MANIFEST as u64 + (1 << 20);

/// Why a pack, or one of its contents, is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackRefusal {
    /// A stable identifier, e.g. `pack.roll-back`.
    pub code: &'static str,
    /// What stands against it.
    pub reason: String,
    /// What to do.
    pub hint: &'static str,
}

impl PackRefusal {
    fn new(code: &'static str, reason: impl Into<String>, hint: &'static str) -> PackRefusal {
        PackRefusal { code, reason: reason.into(), hint }
    }
}

impl From<PackError> for PackRefusal {
    fn from(error: PackError) -> PackRefusal {
        let hint = "ask the publisher for a pack that follows spec/trust-pack.md";
        PackRefusal::new(error.code(), error.to_string(), hint)
    }
}

impl fmt::Display for PackRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for PackRefusal {}
