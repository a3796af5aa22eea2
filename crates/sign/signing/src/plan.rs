//! Everything about a signature that is decided before a key is touched.

use crate::Refusal;
use crate::request::SigningRequest;
use crate::to_be_signed::{ToBeSigned, content_digest, signed_data_builder};
use cms::{
    AttributesToBeSigned, Profile, SignedAttributesBuilder, SignerCertificate, content_digest_algorithm,
};
use crypto::{Digest, DigestAlgorithm, KeyAlgorithm, Provider, PublicKey, SignatureAlgorithm};
use pdf::Document;
use pdf::signature::PreparedSignature;
use types::{Budget, Finding, Source, SourceError};

/// A signature of which content digest and value are still missing.
#[derive(Clone, Debug)]
pub struct Plan {
    request: SigningRequest,
    signer: SignerCertificate,
    prepared: PreparedSignature,
}

/// Decides everything about a signature, or says why the document cannot be signed so.
pub fn plan(
    document: &Document<'_>,
    request: &SigningRequest,
    provider: &dyn Provider,
    budget: &mut Budget,
) -> Result<Plan, Refusal> {
    let first = request.certificates.first().ok_or_else(|| {
        refusal(
            "sign.no-certificate",
            "there is no signer's certificate",
            "choose an identity with a certificate",
        )
    })?;
    let key = first.public_key().map_err(|unknown| {
        let reason = format!("the key of the certificate cannot be used: {unknown}");
        refusal("sign.unsupported-key", reason, "use an identity with an RSA, ECDSA or Ed25519 key")
    })?;
    check_key_fits(key, &request.algorithm)?;
    check_reason(request)?;
    let signer = SignerCertificate::read(first.der(), provider)?;
    let digest = content_digest_algorithm(&request.algorithm);
    // The length of the attributes does not depend on the digest value.
    let zeros = Digest { algorithm: digest, value: vec![0; digest.output_len()] };
    let attributes = attributes(request, &signer, &zeros)?;
    let builder =
        signed_data_builder(&signer, &request.algorithm, &request.certificates).map_err(build_refusal)?;
    let mut signature = request.signature.clone();
    signature.contents_len = builder.max_len(&attributes, key.algorithm, request.room_for_later);
    signature.digest_method = Some(digest.name().replace('-', ""));
    let prepared = pdf::signature::plan(document, &signature, request.entropy, budget)?;
    Ok(Plan { request: request.clone(), signer, prepared })
}

pub(crate) fn refusal(code: &'static str, reason: impl Into<String>, hint: impl Into<String>) -> Refusal {
    Refusal { code, reason: reason.into(), at: None, hint: hint.into() }
}

pub(crate) fn check_key_fits(key: &PublicKey, algorithm: &SignatureAlgorithm) -> Result<(), Refusal> {
    if key.is_for_pss_only() && matches!(algorithm, SignatureAlgorithm::RsaPkcs1(_)) {
        let reason = "the key of the certificate is for RSA-PSS only (RFC 4055, 1.2)";
        return Err(refusal("sign.algorithm-key-mismatch", reason, "choose RSA-PSS"));
    }
    let fits = matches!(
        (key.algorithm, algorithm),
        (KeyAlgorithm::Rsa(_), SignatureAlgorithm::RsaPkcs1(_) | SignatureAlgorithm::RsaPss { .. })
            | (KeyAlgorithm::Ec(_), SignatureAlgorithm::Ecdsa(_))
            | (KeyAlgorithm::Ed25519, SignatureAlgorithm::Ed25519)
    );
    if fits {
        return Ok(());
    }
    let reason = format!("{algorithm} does not go with the {} key of the certificate", key.algorithm);
    Err(refusal("sign.algorithm-key-mismatch", reason, "choose an algorithm that fits the key"))
}

/// ETSI EN 319 142-1, 6.3, requirement (l): no reason in the PDF beside a commitment type or a policy.
fn check_reason(request: &SigningRequest) -> Result<(), Refusal> {
    let typed = !request.commitments.is_empty() || request.policy.is_some();
    if typed && request.signature.reason.is_some() {
        let reason = "a reason in words and a commitment type or signature policy exclude each other";
        return Err(refusal(
            "sign.reason-and-commitment",
            reason,
            "give one of them (ETSI EN 319 142-1, 6.3)",
        ));
    }
    Ok(())
}

fn attributes(
    request: &SigningRequest,
    signer: &SignerCertificate,
    content: &Digest,
) -> Result<AttributesToBeSigned, Refusal> {
    let build = || -> Result<AttributesToBeSigned, cms::BuildError> {
        let mut builder = SignedAttributesBuilder::new(Profile::Pades, content, &request.algorithm, signer)?;
        if !request.commitments.is_empty() {
            builder = builder.commitments(&request.commitments)?;
        }
        if !request.roles.is_empty() {
            let roles: Vec<&str> = request.roles.iter().map(String::as_str).collect();
            builder = builder.claimed_roles(&roles)?;
        }
        if let Some(policy) = &request.policy {
            builder = builder.signature_policy(policy)?;
        }
        if let Some(record) = &request.record {
            builder = builder.signing_record(record)?;
        }
        Ok(builder.build())
    };
    build().map_err(build_refusal)
}

pub(crate) fn build_refusal(error: cms::BuildError) -> Refusal {
    refusal("sign.attributes", error.to_string(), "leave out the attribute concerned")
}

impl Plan {
    /// Fully qualified name of the field that takes the signature.
    pub fn field(&self) -> &str {
        &self.prepared.field_name
    }

    /// Index of the page with the field, counted from 0, if known.
    pub fn page(&self) -> Option<usize> {
        self.prepared.page
    }

    /// What is worth knowing before signing.
    pub fn findings(&self) -> &[Finding] {
        &self.prepared.findings
    }

    /// The digest algorithm of the content.
    pub fn digest_algorithm(&self) -> DigestAlgorithm {
        content_digest_algorithm(&self.request.algorithm)
    }

    /// Hashes everything the signature covers: the original, read from `source`, and the tail around `Contents`.
    pub fn content_digest(
        &self,
        source: &dyn Source,
        provider: &dyn Provider,
    ) -> Result<Digest, SourceError> {
        content_digest(&self.prepared, self.digest_algorithm(), source, provider)
    }

    /// The octets for the key, with the content digest that [`Plan::content_digest`] gave.
    pub fn to_be_signed(self, content: Digest) -> Result<ToBeSigned, Refusal> {
        let attributes = attributes(&self.request, &self.signer, &content)?;
        Ok(ToBeSigned {
            prepared: self.prepared,
            certificates: self.request.certificates,
            algorithm: self.request.algorithm,
            content,
            attributes,
            signer: self.signer,
        })
    }
}
