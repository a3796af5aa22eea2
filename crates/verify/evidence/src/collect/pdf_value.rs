//! The value of a signature dictionary in each format that PDF knows (ISO 32000-2, 12.8.3 and 12.8.5).

use super::Context;
use super::envelope::{check_content, check_in_pdf};
use super::gather::Gatherer;
use super::hashing::feed;
use super::pdf::{is_regular, sub_filter};
use super::signature_policy;
use super::signer::{self, broken, recognised};
use crate::coverage::Covered;
use crate::facts::{AttributeFacts, Binding, Check, FormatFault, SignaturePolicy, SignedFacts, Signer};
use cms::{MOST_OF_ATTRIBUTES, SignedData};
use crypto::{Digest, DigestAlgorithm, Message, SignatureAlgorithm, SignatureError};
use pdf::signatures::SignatureDictionary;
use pkix::Certificate;
use std::collections::BTreeMap;
use types::{Budget, Cause, Finding, Malformed, Resource, Source, SourceError, Span, Time};

/// Digests that `adbe.x509.rsa_sha1` is met with: SHA-1 by its name, others by ISO 32000-1, Table 257.
const BARE_DIGESTS: [DigestAlgorithm; 4] =
    [DigestAlgorithm::Sha1, DigestAlgorithm::Sha256, DigestAlgorithm::Sha384, DigestAlgorithm::Sha512];

/// What stands in `Contents`.
pub(super) enum Value<'d> {
    /// A CMS with one signer; `sub_filter` says how it relates to the covered bytes.
    Cms(Box<CmsValue<'d>>),
    /// A timestamp token over the covered bytes.
    Token,
    /// A PKCS #1 signature value, with the certificates of the dictionary.
    Bare {
        /// The value.
        signature: &'d [u8],
        /// `Cert` as written, the signer's first.
        certificates: &'d [Vec<u8>],
    },
}

/// A CMS and its relation to the covered bytes.
pub(super) struct CmsValue<'d> {
    pub(super) signed_data: SignedData<'d>,
    sub_filter: &'d [u8],
}

impl<'d> std::ops::Deref for CmsValue<'d> {
    type Target = SignedData<'d>;

    fn deref(&self) -> &SignedData<'d> {
        &self.signed_data
    }
}

impl<'d> Value<'d> {
    /// Reads the value of a signature dictionary.
    pub(super) fn parse(
        value: &'d SignatureDictionary,
        budget: &mut Budget,
    ) -> Result<Result<Value<'d>, FormatFault>, Malformed> {
        let fault = |reason: &str| Ok(Err(broken(reason)));
        let format = sub_filter(value);
        match format {
            b"ETSI.CAdES.detached"
            | b"adbe.pkcs7.detached"
            | b"adbe.pkcs7.sha1"
            | b"ETSI.RFC3161"
            | b"adbe.x509.rsa_sha1"
            | b"PBAD.PAdES"
            | b"PBAD.DocTimeStamp" => {}
            b"" => return fault("the signature dictionary does not name its format (SubFilter)"),
            other => {
                let name = String::from_utf8_lossy(other);
                return Ok(Err(recognised(format!("the signature format {name:?} is not supported"))));
            }
        }
        let Some(token) = value.contents_span else {
            return fault("the signature value (Contents) has no place of its own in the file");
        };
        // ISO 32000-2, 12.8.1: a hexadecimal string; anything but two digits a byte is room for something else.
        if !is_regular(value, token) {
            return fault("the place of the signature value holds more than its digits");
        }
        match format {
            // ICP-Brasil (DOC-ICP-15.03) gives the formats of PAdES names of its own.
            b"ETSI.RFC3161" | b"PBAD.DocTimeStamp" => Ok(Ok(Value::Token)),
            b"adbe.x509.rsa_sha1" => Ok(bare(value)),
            _ => cms(value, budget),
        }
    }

    /// Whether the covered bytes can be what was signed.
    pub(super) fn check_covered(
        &self,
        source: &dyn Source,
        covered: Option<Covered>,
    ) -> Result<Result<(), FormatFault>, SourceError> {
        let (Value::Cms(cms), Some(covered)) = (self, covered) else { return Ok(Ok(())) };
        let bare = cms.signers.first().filter(|info| info.signed_attributes.is_none());
        let Some(info) = bare.filter(|_| cms.sub_filter != b"adbe.pkcs7.sha1") else { return Ok(Ok(())) };
        let most = covered.before.len().min(MOST_OF_ATTRIBUTES as u64);
        let mut start = Vec::new();
        feed(source, Span::new(0, most), &mut |piece| start.extend_from_slice(piece))?;
        let length = covered.before.len().saturating_add(covered.after.len());
        Ok(check_content(info, (&start, length)))
    }

    /// By which algorithms the covered bytes are to be hashed.
    pub(super) fn digests(&self) -> impl Iterator<Item = DigestAlgorithm> {
        match self {
            Value::Token => Vec::new(),
            Value::Bare { .. } => BARE_DIGESTS.to_vec(),
            Value::Cms(cms) if cms.sub_filter == b"adbe.pkcs7.sha1" => vec![DigestAlgorithm::Sha1],
            Value::Cms(cms) => {
                cms.signers.iter().filter_map(|info| info.digest_algorithm.clone().ok()).collect()
            }
        }
        .into_iter()
    }

    /// The signing-time attribute.
    pub(super) fn signing_time(&self) -> Option<Time> {
        match self {
            Value::Cms(cms) => cms.signers.first()?.signed_attributes.as_ref()?.signing_time,
            _ => None,
        }
    }

    /// The policy that the signature names.
    pub(super) fn signature_policy(&self, context: &Context<'_>) -> Option<SignaturePolicy> {
        match self {
            Value::Cms(cms) => signature_policy::of_cms(cms.signers.first()?, context),
            _ => None,
        }
    }

    /// The octets that a signature timestamp covers.
    pub(super) fn signature_value(&self) -> Option<&[u8]> {
        match self {
            Value::Cms(cms) => Some(&cms.signers.first()?.signature),
            Value::Bare { signature, .. } => Some(signature),
            Value::Token => None,
        }
    }

    /// Computes the signature over the covered bytes, of which `covered` are the digests.
    pub(super) fn facts(
        &self,
        covered: &BTreeMap<DigestAlgorithm, Digest>,
        own: &[Certificate],
        gatherer: &Gatherer<'_>,
        context: &Context<'_>,
        findings: &mut Vec<Finding>,
        budget: &mut Budget,
    ) -> Result<SignedFacts, FormatFault> {
        match self {
            Value::Token => Err(broken("the token could not be read")),
            Value::Bare { signature, .. } => Ok(bare_facts(signature, covered, own, context, budget)),
            Value::Cms(cms) => cms.facts(covered, own, gatherer, context, findings, budget),
        }
    }
}

fn cms<'d>(
    value: &'d SignatureDictionary,
    budget: &mut Budget,
) -> Result<Result<Value<'d>, FormatFault>, Malformed> {
    match SignedData::parse(&value.contents, budget) {
        Ok(signed_data) if signed_data.signers.len() == 1 => {
            Ok(Ok(Value::Cms(Box::new(CmsValue { signed_data, sub_filter: sub_filter(value) }))))
        }
        // ETSI EN 319 142-1, 5.3 (b): a single SignerInfo.
        Ok(signed_data) => Ok(Err(broken(format!(
            "there are {} signers in one signature, expected 1",
            signed_data.signers.len()
        )))),
        Err(error) if matches!(error.cause, Cause::Budget(_)) => Err(error),
        Err(error) => Ok(Err(broken(format!("the signature cannot be read: {error}")))),
    }
}

/// ISO 32000-2, 12.8.3.2: `Contents` is a DER OCTET STRING with the PKCS #1 value.
fn bare(value: &SignatureDictionary) -> Result<Value<'_>, FormatFault> {
    match octet_string(&value.contents) {
        Some(signature) => Ok(Value::Bare { signature, certificates: &value.certificates }),
        None => Err(broken("the signature value is not an OCTET STRING followed by zeros only")),
    }
}

/// The octets of a DER OCTET STRING that only zeros follow.
fn octet_string(bytes: &[u8]) -> Option<&[u8]> {
    let (header, length) = match bytes {
        [4, short, ..] if *short < 0x80 => (2, usize::from(*short)),
        [4, 0x81, length, ..] if *length >= 0x80 => (3, usize::from(*length)),
        [4, 0x82, high, low, ..] if *high > 0 => (4, usize::from(*high) << 8 | usize::from(*low)),
        _ => return None,
    };
    let octets = bytes.get(header..header + length)?;
    bytes.get(header + length..)?.iter().all(|byte| *byte == 0).then_some(octets)
}

fn bare_facts(
    signature: &[u8],
    covered: &BTreeMap<DigestAlgorithm, Digest>,
    own: &[Certificate],
    context: &Context<'_>,
    budget: &mut Budget,
) -> SignedFacts {
    let signer = own.first();
    let (mut algorithm, mut value) = match (signer, covered.is_empty()) {
        (None, _) => (None, Check::NotComputed("the signer's certificate is not at hand".into())),
        (_, true) => (None, Check::NotComputed("the covered bytes could not be hashed".into())),
        (Some(_), false) => (None, Check::Differs),
    };
    if let (Some(signer), Check::Differs) = (signer, &value) {
        match signer.public_key() {
            Err(unknown) => value = Check::NotComputed(unknown.to_string()),
            Ok(key) => {
                for (digest_algorithm, digest) in covered {
                    if let Err(exhausted) = budget.spend(Resource::SignatureChecks, 1) {
                        value = Check::NotComputed(exhausted.to_string());
                        break;
                    }
                    let named = SignatureAlgorithm::RsaPkcs1(*digest_algorithm);
                    match context.provider.verify(key, &named, Message::Digest(digest), signature) {
                        Ok(()) => {
                            (algorithm, value) = (Some(*digest_algorithm), Check::Matches);
                            break;
                        }
                        Err(SignatureError::Unsupported) => {
                            value = Check::NotComputed(format!("{named} with this key is not supported"));
                        }
                        Err(SignatureError::Mismatch | SignatureError::BadKey) => {}
                    }
                }
            }
        }
    }
    let digest_algorithm = algorithm.unwrap_or(DigestAlgorithm::Sha1);
    SignedFacts {
        digest_algorithm,
        // The value is over the covered bytes themselves.
        content: if covered.is_empty() { value.clone() } else { Check::Matches },
        signature_algorithm: Ok(SignatureAlgorithm::RsaPkcs1(digest_algorithm)),
        value,
        signer: signer.cloned().map(Signer::of),
        binding: Binding::Named,
        attributes: AttributeFacts::default(),
        record: None,
    }
}

impl CmsValue<'_> {
    fn facts(
        &self,
        covered: &BTreeMap<DigestAlgorithm, Digest>,
        own: &[Certificate],
        gatherer: &Gatherer<'_>,
        context: &Context<'_>,
        findings: &mut Vec<Finding>,
        budget: &mut Budget,
    ) -> Result<SignedFacts, FormatFault> {
        let info = self.signers.first().ok_or_else(|| broken("there is no signer"))?;
        check_in_pdf(&self.signed_data, info, self.sub_filter)?;
        if self.sub_filter != b"adbe.pkcs7.sha1" {
            let digest = info.digest_algorithm.as_ref().ok().and_then(|algorithm| covered.get(algorithm));
            return signer::facts(info, digest, own, gatherer, context, findings, budget);
        }
        // ISO 32000-2, 12.8.3.3.1: the content is the SHA-1 digest of the covered bytes.
        let carried =
            self.content.content.as_deref().ok_or_else(|| broken("the signed content is absent"))?;
        let algorithm =
            info.digest_algorithm.clone().map_err(|unknown| recognised(format!("digest {unknown}")))?;
        let digest = context.provider.digest(algorithm, carried);
        let facts = signer::facts(info, Some(&digest), own, gatherer, context, findings, budget)?;
        let speaks_of_covered = covered.get(&DigestAlgorithm::Sha1).map(|digest| digest.value == carried);
        let content = match speaks_of_covered {
            Some(true) => facts.content,
            Some(false) => Check::Differs,
            None => Check::NotComputed("the covered bytes could not be hashed".into()),
        };
        Ok(SignedFacts { content, digest_algorithm: DigestAlgorithm::Sha1, ..facts })
    }
}
