//! Certification requests (PKCS#10, RFC 2986): made with one's own key, read from others, proof of possession checked.

use crate::build::{self, BuildError, Criticality};
use crate::extension::{self, Extension, Extensions, KeyUsage};
use crate::general_name::GeneralName;
use crate::irregularity::Irregularity;
use crate::oid::{self, Oid};
use crate::signed::{Kind, Signed};
use crate::tlv::{self, Element, Reader};
use crate::{Name, encode, pem};
use crypto::{Message, Provider, PublicKey, SignatureError, Signer, UnknownAlgorithm};
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use types::{Budget, Malformed, Resource};

/// A certification request: original bytes with a parsed view beside them. Cloning is cheap; equality is that of the
/// original bytes.
///
/// ```text
/// CertificationRequest ::= SEQUENCE {
///     certificationRequestInfo CertificationRequestInfo,
///     signatureAlgorithm       AlgorithmIdentifier,
///     signature                BIT STRING }
/// CertificationRequestInfo ::= SEQUENCE {
///     version       INTEGER { v1(0) },
///     subject       Name,
///     subjectPKInfo SubjectPublicKeyInfo,
///     attributes    [0] IMPLICIT SET OF Attribute }
/// ```
#[derive(Clone)]
pub struct CertificationRequest(Arc<Inner>);

struct Inner {
    signed: Signed,
    body: Body,
    irregularities: Vec<Irregularity>,
}

struct Body {
    subject: Name,
    spki: Range<usize>,
    public_key: Result<PublicKey, UnknownAlgorithm>,
    extensions: Extensions,
}

/// A request whose sender was shown to hold the private key: the signature of the request is that of the key in it
/// (RFC 2986, 3). Only [`CertificationRequest::prove`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenRequest(CertificationRequest);

/// Why a request does not show that its sender holds the private key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PossessionError {
    /// The key is of a kind that is not known here.
    Key(UnknownAlgorithm),
    /// The signature is by an algorithm that is not known here.
    Algorithm(UnknownAlgorithm),
    /// The signature is not confirmed.
    Signature(SignatureError),
}

impl fmt::Display for PossessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PossessionError::Key(unknown) => write!(f, "the key in the request cannot be used: {unknown}"),
            PossessionError::Algorithm(unknown) => {
                write!(f, "the signature of the request cannot be checked: {unknown}")
            }
            PossessionError::Signature(error) => {
                write!(f, "the request does not show that its sender holds the private key: {error}")
            }
        }
    }
}

impl std::error::Error for PossessionError {}

const CLAUSE: &str = "RFC 2986, 4";
/// Labels of RFC 7468, 7; the second was written by older programs.
const LABELS: [&str; 2] = ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"];

impl CertificationRequest {
    /// A request for a document-signing certificate: subject, key and the wished key usage (RFC 2985, 5.4.2); no
    /// challenge password.
    ///
    /// # Errors
    /// If the signer does not sign or its algorithm cannot be written.
    pub fn sign(subject: &Name, email: Option<&str>, signer: &dyn Signer) -> Result<Self, BuildError> {
        let usage = KeyUsage::DIGITAL_SIGNATURE.and(KeyUsage::CONTENT_COMMITMENT);
        let mut wishes = vec![(oid::KEY_USAGE, Criticality::Critical, encode::named_bits(usage.0))];
        if let Some(email) = email {
            let names = encode::sequence(&[&build::general_name(&GeneralName::Email(email.into()))]);
            wishes.push((oid::SUBJECT_ALT_NAME, Criticality::NonCritical, names));
        }
        CertificationRequest::with_extensions(subject, &wishes, signer)
    }

    /// A request that asks for these extensions, each with the DER of its value; for none if the list is empty.
    ///
    /// # Errors
    /// If the signer does not sign or its algorithm cannot be written.
    pub fn with_extensions(
        subject: &Name,
        wishes: &[(Oid, Criticality, Vec<u8>)],
        signer: &dyn Signer,
    ) -> Result<Self, BuildError> {
        let attribute = match wishes {
            [] => Vec::new(),
            wishes => {
                let values = encode::value(tlv::SET, &build::extensions(wishes));
                encode::sequence(&[&oid::EXTENSION_REQUEST.to_der(), &values])
            }
        };
        let attributes = encode::value(tlv::constructed(0), &attribute);
        let version = encode::unsigned(&[0]);
        let info = encode::sequence(&[&version, subject.der(), signer.public_key(), &attributes]);
        CertificationRequest::from_der(&build::signed(&info, signer, &[])?).map_err(BuildError::Malformed)
    }

    /// Reads one request; nothing may follow it. The bytes are copied once and kept. Whether the sender holds the private
    /// key is told by [`CertificationRequest::prove`] alone.
    pub fn from_der(der: &[u8]) -> Result<CertificationRequest, Malformed> {
        const KIND: Kind = Kind {
            whole: "a certification request",
            tbs: "the information of a request",
            unused_bits: ("pkcs10.signature.unused-bits", "RFC 2986, 4.2"),
        };
        let der: Arc<[u8]> = der.into();
        let mut irregularities = Vec::new();
        let (signed, info, rest) = Signed::read(&der, &KIND, &mut irregularities)?;
        rest.finish("the signature value")?;
        let body = read_info(&info, &mut irregularities)?;
        Ok(CertificationRequest(Arc::new(Inner { signed, body, irregularities })))
    }

    /// Reads a file with one request, DER or PEM (RFC 7468, 7); other PEM blocks are passed over.
    ///
    /// # Errors
    /// [`Malformed`] if there is none or more than one, or if it cannot be read.
    pub fn read(bytes: &[u8], budget: &mut Budget) -> Result<CertificationRequest, Malformed> {
        if !pem::is_pem(bytes) {
            return CertificationRequest::from_der(bytes);
        }
        let mut found = None;
        let mut rest = bytes;
        while let Some((block, after)) = pem::next(rest)? {
            budget.spend(Resource::Steps, 1)?;
            if LABELS.contains(&block.label) && found.replace(block.der).is_some() {
                return Err(Malformed::syntax(None, "more than one certification request", "RFC 7468, 7"));
            }
            rest = after;
        }
        let none = || Malformed::syntax(None, "no certification request found", "RFC 7468, 7");
        CertificationRequest::from_der(&found.ok_or_else(none)?)
    }

    /// The DER.
    pub fn der(&self) -> &[u8] {
        self.0.signed.der()
    }

    /// The PEM.
    pub fn to_pem(&self) -> String {
        pem::encode("CERTIFICATE REQUEST", self.der())
    }

    /// The signature and what it is over.
    pub fn signed(&self) -> &Signed {
        &self.0.signed
    }

    /// Who asks.
    pub fn subject(&self) -> &Name {
        &self.0.body.subject
    }

    /// The key to be certified, or what is unknown about it.
    pub fn public_key(&self) -> Result<&PublicKey, &UnknownAlgorithm> {
        self.0.body.public_key.as_ref()
    }

    /// The DER `SubjectPublicKeyInfo`.
    pub fn subject_public_key_info(&self) -> &[u8] {
        self.0.signed.slice(&self.0.body.spki)
    }

    /// The extensions wished for (extensionRequest, RFC 2985, 5.4.2): wishes, not more.
    pub fn extensions(&self) -> &Extensions {
        &self.0.body.extensions
    }

    /// The DER inside an extension wished for.
    pub fn extension_value(&self, oid: Oid) -> Option<&[u8]> {
        self.extensions().get(oid).map(|extension| self.0.signed.slice(&extension.value))
    }

    /// What it does against the standard.
    pub fn irregularities(&self) -> &[Irregularity] {
        &self.0.irregularities
    }

    /// Checks that the request is signed with the private key of the key in it.
    ///
    /// # Errors
    /// Key or algorithm unknown, a key that may not sign so, or a signature that is not confirmed.
    pub fn prove(&self, provider: &dyn Provider) -> Result<ProvenRequest, PossessionError> {
        let key = self.public_key().map_err(|unknown| PossessionError::Key(unknown.clone()))?;
        let signed = self.signed();
        let algorithm = signed.algorithm().map_err(|unknown| PossessionError::Algorithm(unknown.clone()))?;
        if !key.permits(algorithm) {
            return Err(PossessionError::Signature(SignatureError::BadKey));
        }
        provider
            .verify(key, algorithm, Message::Whole(signed.tbs()), signed.signature())
            .map_err(PossessionError::Signature)?;
        Ok(ProvenRequest(self.clone()))
    }
}

impl ProvenRequest {
    /// The request.
    pub fn request(&self) -> &CertificationRequest {
        &self.0
    }
}

fn read_info(info: &Element<'_>, irregularities: &mut Vec<Irregularity>) -> Result<Body, Malformed> {
    let mut fields = info.reader();
    let version = fields.expect(tlv::INTEGER, "a version")?;
    if version.content != [0] {
        return Err(Malformed::unsupported(
            version.at as u64,
            "a certification request of a version other than 1",
            "RFC 2986, 4.1",
        ));
    }
    let subject = Name::read(&fields.expect(tlv::SEQUENCE, "a subject")?)?;
    let spki = fields.expect(tlv::SEQUENCE, "a public key")?;
    let attributes = fields.optional(tlv::constructed(0))?;
    fields.finish("the attributes")?;
    if attributes.is_none() {
        // Deviation: RFC 2986, 4.1 has attributes in every request; some programs leave an empty set out.
        irregularities.push(Irregularity::deviation(
            "pkcs10.attributes.missing",
            "RFC 2986, 4.1",
            "the request has no attributes, not even an empty set",
        ));
    }
    let extensions = match attributes {
        Some(attributes) => read_attributes(attributes.reader(), irregularities)?,
        None => Extensions::default(),
    };
    let public_key = PublicKey::from_spki(spki.whole);
    Ok(Body { subject, spki: spki.range(), public_key, extensions })
}

/// `Attribute ::= SEQUENCE { type OBJECT IDENTIFIER, values SET OF ANY }`; all but extensionRequest are passed over.
fn read_attributes(
    mut attributes: Reader<'_>,
    irregularities: &mut Vec<Irregularity>,
) -> Result<Extensions, Malformed> {
    let mut found = None;
    while !attributes.is_empty() {
        let mut fields = attributes.expect(tlv::SEQUENCE, "an attribute")?.reader();
        let kind = Oid::read(&fields.expect(tlv::OID, "the type of an attribute")?)?;
        let values = fields.expect(tlv::SET, "the values of an attribute")?;
        fields.finish("an attribute")?;
        if kind != oid::EXTENSION_REQUEST {
            continue;
        }
        let mut reader = values.reader();
        let list = reader.expect(tlv::SEQUENCE, "extensions")?;
        reader.finish("the extensions")?;
        if found.replace(list).is_some() {
            return Err(values.malformed("extensions are asked for twice", CLAUSE));
        }
    }
    found.map_or(Ok(Extensions::default()), |list| read_extensions(list.reader(), irregularities))
}

fn read_extensions(
    list: Reader<'_>,
    irregularities: &mut Vec<Irregularity>,
) -> Result<Extensions, Malformed> {
    let mut extensions = Extensions::default();
    let mut seen = BTreeSet::new();
    for read in extension::each(list) {
        let (extension, value): (Extension, Reader<'_>) = read?;
        if !seen.insert(extension.oid) {
            return Err(value.malformed("an extension is asked for twice", "RFC 5280, 4.2"));
        }
        if let Err(error) = extensions.interpret(extension.oid, value) {
            irregularities.push(Irregularity::fault(
                "pkcs10.extension.malformed",
                "RFC 2985, 5.4.2",
                format!("the wished extension {} is malformed: {error}", extension.oid),
            ));
        }
        extensions.all.push(extension);
    }
    Ok(extensions)
}

impl PartialEq for CertificationRequest {
    fn eq(&self, other: &CertificationRequest) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.der() == other.der()
    }
}

impl Eq for CertificationRequest {}

impl fmt::Debug for CertificationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CertificationRequest({})", self.subject())
    }
}
