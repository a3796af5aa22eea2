//! Which objects a timestamp covers, by their places where it covers a part of the file.

use evidence::{Covers, Evidence, Meetings, ObjectRef};
use types::Span;

/// Every object that the timestamp proves to have existed, in a fixed order.
pub(crate) fn objects(covers: &Covers, evidence: &Evidence) -> Vec<ObjectRef> {
    let (end, hole) = match covers {
        Covers::Objects(objects) => return objects.clone(),
        Covers::UpTo { end, hole } => (*end, *hole),
    };
    let covered = |place: &Span| place.end <= end && !hole.contains(*place);
    let material = &evidence.material;
    let met = |meetings: &[Meetings], object: fn(usize) -> ObjectRef| -> Vec<ObjectRef> {
        let numbered = meetings.iter().enumerate();
        numbered.filter(|(_, one)| one.places.iter().any(covered)).map(|(id, _)| object(id)).collect()
    };
    let signatures = evidence.signatures.iter().enumerate();
    let signatures = signatures.filter(|(_, one)| one.place.as_ref().is_some_and(covered));
    let tokens = evidence.tokens.iter().enumerate();
    let tokens = tokens.filter(|(_, one)| one.place.as_ref().is_some_and(covered));
    let mut objects: Vec<ObjectRef> = signatures.map(|(id, _)| ObjectRef::Signature(id)).collect();
    objects.extend(tokens.map(|(id, _)| ObjectRef::Token(id)));
    objects.extend(met(&material.certificates.meetings, ObjectRef::Certificate));
    objects.extend(met(&material.crls.meetings, ObjectRef::Crl));
    objects.extend(met(&material.ocsps.meetings, ObjectRef::Ocsp));
    objects
}
