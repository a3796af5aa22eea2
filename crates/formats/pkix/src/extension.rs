//! Certificate extensions, typed (RFC 5280, 4.2; RFC 3739; RFC 6960; RFC 9608; ETSI EN 319 412-1).

use crate::general_name::{GeneralName, NameConstraints};
use crate::oid::{self, Oid};
use crate::string_prep;
use crate::tlv::{self, Element, Reader};
use std::fmt;
use std::ops::Range;
use types::Malformed;

/// One extension as it stands in the certificate.
#[derive(Clone, Debug)]
pub struct Extension {
    /// Its identifier.
    pub oid: Oid,
    /// Whether who does not know it must refuse the certificate.
    pub critical: bool,
    /// Where its value (the contents of `extnValue`) lies in the certificate.
    pub value: Range<usize>,
}

/// The extensions of a certificate. A typed field is `None` when the extension is absent or malformed; a malformed
/// one is among the irregularities of the certificate.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Extensions {
    /// Every extension in the order of the certificate, duplicates included.
    pub all: Vec<Extension>,
    /// basicConstraints (4.2.1.9).
    pub basic_constraints: Option<BasicConstraints>,
    /// keyUsage (4.2.1.3).
    pub key_usage: Option<KeyUsage>,
    /// extKeyUsage (4.2.1.12).
    pub extended_key_usage: Option<Vec<Oid>>,
    /// subjectAltName (4.2.1.6).
    pub subject_alt_name: Option<Vec<GeneralName>>,
    /// authorityKeyIdentifier (4.2.1.1).
    pub authority_key_identifier: Option<AuthorityKeyIdentifier>,
    /// subjectKeyIdentifier (4.2.1.2).
    pub subject_key_identifier: Option<Box<[u8]>>,
    /// nameConstraints (4.2.1.10).
    pub name_constraints: Option<NameConstraints>,
    /// certificatePolicies (4.2.1.4).
    pub certificate_policies: Option<Vec<PolicyInformation>>,
    /// policyMappings (4.2.1.5), pairs of issuer domain policy and subject domain policy.
    pub policy_mappings: Option<Vec<(Oid, Oid)>>,
    /// policyConstraints (4.2.1.11).
    pub policy_constraints: Option<PolicyConstraints>,
    /// inhibitAnyPolicy (4.2.1.14), certificates to skip.
    pub inhibit_any_policy: Option<u32>,
    /// cRLDistributionPoints (4.2.1.13).
    pub crl_distribution_points: Option<Vec<DistributionPoint>>,
    /// freshestCRL (4.2.1.15).
    pub freshest_crl: Option<Vec<DistributionPoint>>,
    /// authorityInfoAccess (4.2.2.1).
    pub authority_info_access: Option<Vec<AccessDescription>>,
    /// qcStatements (RFC 3739, 3.2.6; ETSI EN 319 412-5).
    pub qc_statements: Option<Vec<QcStatement>>,
    /// noRevAvail: the issuer will never say anything about revocation (RFC 9608).
    pub no_rev_avail: bool,
    /// id-pkix-ocsp-nocheck: an OCSP responder whose certificate is not to be checked (RFC 6960, 4.2.2.2.1).
    pub ocsp_no_check: bool,
    /// validityAssuredShortTerm: too short-lived to be revoked (ETSI EN 319 412-1, 5.2).
    pub validity_assured_short_term: bool,
}

/// `BasicConstraints ::= SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER (0..MAX) OPTIONAL }`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BasicConstraints {
    /// Whether the subject is a certification authority.
    pub ca: bool,
    /// Most intermediate certificates, not self-issued, that may follow in a path.
    pub path_len: Option<u32>,
}

/// Key usage bits (RFC 5280, 4.2.1.3).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyUsage(pub(crate) u16);

impl KeyUsage {
    /// No bit.
    pub const NONE: KeyUsage = KeyUsage(0);
    /// digitalSignature (0).
    pub const DIGITAL_SIGNATURE: KeyUsage = KeyUsage(1);
    /// contentCommitment, formerly nonRepudiation (1).
    pub const CONTENT_COMMITMENT: KeyUsage = KeyUsage(1 << 1);
    /// keyEncipherment (2).
    pub const KEY_ENCIPHERMENT: KeyUsage = KeyUsage(1 << 2);
    /// dataEncipherment (3).
    pub const DATA_ENCIPHERMENT: KeyUsage = KeyUsage(1 << 3);
    /// keyAgreement (4).
    pub const KEY_AGREEMENT: KeyUsage = KeyUsage(1 << 4);
    /// keyCertSign (5).
    pub const KEY_CERT_SIGN: KeyUsage = KeyUsage(1 << 5);
    /// cRLSign (6).
    pub const CRL_SIGN: KeyUsage = KeyUsage(1 << 6);
    /// encipherOnly (7).
    pub const ENCIPHER_ONLY: KeyUsage = KeyUsage(1 << 7);
    /// decipherOnly (8).
    pub const DECIPHER_ONLY: KeyUsage = KeyUsage(1 << 8);

    const NAMES: [&str; 9] = [
        "digitalSignature",
        "contentCommitment",
        "keyEncipherment",
        "dataEncipherment",
        "keyAgreement",
        "keyCertSign",
        "cRLSign",
        "encipherOnly",
        "decipherOnly",
    ];

    /// These bits and those.
    pub const fn and(self, other: KeyUsage) -> KeyUsage {
        KeyUsage(self.0 | other.0)
    }

    /// Whether every bit of `other` is set.
    pub const fn contains(self, other: KeyUsage) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether some bit of `other` is set.
    pub const fn intersects(self, other: KeyUsage) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether no bit is set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for KeyUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut set =
            KeyUsage::NAMES.iter().enumerate().filter(|(bit, _)| self.0 >> bit & 1 == 1).map(|(_, n)| n);
        f.write_str(set.next().unwrap_or(&"none"))?;
        set.try_for_each(|name| write!(f, ", {name}"))
    }
}

impl fmt::Debug for KeyUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyUsage({self})")
    }
}

/// Which key of the issuer signed (RFC 5280, 4.2.1.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthorityKeyIdentifier {
    /// Equals the subject key identifier of the issuer's certificate.
    pub key_identifier: Option<Box<[u8]>>,
    /// Issuer of the issuer's certificate.
    pub issuer: Vec<GeneralName>,
    /// Serial number of the issuer's certificate, content octets.
    pub serial: Option<Box<[u8]>>,
}

/// A policy with its qualifiers (RFC 5280, 4.2.1.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyInformation {
    /// The policy.
    pub policy: Oid,
    /// Identifier and DER value of each qualifier.
    pub qualifiers: Vec<(Oid, Box<[u8]>)>,
}

impl PolicyInformation {
    /// The explicit text of a user notice qualifier, from the DER of its value (RFC 5280, 4.2.1.4).
    ///
    /// `UserNotice ::= SEQUENCE { noticeRef NoticeReference OPTIONAL, explicitText DisplayText OPTIONAL }`
    pub fn user_notice(der: &[u8]) -> Option<String> {
        let mut fields = tlv::only(der, tlv::SEQUENCE, "a user notice").ok()?.reader();
        fields.optional(tlv::SEQUENCE).ok()?;
        let text = fields.any().ok()?;
        string_prep::decode(text.tag, text.content).map(|text| text.into_owned())
    }
}

/// Policy constraints, in certificates to skip (RFC 5280, 4.2.1.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyConstraints {
    /// After so many certificates an acceptable policy is required.
    pub require_explicit_policy: Option<u32>,
    /// After so many certificates policies may no longer be mapped.
    pub inhibit_policy_mapping: Option<u32>,
}

/// Where revocation lists are (RFC 5280, 4.2.1.13).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DistributionPoint {
    /// Full names of the point.
    pub full_name: Vec<GeneralName>,
    /// DER contents of nameRelativeToCRLIssuer.
    pub relative_name: Option<Box<[u8]>>,
    /// Reasons covered, as bits of ReasonFlags; all if absent.
    pub reasons: Option<u16>,
    /// Who issues the list, when not the issuer of the certificate.
    pub crl_issuer: Vec<GeneralName>,
}

/// How to get at something of the issuer (RFC 5280, 4.2.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessDescription {
    /// What is there, e.g. [`oid::ACCESS_OCSP`].
    pub method: Oid,
    /// Where it is.
    pub location: GeneralName,
}

/// A statement about a qualified certificate (RFC 3739, 3.2.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QcStatement {
    /// What is stated.
    pub id: Oid,
    /// DER of the further information.
    pub info: Option<Box<[u8]>>,
}

/// Extensions that this library reads and the path validator or its callers process.
pub(crate) const PROCESSED: [Oid; 17] = [
    oid::BASIC_CONSTRAINTS,
    oid::KEY_USAGE,
    oid::EXTENDED_KEY_USAGE,
    oid::SUBJECT_ALT_NAME,
    oid::AUTHORITY_KEY_IDENTIFIER,
    oid::SUBJECT_KEY_IDENTIFIER,
    oid::NAME_CONSTRAINTS,
    oid::CERTIFICATE_POLICIES,
    oid::POLICY_MAPPINGS,
    oid::POLICY_CONSTRAINTS,
    oid::INHIBIT_ANY_POLICY,
    oid::CRL_DISTRIBUTION_POINTS,
    oid::AUTHORITY_INFO_ACCESS,
    oid::QC_STATEMENTS,
    oid::NO_REV_AVAIL,
    oid::OCSP_NO_CHECK,
    oid::VALIDITY_ASSURED_SHORT_TERM,
];

impl Extensions {
    /// The extension with this identifier.
    pub fn get(&self, oid: Oid) -> Option<&Extension> {
        self.all.iter().find(|extension| extension.oid == oid)
    }

    /// Whether the extension is there and critical.
    pub fn is_critical(&self, oid: Oid) -> bool {
        self.get(oid).is_some_and(|extension| extension.critical)
    }

    /// Critical extensions that nobody here processes: a path with them must fail (RFC 5280, 4.2 and 6.1.4 (o)).
    pub fn unknown_critical(&self) -> impl Iterator<Item = Oid> + '_ {
        self.all.iter().filter(|one| one.critical && !PROCESSED.contains(&one.oid)).map(|one| one.oid)
    }

    /// URIs of this access method, e.g. [`oid::ACCESS_CA_ISSUERS`].
    pub fn access_uris(&self, method: Oid) -> impl Iterator<Item = &str> {
        self.authority_info_access.iter().flatten().filter_map(move |access| match &access.location {
            GeneralName::Uri(uri) if access.method == method => Some(&**uri),
            _ => None,
        })
    }

    /// URIs of revocation lists.
    pub fn crl_uris(&self) -> impl Iterator<Item = &str> {
        uris(self.crl_distribution_points.as_ref())
    }

    /// URIs of delta CRLs (4.2.1.15).
    pub fn delta_crl_uris(&self) -> impl Iterator<Item = &str> {
        uris(self.freshest_crl.as_ref())
    }

    /// Whether a policy is asserted.
    pub fn has_policy(&self, policy: Oid) -> bool {
        self.certificate_policies.iter().flatten().any(|information| information.policy == policy)
    }

    /// Whether a statement is made.
    pub fn has_qc_statement(&self, id: Oid) -> bool {
        self.qc_statements.iter().flatten().any(|statement| statement.id == id)
    }

    /// Reads the value of one extension into its typed field.
    pub(crate) fn interpret(&mut self, oid: Oid, value: Reader<'_>) -> Result<(), Malformed> {
        match oid {
            oid::BASIC_CONSTRAINTS => self.basic_constraints = Some(basic_constraints(value)?),
            oid::KEY_USAGE => self.key_usage = Some(KeyUsage(named_bits(value)?)),
            oid::EXTENDED_KEY_USAGE => self.extended_key_usage = Some(list(value, |item| Oid::read(&item))?),
            oid::SUBJECT_ALT_NAME => self.subject_alt_name = Some(GeneralName::read_all(sequence(value)?)?),
            oid::AUTHORITY_KEY_IDENTIFIER => self.authority_key_identifier = Some(authority_key(value)?),
            oid::SUBJECT_KEY_IDENTIFIER => {
                self.subject_key_identifier = Some(single(value, tlv::OCTET_STRING)?.content.into())
            }
            oid::NAME_CONSTRAINTS => self.name_constraints = Some(NameConstraints::read(value)?),
            oid::CERTIFICATE_POLICIES => self.certificate_policies = Some(list(value, policy)?),
            oid::POLICY_MAPPINGS => self.policy_mappings = Some(list(value, mapping)?),
            oid::POLICY_CONSTRAINTS => self.policy_constraints = Some(policy_constraints(value)?),
            oid::INHIBIT_ANY_POLICY => {
                self.inhibit_any_policy = Some(tlv::unsigned(&single(value, tlv::INTEGER)?)?)
            }
            oid::CRL_DISTRIBUTION_POINTS => {
                self.crl_distribution_points = Some(list(value, distribution_point)?)
            }
            oid::FRESHEST_CRL => self.freshest_crl = Some(list(value, distribution_point)?),
            oid::AUTHORITY_INFO_ACCESS => self.authority_info_access = Some(list(value, access)?),
            oid::QC_STATEMENTS => self.qc_statements = Some(list(value, qc_statement)?),
            oid::NO_REV_AVAIL => self.no_rev_avail = single(value, tlv::NULL).map(|_| true)?,
            oid::OCSP_NO_CHECK => self.ocsp_no_check = single(value, tlv::NULL).map(|_| true)?,
            oid::VALIDITY_ASSURED_SHORT_TERM => {
                self.validity_assured_short_term = single(value, tlv::NULL).map(|_| true)?
            }
            _ => {}
        }
        Ok(())
    }
}

/// Reads extensions one after the other, each with a reader of its value.
///
/// ```text
/// Extension ::= SEQUENCE { extnID OBJECT IDENTIFIER, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }
/// ```
pub(crate) fn each(mut list: Reader<'_>) -> impl Iterator<Item = Result<(Extension, Reader<'_>), Malformed>> {
    std::iter::from_fn(move || {
        (!list.is_empty()).then(|| read_one(&list.expect(tlv::SEQUENCE, "an extension")?))
    })
}

fn read_one<'a>(element: &Element<'a>) -> Result<(Extension, Reader<'a>), Malformed> {
    let mut fields = element.reader();
    let oid = Oid::read(&fields.expect(tlv::OID, "an extension identifier")?)?;
    let critical =
        fields.optional(tlv::BOOLEAN)?.map(|value| tlv::boolean(&value)).transpose()?.unwrap_or(false);
    let value = fields.expect(tlv::OCTET_STRING, "an extension value")?;
    fields.finish("an extension")?;
    Ok((Extension { oid, critical, value: value.content_range() }, value.reader()))
}

pub(crate) fn single(mut value: Reader<'_>, tag: u8) -> Result<Element<'_>, Malformed> {
    let element = value.expect(tag, "another type in this extension")?;
    value.finish("the value of an extension")?;
    Ok(element)
}

pub(crate) fn sequence(value: Reader<'_>) -> Result<Reader<'_>, Malformed> {
    Ok(single(value, tlv::SEQUENCE)?.reader())
}

/// `SEQUENCE SIZE (1..MAX) OF` something.
pub(crate) fn list<'a, T>(
    value: Reader<'a>,
    read: impl Fn(Element<'a>) -> Result<T, Malformed>,
) -> Result<Vec<T>, Malformed> {
    let mut items = sequence(value)?;
    let mut out = Vec::new();
    if items.is_empty() {
        return Err(items.malformed("a list that must not be empty is empty", "RFC 5280, 4.2.1"));
    }
    while !items.is_empty() {
        out.push(read(items.any()?)?);
    }
    Ok(out)
}

/// Fields of an item that must be a SEQUENCE.
fn fields<'a>(item: &Element<'a>) -> Result<Reader<'a>, Malformed> {
    if item.tag != tlv::SEQUENCE {
        return Err(item.malformed("expected a SEQUENCE", "RFC 5280, 4.2.1"));
    }
    Ok(item.reader())
}

fn basic_constraints(value: Reader<'_>) -> Result<BasicConstraints, Malformed> {
    let mut fields = sequence(value)?;
    let ca = fields.optional(tlv::BOOLEAN)?.map(|ca| tlv::boolean(&ca)).transpose()?.unwrap_or(false);
    let path_len = fields.optional(tlv::INTEGER)?.map(|length| tlv::unsigned(&length)).transpose()?;
    fields.finish("basic constraints")?;
    Ok(BasicConstraints { ca, path_len })
}

/// Named bits as an integer whose bit n is the n-th named bit.
fn named_bits(value: Reader<'_>) -> Result<u16, Malformed> {
    bits(&single(value, tlv::BIT_STRING)?)
}

pub(crate) fn bits(element: &Element<'_>) -> Result<u16, Malformed> {
    let (octets, unused) = tlv::bit_string(element)?;
    if octets.last().is_some_and(|last| last.trailing_zeros() < u32::from(unused)) {
        return Err(element.malformed("unused bits are not zero", "X.690, 11.2.1"));
    }
    let octet = |index: usize| u16::from(octets.get(index).copied().unwrap_or(0).reverse_bits());
    Ok(octet(0) | octet(1) << 8)
}

pub(crate) fn authority_key(value: Reader<'_>) -> Result<AuthorityKeyIdentifier, Malformed> {
    let mut fields = sequence(value)?;
    let key_identifier = fields.optional(tlv::primitive(0))?.map(|key| key.content.into());
    let issuer = fields.optional(tlv::constructed(1))?.map(|names| GeneralName::read_all(names.reader()));
    let serial = fields.optional(tlv::primitive(2))?.map(|serial| serial.content.into());
    fields.finish("an authority key identifier")?;
    Ok(AuthorityKeyIdentifier { key_identifier, issuer: issuer.transpose()?.unwrap_or_default(), serial })
}

fn policy(item: Element<'_>) -> Result<PolicyInformation, Malformed> {
    let mut parts = fields(&item)?;
    let policy = Oid::read(&parts.any()?)?;
    let mut qualifiers = Vec::new();
    if let Some(list) = parts.optional(tlv::SEQUENCE)? {
        let mut list = list.reader();
        if list.is_empty() {
            return Err(
                item.malformed("a list of policy qualifiers without a qualifier", "RFC 5280, 4.2.1.4")
            );
        }
        while !list.is_empty() {
            let mut qualifier = fields(&list.any()?)?;
            let oid = Oid::read(&qualifier.any()?)?;
            let value = qualifier.any()?;
            qualifier.finish("a policy qualifier")?;
            qualifiers.push((oid, value.whole.into()));
        }
    }
    parts.finish("policy information")?;
    Ok(PolicyInformation { policy, qualifiers })
}

fn mapping(item: Element<'_>) -> Result<(Oid, Oid), Malformed> {
    let mut parts = fields(&item)?;
    let pair = (Oid::read(&parts.any()?)?, Oid::read(&parts.any()?)?);
    parts.finish("a policy mapping")?;
    Ok(pair)
}

fn policy_constraints(value: Reader<'_>) -> Result<PolicyConstraints, Malformed> {
    let mut fields = sequence(value)?;
    let mut skip = |tag| -> Result<Option<u32>, Malformed> {
        fields.optional(tlv::primitive(tag))?.map(|count| tlv::unsigned(&count)).transpose()
    };
    let constraints =
        PolicyConstraints { require_explicit_policy: skip(0)?, inhibit_policy_mapping: skip(1)? };
    fields.finish("policy constraints")?;
    if constraints.require_explicit_policy.is_none() && constraints.inhibit_policy_mapping.is_none() {
        return Err(fields.malformed("policy constraints that constrain nothing", "RFC 5280, 4.2.1.11"));
    }
    Ok(constraints)
}

/// The URIs among the names of distribution points.
pub(crate) fn uris(points: Option<&Vec<DistributionPoint>>) -> impl Iterator<Item = &str> {
    points.into_iter().flatten().flat_map(|point| &point.full_name).filter_map(|name| match name {
        GeneralName::Uri(uri) => Some(&**uri),
        _ => None,
    })
}

pub(crate) fn distribution_point(item: Element<'_>) -> Result<DistributionPoint, Malformed> {
    let mut parts = fields(&item)?;
    let mut point = DistributionPoint::default();
    if let Some(name) = parts.optional(tlv::constructed(0))? {
        (point.full_name, point.relative_name) = distribution_point_name(&name)?;
    }
    point.reasons = parts.optional(tlv::primitive(1))?.map(|reasons| bits(&reasons)).transpose()?;
    if let Some(issuer) = parts.optional(tlv::constructed(2))? {
        point.crl_issuer = GeneralName::read_all(issuer.reader())?;
    }
    parts.finish("a distribution point")?;
    Ok(point)
}

/// Full names, or the DER contents of nameRelativeToCRLIssuer.
type PointName = (Vec<GeneralName>, Option<Box<[u8]>>);

/// `DistributionPointName ::= CHOICE { fullName [0] GeneralNames, nameRelativeToCRLIssuer [1] RelativeDistinguishedName }`
pub(crate) fn distribution_point_name(explicit: &Element<'_>) -> Result<PointName, Malformed> {
    let mut choice = explicit.reader();
    let chosen = choice.any()?;
    choice.finish("the name of a distribution point")?;
    match chosen.tag {
        0xa0 => Ok((GeneralName::read_all(chosen.reader())?, None)),
        0xa1 => Ok((Vec::new(), Some(chosen.content.into()))),
        _ => Err(chosen.malformed("not the name of a distribution point", "RFC 5280, 4.2.1.13")),
    }
}

fn access(item: Element<'_>) -> Result<AccessDescription, Malformed> {
    let mut parts = fields(&item)?;
    let method = Oid::read(&parts.any()?)?;
    let location = GeneralName::read(&parts.any()?)?;
    parts.finish("an access description")?;
    Ok(AccessDescription { method, location })
}

fn qc_statement(item: Element<'_>) -> Result<QcStatement, Malformed> {
    let mut parts = fields(&item)?;
    let id = Oid::read(&parts.any()?)?;
    let info = if parts.is_empty() { None } else { Some(parts.any()?.whole.into()) };
    parts.finish("a statement")?;
    Ok(QcStatement { id, info })
}
