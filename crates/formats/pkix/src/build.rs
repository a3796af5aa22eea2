//! Making certificates, and what everything signed by an authority is made of: serial, validity and keys are arguments,
//! nothing is drawn here.

use crate::encode;
use crate::extension::{BasicConstraints, KeyUsage};
use crate::general_name::GeneralName;
use crate::oid::{self, Oid};
use crate::tlv;
use crate::{Certificate, Name};
use crypto::{DigestAlgorithm, Provider, Signer, SignerError, UnknownAlgorithm};
use der::Encode;
use std::fmt;
use types::{Malformed, Time};

/// Why a certificate, request, CRL or OCSP response could not be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuildError {
    /// The signer did not sign.
    Signer(SignerError),
    /// The algorithm of the signer cannot be written.
    Algorithm(UnknownAlgorithm),
    /// What was put together cannot be read back.
    Malformed(Malformed),
    /// What was asked for is ruled out.
    Forbidden {
        /// What.
        what: &'static str,
        /// By which clause.
        clause: &'static str,
    },
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BuildError::Signer(error) => error.fmt(f),
            BuildError::Algorithm(error) => error.fmt(f),
            BuildError::Malformed(error) => error.fmt(f),
            BuildError::Forbidden { what, clause } => write!(f, "{what} is not allowed [{clause}]"),
        }
    }
}

impl std::error::Error for BuildError {}

/// Puts a certificate together extension by extension. It enforces no profile, so that tests can break it.
#[derive(Clone, Debug)]
pub struct CertificateBuilder {
    version: u8,
    serial: Vec<u8>,
    issuer: Name,
    not_before: Time,
    not_after: Time,
    subject: Name,
    spki: Vec<u8>,
    extensions: Vec<(Oid, Criticality, Vec<u8>)>,
}

/// Whether an extension is critical.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Criticality {
    /// Who does not know it must refuse the certificate.
    Critical,
    /// Who does not know it may pass over it.
    NonCritical,
}

impl CertificateBuilder {
    /// A version 3 certificate without extensions. `serial` is big-endian and taken as non-negative; `spki` is the
    /// DER `SubjectPublicKeyInfo` of the subject.
    pub fn new(
        serial: &[u8],
        issuer: &Name,
        validity: (Time, Time),
        subject: &Name,
        spki: &[u8],
    ) -> CertificateBuilder {
        CertificateBuilder {
            version: 3,
            serial: encode::unsigned(serial),
            issuer: issuer.clone(),
            not_before: validity.0,
            not_after: validity.1,
            subject: subject.clone(),
            spki: spki.to_vec(),
            extensions: Vec::new(),
        }
    }

    /// Another version.
    pub fn version(self, version: u8) -> CertificateBuilder {
        CertificateBuilder { version, ..self }
    }

    /// Any extension by its identifier and the DER of its value.
    pub fn extension(mut self, oid: Oid, criticality: Criticality, der: Vec<u8>) -> CertificateBuilder {
        self.extensions.push((oid, criticality, der));
        self
    }

    /// basicConstraints, critical.
    pub fn basic_constraints(self, constraints: BasicConstraints) -> CertificateBuilder {
        let ca = if constraints.ca { encode::value(tlv::BOOLEAN, &[0xff]) } else { Vec::new() };
        let path_len = constraints.path_len.map(|length| encode::unsigned(&length.to_be_bytes()));
        let der = encode::sequence(&[&ca, &path_len.unwrap_or_default()]);
        self.extension(oid::BASIC_CONSTRAINTS, Criticality::Critical, der)
    }

    /// keyUsage, critical.
    pub fn key_usage(self, usage: KeyUsage) -> CertificateBuilder {
        self.extension(oid::KEY_USAGE, Criticality::Critical, encode::named_bits(usage.0))
    }

    /// extKeyUsage, not critical.
    pub fn extended_key_usage(self, purposes: &[Oid]) -> CertificateBuilder {
        self.extended_key_usage_of(Criticality::NonCritical, purposes)
    }

    /// extKeyUsage, critical or not; that of a time-stamping authority must be critical (RFC 3161, 2.3).
    pub fn extended_key_usage_of(self, criticality: Criticality, purposes: &[Oid]) -> CertificateBuilder {
        let list: Vec<u8> = purposes.iter().flat_map(|purpose| purpose.to_der()).collect();
        self.extension(oid::EXTENDED_KEY_USAGE, criticality, encode::sequence(&[&list]))
    }

    /// subjectKeyIdentifier: [`key_identifier`] of the subject's key.
    pub fn subject_key_identifier(self, provider: &dyn Provider) -> CertificateBuilder {
        let identifier = key_identifier(&self.spki, provider);
        let der = encode::value(tlv::OCTET_STRING, &identifier);
        self.extension(oid::SUBJECT_KEY_IDENTIFIER, Criticality::NonCritical, der)
    }

    /// authorityKeyIdentifier: the key identifier of the issuer.
    pub fn authority_key_identifier(self, identifier: &[u8]) -> CertificateBuilder {
        let der = authority_key_identifier(identifier);
        self.extension(oid::AUTHORITY_KEY_IDENTIFIER, Criticality::NonCritical, der)
    }

    /// subjectAltName; critical only if the subject has no name (RFC 5280, 4.2.1.6).
    pub fn subject_alt_name(self, names: &[GeneralName]) -> CertificateBuilder {
        let list: Vec<u8> = names.iter().flat_map(general_name).collect();
        let empty = self.subject.is_empty();
        let criticality = if empty { Criticality::Critical } else { Criticality::NonCritical };
        self.extension(oid::SUBJECT_ALT_NAME, criticality, encode::sequence(&[&list]))
    }

    /// certificatePolicies without qualifiers, not critical.
    pub fn certificate_policies(self, policies: &[Oid]) -> CertificateBuilder {
        let list: Vec<u8> =
            policies.iter().flat_map(|policy| encode::sequence(&[&policy.to_der()])).collect();
        self.extension(oid::CERTIFICATE_POLICIES, Criticality::NonCritical, encode::sequence(&[&list]))
    }

    /// cRLDistributionPoints: where the complete CRL is, each URI a point of its own (RFC 5280, 4.2.1.13).
    pub fn crl_distribution_points(self, uris: &[&str]) -> CertificateBuilder {
        self.extension(oid::CRL_DISTRIBUTION_POINTS, Criticality::NonCritical, distribution_points(uris))
    }

    /// freshestCRL: where delta CRLs are (RFC 5280, 4.2.1.15).
    pub fn freshest_crl(self, uris: &[&str]) -> CertificateBuilder {
        self.extension(oid::FRESHEST_CRL, Criticality::NonCritical, distribution_points(uris))
    }

    /// authorityInfoAccess: pairs of access method, e.g. [`oid::ACCESS_OCSP`], and URI (RFC 5280, 4.2.2.1).
    pub fn authority_info_access(self, access: &[(Oid, &str)]) -> CertificateBuilder {
        let one = |(method, uri): &(Oid, &str)| {
            encode::sequence(&[&method.to_der(), &general_name(&GeneralName::Uri((*uri).into()))])
        };
        let list: Vec<u8> = access.iter().flat_map(one).collect();
        self.extension(oid::AUTHORITY_INFO_ACCESS, Criticality::NonCritical, encode::sequence(&[&list]))
    }

    /// An extension whose value is NULL, not critical: [`oid::NO_REV_AVAIL`], [`oid::OCSP_NO_CHECK`] or
    /// [`oid::VALIDITY_ASSURED_SHORT_TERM`].
    pub fn marker(self, oid: Oid) -> CertificateBuilder {
        self.extension(oid, Criticality::NonCritical, encode::value(tlv::NULL, &[]))
    }

    /// Signs it with the issuer's key.
    ///
    /// # Errors
    /// If the signer does not sign, if its algorithm cannot be written, or if an extension given is not DER.
    pub fn sign(&self, issuer: &dyn Signer) -> Result<Certificate, BuildError> {
        let algorithm = algorithm_der(issuer)?;
        let validity = encode::sequence(&[&encode::time(self.not_before), &encode::time(self.not_after)]);
        let version = match self.version {
            1 => Vec::new(),
            version => encode::value(tlv::constructed(0), &encode::unsigned(&[version.saturating_sub(1)])),
        };
        let extensions = match self.extensions.as_slice() {
            [] => Vec::new(),
            list => encode::value(tlv::constructed(3), &extensions(list)),
        };
        let tbs = encode::sequence(&[
            &version,
            &self.serial,
            &algorithm,
            self.issuer.der(),
            &validity,
            self.subject.der(),
            &self.spki,
            &extensions,
        ]);
        Certificate::from_der(&signed(&tbs, issuer, &[])?).map_err(BuildError::Malformed)
    }
}

/// `SEQUENCE { toBeSigned, signatureAlgorithm, signatureValue, … }`; `rest` are encoded values after the signature.
pub(crate) fn signed(tbs: &[u8], signer: &dyn Signer, rest: &[u8]) -> Result<Vec<u8>, BuildError> {
    let signature = signer.sign(tbs).map_err(BuildError::Signer)?;
    Ok(encode::sequence(&[tbs, &algorithm_der(signer)?, &encode::bit_string(&signature), rest]))
}

/// The DER `AlgorithmIdentifier` of the signatures of `signer`.
pub(crate) fn algorithm_der(signer: &dyn Signer) -> Result<Vec<u8>, BuildError> {
    let identifier = signer.algorithm().to_identifier().map_err(BuildError::Algorithm)?;
    identifier.to_der().map_err(|_| {
        BuildError::Malformed(Malformed::syntax(None, "the algorithm cannot be encoded", "RFC 5280, 4.1.1.2"))
    })
}

/// `AuthorityKeyIdentifier` with a key identifier alone.
pub(crate) fn authority_key_identifier(identifier: &[u8]) -> Vec<u8> {
    encode::sequence(&[&encode::value(tlv::primitive(0), identifier)])
}

/// `CRLDistributionPoints` with one point for every URI.
pub(crate) fn distribution_points(uris: &[&str]) -> Vec<u8> {
    let point = |uri: &&str| {
        let name = general_name(&GeneralName::Uri((*uri).into()));
        let full_name = encode::value(tlv::constructed(0), &name);
        encode::sequence(&[&encode::value(tlv::constructed(0), &full_name)])
    };
    encode::sequence(&[&uris.iter().flat_map(point).collect::<Vec<u8>>()])
}

/// `Extensions`.
pub(crate) fn extensions(list: &[(Oid, Criticality, Vec<u8>)]) -> Vec<u8> {
    let one = |(oid, criticality, der): &(Oid, Criticality, Vec<u8>)| {
        let critical = match criticality {
            Criticality::Critical => encode::value(tlv::BOOLEAN, &[0xff]),
            Criticality::NonCritical => Vec::new(),
        };
        encode::sequence(&[&oid.to_der(), &critical, &encode::value(tlv::OCTET_STRING, der)])
    };
    encode::sequence(&[&list.iter().flat_map(one).collect::<Vec<u8>>()])
}

/// Its DER.
pub(crate) fn general_name(name: &GeneralName) -> Vec<u8> {
    let explicit = |content: &[u8]| encode::value(tlv::constructed(0), content);
    match name {
        GeneralName::Other(oid, value) => {
            encode::value(tlv::constructed(0), &[oid.to_der(), explicit(value)].concat())
        }
        GeneralName::Email(text) => encode::value(tlv::primitive(1), text.as_bytes()),
        GeneralName::Dns(text) => encode::value(tlv::primitive(2), text.as_bytes()),
        GeneralName::X400(octets) => encode::value(tlv::constructed(3), octets),
        GeneralName::Directory(name) => encode::value(tlv::constructed(4), name.der()),
        GeneralName::EdiParty(octets) => encode::value(tlv::constructed(5), octets),
        GeneralName::Uri(text) => encode::value(tlv::primitive(6), text.as_bytes()),
        GeneralName::Ip(octets) => encode::value(tlv::primitive(7), octets),
        GeneralName::RegisteredId(oid) => encode::value(tlv::primitive(8), oid.octets()),
    }
}

/// A key identifier: the leftmost 160 bits of the SHA-256 digest of the key's bit string (RFC 7093, 2, method 1).
pub fn key_identifier(spki: &[u8], provider: &dyn Provider) -> Vec<u8> {
    let key = subject_public_key(spki).unwrap_or(spki);
    let mut value = provider.digest(DigestAlgorithm::Sha256, key).value;
    value.truncate(20);
    value
}

/// The octets of `subjectPublicKey` in a DER `SubjectPublicKeyInfo`, without the count of unused bits: what key hashes
/// are made of (RFC 5280, 4.2.1.2; RFC 6960, 4.1.1).
pub fn subject_public_key(spki: &[u8]) -> Option<&[u8]> {
    let mut fields = tlv::only(spki, tlv::SEQUENCE, "a public key").ok()?.reader();
    fields.any().ok()?;
    tlv::bit_string(&fields.expect(tlv::BIT_STRING, "a key").ok()?).ok().map(|(key, _)| key)
}

/// What a personal self-signed certificate says.
#[derive(Clone, Debug)]
pub struct SelfSigned {
    /// Who signs.
    pub subject: Name,
    /// Unpredictable, 1 to 20 octets, drawn by the caller.
    pub serial: Vec<u8>,
    /// First second of validity.
    pub not_before: Time,
    /// Last second of validity.
    pub not_after: Time,
    /// E-mail address for the alternative name.
    pub email: Option<String>,
}

impl SelfSigned {
    /// A certificate for signing documents: key usage digitalSignature and contentCommitment, extended key usage
    /// id-kp-documentSigning (RFC 9336) and id-kp-emailProtection (without which S/MIME-minded validators refuse
    /// it), subject key identifier; not a certification authority.
    ///
    /// # Errors
    /// As [`CertificateBuilder::sign`].
    pub fn sign(&self, signer: &dyn Signer, provider: &dyn Provider) -> Result<Certificate, BuildError> {
        let validity = (self.not_before, self.not_after);
        let spki = signer.public_key();
        let mut builder = CertificateBuilder::new(&self.serial, &self.subject, validity, &self.subject, spki)
            .basic_constraints(BasicConstraints { ca: false, path_len: None })
            .key_usage(KeyUsage::DIGITAL_SIGNATURE.and(KeyUsage::CONTENT_COMMITMENT))
            .extended_key_usage(&[oid::KP_DOCUMENT_SIGNING, oid::KP_EMAIL_PROTECTION])
            .subject_key_identifier(provider)
            .authority_key_identifier(&key_identifier(spki, provider));
        if let Some(email) = &self.email {
            builder = builder.subject_alt_name(&[GeneralName::Email(email.as_str().into())]);
        }
        builder.sign(signer)
    }
}
