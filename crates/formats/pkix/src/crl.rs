//! Certificate revocation lists: original bytes with a parsed header beside them; entries are walked when asked for
//! (RFC 5280, 5).

use crate::Name;
use crate::extension::{
    self, AuthorityKeyIdentifier, DistributionPoint, Extension, authority_key, bits, distribution_point_name,
};
use crate::general_name::GeneralName;
use crate::irregularity::{Irregularity, Weight};
use crate::oid::{self, Oid};
use crate::reason::ReasonFlags;
use crate::revoked::{Entries, Listing, Wanted};
use crate::signed::{Kind, Signed};
use crate::tlv::{self, Element, Reader};
use crypto::{Digest, DigestAlgorithm, Provider};
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use types::{Budget, Malformed, Time};

/// A certificate revocation list. Cloning is cheap; equality is that of the original bytes. Its entries are not
/// decoded on reading: see [`Crl::find`].
///
/// ```text
/// CertificateList ::= SEQUENCE {
///     tbsCertList          TBSCertList,
///     signatureAlgorithm   AlgorithmIdentifier,
///     signatureValue       BIT STRING }
/// TBSCertList ::= SEQUENCE {
///     version                 Version OPTIONAL,
///     signature               AlgorithmIdentifier,
///     issuer                  Name,
///     thisUpdate              Time,
///     nextUpdate              Time OPTIONAL,
///     revokedCertificates     SEQUENCE OF SEQUENCE {
///         userCertificate         CertificateSerialNumber,
///         revocationDate          Time,
///         crlEntryExtensions      Extensions OPTIONAL } OPTIONAL,
///     crlExtensions           [0] EXPLICIT Extensions OPTIONAL }
/// ```
#[derive(Clone)]
pub struct Crl(Arc<Inner>);

struct Inner {
    signed: Signed,
    body: Body,
    irregularities: Vec<Irregularity>,
}

struct Body {
    version: u8,
    inner_algorithm: Range<usize>,
    issuer: Name,
    this_update: Time,
    next_update: Option<Time>,
    /// Contents of `revokedCertificates`.
    entries: Range<usize>,
    extensions: CrlExtensions,
}

/// The extensions of a CRL. A typed field is `None` when the extension is absent or malformed; a malformed one is
/// among the irregularities of the CRL.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CrlExtensions {
    /// Every extension in the order of the CRL, duplicates included.
    pub all: Vec<Extension>,
    /// authorityKeyIdentifier (5.2.1).
    pub authority_key_identifier: Option<AuthorityKeyIdentifier>,
    /// cRLNumber (5.2.3).
    pub number: Option<CrlNumber>,
    /// deltaCRLIndicator: the number of the complete CRL that this delta CRL starts from (5.2.4).
    pub delta_base: Option<CrlNumber>,
    /// issuingDistributionPoint (5.2.5).
    pub issuing_distribution_point: Option<IssuingDistributionPoint>,
    /// freshestCRL (5.2.6).
    pub freshest_crl: Option<Vec<DistributionPoint>>,
    /// expiredCertsOnCRL: revoked certificates that expired at this time or later are still listed (X.509, 9.5.2.8).
    pub expired_certs_on_crl: Option<Time>,
}

/// `CRLNumber ::= INTEGER (0..MAX)`, compared as a number.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CrlNumber(Box<[u8]>);

/// Whose certificates a CRL lists (RFC 5280, 5.2.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Holders {
    /// Every kind of certificate in its scope.
    #[default]
    All,
    /// onlyContainsUserCerts.
    Users,
    /// onlyContainsCACerts.
    Authorities,
    /// onlyContainsAttributeCerts.
    AttributeCertificates,
}

/// What a CRL is about (RFC 5280, 5.2.5).
///
/// ```text
/// IssuingDistributionPoint ::= SEQUENCE {
///     distributionPoint          [0] DistributionPointName OPTIONAL,
///     onlyContainsUserCerts      [1] BOOLEAN DEFAULT FALSE,
///     onlyContainsCACerts        [2] BOOLEAN DEFAULT FALSE,
///     onlySomeReasons            [3] ReasonFlags OPTIONAL,
///     indirectCRL                [4] BOOLEAN DEFAULT FALSE,
///     onlyContainsAttributeCerts [5] BOOLEAN DEFAULT FALSE }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssuingDistributionPoint {
    /// Full names of the point.
    pub full_name: Vec<GeneralName>,
    /// DER contents of nameRelativeToCRLIssuer.
    pub relative_name: Option<Box<[u8]>>,
    /// Whose certificates are listed.
    pub holders: Holders,
    /// onlySomeReasons; all if absent.
    pub only_some_reasons: Option<ReasonFlags>,
    /// indirectCRL: certificates of several issuers may be listed.
    pub indirect: bool,
}

/// Extensions that this library reads and judgement processes.
const PROCESSED: [Oid; 7] = [
    oid::AUTHORITY_KEY_IDENTIFIER,
    oid::CRL_NUMBER,
    oid::DELTA_CRL_INDICATOR,
    oid::ISSUING_DISTRIBUTION_POINT,
    oid::FRESHEST_CRL,
    oid::EXPIRED_CERTS_ON_CRL,
    oid::ISSUER_ALT_NAME,
];

impl Crl {
    /// URIs of the delta CRLs that update it (5.2.6).
    pub fn delta_crl_uris(&self) -> impl Iterator<Item = &str> {
        extension::uris(self.extensions().freshest_crl.as_ref())
    }

    /// Reads one CRL; nothing may follow it. The bytes are copied once and kept. Entries are not looked at.
    pub fn from_der(der: &[u8]) -> Result<Crl, Malformed> {
        Crl::from_arc(der.into())
    }

    /// Reads one CRL without copying it.
    pub fn from_arc(der: Arc<[u8]>) -> Result<Crl, Malformed> {
        const KIND: Kind = Kind {
            whole: "a CRL",
            tbs: "a TBSCertList",
            unused_bits: ("crl.signature.unused-bits", "RFC 5280, 5.1.1.3"),
        };
        let mut irregularities = Vec::new();
        let (signed, tbs, rest) = Signed::read(&der, &KIND, &mut irregularities)?;
        rest.finish("the signature value")?;
        let body = read_body(&tbs, &mut irregularities)?;
        irregularities.extend(signed.algorithm_mismatch(
            &body.inner_algorithm,
            "crl.signature-algorithm.mismatch",
            "RFC 5280, 5.1.1.2",
        ));
        Ok(Crl(Arc::new(Inner { signed, body, irregularities })))
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

    /// 1 or 2.
    pub fn version(&self) -> u8 {
        self.0.body.version
    }

    /// Who issued it.
    pub fn issuer(&self) -> &Name {
        &self.0.body.issuer
    }

    /// When it was issued.
    pub fn this_update(&self) -> Time {
        self.0.body.this_update
    }

    /// By when the next one will be issued.
    pub fn next_update(&self) -> Option<Time> {
        self.0.body.next_update
    }

    /// Its extensions.
    pub fn extensions(&self) -> &CrlExtensions {
        &self.0.body.extensions
    }

    /// Whether it lists only what changed since a complete CRL (RFC 5280, 5.2.4).
    pub fn is_delta(&self) -> bool {
        self.extensions().is_present(oid::DELTA_CRL_INDICATOR)
    }

    /// Whether it may list certificates of other issuers (RFC 5280, 5.2.5).
    pub fn is_indirect(&self) -> bool {
        self.extensions().issuing_distribution_point.as_ref().is_some_and(|point| point.indirect)
    }

    /// What it does against the profile.
    pub fn irregularities(&self) -> &[Irregularity] {
        &self.0.irregularities
    }

    /// Whether some irregularity makes it unusable.
    pub fn is_faulty(&self) -> bool {
        self.irregularities().iter().any(|one| one.weight == Weight::Fault)
    }

    /// Digest of the original bytes.
    pub fn digest(&self, algorithm: DigestAlgorithm, provider: &dyn Provider) -> Digest {
        provider.digest(algorithm, self.der())
    }

    /// Its entries, read one by one.
    pub fn entries(&self) -> Entries<'_> {
        let range = &self.0.body.entries;
        let kind =
            if self.is_indirect() { crate::revoked::Kind::Indirect } else { crate::revoked::Kind::Direct };
        Entries::new(Reader::at(self.0.signed.slice(range), range.start), self.version(), kind)
    }

    /// Walks all entries once and looks for one certificate: see [`Crl::find_many`].
    pub fn find(&self, wanted: Wanted<'_>, budget: &mut Budget) -> Result<Listing, Malformed> {
        self.find_many(&[wanted], budget)
    }

    /// Walks all entries once and looks for these certificates. Draws a step for every entry. Nothing is allocated
    /// for an entry that was not looked for.
    ///
    /// # Errors
    ///
    /// A malformed entry, wherever it is, or an exhausted budget: the list then says nothing about anybody.
    pub fn find_many(&self, wanted: &[Wanted<'_>], budget: &mut Budget) -> Result<Listing, Malformed> {
        self.entries().find(self.issuer(), wanted, budget)
    }
}

impl CrlExtensions {
    /// Whether the extension is there, even if malformed.
    pub fn is_present(&self, oid: Oid) -> bool {
        self.all.iter().any(|extension| extension.oid == oid)
    }

    /// Critical extensions that nobody here processes: such a CRL must not be used (RFC 5280, 5.2).
    pub fn unknown_critical(&self) -> impl Iterator<Item = Oid> + '_ {
        self.all.iter().filter(|one| one.critical && !PROCESSED.contains(&one.oid)).map(|one| one.oid)
    }
}

impl CrlNumber {
    /// From big-endian octets of a non-negative number.
    pub fn from_octets(octets: &[u8]) -> CrlNumber {
        let zeros = octets.iter().take_while(|octet| **octet == 0).count();
        CrlNumber(octets.get(zeros..).unwrap_or(&[]).into())
    }

    /// Big-endian octets without leading zeros; none for zero.
    pub fn octets(&self) -> &[u8] {
        &self.0
    }

    fn read(value: Reader<'_>) -> Result<CrlNumber, Malformed> {
        let element = extension::single(value, tlv::INTEGER)?;
        match element.content {
            [] => Err(element.malformed("an INTEGER without contents", "X.690, 8.3.1")),
            [0x80..=0xff, ..] => Err(element.malformed("a negative CRL number", "RFC 5280, 5.2.3")),
            octets => Ok(CrlNumber::from_octets(octets)),
        }
    }
}

impl Ord for CrlNumber {
    fn cmp(&self, other: &CrlNumber) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for CrlNumber {
    fn partial_cmp(&self, other: &CrlNumber) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for CrlNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("0x")?;
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

fn read_body(tbs: &Element<'_>, irregularities: &mut Vec<Irregularity>) -> Result<Body, Malformed> {
    let mut fields = tbs.reader();
    let version = match fields.optional(tlv::INTEGER)? {
        None => 1,
        Some(version) if version.content == [1] => 2,
        Some(version) => {
            return Err(Malformed::unsupported(
                version.at as u64,
                "a CRL version other than 2",
                "RFC 5280, 5.1.2.1",
            ));
        }
    };
    let inner_algorithm = fields.expect(tlv::SEQUENCE, "a signature algorithm")?;
    let issuer = Name::read(&fields.expect(tlv::SEQUENCE, "an issuer")?)?;
    let this_update = tlv::time(&fields.any()?)?;
    let next_update = match fields.peek() {
        Some(tlv::UTC_TIME | tlv::GENERALIZED_TIME) => Some(tlv::time(&fields.any()?)?),
        _ => None,
    };
    let entries = fields.optional(tlv::SEQUENCE)?;
    let explicit = fields.optional(tlv::constructed(0))?;
    fields.finish("the extensions")?;
    if next_update.is_none() {
        irregularities.push(Irregularity::deviation(
            "crl.next-update.missing",
            "RFC 5280, 5.1.2.5",
            "no time is given by which the next list will be issued",
        ));
    }
    if entries.is_some_and(|entries| entries.content.is_empty()) {
        irregularities.push(Irregularity::deviation(
            "crl.entries.empty",
            "RFC 5280, 5.1.2.6",
            "the list of revoked certificates is there but empty",
        ));
    }
    let extensions = read_extensions(explicit, version, irregularities)?;
    if version == 2 {
        irregularities.extend(extensions.deviations());
    }
    Ok(Body {
        version,
        inner_algorithm: inner_algorithm.range(),
        issuer,
        this_update,
        next_update,
        entries: entries.map_or(0..0, |entries| entries.content_range()),
        extensions,
    })
}

fn read_extensions(
    explicit: Option<Element<'_>>,
    version: u8,
    irregularities: &mut Vec<Irregularity>,
) -> Result<CrlExtensions, Malformed> {
    let mut extensions = CrlExtensions::default();
    let Some(explicit) = explicit else { return Ok(extensions) };
    if version < 2 {
        irregularities.push(Irregularity::fault(
            "crl.version.extensions",
            "RFC 5280, 5.1.2.1",
            "extensions in a CRL of version 1",
        ));
    }
    let list = extension::sequence(explicit.reader())?;
    let (mut seen, mut duplicated) = (BTreeSet::new(), false);
    for read in extension::each(list) {
        let (extension, value) = read?;
        // A repeated extension must not overwrite what the first one said; the repetition itself is a fault.
        if !seen.insert(extension.oid) {
            duplicated = true;
        } else if let Err(error) = extensions.interpret(extension.oid, value) {
            irregularities.push(Irregularity::fault(
                "crl.extension.malformed",
                "RFC 5280, 5.2",
                format!("extension {} is malformed: {error}", extension.oid),
            ));
        }
        extensions.all.push(extension);
    }
    if duplicated {
        irregularities.push(Irregularity::fault(
            "crl.extensions.duplicate",
            "RFC 5280, 4.2",
            "an extension occurs more than once",
        ));
    }
    Ok(extensions)
}

impl CrlExtensions {
    /// What the issuer should have done otherwise (RFC 5280, 5.2.3 to 5.2.5).
    fn deviations(&self) -> impl Iterator<Item = Irregularity> {
        let criticality = |oid| self.all.iter().find(|one| one.oid == oid).map(|one| one.critical);
        let rules = [
            (
                criticality(oid::CRL_NUMBER).is_none(),
                ("crl.number.missing", "RFC 5280, 5.2.3", "the list has no number"),
            ),
            (
                criticality(oid::CRL_NUMBER) == Some(true),
                ("crl.number.critical", "RFC 5280, 5.2.3", "the number of the list is critical"),
            ),
            (
                criticality(oid::DELTA_CRL_INDICATOR) == Some(false),
                ("crl.delta.not-critical", "RFC 5280, 5.2.4", "that the list is a delta CRL is not critical"),
            ),
            (
                criticality(oid::ISSUING_DISTRIBUTION_POINT) == Some(false),
                ("crl.scope.not-critical", "RFC 5280, 5.2.5", "the scope of the list is not critical"),
            ),
        ];
        rules
            .into_iter()
            .filter(|(breached, _)| *breached)
            .map(|(_, (code, clause, message))| Irregularity::deviation(code, clause, message))
    }

    fn interpret(&mut self, oid: Oid, value: Reader<'_>) -> Result<(), Malformed> {
        match oid {
            oid::AUTHORITY_KEY_IDENTIFIER => self.authority_key_identifier = Some(authority_key(value)?),
            oid::CRL_NUMBER => self.number = Some(CrlNumber::read(value)?),
            oid::DELTA_CRL_INDICATOR => self.delta_base = Some(CrlNumber::read(value)?),
            oid::ISSUING_DISTRIBUTION_POINT => {
                self.issuing_distribution_point = Some(IssuingDistributionPoint::read(value)?);
            }
            oid::FRESHEST_CRL => {
                self.freshest_crl = Some(extension::list(value, extension::distribution_point)?);
            }
            oid::EXPIRED_CERTS_ON_CRL => {
                let time = extension::single(value, tlv::GENERALIZED_TIME)?;
                self.expired_certs_on_crl = Some(tlv::time(&time)?);
            }
            _ => {}
        }
        Ok(())
    }
}

impl IssuingDistributionPoint {
    fn read(value: Reader<'_>) -> Result<IssuingDistributionPoint, Malformed> {
        const CLAUSE: &str = "RFC 5280, 5.2.5";
        let mut fields = extension::sequence(value)?;
        if fields.is_empty() {
            return Err(fields.malformed("an issuing distribution point that says nothing", CLAUSE));
        }
        let mut point = IssuingDistributionPoint::default();
        if let Some(name) = fields.optional(tlv::constructed(0))? {
            (point.full_name, point.relative_name) = distribution_point_name(&name)?;
        }
        let users = flag(&mut fields, 1)?;
        let authorities = flag(&mut fields, 2)?;
        let reasons = fields.optional(tlv::primitive(3))?.map(|reasons| bits(&reasons)).transpose()?;
        point.only_some_reasons = reasons.map(ReasonFlags);
        point.indirect = flag(&mut fields, 4)?;
        let attributes = flag(&mut fields, 5)?;
        point.holders = match (users, authorities, attributes) {
            (false, false, false) => Holders::All,
            (true, false, false) => Holders::Users,
            (false, true, false) => Holders::Authorities,
            (false, false, true) => Holders::AttributeCertificates,
            _ => {
                return Err(fields.malformed("a CRL is limited to two kinds of certificates at once", CLAUSE));
            }
        };
        fields.finish("an issuing distribution point")?;
        Ok(point)
    }
}

fn flag(fields: &mut Reader<'_>, number: u8) -> Result<bool, Malformed> {
    Ok(fields
        .optional(tlv::primitive(number))?
        .map(|value| tlv::boolean(&value))
        .transpose()?
        .unwrap_or(false))
}

impl PartialEq for Crl {
    fn eq(&self, other: &Crl) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.der() == other.der()
    }
}

impl Eq for Crl {}

impl fmt::Debug for Crl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Crl({}, {})", self.issuer(), self.this_update())
    }
}
