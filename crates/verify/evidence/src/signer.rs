//! Facts of one CMS signer: content digest, signature value, certificate, binding (RFC 5652, 5.4 to 5.6; RFC 5035).

use crate::collect::Context;
use crate::envelope::check_envelope;
use crate::facts::{AttributeFacts, Binding, Check, FormatFault, SignedFacts, Signer, Trust};
use crate::pool::Pool;
use crate::trust;
use cms::{
    MessageDigest, SignedData, SignerIdentifier, SignerInfo, SigningCertificate, TimestampKind, TstInfo, oid,
};
use crypto::{Digest, Message, SignatureError};
use pkix::{Certificate, Name};
use types::{Budget, Finding, Resource, Severity, Time};

/// What the signature is over.
pub(crate) struct Content<'a> {
    /// `SubFilter`: how the CMS relates to the covered bytes.
    pub(crate) sub_filter: &'a [u8],
    /// Digest of the covered bytes; `None` if they could not be hashed.
    pub(crate) digest: Option<&'a Digest>,
}

/// Facts of the signer, and what else the CMS says.
pub(crate) struct Outcome {
    pub(crate) signed: SignedFacts,
    /// The signing-time attribute.
    pub(crate) signing_time: Option<Time>,
    /// Whether revocation data stand in the CMS.
    pub(crate) revocation_data: bool,
}

/// Computes everything about the only signer of `signed_data`.
pub(crate) fn facts(
    signed_data: &SignedData<'_>,
    content: &Content<'_>,
    pool: &Pool,
    context: &Context<'_>,
    findings: &mut Vec<Finding>,
    budget: &mut Budget,
) -> Result<Outcome, FormatFault> {
    let info = signed_data.signers.first().ok_or_else(|| broken("there is no signer"))?;
    check_envelope(signed_data, info, content.sub_filter)?;
    let digest_algorithm =
        info.digest_algorithm.clone().map_err(|unknown| recognised(format!("digest {unknown}")))?;
    let certificates = pool.with(read_certificates(signed_data, findings, budget)?);
    let signer = find_signer(info, &certificates, context).cloned();
    let (content_check, content_digest) = check_content(signed_data, info, content, context, budget)?;
    let value = check_value(info, signer.as_ref(), content_digest.as_ref(), context, findings, budget);
    let trust = match &signer {
        Some(signer) => trust::seek(signer, &certificates, context, budget),
        None => Trust::NotSought,
    };
    let attributes = info.signed_attributes.as_ref();
    let signed = SignedFacts {
        // With adbe.pkcs7.sha1 another algorithm hashes the covered bytes than the CMS says.
        digest_algorithm: content.digest.map_or(digest_algorithm, |covered| covered.algorithm),
        content: content_check,
        signature_algorithm: info.signature_algorithm.clone().map_err(|unknown| unknown.to_string()),
        value,
        binding: signer.as_ref().map_or(Binding::Named, |signer| binding(info, signer, context)),
        signer: signer.map(|certificate| Signer {
            key: certificate.public_key().map(|key| key.algorithm).map_err(ToString::to_string),
            certificate,
        }),
        trust,
        attributes: AttributeFacts {
            signing_certificate: attributes.is_some_and(|attributes| {
                attributes.signing_certificate.is_some() || attributes.signing_certificate_v2.is_some()
            }),
            signing_time: attributes.is_some_and(|attributes| attributes.signing_time.is_some()),
            signature_timestamp: info
                .unsigned_attributes
                .timestamps
                .iter()
                .any(|timestamp| timestamp.kind == TimestampKind::Signature),
        },
    };
    Ok(Outcome {
        signed,
        signing_time: attributes.and_then(|attributes| attributes.signing_time),
        revocation_data: !signed_data.revocation_infos.is_empty()
            || attributes.is_some_and(|attributes| attributes.revocation_info_archival.is_some())
            || info.unsigned_attributes.revocation_info_archival.is_some(),
    })
}

fn broken(reason: impl Into<String>) -> FormatFault {
    FormatFault { reason: reason.into(), recognised: false }
}

fn recognised(reason: String) -> FormatFault {
    FormatFault { reason, recognised: true }
}

fn read_certificates(
    signed_data: &SignedData<'_>,
    findings: &mut Vec<Finding>,
    budget: &mut Budget,
) -> Result<Vec<Certificate>, FormatFault> {
    let mut certificates = Vec::new();
    for encoded in signed_data.certificates() {
        budget
            .spend(Resource::Certificates, 1)
            .map_err(|exhausted| recognised(format!("too many certificates: {exhausted}")))?;
        match Certificate::from_der(encoded.bytes) {
            Ok(certificate) => certificates.push(certificate),
            Err(error) => findings.push(
                Finding::new(
                    "cms.certificate.unreadable",
                    Severity::Warning,
                    format!("a certificate in the signature cannot be read: {error}"),
                )
                .at(encoded.span),
            ),
        }
    }
    Ok(certificates)
}

/// The certificate that the signer identifier names. Of several the one that the signing-certificate attribute
/// confirms is taken (EN 319 102-1, 5.2.3.4).
fn find_signer<'c>(
    info: &SignerInfo<'_>,
    certificates: &'c [Certificate],
    context: &Context<'_>,
) -> Option<&'c Certificate> {
    let named: Vec<&Certificate> =
        certificates.iter().filter(|certificate| is_named(&info.signer, certificate)).collect();
    let confirmed = named.iter().find(|certificate| binding(info, certificate, context) == Binding::Bound);
    confirmed.or(named.first()).copied()
}

fn is_named(identifier: &SignerIdentifier<'_>, certificate: &Certificate) -> bool {
    match identifier {
        SignerIdentifier::IssuerAndSerialNumber { issuer, serial } => {
            certificate.serial() == *serial
                && (certificate.issuer().der() == issuer.bytes
                    || Name::from_der(issuer.bytes).is_ok_and(|name| name == *certificate.issuer()))
        }
        SignerIdentifier::SubjectKeyIdentifier(identifier) => {
            certificate.extensions().subject_key_identifier.as_deref() == Some(&**identifier)
        }
    }
}

/// Whether the signing-certificate attributes name `certificate`: all that are present must (RFC 5035, 5.4).
fn binding(info: &SignerInfo<'_>, certificate: &Certificate, context: &Context<'_>) -> Binding {
    let Some(attributes) = &info.signed_attributes else { return Binding::Named };
    let present: Vec<&SigningCertificate<'_>> =
        [&attributes.signing_certificate, &attributes.signing_certificate_v2].into_iter().flatten().collect();
    if present.is_empty() {
        // One that is there and cannot be used, e.g. because it stands twice, names nothing for certain.
        let unusable = attributes.attributes.iter().any(|attribute| {
            attribute.oid == oid::SIGNING_CERTIFICATE || attribute.oid == oid::SIGNING_CERTIFICATE_V2
        });
        return if unusable { Binding::Contradicted } else { Binding::Named };
    }
    let names_it = |attribute: &SigningCertificate<'_>| {
        attribute.certificates.first().is_some_and(|first| match &first.hash.algorithm {
            Ok(algorithm) => certificate.digest(*algorithm, context.provider).value == *first.hash.value,
            Err(_) => false,
        })
    };
    if present.into_iter().all(names_it) { Binding::Bound } else { Binding::Contradicted }
}

/// Compares the covered bytes with what the CMS says of them; also gives the digest that a signature value without
/// signed attributes is over.
fn check_content(
    signed_data: &SignedData<'_>,
    info: &SignerInfo<'_>,
    content: &Content<'_>,
    context: &Context<'_>,
    budget: &mut Budget,
) -> Result<(Check, Option<Digest>), FormatFault> {
    let Some(covered) = content.digest else {
        return Ok((Check::NotComputed("the covered bytes could not be hashed".into()), None));
    };
    let carried = match content.sub_filter {
        b"adbe.pkcs7.sha1" | b"ETSI.RFC3161" => Some(
            signed_data.content.content.as_deref().ok_or_else(|| broken("the signed content is absent"))?,
        ),
        _ => None,
    };
    let Some(carried) = carried else {
        return Ok((message_digest(info, covered)?, Some(covered.clone())));
    };
    let speaks_of_covered = match content.sub_filter {
        b"ETSI.RFC3161" => {
            let info = TstInfo::parse(carried, budget).map_err(|error| broken(error.to_string()))?;
            info.imprint.algorithm == Ok(covered.algorithm) && info.imprint.value == covered.value
        }
        // ISO 32000-2, 12.8.3.3.1: the content is the SHA-1 digest of the covered bytes.
        _ => carried == covered.value,
    };
    let algorithm =
        info.digest_algorithm.clone().map_err(|unknown| recognised(format!("digest {unknown}")))?;
    let digest = context.provider.digest(algorithm, carried);
    let check = if speaks_of_covered { message_digest(info, &digest)? } else { Check::Differs };
    Ok((check, Some(digest)))
}

fn message_digest(info: &SignerInfo<'_>, digest: &Digest) -> Result<Check, FormatFault> {
    match info.check_message_digest(digest) {
        // Without signed attributes the value itself is over the content.
        MessageDigest::Matches | MessageDigest::NoSignedAttributes => Ok(Check::Matches),
        MessageDigest::Differs => Ok(Check::Differs),
        MessageDigest::Missing => Err(broken(
            "the signed attributes hold no message-digest, so they bind no content (RFC 5652, 11.2)",
        )),
    }
}

/// Checks the signature value with the signer's key.
fn check_value(
    info: &SignerInfo<'_>,
    signer: Option<&Certificate>,
    content: Option<&Digest>,
    context: &Context<'_>,
    findings: &mut Vec<Finding>,
    budget: &mut Budget,
) -> Check {
    let Some(signer) = signer else {
        return Check::NotComputed("the signer's certificate is not at hand".into());
    };
    let (key, algorithm) = match (signer.public_key(), &info.signature_algorithm) {
        (Ok(key), Ok(algorithm)) => (key, algorithm),
        (Err(unknown), _) | (_, Err(unknown)) => return Check::NotComputed(unknown.to_string()),
    };
    // Without signed attributes the value is over the content itself.
    let content = match (content, &info.signed_attributes) {
        (Some(digest), _) => Message::Digest(digest),
        (None, Some(_)) => Message::Whole(&[]),
        (None, None) => return Check::NotComputed("the covered bytes could not be hashed".into()),
    };
    if let Err(exhausted) = budget.spend(Resource::SignatureChecks, 1) {
        return Check::NotComputed(exhausted.to_string());
    }
    match info.check_signature(key, content, context.provider) {
        Ok(confirmation) => {
            findings.extend(confirmation.findings());
            if confirmation.algorithm() == algorithm {
                return Check::Matches;
            }
            Check::NotComputed(format!(
                "{algorithm} is named, but the value fits {}",
                confirmation.algorithm()
            ))
        }
        Err(SignatureError::Unsupported) => {
            Check::NotComputed(format!("{algorithm} with this key is not supported"))
        }
        Err(SignatureError::Mismatch | SignatureError::BadKey) => Check::Differs,
    }
}
