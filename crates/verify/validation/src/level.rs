//! The baseline level whose structural requirements a signature meets (ETSI EN 319 142-1, 6.3; EN 319 122-1, 6.3).

use crate::verdict::Level;
use evidence::{Container, Kind, SignatureEvidence, SignedFacts};

/// The level by structure. Whether the timestamps and data that make it up are good is a matter of the verdict.
pub(crate) fn baseline_level(
    signature: &SignatureEvidence,
    facts: &SignedFacts,
    container: &Container,
) -> Level {
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
    let archived = facts.attributes.archive_timestamp || signature.store.later_doc_timestamp;
    let timestamped = facts.attributes.signature_timestamp || archived;
    let long_term = timestamped && signature.store.revocation_data && signature.store.certificates;
    match (timestamped, long_term) {
        (false, _) => Level::BaselineB,
        (true, false) => Level::BaselineT,
        (true, true) if archived => Level::BaselineLta,
        (true, true) => Level::BaselineLt,
    }
}
