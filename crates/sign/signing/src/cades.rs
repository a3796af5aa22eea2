//! CAdES: a signature over any file, beside it or around it (ETSI EN 319 122-1, 6.3).

use crate::Refusal;
use crate::plan::{build_refusal, check_key_fits, refusal};
use crate::to_be_signed::signed_data_builder;
use cms::{
    AttributesToBeSigned, BuildError, Commitment, PolicyIdentifier, Profile, SignedAttributesBuilder,
    SignerCertificate, content_digest_algorithm,
};
use crypto::{Digest, DigestAlgorithm, Provider, SignatureAlgorithm};
use pkix::Certificate;
use types::Time;

/// A signature over a file that is no PDF.
#[derive(Clone, Debug)]
pub struct CadesRequest {
    /// Certificates to put in, the signer's first.
    pub certificates: Vec<Certificate>,
    /// The algorithm that the key will be used with.
    pub algorithm: SignatureAlgorithm,
    /// What the signer's clock says, a claim (EN 319 122-1, 5.2.1).
    pub claimed_time: Time,
    /// The type of the file, if it is known (EN 319 122-1, 5.2.4.2).
    pub mime_type: Option<String>,
    /// What the signature commits to (EN 319 122-1, 5.2.3).
    pub commitments: Vec<Commitment>,
    /// Roles that the signer claims (EN 319 122-1, 5.2.6).
    pub roles: Vec<String>,
    /// The signature policy that the signer follows (EN 319 122-1, 5.2.9).
    pub policy: Option<PolicyIdentifier>,
    /// The signing record (spec/record.md), if one goes in: its octets.
    pub record: Option<Vec<u8>>,
}

/// A CAdES signature of which only the value is missing.
#[derive(Clone, Debug)]
pub struct CadesToBeSigned {
    signer: SignerCertificate,
    certificates: Vec<Certificate>,
    algorithm: SignatureAlgorithm,
    attributes: AttributesToBeSigned,
}

impl CadesRequest {
    /// The digest algorithm of the content.
    pub fn digest_algorithm(&self) -> DigestAlgorithm {
        content_digest_algorithm(&self.algorithm)
    }

    /// The octets for the key, over a content with this digest; or why the file cannot be signed so.
    pub fn to_be_signed(
        &self,
        content: &Digest,
        provider: &dyn Provider,
    ) -> Result<CadesToBeSigned, Refusal> {
        let own = self.certificates.first().ok_or_else(|| {
            let hint = "choose an identity with a certificate";
            refusal("sign.no-certificate", "there is no signer's certificate", hint)
        })?;
        let key = own.public_key().map_err(|unknown| {
            let reason = format!("the key of the certificate cannot be used: {unknown}");
            refusal("sign.unsupported-key", reason, "use an identity with an RSA, ECDSA or Ed25519 key")
        })?;
        check_key_fits(key, &self.algorithm)?;
        let signer = SignerCertificate::read(own.der(), provider)?;
        let attributes = self.attributes(&signer, content).map_err(build_refusal)?;
        Ok(CadesToBeSigned {
            signer,
            certificates: self.certificates.clone(),
            algorithm: self.algorithm.clone(),
            attributes,
        })
    }

    fn attributes(
        &self,
        signer: &SignerCertificate,
        content: &Digest,
    ) -> Result<AttributesToBeSigned, BuildError> {
        let mut builder = SignedAttributesBuilder::new(Profile::Cades, content, &self.algorithm, signer)?
            .signing_time(self.claimed_time)?
            .commitments(&self.commitments)?;
        if let Some(mime_type) = &self.mime_type {
            builder = builder.mime_type(mime_type)?;
        }
        let roles: Vec<&str> = self.roles.iter().map(String::as_str).collect();
        builder = builder.claimed_roles(&roles)?;
        if let Some(policy) = &self.policy {
            builder = builder.signature_policy(policy)?;
        }
        if let Some(record) = &self.record {
            builder = builder.signing_record(record)?;
        }
        Ok(builder.build())
    }
}

impl CadesToBeSigned {
    /// What the key signs: the signed attributes, DER (RFC 5652, 5.4).
    pub fn message(&self) -> &[u8] {
        self.attributes.to_be_signed()
    }

    /// The CMS around `value`, holding `content` itself if it is given.
    pub fn embed(&self, value: &[u8], content: Option<&[u8]>) -> Result<Vec<u8>, BuildError> {
        let mut builder = signed_data_builder(&self.signer, &self.algorithm, &self.certificates)?;
        if let Some(content) = content {
            builder = builder.encapsulate(content);
        }
        builder.assemble(&self.attributes, value)
    }
}
