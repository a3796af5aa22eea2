//! Validation data to be added to the document security store: an incremental update without a signature.

use super::SecurityStore;
use crate::document::Document;
use crate::object::{Dictionary, Object, ObjectId, Stream, StreamData};
use crate::signature::{SigningRefusal, catalog::Catalog, check_structure, conformance};
use crate::update::{Tail, Update};
use std::collections::BTreeSet;
use types::{Budget, Cause, Malformed};

/// Level of the developer extension `ESIC` that brought the security store to PDF 1.7.
const EXTENSION_LEVEL: i64 = 1;

/// What may be needed to validate the signatures of a document later, each object in DER.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValidationData {
    /// Certificates.
    pub certificates: Vec<Vec<u8>>,
    /// CRLs.
    pub crls: Vec<Vec<u8>>,
    /// OCSP responses, each a whole `OCSPResponse`.
    pub ocsps: Vec<Vec<u8>>,
}

impl ValidationData {
    /// Whether there is nothing to add.
    pub fn is_empty(&self) -> bool {
        self.certificates.is_empty() && self.crls.is_empty() && self.ocsps.is_empty()
    }
}

/// The update that adds `data` to the `DSS` dictionary; what is there already stays, and is not added again
/// (ISO 32000-2, 12.8.4.3; ETSI EN 319 142-1, 5.4.2). `None` if all of it is there. `VRI` is left as it is: it is not
/// needed, and what belongs to which signature is found out by whoever validates.
///
/// `entropy`: 32 fresh random bytes, as for a signature.
pub fn add_validation_data(
    document: &Document<'_>,
    data: &ValidationData,
    entropy: [u8; 32],
    budget: &mut Budget,
) -> Result<Option<Tail>, SigningRefusal> {
    check_structure(document, &mut Vec::new())?;
    let store = document.latest().security_store(budget)?.unwrap_or_default();
    let mut known = stored(document, &store, budget)?;
    let mut new = |objects: &[Vec<u8>]| -> Vec<Vec<u8>> {
        objects.iter().filter(|object| known.insert((*object).clone())).cloned().collect()
    };
    let lists = [("Certs", new(&data.certificates)), ("CRLs", new(&data.crls)), ("OCSPs", new(&data.ocsps))];
    if lists.iter().all(|(_, objects)| objects.is_empty()) {
        return Ok(None);
    }
    let (catalog_id, dictionary) = document.catalog(budget)?;
    let part = conformance::pdf_a_part(document, &dictionary, budget)?;
    let mut catalog = Catalog::new(catalog_id, dictionary);
    let mut update = Update::new(document, entropy);
    let lists = lists.map(|(key, objects)| {
        let ids: Vec<ObjectId> = objects.into_iter().map(|object| update.add(stream(object))).collect();
        (key, ids)
    });
    catalog.security_store(&mut update, &lists, budget)?;
    catalog.extension(&mut update, EXTENSION_LEVEL, part, budget)?;
    catalog.finish(&mut update);
    Ok(Some(update.finish(budget)?))
}

/// Everything that the store holds. What cannot be read cannot be the same as what is added.
fn stored(
    document: &Document<'_>,
    store: &SecurityStore,
    budget: &mut Budget,
) -> Result<BTreeSet<Vec<u8>>, Malformed> {
    let latest = document.latest();
    let mut known = BTreeSet::new();
    for id in store.certificates.iter().chain(&store.crls).chain(&store.ocsps) {
        match latest.stored(*id, budget) {
            Ok(bytes) => drop(known.insert(bytes)),
            Err(malformed) if matches!(malformed.cause, Cause::Budget(_)) => return Err(malformed),
            Err(_) => {}
        }
    }
    Ok(known)
}

fn stream(bytes: Vec<u8>) -> Object {
    Object::Stream(Stream { dictionary: Dictionary::new(), data: StreamData::Bytes(bytes) })
}
