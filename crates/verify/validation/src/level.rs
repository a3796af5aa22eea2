//! The baseline level whose structural requirements a signature meets (ETSI EN 319 142-1, 6.3; EN 319 122-1, 6.3).

use crate::verdict::Level;
use evidence::{
    Check, Container, Evidence, Kind, Meetings, ObjectRef, Origin, SignatureEvidence, SignatureId,
    SignedFacts, TokenEvidence, TokenId, TokenRole,
};
use pkix::Certificate;

/// The level by structure. Whether the timestamps and data that make it up are good is a matter of the verdict.
pub(crate) fn baseline_level(
    evidence: &Evidence,
    id: SignatureId,
    signature: &SignatureEvidence,
    facts: &SignedFacts,
) -> Level {
    let baseline = signature.kind == Kind::Signature
        && facts.attributes.signing_certificate
        && signature.claimed_time.is_some()
        && match evidence.document.container {
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
    let archived = is_archived(evidence, id, signature, &about_signer);
    let is_stamped = |token: &TokenEvidence| token.role == TokenRole::Signature && is_over(token);
    let timestamped = own_tokens(evidence, signature).any(|(_, token)| is_stamped(token))
        || signature.store.later_doc_timestamp && is_under(evidence, id)
        || archived;
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

/// The revocation data in the file, or in the signature, that somebody signed and that are about the certificate of its
/// signer: those for somebody else make no level (ETSI EN 319 142-1, 6.3; EN 319 122-1, 6.3).
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
        is_near(meetings)
            && crl.signature.key().is_some()
            && signer.is_none_or(|signer| is_indirect || crl.issuer == *signer.issuer())
    });
    let ocsps = material.ocsps.items.iter().zip(&material.ocsps.meetings).enumerate();
    let ocsps = ocsps.filter(|(_, (ocsp, meetings))| {
        let mut concerns = ocsp.responses.iter().flat_map(|single| &single.concerns);
        is_near(meetings)
            && ocsp.signature.key().is_some()
            && signer.is_none_or(|signer| concerns.any(|one| one.certificate == *signer))
    });
    let crls = crls.map(|(number, _)| ObjectRef::Crl(number));
    crls.chain(ocsps.map(|(number, _)| ObjectRef::Ocsp(number))).collect()
}

/// Whether nobody tells a status of a certificate: it is its own, or says so (RFC 9608; EN 319 412-1, 5.2).
fn needs_no_status(signer: &Certificate) -> bool {
    let extensions = signer.extensions();
    signer.is_self_issued() || extensions.no_rev_avail || extensions.validity_assured_short_term
}

/// The timestamps that stand in the signature itself, with their numbers.
fn own_tokens<'e>(
    evidence: &'e Evidence,
    signature: &'e SignatureEvidence,
) -> impl Iterator<Item = (TokenId, &'e TokenEvidence)> {
    signature.tokens.iter().filter_map(|number| Some((*number, evidence.tokens.get(*number)?)))
}

/// Whether a timestamp can be read and is over what its place asks for.
fn is_over(token: &TokenEvidence) -> bool {
    token.stamp.as_ref().is_ok_and(|stamp| stamp.imprint == Check::Matches)
}

/// Whether a document timestamp, or one of an evidence record over the file, covers the signature.
fn is_under(evidence: &Evidence, id: SignatureId) -> bool {
    evidence.tokens.iter().enumerate().any(|(number, token)| {
        let Ok(stamp) = &token.stamp else { return false };
        matches!(token.role, TokenRole::Document | TokenRole::EvidenceRecord)
            && is_over(token)
            && stamp.covers.includes(evidence, number, ObjectRef::Signature(id))
    })
}

/// Whether an archive timestamp of the signature, or a document timestamp, covers the signature and revocation data for
/// it: one that is older than them makes the signature timestamped, not archived (ETSI EN 319 142-1, 6.3; EN 319 122-1,
/// 5.5). What a timestamp over a container covers of a signature is all of it.
fn is_archived(
    evidence: &Evidence,
    id: SignatureId,
    signature: &SignatureEvidence,
    about_signer: &[ObjectRef],
) -> bool {
    let archive = own_tokens(evidence, signature).filter(|(_, token)| token.role == TokenRole::Archive);
    let document = evidence.tokens.iter().enumerate().filter(|(_, token)| token.role == TokenRole::Document);
    archive.chain(document).filter(|(_, token)| is_over(token)).any(|(number, token)| {
        let Ok(stamp) = &token.stamp else { return false };
        let includes = |object| stamp.covers.includes(evidence, number, object);
        includes(ObjectRef::Signature(id)) && about_signer.iter().any(|object| includes(*object))
    })
}
