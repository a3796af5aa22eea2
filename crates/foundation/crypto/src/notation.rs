//! Algorithms as short words in files of our own (spec/evidence.md), and back: `sha-256`, `rsa-pss:sha-256:sha-256:32`,
//! `p-256`. The words are never given to another algorithm.

use crate::{Curve, Digest, DigestAlgorithm, KeyAlgorithm, SignatureAlgorithm};
use std::fmt;
use std::str::FromStr;

/// Words that name no algorithm known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotationError {
    words: String,
    expected: &'static str,
}

impl fmt::Display for NotationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not {}", self.words, self.expected)
    }
}

impl std::error::Error for NotationError {}

fn not(words: &str, expected: &'static str) -> NotationError {
    NotationError { words: words.chars().take(80).collect(), expected }
}

impl DigestAlgorithm {
    /// The name in lower case, e.g. `sha3-256`.
    pub fn notation(self) -> String {
        self.name().to_ascii_lowercase()
    }
}

impl FromStr for DigestAlgorithm {
    type Err = NotationError;

    /// Reads [`DigestAlgorithm::notation`].
    fn from_str(words: &str) -> Result<DigestAlgorithm, NotationError> {
        let named = DigestAlgorithm::ALL.into_iter().find(|algorithm| algorithm.notation() == words);
        named.ok_or_else(|| not(words, "a digest algorithm"))
    }
}

impl FromStr for Digest {
    type Err = NotationError;

    /// Reads what [`Digest`] displays, e.g. `sha-256:0123…`.
    fn from_str(words: &str) -> Result<Digest, NotationError> {
        let wrong = || not(words, "a digest like sha-256:0123…");
        let (algorithm, hex) = words.split_once(':').ok_or_else(wrong)?;
        let algorithm: DigestAlgorithm = algorithm.parse()?;
        let value = octets(hex).filter(|value| value.len() == algorithm.output_len()).ok_or_else(wrong)?;
        Ok(Digest { algorithm, value })
    }
}

/// Lower-case hexadecimal digits, two an octet.
fn octets(hex: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let pairs = hex.as_bytes().chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect()
}

impl SignatureAlgorithm {
    /// E.g. `rsa-pkcs1:sha-256`, `rsa-pss:sha-256:sha-256:32` (digest, digest of MGF1, salt in octets),
    /// `ecdsa:sha-384`, `ed25519`.
    pub fn notation(&self) -> String {
        match self {
            SignatureAlgorithm::RsaPkcs1(digest) => format!("rsa-pkcs1:{}", digest.notation()),
            SignatureAlgorithm::RsaPss { digest, mgf1_digest, salt_len } => {
                format!("rsa-pss:{}:{}:{salt_len}", digest.notation(), mgf1_digest.notation())
            }
            SignatureAlgorithm::Ecdsa(digest) => format!("ecdsa:{}", digest.notation()),
            SignatureAlgorithm::Ed25519 => "ed25519".into(),
        }
    }
}

impl FromStr for SignatureAlgorithm {
    type Err = NotationError;

    /// Reads [`SignatureAlgorithm::notation`].
    fn from_str(words: &str) -> Result<SignatureAlgorithm, NotationError> {
        let wrong = || not(words, "a signature algorithm");
        let parts: Vec<&str> = words.split(':').collect();
        Ok(match parts.as_slice() {
            ["rsa-pkcs1", digest] => SignatureAlgorithm::RsaPkcs1(digest.parse()?),
            ["rsa-pss", digest, mgf1_digest, salt_len] => SignatureAlgorithm::RsaPss {
                digest: digest.parse()?,
                mgf1_digest: mgf1_digest.parse()?,
                salt_len: number(salt_len).ok_or_else(wrong)?,
            },
            ["ecdsa", digest] => SignatureAlgorithm::Ecdsa(digest.parse()?),
            ["ed25519"] => SignatureAlgorithm::Ed25519,
            _ => return Err(wrong()),
        })
    }
}

/// Decimal digits without sign or leading zeros.
fn number(digits: &str) -> Option<u32> {
    let number: u32 = digits.parse().ok()?;
    (number.to_string() == digits).then_some(number)
}

const CURVES: [(Curve, &str); 5] = [
    (Curve::P256, "p-256"),
    (Curve::P384, "p-384"),
    (Curve::P521, "p-521"),
    (Curve::BrainpoolP256r1, "brainpoolp256r1"),
    (Curve::BrainpoolP384r1, "brainpoolp384r1"),
];

impl KeyAlgorithm {
    /// E.g. `rsa:2048`, `p-256`, `ed25519`.
    pub fn notation(self) -> String {
        match self {
            KeyAlgorithm::Rsa(bits) => format!("rsa:{bits}"),
            KeyAlgorithm::Ec(_) => self.to_string().to_ascii_lowercase(),
            KeyAlgorithm::Ed25519 => "ed25519".into(),
        }
    }
}

impl FromStr for KeyAlgorithm {
    type Err = NotationError;

    /// Reads [`KeyAlgorithm::notation`].
    fn from_str(words: &str) -> Result<KeyAlgorithm, NotationError> {
        let curve = CURVES.iter().find(|(_, name)| *name == words);
        match (words.strip_prefix("rsa:").and_then(number), curve) {
            (Some(bits), _) => Ok(KeyAlgorithm::Rsa(bits)),
            (None, Some((curve, _))) => Ok(KeyAlgorithm::Ec(*curve)),
            (None, None) if words == "ed25519" => Ok(KeyAlgorithm::Ed25519),
            (None, None) => Err(not(words, "a kind of key")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let mut algorithms = vec![SignatureAlgorithm::Ed25519];
        for digest in DigestAlgorithm::ALL {
            assert_eq!(digest.notation().parse(), Ok(digest));
            let value = Digest { algorithm: digest, value: vec![0xa5; digest.output_len()] };
            assert_eq!(value.to_string().parse(), Ok(value));
            algorithms.extend([SignatureAlgorithm::RsaPkcs1(digest), SignatureAlgorithm::Ecdsa(digest)]);
            algorithms.push(SignatureAlgorithm::RsaPss {
                digest,
                mgf1_digest: DigestAlgorithm::Sha1,
                salt_len: 20,
            });
        }
        for algorithm in algorithms {
            assert_eq!(algorithm.notation().parse(), Ok(algorithm));
        }
        let curves = CURVES.map(|(curve, _)| KeyAlgorithm::Ec(curve));
        for key in curves.into_iter().chain([KeyAlgorithm::Rsa(2048), KeyAlgorithm::Ed25519]) {
            assert_eq!(key.notation().parse(), Ok(key));
        }
    }

    #[test]
    fn everything_has_one_notation() {
        for words in ["", "SHA-256", "sha-256:00", "sha-1:0", "md5:A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5"] {
            assert!(words.parse::<Digest>().is_err(), "{words}");
        }
        for words in ["rsa-pss:sha-1:sha-1:020", "rsa-pss:sha-1:sha-1:+20", "ecdsa", "ed25519:sha-512"] {
            assert!(words.parse::<SignatureAlgorithm>().is_err(), "{words}");
        }
        for words in ["rsa:", "rsa:02048", "P-256", "rsa:4294967296"] {
            assert!(words.parse::<KeyAlgorithm>().is_err(), "{words}");
        }
    }
}
