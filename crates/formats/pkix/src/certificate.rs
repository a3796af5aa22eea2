//! X.509 certificates: original bytes with a parsed view beside them (RFC 5280, 4.1).

use crate::Name;
use crate::extension::{self, Extension, Extensions};
use crate::irregularity::{Irregularity, Weight};
use crate::oid::{self, Oid};
use crate::profile;
use crate::signed::{Kind, Signed};
use crate::tlv::{self, Element, Reader};
use crypto::{Digest, DigestAlgorithm, Provider, PublicKey, UnknownAlgorithm};
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use types::{Malformed, Time};

/// A certificate. Cloning is cheap; equality, order and hash are those of the original bytes.
///
/// ```text
/// Certificate ::= SEQUENCE {
///     tbsCertificate     TBSCertificate,
///     signatureAlgorithm AlgorithmIdentifier,
///     signatureValue     BIT STRING }
/// TBSCertificate ::= SEQUENCE {
///     version         [0] EXPLICIT Version DEFAULT v1,
///     serialNumber        CertificateSerialNumber,
///     signature           AlgorithmIdentifier,
///     issuer              Name,
///     validity            Validity,
///     subject             Name,
///     subjectPublicKeyInfo SubjectPublicKeyInfo,
///     issuerUniqueID  [1] IMPLICIT UniqueIdentifier OPTIONAL,
///     subjectUniqueID [2] IMPLICIT UniqueIdentifier OPTIONAL,
///     extensions      [3] EXPLICIT Extensions OPTIONAL }
/// ```
#[derive(Clone)]
pub struct Certificate(Arc<Inner>);

struct Inner {
    signed: Signed,
    body: Body,
    irregularities: Vec<Irregularity>,
}

/// What stands in the `TBSCertificate`.
struct Body {
    version: u8,
    serial: Range<usize>,
    inner_algorithm: Range<usize>,
    issuer: Name,
    not_before: Time,
    not_after: Time,
    subject: Name,
    spki: Range<usize>,
    public_key: Result<PublicKey, UnknownAlgorithm>,
    extensions: Extensions,
}

impl Certificate {
    /// Reads one certificate; nothing may follow it. The bytes are copied once and kept.
    pub fn from_der(der: &[u8]) -> Result<Certificate, Malformed> {
        Certificate::from_arc(der.into())
    }

    /// Reads one certificate without copying it.
    pub fn from_arc(der: Arc<[u8]>) -> Result<Certificate, Malformed> {
        const KIND: Kind = Kind {
            whole: "a certificate",
            tbs: "a TBSCertificate",
            unused_bits: ("x509.signature.unused-bits", "RFC 5280, 4.1.1.3"),
        };
        let mut irregularities = Vec::new();
        let (signed, tbs, rest) = Signed::read(&der, &KIND, &mut irregularities)?;
        rest.finish("the signature value")?;
        let body = read_body(&tbs, &mut irregularities)?;
        irregularities.extend(signed.algorithm_mismatch(
            &body.inner_algorithm,
            "x509.signature-algorithm.mismatch",
            "RFC 5280, 4.1.1.2",
        ));
        let mut certificate = Certificate(Arc::new(Inner { signed, body, irregularities }));
        let deviations = profile::deviations(&certificate);
        if let Some(inner) = Arc::get_mut(&mut certificate.0) {
            inner.irregularities.extend(deviations);
        }
        Ok(certificate)
    }

    /// The original bytes.
    pub fn der(&self) -> &[u8] {
        self.0.signed.der()
    }

    /// The original bytes, shared.
    pub fn der_arc(&self) -> Arc<[u8]> {
        self.0.signed.der_arc()
    }

    /// The issuer's signature and what it is over.
    pub fn signed(&self) -> &Signed {
        &self.0.signed
    }

    /// 1, 2 or 3.
    pub fn version(&self) -> u8 {
        self.0.body.version
    }

    /// Content octets of the serial number: big-endian two's complement.
    pub fn serial(&self) -> &[u8] {
        self.0.signed.slice(&self.0.body.serial)
    }

    /// The serial number in lower-case hexadecimal, without leading zero octets.
    pub fn serial_hex(&self) -> String {
        let octets = self.serial();
        let octets = match octets {
            [0, rest @ ..] if !rest.is_empty() => rest,
            octets => octets,
        };
        octets.iter().map(|octet| format!("{octet:02x}")).collect()
    }

    /// Who issued it.
    pub fn issuer(&self) -> &Name {
        &self.0.body.issuer
    }

    /// Whom it is about.
    pub fn subject(&self) -> &Name {
        &self.0.body.subject
    }

    /// The first second of validity.
    pub fn not_before(&self) -> Time {
        self.0.body.not_before
    }

    /// The last second of validity.
    pub fn not_after(&self) -> Time {
        self.0.body.not_after
    }

    /// The key of the subject, or what is unknown about it.
    pub fn public_key(&self) -> Result<&PublicKey, &UnknownAlgorithm> {
        self.0.body.public_key.as_ref()
    }

    /// The DER `SubjectPublicKeyInfo`.
    pub fn subject_public_key_info(&self) -> &[u8] {
        self.0.signed.slice(&self.0.body.spki)
    }

    /// Its extensions.
    pub fn extensions(&self) -> &Extensions {
        &self.0.body.extensions
    }

    /// The DER inside an extension, if it is there.
    pub fn extension_value(&self, oid: Oid) -> Option<&[u8]> {
        self.extensions().get(oid).map(|extension| self.0.signed.slice(&extension.value))
    }

    /// What it does against the profile.
    pub fn irregularities(&self) -> &[Irregularity] {
        &self.0.irregularities
    }

    /// Whether some irregularity makes it unusable.
    pub fn is_faulty(&self) -> bool {
        self.irregularities().iter().any(|one| one.weight == Weight::Fault)
    }

    /// Whether issuer and subject are the same name (RFC 5280, 3.2).
    pub fn is_self_issued(&self) -> bool {
        self.issuer() == self.subject()
    }

    /// Whether it says that it is a certification authority.
    pub fn is_ca(&self) -> bool {
        self.extensions().basic_constraints.is_some_and(|constraints| constraints.ca)
    }

    /// Digest of the original bytes, e.g. the SHA-256 thumbprint.
    pub fn digest(&self, algorithm: DigestAlgorithm, provider: &dyn Provider) -> Digest {
        provider.digest(algorithm, self.der())
    }

    /// The certificate in PEM (RFC 7468).
    pub fn to_pem(&self) -> String {
        crate::pem::encode("CERTIFICATE", self.der())
    }
}

fn read_body(tbs: &Element<'_>, irregularities: &mut Vec<Irregularity>) -> Result<Body, Malformed> {
    let mut fields = tbs.reader();
    let version = read_version(&mut fields)?;
    let serial = fields.expect(tlv::INTEGER, "a serial number")?;
    if serial.content.is_empty() {
        return Err(serial.malformed("a serial number without contents", "RFC 5280, 4.1.2.2"));
    }
    let inner_algorithm = fields.expect(tlv::SEQUENCE, "a signature algorithm")?;
    let issuer = Name::read(&fields.expect(tlv::SEQUENCE, "an issuer")?)?;
    let validity = fields.expect(tlv::SEQUENCE, "a validity")?;
    let (not_before, not_after) = read_validity(&validity, irregularities)?;
    let subject = Name::read(&fields.expect(tlv::SEQUENCE, "a subject")?)?;
    let spki = fields.expect(tlv::SEQUENCE, "a subject public key")?;
    let unique_ids = [fields.optional(tlv::primitive(1))?, fields.optional(tlv::primitive(2))?];
    if unique_ids.iter().any(Option::is_some) && version == 1 {
        irregularities.push(Irregularity::deviation(
            "x509.version.unique-identifiers",
            "RFC 5280, 4.1.2.8",
            "unique identifiers in a version 1 certificate",
        ));
    }
    let extensions = read_extensions(fields.optional(tlv::constructed(3))?, version, irregularities)?;
    fields.finish("the extensions")?;
    Ok(Body {
        version,
        serial: serial.content_range(),
        inner_algorithm: inner_algorithm.range(),
        issuer,
        not_before,
        not_after,
        subject,
        public_key: PublicKey::from_spki(spki.whole),
        spki: spki.range(),
        extensions,
    })
}

fn read_version(fields: &mut Reader<'_>) -> Result<u8, Malformed> {
    let Some(explicit) = fields.optional(tlv::constructed(0))? else { return Ok(1) };
    let mut inner = explicit.reader();
    let version = inner.expect(tlv::INTEGER, "a version")?;
    inner.finish("the version")?;
    match version.content {
        [value @ 0..=2] => Ok(value + 1),
        _ => Err(Malformed::unsupported(
            version.at as u64,
            "a certificate version above 3",
            "RFC 5280, 4.1.2.1",
        )),
    }
}

fn read_validity(
    validity: &Element<'_>,
    irregularities: &mut Vec<Irregularity>,
) -> Result<(Time, Time), Malformed> {
    let mut times = validity.reader();
    let mut next = || -> Result<Time, Malformed> {
        let element = times.any()?;
        let time = tlv::time(&element)?;
        if element.tag == tlv::GENERALIZED_TIME && (1950..2050).contains(&time.civil().0) {
            irregularities.push(Irregularity::deviation(
                "x509.validity.generalized-time-before-2050",
                "RFC 5280, 4.1.2.5",
                "a date through 2049 is not written as UTCTime",
            ));
        }
        Ok(time)
    };
    let pair = (next()?, next()?);
    times.finish("the validity")?;
    Ok(pair)
}

fn read_extensions(
    explicit: Option<Element<'_>>,
    version: u8,
    irregularities: &mut Vec<Irregularity>,
) -> Result<Extensions, Malformed> {
    let mut extensions = Extensions::default();
    let Some(explicit) = explicit else { return Ok(extensions) };
    if version != 3 {
        irregularities.push(Irregularity::fault(
            "x509.version.extensions",
            "RFC 5280, 4.1.2.1",
            "extensions in a certificate below version 3",
        ));
    }
    let mut outer = explicit.reader();
    let list = outer.expect(tlv::SEQUENCE, "extensions")?.reader();
    outer.finish("the extensions")?;
    if list.is_empty() {
        irregularities.push(Irregularity::deviation(
            "x509.extensions.empty",
            "RFC 5280, 4.1.2.9",
            "a list of extensions without an extension",
        ));
    }
    let mut seen = BTreeSet::new();
    for read in extension::each(list) {
        let (extension, value) = read?;
        // A repeated extension must not overwrite what the first one said; the repetition itself is a fault.
        if seen.insert(extension.oid) {
            interpret(&extension, value, &mut extensions, irregularities);
        } else if seen.len() == extensions.all.len() {
            irregularities.push(Irregularity::fault(
                "x509.extensions.duplicate",
                "RFC 5280, 4.2",
                format!("extension {} occurs more than once", extension.oid),
            ));
        }
        extensions.all.push(extension);
    }
    Ok(extensions)
}

/// Reads the value of an extension into its typed field; what is malformed becomes an irregularity.
fn interpret(
    extension: &Extension,
    value: Reader<'_>,
    extensions: &mut Extensions,
    irregularities: &mut Vec<Irregularity>,
) {
    let oid = extension.oid;
    let Err(error) = extensions.interpret(oid, value) else { return };
    let mut irregularity = Irregularity::fault(
        "x509.extension.malformed",
        "RFC 5280, 4.2",
        format!("extension {oid} is malformed: {error}"),
    );
    if oid == oid::QC_STATEMENTS && !extension.critical {
        irregularity.weight = Weight::Deviation;
    }
    irregularities.push(irregularity);
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Certificate) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.der() == other.der()
    }
}

impl Eq for Certificate {}

impl PartialOrd for Certificate {
    fn partial_cmp(&self, other: &Certificate) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Certificate {
    fn cmp(&self, other: &Certificate) -> std::cmp::Ordering {
        self.der().cmp(other.der())
    }
}

/// Certificates compare as their bytes do, so that maps of them find one by its bytes.
impl std::borrow::Borrow<[u8]> for Certificate {
    fn borrow(&self) -> &[u8] {
        self.der()
    }
}

impl std::hash::Hash for Certificate {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.der().hash(state);
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({}, serial {})", self.subject(), self.serial_hex())
    }
}
