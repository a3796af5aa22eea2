//! Certificates at hand while a document is examined.

use pdf::dss::SecurityStore;
use pdf::object::{Object, ObjectId};
use pdf::{Document, Located};
use pkix::Certificate;
use types::{Budget, Cause, Limits, Malformed, Resource};

/// Certificates trusted for nothing, to build paths from.
pub(crate) struct Pool {
    certificates: Vec<Certificate>,
}

impl Pool {
    pub(crate) fn new(given: &[Certificate]) -> Pool {
        Pool { certificates: given.to_vec() }
    }

    /// Adds the certificates of the document security store; one that cannot be read is as good as absent.
    pub(crate) fn add_from_store(
        &mut self,
        document: &Document<'_>,
        store: &SecurityStore,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        for id in &store.certificates {
            budget.spend(Resource::Certificates, 1)?;
            if let Some(certificate) = read_certificate(document, *id, budget)? {
                self.certificates.push(certificate);
            }
        }
        Ok(())
    }

    /// These certificates after `first`.
    pub(crate) fn with(&self, mut first: Vec<Certificate>) -> Vec<Certificate> {
        first.extend(self.certificates.iter().cloned());
        first
    }
}

/// No certificate comes near this size, bytes.
const MOST_OF_A_CERTIFICATE: u64 = 1 << 20;

/// The certificate in a stream of the store; `None` for anything else, however broken, short of an exhausted budget.
fn read_certificate(
    document: &Document<'_>,
    id: ObjectId,
    budget: &mut Budget,
) -> Result<Option<Certificate>, Malformed> {
    let stream = match document.get(id, budget) {
        Ok(Located { object: Object::Stream(stream), .. }) => stream,
        Err(error) if matches!(error.cause, Cause::Budget(_)) => return Err(error),
        _ => return Ok(None),
    };
    let limits = Limits::STANDARD.with(Resource::DecodedBytes, MOST_OF_A_CERTIFICATE);
    let decoded = document.stream_data(&stream, &mut Budget::new(limits));
    // What was decoded draws on the document's budget as well: many entries may name one stream.
    let cost = decoded.as_ref().map_or(MOST_OF_A_CERTIFICATE, |der| der.len() as u64);
    budget.spend(Resource::DecodedBytes, cost)?;
    Ok(decoded.ok().and_then(|der| Certificate::from_der(&der).ok()))
}
