//! The baseline level whose structural requirements a signature meets (ETSI EN 319 142-1, 6.3).

use crate::verdict::Level;
use evidence::{Kind, SignatureEvidence, SignedFacts};

/// The level by structure. Whether the timestamps and data that make it up are good is a matter of the verdict.
pub(crate) fn baseline_level(signature: &SignatureEvidence, facts: &SignedFacts) -> Level {
    let baseline = signature.kind == Kind::Signature
        && signature.sub_filter == "ETSI.CAdES.detached"
        && facts.attributes.signing_certificate
        && !facts.attributes.signing_time
        && signature.claimed_time.is_some();
    if !baseline {
        return Level::None;
    }
    let timestamped = facts.attributes.signature_timestamp || signature.store.later_doc_timestamp;
    let long_term = timestamped && signature.store.revocation_data && signature.store.certificates;
    match (timestamped, long_term) {
        (false, _) => Level::BaselineB,
        (true, false) => Level::BaselineT,
        (true, true) if signature.store.later_doc_timestamp => Level::BaselineLta,
        (true, true) => Level::BaselineLt,
    }
}
