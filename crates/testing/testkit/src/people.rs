//! People and authorities with keys and certificates.

use crypto::{KeyAlgorithm, PROVIDER, Signer};
use pkix::{
    BasicConstraints, Certificate, CertificateBuilder, KeyUsage, Name, SelfSigned, key_identifier, oid,
};
use types::Time;
use vault::{PrivateKey, SoftwareSigner};

/// 2020-01-01 to 2040-01-01.
const VALIDITY: (Time, Time) = (Time::from_unix(1_577_836_800), Time::from_unix(2_208_988_800));

/// Somebody who can sign.
pub struct Person {
    /// The key.
    pub signer: SoftwareSigner,
    /// The certificate of the key.
    pub certificate: Certificate,
    /// The certificates between it and the root, without the root.
    pub intermediates: Vec<Certificate>,
}

impl Person {
    /// Somebody with a certificate of their own making, valid from 2020 to 2039.
    pub fn self_signed(name: &str, key: KeyAlgorithm) -> Person {
        let signer = new_signer(key);
        let (not_before, not_after) = VALIDITY;
        let certificate = SelfSigned {
            subject: common_name(name),
            serial: serial(name),
            not_before,
            not_after,
            email: None,
        }
        .sign(&signer, PROVIDER)
        .expect("a self-signed certificate can be built");
        Person { signer, certificate, intermediates: Vec::new() }
    }

    /// Certificates as a signature carries them: the person's first.
    pub fn certificates(&self) -> Vec<Certificate> {
        let mut all = vec![self.certificate.clone()];
        all.extend(self.intermediates.iter().cloned());
        all
    }
}

/// A certification authority.
pub struct Authority {
    signer: SoftwareSigner,
    /// Its certificate.
    pub certificate: Certificate,
    chain: Vec<Certificate>,
}

impl Authority {
    /// A root.
    pub fn root(name: &str) -> Authority {
        let signer = new_signer(KeyAlgorithm::Ec(crypto::Curve::P256));
        let certificate = authority_builder(name, name, &signer, &signer)
            .sign(&signer)
            .expect("a root certificate can be built");
        Authority { signer, certificate, chain: Vec::new() }
    }

    /// An authority below this one.
    pub fn subordinate(&self, name: &str) -> Authority {
        let signer = new_signer(KeyAlgorithm::Ec(crypto::Curve::P256));
        let issuer = self.certificate.subject().to_string();
        let issuer = issuer.strip_prefix("CN=").unwrap_or(&issuer);
        let certificate = authority_builder(name, issuer, &signer, &self.signer)
            .sign(&self.signer)
            .expect("a subordinate certificate can be built");
        let mut chain = vec![certificate.clone()];
        chain.extend(self.chain.iter().cloned());
        Authority { signer, certificate, chain }
    }

    /// Signs anything, e.g. a CRL.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.signer.sign(message).expect("an authority can sign")
    }

    /// A person certified by this authority.
    pub fn person(&self, name: &str, key: KeyAlgorithm) -> Person {
        let signer = new_signer(key);
        let spki = signer.public_key();
        let subject = common_name(name);
        let issuer = self.certificate.subject();
        let certificate = CertificateBuilder::new(&serial(name), issuer, VALIDITY, &subject, spki)
            .basic_constraints(BasicConstraints { ca: false, path_len: None })
            .key_usage(KeyUsage::DIGITAL_SIGNATURE.and(KeyUsage::CONTENT_COMMITMENT))
            .extended_key_usage(&[oid::KP_DOCUMENT_SIGNING, oid::KP_EMAIL_PROTECTION])
            .subject_key_identifier(PROVIDER)
            .authority_key_identifier(&key_identifier(self.signer.public_key(), PROVIDER))
            .sign(&self.signer)
            .expect("a certificate can be built");
        Person { signer, certificate, intermediates: self.chain.clone() }
    }
}

fn authority_builder(
    name: &str,
    issuer: &str,
    signer: &SoftwareSigner,
    issuer_signer: &SoftwareSigner,
) -> CertificateBuilder {
    let (subject, issuer) = (common_name(name), common_name(issuer));
    CertificateBuilder::new(&serial(name), &issuer, VALIDITY, &subject, signer.public_key())
        .basic_constraints(BasicConstraints { ca: true, path_len: None })
        .key_usage(KeyUsage::KEY_CERT_SIGN.and(KeyUsage::CRL_SIGN))
        .subject_key_identifier(PROVIDER)
        .authority_key_identifier(&key_identifier(issuer_signer.public_key(), PROVIDER))
}

fn new_signer(key: KeyAlgorithm) -> SoftwareSigner {
    let private = PrivateKey::generate(key).expect("a key can be generated");
    SoftwareSigner::new(&private, SoftwareSigner::usual_algorithm(key)).expect("the algorithm fits the key")
}

fn common_name(name: &str) -> Name {
    Name::from_attributes(&[(oid::COMMON_NAME, name)])
}

/// Eight bytes that differ by name; nothing here needs them unpredictable.
fn serial(name: &str) -> Vec<u8> {
    let digest = PROVIDER.digest(crypto::DigestAlgorithm::Sha256, name.as_bytes()).value;
    let mut serial = digest.get(..8).unwrap_or_default().to_vec();
    if let Some(first) = serial.first_mut() {
        *first = *first & 0x7F | 0x40;
    }
    serial
}
