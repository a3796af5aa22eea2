//! Whether algorithms are reliable at a time (EN 319 102-1, 5.2.8; ETSI TS 119 312).

use crate::policy::Policy;
use crypto::{DigestAlgorithm, KeyAlgorithm, SignatureAlgorithm};
use types::Time;

/// Why `digest` is not reliable at `at`; `None` if it is.
pub(crate) fn weak_digest(digest: DigestAlgorithm, policy: &Policy, at: Time) -> Option<String> {
    let weak = matches!(digest, DigestAlgorithm::Md5 | DigestAlgorithm::Ripemd160 | DigestAlgorithm::Sha1);
    (weak && at >= policy.weak_digest_end)
        .then(|| format!("{digest} is not reliable since {}", policy.weak_digest_end))
}

/// Why a signature algorithm with this key is not reliable at `at`; `None` if it is.
pub(crate) fn weak_signature(
    algorithm: &SignatureAlgorithm,
    key: Option<KeyAlgorithm>,
    policy: &Policy,
    at: Time,
) -> Option<String> {
    let mut digests: Vec<DigestAlgorithm> = algorithm.digest().into_iter().collect();
    // The mask digest of PSS need only be one-way, but a broken MD5 is a sign of something worse.
    if let SignatureAlgorithm::RsaPss { mgf1_digest: DigestAlgorithm::Md5, .. } = algorithm {
        digests.push(DigestAlgorithm::Md5);
    }
    let weak_key = match key {
        Some(KeyAlgorithm::Rsa(bits)) if bits < policy.min_rsa_bits => Some(format!(
            "an RSA key of {bits} bits is not reliable, at least {} are needed",
            policy.min_rsa_bits
        )),
        _ => None,
    };
    digests.into_iter().find_map(|digest| weak_digest(digest, policy, at)).or(weak_key)
}
