//! Who signed CRLs and OCSP responses, as it stands in an evidence file.

use super::error::{FrozenError, Within, each};
use super::names::{freeze_name, thaw_name};
use super::scalar::{FrozenUnknownAlgorithm, Octets, SignatureErrorWord, words};
use super::table::{Numbers, Tables};
use revocation::{Origin, SignatureFacts, SourceSigner};
use serde::{Deserialize, Serialize};

words!(OriginWord is Origin { Anchor = "anchor", Pool = "pool", Carried = "carried" });

/// [`SignatureFacts`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum FrozenSignatureFacts {
    Verified(Vec<FrozenSourceSigner>),
    NoCandidate,
    Wrong(SignatureErrorWord),
    UnknownAlgorithm(FrozenUnknownAlgorithm),
}

/// [`SourceSigner`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct FrozenSourceSigner {
    certificate: Option<usize>,
    issued_by: Vec<usize>,
    key: usize,
    name: Octets,
    origin: OriginWord,
}

impl FrozenSignatureFacts {
    pub(super) fn freeze(facts: &SignatureFacts, numbers: &mut Numbers) -> FrozenSignatureFacts {
        match facts {
            SignatureFacts::Verified(signers) => {
                let signers = signers.iter().map(|signer| FrozenSourceSigner::freeze(signer, numbers));
                FrozenSignatureFacts::Verified(signers.collect())
            }
            SignatureFacts::NoCandidate => FrozenSignatureFacts::NoCandidate,
            SignatureFacts::Wrong(error) => FrozenSignatureFacts::Wrong((*error).into()),
            SignatureFacts::UnknownAlgorithm(unknown) => {
                FrozenSignatureFacts::UnknownAlgorithm(unknown.into())
            }
        }
    }

    pub(super) fn thaw(&self, tables: &Tables) -> Result<SignatureFacts, FrozenError> {
        Ok(match self {
            FrozenSignatureFacts::Verified(signers) => {
                let signers = each(signers, |signer| signer.thaw(tables)).within("verified")?;
                let one_key = signers.windows(2).all(|pair| match pair {
                    [one, other] => one.subject_public_key_info == other.subject_public_key_info,
                    _ => true,
                });
                if signers.is_empty() || !one_key {
                    return Err(
                        FrozenError::new("a signature confirmed by no key or by several").under("verified")
                    );
                }
                SignatureFacts::Verified(signers)
            }
            FrozenSignatureFacts::NoCandidate => SignatureFacts::NoCandidate,
            FrozenSignatureFacts::Wrong(error) => SignatureFacts::Wrong((*error).into()),
            FrozenSignatureFacts::UnknownAlgorithm(unknown) => {
                SignatureFacts::UnknownAlgorithm(unknown.thaw())
            }
        })
    }
}

impl FrozenSourceSigner {
    fn freeze(signer: &SourceSigner, numbers: &mut Numbers) -> FrozenSourceSigner {
        FrozenSourceSigner {
            certificate: signer.certificate.as_ref().map(|certificate| numbers.certificate(certificate)),
            issued_by: signer.issued_by.iter().map(|key| numbers.key(key)).collect(),
            key: numbers.key(&signer.subject_public_key_info),
            name: freeze_name(&signer.name),
            origin: signer.origin.into(),
        }
    }

    fn thaw(&self, tables: &Tables) -> Result<SourceSigner, FrozenError> {
        let certificate =
            self.certificate.map(|id| tables.certificate(id)).transpose().within("certificate")?;
        let subject_public_key_info = tables.key(self.key).within("key")?;
        let name = thaw_name(&self.name).within("name")?;
        let agrees = certificate.as_ref().is_none_or(|certificate| {
            *certificate.subject_public_key_info() == *subject_public_key_info
                && *certificate.subject() == name
        });
        if !agrees {
            return Err(FrozenError::new("not the certificate of this name and key").under("certificate"));
        }
        Ok(SourceSigner {
            name,
            subject_public_key_info,
            certificate,
            origin: self.origin.into(),
            issued_by: each(&self.issued_by, |key| tables.key(*key)).within("issuedBy")?,
        })
    }
}
