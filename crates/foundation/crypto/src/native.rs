//! The fast provider: aws-lc for the common algorithms, [`PureProvider`] for everything else.

use crate::digest::{Digest, DigestAlgorithm};
use crate::provider::{Hasher, Message, Provider, SignatureError};
use crate::pure::{PureProvider, digest_of, key_bits};
use crate::{Curve, KeyAlgorithm, PublicKey, SignatureAlgorithm};
use aws_lc_rs::{digest, signature};

/// Digests and verifies with aws-lc where it can.
#[derive(Clone, Copy, Debug, Default)]
pub struct NativeProvider;

struct Running {
    algorithm: DigestAlgorithm,
    context: digest::Context,
}

impl Hasher for Running {
    fn update(&mut self, bytes: &[u8]) {
        self.context.update(bytes);
    }

    fn finish(self: Box<Self>) -> Digest {
        Digest { algorithm: self.algorithm, value: self.context.finish().as_ref().to_vec() }
    }

    fn fork(&self) -> Box<dyn Hasher> {
        Box::new(Running { algorithm: self.algorithm, context: self.context.clone() })
    }
}

fn native_digest(algorithm: DigestAlgorithm) -> Option<&'static digest::Algorithm> {
    Some(match algorithm {
        DigestAlgorithm::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        DigestAlgorithm::Sha224 => &digest::SHA224,
        DigestAlgorithm::Sha256 => &digest::SHA256,
        DigestAlgorithm::Sha384 => &digest::SHA384,
        DigestAlgorithm::Sha512 => &digest::SHA512,
        DigestAlgorithm::Sha3_256 => &digest::SHA3_256,
        DigestAlgorithm::Sha3_384 => &digest::SHA3_384,
        DigestAlgorithm::Sha3_512 => &digest::SHA3_512,
        _ => return None,
    })
}

/// The aws-lc scheme for a key and an algorithm; `None` where only the pure provider can help.
fn native_scheme(
    key: KeyAlgorithm,
    algorithm: &SignatureAlgorithm,
) -> Option<&'static dyn signature::VerificationAlgorithm> {
    use DigestAlgorithm::{Sha1, Sha224, Sha256, Sha384, Sha512};
    Some(match (key, algorithm) {
        (KeyAlgorithm::Ec(curve), SignatureAlgorithm::Ecdsa(digest)) => match (curve, digest) {
            (Curve::P256, Sha256) => &signature::ECDSA_P256_SHA256_ASN1,
            (Curve::P256, Sha384) => &signature::ECDSA_P256_SHA384_ASN1,
            (Curve::P256, Sha512) => &signature::ECDSA_P256_SHA512_ASN1,
            (Curve::P384, Sha256) => &signature::ECDSA_P384_SHA256_ASN1,
            (Curve::P384, Sha384) => &signature::ECDSA_P384_SHA384_ASN1,
            (Curve::P384, Sha512) => &signature::ECDSA_P384_SHA512_ASN1,
            (Curve::P521, Sha224) => &signature::ECDSA_P521_SHA224_ASN1,
            (Curve::P521, Sha256) => &signature::ECDSA_P521_SHA256_ASN1,
            (Curve::P521, Sha384) => &signature::ECDSA_P521_SHA384_ASN1,
            (Curve::P521, Sha512) => &signature::ECDSA_P521_SHA512_ASN1,
            _ => return None,
        },
        (KeyAlgorithm::Rsa(1024..=8192), SignatureAlgorithm::RsaPkcs1(digest)) => match digest {
            Sha1 => &signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
            Sha256 => &signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
            Sha512 => &signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
            Sha384 if matches!(key, KeyAlgorithm::Rsa(2048..)) => &signature::RSA_PKCS1_2048_8192_SHA384,
            _ => return None,
        },
        (KeyAlgorithm::Rsa(2048..=8192), SignatureAlgorithm::RsaPss { digest, mgf1_digest, salt_len })
            if digest == mgf1_digest && usize::try_from(*salt_len) == Ok(digest.output_len()) =>
        {
            match digest {
                Sha256 => &signature::RSA_PSS_2048_8192_SHA256,
                Sha384 => &signature::RSA_PSS_2048_8192_SHA384,
                Sha512 => &signature::RSA_PSS_2048_8192_SHA512,
                _ => return None,
            }
        }
        _ => return None,
    })
}

impl Provider for NativeProvider {
    fn hasher(&self, algorithm: DigestAlgorithm) -> Box<dyn Hasher> {
        match native_digest(algorithm) {
            Some(native) => Box::new(Running { algorithm, context: digest::Context::new(native) }),
            None => PureProvider.hasher(algorithm),
        }
    }

    fn verify(
        &self,
        key: &PublicKey,
        algorithm: &SignatureAlgorithm,
        message: Message<'_>,
        signature: &[u8],
    ) -> Result<(), SignatureError> {
        let Some(scheme) = native_scheme(key.algorithm, algorithm) else {
            return PureProvider.verify(key, algorithm, message, signature);
        };
        let native_key = signature::UnparsedPublicKey::new(scheme, key_bits(key, algorithm)?);
        let verified = match message {
            Message::Whole(bytes) => native_key.verify(bytes, signature),
            Message::Digest(given) => {
                let digest = digest_of(Message::Digest(given), given.algorithm)?;
                let native = native_digest(given.algorithm).ok_or(SignatureError::Unsupported)?;
                let imported = digest::Digest::import_less_safe(&digest.value, native)
                    .map_err(|_| SignatureError::Mismatch)?;
                native_key.verify_digest(&imported, signature)
            }
        };
        match (verified, algorithm) {
            (Ok(()), _) => Ok(()),
            // aws-lc refuses a DigestInfo without parameters, which RFC 8017, A.2.4 obliges to accept.
            (Err(_), SignatureAlgorithm::RsaPkcs1(_)) => {
                PureProvider.verify(key, algorithm, message, signature)
            }
            (Err(_), _) => Err(SignatureError::Mismatch),
        }
    }
}
