//! The policy that a signature names, and whether its document is at hand. No clause of it is processed: those documents
//! are written for people.

use super::Context;
use crate::facts::{PolicyDocument, SignaturePolicy};
use cms::SignerInfo;
use crypto::DigestAlgorithm;

/// Of a CMS (EN 319 122-1, 5.2.9.1).
pub(super) fn of_cms(info: &SignerInfo<'_>, context: &Context<'_>) -> Option<SignaturePolicy> {
    Some(match info.signed_attributes.as_ref()?.signature_policy.as_ref()? {
        cms::SignaturePolicy::Implied => SignaturePolicy::Implied,
        cms::SignaturePolicy::Explicit { oid, hash, uri, .. } => {
            let digest = hash.as_ref().map(|hash| match &hash.algorithm {
                Ok(algorithm) => Ok((*algorithm, &*hash.value)),
                Err(unknown) => Err(unknown.to_string()),
            });
            SignaturePolicy::Named {
                id: oid.to_string(),
                uri: uri.clone(),
                document: document(digest, context),
            }
        }
    })
}

/// Of an XML signature (EN 319 132-1, 5.2.9).
pub(super) fn of_xades(policy: &xades::SignaturePolicy, context: &Context<'_>) -> SignaturePolicy {
    match policy {
        xades::SignaturePolicy::Implied => SignaturePolicy::Implied,
        xades::SignaturePolicy::Identified { identifier, algorithm, digest, uri, .. } => {
            let algorithm =
                algorithm.as_ref().map_err(|unknown| format!("its digest algorithm is {unknown:?}"));
            let digest = (!digest.is_empty()).then(|| Ok((*algorithm?, digest.as_slice())));
            let document = document(digest, context);
            SignaturePolicy::Named { id: identifier.clone(), uri: uri.clone(), document }
        }
    }
}

fn document(
    digest: Option<Result<(DigestAlgorithm, &[u8]), String>>,
    context: &Context<'_>,
) -> PolicyDocument {
    match digest {
        None => PolicyDocument::Unusable("the signature does not say its digest".into()),
        Some(Err(why)) => PolicyDocument::Unusable(why),
        Some(Ok((algorithm, wanted))) => {
            let mut digests =
                context.signature_policies.iter().map(|bytes| context.provider.digest(algorithm, bytes));
            match digests.any(|digest| digest.value == wanted) {
                true => PolicyDocument::AtHand,
                false => PolicyDocument::NotAtHand,
            }
        }
    }
}
