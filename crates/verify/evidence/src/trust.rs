//! From a signer's certificate to a trust anchor.

use crate::collect::Context;
use crate::facts::{PathFault, Trust};
use path::{FailedPath, FailureKind, PathOutcome, PathParameters, Place, build_and_validate};
use pkix::{Certificate, KeyUsage};
use types::Budget;

/// Seeks a path for a certificate that signs documents: its key usage, if stated, must allow signatures or commitments
/// (RFC 5280, 4.2.1.3).
pub(crate) fn seek(
    signer: &Certificate,
    pool: &[Certificate],
    context: &Context<'_>,
    budget: &mut Budget,
) -> Trust {
    let parameters = PathParameters {
        key_usage: Some(KeyUsage::DIGITAL_SIGNATURE.and(KeyUsage::CONTENT_COMMITMENT)),
        ..PathParameters::at(context.at)
    };
    let anchors = context.anchors;
    match build_and_validate(signer, pool, anchors, &parameters, context.provider, context.links, budget) {
        PathOutcome::Found(paths) => match paths.first() {
            Some(path) => Trust::Anchored {
                path: path.certificates().to_vec(),
                anchor: path.anchor().name().to_string(),
                direct: path.is_directly_trusted(),
            },
            None => no_path(signer),
        },
        PathOutcome::NotFound(failure) => explain(signer, &failure),
    }
}

fn no_path(last: &Certificate) -> Trust {
    Trust::NoPath { missing: last.issuer().to_string() }
}

fn explain(signer: &Certificate, failure: &FailedPath) -> Trust {
    let last = failure.certificates().last().unwrap_or(signer);
    let fault = match failure.kind() {
        FailureKind::NoChain => return no_path(last),
        FailureKind::Expired => PathFault::Expired,
        FailureKind::NotYetValid => PathFault::NotYetValid,
        FailureKind::Budget => PathFault::Budget,
        FailureKind::Signature | FailureKind::Constraint | FailureKind::Algorithm => PathFault::Constraint,
    };
    let (certificate, reason) = match failure.main_fault() {
        Some((outcome, detail)) => (name_of(signer, failure, outcome.place), detail.to_string()),
        None => (last.subject().to_string(), "the path is not valid".to_owned()),
    };
    Trust::Broken { fault, certificate, reason }
}

fn name_of(signer: &Certificate, failure: &FailedPath, place: Place) -> String {
    let name = match place {
        Place::Certificate(index) => failure.certificates().get(index).unwrap_or(signer).subject(),
        Place::Anchor => failure.anchor().map_or(signer.issuer(), pkix::TrustAnchor::name),
    };
    name.to_string()
}
