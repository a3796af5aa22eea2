//! Checks a signature value against a key: over which bytes and by which algorithm it holds.

use crate::signed_attributes::Derivation;
use crate::signer_info::SignerInfo;
use crypto::{Message, Provider, PublicKey, SignatureAlgorithm, SignatureError};
use types::{Finding, Severity};

/// A signature value holds; only [`SignerInfo::check_signature`] says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmation {
    derivation: Option<Derivation>,
    algorithm: SignatureAlgorithm,
    named: SignatureAlgorithm,
}

impl Confirmation {
    /// How the bytes under the signature were derived; `None` without signed attributes.
    pub fn derivation(&self) -> Option<Derivation> {
        self.derivation
    }

    /// The algorithm by which the value holds; policy has to judge this one.
    pub fn algorithm(&self) -> &SignatureAlgorithm {
        &self.algorithm
    }

    /// What is noteworthy about it.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self.derivation.and_then(Derivation::finding).into_iter().collect();
        if self.algorithm != self.named {
            let message = format!(
                "the signature value was made by {}, although {} is named (RFC 5652, 5.3)",
                self.algorithm, self.named
            );
            findings.push(Finding::new("cms.signature-algorithm.misnamed", Severity::Warning, message));
        }
        findings
    }
}

impl SignerInfo<'_> {
    /// Checks the signature value. `content` is what it is over if there are no signed attributes. Tries each candidate
    /// of [`crate::SignedAttributes::to_be_verified`] with the algorithm named and then, where that names another digest
    /// than `digestAlgorithm` does, with the latter.
    /// Deviation: RFC 5652, 5.4 knows one byte string and one algorithm; signers exist that mix them up, and neither
    /// field is protected by the signature, so trying both gives nothing away.
    pub fn check_signature(
        &self,
        key: &PublicKey,
        content: Message<'_>,
        provider: &dyn Provider,
    ) -> Result<Confirmation, SignatureError> {
        let named = self.signature_algorithm.as_ref().map_err(|_| SignatureError::Unsupported)?;
        let other = self.with_digest_algorithm(named);
        let mut result = Err(SignatureError::Mismatch);
        for (index, algorithm) in std::iter::once(named).chain(other.as_ref()).enumerate() {
            let found = self.check_by(algorithm, key, content, provider);
            match found {
                Ok(derivation) => {
                    return Ok(Confirmation {
                        derivation,
                        algorithm: algorithm.clone(),
                        named: named.clone(),
                    });
                }
                Err(error) if index == 0 => result = Err(error),
                Err(_) => {}
            }
        }
        result
    }

    /// The derivation of the first byte string over which the value holds by this algorithm.
    fn check_by(
        &self,
        algorithm: &SignatureAlgorithm,
        key: &PublicKey,
        content: Message<'_>,
        provider: &dyn Provider,
    ) -> Result<Option<Derivation>, SignatureError> {
        let Some(signed) = &self.signed_attributes else {
            return provider.verify(key, algorithm, content, &self.signature).map(|()| None);
        };
        let mut result = Err(SignatureError::Mismatch);
        for candidate in &signed.to_be_verified {
            result = provider.verify(key, algorithm, Message::Whole(&candidate.bytes), &self.signature);
            if result.is_ok() {
                return Ok(Some(candidate.derivation));
            }
        }
        result.map(|()| None)
    }

    /// The algorithm named with the digest of `digestAlgorithm`, if that is another one.
    fn with_digest_algorithm(&self, named: &SignatureAlgorithm) -> Option<SignatureAlgorithm> {
        let digest = *self.digest_algorithm.as_ref().ok()?;
        let other = match named {
            SignatureAlgorithm::RsaPkcs1(_) => SignatureAlgorithm::RsaPkcs1(digest),
            SignatureAlgorithm::Ecdsa(_) => SignatureAlgorithm::Ecdsa(digest),
            _ => return None,
        };
        (other != *named).then_some(other)
    }
}
