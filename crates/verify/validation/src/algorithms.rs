//! Whether algorithms are reliable at a time (EN 319 102-1, 5.2.8; ETSI TS 119 312).

use crate::policy::{KeyKind, Policy};
use crypto::{Curve, DigestAlgorithm, KeyAlgorithm, SignatureAlgorithm};
use types::Time;

/// Until when something is reliable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum End {
    /// Never was, by this policy.
    Never,
    /// Until this time.
    At(Time),
    /// No end is known.
    #[default]
    Open,
}

impl End {
    fn of(until: Option<Time>) -> End {
        until.map_or(End::Open, End::At)
    }

    /// The time of the end, if there is one.
    pub(crate) fn time(self) -> Option<Time> {
        match self {
            End::At(time) => Some(time),
            End::Never | End::Open => None,
        }
    }

    /// The later of two ends.
    pub(crate) fn later(self, other: End) -> End {
        match (self, other) {
            (End::Open, _) | (_, End::Open) => End::Open,
            (End::Never, end) | (end, End::Never) => end,
            (End::At(one), End::At(two)) => End::At(one.max(two)),
        }
    }

    /// The earlier of two ends.
    pub(crate) fn earlier(self, other: End) -> End {
        match (self, other) {
            (End::Never, _) | (_, End::Never) => End::Never,
            (End::Open, end) | (end, End::Open) => end,
            (End::At(one), End::At(two)) => End::At(one.min(two)),
        }
    }
}

/// Something that is no longer reliable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Weakness {
    /// The algorithm, with the size of the key where that is the cause.
    pub(crate) algorithm: String,
    /// Since when; `None` if it never was reliable.
    pub(crate) since: Option<Time>,
}

/// What a signature or certificate rests on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Used<'a> {
    /// A digest by itself.
    Digest(DigestAlgorithm),
    /// A signature algorithm with the key that was used, if known.
    Signature(&'a SignatureAlgorithm, Option<KeyAlgorithm>),
}

/// Why `used` is not reliable at `at`; `None` if it is.
pub(crate) fn weakness(used: Used<'_>, policy: &Policy, at: Time) -> Option<Weakness> {
    parts(used, policy).into_iter().find_map(|(algorithm, end)| match end {
        End::Open => None,
        End::At(end) => (at >= end).then_some(Weakness { algorithm, since: Some(end) }),
        End::Never => Some(Weakness { algorithm, since: None }),
    })
}

/// Until when `used` is reliable, all parts together.
pub(crate) fn end(used: Used<'_>, policy: &Policy) -> End {
    parts(used, policy).into_iter().fold(End::Open, |end, (_, part)| end.earlier(part))
}

fn parts(used: Used<'_>, policy: &Policy) -> Vec<(String, End)> {
    match used {
        Used::Digest(digest) => vec![digest_part(digest, policy)],
        Used::Signature(algorithm, key) => {
            let mut parts: Vec<(String, End)> =
                algorithm.digest().map(|digest| digest_part(digest, policy)).into_iter().collect();
            // The mask digest of PSS need only be one-way, but a broken MD5 is a sign of something worse.
            if let SignatureAlgorithm::RsaPss { mgf1_digest: DigestAlgorithm::Md5, .. } = algorithm {
                parts.push(digest_part(DigestAlgorithm::Md5, policy));
            }
            parts.extend(key.map(|key| key_part(algorithm, key, policy)));
            parts
        }
    }
}

fn digest_part(digest: DigestAlgorithm, policy: &Policy) -> (String, End) {
    let row = policy.reliable.digests.iter().find(|(listed, _)| *listed == digest);
    (digest.to_string(), row.map_or(End::Never, |(_, until)| End::of(*until)))
}

fn key_part(algorithm: &SignatureAlgorithm, key: KeyAlgorithm, policy: &Policy) -> (String, End) {
    let (kind, bits) = match (key, algorithm) {
        (KeyAlgorithm::Rsa(bits), SignatureAlgorithm::RsaPss { .. }) => (KeyKind::RsaPss, bits),
        (KeyAlgorithm::Rsa(bits), _) => (KeyKind::Rsa, bits),
        (KeyAlgorithm::Ec(curve), _) => (KeyKind::Ec, curve_bits(curve)),
        (KeyAlgorithm::Ed25519, _) => (KeyKind::EdDsa, 256),
        // What is not listed is not reliable.
        _ => return (key.to_string(), End::Never),
    };
    let rows = policy.reliable.keys.iter().filter(|row| row.kind == kind && row.bits <= bits);
    let row = rows.max_by_key(|row| row.bits);
    (key.to_string(), row.map_or(End::Never, |row| End::of(row.until)))
}

fn curve_bits(curve: Curve) -> u32 {
    match curve {
        Curve::P256 | Curve::BrainpoolP256r1 => 256,
        Curve::P384 | Curve::BrainpoolP384r1 => 384,
        Curve::P521 => 521,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weak(used: Used<'_>, at: &str) -> bool {
        weakness(used, &Policy::standard(), at.parse().unwrap()).is_some()
    }

    #[test]
    fn digests_and_keys_are_reliable_until_their_ends() {
        assert!(!weak(Used::Digest(DigestAlgorithm::Sha1), "2012-07-31"));
        assert!(weak(Used::Digest(DigestAlgorithm::Sha1), "2012-08-01"));
        let rsa = SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha256);
        let with = |bits| Used::Signature(&rsa, Some(KeyAlgorithm::Rsa(bits)));
        assert!(!weak(with(1024), "2019-09-30") && weak(with(1024), "2019-10-01"));
        assert!(!weak(with(2048), "2026-11-25") && weak(with(2048), "2029-01-01"));
        assert!(weak(with(512), "2005-01-01"));
        let ecdsa = SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256);
        assert!(!weak(Used::Signature(&ecdsa, Some(KeyAlgorithm::Ec(Curve::P256))), "2050-01-01"));
    }
}
