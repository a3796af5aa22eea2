//! The provider in Rust alone: runs everywhere, a browser included, and knows the rare algorithms.

use crate::digest::{Digest, DigestAlgorithm};
use crate::provider::{Hasher, Message, Provider, SignatureError};
use crate::{Curve, KeyAlgorithm, PublicKey, SignatureAlgorithm};
use der::Decode;
use signature::hazmat::PrehashVerifier;
use spki::SubjectPublicKeyInfoRef;

mod rsa;

/// Digests and verifies with the RustCrypto crates.
#[derive(Clone, Copy, Debug, Default)]
pub struct PureProvider;

struct Running<D> {
    algorithm: DigestAlgorithm,
    state: D,
}

impl<D: sha2::Digest + Clone + Send + 'static> Hasher for Running<D> {
    fn update(&mut self, bytes: &[u8]) {
        self.state.update(bytes);
    }

    fn finish(self: Box<Self>) -> Digest {
        Digest { algorithm: self.algorithm, value: self.state.finalize().to_vec() }
    }

    fn fork(&self) -> Box<dyn Hasher> {
        Box::new(Running { algorithm: self.algorithm, state: self.state.clone() })
    }
}

fn running<D: sha2::Digest + Clone + Send + 'static>(algorithm: DigestAlgorithm) -> Box<dyn Hasher> {
    Box::new(Running { algorithm, state: D::new() })
}

impl Provider for PureProvider {
    fn hasher(&self, algorithm: DigestAlgorithm) -> Box<dyn Hasher> {
        match algorithm {
            DigestAlgorithm::Md5 => running::<md5::Md5>(algorithm),
            DigestAlgorithm::Ripemd160 => running::<ripemd::Ripemd160>(algorithm),
            DigestAlgorithm::Sha1 => running::<sha1::Sha1>(algorithm),
            DigestAlgorithm::Sha224 => running::<sha2::Sha224>(algorithm),
            DigestAlgorithm::Sha256 => running::<sha2::Sha256>(algorithm),
            DigestAlgorithm::Sha384 => running::<sha2::Sha384>(algorithm),
            DigestAlgorithm::Sha512 => running::<sha2::Sha512>(algorithm),
            DigestAlgorithm::Sha3_224 => running::<sha3::Sha3_224>(algorithm),
            DigestAlgorithm::Sha3_256 => running::<sha3::Sha3_256>(algorithm),
            DigestAlgorithm::Sha3_384 => running::<sha3::Sha3_384>(algorithm),
            DigestAlgorithm::Sha3_512 => running::<sha3::Sha3_512>(algorithm),
        }
    }

    fn verify(
        &self,
        key: &PublicKey,
        algorithm: &SignatureAlgorithm,
        message: Message<'_>,
        signature: &[u8],
    ) -> Result<(), SignatureError> {
        let bits = key_bits(key, algorithm)?;
        match (key.algorithm, algorithm) {
            (KeyAlgorithm::Ed25519, SignatureAlgorithm::Ed25519) => ed25519(bits, message, signature),
            (KeyAlgorithm::Ec(curve), SignatureAlgorithm::Ecdsa(digest)) => {
                ecdsa(curve, bits, &digest_of(message, *digest)?.value, signature)
            }
            (KeyAlgorithm::Rsa(_), SignatureAlgorithm::RsaPkcs1(digest)) => {
                rsa::verify_pkcs1(bits, &digest_of(message, *digest)?, signature)
            }
            (KeyAlgorithm::Rsa(_), SignatureAlgorithm::RsaPss { digest, mgf1_digest, salt_len }) => {
                rsa::verify_pss(bits, &digest_of(message, *digest)?, *mgf1_digest, *salt_len, signature)
            }
            _ => Err(SignatureError::BadKey),
        }
    }
}

/// The content of `subjectPublicKey`: an EC point, an `RSAPublicKey`, an Ed25519 point. A key that is for PSS only does
/// nothing else (RFC 4055, 1.2).
pub(crate) fn key_bits<'k>(
    key: &'k PublicKey,
    algorithm: &SignatureAlgorithm,
) -> Result<&'k [u8], SignatureError> {
    if matches!(algorithm, SignatureAlgorithm::RsaPkcs1(_)) && key.is_for_pss_only() {
        return Err(SignatureError::BadKey);
    }
    let info = SubjectPublicKeyInfoRef::from_der(&key.spki).map_err(|_| SignatureError::BadKey)?;
    info.subject_public_key.as_bytes().ok_or(SignatureError::BadKey)
}

/// The digest to be checked; one given by the caller must be of the algorithm's kind.
pub(crate) fn digest_of(message: Message<'_>, algorithm: DigestAlgorithm) -> Result<Digest, SignatureError> {
    match message {
        Message::Whole(bytes) => Ok(PureProvider.digest(algorithm, bytes)),
        Message::Digest(digest)
            if digest.algorithm == algorithm && digest.value.len() == algorithm.output_len() =>
        {
            Ok(digest.clone())
        }
        Message::Digest(_) => Err(SignatureError::Mismatch),
    }
}

/// RFC 8032, 5.1.7, refusing small-order keys, which would make one signature fit several messages.
fn ed25519(key: &[u8], message: Message<'_>, signature: &[u8]) -> Result<(), SignatureError> {
    let Message::Whole(message) = message else {
        return Err(SignatureError::Unsupported);
    };
    let key = key.try_into().map_err(|_| SignatureError::BadKey)?;
    let key = ed25519_dalek::VerifyingKey::from_bytes(key).map_err(|_| SignatureError::BadKey)?;
    let signature = ed25519_dalek::Signature::from_slice(signature).map_err(|_| SignatureError::Mismatch)?;
    key.verify_strict(message, &signature).map_err(|_| SignatureError::Mismatch)
}

/// FIPS 186-5, 6.4.2, the value in DER.
fn ecdsa(curve: Curve, point: &[u8], digest: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
    macro_rules! on_curve {
        ($curve:ty, $field_len:expr) => {{
            let key =
                ecdsa::VerifyingKey::<$curve>::from_sec1_bytes(point).map_err(|_| SignatureError::BadKey)?;
            let value =
                ecdsa::Signature::<$curve>::from_der(signature).map_err(|_| SignatureError::Mismatch)?;
            // A digest shorter than the field is the same number with zeros in front.
            let mut padded = [0u8; 80];
            let len = digest.len().max($field_len);
            padded[len - digest.len()..len].copy_from_slice(digest);
            key.verify_prehash(&padded[..len], &value).map_err(|_| SignatureError::Mismatch)
        }};
    }
    match curve {
        Curve::P256 => on_curve!(p256::NistP256, 32),
        Curve::P384 => on_curve!(p384::NistP384, 48),
        Curve::P521 => on_curve!(p521::NistP521, 66),
        Curve::BrainpoolP256r1 => on_curve!(bp256::BrainpoolP256r1, 32),
        Curve::BrainpoolP384r1 => on_curve!(bp384::BrainpoolP384r1, 48),
    }
}
