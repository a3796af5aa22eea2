//! The baseline level whose structural requirements a signature meets (ETSI EN 319 142-1, 6.3; EN 319 122-1, 6.3).

use crate::verdict::Level;
use evidence::{
    Container, Evidence, Kind, ObjectRef, Origin, SignatureEvidence, SignatureId, SignedFacts, TokenRole,
};

/// The level by structure. Whether the timestamps and data that make it up are good is a matter of the verdict.
pub(crate) fn baseline_level(
    evidence: &Evidence,
    id: SignatureId,
    signature: &SignatureEvidence,
    facts: &SignedFacts,
) -> Level {
    let container = &evidence.document.container;
    let baseline = signature.kind == Kind::Signature
        && facts.attributes.signing_certificate
        && signature.claimed_time.is_some()
        && match container {
            // ETSI EN 319 142-1, 6.3: signing-time stands in the dictionary only.
            Container::Pdf { .. } => {
                signature.sub_filter == "ETSI.CAdES.detached" && !facts.attributes.signing_time
            }
            Container::Cms | Container::Xml | Container::Asic { .. } => facts.attributes.content_type,
        };
    if !baseline {
        return Level::None;
    }
    let archived = facts.attributes.archive_timestamp || is_archived(evidence, id, container);
    let timestamped = facts.attributes.signature_timestamp || signature.store.later_doc_timestamp || archived;
    let long_term = timestamped && signature.store.revocation_data && signature.store.certificates;
    match (timestamped, long_term) {
        (false, _) => Level::BaselineB,
        (true, false) => Level::BaselineT,
        (true, true) if archived => Level::BaselineLta,
        (true, true) => Level::BaselineLt,
    }
}

/// Whether a document timestamp covers the signature and, in a PDF, revocation data for it: one that is older than them
/// makes the signature timestamped, not archived (ETSI EN 319 142-1, 6.3).
fn is_archived(evidence: &Evidence, id: SignatureId, container: &Container) -> bool {
    let material = &evidence.material;
    let crls = material.crls.meetings.iter().enumerate().map(|(crl, one)| (ObjectRef::Crl(crl), one));
    let ocsps = material.ocsps.meetings.iter().enumerate().map(|(ocsp, one)| (ObjectRef::Ocsp(ocsp), one));
    let near = |origin: &Origin| *origin == Origin::Store || *origin == Origin::Signature(id);
    let for_it = crls.chain(ocsps).filter(|(_, one)| one.origins.iter().any(near));
    let for_it: Vec<ObjectRef> = for_it.map(|(object, _)| object).collect();
    evidence.tokens.iter().enumerate().rev().any(|(number, token)| {
        let Ok(stamp) = &token.stamp else { return false };
        let includes = |object| stamp.covers.includes(evidence, number, object);
        token.role == TokenRole::Document
            && includes(ObjectRef::Signature(id))
            && (!matches!(container, Container::Pdf { .. }) || for_it.iter().any(|object| includes(*object)))
    })
}
