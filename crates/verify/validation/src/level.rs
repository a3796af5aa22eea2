//! The baseline level whose structural requirements a signature meets (ETSI EN 319 142-1, 6.3; EN 319 122-1, 6.3).

use crate::verdict::Level;
use evidence::{
    Container, Evidence, Kind, Meetings, ObjectRef, Origin, SignatureEvidence, SignatureId, SignedFacts,
    TokenRole,
};
use pkix::Certificate;

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
    let about_signer = about_signer(evidence, id, facts);
    let archived = facts.attributes.archive_timestamp || is_archived(evidence, id, container, &about_signer);
    let timestamped = facts.attributes.signature_timestamp || signature.store.later_doc_timestamp || archived;
    let long_term = timestamped
        && signature.store.revocation_data
        && signature.store.certificates
        && !about_signer.is_empty();
    match (timestamped, long_term) {
        (false, _) => Level::BaselineB,
        (true, false) => Level::BaselineT,
        (true, true) if archived => Level::BaselineLta,
        (true, true) => Level::BaselineLt,
    }
}

/// The revocation data in the file, or in the signature, that are about the certificate of its signer: those for somebody
/// else make no level (ETSI EN 319 142-1, 6.3; EN 319 122-1, 6.3).
fn about_signer(evidence: &Evidence, id: SignatureId, facts: &SignedFacts) -> Vec<ObjectRef> {
    let near = |origin: &Origin| *origin == Origin::Store || *origin == Origin::Signature(id);
    let is_near = |meetings: &Meetings| meetings.origins.iter().any(near);
    // Where nobody tells a status of the signer, what is told of the others counts.
    let signer =
        facts.signer.as_ref().map(|signer| &signer.certificate).filter(|signer| !needs_no_status(signer));
    let material = &evidence.material;
    let crls = material.crls.items.iter().zip(&material.crls.meetings).enumerate();
    let crls = crls.filter(|(_, (crl, meetings))| {
        let is_indirect = crl.scope.as_ref().is_some_and(|scope| scope.indirect);
        is_near(meetings) && signer.is_none_or(|signer| is_indirect || crl.issuer == *signer.issuer())
    });
    let ocsps = material.ocsps.items.iter().zip(&material.ocsps.meetings).enumerate();
    let ocsps = ocsps.filter(|(_, (ocsp, meetings))| {
        let mut concerns = ocsp.responses.iter().flat_map(|single| &single.concerns);
        is_near(meetings) && signer.is_none_or(|signer| concerns.any(|one| one.certificate == *signer))
    });
    let crls = crls.map(|(number, _)| ObjectRef::Crl(number));
    crls.chain(ocsps.map(|(number, _)| ObjectRef::Ocsp(number))).collect()
}

/// Whether nobody tells a status of a certificate: it is its own, or says so (RFC 9608; EN 319 412-1, 5.2).
fn needs_no_status(signer: &Certificate) -> bool {
    let extensions = signer.extensions();
    signer.is_self_issued() || extensions.no_rev_avail || extensions.validity_assured_short_term
}

/// Whether a document timestamp covers the signature and, in a PDF, revocation data for it: one that is older than them
/// makes the signature timestamped, not archived (ETSI EN 319 142-1, 6.3).
fn is_archived(
    evidence: &Evidence,
    id: SignatureId,
    container: &Container,
    about_signer: &[ObjectRef],
) -> bool {
    evidence.tokens.iter().enumerate().rev().any(|(number, token)| {
        let Ok(stamp) = &token.stamp else { return false };
        let includes = |object| stamp.covers.includes(evidence, number, object);
        token.role == TokenRole::Document
            && includes(ObjectRef::Signature(id))
            && (!matches!(container, Container::Pdf { .. })
                || about_signer.iter().any(|object| includes(*object)))
    })
}
