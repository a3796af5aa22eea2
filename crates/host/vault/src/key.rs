//! Private keys: made, taken in as PKCS#8, matched with certificates.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _};
use crypto::{Curve, KeyAlgorithm, PublicKey};
use der::Encode;
use der::asn1::{BitStringRef, ObjectIdentifier};
use std::fmt;
use zeroize::Zeroizing;

/// Why a key cannot be used. Carries nothing of the key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// The kind, size or curve is not supported.
    Unsupported(String),
    /// It cannot be parsed, or is not consistent in itself.
    Malformed,
    /// The signature algorithm does not fit the key.
    AlgorithmMismatch(String),
    /// The library failed to make the key.
    Generation,
}

impl KeyError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            KeyError::Unsupported(_) => {
                "the vault takes RSA and RSASSA-PSS 2048 to 8192, P-256, P-384, P-521 and Ed25519; with a key of another kind \
                 sign by `undersign prepare`, the tool that holds the key, and `undersign complete`"
            }
            KeyError::Malformed => "export the key again, as PKCS#8",
            KeyError::AlgorithmMismatch(_) => "choose an algorithm for this kind of key",
            KeyError::Generation => "try again",
        }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyError::Unsupported(what) => write!(f, "keys of the kind {what} are not supported"),
            KeyError::Malformed => f.write_str("the private key is malformed"),
            KeyError::AlgorithmMismatch(what) => f.write_str(what),
            KeyError::Generation => f.write_str("the key could not be made"),
        }
    }
}

impl std::error::Error for KeyError {}

/// A private key as DER `PrivateKeyInfo` (RFC 5958) with its public half. Wiped when dropped, never shown.
pub struct PrivateKey {
    pkcs8: Zeroizing<Vec<u8>>,
    public: PublicKey,
}

/// The key parsed once, ready to sign.
pub(crate) enum Parsed {
    Rsa(signature::RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl PrivateKey {
    /// Makes a key: RSA of 2048, 3072, 4096 or 8192 bits, P-256, P-384, P-521 or Ed25519.
    pub fn generate(algorithm: KeyAlgorithm) -> Result<PrivateKey, KeyError> {
        let failed = |_| KeyError::Generation;
        let pkcs8 = match algorithm {
            KeyAlgorithm::Rsa(bits) => {
                let size = match bits {
                    2048 => KeySize::Rsa2048,
                    3072 => KeySize::Rsa3072,
                    4096 => KeySize::Rsa4096,
                    8192 => KeySize::Rsa8192,
                    _ => return Err(KeyError::Unsupported(algorithm.to_string())),
                };
                let pair = signature::RsaKeyPair::generate(size).map_err(failed)?;
                let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).map_err(failed)?;
                Zeroizing::new(der.as_ref().to_vec())
            }
            KeyAlgorithm::Ec(curve) => {
                let document =
                    EcdsaKeyPair::generate_pkcs8(ecdsa(curve)?, &SystemRandom::new()).map_err(failed)?;
                Zeroizing::new(document.as_ref().to_vec())
            }
            KeyAlgorithm::Ed25519 => {
                let document = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).map_err(failed)?;
                Zeroizing::new(document.as_ref().to_vec())
            }
            other => return Err(KeyError::Unsupported(other.to_string())),
        };
        PrivateKey::from_pkcs8(pkcs8)
    }

    /// Takes a DER `PrivateKeyInfo`; the key must be consistent in itself.
    pub fn from_pkcs8(pkcs8: Zeroizing<Vec<u8>>) -> Result<PrivateKey, KeyError> {
        let spki = Parsed::from_pkcs8(&pkcs8)?.spki(&pkcs8)?;
        let public = PublicKey::from_spki(&spki).map_err(|unknown| KeyError::Unsupported(unknown.oid))?;
        Ok(PrivateKey { pkcs8, public })
    }

    /// A key that was checked when it came into the vault; parsing it for use compares it with `public` again.
    pub(crate) fn stored(pkcs8: Zeroizing<Vec<u8>>, public: PublicKey) -> PrivateKey {
        PrivateKey { pkcs8, public }
    }

    /// The public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    pub(crate) fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    pub(crate) fn parse(&self) -> Result<Parsed, KeyError> {
        let parsed = Parsed::from_pkcs8(&self.pkcs8)?;
        if parsed.spki(&self.pkcs8)? == self.public.spki { Ok(parsed) } else { Err(KeyError::Malformed) }
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({}, …)", self.public.algorithm)
    }
}

impl Parsed {
    fn from_pkcs8(pkcs8: &[u8]) -> Result<Parsed, KeyError> {
        match algorithm_of(pkcs8)? {
            Kind::Rsa => signature::RsaKeyPair::from_pkcs8(pkcs8).map(Parsed::Rsa).map_err(rejected),
            // The library knows the key itself, not the restriction around it.
            Kind::RsaPss => {
                let key = info(pkcs8)?.private_key.as_bytes();
                signature::RsaKeyPair::from_der(key).map(Parsed::Rsa).map_err(rejected)
            }
            Kind::Ec(curve) => {
                EcdsaKeyPair::from_pkcs8(ecdsa(curve)?, pkcs8).map(Parsed::Ec).map_err(rejected)
            }
            Kind::Ed25519 => {
                Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).map(Parsed::Ed25519).map_err(rejected)
            }
        }
    }

    /// The public half as DER `SubjectPublicKeyInfo`; one restricted to PSS keeps its restriction (RFC 4055, 1.2).
    fn spki(&self, pkcs8: &[u8]) -> Result<Vec<u8>, KeyError> {
        let der: Result<PublicKeyX509Der<'_>, _> = match self {
            Parsed::Rsa(pair) if matches!(algorithm_of(pkcs8)?, Kind::RsaPss) => {
                return restricted(&info(pkcs8)?.algorithm, pair.public_key().as_ref());
            }
            Parsed::Rsa(pair) => pair.public_key().as_der(),
            Parsed::Ec(pair) => pair.public_key().as_der(),
            Parsed::Ed25519(pair) => pair.public_key().as_der(),
        };
        der.map(|der| der.as_ref().to_vec()).map_err(|_| KeyError::Malformed)
    }
}

/// `key`, an `RSAPublicKey` (RFC 8017, A.1.1), under `algorithm`.
fn restricted(algorithm: &spki::AlgorithmIdentifierRef<'_>, key: &[u8]) -> Result<Vec<u8>, KeyError> {
    let subject_public_key = BitStringRef::from_bytes(key).map_err(|_| KeyError::Malformed)?;
    let info = spki::SubjectPublicKeyInfoRef { algorithm: *algorithm, subject_public_key };
    info.to_der().map_err(|_| KeyError::Malformed)
}

fn rejected(error: aws_lc_rs::error::KeyRejected) -> KeyError {
    match error.to_string().as_str() {
        "TooSmall" => KeyError::Unsupported("RSA below 2048 bits".into()),
        "TooLarge" => KeyError::Unsupported("RSA above 8192 bits".into()),
        _ => KeyError::Malformed,
    }
}

/// The kind that a `PrivateKeyInfo` says it is.
enum Kind {
    Rsa,
    RsaPss,
    Ec(Curve),
    Ed25519,
}

fn info(pkcs8: &[u8]) -> Result<pkcs8::PrivateKeyInfoRef<'_>, KeyError> {
    pkcs8::PrivateKeyInfoRef::try_from(pkcs8).map_err(|_| KeyError::Malformed)
}

/// ```text
/// OneAsymmetricKey ::= SEQUENCE { version INTEGER, privateKeyAlgorithm AlgorithmIdentifier, … }  -- RFC 5958, 2
/// ```
fn algorithm_of(pkcs8: &[u8]) -> Result<Kind, KeyError> {
    use const_oid::db::{rfc5912, rfc8410};
    let info = info(pkcs8)?;
    let curve = |oid| match oid {
        rfc5912::SECP_256_R_1 => Ok(Curve::P256),
        rfc5912::SECP_384_R_1 => Ok(Curve::P384),
        rfc5912::SECP_521_R_1 => Ok(Curve::P521),
        // For these no library at hand promises signing in constant time.
        BRAINPOOL_P256R1 => Err(KeyError::Unsupported("brainpoolP256r1".into())),
        BRAINPOOL_P384R1 => Err(KeyError::Unsupported("brainpoolP384r1".into())),
        other => Err(KeyError::Unsupported(format!("EC on curve {other}"))),
    };
    match info.algorithm.oid {
        rfc5912::RSA_ENCRYPTION => Ok(Kind::Rsa),
        rfc5912::ID_RSASSA_PSS => Ok(Kind::RsaPss),
        rfc8410::ID_ED_25519 => Ok(Kind::Ed25519),
        rfc5912::ID_EC_PUBLIC_KEY => {
            let named = info.algorithm.parameters_oid();
            curve(named.map_err(|_| KeyError::Unsupported("EC on a curve without a name".into()))?)
                .map(Kind::Ec)
        }
        other => Err(KeyError::Unsupported(other.to_string())),
    }
}

/// Curves of RFC 5639, 4.1.
const BRAINPOOL_P256R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.36.3.3.2.8.1.1.7");
const BRAINPOOL_P384R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.36.3.3.2.8.1.1.11");

fn ecdsa(curve: Curve) -> Result<&'static EcdsaSigningAlgorithm, KeyError> {
    match curve {
        Curve::P256 => Ok(&signature::ECDSA_P256_SHA256_ASN1_SIGNING),
        Curve::P384 => Ok(&signature::ECDSA_P384_SHA384_ASN1_SIGNING),
        Curve::P521 => Ok(&signature::ECDSA_P521_SHA512_ASN1_SIGNING),
        other => Err(KeyError::Unsupported(KeyAlgorithm::Ec(other).to_string())),
    }
}
