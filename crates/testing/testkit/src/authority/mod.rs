//! A PKI as data: who issued whom, for what, from when until when, with what extensions; and everything that its
//! members sign: certificates, CRLs, OCSP responses, timestamp tokens, CMS signatures. Keys follow from names.

mod archived;
pub mod der;
pub mod pdf;
mod signed;
mod status;
pub mod xml;

pub use signed::{Cms, Stamp};
pub use status::{Answer, CrlMade, OcspMade};

use crypto::{DigestAlgorithm, PROVIDER, SignatureAlgorithm, Signer, SignerError};
use p256::ecdsa::signature::hazmat::PrehashSigner;
use pkix::{BasicConstraints, Certificate, CertificateBuilder, Criticality, KeyUsage, Name, Oid, oid};
use types::Time;

/// A time, e.g. `2024-01-01`.
pub fn time(text: &str) -> Time {
    text.parse().expect("a time")
}

/// A P-256 key that signs with a digest of choice.
#[derive(Clone)]
pub struct Key {
    key: p256::ecdsa::SigningKey,
    spki: Vec<u8>,
    /// The digest that goes with the signatures.
    pub digest: DigestAlgorithm,
}

impl Key {
    /// Always the same key for the same text.
    pub fn of(text: &str) -> Key {
        const PREFIX: [u8; 26] = [
            0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
            0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
        ];
        let secret = PROVIDER.digest(DigestAlgorithm::Sha256, text.as_bytes()).value;
        let key = p256::ecdsa::SigningKey::from_slice(&secret).expect("a scalar");
        let point = key.verifying_key().to_sec1_point(false);
        Key { spki: [&PREFIX[..], point.as_bytes()].concat(), key, digest: DigestAlgorithm::Sha256 }
    }

    /// The private key as PKCS#8 (RFC 5958), to be imported.
    pub fn pkcs8(&self) -> Vec<u8> {
        let algorithm = der::sequence(&[der::oid("1.2.840.10045.2.1"), der::oid("1.2.840.10045.3.1.7")]);
        let key = der::sequence(&[der::integer(1), der::value(0x04, &self.key.to_bytes())]);
        der::sequence(&[der::integer(0), algorithm, der::value(0x04, &key)])
    }

    /// The DER `AlgorithmIdentifier` of its signatures.
    pub(crate) fn algorithm_der(&self) -> Vec<u8> {
        der::sequence(&[der::oid(match self.digest {
            DigestAlgorithm::Sha1 => "1.2.840.10045.4.1",
            _ => "1.2.840.10045.4.3.2",
        })])
    }
}

impl Signer for Key {
    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::Ecdsa(self.digest)
    }

    fn public_key(&self) -> &[u8] {
        &self.spki
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        let digest = PROVIDER.digest(self.digest, message);
        let signature: p256::ecdsa::Signature = self.key.sign_prehash(&digest.value).expect("it signs");
        Ok(signature.to_der().as_bytes().to_vec())
    }
}

/// What a certificate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Issues certificates and CRLs.
    Authority,
    /// Signs documents.
    Person,
    /// Signs timestamp tokens (RFC 3161, 2.3).
    Tsa,
    /// Answers for its issuer (RFC 6960, 4.2.2.2).
    Responder,
    /// Nothing is said.
    Unstated,
}

/// A certificate to be issued.
#[derive(Clone, Debug)]
pub struct Declared<'a> {
    /// Common name; the key follows from it.
    pub name: &'a str,
    /// What it is for.
    pub role: Role,
    /// First and last day of validity.
    pub validity: (&'a str, &'a str),
    /// Further extensions.
    pub extensions: Vec<(Oid, Criticality, Vec<u8>)>,
}

impl<'a> Declared<'a> {
    /// Without further extensions.
    pub fn new(name: &'a str, role: Role, from: &'a str, until: &'a str) -> Declared<'a> {
        Declared { name, role, validity: (from, until), extensions: Vec::new() }
    }

    /// With one more extension, not critical.
    pub fn with(mut self, oid: Oid, der: Vec<u8>) -> Declared<'a> {
        self.extensions.push((oid, Criticality::NonCritical, der));
        self
    }
}

/// Somebody with a key and a certificate.
#[derive(Clone)]
pub struct Actor {
    /// The key.
    pub key: Key,
    /// The certificate.
    pub certificate: Certificate,
}

impl Actor {
    /// A root of this name.
    pub fn root(name: &str, from: &str, until: &str) -> Actor {
        let key = Key::of(name);
        let declared = Declared::new(name, Role::Authority, from, until);
        let certificate = certificate(&declared, &key, &common_name(name), &key);
        Actor { key, certificate }
    }

    /// Issues a certificate.
    pub fn issue(&self, declared: &Declared<'_>) -> Actor {
        self.certify(declared, &Key::of(declared.name))
    }

    /// Issues a certificate for a key.
    pub fn certify(&self, declared: &Declared<'_>, key: &Key) -> Actor {
        let certificate = certificate(declared, key, self.certificate.subject(), &self.key);
        Actor { key: key.clone(), certificate }
    }

    /// The same, signing with SHA-1 from now on.
    pub fn with_sha1(&self) -> Actor {
        let key = Key { digest: DigestAlgorithm::Sha1, ..self.key.clone() };
        Actor { key, certificate: self.certificate.clone() }
    }
}

fn common_name(name: &str) -> Name {
    Name::from_attributes(&[(oid::COMMON_NAME, name)])
}

fn certificate(declared: &Declared<'_>, key: &Key, issuer: &Name, by: &Key) -> Certificate {
    let validity = (time(declared.validity.0), time(declared.validity.1));
    let whole = format!("{}{:?}{issuer}{:?}", declared.name, declared.validity, declared.extensions.len());
    let mut serial = PROVIDER.digest(DigestAlgorithm::Sha256, whole.as_bytes()).value;
    serial.truncate(8);
    serial.iter_mut().take(1).for_each(|first| *first = *first & 0x3f | 0x40);
    let subject = common_name(declared.name);
    let builder = CertificateBuilder::new(&serial, issuer, validity, &subject, key.public_key())
        .subject_key_identifier(PROVIDER)
        .authority_key_identifier(&pkix::key_identifier(by.public_key(), PROVIDER));
    let signs = KeyUsage::DIGITAL_SIGNATURE;
    let purpose = |oid: Oid| der::sequence(&[oid.to_der()]);
    let builder = match declared.role {
        Role::Authority => builder
            .basic_constraints(BasicConstraints { ca: true, path_len: None })
            .key_usage(KeyUsage::KEY_CERT_SIGN.and(KeyUsage::CRL_SIGN)),
        Role::Person => builder.key_usage(signs.and(KeyUsage::CONTENT_COMMITMENT)),
        Role::Tsa => builder.key_usage(signs).extension(
            oid::EXTENDED_KEY_USAGE,
            Criticality::Critical,
            purpose(oid::KP_TIME_STAMPING),
        ),
        Role::Responder => builder.key_usage(signs).extended_key_usage(&[oid::KP_OCSP_SIGNING]),
        Role::Unstated => builder,
    };
    let extensions = declared.extensions.iter().cloned();
    let builder =
        extensions.fold(builder, |builder, (oid, criticality, der)| builder.extension(oid, criticality, der));
    builder.sign(by).expect("a certificate can be built")
}
