//! The last gate: what was added to a file must have spoilt nothing that was good before.

use evidence::{Evidence, SignatureEvidence};
use validation::{Indication, State, Verdict};

/// What is worse about the file as written than it was before, if anything: a signature or timestamp that is gone, whose
/// verdict is worse, or after which something is called suspicious that was not.
pub fn spoilt(before: (&Evidence, &Verdict), after: (&Evidence, &Verdict)) -> Option<String> {
    let (old_evidence, old_verdict) = before;
    let (new_evidence, new_verdict) = after;
    let place = |one: &SignatureEvidence| {
        new_evidence.signatures.iter().position(|new| new.field == one.field && new.place == one.place)
    };
    for (old, verdict) in old_evidence.signatures.iter().zip(&old_verdict.signatures) {
        let found = place(old).and_then(|index| new_verdict.signatures.get(index));
        let Some(now) = found else { return Some(format!("the signature {} is gone", old.field)) };
        let worse = |before: Indication, after: Indication| after > before;
        if worse(verdict.indication, now.indication) {
            let why = now.sub_indication.map_or("", |sub_indication| sub_indication.as_str());
            return Some(format!(
                "the signature {} would become {} {why}",
                old.field,
                now.indication.as_str()
            ));
        }
        if now.dimensions.changes.state == State::Broken && verdict.dimensions.changes.state != State::Broken
        {
            return Some(format!("what was added is not allowed after the signature {}", old.field));
        }
    }
    None
}
