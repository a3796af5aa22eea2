//! Builds the signed attributes of a CAdES or PAdES signature: the DER bytes that the private key signs.

use crate::canonical;
use crate::encode::{self, SEQUENCE, SET, context};
use crate::oid::{self, Oid};
use crate::signer_certificate::SignerCertificate;
use const_oid::ObjectIdentifier;
use crypto::{Digest, DigestAlgorithm, SignatureAlgorithm, SignerError};
use std::fmt;
use types::{Budget, Time};

/// Which rules the attributes follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Inside a PDF (EN 319 142-1, 6.3): time, place and type of the content stand in the PDF, not here.
    Pades,
    /// Any other file (EN 319 122-1, 6.3).
    Cades,
    /// A time-stamp token (RFC 3161, 2.4.2; EN 319 422, 5.2): the content is a TSTInfo, which has the time.
    TimestampToken,
}

impl Profile {
    /// The type of the content.
    pub(crate) const fn content_type(self) -> ObjectIdentifier {
        match self {
            Profile::Pades | Profile::Cades => oid::DATA,
            Profile::TimestampToken => oid::TST_INFO,
        }
    }
}

/// Why a signature cannot be built as asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuildError {
    /// The profile forbids an attribute.
    Forbidden {
        /// Which.
        attribute: &'static str,
        /// By which clause.
        clause: &'static str,
    },
    /// An attribute that may stand only once was given twice.
    Repeated(Oid),
    /// The content was digested with another algorithm than the signature needs.
    WrongDigest {
        /// What the signature needs.
        needed: DigestAlgorithm,
        /// What was given.
        given: DigestAlgorithm,
    },
    /// An algorithm that has no identifier in CMS.
    NoIdentifier(SignatureAlgorithm),
    /// Bytes given as DER that are not DER.
    NotDer(&'static str),
    /// A signature value that cannot be one of its algorithm.
    SignatureLength,
    /// The signer did not sign.
    Signer(SignerError),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BuildError::Forbidden { attribute, clause } => {
                write!(f, "{attribute} is not allowed in this kind of signature [{clause}]")
            }
            BuildError::Repeated(oid) => write!(f, "attribute {oid} was given twice"),
            BuildError::WrongDigest { needed, given } => {
                write!(f, "the signature needs a {needed} digest of the content, not {given}")
            }
            BuildError::NoIdentifier(algorithm) => write!(f, "{algorithm} has no identifier in CMS"),
            BuildError::NotDer(what) => write!(f, "{what} is not DER"),
            BuildError::SignatureLength => {
                f.write_str("the signature value does not have the length it must have")
            }
            BuildError::Signer(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for BuildError {}

/// The digest of the content that goes with a signature algorithm: that of the signature itself (EN 319 122-1 asks for
/// no more; verifiers expect it), SHA-512 for Ed25519 (RFC 8419, 3.1).
pub fn content_digest_algorithm(algorithm: &SignatureAlgorithm) -> DigestAlgorithm {
    algorithm.digest().unwrap_or(DigestAlgorithm::Sha512)
}

/// A kind of commitment (EN 319 122-1, 5.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commitment {
    /// The signer recognises having created, approved and sent the content.
    ProofOfOrigin,
    /// The signer recognises having received the content.
    ProofOfReceipt,
    /// A trusted service delivered the content into a store that the recipient can reach.
    ProofOfDelivery,
    /// The signer sent the content, but did not necessarily create it.
    ProofOfSender,
    /// The signer approved the content.
    ProofOfApproval,
    /// The signer created the content, but did not necessarily approve or send it.
    ProofOfCreation,
    /// A commitment defined elsewhere.
    Other(ObjectIdentifier),
}

impl Commitment {
    /// Its object identifier.
    pub fn oid(self) -> ObjectIdentifier {
        match self {
            Commitment::ProofOfOrigin => oid::PROOF_OF_ORIGIN,
            Commitment::ProofOfReceipt => oid::PROOF_OF_RECEIPT,
            Commitment::ProofOfDelivery => oid::PROOF_OF_DELIVERY,
            Commitment::ProofOfSender => oid::PROOF_OF_SENDER,
            Commitment::ProofOfApproval => oid::PROOF_OF_APPROVAL,
            Commitment::ProofOfCreation => oid::PROOF_OF_CREATION,
            Commitment::Other(oid) => oid,
        }
    }
}

/// A signature policy that the signer follows (EN 319 122-1, 5.2.9.1).
#[derive(Clone, Debug)]
pub struct PolicyIdentifier {
    /// Its object identifier.
    pub oid: ObjectIdentifier,
    /// Digest of the policy document.
    pub hash: Digest,
    /// Where it can be read.
    pub uri: Option<String>,
}

/// Collects signed attributes. The mandatory ones are there from the start.
#[derive(Clone, Debug)]
pub struct SignedAttributesBuilder {
    profile: Profile,
    digest_algorithm: DigestAlgorithm,
    signature_algorithm: SignatureAlgorithm,
    /// Encoded attributes by type.
    attributes: Vec<(Oid, Vec<u8>)>,
}

impl SignedAttributesBuilder {
    /// content-type, message-digest and signing-certificate-v2 for a content with this digest, to be signed with this
    /// algorithm by the holder of this certificate. The content type is id-data, or id-ct-TSTInfo in a token.
    pub fn new(
        profile: Profile,
        content: &Digest,
        signature_algorithm: &SignatureAlgorithm,
        certificate: &SignerCertificate,
    ) -> Result<SignedAttributesBuilder, BuildError> {
        let needed = content_digest_algorithm(signature_algorithm);
        if content.algorithm != needed {
            return Err(BuildError::WrongDigest { needed, given: content.algorithm });
        }
        SignedAttributesBuilder {
            profile,
            digest_algorithm: needed,
            signature_algorithm: signature_algorithm.clone(),
            attributes: Vec::with_capacity(8),
        }
        .single(oid::CONTENT_TYPE, encode::oid(profile.content_type()))?
        .single(oid::MESSAGE_DIGEST, encode::value(encode::OCTET_STRING, &[&content.value]))?
        .single(oid::SIGNING_CERTIFICATE_V2, signing_certificate_v2(certificate))
    }

    fn single(self, kind: impl Into<Oid>, value: Vec<u8>) -> Result<SignedAttributesBuilder, BuildError> {
        self.several(kind, &[value])
    }

    fn several(
        mut self,
        kind: impl Into<Oid>,
        values: &[Vec<u8>],
    ) -> Result<SignedAttributesBuilder, BuildError> {
        let kind = kind.into();
        if self.attributes.iter().any(|(known, _)| *known == kind) {
            return Err(BuildError::Repeated(kind));
        }
        let attribute = encode::attribute(kind.clone(), values.iter().map(Vec::as_slice));
        self.attributes.push((kind, attribute));
        Ok(self)
    }

    fn only_in_cades(&self, attribute: &'static str) -> Result<(), BuildError> {
        match self.profile {
            Profile::Pades => Err(BuildError::Forbidden { attribute, clause: "EN 319 142-1, 6.3" }),
            Profile::TimestampToken => Err(BuildError::Forbidden { attribute, clause: "EN 319 422, 5.2" }),
            Profile::Cades => Ok(()),
        }
    }

    /// signing-time (RFC 5652, 11.3): what the signer's clock said. Not in PAdES, where the PDF has the entry M.
    pub fn signing_time(self, time: Time) -> Result<SignedAttributesBuilder, BuildError> {
        self.only_in_cades("signing-time")?;
        self.single(oid::SIGNING_TIME, encode::time(time))
    }

    /// commitment-type-indication with one value a commitment (EN 319 122-1, 5.2.3). In PAdES it takes the place of the
    /// PDF entry Reason.
    pub fn commitments(self, commitments: &[Commitment]) -> Result<SignedAttributesBuilder, BuildError> {
        let values: Vec<Vec<u8>> = commitments
            .iter()
            .map(|commitment| encode::value(SEQUENCE, &[&encode::oid(commitment.oid())]))
            .collect();
        if values.is_empty() { Ok(self) } else { self.several(oid::COMMITMENT_TYPE, &values) }
    }

    /// signer-attributes-v2 with roles that the signer claims (EN 319 122-1, 5.2.6.1), each as an attribute `title`
    /// (ITU-T X.520, 6.4.1).
    pub fn claimed_roles(self, roles: &[&str]) -> Result<SignedAttributesBuilder, BuildError> {
        const TITLE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.12");
        let values: Vec<Vec<u8>> =
            roles.iter().map(|role| encode::value(encode::UTF8_STRING, &[role.as_bytes()])).collect();
        if values.is_empty() {
            return Ok(self);
        }
        let attribute = encode::attribute(TITLE, values.iter().map(Vec::as_slice));
        let claimed = encode::value(context(0), &[&encode::value(SEQUENCE, &[&attribute])]);
        self.single(oid::SIGNER_ATTRIBUTES_V2, encode::value(SEQUENCE, &[&claimed]))
    }

    /// signature-policy-identifier (EN 319 122-1, 5.2.9.1). In PAdES the PDF entry Reason must then be absent.
    pub fn signature_policy(self, policy: &PolicyIdentifier) -> Result<SignedAttributesBuilder, BuildError> {
        let hash_value = encode::value(encode::OCTET_STRING, &[&policy.hash.value]);
        let hash = encode::value(SEQUENCE, &[&encode::digest_identifier(policy.hash.algorithm), &hash_value]);
        let mut identifier = encode::oid(policy.oid);
        identifier.extend(hash);
        if let Some(uri) = &policy.uri {
            let uri = encode::value(encode::IA5_STRING, &[uri.as_bytes()]);
            let qualifier = encode::value(SEQUENCE, &[&encode::oid(oid::SPQ_URI), &uri]);
            identifier.extend(encode::value(SEQUENCE, &[&qualifier]));
        }
        self.single(oid::SIGNATURE_POLICY, encode::value(SEQUENCE, &[&identifier]))
    }

    /// content-hints (EN 319 122-1, 5.2.4.1) naming id-data as the innermost type. Not in PAdES: the content is a PDF.
    pub fn content_hints(self, description: &str) -> Result<SignedAttributesBuilder, BuildError> {
        self.only_in_cades("content-hints")?;
        let description = encode::value(encode::UTF8_STRING, &[description.as_bytes()]);
        let hints = encode::value(SEQUENCE, &[&description, &encode::oid(oid::DATA)]);
        self.single(oid::CONTENT_HINTS, hints)
    }

    /// mime-type (EN 319 122-1, 5.2.4.2), for detached content. Not in PAdES: the content is a PDF.
    pub fn mime_type(self, mime_type: &str) -> Result<SignedAttributesBuilder, BuildError> {
        self.only_in_cades("mime-type")?;
        self.single(oid::MIME_TYPE, encode::value(encode::UTF8_STRING, &[mime_type.as_bytes()]))
    }

    /// cms-algorithm-protection (RFC 6211) with the algorithms of this signature.
    pub fn algorithm_protection(self) -> Result<SignedAttributesBuilder, BuildError> {
        let algorithm = &self.signature_algorithm;
        let mut signature = encode::signature_identifier(algorithm)
            .ok_or_else(|| BuildError::NoIdentifier(algorithm.clone()))?;
        if let Some(tag) = signature.first_mut() {
            *tag = context(1);
        }
        let digest = encode::digest_identifier(self.digest_algorithm);
        self.single(oid::CMS_ALGORITHM_PROTECTION, encode::value(SEQUENCE, &[&digest, &signature]))
    }

    /// The signing record (spec/record.md): an OCTET STRING with these octets.
    pub fn signing_record(self, record: &[u8]) -> Result<SignedAttributesBuilder, BuildError> {
        self.single(oid::signing_record(), encode::value(encode::OCTET_STRING, &[record]))
    }

    /// Any other attribute with one DER value.
    pub fn attribute(
        self,
        kind: ObjectIdentifier,
        value: &[u8],
    ) -> Result<SignedAttributesBuilder, BuildError> {
        if kind == oid::SIGNING_TIME {
            self.only_in_cades("signing-time")?;
        }
        one_der_value(value, "the value of an attribute")?;
        self.single(kind, value.to_vec())
    }

    /// The attributes as the DER that is signed.
    pub fn build(self) -> AttributesToBeSigned {
        AttributesToBeSigned(encode::set_of(
            SET,
            self.attributes.iter().map(|(_, encoded)| encoded.as_slice()),
        ))
    }
}

/// `SigningCertificateV2` with one `ESSCertIDv2`; SHA-256 is the default and left out (RFC 5035, 4; X.690, 11.5).
fn signing_certificate_v2(certificate: &SignerCertificate) -> Vec<u8> {
    const DIRECTORY_NAME: u8 = context(4);
    let digest = certificate.digest();
    let algorithm = match digest.algorithm {
        DigestAlgorithm::Sha256 => Vec::new(),
        other => encode::digest_identifier(other),
    };
    let hash = encode::value(encode::OCTET_STRING, &[&digest.value]);
    let names = encode::value(SEQUENCE, &[&encode::value(DIRECTORY_NAME, &[certificate.issuer()])]);
    let issuer_serial = encode::value(SEQUENCE, &[&names, certificate.serial()]);
    let id = encode::value(SEQUENCE, &[&algorithm, &hash, &issuer_serial]);
    encode::value(SEQUENCE, &[&encode::value(SEQUENCE, &[&id])])
}

/// Checks that bytes are exactly one DER value.
pub(crate) fn one_der_value(bytes: &[u8], what: &'static str) -> Result<(), BuildError> {
    let mut budget = Budget::default();
    let mut reader = crate::ber::Reader::new(bytes, 0);
    let one = matches!(reader.next(&mut budget), Ok(Some(_))) && reader.is_empty();
    match one && canonical::is_der(bytes, 0, &mut budget) == Ok(true) {
        true => Ok(()),
        false => Err(BuildError::NotDer(what)),
    }
}

/// Finished signed attributes: a DER SET OF. These bytes are what [`crypto::Signer::sign`] takes; they can be stored
/// and come back years later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributesToBeSigned(Vec<u8>);

impl AttributesToBeSigned {
    /// Takes back what [`AttributesToBeSigned::to_be_signed`] gave out.
    pub fn from_der(bytes: &[u8]) -> Result<AttributesToBeSigned, BuildError> {
        one_der_value(bytes, "the stored set of signed attributes")?;
        match bytes.first() {
            Some(&SET) => Ok(AttributesToBeSigned(bytes.to_vec())),
            _ => Err(BuildError::NotDer("the stored set of signed attributes")),
        }
    }

    /// The bytes under the signature (RFC 5652, 5.4).
    pub fn to_be_signed(&self) -> &[u8] {
        &self.0
    }
}
