//! Puts a CAdES `SignedData` together from signed attributes and a signature value made elsewhere, and sizes it beforehand.

use crate::attributes_builder::{AttributesToBeSigned, BuildError, content_digest_algorithm, one_der_value};
use crate::encode::{self, OCTET_STRING, SEQUENCE, SET, context};
use crate::oid;
use crate::signer_certificate::SignerCertificate;
use const_oid::ObjectIdentifier;
use crypto::{Curve, KeyAlgorithm, SignatureAlgorithm};

/// Longest signature value that a key makes, in bytes.
///
/// ECDSA values are `SEQUENCE { r INTEGER, s INTEGER }` (RFC 3279, 2.2.3): each integer takes up to the length of the
/// group order and one zero byte before a set high bit.
pub fn max_signature_len(key: KeyAlgorithm) -> usize {
    let ecdsa = |order_bits: usize| {
        let integer = encode::value(encode::INTEGER, &[&vec![0; order_bits / 8 + 1]]);
        encode::value(SEQUENCE, &[&integer, &integer]).len()
    };
    match key {
        KeyAlgorithm::Rsa(bits) => bits.div_ceil(8) as usize,
        KeyAlgorithm::Ec(Curve::P256 | Curve::BrainpoolP256r1) => ecdsa(256),
        KeyAlgorithm::Ec(Curve::P384 | Curve::BrainpoolP384r1) => ecdsa(384),
        KeyAlgorithm::Ec(Curve::P521) => ecdsa(521),
        KeyAlgorithm::Ed25519 => 64,
        // A kind of key that this crate does not know yet: no signature in use is longer.
        _ => 8192,
    }
}

/// The parts of a signature that are known before the private key is used.
#[derive(Clone, Debug)]
pub struct SignedDataBuilder {
    signature_algorithm: SignatureAlgorithm,
    /// DER `AlgorithmIdentifier`.
    signature_identifier: Vec<u8>,
    /// DER `IssuerAndSerialNumber`.
    signer: Vec<u8>,
    content_type: ObjectIdentifier,
    content: Option<Vec<u8>>,
    certificates: Vec<Vec<u8>>,
    crls: Vec<Vec<u8>>,
    other_revocation_infos: Vec<Vec<u8>>,
    unsigned_attributes: Vec<Vec<u8>>,
}

impl SignedDataBuilder {
    /// A detached signature with the signing certificate inside.
    pub fn new(
        certificate: &SignerCertificate,
        signature_algorithm: &SignatureAlgorithm,
    ) -> Result<SignedDataBuilder, BuildError> {
        let signature_identifier = encode::signature_identifier(signature_algorithm)
            .ok_or_else(|| BuildError::NoIdentifier(signature_algorithm.clone()))?;
        Ok(SignedDataBuilder {
            signature_algorithm: signature_algorithm.clone(),
            signature_identifier,
            signer: encode::value(SEQUENCE, &[certificate.issuer(), certificate.serial()]),
            content_type: oid::DATA,
            content: None,
            certificates: vec![certificate.der().to_vec()],
            crls: Vec::new(),
            other_revocation_infos: Vec::new(),
            unsigned_attributes: Vec::new(),
        })
    }

    /// Holds the content itself, of type id-data.
    pub fn encapsulate(self, content: &[u8]) -> SignedDataBuilder {
        SignedDataBuilder { content: Some(content.to_vec()), ..self }
    }

    /// Holds a DER TSTInfo: the signature is a time-stamp token.
    pub fn encapsulate_tst_info(self, content: &[u8]) -> SignedDataBuilder {
        SignedDataBuilder { content_type: oid::TST_INFO, ..self.encapsulate(content) }
    }

    /// Leaves every certificate out that was added so far, the signing certificate too.
    pub fn without_certificates(self) -> SignedDataBuilder {
        SignedDataBuilder { certificates: Vec::new(), ..self }
    }

    /// Adds a DER certificate of the path; one that is there already is not added again.
    pub fn certificate(mut self, der: &[u8]) -> Result<SignedDataBuilder, BuildError> {
        one_der_value(der, "a certificate")?;
        if self.certificates.iter().all(|known| known != der) {
            self.certificates.push(der.to_vec());
        }
        Ok(self)
    }

    /// Adds a DER `CertificateList`.
    pub fn crl(mut self, der: &[u8]) -> Result<SignedDataBuilder, BuildError> {
        one_der_value(der, "a CRL")?;
        self.crls.push(der.to_vec());
        Ok(self)
    }

    /// Adds a DER `OCSPResponse` (RFC 5940, 2.1).
    pub fn ocsp_response(mut self, der: &[u8]) -> Result<SignedDataBuilder, BuildError> {
        one_der_value(der, "an OCSP response")?;
        self.other_revocation_infos
            .push(encode::value(context(1), &[&encode::oid(oid::RI_OCSP_RESPONSE), der]));
        Ok(self)
    }

    /// Adds an unsigned attribute with one DER value, e.g. [`oid::SIGNATURE_TIMESTAMP`] and a token.
    pub fn unsigned_attribute(
        mut self,
        kind: ObjectIdentifier,
        value: &[u8],
    ) -> Result<SignedDataBuilder, BuildError> {
        one_der_value(value, "the value of an unsigned attribute")?;
        self.unsigned_attributes.push(encode::attribute(kind, [value]));
        Ok(self)
    }

    /// The complete `ContentInfo` in DER. Refuses a signature value that does not even have the form that its algorithm
    /// asks for, as when a token gives the concatenation of r and s instead of DER.
    pub fn assemble(
        &self,
        attributes: &AttributesToBeSigned,
        signature: &[u8],
    ) -> Result<Vec<u8>, BuildError> {
        match self.signature_algorithm {
            SignatureAlgorithm::Ecdsa(_) => {
                one_der_value(signature, "the ECDSA signature value (RFC 3279, 2.2.3)")?
            }
            SignatureAlgorithm::Ed25519 if signature.len() != 64 => return Err(BuildError::SignatureLength),
            _ if signature.is_empty() => return Err(BuildError::SignatureLength),
            _ => {}
        }
        Ok(self.encode(attributes, signature, self.unsigned_attributes.iter().map(Vec::as_slice)))
    }

    /// The most bytes that [`SignedDataBuilder::assemble`] can give with a signature by this key, and with unsigned
    /// attributes added later that take up to `later` bytes (each whole `Attribute`, tag and length included).
    pub fn max_len(&self, attributes: &AttributesToBeSigned, key: KeyAlgorithm, later: usize) -> usize {
        let signature = vec![0; max_signature_len(key)];
        let later = vec![0; later];
        let unsigned = self.unsigned_attributes.iter().map(Vec::as_slice);
        let unsigned = unsigned.chain((!later.is_empty()).then_some(later.as_slice()));
        self.encode(attributes, &signature, unsigned).len()
    }

    fn encode<'s>(
        &'s self,
        attributes: &AttributesToBeSigned,
        signature: &[u8],
        unsigned_attributes: impl Iterator<Item = &'s [u8]>,
    ) -> Vec<u8> {
        let digest_identifier =
            encode::digest_identifier(content_digest_algorithm(&self.signature_algorithm));
        let signer_info = self.signer_info(&digest_identifier, attributes, signature, unsigned_attributes);
        let content = match &self.content {
            Some(content) => encode::value(context(0), &[&encode::value(OCTET_STRING, &[content])]),
            None => Vec::new(),
        };
        let optional = |number: u8, elements: &[&Vec<u8>]| match elements {
            [] => Vec::new(),
            _ => encode::set_of(context(number), elements.iter().map(|element| element.as_slice())),
        };
        let revocation_infos: Vec<&Vec<u8>> = self.crls.iter().chain(&self.other_revocation_infos).collect();
        let signed_data = encode::value(
            SEQUENCE,
            &[
                &encode::version(self.version()),
                &encode::value(SET, &[&digest_identifier]),
                &encode::value(SEQUENCE, &[&encode::oid(self.content_type), &content]),
                &optional(0, &self.certificates.iter().collect::<Vec<_>>()),
                &optional(1, &revocation_infos),
                &encode::value(SET, &[&signer_info]),
            ],
        );
        let wrapped = encode::value(context(0), &[&signed_data]);
        encode::value(SEQUENCE, &[&encode::oid(oid::SIGNED_DATA), &wrapped])
    }

    /// RFC 5652, 5.1: 5 with revocation information other than CRLs, 3 with content other than plain data, 1 with plain
    /// data and signers of version 1.
    fn version(&self) -> u8 {
        match (self.other_revocation_infos.is_empty(), self.content_type == oid::DATA) {
            (false, _) => 5,
            (true, false) => 3,
            (true, true) => 1,
        }
    }

    fn signer_info<'s>(
        &self,
        digest_identifier: &[u8],
        attributes: &AttributesToBeSigned,
        signature: &[u8],
        unsigned_attributes: impl Iterator<Item = &'s [u8]>,
    ) -> Vec<u8> {
        let mut signed = attributes.to_be_signed().to_vec();
        if let Some(tag) = signed.first_mut() {
            *tag = context(0);
        }
        let mut unsigned_attributes = unsigned_attributes.peekable();
        let unsigned = match unsigned_attributes.peek() {
            Some(_) => encode::set_of(context(1), unsigned_attributes),
            None => Vec::new(),
        };
        encode::value(
            SEQUENCE,
            &[
                &encode::version(1),
                &self.signer,
                digest_identifier,
                &signed,
                &self.signature_identifier,
                &encode::value(OCTET_STRING, &[signature]),
                &unsigned,
            ],
        )
    }
}
