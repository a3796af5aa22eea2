//! Signature and key algorithms as X.509 and CMS name them (RFC 3279, 4055, 5480, 5758, 8410, 8702).

use crate::DigestAlgorithm;
use const_oid::ObjectIdentifier;
use const_oid::db::{rfc5912, rfc8410};
use der::asn1::{AnyRef, ContextSpecific};
use der::{Decode, Encode, Reader, SliceReader, TagNumber};
use spki::{AlgorithmIdentifierOwned, AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use std::borrow::Cow;
use std::fmt;

/// How a signature value is computed. Recognising an algorithm says nothing about its strength: policy judges that.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5 (RFC 8017, 8.2).
    RsaPkcs1(DigestAlgorithm),
    /// RSASSA-PSS (RFC 8017, 8.1).
    RsaPss {
        /// Digest of the message.
        digest: DigestAlgorithm,
        /// Digest inside MGF1.
        mgf1_digest: DigestAlgorithm,
        /// Salt length in bytes.
        salt_len: u32,
    },
    /// ECDSA on the curve of the key (FIPS 186-5).
    Ecdsa(DigestAlgorithm),
    /// Ed25519 (RFC 8032), over the message itself.
    Ed25519,
}

/// A curve of an EC key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Curve {
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// NIST P-521.
    P521,
    /// brainpoolP256r1 (RFC 5639).
    BrainpoolP256r1,
    /// brainpoolP384r1 (RFC 5639).
    BrainpoolP384r1,
}

/// The kind and size of a public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyAlgorithm {
    /// RSA with the length of its modulus in bits.
    Rsa(u32),
    /// An EC key on a known curve.
    Ec(Curve),
    /// Ed25519.
    Ed25519,
}

/// A public key: its kind and its DER `SubjectPublicKeyInfo`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PublicKey {
    /// Kind and size.
    pub algorithm: KeyAlgorithm,
    /// DER `SubjectPublicKeyInfo` (RFC 5280, 4.1).
    pub spki: Vec<u8>,
}

/// An algorithm this program cannot compute: its identifier and, when it is recognised, what is odd about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownAlgorithm {
    /// Dotted object identifier.
    pub oid: String,
    /// What was wrong beyond being unknown; empty if nothing.
    pub detail: Cow<'static, str>,
}

impl fmt::Display for UnknownAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "algorithm {} is not supported", self.oid)?;
        if !self.detail.is_empty() {
            write!(f, " ({})", self.detail)?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownAlgorithm {}

const RSASSA_PSS: ObjectIdentifier = rfc5912::ID_RSASSA_PSS;
const MGF1: ObjectIdentifier = rfc5912::ID_MGF_1;
const MD5_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.4");
const SHA1_WITH_RSA_OIW: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.29");
const RIPEMD160_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.36.3.3.1.2");
const ECDSA_WITH_SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.1");
const BRAINPOOL_P256R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.36.3.3.2.8.1.1.7");
const BRAINPOOL_P384R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.36.3.3.2.8.1.1.11");
const NIST_SIGNATURES: &str = "2.16.840.1.101.3.4.3.";

/// Signature identifiers that name their digest.
const RSA_PKCS1: [(ObjectIdentifier, DigestAlgorithm); 8] = [
    (MD5_WITH_RSA, DigestAlgorithm::Md5),
    (rfc5912::SHA_1_WITH_RSA_ENCRYPTION, DigestAlgorithm::Sha1),
    (SHA1_WITH_RSA_OIW, DigestAlgorithm::Sha1),
    (rfc5912::SHA_224_WITH_RSA_ENCRYPTION, DigestAlgorithm::Sha224),
    (rfc5912::SHA_256_WITH_RSA_ENCRYPTION, DigestAlgorithm::Sha256),
    (rfc5912::SHA_384_WITH_RSA_ENCRYPTION, DigestAlgorithm::Sha384),
    (rfc5912::SHA_512_WITH_RSA_ENCRYPTION, DigestAlgorithm::Sha512),
    (RIPEMD160_WITH_RSA, DigestAlgorithm::Ripemd160),
];
const ECDSA: [(ObjectIdentifier, DigestAlgorithm); 5] = [
    (ECDSA_WITH_SHA1, DigestAlgorithm::Sha1),
    (rfc5912::ECDSA_WITH_SHA_224, DigestAlgorithm::Sha224),
    (rfc5912::ECDSA_WITH_SHA_256, DigestAlgorithm::Sha256),
    (rfc5912::ECDSA_WITH_SHA_384, DigestAlgorithm::Sha384),
    (rfc5912::ECDSA_WITH_SHA_512, DigestAlgorithm::Sha512),
];
/// The SHA-3 family under the NIST arc (last component): (ECDSA, RSA PKCS#1, digest).
const SHA3: [(u32, u32, DigestAlgorithm); 4] = [
    (9, 13, DigestAlgorithm::Sha3_224),
    (10, 14, DigestAlgorithm::Sha3_256),
    (11, 15, DigestAlgorithm::Sha3_384),
    (12, 16, DigestAlgorithm::Sha3_512),
];

impl SignatureAlgorithm {
    /// Reads the `signatureAlgorithm` of a certificate or CMS `SignerInfo`. CMS may put a bare key algorithm there
    /// (`rsaEncryption`, `id-ecPublicKey`); `cms_digest` is then the digest named beside it (RFC 3370, 3.2).
    pub fn from_identifier(
        identifier: AlgorithmIdentifierRef<'_>,
        cms_digest: Option<DigestAlgorithm>,
    ) -> Result<SignatureAlgorithm, UnknownAlgorithm> {
        let oid = identifier.oid;
        let by_oid = |table: &[(ObjectIdentifier, DigestAlgorithm)]| {
            table.iter().find(|(known, _)| *known == oid).map(|(_, digest)| *digest)
        };
        if let Some(digest) = by_oid(&RSA_PKCS1) {
            return Ok(SignatureAlgorithm::RsaPkcs1(digest));
        }
        if let Some(digest) = by_oid(&ECDSA) {
            return Ok(SignatureAlgorithm::Ecdsa(digest));
        }
        match (oid, cms_digest) {
            (rfc8410::ID_ED_25519, _) => return Ok(SignatureAlgorithm::Ed25519),
            (RSASSA_PSS, _) => return pss_parameters(identifier.parameters),
            (rfc5912::RSA_ENCRYPTION, Some(digest)) => return Ok(SignatureAlgorithm::RsaPkcs1(digest)),
            (rfc5912::ID_EC_PUBLIC_KEY, Some(digest)) => return Ok(SignatureAlgorithm::Ecdsa(digest)),
            _ => {}
        }
        let dotted = oid.to_string();
        let last = dotted.strip_prefix(NIST_SIGNATURES).and_then(|last| last.parse::<u32>().ok());
        for (ecdsa, rsa, digest) in SHA3 {
            if last == Some(ecdsa) {
                return Ok(SignatureAlgorithm::Ecdsa(digest));
            }
            if last == Some(rsa) {
                return Ok(SignatureAlgorithm::RsaPkcs1(digest));
            }
        }
        Err(UnknownAlgorithm { oid: dotted, detail: "".into() })
    }

    /// The identifier to write, with the parameters that its RFC asks for (NULL for RSA, absent otherwise).
    pub fn to_identifier(&self) -> Result<AlgorithmIdentifierOwned, UnknownAlgorithm> {
        let plain = |oid, null: bool| AlgorithmIdentifierOwned {
            oid,
            parameters: null.then(|| der::Any::from(AnyRef::NULL)),
        };
        let sha3 = |index: fn(&(u32, u32, DigestAlgorithm)) -> u32, digest: DigestAlgorithm| {
            let row = SHA3.iter().find(|(_, _, known)| *known == digest)?;
            ObjectIdentifier::new(&format!("{NIST_SIGNATURES}{}", index(row))).ok()
        };
        let by_digest = |table: &[(ObjectIdentifier, DigestAlgorithm)], digest: DigestAlgorithm| {
            table.iter().find(|(_, known)| *known == digest).map(|(oid, _)| *oid)
        };
        let unknown = || UnknownAlgorithm { oid: format!("{self:?}"), detail: "it has no identifier".into() };
        match self {
            SignatureAlgorithm::RsaPkcs1(digest) => by_digest(&RSA_PKCS1, *digest)
                .or_else(|| sha3(|row| row.1, *digest))
                .map(|oid| plain(oid, true))
                .ok_or_else(unknown),
            SignatureAlgorithm::Ecdsa(digest) => by_digest(&ECDSA, *digest)
                .or_else(|| sha3(|row| row.0, *digest))
                .map(|oid| plain(oid, false))
                .ok_or_else(unknown),
            SignatureAlgorithm::Ed25519 => Ok(plain(rfc8410::ID_ED_25519, false)),
            SignatureAlgorithm::RsaPss { digest, mgf1_digest, salt_len } => {
                let parameters =
                    write_pss_parameters(*digest, *mgf1_digest, *salt_len).map_err(|_| unknown())?;
                Ok(AlgorithmIdentifierOwned { oid: RSASSA_PSS, parameters: Some(parameters) })
            }
        }
    }

    /// The digest applied to the message; `None` where the algorithm takes the message itself (Ed25519).
    pub fn digest(&self) -> Option<DigestAlgorithm> {
        match self {
            SignatureAlgorithm::RsaPkcs1(digest)
            | SignatureAlgorithm::RsaPss { digest, .. }
            | SignatureAlgorithm::Ecdsa(digest) => Some(*digest),
            SignatureAlgorithm::Ed25519 => None,
        }
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SignatureAlgorithm::RsaPkcs1(digest) => write!(f, "RSA PKCS#1 v1.5 with {digest}"),
            SignatureAlgorithm::RsaPss { digest, .. } => write!(f, "RSA-PSS with {digest}"),
            SignatureAlgorithm::Ecdsa(digest) => write!(f, "ECDSA with {digest}"),
            SignatureAlgorithm::Ed25519 => f.write_str("Ed25519"),
        }
    }
}

/// ```text
/// RSASSA-PSS-params ::= SEQUENCE {
///     hashAlgorithm     [0] HashAlgorithm    DEFAULT sha1Identifier,
///     maskGenAlgorithm  [1] MaskGenAlgorithm DEFAULT mgf1SHA1Identifier,
///     saltLength        [2] INTEGER          DEFAULT 20,
///     trailerField      [3] INTEGER          DEFAULT 1 }   -- RFC 4055, 3.1
/// ```
fn pss_parameters(parameters: Option<AnyRef<'_>>) -> Result<SignatureAlgorithm, UnknownAlgorithm> {
    let bad = |detail: &'static str| UnknownAlgorithm { oid: RSASSA_PSS.to_string(), detail: detail.into() };
    let malformed = |_: der::Error| bad("malformed PSS parameters");
    let parameters = parameters.ok_or_else(|| bad("PSS parameters are absent"))?;
    let bytes = parameters.to_der().map_err(malformed)?;
    let mut reader = SliceReader::new(&bytes).map_err(malformed)?;
    let (hash, mask, salt, trailer) = reader
        .sequence(|inner| -> der::Result<_> {
            let hash = ContextSpecific::<AlgorithmIdentifierRef<'_>>::decode_explicit(inner, TagNumber(0))?;
            let mask = ContextSpecific::<AlgorithmIdentifierRef<'_>>::decode_explicit(inner, TagNumber(1))?;
            let salt = ContextSpecific::<u32>::decode_explicit(inner, TagNumber(2))?;
            let trailer = ContextSpecific::<u32>::decode_explicit(inner, TagNumber(3))?;
            Ok((hash, mask, salt, trailer))
        })
        .map_err(malformed)?;
    let digest_of = |identifier: AlgorithmIdentifierRef<'_>| {
        DigestAlgorithm::from_oid(identifier.oid).ok_or_else(|| bad("unknown digest in PSS parameters"))
    };
    let digest = hash.map_or(Ok(DigestAlgorithm::Sha1), |hash| digest_of(hash.value))?;
    let mgf1_digest = match mask {
        None => DigestAlgorithm::Sha1,
        Some(mask) if mask.value.oid == MGF1 => {
            let inner = mask.value.parameters.ok_or_else(|| bad("MGF1 names no digest"))?;
            digest_of(inner.decode_as().map_err(malformed)?)?
        }
        Some(_) => return Err(bad("mask generation function is not MGF1")),
    };
    if trailer.is_some_and(|trailer| trailer.value != 1) {
        return Err(bad("PSS trailer field is not 1"));
    }
    Ok(SignatureAlgorithm::RsaPss { digest, mgf1_digest, salt_len: salt.map_or(20, |salt| salt.value) })
}

fn write_pss_parameters(
    digest: DigestAlgorithm,
    mgf1_digest: DigestAlgorithm,
    salt_len: u32,
) -> der::Result<der::Any> {
    let hash = |algorithm: DigestAlgorithm| AlgorithmIdentifierRef {
        oid: algorithm.oid(),
        parameters: Some(AnyRef::NULL),
    };
    let mgf1_parameters = hash(mgf1_digest).to_der()?;
    let mask = AlgorithmIdentifierRef { oid: MGF1, parameters: Some(AnyRef::from_der(&mgf1_parameters)?) };
    let explicit = |number: u32, content: Vec<u8>| -> der::Result<Vec<u8>> {
        let tag = der::Tag::ContextSpecific { constructed: true, number: TagNumber(number) };
        der::Any::new(tag, content)?.to_der()
    };
    let mut body = explicit(0, hash(digest).to_der()?)?;
    body.extend(explicit(1, mask.to_der()?)?);
    body.extend(explicit(2, salt_len.to_der()?)?);
    der::Any::new(der::Tag::Sequence, body)
}

impl PublicKey {
    /// Reads a DER `SubjectPublicKeyInfo`.
    pub fn from_spki(spki: &[u8]) -> Result<PublicKey, UnknownAlgorithm> {
        let bad = |oid: String, detail: &'static str| UnknownAlgorithm { oid, detail: detail.into() };
        let info = SubjectPublicKeyInfoRef::from_der(spki)
            .map_err(|_| bad("?".into(), "malformed SubjectPublicKeyInfo"))?;
        let oid = info.algorithm.oid;
        let algorithm = match oid {
            rfc8410::ID_ED_25519 => KeyAlgorithm::Ed25519,
            // RFC 4055, 1.2: a key restricted to PSS is still an RSA key.
            rfc5912::RSA_ENCRYPTION | RSASSA_PSS => {
                if let Some(mended) = with_positive_modulus(spki) {
                    return PublicKey::from_spki(&mended);
                }
                let bits = rsa_modulus_bits(info.subject_public_key.raw_bytes())
                    .ok_or_else(|| bad(oid.to_string(), "malformed RSA key"))?;
                KeyAlgorithm::Rsa(bits)
            }
            rfc5912::ID_EC_PUBLIC_KEY => {
                let curve = info
                    .algorithm
                    .parameters_oid()
                    .map_err(|_| bad(oid.to_string(), "the curve is not a named one"))?;
                KeyAlgorithm::Ec(match curve {
                    rfc5912::SECP_256_R_1 => Curve::P256,
                    rfc5912::SECP_384_R_1 => Curve::P384,
                    rfc5912::SECP_521_R_1 => Curve::P521,
                    BRAINPOOL_P256R1 => Curve::BrainpoolP256r1,
                    BRAINPOOL_P384R1 => Curve::BrainpoolP384r1,
                    other => return Err(bad(other.to_string(), "unsupported curve")),
                })
            }
            other => return Err(bad(other.to_string(), "unsupported key")),
        };
        Ok(PublicKey { algorithm, spki: spki.to_vec() })
    }

    /// Whether this is an RSA key of type id-RSASSA-PSS, which must not be used for anything else (RFC 4055, 1.2).
    pub fn is_for_pss_only(&self) -> bool {
        SubjectPublicKeyInfoRef::from_der(&self.spki).is_ok_and(|info| info.algorithm.oid == RSASSA_PSS)
    }

    /// What an id-RSASSA-PSS key is restricted to, with the shortest salt; nothing where it names no parameters and for
    /// every other key (RFC 4055, 1.2 and 3.3).
    pub fn pss_restriction(&self) -> Result<Option<SignatureAlgorithm>, UnknownAlgorithm> {
        match SubjectPublicKeyInfoRef::from_der(&self.spki) {
            Ok(info) if info.algorithm.oid == RSASSA_PSS && info.algorithm.parameters.is_some() => {
                pss_parameters(info.algorithm.parameters).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Whether the key may sign by `algorithm`, as far as the key itself restricts that (RFC 4055, 1.2 and 3.3).
    pub fn permits(&self, algorithm: &SignatureAlgorithm) -> bool {
        use SignatureAlgorithm::RsaPss;
        match (self.pss_restriction(), algorithm) {
            (Ok(None), RsaPss { .. }) => true,
            (Ok(None), _) => !self.is_for_pss_only(),
            (
                Ok(Some(RsaPss { digest, mgf1_digest, salt_len: least })),
                RsaPss { digest: own, mgf1_digest: own_mask, salt_len },
            ) => digest == *own && mgf1_digest == *own_mask && *salt_len >= least,
            _ => false,
        }
    }
}

/// The same key with a modulus that DER takes for negative, because its leading zero is missing, made positive; `None` if
/// it is not such a key.
/// Deviation: X.690, 8.3.3. Certificates with such keys were issued, and other readers accept them.
fn with_positive_modulus(spki: &[u8]) -> Option<Vec<u8>> {
    let info = SubjectPublicKeyInfoRef::from_der(spki).ok()?;
    let mut reader = SliceReader::new(info.subject_public_key.raw_bytes()).ok()?;
    let (modulus, exponent) = reader
        .sequence(|inner| -> der::Result<_> {
            Ok((AnyRef::decode(inner)?, der::asn1::UintRef::decode(inner)?))
        })
        .ok()?;
    let is_negative = modulus.value().first().is_some_and(|byte| *byte >= 0x80);
    if der::Tagged::tag(&modulus) != der::Tag::Integer || !is_negative {
        return None;
    }
    let sequence =
        |parts: [Vec<u8>; 2]| der::Any::new(der::Tag::Sequence, parts.concat()).ok()?.to_der().ok();
    let modulus = der::asn1::UintRef::new(modulus.value()).ok()?.to_der().ok()?;
    let key = sequence([modulus, exponent.to_der().ok()?])?;
    let bits = der::asn1::BitStringRef::from_bytes(&key).ok()?.to_der().ok()?;
    sequence([info.algorithm.to_der().ok()?, bits])
}

/// Bits of the modulus of a DER `RSAPublicKey` (RFC 8017, A.1.1).
fn rsa_modulus_bits(key: &[u8]) -> Option<u32> {
    let mut reader = SliceReader::new(key).ok()?;
    let modulus = reader
        .sequence(|inner| -> der::Result<_> {
            let modulus = der::asn1::UintRef::decode(inner)?;
            der::asn1::UintRef::decode(inner)?;
            Ok(modulus)
        })
        .ok()?;
    let bytes = modulus.as_bytes();
    let leading = bytes.first()?.leading_zeros();
    u32::try_from(bytes.len()).ok()?.checked_mul(8)?.checked_sub(leading)
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyAlgorithm::Rsa(bits) => write!(f, "RSA {bits}"),
            KeyAlgorithm::Ec(curve) => f.write_str(match curve {
                Curve::P256 => "P-256",
                Curve::P384 => "P-384",
                Curve::P521 => "P-521",
                Curve::BrainpoolP256r1 => "brainpoolP256r1",
                Curve::BrainpoolP384r1 => "brainpoolP384r1",
            }),
            KeyAlgorithm::Ed25519 => f.write_str("Ed25519"),
        }
    }
}
