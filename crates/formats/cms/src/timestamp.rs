//! Time-stamp tokens and responses (RFC 3161, updated by RFC 5816).

use crate::ber::{Element, Encoded, Reader, Tag};
use crate::ess::EssCertId;
use crate::oid::{self, Oid};
use crate::signed_data::{CertificateChoice, CertificateKind, SignedData};
use crate::signer_info::SignerInfo;
use crypto::{Digest, DigestAlgorithm, Provider, UnknownAlgorithm};
use types::{Budget, Finding, Malformed, Severity, Time};

const CLAUSE: &str = "RFC 3161, 2.4.2";

/// A time-stamp token: a `SignedData` over a [`TstInfo`].
#[derive(Clone, Debug)]
pub struct TimestampToken<'a> {
    /// The signature of the time-stamping authority.
    pub signed_data: SignedData<'a>,
    /// What it says.
    pub info: TstInfo,
    /// What is noteworthy about it as a token, beyond the findings of its `signed_data`.
    pub findings: Vec<Finding>,
}

/// ```text
/// TSTInfo ::= SEQUENCE { version INTEGER { v1(1) }, policy TSAPolicyId, messageImprint MessageImprint,
///   serialNumber INTEGER, genTime GeneralizedTime, accuracy Accuracy OPTIONAL, ordering BOOLEAN DEFAULT FALSE,
///   nonce INTEGER OPTIONAL, tsa [0] GeneralName OPTIONAL, extensions [1] IMPLICIT Extensions OPTIONAL }  -- RFC 3161, 2.4.2
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TstInfo {
    /// The policy under which the token was made.
    pub policy: Oid,
    /// What was time-stamped.
    pub imprint: MessageImprint,
    /// Content octets of the serial number, two's complement.
    pub serial: Vec<u8>,
    /// The whole second of the time.
    pub gen_time: Time,
    /// Nanoseconds beyond that second.
    pub gen_time_nanoseconds: u32,
    /// How far the time may be off, in microseconds; `None` where the policy says it.
    pub accuracy_microseconds: Option<u64>,
    /// Whether tokens of this authority can be put in order by their times alone.
    pub ordering: Ordering,
    /// Content octets of the nonce.
    pub nonce: Option<Vec<u8>>,
    /// DER `GeneralName` of the authority, a hint only.
    pub tsa: Option<Vec<u8>>,
    /// Extensions in the order received.
    pub extensions: Vec<TstExtension>,
}

/// One extension of a [`TstInfo`] (RFC 5280, 4.1: `Extension`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TstExtension {
    /// What it is.
    pub oid: Oid,
    /// What one has to do who does not know it.
    pub criticality: Criticality,
    /// Octets of `extnValue`.
    pub value: Vec<u8>,
}

/// The `critical` field of a [`TstExtension`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Criticality {
    /// The token must be rejected by one who does not know the extension (RFC 5280, 4.2).
    Critical,
    /// The extension may be passed over.
    NonCritical,
}

/// `MessageImprint ::= SEQUENCE { hashAlgorithm AlgorithmIdentifier, hashedMessage OCTET STRING }`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageImprint {
    /// The digest algorithm.
    pub algorithm: Result<DigestAlgorithm, UnknownAlgorithm>,
    /// The digest value, of any length.
    pub value: Vec<u8>,
}

/// The `ordering` field of [`TstInfo`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ordering {
    /// The times of two tokens order them.
    ByTime,
    /// Only times further apart than the accuracies order them.
    ByTimeAndAccuracy,
}

impl MessageImprint {
    /// Whether this is the imprint of what has this digest.
    pub fn matches(&self, digest: &Digest) -> bool {
        self.algorithm == Ok(digest.algorithm) && self.value == digest.value
    }
}

impl<'a> TimestampToken<'a> {
    /// Reads a token. Spans count from the first byte of `bytes`.
    pub fn parse(bytes: &'a [u8], budget: &mut Budget) -> Result<TimestampToken<'a>, Malformed> {
        let signed_data = SignedData::parse(bytes, budget)?;
        if signed_data.content.content_type != oid::TST_INFO {
            let reason = format!("content type {} is not TSTInfo", signed_data.content.content_type);
            return Err(Malformed::syntax(None, reason, CLAUSE));
        }
        let place = signed_data.content.encoded.map(|encoded| encoded.span.start);
        let content = signed_data.content.content.as_deref();
        let content = content.ok_or_else(|| Malformed::syntax(None, "token has no TSTInfo", CLAUSE))?;
        let mut info = TstInfo::parse(content, budget);
        if let Err(malformed) = &mut info {
            // Offsets inside the content are not offsets in the token: its segments may have been joined.
            malformed.at = place;
        }
        let mut token = TimestampToken { info: info?, signed_data, findings: Vec::new() };
        token.findings = token.check();
        Ok(token)
    }

    /// The signature of the authority; `None` if there is not exactly one (RFC 3161, 2.4.2).
    pub fn signer(&self) -> Option<&SignerInfo<'a>> {
        match self.signed_data.signers.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// The certificates that the authority names as its own by ESSCertID and ESSCertIDv2 (RFC 3161, 2.4.1; RFC 5816,
    /// 2.2.1): the first entry of either attribute, version 2 first.
    pub fn certificate_identifiers(&self) -> impl Iterator<Item = &EssCertId<'a>> {
        let signed = self.signer().and_then(|signer| signer.signed_attributes.as_ref());
        let attributes = signed
            .into_iter()
            .flat_map(|signed| [signed.signing_certificate_v2.as_ref(), signed.signing_certificate.as_ref()]);
        attributes.flatten().filter_map(|attribute| attribute.certificates.first())
    }

    /// Which of the token's certificates the authority names as its own: the index in
    /// [`SignedData::certificate_choices`]. `None` if it names none, if the one that it names is not inside, or if the
    /// two attributes contradict each other.
    pub fn authority_certificate(&self, provider: &dyn Provider) -> Option<usize> {
        let choices = &self.signed_data.certificate_choices;
        let mut identifiers = self.certificate_identifiers();
        let first = identifiers.next()?;
        let named = |choice: &CertificateChoice<'_>, identifier: &EssCertId<'_>| {
            choice.kind == CertificateKind::Certificate
                && identifier.hash.is_of(choice.encoded.bytes, provider)
        };
        let index = choices.iter().position(|choice| named(choice, first))?;
        let choice = choices.get(index)?;
        identifiers.all(|other| named(choice, other)).then_some(index)
    }

    /// The rules of RFC 3161, 2.4.1 and 2.4.2 that the token alone can break.
    fn check(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let place = self.signed_data.encoded.span;
        let mut fault = |code, severity, message: String| {
            findings.push(Finding::new(code, severity, message).at(place));
        };
        if self.signer().is_none() {
            let message = format!(
                "the token has {} signers instead of one (RFC 3161, 2.4.2)",
                self.signed_data.signers.len()
            );
            fault("tst.signers", Severity::Error, message);
        } else if self.certificate_identifiers().next().is_none() {
            let message = "the token does not say which certificate is its authority's (RFC 3161, 2.4.1)";
            fault("tst.certificate-identifier.missing", Severity::Error, message.into());
        }
        if let Ok(algorithm) = self.info.imprint.algorithm
            && self.info.imprint.value.len() != algorithm.output_len()
        {
            let message = format!("the message imprint is not as long as a {algorithm} digest");
            fault("tst.imprint.length", Severity::Error, message);
        }
        for (index, extension) in self.info.extensions.iter().enumerate() {
            let known = extension.oid == oid::QC_STATEMENTS;
            if extension.criticality == Criticality::Critical && !known {
                let message =
                    format!("the token has the unknown critical extension {} (RFC 5280, 4.2)", extension.oid);
                fault("tst.extension.critical", Severity::Error, message);
            }
            if self.info.extensions.iter().take(index.min(100)).any(|other| other.oid == extension.oid) {
                let message = format!("extension {} stands more than once (RFC 5280, 4.2)", extension.oid);
                fault("tst.extension.repeated", Severity::Error, message);
            }
        }
        findings
    }
}

impl TstInfo {
    /// Reads the content of a token.
    pub fn parse(bytes: &[u8], budget: &mut Budget) -> Result<TstInfo, Malformed> {
        let mut outer = Reader::new(bytes, 0);
        let mut reader = outer.expect(Tag::SEQUENCE, "TSTInfo", CLAUSE, budget)?.open(CLAUSE)?;
        if reader.small_integer("version of TSTInfo", budget)? != 1 {
            return Err(reader.malformed("version of TSTInfo is not 1", CLAUSE));
        }
        let policy = reader.oid("policy", budget)?;
        let mut imprint = reader.expect(Tag::SEQUENCE, "message imprint", CLAUSE, budget)?.open(CLAUSE)?;
        let algorithm = imprint.digest_algorithm("digest algorithm", budget)?;
        let value =
            imprint.expect(Tag::OCTET_STRING, "hashed message", CLAUSE, budget)?.octets(budget)?.into_owned();
        let serial = reader.expect(Tag::INTEGER, "serial number", CLAUSE, budget)?.content.to_vec();
        let time = reader.expect(Tag::GENERALIZED_TIME, "time", CLAUSE, budget)?;
        let (gen_time, gen_time_nanoseconds) = time.time()?;
        let accuracy_microseconds = match reader.optional(Tag::SEQUENCE, budget)? {
            Some(element) => Some(accuracy(&element, budget)?),
            None => None,
        };
        let ordering = match reader.optional(Tag::BOOLEAN, budget)? {
            Some(value) if value.content.iter().any(|byte| *byte != 0) => Ordering::ByTime,
            _ => Ordering::ByTimeAndAccuracy,
        };
        let nonce = reader.optional(Tag::INTEGER, budget)?.map(|nonce| nonce.content.to_vec());
        let tsa = match reader.optional(Tag::context(0), budget)? {
            Some(wrapper) => wrapper.open(CLAUSE)?.next(budget)?.map(|name| name.encoded.bytes.to_vec()),
            None => None,
        };
        let extensions = match reader.optional(Tag::context(1), budget)? {
            Some(list) => extensions(&list, budget)?,
            None => Vec::new(),
        };
        if !reader.is_empty() {
            return Err(reader.malformed("TSTInfo goes on after its last field", CLAUSE));
        }
        let imprint = MessageImprint { algorithm, value };
        Ok(TstInfo {
            policy,
            imprint,
            serial,
            gen_time,
            gen_time_nanoseconds,
            accuracy_microseconds,
            ordering,
            nonce,
            tsa,
            extensions,
        })
    }
}

/// ```text
/// Extension ::= SEQUENCE { extnID OBJECT IDENTIFIER, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }
/// ```
pub(crate) fn extensions(list: &Element<'_>, budget: &mut Budget) -> Result<Vec<TstExtension>, Malformed> {
    const CLAUSE: &str = "RFC 5280, 4.1";
    let mut list = list.open(CLAUSE)?;
    let mut extensions = Vec::new();
    while let Some(element) = list.next_kept(budget)? {
        let mut fields = element.open(CLAUSE)?;
        let oid = fields.oid("extension", budget)?;
        let criticality = match fields.optional(Tag::BOOLEAN, budget)? {
            Some(value) if value.content.iter().any(|byte| *byte != 0) => Criticality::Critical,
            _ => Criticality::NonCritical,
        };
        let value = fields.expect(Tag::OCTET_STRING, "extension value", CLAUSE, budget)?;
        extensions.push(TstExtension { oid, criticality, value: value.octets(budget)?.into_owned() });
    }
    Ok(extensions)
}

/// `Accuracy ::= SEQUENCE { seconds INTEGER OPTIONAL, millis [0] INTEGER (1..999) OPTIONAL, micros [1] .. }`, in
/// microseconds.
fn accuracy(element: &Element<'_>, budget: &mut Budget) -> Result<u64, Malformed> {
    let mut reader = element.open(CLAUSE)?;
    let mut total = 0_u64;
    for (tag, unit) in [(Tag::INTEGER, 1_000_000), (Tag::context(0), 1_000), (Tag::context(1), 1)] {
        if let Some(part) = reader.optional(tag, budget)? {
            let part = u64::try_from(part.small_integer()?)
                .map_err(|_| element.malformed("accuracy is negative", CLAUSE))?;
            total = total.saturating_add(part.saturating_mul(unit));
        }
    }
    Ok(total)
}

/// ```text
/// TimeStampResp ::= SEQUENCE { status PKIStatusInfo, timeStampToken TimeStampToken OPTIONAL }   -- RFC 3161, 2.4.2
/// ```
#[derive(Clone, Debug)]
pub struct TimestampResponse<'a> {
    /// 0 granted, 1 granted with modifications, other numbers: not granted.
    pub status: i64,
    /// What the authority says about it.
    pub status_text: Vec<String>,
    /// Content octets of the BIT STRING `failInfo`.
    pub failure: Option<&'a [u8]>,
    /// The token as received; see [`TimestampToken::parse`].
    pub token: Option<Encoded<'a>>,
}

impl<'a> TimestampResponse<'a> {
    /// Reads the answer of a time-stamping authority.
    pub fn parse(bytes: &'a [u8], budget: &mut Budget) -> Result<TimestampResponse<'a>, Malformed> {
        let mut outer = Reader::new(bytes, 0);
        let mut reader = outer.expect(Tag::SEQUENCE, "time-stamp response", CLAUSE, budget)?.open(CLAUSE)?;
        let mut status_info = reader.expect(Tag::SEQUENCE, "status", CLAUSE, budget)?.open(CLAUSE)?;
        let status = status_info.small_integer("status", budget)?;
        let mut status_text = Vec::new();
        if let Some(list) = status_info.optional(Tag::SEQUENCE, budget)? {
            let mut list = list.open(CLAUSE)?;
            while let Some(text) = list.next_kept(budget)? {
                status_text.push(text.text(budget)?);
            }
        }
        let failure = status_info.optional(Tag::BIT_STRING, budget)?.map(|bits| bits.content);
        let token = reader.next(budget)?.map(|token| token.encoded);
        if !reader.is_empty() || !outer.is_empty() {
            return Err(outer.malformed("something follows the time-stamp response", CLAUSE));
        }
        Ok(TimestampResponse { status, status_text, failure, token })
    }
}
