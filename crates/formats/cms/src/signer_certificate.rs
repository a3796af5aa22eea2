//! The signing certificate as the one who signs needs it: what identifies it in a signature.

use crate::ber::{Reader, Tag};
use crypto::{Digest, DigestAlgorithm, Provider};
use types::{Budget, Malformed};

/// The certificate that a signature is made with.
#[derive(Clone, Debug)]
pub struct SignerCertificate {
    der: Vec<u8>,
    /// DER `Name`.
    issuer: Vec<u8>,
    /// DER INTEGER.
    serial: Vec<u8>,
    digest: Digest,
}

impl SignerCertificate {
    /// Reads the issuer and serial number of a DER certificate (RFC 5280, 4.1) and digests it with SHA-256 for
    /// signing-certificate-v2. Does not check the certificate otherwise.
    pub fn read(der: &[u8], provider: &dyn Provider) -> Result<SignerCertificate, Malformed> {
        SignerCertificate::read_with_digest(der, DigestAlgorithm::Sha256, provider)
    }

    /// The same with another digest algorithm in signing-certificate-v2.
    pub fn read_with_digest(
        der: &[u8],
        algorithm: DigestAlgorithm,
        provider: &dyn Provider,
    ) -> Result<SignerCertificate, Malformed> {
        const CLAUSE: &str = "RFC 5280, 4.1";
        let mut budget = Budget::default();
        let budget = &mut budget;
        let mut outer = Reader::new(der, 0);
        let certificate = outer.expect(Tag::SEQUENCE, "certificate", CLAUSE, budget)?;
        if !outer.is_empty() {
            return Err(outer.malformed("the certificate is followed by more bytes", CLAUSE));
        }
        let mut tbs = certificate
            .open(CLAUSE)?
            .expect(Tag::SEQUENCE, "certificate body", CLAUSE, budget)?
            .open(CLAUSE)?;
        tbs.optional(Tag::context(0), budget)?;
        let serial = tbs.expect(Tag::INTEGER, "serial number", CLAUSE, budget)?;
        tbs.expect(Tag::SEQUENCE, "signature algorithm", CLAUSE, budget)?;
        let issuer = tbs.expect(Tag::SEQUENCE, "issuer", CLAUSE, budget)?;
        Ok(SignerCertificate {
            der: der.to_vec(),
            issuer: issuer.encoded.bytes.to_vec(),
            serial: serial.encoded.bytes.to_vec(),
            digest: provider.digest(algorithm, der),
        })
    }

    /// The DER certificate.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The DER `Name` of the issuer.
    pub fn issuer(&self) -> &[u8] {
        &self.issuer
    }

    /// The DER INTEGER of the serial number.
    pub fn serial(&self) -> &[u8] {
        &self.serial
    }

    /// The digest that goes into signing-certificate-v2.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }
}
