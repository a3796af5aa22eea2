//! What a validation asks for beyond correct cryptography.

use types::Time;

/// Whether the status of certificates must be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// Unknown status of a certificate that somebody issued leaves the signature undecided (EN 319 102-1, 5.2.6.4).
    Required,
    /// Unknown status is reported and does not decide.
    Informed,
}

/// Constraints of a validation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Whether the status of certificates must be known.
    pub revocation: Revocation,
    /// From when on SHA-1, MD5 and RIPEMD-160 signatures are not reliable (ETSI TS 119 312).
    pub weak_digest_end: Time,
    /// Smallest RSA modulus that is reliable, in bits (ETSI TS 119 312).
    pub min_rsa_bits: u32,
}

impl Policy {
    /// The built-in policy: status required, SHA-1 and older never reliable today, RSA from 1900 bits on as
    /// ETSI TS 119 312 counts 2048-bit keys.
    pub const STANDARD: Policy = Policy {
        revocation: Revocation::Required,
        // 2012-08-01: the end that ETSI TS 119 312 and EU trusted lists take for SHA-1.
        weak_digest_end: Time::from_unix(1_343_779_200),
        min_rsa_bits: 1900,
    };
}
