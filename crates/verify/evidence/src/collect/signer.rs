//! Facts of one CMS signer: content digest, signature value, certificate, binding (RFC 5652, 5.4 to 5.6; RFC 5035).

use super::gather::Gatherer;
use super::{Context, effort};
use crate::facts::{
    AttributeFacts, Binding, Check, FormatFault, ObjectRef, RecordFacts, SignatureId, SignedFacts, Signer,
};
use cms::{MessageDigest, SignerIdentifier, SignerInfo, SigningCertificate, oid};
use crypto::{Digest, DigestAlgorithm, Message, SignatureError};
use pkix::{Certificate, Name};
use types::{Budget, Exhausted, Finding, Resource, Severity};

/// Computes everything about a signer. `content` is the digest of the content octets by the signer's digest algorithm,
/// `None` if they could not be hashed; `own` are the certificates that come with the signature.
pub(super) fn facts(
    info: &SignerInfo<'_>,
    content: Option<&Digest>,
    own: &[Certificate],
    gatherer: &Gatherer<'_>,
    context: &Context<'_>,
    findings: &mut Vec<Finding>,
    budget: &mut Budget,
) -> Result<SignedFacts, FormatFault> {
    let digest_algorithm =
        info.digest_algorithm.clone().map_err(|unknown| recognised(format!("digest {unknown}")))?;
    let signer = match find_signer(info, own, gatherer, context, budget) {
        Ok(signer) => signer.cloned(),
        Err(limit) => {
            let message = format!("the signer's certificate was not sought to the end: {limit}");
            findings.push(Finding::new("evidence.budget", Severity::Warning, message));
            None
        }
    };
    let content_check = match content {
        Some(digest) => message_digest(info, digest)?,
        None => Check::NotComputed("the covered bytes could not be hashed".into()),
    };
    let value = check_value(info, signer.as_ref(), content, context, findings, budget);
    Ok(SignedFacts {
        digest_algorithm,
        content: content_check,
        signature_algorithm: info.signature_algorithm.clone().map_err(|unknown| unknown.to_string()),
        value,
        binding: signer.as_ref().map_or(Binding::Named, |signer| binding(info, signer, context)),
        signer: signer.map(Signer::of),
        attributes: attributes(info),
        record: record(info, findings),
    })
}

fn record(info: &SignerInfo<'_>, findings: &mut Vec<Finding>) -> Option<RecordFacts> {
    let octets = info.signed_attributes.as_ref()?.signing_record.as_ref()?;
    let record = RecordFacts::of(octets);
    match &record {
        Some(record) => findings.extend(record.findings()),
        None => {
            let error = records::RecordError::TooLarge;
            findings.push(Finding::new(error.code(), Severity::Warning, error.to_string()));
        }
    }
    record
}

fn attributes(info: &SignerInfo<'_>) -> AttributeFacts {
    let signed = info.signed_attributes.as_ref();
    AttributeFacts {
        signing_certificate: signed.is_some_and(|attributes| {
            attributes.signing_certificate.is_some() || attributes.signing_certificate_v2.is_some()
        }),
        signing_time: signed.is_some_and(|attributes| attributes.signing_time.is_some()),
        content_type: signed.is_some_and(|attributes| attributes.content_type.is_some()),
    }
}

pub(super) fn broken(reason: impl Into<String>) -> FormatFault {
    FormatFault { reason: reason.into(), recognised: false }
}

pub(super) fn recognised(reason: String) -> FormatFault {
    FormatFault { reason, recognised: true }
}

/// The certificate that the signer identifier names, first among those that come with the signature, then among all. Of
/// several the one that the signing-certificate attribute confirms is taken (EN 319 102-1, 5.2.3.4).
fn find_signer<'c>(
    info: &SignerInfo<'_>,
    own: &'c [Certificate],
    gatherer: &'c Gatherer<'_>,
    context: &Context<'_>,
    budget: &mut Budget,
) -> Result<Option<&'c Certificate>, Exhausted> {
    let near = pick(info, own.iter(), context, budget)?;
    if near.is_some() { Ok(near) } else { pick(info, gatherer.certificates(), context, budget) }
}

fn pick<'c>(
    info: &SignerInfo<'_>,
    certificates: impl Iterator<Item = &'c Certificate>,
    context: &Context<'_>,
    budget: &mut Budget,
) -> Result<Option<&'c Certificate>, Exhausted> {
    let mut first = None;
    for certificate in certificates {
        budget.spend(Resource::Steps, 1)?;
        if !is_named(&info.signer, certificate) {
            continue;
        }
        effort::hashing(certificate.der().len(), budget)?;
        if binding(info, certificate, context) != Binding::Contradicted {
            return Ok(Some(certificate));
        }
        first = first.or(Some(certificate));
    }
    Ok(first)
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
    let by = |attribute: &SigningCertificate<'_>| {
        let first = &attribute.certificates.first()?.hash;
        let algorithm = *first.algorithm.as_ref().ok()?;
        (certificate.digest(algorithm, context.provider).value == *first.value).then_some(algorithm)
    };
    let by: Option<Vec<DigestAlgorithm>> = present.into_iter().map(by).collect();
    by.map_or(Binding::Contradicted, |algorithms| bound_by(algorithms.into_iter().max()))
}

/// What a digest of the certificate by the strongest of the algorithms says; another certificate of the same MD5 can be
/// made with the first one (RFC 6151, 2.1).
pub(super) fn bound_by(strongest: Option<DigestAlgorithm>) -> Binding {
    match strongest {
        None | Some(DigestAlgorithm::Md5) => Binding::Named,
        Some(_) => Binding::Bound,
    }
}

/// Compares the digest of the content with what the signer says (RFC 5652, 5.6).
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
        // Streamed content is known by its digest alone.
        Err(SignatureError::Unsupported)
            if algorithm.digest().is_none() && info.signed_attributes.is_none() =>
        {
            Check::NotComputed(format!(
                "{algorithm} over the content itself is not supported (RFC 8419, 3.1)"
            ))
        }
        Err(SignatureError::Unsupported) => {
            Check::NotComputed(format!("{algorithm} with this key is not supported"))
        }
        Err(SignatureError::Mismatch | SignatureError::BadKey) => Check::Differs,
    }
}

/// A timestamp over a signature value proves the signature, and the certificate whose digest the signature holds.
pub(super) fn covered_by_value(
    id: SignatureId,
    facts: Option<&SignedFacts>,
    gatherer: &Gatherer<'_>,
) -> Vec<ObjectRef> {
    let mut objects = vec![ObjectRef::Signature(id)];
    if let Some(SignedFacts { signer: Some(signer), binding: Binding::Bound, .. }) = facts {
        objects.extend(gatherer.id_of(&signer.certificate).map(ObjectRef::Certificate));
    }
    objects
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_that_is_named_by_md5_alone_is_not_bound() {
        assert_eq!(bound_by(Some(DigestAlgorithm::Md5)), Binding::Named);
        assert_eq!(bound_by(None), Binding::Named);
        assert_eq!(bound_by(Some(DigestAlgorithm::Sha1)), Binding::Bound);
        assert_eq!(
            bound_by([DigestAlgorithm::Md5, DigestAlgorithm::Sha256].into_iter().max()),
            Binding::Bound
        );
    }
}
