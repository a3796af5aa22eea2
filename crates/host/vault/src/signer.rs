//! Signing with a key of the vault: parsed once, then used any number of times, from any number of threads.

use crate::key::{KeyError, Parsed, PrivateKey};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{self, RsaEncoding};
use crypto::{Curve, DigestAlgorithm, KeyAlgorithm, PublicKey, SignatureAlgorithm, Signer, SignerError};
use std::fmt;

/// A key in memory with the algorithm it signs by.
pub struct SoftwareSigner {
    parsed: Parsed,
    rsa_encoding: Option<&'static dyn RsaEncoding>,
    algorithm: SignatureAlgorithm,
    spki: Vec<u8>,
}

impl SoftwareSigner {
    /// Prepares `key` to sign by `algorithm`: RSA PKCS#1 v1.5 or PSS (salt as long as the digest, same digest in
    /// MGF1) with SHA-256, SHA-384 or SHA-512; ECDSA with the digest that matches the curve; Ed25519.
    pub fn new(key: &PrivateKey, algorithm: SignatureAlgorithm) -> Result<SoftwareSigner, KeyError> {
        let kind = key.public().algorithm;
        let mismatch =
            || KeyError::AlgorithmMismatch(format!("a key of the kind {kind} does not sign by {algorithm}"));
        if !key.public().permits(&algorithm) {
            return Err(KeyError::AlgorithmMismatch(format!(
                "the key is restricted and may not sign by {algorithm}"
            )));
        }
        let rsa_encoding = match (kind, &algorithm) {
            (KeyAlgorithm::Rsa(_), rsa) => Some(rsa_encoding(rsa).ok_or_else(mismatch)?),
            (_, own) if *own == SoftwareSigner::usual_algorithm(kind) => None,
            _ => return Err(mismatch()),
        };
        Ok(SoftwareSigner { parsed: key.parse()?, rsa_encoding, spki: key.public().spki.clone(), algorithm })
    }

    /// The algorithm to take with `key` when nothing else is asked for: [`SoftwareSigner::usual_algorithm`], and PSS, with
    /// the digest that it may name, for a key restricted to that.
    pub fn usual_for(key: &PublicKey) -> SignatureAlgorithm {
        let usual = SoftwareSigner::usual_algorithm(key.algorithm);
        if !key.is_for_pss_only() {
            return usual;
        }
        let restriction = key.pss_restriction().ok().flatten();
        let digest = restriction.as_ref().unwrap_or(&usual).digest().unwrap_or(DigestAlgorithm::Sha256);
        let salt_len = u32::try_from(digest.output_len()).unwrap_or(64);
        SignatureAlgorithm::RsaPss { digest, mgf1_digest: digest, salt_len }
    }

    /// The algorithm to take when nothing else is asked for: RSA PKCS#1 v1.5 with SHA-256 (SHA-512 from 4096 bits on),
    /// ECDSA with the digest of the curve's size, Ed25519.
    pub fn usual_algorithm(key: KeyAlgorithm) -> SignatureAlgorithm {
        match key {
            KeyAlgorithm::Rsa(bits) if bits >= 4096 => SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha512),
            KeyAlgorithm::Rsa(_) => SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha256),
            KeyAlgorithm::Ec(Curve::P384 | Curve::BrainpoolP384r1) => {
                SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha384)
            }
            KeyAlgorithm::Ec(Curve::P521) => SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha512),
            KeyAlgorithm::Ec(_) => SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256),
            _ => SignatureAlgorithm::Ed25519,
        }
    }
}

/// Seeds the generator behind the nonces of signatures ahead of the first one. It gathers jitter of the processor, which
/// takes some 25 ms, once in a process; as long as a key is derived anyway, another core can do it.
pub(crate) fn seed_signing() {
    // If it fails, signing will, and say so.
    let _ = aws_lc_rs::rand::fill(&mut [0]);
}

fn rsa_encoding(algorithm: &SignatureAlgorithm) -> Option<&'static dyn RsaEncoding> {
    use DigestAlgorithm::{Sha256, Sha384, Sha512};
    match algorithm {
        SignatureAlgorithm::RsaPkcs1(Sha256) => Some(&signature::RSA_PKCS1_SHA256),
        SignatureAlgorithm::RsaPkcs1(Sha384) => Some(&signature::RSA_PKCS1_SHA384),
        SignatureAlgorithm::RsaPkcs1(Sha512) => Some(&signature::RSA_PKCS1_SHA512),
        SignatureAlgorithm::RsaPss { digest, mgf1_digest, salt_len }
            if digest == mgf1_digest && *salt_len as usize == digest.output_len() =>
        {
            match digest {
                Sha256 => Some(&signature::RSA_PSS_SHA256),
                Sha384 => Some(&signature::RSA_PSS_SHA384),
                Sha512 => Some(&signature::RSA_PSS_SHA512),
                _ => None,
            }
        }
        _ => None,
    }
}

impl Signer for SoftwareSigner {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm.clone()
    }

    fn public_key(&self) -> &[u8] {
        &self.spki
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        let failed = |_| SignerError("the key could not sign".into());
        match (&self.parsed, self.rsa_encoding) {
            (Parsed::Rsa(pair), Some(encoding)) => {
                let mut value = vec![0; pair.public_modulus_len()];
                pair.sign(encoding, &SystemRandom::new(), message, &mut value).map_err(failed)?;
                Ok(value)
            }
            (Parsed::Ec(pair), _) => {
                pair.sign(&SystemRandom::new(), message).map(|value| value.as_ref().to_vec()).map_err(failed)
            }
            (Parsed::Ed25519(pair), _) => {
                pair.try_sign(message).map(|value| value.as_ref().to_vec()).map_err(failed)
            }
            (Parsed::Rsa(_), None) => Err(SignerError("no encoding for this RSA algorithm".into())),
        }
    }
}

impl fmt::Debug for SoftwareSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SoftwareSigner({}, …)", self.algorithm)
    }
}
